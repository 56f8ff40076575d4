"""One's own account: registering, the profile, passwords, sessions, leaving; and how often a password may be wrong."""
import io
import json
import os
import re
import zipfile
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
from vitae import API, PASSWORD, Client, Server, upload, wait_until

AUTH = f"{API}/auth"
REGISTER, LOGIN, ME, SESSIONS = f"{AUTH}/register", f"{AUTH}/login", f"{AUTH}/me", f"{AUTH}/sessions"
KEYS = ["id", "email", "username", "full_name", "role", "is_active", "is_superuser", "created_at", "updated_at", "team_id"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("accounts")) as s:
        yield s


count = iter(range(1, 10000))


def body(**fields):
    name = f"stranger{next(count):04}"
    return {"email": f"{name}@example.com", "username": name, "password": PASSWORD, **fields}


def register(house, **fields):
    b = body(**fields)
    r = house.anonymous().post(REGISTER, json=b)
    assert r.status_code == 201, r.text
    return {**r.json(), "password": b["password"]}


def client(house, user, password=PASSWORD, **headers):
    """Logs in anew: a session of its own."""
    r = house.anonymous().post(LOGIN, json={"username": user["username"], "password": password}, headers=headers)
    assert r.status_code == 200, r.text
    c = Client(house.base, r.json()["access_token"])
    c.pair = r.json()
    return c


# ---- registering ----

def test_register(house):
    b = body(full_name="Ada Lovelace")
    r = house.anonymous().post(REGISTER, json=b)
    assert r.status_code == 201, r.text
    u = r.json()
    assert list(u) == KEYS and (u["email"], u["username"], u["full_name"]) == (b["email"], b["username"], "Ada Lovelace")
    assert u["role"] == "viewer" and u["is_active"] is True and u["is_superuser"] is False
    assert PASSWORD not in r.text and "$2b$" not in r.text and "Set-Cookie" not in r.headers
    c = client(house, u)
    assert c.get(ME).json() == u and c.get(f"{API}/users/me").json() == u
    # in a team of their own, where they see nothing of anybody
    assert [(t["name"], t["members"]) for t in c.get(f"{API}/teams/").json()] == [(b["username"], 1)]
    assert u["team_id"] != house.login("admin").get(ME).json()["team_id"]
    upload(house.login("admin"), documents.unique_pdf(), "secret.pdf")
    assert c.get(f"{API}/candidates/").json() == []


def test_what_a_stranger_cannot_say(house):
    first = house.login("admin").get(ME).json()
    u = register(house, role="admin", team_id=first["team_id"], is_superuser=True, id=1, is_active=False)
    assert u["role"] == "viewer" and u["team_id"] != first["team_id"] and u["is_superuser"] is False and u["is_active"]
    # a role that there is not is ignored like any other
    assert register(house, role="king", team_id="x")["role"] == "viewer"


def test_test_metadata_is_kept(house):
    marker = {"test_marker": "integration_test_data", "n": 1}
    u = register(house, test_metadata=marker)
    assert "test_metadata" not in u
    account, = json.loads(export(client(house, u))[1].read("account.json"))
    assert account["test_metadata"] == marker


@pytest.mark.parametrize("field,sentence", [("email", "Email already registered"), ("username", "Username already taken")])
def test_taken(house, field, sentence):
    u = register(house)
    for value in (u[field], u[field].upper()):
        r = house.anonymous().post(REGISTER, json=body(**{field: value}))
        assert r.status_code == 409 and r.json() == {"detail": sentence}


def test_two_registrations_of_one_name_at_once(house):
    def one(i):
        b = body(username="twice", email=f"twice{i}@example.com")
        return house.anonymous().post(REGISTER, json=b)
    with ThreadPoolExecutor(8) as pool:
        replies = sorted(pool.map(one, range(8)), key=lambda r: r.status_code)
    assert [r.status_code for r in replies] == [201] + [409] * 7
    assert all(r.json() == {"detail": "Username already taken"} for r in replies[1:])
    # and no team is left of the seven
    teams = house.login("admin").get(f"{API}/teams/", params={"search": "twice"}).json()
    assert [t["members"] for t in teams] == [1]


