"""The log as rows: who sees what, filters, export, removal; and its forms in the file and on standard output."""
import csv
import datetime
import io
import json
import os
import signal
import time

import pytest

from vitae import API, PASSWORD, Client, Server, wait_until

LOGS = f"{API}/logs/"


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path) as s:
        yield s


def logs(client, **filters):
    r = client.get(LOGS, params={"limit": 500, **filters})
    assert r.status_code == 200, r.text
    return r.json()


def soon(client, **filters):
    """Of what no reply has told yet: waits until some are there."""
    return wait_until(lambda: logs(client, **filters), what=f"log rows {filters}")


def test_what_was_answered_is_in_the_log(house):
    """Rows are written in the background; whoever asks for them need not wait and ask again. (A disk that takes more than a second for
    a commit is not waited for, so it is not asked of each.)"""
    boss = house.login("admin")
    at_once = 0
    for number in range(20):
        request = {"X-Request-ID": f"asked-{number}"}
        assert boss.put(f"{API}/users/me", json={"full_name": f"A. {number}"}, headers=request).status_code == 200
        at_once += len(logs(boss, request_id=f"asked-{number}"))
    assert at_once >= 10
    row, = soon(boss, request_id="asked-19")
    assert row["message"].startswith("PUT /api/v1/users/me 200")
    assert "asked-19" in boss.get(f"{LOGS}export").text
    assert not [row for row in logs(boss) if row["message"].startswith("GET ")], "reading the log fills it"
    assert boss.delete(f"{API}/logs/clear").status_code == 200
    assert logs(boss, request_id="asked-19") == []


def test_an_action_is_told_with_its_request(house):
    boss = house.login("admin")
    r = boss.post(f"{API}/users/", headers={"X-Request-ID": "my-request-1"}, json={
        "email": "eve@example.com", "username": "eve", "password": PASSWORD})
    assert r.status_code == 201
    row = soon(boss, request_id="my-request-1")[0]
    assert list(row)[:6] == ["id", "created_at", "level", "function", "line", "message"]
    assert row["message"].startswith("POST /api/v1/users/ 201") and row["level"] == "INFO"
    assert row["user_id"] == 1 and row["team_id"] == 1 and row["address"] == "127.0.0.1"
    assert boss.get(f"{LOGS}{row['id']}").json() == row
    assert boss.get(f"{LOGS}999999999").status_code == 404


def test_a_login_is_the_users_own(house):
    house.make_user("worker")
    worker = house.login("worker")
    rows = wait_until(lambda: [found for found in [logs(worker)] if len(found) == 2], what="both rows of the login")[0]
    assert {row["user_id"] for row in rows} == {2}
    assert any(row["message"] == "user 2 logged in from 127.0.0.1" for row in rows)


def test_others_see_their_own(house):
    house.make_user("worker", "recruiter")
    worker, boss = house.login("worker"), house.login("admin")
    assert worker.put(f"{API}/users/me", json={"full_name": "W."}).status_code == 200
    mine = soon(worker)
    assert {row["user_id"] for row in mine} == {mine[0]["user_id"]} and mine[0]["user_id"] != 1
    foreign = soon(boss, user_id=1)[0]
    assert worker.get(f"{LOGS}{foreign['id']}").status_code == 404
    assert logs(worker, user_id=1) == []
    assert worker.delete(f"{API}/logs/clear").status_code == 403
    exported = worker.get(f"{API}/logs/export", params={"format": "json"}).json()
    assert {row["user_id"] for row in exported} == {mine[0]["user_id"]}


def test_filters_and_pages(house):
    boss = house.login("admin")
    soon(boss, q="listening on")
    assert {row["level"] for row in logs(boss, level="info")} == {"INFO"}
    assert logs(boss, level="ERROR") == [] and logs(boss, q="no such words") == []
    assert logs(boss, since="2999-01-01T00:00:00Z") == []
    assert logs(boss, until="2000-01-01T00:00:00Z") == []
    times = [row["created_at"] for row in logs(boss)]
    assert times == sorted(times, reverse=True)
    page = boss.get(LOGS, params={"limit": 1, "skip": 1})
    assert int(page.headers["X-Total-Count"]) > 1 and 'rel="next"' in page.headers["Link"]
    assert boss.get(LOGS, params={"level": "loud"}).status_code == 422
    assert boss.get(LOGS, params={"q": "100%_\\"}).json() == []


