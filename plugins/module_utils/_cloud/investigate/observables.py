# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Observables, and the query syntax of CTR.

Source: the vendor's procedure (`ip:"4.2.2.2"`, `email_subject:"Invoice Due"`, ..., grade A) and the type names of the
API (grade A). Only the types that concern email appliances are listed.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

FORMS = {
    "ip": 'ip:"4.2.2.2"',
    "domain": 'domain:"example.com"',
    "email": 'email:"noreply@example.com"',
    "email_messageid": 'email_messageid:"123-abc-456@example.com"',
    "email_subject": 'email_subject:"Invoice Due"',
    "cisco_mid": 'cisco_mid:"12345"',
    "sha256": 'sha256:"<64 hexadecimal digits>"',
    "file_name": 'file_name:"invoice.pdf"',
    "ipv6": 'ipv6:"2001:db8::7"',
    "url": 'url:"https://example.com/invoice"',
    "hostname": 'hostname:"mail.example.com"',
    "sha1": 'sha1:"<40 hexadecimal digits>"',
    "md5": 'md5:"<32 hexadecimal digits>"',
    "file_path": 'file_path:"/tmp/invoice.pdf"',
    "user": 'user:"someone"',
}
"""The types with an example each. The first eight are in the vendor's procedure."""
ALIASES = {
    "subject": "email_subject",
    "emailsubject": "email_subject",
    "sender": "email",
    "from": "email",
    "recipient": "email",
    "to": "email",
    "mail": "email",
    "address": "email",
    "messageid": "email_messageid",
    "message_id": "email_messageid",
    "emailmessageid": "email_messageid",
    "email_message_id": "email_messageid",
    "mid": "cisco_mid",
    "ciscomid": "cisco_mid",
    "hash": "sha256",
    "sha": "sha256",
    "sha_256": "sha256",
    "filename": "file_name",
    "file": "file_name",
    "attachment": "file_name",
    "ipv4": "ip",
    "sender_ip": "ip",
}
"""Common wrong names of types, with the right name."""
NAME = re.compile(r"[A-Za-z0-9_-]+")
DIGITS = {"sha256": 64, "sha1": 40, "md5": 32}
TYPOGRAPHIC_QUOTES = "\u201c\u201d\u201e\u00ab\u00bb"
EXCERPT = 24
DOCUMENTED_TYPES = 8


def parse_query(query: str) -> list[dict[str, str]]:
    """Return the observables of a query of the form C(type:"value" type:"value").

    In a value, a backslash escapes a double quote or a backslash. Raise OptionRefused with the position and the correct
    form.
    """
    found: list[dict[str, str]] = []
    at = _skip_blanks(query, 0)
    while at < len(query):
        name, value, at = _read_pair(query, at)
        add(found, name, value, f"query, {name}")
        after = _skip_blanks(query, at)
        if after == at and at < len(query):
            raise _wrong(query, at, "a space is missing between two observables", name)
        at = after
    if not found:
        raise OptionRefused("query is empty", fix=f"write observables like {FORMS['email_subject']}")
    return found


def checked_observables(given: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the observables of the option C(observables). Raise OptionRefused with the number of the entry."""
    found: list[dict[str, str]] = []
    for number, item in enumerate(given, 1):
        name = item["type"].strip()
        if name not in FORMS:
            raise OptionRefused(
                f'observables, entry {number}: unknown type "{name}"',
                fix=_suggestion(name) or _known_types(len(FORMS)),
            )
        add(found, name, item["value"], f"observables, entry {number}")
    if not found:
        raise OptionRefused("observables is empty", fix="add at least one observable")
    return found


def add(found: list[dict[str, str]], name: str, value: str, where: str) -> None:
    """Add an observable unless it is already listed. Raise OptionRefused for a value that does not fit its type."""
    value = value.strip()
    if name == "email_messageid":
        # The procedure writes a Message-ID without angle brackets.
        value = value.strip("<>")
    problem = _problem(name, value)
    if problem:
        raise OptionRefused(f'{where}: "{value}" {problem}', fix=f"write it like {FORMS[name]}")
    if {"type": name, "value": value} not in found:
        found.append({"type": name, "value": value})


def _read_pair(query: str, at: int) -> tuple[str, str, int]:
    """Return type, value, and the position after them."""
    match = NAME.match(query, at)
    if not match:
        raise _wrong(query, at, "the name of a type is missing", "email_subject")
    name = match[0]
    if name not in FORMS:
        raise OptionRefused(
            f'query, character {at + 1}: unknown type "{name}"',
            fix=_suggestion(name) or _known_types(DOCUMENTED_TYPES),
        )
    colon = match.end()
    if query[colon : colon + 1] != ":":
        raise _wrong(query, colon, f"a colon must directly follow {name}", name)
    return name, *_read_value(query, colon + 1, name)


def _read_value(query: str, at: int, name: str) -> tuple[str, int]:
    if query[at : at + 1] != '"':
        curled = query[at : at + 1] and query[at] in TYPOGRAPHIC_QUOTES
        what = (
            "this quotation mark is not a straight double quote"
            if curled
            else "the value must begin with a double quote"
        )
        raise _wrong(query, at, what, name)
    value = ""
    place = at + 1
    while place < len(query):
        letter = query[place]
        if letter == '"':
            return value, place + 1
        if letter == "\\" and query[place + 1 : place + 2] in ('"', "\\"):
            place += 1
            letter = query[place]
        value += letter
        place += 1
    raise _wrong(query, at, "the closing double quote is missing", name)


def _skip_blanks(query: str, at: int) -> int:
    while at < len(query) and query[at].isspace():
        at += 1
    return at


def _wrong(query: str, at: int, what: str, name: str) -> OptionRefused:
    rest = query[at : at + EXCERPT]
    shown = f"before {rest!r}" if rest else "at the end"
    return OptionRefused(f"query, character {at + 1}, {shown}: {what}", fix=f"write it like {FORMS[name]}")


def _suggestion(name: str) -> str | None:
    plain = name.lower().replace("-", "_")
    canonical = plain if plain in FORMS else ALIASES.get(plain)
    return f"write it like {FORMS[canonical]}" if canonical else None


def _known_types(number: int) -> str:
    return "use one of these types: " + ", ".join(list(FORMS.values())[:number])


def _problem(name: str, value: str) -> str | None:
    """Return the reason why this value does not fit its type, or None."""
    if not value:
        return "is empty"
    if name in DIGITS and not re.fullmatch(rf"[0-9A-Fa-f]{{{DIGITS[name]}}}", value):
        return f"does not have {DIGITS[name]} hexadecimal digits"
    if name in ("ip", "ipv6"):
        try:
            version: int = ipaddress.ip_address(value).version
        except ValueError:
            version = 0
        return (
            None
            if version == (6 if name == "ipv6" else 4)
            else f"is not an {'IPv6' if name == 'ipv6' else 'IPv4'} address"
        )
    if name == "cisco_mid" and not (value.isascii() and value.isdigit()):
        return "is not a number"
    if name in ("email", "email_messageid") and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        return "does not have the form name@domain"
    if name in ("domain", "hostname") and re.search(r"[\s@/:]", value):
        return "is not a domain or host name"
    return None
