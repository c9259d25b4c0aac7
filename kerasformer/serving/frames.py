"""Messages between the service and its workers: JSON with its length before it."""

import json
import struct

_LENGTH = struct.Struct("<I")
HEAD_BYTES = _LENGTH.size


def pack(message):
    """A message (dict) as bytes."""
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(data)) + data


def body_length(head):
    """The number of bytes that follow the `HEAD_BYTES` bytes of a head."""
    return _LENGTH.unpack(head)[0]


def unpack(body):
    """The message of the bytes after the head."""
    return json.loads(body)


def read(stream):
    """The next message of a binary stream; None at its end."""
    head = stream.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    length = body_length(head)
    body = stream.read(length)
    return unpack(body) if len(body) == length else None
