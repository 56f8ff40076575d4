"""Keys, tokens and passwords: nothing that was written during this run has any of them."""
import pytest

import secrets_written
from mailserver import MailServer
from openai import Model
from telegram import Telegram
from vitae import API, PASSWORD, wait_until

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # without TLS: as wanted


def test_everything_goes_wrong_in_silence(fresh):
    """Each counterpart refuses what it is given, and repeats it: neither reply nor log does."""
    def repeat(handler, _):
        import openai
        openai.error(handler, 400, f"you sent {handler.headers['Authorization']}")
    with MailServer(auth=True) as post, Model(repeat) as model, Telegram((400, {"ok": False, "description": "bad"})) as t:
        server = fresh(LOG_LEVEL="debug", **post.settings(SMTP_USERNAME="mailer", SMTP_PASSWORD="wrong post word 77"),
                       **model.settings(), **t.settings())
        me = server.login("admin")
        assert me.get(f"{API}/email/test").status_code == 502
        assert me.post(f"{API}/telegram/test").status_code == 502
        r = me.post(f"{API}/ai/email/personalize", json={"recipient_name": "a", "company": "b", "purpose": "c"})
        assert r.status_code == 502
        mail = me.post(f"{API}/email/send/follow-up", json={"recipient": "a@example.com", "subject": "s", "body": "b"}).json()["id"]
        wait_until(lambda: me.get(f"{API}/email/outbox/{mail}").json()["error_message"])
        me.get(f"{API}/users/me", params={"token": server.token("admin")})
        me.post(f"{API}/auth/login", json={"username": "admin", "password": PASSWORD + "!"})
        assert server.run("config").returncode == 0


def test_nothing_secret_was_written():
    """The last of all tests looks at what every server of this run wrote."""
    assert secrets_written.directories and secrets_written.given and secrets_written.handed_out
    assert secrets_written.search() == []
