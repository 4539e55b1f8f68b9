"""Samples as streams of packed tokens, and back."""

import numpy as np

from costmodel.rtl.space import Space


def pack(sent: np.ndarray, space: Space, value_bits: int) -> np.ndarray:
    """The tokens of one sample, unsigned 64-bit payloads: each step's events in rising order, then its end; the last is final.

    Args:
        sent: integers (T, elements) in hardware order: 0 or 1 of spikes (numbers above 1: so many spikes), else values.
        space: of the elements.
        value_bits: width of values; 0 for spikes.
    """
    place = space.address_bits
    steps, numbers = np.nonzero(sent)
    values = sent[steps, numbers]
    if not value_bits:
        steps, numbers = np.repeat(steps, values), np.repeat(numbers, values)
    payload = space.address(numbers).astype(np.uint64)
    if value_bits:
        payload |= (values.astype(np.int64) & (1 << value_bits) - 1).astype(np.uint64) << np.uint64(place)
    ends = np.full(len(sent), 1 << place + value_bits, np.uint64)
    ends[-1] |= np.uint64(1 << place + value_bits + 1)
    return np.insert(payload, np.searchsorted(steps, np.arange(len(sent)), side="right"), ends)


def meaning(tokens: np.ndarray, space: Space, value_bits: int) -> np.ndarray:
    """The bits of each token that mean something, as masks: an event's address, value and that it is no end; an end's marks."""
    place = space.address_bits + value_bits
    last = np.asarray(tokens, np.uint64) >> np.uint64(place) & np.uint64(1) == 1
    return np.where(last, np.uint64(3 << place), np.uint64((2 << place) - 1))


def unpack(tokens: np.ndarray, space: Space, value_bits: int) -> np.ndarray:
    """What tokens say, the reverse of `pack`: (T, elements) for as many steps as end."""
    tokens = np.asarray(tokens, np.uint64)
    place = space.address_bits
    last = tokens >> np.uint64(place + value_bits) & np.uint64(1) == 1
    step = np.cumsum(last) - last
    numbers = space.number(tokens & np.uint64((1 << place) - 1))
    sent = np.zeros((int(last.sum()), space.elements), np.int64)
    values = np.ones(len(tokens), np.int64)
    if value_bits:
        raw = (tokens >> np.uint64(place) & np.uint64((1 << value_bits) - 1)).astype(np.int64)
        values = raw - (raw >> value_bits - 1 << value_bits)
    np.add.at(sent, (step[~last], numbers[~last]), values[~last])
    return sent
