# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document as one self-contained HTML file.

C(joined) joins index.html, style.css, the scripts and the data, also for other pages. Text from devices is only in the data, and
the script shows it as text. The policy of the page forbids all other scripts and all requests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import (
    Document,
    broken_link,
    diagnosis,
    differences,
    headline,
    next_steps,
    own_verdict,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import OK

SOURCES = os.path.join("roles", "esa_ctr_integration", "files", "drift_page")
_STYLE = '<link rel="stylesheet" href="style.css">'
_SCRIPT = '<script src="script.js" defer></script>'
_DATA = '<script type="application/json" id="data"></script>'
_POLICY = "<!-- policy -->"
# Characters that end a script, a comment or, in old engines, a line, and those that control a terminal.
_UNSAFE = re.compile("[<>&\u2028\u2029\u007f-\u009f]")


class BadSources(ValueError):
    """The source files of the page are not usable. The message names the file and the problem."""


def html_text(document: Document, sources: str) -> str:
    """Return the page. ``sources`` is the folder with index.html, style.css, helpers.js and script.js. Raises BadSources."""
    return joined(page_data(document), sources)


def joined(data: Mapping[str, Any], sources: str, base: str | None = None) -> str:
    """Return a page from its sources and its data. Raises BadSources.

    ``base`` is the folder of the drift report: the style and the helpers of its page come first on other pages.
    """
    index = source(sources, "index.html")
    script = source(base or sources, "helpers.js") + source(sources, "script.js")
    style = "".join(source(folder, "style.css") for folder in (base, sources) if folder)
    for text, end in ((style, "</style"), (script, "</script")):
        if end in text.lower() or "<!--" in text:
            raise BadSources(f"style.css and script.js in {sources} must not contain {end} or <!--.")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    parts = {
        _POLICY: f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        _STYLE: f"<style>{style}</style>",
        _SCRIPT: f"<script>{script}</script>",
        _DATA: _DATA.replace("></", f">{_json(data)}</"),
    }
    for mark in parts:
        if index.count(mark) != 1:
            raise BadSources(f"index.html in {sources} must contain this exactly once: {mark}")
    return re.sub("|".join(map(re.escape, parts)), lambda mark: parts[mark.group()], index)


def page_data(document: Document) -> dict[str, Any]:
    """Return the document for the page, with the sentences that all formats share.

    Many appliances have identical checks, so each check is stored once, and rows refer to it by number.
    """
    checks: dict[str, int] = {}

    def packed(row: Mapping[str, Any]) -> dict[str, Any]:
        numbers = [checks.setdefault(json.dumps(check, sort_keys=True), len(checks)) for check in row["checks"]]
        more = {"differences": differences(row), "next": next_steps(row)}
        return {**{key: value for key, value in row.items() if key != "steps"}, "checks": numbers, **more}

    regions = [{**packed(region), "own_verdict": own_verdict(region)} for region in document["regions"]]
    rows = [packed(row) for row in document["appliances"]]
    return {
        **document,
        "headline": headline(document),
        "diagnosis": diagnosis(document),
        "mark": "finding" if document["verdict"] == OK and any(map(broken_link, rows)) else document["verdict"],
        "regions": regions,
        "appliances": rows,
        "checks": [json.loads(check) for check in checks],
    }


def source(folder: str, name: str) -> str:
    """Return a source file of a page. Raise BadSources."""
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSources(f"the page source {path} cannot be read ({error}).") from None


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _json(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda char: f"\\u{ord(char.group()):04x}", text)
