"""Every route of the tables: with every role, with every field missing, of the wrong type and out of bounds, with bodies that are
none, with other methods. Nothing here is written for one endpoint."""
import json

import pytest

import contract
from vitae import API

ROUTES = contract.ROUTES
NAMES = [f"{r['method']} {r['path']}" for r in ROUTES]


def ask(client, r, path=None, query=None, body=None, **kw):
    p, q, b = contract.good(r)
    kw.setdefault("params", q if query is None else query)
    if r["body"] == "file":
        kw.setdefault("files", {"file": ("a.txt", b"no document")})
        kw.setdefault("data", contract.form(b if body is None else body))
    elif r["body"] == "stream":
        kw["headers"] = {"Content-Type": "application/offset+octet-stream", **kw.get("headers", {})}
        kw.setdefault("data", b"bytes")
    elif r["body"] != "none" and "data" not in kw:
        kw.setdefault("json", b if body is None else body)
    return client.request(r["method"], path or p, **kw)


def able(server, r):
    """Somebody who may call this route."""
    return server.as_role("admin" if r["role"] != "public" else "public")


@pytest.mark.parametrize("role", contract.ROLES[:-1])
@pytest.mark.parametrize("r", ROUTES, ids=NAMES)
def test_roles(server, r, role):
    response = ask(server.as_role(role), r, body={} if r["path"].endswith("/me") else None)
    if r["path"].endswith("/logout"):
        server.tokens.clear()  # theirs is worth nothing any more
    if contract.ROLES.index(role) >= contract.ROLES.index(r["role"]):
        if r["role"] != "public":
            assert response.status_code not in (401, 403), response.text
    else:
        assert response.status_code == (401 if role == "public" else 403), response.text
    contract.check_reply(response, r["method"], r["path"])


@pytest.mark.parametrize("r", [r for r in ROUTES if r["role"] != "public"],
                         ids=[n for n, r in zip(NAMES, ROUTES) if r["role"] != "public"])
def test_bad_tokens(server, r):
    for header in ("Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer " + "a" * 3000, "eyJ"):
        response = ask(server.anonymous(), r, headers={"Authorization": header})
        assert response.status_code == 401, header
        contract.check_reply(response, r["method"], r["path"])


def is_lenient(r):
    """What does not fit in a body counts as absent there."""
    return "lenient" in r["flags"]


BROKEN = [(r, f, v, why) for r in ROUTES for f in contract.fields(r)
          if f["type"] != "file" and not (is_lenient(r) and f["where"] == "body")
          for v, why in contract.wrong_values(f, text=f["where"] != "body" or r["body"] == "file")]


@pytest.mark.parametrize("r,f,value,why", BROKEN,
                         ids=[f"{r['method']} {r['path']} {f['where']}.{f['name']} {why}" for r, f, v, why in BROKEN])
def test_wrong_values(server, r, f, value, why):
    path, query, body = contract.good(r)
    if f["where"] == "path":
        path = r["path"].replace("{" + f["name"] + "}", value)
        for other in contract.fields(r, "path"):
            path = path.replace("{" + other["name"] + "}", "1")
    elif f["where"] == "query":
        query = {**query, f["name"]: value}
    else:
        body = {**body, f["name"]: value}
    response = ask(able(server, r), r, path, query, body)
    assert response.status_code == 422, response.text
    contract.check_reply(response, r["method"], r["path"])
    # U+0000 makes the whole JSON text unfit, so the fault is the body's
    told = ["body"] if why == "NUL" else [f["where"], f["name"]]
    if "plain_errors" in r["flags"]:
        assert ".".join(told) in response.json()["error"]
        return
    assert told in [d["loc"] for d in response.json()["detail"]]
    if f["secret"] and isinstance(value, str) and len(value) > 3:
        assert value not in response.text


REQUIRED = [(r, f) for r in ROUTES for f in contract.fields(r) if f["required"] and f["where"] != "path"]


@pytest.mark.parametrize("r,f", REQUIRED, ids=[f"{r['method']} {r['path']} {f['name']}" for r, f in REQUIRED])
def test_missing(server, r, f):
    path, query, body = contract.good(r)
    query.pop(f["name"], None)
    body.pop(f["name"], None)
    kw = {"files": {"other": ("a.pdf", b"x")}} if f["type"] == "file" else {}
    response = ask(able(server, r), r, path, query, body, **kw)
    assert response.status_code == 422, response.text
    assert {"loc": [f["where"], f["name"]], "msg": "Field required", "type": "missing"} in response.json()["detail"]
    if f["where"] == "body" and r["body"] != "file":
        response = ask(able(server, r), r, path, query, {**body, f["name"]: None})
        assert response.status_code == 422, response.text


@pytest.mark.parametrize("r", [r for r in ROUTES if len([f for f in contract.fields(r, "body") if f["required"]]) > 1],
                         ids=lambda r: f"{r['method']} {r['path']}")
def test_every_fault_is_listed(server, r):
    wanted = {f["name"] for f in contract.fields(r, "body") if f["required"]}
    kw = {"files": {"other": ("a.pdf", b"x")}} if r["body"] == "file" else {}
    response = ask(able(server, r), r, body={}, **kw)
    assert response.status_code == 422
    assert {d["loc"][-1] for d in response.json()["detail"]} == wanted


JSON_ROUTES = [r for r in ROUTES if r["body"] in ("json", "json_or_form") and not is_lenient(r)]
JSON_NAMES = [f"{r['method']} {r['path']}" for r in JSON_ROUTES]


