"""eigenstep from Python: recorders of runs, what a run differs in from a rule, pictures of the screen.

    from eigenstep.torch import record          # or eigenstep.jax
    with record(optimizer, "run.jsonl"):
        ...                                     # train as always

    import eigenstep
    eigenstep.diff("run.jsonl", against="torch/adam").same
    eigenstep.show(rule="adam", loss="rosenbrock", t=40)        # a picture, in a notebook

Everything is done by the program `eigenstep`, which is installed with this package; `python -m eigenstep` is that program.
Flags are keyword arguments: `--grad-dropout 0.1` is `grad_dropout=0.1`, a flag that may be repeated takes a list, and
`set` takes a dict. Needs nothing but the standard library.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sysconfig
import typing

__all__ = ["Diff", "Difference", "EigenstepError", "Still", "diff", "program", "show"]


class EigenstepError(Exception):
    """What the program has refused, with the next thing to do where there is one."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """One place where a run and what it is compared with differ."""

    t: int
    field: str
    coordinate: typing.Optional[str]
    """The element of the field; none of a number."""
    recorded: float
    expected: float
    """The value that the rule, or the other run, has there."""


@dataclasses.dataclass(frozen=True)
class Diff:
    """What a run differs in from a rule or from another run."""

    run: str
    against: str
    same: bool
    compared: int
    """The rows that were compared."""
    worst: float
    """The largest relative difference."""
    differences: typing.List[Difference]
    """The first difference of each field."""
    diagnosis: typing.Optional[dict]
    """The cause that was found, as `eigenstep diff --json` writes it."""
    text: str
    """The report for people."""

    def __str__(self):
        return self.text

    def __bool__(self):
        return self.same


@dataclasses.dataclass(frozen=True)
class Still:
    """A picture of the screen, which a notebook shows."""

    svg: str
    text: str

    def _repr_html_(self):
        return self.svg

    def __str__(self):
        return self.text


def program():
    """The path of the program: that of this installation, else the one on the path."""
    name = "eigenstep.exe" if os.name == "nt" else "eigenstep"
    own = os.path.join(sysconfig.get_path("scripts"), name)
    found = own if os.path.exists(own) else shutil.which(name)
    if found is None:
        raise EigenstepError(f"the program `{name}` is neither in {os.path.dirname(own)} nor on the path")
    return found


def diff(run, other=None, *, against=None, **flags):
    """Compares the run in the file `run` with a rule, with another run, or with the rule that its header names.

    `against` is a rule by name or file, `other` the file of another run; flags are those of `eigenstep diff`.
    """
    arguments = ["diff", os.fspath(run)]
    if other is not None:
        arguments.append(os.fspath(other))
    if against is not None:
        flags["against"] = against
    arguments += _flags(flags)
    report = json.loads(_run(arguments + ["--json"], allowed=(0, 1)))
    text = _run(arguments, allowed=(0, 1))
    names = {field.name for field in dataclasses.fields(Difference)}
    differences = [
        Difference(**{name: found.get(name) for name in names}) for found in report["differences"]
    ]
    return Diff(
        run=report["run"],
        against=report["against"],
        same=report["same"],
        compared=report["compared"],
        worst=_number(report["worst"]),
        differences=differences,
        diagnosis=report["diagnosis"],
        text=text,
    )


def show(*commands, t=0, size="120x36", **flags):
    """The screen of a scenario after `t` iterations and then `commands` of the debugger.

    Flags are those of a scenario: `rule`, `set`, `loss`, `start` and the like.
    """
    arguments = ["snapshot", "--at", str(t), "--size", size] + _flags(flags)
    for command in commands:
        arguments += ["-e", command]
    return Still(
        svg=_run(arguments + ["--format", "svg"]),
        text=_run(arguments + ["--format", "text"]),
    )


def _number(value):
    """A number as the program's JSON has it, where NaN and infinities are text."""
    return float(value) if isinstance(value, (int, float, str)) else value


def _flags(flags):
    """Keyword arguments as flags of the command line."""
    found = []
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, dict):
            values = [f"{key}={setting}" for key, setting in value.items()]
        elif name in ("rule", "set", "map") and isinstance(value, (list, tuple)):
            values = list(value)
        elif isinstance(value, (list, tuple)):
            values = [",".join(str(item) for item in value)]
        else:
            values = [value]
        for item in values:
            if item is True:
                found.append(flag)
            elif item is not False and item is not None:
                found.append(f"{flag}={item}")
    return found


def _run(arguments, allowed=(0,)):
    """What the program writes."""
    done = subprocess.run([program(), *arguments], capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in allowed:
        raise EigenstepError(done.stderr.strip() or f"the program ended with {done.returncode}")
    return done.stdout
