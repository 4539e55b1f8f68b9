"""From a network to operators and their work: lowering, activity, counts."""
