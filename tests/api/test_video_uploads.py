"""Videos sent in pieces by the tus protocol 1.0: begun, broken off, resumed, finished, given up."""
import base64
import os
import socket

import pytest

from videos import video
from vitae import API, Client, Server, wait_until

UPLOADS = f"{API}/video-uploads/"
BYTES = "application/offset+octet-stream"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("tus"), MAX_VIDEO_MB=4) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


def b64(text):
    return base64.b64encode(text.encode()).decode()


def begin(client, length, name="answer.mp4", **more):
    metadata = ",".join(f"{k} {b64(str(v))}" for k, v in {"filename": name, **more}.items())
    return client.post(UPLOADS, headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": metadata})


def send(client, path, offset, data, **headers):
    return client.patch(path, data=data, headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset),
                                                  "Content-Type": BYTES, **headers})


def offset(client, path):
    r = client.head(path, headers={"Tus-Resumable": "1.0.0"})
    assert r.status_code == 200 and r.headers["Cache-Control"] == "no-store"
    return int(r.headers["Upload-Offset"])


def partial(house):
    folder = os.path.join(house.data, "media/partial")
    return os.listdir(folder) if os.path.exists(folder) else []


def test_what_the_server_offers(house):
    r = house.anonymous().options(UPLOADS, headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"})
    assert r.status_code == 204 and r.headers["Tus-Resumable"] == r.headers["Tus-Version"] == "1.0.0"
    assert r.headers["Tus-Extension"] == "creation,expiration,termination"
    assert r.headers["Tus-Max-Size"] == str(4 << 20)
    assert "Upload-Offset" in r.headers["Access-Control-Allow-Headers"]


def test_in_pieces(house, boss):
    data = video("webm", 300_000)
    r = begin(boss, len(data), "My Answer.webm")
    assert r.status_code == 201 and r.headers["Tus-Resumable"] == "1.0.0" and r.headers["Upload-Expires"].endswith("GMT")
    path = r.headers["Location"]
    assert r.json()["offset"] == 0 and offset(boss, path) == 0
    for start in range(0, len(data), 100_000):
        r = send(boss, path, start, data[start:start + 100_000])
        assert r.status_code == 204 and r.headers["Upload-Offset"] == str(start + 100_000), r.text
    v = boss.get(r.headers["Content-Location"]).json()
    assert (v["filename"], v["content_type"], v["file_size"]) == ("My Answer.webm", "video/webm", len(data))
    assert v["file_path"].startswith("media/videos/")
    assert boss.get(f"{API}/videos/{v['id']}/file").content == data
    # a client that lost the last reply can ask
    assert offset(boss, path) == len(data) and boss.get(path).json()["video_id"] == v["id"]
    assert send(boss, path, len(data), b"").status_code in (204, 409)
    assert partial(house) == []


def test_a_broken_connection_is_resumed(house, boss):
    data = video("mp4", 200_000)
    path = begin(boss, len(data)).headers["Location"]
    host, port = house.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall((f"PATCH {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token('admin')}\r\n"
                   f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: {BYTES}\r\n"
                   f"Content-Length: {len(data)}\r\n\r\n").encode() + data[:150_000])
        wait_until(lambda: offset(boss, path) == 150_000, what="the bytes that were sent")
        r = send(boss, path, 150_000, data[150_000:])
        assert r.status_code == 409 and "try again" in r.json()["detail"], "only one at a time"
    r = wait_until(lambda: (lambda x: x if x.status_code == 204 else None)(send(boss, path, 150_000, data[150_000:])),
                   what="the end of the broken connection")
    assert boss.get(r.headers["Content-Location"] + "/file").content == data


def test_a_restart_loses_nothing(tmp_path):
    data = video("mp4", 50_000)
    s = Server(tmp_path)
    with s:
        admin = s.login("admin")
        path = begin(admin, len(data)).headers["Location"]
        assert send(admin, path, 0, data[:30_000]).status_code == 204
    with s:
        admin = s.login("admin")
        assert offset(admin, path) == 30_000
        r = send(admin, path, 30_000, data[30_000:])
        assert admin.get(r.headers["Content-Location"] + "/file").content == data


def test_offsets_must_agree(boss):
    path = begin(boss, 1000).headers["Location"]
    assert send(boss, path, 0, video()[:100]).status_code == 204
    for wrong in (0, 99, 101, 1000):
        r = send(boss, path, wrong, b"x" * 10)
        assert r.status_code == 409 and "100" in r.json()["detail"]
    assert send(boss, path, 100, b"x" * 901).status_code == 413
    assert offset(boss, path) == 100


@pytest.mark.parametrize("headers,status", [
    ({"Upload-Offset": "x"}, 422), ({"Upload-Offset": "-1"}, 422), ({"Upload-Offset": None}, 422),
    ({"Content-Type": "application/json"}, 422), ({"Tus-Resumable": "0.2.2"}, 412),
])
def test_what_a_patch_must_say(boss, headers, status):
    path = begin(boss, 1000).headers["Location"]
    r = send(boss, path, 0, b"x", **headers)
    assert r.status_code == status, r.text
    assert (r.headers.get("Tus-Version") == "1.0.0") == (status == 412)
    assert offset(boss, path) == 0


@pytest.mark.parametrize("length,name,status", [
    ("", "a.mp4", 422), ("-1", "a.mp4", 422), ("ten", "a.mp4", 422), ("0", "a.mp4", 400), (str((4 << 20) + 1), "a.mp4", 413),
    ("10", "a.txt", 400), ("10", "", 400), ("99999999999999999999", "a.mp4", 422),
])
def test_what_cannot_be_begun(house, boss, length, name, status):
    before = len(partial(house))
    assert begin(boss, length, name).status_code == status
    assert len(partial(house)) == before


def test_the_content_decides(house, boss):
    path = begin(boss, 10).headers["Location"]
    r = send(boss, path, 0, b"no video..")
    assert r.status_code == 400 and "content" in r.json()["detail"]
    assert boss.get(path).status_code == 404


def test_whose_it_is(house, boss):
    path = begin(boss, 10).headers["Location"]
    other = house.as_role("viewer")
    for method in ("GET", "PATCH", "DELETE"):
        kw = {"data": b"x", "headers": {"Content-Type": BYTES, "Upload-Offset": "0"}} if method == "PATCH" else {}
        assert other.request(method, path, **kw).status_code == 404
        assert house.anonymous().request(method, path, **kw).status_code == 401
    assert boss.delete(path, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    assert boss.head(path).status_code == 404


def test_an_invited_candidate_may(house):
    recruiter = house.as_role("recruiter")
    i = recruiter.post(f"{API}/interviews/", json={"title": "x", "questions": [{"text": "Why?"}]}).json()
    token = recruiter.post(f"{API}/interviews/{i['id']}/invitations", json={}).json()["token"]
    guest, data = Client(house.base, token), video()
    path = begin(guest, len(data), question_id=i["questions"][0]["id"]).headers["Location"]
    v = guest.get(send(guest, path, 0, data).headers["Content-Location"]).json()
    assert v["question_id"] == i["questions"][0]["id"]
    r = guest.post(f"{API}/submit-interview-answer/", json={"question_id": v["question_id"], "video_id": v["id"]})
    assert r.status_code == 201
    assert begin(guest, 10, question_id=999999).status_code == 404


def test_there_are_not_endlessly_many(house):
    house.make_user("collector")
    c = house.login("collector")
    codes = [begin(c, 10).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]


def test_an_upload_expires(house):
    house.make_user("sleeper")
    c = house.login("sleeper")
    path = begin(c, 10).headers["Location"]
    house.sql("UPDATE video_uploads SET expires_at = 1 WHERE id = ?", int(path.split("/")[-1]))
    assert send(c, path, 0, b"x").status_code == 410 and c.get(path).status_code == 410
