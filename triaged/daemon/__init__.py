"""The daemon: its threads, its ticks, its signals, and its reports to the service manager.

Its worker thread runs every pass except delivery, one after another, and sends the heartbeat. A pass that hangs stops the
heartbeat, and so the service manager learns of it. Delivery has its own thread (`courier`).
"""

from triaged.daemon.main import Daemon

__all__ = ["Daemon"]
