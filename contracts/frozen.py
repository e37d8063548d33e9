"""The one configuration every contract shares: immutable, closed, strict at the edge."""

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """An immutable value that refuses unknown fields and never coerces one JSON type into another."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        use_attribute_docstrings=True,
    )
