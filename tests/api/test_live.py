"""What happens, as it happens: WebSockets by the rules of RFC 6455, messages between clients, events, event streams."""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import struct
import subprocess
import threading
import time

import pytest
import websockets

import contract
import postgres
from vitae import API, PASSWORD, VITAE, Client, Server, upload, wait_until
from websocket import BINARY, CLOSE, PING, PONG, TEXT, Socket, frame

PLAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus", "plain.pdf")
SECRET = "a secret key for the tests of live connections"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("live"), SECRET_KEY=SECRET) as s:
        yield s


count = iter(range(1, 100000))


def name():
    return f"client-{next(count)}"


@pytest.fixture
def raw(house):
    """Opens sockets of raw frames, as the administrator unless a token says otherwise."""
    opened = []

    def open_socket(client_id=None, token=None, **kw):
        s = Socket(house, client_id or name(), token or house.token("admin"), **kw)
        opened.append(s)
        return s
    yield open_socket
    for s in opened:
        s.close()


def member(house, role="viewer", **fields):
    """A new user; returns (user, token)."""
    user = house.make_user(f"live{next(count):04}", role, **fields)
    return user, house.token(user["username"])


def exchange(sender, receiver, data="hello"):
    """What the sender says is what the receiver hears next."""
    sender.say({"type": "message", "data": data})
    assert receiver.message()["data"] == data


def make_token(house, username, **changed):
    """A token as the server would sign it, with other claims."""
    token = house.new_tokens(username)["access_token"]
    pad = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))  # noqa: E731
    bare = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()  # noqa: E731
    head, body, _ = token.split(".")
    signed = head + "." + bare(json.dumps({**json.loads(pad(body)), **changed}).encode())
    return signed + "." + bare(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest())


# ---- the handshake ----

def refused(house, token=None, **kw):
    with pytest.raises(Socket.Refused) as caught:
        Socket(house, kw.pop("client_id", name()), token, **kw)
    return caught.value


def test_no_token_no_socket(house):
    for kw in ({}, {"token": "x.y.z"}, {"query": "?token=x.y.z"}, {"query": "?token="}, {"Authorization": "Basic YTpi"},
               {"Sec_WebSocket_Protocol": "vitae, x.y.z"}, {"query": f"?token={'a' * 3000}"}):
        r = refused(house, **kw)
        assert r.status == 401 and r.headers["www-authenticate"] == "Bearer", kw
        assert json.loads(r.body)["detail"]


def test_a_spoilt_header_is_not_made_good_elsewhere(house):
    assert refused(house, token="x.y.z", query="?token=" + house.token("admin")).status == 401


def test_an_expired_token(house):
    assert refused(house, token=make_token(house, "admin", exp=int(time.time()) - 1)).status == 401


def test_a_refresh_token_opens_nothing(house):
    assert refused(house, token=house.new_tokens("admin")["refresh_token"]).status == 401


def test_the_places_of_a_token(house):
    token = house.token("admin")
    Socket(house, name(), token).close()
    Socket(house, name(), query="?token=" + token).close()
    with Socket(house, name(), Sec_WebSocket_Protocol=f"vitae, {token}") as s:
        assert s.headers["sec-websocket-protocol"] == "vitae"
    with Socket(house, name(), Sec_WebSocket_Protocol=token) as s:
        assert s.headers["sec-websocket-protocol"] == token
    with Socket(house, name(), token) as s:
        assert "sec-websocket-protocol" not in s.headers


def test_no_greeting(raw):
    a = raw()
    a.send(frame(PING, b"first"))
    assert a.receive() == (PONG, b"first")


@pytest.mark.parametrize("changed,status", [
    ({"Upgrade": None}, 426), ({"Connection": None}, 426), ({"Upgrade": "h2c"}, 426), ({"Connection": "keep-alive"}, 426),
    ({"Sec_WebSocket_Version": "8"}, 426), ({"Sec_WebSocket_Version": None}, 426), ({"Sec_WebSocket_Key": None}, 400),
    ({"Sec_WebSocket_Key": "dG9vIHNob3J0"}, 400), ({"Sec_WebSocket_Key": "!" * 24}, 400)])
def test_half_a_handshake(house, changed, status):
    r = refused(house, house.token("admin"), **changed)
    assert r.status == status
    if status == 426:
        assert r.headers["sec-websocket-version"] == "13" and r.headers["upgrade"] == "websocket"


