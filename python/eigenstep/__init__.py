"""eigenstep from Python: recorders of runs, what a run differs in from a rule, maps over settings, pictures of the screen.

    from eigenstep.torch import record          # or eigenstep.jax
    with record(optimizer, "run.jsonl"):
        ...                                     # train as always

    import eigenstep
    eigenstep.diff("run.jsonl", against="torch/adam").same
    eigenstep.show("run.jsonl", t=40)                           # a picture, in a notebook
    eigenstep.show(rule="adam", loss="rosenbrock", t=40)
    pandas.DataFrame(eigenstep.sweep({"eta": "1e-3..0.1:log:40"}, rule="gd"))

Everything is done by the program `eigenstep`, which is installed with this package; `python -m eigenstep` is that program.
Flags are keyword arguments: `--grad-dropout 0.1` is `grad_dropout=0.1`, a flag that may be repeated takes a list, and
`set` takes a dict. Needs nothing but the standard library.
"""

from __future__ import annotations

import csv
import dataclasses
import importlib.metadata
import json
import os
import shutil
import subprocess
import tempfile
import typing

if typing.TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = [
    "Cause", "Diff", "Difference", "EigenstepError", "Explanation", "Still", "Sweep", "diff", "program", "show", "sweep",
]

Path = typing.Union[str, "os.PathLike[str]"]
Data = typing.Dict[str, typing.Any]
"""An object of JSON."""
Kind = typing.TypeVar("Kind")
Row = typing.Dict[str, typing.Any]
"""A run of a map: the settings that were swept, the measure, the outcome."""


class EigenstepError(Exception):
    """What the program has refused, with the next thing to do where there is one."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """One place where a run and what it is compared with differ."""

    t: int
    field: str
    coordinate: str
    """The element of the field, by its own name."""
    recorded: float
    expected: float
    """The value that the rule, or the other run, has there."""
    relative: float
    """The distance between both, relative to the larger of the two."""


@dataclasses.dataclass(frozen=True)
class Cause:
    """One thing in which a run is another than the rule."""

    kind: str
    """The part of the rule concerned: `settings`, `formula` and others, as `eigenstep diff --schema` lists them."""
    setting: str | None
    """The setting concerned, if it is one."""
    run: float | None
    """The setting's value in the run, where it has one value."""
    rule: float | None
    """The rule's value of it."""
    data: Data
    """All that `eigenstep diff --json` tells of the cause."""


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A variant of the rule that the run follows."""

    causes: list[Cause]
    share: float
    """The share of the iterations that follow it, from 0 to 1."""
    text: str
    """All of it in a sentence."""

    def __str__(self) -> str:
        return self.text


@dataclasses.dataclass(frozen=True)
class Diff:
    """What a run differs in from a rule or from another run."""

    run: str
    against: str
    """The rule with its settings, or the other run."""
    same: bool
    compared: int
    """The rows that were compared."""
    worst: float
    """The largest relative difference."""
    differences: list[Difference]
    """The first difference of each field."""
    explanations: list[Explanation]
    """The causes that were found, the best explanation first; none where the run is the same."""
    report: Data
    """All of it, as `eigenstep diff --json` writes it."""
    text: str
    """The report for people."""

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return self.same


@dataclasses.dataclass(frozen=True)
class Still:
    """A picture of the screen, which a notebook shows."""

    svg: str
    text: str

    def _repr_html_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.text


class Sweep(typing.Sequence[Row]):
    """A map of how runs end: a row for each run, as a dict, so that `pandas.DataFrame(it)` is a table of them.

    A row has the settings that were swept, the measure (`iterations`, `rate` or `radius`; None where a run has none), and the
    `outcome`: `reached`, `doubted`, `never`, `diverged` or `unknown`. A notebook shows the map.
    """

    def __init__(self, rows: list[Row], measure: str, svg: str, text: str) -> None:
        self.rows = rows
        self.measure = measure
        self.svg = svg
        self.text = text

    def __len__(self) -> int:
        return len(self.rows)

    @typing.overload
    def __getitem__(self, at: int) -> Row: ...

    @typing.overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        return self.rows[at]

    @property
    def best(self) -> Row | None:
        """The row with the least measure; none where no run has one, or all diverge."""
        known = [row for row in self.rows if row[self.measure] is not None and row["outcome"] != "diverged"]
        return min(known, key=lambda row: row[self.measure], default=None)

    def _repr_html_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.text


def program() -> str:
    """The path of the program: that of this installation, else the one on the path."""
    name = "eigenstep.exe" if os.name == "nt" else "eigenstep"
    found = _installed(name) or shutil.which(name)
    if found is None:
        raise EigenstepError(f"the program `{name}` is neither among the files of this package nor on the path: pip install it")
    return found


def _installed(name: str) -> str | None:
    """A program that was installed with this package, wherever that was: an environment, a user's folder, another target."""
    try:
        files = importlib.metadata.files("eigenstep") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = [str(file.locate()) for file in files if file.name == name]
    # `pip install --target` notes another place than this one.
    paths.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "bin", name))
    return next((os.path.realpath(path) for path in paths if os.path.exists(path)), None)


