"""Hodgkin and Huxley's squid axon."""

from sympy import Heaviside, Rational, exp

from costmodel.graphs.equations.neuron import I, Neuron, Param, State

mV = ms = Rational(1, 1000)


class HodgkinHuxley(Neuron):
    """The squid axon (Hodgkin & Huxley, J. Physiol. 117, 1952), potentials on today's scale (rest at −65 mV), per unit area.

    C dv/dt = I − ḡ_Na m³ h (v − E_Na) − ḡ_K n⁴ (v − E_K) − g_L (v − E_L)
    dx/dt = α_x(v) (1 − x) − β_x(v) x,  x = m, h, n;  a spike is an upward crossing of v_threshold.
    """

    type = "hodgkin-huxley"
    v = State("V", initial=-0.065)
    m = State("1", initial=0.0529)
    h = State("1", initial=0.5961)
    n = State("1", initial=0.3177)
    above = State("1")
    c = Param("F/m**2", 0.01, low=0, meaning="membrane capacitance, 1 µF/cm²")
    g_na = Param("S/m**2", 1200.0, low=0, meaning="sodium conductance, 120 mS/cm²")
    g_k = Param("S/m**2", 360.0, low=0, meaning="potassium conductance, 36 mS/cm²")
    g_l = Param("S/m**2", 3.0, low=0, meaning="leak conductance, 0.3 mS/cm²")
    e_na = Param("V", 0.050, meaning="sodium reversal potential")
    e_k = Param("V", -0.077, meaning="potassium reversal potential")
    e_l = Param("V", -0.0544, meaning="leak reversal potential")
    v_threshold = Param("V", 0.0, meaning="crossed upwards, it counts as a spike")

    alpha_m = (v + 40 * mV) / (10 * mV) / (1 - exp(-(v + 40 * mV) / (10 * mV))) / ms
    beta_m = 4 * exp(-(v + 65 * mV) / (18 * mV)) / ms
    alpha_h = Rational(7, 100) * exp(-(v + 65 * mV) / (20 * mV)) / ms
    beta_h = 1 / (1 + exp(-(v + 35 * mV) / (10 * mV))) / ms
    alpha_n = Rational(1, 10) * (v + 55 * mV) / (10 * mV) / (1 - exp(-(v + 55 * mV) / (10 * mV))) / ms
    beta_n = Rational(1, 8) * exp(-(v + 65 * mV) / (80 * mV)) / ms

    dynamics = {
        v: (I - g_na * m**3 * h * (v - e_na) - g_k * n**4 * (v - e_k) - g_l * (v - e_l)) / c,
        m: alpha_m * (1 - m) - beta_m * m,
        h: alpha_h * (1 - h) - beta_h * h,
        n: alpha_n * (1 - n) - beta_n * n,
    }
    integrator = "exponential-euler"
    max_step = 0.05e-3
    spike = v - v_threshold
    gate = 1 - above
    every_step = {above: Heaviside(v - v_threshold, 1)}
