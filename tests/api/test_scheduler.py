"""Scheduled jobs: made by the members of a team, run once, told; and the built-in ones."""
import glob
import os

import pytest

from vitae import API, PASSWORD, Client, Server, wait_until

SCHEDULER = f"{API}/scheduler"
DAILY = {"kind": "cleanup", "cron": "@daily"}


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path) as s:
        yield s


def runs(client, **filters):
    r = client.get(f"{SCHEDULER}/runs", params=filters)
    assert r.status_code == 200, r.text
    return r.json()


def finished(client, n=1, **filters):
    def done():
        found = [run for run in runs(client, **filters) if run["status"] in ("ok", "failed")]
        return found if len(found) >= n else None
    return wait_until(done, what="finished runs")


def test_a_job_is_scheduled_changed_held_and_removed(house):
    boss = house.login("admin")
    made = boss.post(f"{SCHEDULER}/job", json={"kind": "cleanup", "cron": "30 9 * * mon-fri", "timezone": "Europe/Berlin"})
    assert made.status_code == 200 and made.json()["message"] == "Job scheduled"
    job = made.json()["job"]
    assert job["team_id"] == 1 and job["next_run"].endswith(("08:30:00Z", "07:30:00Z")) and job["paused"] is False
    again = boss.post(f"{SCHEDULER}/job", json={"kind": "cleanup", "interval_seconds": 3600}).json()
    assert again["message"] == "Job rescheduled" and again["job"]["id"] == job["id"] and again["job"]["cron"] is None
    held = boss.patch(f"{SCHEDULER}/jobs/{job['id']}", json={"paused": True, "cron": "0 1 * * *"}).json()
    assert held["paused"] is True and held["cron"] == "0 1 * * *" and held["interval_seconds"] is None
    assert [j["id"] for j in boss.get(f"{SCHEDULER}/jobs").json()] == [job["id"]]
    removed = boss.delete(f"{SCHEDULER}/job/1")
    assert removed.status_code == 200 and removed.json() == {"message": "1 scheduled job removed"}
    assert boss.delete(f"{SCHEDULER}/job/1").status_code == 404
    assert boss.delete(f"{SCHEDULER}/jobs/{job['id']}").status_code == 404


def test_what_is_refused(house):
    boss = house.login("admin")
    for body, where in (({"kind": "cleanup"}, "cron"), ({**DAILY, "interval_seconds": 60}, "interval_seconds"),
                        ({"kind": "cleanup", "cron": "61 * * * *"}, "cron"), ({"kind": "nothing", "cron": "@daily"}, "kind"),
                        ({**DAILY, "timezone": "Mars/Olympus"}, "timezone"), ({"kind": "cleanup", "interval_seconds": 5}, "interval_seconds"),
                        ({"kind": "cleanup", "cron": "0 0 30 2 *"}, "cron"), ({**DAILY, "args": [1]}, "args"),
                        ({"kind": "backup", "cron": "@daily", "args": {"keep": 0}}, "keep")):
        r = boss.post(f"{SCHEDULER}/job", json=body)
        assert r.status_code == 422 and where in [d["loc"][-1] for d in r.json()["detail"]], (body, r.text)
    assert boss.post(f"{SCHEDULER}/job", json={**DAILY, "team_id": 99}).status_code == 404


def test_members_see_their_team_alone(house):
    house.make_user("worker", "recruiter")
    worker, boss = house.login("worker"), house.login("admin")
    team = house.make_team("Others")
    boss.post(f"{SCHEDULER}/job", json={**DAILY, "team_id": team})
    boss.post(f"{SCHEDULER}/job", json=DAILY)
    assert worker.post(f"{SCHEDULER}/job", json=DAILY).status_code == 403  # concerns the whole instance
    assert len(worker.get(f"{SCHEDULER}/job/1").json()) == 1
    assert worker.get(f"{SCHEDULER}/job/{team}").status_code == 404
    assert worker.delete(f"{SCHEDULER}/job/{team}").status_code == 404
    for path in ("status", "jobs"):
        assert worker.get(f"{SCHEDULER}/{path}").status_code == 403
    assert worker.post(f"{SCHEDULER}/restart").status_code == 403
    assert {k["kind"] for k in worker.get(f"{SCHEDULER}/kinds").json()} >= {"cleanup", "backup"}


