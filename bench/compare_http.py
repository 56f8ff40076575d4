"""Measures vitae and its FastAPI peer; see bench/http."""
import os
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import requests

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
os.environ.setdefault("VITAE_BUILD", os.path.join(ROOT, "build-release"))
import vitae  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 8
SECRET = "bench-secret-key-of-32-characters"
CANDIDATES = 1000
PEER_PORT = 8199


def fill(path):
    """A thousand candidates with fifteen skills each, as rows."""
    import json
    skills = json.dumps(["Python", "Django", "FastAPI", "PostgreSQL", "Docker", "Kubernetes", "AWS", "Terraform",
                         "Linux", "Git", "Redis", "React", "TypeScript", "GraphQL", "CI/CD"])
    con = sqlite3.connect(path)
    now = int(time.time() * 1e6)
    con.executemany(
        "INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, name, email, "
        "email_folded, phone, skills, domain_knowledge, created_at, updated_at, processed_at) "
        "VALUES (1, 1, ?, ?, 245678, ?, 'completed', ?, ?, ?, '+1-555-123-4567', ?, ?, ?, ?, ?)",
        [(f"person{i}.pdf", f"uploads/{i:08x}_person{i}.pdf", f"{i:064x}", f"Person Number{i}",
          f"person{i}@example.com", f"person{i}@example.com", skills,
          "Backend development with focus on RESTful APIs and microservices", now, now, now)
         for i in range(CANDIDATES)])
    con.commit()
    con.close()


def wrk(url, token):
    out = subprocess.run(["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {token}", url],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"{url} did not answer 200:\n{out}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def rss(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as f:
            total += int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
    return total / 1024


def children(pid):
    out = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [int(p) for p in out] + [g for p in out for g in children(int(p))]


def main():
    work = tempfile.mkdtemp(prefix="vitae-bench-")
    server = vitae.Server(work, SECRET_KEY=SECRET, DEBUG="False").start()
    fill(os.path.join(server.data, "vitae.db"))
    copy = os.path.join(work, "peer.db")
    sqlite3.connect(os.path.join(server.data, "vitae.db")).execute(f"VACUUM INTO '{copy}'")
    token = server.token("admin")
    peer = subprocess.Popen(
        ["/usr/bin/python3", "-m", "uvicorn", "peer_fastapi:app", "--port", str(PEER_PORT), "--workers", "2", "--log-level",
         "warning"], cwd=os.path.join(ROOT, "bench"), env={**os.environ, "PEER_DB": copy, "PEER_SECRET": SECRET,
                                                         "PEER_BCRYPT_COST": "4"})
    bases = {"vitae": server.base, "FastAPI": f"http://127.0.0.1:{PEER_PORT}"}
    paths = {"candidate by id": "/api/v1/candidates/500", "list of 100": "/api/v1/candidates/?limit=100"}
    vitae.wait_until(lambda: answers(bases["FastAPI"], token), 60, "the peer")
    try:
        rates = {(what, who): [] for what in paths for who in bases}
        for _ in range(3):
            for what, path in paths.items():
                for who, base in bases.items():
                    rates[what, who].append(wrk(base + path, token))
        memory = {"vitae": rss([server.process.pid]), "FastAPI": rss([peer.pid, *children(peer.pid)])}
        print(f"{'requests a second (median of 3)':34} {'vitae':>10} {'FastAPI':>10} {'ratio':>8}")
        for what in paths:
            v, f = (statistics.median(rates[what, who]) for who in bases)
            print(f"{what:34} {v:10.0f} {f:10.0f} {v / f:7.1f}x")
        print(f"{'memory under load, MB':34} {memory['vitae']:10.1f} {memory['FastAPI']:10.1f} "
              f"{memory['FastAPI'] / memory['vitae']:7.1f}x")
    finally:
        peer.send_signal(signal.SIGTERM)
        peer.wait()
        server.stop()
        shutil.rmtree(work)


def answers(base, token):
    try:
        return requests.get(base + "/api/v1/candidates/1", headers={"Authorization": f"Bearer {token}"},
                            timeout=10).status_code == 200
    except OSError:
        return False


if __name__ == "__main__":
    main()
