"""Our messages as others read them: JSON Schemas and an AsyncAPI document, generated from the models."""
