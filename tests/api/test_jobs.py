"""Looking for jobs: sources of every kind in the shape that they document, their faults and manners; the list of jobs, and what
users do about them. The boards are a server on loopback."""
import json
import os
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from boards import Boards
from vitae import API, Client, VITAE, wait_until

JOBS = f"{API}/jobs"
TEXT = ("We build the services behind our payment platform in Python and PostgreSQL, run them with Docker and Kubernetes, and share "
        "the on-call duty of the team. You review code, keep systems observable and talk to product people every day.")
OTHER = ("Our kitchen cooks for four hundred guests every evening, and looks for somebody who knows how to lead a shift, order well "
         "and keep calm when all tables come at once. Weekends are part of the deal, and so is a good share of the tips.")


@pytest.fixture
def boards():
    with Boards() as b:
        yield b


@pytest.fixture
def start(fresh, tmp_path):
    """start(boards, sources…) starts a server that asks these sources."""
    def go(boards, *sources, **settings):
        path = write(tmp_path / "sources.jsonc", *sources)
        return fresh(**{"JOB_SOURCES": path, "FETCH_ALLOW": "127.0.0.1", "JOB_PAUSE_MS": "0", "JOB_TIMEOUT": "20", **settings})
    return go


def write(path, *sources):
    path.write_text("// test\n" + json.dumps({"sources": list(sources)}))
    return str(path)


def scrape(client, keyword="engineer", **query):
    r = client.get(f"{JOBS}/scrape", params={"keyword": keyword, **query})
    assert r.status_code == 200, r.text
    return r.json()


def outcome(reply):
    """name -> (status, found, reason)"""
    return {s["source"]: (s["status"], s["found"], s["reason"]) for s in reply["sources"]}


def only(reply):
    assert len(reply["sources"]) == 1
    return reply["sources"][0]


def posting(number, **fields):
    return {"id": number, "title": f"Engineer {chr(64 + number)}", "company": "Acme", "place": "Berlin, Germany",
            "text": f"<p>{TEXT if number % 2 else OTHER} {number * 7919}</p>", "link": f"/jobs/{number}", **fields}


def api(boards, name="api", path="/api", **fields):
    """A source of kind json at the boards."""
    return {"name": name, "kind": "json", "url": f"{boards.url}{path}?q={{keyword}}", "items": "/jobs",
            "fields": {"id": "/id", "title": "/title", "company": "/company", "location": "/place", "description": "/text",
                       "url": "/link", "posted_at": "/date", "salary": "/pay", "type": "/type"}, **fields}


# ---- every kind of source ----

