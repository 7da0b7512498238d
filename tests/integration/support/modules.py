# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the cloud modules in this process against the lab, and return exactly what Ansible would get."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

from tests.integration.support.lab import Call, Lab

MODULES = "ansible_collections.emailsec.ctr.plugins.modules"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ModuleRunner:
    """Run modules with the account of a region."""

    def __init__(
        self, lab: Lab, region: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.lab = lab
        self.region = region
        self._account = {**lab.regions[region], "region": region, "ca_path": str(lab.folder / "ca.pem")}
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def run(self, module: str, **options: Any) -> dict[str, Any]:
        """Run this module once and return its result."""
        main = importlib.import_module(f"{MODULES}.{module}").main
        given = {**self._account, "timeout": 10, "retry_budget": 5, **options, "_ansible_verbosity": 4}
        self._monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        self._monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        if importlib.util.find_spec("ansible.module_utils._internal"):
            # Other tests may have marked this process as a controller, which keeps warnings out of results.
            self._monkeypatch.setattr("ansible.module_utils._internal.is_controller", False, raising=False)
        warnings._global_warnings.clear()
        self._capsys.readouterr()
        with pytest.raises(SystemExit):
            main()
        out, err = self._capsys.readouterr()
        result = json.loads(out)
        shown = json.dumps({key: value for key, value in result.items() if key != "tokens"}) + err
        for what, secret in self.lab.secrets().items():
            assert secret not in shown, what
        for token in result.get("tokens", []):
            assert token["token"] not in shown
        return result

    def stable_text(self, text: str) -> str:
        """Return a message without the parts that differ between runs."""
        host = self._account["api_url"].removeprefix("https://")
        return re.sub(r"waited \d+ s for", "waited N s for", ID.sub("ID", text.replace(host, "HOST")))


def in_short(calls: list[Call]) -> list[str]:
    """Return the requests to the clouds, for example ``GET device 200``; the status is ``none`` without an answer."""
    short = []
    for call in calls:
        if call["kind"] == "http":
            path = re.sub(r"^/iroh/(iroh-[a-z]+/)?", "", ID.sub("{id}", call["path"].partition("?")[0]))
            what = "log in" if path == "oauth2/token" else f"{call['method']} {path}"
            short.append(f"{what} {call['status'] or 'none'}")
    return short
