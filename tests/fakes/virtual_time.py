"""The event loop whose clock jumps: the benches have it, too."""

from app.bench.virtual_time import Deadlock, VirtualLoop, simulate

__all__ = ["Deadlock", "VirtualLoop", "simulate"]
