import json
from collections import namedtuple

from eigenstep_hook import Recorder

TraceState = namedtuple("TraceState", "trace")
EmptyState = namedtuple("EmptyState", "")

params = {"layer": {"kernel": [1.0, -2.0, 0.5], "bias": [0.25]}}


def mapped(f, *trees):
    if isinstance(trees[0], dict):
        return {key: mapped(f, *(tree[key] for tree in trees)) for key in trees[0]}
    return [f(*values) for values in zip(*trees)]


state = (TraceState(mapped(lambda x: 0.0, params)), (EmptyState(),))
rule = {"rule": "optax/sgd", "settings": {"learning_rate": 0.1, "momentum": 0.9}}
with Recorder("run.jsonl", **rule) as log, Recorder("run.eig", **rule) as other:
    log.start(params, state)
    other.start(params, state)
    for _ in range(20):
        grads = mapped(lambda x: 0.3 * x, params)
        trace = mapped(lambda g, m: g + 0.9 * m, grads, state[0].trace)
        params = mapped(lambda x, m: x - 0.1 * m, params, trace)
        state = (TraceState(trace), (EmptyState(),))
        log.step(params, grads, state, loss=1.0)
        other.step(params, grads, state, loss=1.0, settings={"learning_rate": 0.1})
for how in ({"norms": True}, {"coordinates": {"layer/kernel": [0, 2]}}, {"tensors": ["layer/bias"], "every": 2}):
    with Recorder("other.jsonl", **how) as log:
        log.start(params, state)
        for _ in range(4):
            log.step(params, params, state, loss=float("nan"))
with Recorder("changed.jsonl") as log:
    log.start(params, state)
    log.step(params, params, state, before=params)
    halved = {"layer": {"kernel": params["layer"]["kernel"], "bias": [0.125]}}
    log.step(params, params, state, before=halved)
with open("changed.jsonl") as rows:
    found = [json.loads(row).get("params_before") for row in list(rows)[1:]]
    assert found == [None, None, {"layer/bias": [0.125]}], found
