"""Networks as files of other tools: NIR graphs, network files."""
