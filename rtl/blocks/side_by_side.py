"""Equal values side by side in one word."""

from amaranth.hdl import Shape, Value
from amaranth.lib import data


class SideBySide(data.StructLayout):
    """``count`` values of one shape, the first lowest.

    Not an array layout: that would name its parts ``word[0]``, ``word[1]``, as yosys names the bits of ``word`` when it flattens
    it, and two different nets of one name make ABC and nextpnr fail.
    """

    def __init__(self, shape: Shape, count: int) -> None:
        super().__init__({f"n{i}": shape for i in range(count)})


def parts(word: data.View) -> list[Value]:
    """The values of a word."""
    return [word[name] for name in word.shape().members]
