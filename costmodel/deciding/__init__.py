"""Decisions: what-ifs, solving, crossovers, sensitivities, odds."""
