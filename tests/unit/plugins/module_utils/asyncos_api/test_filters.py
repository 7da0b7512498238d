# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become parameters of the API, and what cannot be meant is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.filters import filters_spec, query_of
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import OptionRefused

NONE = {name: spec.get("default") for name, spec in filters_spec().items()}
SHA256 = "AB" * 32


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, {}),
        ({"subject": "Due"}, {"subjectfilterOperator": "contains", "subjectfilterValue": "Due"}),
        (
            {"subject": "Due", "subject_operator": "begins_with"},
            {"subjectfilterOperator": "begins_with", "subjectfilterValue": "Due"},
        ),
        ({"sender": "a@x"}, {"envelopeSenderfilterOperator": "is", "envelopeSenderfilterValue": "a@x"}),
        ({"recipient": "a@x"}, {"envelopeRecipientfilterOperator": "is", "envelopeRecipientfilterValue": "a@x"}),
        ({"attachment_name": "a.pdf"}, {"attachmentNameOperator": "contains", "attachmentNameValue": "a.pdf"}),
        ({"sender_domain": "x"}, {"domainNameOperator": "is", "domainNameValue": "x"}),
        ({"reply_to": "a@x"}, {"replyToOperator": "is", "replyToValue": "a@x"}),
        ({"message_id": "<1@x>"}, {"messageIdHeader": "<1@x>"}),
        ({"cisco_mid": 7}, {"ciscoMid": "7"}),
        ({"sha256": SHA256}, {"fileSha256": SHA256.lower()}),
        ({"sender_ip": "2001:db8::7"}, {"senderIp": "2001:db8::7"}),
        ({"status": "DELIVERED"}, {"deliveryStatus": "DELIVERED"}),
        ({"direction": "incoming"}, {"messageDirection": "incoming"}),
        ({"cisco_host": "esa1"}, {"ciscoHost": "esa1"}),
    ],
)
def test_parameters(options: dict[str, Any], query: dict[str, str]) -> None:
    expected = {"searchOption": "messages", "ciscoHost": "All_Hosts", **query}
    assert query_of({**NONE, **options}) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"subject": " "}, "subject is empty"),
        ({"message_id": ""}, "message_id is empty"),
        ({"sha256": "abc"}, "sha256 must be 64"),
        ({"sender_ip": "192.0.2.999"}, "sender_ip is not an IP address: '192.0.2.999'"),
        ({"cisco_mid": 0}, "cisco_mid must be"),
    ],
)
def test_invalid_options_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        query_of({**NONE, **options})
    assert words in str(caught.value)
