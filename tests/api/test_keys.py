"""API keys: made, used, limited, ended; and what they do not open."""
import os
import re
import time

import pytest

import documents
from vitae import API, PASSWORD, Client, Server, upload

KEYS, ME = f"{API}/auth/keys", f"{API}/auth/me"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("keys")) as s:
        yield s


count = iter(range(1, 10000))


def new(house, role="recruiter", **fields):
    u = house.make_user(f"keeper{next(count):04}", role, **fields)
    c = house.login(u["username"])
    c.me = u
    return c


def make(c, **fields):
    r = c.post(KEYS, json={"name": "nightly import", **fields})
    assert r.status_code == 201, r.text
    return r.json()


def with_key(house, key):
    return Client(house.base, key)


def test_make_and_use(house):
    c = new(house)
    r = c.post(KEYS, json={"name": "nightly import"})
    k = r.json()
    assert r.status_code == 201 and r.headers["Location"] == f"{KEYS}/{k['id']}"
    assert list(k) == ["id", "name", "prefix", "role", "created_at", "expires_at", "last_used_at", "key"]
    assert k["role"] == "recruiter" and k["expires_at"] is None and k["last_used_at"] is None
    assert re.fullmatch(rf"vk_{c.me['id']}_{k['id']}_[0-9a-f]{{64}}", k["key"]) and k["key"].startswith(k["prefix"])
    assert len(k["prefix"]) < len(k["key"]) - 50
    # told once
    text = c.get(KEYS).text
    assert k["key"] not in text and "key_hash" not in text
    assert not [row for row in house.sql("SELECT * FROM api_keys") if k["key"] in row]
    assert with_key(house, k["key"]).get(ME).json() == c.get(ME).json()
    assert house.anonymous().get(ME, headers={"X-API-Key": k["key"]}).json() == c.get(ME).json()
    assert upload(with_key(house, k["key"]), documents.unique_pdf(), "by-key.pdf").status_code == 202


def test_last_use_is_noted(house):
    c = new(house)
    k = make(c)
    assert c.get(KEYS).json()[0]["last_used_at"] is None
    with_key(house, k["key"]).get(ME)  # a request that only reads
    first = c.get(KEYS).json()[0]["last_used_at"]
    assert first is not None
    with_key(house, k["key"]).get(ME)
    assert c.get(KEYS).json()[0]["last_used_at"] == first  # once a minute is enough
    house.sql("UPDATE api_keys SET last_used_at = last_used_at - 61000000 WHERE id = ?", k["id"])
    with_key(house, k["key"]).get(f"{API}/resumes/987654321")  # refused, and a use all the same
    assert c.get(KEYS).json()[0]["last_used_at"] > first


def test_rights(house):
    c = new(house, "hr_manager")
    key = make(c, role="viewer")["key"]
    assert with_key(house, key).get(f"{API}/candidates/").status_code == 200
    assert upload(with_key(house, key), documents.unique_pdf(), "no.pdf").status_code == 403
    r = c.post(KEYS, json={"name": "x", "role": "admin"})
    assert r.status_code == 403 and r.json() == {"detail": "A key cannot have more rights than its owner"}
    assert c.post(KEYS, json={"name": "x", "role": "king"}).status_code == 422
    # a demotion counts for the keys too
    key = make(c)["key"]
    house.login("admin").put(f"{API}/users/{c.me['id']}", json={"role": "viewer"})
    assert upload(with_key(house, key), documents.unique_pdf(), "no.pdf").status_code == 403
    # and the first administrator's is an administrator's, no more
    key = make(house.login("admin"))["key"]
    assert with_key(house, key).get(f"{API}/users/").status_code == 200


def test_what_a_key_does_not_open(house):
    c = new(house, "admin")
    k = with_key(house, make(c)["key"])
    tries = [("POST", KEYS, {"name": "more"}), ("GET", KEYS, None), ("DELETE", f"{KEYS}/1", None),
             ("GET", f"{API}/auth/sessions", None), ("DELETE", f"{API}/auth/sessions", None),
             ("POST", f"{API}/auth/change-password", {"current_password": PASSWORD, "new_password": "another horse 8"}),
             ("POST", f"{API}/auth/logout", None), ("DELETE", ME, {"password": PASSWORD}),
             ("PATCH", ME, {"password": "another horse 8"}), ("PUT", f"{API}/users/me", {"password": "another horse 8"}),
             ("PUT", f"{API}/users/{c.me['id']}", {"password": "another horse 8"})]
    for method, path, body in tries:
        r = k.request(method, path, json=body)
        assert r.status_code == 403 and "API key" in r.json()["detail"], (method, path, r.text)
    assert c.get(ME).status_code == 200 and house.new_tokens(c.me["username"])
    assert k.patch(ME, json={"full_name": "By Key"}).status_code == 200


