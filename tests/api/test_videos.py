"""Videos: uploaded, listed, played by ranges, deleted, and gone after the cleanup of all videos."""
import os
import subprocess

import pytest

import vitae
from videos import HEADS, TYPES, video
from vitae import API, Client, Server, wait_until

UPLOAD, VIDEOS = f"{API}/upload-video/", f"{API}/videos/"
KEYS = ["id", "filename", "file_path", "file_size", "content_type", "created_at"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("videos"), MAX_VIDEO_MB=2) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


def send(client, data=None, name="answer.mp4", **fields):
    return client.post(UPLOAD, files={"file": (name, video() if data is None else data)}, data=fields)


# ---- uploading ----

@pytest.mark.parametrize("kind", HEADS)
def test_the_eight_types(house, boss, kind):
    data = video(kind, 5000)
    r = send(boss, data, f"My Answer.{kind.upper()}")
    assert r.status_code == 201, r.text
    v = r.json()
    assert list(v)[:6] == KEYS
    assert (v["filename"], v["file_size"], v["content_type"]) == (f"My Answer.{kind.upper()}", 5000, TYPES[kind])
    assert v["file_path"].startswith("media/videos/") and v["file_path"].endswith(f"_My Answer.{kind.upper()}")
    assert v["available"] is True and r.headers["Location"] == f"{API}/videos/{v['id']}"
    with open(os.path.join(house.data, v["file_path"]), "rb") as f:
        assert f.read() == data
    assert boss.get(f"{VIDEOS}{v['id']}").json() == v
    played = boss.get(f"{VIDEOS}{v['id']}/file")
    assert played.content == data and played.headers["Content-Type"] == TYPES[kind]


@pytest.mark.parametrize("name,data", [
    ("a.txt", video()), ("a", video()), ("a.mp4.exe", video()), ("a.mp4", b""), ("a.mp4", b"%PDF-1.7 nothing"),
    ("a.mp4", video("webm")), ("a.webm", video("mp4")), ("a.avi", video("flv")), ("a.flv", b"FLV"),
    ("a.avi", b"RIFF\x24\0\0\0WAVEfmt "), ("a.mp4", b"<html><script>alert(1)</script>"),
])
def test_what_is_no_video_is_refused(house, boss, name, data):
    before = os.listdir(os.path.join(house.data, "media/videos"))
    r = send(boss, data, name)
    assert r.status_code == 400 and r.json()["detail"], r.text
    assert os.listdir(os.path.join(house.data, "media/videos")) == before


def test_any_signed_in_user_may(house):
    assert send(house.as_role("viewer")).status_code == 201
    r = send(house.anonymous())
    assert r.status_code == 401 and r.json() == {"detail": "Not authenticated"}
    stranger = Client(house.base, "vi_" + "0" * 64)
    assert send(stranger).status_code == 401


def test_without_a_file(house, boss):
    for kw in ({}, {"json": {}}, {"data": {"file": "text"}}, {"files": {"other": ("a.mp4", video())}}):
        assert boss.post(UPLOAD, **kw).status_code == 422


def test_names_are_made_safe(house, boss):
    v = send(boss, name="../../../etc/pass\nwd.mp4").json()
    assert "/" not in v["filename"] and "\n" not in v["filename"]
    assert os.path.dirname(v["file_path"]) == "media/videos"


def test_the_limit_is_inclusive(house, boss):
    assert send(boss, video("mp4", 2 << 20)).status_code == 201
    r = send(boss, video("mp4", (2 << 20) + 1))
    assert r.status_code == 413 and "2 MB" in r.json()["detail"]
    wait_until(lambda: os.listdir(os.path.join(house.data, "spool")) == [], what="an empty spool")


