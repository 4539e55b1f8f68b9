"""Neurons written once: what is derived from their equations, against independent computations."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import sympy

from costmodel.graphs.equations.adjoint import SURROGATES, adjoint_arithmetic
from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.discretise import arithmetic, linear, propagator, step, substeps
from costmodel.graphs.equations.neuron import NEURONS, I, Neuron, Param, State, dt
from costmodel.graphs.neurons import all_neurons, neuron
from costmodel.graphs.nodes import NODES, node_type
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.settings.units import registry
from tests.dimensions import NONE, WrongDimensionError, dimension, of_unit

SHIPPED = all_neurons()
CONTRACT = ["if", "lif", "cubalif", "alif", "resonate-and-fire", "qif", "izhikevich", "hodgkin-huxley", "sigma-delta", "li", "ttfs"]
LINEAR = [name for name, n in SHIPPED.items() if n.dynamics and linear(n) is not None]
VALUES = {"tau": 0.01, "tau_syn": 0.004, "tau_mem": 0.009, "tau_a": 0.1, "b": -30.0, "omega": 200.0}


def symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)


def values(n: type[Neuron]) -> dict[str, float]:
    return {name: VALUES.get(name, 1.0 if p.default is None else p.default) for name, p in n.params.items()}


def test_every_neuron_of_the_contract_is_one_file():
    assert set(CONTRACT) <= set(SHIPPED)
    assert len({n.__module__ for n in SHIPPED.values()}) == len(SHIPPED)


@pytest.mark.parametrize("name", LINEAR)
def test_the_propagator_is_the_matrix_exponential(name):
    n = SHIPPED[name]
    known = {symbol(k): v for k, v in values(n).items()} | {dt: 1e-3}
    system = linear(n)
    assert system is not None
    a, b, c = (np.array(m.subs(known), dtype=float) for m in system)
    size = len(a)
    augmented = np.zeros((size + 2, size + 2))
    augmented[:size, :size], augmented[:size, size], augmented[:size, size + 1] = a, b.ravel(), c.ravel()
    expected = scipy.linalg.expm(augmented * 1e-3)
    p, q, o = (np.real(np.array(m.subs(known).evalf(), dtype=complex)) for m in propagator(n))
    assert np.allclose(p, expected[:size, :size])
    assert np.allclose(q.ravel(), expected[:size, size])
    assert np.allclose(o.ravel(), expected[:size, size + 1])


@pytest.mark.parametrize("name", ["izhikevich", "qif", "hodgkin-huxley"])
def test_the_integrator_follows_the_ode(name):
    """Many small steps of the derived update against scipy's solver, below threshold."""
    n = SHIPPED[name]
    names = list(n.states)
    known = {symbol(k): v for k, v in values(n).items()}
    drive = {"izhikevich": 2.0, "qif": 0.05, "hodgkin-huxley": 0.02}[name]
    states = [symbol(s) for s in names if symbol(s) in n.dynamics]
    slope = sympy.lambdify(states, [n.dynamics[s].subs({**known, I: drive}) for s in states])
    start = [float(sympy.sympify(n.states[str(s)].initial).subs(known)) for s in states]
    expected = scipy.integrate.solve_ivp(lambda _, x: slope(*x), (0, 4e-3), start, rtol=1e-9, atol=1e-12).y[:, -1]
    update = step(n)
    flow = sympy.lambdify(states, [update.flow[s].subs({**known, I: drive, dt: 1e-6}) for s in states])
    x = start
    for _ in range(4000):
        x = flow(*x)
    assert np.allclose(x, expected, rtol=1e-2, atol=1e-6)


@pytest.mark.parametrize("name", [n for n, found in SHIPPED.items() if found.dynamics])
def test_equations_of_neurons_have_consistent_dimensions(name):
    """Each dx/dt has the unit of x per second, for some unit of the input (NIR's I and IF take A/s)."""
    n = SHIPPED[name]
    # Hodgkin and Huxley's rate constants are numbers in mV and ms, as in the paper: only dv/dt has units.
    slopes = {s: slope for s, slope in n.dynamics.items() if name != "hodgkin-huxley" or str(s) == "v"}
    known = {k: p.unit for k, p in n.params.items()} | {k: s.unit for k, s in n.states.items()}
    for state, slope in slopes.items():
        wanted = of_unit(known[str(state)]) / of_unit("s")
        for unit in ("A", "V", "V/s", "1", "A/m**2", "A/s"):
            try:
                if dimension(slope, known | {"I": unit}) == wanted:
                    break
            except WrongDimensionError:
                continue
        else:
            pytest.fail(f"no unit of I makes d{state}/dt of {name} consistent")


