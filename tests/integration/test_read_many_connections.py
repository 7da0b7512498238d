# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection to each appliance is resolved as for a task on it, from every source of Ansible, and no secret leaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

FLEET = {
    "appliances": [
        {"name": "a.example.com", "dialect": {"auth": ["password"]}},
        {"name": "b.example.com", "dialect": {"auth": ["keyboard-interactive"]}},
        {"name": "c.example.com", "dialect": {"auth": ["publickey"]}},
        {"name": "d.example.com", "dialect": {"legacy_ssh": True}},
        {"name": "member.example.com"},
    ],
    "clusters": [{"name": "Lab", "members": ["member.example.com"], "login_level": "cluster"}],
}
WRONG = "not-the-Passw0rd-of-ways"
HIDDEN = "Hidden-in-a-template-0815"
VAULT = b"the-Passw0rd-of-the-vault"
LOUD = ("-vvvv", "--diff")


class Fleet:
    """Inventories of the lab's appliances with chosen names, and the task that reads them."""

    def __init__(self, lab, ansible) -> None:
        self.lab = lab
        self.ansible = ansible
        self.secret = lab.ssh["password"]
        self.known_hosts = {"ansible_asyncos_known_hosts": str(lab.folder / "known_hosts")}
        self.connection = {"ansible_connection": "emailsec.ctr.asyncos"}
        self.jump = {
            "ansible_asyncos_jump_host": lab.jump["host"],
            "ansible_asyncos_jump_port": lab.jump["port"],
            "ansible_asyncos_jump_user": lab.jump["user"],
        }

    def port(self, name: str) -> int:
        return self.lab.appliance(f"{name}.example.com")["port"]

    def to(self, name: str, **variables: Any) -> dict[str, Any]:
        return {"ansible_host": "127.0.0.1", "ansible_port": self.port(name), **variables}

    def usual(self) -> dict[str, Any]:
        return {**self.connection, **self.known_hosts, "ansible_user": "admin"}

    def read(self, inventory: dict[str, Any] | str, *arguments: str, environment=None, hosts="all", **play: Any):
        """Run the task; return the run, and its rows by host."""
        path = inventory
        if not isinstance(inventory, str):
            path = str(self.ansible.write("hosts.yml", inventory))
        task = {"name": "many", "run_once": True, "emailsec.ctr.esa_cloud_service_info": {"hosts": "{{ groups.all }}"}}
        plays = [{"hosts": hosts, "gather_facts": False, **play, "tasks": [task]}]
        run = self.ansible.plays(plays, "-i", path, *arguments, environment=environment)
        (result,) = run.results
        assert result.status == "ok", run.output
        return run, {row["host"]: row for row in result.values["appliances"]}


@pytest.fixture
def fleet(lab, bare_ansible):
    return Fleet(lab, bare_ansible)


def assert_read(rows, *hosts) -> None:
    assert {host: rows[host]["msg"] for host in hosts} == dict.fromkeys(hosts)
    assert all(rows[host]["cloud_service"] for host in hosts)


def vault(ansible) -> tuple[VaultLib, tuple[str, str]]:
    """Return the vault, and the arguments with which Ansible opens it."""
    file = ansible.folder / "vault-password"
    file.write_bytes(VAULT)
    file.chmod(0o600)
    secrets = [(DEFAULT_VAULT_ID_MATCH, VaultSecret(VAULT))]
    return VaultLib(secrets), ("--vault-password-file", str(file))


class Vaulted(str):
    """A value that is written with the tag for vaults."""


yaml.SafeDumper.add_representer(Vaulted, lambda dumper, value: dumper.represent_scalar("!vault", str(value), style="|"))


