import json
import warnings

import torch
from eigenstep_hook import record


class Sgd:
    """A user's own optimiser: momentum as torch has it."""

    def __init__(self, params, lr, momentum):
        self.param_groups = [{"params": params, "lr": lr, "momentum": momentum}]
        self.state = {}

    def step(self, closure=None):
        if closure:
            closure()
        group = self.param_groups[0]
        for p in group["params"]:
            state = self.state.setdefault(p, {"momentum_buffer": torch.Tensor([0.0] * len(p.values))})
            buffer = state["momentum_buffer"].values
            for i, g in enumerate(p.grad.values):
                buffer[i] = group["momentum"] * buffer[i] + g
                p.values[i] -= group["lr"] * buffer[i]


weight, bias = torch.Tensor([1.0, -2.0, 0.5]), torch.Tensor([0.25])
optimizer = Sgd([weight, bias], 0.1, 0.9)
own = optimizer.step


def gradients():
    for p in (weight, bias):
        p.grad = torch.Tensor(0.3 * value for value in p.values)
    return 0.0


with record(optimizer, "run.jsonl", names=[("weight", weight), ("bias", bias)]), \
        record(optimizer, "run.eig.gz", names=[("weight", weight), ("bias", bias)]), \
        record(optimizer, "run.eig", names=[("weight", weight), ("bias", bias)], loss=lambda: 0.5):
    for t in range(20):
        if t % 2:
            optimizer.step(gradients)
        else:
            gradients()
            optimizer.step()
assert optimizer.step == own and "step" not in vars(optimizer)
with record(optimizer, "last.eig", names=[("weight", weight), ("bias", bias)], last=3):
    for _ in range(10):
        gradients()
        optimizer.step()
for how in ({"norms": True}, {"coordinates": {"weight": [0, 2]}}, {"tensors": ["bias"], "every": 2}):
    with record(optimizer, "other.jsonl", names=[("weight", weight), ("bias", bias)], loss=lambda: float("inf"), **how):
        for _ in range(4):
            gradients()
            optimizer.step()
# A loss that the first step makes is in the rows after it.
with record(optimizer, "loss.jsonl", loss=lambda: first_loss):
    first_loss = 0.25
    gradients()
    optimizer.step()
with open("loss.jsonl") as lines:
    assert [json.loads(line).get("loss") for line in list(lines)[1:]] == [None, 0.25]
try:
    record([optimizer, Sgd([bias], 0.1, 0.9)], "two.jsonl", names=[("bias", bias)])
    raise AssertionError("recorded a parameter of two optimisers")
except ValueError as error:
    assert "`bias` is a parameter of two" in str(error), error
with record(optimizer, "every.jsonl", names=[("weight", weight), ("bias", bias)], every=3):
    for _ in range(7):
        gradients()
        optimizer.step()
with open("every.jsonl") as rows:
    # Each third iteration, and the one before it.
    assert [json.loads(row)["t"] for row in list(rows)[1:]] == [0, 2, 3, 5, 6]
for ending in ("jsonl", "eig"):
    with record(optimizer, "changed." + ending, names=[("weight", weight), ("bias", bias)]):
        for t in range(6):
            gradients()
            optimizer.step()
            if t == 2:
                weight.values[1] = 0.75
            if t == 4:
                bias.values[0] = float("nan")
with open("changed.jsonl") as rows:
    found = [json.loads(row).get("params_before") for row in list(rows)[1:]]
    assert [list(it or {}) for it in found] == [[], [], [], [], ["weight"], [], ["bias"]][:len(found)], found
    assert found[4]["weight"][1] == 0.75


class SGD(Sgd):
    """As if it were torch's."""

    __module__ = "torch.optim.sgd"


class Mine(SGD):
    pass


class Wrapped:
    """What a trainer has around an optimiser."""

    __module__ = "accelerate.optimizer"

    def __init__(self, optimizer):
        self.optimizer = optimizer
        self.param_groups, self.step = optimizer.param_groups, lambda: self.optimizer.step()


weight, bias = torch.Tensor([1.0, -2.0, 0.5]), torch.Tensor([0.25])
wrapped = Wrapped(Mine([weight, bias], 0.1, 0.9))
with record(wrapped, "wrapped.jsonl", names=[("weight", weight), ("bias", bias)]), warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    for t in range(8):
        # A graph is made of the fourth step; it runs without Python.
        torch.cuda.captures = t == 3
        gradients()
        wrapped.step()
assert len(told) == 1 and "CUDA graph" in str(told[0].message), told
with open("wrapped.jsonl") as rows:
    header, *rows = map(json.loads, rows)
    assert header["optimizer"] == "SGD" and header["class"] == "Mine", header
    # What the graph did to the weights is noted as a change from outside.
    assert [row["t"] for row in rows] == list(range(8)) and "params_before" in rows[4], rows


# Of processes that train together each has its file, and what it has of tensors that are spread.
torch.distributed.rank, torch.distributed.size = 1, 2
spread = torch.Spread([1.0, 2.0, 3.0, 4.0])
optimizer = Sgd([spread], 0.1, 0.9)
optimizer.state[spread] = {"momentum_buffer": torch.Tensor([0.0] * 4), "packed": torch.Packed([1.0, 2.0]),
                           "opaque": torch.Opaque([1.0])}
for ending in (".jsonl", ".eig", ".eig.gz", ""):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with record(optimizer, "run-1.2" + ending, names=[("w", spread)]):
            for _ in range(2):
                spread.grad = torch.Spread([0.5] * 4)
                optimizer.step()
    assert len(told) == 1 and "`opaque` is not recorded" in str(told[0].message), told
    open("run-1.2.rank1" + ending if ending else "run-1.rank1.2").close()
with open("run-1.2.rank1.jsonl") as rows:
    header, *rows = map(json.loads, rows)
    assert (header["rank"], header["processes"], header["shards"]) == (1, 2, {"w": [4]}), header
    assert rows[0]["params"] == {"w": [1.0, 2.0]} and rows[1]["g"] == {"w": [0.5, 0.5]}, rows
    assert rows[1]["state"]["packed"] == {"w": [2.0, 4.0]}, rows[1]
try:
    record(Sgd([torch.Opaque([1.0])], 0.1, 0.9), "opaque.eig")
    raise AssertionError("recorded numbers that lie nowhere")
except TypeError as error:
    assert "type Opaque cannot be read" in str(error), error
