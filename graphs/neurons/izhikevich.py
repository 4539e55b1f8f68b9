"""Izhikevich's simple model."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class Izhikevich(Neuron):
    """Izhikevich's simple model of spiking neurons (IEEE Trans. Neural Networks 14(6), 2003, eqs. 1–3).

    dv/dt = 0.04 v² + 5 v + 140 − u + I
    du/dt = a (b v − u);  spike where v ≥ 30 mV;  v ← c, u ← u + d.

    The paper writes v in mV and t in ms; here every constant carries its unit, so the same numbers read
    ``"a": "0.02 / ms"``, ``"b": "0.2 / ms"``, ``"c": "-65 mV"``, ``"d": "8 mV / ms"``, and I is in V/s.
    """

    type = "izhikevich"
    v = State("V", initial=-0.065)
    u = State("V/s", initial=-13.0)
    a = Param("1/s", 20.0, low=0, meaning="rate of the recovery variable")
    b = Param("1/s", 200.0, meaning="sensitivity of the recovery to v")
    c = Param("V", -0.065, low=-0.2, high=0.1, meaning="potential after a spike")
    d = Param("V/s", 8.0, meaning="jump of the recovery at a spike")
    quadratic = Param("1/(V*s)", 4e4, low=0, meaning="0.04 /(mV ms): quadratic term")
    linear = Param("1/s", 5e3, meaning="5 /ms: linear term")
    constant = Param("V/s", 140.0, meaning="140 mV/ms: constant term")
    v_threshold = Param("V", 0.030, low=-0.1, high=0.2, meaning="potential at which the spike is cut")
    dynamics = {v: v * (quadratic * v + linear) + constant - u + I, u: a * (b * v - u)}
    integrator = "forward-euler"
    max_step = 0.5e-3
    spike = v - v_threshold
    reset = {"value": {v: c, u: u + d}}
