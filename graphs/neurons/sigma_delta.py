"""Sigma-delta neuron."""

from sympy import Abs, Max

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class SigmaDelta(Neuron):
    """Sums what arrives (sigma) and sends the change of its rectified sum when that reaches the threshold (delta).

    x ← x + I;  y = max(x, 0);  sent where |y − y_ref| ≥ v_threshold: the message y − y_ref;  y_ref ← y.
    (Yousefzadeh et al., "Asynchronous spiking neurons, the natural key to exploit temporal sparsity", JETCAS 2019;
    the sigma-delta neuron of Intel's Lava.)
    """

    type = "sigma-delta"
    x = State("V")
    y_ref = State("V")
    v_threshold = Param("V", 0.1, low=0, meaning="smallest change that is sent")
    update = {x: x + I}
    spike = Abs(Max(x, 0) - y_ref) - v_threshold
    reset = {"value": {y_ref: Max(x, 0)}}
    output = Max(x, 0) - y_ref
