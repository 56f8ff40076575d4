"""What is read out of documents: those of tests/corpus against what stands in them; and, where they lie beside the project,
the larger sets ../shared/corpus/open and hostile, sent over HTTP."""
import glob
import json
import os
import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vitae import API, ROOT, VITAE, Client, Server, children, upload, wait_until

CORPUS = os.path.join(ROOT, "tests", "corpus")
SHARED = os.path.join(os.path.dirname(ROOT), "shared", "corpus")
NAMES = sorted(os.path.basename(p)[:-len(".expected.json")] for p in glob.glob(os.path.join(CORPUS, "*.expected.json")))
RELEASE = os.environ.get("VITAE_RELEASE_BUILD")


def expected(name):
    with open(os.path.join(CORPUS, name + ".expected.json"), encoding="utf-8") as f:
        return json.load(f)


@pytest.fixture(scope="module")
def parsed():
    """What `vitae parse` prints of all documents of ours, by file name."""
    out = subprocess.run([VITAE, "parse", *NAMES], cwd=CORPUS, capture_output=True, text=True, timeout=300,
                         env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    assert out.returncode == 0, out.stderr
    lines = [json.loads(line) for line in out.stdout.splitlines()]
    assert [x["file"] for x in lines] == NAMES
    return {x["file"]: x for x in lines}


def test_the_corpus_is_there():
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_document(parsed, name):
    got, wanted = parsed[name], expected(name)
    assert list(got) == ["file", "name", "email", "phone", "skills", "domain_knowledge", "error"]
    assert got["error"] is None and got["domain_knowledge"]
    assert got["name"].casefold() == wanted["name"].casefold()
    assert (got["email"], got["phone"]) == (wanted["email"], wanted["phone"])
    assert sorted(got["skills"]) == sorted(wanted["skills"])


def test_the_server_reads_the_same(server, admin, parsed):
    for name in NAMES:
        r = upload(admin, os.path.join(CORPUS, name))
        assert r.status_code == 202, r.text
        k = wait_for(admin, [r.json()["id"]])[0]
        assert k["status"] == "completed"
        for field in ("name", "email", "phone", "skills", "domain_knowledge"):
            assert k[field] == parsed[name][field], (name, field)
        assert admin.delete(r.headers["Location"]).status_code == 204


# ---- the larger sets ----

def wait_for(client, ids, seconds=300):
    """The candidates, once all are completed or failed."""
    done = {}

    def settled():
        for i in ids:
            if i not in done:
                r = client.get(f"{API}/candidates/{i}")
                assert r.status_code == 200, f"candidate {i} is lost"
                if r.json()["status"] not in ("completed", "failed"):
                    return False
                done[i] = r.json()
        return True

    wait_until(settled, seconds, f"{len(ids)} candidates")
    return [done[i] for i in ids]


def manifest(which):
    path = os.path.join(SHARED, which, "manifest.jsonl")
    if not os.path.exists(path):
        pytest.skip(f"no documents in ../shared/corpus/{which} beside the project")
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def check_sentence(k):
    """A sentence that a recruiter understands, without the insides of the machine."""
    text = k["error_message"]
    assert text and text[0].isupper() and len(text) > 20, text
    assert not re.search(r"errno|signal \d|0x[0-9a-f]|assert|exception|segfault|/tmp|uploads/|\(null\)", text, re.I), text


class Memory:
    """The highest resident set of a server and of each of its parsers, in MB."""

    def __init__(self, pid):
        self.pid, self.server, self.parsers, self.stop = pid, 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    @staticmethod
    def peak(pid):
        try:
            with open(f"/proc/{pid}/status") as f:
                found = re.search(r"VmHWM:\s+(\d+) kB", f.read())
            return int(found.group(1)) / 1024 if found else 0
        except OSError:
            return 0

    def look(self):
        self.server = max(self.server, self.peak(self.pid))
        self.parsers = max([self.parsers, *(self.peak(p) for p in children(self.pid))])

    def watch(self):
        while not self.stop.wait(0.05):
            self.look()

    def done(self):
        self.look()
        self.stop.set()
        self.thread.join()


class Health:
    """Asks /health all the time, from a thread of its own."""

    def __init__(self, server):
        self.client, self.bad, self.n, self.stop = server.anonymous(), [], 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.stop.wait(0.02):
            try:
                r = self.client.get("/health", timeout=10)
                self.n += 1
                if r.status_code != 200 or r.json()["status"] != "healthy":
                    self.bad.append(r.text)
            except Exception as e:  # noqa: BLE001 - whatever it is, it is a failure
                self.bad.append(repr(e))

    def done(self):
        self.stop.set()
        self.thread.join()
        assert self.n and not self.bad, self.bad[:3]


def send_all(server, clients):
    """Uploads the open set by this many clients at once; checks each end; returns the peaks of memory."""
    rows, token = manifest("open"), server.token("admin")
    work, ids, lock = list(reversed(rows)), {}, threading.Lock()

    def client(_):
        c = Client(server.base, token)
        while True:
            with lock:
                if not work:
                    return
                name = work.pop()["file"]
            r = upload(c, os.path.join(SHARED, "open", name))
            assert r.status_code == 202, f"{name}: {r.text}"
            ids[name] = (r.json()["id"], r.json()["duplicate"])

    memory, health = Memory(server.process.pid), Health(server)
    try:
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(client, range(clients)))
        assert len(ids) == len(rows)
        c = Client(server.base, token)
        found = wait_for(c, sorted({i for i, _ in ids.values()}))
    finally:
        memory.done()
    health.done()
    assert int(c.get(f"{API}/candidates/?limit=1").headers["X-Total-Count"]) == len(found)
    by_id = {k["id"]: k for k in found}
    for row in rows:
        k = by_id[ids[row["file"]][0]]
        if k["status"] == "failed":
            check_sentence(k)
            assert row["needs_ocr"] or row["notes"], f"{row['file']} failed: {k['error_message']}"
        else:
            assert k["error_message"] is None
    return memory, [(row, by_id[ids[row["file"]][0]]) for row in rows]


