"""Records each step of an optax optimiser, for `eigenstep diff` and `eigenstep open`.

    from eigenstep_hook import Recorder

    optimizer = optax.adam(0.01)
    params, state = start, optimizer.init(start)
    with Recorder("run.jsonl", rule="optax/adam", settings={"learning_rate": 0.01}) as log:
        log.start(params, state)                        # t = 0
        for _ in range(300):
            grads = jax.grad(loss)(params)
            updates, state = optimizer.update(grads, state, params)
            params = optax.apply_updates(params, updates)
            log.step(params, grads, state)              # t = 1, 2, ...; loss=... and anything else by name

Then, for instance:

    eigenstep diff run.jsonl

`rule` and `settings` are what the run is held against, unless `--against` names another rule. A schedule says what
held in a step: log.step(params, grads, state, settings={"learning_rate": schedule(t)}); those of
`optax.inject_hyperparams` are recorded with its state. Where something else than the optimiser may change the parameters between steps,
log.step(..., before=params) has those that the step began with: leaves that are not as the row before has them are recorded.

Where leaves follow different rules, as with `optax.partition` (`multi_transform`) and `optax.masked`, name a rule for each
label; `labels` is what that was given, labels or a mask, or a function of the parameters:

    Recorder("run.jsonl", labels=labels, rules={
        "hidden": ("optax/muon", {"learning_rate": 0.02}), "frozen": "optax/set_to_zero"})

with `settings={"hidden": {"learning_rate": ...}}` for what a step used. What is outside of the mask of `optax.masked` is
added to the parameters as it is: `rules={True: ("optax/adam", {...}), False: ("torch/sgd", {"lr": 1, "maximize": 1})}`.

A wrapper's rule is written around another: rule="optax/lookahead(optax/adam)", with the settings of both; of
`optax.LookaheadParams` the fast ones are the parameters and the slow ones a state. `optax.contrib.sam` is "optax/sam(...)" where its
adversary is chain(normalize(), sgd(rho)); in opaque mode, the gradient that it steps by is not one that you have.

Call it outside of `jax.jit`, with what the jitted step returns. `params` and `grads` are any pytree; of
`state`, a pytree too (optax's or your own), every NamedTuple's fields are recorded by their names: `mu`, `nu`,
`trace`, `count`; of fields of one name the first counts.

    tensors=["layer/kernel"]                 only these leaves of `params` (names, or a test on a name)
    coordinates={"layer/kernel": [0, 5]}     only these elements of it, counted in its flattened order: held against
                                             rules that step each element by itself (of Muon, Lamb: not at all)
    norms=True                               of each leaf its Euclidean norm only
    every=10                                 rows only where t is a multiple of this, and before those, so that the
                                             step from one to the other can be held against a rule

Of processes that train together each writes a file of its own, "run.eig" the first and "run.rank1.eig" the second; arrays are
those that each has a copy of.

The ending of the path picks the format: "run.jsonl" is JSON lines, "run.eig" binary (for more than some thousand
parameters), and with ".gz" after either it is packed. JSON has numbers as the shortest text that reads back as the
same 64-bit float, binary rows have 32 bits where the array has no more. Each recorded step waits
for the device (measured on a CPU: 0.03 -> 0.09 ms a step for Adam on 6 parameters). For 64-bit runs set `jax.config.update("jax_enable_x64", True)` first. Needs nothing but jax.
"""

import math

import jax
import numpy

__all__ = ["Recorder"]

from .rows import _Array, _Output, _is_due, _number, _path_of, _places, _plain


def _products():
    """What this device rounds the factors of 32-bit matrix products to; none where it has them as they are."""
    asked = jax.config.jax_default_matmul_precision
    is_coarse = asked in (None, "default", "fastest", "bfloat16", "high", "tensorfloat32")
    coarse = {"gpu": "tf32", "tpu": "bfloat16"}.get(jax.default_backend())
    return coarse if is_coarse else None


def _name(path):
    """The path of a leaf as a name: `layer/kernel`."""
    words = (getattr(key, "key", getattr(key, "name", getattr(key, "idx", key))) for key in path)
    return "/".join(str(word) for word in words)


def _own(leaf):
    """What this process has of an array that all processes have a copy of."""
    is_everywhere = getattr(leaf, "is_fully_replicated", False) and not leaf.is_fully_addressable
    return leaf.addressable_data(0) if is_everywhere else leaf