def kinds(b):
    html = f"<p>{TEXT}</p><script>alert(1)</script>"
    b.routes.update({
        "/gh/acme": {"jobs": [{"id": 1, "internal_job_id": 2, "title": "Greenhouse Engineer", "updated_at": "2025-01-14T10:55:28-05:00",
                               "location": {"name": "NYC"}, "absolute_url": f"{b.url}/gh/1?gh_src=x",
                               "content": html.replace("<", "&lt;").replace(">", "&gt;"), "departments": [], "offices": []}],
                     "meta": {"total": 1}},
        "/lever/acme": [{"id": "ab", "text": "Lever Engineer", "hostedUrl": f"{b.url}/lever/ab", "createdAt": 1735787045000,
                         "categories": {"commitment": "Full-time", "location": "Oakland", "team": "Core"},
                         "description": "<div>Lead</div>", "lists": [{"text": "You", "content": "<li>Go</li>"}],
                         "additional": html, "workplaceType": "hybrid"}],
        "/ashby/acme": {"apiVersion": "1", "jobs": [{"title": "Ashby Engineer", "location": "Houston", "isRemote": True,
                                                     "descriptionHtml": html, "publishedAt": "2021-04-30T16:21:55.393+00:00",
                                                     "employmentType": "FullTime", "jobUrl": f"{b.url}/ashby/1"}]},
        "/workable/acme": {"name": "Acme", "jobs": [{"title": "Workable Engineer", "shortcode": "W1", "city": "Athens",
                                                     "state": "", "country": "Greece", "telecommuting": False,
                                                     "employment_type": "Part-time", "description": html,
                                                     "url": f"{b.url}/workable/W1", "published_on": "2025-02-03"}]},
        "/sr/acme/postings": {"offset": 0, "limit": 100, "totalFound": 1, "content": [
            {"id": "7", "name": "Smart Engineer", "company": {"identifier": "acme", "name": "Acme"}, "ref": f"{b.url}/sr/acme/postings/7",
             "releasedDate": "2025-01-02T00:00:00.000Z", "location": {"city": "Berlin", "country": "de", "remote": False},
             "typeOfEmployment": {"label": "Full-time"}}]},
        "/sr/acme/postings/7": {"jobAd": {"sections": {"jobDescription": {"title": "x", "text": html}}},
                                "postingUrl": f"{b.url}/smart/7"},
        "/remotive": {"job-count": 1, "jobs": [{"id": 5, "url": f"{b.url}/remotive/5", "title": "Remotive Engineer", "company_name": "R",
                                                "job_type": "full_time", "publication_date": "2020-02-15T10:23:26",
                                                "candidate_required_location": "Worldwide", "salary": "$40,000 - $50,000",
                                                "tags": ["python"], "description": html}]},
        "/remoteok": [{"legal": "Terms"}, {"id": "9", "position": "OK Engineer", "company": "K", "date": "2025-01-02T03:04:05+00:00",
                                           "tags": ["go"], "description": html, "location": "", "salary_min": 60000,
                                           "salary_max": 90000, "url": f"{b.url}/ok/9"}],
        "/arbeitnow": {"data": [{"slug": "an-1", "company_name": "An GmbH", "title": "Arbeit Engineer", "description": html,
                                 "remote": False, "url": f"{b.url}/an/1", "tags": [], "job_types": ["Vollzeit"],
                                 "location": "Berlin", "created_at": 1735787045}], "links": {}, "meta": {}},
        "/feed": (200, {"Content-Type": "application/rss+xml"},
                  f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><item><title>Acme: Feed Engineer</title>"
                  f"<link>{b.url}/feed/1?utm_source=rss</link><guid>f1</guid><pubDate>Thu, 02 Jan 2025 03:04:05 +0000</pubDate>"
                  f"<description><![CDATA[{html}]]></description></item></channel></rss>"),
        "/careers": f"<a href='/careers/1'>one</a><a href='/careers/2'>two</a><a href='/about'>x</a>",
        "/careers/1": "<script type='application/ld+json'>" + json.dumps({
            "@type": "JobPosting", "title": "Linked Engineer", "hiringOrganization": {"name": "Acme"}, "description": html,
            "jobLocation": {"address": {"addressLocality": "Bonn", "addressCountry": "DE"}}, "datePosted": "2025-01-02",
            "baseSalary": {"currency": "EUR", "value": {"minValue": 50000, "maxValue": 60000, "unitText": "YEAR"}}}).replace("</", "<\\/") + "</script>",
        "/careers/2": "<p>no job here</p>",
        "/page": f"<ul><li class=job><h3>Page Engineer</h3><a href='page/1'>more</a><div>{html}</div><i>Rome</i></li></ul>",
    })
    board = lambda name, path: {"name": name, "kind": name, "url": b.url + path, "boards": ["acme"]}  # noqa: E731
    single = lambda name, path: {"name": name, "kind": name, "url": b.url + path}  # noqa: E731
    return [board("greenhouse", "/gh/{board}"), board("lever", "/lever/{board}"), board("ashby", "/ashby/{board}"),
            board("workable", "/workable/{board}"), board("smartrecruiters", "/sr/{board}/postings?q={keyword}&offset={offset}"),
            single("remotive", "/remotive?search={keyword}"), single("remoteok", "/remoteok"), single("arbeitnow", "/arbeitnow?page={page}"),
            {"name": "feed", "kind": "rss", "url": f"{b.url}/feed", "title_form": "{company}: {title}"},
            {"name": "careers", "kind": "jsonld", "url": f"{b.url}/careers", "detail": "//a[starts-with(@href, '/careers/')]/@href"},
            {"name": "page", "kind": "html", "url": f"{b.url}/page", "items": "//li[@class='job']",
             "fields": {"title": ".//h3", "url": ".//a/@href", "description": ".//div", "location": ".//i"}},
            {"name": "off", "kind": "rss", "enabled": False, "url": f"{b.url}/never"}]


