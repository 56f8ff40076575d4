"""The operator's Telegram chat: a test message, and what it is told of."""
import time

import pytest

import documents
from mailserver import MailServer
from telegram import CHAT, TOKEN, Telegram, later
from vitae import API, Server, upload, wait_until

TEST = f"{API}/telegram/test"


@pytest.fixture
def told(fresh):
    """told(answers…, settings…): Telegram, and a server that talks to it."""
    open_ones = []

    def start(*answers, **settings):
        t = Telegram(*answers).__enter__()
        open_ones.append(t)
        return t, fresh(**t.settings(**settings))

    yield start
    for t in open_ones:
        t.__exit__()


def test_message(told):
    t, server = told()
    r = server.login("admin").post(TEST)
    assert r.status_code == 200 and list(r.json()) == ["message"], r.text
    assert len(t.told) == 1 and "admin" in t.told[0]


@pytest.mark.parametrize("answer,status,words", [
    ((401, {"ok": False, "error_code": 401, "description": "Unauthorized"}), 502, "TELEGRAM_BOT_TOKEN"),
    ((403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was kicked"}), 502, "bot was kicked"),
    ((500, b"<html>"), 502, "TELEGRAM_API_URL"), ((200, b"<html>"), 502, "TELEGRAM_API_URL"),
    ((400, {"ok": False, "description": f"no bot{TOKEN} here"}), 502, "TELEGRAM_CHAT_ID"), (later(17), 503, "17 seconds")])
def test_failures(told, answer, status, words):
    t, server = told(answer)
    r = server.login("admin").post(TEST)
    assert r.status_code == status and words in r.json()["detail"] and TOKEN not in r.text, r.text
    assert status != 503 or r.headers["Retry-After"] == "17"


def test_nobody_there(told):
    _, server = told(TELEGRAM_API_URL="http://127.0.0.1:1")
    r = server.login("admin").post(TEST)
    assert r.status_code == 502 and "127.0.0.1:1" in r.json()["detail"] and TOKEN not in r.text
    _, server = told(TELEGRAM_CHAT_ID="@nowhere")
    assert "TELEGRAM_CHAT_ID" in server.login("admin").post(TEST).json()["detail"]


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"])
def test_not_set_up(told, name):
    _, server = told(**{name: None})
    r = server.login("admin").post(TEST)
    assert r.status_code == 503 and name in r.json()["detail"]
    upload(server.login("admin"), documents.unique_pdf(), "a.pdf")


@pytest.mark.parametrize("token", ["x", "123:abc/../getMe", "123:a b", ":abc", "123:"])
def test_no_token(tmp_path, token):
    with pytest.raises(RuntimeError, match="TELEGRAM_BOT_TOKEN must be"):
        Server(tmp_path, TELEGRAM_BOT_TOKEN=token, TELEGRAM_CHAT_ID=CHAT).start()


def test_it_is_told(told):
    with MailServer() as post:
        t, server = told(**post.settings())
        me = server.login("admin")
        for to in ("hr@example.com", "never@example.com"):
            assert me.post(f"{API}/email/send/follow-up", json={"recipient": to, "subject": "Hello", "body": "b"}).status_code == 200
        assert upload(me, documents.unique_pdf(), "ada <b>.pdf").status_code == 202
        wanted = ("Mail sent to hr@example.com: Hello", "Mail to never@example.com was not sent: Hello (550 5.1.1 No such person here)",
                  "Upload finished: ada <b>.pdf")
        wait_until(lambda: all(w in "\n".join(t.told).split("\n") for w in wanted), what="three notes")


def test_security_alerts_are_told(told):
    t, server = told()
    server.anonymous().post(f"{API}/cleanup-all-videos", json={"confirmation_token": "guess"})
    line = wait_until(lambda: [x for x in t.told if "Security" in x], what="the alert")[0]
    assert "cleanup-all-videos" in line and "127.0.0.1" in line and "guess" not in line


def test_later_is_later(told):
    t, server = told(later(2), None)  # whoever asks again before that would be let in
    me = server.login("admin")
    before = time.monotonic()
    for i in range(30):
        assert upload(me, documents.unique_pdf(), f"n{i}.pdf").status_code == 202
    wait_until(lambda: len("\n".join(t.told).split("\n")) == 30, what="thirty notes")
    assert time.monotonic() - before >= 2
    assert t.asked <= 10 and all(len(m) <= 4096 for m in t.told)  # many in one message
    assert sorted("\n".join(t.told).split("\n")) == sorted(f"Upload finished: n{i}.pdf" for i in range(30))