def test_run_now_and_what_came_of_it(house):
    boss = house.login("admin")
    job = boss.post(f"{SCHEDULER}/job", json=DAILY).json()["job"]
    started = boss.post(f"{SCHEDULER}/jobs/{job['id']}/run")
    assert started.status_code == 202 and started.json()["status"] == "queued"
    run = finished(boss)[0]
    assert run["status"] == "ok" and run["result"] == "0 expired sessions and 0 old log entries removed"
    assert run["job_id"] == job["id"] and run["duration_ms"] >= 0 and run["instance"] and run["started_at"]
    assert runs(boss, status="failed") == [] and len(runs(boss, kind="cleanup")) == 1


def test_a_backup_by_schedule_can_be_restored(house, tmp_path):
    boss = house.login("admin")
    job = boss.post(f"{SCHEDULER}/job", json={"kind": "backup", "cron": "@daily", "args": {"keep": 1}}).json()["job"]
    folder = os.path.join(house.data, "backups")
    os.makedirs(folder)
    open(os.path.join(folder, "vitae-20200101-000000.tar.zst"), "w").close()
    open(os.path.join(folder, "not-ours.tar.zst"), "w").close()
    boss.post(f"{SCHEDULER}/jobs/{job['id']}/run")
    run = finished(boss)[0]
    assert run["status"] == "ok" and run["result"].endswith("1 older ones removed"), run
    made = glob.glob(os.path.join(folder, "vitae-*"))
    assert len(made) == 1 and os.path.exists(os.path.join(folder, "not-ours.tar.zst"))
    other = Server(tmp_path / "other")
    assert other.run("restore", made[0]).returncode == 0
    with other:
        assert other.login("admin").get(f"{API}/users/me").json()["username"] == "admin"


def test_what_is_due_runs_once_and_missed_runs_are_one(house):
    boss = house.login("admin")
    teams = [house.make_team(f"Team {i}") for i in range(30)]
    for team in teams:
        assert boss.post(f"{SCHEDULER}/job", json={"kind": "cleanup", "interval_seconds": 86400, "team_id": team}).status_code == 200
    house.stop()
    house.sql("UPDATE scheduled_jobs SET next_run = 1000000")  # missed for decades
    house.start()
    boss = house.login("admin")
    found = finished(boss, n=30, limit=500)
    assert sorted(run["team_id"] for run in found) == sorted(teams)
    assert {run["status"] for run in found} == {"ok"}
    assert all(job["next_run"] > "2026" for job in boss.get(f"{SCHEDULER}/jobs").json())
    assert len(runs(boss, limit=500)) == 30


def test_status_restart_and_health(house):
    boss = house.login("admin")
    before = boss.get("/health").json()["scheduler"]
    status = boss.get(f"{SCHEDULER}/status").json()
    assert status["running"] is True and status["jobs"] == before["jobs"] == len(status["built_in"])
    assert "sessions.expire" in {job["name"] for job in status["built_in"]}
    boss.post(f"{SCHEDULER}/job", json=DAILY)
    assert boss.get("/health").json()["scheduler"]["jobs"] == before["jobs"] + 1
    first = wait_until(lambda: boss.get(f"{SCHEDULER}/status").json()["looked_at"])
    assert boss.post(f"{SCHEDULER}/restart").json() == {"message": "Scheduler restarted"}
    wait_until(lambda: boss.get(f"{SCHEDULER}/status").json()["looked_at"] > first, what="another look")


def test_a_team_cannot_fill_the_scheduler(house):
    boss = house.login("admin")
    answers = [boss.post(f"{SCHEDULER}/job", json={"kind": "backup", "cron": "@daily", "args": {"keep": n}}).status_code
               for n in range(1, 53)]
    assert answers[:50] == [200] * 50 and answers[50:] == [400, 400]
