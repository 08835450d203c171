"""What an answer means, per row and per request: the one place that says so."""
