"""Importers, one file each: the suffixes of what another library writes, and how it becomes a network document."""