def test_every_kind(boards, start):
    s = start(boards, *kinds(boards))
    boss = s.login("admin")
    reply = scrape(boss, "engineer python")
    assert {n: o[:2] for n, o in outcome(reply).items()} == {n: ("ok", 1) for n in (
        "greenhouse:acme", "lever:acme", "ashby:acme", "workable:acme", "smartrecruiters:acme", "remotive", "remoteok", "arbeitnow",
        "feed", "careers", "page")}, outcome(reply)
    assert reply["keyword"] == "engineer python" and reply["location"] is None
    assert reply["found"] == reply["new"] == 11 and reply["known"] == 0
    by = {j["title"]: j for j in reply["jobs"]}
    assert len(by) == 11
    assert by["Lever Engineer"]["type"] == "full_time" and by["Lever Engineer"]["company"] == "acme"
    assert by["Ashby Engineer"]["remote"] is True and by["Page Engineer"]["url"] == f"{boards.url}/page/1"
    assert by["Workable Engineer"]["location"] == "Athens, Greece" and by["Workable Engineer"]["type"] == "part_time"
    assert by["Smart Engineer"]["url"] == f"{boards.url}/smart/7" and "payment platform" in by["Smart Engineer"]["description"]
    assert (by["Remotive Engineer"]["salary_min"], by["Remotive Engineer"]["salary_max"]) == (40000.0, 50000.0)
    assert by["Remotive Engineer"]["salary_currency"] == "USD" and by["Remotive Engineer"]["salary_period"] == "year"
    assert by["Greenhouse Engineer"]["url"] == f"{boards.url}/gh/1" and by["Feed Engineer"]["url"] == f"{boards.url}/feed/1"
    assert by["Feed Engineer"]["company"] == "Acme" and by["Feed Engineer"]["posted_at"] == "2025-01-02T03:04:05Z"
    assert by["Linked Engineer"]["location"] == "Bonn, DE" and by["Linked Engineer"]["salary_max"] == 60000.0
    for job in reply["jobs"]:
        assert {"Python", "PostgreSQL", "Docker"} <= set(job["skills"]), job
        whole = boss.get(f"{JOBS}/{job['id']}").json()
        assert "<p>" in whole["description_html"] and "alert" not in whole["description_html"] + whole["description"]
        assert [x["source"] for x in whole["sources"]] == [job["source"]]
        assert whole["state"] == "open" and whole["status"] is None and whole["notes"] is None
    assert not boards.paths("/never")
    agents = {a[1]["User-Agent"] for a in boards.asked}
    assert len(agents) == 1 and agents.pop().startswith("vitae/")
    again = scrape(boss, "engineer python")
    assert again["found"] == again["known"] == 11 and again["new"] == 0
    assert [j["id"] for j in again["jobs"]] == [j["id"] for j in reply["jobs"]]


def test_a_page_that_its_script_fills_in(boards, start):
    boards.routes.update({
        "/list": "<html><body><ul id=l></ul><img src='/pixel.png'><script src='/app.js'></script></body></html>",
        "/app.js": (200, {"Content-Type": "text/javascript"}, """
            fetch('/data?page=1').then(r => r.json()).then(d => setTimeout(() => d.forEach(j => {
              const e = document.createElement('li'); e.className = 'job';
              e.innerHTML = '<h3>' + j + '</h3><a href="/j/' + j.length + '">more</a>'; document.getElementById('l').append(e); }), 100));
            fetch('http://10.0.0.1/private').catch(() => {});"""),
        "/data": ["Rendered Engineer", "Painted Engineer II"],
    })
    source = {"name": "spa", "kind": "html", "url": f"{boards.url}/list", "items": "//li[@class='job']",
              "fields": {"title": ".//h3", "url": ".//a/@href"}}
    s = start(boards, {**source, "name": "plain"}, {**source, "render": "browser", "wait_for": "li.job"}, JOB_TIMEOUT="60")
    boss = s.login("admin")
    reply = scrape(boss)
    assert outcome(reply)["plain"][0] == "empty" and '"render": "browser"' in outcome(reply)["plain"][2]
    assert outcome(reply)["spa"][:2] == ("ok", 2), outcome(reply)
    assert {j["title"] for j in reply["jobs"]} == {"Rendered Engineer", "Painted Engineer II"}
    assert not boards.paths("/pixel.png") and not boards.paths("/favicon.ico")
    assert outcome(scrape(boss))["spa"][:2] == ("ok", 2)
    profile = os.path.join(tempfile.gettempdir(), f"vitae-browser-{s.process.pid}")
    assert os.path.isdir(profile) and any_process(profile)
    s.stop()
    assert not os.path.exists(profile)
    wait_until(lambda: not any_process(profile), 20, "the browser's end")