def test_the_examples_of_the_standard(raw):
    s = raw(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", Connection="keep-alive, Upgrade", Upgrade="WebSocket")
    assert s.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_client_ids_have_bounds(house, raw):
    raw("%C3%A9" * 16)  # é
    assert refused(house, house.token("admin"), client_id="a" * 101).status == 422
    assert refused(house, house.token("admin"), client_id="a%0Ab").status == 422
    assert refused(house, house.token("admin"), client_id="").status == 404


# ---- frames ----

def test_pings_are_answered_with_what_they_carry(raw):
    a = raw()
    for payload in (b"", b"x", b"\x00\xff" * 62):
        a.send(frame(PING, payload))
        assert a.receive() == (PONG, payload)


def test_an_unasked_pong_is_ignored(raw):
    a = raw()
    a.send(frame(PONG, b"nobody asked"))
    a.send(frame(PING, b"1"))
    assert a.receive() == (PONG, b"1")


def test_frames_behind_the_handshake_in_one_piece(raw):
    a = raw(and_then=frame(PING, b"early") + frame(PING, b"too")[:3])
    assert a.receive() == (PONG, b"early")


def test_fragments_with_a_ping_between(raw):
    a, b = raw(), raw()
    text = json.dumps({"type": "message", "data": "in pieces: é€😀"}, ensure_ascii=False).encode()
    a.send(frame(TEXT, text[:20], fin=False))
    a.send(frame(PING, b"between"))
    a.send(frame(0, text[20:46], fin=False))  # ends in the midst of a character
    a.send(frame(0, b"", fin=False))
    a.send(frame(0, text[46:]))
    assert a.receive() == (PONG, b"between")
    assert b.message()["data"] == "in pieces: é€😀"


def test_byte_by_byte(raw):
    a, b = raw(), raw()
    for byte in frame(TEXT, b'{"type": "message", "data": 1}'):
        a.send(bytes([byte]))
    assert b.message()["data"] == 1


def test_many_frames_in_one_piece(raw):
    a, b = raw(), raw()
    a.send(b"".join(frame(TEXT, json.dumps({"type": "message", "data": i}).encode()) for i in range(50)))
    assert [b.message()["data"] for _ in range(50)] == list(range(50))


@pytest.mark.parametrize("size,length", [(125, 7), (126, 16), (127, 16), (20000, 16), (32 * 1024, 16)])
def test_lengths(raw, size, length):
    a, b = raw(), raw()
    text = b'{"type": "message", "data": "' + b"a" * (size - 31) + b'"}'
    assert len(text) == size
    a.send(frame(TEXT, text, length=length))
    assert b.message()["data"] == "a" * (size - 31)


BAD = {
    "unmasked": (frame(TEXT, b"{}", mask=False), 1002),
    "unmasked ping": (frame(PING, b"", mask=False), 1002),
    "RSV1": (frame(TEXT, b"{}", rsv=4), 1002),
    "RSV2": (frame(TEXT, b"{}", rsv=2), 1002),
    "RSV3": (frame(PING, b"", rsv=1), 1002),
    "opcode 3": (frame(3, b""), 1002),
    "opcode 7": (frame(7, b""), 1002),
    "opcode 11": (frame(11, b""), 1002),
    "opcode 15": (frame(15, b""), 1002),
    "a ping in fragments": (frame(PING, b"", fin=False), 1002),
    "a close in fragments": (frame(CLOSE, b"", fin=False), 1002),
    "a long ping": (frame(PING, b"a" * 126), 1002),
    "a long close": (frame(CLOSE, struct.pack(">H", 1000) + b"a" * 124), 1002),
    "a continuation of nothing": (frame(0, b"{}"), 1002),
    "a message within a message": (frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), 1002),
    "a length of 2^63": (bytes([0x81, 0xff]) + struct.pack(">Q", 1 << 63) + b"mask", 1002),
    "not the shortest length, 16 bits": (frame(TEXT, b"{}", length=16), 1002),
    "not the shortest length, 64 bits": (frame(TEXT, b"a" * 200, length=64), 1002),
    "no UTF-8": (frame(TEXT, b"\xff"), 1007),
    "an overlong form": (frame(TEXT, b"\xc0\xaf"), 1007),
    "a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "beyond U+10FFFF": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "half a character": (frame(TEXT, b"\xe2\x82"), 1007),
    "half a character, in fragments": (frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x82"), 1007),
    "binary": (frame(BINARY, b"{}"), 1003),
    "too long": (frame(TEXT, b"a" * (32 * 1024 + 1)), 1009),
    "too long, in fragments": (frame(TEXT, b"a" * 30000, fin=False) + frame(0, b"a" * 3000, fin=False), 1009),
    "announced too long": (bytes([0x81, 0xff]) + struct.pack(">Q", 1 << 40) + b"mask" + b"a", 1009),
    "a close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "a close reason that is no UTF-8": (frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
    **{f"close code {c}": (frame(CLOSE, struct.pack(">H", c)), 1002)
       for c in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)},
}


