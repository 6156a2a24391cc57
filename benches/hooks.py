#!/usr/bin/env python3
"""What recording costs a training step in torch: python3 benches/hooks.py [ROUNDS [THREADS ...]]

Needs torch (python3 -m pip install torch); runs on the CPU, with 1 and with 2 threads unless others are asked for.
Two models, with the standard recipe (two groups, warm-up and cosine, clipping, bfloat16 autocast) for the second: a CNN of
57 thousand parameters in 10 tensors, and a transformer of a million in 52. Each is trained without a recorder and, beside it,
with one: they take turns of some steps. What is told is the median over turns of the time with a recorder over that without
in the same turn: CPU time, all threads together, and wall time. Threads that wait for each other sleep, so that CPU time is
that of work. The files go to the folder for temporary files (a row of the transformer has 16 MB) and are deleted.
"""

import math
import os
import statistics
import sys
import tempfile
import time

os.environ["OMP_WAIT_POLICY"] = "PASSIVE"

try:
    import torch
    from torch import nn
except ImportError as error:
    print(f"hooks.py: {error}", file=sys.stderr)
    print("It needs torch: python3 -m pip install torch", file=sys.stderr)
    sys.exit(2)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
from eigenstep_hooks.pytorch import record  # noqa: E402

WAYS = {"full": {}, "norms": {"mode": "norms"}, "last=20": {"last": 20}, "every=10": {"every": 10}}


class Cnn(nn.Sequential):
    def __init__(self):
        layers = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                  nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 128),
                  nn.ReLU(), nn.Linear(128, 10)]
        super().__init__(*layers)


class Transformer(nn.Module):
    def __init__(self, width=144, vocabulary=65, length=64, depth=4):
        super().__init__()
        self.token, self.place = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, dropout=0.0, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, vocabulary)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(length))

    def forward(self, tokens):
        found = self.token(tokens) + self.place.weight
        return self.head(self.layers(found, mask=self.mask, is_causal=True))


def cnn():
    model = Cnn()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    images, labels = torch.randn(64, 1, 8, 8), torch.randint(0, 10, (64,))

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    return model, optimizer, step


def transformer():
    model = Transformer()
    groups = [{"params": [it for it in model.parameters() if it.dim() > 1], "weight_decay": 0.1},
              {"params": [it for it in model.parameters() if it.dim() <= 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: min(1, (t + 1) / 10) * 0.5 * (1 + math.cos(math.pi * min(t, 1000) / 1000)))
    tokens = torch.randint(0, 65, (16, 65))

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            found = model(tokens[:, :-1])
        nn.functional.cross_entropy(found.float().flatten(0, 1), tokens[:, 1:].flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

    return model, optimizer, step


def measure(make, how, steps, rounds, path):
    """The number of parameters, CPU and wall time of a bare step, and the ratios of both with a recorder."""
    torch.manual_seed(0)
    model, _, bare = make()
    torch.manual_seed(0)
    recorded, optimizer, step = make()
    times, ratios = [], []
    with record(optimizer, path, names=recorded.named_parameters(), **how):
        bare(), step()
        for at in range(rounds):
            took = {}
            for side in (bare, step) if at % 2 else (step, bare):
                wall, cpu = time.perf_counter(), time.process_time()
                for _ in range(steps):
                    side()
                took[side] = time.process_time() - cpu, time.perf_counter() - wall
            times.append([it / steps for it in took[bare]])
            ratios.append([with_it / without for with_it, without in zip(took[step], took[bare])])
    count = sum(it.numel() for it in model.parameters())
    return count, [statistics.median(it) for it in zip(*times)], [statistics.median(it) for it in zip(*ratios)]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    for threads in [int(it) for it in sys.argv[2:]] or [1, 2]:
        torch.set_num_threads(threads)
        for name, make, steps in (("cnn", cnn, 10), ("transformer", transformer, 2)):
            for way, how in WAYS.items():
                with tempfile.TemporaryDirectory() as folder:
                    count, times, ratios = measure(make, how, steps, rounds, os.path.join(folder, "run.eig"))
                print(f"{name}, {count} parameters, threads: {threads}; a bare step: {times[0] * 1e3:.1f} ms of CPU, "
                      f"{times[1] * 1e3:.1f} ms; {way}: {ratios[0]:.2f} times the CPU, {ratios[1]:.2f} times as long")


if __name__ == "__main__":
    main()
