"""Random torch modules, put together of what is supported: every one of them comes in, and spikes here as there."""

from dataclasses import dataclass, field

import snntorch as snn
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from tests.same_spikes import dyadic, spikes_of

STEPS, BATCH = 5, 2


@dataclass
class Plan:
    """A module as steps: name of an operation and its numbers, drawn by hypothesis."""

    sample: tuple[int, ...]
    operations: list[tuple] = field(default_factory=list)
    loop: str = "first"


class Random(nn.Module):
    """Runs a plan: each operation takes what came last, and some what came earlier."""

    def __init__(self, plan: Plan, seed: int) -> None:
        super().__init__()
        self.plan, self.layers = plan, nn.ModuleList()
        dice = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.build = True
            self.dice = dice
            self.run(torch.zeros((BATCH, *plan.sample)))
            self.build = False
        for layer in self.layers:
            if hasattr(layer, "reset_mem"):
                layer.reset_mem()

    def layer(self, number, make):
        """The layer of an operation, made when it is first asked for."""
        if self.build:
            made = make()
            if not isinstance(made, snn.Leaky | nn.BatchNorm2d):
                dyadic(made, self.dice)
            self.layers.append(made.eval())
            return self.layers[-1]
        self.count += 1
        return self.layers[self.count - 1]

    def run(self, x):
        """One time step."""
        self.count, seen = 0, []
        for number, (kind, *numbers) in enumerate(self.plan.operations):
            x = getattr(self, kind)(number, x, seen, *numbers)
            seen.append(x)
        return x

    def forward(self, x):
        if self.plan.loop == "second":
            return torch.stack([self.run(x[:, t]) for t in range(x.shape[1])], dim=1)
        if self.plan.loop == "sum":
            total = 0
            for now in x:
                total = total + self.run(now)
            return total / len(x)
        return torch.stack([self.run(now) for now in x])

    def linear(self, number, x, seen, features, bias):
        if x.ndim == 4:
            x = x.flatten(1) if features % 2 else torch.flatten(x, 1)
        return self.layer(number, lambda: nn.Linear(x.shape[-1], features, bias=bias))(x)

    def conv(self, number, x, seen, kernel, stride, padding, features, mode):
        if x.ndim < 4 or min(x.shape[2:]) + 2 * padding < kernel or (mode != "zeros" and padding >= min(x.shape[2:])):
            return x
        groups = x.shape[1] if features % x.shape[1] == 0 and kernel == 2 else 1
        words = {"stride": stride, "padding": padding, "groups": groups, "padding_mode": mode}
        return self.layer(number, lambda: nn.Conv2d(x.shape[1], features, kernel, **words))(x)

    def neurons(self, number, x, seen, threshold, reset):
        words = {"threshold": threshold, "reset_mechanism": reset, "init_hidden": True}
        return self.layer(number, lambda: snn.Leaky(beta=0.5, **words))(x)

    def pool(self, number, x, seen, kind, size):
        if x.ndim < 4 or min(x.shape[2:]) < size:
            return x
        return {"max": functional.max_pool2d, "mean": functional.avg_pool2d}[kind](x, size)

    def skip(self, number, x, seen, back):
        earlier = seen[-back] if len(seen) >= back else x
        return x + earlier if earlier.shape == x.shape else x

    def join(self, number, x, seen, back):
        earlier = seen[-back] if len(seen) >= back else x
        return torch.cat([earlier, x], dim=1) if earlier.shape == x.shape and x.shape[1] < 12 else x

    def gate(self, number, x, seen, back):
        earlier = seen[-back] if len(seen) >= back else x
        return x * earlier if earlier.shape == x.shape else x

    def scale(self, number, x, seen, factor):
        return x * factor

    def relu(self, number, x, seen):
        return torch.relu(x)

    def turn(self, number, x, seen):
        return x.permute(0, 1, 3, 2) if x.ndim == 4 else x

    def some(self, number, x, seen, step):
        return x[:, ::step] if x.shape[1] > step else x

    def mean(self, number, x, seen):
        return x.mean((2, 3)) if x.ndim == 4 and x.shape[2] * x.shape[3] in (4, 16, 64) else x


NEURONS = st.tuples(st.just("neurons"), st.sampled_from([0.5, 1.0]), st.sampled_from(["subtract", "zero"]))
WEIGHTED = st.one_of(
    st.tuples(st.just("linear"), st.integers(2, 6), st.booleans()),
    st.tuples(
        st.just("conv"),
        st.integers(1, 3),
        st.integers(1, 2),
        st.integers(0, 1),
        st.integers(1, 4),
        st.sampled_from(["zeros", "zeros", "circular", "replicate"]),
    ),
)
OTHERS = st.one_of(
    st.tuples(st.just("pool"), st.sampled_from(["max", "mean"]), st.just(2)),
    st.tuples(st.just("skip"), st.integers(1, 4)),
    st.tuples(st.just("join"), st.integers(1, 4)),
    st.tuples(st.just("gate"), st.integers(1, 4)),
    st.tuples(st.just("scale"), st.sampled_from([2.0, 0.5, -1.0])),
    st.tuples(st.just("relu")),
    st.tuples(st.just("turn")),
    st.tuples(st.just("some"), st.just(2)),
    st.tuples(st.just("mean")),
)


@st.composite
def plans(draw):
    """Two to four layers, each weights, neurons, and up to two other functions before or behind."""
    sample = draw(st.sampled_from([(5,), (2, 6, 6), (1, 4, 8)]))
    operations = []
    for _ in range(draw(st.integers(2, 4))):
        operations += [draw(WEIGHTED), *draw(st.lists(OTHERS, max_size=1)), draw(NEURONS), *draw(st.lists(OTHERS, max_size=1))]
    return Plan(sample, operations, draw(st.sampled_from(["first", "second", "sum"])))


@given(plans(), st.integers(0, 2**16))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_random_modules_spike_as_they_do_in_torch(plan, seed):
    module = Random(plan, seed)
    inputs = (torch.rand((STEPS, BATCH, *plan.sample), generator=torch.Generator().manual_seed(seed)) < 0.5).float()
    second = plan.loop == "second"
    theirs, ours = spikes_of(module, inputs.transpose(0, 1) if second else inputs, lambda x: x.transpose(0, 1) if second else x)
    assert theirs
    for name, spikes in theirs.items():
        assert torch.equal(spikes, ours[name].reshape(spikes.shape)), name
