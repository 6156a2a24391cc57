"""Writes the recorded runs below this folder: optimisers of torch, optax and Keras, as our hooks note them.

    python3 tests/reference/generate.py [torch] [optax] [factored] [matrices] [keras] [clips] [closures] [sparse]
        [wrappers] [filters] [switches] [soap] [exact]

`filters` needs muon.py of github.com/KellerJordan/Muon in the search path, `soap` soap.py of github.com/nikhilvyas/SOAP;
`wrappers` needs pytorch_optimizer beside torch, and also writes wrappers.json: paths on a loss of its own. Each library goes
into one file, `torch_runs.jsonl.gz` and so on: runs one after the other, each with its header.
A run has two tensors of two numbers (`factored`: two matrices and a vector; `matrices`: a wide one, a
tall one and, where the optimiser takes it, a vector), gradients that turn round now and then,
and is made in 32 and in 64 bits.
"""

import gzip
import json
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "python"))

ROWS = 24
KERAS_NAMES = ("weight", "bias", "scale")
NAMES = ("fc.weight", "fc.bias", "out.bias")
VECTORS = ([0.8, -0.5], [0.3, 1.2]), ([1.5, 0.4], [3.0, 0.9])
# For rules that look at rows and columns: a wide tensor, a square one, a vector.
MATRICES = (([[0.8, -0.5, 0.1], [0.4, 0.9, -1.1]], [[0.3, 1.2], [-0.7, 0.6]], [0.5, -0.2]),
            ([[1.5, 0.4, 2.0], [0.7, 1.1, 0.2]], [[3.0, 0.9], [0.3, 1.4]], [0.8, 2.5]))

# For rules that multiply matrices: a wide one, a tall one, a vector.
SHAPES = (([[0.8, -0.5, 0.1], [0.4, 0.9, -1.1]], [[0.3, 1.2], [-0.7, 0.6], [1.0, -0.4]], [0.5, -0.2]),
          ([[1.5, 0.4, 2.0], [0.7, 1.1, 0.2]], [[3.0, 0.9], [0.3, 1.4], [0.6, 1.7]], [0.8, 2.5]))

