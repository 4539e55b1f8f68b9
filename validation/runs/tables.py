"""What a run came to, as tables for people, 80 columns wide."""

from pathlib import Path

from costmodel.graphs.settings.units import rounded
from costmodel.output import console, table
from costmodel.validation.runs.run import Run


def show_run(done: Run, out: Path | None) -> None:
    """The result in a sentence, and the activity of every layer."""
    printed, e, trainer = console(), done.evaluation, done.trainer
    told = f"sMAPE {e.smape:.2f}" if e.accuracy is None else f"accuracy {100 * e.accuracy:.2f} %"
    seconds = sum(epoch["seconds"] for epoch in trainer.epochs_done)
    printed.print(
        f"{done.network.name} on {trainer.benchmark.name} under {trainer.settings.rule}: {told} of {e.samples:,} test samples "
        f"after {len(trainer.epochs_done)} epochs, {seconds:,.0f} s of training, seed {done.seed}",
        markup=False,
    )
    rates = table(
        "node", "events per step", "5–95 %", "events per sample", right=("events per step", "5–95 %", "events per sample")
    )
    result = done.result()
    for name, rate in done.rates().items():
        span = f"{rounded(float(rate['low']))}–{rounded(float(rate['high']))}"
        rates.add_row(name, rounded(float(rate["mean"])), span, rounded(result["spikes_per_sample"][name]))
    printed.print(rates)
    if out is not None:
        printed.print(f"kept in {out}", markup=False)
