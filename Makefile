PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench native lock sbom audit clean

demo: $(VENV)/made
	$(BIN)/opslayer demo $(DEMO)

test: $(VENV)/made
	$(BIN)/pytest -n 2 --dist worksteal $(TESTS)

check: $(VENV)/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/made
	$(BIN)/python -m bench $(BENCH)

# A wheel with the engine's hot path compiled, in dist/; needs a C compiler. Without it all is the same, but slower.
native: $(VENV)/made
	$(BIN)/python -m bench.native

# What is installed is what requirements.lock says, hash for hash.
$(VENV)/made: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock: $(VENV)/made
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --constraints requirements.lock \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o deploy/requirements.lock

# What is shipped, as CycloneDX, for whoever must list it.
sbom: $(VENV)/made
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements deploy/requirements.lock --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --output-file dist/opslayer.cdx.json

# Known faults of what is shipped; asks the advisory database of PyPI.
audit: $(VENV)/made
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement deploy/requirements.lock

clean:
	rm -rf $(VENV) var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
