"""The worker: Faust agents around the pure steps."""
