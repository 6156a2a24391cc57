"""Writes the recorded runs below this folder: optimisers that have a rule for some tensors and another for the rest.

    python3 tests/parts/generate.py [torch] [optax] [late]

`torch` needs, beside torch, `muon.py` of github.com/KellerJordan/Muon in the search path of Python. Each library goes into
one file, runs one after the other, each with its header; a run is made in 64 and in 32 bits.
"""

import gzip
import io
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "python"))

ROWS = 12


def of_torch():
    import muon
    import torch
    from eigenstep.torch import record

    optim = torch.optim

    class Both:
        def __init__(self, *optimizers):
            self.optimizers = optimizers

        def step(self):
            for it in self.optimizers:
                it.step()

    def all_of(optimizer):
        return lambda t: [it.step() for it in optimizer]

    def rarely(optimizers):
        return lambda t: [it.step() for at, it in enumerate(optimizers) if at == 0 or t % 3 == 2]

    def scheduled(optimizers):
        schedulers = [optim.lr_scheduler.ExponentialLR(it, 0.9) for it in optimizers]
        return lambda t: [it.step() for it in [*optimizers, *schedulers]]

    def jordan(matrices, vectors):
        return muon.SingleDeviceMuonWithAuxAdam([
            dict(params=matrices, use_muon=True, lr=0.03, weight_decay=0.1),
            dict(params=vectors[:1], use_muon=False, lr=0.01),
            dict(params=vectors[1:], use_muon=False, lr=0.02)])

    def without_some(vectors, optimizer):
        def step(t):
            vectors[1].grad = None if t % 2 else vectors[1].grad
            optimizer.step()
        return step

    for dtype in (torch.float64, torch.float32):
        for make, stepped in (
                (lambda m, v: [optim.Muon(m, lr=0.02), optim.AdamW(v, lr=0.01, weight_decay=0.1)], all_of),
                (lambda m, v: Both(optim.Muon(m, lr=0.02), optim.SGD(v, lr=0.01, momentum=0.9)), None),
                (lambda m, v: [optim.Adam(m, lr=0.02), optim.SGD(v, lr=0.01, momentum=0.9)], rarely),
                (lambda m, v: [optim.NAdam(m, lr=0.02), optim.Adam(v, lr=0.01)], scheduled),
                (jordan, None), (jordan, "without")):
            torch.manual_seed(0)
            model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2)).to(dtype)
            matrices = [it for it in model.parameters() if it.dim() == 2]
            vectors = [it for it in model.parameters() if it.dim() == 1]
            optimizer = make(matrices, vectors)
            step = (without_some(vectors, optimizer) if stepped == "without" else
                    stepped(optimizer) if stepped else lambda t: optimizer.step())
            x, y = torch.randn(8, 2, dtype=dtype), torch.randn(8, 2, dtype=dtype)
            out = io.StringIO()
            with record(optimizer, out, names=model.named_parameters()):
                for t in range(ROWS):
                    model.zero_grad()
                    ((model(x) - y) ** 2).mean().backward()
                    step(t)
            yield out.getvalue()


def of_late():
    """Layers that an optimiser is given while the run goes on, one after the other, each with a rate of its own."""
    import torch
    from eigenstep.torch import record

    for dtype in (torch.float64, torch.float32):
        for make in (lambda p: torch.optim.AdamW(p, lr=0.02), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8)):
            torch.manual_seed(0)
            model = torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(3))).to(dtype)
            optimizer, out = make(model[2].parameters()), io.StringIO()
            x, y = torch.randn(8, 2, dtype=dtype), torch.randn(8, 2, dtype=dtype)
            with record(optimizer, out, names=model.named_parameters()):
                for t in range(ROWS):
                    if t in (4, 7):
                        layer = model[1 if t == 4 else 0]
                        optimizer.add_param_group({"params": list(layer.parameters()), "lr": 0.006, "weight_decay": 0.0})
                    model.zero_grad()
                    ((model(x) - y) ** 2).mean().backward()
                    optimizer.step()
                    for group in optimizer.param_groups:
                        group["lr"] *= 0.9
            yield out.getvalue()


def of_optax():
    import jax
    import jax.numpy as jnp
    import optax
    from eigenstep.jax import Recorder

    labels = {"l1": "a", "l2": {"w": "b", "b": "c"}}
    kinds = {"l1": {"w": "m", "b": "v"}, "l2": {"w": "m", "b": "v"}}
    mask = {"l1": True, "l2": False}
    rate = optax.cosine_decay_schedule(0.05, ROWS)
    adam = ("optax/adam", {"learning_rate": 0.02})
    for wide in (True, False):
        jax.config.update("jax_enable_x64", wide)
        dtype = jnp.float64 if wide else jnp.float32
        for optimizer, how in (
                (optax.partition({"a": optax.adam(0.02), "b": optax.sgd(0.1, momentum=0.9), "c": optax.set_to_zero()}, labels),
                 dict(labels=labels, rules={"a": adam, "b": ("optax/sgd", {"learning_rate": 0.1, "momentum": 0.9}),
                                            "c": "optax/set_to_zero"})),
                (optax.masked(optax.adam(0.02), mask),
                 dict(labels=lambda _: mask, rules={True: adam, False: ("torch/sgd", {"lr": 1.0, "maximize": 1})})),
                (optax.partition({"m": optax.inject_hyperparams(optax.adamw)(learning_rate=rate),
                                  "v": optax.inject_hyperparams(optax.sgd)(learning_rate=0.1)}, kinds),
                 dict(labels=kinds, rules={"m": "optax/adamw", "v": "optax/sgd"})),
                (optax.partition({"m": optax.contrib.muon(0.02), "v": optax.lion(0.01)}, kinds),
                 dict(labels=kinds, rules={"m": ("optax/muon", {"learning_rate": 0.02}),
                                           "v": ("optax/lion", {"learning_rate": 0.01})}))):
            keys = jax.random.split(jax.random.PRNGKey(0), 4)
            params = {"l1": {"w": jax.random.normal(keys[0], (2, 3), dtype), "b": jnp.zeros(3, dtype)},
                      "l2": {"w": jax.random.normal(keys[1], (3, 2), dtype), "b": jnp.full(2, 0.1, dtype)}}
            x, y = (jax.random.normal(key, (8, 2), dtype) for key in keys[2:])

            def loss(it):
                hidden = jnp.tanh(x @ it["l1"]["w"] + it["l1"]["b"])
                return ((hidden @ it["l2"]["w"] + it["l2"]["b"] - y) ** 2).mean()

            state, out = optimizer.init(params), io.StringIO()
            with Recorder(out, **how) as log:
                log.start(params, state)
                for _ in range(ROWS):
                    gradients = jax.grad(loss)(params)
                    updates, state = optimizer.update(gradients, state, params)
                    params = optax.apply_updates(params, updates)
                    log.step(params, gradients, state)
            yield out.getvalue()


for library in sys.argv[1:] or ("torch", "optax"):
    runs = {"torch": of_torch, "optax": of_optax, "late": of_late}[library]()
    with open(os.path.join(HERE, f"{library}.jsonl.gz"), "wb") as file:
        with gzip.GzipFile("", "wb", 9, file, 0) as packed:
            packed.write("".join(runs).encode())
