"""Chunks computed by the workers of a Dask cluster; what a lost worker had is computed again by another."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from costmodel.graphs.errors import InputError
from costmodel.sweeping.job import Job
from costmodel.sweeping.space import Chunk

Result = TypeVar("Result")

PATIENCE = 60.0
"""Seconds to wait for a cluster without workers."""


def _sendable(function: Callable[[Job, Chunk], Any], job: Job, chunk: Chunk) -> Any:
    """The result with pieces of memory joined, as they do not travel."""
    found = function(job, chunk)
    return [b"".join(found)] if isinstance(found, list) else found


class Cluster:
    """A Dask cluster that is there already; used as a context.

    Args:
        address: of its scheduler, as in ``tcp://127.0.0.1:8786``.

    Raises:
        InputError: nobody answers there, or no worker is there.
    """

    def __init__(self, address: str) -> None:
        from distributed import Client

        self.address = address
        try:
            self.client = Client(address, timeout=10)
        except (OSError, ValueError) as error:
            mend = "start one with 'dask scheduler', and workers with 'dask worker ADDRESS'"
            raise InputError(f"no scheduler answers at '{address}' ({error})", mend=mend, where="--scheduler") from None
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.client.close()
            raise self._deserted() from None

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def compute(
        self, function: Callable[[Job, Chunk], Result], job: Job, chunks: Iterable[Chunk]
    ) -> Iterator[tuple[Chunk, Result]]:
        """Applies a function to chunks and gives the results in order, each once; two a worker are under way.

        Raises:
            InputError: all workers are gone.
        """
        waiting: deque[tuple[Chunk, Any]] = deque()
        for chunk in chunks:
            waiting.append((chunk, self.client.submit(_sendable, function, job, chunk, pure=False, retries=3)))
            if len(waiting) > 2 * max(len(self._workers()), 1):
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def _next(self, waiting: deque[tuple[Chunk, Any]]) -> tuple[Chunk, Any]:
        from distributed import KilledWorker

        chunk, future = waiting.popleft()
        while True:
            try:
                return chunk, future.result(timeout=PATIENCE)
            except TimeoutError:
                if not self._workers():
                    raise self._deserted() from None
            except KilledWorker:
                mend = "give the workers more memory; the rows so far are kept, the same command goes on from there"
                raise InputError("several workers died of the same rows", mend=mend, where="--scheduler") from None

    def _workers(self) -> Any:
        return self.client.scheduler_info(n_workers=-1)["workers"]

    def _deserted(self) -> InputError:
        mend = f"start one with 'dask worker {self.address}'; a table goes on from the rows that it has"
        return InputError(f"no worker is at '{self.address}'", mend=mend, where="--scheduler")
