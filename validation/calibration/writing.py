"""A calibration as a part file."""

from collections.abc import Mapping
from typing import Any

from costmodel.validation.calibration.fit import Fit
from costmodel.validation.calibration.target import Known, Target


def part_text(target: Target, found: Fit, residuals: Mapping[str, tuple[float, float]], provenance: Mapping[str, Any]) -> str:
    """The TOML of a part. Fitted parameters hang together: what they are off by stands in parameters of its own.

    Args:
        target: what was measured.
        found: fitted parameters.
        residuals: such a parameter → 90 % interval of measured over predicted latency.
        provenance: of the measurement.
    """
    told = ", ".join(f"{key} {value}" for key, value in provenance.items())
    source = f"costmodel calibrate {target.name}, {provenance['date']}, {provenance['networks']} random networks"
    lines = [
        f"# Measured by 'costmodel calibrate {target.name}': {told}.",
        "",
        f'class = "{target.class_name}"',
        f'family = "{target.family}"',
        f'title = "{target.title}"',
        "",
        "[supports]",
        'neurons = ["*"]',
        'rules = ["*"]',
        'source = "the runner takes any network file"',
    ]
    for name, param in target.device.params.items():
        if name in found.values:
            lines += _entry(name, Known(found.values[name], "measured", source), param.unit)
        elif name in residuals:
            lines += _entry(name, Known(1.0, "measured", source, residuals[name]), "1")
            lines.append('note = "the interval: 5 and 95 % of networks that were left out of the fit"')
        elif name in target.known:
            lines += _entry(name, target.known[name], param.unit)
        elif param.optional:
            lines += ["", f"[{name}]", 'value = "none"', 'kind = "assumed"', 'source = "not known of this machine"']
            lines.append('note = "put it in to have costs in money or area"')
    return "\n".join(lines) + "\n"


def _entry(name: str, known: Known, unit: str) -> list[str]:
    """Lines of one parameter."""

    def written(number: float) -> str:
        return f"{number:.6g}" if unit == "1" else f'"{number:.6g} {unit}"'

    lines = ["", f"[{name}]", f"value = {written(known.value)}"]
    if known.interval is not None:
        lines.append(f"range = [{', '.join(written(end) for end in known.interval)}]")
    return [*lines, f'kind = "{known.kind}"', f'source = "{known.source}"']