def test_every_fault_is_told(house):
    r = house.anonymous().post(REGISTER, json={"email": "nowhere", "username": "ab", "password": "short"})
    assert r.status_code == 422
    assert [d["loc"] for d in r.json()["detail"]] == [["body", "email"], ["body", "username"], ["body", "password"]]
    assert "short" not in r.text.replace("too_short", "")


def test_closed(fresh):
    s = fresh(REGISTRATION="closed")
    for b in (body(), {}, {"email": 1}):  # before the body is judged
        r = s.anonymous().post(REGISTER, json=b)
        assert r.status_code == 403 and "closed" in r.json()["detail"]
    assert s.make_user("invited")["role"] == "viewer"


# ---- the profile ----

def test_change_the_profile(house):
    u = register(house)
    c = client(house, u)
    r = c.patch(ME, json={"full_name": "New Name", "role": "admin", "team_id": 1, "is_superuser": True})
    assert r.status_code == 200
    u.pop("password")
    assert r.json() == {**u, "full_name": "New Name", "updated_at": r.json()["updated_at"]}
    assert c.patch(ME, json={"full_name": None}).json()["full_name"] is None
    other = register(house)
    r = c.patch(ME, json={"email": other["email"]})
    assert r.status_code == 409 and r.json() == {"detail": "Email already registered"}
    assert c.patch(ME, json={"email": "x"}).status_code == 422
    r = c.patch(ME, json={"username": u["username"] + "x", "email": "moved@example.com"})
    assert r.status_code == 200 and client(house, r.json()).get(ME).json() == r.json()


# ---- passwords ----

def change(c, old, new):
    return c.post(f"{AUTH}/change-password", json={"current_password": old, "new_password": new})


def test_change_password(house):
    u = register(house)
    here, there = client(house, u), client(house, u)
    r = change(here, PASSWORD, "another horse 8")
    assert r.status_code == 200 and r.json() == {"message": "Password changed successfully"}
    assert here.get(ME).status_code == 200 and there.get(ME).status_code == 401
    assert house.anonymous().post(f"{AUTH}/refresh", json={"refresh_token": there.pair["refresh_token"]}).status_code == 401
    assert house.anonymous().post(f"{AUTH}/refresh", json={"refresh_token": here.pair["refresh_token"]}).status_code == 200
    assert house.anonymous().post(LOGIN, json={"username": u["username"], "password": PASSWORD}).status_code == 401
    client(house, u, "another horse 8")


def test_change_password_needs_the_old_one(house):
    u = register(house)
    c, other = client(house, u), client(house, u)
    r = change(c, "wrong horse 7", "another horse 8")
    assert r.status_code == 400 and r.json() == {"detail": "Current password is incorrect"}
    for new in ("short", "x" * 101, 12345678, None):
        r = change(c, PASSWORD, new)
        assert r.status_code == 422 and PASSWORD not in r.text
    assert house.anonymous().post(f"{AUTH}/change-password").status_code == 401
    assert other.get(ME).status_code == 200
    client(house, u)
    form = {"current_password": PASSWORD, "new_password": "another horse 8"}
    assert c.post(f"{AUTH}/change-password", data=form).status_code == 200


def test_two_changes_at_once(house):
    u = register(house)
    clients = [client(house, u) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda i: change(clients[i], PASSWORD, f"another horse {i}"), range(4)))
    codes = sorted(r.status_code for r in replies)
    assert codes[0] == 200 and set(codes[1:]) <= {400, 401, 409}, codes
    winner = [i for i, r in enumerate(replies) if r.status_code == 200]
    assert len(winner) == 1
    client(house, u, f"another horse {winner[0]}")
    assert [c.get(ME).status_code for i, c in enumerate(clients) if i not in winner] == [401] * 3


