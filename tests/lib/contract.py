"""The tables of the program (`vitae routes`) as a contract: requests that keep or break it, and a check of replies."""
import datetime
import json
import re

import vitae

ROLES = ["public", "viewer", "recruiter", "hr_manager", "admin", "superuser"]
ROUTES = vitae.routes()
HIT = set()  # (method, path) of every row that was asked in this run


def row(method, path):
    """The row that answers, as the server finds it: fixed segments before parameters."""
    wanted = [s for s in path.split("?")[0].split("/") if s]
    best = None
    for r in ROUTES:
        have = [s for s in r["path"].split("/") if s]
        if r["method"] != ("GET" if method == "HEAD" else method) or len(have) != len(wanted):
            continue
        if all(h.startswith("{") or h == w for h, w in zip(have, wanted)):
            fixed = sum(not h.startswith("{") for h in have)
            if best is None or fixed > best[0]:
                best = (fixed, r)
    return best and best[1]


def check_value(field, value, where):
    if value is None:
        assert field["nullable"] or field["type"] in ("json",), f"{where} is null"
        return
    kind = field["type"]
    instant = lambda v: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", v) is not None  # noqa: E731
    checks = {
        "integer": lambda v: type(v) is int, "number": lambda v: type(v) in (int, float),
        "boolean": lambda v: type(v) is bool, "string": lambda v: type(v) is str,
        "strings": lambda v: type(v) is list and all(type(x) is str for x in v),
        "time": lambda v: type(v) is str and instant(v) and bool(datetime.datetime.fromisoformat(v[:-1])),
    }
    if kind in checks:
        assert checks[kind](value), f"{where} is {value!r}, not a {kind}"
    if field.get("choices"):
        assert value in field["choices"], f"{where} is {value!r}, none of {field['choices']}"
    if kind == "object":
        check_object(field, value, where)
    if kind == "list":
        for i, v in enumerate(value):
            check_object(field, v, f"{where}[{i}]")


def check_object(schema, value, where):
    assert type(value) is dict, f"{where} is no object"
    expected = [f["name"] for f in schema["fields"] if not f["secret"]]
    optional = {f["name"] for f in schema["fields"] if f["omitted"]}
    got = list(value)
    assert [n for n in expected if n in value or n not in optional] == got, f"{where} has {got}, not {expected}"
    for f in schema["fields"]:
        if f["name"] in value:
            check_value(f, value[f["name"]], f"{where}.{f['name']}")


def check_error(response, r=None):
    """The one form of errors: a sentence, or every fault with its place; or the form that a row has of its own."""
    if r is not None and "plain_errors" in r["flags"]:
        body = response.json()
        assert list(body)[:2] == ["success", "error"] and body["success"] is False and body["error"], body
        return
    detail = response.json()["detail"]
    if response.status_code == 422:
        assert detail, "a 422 without faults"
        for fault in detail:
            assert set(fault) == {"loc", "msg", "type"}, fault
            assert fault["loc"][0] in ("body", "query", "path", "header"), fault
            assert fault["msg"] and re.fullmatch(r"[a-z_]+", fault["type"]), fault
    else:
        assert isinstance(detail, str) and detail, detail


def check_reply(response, method, path):
    """What every reply must keep, and what its row says of it."""
    r = row(method, path)
    h = response.headers
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", h["X-Request-ID"])
    assert h["X-Content-Type-Options"] == "nosniff" and h["X-Frame-Options"] and h["Referrer-Policy"]
    if r is None and response.status_code >= 400 and method not in ("HEAD", "OPTIONS"):
        check_error(response, next((o for o in ROUTES if o["path"].rstrip("/") == path.split("?")[0].rstrip("/")), None))
    if r is None or method in ("HEAD", "OPTIONS"):
        return
    HIT.add((r["method"], r["path"]))
    if response.status_code >= 400:
        check_error(response, r)
        if response.status_code == 401:
            assert h["WWW-Authenticate"] == "Bearer"
        known = r["errors"] + [400, 500, 503] + ([404] if "debug" in r["flags"] else [])
        assert response.status_code in known, f"{method} {path} answered {response.status_code}: {response.text}"
    elif "stream" in r["flags"]:
        assert response.status_code == r["status"]
    elif response.status_code == 304:
        assert response.content == b""
    elif response.status_code == 204:
        assert response.content == b""
    elif r["out"]:
        assert response.status_code in [r["status"]] + [s for s in r["errors"] if s < 400]
        body = response.json()
        if r["list"]:
            assert type(body) is list and int(h["X-Total-Count"]) >= 0
            for i, v in enumerate(body):
                check_object(r["out"], v, f"[{i}]")
        else:
            check_object(r["out"], body, "reply")


def fields(r, where=None):
    return [f for f in (r["in"] or {"fields": []})["fields"] if where is None or f["where"] == where]


def good(r):
    """A request that keeps the contract: (path, query, body), from the examples in the table."""
    path = r["path"]
    for f in fields(r, "path"):
        path = path.replace("{" + f["name"] + "}", "987654321" if f["type"] == "integer" else str(f["example"]))
    query = {f["name"]: f["example"] for f in fields(r, "query") if f["required"]}
    body = {f["name"]: f["example"] for f in fields(r, "body") if f["type"] != "file"}
    return path, query, body


def form(body):
    """The values of a JSON body as form fields write them; lists become repeated fields."""
    return {k: v if isinstance(v, (str, list)) else json.dumps(v) for k, v in body.items()}


def wrong_values(f, text):
    """(value, why) that the field must refuse, as JSON values (a JSON body) or text (query, path, form)."""
    kind = f["type"]
    if kind in ("integer", "number"):
        yield ("x" if text else "12"), "type"
        yield ("1.5" if text else 1.5) if kind == "integer" else "nan", "fraction"
        if text:
            yield "99999999999999999999", "beyond 64 bits"
        if f["min"] is not None:
            yield (str(f["min"] - 1) if text else f["min"] - 1), "too small"
        if f["max"] is not None:
            yield (str(f["max"] + 1) if text else f["max"] + 1), "too large"
    elif kind == "boolean":
        yield ("maybe" if text else "true"), "type"
    elif kind == "string":
        if not text:
            yield 17, "type"
            yield ["a"], "type"
            yield "a\u0000b", "NUL"
        if f["min"]:
            yield "a" * (f["min"] - 1), "too short"
        if f["max"] and f["max"] <= 5000:
            # in a path or query three bytes for each "é" byte would not fit into a request's head
            yield ("a" if text else "é") * (f["max"] + 1), "too long"
        if f["choices"]:
            yield "no such choice", "choice"
        if f["email"]:
            for address in ("plain", "a@b", "a b@example.com", "a@@example.com", "@example.com", "a@example..com"):
                yield address, "address"
