"""The code of a population: a torch module over all time steps, its step printed from the neuron's own equations."""

import inspect

import sympy

from costmodel.validation.kernels.printing import ScalarPrinter
from costmodel.validation.neurons.lines import step_lines
from costmodel.validation.neurons.recipe import Recipe


class TorchPrinter(ScalarPrinter):
    """Prints torch operations on tensors, in the order in which the compiled kernels take them."""

    functions = {"exp": "torch.exp", "log": "torch.log", "sqrt": "torch.sqrt", "abs": "torch.abs"}  # noqa: RUF012

    def literal(self, value: float) -> str:
        """The number itself; torch takes it in the precision of what it stands beside."""
        return repr(float(value))

    def choice(self, condition: str, yes: str, no: str) -> str:
        """One of two values, for each element."""
        return f"torch.where({condition}, {yes}, {no})"

    def both(self, one: str, other: str) -> str:
        """Two conditions, for each element."""
        return f"({one}) & ({other})"

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> str:
        """A power whose exponent is no whole number."""
        return f"torch.pow({self._print(base)}, {self._print(exponent)})"


def constants(recipe: Recipe) -> tuple[str, ...]:
    """Names of the constants that the step needs, in the order of their rows."""
    lines = step_lines(recipe, TorchPrinter())
    return lines.constants[: lines.known]


def neuron_class(recipe: Recipe, name: str) -> str:
    """The source of a class for the populations of a recipe."""
    lines = step_lines(recipe, TorchPrinter())
    states = [f"x_{state}" for state in lines.states]
    known = lines.constants[: lines.known]
    about = inspect.getdoc(recipe.neuron) or recipe.neuron.type
    text = [f"class {name}(Population):"]
    text += ['    r"""' + about.replace('"""', "'''").replace("\n", "\n    ") + "\n"]
    text += [f"    Reset: {recipe.reset or next(iter(recipe.neuron.reset))}.", '    """', ""]
    text += [f"    substeps = {recipe.repeats}", "", "    def step(self, I, states):"]
    text += ['        """What is sent in a step, and the states after it."""']
    text += [f"        {_tuple(states)} = states"] if states else []
    text += [f"        {_tuple(known)} = self.constants.unbind()"] if known else []
    text += [f"        {line}" for line in lines.flow]
    text += [f"        sent = {lines.sent}"]
    text += [f"        {line}" for line in lines.after]
    text += [f"        return sent, ({_tuple(states)})"]
    return "\n".join(line.rstrip() for line in "\n".join(text).split("\n"))


def _tuple(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) + ("," if len(names) == 1 else "")


POPULATION = '''class Population(nn.Module):
    """Neurons over all time steps of a batch; a subclass has the step.

    constants: (constants, neurons), or (constants, 1) where all neurons share them.
    start: (states,), the state before the first step.
    """

    def __init__(self, constants, start):
        super().__init__()
        self.register_buffer("constants", constants)
        self.register_buffer("start", start)

    def forward(self, inputs, states=None):
        """What is sent, of the shape of ``inputs`` (T, batch, *shape), and the states after the last step."""
        flat = inputs.flatten(2) if inputs.ndim > 2 else inputs.unsqueeze(2)
        if states is None:
            states = tuple(torch.zeros_like(flat[0]) + value for value in self.start)
        sent = []
        for current in flat:
            fired = None
            for _ in range(self.substeps):
                one, states = self.step(current, states)
                fired = one if fired is None else torch.where(fired != 0, fired, one)
            sent.append(fired)
        return torch.stack(sent).reshape(inputs.shape), states'''
