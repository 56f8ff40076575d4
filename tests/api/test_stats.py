"""Statistics: sums and series of a team, every day with its point, in the caller's time zone."""
import datetime as dt

import pytest

import documents
from vitae import API, Client, Server, read_candidate, upload

STATS = f"{API}/stats"
DAY = 86400 * 1000000


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("stats")) as s:
        boss = s.login("admin")
        for i in range(3):
            read_candidate(boss, upload(boss, documents.unique_pdf(), f"{i}.pdf").json()["id"])
        s.make_user("seeker", "viewer", team_id=s.make_team("Seekers"))
        yield s


def now():
    return int(dt.datetime.now(dt.timezone.utc).timestamp() * 1e6)


def add_jobs(house, team, steps):
    """One job and application for each list of statuses, the first sent the longest ago."""
    user = house.login("seeker").get(f"{API}/users/me").json()["id"]
    for i, path in enumerate(steps):
        at = now() - (len(steps) - i) * DAY
        job = house.sql("INSERT INTO jobs (team_id, title, source, state, first_seen_at, last_seen_at, listed_at, updated_at) "
                        "VALUES (?, 'Engineer', 'acme', 'open', ?, ?, ?, ?) RETURNING id", team, at, at, at, at)[0][0]
        application = house.sql("INSERT INTO applications (job_id, user_id, team_id, status, applied_at, created_at, updated_at) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id", job, user, team, path[-1], at, at, at)[0][0]
        for status in path:
            house.sql("INSERT INTO application_steps (application_id, to_status, at) VALUES (?, ?, ?)", application, status, at)


def test_dashboard(house):
    boss = house.login("admin")
    d = boss.get(f"{STATS}/dashboard").json()
    assert d["total_candidates"] == 3 == d["candidates"]["completed"]
    assert len(d["series"]) == 30 and d["series"][-1]["uploads"] == 3 == d["series"][-1]["completed"]
    assert sum(p["uploads"] for p in d["series"][:-1]) == 0
    assert d["series"][-1]["date"] == dt.datetime.now(dt.timezone.utc).date().isoformat()
    assert d["reading"]["count"] == 3 and 0 < d["reading"]["p50_ms"] <= d["reading"]["p95_ms"]
    assert d["top_skills"][0]["count"] == 3 and d["top_skills"][0]["skill"]


def test_each_team_sees_its_own(house):
    seeker = house.login("seeker")
    team = seeker.get(f"{API}/users/me").json()["team_id"]
    assert seeker.get(f"{STATS}/dashboard").json()["total_candidates"] == 0
    assert seeker.get(f"{STATS}/dashboard", params={"team_id": 1}).status_code == 404
    boss = house.login("admin")
    assert boss.get(f"{STATS}/dashboard", params={"team_id": team}).json()["total_candidates"] == 0
    assert Client(house.base).get(f"{STATS}/dashboard").status_code == 401


def test_applications_and_success(house):
    seeker = house.login("seeker")
    team = seeker.get(f"{API}/users/me").json()["team_id"]
    add_jobs(house, team, [["applied", "interviewing", "offered"], ["applied", "rejected"], ["applied"], ["applied", "interviewing", "rejected"]])
    a = seeker.get(f"{STATS}/applications", params={"period": "7d"}).json()
    assert a["total"] == 4 and a["period"] == "7d" and len(a["series"]) == 7
    assert [p["applications"] for p in a["series"]][-5:] == [1, 1, 1, 1, 0]
    assert a["by_source"] == [{"name": "acme", "count": 4}]
    assert {s["name"]: s["count"] for s in a["by_status"]} == {"offered": 1, "rejected": 2, "applied": 1}
    s = seeker.get(f"{STATS}/success-rate", params={"period": "all"}).json()
    assert (s["total_applications"], s["responses"], s["interviews"], s["offers"], s["rejections"]) == (4, 3, 2, 1, 2)
    assert (s["response_rate"], s["interview_rate"], s["success_rate"]) == (0.75, 0.5, 0.25)
    assert len(s["series"]) == 5 and s["series"][0] == {
        "date": s["series"][0]["date"], "applications": 1, "interviews": 1, "offers": 1, "success_rate": 1.0}


def test_days_are_those_of_the_zone(house):
    boss = house.login("admin")
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"):
        import zoneinfo
        r = boss.get(f"{STATS}/dashboard", params={"tz": zone, "period": "7d"}).json()
        assert r["series"][-1]["date"] == dt.datetime.now(zoneinfo.ZoneInfo(zone)).date().isoformat()
        assert sum(p["uploads"] for p in r["series"]) == 3
    assert boss.get(f"{STATS}/dashboard", params={"tz": "Mars/Olympus"}).status_code == 422
    assert boss.get(f"{STATS}/applications", params={"period": "2w"}).status_code == 422


def test_a_long_time_is_told_by_months(house):
    boss = house.login("admin")
    team = house.make_team("Old")
    house.sql("INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, created_at, updated_at) "
              "VALUES (?, 1, 'a.pdf', 'uploads/old_a.pdf', 1, 'x', 'failed', ?, ?)", team, now() - 400 * DAY, now())
    r = boss.get(f"{STATS}/dashboard", params={"team_id": team, "period": "all"}).json()
    assert 13 <= len(r["series"]) <= 15 and r["series"][0]["failed"] == 1 and len(r["series"][0]["date"]) == 7
