# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that the two common schemas of JUnit XML share (JUnitReport of Ant, xUnit plugin of Jenkins)."""

from __future__ import annotations

import re
from xml.etree import ElementTree

SUITE = {"name", "package", "id", "hostname", "timestamp", "tests", "failures", "errors", "time"}
CASE = {"name", "classname", "time"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
NUMBER = re.compile(r"\d+")
# xs:token: no tabs or line ends, no blanks at the ends or two in a row.
TOKEN = re.compile(r"(\S+( \S+)*)?")


def junit_faults(text: str) -> list[str]:
    """Return the violations of both schemas."""
    root = ElementTree.fromstring(text.encode("utf-8"))
    faults = [] if root.tag == "testsuites" and not root.attrib else ["the root is not a bare testsuites"]
    for place, suite in enumerate(root):
        faults += _of_suite(place, suite)
    return faults


def _of_suite(place: int, suite: ElementTree.Element) -> list[str]:
    values = suite.attrib
    tags = "".join(
        {"properties": "p", "testcase": "c", "system-out": "o", "system-err": "e"}.get(x.tag, "?") for x in suite
    )
    cases = suite.findall("testcase")
    tests = {
        "tag": suite.tag == "testsuite",
        "attributes": SUITE <= values.keys() <= SUITE | {"skipped"},
        "order of the parts": re.fullmatch("pc*oe", tags),
        "id": values.get("id") == str(place),
        "timestamp": MOMENT.fullmatch(values.get("timestamp", "")),
        "numbers": all(NUMBER.fullmatch(values[key]) for key in ("tests", "failures", "errors", "time")),
        "tokens": all(values[key] and TOKEN.fullmatch(values[key]) for key in ("name", "package", "hostname")),
        "tests": values.get("tests") == str(len(cases)),
        "failures": values.get("failures") == str(len(suite.findall("testcase/failure"))),
        "errors": values.get("errors") == str(len(suite.findall("testcase/error"))),
        "properties": all(
            x.tag == "property" and x.attrib.keys() == {"name", "value"} for x in suite.find("properties")
        ),
    }
    faults = [f"suite {place}: {name}" for name, good in tests.items() if not good]
    return faults + [fault for case in cases for fault in _of_case(case)]


def _of_case(case: ElementTree.Element) -> list[str]:
    results = list(case)
    tests = {
        "attributes": case.attrib.keys() == CASE,
        "tokens": all(TOKEN.fullmatch(case.get(key, "")) for key in ("name", "classname")),
        "one result": len(results) <= 1 and all(result.tag in ("failure", "error") for result in results),
        "result": all({"type"} <= result.attrib.keys() <= {"type", "message"} for result in results),
        "leaves": not any(list(result) for result in results),
    }
    return [f"case {case.get('name')}: {name}" for name, good in tests.items() if not good]
