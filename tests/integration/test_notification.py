# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A drift report notifies a webhook of changes since the last report, and never fails because of it."""

from __future__ import annotations

from typing import Any

import pytest
import trustme

from tests.integration.support.secrets import assert_unseen
from tests.webhook import KEY, PASSWORD, listening

ESA = "esa1.example.com"
FLEET: dict[str, Any] = {
    "appliances": [
        {
            "name": ESA,
            "region": "europe",
            "initial": {"enabled": True, "region": "europe", "registered": True, "module": True},
        }
    ]
}


@pytest.fixture
def webhook(tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with listening(ca) as server:
        server.ca_path = str(tmp_path / "ca.pem")
        yield server


def test_a_change_is_sent_once_and_no_secret_is_shown(lab, ansible, webhook):
    variables = {
        "esa_ctr_notify_url": webhook.url,
        "esa_ctr_notify_format": "slack",
        "esa_ctr_notify_headers": {"Authorization": PASSWORD},
        "esa_ctr_notify_ca_path": webhook.ca_path,
    }
    inventory = ansible.inventory("override.yml", {ESA: variables})

    def report(*more: str) -> str:
        run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory, "-vvvv", *more)
        assert run.rc == 0, run.output
        return run.output

    report()
    assert webhook.got == [], "there is no last report"
    lab.switch(region="europe", module=ESA, set={"enabled": False})
    report("--check")
    assert webhook.got == [], "check mode sends nothing"
    # The report in check mode is the last report now.
    lab.switch(region="europe", module=ESA, set={"enabled": True})
    report()
    (got,) = webhook.got
    assert f"• {ESA} (europe): changed from drift to ok" in got["body"]["text"].splitlines()
    assert got["headers"]["Authorization"] == PASSWORD
    report()
    assert len(webhook.got) == 1, "nothing has changed"
    lab.switch(region="europe", module=ESA, set={"enabled": False})
    webhook.status = 403
    assert "[WARNING]: localhost: the notification was not accepted: HTTP status 403." in report()
    assert_unseen(ansible, [KEY, PASSWORD, *lab.secrets().values()], own=["override.yml"])
