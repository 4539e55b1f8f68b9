"""Benchmarks, one file each, named after the benchmark ("yin-yang" in ``yin_yang.py``): a function ``load(seed, folder)``."""

import importlib
import pkgutil
from pathlib import Path

from costmodel.graphs.errors import InputError, nearest
from costmodel.validation.benchmarks.benchmark import Benchmark, Loader


def benchmark_names() -> list[str]:
    """Every shipped benchmark."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name.replace("_", "-") for name in found if hasattr(_module(name), "load"))


def load_benchmark(name: str, seed: int = 0, folder: Path | None = None) -> Benchmark:
    """A benchmark by its name.

    Args:
        name: as in `benchmark_names`.
        seed: of what is generated or drawn; not of an official split.
        folder: where the user keeps its files.

    Raises:
        InputError: there is no such benchmark, or its files are not there.
    """
    if name not in benchmark_names():
        raise InputError(f"there is no benchmark '{name}'", mend=nearest(name, benchmark_names()))
    loader: Loader = _module(name.replace("-", "_")).load
    return loader(seed, folder)


def _module(name: str):
    return importlib.import_module(f"{__name__}.{name}")
