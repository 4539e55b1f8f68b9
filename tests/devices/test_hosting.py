"""Host modes: how a chip is fed, each with constants of its own."""

import re

import pytest

from costmodel.devices.part import PARTS, from_text, part, parts
from costmodel.graphs.errors import InputError

HOSTED = [name for name in parts() if part(name).hosts]


def test_the_loihis_and_a_gpu_have_modes():
    assert {"loihi", "loihi2", "rtx-4090"} <= set(HOSTED)
    assert {"preloaded", "embedded", "streamed"} <= set(part("loihi").hosts) & set(part("loihi2").hosts)


@pytest.mark.parametrize("name", HOSTED)
def test_a_mode_replaces_its_own_constants_and_no_other(name):
    on = part(name)
    for mode, found in on.hosts.items():
        fed = on.hosted(mode)
        assert fed.host == mode
        assert found.meaning
        assert {key: fed.constants[key] for key in found.constants} == dict(found.constants)
        assert all(fed.constants[key] == on.constants[key] for key in on.constants if key not in found.constants)
        assert all(constant.source for constant in found.constants.values())
    assert on.hosted(on.host).constants == on.constants, "the default is what one has without asking"


def test_a_value_that_was_set_comes_after_the_mode():
    assert part("loihi").hosted("streamed").override({"t_host": 1e-6}).values["t_host"] == 1e-6


def test_a_mode_that_is_none():
    with pytest.raises(InputError, match=r"no host mode 'wireless'.*preloaded"):
        part("loihi").hosted("wireless")
    with pytest.raises(InputError, match="'h100' has no host modes"):
        part("h100").hosted("embedded")


def test_a_part_that_is_fitted_to_one_way_of_feeding_knows_no_other():
    text = 'base = "loihi"\ntitle = "mine"\n\n[t_host]\nvalue = "7 us"\nkind = "measured"\nsource = "here"\n'
    on = from_text(text, "mine")
    assert on.hosts == {}
    assert on.values["t_host"] == 7e-6
    assert on.constants["t_event"] == part("loihi").constants["t_event"], "what it does not say is the default mode's"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((r'default = "embedded"', 'default = "other"'), "default 'other' is none of its modes"),
        ((r"\[host.streamed.t_host\]", "[host.streamed.t_hoot]"), "unknown parameter 't_hoot'.*t_host"),
        ((r"\[host.streamed.p_serve\]", "[host.streamed.p_chip]"), "do not set the same parameters"),
        ((r'meaning = "a program on the host[^"]*"', "meaning = 3"), "has no meaning"),
        ((r"\Z", '\n[t_host]\nvalue = "1 us"\nkind = "measured"\nsource = "x"\n'), "given by its host modes too"),
    ],
)
def test_faults_of_a_host_table(change, says):
    text, count = re.subn(*change, (PARTS / "loihi.toml").read_text(encoding="utf-8"), count=1)
    assert count == 1
    with pytest.raises(InputError, match=says):
        from_text(text, "mine")
