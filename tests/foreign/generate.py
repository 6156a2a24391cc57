"""Writes the runs below this folder: plain-Python optimisers, each with one planted bug or with none.

    python3 tests/foreign/generate.py

Independent of eigenstep: no code is shared, only the formulas that people write. Each case names the rule
that its author meant to write, and says in words what a diagnosis has to find.
"""

import gzip
import json
import math
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))


def valley(w):
    """0.5*((x-0.8)^2 + 100*(y-0.6)^2)"""
    x, y = w
    return 0.5 * ((x - 0.8) ** 2 + 100 * (y - 0.6) ** 2), [x - 0.8, 100 * (y - 0.6)]


def rosenbrock(w):
    """(1-x)^2 + 100*(y-x^2)^2"""
    x, y = w
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2, [
        -2 * (1 - x) - 400 * x * (y - x * x),
        200 * (y - x * x),
    ]


def small(w):
    """A valley whose gradients are about as large as eps."""
    x, y = w
    return 1e-7 * (x - 0.8) ** 2 + 1e-6 * (y - 0.6) ** 2, [2e-7 * (x - 0.8), 2e-6 * (y - 0.6)]


def quintet(w):
    a, b, c, d, e = w
    loss = 0.5 * (a - 1) ** 2 + 2 * (b + 1) ** 2 + 4.5 * (c - a) ** 2 + math.cosh(d) + math.exp(0.5 * e) - e
    return loss, [a - 1 - 9 * (c - a), 4 * (b + 1), 9 * (c - a), math.sinh(d), 0.5 * math.exp(0.5 * e) - 1]


def over(a, b):
    """a/b as floats have it."""
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


class Adam:
    """Adam with every mistake that can be made about it."""

    def __init__(self, n, lr=0.02, b1=0.9, b2=0.999, eps=1e-8, wd=0.0, bug="", sizes=None):
        self.lr, self.b1, self.b2, self.eps, self.wd, self.bug = lr, b1, b2, eps, wd, bug.split("+")
        self.m, self.v, self.t = [0.0] * n, [0.0] * n, 0
        self.sizes = sizes or [n]
        if "v0" in self.bug:
            self.v = [0.1] * n
        self.count = 0

    def step(self, w, g):
        bug = self.bug
        self.t += 1
        t = self.t
        if "zero" in bug:
            t -= 1
        if "two" in bug:
            t += 1
        if "stuck" in bug:
            t = 1
        if "late_lr" in bug and self.t > 200:
            self.lr = 0.005
        b1, b2 = self.b1, self.b2
        if "swapped" in bug:
            b1, b2 = b2, b1
        out, i = [], 0
        for size in self.sizes:
            self.count += 1
            count = self.count if "per_tensor" in bug else t
            for _ in range(size):
                x, d = w[i], g[i]
                if "coupled" in bug:
                    d = d + self.wd * x
                if "before" in bug:
                    x = x - self.lr * self.wd * x
                if "clip" in bug:
                    d = d * min(1.0, 1.0 / math.sqrt(sum(y * y for y in g)))
                old_m, old_v = self.m[i], self.v[i]
                m = b1 * old_m + (d if "sum" in bug else (1 - b1) * d)
                if "first_gradient" in bug and self.t == 1:
                    m = d
                v = b2 * old_v + (1 - b2) * d * d
                self.m[i], self.v[i] = m, v
                if "stale" in bug:
                    m = old_m
                c1, c2 = 1 - b1**count, 1 - b2**count
                if "uncorrected" in bug:
                    c1 = c2 = 1
                if "first_only" in bug:
                    c2 = 1
                if "second_only" in bug:
                    c1 = 1
                if "inside" in bug:
                    denom = math.sqrt(over(v, c2) + self.eps)
                elif "scaled" in bug:
                    denom = over(math.sqrt(v) + self.eps, math.sqrt(c2))
                elif "no_root" in bug:
                    denom = over(v, c2) + self.eps
                else:
                    denom = math.sqrt(over(v, c2)) + self.eps
                y = x - self.lr * over(over(m, c1), denom)
                if "after" in bug:
                    y = y - self.lr * self.wd * y
                out.append(y)
                i += 1
        return out

    def state(self):
        return {"exp_avg": list(self.m), "exp_avg_sq": list(self.v)}


