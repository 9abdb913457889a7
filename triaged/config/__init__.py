"""What triaged.yaml and policy.yaml say: read strictly, every fault with its line."""
