"""What goes wrong in a run: told in one line that can be acted on, and nothing lost."""

import resource
import subprocess
import sys
import textwrap

import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.benchmarks import load_benchmark
from costmodel.validation.learning.teaching import learner
from costmodel.validation.learning.training import Progress, Trainer
from costmodel.validation.records.folder import RunFolder
from costmodel.validation.runs.run import run
from tests.command import costmodel
from tests.networks import LIF, chain, linear


def digits(hidden=16, **training) -> Network:
    lif = {**LIF, "r": 10.0}
    document = chain([64], linear(hidden), lif, linear(10), lif, timesteps=4, benchmark="digits")
    document["nodes"][0]["encoder"] = "direct"
    document["training"] = {"epochs": 3, "batch": 512, **training}
    return Network.from_document(document)


@pytest.mark.parametrize("node", ["n0", "n2"])
def test_a_loss_that_is_no_number_is_told_with_the_epoch_and_the_layer(tmp_path, node):
    """A weight becomes NaN after the second epoch: the third stops at it, and the second stays to go on from."""
    trainer = Trainer(learner(digits(), "bptt", 0), load_benchmark("digits"))
    folder = RunFolder(tmp_path)

    def spoil(metrics: dict) -> None:
        if metrics["epoch"] == 2:
            trainer.learner.model.parts[node].weight.data[0, 0] = torch.nan

    with pytest.raises(InputError, match=rf"epoch 3: the loss is no longer a number, since '{node}' has weights that are not"):
        trainer.run(folder, Progress(epoch=spoil))
    kept = folder.load()
    assert kept is not None
    assert len(kept["epochs"]) == 2
    again = Trainer(learner(digits(), "bptt", 1), load_benchmark("digits"))
    again.go_on(kept)
    again.run()
    assert len(again.epochs_done) == 3
    assert all(p.isfinite().all() for p in again.learner.parameters())


def test_steps_too_large_are_told_before_they_are_kept(tmp_path):
    """Learning at 1e37 overflows single precision in a readout that adds up what it gets."""
    document = chain([64], linear(10), {"type": "li", "tau": "10 ms", "r": 10.0}, timesteps=4, benchmark="digits", readout="last")
    document["nodes"][0]["encoder"] = "direct"
    document["training"] = {"epochs": 3, "batch": 512, "learning_rate": 1e37}
    with pytest.raises(InputError, match=r"epoch \d: the loss is no longer a number, since 'n\d'.*lower the learning rate"):
        run(Network.from_document(document), out=tmp_path)
    kept = RunFolder(tmp_path).load()
    assert kept is None or all(p.isfinite().all() for p in kept["model"].values())


TIGHT = """
    import resource, sys
    import torch
    from costmodel.graphs.network import Network
    from tests.networks import LIF, chain, linear
    from costmodel.validation.runs.run import run
    torch.set_num_threads(1)
    document = chain([64], linear(2048), LIF, linear(10), LIF, timesteps=100, benchmark="digits")
    document["nodes"][0]["encoder"] = "direct"
    document["training"] = {"epochs": 1}
    def net(**changes):
        return Network.from_document({**document, **changes})
    run(net(timesteps=1))
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 2**30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    run(net(training={"epochs": 1, "batch": int(sys.argv[1])}))
"""


def test_memory_that_does_not_suffice_is_told_with_a_batch_that_does():
    """With a gigabyte left, 1,024 samples of 100 steps of 2,048 neurons do not fit; the batch that is named runs to the end."""

    def under_limit(batch: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", textwrap.dedent(TIGHT), str(batch)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    told = under_limit(1024).stderr.splitlines()[-1]
    assert "a batch of 1024 needs more memory than there is; --batch " in told
    fitting = int(told.rpartition("--batch ")[2].split()[0])
    assert 16 <= fitting <= 512
    again = under_limit(fitting)
    assert again.returncode == 0, again.stderr
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY, "the limit was the other process's"


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([[64], linear(7), LIF], "the output has 7 elements, and there are 10 classes"),
        ([[8, 9], {"type": "flatten"}, linear(10), LIF], r"samples have shape \[8, 8\], and the input takes \[8, 9\]"),
    ],
)
def test_networks_that_do_not_fit_the_benchmark(nodes, told):
    document = chain(*nodes, benchmark="digits", timesteps=2)
    document["nodes"][0]["encoder"] = "direct"
    with pytest.raises(InputError, match=told):
        run(Network.from_document(document))


def test_nothing_to_train():
    fixed = chain([64], linear(10, trained=False), LIF, benchmark="digits", timesteps=2)
    with pytest.raises(InputError, match='nothing in the network is trained; let a node have "trained": true'):
        run(Network.from_document(fixed))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["neuron-izhikevich", "--rule", "eventprop", "--benchmark", "digits"], "rules that fit are bptt, e-prop, rtrl"),
        (["digits", "--rule", "spikprop"], "did you mean 'spikeprop'"),
        (["digits", "--benchmark", "mnits"], "did you mean 'mnist'"),
        (["digits", "--resume"], "give --out DIR"),
        (["digits", "--on", "abacus"], "torch cannot run on 'abacus'"),
        (["digits", "--threads", "0"], "0 threads will not do"),
        (["digits", "--epochs", "-1"], "epochs"),
        (["mnist-784-128-10"], "MNIST's digits are needed; fetch train-images"),
        (["neuron-lif"], "no benchmark is named; give --benchmark, one of"),
    ],
)
def test_words_of_the_command_line_at_fault(capsys, monkeypatch, tmp_path, words, told):
    monkeypatch.chdir(tmp_path)
    answer = costmodel(capsys, monkeypatch, "run", *words)
    assert answer.code == 2
    assert told in answer.err.replace("\n", " ")
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""
