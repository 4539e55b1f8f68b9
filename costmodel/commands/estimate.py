"""``costmodel estimate``: costs per sample on every part asked for."""

from typing import Any

from costmodel.commands.options import (
    Batch,
    BoundaryOption,
    Devices,
    DrawsOption,
    Json,
    Measured,
    NetworkArgument,
    PhaseOption,
    Rates,
    Settings,
    StaticOption,
    Timesteps,
    measured,
    phase,
)


def run(
    network: NetworkArgument,
    device: Devices = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    rates: Measured = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    draws: DrawsOption = None,
    json: Json = False,
) -> None:
    """What a sample costs in time, energy, area and money on each part, and what it is bound by."""
    from costmodel.estimates.request import request
    from costmodel.estimates.tables import show
    from costmodel.output import print_json, print_notes

    asked = request(
        network,
        device,
        phase=phase(phase_),
        batch=batch,
        timesteps=timesteps,
        rate=rate,
        settings=set_,
        boundary=boundary,
        static=static,
        measured=measured(rates),
    )
    estimates = [estimator.estimate() for estimator in asked.estimators()]
    if draws is not None:
        from costmodel.deciding.drawing import Draws, with_draws

        estimates = [with_draws(*both, Draws(draws)) for both in zip(estimates, asked.estimators(), strict=True)]
    print_notes(asked.notes)
    if json:
        print_json(document(asked, estimates))
    else:
        show(asked, estimates)


def document(asked: Any, estimates: list[Any]) -> dict[str, Any]:
    """The JSON document of an estimate: the network, what was assumed, and an estimate per part."""
    from dataclasses import asdict

    from costmodel.graphs.lowering.activity import rate_sources
    from costmodel.graphs.lowering.summary import summarise

    summary = asked.workload.summary
    activities, sources = asked.workload.activities, rate_sources(asked.network)
    table = asked.workload.table if asked.workload.rule is None else None
    mean = summary.work.effective_synops
    ends = [summarise(asked.network, activities[bound], table).work.effective_synops for bound in ("low", "high")]
    rates = {
        name: {bound: activity.sent[name].rate for bound, activity in activities.items()}
        | {"kind": found.kind, "source": found.source}
        for name, found in sources.items()
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
            "synops": {"value": mean, "low": min(mean, *ends), "high": max(mean, *ends), "delivered": summary.delivered_synops},
            "activity": asked.workload.known,
            "rates": rates,
        },
        "assumptions": list(asked.notes),
        "estimates": [estimate.to_dict() for estimate in estimates],
    }
