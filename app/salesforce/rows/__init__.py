"""Rows on their way to an org: what waits for what, and who hears of it."""
