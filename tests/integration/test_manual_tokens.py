# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manual tokens: registration tokens that an administrator generated in the portal replace those of the API."""

from __future__ import annotations

import json

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.support.failures import report_row
from tests.integration.support.lab import TOKEN, Call
from tests.integration.support.secrets import assert_unseen

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "e1.example.com", "region": "europe"},
        {"name": "e2.example.com", "region": "europe", "generation": 4},
        {"name": "e3.example.com", "region": "europe", "generation": 1, "version": "13.0.0-392"},
        {"name": "us1.example.com", "region": "americas", "product": "SMA"},
    ],
}
EUROPEANS = ["e1.example.com", "e2.example.com", "e3.example.com"]
SSE = "/iroh/iroh-sse/"
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=20")


def portal(lab, region: str, count: int) -> list[str]:
    """Return tokens as copied from the portal of a region."""
    return [lab.token(region, f"portal-{region}-{number}") for number in range(1, count + 1)]


def given(lab, host: str) -> list[str]:
    """Return the tokens that were typed on this appliance."""
    return [line for line in lab.typed(host) if TOKEN.fullmatch(line)]


def requests_below(calls: list[Call], path: str = "/iroh/") -> list[str]:
    """Return the requests below this path, without those for access tokens."""
    return [
        f"{call['method']} {call['path'].partition('?')[0]} {call['status']}"
        for call in calls
        if call["kind"] == "http" and call["path"].startswith(path) and "oauth2" not in call["path"]
    ]


def onboard(ansible, inventory: str, *arguments: str):
    return ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *QUICK, *arguments)


def test_a_list_of_a_group_and_a_saved_file_replace_tokens_of_the_api(lab, ansible):
    """Run in check mode, for real and again, at the highest verbosity."""
    europe, americas = portal(lab, "europe", 4), portal(lab, "americas", 2)
    saved = ansible.folder / "portal.txt"
    saved.write_bytes(f"# saved by the portal\r\n\r\n{americas[0]}\r\n{americas[1]}\r\n\r\n".encode())
    group = {"esa_ctr_registration_tokens": europe}
    inventory = ansible.inventory(
        "tokens.yml",
        {**dict.fromkeys(EUROPEANS, group), "us1.example.com": {"esa_ctr_token_file": str(saved)}},
    )
    begin = len(lab.calls())

    check = onboard(ansible, inventory, "--check", "--diff", "-vvv")
    assert check.rc == 0, check.output
    assert not any(given(lab, host) for host in [*EUROPEANS, "us1.example.com"])
    assert not any(call["write"] for call in lab.calls()[begin:])

    run = onboard(ansible, inventory, "--diff", "-vvv")
    assert run.rc == 0, run.output
    assert check.changes() == run.changes() != set()
    assert [given(lab, host) for host in EUROPEANS] == [[europe[0]], [europe[1]], [europe[2]]]
    assert given(lab, "us1.example.com") == [americas[0]]
    assert all(lab.is_onboarded(host, "europe") for host in EUROPEANS)
    assert lab.is_onboarded("us1.example.com", "americas")
    for told in (check, run):
        assert "Note: europe: 1 of 4 registration tokens from the portal were not used in this run." in told.output
        assert "Note: americas: 1 of 2 registration tokens from the portal were not used in this run." in told.output
    sse = requests_below(lab.calls()[begin:], SSE)
    assert {line.split()[0] for line in sse} == {"GET"}, "no device must be added and no token requested"

    again = onboard(ansible, inventory, "-vvv")
    assert (again.rc, again.changes()) == (0, set()), again.output
    assert "europe: 4 of 4 registration tokens" in again.output
    assert_unseen(ansible, [*europe, *americas], own=["portal.txt", "tokens.yml"])


