"""One candidate in depth: its profile, corrections by hand, the file, reading it again; and reading all of them again."""
import os

import pytest

import documents
from vitae import API, ROOT, Client, read_candidate, upload, wait_until

C = f"{API}/candidates"
ADA = {"name": "Ada Brightwater", "email": "ada.brightwater@example.org", "phone": "+44 20 7946 0311",
       "skills": ["Python", "Docker", "PostgreSQL"]}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server of this file's own."""
    import vitae
    with vitae.Server(tmp_path_factory.mktemp("house")) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


def new(client, person=ADA, name="ada.pdf"):
    """A candidate that has been read."""
    r = upload(client, documents.unique_pdf(person), name)
    assert r.status_code == 202, r.text
    k = read_candidate(client, r.json()["id"])
    assert k["status"] == "completed", k
    return k


def reread(client, candidate_id):
    r = client.post(f"{C}/{candidate_id}/reparse")
    assert r.status_code == 202, r.text
    assert r.json()["status"] == "processing"
    return read_candidate(client, candidate_id)


def by_skill(client, skill):
    return [k["id"] for k in client.get(f"{C}/search/by-skill", params={"skill": skill}).json()]


# ---- profile ----

def test_profile(boss):
    k = new(boss)
    p = boss.get(f"{C}/{k['id']}/profile").json()
    for field in ("name", "email", "phone", "domain_knowledge"):
        assert p[field]["value"] == k[field] and p[field]["corrected"] is False
    assert 0 < p["name"]["confidence"] <= 1 and p["name"]["evidence"]["page"] == 1
    assert [s["name"] for s in p["skills"]] == k["skills"]
    assert p["pages"] == 1 and p["resume_probability"] > 0.5
    assert "text" not in p


@pytest.mark.parametrize("name", ["table.docx", "word97.doc", "rich-text.doc", "two-columns.pdf"])
def test_every_value_says_its_line_of_the_text(house, boss, name):
    with open(os.path.join(ROOT, "tests", "corpus", name), "rb") as f:
        k = read_candidate(boss, upload(boss, f.read(), name).json()["id"])
    lines = boss.get(f"{C}/{k['id']}/text").json()["lines"]
    assert any(line["kind"] == "heading" for line in lines) and all(line["text"] for line in lines)
    p = boss.get(f"{C}/{k['id']}/profile").json()
    said = [p[n]["evidence"] for n in ("name", "email", "phone") if p[n]["value"]] + [s["evidence"] for s in p["skills"]]
    said += [e for e in p["resume"]["meta"]["evidence"] if e["line"]]
    assert len(said) > 10
    for e in said:
        line = lines[e["line"] - 1]["text"]
        assert e["text"] in line or line in e["text"] or e["text"].split()[0] in line, (e, line)


def test_the_text_of_what_was_read_by_an_older_version(house, boss):
    k = new(boss)
    house.sql("UPDATE candidate_profiles SET profile = ? WHERE candidate_id = ?", '{"name": {"value": "Ada"}}', k["id"])
    assert {line["kind"] for line in boss.get(f"{C}/{k['id']}/text").json()["lines"]} == {"text"}
    assert boss.get(f"{C}/{k['id']}/profile").json()["name"]["evidence"]["line"] == 0
    house.make_user("elsewhere", "hr_manager", team_id=house.make_team("Elsewhere"))
    assert house.login("elsewhere").get(f"{C}/{k['id']}/text").status_code == 404


def test_profile_of_what_was_not_read(house, boss):
    broken = upload(boss, b"%PDF-1.4\nnothing that could be read " + documents.unique_pdf()[:30], "broken.pdf").json()["id"]
    k = read_candidate(boss, broken)
    assert k["status"] == "failed"
    for path in ("profile", "text"):
        r = boss.get(f"{C}/{broken}/{path}")
        assert r.status_code == 409 and k["error_message"] in r.json()["detail"]
    waiting = upload(boss, documents.unique_pdf(), "w.pdf").json()["id"]
    read_candidate(boss, waiting)
    house.sql("DELETE FROM candidate_profiles WHERE candidate_id = ?", waiting)
    house.sql("UPDATE candidates SET status = 'uploaded' WHERE id = ?", waiting)
    r = boss.get(f"{C}/{waiting}/profile")
    assert r.status_code == 409 and "not been read yet" in r.json()["detail"]
    house.sql("DELETE FROM candidates WHERE id = ?", waiting)


