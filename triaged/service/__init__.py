"""The passes: taking mail in, delivering letters, owing digests and alerts. Each can be started again after a crash.

Every effect is made durable before it is made visible.
"""
