"""Which bit of a word is the lowest that is set."""

from amaranth.hdl import Cat, Value


def without_lowest(word: Value) -> Value:
    """The word less its lowest bit that is set."""
    return (word & (word - 1))[: len(word)]


def index(one_hot: Value) -> Value:
    """The number of the one bit that is set: its bit b is set where the hot bit's number has bit b."""
    places = range(len(one_hot))
    bits = (len(places) - 1).bit_length()
    return Cat(Cat(one_hot[n] for n in places if n >> b & 1).any() for b in range(bits))
