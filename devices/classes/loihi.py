"""Intel's Loihi and Loihi 2."""

from collections.abc import Mapping as Named
from typing import Any

import numpy as np

from costmodel.devices.bases.manycore import Manycore
from costmodel.devices.device import Cost, Param, Run, at_least_one
from costmodel.devices.placement.mapping import Mapping, expected_maximum
from costmodel.graphs.equations.algebra import Value, ceiling, maximum
from costmodel.graphs.lowering.operators import Neurons, Plasticity, Synapses


class Loihi(Manycore):
    """Asynchronous cores with a mesh barrier at each step and a learning engine that updates synapses by rule.

    (Davies et al., "Loihi: a neuromorphic manycore processor with on-chip learning", IEEE Micro 38, 2018.)

    A network is costed layer by layer, evenly spread, as on every device; or, where its `Mapping` is known, core by core.
    Processors on the chip feed it and read its answers: how long and at what power is a matter of its host mode
    (`devices.hosting`).
    """

    t_message = Param("s", "time to send a spike to one core more")
    in_flight = Param(
        "1",
        "messages of one core that others take in at the same time; those behind them wait (none: nothing waits)",
        optional=True,
    )
    built_in = Param(
        "1", "operations of a neuron's update that take no time of their own: those of the built-in neuron", whole=True
    )
    t_op = Param("s", "time of each further operation of a neuron's program")
    e_barrier = Param("J", "energy of a chip at a time step, whatever its neurons do: its barrier")
    t_reset = Param("s", "time to reset a neuron before each sample")
    p_serve = Param("W", "power that the chip's own processors draw while they feed it, above rest")
    t_learn = Param("s", "time of the learning engine per weight change")
    e_learn = Param("J", "energy of the learning engine per weight change")

    def work(self, run: Run, values: Value) -> Any:
        """Neuron updates on one side, incoming spikes on the other: a core has units of its own for each, which overlap.

        (Davies et al. 2018, figure 4: synapse, dendrite and axon units; so does SANA-FE, Boyle et al. 2025: the larger counts.)
        """
        return np.concatenate([run.stages(values, host=False, of=side) for side in (run.updates, ~run.updates)])

    def synapses(self, op: Synapses) -> Cost:
        """As on every chip of this kind. Where ``in_flight`` is given, cores wait if few send to many:
        (cores / (senders · in_flight) − 1) · work, for messages leave a core in order, and one that waits for its receiver holds up
        those behind it. That is how SANA-FE times it; no measurement of silicon is known that shows it.
        """
        cost = super().synapses(op)
        if self.in_flight is None:
            return cost
        senders = at_least_one(ceiling(op.inputs / self.neurons_per_core))
        work = cost.bounds["synapses"] + cost.bounds["reception"]
        waiting = maximum(0, self.cores_of(op) / (senders * self.in_flight) - 1) * work
        return Cost(cost.time + waiting, cost.energy, {**cost.bounds, "waiting": waiting})

    def arithmetic(self, op: Neurons) -> Value:
        """Operations of an update beyond those of the built-in neuron; a division or exponential has none here."""
        return maximum(0, op.add + op.multiply + op.compare - op.substeps * self.built_in)

    def update_time(self, op: Neurons) -> Value:
        """substeps · t_update + arithmetic · t_op: a program is as long as its neuron's equations."""
        return op.substeps * self.t_update + self.arithmetic(op) * self.t_op

    def latency(self, run: Run) -> Value:
        """As in lockstep, and batch · neurons · t_reset."""
        return super().latency(run) + run.batch * run.neurons * self.t_reset

    def period(self, run: Run) -> Value:
        """T · step + neurons · t_reset."""
        return super().period(run) + run.neurons * self.t_reset

    def dynamic_energy(self, run: Run) -> Value:
        """Σ executions · energy + (T · e_barrier + p_serve · period) · chips."""
        serving = run.timesteps * self.e_barrier + self.p_serve * self.period(run)
        return super().dynamic_energy(run) + serving * self.chips

    def spent(self, run: Run) -> Named[str, Value]:
        """And the reset."""
        return {**super().spent(run), "reset": run.neurons * self.t_reset}

    def plasticity(self, op: Plasticity) -> Cost:
        """changes / cores · t_learn."""
        work = op.changes / self.cores_of(op) * self.t_learn
        return Cost(work, op.changes * self.e_learn, {"plasticity": work})

    def sending(self, on: Mapping) -> np.ndarray:
        """Time in which a neuron's spike is sent: t_spike, and t_message for each core but the first (input: for each), s."""
        return on.updated * (self.t_spike - self.t_message) + on.axons * self.t_message

    def taking(self, on: Mapping) -> np.ndarray:
        """Time in which a spike is taken in at the end of an axon: t_receive + synapses · t_synop, s."""
        return self.t_receive + on.synapses * self.t_synop

    def mapped(self, on: Mapping) -> Cost:
        """A step of a mapped network: its mean time and its dynamic energy; bounds are those of the busiest core.

        Three things go on at once, for each core: it updates and sends, Σ t_update + Σ rate · sending; it takes in, Σ rate ·
        taking; its messages wait to be taken in elsewhere, Σ rate · taking / in_flight. As neurons spike or not, the first two
        have a variance Σ rate (1 − rate) time²; the step takes as long as the longest, whose mean is that of the largest of as
        many normal values. The last spike sent still has to be taken in, and the first does not come at once: they come evenly.
        Energy: updates, spikes, axons and synapses, each times its own.
        """
        chance = on.rate * (1 - on.rate)
        send, take = self.sending(on), self.taking(on)
        sends = on.per_core(on.updated * self.t_update + on.rate * send)
        takes = on.per_target(on.events * take)
        waits = 0 * sends
        if self.in_flight is not None:
            waits = on.per_core(np.bincount(on.source, on.events * take, len(on.core))) / self.in_flight
        varying = [on.per_core(chance * send**2), on.per_target(chance[on.source] * take**2), 0 * waits]
        messages = max(float(on.events.sum()), 1e-12)
        last = float((on.events * (take + on.hops * self.t_hop)).sum()) / messages
        first = float(sends.max()) / (1 + float((on.rate * (on.axons > 0)).sum()))
        busiest = expected_maximum(np.concatenate([sends + last, takes + first, waits]), np.concatenate(varying))
        energy = (on.updated * (self.e_update + on.rate * self.e_spike)).sum()
        energy += (on.events * (self.e_receive + on.hops * self.e_hop + on.synapses * self.e_synop)).sum()
        work = {"neurons": sends, "synapses": takes, "waiting": waits}
        bounds = {name: float(each.max()) for name, each in work.items()} | {"barrier": self.t_barrier}
        return Cost(max(self.t_tick, busiest + self.t_barrier) + self.t_host, float(energy), bounds)


DEVICE = Loihi
