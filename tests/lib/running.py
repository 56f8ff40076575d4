"""A server that runs already, for scripts that are told where it is: a client for anybody, and one of the administrator."""
import argparse
import os
import sys
import time

import requests

API = "/api/v1"


class Running:
    def __init__(self, base, username="admin", password=None):
        self.base, self.username, self.password = base.rstrip("/"), username, password
        self.session = requests.Session()
        self.session.verify = False  # a development server's certificate is its own
        self.token = None

    def ask(self, method, path, token=None, **kw):
        headers = {**kw.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        while True:
            r = self.session.request(method, self.base + path, headers=headers, timeout=600, **kw)
            if r.status_code != 429:
                return r
            print(f"the server asks to wait {r.headers['Retry-After']} s", file=sys.stderr)
            time.sleep(int(r.headers["Retry-After"]))

    def post(self, path, token=None, **kw):
        return self.ask("POST", path, token, **kw)

    def get(self, path, token=None, **kw):
        return self.ask("GET", path, token, **kw)

    def login(self, username=None, password=None):
        assert password or self.password, f"set ADMIN_PASSWORD, or say --password, to log in as {self.username}"
        r = self.post(f"{API}/auth/login", json={"username": username or self.username,
                                                 "password": password or self.password})
        assert r.status_code == 200, f"login of {username or self.username}: {r.text}"
        return r.json()["access_token"]

    def admin(self):
        self.token = self.token or self.login()
        return self.token

    @property
    def production(self):
        return self.get("/health").json()["environment"] == "production"


def arguments(doc):
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default=os.environ.get("VITAE_URL", "http://localhost:8000"), help="the running server")
    p.add_argument("--username", default=os.environ.get("ADMIN_USERNAME", "admin"))
    p.add_argument("--password", default=os.environ.get("ADMIN_PASSWORD"), help="the administrator's (ADMIN_PASSWORD)")
    return p


def run(checks, server):
    """Runs each check and says how it went; returns the exit status."""
    failed = 0
    for check in checks:
        try:
            why = check(server)
            print(f"{'skip' if why else 'ok  '} {check.__doc__}{f' ({why})' if why else ''}")
        except (AssertionError, requests.RequestException) as e:
            failed += 1
            print(f"FAIL {check.__doc__}: {e}", file=sys.stderr)
    return 1 if failed else 0


def script(doc, checks, destructive):
    """The main program of a script of checks."""
    p = arguments(doc)
    p.add_argument("--yes", action="store_true", help=f"yes, {destructive}")
    o = p.parse_args()
    server = Running(o.url, o.username, o.password)
    if not o.yes and not server.production:
        p.error(f"this {destructive} of {o.url}; say --yes if that is wanted")
    sys.exit(run(checks, server))
