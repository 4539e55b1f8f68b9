"""Who receives from whom in a whole `Design`: the blocks that take cycles, and over which queues."""

from dataclasses import dataclass
from functools import lru_cache

from costmodel.rtl.design import STAGE_QUEUE, Delayed, Design, Link, Shrunk, Stage
from costmodel.rtl.layer import Layer


@dataclass(frozen=True, eq=False)
class Arrival:
    """What a block receives over a link.

    Attributes:
        source: the block that sends: the input, a layer, or a stage on the link.
        late: whether it is what was sent at the step before.
        depth: tokens that the queue before the block holds.
        link: the whole link.
    """

    source: str
    late: bool
    depth: int
    link: Link


@dataclass(frozen=True, eq=False)
class Stream:
    """The input, a layer, or a stage of a link that holds spikes.

    Attributes:
        name: of the input or layer; of a stage "layer.port.place".
        arrivals: what it receives, by port.
        layer: None for the input and for stages.
        stage: None for the input and for layers.
        place: number of the stage on its link.
    """

    name: str
    arrivals: tuple[Arrival, ...] = ()
    layer: Layer | None = None
    stage: Stage | None = None
    place: int = 0


def holds(stage: Stage) -> bool:
    """Whether a stage is a block of its own: it delays spikes or lets the first of a window pass; others rewrite addresses."""
    return isinstance(stage, Delayed) or (isinstance(stage, Shrunk) and stage.largest)


@lru_cache(maxsize=256)
def streams(design: Design) -> tuple[Stream, ...]:
    """The blocks of a design, those that send before those that receive, but for loops."""
    found = {design.source: Stream(design.source)}
    for name in (name for group in design.order for name in group):
        arrivals = []
        for link in design.into(name):
            source = link.source
            for place, stage in enumerate(link.stages):
                if holds(stage):
                    own = f"{name}.{link.port}.{place}"
                    # Within a loop the sender comes after its stage, which hears of it a step later.
                    arrival = Arrival(source, source not in found, STAGE_QUEUE, link)
                    found[own] = Stream(own, (arrival,), stage=stage, place=place)
                    source = own
            arrivals.append(Arrival(source, design.late(link), link.depth, link))
        found[name] = Stream(name, tuple(arrivals), layer=design.layers[name])
    return tuple(found.values())