@pytest.mark.parametrize("body", [b"{", b"[1, 2", b"nonsense", b"\xff\xfe", b'{"a": 1, "a": 2}', b"{} {}", b"[" * 100000,
                                  b'{"a": "\\ud800"}'])
@pytest.mark.parametrize("r", JSON_ROUTES, ids=JSON_NAMES)
def test_malformed_json(server, r, body):
    response = ask(able(server, r), r, data=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422, response.text
    contract.check_reply(response, r["method"], r["path"])


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"17", b"null"])
@pytest.mark.parametrize("r", JSON_ROUTES, ids=JSON_NAMES)
def test_json_that_is_no_object(server, r, body):
    response = ask(able(server, r), r, data=body, headers={"Content-Type": "application/json"})
    if body == b"null" and not any(f["required"] for f in contract.fields(r, "body")):
        return
    assert response.status_code == 422, response.text


@pytest.mark.parametrize("r", JSON_ROUTES, ids=JSON_NAMES)
def test_wrong_content_type(server, r):
    body = json.dumps(contract.good(r)[2])
    for kind in ("text/plain", "application/xml"):
        response = ask(able(server, r), r, data=body, headers={"Content-Type": kind})
        assert response.status_code == 422, response.text
        contract.check_reply(response, r["method"], r["path"])


@pytest.mark.parametrize("r", JSON_ROUTES, ids=JSON_NAMES)
def test_body_limit(server, r):
    response = ask(able(server, r), r, data=b'{"x": "' + b"a" * (2 << 20) + b'"}',
                   headers={"Content-Type": "application/json"})
    assert response.status_code == 413, response.text
    contract.check_reply(response, r["method"], r["path"])


@pytest.mark.parametrize("path", sorted({r["path"] for r in ROUTES}))
def test_other_methods(server, admin, path):
    allowed = {r["method"] for r in ROUTES if r["path"] == path}
    shown = contract.good(next(r for r in ROUTES if r["path"] == path))[0]
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if contract.row(method, shown) is not None:
            continue
        for who in (admin, server.anonymous()):
            response = who.request(method, shown)
            assert response.status_code == 405, response.text
            told = {m.strip() for m in response.headers["Allow"].split(",")}
            assert allowed <= told and method not in told


@pytest.mark.parametrize("r", ROUTES, ids=NAMES)
def test_trailing_slash(server, r):
    path = contract.good(r)[0]
    other = path[:-1] if path.endswith("/") else path + "/"
    first, second = (ask(server.anonymous(), r, p, allow_redirects=False) for p in (path, other))
    # what may exist once only was made by the first
    assert second.status_code == first.status_code or (first.status_code, second.status_code) == (201, 409)
    assert not second.is_redirect
    assert second.status_code != 404 or second.json() != {"detail": "Not Found"}  # the thing is not there, the route is


@pytest.mark.parametrize("r", [r for r in ROUTES if r["method"] == "GET"],
                         ids=[n for n in NAMES if n.startswith("GET")])
def test_etag(server, r):
    client = able(server, r)
    response = ask(client, r)
    if response.status_code != 200 or {"stream", "fresh"} & set(r["flags"]):
        return
    tag = response.headers["ETag"]
    again = ask(client, r, headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == tag
    head = client.head(contract.good(r)[0], params=contract.good(r)[1])
    assert head.status_code == 200 and head.content == b""


@pytest.mark.parametrize("r", [r for r in ROUTES if r["list"]],
                         ids=[f"{r['method']} {r['path']}" for r in ROUTES if r["list"]])
def test_lists_take_skip_and_limit(server, r):
    names = {f["name"]: f for f in contract.fields(r, "query")}
    assert names["skip"]["default"] in (None, 0, "0") and str(names["limit"]["default"]) == "100"
    assert (names["skip"]["min"], names["limit"]["min"], names["limit"]["max"]) == (0, 1, 500)


def test_openapi_tells_the_same(server, admin):
    document = admin.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    told = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    assert told == {(r["method"], r["path"]) for r in ROUTES if "hidden" not in r["flags"]}
    for r in ROUTES:
        if "hidden" in r["flags"]:
            continue
        operation = document["paths"][r["path"]][r["method"].lower()]
        assert str(r["status"]) in operation["responses"]
        told = {(p["in"], p["name"]) for p in operation["parameters"]}
        conditional = {("header", "If-Match")} if "if_match" in r["flags"] else set()
        assert told == {(f["where"], f["name"]) for f in contract.fields(r) if f["where"] != "body"} | conditional
        assert ("security" in operation) == (r["role"] != "public" or "optional_auth" in r["flags"])


def test_documentation_exists_in_development_only(fresh):
    production = fresh(DEBUG="False").anonymous()
    for path in ("/docs", "/redoc", "/openapi.json", "/docs/start.js"):
        assert production.get(path).status_code == 404
    assert production.get("/health").json()["environment"] == "production"


def test_unknown_paths(server):
    for path in ("/nothing", "/api/v1", f"{API}/nothing", f"{API}/users/1/2/3", "/health/x", f"{API}/candidates/search/by-name/x"):
        response = server.anonymous().get(path)
        assert response.status_code == 404 and response.json() == {"detail": "Not Found"}, path


def test_every_route_was_asked(request):
    """Runs last, over the whole suite: a row that no test asks is a row that nobody watches."""
    if len({item.fspath for item in request.session.items}) < 3:
        pytest.skip("only part of the suite runs")
    assert {(r["method"], r["path"]) for r in ROUTES} - contract.HIT == set()