@pytest.mark.parametrize("sent,code", BAD.values(), ids=BAD)
def test_what_is_wrong_ends_with_its_code(raw, sent, code):
    a = raw()
    a.send(sent)
    assert a.closed() == code


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
def test_a_close_is_answered_with_its_code(raw, code):
    a = raw()
    a.send(frame(CLOSE, struct.pack(">H", code) + "Tschüß".encode()))
    assert a.closed() == code


def test_a_close_without_a_code(raw):
    a = raw()
    a.send(frame(CLOSE))
    assert a.closed() is None


def test_nothing_is_heard_behind_a_close(raw):
    a, b = raw(), raw()
    a.send(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, b'{"type": "message", "data": 1}') + frame(PING))
    assert a.closed() == 1000
    c = raw()
    exchange(c, b, "the first")


# ---- messages ----

def test_to_everyone_else_or_to_one(raw):
    ids = [name() for _ in range(3)]
    a, b, c = (raw(i) for i in ids)
    a.say({"type": "message", "data": {"n": [1, None, "é"]}, "ignored": True})
    for s in (b, c):
        assert s.message() == {"type": "message", "from": ids[0], "data": {"n": [1, None, "é"]}}
    a.say({"type": "message", "data": None, "to": ids[2]})
    a.say({"type": "message", "data": "all", "to": None})
    assert c.message() == {"type": "message", "from": ids[0], "data": None}
    assert b.message()["data"] == c.message()["data"] == "all"
    a.say({"type": "message", "data": 1, "to": ids[0]})  # to oneself
    assert a.message() == {"type": "message", "from": ids[0], "data": 1}
    a.say({"type": "message", "data": 1, "to": "nobody"})
    exchange(a, b, "still fine")


@pytest.mark.parametrize("text,told", [
    (b"{", "JSON"), (b"", "JSON"), (b"[" * 1000, "JSON"), (b'{"type": "message", "data": 1, "data": 2}', "JSON"),
    (b"[]", ["body"]), (b"17", ["body"]), (b'{"data": 1}', ["body", "type"]), (b'{"type": 1, "data": 1}', ["body", "type"]),
    (b'{"type": "shout", "data": 1}', ["body", "type"]), (b'{"type": "message"}', ["body", "data"]),
    (b'{"type": "message", "data": 1, "to": 7}', ["body", "to"]), (b'{"type": "message", "data": 1, "to": ""}', ["body", "to"])])
def test_what_is_not_understood_is_told(raw, text, told):
    a = raw()
    a.say(text)
    answer = a.message()
    assert answer["type"] == "error"
    if isinstance(told, list):
        assert told in [d["loc"] for d in answer["detail"]]
    else:
        assert told in answer["detail"]
    a.send(frame(PING, b"open"))
    assert a.receive() == (PONG, b"open")


def test_too_many_messages_are_told(raw):
    a = raw()
    a.send(frame(TEXT, b'{"type": "message", "data": 1, "to": "nobody"}') * 150)
    assert "Too many" in a.message()["detail"]


def test_the_team_is_the_boundary(house, raw):
    _, stranger = member(house, team_id=house.make_team("Strangers"))
    _, colleague = member(house)
    there, here, a = raw("mine", stranger), raw(name(), colleague), raw("mine")
    a.say({"type": "message", "data": "to the team"})
    assert here.message()["data"] == "to the team"
    here.say({"type": "message", "data": "to one", "to": "mine"})
    assert a.message()["data"] == "to one"
    other = raw(name(), stranger)
    exchange(other, there, "the first they hear")


