"""What every value on the wire has in common: frozen, strict, closed to unknown fields."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A value that never changes once made and refuses fields it does not know."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )
