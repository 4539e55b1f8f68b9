"""The catalogue's own parts against published measurements: what each source says of its run, and what a user would be told."""
