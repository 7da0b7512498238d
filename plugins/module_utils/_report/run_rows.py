# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The rows of the tables at the end of a diagnosis and of a verification."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import page_of
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import Diagnosis
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.verification import Chain, Link
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .wording import reason_text

OK, BROKEN, NOT_SENT = "ok", "broken", "not sent"
FINDING_KEYS = ("code", "sentence", "evidence", "fix", "portal_url", "page")

Row = dict[str, Any]


def finding_row(one: Diagnosis) -> Row:
    """Return the finding of one appliance, in words."""
    region = all_regions()[one.region]
    names = {
        "host": one.host,
        "region": region.label,
        "portal": region.portal_url,
        "server": region.appliance_server,
    }
    return {
        "host": one.host,
        "region": one.region,
        "code": one.finding.code,
        "sentence": one.finding.sentence.format(**names),
        "evidence": one.evidence,
        "fix": one.finding.fix.format(**names),
        "portal_url": region.portal_url,
        "page": page_of(one.finding.code),
    }


def with_findings(rows: dict[str, list[Row]], findings: list[Row]) -> dict[str, list[Row]]:
    """Return the rows of the drift report with the finding of each appliance, without its host and region."""
    by_host = {found["host"]: {key: found[key] for key in FINDING_KEYS} for found in findings}
    return {**rows, "appliances": [{**row, "finding": by_host.get(row["host"])} for row in rows["appliances"]]}


def chain_row(chain: Chain, check_mode: bool = False) -> Row:
    """Return the progress of the test message of one appliance: a time of day or a word for each link, and the full times."""
    row: Row = {"host": chain.wanted.host, "region": chain.wanted.region, "message_id": chain.message_id}
    row |= {link.value: None for link in Link}
    if check_mode:
        prediction = "a test message would be sent, tracked and searched in CTR"
        return row | {"message_id": None, "times": {}, "result": NOT_SENT, "detail": prediction}
    row |= {link.value: _time(at) or "yes" for link, at in chain.passed.items()}
    if not chain.sent_by_this_run:
        row[Link.SMTP.value] = "not sent by this run"
    if chain.module_status not in (None, OK):
        row[Link.MODULE.value] = f"{chain.module_status}, {row[Link.MODULE.value]}"
    row["times"] = {link.value: at for link, at in chain.passed.items()}
    if chain.broken is None or chain.why is None:
        return row | {"result": OK, "detail": ""}
    detail = f"{chain.broken.value}: {reason_text(chain.why)}"
    return row | {chain.broken.value: BROKEN, "result": BROKEN, "detail": detail}


def _time(text: str | None) -> str | None:
    """Return the time of day (UTC) of an ISO 8601 text, for a narrow column."""
    return f"{text[11:19]} UTC" if text and len(text) >= 19 else None
