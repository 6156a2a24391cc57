"""Records each step of a torch optimiser as JSON lines, for `eigenstep diff` and `eigenstep open`.

    from eigenstep_hook import record

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    log = record(optimizer, "run.jsonl", names=model.named_parameters())
    ...                                      # train as always
    log.close()                              # or: with record(...) as log:

Then, for instance:

    eigenstep diff run.jsonl --against torch/adam --set lr=0.01

Any object will do that has `param_groups` and a `step` method, a `torch.optim.Optimizer` or your own; what
it keeps in `state[p]` is recorded by its names. Buffers that live elsewhere: `extra=lambda: {"m": my_m}`, a
tensor, a number, or one tensor for each recorded parameter in a dict by its name.

    tensors=["layer.weight"]                 only these parameters (names, or a test on a name)
    coordinates={"layer.weight": [0, 5]}     only these elements of it, counted in its flattened order
    norms=True                               of each tensor its Euclidean norm only: small, but it cannot
                                             be held against a rule element by element
    every=10                                 rows only where t is a multiple of this
    loss=lambda: value                       called after each step

A row is written after each step, and one before the first (t = 0): {"t": 1, "params": {name: [...]}, "g":
{name: [...]}, "state": {"exp_avg": {name: [...]}, "step": {name: 1.0}}}. `g` is the gradient that the step
used, as it is in `p.grad` when the step begins. Numbers are written as the shortest text that reads back as
the same 64-bit float, so 32-bit ones lose nothing either.

A recorded step of Adam takes about 0.2 ms more, and 2 us for each parameter besides (measured on a CPU:
0.15 -> 0.33 ms for 19 parameters, 0.22 -> 20 ms for 10201; with five coordinates 0.7 ms, with norms 0.4 ms).
Tensors are copied to the CPU, which waits for the device.

Needs nothing but torch, and changes nothing: `step` is wrapped, and unwrapped by `close`.
"""

import json
import math

import torch

__all__ = ["record", "Recorder"]

_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _number(value):
    """A float as JSON has it; those that are not finite as text."""
    if value != value:
        return "NaN"
    return _NAMES.get(value, value)


def _plain(value):
    if isinstance(value, list):
        return [_plain(it) for it in value]
    return _number(float(value))


class Recorder:
    """What `record` returns: writes rows until it is closed."""

    def __init__(self, optimizer, path, names=None, tensors=None, coordinates=None, norms=False,
                 every=1, loss=None, extra=None):
        self.optimizer, self.norms, self.every = optimizer, norms, every
        self.loss, self.extra, self.t = loss, extra, 0
        self.coordinates = coordinates or {}
        known = {id(tensor): name for name, tensor in (dict(names).items() if names else ())}
        self.tensors = []
        for at, group in enumerate(optimizer.param_groups):
            for index, tensor in enumerate(group["params"]):
                name = known.get(id(tensor), f"p{at}_{index}")
                if tensors is None or (tensors(name) if callable(tensors) else name in tensors):
                    self.tensors.append((name, tensor))
        if not self.tensors:
            raise ValueError("no parameter is recorded: check `tensors` against the names")
        self.out = open(path, "w") if isinstance(path, str) else path
        self.owns_out = isinstance(path, str)
        settings = {
            key: _plain(list(value) if isinstance(value, tuple) else value)
            for key, value in optimizer.param_groups[0].items()
            if key != "params" and isinstance(value, (bool, int, float, tuple))
        }
        header = {"hook": "pytorch", "torch": torch.__version__,
                  "optimizer": type(optimizer).__name__, "settings": settings}
        self._write(header)
        self.original, self.had_own = optimizer.step, "step" in vars(optimizer)
        self._row(None)
        optimizer.step = self._step

    def _write(self, row):
        self.out.write(json.dumps(row, separators=(",", ":")) + "\n")

    def _take(self, name, tensor):
        """The recorded part of a tensor, copied."""
        value = tensor.detach()
        if value.dim() == 0:
            return _number(float(value))
        if self.norms:
            return _number(float(value.double().norm()))
        if name in self.coordinates:
            value = value.reshape(-1)[self.coordinates[name]]
        return _finite(value.to(torch.float64).cpu())

    def _gradients(self):
        return {name: self._take(name, tensor.grad) for name, tensor in self.tensors
                if tensor.grad is not None}

    def _step(self, closure=None):
        self.t += 1
        wanted = self.t % self.every == 0
        gradients = None
        if closure is None:
            gradients = self._gradients() if wanted else None
            result = self.original()
        else:
            # The gradient appears in the closure, which the step may call more than once: the first counts.
            def watched():
                nonlocal gradients
                value = closure()
                if wanted and gradients is None:
                    gradients = self._gradients()
                return value

            result = self.original(watched)
        if wanted:
            self._row(gradients)
        return result

    def _row(self, gradients):
        row = {"t": self.t, "params": {name: self._take(name, it) for name, it in self.tensors}}
        if gradients:
            row["g"] = gradients
        state = {}
        kept = getattr(self.optimizer, "state", {})
        for name, tensor in self.tensors:
            own = kept.get(tensor, {}) if hasattr(kept, "get") else {}
            for key, value in own.items():
                if torch.is_tensor(value):
                    state.setdefault(str(key), {})[name] = self._take(name, value)
                elif isinstance(value, (bool, int, float)):
                    state.setdefault(str(key), {})[name] = _number(float(value))
        if state:
            row["state"] = state
        if self.extra:
            for key, value in self.extra().items():
                if isinstance(value, dict):
                    row[key] = {name: self._take(name, torch.as_tensor(it)) for name, it in value.items()}
                else:
                    row[key] = self._take(key, torch.as_tensor(value))
        if self.loss:
            row["loss"] = _number(float(self.loss()))
        self._write(row)

    def close(self):
        """Ends the recording, and leaves the optimiser as it was."""
        if self.had_own:
            self.optimizer.step = self.original
        else:
            vars(self.optimizer).pop("step", None)
        if self.owns_out:
            self.out.close()
        else:
            self.out.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _finite(value):
    """A tensor as nested lists of numbers that JSON has."""
    numbers = value.tolist()
    return numbers if bool(torch.isfinite(value).all()) else _plain(numbers)


def record(optimizer, path, **how):
    """Records every step of `optimizer` in the file at `path`; see the head of this file."""
    return Recorder(optimizer, path, **how)
