# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every method of SSH log-in, selected only by inventory variables, and the message if it fails."""

from __future__ import annotations

import contextlib
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.ports import closed_port

FLEET = {
    "appliances": [
        {"name": "password.example.com", "dialect": {"auth": ["password"]}},
        {"name": "keyboard.example.com", "dialect": {"auth": ["keyboard-interactive"]}},
        {"name": "key.example.com", "dialect": {"auth": ["publickey"]}},
        {"name": "legacy.example.com", "dialect": {"legacy_ssh": True}},
    ],
}
WRONG = "Wr0ng-secret-of-all-logins"
VERSION = ("-a", "version", "-vvvv")


class LogIns:
    """Variables of hosts, one host per method."""

    def __init__(self, lab) -> None:
        self.lab = lab
        self.secret = {"ansible_password": lab.ssh["password"]}
        self.key = {"ansible_private_key_file": lab.ssh["private_key_file"]}
        self.encrypted = {"ansible_private_key_file": lab.ssh["encrypted_private_key_file"]}
        jump = lab.jump
        self.jump = {
            "ansible_asyncos_jump_host": jump["host"],
            "ansible_asyncos_jump_port": jump["port"],
            "ansible_asyncos_jump_user": jump["user"],
        }
        self.jump_secret = {**self.jump, "ansible_asyncos_jump_password": jump["password"]}
        self.jump_key = {**self.jump, "ansible_asyncos_jump_private_key_file": jump["private_key_file"]}
        self.shared = {
            name: value for name, value in lab.variables().items() if name not in ("ansible_password", "ansible_port")
        }

    def to(self, name: str, **variables) -> dict:
        return {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.lab.appliance(f"{name}.example.com")["port"],
            **variables,
        }

    def good(self) -> dict[str, dict]:
        return {
            "password": self.to("password", **self.secret),
            "keyboard-interactive": self.to("keyboard", **self.secret),
            "key": self.to("key", **self.key),
            "encrypted-key": self.to(
                "key", **self.encrypted, ansible_private_key_passphrase=self.lab.ssh["passphrase"]
            ),
            "jump-password": self.to("password", **self.secret, **self.jump_secret),
            "jump-key": self.to("keyboard", **self.secret, **self.jump_key),
            "jump-key-and-key": self.to("key", **self.key, **self.jump_key),
            "jump-and-encrypted-key": self.to(
                "key",
                **self.encrypted,
                **self.jump_secret,
                ansible_private_key_passphrase=self.lab.ssh["passphrase"],
            ),
            "legacy": self.to("legacy", **self.secret, ansible_asyncos_legacy_algorithms=True),
            "jump-and-legacy": self.to(
                "legacy", **self.secret, **self.jump_secret, ansible_asyncos_legacy_algorithms=True
            ),
        }

    def bad(self, folder: Path, closed: int) -> dict[str, dict]:
        known = (self.lab.folder / "known_hosts").read_text(encoding="utf-8").splitlines(keepends=True)
        without_jump = folder / "without_jump"
        address = f"[{self.lab.jump['host']}]:{self.lab.jump['port']} "
        without_jump.write_text("".join(line for line in known if not line.startswith(address)), encoding="utf-8")
        return {
            "no-passphrase": self.to("key", **self.encrypted),
            "wrong-passphrase": self.to("key", **self.encrypted, ansible_private_key_passphrase=WRONG),
            "no-key-file": self.to("key", ansible_private_key_file=str(folder / "there-is-none")),
            "other-key": self.to("key", ansible_private_key_file=self.lab.jump["private_key_file"]),
            "password-where-keys-count": self.to("key", **self.secret),
            "jump-wrong-password": self.to("password", **self.secret, **self.jump, ansible_asyncos_jump_password=WRONG),
            "jump-other-key": self.to(
                "password",
                **self.secret,
                **self.jump,
                ansible_asyncos_jump_private_key_file=self.lab.ssh["private_key_file"],
            ),
            "jump-no-key-file": self.to(
                "password",
                **self.secret,
                **self.jump,
                ansible_asyncos_jump_private_key_file=str(folder / "there-is-none"),
            ),
            "jump-unknown-key": self.to(
                "password", **self.secret, **self.jump_secret, ansible_asyncos_known_hosts=str(without_jump)
            ),
            "jump-refused": self.to(
                "password", **self.secret, **{**self.jump_secret, "ansible_asyncos_jump_port": closed}
            ),
            "jump-leads-nowhere": {
                **self.to("password", **self.secret, **self.jump_secret),
                "ansible_port": closed,
            },
        }