# ---- sessions ----

def test_sessions(house):
    u = register(house)
    here = client(house, u, **{"User-Agent": "Lynx/2.9"})
    client(house, u, **{"User-Agent": "Phone \xe9 \xff ".encode("latin-1") + b"x" * 500})
    r = here.get(SESSIONS)
    assert r.status_code == 200 and r.headers["X-Total-Count"] == "2"
    there, own = r.json()
    assert list(own) == ["id", "current", "device", "address", "created_at", "last_used_at", "expires_at"]
    assert (own["current"], own["device"], own["address"]) == (True, "Lynx/2.9", "127.0.0.1")
    assert there["current"] is False and there["device"].startswith("Phone \ufffd \ufffd xxx") and len(there["device"]) <= 300
    assert own["created_at"] == own["last_used_at"] < own["expires_at"]
    assert not re.search(r"jti|token|user_id", r.text)
    house.anonymous().post(f"{AUTH}/refresh", json={"refresh_token": here.pair["refresh_token"]})
    again = [s for s in here.get(SESSIONS).json() if s["current"]][0]
    assert again["last_used_at"] > own["last_used_at"] and again["created_at"] == own["created_at"]
    assert [s["id"] for s in here.get(SESSIONS, params={"limit": 1, "skip": 1}).json()] == [own["id"]]


def test_end_a_session(house):
    u = register(house)
    here, there = client(house, u), client(house, u)
    stranger = client(house, register(house))
    number = [s["id"] for s in here.get(SESSIONS).json() if not s["current"]][0]
    assert stranger.delete(f"{SESSIONS}/{number}").status_code == 404
    assert there.get(ME).status_code == 200
    assert here.delete(f"{SESSIONS}/{number}").status_code == 204
    assert there.get(ME).status_code == 401
    assert here.delete(f"{SESSIONS}/{number}").status_code == 404
    assert here.delete(f"{SESSIONS}/x").status_code == 422
    own = here.get(SESSIONS).json()
    r = here.delete(f"{SESSIONS}/{own[0]['id']}")
    assert r.status_code == 204 and "Max-Age=0" in r.headers["Set-Cookie"]
    assert here.get(ME).status_code == 401


def test_end_all_others(house):
    u = register(house)
    here, *others = (client(house, u) for _ in range(4))
    stranger = client(house, register(house))
    assert here.delete(SESSIONS).status_code == 204
    assert [c.get(ME).status_code for c in others] == [401] * 3
    assert here.get(ME).status_code == 200 and stranger.get(ME).status_code == 200
    assert [s["current"] for s in here.get(SESSIONS).json()] == [True]


def test_logout(house):
    u = register(house)
    ways = {
        "access token": lambda c: c.post(f"{AUTH}/logout"),
        "refresh token": lambda c: house.anonymous().post(f"{AUTH}/logout", json={"refresh_token": c.pair["refresh_token"]}),
        "cookie": lambda c: house.anonymous().post(
            f"{AUTH}/logout", headers={"Cookie": f"refresh_token={c.pair['refresh_token']}"}),
        "cookie, old access token": lambda c: house.anonymous().post(
            f"{AUTH}/logout", headers={"Cookie": f"refresh_token={c.pair['refresh_token']}", "Authorization": "Bearer a.b.c"}),
    }
    for why, way in ways.items():
        c = client(house, u)
        r = way(c)
        assert r.status_code == 200 and r.json() == {"message": "Logged out successfully"}, why
        assert re.search(r"refresh_token=;.*Path=/api/v1/auth; Max-Age=0; HttpOnly", r.headers["Set-Cookie"]), why
        assert c.get(ME).status_code == 401, why
        assert way(c).status_code == 401, why
    assert house.anonymous().post(f"{AUTH}/logout").status_code == 401


# ---- all that is known of oneself ----

