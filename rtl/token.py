"""What travels between blocks: spikes and values with an address, and the ends of time steps and samples."""

from amaranth.hdl import signed, unsigned
from amaranth.lib import data


class Token(data.StructLayout):
    """One transfer of an event stream (address-event representation).

    A step is any number of events, then one end; the end of a sample's last step is marked ``final``, whereupon whoever receives
    it goes back to its initial state.

    Args:
        address_bits: width of an address; 0 where there is only one element.
        value_bits: width of a value in two's complement; 0 where events are spikes.

    Fields:
        address: the element that sends. Where the elements have an order in space, its fields are channel, row and column.
        value: what it sends (absent where events are spikes).
        last: this ends the time step; address and value mean nothing.
        final: with ``last``, this also ends the sample.
    """

    def __init__(self, address_bits: int, value_bits: int = 0) -> None:
        value = {"value": signed(value_bits)} if value_bits else {}
        super().__init__({"address": unsigned(address_bits), **value, "last": unsigned(1), "final": unsigned(1)})
        self.address_bits, self.value_bits = address_bits, value_bits
