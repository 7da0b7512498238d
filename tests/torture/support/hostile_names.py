# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that do harm where a program evaluates or writes them, by the place that they attack."""

from __future__ import annotations

from pathlib import Path

EVALUATED = "261837"
"""What the arithmetic in the templates gives. It is in no name and no other output."""


def hostile_names(canary: Path) -> dict[str, str]:
    """Return the names. ``canary``: a file that exists only if a template or a command was evaluated."""
    return {
        "Jinja": "esa{{ 373 * 702 - 9 }}.example.com",
        "Jinja lookup": "{{ lookup('pipe', 'touch " + str(canary) + "') }}",
        "Jinja statement": "{% for x in [1] %}{{ 373 * 702 - 9 }}{% endfor %}{# #}",
        "Jinja of the past": "{{ ansible_password }}{{ esa_ctr_regions }}",
        "shell": f"$(touch {canary}); `touch {canary}` | touch {canary} && x",
        "ANSI": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b2J",
        "bidi": "esa-\u202egnp.exe\u202c\u2066x\u2069.example.com",
        "invisible": "esa\u200b\u2060\ufeff.example.com\u2028line\u2029paragraph",
        "CSV formula": '=HYPERLINK("http://198.51.100.7/","esa")',
        "CSV other formulas": "@SUM(1+1)*cmd|' /C calc'!A0",
        "CSV after a tab": "\t=1+1",
        "CSV minus": "-2+3+cmd|' /C calc'!A0",
        "HTML": "</script><img src=x onerror=alert(1)><script>alert(1)</script>",
        "HTML attribute": '" onmouseover="alert(1)" x=\'',
        "XML": "]]>&undefined;<!ENTITY x SYSTEM 'file:///etc/passwd'>\x0b\x0c\ufffe\uffff",
        "Prometheus": 'esa",result="ok"} 1\nemailsec_evil{a="\\',
        "path": "../../../../../../tmp/evil/../x/./con",
        "absolute path": "/etc/evil\\..\\x",
        "lines": "esa1\r\nTASK [forged]\r\nok: [forged]",
        "format": "%s%n%(x)s{0}{x!r}$HOME${HOME}",
        "Markdown": "| a | b |\n|---|---|\n[x](javascript:alert(1)) `code` <b>",
        "spaces": "  \u00a0 esa \t ",
        "numbers": "1e999",
        "YAML": "!!python/object/apply:os.system ['id'] & *x: - ? #",
        "astral": "\U0001f4a3\U000e0041",
    }


NUL, LONG = "esa\x00.example.com", "x" * 10_000
"""Names that the simulated cloud accepts only in error texts."""
