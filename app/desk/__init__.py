"""Pages on the admin listener: the connect wizard and the dashboard. Never on the public listener."""
