#!/usr/bin/python3
"""Checks POST /cleanup-all-resumes of a running server: security, errors, the cleanup itself, and that production blocks it.

    ADMIN_PASSWORD=… tests/test_cleanup_endpoint.py --url http://localhost:8000 --yes

It deletes all résumés of that server. pytest runs the same checks on servers of its own."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import documents  # noqa: E402
from running import API, Running, script  # noqa: E402

PATH = f"{API}/cleanup-all-resumes/"
TOKEN = os.environ.get("DELETE_ALL_RESUMES_TOKEN", "CONFIRM_DELETE_ALL_RESUMES_2025")
GOOD = {"confirmation_token": TOKEN, "confirm_action": "DELETE_ALL_RESUME_DATA"}


def check_security(server):
    """security: no token, a wrong token, no confirmation"""
    if server.production:
        return "the server runs in production"
    for body in ({}, {**GOOD, "confirmation_token": "wrong"}, {**GOOD, "confirmation_token": None}):
        r = server.post(PATH, json=body)
        assert r.status_code == 401 and r.json() == {
            "success": False, "error": "Invalid confirmation token required for this destructive operation"}, r.text
    for body in ({"confirmation_token": TOKEN}, {**GOOD, "confirm_action": "DELETE_ALL_VIDEO_DATA"}):
        r = server.post(PATH, json=body)
        assert r.status_code == 400 and r.json() == {
            "success": False, "error": "Must confirm action with 'DELETE_ALL_RESUME_DATA'"}, r.text


def check_errors(server):
    """error handling: bodies that cannot be read, other methods"""
    if server.production:
        return "the server runs in production"
    for body in (b"", b"{", b"[1]", b'"x"', b'{"confirmation_token": 5}'):
        r = server.post(PATH, data=body, headers={"Content-Type": "application/json"})
        assert r.status_code == 401 and r.json()["success"] is False, r.text
    r = server.get(PATH)
    assert r.status_code == 405 and r.json()["success"] is False, r.text


def check_cleanup(server):
    """a successful cleanup, told truly, with JSON and with a form"""
    if server.production:
        return "the server runs in production"
    server.post(PATH, json=GOOD)
    for n, kw in enumerate(({"json": GOOD}, {"data": GOOD})):
        r = server.post(f"{API}/candidates/upload", server.admin(), files={"file": (f"cv{n}.pdf", documents.unique_pdf())})
        assert r.status_code == 202, r.text
        r = server.post(PATH, **kw)
        body = r.json()
        assert r.status_code == 200 and body["success"] is True and body["operation"] == "cleanup_all_resumes", r.text
        assert body["message"] == "Cleanup operation completed" and isinstance(body["timestamp"], float)
        assert body["statistics"] == {"total_resumes_before": 1, "total_files_before": 1, "files_removed": 1,
                                      "files_failed": 0, "db_records_removed": 1, "db_errors": []}, r.text
        assert server.get(f"{API}/candidates/", server.admin()).json() == []


def check_production(server):
    """production blocks it, whatever is sent"""
    if not server.production:
        return "the server runs in development"
    for body in (GOOD, {}, {**GOOD, "confirmation_token": "wrong"}):
        r = server.post(PATH, json=body)
        assert r.status_code == 403 and r.json() == {
            "success": False, "error": "This operation is only allowed in development mode"}, r.text


CHECKS = [check_security, check_errors, check_cleanup, check_production]


@pytest.mark.parametrize("debug", ["True", "False"], ids=["development", "production"])
def test_cleanup_endpoint(fresh, debug):
    import vitae
    s = fresh(DEBUG=debug)
    server = Running(s.base, "admin", vitae.PASSWORD)
    skipped = [c.__name__ for c in CHECKS if c(server)]
    assert skipped == (["check_production"] if debug == "True" else ["check_security", "check_errors", "check_cleanup"])


if __name__ == "__main__":
    script(__doc__, CHECKS, "deletes all résumés")
