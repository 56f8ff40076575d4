#!/usr/bin/env python3
"""console.py [--engine sqlite|postgresql] [--candidates 100000]: the table of candidates in Debian's Chromium at a server with so many generated
candidates: opened, scrolled from top to bottom by jumps, filtered by status, skills and words. Prints for each step the requests, their median and
the slowest as the browser saw them, the five slowest of all, and what the page's heap and its process's private memory came to. Needs a release build in build-release/
(VITAE_BUILD) and what the tests need. Ends with 1 if a request took longer than 100 ms or the heap is above 200 MB."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

import search
import vitae

LONGEST_MS, HEAP_BYTES = 100, 200e6


def walk(s, count):
    """What tests/console/many.mjs tells."""
    flow = os.path.join(search.ROOT, "tests", "console", "many.mjs")
    r = subprocess.run(["node", flow, s.base, "", str(count), "searcher", vitae.PASSWORD], capture_output=True, text=True, timeout=600)
    if r.returncode != 0:
        sys.exit(r.stdout + r.stderr)
    return json.loads(r.stdout)


def report(found):
    """Prints it; whether it is within the bounds."""
    longest = 0
    for step, requests in found["requests"].items():
        times = [ms for ms, _ in requests]
        longest = max(longest, *times)
        print(f"  {step:24} {len(times):4} requests   median {statistics.median(times):6.1f} ms   slowest {max(times):6.1f} ms")
    for ms, url in sorted((r for requests in found["requests"].values() for r in requests), reverse=True)[:5]:
        print(f"  {ms:6.1f} ms  {urllib.parse.urlsplit(url).query}")
    heap, renderer = found["memory"]["heap"], found["memory"]["renderer"]
    print(f"  heap {heap / 1e6:.0f} MB, private memory of the page's process {renderer / 1e6:.0f} MB")
    return longest <= LONGEST_MS and heap <= HEAP_BYTES


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    p.add_argument("--candidates", type=int, default=100000)
    a = p.parse_args()
    cluster = search.postgres.Cluster(shared_buffers="1GB", work_mem="32MB").start() if a.engine == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="vitae-bench-") as directory:
        s = vitae.Server(directory, DATABASE_URL=cluster.new_database() if cluster else None, PARSERS="1")
        try:
            s.start()
            s.make_user("searcher", "recruiter", team_id=search.TEAM)
            search.make_skills(s)
            s.stop()
            search.fill(s, search.Generator(), 1, a.candidates + 1)
            s.start()
            good = report(walk(s, a.candidates))
        finally:
            s.stop()
            if cluster:
                cluster.remove()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
