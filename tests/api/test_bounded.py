"""Reads of one thing, which with SQLite the event loops answer themselves: nothing that they must not do may show."""
import contextlib
import fcntl
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import vitae
from vitae import API

PATHS = ("/auth/me", "/users/me", "/users/1", "/users/999", "/candidates/999", "/jobs/999", "/resumes/999")
DIFFERENT = ("X-Request-ID", "Date")  # with every reply


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with vitae.Server(tmp_path_factory.mktemp("house")) as s:
        yield s
    s.drop_database()


def seen(response):
    return response.status_code, response.content, {k: v for k, v in response.headers.items() if k not in DIFFERENT}


def test_a_key_and_a_session_are_answered_alike(house):
    """A key's request goes to a pool thread, for its use is written down."""
    admin = house.login("admin")
    key = admin.post(f"{API}/auth/keys", json={"name": "reader", "role": "admin"}).json()["key"]
    by_key = house.anonymous()
    by_key.headers["X-API-Key"] = key
    for path in PATHS:
        mine, theirs = admin.get(API + path), by_key.get(API + path)
        assert seen(mine) == seen(theirs), path
        if mine.status_code == 200:
            again = admin.get(API + path, headers={"If-None-Match": mine.headers["ETag"]})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", mine.headers["ETag"])
        head = admin.head(API + path)
        assert (head.status_code, head.content, head.headers["Content-Length"]) == (mine.status_code, b"", mine.headers["Content-Length"])


def test_a_first_use_of_a_token_is_answered_as_a_later_one(house):
    token = house.new_tokens("admin")["access_token"]
    first, later = (vitae.Client(house.base, token).get(f"{API}/auth/me") for _ in range(2))
    assert first.status_code == 200 and seen(first) == seen(later)


def test_what_was_just_written_is_read(house):
    admin = house.login("admin")
    for name in ("Ada", "Grace", "Ada"):
        assert admin.put(f"{API}/users/me", json={"full_name": name}).status_code == 200
        assert admin.get(f"{API}/auth/me").json()["full_name"] == name


def test_the_end_of_a_session_and_of_an_account_is_seen_at_once(house):
    user = house.make_user("leaver")
    admin, leaver = house.login("admin"), house.login("leaver")
    other = vitae.Client(house.base, house.new_tokens("leaver")["access_token"])
    assert other.get(f"{API}/auth/me").status_code == leaver.get(f"{API}/auth/me").status_code == 200
    assert other.post(f"{API}/auth/logout").status_code in (200, 204)
    assert other.get(f"{API}/auth/me").status_code == 401
    assert leaver.get(f"{API}/auth/me").status_code == 200
    assert admin.patch(f"{API}/users/{user['id']}/deactivate").status_code == 200
    refused = leaver.get(f"{API}/auth/me")
    assert (refused.status_code, refused.json()) == (401, {"detail": "Could not validate credentials"})


def test_readers_do_not_wait_for_a_writer(house):
    admin = house.login("admin")
    with house.write_lock():
        assert [admin.get(API + path).status_code for path in PATHS] == [200, 200, 200, 404, 404, 404, 404]


@contextlib.contextmanager
def readers_shut_out(server):
    """Holds the locks by which readers of SQLite's write-ahead log take part, as another process does for a moment."""
    with open(os.path.join(server.data, "vitae.db-shm"), "r+b") as f:
        fcntl.lockf(f, fcntl.LOCK_EX, 5, 123)
        yield


@pytest.mark.skipif(vitae.ENGINE != "sqlite", reason="the locks of SQLite")
def test_a_locked_database_holds_up_no_event_loop(house):
    """Whoever reads waits, on a pool thread; what needs no database is answered meanwhile, on whichever loop it comes in."""
    admin = house.login("admin")
    assert admin.get(f"{API}/auth/me").status_code == 200
    assert admin.put(f"{API}/users/me", json={"full_name": "Ada"}).status_code == 200  # what a loop has open is not the newest any more
    with ThreadPoolExecutor(4) as pool:
        with readers_shut_out(house):
            waiting = [pool.submit(vitae.Client(house.base, house.token("admin")).get, f"{API}/auth/me") for _ in range(4)]
            for _ in range(20):  # each a connection, and so a loop, of its own
                assert house.anonymous().get("/nowhere").status_code == 404
            assert not any(w.done() for w in waiting)
        assert [w.result(60).status_code for w in waiting] == [200] * 4
