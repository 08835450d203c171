"""Incident: one client's stream, masked, as a test that runs without Kafka."""
