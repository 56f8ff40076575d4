"""peers.py [SECONDS]: vitae beside the same API written with the usual parts of other languages, and beside the limits: a static file from
nginx, and the HTTP library alone answering from memory. The same rows, the same token, keep-alive, one server at a time, interleaved in
rounds; medians. Servers are warmed first, as some compile while they run. Client and servers share the cores; the client (wrk) has a thread for each,
as one alone is busy before the fastest servers are. FastAPI runs two workers, Fastify two, Go as many threads as there are cores, nginx two workers,
the bare library two loops. No rate limits anywhere; passwords cost the same everywhere (bcrypt, BCRYPT_COST), the least, so that what is seen is the
servers and not the hash.

What vitae does for each reply, its peers do too, and peer_check.py compares it before anything is measured: the same JSON with times as
ISO 8601, a token refused whose signature is wrong, whose account is gone or whose session was ended, the security headers, Cache-Control,
Vary, a request's number (the caller's or a random one), an ETag by hash and 304 for who has it, a list's total and the links to its other
pages, and a histogram of times by route for Prometheus. Nobody writes a line into a log for a read. Each does it as its language's teams do:
FastAPI with SQLAlchemy, pydantic, PyJWT, ASGI middlewares and prometheus_client; Fastify with its own plugins (jwt, helmet, etag, cors) and
fastify-metrics; Go with chi, golang-jwt, xxhash and Prometheus's client.

What differs: vitae keeps in memory which tokens' signatures were good, the account and session behind a token (until anything in the
database changes, a second at most), and a list's total (until a candidate changes); peers check each signature, and ask the database for
account and total each time. vitae finds a skill by a part of its name, peers by the whole. An administrator of vitae sees every team, of a
peer their own (here all rows are of one). "Fastify, lean" is the least that one could write: signatures from a cache, no session, headers,
ETag, metrics, or totals, and times as integers; it is exempt from the comparison but for its bodies.

Everyone writes the session that a login opens. Peers store an upload and its row; vitae reads the document besides, which is waited for
before the next one is measured. vitae answers what is written when it is on the disk, and notes logins and new users in its audit trail;
peers leave the disk to the system."""
import contextlib
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

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("VITAE_BUILD", os.path.join(os.path.dirname(HERE), "build-release"))
import fixture  # noqa: E402
import peer_check  # noqa: E402
import uploads  # noqa: E402
import vitae  # noqa: E402

BUILT = os.path.join(os.environ["VITAE_BUILD"], "peers")
READS = {"candidate by id": "/api/v1/candidates/500", "list of 100": "/api/v1/candidates/?limit=100",
         "by skill": "/api/v1/candidates/search/by-skill?skill=Python", "own account": "/api/v1/auth/me",
         "by id beside commits": "/api/v1/candidates/500"}
BESIDE, COMMITS = "by id beside commits", 100  # a second
LOGIN, CREATE, UPLOAD = "login", "create user", "upload of 200 KB"
SENT = {LOGIN: ("/api/v1/auth/login", 32), CREATE: ("/api/v1/users/", 32), UPLOAD: ("/api/v1/candidates/upload", 8)}  # path, connections
BCRYPT_COST = "4"
UPLOAD_SIZE, SENT_SECONDS, WARM_SECONDS, WAIT = 200_000, 2, 2, 60

NGINX = """user root; worker_processes 2; daemon off; pid {0}/nginx.pid; error_log {0}/nginx.err;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}/n1; proxy_temp_path {0}/n2; fastcgi_temp_path {0}/n3;
uwsgi_temp_path {0}/n4; scgi_temp_path {0}/n5; types {{ }} default_type application/json; sendfile on; open_file_cache max=10;
server {{ listen 127.0.0.1:{1}; location / {{ root {0}; try_files /body.json =404; }} }} }}
"""

# What makes each request of each of the client's threads another one: a prefix to number them by.
NUMBERED = """local threads = 0
setup = function(thread)
  thread:set("prefix", "{number}_" .. threads .. "_")
  threads = threads + 1
end
local n = 0
"""
SCRIPTS = {
    LOGIN: """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{{"username": "admin", "password": "{password}"}}'
""",
    CREATE: NUMBERED + """local headers = {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer {token}"}}
request = function()
  n = n + 1
  local name = string.format("round%s%d", prefix, n)
  return wrk.format("POST", nil, headers,
    '{{"username": "' .. name .. '", "email": "' .. name .. '@example.com", "password": "{password}", "role": "recruiter"}}')
end
""",
    UPLOAD: NUMBERED + """local head = "--bench\\r\\nContent-Disposition: form-data; name=\\"file\\"; filename=\\"a.pdf\\"\\r\\nContent-Type: application/pdf\\r\\n\\r\\n"
local f = io.open("{pdf}", "rb")
local pdf = f:read("*a")
f:close()
request = function()
  n = n + 1
  local body = head .. pdf .. string.format("\\n%%%% %s%d\\n", prefix, n) .. "\\r\\n--bench--\\r\\n"
  return wrk.format("POST", nil, {{["Content-Type"] = "multipart/form-data; boundary=bench", ["Authorization"] = "Bearer {token}"}}, body)
end
"""}


