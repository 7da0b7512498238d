# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_drift_report
short_description: Make the drift report of a fleet, for people and for machines
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Checks the settings of all hosts of the play and reads the fleet as M(emailsec.ctr.fleet_plan) does with C(job=report), then
    compares it with the inventory. With O(reading) it compares what was read before, and with O(appliances) it takes regions
    and appliances that were compared already.
  - Joins them to one document with totals, verdicts and what changed since the last report in the same folder, and
    writes it in the formats asked for.
  - With O(investigation) it also makes a diagnosis, and each appliance has one finding.
  - Shows on the terminal what is not ok, and a summary of at most five lines with the path of the page.
  - Used by the role P(emailsec.ctr.esa_ctr_integration#role) for its drift report.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  reading:
    description:
      - RV(emailsec.ctr.fleet_plan#module:reading), to be compared instead of reading the fleet. Mutually exclusive with
        O(appliances).
    type: str
  investigation:
    description:
      - With O(reading), the result of M(emailsec.ctr.ctr_investigation_info) with C(check_health), looped over the regions.
    type: dict
  tracking:
    description:
      - With O(investigation), the name of the variable that M(emailsec.ctr.esa_message_tracking_info) has registered on each
        appliance.
    type: str
  query:
    description: With O(investigation), what the investigation looked for.
    type: str
    default: ""
  regions:
    description:
      - With O(appliances), the regions, each with C(region) (its name in the inventory), C(checks) (what belongs to the region itself, such as
        orphans), and C(quota) (a dictionary with C(limit) and C(remaining), or nothing).
      - C(label) and C(portal_url) are filled in where they are missing.
    type: list
    elements: dict
    default: []
  appliances:
    description:
      - The appliances, each with C(host), C(region) and C(checks), and where known C(reason), C(hostname), C(product), C(model),
        C(version), C(serial), and C(steps) (what a run would do, in order).
      - A check has C(check) (its stable name), C(title), C(wanted), C(found), C(verdict) (V(ok), V(drift), V(refused) or
        V(unknown)), C(step) (what a run would do about it) and C(reason). The verdict of an appliance is the worst of its checks.
      - C(finding) is what a diagnosis found, with C(code), C(sentence), C(evidence), C(fix), C(portal_url) and C(page).
    type: list
    elements: dict
  title:
    description: Heading of the report.
    type: str
    default: Drift
  dest:
    description: Folder for the files on the controller. It is made where it is missing.
    type: path
    required: true
  formats:
    description:
      - What to make. V(table) is shown on the terminal, V(html) is C(drift.html), V(csv) is C(drift.csv), V(md) is C(drift.md),
        V(junit) is C(drift.junit.xml), and V(prom) is C(drift.prom), for the textfile collector of node_exporter.
      - V(json), which is C(drift.json), is always written. Files of other formats that are there already are left as they are.
    type: list
    elements: str
    choices: [table, json, html, csv, md, junit, prom]
    default: [table, json, html, csv, md, junit, prom]
  keep:
    description:
      - How many reports the trend goes back, this one included. Each leaves a small file in C(history) below O(dest); the oldest
        beyond this number are removed. With V(0) none is kept.
    type: int
    default: 30
  fail_on:
    description:
      - When the task fails, after all files are written. V(drift) means whenever anything is not ok, V(unknown) only when
        something could not be read.
    type: str
    choices: [never, drift, unknown]
    default: never
notes:
  - The report writes only files of its own, and is the same in check mode; it is output, not a change of the fleet.
  - A C(drift.json) or a file of the history that cannot be read, or is of another schema, is left out of the comparison with a
    warning.
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

- name: Report what was compared elsewhere, and stop a pipeline if there is any drift
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
      description: Stable name of the finding, explained in the page C(docs/troubleshooting.md) of the collection.
      type: str
      returned: always
      sample: token_refused
    sentence:
      description: What is wrong.
      type: str
      returned: always
    evidence:
      description: What was read that shows it.
      type: str
      returned: always
    fix:
      description: What to do.
      type: str
      returned: always
    remedy:
      description: The same as C(fix), for playbooks that use the older name. It will be removed in the next release.
      type: str
      returned: always
    portal_url:
      description: Address of the portal of the region.
      type: str
      returned: always
    page:
      description: Page and anchor that explain the code.
      type: str
      returned: always
verdict:
  description: The worst verdict of all regions and appliances.
  type: str
  returned: success, or failed because of O(fail_on)
  sample: drift
counts:
  description: How many appliances have which verdict.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    unknown: 0
    refused: 0
    drift: 1
    ok: 7
previous:
  description: The last report in the folder, and for how many appliances the verdict changed since, how many are new, and how
    many are gone. Nothing where there was none. C(drift.json) has the names.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    created: "2026-11-24T07:06:43Z"
    counts: {unknown: 0, refused: 0, drift: 0, ok: 8}
    changed: 1
    added: 0
    gone: 0
files:
  description: Absolute paths of the files written, by format.
  type: dict
  returned: success, or failed because of O(fail_on)
  sample:
    json: /home/operator/esa-ctr-report/drift.json
    html: /home/operator/esa-ctr-report/drift.html
dest:
  description: Absolute path of the page, or of C(drift.json) where no page was made.
  type: str
  returned: success, or failed because of O(fail_on)
  sample: /home/operator/esa-ctr-report/drift.html
"""
