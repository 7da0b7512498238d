# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GET message-tracking/messages: read the query, filter messages, and show them in the form of the API.

Names of parameters and fields are C (SOAR and SIEM connectors that run against real appliances), as are the two
answers `Missing attribute - startDate or endDate.` and `Invalid username or passphrase.`. Answers to other errors are I.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.lab.appliance.tracking import TrackedMessage

OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda held, asked: asked in held,
    "is": lambda held, asked: asked == held,
    "begins_with": lambda held, asked: held.startswith(asked),
}
WITH_OPERATOR: dict[str, Callable[[TrackedMessage], tuple[str, ...]]] = {
    "subjectfilter": lambda message: (message.subject,),
    "envelopeSenderfilter": lambda message: (message.sender,),
    "envelopeRecipientfilter": lambda message: message.recipients,
    "attachmentName": lambda message: tuple(name for name, _sha256 in message.attachments),
    "domainName": lambda message: (domain_of(message.sender),),
    "replyTo": lambda message: (message.reply_to,),
}
"""Parameters of the form <name>Operator and <name>Value, and the attribute that they filter."""
EXACT: dict[str, Callable[[TrackedMessage], tuple[str, ...]]] = {
    "messageIdHeader": lambda message: (message.message_id, message.message_id.strip("<>")),
    "ciscoMid": lambda message: (str(message.mid),),
    "senderIp": lambda message: (message.sender_ip,),
    "fileSha256": lambda message: tuple(sha256 for _name, sha256 in message.attachments),
    "messageDirection": lambda message: (message.direction,),
    "deliveryStatus": lambda message: (message.status.upper().replace(" ", "_"),),
}
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:00\.000Z")
OTHERS = {"startDate", "endDate", "searchOption", "ciscoHost", "offset", "limit"}
KNOWN = OTHERS | set(EXACT) | {f"{name}{part}" for name in WITH_OPERATOR for part in ("Operator", "Value")}


class BadQuery(Exception):
    """An invalid query: status and message of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Search:
    """A checked query. Raises BadQuery."""

    def __init__(self, query: Mapping[str, str]) -> None:
        if "startDate" not in query or "endDate" not in query:
            raise BadQuery(404, "Missing attribute - startDate or endDate.")
        for name, value in query.items():
            if name not in KNOWN:
                raise BadQuery(400, f"Wrong parameter - {name}.")
            if value == "":
                raise BadQuery(400, f"Wrong value of the parameter {name}.")
        if query.get("searchOption", "messages") != "messages":
            raise BadQuery(400, "Wrong value of the parameter searchOption.")
        self.begin, self.end = _date(query, "startDate"), _date(query, "endDate")
        if self.end <= self.begin:
            raise BadQuery(400, "endDate must be later than startDate.")
        self.host = query.get("ciscoHost", "All_Hosts")
        self.offset = _whole(query, "offset", 0)
        self.limit = _whole(query, "limit", DEFAULT_LIMIT)
        if not 1 <= self.limit <= LARGEST_LIMIT:
            raise BadQuery(400, f"limit must be 1 to {LARGEST_LIMIT}.")
        if "fileSha256" in query and not re.fullmatch("[0-9a-f]{64}", query["fileSha256"]):
            raise BadQuery(400, "Wrong value of the parameter fileSha256.")
        self.filters = [_filter(query, name) for name in WITH_OPERATOR if f"{name}Value" in query]
        self.exact = {name: query[name] for name in EXACT if name in query}

    def matches(self, message: TrackedMessage) -> bool:
        """Return whether this message matches every filter; case is ignored (I)."""
        if self.host not in ("All_Hosts", message.host):
            return False
        for name, holds, asked in self.filters:
            if not any(holds(value.casefold(), asked.casefold()) for value in WITH_OPERATOR[name](message)):
                return False
        return all(
            asked.casefold() in [value.casefold() for value in EXACT[name](message)]
            for name, asked in self.exact.items()
        )


def attributes_of(message: TrackedMessage) -> dict[str, Any]:
    """Return the `attributes` of a message (C)."""
    mid = str(message.mid)
    return {
        "hostName": message.host,
        "friendly_from": [message.sender],
        "isCompleteData": "N/A",
        "messageStatus": {mid: message.status},
        "recipientMap": {mid: list(message.recipients)},
        "senderIp": message.sender_ip,
        "mailPolicy": ["DEFAULT"],
        "senderGroup": "UNKNOWNLIST",
        "subject": message.subject,
        "mid": [message.mid],
        "senderDomain": domain_of(message.sender),
        "finalSubject": {mid: message.subject},
        "direction": message.direction,
        "icid": message.icid,
        "morDetails": {},
        "replyTo": message.reply_to or "N/A",
        "timestamp": datetime.fromtimestamp(message.at, UTC).strftime("%d %b %Y %H:%M:%S (GMT +00:00)"),
        "messageID": {mid: message.message_id} if message.message_id else {},
        "verdictChart": {mid: "01101110"},
        "recipient": list(message.recipients),
        "sender": message.sender,
        "serialNumber": message.serial,
        "allIcid": [message.icid],
        "sbrs": "None",
    }


def domain_of(address: str) -> str:
    """Return the part after the last @."""
    return address.rpartition("@")[2]


def _date(query: Mapping[str, str], name: str) -> float:
    text = query[name]
    if not DATE.fullmatch(text):
        raise BadQuery(400, f"{name} must look like YYYY-MM-DDTHH:MM:00.000Z.")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise BadQuery(400, f"{name} is no date.") from None


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise BadQuery(400, f"Wrong value of the parameter {name}.")
    return int(text)


def _filter(query: Mapping[str, str], name: str) -> tuple[str, Callable[[str, str], bool], str]:
    operator = query.get(f"{name}Operator", "")
    if operator not in OPERATORS:
        raise BadQuery(400, f"Wrong value of the parameter {name}Operator.")
    return name, OPERATORS[operator], query[f"{name}Value"]
