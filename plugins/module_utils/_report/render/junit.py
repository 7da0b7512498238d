# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document as JUnit XML, for a pipeline.

Each region is a test suite, with a test case for each appliance and for the region itself. Drift and refused are failures,
unknown is an error. The file is valid for the schemas of Ant (JUnitReport) and Jenkins (xUnit).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import (
    Document,
    differences,
    next_steps,
    own_verdict,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line, shorten, xml_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import OK, UNKNOWN

PACKAGE = "emailsec.ctr.drift"
MAX_MESSAGE = 400


def junit_text(document: Document) -> str:
    """Return the file, with its XML declaration for UTF-8."""
    root = ElementTree.Element("testsuites")
    for place, region in enumerate(document["regions"]):
        _suite(root, place, region, document)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(root: ElementTree.Element, place: int, region: Mapping[str, Any], document: Document) -> None:
    rows = [row for row in document["appliances"] if row["region"] == region["region"]]
    cases = [(row["host"], row["verdict"], row) for row in rows]
    cases.append((f"{region['label']} (the region itself)", own_verdict(region), region))
    verdicts = [verdict for _name, verdict, _row in cases]
    errors = verdicts.count(UNKNOWN)
    suite = _add(
        root,
        "testsuite",
        name=region["label"],
        package=PACKAGE,
        id=str(place),
        hostname="localhost",
        timestamp=document["created"].removesuffix("Z"),  # the schema of Ant allows no time zone
        tests=str(len(cases)),
        failures=str(len(cases) - verdicts.count(OK) - errors),
        errors=str(errors),
        skipped="0",
        time="0",
    )
    properties = _add(suite, "properties")
    for name in ("title", "created", "collection"):
        _add(properties, "property", name=name, value=document[name])
    for name, verdict, row in cases:
        case = _add(suite, "testcase", name=name, classname=f"{PACKAGE}.{region['region']}", time="0")
        if verdict != OK:
            texts = differences(row)
            message = shorten("; ".join(texts) or verdict, MAX_MESSAGE)
            result = _add(case, "error" if verdict == UNKNOWN else "failure", type=verdict, message=message)
            steps = [f"Next: {step}" for step in next_steps(row)]
            result.text = xml_text("\n".join(texts + steps))
    _add(suite, "system-out")
    _add(suite, "system-err")


def _add(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    """Add an element. Its attributes are single lines and never empty, as the schemas require."""
    values = {key: one_line(xml_text(value)) or "-" for key, value in attributes.items()}
    return ElementTree.SubElement(parent, tag, values)
