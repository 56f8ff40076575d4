"""Candidates: uploading, duplicates, reading back, lists and searches, teams as boundary, deleting."""
import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
from vitae import API, Client, Server, read_candidate, upload, wait_until

LIST, UPLOAD = f"{API}/candidates/", f"{API}/candidates/upload"
BY_SKILL, BY_EMAIL = f"{API}/candidates/search/by-skill", f"{API}/candidates/search/by-email"
KEYS = ["id", "filename", "file_path", "file_size", "status", "name", "email", "phone", "skills", "domain_knowledge",
        "uploaded_by", "error_message", "created_at", "updated_at", "processed_at"]
MB = 1024 * 1024


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("candidates")) as s:
        for role in ("viewer", "recruiter", "hr_manager", "admin"):
            s.make_user(f"a_{role}", role)
        yield s


@pytest.fixture
def recruiter(house):
    return house.login("a_recruiter")


@pytest.fixture
def viewer(house):
    return house.login("a_viewer")


def person(name, email, skills, phone="+44 20 7946 0018"):
    return {"name": name, "email": email, "phone": phone, "skills": skills}


def add(client, who, name="cv.pdf"):
    """Uploads a résumé of this person, waits, returns the candidate."""
    r = upload(client, documents.unique_pdf(who), name)
    assert r.status_code == 202, r.text
    return read_candidate(client, r.json()["id"])


def upload_as(client, disposition, data):
    """Uploads with a Content-Disposition of our own writing (bytes)."""
    body = (b"--frontier\r\nContent-Disposition: form-data; name=\"file\"" + disposition
            + b"\r\nContent-Type: application/octet-stream\r\n\r\n" + data + b"\r\n--frontier--\r\n")
    return client.post(UPLOAD, data=body, headers={"Content-Type": "multipart/form-data; boundary=frontier"})


# ---- uploading ----

