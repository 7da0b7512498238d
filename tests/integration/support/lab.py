# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the lab as a separate process, and read what it recorded."""

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
    """A running lab. ``folder`` holds its inventory, known_hosts and CA certificate; ``pid`` is its process id."""

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
        """Ports and certificates of the services of appliances other than SSH, by name."""
        self._control = description["control"]
        # The lab is on this machine: no proxy.
        self._plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        self._tls = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )

    # State

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
        """Return whether the appliance, its SSE record and exactly one module instance agree."""
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
        """Return the lines that were typed on this appliance."""
        return [call["line"] for call in self.calls() if call["kind"] == "cli" and call["who"] == name]

    def secrets(self) -> dict[str, str]:
        """Return every secret that must not appear in any output, by its description."""
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
        """Return the variables of the group of appliances in the lab's inventory."""
        inventory = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))
        return inventory["all"]["children"]["appliances"]["vars"]

    def variables_of_all(self) -> dict[str, Any]:
        """Return the variables of all hosts in the lab's inventory, including the accounts of the regions."""
        return yaml.safe_load(self.inventory.read_text(encoding="utf-8"))["all"]["vars"]

    def contract(self) -> dict[str, Any]:
        """Return the number of checked requests and answers, and the violations of contracts."""
        return self._control_json("GET", "/contract")

    def assert_contracts_kept(self) -> None:
        """Assert that no exchange since the last reset broke a contract."""
        contract = self.contract()
        assert contract["violations"] == [], contract["violations"]
        write_counts(contract)

    # Changes

    def reset(self) -> None:
        self.assert_contracts_kept()
        with self._plain.open(f"{self._control}/reset", data=b"", timeout=30):
            pass

    def switch(self, **body: Any) -> None:
        """Break or repair an ``appliance`` or a ``region`` (or a ``module`` of it): set the switches in ``set``."""
        self._control_json("POST", "/switch", body)

    def add_messages(self, appliance: str, *messages: dict[str, Any]) -> list[int]:
        """Add these messages to the tracking of an appliance, and return their ids."""
        return self._control_json("POST", "/messages", {"appliance": appliance, "messages": list(messages)})["mids"]

    def fault(self, kind: str, **how: Any) -> dict[str, Any]:
        """Add a fault to the clouds. tests/lab/cloud/faults.py lists the kinds and their fields."""
        return self._control_json("POST", "/faults", {"kind": kind, **how})

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults, each with the number of requests that it passed and that it hit."""
        return self._control_json("GET", "/faults")

    def halt(self, at: int, when: str) -> None:
        """From the ``at``-th write of the lab from now on, hold everything: ``before`` or ``after`` it takes effect."""
        self._control_json("POST", "/halt", {"at": at, "when": when})

    def halt_before_answer(self, at: int, who: str) -> None:
        """From the ``at``-th answer of this region or appliance from now on, hold everything."""
        self._control_json("POST", "/halt", {"of": "answers", "at": at, "who": who})

    def is_halted(self) -> bool:
        return bool(self._control_json("GET", "/halt")["reached"])

    def hold_line(self, line: str, **where: Any) -> None:
        """Hold the next typed line that matches: on an ``appliance``, after ``skip`` others. Its commands wait for the release."""
        self._control_json("POST", "/lines", {"line": line, **where})

    def held_line(self) -> str | None:
        """Return the appliance on which a line is or was held."""
        found: str | None = self._control_json("GET", "/lines")["held"]
        return found

    def release_line(self) -> None:
        """Carry out the line that is held."""
        self._control_json("DELETE", "/lines")

    def release(self) -> None:
        """End the halt. The writes that were held never take effect."""
        self._control_json("DELETE", "/halt")

    def remove_faults(self) -> None:
        """Remove all faults, and end the requests that one of them holds."""
        self._control_json("DELETE", "/faults")

    def _control_json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._control}{path}", data=data, method=method)
        try:
            with self._plain.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def ask(self, region: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send a request to the API of this region as an administrator would, independently of the code under test."""
        account = self.regions[region]
        pair = f"{account['client_id']}:{account['client_password']}"
        basic = base64.b64encode(pair.encode()).decode()
        login = self._request(
            f"{account['api_url']}/iroh/oauth2/token", "POST", f"Basic {basic}", b"grant_type=client_credentials"
        )
        data = None if body is None else json.dumps(body).encode()
        return self._request(f"{account['api_url']}{path}", method, f"Bearer {login['access_token']}", data)

    def token(self, region: str, name: str) -> str:
        """Add a device with this name, and return its registration token."""
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
    """Yield a lab that serves this fleet: the path of a fleet file, or its content."""
    folder.mkdir(mode=0o700, parents=True)
    if isinstance(fleet, dict):
        content, fleet = fleet, folder / "fleet.yml"
        fleet.write_text(yaml.safe_dump(content), encoding="utf-8")
    with _running(["serve", "--fleet", str(fleet)], folder) as lab:
        yield lab


@contextlib.contextmanager
def replaying_lab(transcripts: Iterable[Path], folder: Path) -> Iterator[Lab]:
    """Yield a lab that replays these recorded sessions: one appliance per file, with the name of the file."""
    folder.mkdir(mode=0o700, parents=True)
    with _running(["replay", *map(str, transcripts)], folder) as lab:
        yield lab


@contextlib.contextmanager
def _running(arguments: list[str], folder: Path) -> Iterator[Lab]:
    """Start the process, wait until it prints that it is ready, and always stop it by its process id."""
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
