"""What is found in a video after its upload: length, size, a poster; and that a bad video harms nobody."""
import os
import shutil
import signal
import subprocess

import pytest

import vitae
from videos import video
from vitae import API, Server, wait_until

FFMPEG = shutil.which("ffmpeg")
UPLOAD = f"{API}/upload-video/"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("reading")) as s:
        yield s


def film(directory, name, *codec, seconds=2, size="320x240"):
    path = os.path.join(directory, name)
    subprocess.run([FFMPEG, "-v", "error", "-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate=10",
                    "-threads", "1", *codec, path], check=True, timeout=120)
    with open(path, "rb") as f:
        return f.read()


def send(client, data, name):
    r = client.post(UPLOAD, files={"file": (name, data)})
    assert r.status_code == 201, r.text
    return r.json()["id"]


def measured(client, i):
    path = f"{API}/videos/{i}"
    wait_until(lambda: client.get(path).json()["duration_ms"] is not None, what="the video's length")
    return client.get(path).json()


def media_pids(server):
    return [p for p in vitae.children(server.process.pid) if open(f"/proc/{p}/comm").read().strip() == "vitae-media"]


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg makes the videos of this test")
@pytest.mark.parametrize("name,codec", [
    ("a.mp4", ("-c:v", "mpeg4")), ("a.mov", ("-c:v", "mjpeg")), ("a.m4v", ("-c:v", "mpeg4", "-f", "mp4")),
    ("a.3gp", ("-c:v", "mpeg4")), ("a.mkv", ("-c:v", "mpeg4")), ("a.webm", ("-c:v", "libvpx", "-deadline", "realtime")),
    ("a.avi", ("-c:v", "mpeg4")), ("a.flv", ("-c:v", "flv")),
    ("live.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-f", "webm", "-live", "1")),
])
def test_length_size_and_poster(house, tmp_path, name, codec):
    admin = house.login("admin")
    v = measured(admin, send(admin, film(tmp_path, name, *codec), name))
    assert (v["width"], v["height"]) == (320, 240) and 1800 <= v["duration_ms"] <= 2200
    r = admin.get(f"{API}/videos/{v['id']}/poster")
    assert r.status_code == 200 and r.headers["Content-Type"] == "image/jpeg" and r.content[:3] == b"\xff\xd8\xff"
    assert v["poster_path"].startswith("media/posters/")
    assert admin.delete(f"{API}/videos/{v['id']}").status_code == 204
    assert not os.path.exists(os.path.join(house.data, v["poster_path"]))


def test_what_cannot_be_read_stays_without(house):
    admin = house.login("admin")
    ids = [send(admin, video(kind, 20_000), f"a.{kind}") for kind in ("mp4", "webm", "avi", "flv", "mov")]
    wait_until(lambda: house.sql("SELECT count(*) FROM tasks WHERE kind = 'video.read'")[0][0] == 0, what="the tasks' end")
    for i in ids:
        v = admin.get(f"{API}/videos/{i}").json()
        assert v["duration_ms"] is None and v["poster_path"] is None and v["available"] is True
        assert admin.get(f"{API}/videos/{i}/poster").status_code == 404


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg makes the video of this test")
def test_the_reader_sits_in_a_jail_and_may_die(house, tmp_path):
    admin = house.login("admin")
    data = film(tmp_path, "a.mp4", "-c:v", "mpeg4", size="1280x720")
    v = measured(admin, send(admin, data, "a.mp4"))
    assert v["width"] == 1280
    pid = media_pids(house)[0]
    with open(f"/proc/{pid}/status") as f:
        assert "Seccomp:\t2" in f.read()
    os.kill(pid, signal.SIGKILL)
    assert measured(admin, send(admin, data, "a.mp4"))["width"] == 1280
