"""Neurons with adaptation and with a refractory capacitor: closed forms against SPICE, Newton's rounds, algebra, refusals."""

import dataclasses
import math

import numpy as np
import pytest
import sympy

from costmodel.devices import spice
from costmodel.devices.circuits.adaptive_lif import AdaptiveLIF
from costmodel.devices.circuits.adaptive_lif_equations import ROUNDS, Cell, crossing, shortfall
from costmodel.devices.circuits.circuit import AnalogCircuit
from costmodel.devices.circuits.draws import draws
from costmodel.devices.circuits.firing import reset
from costmodel.devices.circuits.pair import lead_charge, tail_charge
from costmodel.devices.circuits.refractory import Refractory, charge_drawn
from costmodel.devices.circuits.sums import geometric_sum, harmonic_sum
from costmodel.graphs.equations.algebra import naming
from costmodel.graphs.errors import InputError

CIRCUITS: list[type[AnalogCircuit]] = [AdaptiveLIF, Refractory]
COUNT, SEED = 10, 2024

TIGHT = {"time_to_threshold": 0.02, "energy_per_spike": 0.05, "rate": 0.02}
"""Quantities that hold a tighter bound, in every draw, than 10 %."""


def simulate(circuits: list[AnalogCircuit]) -> list[dict[str, float]]:
    outcomes = spice.run_many([circuit.job() for circuit in circuits], workers=2)
    failed = [outcome for outcome in outcomes if isinstance(outcome, spice.Failure)]
    assert not failed, failed
    return [c.simulated(w) for c, w in zip(circuits, outcomes, strict=True) if isinstance(w, spice.Waves)]


@pytest.mark.parametrize("kind", CIRCUITS, ids=lambda kind: kind.name)
def test_closed_forms_are_what_spice_shows(kind):
    circuits = draws(kind, COUNT, SEED)
    shown = simulate(list(circuits))
    assert set(circuits[0].predicted()) == set(shown[0]) == set(kind.units)
    for quantity in kind.units:
        errors = np.array([abs(c.predicted()[quantity] / s[quantity] - 1) for c, s in zip(circuits, shown, strict=True)])
        assert np.median(errors) <= 0.02, (quantity, errors)
        assert errors.max() <= TIGHT.get(quantity, 0.1), (quantity, errors, circuits[int(errors.argmax())])


@pytest.mark.parametrize("steady", [False, True])
def test_newtons_rounds_find_the_crossing(steady):
    """Over shapes of both kinds, convex and concave: fast and slow adaptation, weak and strong, inputs near the threshold."""
    random = np.random.default_rng(1)
    count = 20_000
    short = np.full(count, 1.0)
    over = np.exp(random.uniform(np.log(0.02), np.log(0.9), count))
    jump = np.exp(random.uniform(np.log(0.001), np.log(3.0), count))
    tau_a = np.exp(random.uniform(np.log(0.01), np.log(100.0), count))
    tau_a[:2] = 1.0, 1.0 + 1e-9
    dead = 0.05
    time = crossing(short, over, jump, 1.0, tau_a, dead, steady)
    more = crossing(short, over, jump, 1.0, tau_a, dead, steady, rounds=ROUNDS + 6)
    assert np.abs(time / more - 1).max() < 1e-6
    after = jump / (1 - np.exp(-(more + dead) / tau_a)) if steady else jump
    left = shortfall(more[2:], short[2:], after[2:] if steady else jump[2:], 1.0, tau_a[2:])[0]
    assert left == pytest.approx(over[2:], rel=1e-6)


def test_adaptation_that_is_none_leaves_the_interval():
    bare = dataclasses.replace(AdaptiveLIF().cell, i_spike=1e-30)
    first, steady = bare.interval(steady=False), bare.interval(steady=True)
    start = first.back.end
    alone = bare.tau * math.log((bare.v_end - start) / (bare.v_end - bare.v_threshold))
    assert float(first.crossing) == pytest.approx(alone, rel=1e-9)
    assert float(steady.time) == pytest.approx(float(first.time), rel=1e-9)


def test_adaptation_lengthens_intervals():
    known = AdaptiveLIF().predicted()
    assert known["time_to_threshold"] < known["first_interval"] < known["steady_interval"]
    stronger = dataclasses.replace(AdaptiveLIF(), i_out=6e-9).predicted()
    assert stronger["steady_interval"] > known["steady_interval"]
    periods = [AdaptiveLIF(i_input=current).predicted()["steady_interval"] for current in (1.8e-9, 2e-9, 2.2e-9)]
    assert periods[0] > periods[1] > periods[2]


def test_the_steady_current_is_that_of_all_spikes_before():
    """Δ / (1 − e^(−T/τ_a)) is the sum of their remains."""
    cell = AdaptiveLIF().cell
    steady = cell.interval(steady=True)
    remains = sum(float(cell.jump(steady.back.time)) * math.exp(-k * float(steady.time / cell.tau_a)) for k in range(200))
    assert float(steady.after) == pytest.approx(remains, rel=1e-3)
    decay = math.exp(-float((steady.time - steady.back.time) / cell.tau_a))
    assert float(steady.before) == pytest.approx(float(steady.after) * decay)


def test_arrays_give_what_numbers_do():
    neuron = AdaptiveLIF()
    values = {field.name: getattr(neuron, field.name) for field in dataclasses.fields(neuron)}
    many = Cell(**{name: np.array([value, value * 1.001]) for name, value in values.items()})
    steady = many.interval(steady=True)
    assert steady.time[0] == pytest.approx(neuron.predicted()["steady_interval"], rel=1e-12)
    assert many.energy(steady)[0] == pytest.approx(neuron.predicted()["energy_per_spike"], rel=1e-12)