def export(c, **kw):
    r = c.get(f"{ME}/export", **kw)
    assert r.status_code == 200, r.text
    return r, zipfile.ZipFile(io.BytesIO(r.content))


def test_export(house):
    marker = {"test_marker": "integration_test_data"}
    u = register(house, test_metadata=marker)
    c = client(house, u, **{"User-Agent": "Lynx/2.9"})
    data = [documents.unique_pdf(), documents.unique_pdf()]
    kept = [c.post(f"{API}/resumes/upload", files={"file": (name, d)}, data={"notes": "my notes"}).json()
            for name, d in zip(("Zoë.pdf", "Zoë.pdf"), data)]
    key = c.post(f"{AUTH}/keys", json={"name": "script"}).json()["key"]
    wait_until(lambda: len(json.loads(export(c)[1].read("resume_profiles.json"))) == 2, what="the reading of the files")
    r, z = export(c)
    assert r.headers["Content-Type"] == "application/zip" and r.headers["Cache-Control"] == "no-store"
    assert f'filename="vitae-{u["username"]}.zip"' in r.headers["Content-Disposition"]
    assert z.testzip() is None
    account, = json.loads(z.read("account.json"))
    u.pop("password")
    assert account == {**u, "test_metadata": marker}
    assert json.loads(z.read("resumes.json")) == kept
    for k, d in zip(kept, data):
        assert z.read(f"resumes/{k['id']}_Zoë.pdf") == d
    profile = json.loads(z.read("resume_profiles.json"))[0]
    assert profile["resume_id"] == kept[0]["id"] and documents.PERSON["name"] in profile["text"]
    assert profile["profile"]["email"]["value"] == documents.PERSON["email"]
    assert [s["device"] for s in json.loads(z.read("sessions.json"))] == ["Lynx/2.9"]
    assert [k["name"] for k in json.loads(z.read("api_keys.json"))] == ["script"]
    assert [t["name"] for t in json.loads(z.read("teams.json"))] == [u["username"]]
    assert {"mails", "applications", "videos", "interview_answers", "audit_events", "logs", "searchables", "invoices", "payments",
            "files", "uploaded_candidates"} <= {n[:-5] for n in z.namelist() if n.endswith(".json")}
    assert "auth.login" in [e["action"] for e in json.loads(z.read("audit_events.json"))]
    # nothing that opens anything
    everything = b"".join(z.read(n) for n in z.namelist())
    secrets = [key, c.pair["access_token"], c.pair["refresh_token"], "$2b$"]
    secrets += [str(v) for v in house.sql("SELECT refresh_jti FROM sessions WHERE user_id = ?", u["id"])[0]]
    secrets += [str(v) for v in house.sql("SELECT key_hash FROM api_keys WHERE user_id = ?", u["id"])[0]]
    for secret in secrets:
        assert secret.encode() not in everything
    wait_until(lambda: not os.listdir(os.path.join(house.data, "spool")), what="an empty spool")


def test_export_holds_nobody_elses(house):
    a, b = register(house), register(house)
    for u in (a, b):
        client(house, u).post(f"{API}/resumes/upload", files={"file": (f"{u['username']}.pdf", documents.unique_pdf())})
    _, z = export(client(house, a))
    text = b"".join(z.read(n) for n in z.namelist()) + "".join(z.namelist()).encode()
    assert b["username"].encode() not in text and a["username"].encode() in text


def test_export_without_a_file(house):
    c = client(house, register(house))
    k = c.post(f"{API}/resumes/upload", files={"file": ("gone.pdf", documents.unique_pdf())}).json()
    os.unlink(os.path.join(house.data, k["file_path"]))
    _, z = export(c)
    assert json.loads(z.read("resumes.json")) == [k] and not [n for n in z.namelist() if n.startswith("resumes/")]


