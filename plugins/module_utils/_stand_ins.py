# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Replace data by stand-ins, so that words and forms of real systems can be shown to others."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

DOMAIN = "stand-in.example"
SHORTEST = 3
"""Characters. A shorter known value is not replaced by itself: it would be found everywhere."""
FREE_LABEL = 5
"""Characters of a host's first label from which it is replaced inside longer words too."""
VENDOR = re.compile(r"(?:[a-z0-9-]+\.)*cisco\.com", re.I)

_ISSUED = (
    rf"(?:[a-z]+-[0-9a-f]+(?:@|\.){re.escape(DOMAIN)}|00000000-0000-4000-8000-[0-9a-f]{{12}}|198\.1[89]\.\d{{1,3}}\.\d{{1,3}}"
    r"|2001:db8::[0-9a-f]+|0{12}[0-9a-f]{4,}|\b(?:user|name|id|serial|text|token|machine)-[0-9a-f]+\b)"
)
"""The stand-ins: they are not replaced again."""
_FORMS = (
    ("mail", r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,10}"),
    ("uuid", r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"),
    ("jwt", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    ("mac", r"(?<![0-9A-Fa-f:])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![0-9A-Fa-f:])"),
    ("ipv6", r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])"),
    ("ipv4", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)"),
    ("serial", r"(?<![0-9A-Fa-f-])[0-9A-F]{6,40}-[0-9A-F]{6,40}(?![0-9A-Fa-f-])"),
    ("hexadecimal", r"(?<![0-9A-Za-z])[0-9a-fA-F]{16,}(?![0-9A-Za-z])|[0-9a-f]{32,}"),
    ("token", r"(?<![A-Za-z0-9_-])(?=[A-Za-z_-]{0,400}\d)(?=[a-z\d_-]{0,400}[A-Z])[A-Za-z0-9_-]{24,}"),
    ("host", r"(?<![A-Za-z0-9_.-])(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.){1,10}[A-Za-z]{2,24}(?![A-Za-z0-9_-])"),
)
_FORM = re.compile("|".join([f"(?P<issued>{_ISSUED})", *(f"(?P<{kind}>{pattern})" for kind, pattern in _FORMS)]))
_SERIAL_LINE = re.compile(r"(?P<before>\bserial(?: number| #|#)?[ \t]*:[ \t]*)(?P<value>[^\s]+)", re.I)
_ADDRESSES = (ipaddress.ip_network("198.18.0.0/15"), ipaddress.ip_network("2001:db8::/32"))


class StandIns:
    """Stable stand-ins: the same value gets the same stand-in, whatever its case.

    Without ``key``, stand-ins are numbered in the order in which they appear. With it, they are the same in every process
    that has this key. Words of ``vocabulary`` are never replaced.
    """

    def __init__(self, key: bytes | None = None, vocabulary: Iterable[str] = ()) -> None:
        self._key = key
        self._vocabulary = {word.casefold() for word in vocabulary}
        self._issued: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        self._known: dict[str, str] = {}
        self._labels: dict[str, str] = {}

    def keep(self, words: Iterable[str]) -> None:
        """Add words to the vocabulary."""
        self._vocabulary |= {word.casefold() for word in words}

    def know(self, kind: str, *values: Any) -> None:
        """Replace these values wherever they occur. ``kind`` names the stand-in: host, user, name, id, serial or text.

        A value that is shorter than three characters, or a word of the vocabulary, is replaced only as a part of others.
        """
        for value in values:
            text = str(value or "").strip()
            if len(text) < SHORTEST or text.casefold() in self._vocabulary or VENDOR.fullmatch(text):
                continue
            stand_in = self._of_form(text) or self._stand_in(kind, text)
            for form in _encoded(text):
                self._known.setdefault(form.casefold(), stand_in)
            label = text.split(".", 1)[0]
            if kind == "host" and "." in text and self._may_stand_alone(label):
                self._labels.setdefault(label.casefold(), stand_in.split(".", 1)[0])

    def _may_stand_alone(self, label: str) -> bool:
        return len(label) >= SHORTEST and label.casefold() not in self._vocabulary and not label.isdigit()

    def of(self, kind: str, value: str) -> str:
        """Return the stand-in of a whole value."""
        return self._stand_in(kind, value)

    def text(self, text: str) -> str:
        """Return the text with stand-ins for known values and for everything that has the form of data."""
        shown = _SERIAL_LINE.sub(
            lambda match: match["before"] + self._serial(match["value"]), self._without_known(text)
        )
        return _FORM.sub(self._replaced, shown)

    def data(self, value: Any) -> Any:
        """Return JSON data with stand-ins in all texts, also in the keys of objects."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.data(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def _without_known(self, text: str) -> str:
        folded = text.casefold()
        found = {value: stand_in for value, stand_in in self._known.items() if value in folded}
        labels = {label: stand_in for label, stand_in in self._labels.items() if label in folded}
        if not found and not labels:
            return text
        free = {label: stand_in for label, stand_in in labels.items() if len(label) >= FREE_LABEL}
        bound = {label: stand_in for label, stand_in in labels.items() if label not in free}
        parts = [re.escape(one) for one in sorted({**found, **free}, key=len, reverse=True)]
        parts += [rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9])" for one in bound]
        replaced = {**bound, **free, **found}
        pattern = re.compile(f"(?P<issued>{_ISSUED})|{'|'.join(parts)}", re.I)
        return pattern.sub(
            lambda match: (
                match[0] if match["issued"] and match[0].casefold() not in found else replaced[match[0].casefold()]
            ),
            text,
        )

    def _replaced(self, match: re.Match[str]) -> str:
        value, kind = match[0], str(match.lastgroup)
        if kind == "issued" or value.casefold() in self._vocabulary:
            return value
        return self._of_kind(kind, value)

    def _of_form(self, value: str) -> str | None:
        match = _FORM.fullmatch(value)
        return self._replaced(match) if match else None

    def _of_kind(self, kind: str, value: str) -> str:
        if kind in ("ipv4", "ipv6"):
            return self._address(value)
        if kind == "host" and VENDOR.fullmatch(value):
            return value
        return self._stand_in(kind, value)

    def _address(self, value: str) -> str:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return value
        network = _ADDRESSES[address.version == 6]
        number = int(self._number("address", str(address)), 16)
        return str(network[1 + number % (min(network.num_addresses, 2**32) - 2)])

    def _serial(self, value: str) -> str:
        return self._stand_in("serial", value)

    def _stand_in(self, kind: str, value: str) -> str:
        if re.fullmatch(_ISSUED, value):
            return value
        number = self._number(kind, value)
        if kind == "uuid":
            return f"00000000-0000-4000-8000-{number[-12:].rjust(12, '0')}"
        if kind == "hexadecimal":
            return number[-max(len(value) - 12, 4) :].rjust(max(len(value), 16), "0") if number else value
        if kind == "mail":
            return f"user-{number}@{DOMAIN}"
        if kind == "host":
            return f"host-{number}.{DOMAIN}"
        word = {"jwt": "token", "mac": "machine"}.get(kind, kind)
        return f"{word}-{number}"

    def _number(self, kind: str, value: str) -> str:
        """Return the number of a value, in hexadecimal."""
        folded = value.casefold()
        if (kind, folded) not in self._issued:
            if self._key is None:
                self._counts[kind] += 1
                number = f"{self._counts[kind]:x}"
            else:
                number = hmac.new(self._key, f"{kind}\0{folded}".encode(), hashlib.sha256).hexdigest()[:12]
            self._issued[kind, folded] = number
        return self._issued[kind, folded]


def _encoded(text: str) -> Iterator[str]:
    """Yield the text as it stands in text, URLs and JSON."""
    yield text
    yield quote(text, safe="")
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
