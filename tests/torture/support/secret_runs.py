# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Runs with many secrets, which the appliances and the clouds repeat in every form; and the search for them in all texts."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import Lab
from tests.integration.test_secrets import ACCESS_TOKEN, BEARER, Watch
from tests.torture.support.echo_server import JWT
from tests.unit.plugins.module_utils.test_secrets import FORMS
from tests.webhook import KEY, PASSWORD

ODD = """p&"ä/+ %s<'"""
REGIONS = ("americas", "europe", "apjc")
CLIENTS = {f"client {region}": f"client-{region}-{ODD}-client-{region}" for region in REGIONS}
ECHOED = {
    "ssh": f"ssh-{ODD}-ssh",
    "jump": f"jump-{ODD}-jump",
    "passphrase": f"passphrase-{ODD}-passphrase",
    "smtp": f"smtp-{ODD}-smtp".replace("ä", ""),
    "wrong ssh": f"wrong-{ODD}-ssh",
    "wrong client": f"wrong-{ODD}-client",
    "wrong jump": f"wrong-{ODD}-jump",
    "another host": f"other-{ODD}-host",
    "API": f"api-{ODD}-api",
    "portal token": "0123456789abcdef" * 2,
    "webhook": KEY,
    "header": PASSWORD,
    **CLIENTS,
}
"""All secrets of the run. The appliances and the clouds repeat each of them."""
OF_OTHER_HOSTS = (
    "jump",
    "passphrase",
    "wrong ssh",
    "wrong client",
    "wrong jump",
    "another host",
    "API",
    "portal token",
)
REFUSED_TOKEN = "c0ffee" * 5 + "00"


def lines_of(secrets: Iterable[str]) -> list[str]:
    """Return the forms of these secrets that can be in one line of text."""
    texts = [form(secret) for secret in secrets for form in FORMS.values()]
    return [text for text in dict.fromkeys(texts) if text.isprintable()]


LINES = lines_of(ECHOED.values())
JSON_WEB_TOKEN = re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")
MODULE_FILE = re.compile(r"/(?:AnsiballZ_\w+|async_wrapper)\.py$")
"""Written before the module gets an access token. A part of its code, in base64, can look like one."""
SYSLOG = Path(__file__).with_name("syslog")
SHORTEST = 12
"""Bytes of half a form that are surely not in other texts."""
OWN = {"override.yml", "site.yml", "sse_devices.yml"}
"""Files of the tests, in which a user writes secrets."""
LOUD = ("-vvvv", "--diff", "-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=5")
DEVICES, MODULES = "/iroh/iroh-sse/device", "/iroh/iroh-int/module-instance"
ECHOING_PATHS = (MODULES, "/iroh/iroh-int/module-type", DEVICES)


def faulty_answers(text: str, other: str) -> dict[str, dict[str, Any]]:
    """Return the answers of a cloud that repeat these texts, as faults of the lab, by the place of the texts."""
    headers = dict.fromkeys(("WWW-Authenticate", "Set-Cookie", "X-Trace-Id", "Server"), text)
    html, plain = {**headers, "Content-Type": "text/html"}, {**headers, "Content-Type": f"text/{text}"}
    return {
        "the words of an error": {
            "kind": "error",
            "status": 409,
            "error": text[:200],
            "error_description": other,
            "trace_id": text[:100],
        },
        "an error page": {"kind": "answer", "status": 400, "text": f"<html>{other} {text}</html>", "headers": html},
        "the media type": {"kind": "answer", "status": 404, "text": other, "headers": plain},
        "a redirect": {"kind": "answer", "status": 302, "headers": {**headers, "Location": f"https://{text}/{other}"}},
        "the reason": {"kind": "answer", "status": 400, "reason": text, "text": "{}", "headers": html},
        "the headers of a refused token": {"kind": "answer", "status": 401, "text": other, "headers": html, "count": 2},
        "the time to wait": {"kind": "answer", "status": 429, "text": other, "headers": {**html, "Retry-After": text}},
        "the names of fields": {
            "kind": "answer",
            "status": 200,
            "text": json.dumps([{text: 1}], ensure_ascii=False),
            "headers": html,
        },
    }


