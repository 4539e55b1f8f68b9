"""What an energy counts: standing powers within a boundary."""

import numpy as np
import pytest

from costmodel.devices.boundary import BOUNDARIES, POWERS
from costmodel.devices.part import from_text, part, parts
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.loading import load

BASE = 'base = "loihi"\ntitle = "mine"\n'
BOARD = '\n[p_board]\nvalue = "2 W"\nrange = ["1 W", "3 W"]\nkind = "assumed"\nsource = "a guess"\n'
HOST = BOARD.replace("p_board", "p_host").replace("2 W", "30 W").replace("3 W", "40 W")


def static(on) -> float:
    return float(np.ravel(Estimator(Workload(load("mnist-784-128-10")), on).figures().static)[0])


@pytest.mark.parametrize("name", parts())
def test_every_part_has_a_power_within_its_own_boundary_and_none_outside(name):
    on = part(name)
    inside = BOUNDARIES[: BOUNDARIES.index(on.boundary) + 1]
    assert any(on.values[power] is not None for power in POWERS)
    assert all(on.values[power] is None for power, each in POWERS.items() if each not in inside)


def test_a_wider_boundary_adds_what_it_counts():
    on = from_text(BASE + BOARD + HOST, "mine")
    period = static(on) / float(on.values["p_chip"] or 0)
    chip, board, system = (static(on.within(each)) for each in BOUNDARIES)
    assert on.boundary == "chip"
    assert board - chip == pytest.approx(2 * period)
    assert system - board == pytest.approx(30 * period)
    assert static(on.within("system").within("chip")) == chip
    assert static(on.within("system").override({"chips": 4})) == pytest.approx(4 * system), "each a chip's share"


def test_what_is_measured_on_a_board_alone_begins_there():
    on = part("a100")
    assert on.boundary == "board"
    with pytest.raises(InputError, match=r"p_chip.*--boundary board"):
        on.within("chip")


def test_a_figure_that_is_missing_is_named_and_can_be_given():
    with pytest.raises(InputError, match=r"has no p_board.*--set loihi.p_board"):
        part("loihi").within("board")
    given = part("loihi").within("board", {"p_board": 1.5})
    assert given.values["p_board"] == 1.5
    with pytest.raises(InputError, match="has no p_host"):
        part("loihi").within("system", {"p_board": 1.5})


def test_a_power_outside_of_the_boundary_is_not_silently_ignored():
    on = from_text(BASE + BOARD, "mine")
    with pytest.raises(InputError, match=r"outside of the boundary 'chip'.*--boundary board"):
        on.override({"p_board": 1.0})
    assert on.within("board").override({"p_board": 1.0}).values["p_board"] == 1.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('boundary = "rack"\n', "no boundary 'rack'.*board, chip, system"),
        ('boundary = "board"\n', "has no p_board"),
        ('\n[p_chip]\nvalue = "none"\nkind = "assumed"\nsource = "x"\nnote = "not known"\n', "no standing power is given"),
    ],
)
def test_faults_of_a_part_file(text, says):
    with pytest.raises(InputError, match=says):
        from_text(BASE + text, "mine")
