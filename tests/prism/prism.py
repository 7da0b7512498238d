# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""prism, which judges requests by the vendor's description of iroh-int, and answers with examples from it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.lab.contracts import swagger

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "prism"
PACKAGE = "@stoplight/prism-cli@5.16.0"
DESCRIPTION = "iroh-int.swagger.json"
SECONDS = 60


def why_not() -> str | None:
    """Why prism cannot be asked here, in one line; None if it can. Installs it below .cache the first time."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "prism is not asked: node and npm are not installed"
    if not (swagger.folder() / DESCRIPTION).is_file():
        return f"prism is not asked: {DESCRIPTION} is not in {swagger.folder()} ({swagger.VARIABLE} may name another folder)"
    if _program().exists():
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--cache",
        str(FOLDER / "npm"),
        "--prefix",
        str(FOLDER),
        PACKAGE,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(done.stderr.split())[:200]
        return f"prism is not asked: npm cannot install {PACKAGE}: {reason}"
    return None


def _program() -> Path:
    return FOLDER / "node_modules" / ".bin" / "prism"


@contextlib.contextmanager
def running_prism(folder: Path) -> Iterator[str]:
    """prism in static mode on loopback; yields its address (plain HTTP) and stops it by its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    description = swagger.folder() / DESCRIPTION
    command = [str(_program()), "mock", "--host", "127.0.0.1", "--port", str(port), str(description)]
    with open(folder / "prism.txt", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"}
        )
        try:
            _wait(process, port, folder / "prism.txt")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError(f"prism does not listen: {log.read_text(encoding='utf-8')[-2000:]}")
