"""``run --noise memfpaa:PROCESS``: what is left of a trained network's accuracy; words at fault."""

import json

import pytest

from costmodel.graphs.errors import InputError
from costmodel.graphs.noise.noise import NOISES, read_noise
from tests.command import costmodel


def accuracy(capsys, monkeypatch, name: str, *words: str) -> float:
    answer = costmodel(capsys, monkeypatch, "run", name, "--epochs", "0", "--json", *words)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)["accuracy"]


def test_what_is_left_of_trained_networks(capsys, monkeypatch):
    """Yin-Yang hangs on its weights more than digits do, whose cells cost 0.014 ± 0.006 of the samples over seeds; amplifiers that
    are calibrated help."""
    of = lambda name, *words: accuracy(capsys, monkeypatch, name, *words)  # noqa: E731
    ideal = of("digits", "--noise", "memfpaa:ideal")
    hfox = [of("digits", "--noise", "memfpaa:hfox", "--seed", str(seed)) for seed in range(4)]
    assert ideal == pytest.approx(of("digits"), abs=3e-3)
    assert 0.9 < sum(hfox) / 4 < ideal
    assert hfox[0] == of("digits", "--noise", "memfpaa:process=hfox"), "a run can be repeated on a machine"
    nominal, calibrated = (of("yin-yang", "--noise", f"memfpaa:hfox,gain={gain}") for gain in ("nominal", "calibrated"))
    assert 0.3 < nominal < calibrated < 0.95


def test_training_on_the_array_adapts_to_it(capsys, monkeypatch):
    """One epoch with long lines in the loop, from weights that were trained without."""
    noise = ("--noise", "memfpaa:hfox,r_wire=20")
    before = accuracy(capsys, monkeypatch, "digits", *noise)
    answer = costmodel(capsys, monkeypatch, "run", "digits", "--epochs", "1", "--json", *noise)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["accuracy"] > before + 0.2


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("memfpaa", "'process' is missing"),
        ("memfpaa:hfox,spread=-0.1", "spread"),
        ("memfpaa:hfox,spread=1.5", "spread"),
        ("memfpaa:hfox,read_noise=nan", "read_noise"),
        ("memfpaa:hfox,drift=-1", "drift"),
        ("memfpaa:hfox,r_wire=-1", "r_wire"),
        ("memfpaa:hfox,r_wire=1 V", "does not measure"),
        ("memfpaa:hfox,levels=1", "levels"),
        ("memfpaa:hfox,age=-1", "age"),
        ("memfpaa:hfox,gain=wrong", "gain"),
        ("memfpaa:hfox,pcm", "'pcm' says nothing; write TYPE:KEY=VALUE"),
        ("weight-quantisation:4", "'4' says nothing; write TYPE:KEY=VALUE"),
    ],
)
def test_words_of_the_command_line_at_fault(word, told):
    with pytest.raises(InputError, match=told):
        read_noise(word)


def test_words_of_the_command_line():
    wanted = NOISES.read({"type": "memfpaa", "process": "pcm", "age": 3600.0, "r_wire": 2000.0, "during": "test"})
    assert read_noise("memfpaa:pcm,age=1 h,r_wire=2 kΩ,during=test") == wanted
    assert read_noise("memfpaa:process=pcm").process == "pcm"


def test_a_process_that_there_is_not_is_refused_by_the_known_ones(capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "run", "digits", "--epochs", "0", "--noise", "memfpaa:hfoxide")
    assert answer.code != 0
    assert "there is no memristive process 'hfoxide'; known are hfox, ideal, pcm, taox" in " ".join(answer.err.split())
