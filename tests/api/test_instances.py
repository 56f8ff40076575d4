"""Several servers on one PostgreSQL database: what they share, what happens once, and what survives the end of any of them, or of the
database. The servers of a test share a DATA_DIR, as they would over a network file system."""
import functools
import glob
import hashlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import threading
import time

import pytest
import requests

import documents
import postgres
from vitae import API, ROOT, Server, upload, wait_until
from websocket import Socket

LONG = os.environ.get("VITAE_TEST_LONG") == "1"
UPLOADS = int(os.environ.get("VITAE_TEST_UPLOADS") or (2000 if LONG else 60))
OUTAGE = 20 if LONG else 3


@pytest.fixture
def house(tmp_path):
    """house(n, **settings): n servers on a new database; house.cluster is its PostgreSQL, for this test alone."""
    servers, clusters = [], []

    def start(n, cluster=None, **settings):
        url = (cluster or postgres.shared()).new_database()
        for i in range(n):
            servers.append(Server(tmp_path / f"server{i}", DATABASE_URL=url, DATA_DIR=str(tmp_path / "data"), **settings))
            servers[-1].start()
        return servers

    def own():
        clusters.append(postgres.Cluster().start())
        return clusters[-1]

    start.cluster = own
    yield start
    for s in servers:
        s.stop()
    for c in clusters:
        c.remove()
    if servers and not clusters:
        servers[0].drop_database()


