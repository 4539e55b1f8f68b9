"""When every token of a sample moves: the cycles of a whole `Design`, predicted from what its layers send.

The blocks wait only for tokens and for room, never for what arrives first, so that the time of each transfer is a maximum of sums
of earlier times (a max-plus system), whatever the queues hold:

    queue, token k:  written w_k ≥ f_(k−depth) + 1,  fetched f_k = max(w_k + 1, r_(k−1)),  read r_k ≥ f_k + 1
    core, an event:  the next token is taken A cycles later, or A + 1 where its first word could be the last one of this event
    core, a step's end taken at c:  neurons leave at c + 3 + reads · (i + 1) + depth, i = 0, 1, …; each spike
    that leaves later than its neuron's successor holds the sweep up; the end of the step follows the last spike.

Cycle 0 is the first one after reset. Each block below states the cycles of the circuit of the same name in `rtl.blocks`.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costmodel.rtl.cycles.core import cycles_per_readout
from costmodel.rtl.design import STAGE_QUEUE, Delayed, Design, Link, Shrunk, after
from costmodel.rtl.layer import Layer
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space

NEVER = -1


class Event(NamedTuple):
    """A token without its value: number of the element, end of step, end of sample."""

    number: int
    last: bool
    final: bool


@dataclass(frozen=True)
class Times:
    """Cycles in which tokens moved.

    Attributes:
        taken: each token of the input.
        given: each answer.
    """

    taken: list[int]
    given: list[int]

    @property
    def cycles(self) -> int:
        """From the first token taken to the last answer, both included."""
        return self.given[-1] - self.taken[0] + 1


class _Queue:
    """See `rtl.blocks.queue`."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.events: list[Event] = []
        self.written: list[int] = []
        self.fetched: list[int] = []
        self.read: list[int] = []

    def room(self) -> int | None:
        """The first cycle in which the next token may be written; None: not yet known."""
        before = len(self.written) - self.depth
        if before < 0:
            return 0
        return self.fetched[before] + 1 if before < len(self.fetched) else None

    def write(self, event: Event, cycle: int) -> None:
        """Writes a token."""
        self.events.append(event)
        self.written.append(cycle)
        self._fetch()

    def _fetch(self) -> None:
        # The output holds one token: the next one is fetched once that has been read.
        n = len(self.fetched)
        if n < len(self.written) and n <= len(self.read):
            self.fetched.append(max(self.written[n] + 1, self.read[n - 1] if n else 0))

    def take(self, ready: int) -> Generator[None, None, tuple[Event, int]]:
        """The next token, and the cycle in which a block that is ready from ``ready`` on reads it."""
        n = len(self.read)
        while n >= len(self.fetched):
            yield
        self.read.append(max(ready, self.fetched[n] + 1))
        self._fetch()
        return self.events[n], self.read[n]


class _Readout:
    """See `rtl.blocks.readout`."""

    def __init__(self, readout: Readout, answers: list[int]) -> None:
        self.cycles, self.answers, self.free = cycles_per_readout(readout.kind, readout.classes), answers, 0

    def room(self) -> int:
        """The first cycle in which the next token may be taken."""
        return self.free

    def write(self, event: Event, cycle: int) -> None:
        """Takes a token; answers once the last has been taken."""
        if event.last and event.final:
            end = cycle + self.cycles
            self.answers += [end - 1, end]
            self.free = end + 1


Entry = tuple[_Queue | _Readout, np.ndarray, bool]
"""Where tokens go, the number there of each element, and whether it leaves out a sample's last step."""


class _Ways:
    """Where a block sends: queues or a readout, each behind a change of number, and the answers."""

    def __init__(self, queues: list[Entry], answers: list[int] | None = None) -> None:
        self.queues, self.answers = queues, answers

    def send(self, event: Event, cycle: int) -> Generator[None, None, int]:
        """Sends as soon as all have room; gives the cycle."""
        entering = []
        for queue, numbers, not_final in self.queues:
            number = 0 if event.last else int(numbers[event.number])
            if number != NEVER and not (not_final and event.final):
                entering.append((queue, event._replace(number=number)))
        for queue, _ in entering:
            while (room := queue.room()) is None:
                yield
            cycle = max(cycle, room)
        for queue, moved in entering:
            queue.write(moved, cycle)
        if self.answers is not None:
            self.answers.append(cycle)
        return cycle


