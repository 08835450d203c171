"""The AsyncAPI 3 document: which topic carries what, who writes it, and the headers of each message."""

from collections.abc import Mapping
from typing import Any, Final

from app.schema.words import Json

_TEXT: Final = {"type": "string"}


def document(version: str, topics: Mapping[str, Mapping[str, Any]]) -> Json:
    """Return the document for `topics`, as schemas/topics.toml declares them."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Freshforce",
            "version": version,
            "description": "What happens in FreshBooks, on its way into Salesforce. "
            "Every consumer may read these topics; each is written by the steps that it names.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_short(name): _channel(name, topic) for name, topic in topics.items()},
        "operations": {
            f"{writer}-to-{_short(name)}": _operation(writer, name)
            for name, topic in topics.items()
            for writer in topic["writers"]
        },
        "components": {
            "messages": {topic["value"]: _message(topic["value"]) for topic in topics.values()},
            "schemas": {"headers": _headers()},
        },
    }


def _short(topic: str) -> str:
    return topic.removeprefix("freshforce.")


def _channel(name: str, topic: Mapping[str, Any]) -> Json:
    value = topic["value"]
    return {
        "address": name,
        "description": f"{topic['purpose']} Key: {topic['key']}. Kept: {topic['kept']}.",
        "messages": {value: {"$ref": f"#/components/messages/{value}"}},
        "bindings": {"kafka": {"topic": name, "topicConfiguration": {"cleanup.policy": [_policy(topic)]}}},
    }


def _policy(topic: Mapping[str, Any]) -> str:
    return "compact" if topic["kept"] == "compacted" else "delete"


def _operation(writer: str, topic: str) -> Json:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_short(topic)}"},
        "summary": f"{writer} writes to {topic}",
    }


def _message(value: str) -> Json:
    return {
        "name": value,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./{value}.v1.schema.json"},
        },
        "bindings": {"kafka": {"key": _TEXT}},
    }


def _headers() -> Json:
    """Return the CloudEvents attributes, as streams.loop.envelope writes them into Kafka's headers."""
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": _TEXT | {"description": "The message's id; a repeat of a message has the same one."},
            "ce_type": _TEXT | {"pattern": "^freshforce\\.[a-z-]+\\.v1$"},
            "ce_source": _TEXT | {"pattern": "^freshforce/[a-z-]+$"},
            "ce_time": _TEXT | {"format": "date-time"},
            "content-type": {"const": "application/json"},
            "causationid": _TEXT | {"description": "Id of the message that caused this one."},
        },
    }
