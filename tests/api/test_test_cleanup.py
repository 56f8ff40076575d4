"""The cleanup of test data: everything that is marked goes, with what belongs to it; nothing else does."""
import json
import os
import threading

import pytest

from vitae import API, PASSWORD, Client, upload, wait_until
import documents

CLEANUP = f"{API}/test-cleanup"
COUNTS = ["users", "searchables", "invoices", "files", "ratings", "withdrawals", "metrics"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def mark(session="test_session_1640995200_abc12345", kind="user"):
    return {"test_session_id": session, "test_timestamp": "2024-01-01T12:00:00.000000",
            "test_marker": "integration_test_data", "created_by_test": True, "test_data_type": kind}


def user(server, name, metadata=None):
    server.make_user(name, **({"test_metadata": metadata} if metadata else {}))
    return Client(server.base, server.new_tokens(name)["access_token"])


def made(client, what, **body):
    r = client.post(f"{API}/{what}/", json=body)
    assert r.status_code == 201, r.text
    return r.json()


def trade(buyer, seller, metadata=None):
    """A searchable with all that can hang on it. Returns paths of what was made, and of files."""
    public = {"title": "Lessons", **({"test_metadata": metadata} if metadata else {})}
    s = made(seller, "searchables", payloads={"public": public, "private": {"x": 1}})
    f = seller.post(f"{API}/files/", files={"file": ("terms.pdf", b"%PDF-1.7")}, data={"searchable_id": s["id"]}).json()
    m = seller.post(f"{API}/media/", files={"file": ("a.png", PNG)}, data={"searchable_id": s["id"]}).json()
    i = made(buyer, "invoices", searchable_id=s["id"], amount=500, currency="EUR")
    n = buyer.post(f"{API}/invoices/{i['id']}/notes", json={"text": "Soon"}).json()
    p = made(buyer, "payments", invoice_id=i["id"])
    g = made(buyer, "ratings", searchable_id=s["id"], score=4)
    w = made(seller, "withdrawals", amount=100, currency="EUR", invoice_id=i["id"])
    paths = [f"{API}/{what}/{x['id']}" for what, x in (
        ("searchables", s), ("files", f), ("media", m), ("invoices", i), ("payments", p), ("ratings", g), ("withdrawals", w))]
    return paths + [f"{API}/invoices/{i['id']}/notes/{n['id']}"], [f["file_path"], m["file_path"]]


def clean(server, session=None, **kw):
    body = {} if session is None else {"test_session_id": session}
    r = server.anonymous().post(CLEANUP, json=body, **kw)
    assert r.status_code == 200, r.text
    return r.json()


def gone(server, paths):
    boss = server.login("admin")
    return [boss.get(p).status_code == 404 for p in paths]


def test_marked_goes_and_unmarked_stays(fresh):
    s = fresh()
    boss = s.login("admin")
    buyer, seller = user(s, "tester1", mark()), user(s, "tester2", mark())
    made(buyer, "profiles", display_name="Tester")
    theirs, their_files = trade(buyer, seller)
    plain1, plain2 = user(s, "person1"), user(s, "person2", {"test_marker": "something else"})
    mine, my_files = trade(plain1, plain2)
    marked_offer, offer_files = trade(plain1, plain2, mark(kind="searchable"))
    metrics = [made(plain1, "metrics-events", name="x", **{where: mark(kind="metric")})["id"]
               for where in ("tags", "metadata")]
    kept = made(plain1, "metrics-events", name="x", tags={"test_marker": "other"}, metadata={"a": 1})["id"]
    c = upload(s.login("admin"), documents.pdf(), "a.pdf").json()["id"]
    body = clean(s)
    assert list(body) == ["success", "message", "deleted_counts"]
    assert (body["success"], body["message"]) == (True, "Test data cleanup completed")
    assert list(body["deleted_counts"])[:7] == COUNTS
    assert body["deleted_counts"] == {
        "users": 2, "searchables": 2, "invoices": 2, "files": 2, "ratings": 2, "withdrawals": 2, "metrics": 2,
        "profiles": 1, "sessions": 2, "balances": 1, "payments": 2, "invoice_notes": 2, "media": 2}
    assert all(gone(s, theirs + marked_offer + [f"{API}/metrics-events/{m}" for m in metrics]))
    assert not any(gone(s, mine + [f"{API}/metrics-events/{kept}", f"{API}/candidates/{c}"]))
    for path in their_files + offer_files:
        assert not os.path.exists(os.path.join(s.data, path))
    for path in my_files:
        assert os.path.exists(os.path.join(s.data, path))
    assert [u["username"] for u in boss.get(f"{API}/users/").json()] == ["admin", "person1", "person2"]
    assert buyer.get(f"{API}/users/me").status_code == 401 and plain1.get(f"{API}/users/me").status_code == 200
    # the test's payment and withdrawal leave the seller's balance as it was without them
    assert [b["amount"] for b in plain2.get(f"{API}/balances/").json()] == [400]
    assert set(clean(s)["deleted_counts"].values()) == {0}


def test_one_session_only(fresh):
    s = fresh()
    one, two = user(s, "tester1", mark("one")), user(s, "tester2", mark("two"))
    plain = user(s, "person1")
    for client, session in ((one, "one"), (two, "two")):
        made(plain, "searchables", payloads={"public": {"test_metadata": mark(session)}})
        made(plain, "metrics-events", name="x", tags=mark(session))
        made(client, "searchables", payloads={"public": {}})
    made(plain, "metrics-events", name="x", tags={"test_session_id": "one"})  # no marker: no test data
    body = clean(s, "one")
    assert list(body) == ["success", "message", "deleted_counts", "test_session_id"] and body["test_session_id"] == "one"
    assert {k: body["deleted_counts"][k] for k in ("users", "searchables", "metrics")} == {
        "users": 1, "searchables": 2, "metrics": 1}
    assert two.get(f"{API}/users/me").status_code == 200 and one.get(f"{API}/users/me").status_code == 401
    assert set(clean(s, "nobody's")["deleted_counts"].values()) == {0}
    assert clean(s)["deleted_counts"]["users"] == 1
    assert plain.get(f"{API}/metrics-events/").headers["X-Total-Count"] == "1"


def test_users_by_registering_too(fresh):
    s = fresh()
    r = s.anonymous().post(f"{API}/auth/register", json={
        "email": "t@example.com", "username": "tester", "password": PASSWORD, "test_metadata": mark()})
    assert r.status_code == 201, r.text
    assert clean(s)["deleted_counts"]["users"] == 1
    boss = s.login("admin")
    wait_until(lambda: [t["name"] for t in boss.get(f"{API}/teams").json()] == ["Administration"], what="the team's end")


@pytest.mark.parametrize("body,headers", [(None, {}), (b"", {"Content-Type": "application/json"}), (b"{}", {
    "Content-Type": "application/json"}), (b'{"test_session_id": null}', {"Content-Type": "application/json"}),
    (b'{"unknown": [1]}', {"Content-Type": "application/json"})])
def test_an_empty_body_means_all(server, body, headers):
    r = server.anonymous().post(CLEANUP, data=body, headers=headers)
    assert r.status_code == 200 and "test_session_id" not in r.json()


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"test_session_id": 5}', b'{"test_session_id": ""}', b"\xff",
                                  b'{"test_session_id": ["one"]}'])
