"""Resumable uploads with several servers, a DATA_DIR each, and one object store: any of them goes on with what another began."""
import contextlib
import hashlib
import itertools
import os
import random
import signal
import socket
import threading
import time

import pytest
import requests

import postgres
import s3
from test_files_places import begin, send
from videos import video
from vitae import API, Server, wait_until

MB = 1 << 20
PART = 8 * MB
FILM = video("mp4", 20 * MB + 123)


@pytest.fixture
def house(store, tmp_path):
    """house(n, **settings): n servers on one new database."""
    servers = []

    def start(n, **settings):
        url = postgres.shared().new_database()
        servers.extend(Server(tmp_path / f"server{i}", DATABASE_URL=url, **store.settings(**settings)).start() for i in range(n))
        return servers

    yield start
    for s in servers:
        s.stop()
    if servers:
        servers[0].drop_database()


def offset(client, path):
    r = client.head(path, headers={"Tus-Resumable": "1.0.0"})
    assert r.status_code == 200
    return int(r.headers["Upload-Offset"])


def check_made(server, store, r, data=FILM):
    """The reply's video is the data, and nothing else is left."""
    assert r.status_code == 204 and r.headers["Upload-Offset"] == str(len(data)), r.text
    v = server.login("admin").get(r.headers["Content-Location"]).json()
    assert hashlib.sha256(store.content(v["file_path"])).digest() == hashlib.sha256(data).digest()
    check_left(server, store, {v["file_path"]})


def check_left(server, store, files):
    """What the store has of videos, but their pictures."""
    wait_until(lambda: {p for p in store.files() if not p.endswith(".jpg")} == files and not store.uploads, what="what was in between to go")
    assert server.sql("SELECT count(*) FROM video_upload_objects") == [(0,)]
    wait_until(lambda: os.listdir(os.path.join(server.data, "spool")) == [], what="an empty spool")
    assert server.stored_files() == set()


def half_a_patch(server, path, at, data, announced):
    """A PATCH of that many bytes, of which only the data comes; returns its connection."""
    host, port = server.base.removeprefix("http://").split(":")
    s = socket.create_connection((host, int(port)), timeout=60)
    s.sendall((f"PATCH {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token('admin')}\r\nTus-Resumable: 1.0.0\r\n"
               f"Upload-Offset: {at}\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {announced}\r\n\r\n").encode() + data)
    return s


def forget_lease(server):
    """As if the time had passed that a dead server's leases last."""
    server.sql("UPDATE video_upload_objects SET lease_until = 1")
    server.sql("UPDATE tasks SET run_after = 1, lease_until = 1 WHERE lease_owner IS NOT NULL")


def keep_lease(server):
    """However slow the machine is, it does not end by itself."""
    server.sql("UPDATE video_upload_objects SET lease_until = lease_until + 600000000")


def test_each_piece_at_another_server(house, store):
    servers = house(3)
    clients = itertools.cycle([s.login("admin") for s in servers])
    path = begin(next(clients), len(FILM))
    at = 0
    for size in (1, 3 * MB, 9 * MB, 0, 4 * MB - 1, 10 * MB):
        r = send(next(clients), path, at, FILM[at:at + size])
        assert r.status_code == 204, r.text
        at = min(at + size, len(FILM))
        assert int(r.headers["Upload-Offset"]) == at
        if at < len(FILM):
            assert [offset(next(clients), path) for _ in servers] == [at] * 3
    check_made(servers[0], store, r)
    assert offset(next(clients), path) == len(FILM)
    assert send(next(clients), path, len(FILM), b"").status_code == 409


@pytest.mark.parametrize("size", [1000, PART, 2 * PART])
def test_sizes_of_a_part(house, store, size):
    one, two = house(2)
    data = video("webm", size)
    path = begin(one.login("admin"), size, "a.webm")
    assert send(one.login("admin"), path, 0, data[:600]).status_code == 204
    check_made(one, store, send(two.login("admin"), path, 600, data[600:]), data)


def test_more_than_a_store_takes(house, store):
    one, = house(1, MAX_VIDEO_MB=1 << 20)
    r = one.login("admin").post(f"{API}/video-uploads/", headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(10_000 * PART + 1), "Upload-Metadata": "filename YS5tcDQ="})
    assert r.status_code == 413 and "too large" in r.json()["detail"]
    assert one.sql("SELECT count(*) FROM video_uploads") == [(0,)]


