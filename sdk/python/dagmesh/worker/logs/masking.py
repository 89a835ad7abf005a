"""Keeps the secrets of a task's connections out of what leaves the worker."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from re import Pattern
from typing import Any
from urllib.parse import quote, quote_plus

MASK = '***'
# Masking shorter ones would blacken half of every log and tell the secret by its holes.
SECRET_LENGTH_MIN = 4
# A shorter stretch of base64 also occurs in innocent text.
BASE64_LENGTH_MIN = 6
_SECRET_NAMES = re.compile(
    'passw|passphrase|secret|token|api_?key|private_?key|access_?key|credential|authorization',
    re.IGNORECASE,
)


class Masker:
    """Replaces the secrets it has been told by `***`, however they are encoded."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: Pattern[str] | None = None
        self.longest = 0

    def learn(self, connections: Iterable[Mapping[str, Any]]) -> None:
        """Takes the passwords of connections, and what their `extra` has under telling names."""
        for connection in connections:
            secrets = [connection['password'], *_secrets_of_extra(connection['extra'])]
            for secret in secrets:
                self._forms.update(
                    form for form in _forms_of(secret) if len(form) >= SECRET_LENGTH_MIN
                )
        if self._forms:
            # Longest first, so that a secret that contains another one vanishes whole.
            ordered = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile('|'.join(map(re.escape, ordered)))
            self.longest = len(ordered[0])

    def mask(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def cut_near(self, text: str, position: int) -> int:
        """A place near `position`, not 0, where the text can be cut without cutting a secret."""
        if self._pattern:
            for match in self._pattern.finditer(text):
                if match.start() < position < match.end():
                    return match.start() or match.end()
        return position


def _forms_of(secret: str) -> Iterator[str]:
    yield secret
    # Lines leave one by one, so each line of e.g. a private key is a secret of its own.
    yield from (line.strip() for line in secret.splitlines())
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    for quoted in (quote(secret, safe=''), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub('%[0-9A-F]{2}', lambda escape: escape.group().lower(), quoted)
    yield from _base64_forms(secret.encode('utf-8', 'surrogatepass'))


def _base64_forms(secret: bytes) -> Iterator[str]:
    """How base64 writes the secret inside of a longer text, e.g. `user:password`.

    That depends on where it begins: there are three ways. Characters in which its neighbours have a
    share are left out.
    """
    for offset, shared_before in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b'\0' * offset + secret).decode().rstrip('=')
        shared_after = 0 if (offset + len(secret)) % 3 == 0 else 1
        own = encoded[shared_before : len(encoded) - shared_after]
        if len(own) >= BASE64_LENGTH_MIN:
            yield own
            yield own.replace('+', '-').replace('/', '_')


def _secrets_of_extra(extra: str) -> Iterator[str]:
    try:
        yield from _secrets_in(json.loads(extra) if extra else None, is_secret=False)
    except ValueError:
        yield extra


def _secrets_in(value: Any, *, is_secret: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _secrets_in(inner, is_secret=is_secret or bool(_SECRET_NAMES.search(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets_in(inner, is_secret=is_secret)
    elif is_secret and isinstance(value, (str, int)):
        yield str(value)
