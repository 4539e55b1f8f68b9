"""Around a component that has more ports than a package has pins: what feeds and observes it through two pins."""
# Amaranth makes members at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Harness(wiring.Component):
    """A component between a shift register that drives its inputs and a chain that folds its outputs into one.

    Every input comes from a flip-flop and every output goes to one, as if neighbours with registered ports were there, so
    paths between ports are timed, and nothing of the component can be optimised away. For I input and O output bits the
    harness adds I + 2 O flip-flops without reset and O two-input LUTs, none of them slower than one LUT between two
    flip-flops. Cells of the component have names that begin with "core.", and the rest is the harness.

    Args:
        component: what is observed; it uses the domain ``sync``.

    Members:
        serial: the bit that is shifted in.
        parity: it depends on all that the outputs ever were.
    """

    def __init__(self, component: wiring.Component) -> None:
        self.component = component
        super().__init__({"serial": In(1), "parity": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.submodules.core = self.component
        ports = [(member.flow, Value.cast(value)) for _, member, value in self.component.signature.flatten(self.component)]
        inputs = Cat(value for flow, value in ports if flow is In)
        outputs = Cat(value for flow, value in ports if flow is Out)
        shifted = Signal(len(inputs), reset_less=True)
        caught = Signal(len(outputs), reset_less=True)
        chain = Signal(len(outputs), reset_less=True)
        m.d.sync += [
            shifted.eq(Cat(self.serial, shifted)),
            caught.eq(outputs),
            chain.eq(Cat(Const(0, 1), chain) ^ caught),
        ]
        m.d.comb += [inputs.eq(shifted), self.parity.eq(chain[-1:].any())]
        return m
