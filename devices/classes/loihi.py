"""Intel's Loihi and Loihi 2."""

from devices.device import Cost, Param
from devices.manycore import Manycore
from graphs.operators import Plasticity


class Loihi(Manycore):
    """Asynchronous cores with a mesh barrier at each step and a learning engine that updates synapses by rule.

    (Davies et al., "Loihi: a neuromorphic manycore processor with on-chip learning", IEEE Micro 38, 2018.)
    """

    t_learn = Param("s", "time of the learning engine per weight change")
    e_learn = Param("J", "energy of the learning engine per weight change")

    def plasticity(self, op: Plasticity) -> Cost:
        """changes / cores · t_learn."""
        work = op.changes / self.cores_of(op) * self.t_learn
        return Cost(work, op.changes * self.e_learn, {"plasticity": work})


DEVICE = Loihi
