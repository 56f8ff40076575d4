#!/bin/sh
# run_comprehensive_tests.sh [--keep] [--url URL]: makes marked test data through the API, checks it, removes it with
# POST /test-cleanup, and checks that nothing marked is left and nothing else is gone. --keep leaves the data for inspection.
# Without a URL (or VITAE_URL) it builds vitae and asks a server of its own. ADMIN_USERNAME and ADMIN_PASSWORD log in.
set -eu
cd "$(dirname "$0")"
exec /usr/bin/python3 tests/comprehensive.py "$@"