def predict(design: Design, samples: list[Mapping[str, np.ndarray]]) -> Times:
    """The time of every token in and out.

    Args:
        design: the hardware.
        samples: for each sample, the input or layer → what it sends, integers (T, elements) in hardware order; one follows the
            other without a pause.

    Raises:
        RuntimeError: the blocks wait for each other.
    """
    ports = {(link.target, link.port): _Queue(link.depth) for link in design.links}
    processes: list[Generator[None, None, None]] = []
    queues = list(ports.values())
    taken: list[int] = []
    given: list[int] = []

    def ways(source: str, answers: list[int] | None) -> _Ways:
        links: list[Entry] = [
            _link(design, link, ports[link.target, link.port], queues, processes) for link in design.out_of(source)
        ]
        return _Ways(links, answers)

    def answering(source: str) -> _Ways:
        if design.readout is None:
            return ways(source, given)
        entry = _Readout(design.readout, given), np.arange(design.readout.classes), False
        return _Ways([*ways(source, None).queues, entry])

    for name, layer in design.layers.items():
        own = [ports[name, i] for i in range(len(layer.ports))]
        sent = [sample[name] for sample in samples]
        processes.append(_core(layer, own, answering(name) if name == design.output else ways(name, None), sent))
    processes.append(_source(ways(design.source, taken), [sample[design.source] for sample in samples], design.value_bits))
    moves = NEVER
    while (now := sum(len(queue.written) + len(queue.read) for queue in queues)) != moves:
        moves = now
        processes[:] = [process for process in processes if next(process, "over") != "over"]
    if len(given) < len(samples):
        raise RuntimeError(f"the blocks of '{design.name}' wait for each other")
    return Times(taken, given)


def _source(ways: _Ways, sent: list[np.ndarray], value_bits: int) -> Generator[None, None, None]:
    """A host that always has a token to give."""
    cycle = 0
    for sample in sent:
        for t, step in enumerate(sample):
            final = t == len(sample) - 1
            numbers = np.flatnonzero(step)
            for number in numbers if value_bits else np.repeat(numbers, step[numbers]):
                cycle = (yield from ways.send(Event(int(number), False, False), cycle)) + 1
            cycle = (yield from ways.send(Event(0, True, final), cycle)) + 1


def _link(design: Design, link: Link, port: _Queue, queues: list, processes: list) -> tuple[_Queue, np.ndarray, bool]:
    """The queue that a link's tokens enter first, and how their numbers change until there; its stages become processes."""
    space = design.space(link.source)
    first: tuple[_Queue, np.ndarray] | None = None
    numbers, sending = np.arange(space.elements), None
    for stage in link.stages:
        numbers = _renumbered(stage, space, numbers)
        space = after(space, stage)
        if isinstance(stage, Delayed) or (isinstance(stage, Shrunk) and stage.largest):
            queue = _Queue(STAGE_QUEUE)
            queues.append(queue)
            first = _connect(first, sending, queue, numbers, False)
            sending = _Ways([])
            processes.append(
                _delay(stage, space, queue, sending) if isinstance(stage, Delayed) else _max_pool(space, queue, sending)
            )
            numbers = np.arange(space.elements)
    return (*_connect(first, sending, port, numbers, design.late(link)), design.late(link) and sending is None)


def _connect(first, sending: _Ways | None, queue: _Queue, numbers: np.ndarray, not_final: bool) -> tuple[_Queue, np.ndarray]:
    if sending is not None:
        sending.queues.append((queue, numbers, not_final))
    return (queue, numbers) if first is None else first


