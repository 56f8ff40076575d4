"""Files in an object store (FILES_URL=s3://…): what is uploaded is there, what is deleted goes, and a store that is slow, away or unwilling
harms nothing else. The store is tests/lib/s3.py, which checks every signature."""
import base64
import contextlib
import hashlib
import os
import signal
import threading

import pytest
import requests

import documents
import s3
from videos import video
from vitae import API, BUILD, Server, read_candidate, upload, wait_until

MB = 1 << 20
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def house(store, tmp_path):
    """house(**settings): a server whose files are in the store."""
    servers = []

    def start(**settings):
        servers.append(Server(tmp_path / f"server{len(servers)}", **store.settings(**settings)))
        return servers[-1].start()

    yield start
    for server in servers:
        server.stop()
        server.drop_database()


def is_file(method, key, query):
    return "/uploads/" in key or "/media/" in key


def log_of(server):
    with open(os.path.join(server.data, "vitae.log")) as f:
        return f.read()


def send_video(client, data, name="answer.mp4"):
    return client.post(f"{API}/upload-video/", files={"file": (name, data)})


def seen_video(server, client, size):
    """A video that nobody looks into any more."""
    number = send_video(client, video("mp4", size)).json()["id"]
    wait_until(lambda: server.sql("SELECT count(*) FROM tasks WHERE kind = 'video.read'") == [(0,)], what="the look into the video")
    return number


# ---- there and back ----

def test_an_upload_is_read_downloaded_and_deleted(house, store):
    s = house()
    boss = s.login("admin")
    data = documents.unique_pdf()
    r = upload(boss, data, "Käthe + 1%&=?#.pdf")
    assert r.status_code == 202, r.text
    number = r.json()["id"]
    path, = store.files()
    assert path.startswith("uploads/") and path.endswith("_Käthe + 1%&=?#.pdf") and store.content(path) == data
    assert s.stored_files() == set()
    assert read_candidate(boss, number)["status"] == "completed"
    r = boss.get(f"{API}/candidates/{number}/file")
    assert r.content == data and r.headers["Content-Type"] == "application/pdf" and r.headers["Content-Length"] == str(len(data))
    assert "K%C3%A4the" in r.headers["Content-Disposition"]
    wait_until(lambda: os.listdir(os.path.join(s.data, "spool")) == [], what="an empty spool")
    etag = {"If-None-Match": r.headers["ETag"]}
    assert boss.get(f"{API}/candidates/{number}/file", headers=etag).status_code == 304
    r = boss.head(f"{API}/candidates/{number}/file")
    assert r.status_code == 200 and r.headers["Content-Length"] == str(len(data)) and r.content == b""
    assert upload(boss, data, "again.pdf").json()["duplicate"] is True
    assert store.files() == {path}
    assert boss.delete(f"{API}/candidates/{number}").status_code == 204
    wait_until(lambda: not store.files(), what="the object's end")
    wait_until(lambda: s.sql("SELECT count(*) FROM file_removals") == [(0,)], what="the note that it is gone")


def test_every_kind_of_file(house, store):
    """Résumés of one's own, files of the market, the archive of one's own data."""
    s = house()
    s.make_user("ada")
    ada = s.login("ada")
    pdf = documents.unique_pdf()
    resume = ada.post(f"{API}/resumes/upload", files={"file": ("cv.pdf", pdf)})
    assert resume.status_code == 201, resume.text
    assert ada.get(f"{API}/resumes/{resume.json()['id']}/download").content == pdf
    empty = ada.post(f"{API}/files/", files={"file": ("nothing.bin", b"")})
    some = ada.post(f"{API}/files/", files={"file": ("some.bin", b"\0\1\2")})
    assert some.status_code == 201, some.text
    assert ada.get(f"{API}/files/{some.json()['id']}/content").content == b"\0\1\2"
    if empty.status_code == 201:
        assert ada.get(f"{API}/files/{empty.json()['id']}/content").content == b""
    archive = ada.get(f"{API}/auth/me/export")
    assert archive.status_code == 200 and pdf in archive.content  # files are stored as they are
    assert all(store.content(p) is not None for p in store.files()) and len(store.files()) >= 2


