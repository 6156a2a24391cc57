"""Records each step of a torch optimiser: see `eigenstep_hooks.pytorch`."""

from eigenstep_hooks.pytorch import Recorder, record

__all__ = ["Recorder", "record"]
