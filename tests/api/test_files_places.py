"""Where an installation's files may be: a folder that servers share, one object store for several servers; and how they get from one
place to another: copied, backed up, brought back."""
import base64
import os
import signal

import pytest

import documents
import postgres
import s3
import test_instances
from videos import video
from vitae import API, Server, read_candidate, upload, wait_until

TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def server(tmp_path):
    """server(name, **settings): not started yet, in a directory of that name."""
    made = []

    def make(name, **settings):
        made.append(Server(tmp_path / name, **settings))
        return made[-1]

    yield make
    for s in made:
        s.stop()
    for url in {s.settings.get("DATABASE_URL") for s in made} - {None}:
        postgres.drop(url)


def begin(client, length, name="a.mp4"):
    r = client.post(f"{API}/video-uploads/", headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode()})
    assert r.status_code == 201, r.text
    return r.headers["Location"]


def send(client, path, offset, data):
    return client.patch(path, data=data, headers={**TUS, "Upload-Offset": str(offset)})


def share(one, two):
    """A document sent to one server is read, by whichever, and sent by the other; returns its number."""
    data = documents.unique_pdf()
    number = upload(one, data, "a.pdf").json()["id"]
    assert read_candidate(two, number)["status"] == "completed"
    assert two.get(f"{API}/candidates/{number}/file").content == data
    return number


def begin_video(one):
    """(the bytes, the address of an upload of them, of which 100,000 have come)"""
    film = video("mp4", 300_000)
    path = begin(one, len(film))
    assert send(one, path, 0, film[:100_000]).status_code == 204
    return film, path


def below(folder):
    return {os.path.relpath(os.path.join(top, n), folder) for d in ("uploads", "media")
            for top, _, names in os.walk(os.path.join(folder, d)) for n in names}


def some_files(s):
    """A candidate and a video; {path: bytes} as they were sent."""
    boss = s.login("admin")
    pdf, film = documents.unique_pdf(), video("mp4", 9 << 20)
    number = upload(boss, pdf, "a b.pdf").json()["id"]
    read_candidate(boss, number)
    made = boss.post(f"{API}/upload-video/", files={"file": ("v.mp4", film)})
    assert made.status_code == 201, made.text
    wait_until(lambda: s.sql("SELECT count(*) FROM tasks WHERE kind IN ('video.read', 'candidate.parse')") == [(0,)], what="the readers")
    return {s.sql("SELECT file_path FROM candidates")[0][0]: pdf, made.json()["file_path"]: film}


def check_files(s, files):
    boss = s.login("admin")
    pdf, film = files.values()
    assert boss.get(f"{API}/candidates/1/file").content == pdf
    assert boss.get(f"{API}/videos/1/file").content == film


def test_two_servers_one_store(server, store):
    """Each with a DATA_DIR of its own."""
    url = postgres.shared().new_database()
    one, two = (server(n, DATABASE_URL=url, **store.settings()).start() for n in ("one", "two"))
    a, b = one.login("admin"), two.login("admin")
    number = share(a, b)
    film, path = begin_video(a)
    r = send(b, path, 100_000, film[100_000:])
    assert r.status_code == 204, r.text
    assert b.get(r.headers["Content-Location"] + "/file").content == film
    # what one is told to delete, any of them removes
    assert b.delete(f"{API}/candidates/{number}").status_code == 204
    one.stop(signal.SIGKILL)
    wait_until(lambda: not [p for p in store.files() if p.startswith("uploads/")], what="the removal")
    assert b.get(r.headers["Content-Location"] + "/file").content == film
    assert one.stored_files() == two.stored_files() == set()


def test_servers_die_at_random(server, store):
    """Nothing that was answered is lost, and no row is without its object."""
    url = postgres.shared().new_database()
    servers = [server(n, DATABASE_URL=url, **store.settings()).start() for n in ("one", "two", "three")]
    promised = {}
    test_instances.kill_at_random(servers, 20, promised)
    test_instances.check_all(servers[0], promised, store.content)


def test_two_servers_one_folder(server, tmp_path):
    url = postgres.shared().new_database()
    shared = tmp_path / "shared"
    one, two = (server(n, DATABASE_URL=url, FILES_URL=f"file://{shared}").start() for n in ("one", "two"))
    a, b = one.login("admin"), two.login("admin")
    number = share(a, b)
    film, path = begin_video(a)
    r = send(b, path, 100_000, film[100_000:])  # goes on at any of them
    assert r.status_code == 204, r.text
    assert a.get(r.headers["Content-Location"] + "/file").content == film
    assert len(below(shared)) >= 2 and one.stored_files() == two.stored_files() == set()
    assert b.delete(f"{API}/candidates/{number}").status_code == 204
    wait_until(lambda: not [p for p in below(shared) if p.startswith("uploads/")], what="the removal")
    other = server("other", FILES_URL=f"file://{shared}")
    with pytest.raises(RuntimeError) as e:
        other.start()
    assert "another installation" in str(e.value)