def test_export_of_much_takes_little_memory(fresh):
    s = fresh()
    c = client(s, register(s))
    whole, filler = documents.pdf(), os.urandom(1 << 20)
    for i in range(12):
        c.post(f"{API}/resumes/upload", files={"file": ("big.pdf", whole + filler * 9)})

    def peak():
        with open(f"/proc/{s.process.pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))
    export(c)
    before = peak()
    r, z = export(c)
    assert len(z.namelist()) >= 12 and len(r.content) > 100 << 20
    assert peak() - before < 20 << 10


# ---- leaving ----

def leave(c, password=PASSWORD):
    return c.delete(ME, json={"password": password})


def test_leave(house):
    u = register(house)
    c, other = client(house, u), client(house, u)
    path = c.post(f"{API}/resumes/upload", files={"file": ("me.pdf", documents.unique_pdf())}).json()["file_path"]
    house.login("admin").patch(f"{API}/teams/{u['team_id']}/members/{u['id']}", json={"role": "recruiter"})
    k = upload(c, documents.unique_pdf(), "candidate.pdf").json()["id"]
    file = c.get(f"{API}/candidates/{k}").json()["file_path"]
    assert {path, file} <= house.stored_files()
    for password, status in (("wrong horse 7", 400), (None, 422)):
        assert leave(c, password).status_code == status
    assert c.get(ME).status_code == 200
    r = leave(c)
    assert r.status_code == 204 and "Max-Age=0" in r.headers["Set-Cookie"]
    assert c.get(ME).status_code == other.get(ME).status_code == 401
    assert house.anonymous().post(LOGIN, json={"username": u["username"], "password": PASSWORD}).status_code == 401
    boss = house.login("admin")
    assert boss.get(f"{API}/users/{u['id']}").status_code == 404 and boss.get(f"{API}/candidates/{k}").status_code == 404
    assert not {path, file} & house.stored_files()
    assert boss.get(f"{API}/teams/", params={"search": u["username"]}).json() == []
    assert register(house, username=u["username"], email=u["email"])["id"] != u["id"]


def test_leaving_under_way_while_the_password_changes(house):
    person = house.make_user("leaving_under_way")
    c, other = client(house, person), house.login("admin")
    with house.write_lock() as execute, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(leave, c)
        for _ in range(50):  # by then the password has been compared, and the deletion waits for the lock
            assert other.get(f"{API}/users/me").status_code == 200
        execute("UPDATE users SET password_hash = 'another' WHERE id = ?", person["id"])
        execute("COMMIT")
        assert waiting.result().status_code == 400
    assert house.sql("SELECT count(*) FROM users WHERE id = ?", person["id"]) == [(1,)]


def test_the_first_administrator_stays(house):
    boss = house.login("admin")
    r = leave(boss)
    assert r.status_code == 403 and boss.get(ME).status_code == 200
    second = house.make_user("secondboss", "admin")
    assert leave(client(house, second)).status_code == 204


# ---- wrong passwords ----

def attempt(house, user, password="wrong horse 7", address=None, **headers):
    if address:
        headers["X-Forwarded-For"] = address
    name = user if isinstance(user, str) else user["username"]
    return house.anonymous().post(LOGIN, json={"username": name, "password": password}, headers=headers)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("guarded"), LOGIN_FAILURES="3/3600", TRUST_PROXY="127.0.0.1") as s:
        yield s


def test_strangers_get_few_tries_wherever_they_are(guarded):
    u = guarded.make_user("victim")
    for i in range(3):
        assert attempt(guarded, u, address=f"192.0.2.{i}").status_code == 401
    r = attempt(guarded, u, address="198.51.100.7")
    assert r.status_code == 429 and 0 < int(r.headers["Retry-After"]) <= 3600
    # the right one is not looked at either, or the answer would tell
    assert attempt(guarded, u, PASSWORD, address="198.51.100.8").status_code == 429
    # a name without an account reads the same
    for i in range(3):
        assert attempt(guarded, "nobody", address=f"192.0.2.{i}").status_code == 401
    assert attempt(guarded, "NOBODY", address="198.51.100.7").json() == r.json()


