# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read many appliances with netmiko in a pool of threads, as scripts do.

Runs as its own process: takes a JSON object from stdin, and prints the number of appliances that were read.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from netmiko import ConnectHandler

WAITS = r"> ?$"
LINES = ("version", "cloudserviceconfig", "")
"""What a script needs of the lines of the drift report. It takes every prompt for the end of an answer."""


def read_one(login: dict[str, Any], known_hosts: str, target: dict[str, Any]) -> str:
    """Return the output of all lines."""
    with ConnectHandler(
        device_type="generic",
        host="127.0.0.1",
        port=target["port"],
        ssh_strict=True,
        alt_host_keys=True,
        alt_key_file=known_hosts,
        **login,
    ) as connection:
        shown = []
        for line in LINES:
            connection.write_channel(f"{line}\n")
            shown.append(connection.read_until_pattern(WAITS))
        return "".join(shown)


def main() -> None:
    told = json.load(sys.stdin)
    with ThreadPoolExecutor(told["concurrency"]) as pool:
        shown = list(pool.map(partial(read_one, told["login"], told["known_hosts"]), told["targets"]))
    json.dump({"read": sum("Version:" in text for text in shown)}, sys.stdout)


if __name__ == "__main__":
    main()
