#!/usr/bin/env python3
"""A step of Adam in JAX and torch beside ours: python3 benches/peers.py [EIGENSTEP] [N ...]

Needs jax and torch (python3 -m pip install jax torch) and the program, built: cargo build --release.
One thread, 64 bits, the quadratic with eigenvalues from 1 to 100; what is told is CPU time, in ns an iteration, the least
of some rounds in which the sides take turns. `scan` is JAX's compiled loop that keeps nothing, `history` the same with
the loss and the gradient's norm of each iteration, `torch` its fused step with a gradient by hand. Ours is `step N` of the
debugger: its own start is subtracted, and its history is kept.
"""

import os
import subprocess
import sys
import time

for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

try:
    import jax
    import jax.numpy as jnp
    import torch
except ImportError as error:
    print(f"peers.py: {error}", file=sys.stderr)
    print("It needs jax and torch: python3 -m pip install jax torch", file=sys.stderr)
    sys.exit(2)

ETA, BETA1, BETA2, EPS = 1e-7, 0.9, 0.999, 1e-8
ROUNDS = 3


def problem(n):
    diagonal = jnp.logspace(0, 2, n) if n > 1 else jnp.ones(1)
    return diagonal, jnp.full(n, 1.0)


def scan(n, count, keeps):
    diagonal, minimum = problem(n)

    def step(state, t):
        w, m, s = state
        g = diagonal * (w - minimum)
        m = BETA1 * m + (1 - BETA1) * g
        s = BETA2 * s + (1 - BETA2) * g * g
        m_hat, s_hat = m / (1 - BETA1**t), s / (1 - BETA2**t)
        w = w - ETA * m_hat / (jnp.sqrt(s_hat) + EPS)
        kept = (0.5 * jnp.sum(g * (w - minimum)), jnp.sqrt(jnp.sum(g * g))) if keeps else None
        return (w, m, s), kept

    run = jax.jit(lambda start: jax.lax.scan(step, start, jnp.arange(1.0, count + 1)))
    zeros = jnp.zeros(n)
    start = (zeros, zeros, zeros)
    jax.block_until_ready(run(start))
    return lambda: jax.block_until_ready(run(start))


def fused(n, count):
    torch.set_num_threads(1)
    diagonal = torch.logspace(0, 2, n, dtype=torch.float64)
    w = torch.zeros(n, dtype=torch.float64, requires_grad=True)
    rule = torch.optim.Adam([w], lr=ETA, betas=(BETA1, BETA2), eps=EPS, fused=True)

    def run():
        with torch.no_grad():
            for _ in range(count):
                w.grad = diagonal * (w - 1.0)
                rule.step()

    return run


def cpu(act):
    begin = time.process_time()
    act()
    return time.process_time() - begin


def ours(program, n, count):
    command = [program, "exec", "--rule", "adam", "--set", f"eta={ETA}", "--eigenvalues", f"1..100:log:{n}"]

    def run(steps):
        before = os.times()
        subprocess.run([*command, "-e", f"step {steps}"], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        spent = lambda it: it.children_user + it.children_system
        return spent(after) - spent(before)

    return lambda: run(2 * count) - run(count)


def main():
    program, *sizes = sys.argv[1:] or ["target/release/eigenstep"]
    if not os.access(program, os.X_OK):
        print(f"peers.py: there is no program `{program}`", file=sys.stderr)
        print("Build it (cargo build --release), or name another: peers.py PROGRAM [N ...]", file=sys.stderr)
        sys.exit(2)
    try:
        sizes = [int(float(size)) for size in sizes] or [2, 1000, 100_000, 1_000_000]
    except ValueError as error:
        print(f"peers.py: a size is a whole number: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"{'n':>9} {'ours':>12} {'scan':>12} {'history':>12} {'torch':>12}   ns an iteration, CPU")
    for n in sizes:
        count = max(100, min(1_000_000, 100_000_000 // max(n, 100)))
        eager = max(50, min(5000, count))
        sides = [
            (ours(program, n, count), count, None),
            (scan(n, count, False), count, cpu),
            (scan(n, count, True), count, cpu),
            (fused(n, eager), eager, cpu),
        ]
        best = [float("inf")] * len(sides)
        for _ in range(ROUNDS):
            for at, (run, times, clock) in enumerate(sides):
                spent = clock(run) if clock else run()
                best[at] = min(best[at], 1e9 * spent / times)
        print(f"{n:>9}" + "".join(f" {it:>12.1f}" for it in best), flush=True)


if __name__ == "__main__":
    main()