def any_process(text):
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as f:
                if name.isdigit() and text.encode() in f.read():
                    return True
        except OSError:
            continue
    return False


def test_a_browser_that_fails(boards, start, tmp_path):
    boards.routes["/list"] = "<li class=job><h3>Engineer</h3></li><script>while (true) {}</script>"
    page = {"name": "spa", "kind": "html", "url": f"{boards.url}/list", "items": "//li", "fields": {"title": ".//h3"}, "render": "browser"}
    gone = {**page, "name": "gone", "url": f"{boards.url}/gone"}
    patient = start(boards, gone, JOB_TIMEOUT="60")  # a browser takes its time to come up
    status, _, reason = outcome(scrape(patient.login("admin")))["gone"]
    assert status == "failed" and "404" in reason
    hurried = start(boards, page, JOB_TIMEOUT="5")
    status, _, reason = outcome(scrape(hurried.login("admin")))["spa"]
    assert status == "failed" and "in time" in reason
    none = start(boards, page, CHROMIUM=str(tmp_path / "no-browser"))
    status, _, reason = outcome(scrape(none.login("admin")))["spa"]
    assert status == "failed" and "no-browser" in reason


# ---- faults and manners ----

def endless(request):
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    request.close_connection = True
    for _ in range(1000):
        request.wfile.write(b"[" + b" " * 65536)


def test_faults_have_reasons(boards, start):
    release = threading.Event()
    moved = lambda to: (302, {"Location": to}, "")  # noqa: E731
    boards.routes.update({
        "/busy": (429, {"Retry-After": "3600"}, ""), "/broken": "<html>not json", "/wrong": {"results": []}, "/none": {"jobs": []},
        "/other": {"jobs": [posting(1, title="Cook")]}, "/endless": endless, "/private": moved("http://127.0.0.2:1/x"),
        "/file": moved("file:///etc/passwd"), "/loop": moved("/loop"), "/forbidden": (403, {}, "go away"),
        "/slow": lambda r: release.wait(20) and None,
        "/ld": "<script type='application/ld+json'>{\"@type\": \"JobPosting\", \"title\": </script>",
        "/untitled": {"jobs": [{"id": 1}]},
    })
    names = [p[1:] for p in list(boards.routes) if p != "/ld"]
    sources = [api(boards, n, f"/{n}", filter=True) for n in names + ["missing"]]
    # a host each: who waits for a slow one shall not keep the others waiting
    servers = [Boards() for _ in sources]
    for server, source in zip(servers, sources):
        server.__enter__()
        server.routes = boards.routes
        source["url"] = source["url"].replace(boards.url, server.url)
    try:
        s = start(boards, *sources, {"name": "ld", "kind": "jsonld", "url": f"{boards.url}/ld"}, JOB_TIMEOUT="6")
        got = outcome(scrape(s.login("admin")))
    finally:
        release.set()
        for server in servers:
            server.__exit__()
    expected = {
        "busy": ("failed", "429"), "broken": ("failed", "no JSON"), "wrong": ("failed", 'no array at "/jobs"'),
        "none": ("empty", "is empty"), "other": ("empty", "none has “engineer”"), "endless": ("failed", "more than"),
        "private": ("failed", "FETCH_ALLOW"), "file": ("failed", "no web address"), "loop": ("failed", "redirects more than"),
        "forbidden": ("failed", "403"), "slow": ("failed", ""), "missing": ("failed", "404"), "ld": ("failed", "block 1"),
        "untitled": ("empty", "none has a title"),
    }
    assert set(got) == set(expected)
    for name, (status, words) in expected.items():
        assert got[name][0] == status and words in got[name][2], (name, got[name])


