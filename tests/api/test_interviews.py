"""Interviews by video: written by recruiters, answered by users and by invited candidates, listed, closed, deleted."""
import os

import pytest

from videos import video
from vitae import API, Client, Server, wait_until

INTERVIEWS, SUBMIT, UPLOAD = f"{API}/interviews/", f"{API}/submit-interview-answer/", f"{API}/upload-video/"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("interviews")) as s:
        yield s


@pytest.fixture
def recruiter(house):
    return house.as_role("recruiter")


def new(client, *questions, **fields):
    r = client.post(INTERVIEWS, json={"title": "Backend engineer", "questions": [{"text": q} for q in questions], **fields})
    assert r.status_code == 201, r.text
    return r.json()


def invite(house, client, interview, **fields):
    r = client.post(f"{INTERVIEWS}{interview['id']}/invitations", json=fields)
    assert r.status_code == 201, r.text
    return r.json(), Client(house.base, r.json()["token"])


def answer(client, question, data=None, name="a.mp4"):
    return client.post(SUBMIT, data={"question_id": question["id"]},
                       files={"file": (name, video() if data is None else data)})


# ---- writing ----

def test_an_interview_and_its_questions(house, recruiter):
    i = new(recruiter, "First?", "Second?", description="Two questions")
    path = f"{INTERVIEWS}{i['id']}"
    assert [q["text"] for q in i["questions"]] == ["First?", "Second?"] and i["status"] == "open"
    assert recruiter.get(path).json() == i
    third = recruiter.post(f"{path}/questions", json={"text": "Third?", "time_limit_seconds": 90})
    assert third.status_code == 201 and third.json()["time_limit_seconds"] == 90
    first = recruiter.patch(f"{path}/questions/{i['questions'][0]['id']}", json={"text": "One?", "position": 10}).json()
    assert (first["text"], first["position"]) == ("One?", 10)
    assert [q["text"] for q in recruiter.get(path).json()["questions"]] == ["Second?", "Third?", "One?"]
    assert recruiter.patch(f"{path}/questions/{third.json()['id']}",
                           json={"time_limit_seconds": None}).json()["time_limit_seconds"] is None
    assert recruiter.delete(f"{path}/questions/{first['id']}").status_code == 204
    changed = recruiter.patch(path, json={"title": "Platform", "description": None, "status": "closed"}).json()
    assert (changed["title"], changed["description"], changed["status"]) == ("Platform", None, "closed")
    assert [q["text"] for q in changed["questions"]] == ["Second?", "Third?"]
    listed = recruiter.get(INTERVIEWS, params={"status": "closed"}).json()
    assert [x["id"] for x in listed] == [i["id"]] and "questions" not in listed[0]
    assert recruiter.delete(path).status_code == 204 and recruiter.get(path).status_code == 404


def test_bounds(house, recruiter):
    i = new(recruiter, *(f"{n}?" for n in range(100)))
    r = recruiter.post(f"{INTERVIEWS}{i['id']}/questions", json={"text": "One too many?"})
    assert r.status_code == 400 and "100" in r.json()["detail"]
    other = new(recruiter, "Other?")
    r = recruiter.patch(f"{INTERVIEWS}{i['id']}/questions/{other['questions'][0]['id']}", json={"text": "Mine?"})
    assert r.status_code == 404


def test_only_recruiters_write_and_only_their_team_reads(house, recruiter):
    i = new(recruiter, "Why?")
    path = f"{INTERVIEWS}{i['id']}"
    viewer = house.as_role("viewer")
    assert viewer.get(path).status_code == 200
    assert viewer.post(INTERVIEWS, json={"title": "x"}).status_code == 403
    team = house.make_team("Elsewhere")
    house.make_user("outsider", "hr_manager", team_id=team)
    outsider = house.login("outsider")
    for method, where in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/questions"), ("GET", "/answers"),
                          ("POST", "/invitations"), ("GET", "/invitations")):
        body = {"text": "x"} if where == "/questions" else {}
        assert outsider.request(method, path + where, json=body).status_code == 404, (method, where)
    assert outsider.get(INTERVIEWS).json() == []
    assert outsider.post(INTERVIEWS, json={"title": "x", "team_id": i["team_id"]}).status_code == 404
    theirs = house.login("admin").post(INTERVIEWS, json={"title": "x", "team_id": team}).json()
    assert outsider.get(f"{INTERVIEWS}{theirs['id']}").status_code == 200
    assert answer(outsider, i["questions"][0]).status_code == 404


# ---- answering ----

def test_answers_with_a_file_and_with_an_upload(house, recruiter):
    i = new(recruiter, "Why?", "How?")
    viewer = house.as_role("viewer")
    r = answer(viewer, i["questions"][0], video("webm"), "why.webm")
    assert r.status_code == 201, r.text
    first = r.json()
    assert first["file_path"].startswith("media/interview_videos/") and first["content_type"] == "video/webm"
    up = viewer.post(UPLOAD, files={"file": ("how.mp4", video())}, data={"question_id": i["questions"][1]["id"]}).json()
    assert up["question_id"] == i["questions"][1]["id"]
    for kw in ({"json": {"question_id": i["questions"][1]["id"], "video_id": up["id"]}},
               {"data": {"question_id": i["questions"][1]["id"], "video_id": up["id"]}}):
        r = viewer.post(SUBMIT, **kw)
        assert r.status_code == 201 and r.json()["video_id"] == up["id"], r.text
    listed = recruiter.get(f"{INTERVIEWS}{i['id']}/answers").json()
    assert [a["question_id"] for a in listed] == [i["questions"][1]["id"]] * 2 + [i["questions"][0]["id"]]
    assert listed[-1] == first
    only = recruiter.get(f"{INTERVIEWS}{i['id']}/answers", params={"question_id": i["questions"][0]["id"]}).json()
    assert only == [first]
    assert recruiter.get(f"{API}/videos/{first['video_id']}/file").content == video("webm")


