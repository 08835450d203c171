"""Salesforce's HTTP: which hosts, what goes out, what comes back, read within bounds."""
