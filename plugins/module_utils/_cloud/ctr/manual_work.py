# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. What a person does in the portal where the API client may not see the devices of SSE.

Source: the words of the module form in the vendor's procedure (grade A).
"""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region

from .wanted_modules import WantedModule


def instructions_to_add(one: WantedModule, title: str, region: Region) -> str:
    """What to enter for a module that is not there. ``title`` is that of its module type."""
    text = (
        f"{_why(one, region)} Enter it in the portal of {region.label}, Modules > Add New Module > {title}: "
        f'Module Name "{one.name}", Registered Device "{one.device}", Request Timeframe (days) {one.days}.'
    )
    return text if one.enabled else f"{text} Then disable it."


def instructions_to_remove(one: WantedModule, region: Region) -> str:
    """What to remove where nobody can tell which modules are of this device."""
    if one.name or one.id:
        what = f'the module "{one.name or one.id}", if its Registered Device is "{one.device}"'
    else:
        what = f'the modules whose Registered Device is "{one.device}"'
    return f"{_why(one, region)} Remove in the portal of {region.label}, Modules: {what}."


def _why(one: WantedModule, region: Region) -> str:
    return (
        f'This API client lacks the scope "sse", so that the id of device {one.device} in {region.label} is not known.'
    )