SAYS = {
    "no-passphrase": ("id_encrypted cannot be used", "ansible_private_key_passphrase"),
    "wrong-passphrase": ("id_encrypted cannot be used", "ansible_private_key_passphrase"),
    "no-key-file": ("there-is-none cannot be used", "ansible_private_key_file"),
    "other-key": ("'admin'", "ansible_private_key_file"),
    "password-where-keys-count": ("'admin'", "ansible_password"),
    "jump-wrong-password": ("jump host 127.0.0.1", "'jump'"),
    "jump-other-key": ("jump host 127.0.0.1", "'jump'"),
    "jump-no-key-file": ("jump host 127.0.0.1", "there-is-none cannot be used"),
    "jump-unknown-key": ("jump host 127.0.0.1", "host key is not known", "ssh-keyscan -p"),
    "jump-refused": ("jump host 127.0.0.1", "connection refused"),
    "jump-leads-nowhere": ("jump-leads-nowhere (127.0.0.1:", "no appliance at"),
}
OF_THE_JUMP_HOST = {
    "jump-wrong-password": "ansible_asyncos_jump_password",
    "jump-other-key": "ansible_asyncos_jump_private_key_file",
    "jump-no-key-file": "ansible_asyncos_jump_private_key_file",
    "jump-refused": "ansible_asyncos_jump_port",
    "jump-leads-nowhere": "jump host",
}


@pytest.fixture(scope="module")
def logins(lab_of_file):
    return LogIns(lab_of_file)


@pytest.fixture(scope="module")
def good(logins, tmp_path_factory):
    """Log in by all methods that work, in one run; return the run, and the recorded calls."""
    logins.lab.reset()
    ansible = Ansible(tmp_path_factory.mktemp("good") / "ansible")
    inventory = ansible.inventory("hosts.yml", logins.good(), **logins.shared)
    return ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION), logins.lab.calls()


@pytest.fixture(scope="module")
def bad(logins, tmp_path_factory):
    """Log in by all methods that fail, in one run."""
    logins.lab.reset()
    ansible = Ansible(tmp_path_factory.mktemp("bad") / "ansible")
    with closed_port() as closed:
        hosts = logins.bad(ansible.folder, closed)
        inventory = ansible.inventory("hosts.yml", hosts, **logins.shared)
        return ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION), logins.lab.state()


@pytest.fixture(scope="module")
def agent(logins):
    """Yield the environment of an SSH agent with the key of the appliances, and stop the agent after the tests."""
    if not (shutil.which("ssh-agent") and shutil.which("ssh-add")):
        pytest.skip("ssh-agent or ssh-add is not installed: the log-in through an agent is not tested")
    # the path of a socket must be short
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        socket = f"{folder}/socket"
        with subprocess.Popen(
            ["ssh-agent", "-D", "-a", socket], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout
                process.stdout.readline()  # prints its socket as soon as it listens
                environment = {"SSH_AUTH_SOCK": socket}
                command = ["ssh-add", "-q", logins.lab.ssh["private_key_file"]]
                subprocess.run(command, env=environment, check=True, timeout=20, stdin=subprocess.DEVNULL)
                yield environment
            finally:
                process.terminate()


def assert_no_secret(lab, run):
    for what, secret in {**lab.secrets(), "a wrong one": WRONG}.items():
        assert secret not in run.output, what
        assert not any(secret in str(result.values) for result in run.results), what


@pytest.mark.parametrize(
    "way",
    [
        "password",
        "keyboard-interactive",
        "key",
        "encrypted-key",
        "jump-password",
        "jump-key",
        "jump-key-and-key",
        "jump-and-encrypted-key",
        "legacy",
        "jump-and-legacy",
    ],
)
def test_each_log_in_method_reaches_the_command_line(good, way):
    run, _calls = good
    result = run.on(way)
    assert (result.status, result.values.get("rc")) == ("ok", 0), result
    assert "Version: 14.0.0-698" in result.values["stdout_lines"]


def test_only_hosts_that_set_the_jump_host_use_it(good, logins):
    run, calls = good
    assert run.rc == 0, run.output
    jumps = [call for call in calls if call["kind"] == "jump"]
    assert sorted(call["who"] for call in jumps) == [
        "key.example.com",
        "key.example.com",
        "keyboard.example.com",
        "legacy.example.com",
        "password.example.com",
    ]
    assert all((call["allowed"], call["user"]) == (True, "jump") for call in jumps)
    for call in jumps:
        assert call["target"] == f"127.0.0.1:{logins.lab.appliance(call['who'])['port']}"


@pytest.mark.parametrize("way", SAYS)
def test_each_failed_log_in_is_named_with_its_fix(bad, way):
    run, _state = bad
    result = run.on(way)
    assert result.status == "unreachable", result
    for text in (*SAYS[way], "Fix: "):
        assert text in result.message, (text, result.message)
    assert "Traceback" not in result.message


def test_without_legacy_algorithms_the_error_names_the_variable(lab, logins, bare_ansible):
    """The next test covers an appliance that disconnects before its last message arrives."""
    inventory = bare_ansible.inventory(
        "hosts.yml", {"legacy-off": logins.to("legacy", **logins.secret)}, **logins.shared
    )
    for _turn in range(6):
        run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION)
        result = run.on("legacy-off")
        assert result.status == "unreachable", result
        if "Connection lost" not in result.message:
            break
    assert "no SSH algorithm in common" in result.message
    assert "set ansible_asyncos_legacy_algorithms: true for this host" in result.message
    assert lab.appliance("legacy.example.com")["logins"] == 0
    assert_no_secret(lab, run)


