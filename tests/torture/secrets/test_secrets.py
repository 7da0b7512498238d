# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every situation that shows texts: no secret of the run, in any form, in output, files, arguments or environments."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab, running_lab
from tests.integration.support.processes import kill_when
from tests.integration.test_secrets import ACCESS_TOKEN, BEARER, MODULE, Watch
from tests.unit.plugins.module_utils.test_secrets import FORMS
from tests.webhook import KEY, PASSWORD

ODD = """p&"ä/+ %s<'"""
REGIONS = ("americas", "europe", "apjc")
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
    **{f"client {region}": f"client-{region}-{ODD}-client-{region}" for region in REGIONS},
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
TEXTS = [form(secret) for secret in ECHOED.values() for form in FORMS.values()]
LINES = [text for text in dict.fromkeys(TEXTS) if text.isprintable()]
REGISTERED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "secret": ODD},
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {"name": "a1.example.com", "region": "europe", "dialect": {"login_message": "\n".join(LINES)}},
        {"name": "a2.example.com", "region": "americas"},
        {"name": "a3.example.com", "region": "europe", "model": f"X100 {ECHOED['client americas']}"},
        {"name": "a4.example.com", "region": "europe", "initial": REGISTERED, "services": {"smtp_auth": "required"}},
        {"name": "a5.example.com", "region": "apjc", "hostname": "a5.example.com"},
        {
            "name": "a6.example.com",
            "region": "europe",
            "dialect": {"refusal": "unknown_screen", "lines_before_menu": [ECHOED["client apjc"], *LINES[:40]]},
        },
        {
            "name": "a7.example.com",
            "region": "europe",
            "dialect": {"refusal": "no_cli_rights", "login_message": "\n".join(LINES)},
        },
        {"name": "a8.example.com", "region": "europe", "initial": REGISTERED, "services": {"smtp_refuses": True}},
    ],
}
OWN = {"override.yml", "site.yml", "sse_devices.yml", "webhook.pem"}
LOUD = ("-vvvv", "--diff", "-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=5")
ECHOING_PATHS = (
    "/iroh/iroh-int/module-instance",
    "/iroh/iroh-int/module-type",
    "/iroh/iroh-sse/device",
    "/iroh/oauth2/token",
    "/iroh/iroh-enrich",
)


