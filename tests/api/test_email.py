"""Letters: to HR with the résumé, follow-ups; the outbox that sends each at most once; the mail server's moods."""
import os
import random
import re
import signal
import socket
import threading
import time

import pytest

import documents
import mailserver
from mailserver import MailServer
from vitae import API, Server, wait_until

HR, FOLLOW, OUTBOX, TEST = f"{API}/email/send/hr", f"{API}/email/send/follow-up", f"{API}/email/outbox", f"{API}/email/test"
PDF = documents.pdf()
count = iter(range(1, 100000))
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # without TLS: as wanted


@pytest.fixture(scope="module")
def post():
    with MailServer() as m:
        yield m


@pytest.fixture(scope="module")
def house(tmp_path_factory, post):
    with Server(tmp_path_factory.mktemp("email"), **post.settings(SMTP_TIMEOUT=2)) as s:
        yield s


@pytest.fixture
def person(house):
    c = house.login(house.make_user(f"writer{next(count):04}", full_name="Zoë Müller")["username"])
    c.me = c.get(f"{API}/users/me").json()
    return c


def address(name="hr"):
    return f"{name}{next(count)}@example.com"


def apply(client, to, subject="Application", body="Dear all,\nhere I am.\n", file=("cv.pdf", PDF), key=None, **form):
    return client.post(HR, data={"recipient": to, "subject": subject, "body": body, **form},
                       files={"resume": file} if file else {"none": ("", b"")}, headers={"Idempotency-Key": key} if key else {})


def state(client, mail, *wanted, seconds=30):
    def look():
        m = client.get(f"{OUTBOX}/{mail}").json()
        return m if m["state"] in wanted else None
    return wait_until(look, seconds, f"mail {mail} to be {wanted}")


# ---- what is sent ----

def test_letter_to_hr(person, post):
    to = address()
    r = apply(person, to, "Bewerbung: Köchin für „Zum Anker“", "Guten Tag,\n.\nich möchte kochen – gern.\n", ("Lebenslauf Zoë.pdf", PDF),
              recipient_name="Jürgen Groß", body_html="<p>Guten Tag – gern.</p>")
    assert r.status_code == 200, r.text
    said = r.json()
    assert list(said) == ["message", "id", "state"] and said["message"] == f"Email to {to} queued" and said["state"] == "queued"
    assert r.headers["Location"] == f"{OUTBOX}/{said['id']}"
    m = state(person, said["id"], "sent")
    assert [s["state"] for s in m["history"]] == ["queued", "sending", "sent"]
    assert m["server_reply"] == "250 2.0.0 Taken" and m["sent_at"] and m["error_message"] is None and m["attempts"] == 1
    [got] = post.to(to)
    assert got["Subject"] == "Bewerbung: Köchin für „Zum Anker“"
    assert got["To"].addresses[0].display_name == "Jürgen Groß" and got["To"].addresses[0].addr_spec == to
    assert got["From"].addresses[0].display_name == "Zoë Müller" and got["From"].addresses[0].addr_spec == "mailer@vitae.example"
    assert got["Reply-To"].addresses[0].addr_spec == person.me["email"]
    assert got["Message-ID"] == m["message_id"] and m["message_id"].endswith("@vitae.example>") and got["Date"].datetime
    assert got["MIME-Version"] == "1.0" and "Bcc" not in got
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain.get_content().splitlines() == ["Guten Tag,", ".", "ich möchte kochen – gern."]
    assert html.get_content().strip() == "<p>Guten Tag – gern.</p>"
    [file] = got.iter_attachments()
    assert file.get_content() == PDF and file.get_content_type() == "application/pdf"
    assert file.get_filename() == "Lebenslauf Zoë.pdf"
    raw = next(text for a, text in post.received if a == to)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and max(raw.split(b"\r\n\r\n")[0]) < 128