class Situations:
    """The runs in one folder, the lab, and all processes that were seen.

    ``hit``: the faulty answers that were given. ``without``: secrets that the runs do not know, which the clouds do not repeat.
    """

    def __init__(self, lab: Lab, folder: Path, without: Iterable[str] = ()) -> None:
        self._names = [
            text for text in lines_of(ECHOED[name] for name in ECHOED if name not in without) if len(text) < 200
        ]
        self.lab, self.ansible, self.watch = lab, Ansible(folder, lab), Watch()
        self.hit: set[str] = set()
        self._asked: dict[int, str] = {}
        self.accounts = copy.deepcopy(lab.variables_of_all()["esa_ctr_regions"])
        self.inventory = ""

    def write_inventory(self, hosts: Mapping[str, Mapping[str, Any]], **shared: Any) -> None:
        """Write the variables of the hosts, beside those that make every secret known to a run with all hosts."""
        smtp = {"esa_ctr_smtp_password": ECHOED["smtp"], "esa_ctr_smtp_username": "u"}
        known: dict[str, dict[str, Any]] = {
            "a2.example.com": {"token": REFUSED_TOKEN, **smtp},
            "a3.example.com": {"esa_ctr_smtp_password": ECHOED["another host"], "esa_ctr_smtp_username": "u"},
            "a4.example.com": {
                "ansible_asyncos_jump_password": ECHOED["wrong jump"],
                "ansible_asyncos_jump_private_key_passphrase": ECHOED["wrong ssh"],
                "ansible_ssh_private_key_passphrase": ECHOED["wrong client"],
            },
            "a5.example.com": {"ansible_asyncos_private_key_passphrase": ECHOED["passphrase"]},
            "a6.example.com": {"ansible_asyncos_jump_password": ECHOED["jump"]},
            "a7.example.com": {"esa_ctr_api_password": ECHOED["API"]},
            "a8.example.com": {"esa_ctr_registration_tokens": [ECHOED["portal token"]]},
        }
        merged = {host: {**known.get(host, {}), **hosts.get(host, {})} for host in {*known, *hosts}}
        always: dict[str, Any] = {
            "esa_ctr_regions": self.accounts,
            "esa_ctr_notify_url": f"https://localhost:1/services/{KEY}?key={KEY}",
            "esa_ctr_notify_headers": {"Authorization": PASSWORD},
            "esa_ctr_smtp_starttls": "always",
            "esa_ctr_verify_timeout": 1,
            "esa_ctr_verify_interval": 0.2,
        }
        self.inventory = self.ansible.inventory("override.yml", merged, **{**always, **shared})

    def environment(self, **more: str) -> dict[str, str]:
        folder = self.ansible.folder
        return {
            "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results,junit,tree",
            "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
            "JUNIT_OUTPUT_DIR": str(folder / "junit"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "cache"),
            "ANSIBLE_REMOTE_TMP": str(folder / "remote"),
            "ANSIBLE_ASYNC_DIR": str(folder / "async"),
            "ANSIBLE_ASYNCOS_TRANSCRIPT": str(folder / "transcripts"),
            "PYTHONPATH": str(SYSLOG),
            "SYSLOG_RECORD": str(folder / "syslog"),
            **more,
        }

    def run(
        self, playbook: str, *arguments: str, watch: Callable[[Any], None] | None = None, **environment: str
    ) -> Run:
        run = self.ansible.playbook(
            playbook,
            *("-i", self.inventory, *LOUD, *arguments),
            environment=self.environment(**environment),
            watch=watch or self.watch,
            seconds=300,
        )
        self.note_faults()
        return run

    def fill(self, rng: Any) -> None:
        """Name devices and modules of the cloud of Europe like secrets."""
        lab = self.lab
        lab.reset()
        self._asked.clear()
        (kind, device) = next(
            (one["module_type_id"], one["settings"]) for one in lab.instances("europe") if one["settings"]
        )
        for name in rng.sample(self._names, 25):
            lab.ask("europe", "POST", DEVICES, {"name": name, "description": name})
            instance = {"name": name, "module_type_id": kind, "visibility": "org", "settings": device}
            lab.ask("europe", "POST", MODULES, instance)

    def fault(self, rng: Any, place: str, **where: Any) -> None:
        """Let a cloud repeat two texts at this place of its next answer."""
        fault = faulty_answers(*rng.sample(self._names, 2))[place]
        self.lab.fault(**{**fault, **where})
        self._asked[self.lab.faults()[-1]["number"]] = place

    def note_faults(self) -> None:
        self.hit |= {
            self._asked[one["number"]] for one in self.lab.faults() if one["done"] and one["number"] in self._asked
        }


class Texts:
    """Everything that the runs wrote, by its place: outputs, files, and the arguments and environments of processes."""

    def __init__(self, situations: Situations) -> None:
        ansible = situations.ansible
        self.hit = situations.hit
        self.by_place = {f"output {number}": text.encode() for number, text in enumerate(ansible.outputs, 1)}
        self.by_place |= {
            str(path.relative_to(ansible.folder)): path.read_bytes()
            for path in ansible.folder.rglob("*")
            if path.is_file() and path.name not in OWN and not str(path).endswith("recording/key")
        }
        self.by_place |= {f"process {number}": seen for number, seen in enumerate(situations.watch.seen)}
        self._secrets = {**ECHOED, **situations.lab.secrets(), "JWT": JWT}
        self.searched = 0

    def found(self, without: Iterable[str] = (), also: Mapping[str, str] | None = None) -> dict[str, set[str]]:
        """Return the secrets that a text has in any form, by the place of the text.

        ``without``: secrets that the runs did not know. ``also``: more secrets.
        """
        unknown = {ECHOED[name] for name in without}
        seen: dict[str, set[str]] = {}
        for what, secret in {**self._secrets, **(also or {})}.items():
            if secret in unknown:
                continue
            forms = {name: form(secret).encode() for name, form in FORMS.items()}
            forms["UTF-16 in bytes"] = secret.encode("utf-16-le")
            halves = {
                f"the beginning of {name}": written[: len(written) // 2]
                for name, written in forms.items()
                if len(written) >= 2 * SHORTEST
            }
            for form, written in {**forms, **halves}.items():
                self.searched += len(self.by_place)
                for place in [place for place, text in self.by_place.items() if written in text]:
                    seen.setdefault(place, set()).add(f"{what}, {form}")
        for what, pattern in {"access token": ACCESS_TOKEN, "bearer": BEARER, "JWT": JSON_WEB_TOKEN}.items():
            for place in [place for place, text in self.by_place.items() if pattern.search(text)]:
                if what != "access token" or not MODULE_FILE.search(place):
                    seen.setdefault(place, set()).add(what)
        return seen

    def shows(self, pattern: str, place: str) -> bool:
        """Return whether a text of these places has a match."""
        return any(re.search(pattern.encode(), text, re.M) for name, text in self.by_place.items() if place in name)


Proof = Callable[[Texts], bool]
"""Whether a situation really was there."""


def shown(pattern: str, place: str) -> Proof:
    return lambda texts: texts.shows(pattern, place)


def given(answer: str, pattern: str = "", place: str = "") -> Proof:
    """A cloud gave this faulty answer, and the mask of its text was shown."""
    return lambda texts: answer in texts.hit and (not pattern or texts.shows(pattern, place))