def test_what_is_refused_leaves_nothing(house, store):
    boss = house().login("admin")
    assert upload(boss, b"no document", "a.pdf").status_code == 400
    assert send_video(boss, b"no video").status_code == 400
    assert boss.post(f"{API}/upload-video/", files={"file": ("a.mp4", video())}, data={"question_id": "999"}).status_code in (400, 404)
    wait_until(lambda: not store.files(), what="nothing to be left")


def test_a_transaction_that_fails_after_the_file_is_there_takes_it_away(house, store):
    """The same document twice at once: one candidate, one object."""
    s = house()
    boss = s.login("admin")
    data = documents.unique_pdf()
    stall = s3.Stall()
    replies = []
    with store.fault(stall, lambda m, k, q: m == "PUT" and is_file(m, k, q)):
        threads = [threading.Thread(target=lambda: replies.append(upload(boss, data, "same.pdf"))) for _ in range(2)]
        for t in threads:
            t.start()
        for _ in threads:
            assert stall.waiting.acquire(timeout=60)
        stall.release()
        for t in threads:
            t.join()
    assert {r.status_code for r in replies} == {202} and len({r.json()["id"] for r in replies}) == 1
    wait_until(lambda: len(store.files()) == 1, what="one object")
    assert s.sql("SELECT file_path FROM candidates") == [tuple(store.files())]


def test_connections_are_kept(house, store):
    """A thread that asks the store often does not connect anew each time; one that was closed meanwhile is no failure."""
    boss = house().login("admin")
    for i in range(3):
        numbers = [upload(boss, documents.unique_pdf(), f"{n}.pdf").json()["id"] for n in range(10)]
        assert all(boss.get(f"{API}/candidates/{n}/file").status_code == 200 for n in numbers)
        assert len(store.connections) <= 24  # no more than there are threads
        store.stop()
        store.start()
    assert len(store.requests) > 120


# ---- large files ----

