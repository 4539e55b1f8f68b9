"""SCALE-Sim, the cycle-accurate simulator of systolic arrays: a layer in, cycles out."""

import importlib
import importlib.metadata
import io
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install

SETTINGS = {
    "general": {"run_name": "layer"},
    "run_presets": {"InterfaceBandwidth": "CALC", "UseRamulatorTrace": "False"},
    "architecture_presets": {
        "IfmapSramSzkB": 1024, "FilterSramSzkB": 1024, "OfmapSramSzkB": 1024,
        "IfmapOffset": 0, "FilterOffset": 10_000_000, "OfmapOffset": 20_000_000,
        "ReadRequestBuffer": 64, "WriteRequestBuffer": 64,
    },
    "layout": {
        "IfmapCustomLayout": "False", "FilterCustomLayout": "False",
        "IfmapSRAMBankBandwidth": 10, "IfmapSRAMBankNum": 10, "IfmapSRAMBankPort": 2,
        "FilterSRAMBankBandwidth": 10, "FilterSRAMBankNum": 10, "FilterSRAMBankPort": 2,
    },
    "sparsity": {"SparsitySupport": "False"},
}  # fmt: skip
"""What its configuration file must hold besides the array and the dataflow."""


def version() -> str:
    """Of the installed package.

    Raises:
        InputError: there is none.
    """
    try:
        return importlib.metadata.version("scalesim")
    except importlib.metadata.PackageNotFoundError:
        raise InputError("SCALE-Sim is not installed", mend=install("peers")) from None


class Untiring:
    """A memory that answers at once, in the place of SCALE-Sim's own.

    Attributes:
        cycles: how many cycles the array made demands.
    """

    def __init__(self) -> None:
        self.cycles = 0

    def service_memory_requests(self, inputs: Any, weights: Any, outputs: Any) -> None:
        """Takes what the array asks for: a row of each matrix a cycle."""
        del inputs, weights
        self.cycles = len(outputs)


def cycles(
    array: tuple[int, int],
    flow: str,
    *,
    dense: tuple[int, int, int] | None = None,
    conv: tuple[int, int, int, int, int] | None = None,
) -> int:
    """Cycles that the array takes, without any wait for memory.

    Args:
        array: its rows and columns.
        flow: "ws", "is" or "os".
        dense: samples, inputs, outputs.
        conv: height and width of the image, channels, features, kernel, stride; no padding.

    Raises:
        InputError: SCALE-Sim is not installed.
    """
    version()
    module = {name: importlib.import_module(f"scalesim.{name}") for name in ("scale_config", "topology_utils", "layout_utils")}
    simulator = importlib.import_module("scalesim.single_layer_sim").single_layer_sim()
    settings = {name: dict(section) for name, section in SETTINGS.items()}
    settings["architecture_presets"] |= {"ArrayHeight": array[0], "ArrayWidth": array[1], "Dataflow": flow}
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        config, topology = module["scale_config"].scale_config(), module["topology_utils"].topologies()
        file = Path(folder) / "scale.cfg"
        file.write_text("".join(f"[{name}]\n" + _lines(section) for name, section in settings.items()))
        config.read_conf_file(str(file))
        file = Path(folder) / "layer.csv"
        file.write_text(_layer(dense, conv))
        topology.load_arrays(topofile=str(file), mnk_inputs=dense is not None)
        simulator.set_params(
            layer_id=0, config_obj=config, topology_obj=topology, layout_obj=module["layout_utils"].layouts(), verbose=False
        )
        memory = Untiring()
        simulator.set_memory_system(memory)
        simulator.run()
    return memory.cycles


def _lines(section: dict[str, Any]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in section.items())


def _layer(dense: tuple[int, int, int] | None, conv: tuple[int, int, int, int, int] | None) -> str:
    """SCALE-Sim's table of one layer."""
    if dense:
        samples, inputs, outputs = dense
        return f"Layer,M,N,K,\nlayer,{samples},{outputs},{inputs},\n"
    size, channels, features, kernel, stride = conv or (1, 1, 1, 1, 1)
    return f"Layer,IH,IW,FH,FW,C,N,S,\nlayer,{size},{size},{kernel},{kernel},{channels},{features},{stride},\n"
