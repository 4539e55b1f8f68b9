"""A calibration as a part file."""

from collections.abc import Mapping
from typing import Any

from devices.classes.cpu_fused import FusedCPU
from validation.calibration.fit import Fit

ASSUMED = {
    "weight_bits": ("published", "torch: tensors are float32 unless told otherwise"),
    "state_bits": ("published", "torch: tensors are float32 unless told otherwise"),
    "vector": ("published", "the processor's vector registers, as torch reports them, of 32-bit numbers"),
    "memory_size": ("measured", "the operating system"),
    "ops_per_divide": ("assumed", "instruction tables: a vector division takes 5 additions' time on recent cores"),
    "p_static": ("assumed", "no meter was read: put in what yours shows while the machine idles"),
    "p_dynamic": ("assumed", "no meter was read: put in what yours shows above idle while it computes"),
}
RANGES = {"ops_per_divide": (2.0, 10.0), "p_static": (10.0, 120.0), "p_dynamic": (10.0, 200.0)}
"""90 % intervals of what was assumed, SI."""


def part_text(found: Fit, residual: tuple[float, float], fixed: Mapping[str, float | None], provenance: Mapping[str, Any]) -> str:
    """The TOML of a part. Fitted parameters hang together: what they are off by stands in ``latency_residual``.

    Args:
        found: fitted parameters.
        residual: 90 % interval of measured over predicted latency.
        fixed: parameters that were not fitted.
        provenance: of the measurement.
    """
    told = ", ".join(f"{key} {value}" for key, value in provenance.items())
    lines = [
        f"# Measured by 'costmodel calibrate cpu': {told}.",
        "",
        'class = "cpu_fused"',
        'family = "cpu"',
        f'title = "costmodel\'s own runner, {provenance["threads"]} thread(s) of {provenance["machine"]}"',
        "",
        "[supports]",
        'neurons = ["*"]',
        'rules = ["*"]',
        'source = "the runner takes any network file"',
    ]
    source = f"costmodel calibrate cpu, {provenance['date']}, {provenance['networks']} random networks"
    for name, param in FusedCPU.params.items():
        if name in found.values:
            lines += _entry(name, found.values[name], param.unit, None, "measured", source)
        elif name == "latency_residual":
            note = "5 and 95 % of networks that were left out of the fit"
            lines += [*_entry(name, 1.0, "1", residual, "measured", source), f'note = "{note}"']
        elif name in ASSUMED:
            kind, why = ASSUMED[name]
            lines += _entry(name, fixed[name], param.unit, RANGES.get(name), kind, why)
        elif fixed.get(name, 0) is None:
            lines += ["", f"[{name}]", 'value = "none"', 'kind = "assumed"', 'source = "not known of this machine"']
            lines += ['note = "put it in to have costs in money or area"']
    return "\n".join(lines) + "\n"


def _entry(name: str, value: float | None, unit: str, interval: tuple[float, float] | None, kind: str, source: str) -> list[str]:
    """Lines of one parameter."""

    def written(number: float | None) -> str:
        return f"{number:.6g}" if unit == "1" else f'"{number:.6g} {unit}"'

    lines = ["", f"[{name}]", f"value = {written(value)}"]
    if interval is not None:
        lines.append(f"range = [{', '.join(written(end) for end in interval)}]")
    return [*lines, f'kind = "{kind}"', f'source = "{source}"']