def test_what_cannot_be_read_deletes_nothing(fresh, body):
    s = fresh()
    user(s, "tester1", mark())
    r = s.anonymous().post(CLEANUP, data=body, headers={"Content-Type": "application/json"})
    assert r.status_code == 422 and r.json()["success"] is False and r.json()["error"]
    assert clean(s)["deleted_counts"]["users"] == 1


def test_never_in_production(fresh):
    s = fresh(DEBUG="False")
    user(s, "tester1", mark())
    for body in ({}, {"test_session_id": 5}):
        r = s.anonymous().post(CLEANUP, json=body)
        assert (r.status_code, r.json()) == (403, {
            "success": False, "error": "This operation is only allowed in development mode"})
    assert len(s.login("admin").get(f"{API}/users/").json()) == 2


def test_own_form_of_errors(fresh):
    s = fresh(RATE_LIMIT_STRICT="1/60")
    assert s.anonymous().get(CLEANUP).json() == {"success": False, "error": "Method Not Allowed"}
    codes = [s.anonymous().post(CLEANUP, json={}) for _ in range(2)]
    assert codes[1].status_code == 429 and codes[1].json()["success"] is False


def test_the_audit_trail_and_the_log(fresh):
    s = fresh()
    user(s, "tester1", mark("one"))
    clean(s, "one")
    event = next(e for e in s.login("admin").get(f"{API}/audit").json() if e["action"] == "cleanup.tests")
    assert event["result"] == "ok" and "one" in event["target"] and json.loads(event["detail"])["users"] == 1
    with open(os.path.join(s.data, "vitae.log")) as f:
        assert "test cleanup of test session one completed" in f.read()


def test_a_marked_administrator_stays(fresh):
    s = fresh()
    s.sql("UPDATE users SET test_marker = ? WHERE username = 'admin'", "integration_test_data")
    assert clean(s)["deleted_counts"]["users"] == 0
    assert s.login("admin").get(f"{API}/users/me").status_code == 200


def test_the_server_answers_meanwhile(fresh):
    s = fresh()
    for i in range(30):
        t = user(s, f"tester{i:02}", mark())
        trade(t, t)
    plain = user(s, "person1")
    stop, codes = threading.Event(), set()

    def ask():
        client = Client(s.base, plain.headers["Authorization"].split()[1])
        while not stop.is_set():
            codes.add(client.get(f"{API}/users/me").status_code)
            codes.add(client.post(f"{API}/metrics-events/", json={"name": "x"}).status_code)
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        assert clean(s)["deleted_counts"]["users"] == 30
    finally:
        stop.set()
        thread.join()
    assert codes == {200, 201}


def test_the_printed_queries_find_what_is_deleted(fresh):
    s = fresh()
    t = user(s, "tester1", mark())
    made(t, "searchables", payloads={"public": {"test_metadata": mark()}})
    made(t, "metrics-events", name="x", metadata=mark())
    queries = ["SELECT count(*) FROM users WHERE test_metadata->>'test_marker' = 'integration_test_data'",
               "SELECT count(*) FROM searchables WHERE payloads->'public'->'test_metadata'->>'test_marker' = "
               "'integration_test_data'",
               "SELECT count(*) FROM metrics WHERE tags->>'test_marker' = 'integration_test_data' OR "
               "metadata->>'test_marker' = 'integration_test_data'"]
    assert [s.sql(q)[0][0] for q in queries] == [1, 1, 1]
    clean(s)
    assert [s.sql(q)[0][0] for q in queries] == [0, 0, 0]
