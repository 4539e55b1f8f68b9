"""Closed forms of the leaky integrate-and-fire neuron with spike-frequency adaptation, whose circuit is `adaptive_lif`.

    c dv/dt = i_input − G v − a,    τ_a da/dt = −a + i_spike (i_out / i_decay) 1(reset),    a spike where v ≥ v_threshold

(Benda and Herz, Neural Computation 15:2523, 2003, for the adaptation current.) Its transconductors have a wide linear range
(Sarpeshkar, Lyon and Mead, Analog Integrated Circuits and Signal Processing 13:123, 1997), in which they are kept: the leak is
the chord G = i_leak tanh(v_threshold / v_linear) / v_threshold, τ = c / G, and τ_a = c_adapt v_linear / i_decay.

From the end v_0 of a reset, with the adaptation current a_1 there, the membrane is short of v∞ = i_input / G by

    D(t) = (v∞ − v_0) e^(−t/τ) + (a_1 / G) (e^(−t/τ_a) − e^(−t/τ)) / (1 − τ/τ_a)

and crosses the threshold where D = v∞ − v_threshold. In steady state a_1 depends on the interval itself, `series`.
"""

from __future__ import annotations

from dataclasses import dataclass

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.integrate_and_fire import crossing_time
from costmodel.devices.circuits.pair import tail_charge, tanh
from costmodel.graphs.equations.algebra import Value, choose, exp, log, maximum, named
from costmodel.graphs.errors import InputError

ROUNDS = 6
"""Newton rounds of an interval: see `crossing`."""

PASSES = 3
"""How often the reset and the delay, which hang on the adaptation current a little, and the interval are made to agree."""


STRAIGHT = 0.3
"""Share of v_linear up to which transconductors are taken as straight: the tanh is 3 % short there."""


def check_straight(name: str, v_threshold: float, v_linear: float) -> None:
    """Refuses a threshold beyond the leak's straight part.

    Raises:
        InputError: it is above `STRAIGHT` of v_linear, V.
    """
    if v_threshold > STRAIGHT * v_linear:
        what = f"v_threshold is {v_threshold:g} V, and the leak is straight up to {STRAIGHT * v_linear:.4g} V"
        raise InputError(what, mend="lower it, or raise v_linear", where=name)


def chord(i_leak: Value, v: Value, v_linear: Value) -> Value:
    """G = i_leak tanh(v / v_linear) / v, S: the conductance that leaks the same at v."""
    return i_leak * tanh(v / v_linear) / v


def series(jump: Value, span: Value, tau_a: Value) -> Value:
    """Δ / (1 − e^(−T/τ_a)), A: the sum over all spikes before, each of which has added Δ and decayed since."""
    return jump / (1 - exp(-span / tau_a))


def shortfall(time: Value, short: Value, after: Value, tau: Value, tau_a: Value) -> tuple[Value, Value, Value]:
    """D(t), V, its adaptation's part, V, and dD/dt, V/s.

    Args:
        time: since the reset, s.
        short: v∞ − v_0, V.
        after: a_1 / G, V.
        tau: of the membrane, s.
        tau_a: of the adaptation current, s; not τ (a removable singularity).
    """
    fast, slow, scale = exp(-time / tau), exp(-time / tau_a), after / (1 - tau / tau_a)
    part = scale * (slow - fast)
    return short * fast + part, part, -short * fast / tau - scale * (slow / tau_a - fast / tau)


def crossing(
    short: Value, over: Value, jump: Value, tau: Value, tau_a: Value, dead: Value, steady: bool, rounds: int = ROUNDS
) -> Value:
    """Time from the reset to the threshold, s: Newton's method on ln D(t) = ln(v∞ − v_threshold).

    It begins at a bound that no crossing is before: that of a membrane without adaptation, or, if later, where a has fallen to
    i_input − G v_threshold (until then v falls at the threshold). From there on D falls, so that there is one root, and
    the first step is at most τ x ln x / (x − 1), x = D / over. ln D is convex where D is a sum of two positive exponentials
    (so is −ln(1 − e^(−T/τ_a))): Newton then goes up to the root from below. Else it is concave, and goes down to it from
    above after the first round. Far from the root it is straight, 1 / max(τ, τ_a) steep; near it errors are squared.

    Args:
        short: v∞ − v_0, V.
        over: v∞ − v_threshold, V.
        jump: Δ / G, V: what one spike adds.
        tau: of the membrane, s.
        tau_a: of the adaptation current, s.
        dead: time between reset and firing that is not integration, s: the reset and the comparator's delay.
        steady: whether spikes have come for ever; else the one at the reset is the first.
        rounds: of Newton's method.
    """
    tau_a = choose((tau / tau_a - 1) ** 2 < 1e-8, tau * (1 + 1e-4), tau_a)
    left = exp(-dead / tau_a) if steady else 0
    time = maximum(crossing_time(0, short - over, short, tau), tau_a * log(left + jump / over))
    for i in range(rounds):
        time = named(f"round_{i}", time)
        gone = exp(-(time + dead) / tau_a) if steady else 0
        total, part, slope = shortfall(time, short, jump / (1 - gone), tau, tau_a)
        slope = slope - part * gone / (1 - gone) / tau_a  # a_1 itself falls with the interval
        time = time - total * log(total / over) / slope
    return time