def test_a_video_in_parts_and_by_ranges(house, store):
    boss = house().login("admin")
    data = video("mp4", 20 * MB + 12345)
    r = send_video(boss, data)
    assert r.status_code == 201, r.text
    path = f"{API}/videos/{r.json()['id']}/file"
    assert sum("partNumber" in q for m, k, q in store.requests) == 3 and not store.uploads
    assert hashlib.sha256(store.content(r.json()["file_path"])).digest() == hashlib.sha256(data).digest()
    assert boss.get(path).content == data
    whole = len(data)
    for wanted, first, last in (("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), (f"bytes={8 * MB - 5}-{16 * MB + 5}", 8 * MB - 5, 16 * MB + 5),
                                ("bytes=-7", whole - 7, whole - 1), (f"bytes={whole - 3}-", whole - 3, whole - 1)):
        r = boss.get(path, headers={"Range": wanted})
        assert r.status_code == 206 and r.headers["Content-Range"] == f"bytes {first}-{last}/{whole}"
        assert r.content == data[first:last + 1] and r.headers["Content-Length"] == str(last - first + 1)
    r = boss.get(path, headers={"Range": f"bytes={whole}-"})
    assert r.status_code == 416 and r.headers["Content-Range"] == f"bytes */{whole}"
    head = boss.head(path)
    assert head.headers["Content-Length"] == str(whole) and head.headers["Accept-Ranges"] == "bytes"


def test_a_reader_that_leaves_ends_the_fetching(house, store):
    s = house()
    boss = s.login("admin")
    number = seen_video(s, boss, 40 * MB)
    stall = s3.Stall()
    with store.fault(stall, lambda m, k, q: m == "GET" and is_file(m, k, q) and len(ranges()) > 1):
        ranges = lambda: [1 for m, k, q in store.requests[begun:] if m == "GET" and is_file(m, k, q)]  # noqa: E731
        begun = len(store.requests)
        r = boss.get(f"{API}/videos/{number}/file", stream=True)
        assert next(r.iter_content(1000))
        assert stall.waiting.acquire(timeout=60)  # the second range is asked for
        r.close()
        stall.release()
        assert boss.get(f"{API}/videos/{number}/poster").status_code in (200, 404)
    assert s.stop() == 0  # which waits for whoever still sends
    assert len(ranges()) < 5


def test_parts_that_fail_are_aborted(house, store):
    boss = house().login("admin")
    data = video("mp4", 18 * MB)
    with store.fault(s3.status(500, "InternalError"), lambda m, k, q: q.get("partNumber") == "2"):
        r = send_video(boss, data)
    assert r.status_code == 503 and "file store" in r.json()["detail"] and int(r.headers["Retry-After"]) >= 1
    assert not store.uploads and not store.files()
    store.late_errors = 1  # the end of an upload says 200 and then that it failed
    assert send_video(boss, data).status_code == 503
    assert not store.uploads and not store.files()
    assert send_video(boss, data).status_code == 201


def test_an_end_whose_reply_is_lost_has_been(house, store):
    """The store knows of no such upload any more when it is asked again: the object is there."""
    boss = house().login("admin")
    data = video("mp4", 18 * MB)
    store.lost_ends = 1
    r = send_video(boss, data)
    assert r.status_code == 201 and store.lost_ends == 0, r.text
    assert store.content(r.json()["file_path"]) == data


def test_an_upload_that_the_store_forgets_is_no_404(house, store):
    boss = house().login("admin")
    with store.fault(s3.status(404, "NoSuchUpload"), lambda m, k, q: q.get("partNumber") == "2"):
        r = send_video(boss, video("mp4", 18 * MB))
    assert r.status_code == 503 and "file store" in r.json()["detail"], r.text
    assert not store.files()


def test_what_the_store_refuses_is_in_the_audit_trail(house, store):
    boss = house().login("admin")
    with store.fault(s3.status(500, "InternalError"), is_file):
        assert upload(boss, documents.unique_pdf(), "a.pdf").status_code == 503
    events = boss.get(f"{API}/audit?action=candidate.upload").json()
    assert [e["result"] for e in events] == ["failed"], events


def test_errors_that_pass_are_tried_again(house, store):
    s = house()
    boss = s.login("admin")
    data = video("mp4", 9 * MB)
    with store.fault(s3.status(503, "SlowDown", [("Retry-After", "1")]), is_file, times=1):
        number = send_video(boss, data).json()["id"]
    with store.fault(s3.hang_up, lambda m, k, q: m == "PUT" and is_file(m, k, q), times=2):
        assert upload(boss, documents.unique_pdf(), "cut.pdf").status_code == 202
    store.cut_after = 3 * MB  # a download that breaks in its middle goes on there
    assert boss.get(f"{API}/videos/{number}/file").content == data
    assert store.cut_after is None


def test_a_download_that_cannot_go_on_is_cut(house, store):
    """The reader must see that it is not whole."""
    s = house()
    boss = s.login("admin")
    number = seen_video(s, boss, 20 * MB)
    seen = []

    def later(m, k, q):
        if m == "GET" and is_file(m, k, q):
            seen.append(k)
        return len(seen) > 1
    with store.fault(s3.status(403, "AccessDenied"), later):
        r = boss.get(f"{API}/videos/{number}/file")
        assert len(r.content) < int(r.headers["Content-Length"]) == 20 * MB
    assert boss.get("/health").status_code == 200


def test_an_upload_of_200_mb_takes_little_memory(house, store):
    if "asan" in BUILD:
        pytest.skip("the sanitizer keeps what was freed")
    s = house(MAX_VIDEO_MB=300)
    boss = s.login("admin")
    boss.get("/health")
    size = 200 * MB

    def peak():
        with open(f"/proc/{s.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) * 1024

    def pieces():
        block = video("mp4", MB)
        for i in range(size // MB):
            yield block
    before = peak()
    begun = boss.post(f"{API}/video-uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata":
                                                        "filename " + base64.b64encode(b"long.mp4").decode()})
    r = boss.patch(begun.headers["Location"], data=pieces(), headers={**TUS, "Upload-Offset": "0"}, timeout=300)
    assert r.status_code == 204, r.text
    v = boss.get(r.headers["Content-Location"]).json()
    assert os.path.getsize(store.objects[f"{store.prefix}/{v['file_path']}"][0]) == size
    taken = sum(len(c) for c in boss.get(f"{API}/videos/{v['id']}/file", stream=True).iter_content(MB))
    assert taken == size
    assert peak() - before < 48 * MB, f"{(peak() - before) >> 20} MB"
    wait_until(lambda: os.listdir(os.path.join(s.data, "spool")) == [], what="an empty spool")


def test_resumable_uploads_end_in_the_store(house, store):
    s = house()
    boss = s.login("admin")
    data = video("webm", 300_000)
    r = boss.post(f"{API}/video-uploads/", headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)), "Upload-Metadata":
                                                    "filename " + base64.b64encode(b"a.webm").decode()})
    assert r.status_code == 201, r.text
    path = r.headers["Location"]
    assert boss.patch(path, data=data[:100_000], headers={**TUS, "Upload-Offset": "0"}).status_code == 204
    with store.fault(s3.status(500, "InternalError"), is_file):
        assert boss.patch(path, data=data[100_000:], headers={**TUS, "Upload-Offset": "100000"}).status_code == 503
    assert boss.head(path, headers={"Tus-Resumable": "1.0.0"}).headers["Upload-Offset"] == "100000"
    r = boss.patch(path, data=data[100_000:], headers={**TUS, "Upload-Offset": "100000"})
    assert r.status_code == 204, r.text
    v = boss.get(r.headers["Content-Location"]).json()
    assert store.content(v["file_path"]) == data
    wait_until(lambda: s.stored_files() == set(), what="no file here")
    assert boss.get(f"{API}/videos/{v['id']}/file").content == data