def test_counting_arithmetic():
    x, y, k = (symbol(n) for n in "xyk")
    assert count([k * x + y], {x, y}) == Arithmetic(add=1, multiply=1)
    assert count([(k + 1) * x], {x}) == Arithmetic(multiply=1), "constants are computed beforehand"
    assert count([x / y], {x, y}) == Arithmetic(divide=1)
    assert count([x**4], {x}) == Arithmetic(multiply=2)
    assert count([sympy.exp(x) + sympy.exp(x) * y], {x, y}) == Arithmetic(add=1, multiply=1, exponential=1), "shared parts once"
    assert count([sympy.Ge(x - k, 0)], {x}) == Arithmetic(compare=1)
    assert count([sympy.Max(x, y)], {x, y}) == Arithmetic(compare=1)


def test_operations_per_step_by_hand():
    """v ← P v + Q I, v ≥ θ, v ← v − θ or v: 2 multiplications, 2 additions, a comparison and a select."""
    lif = neuron("lif")
    rest = frozenset({"v_leak"})
    assert arithmetic(lif, "subtract", rest) == Arithmetic(add=2, multiply=2, compare=2)
    assert arithmetic(lif, "value", rest) == Arithmetic(add=1, multiply=2, compare=2)
    assert arithmetic(lif, "subtract", frozenset()) == Arithmetic(add=3, multiply=2, compare=2)
    assert arithmetic(neuron("li"), None, rest) == Arithmetic(add=1, multiply=2)
    assert arithmetic(neuron("sigma-delta")).multiply == 0


def test_a_hodgkin_huxley_step_costs_its_exponentials():
    """Six rate functions with one exponential each and three exponential-Euler gates, and v's own: ten a substep."""
    hh = SHIPPED["hodgkin-huxley"]
    assert arithmetic(hh).exponential == 10
    assert substeps(hh, 1e-3) == 20
    assert arithmetic(hh, repeats=20).exponential == 200
    assert arithmetic(neuron("izhikevich")).exponential == 0


def test_adjoint_costs_more_where_there_is_more_to_differentiate():
    lif, hh, li = (neuron(n) for n in ("lif", "hodgkin-huxley", "li"))
    rest = frozenset({"v_leak"})
    backward = adjoint_arithmetic(lif, "fast-sigmoid", "subtract", rest, 1)
    assert backward.divide == 1
    assert adjoint_arithmetic(lif, "multi-gaussian", "subtract", rest, 1).exponential == 2
    assert adjoint_arithmetic(li, "fast-sigmoid", None, rest, 1).total() == 3, "λ ← P λ + error, and Q λ"
    assert adjoint_arithmetic(hh, "fast-sigmoid", None, frozenset(), 1).multiply > 10 * backward.multiply


@pytest.mark.parametrize("name", SURROGATES)
def test_surrogates_peak_at_the_threshold(name):
    g = sympy.Symbol("g", real=True)
    f = sympy.lambdify(g, SURROGATES[name].subs(dict.fromkeys(SURROGATES[name].free_symbols - {g}, 1.0)))
    assert f(0.0) == max(f(x) for x in np.linspace(-2, 2, 41))


def test_a_neuron_that_nobody_shipped_enters_with_one_class():
    """Defined here, it is a node type with its parameters and units, and its work is derived."""
    from tests.networks import linear as fully_connected
    from tests.networks import network

    class Leaky2(Neuron):
        """Leaky integrate-and-fire with a quadratic adaptation."""

        type = "test-neuron"
        v, w = State("V"), State("V")
        tau, tau_w, v_threshold = Param("s", low=0), Param("s", low=0), Param("V", 1.0)
        dynamics = {v: (I - v - w) / tau, w: (v - w) / tau_w}
        spike = v - v_threshold
        reset = {"value": {v: 0, w: w + 1}}

    try:
        net = network([4], fully_connected(3), {"type": "test-neuron", "tau": "5 ms", "tau_w": "50 ms"}, fully_connected(2))
        node = net.nodes["n1"]
        assert isinstance(node, Population)
        assert node.parameters() == {"tau": 0.005, "tau_w": 0.05, "v_threshold": 1.0}
        counts = arithmetic(Leaky2)
        assert counts.multiply == 6, "a full 2 × 2 propagator and its input"
        from costmodel.estimates.estimating import estimate

        assert estimate(net, "cpu-desktop").feasible
    finally:
        NEURONS.pop("test-neuron")
        NODES.pop("test-neuron", None)
    assert node_type("test-neuron") is None


def test_units_parse():
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.settings.units import parse, pretty

    assert parse("3.5 ns", "s") == pytest.approx(3.5e-9)
    assert parse("10kΩ", "ohm") == 10_000
    assert parse("10 kohm", "ohm") == 10_000
    assert parse("0.02 / ms", "1/s") == pytest.approx(20)
    assert parse(0.2, "V") == 0.2
    for wrong in ("", "ten", "3 kg", True, None, [1], "nan", math.inf):
        with pytest.raises(InputError):
            parse(wrong, "s")
    assert pretty(3.5e-9, "s") == "3.5 ns"
    assert pretty(999.9e-6, "s") == "1 ms"
    assert pretty(0.0, "s") == "0 s"
    assert registry().Quantity(1, "USD").dimensionality != NONE