def test_private_addresses_are_refused(boards, start):
    boards.routes["/api"] = {"jobs": [posting(1)]}
    s = start(boards, api(boards), FETCH_ALLOW="")
    status, found, reason = outcome(scrape(s.login("admin")))["api"]
    assert (status, found) == ("failed", 0) and "FETCH_ALLOW" in reason
    assert boards.asked == []


def test_robots_are_obeyed(boards, start):
    boards.routes.update({"/robots.txt": (200, {}, "User-agent: *\nDisallow: /api\nAllow: /api/open\n"),
                          "/api": {"jobs": [posting(1)]}, "/api/open": {"jobs": [posting(2)]}})
    s = start(boards, api(boards, "closed"), api(boards, "open", "/api/open"))
    got = outcome(scrape(s.login("admin")))
    assert got["closed"][0] == "failed" and "robots.txt" in got["closed"][2] and got["open"][:2] == ("ok", 1)
    assert not boards.paths("/api") and len(boards.paths("/robots.txt")) == 1
    # a site that cannot say what it wants is not asked
    with Boards() as sick:
        sick.routes.update({"/robots.txt": (500, {}, ""), "/api": {"jobs": [posting(1)]}})
        s = start(sick, api(sick))
        status, _, reason = outcome(scrape(s.login("admin")))["api"]
        assert status == "failed" and "robots.txt" in reason and not sick.paths("/api")


def test_one_request_at_a_time_and_a_pause(boards, start):
    boards.routes.update({f"/{n}": {"jobs": [posting(n)]} for n in range(1, 5)})
    s = start(boards, *[api(boards, f"n{n}", f"/{n}") for n in range(1, 5)], JOB_PAUSE_MS="150")
    reply = scrape(s.login("admin"))
    assert reply["found"] == 4 and boards.most_at_once == 1
    times = [a[2] for a in boards.asked if a[0] != "/robots.txt"]
    assert min(b - a for a, b in zip(times, times[1:])) >= 0.14


def test_retry_after_is_waited_for(boards, start):
    tries = []

    def busy(request):
        tries.append(time.monotonic())
        return (503, {"Retry-After": "1"}, "") if len(tries) == 1 else {"jobs": [posting(1)]}
    boards.routes["/api"] = busy
    s = start(boards, api(boards))
    assert outcome(scrape(s.login("admin")))["api"][:2] == ("ok", 1)
    assert len(tries) == 2 and tries[1] - tries[0] >= 0.95


def test_what_has_not_changed_is_not_sent_again(boards, start):
    def page(request):
        if request.headers.get("If-None-Match") == '"one"':
            return 304, {"ETag": '"one"'}, ""
        return 200, {"ETag": '"one"', "Content-Type": "application/json"}, {"jobs": [posting(1), posting(2)]}
    boards.routes["/api"] = page
    s = start(boards, api(boards))
    boss = s.login("admin")
    assert scrape(boss)["new"] == 2
    again = scrape(boss)
    assert again["known"] == again["found"] == 2
    assert [a[1].get("If-None-Match") for a in boards.paths("/api")] == [None, '"one"']


def test_charsets(boards, start):
    feed = "<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><item><title>Köchin</title><guid>1</guid></item></channel></rss>"
    boards.routes.update({
        "/latin": (200, {"Content-Type": "application/xml"}, feed.encode("latin-1")),
        "/lies": (200, {"Content-Type": "text/html; charset=utf-8"}, "<li><h3>Köchin für Süßes</h3></li>".encode("latin-1")),
        "/greek": (200, {"Content-Type": "application/json; charset=iso-8859-7"},
                   json.dumps({"jobs": [{"id": 1, "title": "Μάγειρας"}]}, ensure_ascii=False).encode("iso-8859-7")),
    })
    s = start(boards, {"name": "latin", "kind": "rss", "url": f"{boards.url}/latin", "filter": False}, api(boards, "greek", "/greek"),
              {"name": "lies", "kind": "html", "url": f"{boards.url}/lies", "items": "//li", "fields": {"title": ".//h3"}, "filter": False})
    reply = scrape(s.login("admin"))
    assert {j["title"] for j in reply["jobs"]} == {"Köchin", "Köchin für Süßes", "Μάγειρας"}


