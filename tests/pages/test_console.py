"""The console as it is served: compressed, cached, under a strict policy, and not at all with CONSOLE=False."""
import os
import re
import subprocess

import requests

from vitae import PASSWORD, ROOT, Server


def test_page_and_assets(tmp_path):
    with Server(tmp_path) as s:
        page = requests.get(s.base + "/")
        assert page.status_code == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["Cache-Control"] == "no-cache"
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
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
