# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A query in the syntax of CTR, and the search of message tracking that asks for the same."""

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
"""The eight of the procedure (grade A), and the options of esa_message_tracking_info that mean the same."""


def query_problem(query: str) -> str:
    """What is wrong with the query, with the right form, or an empty text; nothing is wrong with an empty one."""
    try:
        if query:
            parse_query(str(query))
    except OptionRefused as error:
        return str(error)
    return ""


def tracking_search(query: str) -> dict[str, str]:
    """Options of esa_message_tracking_info; what message tracking cannot search for is left out."""
    if not query or query_problem(query):
        return {}
    found = {SEARCHES[one["type"]]: one["value"] for one in parse_query(str(query)) if one["type"] in SEARCHES}
    return {**found, **({"subject_operator": "is"} if "subject" in found else {})}
