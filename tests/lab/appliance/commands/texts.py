# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of the cloud service, each with its grade."""

from __future__ import annotations

# B
BUSY = "The Cisco Cloud Service is busy. Navigate back to this page after some time to check the appliance status."
REGISTERED = "The Content Security appliance is successfully registered with the Cisco Cloud Service portal."
DISABLED = "The Cisco Cloud Service is currently disabled on your appliance."
BAD_TOKEN = "The registration failed because of an invalid or expired token key"
CHOOSE_SERVER = "Enter Cisco Secure Cloud Server to connect to the Cisco Cloud Service portal:"
NOT_VALID = "That value is not valid."
RESTRICTED = 'This command is restricted to "Machine" mode.'
SWITCH_MODE = 'Would you like to switch to "Machine" mode?'
CHOOSE_MACHINE = "Choose a machine."

# A, from the web UI
PROGRESS = (
    "The appliance registration is in progress. Navigate back to this page after some time to check the appliance "
    "status."
)
REQUEST_INITIATED = (
    "A request to register your appliance with the Cisco Cloud Service portal is initiated. "
    "Navigate back to this page after some time to check the appliance status."
)

# R
ONLY_HERE = "This command is available only on the machine that you are logged in to."
ENABLED = "The Cisco Cloud Service is currently enabled on your appliance."
AVAILABLE_SERVERS = "Available list of Cisco Secure Cloud Servers:"
CURRENT_SERVER = "Currently configured Cisco Secure Cloud Server is:"
ENTER_TOKEN = "Enter a registration token key to register your appliance with the Cisco Cloud Service portal."
COMMIT_REMINDER = 'Make sure you run "commit" to make these changes active.'
DEREGISTER = "Are you sure you want to deregister your appliance from the Cisco Cloud Service portal?"
DEREGISTER_FIRST = (
    "The appliance is registered with the Cisco Cloud Service portal. "
    "You must deregister the appliance before you make this change."
)
DEREGISTERED = "The appliance is successfully deregistered from the Cisco Cloud Service portal."