def test_killed_between_two_pieces(house, store):
    one, two, three = house(3)
    path = begin(one.login("admin"), len(FILM))
    assert send(one.login("admin"), path, 0, FILM[:9 * MB]).status_code == 204
    one.stop(signal.SIGKILL)
    assert offset(two.login("admin"), path) == 9 * MB
    assert send(two.login("admin"), path, 9 * MB, FILM[9 * MB:10 * MB]).status_code == 204
    two.stop(signal.SIGKILL)
    forget_lease(three)
    check_made(three, store, send(three.login("admin"), path, 10 * MB, FILM[10 * MB:]))


def test_killed_while_a_piece_comes(house, store):
    """Parts that are full are in the store by then; what is not told of comes again."""
    one, two = house(2)
    boss = two.login("admin")
    path = begin(boss, len(FILM))
    assert send(boss, path, 0, FILM[:1000]).status_code == 204
    with half_a_patch(one, path, 1000, FILM[1000:12 * MB], len(FILM) - 1000):
        wait_until(lambda: offset(boss, path) == PART, what="the first part")
        one.stop(signal.SIGKILL)
    keep_lease(two)
    r = send(boss, path, PART, FILM[PART:])
    assert r.status_code == 409 and "try again" in r.json()["detail"]  # until the lease ends, or that server is back
    one.start()
    check_made(two, store, send(boss, path, PART, FILM[PART:]))


def test_killed_while_a_part_is_sent(house, store):
    """The store has a part, or half of one, that no row knows."""
    one, two = house(2)
    boss = two.login("admin")
    path = begin(boss, len(FILM))
    stall = s3.Stall()
    with store.fault(stall, lambda m, k, q: q.get("partNumber") == "2", times=1):
        with half_a_patch(one, path, 0, FILM[:17 * MB], len(FILM)):
            assert stall.waiting.acquire(timeout=60)
            one.stop(signal.SIGKILL)
    stall.release()
    assert offset(boss, path) == PART
    forget_lease(two)
    check_made(two, store, send(boss, path, PART, FILM[PART:]))


def test_one_at_a_time_and_a_broken_connection(house, store):
    """What came before it broke is kept, also the part that was not full."""
    one, two = house(2)
    boss = two.login("admin")
    path = begin(boss, len(FILM))
    with half_a_patch(one, path, 0, FILM[:10 * MB], len(FILM)):
        wait_until(lambda: offset(boss, path) == PART, what="the first part")
        keep_lease(two)
        r = send(boss, path, PART, FILM[PART:])
        assert r.status_code == 409 and "try again" in r.json()["detail"]
    # as much of it as the server had read
    wait_until(lambda: two.sql("SELECT count(*) FROM video_upload_objects WHERE lease IS NULL") == [(1,)], what="the end of that request")
    at = offset(boss, path)
    assert PART < at <= 10 * MB
    check_made(two, store, send(boss, path, at, FILM[at:]))


def test_a_lease_that_was_lost(house, store):
    """A server that was cut off finds another one at work, and spoils nothing."""
    one, two = house(2)
    boss = two.login("admin")
    path = begin(boss, len(FILM))
    with half_a_patch(one, path, 0, FILM[:9 * MB], 10 * MB) as s:
        wait_until(lambda: offset(boss, path) == PART, what="the first part")
        # the first one may be about to renew it once more
        wait_until(lambda: forget_lease(two) or send(boss, path, PART, FILM[PART:12 * MB]).status_code == 204, what="the lease")
        s.sendall(FILM[9 * MB:10 * MB])
        assert b" 409 " in s.recv(100)
    assert offset(boss, path) == 12 * MB
    check_made(one, store, send(one.login("admin"), path, 12 * MB, FILM[12 * MB:]))


