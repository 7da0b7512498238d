# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The reading of a fleet with the results of the tasks since, as passed by the role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ansible.errors import AnsibleActionFail

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    ApplianceOutcome,
    FleetState,
    Goal,
    Outcomes,
    Progress,
    TokensOutcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.outcomes import (
    appliance_outcome,
    by_region,
    joined_by_region,
    modules_outcome,
    records_outcome,
    tokens_outcome,
    wait_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.progress import progress_of
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import unpack

from ._profile_option import apply_profile

T = TypeVar("T")
OPTIONS: dict[str, dict[str, Any]] = {
    "reading": {"type": "str", "required": True},
    "state": {"type": "str", "choices": [goal.value for goal in Goal], "required": True},
    "results": {"type": "dict", "default": {}},
    "host_results": {"type": "dict", "default": {}},
}
OF_REGIONS = {
    "tokens": tokens_outcome,
    "portal_tokens": tokens_outcome,
    "wait": wait_outcome,
    "modules": modules_outcome,
    "records": records_outcome,
    "old_modules": modules_outcome,
    "old_records": records_outcome,
    "pruned_modules": modules_outcome,
    "pruned_records": records_outcome,
}
OF_HOSTS = ("read_again", "enable", "register")


def unpack_reading(text: str) -> FleetState:
    """Return the reading of C(fleet_plan) or C(fleet_messages), and apply its profile."""
    state = unpack_text(FleetState, text, "reading", "emailsec.ctr.fleet_plan or emailsec.ctr.fleet_messages")
    apply_profile(state.settings.profile)
    return state


def unpack_text(kind: type[T], text: str, option: str, source: str) -> T:
    """Return the dataclass in the text of an option. ``source``: the modules that return such a text."""
    try:
        return unpack(kind, text)
    except ValueError as error:
        raise AnsibleActionFail(
            f"{option} is not a result of {source} ({error}). Fix: pass the {option} of its registered result."
        ) from None


def host_results(
    variables: Mapping[str, Any], names: Iterable[str], hosts: Iterable[str], task_vars: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return, by name and host, the registered results of tasks. ``variables`` holds the variable of each name.

    Hosts without a result are left out.
    """
    names = list(names)
    unknown = set(variables) - set(names)
    if unknown:
        raise AnsibleActionFail(
            f"host_results has unknown keys: {', '.join(sorted(unknown))}. Fix: use {', '.join(names)}."
        )
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in names}
    for host in hosts if variables else ():
        registered = task_vars["hostvars"].raw_get(host)
        for name, variable in variables.items():
            if isinstance(registered.get(str(variable)), Mapping):
                found[name][host] = registered[str(variable)]
    return found


class RunProgress:
    """``state`` is the reading, ``outcomes`` are the results since, and ``rows`` the progress of each appliance."""

    def __init__(self, options: Mapping[str, Any], task_vars: dict[str, Any]) -> None:
        unknown = set(options["results"]) - set(OF_REGIONS)
        if unknown:
            raise AnsibleActionFail(
                f"results has unknown keys: {', '.join(sorted(unknown))}. Fix: use {', '.join(OF_REGIONS)}."
            )
        self.state = unpack_reading(options["reading"])
        self.goal = Goal(options["state"])
        self.task_vars = task_vars
        self.outcomes = self._outcomes(options, task_vars)
        self.rows: Mapping[str, Progress] = progress_of(self.state, self.outcomes, self.goal)

    def rows_before_tokens(self) -> Mapping[str, Progress]:
        """Return the progress of each appliance before any token was issued."""
        return progress_of(self.state, replace(self.outcomes, tokens={}), self.goal)

    def add_tokens(self, handed_out: Mapping[str, TokensOutcome]) -> None:
        """Add, by region, which hosts got a token from the portal."""
        if handed_out:
            tokens = joined_by_region(self.outcomes.tokens, handed_out)
            self.outcomes = replace(self.outcomes, tokens=tokens)
            self.rows = progress_of(self.state, self.outcomes, self.goal)

    def _outcomes(self, options: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Outcomes:
        results: dict[str, Any] = {
            name: by_region(registered, OF_REGIONS[name]) for name, registered in options["results"].items()
        }
        manual = results.pop("portal_tokens", {})
        if manual:
            results["tokens"] = joined_by_region(results.get("tokens", {}), manual)
        registered_by_name = host_results(options["host_results"], OF_HOSTS, self.state.settings.hosts, task_vars)
        hosts: dict[str, Any] = {name: _outcomes(registered) for name, registered in registered_by_name.items()}
        alive = frozenset(map(str, task_vars["ansible_play_batch"]))
        return Outcomes(alive=alive, **results, **hosts)


def _outcomes(registered: Mapping[str, Mapping[str, Any]]) -> dict[str, ApplianceOutcome]:
    found = {host: appliance_outcome(host, result) for host, result in registered.items()}
    return {host: outcome for host, outcome in found.items() if outcome is not None}
