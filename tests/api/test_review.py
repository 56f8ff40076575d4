"""What a sceptical reader tried on the running program, and must stay right."""
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
from vitae import API, read_candidate, upload, wait_until


@pytest.fixture(scope="module")
def candidate(server):
    """A candidate that has been read; its number."""
    number = upload(server.login("admin"), documents.unique_pdf(), "review.pdf").json()["id"]
    assert read_candidate(server.login("admin"), number)["status"] == "completed"
    return number


def test_many_corrected_skills(server, candidate):
    """As many skills as the schema allows, and long ones, are no too large request."""
    skills = [f"skill number {i:03d} " + "x" * 100 for i in range(300)]
    r = server.login("admin").patch(f"{API}/candidates/{candidate}", json={"skills": skills})
    assert r.status_code == 200, r.text
    assert r.json()["skills"] == skills


def test_too_many_filters_are_the_callers_fault(server):
    """Not 429: the same request will not do better in a second."""
    r = server.login("admin").get(f"{API}/candidates/", params={"skills": ",".join(f"s{i}" for i in range(200))})
    assert r.status_code == 400 and "Retry-After" not in r.headers


def test_a_full_page_of_large_candidates(fresh):
    s = fresh()
    c = s.login("admin")
    first = upload(c, documents.unique_pdf(), "large.pdf").json()["id"]
    read_candidate(c, first)
    skills = [f"skill number {i:03d} of many" for i in range(300)]
    assert c.patch(f"{API}/candidates/{first}", json={"skills": skills, "domain_knowledge": "x" * 2000}).status_code == 200
    s.sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO candidates "
          "(team_id, uploaded_by, filename, file_path, file_size, content_hash, status, name, skills, domain_knowledge, "
          "created_at, updated_at) SELECT team_id, uploaded_by, filename, file_path || i, 1, 'h' || i, status, name, skills, "
          "domain_knowledge, 1, 1 FROM candidates, n WHERE id = ?", first)
    r = c.get(f"{API}/candidates/?limit=500")
    assert r.status_code == 200, r.text[:200]
    assert len(r.json()) == 500 and r.json()[7]["skills"] == skills


@pytest.mark.parametrize("path", ["/auth/login", "/users/", "/candidates/upload"])
def test_a_too_large_body_of_a_wrong_type(server, path):
    """413 comes before 422, and on the head: nobody reads a gigabyte to say that it is no JSON."""
    host, port = server.base.split("//")[1].split(":")
    head = (f"POST {API}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token('admin')}\r\n"
            "Content-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\n")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(head.encode())
        assert s.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_small_body_of_a_wrong_type(server):
    c = server.login("admin")
    r = c.post(f"{API}/candidates/upload", data=documents.unique_pdf(), headers={"Content-Type": "application/pdf"})
    assert r.status_code == 422 and "multipart/form-data" in r.json()["detail"][0]["msg"]
    r = c.post(f"{API}/users/", data="x" * 1000, headers={"Content-Type": "text/plain"})
    assert r.status_code == 422 and "application/json" in r.json()["detail"][0]["msg"]
    assert server.as_role("viewer").post(f"{API}/users/", data="x").status_code == 403


def test_a_number_that_no_integer_holds(server):
    """It is well-formed JSON: the field is at fault, and the other faults are told too; an unknown field is ignored."""
    c = server.login("admin")
    body = '{"email": "x", "username": "big", "password": "12345678", "team_id": 99999999999999999999, "other": 88888888888888888888}'
    r = c.post(f"{API}/users/", data=body, headers={"Content-Type": "application/json"})
    assert r.status_code == 422
    assert [f["loc"] for f in r.json()["detail"]] == [["body", "email"], ["body", "team_id"]], r.text


def test_not_modified_tells_no_other_length(server, candidate):
    """RFC 9110, 8.6: a Content-Length in a 304 is that of the 200, or is not there. No body follows it."""
    c = server.login("admin")
    for path in (f"{API}/users/me", f"{API}/candidates/{candidate}/file", f"{API}/candidates/"):
        whole = c.get(path)
        for _ in range(3):  # on one connection: a body would spoil the next reply
            r = c.get(path, headers={"If-None-Match": whole.headers["ETag"]})
            assert r.status_code == 304 and r.content == b""
            assert r.headers.get("Content-Length", whole.headers["Content-Length"]) == whole.headers["Content-Length"]
        assert c.get(path).content == whole.content


def test_a_skills_file_that_is_not_there_stops_the_start(fresh):
    """Otherwise no parser comes up, and every upload waits for good."""
    with pytest.raises(RuntimeError) as e:
        fresh(SKILLS_FILE="/nonexistent.tsv")
    assert "SKILLS_FILE" in str(e.value)


def test_names_of_the_skills_file_are_searched(fresh, tmp_path):
    """The operator's other names hold in the documents and in the filters alike."""
    skills = tmp_path / "skills.tsv"
    skills.write_text("Frobnication\tOwn\t\tfrobbing\n")
    s = fresh(SKILLS_FILE=skills)
    c = s.login("admin")
    number = upload(c, documents.unique_pdf(), "own.pdf").json()["id"]
    read_candidate(c, number)
    assert c.patch(f"{API}/candidates/{number}", json={"skills": ["Frobnication"]}).status_code == 200
    assert [k["id"] for k in c.get(f"{API}/candidates/?skills=frobbing").json()] == [number]


def test_every_header_of_a_reply_is_exposed(server):
    r = server.anonymous().get("/health", headers={"Origin": "http://localhost:3000"})
    exposed = {h.strip() for h in r.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Allow", "WWW-Authenticate", "Content-Disposition", "Retry-After", "X-Total-Count-Capped"} <= exposed


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07", "\x1b[31mred", "delete\x7f"])
def test_control_characters_in_a_username(server, name):
    c = server.login("admin")
    r = c.post(f"{API}/users/", json={"email": "control@example.com", "username": name, "password": "12345678"})
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "username"]


def test_an_account_that_ends_while_its_write_waits(fresh):
    """The write lock is ours; when it is free again, the uploader is gone: nothing of theirs may be stored."""
    s = fresh()
    user = s.make_user("leaver", "recruiter")
    c = s.login("leaver")
    with s.write_lock() as execute, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(upload, c, documents.unique_pdf(), "late.pdf")
        # its file is spooled before it waits for the lock
        wait_until(lambda: os.listdir(os.path.join(s.data, "spool")) or s.stored_files(), 20, "the upload")
        execute("DELETE FROM sessions WHERE user_id = ?", user["id"])
        execute("DELETE FROM users WHERE id = ?", user["id"])
        execute("COMMIT")
        assert waiting.result().status_code == 401
    assert s.stored_files() == set()
