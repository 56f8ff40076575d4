"""The console while something goes wrong: a session ends, the connection or the server goes, two people want the same; and without a
mouse."""
import os
import signal

import documents
from console import CORPUS, free_port, run_flow, running_flow
from vitae import PASSWORD, Server, upload, wait_until


def test_a_session_that_ends_in_the_middle_of_work(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "expired", CORPUS, "admin", PASSWORD)


def test_a_connection_that_is_lost_and_comes_back(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "lost", CORPUS, "admin", PASSWORD)


def test_two_people_correct_one_candidate(tmp_path):
    with Server(tmp_path) as s:
        run_flow(s, "together", CORPUS, "admin", PASSWORD)


def test_a_server_restarted_amid_fifty_uploads(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    for i in range(50):
        person = {**documents.PERSON, "name": f"Marguerite Number{i:02}", "email": f"number{i}@example.org"}
        (files / f"number{i:02}.pdf").write_bytes(documents.unique_pdf(person))
    with Server(tmp_path / "server", PORT=free_port()) as s:
        count = lambda: s.sql("SELECT count(*) FROM candidates")[0][0]  # noqa: E731
        with running_flow(s, "restart", str(files), "admin", PASSWORD) as flow:
            for there, sig in ((8, signal.SIGKILL), (22, signal.SIGTERM), (36, signal.SIGKILL)):
                wait_until(lambda: flow.poll() is not None or count() >= there, what=f"{there} uploads")
                s.stop(sig)
                s.start()
        assert s.sql("SELECT count(*), count(DISTINCT content_hash), count(DISTINCT email), min(status), max(status) FROM candidates") == \
            [(50, 50, 50, "completed", "completed")]
        assert len([f for f in s.stored_files() if f.startswith("uploads")]) == 50


def test_by_keyboard_alone(tmp_path):
    with Server(tmp_path) as s:
        for name in ("two-columns.pdf", "plain.pdf"):
            upload(s.login("admin"), os.path.join(CORPUS, name))
        wait_until(lambda: s.sql("SELECT count(*) FROM candidates WHERE status = 'completed'") == [(2,)])
        run_flow(s, "keyboard", CORPUS, "admin", PASSWORD)
