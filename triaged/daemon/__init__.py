"""The daemon: its threads, its ticks, the signals it obeys, and what the service manager is told.

Its worker thread makes every pass but delivery, in turn, and sends the heartbeat: a pass that hangs also stops the heartbeat,
which is how the service manager learns of it. Delivery has a thread of its own (`courier`).
"""

from triaged.daemon.main import Daemon

__all__ = ["Daemon"]
