"""Torch modules read: what connects their layers in a run, and the neurons of each library as nodes."""
