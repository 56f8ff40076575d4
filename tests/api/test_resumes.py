"""An applicant's own résumés: kept, described, fetched, deleted; nobody else's business."""
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
from vitae import API, Server

RESUMES = f"{API}/resumes/"
KEYS = ["id", "filename", "file_path", "file_size", "title", "notes", "is_default", "created_at", "updated_at"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("resumes")) as s:
        yield s


count = iter(range(1, 10000))


@pytest.fixture
def person(house):
    """A client of a new user."""
    c = house.login(house.make_user(f"applicant{next(count):04}")["username"])
    c.me = c.get(f"{API}/users/me").json()
    return c


def send(client, data=None, name="Ada Lovelace.pdf", **form):
    return client.post(f"{RESUMES}upload", files={"file": (name, documents.unique_pdf() if data is None else data)}, data=form)


def test_upload(house, person):
    data = documents.unique_pdf()
    r = send(person, data)
    assert r.status_code == 201, r.text
    k = r.json()
    assert list(k) == KEYS and r.headers["Location"] == f"{API}/resumes/{k['id']}"
    assert k["filename"] == "Ada Lovelace.pdf" and k["title"] == "Ada Lovelace" and k["notes"] is None
    assert k["file_size"] == len(data) and k["is_default"] is True and k["created_at"] == k["updated_at"]
    folder, name = os.path.split(k["file_path"])
    assert folder == f"uploads/team_{person.me['team_id']}/resumes" and name.endswith("_Ada Lovelace.pdf")
    with open(os.path.join(house.data, k["file_path"]), "rb") as f:
        assert f.read() == data
    assert person.get(f"{RESUMES}{k['id']}").json() == k and person.get(RESUMES).json() == [k]


def test_upload_with_words(person):
    send(person)
    k = send(person, title="Backend roles", notes="with the talk", is_default="true").json()
    assert (k["title"], k["notes"], k["is_default"]) == ("Backend roles", "with the talk", True)
    assert [x["is_default"] for x in person.get(RESUMES).json()] == [True, False]


@pytest.mark.parametrize("name,data,status,sentence", [
    ("a.docx", documents.docx(), 400, "Only PDF files can be uploaded"),
    ("a.pdf", documents.docx(), 400, "The file's content is not that of a PDF document"),
    ("a.pdf", b"plain text", 400, "The file's content is not that of a PDF document"),
    ("a.pdf", b"", 400, "The file is empty"),
    ("a.txt", documents.pdf(), 400, "Only PDF files can be uploaded"),
    ("pdf", documents.pdf(), 400, "Only PDF files can be uploaded"),
])
def test_what_is_no_resume(house, person, name, data, status, sentence):
    before = house.stored_files()
    r = send(person, data, name)
    assert r.status_code == status and r.json() == {"detail": sentence}
    assert house.stored_files() == before and person.get(RESUMES).json() == []


def test_size(house, person):
    limit = 10 * 1024 * 1024
    whole = documents.pdf()
    assert send(person, whole + b"%" * (limit - len(whole))).status_code == 201
    r = send(person, whole + b"%" * (limit - len(whole) + 1))
    assert r.status_code == 413
    assert len(person.get(RESUMES).json()) == 1


@pytest.mark.parametrize("sent,kept,title", [
    ("../../etc/passwd.pdf", "passwd.pdf", "passwd"), ("C:\\cv\\me.PDF", "me.PDF", "me"), (".pdf", ".pdf", ".pdf"),
    ("Lebenslauf Jürgen – 2024.pdf", "Lebenslauf Jürgen – 2024.pdf", "Lebenslauf Jürgen – 2024"),
])
def test_names(house, person, sent, kept, title):
    k = send(person, name=sent).json()
    assert (k["filename"], k["title"]) == (kept, title)
    assert os.path.dirname(k["file_path"]) == f"uploads/team_{person.me['team_id']}/resumes"


