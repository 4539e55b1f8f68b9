"""The activity of a network on given inputs, element by element: what its costs are counted from."""

from pathlib import Path

import torch

from costmodel.graphs.elements import STEPS, Elements
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.measurement import Measurement, rates
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.validation.runner.inputs import read
from costmodel.validation.runner.model import NetworkModel, Sent
from costmodel.validation.runner.response import SteppedResponse


def elements(network: Network, sent: Sent, dt: float) -> Elements:
    """How often each element sent something, per step and sample, and what each step's mean was.

    Args:
        network: the network.
        sent: what every node sent, (T, batch, …).
        dt: length of a time step, s.
    """
    steps, batch = sent[network.inputs[0]].shape[:2]
    response = SteppedResponse(network, sent, dt)
    found = {name: each.numpy() / (steps * batch) for name, each in response.events().items()}
    return found | {STEPS + name: each.numpy() / batch for name, each in response.profile().items()}


def measured_on(network: Network, given: Path) -> tuple[Measurement, str | None]:
    """The activity of a network on inputs of a file, which other networks may take too; and what was made of them, in words.

    A network of one time step, as an artificial one, takes the mean over the steps of its inputs; inputs of one step are held for
    all steps of a network that has several.

    Args:
        network: the network.
        given: an .npz with an array (T, batch, *shape) called ``input``, or one for each input node.

    Raises:
        InputError: an input that is missing, damaged, or of the wrong shape or number of steps.
    """
    inputs, told = {}, None
    for name, array in read(network, given).items():
        inputs[name], told = _for_steps(array, network, f"{given}: '{name}'")
        node = network.nodes[name]
        if isinstance(node, Input) and node.spiking and told and bool((inputs[name] % 1 != 0).any()):
            what = f"'{name}' takes spikes, and what it would be given are values"
            raise InputError(what, mend='write "encoder": {"type": "direct"} into it', where=network.where)
    model = NetworkModel(network)
    if model.drawn:
        what = f"{network.name} has no weights of {', '.join(model.drawn)}, so that nothing can be measured"
        raise InputError(what, mend="give a network with its weights, or leave out --input", where=str(given))
    sent, _ = model.trace(inputs)
    found = elements(network, sent, model.dt)
    return Measurement(rates(found, f"measured on {given.name}"), found, given), told


def _for_steps(array: torch.Tensor, network: Network, where: str) -> tuple[torch.Tensor, str | None]:
    """Inputs of as many steps as the network has."""
    given, wanted = len(array), network.timesteps
    if given == wanted:
        return array, None
    if wanted == 1:
        return array.mean(dim=0, keepdim=True), f"it takes one step: the mean over the {given} steps of its inputs"
    if given == 1:
        return array.expand(wanted, *array.shape[1:]), f"inputs of one step are held for its {wanted} steps"
    raise InputError(f"it has {given} time steps, '{network.name}' {wanted}", mend="give as many, or one", where=where)