def test_credentials_may_come_from_groups_templates_and_vaults(fleet, bare_ansible):
    library, arguments = vault(bare_ansible)
    (bare_ansible.folder / "group_vars").mkdir()
    vaulted = yaml.safe_dump({"from_a_vaulted_file": fleet.secret}).encode()
    (bare_ansible.folder / "group_vars" / "of_files.yml").write_bytes(library.encrypt(vaulted))
    (bare_ansible.folder / "host_vars").mkdir()
    (bare_ansible.folder / "host_vars" / "of-its-own").write_text(f"ansible_password: {fleet.secret}\n")
    inline = Vaulted(library.encrypt(fleet.secret.encode()).decode())
    half = len(fleet.secret) // 2
    inventory = {
        "all": {
            "vars": {**fleet.usual(), "ansible_password": WRONG, "first_half": fleet.secret[:half]},
            "hosts": {"of-its-own": fleet.to("a"), "with-the-wrong-one": fleet.to("a")},
            "children": {
                "of_files": {
                    "vars": {"ansible_password": "{{ from_a_vaulted_file }}"},
                    "hosts": {"file-1": fleet.to("a"), "file-2": fleet.to("b")},
                },
                "inline": {"vars": {"ansible_password": inline}, "hosts": {"inline": fleet.to("b")}},
                "templated": {
                    "vars": {
                        "ansible_password": "{{ first_half ~ second_halves[inventory_hostname] }}",
                        "second_halves": {"templated": fleet.secret[half:]},
                    },
                    "hosts": {"templated": fleet.to("a")},
                },
                "keys": {
                    "vars": {"ansible_password": None, "ansible_private_key_file": "{{ keys_dir }}/id_encrypted"},
                    "hosts": {"key": fleet.to("c", ansible_private_key_passphrase="{{ passphrase }}")},
                },
            },
        }
    }
    folder = Path(fleet.lab.ssh["encrypted_private_key_file"])
    inventory["all"]["children"]["keys"]["vars"]["ansible_private_key_file"] = "{{ keys_dir }}/" + folder.name
    inventory["all"]["vars"]["keys_dir"] = str(folder.parent)
    run, rows = fleet.read(
        inventory, *arguments, *LOUD, vars={"passphrase": fleet.lab.ssh["passphrase"]}, hosts="with-the-wrong-one"
    )
    assert_read(rows, "of-its-own", "file-1", "file-2", "inline", "templated", "key")
    assert "may not log in" in rows["with-the-wrong-one"]["problem"]
    assert "7 of 7 read, 1 failed" in run.output
    assert_no_secret(fleet.lab, run, WRONG, VAULT.decode())


def assert_no_secret(lab, run, *more: str) -> None:
    seen = {**lab.secrets(), **{f"given {number}": secret for number, secret in enumerate(more)}}
    for what, secret in seen.items():
        assert secret not in run.output, what
        assert secret not in json.dumps([result.values for result in run.results]), what


def test_keywords_of_the_play_are_evaluated_for_each_host(fleet):
    """Only the play sets user, port and connection, with templates of host variables."""
    hosts = {
        "first": {"ansible_host": "127.0.0.1", "who": "admin", "ssh": fleet.port("a")},
        "second": {"ansible_host": "127.0.0.1", "who": "nobody", "ssh": fleet.port("a")},
        "third": {"ansible_host": "127.0.0.1", "who": "admin", "ssh": fleet.port("b")},
    }
    _run, rows = fleet.read(
        {"all": {"vars": {**fleet.known_hosts, "ansible_password": fleet.secret}, "hosts": hosts}},
        connection="emailsec.ctr.asyncos",
        remote_user="{{ who }}",
        port="{{ ssh }}",
    )
    assert_read(rows, "first", "third")
    assert rows["third"]["cloud_service"]["hostname"] == "b.example.com"
    assert "'nobody'" in rows["second"]["problem"]


