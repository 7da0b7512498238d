# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin sse_devices: hosts from the devices of SSE, read by ansible-inventory and by a playbook."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support.secrets import assert_unseen

REGISTERED: dict[str, Any] = {"initial": {"enabled": True, "registered": True, "module": True}}
FLEET: dict[str, Any] = {
    "appliances": [
        {"name": "esa1.example.com", "region": "europe", "initial": {**REGISTERED["initial"], "region": "europe"}},
        {"name": "sma1.example.com", "region": "europe", "product": "SMA"},
        {"name": "esa2.example.com", "region": "americas", "initial": {**REGISTERED["initial"], "region": "americas"}},
    ]
}
PASSPHRASE = "vault-passphrase"


class Listed:
    """The output of ansible-inventory --list, with its errors and warnings."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.rc, self.said = done.returncode, " ".join(done.stderr.split())
        self.groups: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        return {host: _bare(values) for host, values in self.groups["_meta"]["hostvars"].items()}

    def members(self, group: str) -> set[str]:
        return set(self.groups.get(group, {}).get("hosts", []))


def _bare(value: Any) -> Any:
    """Return a value without the marks of texts that Ansible does not evaluate."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if "__ansible_unsafe" in value
            else {key: _bare(one) for key, one in value.items()}
        )
    return [_bare(one) for one in value] if isinstance(value, list) else value


