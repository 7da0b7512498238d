# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_drift_report
short_description: Create the drift report of a fleet
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Checks the settings of all hosts of the play, reads the fleet like M(emailsec.ctr.fleet_plan) with C(job=report), and
    compares it with the inventory. With O(reading), it compares an earlier reading. With O(appliances), it uses regions and
    appliances that are compared already.
  - Creates one document with totals, verdicts and the changes since the last report in the same folder, and writes it in the
    requested formats.
  - With O(investigation), also makes a diagnosis with one finding for each appliance.
  - Shows on the terminal all that is not ok, and a summary with the path of the page.
  - Used by the role P(emailsec.ctr.esa_ctr_integration#role) for its drift report.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  reading:
    description:
      - RV(emailsec.ctr.fleet_plan#module:reading), to compare instead of reading the fleet. Mutually exclusive with
        O(appliances).
    type: str
  investigation:
    description:
      - With O(reading), the result of M(emailsec.ctr.ctr_investigation_info) with C(check_health), looped over the regions.
    type: dict
  tracking:
    description:
      - With O(investigation), RV(emailsec.ctr.fleet_plan#module:tracking).
    type: str
  query:
    description: With O(investigation), the query of the investigation.
    type: str
    default: ""
  regions:
    description:
      - With O(appliances), the regions, each with C(region) (its name in the inventory), C(checks) (checks of the region
        itself, such as orphaned records), and optionally C(quota) (a dictionary with C(limit) and C(remaining)).
      - Default values of C(label) and C(portal_url) depend on the region.
    type: list
    elements: dict
    default: []
  appliances:
    description:
      - The appliances, each with C(host), C(region) and C(checks), and optionally C(reason), C(hostname), C(product), C(model),
        C(version), C(serial), and C(steps) (the steps that a run would take, in order).
      - A check has C(check) (its stable name), C(title), C(wanted), C(found), C(verdict) (V(ok), V(drift), V(refused) or
        V(unknown)), C(step) (the step that a run would take) and C(reason). The verdict of an appliance is the worst verdict of
        its checks.
      - C(finding) is the finding of a diagnosis, with C(code), C(sentence), C(evidence), C(fix), C(portal_url) and C(page).
    type: list
    elements: dict
  title:
    description: Heading of the report.
    type: str
    default: Drift
  dest:
    description: Folder for the files on the controller. A missing folder is created.
    type: path
    required: true
  formats:
    description:
      - The formats. V(table) is shown on the terminal, V(html) is C(drift.html), V(csv) is C(drift.csv), V(md) is C(drift.md),
        V(junit) is C(drift.junit.xml), and V(prom) is C(drift.prom), for the textfile collector of node_exporter.
      - V(json) is C(drift.json), which is always written. Existing files of other formats are not changed.
    type: list
    elements: str
    choices: [table, json, html, csv, md, junit, prom]
    default: [table, json, html, csv, md, junit, prom]
  mode:
    description:
      - Mode of the files, as text. If empty, V(0640), or less if the umask demands it. Use V(0644) if another user reads them, such as
        the textfile collector of Prometheus.
      - The history is readable by its owner only. A folder that is a symbolic link, belongs to another user, or can be written to
        by all users, is refused.
    type: str
    choices: ["", "0600", "0640", "0644"]
    default: ""
  keep:
    description:
      - Number of reports in the trend, including this report. Each report writes a small file to C(history) in O(dest); older
        files are removed. V(0) keeps no history.
    type: int
    default: 30
  notify_url:
    description:
      - Address (https) that gets a notification when an appliance has another verdict than in the last report, or is new or gone.
        Nothing is sent in check mode.
      - A notification that is not accepted is a warning. It does not fail the report.
    type: str
  notify_format:
    description: Body of the notification. V(json) is for programs. The others are for the services with these names.
    type: str
    choices: [json, webex, slack, servicenow]
    default: json
  notify_headers:
    description: HTTP headers of the notification, such as C(Authorization).
    type: dict
    default: {}
  notify_ca_path:
    description: File with CA certificates to verify O(notify_url).
    type: path
  fail_on:
    description:
      - When the task fails, after all files are written. V(drift) fails if an appliance or region is not ok, V(unknown) only
        if an appliance or region could not be read.
    type: str
    choices: [never, drift, unknown]
    default: never
notes:
  - The report writes only its own files, also in check mode, because it does not change the fleet.
  - If C(drift.json) or a history file cannot be read or has another schema version, it is skipped with a warning.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Report the drift of the fleet
  emailsec.ctr.fleet_drift_report:
    dest: ./esa-ctr-report
  run_once: true
  delegate_to: localhost

- name: Report appliances that are compared already, and fail if there is drift
  emailsec.ctr.fleet_drift_report:
    regions:
      - region: europe
        quota: {limit: 8000, remaining: 7990}
        checks:
          - {check: orphans, title: Orphans, wanted: 0, found: 0, verdict: ok}
    appliances:
      - host: esa1.example.com
        region: europe
        steps: [set the server to api.eu.sse.itd.cisco.com]
        checks:
          - check: server
            title: Server
            wanted: api.eu.sse.itd.cisco.com
            found: api-sse.cisco.com
            verdict: drift
            step: set the server to api.eu.sse.itd.cisco.com
    dest: ./esa-ctr-report
    fail_on: drift
  run_once: true
"""

RETURN = r"""
findings:
  description: One finding per appliance, for M(emailsec.ctr.fleet_report).
  type: list
  elements: dict
  returned: with O(investigation)
  contains:
    host:
      description: Name of the host in the inventory.
      type: str
      returned: always
      sample: esa1.example.com
    region:
      description: Region of the appliance.
      type: str
      returned: always
      sample: europe
    code:
      description: Stable name of the finding, see C(docs/troubleshooting.md) of the collection.
      type: str
      returned: always
      sample: token_refused
    sentence:
      description: The problem.
      type: str
      returned: always
    evidence:
      description: The readings that show the problem.
      type: str
      returned: always
    fix:
      description: How to fix the problem.
      type: str
      returned: always
    remedy:
      description: Deprecated alias of C(fix). It will be removed in the next release.
      type: str
      returned: always
    portal_url:
      description: Address of the portal of the region.
      type: str
      returned: always
    page:
      description: Page and anchor of the code in the documentation.
      type: str
      returned: always
ansible_stats:
  description:
    - Verdict, counts and page of the report as the statistic C(emailsec_ctr_drift) of the run. An automation controller keeps it as the
      artifacts of the job.
  type: dict
  returned: success
  sample:
    data:
      emailsec_ctr_drift:
        verdict: drift
        counts: {ok: 4998, drift: 2}
        report: /home/admin/esa-ctr-report/drift.html
verdict:
  description: The worst verdict of all regions and appliances.
  type: str
  returned: success, or failed because of O(fail_on)
  sample: drift
counts:
  description: Number of appliances for each verdict.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    unknown: 0
    refused: 0
    drift: 1
    ok: 7
previous:
  description: The last report in the folder, and the number of appliances with a changed verdict, of new appliances, and of
    appliances that are no longer in the report. Null without an earlier report. C(drift.json) contains the names.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    created: "2026-11-24T07:06:43Z"
    counts: {unknown: 0, refused: 0, drift: 0, ok: 8}
    changed: 1
    added: 0
    gone: 0
files:
  description: Absolute paths of the written files, by format.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    json: /home/operator/esa-ctr-report/drift.json
    html: /home/operator/esa-ctr-report/drift.html
dest:
  description: Absolute path of the page, or of C(drift.json) if no page was written.
  type: str
  returned: success, or failed because of O(fail_on)
  sample: /home/operator/esa-ctr-report/drift.html
"""
