"""Whether a peer of peers.py answers what vitae answers: compared before anything is measured, on the same rows. A peer that does less, or
another thing, ends the measurement with a sentence that names it and the difference."""
import re

import requests

import vitae

UNCOMPARED = {"date", "server", "connection", "keep-alive", "content-length", "transfer-encoding"}  # the transport's
OWN = {"etag", "x-request-id", "set-cookie"}  # must be there; everyone makes their own
SKILL_PAGE = "/api/v1/candidates/search/by-skill?skill=Docker&skip=300&limit=50"
ABSENT, METRICS, LOGIN, USERS = "/api/v1/candidates/999999", "/metrics", "/api/v1/auth/login", "/api/v1/users/"
NAME = "admin"
REFUSED = [  # what is asked, and with what body
    ("a wrong password", LOGIN, {"username": NAME, "password": "wrong horse 6"}), ("a login without a password", LOGIN, {"username": NAME}),
    ("a password that is too short", USERS, {"username": "short", "email": "short@example.com", "password": "x"}),
    ("a user name that is taken", USERS, {"username": NAME, "email": "another@example.com", "password": vitae.PASSWORD})]


class Difference(Exception):
    pass


def difference(theirs, ours, place="the body"):
    """Raises at the first place where two JSON values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if theirs.keys() != ours.keys():
            raise Difference(f"{place} has the fields {', '.join(theirs)}; vitae's has {', '.join(ours)}")
        for name in ours:
            difference(theirs[name], ours[name], f"{place}'s {name}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(theirs) != len(ours):
            raise Difference(f"{place} has {len(theirs)} items; vitae's has {len(ours)}")
        for i, pair in enumerate(zip(theirs, ours)):
            difference(*pair, f"{place}'s item {i}")
    elif type(theirs) is not type(ours) or theirs != ours:
        raise Difference(f"{place} is {theirs!r}; vitae's is {ours!r}")


def header(value):
    """A header's value without what says nothing: case, spaces, the character set of JSON, a semicolon at the end."""
    return re.sub(r";charset=utf-8$", "", re.sub(r"\s", "", value.lower()))


def compare_headers(theirs, ours):
    for name, value in ours.headers.items():
        if name.lower() in UNCOMPARED:
            continue
        given = theirs.headers.get(name)
        if given is None:
            raise Difference(f"has no header {name}")
        if name.lower() not in OWN and header(given) != header(value):
            raise Difference(f"has {name}: {given}; vitae's is {value}")


def expect(reply, status, what):
    if reply.status_code != status:
        raise Difference(f"{what} is answered with {reply.status_code}; vitae answers {status}")


class Asker:
    """Asks one server, with a token."""

    def __init__(self, base, token):
        self.base, self.session, self.headers = base, requests.Session(), {"Authorization": f"Bearer {token}"}

    def get(self, path, **headers):
        return self.session.get(self.base + path, headers={**self.headers, **headers}, timeout=10)

    def post(self, path, body):
        return self.session.post(self.base + path, headers=self.headers, json=body, timeout=10)


def timeless(value):
    """The same rows without their times."""
    if isinstance(value, list):
        return [timeless(v) for v in value]
    return {k: v for k, v in value.items() if not k.endswith("_at")}


def check_reads(peer, ours, paths):
    for what, path in {**paths, "a page of by skill": SKILL_PAGE}.items():
        wanted, got = ours.get(path, **{"X-Request-ID": "bench-1"}), peer.get(path, **{"X-Request-ID": "bench-1"})
        try:
            expect(got, 200, "it")
            difference(got.json(), wanted.json())
            compare_headers(got, wanted)
            if got.headers["X-Request-ID"] != "bench-1":
                raise Difference("does not send the caller's X-Request-ID back")
            if peer.get(path).headers["X-Request-ID"] == peer.get(path).headers["X-Request-ID"]:
                raise Difference("has no X-Request-ID of its own")
            again = peer.get(path, **{"If-None-Match": got.headers["ETag"]})
            expect(again, 304, "If-None-Match with its ETag")
            if again.content:
                raise Difference("sends a body with 304")
        except Difference as e:
            raise Difference(f"{what} ({path}): {e}") from None


def check_refusals(peer, ours, path, ended):
    for what, token in (("a wrong token", "x.y.z"), ("the token of a session that was ended", ended)):
        for asker in (Asker(ours.base, token), Asker(peer.base, token)):
            expect(asker.get(path), 401, what)
    expect(peer.get(ABSENT), ours.get(ABSENT).status_code, "a candidate who is not there")
    for what, path, body in REFUSED:
        got, wanted = peer.post(path, body), ours.post(path, body)
        expect(got, wanted.status_code, what)
        compare_headers(got, wanted)


def check_login(peer, ours):
    """Compared by field and header: the tokens are everyone's own. The refresh token opens nothing but /auth/refresh."""
    got, wanted = (asker.post(LOGIN, {"username": NAME, "password": vitae.PASSWORD}) for asker in (peer, ours))
    expect(got, 200, "a login")
    if got.json().keys() != wanted.json().keys():
        raise Difference(f"a login has the fields {', '.join(got.json())}; vitae's has {', '.join(wanted.json())}")
    compare_headers(got, wanted)
    for name, status in (("access_token", 200), ("refresh_token", 401)):
        expect(Asker(peer.base, got.json()[name]).get("/api/v1/auth/me"), status, f"a new {name}")


def check_metrics(peer):
    """A histogram by route, in Prometheus's text; asked for on the connection that was used before, as workers may have their own each."""
    reply = peer.get(METRICS)
    expect(reply, 200, METRICS)
    if not re.search(r'_bucket\{.*"/api/v1/candidates/[{:].*\} ', reply.text):
        raise Difference(f"{METRICS} has no histogram of /api/v1/candidates/ and a number")


def check(name, base, ours, token, ended, paths, lean=False):
    """Ends the program if the peer at base differs from vitae at ours. lean: it says that it does less, and is asked for its bodies but
    for their times."""
    peer, ours = Asker(base, token), Asker(ours, token)
    try:
        if lean:
            for what, path in paths.items():
                difference(timeless(peer.get(path).json()), timeless(ours.get(path).json()), what)
            return
        check_reads(peer, ours, paths)
        check_refusals(peer, ours, paths["own account"], ended)
        check_login(peer, ours)
        check_metrics(peer)
    except (Difference, requests.RequestException) as e:
        raise SystemExit(f"{name} does not answer as vitae does: {e}") from None