@pytest.fixture
def listed(lab, ansible):
    """Run ansible-inventory with this configuration; ``static`` puts the lab's inventory before it."""

    def run(*arguments: str, static: bool = False, **configuration: Any) -> Listed:
        path = write(ansible, lab, **configuration)
        sources = [*(["-i", str(lab.inventory)] if static else []), "-i", str(path)]
        command = [str(Path(sys.executable).with_name("ansible-inventory")), "--list", *sources, *arguments]
        environment = {**ansible.environment(), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
        done = subprocess.run(
            command, cwd=ansible.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        ansible.outputs.append(done.stdout + done.stderr)
        return Listed(done)

    return run


def accounts(lab) -> dict[str, dict[str, Any]]:
    """Return the accounts of the lab's inventory."""
    regions = lab.variables_of_all()["esa_ctr_regions"]
    return {
        name: {key: value for key, value in one.items() if key not in ("esa", "sma")} for name, one in regions.items()
    }


def write(ansible, lab, **configuration: Any) -> Path:
    content = {"plugin": "emailsec.ctr.sse_devices", "regions": accounts(lab), **configuration}
    return ansible.write("my.sse_devices.yml", content)


def add(lab, region: str, name: str) -> str:
    """Add a device without an appliance, and return its id."""
    return str(lab.ask(region, "POST", "/iroh/iroh-sse/device", {"name": name})["id"])


def reads(lab) -> int:
    return sum(call["kind"] == "http" for call in lab.calls())


def test_each_device_is_a_host_with_its_record_and_constructed_groups(lab, listed) -> None:
    add(lab, "europe", "waiting.example.com")
    found = listed(
        types=[],
        keyed_groups=[{"key": "sse_status | lower", "prefix": "status"}],
        groups={"of_europe": "sse_region == 'europe'"},
        compose={"esa_ctr_region": "sse_region"},
        strict=True,
    )
    assert found.rc == 0, found.said
    assert set(found.hosts) == {"esa1.example.com", "esa2.example.com", "waiting.example.com"}
    device = lab.device("europe", "esa1.example.com")
    one = found.hosts["esa1.example.com"]
    assert (one["sse_id"], one["sse_region"], one["esa_ctr_region"]) == (device["id"], "europe", "europe")
    assert (one["sse_status"], one["sse_registered"], one["sse_version"]) == ("Registered", True, device["version"])
    assert found.members("europe") == found.members("of_europe") == {"esa1.example.com", "waiting.example.com"}
    assert found.members("status_registered") == {"esa1.example.com", "esa2.example.com"}
    assert found.members("only_in_sse") == set(found.hosts)
    assert "client_password" not in str(found.groups)
    assert len(lab.writes()) == 1, "only the test itself added a device"


@pytest.mark.parametrize(
    ("filters", "hosts"),
    [
        ({"types": ["esa"]}, {"esa1.example.com", "esa2.example.com"}),
        ({"types": [], "statuses": ["registered"]}, {"esa1.example.com", "esa2.example.com"}),
        ({"types": [], "names": ["ESA1*", "*2.example.com"]}, {"esa1.example.com", "esa2.example.com"}),
        ({"types": ["sma"]}, set()),
    ],
)
def test_filters(listed, filters: dict[str, Any], hosts: set[str]) -> None:
    assert set(listed(**filters).hosts) == hosts


def test_host_names_are_mapped_and_duplicates_are_named(lab, listed) -> None:
    twin = add(lab, "europe", "ESA1.example.com")
    found = listed(
        types=[], host_names={"esa2.example.com": "gateway"}, host_name="sse_name | lower | split('.') | first"
    )
    assert set(found.hosts) == {"gateway", "esa1"}
    one = found.hosts["esa1"]
    assert one["sse_registered"] and [record["sse_id"] for record in one["sse_devices"]][1:] == [twin]
    assert "esa1 has 2 devices in SSE" in found.said and twin in found.said.replace(" ", "")


def test_a_template_from_the_cloud_is_not_evaluated(lab, ansible) -> None:
    name = "{{ 7 * 191 }}"
    add(lab, "europe", name)
    path = write(ansible, lab, types=[], host_names={name: "odd"})
    task = {"name": "Show", "ansible.builtin.debug": {"msg": "{{ sse_name }} of {{ sse_devices }}"}}
    run = ansible.tasks([task], "--inventory", str(path), hosts="only_in_sse", connection="local")
    assert f"{name} of" in run.output and "1337" not in run.output


@pytest.mark.parametrize("name", ["{{ 7 * 191 }}", "two words", "a\x1b[31mb", "esa;id"])
def test_a_name_that_is_not_a_host_name_is_skipped_with_a_warning(lab, listed, name: str) -> None:
    add(lab, "europe", name)
    found = listed(types=[])
    assert set(found.hosts) == {"esa1.example.com", "esa2.example.com"}
    assert "is not a host name" in found.said and "set its name in host_names" in found.said
    assert "1337" not in found.said and "\x1b[31m" not in found.said


def test_credentials_may_be_vaulted_and_the_cache_avoids_requests(lab, ansible, listed) -> None:
    passphrase = ansible.folder / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(ansible.folder / "cache"),
    }
    vault = [str(Path(sys.executable).with_name("ansible-vault")), "encrypt", "--vault-password-file", str(passphrase)]
    plain = ansible.write("plain.yml", accounts(lab)["europe"]["client_password"])
    secret = yaml.safe_load(plain.read_text())
    plain.write_text(secret, encoding="utf-8")
    subprocess.run([*vault, str(plain)], check=True, capture_output=True, env=ansible.environment(), timeout=60)
    path = write(ansible, lab, regions={"europe": {**accounts(lab)["europe"], "client_password": "HERE"}}, **cache)
    indented = "\n".join(f"      {line}" for line in plain.read_text().splitlines())
    text = path.read_text(encoding="utf-8").replace("HERE", f"!vault |\n{indented}")
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "--list", "-i", str(path)]
    found = []
    for _time in range(2):
        path.write_text(text, encoding="utf-8")
        more = ["--vault-password-file", str(passphrase)]
        done = subprocess.run(
            [*command, *more],
            cwd=ansible.folder,
            env=ansible.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        ansible.outputs.append(done.stdout + done.stderr)
        found.append((set(Listed(done).hosts), reads(lab)))
    assert found[0][0] == found[1][0] == {"esa1.example.com"}
    assert found[0][1] == found[1][1] == 2, "one log-in and one request; nothing more for the second list"
    cached = "".join(file.read_text() for file in (ansible.folder / "cache").rglob("*") if file.is_file())
    assert "esa1.example.com" in cached and secret not in cached


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: {"mars": one["europe"]}, ("mars is not a region", "use americas, europe, apjc")),
        (lambda one: {"eu": one["europe"], "europe": one["europe"]}, ("europe has two accounts",)),
        (lambda one: {"europe": {**one["europe"], "colour": "red"}}, ("unknown key colour",)),
        (
            lambda one: {"europe": {**one["europe"], "client_password": "{{ nothing }}"}},
            ("regions.europe.client_password cannot",),
        ),
        (lambda one: {**one, "europe": {**one["europe"], "client_password": "wrong"}}, ("EUROPE", "client_password")),
        (lambda one: {}, ("regions is empty",)),
    ],
)
def test_a_wrong_configuration_fails_the_source_with_a_fix(
    lab, ansible, listed, change: Any, words: tuple[str, ...]
) -> None:
    found = listed("-vvv", regions=change(accounts(lab)))
    assert found.rc != 0
    for text in words:
        assert text in found.said, found.said
    assert_unseen(ansible, lab.secrets().values(), own=["my.sse_devices.yml"])


def test_the_drift_report_shows_what_only_sse_has(lab, ansible) -> None:
    add(lab, "europe", "unknown.example.com")
    path = write(ansible, lab, types=[])
    run = ansible.playbook(
        "emailsec.ctr.drift_report", "--inventory", str(path), "-e", "esa_ctr_hosts=all:!only_in_sse"
    )
    document = json.loads((ansible.folder / "esa-ctr-report" / "drift.json").read_text())
    assert {row["host"] for row in document["appliances"]} == {one["name"] for one in FLEET["appliances"]}
    [europe] = [row for row in document["regions"] if row["region"] == "europe"]
    assert "unknown.example.com" in json.dumps(europe), run.output
