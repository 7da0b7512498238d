# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything that is done with a checkout. `make` alone shows what there is.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# Neither the settings nor the collections of the person at the keyboard take part in a check.
$(foreach name,$(filter ANSIBLE_% MOLECULE_%,$(.VARIABLES)),$(eval unexport $(name)))
unexport PYTHONPATH PYTHONHOME PYTEST_ADDOPTS VIRTUAL_ENV
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export ANSIBLE_CONFIG := $(CURDIR)/tests/tools/ansible.cfg
export PATH := $(CURDIR)/.venv/bin:$(PATH)

PY := .venv/bin/python
WORKERS ?= auto
FLEET ?= demo
ARGS ?=

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## Make .venv with the tools and this collection in it (PYTHON=... chooses the interpreter)
	@./tests/tools/setup.sh

.PHONY: demo
demo: setup ## Start a lab of pretended appliances and clouds, onboard it, and show that nothing is left to do
	@$(PY) tests/tools/demo.py $(ARGS)

.PHONY: lab
lab: setup ## Keep a lab running until Ctrl-C (FLEET=name or a file, default demo)
	@$(PY) tests/tools/lab.py "$(FLEET)"

.PHONY: test
test: setup ## Run every check below, quick ones first, and sum up
	@$(PY) tests/tools/run_checks.py lint docs-check unit browser build integration molecule sanity

.PHONY: lint
lint: setup ## Check style and types: ruff, mypy, yamllint, shellcheck, ansible-lint
	@code=0; for check in "ruff check ." "ruff format --check ." mypy "yamllint -s ." \
		"shellcheck .ci/run tests/tools/setup.sh" "ansible-lint --offline --profile production --strict"; \
	do echo "$$check"; .venv/bin/$$check || code=1; done; exit $$code

.PHONY: docs-check
docs-check: setup ## Check the changelog and the documentation of the plugins
	.venv/bin/antsibull-changelog lint
	@$(PY) tests/tools/docs_check.py

.PHONY: unit
unit: setup ## Run the unit tests (ARGS=... for pytest)
	$(PY) -m pytest -n $(WORKERS) --maxprocesses 4 tests/unit $(ARGS)

.PHONY: browser
browser: setup ## Test the drift page in an installed Chromium; says so where there is none (ARGS=... for pytest)
	@$(PY) tests/tools/browser.py -n $(WORKERS) --maxprocesses 2 $(ARGS)

.PHONY: build
build: setup ## Build the collection into dist/ and examine the tarball
	@$(PY) tests/tools/build_collection.py

.PHONY: integration
integration: setup ## Run the playbooks against the lab (ARGS=... for pytest)
	$(PY) -m pytest -n $(WORKERS) --maxprocesses 2 --dist loadfile tests/integration $(ARGS)

.PHONY: molecule
molecule: setup ## Run the molecule scenario of the role
	.venv/bin/molecule test --all --no-command-borders

.PHONY: sanity
sanity: setup ## Run ansible-test sanity on a clean copy (ARGS=... for ansible-test)
	@$(PY) tests/tools/sanity.py $(ARGS)

.PHONY: format
format: setup ## Let ruff format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.PHONY: changelog
changelog: setup ## Write CHANGELOG.md anew from changelogs/fragments
	@$(PY) tests/tools/changelog.py

.PHONY: docs
docs: setup ## Write the generated pages of docs/ anew
	$(PY) tests/tools/compatibility.py
	$(PY) tests/tools/api_contract.py
	$(PY) tests/tools/troubleshooting.py

.PHONY: contracts
contracts: setup ## Hold the exchanges with the clouds against every description there is, and ask prism (needs node)
	@$(PY) tests/tools/contracts.py -n $(WORKERS) --maxprocesses 2 --dist loadfile $(ARGS)

.PHONY: soak
soak: setup ## Try what takes long: drawn and damaged dialogues, pauses, floods, fleets (DIALECTS=, DIALOGUES=, FLEETS=)
	PAUSES=all $(PY) -m pytest -q -rP -n $(WORKERS) --maxprocesses 4 \
		tests/unit/plugins/module_utils/asyncos/cli/test_pauses.py \
		tests/unit/plugins/module_utils/asyncos/cli/test_hostile_output.py
	DIALOGUES=$${DIALOGUES:-20000} $(PY) -m pytest -q -rP -n $(WORKERS) --maxprocesses 4 \
		tests/unit/plugins/module_utils/asyncos/cloud_service/test_mutations.py
	DIALECTS=$${DIALECTS:-5000} $(PY) -m pytest -q -rP -n $(WORKERS) --maxprocesses 4 \
		tests/unit/plugins/module_utils/asyncos/cloud_service/test_dialects.py
	FLEETS=$${FLEETS:-500} $(PY) -m pytest -q -rP tests/integration/test_prediction.py

.PHONY: bench
bench: setup ## Measure what is to be quick, and print the figures (nothing is asserted)
	@for file in tests/bench/bench_*.py; do echo "$$file"; PYTHONPATH=$(CURDIR) $(PY) "$$file" $(ARGS) || exit 1; done

.PHONY: clean
clean: ## Remove what the targets made
	rm -rf .venv .cache .ansible .pytest_cache .ruff_cache .hypothesis dist build
