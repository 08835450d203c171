"""Proof that FreshBooks, the log and Salesforce agree; what differs, by name."""
