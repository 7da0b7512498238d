# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe as one self-contained HTML file, in the style of the drift report."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import SOURCES as DRIFT_PAGE
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import joined
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import text_of

from .sentences import failures, headline, not_certain, not_seen, of_verdict, place_of, short, value_of

SOURCES = os.path.join("roles", "esa_ctr_integration", "files", "probe_page")


def html_text(document: ProbeDocument, root: str, profile: str) -> str:
    """Return the page. ``root`` is the folder of the collection, ``profile`` the proposed profile. Raise BadSources."""
    page = joined(page_data(document, profile), os.path.join(root, SOURCES), os.path.join(root, DRIFT_PAGE))
    return text_of(page)


def page_data(document: ProbeDocument, profile: str) -> dict[str, Any]:
    """Return the document for the page, with the sentences that all forms share."""
    data = document.as_json()
    return {
        **data,
        "assumptions": [{**one, "where": list(map(short, one["where"]))} for one in data["assumptions"]],
        "headline": headline(document),
        "not_seen": not_seen(of_verdict(document, Verdict.NOT_SEEN)),
        "failures": failures(document),
        "proposals": [
            {"place": place_of(one), "value": value_of(one), "evidence": one.evidence} for one in document.proposals
        ],
        "remaining": list(map(not_certain, document.remaining)),
        "profile_text": profile,
    }
