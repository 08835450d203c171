"""What an admin sets up: custom fields by the Tooling API, permission sets, and what they let a user see."""
