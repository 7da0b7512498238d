# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation site: the guides, and a page for each plugin. A warning or a broken link fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from clean_copy import CACHE, ROOT, listed_files
from environments import environment_of

HOME = CACHE / "docs-site"
SOURCE, SITE = HOME / "source", HOME / "html"
SETTINGS = ROOT / "tests" / "docs_site"
# The theme has a table of contents of its own, and shows an error for a second one.
CONTENTS = ".. contents::\n   :local:\n   :depth: 1\n"
FOLDERS = ("docs/", "roles/", "profiles/", "LICENSE")


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := given.get(name)))
        self.links += [value for name in ("href", "src") if (value := given.get(name))]


def broken_links(site: Path) -> list[str]:
    """Return the links within the site whose file or anchor does not exist."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link in ("#", ""):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(target)
            if not target.exists() or (parts.fragment and known and unquote(parts.fragment) not in known.anchors):
                found.append(f"{path.relative_to(site)}: {link}")
    return found


def copy_sources() -> None:
    shutil.rmtree(SOURCE, ignore_errors=True)
    names = [name for name in listed_files() if name.startswith(FOLDERS) or (name.endswith(".md") and "/" not in name)]
    for name in names:
        target = SOURCE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    for file in SETTINGS.iterdir():
        if file.is_file():
            shutil.copy2(file, SOURCE)


def main() -> int:
    start = time.monotonic()
    programs = environment_of("requirements-docs.txt", HOME / "venv")
    copy_sources()
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    # antsibull-docs refuses a folder that other users can write to.
    SOURCE.chmod(0o755)
    plugins = ["antsibull-docs", "collection", "--use-current", "--no-add-antsibull-docs-version"]
    plugins += ["--dest-dir", str(SOURCE), "emailsec.ctr"]
    subprocess.run(plugins, env=environment, check=True, stdout=subprocess.DEVNULL)
    for page in SOURCE.glob("collections/**/*.rst"):
        page.write_text(page.read_text(encoding="utf-8").replace(CONTENTS, ""), encoding="utf-8")
    shutil.rmtree(SITE, ignore_errors=True)
    build = ["sphinx-build", "-q", "-W", "--keep-going", "-j", "auto", "-b", "html", str(SOURCE), str(SITE)]
    code = subprocess.run(build, env=environment, check=False).returncode
    broken = broken_links(SITE) if SITE.exists() else []
    for link in broken:
        print(f"docs-site: broken link: {link}")
    pages = len(list(SITE.rglob("*.html")))
    passed = code == 0 and not broken
    print(f"docs-site: {'passed' if passed else 'FAILED'}, {pages} pages in {SITE}, {time.monotonic() - start:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