# Settings that every rule is run with: its own where there are none, and all of its switches at once.
TORCH = [
    ("Rprop", {}),
    ("Rprop", {"lr": 0.05, "etas": (0.4, 1.3), "step_sizes": (0.03, 0.2), "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.02, "alpha": 0.6, "t0": 8.0, "weight_decay": 0.05, "maximize": True}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.05, "nesterov": True, "maximize": True}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.05, "maximize": True}),
    ("Adadelta", {"lr": 0.5, "weight_decay": 0.05, "maximize": True}),
    ("Adamax", {"lr": 0.05, "weight_decay": 0.05, "maximize": True}),
    ("RMSprop", {"lr": 0.02, "momentum": 0.5, "centered": True, "weight_decay": 0.05, "maximize": True}),
    ("NAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("RAdam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("Adam", {"lr": 0.02, "weight_decay": 0.1, "amsgrad": True, "maximize": True}),
    ("Adam", {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.02, "weight_decay": 0.1, "maximize": True}),
]
OPTAX = [
    ("adabelief", {"learning_rate": 0.02}),
    ("adabelief", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4, "nesterov": True}),
    ("yogi", {"learning_rate": 0.02}),
    ("yogi", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.9, "eps": 0.01}),
    ("radam", {"learning_rate": 0.02}),
    ("radam", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-3, "threshold": 4.5,
               "nesterov": True}),
    ("signum", {"learning_rate": 0.02}),
    ("signum", {"learning_rate": 0.05, "beta": 0.0}),
    ("adadelta", {"learning_rate": 1.0}),
    ("adadelta", {"learning_rate": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.05}),
    ("adamax", {"learning_rate": 0.02}),
    ("adamax", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.9, "eps": 0.01}),
    ("adan", {"learning_rate": 0.02}),
    ("adan", {"learning_rate": 0.05, "b1": 0.9, "b2": 0.7, "b3": 0.95, "eps": 1e-3, "eps_root": 1e-4,
              "weight_decay": 0.1}),
    ("schedule_free_sgd", {"learning_rate": 0.2}),
    ("schedule_free_sgd", {"learning_rate": 0.3, "warmup_steps": 6, "b1": 0.8, "weight_decay": 0.05,
                           "weight_lr_power": 1.0}),
    ("schedule_free_adamw", {"learning_rate": 0.02}),
    ("schedule_free_adamw", {"learning_rate": 0.05, "warmup_steps": 6, "b1": 0.8, "b2": 0.95, "eps": 1e-3,
                             "weight_decay": 0.1}),
    ("lamb", {"learning_rate": 0.02}),
    ("lamb", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4, "weight_decay": 0.1}),
    ("lars", {"learning_rate": 1.0}),
    ("lars", {"learning_rate": 0.5, "weight_decay": 0.1, "trust_coefficient": 0.1, "eps": 0.01, "momentum": 0.8,
              "nesterov": True}),
    ("novograd", {"learning_rate": 0.02}),
    ("novograd", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.7, "eps": 1e-3, "eps_root": 1e-4, "weight_decay": 0.1}),
]
FACTORED_TORCH = [
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.3, "beta2_decay": -0.6, "eps": (1e-3, 0.05), "d": 1.5, "weight_decay": 0.1, "maximize": True}),
]
FACTORED_OPTAX = [
    ("adafactor", {"learning_rate": 0.02}),
    ("adafactor", {"learning_rate": 0.1, "min_dim_size_to_factor": 2}),
    ("adafactor", {"learning_rate": 0.1, "min_dim_size_to_factor": 2, "decay_rate": 0.6, "decay_offset": 0,
                   "multiply_by_parameter_scale": False, "clipping_threshold": 1.5, "momentum": 0.7,
                   "weight_decay_rate": 0.01, "eps": 1e-3}),
    ("adafactor", {"learning_rate": 0.1, "min_dim_size_to_factor": 2, "factored": False}),
]
MATRICES_TORCH = [
    ("Muon", {}),
    ("Muon", {"lr": 0.05, "weight_decay": 0.2, "momentum": 0.8, "nesterov": False,
              "ns_coefficients": (3.0, -3.5, 1.6), "ns_steps": 3}),
]
# Of torch_optimizer 0.3.0, a package of its own.
MATRICES_OTHERS = [
    ("Shampoo", {}),
    ("Shampoo", {"lr": 0.05, "momentum": 0.6, "weight_decay": 0.1, "epsilon": 0.01, "update_freq": 3}),
]
# Keller Jordan's Muon takes the filters of a convolution, of four axes, as one matrix.
FILTERS = (([[[[0.8, -0.5], [0.1, 0.4]]], [[[0.9, -1.1], [0.3, 1.2]]], [[[-0.7, 0.6], [0.5, -0.2]]]],
            [[0.3, 1.2, 0.2], [-0.7, 0.6, 1.0]]),
           ([[[[1.5, 0.4], [2.0, 0.7]]], [[[1.1, 0.2], [3.0, 0.9]]], [[[0.3, 1.4], [0.8, 2.5]]]],
            [[3.0, 0.9, 0.7], [0.3, 1.4, 1.1]]))
FILTERS_OTHERS = [
    ("SingleDeviceMuon", {}),
    ("SingleDeviceMuon", {"lr": 0.05, "weight_decay": 0.2, "momentum": 0.8}),
]
# soap.py of github.com/nikhilvyas/SOAP, a file of its own. It decomposes in 32 bits, whatever the tensors have.
MATRICES_SOAP = [
    ("SOAP", {}),
    ("SOAP", {"lr": 0.05, "betas": (0.8, 0.9), "shampoo_beta": 0.7, "eps": 1e-3, "weight_decay": 0.1,
              "precondition_frequency": 100, "precondition_1d": True, "normalize_grads": True}),
    ("SOAP", {"lr": 0.05, "precondition_frequency": 3, "max_precond_dim": 2, "correct_bias": False}),
    ("SOAP", {"lr": 0.05, "precondition_frequency": 2, "precondition_1d": True}),
]
MATRICES_OPTAX = [
    ("muon", {"learning_rate": 0.02}),
    ("muon", {"learning_rate": 0.05, "ns_coeffs": (3.0, -3.5, 1.6), "ns_steps": 3, "beta": 0.8, "eps": 1e-3,
              "weight_decay": 0.1, "nesterov": False, "adaptive": True, "adam_b1": 0.7, "adam_b2": 0.95,
              "adam_eps_root": 1e-4, "adam_weight_decay": 0.05, "adam_learning_rate": 0.03, "consistent_rms": 0.2}),
]
MATRICES_KERAS = [
    ("Muon", {}),
    ("Muon", {"learning_rate": 0.05, "adam_beta_1": 0.8, "adam_beta_2": 0.95, "adam_weight_decay": 0.1,
              "epsilon": 1e-3, "weight_decay": 0.2, "muon_a": 3.0, "muon_b": -3.5, "muon_c": 1.6,
              "adam_lr_ratio": 0.5, "momentum": 0.8, "ns_steps": 3, "nesterov": False, "rms_rate": 0.3}),
]
# Gradients of few bits, whose norms are the same in 32 bits in whatever order they are summed.
EXACT_KERAS = [
    ("Muon", {"learning_rate": 0.05, "momentum": 0.5}),
    ("Muon", {"learning_rate": 0.05, "momentum": 0.25, "nesterov": False, "ns_steps": 3, "rms_rate": 0.3}),
    ("Muon", {"weight_decay": 0.2, "momentum": 0.75, "ns_steps": 4, "muon_a": 3.2, "muon_b": -4.5, "muon_c": 2.0}),
    ("Muon", {"learning_rate": 0.02, "momentum": 0.5, "adam_lr_ratio": 0.5}),
]
KERAS = [
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.1, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3,
               "amsgrad": True}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "weight_decay": 0.1}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01, "weight_decay": 0.1}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Adadelta", {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-3, "weight_decay": 0.05}),
    ("Lamb", {}),
    ("Lamb", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "weight_decay": 0.1}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "weight_decay": 0.1}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate": 0.3, "learning_rate_power": -0.7, "initial_accumulator_value": 0.2,
              "l1_regularization_strength": 0.4, "l2_regularization_strength": 0.1,
              "l2_shrinkage_regularization_strength": 0.05, "beta": 0.1, "weight_decay": 0.05}),
]

