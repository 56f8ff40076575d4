"""Webhooks: events sent to a receiver on loopback, signed, repeated, logged; and what is refused. Security alerts."""
import json
import threading

import pytest

import documents
from receiver import Receiver, verify
from vitae import API, PASSWORD, Client, Server, read_candidate, upload, wait_until

HOOKS = f"{API}/webhooks"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("webhooks"), FETCH_ALLOW="127.0.0.1", WEBHOOK_RETRY_SECONDS="0",
                LOGIN_FAILURES="3/3600") as s:
        yield s


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.stop()


@pytest.fixture
def boss(house):
    client = house.login("admin")
    yield client
    for hook in client.get(HOOKS).json():
        client.delete(f"{HOOKS}/{hook['id']}")


def make(client, url, *events, **more):
    r = client.post(HOOKS, json={"url": url, "events": list(events) or ["candidate.completed"], **more})
    assert r.status_code == 201, r.text
    return r.json()


def deliveries(client, hook, state=None, n=1):
    """Waits for n deliveries in the state, newest first."""
    path = f"{HOOKS}/{hook['id']}/deliveries"
    return wait_until(lambda: (lambda found: found if len(found) >= n else None)(
        client.get(path, params={"state": state} if state else None).json()), what=f"{n} deliveries {state or ''}")


def test_an_event_arrives_signed(house, boss, receiver):
    made = make(boss, receiver.url + "?key=a", "candidate.completed", "candidate.failed", description="Our other system")
    assert made["secret"].startswith("whsec_") and made["is_active"] and made["failures"] == 0
    good = upload(boss, documents.unique_pdf(), "good.pdf").json()
    read_candidate(boss, good["id"])
    bad = upload(boss, b"%PDF-1.4\nnothing at all", "bad.pdf").json()
    read_candidate(boss, bad["id"])
    got = {}
    for path, headers, body in receiver.wait(2):
        assert path == "/hook?key=a" and headers["Content-Type"] == "application/json"
        assert headers["User-Agent"].startswith("vitae/")
        payload = verify(made["secret"], headers, body)
        assert list(payload) == ["type", "timestamp", "data"] and payload["timestamp"].endswith("Z")
        got[payload["type"]] = payload["data"]["id"]
    assert got == {"candidate.completed": good["id"], "candidate.failed": bad["id"]}
    log = deliveries(boss, made, "delivered", 2)
    assert {d["type"] for d in log} == set(got) and all(d["attempts"] == 1 and d["status"] == 204 for d in log)
    one = boss.get(f"{HOOKS}/{made['id']}/deliveries/{log[0]['id']}").json()
    assert json.loads(one["payload"])["type"] == log[0]["type"] and one["delivered_at"]


def test_the_secret_is_told_once(boss, receiver):
    made = make(boss, receiver.url)
    for r in (boss.get(HOOKS), boss.get(f"{HOOKS}/{made['id']}"), boss.patch(f"{HOOKS}/{made['id']}", json={})):
        assert r.status_code == 200 and made["secret"] not in r.text and "secret" not in r.text


def test_a_new_secret_signs_beside_the_old_one(boss, receiver):
    made = make(boss, receiver.url)
    new = boss.post(f"{HOOKS}/{made['id']}/secret").json()
    assert new["secret"] != made["secret"]
    assert boss.post(f"{HOOKS}/{made['id']}/test").status_code == 202
    _, headers, body = receiver.wait(1)[0]
    for secret in (made["secret"], new["secret"]):
        assert verify(secret, headers, body)["type"] == "webhook.test"


def test_what_fails_is_repeated_with_the_same_id(boss, receiver):
    made = make(boss, receiver.url)
    receiver.answers[:] = [500, (503, {"Retry-After": "0"}, b"later"), (302, {"Location": receiver.url}, b""), 200]
    boss.post(f"{HOOKS}/{made['id']}/test")
    got = receiver.wait(4)
    assert len({h["webhook-id"] for _, h, _ in got}) == 1 and len({b for _, _, b in got}) == 1
    for _, headers, body in got:
        verify(made["secret"], headers, body)
    d = deliveries(boss, made, "delivered")[0]
    assert (d["attempts"], d["status"], d["error_message"]) == (4, 200, None)
    assert boss.get(f"{HOOKS}/{made['id']}").json()["failures"] == 0


