"""Random inputs: what a path draws is a pure function of seed, names and path number. Start at ``register``."""
