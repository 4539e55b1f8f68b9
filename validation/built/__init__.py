"""A network as hardware: built, checked sample by sample, reported."""