def test_after_long_failure_it_is_switched_off_and_may_be_switched_on(boss, receiver):
    made = make(boss, receiver.url)
    receiver.answers[:] = [(500, {}, b"it hurts" * 1000)] * 10
    boss.post(f"{HOOKS}/{made['id']}/test")
    d = deliveries(boss, made, "failed")[0]
    assert d["attempts"] == 10 and d["status"] == 500 and d["next_attempt_at"] is None
    detail = boss.get(f"{HOOKS}/{made['id']}/deliveries/{d['id']}").json()
    assert detail["response"].startswith("it hurts") and len(detail["response"]) <= 1024
    hook = boss.get(f"{HOOKS}/{made['id']}").json()
    assert not hook["is_active"] and "500" in hook["disabled_reason"] and hook["failures"] == 10
    resend = f"{HOOKS}/{made['id']}/deliveries/{d['id']}/resend"
    assert boss.post(resend).status_code == 409
    assert boss.post(f"{HOOKS}/{made['id']}/test").status_code == 409
    again = boss.patch(f"{HOOKS}/{made['id']}", json={"is_active": True}).json()
    assert again["is_active"] and again["disabled_reason"] is None and again["failures"] == 0
    assert boss.post(resend).status_code == 202
    assert deliveries(boss, made, "delivered")[0]["id"] == d["id"]
    ids = {h["webhook-id"] for _, h, _ in receiver.wait(11)}
    assert len(ids) == 1


def test_who_is_gone_is_switched_off_at_once(boss, receiver):
    made = make(boss, receiver.url)
    receiver.answers[:] = [410]
    boss.post(f"{HOOKS}/{made['id']}/test")
    assert deliveries(boss, made, "failed")[0]["attempts"] == 1
    hook = boss.get(f"{HOOKS}/{made['id']}").json()
    assert not hook["is_active"] and "410" in hook["disabled_reason"]


def test_nobody_listens(boss):
    made = make(boss, "http://127.0.0.1:9/hook")
    boss.post(f"{HOOKS}/{made['id']}/test")
    d = deliveries(boss, made, "failed")[0]
    assert d["status"] is None and "127.0.0.1:9" in d["error_message"]


def test_a_resend(boss, receiver):
    made = make(boss, receiver.url)
    boss.post(f"{HOOKS}/{made['id']}/test")
    d = deliveries(boss, made, "delivered")[0]
    r = boss.post(f"{HOOKS}/{made['id']}/deliveries/{d['id']}/resend")
    assert r.status_code == 202
    first, second = receiver.wait(2)
    assert first[1]["webhook-id"] == second[1]["webhook-id"] and first[2] == second[2]


def test_a_waiting_delivery_is_not_sent_twice(boss, receiver):
    made = make(boss, receiver.url)
    gate = threading.Event()
    receiver.answers[:] = [gate]
    boss.post(f"{HOOKS}/{made['id']}/test")
    receiver.wait(1)
    d = deliveries(boss, made, "waiting")[0]
    assert boss.post(f"{HOOKS}/{made['id']}/deliveries/{d['id']}/resend").status_code == 409
    gate.set()
    deliveries(boss, made, "delivered")


def test_a_restart_loses_nothing(tmp_path, receiver):
    with Server(tmp_path, FETCH_ALLOW="127.0.0.1", WEBHOOK_RETRY_SECONDS="0") as s:
        boss = s.login("admin")
        made = make(boss, receiver.url)
        gate = threading.Event()
        receiver.answers[:] = [gate]
        boss.post(f"{HOOKS}/{made['id']}/test")
        receiver.wait(1)
        s.stop(9)
        gate.set()
        s.start()
        first, second = receiver.wait(2)
        assert first[1]["webhook-id"] == second[1]["webhook-id"]
        assert deliveries(s.login("admin"), made, "delivered")


@pytest.mark.parametrize("url", [
    "ftp://example.com/", "example.com", "javascript:alert(1)", "http://", "https://exa mple.com/", "http://10.0.0.1/",
    "http://192.168.1.1:8080/x", "http://[::1]/", "http://169.254.169.254/latest/meta-data",
    "http://0x7f000002/", "http://[::ffff:10.0.0.1]/"])
def test_addresses_that_are_refused(boss, url):
    r = boss.post(HOOKS, json={"url": url, "events": ["candidate.completed"]})
    assert r.status_code == 422, r.text
    assert r.json()["detail"][0]["loc"] == ["body", "url"]
    made = make(boss, "https://example.com/")
    assert boss.patch(f"{HOOKS}/{made['id']}", json={"url": url}).status_code == 422


@pytest.mark.parametrize("events", [[], ["candidate.born"], ["candidate.uploaded"], "candidate.completed", [7]])
def test_events_that_are_refused(boss, events):
    assert boss.post(HOOKS, json={"url": "https://example.com/", "events": events}).status_code == 422


