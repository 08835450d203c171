"""Bulk API 2.0 ingest: a job is made, filled with CSV, closed, worked off later, asked for its results."""
