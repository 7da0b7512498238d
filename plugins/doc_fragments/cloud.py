# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all modules of the cloud side share: which region, as whom, how to get there."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region whose Cisco Threat Response (CTR) and Security Services Exchange (SSE) are meant.
      - Appliance server, registration token, device and module must all be of one region.
    type: str
    required: true
    choices: [americas, europe, apjc]
  api_url:
    description:
      - The address of the API, if it is not the one of O(region), with or without the vendor's path C(/iroh/).
      - Only V(https) is accepted, and nothing after C(/iroh/). An address that is known to belong to another region than O(region) is refused,
        and so is every redirect.
    type: str
  client_id:
    description:
      - The id of the API client, made in the CTR portal of this region.
      - Without it, the environment variable E(CTR_CLIENT_ID) is used.
    type: str
    required: true
  client_password:
    description:
      - The password of the API client. It needs the scopes V(sse) and V(integration).
      - Without it, the environment variable E(CTR_CLIENT_PASSWORD) is used.
    type: str
    required: true
  ca_path:
    description:
      - A file, or a directory prepared by C(c_rehash), of the CA certificates to trust, in PEM.
      - It wins over E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE), which are used only where this option is not given.
    type: path
  validate_certs:
    description:
      - Whether the server's certificate is verified. V(false) wins over everything else, also in the environment.
    type: bool
    default: true
  proxy:
    description:
      - The address of the HTTP proxy through which all requests go.
      - Without it, E(HTTPS_PROXY) and E(NO_PROXY) are honoured. A C(.netrc) file is never used.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for data on it. A whole answer may take four times as long.
    type: float
    default: 30.0
  retry_budget:
    description:
      - Seconds that the task may spend waiting, all in all, because the API answers that its quota is used up
        (429, with the time to wait) or that it is in trouble (5xx).
      - Where the API asks for more than is left of it, the task fails at once and says when to try again.
    type: float
    default: 300.0
requirements:
  - requests >= 2.31.0
"""
