# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of host keys: one warning per unreadable line and run, and an error for an unreadable file."""

from __future__ import annotations

import re

import pytest

FLEET = {"appliances": [{"name": f"esa{number}.example.com"} for number in range(1, 5)]}
NAMES = [one["name"] for one in FLEET["appliances"]]
LINES = (1, 3)
MANY = {"name": "many", "run_once": True, "emailsec.ctr.esa_cloud_service_info": {"hosts": "{{ groups.all }}"}}
RAW = {"name": "raw", "ansible.builtin.raw": "version"}


@pytest.fixture
def hosts(lab, bare_ansible):
    """Return all appliances, with a file of host keys that has two unreadable lines."""

    def inventory(**more):
        known = (lab.folder / "known_hosts").read_bytes()
        file = bare_ansible.folder / "known"
        file.write_bytes(b"@trusted esa1 x\n# comment\n\xff\xfebroken\n" + known)
        shared = {**lab.variables(), "ansible_asyncos_known_hosts": str(file), **more}
        address = {name: {"ansible_host": "127.0.0.1", "ansible_port": lab.appliance(name)["port"]} for name in NAMES}
        return file, bare_ansible.inventory("hosts.yml", address, **shared)

    return inventory


def warned(run, file) -> list[int]:
    """Return the number of every line in a warning, once per warning."""
    text = re.sub(r"\s+", "", run.output)  # Ansible breaks lines within words, too
    return sorted(int(line) for line in re.findall(rf"{re.escape(str(file))},line(\d+):thelineisskipped", text))


@pytest.mark.parametrize("task", [RAW, MANY], ids=["raw", "fleet reader"])
def test_each_unreadable_line_gives_one_warning_and_the_others_are_used(bare_ansible, hosts, task):
    file, inventory = hosts()
    run = bare_ansible.tasks([task], "-i", inventory, "--forks", "4")
    assert run.rc == 0, run.output
    assert warned(run, file) == list(LINES), run.output
    for result in run.results:
        rows = result.values.get("appliances", [])
        assert [row["host"] for row in rows if row["msg"]] == []


@pytest.mark.parametrize("task", [RAW, MANY], ids=["raw", "fleet reader"])
def test_an_unreadable_file_is_named_and_the_host_is_unreachable(bare_ansible, hosts, task):
    folder = bare_ansible.folder / "home"
    _file, inventory = hosts(ansible_asyncos_known_hosts=str(folder))
    run = bare_ansible.tasks([task], "-i", inventory, "--forks", "4")
    said = f"the host keys in {folder} cannot be read"
    for result in run.results:
        problems = [row["problem"] for row in result.values["appliances"]] if task is MANY else [result.message]
        assert result.status == ("ok" if task is MANY else "unreachable")
        assert all(said in problem for problem in problems), problems
    assert "Traceback" not in run.output


def test_no_warning_if_host_keys_are_not_checked(bare_ansible, hosts):
    file, inventory = hosts(ansible_host_key_checking=False)
    run = bare_ansible.tasks([RAW, MANY], "-i", inventory)
    assert run.rc == 0 and warned(run, file) == []
