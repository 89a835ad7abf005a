"""Messages as the tests compare them: in the JSON of the contracts, with the contracts' names."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message


def plain(message: Message) -> Any:
    """The message as plain values; what says nothing is left out."""
    return MessageToDict(message, preserving_proto_field_name=True)
