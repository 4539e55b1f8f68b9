"""What is written once as equations: neurons, their update and adjoint, optimisers; and the algebra that they share."""
