#!/bin/sh
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the pinned tools into .venv, and links this checkout there as the collection emailsec.ctr.
# Does nothing if .venv is up to date: the stamp records the requirements, the path and the interpreter.
# PYTHON=/path/to/python selects the interpreter, ANSIBLE_CORE=2.17 another release of ansible-core.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(CDPATH='' cd -- "$here/../.." && pwd -P)
venv="$root/.venv"
stamp="$venv/.made-from"
pinned="$root/tests/requirements-dev.txt"
tools="$pinned"
least="3.11"

wanted() {
    # The pinned tools, with the chosen release of ansible-core and without those that need a newer one.
    if [ -n "${ANSIBLE_CORE:-}" ]; then
        sed -E -e "/^(ansible-lint|galaxy-importer|molecule)==/d" -e "s|^-r \\.\\./|-r $root/|" -e "s|^ansible-core==[^;]*|ansible-core~=$ANSIBLE_CORE.0|" "$pinned"
    else
        cat "$pinned"
    fi
}

made_from() {
    # Other requirements, a moved checkout or another interpreter make .venv stale.
    echo "$root"
    "$venv/bin/python" -c 'import sys; print(sys.version)'
    cat "$root/requirements.txt"
    wanted
}

chosen() {
    [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" -V 2>&1)" = "$("$venv/bin/python" -V 2>&1)" ]
}

usable() {
    # Scripts in .venv contain its path, so the .venv of a moved checkout cannot be reused.
    [ "$(head -n 1 "$stamp" 2>/dev/null)" = "$root" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

if chosen && [ -f "$stamp" ] && made_from 2>/dev/null | cmp -s - "$stamp" && [ -x "$venv/bin/ansible-playbook" ]; then
    echo "setup: .venv is up to date ($("$venv/bin/python" -V))"
    exit 0
fi

runs() {
    # Version managers install shims without an interpreter, so the command must be run.
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

make_venv() {
    base=""
    # Python 3.12 and 3.13 measure coverage at no cost, and all pinned tools support them. pyenv need not have activated them.
    pyenv="${PYENV_ROOT:-${HOME:-}/.pyenv}/versions"
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 "$pyenv"/3.13.*/bin/python python3.12 "$pyenv"/3.12.*/bin/python \
        python3 python3.11 python3.14; do
        if runs "$candidate"; then
            base=$candidate
            break
        fi
        if [ -n "${PYTHON:-}" ] && [ "$candidate" = "$PYTHON" ]; then
            echo "setup: PYTHON=$PYTHON does not run, is older than $least, or has no venv module" >&2
            exit 1
        fi
    done
    if [ -z "$base" ]; then
        echo "setup: no working Python $least or later found (tried python3, python3.11 to python3.14)." >&2
        echo "setup: Fix: install one, or select it with make setup PYTHON=/path/to/python" >&2
        exit 1
    fi

    echo "setup: creating .venv with $("$base" -V)"
    rm -rf "$venv"
    if "$base" -c 'import ensurepip' >/dev/null 2>&1; then
        "$base" -m venv "$venv"
    elif "$base" -m pip --version >/dev/null 2>&1; then
        # Some distributions package ensurepip separately.
        "$base" -m venv --without-pip "$venv"
        "$base" -m pip --python "$venv/bin/python" install --quiet --disable-pip-version-check pip
    else
        echo "setup: $base has neither ensurepip nor pip. Fix, on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
}

install() {
    # uv needs a fifth of the time of pip, but ignores pip.conf; so it gets the index of pip, and pip is the fallback.
    index=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$(grep '^uv==' "$tools")" &&
        "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" ${index:+--index-url "$index"} -r "$tools"; then
        return
    fi
    echo "setup: uv cannot install the tools; trying pip (about a minute)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$tools"
}

if chosen && usable; then
    echo "setup: updating .venv"
else
    make_venv
    echo "$root" >"$stamp"
fi
if [ -n "${ANSIBLE_CORE:-}" ]; then
    tools="$venv/requirements-dev.txt"
    wanted >"$tools"
fi
install

# Ansible searches this folder without any variable, and only this environment uses it.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir -p "$site/ansible_collections/emailsec"
ln -sfn "$root" "$site/ansible_collections/emailsec/ctr"

# mypy ignores installed packages, so it needs its own path to the checkout (mypy_path in pyproject.toml).
mkdir -p "$venv/mypy/ansible_collections/emailsec"
ln -sfn "$root" "$venv/mypy/ansible_collections/emailsec/ctr"

made_from >"$stamp"
echo "setup: done; the tools are in .venv/bin"