# What every optimiser of Keras has: clipped gradients, and weight decay where no other rule has it.
CLIPS = [
    ("Adam", {"learning_rate": 0.05, "clipnorm": 1.0, "weight_decay": 0.1}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.8, "global_clipnorm": 1.5, "weight_decay": 0.05}),
    ("RMSprop", {"learning_rate": 0.05, "clipvalue": 0.4, "weight_decay": 0.1}),
    ("Adagrad", {"learning_rate": 0.1, "clipnorm": 0.7, "weight_decay": 0.2}),
    ("Lamb", {"learning_rate": 0.05, "global_clipnorm": 0.8}),
    ("Ftrl", {"learning_rate": 0.3, "clipnorm": 0.5}),
    ("Nadam", {"learning_rate": 0.05, "clipvalue": 0.3}),
    ("Lion", {"learning_rate": 0.05, "clipnorm": 0.6, "beta_1": 0.8}),
]

# What the runs above leave at its default.
SWITCHES_TORCH = [
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "foreach": True}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.2, "eps": 1e-3, "fused": True}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "foreach": True}),
    ("AdamW", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "amsgrad": True, "fused": True}),
    ("Adamax", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3}),
    ("NAdam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "momentum_decay": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.8, "eps": 1e-3}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05, "fused": True}),
]
SWITCHES_OPTAX = [
    ("adagrad", {"learning_rate": 0.3, "initial_accumulator_value": 0.2, "eps": 1e-3}),
    ("adam", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4, "nesterov": True}),
    ("adamw", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4, "weight_decay": 0.1,
               "nesterov": True}),
    ("amsgrad", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4,
                 "bias_correction_mu": False, "bias_correction_nu": False}),
    ("lion", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.9, "weight_decay": 0.1}),
    ("nadam", {"learning_rate": 0.05, "b1": 0.8, "b2": 0.95, "eps": 1e-3, "eps_root": 1e-4}),
    ("rmsprop", {"learning_rate": 0.05, "decay": 0.8, "eps": 1e-3, "initial_scale": 0.2, "eps_in_sqrt": False,
                 "centered": True, "momentum": 0.5, "nesterov": True, "bias_correction": True}),
    ("schedule_free_adamw", {"learning_rate": 0.05, "warmup_steps": 6, "weight_lr_power": 1.0}),
    ("sgd", {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
]
SWITCHES_KERAS = [
    ("SGD", {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "amsgrad": True}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.2, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.05, "rho": 0.8, "momentum": 0.5, "epsilon": 1e-3, "centered": True}),
]
# One of them in each run: Keras takes no two.
KERAS_CLIPS = ({"clipnorm": 0.9}, {"global_clipnorm": 1.1}, {"clipvalue": 0.45})
KERAS_ALL = ("SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Nadam", "Adamax", "Adadelta", "Lamb", "Lion", "Ftrl", "Muon")
SWITCHES_MATRICES = [
    ("Muon", {"eps": 4.0, "adjust_lr_fn": "match_rms_adamw"}),
    ("Muon", {"lr": 0.05, "adjust_lr_fn": "spectral_unclamped"}),
]
SWITCHES_FACTORED = [
    ("adafactor", {"learning_rate": 0.1, "min_dim_size_to_factor": 2, "decay_offset": -3}),
]

