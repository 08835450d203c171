"""What events mean and what happens next: no sockets, no secrets, no Faust."""
