"""A part's equations over a network: with numbers for costs, with symbols for explanations."""
