# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/troubleshooting.md from the catalogue of findings."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import CATALOGUE, NOTHING_WRONG, Finding

PAGE = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"
HEAD = """<!--
Copyright (c) 2026, the emailsec.ctr contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

<!-- Generated from plugins/module_utils/_diagnose/catalogue.py by `make docs`. -->

# Troubleshooting

`ansible-playbook -i inventory.yml emailsec.ctr.diagnose` reads the whole way from each appliance to the investigation, writes
nothing, and ends each appliance with one of these findings. Where several things are wrong, the one nearest the cause is named.
They stand here in the order of the way.

With `-e 'esa_ctr_diagnose_query=email_subject:"Invoice Due"'` it also asks CTR for sightings, and looks into message tracking.
[development](development.md) says what the grades mean.
"""
NAMES = {
    "host": "the appliance",
    "region": "its region",
    "portal": "the SSE portal of the region",
    "server": "the region's server",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(entry(finding) for finding in (*CATALOGUE, NOTHING_WRONG))])


def entry(finding: Finding) -> str:
    """One finding; its code is the anchor."""
    sentence = finding.sentence.format(**NAMES)
    return (
        f"## {finding.code}\n\n{sentence[0].upper()}{sentence[1:]}\n\n"
        f"- Told by: {finding.told_by}\n"
        f"- Remedy: {finding.remedy.format(**NAMES)}\n"
        f"- How sure the rule is: {finding.grade}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