# ---- a store that does not work ----

def test_a_store_that_is_away_and_comes_back(house, store):
    s = house()
    boss = s.login("admin")
    data = documents.unique_pdf()
    number = upload(boss, data, "a.pdf").json()["id"]
    read_candidate(boss, number)
    store.stop()
    other = documents.unique_pdf()
    r = upload(boss, other, "b.pdf")
    assert r.status_code == 503 and "file store" in r.json()["detail"] and int(r.headers["Retry-After"]) >= 1
    r = boss.get(f"{API}/candidates/{number}/file")
    assert r.status_code == 503 and "file store" in r.json()["detail"]
    assert boss.get(f"{API}/candidates/{number}").status_code == 200 and boss.get("/health").status_code == 200
    assert boss.delete(f"{API}/candidates/{number}").status_code == 204  # the file goes when the store is back
    assert s.sql("SELECT count(*) FROM file_removals") == [(1,)]
    assert len(boss.get(f"{API}/candidates/").json()) == 0
    store.start()
    r = upload(boss, other, "b.pdf")
    assert r.status_code == 202 and r.json()["duplicate"] is False
    assert read_candidate(boss, r.json()["id"])["status"] == "completed"
    s.sql("UPDATE tasks SET run_after = 1 WHERE kind = 'files.remove'")
    wait_until(lambda: len(store.files()) == 1, what="the removal")


