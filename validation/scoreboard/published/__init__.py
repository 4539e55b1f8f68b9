"""Published measurements of chips and computers: what was run, on which part, what calibrates, what is scored."""
