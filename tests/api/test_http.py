"""What holds on every route: ids, security headers, CORS, rate limits, paging, caching, sizes, odd requests."""
import re
import socket
import ssl
import subprocess

import pytest
import requests

import documents
from vitae import API, PASSWORD, Client, upload


def raw(server, data, end=b""):
    """Sends bytes as they are; returns all that comes back."""
    host, port = server.base.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as s:
        s.sendall(data)
        out = b""
        while piece := s.recv(65536):
            out += piece
            if end and end in out:
                break
        return out


def test_health(server):
    r = server.anonymous().get("/health")
    assert r.status_code == 200
    body = r.json()
    assert list(body) == ["status", "environment", "version", "scheduler"]
    assert body["status"] == "healthy" and body["environment"] == "development" and body["version"] == "1.0.0"
    assert body["scheduler"]["running"] is True and body["scheduler"]["jobs"] >= 4


def test_request_id(server):
    c = server.anonymous()
    assert c.get("/health", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    ids = {c.get("/health").headers["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5
    for bad in ("a b", "x" * 200, "<script>", "é".encode().decode("latin-1")):
        assert c.get("/health", headers={"X-Request-ID": bad}).headers["X-Request-ID"] != bad


def test_cors(fresh):
    s = fresh(CORS_ORIGINS="http://localhost:3000,https://hr.example.com")
    c = s.anonymous()
    for origin in ("http://localhost:3000", "https://hr.example.com"):
        r = c.get("/health", headers={"Origin": origin})
        assert r.headers["Access-Control-Allow-Origin"] == origin
        assert r.headers["Access-Control-Allow-Credentials"] == "true"
        exposed = {h.strip().lower() for h in r.headers["Access-Control-Expose-Headers"].split(",")}
        assert {"x-request-id", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-total-count",
                "link", "etag", "retry-after"} <= exposed
        assert "Origin" in r.headers["Vary"]
        r = c.options(f"{API}/users/", headers={"Origin": origin, "Access-Control-Request-Method": "POST",
                                                "Access-Control-Request-Headers": "authorization,content-type"})
        assert r.status_code in (200, 204)
        assert "POST" in r.headers["Access-Control-Allow-Methods"]
        assert "authorization" in r.headers["Access-Control-Allow-Headers"].lower()
    r = c.get("/health", headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in r.headers
    # a refusal is readable by the page that caused it
    r = c.get(f"{API}/users/me", headers={"Origin": "http://localhost:3000"})
    assert r.status_code == 401 and r.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_rate_limit_is_exact(fresh):
    s = fresh(RATE_LIMIT="5/3600", RATE_LIMIT_STRICT="3/3600")
    c = s.login("admin")
    left = []
    for _ in range(5):
        r = c.get(f"{API}/users/me")
        assert r.status_code == 200 and r.headers["X-RateLimit-Limit"] == "5"
        left.append(int(r.headers["X-RateLimit-Remaining"]))
    assert left == [4, 3, 2, 1, 0]
    r = c.get(f"{API}/candidates/")
    assert r.status_code == 429 and 1 <= int(r.headers["Retry-After"]) <= 3600
    assert r.headers["X-RateLimit-Remaining"] == "0" and int(r.headers["X-RateLimit-Reset"]) > 0
    # another caller has a window of their own; health has none
    assert s.anonymous().get(f"{API}/users/me").status_code == 401
    for _ in range(10):
        r = c.get("/health")
        assert r.status_code == 200 and "X-RateLimit-Limit" not in r.headers
    # the strict class is counted by itself: one login was made above
    codes = [s.anonymous().post(f"{API}/auth/login", json={"username": "admin", "password": "wrong"}).status_code
             for _ in range(4)]
    assert codes == [401, 401, 429, 429]
    assert s.anonymous().post(f"{API}/auth/refresh", json={"refresh_token": "x"}).status_code == 401


def test_rate_limit_comes_before_401(fresh):
    s = fresh(RATE_LIMIT="2/3600")
    codes = [s.anonymous().get(f"{API}/users/me").status_code for _ in range(3)]
    assert codes == [401, 401, 429]


def test_rate_limit_of_a_single_route(fresh):
    s = fresh(RATE_LIMIT="1000/60", RATE_LIMIT_ROUTES="GET /api/v1/users/me=2/3600")
    c = s.login("admin")
    assert [c.get(f"{API}/users/me").status_code for _ in range(3)] == [200, 200, 429]
    assert c.get(f"{API}/users/").status_code == 200


def test_paging(fresh):
    s = fresh()
    c = s.login("admin")
    for i in range(7):
        assert upload(c, documents.unique_pdf(), f"p{i}.pdf").status_code == 202
    r = c.get(f"{API}/candidates/?limit=3&skills_match=any")
    assert len(r.json()) == 3 and r.headers["X-Total-Count"] == "7" and "X-Total-Count-Capped" not in r.headers
    assert "next" in r.links and "prev" not in r.links and "skills_match=any" in r.links["next"]["url"]
    seen, url = [], f"{API}/candidates/?limit=3"
    while url:
        r = c.get(url)
        seen += [x["id"] for x in r.json()]
        url = r.links.get("next", {}).get("url")
    assert seen == sorted(seen, reverse=True) and len(seen) == 7
    assert "prev" in r.links and "next" not in r.links
    assert c.get(f"{API}/candidates/?skip=100").json() == []
    assert c.get(f"{API}/candidates/?skip=100").headers["X-Total-Count"] == "7"


def test_etag_changes_with_the_content(fresh):
    s = fresh()
    c = s.login("admin")
    tag = c.get(f"{API}/users/me").headers["ETag"]
    assert c.get(f"{API}/users/me", headers={"If-None-Match": f'"x", {tag}'}).status_code == 304
    assert c.get(f"{API}/users/me", headers={"If-None-Match": "*"}).status_code == 304
    c.put(f"{API}/users/me", json={"full_name": "Somebody Else"})
    r = c.get(f"{API}/users/me", headers={"If-None-Match": tag})
    assert r.status_code == 200 and r.headers["ETag"] != tag


@pytest.mark.parametrize("head", [
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"\x00\x01\x02\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 200000 + b"\r\n\r\n",
])
def test_odd_heads(server, head):
    out = raw(server, head)
    assert out == b"" or re.match(rb"HTTP/1\.[01] (400|404|413|414|431|501)", out), out[:200]
    assert server.anonymous().get("/health").status_code == 200


def test_pipelining_and_keep_alive(server):
    one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(server, one * 9 + last).count(b"HTTP/1.1 200") == 10


def test_head_and_options(server):
    c = server.anonymous()
    r = c.head("/health")
    assert r.status_code == 200 and r.content == b"" and int(r.headers["Content-Length"]) > 0
    r = c.options(f"{API}/users/")
    assert r.status_code in (200, 204) and {"GET", "POST"} <= {m.strip() for m in r.headers["Allow"].split(",")}


def test_a_refusal_comes_before_the_body(server):
    """Without a right, nobody has to send ten megabytes to hear so: the head is enough."""
    head = (b"POST /api/v1/candidates/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
    out = raw(server, head, end=b"\r\n\r\n")
    assert out.startswith(b"HTTP/1.1 401"), out[:100]


@pytest.mark.parametrize("who", ["public", "viewer", "recruiter"])
def test_a_refused_upload_reads_its_reply(server, who):
    r = upload(server.as_role(who), b"%PDF-1.4\n" + b"0" * (40 << 20), "big.pdf")
    assert r.status_code == {"public": 401, "viewer": 403, "recruiter": 413}[who], r.text
    if who == "recruiter":
        assert "10 MB" in r.json()["detail"]


def test_a_very_large_upload_reads_its_reply(server):
    r = upload(server.as_role("recruiter"), b"%PDF-1.4\n" + b"0" * (200 << 20), "big.pdf")
    assert r.status_code == 413


def test_concurrent_clients(server):
    from concurrent.futures import ThreadPoolExecutor
    token = server.token("admin")

    def work(i):
        c = Client(server.base, token)
        return [c.get(f"{API}/users/me").status_code for _ in range(20)]

    with ThreadPoolExecutor(16) as pool:
        assert {code for codes in pool.map(work, range(16)) for code in codes} == {200}


def test_tls(fresh, tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    s = fresh(TLS_CERT=cert, TLS_KEY=key)
    assert s.base.startswith("https://")
    r = requests.get(s.base + "/health", verify=str(cert), timeout=30)
    assert r.status_code == 200 and "max-age" in r.headers["Strict-Transport-Security"]
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(s.base + "/health", timeout=30)
    assert ssl.OPENSSL_VERSION


def test_proxy_addresses_are_believed_only_when_told(fresh):
    def limited(s, address):
        return s.anonymous().get(f"{API}/users/me", headers={"X-Forwarded-For": address}).status_code

    plain = fresh(RATE_LIMIT="1/3600")
    assert [limited(plain, a) for a in ("192.0.2.1", "192.0.2.2")] == [401, 429]
    behind = fresh(RATE_LIMIT="1/3600", TRUST_PROXY="127.0.0.1")
    assert [limited(behind, a) for a in ("192.0.2.1", "192.0.2.2", "192.0.2.2")] == [401, 401, 429]


@pytest.mark.parametrize("name,value", [
    ("PORT", "99999"), ("PORT", "abc"), ("DEBUG", "perhaps"), ("BCRYPT_COST", "99"), ("BCRYPT_COST", "3"),
    ("RATE_LIMIT", "ten per minute"), ("REGISTRATION", "ajar"), ("MAX_UPLOAD_MB", "0"), ("LOG_LEVEL", "loud"),
    ("TLS_CERT", "/nonexistent.pem"), ("CORS_ORIGINS", "*"), ("ADMIN_PASSWORD", "short"), ("DATABASE_URL", "mysql://x"),
])
def test_a_wrong_setting_stops_the_start(fresh, name, value):
    with pytest.raises(RuntimeError) as e:
        fresh(**{name: value})
    assert name in str(e.value)


def test_settings_from_the_file(fresh, tmp_path):
    from vitae import Server
    s = Server(tmp_path / "dotenv", ADMIN_PASSWORD=None)
    with open(tmp_path / "dotenv" / ".env", "w") as f:
        f.write(f'# our settings\nexport ADMIN_PASSWORD="{PASSWORD}"\nRATE_LIMIT=7/60\n')
    s.settings.pop("RATE_LIMIT")
    with s:
        r = s.login("admin").get(f"{API}/users/me")
        assert r.headers["X-RateLimit-Limit"] == "7"
