"""Replay: what a rewind of the log would do, its proof, and the rewind itself."""
