"""The Python interface: the names users type, and what they give."""

import numpy as np
import pandas as pd
import pytest

import costmodel as cm


@pytest.fixture(scope="module")
def network():
    return cm.load("mnist-784-128-10")


def test_every_public_name_is_there_every_time(network):
    for _ in range(2):
        for name in cm.__all__:
            assert callable(getattr(cm, name)), name
        assert cm.estimate(network, "loihi").feasible
        assert callable(cm.report)
    with pytest.raises(AttributeError, match="no attribute 'estimat'"):
        _ = cm.estimat


def test_estimates_are_those_of_the_command(network):
    by_name, by_part = cm.estimate(network, "loihi"), cm.estimate(network, cm.part("loihi"))
    assert by_name == by_part
    changed = cm.estimate(network, "loihi", values={"t_host": 0.0})
    assert changed.latency.value < by_name.latency.value


def test_compare_is_a_data_frame_with_a_row_per_part(network):
    table = cm.compare(network)
    assert isinstance(table, pd.DataFrame)
    assert list(table.index) == cm.parts()
    assert table.loc["loihi", "latency_s"] == cm.estimate(network, "loihi").latency.value
    assert table.loc["brainscales2", "why_not"].startswith("neuron circuits: needs")
    assert np.isnan(table.loc["brainscales2", "latency_s"])
    fits = table[table.feasible]
    assert (fits.latency_low <= fits.latency_s).all()
    assert fits.sort_values("energy_j").index[0].startswith("memfpaa")


def test_its_html_has_units_and_survives_pandas(network):
    table = cm.compare(network, ["loihi", "h100", "odin"])
    html = table[table.family == "gpu"]._repr_html_()
    assert " ms" in html
    assert "h100" in html
    assert "loihi" not in html
    assert "NaN" not in table._repr_html_()


def test_whatif_and_explain(network):
    explanation = cm.explain(network, "loihi")
    assert explanation.value == cm.estimate(network, "loihi").latency.value
    assert "t_host" in explanation.constants
    workload = cm.Workload(network)
    found = cm.whatif(workload, workload, cm.part("loihi"), cm.part("loihi").override({"t_host": 0.0}), words=("t_host = 0",))
    assert "faster than before" in found.sentences()[0]


def test_measured_activity_changes_the_counts(network):
    quiet = cm.summarise(network, cm.Activity(network, elements={"lif1": np.zeros(128)}))
    assert quiet.work.acs == 0
    with pytest.raises(cm.InputError, match="shape"):
        cm.Activity(network, elements={"lif1": np.zeros(127)})


def test_lowering_is_a_networkx_graph(network):
    graph = cm.lower(network)
    assert list(graph) == ["input", "fc1", "lif1", "fc2", "lif2", "output.answer"]
    assert graph.nodes["fc1"]["task"].sizes["connections"] == 784 * 128
    assert list(graph.successors("fc1")) == ["lif1"]


def test_the_shipped_network_gives_its_measured_accuracy_back(network):
    """Provenance beside the network: data, versions, accuracy, rates."""
    import json

    from costmodel.graphs.reading.loading import EXAMPLES

    provenance = json.loads((EXAMPLES / "mnist-784-128-10.provenance.json").read_text())
    assert provenance["accuracy"] >= 0.93
    assert network.arrays["fc1"]["weight"].shape == (128, 784)
    for node in ("input", "lif1", "lif2"):
        assert network.nodes[node].rate.kind == "measured"
