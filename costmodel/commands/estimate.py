"""``costmodel estimate``: costs per sample on every part asked for."""

from typing import Any

from costmodel.commands.options import Batch, Devices, Json, NetworkArgument, PhaseOption, Rates, Settings, Timesteps, phase


def run(
    network: NetworkArgument,
    device: Devices = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    json: Json = False,
) -> None:
    """What a sample costs in time, energy, area and money on each part, and what it is bound by."""
    from costmodel.output import print_json, print_notes
    from costmodel.request import request

    asked = request(network, device, phase=phase(phase_), batch=batch, timesteps=timesteps, rate=rate, settings=set_)  # type: ignore[arg-type]
    print_notes(asked.notes)
    estimates = [estimator.estimate() for estimator in asked.estimators()]
    if json:
        print_json(document(asked, estimates))
    else:
        show(asked, estimates)


def document(asked: Any, estimates: list[Any]) -> dict[str, Any]:
    """The JSON document of an estimate, as docs/contract describes."""
    from dataclasses import asdict

    from graphs.activity import rate_sources

    summary = asked.workload.summary
    activity = asked.workload.activities["mean"]
    sources = rate_sources(asked.network)
    rates = {
        name: {"mean": activity.sent[name].rate, "kind": sources[name].kind, "source": sources[name].source} for name in sources
    }
    return {
        "schema": 1,
        "network": {
            "name": asked.network.name,
            "parameters": summary.parameters,
            "neurons": summary.neurons,
            "synapses": summary.synapses,
            "timesteps": asked.network.timesteps,
            "batch": asked.workload.batch,
            "rule": asked.workload.rule,
            "footprint_bytes": summary.footprint_bytes,
            "work": asdict(summary.work),
            "rates": rates,
        },
        "assumptions": list(asked.notes),
        "estimates": [estimate.to_dict() for estimate in estimates],
    }


def show(asked: Any, estimates: list[Any]) -> None:
    """The table: those that fit, then those that do not, with what would make them."""
    from costmodel.output import console, table
    from graphs.units import pretty, rounded

    out, summary = console(), asked.workload.summary
    what = "one inference" if asked.workload.rule is None else f"one training step under {asked.workload.rule}"
    out.print(
        f"{asked.network.name}: {what}, T = {asked.network.timesteps}, batch {asked.workload.batch}; {summary.neurons:,} neurons, "
        f"{summary.parameters:,} parameters, {summary.work.effective_synops:,.0f} of {summary.work.dense_synops:,.0f} synaptic operations",
        markup=False,
    )
    fits = table(
        "device", "latency", "90 %", "energy", "90 % ", "USD/1M", "bound by", right=("latency", "90 %", "energy", "90 % ", "USD/1M")
    )
    for e in (e for e in estimates if e.feasible):
        money = "–" if e.price is None else rounded(e.price * 1e6, 2)
        latency, energy = e.latency, e.energy
        fits.add_row(
            e.device, pretty(latency.value, "s"), span(latency, "s"), pretty(energy.value, "J"), span(energy, "J"), money, e.bound_by,
        )  # fmt: skip
    if fits.row_count:
        out.print(fits)
    for e in (e for e in estimates if not e.feasible):
        reasons = "; ".join(
            f"{v.limit}: needs {_shown(v.needs)}, has {_shown(v.has)} (try {', '.join(v.levers)})" for v in e.violations
        )
        out.print(f"{e.device} does not fit. {reasons}", markup=False)


def span(interval: Any, unit: str) -> str:
    """An interval in the unit that its value reads best in: "2.1–4.5"."""
    from graphs.units import prefixed, rounded

    scale, _ = prefixed(interval.value, unit)
    return f"{rounded(interval.low / scale, 2)}–{rounded(interval.high / scale, 2)}"


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.4g}" if value != int(value) else f"{value:,.0f}"
