# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as a process of its own, and what it remembers."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.lab.contracts.watch import write_counts

ROOT = Path(__file__).resolve().parents[3]
FLEETS = ROOT / "tests" / "lab" / "fleets"
TOKEN = re.compile(r"[0-9a-f]{32}")

Call = dict[str, Any]


class Lab:
    """A running lab. ``folder`` holds its inventory, its known_hosts and the certificate of its authority; ``pid`` is
    its process."""

    def __init__(self, folder: Path, pid: int = 0) -> None:
        self.folder = folder
        self.inventory = folder / "inventory.yml"
        self.pid = pid
        description = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
        self.regions: dict[str, dict[str, str]] = description["regions"]
        self.ssh: dict[str, str] = description["ssh"]
        self.jump: dict[str, Any] = description["jump"]
        self.smtp: dict[str, str] = description["smtp"]
        self.services: dict[str, dict[str, Any]] = description["appliances"]
        """Ports and certificates of what appliances serve beside SSH, by name."""
        self._control = description["control"]
        # the lab is on this machine: no proxy
        self._plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        self._tls = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )

    # What it knows

    def state(self) -> dict[str, Any]:
        with self._plain.open(f"{self._control}/state", timeout=30) as answer:
            return json.load(answer)

    def appliance(self, name: str) -> dict[str, Any]:
        return self.state()["appliances"][name]

    def device(self, region: str, name: str) -> dict[str, Any] | None:
        found = [device for device in self.state()["regions"][region]["devices"] if device["name"] == name]
        assert len(found) < 2, found
        return found[0] if found else None

    def instances(self, region: str) -> list[dict[str, Any]]:
        return self.state()["regions"][region]["module_instances"]

    def is_onboarded(self, name: str, region: str) -> bool:
        """Whether appliance, SSE record and exactly one module instance agree."""
        appliance, device = self.appliance(name), self.device(region, name)
        instances = [instance for instance in self.instances(region) if instance["name"] == name]
        return bool(
            appliance["enabled"]
            and appliance["registered"]
            and appliance["region"] == region
            and device
            and device["status"] == "Registered"
            and len(instances) == 1
            and device["id"] in instances[0]["settings"].values()
        )

    def calls(self) -> list[Call]:
        with self._plain.open(f"{self._control}/calls", timeout=30) as answer:
            return json.load(answer)

    def writes(self) -> list[Call]:
        return writes(self.calls())

    def typed(self, name: str) -> list[str]:
        """The lines that were typed on this appliance."""
        return [call["line"] for call in self.calls() if call["kind"] == "cli" and call["who"] == name]

    def secrets(self) -> dict[str, str]:
        """Every secret that must not be seen anywhere, by what it is."""
        held = {
            "SSH password": self.ssh["password"],
            "passphrase": self.ssh["passphrase"],
            "password of the jump host": self.jump["password"],
            "password of SMTP": self.smtp["password"],
        }
        for region, account in self.regions.items():
            held[f"client password of {region}"] = account["client_password"]
            pair = f"{account['client_id']}:{account['client_password']}"
            held[f"credentials of {region}"] = base64.b64encode(pair.encode()).decode()
        tokens = [call["line"] for call in self.calls() if call["kind"] == "cli" and TOKEN.fullmatch(call["line"])]
        return {**held, **{f"registration token {number}": token for number, token in enumerate(tokens, 1)}}

    def variables(self) -> dict[str, Any]:
        """The variables that all appliances share in the lab's inventory."""
        inventory = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))
        return inventory["all"]["children"]["appliances"]["vars"]

    def variables_of_all(self) -> dict[str, Any]:
        """The variables that all hosts of the lab's inventory have, the accounts of the regions among them."""
        return yaml.safe_load(self.inventory.read_text(encoding="utf-8"))["all"]["vars"]

    def contract(self) -> dict[str, Any]:
        """How many requests and answers were held against the contracts, and which broke them."""
        return self._control_json("GET", "/contract")

    def assert_contracts_kept(self) -> None:
        """No exchange since the last reset broke a contract."""
        contract = self.contract()
        assert contract["violations"] == [], contract["violations"]
        write_counts(contract)

    # What tests do to it

    def reset(self) -> None:
        self.assert_contracts_kept()
        with self._plain.open(f"{self._control}/reset", data=b"", timeout=30):
            pass

    def switch(self, **body: Any) -> None:
        """Break or mend something: ``appliance`` or ``region`` (and ``module``), and what to ``set``."""
        self._control_json("POST", "/switch", body)

    def add_messages(self, appliance: str, *messages: dict[str, Any]) -> list[int]:
        """Let an appliance have tracked these messages; returns their ids."""
        return self._control_json("POST", "/messages", {"appliance": appliance, "messages": list(messages)})["mids"]

    def fault(self, kind: str, **how: Any) -> dict[str, Any]:
        """Let the clouds misbehave: which kinds there are, and what each takes, says tests/lab/cloud/faults.py."""
        return self._control_json("POST", "/faults", {"kind": kind, **how})

    def faults(self) -> list[dict[str, Any]]:
        """The faults asked for, each with how often it passed a request and how often it struck."""
        return self._control_json("GET", "/faults")

    def _control_json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._control}{path}", data=data, method=method)
        try:
            with self._plain.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def ask(self, region: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request to the API of this region, as an administrator makes it who is no part of the test's subject."""
        account = self.regions[region]
        pair = f"{account['client_id']}:{account['client_password']}"
        basic = base64.b64encode(pair.encode()).decode()
        login = self._request(
            f"{account['api_url']}/iroh/oauth2/token", "POST", f"Basic {basic}", b"grant_type=client_credentials"
        )
        data = None if body is None else json.dumps(body).encode()
        return self._request(f"{account['api_url']}{path}", method, f"Bearer {login['access_token']}", data)

    def token(self, region: str, name: str) -> str:
        """A registration token for a device of this name, which is added."""
        return self.ask(region, "POST", "/iroh/iroh-sse/device", {"name": name})["token"]

    def _request(self, url: str, method: str, authorization: str, data: bytes | None) -> Any:
        form = data is not None and data.startswith(b"grant_type")
        headers = {
            "Authorization": authorization,
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
        }
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        with self._tls.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


def writes(calls: Iterable[Call]) -> list[Call]:
    return [call for call in calls if call["write"]]


@contextlib.contextmanager
def running_lab(fleet: Path | dict[str, Any], folder: Path) -> Iterator[Lab]:
    """The lab that serves this fleet: the path of a fleet file, or its content."""
    folder.mkdir(mode=0o700, parents=True)
    if isinstance(fleet, dict):
        content, fleet = fleet, folder / "fleet.yml"
        fleet.write_text(yaml.safe_dump(content), encoding="utf-8")
    with _running(["serve", "--fleet", str(fleet)], folder) as lab:
        yield lab


@contextlib.contextmanager
def replaying_lab(transcripts: Iterable[Path], folder: Path) -> Iterator[Lab]:
    """The lab that repeats these recorded sessions, an appliance each, named like its file."""
    folder.mkdir(mode=0o700, parents=True)
    with _running(["replay", *map(str, transcripts)], folder) as lab:
        yield lab


@contextlib.contextmanager
def _running(arguments: list[str], folder: Path) -> Iterator[Lab]:
    """Start the real process, wait for its one line, and stop it by its process id whatever happens."""
    run_dir = folder / "run"
    command = [sys.executable, "-m", "tests.lab", *arguments, "--run-dir", str(run_dir)]
    with open(folder / "errors.txt", "w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line == "ready\n", (line, (folder / "errors.txt").read_text(encoding="utf-8"))
            lab = Lab(run_dir, process.pid)
            yield lab
            lab.assert_contracts_kept()
        finally:
            process.terminate()
            try:
                process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
