# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A probe as one self-contained HTML file in the style of the drift report, without a script."""

from __future__ import annotations

import base64
import hashlib
import html
import os
from collections.abc import Iterable, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import ProbeDocument, Verdict
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import source
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

from .sentences import WORDS, failures, headline, not_seen, of_verdict, place_of, short, value_of

STYLES = (
    os.path.join("roles", "esa_ctr_integration", "files", "drift_page"),
    os.path.join("roles", "esa_ctr_integration", "files", "probe_page"),
)
"""The folders whose style.css make the page, in this order."""
_CLASSES = {Verdict.DIFFERS: "drift", Verdict.CONFIRMED: "ok", Verdict.NOT_SEEN: "refused"}
_TITLES = {Verdict.DIFFERS: "Different", Verdict.CONFIRMED: "Confirmed", Verdict.NOT_SEEN: "Not seen"}


def html_text(document: ProbeDocument, root: str, profile: str) -> str:
    """Return the page. ``root`` is the folder of the collection, ``profile`` the proposed profile. Raise BadSources."""
    style = "".join(source(os.path.join(root, folder), "style.css") for folder in STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    body = [
        _header(document),
        "<main>",
        _section("Differences", _assumptions(document, Verdict.DIFFERS)),
        _section("Proposed profile", _proposals(document, profile)),
        _section(
            "Not certain", _list(f"{one.assumption}: {one.problem}. Fix: {one.fix}." for one in document.remaining)
        ),
        _section("Failures", _list(failures(document))),
        _section("Appliances", "".join(_appliances(document))),
        _section("APIs", "".join(_calls(document))),
        *(
            f"<section class='probe'><details><summary><h2>{_TITLES[verdict]} ({len(of_verdict(document, verdict))})</h2>"
            f"</summary>{_assumptions(document, verdict)}</details></section>"
            for verdict in (Verdict.CONFIRMED, Verdict.NOT_SEEN)
        ),
        "</main>",
        f"<footer><p>Created by emailsec.ctr {_text(document.collection)}. A probe only reads. The same data, without names and "
        "addresses, is in probe.json in the same folder.</p></footer>",
    ]
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        "<meta name='color-scheme' content='light dark'>\n<title>Probe</title>\n<link rel='icon' href='data:,'>\n"
        f"<style>{style}</style>\n</head>\n<body>\n" + "\n".join(part for part in body if part) + "\n</body>\n</html>\n"
    )


def _header(document: ProbeDocument) -> str:
    counts = document.counts()
    total = max(sum(counts.values()), 1)
    bars, start = [], 0.0
    for verdict in (Verdict.DIFFERS, Verdict.CONFIRMED, Verdict.NOT_SEEN):
        width = 100 * counts[verdict.value] / total
        bars.append(f"<rect class='{_CLASSES[verdict]}' x='{start:.2f}' y='0' width='{width:.2f}' height='6'></rect>")
        start += width
    legend = "".join(
        f"<li><span class='dot {_CLASSES[verdict]}'></span>{counts[verdict.value]} {WORDS[verdict]}</li>"
        for verdict in WORDS
    )
    lines = "".join(f"<p class='muted'>{_text(line)}</p>" for line in not_seen(of_verdict(document, Verdict.NOT_SEEN)))
    profile = f" With the profile {_text(', '.join(document.profile))}." if document.profile else ""
    return (
        "<header class='top'><p class='product'><span class='name'>emailsec.ctr</span> Probe</p>"
        f"<h1>{_text(headline(document))}</h1>"
        f"<p class='when'>{_text(document.created)}, read in {document.seconds:.1f} s.{profile}</p>"
        f"<svg class='shares' viewBox='0 0 100 6' preserveAspectRatio='none' role='img' aria-label='{_text(headline(document))}'>"
        f"{''.join(bars)}</svg><ul class='shares-legend'>{legend}</ul>{lines}</header>"
    )


def _section(title: str, content: str) -> str:
    return f"<section class='probe'><h2>{title}</h2>{content}</section>" if content else ""


def _assumptions(document: ProbeDocument, verdict: Verdict) -> str:
    rows = of_verdict(document, verdict)
    last = "When" if verdict is Verdict.NOT_SEEN else "Where"
    cells = [
        (
            f"<code>{_text(one.id)}</code><br><span class='muted'>{_text(one.kind)}, grade {_text(one.grade)}</span>",
            f"<code>{_text(one.expected)}</code>",
            *((f"<code>{_text('; '.join(one.came))}</code>",) if verdict is Verdict.DIFFERS else ()),
            _text(one.when or ", ".join(map(short, one.where))),
            f"{_text(one.purpose)} <span class='muted'>If it differs: {_text(one.otherwise)}</span>",
        )
        for one in rows
    ]
    came = ("Came",) if verdict is Verdict.DIFFERS else ()
    return _table(("Assumption", "Expected", *came, last, "Purpose"), cells) if rows else ""


def _proposals(document: ProbeDocument, profile: str) -> str:
    if not document.proposals:
        return ""
    cells = [
        (f"<code>{_text(place_of(one))}</code>", f"<code>{_text(value_of(one))}</code>", _text(one.evidence))
        for one in document.proposals
    ]
    file = f"<details><summary>The file profile.yml</summary><pre>{_lines(profile)}</pre></details>"
    return _table(("Place", "Value", "Evidence"), cells) + file


def _appliances(document: ProbeDocument) -> Iterable[str]:
    for one in document.appliances:
        about = ", ".join(filter(None, (one.product, one.model, one.version, one.registration))) or "not read"
        screens = "".join(
            f"<h4><code>{_text(screen.typed) or 'log-in'}</code> <span class='muted'>{screen.characters} characters, "
            f"{screen.seconds} s</span></h4><pre>{_lines(screen.text)}</pre>"
            for screen in one.screens
        )
        yield (
            f"<details><summary><h3>{_text(one.host)}</h3> <span class='muted'>{_text(one.region)}: {_text(about)}, "
            f"{one.seconds} s</span></summary>{screens}</details>"
        )


def _calls(document: ProbeDocument) -> Iterable[str]:
    for region in (*document.regions, *document.apis):
        calls = "".join(
            f"<h4><code>{_text(call.request)}</code> <span class='muted'>status {call.status}, {call.size} bytes, "
            f"{call.seconds} s</span></h4>"
            + _table(
                ("Field", "Form"), [(f"<code>{_text(name)}</code>", _text(form)) for name, form in call.shape.items()]
            )
            + _list(f"{name}: {', '.join(words)}" for name, words in call.words.items())
            for call in region.calls
        )
        sent = f"{region.sent} calls, " if region.sent else ""
        yield (
            f"<details><summary><h3>{_text(region.region)}</h3> <span class='muted'>{sent}{region.seconds} s</span></summary>"
            f"{calls}</details>"
        )


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th scope='col'>{name}</th>" for name in heading)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<div class='scroll' tabindex='0' role='group' aria-label='{heading[0]}'><table class='plain-table'>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _list(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(text)}</li>" for text in texts)
    return f"<ul class='plain-list'>{items}</ul>" if items else ""


def _text(text: str) -> str:
    return html.escape(shown(str(text)))


def _lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.split("\n"))