def test_settings_may_come_from_the_play_extra_variables_environment_and_configuration(fleet, bare_ansible):
    (bare_ansible.folder / "ansible.cfg").write_text(
        f"[defaults]\nremote_user = admin\n[asyncos_connection]\nknown_hosts = {fleet.lab.folder / 'known_hosts'}\n"
    )
    hosts = {"one": fleet.to("a"), "two": {**fleet.to("b"), "ansible_port": 1}, "old": fleet.to("d")}
    inventory = {"all": {"vars": fleet.connection, "hosts": hosts}}
    _run, rows = fleet.read(
        inventory,
        "-e",
        json.dumps({"ansible_password": fleet.secret}),
        environment={"ANSIBLE_ASYNCOS_LEGACY_ALGORITHMS": "true"},
        vars={"ansible_port": "{{ ports[inventory_hostname] }}", "ports": dict.fromkeys(hosts, 1)},
        vars_files=[
            str(bare_ansible.write("ports.yml", {"ports": dict(zip(hosts, map(fleet.port, "abd"), strict=True))}))
        ],
    )
    assert_read(rows, *hosts)
    assert rows["old"]["cloud_service"]["hostname"] == "d.example.com"


def test_the_user_may_come_from_the_command_line(fleet):
    inventory = {
        "all": {
            "vars": {**fleet.connection, **fleet.known_hosts, "ansible_password": fleet.secret},
            "hosts": {"one": fleet.to("a"), "other": fleet.to("a", ansible_user="nobody")},
        }
    }
    _run, rows = fleet.read(inventory, "-u", "admin")
    assert_read(rows, "one")
    assert "'nobody'" in rows["other"]["problem"]


def test_a_prompted_password_is_used_for_hosts_without_a_password(fleet, bare_ansible):
    """The prompted password is unknown if the host of the task has its own, which hides it."""
    file = bare_ansible.folder / "password"
    file.write_text(fleet.secret, encoding="utf-8")
    hosts = {"one": fleet.to("a"), "two": fleet.to("b"), "own": fleet.to("a", ansible_password=WRONG)}
    inventory = {"all": {"vars": fleet.usual(), "hosts": hosts}}
    asked = ("--connection-password-file", str(file), *LOUD)
    for host in ("one", "localhost"):
        run, rows = fleet.read(inventory, *asked, hosts=host)
        assert_read(rows, "one", "two")
        assert "may not log in" in rows["own"]["problem"]
        assert_no_secret(fleet.lab, run, WRONG)
    _run, rows = fleet.read(inventory, *asked, hosts="own")
    assert [bool(row["cloud_service"]) for row in rows.values()] == [False] * 3, "no host gets the password of another"


def test_the_cluster_name_and_the_jump_host_are_set_per_host(fleet):
    jump = {**fleet.jump, "ansible_asyncos_jump_password": "{{ jump_secret }}"}
    key = {**fleet.jump, "ansible_asyncos_jump_private_key_file": fleet.lab.jump["private_key_file"]}
    hosts = {
        "boxed": fleet.to("member", ansible_asyncos_cluster_machine="member.example.com"),
        "misnamed": fleet.to("member"),
        "behind": fleet.to("a", **jump),
        "behind-too": fleet.to("b", **jump),
        "behind-by-key": fleet.to("a", **key),
        "direct": fleet.to("a"),
    }
    run, rows = fleet.read(
        {"all": {"vars": {**fleet.usual(), "ansible_password": fleet.secret}, "hosts": hosts}},
        *LOUD,
        vars={"jump_secret": fleet.lab.jump["password"]},
    )
    assert_read(rows, "boxed", "behind", "behind-too", "behind-by-key", "direct")
    assert rows["boxed"]["cloud_service"]["hostname"] == "member.example.com"
    assert "set ansible_asyncos_cluster_machine" in rows["misnamed"]["fix"]
    jumps = [call["who"] for call in fleet.lab.calls() if call["kind"] == "jump"]
    assert sorted(jumps) == ["a.example.com", "a.example.com", "b.example.com"]
    assert_no_secret(fleet.lab, run)


