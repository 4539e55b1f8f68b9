"""Networks whose errors do not travel back through time from neuron to neuron: three-factor rules.

A weight's gradient is Σ_t (error of its neuron at t) · (what its input did to that neuron's own states until t): the second factor
can be carried forward at each synapse as an eligibility trace. Here the same sum is found backward, by the adjoint of the
neuron's own dynamics; what a trace would hold never crosses from one spiking neuron to another.

What each weighted node passes on is computed twice: once with the weights to be learnt and spikes that carry no gradient, and once
the other way round, for errors on their way to the neurons before.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import torch

from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population
from costmodel.validation.neurons.fused import fresh, of_constants, spread
from costmodel.validation.neurons.kernel import Kernel, kernel
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.neurons.recipe import Recipe
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Sent, at_every_step, key, total
from costmodel.validation.runner.stepping import Stepper

Feedback = Literal["instantaneous", "as it is"]
"""How an error passes a spiking neuron on its way back: by what an input changes in the same step, or unchanged."""


class LocalModel(NetworkModel):
    """A network under a three-factor rule.

    Attributes:
        feedback: how errors pass spiking neurons.
    """

    feedback: Feedback = "instantaneous"

    def forward(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor, keep: Collection[str] | None = None) -> Sent:
        """As `NetworkModel.forward`, with the rule's gradients."""
        with torch.no_grad():
            known = super().forward(inputs)
        if not torch.is_grad_enabled():
            return known
        network = self.network
        stepper = Stepper(network, self.parts, [n for n in network.shapes if not isinstance(network.nodes[n], Input)])
        learning = {name: sent.detach() for name, sent in known.items() if self._ends(name)}
        passing = {name: known[name] for name in network.inputs}
        for name in self._between():
            learning[name] = at_every_step(self.parts[key(name)], total(learning[b] for b in network.graph.pred[name]))
        for name in stepper.order:
            part, before = self.parts[key(name)], list(network.graph.pred[name])
            if not isinstance(part, NeuronLayer):
                fixed = {parameter: value.detach() for parameter, value in part.state_dict(keep_vars=True).items()}
                received = total(passing[b] for b in before)
                passing[name] = torch.func.functional_call(part, fixed, (received,))
                continue
            own = total(_later(learning[b]) if stepper.waits(b, name) else learning[b] for b in before)
            other = [passing[b] for b in before if not stepper.waits(b, name)]
            passing[name] = self._neurons(part, own, total(other))
        return {name: passing[name] for name in network.shapes}

    def _ends(self, name: str) -> bool:
        return isinstance(self.network.nodes[name], Input | Population)

    def _between(self) -> list[str]:
        """Nodes between populations, in an order in which they can be run."""
        names = [name for name in self.network.shapes if not self._ends(name)]
        return Stepper(self.network, self.parts, names).order

    def _neurons(self, layer: NeuronLayer, own: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        flat, passing = own.flatten(2), other.flatten(2)
        run, constants = kernel(layer.recipe, flat.dtype, flat.device.type), layer.constants(flat)
        feedback = self.feedback if layer.neuron.spiking() else None
        out = _Local.apply(flat, passing, layer.initial_state(flat), constants, run, layer.recipe, layer.names, feedback)
        return out.reshape(own.shape)


def _later(sent: torch.Tensor) -> torch.Tensor:
    """What is sent, one step later."""
    return torch.cat([torch.zeros_like(sent[:1]), sent[:-1]])


class _Local(torch.autograd.Function):
    """inputs (T, B, N), twice, state, constants → what is sent; with different gradients for the two inputs."""

    @staticmethod
    def forward(
        ctx: Any,
        learning: torch.Tensor,
        passing: torch.Tensor,
        state: torch.Tensor,
        constants: torch.Tensor,
        run: Kernel,
        recipe: Recipe,
        names: tuple[str, ...],
        feedback: Feedback | None,
    ) -> torch.Tensor:
        steps, batch, neurons = learning.shape
        inputs, after = learning.contiguous(), state.clone(memory_format=torch.contiguous_format)
        out = fresh(inputs, recipe)
        kept = inputs.new_empty((state.shape[0], steps * recipe.repeats, batch, neurons))
        run.forward(inputs, after, spread(constants, inputs), out, kept)
        ctx.save_for_backward(inputs, constants, kept)
        ctx.run, ctx.recipe, ctx.names, ctx.feedback = run, recipe, names, feedback
        return out

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """To the weights through the neurons' own past; to what passes within the step, or unchanged, or (of neurons that do not
        spike, whose filter is part of the readout) through the past as well."""
        inputs, constants, kept = ctx.saved_tensors
        error = grads[0].contiguous()
        learning, of_names = _back(ctx, error, inputs, kept, constants)
        if ctx.feedback is None:
            passing = learning
        elif ctx.feedback == "as it is":
            passing = error
        else:  # every step as a sample of its own, of one step
            steps, batch, neurons = inputs.shape
            alone = kept.reshape(len(kept), steps, ctx.recipe.repeats, batch, neurons).transpose(1, 2).flatten(2, 3).contiguous()
            flat, _ = _back(ctx, error.reshape(1, -1, neurons), inputs.reshape(1, -1, neurons), alone, constants)
            passing = flat.reshape(inputs.shape)
        return learning, passing, None, of_names, None, None, None, None


def _back(
    ctx: Any, error: torch.Tensor, inputs: torch.Tensor, kept: torch.Tensor, constants: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The adjoint over the time steps of ``inputs``."""
    grad_inputs, grad_state = fresh(inputs, ctx.recipe), inputs.new_zeros((len(kept), *inputs.shape[1:]))
    grad_constants = inputs.new_zeros((inputs.shape[1], len(ctx.recipe.trained), inputs.shape[2]))
    ctx.run.backward(error, grad_state, kept, inputs, spread(constants, inputs), grad_inputs, grad_constants)
    return grad_inputs, of_constants(grad_constants, constants, ctx.recipe, ctx.names)
