#!/usr/bin/env python3
"""Makes the runs below tests/recordings, by the recorder in python/: python3 tests/recordings/generate.py [FOLDER]

Needs torch (made with 2.15 on a CPU). A net of 26 parameters in 4 tensors on 32 points, 24 steps, in 32 and in 64 bits.
What each run is, and what is to be said of it, stands in tests/recordings.rs.
"""

import copy
import os
import sys

import torch
from torch import nn, optim

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "python"))
from eigenstep_hooks.pytorch import record  # noqa: E402

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
STEPS = 24


def nothing(*_):
    pass


def run(name, make, before=nothing, after=nothing, step=lambda t, model, optimizer: optimizer.step(), sizes=(3, 4, 2), **how):
    """Records `make(model)` in both precisions; `before` and `after` a step, others may do something."""
    for bits, dtype in (("32", torch.float32), ("64", torch.float64)):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(*sizes[:2]), nn.Tanh(), nn.Linear(*sizes[1:])).to(dtype)
        points, classes = torch.randn(32, 3).to(dtype), torch.randint(0, 2, (32,))
        optimizer = make(model)
        with record(optimizer, os.path.join(FOLDER, f"{name}-{bits}.eig.gz"), names=model.named_parameters(), **how):
            for t in range(1, STEPS + 1):
                optimizer.zero_grad()
                batch = torch.randint(0, 32, (8,))
                nn.functional.cross_entropy(model(points[batch]), classes[batch]).backward()
                before(t, model, optimizer)
                step(t, model, optimizer)
                after(t, model, optimizer)


def changing(base, change):
    """An optimiser that steps with other settings than it has, under the name of `base`."""

    def step(self, closure=None):
        group = self.param_groups[0]
        kept = {key: value for key, value in group.items() if key != "params"}
        change(group)
        base.step(self, closure)
        group.update(kept)

    return type(base.__name__, (base,), {"step": step})


