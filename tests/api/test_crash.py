"""What survives: kill -9 of the server and of parsers, documents that kill their parser, SIGTERM, a second server."""
import hashlib
import os
import shutil
import signal
import threading
import time

import pytest
import requests

import documents
from vitae import API, BUILD, ENGINE, VITAE, Client, Server, children, read_candidate, upload, wait_until

LIST = f"{API}/candidates/"


def kill(server):
    server.process.kill()
    server.stop()


def all_candidates(client):
    found, url = [], f"{LIST}?limit=500"
    while url:
        r = client.get(url)
        found += r.json()
        url = r.links.get("next", {}).get("url")
    return found


def settled(client):
    """All candidates, once none is unfinished."""
    def done():
        rows = all_candidates(client)
        return rows if all(k["status"] in ("completed", "failed") for k in rows) else None
    return wait_until(done, 90, "the end of all reading")


def check_files(server, rows):
    """Every row has its file, whole; nothing else is there."""
    paths = [k["file_path"] for k in rows]
    assert len(set(paths)) == len(paths)
    assert set(paths) <= server.stored_files()
    if server.engine == "postgresql":
        return  # what was left may be another server's, and stays for a day
    wait_until(lambda: server.stored_files() == set(paths), 30, "the removal of files without a row")
    wait_until(lambda: not os.listdir(os.path.join(server.data, "spool")), 30, "an empty spool")


# ---- the server dies ----

def test_kill_the_server_while_it_takes_uploads(fresh):
    s = fresh()
    promised = {}  # id -> sha256 of what was sent; every 202 stands here
    for round_ in range(3):
        token, base, enough = s.token("admin"), s.base, threading.Event()

        def work(n):
            c = Client(base, token)
            for i in range(15):
                data = documents.unique_pdf()
                try:
                    r = upload(c, data, f"r{round_}w{n}i{i}.pdf")
                except requests.exceptions.RequestException:
                    return
                assert r.status_code == 202, r.text
                assert r.json()["id"] not in promised, "an id given twice"
                promised[r.json()["id"]] = hashlib.sha256(data).hexdigest()
                if len(promised) >= before + 12 + 16 * round_:
                    enough.set()

        before = len(promised)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        assert enough.wait(60)
        kill(s)
        for t in threads:
            t.join()
        s.start()
    rows = settled(s.login("admin"))
    by_id = {k["id"]: k for k in rows}
    assert set(promised) <= set(by_id), "an upload with a 202 is lost"
    for number, digest in promised.items():
        k = by_id[number]
        assert k["status"] == "completed", k["error_message"]
        assert (k["name"], k["email"]) == (documents.PERSON["name"], documents.PERSON["email"])
        with open(os.path.join(s.data, k["file_path"]), "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == digest
    # one that was stored but whose reply was lost is there once, too
    assert len({k["filename"] for k in rows}) == len(rows)
    assert all(k["status"] == "completed" for k in rows)
    assert s.sql("SELECT count(*) FROM candidate_profiles") == [(len(rows),)]
    wait_until(lambda: s.sql("SELECT count(*) FROM tasks WHERE kind = 'candidate.parse'") == [(0,)], 30, "the tasks' end")
    check_files(s, rows)
    if s.engine == "sqlite":
        assert s.sql("PRAGMA integrity_check") == [("ok",)]


def test_the_end_of_the_server_is_no_attempt(fresh):
    """A document that is being read when the server is killed is not to blame, however often."""
    s = fresh(PARSERS="1")
    number = upload(s.login("admin"), documents.unique_pdf(), "patient.pdf").json()["id"]
    for _ in range(4):
        kill(s)
        s.start()
    assert read_candidate(s.login("admin"), number)["status"] == "completed"


def test_parsers_end_with_a_killed_server(fresh):
    s = fresh()
    c = s.login("admin")
    ids = [upload(c, documents.unique_pdf(), f"e{i}.pdf").json()["id"] for i in range(3)]
    for i in ids:
        read_candidate(c, i)
    pids = children(s.process.pid)
    assert pids
    kill(s)
    for pid in pids:
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 30, "the end of a parser")


