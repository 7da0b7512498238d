# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories of docs/examples, with addresses and secrets of the lab: the report, the onboarding, and an unchanged rerun."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support.ansible import Ansible
from tests.integration.support.drift_report import report_of
from tests.integration.support.lab import ROOT, Lab, running_lab, writes

EXAMPLES = ROOT / "docs" / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
LIMITS = {"cluster-and-sma": ["--limit", "!managed"]}
VAULT = Path("group_vars", "appliances", "vault.yml")
PASSWORD = "example"
QUICK = {"esa_ctr_wait_interval": 0.2, "esa_ctr_wait_timeout": 30}


def command(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def inventory_of(folder: Path) -> Path:
    (path,) = folder.glob("inventory.*")
    return path


def listed(folder: Path, password_file: Path) -> dict[str, Any]:
    """Return what ansible-inventory reads from an example."""
    arguments = ["-i", str(inventory_of(folder)), "--vault-password-file", str(password_file), "--list"]
    done = subprocess.run([command("ansible-inventory"), *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def fleet_of(inventory: dict[str, Any]) -> dict[str, Any]:
    """Return the fleet file for the hosts of an example."""
    hosts = inventory["_meta"]["hostvars"]
    appliances = [
        {
            "name": host,
            "region": variables["esa_ctr_region"],
            "product": "SMA" if host.startswith("sma") else "ESA",
            **({"managed_by": sma} if (sma := variables.get("esa_ctr_managed_by_sma")) else {}),
        }
        for host, variables in hosts.items()
    ]
    cluster = inventory.get("cluster", {}).get("hosts", [])
    clusters = [{"name": "Cluster", "members": cluster, "login_level": "cluster"}] if cluster else []
    settings = {"registration_seconds": 0.2, "busy_seconds": 0.05}
    return {"settings": settings, "appliances": appliances, "clusters": clusters}


def secrets_of(lab: Lab, keys: list[str]) -> dict[str, str]:
    """Return the secrets of the lab under the names of the vault of an example."""
    known = {
        "vault_appliance_password": lab.ssh["password"],
        "vault_jump_password": lab.jump["password"],
        "vault_notify_url": "https://127.0.0.1:9/",
        **{f"vault_ctr_{region}": account["client_password"] for region, account in lab.regions.items()},
    }
    return {key: known[key] for key in keys}


def addresses_of(lab: Lab, hosts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the variables of each host that only the lab knows: its address, and where its host keys are."""
    found = {}
    for host, variables in hosts.items():
        found[host] = {
            "ansible_host": "127.0.0.1",
            "ansible_port": lab.appliance(host)["port"],
            "ansible_asyncos_known_hosts": str(lab.folder / "known_hosts"),
            # A time of the day must not decide whether a test passes.
            "esa_ctr_window": "00:00-24:00 UTC",
        }
        if variables.get("ansible_asyncos_jump_host"):
            found[host] |= {
                "ansible_asyncos_jump_host": lab.jump["host"],
                "ansible_asyncos_jump_port": lab.jump["port"],
            }
    return {"all": {"hosts": found}}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_works(name, tmp_path):
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder)
    password_file = tmp_path / "password"
    password_file.write_text(PASSWORD)
    inventory = listed(folder, password_file)
    hosts = inventory["_meta"]["hostvars"]
    with running_lab(fleet_of(inventory), tmp_path / "lab") as lab:
        vault = folder / VAULT
        decrypt = [command("ansible-vault"), "decrypt", "--vault-password-file", str(password_file), str(vault)]
        subprocess.run(decrypt, check=True, capture_output=True)
        vault.write_text(yaml.safe_dump(secrets_of(lab, list(yaml.safe_load(vault.read_text())))))
        subprocess.run([*decrypt[:1], "encrypt", *decrypt[2:]], check=True, capture_output=True)
        ansible = Ansible(tmp_path / "ansible")
        addresses = ansible.write("addresses.yml", addresses_of(lab, hosts))
        regions = next(iter(hosts.values()))["esa_ctr_regions"]
        accounts = {
            # The password stays the expression of the example.
            region: {
                **account,
                "api_url": lab.regions[region]["api_url"],
                "client_id": lab.regions[region]["client_id"],
            }
            for region, account in regions.items()
        }
        for account in accounts.values():
            account["ca_path"] = str(lab.folder / "ca.pem")
        more = ansible.write("more.yml", {"esa_ctr_regions": accounts, **QUICK})

        def run(playbook: str) -> Any:
            arguments = ["-i", str(inventory_of(folder)), "-i", str(addresses), "-e", f"@{more}"]
            arguments += ["--vault-password-file", str(password_file), *LIMITS.get(name, [])]
            return ansible.playbook(f"emailsec.ctr.{playbook}", *arguments)

        wanted = {host: one["esa_ctr_region"] for host, one in hosts.items() if not one.get("esa_ctr_managed_by_sma")}
        report = run("drift_report")
        assert (report.rc, "[WARNING]" in report.output) == (0, False), report.output
        assert {row["host"] for row in report_of(ansible)["appliances"]} == set(wanted)
        first = run("rollout" if name == "three-regions" else "onboard")
        assert first.rc == 0, first.output
        assert [host for host, region in wanted.items() if not lab.is_onboarded(host, region)] == []
        seen = len(lab.calls())
        again = run("onboard")
        assert (again.rc, writes(lab.calls()[seen:])) == (0, []), again.output
        assert run("drift_report").rc == 0
        assert report_of(ansible)["verdict"] == "ok", report_of(ansible)


def test_every_example_is_in_the_list() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"[{name}]({name}/" not in text] == []
