"""Starts and stops the real program, and talks to it.

VITAE_TEST_ENGINE=postgresql runs every story on PostgreSQL: each Server has a database of its own on a PostgreSQL server that the tests
start (tests/lib/postgres.py). Without it, and with "sqlite", a Server has SQLite's file in its DATA_DIR. A story asks the database by
Server.sql(), with "?" for parameters, in SQL that both engines read.
"""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import time

import requests

import secrets_written

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIB = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("VITAE_BUILD", os.path.join(ROOT, "build"))
VITAE = os.path.join(BUILD, "vitae")
PASSWORD = "correct horse 7"
API = "/api/v1"
ENGINE = os.environ.get("VITAE_TEST_ENGINE", "sqlite")  # for what is said of one engine alone


class Client(requests.Session):
    """A session against one server, with the token of one user (or none)."""

    def __init__(self, base, token=None):
        super().__init__()
        self.base = base
        self.trust_env = False
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method, url, **kw):
        import contract
        kw.setdefault("timeout", 60)
        row = contract.row(method.upper(), url)
        if row and "stream" in row["flags"]:
            kw.setdefault("stream", True)
        response = super().request(method, self.base + url, **kw)
        if not kw.get("stream") or response.status_code >= 400:
            secrets_written.note_reply(response)
            contract.check_reply(response, method.upper(), url)
        return response


