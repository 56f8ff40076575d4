"""The audit trail: what is told in it, who reads it, and that a change in it is found."""
import json

import pytest

import documents
from vitae import API, Client, Server, upload

AUDIT = f"{API}/audit"


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path) as s:
        yield s


def events(boss, **filters):
    r = boss.get(AUDIT, params={"limit": 500, **filters})
    assert r.status_code == 200
    return r.json()


def test_logins_are_told_good_and_bad_without_the_password(house):
    nobody = Client(house.base)
    assert nobody.post(f"{API}/auth/login", json={"username": "admin", "password": "hunter2 hunter2"}).status_code == 401
    assert nobody.post(f"{API}/auth/login", json={"username": "nobody here", "password": "hunter2 hunter2"}).status_code == 401
    boss = house.login("admin")
    last = events(boss, action="auth.login")
    assert [(e["result"], e["target"]) for e in last[:3]] == [
        ("ok", "user 1"), ("refused", "an unknown account"), ("refused", "user 1")]
    assert last[0]["address"] == "127.0.0.1" and last[0]["user_agent"].startswith("python-requests")
    assert [(e["user_id"], e["username"], e["team_id"]) for e in last[:3]] == [(1, "admin", 1), (None, None, None), (None, None, None)]
    assert [e["result"] for e in events(boss, action="auth.login", user_id=1)] == ["ok"]
    assert last[0]["request_id"] and last[0]["created_at"].endswith("Z")
    assert "hunter2" not in json.dumps(last) and "nobody here" not in json.dumps(last)


def test_who_did_what_to_whom(house):
    boss = house.login("admin")
    user = house.make_user("worker", "viewer")
    assert boss.put(f"{API}/users/{user['id']}", json={"role": "recruiter"}).status_code == 200
    worker = house.login("worker")
    sent = upload(worker, documents.pdf(), "cv.pdf").json()
    assert [e["target"] for e in events(boss, action="candidate.upload")] == [f"candidate_id {sent['id']}"]
    assert worker.delete(f"{API}/users/1").status_code == 403
    assert boss.delete(f"{API}/users/1").status_code == 400
    assert boss.delete(f"{API}/users/{user['id']}").status_code == 204
    told = events(boss, action="user.delete")
    assert [(e["result"], e["target"], e["username"]) for e in told] == [
        ("ok", f"user_id {user['id']}", "admin"), ("refused", "user_id 1", "admin"),
        ("refused", "user_id 1", "worker")]
    assert told[1]["detail"] == "You cannot delete your own account"
    changed = events(boss, action="user.update", q="ROLE")
    assert changed[0]["detail"] == "role viewer -> recruiter"
    assert events(boss, user_id=user["id"], result="refused")[0]["action"] == "user.delete"
    assert events(boss, since="2999-01-01T00:00:00Z") == []


def test_only_administrators_read_it(house):
    house.make_user("manager", "hr_manager")
    assert house.login("manager").get(AUDIT).status_code == 403
    assert Client(house.base).get(AUDIT).status_code == 401


def test_a_change_behind_its_back_is_found(house):
    boss = house.login("admin")
    for enabled in (False, True, False):
        assert boss.put(f"{API}/features/FEATURE_AI_RESUME", json={"enabled": enabled}).status_code == 200
    whole = house.run("audit", "verify")
    assert whole.returncode == 0 and b"the chain is whole" in whole.stdout
    first, second = [e["id"] for e in events(boss, action="feature.set")][-1:0:-1]
    house.sql("UPDATE audit_events SET detail = 'on' WHERE id = ?", first)
    broken = house.run("audit", "verify")
    assert broken.returncode == 1 and f"event {first} ".encode() in broken.stderr
    house.sql("UPDATE audit_events SET detail = 'off' WHERE id = ?", first)
    assert house.run("audit", "verify").returncode == 0
    house.sql("DELETE FROM audit_events WHERE id = ?", second)
    assert house.run("audit", "verify").returncode == 1
    assert house.run("audit").returncode == 2 and house.run("audit", "--help").returncode == 0


def test_a_tail_cut_off_is_found(house):
    house.login("admin")
    house.sql("DELETE FROM audit_events WHERE id = (SELECT max(id) FROM audit_events)")
    cut = house.run("audit", "verify")
    assert cut.returncode == 1 and b"events were written" in cut.stderr
