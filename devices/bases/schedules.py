"""How operators compose into a latency: one after another, as a pipeline, in lockstep, or in physical time."""

from collections.abc import Mapping
from typing import Any

from costmodel.devices.device import Device, Param, Run
from costmodel.graphs.equations.algebra import Value, at_slowest, maximum, slowest


class Sequential(Device):
    """One operator after another, a batch at a time."""

    whole_batch = True

    def latency(self, run: Run) -> Value:
        """Σ executions · time."""
        return (run.time * run.executions).sum(axis=0)

    def period(self, run: Run) -> Value:
        """latency / batch."""
        return self.latency(run) / run.batch

    def dynamic_energy(self, run: Run) -> Value:
        """Σ executions · energy / batch, for an execution serves the batch."""
        return (run.energy * run.executions).sum(axis=0) / run.batch

    def spent(self, run: Run) -> Mapping[str, Value]:
        """Per cause Σ executions · time / batch."""
        return {name: value / run.batch for name, value in Device.spent(self, run).items()}


class Serial(Sequential):
    """One operator after another, one sample after another."""

    whole_batch = False

    def latency(self, run: Run) -> Value:
        """batch · Σ executions · time."""
        return (run.time * run.executions).sum(axis=0) * run.batch

    def dynamic_energy(self, run: Run) -> Value:
        """Σ executions · energy."""
        return (run.energy * run.executions).sum(axis=0)

    def spent(self, run: Run) -> Mapping[str, Value]:
        """Per cause Σ executions · time."""
        return Device.spent(self, run)


class Pipelined(Device):
    """Every layer is hardware of its own; a time step moves through them, and the next one follows."""

    def latency(self, run: Run) -> Value:
        """Σ stages + (batch · T − 1) · slowest stage."""
        stages = run.stages(run.time, host=True)
        return stages.sum(axis=0) + (run.batch * run.timesteps - 1) * slowest(stages)

    def period(self, run: Run) -> Value:
        """T · slowest stage."""
        return run.timesteps * slowest(run.stages(run.time, host=True))

    def spent(self, run: Run) -> Mapping[str, Value]:
        """What the slowest stage spends its time on, over all steps."""
        stages = run.stages(run.time, host=True)
        return {name: run.timesteps * at_slowest(run.stages(value, host=True), stages) for name, value in run.bounds.items()}


class Lockstep(Device):
    """Cores update their neurons, exchange spikes, and wait for one another at a barrier."""

    t_barrier = Param("s", "time for all cores to agree that a step is over")
    t_tick = Param("s", "shortest time step")
    t_host = Param("s", "host and I/O time of a time step, whatever crosses")

    def work(self, run: Run, values: Value) -> Any:
        """Sums of ``values`` over what has to wait for one another within a step: all tasks of a layer's cores. (rows, points)."""
        return run.stages(values, host=False)

    def step(self, run: Run) -> Value:
        """max(t_tick, slowest core + t_barrier) + t_host + events that cross."""
        return maximum(self.t_tick, slowest(self.work(run, run.time)) + self.t_barrier) + self.t_host + run.host()

    def latency(self, run: Run) -> Value:
        """(batch · T + depth − 1) · step: a spike takes one step per layer."""
        return (run.batch * run.timesteps + run.depth - 1) * self.step(run)

    def period(self, run: Run) -> Value:
        """T · step."""
        return run.timesteps * self.step(run)

    def spent(self, run: Run) -> Mapping[str, Value]:
        """What the steps spend their time on: the slowest core's work, the barrier, the tick, the host."""
        cores = self.work(run, run.time)
        work = {name: at_slowest(self.work(run, value), cores) for name, value in run.bounds.items() if name != "host"}
        each = {**work, "barrier": self.t_barrier, "tick": self.t_tick, "host": self.t_host + run.host()}
        return {name: run.timesteps * value for name, value in each.items()}


class Physical(Device):
    """Analog neurons run in their own time: a network step takes dt / speed_up, however much happens in it."""

    speed_up = Param("1", "network time over physical time")
    t_sample = Param("s", "time to set up a sample and read its answer")

    def step(self, run: Run) -> Value:
        """max(dt / speed_up, Σ events): physical time, unless spikes come faster than the one link carries them."""
        return maximum(run.dt / self.speed_up, run.stages(run.time, host=True).sum(axis=0))

    def latency(self, run: Run) -> Value:
        """batch · (T · step + t_sample)."""
        return run.batch * (run.timesteps * self.step(run) + self.t_sample)

    def period(self, run: Run) -> Value:
        """T · step + t_sample."""
        return run.timesteps * self.step(run) + self.t_sample

    def spent(self, run: Run) -> Mapping[str, Value]:
        """Physical time and what events take, over all steps, and the sample's set-up."""
        events = run.timesteps * run.stages(run.time, host=True).sum(axis=0)
        return {"physical time": run.timesteps * run.dt / self.speed_up, "events": events, "set-up": self.t_sample}