def by_hand(bug):
    """An AdamW whose step is written anew, with a mistake in it, under the name of torch's."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            (beta1, beta2), lr, decay, eps = group["betas"], group["lr"], group["weight_decay"], group["eps"]
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(w), exp_avg_sq=torch.zeros_like(w))
                state["step"] += 1
                t, m, v, g = state["step"].item(), state["exp_avg"], state["exp_avg_sq"], w.grad
                if bug == "coupled":
                    g = g + decay * w
                else:
                    w.mul_(1 - lr * decay)
                if bug == "no-average":
                    m.copy_(g)
                else:
                    m.mul_(beta1).add_(g, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
                first, second = 1 - beta1**t, 1 - (beta1 if bug == "one-beta" else beta2) ** t
                if bug == "eps-before":
                    below = (v.sqrt() + eps) / second**0.5
                else:
                    below = v.sqrt() / (second if bug == "unrooted" else second**0.5) + eps
                w.sub_(lr / first * m / below)

    return type("AdamW", (optim.AdamW,), {"step": step})


def within(base, change):
    """An optimiser whose step ends with `change`, of the parameters and what they were, under the name of `base`."""

    def step(self, closure=None):
        params = self.param_groups[0]["params"]
        was = [it.detach().clone() for it in params]
        base.step(self, closure)
        with torch.no_grad():
            change(params, was)

    return type(base.__name__, (base,), {"step": step})


def by_gradients(base, change):
    """An optimiser that steps by `change` of t, the number of a parameter, its gradient and the one before, as `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        params = [it for group in self.param_groups for it in group["params"]]
        given = [it.grad for it in params]
        before = getattr(self, "before", given)
        self.before = [it.clone() for it in given]
        for number, it in enumerate(params):
            it.grad = change(self.t, number, given[number], before[number])
        base.step(self, closure)
        for it, own in zip(params, given):
            it.grad = own

    return type(base.__name__, (base,), {"step": step})


def adam(model):
    return optim.Adam(model.parameters(), lr=0.01)


def adamw(model, **settings):
    return optim.AdamW(model.parameters(), lr=0.01, **settings)


# Rules as they are.
run("adagrad", lambda model: optim.Adagrad(model.parameters(), lr=0.05, initial_accumulator_value=0.1, lr_decay=0.01))
run("adamax", lambda model: optim.Adamax(model.parameters(), lr=0.01, weight_decay=0.01))
run("amsgrad-maximize", lambda model: optim.Adam(model.parameters(), lr=0.01, maximize=True, amsgrad=True))
run("rmsprop-centered", lambda model: optim.RMSprop(model.parameters(), lr=0.01, centered=True, momentum=0.5, weight_decay=0.01))
run("sgd-nesterov", lambda model: optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01))
run("sgd-dampening", lambda model: optim.SGD(model.parameters(), lr=0.05, momentum=0.9, dampening=0.5))

# Settings by group, and settings that change.
run("rate-by-layer", lambda model: optim.AdamW(
    [{"params": [it], "lr": 0.01 * 0.8**k} for k, it in enumerate(model.parameters())], weight_decay=0.05))


def raise_betas(t, model, optimizer):
    optimizer.param_groups[0]["betas"] = (min(0.95, 0.8 + 0.01 * t), 0.999)


def lower_decay(t, model, optimizer):
    optimizer.param_groups[0]["weight_decay"] = 0.1 * (1 - t / STEPS)


run("betas-rise", adamw, after=raise_betas)
run("decay-falls", lambda model: adamw(model, weight_decay=0.1), after=lower_decay)


# What happens to gradients and weights around the steps.
def clip(t, model, optimizer):
    nn.utils.clip_grad_value_(model.parameters(), 0.02)


def spoil(t, model, optimizer):
    if t in (7, 15):
        model[0].weight.grad[0, 0] = float("nan")


def step_if_finite(t, model, optimizer):
    if all(bool(torch.isfinite(it.grad).all()) for it in model.parameters()):
        optimizer.step()


def prune(t, model, optimizer):
    model[0].weight.data[model[0].weight.data.abs() < 0.2] = 0


def normalise(t, model, optimizer):
    model[0].weight.data.div_(model[0].weight.data.norm())


def keep_and_load(t, model, optimizer):
    if t == 1:
        keep_and_load.kept = {key: value.clone() for key, value in model.state_dict().items()}
    if t == 12:
        model.load_state_dict(keep_and_load.kept)


def flip_weight(t, model, optimizer):
    if t == 12:
        model[0].weight.data[1, 2] *= 16


def flip_buffer(t, model, optimizer):
    if t == 12:
        optimizer.state[model[2].weight]["exp_avg_sq"][1, 2] *= 2


def clamp(t, model, optimizer):
    for it in model.parameters():
        it.data.clamp_(-0.3, 0.3)


run("clipped-values", adam, before=clip)
run("nan-skipped", adamw, before=spoil, step=step_if_finite)
run("nan-taken", adamw, before=spoil)
run("pruned", adam, after=prune)
run("unit-norm", lambda model: optim.SGD(model.parameters(), lr=0.1), after=normalise)
run("checkpoint-loaded", adam, after=keep_and_load)
run("weight-flipped", adamw, after=flip_weight)
run("clamped-every-4", adam, after=clamp, every=4)
run("some-coordinates", adam, after=clamp, coordinates={"0.weight": [0, 5, 11]})

# Mistakes.
run("buffer-flipped", adam, after=flip_buffer)
run("rate-of-its-own", lambda model: changing(optim.AdamW, lambda it: it.update(lr=0.013))(model.parameters(), lr=0.01))
run("beta2-of-its-own", lambda model: changing(optim.AdamW, lambda it: it.update(betas=(0.9, 0.99)))(model.parameters(), lr=0.01))
run("decay-of-its-own", lambda model: changing(optim.AdamW, lambda it: it.update(weight_decay=0.3))(model.parameters(), lr=0.01))
run("momentum-of-its-own", lambda model: changing(optim.SGD, lambda it: it.update(momentum=0.8))(
    model.parameters(), lr=0.1, momentum=0.9))
run("fewer-newton-steps", lambda model: changing(optim.Muon, lambda it: it.update(ns_steps=4))(
    [it for it in model.parameters() if it.ndim == 2], lr=0.01))
run("stale-gradient", lambda model: by_gradients(optim.Adam, lambda t, number, now, before: before)(
    model.parameters(), lr=0.01))
run("gradient-doubled-in-one", lambda model: by_gradients(
    optim.SGD, lambda t, number, now, before: 2 * now if number == 0 else now)(model.parameters(), lr=0.1, momentum=0.9))


def warm_up(t, model, optimizer):
    optimizer.param_groups[0]["lr"] = 0.01 * min(5, t) / 5


def late(group):
    late.stated, group["lr"] = group["lr"], late.stated


def warming_late(model):
    late.stated = 0
    return changing(optim.Adam, late)(model.parameters(), lr=0.01)


def rounded(base):
    """An optimiser whose first moment has the digits of bfloat16 alone, under the name of `base`."""

    def step(self, closure=None):
        base.step(self, closure)
        for state in self.state.values():
            state["exp_avg"].copy_(state["exp_avg"].to(torch.bfloat16))

    return type(base.__name__, (base,), {"step": step})


run("warm-up-late", warming_late, before=warm_up)
run("decay-grows", lambda model: changing(optim.AdamW, lambda it: it.update(weight_decay=-0.1))(
    model.parameters(), lr=0.01, weight_decay=0.1))
run("moment-in-bfloat16", lambda model: rounded(optim.Adam)(model.parameters(), lr=0.01))
run("tensor-skipped", lambda model: within(optim.Adam, lambda now, was: now[0].copy_(was[0]))(model.parameters(), lr=0.01))
run("half-a-step", lambda model: within(optim.Adam, lambda now, was: now[2].sub_(0.5 * (now[2] - was[2])))(
    model.parameters(), lr=0.01))


# Mistakes of a few iterations, and bounds within a step.
def at_13(change):
    return lambda t, number, now, before: change(now, before) if t == 13 else now


def clipping_once(base):
    """An optimiser that clips the gradient by its norm, to 0.1, in iteration 13 alone, under the name of `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        params = [it for group in self.param_groups for it in group["params"]]
        given = [it.grad.clone() for it in params]
        if self.t == 13:
            nn.utils.clip_grad_norm_(params, 0.1)
        base.step(self, closure)
        for it, own in zip(params, given):
            it.grad.copy_(own)

    return type(base.__name__, (base,), {"step": step})


