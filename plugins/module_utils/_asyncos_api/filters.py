# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Filters of a message tracking search, as options and as parameters of the API.

Source of the parameters: third-party connectors that run against real appliances (grade C).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

OPERATORS = ("contains", "is", "begins_with")
WITH_OPERATOR = {
    "subject": ("subjectfilter", "contains"),
    "sender": ("envelopeSenderfilter", "is"),
    "recipient": ("envelopeRecipientfilter", "is"),
    "attachment_name": ("attachmentName", "contains"),
    "sender_domain": ("domainName", "is"),
    "reply_to": ("replyTo", "is"),
}
"""Option: its parameter without Operator and Value, and its default operator."""
EXACT = {
    "message_id": "messageIdHeader",
    "cisco_mid": "ciscoMid",
    "sha256": "fileSha256",
    "sender_ip": "senderIp",
    "status": "deliveryStatus",
    "direction": "messageDirection",
    "cisco_host": "ciscoHost",
}


def filters_spec() -> dict[str, Any]:
    """Return the argument spec of the filter options."""
    spec: dict[str, Any] = {}
    for name, (_parameter, operator) in WITH_OPERATOR.items():
        spec[name] = {"type": "str"}
        spec[f"{name}_operator"] = {"type": "str", "choices": list(OPERATORS), "default": operator}
    spec.update({name: {"type": "str"} for name in EXACT})
    spec["cisco_mid"] = {"type": "int"}
    spec["direction"] = {"type": "str", "choices": ["incoming", "outgoing"]}
    spec["cisco_host"] = {"type": "str", "default": "All_Hosts"}
    return spec


def query_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the query parameters of the options that are set. Raise OptionRefused."""
    query = {"searchOption": "messages"}
    for name, (parameter, _operator) in WITH_OPERATOR.items():
        if options[name] is not None:
            query[f"{parameter}Operator"] = options[f"{name}_operator"]
            query[f"{parameter}Value"] = _given(name, options[name])
    for name, parameter in EXACT.items():
        if options[name] is not None:
            query[parameter] = _given(name, str(options[name]))
    if "fileSha256" in query:
        query["fileSha256"] = query["fileSha256"].lower()
        if not re.fullmatch("[0-9a-f]{64}", query["fileSha256"]):
            raise OptionRefused("sha256 must be 64 hexadecimal digits")
    if "senderIp" in query:
        try:
            ipaddress.ip_address(query["senderIp"])
        except ValueError:
            raise OptionRefused(f"sender_ip is not an IP address: {query['senderIp']!r}") from None
    if options["cisco_mid"] is not None and options["cisco_mid"] < 1:
        raise OptionRefused(f"cisco_mid must be 1 or more, and is {options['cisco_mid']}")
    return query


def _given(name: str, value: str) -> str:
    if not value.strip():
        raise OptionRefused(f"{name} is empty", fix="remove the option, or set it to the text to search for.")
    return value
