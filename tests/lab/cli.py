# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the lab."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from tests.lab.fleet import load_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.replay_fleet import fleet_of
from tests.lab.serve import serve


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return the exit code: 0 after a clean stop, 2 for an invalid fleet file."""
    parser = argparse.ArgumentParser(prog="tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve_command = commands.add_parser("serve", help="serve a fleet on loopback until SIGTERM or SIGINT")
    serve_command.add_argument("--fleet", type=Path, required=True, help="the fleet file (YAML)")
    serve_command.add_argument(
        "--run-dir", type=Path, required=True, help="folder for inventory.yml and the other files"
    )
    replay_command = commands.add_parser("replay", help="replay transcripts, one appliance each, or a recording")
    replay_command.add_argument(
        "transcripts",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a transcript (JSON lines), or the folder of a recording (esa_ctr_record)",
    )
    replay_command.add_argument(
        "--run-dir",
        type=Path,
        default=Path(".cache/lab"),
        help="folder for inventory.yml and the other files (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        fleet = fleet_of(options.transcripts) if options.command == "replay" else load_fleet(options.fleet)
    except FleetError as error:
        print(error, file=sys.stderr)
        return 2
    asyncio.run(serve(fleet, options.run_dir))
    return 0
