"""Records each step of a torch optimiser, for `eigenstep diff` and `eigenstep open`.

    from eigenstep_hook import record

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    log = record(optimizer, "run.jsonl", names=model.named_parameters())
    ...                                      # train as always; schedulers may come before or after this
    log.close()                              # or: with record(...) as log:

Then, for instance:

    eigenstep diff run.jsonl

The ending of the path picks the format: "run.jsonl" is JSON lines, "run.eig" binary (numbers as they lie in memory:
for more than some thousand parameters), and with ".gz" after either it is packed.

A `torch.optim.Optimizer` is recorded through its own hooks for steps. Any other object will do that has
`param_groups` and a `step` method: its `step` is wrapped, and unwrapped by `close`. What it keeps in `state[p]` is
recorded by its names, of a list of tensors each: `Q_0`, `Q_1`. Several optimisers that step together are one run: `record([muon, adamw], ...)`, or an object that
has them as `optimizers`; a row is written when each has stepped, or one is about to step again. Each tensor is held
against the rule of its own optimiser, or of its group where that says `use_muon`. Lookahead (of pytorch_optimizer) is
recorded with its slow weights, and held against `torch/lookahead(...)`. Of SAM, whose steps have two gradients, its `base_optimizer`
is recorded, with the second one, by which it steps: what led uphill is not in the rows. Buffers that live elsewhere: `extra=lambda: {"m": my_m}`, a tensor, a number, or one tensor
for each recorded parameter in a dict by its name.

    mode="norms"                             of each tensor its Euclidean norm only: small, but it cannot
                                             be held against a rule element by element
    tensors=["layer.weight"]                 only these parameters (names, or a test on a name)
    coordinates={"layer.weight": [0, 5]}     only these elements of it, counted in its flattened order: held against
                                             rules that step each element by itself (of Muon, Lamb: not at all)
    every=10                                 rows only where t is a multiple of this, and before those, so that the
                                             step from one to the other can be held against a rule
    last=50                                  keeps the last rows in memory; they are written by `close`, at exit (also
                                             by an exception, not by a signal that kills), by `dump()`, and when
                                             a number of a row is not finite for the first time
    loss=lambda: value                       called before the first step, where it may have none yet, and after each
    evaluations=True                         a row for each evaluation of the closure after which the weights moved, not
                                             for each step: so by itself where torch's LBFGS has max_iter above 1

The first line names the optimiser, the settings of every group and the tensors in it. A row is written after each
step, and one before the first (t = 0): {"t": 1, "params": {name: [...]}, "g": {name: [...]}, "state": {"exp_avg":
{name: [...]}, "step": {name: 1.0}}, "settings": {"lr": [0.01, 0.001]}}. `g` is the gradient that the step used:
after other hooks have changed it and a gradient scaler has divided it. A tensor without a gradient has no `g`. `params_before` has the
tensors that were not what the row before has when the step began: somebody has clamped, averaged or loaded them in between. `settings`
has those that changed since the row before, one value for each group of the first line; a group that is added later is `group_1` (2, ...)
in them, with the tensors in it as its `params`. JSON has numbers as the shortest text that reads back as
the same 64-bit float, so that coarser ones lose nothing either; binary rows have 32 bits where the tensor has no more.

The optimisers that Accelerate (as Hugging Face's Trainer has them) and Lightning make of one are recorded as what is inside. A class
that is derived from one of torch's is held against the rule of that one, and `diff` says so.

Of processes that train together (`torch.distributed`) each writes a file of its own: "run.eig" the first, "run.rank1.eig" the second;
call `record` in the first alone where the others do the same, as with DistributedDataParallel. Of tensors that are spread over
processes, as by `fully_shard`, each has its part.

`torch.compile` may be around the step, or around all of an iteration. Steps within a CUDA graph run without Python: they are not
recorded, and a warning says so.

Each row is handed to the system when it is made: a process that is killed loses at most the one under way.
Tensors are copied to the CPU, which waits for the device. Measured on a CPU (benches/hooks.py): a step of a CNN with 57 thousand
parameters takes 1.25 times as long, with norms alone 1.08 times, of a transformer with a million 1.15 and 1.06. Needs nothing but torch.
"""

