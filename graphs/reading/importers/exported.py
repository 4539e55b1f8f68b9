"""Programs that ``torch.export`` saved (``.pt2``): torch functions without their modules."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.dialects import PLAIN, Dialect
from costmodel.graphs.reading.importers.nir import Arrays
from costmodel.graphs.reading.importers.torch_module import from_torch, need

if TYPE_CHECKING:
    from costmodel.graphs.reading.tracing.traced import Traced

SUFFIXES = (".pt2",)


def read(path: Path, sample: Any = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """Refuses, as with any file of pickles. `saved` reads it, once somebody says that it may.

    Raises:
        InputError: always.
    """
    del sample, by
    raise _untrusted(str(path))


def saved(path: Path, sample: Any = None, *, trust: bool = False, measure: bool = False) -> "Traced":
    """The network of a program that ``torch.export.save`` wrote; it is named after the file.

    Args:
        path: the ``.pt2`` file.
        sample: as in `from_torch`; None: the inputs that it was exported with, where the file holds them.
        trust: whether it may be read. What such a file holds besides the program, its inputs above all, are pickles that torch
            2.13 loads with ``weights_only=False`` (torch._export.serde.serialize), which runs code of the file's writer.
        measure: as in `from_torch`.

    Raises:
        InputError: no such file, no exported program, nobody trusts it, no sample, or something that `from_torch` refuses.
    """
    path, torch = Path(path), need("torch")
    where = str(path)
    if not path.is_file():
        raise InputError("there is no such file", mend="give the path of what torch.export.save wrote", where=where)
    if not zipfile.is_zipfile(path):
        raise InputError("it is no exported program", mend="write it with torch.export.save", where=where)
    if not trust:
        raise _untrusted(where)
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:  # noqa: BLE001 (torch asserts, and raises what its reader happens to meet)
        what = f"torch cannot read it ({type(error).__name__})"
        raise InputError(what, mend="write it again with torch.export.save", where=where) from None
    if sample is None:
        if program.example_inputs is None or program.example_inputs[1]:
            raise InputError("it holds no inputs to run it on", mend="give --sample or --shape", where=where)
        sample = tuple(program.example_inputs[0])
    try:
        return from_torch(_of_functions(module, torch), sample, path.stem, measure=measure)
    except InputError as error:
        raise error.at(where) from None


def _of_functions(module: Any, torch: Any) -> Any:
    """The module with torch's functions in the places of the operators behind them, which take the same arguments in order."""
    places = (torch, torch.nn.functional, torch.Tensor)
    for node in list(module.graph.nodes):
        if node.op == "call_module" and "guards" in str(node.target):
            module.graph.erase_node(node)
        if node.op != "call_function" or not isinstance(node.target, torch._ops.OpOverload):
            continue
        name = node.target.overloadpacket.__name__
        if name in ("batch_norm", "layer_norm"):  # theirs end in a switch of cuDNN's
            node.args = node.args[: 8 if name == "batch_norm" else 5]
        if name == "batch_norm":
            x, weight, bias, mean, variance, *rest = node.args
            node.args = (x, mean, variance, weight, bias, *rest)
        prefer = places[1:] if name in ("batch_norm", "layer_norm") else places
        found = next((getattr(place, name) for place in prefer if hasattr(place, name)), None)
        node.target = found or node.target
    module.recompile()
    return module


def _untrusted(where: str) -> InputError:
    what = "an exported program holds pickles, which run their writer's code as they are read"
    return InputError(what, mend="give --trust if you know who wrote it", where=where)
