"""Any network in torch: its parts, its steps, what it answers."""