def test_the_same_client_again_replaces_the_first(raw):
    a, b = raw("desk"), raw()
    again = raw("desk")
    assert a.closed() == 4009
    b.say({"type": "message", "data": 1, "to": "desk"})
    assert again.message()["data"] == 1


def test_a_client_id_is_its_users(house, raw):
    _, other = member(house)
    a, b = raw("counter"), raw()
    r = refused(house, other, client_id="counter")
    assert r.status == 409 and "in use" in json.loads(r.body)["detail"]
    b.say({"type": "message", "data": 1, "to": "counter"})
    assert a.message()["data"] == 1
    a.send(frame(CLOSE))
    a.closed()
    wait_until(lambda: opens(house, "counter", other), what="the free client id")


def opens(house, client_id, token):
    try:
        Socket(house, client_id, token).close()
        return True
    except Socket.Refused:
        return False


# ---- events ----

def test_a_candidates_life_is_told_to_the_team(house, raw):
    boss = house.login("admin")
    _, colleague = member(house)
    _, stranger = member(house, team_id=house.make_team("Others"))
    a, b, there, there2 = raw(), raw(name(), colleague), raw(name(), stranger), raw(name(), stranger)
    with open(PLAIN, "rb") as f:
        data = f.read() + b"\n% once more\n"
    made = upload(boss, data, "Ada.pdf").json()
    for s in (a, b):
        got = [s.message() for _ in range(3)]
        assert [m["type"] for m in got] == ["candidate.uploaded", "candidate.processing", "candidate.completed"]
        assert all(m["data"]["id"] == made["id"] and "from" not in m for m in got)
        assert got[2]["data"]["status"] == "completed" and got[2]["data"]["name"]
    upload(boss, data, "Ada.pdf")  # a duplicate is no news
    boss.patch(f"{API}/candidates/{made['id']}", json={"name": "Ada King"})
    corrected = a.message()
    assert corrected["type"] == "candidate.updated" and corrected["data"]["name"] == "Ada King"
    boss.delete(f"{API}/candidates/{made['id']}")
    assert a.message()["type"] == "candidate.deleted"
    exchange(there2, there, "the first they hear")


def test_what_cannot_be_read_is_told(house, raw):
    a = raw()
    made = upload(house.login("admin"), b"%PDF-1.4\nnothing " + os.urandom(8).hex().encode(), "broken.pdf").json()
    got = [a.message() for _ in range(3)][2]
    assert got["type"] == "candidate.failed" and got["data"]["id"] == made["id"] and got["data"]["error_message"]


# ---- the end of access ----

def test_a_token_that_expires_ends_the_socket(house, raw):
    a = raw(token=make_token(house, "admin", exp=int(time.time()) + 2))
    assert a.closed() == 4001


def test_a_session_that_ends_takes_its_sockets_along(house, raw):
    user, kept = member(house)
    token = house.new_tokens(user["username"])["access_token"]
    a, b = raw(token=token), raw(token=kept)
    assert Client(house.base, token).post(f"{API}/auth/logout").status_code in (200, 204)
    assert a.closed() == 4003
    b.send(frame(PING))
    assert b.receive() == (PONG, b"")


def test_who_is_deactivated_moved_or_deleted_loses_the_socket(house, raw):
    boss = house.login("admin")
    one, token1 = member(house)
    two, token2 = member(house)
    three, token3 = member(house)
    a, b, c = raw(token=token1), raw(token=token2), raw(token=token3)
    assert boss.patch(f"{API}/users/{one['id']}/deactivate").status_code == 200
    assert a.closed() == 4003
    assert boss.put(f"{API}/users/{two['id']}", json={"team_id": house.make_team("New")}).status_code == 200
    assert b.closed() == 4003
    assert boss.delete(f"{API}/users/{three['id']}").status_code == 204
    assert c.closed() == 4003


def test_an_api_key_opens_a_socket_until_it_is_revoked(house, raw):
    boss = house.login("admin")
    key = boss.post(f"{API}/auth/keys", json={"name": "live"}).json()
    a, b = raw(token=key["key"]), raw()
    exchange(b, a)
    assert boss.delete(f"{API}/auth/keys/{key['id']}").status_code == 204
    assert a.closed() == 4003


# ---- a real client ----