def _renumbered(stage: object, space: Space, numbers: np.ndarray) -> np.ndarray:
    """Numbers behind a stage; NEVER for those that it leaves out."""
    if not isinstance(stage, Shrunk):
        return numbers
    windows = after(space, stage)
    place, channel = np.divmod(np.arange(space.elements), space.channels)
    row, column = place // space.columns // stage.rows, place % space.columns // stage.columns
    moved = (row * windows.columns + column) * space.channels + channel
    moved[(row >= windows.rows) | (column >= windows.columns)] = NEVER
    return np.where(numbers == NEVER, NEVER, moved[numbers])


def _core(layer: Layer, ports: list[_Queue], ways: _Ways, sent: list[np.ndarray]) -> Generator[None, None, None]:
    """See `rtl.blocks.core`."""
    free, turnaround = 0, 0 if layer.back_to_back else 1
    accesses = [port.reach.accesses(np.arange(port.reach.inputs)) for port in layer.ports]
    latency = 2 + layer.datapath.depth
    silent = (layer.passes - 1) * (layer.beats * layer.reads + latency)
    for sample in sent:
        for t, step in enumerate(sample):
            cycle = free
            for i, port in enumerate(layer.ports):
                if port.late and t == 0:
                    continue
                while True:
                    event, cycle = yield from ports[i].take(free)
                    if event.last:
                        free = cycle + 1
                        break
                    free = cycle + int(accesses[i][event.number]) + turnaround
            start = cycle + 2 + silent
            final = t == len(sample) - 1
            first = start - 1 + latency  # of the sweep's last pass: neurons of beat i leave reads · (i + 1) cycles later
            numbers = np.flatnonzero(step)
            held, sent_at, previous = 0, NEVER, NEVER  # cycles that the sweep stood still; the last transfer; its beat
            for number, beat in zip(numbers.tolist(), layer.beat_of(numbers).tolist(), strict=True):
                offered = sent_at + 1 if beat == previous else first + (beat + 1) * layer.reads + held + 1
                sent_at = yield from ways.send(Event(number, False, final), offered)
                # The sweep moves on in the cycle of a beat's last transfer: one cycle of them is no loss.
                held += sent_at - offered + (beat == previous)
                previous = beat
            leaves = first + layer.beats * layer.reads + (held if previous != layer.beats - 1 else 0)
            free = (yield from ways.send(Event(0, True, final), max(leaves, sent_at) + 1)) + 1


def _max_pool(space: Space, queue: _Queue, ways: _Ways) -> Generator[None, None, None]:
    """See `rtl.blocks.max_pool`."""
    words, free, seen = space.bitmap_words, 0, set()
    while True:
        event, cycle = yield from queue.take(free)
        if event.last:
            seen.clear()
            free = (yield from ways.send(event, cycle + words + 1)) + 1
        elif event.number in seen:
            free = cycle + 2
        else:
            seen.add(event.number)
            free = (yield from ways.send(event, cycle + 1)) + 1


def _delay(stage: Delayed, space: Space, queue: _Queue, ways: _Ways) -> Generator[None, None, None]:
    """See `rtl.blocks.delay`."""
    steps = np.broadcast_to(np.asarray(stage.steps), (space.elements,))
    words, maps, free, t = space.bitmap_words, int(steps.max()) + 1, 0, 0
    ahead: dict[int, set[int]] = {}
    while True:
        event, cycle = yield from queue.take(free)
        if not event.last:
            ahead.setdefault(t + int(steps[event.number]), set()).add(event.number)
            free = cycle + 2
            continue
        by_word: dict[int, list[tuple[int, int]]] = {}
        for number in ahead.pop(t, ()):
            address = int(space.address(np.array(number)))
            by_word.setdefault(address >> min(space.address_bits, 4), []).append((address, number))
        fetch = cycle + 1
        for word in range(words):
            fetch += 2
            for _, number in sorted(by_word.get(word, [])):
                fetch = (yield from ways.send(Event(number, False, event.final), fetch)) + 1
        if event.final:
            fetch, ahead, t = fetch + maps * words, {}, -1
        free, t = (yield from ways.send(event, fetch)) + 1, t + 1
