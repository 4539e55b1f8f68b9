"""The hardware blocks of a network, one a file: streams in, streams out."""
