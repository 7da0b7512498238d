# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Message tracking: the messages that an appliance accepted, and the search for them."""

from __future__ import annotations

import email
import email.policy
import hashlib
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from email.message import EmailMessage

DELIVERED = "Delivered"


@dataclass(frozen=True)
class TrackedMessage:
    """One message. ``at`` is in seconds since the epoch, ``attachments`` are pairs of name and SHA-256 in hex."""

    mid: int
    icid: int
    at: float
    host: str
    """Host name of the appliance that accepted it."""
    serial: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    sender_ip: str = "192.0.2.254"
    reply_to: str = ""
    status: str = DELIVERED
    direction: str = "incoming"
    attachments: tuple[tuple[str, str], ...] = ()
    found_from: float = 0.0
    """Time from which searches find it."""


@dataclass
class Tracking:
    """The messages of an appliance, oldest first. An SMA also has those of the ESAs that it manages."""

    messages: list[TrackedMessage] = field(default_factory=list)

    def found(self, begin: float, end: float) -> list[TrackedMessage]:
        """Return the messages of this window that searches find now, newest first (C)."""
        now = time.time()
        inside = [one for one in self.messages if begin <= one.at < end and one.found_from <= now]
        return sorted(inside, key=lambda one: (one.at, one.mid), reverse=True)

    def shift(self, seconds: float) -> None:
        """Make every message older by this number of seconds."""
        self.messages[:] = [replace(one, at=one.at - seconds) for one in self.messages]


class MessageCounter:
    """The message ids (MID) and connection ids (ICID) of one appliance."""

    def __init__(self) -> None:
        self._mids = itertools.count(1001)
        self._icids = itertools.count(501)

    def next_mid(self) -> int:
        """Return a new message id."""
        return next(self._mids)

    def next_icid(self) -> int:
        """Return a new connection id."""
        return next(self._icids)


@dataclass(frozen=True)
class Content:
    """The content of a message that tracking keeps."""

    subject: str
    message_id: str
    reply_to: str
    attachments: tuple[tuple[str, str], ...]


def content_of(raw: bytes) -> Content:
    """Return subject, Message-ID and attachments of a message from SMTP."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return Content(
        subject=str(message.get("Subject", "")),
        message_id=str(message.get("Message-ID", "")).strip(),
        reply_to=str(message.get("Reply-To", "")),
        attachments=tuple(_attachments(message.iter_attachments())),
    )


def _attachments(parts: Iterable[EmailMessage]) -> Iterable[tuple[str, str]]:
    for part in parts:
        body = part.get_payload(decode=True) or b""
        yield part.get_filename() or "", hashlib.sha256(body if isinstance(body, bytes) else b"").hexdigest()
