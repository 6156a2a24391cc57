"""As much of torch as the hook asks for: tensors over lists of floats."""

import array
import contextlib
import math

__version__ = "stub"
float64, float32, int32, int64 = "float64", "float32", "int32", "int64"
strided, no_grad = "strided", contextlib.nullcontext


class Tensor:
    dtype, device, is_cpu, is_sparse, layout, requires_grad = float64, "cpu", True, False, strided, False

    def __init__(self, values):
        self.values, self.grad = array.array("d", values), None

    shape = property(lambda self: [len(self.values)])

    def clone(self):
        return Tensor(self.values)

    def contiguous(self):
        return self

    def copy_(self, other):
        self.values[:] = other.values

    def is_complex(self):
        return False

    def is_floating_point(self):
        return True

    def __float__(self):
        return self.values[0]

    def numel(self):
        return len(self.values)

    def element_size(self):
        return self.values.itemsize

    def data_ptr(self):
        return self.values.buffer_info()[0]

    def detach(self):
        return self

    def dim(self):
        return 1

    def double(self):
        return self

    def reshape(self, _):
        return self

    def __getitem__(self, places):
        return Tensor(self.values[place] for place in places)

    def to(self, *_, **__):
        return self

    def cpu(self):
        return self

    def item(self):
        return self.values[0]

    def tolist(self):
        return list(self.values)

    def all(self):
        return all(self.values)

    def any(self):
        return Tensor([any(self.values)])

    def nan_to_num(self):
        return Tensor(0.0 if value != value else value for value in self.values)


    def as_subclass(self, kind):
        return kind(self.values)

    def dequantize(self):
        return self


class Spread(Tensor):
    """A tensor of which this process has the first half."""

    def to_local(self):
        return Tensor(self.values[:len(self.values) // 2])


class Packed(Tensor):
    """Numbers that are kept as halves of what they stand for."""

    def __tensor_flatten__(self):
        return ["values"], []

    def dequantize(self):
        return Tensor(2 * value for value in self.values)


class Opaque(Tensor):
    """Numbers that lie nowhere."""

    def data_ptr(self):
        return 0


def isfinite(tensor):
    return Tensor(math.isfinite(value) for value in tensor.values)


def ne(one, other):
    return Tensor(a != b for a, b in zip(one.values, other.values))


def equal(one, other):
    return one.values == other.values


def is_tensor(value):
    return isinstance(value, Tensor)


def as_tensor(value):
    return value


def stack(numbers):
    return Tensor(number.values[0] for number in numbers)


class distributed:
    rank, size = 0, 1

    @staticmethod
    def is_available():
        return True

    @staticmethod
    def is_initialized():
        return distributed.size > 1

    @staticmethod
    def get_rank():
        return distributed.rank

    @staticmethod
    def get_world_size():
        return distributed.size


class cuda:
    captures = False

    @staticmethod
    def is_initialized():
        return True

    @staticmethod
    def is_current_stream_capturing():
        return cuda.captures


def _foreach_norm(tensors, _, dtype):
    return [Tensor([math.hypot(*it.values)]) for it in tensors]
