"""Accounts: made, listed, changed, deactivated, deleted by administrators; and one's own."""
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
from vitae import API, PASSWORD, Client, Server, read_candidate, upload

USERS, ME = f"{API}/users/", f"{API}/users/me"
KEYS = ["id", "email", "username", "full_name", "role", "is_active", "is_superuser", "created_at", "updated_at"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("users")) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


count = iter(range(1, 10000))


def new(house, role="viewer", **fields):
    return house.make_user(f"person{next(count):04}", role, **fields)


def client(house, user, password=PASSWORD):
    return Client(house.base, house.new_tokens(user["username"], password)["access_token"])


# ---- creating ----

def test_create(house, boss):
    r = boss.post(USERS, json={"email": "Jo.Doe@Example.com", "username": "JoDoe", "password": PASSWORD,
                               "full_name": "Jo Doe", "role": "recruiter"})
    assert r.status_code == 201
    u = r.json()
    assert list(u)[:9] == KEYS
    assert type(u["id"]) is int and u["is_active"] is True and u["is_superuser"] is False
    assert (u["email"], u["username"], u["full_name"], u["role"]) == ("Jo.Doe@Example.com", "JoDoe", "Jo Doe", "recruiter")
    assert u["created_at"] == u["updated_at"] and u["created_at"].endswith("Z")
    assert u["team_id"] == boss.get(ME).json()["team_id"]
    assert boss.get(f"{USERS}{u['id']}").json() == u
    assert "password" not in r.text and "$2b$" not in r.text


def test_create_with_the_least(house, boss):
    u = boss.post(USERS, json={"email": "least@example.com", "username": "least", "password": PASSWORD}).json()
    assert u["role"] == "viewer" and u["full_name"] is None


@pytest.mark.parametrize("role", ["viewer", "recruiter", "hr_manager", "admin"])
def test_every_role_can_be_given(house, boss, role):
    u = new(house, role)
    assert u["role"] == role and u["is_superuser"] is False
    assert client(house, u).get(ME).json()["role"] == role


def test_bounds_are_inclusive(house, boss):
    for n, (name, password) in enumerate((("abc", "12345678"), ("n" * 50, "p" * 100), ("é" * 50, "ü" * 100))):
        r = boss.post(USERS, json={"email": f"bounds{n}@example.com", "username": name, "password": password})
        assert r.status_code == 201, r.text
        assert house.new_tokens(name, password)


def test_what_a_creator_cannot_say(house, boss):
    u = new(house, id=1, is_superuser=True, is_active=False, created_at="2001-01-01T00:00:00Z", unknown={"a": []})
    assert u["id"] > 1 and u["is_superuser"] is False and u["is_active"] is True
    assert not u["created_at"].startswith("2001")


@pytest.mark.parametrize("field,value,sentence", [
    ("email", "taken@example.com", "Email already registered"),
    ("email", "TAKEN@Example.COM", "Email already registered"),
    ("username", "taken", "Username already taken"),
    ("username", "TAKEN", "Username already taken"),
    ("username", "taken@example.com", "Username already taken"),
])
def test_duplicates(house, boss, field, value, sentence):
    if not boss.get(USERS, params={"search": "taken"}).json():
        house.make_user("taken")
    body = {"email": "free@example.com", "username": "freename", "password": PASSWORD, field: value}
    r = boss.post(USERS, json=body)
    assert r.status_code == 400 and r.json() == {"detail": sentence}
    # the same by an update, of another's account and of one's own
    other = new(house)
    for asker, path in ((boss, f"{USERS}{other['id']}"), (client(house, other), ME)):
        r = asker.put(path, json={field: value})
        assert r.status_code == 400 and r.json() == {"detail": sentence}
    assert boss.get(f"{USERS}{other['id']}").json() == other


def test_one_of_many_at_once(house, boss):
    def create(i):
        r = Client(house.base, house.token("admin")).post(USERS, json={
            "email": f"racer{i}@example.com", "username": "racer", "password": PASSWORD})
        return r.status_code
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(create, range(8)))
    assert codes == [201] + [400] * 7


def test_blank_name(house, boss):
    r = boss.post(USERS, json={"email": "blank@example.com", "username": "    ", "password": PASSWORD})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "username"]


