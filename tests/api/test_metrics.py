"""/metrics: what monitoring reads, and traces over several services."""
import json
import os
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

import documents
from vitae import API, Server, read_candidate, upload, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("metrics"), RATE_LIMIT="2/3600") as s:
        yield s


def page(house):
    r = house.anonymous().get("/metrics")
    assert r.status_code == 200
    return r


def samples(house):
    """{(name, labels): value} of every sample; the parser refuses what is malformed."""
    text = page(house).text
    found, families = {}, set()
    for family in text_string_to_metric_families(text):
        assert family.name not in families and family.documentation and family.type != "unknown"
        families.add(family.name)
        for s in family.samples:
            key = (s.name, tuple(sorted(s.labels.items())))
            assert key not in found, key
            found[key] = s.value
    return found


def value(found, name, **labels):
    return found.get((name, tuple(sorted(labels.items()))), 0)


def test_the_page(house):
    r = page(house)
    assert r.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert r.headers["Cache-Control"] == "no-store" and "ETag" not in r.headers
    found = samples(house)
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_threads",
                 "vitae_http_connections", "vitae_database_answer_seconds"):
        assert value(found, name) > 0, name
    assert abs(value(found, "process_start_time_seconds") - time.time()) < 3600


def test_it_is_never_limited(house):
    assert [page(house).status_code for _ in range(5)] == [200] * 5


def test_requests_by_route_and_status(house):
    route = {"method": "GET", "route": "/api/v1/users/me"}
    before = samples(house)
    for _ in range(3):
        assert house.anonymous().get(f"{API}/users/me").status_code in (401, 429)
    house.anonymous().get("/no/such/route")
    after = samples(house)
    grown = lambda name, **labels: value(after, name, **labels) - value(before, name, **labels)  # noqa: E731
    assert sum(grown("vitae_http_requests_total", status=s, **route) for s in ("401", "429")) == 3
    assert grown("vitae_http_request_duration_seconds_count", **route) == 3
    assert grown("vitae_http_requests_total", method="other", route="none", status="404") == 1
    buckets = [v for (name, labels), v in after.items() if name == "vitae_http_request_duration_seconds_bucket"
               and set(route.items()) <= set(labels)]
    assert buckets == sorted(buckets) and buckets[-1] == value(after, "vitae_http_request_duration_seconds_count", **route)


def test_documents_and_parsers(tmp_path):
    with Server(tmp_path) as s:
        boss = s.login("admin")
        read_candidate(boss, upload(boss, documents.unique_pdf(), "a.pdf").json()["id"])
        read_candidate(boss, upload(boss, b"%PDF-1.4\nnothing", "b.pdf").json()["id"])
        found = samples(s)
        assert value(found, "vitae_documents_total", result="read") == 1
        assert value(found, "vitae_documents_total", result="unreadable") == 1
        assert value(found, "vitae_parse_duration_seconds_count") == 2
        assert value(found, "vitae_parser_starts_total") >= 1
        assert value(found, "vitae_events_total") >= 6
        assert value(found, "vitae_task_runs_total", result="done") >= 2


def test_the_queue(tmp_path):
    """Tasks that wait because they are not due yet, or because nobody takes them."""
    with Server(tmp_path) as s:
        found = wait_until(lambda: samples(s), what="the page")
        waiting = [v for (name, labels), v in found.items() if name == "vitae_tasks"]
        assert all(v >= 0 for v in waiting)
        assert value(found, "vitae_listeners", kind="stream") == 0
        stream = s.login("admin").get("/events", stream=True)
        assert value(samples(s), "vitae_listeners", kind="stream") == 1
        stream.close()


def test_a_token(tmp_path):
    with Server(tmp_path, METRICS_TOKEN="let monitoring in") as s:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic bGV0IG1vbml0b3JpbmcgaW4="},
                        {"Authorization": f"Bearer {s.token('admin')}"}):
            assert s.anonymous().get("/metrics", headers=headers).status_code == 401
        assert s.anonymous().get("/metrics", headers={"Authorization": "Bearer let monitoring in"}).status_code == 200


def test_the_dashboard_asks_for_what_there_is(house):
    with open(os.path.join(ROOT, "docs", "grafana.json")) as f:
        board = json.load(f)
    text = page(house).text
    expressions = [t["expr"] for p in board["panels"] for t in p.get("targets", [])]
    assert len(expressions) > 10
    known = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    for e in expressions:
        names = {w.strip("(){}[]") for w in e.replace("(", " ").replace("{", " ").replace("[", " ").split()
                 if w.startswith(("vitae_", "process_"))}
        assert names, e
        for n in names:
            assert any(n == k or n in (k + "_bucket", k + "_sum", k + "_count") for k in known), n


# ---- traceparent ----

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("header,logged", [
    (f"00-{TRACE}-00f067aa0ba902b7-01", True), (f"00-{TRACE}-00f067aa0ba902b7-00", True),
    (f"cc-{TRACE}-00f067aa0ba902b7-01-more", True), (f"00-{TRACE}-00f067aa0ba902b7-01-more", False),
    (f"ff-{TRACE}-00f067aa0ba902b7-01", False), (f"00-{'0' * 32}-00f067aa0ba902b7-01", False),
    (f"00-{TRACE}-{'0' * 16}-01", False), (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", False),
    (f"00-{TRACE[:-1]}-00f067aa0ba902b7-01", False), (f"00-{TRACE}-00f067aa0ba902b7-0", False), ("nonsense", False)])
def test_a_trace_is_logged(tmp_path, header, logged):
    with Server(tmp_path, LOG_LEVEL="debug") as s:
        s.anonymous().get("/health", headers={"traceparent": header, "X-Request-ID": "the-request"})
        line = wait_until(lambda: [x for x in open(os.path.join(s.data, "vitae.log")) if "GET /health 200" in x],
                          what="the log's line")[0]
        assert (f"trace {TRACE}" in line) == logged
