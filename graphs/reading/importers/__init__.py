"""Importers, one file each: what other libraries write, as network documents."""
