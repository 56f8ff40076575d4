"""What an applicant is told about a résumé: what is read, how good it is and why, how it fits a vacancy."""
import os
import subprocess

import pytest

import documents
import test_ocr
from vitae import API, Server, children, wait_until

RESUMES = f"{API}/resumes/"
SECTIONS = ["contact", "summary", "experience", "education", "skills", "dates", "length", "readability"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("analysis")) as s:
        yield s


count = iter(range(1, 10000))


@pytest.fixture
def person(house):
    return house.login(house.make_user(f"analyst{next(count):04}")["username"])


def send(client, data=None):
    r = client.post(f"{RESUMES}upload", files={"file": ("cv.pdf", documents.unique_pdf() if data is None else data)})
    assert r.status_code == 201, r.text
    return r.json()["id"]


def analyze(client, number, **body):
    r = client.post(f"{RESUMES}{number}/analyze", json=body)
    assert r.status_code == 200, r.text
    return r.json()


def remarks(analysis):
    return {r["code"]: r for s in analysis["sections"] for r in s["remarks"]}


def test_analysis(person):
    a = analyze(person, send(person))
    assert list(a) == ["resume_id", "score", "summary", "sections", "profile", "match"]
    assert [s["section"] for s in a["sections"]] == SECTIONS
    assert a["score"] == sum(s["score"] for s in a["sections"]) and sum(s["max"] for s in a["sections"]) == 100
    assert all(0 <= s["score"] <= s["max"] for s in a["sections"])
    assert str(a["score"]) in a["summary"]
    p = a["profile"]
    assert p["name"]["value"] == documents.PERSON["name"] and p["email"]["value"] == documents.PERSON["email"]
    assert {s["name"] for s in p["skills"]} == set(documents.PERSON["skills"])
    assert p["resume"]["work"][0]["name"] == "Northwind Freight" and p["text"] is None
    assert a["match"] is None
    told = remarks(a)
    assert {"missing_location", "missing_summary", "weak_verb", "too_short", "readable"} <= set(told)
    weak = told["weak_verb"]
    assert weak["severity"] == "problem" and weak["text"].startswith("Looked after the billing")
    assert weak["pointer"].startswith("/work/1/") and weak["page"] == 1
    # points are lost where something is to be done, and nowhere else
    for s in a["sections"]:
        lost, to_do = s["score"] < s["max"], [r for r in s["remarks"] if r["severity"] != "good"]
        assert lost == bool(to_do), s


def test_at_once(person):
    """The reading of the upload need not have been waited for."""
    for _ in range(5):
        assert analyze(person, send(person))["profile"]["name"]["value"] == documents.PERSON["name"]


def test_at_once_while_the_parsers_are_busy(fresh):
    s = fresh(PARSERS="1")
    c = s.login("admin")
    for i in range(60):
        c.post(f"{API}/candidates/upload", files={"file": (f"{i}.pdf", documents.unique_pdf())})
    assert analyze(c, send(c))["score"] > 0
    assert len(children(s.process.pid)) <= 2  # the parser of the queue, and that of the analyses


def test_without_a_body(person):
    number = send(person)
    assert person.post(f"{RESUMES}{number}/analyze").json()["match"] is None
    assert person.post(f"{RESUMES}{number}/analyze", json={"job_description": "  ", "job_id": None}).json()["match"] is None


def test_match(person):
    a = analyze(person, send(person), job_description="""Senior Platform Engineer
Requirements:
- 12+ years of experience
- k8s and Postgres in production, Kubernetes at scale
- Ansible
Nice to have:
- Terraform
- Rust, Kafka""")
    m = a["match"]
    assert list(m) == ["score", "job_title", "matched", "missing", "years_required", "years_found", "advice"]
    found = {k["keyword"]: k for k in m["matched"]}
    lacking = {k["keyword"]: k for k in m["missing"]}
    assert set(found) == {"Kubernetes", "PostgreSQL", "Terraform"}
    assert {"Ansible", "Rust"} <= set(lacking)
    k = found["Kubernetes"]
    assert (k["as"], k["required"], k["times"]) == ("k8s", True, 2)
    assert k["found"][0]["section"] == "skills" and k["found"][0]["as"] == "Kubernetes" and k["found"][0]["page"] == 1
    assert found["PostgreSQL"]["as"] == "Postgres" and found["Terraform"]["required"] is False
    assert lacking["Ansible"]["required"] is True and lacking["Ansible"]["found"] == [] and lacking["Rust"]["required"] is False
    assert 0 < m["score"] < 100 and m["years_required"] == 12 and m["years_found"] == 9
    advice = " ".join(x["message"] for x in m["advice"])
    assert "Ansible" in advice and "12 years" in advice and {x["section"] for x in m["advice"]} >= {"skills", "experience"}
    # the résumé's own score does not depend on it
    assert a["score"] == analyze(person, a["resume_id"])["score"]


