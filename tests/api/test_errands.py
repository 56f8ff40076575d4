"""Scheduled errands: a digest of new jobs, and follow-ups of mail that nobody answered."""
import time

import pytest

from vitae import API, Server, wait_until

SCHEDULER = f"{API}/scheduler"
DAY = 86400 * 1000000


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path, SMTP_HOST="127.0.0.1", SMTP_PORT="9", SMTP_FROM="vitae@example.com", SMTP_TLS="none") as s:
        s.make_user("seeker", "viewer", full_name="Sam Seeker")
        yield s


def now():
    return int(time.time() * 1e6)


def run(client, job):
    started = client.post(f"{SCHEDULER}/jobs/{job['id']}/run")
    assert started.status_code == 202
    done = wait_until(lambda: [r for r in client.get(f"{SCHEDULER}/runs", params={"job_id": job["id"]}).json()
                               if r["id"] == started.json()["id"] and r["status"] in ("ok", "failed")], what="the run")
    return done[0]


def schedule(client, kind, args):
    r = client.post(f"{SCHEDULER}/job", json={"kind": kind, "cron": "0 8 * * *", "args": args})
    assert r.status_code == 200, r.text
    return r.json()["job"]


def outbox(client):
    return client.get(f"{API}/email/outbox").json()


def add_job(house, title, company):
    return house.sql("INSERT INTO jobs (team_id, title, company, location, url, source, state, first_seen_at, last_seen_at, listed_at, updated_at) "
                     "VALUES (1, ?, ?, 'Leeds', 'https://jobs.example/1', 'acme', 'open', ?, ?, ?, ?) RETURNING id",
                     title, company, *[now()] * 4)[0][0]


def test_a_digest_tells_each_new_job_once(house):
    seeker = house.login("seeker")
    job = schedule(seeker, "digest", {"keyword": "python"})
    assert run(seeker, job)["result"] == "No new jobs" and outbox(seeker) == []
    add_job(house, "Python Engineer", "Acme")
    add_job(house, "Pastry Cook", "Bakers")
    assert run(seeker, job)["result"] == "Told of 1 new jobs by email"
    mail = outbox(seeker)[0]
    assert mail["recipient"] == "seeker@example.com" and mail["kind"] == "digest" and mail["subject"] == "1 new job"
    assert "Python Engineer – Acme, Leeds\nhttps://jobs.example/1" in mail["body"] and "Pastry" not in mail["body"]
    assert run(seeker, job)["result"] == "No new jobs" and len(outbox(seeker)) == 1


def test_telegram_is_the_operators(house):
    seeker, boss = house.login("seeker"), house.login("admin")
    body = {"kind": "digest", "cron": "@daily", "args": {"by": "telegram"}}
    assert seeker.post(f"{SCHEDULER}/job", json=body).status_code == 403
    assert boss.post(f"{SCHEDULER}/job", json=body).status_code == 503  # names the variable
    assert "TELEGRAM" in boss.post(f"{SCHEDULER}/job", json=body).json()["detail"]


def test_mail_without_an_answer_is_followed_up_once(house):
    seeker = house.login("seeker")
    user = seeker.get(f"{API}/users/me").json()["id"]

    def sent(recipient, days, name=None):
        at = now() - days * DAY
        return house.sql("INSERT INTO outbox (user_id, team_id, kind, state, recipient, recipient_name, subject, body, message_id, created_at, updated_at, sent_at) "
                         "VALUES (?, 1, 'hr', 'sent', ?, ?, 'Application', 'Dear all', ?, ?, ?, ?) RETURNING id",
                         user, recipient, name, f"<{recipient}>", at, at, at)[0][0]
    old, answered = sent("old@acme.example", 10, "Grace Hopper"), sent("answered@acme.example", 10)
    sent("new@acme.example", 2)
    job = add_job(house, "Engineer", "Acme")
    house.sql("INSERT INTO applications (job_id, user_id, team_id, status, email_id, applied_at, created_at, updated_at) "
              "VALUES (?, ?, 1, 'interviewing', ?, 1, 1, 1)", job, user, answered)
    job = schedule(seeker, "follow_up", {"body": "Dear {name},\n\nhow do things stand?", "after_days": 7})
    assert run(seeker, job)["result"] == "1 follow-up mails queued"
    mail = next(m for m in outbox(seeker) if m["kind"] == "follow_up")
    assert mail["recipient"] == "old@acme.example" and mail["subject"] == "Re: Application" and mail["follow_up_of"] == old
    assert mail["body"].startswith("Dear Grace Hopper,")
    assert run(seeker, job)["result"] == "0 follow-up mails queued"


def test_without_a_mail_server_nothing_is_scheduled(tmp_path):
    with Server(tmp_path) as s:
        r = s.login("admin").post(f"{SCHEDULER}/job", json={"kind": "follow_up", "cron": "@daily", "args": {"body": "x"}})
        assert r.status_code == 503 and "SMTP_HOST" in r.json()["detail"]
