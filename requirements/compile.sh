#!/usr/bin/env bash
# Makes the lock files anew: versions and hashes only, no addresses. Needs uv.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml "$@"; }
compile --extra brief --extra build -o requirements/demo.lock
compile --extra all --extra dev -o requirements/dev.lock
compile --extra docs --extra build -o requirements/docs.lock
