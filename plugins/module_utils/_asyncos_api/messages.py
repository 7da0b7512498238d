# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Convert a message of the API to the same fields on every release.

Source of the fields: published answers of real appliances (grade C). Any field may be missing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

from .window import read_time

NOTHING = ("", "N/A", "None", "(N/A)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WRITTEN_OUT = re.compile(
    r"(?P<day>\d{1,2}) +(?P<month>[A-Za-z]{3}) +(?P<year>\d{4}) +(?P<time>\d{2}:\d{2})(?P<seconds>:\d{2})? *"
    r"\( *GMT *(?:(?P<hours>[+-]\d{2}):?(?P<minutes>\d{2}))? *\)"
)
"""Such as `29 Aug 2023 10:00:48 (GMT +02:00)`, and `(GMT)` alone (grade C)."""
WITH_OFFSET = re.compile(r".*(?:[Zz]|[+-]\d{2}:\d{2})")


def message_of(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the result fields of a message from its C(attributes); null for a field that the appliance omits."""
    mids = [number for number in map(_whole, _list(attributes.get("mid"))) if number is not None]
    statuses = _by_mid(attributes.get("messageStatus"), mids)
    message_ids = _by_mid(attributes.get("messageID"), mids)
    return {
        "mids": mids,
        "icid": _whole(attributes.get("icid")),
        "timestamp": _time(attributes.get("timestamp")),
        "timestamp_text": _written(attributes.get("timestamp")),
        "subject": _text(attributes.get("subject"), nothing=()),
        "sender": _text(attributes.get("sender")),
        "sender_ip": _text(attributes.get("senderIp")),
        "recipients": [text for text in map(_text, _list(attributes.get("recipient"))) if text],
        "message_id": next((text for text in message_ids.values() if text), None),
        "status": next((text for text in reversed(list(statuses.values())) if text), None),
        "statuses": statuses,
        "direction": _text(attributes.get("direction")),
        "host": _text(attributes.get("hostName")),
        "serial": _text(attributes.get("serialNumber")),
        "reply_to": _text(attributes.get("replyTo")),
        "sender_group": _text(attributes.get("senderGroup")),
        "mail_policies": [text for text in map(_text, _list(attributes.get("mailPolicy"))) if text],
    }


def _by_mid(value: Any, mids: list[int]) -> dict[str, str | None]:
    """Return the value of each MID. A single text belongs to the last MID, where split messages end."""
    if isinstance(value, dict):
        return {str(mid): _text(said) for mid, said in value.items()}
    text = _text(value)
    return {str(mids[-1]): text} if mids and text else {}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _text(value: Any, nothing: tuple[str, ...] = NOTHING) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    text = str(value)
    return None if text in nothing else text


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def _written(value: Any) -> str | None:
    """Return a time as the appliance writes it."""
    return json.dumps(value) if isinstance(value, (dict, list)) else _text(value)


def _time(value: Any) -> str | None:
    """Return a time in ISO 8601 and UTC, the original text if it has no time or time zone, or None if it is empty.

    Read month names here, because AnsibleModule sets the user's locale, which strptime uses.
    """
    written = _written(value)
    if written is None:
        return None
    text = written.strip()
    match = WRITTEN_OUT.fullmatch(text)
    if match and match["month"].lower() in MONTHS:
        month = MONTHS.index(match["month"].lower()) + 1
        offset = f"{match['hours']}:{match['minutes']}" if match["hours"] else "+00:00"
        seconds = match["seconds"] or ":00"
        text = f"{match['year']}-{month:02d}-{int(match['day']):02d}T{match['time']}{seconds}{offset}"
    # The appliance writes local times: a time without an offset is not UTC (grade C).
    if not WITH_OFFSET.fullmatch(text):
        return written
    try:
        return read_time("timestamp", text).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OptionRefused:
        return written
