"""As much of numpy as the hook asks for: arrays over lists of floats."""

import array
import math

float64, int32, int64 = "float64", "int32", "int64"


class Array:
    def __init__(self, values):
        self.values = values

    ndim = property(lambda self: 1 if isinstance(self.values, list) else 0)

    dtype = float64
    shape = property(lambda self: [len(self.values)])

    def astype(self, _):
        return self

    def tobytes(self):
        return array.array("d", self.values).tobytes()

    def __float__(self):
        return float(self.values)

    def reshape(self, _):
        return self

    def __getitem__(self, places):
        return Array([self.values[place] for place in places])

    def tolist(self):
        return list(self.values)

    def all(self):
        return all(self.values)


def asarray(leaf, dtype=None):
    return leaf if isinstance(leaf, Array) else Array(leaf)


def array_equal(one, other, equal_nan=False):
    return one.values == other.values


def fromfile(file, columns, count):
    rows = []
    for _ in range(count):
        rows.append({})
        for name, type, shape in columns:
            numbers = array.array({"<f8": "d", "<u8": "Q"}[type])
            numbers.fromfile(file, math.prod(shape))
            rows[-1][name] = numbers.tolist()
    return rows


def isfinite(array):
    return Array([math.isfinite(value) for value in array.values])


class linalg:
    @staticmethod
    def norm(array):
        return math.hypot(*array.values)
