"""The console as it is served: compressed, cached, under a strict policy, and not at all with CONSOLE=False."""
import json
import os
import re
import subprocess

import requests

from boards import Boards
from mailserver import MailServer
from openai import Model
from vitae import PASSWORD, ROOT, Server


def test_page_and_assets(tmp_path):
    with Server(tmp_path) as s:
        page = requests.get(s.base + "/")
        assert page.status_code == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["Cache-Control"] == "no-cache"
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert "camera=(self), microphone=(self)" in page.headers["Permissions-Policy"]
        unchanged = requests.get(s.base + "/", headers={"If-None-Match": page.headers["ETag"]})
        assert unchanged.status_code == 304 and unchanged.headers["Content-Security-Policy"] == policy
        assert not re.search(r"<script(?![^>]*src=)", page.text)
        assets = re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', page.text)
        assert any(a.endswith(".js") for a in assets) and any(a.endswith(".css") for a in assets)
        for path in assets:
            packed = requests.get(s.base + path, headers={"Accept-Encoding": "gzip"})
            plain = requests.get(s.base + path, headers={"Accept-Encoding": "identity"})
            refused = requests.get(s.base + path, headers={"Accept-Encoding": "gzip;q=0, identity"})
            assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
            assert packed.content == plain.content == refused.content and "Content-Encoding" not in refused.headers
            assert "immutable" in packed.headers["Cache-Control"] and packed.headers["Vary"].startswith("Accept-Encoding")
            again = requests.get(s.base + path, headers={"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"})
            assert again.status_code == 304
        for name in ("nothing.js", "..%2Findex.html", "%2e%2e"):
            assert requests.get(f"{s.base}/console/assets/{name}").status_code == 404


def test_turned_off(tmp_path):
    with Server(tmp_path, CONSOLE="False") as s:
        assert requests.get(s.base + "/").status_code == 404
        assert requests.get(s.base + "/console/assets/index.js").json() == {"detail": "Not Found"}


def run_flow(server, tmp_path, name, *arguments):
    """Runs tests/console/NAME.mjs in Chromium against the server; fails with what it tells."""
    screens = os.environ.get("VITAE_SCREENS", "")
    r = subprocess.run(["node", os.path.join(ROOT, "tests", "console", f"{name}.mjs"), server.base, screens, *arguments],
                       capture_output=True, text=True, timeout=300)
    assert r.returncode == 0, r.stdout + r.stderr


def test_a_recruiters_day(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, tmp_path, "recruiter", os.path.join(ROOT, "tests", "corpus"), "admin", PASSWORD)


def test_a_phone_in_the_dark(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, tmp_path, "phone", os.path.join(ROOT, "tests", "corpus"), "admin", PASSWORD)


def test_an_applicants_day(tmp_path):
    letter = {"cover_letter": "Dear Hiring Manager,\n\nat Initech I led 17 people.\n\nKind regards"}
    jobs = [{"id": 1, "title": "Python Engineer", "company": "Acme", "place": "Berlin",
             "text": "<p>We look for somebody who knows Python, Kubernetes and Fortran.</p>", "link": "/jobs/1"},
            {"id": 2, "title": "Cook", "company": "Trattoria", "place": "Rome", "text": "<p>Pasta, every day.</p>", "link": "/jobs/2"}]
    with Boards() as board, MailServer() as post, Model(letter) as model:
        board.routes["/api"] = {"jobs": jobs}
        sources = tmp_path / "sources.jsonc"
        sources.write_text(json.dumps({"sources": [{
            "name": "board", "kind": "json", "url": f"{board.url}/api?q={{keyword}}", "items": "/jobs", "filter": False,
            "fields": {"id": "/id", "title": "/title", "company": "/company", "location": "/place", "description": "/text",
                       "url": "/link"}}]}))
        with Server(tmp_path / "server", JOB_SOURCES=str(sources), FETCH_ALLOW="127.0.0.1", JOB_PAUSE_MS="0",
                    **post.settings(), **model.settings()) as s:
            s.make_user("ada")
            run_flow(s, tmp_path, "applicant", os.path.join(ROOT, "tests", "corpus"), "ada", PASSWORD)
        [mail] = post.to("hr@acme.example")
        assert "here I am" in mail.get_body().get_content()
        assert [a.get_filename() for a in mail.iter_attachments()] == ["two-columns.pdf"]


def test_an_operators_day(tmp_path):
    with Server(tmp_path) as s:
        s.make_user("ada")
        run_flow(s, tmp_path, "operator", os.path.join(ROOT, "tests", "corpus"), "admin", PASSWORD)


def test_every_language(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, tmp_path, "languages", os.path.join(ROOT, "tests", "corpus"), "admin", PASSWORD)
