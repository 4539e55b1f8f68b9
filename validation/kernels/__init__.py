"""How compiled code is made and run: expressions as source, and a batch over threads."""
