"""Measurements beside peers: load, systems under test, verdicts. A figure without its machine is gossip."""