def from_t(base, first, last, change):
    """An optimiser with other settings in some iterations: `change` has its groups, as `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        kept = [{key: value for key, value in group.items() if key != "params"} for group in self.param_groups]
        if first <= self.t <= last:
            change(self.param_groups)
        base.step(self, closure)
        for group, own in zip(self.param_groups, kept):
            group.update(own)

    return type(base.__name__, (base,), {"step": step})


def two_groups(base, model, **settings):
    params = list(model.parameters())
    return base([{"params": params[:2]}, {"params": params[2:], "lr": 0.02}], **settings)


def averaged(base):
    """An optimiser that writes a moving average of the weights over them in iteration 13, under the name of `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        params = self.param_groups[0]["params"]
        self.average = getattr(self, "average", [it.detach().clone() for it in params])
        base.step(self, closure)
        with torch.no_grad():
            for it, own in zip(params, self.average):
                own.mul_(0.9).add_(it, alpha=0.1)
                if self.t == 13:
                    it.copy_(own)

    return type(base.__name__, (base,), {"step": step})


def twice(base):
    """An optimiser that steps twice in iteration 13, under the name of `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        for _ in range(2 if self.t == 13 else 1):
            base.step(self, closure)

    return type(base.__name__, (base,), {"step": step})


def in_turns(base):
    """An optimiser that leaves one tensor after the other out, under the name of `base`."""

    def step(self, closure=None):
        self.t = getattr(self, "t", 0) + 1
        params = self.param_groups[0]["params"]
        given = [it.grad for it in params]
        params[self.t % 4].grad = None
        base.step(self, closure)
        for it, own in zip(params, given):
            it.grad = own

    return type(base.__name__, (base,), {"step": step})


def short(now, was):
    for it, own in zip(now, was):
        it.copy_(own + (it - own).clamp(-0.005, 0.005))


