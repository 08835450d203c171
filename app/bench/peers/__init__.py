"""The peers that we are measured beside: what a good engineer writes in an afternoon."""
