"""What a memristor crossbar's wires take of its currents, in closed form: IR drop.

Rows and columns are lines (`devices.circuits.lines`) that meet in every cell. Each form is exact for lines without
resistance between r_driver and r_sense, and where either the rows or the columns have none;
`devices.circuits.crossbar_fit` holds them against the exact solution, `validation.circuits.crossbars` against SPICE.
All take floats, arrays and sympy alike.

In what follows g is the mean conductance of a cell: cells that are on and off, mixed at random, act as their mean, and
what they deviate by enters only `devices.circuits.crossbar_settling`. Idle rows are held at 0 V by their drivers. By
superposition the attenuation of a random choice of driven rows is on average that of all of them.
"""

from costmodel.devices.circuits.lines import drop, mean_square, profile, share
from costmodel.graphs.equations.algebra import Value, maximum, named, sqrt


def loss(cells: Value, g_line: Value, r_wire: Value, r_end: Value, across: Value) -> Value:
    """Resistance of a line and its cells over that of the cells alone: 1 + n g r_end + (drop(n, g α) − 1) / α.

    Each cell is in series with a line of the other direction. This lets through α, its share of current, and a current
    that is held back there spreads the more evenly along here: the cells seem to be of conductance g α.

    Args:
        cells, g_line, r_wire, r_end: n, g, and the rest as `lines.share`.
        across: α, the `lines.share` of the crossing lines.
    """
    return named("loss", 1 + cells * g_line * r_end + (drop(cells, g_line * across, r_wire) - 1) / across)


def column_loss(
    rows: Value, columns: Value, g_cell: Value, g_column: Value, r_wire: Value, r_driver: Value, r_sense: Value
) -> Value:
    """`loss` of a column whose own cells have the mean conductance g_column, S; otherwise as `attenuation`."""
    return loss(rows, g_column, r_wire, r_sense, share(columns, g_cell, r_wire, r_driver))


def attenuation(rows: Value, columns: Value, g_cell: Value, r_wire: Value, r_driver: Value, r_sense: Value) -> Value:
    """Current of all columns over that without wires, drivers and sense resistors: 1 is no IR drop.

    The losses of rows and columns add as resistances in series do: 1/α = loss_row + loss_column − 1 (`loss`). Where the
    other lines have no resistance, loss_row = a coth a + N g r_driver, a = N √(r_wire g), for many cells.

    Args:
        rows, columns: M, N.
        g_cell: mean conductance of a cell, S.
        r_wire: of both lines from cell to cell, Ω.
        r_driver, r_sense: at the start of a row and the end of a column, Ω.
    """
    along_row = loss(columns, g_cell, r_wire, r_driver, share(rows, g_cell, r_wire, r_sense))
    return 1 / (along_row + column_loss(rows, columns, g_cell, g_cell, r_wire, r_driver, r_sense) - 1)


def off_ground(rows: Value, columns: Value, g_cell: Value, r_wire: Value, r_driver: Value, r_sense: Value) -> Value:
    """Mean voltage of the columns' cells over v_read when all rows are driven: 1 − α / α_row, by which the columns, being
    off ground, lower the rows' currents. For some rows driven, times their share. Arguments as `attenuation`."""
    whole = attenuation(rows, columns, g_cell, r_wire, r_driver, r_sense)
    return 1 - whole / share(columns, g_cell, r_wire, r_driver)


def loaded_profile(
    rows: Value, columns: Value, g_row: Value, position: Value, r_wire: Value, r_driver: Value, r_sense: Value
) -> Value:
    """`lines.profile` of a row when all rows are driven alike: cells in series with their columns, g / loss_column.

    Args:
        g_row: mean conductance of the row's own cells, S.
        position: of the column along the row, 1 (nearest to the driver) … N.
        rows, columns, r_wire, r_driver, r_sense: as `attenuation`.
    """
    seen = g_row / column_loss(rows, columns, g_row, g_row, r_wire, r_driver, r_sense)
    return profile(position, columns, seen, r_wire, r_driver)


def column_attenuation(
    rows: Value,
    columns: Value,
    g_cell: Value,
    position: Value,
    g_column: Value,
    r_wire: Value,
    r_driver: Value,
    r_sense: Value,
) -> Value:
    """Current of one column over that without IR drop: the rows' `loaded_profile` at it, over its own `column_loss`.

    Args:
        position: of the column along the rows, 1 (nearest to the drivers) … N.
        g_column: mean conductance of the column's own cells, S.
        rows, columns, g_cell, r_wire, r_driver, r_sense: as `attenuation`.
    """
    here = loaded_profile(rows, columns, g_cell, position, r_wire, r_driver, r_sense)
    return here / column_loss(rows, columns, g_cell, g_column, r_wire, r_driver, r_sense)


def weight_error(
    rows: Value,
    columns: Value,
    g_cell: Value,
    r_wire: Value,
    r_driver: Value,
    r_sense: Value,
) -> Value:
    """Error of the weights by IR drop: root mean square of G_eff − G over that of G.

    A cell acts as G_eff = G ρ γ, with the `lines.profile` ρ of its row and, for currents run backwards as voltages do
    (reciprocity), γ of its column: √(1 − 2 ⟨ρ⟩⟨γ⟩ + ⟨ρ²⟩⟨γ²⟩). What other paths add is much alike in neighbouring
    columns, so that a differential pair does not see it. Arguments as `attenuation`.
    """
    mean = share(columns, g_cell, r_wire, r_driver) * share(rows, g_cell, r_wire, r_sense)
    square = mean_square(columns, g_cell, r_wire, r_driver) * mean_square(rows, g_cell, r_wire, r_sense)
    return sqrt(maximum(1 - 2 * mean + square, 0))
