"""Counters that go round."""

from amaranth.hdl import Mux, Signal, Value


def following(counter: Signal, count: int) -> Value:
    """The next of ``count`` numbers from 0; after the last the first. Powers of two go round by themselves."""
    return counter + 1 if count & (count - 1) == 0 else Mux(counter == count - 1, 0, counter + 1)
