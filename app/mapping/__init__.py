"""Mappings at an operator's hand: set one, hold it against the org, rehearse it over the record log."""
