"""Logging in, and what tokens are worth: sessions, rotation, revocation, forgeries, the first administrator."""
import base64
import hashlib
import hmac
import json
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from vitae import API, PASSWORD, Client, Server

KEY = "a signing key for these tests only"
LOGIN, REFRESH, ME = f"{API}/auth/login", f"{API}/auth/refresh", f"{API}/users/me"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("auth"), SECRET_KEY=KEY) as s:
        yield s


@pytest.fixture
def person(house, request):
    """A user for one test."""
    name = re.sub(r"\W", "_", request.node.name)[5:45]
    return house.make_user(name, "recruiter")


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpart(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(token):
    return json.loads(unpart(token.split(".")[1]))


def sign(payload, key=KEY, header=None, digest=hashlib.sha256):
    text = part(json.dumps(header or {"typ": "JWT", "alg": "HS256"}).encode()) + "." + part(json.dumps(payload).encode())
    return text + "." + part(hmac.new(key.encode(), text.encode(), digest).digest())


def me(house, token):
    return Client(house.base, token).get(ME)


def refresh(house, token):
    return house.anonymous().post(REFRESH, json={"refresh_token": token})


# ---- logging in ----

def test_login(house, person):
    r = house.anonymous().post(LOGIN, json={"username": person["username"], "password": PASSWORD})
    assert r.status_code == 200
    pair = r.json()
    assert list(pair) == ["access_token", "refresh_token", "token_type"] and pair["token_type"] == "bearer"
    access, spare = claims(pair["access_token"]), claims(pair["refresh_token"])
    assert access["exp"] - access["iat"] == 30 * 60
    assert spare["exp"] - spare["iat"] == 7 * 24 * 3600
    assert (access["type"], spare["type"]) == ("access", "refresh")
    assert me(house, pair["access_token"]).json() == person


def test_login_as_others_write_it(house, person):
    name, address = person["username"], person["email"]
    for who in (name, name.upper(), address, address.upper(), address.title()):
        assert house.anonymous().post(LOGIN, json={"username": who, "password": PASSWORD}).status_code == 200, who
    form = {"grant_type": "password", "username": address, "password": PASSWORD, "scope": ""}
    assert house.anonymous().post(LOGIN, data=form).status_code == 200
    parts = {k: (None, v) for k, v in form.items()}
    assert house.anonymous().post(LOGIN, files=parts).status_code == 200
    form["password"] = "wrong"
    assert house.anonymous().post(LOGIN, data=form).status_code == 401


def test_unknown_user_reads_like_wrong_password(house, person):
    wrong = house.anonymous().post(LOGIN, json={"username": person["username"], "password": "wrong password"})
    unknown = house.anonymous().post(LOGIN, json={"username": "nobody at all", "password": "wrong password"})
    address = house.anonymous().post(LOGIN, json={"username": "nobody@example.com", "password": PASSWORD})
    for r in (wrong, unknown, address):
        assert r.status_code == 401 and r.json() == {"detail": "Incorrect username or password"}
        assert r.headers["WWW-Authenticate"] == "Bearer" and "Set-Cookie" not in r.headers
    private = {"Date", "X-Request-ID"}
    assert {k: v for k, v in wrong.headers.items() if k not in private} == \
        {k: v for k, v in unknown.headers.items() if k not in private}


def test_inactive_user(house, person):
    house.login("admin").patch(f"{API}/users/{person['id']}/deactivate")
    r = house.anonymous().post(LOGIN, json={"username": person["username"], "password": PASSWORD})
    assert r.status_code == 400 and r.json() == {"detail": "Inactive user"}
    # who doesn't know the password doesn't learn that the account exists
    r = house.anonymous().post(LOGIN, json={"username": person["username"], "password": "wrong password"})
    assert r.status_code == 401 and r.json() == {"detail": "Incorrect username or password"}


@pytest.mark.parametrize("password,near", [
    ("a" * 72 + "b", ["a" * 72, "a" * 72 + "c", "a" * 73]),
    ("é" * 60, ["é" * 36, "é" * 59 + "e", "é" * 61]),
    ("x" * 100, ["x" * 99, "x" * 72]),
    ("p" * 72, ["p" * 71, "p" * 73]),
])
def test_long_passwords_count_in_full(house, password, near):
    name = "long" + hashlib.sha256(password.encode()).hexdigest()[:8]
    house.make_user(name, password=password)
    assert house.anonymous().post(LOGIN, json={"username": name, "password": password}).status_code == 200
    for wrong in near:
        assert house.anonymous().post(LOGIN, json={"username": name, "password": wrong}).status_code == 401


def test_odd_passwords(house):
    for i, password in enumerate((" leading and trailing ", "quote\"back\\slash", "tab\there", "пароль-密码-🔑", "%00%n%s 100%")):
        house.make_user(f"odd{i}", password=password)
        assert house.new_tokens(f"odd{i}", password)
        if password != password.strip():
            r = house.anonymous().post(LOGIN, json={"username": f"odd{i}", "password": password.strip()})
            assert r.status_code == 401


@pytest.mark.parametrize("change,status", [("password_hash = 'another'", 401), ("is_active = 0", 400)])
def test_a_login_under_way_while_the_account_changes(house, change, status):
    person = house.make_user("under_way_" + change.split()[0])
    c = house.login("admin")
    with house.write_lock() as execute, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(house.anonymous().post, LOGIN, json={"username": person["username"], "password": PASSWORD})
        for _ in range(50):  # by then the password has been looked at, and the session waits for the lock
            assert c.get(ME).status_code == 200
        execute(f"UPDATE users SET {change} WHERE id = ?", person["id"])
        execute("COMMIT")
        assert waiting.result().status_code == status
    assert house.sql("SELECT count(*) FROM sessions WHERE user_id = ?", person["id"]) == [(0,)]


# ---- the cookie ----

def cookie(response):
    value, *rest = [x.strip() for x in response.headers["Set-Cookie"].split(";")]
    return value.split("=", 1), {x.split("=")[0].lower(): x.partition("=")[2] for x in rest}


def test_cookie_in_development(house, person):
    r = house.anonymous().post(LOGIN, json={"username": person["username"], "password": PASSWORD})
    (name, value), attributes = cookie(r)
    assert (name, value) == ("refresh_token", r.json()["refresh_token"])
    assert attributes["path"] == "/api/v1/auth" and attributes["samesite"] == "Strict" and "httponly" in attributes
    assert attributes["max-age"] == str(7 * 24 * 3600)
    assert "secure" not in attributes and "domain" not in attributes


def test_cookie_in_production(fresh):
    s = fresh(DEBUG="False")
    r = s.anonymous().post(LOGIN, json={"username": "admin", "password": PASSWORD})
    _, attributes = cookie(r)
    assert {"secure", "httponly"} <= set(attributes) and attributes["samesite"] == "Strict"
    r = s.anonymous().post(REFRESH, headers={"Cookie": f"refresh_token={r.json()['refresh_token']}"})
    assert r.status_code == 200 and "secure" in cookie(r)[1]


# ---- refreshing ----

def test_refresh_takes_body_form_query_and_cookie(house, person):
    token = house.new_tokens(person["username"])["refresh_token"]
    c = house.anonymous()
    ways = [
        lambda t: c.post(REFRESH, json={"refresh_token": t}),
        lambda t: c.post(REFRESH, data={"refresh_token": t, "grant_type": "refresh_token"}),
        lambda t: c.post(REFRESH, params={"refresh_token": t}),
        lambda t: c.post(REFRESH, headers={"Cookie": f"a=b; refresh_token={t}; c=d"}),
        lambda t: c.post(REFRESH, json={}, headers={"Cookie": f"refresh_token={t}"}),
        lambda t: c.post(REFRESH, files={"refresh_token": (None, t)}),
    ]
    for way in ways:
        c.cookies.clear()
        r = way(token)
        assert r.status_code == 200, r.text
        pair = r.json()
        assert list(pair) == ["access_token", "refresh_token", "token_type"] and pair["token_type"] == "bearer"
        assert pair["refresh_token"] != token
        assert cookie(r)[0][1] == pair["refresh_token"]
        assert me(house, pair["access_token"]).status_code == 200
        token = pair["refresh_token"]


def test_body_goes_before_the_cookie(house, person):
    good, other = (house.new_tokens(person["username"])["refresh_token"] for _ in range(2))
    r = house.anonymous().post(REFRESH, json={"refresh_token": good}, headers={"Cookie": f"refresh_token={other}"})
    assert r.status_code == 200
    assert claims(r.json()["refresh_token"])["sid"] == claims(good)["sid"]


def test_refresh_without_a_token(house):
    r = house.anonymous().post(REFRESH)
    assert r.status_code == 422
    assert r.json()["detail"] == [{"loc": ["body", "refresh_token"], "msg": "Field required", "type": "missing"}]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "." * 50, "a" * 4000])