# Tensors that are not stepped in some iterations.
RESTING = [("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}), ("Adam", {"lr": 0.05}),
           ("AdamW", {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True}), ("Adamax", {"lr": 0.05}),
           ("RMSprop", {"lr": 0.05, "centered": True, "momentum": 0.5}), ("Adagrad", {"lr": 0.3, "lr_decay": 0.1}),
           ("Adadelta", {"lr": 1.0}), ("NAdam", {"lr": 0.05}), ("RAdam", {"lr": 0.05}), ("Rprop", {"lr": 0.05}),
           ("ASGD", {"lr": 0.1, "lambd": 0.02, "t0": 4})]

SPARSE = [("SparseAdam", {}), ("SparseAdam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "maximize": True}),
          ("SGD", {"lr": 0.1}), ("Adagrad", {"lr": 0.2, "lr_decay": 0.1})]

# With a closure, which is evaluated as often as a step asks for; the last is not the gradient of any loss.
CLOSURES = [
    ({"max_iter": 1}, False),
    ({"max_iter": 5, "lr": 0.8, "history_size": 3}, False),
    ({"max_iter": 20, "lr": 0.7, "history_size": 4, "tolerance_grad": 1e-3, "tolerance_change": 1e-4}, False),
    ({"max_iter": 3, "lr": 0.3, "history_size": 2, "maximize": True}, False),
    ({"max_iter": 4, "max_eval": 3, "lr": 0.1, "history_size": 5}, True),
]

# Wrappers around a rule of their library: recorded runs, and paths on a loss where a step may ask for gradients elsewhere.
LOOKAHEAD_TORCH = [
    ("AdamW", {"lr": 0.05, "weight_decay": 0.1}, {"k": 5, "alpha": 0.5}),
    ("SGD", {"lr": 0.1, "momentum": 0.8}, {"k": 3, "alpha": 0.8}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9}, {"k": 4, "alpha": 0.3}),
]
SAM_TORCH = [
    ("SGD", {"lr": 0.01, "momentum": 0.8, "weight_decay": 0.05}, {"rho": 0.1}),
    ("AdamW", {"lr": 0.05}, {"rho": 0.3, "adaptive": True}),
]
LOOKAHEAD_OPTAX = [
    ("adam", {"learning_rate": 0.05}, {"sync_period": 5, "slow_step_size": 0.5}),
    ("adamw", {"learning_rate": 0.05, "weight_decay": 0.1}, {"sync_period": 3, "slow_step_size": 0.8, "reset_state": True}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.8}, {"sync_period": 4, "slow_step_size": 0.3, "reset_state": True}),
]
SAM_OPTAX = [
    ("sgd", {"learning_rate": 0.05, "momentum": 0.8}, {"rho": 0.1}),
    ("adamw", {"learning_rate": 0.05, "weight_decay": 0.1}, {"rho": 0.2, "sync_period": 3}),
]
BENT = "(1-x)^2 + (y-x^2)^2"
BENT_START = (-0.6, 0.9)


def bent(w):
    """The gradient of BENT."""
    x, y = w
    return -2 * (1 - x) - 4 * x * (y - x * x), 2 * (y - x * x)


def pull(t, tensor, at):
    """The part of a gradient that moves the minimum about: it repeats after 11 iterations."""
    return ((7 * t + 3 * at + 5 * tensor) % 11 - 5) / 4


class Kept:
    """A file that the hooks write to, whose text is kept."""

    mode = "wb"

    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(data)

    def flush(self):
        pass

    def data(self):
        return b"".join(self.parts)


def torch_run(torch, name, settings, bits, default=None, problem=VECTORS, rests=lambda t, at: False,
              module=None, rows=ROWS):
    from eigenstep_hooks.pytorch import record

    dtype = {32: torch.float32, 64: torch.float64}[bits]
    torch.set_default_dtype(default or dtype)
    tensors = [torch.tensor(start, dtype=dtype, requires_grad=True) for start in problem[0]]
    optimizer = getattr(module or torch.optim, name)(tensors, **settings)
    kept = Kept()
    with record(optimizer, kept, names=dict(zip(NAMES, tensors)).items()):
        for t in range(rows):
            for at, (tensor, curvature) in enumerate(zip(tensors, problem[1])):
                pulls = torch.tensor([pull(t, at, k) for k in range(tensor.numel())], dtype=dtype)
                tensor.grad = torch.tensor(curvature, dtype=dtype) * tensor.detach() + pulls.reshape(tensor.shape)
                if rests(t, at):
                    tensor.grad = None
            optimizer.step()
    return kept.data()