def test_unknown_team(house, boss):
    r = boss.post(USERS, json={"email": "lost@example.com", "username": "lost", "password": PASSWORD, "team_id": 9999})
    assert r.status_code == 400 and "9999" in r.json()["detail"]
    u = new(house)
    assert boss.put(f"{USERS}{u['id']}", json={"team_id": 9999}).status_code == 400
    team = house.make_team("Elsewhere")
    assert boss.put(f"{USERS}{u['id']}", json={"team_id": team}).json()["team_id"] == team
    assert new(house, team_id=team)["team_id"] == team


def test_who_may_not(house):
    for role in ("viewer", "recruiter", "hr_manager"):
        c = client(house, new(house, role))
        for method, path in (("POST", USERS), ("GET", USERS), ("GET", f"{USERS}1"), ("PUT", f"{USERS}1"),
                             ("PATCH", f"{USERS}1/deactivate"), ("PATCH", f"{USERS}1/activate"), ("DELETE", f"{USERS}1")):
            r = c.request(method, path, json={} if method in ("POST", "PUT") else None)
            assert r.status_code == 403 and r.json() == {"detail": "Admin privileges required"}, (role, method, path)


# ---- one's own account ----

def test_me(house):
    u = new(house, "recruiter", full_name="Ada L.")
    me = client(house, u).get(ME)
    assert me.json() == u and list(me.json())[:9] == KEYS


def test_update_me(house):
    u = new(house, "recruiter", full_name="Before")
    c = client(house, u)
    after = c.put(ME, json={"email": "renamed@example.com", "username": "renamed", "full_name": "After"}).json()
    assert list(after)[:9] == KEYS
    assert after == {**u, "email": "renamed@example.com", "username": "renamed", "full_name": "After",
                     "updated_at": after["updated_at"]}
    assert after["updated_at"] > u["updated_at"] and c.get(ME).json() == after
    for who in ("renamed", "renamed@example.com"):
        assert house.new_tokens(who)
    r = house.anonymous().post(f"{API}/auth/login", json={"username": u["username"], "password": PASSWORD})
    assert r.status_code == 401


def test_update_me_leaves_what_is_not_named(house):
    u = new(house, full_name="Stays")
    c = client(house, u)
    for body in ({}, {"email": None, "username": None, "password": None}, {"unknown": 1}):
        after = c.put(ME, json=body).json()
        assert {**after, "updated_at": 0} == {**u, "updated_at": 0}, body
    assert c.put(ME, json={"full_name": None}).json()["full_name"] is None
    assert client(house, u).get(ME).status_code == 200  # the password too


def test_nobody_changes_their_own_role(house):
    u = new(house, "recruiter")
    c = client(house, u)
    r = c.put(ME, json={"role": "admin", "is_superuser": True, "is_active": False, "team_id": 9999, "id": 1,
                        "full_name": "Climber"})
    assert r.status_code == 200
    assert r.json() == {**u, "full_name": "Climber", "updated_at": r.json()["updated_at"]}
    assert c.get(USERS).status_code == 403


def test_own_address_in_another_case_is_no_duplicate(house):
    u = new(house)
    r = client(house, u).put(ME, json={"email": u["email"].upper(), "username": u["username"].upper()})
    assert r.status_code == 200 and r.json()["email"] == u["email"].upper()


# ---- listing ----

def test_list_filters(fresh):
    s = fresh()
    boss = s.login("admin")
    roles = {"john": "recruiter", "Johanna": "viewer", "mary": "recruiter", "second_admin": "admin", "percent": "viewer"}
    for name, role in roles.items():
        s.make_user(name, role)
    s.make_user("other", email="john.other@elsewhere.org")
    mary = boss.get(USERS, params={"search": "mary"}).json()[0]
    boss.patch(f"{USERS}{mary['id']}/deactivate")

    def names(**query):
        r = boss.get(USERS, params=query)
        assert r.status_code == 200 and int(r.headers["X-Total-Count"]) == len(r.json())
        return [u["username"] for u in r.json()]

    assert names() == ["admin", *roles, "other"]
    assert names(role="recruiter") == ["john", "mary"]
    assert names(role="admin") == ["admin", "second_admin"]
    assert names(role="hr_manager") == []
    assert names(is_active="false") == ["mary"]
    assert names(is_active="true") == ["admin", "john", "Johanna", "second_admin", "percent", "other"]
    assert names(search="joh") == ["john", "Johanna", "other"]
    assert names(search="JOH") == ["john", "Johanna", "other"]
    assert names(search="@ELSEWHERE") == ["other"]
    assert names(role="recruiter", is_active="true") == ["john"]
    assert names(role="admin", is_active="true", search="second") == ["second_admin"]
    # what means something to a database means nothing here
    assert names(search="_") == ["second_admin"] and names(search="%") == [] and names(search="' OR 1=1 --") == []
    assert names(search="   ") == names() == names(search="")
    assert boss.get(USERS, params={"role": "king"}).status_code == 422
    assert boss.get(USERS, params={"is_active": "perhaps"}).status_code == 422
    r = boss.get(USERS, params={"skip": 1, "limit": 2})
    assert [u["username"] for u in r.json()] == ["john", "Johanna"] and r.headers["X-Total-Count"] == "7"
    assert {"next", "prev"} == set(r.links)
    assert "password" not in boss.get(USERS).text and "$2b$" not in boss.get(USERS).text
    assert all(list(u)[:9] == KEYS for u in r.json())


