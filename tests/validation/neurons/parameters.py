"""Parameters with which neurons of every type spike now and then under the drives of their tests."""

DECAYS = {"alpha": 0.8, "beta": 0.9}
TAKEN = {"share": 0.1, "share_syn": 0.2, "share_mem": 0.1, "share_adapt": 0.01}
OWN: dict[str, dict[str, float]] = {
    "resonate-and-fire": {"b": -30.0},
    **dict.fromkeys(("leaky", "leaky-undelayed", "synaptic", "synaptic-raised", "synaptic-undelayed"), DECAYS),
    **dict.fromkeys(("lif-euler", "li-euler", "cubalif-euler", "cubali-euler", "cubaeif-euler", "cubalif-refractory"), TAKEN),
    "cubalif-decays": {"alpha": 0.9, "beta": 0.8},
    "lapicque": {"gain": 0.5, "left": 0.875},
    "alpha": {"alpha": 0.9, "beta": 0.6},
    "lif-bounded": {"left": 0.875},
    "cubaadex-euler": TAKEN | {"coupling": 0.5},
    "cubalif-ahp": {"alpha": 0.9, "beta": 0.8, "gamma": 0.7},
    "lsnn": TAKEN | {"beta": 0.2},
    **{key: {"tau": 4.0} for key in ("qif-euler", "eif-euler", "klif", "klif-whole")},
    "izhikevich-euler": {"tau": 4.0, "tau_w": 8.0, "a": 0.5, "b": 0.1},
}
"""What a type's parameters are, where they are not those of `VALUES`."""
