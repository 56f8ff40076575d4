"""run_comprehensive_tests.sh against a running server: it cleans up after itself, or keeps what it made."""
import os
import subprocess

import vitae


def run(server, *arguments, password=vitae.PASSWORD):
    return subprocess.run([os.path.join(vitae.ROOT, "run_comprehensive_tests.sh"), "--url", server.base, *arguments],
                          env={**os.environ, "ADMIN_PASSWORD": password}, capture_output=True, text=True, timeout=300)


def users(server):
    return len(server.login("admin").get(f"{vitae.API}/users/").json())


def test_it_leaves_nothing_behind(fresh):
    s = fresh()
    r = run(s)
    assert r.returncode == 0, r.stderr + r.stdout
    assert "nothing marked is left" in r.stdout and users(s) == 1


def test_it_keeps_what_it_made(fresh):
    s = fresh()
    r = run(s, "--keep")
    assert r.returncode == 0, r.stderr + r.stdout
    assert users(s) == 3
    session = r.stdout.split("test session ")[1].split()[0]
    left = s.anonymous().post(f"{vitae.API}/test-cleanup", json={"test_session_id": session}).json()
    assert left["deleted_counts"]["users"] == 2 and users(s) == 1


def test_it_fails_where_the_cleanup_is_shut(fresh):
    r = run(fresh(DEBUG="False"))
    assert r.returncode == 1 and "development mode" in r.stderr


def test_it_says_that_it_needs_the_password(fresh):
    r = run(fresh(), password="")
    assert r.returncode == 1 and "set ADMIN_PASSWORD" in r.stderr
