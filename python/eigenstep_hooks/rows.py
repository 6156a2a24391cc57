# What the hooks share: how rows are written, and the file that they go to.
import gzip
import io
import json
import math
import operator
import os
import struct

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


def _places(coordinates, sizes):
    """The elements to record of each parameter, counted from 0; `sizes` are the numbers of elements there are, by name."""
    places = {}
    for name, asked in (coordinates or {}).items():
        if name not in sizes:
            known = ", ".join(map(repr, list(sizes)[:5])) + (", ..." if len(sizes) > 5 else "")
            raise ValueError(f"`coordinates` names {name!r}, which is not recorded; these are: {known}")
        size = sizes[name]
        asked = range(size)[asked] if isinstance(asked, slice) else asked
        places[name] = [operator.index(at) for at in asked]
        wrong = [at for at in places[name] if not -size <= at < size]
        if wrong or not places[name]:
            raise ValueError(f"{name!r} has no element {wrong[0]}, but {size}, counted from 0" if wrong else
                             f"`coordinates` names no element of {name!r}: leave it out of `tensors`")
        places[name] = [at % size for at in places[name]]
    return places


def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(it) for it in value]
    return value if value is None or isinstance(value, str) else _number(value)


def _text(value):
    return json.dumps(value, separators=(",", ":")).encode()


class _Array:
    """An array as the binary format has it: numpy's name of its type, its lengths and its bytes.

    The bytes may lie in memory of `owner`, which is kept with them.
    """

    def __init__(self, type, shape, data, owner=None):
        self.type, self.shape, self.data, self.owner = type, tuple(shape), data, owner


class _Lines:
    """Rows as JSON lines."""

    is_binary = False

    def header(self, header):
        return [_text(header), b"\n"]

    def row(self, row):
        """What has to stand somewhere before the row, and the row."""
        return [], [_text(row), b"\n"]


class _Chunks:
    """Rows as chunks of the binary format: a kind, a size, and so many bytes."""

    is_binary = True

    def __init__(self):
        self.layouts = {}

    def header(self, header):
        return [b"eigenrun", struct.pack("<I", 1), *self._chunk(0, [_text(header)])]

    def row(self, row):
        columns, data = [], []
        for key, value in row.items():
            _collect(value, key, columns, data)
        layout = tuple(columns)
        parts = [struct.pack(f"<{len(it)}d", *it) if type(it) is list else it for it in data]
        before, kind = [], self.layouts.get(layout)
        if kind is None:
            kind = self.layouts[layout] = len(self.layouts) + 1
            columns = [it for own in columns for it in (_numbers_apart(*own) if len(own) == 2 else [own])]
            before = self._chunk(0, [_text({"columns": columns})])
        return before, self._chunk(kind, parts)

    def _chunk(self, kind, parts):
        return [struct.pack("<IQ", kind, sum(map(len, parts))), *parts]


# The bytes up to which it is cheaper to put parts together than to write each.
_SMALL = 1 << 14


def _numbers_apart(name, keys):
    """The columns of the numbers below a name."""
    return [(f"{name}.{key}", "<f8", ()) for key in keys]


def _collect(value, name, columns, data):
    """Adds the columns of a value, under dotted names, and its bytes, or lists of numbers that are to be packed.

    Numbers that stand beside each other below one name have one column here, of the name and their keys.
    """
    if isinstance(value, dict):
        if {float, str}.issuperset(map(type, value.values())):
            columns.append((name, tuple(value)))
            _add(map(float, value.values()), data)
            return
        for key, part in value.items():
            _collect(part, f"{name}.{key}", columns, data)
    elif isinstance(value, _Array):
        columns.append((name, value.type, value.shape))
        data.append(value.data)
    elif name == "t":
        columns.append((name, "<u8", ()))
        data.append(struct.pack("<Q", value))
    elif isinstance(value, list):
        columns.append((name, "<f8", (len(value),)))
        _add(map(float, value), data)
    else:
        columns.append((name, "<f8", ()))
        _add([float(value)], data)


def _add(numbers, data):
    """Adds numbers to the last list of them, or to a new one behind bytes."""
    if data and type(data[-1]) is list:
        data[-1].extend(numbers)
    else:
        data.append(list(numbers))


def _path_of(path, rank):
    """The path of the process of this rank: of others than the first with the rank before the endings."""
    if not rank or hasattr(path, "write"):
        return path
    folder, name = os.path.split(os.fspath(path))
    for ending in (".eig.gz", ".jsonl.gz", ".json.gz", ".gz", os.path.splitext(name)[1]):
        if name.endswith(ending):
            return os.path.join(folder, f"{name[:len(name) - len(ending)]}.rank{rank}{ending}")


class _Output:
    """The file at `path`, whose ending picks the format of the rows; or `path` itself, where that is a file."""

    def __init__(self, path):
        self.is_own = not hasattr(path, "write")
        # Objects that only write like a file take text unless they say that they do not.
        is_bytes = isinstance(path, (io.RawIOBase, io.BufferedIOBase)) or "b" in str(getattr(path, "mode", ""))
        self.is_text = not self.is_own and not is_bytes
        self.rows = _Lines()
        if not self.is_own:
            self.file = path
            return
        is_packed = str(path).endswith(".gz")
        if str(path)[:-3 if is_packed else None].endswith(".eig"):
            self.rows = _Chunks()
        self.file = gzip.open(path, "wb", compresslevel=1) if is_packed else open(path, "wb")

    def write(self, parts):
        """Hands what `header` or `row` made to the system: a process that is killed loses at most the row under way."""
        if self.is_text:
            self.file.write(b"".join(parts).decode())
        elif sum(map(len, parts)) < _SMALL:
            self.file.write(b"".join(parts))
        else:
            for part in parts:
                self.file.write(part)
        self.file.flush()

    def close(self):
        if self.is_own:
            self.file.close()
        else:
            self.file.flush()
