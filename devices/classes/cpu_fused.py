"""A CPU that runs networks in time steps as `devices.bases.fused`, and under SpikeProp and EventProp event by event."""

from costmodel.devices.bases.fused import Fused
from costmodel.devices.device import Cost, Param
from costmodel.graphs.equations.algebra import Value, ceiling, exp, log, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses

TERMS = 12
"""Of the series of an exponential of a matrix, as in `validation.events.flow`."""

SEARCH = 5
"""Series that a crossing takes: one at the end of a bracket, three of Newton's steps, and one at the spike."""

HALVES = (1, 2, 4, 8)
"""Results of the parts into which a vector of 16 is halved again and again."""

ROWS = 4
"""From which on a matrix product lays its weights out for itself."""

LEAST, CONNECTION, STEP = 5e-4, 1e-9, 5e-8
"""As in the runner, s: work that is worth a thread; what a connection takes about in a layer of first spikes; and what an event or
a grid step of a neuron takes from event to event."""


class FusedCPU(Fused):
    """costmodel's own runner: the equations of `devices.bases.fused`, with two habits of matrix products (as measured of Intel's
    oneMKL). What is left of a row after whole vectors is computed in halves, each of which takes as long as a vector: of 10 results
    8 and 2. And a product of M < 4 rows goes through its weights row by row, and takes

        M · weights / b_rows  +  missed / b_memory

    in the place of arithmetic and of moving them; from four rows on it lays them out for itself first.

    Where spikes are found in closed form (SpikeProp) there are no time steps. A layer of m neurons with n inputs, of which a spike,
    takes for a batch B

        t_first_spikes + t_delay + B · (o (n log2 n / f_sort + a y / f_enter) + g n m / f_gather + m x / f_solve),

    where inputs come in one order, o = 1, or in one for each neuron, o = m, if connections have delays (else there is no t_delay);
    an input that comes takes y exponentials; a neuron gathers a share g of its n inputs until it spikes, and solving for the spike
    takes x exponentials. Its gradient takes

        t_spike_gradient + B · (o a y / 2 f_enter + (1 + g) n m / f_return) + weights / b_collect,

    since every input is looked at and gradients return to those that were gathered.

    Under EventProp a layer of m neurons whose states, with a constant, are s numbers, flows from event to event. For a sample in
    which a events arrive, k spikes are sent and a neuron follows e events until it spikes no more, over a grid of G steps,

        t_events + B · (m (e + 1) s² / f_meet + m w s² / f_walk + k m ((1 − l) / f_ask + l s² / f_carry)
                        + (5 r + k + (min(a, 2 e) + r) s) · 12 s² / f_series),
        w = (e + 1) / (1 − exp(−(a + l k + 1) / G)),   r = k (1 + l ln(1 + k / 2 (a + 1))),

    where w are the grid steps that a neuron walks, one at least between two events and more where, as of random events, some lie
    further apart than a step; r are the crossings searched for: in a layer that excites itself (l = 1) some more for every spike,
    the first one so far of the neurons that would spike before the next input, and all neurons are carried over the spike, while
    in others they are only asked who spikes next; and 12 s² is an exponential's series on a state, of which a crossing takes five
    and a spike one more, and s times as much that of a matrix which all neurons share: for an event, as long as any of them
    follows, and after a crossing. Its gradient takes

        t_event_gradient + B · ((a + l k) m s² / f_carry + ((2 − l) k + (a + l k) s) · 12 s² / f_series) + weights / b_collect.

    A batch is shared out to j of h threads, each of which has work for half a millisecond at least; the one with most samples is
    waited for. B is then as if

        ⌈B / j⌉ · j / (1 + (j − 1) · gain),   j = max(1, min(h, B, ⌊B · c / ½ ms⌋)),

    where c is 1 ns · n m of first spikes, and 50 ns · m (n + G) from event to event; further threads are awake after t_wake.

    Inference costs the same whether a clocked lowering or a rule's describes it. `costmodel calibrate cpu` measures the parameters.
    """

    b_rows = Param("B/s", "bandwidth at which a product of fewer than four rows takes its weights, for every row")
    threads = Param("1", "threads that a batch is shared out to, event by event", whole=True)
    gain = Param("1", "what each further thread adds to the rate of one")
    t_wake = Param("s", "time until the further threads work")
    event_residual = Param("1", "as latency_residual, of networks that run event by event")
    event_training_residual = Param("1", "as training_residual, of networks that run event by event")
    t_first_spikes = Param("s", "time to dispatch a layer of first spikes")
    t_delay = Param("s", "time to dispatch delays of a layer's connections")
    t_spike_gradient = Param("s", "time to dispatch the gradient of a layer of first spikes")
    f_sort = Param("op/s", "rate of comparisons that put spikes in order")
    f_gather = Param("op/s", "rate at which neurons gather spikes, one by one")
    f_enter = Param("op/s", "rate of exponentials that do not wait for each other")
    f_solve = Param("op/s", "rate of exponentials, one after the other")
    f_return = Param("op/s", "rate at which gradients return to spikes, one by one")
    b_collect = Param("B/s", "bandwidth at which gradients of weights are collected")
    t_events = Param("s", "time to dispatch a layer that flows from event to event")
    t_event_gradient = Param("s", "time to dispatch the gradient of such a layer")
    f_meet = Param("op/s", "rate of multiplications by which a neuron takes an event in, and begins to look for its spike")
    f_walk = Param("op/s", "rate of multiplications that carry a neuron over a step of the grid, and look for its spike")
    f_series = Param("op/s", "rate of multiplications of series, of a state or of a matrix that all neurons share")
    f_carry = Param("op/s", "rate of multiplications that carry all neurons over an event")
    f_ask = Param("op/s", "rate of comparisons by which the neuron that spikes next is found")

    def residual(self, op: Operator) -> Value:
        """Of its own where the network runs event by event."""
        by_events = self.event_residual * (1 - op.training) + self.event_training_residual * op.training
        return super().residual(op) * (1 - op.event_driven) + by_events * op.event_driven

    def merged(self, op: Synapses | Neurons | Pooling | Memory | Plasticity) -> Value:
        """Event by event a loop is no different: everything is dispatched at once."""
        return super().merged(op) * (1 - op.event_driven) + op.executions * op.event_driven

    def synapses(self, op: Synapses) -> Cost:
        """None of their own event by event: what they do is counted at their neurons."""
        return super().synapses(op).times(1 - op.event_driven)

    def by_rows(self, op: Synapses) -> Value:
        """1 for a matrix product of fewer than four rows, else 0."""
        rows = op.batch * self.merged(op)
        return (1 - minimum(1, -ceiling(-rows / ROWS))) * (1 - op.reduces) * (1 - self.convolves(op))

    def arithmetic(self, op: Synapses) -> Value:
        """None of its own where weights are taken row by row."""
        return super().arithmetic(op) * (1 - self.by_rows(op))

    def vectors(self, op: Synapses, width: Value) -> Value:
        """Whole ones, and of a matrix product a part for every binary digit of what is left."""
        parts = -ceiling(-width / self.vector)
        for power in HALVES:
            bit = -ceiling(-width / power) + 2 * ceiling(-width / (2 * power))
            parts = parts + bit * minimum(1, -ceiling(-self.vector / (2 * power)))
        convolves = self.convolves(op)
        return super().vectors(op, width) * convolves + parts * (1 - convolves)

    def taking(self, op: Synapses, weights: Value, since: Value) -> Value:
        """Once, or for every row: after the first what the cache holds of them is there."""
        again = weights * (op.batch * self.merged(op) - 1)
        rows = self.moving(weights, since, self.b_rows) + self.moving(again, op.weights * self.state_bits / 8, self.b_rows)
        by_rows = self.by_rows(op)
        return super().taking(op, weights, since) * (1 - by_rows) + rows * by_rows

    def neurons(self, op: Neurons) -> Cost:
        """Event by event a layer or its gradient, at the operator that stands for it."""
        stepped = super().neurons(op).times(1 - op.event_driven * (1 - op.update))
        closed = self.first_spikes(op).times(minimum(1, op.solving))
        return stepped + closed + self.events(op).times(minimum(1, op.flowing))

    def first_spikes(self, op: Neurons) -> Cost:
        """A layer of first spikes, or its gradient; weights are held in float32 and their gradients collected from float64."""
        inputs, connections = maximum(1, op.layer_fan_in), op.layer_connections
        entered = op.arriving * op.orders * op.entering / self.f_enter
        ordered = op.orders * inputs * log(inputs) / log(2.0) / self.f_sort
        solved = op.layer_neurons * op.solving / self.f_solve
        found = ordered + entered + op.gathered * connections / self.f_gather + solved
        returned = entered / 2 + (1 + op.gathered) * connections / self.f_return
        compute = self.shared(op) * (found * (1 - op.backward) + returned * op.backward)
        dispatched = self.t_first_spikes + self.t_delay * minimum(1, op.orders - minimum(1, op.orders))
        launch = dispatched * (1 - op.backward) + self.t_spike_gradient * op.backward + self.waking(op)
        return self.work(op, launch, compute, self.collecting(op))

    def events(self, op: Neurons) -> Cost:
        """A layer that flows from event to event, or its gradient."""
        matrix, neurons, looped = op.flowing**2, op.layer_neurons, op.looped
        arriving, sent, followed = op.arriving, op.sent, op.followed
        turns = arriving + looped * sent
        steps = (followed + 1) / (1 - exp(-(turns + 1) / maximum(op.executions * op.grid, 1e-9)))
        searched = sent * (1 + looped * log(1 + sent / (2 * (arriving + 1))))
        series = SEARCH * searched + sent + (minimum(arriving, 2 * followed) + searched) * op.flowing
        found = neurons * matrix * ((followed + 1) / self.f_meet + steps / self.f_walk)
        found += (
            sent * neurons * ((1 - looped) / self.f_ask + looped * matrix / self.f_carry) + series * TERMS * matrix / self.f_series
        )
        series = (2 - looped) * sent + turns * op.flowing
        returned = turns * neurons * matrix / self.f_carry + series * TERMS * matrix / self.f_series
        compute = self.shared(op) * (found * (1 - op.backward) + returned * op.backward)
        launch = self.t_events * (1 - op.backward) + self.t_event_gradient * op.backward + self.waking(op)
        return self.work(op, launch, compute, self.collecting(op))

    def awake(self, op: Neurons) -> Value:
        """Threads that a batch is shared out to."""
        first_spikes = CONNECTION * op.layer_connections * minimum(1, op.solving)
        events = STEP * op.layer_neurons * (op.layer_fan_in + op.executions * op.grid) * minimum(1, op.flowing)
        worth = op.batch * (first_spikes + events) / LEAST
        return maximum(1, minimum(self.threads, minimum(op.batch, -ceiling(-worth))))

    def waking(self, op: Neurons) -> Value:
        """Until the other threads work, s."""
        return self.t_wake * minimum(1, self.awake(op) - 1)

    def shared(self, op: Neurons) -> Value:
        """Samples as if one thread had them."""
        awake = self.awake(op)
        return ceiling(op.batch / awake) * awake / (1 + (awake - 1) * self.gain)

    def collecting(self, op: Neurons) -> Value:
        """Gradients of a layer's weights, s."""
        return op.layer_connections * self.state_bits / 8 / self.b_collect * op.backward

    def memory(self, op: Memory) -> Cost:
        """Delays of spike times are sums, which take no time beside the rest."""
        return super().memory(op).times(1 - op.event_driven)


DEVICE = FusedCPU
