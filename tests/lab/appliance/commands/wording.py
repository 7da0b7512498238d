# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wording of menus (R): the standard, and another one that proves that no client depends on it."""

from __future__ import annotations

INTRODUCTIONS = {
    "standard": "Choose the operation you want to perform:",
    "other": "Select what to do next by its number or its name, or press Enter to go back:",
}
STANDARD = {
    "ENABLE": "To enable the Cisco Cloud Service on your appliance.",
    "DISABLE": "To disable the Cisco Cloud Service on your appliance.",
    "SETTRS": "Set the Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal.",
    "SETFQDN": "Set the FQDN of the Cisco Secure Cloud Server (for tests).",
    "REGISTER": "To register the appliance with the Cisco Cloud Service portal.",
    "DEREGISTER": "To deregister the appliance from the Cisco Cloud Service portal.",
    "FETCHCERTIFICATE": "Download the Cisco Talos certificate and key.",
    "ENABLECSN": "To enable Cisco Success Network on your appliance.",
    "DISABLECSN": "To disable Cisco Success Network on your appliance.",
    "ENABLESECUREX": "To enable Cisco SecureX on your appliance.",
    "DISABLESECUREX": "To disable Cisco SecureX on your appliance.",
    "THREATRESPONSE ENABLE": "To enable Threat Response on your appliance.",
    "THREATRESPONSE DISABLE": "To disable Threat Response on your appliance.",
}
OTHER = {
    "ENABLE": "Switch cloud services on",
    "DISABLE": "Switch cloud services off",
    "SETTRS": "Change the region (not while registered)",
    "SETFQDN": "Change the name of the server",
    "REGISTER": "Join the portal; needs a token",
    "DEREGISTER": "Leave the portal, see REGISTER for the way back",
    "FETCHCERTIFICATE": "Get a certificate",
    "ENABLECSN": "Switch Cisco Success Network on",
    "DISABLECSN": "Switch Cisco Success Network off",
    "ENABLESECUREX": "Switch SecureX on",
    "DISABLESECUREX": "Switch SecureX off",
    "THREATRESPONSE ENABLE": "Switch Threat Response on",
    "THREATRESPONSE DISABLE": "Switch Threat Response off",
}
EXPLANATIONS = {"standard": STANDARD, "other": OTHER}
