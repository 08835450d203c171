"""Our ways to Kafka: client options, topics, producer, compacted views, and an embedded broker."""
