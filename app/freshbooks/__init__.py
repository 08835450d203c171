"""FreshBooks as the outside world knows it: its signatures, its JSON, its OAuth, its errors."""