class Sgd:
    """SGD with momentum as torch has it, with mistakes."""

    def __init__(self, n, lr=0.002, mu=0.9, wd=0.0, bug=""):
        self.lr, self.mu, self.wd, self.bug = lr, mu, wd, bug.split("+")
        self.b = [0.0] * n

    def step(self, w, g):
        out = []
        for i, (x, d) in enumerate(zip(w, g)):
            d = d + self.wd * x
            if "average" in self.bug:
                self.b[i] = self.mu * self.b[i] + (1 - self.mu) * d
            elif "lr_inside" in self.bug:
                self.b[i] = self.mu * self.b[i] + self.lr * d
            else:
                self.b[i] = self.mu * self.b[i] + d
            if "lr_inside" in self.bug:
                out.append(x - self.b[i])
            elif "nesterov" in self.bug:
                out.append(x - self.lr * (d + self.mu * self.b[i]))
            else:
                out.append(x - self.lr * self.b[i])
        return out

    def state(self):
        return {"momentum_buffer": list(self.b)}


class RmsProp:
    def __init__(self, n, lr=0.01, alpha=0.99, eps=1e-8, bug=""):
        self.lr, self.alpha, self.eps, self.bug = lr, alpha, eps, bug
        self.v = [1.0 if bug == "ones" else 0.0] * n

    def step(self, w, g):
        out = []
        for i, (x, d) in enumerate(zip(w, g)):
            self.v[i] = self.alpha * self.v[i] + (1 - self.alpha) * d * d
            root = math.sqrt(self.v[i] + self.eps) if self.bug == "inside" else math.sqrt(self.v[i]) + self.eps
            out.append(x - self.lr * d / root)
        return out

    def state(self):
        return {"square_avg": list(self.v)}


class AdaGrad:
    def __init__(self, n, lr=0.5, eps=1e-10, start=0.0):
        self.lr, self.eps, self.s = lr, eps, [start] * n

    def step(self, w, g):
        out = []
        for i, (x, d) in enumerate(zip(w, g)):
            self.s[i] = self.s[i] + d * d
            out.append(x - self.lr * d / (math.sqrt(self.s[i]) + self.eps))
        return out

    def state(self):
        return {"sum": list(self.s)}


def run(name, optimiser, loss=rosenbrock, start=(-1.2, 1.0), steps=300, buffers=True, **how):
    """Writes the run `name`; `how` says in which form."""
    w, n = list(start), len(start)
    rows = []
    value, g = loss(w)
    if not how.get("before"):
        rows.append({"t": 0, "w": list(w), "loss": value, **(optimiser.state() if buffers else {})})
    for t in range(1, steps + 1):
        value, g = loss(w)
        before = list(w)
        w = optimiser.step(w, g)
        if how.get("before"):
            rows.append({"t": t, "w": before, "g": g, "loss": value})
        else:
            rows.append({"t": t, "w": list(w), "g": g, "loss": loss(w)[0], **(optimiser.state() if buffers else {})})
    tensors = how.get("tensors")
    if tensors:
        for row in rows:
            for key in ("w", "g"):
                if key in row:
                    flat, row[key if key == "g" else "params"] = row.pop(key), {}
                    at = 0
                    for tensor, size in tensors:
                        row["g" if key == "g" else "params"][tensor] = flat[at : at + size]
                        at += size
            row.pop("exp_avg", None), row.pop("exp_avg_sq", None)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    # No time of writing, so that the files do not change when they are made anew.
    with open(os.path.join(HERE, name + ".jsonl.gz"), "wb") as out:
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
            packed.write(lines.encode())


