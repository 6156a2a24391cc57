"""Recorders for runs of torch and jax optimisers, as `eigenstep hook` prints them."""
