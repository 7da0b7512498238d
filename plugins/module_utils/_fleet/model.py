# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The nouns of a fleet: what is wanted of it, read of it, and answered about it. No decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Union

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import state
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    Failure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import DeviceBook
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import AccessRefused, ApiError

from .reasons import Code, Reason, reason


class Goal(Enum):
    """What a run is for."""

    PRESENT = "present"
    ABSENT = "absent"


class Registration(Enum):
    """How an appliance stands with SSE, as its own cloud service says."""

    UNAVAILABLE = state.UNAVAILABLE
    UNREGISTERED = state.UNREGISTERED
    IN_PROGRESS = state.IN_PROGRESS
    REGISTERED = state.REGISTERED
    FAILED = state.FAILED
    SMART_LICENSING = state.SMART_LICENSING


@dataclass(frozen=True)
class Wanted:
    """What the inventory wants of one appliance. ``manual_token``: its registration token comes from the portal."""

    host: str
    region: str
    module_name: str
    request_timeframe_days: int = 30
    commit_comment: str = ""
    allow_region_change: bool = False
    disable_on_removal: bool = False
    manual_token: bool = False
    managed_by_sma: str | None = None
    hosted: bool = False


@dataclass(frozen=True)
class Claim:
    """An appliance of the whole inventory, with the names that SSE may know it by before it was read."""

    host: str
    names: tuple[str, ...]
    module_name: str


@dataclass(frozen=True)
class Settings:
    """The settings of a batch of the play, and what its run has to know of the rest of the inventory.

    ``hosts`` are in the order of the play, ``regions`` those that they use, ``claims`` all appliances of the inventory
    (empty where nobody asks), ``other_hosts`` names of appliances of the fleet that are in no inventory here.
    """

    hosts: Mapping[str, Wanted]
    regions: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    other_hosts: tuple[str, ...] = ()
    prune: bool = False


@dataclass(frozen=True)
class ApiFailure:
    """Why the cloud work of a region failed as a whole; ``path`` (method and path) is there where a request failed."""

    message: str
    path: str | None = None
    http_status: int | None = None
    error: str | None = None
    error_description: str | None = None
    fix: str | None = None
    missing_scopes: bool = False

    @property
    def refused(self) -> bool:
        """Whether something was read and is refused, such as a module type that is not there."""
        return self.path is None and self.fix is not None

    def as_error(self) -> ApiError:
        """The same, to be raised: of the class that functions of the cloud decide by."""
        kind = AccessRefused if self.http_status in (401, 403) else ApiError
        error = kind(self.message, path=self.path, http_status=self.http_status, error=self.error, fix=self.fix)
        error.error_description = self.error_description
        error.args = (self.message,)
        return error

    @property
    def lacks_scope(self) -> bool:
        """Whether the API itself forbade it to a client that it had let in: no log-in, and no proxy."""
        login = str(self.path).endswith("/oauth2/token")
        return self.http_status == 403 and (bool(self.error) or self.missing_scopes) and not login


@dataclass(frozen=True)
class Quota:
    """API calls of the organisation in 60 minutes, as an answer said at this time (ISO 8601); None where none did."""

    limit: int | None = None
    remaining: int | None = None
    said_at: str | None = None


@dataclass(frozen=True)
class DevicesReading:
    """The devices of a region, or why they could not be read."""

    devices: tuple[Device, ...] = ()
    failure: ApiFailure | None = None
    quota: Quota = Quota()

    @cached_property
    def book(self) -> DeviceBook:
        """The devices by name; none where they were not read."""
        return DeviceBook(self.devices)

    @property
    def read(self) -> bool:
        return self.failure is None


@dataclass(frozen=True)
class ModulesReading:
    """What is there of CTR modules in a region: the types as the API describes them, and the instances by type id.

    ``named`` says by product which type the settings name, by C(id) or C(title).
    """

    types: tuple[Mapping[str, Any], ...] = ()
    instances: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failure: ApiFailure | None = None
    quota: Quota = Quota()


@dataclass(frozen=True)
class ApplianceOutcome:
    """What a task on one appliance did, or would do."""

    before: CloudService | None = None
    after: CloudService | None = None
    steps: tuple[Step, ...] = ()
    pending_changes: bool | None = None
    failure: Failure | None = None


class Action(Enum):
    """What was done about one item of a cloud task: a token, a record, a module."""

    NONE = "none"
    ADDED = "added"
    NEW_TOKEN = "new_token"
    HANDED_OUT = "handed_out"
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MANUAL = "by_hand"
    FAILED = "failed"


GIVES_TOKEN = (Action.ADDED, Action.NEW_TOKEN, Action.HANDED_OUT)


@dataclass(frozen=True)
class Answer:
    """What came of one item; ``manual`` is what a person has to do, where only a person can."""

    name: str | None
    id: str | None
    action: Action
    error: str | None = None
    device_id: str | None = None
    manual: str | None = None
    found: FoundModule | None = None


@dataclass(frozen=True)
class FoundModule:
    """A module as it was found, with our settings of it."""

    name: str
    device_id: str | None
    request_timeframe_days: int | None
    enabled: bool
    id: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class SharedDevice:
    """A device that several modules point to."""

    device_id: str | None
    device_name: str | None
    modules: tuple[str, ...]


