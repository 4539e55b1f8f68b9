"""One command's worth: a network trained, tested, kept and shown."""