def diff(run: Path, other: Path | None = None, *, against: str | list[str] | None = None, **flags: typing.Any) -> Diff:
    """Compares the run in the file `run` with a rule, with another run, or with the rule that its header names.

    `against` is a rule by name or file, or a list of rules for some tensors each (`torch/muon on *.weight`), `other` the file of another run; flags are those of `eigenstep diff`.
    """
    arguments = ["diff", os.fspath(run)]
    if other is not None:
        arguments.append(os.fspath(other))
    if against is not None:
        flags["against"] = against
    arguments += _flags(flags)
    report = json.loads(_run(arguments + ["--json"], allowed=(0, 1)))
    text = _run(arguments, allowed=(0, 1))
    found = [_read(Difference, it) for it in report["differences"]]
    about = report["parts"] or [report]
    diagnoses = [it["diagnosis"] for it in about if it["diagnosis"]]
    return Diff(
        run=report["run"],
        against=_side(report["against"]),
        same=report["same"],
        compared=report["compared"],
        worst=_number(report["worst"]),
        differences=found,
        explanations=[_explanation(it) for found in diagnoses for it in found["explanations"]],
        report=report,
        text=text,
    )


def show(
    run: Path | None = None,
    *,
    t: int = 0,
    commands: typing.Iterable[str] = (),
    size: str = "120x36",
    **flags: typing.Any,
) -> Still:
    """The screen after `t` iterations and then `commands` of the debugger: of the recorded run in the file `run`, or of a
    scenario by its flags: `rule`, `set`, `loss`, `start` and the like.
    """
    arguments = ["snapshot", "--at", str(t), "--size", size] + _flags(flags)
    if run is not None:
        arguments.append(os.fspath(run))
    for command in commands:
        arguments += ["-e", command]
    return Still(
        svg=_run(arguments + ["--format", "svg"]),
        text=_run(arguments + ["--format", "text"]),
    )


def sweep(
    over: typing.Mapping[str, str], *, executor: Executor | None = None, parts: int = 32, **flags: typing.Any
) -> Sweep:
    """How runs of a rule end, over one or two of its settings: `sweep({"eta": "1e-3..0.1:log:40"}, rule="gd")`.

    `over` has ranges by settings, as `eigenstep sweep --over` takes them; flags are those of `eigenstep sweep`.

    Any executor of `concurrent.futures` makes the map in `parts` pieces, wherever its workers are: dask.distributed's
    `client.get_executor()`, or a ProcessPoolExecutor. Workers need this package and the files that flags name, under the same
    paths; a piece that an executor does again, because its worker was lost, is the same bit for bit.
    """
    arguments = _flags({"over": dict(over), **flags})
    with tempfile.TemporaryDirectory(prefix="eigenstep-") as folder:
        files = []
        for at, piece in enumerate(_pieces(arguments, executor, parts)):
            files.append(os.path.join(folder, f"{at}.csv"))
            with open(files[-1], "w", encoding="utf-8", newline="\n") as file:
                file.write(piece)
        merge = ["sweep", "--merge", *files, "--format"]
        table, svg, text = (_run([*merge, kind]) for kind in ("csv", "svg", "text"))
    reader = csv.DictReader(table.splitlines())
    rows = [{name: _cell(name, value) for name, value in row.items()} for row in reader]
    return Sweep(rows, measure=(reader.fieldnames or [""])[-2], svg=svg, text=text)


def _pieces(arguments: list[str], executor: Executor | None, parts: int) -> list[str]:
    """The parts of a map, in their order."""
    if executor is None:
        return [_part(arguments, "1/1")]
    futures = [executor.submit(_part, arguments, f"{at}/{parts}") for at in range(1, parts + 1)]
    try:
        return [future.result() for future in futures]
    finally:
        # What is still under way when one has failed, or somebody has lost patience.
        for future in futures:
            future.cancel()


def _part(arguments: list[str], shard: str) -> str:
    """One part of a map: what an executor's worker does."""
    return _run(["sweep", *arguments, f"--shard={shard}"])


def _cell(name: str, value: str) -> float | str | None:
    """A field of the map's CSV: how a run ended, or a number, if there is one."""
    if name == "outcome":
        return value
    if name == "iterations":
        return int(value) if value else None
    return float(value) if value else None


def _side(against: typing.Any) -> str:
    """The rule or run of a report; of several rules, each with its tensors."""
    if isinstance(against, list):
        return ", ".join(f"{it['text']} on {', '.join(it['tensors'])}" for it in against)
    return str(against["run"] if "run" in against else against["text"])


def _explanation(found: Data) -> Explanation:
    causes = [_read(Cause, {**cause, "data": cause}) for cause in found["causes"]]
    return Explanation(causes=causes, share=_number(found["share"]), text=found["text"])


def _read(kind: type[Kind], found: Data) -> Kind:
    """The fields of a dataclass from an object of JSON; numbers that JSON lacks are text there."""
    values = {}
    for field in dataclasses.fields(typing.cast(typing.Any, kind)):
        value = found.get(field.name)
        values[field.name] = _number(value) if "float" in str(field.type) and value is not None else value
    return kind(**values)


def _number(value: float | str) -> float:
    """A number as the program's JSON has it, where NaN and infinities are text."""
    return float(value)


def _flags(flags: typing.Mapping[str, typing.Any]) -> list[str]:
    """Keyword arguments as flags of the command line."""
    found = []
    for name, value in flags.items():
        flag = "--" + name.replace("_", "-")
        values: list[typing.Any]
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


def _run(arguments: list[str], allowed: tuple[int, ...] = (0,)) -> str:
    """What the program writes."""
    done = subprocess.run([program(), *arguments], capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in allowed:
        raise EigenstepError(done.stderr.strip() or f"the program ended with {done.returncode}")
    return done.stdout
