# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Every situation that shows texts: no secret of the run, in any form, in output, files, arguments or environments.

A test is one or a few runs with many situations. ``SITUATIONS`` names them, and proves that each was really there.
"""

from __future__ import annotations

import asyncio
import json
import logging
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import MASK, forget
from tests.integration.support.lab import ROOT, Lab, running_lab
from tests.integration.support.processes import kill_when
from tests.integration.test_secrets import MODULE
from tests.torture.support.echo_server import echoing
from tests.torture.support.secret_runs import (
    CLIENTS,
    DEVICES,
    ECHOED,
    ECHOING_PATHS,
    LINES,
    ODD,
    OF_OTHER_HOSTS,
    Proof,
    Situations,
    Texts,
    faulty_answers,
    given,
    shown,
)
from tests.unit.plugins.module_utils.mail.listeners import GREETING, played
from tests.webhook import KEY

REGISTERED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1, "secret": ODD},
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {
            "name": "a1.example.com",
            "region": "europe",
            "dialect": {"login_message": "\n".join(LINES), "banner": "\n".join(LINES[:40])},
        },
        {"name": "a2.example.com", "region": "americas"},
        {"name": "a3.example.com", "region": "europe", "model": f"X100 {ECHOED['client americas']}"},
        {"name": "a4.example.com", "region": "europe", "initial": REGISTERED},
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
        {"name": "a8.example.com", "region": "europe", "initial": REGISTERED},
    ],
}
STARS = r"\*{8}"
REDIRECT = rf"redirects to another host(, {STARS})?;"
DEBUG = r"^ *\d+ \d+\.\d+: "
SITUATIONS: dict[str, dict[str, Proof]] = {
    "echoes": {
        "check mode": shown("^check mode wrote nothing$", "facts"),
        "diff": shown(r"^\+\+\+ after", "output"),
        "the highest verbosity": shown("ESTABLISH ASYNCOS CONNECTION", "output"),
        "recorded dialogues": shown(STARS, "recording/dialogue/"),
        "recorded requests": shown(STARS, "recording/cloud/"),
        "transcripts": shown(STARS, "transcripts/a3."),
        "log file": shown(STARS, "ansible.log"),
        "default callback": shown("^PLAY RECAP", "output 1"),
        "callback junit": shown("<testcase", "junit/onboard"),
        "callback tree": shown(STARS, "tree/"),
        "callback json": shown(r'^\{"results": \[\{', "output"),
        "callback minimal": shown(r"^a\d.example.com \| (SUCCESS|CHANGED) => \{$", "output"),
        "callback oneline": shown(r"^a\d.example.com \| (SUCCESS|CHANGED) => \{.*\}$", "output"),
        "results as YAML": shown("^  +msg: ", "output"),
        "every result as JSON": shown('"kind": "result"', "record-1.jsonl"),
        "arguments of tasks in the headings": shown(r"^TASK \[.*\bstate=", "output"),
        "fact cache": shown(".", "cache/"),
        "drift report as JSON": shown(STARS, "esa-ctr-report/drift.json"),
        "drift report as HTML": shown(STARS, "esa-ctr-report/drift.html"),
        "drift report as CSV, Markdown, JUnit, Prometheus": lambda texts: all(
            texts.shows(".", f"esa-ctr-report/drift.{name}") for name in ("csv", "md", "junit.xml", "prom")
        ),
        "history of the reports": shown(".", "esa-ctr-report/history/"),
        "diagnosis": shown('"code"', "esa-ctr-report/diagnosis.json"),
        "probe": shown(rf"X100 {STARS}", "esa-ctr-probe/probe.json"),
        "verification": shown('"rows"', "esa-ctr-report/verification.json"),
        "removal": shown("changed: .a4.example.com", "output"),
        "log-in text of an appliance": shown(STARS, "transcripts/a1."),
        "log-in text in a refusal": shown(f"no rights on the command line.*last output was: '{STARS}", "output"),
        "unknown screen": shown("unexpected output at the step", "output"),
        "model of an appliance": shown(f"X100 {STARS}", "esa-ctr-report/drift.json"),
        "names in the cloud": shown(rf"{STARS} \([0-9a-f]{{8}}-", "esa-ctr-report/drift.json"),
        "words of an error of the cloud": given("the words of an error", f"answered 409: {STARS}: {STARS}", "output"),
        "error page of the cloud": given("an error page", f"beginning with .<html>{STARS} {STARS}</html>", "output"),
        "media type of the cloud": given("the media type", f"the answer is text/{STARS}", "output"),
        "redirect of the cloud": given("a redirect", REDIRECT, "output"),
        "reason of the cloud": given("the reason", "answered 400", "output"),
        "WWW-Authenticate and Set-Cookie of the cloud": given(
            "the headers of a refused token", f"answered 401: .*{STARS}", "output"
        ),
        "Retry-After of the cloud": given("the time to wait", f'"Retry-After": "{STARS}"', "recording/cloud/"),
        "names of fields of the cloud": given("the names of fields", f"fields in the answer: {STARS}", "output"),
        "REST API that repeats secrets": shown("^the REST API was searched$", "facts"),
        "words of the REST API": shown(f"answered 400: {STARS}", "esa-ctr-report/"),
        "SMTP listener that repeats secrets": shown(f"550 .*{STARS}", "esa-ctr-report/verification.json"),
        "webhook that repeats secrets": shown("^the webhook refused$", "facts"),
        "warning of the webhook": shown("notification was not accepted: HTTP status 403", "output"),
        "process list": shown(r"ansible-playbook\0", "process"),
        "environments": shown("RECORD_RESULTS=", "process"),
        "no module in a process of its own": lambda texts: (
            not any(MODULE.search(text) for name, text in texts.by_place.items() if name.startswith("process"))
        ),
    },
    "log-ins": {
        "wrong SSH password": shown("a1.example.com.*may not log in: the log-in was refused", "output 1"),
        "wrong password of the API client": shown("a2.example.com: .*answered 401", "output 1"),
        "wrong password of the jump host": shown("a4.example.com.*jump host.*may not log in", "output 1"),
        "wrong passphrase of a key": shown("a5.example.com.*the private key .*cannot be used", "output 1"),
        "wrong password of the REST API": shown("a8.example.com: .*log-in was answered 401", "output"),
        "wrong password of SMTP": shown("a2.example.com: .*step AUTH: 535", "output"),
        "rollout": shown("Roll out|rollout", "output 3"),
        "killed run": shown("^the run was killed$", "facts"),
    },
    "modules": {
        "results of modules shown by debug": shown('"found": {', "output"),
        "sse_token": shown("registration tokens issued", "output"),
        "file with tokens": shown("^the token is in the file$", "facts"),
        "refused token": shown("a2.example.com.*invalid or expired", "output"),
        "syslog of the asynchronous module": shown("^Invoked with .*client_password=NOT_LOGGING_PARAMETER", "syslog"),
        "asynchronous module": shown("^ASYNC (OK|FAILED) on a2.example.com", "output"),
        "raw command": shown("show raw", "output"),
        "words of an error": given("the words of an error", f"answered 409: {STARS}: {STARS}", "output"),
        "media type": given("the media type", f"the answer is text/{STARS}", "output"),
        "redirect": given("a redirect", REDIRECT, "output"),
        "names of fields": given("the names of fields", f"fields in the answer: {STARS}", "output"),
    },
    "debugging": {
        "ANSIBLE_KEEP_REMOTE_FILES and ANSIBLE_DEBUG with the role": shown("^the role kept nothing$", "facts"),
        "ANSIBLE_KEEP_REMOTE_FILES and ANSIBLE_DEBUG with local tasks": shown("^local tasks kept nothing$", "facts"),
        "ANSIBLE_KEEP_REMOTE_FILES with a process": shown("^files were kept$", "facts"),
        "ANSIBLE_DEBUG with a process": shown("^debugged$", "facts"),
    },
    "inventory": {
        "inventory plugin": shown("a4.example.com", "output 1"),
        "its cache": shown("a4.example.com", "inventory-cache/"),
        "names in the inventory": shown(STARS, "inventory-cache/"),
        "refused reading": shown(f"answered 409: {STARS}", "output 3"),
    },
    "events": {
        "events": shown(f'"device": .*{STARS}', "events"),
        "state file": shown(f'"name": "{STARS}"', "state.json"),
        "log of the event source": shown("first reading", "log"),
        "refused readings in the log": shown(f"answered 409: {STARS}.*{REDIRECT}", "log"),
        "wrong option": shown("is not a map. Fix: ", "exceptions"),
    },
}


@pytest.fixture(scope="module")
def lab_of_secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(FLEET, tmp_path_factory.mktemp("lab") / "lab") as lab:
        yield lab


@pytest.fixture
def situations(request: pytest.FixtureRequest, lab_of_secrets: Lab, tmp_path: Path) -> Situations:
    lab_of_secrets.reset()
    return Situations(lab_of_secrets, tmp_path / "ansible", getattr(request, "param", ()))


def without(secrets: Iterable[str]) -> pytest.MarkDecorator:
    """Let the clouds repeat only what the runs can know."""
    return pytest.mark.parametrize("situations", [list(secrets)], indirect=True, ids=["own secrets"])


OTHERS = [name for name in ECHOED if name not in CLIENTS]
"""What a program knows that gets only the accounts of the regions."""


def assert_happened(name: str, texts: Texts, facts: Mapping[str, bool], tally: Any) -> None:
    """Assert that each situation of these runs was there. ``facts``: what a text does not prove."""
    texts.by_place["facts"] = "\n".join(fact for fact, true in facts.items() if true).encode()
    tally.figure(f"situations of {name}", len(SITUATIONS[name]))
    missing = [situation for situation, proof in SITUATIONS[name].items() if not proof(texts)]
    assert not missing, ", ".join(missing)


def assert_unseen(texts: Texts, tally: Any, without: Iterable[str] = (), also: Mapping[str, str] | None = None) -> None:
    """Assert that no form of a secret is anywhere. ``without``: secrets that the runs did not know."""
    found = texts.found(without, also)
    tally.cases(texts.searched)
    assert found == {}, "\n".join(f"{place}: {sorted(what)}" for place, what in list(found.items())[:20])


def test_there_are_at_least_24_situations(tally: Any) -> None:
    number = sum(map(len, SITUATIONS.values()))
    tally.figure("situations", number)
    assert number >= 24


def test_runs_with_echoes_in_every_text(situations: Situations, rng: Any, tally: Any, tmp_path: Path) -> None:
    """The playbooks of the role, with every kind of file and callback, and echoes by appliances and services."""
    record = ("-e", "esa_ctr_record=recording")
    query = ("-e", 'esa_ctr_diagnose_query=email_subject:"Invoice"')
    yaml_results = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}
    runs: list[tuple[str, list[str], dict[str, str]]] = [
        ("onboard", ["--check", *record], {}),
        ("onboard", [*record], yaml_results),
        ("drift_report", [], {"ANSIBLE_STDOUT_CALLBACK": "json"}),
        ("diagnose", [*record, *query], {"ANSIBLE_STDOUT_CALLBACK": "minimal"}),
        ("probe", [], {"ANSIBLE_STDOUT_CALLBACK": "oneline"}),
        ("verify", [], {}),
        ("remove", [*record], {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true"}),
        ("drift_report", [], {}),
    ]
    answers = list(faulty_answers("", ""))
    facts = {}
    texts = [*rng.sample(LINES, 6), *CLIENTS.values()]
    refusals = [f"550 {ECHOED['smtp']} and {' '.join(rng.sample(LINES, 3))}"] * 9
    with (
        echoing(texts, 403, tmp_path) as (webhook, webhook_ca),
        echoing(texts, 400, tmp_path) as (api, api_ca),
        played(GREETING, "250 esa1.example.com", *refusals) as (smtp, _told),
    ):
        hosts = {
            "a4.example.com": {"esa_ctr_api_port": api.server_port, "esa_ctr_api_ca_path": api_ca},
            "a8.example.com": {"esa_ctr_smtp_port": smtp, "esa_ctr_smtp_starttls": "never"},
        }
        notify = {
            "esa_ctr_notify_url": f"https://localhost:{webhook.server_port}/services/{KEY}?key={KEY}",
            "esa_ctr_notify_ca_path": webhook_ca,
        }
        situations.accounts["americas"]["client_password"] = ECHOED["client americas"]
        situations.write_inventory(hosts, **notify)
        for number, (playbook, more, environment) in enumerate(runs):
            if number < len(runs) - 1:  # the last report compares with what the removal left
                situations.fill(rng)
            for region, answer in zip(("americas", "apjc"), (answers * 3)[2 * number :], strict=False):
                situations.fault(rng, answer, region=region, path=DEVICES)
            before = len(situations.lab.writes())
            run = situations.run(f"emailsec.ctr.{playbook}", *more, **environment)
            assert run.results and "Traceback" not in run.output, run.output
            if "--check" in more:
                facts["check mode wrote nothing"] = len(situations.lab.writes()) == before
    facts["the REST API was searched"] = any("/messages" in request for request in api.got)
    facts["the webhook refused"] = any(KEY in request for request in webhook.got)
    written = Texts(situations)
    tally.figure("files searched", len(written.by_place))
    assert_happened("echoes", written, facts, tally)
    assert_unseen(written, tally)


def test_failures_of_every_login(situations: Situations, rng: Any, tally: Any) -> None:
    lab = situations.lab
    wrong = {
        "a1.example.com": {"ansible_password": ECHOED["wrong ssh"]},
        "a4.example.com": {
            "ansible_asyncos_jump_host": lab.jump["host"],
            "ansible_asyncos_jump_port": lab.jump["port"],
            "ansible_asyncos_jump_user": lab.jump["user"],
            "ansible_asyncos_jump_password": ECHOED["wrong jump"],
        },
        "a5.example.com": {
            "ansible_private_key_file": lab.ssh["encrypted_private_key_file"],
            "ansible_asyncos_private_key_passphrase": ECHOED["wrong ssh"],
        },
        "a6.example.com": {"ansible_ssh_private_key_passphrase": ECHOED["passphrase"]},
        "a8.example.com": {"esa_ctr_api_password": ECHOED["API"]},
    }
    situations.accounts["americas"]["client_password"] = ECHOED["wrong client"]
    situations.write_inventory(wrong)
    for playbook in ("onboard", "verify", "rollout"):
        situations.fill(rng)
        run = situations.run(f"emailsec.ctr.{playbook}")
        assert run.results and "Traceback" not in run.output, run.output
    lab.reset()
    killed = situations.run("emailsec.ctr.onboard", watch=kill_when(lambda: bool(lab.writes())))
    texts = Texts(situations)
    assert_happened("log-ins", texts, {"the run was killed": killed.rc == -signal.SIGKILL}, tally)
    # The run has a wrong password in place of this password.
    assert_unseen(texts, tally, ["client americas"])


LOCAL = {"ansible_connection": "local", "ansible_pipelining": True, "ansible_python_interpreter": sys.executable}
CLOUD = {
    **{
        name: f"{{{{ esa_ctr_regions.americas.{name} }}}}"
        for name in ("client_id", "client_password", "api_url", "ca_path")
    },
    "region": "americas",
}


def module_tasks(modules: Iterable[tuple[str, dict[str, Any]]], **local: Any) -> Iterator[dict[str, Any]]:
    """Yield a task for each module on the controller, and one that shows its result."""
    for module, options in modules:
        more = {"async": 30, "poll": 1} if options.pop("async", None) else {}
        yield {
            "name": module,
            f"emailsec.ctr.{module}": {**CLOUD, **options},
            "register": "found",
            "ignore_errors": True,
            "delegate_to": "localhost",
            "vars": {**LOCAL, **local},
            **more,
        }
        # The registered result has the tokens, as documented.
        yield {
            "name": f"show {module}",
            "ansible.builtin.debug": {"var": "found.devices" if "dest" in options else "found"},
        }


def on_appliance(module: str, options: Any) -> list[dict[str, Any]]:
    return [
        {"name": module, module: options, "register": "found", "ignore_errors": True},
        {"name": f"show {module.rpartition('.')[2]}", "ansible.builtin.debug": {"var": "found"}},
    ]


@without(OF_OTHER_HOSTS)
def test_modules_without_the_role(situations: Situations, rng: Any, tally: Any) -> None:
    """Each module in a playbook of its own, its registered result shown by debug, and a file with tokens."""
    dest = situations.ansible.folder / "tokens.jsonl"
    listed = {"modules": [{"name": "a2", "device": "a2.example.com"}]}
    modules: list[tuple[str, dict[str, Any]]] = [
        ("sse_token", {"devices": ["a2.example.com"]}),
        ("sse_token", {"devices": ["a2.example.com", "a9.example.com"]}),
        ("sse_token", {"devices": ["a9.example.com"]}),
        ("sse_token", {"devices": ["a2.example.com", "a9.example.com"], "dest": str(dest)}),
        ("sse_device_facts", {}),
        ("sse_device", {"name": "a9.example.com"}),
        ("ctr_module", dict(listed)),
        ("ctr_module", {**listed, "async": True}),
        ("ctr_investigation_info", {"check_health": True}),
    ]
    registered = {"state": "registered", "region": "americas", "wait_interval": 0.1}
    tasks = [
        *module_tasks(modules),
        *on_appliance("ansible.builtin.raw", "version"),
        *on_appliance("emailsec.ctr.esa_cloud_service", {**registered, "registration_token": "{{ token }}"}),
        *on_appliance("emailsec.ctr.esa_cloud_service_info", {}),
    ]
    situations.accounts["americas"]["client_password"] = ECHOED["client americas"]
    situations.write_inventory({})
    situations.fill(rng)
    for answer in ("the words of an error", "the media type", "a redirect", "the names of fields"):
        path = rng.choice(ECHOING_PATHS[:2])
        situations.fault(rng, answer, region="americas", path=path if answer == "the names of fields" else DEVICES)
    play = [{"hosts": "a2.example.com", "gather_facts": False, "tasks": tasks}]
    run = situations.run(str(situations.ansible.write("site.yml", play)))
    assert run.results and "Traceback" not in run.output, run.output
    texts = Texts(situations)
    lines = texts.by_place.pop(dest.name).decode().splitlines()
    tokens = {f"token {number}": json.loads(line)["token"] for number, line in enumerate(lines)}
    facts = {"the token is in the file": len(tokens) == 2 and dest.stat().st_mode & 0o777 == 0o600}
    assert_happened("modules", texts, facts, tally)
    # Without the plan of the role, a task knows the variables of its own host.
    assert_unseen(texts, tally, OF_OTHER_HOSTS, tokens)


def test_debugging_settings_of_ansible_show_only_what_the_documentation_names(
    situations: Situations, tally: Any
) -> None:
    """Nothing of tasks inside Ansible; the arguments of a module in a process of its own, in its files and in the output."""
    settings = {"ANSIBLE_KEEP_REMOTE_FILES": "true", "ANSIBLE_DEBUG": "true"}
    modules: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "local": [("sse_device_facts", {}), ("sse_token", {"devices": []})],
        "asynchronous": [("ctr_module", {"modules": [], "async": True})],
    }
    situations.accounts["americas"]["client_password"] = ECHOED["client americas"]
    situations.write_inventory({})
    texts = {}
    for name in ("role", *modules):
        situations.lab.reset()
        runs = Situations(situations.lab, situations.ansible.folder.parent / name)
        runs.inventory = situations.inventory
        playbook, more = (
            "emailsec.ctr.onboard",
            ["--limit", "a1.example.com,a3.example.com,a4.example.com,a8.example.com"],
        )
        if name in modules:
            tasks = list(module_tasks(modules[name], ansible_pipelining=False))
            play = [{"hosts": "a2.example.com", "gather_facts": False, "tasks": tasks}]
            playbook, more = str(runs.ansible.write("site.yml", play)), []
        run = runs.run(playbook, *more, **settings)
        assert run.results, run.output
        texts[name] = Texts(runs)
    assert_unseen(texts["role"], tally, ["passphrase", "jump", "API", "smtp"])
    assert_unseen(texts["local"], tally, OF_OTHER_HOSTS)
    found = texts["asynchronous"].found(OF_OTHER_HOSTS)
    tally.cases(texts["asynchronous"].searched)
    assert [place for place in found if not place.startswith(("remote/", "output 1", "ansible.log"))] == []
    assert {what.partition(",")[0] for seen in found.values() for what in seen} <= named_by_the_documentation(), found
    kept = {name: any(place.startswith("remote/") for place in each.by_place) for name, each in texts.items()}
    facts = {
        "the role kept nothing": not kept["role"] and texts["role"].shows(DEBUG, "output"),
        "local tasks kept nothing": not kept["local"] and texts["local"].shows(DEBUG, "output"),
        "files were kept": texts["asynchronous"].shows(ECHOED["client americas"][:18], "remote/"),
        "debugged": texts["asynchronous"].shows(DEBUG, "output"),
    }
    assert_happened("debugging", texts["asynchronous"], facts, tally)


def named_by_the_documentation() -> set[str]:
    """Return the secrets that docs/security.md names beside the debugging settings."""
    clients = {f"client {region}" for region in CLIENTS} | set(CLIENTS)
    passwords = {f"client password of {region}" for region in ("americas", "europe", "apjc")}
    tokens = {f"registration token {number}" for number in range(1, 20)}
    return clients | passwords | tokens


@without(OTHERS)
def test_the_inventory_plugin_and_its_cache(situations: Situations, rng: Any, tally: Any) -> None:
    situations.fill(rng)
    accounts = situations.accounts
    folder = situations.ansible.folder
    configuration = {"plugin": "emailsec.ctr.sse_devices", "regions": accounts, "cache": True}
    configuration |= {"cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "inventory-cache")}
    (folder / "sse_devices.yml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-inventory"))
    command = [program, "--list", "-vvvv", "-i", str(folder / "sse_devices.yml")]
    for time in ("read", "cached", "refused"):
        more = ["--flush-cache"] if time == "refused" else []
        if more:
            situations.fault(rng, "the words of an error", region="europe", path=DEVICES)
        done = subprocess.run(
            [*command, *more],
            env=situations.ansible.environment(),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        situations.ansible.outputs.append(done.stdout + done.stderr)
    texts = Texts(situations)
    assert_happened("inventory", texts, {}, tally)
    assert_unseen(texts, tally, OTHERS)


@without(OTHERS)
def test_the_event_source(
    situations: Situations, rng: Any, tally: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One region changes and has names like secrets, one refuses, and one redirects, and both repeat secrets."""
    source = runpy.run_path(str(ROOT / "extensions/eda/plugins/event_source/sse_devices.py"))
    caplog.set_level(logging.DEBUG)
    state = situations.ansible.folder / "state.json"
    queue: asyncio.Queue[Any] = asyncio.Queue()
    accounts = situations.accounts
    left = iter(range(2))

    async def pause(_seconds: float) -> None:
        if next(left, None) is None:
            raise asyncio.CancelledError
        await asyncio.to_thread(situations.fill, rng)
        refuse()

    def refuse() -> None:
        situations.fault(rng, "the words of an error", region="americas", path=DEVICES)
        situations.fault(rng, "a redirect", region="apjc", path=DEVICES)

    monkeypatch.setattr(asyncio, "sleep", pause)
    refuse()
    exceptions = []
    for options in ({"regions": {"europe": ECHOED["client europe"]}}, {"states": ECHOED["client europe"]}, {}):
        try:
            asyncio.run(source["main"](queue, {"regions": accounts, "state_file": str(state), **options}))
        except (ValueError, asyncio.CancelledError) as error:
            exceptions.append(repr(error))
    forget()
    texts = Texts(situations)
    events = [queue.get_nowait() for _event in range(queue.qsize())]
    texts.by_place |= {
        "events": json.dumps(events, ensure_ascii=False).encode(),
        "log": " ".join(record.getMessage() for record in caplog.records).encode(),
        "exceptions": "\n".join(exceptions).encode(),
    }
    assert MASK in json.dumps(events) and state.stat().st_mode & 0o777 == 0o600
    assert_happened("events", texts, {}, tally)
    assert_unseen(texts, tally, OTHERS)