def test_tokens_may_be_vaulted_json_lines_or_a_map_by_host(lab, ansible):
    """Read the file that sse_token saves: an expired token, or one of another region, fails only its host."""
    account = {**lab.regions["europe"], "ca_path": str(lab.folder / "ca.pem")}
    saved = ansible.folder / "tokens.jsonl"
    issue = {"region": "europe", **account, "devices": EUROPEANS, "dest": str(saved)}
    issued = ansible.tasks([{"name": "issue", "emailsec.ctr.sse_token": issue}], hosts="localhost", connection="local")
    assert issued.rc == 0, issued.output
    lines = {line["name"]: line for line in map(json.loads, saved.read_text(encoding="utf-8").splitlines())}
    assert set(lines) == set(EUROPEANS)
    lines["e2.example.com"]["expires_at"] = "2020-01-01T00:00:00Z"
    lines["e3.example.com"]["region"] = "apjc"
    text = "".join(json.dumps(lines[host]) + "\n" for host in reversed(EUROPEANS))
    vault = VaultLib([("default", VaultSecret(b"a vault password"))])
    saved.write_bytes(vault.encrypt(text))
    (ansible.folder / "vault-password").write_text("a vault password\n", encoding="utf-8")
    americas = portal(lab, "americas", 1)
    inventory = ansible.inventory(
        "tokens.yml",
        {
            **dict.fromkeys(EUROPEANS, {"esa_ctr_token_file": str(saved)}),
            "us1.example.com": {"esa_ctr_registration_tokens": {"US1.example.com": americas[0]}},
        },
    )

    run = onboard(ansible, inventory, "-vvv", "--vault-password-file", str(ansible.folder / "vault-password"))
    assert run.bad_hosts() == {"e2.example.com", "e3.example.com"}
    assert given(lab, "e1.example.com") == [lines["e1.example.com"]["token"]]
    assert lab.is_onboarded("e1.example.com", "europe") and lab.is_onboarded("us1.example.com", "americas")
    assert given(lab, "us1.example.com") == americas
    assert given(lab, "e2.example.com") == given(lab, "e3.example.com") == []
    assert "its token expired at 2020-01-01T00:00:00Z" in report_row(run, "e2.example.com")
    assert "its token is for the region apjc, not europe" in report_row(run, "e3.example.com")
    for host in ("e2.example.com", "e3.example.com"):
        assert "Fix: generate a new token in the SSE portal of europe" in report_row(run, host)
    assert "europe: 2 of 3 registration tokens from the portal were not used" in run.output
    tokens = [line["token"] for line in lines.values()]
    assert_unseen(
        ansible, [*tokens, *americas, "a vault password"], own=["tokens.jsonl", "tokens.yml", "vault-password"]
    )


def test_batches_use_each_token_once_and_missing_tokens_are_reported(lab, ansible):
    europe = portal(lab, "europe", 2)
    inventory = ansible.inventory("tokens.yml", dict.fromkeys(EUROPEANS, {"esa_ctr_registration_tokens": europe}))
    run = onboard(ansible, inventory, "--limit", ",".join(EUROPEANS), "-e", "esa_ctr_serial=1")
    assert [given(lab, host) for host in EUROPEANS] == [[europe[0]], [europe[1]], []]
    assert run.bad_hosts() == {"e3.example.com"}
    row = report_row(run, "e3.example.com")
    assert "no registration token is left. Fix: generate more tokens in the SSE portal of europe" in row
    assert "europe: 1 of 2 registration tokens" in run.output, "after the first batch"
    assert "Traceback" not in run.output

    more = ansible.inventory(
        "more.yml", dict.fromkeys(EUROPEANS, {"esa_ctr_registration_tokens": [*europe, *portal(lab, "europe", 3)[2:]]})
    )
    again = onboard(ansible, more, "--limit", ",".join(EUROPEANS))
    assert again.rc == 0, again.output
    assert {host for host, _task in again.changes()} == {"e1.example.com", "e3.example.com"}
    assert all(lab.is_onboarded(host, "europe") for host in EUROPEANS)


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check"])
def test_unusable_tokens_stop_the_play_before_any_write(lab, ansible, check):
    """All of them are listed at once, with their place and without the token."""
    one, two = portal(lab, "europe", 2)
    broken = "c0ffee" * 5 + "zz"
    twice = ansible.folder / "twice.txt"
    twice.write_text(f"{one}\n# and again\n{one}\n", encoding="utf-8")
    inventory = ansible.inventory(
        "tokens.yml",
        {
            "e1.example.com": {"esa_ctr_registration_tokens": [two, broken]},
            "e2.example.com": {"esa_ctr_token_file": str(ansible.folder / "nowhere.txt")},
            "e3.example.com": {"esa_ctr_token_file": str(twice)},
            "us1.example.com": {"esa_ctr_registration_tokens": [two], "esa_ctr_token_file": str(twice)},
        },
    )
    begin = len(lab.calls())
    run = onboard(ansible, inventory, "-vvv", *check)
    assert run.rc != 0
    for text in (
        "e1.example.com: esa_ctr_registration_tokens has values that are not registration tokens: number 2.",
        f"e2.example.com: esa_ctr_token_file {ansible.folder}/nowhere.txt cannot be read (No such file or directory).",
        f"e3.example.com: esa_ctr_token_file {twice} has duplicate tokens (line 1 and line 3).",
        "us1.example.com: both esa_ctr_registration_tokens and esa_ctr_token_file are set.",
    ):
        assert text in run.output, (text, run.output)
    since = lab.calls()[begin:]
    assert [call for call in since if call["write"] or call["kind"] == "cli"] == []
    assert_unseen(ansible, [one, two, broken], own=["tokens.yml", "twice.txt"])


