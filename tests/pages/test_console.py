"""The console as it is served: compressed, cached, under a strict policy, and not at all with CONSOLE=False."""
import json
import os
import re
import signal
import subprocess

import requests

from boards import Boards
from console import CORPUS, free_port, run_flow, running_flow
from mailserver import MailServer
from openai import Model
from slow_line import SlowLine
from videos import video
from vitae import API, PASSWORD, Client, Server, wait_until


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


def test_a_recruiters_day(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "recruiter", CORPUS, "admin", PASSWORD)


def job_board(board, folder):
    """The settings of a server that looks for jobs at this board."""
    jobs = [{"id": 1, "title": "Python Engineer", "company": "Acme", "place": "Berlin",
             "text": "<p>We look for somebody who knows Python, Kubernetes and Fortran.</p>", "link": "/jobs/1"},
            {"id": 2, "title": "Cook", "company": "Trattoria", "place": "Rome", "text": "<p>Pasta, every day.</p>", "link": "/jobs/2"}]
    board.routes["/api"] = {"jobs": jobs}
    sources = folder / "sources.jsonc"
    sources.write_text(json.dumps({"sources": [{
        "name": "board", "kind": "json", "url": f"{board.url}/api?q={{keyword}}", "items": "/jobs", "filter": False,
        "fields": {"id": "/id", "title": "/title", "company": "/company", "location": "/place", "description": "/text",
                   "url": "/link"}}]}))
    return {"JOB_SOURCES": str(sources), "FETCH_ALLOW": "127.0.0.1", "JOB_PAUSE_MS": "0"}


def test_every_page_in_the_light_in_the_dark_and_on_a_phone(tmp_path):
    with Boards() as board, Server(tmp_path / "server", **job_board(board, tmp_path)) as s:
        admin = s.login("admin")
        with open(os.path.join(CORPUS, "two-columns.pdf"), "rb") as f:
            assert admin.post(f"{API}/resumes/upload", files={"file": ("two-columns.pdf", f)}).status_code in (200, 201)
        assert admin.get(f"{API}/jobs/scrape", params={"keyword": "python"}).status_code == 200
        questions = [{"text": "What was your hardest bug?", "time_limit_seconds": 120}, {"text": "Why here?" + "?" * 200}]
        interview = admin.post(f"{API}/interviews/", json={"title": "Backend engineer", "description": "Two short questions. " + "x" * 300, "questions": questions}).json()
        told = admin.post(f"{API}/interviews/{interview['id']}/invitations", json={"name": "Ada Lovelace", "email": "ada@example.com"}).json()
        assert Client(s.base, told["token"]).post(f"{API}/submit-interview-answer/", data={"question_id": interview["questions"][0]["id"]},
                                                  files={"file": ("a.mp4", video())}).status_code == 201
        run_flow(s, "every", CORPUS, "admin", PASSWORD, f"{s.base}/#/invited/{told['token']}")


def test_an_applicants_day(tmp_path):
    letter = {"cover_letter": "Dear Hiring Manager,\n\nat Initech I led 17 people.\n\nKind regards"}
    with Boards() as board, MailServer() as post, Model(letter) as model:
        with Server(tmp_path / "server", **job_board(board, tmp_path), **post.settings(), **model.settings()) as s:
            s.make_user("ada")
            run_flow(s, "applicant", CORPUS, "ada", PASSWORD)
        [mail] = post.to("hr@acme.example")
        assert "here I am" in mail.get_body().get_content()
        assert [a.get_filename() for a in mail.iter_attachments()] == ["two-columns.pdf"]


def test_an_operators_day(tmp_path):
    with Server(tmp_path) as s:
        s.make_user("ada")
        run_flow(s, "operator", CORPUS, "admin", PASSWORD)


def test_people_who_do_not_wait(tmp_path):
    with Server(tmp_path) as s:
        s.make_user("worker", "recruiter")
        for number in range(1, 51):
            s.make_team(f"Team {number:02}")
        run_flow(s, "impatient", CORPUS, "admin", PASSWORD)


def test_every_language(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "languages", CORPUS, "admin", PASSWORD)


def test_leaving_the_table_of_candidates(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "leaving", CORPUS, "admin", PASSWORD)


def test_blind_mode_and_word_documents(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "blind", CORPUS, "admin", PASSWORD)


def test_backups_and_cleanups(tmp_path):
    with Server(tmp_path, DELETE_ALL_RESUMES_TOKEN="of this test") as s:
        run_flow(s, "upkeep", CORPUS, "admin", PASSWORD, "of this test")
        assert [f for f in os.listdir(os.path.join(s.data, "backups")) if f.endswith(".tar.zst")]
        assert s.sql("SELECT count(*) FROM candidates") == [(0,)] and s.stored_files() == set()


def test_no_cleanups_in_production(tmp_path):
    with Server(tmp_path, DEBUG="False") as s:
        run_flow(s, "upkeep", CORPUS, "admin", PASSWORD, "of no use", "production")


def test_an_interview_by_video(tmp_path):
    """The server is killed while a file is on its way, and comes back at the same address."""
    film, seen = tmp_path / "film.mp4", tmp_path / "seen"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=duration=6:size=320x240:rate=15", "-f", "lavfi", "-i",
                    "sine=duration=6", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(film)], check=True)
    with open(film, "ab") as f:  # an empty box of the format, so that it takes a while
        f.write((12_000_000).to_bytes(4, "big") + b"free" + bytes(12_000_000 - 8))
    port = free_port()
    with Server(tmp_path / "server", PORT=port) as s:
        partial = os.path.join(s.data, "media", "partial")
        come = lambda: sum(e.stat().st_size for e in os.scandir(partial)) if os.path.isdir(partial) else 0  # noqa: E731
        with SlowLine(port, 3_000_000) as line, running_flow(line, "interviews", str(film), "admin", PASSWORD, str(seen)) as flow:
            wait_until(lambda: flow.poll() is not None or come() > 2_000_000, what="a part of the file", seconds=120)
            s.stop(signal.SIGKILL)
            wait_until(lambda: flow.poll() is not None or seen.exists(), what="the page to tell that the server is away")
            s.start()
        assert s.sql("SELECT count(*) FROM videos") == [(0,)]
        wait_until(lambda: not any(f.startswith("media/") for f in s.stored_files()), what="no files that nobody knows")
