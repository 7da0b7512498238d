# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Describe the manual steps in the portal if the API client cannot read the devices.

Source: the words of the module form in the vendor's procedure (grade A).
"""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region

from .wanted_modules import WantedModule


def instructions_to_add(one: WantedModule, title: str, region: Region) -> str:
    """Return the steps to add a module. ``title`` is the title of its module type."""
    text = (
        f"{_why(one, region)} In the portal of {region.label}, open Modules > Add New Module > {title}, and enter: "
        f'Module Name "{one.name}", Registered Device "{one.device}", Request Timeframe (days) {one.days}.'
    )
    return text if one.enabled else f"{text} Then disable the module."


def instructions_to_remove(one: WantedModule, region: Region) -> str:
    """Return the steps to remove the module or modules of a device."""
    if one.name or one.id:
        what = f'the module "{one.name or one.id}", if its Registered Device is "{one.device}"'
    else:
        what = f'the modules whose Registered Device is "{one.device}"'
    return f"{_why(one, region)} In the portal of {region.label}, open Modules, and remove {what}."


def _why(one: WantedModule, region: Region) -> str:
    return f'The API client lacks the scope "sse", so the id of device {one.device} in {region.label} is unknown.'
