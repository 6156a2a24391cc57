"""A map that two workers of Dask make, one of which is killed on the way: nothing is lost, and pandas takes the table.

    PATH=target/release:$PATH PYTHONPATH=python python3 tests/foreign/dask_use.py
"""

import os
import signal

import dask.distributed
import pandas

import eigenstep

PARTS = 24


class Killing:
    """An executor that kills a worker as soon as a few of its tasks are done."""

    def __init__(self, executor, victim):
        self.executor, self.victim, self.done = executor, victim, 0

    def submit(self, *task):
        future = self.executor.submit(*task)
        future.add_done_callback(self.count)
        return future

    def count(self, _):
        self.done += 1
        if self.done == 3:
            os.kill(self.victim, signal.SIGKILL)


def main():
    over = {"eta": "1e-3..0.1:log:60", "beta": "0..0.95:40"}
    flags = dict(rule="momentum", steps=2000)
    alone = eigenstep.sweep(over, **flags)
    with dask.distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with dask.distributed.Client(cluster) as client:
            before = set(client.run(os.getpid).values())
            executor = Killing(client.get_executor(), min(before))
            spread = eigenstep.sweep(over, executor=executor, parts=PARTS, **flags)
            client.wait_for_workers(2)
            after = set(client.run(os.getpid).values())
    assert len(before) == 2 and min(before) not in after, (before, after)
    assert executor.done == PARTS, executor.done
    table = pandas.DataFrame(spread)
    assert table.equals(pandas.DataFrame(alone)), "the parts do not make the whole"
    assert list(table.columns) == ["eta", "beta", "iterations", "outcome"], table.columns
    best = table.loc[table["iterations"].idxmin()]
    assert best["iterations"] == spread.best["iterations"], best
    print(f"worker {min(before)} was killed after 3 of {PARTS} parts; all {len(table)} runs are there, and as one process has them")
    print(table["outcome"].value_counts().to_string())
    print(best.to_string())


if __name__ == "__main__":
    main()