def _leaves(tree):
    return {_name(path): _own(leaf) for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]}


class Recorder:
    """Writes rows to the file at `path` until it is closed."""

    def __init__(self, path, tensors=None, coordinates=None, norms=False, every=1, rule=None, settings=None,
                 rules=None, labels=None):
        if (rules is None) != (labels is None):
            raise ValueError("`rules` has a rule for each of the `labels`: give both")
        self.tensors, self.coordinates = tensors, coordinates or {}
        self.norms, self.every, self.t = norms, every, 0
        self.out = _Output(_path_of(path, jax.process_index()))
        self.rows = self.out.rows
        self.rule, self.begun, self.labels, self.label_of = rule, False, labels, {}
        # The settings of each group, by its label; there is one where all leaves follow one rule.
        self.rules = {None: (rule, settings or {})} if rules is None else {
            label: (it, {}) if isinstance(it, str) else it for label, it in rules.items()}
        self.settings = {label: dict(own) for label, (_, own) in self.rules.items()}
        self.after = {}

    def _find_places(self, params):
        """Takes the elements that were asked for from the leaves of these parameters."""
        shapes = {name: numpy.asarray(leaf).shape for name, leaf in _leaves(params).items() if self._wanted(name)}
        self.coordinates = _places(self.coordinates, {name: math.prod(shape) for name, shape in shapes.items()})
        self.shapes = {name: shapes[name] for name in self.coordinates}

    def _begin(self, params):
        leaves = {name: leaf for name, leaf in _leaves(params).items() if self._wanted(name)}
        header = {"hook": "jax", "jax": jax.__version__, "norms": self.norms, "every": self.every,
                  "dtypes": {name: str(getattr(leaf, "dtype", "float32")) for name, leaf in leaves.items()}}
        if self.coordinates and not self.norms:
            header["coordinates"] = self.coordinates
        products = _products()
        if products:
            header["matmul"] = products
        if self.labels is not None:
            unknown = set(self.label_of.values()) - set(self.rules)
            if unknown:
                raise ValueError(f"`rules` has no rule for {', '.join(sorted(map(repr, unknown)))}")
            header["groups"] = [{"params": self._of_label(label, leaves), "rule": rule, **self.settings[label]}
                                for label, (rule, _) in self.rules.items()]
        elif self.rule:
            header.update(rule=self.rule, settings=self.settings[None],
                          groups=[{"params": list(leaves), **self.settings[None]}])
        self.out.write(self.rows.header(header))
        self.begun = True

    def _of_label(self, label, names):
        return [name for name in names if self.label_of.get(name) == label]

    def _changed(self, settings):
        """The settings that are others than in the row before, one value for each group; `settings` has them by label."""
        changed = set()
        for label, own in settings.items():
            if label not in self.rules:
                raise ValueError(f"there is no rule for {label!r}")
            for key, value in own.items():
                if self.settings[label].get(key) != float(value):
                    self.settings[label][key] = float(value)
                    changed.add(key)
        # What is neither a number nor a schedule that the header states cannot change.
        value = lambda own, key: own[key] if isinstance(own.get(key), (bool, int, float)) else float("nan")
        return {key: [_number(value(own, key)) for own in self.settings.values()] for key in sorted(changed)}

    def _wanted(self, name):
        if self.tensors is None:
            return True
        return self.tensors(name) if callable(self.tensors) else name in self.tensors

    def _take(self, name, leaf):
        """The recorded part of an array."""
        value = numpy.asarray(leaf)
        wide = value.dtype in (numpy.float64, numpy.int32, numpy.int64)
        if not self.rows.is_binary or value.ndim == 0 or self.norms:
            value = value.astype(numpy.float64)
        if value.ndim == 0:
            return _number(value)
        if self.norms:
            return _number(numpy.linalg.norm(value))
        # A buffer of another shape, as a factor of a matrix, has other elements: all of them.
        if name in self.coordinates and value.shape == self.shapes[name]:
            value = value.reshape(-1)[self.coordinates[name]]
        if self.rows.is_binary:
            value = value.astype("<f8" if wide else "<f4")
            return _Array("<f8" if wide else "<f4", value.shape, value.tobytes())
        numbers = value.tolist()
        return numbers if numpy.isfinite(value).all() else _plain(numbers)

    def _tree(self, tree):
        leaves = {name: self._take(name, leaf) for name, leaf in _leaves(tree).items() if self._wanted(name)}
        # A lone array has no name.
        return leaves[""] if list(leaves) == [""] else leaves

    def _states(self, state, found):
        """Every field of every NamedTuple in `state`, by its name."""
        if hasattr(state, "_fields"):
            for key in state._fields:
                value = getattr(state, key)
                if key == "inner_states" and self.label_of and set(value) <= set(self.rules):
                    self._labelled(value, found)
                elif getattr(value, "_fields", None) or self._holds_states(value):
                    self._states(value, found)
                elif jax.tree_util.tree_leaves(value):
                    self._keep(found, key, self._tree(value))
        elif isinstance(state, (tuple, list)):
            for part in state:
                self._states(part, found)
        elif isinstance(state, dict):
            for key, part in state.items():
                if self._holds_states(part):
                    self._states(part, found)
                else:
                    self._keep(found, str(key), self._tree(part))

    def _labelled(self, states, found):
        """The states of each label: numbers among them are those of its leaves, hyperparameters are settings."""
        for label, state in states.items():
            own = {}
            self._states(state, own)
            injected = own.pop("hyperparams", {})
            self.injected[label] = {key: value for key, value in injected.items() if isinstance(value, float)}
            for key, value in own.items():
                named = value if isinstance(value, dict) else dict.fromkeys(self._of_label(label, self.label_of), value)
                self._keep(found, key, {name: it for name, it in named.items() if self._wanted(name)})

    def _keep(self, found, key, value):
        """The first entry of a name counts, except for leaves that masks have spread over several states."""
        if isinstance(found.get(key), dict) and isinstance(value, dict):
            for name, leaf in value.items():
                found[key].setdefault(name, leaf)
        else:
            found.setdefault(key, value)

    def _holds_states(self, value):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
        # The place that a mask leaves empty is a tuple without fields, and no state.
        return any(getattr(part, "_fields", None) or self._holds_states(part) for part in parts)

    def start(self, params, state=None):
        """Writes the row of t = 0."""
        self.t = 0
        self._row(params, None, state, {})

    def step(self, params, grads, state=None, settings=None, before=None, **extra):
        """Writes the row after a step: the new parameters and state, and the gradient and settings that led to them."""
        self.t += 1
        if _is_due(self.t, self.every):
            self._row(params, grads, state, extra, settings, before)
        elif before is not None:
            self.after = {}

    def _changed_outside(self, before):
        """The leaves that are not what the row before has."""
        same = lambda name, leaf: numpy.array_equal(numpy.asarray(leaf), self.after[name], equal_nan=True)
        changed = {name: leaf for name, leaf in _leaves(before).items() if name in self.after and not same(name, leaf)}
        return {name: self._take(name, leaf) for name, leaf in changed.items()}

    def _row(self, params, grads, state, extra, settings=None, before=None):
        # The weights that a gradient is taken at, and those that follow them.
        params, slow = (params.fast, params.slow) if getattr(params, "_fields", ()) == ("fast", "slow") else (params, None)
        before = before if slow is None else getattr(before, "fast", before)
        if not self.label_of and self.labels is not None:
            labels = self.labels(params) if callable(self.labels) else self.labels
            self.label_of = _leaves(jax.tree_util.tree_map(
                lambda label, part: jax.tree_util.tree_map(lambda _: label, part), labels, params))
        if not self.begun:
            self._find_places(params)
        states, self.injected = {}, {}
        self._states(state, states)
        if slow is not None:
            states["slow"] = self._tree(slow)
        if not self.begun:
            self._changed(self.injected)
            self._begin(params)
        row = {"t": self.t, "params": self._tree(params)}
        changed = self._changed_outside(before) if before is not None and not self.norms else {}
        if changed:
            row["params_before"] = changed.get("", changed)
        if not self.norms:
            self.after = {name: numpy.asarray(leaf) for name, leaf in _leaves(params).items() if self._wanted(name)}
        if grads is not None:
            row["g"] = self._tree(grads)
        if states:
            row["state"] = states
        settings = settings or {}
        changed = self._changed({**self.injected, **settings} if self.label_of else {None: settings})
        if changed:
            row["settings"] = changed
        for key, value in extra.items():
            row[key] = self._tree(value)
        before, parts = self.rows.row(row)
        self.out.write(before + parts)

    def close(self):
        """Ends the recording."""
        self.out.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