def plain(base):
    return lambda model: base(model.parameters(), lr=0.1)


def momentum(base):
    return lambda model: base(model.parameters(), lr=0.1, momentum=0.9)


run("norm-clipped-once", lambda model: clipping_once(optim.Adam)(model.parameters(), lr=0.01))
run("values-clipped-once", lambda model: by_gradients(optim.Adam, at_13(lambda now, before: now.clamp(-0.02, 0.02)))(
    model.parameters(), lr=0.01))
run("values-clipped", momentum(by_gradients(optim.SGD, lambda t, number, now, before: now.clamp(-0.02, 0.02))))
run("stale-once", momentum(by_gradients(optim.SGD, at_13(lambda now, before: before))))
run("doubled-once", momentum(by_gradients(optim.SGD, at_13(lambda now, before: 2 * now))))
run("negated-once", plain(by_gradients(optim.SGD, at_13(lambda now, before: -now))))
run("other-gradient-once", momentum(by_gradients(optim.SGD, at_13(lambda now, before: now + 0.01 * torch.sin(1000 * now)))))
run("decay-late", plain(from_t(optim.SGD, 20, STEPS, lambda groups: groups[0].update(weight_decay=0.05))))
run("rate-once", lambda model: two_groups(from_t(optim.Adam, 13, 13, lambda groups: groups[1].update(lr=0.05)), model, lr=0.01))
run("average-written", momentum(averaged(optim.SGD)))
run("stepped-twice", lambda model: twice(optim.Adam)(model.parameters(), lr=0.01))
run("rests-in-turns", lambda model: in_turns(optim.Adam)(model.parameters(), lr=0.01))
run("short-steps", lambda model: within(optim.Adam, short)(model.parameters(), lr=0.01))


def keep_norm(params, was):
    moved = torch.cat([(now - then).flatten() for now, then in zip(params, was)]).norm()
    for now, then in zip(params, was):
        now.copy_(then + min(1.0, 0.02 / moved.item()) * (now - then))


def shrink(params, _):
    for it in params:
        it.mul_(0.999)


run("step-keeps-norm", lambda model: within(optim.Adam, keep_norm)(model.parameters(), lr=0.01))
run("weights-shrink", lambda model: within(optim.SGD, shrink)(model.parameters(), lr=0.03, momentum=0.9))
for bug in ("coupled", "one-beta", "eps-before", "no-average", "unrooted"):
    run(f"by-hand-{bug}", lambda model, bug=bug: by_hand(bug)(
        model.parameters(), lr=0.01, weight_decay=0.1, eps=1e-5))


def centralized(t, number, now, before):
    return now - now.mean(1, keepdim=True) if now.dim() > 1 else now


def limited(length):
    return lambda now: now * min(1.0, length / now.norm().item())


def each_limited(params, was):
    for now, then in zip(params, was):
        now.copy_(then + limited(0.015)(now - then))


def nonnegative(params, _):
    for it in params:
        it.clamp_(min=0)


def begun_elsewhere(model):
    optimizer = optim.Adagrad(model.parameters(), lr=0.05, initial_accumulator_value=0.1)
    for state in optimizer.state.values():
        state["sum"].fill_(0.5)
    return optimizer


run("gradients-of-unit-norm", momentum(by_gradients(optim.SGD, lambda t, number, now, before: now / now.norm())))
run("gradients-centralized", lambda model: by_gradients(optim.Adam, centralized)(model.parameters(), lr=0.01))
run("gradients-as-signs", momentum(by_gradients(optim.SGD, lambda t, number, now, before: now.sign())))
run("tensors-clipped", lambda model: by_gradients(optim.Adam, lambda t, number, now, before: limited(0.05)(now))(
    model.parameters(), lr=0.01))
run("tensors-keep-norm", lambda model: within(optim.Adam, each_limited)(model.parameters(), lr=0.01))
run("kept-nonnegative", lambda model: within(optim.Adam, nonnegative)(model.parameters(), lr=0.01))
run("begun-elsewhere", begun_elsewhere)