def test_export_opens_safely_in_a_spreadsheet(house):
    boss = house.login("admin")
    house.sql("INSERT INTO logs (created_at, level, function, line, message) VALUES (?, 'INFO', 'f', 1, ?)",
              int(time.time() * 1000000), '=HYPERLINK("http://evil.example","click"), and more')
    r = boss.get(f"{API}/logs/export", params={"format": "csv"})
    assert r.headers["Content-Type"].startswith("text/csv") and "vitae-logs.csv" in r.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(r.text)))
    assert '\'=HYPERLINK("http://evil.example","click"), and more' in [row["message"] for row in rows]
    whole = boss.get(f"{API}/logs/export", params={"format": "json"}).json()
    assert any(row["message"].startswith("=HYPERLINK") for row in whole) and len(whole) >= len(rows)
    assert boss.get(f"{API}/logs/export", params={"format": "xls"}).status_code == 422
    told = boss.get(f"{API}/audit", params={"action": "log.export"}).json()
    assert len(told) == 2 and told[0]["detail"].endswith("rows as json")


def test_clear_leaves_its_own_trace(house):
    boss = house.login("admin")
    hour_ago = int(time.time()) - 3600  # not older, or the retention takes it first
    for at in range(5):
        house.sql("INSERT INTO logs (created_at, level, function, line, message) VALUES (?, 'INFO', 'f', 1, 'old')",
                  hour_ago * 1000000 + at)
    before = datetime.datetime.fromtimestamp(hour_ago + 60, datetime.timezone.utc)
    r = boss.delete(f"{API}/logs/clear", params={"before": before.strftime("%Y-%m-%dT%H:%M:%SZ")})
    assert r.status_code == 200 and r.json() == {"message": "5 log entries removed"}
    assert soon(boss, q="log entries removed")[0]["level"] == "WARNING"
    assert boss.delete(f"{API}/logs/clear").status_code == 200
    assert logs(boss, q="old") == []
    assert [e["result"] for e in boss.get(f"{API}/audit", params={"action": "log.clear"}).json()] == ["ok", "ok"]


def test_a_stopped_server_has_written_all(house):
    boss = house.login("admin")
    assert boss.put(f"{API}/users/me", headers={"X-Request-ID": "the-last"}, json={"full_name": "A."}).status_code in (200, 400)
    assert house.stop() == 0
    house.start()
    boss = house.login("admin")
    assert logs(boss, request_id="the-last") and logs(boss, q="stopping on")


def test_standard_output_in_json(tmp_path):
    with Server(tmp_path, LOG_STDOUT="True", LOG_FORMAT="json") as s:
        s.login("admin")
        line = json.loads(next(line for line in s.said if line.startswith("{")))
        assert line["level"] == "INFO" and line["message"] and line["time"].endswith("Z") and line["function"]
        rest = s.process.stdout
        s.process.send_signal(signal.SIGTERM)
        told = [json.loads(line) for line in rest.read().splitlines() if line.startswith(b"{")]
        login = next(e for e in told if "auth/login" in e["message"])
        assert login["request_id"] and login["address"] == "127.0.0.1"


def test_the_file_is_begun_anew_when_it_is_full(tmp_path):
    path = tmp_path / "data" / "vitae.log"
    with Server(tmp_path, LOG_FILE_MB="1") as s:
        line = " - vitae - INFO - f:1 - x" + "y" * 1000 + "\n"
        with open(path, "a") as f:
            f.write(line * 1050)
        s.login("admin")
        assert os.path.getsize(f"{path}.1") > 1024 * 1024
        wait_until(lambda: path.exists() and "auth/login" in path.read_text(), what="the line in the new file")
