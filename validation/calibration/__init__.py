"""Parts made by measuring a machine: `costmodel calibrate`."""
