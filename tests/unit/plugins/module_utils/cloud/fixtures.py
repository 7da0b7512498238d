# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared fixtures of the cloud tests: the server, a client, and modules run as Ansible runs them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
from ansible.module_utils import basic

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fake_iroh import (
    CLIENT_ID,
    CLIENT_PASSWORD,
    FakeIroh,
)

RunModule = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(ca: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set CA bundles that do not contain our CA. The options must override them."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    monkeypatch.setenv("CURL_CA_BUNDLE", certifi.where())
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "CTR_CLIENT_ID", "CTR_CLIENT_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def iroh(ca: trustme.CA) -> Iterator[FakeIroh]:
    server = FakeIroh(ca)
    yield server
    server.stop()


@pytest.fixture
def pauses() -> list[float]:
    """Return the seconds that a client of make_client would have slept."""
    return []


@pytest.fixture
def make_client(iroh: FakeIroh, ca_path: str, pauses: list[float]) -> Iterator[Callable[..., IrohClient]]:
    clients = []

    def make(**options: Any) -> IrohClient:
        settings: dict[str, Any] = {
            "region": "europe",
            "api_url": iroh.url,
            "client_id": CLIENT_ID,
            "client_password": CLIENT_PASSWORD,
            "ca_path": ca_path,
            "timeout": 5.0,
            "sleep": pauses.append,
        }
        clients.append(IrohClient(**{**settings, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def options(iroh: FakeIroh, ca_path: str) -> dict[str, Any]:
    """Return the shared options for the server."""
    return {
        "region": "europe",
        "api_url": iroh.url,
        "client_id": CLIENT_ID,
        "client_password": CLIENT_PASSWORD,
        "ca_path": ca_path,
        "timeout": 5,
        "retry_budget": 5,
    }


@pytest.fixture
def run_module(
    options: dict[str, Any],
    iroh: FakeIroh,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> RunModule:
    """Run the main function of a module with these arguments, and return its result."""

    def run(
        main: Callable[[], None], *, check: bool = False, tokens_shown: bool = False, **args: Any
    ) -> dict[str, Any]:
        given = {**options, **args, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_verbosity": 4}
        given = {key: value for key, value in given.items() if value is not Ellipsis}
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
        monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        if importlib.util.find_spec("ansible.module_utils._internal"):
            # Other tests of this process may have made it look like a controller, which keeps warnings out of results.
            monkeypatch.setattr("ansible.module_utils._internal.is_controller", False, raising=False)
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main()
        out, err = capsys.readouterr()
        result = json.loads(out)
        hidden = json.dumps({key: value for key, value in result.items() if key != "tokens"}) if tokens_shown else out
        for secret in iroh.secrets:
            assert secret not in hidden + err
        return result

    return run