def test_too_much_is_refused_before_it_is_read(house, boss):
    """The client announces two gigabytes and sends none of them."""
    import socket
    host, port = house.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall((f"POST {UPLOAD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token('admin')}\r\n"
                   "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2147483648\r\n\r\n").encode())
        assert s.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_memory_does_not_grow_with_the_file(fresh):
    s = fresh(MAX_VIDEO_MB=200)
    send(s.login("admin"))
    if "asan" in vitae.BUILD:
        pytest.skip("the sanitizer keeps what was freed")

    def peak():
        with open(f"/proc/{s.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    before = peak()
    path = os.path.join(s.directory, "large.mp4")
    with open(path, "wb") as f:
        f.write(video())
        f.truncate(100 << 20)
    r = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                        f"Authorization: Bearer {s.token('admin')}", "-F", f"file=@{path}", s.base + UPLOAD],
                       capture_output=True, timeout=120)
    assert r.stdout == b"201"
    assert peak() - before < 16 * 1024


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    s = Server(tmp_path, MAX_VIDEO_MB=50)
    s.program = os.path.join(s.directory, "limited")
    with open(s.program, "w") as f:
        f.write(f'#!/bin/sh\ntrap "" XFSZ\nulimit -f {8 << 11}\nexec {vitae.VITAE} "$@"\n')  # 8 MB a file
    os.chmod(s.program, 0o755)
    with s:
        admin = s.login("admin")
        r = send(admin, video("mp4", 20 << 20))
        assert r.status_code == 503 and "try again" in r.json()["detail"]
        wait_until(lambda: os.listdir(os.path.join(s.data, "spool")) == [], what="an empty spool")
        assert os.listdir(os.path.join(s.data, "media/videos")) == []
        assert send(admin).status_code == 201 and len(admin.get(VIDEOS).json()) == 1


# ---- who sees them ----

def test_the_boundary_of_the_team(house, boss):
    v = send(boss).json()
    team = house.make_team("Elsewhere")
    house.make_user("outsider", "hr_manager", team_id=team)
    outsider = house.login("outsider")
    for path in ("", "/file", "/poster"):
        assert outsider.get(f"{VIDEOS}{v['id']}{path}").status_code == 404
    assert outsider.delete(f"{VIDEOS}{v['id']}").status_code == 404
    assert outsider.get(VIDEOS).json() == []
    mine = send(outsider).json()
    assert [x["id"] for x in outsider.get(VIDEOS).json()] == [mine["id"]]
    assert boss.get(f"{VIDEOS}{mine['id']}").status_code == 200


def test_deleting(house, boss):
    viewer = house.as_role("viewer")
    mine, other = send(viewer).json(), send(boss).json()
    assert viewer.delete(f"{VIDEOS}{other['id']}").status_code == 403
    for v, who in ((mine, viewer), (other, house.as_role("recruiter"))):
        assert who.delete(f"{VIDEOS}{v['id']}").status_code == 204
        assert boss.get(f"{VIDEOS}{v['id']}").status_code == 404
        assert not os.path.exists(os.path.join(house.data, v["file_path"]))


def test_a_deleted_user_takes_their_videos_along(house, boss):
    u = house.make_user("leaver")
    v = send(house.login("leaver")).json()
    assert boss.delete(f"{API}/users/{u['id']}").status_code == 204
    assert boss.get(f"{VIDEOS}{v['id']}").status_code == 404
    assert not os.path.exists(os.path.join(house.data, v["file_path"]))


# ---- playing ----

@pytest.fixture(scope="module")
def film(house):
    data = video("webm", 100_000)
    v = send(house.login("admin"), data, "film.webm").json()
    return f"{VIDEOS}{v['id']}/file", data


