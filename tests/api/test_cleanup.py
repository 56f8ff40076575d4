"""The guarded deletion of all résumés and of all videos: who may, what goes, what stays, and what is told of it."""
import os
import re
import shutil
import stat
import tempfile
import threading

import pytest

import documents
from vitae import API, VITAE, Server, read_candidate, upload

RESUMES, VIDEOS = f"{API}/cleanup-all-resumes/", f"{API}/cleanup-all-videos/"
GOOD = {
    RESUMES: {"confirmation_token": "CONFIRM_DELETE_ALL_RESUMES_2025", "confirm_action": "DELETE_ALL_RESUME_DATA"},
    VIDEOS: {"confirmation_token": "CONFIRM_DELETE_ALL_VIDEOS_2025", "confirm_action": "DELETE_ALL_VIDEO_DATA"},
}
BOTH = pytest.mark.parametrize("path", [RESUMES, VIDEOS])
FORBIDDEN = {"success": False, "error": "This operation is only allowed in development mode"}
NO_TOKEN = {"success": False, "error": "Invalid confirmation token required for this destructive operation"}


def not_confirmed(path):
    return {"success": False, "error": f"Must confirm action with '{GOOD[path]['confirm_action']}'"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("cleanup")) as s:
        yield s


def document(name, email):
    return documents.pdf({**documents.PERSON, "name": name, "email": email})


