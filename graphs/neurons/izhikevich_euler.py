"""A quadratic membrane with a recovery variable, in steps."""

from costmodel.graphs.equations.neuron import I, Neuron, Param, State


class IzhikevichEuler(Neuron):
    """A quadratic integrate-and-fire neuron with a recovery variable, from step to step. SpikingJelly: IzhikevichNode.

    v ← v + (I + a₀ (v − v_rest)(v − v_c) − w) / tau;  w ← w + (a (v − v_rest) − w) / tau_w with the new v;  spike where
    v ≥ v_threshold;  v ← v_reset, or v − v_threshold; w ← w + b.
    (Izhikevich, IEEE Trans. Neural Networks 14(6), 2003; the steps are those of SpikingJelly 2.0, IzhikevichNode.)
    """

    type = "izhikevich-euler"
    stand_in = "izhikevich"
    tau = Param("1", 2.0, low=0, meaning="membrane time constant, in steps")
    tau_w = Param("1", 2.0, low=0, meaning="time constant of the recovery, in steps")
    a_0 = Param("1/V", 1.0, meaning="curvature of the quadratic")
    a = Param("1", 1.0, meaning="sensitivity of the recovery to v")
    b = Param("V", 0.0, meaning="jump of the recovery at a spike")
    v_rest = Param("V", 0.0, meaning="resting potential")
    v_c = Param("V", 0.8, meaning="critical potential")
    v_threshold = Param("V", 1.0, meaning="potential at which the spike is cut")
    v_reset = Param("V", 0.0, meaning="potential after a spike, where it starts")
    w = State("V")
    v = State("V", v_reset)
    charged = v + (I + a_0 * (v - v_rest) * (v - v_c) - w) / tau
    update = {v: charged, w: w + (a * (charged - v_rest) - w) / tau_w}
    spike = v - v_threshold
    reset = {"value": {v: v_reset, w: w + b}, "subtract": {v: v - v_threshold, w: w + b}, "none": {}}