import atexit
import collections
import ctypes
import math
import warnings

import torch

__all__ = ["record", "Recorder"]

from .rows import _Array, _Output, _is_due, _number, _path_of, _places, _plain


# Packages that put an optimiser into one of their own, which steps as the one inside does.
TRAINERS = ("accelerate", "lightning", "lightning_fabric", "pytorch_lightning")


def _settings(group):
    """The settings of a group that are numbers, switches, words or pairs of numbers."""
    found = {}
    for key, value in group.items():
        if key == "params" or value is None:
            continue
        if type(value) is float:
            found[key] = _number(value)
            continue
        if isinstance(value, torch.Tensor) and value.dim() == 0:
            value = float(value)
        if isinstance(value, (bool, int, float, str)) or (
                isinstance(value, (tuple, list)) and any(isinstance(it, (int, float)) for it in value)
                and all(it is None or isinstance(it, (int, float)) for it in value)):
            found[key] = _plain(value)
    # Adafactor takes the rounding unit of what it steps where it is given none.
    if "beta2_decay" in found and isinstance(found.get("eps"), list) and found["eps"][0] is None:
        found["eps"] = [torch.finfo(group["params"][0].dtype).eps, *found["eps"][1:]]
    return found


def _own(tensor):
    """The numbers that this process has of a tensor: its part of one that is spread over processes; of one that is kept in another
    form, as in 8 bits with a scale for each block, what that stands for."""
    value = tensor.detach()
    if type(value) is torch.Tensor:
        return value
    if hasattr(value, "to_local"):
        value = value.to_local()
    elif hasattr(value, "__tensor_flatten__") and type(value).dequantize is not torch.Tensor.dequantize:
        value = value.dequantize()
    if value.numel() and not value.data_ptr():
        raise TypeError(f"numbers of type {type(value).__name__} cannot be read; `tensors` may leave a parameter out")
    return value.as_subclass(torch.Tensor)


def _process():
    """The rank of this process among those that train together, and how many there are."""
    processes = getattr(torch, "distributed", None)
    if processes is None or not processes.is_available() or not processes.is_initialized():
        return 0, 1
    return processes.get_rank(), processes.get_world_size()


def _dense(tensor):
    """A tensor with all of its numbers, real ones."""
    value = _own(tensor)
    if value.is_sparse:
        value = value.to_dense()
    return torch.view_as_real(value) if value.is_complex() else value


def _is_like(tensor, other):
    """True where there is another tensor of the same shape and type, in the same place."""
    return other is not None and tensor.shape == other.shape and tensor.dtype == other.dtype and tensor.device == other.device


def _numbers(values):
    """These numbers and tensors of one number as numbers; a device is waited for once for each type, not for each number."""
    values, kinds = list(values), {}
    for at, it in enumerate(values):
        if not isinstance(it, torch.Tensor):
            values[at] = float(it)
        elif it.is_cpu:
            values[at] = float(it.item())
        else:
            kinds.setdefault((it.device, it.dtype), []).append(at)
    for some in kinds.values():
        for at, number in zip(some, torch.stack([values[at].detach() for at in some]).tolist()):
            values[at] = float(number)
    return values


def _norms(tensors):
    """The Euclidean norm of each of these tensors: numbers, or tensors of one number on a device that would be waited for."""
    # Contexts like `no_grad` cost as much as the norms of small tensors.
    tensors = [it.detach() if it.requires_grad else it for it in tensors]
    if not all(type(it) is torch.Tensor and it.dtype is torch.float32 and it.is_cpu and it.layout is torch.strided
               for it in tensors):
        tensors = [_dense(it) for it in tensors]
        tensors = [it if it.is_floating_point() else it.double() for it in tensors]
        return torch._foreach_norm(tensors, 2, dtype=torch.float64)
    norms = [it.item() for it in torch._foreach_norm(tensors, 2)] if tensors else []
    # Squares in 32 bits may have been too small or too large.
    return [norm if 1e-15 < norm < 1e15 else float(torch.linalg.vector_norm(it, dtype=torch.float64))
            for norm, it in zip(norms, tensors)]


