"""A language model that looks over what was read from résumés: what it says counts only if the document says it."""
import json
import time

import pytest

import documents
import openai
from openai import Model
from vitae import API, read_candidate, upload

FOUND = {"name": "Marguerite Oyelaran", "email": "marguerite.oyelaran@example.org", "phone": "+44 20 7946 0958",
         "skills": ["Python", "Harbour Systems", "Quantum Knitting"], "domain_knowledge": "Backend engineer for booking and billing."}
# A document in which little is said: no parser is sure of it.
PLAIN = {**documents.PERSON, "name": "notes", "email": "see below", "skills": ["x"]}


@pytest.fixture
def read(fresh):
    """read(answer, person, settings…): (the model, the candidate read, its profile, a client)."""
    models = []

    def go(answer, person=documents.PERSON, **settings):
        m = Model(answer).__enter__()
        models.append(m)
        me = fresh(**m.settings(**settings)).login("admin")
        k = read_candidate(me, upload(me, documents.pdf(person), "cv.pdf").json()["id"])
        return m, k, me.get(f"{API}/candidates/{k['id']}/profile").json(), me

    yield go
    for m in models:
        m.__exit__()


def notes(profile, kind):
    return [f["message"] for f in profile["findings"] if f["kind"] == kind]


def test_what_the_document_says_counts(read):
    model, k, profile, _ = read(FOUND, PARSER="openai")
    assert k["status"] == "completed" and k["name"] == "Marguerite Oyelaran" and k["email"] == FOUND["email"]
    assert "Harbour Systems" in k["skills"] and "Python" in k["skills"] and "Quantum Knitting" not in k["skills"]
    [said] = notes(profile, "model")
    assert "test-model-2026" in said and "1 of its values" in said
    system, user = model.asked[0]["messages"]
    assert "Northwind Freight" in json.loads(user["content"])["document"] and "Northwind" not in system["content"]


def test_what_it_does_not_is_dropped(read):
    invented = {"name": "Grace Hopper", "email": "grace@example.com", "phone": "+1 202 555 0100", "skills": ["COBOL"],
                "domain_knowledge": "Leads 40 people at Initech."}
    _, k, profile, _ = read(invented, PARSER="openai")
    assert k["name"] == documents.PERSON["name"] and k["email"] == documents.PERSON["email"] and "COBOL" not in k["skills"]
    assert "grace" not in json.dumps(profile).lower() and "Initech" not in json.dumps(profile)
    assert "5 of its values" in notes(profile, "model")[0]


def test_people_have_the_last_word(read):
    _, k, _, me = read(FOUND, PARSER="openai")
    me.patch(f"{API}/candidates/{k['id']}", json={"name": "Marge O."})
    assert me.post(f"{API}/candidates/{k['id']}/reparse").status_code == 202
    assert read_candidate(me, k["id"])["name"] == "Marge O."


@pytest.mark.parametrize("answer,words", [
    (lambda h, q: openai.error(h, 400, "no"), "400"), (lambda h, q: openai.reply(h, 200, openai.completion("words")), "no JSON"),
    ({"name": 17}, "form asked for"), (lambda h, q: h.server.shutdown_request(h.request), "127.0.0.1")],
    ids=["error", "words", "form", "closed"])
def test_a_failing_model_changes_nothing(read, answer, words):
    _, k, profile, _ = read(answer, PARSER="openai")
    assert k["status"] == "completed" and k["name"] == documents.PERSON["name"] and set(documents.PERSON["skills"]) <= set(k["skills"])
    [said] = notes(profile, "model_failed")
    assert words in said and "built-in reader" in said and openai.KEY not in said


def test_a_late_model_changes_nothing(read):
    _, k, profile, _ = read(lambda h, q: time.sleep(3), PARSER="openai", OPENAI_TIMEOUT=1)
    assert k["status"] == "completed" and k["name"] == documents.PERSON["name"]
    assert "did not answer" in notes(profile, "model_failed")[0]


@pytest.mark.parametrize("parser,person,asked", [("builtin", PLAIN, 0), ("auto", documents.PERSON, 0), ("auto", PLAIN, 1),
                                                 ("openai", documents.PERSON, 1)])
def test_who_is_asked(read, parser, person, asked):
    model, k, profile, _ = read(FOUND, person, PARSER=parser)
    assert k["status"] == "completed" and len(model.asked) == asked and bool(notes(profile, "model")) == bool(asked)


def test_without_a_model_nobody_is_asked(fresh):
    me = fresh(PARSER="openai").login("admin")
    k = read_candidate(me, upload(me, documents.unique_pdf(), "cv.pdf").json()["id"])
    assert k["status"] == "completed" and k["name"] == documents.PERSON["name"]
