"""A program that ``torch.export`` wrote, as a module of torch's public functions, which the tracer knows.

An exported program calls operators of ATen, below the functions that a module calls. Most have a function of the same name and
order of arguments; those that have another order are turned here. (PyTorch, "torch.export IR specification".)
"""

import warnings
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch
from torch.nn import functional

from costmodel.graphs.errors import InputError


def batch_norm(x: Any, weight: Any, bias: Any, mean: Any, variance: Any, *rest: Any) -> Any:
    """ATen has weight and bias first, and says at the end which kernel to take."""
    return functional.batch_norm(x, mean, variance, weight, bias, *rest[:3])


def layer_norm(x: Any, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5, *_: Any) -> Any:
    """ATen says at the end which kernel to take."""
    return functional.layer_norm(x, shape, weight, bias, eps)


def max_pool(dimensions: int) -> Any:
    """ATen has no word for returned indices."""
    run = getattr(functional, f"max_pool{dimensions}d")

    def pool(x: Any, kernel: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil: bool = False) -> Any:
        return run(x, kernel, stride or None, padding, dilation, ceil)

    return pool


TURNED = {
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "dropout": lambda x, p, train: functional.dropout(x, p, train),
    "feature_dropout": lambda x, p, train: functional.dropout(x, p, train),
    "dropout_": lambda x, p, train: functional.dropout(x, p, train),
    **{f"max_pool{n}d": max_pool(n) for n in (1, 2, 3)},
}
"""Operator → a function that takes its arguments in its order."""


class Exported(torch.nn.Module):
    """An exported program, whose operators are run by torch's public functions.

    Args:
        program: as ``torch.export.load`` gives it.
        where: what errors call it.
    """

    def __init__(self, program: "torch.export.ExportedProgram", where: str) -> None:
        super().__init__()
        self.program, self.where = program, where
        self.parts = program.module(check_guards=False)

    def forward(self, *given: Any) -> Any:
        """As the program computes it."""
        return _Public(self.parts, self.where).run(*given)


class _Public(torch.fx.Interpreter):
    def __init__(self, module: torch.fx.GraphModule, where: str) -> None:
        super().__init__(module)
        self.where = where

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        """The public function of an operator.

        Raises:
            InputError: it has none.
        """
        if not isinstance(target, torch._ops.OpOverload):
            return super().call_function(target, args, kwargs)
        name = target._schema.name.removeprefix("aten::")
        run = TURNED.get(name) or getattr(functional, name, None) or getattr(torch, name, None) or getattr(torch.Tensor, name, None)
        if target.namespace != "aten" or run is None:
            raise InputError(f"its operator {target} has no function in torch", mend="take the module itself", where=self.where)
        return run(*args, **kwargs)


def exported(path: Path) -> Exported:
    """The module of a ``.pt2`` file, which may hold pickles: who calls this trusts who wrote it.

    Raises:
        InputError: it is no such file, or of another version of torch.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of torch, about itself
            return Exported(torch.export.load(path), str(path))
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, AssertionError, OSError, EOFError, BadZipFile) as error:
        what = f"torch.export cannot read it ({type(error).__name__}: {' '.join(str(error).split())[:120]})"
        raise InputError(what, mend="write it again with torch.export.save, by this torch", where=str(path)) from None