def test_two_searches_at_once_are_enough(boards, start):
    release = threading.Event()
    boards.routes["/api"] = lambda r: release.wait(30) and {"jobs": [posting(1)]}
    s = start(boards, api(boards), JOB_TIMEOUT="30")
    token = s.token("admin")
    ask = lambda: Client(s.base, token).get(f"{JOBS}/scrape", params={"keyword": "engineer"})  # noqa: E731
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(ask) for _ in range(3)]
        wait_until(lambda: any(f.done() for f in running), 20, "a refusal")
        release.set()
        replies = [f.result() for f in running]
    assert sorted(r.status_code for r in replies) == [200, 200, 503]
    assert "try again" in next(r for r in replies if r.status_code == 503).json()["detail"]


# ---- one job, several postings ----

def test_the_same_job_from_several_boards_is_one(boards, start):
    boards.routes.update({
        "/a": {"jobs": [posting(1, title="Senior Backend Engineer (m/w/d)", company="Acme GmbH", place="München", pay="80-90k EUR"),
                        posting(2, title="Frontend Engineer")]},
        "/b": {"jobs": [posting(8, title="Sr. Backend Engineer", company="ACME", place="Munich, Germany", text=f"<p>{TEXT} 7919</p>"),
                        posting(9, title="Junior Backend Engineer", company="ACME", place="Munich", text=f"<p>{TEXT}</p>")]},
    })
    s = start(boards, api(boards, "a", "/a"), api(boards, "b", "/b"))
    boss = s.login("admin")
    reply = scrape(boss)
    assert reply["found"] == reply["new"] == 3 and {o["source"]: o["found"] for o in reply["sources"]} == {"a": 2, "b": 2}
    job = next(j for j in reply["jobs"] if "Senior" in j["title"] or "Sr" in j["title"])
    whole = boss.get(f"{JOBS}/{job['id']}").json()
    assert {x["source"] for x in whole["sources"]} == {"a", "b"} and whole["salary_max"] == 90000.0
    assert [j["id"] for j in boss.get(f"{JOBS}/", params={"source": "b"}).json()].count(job["id"]) == 1
    assert scrape(boss)["new"] == 0


def test_jobs_vanish_and_come_back(boards, start):
    listing = {"jobs": [posting(1), posting(2), posting(3)]}
    boards.routes["/api"] = lambda r: listing
    source = {**api(boards), "url": f"{boards.url}/api", "complete": True}
    s = start(boards, source)
    boss = s.login("admin")
    first = scrape(boss)
    assert first["new"] == 3 and first["closed"] == 0
    one, two = (next(j["id"] for j in first["jobs"] if j["title"] == f"Engineer {x}") for x in "AB")
    listing = {"jobs": [posting(2), posting(3, title="Cook")]}
    # what does not fit the keyword is seen all the same
    reply = scrape(boss)
    assert reply["closed"] == 1 and reply["known"] == 1
    gone = boss.get(f"{JOBS}/{one}").json()
    assert gone["state"] == "closed" and gone["closed_at"] and gone["sources"][0]["closed_at"]
    assert boss.get(f"{JOBS}/{two}").json()["state"] == "open"
    assert [j["id"] for j in boss.get(f"{JOBS}/", params={"state": "closed"}).json()] == [one]
    listing = {"jobs": [posting(1), posting(2)]}
    assert scrape(boss)["reposted"] == 1
    back = boss.get(f"{JOBS}/{one}").json()
    assert back["state"] == "open" and back["closed_at"] is None and back["reposts"] == 1 and back["reposted_at"]
    # a failing source closes nothing
    listing = (500, {}, "")
    assert scrape(boss)["closed"] == 0 and boss.get(f"{JOBS}/{one}").json()["state"] == "open"


