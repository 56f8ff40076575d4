"""Teams: who sees them, who makes them, who is in them."""
import pytest

import documents
from vitae import API, Server, read_candidate, upload, wait_until

TEAMS = f"{API}/teams/"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("teams")) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


count = iter(range(1, 10000))


def new(house, role="viewer", **fields):
    return house.make_user(f"member{next(count):04}", role, **fields)


def client(house, user):
    return house.login(user["username"])


def make(boss, name):
    r = boss.post(TEAMS, json={"name": name})
    assert r.status_code == 201, r.text
    return r.json()


def test_make_and_rename(house, boss):
    r = boss.post(TEAMS, json={"name": "Engineering"})
    t = r.json()
    assert r.status_code == 201 and r.headers["Location"] == f"{API}/teams/{t['id']}"
    assert list(t) == ["id", "name", "created_at", "updated_at", "members"] and t["members"] == 0
    assert boss.get(f"{TEAMS}{t['id']}").json() == t
    after = boss.patch(f"{TEAMS}{t['id']}", json={"name": "Ingénierie"}).json()
    assert after["name"] == "Ingénierie" and after["updated_at"] > t["updated_at"]
    assert [x["id"] for x in boss.get(TEAMS, params={"search": "GÉNIE"}).json()] == [t["id"]]
    assert boss.get(TEAMS, params={"search": "100%"}).json() == []


@pytest.mark.parametrize("name", ["   ", "a\nb", "tab\there"])
def test_names_that_are_none(boss, name):
    for r in (boss.post(TEAMS, json={"name": name}), boss.patch(f"{TEAMS}1", json={"name": name})):
        assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "name"]


def test_what_a_member_sees(house, boss):
    own, other = make(boss, "Own"), make(boss, "Other")
    for role in ("viewer", "recruiter", "hr_manager"):
        u = new(house, role, team_id=own["id"])
        c = client(house, u)
        r = c.get(TEAMS)
        assert [t["id"] for t in r.json()] == [own["id"]] and r.headers["X-Total-Count"] == "1"
        assert c.get(f"{TEAMS}{own['id']}").json()["name"] == "Own"
        assert u["id"] in [m["id"] for m in c.get(f"{TEAMS}{own['id']}/members").json()]
        for path in (f"{TEAMS}{other['id']}", f"{TEAMS}{other['id']}/members", f"{TEAMS}987654321"):
            r = c.get(path)
            assert r.status_code == 404 and r.json() == {"detail": "Team not found"}
        for method, path, body in (("POST", TEAMS, {"name": "x"}), ("PATCH", f"{TEAMS}{own['id']}", {"name": "x"}),
                                   ("DELETE", f"{TEAMS}{own['id']}", None),
                                   ("POST", f"{TEAMS}{own['id']}/members", {"user_id": 1}),
                                   ("PATCH", f"{TEAMS}{own['id']}/members/{u['id']}", {"role": "admin"}),
                                   ("DELETE", f"{TEAMS}{own['id']}/members/{u['id']}", None)):
            assert c.request(method, path, json=body).status_code == 403, (method, path)
    ids = [t["id"] for t in boss.get(TEAMS).json()]
    assert {own["id"], other["id"]} <= set(ids) and ids == sorted(ids)
    page = boss.get(TEAMS, params={"skip": 1, "limit": 1})
    assert [t["id"] for t in page.json()] == ids[1:2] and page.headers["X-Total-Count"] == str(len(ids))


def test_numbers_of_members_in_the_list(house, boss):
    sizes = [2, 0, 1, 0, 3]
    made = [make(boss, f"Counted {n}" + " odd" * (n % 2))["id"] for n in range(len(sizes))]
    for team, size in zip(made, sizes):
        for _ in range(size):
            new(house, team_id=team)
    def listed(**query):
        return [(t["id"], t["members"]) for t in boss.get(TEAMS, params={"search": "counted", **query}).json()]
    assert listed() == list(zip(made, sizes))
    assert listed(skip=1, limit=2) == list(zip(made, sizes))[1:3]
    assert listed(search="odd") == [(made[1], 0), (made[3], 0)]
    assert listed(search="no such team") == []


