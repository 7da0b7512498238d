# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a run with failures: failures are isolated, and the report names host and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.integration.support.ansible import Run
from tests.integration.support.lab import Lab


def report_row(run: Run, host: str) -> str:
    """Return the row of this host in the last table on the screen."""
    rows = [line for line in run.output.splitlines() if line.startswith(f"{host} ") and " : ok=" not in line]
    assert rows, (host, run.output)
    return rows[-1]


def row_and_note(run: Run, host: str) -> str:
    """Return the row of this host in the report, and the note on its region."""
    row = report_row(run, host)
    if "see the error of the region" not in row:
        return row
    region = row.split()[1]
    (note,) = [line for line in run.output.splitlines() if line.startswith(f"Note: {region}: ")]
    return f"{row} {note}"


def assert_only(run: Run, lab: Lab, bad: Mapping[str, Iterable[str]], good: Mapping[str, str]) -> None:
    """Assert that the ``bad`` hosts failed with these texts in their rows, and the ``good`` ones are onboarded in these regions."""
    assert run.rc != 0, run.output
    assert run.bad_hosts() == set(bad), run.output
    assert set(run.recap) == {*bad, *good}
    for host, texts in bad.items():
        told = row_and_note(run, host)
        assert "failed" in told, told
        for text in texts:
            assert text in told, (host, text, told)
        messages = [r.message for r in run.results if r.host == host and r.status in ("failed", "unreachable")]
        if told == report_row(run, host):
            assert any(all(text in message for text in texts) for message in messages), (host, messages)
        else:
            assert any("see the error of the region" in message for message in messages), (host, messages)
    for host, region in good.items():
        assert lab.is_onboarded(host, region), (host, run.output)
        assert "failed" not in report_row(run, host)
    assert "Traceback" not in run.output