def _unwrapped(optimizer):
    """The optimiser that steps inside of what a trainer has around it, or this process's part of one that is spread."""
    while type(optimizer).__module__.split(".")[0] in TRAINERS and hasattr(
            getattr(optimizer, "optimizer", None), "param_groups"):
        optimizer = optimizer.optimizer
    return optimizer.optim if type(optimizer).__name__ == "ZeroRedundancyOptimizer" else optimizer


def _optimizers(optimizer):
    """The optimisers that are recorded: one, those of a list, or those that an object steps together."""
    base = getattr(optimizer, "base_optimizer", None)
    if type(optimizer).__name__.upper().endswith("SAM") and hasattr(base, "param_groups"):
        return [base]
    if isinstance(optimizer, (list, tuple)):
        optimizer = [_unwrapped(it) for it in optimizer]
    else:
        optimizer = _unwrapped(optimizer)
    inner = optimizer if isinstance(optimizer, (list, tuple)) else getattr(optimizer, "optimizers", None)
    inner = list(inner.values()) if isinstance(inner, dict) else inner
    is_composed = isinstance(inner, (list, tuple)) and inner and all(hasattr(it, "param_groups") for it in inner)
    if isinstance(optimizer, (list, tuple)) and not is_composed:
        raise ValueError("a list of optimisers has at least one, each with param_groups")
    return list(inner) if is_composed else [optimizer]


def _fast(optimizer):
    """The optimiser inside of a Lookahead whose slow weights begin with the first ones; none of any other object."""
    inner = getattr(optimizer, "optimizer", None)
    has = lambda key: any(key in it for it in getattr(optimizer, "state", {}).values())
    is_lookahead = hasattr(inner, "param_groups") and hasattr(optimizer, "k") and hasattr(optimizer, "alpha")
    return inner if is_lookahead and has("slow_params") else None


def _class(optimizer):
    """The class that says which rule it is: of a class that is derived from one of torch's, torch's."""
    for it in type(optimizer).__mro__:
        if it.__module__.split(".")[:2] == ["torch", "optim"] and it.__name__ != "Optimizer":
            return it
    return type(optimizer)


def _rule(optimizer, group):
    """The rule of a group, by the name that eigenstep has for it."""
    fast = _fast(optimizer)
    if fast is not None:
        return f"torch/lookahead({_rule(fast, group)})"
    # Keller Jordan's package, whose classes also have AdamW for what is no matrix.
    if group.get("use_muon") is not None:
        return "torch/jordan_muon" if group["use_muon"] else "torch/adamw"
    if type(optimizer).__name__ in ("Muon", "SingleDeviceMuon") and type(optimizer).__module__.split(".")[0] == "muon":
        return "torch/jordan_muon"
    return "torch/" + _class(optimizer).__name__.lower()


class _Part:
    """One of the optimisers of a run: how deep in its step it is, and what its last step used."""

    def __init__(self, optimizer):
        self.optimizer, self.depth, self.late, self.has_stepped = optimizer, 0, False, False
        # Those of its parameters that are recorded, by their names; as its step left them, until others have stepped, too.
        self.tensors, self.left = [], {}
        self.gradients, self.handles, self.original = None, [], None
        self.fast = _fast(optimizer)
        self.used()

    def used(self):
        """Notes the settings that hold: a scheduler may change them before the row is written."""
        self.settings = [self.settings_of(group) for group in self.optimizer.param_groups]

    def settings_of(self, group):
        found = _settings(group)
        if self.fast is not None:
            found.pop("counter", None)
            found.update(lookahead_k=self.optimizer.k, lookahead_alpha=self.optimizer.alpha)
        return found

    def state(self):
        """What is kept of each tensor."""
        kept = getattr(self.optimizer, "state", {})
        if self.fast is None or not hasattr(kept, "get"):
            return kept
        groups = self.optimizer.param_groups
        return {tensor: {**self.fast.state.get(tensor, {}), **kept.get(tensor, {}), "counter": group["counter"]}
                for group in groups for tensor in group["params"]}