def answers(base, token):
    try:
        return requests.get(base + "/api/v1/candidates/1", headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code == 200
    except OSError:
        return False


class Peer:
    """A server of the comparison: how it starts, where it answers, and what it says for itself. whole: it has the whole API; lean: it
    says that it does less for each reply."""

    def __init__(self, name, port, command, whole, lean=False, **environment):
        self.name, self.command, self.whole, self.lean = name, command, whole, lean
        self.base = f"http://127.0.0.1:{port}"
        self.environment = {**os.environ, "PEER_PORT": str(port), **environment}
        self.database = environment.get("PEER_DB")
        self.process = self.start_ms = None

    def start(self, token):
        begun = time.monotonic()
        self.process = subprocess.Popen(self.command, cwd=HERE, env=self.environment)
        vitae.wait_until(lambda: answers(self.base, token), WAIT, self.name)
        self.start_ms = 1000 * (time.monotonic() - begun)

    def pids(self):
        return fixture.family(self.process.pid)

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Vitae(Peer):
    def __init__(self, server):
        super().__init__("vitae", 0, None, True)
        self.server = server
        self.database = os.path.join(server.data, "vitae.db")

    def start(self, token):
        begun = time.monotonic()
        self.server.start()
        self.base = self.server.base
        vitae.wait_until(lambda: answers(self.base, token), WAIT, self.name)
        self.process, self.start_ms = self.server.process, 1000 * (time.monotonic() - begun)

    def stop(self):
        self.server.stop()


def pad(pdf):
    """The document with a comment before a second copy of its last lines, so that it has 200 KB and is still read."""
    tail = pdf[pdf.rindex(b"startxref"):]
    return pdf + b"\n%" + b"x" * (UPLOAD_SIZE - len(pdf) - len(tail) - 3) + b"\n" + tail


def milliseconds(text):
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if found is None:
        raise SystemExit(f"wrk measured no latency: {text}")
    return float(found.group(1)) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[found.group(2)]


def wrk(url, token, seconds, *more, connections=32):
    """One measurement: requests a second, p50 and p99 in milliseconds, and how many requests there were."""
    out = subprocess.run(["wrk", f"-t{os.cpu_count()}", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {token}", *more, url],
                         capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out and "timeout 0" not in out:
        raise SystemExit(f"{url}: not every request was answered:\n{out}")
    latencies = dict(re.findall(r"^\s+(50|99)%\s+(\S+) *$", out, re.M))
    if len(latencies) != 2:
        raise SystemExit(f"{url}: nothing was measured:\n{out}")
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), milliseconds(latencies["50"]), milliseconds(latencies["99"]),
            int(re.search(r"(\d+) requests in", out).group(1)))


def sample(peer, path, token, seconds, *more, connections=32, after=lambda: None):
    """Requests a second, p50, p99, and the milliseconds of CPU that the server's processes took for each request; what is done after
    the reply included, which after() waits for."""
    before = uploads.cpu(peer.process.pid)
    rate, p50, p99, count = wrk(peer.base + path, token, seconds, *more, connections=connections)
    after()
    return rate, p50, p99, 1000 * (uploads.cpu(peer.process.pid) - before) / max(1, count)


def peers(work, server, body):
    """Those whose parts are here; what is not here is named."""
    def database(name):
        path, own = os.path.join(work, name + ".db"), os.path.join(work, name)
        sqlite3.connect(os.path.join(server.data, "vitae.db")).execute(f"VACUUM INTO '{path}'")
        for directory in (own, own + "-metrics"):
            os.mkdir(directory)
        return {"PEER_DB": path, "PEER_FILES": own, "PEER_SECRET": fixture.SECRET, "PEER_BCRYPT_COST": BCRYPT_COST,
                "PROMETHEUS_MULTIPROC_DIR": own + "-metrics"}
    with open(os.path.join(work, "nginx.conf"), "w") as f:
        f.write(NGINX.format(work, 8196))
    with open(os.path.join(work, "body.json"), "w") as f:
        f.write(body)
    fastify, node = os.path.join(HERE, "peer_fastify", "node_modules", "fastify"), ["node", "peer_fastify/server.js"]
    found = [
        ("/usr/bin/uvicorn", lambda: Peer("FastAPI", 8199, ["/usr/bin/python3", "-m", "uvicorn", "peer_fastapi:app", "--port", "8199", "--workers",
                                                            "2", "--log-level", "warning", "--no-access-log"], True, **database("fastapi"))),
        (fastify, lambda: Peer("Fastify", 8198, node, True, **database("fastify"))),
        (fastify, lambda: Peer("Fastify, lean", 8194, node, True, lean=True, PEER_LEAN="1", **database("lean"))),
        (os.path.join(BUILT, "go"), lambda: Peer("Go", 8197, [os.path.join(BUILT, "go")], True, **database("go"))),
        ("/usr/sbin/nginx", lambda: Peer("nginx, file", 8196, ["/usr/sbin/nginx", "-c", os.path.join(work, "nginx.conf")], False)),
        (os.path.join(BUILT, "bare"), lambda: Peer("bare library", 8195, [os.path.join(BUILT, "bare"), "8195", os.path.join(work, "body.json")],
                                                   False)),
    ]
    for needed in dict(found):
        if not os.path.exists(needed):
            print(f"left out, as {needed} is missing", file=sys.stderr)
    return [make() for needed, make in found if os.path.exists(needed)]


def prepare(server, work):
    """Fills the database, writes the document that is uploaded; returns a token, that of a session that was ended, and the body of the
    candidate that is asked for."""
    token = server.token("admin")
    fixture.fill(os.path.join(server.data, "vitae.db"))
    ended = fixture.ended(server)
    body = server.login("admin").get(READS["candidate by id"]).text
    with open(os.path.join(work, "200.pdf"), "wb") as f:
        f.write(pad(next(content for _, content in uploads.documents(uploads.corpus()) if len(content) < UPLOAD_SIZE // 2)))
    return token, ended, body


@contextlib.contextmanager
def commits(database):
    """Meanwhile another process of that database commits, COMMITS times a second: what a server remembers has to be asked again."""
    code = ("import sqlite3, sys, time\ndb = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)\n"
            "db.execute('PRAGMA synchronous = NORMAL')\n"
            "while True:\n  db.execute('UPDATE users SET updated_at = updated_at + 1 WHERE id = 1')\n  time.sleep(1 / int(sys.argv[2]))\n")
    process = subprocess.Popen([sys.executable, "-c", code, database, str(COMMITS)])
    try:
        yield
        if process.poll() is not None:
            raise SystemExit(f"{database}: nothing was committed")
    finally:
        process.kill()
        process.wait()


def read(running, token, seconds, rounds, samples):
    for _ in range(rounds):
        for what, path in READS.items():
            for p in running:
                if p.whole or what == "candidate by id":
                    with commits(p.database) if what == BESIDE else contextlib.nullcontext():
                        samples[p.name].setdefault(what, []).append(sample(p, path, token, seconds))


def write(running, server, work, token, seconds, rounds, samples):
    script = os.path.join(work, "request.lua")
    for number in range(rounds):
        for what, (path, connections) in SENT.items():
            with open(script, "w") as f:
                f.write(SCRIPTS[what].format(number=number, token=token, password=vitae.PASSWORD, pdf=os.path.join(work, "200.pdf")))
            for p in filter(lambda p: p.whole, running):
                samples[p.name].setdefault(what, []).append(
                    sample(p, path, token, seconds, "-s", script, connections=connections, after=lambda: vitae.wait_until(
                        lambda: server.sql(uploads.UNFINISHED)[0][0] == 0, 300, "the last document")))


def measure(seconds, rounds):
    """All figures: {peer: {"start_ms", "memory_mb" (under the reads), "memory_after_uploads_mb" (vitae's parsers have worked then),
    what: [rate, p50, p99, CPU ms of each]}}."""
    work = tempfile.mkdtemp(prefix="vitae-bench-")
    server = vitae.Server(work, SECRET_KEY=fixture.SECRET, DEBUG="False", BCRYPT_COST=BCRYPT_COST).start()
    running = []
    try:
        token, ended, body = prepare(server, work)
        server.stop()
        for peer in [Vitae(server), *peers(work, server, body)]:
            running.append(peer)
            peer.start(token)
            if peer.whole:
                peer_check.check(peer.name, peer.base, running[0].base, token, ended, READS, peer.lean)
                for path in READS.values():
                    wrk(peer.base + path, token, min(seconds, WARM_SECONDS))
        samples = {p.name: {} for p in running}
        read(running, token, seconds, rounds, samples)
        memory = [{p.name: fixture.rss(p.pids()) for p in running}]
        write(running, server, work, token, min(seconds, SENT_SECONDS), rounds, samples)
        memory.append({p.name: fixture.rss(p.pids()) for p in running})
    finally:
        for p in running:
            p.stop()
        server.stop()
        shutil.rmtree(work)
    return {p.name: {"start_ms": round(p.start_ms, 1), "memory_mb": round(memory[0][p.name], 1),
                     "memory_after_uploads_mb": round(memory[1][p.name], 1),
                     **{what: [statistics.median(column) for column in zip(*rows)] for what, rows in samples[p.name].items()}}
            for p in running}


def show(found):
    for what in (*READS, *SENT):
        print(f"\n{what:18} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}   vitae is")
        for name, figures in found.items():
            if what in figures:
                rate, p50, p99, cpu = figures[what]
                print(f"  {name:16} {rate:10.0f} {p50:8.2f} {p99:8.2f} {cpu:8.3f}   {found['vitae'][what][0] / rate:6.2f} x")
    print(f"\n{'':18} {'memory MB':>10} {'after uploads':>14} {'start ms':>8}")
    for name, figures in found.items():
        print(f"  {name:16} {figures['memory_mb']:10.1f} {figures['memory_after_uploads_mb']:14.1f} {figures['start_ms']:8.0f}")


if __name__ == "__main__":
    show(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5, 3))