@pytest.mark.parametrize("asked,first,last", [
    ("bytes=0-", 0, 99_999), ("bytes=0-0", 0, 0), ("bytes=500-999", 500, 999), ("bytes=99999-", 99_999, 99_999),
    ("bytes=-1", 99_999, 99_999), ("bytes=-200000", 0, 99_999), ("bytes=50000-999999", 50_000, 99_999),
])
def test_ranges(boss, film, asked, first, last):
    path, data = film
    r = boss.get(path, headers={"Range": asked})
    assert r.status_code == 206 and r.content == data[first:last + 1]
    assert r.headers["Content-Range"] == f"bytes {first}-{last}/100000"
    assert r.headers["Content-Length"] == str(last - first + 1) and r.headers["Content-Type"] == "video/webm"


@pytest.mark.parametrize("asked", ["bytes=100000-", "bytes=-0", "bytes=200000-300000"])
def test_ranges_beyond_the_end(boss, film, asked):
    r = boss.get(film[0], headers={"Range": asked})
    assert r.status_code == 416 and r.headers["Content-Range"] == "bytes */100000"


@pytest.mark.parametrize("asked", ["bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=0-1,5-6", "bytes"])
def test_ranges_that_are_ignored(boss, film, asked):
    r = boss.get(film[0], headers={"Range": asked})
    assert r.status_code == 200 and r.content == film[1]


def test_if_range_and_etag(boss, film):
    path, data = film
    whole = boss.get(path)
    tag = whole.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes" and whole.content == data
    assert boss.get(path, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    for other in ('"another"', "W/" + tag, "Wed, 21 Oct 2015 07:28:00 GMT"):
        r = boss.get(path, headers={"Range": "bytes=0-9", "If-Range": other})
        assert r.status_code == 200 and r.content == data
    assert boss.get(path, headers={"If-None-Match": tag, "Range": "bytes=0-9"}).status_code == 304
    head = boss.head(path, headers={"Range": "bytes=0-9"})
    assert head.status_code == 200 and head.headers["Content-Length"] == "100000"


def test_a_page_plays_by_a_cookie_of_the_one_video(house, boss, film):
    path, data = film
    r = boss.post(f"{path[:-len('/file')]}/playback")
    assert r.status_code == 204
    cookie = r.headers["Set-Cookie"]
    assert f"; Path={path[:-len('/file')]}; " in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    sent = {"Cookie": cookie.split(";")[0]}
    page = house.anonymous()
    r = page.get(path, headers={"Range": "bytes=5-9", **sent})
    assert r.status_code == 206 and r.content == data[5:10]
    # the cookie opens nothing else, whoever sends it there
    for method, other in (("GET", path[:-len("/file")]), ("GET", VIDEOS), ("GET", f"{API}/users/me"),
                          ("DELETE", path[:-len("/file")]), ("POST", f"{path[:-len('/file')]}/playback")):
        assert page.request(method, other, headers=sent).status_code == 401, other
    assert page.get(path, headers={"Cookie": "playback=nothing"}).status_code == 401
    # a header counts before it, and the team's boundary holds
    assert page.get(path, headers={"Authorization": "Bearer nothing", **sent}).status_code == 401
    house.make_user("stranger", "hr_manager", team_id=house.make_team("Far away"))
    assert house.login("stranger").post(f"{path[:-len('/file')]}/playback").status_code == 404


def test_gone_after_the_cleanup(fresh):
    s = fresh()
    admin = s.login("admin")
    v = send(admin).json()
    path = f"{VIDEOS}{v['id']}"
    done = s.anonymous().post(f"{API}/cleanup-all-videos/", json={
        "confirmation_token": "CONFIRM_DELETE_ALL_VIDEOS_2025", "confirm_action": "DELETE_ALL_VIDEO_DATA"}).json()
    assert done["statistics"]["files_removed"] == 1
    r = admin.get(path + "/file")
    assert r.status_code == 410 and "no longer" in r.json()["detail"]
    assert admin.get(path).json() == {**v, "available": False}
    assert [x["available"] for x in admin.get(VIDEOS).json()] == [False]
    if s.engine == "sqlite":
        assert s.run("backup", os.path.join(s.directory, "b.tar")).returncode == 0
    assert admin.delete(path).status_code == 204