@dataclass(frozen=True)
class FoundType:
    """The module type of a product; ``devices_offered`` is None where the API does not list any."""

    product: str
    title: str
    devices_offered: int | None = None


@dataclass(frozen=True)
class RegionOutcome:
    """What a cloud task did in one region. A failure with answers concerns only some of them."""

    answers: tuple[Answer, ...] = ()
    failure: ApiFailure | None = None
    quota: Quota = Quota()

    @cached_property
    def _by_name(self) -> Mapping[str | None, Answer]:
        return {answer.name: answer for answer in reversed(self.answers)}

    def named(self, name: str | None) -> Answer | None:
        """The first answer of this name."""
        return self._by_name.get(name)


@dataclass(frozen=True)
class TokensOutcome(RegionOutcome):
    """Registration tokens. ``given`` and ``left_over`` count those of the portal; no token itself is ever here."""

    given: int = 0
    left_over: int = 0


@dataclass(frozen=True)
class FleetState:
    """All that was read. Of a region that is in neither map, nothing was read.

    ``portal_tokens`` says, by region, which of the hosts that need one would get a registration token of the portal.
    """

    settings: Settings
    appliances: Mapping[str, ApplianceReading] = field(default_factory=dict)
    devices: Mapping[str, DevicesReading] = field(default_factory=dict)
    modules: Mapping[str, ModulesReading] = field(default_factory=dict)
    portal_tokens: Mapping[str, TokensOutcome] = field(default_factory=dict)


@dataclass(frozen=True)
class WaitOutcome(RegionOutcome):
    """Waiting until SSE shows devices: the ``missing`` ones with their state, and the ``devices`` seen at the end.

    ``predicted``: nobody has waited; SSE does not show them now.
    """

    missing: Mapping[str, str] | None = None
    devices: tuple[Device, ...] = ()
    predicted: bool = False


@dataclass(frozen=True)
class ModulesOutcome(RegionOutcome):
    """CTR modules. ``instances``, ``orphans`` and ``shared`` are None where they were not asked for or not readable."""

    instances: tuple[FoundModule, ...] | None = None
    orphans: tuple[FoundModule, ...] | None = None
    shared: tuple[SharedDevice, ...] = ()
    types: tuple[FoundType, ...] = ()


@dataclass(frozen=True)
class Outcomes:
    """What the tasks of a run have done so far, or would do; by host, or by region.

    A task that has not run (yet) has no outcome. ``alive`` are the hosts that Ansible still runs, None for all.
    """

    alive: frozenset[str] | None = None
    read_again: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    enable: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    register: Mapping[str, ApplianceOutcome] = field(default_factory=dict)
    tokens: Mapping[str, TokensOutcome] = field(default_factory=dict)
    wait: Mapping[str, WaitOutcome] = field(default_factory=dict)
    modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    records: Mapping[str, RegionOutcome] = field(default_factory=dict)
    old_modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    old_records: Mapping[str, RegionOutcome] = field(default_factory=dict)
    pruned_modules: Mapping[str, ModulesOutcome] = field(default_factory=dict)
    pruned_records: Mapping[str, RegionOutcome] = field(default_factory=dict)


class CloudStepKind(Enum):
    """What a run does in the cloud for one appliance."""

    MODULE_CREATED = "module_created"
    MODULE_UPDATED = "module_updated"
    MODULE_DELETED = "module_deleted"
    RECORD_DELETED = "record_deleted"
    OLD_MODULE_DELETED = "old_module_deleted"
    OLD_RECORD_DELETED = "old_record_deleted"


@dataclass(frozen=True)
class CloudStep:
    """One thing done in the cloud; ``region`` is that of a record or module elsewhere."""

    kind: CloudStepKind
    region: str = ""


FleetStep = Union[Step, CloudStep]  # noqa: UP007 - ansible-test takes | for an operation on values
"""A step on the appliance, or one in the cloud."""


@dataclass(frozen=True)
class RecordElsewhere:
    """An SSE record of an appliance in a region other than the wanted one; ``remove``: this run removes it."""

    region: str
    id: str
    name: str
    status: str
    remove: bool

    @property
    def registered(self) -> bool:
        return self.status.lower() == Registration.REGISTERED.value


@dataclass
class Progress:
    """How far one appliance has come. ``stop`` is why a run does not go on with it."""

    wanted: Wanted
    device: str | None = None
    product: str = ""
    registration: str | None = None
    needs_token: bool = False
    left_region: str | None = None
    """The region that it was deregistered from by this run."""
    elsewhere: list[RecordElsewhere] = field(default_factory=list)
    module: Action | None = None
    steps: list[FleetStep] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    stop: Reason | None = None
    shared: bool = False
    """Whether others of the region stop for the same reason, which is then told once."""

    @property
    def why(self) -> Reason | None:
        """The reason to show for this appliance."""
        return reason(Code.REGION_FAILED, region=self.region) if self.shared else self.stop

    @property
    def host(self) -> str:
        return self.wanted.host

    @property
    def region(self) -> str:
        return self.wanted.region

    @property
    def registered(self) -> bool:
        return self.registration == Registration.REGISTERED.value

    def fail(self, reason: Reason) -> None:
        """Stop here; the first reason counts."""
        self.stop = self.stop or reason
