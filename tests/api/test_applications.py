"""What users do about jobs: status and notes of their own, applying by mail or elsewhere, the pipeline with its history; and the jobs
that fit a résumé."""
import io
import json
import zipfile

import pytest

import documents
from boards import Boards
from mailserver import MailServer
from test_jobs import JOBS, api, posting, scrape, write
from vitae import API, wait_until

RESUMES = f"{API}/resumes"


@pytest.fixture
def board():
    with Boards() as b:
        b.routes["/api"] = {"jobs": [
            posting(1, title="Python Engineer"), posting(2, title="Cook", place="Rome"),
            posting(3, title="Java Engineer", text="<p>Java, Spring Boot, Hibernate. Write to <a href='mailto:jobs@bolt.example'>us</a></p>"),
        ]}
        yield b


@pytest.fixture
def house(board, fresh, tmp_path):
    def start(**settings):
        path = write(tmp_path / "s.jsonc", {**api(board), "filter": False})
        s = fresh(JOB_SOURCES=path, FETCH_ALLOW="127.0.0.1", JOB_PAUSE_MS="0", **settings)
        ids = {j["title"].split()[0]: j["id"] for j in scrape(s.login("admin"), "anything")["jobs"]}
        s.make_user("ada")
        s.make_user("bob")
        return s, s.login("ada"), s.login("bob"), ids
    return start


def test_status_and_notes_are_ones_own(house):
    s, ada, bob, ids = house()
    job = f"{JOBS}/{ids['Python']}"
    r = ada.patch(job, json={"status": "saved", "notes": "Ask Grace"})
    assert r.status_code == 200 and (r.json()["status"], r.json()["notes"]) == ("saved", "Ask Grace")
    assert r.json() == ada.get(job).json()
    assert ada.patch(job, json={"notes": None}).json()["notes"] is None
    assert ada.patch(job, json={}).json()["status"] == "saved"
    assert bob.get(job).json()["status"] is None
    assert [j["id"] for j in ada.get(f"{JOBS}/", params={"status": "saved"}).json()] == [ids["Python"]]
    assert bob.get(f"{JOBS}/", params={"status": "saved"}).json() == []
    assert bob.get(f"{job}/application").status_code == 404
    for bad in ({"status": "dreaming"}, {"notes": "x" * 10001}, {"notes": 5}):
        assert ada.patch(job, json=bad).status_code == 422, bad
    assert ada.patch(f"{JOBS}/987654321", json={"status": "saved"}).status_code == 404


def test_the_pipeline_has_a_history(house):
    s, ada, bob, ids = house()
    job = f"{JOBS}/{ids['Python']}"
    for status in ("saved", "applied", "interviewing", "interviewing", "offered", "withdrawn"):
        assert ada.patch(job, json={"status": status}).json()["status"] == status
    a = ada.get(f"{job}/application").json()
    assert [h["to_status"] for h in a["history"]] == ["saved", "applied", "interviewing", "offered", "withdrawn"]
    assert [h["from_status"] for h in a["history"]] == [None, "saved", "applied", "interviewing", "offered"]
    assert a["method"] == "elsewhere" and a["applied_at"] and a["title"] == "Python Engineer"
    assert [x["job_id"] for x in ada.get(f"{JOBS}/applied").json()] == [ids["Python"]]
    assert ada.get(f"{JOBS}/applied", params={"status": "offered"}).json() == []
    # what was only noted can be taken back
    assert ada.patch(job, json={"status": None}).json()["applied_at"] is None
    assert ada.get(f"{JOBS}/applied").json() == []


def test_applied_elsewhere(house):
    s, ada, bob, ids = house()
    job = f"{JOBS}/{ids['Cook']}"
    r = ada.post(f"{job}/apply", json={"method": "elsewhere", "notes": "By phone"})
    assert r.status_code == 201, r.text
    a = r.json()
    assert (a["status"], a["method"], a["notes"], a["recipient"], a["email_id"]) == ("applied", "elsewhere", "By phone", None, None)
    assert a["history"][-1]["note"] == "Elsewhere"
    again = ada.post(f"{job}/apply", json={})
    assert again.status_code == 409 and "already applied" in again.json()["detail"]
    assert bob.post(f"{job}/apply", json={}).status_code == 201
    assert ada.post(f"{JOBS}/987654321/apply", json={}).status_code == 404
    assert ada.post(f"{JOBS}/{ids['Java']}/apply", json={"resume_id": 987654321}).status_code == 404
    # withdrawn is not taken back by applying again
    ada.patch(job, json={"status": "withdrawn"})
    assert ada.post(f"{job}/apply", json={}).status_code == 409


def resume(client, name="cv.pdf"):
    r = client.post(f"{RESUMES}/upload", files={"file": (name, documents.unique_pdf())})
    assert r.status_code == 201, r.text
    return r.json()["id"]


