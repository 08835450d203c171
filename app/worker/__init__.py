"""The worker: Faust agents around the pure steps, and the supervisor of all roles."""
