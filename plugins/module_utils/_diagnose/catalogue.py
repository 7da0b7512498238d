# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The catalogue of findings: all results of a diagnosis, in the order of the rules.

The page docs/troubleshooting.md is generated from this catalogue; each code is an anchor there. Causes and fixes come from
the vendor's documentation (grade A), unless ``grade`` has another value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A result of a diagnosis. ``sentence`` and ``fix`` may contain C({host}), C({region}), C({portal}) and C({server}).

    ``detected_by`` names the reading that shows it. ``grade`` is the confidence of the rule (see docs/development.md).
    """

    code: str
    sentence: str
    detected_by: str
    fix: str
    grade: str = "A"


CATALOGUE: tuple[Finding, ...] = (
    Finding(
        "managed_by_sma",
        "{host} is managed by an SMA or hosted by the vendor, so it can be integrated only through its SMA.",
        "the inventory: esa_ctr_managed_by_sma or esa_ctr_hosted",
        "Remove the ESA from the play, and integrate its SMA (AsyncOS 12.5 or later) in {region}.",
    ),
    Finding(
        "not_reachable",
        "The SSH connection or the log-in to {host} failed.",
        "the SSH connection",
        "Read the cause in the evidence, then check the address, port and firewall, the user and password or key, or the host key.",
        "C",
    ),
    Finding(
        "too_old",
        "The product or AsyncOS release of {host} cannot be integrated.",
        "the command version",
        "Upgrade an ESA to AsyncOS 13.0 or later, an SMA to 12.5 or later. Web gateways are not supported.",
    ),
    Finding(
        "not_readable",
        "The command line of {host} answers, but not in a form known from AsyncOS, so the diagnosis stops here.",
        "the command line",
        "Record the session (ansible_asyncos_transcript), and send the transcript as described in docs/contributing-transcripts.md.",
        "I",
    ),
    Finding(
        "not_enabled",
        "The cloud service of {host} is not enabled.",
        "the command cloudserviceconfig",
        "Run emailsec.ctr.onboard. Or enable it manually: Network > Cloud Service Settings, server {server}; then commit.",
    ),
    Finding(
        "not_committed",
        "The cloud service of {host} is enabled but not committed, so the appliance does not ask for a registration token.",
        "the command cloudserviceconfig: enabled, but neither registered nor asking for a token",
        "Check showchanges on the appliance, commit the pending change, then run emailsec.ctr.onboard.",
    ),
    Finding(
        "wrong_region_server",
        "The Threat Response Server of {host} does not belong to {region}.",
        "the command cloudserviceconfig, compared with the inventory",
        "Correct esa_ctr_region, or move the appliance: emailsec.ctr.onboard --limit {host} "
        "-e esa_ctr_allow_region_change=true (the variable is needed only if the appliance is registered).",
    ),
    Finding(
        "busy_too_long",
        "The cloud service of {host} has been processing a request for too long.",
        "the command cloudserviceconfig, read twice",
        "Rerun the diagnosis in a few minutes. If the service is still busy, check that the appliance can connect to {server} on "
        "TCP 443, directly or through its proxy, and that its clock is correct.",
    ),
    Finding(
        "api_not_usable",
        "The API of {region} cannot be used, so the diagnosis stops here.",
        "the log-in and the requests to the API",
        "Check the API client of {region} (client_id, client_password, api_url, ca_path) and the network of the controller.",
    ),
    Finding(
        "quota_used_up",
        "The organisation's quota of API calls in {region} is used up, so the diagnosis stops here.",
        "the response 429",
        "Rerun the diagnosis later. All API clients of the organisation share 8,000 requests in 60 minutes.",
    ),
    Finding(
        "scope_missing",
        "The API client of {region} lacks a scope.",
        "the response 403 missing_scope",
        "Create an API client with the scopes sse, integration, enrich:read and inspect:read in the tenant of {region}.",
    ),
    Finding(
        "same_host_name",
        "Another appliance of {region} has the same host name as {host}, so SSE cannot distinguish them.",
        "the host names that the appliances of the play report",
        "Give each appliance a unique host name (sethostname, then commit), and register it again.",
        "I",
    ),
    Finding(
        "two_records",
        "The SSE of {region} has more than one record with the name of {host}.",
        "the list of devices",
        "Remove the records that are not needed (emailsec.ctr.sse_device by id, or emailsec.ctr.onboard with esa_ctr_prune).",
        "I",
    ),
    Finding(
        "registered_elsewhere",
        "{host} is not registered in the SSE of {region}, but its name is registered in the SSE of another region.",
        "the lists of devices of all regions with an account",
        "Correct esa_ctr_region, or move the appliance (emailsec.ctr.onboard with esa_ctr_allow_region_change) and remove the "
        "record in the other region (emailsec.ctr.sse_device). Server, token, SSE and CTR must belong to the same region.",
    ),
    Finding(
        "registered_only_in_sse",
        "The SSE of {region} shows {host} as registered, but the appliance is not registered.",
        "the command cloudserviceconfig, and the list of devices",
        "If the record is orphaned, remove it (emailsec.ctr.sse_device by id), then run emailsec.ctr.onboard. If it belongs to "
        "another appliance with the same host name, give each appliance a unique host name.",
        "I",
    ),
    Finding(
        "token_refused",
        "The registration of {host} failed: its registration token was invalid, expired, or from another region.",
        "the command cloudserviceconfig, which shows the failure, and a record in SSE that is not registered",
        "Run emailsec.ctr.onboard. Or issue a new token with a sufficient lifetime in the SSE of {region} ({portal}), and register "
        "the appliance with it.",
    ),
    Finding(
        "registration_failed",
        "The registration of {host} failed, and SSE has no record of it.",
        "the command cloudserviceconfig, and the list of devices without its name",
        "Run emailsec.ctr.onboard. If the registration fails again, check that the appliance can connect to {server} on TCP 443.",
    ),
    Finding(
        "token_not_used",
        "A registration token was issued for {host}, but the appliance has not registered with it.",
        "a record in SSE that is not registered, and an appliance that asks for a token",
        "Enter the token on the appliance before it expires, or run emailsec.ctr.onboard, which issues a new token.",
        "I",
    ),
    Finding(
        "never_registered",
        "The cloud service of {host} is enabled, but the appliance is not registered.",
        "the command cloudserviceconfig, and the list of devices without its name",
        "Run emailsec.ctr.onboard. Or issue a token in the SSE of {region} ({portal}), Devices, and register the appliance with it.",
    ),
    Finding(
        "absent_in_sse",
        "{host} reports that it is registered, but the SSE of {region} does not show it as registered.",
        "the command cloudserviceconfig, and the list of devices",
        "Deregister the appliance (emailsec.ctr.esa_cloud_service, state: unregistered), then run emailsec.ctr.onboard.",
    ),
    Finding(
        "ctr_not_enabled_in_sse",
        "Threat Response is not enabled in the SSE of {region}, so CTR offers no device for a module.",
        "the module type, whose field Registered Device offers no device",
        "Enable Threat Response in SSE ({portal}), tab Cloud Services.",
        "A for the rule, I for its detection",
    ),
    Finding(
        "module_unclear",
        "The diagnosis cannot determine which CTR module belongs to {host}.",
        "the modules of CTR",
        "Read the evidence. If CTR has several modules for the appliance, delete those that are not needed: CTR, Modules.",
        "I",
    ),
    Finding(
        "module_missing",
        "{host} is registered, but CTR has no module for it.",
        "the modules of CTR",
        "Run emailsec.ctr.onboard. Or add the module manually: Modules > Add New Module. If CTR does not offer the device, enable "
        "Threat Response in SSE ({portal}), tab Cloud Services.",
    ),
    Finding(
        "module_of_another_device",
        "The CTR module of {host} points to another device, or to a device that does not exist.",
        "the modules of CTR, compared with the list of devices",
        "Run emailsec.ctr.onboard, which sets the correct device.",
    ),
    Finding(
        "module_disabled",
        "The CTR module of {host} is disabled, so CTR gets no data from it.",
        "the modules of CTR",
        "Run emailsec.ctr.onboard, or enable the module in CTR, Modules.",
    ),
    Finding(
        "module_unhealthy",
        "The CTR module of {host} exists, but does not work.",
        "the health of the modules, or an error in the response to an investigation",
        "Read the error of the module in the evidence. Check that the appliance can connect to {server}, and that its device is "
        "enabled in SSE ({portal}).",
    ),
    Finding(
        "query_syntax",
        "The query does not match the syntax of CTR.",
        "the query given in esa_ctr_diagnose_query",
        'Correct the query as shown in the evidence. Examples: email_subject:"Invoice Due", email_messageid:"123-abc-456@example.com".',
    ),
    Finding(
        "tracking_off",
        "Message Tracking of {host} is disabled, so the appliance has no data for CTR.",
        "the AsyncOS REST API",
        "Enable Message Tracking (on an ESA: Security Services > Message Tracking, on an SMA: Management Appliance > Centralized "
        "Services), then commit.",
        "I",
    ),
    Finding(
        "no_data_in_timeframe",
        "{host} is connected, but CTR has no sighting for the query within the Request Timeframe of the module.",
        "the investigation, and message tracking if it can be read",
        "Query a message that the appliance tracked within the Request Timeframe, or increase esa_ctr_request_timeframe_days. "
        "emailsec.ctr.verify sends a test message.",
    ),
)
NOTHING_WRONG = Finding(
    "nothing_wrong",
    "The diagnosis found no problem on {host}.",
    "all rules above",
    "No action needed. To test the connection with a message, run emailsec.ctr.verify.",
)
BY_CODE = {finding.code: finding for finding in (*CATALOGUE, NOTHING_WRONG)}
PAGE = "docs/troubleshooting.md"


def page_of(code: str) -> str:
    """Return the page and anchor of a code in the documentation."""
    return f"{PAGE}#{code}"
