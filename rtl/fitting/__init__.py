"""Where the coefficients of `rtl.cost` come from: layers of many shapes, synthesised, and the equations fitted to what they
took.

``python -m costmodel.rtl.fitting measure`` synthesises what is not in `rtl/measured` yet, ``python -m costmodel.rtl.fitting fit``
writes the coefficients and docs/fpga-resources.md.
"""