def test_a_connection_that_ends_during_the_key_exchange_names_the_variable_too(logins, bare_ansible):
    """A server without a common algorithm looks like this if its last message is lost."""
    with leaving() as port:
        address = {"ansible_host": "127.0.0.1", "ansible_port": port, **logins.secret}
        inventory = bare_ansible.inventory("hosts.yml", {"leaving": address}, **logins.shared)
        run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION)
    assert run.on("leaving").status == "unreachable"
    assert "ansible_asyncos_legacy_algorithms" in run.on("leaving").message


@contextlib.contextmanager
def leaving() -> Iterator[int]:
    """Yield a port whose server identifies as SSH, reads the client's offer, and disconnects."""

    class Leaving(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"SSH-2.0-old\r\n")
            self.request.settimeout(10)
            heard = b""
            while b"\n" not in heard[:-100]:
                more = self.request.recv(65536)
                if not more:
                    return
                heard += more

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Leaving) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("way", OF_THE_JUMP_HOST)
def test_the_fix_names_the_variables_of_the_jump_host(bad, way):
    run, _state = bad
    assert OF_THE_JUMP_HOST[way] in run.on(way).message.partition("Fix: ")[2]


def test_failed_methods_log_in_nowhere(bad):
    run, state = bad
    assert run.rc == 4, run.output
    assert {name: box["logins"] for name, box in state["appliances"].items()} == dict.fromkeys(state["appliances"], 0)


def test_no_password_or_passphrase_is_shown(logins, good, bad):
    for run, _more in (good, bad):
        assert_no_secret(logins.lab, run)


def test_the_agent_is_used_if_the_inventory_has_neither_password_nor_key(lab, logins, bare_ansible, agent):
    hosts = {
        "agent": logins.to("key"),
        "agent-and-jump": logins.to("key", **logins.jump_secret),
        "agent-not-asked": logins.to("key", **logins.secret),
    }
    inventory = bare_ansible.inventory("hosts.yml", hosts, **logins.shared)
    run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION, environment=agent)
    assert {host: run.on(host).status for host in hosts} == {
        "agent": "ok",
        "agent-and-jump": "ok",
        "agent-not-asked": "unreachable",
    }, run.output
    assert lab.appliance("key.example.com")["logins"] == 2
    assert_no_secret(lab, run)


def test_without_an_agent_the_default_keys_are_tried(lab, logins, bare_ansible):
    inventory = bare_ansible.inventory("hosts.yml", {"default-keys": logins.to("key")}, **logins.shared)
    run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION)
    assert run.on("default-keys").status == "unreachable"
    assert "'admin'" in run.on("default-keys").message
    folder = bare_ansible.folder / "home" / ".ssh"
    folder.mkdir(mode=0o700)
    shutil.copy(lab.ssh["private_key_file"], folder / "id_ed25519")
    run = bare_ansible.adhoc("all", "ansible.builtin.raw", "-i", inventory, *VERSION)
    assert run.on("default-keys").status == "ok", run.output


def test_a_module_uses_the_same_log_in_method(lab, logins, bare_ansible):
    """Run the module over the jump host with keys for both, in check mode: it only reads."""
    inventory = bare_ansible.inventory(
        "hosts.yml", {"boxed": logins.to("key", **logins.key, **logins.jump_key)}, **logins.shared
    )
    task = {"name": "read", "emailsec.ctr.esa_cloud_service": {"state": "unregistered"}}
    run = bare_ansible.tasks([task], "-i", inventory, "--check", "-vvvv")
    assert run.on("boxed").values["cloud_service"]["hostname"] == "key.example.com"
    assert not run.on("boxed").changed
    assert [call["who"] for call in lab.calls() if call["kind"] == "jump"] == ["key.example.com"]
    assert lab.writes() == []
    assert not re.search(r"(?i)traceback", run.output)
    assert_no_secret(lab, run)