def in_bfloat16(make, part):
    """`part` of the net in bfloat16."""

    def made(model):
        own, kind = part(model), model[2].weight.dtype
        own.to(torch.bfloat16)
        own.register_forward_pre_hook(lambda _, inputs: (inputs[0].bfloat16(),))
        own.register_forward_hook(lambda _, __, out: out.to(kind))
        return make(model)

    return made


def first(model):
    return model[0]


def doubled(group):
    group["lr"] = 2 * group["lr"]


run("two-types", in_bfloat16(lambda model: optim.AdamW(model.parameters(), lr=0.01), first))
run("two-types-rate", in_bfloat16(lambda model: changing(optim.SGD, doubled)(
    model.parameters(), lr=0.05, momentum=0.9), first))


# Checkpoints that were loaded in part or whole, states that were mixed up, and a state of fewer digits.
def kept(at_8, at_16):
    """Something to do after the steps 8 and 16: `at_8` returns what `at_16` gets."""
    found = {}

    def after(t, model, optimizer):
        if t == 8:
            found["it"] = copy.deepcopy(at_8(model, optimizer))
        elif t == 16:
            at_16(model, optimizer, found["it"])

    return after


def exchange(model, optimizer, _):
    a, b = (optimizer.state[model[at].weight] for at in (0, 2))
    for key in ("exp_avg", "exp_avg_sq"):
        a[key], b[key] = b[key], a[key]


def count_anew(model, optimizer, _):
    for state in optimizer.state.values():
        state["step"].zero_()


def state_of(model, optimizer):
    return optimizer.state_dict()


def load_state(model, optimizer, it):
    optimizer.load_state_dict(it)


def load_all(model, optimizer, it):
    model.load_state_dict(it[0])
    optimizer.load_state_dict(it[1])


def in_float16(base):
    """An optimiser whose momentum has the digits of 16-bit floats alone, under the name of `base`."""

    def step(self, closure=None):
        base.step(self, closure)
        for state in self.state.values():
            state["momentum_buffer"].copy_(state["momentum_buffer"].to(torch.float16))

    return type(base.__name__, (base,), {"step": step})


run("state-put-back", lambda model: two_groups(optim.AdamW, model, lr=0.01), after=kept(state_of, load_state))
run("all-put-back", lambda model: optim.Adam(model.parameters(), lr=0.01),
    after=kept(lambda model, optimizer: (model.state_dict(), optimizer.state_dict()), load_all))
run("momentum-put-back", lambda model: optim.SGD(model.parameters(), lr=0.1, momentum=0.9), after=kept(state_of, load_state))
run("counter-reset", lambda model: two_groups(optim.AdamW, model, lr=0.01), after=kept(state_of, count_anew))
run("states-exchanged", lambda model: optim.AdamW(model.parameters(), lr=0.01), after=kept(state_of, exchange), sizes=(3, 3, 3))
run("momentum-in-float16", lambda model: two_groups(in_float16(optim.SGD), model, lr=0.1, momentum=0.9))
run("rate-in-bfloat16", in_bfloat16(lambda model: changing(optim.AdamW, doubled)(
    model.parameters(), lr=0.02), lambda model: model))


def rounding(t, _, optimizer):
    """What averages in bfloat16 lose when they are taken up again."""
    for state in optimizer.state.values() if t > 1 else []:
        state["exp_avg_sq"].copy_(state["exp_avg_sq"].to(torch.bfloat16))


def load_coarsely(t, _, optimizer):
    for state in optimizer.state.values() if t == 13 else []:
        for name in ("exp_avg", "exp_avg_sq"):
            state[name].copy_(state[name].to(torch.bfloat16))


def change_number(t, model, optimizer):
    if t == 13:
        optimizer.state[model[2].weight]["exp_avg_sq"][1, 2] += 1e-3


run("moment-taken-up-coarsely", lambda model: two_groups(optim.AdamW, model, lr=0.01), before=rounding)
run("moments-loaded-coarsely", lambda model: optim.Adam(model.parameters(), lr=0.01), before=load_coarsely)
run("moment-changed-before", lambda model: two_groups(optim.AdamW, model, lr=0.01), before=change_number)