def test_what_is_no_answer(house, recruiter):
    i = new(recruiter, "Why?")
    q = i["questions"][0]
    viewer = house.as_role("viewer")
    theirs = recruiter.post(UPLOAD, files={"file": ("a.mp4", video())}).json()
    assert viewer.post(SUBMIT, json={"question_id": q["id"]}).status_code == 422
    assert viewer.post(SUBMIT, json={"question_id": q["id"], "video_id": theirs["id"]}).status_code == 404
    assert viewer.post(SUBMIT, json={"question_id": 999999, "video_id": theirs["id"]}).status_code == 404
    assert viewer.post(SUBMIT, data={"question_id": q["id"], "video_id": theirs["id"]},
                       files={"file": ("a.mp4", video())}).status_code == 422
    assert answer(viewer, q, b"no video").status_code == 400
    assert answer(viewer, q, name="a.txt").status_code == 400
    assert answer(house.anonymous(), q).status_code == 401
    recruiter.patch(f"{INTERVIEWS}{i['id']}", json={"status": "closed"})
    r = answer(viewer, q)
    assert r.status_code == 400 and "closed" in r.json()["detail"]
    wait_until(lambda: os.listdir(os.path.join(house.data, "spool")) == [], what="an empty spool")


def test_an_invited_candidate(house, recruiter):
    i, other = new(recruiter, "Why?", "How?"), new(recruiter, "Not yours?")
    told, guest = invite(house, recruiter, i, name="Ada Lovelace", email="ada@example.com")
    assert told["token"].startswith("vi_") and told["email"] == "ada@example.com"
    asked = guest.get(f"{INTERVIEWS}invited").json()
    assert asked["id"] == i["id"] and [q["text"] for q in asked["questions"]] == ["Why?", "How?"]
    r = answer(guest, asked["questions"][0])
    assert r.status_code == 201 and r.json()["invitation_id"] == told["id"] and r.json()["user_id"] is None
    up = guest.post(UPLOAD, files={"file": ("how.mp4", video())}).json()
    r = guest.post(SUBMIT, json={"question_id": asked["questions"][1]["id"], "video_id": up["id"]})
    assert r.status_code == 201
    assert guest.get(f"{API}/videos/{up['id']}/file").status_code == 200
    own = guest.get(f"{INTERVIEWS}invited/answers")
    assert [a["question_id"] for a in own.json()] == [q["id"] for q in reversed(asked["questions"])]
    r = guest.post(f"{API}/videos/{up['id']}/playback")
    assert r.status_code == 204
    assert house.anonymous().get(f"{API}/videos/{up['id']}/file",
                                 headers={"Cookie": r.headers["Set-Cookie"].split(";")[0]}).status_code == 200
    # and nothing beyond their own interview
    assert answer(guest, other["questions"][0]).status_code == 404
    theirs = recruiter.post(UPLOAD, files={"file": ("a.mp4", video())}).json()
    assert guest.get(f"{API}/videos/{theirs['id']}").status_code == 404
    assert guest.post(f"{API}/videos/{theirs['id']}/playback").status_code == 404
    _, another = invite(house, recruiter, i)
    assert another.get(f"{INTERVIEWS}invited/answers").json() == []
    for path in (INTERVIEWS, f"{API}/users/me", f"{API}/candidates/", f"{API}/videos/", f"{INTERVIEWS}{i['id']}"):
        assert guest.get(path).status_code == 401, path
    assert len(recruiter.get(f"{INTERVIEWS}{i['id']}/answers").json()) == 2
    listed = recruiter.get(f"{INTERVIEWS}{i['id']}/invitations").json()
    assert [x["id"] for x in listed][1:] == [told["id"]] and "token" not in listed[0]
    assert recruiter.delete(f"{INTERVIEWS}{i['id']}/invitations/{told['id']}").status_code == 204
    assert answer(guest, asked["questions"][0]).status_code == 401
    assert guest.get(f"{INTERVIEWS}invited").status_code == 401
    assert recruiter.get(f"{INTERVIEWS}invited").status_code == 404
    assert recruiter.get(f"{INTERVIEWS}invited/answers").status_code == 404


def test_an_invitation_ends(house, recruiter):
    i = new(recruiter, "Why?")
    told, guest = invite(house, recruiter, i, expires_in_days=1)
    assert guest.get(f"{INTERVIEWS}invited").status_code == 200
    house.sql("UPDATE interview_invitations SET expires_at = 1 WHERE id = ?", told["id"])
    assert guest.get(f"{INTERVIEWS}invited").status_code == 401


def test_deleting_takes_the_videos_along(house, recruiter):
    i = new(recruiter, "Why?")
    _, guest = invite(house, recruiter, i)
    a = answer(guest, i["questions"][0]).json()
    assert os.path.exists(os.path.join(house.data, a["file_path"]))
    assert recruiter.delete(f"{INTERVIEWS}{i['id']}").status_code == 204
    assert not os.path.exists(os.path.join(house.data, a["file_path"]))
    assert recruiter.get(f"{API}/videos/{a['video_id']}").status_code == 404
    assert guest.get(f"{INTERVIEWS}invited").status_code == 401
