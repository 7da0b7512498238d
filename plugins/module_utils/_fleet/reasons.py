# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Reasons and notes of a report: a code and its parameters.

Decisions read the code. The sentences are in C(_report/wording.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Union

Parameter = Union[str, int, tuple[str, ...]]  # noqa: UP007 - ansible-test takes | for an operation on values


class Code(Enum):
    """The codes of all reasons. The parameters of each code are the placeholders of its sentence."""

    # An appliance
    APPLIANCE_UNREAD = "appliance_unread"
    APPLIANCE_REFUSED = "appliance_refused"
    BUSY = "busy"
    STOPPED_EARLIER = "stopped_earlier"
    OTHER_REGION = "other_region"
    OTHERS_CHANGES_PENDING = "others_changes_pending"
    OTHERS_CHANGES_UNKNOWN = "others_changes_unknown"
    SAME_HOST_NAME = "same_host_name"
    NOT_COMMITTED = "not_committed"
    SMART_LICENSING = "smart_licensing"
    # Its registration
    NO_TOKEN = "no_token"
    TOKENS_FAILED = "tokens_failed"
    TOKEN_FAILED = "token_failed"
    TOKEN_REFUSED = "token_refused"
    REGISTERED_IN_SSE_ONLY = "registered_in_sse_only"
    NOT_SHOWN_IN_TIME = "not_shown_in_time"
    NOT_SHOWN = "not_shown"
    WAIT_FAILED = "wait_failed"
    # Its module and its records
    MODULE_FAILED = "module_failed"
    MODULES_UNREAD = "modules_unread"
    NO_MODULE_TYPE = "no_module_type"
    MODULES_REFUSED = "modules_refused"
    RECORD_STILL_THERE = "record_still_there"
    OLD_MODULE_STILL_THERE = "old_module_still_there"
    OLD_RECORD_STILL_THERE = "old_record_still_there"
    OLD_REGION_UNREAD = "old_region_unread"
    REGION_FAILED = "region_failed"
    REGION_UNREAD = "region_unread"
    REGION_REFUSED = "region_refused"
    # Notes
    CHANGED_MEANWHILE = "changed_meanwhile"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_UNUSED = "token_unused"
    OTHER_RUN = "other_run"
    SHARED_FAILURE = "shared_failure"
    ALSO_IN_SSE = "also_in_sse"
    MANUAL_WORK = "manual_work"
    RECORD_MANUAL = "record_manual"
    DEVICES_OF_OTHER_REGION_UNREAD = "devices_of_other_region_unread"
    TOKENS_LEFT_OVER = "tokens_left_over"
    PRUNED = "pruned"
    PRUNED_MEANWHILE = "pruned_meanwhile"
    PRUNE_FAILED = "prune_failed"
    PRUNE_NOT_DONE = "prune_not_done"
    RECORD_LEFT = "record_left"
    # A test message
    NOT_SENT = "not_sent"
    NOT_TRACKED = "not_tracked"
    MESSAGE_ID_UNUSABLE = "message_id_unusable"
    CTR_NOT_ASKED = "ctr_not_asked"
    NO_MODULE = "no_module"
    MODULE_UNHEALTHY = "module_unhealthy"
    NO_SIGHTING = "no_sighting"
    # Why a check is not ok, and remarks on a check
    STOPS_BEFORE = "stops_before"
    LEFT_UNCHANGED = "left_unchanged"
    NOT_READ = "not_read"
    NOT_REACHED = "not_reached"
    APPLIANCE_SKIPPED = "appliance_skipped"
    NO_DEVICES = "no_devices"
    NO_MODULES = "no_modules"
    API_FAILED = "api_failed"
    SERVICE_BUSY = "service_busy"
    SERVER_SET_LATER = "server_set_later"
    SERVER_IN_SSE = "server_in_sse"
    SERVER_NOWHERE = "server_nowhere"
    CHANGES_PENDING = "changes_pending"
    CHANGES_UNKNOWN = "changes_unknown"
    DUPLICATE_NAME = "duplicate_name"
    TAKEN_OVER_BY_SSE = "taken_over_by_sse"
    SSE_SILENT = "sse_silent"
    API_SILENT = "api_silent"
    REGIONS_UNREAD = "regions_unread"
    REGISTERED_THERE_TOO = "registered_there_too"
    LEFT_OVER_THERE = "left_over_there"
    MODULE_PROBLEM = "module_problem"
    MODULES_OF_ONE_NAME = "modules_of_one_name"
    DEVICES_COUNTED = "devices_counted"
    MODULES_COUNTED = "modules_counted"
    LISTED = "listed"
    NOT_PROVEN = "not_proven"
    DELETE_MANUALLY = "delete_manually"
    PRUNE_WOULD_DELETE = "prune_would_delete"
    SHARED_DEVICES = "shared_devices"
    QUOTA_LOW = "quota_low"


REGION_CODES = frozenset(
    {
        Code.REGION_UNREAD,
        Code.REGION_REFUSED,
        Code.TOKENS_FAILED,
        Code.WAIT_FAILED,
        Code.MODULES_UNREAD,
        Code.MODULES_REFUSED,
        Code.NO_MODULE_TYPE,
    }
)
"""Codes of failures of a whole region, not of one appliance."""
UNKNOWN_CODES = frozenset({Code.APPLIANCE_UNREAD, Code.BUSY, Code.MODULES_UNREAD, Code.REGION_UNREAD})
"""Codes of stops because something could not be read. All other stops are refusals."""


@dataclass(frozen=True)
class Reason:
    """A code with the parameters of its sentence."""

    code: Code
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def unknown(self) -> bool:
        """Whether the run stops because something could not be read."""
        return self.code in UNKNOWN_CODES


def reason(code: Code, **parameters: Parameter) -> Reason:
    return Reason(code, parameters)
