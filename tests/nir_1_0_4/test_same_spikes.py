"""Sinabs 3 beside the NIR that it pins: the tests of the main suite."""

from tests.graphs.reading.modules.test_same_spikes_sinabs import *  # noqa: F403
