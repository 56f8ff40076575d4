#!/usr/bin/python3
"""Checks POST /cleanup-all-videos of a running server: security, errors, the cleanup itself, the file types, and that
production blocks it.

    ADMIN_PASSWORD=… tests/test_video_cleanup_endpoint.py --url http://localhost:8000 --yes

It deletes all videos of that server. pytest runs the same checks on servers of its own."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from running import API, Running, script  # noqa: E402
from videos import HEADS, video  # noqa: E402

PATH = f"{API}/cleanup-all-videos/"
TOKEN = os.environ.get("DELETE_ALL_VIDEOS_TOKEN", "CONFIRM_DELETE_ALL_VIDEOS_2025")
GOOD = {"confirmation_token": TOKEN, "confirm_action": "DELETE_ALL_VIDEO_DATA"}


def upload(server, name, data):
    return server.post(f"{API}/upload-video/", server.admin(), files={"file": (name, data)})


def check_security(server):
    """security: no token, a wrong token, no confirmation"""
    if server.production:
        return "the server runs in production"
    for body in ({}, {**GOOD, "confirmation_token": "wrong"}, {**GOOD, "confirmation_token": None}):
        r = server.post(PATH, json=body)
        assert r.status_code == 401 and r.json() == {
            "success": False, "error": "Invalid confirmation token required for this destructive operation"}, r.text
    for body in ({"confirmation_token": TOKEN}, {**GOOD, "confirm_action": "DELETE_ALL_RESUME_DATA"}):
        r = server.post(PATH, json=body)
        assert r.status_code == 400 and r.json() == {
            "success": False, "error": "Must confirm action with 'DELETE_ALL_VIDEO_DATA'"}, r.text


def check_errors(server):
    """error handling: bodies that cannot be read, other methods"""
    if server.production:
        return "the server runs in production"
    for body in (b"", b"{", b"[1]", b'"x"', b'{"confirmation_token": 5}'):
        r = server.post(PATH, data=body, headers={"Content-Type": "application/json"})
        assert r.status_code == 401 and r.json()["success"] is False, r.text
    r = server.get(PATH)
    assert r.status_code == 405 and r.json()["success"] is False, r.text


def check_types(server):
    """the eight file types are taken, by name and content, and others are not"""
    if server.production:
        return "the server runs in production"
    for kind in HEADS:
        r = upload(server, f"answer.{kind}", video(kind))
        assert r.status_code == 201, f"{kind}: {r.text}"
    for name, data in (("notes.txt", video()), ("fake.mp4", b"no video at all"), ("mixed.webm", video("mp4"))):
        assert upload(server, name, data).status_code == 400, name


def check_cleanup(server):
    """a successful cleanup of every type; rows stay and say that their file is gone"""
    if server.production:
        return "the server runs in production"
    server.post(PATH, json=GOOD)
    ids = [upload(server, f"answer.{kind}", video(kind)).json()["id"] for kind in HEADS]
    r = server.post(PATH, json=GOOD)
    body = r.json()
    assert r.status_code == 200 and body["success"] is True and body["operation"] == "cleanup_all_videos", r.text
    assert body["message"] == "Video cleanup operation completed" and isinstance(body["timestamp"], float)
    assert body["statistics"] == {"total_files_before": 8, "directories_processed": 2, "files_removed": 8,
                                  "files_failed": 0, "cleanup_errors": []}, r.text
    for i in ids:
        assert server.get(f"{API}/videos/{i}", server.admin()).json()["available"] is False
        assert server.get(f"{API}/videos/{i}/file", server.admin()).status_code == 410


def check_production(server):
    """production blocks it, whatever is sent"""
    if not server.production:
        return "the server runs in development"
    for body in (GOOD, {}, {**GOOD, "confirmation_token": "wrong"}):
        r = server.post(PATH, json=body)
        assert r.status_code == 403 and r.json() == {
            "success": False, "error": "This operation is only allowed in development mode"}, r.text


CHECKS = [check_security, check_errors, check_types, check_cleanup, check_production]


@pytest.mark.parametrize("debug", ["True", "False"], ids=["development", "production"])
def test_video_cleanup_endpoint(fresh, debug):
    import vitae
    s = fresh(DEBUG=debug)
    server = Running(s.base, "admin", vitae.PASSWORD)
    skipped = [c.__name__ for c in CHECKS if c(server)]
    assert skipped == (["check_production"] if debug == "True" else [c.__name__ for c in CHECKS[:-1]])


if __name__ == "__main__":
    script(__doc__, CHECKS, "deletes all videos")
