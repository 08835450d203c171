"""Scenarios: stories of what users of FreshBooks (and of Salesforce) do, in readable TOML, scaled by size."""
