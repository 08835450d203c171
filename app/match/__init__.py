"""What a person does about which Account a client is."""