def test_a_page_that_is_gone_closes_its_job(boards, start):
    boards.routes.update({"/api": {"jobs": [posting(1), posting(2), posting(3)]}, "/jobs/1": "here", "/jobs/2": (410, {}, ""),
                          "/jobs/3": (500, {}, "")})
    s = start(boards, api(boards))
    boss = s.login("admin")
    ids = {j["title"][-1]: j["id"] for j in scrape(boss)["jobs"]}
    s.sql("UPDATE jobs SET last_seen_at = 1")
    s.sql("UPDATE schedules SET next_run = 1 WHERE name = 'jobs.check'")
    wait_until(lambda: boss.get(f"{JOBS}/{ids['B']}").json()["state"] == "closed", 30, "the check")
    wait_until(lambda: boards.paths("/jobs/3"), 30)
    assert [boss.get(f"{JOBS}/{ids[x]}").json()["state"] for x in "AC"] == ["open", "open"]


# ---- the list ----

@pytest.fixture
def filled(boards, start):
    boards.routes["/api"] = {"jobs": [
        posting(1, title="Python Engineer", pay="€60,000 - €70,000", date="2025-01-01"),
        posting(2, title="Java Engineer", place="Remote", company="Bolt", pay="$30/hour", date="2025-03-01", type="Contract"),
        posting(3, title="Go Engineer", place="Paris, France", company="Crème & Co", date="2025-02-01", type="Full-time"),
    ]}
    s = start(boards, api(boards))
    boss = s.login("admin")
    return s, boss, {j["title"].split()[0]: j["id"] for j in scrape(boss)["jobs"]}


def test_list_and_filters(filled):
    s, boss, ids = filled
    names = {v: k for k, v in ids.items()}

    def found(**query):
        r = boss.get(f"{JOBS}/", params=query)
        assert r.status_code == 200, r.text
        return [names[j["id"]] for j in r.json()]

    assert found() == ["Java", "Go", "Python"]  # newest first
    assert found(skip=1, limit=1) == ["Go"]
    r = boss.get(f"{JOBS}", params={"limit": 1})
    assert r.headers["X-Total-Count"] == "3" and "next" in r.links
    assert found(q='"python engineer"') == ["Python"] and found(q="engineer -java") == ["Go", "Python"]
    assert found(q="kubernetes") == ["Go", "Python"] and found(q="creme") == ["Go"] and found(q="...") == []
    assert found(location="berlin") == ["Python"] and found(location="FRANCE") == ["Go"] and found(location="%") == []
    assert found(remote="true") == ["Java"] and found(remote="false") == ["Go", "Python"]
    assert found(source="api") == ["Java", "Go", "Python"] and found(source="nobody") == []
    assert found(min_salary=62000) == ["Java", "Python"] and found(min_salary=65000, remote="false") == ["Python"]
    assert found(posted_since="2025-02-01T00:00:00Z") == ["Java", "Go"] and found(posted_since="2025-02-28T23:00:00-01:00") == ["Java"]
    assert found(type="contract") == ["Java"] and found(state="open") == ["Java", "Go", "Python"]
    for bad in ({"posted_since": "soon"}, {"min_salary": -1}, {"status": "dreaming"}, {"state": "x"}, {"remote": "x"}):
        assert boss.get(f"{JOBS}/", params=bad).status_code == 422, bad
    assert len(boss.get(f"{JOBS}/").json()[0]["description"]) <= 2000


def test_jobs_are_the_teams(filled):
    s, boss, ids = filled
    mate = s.make_user("mate")
    other = s.make_user("other", team_id=s.make_team("Other"))
    assert {j["id"] for j in s.login(mate["username"]).get(f"{JOBS}/").json()} == set(ids.values())
    stranger = s.login(other["username"])
    assert stranger.get(f"{JOBS}/").json() == []
    r = stranger.get(f"{JOBS}/{ids['Go']}")
    assert r.status_code == 404 and r.json() == {"detail": "Job not found"}
    # the same job found by another team is that team's own
    reply = scrape(stranger)
    assert reply["new"] == 3 and not {j["id"] for j in reply["jobs"]} & set(ids.values())
    assert len(boss.get(f"{JOBS}/").json()) == 6