def test_applying_by_mail(house):
    with MailServer() as post:
        s, ada, bob, ids = house(**post.settings())
        cv = resume(ada)
        letter = {"resume_id": cv, "cover_letter": "Dear Sir,\nhere I am.", "method": "email"}
        job = f"{JOBS}/{ids['Python']}"
        r = ada.post(f"{job}/apply", json=letter)
        assert r.status_code == 400 and "recipient" in r.json()["detail"]
        r = ada.post(f"{job}/apply", json={**letter, "recipient": "hr@acme.example\r\nBcc: x@example.com"})
        assert r.status_code == 422
        assert ada.post(f"{job}/apply", json={**letter, "recipient": "hr@acme.example", "subject": "a\r\nb"}).status_code == 422
        assert ada.post(f"{job}/apply", json={"recipient": "hr@acme.example"}).status_code == 422
        assert ada.get(job).json()["status"] is None
        r = ada.post(f"{job}/apply", json={**letter, "recipient": "hr@acme.example"})
        assert r.status_code == 201, r.text
        assert r.json()["email_id"] and r.json()["recipient"] == "hr@acme.example" and r.json()["resume_id"] == cv
        mail = wait_until(lambda: post.to("hr@acme.example"), 30, "the mail")[0]
        assert mail["Subject"] == "Application: Python Engineer" and mail["Reply-To"] == "ada@example.com"
        assert "here I am." in mail.get_body().get_content()
        assert [a.get_filename() for a in mail.iter_attachments()] == ["cv.pdf"]
        assert ada.post(f"{job}/apply", json={**letter, "recipient": "hr@acme.example"}).status_code == 409
        r = ada.patch(job, json={"status": "saved"})
        assert r.status_code == 400 and "withdrawn" in r.json()["detail"]
        # the posting tells an address, the default résumé goes along
        r = ada.post(f"{JOBS}/{ids['Java']}/apply", json={"cover_letter": "Hello", "method": "email"})
        assert r.status_code == 201 and r.json()["recipient"] == "jobs@bolt.example" and r.json()["resume_id"] == cv
        assert wait_until(lambda: post.to("jobs@bolt.example"), 30, "the second mail")[0]["Subject"] == "Application: Java Engineer"
        assert bob.post(f"{JOBS}/{ids['Java']}/apply", json={"cover_letter": "Hello", "method": "email"}).status_code == 404


def test_without_a_mail_server(house):
    s, ada, bob, ids = house()
    resume(ada)
    r = ada.post(f"{JOBS}/{ids['Java']}/apply", json={"cover_letter": "Hello", "method": "email"})
    assert r.status_code == 503 and "SMTP_HOST" in r.json()["detail"]
    assert ada.get(f"{JOBS}/applied").json() == []


def test_jobs_that_fit_a_resume(house):
    s, ada, bob, ids = house()
    cv = resume(ada)
    r = wait_until(lambda: (x := ada.get(f"{JOBS}/", params={"match": cv})).status_code == 200 and x, 30, "the résumé's reading")
    names = [j["title"] for j in r.json()]
    assert names == ["Python Engineer", "Java Engineer", "Cook"] and r.headers["X-Total-Count"] == "3"
    fits = [j["fit"] for j in r.json()]
    assert fits == sorted(fits, reverse=True) and fits[0] > 60 > fits[1] and 0 <= fits[-1] < 30, fits
    assert "fit" not in ada.get(f"{JOBS}/").json()[0]
    assert [j["title"] for j in ada.get(f"{JOBS}/", params={"match": cv, "skip": 1, "limit": 1}).json()] == names[1:2]
    assert [j["title"] for j in ada.get(f"{JOBS}/", params={"match": cv, "location": "rome"}).json()] == ["Cook"]
    assert bob.get(f"{JOBS}/", params={"match": cv}).status_code == 404


def test_searches_by_schedule(house, board):
    s, ada, bob, ids = house()
    body = {"kind": "scrape", "interval_seconds": 3600, "args": {"keyword": "anything"}}
    assert ada.post(f"{API}/scheduler/job", json={**body, "args": {}}).status_code in (400, 422)
    board.routes["/api"]["jobs"].append(posting(4, title="Gardener"))
    r = ada.post(f"{API}/scheduler/job", json=body)
    assert r.status_code in (200, 201), r.text
    job = next(j for j in s.login("admin").get(f"{API}/scheduler/jobs").json() if j["kind"] == "scrape")
    assert ada.post(f"{API}/scheduler/jobs/{job['id']}/run").status_code < 300
    run = wait_until(lambda: [x for x in ada.get(f"{API}/scheduler/runs").json() if x["status"] not in ("queued", "running")], 30, "the run")[0]
    assert run["status"] == "ok" and "4 jobs found for “anything”, 1 of them new" in run["result"], run
    assert len(ada.get(f"{JOBS}/", params={"q": "gardener"}).json()) == 1


def test_an_export_has_ones_applications(house):
    s, ada, bob, ids = house()
    ada.patch(f"{JOBS}/{ids['Cook']}", json={"status": "saved", "notes": "mine"})
    with zipfile.ZipFile(io.BytesIO(ada.get(f"{API}/auth/me/export").content)) as z:
        rows = json.loads(z.read("applications.json"))
    assert [(r["job_id"], r["notes"], r["status"]) for r in rows] == [(ids["Cook"], "mine", "saved")]
