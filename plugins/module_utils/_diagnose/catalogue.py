# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The catalogue of findings: everything that a diagnosis can end with, nearest the cause first.

The documentation page docs/troubleshooting.md is generated from it; each code is an anchor there. Source of causes and
fixes: the vendor's procedure, rules and troubleshooting (grade A), unless ``grade`` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One end of a diagnosis. ``sentence`` and ``fix`` may hold C({host}), C({region}), C({portal}) and C({server}).

    ``told_by`` says which reading shows it; ``grade`` how sure the rule is (see docs/development.md).
    """

    code: str
    sentence: str
    told_by: str
    fix: str
    grade: str = "A"


CATALOGUE: tuple[Finding, ...] = (
    Finding(
        "managed_by_sma",
        "{host} is managed by an SMA, or hosted by the vendor, so it is integrated through its SMA only.",
        "the inventory: esa_ctr_managed_by_sma or esa_ctr_hosted",
        "Take the ESA out of the play, and integrate its SMA (AsyncOS 12.5 or later) in {region}.",
    ),
    Finding(
        "not_reachable",
        "{host} cannot be reached, or does not let this user in, over SSH.",
        "the SSH connection",
        "Check name, port, firewall, user, password or key, and the host key; the evidence says which of them.",
        "C",
    ),
    Finding(
        "too_old",
        "{host} is of a product or AsyncOS release that cannot be integrated.",
        "the command version",
        "Upgrade: an ESA needs AsyncOS 13.0 or later, an SMA 12.5 or later; a web gateway is not supported here.",
    ),
    Finding(
        "not_readable",
        "{host} answers, but not as any known AsyncOS does, so that nothing more can be told.",
        "the command line",
        "Record the session (ansible_asyncos_transcript) and send it as docs/contributing-transcripts.md says.",
        "I",
    ),
    Finding(
        "not_enabled",
        "The cloud service of {host} is not enabled.",
        "the command cloudserviceconfig",
        "Run emailsec.ctr.onboard, or enable it under Network > Cloud Service Settings on the server {server}, and commit.",
    ),
    Finding(
        "not_committed",
        "The cloud service of {host} is enabled, but the change was not committed, so it asks for no registration token.",
        "the command cloudserviceconfig: enabled, and neither registered nor asking for a token",
        "Commit the pending change on the appliance (look at showchanges first), then run emailsec.ctr.onboard.",
    ),
    Finding(
        "wrong_region_server",
        "{host} uses a Threat Response Server of another region than {region}.",
        "the command cloudserviceconfig, compared with the inventory",
        "Correct esa_ctr_region, or move it: emailsec.ctr.onboard --limit {host} -e esa_ctr_allow_region_change=true "
        "(an appliance that is not registered needs no such permission).",
    ),
    Finding(
        "busy_too_long",
        "The cloud service of {host} has been busy for longer than it should.",
        "the command cloudserviceconfig, read twice",
        "Wait some minutes and look again; if it stays so, check that the appliance reaches {server} on TCP 443, directly "
        "or through its proxy, and that its clock is right.",
    ),
    Finding(
        "api_not_usable",
        "The API of {region} cannot be used, so that nothing more can be told.",
        "the log-in and the list of devices",
        "Check the API client of {region} (client_id, client_password, api_url, ca_path) and the network of the controller.",
    ),
    Finding(
        "quota_used_up",
        "The organisation's quota of API calls in {region} is used up, so that nothing more can be told.",
        "the answer 429, or the header X-Ratelimit-Org-Remaining",
        "Run it later; 8,000 requests in 60 minutes are shared by all API clients of the organisation.",
    ),
    Finding(
        "scope_missing",
        "The API client of {region} lacks a scope.",
        "the answer 403 missing_scope",
        "Make an API client with the scopes sse, integration, enrich:read and inspect:read in the tenant of {region}.",
    ),
    Finding(
        "same_host_name",
        "Another appliance of {region} has the same host name as {host}, so that SSE cannot tell them apart.",
        "the appliances of the play, by the name that each gives itself",
        "Give each appliance a host name of its own (sethostname, then commit), and register it anew.",
        "I",
    ),
    Finding(
        "two_records",
        "The SSE of {region} has more than one record of the name of {host}.",
        "the list of devices",
        "Remove the one that is not wanted (emailsec.ctr.sse_device by id, or emailsec.ctr.onboard with esa_ctr_prune).",
        "I",
    ),
    Finding(
        "registered_elsewhere",
        "{host} is absent in the SSE of {region}, and registered under its name in that of another region.",
        "the lists of devices of all regions with an account",
        "Server, token, SSE and CTR must be of one region: correct esa_ctr_region, or move the appliance (emailsec.ctr.onboard "
        "with esa_ctr_allow_region_change), and remove the record of the other region (emailsec.ctr.sse_device).",
    ),
    Finding(
        "registered_only_in_sse",
        "The SSE of {region} shows {host} as registered, but the appliance itself is not.",
        "the command cloudserviceconfig, and the list of devices",
        "If the record is a leftover, remove it (emailsec.ctr.sse_device by id), then run emailsec.ctr.onboard; if it is "
        "another appliance of the same host name, give each a name of its own.",
        "I",
    ),
    Finding(
        "token_refused",
        "{host} asks for a registration token: the last one was invalid, expired, or of another region.",
        "the command cloudserviceconfig, which shows the failure, with a record in SSE that waits",
        "Issue a new token in the SSE of {region} ({portal}) with a lifetime that suits, and register; emailsec.ctr.onboard "
        "does both.",
    ),
    Finding(
        "registration_failed",
        "The registration of {host} failed, and SSE does not know it.",
        "the command cloudserviceconfig",
        "Register it again (emailsec.ctr.onboard); if it fails again, check that the appliance reaches {server} on TCP 443.",
    ),
    Finding(
        "token_not_used",
        "A registration token was issued for {host}, and the appliance has not registered with it.",
        "a record in SSE that waits, and an appliance that asks for a token",
        "Enter the token on the appliance before it expires, or run emailsec.ctr.onboard, which issues a new one.",
        "I",
    ),
    Finding(
        "never_registered",
        "{host} is enabled, and has never been given a registration token.",
        "the command cloudserviceconfig, and the list of devices without its name",
        "Run emailsec.ctr.onboard, or issue a token in the SSE of {region} ({portal}), Devices, and register the appliance.",
    ),
    Finding(
        "absent_in_sse",
        "{host} is registered by its own account, but the SSE of {region} does not know it, or not as registered.",
        "the command cloudserviceconfig, and the list of devices",
        "Deregister the appliance (emailsec.ctr.esa_cloud_service, state: unregistered), then run emailsec.ctr.onboard.",
    ),
    Finding(
        "ctr_not_enabled_in_sse",
        "Threat Response is not enabled in the SSE of {region}, so that no device can be chosen for a module.",
        "the module type, whose field Registered Device offers none",
        "Enable Threat Response in SSE ({portal}), tab Cloud Services.",
        "A for the rule, I for how it is told",
    ),
    Finding(
        "module_unclear",
        "Which CTR module belongs to {host} cannot be told.",
        "the modules of CTR",
        "Read the evidence; delete the module that is not wanted in CTR, Modules.",
        "I",
    ),
    Finding(
        "module_missing",
        "{host} is registered, and CTR has no module for it.",
        "the modules of CTR",
        "Run emailsec.ctr.onboard, or add it: Modules > Add New Module. If the device is not offered there, enable Threat "
        "Response in SSE ({portal}), tab Cloud Services.",
    ),
    Finding(
        "module_of_another_device",
        "The CTR module of {host} points to another device, or to one that is gone.",
        "the modules of CTR, compared with the list of devices",
        "Run emailsec.ctr.onboard, which points it to the right device.",
    ),
    Finding(
        "module_disabled",
        "The CTR module of {host} is disabled, so that it answers nothing.",
        "the modules of CTR",
        "Run emailsec.ctr.onboard, or enable it in CTR, Modules.",
    ),
    Finding(
        "module_unhealthy",
        "The CTR module of {host} is there, and does not work.",
        "the health of the modules, or an error in the answer to an investigation",
        "Read the module's words in the evidence; check that the appliance reaches {server}, and that its device is enabled in "
        "SSE ({portal}).",
    ),
    Finding(
        "query_syntax",
        "The query is not in the syntax of CTR.",
        "the query given in esa_ctr_diagnose_query",
        'Write it like email_subject:"Invoice Due" or email_messageid:"123-abc-456@example.com"; see the evidence for the place.',
    ),
    Finding(
        "tracking_off",
        "Message Tracking of {host} is off, so that it has nothing to answer with.",
        "the AsyncOS REST API",
        "Enable it under Security Services > Message Tracking (on an SMA: Management Appliance > Centralized Services), and "
        "commit.",
        "I",
    ),
    Finding(
        "no_data_in_timeframe",
        "{host} is connected, and CTR has no sighting of what was asked for within the module's timeframe.",
        "the investigation, and message tracking where it can be read",
        "Ask for a message that the appliance has tracked within the last days of the module's Request Timeframe, or raise "
        "esa_ctr_request_timeframe_days; emailsec.ctr.verify sends one.",
    ),
)
NOTHING_WRONG = Finding(
    "nothing_wrong",
    "Nothing is wrong with {host} as far as was looked.",
    "every reading above",
    "Nothing. emailsec.ctr.verify proves the whole way with a message.",
)
BY_CODE = {finding.code: finding for finding in (*CATALOGUE, NOTHING_WRONG)}
PAGE = "docs/troubleshooting.md"


def page_of(code: str) -> str:
    """The place of a code in the documentation."""
    return f"{PAGE}#{code}"
