"""Recordings of a GPU, which has its own order of sums, and rounding: each is of the rule that its header names.

Needs a GPU for which torch and JAX have been built, and optax. Writes below the folder that it is given, with the hooks in
python/: `PYTHONPATH=python python tests/recordings_gpu/generate.py tests/recordings_gpu`.
"""

import os
import sys

import jax
import optax
import torch

import eigenstep.jax
import eigenstep.torch

folder = sys.argv[1]


def torch_run(name, make, scale=None, steps=6):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.Tanh(), torch.nn.Linear(16, 4)).cuda()
    optimizer = make(model)
    scaler = torch.amp.GradScaler("cuda", init_scale=scale or 1.0, enabled=scale is not None)
    with eigenstep.torch.record(optimizer, os.path.join(folder, f"{name}.eig.gz"), names=model.named_parameters()):
        for _ in range(steps):
            x = torch.randn(32, 12, device="cuda")
            with torch.autocast("cuda", torch.float16, enabled=scale is not None):
                loss = (model(x).float() - x[:, :4].sin()).square().mean()
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()


def optax_run(name, optimizer, rule, settings, steps=4):
    key = jax.random.PRNGKey(0)
    params = {"w": 0.2 * jax.random.normal(key, (12, 16)), "v": 0.2 * jax.random.normal(key, (16, 4)), "b": jax.numpy.zeros(4)}
    state = optimizer.init(params)

    @jax.jit
    def step(params, state, x):
        def loss(p):
            return ((jax.numpy.tanh(x @ p["w"]) @ p["v"] + p["b"] - jax.numpy.sin(x[:, :4])) ** 2).mean()

        grads = jax.grad(loss)(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), grads, state

    with eigenstep.jax.Recorder(os.path.join(folder, f"{name}.eig.gz"), rule=rule, settings=settings) as log:
        log.start(params, state)
        for t in range(steps):
            params, grads, state = step(params, state, jax.random.normal(jax.random.PRNGKey(t), (32, 12)))
            log.step(params, grads, state)


def groups(model):
    weights = [it for it in model.parameters() if it.dim() > 1]
    return [{"params": weights, "weight_decay": 0.1}, {"params": [it for it in model.parameters() if it.dim() < 2]}]


torch_run("adamw-fused-scaled", lambda m: torch.optim.AdamW(groups(m), lr=1e-3, fused=True), scale=2.0**22)
torch_run("adam-capturable", lambda m: torch.optim.Adam(groups(m), lr=1e-3, amsgrad=True, capturable=True))
torch_run("sgd-fused", lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True))
torch_run("muon", lambda m: torch.optim.Muon([it for it in m.parameters() if it.dim() == 2], lr=0.02), steps=4)
optax_run("optax-adamw", optax.adamw(1e-3), "optax/adamw", {"learning_rate": 1e-3})
optax_run("optax-muon", optax.contrib.muon(1e-2), "optax/muon", {"learning_rate": 1e-2})
