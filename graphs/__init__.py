"""What is computed: the network file, neurons as equations, lowering to operators, and their work."""
