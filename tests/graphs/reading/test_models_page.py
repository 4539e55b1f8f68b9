"""The code of docs/models.md runs as it stands there; that of frameworks in the overlay in tests/frameworks."""

import pytest

from tests.graphs.reading.models_page import blocks, ran

HERE = ("snnTorch", "Sinabs", "Plain torch, and neurons of your own", "Arrays: SONATA, PyNN, Brian2")
OVERLAY = {"SpikingJelly", "Norse", "Rockpool"}


@pytest.mark.parametrize("heading", HERE)
def test_a_page_of_code(heading):
    printed = ran(heading)
    assert all(name in printed for name in ("loihi", "h100", "cpu-desktop"))


def test_every_page_is_run_somewhere():
    assert set(blocks()) == {*HERE, *OVERLAY}
