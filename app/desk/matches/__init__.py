"""Matches on pages: who waits for a person, what each decision would bring about, and deciding."""