def test_in_the_background(boards, start):
    boards.routes["/api"] = {"jobs": [posting(1)]}
    s = start(boards, api(boards))
    boss = s.login("admin")
    r = boss.post(f"{JOBS}/scrape", json={"keyword": "engineer", "location": "Berlin"})
    assert r.status_code == 202 and "background" in r.json()["message"]
    job = wait_until(lambda: boss.get(f"{JOBS}/").json(), 30, "the job")[0]
    assert job["title"] == "Engineer A"
    for bad in ({}, {"keyword": ""}, {"keyword": "  "}, {"keyword": "x", "limit": 0}, {"keyword": "x", "limit": 501}):
        assert boss.post(f"{JOBS}/scrape", json=bad).status_code == 422, bad
        assert boss.get(f"{JOBS}/scrape", params=bad).status_code == 422, bad


def test_limit_and_place(boards, start):
    boards.routes.update({f"/{c}": {"jobs": [posting(n, id=f"{c}{n}", title=f"Engineer {c}{n}", company=f"{c}{n}", link=f"/{c}/{n}",
                                                     place="Berlin" if n % 2 else "Rome", text="") for n in range(1, 11)]} for c in "ab"})
    s = start(boards, *[{**api(boards, c, f"/{c}"), "filter": True} for c in "ab"])
    boss = s.login("admin")
    reply = scrape(boss, limit=6)
    assert reply["found"] == 6 and {o["source"]: o["found"] for o in reply["sources"]} == {"a": 3, "b": 3}
    reply = scrape(boss, location="Rome", limit=500)
    assert {j["location"] for j in reply["jobs"]} == {"Rome"} and reply["found"] == 10


def test_switched_off_and_not_configured(boards, start, fresh):
    s = start(boards, api(boards), FEATURE_JOB_SCRAPING="False")
    boss = s.login("admin")
    assert boss.get(f"{JOBS}/scrape", params={"keyword": "x"}).status_code == 403
    assert boss.post(f"{JOBS}/scrape", json={"keyword": "x"}).status_code == 403
    assert boss.get(f"{JOBS}/").status_code == 200
    s = start(boards, {**api(boards), "enabled": False})
    r = s.login("admin").get(f"{JOBS}/scrape", params={"keyword": "x"})
    assert r.status_code == 503 and "JOB_SOURCES" in r.json()["detail"]


def test_a_file_of_sources_that_is_wrong_stops_the_start(fresh, tmp_path):
    path = tmp_path / "bad.jsonc"
    path.write_text('{"sources": [\n{"name": "a", "kind": "html", "ulr": "x"}]}')
    with pytest.raises(RuntimeError, match='JOB_SOURCES.*unknown key "ulr"'):
        fresh(JOB_SOURCES=path)


# ---- the command ----

def command(*arguments, **environment):
    env = {"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=0", "JOB_PAUSE_MS": "0", **environment}
    return subprocess.run([VITAE, "jobs", *arguments], env=env, capture_output=True, text=True, timeout=120)


def test_command(boards, tmp_path):
    boards.routes["/api"] = {"jobs": [posting(1, date="whenever"), posting(2)]}
    path = write(tmp_path / "s.jsonc", {**api(boards), "enabled": False})
    env = {"JOB_SOURCES": path, "FETCH_ALLOW": "127.0.0.1"}
    r = command("try", "-n", "1", "api", "engineer", **env)
    assert r.returncode == 0, r.stderr
    assert "1. Engineer A" in r.stdout and "not understood: whenever" in r.stdout and "nothing at /pay" in r.stdout
    assert "does not say where" in r.stdout and "api: ok, 1 of 2 postings" in r.stdout
    r = command("try", "nobody", "x", **env)
    assert r.returncode == 1 and "there is no source 'nobody'" in r.stderr
    r = command("try", "api", "x", **{**env, "FETCH_ALLOW": ""})
    assert r.returncode == 1 and "failed" in r.stdout and "FETCH_ALLOW" in r.stdout
    r = command("list", **env)
    assert r.returncode == 0 and r.stdout.split()[:3] == ["-", "api", "json"]
    builtin = command("sources")
    own = tmp_path / "own.jsonc"
    own.write_text(builtin.stdout)
    listed = command("list", JOB_SOURCES=str(own))
    assert listed.returncode == 0 and listed.stdout == command("list").stdout and "remotive" in listed.stdout
    assert command().returncode == 2 and command("try", "api").returncode == 2 and command("list", "x").returncode == 2
    assert command("try", "-n", "0", "a", "b").returncode == 2 and "Usage:" in command("--help").stdout
