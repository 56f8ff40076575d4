"""Integration tests of the marketplace that leave nothing behind. See run_comprehensive_tests.sh."""
import datetime
import os
import secrets
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from running import API, Running, arguments  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSWORD = "integration test 7"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
LISTS = ["users", "searchables", "invoices", "payments", "ratings", "files", "media", "withdrawals", "metrics-events",
         "profiles", "balances"]


class Session:
    """One run: its marks, and what it makes."""

    def __init__(self, server):
        self.server = server
        self.id = f"test_session_{int(datetime.datetime.now().timestamp())}_{secrets.token_hex(4)}"

    def mark(self, kind):
        return {"test_session_id": self.id, "test_timestamp": datetime.datetime.now().isoformat(),
                "test_marker": "integration_test_data", "created_by_test": True, "test_data_type": kind}

    def made(self, what, token, **kw):
        r = self.server.post(f"{API}/{what}/", token, **kw)
        assert r.status_code == 201, f"{what}: {r.status_code} {r.text}"
        return r.json()

    def user(self, name):
        name = f"{name}_{secrets.token_hex(4)}"
        self.made("users", self.server.admin(), json={
            "email": f"{name}@example.com", "username": name, "password": PASSWORD, "test_metadata": self.mark("user")})
        return self.server.login(name, PASSWORD)

    def trade(self, buyer, seller):
        s = self.made("searchables", seller, json={"payloads": {
            "public": {"title": "Guitar lessons", "test_metadata": self.mark("searchable")}, "private": {"floor": 3}}})
        self.made("files", seller, files={"file": ("terms.pdf", b"%PDF-1.7")}, data={"searchable_id": s["id"]})
        self.made("media", seller, files={"file": ("a.png", PNG)}, data={"searchable_id": s["id"]})
        i = self.made("invoices", buyer, json={"searchable_id": s["id"], "amount": 2500, "currency": "EUR"})
        self.made(f"invoices/{i['id']}/notes", buyer, json={"text": "Soon"})
        self.made("payments", buyer, json={"invoice_id": i["id"]})
        again = self.server.post(f"{API}/payments/", buyer, json={"invoice_id": i["id"]})
        assert again.status_code == 409, f"an invoice was paid twice: {again.text}"
        self.made("ratings", buyer, json={"searchable_id": s["id"], "score": 5})
        self.made("withdrawals", seller, json={"amount": 2000, "currency": "EUR", "invoice_id": i["id"]})
        over = self.server.post(f"{API}/withdrawals/", seller, json={"amount": 2000, "currency": "EUR"})
        assert over.status_code == 400, f"more was withdrawn than there is: {over.text}"
        seen = self.server.get(f"{API}/searchables/{s['id']}", buyer).json()
        assert "private" not in seen["payloads"], "a stranger sees a private payload"

    def measure(self, token):
        for where in ("tags", "metadata"):
            self.made("metrics-events", token, json={"name": "test.run", where: self.mark("metric")})


def totals(server):
    """How many rows of each kind there are."""
    found = {}
    for what in LISTS:
        r = server.get(f"{API}/{what}/", server.admin(), params={"limit": 1})
        assert r.status_code == 200, f"{what}: {r.text}"
        found[what] = int(r.headers["X-Total-Count"])
    return found


def comprehensive(server, keep):
    session = Session(server)
    before = totals(server)
    print(f"test session {session.id} on {server.base}")
    buyer, seller = session.user("buyer"), session.user("seller")
    session.made("profiles", seller, json={"display_name": "Tester"})
    for _ in range(3):
        session.trade(buyer, seller)
    session.measure(buyer)
    made = {k: v - before[k] for k, v in totals(server).items()}
    print("made:", ", ".join(f"{v} {k}" for k, v in made.items()))
    assert all(made.values()), "some of the test data is missing"
    if keep:
        print(f"kept; remove it with POST {API}/test-cleanup {{\"test_session_id\": \"{session.id}\"}}")
        return
    r = server.post(f"{API}/test-cleanup", json={"test_session_id": session.id})
    assert r.status_code == 200 and r.json()["success"] is True, r.text
    print("deleted:", ", ".join(f"{v} {k}" for k, v in r.json()["deleted_counts"].items()))
    after = totals(server)
    assert after == before, f"before {before}, after {after}"
    left = server.post(f"{API}/test-cleanup", json={"test_session_id": session.id}).json()["deleted_counts"]
    assert not any(left.values()), f"something was left: {left}"
    print("nothing marked is left, nothing else is gone")


def main():
    p = arguments(__doc__)
    p.set_defaults(url=os.environ.get("VITAE_URL"))
    p.add_argument("--keep", action="store_true", help="leave the test data for inspection")
    o = p.parse_args()
    try:
        if o.url:
            comprehensive(Running(o.url, o.username, o.password), o.keep)
            return 0
        subprocess.run([os.path.join(ROOT, "tools", "setup"), "build"], check=True)
        import vitae
        directory = tempfile.mkdtemp(prefix="vitae-")
        with vitae.Server(directory) as s:
            comprehensive(Running(s.base, "admin", vitae.PASSWORD), o.keep)
            if o.keep:
                print(f"the data is in {s.data}")
    except AssertionError as e:
        print(f"FAILED: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