def test_match_of_nothing_known(person):
    m = analyze(person, send(person), job_description="Somebody nice who is on time")["match"]
    assert m["score"] is None and m["matched"] == m["missing"] == [] and m["advice"]


def vacancy(house, team, title, description):
    return house.sql("INSERT INTO jobs (team_id, title, description, source, state, listed_at, first_seen_at, last_seen_at, updated_at) "
                     "VALUES (?, ?, ?, 'test', 'open', 1, 1, 1, 1) RETURNING id", team, title, description)[0][0]


def test_match_with_a_stored_vacancy(house, person):
    number = send(person)
    own = vacancy(house, person.get(f"{API}/auth/me").json()["team_id"], "Site Reliability Engineer", "k8s and Ansible\nin Oslo")
    m = analyze(person, number, job_id=own)["match"]
    assert m["job_title"] == "Site Reliability Engineer"
    assert "Kubernetes" in [k["keyword"] for k in m["matched"]] and "Ansible" in [k["keyword"] for k in m["missing"]]
    assert "Site Reliability Engineer" in " ".join(a["message"] for a in m["advice"] if a["section"] == "summary")
    theirs = vacancy(house, house.make_team("Others"), "Secret", "Python")
    assert person.post(f"{RESUMES}{number}/analyze", json={"job_id": theirs}).status_code == 404
    r = person.post(f"{RESUMES}{number}/analyze", json={"job_id": 987654321})
    assert r.status_code == 404
    r = person.post(f"{RESUMES}{number}/analyze", json={"job_id": 1, "job_description": "Python"})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "job_id"]


def test_description_bounds(person):
    number = send(person)
    assert analyze(person, number, job_description="Python " * 7000)["match"]["score"] == 100
    r = person.post(f"{RESUMES}{number}/analyze", json={"job_description": "x" * 50001})
    assert r.status_code == 422
    for text in ("«»—…" * 2000, "a" * 50000, "-\n" * 9000):
        assert analyze(person, number, job_description=text)["match"]["score"] is None
    assert analyze(person, number, job_description="\n" * 5000)["match"] is None


def test_nobody_elses(house, person):
    number = send(person)
    for c in (house.login("admin"), house.login(house.make_user("curious")["username"])):
        r = c.post(f"{RESUMES}{number}/analyze", json={})
        assert r.status_code == 404 and r.json() == {"detail": "Resume not found"}
    assert house.anonymous().post(f"{RESUMES}{number}/analyze", json={}).status_code == 401


def test_what_cannot_be_read(person):
    broken = b"%PDF-1.7\n" + os.urandom(2000)
    a = analyze(person, send(person, broken))
    assert a["score"] == 0 and [s["score"] for s in a["sections"]] == [0] * 8
    why = remarks(a)["unreadable"]
    assert why["severity"] == "problem" and len(why["message"]) > 20
    assert a["profile"]["name"]["value"] is None
    assert analyze(person, a["resume_id"], job_description="Python")["match"]["score"] == 0


def test_a_picture(person, tmp_path):
    """No text: said at once, and read as soon as it has been recognised."""
    subprocess.run(["pdftoppm", "-singlefile", "-gray", "-r", "150", test_ocr.MARGUERITE, tmp_path / "page"], check=True)
    samples, size = test_ocr.samples_of(tmp_path / "page.pgm")
    number = send(person, test_ocr.scan_of(size + b" /ColorSpace /DeviceGray /BitsPerComponent 8", samples))
    a = analyze(person, number)
    assert remarks(a)["scanned"]["severity"] == "problem"
    assert {s["section"]: s["score"] for s in a["sections"]}["readability"] == 0

    def recognised():
        b = analyze(person, number, job_description="Python")
        return b if b["profile"]["email"]["value"] else None
    b = wait_until(recognised, 120, "the recognition")
    assert b["score"] > a["score"] and "scanned" in remarks(b)  # programs of others still read nothing


def test_a_parser_that_dies(fresh):
    """It costs an analysis, not the server."""
    s = fresh()
    c = s.login("admin")
    number = send(c)
    analyze(c, number)
    for pid in children(s.process.pid):
        os.kill(pid, 9)
    assert analyze(c, send(c))["profile"]["name"]["value"] == documents.PERSON["name"]
