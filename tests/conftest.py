"""Fixtures: the real program, started on a data directory and a port of its own."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
import s3  # noqa: E402
import vitae  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that leave it as they found it. Rate limits are off."""
    with vitae.Server(tmp_path_factory.mktemp("server")) as s:
        yield s


@pytest.fixture
def fresh(tmp_path):
    """A server of the test's own: fresh(RATE_LIMIT="5/60") starts one with these settings."""
    started = []

    def start(**settings):
        s = vitae.Server(tmp_path / f"server{len(started)}", **settings)
        started.append(s)
        return s.start()

    yield start
    for s in started:
        s.stop()
        s.drop_database()


@pytest.fixture
def store():
    """An object store for the test's servers; store.settings() tells them of it."""
    with s3.Store() as st:
        yield st


@pytest.fixture(scope="session")
def admin(server):
    return server.login("admin")


def pytest_collection_modifyitems(items):
    """Two tests look back on all others: that every route was asked, and that nothing secret was written."""
    last = ["test_every_route_was_asked", "test_nothing_secret_was_written"]
    items.sort(key=lambda item: last.index(item.name) + 1 if item.name in last else 0)


def pytest_sessionfinish(session, exitstatus):
    """Tells ./test how many tests passed, failed and were skipped."""
    path = os.environ.get("VITAE_COUNTS")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not path or reporter is None:
        return
    count = {k: len(reporter.stats.get(k, [])) for k in ("passed", "failed", "error", "skipped")}
    with open(path, "w") as f:
        f.write(f"{count['passed']} {count['failed'] + count['error']} {count['skipped']}\n")