@dataclass(frozen=True)
class Interval:
    """From one firing to the next.

    Attributes:
        back: the reset at its start.
        crossing: from the reset's end to the threshold, s.
        late: the comparator's delay after that, s.
        after: adaptation current at the reset's end, A: the largest.
        before: at the firing that ends the interval, A: the smallest.
    """

    back: firing.Reset
    crossing: Value
    late: Value
    after: Value
    before: Value

    @property
    def time(self) -> Value:
        """Of all of it, s."""
        return self.back.time + self.crossing + self.late


@dataclass(frozen=True)
class Cell:
    """The neuron's values, numbers or symbols, in SI: see `AdaptiveLIF`. What follows from them are its closed forms."""

    i_input: Value
    i_leak: Value
    v_linear: Value
    c_membrane: Value
    i_spike: Value
    i_decay: Value
    i_out: Value
    c_adapt: Value
    v_threshold: Value
    v_low: Value
    v_dd: Value
    i_bias: Value
    c_comparator: Value
    r_reset: Value
    kappa: Value

    @property
    def g(self) -> Value:
        """Conductance of the leak, S."""
        return chord(self.i_leak, self.v_threshold, self.v_linear)

    @property
    def tau(self) -> Value:
        """Time constant of the membrane, s."""
        return self.c_membrane / self.g

    @property
    def tau_a(self) -> Value:
        """Time constant of the adaptation current, s."""
        return self.c_adapt * self.v_linear / self.i_decay

    @property
    def v_end(self) -> Value:
        """Where the membrane would settle without adaptation, V."""
        return self.i_input / self.g

    @property
    def tau_c(self) -> Value:
        """The comparator's pole, s."""
        return firing.comparator_pole(self.c_comparator, self.v_dd, self.i_bias)

    def jump(self, t_pulse: Value) -> Value:
        """Δ = i_spike (i_out / i_decay) (1 − e^(−t_pulse/τ_a)), A: what a spike's pulse adds to the adaptation current."""
        return self.i_spike * self.i_out / self.i_decay * (1 - exp(-t_pulse / self.tau_a))

    def slope(self, before: Value) -> Value:
        """dv/dt at the threshold, V/s."""
        return (self.i_input - self.g * self.v_threshold - before) / self.c_membrane

    def delay(self, before: Value) -> Value:
        """From the crossing of the threshold to firing, s."""
        return firing.delay(self.tau_c, firing.steepness(self.slope(before), self.kappa))

    def reset(self, before: Value, after: Value) -> firing.Reset:
        """The reset after a spike: switch and leak against the input less the mean of the adaptation current's two ends."""
        peak = self.v_threshold + self.slope(before) * self.delay(before)
        closed = 1 / self.r_reset + self.g
        rest = (self.i_input - (before + after) / 2) / closed
        return firing.reset(peak, self.v_low, rest, self.c_membrane / closed, self.tau_c, self.kappa)

    @property
    def time_to_threshold(self) -> Value:
        """From rest to the first firing, s."""
        return crossing_time(0, self.v_threshold, self.v_end, self.tau) + self.delay(0)

    def interval(self, steady: bool, passes: int = PASSES, rounds: int = ROUNDS) -> Interval:
        """The first interval between spikes, or that of the steady state."""
        found = Interval(self.reset(0, 0), 0, self.delay(0), 0, 0)
        for _ in range(passes):
            back, late, jump = found.back, found.late, self.jump(found.back.time)
            short, over = self.v_end - back.end, self.v_end - self.v_threshold
            time = crossing(short, over, jump / self.g, self.tau, self.tau_a, back.time + late, steady, rounds)
            after = series(jump, time + back.time + late, self.tau_a) if steady else jump
            before = after * exp(-(time + late) / self.tau_a)
            found = Interval(self.reset(before if steady else 0, after), time, self.delay(before), after, before)
        return found

    def energy(self, interval: Interval) -> Value:
        """v_dd times the biases and the input over the interval, the pulse, and the comparator's load, J."""
        steep = firing.steepness(self.slope(interval.before), self.kappa)
        tau_a = choose((self.tau / self.tau_a - 1) ** 2 < 1e-8, self.tau * (1 + 1e-4), self.tau_a)
        short, end = self.v_end - interval.back.end, self.v_end - self.v_threshold
        lead = tail_charge(
            lambda ahead: shortfall(interval.crossing - ahead, short, interval.after / self.g, self.tau, tau_a)[0] - end,
            interval.crossing,
            self.kappa,
        )
        pair = lead + firing.late_charge(interval.late, steep) + interval.back.charge
        held = self.i_input + self.i_leak + self.i_decay + self.i_out + self.i_bias
        return self.v_dd * (held * interval.time + self.i_spike * interval.back.time + self.i_bias * pair)

    @property
    def static_power(self) -> Value:
        """Of a neuron at rest without input, W: the tails of the three transconductors, and the comparator."""
        tails = self.i_leak + self.i_decay + self.i_out
        return self.v_dd * tails + firing.static_power(self.v_dd, self.i_bias, self.v_threshold, self.kappa)