def test_download(house, person):
    data = documents.unique_pdf()
    k = send(person, data, "Zoë's CV.pdf").json()
    r = person.get(f"{RESUMES}{k['id']}/download")
    assert r.status_code == 200 and r.content == data
    assert r.headers["Content-Type"] == "application/pdf" and r.headers["Content-Length"] == str(len(data))
    assert r.headers["Content-Disposition"].startswith('attachment; filename="')
    assert "filename*=UTF-8''Zo%C3%AB%27s%20CV.pdf" in r.headers["Content-Disposition"]
    again = person.get(f"{RESUMES}{k['id']}/download", headers={"If-None-Match": r.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""
    os.unlink(os.path.join(house.data, k["file_path"]))
    assert person.get(f"{RESUMES}{k['id']}/download").status_code == 410


def test_edit(person):
    first, second = send(person).json(), send(person).json()
    r = person.patch(f"{RESUMES}{second['id']}", json={"title": "New", "notes": "line one\nline two", "is_default": True,
                                                       "file_path": "/etc/passwd", "unknown": 1})
    assert r.status_code == 200
    assert r.json() == {**second, "title": "New", "notes": "line one\nline two", "is_default": True,
                        "updated_at": r.json()["updated_at"]}
    assert person.get(f"{RESUMES}{first['id']}").json()["is_default"] is False
    assert person.patch(f"{RESUMES}{second['id']}", json={}).json()["title"] == "New"
    assert person.patch(f"{RESUMES}{second['id']}", json={"notes": None}).json()["notes"] is None
    r = person.patch(f"{RESUMES}{second['id']}", json={"is_default": False})
    assert r.status_code == 400
    assert person.patch(f"{RESUMES}{first['id']}", json={"is_default": False}).status_code == 200
    for title in ("", "   ", 7, "x" * 201):
        assert person.patch(f"{RESUMES}{second['id']}", json={"title": title}).status_code == 422
    assert [x["is_default"] for x in person.get(RESUMES).json()] == [True, False]


def test_delete(house, person):
    first, second, third = (send(person).json() for _ in range(3))
    r = person.delete(f"{RESUMES}{first['id']}")
    assert r.status_code == 200 and r.json() == {"message": "Resume deleted successfully"}
    assert not os.path.exists(os.path.join(house.data, first["file_path"]))
    # the newest becomes the default
    assert [(x["id"], x["is_default"]) for x in person.get(RESUMES).json()] == [(third["id"], True), (second["id"], False)]
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/download")):
        r = person.request(method, f"{RESUMES}{first['id']}{path}")
        assert r.status_code == 404 and r.json() == {"detail": "Resume not found"}
    person.delete(f"{RESUMES}{second['id']}")
    person.delete(f"{RESUMES}{third['id']}")
    assert person.get(RESUMES).json() == []


def test_nobody_elses(house, person):
    k = send(person).json()
    colleague = house.login(house.make_user("colleague")["username"])
    for c in (colleague, house.login("admin")):
        assert k["id"] not in [x["id"] for x in c.get(RESUMES).json()]
        for method, path, body in (("GET", "", None), ("GET", "/download", None), ("PATCH", "", {"title": "mine"}),
                                   ("DELETE", "", None)):
            assert c.request(method, f"{RESUMES}{k['id']}{path}", json=body).status_code == 404, (method, path)
    assert person.get(f"{RESUMES}{k['id']}").json() == k


def test_one_default_whatever_happens_at_once(house, person):
    def one(i):
        return send(house.login(person.me["username"]), is_default="true")
    with ThreadPoolExecutor(6) as pool:
        made = [r.json()["id"] for r in pool.map(one, range(6))]
    assert sum(x["is_default"] for x in person.get(RESUMES).json()) == 1

    def mark(i):
        return house.login(person.me["username"]).patch(f"{RESUMES}{made[i % 6]}", json={"is_default": True}).status_code
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(mark, range(24))) == {200}
    assert sum(x["is_default"] for x in person.get(RESUMES).json()) == 1

    def drop(i):
        return house.login(person.me["username"]).delete(f"{RESUMES}{made[i]}").status_code
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(drop, range(4))) == {200}
    assert sum(x["is_default"] for x in person.get(RESUMES).json()) == 1


def test_pages(person):
    ids = [send(person).json()["id"] for _ in range(3)]
    r = person.get(RESUMES, params={"skip": 1, "limit": 1})
    assert [x["id"] for x in r.json()] == [ids[1]] and r.headers["X-Total-Count"] == "3" and 'rel="next"' in r.headers["Link"]


def test_a_deleted_user_leaves_no_file(house, person):
    paths = [send(person).json()["file_path"] for _ in range(2)]
    assert set(paths) <= house.stored_files()
    house.login("admin").delete(f"{API}/users/{person.me['id']}")
    assert not set(paths) & house.stored_files()
