# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet with faulty appliances: which of them, the run with its figures, and the time that was only waited."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random

from tests.bench.measure import Figures, run
from tests.integration.support.ansible import Ansible
from tests.integration.support.lab import Lab
from tests.torture.support.faulty_appliances import FAULTS, Fault

FORKS = 20
LONGEST_PAUSE = 1.0
"""Seconds without a typed line that need no explanation."""
CONNECT, LOGIN, COMMAND, CLOSING = 30.0, 25.0, 25.0, 4.0
"""Time-outs in seconds, long enough for a busy machine; the last one is the time to leave a command and to exit."""
SHORTEST = min(CONNECT, LOGIN, COMMAND)
ONE_TIME_OUT = max(CONNECT, LOGIN, COMMAND) + CLOSING
TIMEOUTS = ("-e", f"ansible_command_timeout={COMMAND:g}", "-e", f"ansible_connect_timeout={CONNECT:g}")


def faulty_hosts(rng: Random, names: Iterable[str], share: float) -> dict[str, Fault]:
    """Return the faulty ones of these hosts: each fault about as often as the others."""
    every = list(names)
    faults = rng.sample(FAULTS, len(FAULTS))
    return {
        host: faults[place % len(faults)] for place, host in enumerate(rng.sample(every, round(len(every) * share)))
    }


def measured(lab: Lab, ansible: Ansible, playbook: str, *arguments: str) -> tuple[str, Figures]:
    """Run a playbook in processes of its own."""
    command = str(Path(sys.executable).with_name("ansible-playbook"))
    whole = [command, "-i", str(lab.inventory), "--forks", str(FORKS), playbook, *arguments, *TIMEOUTS]
    environment = {**ansible.environment(), "ANSIBLE_ASYNCOS_LOGIN_TIMEOUT": f"{LOGIN:g}"}
    return run(lab, whole, ansible.folder, environment, seconds=900)


def only_waited(lab: Lab, since: float, until: float) -> float:
    """Return for how many seconds the run did nothing but wait, from its first typed line until ``until``."""
    typed = [datetime.fromisoformat(call["at"]).timestamp() for call in lab.calls() if call["kind"] == "cli"]
    times = [*sorted(at for at in typed if since <= at < until), until]
    pauses = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    return sum(pause for pause in pauses if pause > LONGEST_PAUSE)


def onboarded(lab: Lab) -> set[str]:
    """Return the appliances that agree with their device and exactly one module of their region."""
    state = lab.state()
    found = set()
    for name, box in state["appliances"].items():
        region = state["regions"][box["wanted_region"]]
        devices = [one for one in region["devices"] if one["name"] == name]
        modules = [one for one in region["module_instances"] if one["name"] == name]
        if (
            box["registered"]
            and box["region"] == box["wanted_region"]
            and [one["status"] for one in devices] == ["Registered"]
            and len(modules) == 1
            and devices[0]["id"] in modules[0]["settings"].values()
        ):
            found.add(name)
    return found


def wrong_reasons(faults: Mapping[str, Fault], reasons: Mapping[str, str]) -> list[str]:
    """Return a line for each faulty host whose reason does not name its fault."""
    return [
        f"{host} ({fault.name}): {reasons.get(host)}"
        for host, fault in faults.items()
        if not any(text in (reasons.get(host) or "") for text in fault.reasons)
    ]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.05)
