"""What circuits of memristor cells have in common: which cells and voltages make sense, and which rows are driven."""

import numpy as np

from costmodel.graphs.errors import InputError


def check_cells(name: str, r_on: float, r_off: float, v_read: float, v_write: float) -> None:
    """r_on ≤ r_off, v_read < v_write; Ω and V.

    Raises:
        InputError: not so; ``name`` is what the circuit is called in it.
    """
    if r_on > r_off:
        what = f"r_on is {r_on:g} ohm, above r_off, {r_off:g} ohm"
        raise InputError(what, mend="a cell that is on conducts better: exchange them", where=name)
    if v_read >= v_write:
        what = f"v_read is {v_read:g} V, not below v_write, {v_write:g} V: reading would write"
        raise InputError(what, mend=f"give a v_read below {v_write:g} V", where=name)


def driven_rows(rows: int, share: float, seed: int) -> np.ndarray:
    """(rows,) which rows are driven: a share of them, at least one, chosen by the seed."""
    return np.random.default_rng([seed, 1]).permutation(rows) < max(1, round(share * rows))
