"""Records each update of an optax optimiser: see `eigenstep_hooks.jax`."""

from eigenstep_hooks.jax import Recorder

__all__ = ["Recorder"]
