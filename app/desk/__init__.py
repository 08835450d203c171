"""The admin listener: health and figures now, pages later; never on the public listener."""