def test_the_store_fails_in_the_middle(house, store):
    one, two = house(2)
    a, b = one.login("admin"), two.login("admin")
    path = begin(a, len(FILM))
    assert send(a, path, 0, FILM[:9 * MB]).status_code == 204
    puts = lambda m, k, q: m == "PUT"  # noqa: E731
    for fault in (s3.status(500, "InternalError"), s3.status(503, "SlowDown"), s3.hang_up):
        with store.fault(fault, puts):
            r = send(b, path, 9 * MB, FILM[9 * MB:10 * MB])
        assert r.status_code == 503 and "file store" in r.json()["detail"] and int(r.headers["Retry-After"]) >= 1
        assert offset(a, path) == 9 * MB
    with store.fault(s3.status(503, "SlowDown"), puts, times=2):  # passes
        assert send(a, path, 9 * MB, FILM[9 * MB:17 * MB]).status_code == 204
    store.late_errors = 1  # the end says 200, and then that it failed
    assert send(b, path, 17 * MB, FILM[17 * MB:]).status_code == 503
    assert offset(a, path) == len(FILM)
    store.lost_ends = 1  # the end whose reply does not arrive has been
    check_made(one, store, send(a, path, len(FILM), b""))
    assert store.lost_ends == 0


def test_a_store_that_forgets(house, store):
    one, = house(1)
    boss = one.login("admin")
    paths = [begin(boss, len(FILM)) for _ in range(2)]
    assert send(boss, paths[0], 0, FILM[:9 * MB]).status_code == 204
    assert send(boss, paths[1], 0, FILM[:MB]).status_code == 204
    for upload in list(store.uploads):
        store.forget_upload(upload)
    for key in [k for k in store.objects if k.endswith("_tail")]:
        store.objects.pop(key)
    for path, at in zip(paths, (9 * MB, MB)):
        r = send(boss, path, at, FILM[at:])
        assert r.status_code == 410 and "anew" in r.json()["detail"], r.text
        assert boss.head(path).status_code == 404
    wait_until(lambda: one.sql("SELECT count(*) FROM tasks WHERE kind IN ('files.remove', 'video_parts.abort')") == [(0,)], what="their end")
    check_left(one, store, set())


