"""Sweeps on a Dask cluster: the rows are the same, and none is lost with a worker."""

import os
import signal

import pandas as pd
import pytest
from distributed import LocalCluster

from costmodel import load
from costmodel.devices.part import part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.errors import InputError
from costmodel.sweeping import local, writing
from costmodel.sweeping.distributed import Cluster
from costmodel.sweeping.job import prepare
from costmodel.sweeping.space import read_space
from tests.command import costmodel

MNIST = load("mnist-784-128-10")


def test_rows_of_a_lost_worker_are_computed_again(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "CHUNK", 2000)
    on = part("loihi")
    space = read_space(["t_synop=1ns:9ns:40", "e_synop=1pJ:9pJ:25", "rate=0:1:40"], MNIST, on)
    job, _ = prepare(Workload(MNIST), on, space)
    alone, shared = tmp_path / "alone.parquet", tmp_path / "shared.parquet"
    writing.write(job, alone, local.compute, lambda _: None)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as workers,
        Cluster(workers.scheduler_address) as cluster,
    ):
        pids = list(cluster.client.run(os.getpid).values())
        killed = []

        def compute(function, job, chunks):
            for number, found in enumerate(cluster.compute(function, job, chunks)):
                if number == 3:
                    os.kill(pids[0], signal.SIGKILL)
                    killed.append(pids[0])
                yield found

        writing.write(job, shared, compute, lambda _: None)
        assert killed
        assert killed[0] not in cluster.client.run(os.getpid).values()
    rows = pd.read_parquet(shared)
    assert len(rows) == job.space.rows == len(rows.drop_duplicates(["t_synop", "e_synop", "rate"]))
    pd.testing.assert_frame_equal(rows, pd.read_parquet(alone))


def test_the_command_computes_on_a_cluster(capsys, monkeypatch):
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as workers:
        words = ("sweep", "mnist-784-128-10", "-d", "loihi", "--over", "rate=0:1:50", "--scheduler", workers.scheduler_address)
        done = costmodel(capsys, monkeypatch, *words)
    assert done.code == 0, done.err
    assert "50 design points" in done.out


def test_a_scheduler_that_does_not_answer_is_told():
    with pytest.raises(InputError, match="no scheduler answers"):
        Cluster("tcp://127.0.0.1:9")
