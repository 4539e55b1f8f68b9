"""How a network learns: learners, losses, training, testing, and what stops it."""
