# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Read the state of the cloud service on one appliance.

Reading changes nothing. If only a question shows the list of servers, the question is opened and left with Ctrl-C, which
drops its input (grade B), without a commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import (
    Identity,
    check_supported,
    read_identity,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen, Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import CommandRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import region_of_server

COMMAND = menu.COMMAND
SWITCH_COMMAND = menu.SWITCH_COMMAND

UNAVAILABLE = "unavailable"
UNREGISTERED = "unregistered"
IN_PROGRESS = "in_progress"
REGISTERED = "registered"
FAILED = "failed"
SMART_LICENSING = "smart_licensing"
"""The menu offers AUTOREGISTER but not REGISTER: the appliance registers through smart licensing (grade R)."""

READS = 4
"""Maximum number of readings before the state counts as unknown."""
_LATER_MENU = {"ENABLE", "DISABLE", "FETCHCERTIFICATE"}
"""Keywords of the generations that have ENABLE and DISABLE, and a status text on entry (grade B)."""


@dataclass(frozen=True)
class CloudService:
    """Identity of an appliance and state of its cloud service.

    ``server`` is an FQDN, or None if the service is disabled. ``offered`` are the listed servers (empty: no list shown).
    ``own_switch`` is True if C(threatresponseconfig) enables and disables the service.
    """

    hostname: str
    identity: Identity
    enabled: bool
    server: str | None
    registration: str
    offered: tuple[str, ...] = ()
    own_switch: bool = False

    def as_result(self) -> dict[str, Any]:
        """Return the public result, which always has every key."""
        region = region_of_server(self.server)
        return {
            "hostname": self.hostname,
            "product": self.identity.product,
            "model": self.identity.model,
            "version": self.identity.version,
            "serial": self.identity.serial,
            "enabled": self.enabled,
            "server": self.server,
            "region": region.name if region else None,
            "registration": self.registration,
        }

    @classmethod
    def from_result(cls, result: Mapping[str, Any]) -> CloudService:
        """Return the state in the result of an earlier task (see C(as_result)). Raise KeyError if a key is missing."""
        return cls(
            hostname=str(result["hostname"]),
            identity=Identity(*(str(result[key]) for key in ("product", "model", "version", "serial"))),
            enabled=bool(result["enabled"]),
            server=str(result["server"]) if result["server"] else None,
            registration=str(result["registration"]),
        )


@dataclass(frozen=True)
class _FirstScreen:
    """State on the first screen. ``certain``: text and menu agree; otherwise a second reading must confirm it."""

    enabled: bool | None
    registration: str
    certain: bool = False


async def read_cloud_service(session: Session, identity: Identity | None = None) -> CloudService:
    """Read the whole state. Change nothing.

    If only the menu or only a text shows the state, two consecutive readings must agree. Raise Refusal for an unsupported
    appliance, CommandRefused if the command is missing or refused, UnexpectedScreen if text and menu contradict each other
    or the state is unclear.
    """
    if identity is None:
        identity = await read_identity(session)
        check_supported(session.host, identity)
    before: CloudService | None = None
    for _reading in range(READS):
        entry = await enter(session)
        state, certain = await _read_once(session, identity, entry)
        if state is not None and (certain or state == before):
            return state
        before = state
    raise session.unexpected(entry, "read the state of the cloud service: text and menu must agree")


async def _read_once(session: Session, identity: Identity, entry: Screen) -> tuple[CloudService | None, bool]:
    """Return one reading and whether it is certain; None if text and menu contradict each other."""
    operations = menu.operations(entry)
    first = judge_first_screen(entry)
    if first is None:
        if not entry.at_prompt:
            await session.back_out()
            if not menu.resembles(COMMAND, entry):
                raise session.unexpected(entry, COMMAND)
        return None, False
    server, certain, offered = menu.named_server(entry), first.certain, _NONE_OFFERED
    if "SETTRS" in operations and server is None:
        seen = await _read_server_list(session, "SETTRS")
        if seen is None:
            return None, False
        server, offered, server_certain = seen.server, seen.offered, seen.certain
    else:
        await menu.leave(session, entry, COMMAND, operations)
        server_certain = server is not None or first.enabled is False
    certain = certain and (server_certain or first.registration == IN_PROGRESS)
    own_switch = bool(operations) and not operations & {"ENABLE", "DISABLE"}
    enabled = first.enabled
    if enabled is None:
        enabled = await _read_own_switch(session)
        if enabled is None and first.registration == UNREGISTERED:
            # only an enabled service asks for a token
            enabled = True
    if enabled is None or (not enabled and first.registration == REGISTERED):
        return None, False
    state = CloudService(
        hostname=session.hostname,
        identity=identity,
        enabled=enabled,
        server=server if enabled else None,
        registration=first.registration if enabled else UNAVAILABLE,
        offered=offered,
        own_switch=own_switch,
    )
    return state, certain


def judge_first_screen(entry: Screen) -> _FirstScreen | None:
    """Return the state on the first screen of C(cloudserviceconfig); None if text and menu contradict each other.

    ``enabled`` is None if only another command shows it.
    """
    operations = menu.operations(entry)
    busy = entry.shows(screens.BUSY)
    enabled, disabled = entry.shows(screens.ENABLED), entry.shows(screens.DISABLED)
    registered, failed = entry.shows(screens.REGISTERED), entry.shows(screens.REGISTRATION_FAILED)
    if not entry.at_prompt and not menu.is_menu_of(COMMAND, operations):
        return None
    if busy:
        # ignore the rest: the state is read again when the service is no longer busy
        return _FirstScreen(True, IN_PROGRESS, certain=True)
    if entry.at_prompt:
        return None
    later = bool(operations & _LATER_MENU) or enabled or disabled
    if later and not operations & {"ENABLE", "DISABLE"}:
        return None
    if disabled or "ENABLE" in operations:
        whole = disabled and "ENABLE" in operations and not (enabled or registered)
        return _FirstScreen(False, UNAVAILABLE, certain=True) if whole and "DEREGISTER" not in operations else None
    return _judge_registration(operations, later, enabled, registered, failed)


def _judge_registration(
    operations: frozenset[str], later: bool, enabled: bool, registered: bool, failed: bool
) -> _FirstScreen | None:
    """Return the state of a service that is enabled, or whose enabling only another command shows."""
    on = True if later or registered or failed else None
    if registered or "DEREGISTER" in operations:
        offers = "DEREGISTER" in operations or ("AUTOREGISTER" in operations and "REGISTER" not in operations)
        if failed or not offers or (later and not registered):
            return None
        return _FirstScreen(True, REGISTERED, certain=registered)
    if failed:
        return _FirstScreen(True, FAILED, certain="REGISTER" in operations)
    if "REGISTER" in operations:
        return _FirstScreen(on, UNREGISTERED, certain=enabled)
    return _FirstScreen(on, SMART_LICENSING if "AUTOREGISTER" in operations else UNAVAILABLE)


async def with_offered_servers(session: Session, state: CloudService) -> CloudService:
    """Return the state with the list of servers, read from the question of ENABLE or SETTRS and left with Ctrl-C."""
    if state.offered:
        return state
    screen = await enter(session)
    operations = menu.operations(screen)
    for keyword in ("ENABLE", "SETTRS"):
        if keyword in operations and judge_first_screen(screen) is not None:
            seen = await _read_server_list(session, keyword)
            if seen is not None:
                return replace(state, offered=seen.offered)
    raise session.unexpected(screen, "find ENABLE or SETTRS in the menu, and the list of servers behind it")


@dataclass(frozen=True)
class _ServerList:
    """Server in use and offered servers. ``certain``: nothing on the screen could contradict them."""

    server: str | None
    offered: tuple[str, ...]
    certain: bool


_NONE_OFFERED: tuple[str, ...] = ()


async def _read_server_list(session: Session, keyword: str) -> _ServerList | None:
    """Read the servers from a question without answering it; return None if the screen contradicts itself."""
    shown = await session.send(keyword)
    await session.back_out()
    named, default = menu.named_server(shown), menu.default_server(shown)
    if not menu.asks_for_server(shown):
        explained = shown.shows(screens.SERVER_FIXED) or shown.shows(screens.BUSY)
        if not explained:
            raise session.unexpected(shown, f"{keyword}: read the list of servers")
        return _ServerList(named, (), certain=True)
    if named and default and named != default:
        return None
    offered = tuple(line.fqdn for line in menu.servers(shown))
    return _ServerList(named or default, offered, certain=bool(named and default))


async def enter(session: Session, command: str = COMMAND) -> Screen:
    """Run the command, and return its first screen (a menu, or text and the prompt). Raise CommandRefused."""
    screen = await session.send(command)
    for text, fix in (
        (screens.RESTRICTED, "log in to the appliance in machine mode, not at cluster or group level."),
        (
            screens.OTHER_MACHINE,
            "set ansible_asyncos_cluster_machine to the name of the machine at this address.",
        ),
        (screens.DISCONNECTED, "reconnect the machine to its cluster, then rerun."),
        (screens.NOT_RESYNCHRONIZED, "wait until the cluster is synchronized, then rerun."),
        (screens.UNKNOWN_COMMAND, "check the release and the rights of the user's role."),
    ):
        if screen.shows(text):
            if not screen.at_prompt:
                await session.back_out()
            raise session.refused(
                screen,
                f"the appliance refused the command {command}.",
                fix,
            )
    return screen


async def _read_own_switch(session: Session) -> bool | None:
    """Return whether C(threatresponseconfig) shows the service as enabled (releases without ENABLE; grade R); None if refused."""
    try:
        screen = await enter(session, SWITCH_COMMAND)
    except CommandRefused:
        return None
    operations = menu.operations(screen)
    if not menu.is_menu_of(SWITCH_COMMAND, operations):
        if not screen.at_prompt:
            await session.back_out()
        raise session.unexpected(screen, f"read {SWITCH_COMMAND}")
    await menu.leave(session, screen, SWITCH_COMMAND, operations)
    return "DISABLE" in operations
