"""A CPU that runs networks in time steps as `devices.fused`, and networks of first spikes event by event."""

from devices.device import Cost, Param
from devices.fused import Fused
from graphs.algebra import log, maximum, minimum
from graphs.operators import Neurons, Synapses


class FusedCPU(Fused):
    """costmodel's own runner. Where spikes are found in closed form (SpikeProp) there are no time steps. A layer of n inputs and
    m neurons takes, for a batch B,

        t_first_spikes + B · (n log2 n / f_sort + g n m / f_gather + m x / f_solve),

    where a neuron gathers a share g of its n inputs until it spikes, and solving for the spike takes x exponentials. Its gradient
    takes

        t_spike_gradient + B · (n / f_solve + (1 + g) n m / f_return) + weights / b_collect,

    since every input is looked at and gradients return to those that were gathered. Inference costs the same whether a clocked
    lowering or a rule's describes it. `costmodel calibrate cpu` measures the parameters. Networks under EventProp are costed as
    if run in time steps; their event-driven simulation has no equations here.
    """

    t_first_spikes = Param("s", "time to dispatch a layer of first spikes")
    t_spike_gradient = Param("s", "time to dispatch the gradient of a layer of first spikes")
    f_sort = Param("op/s", "rate of comparisons that put spikes in order")
    f_gather = Param("op/s", "rate at which neurons gather spikes, one by one")
    f_solve = Param("op/s", "rate of exponentials, one by one")
    f_return = Param("op/s", "rate at which gradients return to spikes, one by one")
    b_collect = Param("B/s", "bandwidth at which gradients of weights are collected")

    def synapses(self, op: Synapses) -> Cost:
        """None of its own in a layer of first spikes: gathering is its neurons'."""
        return super().synapses(op).times(1 - op.event_driven)

    def neurons(self, op: Neurons) -> Cost:
        """A layer of first spikes or its gradient, at the operator that stands for it."""
        stepped = super().neurons(op).times(1 - op.event_driven * (1 - op.update))
        return stepped + self.first_spikes(op).times(minimum(1, op.solving))

    def first_spikes(self, op: Neurons) -> Cost:
        """A layer, or its gradient; weights are held in float32 and their gradients collected from float64."""
        inputs, connections = maximum(1, op.layer_fan_in), op.layer_connections
        solved = op.layer_neurons * op.solving / self.f_solve
        found = inputs * log(inputs) / log(2.0) / self.f_sort + op.gathered * connections / self.f_gather + solved
        returned = inputs / self.f_solve + (1 + op.gathered) * connections / self.f_return
        compute = op.batch * (found * (1 - op.backward) + returned * op.backward)
        launch = self.t_first_spikes * (1 - op.backward) + self.t_spike_gradient * op.backward
        memory = connections * self.state_bits / 8 / self.b_collect * op.backward
        return self.work(op, launch, compute, memory)


DEVICE = FusedCPU
