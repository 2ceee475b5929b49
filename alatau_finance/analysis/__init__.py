"""Questions put to the engine: the same pool run several times on the same random paths, and what differs."""
