"""The documentation pages in a real browser, without a network."""
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium")


def rendered(url, profile):
    """The page's document after its scripts ran, and what the browser had to say."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}",
         "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom", url],
        capture_output=True, text=True, timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_page_shows_the_api(server, tmp_path, page):
    document, console = rendered(f"{server.base}/{page}", tmp_path / "profile")
    for path in ("/api/v1/auth/login", "/api/v1/candidates/upload", "/health"):
        # Swagger UI may break a path with zero-width blanks
        assert path in document.replace("\u200b", "").replace("<wbr>", ""), page
    faults = [line for line in console if "redocly/redoc/logo" not in line and "redoc.ly" not in line]
    assert faults == []


def test_pages_have_a_strict_policy(server):
    for page in ("/docs", "/redoc"):
        r = server.anonymous().get(page)
        policy = r.headers["Content-Security-Policy"]
        assert r.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in policy or "default-src 'self'" in policy
        assert "script-src 'self'" in policy and "unsafe-eval" not in policy
        assert "<script>" not in r.text
