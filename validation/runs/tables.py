"""What a run came to, as tables for people."""

from pathlib import Path

from costmodel.graphs.settings.units import rounded
from costmodel.output import say
from costmodel.tabulating import Column, Table, number
from costmodel.validation.runs.run import Run


def show_run(done: Run, out: Path | None) -> None:
    """The result in a sentence, and the activity of every layer."""
    e, trainer = done.evaluation, done.trainer
    told = f"sMAPE {e.smape:.2f}" if e.accuracy is None else f"accuracy {100 * e.accuracy:.2f} %"
    seconds = sum(epoch["seconds"] for epoch in trainer.epochs_done)
    say(
        f"{done.network.name} on {trainer.benchmark.name} under {trainer.settings.rule}: {told} of {e.samples:,} test samples "
        f"after {len(trainer.epochs_done)} epochs, {seconds:,.0f} s of training, seed {done.seed}"
    )
    rates, result = done.rates(), done.result()

    def span(name: str) -> str:
        return f"{rounded(float(rates[name]['low']))}–{rounded(float(rates[name]['high']))}"

    columns = (
        Column("node", "node", str),
        number("mean", "events per step", lambda name: float(rates[name]["mean"]), rounded),
        Column("mean_90", "5–95 %", span, form="number", drop=1),
        number("spikes", "events per sample", lambda name: result["spikes_per_sample"][name], rounded, drop=2),
    )
    Table(columns, rates).print()
    if out is not None:
        say(f"kept in {out}")
