# Two commands are all a newcomer needs: `make run` and, to work on the code, `make test`.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PYTEST := $(BIN)/pytest
SERVICES := $(BIN)/python -m tests.services
PARALLEL := -n 2 --dist worksteal

MO := locale/ru/LC_MESSAGES/django.mo
STATIC := var/static/staticfiles.json

# The suites start many processes: their bytecode is kept, even where the environment of a container says not to.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-long lint format bench bench-compare e2e faults api-cases screenshots bitrix24-demo messages clean

run: .venv/installed .env $(MO) $(STATIC)  ## The product on http://127.0.0.1:8000 (PORT= for another)
	@$(MANAGE) run --port $(PORT) --with-parent

test: .venv/installed-dev $(MO)  ## The gate: SQLite, PostgreSQL with a real broker and worker, and the main ways in Chromium
	@echo "== SQLite, a folder as the broker"
	$(PYTEST) $(PARALLEL) -m "not e2e and not long and not faults"
	@echo "== PostgreSQL, a Redis-protocol broker"
	$(SERVICES) $(PYTEST) $(PARALLEL) -m "not e2e and not long and not faults"
	@echo "== Chromium"
	$(PYTEST) $(PARALLEL) -m "e2e and not long"

test-long: .venv/installed-dev $(MO)  ## What takes longer: every page in every look, lives and requests made up by chance
	@echo "== SQLite, a folder as the broker"
	$(PYTEST) $(PARALLEL) -m "long and not e2e"
	@echo "== PostgreSQL, a Redis-protocol broker"
	$(SERVICES) $(PYTEST) $(PARALLEL) -m "long and not e2e"
	@echo "== Chromium"
	$(PYTEST) $(PARALLEL) -m "e2e and long"

lint: .venv/installed-dev  ## Format, style, types, templates, floors, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run --settings tests.settings
	$(SERVICES) $(MANAGE) lintmigrations --settings tests.settings

format: .venv/installed-dev  ## Put code and templates in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed-dev $(MO)  ## Each figure beside its raw-SQL limit (ARGS="--claims 10000" for a quick look)
	$(SERVICES) --durable $(BIN)/python -m benchmarks $(ARGS)

bench-compare: .venv/installed-dev $(MO)  ## BASE=<commit> and HEAD in turn; MAX=1.05 fails where one is certainly slower
	@test -n "$(BASE)" || { echo "Name the commit to compare with: make bench-compare BASE=main"; exit 1; }
	$(SERVICES) --durable $(BIN)/python -m benchmarks.compare $(BASE) $(HEAD) $(if $(MAX),--max $(MAX)) $(ARGS)

e2e: .venv/installed-dev $(MO)  ## The browser suite alone, all of it
	$(PYTEST) $(PARALLEL) -m e2e

faults: .venv/installed-dev $(MO)  ## Kills and outages, at length
	$(PYTEST) -m faults
	$(SERVICES) $(PYTEST) -m faults

screenshots: .venv/installed-dev $(MO)  ## Pictures of every page into var/screenshots, and those of the README
	$(BIN)/python -m tests.screenshots

api-cases: .venv/installed-dev $(MO)  ## Thousands of requests made up from the description of the API, on PostgreSQL
	API_CASES=$${API_CASES:-150} $(SERVICES) $(PYTEST) -q tests/api/test_cases.py

bitrix24-demo: .venv/installed $(MO)  ## The mirror at work with no portal: one stands in for it
	@$(BIN)/python -m tests.bitrix24.demo

messages: .venv/installed-dev  ## Take the texts of the code into locale/, to be translated there
	$(MANAGE) messages

clean:  ## Forget what was installed and built; the data in var/ stays
	rm -rf .venv var/static $(MO)

# --- What those need, each made once ---------------------------------------------------------

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it: make run PYTHON=python3.12"; exit 1; }
	@echo "Making the virtual environment..."
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the product runs on..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the tests need..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

.env: | .venv/installed
	@echo "Writing .env with a new secret key..."
	@umask 077; { \
		echo "# For this machine alone; .env.example lists everything that can stand here."; \
		echo "SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"; \
		echo "HTTPS=False"; \
	} > .env.new && mv .env.new .env

$(MO): locale/ru/LC_MESSAGES/django.po | .venv/installed .env
	@$(MANAGE) messages --compile

$(STATIC): .venv/installed $(shell find static -type f 2>/dev/null) | .env
	@echo "Collecting static files..."
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@touch $@