def test_a_client_library(house):
    async def talk():
        url = house.base.replace("http", "ws") + "/ws/"
        token = house.token("admin")
        async with websockets.connect(url + name() + "?token=" + token) as a, \
                websockets.connect(url + name(), extra_headers={"Authorization": "Bearer " + token}) as b, \
                websockets.connect(url + name(), subprotocols=["vitae", token]) as c:
            assert c.subprotocol == "vitae"
            await a.send(iter_json("ünïcödé " * 1000))  # in fragments
            for s in (b, c):
                assert json.loads(await s.recv())["data"] == "ünïcödé " * 1000
            await asyncio.wait_for(await b.ping(), 20)
        assert a.close_code == b.close_code == c.close_code == 1000
    asyncio.run(talk())


def iter_json(text):
    whole = json.dumps({"type": "message", "data": text}, ensure_ascii=False)
    return (whole[i:i + 1000] for i in range(0, len(whole), 1000))


# ---- bounds ----

def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) // 1024


def keeps_what_was_freed():
    """As AddressSanitizer does."""
    with open(VITAE, "rb") as f:
        return b"__asan_init" in f.read()


def test_who_does_not_read_is_dropped(house, raw):
    """Megabytes for a reader that stalls: the others go on, the server keeps a bounded part of it."""
    before = memory(house.process.pid)
    lazy = [raw() for _ in range(10)]
    writers, reader = [raw() for _ in range(8)], raw()
    text = b'{"type": "message", "data": "' + b"a" * 32000 + b'"}'
    for _ in range(25):
        for w in writers:
            w.say(text)
            assert len(reader.message()["data"]) == 32000
            reader_drains(writers)
    for s in lazy:  # 6 MB, of which the sockets' own buffers took what they could
        assert s.closed() == 0
    exchange(writers[0], reader, "still here")
    if not keeps_what_was_freed():
        assert memory(house.process.pid) - before < 50


def reader_drains(writers):
    """What the writers were told by each other, so that they are no lazy readers themselves."""
    for w in writers:
        w.socket.setblocking(False)
        try:
            while w.socket.recv(1 << 20):
                pass
        except BlockingIOError:
            pass
        w.socket.settimeout(30)


def test_too_many(tmp_path):
    with Server(tmp_path, MAX_LISTENERS="2") as s:
        a, b = Socket(s, "a", s.token("admin")), s.login("admin").get("/events", stream=True)
        assert b.status_code == 200
        r = refused(s, s.token("admin"))
        assert r.status == 503 and r.headers["retry-after"]
        assert s.login("admin").get("/events", stream=True).status_code == 503
        a.close()
        wait_until(lambda: opens(s, "c", s.token("admin")), what="a free place")
        b.close()


# ---- stopping ----

def test_a_stop_says_goodbye(tmp_path):
    s = Server(tmp_path).start()
    a, dead = Socket(s, "a", s.token("admin")), Socket(s, "dead", s.token("admin"))
    stream = s.login("admin").get("/events", stream=True)
    lines = stream.iter_lines()
    next(lines)
    stopping = threading.Thread(target=s.stop)
    stopping.start()
    assert a.closed() == 1001
    assert all(not line.startswith(b"data") for line in lines)  # to its regular end
    stopping.join(timeout=60)  # although one client answers nothing
    assert not stopping.is_alive()
    dead.close()


# ---- TLS ----

@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    s = Server(folder / "house", TLS_CERT=folder / "cert.pem", TLS_KEY=folder / "key.pem")
    s.start()
    yield s
    assert s.stop() == 0


def safe_token(s):
    r = Client(s.base).post(f"{API}/auth/login", json={"username": "admin", "password": PASSWORD}, verify=False)
    return r.json()["access_token"]


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_under_tls(safe):
    token = safe_token(safe)
    a, b = Socket(safe, "a", token), Socket(safe, "b", token, and_then=frame(PING, b"early"))
    assert b.receive() == (PONG, b"early")
    exchange(a, b, "x" * 30000)
    a.send(frame(BINARY, b""))
    assert a.closed() == 1003
    c = Socket(safe, "b", token)
    assert b.closed() == 4009
    c.send(frame(CLOSE, struct.pack(">H", 1000)))
    assert c.closed() == 1000
    Socket(safe, "d", token).socket.close()  # without a word
    Socket(safe, "left-open", token)


# ---- event streams ----

def events(response):
    """The data of each event of a stream."""
    for line in response.iter_lines():
        if line.startswith(b"data: "):
            yield json.loads(line[6:])