# ---- corrections ----

def test_corrections_outlive_reading_again(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    said = {"name": "  Ada King ", "email": "Ada.King@example.net", "phone": "+1 555 0100",
            "skills": ["Python", "Weaving", "python", "K8s"], "domain_knowledge": "Mathematics of weaving looms"}
    r = boss.patch(path, json=said)
    assert r.status_code == 200, r.text
    after = r.json()
    assert after == {**k, "name": "Ada King", "email": "Ada.King@example.net", "phone": "+1 555 0100",
                     "skills": ["Python", "Weaving", "K8s"], "domain_knowledge": said["domain_knowledge"],
                     "updated_at": after["updated_at"]}
    assert after["updated_at"] > k["updated_at"] and boss.get(path).json() == after
    # what searches use follows
    assert boss.get(f"{C}/search/by-email", params={"email": "ada.king@EXAMPLE.net"}).json()["id"] == k["id"]
    assert k["id"] in by_skill(boss, "weaving") and k["id"] in by_skill(boss, "Kubernetes")
    assert k["id"] not in by_skill(boss, "PostgreSQL")
    again = reread(boss, k["id"])
    assert {**again, "updated_at": 0, "processed_at": 0} == {**after, "updated_at": 0, "processed_at": 0}
    assert again["processed_at"] > k["processed_at"]
    assert k["id"] in by_skill(boss, "weaving") and k["id"] not in by_skill(boss, "PostgreSQL")
    p = boss.get(f"{path}/profile").json()
    for field in ("name", "email", "phone", "domain_knowledge"):
        assert (p[field]["value"], p[field]["confidence"], p[field]["corrected"]) == (again[field], 1, True)
        assert p[field]["evidence"]["text"] is None
    assert [(s["name"], s["confidence"], s["corrected"]) for s in p["skills"]] == \
        [("Python", 1, True), ("Weaving", 1, True), ("K8s", 1, True)]
    assert p["skills"][0]["evidence"]["text"] and p["skills"][1]["evidence"]["text"] is None
    assert p["skills"][2]["canonical"] == "Kubernetes"


def test_what_is_not_named_stays(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    for body in ({}, {"unknown": 1, "id": 7, "status": "failed", "uploaded_by": 9}):
        after = boss.patch(path, json=body).json()
        assert {**after, "updated_at": 0} == {**k, "updated_at": 0}
    assert boss.patch(path, json={"phone": "1234 5678"}).json()["name"] == k["name"]
    after = boss.patch(path, json={"name": "Ada"}).json()
    assert (after["name"], after["phone"], after["email"]) == ("Ada", "1234 5678", k["email"])
    p = boss.get(f"{path}/profile").json()
    assert [p[f]["corrected"] for f in ("name", "phone", "email")] == [True, True, False]


def test_the_second_to_correct_learns_of_the_first(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    read = boss.get(path).headers["ETag"]
    first = boss.patch(path, json={"name": "Ada King"}, headers={"If-Match": read})
    assert first.status_code == 200 and first.headers["ETag"] == boss.get(path).headers["ETag"] != read
    second = boss.patch(path, json={"name": "Ada Lovelace"}, headers={"If-Match": read})
    assert second.status_code == 412 and "changed since" in second.json()["detail"]
    assert boss.delete(path, headers={"If-Match": read}).status_code == 412
    assert boss.get(path).json()["name"] == "Ada King"
    now = first.headers["ETag"]
    for stale in ("", "*x", f"W/{now}", now.strip('"'), '"x", "y"'):  # a weak tag never fits (RFC 9110, 13.1.1)
        assert boss.patch(path, json={"name": "Ada Lovelace"}, headers={"If-Match": stale}).status_code == 412, stale
    # the fault of the body comes first, what is not there has no state, and a reader is not asked
    assert boss.patch(path, json={"name": 7}, headers={"If-Match": read}).status_code == 422
    assert boss.patch(f"{C}/987654321", json={}, headers={"If-Match": "*"}).status_code == 404
    assert boss.get(path, headers={"If-Match": read}).status_code == 200
    again = boss.patch(path, json={"name": "Ada Lovelace"}, headers={"If-Match": f'"x", {now}', "If-None-Match": now})
    assert again.status_code == 200 and again.json()["name"] == "Ada Lovelace"
    assert boss.patch(path, json={"name": None}, headers={"If-Match": "*"}).status_code == 200
    assert boss.delete(path, headers={"If-Match": boss.get(path).headers["ETag"]}).status_code == 204


def test_a_reading_that_ends_meanwhile_is_a_change_too(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    read = boss.get(path).headers["ETag"]
    reread(boss, k["id"])
    assert boss.patch(path, json={"name": "Ada"}, headers={"If-Match": read}).status_code == 412


def test_null_clears(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    nothing = {f: None for f in ("name", "email", "phone", "skills", "domain_knowledge")}
    after = boss.patch(path, json=nothing).json()
    assert {f: after[f] for f in nothing} == {**nothing, "skills": []}
    again = reread(boss, k["id"])
    assert {f: again[f] for f in nothing} == {**nothing, "skills": []}
    assert boss.get(f"{C}/search/by-email", params={"email": "no.such@example.org"}).status_code == 404
    assert k["id"] not in by_skill(boss, "Python")
    p = boss.get(f"{path}/profile").json()
    assert p["name"] == {**p["name"], "value": None, "confidence": 1, "corrected": True} and p["skills"] == []


def test_reset_brings_back_what_was_read(boss):
    k = new(boss)
    path = f"{C}/{k['id']}"
    boss.patch(path, json={"name": "Wrong", "phone": None, "skills": ["Wrong"]})
    after = boss.patch(path, json={"reset": ["name", "skills"]}).json()
    assert (after["name"], after["skills"], after["phone"]) == (k["name"], k["skills"], None)
    assert k["id"] in by_skill(boss, "Docker") and k["id"] not in by_skill(boss, "Wrong")
    after = boss.patch(path, json={"reset": ["phone"], "name": "Ada"}).json()
    assert (after["name"], after["phone"]) == ("Ada", k["phone"])
    assert boss.patch(path, json={"reset": ["status"]}).status_code == 422


@pytest.mark.parametrize("body,at", [
    ({"name": "   "}, "name"), ({"name": ""}, "name"), ({"name": "x" * 201}, "name"), ({"name": 7}, "name"),
    ({"phone": "\t"}, "phone"), ({"phone": "1" * 61}, "phone"), ({"email": "nobody"}, "email"), ({"email": ""}, "email"),
    ({"domain_knowledge": " "}, "domain_knowledge"), ({"skills": "Python"}, "skills"), ({"skills": [1]}, "skills"),
    ({"skills": ["  "]}, "skills"), ({"skills": ["x" * 201]}, "skills"), ({"skills": [None]}, "skills"),
    ({"skills": ["a"] * 301}, "skills"), ({"reset": "name"}, "reset")])
def test_wrong_corrections(house, boss, body, at):
    k = getattr(house, "edited", None) or new(boss)
    house.edited = k
    r = boss.patch(f"{C}/{k['id']}", json=body)
    assert r.status_code == 422, r.text
    assert r.json()["detail"][0]["loc"][:2] == ["body", at]
    assert boss.get(f"{C}/{k['id']}").json() == k


def test_a_failed_candidate_can_be_filled_in(boss):
    broken = upload(boss, b"%PDF-1.4\n" + documents.unique_pdf()[100:140], "broken.pdf").json()["id"]
    k = read_candidate(boss, broken)
    assert k["status"] == "failed" and k["skills"] is None
    after = boss.patch(f"{C}/{broken}", json={"name": "Filled In", "email": "filled.in@example.org"}).json()
    assert (after["status"], after["name"], after["skills"]) == ("failed", "Filled In", None)
    assert after["error_message"] == k["error_message"]
    assert boss.get(f"{C}/search/by-email", params={"email": "filled.in@example.org"}).json()["id"] == broken
    assert reread(boss, broken)["name"] == "Filled In"


def test_corrections_of_others(house, boss):
    k = new(boss)
    elsewhere = house.make_team("Elsewhere")
    house.make_user("stranger", "recruiter", team_id=elsewhere)
    stranger, viewer = house.login("stranger"), house.as_role("viewer")
    for r in (stranger.patch(f"{C}/{k['id']}", json={"name": "Mine"}), stranger.get(f"{C}/{k['id']}/profile"),
              stranger.get(f"{C}/{k['id']}/file"), stranger.post(f"{C}/{k['id']}/reparse")):
        assert r.status_code == 404 and r.json() == {"detail": "Candidate not found"}
    assert viewer.get(f"{C}/{k['id']}/profile").status_code == 200
    assert viewer.get(f"{C}/{k['id']}/file").status_code == 200
    assert viewer.patch(f"{C}/{k['id']}", json={"name": "Mine"}).status_code == 403
    assert viewer.post(f"{C}/{k['id']}/reparse").status_code == 403
    assert boss.get(f"{C}/{k['id']}").json() == k


# ---- the file ----

@pytest.mark.parametrize("name,content,kind", [
    ("Ada's résumé 履歴書.pdf", documents.unique_pdf(), "application/pdf"),
    ("ada.docx", documents.docx({**ADA, "name": "Ada Docx"}),
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("ada.doc", documents.rtf({**ADA, "name": "Ada Rtf"}), "application/rtf"),
    ("page.doc", documents.html({**ADA, "name": "Ada Html"}), "application/msword")])
def test_file(boss, name, content, kind):
    from urllib.parse import quote
    k = upload(boss, content, name).json()["id"]
    r = boss.get(f"{C}/{k}/file")
    assert r.status_code == 200 and r.content == content
    h = r.headers
    assert h["Content-Type"] == kind and h["X-Content-Type-Options"] == "nosniff"
    assert int(h["Content-Length"]) == len(content)
    disposition = h["Content-Disposition"]
    assert disposition.startswith('attachment; filename="') and disposition.isascii()
    assert "filename*=UTF-8''" in disposition
    from urllib.parse import unquote
    assert unquote(disposition.split("filename*=UTF-8''")[1]) == name
    assert quote("ada") in disposition.lower() or "page" in disposition
    again = boss.get(f"{C}/{k}/file", headers={"If-None-Match": h["ETag"]})
    assert again.status_code == 304 and again.content == b""
    head = boss.head(f"{C}/{k}/file")
    assert head.status_code == 200 and head.content == b"" and head.headers["Content-Length"] == str(len(content))
    read_candidate(boss, k)


def test_file_that_is_gone(house, boss):
    import os
    k = new(boss)
    os.unlink(os.path.join(house.data, k["file_path"]))
    r = boss.get(f"{C}/{k['id']}/file")
    assert r.status_code == 410 and "no longer" in r.json()["detail"]
    # what was read stays
    again = reread(boss, k["id"])
    assert again["status"] == "completed" and "no longer" in again["error_message"]
    assert (again["name"], again["skills"]) == (k["name"], k["skills"])
    assert boss.get(f"{C}/{k['id']}/profile").status_code == 200


# ---- reading again ----

def test_readable_while_read_again(fresh):
    s = fresh()
    boss = s.login("admin")
    k = new(boss)
    s.stop()
    # a server that cannot read anything yet: the task waits
    s.sql("INSERT INTO tasks (kind, args, unique_key, pool, run_after, created_at) VALUES "
          "('candidate.parse', ?, ?, 'parse', 9000000000000000, 1)", '{"candidate_id":%d}' % k["id"], str(k["id"]))
    s.start()
    boss = s.login("admin")
    boss.post(f"{C}/{k['id']}/reparse")
    during = boss.get(f"{C}/{k['id']}").json()
    assert {**during, "updated_at": 0} == {**k, "status": "processing", "updated_at": 0}
    assert boss.get(f"{C}/{k['id']}/profile").status_code == 200
    assert boss.get(f"{C}/search/by-email", params={"email": k["email"]}).json()["id"] == k["id"]
    s.sql("UPDATE tasks SET run_after = 1 WHERE kind = 'candidate.parse'")
    again = read_candidate(boss, k["id"])
    assert {**again, "updated_at": 0, "processed_at": 0} == {**k, "updated_at": 0, "processed_at": 0}


def progress(client):
    return client.get(f"{C}/reparse").json()


def run_to_its_end(client):
    wait_until(lambda: not progress(client)["running"], what="the end of reading all again")
    return progress(client)


def test_all_again(fresh):
    s = fresh()
    boss = s.login("admin")
    team = s.make_team("Elsewhere")
    s.make_user("chief", "hr_manager", team_id=team)
    s.make_user("hand", "recruiter", team_id=team)
    chief = s.login("chief")
    assert progress(boss) == progress(chief) == {"total": 0, "done": 0, "running": False}
    mine, theirs = new(boss), new(chief)
    boss.patch(f"{C}/{mine['id']}", json={"name": "Kept"})
    # as if an older reader had not found these
    s.sql("UPDATE candidates SET phone = NULL, email = 'wrong@example.org'")
    r = chief.post(f"{C}/reparse")
    assert r.status_code == 202 and r.json()["queued"] == 1 and r.json()["message"]
    assert run_to_its_end(chief) == {"total": 1, "done": 1, "running": False}
    assert chief.get(f"{C}/{theirs['id']}").json()["phone"] == theirs["phone"]
    assert boss.get(f"{C}/{mine['id']}").json()["phone"] is None
    assert progress(boss)["total"] == 0
    assert boss.post(f"{C}/reparse").json()["queued"] == 2
    assert run_to_its_end(boss) == {"total": 2, "done": 2, "running": False}
    after = boss.get(f"{C}/{mine['id']}").json()
    assert (after["phone"], after["email"], after["name"], after["status"]) == \
        (mine["phone"], mine["email"], "Kept", "completed")
    assert s.login("hand").post(f"{C}/reparse").status_code == 403
    assert s.sql("SELECT count(*) FROM candidate_rereads") == [(0,)]


def test_all_again_of_nobody(fresh):
    boss = fresh().login("admin")
    assert boss.post(f"{C}/reparse").json()["queued"] == 0
    assert run_to_its_end(boss) == {"total": 0, "done": 0, "running": False}


def test_all_again_outlives_the_server_and_goes_in_batches(fresh):
    """More than two batches; the server is killed in between, a candidate is deleted, another run is refused."""
    s = fresh()
    boss = s.login("admin")
    k = new(boss)
    many = 450
    with open(f"{s.data}/{k['file_path']}", "rb") as f:
        content = f.read()
    for i in range(many):
        with open(f"{s.data}/uploads/copy{i}", "wb") as f:
            f.write(content)
    s.sql("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, "
          "created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
          "SELECT 1, 1, 'copy.pdf', 'uploads/copy' || i, ?, 'hash' || i, 'completed', 1, 1 FROM n", many - 1, len(content))
    r = boss.post(f"{C}/reparse")
    assert r.json()["queued"] == many + 1
    again = boss.post(f"{C}/reparse")
    assert again.status_code == 409 or not progress(boss)["running"]
    seen = wait_until(lambda: progress(boss)["done"] and progress(boss), what="some progress")
    assert seen["total"] == many + 1
    import signal
    s.stop(signal.SIGKILL)
    assert s.sql("SELECT count(*) FROM tasks WHERE kind = 'candidate.parse'")[0][0] <= 300
    s.start()
    boss = s.login("admin")
    assert boss.delete(f"{C}/{k['id']}").status_code == 204
    end = run_to_its_end(boss)
    assert end["done"] == end["total"] and end["total"] in (many, many + 1)
    assert s.sql("SELECT count(*) FROM candidates WHERE name IS NULL OR status != 'completed'") == [(0,)]


def test_an_upload_goes_first(fresh):
    s = fresh(PARSERS="1")
    boss = s.login("admin")
    k = new(boss)
    s.sql("INSERT INTO tasks (kind, args, unique_key, pool, run_after, created_at) VALUES "
          "('candidate.parse', ?, 'later', 'parse', 2, 1)", '{"candidate_id":%d}' % k["id"])
    assert upload(boss, documents.unique_pdf(), "first.pdf").status_code == 202
    waiting = s.sql("SELECT run_after FROM tasks WHERE kind = 'candidate.parse' AND lease_owner IS NULL "
                    "AND unique_key != 'later'")
    assert waiting in ([], [(1,)])
