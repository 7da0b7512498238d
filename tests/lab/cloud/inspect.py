# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""POST /iroh/iroh-inspect/inspect (A): the observables in a text. What the real service finds is I.

It finds the names of procedure.md with quoted values (`email_subject:"Invoice Due"`), and addresses, domains and
hashes without a name.
"""

from __future__ import annotations

import ipaddress
import re

from aiohttp import web

from tests.lab.cloud.errors import CloudError, OffendingField
from tests.lab.cloud.requests import Record, json_object
from tests.lab.cloud.store import CloudStore

PATH = "/iroh/iroh-inspect/inspect"
NAMED = re.compile(
    r"\b(?P<type>ip|ipv6|domain|url|email|email_messageid|email_subject|cisco_mid|sha256|sha1|md5|file_name)"
    r':"(?P<value>[^"]+)"'
)
MESSAGE_ID = re.compile(r"<(?P<value>[^<>\s@]+@[^<>\s@]+)>")
BY_THEMSELVES = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w-])")),
    ("sha256", re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])")),
    ("ip", re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")),
    ("domain", re.compile(r"(?<![\w@.-])(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w@-])")),
)


def add_routes(app: web.Application, store: CloudStore) -> None:
    """Serve the inspect path."""

    async def inspect(request: web.Request) -> web.Response:
        try:
            body = await json_object(request, {"content"}, ("content",))
        except CloudError as error:
            raise OffendingField("content", "missing-required-key") if error.status == 400 else error from None
        if not isinstance(body["content"], str):
            raise OffendingField("content", "must be a string")
        return web.json_response(observables_in(body["content"]))

    app.router.add_post(PATH, inspect)


def observables_in(text: str) -> list[Record]:
    """Return the observables of this text, each once, in the order of their kinds."""
    found: list[Record] = []

    def take(kind: str, value: str) -> None:
        if {"type": kind, "value": value} not in found:
            found.append({"type": kind, "value": value})

    for match in NAMED.finditer(text):
        take(match["type"], match["value"])
    rest = NAMED.sub(" ", text)
    for match in MESSAGE_ID.finditer(rest):
        take("email_messageid", match["value"])
    rest = MESSAGE_ID.sub(" ", rest)
    for kind, pattern in BY_THEMSELVES:
        for match in pattern.finditer(rest):
            if kind != "ip" or _is_address(match[0]):
                take(kind, match[0])
        rest = pattern.sub(" ", rest)
    return found


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
