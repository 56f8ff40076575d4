"""vitae copy: an installation moves from one engine to the other."""
import os
import re

import pytest

import documents
import postgres
from vitae import API, Server, read_candidate, upload


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """(a stopped server on SQLite with people and candidates, its copy's URL, what the copy said, a token of its administrator)"""
    directory = tmp_path_factory.mktemp("moved")
    s = Server(directory / "old", DATABASE_URL=None)
    with s:
        boss = s.login("admin")
        team = s.make_team("Elsewhere")
        s.make_user("stranger", "recruiter", team_id=team, test_metadata={"b": [1, 2.5, "é"], "a": None})
        for n, who in enumerate(("admin", "stranger", "admin")):
            person = {**documents.PERSON, "name": f"Inês Copy{n}", "skills": ["C++", "Docker"]}
            read_candidate(boss, upload(s.login(who), documents.unique_pdf(person), f"c{n}.pdf").json()["id"])
        boss.patch(f"{API}/candidates/1", json={"skills": ["Falconry"]})
        boss.delete(f"{API}/candidates/3")  # its number is not given again
        token = s.token("admin")
    url = postgres.shared().new_database()
    r = s.run("copy", f"sqlite://{s.data}/vitae.db", url)
    assert r.returncode == 0, r.stderr
    yield s, url, r.stdout.decode(), token
    postgres.drop(url)


def test_everything_is_counted(moved):
    s, url, said, _ = moved
    rows = {m[1]: int(m[2]) for m in re.finditer(r"^(.+?) +(\d+) (?:copied|the same)$", said, re.M)}
    assert rows["users"] == 2 and rows["candidates"] == 2 and rows["candidates' texts"] == 2
    for name in set(rows) - {"candidates' texts"}:
        assert postgres.run(url, f"SELECT count(*) FROM {name}") == s.sql(f"SELECT count(*) FROM {name}") == [(rows[name],)]
    assert "Everything is there" in said


def test_the_copy_serves(moved):
    s, url, _, token = moved
    with Server(s.directory, DATABASE_URL=url, DATA_DIR=s.data) as new:
        boss = new.anonymous()
        boss.headers["Authorization"] = f"Bearer {token}"  # the key has moved, too
        found = boss.get(f"{API}/candidates/").json()
        assert [k["id"] for k in found] == [2, 1] and found[1]["skills"] == ["Falconry"]
        assert boss.get(f"{API}/candidates/1/file").content.startswith(b"%PDF")
        assert [k["id"] for k in boss.get(f"{API}/candidates/search", params={"q": "ines copy1"}).json()] == [2]
        assert [k["id"] for k in new.login("stranger").get(f"{API}/candidates/search", params={"q": "c++"}).json()] == [2]
        assert boss.get(f"{API}/candidates/search/by-skill", params={"skill": "falcon"}).json()[0]["id"] == 1
        assert upload(boss, documents.unique_pdf(), "new.pdf").json()["id"] == 4
        assert read_candidate(boss, 4)["status"] == "completed"


def test_nothing_in_use_is_overwritten(moved):
    s, url, _, _ = moved
    r = s.run("copy", f"sqlite:{s.data}/vitae.db", url)
    assert r.returncode == 1 and b"the target is in use" in r.stderr


def test_an_interrupted_copy_goes_on(moved):
    s, _, _, _ = moved
    url = postgres.shared().new_database()
    assert s.run("copy", f"sqlite:{s.data}/vitae.db", url).returncode == 0
    postgres.run(url, "INSERT INTO installation (name, value) VALUES ('copying', 'begun')")
    postgres.run(url, "UPDATE candidates SET name = 'half'")
    postgres.run(url, "DELETE FROM candidate_profiles")
    r = s.run("copy", f"sqlite:{s.data}/vitae.db", url)
    assert r.returncode == 0, r.stderr
    said = r.stdout.decode()
    assert re.search(r"^users +2 the same$", said, re.M) and re.search(r"^candidates +2 copied$", said, re.M)
    assert postgres.run(url, "SELECT count(*) FROM candidates WHERE name = 'half'") == [(0,)]
    assert postgres.run(url, "SELECT count(*) FROM candidate_skills") == s.sql("SELECT count(*) FROM candidate_skills")
    postgres.drop(url)


def test_and_back(moved, tmp_path):
    s, url, _, _ = moved
    r = s.run("copy", url, f"sqlite://{tmp_path}/back.db")
    assert r.returncode == 0, r.stderr
    again = s.run("copy", f"sqlite://{tmp_path}/back.db", postgres.shared().new_database())
    assert again.returncode == 0, again.stderr


def test_a_source_of_another_version_is_refused(moved, tmp_path):
    s, _, _, _ = moved
    r = s.run("copy", f"sqlite:{tmp_path}/none.db", f"sqlite:{tmp_path}/other.db")
    assert r.returncode == 1 and b"run 'vitae migrate' on it first" in r.stderr
    assert not os.path.exists(f"{tmp_path}/none.db") or os.path.getsize(f"{tmp_path}/none.db") < 10000
