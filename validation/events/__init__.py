"""Networks in spike times, without time steps: exact first spikes, and event-driven simulation with its adjoint."""
