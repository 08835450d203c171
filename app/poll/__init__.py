"""The poller: webhooks get lost, so what FreshBooks lists as changed becomes events too."""
