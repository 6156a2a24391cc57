"""As much of torch as the hook asks for: tensors over lists of floats."""

import math

__version__ = "stub"
float64 = "float64"


class Tensor:
    def __init__(self, values):
        self.values, self.grad = list(values), None

    def detach(self):
        return self

    def dim(self):
        return 1

    def double(self):
        return self

    def norm(self):
        return math.hypot(*self.values)

    def reshape(self, _):
        return self

    def __getitem__(self, places):
        return Tensor(self.values[place] for place in places)

    def to(self, _):
        return self

    def cpu(self):
        return self

    def tolist(self):
        return list(self.values)

    def all(self):
        return all(self.values)


def isfinite(tensor):
    return Tensor(math.isfinite(value) for value in tensor.values)


def is_complex(_):
    return False


def is_tensor(value):
    return isinstance(value, Tensor)


def as_tensor(value):
    return value