def single(name):
    """Adam in 32-bit floats, each operation rounded."""
    import struct

    def f(x):
        return struct.unpack("f", struct.pack("f", x))[0]

    w, m, v = [f(-1.2), 1.0], [0.0, 0.0], [0.0, 0.0]
    lr, b1, b2, eps = f(0.02), f(0.9), f(0.999), f(1e-8)
    rows = [{"t": 0, "w": list(w), "exp_avg": list(m), "exp_avg_sq": list(v)}]
    for t in range(1, 301):
        g = [f(x) for x in rosenbrock(w)[1]]
        for i in range(2):
            m[i] = f(f(b1 * m[i]) + f(f(1 - b1) * g[i]))
            v[i] = f(f(b2 * v[i]) + f(f(f(1 - b2) * g[i]) * g[i]))
            mh, vh = f(m[i] / f(1 - f(b1**t))), f(v[i] / f(1 - f(b2**t)))
            w[i] = f(w[i] - f(f(lr * mh) / f(f(math.sqrt(vh)) + eps)))
        rows.append({"t": t, "w": list(w), "g": g, "exp_avg": list(m), "exp_avg_sq": list(v)})
    with open(os.path.join(HERE, name + ".jsonl.gz"), "wb") as out:
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
            packed.write("".join(json.dumps(row) + "\n" for row in rows).encode())


def main():
    random.seed(7)
    run("adam", Adam(2))
    run("adam-no-buffers", Adam(2), buffers=False)
    run("adam-logged-before", Adam(2), buffers=False, before=True)
    run("adam-eps-inside", Adam(2, eps=1e-8, bug="inside"), loss=small, start=(0, 0))
    run("adam-eps-scaled", Adam(2, eps=1e-8, bug="scaled"), loss=small, start=(0, 0))
    run("adam-eps-scaled-no-buffers", Adam(2, eps=1e-8, bug="scaled"), loss=small, start=(0, 0), buffers=False)
    run("adam-uncorrected", Adam(2, bug="uncorrected"))
    run("adam-first-only", Adam(2, bug="first_only"))
    run("adam-second-only", Adam(2, bug="second_only"), buffers=False)
    run("adam-counter-zero", Adam(2, bug="zero"), steps=20)
    run("adam-counter-two", Adam(2, bug="two"), buffers=False)
    run("adam-counter-stuck", Adam(2, bug="stuck"))
    run("adam-sum", Adam(2, bug="sum"))
    run("adam-coupled", Adam(2, wd=0.1, bug="coupled"))
    run("adam-decay-after", Adam(2, wd=0.1, bug="after"))
    run("adam-stale", Adam(2, bug="stale"))
    run("adam-swapped", Adam(2, bug="swapped"))
    run("adam-v0", Adam(2, bug="v0"), buffers=False)
    run("adam-first-gradient", Adam(2, bug="first_gradient"))
    run("adam-no-root", Adam(2, bug="no_root"))
    run("adam-clip", Adam(2, bug="clip"), buffers=False)
    run("adam-lr", Adam(2, lr=0.03))
    run("adam-beta2", Adam(2, b2=0.99), buffers=False)
    run("adam-late-lr", Adam(2, bug="late_lr"), steps=400)
    run("adam-inside-uncorrected", Adam(2, bug="inside+uncorrected"), loss=small, start=(0, 0))
    run("adam-sum-first-only", Adam(2, bug="sum+first_only"))
    run("adam-two-coupled", Adam(2, wd=0.1, bug="two+coupled"), buffers=False)
    run(
        "adam-per-tensor",
        Adam(5, lr=0.05, bug="per_tensor", sizes=[2, 3]),
        loss=quintet,
        start=(0, 0, 0, 1, 0),
        tensors=[("layer.weight", 2), ("layer.bias", 3)],
    )
    run("sgd", Sgd(2, lr=0.0005))
    run("sgd-average", Sgd(2, lr=0.0005, bug="average"))
    run("sgd-lr-inside", Sgd(2, lr=0.0005, bug="lr_inside"))
    run("sgd-nesterov", Sgd(2, lr=0.0005, bug="nesterov"), buffers=False)
    run("rmsprop-inside", RmsProp(2, bug="inside"), loss=small, start=(0, 0))
    run("rmsprop-ones", RmsProp(2, bug="ones"), buffers=False)
    run("adagrad-start", AdaGrad(2, start=0.1), loss=valley, start=(0, 0), buffers=False)
    run("none-random", Noisy(), loss=valley, start=(0, 0))
    single("adam-single")


class Noisy:
    """No rule at all."""

    def step(self, w, g):
        return [x + random.gauss(0, 0.1) for x in w]

    def state(self):
        return {}


if __name__ == "__main__":
    main()