def test_members(house, boss):
    a, b = make(boss, "From"), make(boss, "To")
    u = new(house, "recruiter", team_id=a["id"])
    c = client(house, u)
    k = read_candidate(c, upload(c, documents.unique_pdf(), "ada.pdf").json()["id"])
    r = boss.post(f"{TEAMS}{b['id']}/members", json={"user_id": u["id"], "role": "hr_manager"})
    assert r.status_code == 201
    assert list(r.json()) == ["id", "username", "full_name", "email", "role", "is_active", "team_id"]
    assert (r.json()["team_id"], r.json()["role"]) == (b["id"], "hr_manager")
    assert boss.post(f"{TEAMS}{b['id']}/members", json={"user_id": u["id"]}).status_code == 409
    assert boss.get(f"{TEAMS}{b['id']}").json()["members"] == 1
    # what was uploaded for a team stays with it; what the user sees is the new team's
    assert c.get(f"{API}/candidates/{k['id']}").status_code == 404
    assert c.get(f"{TEAMS}{a['id']}").status_code == 404 and c.get(f"{TEAMS}{b['id']}").status_code == 200
    r = boss.patch(f"{TEAMS}{b['id']}/members/{u['id']}", json={"role": "viewer"})
    assert r.status_code == 200 and r.json()["role"] == "viewer"
    told = boss.get(f"{API}/audit/", params={"action": "team.change_role"}).json()[0]
    assert told["target"] == f"user_id {u['id']}" and "hr_manager -> viewer" in told["detail"]
    # out of this team into a named one, or one of their own
    assert boss.delete(f"{TEAMS}{a['id']}/members/{u['id']}").status_code == 404
    assert boss.delete(f"{TEAMS}{b['id']}/members/{u['id']}", params={"move_to": b["id"]}).status_code == 400
    assert boss.delete(f"{TEAMS}{b['id']}/members/{u['id']}", params={"move_to": 987654321}).status_code == 404
    assert boss.delete(f"{TEAMS}{b['id']}/members/{u['id']}", params={"move_to": a["id"]}).status_code == 204
    assert boss.get(f"{API}/users/{u['id']}").json()["team_id"] == a["id"]
    assert boss.delete(f"{TEAMS}{a['id']}/members/{u['id']}").status_code == 204
    own = boss.get(f"{API}/users/{u['id']}").json()["team_id"]
    assert own not in (a["id"], b["id"])
    assert boss.get(f"{TEAMS}{own}").json()["name"] == u["username"]


def test_who_is_not_moved(house, boss):
    t = make(boss, "Refused")
    deputy = client(house, new(house, "admin"))
    first = boss.get(f"{API}/users/me").json()
    # the first administrator by nobody else; one's own role by nobody
    assert deputy.post(f"{TEAMS}{t['id']}/members", json={"user_id": first["id"]}).status_code == 403
    assert deputy.patch(f"{TEAMS}{first['team_id']}/members/{first['id']}", json={"role": "viewer"}).status_code == 403
    me = deputy.get(f"{API}/users/me").json()
    r = deputy.patch(f"{TEAMS}{me['team_id']}/members/{me['id']}", json={"role": "viewer"})
    assert r.status_code == 400 and r.json() == {"detail": "You cannot change your own role"}
    assert boss.post(f"{TEAMS}{t['id']}/members", json={"user_id": 987654321}).status_code == 404
    assert boss.post(f"{TEAMS}987654321/members", json={"user_id": me["id"]}).status_code == 404
    assert boss.post(f"{TEAMS}{t['id']}/members", json={"user_id": me["id"], "role": "king"}).status_code == 422


def test_delete(house, boss):
    t = make(boss, "Short-lived")
    u = new(house, "recruiter", team_id=t["id"])
    c = client(house, u)
    k = read_candidate(c, upload(c, documents.unique_pdf(), "kept.pdf").json()["id"])
    r = boss.delete(f"{TEAMS}{t['id']}")
    assert r.status_code == 409 and "members" in r.json()["detail"]
    boss.delete(f"{TEAMS}{t['id']}/members/{u['id']}")
    r = boss.delete(f"{TEAMS}{t['id']}")
    assert r.status_code == 409 and "belongs" in r.json()["detail"]
    assert boss.delete(f"{API}/candidates/{k['id']}").status_code == 204
    assert boss.delete(f"{TEAMS}{t['id']}").status_code == 204
    assert boss.get(f"{TEAMS}{t['id']}").status_code == 404


def test_an_own_team_goes_with_its_owner(house, boss):
    t = make(boss, "Before")
    u = new(house, "recruiter", team_id=t["id"])
    boss.delete(f"{TEAMS}{t['id']}/members/{u['id']}")  # into a team of their own
    own = boss.get(f"{API}/users/{u['id']}").json()["team_id"]
    assert boss.delete(f"{API}/users/{u['id']}").status_code == 204
    wait_until(lambda: boss.get(f"{TEAMS}{own}").status_code == 404, what="the end of the team")
    assert boss.get(f"{TEAMS}{t['id']}").status_code == 200  # nobody's own stays, empty or not


def test_an_own_team_stays_with_what_belongs_to_it(house, boss):
    u = new(house, "recruiter")
    home = u["team_id"]
    boss.delete(f"{TEAMS}{home}/members/{u['id']}")
    own = boss.get(f"{API}/users/{u['id']}").json()["team_id"]
    guest = new(house, "recruiter", team_id=own)
    k = read_candidate(client(house, guest), upload(client(house, guest), documents.unique_pdf(), "g.pdf").json()["id"])
    boss.post(f"{TEAMS}{home}/members", json={"user_id": guest["id"]})
    assert boss.delete(f"{API}/users/{u['id']}").status_code == 204
    assert boss.get(f"{API}/candidates/{k['id']}").status_code == 200
    assert boss.get(f"{TEAMS}{own}").json()["name"] == f"Team {own}"  # without the person's name