def test_a_slow_store_holds_up_nobody_else(house, store):
    """More requests than there are threads wait for it."""
    s = house()
    boss = s.login("admin")
    number = upload(boss, documents.unique_pdf(), "a.pdf").json()["id"]
    read_candidate(boss, number)
    stall = s3.Stall()
    replies = []
    with store.fault(stall, is_file):
        threads = [threading.Thread(target=lambda i=i: replies.append(
            upload(s.login("admin"), documents.unique_pdf(), f"{i}.pdf") if i % 2 else
            s.login("admin").get(f"{API}/candidates/{number}/file"))) for i in range(14)]
        for t in threads:
            t.start()
        for _ in range(8):
            assert stall.waiting.acquire(timeout=60)
        for _ in range(3):
            assert boss.get("/health", timeout=10).status_code == 200
            assert boss.post(f"{API}/teams", json={"name": os.urandom(4).hex()}, timeout=10).status_code == 201
            assert boss.get(f"{API}/candidates/{number}", timeout=10).status_code == 200
        stall.release()
        for t in threads:
            t.join()
    assert {r.status_code for r in replies} == {200, 202}


def test_a_stalled_store_is_given_up(house, store):
    s = house(S3_TIMEOUT=1)
    boss = s.login("admin")
    stall = s3.Stall()
    with store.fault(stall, is_file):
        r = upload(boss, documents.unique_pdf(), "a.pdf")
        stall.release()
    assert r.status_code == 503 and "file store" in r.json()["detail"]
    assert s.sql("SELECT count(*) FROM candidates") == [(0,)]


@pytest.mark.parametrize("wrong,told", [
    ({"S3_SECRET_ACCESS_KEY": "another secret"}, "S3_SECRET_ACCESS_KEY"),
    ({"S3_ACCESS_KEY_ID": "NOBODY"}, "S3_ACCESS_KEY_ID"),
    ({"S3_REGION": "elsewhere"}, "S3_REGION"),
    ({"FILES_URL": "s3://not-the-bucket/a"}, "no such bucket"),
    ({"FILES_URL": "s3://UPPER"}, "FILES_URL"),
    ({"FILES_URL": "ftp://a/b"}, "FILES_URL"),
    ({"S3_ACCESS_KEY_ID": None}, "S3_ACCESS_KEY_ID"),
])
def test_wrong_settings_are_told_at_the_start(store, tmp_path, wrong, told):
    s = Server(tmp_path / "s", **store.settings(**wrong))
    try:
        with pytest.raises(RuntimeError) as e:
            s.start()
        assert told in str(e.value)
        assert s3.SECRET not in str(e.value) and "another secret" not in str(e.value)
    finally:
        s.drop_database()


def test_a_clock_that_is_wrong_is_told(store, tmp_path):
    store.skew, store.terse = 3600, True
    s = Server(tmp_path / "s", **store.settings())
    with pytest.raises(RuntimeError) as e:
        s.start()
    assert "clock" in str(e.value) and "RequestTimeTooSkewed" in str(e.value) and "()" not in str(e.value)
    s.drop_database()


def test_a_start_without_the_store(house, store):
    store.stop()
    s = house()
    boss = s.login("admin")
    assert upload(boss, documents.unique_pdf(), "a.pdf").status_code == 503
    assert "file store" in log_of(s)
    store.start()
    assert upload(boss, documents.unique_pdf(), "a.pdf").status_code == 202


def test_another_installations_files_are_left_alone(house, store, tmp_path):
    upload(house().login("admin"), documents.unique_pdf(), "a.pdf")
    other = Server(tmp_path / "other", **store.settings())
    with pytest.raises(RuntimeError) as e:
        other.start()
    assert "another installation" in str(e.value)
    other.drop_database()
    assert len(store.files()) == 1


def test_secrets_are_written_nowhere(house, store):
    s = house()
    boss = s.login("admin")
    with store.fault(s3.status(403, "AccessDenied"), is_file):
        assert upload(boss, documents.unique_pdf(), "a.pdf").status_code == 503
    told = s.run("config").stdout.decode()
    assert "S3_SECRET_ACCESS_KEY=***" in told or "S3_SECRET_ACCESS_KEY=" in told and s3.SECRET not in told
    assert s3.SECRET not in log_of(s) and "Signature=" not in log_of(s) and "AccessDenied" in log_of(s)


# ---- what is left behind ----