# ---- one user ----

@pytest.mark.parametrize("method,tail", [("GET", ""), ("PUT", ""), ("PATCH", "/deactivate"), ("PATCH", "/activate"),
                                         ("DELETE", "")])
@pytest.mark.parametrize("number", [987654321, 2 ** 63 - 1])
def test_not_found(house, boss, method, tail, number):
    r = boss.request(method, f"{USERS}{number}{tail}", json={} if method == "PUT" else None)
    assert r.status_code == 404 and r.json() == {"detail": "User not found"}


def test_update(house, boss):
    u = new(house, "viewer", full_name="Before")
    r = boss.put(f"{USERS}{u['id']}", json={"email": "after@example.com", "username": "after", "full_name": "After",
                                            "role": "hr_manager", "is_active": True, "password": "another horse 8"})
    assert r.status_code == 200
    after = r.json()
    assert after == {**u, "email": "after@example.com", "username": "after", "full_name": "After", "role": "hr_manager",
                     "updated_at": after["updated_at"]}
    assert after["updated_at"] > u["updated_at"] and list(after)[:9] == KEYS
    assert client(house, after, "another horse 8").get(ME).json() == after
    after = boss.put(f"{USERS}{u['id']}", json={"is_active": False}).json()
    assert after["is_active"] is False
    r = house.anonymous().post(f"{API}/auth/login", json={"username": "after", "password": "another horse 8"})
    assert r.status_code == 400 and r.json() == {"detail": "Inactive user"}
    assert boss.put(f"{USERS}{u['id']}", json={"is_active": True, "role": None}).json()["role"] == "hr_manager"
    assert boss.put(f"{USERS}{u['id']}", json={"is_superuser": True}).json()["is_superuser"] is False


def test_deactivate_and_activate(house, boss):
    u = new(house, "recruiter")
    path = f"{USERS}{u['id']}"
    r = boss.patch(f"{path}/deactivate")
    assert r.status_code == 200 and r.json() == {**u, "is_active": False, "updated_at": r.json()["updated_at"]}
    r = boss.patch(f"{path}/deactivate")
    assert r.status_code == 400 and r.json() == {"detail": "User is already inactive"}
    assert boss.get(path).json()["is_active"] is False
    r = boss.patch(f"{path}/activate")
    assert r.status_code == 200 and r.json() == {**u, "updated_at": r.json()["updated_at"]}
    r = boss.patch(f"{path}/activate")
    assert r.status_code == 400 and r.json() == {"detail": "User is already active"}
    assert client(house, u).get(ME).status_code == 200


def test_deactivation_keeps_what_the_user_made(house, boss):
    u = new(house, "recruiter")
    candidate = upload(client(house, u), documents.unique_pdf(), "kept.pdf").json()["id"]
    boss.patch(f"{USERS}{u['id']}/deactivate")
    k = read_candidate(boss, candidate)
    assert k["uploaded_by"] == u["id"] and k["file_path"] in house.stored_files()


def test_own_account_is_safe_from_its_owner(house, boss):
    second = new(house, "admin")
    for c, own in ((boss, boss.get(ME).json()), (client(house, second), second)):
        path = f"{USERS}{own['id']}"
        for r, word in ((c.patch(f"{path}/deactivate"), "deactivate"), (c.delete(path), "delete"),
                        (c.put(path, json={"is_active": False}), "deactivate"), (c.put(path, json={"role": "viewer"}), "role")):
            assert r.status_code == 400 and word in r.json()["detail"] and "your own" in r.json()["detail"]
        assert c.get(ME).json() == own
        assert c.put(path, json={"full_name": "Mine", "role": "admin", "is_active": True}).status_code == 200


