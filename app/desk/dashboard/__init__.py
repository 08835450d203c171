"""The dashboard: what the audit view and the processes tell, for people."""
