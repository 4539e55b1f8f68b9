"""Shipped examples as hardware, compiled: to the last bit and to the cycle, and nearly what the float model answers.

The digits are scikit-learn's, enlarged to the size of MNIST's, whose file is not at hand here: the networks take many
for others, but what hardware must do is the same. `python -m tests.hardware_mnist FILE` does it on MNIST, with accuracies.
"""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom
from sklearn.datasets import load_digits

from costmodel.rtl.planning import Options, plan
from tests.hardware import check_design, measured

TIMED = 10


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A file of digits."""
    small = load_digits()
    images = np.zeros((len(small.images), 28, 28))
    for image, one in zip(images, small.images, strict=True):
        image[4:24, 4:24] = gaussian_filter(zoom(one / 16, 2.5, order=1), 0.5)
    path = tmp_path_factory.mktemp("digits") / "digits.npz"
    whole = np.clip(np.round(255 * images * 1.2), 0, 255).astype(np.uint8)
    rounds = [np.roll(whole, shift, axis=(1, 2)) for shift in (0, 1, -1)]  # a fifth of the file is for testing
    np.savez(path, images=np.concatenate(rounds), labels=np.tile(small.target, 3))
    return path


def agreement(found, options, family="ecp5"):
    """Simulates all samples, and asks the exact time of a few; gives how many are answered as by the float model."""
    done = check_design(plan(found.network, family, options), found.inputs, backend="cxxrtl", timed=TIMED, all_send=False)
    layer = done.design.layers[done.design.output]
    answers = done.sent[done.design.output][..., layer.space.numbers()] * layer.datapath.scales.get("value", 1.0)
    read = [found.network.readout.scores(one.float(), found.network.dt).argmax(dim=1) for one in (answers, found.exact)]
    return float((read[0] == read[1]).double().mean())


def test_784_128_10(digits):
    assert agreement(measured("mnist-784-128-10", 200, digits), Options(lanes=32)) > 0.9


def test_784_128_10_under_spikes(digits):
    assert agreement(measured("mnist-784-128-10-spikes", 50, digits), Options(lanes=16, units=2), "ice40") > 0.9


def test_convolutions(digits):
    assert agreement(measured("mnist-conv-tudelft", 50, digits), Options(lanes=32, units=4), "xilinx") > 0.9


def test_recurrent():
    assert agreement(measured("yin-yang", 100), Options(lanes=30, units=2)) > 0.95