def test_expiry(house):
    c = new(house)
    k = make(c, expires_at="2100-01-01T00:00:00Z")
    assert k["expires_at"] == "2100-01-01T00:00:00Z"
    assert with_key(house, k["key"]).get(ME).status_code == 200
    house.sql("UPDATE api_keys SET expires_at = ? WHERE id = ?", int(time.time() * 1e6) - 1, k["id"])
    r = with_key(house, k["key"]).get(ME)
    assert r.status_code == 401 and r.headers["WWW-Authenticate"] == "Bearer"
    r = c.post(KEYS, json={"name": "x", "expires_at": "2001-01-01T00:00:00Z"})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "expires_at"]


def test_revoke(house):
    c, other = new(house), new(house)
    k = make(c)
    assert other.delete(f"{KEYS}/{k['id']}").status_code == 404 and other.get(KEYS).json() == []
    assert with_key(house, k["key"]).get(ME).status_code == 200
    assert c.delete(f"{KEYS}/{k['id']}").status_code == 204
    assert with_key(house, k["key"]).get(ME).status_code == 401
    assert c.delete(f"{KEYS}/{k['id']}").status_code == 404


def test_keys_end_with_their_owner(house):
    boss, c = house.login("admin"), new(house)
    key = make(c)["key"]
    boss.patch(f"{API}/users/{c.me['id']}/deactivate")
    assert with_key(house, key).get(ME).status_code == 401
    boss.patch(f"{API}/users/{c.me['id']}/activate")
    assert with_key(house, key).get(ME).status_code == 200
    boss.delete(f"{API}/users/{c.me['id']}")
    assert with_key(house, key).get(ME).status_code == 401
    assert house.sql("SELECT count(*) FROM api_keys WHERE user_id = ?", c.me["id"]) == [(0,)]


def test_keys_outlive_a_new_password(house):
    c = new(house)
    key = make(c)["key"]
    c.post(f"{API}/auth/change-password", json={"current_password": PASSWORD, "new_password": "another horse 8"})
    assert with_key(house, key).get(ME).status_code == 200


def test_forged_keys(house):
    c, other = new(house), new(house)
    key, theirs = make(c)["key"], make(other)["key"]
    mark, user, number, tail = key.split("_")
    forged = [key[:-1], key + "0", key[:-1] + ("0" if key[-1] != "0" else "1"), key.upper(), f"vk_{other.me['id']}_{number}_{tail}",
              f"vk_1_{number}_{tail}", f"vk_{user}_{theirs.split('_')[2]}_{tail}", f"vk_{user}_{number}_{'0' * 64}", "vk_", "vk_1",
              f"vk_{user}_{number}_", f"vk_-1_{number}_{tail}", f"vk_0{user}_{number}_{tail}",
              f"vk_99999999999999999999_{number}_{tail}", "vk_" + "1" * 900]
    for text in forged:
        assert with_key(house, text).get(ME).status_code == 401, text
        r = house.anonymous().get(ME, headers={"X-API-Key": text})
        assert r.status_code == 401 and r.json() == {"detail": "Could not validate credentials"}, text
    assert with_key(house, key).get(ME).status_code == 200
    # a key is no refresh token, and a token no key
    assert house.anonymous().post(f"{API}/auth/refresh", json={"refresh_token": key}).status_code == 401
    token = house.new_tokens(c.me["username"])["access_token"]
    assert house.anonymous().get(ME, headers={"X-API-Key": token}).status_code == 401
    # an Authorization header goes before
    r = house.anonymous().get(ME, headers={"X-API-Key": theirs, "Authorization": f"Bearer {key}"})
    assert r.json()["id"] == c.me["id"]


def test_how_many(house):
    c = new(house)
    for _ in range(50):
        make(c)
    r = c.post(KEYS, json={"name": "one more"})
    assert r.status_code == 400 and "50 keys" in r.json()["detail"]
    assert len(c.get(KEYS).json()) == 50


def test_a_key_counts_as_its_owner(fresh):
    s = fresh(RATE_LIMIT="5/3600")
    key = make(s.login("admin"))["key"]
    assert [with_key(s, key).get(ME).status_code for _ in range(5)] == [200] * 4 + [429]
    # forged ones count by their address
    forged = key[:-4] + "ffff"
    assert [s.anonymous().get(ME, headers={"X-API-Key": forged}).status_code for _ in range(6)] == [401] * 5 + [429]


def test_no_key_is_logged(fresh):
    s = fresh(LOG_LEVEL="debug")
    k = make(s.login("admin"))
    for key in (k["key"], k["key"][:-2] + "zz"):
        with_key(s, key).get(ME)
        s.anonymous().get(ME, headers={"X-API-Key": key})
    s.stop()
    for folder, _, names in os.walk(s.directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                assert k["key"][:-2].encode() not in f.read(), name