def test_teams_keep_their_own(house, boss, receiver):
    team = house.make_team("Hooked")
    house.make_user("hooker1", "hr_manager", team_id=team)
    house.make_user("hooker2", "recruiter", team_id=team)
    mine = make(boss, receiver.url)
    them = house.login("hooker1")
    theirs = make(them, receiver.url + "/theirs", "candidate.completed", "candidate.failed")
    assert theirs["team_id"] == team
    assert [h["id"] for h in them.get(HOOKS).json()] == [theirs["id"]]
    assert {mine["id"], theirs["id"]} <= {h["id"] for h in boss.get(HOOKS).json()}
    assert [h["id"] for h in boss.get(HOOKS, params={"team_id": team}).json()] == [theirs["id"]]
    for r in (them.get(f"{HOOKS}/{mine['id']}"), them.patch(f"{HOOKS}/{mine['id']}", json={}),
              them.delete(f"{HOOKS}/{mine['id']}"), them.get(f"{HOOKS}/{mine['id']}/deliveries"),
              them.post(f"{HOOKS}/{mine['id']}/test"), them.post(f"{HOOKS}/{mine['id']}/secret"),
              them.post(HOOKS, json={"url": "https://example.com/", "events": ["mail.sent"], "team_id": 1})):
        assert r.status_code == 404, r.text
    assert house.login("hooker2").get(HOOKS).status_code == 403
    upload(house.login("hooker2"), b"%PDF-1.4\nnothing of theirs", "t.pdf")
    assert receiver.wait(1)[0][0] == "/hook/theirs"
    deliveries(them, theirs, "delivered")
    assert len(receiver.requests) == 1
    assert them.delete(f"{HOOKS}/{theirs['id']}").status_code == 204
    assert them.get(HOOKS).json() == []


def test_there_is_a_most(house, boss):
    team = house.make_team("Many")
    for _ in range(20):
        make(boss, "https://example.com/", team_id=team)
    assert boss.post(HOOKS, json={"url": "https://example.com/", "events": ["mail.sent"], "team_id": team}).status_code == 400


def test_what_is_sent_is_documented(boss):
    document = boss.get("/openapi.json").json()
    assert set(document["webhooks"]) == {"candidate.completed", "candidate.failed", "application.updated", "mail.sent",
                                         "security.alert"}


# ---- security alerts ----

def alerts(receiver, hook, n):
    return [verify(hook["secret"], h, b)["data"] for _, h, b in receiver.wait(n)]


def test_alerts_are_for_administrators(house):
    house.make_user("alarmed", "hr_manager")
    r = house.login("alarmed").post(HOOKS, json={"url": "https://example.com/", "events": ["security.alert"]})
    assert r.status_code == 403


def test_a_storm_of_wrong_passwords(house, boss, receiver):
    hook = make(boss, receiver.url, "security.alert")
    user = house.make_user("stormy")
    for _ in range(6):
        r = house.anonymous().post(f"{API}/auth/login", json={"username": "stormy", "password": "wrong wrong"})
    assert r.status_code == 429
    alert = alerts(receiver, hook, 1)[0]
    assert alert["kind"] == "login.storm" and alert["user_id"] == user["id"] and alert["address"] == "127.0.0.1"
    deliveries(boss, hook, "delivered")
    assert len(receiver.requests) == 1  # a flood is told once


def test_a_refresh_token_used_twice(house, boss, receiver):
    hook = make(boss, receiver.url, "security.alert")
    user = house.make_user("twice")
    old = house.new_tokens("twice")["refresh_token"]
    refresh = lambda token: house.anonymous().post(f"{API}/auth/refresh", json={"refresh_token": token})  # noqa: E731
    newest = old
    for _ in range(3):
        newest = refresh(newest).json()["refresh_token"]
    assert refresh(old).status_code == 401
    alert = alerts(receiver, hook, 1)[0]
    assert alert["kind"] == "token.reused" and alert["user_id"] == user["id"]


def test_a_refused_cleanup(house, boss, receiver):
    hook = make(boss, receiver.url, "security.alert")
    for _ in range(3):
        r = house.anonymous().post(f"{API}/cleanup-all-resumes", json={"confirmation_token": "guess", "confirm_action": "x"})
        assert r.status_code == 401
    alert = alerts(receiver, hook, 1)[0]
    assert alert["kind"] == "cleanup.refused" and "cleanup-all-resumes" in alert["message"] and "guess" not in str(alert)
    assert alert["user_id"] is None
    deliveries(boss, hook, "delivered")
    assert len(receiver.requests) == 1


def test_alerts_reach_the_administrators_sockets_only(tmp_path):
    from websocket import PING, PONG, Socket, frame
    with Server(tmp_path) as s:
        s.make_user("plain")
        a, b = Socket(s, "a", s.token("admin")), Socket(s, "b", s.token("plain"))
        s.anonymous().post(f"{API}/cleanup-all-resumes", json={})
        assert a.message()["type"] == "security.alert"
        b.send(frame(PING, b"nothing else"))
        assert b.receive() == (PONG, b"nothing else")
        a.close()
        b.close()