@pytest.mark.parametrize("path", ["/events", f"{API}/events"])
def test_the_same_as_a_stream(house, raw, path):
    own = name()
    a = raw(own)
    for response in (house.login("admin").get(path, stream=True),
                     house.anonymous().get(path, params={"token": house.token("admin")}, stream=True)):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/event-stream" and response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers
        got = events(response)
        a.say({"type": "message", "data": "hello"})
        assert next(got) == {"type": "message", "from": own, "data": "hello"}
        made = upload(house.login("admin"), b"%PDF-1.4\nnothing " + os.urandom(8).hex().encode(), "b.pdf").json()
        assert [next(got)["type"] for _ in range(3)] == ["candidate.uploaded", "candidate.processing", "candidate.failed"]
        house.login("admin").delete(f"{API}/candidates/{made['id']}")
        assert next(got)["type"] == "candidate.deleted"
        response.close()


def test_streams_want_a_token(house):
    for kw in ({}, {"params": {"token": "x.y.z"}}, {"headers": {"Authorization": "Bearer x"}}):
        assert house.anonymous().get("/events", **kw).status_code == 401


def test_a_stream_says_why_it_ends(house):
    token = make_token(house, "admin", exp=int(time.time()) + 2)
    *_, last = events(Client(house.base, token).get("/events", stream=True))
    assert last["type"] == "closed" and last["data"]["code"] == 4001
    user, token = member(house)
    response = Client(house.base, token).get("/events", stream=True)
    assert house.login("admin").patch(f"{API}/users/{user['id']}/deactivate").status_code == 200
    *_, last = events(response)
    assert last["type"] == "closed" and last["data"]["code"] == 4003


def test_head_of_a_stream(house):
    r = house.login("admin").head("/events")
    assert r.status_code == 200 and r.headers["Content-Type"] == "text/event-stream"


# ---- two servers on one database ----

@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    url = postgres.shared().new_database()
    servers = [Server(folder / f"server{i}", DATABASE_URL=url, DATA_DIR=str(folder / "data")).start() for i in range(2)]
    yield servers
    for s in servers:
        s.stop()
    servers[0].drop_database()


def test_messages_and_events_cross_servers(two):
    one, other = two
    token = one.token("admin")
    a, b = Socket(one, "a", token), Socket(other, "b", token)
    stream = events(Client(other.base, token).get("/events", stream=True))
    a.say({"type": "message", "data": "to all"})
    assert b.message() == next(stream) == {"type": "message", "from": "a", "data": "to all"}
    b.say({"type": "message", "data": "back", "to": "a"})
    assert a.message() == {"type": "message", "from": "b", "data": "back"}
    big = "x" * 30000  # longer than a notification of the database may be
    a.say({"type": "message", "data": big, "to": "b"})
    assert b.message()["data"] == big
    made = upload(one.login("admin"), b"%PDF-1.4\nnothing " + os.urandom(8).hex().encode(), "c.pdf").json()
    for s in (a, b):
        got = [s.message() for _ in range(3)]
        assert [m["type"] for m in got] == ["candidate.uploaded", "candidate.processing", "candidate.failed"]
        assert all(m["data"]["id"] == made["id"] for m in got)
    for s in (a, b):
        s.close()


def test_a_client_id_is_one_across_servers(two):
    one, other = two
    one.make_user("elsewhere")
    mine, theirs = one.token("admin"), other.token("elsewhere")
    a = Socket(one, "desk", mine)
    b = Socket(other, "desk", mine)
    assert a.closed() == 4009
    c = Socket(one, "desk", theirs)
    assert c.closed() == 4010
    b.send(frame(PING, b"mine"))
    assert b.receive() == (PONG, b"mine")
    b.close()


def test_who_is_shut_out_by_one_is_shut_out_by_all(two):
    one, other = two
    user = one.make_user("leaver")
    a = Socket(other, "leaver", other.token("leaver"))
    assert one.login("admin").patch(f"{API}/users/{user['id']}/deactivate").status_code == 200
    assert a.closed() == 4003


def test_messages_are_documented(house):
    document = house.login("admin").get("/openapi.json").json()
    assert {"/ws/{client_id}", f"{API}/events"} <= set(document["paths"])
    assert "ServerMessage" in document["components"]["schemas"]
    assert contract.row("GET", "/ws/a")["status"] == 101