class Server:
    """`vitae serve` on loopback. As a context manager, or start() and stop(). Its database is a new one, of the engine that the tests
    run on, unless DATABASE_URL is given."""

    def __init__(self, directory, **settings):
        os.makedirs(directory, exist_ok=True)
        self.directory = str(directory)
        if ENGINE == "postgresql" and "DATABASE_URL" not in settings:
            import postgres
            settings = {"DATABASE_URL": postgres.shared().new_database(), **settings}
        self.settings = {
            "DATA_DIR": os.path.join(self.directory, "data"),
            "PORT": "0", "DEBUG": "True", "BCRYPT_COST": "4",
            "RATE_LIMIT": "0", "RATE_LIMIT_STRICT": "0", "LOGIN_FAILURES": "0",
            "ADMIN_USERNAME": "admin", "ADMIN_EMAIL": "admin@example.com", "ADMIN_PASSWORD": PASSWORD,
            "PARSERS": "2", "JOB_SOURCES": os.path.join(LIB, "no_sources.jsonc"),
            **{k: None if v is None else str(v) for k, v in settings.items()},
        }
        secrets_written.note_settings(self.directory, self.settings)
        self.process = None
        self.tokens = {}
        self.said = []  # lines of standard output up to the one that it listens
        self.program = VITAE

    @property
    def data(self):
        return self.settings["DATA_DIR"]

    def environment(self):
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        keep["ASAN_OPTIONS"] = "abort_on_error=1:detect_leaks=0"
        keep["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
        return {**keep, **{k: v for k, v in self.settings.items() if v is not None}}

    def run(self, *arguments, **kw):
        """Runs a subcommand on this server's data directory."""
        kw.setdefault("timeout", 120)
        return subprocess.run([VITAE, *arguments], env=self.environment(), cwd=self.directory,
                              capture_output=True, **kw)

    def start(self):
        self.stderr = open(os.path.join(self.directory, "stderr"), "ab")
        self.said = []
        self.process = subprocess.Popen([self.program, "serve"], env=self.environment(), cwd=self.directory,
                                        stdout=subprocess.PIPE, stderr=self.stderr)
        for line in self.process.stdout:
            self.said.append(line.decode())
            found = re.search(rb"listening on (https?://\S+)", line)
            if found:
                self.base = found.group(1).decode()
                return self
        self.process.wait()
        with open(os.path.join(self.directory, "stderr")) as f:
            raise RuntimeError("vitae serve did not start: " + f.read())

    def stop(self, sig=signal.SIGTERM):
        """Ends the server; returns its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.stderr.close()
        self.process = None
        self.tokens = {}
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def engine(self):
        """"sqlite" or "postgresql"."""
        return "postgresql" if (self.settings.get("DATABASE_URL") or "").startswith("postgres") else "sqlite"

    def sql(self, statement, *parameters):
        """Asks the database behind the server's back, or changes it, with "?" for parameters; returns the rows. For what has no
        endpoint. One statement in SQL that both engines read (no PRAGMA, no rowid; a JSON column is a text in SQLite only)."""
        if self.engine == "postgresql":
            import postgres
            return postgres.run(self.settings["DATABASE_URL"], statement, parameters)
        db = sqlite3.connect(os.path.join(self.data, "vitae.db"), timeout=30)
        try:
            with db:
                return db.execute(statement, parameters).fetchall()
        finally:
            db.close()

    @contextlib.contextmanager
    def write_lock(self):
        """Holds the lock for which all writers of the server wait, until the function that it gives is told "COMMIT"; that function
        runs a statement, as sql() does."""
        if self.engine == "postgresql":
            import postgres
            db, execute = postgres.session(self.settings["DATABASE_URL"])
            execute("BEGIN")
            execute("SELECT pg_advisory_xact_lock(7681)")
        else:
            db = sqlite3.connect(os.path.join(self.data, "vitae.db"), isolation_level=None)
            execute = lambda statement, *parameters: db.execute(statement, parameters)  # noqa: E731
            execute("BEGIN IMMEDIATE")
        try:
            yield execute
        finally:
            db.close()

    def drop_database(self):
        """Removes a database of PostgreSQL; the file of SQLite goes with its directory."""
        if self.engine == "postgresql":
            import postgres
            postgres.drop(self.settings["DATABASE_URL"])

    def make_team(self, name):
        """A team without members; returns its id."""
        return self.sql("INSERT INTO teams (name, created_at, updated_at) VALUES (?, 1, 1) RETURNING id", name)[0][0]

    def make_user(self, name, role="viewer", password=PASSWORD, **fields):
        """A user name / name@example.com, made by the administrator; returns what the server says of it."""
        r = self.login("admin").post(f"{API}/users/", json={
            "email": f"{name}@example.com", "username": name, "password": password, "role": role, **fields})
        assert r.status_code == 201, r.text
        return r.json()

    def new_tokens(self, username, password=PASSWORD):
        """Logs in anew; returns the pair."""
        r = self.anonymous().post(f"{API}/auth/login", json={"username": username, "password": password})
        assert r.status_code == 200, r.text
        return r.json()

    def stored_files(self):
        """Paths, relative to the data directory, of all uploaded files on disk."""
        found = set()
        for top in ("uploads", "media"):
            for folder, _, names in os.walk(os.path.join(self.data, top)):
                found |= {os.path.relpath(os.path.join(folder, n), self.data) for n in names}
        return found

    def anonymous(self):
        return Client(self.base)

    def token(self, username, password=PASSWORD):
        if username not in self.tokens:
            r = self.anonymous().post(f"{API}/auth/login", json={"username": username, "password": password})
            assert r.status_code == 200, r.text
            self.tokens[username] = r.json()["access_token"]
        return self.tokens[username]

    def login(self, username, password=PASSWORD):
        return Client(self.base, self.token(username, password))

    def as_role(self, role):
        """A client of a user with this role (made at first use) in the administrator's team; "public": no token."""
        if role == "public":
            return self.anonymous()
        if role in ("admin", "superuser"):
            return self.login("admin")
        name = f"the_{role}"
        if name not in self.tokens:
            r = self.login("admin").post(f"{API}/users/", json={
                "email": f"{name}@example.com", "username": name, "password": PASSWORD, "role": role})
            assert r.status_code in (201, 400), r.text
        return self.login(name)


def children(pid):
    """Process ids of the children of a process."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as f:
                if name.isdigit() and int(f.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except (OSError, IndexError):
            continue  # not a process, or gone meanwhile
    return found


def wait_until(condition, seconds=60, what="the condition"):
    """Polls until the condition gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.02)


def upload(client, path_or_bytes, name=None):
    """Uploads a résumé; returns the reply."""
    data = path_or_bytes if isinstance(path_or_bytes, bytes) else open(path_or_bytes, "rb").read()
    name = name or os.path.basename(path_or_bytes)
    return client.post(f"{API}/candidates/upload", files={"file": (name, data)})


def read_candidate(client, candidate_id, seconds=60):
    """Waits until the candidate is completed or failed; returns it."""
    def done():
        c = client.get(f"{API}/candidates/{candidate_id}").json()
        return c if c["status"] in ("completed", "failed") else None
    return wait_until(done, seconds, f"candidate {candidate_id}")


def routes():
    """The tables of the program: what `vitae routes` prints."""
    return json.loads(subprocess.run([VITAE, "routes"], capture_output=True, check=True).stdout)
