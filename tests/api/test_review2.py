"""Faults of one request are told together, those of single-line texts too."""
import pytest

import documents
from vitae import API, PASSWORD, Server

CONTROL = "String should not have control characters"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("review2")) as s:
        yield s


@pytest.fixture
def boss(house):
    return house.login("admin")


def faults(reply):
    assert reply.status_code == 422, reply.text
    return [(f["loc"], f["msg"]) for f in reply.json()["detail"]]


def test_user_name_beside_other_faults(house, boss):
    body = {"email": "no address", "username": "ada\nadmin", "password": "short"}
    for r in (boss.post(f"{API}/users/", json=body), boss.post(f"{API}/auth/register", json=body),
              boss.put(f"{API}/users/me", json=body)):
        assert faults(r) == [(["body", "email"], "value is not a valid email address"), (["body", "username"], CONTROL),
                             (["body", "password"], "String should have at least 8 characters")]
    body = {"email": "blank@example.com", "username": "    ", "password": PASSWORD}
    assert faults(boss.post(f"{API}/users/", json=body)) == [(["body", "username"], "String should not be blank")]


def test_subject_beside_other_faults(house, boss):
    letter = {"recipient": "hr@example.com\r\nBcc: all@example.com", "subject": "Hello\r\nBcc: all@example.com",
              "body": " ", "recipient_name": "Grace\nHopper"}
    wanted = [(["body", "recipient"], "value is not a valid email address"), (["body", "subject"], CONTROL),
              (["body", "body"], "String should not be blank"), (["body", "recipient_name"], CONTROL)]
    assert faults(boss.post(f"{API}/email/send/follow-up", json=letter)) == wanted
    r = boss.post(f"{API}/email/send/hr", data=letter, files={"resume": ("cv.pdf", documents.pdf())})
    assert faults(r) == wanted


def test_paths_name_their_parameters_as_documented(house):
    paths = house.anonymous().get("/openapi.json").json()["paths"]
    for path in ("auth/sessions/{id}", "teams/{id}", "users/{user_id}", "candidates/{candidate_id}", "resumes/{resume_id}",
                 "jobs/{job_id}", "scheduler/job/{team_id}", "logs/{log_id}", "features/{feature_name}"):
        assert f"{API}/{path}" in paths, path
