# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of an appliance get the variables of the role, with the types and defaults of the modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import constants as C

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh import logins
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.ssh.options import SshOptions
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.variables import Hidden
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.plugin_utils import _appliance_services
from ansible_collections.emailsec.ctr.plugins.plugin_utils._appliance_services import ApplianceServices
from ansible_collections.emailsec.ctr.plugins.plugin_utils._login_records import folder_of_this_run
from ansible_collections.emailsec.ctr.plugins.plugin_utils._settings import CheckedPlay

HOST, ADDRESS = "esa1.example.com", "192.0.2.1"
PASSWORD = "s3cret-of-ssh"
VERIFY = {"esa_ctr_verify_sender": "a@example.com", "esa_ctr_verify_recipient": "b@example.com"}


def services(**values: Any) -> ApplianceServices:
    ssh = SshOptions(HOST, ADDRESS, user="admin", password=PASSWORD)
    return ApplianceServices(CheckedPlay([], ssh={HOST: ssh}, values={HOST: {**VERIFY, **values}}))


@pytest.fixture(autouse=True)
def _own_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return the options of each client that is opened."""
    seen: list[dict[str, Any]] = []

    def client_of_options(options: dict[str, Any]) -> Any:
        seen.append(options)
        raise ApiError("refused", method="POST", path="/esa/api/v2.0/login", http_status=401, fix="check it.")

    monkeypatch.setattr(_appliance_services, "client_of_options", client_of_options)
    return seen


def test_without_variables_of_the_api_those_of_ssh_are_used(opened: list[dict[str, Any]]) -> None:
    with pytest.raises(ApiError):
        services(esa_ctr_api_port="", esa_ctr_api_timeout="7").client(HOST, "sma")
    (options,) = opened
    assert {name: options[name] for name in ("host", "port", "product", "username", "password", "timeout")} == {
        "host": ADDRESS,
        "port": None,
        "product": "sma",
        "username": "admin",
        "password": PASSWORD,
        "timeout": 7.0,
    }
    assert (options["validate_certs"], options["max_messages"], options["record"]) == (True, 1000, None)


def test_the_variables_of_the_api_come_first(opened: list[dict[str, Any]]) -> None:
    own = {"host": "api.example.com", "product": "esa", "username": "reader", "password": Hidden("from a vault")}
    with pytest.raises(ApiError):
        services(**{f"esa_ctr_api_{name}": value for name, value in own.items()}).client(HOST, "sma")
    assert {name: opened[0][name] for name in own} == {**own, "password": "from a vault"}


def test_a_refused_log_in_is_recorded_and_not_repeated(opened: list[dict[str, Any]]) -> None:
    for _time in range(2):
        with pytest.raises(ApiError) as caught, services().search(HOST, "esa", message_id="x@example.com"):
            pass
    assert len(opened) == 1
    assert "refused earlier in this run" in str(caught.value) and PASSWORD not in str(caught.value)
    known = logins.Logins(folder_of_this_run())
    for address in (HOST, ADDRESS):
        assert known.past(*logins.over_http(HOST, address, "admin", PASSWORD)) == logins.Past(logins.REFUSED)


def test_a_wrong_variable_fails_only_its_host_with_a_fix() -> None:
    sent = services(esa_ctr_smtp_port="many").send(HOST)
    assert not sent.message_id
    assert ADDRESS in sent.problem and "port" in sent.problem and "correct this variable" in sent.problem


def test_a_message_goes_to_the_address_of_ssh_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def send_message(options: dict[str, Any], check_mode: bool) -> dict[str, Any]:
        seen.append((options["host"], options["port"], options["sender"], check_mode))
        return {"message_id": "m@example.com", "sent_at": "2026-01-12T09:30:48Z"}

    monkeypatch.setattr(_appliance_services, "send_message", send_message)
    assert services().send(HOST).message_id == "m@example.com"
    assert services(esa_ctr_smtp_host="mx.example.com", esa_ctr_smtp_port="587").send(HOST).at
    assert seen == [(ADDRESS, 25, "a@example.com", False), ("mx.example.com", 587, "a@example.com", False)]
