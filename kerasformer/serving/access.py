"""Who may ask, and how often."""

import hmac
import time

from kerasformer.errors import InputError
from kerasformer.serving.refusals import Refusal

_ADMIN = "admin"
_MOST_CLIENTS = 10_000  # that are remembered


class Keys:
    """API keys.

    Args:
        lines: iterable of str, each a key, or a key and the word "admin"; empty lines and lines with # do not count.

    Raises:
        InputError: for a line with something else.
    """

    def __init__(self, lines):
        self._keys = []
        for number, line in enumerate(lines, start=1):
            key, *roles = line.partition("#")[0].split() or [""]
            if roles not in ([], [_ADMIN]):
                raise InputError(f"line {number} of the API keys has more than a key and the word {_ADMIN}")
            if key:
                self._keys.append((key.encode(), bool(roles)))

    def __bool__(self):
        return bool(self._keys)

    def client(self, key, address):
        """Who asks, for turns and limits: str.

        Args:
            key: str, the key that was given.
            address: str, the address that was asked from.

        Raises:
            Refusal: if a key is needed, and this one is not known.
        """
        if not self._keys:
            return address
        if not key:
            raise Refusal(403, "Please contact the server operator to get an API key")
        found = self._find(key)
        if found is None:
            raise Refusal(403, "Invalid API key")
        return f"key {found}"

    def check_admin(self, key):
        """Raise `Refusal` unless the key is one of an administrator."""
        found = self._find(key)
        if found is None or not self._keys[found][1]:
            raise Refusal(403, "This needs the API key of an administrator")

    def _find(self, key):
        """The index of a key; every key is compared, in a time that does not depend on what it has in common."""
        given, found = key.encode("utf-8", "replace"), None
        for index, (known, _) in enumerate(self._keys):
            if hmac.compare_digest(known, given):
                found = index
        return found


class Limiter:
    """Counts the requests of each client: `per_minute` at once, and so many more in each minute.

    Args:
        per_minute: int; 0 for no limit.
    """

    def __init__(self, per_minute):
        self._per_minute, self._left = per_minute, {}

    def count(self, client):
        """Count a request.

        Raises:
            Refusal: if it is one too many.
        """
        if not self._per_minute:
            return
        now = time.monotonic()
        left, before = self._left.pop(client, (self._per_minute, now))
        left = min(self._per_minute, left + (now - before) * self._per_minute / 60)
        self._left[client] = max(left - 1, 0) if left >= 1 else left, now
        if len(self._left) > _MOST_CLIENTS:
            del self._left[next(iter(self._left))]
        if left < 1:
            seconds = int((1 - left) * 60 / self._per_minute) + 1
            raise Refusal(429, f"Slowdown: {self._per_minute} per 1 minute", seconds)
