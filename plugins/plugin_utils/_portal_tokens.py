# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The registration tokens of the portal that the hosts of a play name, and who shares which."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import TokensOutcome
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.portal_tokens import (
    FILE,
    TOKENS,
    Pool,
    TokenHost,
    Tokens,
    TokensUnusable,
    hand_out_in,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region

from ._host_variables import HostVariables
from ._token_sources import TokenSources


class TokenPools:
    """The sources of tokens. Each token belongs to one source, and each source to one region."""

    def __init__(self, loader: Any) -> None:
        self._sources = TokenSources(loader)
        self._regions: dict[str, list[tuple[Tokens, list[str]]]] = {}
        self._owner: dict[str, str] = {}

    def add(self, host: str, region: str | None, values: Mapping[str, Any]) -> list[str]:
        """Add the tokens of a host. Return the problems with them, without any token."""
        try:
            tokens = self._sources.tokens(values)
        except TokensUnusable as error:
            return [str(error)]
        if tokens is None:
            return []
        pools = self._regions.setdefault(str(region), [])
        sharing = next((hosts for pool, hosts in pools if pool is tokens), None)
        if sharing is not None:
            sharing.append(host)
            return []
        pools.append((tokens, [host]))
        others = {self._owner.setdefault(token, host) for token in tokens.all()} - {host}
        return [
            f"it has registration tokens of {other}, which has another region or another list of tokens. "
            "Fix: give each region its own tokens, generated in its own portal; a token registers one device."
            for other in sorted(others)
        ]

    def all(self) -> Iterable[str]:
        """Return all tokens."""
        return self._owner

    def of_region(self, region: str, read: Mapping[str, TokenHost]) -> list[Pool]:
        """Return the sources of a region. A host missing from ``read`` was not read yet."""
        return [
            Pool(tokens, [read.get(host) or TokenHost(host) for host in hosts])
            for tokens, hosts in self._regions.get(region, [])
        ]

    def hand_out(
        self, needing: Mapping[str, Iterable[str]], read: Mapping[str, TokenHost], batch: Container[str]
    ) -> dict[str, tuple[TokensOutcome, dict[str, str]]]:
        """Return, by region, the outcome for the hosts in ``needing`` and their tokens by device. See C(hand_out_in)."""
        return {
            region: hand_out_in(region, self.of_region(region, read), set(needing.get(region, ())), batch)
            for region in self._regions
        }


def token_pools(action: ActionBase, task_vars: dict[str, Any]) -> TokenPools:
    """Return the sources of tokens of all hosts of the play. The first task has checked them."""
    variables = HostVariables(action, task_vars)
    pools = TokenPools(action._loader)
    for host in map(str, task_vars["ansible_play_hosts_all"]):
        templar = variables.templar(host)
        known = templar.available_variables
        values = {name: templar.template(known[name]) for name in (TOKENS, FILE) if name in known}
        pools.add(host, canonical_region(templar.template(known.get("esa_ctr_region", ""))), values)
    return pools
