# What the hooks share: numbers as JSON has them, and the file that rows go to.
import gzip
import math

_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _number(value):
    """A float as JSON writes it; one that is not finite as text."""
    value = float(value)
    if value != value:
        return "NaN"
    return _NAMES.get(value, value)


def _is_due(t, every):
    """True for the iterations that have a row: multiples of `every`, and those before them."""
    return t % every == 0 or (t + 1) % every == 0


def _plain(value):
    return [_plain(it) for it in value] if isinstance(value, (list, tuple)) else _number(value)


def _open(path):
    """The file at `path` or `path` itself where it is one, and whether it was opened here."""
    if hasattr(path, "write"):
        return path, False
    path = str(path)
    return gzip.open(path, "wt", compresslevel=1) if path.endswith(".gz") else open(path, "w"), True
