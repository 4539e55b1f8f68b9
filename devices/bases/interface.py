"""The digital event interface that event-driven chips share: events enter and leave one by one."""

from costmodel.devices.device import Cost, Device, Param
from costmodel.graphs.lowering.operators import Transfer


class EventInterface(Device):
    """A link that takes one event (an address) at a time."""

    t_event = Param("s", "time that the event interface takes for one event")
    e_event = Param("J", "energy of one event on the event interface")

    def transfer(self, op: Transfer) -> Cost:
        """events · t_event, events · e_event."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"host": time})
