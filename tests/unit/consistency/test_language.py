# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that users read is plain English: words and figures of speech that the project avoids."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCOPE = (
    "plugins",
    "roles",
    "playbooks",
    "docs",
    "changelogs/fragments",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
)
MORE = ("Makefile", "galaxy.yml", "meta", "tests/tools", "tests/bench")
TEXT = {".py", ".md", ".yml", ".yaml", ".js", ".html", ".json", ".css", ".sh", ""}

AVOID = {
    r"mend(s|ed|ing)?": "fix",
    r"remed(y|ies)": "fix",
    r"in vain": "timed out",
    r"(stands?|standing|is there|are there|was there) twice": "duplicate",
    r"(left|leaves?|leaving|let) alone|(leaves?|left) (it|them) alone": "skipped, unchanged",
    r"(left|leaves?|leaving) (\w+ )?as (it|they) (is|are|was|were)": "unchanged",
    r"as it is|as they are": "a noun",
    r"(run|runs|ran) (it |them )?again|again and again": "rerun, repeatedly",
    r"second look|two looks|another look|looks? again|looks? first": "reread, polling interval",
    r"pretend(s|ed)?": "simulated",
    r"by hand": "manually, manual mode",
    r"outlook": "prediction",
    r"wish(es)?": "desired state",
    r"(is|are|was|were|be|been) told|tells? (of|apart|from)|told (apart|by)": "a verb of the reader's: shown, distinguished",
    r"how sure": "confidence",
    r"nobody|somebody|someone else": "name the person: another administrator, the user",
    r"truth(s|ful|fully)?": "accurate",
    r"(come|comes|came) (so |as |that )?far|how far": "progress",
    r"sums? up|summed up": "update, summarize",
    r"of those that|of those who": "a noun",
    r"where there (is|are|was|were) (none|no one)": "if there is no ...",
    r"by then": "a time",
    r"patien(ce|t|tly)": "wait, time-out",
    r"(no|an|any) appliance claims|claimed by": "orphaned record",
    r"amiss": "wrong",
    r"of use": "used",
    r"nothing of the (sort|kind)": "no",
}
"""Regular expression of whole words, and what to write instead."""

BETWEEN = r"[\s#]+"
"""What separates the words of a phrase, which may go on in the next line of a comment."""

KEY = re.compile(
    r"""C\(remedy\)|RV\(remedy\)|["']remedy["']|^\s*remedy:$|\.remedy\b|\bremedy=|^\| remedy""", re.MULTILINE
)
"""The result key C(remedy), an alias of C(fix) for one release."""


VENDOR = re.compile(r"\(\?:want\\?\|wish\)(?= to)|\byou wish(?= to exit)")
"""Questions of AsyncOS, in the words of the vendor."""


def files(*scope: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *scope], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [ROOT / name for name in listed.splitlines()]
    return [path for path in found if path.suffix in TEXT and path.is_file()]


def found_in(text: str) -> list[tuple[int, str, str]]:
    """Line, phrase and what to write instead, for each phrase to avoid."""
    for exempt in (KEY, VENDOR):
        text = exempt.sub(lambda match: "_" * len(match[0]), text)
    return sorted(
        (text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), instead)
        for pattern, instead in AVOID.items()
        for match in re.finditer(rf"(?<![\w-])(?:{pattern.replace(' ', BETWEEN)})(?![\w-])", text, re.IGNORECASE)
    )


def faults(*scope: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r} (write: {instead})"
        for path in files(*scope)
        for line, phrase, instead in found_in(path.read_text(encoding="utf-8"))
    ]


def test_nothing_that_users_read_has_a_phrase_to_avoid() -> None:
    assert len(files(*SCOPE, *MORE)) > 200
    assert faults(*SCOPE, *MORE) == []


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Mend it by hand.", ["Mend", "by hand"]),
        ("the record stands\n    twice", ["stands twice"]),
        ("# it is left\n# as it is", ["left # as it is", "as it is"]),
        ("a recommendation; handmade; wishbone", []),
        ('{"remedy": error.fix}', []),
        ("the remedy is", ["remedy"]),
    ],
)
def test_whole_phrases_are_found(text: str, phrases: list[str]) -> None:
    assert [phrase for _line, phrase, _instead in found_in(text)] == phrases


if __name__ == "__main__":
    print(*faults(*(sys.argv[1:] or (*SCOPE, *MORE))), sep="\n")
