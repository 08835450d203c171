"""Dead letters in Kafka: reading the original bytes again, and putting them back."""
