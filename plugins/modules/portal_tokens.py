# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: portal_tokens
short_description: Hand out registration tokens that were generated in the SSE portal
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Gives each appliance of the play that needs a registration token one of those that an administrator generated in the
    portal of Security Services Exchange (SSE). No API is asked.
  - Where a host's tokens are, its variables C(esa_ctr_registration_tokens) (a list, or a map by host) and
    C(esa_ctr_token_file) (the portal's saved file, one token a line, or the JSON lines that M(emailsec.ctr.sse_token) saves)
    say. Hosts with the same variables share the tokens; each token is given to one host only.
  - A token in a map, or in JSON lines with a C(name), goes to the host or device of that name. Of a plain list, the host in
    place n of the play gets the token in place n. Hosts beyond the end of the list get the tokens of hosts that turned out to
    be registered already.
  - Used by the role P(emailsec.ctr.esa_ctr_integration#role) after M(emailsec.ctr.fleet_progress) with C(step=tokens). The
    result is always hidden.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  needed:
    description: By region, the inventory names of the hosts that need a token.
    type: dict
    required: true
  claimants:
    description:
      - What is known of the hosts that were read, by inventory name, each with C(device) (the host name of the appliance, under
        which SSE lists it) and C(needs_token) (whether it is not registered).
      - A host that is not named here keeps its place in a list of tokens.
      - RV(emailsec.ctr.fleet_progress#module:claimants) has this shape.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - Returns no tokens, and says which hosts would get one.
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Hand out the tokens of the portal
  emailsec.ctr.portal_tokens:
    needed:
      europe: [esa1.example.com]
    claimants:
      esa1.example.com:
        device: esa1.example.com
        needs_token: true
  register: handed_out
  run_once: true
"""

RETURN = r"""
regions:
  description: One entry per region, in the shape that a loop of M(emailsec.ctr.sse_token) over regions has in its C(results).
  type: list
  elements: dict
  returned: always
  contains:
    item:
      description: The region.
      type: str
    devices:
      description: Per host that needs a token its device C(name), C(action) (V(handed_out) or V(failed)) and C(error).
      type: list
      elements: dict
    tokens:
      description: The C(token) for each device C(name). Empty in check mode.
      type: list
      elements: dict
    given:
      description: How many tokens the variables and files of the region's hosts hold.
      type: int
    left_over:
      description: How many of them nobody has got, in this batch of the play or an earlier one.
      type: int
"""
