"""Device equations: their dimensions, their numbers against their symbols, and the sources of their constants."""

import numpy as np
import pytest
import sympy

from costmodel.devices.constant import KINDS
from costmodel.devices.evaluation.symbolic import (
    scalar,
    symbol,
    symbolic_device,
    symbolic_facts,
    symbolic_operator,
    symbolic_run,
    work,
)
from costmodel.devices.part import part, parts
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.equations.algebra import naming
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.operators import KINDS as OPERATORS
from tests.dimensions import NONE, WrongDimensionError, dimension, of_unit
from tests.networks import LIF, linear, network

EVERY_PART = parts()
CONTRACT_PARTS = [
    "cpu-desktop", "cpu-raspberry-pi-4", "h100", "a100", "rtx-4090", "jetson-orin-nano", "tpu-v5e", "ice40-up5k", "ice40-hx8k",
    "ecp5-25f", "ecp5-85f", "artix7-100t", "fpaa-350nm", "memfpaa-hfox", "memfpaa-taox", "asic-28nm", "odin", "loihi", "loihi2",
    "truenorth", "spinnaker", "spinnaker2", "brainscales2",
]  # fmt: skip

RUN = symbolic_run(["a", "b", "in"], np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([False, False, True]))


def units(on) -> dict[str, str]:
    """Units of every symbol that an equation of the part may hold."""
    known = {name: param.unit for name, param in on.device.params.items()}
    for kind in OPERATORS.values():
        known |= dict.fromkeys([*kind.fields(), *(n for n in dir(kind) if isinstance(getattr(kind, n, None), property))], "1")
    known |= {"dt": "s", "T": "1", "batch": "1", "depth": "1", "neurons": "1", "period": "s", "energy": "J"}
    known |= {str(s): "s" for s in RUN.time.ravel()} | {str(s): "J" for s in RUN.energy.ravel()}
    return known | dict.fromkeys(symbolic_facts().__dataclass_fields__, "1")


@pytest.mark.parametrize("name", EVERY_PART)
def test_no_parameter_has_the_name_of_a_size(name):
    """Or an explanation would put one number in for two things."""
    sizes = {size for kind in OPERATORS.values() for size in (*kind.fields(), *work(kind.kind))}
    assert not set(part(name).constants) & (sizes | set(symbolic_facts().__dataclass_fields__))


def test_every_part_of_the_contract_is_there():
    assert set(CONTRACT_PARTS) <= set(EVERY_PART)


@pytest.mark.parametrize("name", EVERY_PART)
@pytest.mark.parametrize("kind", OPERATORS)
def test_operator_equations_are_times_and_energies(name, kind):
    on = part(name)
    with naming() as names:
        cost = symbolic_device(on).cost(symbolic_operator(kind))
    known = units(on)
    for part_, expression in names.items():
        known[part_] = dimension(sympy.sympify(expression), known) or NONE
    assert dimension(sympy.sympify(cost.time), known) in (None, of_unit("s"))
    assert dimension(sympy.sympify(cost.energy), known) in (None, of_unit("J"))
    for spent, bound in cost.bounds.items():
        assert dimension(sympy.sympify(bound), known) in (None, of_unit("s")), spent


@pytest.mark.parametrize("name", EVERY_PART)
def test_composed_figures_have_their_dimensions(name):
    on = part(name)
    device, known = symbolic_device(on), units(on)
    for figure, unit in ((device.latency, "s"), (device.period, "s"), (device.static_energy, "J"), (device.dynamic_energy, "J")):
        assert dimension(sympy.sympify(scalar(figure(RUN))), known) == of_unit(unit), figure
    area = device.area(symbolic_facts())
    assert area is None or dimension(sympy.sympify(scalar(area)), known) == of_unit("m**2")
    money = device.cost_of_sample(symbol("period"), symbol("energy"))
    assert money is None or dimension(money, known) == of_unit("USD")


def test_the_dimension_check_would_notice():
    a, b = symbol("a"), symbol("b")
    with pytest.raises(WrongDimensionError):
        dimension(a + b, {"a": "s", "b": "J"})
    with pytest.raises(WrongDimensionError):
        dimension(sympy.exp(a), {"a": "s"})
    assert dimension(a / b, {"a": "J", "b": "s"}) == of_unit("W")
    assert dimension(sympy.sqrt(a * a) / a, {"a": "s"}) == NONE


@pytest.mark.parametrize("name", EVERY_PART)
def test_symbols_and_numbers_agree(name):
    """The expression of a whole network, its symbols replaced by the part's values, is the number that was estimated."""
    net = network([20], linear(30, bias=False), {**LIF, "rate": 0.2}, linear(4), LIF, timesteps=5, input={"rate": 0.3}, bits=2)
    estimator = Estimator(Workload(net), part(name))
    numbers = estimator.figures()
    names = [n for n, value in estimator.part.values.items() if value is not None and n not in ("weight_bits", "state_bits")]
    with naming() as parts_:
        expressions = estimator.figures({n: symbol(n) for n in names})
    values = {symbol(n): estimator.part.values[n] for n in names}
    for part_, expression in parts_.items():
        values[symbol(part_)] = float(sympy.sympify(expression).xreplace(values))
    known = {f: getattr(numbers, f) for f in ("latency", "period", "static", "dynamic", "price")}
    assert {f for f in known if getattr(expressions, f) is None} == {f for f, number in known.items() if number is None}
    there = {figure: float(np.ravel(number)[0]) for figure, number in known.items() if number is not None}
    found = {figure: float(sympy.sympify(scalar(getattr(expressions, figure))).xreplace(values)) for figure in there}
    assert found == pytest.approx(there, rel=1e-9)