def put(server, path, data=b"x"):
    """A file below the data directory."""
    path = os.path.join(server.data, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def log(server):
    with open(os.path.join(server.data, "vitae.log")) as f:
        return f.read()


# ---- who may ----

@BOTH
def test_order_of_checks(house, fresh, path):
    good, anybody = GOOD[path], house.anonymous()
    assert anybody.post(path, json={}).json() == NO_TOKEN
    assert anybody.post(path, json={**good, "confirmation_token": "wrong"}).status_code == 401
    r = anybody.post(path, json={"confirmation_token": good["confirmation_token"]})
    assert (r.status_code, r.json()) == (400, not_confirmed(path))
    r = anybody.post(path, json={**good, "confirm_action": good["confirm_action"].lower()})
    assert (r.status_code, r.json()) == (400, not_confirmed(path))
    production = fresh(DEBUG="False").anonymous()
    for body in (good, {}, {**good, "confirmation_token": "wrong"}, {"confirmation_token": good["confirmation_token"]}):
        r = production.post(path, json=body)
        assert (r.status_code, r.json()) == (403, FORBIDDEN)
    assert production.post(path, data=b"{" * (3 << 20)).json() == FORBIDDEN


@BOTH
@pytest.mark.parametrize("body,kind", [
    (b"", "application/json"), (b"{", "application/json"), (b"[]", "application/json"), (b'"x"', "application/json"),
    (b"null", "application/json"), (b"\xff", "application/json"), (b'{"confirmation_token": 17}', "application/json"),
    (b'{"confirmation_token": ["CONFIRM_DELETE_ALL_RESUMES_2025"]}', "application/json"),
    (b'{"confirmation_token": null}', "application/json"), (b"anything", "text/plain"), (b"x", "multipart/form-data"),
    (b"%ff%", "application/x-www-form-urlencoded"), (b"confirmation_token", "application/x-www-form-urlencoded"),
])
def test_what_cannot_be_read_counts_as_absent(house, path, body, kind):
    r = house.anonymous().post(path, data=body, headers={"Content-Type": kind})
    assert (r.status_code, r.json()) == (401, NO_TOKEN)


@BOTH
@pytest.mark.parametrize("value", [None, 17, True, [], {}, ""])
def test_a_confirmation_that_is_no_text_is_none(house, path, value):
    r = house.anonymous().post(path, json={**GOOD[path], "confirm_action": value})
    assert (r.status_code, r.json()) == (400, not_confirmed(path))


@BOTH
def test_both_forms_of_body(house, path):
    anybody = house.anonymous()
    for kw in ({"json": GOOD[path]}, {"data": GOOD[path]}, {"files": {k: (None, v) for k, v in GOOD[path].items()}}):
        r = anybody.post(path, **kw)
        assert r.status_code == 200 and r.json()["success"] is True, r.text


@BOTH
def test_own_form_of_errors_everywhere(house, fresh, path):
    anybody = house.anonymous()
    for method in ("GET", "PUT", "DELETE"):
        r = anybody.request(method, path)
        assert (r.status_code, r.json()) == (405, {"success": False, "error": "Method Not Allowed"})
    r = anybody.post(path, data=b'{"a": "' + b"a" * (2 << 20) + b'"}', headers={"Content-Type": "application/json"})
    assert r.status_code == 413 and r.json()["success"] is False
    limited = fresh(RATE_LIMIT_STRICT="2/60").anonymous()
    assert [limited.post(path, json={}).status_code for _ in range(3)] == [401, 401, 429]
    r = limited.post(path, json=GOOD[path])
    assert r.json() == {"success": False, "error": "Too many requests"} and int(r.headers["Retry-After"]) > 0
    other = VIDEOS if path == RESUMES else RESUMES
    assert limited.post(other, json={}).status_code == 401, "each is counted by itself"


@BOTH
def test_every_attempt_stands_in_the_audit_trail(fresh, path):
    s = fresh()
    for body in ({}, {"confirmation_token": GOOD[path]["confirmation_token"]}, GOOD[path]):
        s.anonymous().post(path, json=body)
    events = s.login("admin").get(f"{API}/audit", params={"limit": 50}).json()
    action = "cleanup.resumes" if path == RESUMES else "cleanup.videos"
    mine = [(e["result"], e["detail"]) for e in events if e["action"] == action]
    assert [m[0] for m in mine] == ["ok", "refused", "refused"]
    assert "0 files" in mine[0][1] and "DELETE_ALL" in mine[1][1] and "token" in mine[2][1]


@BOTH
def test_token_of_the_environment(fresh, path):
    name = "DELETE_ALL_RESUMES_TOKEN" if path == RESUMES else "DELETE_ALL_VIDEOS_TOKEN"
    s = fresh(**{name: "token of the house 4711"})
    assert s.anonymous().post(path, json=GOOD[path]).status_code == 401
    r = s.anonymous().post(path, json={**GOOD[path], "confirmation_token": "token of the house 4711"})
    assert r.status_code == 200
    assert "token of the house 4711" not in log(s) and "CONFIRM_DELETE" not in log(s)


# ---- what goes ----

def test_all_resumes_go(fresh):
    s = fresh()
    admin = s.login("admin")
    ids = [upload(admin, document(f"Person {i}", f"p{i}@example.com"), f"p{i}.pdf").json()["id"] for i in range(3)]
    for i in ids:
        read_candidate(admin, i)
    own = admin.post(f"{API}/resumes/upload", files={"file": ("own.pdf", document("Own", "own@example.com"))})
    assert own.status_code == 201, own.text
    stray = put(s, "uploads/team_1/resumes/stray.bin")
    video = put(s, "media/videos/stays.mp4")
    outside = put(s, "outside/keep.txt")
    os.symlink(outside, os.path.join(s.data, "uploads", "link.pdf"))
    os.symlink(os.path.dirname(outside), os.path.join(s.data, "uploads", "folder"))
    r = s.anonymous().post(RESUMES, json=GOOD[RESUMES], headers={"User-Agent": "a\ttest"})
    body = r.json()
    assert list(body) == ["success", "operation", "timestamp", "statistics", "message"]
    assert (body["success"], body["operation"], body["message"]) == (
        True, "cleanup_all_resumes", "Cleanup operation completed")
    assert list(body["statistics"].items()) == [
        ("total_resumes_before", 4), ("total_files_before", 5), ("files_removed", 5), ("files_failed", 0),
        ("db_records_removed", 4), ("db_errors", [])]
    assert re.search(r'"timestamp":\d{10}\.\d+,', r.text)
    assert admin.get(f"{API}/candidates/").json() == admin.get(f"{API}/resumes/").json() == []
    assert admin.get(f"{API}/candidates/search", params={"q": "Person"}).json() == []
    assert not os.path.exists(stray) and os.path.exists(video) and os.path.exists(outside)
    assert os.path.islink(os.path.join(s.data, "uploads", "link.pdf"))
    lines = log(s)
    for level, text in (("WARNING", "=== CLEANUP ALL RESUMES REQUEST STARTED ==="), ("INFO", "Request IP: 127.0.0.1"),
                        ("INFO", "User-Agent: a test"), ("WARNING", "=== STARTING DESTRUCTIVE CLEANUP OPERATION ==="),
                        ("WARNING", "=== CLEANUP OPERATION COMPLETED ===")):
        assert re.search(rf"^\S+Z - vitae - {level} - cleanup_all_resumes:\d+ - {re.escape(text)}$", lines, re.M), text
    # the same bytes are new again, and once more there is nothing to do
    again = upload(admin, document("Person 0", "p0@example.com"), "p0.pdf").json()
    assert again["duplicate"] is False and read_candidate(admin, again["id"])["status"] == "completed"
    s.anonymous().post(RESUMES, json=GOOD[RESUMES])
    statistics = s.anonymous().post(RESUMES, json=GOOD[RESUMES]).json()["statistics"]
    assert set(map(str, statistics.values())) == {"0", "[]"}


def test_a_folder_that_is_gone_holds_nothing(fresh):
    s = fresh()
    shutil.rmtree(os.path.join(s.data, "uploads"))
    r = s.anonymous().post(RESUMES, json=GOOD[RESUMES])
    assert r.status_code == 200 and r.json()["statistics"]["total_files_before"] == 0


def test_all_videos_go(fresh):
    s = fresh()
    names = ["a.mp4", "b.AVI", "c.mov", "d.mkv", "deeper/e.webm", "deeper/f.m4v", "g.3gp", "h.flv"]
    videos = [put(s, f"media/{folder}/{n}") for folder in ("videos", "interview_videos") for n in names]
    kept = [put(s, p) for p in ("media/videos/notes.txt", "media/videos/mp4", "media/posters/a.mp4", "media/a.mp4",
                                "uploads/a.mp4", "outside/a.mp4")]
    os.symlink(kept[-1], os.path.join(s.data, "media/videos/link.mp4"))
    os.symlink(os.path.dirname(kept[-1]), os.path.join(s.data, "media/videos/folder"))
    r = s.anonymous().post(VIDEOS, json=GOOD[VIDEOS])
    body = r.json()
    assert list(body) == ["success", "operation", "timestamp", "statistics", "message"]
    assert (body["success"], body["operation"], body["message"]) == (
        True, "cleanup_all_videos", "Video cleanup operation completed")
    assert list(body["statistics"].items()) == [
        ("total_files_before", 16), ("directories_processed", 2), ("files_removed", 16), ("files_failed", 0),
        ("cleanup_errors", [])]
    assert not any(map(os.path.exists, videos)) and all(map(os.path.exists, kept))
    lines = log(s)
    for text in ("=== CLEANUP ALL VIDEOS REQUEST STARTED ===", "=== STARTING DESTRUCTIVE VIDEO CLEANUP OPERATION ===",
                 "=== VIDEO CLEANUP OPERATION COMPLETED ==="):
        assert re.search(rf" - vitae - WARNING - cleanup_all_videos:\d+ - {re.escape(text)}$", lines, re.M), text
    shutil.rmtree(os.path.join(s.data, "media/interview_videos"))
    assert s.anonymous().post(VIDEOS, json=GOOD[VIDEOS]).json()["statistics"]["directories_processed"] == 1


def test_dry_run_lists_what_would_go(fresh):
    s = fresh()
    admin = s.login("admin")
    c = read_candidate(admin, upload(admin, document("Ada Dry", "dry@example.com"), "dry.pdf").json()["id"])
    video = put(s, "media/videos/a.mp4")
    body = s.anonymous().post(RESUMES, json=GOOD[RESUMES], params={"dry_run": "true"}).json()
    assert body["success"] is True and body["dry_run"] is True and body["files"] == [c["file_path"]]
    assert body["statistics"]["total_resumes_before"] == 1 and body["statistics"]["db_records_removed"] == 0
    body = s.anonymous().post(VIDEOS, json=GOOD[VIDEOS], params={"dry_run": "true"}).json()
    assert body["files"] == ["media/videos/a.mp4"] and body["statistics"]["files_removed"] == 0
    assert os.path.exists(video) and admin.get(f"{API}/candidates/{c['id']}/file").status_code == 200
    r = s.anonymous().post(RESUMES, json=GOOD[RESUMES], params={"dry_run": "perhaps"})
    assert r.status_code == 400 and "dry_run" in r.json()["error"]
    assert s.anonymous().post(RESUMES, json={}, params={"dry_run": "true"}).status_code == 401


# ---- faults ----

@pytest.fixture
def unprivileged():
    """A server that is not root, so that a folder can withstand it."""
    directory = tempfile.mkdtemp(prefix="vitae-", dir="/tmp")
    s = Server(directory, OCR_TIMEOUT="5")
    if os.geteuid() == 0:
        os.chmod(directory, 0o755)
        os.makedirs(s.data)
        for path in (directory, s.data):
            os.chown(path, 65534, 65534)
        s.program = os.path.join(directory, "vitae")
        with open(s.program, "w") as f:
            f.write(f'#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups {VITAE} "$@"\n')
        os.chmod(s.program, 0o755)
    try:
        s.start()
    except RuntimeError:
        pytest.skip("another user cannot run the program where it was built")
    yield s
    s.stop()
    for folder, _, _ in os.walk(directory):
        os.chmod(folder, stat.S_IRWXU)
    shutil.rmtree(directory)


def lock(path, mode=0o555):
    if os.geteuid() == 0:
        os.chown(path, 0, 0)
    os.chmod(path, mode)


def test_files_that_withstand_are_told(unprivileged):
    s = unprivileged
    admin = s.login("admin")
    c = read_candidate(admin, upload(admin, document("Ada Stays", "ada@example.com"), "ada.pdf").json()["id"])
    for path in ("uploads/old/one.pdf", "uploads/old/two.pdf", "media/videos/old/corrupted_video.mp4"):
        os.chmod(os.path.dirname(put(s, path)), 0o755)
    put(s, "media/videos/fine.mp4")
    for folder in ("uploads/old", "media/videos/old"):
        lock(os.path.join(s.data, folder))
    for folder in ("media/videos",):
        os.chmod(os.path.join(s.data, folder), 0o777)
    r = s.anonymous().post(RESUMES, json=GOOD[RESUMES])
    assert (r.status_code, r.json()["success"], r.json()["message"]) == (206, False, "Cleanup completed with errors")
    assert r.json()["statistics"] == {
        "total_resumes_before": 1, "total_files_before": 3, "files_removed": 1, "files_failed": 2,
        "db_records_removed": 1, "db_errors": []}
    assert admin.get(f"{API}/candidates/{c['id']}").status_code == 404
    r = s.anonymous().post(VIDEOS, json=GOOD[VIDEOS])
    assert (r.status_code, r.json()["success"], r.json()["message"]) == (
        206, False, "Video cleanup completed with errors")
    assert r.json()["statistics"] == {
        "total_files_before": 2, "directories_processed": 2, "files_removed": 1, "files_failed": 1,
        "cleanup_errors": ["Failed to remove video file corrupted_video.mp4: Permission denied"]}
    assert "Failed to remove video file corrupted_video.mp4: Permission denied" in log(s)


def test_a_folder_that_cannot_be_read(unprivileged):
    s = unprivileged
    os.chmod(os.path.dirname(put(s, "media/videos/old/a.mp4")), 0o755)
    lock(os.path.join(s.data, "media/videos/old"), 0o000)
    r = s.anonymous().post(VIDEOS, json=GOOD[VIDEOS])
    assert r.status_code == 206
    assert r.json()["statistics"]["cleanup_errors"] == [
        "Failed to read directory media/videos/old: Permission denied"]


def test_what_is_uploaded_meanwhile_keeps_its_file(fresh):
    s = fresh()
    stop = threading.Event()

    def uploads():
        client, n = s.login("admin"), 0
        while not stop.is_set():
            n += 1
            assert upload(client, document(f"Busy {n}", f"busy{n}@example.com"), f"b{n}.pdf").status_code == 202
    thread = threading.Thread(target=uploads)
    thread.start()
    try:
        for _ in range(10):
            r = s.anonymous().post(RESUMES, json=GOOD[RESUMES])
            assert r.status_code == 200, r.text
            told = r.json()["statistics"]
            assert told["total_files_before"] >= told["files_removed"]
            assert told["total_resumes_before"] == told["db_records_removed"]
    finally:
        stop.set()
        thread.join()
    admin = s.login("admin")
    for c in admin.get(f"{API}/candidates/", params={"limit": 500}).json():
        assert os.path.exists(os.path.join(s.data, c["file_path"])), "a row without its file"
