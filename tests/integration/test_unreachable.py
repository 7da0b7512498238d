# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each reason for a failed connection has its own message and fix."""

from __future__ import annotations

import asyncssh
import pytest

from tests.integration.support.non_asyncos_servers import NonAsyncosServer, listening
from tests.integration.support.ports import closed_port

FLEET = {"appliances": [{"name": "esa1.example.com"}, {"name": "esa2.example.com"}]}
WRONG_PASSWORD = "not-the-Passw0rd-at-all"


@pytest.fixture
def other_boxes():
    """Yield a Linux host with a long login message, and a router."""
    linux = NonAsyncosServer(
        "Linux mail 6.1.0 #1 SMP\r\nLast login: today from 192.0.2.7\r\n",
        "user@mail:~$ ",
        "-bash: command not found\r\n",
    )
    router = NonAsyncosServer("\r\n", "Router> ", "% Unknown command or computer name\r\n")
    with listening(linux, router):
        yield {"linux": linux, "router": router}


@pytest.fixture
def hosts(lab, bare_ansible, other_boxes):
    """Write an inventory with one host per kind of failure."""
    shared = lab.variables()
    known = (lab.folder / "known_hosts").read_text(encoding="utf-8")
    port = lab.appliance("esa1.example.com")["port"]
    (bare_ansible.folder / "empty").write_text("", encoding="utf-8")
    other_key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    (bare_ansible.folder / "changed").write_text(f"[127.0.0.1]:{port} {other_key}\n", encoding="utf-8")
    assert f"[127.0.0.1]:{port} " in known
    with closed_port() as closed:
        appliance = {"ansible_host": "127.0.0.1", "ansible_port": port}
        yield (
            {
                "good": appliance,
                "unknown-key": {**appliance, "ansible_asyncos_known_hosts": str(bare_ansible.folder / "empty")},
                "no-file": {**appliance, "ansible_asyncos_known_hosts": str(bare_ansible.folder / "there-is-none")},
                "changed-key": {**appliance, "ansible_asyncos_known_hosts": str(bare_ansible.folder / "changed")},
                "wrong-password": {**appliance, "ansible_password": WRONG_PASSWORD},
                "wrong-user": {**appliance, "ansible_user": "nobody"},
                "refused": {"ansible_host": "127.0.0.1", "ansible_port": closed},
                **{
                    name: {"ansible_host": "127.0.0.1", "ansible_port": box.port, "ansible_host_key_checking": False}
                    for name, box in other_boxes.items()
                },
            },
            shared,
        )


@pytest.fixture
def run(bare_ansible, hosts):
    inventory = bare_ansible.inventory("hosts.yml", hosts[0], **hosts[1])
    return bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, "-a", "version", "-vvv")


SAYS = {
    "unknown-key": ("the SSH host key is not known in", "ssh-keyscan -p"),
    "no-file": ("the SSH host key is not known in", "ssh-keyscan -p"),
    "changed-key": ("the SSH host key differs from the one in", "ask who changed the key"),
    "wrong-password": ("the user 'admin' may not log in", "check ansible_user and ansible_password"),
    "wrong-user": ("the user 'nobody' may not log in", "check ansible_user and ansible_password"),
    "refused": ("connection refused", "check ansible_host and ansible_port, and that SSH is enabled"),
    "linux": ("the SSH server is not the command line of an AsyncOS appliance", "remove it from the group"),
    "router": ("'version' does not show the model and version of an AsyncOS", "remove it from the group"),
}


def test_every_reason_has_its_own_message_and_fix(lab, run, hosts, other_boxes):
    assert run.on("good").status == "ok"
    for host, (problem, fix) in SAYS.items():
        result = run.on(host)
        assert result.status == "unreachable", (host, result)
        assert problem in result.message, (host, result.message)
        assert "Fix: " in result.message and fix in result.message, (host, result.message)
        assert f"{host} (127.0.0.1:{hosts[0][host]['ansible_port']}): " in result.message, result.message
        assert "Traceback" not in result.message
    assert run.rc == 4
    # no password is shown, right or wrong, even at -vvv
    assert WRONG_PASSWORD not in run.output
    assert hosts[1]["ansible_password"] not in run.output
    # one log-in on the good host; the others failed at the host key or the password
    assert lab.appliance("esa1.example.com")["logins"] == 1
    assert "Linux" in run.on("linux").message, "the last output must show what answers there"
    assert [line for line in other_boxes["linux"].typed if line not in ("", "exit")] == []
    assert [line for line in other_boxes["router"].typed if line not in ("", "exit")] == ["version"]


def test_checking_the_host_key_is_the_default_and_can_be_switched_off(lab, bare_ansible, hosts):
    appliance = hosts[0]["unknown-key"]
    changed = hosts[0]["changed-key"]
    inventory = bare_ansible.inventory(
        "hosts.yml",
        {
            "default": appliance,
            "off": {**appliance, "ansible_host_key_checking": False},
            "changed-off": {**changed, "ansible_host_key_checking": False},
        },
        **hosts[1],
    )
    run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, "-a", "version")
    assert {host: run.on(host).status for host in ("default", "off", "changed-off")} == {
        "default": "unreachable",
        "off": "ok",
        "changed-off": "ok",
    }


def test_ignore_unreachable_is_honoured(lab, bare_ansible, hosts):
    chosen = {host: hosts[0][host] for host in ("good", "refused", "wrong-password")}
    inventory = bare_ansible.inventory("hosts.yml", chosen, **hosts[1])
    tasks = [
        {"name": "raw", "ansible.builtin.raw": "version", "ignore_unreachable": True, "register": "raw"},
        {
            "name": "cloud service",
            "emailsec.ctr.esa_cloud_service": {"state": "unregistered"},
            "ignore_unreachable": True,
        },
        {"name": "after", "ansible.builtin.debug": {"msg": "{{ raw.unreachable | default(false) }}"}},
    ]
    run = bare_ansible.tasks(tasks, "-i", inventory)
    assert run.rc == 0, run.output
    for host in ("refused", "wrong-password"):
        assert run.of("raw", host).status == run.of("cloud service", host).status == "unreachable"
        assert run.of("after", host).values["msg"] is True
        assert SAYS[host][0] in run.of("cloud service", host).message
    assert run.of("after", "good").values["msg"] is False


def test_a_host_without_ignore_unreachable_leaves_the_play_and_the_others_go_on(lab, bare_ansible, hosts):
    chosen = {host: hosts[0][host] for host in ("refused", "good")}
    inventory = bare_ansible.inventory("hosts.yml", chosen, **hosts[1])
    tasks = [
        {"name": "raw", "ansible.builtin.raw": "version"},
        {"name": "after", "ansible.builtin.debug": {"msg": "after"}},
    ]
    run = bare_ansible.tasks(tasks, "-i", inventory)
    assert run.rc == 4
    assert run.bad_hosts() == {"refused"}
    assert [result.host for result in run.results if result.task == "after"] == ["good"]
