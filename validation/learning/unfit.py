"""A rule that does not fit a network."""

from costmodel.graphs.errors import InputError


class UnfitError(InputError):
    """A rule cannot train this network; it says what stands in its way."""
