"""FreshBooks' JSON, read with tolerance for what varies and none for what matters, into our values."""
