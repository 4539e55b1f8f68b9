"""What a run leaves: its folder, read back, tables and figures."""