def _uncompiled(function):
    """The same function, which `torch.compile` of a step leaves as it is."""
    return torch.compiler.disable(function) if hasattr(getattr(torch, "compiler", None), "disable") else function


def _is_captured():
    """Whether a CUDA graph is being made of the step: it computes nothing now, and is not called when it does."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def _has_closure(args, kwargs):
    return any(callable(it) for it in (*args, *kwargs.values()))


class Recorder:
    """What `record` returns: writes rows until it is closed."""

    def __init__(self, optimizer, path, names=None, mode="full", tensors=None, coordinates=None, norms=False,
                 every=1, last=None, loss=None, extra=None, evaluations=None):
        if mode not in ("full", "norms"):
            raise ValueError(f"mode is 'full' or 'norms', not {mode!r}")
        self.parts = [_Part(it) for it in _optimizers(optimizer)]
        self.norms, self.every = norms or mode == "norms", every
        self.loss, self.extra, self.t = loss, extra, 0
        named = getattr(names, "named_parameters", lambda: names or ())()
        self.tensors, self.known = [], {id(tensor): name for name, tensor in dict(named).items()}
        self.wanted = tensors
        self._find_tensors()
        if not self.tensors:
            raise ValueError("no parameter is recorded: check `tensors` against the names")
        # Of tensors that are spread over processes each has a part.
        own = {name: _own(tensor) for name, tensor in self.tensors}
        shards = {name: list(tensor.shape) for name, tensor in self.tensors if tensor.shape != own[name].shape}
        self.coordinates = _places(coordinates, {name: it.numel() for name, it in own.items()})
        self.shapes = {name: own[name].shape for name in self.coordinates}
        rank, processes = _process()
        self.out = _Output(_path_of(path, rank))
        self.rows = self.out.rows
        self.kept = collections.deque(maxlen=last) if last else None
        self.dumped = self.closed = False
        # What the optimisers keep in a form that cannot be read.
        self.unread = set()
        # Whether all numbers of the row under way are, with those that its step used.
        self.is_finite = True
        # What the closure gave last, and the weights that it gave it for.
        self.evaluated, self.count = None, 0
        if evaluations is None:
            evaluations = len(self.parts) == 1 and type(self.parts[0].optimizer).__name__ == "LBFGS" and not any(
                group.get("line_search_fn") or group.get("max_iter", 1) <= 1 for _, group in self._groups())
        if evaluations and len(self.parts) > 1:
            raise ValueError("evaluations of a closure are those of one optimiser: record each by itself")
        self.evaluations = evaluations
        # The parameters as the row before has them, where the next step is held against them; those that are others by now.
        self.after, self.has_after, self.changed = {}, False, {}
        groups = [self._group(part, group) for part in self.parts for group in part.optimizer.param_groups]
        # Groups that are added later come after those of the header, with the settings that rows have said of each.
        for part in self.parts:
            part.stated = len(part.optimizer.param_groups)
        self.stated, self.late, self.new = len(groups), [], set()
        self.settings = self._settings()
        dtypes = {name: str(tensor.dtype).replace("torch.", "") for name, tensor in self.tensors
                  if hasattr(tensor, "dtype")}
        classes, derived = ([name(it.optimizer).__name__ for it in self.parts] for name in (_class, type))
        own = {} if classes == derived else {"class": ", ".join(dict.fromkeys(derived))}
        if any(getattr(tensor, "is_cuda", False) for _, tensor in self.tensors) \
                and torch.get_float32_matmul_precision() != "highest":
            own["matmul"] = "tf32"
        if processes > 1:
            own.update(rank=rank, processes=processes)
        if shards:
            own["shards"] = shards
        self.out.write(self.rows.header({"hook": "pytorch", "torch": torch.__version__,
                     "optimizer": ", ".join(dict.fromkeys(classes)), **own,
                     "settings": self.settings[0], "groups": groups, "dtypes": dtypes, "norms": self.norms,
                     "every": every, **({"coordinates": self.coordinates} if self.coordinates and not self.norms else {})}))
        self._row(None)
        self._attach()
        atexit.register(self.close)

    def _groups(self):
        """Every group, with the optimiser that it is of."""
        return [(part, group) for part in self.parts for group in part.optimizer.param_groups]

    def _settings(self):
        """The settings of every group of the header as its last step used them."""
        return [settings for part in self.parts for settings in part.settings[:part.stated]]

    def _find_new(self):
        """Takes in the tensors, and groups, that have been added since it was last looked."""
        if sum(len(group["params"]) for _, group in self._groups()) == self.seen:
            return
        known = len(self.tensors)
        self._find_tensors()
        self.new.update(id(tensor) for _, tensor in self.tensors[known:])
        have = {(id(part), at) for part, at, _ in self.late}
        self.late += [(part, at, {}) for part in self.parts for at in range(part.stated, len(part.optimizer.param_groups))
                      if (id(part), at) not in have]

    def _find_tensors(self):
        """The recorded parameters, including those of groups added later."""
        self.seen = sum(len(group["params"]) for _, group in self._groups())
        have = {id(tensor) for _, tensor in self.tensors}
        for at, (part, group) in enumerate(self._groups()):
            # Made with named parameters, groups know the names.
            names = group.get("param_names") or [f"p{at}_{index}" for index in range(len(group["params"]))]
            for name, tensor in zip(names, group["params"]):
                name = self.known.get(id(tensor), name)
                wanted = self.wanted
                if any(tensor is it for other in self.parts if other is not part for _, it in other.tensors):
                    raise ValueError(f"`{name}` is a parameter of two of these optimisers: record each by itself")
                if id(tensor) not in have and (
                        wanted is None or (wanted(name) if callable(wanted) else name in wanted)):
                    self.tensors.append((name, tensor))
                    part.tensors.append((name, tensor))

    def _group(self, part, group):
        """A group as the header has it; where groups may have rules of their own, with its rule."""
        ours = {id(tensor): name for name, tensor in self.tensors}
        rules = {_rule(part.optimizer, group) for part, group in self._groups()}
        plain = "torch/" + _class(part.optimizer).__name__.lower()
        own = {} if rules == {plain} else {"rule": _rule(part.optimizer, group)}
        return {"params": [ours[id(it)] for it in group["params"] if id(it) in ours], **own,
                **part.settings_of(group)}

    # How steps are noticed.

    def _attach(self):
        for part in self.parts:
            self._attach_to(part)

    def _attach_to(self, part):
        optimizer = part.optimizer
        before, after = _uncompiled(self._before), _uncompiled(self._after)
        # A subclass that does not begin as torch's do has the methods, and nothing that they could add to.
        if hasattr(optimizer, "register_step_post_hook") and hasattr(optimizer, "_optimizer_step_pre_hooks"):
            part.handles = [optimizer.register_step_pre_hook(
                lambda _, args, kwargs: before(part, args, kwargs)),
                            optimizer.register_step_post_hook(lambda *_: after(part))]
            return
        part.original, part.had_own = optimizer.step, "step" in vars(optimizer)

        def step(*args, **kwargs):
            args, kwargs = before(part, args, kwargs) or (args, kwargs)
            try:
                result = part.original(*args, **kwargs)
            except BaseException:
                part.depth -= 1
                raise
            after(part)
            return result

        optimizer.step = step

    def _before(self, part, args, kwargs):
        """Before a step: what it is to be called with, where that is something else."""
        has_closure = _has_closure(args, kwargs)
        part.depth += 1
        if part.depth > 1:
            return None
        if _is_captured():
            warnings.warn("steps within a CUDA graph are not recorded: to record all, train without the graph", stacklevel=2)
            return None
        if part.has_stepped:
            # Others have not stepped in this iteration.
            self._step()
        self._find_new()
        if _is_due(self.t + 1, self.every):
            self.changed.update(self._changed_outside(part))
        if self.evaluations and has_closure:
            self.evaluated, self.count = None, 0
            return (tuple(self._watched(it) for it in args),
                    {key: self._watched(it) for key, it in kwargs.items()})
        hooks = getattr(part.optimizer, "_optimizer_step_pre_hooks", None)
        # Hooks that come after this one may change the gradient; so do a closure and a fused step that unscales.
        part.late = has_closure or bool(part.handles and hooks and next(reversed(hooks)) != part.handles[0].id) \
            or getattr(part.optimizer, "grad_scale", None) is not None
        wanted = _is_due(self.t + 1, self.every)
        part.gradients = self._gradients(part, keep=True) if wanted and not part.late else None
        return None

    def _watched(self, closure):
        """A closure whose evaluations are noted; anything else as it is."""
        if not callable(closure):
            return closure

        def noted(*args, **kwargs):
            self._moved()
            result = closure(*args, **kwargs)
            self.count += 1
            self.evaluated = ([_own(tensor).clone() for _, tensor in self.tensors], self._gradients(self.parts[0], keep=True))
            return result

        return noted

    def _moved(self, is_last=False):
        """A row, if the weights have moved since the last evaluation; the only one of a step counts in any case."""
        if self.evaluated is None:
            return
        before, gradients = self.evaluated
        stays = all(torch.equal(a, _own(b)) for a, (_, b) in zip(before, self.tensors))
        if not stays or is_last and self.count == 1:
            self.t += 1
            if _is_due(self.t, self.every):
                self._row(gradients)
        self.evaluated = None

    def _after(self, part):
        part.depth -= 1
        if part.depth or _is_captured():
            return
        if self.evaluations and self.count:
            self._moved(is_last=True)
            self.count = 0
            return
        part.has_stepped = True
        part.used()
        if _is_due(self.t + 1, self.every):
            if part.late:
                # What a closure computed is there only now; a step of another may come before the row.
                part.gradients = self._gradients(part, keep=len(self.parts) > 1)
            else:
                # Some optimisers step with zeros where there was no gradient.
                made = {name: torch.zeros_like(tensor) for name, tensor in part.tensors
                        if name not in part.gradients and tensor.grad is not None}
                if made:
                    part.gradients.update(self._taken(made))
        if all(it.has_stepped for it in self.parts):
            self._step()
        elif not self.norms and _is_due(self.t + 1, self.every):
            # What is changed before the last of them steps is not its doing.
            part.left = {name: _dense(tensor).clone() for name, tensor in part.tensors}

    def _step(self):
        """Ends an iteration, in which at least one optimiser has stepped."""
        self.t += 1
        if _is_due(self.t, self.every):
            gradients = {}
            for part in self.parts:
                gradients.update(part.gradients or {})
            self._row(gradients)
        for part in self.parts:
            part.has_stepped, part.gradients, part.left = False, None, {}

    # What is recorded.

    def _changed_outside(self, part):
        """The parameters of a part that are not what the row before has, as they are now."""
        if self.norms:
            return {}
        # What has come since the row before is what its first step begins with.
        new = {} if not self.new else {
            name: _dense(it) for name, it in part.tensors if id(it) in self.new}
        now = {name: _dense(it) for name, it in part.tensors} if self.has_after else {}
        now = {name: it for name, it in now.items() if _is_like(it, self.after.get(name))}
        # Other devices are waited for once, not for each tensor.
        elsewhere = {name: torch.ne(it, self.after[name]).any() for name, it in now.items() if not it.is_cpu}
        elsewhere = dict(zip(elsewhere, _numbers(elsewhere.values())))
        is_other = lambda name, it: elsewhere[name] if name in elsewhere else not torch.equal(it, self.after[name])
        # What is not a number differs from itself.
        changed = {name: it for name, it in now.items() if is_other(name, it)
                   and not torch.equal(it.nan_to_num(), self.after[name].nan_to_num())}
        changed.update(new)
        return {name: self._take(name, it.clone()) for name, it in changed.items()}

    def _keep(self, params):
        """Keeps the parameters as the row has them, in memory that is used again."""
        # Of norms nothing is held against a rule; without the next row there is nothing to hold either.
        self.has_after = not self.norms and _is_due(self.t + 1, self.every)
        for name, tensor in params.items() if self.has_after else ():
            value, kept = _dense(tensor), self.after.get(name)
            if _is_like(value, kept):
                kept.copy_(value)
            else:
                self.after[name] = value.clone()

    def _taken(self, tree):
        """The recorded part of each of these tensors by name, or of numbers; of what is kept whole, dicts may be within dicts."""
        if not self.norms:
            return {name: self._taken(it) if isinstance(it, dict) else
                    self._take(name, _dense(it)) if torch.is_tensor(it) else _number(it) for name, it in tree.items()}
        return self._normed([tree])[0]

    def _normed(self, trees):
        """The norms of these tensors by name, and the numbers among them as they are."""
        found = [it for tree in trees for it in tree.values()]
        large = [at for at, it in enumerate(found) if isinstance(it, torch.Tensor) and it.dim()]
        for at, norm in zip(large, _norms([found[at] for at in large])):
            found[at] = norm
        found = _numbers(found)
        if not all(map(math.isfinite, found)):
            found = map(self._number, found)
        found = iter(found)
        return [dict(zip(tree, found)) for tree in trees]

    def _number(self, value):
        value = _number(value)
        self.is_finite &= not isinstance(value, str)
        return value

    def _take(self, name, value):
        if value.dim() == 0:
            return self._number(value)
        # A buffer of another shape, as a factor of a matrix, has other elements: all of them.
        if name in self.coordinates and value.shape == self.shapes[name]:
            value = value.reshape(-1)[self.coordinates[name]]
        if self.rows.is_binary:
            return self._array(value)
        value = value.to(torch.float64).cpu()
        numbers = value.tolist()
        if bool(torch.isfinite(value).all()):
            return numbers
        self.is_finite = False
        return _plain(numbers)

    def _array(self, value):
        """The numbers of a tensor as they lie in memory, those of other types as the next larger float."""
        wide = value.dtype in (torch.float64, torch.int32, torch.int64)
        value = value.to(device="cpu", dtype=torch.float64 if wide else torch.float32).contiguous()
        if self.kept is not None:
            self.is_finite &= bool(torch.isfinite(value).all())
        size = value.numel() * value.element_size()
        data = (ctypes.c_char * size).from_address(value.data_ptr()) if size else b""
        return _Array("<f8" if wide else "<f4", value.shape, data, value)

    def _gradients(self, part, keep=False):
        """The gradients of a part; `keep` copies those that change before they are written."""
        gradients = {name: tensor.grad for name, tensor in part.tensors}
        gradients = {name: it for name, it in gradients.items() if it is not None}
        if self.norms:
            # They become numbers with all the others of the row.
            return dict(zip(gradients, _norms(list(gradients.values()))))
        copied = keep and self.rows.is_binary
        return self._taken({name: it.clone() if copied else it for name, it in gradients.items()})

    def _row(self, gradients):
        self.new = set()
        state = self._state()
        params = dict(self.tensors)
        for part in self.parts:
            params.update(part.left)
        whole = params
        if self.norms:
            params, gradients, *own = self._normed([params, gradients or {}, *state.values()])
            state = dict(zip(state, own))
        else:
            params, state = self._taken(params), self._taken(state)
        row = {"t": self.t, "params": params}
        if self.changed:
            row["params_before"], self.changed = self.changed, {}
        self._keep(whole)
        if gradients:
            row["g"] = gradients
        if state:
            row["state"] = state
        changed = self._changed()
        if changed:
            row["settings"] = changed
        if self.extra:
            for key, value in self.extra().items():
                some = value if isinstance(value, dict) else {key: value}
                some = self._taken({name: torch.as_tensor(it) for name, it in some.items()})
                row[key] = some if isinstance(value, dict) else some[key]
        loss = self._loss() if self.loss else None
        if loss is not None:
            row["loss"] = self._number(loss)
        self._write(row)

    def _loss(self):
        """What `loss` says; before the first step it may look at a variable that there is not yet."""
        try:
            return self.loss()
        except NameError:
            if self.t:
                raise
            return None

    def _state(self):
        """What the optimisers keep, by its name and that of the tensor."""
        # Within a step, what the optimiser keeps is that of the step before.
        found = {}
        for part in () if self.evaluations else self.parts:
            kept = part.state()
            for name, tensor in part.tensors if hasattr(kept, "get") else ():
                for key, value in kept.get(tensor, {}).items():
                    if isinstance(value, (torch.Tensor, bool, int, float)):
                        if not self._is_readable(key, value):
                            continue
                        if key not in found:
                            found[key] = {}
                        found[key][name] = value
                    elif isinstance(value, (list, tuple)):
                        for at, it in enumerate(value):
                            if torch.is_tensor(it) and self._is_readable(key, it):
                                found.setdefault(f"{key}_{at}", {})[name] = it
        return {str(key): own for key, own in found.items()}

    def _is_readable(self, key, value):
        """Whether the numbers of what is kept can be read; a warning says once of what they cannot."""
        if not isinstance(value, torch.Tensor) or type(value) is torch.Tensor:
            return True
        try:
            _own(value)
        except TypeError as why:
            if key not in self.unread:
                self.unread.add(key)
                warnings.warn(f"`{key}` is not recorded: {why}", stacklevel=2)
            return False
        return True

    def _changed(self):
        """The settings that changed since the previous row, one value per group."""
        now = self._settings()
        if now == self.settings and not self.late:
            return {}
        keys = {key for group in now for key in group}
        before = self.settings + [{}] * (len(now) - len(self.settings))
        changed = sorted(key for key in keys if any(a.get(key) != b.get(key) for a, b in zip(before, now)))
        self.settings = now
        found = {}
        for key in changed:
            values = [group.get(key, "NaN") for group in now]
            if any(isinstance(it, list) for it in values):
                for at in range(max(len(it) for it in values if isinstance(it, list))):
                    found[f"{key.rstrip('s')}{at + 1}"] = [it[at] if isinstance(it, list) else "NaN" for it in values]
            else:
                found[key] = values
        for number, (part, at, said) in enumerate(self.late, self.stated):
            own = {key: it for key, it in part.settings[at].items() if not isinstance(it, (str, type(None)))}
            own = {f"{key.rstrip('s')}{k}" if isinstance(it, list) else key: value for key, it in own.items()
                   for k, value in enumerate(it if isinstance(it, list) else [it], 1) if value is not None}
            ours = {id(tensor): name for name, tensor in self.tensors}
            names = [ours[id(it)] for it in part.optimizer.param_groups[at]["params"] if id(it) in ours]
            changed = {key: value for key, value in own.items() if said.get(key) != value}
            if names and not said:
                changed["params"] = dict.fromkeys(names, 1.0)
            said.update(own)
            if changed:
                found[f"group_{number}"] = changed
        return found

    # Where it goes.

    def _write(self, row):
        before, parts = self.rows.row(row)
        self.out.write(before if self.kept is not None else before + parts)
        if self.kept is None:
            return
        self.kept.append(b"".join(parts))
        if not self.is_finite and not self.dumped:
            self.dumped = True
            self.dump()
        self.is_finite = True

    def dump(self):
        """Writes the rows that `last` keeps."""
        self.out.write(self.kept or ())
        if self.kept:
            self.kept.clear()

    def close(self):
        """Ends the recording and takes its hooks off the optimiser."""
        if self.closed:
            return
        self.closed = True
        atexit.unregister(self.close)
        if any(part.has_stepped for part in self.parts):
            self._step()
        for part in self.parts:
            for handle in part.handles:
                handle.remove()
            if part.original is None:
                continue
            if part.had_own:
                part.optimizer.step = part.original
            else:
                vars(part.optimizer).pop("step", None)
        self.dump()
        self.out.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def record(optimizer, path, **how):
    """Records every step of `optimizer` in the file at `path`; see the head of this file."""
    return Recorder(optimizer, path, **how)
