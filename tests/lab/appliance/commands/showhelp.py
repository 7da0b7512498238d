# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`help`: a list of commands that needs the pager on a small terminal (the text is I)."""

from __future__ import annotations

from tests.lab.appliance.session import Session

OTHER_COMMANDS = (
    "addressconfig aliasconfig antispamconfig antivirusconfig bounceconfig certconfig clusterconfig dictionaryconfig "
    "dnsconfig etherconfig filters featurekey hoststatus incomingrelayconfig interfaceconfig ldapconfig listenerconfig "
    "loadconfig logconfig mailconfig netstat nslookup ntpconfig outbreakconfig passphrase ping policyconfig quotas "
    "reboot resetconfig routeconfig saveconfig sethostname settime settz showconfig shutdown smtproutes snmpconfig "
    "sslconfig status supportrequest suspend tail telnet topin trace traceroute unsubscribe updateconfig userconfig who"
)


async def run(session: Session) -> None:
    """List the commands; the lab implements only some of them."""
    names = sorted({*OTHER_COMMANDS.split(), *session.commands})
    await session.show_list("", *names, "")
