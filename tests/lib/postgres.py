"""A real PostgreSQL for the tests: a server of its own on a socket and a data directory of its own, started when first asked for and
ended with the tests. PostgreSQL refuses to run as root, so that as root it runs as the user "postgres", whom Debian's package makes."""
import atexit
import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2

PROGRAMS = max(glob.glob("/usr/lib/postgresql/*/bin"), default="", key=lambda p: int(p.split("/")[-2]))
# What would be durable after a power cut is of no use here; everything else is as installed.
QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "300", "listen_addresses": ""}


class Cluster:
    """One PostgreSQL server. `url(name)` is a database of it."""

    def __init__(self, **settings):
        self.settings = {**QUICK, **settings}
        self.directory = tempfile.mkdtemp(prefix="vitae-pg-", dir="/tmp")  # a socket's path is short
        self.process = None
        self.numbers = itertools.count(1)
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.directory, who.pw_uid, who.pw_gid)
        os.chmod(self.directory, 0o755)
        self.data = os.path.join(self.directory, "data")
        self.command("initdb", "-D", self.data, "-U", "vitae", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def as_user(self, program, *arguments):
        prefix = []
        if os.getuid() == 0:
            prefix = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--pdeathsig=INT"]
        return [*prefix, os.path.join(PROGRAMS, program), *arguments]

    def command(self, program, *arguments):
        subprocess.run(self.as_user(program, *arguments), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def start(self):
        options = [f"-c{k}={v}" for k, v in self.settings.items()]
        with open(os.path.join(self.directory, "log"), "ab") as log:
            self.process = subprocess.Popen(
                self.as_user("postgres", "-D", self.data, f"-cunix_socket_directories={self.directory}", *options),
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        end = time.monotonic() + 60
        while True:
            try:
                psycopg2.connect(self.url("postgres")).close()
                return self
            except psycopg2.OperationalError:
                if time.monotonic() > end or self.process.poll() is not None:
                    with open(os.path.join(self.directory, "log")) as f:
                        raise RuntimeError("PostgreSQL did not start: " + f.read()) from None
                time.sleep(0.05)

    def stop(self, sig=signal.SIGINT):
        """Ends it at once, as its administrator would (SIGINT), or as a crash does (SIGQUIT)."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(timeout=60)
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def place(self, name, data):
        """Writes a file into its data directory, for its eyes only."""
        path = os.path.join(self.data, name)
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, 0o600)
        if os.getuid() == 0:
            shutil.chown(path, self.user, self.user)

    def url(self, name):
        return f"postgresql://vitae@/{name}?host={self.directory}" + (f"&port={self.settings['port']}" if "port" in self.settings else "")

    def new_database(self):
        """The URL of a new, empty database."""
        name = f"vitae_{os.getpid()}_{next(self.numbers)}"
        run(self.url("postgres"), f"CREATE DATABASE {name}")
        return self.url(name)


def session(url):
    """A connection, and a function that runs one statement on it, with "?" for parameters, and returns the rows."""
    db = psycopg2.connect(url)
    db.autocommit = True

    def execute(statement, *parameters):
        with db.cursor() as cursor:
            if parameters:
                cursor.execute(statement.replace("%", "%%").replace("?", "%s"), parameters)
            else:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return db, execute


def run(url, statement, parameters=()):
    """Runs one statement by itself, with "?" for parameters; returns the rows."""
    db, execute = session(url)
    try:
        return execute(statement, *parameters)
    finally:
        db.close()


def drop(url):
    """Removes a database, whoever still uses it."""
    name = url.split("/")[3].split("?")[0]
    run(url.replace(f"/{name}?", "/postgres?"), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


_shared = None


def shared():
    """The server that all tests use that do not stop it."""
    global _shared
    if _shared is None:
        _shared = Cluster().start()
        atexit.register(_shared.remove)
    return _shared
