"""The wheel in an environment of its own: one package, whatever files a user has of the names of its parts."""

import json
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from costmodel.graphs.installing import DISTRIBUTION, install

TOP = Path(__file__).parent.parent
PARTS = ("graphs", "devices", "rtl", "validation")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, TOP]
    subprocess.run(command, check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; what it depends on is borrowed from ours, but not the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    found = folder / "bin" / "python"
    site = Path(subprocess.run([found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                               check=True, capture_output=True, text=True).stdout.strip())  # fmt: skip
    command = [sys.executable, "-m", "pip", "--python", found, "install", "--quiet", "--no-deps", wheel]
    subprocess.run(command, check=True)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


@pytest.fixture
def beside(tmp_path) -> Path:
    """A folder with a user's own files and folders of the names of our parts; importing one is an error."""
    for name in PARTS[:2]:
        (tmp_path / f"{name}.py").write_text("raise ImportError('this is the users own')\n")
    for name in PARTS[2:]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('this is the users own')\n")
    return tmp_path


def test_a_wheel_holds_one_package_and_all_its_data(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {"costmodel", f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"}
    kept = subprocess.run(
        ["git", "ls-files", "-z", "costmodel", *PARTS], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout
    wanted = {name for name in kept.split("\0") if name and not (TOP / name).is_symlink()}
    assert {f"costmodel/{name}" if name.partition("/")[0] in PARTS else name for name in wanted} <= set(names)


@pytest.mark.parametrize("way", ["module", "script"])
def test_commands_run_beside_files_of_the_names_of_our_parts(python, beside, way):
    program = [python, "-m", "costmodel"] if way == "module" else [python.with_name("costmodel")]

    def costmodel(*words: str) -> str:
        done = subprocess.run([*program, *words], cwd=beside, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    estimates = json.loads(costmodel("estimate", "digits", "--json"))["estimates"]
    assert len(estimates) == len(list((TOP / "devices" / "parts").glob("*.toml")))
    if way == "script":
        costmodel("explain", "digits", "-d", "loihi")
        costmodel("solve", "digits", "-d", "memfpaa-hfox", "--for", "t_event", "--until", "latency < loihi.latency")
        costmodel("report", "digits", "-d", "loihi", "--out", "report.html")
        assert json.loads(costmodel("run", "digits", "--epochs", "0", "--out", "kept", "--json"))["accuracy"] > 0.9
        built = json.loads(costmodel("rtl", "digits", "--part", "ecp5-25f", "--out", "hw", "--verify", "2", "--json"))
        assert built["verify"]["mismatches"] == 0
        assert json.loads(costmodel("spice", "crossbar", "-d", "memfpaa-hfox", "--json"))["rows"]


def test_the_distribution_has_the_name_that_messages_tell_to_install():
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    assert project["name"] == DISTRIBUTION
    assert install("torch", "fpga") == f'pip install "{DISTRIBUTION}[torch,fpga]"'
    for page in (TOP / "README.md", *(TOP / "docs").glob("*.md")):
        told = page.read_text(encoding="utf-8")
        assert "pip install costmodel" not in told
        assert told.count("costmodel[") == told.count(f"{DISTRIBUTION}[")