def test_the_first_administrator_is_safe_from_all_others(house, boss):
    first = boss.get(ME).json()
    assert first["is_superuser"] is True
    c = client(house, new(house, "admin"))
    path = f"{USERS}{first['id']}"
    assert c.get(path).json() == first
    for r in (c.patch(f"{path}/deactivate"), c.patch(f"{path}/activate"), c.delete(path), c.put(path, json={"role": "viewer"}),
              c.put(path, json={"password": "another horse 8"}), c.put(path, json={"is_active": False}),
              c.put(path, json={"email": "mine@example.com"}), c.delete(path, params={"reassign_to": 2})):
        assert r.status_code == 403, r.text
    assert boss.get(ME).json() == first and house.new_tokens("admin")


def test_administrators_manage_each_other(house):
    one, two = (new(house, "admin") for _ in range(2))
    c = client(house, one)
    assert c.patch(f"{USERS}{two['id']}/deactivate").status_code == 200
    assert c.put(f"{USERS}{two['id']}", json={"is_active": True, "role": "viewer"}).json()["role"] == "viewer"
    assert c.delete(f"{USERS}{two['id']}").status_code == 204


# ---- deleting ----

def test_delete(house, boss):
    u, friend = new(house, "recruiter"), new(house, "recruiter")
    c = client(house, u)
    own = [upload(c, documents.unique_pdf(), f"d{i}.pdf").json()["id"] for i in range(3)]
    others = upload(client(house, friend), documents.unique_pdf(), "other.pdf").json()["id"]
    rows = [read_candidate(boss, i) for i in own]
    assert {k["file_path"] for k in rows} <= house.stored_files()
    r = boss.delete(f"{USERS}{u['id']}")
    assert r.status_code == 204 and r.content == b""
    assert boss.get(f"{USERS}{u['id']}").status_code == 404
    assert boss.delete(f"{USERS}{u['id']}").status_code == 404
    assert c.get(ME).status_code == 401
    assert [boss.get(f"{API}/candidates/{i}").status_code for i in own] == [404] * 3
    assert not {k["file_path"] for k in rows} & house.stored_files()
    kept = read_candidate(boss, others)
    assert kept["status"] == "completed" and kept["file_path"] in house.stored_files()
    assert house.sql("SELECT count(*) FROM sessions WHERE user_id = ?", u["id"]) == [(0,)]
    # the name is free again, and the new account is another one
    again = house.make_user(u["username"])
    assert again["id"] > u["id"]


def test_delete_while_files_are_read(house, boss):
    u = new(house, "recruiter")
    c = client(house, u)
    own = [upload(c, documents.unique_pdf(), f"w{i}.pdf").json()["id"] for i in range(8)]
    assert boss.delete(f"{USERS}{u['id']}").status_code == 204
    assert [boss.get(f"{API}/candidates/{i}").status_code for i in own] == [404] * 8
    after = upload(boss, documents.unique_pdf(), "after.pdf").json()["id"]
    assert read_candidate(boss, after)["status"] == "completed"
    assert not set(own) & {i for i, in house.sql("SELECT candidate_id FROM candidate_skills")}


def test_delete_and_reassign(house, boss):
    u, heir = new(house, "recruiter"), new(house, "recruiter")
    candidate = upload(client(house, u), documents.unique_pdf(), "heritage.pdf").json()["id"]
    before = read_candidate(boss, candidate)
    for wrong in (u["id"], 987654321):
        r = boss.delete(f"{USERS}{u['id']}", params={"reassign_to": wrong})
        assert r.status_code == 400 and "reassign_to" in r.json()["detail"]
    assert boss.delete(f"{USERS}{u['id']}", params={"reassign_to": "x"}).status_code == 422
    assert boss.delete(f"{USERS}{u['id']}", params={"reassign_to": heir["id"]}).status_code == 204
    after = client(house, heir).get(f"{API}/candidates/{candidate}").json()
    assert after == {**before, "uploaded_by": heir["id"], "updated_at": after["updated_at"]}
    assert after["file_path"] in house.stored_files()
    assert boss.get(f"{USERS}{u['id']}").status_code == 404


def test_times_are_utc_and_now(house):
    from datetime import datetime
    u = new(house)
    made = datetime.fromisoformat(u["created_at"].replace("Z", "+00:00")).timestamp()
    assert abs(made - time.time()) < 120
