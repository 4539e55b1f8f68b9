"""What to install where a part of the program is missing."""

DISTRIBUTION = "snn-costmodel"
"""What PyPI calls this project: `costmodel` there is somebody else's. `import costmodel` and the command keep their name."""


def install(*extras: str) -> str:
    """The command that installs extras of this project: ``pip install "snn-costmodel[torch]"``."""
    return f'pip install "{DISTRIBUTION}[{",".join(extras)}]"'