def test_the_sweep_removes_what_nobody_knows(house, store):
    s = house()
    boss = s.login("admin")
    store.page = 3
    for i in range(5):
        upload(boss, documents.unique_pdf(), f"{i}.pdf")
    known = store.files()
    for key in ("uploads/00_old.pdf", "media/videos/00_old.mp4", "uploads/00_new.pdf"):
        handle = os.path.join(store.directory, "x")
        with open(handle, "wb") as f:
            f.write(b"x")
        store.keep(f"{store.prefix}/{key}", handle)
    for key in list(store.objects):
        if "00_new" not in key:
            store.age(key, 2 * 86400)
    store.uploads.update({f"old{i}": {"key": f"{store.prefix}/media/videos/a.mp4", "parts": {}, "begun": 0} for i in range(8)})
    s.sql("UPDATE schedules SET next_run = 1 WHERE name = 'files.sweep'")
    wait_until(lambda: store.files() == known | {"uploads/00_new.pdf"} and not store.uploads, 60, "the sweep")


def test_all_resumes_are_deleted_but_not_what_comes_meanwhile(house, store):
    s = house()
    boss = s.login("admin")
    for i in range(4):
        upload(boss, documents.unique_pdf(), f"{i}.pdf")
    order = {"confirmation_token": "CONFIRM_DELETE_ALL_RESUMES_2025", "confirm_action": "DELETE_ALL_RESUME_DATA"}
    stall = s3.Stall()
    late = []
    data = documents.unique_pdf()
    with store.fault(stall, lambda m, k, q: m == "PUT" and k.endswith("late.pdf"), times=1):
        t = threading.Thread(target=lambda: late.append(upload(boss, data, "late.pdf")))
        t.start()
        assert stall.waiting.acquire(timeout=60)
        r = s.anonymous().post(f"{API}/cleanup-all-resumes/", json=order)
        stall.release()
        t.join()
    assert r.status_code == 200, r.text
    told = r.json()["statistics"]
    assert (told["total_files_before"], told["files_removed"], told["db_records_removed"]) == (4, 4, 4)
    assert late[0].status_code == 202
    path, = s.sql("SELECT file_path FROM candidates")[0]
    wait_until(lambda: store.files() == {path}, what="the one file")
    assert store.content(path) == data


def test_all_videos_are_deleted_and_shown_as_gone(house, store):
    s = house()
    boss = s.login("admin")
    number = send_video(boss, video()).json()["id"]
    assert boss.get(f"{API}/videos/{number}").json()["available"] is True
    r = s.anonymous().post(f"{API}/cleanup-all-videos/", json={"confirmation_token": "CONFIRM_DELETE_ALL_VIDEOS_2025",
                                                              "confirm_action": "DELETE_ALL_VIDEO_DATA"})
    assert r.status_code == 200 and r.json()["statistics"]["files_removed"] == 1, r.text
    assert not [p for p in store.files() if p.startswith("media/videos/")]
    assert boss.get(f"{API}/videos/{number}").json()["available"] is False
    assert [v["available"] for v in boss.get(f"{API}/videos/").json()] == [False]
    assert boss.get(f"{API}/videos/{number}/file").status_code == 410


def test_kill_leaves_nothing_that_counts(house, store):
    """kill -9 in the middle of a put: no candidate without its file."""
    s = house()
    boss = s.login("admin")
    stall = s3.Stall()
    with store.fault(stall, lambda m, k, q: m == "PUT" and is_file(m, k, q)):
        t = threading.Thread(target=try_upload, args=(boss,))
        t.start()
        assert stall.waiting.acquire(timeout=60)
        s.stop(signal.SIGKILL)
        stall.release()
        t.join()
    s.start()
    assert s.sql("SELECT count(*) FROM candidates") == [(0,)]
    assert upload(s.login("admin"), documents.unique_pdf(), "a.pdf").status_code == 202


def try_upload(client):
    with contextlib.suppress(requests.exceptions.RequestException):
        upload(client, documents.unique_pdf(), "a.pdf")