def value(expression: sympy.Expr, known: dict[str, float]) -> float:
    return float(expression.subs({sympy.Symbol(name, positive=True): number for name, number in known.items()}))


def test_crossing_in_symbols():
    """Each round has a name of its own: a formula of six rounds within each other would not end."""
    values = {"short": 1.2, "over": 0.4, "jump": 0.3, "tau": 1.0, "tau_a": 2.0, "dead": 0.1}
    symbols = {name: sympy.Symbol(name, positive=True) for name in values}
    same = crossing(*values.values(), steady=True)
    with naming() as rounds:
        last = crossing(**symbols, steady=True)
    known = dict(values)
    for name, expression in rounds.items():
        assert {str(symbol) for symbol in expression.free_symbols} <= set(known)
        known[name] = value(expression, known)
    assert value(last, known) == pytest.approx(float(same), rel=1e-9)


def test_the_pairs_charges_are_their_integrals():
    y, kappa, over, tau = np.linspace(0, 0.8, 400_001), 0.7, 0.03, 1e-3
    scale = kappa / (2 * 0.02585)
    exact = np.trapezoid((1 - np.tanh(scale * y)) * tau / (over + y), y)
    assert float(lead_charge(lambda distance: (over + distance) / tau, 0.8, kappa)) == pytest.approx(exact, rel=2e-3)
    span = tau * math.log((over + 0.8) / over)
    assert float(tail_charge(lambda ahead: over * (np.exp(ahead / tau) - 1), span, kappa)) == pytest.approx(exact, rel=2e-3)


def test_the_comparator_lets_go_where_its_equation_says():
    peak, low, rest, tau_r, kappa = 0.6, 0.05, 0.01, 1.0, 0.6
    for tau_c in (0.01, 0.3, 2.5):
        time, x = 0.0, 1e-9
        step = min(tau_c, 0.3) / 5_000
        scale = kappa / (2 * 0.02585)
        while x > 0:
            x += step / tau_c * (math.tanh(scale * (rest + (peak - rest) * math.exp(-time / tau_r) - low)) - x)
            time += step
        assert float(reset(peak, low, rest, tau_r, tau_c, kappa).time) == pytest.approx(time, rel=2e-3)


def test_sums_of_reads():
    assert float(geometric_sum(2.0, 0.3, 4)) == pytest.approx(2 * (1 + 0.3 + 0.09 + 0.027))
    for first, step, count in ((1e-3, 1.0, 1), (0.5, 2.0, 7), (1e4, 0.01, 60)):
        terms = sum(1 / (first + k * step) for k in range(count))
        assert float(harmonic_sum(first, step, count)) == pytest.approx(terms, rel=1e-5)


def test_strong_input_saturates_at_the_refractory_time():
    known = Refractory().predicted()
    strong = Refractory(i_input=9e-9).predicted()
    assert known["rate"] < strong["rate"] < 1 / strong["refractory_time"]
    assert Refractory(c_ref=2e-13).predicted()["refractory_time"] > known["refractory_time"]


def test_a_long_integration_empties_the_capacitor():
    assert float(charge_drawn(1e-13, 2.4, 1.0, 1e-9, 1.0, 0.0)) == pytest.approx(2.4e-13)
    assert float(charge_drawn(1e-13, 2.4, 1.0, 1e-9, 5e-5, 0.0)) == pytest.approx(1e-13 * (2.4 - 0.5))


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: AdaptiveLIF(v_threshold=0.9), ("v_threshold", "v_linear")),
        (lambda: AdaptiveLIF(i_input=0.3e-9), ("i_input", "v_threshold")),
        (lambda: AdaptiveLIF(v_dd=1.0, v_threshold=0.9, v_linear=5.0), ("v_threshold", "supply")),
        (lambda: AdaptiveLIF(v_low=0.2, v_threshold=0.3), ("v_low", "latch")),
        (lambda: AdaptiveLIF(r_reset=1e9), ("r_reset", "v_low")),
        (lambda: AdaptiveLIF(i_bias=1e-10), ("i_bias", "comparator")),
        (lambda: AdaptiveLIF(i_spike=1e-7, i_out=1e-9), ("i_spike", "straight")),
        (lambda: AdaptiveLIF(i_out=1e-7), ("i_out", "i_input")),
        (lambda: AdaptiveLIF(i_spike=1e-10), ("i_spike", "none")),
        (lambda: AdaptiveLIF(c_adapt=1e-11, i_spike=1e-7), ("c_adapt", "2")),
        (lambda: AdaptiveLIF(c_adapt=2e-13, i_spike=5e-9), ("c_adapt", "0.25")),
        (lambda: Refractory(v_threshold=0.9), ("v_threshold", "straight")),
        (lambda: Refractory(i_input=0.3e-9), ("i_input", "v_threshold")),
        (lambda: Refractory(v_low=0.2, v_threshold=0.3), ("v_low", "latch")),
        (lambda: Refractory(r_reset=1e9), ("r_reset", "v_low")),
        (lambda: Refractory(i_bias=1e-10), ("i_bias", "comparator")),
        (lambda: Refractory(v_ref=2.0), ("v_ref", "supply")),
        (lambda: Refractory(r_charge=1e8), ("r_charge", "c_ref")),
        (lambda: Refractory(i_ref=1e-11), ("i_ref", "opens")),
    ],
)
def test_what_cannot_be_is_refused_by_name(make, names):
    with pytest.raises(InputError) as refusal:
        make()
    assert all(name in str(refusal.value) for name in names), refusal.value
    assert "\n" not in str(refusal.value)
