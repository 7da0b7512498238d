# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read many appliances with asyncssh alone, without parsing: the lower limit of the reading time.

Runs as its own process: takes a JSON object from stdin, types the lines of each appliance, and prints the number
of appliances that were read.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

import asyncssh

WAITS = re.compile(r">[ ]?$")


async def read_one(target: dict[str, Any], login: dict[str, Any]) -> list[str]:
    """Return the output of the appliance after the log-in and after each line."""
    async with asyncssh.connect(
        "127.0.0.1", target["port"], config=None, client_keys=None, agent_path=None, **login
    ) as connection:
        process = await connection.create_process(term_type="vt100", term_size=(200, 5000))
        shown = [await until_it_waits(process)]
        for line in target["lines"]:
            process.stdin.write("\x03" if line == "^C" else f"{line}\n")
            shown.append(await until_it_waits(process))
        return shown


async def until_it_waits(process: Any) -> str:
    text = ""
    while not WAITS.search(text):
        more = await process.stdout.read(65536)
        if not more:
            break
        text += more
    return text


async def read_all(targets: list[dict[str, Any]], login: dict[str, Any], concurrency: int) -> list[list[str]]:
    places = asyncio.Semaphore(concurrency)

    async def read_in_turn(target: dict[str, Any]) -> list[str]:
        async with places:
            return await read_one(target, login)

    return await asyncio.gather(*map(read_in_turn, targets))


def main() -> None:
    told = json.load(sys.stdin)
    login = {**told["login"], "known_hosts": asyncssh.read_known_hosts(told["known_hosts"])}
    shown = asyncio.run(read_all(told["targets"], login, told["concurrency"]))
    json.dump({"read": sum("Version:" in "".join(texts) for texts in shown)}, sys.stdout)


if __name__ == "__main__":
    main()
