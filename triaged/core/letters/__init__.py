"""The letters to reporters: their content, how often they are sent, and how long they stay true."""
