# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Check a query in the syntax of CTR, and translate it to a search of message tracking."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.observables import parse_query
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

SEARCHES = {
    "ip": "sender_ip",
    "domain": "sender_domain",
    "email": "sender",
    "email_messageid": "message_id",
    "email_subject": "subject",
    "cisco_mid": "cisco_mid",
    "sha256": "sha256",
    "file_name": "attachment_name",
}
"""The eight observables of the vendor's procedure (grade A), with the matching options of esa_message_tracking_info."""


def query_problem(query: str) -> str:
    """Return the problem of the query with the correct form, or an empty text. An empty query has no problem."""
    try:
        if query:
            parse_query(str(query))
    except OptionRefused as error:
        return str(error)
    return ""


def tracking_search(query: str) -> dict[str, str]:
    """Return options of esa_message_tracking_info, without observables that message tracking cannot search for."""
    if not query or query_problem(query):
        return {}
    found = {SEARCHES[one["type"]]: one["value"] for one in parse_query(str(query)) if one["type"] in SEARCHES}
    return {**found, **({"subject_operator": "is"} if "subject" in found else {})}
