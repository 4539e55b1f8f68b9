"""The command line: one program, one file of `costmodel.commands` per command."""

import io
import os
import sys

import typer

from costmodel.commands import (
    calibrate,
    crossover,
    devices,
    estimate,
    explain,
    export,
    import_,
    pareto,
    report,
    rtl,
    run,
    runs,
    sensitivity,
    simulate,
    solve,
    spice,
    sweep,
    to_accuracy,
    validate,
    versus,
    whatif,
)
from costmodel.commands.dialects import with_dialect
from costmodel.graphs.errors import InputError
from costmodel.output import PLAIN

SPINS = "100000"
"""How often a thread of torch's looks for more work before it sleeps: about a millisecond, where three are usual, in which it takes
a processor from the threads of compiled code (docs/performance.md)."""

app = typer.Typer(
    name="costmodel",
    help="What a spiking neural network costs on any hardware, and what that hardware would have to be like to win.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS = {
    "devices": devices,
    "estimate": estimate,
    "explain": explain,
    "whatif": whatif,
    "solve": solve,
    "crossover": crossover,
    "sensitivity": sensitivity,
    "sweep": sweep,
    "pareto": pareto,
    "report": report,
    "simulate": simulate,
    "rtl": rtl,
    "spice": spice,
    "run": run,
    "runs": runs,
    "to-accuracy": to_accuracy,
    "validate": validate,
    "calibrate": calibrate,
    "import": import_,
    "export": export,
    "versus": versus,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(with_dialect(_command.run))


@app.callback()
def _program() -> None:
    pass


def main() -> None:
    """Runs a command. Exit 0: answered; 2: the input is at fault, in one line on standard error; 1: anything else."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)  # read when torch is imported
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=PLAIN)  # a terminal without µ still gets its table
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        _fail(str(error), getattr(error, "picture", ""))
    except Exception as error:
        told = getattr(error, "format_message", None)  # only the command line's own usage errors have it
        if told is None:
            raise
        _fail(f"{told()} (costmodel --help tells more)")
    else:
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, picture: str = "") -> None:
    """One line; a person at a terminal also sees a picture of the place, where there is one."""
    sys.stderr.write(f"costmodel: {' '.join(message.split())}\n")
    if picture and sys.stderr.isatty():
        sys.stderr.write(f"{picture}\n")
    sys.exit(2)
