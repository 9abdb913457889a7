"""The demo: the real daemon on embedded servers and sample mail, with nothing set up and nothing leaving this machine."""