def test_the_owner_is_not_locked_out(guarded):
    u = guarded.make_user("owner")
    home, phone = "203.0.113.5", "2001:db8:1:2::17"
    pair = attempt(guarded, u, PASSWORD, address=home).json()
    assert attempt(guarded, u, PASSWORD, address=phone).status_code == 200
    for i in range(5):
        attempt(guarded, u, address=f"192.0.2.{i}")
    assert attempt(guarded, u, PASSWORD, address="192.0.2.77").status_code == 429
    assert attempt(guarded, u, PASSWORD, address=home).status_code == 200
    assert attempt(guarded, u, PASSWORD, address="2001:db8:1:2::99").status_code == 200  # the same network
    # on the road, with the browser of home
    cookie = {"Cookie": f"refresh_token={pair['refresh_token']}"}
    assert attempt(guarded, u, PASSWORD, address="192.0.2.78", **cookie).status_code == 200
    # somebody else's cookie opens nothing
    other = guarded.make_user("neighbour")
    theirs = attempt(guarded, other, PASSWORD, address="192.0.2.79").json()["refresh_token"]
    assert attempt(guarded, u, PASSWORD, address="192.0.2.79", Cookie=f"refresh_token={theirs}").status_code == 429


def test_known_places_have_a_count_too(guarded):
    u = guarded.make_user("homely")
    home = "203.0.113.6"
    attempt(guarded, u, PASSWORD, address=home)
    assert [attempt(guarded, u, address=home).status_code for _ in range(4)] == [401] * 3 + [429]
    # of IPv6 the network is the place
    attempt(guarded, u, PASSWORD, address="2001:db8:7:7::1")
    assert [attempt(guarded, u, address=f"2001:db8:7:7::{i}").status_code for i in range(2, 6)] == [401] * 3 + [429]
    # which is not that of other places
    assert attempt(guarded, u, PASSWORD, address="192.0.2.90").status_code == 200


def test_right_passwords_do_not_count(guarded):
    u = guarded.make_user("busy")
    for i in range(8):
        assert attempt(guarded, u, PASSWORD, address=f"192.0.2.{100 + i}").status_code == 200
    assert attempt(guarded, u, address="198.51.100.9").status_code == 401


def test_many_tries_at_once(guarded):
    u = guarded.make_user("stormed")
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda i: attempt(guarded, u, address=f"192.0.2.{150 + i}").status_code, range(16)))
    assert codes.count(401) <= 3 and codes.count(429) >= 13


def test_each_route_is_limited_by_itself(fresh):
    s = fresh(RATE_LIMIT_STRICT="2/3600")
    c = s.login("admin")
    assert [c.post(f"{AUTH}/change-password", json={}).status_code for _ in range(3)] == [422, 422, 429]
    assert [c.delete(ME, json={}).status_code for _ in range(3)] == [422, 422, 429]
    assert [s.anonymous().post(REGISTER, json={}).status_code for _ in range(3)] == [422, 422, 429]


# ---- secrets ----

def test_no_secret_is_written_or_told(fresh):
    s = fresh(LOG_LEVEL="debug")
    old, new, wrong = "first secret 123", "second secret 456", "third secret 789"
    u = register(s, password=old)
    c = client(s, u, old)
    told = [change(c, wrong, new).text, change(c, old, new).text, leave(c, wrong).text,
            attempt(s, u, wrong).text, c.get(SESSIONS).text, c.get(ME).text]
    pair = c.pair
    key = s.sql("SELECT password_hash FROM users WHERE id = ?", u["id"])[0][0]
    leave(c, new)
    s.stop()
    with open(os.path.join(s.data, "vitae.log")) as f, open(os.path.join(s.directory, "stderr")) as g:
        told += [f.read(), g.read()]
    for secret in (old, new, wrong, pair["access_token"], pair["refresh_token"], key):
        assert not [t for t in told if secret in t]
