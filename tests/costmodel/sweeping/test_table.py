"""Sweeps written to Parquet: every row once, also after a kill."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from costmodel import load
from costmodel.devices.part import part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.errors import InputError
from costmodel.sweeping import local, writing
from costmodel.sweeping.job import prepare
from costmodel.sweeping.running import sweep
from costmodel.sweeping.space import read_space

MNIST = load("mnist-784-128-10")


def job_over(*words):
    on = part("loihi")
    return prepare(Workload(MNIST), on, read_space(words, MNIST, on))


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(writing, "CHUNK", 1000)


def test_a_table_has_every_row_once(tmp_path, small_chunks):
    words = ("t_synop=1ns:9ns:11", "cores=1:9:9", "timesteps=1:32:6:log", "rate=0:1:13")
    job, program = job_over(*words)
    path = tmp_path / "sweep.parquet"
    told = []
    assert writing.write(job, path, local.compute, told.append) == 0
    table = pd.read_parquet(path)
    assert len(table) == sum(told) == job.space.rows == 11 * 9 * 6 * 13
    assert len(table.drop_duplicates(list(job.space.names))) == len(table)
    assert table["cores"].dtype == table["timesteps"].dtype == np.int64
    expected = program.evaluate({name: table[name].to_numpy() for name in job.space.names})
    fits = table["latency_s"].notna()
    assert (~fits).any()
    np.testing.assert_allclose(table["latency_s"][fits], expected["latency"][fits], rtol=1e-9)
    np.testing.assert_allclose(table["energy_j"][fits], expected["energy"][fits], rtol=1e-9)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["sweep.parquet"]


def test_one_column_can_be_read_alone(tmp_path, small_chunks):
    job, _ = job_over("t_synop=1ns:9ns:50", "rate=0:1:130")
    path = tmp_path / "sweep.parquet"
    writing.write(job, path, local.compute, lambda _: None)
    file = parquet.ParquetFile(path)
    assert file.metadata.num_row_groups == file.num_row_groups > 5
    assert file.metadata.num_rows == 6500
    groups = [file.read_row_group(i, columns=["rate"]).num_rows for i in range(file.num_row_groups)]
    assert sum(groups) == 6500


@pytest.mark.parametrize("stop", [1, 4])
def test_a_stopped_sweep_goes_on_from_its_rows(tmp_path, small_chunks, stop):
    job, _ = job_over("t_synop=1ns:9ns:50", "rate=0:1:130")
    whole, path = tmp_path / "whole.parquet", tmp_path / "sweep.parquet"
    writing.write(job, whole, local.compute, lambda _: None)

    def broken(function, job, chunks):
        for number, (chunk, rows) in enumerate(local.compute(function, job, chunks)):
            if number == stop:
                raise KeyboardInterrupt
            yield chunk, rows

    with pytest.raises(KeyboardInterrupt):
        writing.write(job, path, broken, lambda _: None)
    assert not path.exists()
    with (tmp_path / "sweep.parquet.part").open("ab") as file:
        file.write(b"half a row group")
    with (tmp_path / "sweep.parquet.journal").open("a") as file:
        file.write('{"end": 12')  # a kill within a line
    there = writing.write(job, path, local.compute, lambda _: None)
    assert 0 < there < 6500
    pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(whole))


def test_another_sweep_does_not_go_on_from_strange_rows(tmp_path, small_chunks):
    path = tmp_path / "sweep.parquet"
    first, _ = job_over("t_synop=1ns:9ns:50", "rate=0:1:130")
    with pytest.raises(KeyboardInterrupt):
        writing.write(first, path, _one_then_stop, lambda _: None)
    second, _ = job_over("t_synop=1ns:8ns:50", "rate=0:1:130")
    assert writing.write(second, path, local.compute, lambda _: None) == 0
    assert pd.read_parquet(path)["t_synop"].max() == 8e-9


def test_a_journal_of_something_else_is_refused(tmp_path, small_chunks):
    path = tmp_path / "sweep.parquet"
    (tmp_path / "sweep.parquet.part").write_bytes(b"")
    (tmp_path / "sweep.parquet.journal").write_text("dear diary\n")
    with pytest.raises(InputError, match="is not the journal of a sweep"):
        writing.write(job_over("t_synop=1ns:9ns:50", "rate=0:1:130")[0], path, local.compute, lambda _: None)


def _one_then_stop(function, job, chunks):
    yield next(iter(local.compute(function, job, chunks)))
    raise KeyboardInterrupt


def test_a_killed_command_goes_on(tmp_path):
    words = ["sweep", "mnist-784-128-10", "-d", "loihi", "--out", "s.parquet", "--json"]
    for word in ("t_synop=1ns:9ns:60", "e_synop=1pJ:9pJ:60", "rate=0:1:60", "timesteps=1:60:60"):
        words += ["--over", word]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-m", "costmodel", *words]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal, end = tmp_path / "s.parquet.journal", time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None and not (journal.exists() and journal.read_text().count("\n") > 2):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert parquet.read_metadata(tmp_path / "s.parquet").num_rows == 60**4
    assert len(pd.read_parquet(tmp_path / "s.parquet", columns=["rate"])) == 60**4


def test_a_table_larger_than_the_disk_is_refused(tmp_path):
    on = part("loihi")
    words = [f"{name}=1ns:9ns:1000000" for name in ("t_synop", "t_update", "t_spike")]
    space = read_space(words, MNIST, on)
    with pytest.raises(InputError, match=r"1,000,000,000,000,000,000 rows take .*B, and .*B are free"):
        sweep(Workload(MNIST), on, space, tmp_path / "s.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("path", "says"), [("no/such/s.parquet", "no such folder"), ("", "is a folder")])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, path, says):
    on = part("loihi")
    with pytest.raises(InputError, match=says):
        sweep(Workload(MNIST), on, read_space(["rate=0:1:3"], MNIST, on), tmp_path / path)
