"""What a read of a memristor crossbar takes from the row sources, in closed form; see `devices.circuits.crossbar_drop`."""

from costmodel.devices.circuits.crossbar_drop import off_ground
from costmodel.devices.circuits.crossbar_settling import modes
from costmodel.devices.circuits.lines import mean_square, share
from costmodel.graphs.equations.algebra import Value, exp


def lift(rows: Value, columns: Value, driven: Value, g_cell: Value, r_wire: Value, r_driver: Value, r_sense: Value) -> Value:
    """ū = (m / M) `off_ground`: mean voltage of the columns' cells over v_read, m rows driven. Arguments as `read_power`."""
    return driven / rows * off_ground(rows, columns, g_cell, r_wire, r_driver, r_sense)


def read_power(
    rows: Value,
    columns: Value,
    driven: Value,
    g_cell: Value,
    r_wire: Value,
    r_driver: Value,
    r_sense: Value,
    v_read: Value,
    g_row: Value = None,
    lifted: Value = None,
) -> Value:
    """Power that the row sources give once all has settled, W: m N g v_read² α_row (1 − ū).

    Args:
        driven: m, rows at v_read; the others idle at 0 V.
        v_read: V.
        g_row: mean conductance of the driven rows' own cells, S; None: g_cell.
        lifted: ū, mean voltage of the columns' cells over v_read; None: `lift`.
        rows, columns, g_cell, r_wire, r_driver, r_sense: as `attenuation`.
    """
    own = g_cell if g_row is None else g_row
    up = lift(rows, columns, driven, g_cell, r_wire, r_driver, r_sense) if lifted is None else lifted
    return driven * columns * own * v_read**2 * share(columns, own, r_wire, r_driver) * (1 - up)


def charging_energy(
    rows: Value,
    columns: Value,
    driven: Value,
    g_cell: Value,
    r_wire: Value,
    c_wire: Value,
    r_driver: Value,
    r_sense: Value,
    v_read: Value,
    g_row: Value = None,
    lifted: Value = None,
) -> Value:
    """What the sources give beyond power × time to charge the lines, J: Σ c v² over all nodes at rest, exactly (the first
    moment of the sources' current, by reciprocity); the lines hold half of it.

    With the rows' profile ρ: driven rows are at ρ + (1 − ρ) ū, idle ones at (1 − ρ) ū, columns at ū. Arguments as
    `read_energy`.
    """
    own = g_cell if g_row is None else g_row
    up = lift(rows, columns, driven, g_cell, r_wire, r_driver, r_sense) if lifted is None else lifted
    mean, square = share(columns, own, r_wire, r_driver), mean_square(columns, own, r_wire, r_driver)
    on_driven = square + 2 * (mean - square) * up + (1 - 2 * mean + square) * up**2
    on_idle = (1 - 2 * mean + square) * up**2
    return columns * c_wire * v_read**2 * (driven * on_driven + (rows - driven) * on_idle + rows * up**2)


def read_energy(
    rows: Value,
    columns: Value,
    driven: Value,
    g_cell: Value,
    r_wire: Value,
    c_wire: Value,
    r_driver: Value,
    r_sense: Value,
    v_read: Value,
    time: Value,
    g_row: Value = None,
    lifted: Value = None,
) -> Value:
    """Energy that the row sources give in a read, J: `read_power` × time, and of the `charging_energy` the share
    1 − exp(−λ₁ t) that has flowed.

    Args:
        driven: m, rows at v_read; the others idle at 0 V.
        v_read: V.
        time: for which the rows are driven, s.
        g_row: mean conductance of the driven rows' own cells, S; None: g_cell.
        lifted: ū, mean voltage of the columns' cells over v_read; None: `lift`.
        rows, columns, g_cell, r_wire, c_wire, r_driver, r_sense: as `settling_time`.
    """
    up = lift(rows, columns, driven, g_cell, r_wire, r_driver, r_sense) if lifted is None else lifted
    power = read_power(rows, columns, driven, g_cell, r_wire, r_driver, r_sense, v_read, g_row, up)
    charge = charging_energy(rows, columns, driven, g_cell, r_wire, c_wire, r_driver, r_sense, v_read, g_row, up)
    slow, _, _ = modes(rows, columns, g_cell, r_wire, r_driver, r_sense)
    return power * time + charge * (1 - exp(-time * slow / c_wire))