@pytest.mark.skipif(ENGINE != "sqlite", reason="with PostgreSQL another server may be at work on them; a day later they go")
def test_what_a_killed_server_left_is_removed(fresh):
    s = fresh()
    # before the upload, so that they are clearly older than the next server
    for name in ("uploads/0123abcd_orphan.pdf", "spool/0123abcd", "media/0123abcd_orphan.mp4"):
        with open(os.path.join(s.data, name), "w") as f:
            f.write("left")
    k = read_candidate(s.login("admin"), upload(s.login("admin"), documents.unique_pdf(), "kept.pdf").json()["id"])
    kill(s)
    s.start()
    check_files(s, [k])


@pytest.mark.skipif(ENGINE != "sqlite", reason="with PostgreSQL several servers may share a DATA_DIR")
def test_a_second_server(fresh, tmp_path):
    s = fresh()
    second = Server(tmp_path / "second", DATA_DIR=s.data)
    with pytest.raises(RuntimeError) as e:
        second.start()
    assert "another vitae server is running on DATA_DIR" in str(e.value)
    assert second.process.returncode == 1
    assert s.login("admin").get(f"{API}/users/me").status_code == 200
    kill(s)
    with second:  # a killed one's lock is gone with it
        assert second.login("admin").get(f"{API}/users/me").status_code == 200


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_stop_finishes_what_is_under_way(fresh, sig):
    s = fresh(PARSERS="1")
    c = s.login("admin")
    ids = [upload(c, documents.unique_pdf(), f"s{i}.pdf").json()["id"] for i in range(10)]
    pids = children(s.process.pid)
    assert s.stop(sig) == 0
    for pid in pids:
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 30, "the end of a parser")
    # nothing is left half done: each is completed, or waits
    states = {status for status, in s.sql("SELECT status FROM candidates")}
    assert states <= {"completed", "uploaded"}, states
    assert s.sql("SELECT count(*) FROM tasks WHERE lease_owner IS NOT NULL") == [(0,)]
    s.start()
    c = s.login("admin")
    assert [read_candidate(c, i)["status"] for i in ids] == ["completed"] * 10