def share(pairs, right):
    pairs = [(row, k) for row, k in pairs if not row["needs_ocr"]]
    return sum(right(row, k) for row, k in pairs) / len(pairs)


def test_open_set(fresh):
    s = fresh(PARSERS="2")
    _, pairs = send_all(s, 8)
    # no score, but a floor: reading went wrong altogether if these do not hold
    assert share(pairs, lambda row, k: k["status"] == "completed") > 0.97
    assert share(pairs, lambda row, k: (k["email"] or "").lower() == (row["email"] or "").lower()) > 0.9
    assert share(pairs, lambda row, k: (k["name"] or "").lower() in
                 [(n or "").lower() for n in (row["name"], *(row.get("name_alt") or []))]) > 0.8


def test_memory_of_a_release_build(tmp_path):
    if not RELEASE:
        pytest.skip("VITAE_RELEASE_BUILD names no build without sanitizers")
    manifest("open")
    s = Server(tmp_path / "release", PARSERS="2")
    s.program = os.path.join(RELEASE, "vitae")
    with open(s.program, "rb") as f:
        assert b"__asan_init" not in f.read(), "VITAE_RELEASE_BUILD has a sanitizer"
    with s:
        wait_until(lambda: s.login("admin").get("/health").status_code == 200)
        memory, _ = send_all(s, 8)
        assert memory.server < 64, f"the server took {memory.server:.0f} MB"
        assert 0 < memory.parsers < 256, f"a parser took {memory.parsers:.0f} MB"
        print(f"server {memory.server:.1f} MB, parsers {memory.parsers:.1f} MB")


def bytes_of(row):
    path = os.path.join(SHARED, "hostile", row.get("bytes_of") or row["file"])
    with open(path, "rb") as f:
        data = f.read()
    # a comment at the end makes each another document; otherwise all but the first were duplicates
    data += f"\n% {row['file']}\n".encode() if row.get("virtual") else b""
    return data + bytes(max(0, row.get("pad_to_bytes", 0) - len(data)))


def outcome(client, row):
    """(outcome in the manifest's words, candidate or None)"""
    name = row.get("upload_name", row["file"])
    if row.get("virtual"):
        escaped = name.replace("\\", "\\\\").replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D")
        head = f'--frontier\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n\r\n'.encode()
        r = client.post(f"{API}/candidates/upload", data=head + bytes_of(row) + b"\r\n--frontier--\r\n",
                        headers={"Content-Type": "multipart/form-data; boundary=frontier"})
    else:
        r = upload(client, bytes_of(row), name)
    if r.status_code != 202:
        assert r.status_code in (400, 413, 422), r.text
        return "reject-at-upload", None
    k = wait_for(client, [r.json()["id"]])[0]
    if k["status"] == "failed":
        check_sentence(k)
        return "failed-with-clear-error", k
    return "completed", k


def test_hostile_set(fresh):
    rows = manifest("hostile")
    s = fresh(PARSERS="2", PARSER_TIMEOUT="20")
    token, health = s.token("admin"), Health(s)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda row: outcome(Client(s.base, token), row), rows))
    health.done()
    wrong = []
    for row, (end, k) in zip(rows, got):
        if end not in [row["expected"], *row["expected_alt"]]:
            wrong.append((row["file"], end, row["expected"], k and k["error_message"]))
        if k is not None:
            shown = json.dumps(k, ensure_ascii=False)
            assert not row.get("must_not_contain") or row["must_not_contain"] not in shown, row["file"]
            assert not re.search(r"[\x00-\x1f/\\]", k["filename"]), row["file"]
            assert k["file_path"] in s.stored_files(), row["file"]
        if end == "completed" and row["name"]:
            assert (k["name"], k["email"]) == (row["name"], row["email"]), row["file"]
        for path in [row["must_not_create"]] if isinstance(row.get("must_not_create"), str) else row.get("must_not_create") or []:
            assert not os.path.exists(path), path
    assert not wrong, wrong
    with open(os.path.join(s.directory, "stderr"), errors="replace") as f:
        assert "Sanitizer" not in f.read()