def test_a_login_holds_on_all(house):
    one, two = house(2)
    pair = one.new_tokens("admin")
    c = two.anonymous()
    c.headers["Authorization"] = "Bearer " + pair["access_token"]
    assert c.get(f"{API}/users/me").status_code == 200
    r = two.anonymous().post(f"{API}/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert r.status_code == 200
    again = one.anonymous().post(f"{API}/auth/refresh", json={"refresh_token": r.json()["refresh_token"]})
    assert again.status_code == 200


def test_names_of_servers_that_share_a_directory(house):
    """Each has its own, so that none takes another's tasks back."""
    one, two = house(2)
    data = one.data
    assert {"vitae.lock", "vitae.lock.2", "instance"} <= set(os.listdir(data))
    assert not os.path.exists(os.path.join(data, "vitae.db")) and not os.path.exists(os.path.join(data, "secret_key"))


def test_a_limit_counts_on_all(house):
    one, two = house(2, RATE_LIMIT_STRICT="5/600")
    db, execute = postgres.session(one.settings["DATABASE_URL"])
    execute("LISTEN vitae_bus")
    wrong = {"username": "nobody", "password": "wrong password"}
    for _ in range(5):
        assert one.anonymous().post(f"{API}/auth/login", json=wrong).status_code == 401
    told = 0
    while told < 5:  # the texts that tell two of these requests, and with the last line of it one's own
        assert select.select([db], [], [], 30)[0], "nothing was told"
        db.poll()
        while db.notifies:
            text = db.notifies.pop(0).payload
            if text.startswith("rate\n"):
                told += sum(int(line.split(" ")[2]) for line in text.split("\n")[2:] if line)
    db.close()
    taken = 0  # by the second server, until it has heard that as well
    while (r := two.anonymous().post(f"{API}/auth/login", json=wrong)).status_code == 401:
        taken += 1
    assert r.status_code == 429 and "Retry-After" in r.headers and taken < 5


def test_a_scheduled_job_runs_once(house):
    servers = house(3)
    s = servers[0]
    for statement in (
            "CREATE TABLE seen (kind TEXT, key TEXT)",
            "CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN INSERT INTO seen VALUES (NEW.kind, NEW.unique_key); RETURN NEW; END $$ "
            "LANGUAGE plpgsql",
            "CREATE TRIGGER noted AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION note()",
            "UPDATE schedules SET next_run = 1"):
        s.sql(statement)
    jobs = s.sql("SELECT count(*) FROM schedules")[0][0]
    assert jobs >= 3
    due = "SELECT count(*) FROM seen WHERE key = 'due 1'"
    wait_until(lambda: s.sql(due)[0][0] >= jobs, 60, "all jobs")
    wait_until(lambda: s.sql("SELECT count(*) FROM tasks WHERE unique_key = 'due 1'") == [(0,)], 60, "their end")
    assert s.sql(due) == [(jobs,)]


def runs(client):
    return client.get(f"{API}/scheduler/runs", params={"limit": 500}).json()


def test_two_hundred_due_jobs_are_two_hundred_runs(house):
    one, two = house(2)
    boss = one.login("admin")
    made = [boss.post(f"{API}/scheduler/job", json={"kind": "cleanup", "interval_seconds": 86400, "team_id": one.make_team(f"Team {i}")})
            for i in range(200)]
    assert {r.status_code for r in made} == {200}
    one.sql("UPDATE scheduled_jobs SET next_run = 1000000")
    jobs = {r.json()["job"]["id"] for r in made}
    wait_until(lambda: sum(r["status"] == "ok" for r in runs(boss)) == 200, what="200 runs")
    told = runs(boss)
    assert len(told) == 200 and {r["job_id"] for r in told} == jobs
    assert {r["instance"] for r in told} <= {s.login("admin").get(f"{API}/scheduler/status").json()["instance"] for s in (one, two)}


def test_a_killed_servers_run_is_taken_over(house):
    """The lease of the dead one is shortened, for the test waits for no minute."""
    one, two = house(2)
    boss = two.login("admin")
    job = boss.post(f"{API}/scheduler/job", json={"kind": "cleanup", "interval_seconds": 86400}).json()["job"]
    dead = one.login("admin").get(f"{API}/scheduler/status").json()["instance"]
    one.stop(signal.SIGKILL)
    run = two.sql("INSERT INTO scheduler_runs (job_id, team_id, kind, status, due_at, started_at, instance) "
                  "VALUES (?, 1, 'cleanup', 'running', 1, 1, ?) RETURNING id", job["id"], dead)[0][0]
    two.sql("INSERT INTO tasks (kind, args, unique_key, pool, run_after, lease_owner, lease_until, created_at) "
            "VALUES ('schedule.run', ?, ?, 'network', 1, ?, 1, 1)",
            json.dumps({"run_id": run, "job_id": job["id"], "user_id": 1, "args": {}}), f"run {run}", dead)
    two.login("admin").post(f"{API}/scheduler/restart")
    done = wait_until(lambda: [r for r in runs(boss) if r["id"] == run and r["status"] == "ok"], what="the other server")
    assert done[0]["instance"] != dead and len(runs(boss)) == 1


def test_a_socket_hears_what_happens_elsewhere(house):
    one, two = house(2)
    with Socket(one, token=one.token("admin")) as socket:
        number = upload(two.login("admin"), documents.unique_pdf(), "far.pdf").json()["id"]
        heard = []
        while "candidate.completed" not in heard:
            message = socket.message()
            heard.append(message["type"])
        assert heard.count("candidate.uploaded") == heard.count("candidate.completed") == 1
        assert message["data"]["id"] == number


def test_a_client_reaches_one_at_another_server(house):
    one, two = house(2)
    long = "x" * 12000  # more than a notification holds
    with Socket(one, "a", token=one.token("admin")) as a, Socket(two, "b", token=two.token("admin")) as b:
        a.say({"type": "message", "to": "b", "data": {"text": long}})
        assert b.message() == {"type": "message", "from": "a", "data": {"text": long}}
        b.say({"type": "message", "data": 2})
        assert a.message() == {"type": "message", "from": "b", "data": 2}


def test_a_lock_that_is_held_too_long_is_a_503(house):
    """The URL's own options go before ours: ten seconds would be the default."""
    one, = house(1)
    url = one.settings["DATABASE_URL"]
    one.stop()
    one.settings["DATABASE_URL"] = url + "&options=-c%20lock_timeout%3D200ms"
    one.start()
    c = one.login("admin")
    one.settings["DATABASE_URL"] = url
    with one.write_lock():
        r = c.post(f"{API}/teams", json={"name": "Late"})
        assert r.status_code == 503 and int(r.headers["Retry-After"]) >= 1 and "busy" in r.json()["detail"]
        assert c.get(f"{API}/users/me").status_code == 200  # readers wait for no writer
    assert c.post(f"{API}/teams", json={"name": "Late"}).status_code == 201


def test_tls_by_the_urls_parameters(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cluster = postgres.Cluster(listen_addresses="127.0.0.1", port=str(port), ssl="on")
    try:
        cluster.place("server.key", key.read_bytes())
        cluster.place("server.crt", certificate.read_bytes())
        cluster.start()
        name = cluster.new_database().split("/")[3].split("?")[0]
        over = f"postgresql://vitae@localhost:{port}/{name}?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert="
        with Server(tmp_path / "s", DATABASE_URL=over + str(certificate)) as s:
            assert s.login("admin").get(f"{API}/users/me").status_code == 200
            used = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'vitae'"
            assert s.sql(used) == [(True,)]
        other = tmp_path / "other.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-keyout", tmp_path / "k2", "-out", other], check=True, capture_output=True)
        r = Server(tmp_path / "t", DATABASE_URL=over + str(other)).run("migrate")
        assert r.returncode == 1 and b"certificate verify failed" in r.stderr
    finally:
        cluster.remove()