def test_refresh_with_nonsense(house, token):
    r = refresh(house, token)
    assert r.status_code == 401 and r.json() == {"detail": "Invalid refresh token"}


def test_double_request_within_the_grace(house, person):
    first = house.new_tokens(person["username"])["refresh_token"]
    second, again = refresh(house, first).json(), refresh(house, first)
    assert again.status_code == 200
    for pair in (second, again.json()):
        assert me(house, pair["access_token"]).status_code == 200
    # whichever reply the client kept, it goes on
    assert refresh(house, again.json()["refresh_token"]).status_code == 200
    assert refresh(house, second["refresh_token"]).status_code == 200


def test_many_at_once_within_the_grace(house, person):
    first = house.new_tokens(person["username"])["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: refresh(house, first), range(8)))
    assert [r.status_code for r in replies] == [200] * 8
    assert len({r.json()["refresh_token"] for r in replies}) == 1
    assert all(me(house, r.json()["access_token"]).status_code == 200 for r in replies)


def test_reuse_ends_the_session(house, person):
    name = person["username"]
    other = house.new_tokens(name)
    first = house.new_tokens(name)
    second = refresh(house, first["refresh_token"]).json()
    third = refresh(house, second["refresh_token"]).json()
    # older than the one before the newest: no double request of a client
    r = refresh(house, first["refresh_token"])
    assert r.status_code == 401 and r.json() == {"detail": "Invalid refresh token"} and "Set-Cookie" not in r.headers
    for pair in (first, second, third):
        assert me(house, pair["access_token"]).status_code == 401
        assert refresh(house, pair["refresh_token"]).status_code == 401
    # the person's other session is another
    assert me(house, other["access_token"]).status_code == 200
    assert refresh(house, other["refresh_token"]).status_code == 200


def test_reuse_after_the_grace(house, person):
    first = house.new_tokens(person["username"])
    second = refresh(house, first["refresh_token"]).json()
    session = claims(first["refresh_token"])["sid"]
    house.sql("UPDATE sessions SET rotated_at = rotated_at - 11000000 WHERE id = ?", session)
    assert refresh(house, first["refresh_token"]).status_code == 401
    assert me(house, second["access_token"]).status_code == 401
    assert refresh(house, second["refresh_token"]).status_code == 401


def test_a_session_ends_after_seven_days(house, person):
    pair = house.new_tokens(person["username"])
    session = claims(pair["refresh_token"])["sid"]
    now = int(time.time() * 1000000)
    left = house.sql("SELECT expires_at FROM sessions WHERE id = ?", session)[0][0] - now
    assert abs(left / 1e6 - 7 * 24 * 3600) < 300
    house.sql("UPDATE sessions SET expires_at = ? WHERE id = ?", now - 1, session)
    assert refresh(house, pair["refresh_token"]).status_code == 401
    assert me(house, pair["access_token"]).status_code == 401


# ---- what ends tokens ----

def test_deactivated_user(house, person):
    admin, pair = house.login("admin"), house.new_tokens(person["username"])
    admin.patch(f"{API}/users/{person['id']}/deactivate")
    r = me(house, pair["access_token"])
    assert r.status_code == 401 and r.headers["WWW-Authenticate"] == "Bearer"
    assert refresh(house, pair["refresh_token"]).status_code == 401
    # the sessions of before stay ended
    admin.patch(f"{API}/users/{person['id']}/activate")
    assert me(house, pair["access_token"]).status_code == 401
    assert refresh(house, pair["refresh_token"]).status_code == 401
    assert me(house, house.new_tokens(person["username"])["access_token"]).status_code == 200


def test_deleted_user(house, person):
    pair = house.new_tokens(person["username"])
    house.login("admin").delete(f"{API}/users/{person['id']}")
    assert me(house, pair["access_token"]).status_code == 401
    assert refresh(house, pair["refresh_token"]).status_code == 401
    r = house.anonymous().post(LOGIN, json={"username": person["username"], "password": PASSWORD})
    assert r.status_code == 401


def test_own_password_change(house, person):
    name = person["username"]
    here, there = house.new_tokens(name), house.new_tokens(name)
    r = Client(house.base, here["access_token"]).put(ME, json={"password": "another horse 8"})
    assert r.status_code == 200
    assert me(house, here["access_token"]).status_code == 200
    assert refresh(house, here["refresh_token"]).status_code == 200
    assert me(house, there["access_token"]).status_code == 401
    assert refresh(house, there["refresh_token"]).status_code == 401
    assert house.anonymous().post(LOGIN, json={"username": name, "password": PASSWORD}).status_code == 401
    assert house.new_tokens(name, "another horse 8")


def test_password_reset_by_an_administrator(house, person):
    pair = house.new_tokens(person["username"])
    house.login("admin").put(f"{API}/users/{person['id']}", json={"password": "another horse 8"})
    assert me(house, pair["access_token"]).status_code == 401
    assert refresh(house, pair["refresh_token"]).status_code == 401
    assert house.new_tokens(person["username"], "another horse 8")


def test_a_new_role_counts_at_once(house, person):
    c = Client(house.base, house.new_tokens(person["username"])["access_token"])
    assert c.get(f"{API}/users/").status_code == 403
    house.login("admin").put(f"{API}/users/{person['id']}", json={"role": "admin"})
    assert c.get(f"{API}/users/").status_code == 200
    house.login("admin").put(f"{API}/users/{person['id']}", json={"role": "viewer"})
    assert c.get(f"{API}/users/").status_code == 403


# ---- forgeries ----

def test_each_kind_of_token_for_its_purpose(house, person):
    pair = house.new_tokens(person["username"])
    assert me(house, pair["refresh_token"]).status_code == 401
    assert refresh(house, pair["access_token"]).status_code == 401


def test_scheme_ignores_case(house, person):
    token = house.new_tokens(person["username"])["access_token"]
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert house.anonymous().get(ME, headers={"Authorization": f"{scheme} {token}"}).status_code == 200
    for header in (token, f"Token {token}", f"Bearer{token}", f"Bearer {token} x", f"Bearer {token[:-2]}"):
        assert house.anonymous().get(ME, headers={"Authorization": header}).status_code == 401, header


def test_forged_tokens(house, person):
    good = claims(house.new_tokens(person["username"])["access_token"])
    other = claims(house.token("admin"))
    assert me(house, sign(good)).status_code == 200  # the tests' own signature is right
    now = int(time.time())
    body = part(json.dumps(good).encode())
    none = part(b'{"typ":"JWT","alg":"none"}')
    forged = {
        "no algorithm": f"{none}.{body}.",
        "no algorithm, odd case": part(b'{"alg":"nOnE"}') + f".{body}.",
        "no algorithm, signature kept": f"{none}.{body}.{sign(good).split('.')[2]}",
        "other key": sign(good, key="some other key of good length"),
        "empty key": sign(good, key=""),
        "other digest": sign(good, header={"alg": "HS512"}, digest=hashlib.sha512),
        "other digest, header kept": sign(good, digest=hashlib.sha512),
        "public key algorithm": sign(good, header={"alg": "RS256"}),
        "no header": sign(good, header={"typ": "JWT"}),
        "expired": sign({**good, "exp": now - 1}),
        "expired long ago": sign({**good, "exp": -1}),
        "never expires": sign({k: v for k, v in good.items() if k != "exp"}),
        "expiry in words": sign({**good, "exp": "tomorrow"}),
        "no type": sign({k: v for k, v in good.items() if k != "type"}),
        "odd type": sign({**good, "type": "admin"}),
        "refresh": sign({**good, "type": "refresh"}),
        "no subject": sign({k: v for k, v in good.items() if k != "sub"}),
        "no such user": sign({**good, "sub": "987654321"}),
        "no number": sign({**good, "sub": "1 OR 1=1"}),
        "somebody else": sign({**good, "sub": other["sub"]}),
        "somebody else's session": sign({**good, "sid": other["sid"]}),
        "no such session": sign({**good, "sid": 987654321}),
        "no session": sign({k: v for k, v in good.items() if k != "sid"}),
        "a list": sign([good]),
        "changed body": sign(good).split(".")[0] + "." + part(json.dumps({**good, "sub": "1"}).encode()) + "."
        + sign(good).split(".")[2],
        "cut signature": sign(good)[:-4],
        "four parts": sign(good) + ".x",
    }
    for why, token in forged.items():
        r = me(house, token)
        assert r.status_code == 401 and r.headers["WWW-Authenticate"] == "Bearer", why
    assert me(house, sign(good)).status_code == 200


def test_forged_refresh_tokens(house, person):
    pair = house.new_tokens(person["username"])
    good = claims(pair["refresh_token"])
    for why, token in {
        "expired": sign({**good, "exp": int(time.time()) - 1}), "other key": sign(good, key="some other key of good length"),
        "no such session": sign({**good, "sid": 987654321}), "somebody else": sign({**good, "sub": "1"}),
    }.items():
        assert refresh(house, token).status_code == 401, why
    assert me(house, pair["access_token"]).status_code == 200


def test_tokens_outlive_a_restart_and_end_with_the_key(fresh):
    s = fresh()  # the key is made and kept in DATA_DIR, or in the database that servers share
    pair = s.new_tokens("admin")
    s.stop()
    s.start()
    assert me(s, pair["access_token"]).status_code == 200
    pair = refresh(s, pair["refresh_token"]).json()
    s.stop()
    if s.engine == "postgresql":
        s.sql("DELETE FROM installation WHERE name = 'secret_key'")
    else:
        os.unlink(os.path.join(s.data, "secret_key"))
    s.start()
    assert me(s, pair["access_token"]).status_code == 401
    assert refresh(s, pair["refresh_token"]).status_code == 401


# ---- the first administrator ----

def test_first_administrator_from_the_settings(fresh):
    s = fresh(ADMIN_USERNAME="chief", ADMIN_EMAIL="chief@example.org")
    u = Client(s.base, s.new_tokens("chief")["access_token"]).get(ME).json()
    assert (u["username"], u["email"], u["role"]) == ("chief", "chief@example.org", "admin")
    assert u["is_superuser"] is True and u["is_active"] is True
    assert not any(PASSWORD in line for line in s.said)
    # another start changes nothing
    s.stop()
    s.settings.update(ADMIN_USERNAME="other", ADMIN_PASSWORD="another horse 8")
    s.start()
    assert s.new_tokens("chief")
    assert s.anonymous().post(LOGIN, json={"username": "other", "password": "another horse 8"}).status_code == 401


def test_invented_password(fresh):
    s = fresh(ADMIN_PASSWORD=None)
    told = [line for line in s.said if "password" in line]
    assert len(told) == 1
    password = re.search(r"password (\S+)$", told[0].strip()).group(1)
    assert len(password) >= 16
    pair = s.new_tokens("admin", password)
    assert me(s, pair["access_token"]).json()["is_superuser"] is True
    s.stop()
    for folder, _, names in os.walk(s.directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                assert password.encode() not in f.read(), name
    s.start()
    assert not any("password" in line for line in s.said)
    assert s.new_tokens("admin", password)


def test_nothing_secret_is_logged(fresh):
    s = fresh(LOG_LEVEL="debug", SECRET_KEY=KEY)
    secret = "a secret of this test"
    s.make_user("logged", password=secret)
    pair = s.new_tokens("logged", secret)
    s.anonymous().post(LOGIN, json={"username": "logged", "password": secret + "x"})
    s.anonymous().post(REFRESH, params={"refresh_token": pair["refresh_token"]})
    s.stop()
    for name in (os.path.join(s.data, "vitae.log"), os.path.join(s.directory, "stderr")):
        with open(name) as f:
            log = f.read()
        for word in (secret, KEY, pair["access_token"], pair["refresh_token"], PASSWORD):
            assert word not in log, name