@pytest.mark.parametrize("name", EVERY_PART)
def test_every_constant_has_unit_interval_kind_and_source(name):
    on = part(name)
    assert on.supports_source.strip()
    for parameter, constant in on.constants.items():
        assert constant.kind in KINDS
        if constant.value is None:
            assert constant.source, parameter
            assert constant.note, parameter
            continue
        assert len(constant.source) > 10, parameter
        assert constant.low is not None
        assert constant.high is not None
        assert constant.low <= constant.value <= constant.high
        if constant.kind == "assumed" and not on.device.params[parameter].whole:
            assert constant.low < constant.high or "choice" in constant.source, parameter


def test_a_part_that_lacks_a_value_is_refused_by_its_name(tmp_path):
    from costmodel.devices.part import PARTS

    lines = (PARTS / "loihi.toml").read_text().splitlines()
    start = lines.index("[t_synop]")
    end = next(i for i in range(start + 1, len(lines)) if lines[i].startswith("["))
    path = tmp_path / "mine.toml"
    path.write_text("\n".join(lines[:start] + lines[end:]))
    with pytest.raises(InputError, match=r"mine.toml: the parameter 't_synop' is missing"):
        part(str(path))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('value = "3 kg"', "'kg'"),
        ("value = -3e-9", "negative"),
        ('value = "3 ns"\nrange = ["4 ns", "5 ns"]', "outside its range"),
        ('value = "3 ns"\nrnage = ["4 ns", "5 ns"]', "did you mean 'range'?"),
    ],
)
def test_a_part_with_a_wrong_value_is_refused(tmp_path, line, told):
    from costmodel.devices.part import PARTS

    lines = (PARTS / "loihi.toml").read_text().splitlines()
    start = lines.index("[t_synop]")
    end = next(i for i in range(start + 1, len(lines)) if lines[i].startswith("["))
    entry = ["[t_synop]", line, 'kind = "published"', 'source = "a test"']
    path = tmp_path / "mine.toml"
    path.write_text("\n".join([*lines[:start], *entry, *lines[end:]]))
    with pytest.raises(InputError, match=told):
        part(str(path))


def test_a_constant_without_a_source_is_refused(tmp_path):
    from costmodel.devices.part import PARTS

    text = (PARTS / "loihi.toml").read_text()
    head, _, tail = text.partition("[t_synop]")
    entry, bracket, rest = tail.partition("\n[")
    kept = "\n".join(line for line in entry.splitlines() if not line.startswith("source"))
    path = tmp_path / "mine.toml"
    path.write_text(head + "[t_synop]" + kept + bracket + rest)
    with pytest.raises(InputError, match="has no source"):
        part(str(path))


def test_a_part_takes_from_its_base_what_it_does_not_say(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "loihi"\ntitle = "mine"\n\n[t_tick]\nvalue = "2 ms"\nkind = "fitted"\nsource = "a fit"\n')
    mine, base = part(str(path)), part("loihi")
    assert mine.title == "mine"
    changed = {name for name in mine.constants if mine.constants[name] != base.constants[name]}
    assert changed == {"t_tick", "k_time", "k_energy"}, "how far the base's equations were off tells nothing of another device"
    assert mine.constants["t_tick"].kind == "fitted"
    other = tmp_path / "other.toml"
    other.write_text('base = "loihy"\n')
    with pytest.raises(InputError, match=r"no part 'loihy' to be the base.*loihi"):
        part(str(other))


@pytest.mark.parametrize(
    ("device", "targets", "cores"),
    [("loihi", 4, 8 * (1 - (7 / 8) ** 4)), ("loihi", 100, 8), ("truenorth", 4, 1), ("truenorth", 300, 2)],
)
def test_a_spike_goes_to_the_cores_that_hold_its_targets(device, targets, cores):
    """8192 neurons lie on 8 cores of Loihi, where 4 targets drawn at random are on 8 (1 − (7/8)⁴) of them, and on 32 of
    TrueNorth, whose one axon feeds all 256 neurons of its core."""
    layer = {"id": "fc", "type": "sparse", "features": 8192, "connections": 8192 * targets}
    made = network([8192], layer, {**LIF, "id": "out"})
    estimator = Estimator(Workload(made, bits=1, rates={"in": 0.5, "out": 0.0}), part(device))
    free = dict.fromkeys(("e_synop", "e_update", "e_spike", "e_hop", "e_event"), 0.0)
    dynamic = estimator.figures({**free, "e_receive": 1.0}).dynamic
    assert float(np.ravel(dynamic)[0]) == pytest.approx(4096 * cores, rel=0.02)
