"""Design points a second of a sweep on every device class, compilation apart: ``python tests/performance/sweep_speed.py``.

Five swept parameters, latency and energy of mnist-784-128-10: the ends of each, then all rows written to Parquet.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from costmodel.estimates.request import request
from costmodel.graphs.errors import InputError
from costmodel.sweeping.local import cores
from costmodel.sweeping.running import sweep
from costmodel.sweeping.space import read_space

CASES = {
    "cpu-desktop": ("t_launch=1us:10us", "f_ops=5e10:5e11", "b_memory=10GB/s:100GB/s", "batch=1:64", "timesteps=1:64"),
    "h100": ("t_launch=1us:10us", "f_ops=1e13:1e14", "b_memory=1TB/s:4TB/s", "batch=1:64", "timesteps=1:64"),
    "tpu-v5e": ("f_clk=0.5GHz:2GHz", "b_memory=0.2TB/s:2TB/s", "e_mac=0.1pJ:1pJ", "batch=1:64", "timesteps=1:64"),
    "ecp5-85f": ("f_clk=20MHz:100MHz", "e_bram=1pJ:10pJ", "e_lut=1fJ:10fJ", "rate=0:1", "timesteps=1:64"),
    "fpaa-350nm": ("e_synop=1pJ:9pJ", "e_event=1pJ:9pJ", "p_chip=1mW:9mW", "rate=0:1", "timesteps=1:64"),
    "memfpaa-hfox": ("r_on=1kΩ:9kΩ", "r_off=10kΩ:1MΩ", "v_read=0.1V:0.3V", "rate=0:1", "timesteps=1:64"),
    "memfpaa-taox": ("r_on=1kΩ:9kΩ", "r_wire=0.1Ω:9Ω", "c_cell=0.1fF:1fF", "rate=0:1", "timesteps=1:64"),
    "asic-28nm": ("node=7nm:65nm", "v_dd=0.5V:1.1V", "f_clk=10MHz:900MHz", "rate=0:1", "timesteps=1:64"),
    "loihi": ("t_synop=1ns:9ns", "e_synop=1pJ:30pJ", "t_barrier=1us:9us", "rate=0:1", "timesteps=1:64"),
    "loihi2": ("neurons_per_core=64:1024", "t_receive=1ns:9ns", "e_hop=1pJ:9pJ", "rate=0:1", "timesteps=1:64"),
    "truenorth": ("e_synop=1pJ:30pJ", "e_spike=1pJ:30pJ", "t_tick=0.1ms:1ms", "rate=0:1", "timesteps=1:64"),
    "spinnaker2": ("t_synop=1ns:9ns", "e_synop=1pJ:30pJ", "t_tick=0.1ms:1ms", "rate=0:1", "timesteps=1:64"),
    "brainscales2": ("speed_up=100:1000", "t_sample=1us:9us", "p_chip=0.1W:1W", "rate=0:1", "timesteps=1:64"),
}
SETTINGS = {"fpaa-350nm": ["chips=2"], "brainscales2": ["chips=32"], "truenorth": ["fan_in=784"]}
"""What the network needs in order to fit."""


def main() -> None:
    """Prints a table of rates."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("devices", nargs="*", default=list(CASES))
    asked.add_argument("--values", type=int, default=40, help="values of each parameter; 40 make 1e8 points")
    asked.add_argument("--written", type=int, default=26, help="the same of the table; 26 make 1.2e7 rows")
    given = asked.parse_args()
    print(f"{cores()} cores, load {os.getloadavg()[0]:.1f}; {given.values}^5 points, {given.written}^5 rows")
    print("points/s and rows/s by the clock; points/CPU by processor seconds on all cores; compilation apart")
    print(f"{'device':13} {'points/s':>9} {'points/CPU':>10} {'rows/s':>8} {'compiled':>9}  swept")
    for device in given.devices:
        try:
            compiled = measured(device, given.values, None)[0].compile_seconds
            reduced, cpu = measured(device, given.values, None)
            with tempfile.TemporaryDirectory() as folder:
                written, _ = measured(device, given.written, Path(folder) / "table.parquet")
        except InputError as error:
            print(f"{device:13} {error}")
            continue
        names = " ".join(word.partition("=")[0] for word in CASES[device])
        told = f"{reduced.points_per_second:9.2g} {reduced.rows / cpu * cores():10.2g} {written.points_per_second:8.2g}"
        print(f"{device:13} {told} {compiled:7.1f} s  {names}", flush=True)


def measured(device: str, values: int, out: Path | None):
    """A sweep, and the processor seconds of all but its compilation."""
    want = request("mnist-784-128-10", [device], settings=SETTINGS.get(device))
    space = read_space([f"{word}:{values}" for word in CASES[device]], want.network, want.parts[0])
    cpu = time.process_time()
    found = sweep(want.workload, want.parts[0], space, out)
    return found, time.process_time() - cpu


if __name__ == "__main__":
    main()
