"""How a program that trains sets up its process."""

import ctypes
import sys

import torch

from costmodel.graphs.errors import InputError

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""glibc's numbers for ``mallopt``."""

KEPT = 2**31 - 1
"""Blocks up to this size, bytes, come from memory that was freed before."""


def start_torch(device: str = "cpu", threads: int | None = None, where: str = "--on") -> None:
    """Checks the device, sets the number of threads, takes denormal numbers as 0, and keeps freed memory.

    For programs, not for a library that others import.

    Args:
        device: "cpu" or "cuda", with a number behind it where there are several.
        threads: None leaves them to torch.
        where: the device was asked for.

    Raises:
        InputError: there is no such device, or fewer than one thread.
    """
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        what = f"torch cannot run on '{device}' ({str(error).splitlines()[0]})"
        raise InputError(what, mend="use cpu, or install torch for your accelerator", where=where) from None
    if threads is not None:
        if threads < 1:
            raise InputError(f"{threads} threads will not do", mend="give 1 or more", where="--threads")
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # an optimiser whose gradients vanish takes ten times as long with numbers below 1e-38
    keep_freed_memory()


def keep_freed_memory() -> None:
    """Lets the process keep large blocks that it frees, instead of giving them back and having them zeroed page by page.

    Every batch needs the same blocks again; convolutional networks run up to a third faster so (docs/performance.md). Only glibc
    can be told; elsewhere nothing changes.
    """
    if sys.platform != "linux":
        return
    allocator = getattr(ctypes.CDLL(None), "mallopt", None)
    if allocator is not None:
        allocator(M_MMAP_THRESHOLD, KEPT)
        allocator(M_TRIM_THRESHOLD, KEPT)