FORMATS = {
    "pdf": ("marguerite.pdf", documents.pdf), "docx": ("marguerite.docx", documents.docx),
    "rtf": ("marguerite.doc", documents.rtf), "html": ("marguerite web.doc", documents.html),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_upload_and_read_back(house, recruiter, kind):
    name, make = FORMATS[kind]
    data = make({**documents.PERSON, "name": "Marguerite Oyelaran"})
    r = upload(recruiter, data, name)
    assert r.status_code == 202
    out = r.json()
    assert list(out)[:3] == ["message", "filename", "status"]
    assert out["message"] == "Candidate resume uploaded successfully and is being processed"
    assert (out["filename"], out["status"], out["duplicate"]) == (name, "processing", False)
    assert r.headers["Location"] == f"{API}/candidates/{out['id']}"
    k = read_candidate(recruiter, out["id"])
    assert list(k)[:15] == KEYS
    assert k["status"] == "completed" and k["error_message"] is None
    assert (k["filename"], k["file_size"]) == (name, len(data))
    assert k["uploaded_by"] == recruiter.get(f"{API}/users/me").json()["id"]
    for field in ("name", "email", "phone"):
        assert k[field] == documents.PERSON[field]
    assert set(k["skills"]) == set(documents.PERSON["skills"])
    assert k["domain_knowledge"]
    assert k["created_at"] <= k["processed_at"] <= k["updated_at"]
    assert re.fullmatch(r"uploads/[0-9a-f]+_" + re.escape(name), k["file_path"])
    with open(os.path.join(house.data, k["file_path"]), "rb") as f:
        assert f.read() == data
    assert recruiter.get(r.headers["Location"]).json() == k


def test_the_bytes_decide_not_the_name(recruiter):
    for i, (make, name) in enumerate(((documents.pdf, "real.doc"), (documents.docx, "real.pdf"), (documents.rtf, "real.docx"))):
        k = add_bytes(recruiter, make(person(f"Anneke Wouters{'aeiou'[i]}", f"anneke{i}@example.nl", ["Java"])), name)
        assert k["status"] == "completed" and k["email"] == f"anneke{i}@example.nl"


def add_bytes(client, data, name):
    r = upload(client, data, name)
    assert r.status_code == 202, r.text
    return read_candidate(client, r.json()["id"])


@pytest.mark.parametrize("name", ["CV.PDF", "cv.Pdf", "my.résumé.2024.pdf", "履歴書.pdf", "a b  c.pdf", "🎉.pdf", "con.pdf",
                                  "$(id);`id`.pdf", "100%25.pdf", "%2e%2e%2fcv.pdf", "it's.pdf", "a;b=c.pdf", "-rf.pdf"])
def test_names_are_kept(house, recruiter, name):
    r = upload(recruiter, documents.unique_pdf(), name)
    assert r.status_code == 202 and r.json()["filename"] == name
    path = recruiter.get(r.headers["Location"]).json()["file_path"]
    assert path.endswith("_" + name) and path in house.stored_files()


@pytest.mark.parametrize("sent,kept", [
    (b"../../etc/cron.d/job.pdf", "job.pdf"),
    (b"/etc/passwd.pdf", "passwd.pdf"),
    (b"C:\\\\Users\\\\me\\\\cv.pdf", "cv.pdf"),
    (b"..\\\\..\\\\boot.pdf", "boot.pdf"),
    (b"uploads/../../up.pdf", "up.pdf"),
    (b'say \\"hello\\".pdf', None),
    (b"tab\there.pdf", "tab_here.pdf"),
    (b"bell\x07.pdf", "bell_.pdf"),
    (b"escape\x1b[31m.pdf", "escape_[31m.pdf"),
    ("reverse\u202efdp.pdf".encode(), "reverse_fdp.pdf"),
    (b"latin\xe9.pdf", "latin\ufffd.pdf"),
    (b"..pdf", None),
    (b".pdf", None),
    (b"a" * 400 + b".pdf", None),
    ("é".encode() * 300 + b".pdf", None),
])
def test_hostile_names(house, recruiter, sent, kept):
    before = tree(house)
    r = upload_as(recruiter, b'; filename="' + sent + b'"', documents.unique_pdf())
    assert r.status_code == 202, r.text
    name = r.json()["filename"]
    if kept is not None:
        assert name == kept
    assert len(name.encode()) <= 200 and name.endswith(".pdf") and not re.search(r"[\x00-\x1f\x7f/\\\u202e]", name)
    k = read_candidate(recruiter, r.json()["id"])
    assert k["filename"] == name and k["file_path"].startswith("uploads/") and k["file_path"].endswith("_" + name)
    assert tree(house) - before == {k["file_path"]}


def tree(house):
    """All files below the data directory's parent but for those of the server itself."""
    found = set()
    for folder, _, names in os.walk(os.path.dirname(house.directory)):
        found |= {os.path.relpath(os.path.join(folder, n), house.data) for n in names}
    return {n for n in found if not n.startswith(("vitae.", "spool/"))}


@pytest.mark.parametrize("name", ["cv.pdf.exe", "cv.exe", "cv", "cv.txt", "cv.odt", "pdf", "cv.pdf\u00a0x", "cv.docm", "cv.pdf."])
def test_other_endings(house, recruiter, name):
    before = house.stored_files()
    r = upload(recruiter, documents.unique_pdf(), name)
    assert r.status_code == 400 and "PDF, DOC and DOCX" in r.json()["detail"]
    assert house.stored_files() == before


def test_names_that_are_none(recruiter):
    for disposition in (b"", b'; filename=""', b'; filename="   "'):
        r = upload_as(recruiter, disposition, documents.pdf())
        assert r.status_code in (400, 422), r.text
    r = upload_as(recruiter, b'; filename="nul\x00.pdf"', documents.unique_pdf())
    assert r.status_code in (400, 422) or (r.status_code == 202 and "\x00" not in r.json()["filename"])


@pytest.mark.parametrize("name,data", [
    ("text.pdf", b"Just some lines of text.\n" * 50), ("text.docx", b"plain"), ("text.doc", b"plain"), ("one.pdf", b"%"),
    ("image.pdf", b"\x89PNG\r\n\x1a\n" + bytes(2000)), ("photo.doc", b"\xff\xd8\xff\xe0" + bytes(2000)),
    ("program.pdf", b"MZ" + bytes(5000)), ("elf.docx", b"\x7fELF" + bytes(5000)),
    ("zip.docx", b"PK\x03\x04" + bytes(26) + b"readme.txt" + bytes(100)), ("late.pdf", b" " * 5000 + b"%PDF-1.4\n"),
    ("script.doc", b"#!/bin/sh\necho\n"), ("nothing.pdf", bytes(4096)),
])
def test_content_that_is_no_document(house, recruiter, name, data):
    before = tree(house)
    r = upload(recruiter, data, name)
    assert r.status_code == 400 and "content" in r.json()["detail"]
    assert tree(house) == before


@pytest.mark.parametrize("name", ["empty.pdf", "empty.doc", "empty.docx"])
def test_empty_file(recruiter, name):
    r = upload(recruiter, b"", name)
    assert r.status_code == 400 and r.json() == {"detail": "The file is empty"}


def test_ten_megabytes_are_the_limit(house, recruiter):
    short = len(documents.pdf(salt=b"x"))
    exact = documents.pdf(person("Tenoch Mega", "tenoch@example.com", ["Rust"]), b"x" * (10 * MB))
    exact = documents.pdf(person("Tenoch Mega", "tenoch@example.com", ["Rust"]), b"x" * (10 * MB - (len(exact) - 10 * MB)))
    assert len(exact) == 10 * MB > short
    k = add_bytes(recruiter, exact, "exact.pdf")
    assert (k["status"], k["email"], k["file_size"]) == ("completed", "tenoch@example.com", 10 * MB)
    before = tree(house)
    r = upload(recruiter, exact + b"\n", "over.pdf")
    assert r.status_code == 413 and "10 MB" in r.json()["detail"]
    wait_until(lambda: tree(house) == before and not os.listdir(os.path.join(house.data, "spool")), 10, "an empty spool")


def form(data, name=b"cv.pdf"):
    return (b"--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + b"\"\r\n\r\n" + data
            + b"\r\n--frontier--\r\n")


def pieces(data, size=100000):
    for i in range(0, len(data), size):
        yield data[i:i + size]


def test_without_a_length(house, recruiter):
    kind = {"Content-Type": "multipart/form-data; boundary=frontier"}
    data = documents.pdf(person("Chandra Kettleby", "chandra@example.com", ["Java"]), b"x" * 2000000)
    r = recruiter.post(UPLOAD, data=pieces(form(data)), headers=kind)
    assert r.status_code == 202 and read_candidate(recruiter, r.json()["id"])["file_size"] == len(data)
    r = recruiter.post(UPLOAD, data=pieces(form(data + bytes(10 * MB))), headers=kind)
    assert r.status_code == 413 and "10 MB" in r.json()["detail"]


def test_a_client_that_goes_away(house, recruiter):
    before, spool = tree(house), os.path.join(house.data, "spool")
    body = form(documents.pdf(salt=b"x" * 3000000))
    host, port = house.base.split("//")[1].split(":")
    with socket.create_connection((host, int(port))) as s:
        s.sendall(b"POST /api/v1/candidates/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                  + house.token("a_recruiter").encode() + b"\r\nContent-Type: multipart/form-data; boundary=frontier\r\n"
                  + b"Content-Length: %d\r\n\r\n" % len(body) + body[:2000000])
        wait_until(lambda: [n for n in os.listdir(spool) if os.path.getsize(os.path.join(spool, n)) > 1990000], 30, "the spool")
    wait_until(lambda: not os.listdir(spool), 30, "an empty spool")
    assert tree(house) == before


def test_another_limit(fresh):
    s = fresh(MAX_UPLOAD_MB="1")
    c = s.login("admin")
    assert upload(c, documents.pdf(salt=b"x" * MB), "over.pdf").status_code == 413
    assert upload(c, documents.pdf(salt=b"x" * (MB - 5000)), "under.pdf").status_code == 202


def test_roles_that_upload(house):
    for role, status in (("viewer", 403), ("recruiter", 202), ("hr_manager", 202), ("admin", 202)):
        r = upload(house.login(f"a_{role}"), documents.unique_pdf(), "role.pdf")
        assert r.status_code == status, role
    r = upload(house.login("a_viewer"), documents.unique_pdf(), "role.pdf")
    assert r.json() == {"detail": "Recruiter privileges required"}


def test_form_beside_the_file(recruiter):
    data = {"file": ("cv.pdf", documents.unique_pdf()), "note": (None, "a field that nobody asked for"),
            "other": ("b.pdf", documents.unique_pdf())}
    r = recruiter.post(UPLOAD, files=data)
    assert r.status_code == 202 and r.json()["filename"] == "cv.pdf"


def test_broken_forms(recruiter, house):
    before = tree(house)
    whole = b"--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + documents.pdf()
    kind = {"Content-Type": "multipart/form-data; boundary=frontier"}
    for body, headers in ((whole, kind), (b"", kind), (b"nonsense", kind), (whole + b"\r\n--frontier--\r\n",
                          {"Content-Type": "multipart/form-data"}), (documents.pdf(), {"Content-Type": "application/pdf"})):
        r = recruiter.post(UPLOAD, data=body, headers=headers)
        assert r.status_code == 422, (body[:40], headers, r.text)
    assert tree(house) == before


def test_a_broken_document_fails_with_a_sentence(recruiter):
    for name, data in (("cut.pdf", documents.unique_pdf()[:300]), ("hollow.pdf", b"%PDF-1.7\n%%EOF\n"),
                       ("cut.docx", documents.docx()[:400]), ("ole.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))):
        k = add_bytes(recruiter, data, name)
        assert k["status"] == "failed", name
        assert len(k["error_message"]) > 20 and k["error_message"][0].isupper()
        assert not re.search(r"[/\\]|\bnull\b|errno|signal|0x|exception|qpdf|libxml|zip_", k["error_message"], re.I)
        assert k["name"] is k["email"] is k["phone"] is k["skills"] is k["domain_knowledge"] is None
        assert k["processed_at"] is not None


# ---- duplicates ----

def test_duplicate(house, recruiter):
    data = documents.unique_pdf()
    first = upload(recruiter, data, "first.pdf")
    second = upload(house.login("a_hr_manager"), data, "second name.docx")
    assert second.status_code == 202
    assert second.json()["id"] == first.json()["id"] and second.json()["duplicate"] is True
    assert second.headers["Location"] == first.headers["Location"]
    assert second.json()["message"] == "Candidate resume uploaded successfully and is being processed"
    k = read_candidate(recruiter, first.json()["id"])
    assert k["filename"] == "first.pdf"
    assert len([f for f in house.stored_files() if f.endswith(("_first.pdf", "_second name.docx"))]) == 1
    assert upload(recruiter, data, "third.pdf").json()["status"] == "completed"
    # what was deleted is no duplicate
    assert recruiter.delete(first.headers["Location"]).status_code == 204
    again = upload(recruiter, data, "again.pdf").json()
    assert again["duplicate"] is False and again["id"] > first.json()["id"]


def test_duplicates_at_once(house):
    data, token = documents.unique_pdf(), house.token("a_recruiter")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda i: upload(Client(house.base, token), data, f"race{i}.pdf"), range(8)))
    assert [r.status_code for r in replies] == [202] * 8
    assert len({r.json()["id"] for r in replies}) == 1
    assert sorted(r.json()["duplicate"] for r in replies) == [False] + [True] * 7
    assert {r.json()["status"] for r in replies} <= {"processing", "completed"}, "the first one said that it is processed"
    assert len([f for f in house.stored_files() if "_race" in f]) == 1


# ---- lists and searches ----

@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A server with some candidates of known skills, and one that failed. Nobody changes it."""
    with Server(tmp_path_factory.mktemp("shelf")) as s:
        c = s.login("admin")
        rows = [
            add(c, person("Odile Marchetti", "odile@example.com", ["Python", "Django", "PostgreSQL"])),
            add(c, person("Kwame Boateng", "kwame@example.com", ["Python", "React", "Kubernetes"])),
            add(c, person("Ingrid Solberg", "Ingrid.Solberg@Example.com", ["JavaScript", "React", "Docker"])),
            add(c, person("Ingrid Solberg", "ingrid.solberg@example.com", ["TypeScript", "Docker", "k8s"])),
            add_bytes(c, b"%PDF-1.4\nnothing follows", "broken.pdf"),
        ]
        assert [k["status"] for k in rows] == ["completed"] * 4 + ["failed"]
        s.make_user("reader", "viewer")
        s.rows = rows
        yield s


def found(shelf, path=LIST, **query):
    """Numbers, from 0, of the candidates that were found, in the order of the reply."""
    r = shelf.login("reader").get(path, params=query)
    assert r.status_code == 200, r.text
    assert int(r.headers["X-Total-Count"]) == len(r.json())
    assert all(list(k)[:15] == KEYS for k in r.json())
    ids = [k["id"] for k in shelf.rows]
    return [ids.index(k["id"]) for k in r.json()]


def test_newest_first(shelf):
    assert found(shelf) == [4, 3, 2, 1, 0]
    assert shelf.login("reader").get(LIST).json() == shelf.rows[::-1]


def test_status_filter(shelf):
    assert found(shelf, status_filter="completed") == [3, 2, 1, 0]
    assert found(shelf, status_filter="failed") == [4]
    assert found(shelf, status_filter="uploaded") == found(shelf, status_filter="processing") == []
    for wrong in ("done", "Completed", "completed,failed"):
        r = shelf.login("reader").get(LIST, params={"status_filter": wrong})
        assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["query", "status_filter"]


@pytest.mark.parametrize("skills,match,rows", [
    ("Python", None, [1, 0]), ("python", None, [1, 0]), ("PYTHON", None, [1, 0]), (" Python ", None, [1, 0]),
    ("Python,React", None, [1]), ("Python, Django", None, [0]), ("Python,,Django,", None, [0]), ("Python,Docker", None, []),
    ("Python,Docker", "any", [3, 2, 1, 0]), ("Python,Docker", "all", []), ("Cobol", None, []), ("Cobol,React", "any", [2, 1]),
    ("Pytho", None, []), ("Script", None, []), ("Post", "any", []),
    ("Kubernetes", None, [3, 1]), ("k8s", None, [3, 1]), ("K8S", None, [3, 1]), ("postgres", None, [0]), ("reactjs", None, [2, 1]),
    ("k8s,Docker", None, [3]), ("%", None, []), ("_ython", None, []), ("' OR ''='", None, []),
    ("", None, [4, 3, 2, 1, 0]), (" , ,", None, [4, 3, 2, 1, 0]),
])
def test_skills_filter(shelf, skills, match, rows):
    assert found(shelf, skills=skills, **({"skills_match": match} if match else {})) == rows


def test_filters_together(shelf):
    assert found(shelf, status_filter="completed", skills="Python,Django") == [0]
    assert found(shelf, status_filter="failed", skills="Python") == []
    assert shelf.login("reader").get(LIST, params={"skills_match": "some"}).status_code == 422
    r = shelf.login("reader").get(LIST, params={"skills": ",".join(f"Skill{i}" for i in range(150))})
    assert r.status_code == 200 or r.status_code >= 400 and r.json()["detail"]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A server with 3000 candidates of two teams, {id: (team, status, skills)}: each of Python's many, of Go's some, of Ada's three."""
    with Server(tmp_path_factory.mktemp("crowd")) as s:
        north = s.make_team("North")
        s.make_user("south", "viewer", team_id=1)
        s.make_user("north", "viewer", team_id=north)
        numbers = {"python": 1, "go": 2, "ada": 3, "cobol": 4}
        for name, n in numbers.items():
            s.sql("INSERT INTO skills (id, name, name_folded) VALUES (?, ?, ?)", n, name.title(), name)
            s.sql("INSERT INTO skill_names (folded, skill_id) VALUES (?, ?)", name, n)
        s.sql("INSERT INTO skill_names (folded, skill_id) VALUES ('golang', 2)")
        s.people = {}
        for i in range(1, 3001):
            skills = {name for name, yes in (("python", i % 10), ("go", i % 2), ("ada", i in (7, 1500, 2990)), ("cobol", i == 20)) if yes}
            s.people[i] = (1 if i % 3 else north, "failed" if i % 5 == 4 else "completed", skills)
        rows = [f"({i}, {team}, 1, '{i}.pdf', 'uploads/{i}.pdf', 1, 'h{i}', '{status}', 1, 1)" for i, (team, status, _) in s.people.items()]
        has = [f"({numbers[k]}, {i}, {team})" for i, (team, _, skills) in s.people.items() for k in sorted(skills)]
        for low in range(0, len(rows), 500):
            s.sql("INSERT INTO candidates (id, team_id, uploaded_by, filename, file_path, file_size, content_hash, status, created_at, "
                  "updated_at) VALUES " + ", ".join(rows[low:low + 500]))
        for low in range(0, len(has), 500):
            s.sql("INSERT INTO candidate_skills (skill_id, candidate_id, team_id) VALUES " + ", ".join(has[low:low + 500]))
        s.teams = {"admin": None, "south": 1, "north": north}
        yield s


@pytest.mark.parametrize("status", [None, "completed", "failed"])
@pytest.mark.parametrize("who", ["admin", "south", "north"])
@pytest.mark.parametrize("skills", ["python", "Ada", "python,go", "Go, Python,golang", "ada,python", "python,python", "cobol,python",
                                    "ada,go,python", "unheard of", "python,unheard of", "cobol,ada", "golang,GO", "unheard of,nor of this"])
def test_rare_and_common_skills(crowd, skills, who, status):
    wanted = [{"golang": "go"}.get(k.strip().lower(), k.strip().lower()) for k in skills.split(",")]
    client = crowd.login(who)
    for match, enough in (("all", all), ("any", any)):
        rows = [i for i, (team, is_now, has) in sorted(crowd.people.items(), reverse=True)
                if crowd.teams[who] in (None, team) and status in (None, is_now) and enough(k in has for k in wanted)]
        for skip, limit in ((0, 500), (1, 3), (max(len(rows) - 2, 0), 10), (len(rows), 5)):
            query = {"skills": skills, "skills_match": match, "skip": skip, "limit": limit, **({"status_filter": status} if status else {})}
            r = client.get(LIST, params=query)
            assert r.status_code == 200, r.text
            assert [k["id"] for k in r.json()] == rows[skip:skip + limit] and r.headers["X-Total-Count"] == str(len(rows)), query


def test_many_skills_at_once(crowd):
    c = crowd.login("admin")
    names = ",".join(["Ada"] + [f"Skill{i}" for i in range(31)])
    assert [k["id"] for k in c.get(LIST, params={"skills": names, "skills_match": "any"}).json()] == [2990, 1500, 7]
    r = c.get(LIST, params={"skills": names + ",Go"})
    assert r.status_code == 400 and "at most 32" in r.json()["detail"]
    r = c.get(LIST, params={"skills": "Ada,Go", "skills_match": "any", "skip": 2**63 - 1})
    assert r.status_code == 422 or (r.json() == [] and r.headers["X-Total-Count"] == "1502")


def test_total_with_filter_and_page(shelf):
    r = shelf.login("reader").get(LIST, params={"skills": "Python,Docker", "skills_match": "any", "limit": 1, "skip": 1})
    assert [k["id"] for k in r.json()] == [shelf.rows[2]["id"]] and r.headers["X-Total-Count"] == "4"


@pytest.mark.parametrize("skill,rows", [
    ("Python", [1, 0]), ("pYTHON", [1, 0]), ("pyth", [1, 0]), ("script", [3, 2]), ("post", [0]), ("gres", [0]), ("react", [2, 1]),
    ("k8s", [3, 1]), ("kubern", [3, 1]), ("Cobol", []), ("%", []), ("_", []), ("\\", []), ("'", []), ("Docker", [3, 2]),
])
def test_by_skill(shelf, skill, rows):
    assert found(shelf, BY_SKILL, skill=skill) == rows


def test_by_skill_pages(shelf):
    r = shelf.login("reader").get(BY_SKILL, params={"skill": "Python", "limit": 1})
    assert [k["id"] for k in r.json()] == [shelf.rows[1]["id"]] and r.headers["X-Total-Count"] == "2" and "next" in r.links
    r = shelf.login("reader").get(BY_SKILL, params={"skill": "Python", "limit": 1, "skip": 1})
    assert [k["id"] for k in r.json()] == [shelf.rows[0]["id"]]
    for query in ({}, {"skill": ""}, {"skill": "  "}):
        r = shelf.login("reader").get(BY_SKILL, params=query)
        assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["query", "skill"]


def test_by_skill_finds_completed_only(fresh):
    s = fresh()
    c = s.login("admin")
    k = add(c, person("Odile Marchetti", "odile@example.com", ["Python"]))
    for status in ("uploaded", "processing", "failed", "completed"):
        s.sql("UPDATE candidates SET status = ? WHERE id = ?", status, k["id"])
        assert len(c.get(BY_SKILL, params={"skill": "Python"}).json()) == (status == "completed"), status


@pytest.mark.parametrize("email,row", [
    ("odile@example.com", 0), ("ODILE@EXAMPLE.COM", 0), ("kwame@example.com", 1), ("ingrid.solberg@example.com", 3),
    ("Ingrid.Solberg@Example.com", 3),
])
def test_by_email(shelf, email, row):
    r = shelf.login("reader").get(BY_EMAIL, params={"email": email})
    assert r.status_code == 200 and r.json() == shelf.rows[row]


def test_by_email_of_nobody(shelf):
    for email in ("nobody@example.com", "odile", "odile@example.co", "%", "odile@example.com "):
        r = shelf.login("reader").get(BY_EMAIL, params={"email": email})
        if email != email.strip() and r.status_code == 200:
            continue  # blanks at the ends may be forgiven
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found for this email"}
    assert shelf.login("reader").get(BY_EMAIL).status_code == 422


def test_get(shelf):
    for k in shelf.rows:
        r = shelf.login("reader").get(f"{LIST}{k['id']}")
        assert r.status_code == 200 and r.json() == k
    for wrong in (987654321, 2 ** 63 - 1):
        r = shelf.login("reader").get(f"{LIST}{wrong}")
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found"}
    for wrong in ("abc", "0", "-1", "1.5", "99999999999999999999", "1%20"):
        assert shelf.login("reader").get(f"{LIST}{wrong}").status_code == 422, wrong


# ---- deleting ----

def test_delete(house, recruiter, viewer):
    k = add(recruiter, documents.PERSON, "goes.pdf")
    path = f"{LIST}{k['id']}"
    r = viewer.delete(path)
    assert r.status_code == 403 and k["file_path"] in house.stored_files()
    r = recruiter.delete(path)
    assert r.status_code == 204 and r.content == b""
    assert k["file_path"] not in house.stored_files()
    for r in (recruiter.get(path), recruiter.delete(path)):
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found"}
    for table in ("candidates WHERE id", "candidate_profiles WHERE candidate_id", "candidate_skills WHERE candidate_id"):
        assert house.sql(f"SELECT count(*) FROM {table} = ?", k["id"]) == [(0,)]
    assert k["id"] not in [x["id"] for x in recruiter.get(LIST).json()]
    for role in ("hr_manager", "admin"):
        k = add(recruiter, documents.PERSON, "goes.pdf")
        assert house.login(f"a_{role}").delete(f"{LIST}{k['id']}").status_code == 204


def test_delete_at_once(house, recruiter):
    """Right after the upload, while a parser may have it."""
    for i in range(10):
        r = upload(recruiter, documents.unique_pdf(), "quick.pdf")
        assert recruiter.delete(r.headers["Location"]).status_code == 204
        assert recruiter.get(r.headers["Location"]).status_code == 404
    assert not [f for f in house.stored_files() if f.endswith("_quick.pdf")]
    assert add(recruiter, documents.PERSON)["status"] == "completed"


def test_a_lost_file_is_told(fresh):
    s = fresh()
    s.stop()
    # a row whose file went away before it was read
    s.sql("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, created_at, "
          "updated_at) VALUES (1, 1, 'a.pdf', 'uploads/gone_a.pdf', 5, 'h', 'uploaded', 1, 1)")
    s.sql("UPDATE schedules SET next_run = 0")
    s.start()
    k = read_candidate(s.login("admin"), 1)
    assert k["status"] == "failed" and "upload it again" in k["error_message"]


# ---- teams ----

def test_team_boundary(fresh):
    s = fresh()
    team = s.make_team("Northern office")
    admin = s.login("admin")
    s.make_user("south", "hr_manager")
    s.make_user("north", "hr_manager", team_id=team)
    s.make_user("north2", "viewer", team_id=team)
    south, north, north2 = (s.login(n) for n in ("south", "north", "north2"))
    data = documents.unique_pdf(person("Odile Marchetti", "odile@example.com", ["Python"]))
    a, b = upload(south, data, "south.pdf").json(), upload(north, data, "north.pdf").json()
    # the same bytes in another team are another candidate
    assert a["id"] != b["id"] and not a["duplicate"] and not b["duplicate"]
    ours, theirs = read_candidate(south, a["id"]), read_candidate(north, b["id"])
    for c, own, other in ((south, ours, theirs), (north, theirs, ours), (north2, theirs, ours)):
        assert c.get(f"{LIST}{own['id']}").json() == own
        for query in ({}, {"skills": "Python"}, {"status_filter": "completed"}):
            r = c.get(LIST, params=query)
            assert r.json() == [own] and r.headers["X-Total-Count"] == "1"
        assert c.get(BY_SKILL, params={"skill": "pyth"}).json() == [own]
        assert c.get(BY_EMAIL, params={"email": "odile@example.com"}).json() == own
        r = c.get(f"{LIST}{other['id']}")
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found"}
    for c, other in ((south, theirs), (north, ours)):
        r = c.delete(f"{LIST}{other['id']}")
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found"}
    assert {ours["file_path"], theirs["file_path"]} <= s.stored_files()
    # an administrator sees and removes all
    assert admin.get(LIST).json() == [theirs, ours]
    assert admin.get(BY_EMAIL, params={"email": "odile@example.com"}).json() == theirs
    # who moves sees what the new team has
    admin.put(f"{API}/users/{south.get(f'{API}/users/me').json()['id']}", json={"team_id": team})
    assert south.get(LIST).json() == [theirs] and south.get(f"{LIST}{ours['id']}").status_code == 404
    assert admin.delete(f"{LIST}{theirs['id']}").status_code == 204
    assert south.get(LIST).json() == [] and admin.get(LIST).json() == [ours]