def test_what_is_given_up_expires_or_is_no_video_leaves_nothing(house, store):
    one, two = house(2)
    a, b = one.login("admin"), two.login("admin")
    paths = [begin(a, len(FILM)) for _ in range(3)]
    for path in paths:
        assert send(a, path, 0, b"x" * (9 * MB)).status_code == 204
    assert len(store.uploads) == 3
    assert b.delete(paths[0], headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    assert a.head(paths[0]).status_code == 404
    one.sql("UPDATE video_uploads SET expires_at = 1 WHERE id = ?", int(paths[1].split("/")[-1]))
    one.sql("UPDATE schedules SET next_run = 1 WHERE name = 'video_uploads.expire'")
    r = send(b, paths[2], 9 * MB, FILM[9 * MB:])
    assert r.status_code == 400 and "content" in r.json()["detail"]
    assert a.get(paths[2]).status_code == 404
    wait_until(lambda: one.sql("SELECT count(*) FROM video_uploads") == [(0,)], what="the expiry")
    check_left(one, store, set())


def send_all(servers, path, data, random_, made):
    """Sends it by pieces to servers that come and go, each anew from where the upload is."""
    at = None
    while True:
        try:
            c = random_.choice(servers).login("admin")
            if at is None:
                at = offset(c, path)
            r = send(c, path, at, data[at:at + random_.randrange(1, 6 * MB)])
        except (requests.exceptions.RequestException, AssertionError, AttributeError):
            r = None  # it is being started
        if r is not None and r.status_code == 204:
            at = int(r.headers["Upload-Offset"])
            if "Content-Location" in r.headers:
                made.append((r.headers["Content-Location"], data))
                return
            continue
        if r is not None and r.status_code == 409 and "All of this" in r.json()["detail"]:
            made.append((f"{API}/videos/{c.get(path).json()['video_id']}", data))  # the reply was lost
            return
        assert r is None or r.status_code in (409, 503), r.text
        at = None
        time.sleep(0.02)


def test_servers_die_at_random(house, store):
    """kill -9 at any moment: each upload becomes its video, once, and nothing else is left."""
    servers = house(3)
    boss = servers[0].login("admin")
    films = [video("mp4", 14 * MB + n)[:-8] + os.urandom(8) for n in range(4)]
    random_ = random.Random(5)
    made = []
    threads = [threading.Thread(target=send_all, args=(servers, begin(boss, len(f)), f, random.Random(n), made)) for n, f in enumerate(films)]
    for t in threads:
        t.start()
    for _ in range(4):
        parts = servers[0].sql("SELECT coalesce(sum(sent), 0) + coalesce(sum(tail), 0) FROM video_upload_objects")
        wait_until(lambda before=parts: servers[0].sql("SELECT coalesce(sum(sent), 0) + coalesce(sum(tail), 0) FROM video_upload_objects") != before
                   or len(made) == len(films), what="more to come")
        victim = random_.choice(servers)
        victim.stop(signal.SIGKILL)
        victim.start()
    for t in threads:
        t.join()
    assert len(made) == len(films)
    boss = servers[0].login("admin")
    paths = set()
    for place, data in made:
        v = boss.get(place).json()
        paths.add(v["file_path"])
        assert hashlib.sha256(store.content(v["file_path"])).digest() == hashlib.sha256(data).digest()
    assert len(paths) == len(boss.get(f"{API}/videos/").json()) == len(films)
    # what a killed server had put, but not noted, is left to the sweep
    for key in list(store.objects):
        with contextlib.suppress(KeyError):  # it is being removed
            store.age(key, 3 * 86400)
    for upload in list(store.uploads.values()):
        upload["begun"] = 0
    servers[0].sql("UPDATE schedules SET next_run = 1 WHERE name = 'files.sweep'")
    wait_until(lambda: {p for p in store.files() if not p.endswith(".jpg")} == paths and not store.uploads, what="the sweep")


def test_deleted_while_a_piece_comes(house, store):
    one, two = house(2)
    boss = two.login("admin")
    path = begin(boss, len(FILM))
    with half_a_patch(one, path, 0, FILM[:9 * MB], len(FILM)) as s:
        wait_until(lambda: offset(boss, path) == PART, what="the first part")
        assert boss.delete(path, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
        s.sendall(FILM[9 * MB:])
        assert b" 404 " in s.recv(100)
    check_left(one, store, set())


def test_the_sweep_knows_of_them(house, store):
    one, = house(1)
    boss = one.login("admin")
    path = begin(boss, len(FILM))
    assert send(boss, path, 0, FILM[:9 * MB]).status_code == 204
    known, = store.uploads
    store.uploads[known]["begun"] = 0
    tail, = (k for k in store.objects if k.endswith("_tail"))
    store.age(tail, 3 * 86400)
    handle = os.path.join(store.directory, "x")
    with open(handle, "wb") as f:
        f.write(b"x")
    stray = f"{store.prefix}/media/tails/00_tail"
    store.keep(stray, handle)
    store.age(stray, 3 * 86400)
    store.uploads["stray"] = {"key": f"{store.prefix}/media/videos/00_a.mp4", "parts": {}, "begun": 0}
    store.uploads["twin"] = {**store.uploads[known], "parts": {}}  # of a server that was killed before it had noted it
    one.sql("UPDATE schedules SET next_run = 1 WHERE name = 'files.sweep'")
    wait_until(lambda: stray not in store.objects and set(store.uploads) == {known}, what="the sweep")
    check_made(one, store, send(boss, path, 9 * MB, FILM[9 * MB:]))


def test_all_videos_are_deleted_meanwhile(house, store):
    """What was whole, but no video yet, is begun anew rather than a row without a file."""
    one, two = house(2)
    boss = one.login("admin")
    path = begin(boss, len(FILM))
    assert send(boss, path, 0, FILM[:9 * MB]).status_code == 204
    order = {"confirmation_token": "CONFIRM_DELETE_ALL_VIDEOS_2025", "confirm_action": "DELETE_ALL_VIDEO_DATA"}

    def delete_all(handler):
        assert two.anonymous().post(f"{API}/cleanup-all-videos/", json=order).status_code == 200
        return False
    with store.fault(delete_all, lambda m, k, q: m == "GET" and k.endswith(".mp4"), times=1):  # the look at the whole object
        r = send(boss, path, 9 * MB, FILM[9 * MB:])
    assert r.status_code == 410 and "anew" in r.json()["detail"], r.text
    assert boss.head(path).status_code == 404
    assert boss.get(f"{API}/videos/").json() == []