def test_a_variable_that_cannot_be_evaluated_is_a_row_without_the_secret(fleet):
    """Also if the secret is in a template that fails, or in a value of the wrong type."""
    hosts = {
        "good": fleet.to("a", ansible_password=fleet.secret),
        "local": {"ansible_connection": "local"},
        "undefined": fleet.to("a", ansible_password="{{ nowhere_to_be_found }}"),
        "half": fleet.to("a", ansible_password="{{ '" + HIDDEN + "' ~ nowhere_to_be_found }}"),
        "deep": fleet.to("a", ansible_password="{{ inner }}", inner="{{ '" + HIDDEN + "' ~ nowhere_to_be_found }}"),
        "failing": fleet.to("a", ansible_password="{{ ('" + HIDDEN + "' | int(default='x')) / 0 }}"),
        "syntax": fleet.to("a", ansible_password="{{ '" + HIDDEN + "' ~ }}"),
        "a-list": fleet.to("a", ansible_password=[HIDDEN]),
        "a-dict": fleet.to("a", ansible_password={"is": HIDDEN}),
        "port": fleet.to("a", ansible_password=HIDDEN) | {"ansible_port": "ssh"},
        "no-connection": fleet.to("a", ansible_connection="{{ nowhere_to_be_found }}"),
    }
    run, rows = fleet.read({"all": {"vars": fleet.usual(), "hosts": hosts}}, *LOUD, hosts="good")
    assert_read(rows, "good")
    for host in set(hosts) - {"good"}:
        row = rows[host]
        assert (row["reachable"], row["cloud_service"], row["refused"]) == (False, None, False), row
        assert row["msg"].startswith(f"{host}") and row["problem"] and row["fix"], row
    assert rows["local"]["problem"] == "the connection is local, not emailsec.ctr.asyncos."
    assert rows["local"]["fix"] == "set ansible_connection: emailsec.ctr.asyncos for the appliances."
    for host in ("undefined", "half", "deep"):
        assert "ansible_password cannot be evaluated ('nowhere_to_be_found' is undefined)" in rows[host]["problem"]
    for host in ("failing", "syntax"):
        assert "ansible_password cannot be evaluated (Ansible" in rows[host]["problem"]
        assert "correct the template" in rows[host]["fix"]
    assert "ansible_connection cannot be evaluated" in rows["no-connection"]["problem"]
    assert "ansible_port" in rows["port"]["problem"]
    assert_no_secret(fleet.lab, run, HIDDEN)
    assert fleet.lab.appliance("a.example.com")["logins"] == 1


def test_transcripts_are_written_as_by_one_task_per_appliance(fleet, bare_ansible):
    hosts = {"one": fleet.to("a"), "two": fleet.to("b"), "boxed": fleet.to("member")}
    inventory = {
        "all": {
            "vars": {
                **fleet.usual(),
                "ansible_password": fleet.secret,
                "ansible_asyncos_transcript": "./transcripts",
                "ansible_asyncos_cluster_machine": "member.example.com",
            },
            "hosts": hosts,
        }
    }
    run, rows = fleet.read(inventory)
    assert_read(rows, *hosts)
    folder = bare_ansible.folder / "transcripts"
    files = {host: list(folder.glob(f"{host}-*.jsonl")) for host in hosts}
    assert {host: len(found) for host, found in files.items()} == dict.fromkeys(hosts, 1)
    assert len(list(folder.iterdir())) == 3
    assert folder.stat().st_mode & 0o777 == 0o700
    typed = {call["who"]: [] for call in fleet.lab.calls()}
    for call in fleet.lab.calls():
        typed[call["who"]].append(call["line"])
    names = dict(zip(hosts, ("a.example.com", "b.example.com", "member.example.com"), strict=True))
    for host, (path,) in files.items():
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text(encoding="utf-8")
        assert fleet.secret not in text
        entries = [json.loads(line) for line in text.splitlines()]
        lines = [entry["text"].replace("\x03", "^C") for entry in entries if entry["type"] == "typed"]
        assert lines == typed[names[host]]
    assert_no_secret(fleet.lab, run)


def test_a_transcript_that_cannot_be_written_is_a_row(fleet, bare_ansible):
    (bare_ansible.folder / "file").write_text("not a folder\n", encoding="utf-8")
    hosts = {"one": fleet.to("a", ansible_asyncos_transcript="./file"), "two": fleet.to("a")}
    _run, rows = fleet.read({"all": {"vars": {**fleet.usual(), "ansible_password": fleet.secret}, "hosts": hosts}})
    assert "the transcript cannot be written" in rows["one"]["problem"]
    assert_read(rows, "two")