@functools.cache
def papers():
    """[(ending, bytes)]: the larger set of documents where it lies beside the project, else those of tests/corpus. Scans, which take
    seconds each, are not among them."""
    beside = os.path.join(os.path.dirname(ROOT), "shared", "corpus", "open")
    paths = sorted(p[:-len(".expected.json")] for p in glob.glob(os.path.join(ROOT, "tests", "corpus", "*.expected.json")))
    if os.path.exists(os.path.join(beside, "manifest.jsonl")):
        with open(os.path.join(beside, "manifest.jsonl"), encoding="utf-8") as f:
            paths = [os.path.join(beside, row["file"]) for row in map(json.loads, f) if not row["needs_ocr"]]
    found = []
    for path in paths:
        with open(path, "rb") as f:
            found.append((path.rpartition(".")[2], f.read()))
    assert len(found) > 10
    return found


def upload_all(servers, number, promised):
    """Uploads documents of distinct bytes to servers that come and go, each again until one has taken it; promised: sha256 -> ids."""
    queue = list(range(number))
    lock = threading.Lock()

    def work(n):
        random_ = random.Random(n)
        while True:
            with lock:
                if not queue:
                    return
                queue.pop()
            ending, data = random_.choice(papers())
            data = documents.salted(data)
            digest = hashlib.sha256(data).hexdigest()
            while True:
                s = random_.choice(servers)
                try:
                    r = upload(s.login("admin"), data, f"{digest[:12]}.{ending}")
                except (requests.exceptions.RequestException, AssertionError, AttributeError):
                    time.sleep(0.02)  # it is being started
                    continue
                if r.status_code == 503:
                    assert int(r.headers["Retry-After"]) >= 1
                    time.sleep(0.02)
                    continue
                assert r.status_code == 202, r.text
                with lock:
                    promised.setdefault(digest, set()).add(r.json()["id"])
                break

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    return threads


def kill_at_random(servers, number, promised):
    """Uploads while servers die by kill -9 and are started again."""
    threads = upload_all(servers, number, promised)
    random_ = random.Random(7)
    kills = 0
    while any(t.is_alive() for t in threads) or kills < 3:
        goal = len(promised) + max(3, number // 40)
        wait_until(lambda: len(promised) >= min(goal, number) or not any(t.is_alive() for t in threads), 120, "more uploads")
        victim = random_.choice(servers)
        victim.stop(signal.SIGKILL)
        victim.start()
        kills += 1
    for t in threads:
        t.join()


def content(s, path):
    with open(os.path.join(s.data, path), "rb") as f:
        return f.read()


def check_all(s, promised, stored=None):
    """Each upload is one candidate, read, with its file (stored(path): its bytes); nothing waits."""
    left = "SELECT count(*) FROM candidates WHERE status NOT IN ('completed', 'failed')"
    wait_until(lambda: s.sql(left) == [(0,)], 240, "the end of all reading")
    rows = dict(s.sql("SELECT content_hash, id FROM candidates"))
    assert set(rows) == set(promised)
    assert all(ids == {rows[digest]} for digest, ids in promised.items())
    done = dict(s.sql("SELECT status, count(*) FROM candidates GROUP BY status"))
    assert sum(done.values()) == len(promised) and done["completed"] >= 0.9 * len(promised), done
    assert s.sql("SELECT count(*) FROM candidate_profiles") == [(done["completed"],)]
    for digest, path in s.sql("SELECT content_hash, file_path FROM candidates"):
        assert hashlib.sha256(stored(path) if stored else content(s, path)).hexdigest() == digest
    wait_until(lambda: s.sql("SELECT count(*) FROM tasks WHERE kind = 'candidate.parse'") == [(0,)], 120, "the tasks' end")


def test_servers_die_at_random(house):
    """kill -9 at any moment: every upload that got its 202 is read, once."""
    servers = house(3)
    promised = {}
    kill_at_random(servers, UPLOADS, promised)
    check_all(servers[0], promised)


def test_the_database_goes_away(house):
    """Clear 503s while it is away, no crash, and everything finishes after it."""
    cluster = house.cluster()
    servers = house(2, cluster)
    promised = {}
    threads = upload_all(servers, 40, promised)
    wait_until(lambda: len(promised) >= 10, 60, "the first uploads")
    cluster.stop(signal.SIGQUIT)
    back = time.monotonic() + OUTAGE
    seen = set()
    while time.monotonic() < back:
        for s in servers:
            r = requests.get(s.base + f"{API}/users/me", headers={"Authorization": "Bearer " + s.tokens["admin"]}, timeout=60)
            seen.add(r.status_code)
            if r.status_code == 503:
                assert int(r.headers["Retry-After"]) >= 1 and "try again" in r.json()["detail"]
            assert requests.get(s.base + "/health", timeout=60).status_code in (200, 503)
    assert seen == {503}, seen
    cluster.start()
    for t in threads:
        t.join()
    for s in servers:
        assert s.process.poll() is None
        wait_until(lambda: s.login("admin").get(f"{API}/users/me").status_code == 200, 30, "its recovery")
    check_all(servers[0], promised)