class Situations:
    """The runs in one folder, the lab, and all processes that were seen."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.ansible, self.watch, self.number = lab, Ansible(folder, lab), Watch(), 0
        accounts = copy.deepcopy(lab.variables_of_all()["esa_ctr_regions"])
        self.inventory = self.overridden(accounts)
        accounts["americas"]["client_password"] = ECHOED["wrong client"]
        self.accounts = accounts

    def overridden(self, accounts: Mapping[str, Any], hosts: Mapping[str, Any] | None = None, **shared: Any) -> str:
        known = {
            "a5.example.com": {"ansible_asyncos_private_key_passphrase": ECHOED["passphrase"]},
            "a7.example.com": {"esa_ctr_api_password": ECHOED["API"]},
            "a3.example.com": {"esa_ctr_smtp_password": ECHOED["another host"], "esa_ctr_smtp_username": "u"},
            "a2.example.com": {
                "token": "c0ffee" * 5 + "00",
                "esa_ctr_smtp_password": ECHOED["smtp"],
                "esa_ctr_smtp_username": "u",
            },
            "a6.example.com": {"ansible_asyncos_jump_password": ECHOED["jump"]},
            "a8.example.com": {"esa_ctr_registration_tokens": [ECHOED["portal token"]]},
        }
        merged = {host: {**known.get(host, {}), **(hosts or {}).get(host, {})} for host in {*known, *(hosts or {})}}
        notify = {
            "esa_ctr_notify_url": f"https://localhost:1/services/{KEY}?key={KEY}",
            "esa_ctr_notify_headers": {"Authorization": PASSWORD},
        }
        smtp = {"esa_ctr_smtp_starttls": "always", "esa_ctr_verify_timeout": 1, "esa_ctr_verify_interval": 0.2}
        wrong = {"esa_ctr_regions": accounts, **notify, **smtp, **shared}
        # All others are known to the run only if a host of the play has them.
        merged["a4.example.com"] = {
            **merged.get("a4.example.com", {}),
            "ansible_asyncos_jump_password": ECHOED["wrong jump"],
            "ansible_asyncos_jump_private_key_passphrase": ECHOED["wrong ssh"],
            "ansible_ssh_private_key_passphrase": ECHOED["wrong client"],
        }
        return self.ansible.inventory("override.yml", merged, **wrong)

    def environment(self) -> dict[str, str]:
        return {
            "ANSIBLE_LOG_PATH": str(self.ansible.folder / "ansible.log"),
            "ANSIBLE_CALLBACKS_ENABLED": "record_results,junit,tree",
            "ANSIBLE_CALLBACK_TREE_DIR": str(self.ansible.folder / "tree"),
            "JUNIT_OUTPUT_DIR": str(self.ansible.folder / "junit"),
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.ansible.folder / "cache"),
            "ANSIBLE_ASYNCOS_TRANSCRIPT": str(self.ansible.folder / "transcripts"),
        }

    def run(self, playbook: str, *arguments: str, **more: Any) -> Any:
        return self.ansible.playbook(
            playbook,
            *("-i", self.inventory, *LOUD, *arguments),
            **{"environment": self.environment(), "watch": self.watch, "seconds": 300, **more},
        )

    def echo(self, rng: Any, count: int, *regions: str) -> None:
        """Let the clouds repeat secrets in forms in their errors, and in names of devices and modules."""
        self.lab.reset()
        for region in regions:
            for place in rng.sample(LINES, count):
                more = {"error": place[:200], "error_description": place, "trace_id": place[:100]}
                for path in ECHOING_PATHS[:3]:
                    self.lab.fault("error", region=region, status=rng.choice((400, 404, 409)), path=path, **more)
        for place in [text for text in rng.sample(LINES, 30) if len(text) < 200]:
            self.lab.ask("europe", "POST", "/iroh/iroh-sse/device", {"name": place, "description": place})


@pytest.fixture(scope="module")
def lab_of_secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(FLEET, tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture
def situations(lab_of_secrets: Lab, tmp_path: Path) -> Situations:
    lab_of_secrets.reset()
    return Situations(lab_of_secrets, tmp_path / "ansible")


def assert_unseen(situations: Situations, tally: Any, others: Iterable[str] = ()) -> None:
    """Assert that no form of a secret is in an output, in a file, or in the arguments or environment of a process.

    ``others``: secrets that the runs did not know.
    """
    ansible = situations.ansible
    texts = {f"output {number}": output.encode() for number, output in enumerate(ansible.outputs, 1)}
    texts |= {
        str(path): path.read_bytes() for path in ansible.folder.rglob("*") if path.is_file() and path.name not in OWN
    }
    texts |= {f"process {number}": seen for number, seen in enumerate(situations.watch.seen)}
    texts = {name: text for name, text in texts.items() if not name.endswith("recording/key")}
    held = {**ECHOED, **situations.lab.secrets()}
    unknown = {ECHOED[name] for name in others}
    held = {what: secret for what, secret in held.items() if secret not in unknown}
    seen = []
    searched = 0
    for what, secret in held.items():
        forms = {name: form(secret).encode() for name, form in FORMS.items()}
        forms["UTF-16 in bytes"] = secret.encode("utf-16-le")
        for form, written in forms.items():
            searched += len(texts)
            seen += [
                f"{what}, {form}: {name}, {_around(text, written)}" for name, text in texts.items() if written in text
            ]
    for pattern in (ACCESS_TOKEN, BEARER):
        seen += [f"{pattern.pattern!r}: {name}" for name, text in texts.items() if pattern.search(text)]
    tally.cases(searched)
    assert seen == [], f"{len(seen)}\n" + "\n".join(seen[:40])


def _around(text: bytes, written: bytes) -> bytes:
    place = text.index(written)
    return text[max(0, place - 60) : place + len(written) + 20]


def test_runs_with_echoes_in_every_text(situations: Situations, rng: Any, tally: Any) -> None:
    """Check mode, diff, recording, transcripts, log, callbacks, fact cache, refusals, echoes by appliances and clouds."""
    record = ("-e", "esa_ctr_record=recording")
    for playbook, more in (
        ("emailsec.ctr.onboard", ["--check", *record]),
        ("emailsec.ctr.onboard", record),
        ("emailsec.ctr.drift_report", []),
        ("emailsec.ctr.diagnose", record),
        ("emailsec.ctr.probe", []),
        ("emailsec.ctr.verify", []),
        ("emailsec.ctr.remove", []),
    ):
        situations.echo(rng, 3, "americas", "apjc")
        run = situations.run(playbook, *more)
        assert run.results, run.output
        assert "Traceback" not in run.output
    assert not any(MODULE.search(seen) for seen in situations.watch.seen), "a module in a process of its own"
    tally.figure("files searched", sum(path.is_file() for path in situations.ansible.folder.rglob("*")))
    assert_unseen(situations, tally)


def test_failures_of_every_login(situations: Situations, rng: Any, tally: Any) -> None:
    """Wrong passwords of appliance, cloud, jump host and REST API, a refused webhook, and a killed run."""
    wrong = {
        "a1.example.com": {"ansible_password": ECHOED["wrong ssh"]},
        "a4.example.com": {
            "ansible_asyncos_jump_host": situations.lab.jump["host"],
            "ansible_asyncos_jump_port": situations.lab.jump["port"],
            "ansible_asyncos_jump_user": situations.lab.jump["user"],
            "ansible_asyncos_jump_password": ECHOED["wrong jump"],
        },
        "a8.example.com": {"esa_ctr_api_password": ECHOED["API"], "esa_ctr_smtp_password": ECHOED["smtp"]},
    }
    situations.inventory = situations.overridden(situations.accounts, wrong)
    for playbook in (
        "emailsec.ctr.onboard",
        "emailsec.ctr.verify",
        "emailsec.ctr.rollout",
        "emailsec.ctr.drift_report",
    ):
        situations.echo(rng, 2, "apjc")
        run = situations.run(playbook)
        assert "Traceback" not in run.output
    situations.lab.reset()
    situations.run("emailsec.ctr.onboard", watch=kill_when(lambda: bool(situations.lab.writes())))
    # The run has a wrong password in place of this password.
    assert_unseen(situations, tally, ["client americas"])


def test_modules_without_the_role(situations: Situations, rng: Any, tally: Any) -> None:
    """Each module in a playbook of its own, its registered result shown by debug, and a token file."""
    cloud = {
        name: f"{{{{ esa_ctr_regions.americas.{name} }}}}"
        for name in ("client_id", "client_password", "api_url", "ca_path")
    }
    cloud["region"] = "americas"
    tasks: list[dict[str, Any]] = []
    for module, options in {
        "sse_token": {**cloud, "devices": ["a2.example.com"]},
        "sse_device_facts": cloud,
        "sse_device": {**cloud, "name": "a9.example.com"},
        "ctr_module": {**cloud, "modules": [{"name": "a2", "device": "a2.example.com"}]},
        "ctr_investigation_info": {**cloud, "check_health": True},
    }.items():
        local = {
            "ansible_connection": "local",
            "ansible_pipelining": True,
            "ansible_python_interpreter": sys.executable,
        }
        task = {"name": module, f"emailsec.ctr.{module}": options, "register": "found", "ignore_errors": True}
        tasks.append({**task, "delegate_to": "localhost", "vars": local})
        tasks.append({"name": f"show {module}", "ansible.builtin.debug": {"var": "found"}})
    registered = {
        "state": "registered",
        "region": "americas",
        "registration_token": "{{ token }}",
        "wait_interval": 0.1,
    }
    tasks.append({"emailsec.ctr.esa_cloud_service": registered, "register": "found", "ignore_errors": True})
    tasks.append({"name": "show it", "ansible.builtin.debug": {"var": "found"}})
    tasks.append(
        {
            "emailsec.ctr.esa_cloud_service_info": {},
            "register": "found",
        }
    )
    tasks.append({"name": "show all", "ansible.builtin.debug": {"var": "found"}})
    situations.echo(rng, 2, "americas")
    play = [{"hosts": "a2.example.com", "gather_facts": False, "tasks": tasks}]
    run = situations.run(str(situations.ansible.write("site.yml", play)))
    assert run.results and "Traceback" not in run.output, run.output
    # Without the plan of the role, a task knows the variables of its own host.
    assert_unseen(situations, tally, OF_OTHER_HOSTS)


def test_the_inventory_plugin_and_its_cache(situations: Situations, rng: Any, tally: Any) -> None:
    situations.echo(rng, 0)
    accounts = situations.lab.variables_of_all()["esa_ctr_regions"]
    folder = situations.ansible.folder
    configuration = {"plugin": "emailsec.ctr.sse_devices", "regions": accounts, "cache": True}
    configuration |= {"cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "inventory-cache")}
    (folder / "sse_devices.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("ansible-inventory")),
        "--list",
        "-vvvv",
        "-i",
        str(folder / "sse_devices.yml"),
    ]
    for _time in ("read", "cached"):
        done = subprocess.run(
            command, env=situations.ansible.environment(), cwd=folder, capture_output=True, text=True, check=False
        )
        situations.ansible.outputs.append(done.stdout + done.stderr)
        assert "a4.example.com" in done.stdout, done.stderr
    clients = {name: secret for name, secret in ECHOED.items() if name.startswith("client")}
    seen = [name for name, secret in clients.items() if any(secret in text for text in situations.ansible.outputs)]
    tally.cases(len(clients))
    assert seen == []