def sparse_run(torch, name, settings, bits):
    """Rows of a table that are looked up now and then, some of them twice in a step."""
    from eigenstep_hooks.pytorch import record

    dtype = {32: torch.float32, 64: torch.float64}[bits]
    torch.set_default_dtype(dtype)
    tables = [torch.nn.Embedding(rows, 3, sparse=True) for rows in (5, 2)]
    for at, table in enumerate(tables):
        start = [pull(7, at, k) for k in range(table.weight.numel())]
        table.weight.data = torch.tensor(start, dtype=dtype).reshape(table.weight.shape)
    optimizer = getattr(torch.optim, name)([table.weight for table in tables], **settings)
    kept = Kept()
    with record(optimizer, kept, names=zip(NAMES, [table.weight for table in tables])):
        for t in range(ROWS):
            optimizer.zero_grad()
            found = tables[0](torch.tensor([t % 5, (3 * t) % 5, t // 6])), tables[1](torch.tensor([t // 12]))
            (sum((it**2 * 1.5).sum() for it in found) + found[0][0, 0] * found[1][0, 1]).backward()
            optimizer.step()
    return kept.data()


def closure_run(torch, settings, is_pulled, bits):
    """L-BFGS on a loss with a bend; its rows are those of the evaluations, but for max_iter = 1."""
    from eigenstep_hooks.pytorch import record

    dtype = {32: torch.float32, 64: torch.float64}[bits]
    torch.set_default_dtype(dtype)
    tensors = [torch.tensor(start, dtype=dtype, requires_grad=True) for start in MATRICES[0]]
    optimizer = torch.optim.LBFGS(tensors, **settings)
    sign = -1 if settings.get("maximize") else 1
    kept, evaluations = Kept(), [0]

    def closure():
        optimizer.zero_grad()
        loss = sum((torch.tensor(curvature, dtype=dtype) * tensor**2 / 2 + tensor**4 / 8).sum()
                   for tensor, curvature in zip(tensors, MATRICES[1]))
        loss = sign * (loss + 0.3 * tensors[0][0, 0] * tensors[1][1, 1] + tensors[0].sum())
        loss.backward()
        if is_pulled:
            for at, tensor in enumerate(tensors):
                pulls = [pull(evaluations[0], at, k) for k in range(tensor.numel())]
                tensor.grad += torch.tensor(pulls, dtype=dtype).reshape(tensor.shape)
        evaluations[0] += 1
        return loss

    with record(optimizer, kept, names=dict(zip(NAMES, tensors)).items()) as log:
        while log.t < ROWS and evaluations[0] < 2 * ROWS:
            optimizer.step(closure)
    return kept.data()


def sam(torch, params, base_optimizer, rho=0.05, adaptive=False, **settings):
    """SAM as github.com/davda54/sam computes it. That of pytorch_optimizer differs in taking the norm in 32 bits."""

    class SAM(torch.optim.Optimizer):
        def __init__(self):
            super().__init__(params, dict(rho=rho, adaptive=adaptive, **settings))
            self.base_optimizer = base_optimizer(self.param_groups, **settings)
            self.param_groups = self.base_optimizer.param_groups

        @torch.no_grad()
        def step(self, closure):
            of_all = [(group, p) for group in self.param_groups for p in group["params"]]
            norms = [((torch.abs(p) if group["adaptive"] else 1.0) * p.grad).norm(p=2) for group, p in of_all]
            norm = torch.norm(torch.stack(norms), p=2)
            before = [p.data.clone() for _, p in of_all]
            for group, p in of_all:
                p.add_((torch.pow(p, 2) if group["adaptive"] else 1.0) * p.grad * (group["rho"] / (norm + 1e-12)))
            with torch.enable_grad():
                closure()
            for (_, p), was in zip(of_all, before):
                p.data = was
            self.base_optimizer.step()

    return SAM()


def wrapped_torch(torch, tensors, name, settings, own):
    """Lookahead or SAM around `name`."""
    import pytorch_optimizer

    inner = getattr(torch.optim, name)
    if "rho" in own:
        return sam(torch, tensors, inner, **own, **settings)
    return pytorch_optimizer.Lookahead(inner(tensors, **settings), **own)


def wrapped_torch_run(torch, name, settings, own, bits):
    """Lookahead around `name`; or SAM, of which its hook records the inner optimiser."""
    from eigenstep_hooks.pytorch import record

    dtype = {32: torch.float32, 64: torch.float64}[bits]
    torch.set_default_dtype(dtype)
    tensors = [torch.tensor(start, dtype=dtype, requires_grad=True) for start in VECTORS[0]]
    optimizer, is_sam = wrapped_torch(torch, tensors, name, settings, own), "rho" in own
    kept = Kept()
    with record(optimizer, kept, names=dict(zip(NAMES, tensors)).items()) as log:
        def closure():
            for at, (tensor, curvature) in enumerate(zip(tensors, VECTORS[1])):
                pulls = torch.tensor([pull(log.t, at, k) for k in range(tensor.numel())], dtype=dtype)
                tensor.grad = torch.tensor(curvature, dtype=dtype) * tensor.detach() + pulls

        for _ in range(ROWS):
            closure()
            optimizer.step(*[closure] * is_sam)
    return kept.data()


def torch_path(torch, name, settings, own):
    """A wrapper around `name` on BENT."""
    torch.set_default_dtype(torch.float64)
    w = torch.tensor(BENT_START, requires_grad=True)
    optimizer, is_sam = wrapped_torch(torch, [w], name, settings, own), "rho" in own

    def closure():
        w.grad = torch.tensor(bent(w.tolist()))

    def state():
        states = optimizer.base_optimizer.state[w] if is_sam else {**optimizer.state[w], **optimizer.optimizer.state[w]}
        return {key: it.tolist() for key, it in states.items() if torch.is_tensor(it)}

    def step():
        closure()
        optimizer.step(*[closure] * is_sam)
        return w.tolist(), state()

    own = own if is_sam else {f"lookahead_{key}": it for key, it in own.items()}
    return path(f"torch/{'sam' if is_sam else 'lookahead'}(torch/{name.lower()})", {**settings, **own}, step)


def path(rule, settings, step):
    rows = [{"t": 0, "w": BENT_START, "state": {}}]
    for t in range(1, 2 * ROWS + 1):
        w, state = step()
        rows.append({"t": t, "w": w, "state": state})
    return {"rule": rule, "loss": BENT, "start": BENT_START, "args": settings, "rows": rows}


def wrapped_optax(optax, name, settings, own):
    """A wrapper of optax around `name`, its rule, and its settings as that has them."""
    inner = getattr(optax, name)(**settings)
    if "rho" not in own:
        return optax.lookahead(inner, **own), f"optax/lookahead(optax/{name})", {**settings, **own}
    adversary = optax.chain(optax.contrib.normalize(), optax.sgd(own["rho"]))
    more = {key: it for key, it in own.items() if key != "rho"}
    return optax.contrib.sam(inner, adversary, **more), f"optax/sam(optax/{name})", {**settings, **own}


def wrapped_optax_run(jax, optax, name, settings, own, bits):
    from eigenstep_hooks.jax import Recorder

    jax.config.update("jax_enable_x64", bits == 64)
    numpy = jax.numpy
    dtype = {32: numpy.float32, 64: numpy.float64}[bits]
    params = {name: numpy.asarray(start, dtype) for name, start in zip(NAMES, VECTORS[0])}
    optimizer, rule, told = wrapped_optax(optax, name, settings, own)
    is_pair = "lookahead" in rule
    params = optax.LookaheadParams.init_synced(params) if is_pair else params
    state = optimizer.init(params)
    kept = Kept()
    with Recorder(kept, rule=rule, settings=numbers(told)) as log:
        log.start(params, state)
        for t in range(ROWS):
            at_w = params.fast if is_pair else params
            grads = {name: numpy.asarray(curvature, dtype) * at_w[name]
                     + numpy.asarray([pull(t, at, k) for k in range(2)], dtype)
                     for at, (name, curvature) in enumerate(zip(NAMES, VECTORS[1]))}
            updates, state = optimizer.update(grads, state, params)
            params = optax.apply_updates(params, updates)
            log.step(params, grads, state)
    return kept.data()


def optax_path(jax, optax, name, settings, own):
    jax.config.update("jax_enable_x64", True)
    optimizer, rule, told = wrapped_optax(optax, name, settings, own)
    is_pair = "lookahead" in rule
    params = jax.numpy.asarray(BENT_START, "float64")
    params = optax.LookaheadParams.init_synced(params) if is_pair else params
    state = optimizer.init(params)

    def step():
        nonlocal params, state
        grads = jax.numpy.asarray(bent((params.fast if is_pair else params).tolist()))
        updates, state = optimizer.update(grads, state, params)
        params = optax.apply_updates(params, updates)
        own = {"slow": params.slow.tolist()} if is_pair else {"cache": state.cache.tolist()}
        return (params.fast if is_pair else params).tolist(), {**own, "steps_since_sync": float(state.steps_since_sync)}

    return path(rule, told, step)


def optax_run(jax, optax, name, settings, bits, problem=VECTORS, rows=ROWS):
    from eigenstep_hooks.jax import Recorder

    jax.config.update("jax_enable_x64", bits == 64)
    numpy = jax.numpy
    dtype = {32: numpy.float32, 64: numpy.float64}[bits]
    params = {name: numpy.asarray(start, dtype) for name, start in zip(NAMES, problem[0])}
    make = getattr(optax, name, None) or getattr(optax.contrib, name)
    optimizer = make(**settings)
    state = optimizer.init(params)
    kept = Kept()
    with Recorder(kept, rule=f"optax/{name}", settings=numbers(settings)) as log:
        log.start(params, state)
        for t in range(rows):
            grads = {name: numpy.asarray(curvature, dtype) * params[name]
                     + numpy.asarray([pull(t, at, k) for k in range(params[name].size)], dtype).reshape(
                         params[name].shape)
                     for at, (name, curvature) in enumerate(zip(NAMES, problem[1]))}
            updates, state = optimizer.update(grads, state, params)
            params = optax.apply_updates(params, updates)
            log.step(params, grads, state)
    return kept.data()


def numbers(settings):
    """Settings as a header has them: of a tuple `ns_coeffs`, `ns_coeff1` and so on."""
    told = {}
    for key, value in settings.items():
        if isinstance(value, tuple):
            told.update({f"{key.rstrip('s')}{at}": float(it) for at, it in enumerate(value, 1)})
        else:
            told[key] = float(value)
    return told


def keras_run(keras, name, settings, bits, problem=VECTORS, rows=ROWS, is_exact=False):
    """Keras has no hook: the rows are written here, under the names of its variables."""
    keras.config.set_floatx(f"float{bits}")
    numpy = keras.ops.convert_to_numpy
    tensors = [keras.Variable(start, dtype=f"float{bits}", name=name) for name, start in zip(KERAS_NAMES, problem[0])]
    optimizer = getattr(keras.optimizers, name)(**settings)
    optimizer.build(tensors)
    header = {"rule": f"keras/{name.lower()}", "keras": keras.__version__,
              "settings": {key: float(it) for key, it in settings.items()},
              "dtypes": {name: f"float{bits}" for name in NAMES[:len(tensors)]}}
    lines = [header]

    def row(t, grads):
        state = {}
        for variable in optimizer.variables:
            of = [at for at, tensor in enumerate(tensors) if variable.name.startswith(f"{tensor.name}_")]
            if of:
                slot = variable.name.removeprefix(f"{tensors[of[0]].name}_")
                state.setdefault(slot, {})[NAMES[of[0]]] = numpy(variable).tolist()
            elif variable.name != "learning_rate":
                slot = variable.name if variable.name == "iteration" else "u_product"
                state[slot] = float(numpy(variable))
        said = {"t": t, "params": {name: numpy(it).tolist() for name, it in zip(NAMES, tensors)}}
        if grads:
            said["g"] = {name: numpy(it).tolist() for name, it in zip(NAMES, grads)}
        lines.append({**said, "state": state})

    row(0, None)
    for t in range(rows):
        grads = [keras.ops.convert_to_tensor(curvature, dtype=f"float{bits}") * tensor * (not is_exact)
                 + keras.ops.reshape(keras.ops.convert_to_tensor(
                     [pull(t, at, k) for k in range(math.prod(tensor.shape))], dtype=f"float{bits}"), tensor.shape)
                 for at, (tensor, curvature) in enumerate(zip(tensors, problem[1]))]
        optimizer.apply(grads, tensors)
        row(t + 1, grads)
    return "".join(json.dumps(it, separators=(",", ":")) + "\n" for it in lines).encode()


def main(libraries):
    if "torch" in libraries:
        import torch
        runs = [torch_run(torch, *case, bits) for case in TORCH for bits in (64, 32)]
        write("torch", runs)
        # As after `model.double()`: what belongs to a whole tensor stays in 32 bits.
        mixed = [("NAdam", {"lr": 0.02}), ("ASGD", {"lr": 0.1, "lambd": 0.02})]
        write("torch_mixed", [torch_run(torch, *case, 64, torch.float32) for case in mixed])
        patterns = [lambda t, at: at == 0 and t < 5, lambda t, at: at == 1 and 4 <= t < 8, lambda t, at: (t + at) % 2 == 1]
        write("torch_resting", [torch_run(torch, *case, bits, rests=rests)
                                for case in RESTING for rests in patterns for bits in (64, 32)])
    if "closures" in libraries:
        import torch
        write("closures", [closure_run(torch, *case, bits) for case in CLOSURES for bits in (64, 32)])
    if "sparse" in libraries:
        import torch
        write("sparse", [sparse_run(torch, *case, bits) for case in SPARSE for bits in (64, 32)])
    if "optax" in libraries:
        import jax
        import optax
        import optax.contrib
        runs = [optax_run(jax, optax, *case, bits) for case in OPTAX for bits in (64, 32)]
        write("optax", runs)
    if "factored" in libraries:
        import jax
        import optax
        import torch
        runs = [torch_run(torch, *case, bits, problem=MATRICES) for case in FACTORED_TORCH for bits in (64, 32)]
        runs += [optax_run(jax, optax, *case, bits, problem=MATRICES) for case in FACTORED_OPTAX for bits in (64, 32)]
        write("factored", runs)
    if "matrices" in libraries:
        os.environ["KERAS_BACKEND"] = "jax"
        import jax
        import keras
        import optax
        import optax.contrib
        import torch
        import torch_optimizer
        matrices = [it[:2] for it in SHAPES]
        runs = [torch_run(torch, *case, bits, problem=matrices) for case in MATRICES_TORCH for bits in (64, 32)]
        runs += [torch_run(torch, *case, bits, problem=matrices, module=torch_optimizer)
                 for case in MATRICES_OTHERS for bits in (64, 32)]
        runs += [optax_run(jax, optax, *case, bits, problem=SHAPES) for case in MATRICES_OPTAX for bits in (64, 32)]
        jax.config.update("jax_enable_x64", True)
        runs += [keras_run(keras, *case, bits, problem=SHAPES) for case in MATRICES_KERAS for bits in (64, 32)]
        write("matrices", runs)
    if "switches" in libraries:
        os.environ["KERAS_BACKEND"] = "jax"
        import jax
        import keras
        import optax
        import optax.contrib
        import torch
        both, matrices = (64, 32), [it[:2] for it in SHAPES]
        runs = [torch_run(torch, *case, bits, rows=8) for case in SWITCHES_TORCH for bits in both]
        runs += [torch_run(torch, *case, bits, problem=matrices, rows=8) for case in SWITCHES_MATRICES for bits in both]
        runs += [optax_run(jax, optax, *case, bits, rows=8) for case in SWITCHES_OPTAX for bits in both]
        runs += [optax_run(jax, optax, *case, bits, problem=MATRICES, rows=8)
                 for case in SWITCHES_FACTORED for bits in both]
        jax.config.update("jax_enable_x64", True)
        clips = [(name, {"learning_rate": 0.05, **clip}) for name in KERAS_ALL for clip in KERAS_CLIPS]
        runs += [keras_run(keras, *case, bits, rows=8) for case in SWITCHES_KERAS + clips for bits in both]
        write("switches", runs)
    if "exact" in libraries:
        os.environ["KERAS_BACKEND"] = "jax"
        import jax
        import keras
        jax.config.update("jax_enable_x64", True)
        write("exact", [keras_run(keras, *case, 64, problem=SHAPES, rows=5, is_exact=True) for case in EXACT_KERAS])
    if "soap" in libraries:
        import soap
        import torch
        write("soap", [torch_run(torch, *case, bits, problem=SHAPES, module=soap)
                       for case in MATRICES_SOAP for bits in (64, 32)])
    if "keras" in libraries:
        os.environ["KERAS_BACKEND"] = "jax"
        import jax
        jax.config.update("jax_enable_x64", True)
        import keras
        runs = [keras_run(keras, *case, bits) for case in KERAS for bits in (64, 32)]
        write("keras", runs)
    if "clips" in libraries:
        os.environ["KERAS_BACKEND"] = "jax"
        import jax
        jax.config.update("jax_enable_x64", True)
        import keras
        write("clips", [keras_run(keras, *case, bits) for case in CLIPS for bits in (64, 32)])
    if "filters" in libraries:
        import muon
        import torch
        write("filters", [torch_run(torch, *case, bits, problem=FILTERS, module=muon)
                          for case in FILTERS_OTHERS for bits in (64, 32)])
    if "wrappers" in libraries:
        import jax
        import optax
        import optax.contrib
        import torch
        of_torch, of_optax = LOOKAHEAD_TORCH + SAM_TORCH, LOOKAHEAD_OPTAX + SAM_OPTAX
        runs = [wrapped_torch_run(torch, *case, bits) for case in of_torch for bits in (64, 32)]
        write("wrappers", runs + [wrapped_optax_run(jax, optax, *case, bits) for case in of_optax for bits in (64, 32)])
        paths = [torch_path(torch, *case) for case in of_torch]
        paths += [optax_path(jax, optax, *case) for case in of_optax]
        with open(os.path.join(HERE, "wrappers.json"), "w") as file:
            cases = ",\n".join(json.dumps(it, separators=(",", ":")) for it in paths)
            file.write(f'{{"source": "tests/reference/generate.py", "cases": [\n{cases}\n]}}\n')


def write(library, runs):
    with open(os.path.join(HERE, f"{library}_runs.jsonl.gz"), "wb") as file:
        file.write(gzip.compress(b"".join(runs), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1:] or ["torch", "optax", "factored", "matrices", "keras", "clips", "closures", "sparse",
                          "wrappers", "filters", "switches", "soap", "exact"])
