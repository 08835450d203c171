"""Replay on pages: what was planned, a new preview, and a plan with its buttons."""
