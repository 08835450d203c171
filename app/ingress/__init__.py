"""The public door: FreshBooks' webhooks come in, verified events are in Kafka before we say 200."""
