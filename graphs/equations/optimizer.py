"""The optimiser: what a step does to each parameter, written as its equations."""

import sympy

w, g, m, u = sympy.symbols("w g m u", real=True)
eta, eps, beta_1, beta_2, mu = sympy.symbols("eta epsilon beta_1 beta_2 mu", positive=True)

OPTIMIZERS: dict[str, dict[sympy.Symbol, sympy.Expr]] = {
    "sgd": {w: w - eta * g},
    "momentum": {m: mu * m + g, w: w - eta * (mu * m + g)},
    "adam": {
        m: beta_1 * m + (1 - beta_1) * g,
        u: beta_2 * u + (1 - beta_2) * g**2,
        w: w - eta * (beta_1 * m + (1 - beta_1) * g) / (sympy.sqrt(beta_2 * u + (1 - beta_2) * g**2) + eps),
    },
}
"""State → next value; w is the parameter, g its gradient. Adam: Kingma & Ba 2015, the bias correction folded into η."""