@pytest.mark.parametrize("name,make,kind", [
    ("cv.pdf", documents.pdf, "application/pdf"),
    ("cv.docx", documents.docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")])
def test_attachment_types(person, post, name, make, kind):
    to, data = address(), make()
    r = apply(person, to, file=(name, data))
    assert r.status_code == 200, r.text
    state(person, r.json()["id"], "sent")
    [file] = post.to(to)[0].iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (name, kind, data)


def test_stored_resume(house, person, post):
    data, to = documents.unique_pdf(), address()
    mine = person.post(f"{API}/resumes/upload", files={"file": ("Ada Lovelace.pdf", data)}).json()
    r = apply(person, to, file=None, resume_id=mine["id"])
    assert r.status_code == 200, r.text
    assert person.delete(f"{API}/resumes/{mine['id']}").status_code == 200  # the letter has a copy of its own
    state(person, r.json()["id"], "sent")
    [file] = post.to(to)[0].iter_attachments()
    assert file.get_filename() == "Ada Lovelace.pdf" and file.get_content() == data
    other = house.login(house.make_user(f"other{next(count)}")["username"])
    theirs = other.post(f"{API}/resumes/upload", files={"file": ("b.pdf", data)}).json()
    assert apply(person, to, file=None, resume_id=theirs["id"]).status_code == 404


def test_follow_up_answers_in_the_thread(person, post):
    to = address()
    first = state(person, apply(person, to, "Application").json()["id"], "sent")
    r = person.post(FOLLOW, json={"mail_id": first["id"], "body": "Any news?"})
    assert r.status_code == 200, r.text
    second = state(person, r.json()["id"], "sent")
    assert second["kind"] == "follow_up" and second["follow_up_of"] == first["id"] and second["recipient"] == to
    r = person.post(FOLLOW, json={"mail_id": second["id"], "body": "Still there", "subject": "Hello?"})
    third = state(person, r.json()["id"], "sent")
    one, two, three = post.to(to)
    assert two["Subject"] == "Re: Application" and two["In-Reply-To"] == first["message_id"] == one["Message-ID"]
    assert three["In-Reply-To"] == second["message_id"] and three["Subject"] == "Hello?" and third["id"] > second["id"]
    assert three["References"].split() == [first["message_id"], second["message_id"]]
    assert two.get_body(("plain",)).get_content().strip() == "Any news?" and not list(two.iter_attachments())


def test_follow_up_of_nothing(person, post):
    to = address()
    r = person.post(FOLLOW, json={"recipient": to, "subject": "We met", "body": "on Tuesday"})
    assert r.status_code == 200 and state(person, r.json()["id"], "sent")["follow_up_of"] is None
    assert [d["loc"][1] for d in person.post(FOLLOW, json={"body": "x"}).json()["detail"]] == ["recipient", "subject"]
    assert person.post(FOLLOW, json={"body": "x", "mail_id": 987654321}).status_code == 404
    failed = state(person, apply(person, address("never")).json()["id"], "failed")
    assert person.post(FOLLOW, json={"body": "x", "mail_id": failed["id"]}).status_code == 400


# ---- what is refused ----

@pytest.mark.parametrize("field,value", [
    ("recipient", "hr@example.com\r\nBcc: all@example.com"), ("recipient", "hr@example.com, b@example.com"),
    ("recipient", "HR <hr@example.com>"), ("subject", "Hi\r\nBcc: all@example.com"), ("subject", "Hi\nX: y"),
    ("subject", "Hi\rX"), ("recipient_name", "A\r\nBcc: b@example.com"), ("subject", "  "), ("body", " \n")])
def test_injection_is_refused(house, person, post, field, value):
    before = len(post.received)
    form = {"recipient": address(), "subject": "s", "body": "b", field: value}
    r = person.post(HR, data=form, files={"resume": ("cv.pdf", PDF)})
    assert r.status_code == 422 and ["body", field] in [d["loc"] for d in r.json()["detail"]], r.text
    r = person.post(FOLLOW, json=form)
    assert r.status_code == 422 and ["body", field] in [d["loc"] for d in r.json()["detail"]], r.text
    assert person.get(OUTBOX).json() == [] and len(post.received) == before


def test_documents_only(house, person):
    assert apply(person, address(), file=("cv.pdf", b"no document")).status_code == 400
    r = apply(person, address(), file=None)
    assert r.status_code == 422 and r.json()["detail"][0]["loc"] == ["body", "resume"]
    assert not [f for f in house.stored_files() if f"team_{person.me['team_id']}/mail" in f and f.endswith("no document")]


def test_mail_is_private(house, person):
    mail = apply(person, address()).json()["id"]
    for who in (house.login(house.make_user(f"nosy{next(count)}")["username"]), house.login("admin")):
        assert who.get(f"{OUTBOX}/{mail}").status_code == 404 and who.delete(f"{OUTBOX}/{mail}").status_code == 404
        assert who.post(f"{OUTBOX}/{mail}/cancel").status_code == 404 and who.post(f"{OUTBOX}/{mail}/resend").status_code == 404
        assert mail not in [m["id"] for m in who.get(OUTBOX).json()]


def test_idempotency_key(person, post):
    to, key = address(), f"key-{next(count)}"
    first = apply(person, to, key=key).json()
    state(person, first["id"], "sent")
    again = apply(person, to, key=key)
    assert again.status_code == 200 and again.json() == {**first, "state": "sent"}
    assert apply(person, to, "Another subject", key=key).status_code == 409
    assert len(person.get(OUTBOX).json()) == 1 and len(post.to(to)) == 1
    assert apply(person, to, key="k" * 256).status_code == 400


def test_same_key_at_once(person, post):
    to, key, got = address(), f"key-{next(count)}", []
    threads = [threading.Thread(target=lambda: got.append(apply(person, to, key=key).json()["id"])) for _ in range(6)]
    [t.start() for t in threads], [t.join() for t in threads]
    assert len(set(got)) == 1
    state(person, got[0], "sent")
    assert len(post.to(to)) == 1


# ---- the mail server's moods ----

def test_later_is_tried_again(person, post):
    to = address("later")
    m = state(person, apply(person, to).json()["id"], "sent", seconds=60)
    assert m["attempts"] == 3 and post.tries[to] == 3 and len(post.to(to)) == 1
    notes = [s["note"] for s in m["history"] if s["state"] == "queued"]
    assert notes == [None, "451 4.3.0 Come back later", "451 4.3.0 Come back later"]


@pytest.mark.parametrize("name,words", [("never", "550 5.1.1 No such person here"), ("full", "552 5.2.2 The mailbox is full")])
def test_no_is_no(person, post, name, words):
    to = address(name)
    m = state(person, apply(person, to).json()["id"], "failed")
    assert m["error_message"] == words == m["server_reply"] and m["attempts"] == 1 and post.tries[to] == 1
    r = person.post(f"{OUTBOX}/{m['id']}/resend")
    assert r.status_code == 200 and r.json()["state"] == "queued"
    wait_until(lambda: post.tries[to] == 2)


def test_stall_before_the_message_is_tried_again(person, post):
    to = address("stall")
    mail = apply(person, to).json()["id"]
    wait_until(lambda: post.tries[to] >= 2, what="a second attempt")
    assert person.post(f"{OUTBOX}/{mail}/cancel").status_code in (200, 409)
    assert post.to(to) == []


@pytest.mark.parametrize("name", ["drop", "hang"])
def test_no_answer_is_maybe(person, post, name):
    to = address(name)
    m = state(person, apply(person, to).json()["id"], "maybe_sent")
    assert m["attempts"] == 1 and m["error_message"] and m["sent_at"] is None
    r = person.post(f"{OUTBOX}/{m['id']}/cancel")
    assert r.status_code == 409
    assert len(post.to(to)) == 1
    assert person.post(f"{OUTBOX}/{m['id']}/resend").status_code == 200  # by the sender's word only
    m = state(person, m["id"], "maybe_sent")
    assert m["attempts"] == 2 and len({g["Message-ID"] for g in post.to(to)}) == 1


def test_no_connection_is_tried_again(fresh):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = fresh(SMTP_HOST="127.0.0.1", SMTP_PORT=port, SMTP_TLS="none", SMTP_FROM="a@vitae.example", SMTP_RETRY=1)
    me = server.login("admin")
    mail = apply(me, address()).json()["id"]
    m = wait_until(lambda: (lambda m: m if m["attempts"] >= 2 else None)(me.get(f"{OUTBOX}/{mail}").json()))
    assert m["state"] in ("queued", "sending")
    m = wait_until(lambda: (lambda r: r.json() if r.status_code == 200 else None)(me.post(f"{OUTBOX}/{mail}/cancel")))
    assert m["state"] == "cancelled"
    r = me.get(TEST)
    assert r.status_code == 502 and f"127.0.0.1:{port}" in r.json()["detail"]


def test_cancel_and_delete(fresh, post):
    server = fresh(**post.settings(SMTP_RATE="1/3600"))
    me, to = server.login("admin"), address()
    state(me, apply(me, to).json()["id"], "sent")
    mail = apply(me, to).json()["id"]
    m = wait_until(lambda: (lambda m: m if m["next_attempt_at"] else None)(me.get(f"{OUTBOX}/{mail}").json()))
    assert m["state"] == "queued" and m["attempts"] == 0
    assert me.delete(f"{OUTBOX}/{mail}").status_code == 409
    assert me.post(f"{OUTBOX}/{mail}/cancel").json()["state"] == "cancelled"
    assert me.post(f"{OUTBOX}/{mail}/cancel").status_code == 409
    assert [m["id"] for m in me.get(f"{OUTBOX}?state=cancelled").json()] == [mail]
    files = server.stored_files()
    assert me.delete(f"{OUTBOX}/{mail}").status_code == 204 and me.get(f"{OUTBOX}/{mail}").status_code == 404
    wait_until(lambda: len(server.stored_files()) == len(files) - 1)
    assert len(post.to(to)) == 1


def test_files_go_with_the_user(house, post):
    user = house.make_user(f"leaving{next(count)}")
    me = house.login(user["username"])
    state(me, apply(me, address(), file=("mine.pdf", PDF)).json()["id"], "sent")
    assert [f for f in house.stored_files() if f.endswith("_mine.pdf")]
    assert house.login("admin").delete(f"{API}/users/{user['id']}").status_code == 204
    wait_until(lambda: not [f for f in house.stored_files() if f.endswith("_mine.pdf")])


# ---- TLS, login, configuration ----

@pytest.fixture(scope="module")
def cert(tmp_path_factory):
    return mailserver.certificate(tmp_path_factory.mktemp("cert"))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_tls_and_login(fresh, cert, tls):
    with MailServer(tls=tls, cert=cert, auth=True) as m:
        good = dict(SMTP_TLS=tls, SMTP_USERNAME=mailserver.USER, SMTP_PASSWORD=mailserver.PASSWORD, CA_FILE=cert[0])
        me = fresh(**m.settings(**good)).login("admin")
        r = me.get(TEST)
        assert r.status_code == 200 and list(r.json()) == ["message"], r.text
        assert m.logins == 1
        to = address()
        state(me, apply(me, to).json()["id"], "sent")
        assert len(m.to(to)) == 1
        server = fresh(**m.settings(**{**good, "SMTP_PASSWORD": "another secret 5"}))
        me = server.login("admin")
        r = me.get(TEST)
        assert r.status_code == 502 and "SMTP_PASSWORD" in r.json()["detail"] and "another secret" not in r.text
        mail = apply(me, to).json()["id"]
        m2 = wait_until(lambda: (lambda m: m if m["error_message"] else None)(me.get(f"{OUTBOX}/{mail}").json()))
        assert m2["state"] in ("queued", "sending") and "SMTP_USERNAME" in m2["error_message"]
        r = fresh(**m.settings(**{**good, "CA_FILE": None})).login("admin").get(TEST)
        assert r.status_code == 502 and "certificate" in r.json()["detail"]
        assert len(m.to(to)) == 1


def test_tls_that_is_not_there(house, fresh, post):
    r = fresh(**post.settings(SMTP_TLS="starttls")).login("admin").get(TEST)
    assert r.status_code == 502 and "SMTP_TLS" in r.json()["detail"]
    r = fresh(**post.settings(SMTP_USERNAME="a", SMTP_PASSWORD="secret word 3")).login("admin").get(TEST)
    assert r.status_code == 502 and "SMTP_USERNAME" in r.json()["detail"] and "secret word" not in r.text
    assert house.login("admin").get(TEST).status_code == 200


@pytest.mark.parametrize("unset,named", [("SMTP_HOST", "SMTP_HOST"), ("SMTP_FROM", "SMTP_FROM")])
def test_not_set_up(fresh, post, unset, named):
    me = fresh(**post.settings(**{unset: None})).login("admin")
    for r in (me.get(TEST), apply(me, address()), me.post(FOLLOW, json={"recipient": address(), "subject": "s", "body": "b"})):
        assert r.status_code == 503 and named in r.json()["detail"], r.text


def test_pace(fresh, post):
    server = fresh(**post.settings(SMTP_RATE="50/10"))  # five at once, then one each 0.2 s
    me, to = server.login("admin"), address()
    before = time.monotonic()
    mails = [apply(me, to).json()["id"] for _ in range(15)]
    for mail in mails:
        state(me, mail, "sent")
    assert time.monotonic() - before >= 1.8 and len(post.to(to)) == 15  # never faster than the pace
    assert all(me.get(f"{OUTBOX}/{mail}").json()["attempts"] == 1 for mail in mails)


# ---- kill -9 ----

def survive(tmp_path, mails, kills):
    """Queues mails, kills the server at random moments; each arrives once, or is marked as doubtful."""
    with MailServer() as post:
        server = Server(tmp_path, **post.settings())
        server.start()
        addresses, stop = [f"p{i}@example.com" for i in range(mails)], threading.Event()
        key = {a: f"key-{a}" for a in addresses}

        def write():
            for a in addresses:
                while not stop.is_set():
                    try:
                        r = server.login("admin").post(FOLLOW, json={"recipient": a, "subject": "s", "body": "b"},
                                                       headers={"Idempotency-Key": key[a]})
                        if r.status_code == 200:
                            break
                    except Exception:  # the server was killed: asked again with the same key
                        time.sleep(0.02)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(kills):
            seen = len(post.received)
            until = time.monotonic() + 5
            wait_until(lambda: len(post.received) >= seen + random.randint(1, 20) or time.monotonic() > until or
                       len(post.received) >= mails)
            server.stop(signal.SIGKILL)
            server.start()
        writer.join()
        me = server.login("admin")

        def all_done():
            left = [me.get(OUTBOX, params={"state": s, "limit": 1}).headers["X-Total-Count"] for s in ("queued", "sending")]
            return left == ["0", "0"]
        wait_until(all_done, 300, "the outbox to be empty")
        rows = []
        while len(rows) < mails:
            page = me.get(OUTBOX, params={"skip": len(rows), "limit": 500}).json()
            assert page
            rows += page
        server.stop()
        arrived = {a: sum(1 for to, _ in post.received if to == a) for a in addresses}
        assert len(rows) == mails
        for m in rows:
            assert m["state"] in ("sent", "maybe_sent"), m
            assert arrived[m["recipient"]] == 1 or (m["state"] == "maybe_sent" and arrived[m["recipient"]] == 0), m
        return sum(m["state"] == "maybe_sent" for m in rows)


def test_kill(tmp_path):
    survive(tmp_path, 60, 4)


@pytest.mark.skipif(not os.environ.get("VITAE_TEST_LONG"), reason="takes minutes; VITAE_TEST_LONG=1 runs it")
def test_kill_long(tmp_path):
    print("doubtful:", survive(tmp_path, 1000, 40))