def test_stop_lets_an_upload_end(fresh):
    """A request that has begun gets its reply, although the server was told to stop meanwhile."""
    s = fresh()
    c, data = s.login("admin"), documents.pdf(salt=b"x" * 3000000)
    stopped = threading.Event()

    def pieces():
        head = (b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow.pdf\"\r\n\r\n")
        yield head + data[:1000000]
        spool = os.path.join(s.data, "spool")
        wait_until(lambda: [n for n in os.listdir(spool) if os.path.getsize(os.path.join(spool, n)) > 500000], 30, "the spool")
        s.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping on SIGTERM" in open(os.path.join(s.data, "vitae.log")).read(), 30, "the stop")
        stopped.set()
        yield data[1000000:] + b"\r\n--b--\r\n"

    r = c.post(f"{LIST}upload", data=pieces(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert stopped.is_set() and r.status_code == 202, r.text
    assert s.stop() == 0
    s.start()
    assert read_candidate(s.login("admin"), r.json()["id"])["status"] == "completed"


# ---- parsers die ----

def test_kill_parsers_while_they_work(fresh):
    s = fresh(PARSERS="2")
    c = s.login("admin")
    ids = [upload(c, documents.unique_pdf(), f"k{i}.pdf").json()["id"] for i in range(30)]
    for pid in wait_until(lambda: children(s.process.pid), 30, "parsers"):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert [read_candidate(c, i)["status"] for i in ids] == ["completed"] * 30
    # idle ones too: the next document notices, and is not to blame
    for pid in children(s.process.pid):
        os.kill(pid, signal.SIGKILL)
    k = read_candidate(c, upload(c, documents.unique_pdf(), "after.pdf").json()["id"])
    assert k["status"] == "completed"
    assert c.get("/health").json()["status"] == "healthy"


@pytest.fixture
def malicious(tmp_path):
    """malicious(mode): a server whose parser is the program malice, in this mode."""
    malice = os.path.join(BUILD, "src", "proc", "malice")
    if not os.path.exists(malice):
        pytest.skip("the program malice is not built")
    programs = tmp_path / "programs"
    programs.mkdir()
    shutil.copy(VITAE, programs / "vitae")
    shutil.copy(malice, programs / "vitae-parser")
    started = []

    def start(mode, **settings):
        s = Server(tmp_path / "malicious", SKILLS_FILE=mode, PARSERS="1", **settings)
        s.program = str(programs / "vitae")
        open(os.path.join(s.directory, mode), "w").close()  # the server looks whether the file is there
        started.append(s)
        return s.start()

    yield start
    for s in started:
        s.stop()


SENTENCE = "save it anew as PDF or DOCX"


@pytest.mark.parametrize("mode", ["die", "exit", "garbage", "wrong", "huge"])
def test_a_document_that_stops_its_parser_twice(malicious, mode):
    s = malicious(mode, PARSER_TIMEOUT="5")
    c = s.login("admin")
    k = read_candidate(c, upload(c, documents.unique_pdf(), "poison.pdf").json()["id"])
    assert k["status"] == "failed"
    assert "stopped the reader twice" in k["error_message"] and SENTENCE in k["error_message"]
    assert k["name"] is k["email"] is k["skills"] is None and k["processed_at"]
    wait_until(lambda: s.sql("SELECT count(*) FROM tasks WHERE kind = 'candidate.parse'") == [(0,)], 30, "the task's end")
    assert c.get("/health").status_code == 200 and k["file_path"] in s.stored_files()
    with open(os.path.join(s.data, "vitae.log")) as f:
        tries = [line for line in f if "candidate.parse failed" in line]
    assert len(tries) == 2


def test_a_document_that_takes_too_long(malicious):
    s = malicious("stall", PARSER_TIMEOUT="1")
    c = s.login("admin")
    begun = time.monotonic()
    k = read_candidate(c, upload(c, documents.unique_pdf(), "endless.pdf").json()["id"])
    assert k["status"] == "failed" and time.monotonic() - begun >= 2
    assert "takes too long to read" in k["error_message"] and SENTENCE in k["error_message"]


def test_a_poisoned_document_survives_the_server(malicious):
    """Attempts are counted in the database: a restart between them gives no fresh ones, and takes none."""
    s = malicious("die")
    c = s.login("admin")
    number = upload(c, documents.unique_pdf(), "poison.pdf").json()["id"]
    wait_until(lambda: s.sql("SELECT 1 FROM tasks WHERE kind = 'candidate.parse' AND attempts = 1"), 30, "the first attempt")
    kill(s)
    s.start()
    assert read_candidate(s.login("admin"), number)["status"] == "failed"


def test_stop_while_a_parser_stalls(malicious):
    """The end of the server is no attempt of the document's: it waits for the next start."""
    s = malicious("stall", PARSER_TIMEOUT="2")
    c = s.login("admin")
    number = upload(c, documents.unique_pdf(), "endless.pdf").json()["id"]
    wait_until(lambda: c.get(f"{LIST}{number}").json()["status"] == "processing", 30, "the parser")
    assert s.stop() == 0
    s.program = VITAE
    s.settings["SKILLS_FILE"] = None
    s.start()
    assert read_candidate(s.login("admin"), number)["status"] == "completed"


def test_a_second_interrupt_does_not_wait(malicious):
    s = malicious("stall", PARSER_TIMEOUT="600")
    c = s.login("admin")
    number = upload(c, documents.unique_pdf(), "endless.pdf").json()["id"]
    wait_until(lambda: c.get(f"{LIST}{number}").json()["status"] == "processing", 30, "the parser")
    pids = children(s.process.pid)
    s.process.send_signal(signal.SIGINT)
    wait_until(lambda: "stopping on SIGINT" in open(os.path.join(s.data, "vitae.log")).read(), 30, "the stop")
    assert s.process.poll() is None
    # the first one may not yet have made way for the second
    wait_until(lambda: s.process.poll() is not None or s.process.send_signal(signal.SIGINT), 20, "the end")
    assert s.stop() == -signal.SIGINT
    for pid in pids:
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 30, "the end of a parser")
    s.program = VITAE
    s.settings["SKILLS_FILE"] = None
    s.start()
    assert read_candidate(s.login("admin"), number)["status"] == "completed"


def test_a_missing_parser(tmp_path):
    """Uploads are kept while there is no parser, and read once there is one."""
    programs = tmp_path / "programs"
    programs.mkdir()
    shutil.copy(VITAE, programs / "vitae")
    s = Server(tmp_path / "server")
    s.program = str(programs / "vitae")
    try:
        s.start()
    except RuntimeError as e:
        assert "vitae-parser" in str(e)  # told at the start: as good
        return
    number = upload(s.login("admin"), documents.unique_pdf(), "early.pdf").json()["id"]
    s.stop()
    s.program = VITAE
    with s:
        assert read_candidate(s.login("admin"), number)["status"] == "completed"
