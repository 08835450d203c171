"""The lanes of each org: batches go, answers come, poison is found, limits are kept."""
