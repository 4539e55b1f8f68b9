"""The scripts that trained the networks shipped with the examples."""
