# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the run directory: a complete inventory, and the files that it refers to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from tests.lab import jump
from tests.lab.appliance import smtp
from tests.lab.appliance.ssh_server import USER
from tests.lab.lab import Lab
from tests.lab.regions import SERVERS


def write_run_dir(lab: Lab, run_dir: Path) -> None:
    """Write known_hosts, ca.pem, keys, inventory.yml and lab.json; files with secrets are readable only by the owner."""
    run_dir = run_dir.absolute()
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    known_hosts = "".join(server.known_hosts_line() + "\n" for server in [*lab.appliances.values(), lab.jump])
    _write(run_dir / "known_hosts", known_hosts, 0o644)
    _write(run_dir / "ca.pem", lab.ca_pem.decode(), 0o644)
    if any(spec.services.certificate == "self_signed" for spec in lab.fleet.appliances):
        _write(run_dir / "self_signed.pem", lab.certificates.self_signed_pem.decode(), 0o644)
    for name, (private, public) in lab.client_keys.files().items():
        _write(run_dir / name, private, 0o600)
        _write(run_dir / f"{name}.pub", public, 0o644)
    inventory = yaml.safe_dump(inventory_of(lab, run_dir), sort_keys=False, default_flow_style=False)
    _write(run_dir / "inventory.yml", inventory, 0o600)
    _write(run_dir / "lab.json", json.dumps(description_of(lab, run_dir), indent=2) + "\n", 0o600)


def description_of(lab: Lab, run_dir: Path) -> dict[str, Any]:
    """Return the content of lab.json."""
    return {
        "control": lab.control.url,
        "ssh": {
            "user": USER,
            "password": lab.password,
            "private_key_file": str(run_dir / "id_ed25519"),
            "encrypted_private_key_file": str(run_dir / "id_encrypted"),
            "passphrase": lab.client_keys.passphrase,
        },
        "jump": {
            "host": jump.HOST,
            "port": lab.jump.port,
            "user": jump.USER,
            "password": lab.jump.password,
            "private_key_file": str(run_dir / "id_jump"),
        },
        "smtp": {"user": smtp.USER, "password": lab.smtp_password},
        "appliances": {
            name: _services_of(lab, name, run_dir) for name in lab.appliances if name in lab.apis or name in lab.smtp
        },
        "regions": {
            region: {
                "api_url": cloud.api_url,
                "client_id": cloud.store.client_id,
                "client_password": cloud.store.client_password,
            }
            for region, cloud in lab.clouds.items()
        },
    }


def inventory_of(lab: Lab, run_dir: Path) -> dict[str, Any]:
    """Return the content of inventory.yml."""
    hosts: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    for name, server in lab.appliances.items():
        spec = server.appliance.spec
        hosts[name] = {"ansible_host": "127.0.0.1", "ansible_port": server.port}
        if name in lab.apis or name in lab.smtp:
            hosts[name] |= {f"esa_ctr_{key}": value for key, value in _services_of(lab, name, run_dir).items()}
        if name in lab.smtp and spec.services.smtp_auth != "none":
            hosts[name] |= {"esa_ctr_smtp_username": smtp.USER, "esa_ctr_smtp_password": lab.smtp_password}
        if spec.managed_by:
            hosts[name]["esa_ctr_managed_by_sma"] = spec.managed_by
        groups.setdefault(spec.product.lower(), {"hosts": {}})["hosts"][name] = {}
        if spec.region in SERVERS:
            region = lab.fleet.world.region_name(spec.region)
            group = {"vars": {"esa_ctr_region": region}, "hosts": {}}
            groups.setdefault(f"region_{region}", group)["hosts"][name] = {}
        elif spec.region is not None:
            hosts[name]["esa_ctr_region"] = spec.region
    regions = {
        lab.fleet.world.region_name(region): {
            "client_id": cloud.store.client_id,
            "client_password": cloud.store.client_password,
            "api_url": cloud.api_url,
            "ca_path": str(run_dir / "ca.pem"),
        }
        for region, cloud in lab.clouds.items()
    }
    return {
        "all": {
            "vars": {"esa_ctr_regions": regions, "esa_ctr_wait_timeout": 60, "esa_ctr_wait_interval": 0.5},
            "children": {
                "appliances": {
                    "vars": {
                        "ansible_connection": "emailsec.ctr.asyncos",
                        "ansible_user": USER,
                        "ansible_password": lab.password,
                        "ansible_asyncos_known_hosts": str(run_dir / "known_hosts"),
                    },
                    "hosts": hosts,
                    "children": groups,
                }
            },
        }
    }


def _services_of(lab: Lab, name: str, run_dir: Path) -> dict[str, Any]:
    """Return the ports of this appliance's services other than SSH, and the CA of its certificate."""
    own = lab.appliances[name].appliance.spec.services.certificate == "self_signed"
    ca_path = str(run_dir / ("self_signed.pem" if own else "ca.pem"))
    found: dict[str, Any] = {}
    if name in lab.apis:
        found |= {"api_port": lab.apis[name].port, "api_ca_path": ca_path}
    if name in lab.smtp:
        found |= {"smtp_port": lab.smtp[name].port, "smtp_ca_path": ca_path}
    return found


def _write(path: Path, text: str, mode: int) -> None:
    """Write a new file with this mode, even if an existing file has another mode."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
