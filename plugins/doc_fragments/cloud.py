# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared options of the cloud modules."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region of Cisco Threat Response (CTR) and Security Services Exchange (SSE), V(americas), V(europe) or V(apjc), or a
        region that O(profile) defines.
      - Appliance server, registration token, device and module must be in the same region.
    type: str
    required: true
  api_url:
    description:
      - The address of the API, with or without the path C(/iroh/). By default, the address for O(region).
      - The address must begin with V(https://), and must not have anything after C(/iroh/). The address of another region
        and redirects are refused.
    type: str
  client_id:
    description:
      - The id of the API client. Create the API client in the CTR portal of this region.
      - By default, the environment variable E(CTR_CLIENT_ID).
    type: str
    required: true
  client_password:
    description:
      - The password of the API client. The API client needs the scopes V(sse) and V(integration).
      - By default, the environment variable E(CTR_CLIENT_PASSWORD).
    type: str
    required: true
  ca_path:
    description:
      - A PEM file with the CA certificates to trust, or a directory prepared by C(c_rehash).
      - By default, E(REQUESTS_CA_BUNDLE), then E(CURL_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether to verify the server certificate. V(false) overrides O(ca_path) and the environment.
    type: bool
    default: true
  proxy:
    description:
      - The address of the HTTP proxy for all requests.
      - By default, E(HTTPS_PROXY) and E(NO_PROXY) apply. A C(.netrc) file is never used.
    type: str
  record:
    description:
      - Folder on the machine that runs the task. Every exchange with the API is kept there, with secrets masked and data replaced,
        in files that only the user can read. See C(docs/contributing-transcripts.md).
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for data each time. A whole answer may take four times as long.
    type: float
    default: 30.0
  retry_budget:
    description:
      - Seconds that the task may wait in total before retries, if the quota is used up (429) or the API reports a server
        error (5xx).
      - If the API asks for a longer wait, the task fails at once and reports when to rerun it.
    type: float
    default: 300.0
requirements:
  - requests >= 2.31.0
notes:
  - With the connection C(local), and without C(become) and C(async), the module runs inside the process of Ansible, which is
    faster, and its options are in no file. Otherwise Ansible starts it on the host of the task, like any module.
"""
