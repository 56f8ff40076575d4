"""Full text search over candidates."""
import pytest

import documents
from vitae import API, read_candidate, upload

C = f"{API}/candidates"
S = f"{C}/search"
PEOPLE = {
    "ines": {"name": "Inês Gonçalves", "email": "ines.goncalves@example.org", "phone": "+351 21 555 0142",
             "skills": ["C++", "Docker", "Kubernetes"]},
    "karl": {"name": "Karl Brandt", "email": "karl.brandt@example.org", "phone": "+49 30 555 0143",
             "skills": ["C#", "Docker", "Azure"]},
    "mona": {"name": "Mona Docker", "email": "mona@example.net", "phone": "+44 20 7946 0144",
             "skills": ["Cooking", "Menu planning"]},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server with three people of one team and one of another."""
    import vitae
    with vitae.Server(tmp_path_factory.mktemp("house")) as s:
        boss = s.login("admin")
        s.ids = {}
        for who, person in PEOPLE.items():
            s.ids[who] = upload(boss, documents.pdf(person), f"{who}.pdf").json()["id"]
        team = s.make_team("Elsewhere")
        s.make_user("stranger", "recruiter", team_id=team)
        s.ids["theirs"] = upload(s.login("stranger"), documents.pdf({**PEOPLE["karl"], "name": "Karl Andersson"}),
                                 "theirs.pdf").json()["id"]
        for i in s.ids.values():
            assert read_candidate(boss, i)["status"] == "completed"
        yield s


def found(client, house, q, **query):
    r = client.get(S, params={"q": q, **query})
    assert r.status_code == 200, r.text
    names = {i: who for who, i in house.ids.items()}
    if "skip" not in query and "limit" not in query:
        assert r.headers["X-Total-Count"] == str(len(r.json()))
    return [names[k["id"]] for k in r.json()]


@pytest.mark.parametrize("q,who", [
    ("gonçalves", {"ines"}), ("GONCALVES", {"ines"}), ("ines goncalves", {"ines"}), ("brandt ines", set()),
    ("karl.brandt@example.org", {"karl"}), ("example.net", {"mona"}), ("c++", {"ines"}), ("C#", {"karl"}),
    ("docker", {"ines", "karl", "mona"}), ("docker -azure", {"ines", "mona"}), ("docker -\"menu planning\"", {"ines", "karl"}),
    ("-docker", set()), ("-azure", {"ines", "mona"}), ("kuber*", {"ines"}), ("kuber", set()),
    ("\"menu planning\"", {"mona"}), ("\"planning menu\"", set()), ("planning menu", {"mona"}), ("\"menu plan\"*", {"mona"}),
    ("+49 30 555 0143", {"karl"}), ("5550143", set()), ("northwind", {"ines", "karl", "mona"}), ("nosuchword", set()),
    ("\u201cmenu planning\u201d", {"mona"})])
def test_what_is_found(house, q, who):
    viewer = house.as_role("viewer")
    assert set(found(viewer, house, q)) == who


@pytest.mark.parametrize("q", ["AND", "OR", "NOT", "a AND", "NEAR(docker azure)", "name:karl", "(docker", "docker)", "\"", "\"\"",
                               "\"docker", "*", "-", "+", "- -", "^docker", "{name}:x", "a'b\"c", "\\", "%", "docker**", "';--",
                               "\u2013", "\u0001\u0002\u0003", "\U0001f600", "rank MATCH 'x'", "t1", "all t1", "scope:all", " "])
def test_nothing_typed_is_an_error(house, q):
    for who in ("viewer", "admin"):
        assert house.as_role(who).get(S, params={"q": q}).status_code == 200
    if q in ("t1", "all t1", "scope:all", "-", "*", "\"\"", " "):
        assert found(house.as_role("viewer"), house, q) == []


def test_limits_of_what_is_typed(house):
    viewer = house.as_role("viewer")
    assert viewer.get(S, params={"q": " ".join(f"w{i}" for i in range(32))}).status_code == 200
    r = viewer.get(S, params={"q": " ".join(f"w{i}" for i in range(33))})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["query", "q"]
    assert viewer.get(S, params={"q": ""}).status_code == 422
    assert viewer.get(S).status_code == 422


def test_rank(house):
    """A name weighs more than a skill."""
    boss = house.login("admin")
    ranked = found(boss, house, "docker")
    assert ranked[0] == "mona" and set(ranked[1:]) == {"ines", "karl", "theirs"}


def test_teams(house):
    assert set(found(house.as_role("viewer"), house, "karl")) == {"karl"}
    assert set(found(house.login("stranger"), house, "karl")) == {"theirs"}
    assert found(house.login("stranger"), house, "mona") == []
    assert set(found(house.login("stranger"), house, "-mona")) == {"theirs"}
    assert set(found(house.login("admin"), house, "karl")) == {"karl", "theirs"}


def test_filters(house):
    boss = house.login("admin")
    assert set(found(boss, house, "docker", skills="kubernetes")) == {"ines"}
    assert set(found(boss, house, "docker", skills="k8s,azure", skills_match="any")) == {"ines", "karl", "theirs"}
    assert found(boss, house, "docker", skills="k8s,azure") == []
    assert found(boss, house, "docker", status_filter="failed") == []
    assert len(found(boss, house, "docker", status_filter="completed")) == 4
    assert boss.get(S, params={"q": "docker", "status_filter": "lost"}).status_code == 422


def test_pages(house):
    boss = house.login("admin")
    everyone = found(boss, house, "docker")
    pages = []
    for skip in range(0, 4, 2):
        r = boss.get(S, params={"q": "docker", "skip": skip, "limit": 2})
        assert r.headers["X-Total-Count"] == "4"
        pages += found(boss, house, "docker", skip=skip, limit=2)
    assert pages == everyone
    assert found(boss, house, "docker", skip=4) == []
    assert "next" in boss.get(S, params={"q": "docker", "limit": 1}).links


def test_a_remembered_total_follows_what_changes(house):
    """A page that is full has its total counted; what was counted is good until something changes."""
    boss = house.login("admin")
    asked = [(S, {"q": "docker", "limit": 1}), (C + "/", {"skills": "docker", "limit": 1}), (C + "/search/by-skill", {"skill": "dock", "limit": 1}),
             (C + "/", {"limit": 1}), (C + "/", {"status_filter": "completed", "limit": 1})]
    totals = lambda: [int(boss.get(path, params=query).headers["X-Total-Count"]) for path, query in asked]  # noqa: E731
    before = totals()
    assert totals() == before
    k = upload(boss, documents.unique_pdf({**PEOPLE["karl"], "name": "Karl Twice"}), "twice.pdf").json()["id"]
    assert read_candidate(boss, k)["status"] == "completed"
    assert totals() == [n + 1 for n in before]
    assert boss.patch(f"{C}/{k}", json={"skills": ["Cooking"]}).status_code == 200
    assert totals()[1:3] == before[1:3]
    assert boss.delete(f"{C}/{k}").status_code == 204
    assert totals() == before


def test_highlights(house):
    boss = house.login("admin")
    by_field = lambda k: {h["field"]: h["text"] for h in k["highlights"]}  # noqa: E731
    k = boss.get(S, params={"q": "goncalves kubernetes"}).json()[0]
    assert list(k)[-1] == "highlights" and k["name"] == "Inês Gonçalves"
    h = by_field(k)
    assert h["name"] == "Inês <mark>Gonçalves</mark>"
    assert "<mark>Kubernetes</mark>" in h["skills"] and h["email"] == "ines.<mark>goncalves</mark>@example.org"
    assert "<mark>Gonçalves</mark>" in h["text"]
    h = by_field(boss.get(S, params={"q": "\"menu planning\""}).json()[0])
    assert "<mark>Menu planning</mark>" in h["skills"] and "name" not in h
    # unwanted words alone mark nothing
    assert all(k["highlights"] == [] for k in boss.get(S, params={"q": "-azure"}).json())


def test_highlights_are_safe(house):
    boss = house.login("admin")
    k = upload(boss, documents.unique_pdf({**PEOPLE["mona"], "name": "Eve Script"}), "eve.pdf").json()["id"]
    read_candidate(boss, k)
    boss.patch(f"{C}/{k}", json={"domain_knowledge": "<script>alert('x & y')</script> zweizimmer <b> \u0002\u0003"})
    h = boss.get(S, params={"q": "zweizimmer"}).json()[0]["highlights"]
    text = {x["field"]: x["text"] for x in h}["domain_knowledge"]
    assert text.startswith("&lt;script&gt;alert(&#39;x &amp; y&#39;)&lt;/script&gt; <mark>zweizimmer</mark> &lt;b&gt;")
    assert text.count("<mark>") == text.count("</mark>")
    boss.delete(f"{C}/{k}")


def test_the_index_follows(house):
    boss = house.login("admin")
    k = upload(boss, documents.unique_pdf({**PEOPLE["mona"], "name": "Prudence Quillfeather"}), "p.pdf").json()["id"]
    read_candidate(boss, k)
    ids = lambda q: [x["id"] for x in boss.get(S, params={"q": q}).json()]  # noqa: E731
    assert ids("quillfeather") == [k]
    boss.patch(f"{C}/{k}", json={"name": "Prudence Oakenshaw", "skills": ["Falconry"], "email": "oak@example.org"})
    assert ids("oakenshaw falconry oak@example.org") == [k]
    assert ids("quillfeather northwind") == [k]  # the document still says so
    boss.post(f"{C}/{k}/reparse")
    read_candidate(boss, k)
    assert ids("oakenshaw falconry") == [k]
    boss.delete(f"{C}/{k}")
    assert ids("oakenshaw") == ids("quillfeather") == []


def test_corrections_of_a_failed_candidate_are_found(house):
    boss = house.login("admin")
    k = upload(boss, b"%PDF-1.4\n" + documents.unique_pdf()[100:140], "broken.pdf").json()["id"]
    assert read_candidate(boss, k)["status"] == "failed"
    boss.patch(f"{C}/{k}", json={"name": "Wilhelmina Zandvoort"})
    assert [x["id"] for x in boss.get(S, params={"q": "zandvoort"}).json()] == [k]
    boss.delete(f"{C}/{k}")
    assert boss.get(S, params={"q": "zandvoort"}).json() == []


def test_deleting_a_user_empties_the_index(house):
    u = house.make_user("leaver", "recruiter")
    client = house.login("leaver")
    k = upload(client, documents.unique_pdf({**PEOPLE["mona"], "name": "Leaver Candidate"}), "l.pdf").json()["id"]
    read_candidate(client, k)
    boss = house.login("admin")
    assert [x["id"] for x in boss.get(S, params={"q": "leaver candidate"}).json()] == [k]
    assert boss.delete(f"{API}/users/{u['id']}").status_code == 204
    assert boss.get(S, params={"q": "leaver candidate"}).json() == []
    number = "rowid" if house.engine == "sqlite" else "candidate_id"
    assert house.sql(f"SELECT count(*) FROM candidate_words WHERE {number} = ?", k) == [(0,)]
