"""A role as a process: how it starts, tells its health, ends, and is kept running."""
