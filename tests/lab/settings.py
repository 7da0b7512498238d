# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a whole lab run: the top level `settings:` of a fleet file."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from tests.lab.fleet_fields import Fields

ALL_SCOPES = ("sse", "integration", "enrich:read", "inspect:read")


@dataclass(frozen=True)
class Settings:
    """Times, sizes and limits of the lab. Times are in seconds."""

    registration_seconds: float = 1.0
    """Time from the acceptance of the token until SSE shows the device as Registered."""
    busy_seconds: float = 0.3
    """Time for which the cloud service of an appliance is busy after a commit that concerns it, or a deregistration."""
    handshake_seconds: float = 0.02
    """Pause of an appliance after a token was entered (up to 120 s on real appliances, B)."""
    commit_seconds: float = 0.0
    """Duration of a commit (A, I: longer in clusters)."""
    changes_are_shared: bool = False
    """Whether every session, also on other members of the cluster, finds, commits and clears the uncommitted changes of all
    sessions (I); otherwise those of its own session."""
    device_delete_seconds: float = 0.0
    """Time for which a deleted device is still listed; 0: the answer is 204, otherwise 202."""
    http_delay_seconds: float = 0.0
    """Delay of every HTTP answer of the regions."""
    access_token_seconds: float = 600.0
    """Lifetime of OAuth2 access tokens (600 on the real system, A)."""
    token_seconds: float | None = None
    """Lifetime of registration tokens, whatever the client requests; unset: as requested."""
    page_limit: int = 100
    """Default page size (I)."""
    page_limit_max: int = 1000
    """Largest page size, also if a client requests more (I)."""
    rate_limit: int = 8000
    """Requests per rolling 60 minutes and region (A; the separate count per region is I)."""
    scopes: tuple[str, ...] = ALL_SCOPES
    """OAuth2 scopes of the API clients of all regions."""
    secret: str | None = None
    """A text in all passwords, which are then known before the lab runs; unset: random passwords."""

    def password(self, kind: str, size: int = 24) -> str:
        """Return the password for this purpose."""
        return secrets.token_urlsafe(size) if self.secret is None else f"{kind}-{self.secret}-{kind}"


def read_settings(source: str, mapping: object) -> Settings:
    """Return the settings of the fleet file; check every key."""
    default = Settings()
    fields = Fields(source, "settings", mapping, set(Settings.__dataclass_fields__))
    return Settings(
        registration_seconds=fields.seconds("registration_seconds", default.registration_seconds),
        busy_seconds=fields.seconds("busy_seconds", default.busy_seconds),
        handshake_seconds=fields.seconds("handshake_seconds", default.handshake_seconds),
        commit_seconds=fields.seconds("commit_seconds", default.commit_seconds),
        changes_are_shared=fields.flag("changes_are_shared", default.changes_are_shared),
        device_delete_seconds=fields.seconds("device_delete_seconds", default.device_delete_seconds),
        http_delay_seconds=fields.seconds("http_delay_seconds", default.http_delay_seconds),
        access_token_seconds=fields.seconds("access_token_seconds", default.access_token_seconds),
        token_seconds=fields.seconds("token_seconds", default.token_seconds),
        page_limit=fields.whole("page_limit", default.page_limit, 1, 1000),
        page_limit_max=fields.whole("page_limit_max", default.page_limit_max, 1, 1000),
        rate_limit=fields.whole("rate_limit", default.rate_limit, 1, 1_000_000),
        scopes=fields.texts("scopes", default.scopes),
        secret=fields.text("secret", default.secret),
    )