def test_files_move_into_the_store(server, store):
    s = server("one").start()
    files = some_files(s)
    s.stop()
    here = f"file://{s.data}"
    there = store.settings()["FILES_URL"]
    s.settings.update({k: v for k, v in store.settings().items() if k != "FILES_URL"})
    with store.fault(s3.status(403, "AccessDenied"), lambda m, k, q: m != "GET" and k.endswith(".mp4")):
        r = s.run("files", "copy", here, there)
    assert r.returncode == 1 and b"file store" in r.stderr
    r = s.run("files", "copy", here, there)
    assert r.returncode == 0 and b"were there already" in r.stdout, r.stderr
    assert set(files) <= store.files() == below(s.data)
    assert all(store.content(p) == data for p, data in files.items())
    s.settings["FILES_URL"] = there
    for p in below(s.data):
        os.unlink(os.path.join(s.data, p))
    s.start()
    check_files(s, files)
    assert len(upload(s.login("admin"), documents.unique_pdf(), "new.pdf").json()) > 1
    s.stop()
    r = s.run("files", "copy", there, here)  # and back
    assert r.returncode == 0, r.stderr
    assert below(s.data) == store.files()
    s.settings["FILES_URL"] = None
    s.start()
    check_files(s, files)


@pytest.mark.parametrize("arguments,said", [
    (["copy", "file:///nowhere/at/all", "file:///tmp/x"], "no folder"),
    (["copy", "data", "s3://bucket/x"], "no place for files"),
    (["copy", "file:///tmp", "s3://bucket/x"], "S3_ACCESS_KEY_ID"),
    (["move", "a", "b"], "say 'copy'"),
    (["copy", "a"], "say 'copy'"),
])
def test_what_cannot_be_copied(server, arguments, said):
    s = server("one")
    assert s.run("migrate").returncode == 0
    r = s.run("files", *arguments)
    assert r.returncode in (1, 2) and said in r.stderr.decode()


def test_a_backup_out_of_the_store_comes_back_into_another(server, store, tmp_path):
    s = server("one", **store.settings()).start()
    files = some_files(s)
    archive = str(tmp_path / "backup.tar.zst")
    r = s.run("backup", archive)
    assert r.returncode == 0, r.stderr
    s.stop()
    with s3.Store(prefix="new") as other:
        new = server("new", **other.settings())
        r = new.run("restore", archive)
        assert r.returncode == 0, r.stderr
        assert set(files) <= other.files() == store.files() and below(new.data) == set()
        new.start()
        check_files(new, files)
        new.stop()
    plain = server("plain")  # or into a folder
    r = plain.run("restore", archive)
    assert r.returncode == 0, r.stderr
    assert below(plain.data) == store.files()
    plain.start()
    check_files(plain, files)


def test_names_come_back_as_they_were(server, tmp_path):
    """Letters with their accents apart too, as some systems name files: an archive's reader may put them together."""
    names = ["e\u0301te\u0301.pdf", "\u00fc \u2713 \u65e5\u672c.pdf", "%41+~'()*!.pdf"]
    s = server("one").start()
    boss = s.login("admin")
    sent = {upload(boss, data, name).json()["id"]: data for name, data in ((n, documents.unique_pdf()) for n in names)}
    archive = str(tmp_path / "backup.tar.gz")
    r = s.run("backup", archive)
    assert r.returncode == 0, r.stderr
    new = server("new")
    r = new.run("restore", archive)
    assert r.returncode == 0, r.stderr
    assert below(new.data) == below(s.data)
    boss = new.start().login("admin")
    assert {n: boss.get(f"{API}/candidates/{n}/file").content for n in sent} == sent


def test_a_backup_that_misses_the_store_is_none(server, store, tmp_path):
    s = server("one", **store.settings()).start()
    some_files(s)
    with store.fault(s3.status(403, "AccessDenied"), lambda m, k, q: m == "GET" and "/media/" in k):
        r = s.run("backup", str(tmp_path / "b.tar"))
    assert r.returncode == 1 and b"file store" in r.stderr and not os.path.exists(tmp_path / "b.tar")


def test_the_mark_goes_along_to_another_engine(server, store):
    """The copy of the database is the installation from then on."""
    s = server("one", DATABASE_URL=None, **store.settings()).start()
    files = some_files(s)
    s.stop()
    url = postgres.shared().new_database()
    r = s.run("copy", f"sqlite://{s.data}/vitae.db", url)
    assert r.returncode == 0, r.stderr
    new = server("two", DATABASE_URL=url, **store.settings()).start()
    check_files(new, files)
