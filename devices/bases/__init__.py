"""What families of device classes have in common: how operators compose, rooflines, cores in lockstep."""