def test_tokens_that_two_regions_share_stop_the_play_before_any_write(lab, ansible):
    tokens = portal(lab, "europe", 2)
    inventory = ansible.inventory("tokens.yml", {}, esa_ctr_registration_tokens=tokens)
    begin = len(lab.calls())
    run = onboard(ansible, inventory, "-vvv")
    assert run.rc != 0
    assert "us1.example.com: it has registration tokens of e1.example.com, which has another region" in run.output
    assert [call for call in lab.calls()[begin:] if call["write"] or call["kind"] == "cli"] == []
    assert_unseen(ansible, tokens, own=["tokens.yml"])


def test_without_the_scope_sse_only_the_module_is_missing_and_the_report_shows_how_to_enter_it(lab, ansible):
    europe, americas = portal(lab, "europe", 3), portal(lab, "americas", 1)
    for region in lab.regions:
        lab.switch(region=region, set={"scopes": ["integration", "enrich:read", "inspect:read"]})
    inventory = ansible.inventory(
        "tokens.yml",
        {
            **dict.fromkeys(EUROPEANS, {"esa_ctr_registration_tokens": europe}),
            "us1.example.com": {"esa_ctr_registration_tokens": americas},
        },
    )
    begin = len(lab.calls())
    check = onboard(ansible, inventory, "--check")
    run = onboard(ansible, inventory)
    for told in (check, run):
        assert told.rc == 0, told.output
        for host in EUROPEANS:
            row = report_row(told, host)
            assert "manual" in row and "changed" in row, row
            assert (
                'In the portal of EUROPE, open Modules > Add New Module > Email Security Appliance, and enter: Module Name "'
                f'{host}", Registered Device "{host}", Request Timeframe (days) 30.'
            ) in row
        assert 'Module Name "us1.example.com", Registered Device "us1.example.com"' in report_row(
            told, "us1.example.com"
        )
    assert check.changes() == run.changes()
    calls = lab.calls()[begin:]
    assert set(requests_below(calls, SSE)) == {"GET /iroh/iroh-sse/device 403"}
    posts = [line for line in requests_below(calls) if not line.startswith("GET")]
    assert posts == []
    boxes = lab.state()["appliances"]
    assert {host: (box["enabled"], box["registered"]) for host, box in boxes.items()} == dict.fromkeys(
        [*EUROPEANS, "us1.example.com"], (True, True)
    )

    # With the scope, the modules are created. After that, a run without the scope has nothing to do.
    lab.switch(region="europe", set={"scopes": ["sse", "integration"]})
    with_scope = onboard(ansible, inventory, "--limit", ",".join(EUROPEANS))
    assert with_scope.rc == 0, with_scope.output
    assert all(lab.is_onboarded(host, "europe") for host in EUROPEANS)
    lab.switch(region="europe", set={"scopes": ["integration"]})
    again = onboard(ansible, inventory, "--limit", ",".join(EUROPEANS))
    assert (again.rc, again.changes()) == (0, set()), again.output
    assert "manual" not in again.output
