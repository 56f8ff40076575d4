"""vitae migrate, and the same at a server's start."""
from concurrent.futures import ThreadPoolExecutor

import pytest

import documents
import vitae

ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0155", "skills": ["Docker"]}


def test_migrate_makes_and_checks_a_database(tmp_path):
    s = vitae.Server(tmp_path / "new")
    if s.engine == "sqlite":
        assert b"there is no vitae in DATA_DIR" in s.run("migrate", "--check").stderr
    else:
        assert s.run("migrate", "--check").returncode == 1
    r = s.run("migrate")
    assert r.returncode == 0 and r.stdout.endswith(b"migrations applied; the database is up to date\n")
    assert s.run("migrate").stdout == b"0 migrations applied; the database is up to date\n"
    assert s.run("migrate", "--check").returncode == 0
    with s:
        assert s.login("admin").get(f"{vitae.API}/users/me").status_code == 200


def test_several_that_start_together_migrate_once(tmp_path):
    first = vitae.Server(tmp_path / "0")
    servers = [first]
    if first.engine == "postgresql":
        servers += [vitae.Server(tmp_path / str(i), DATABASE_URL=first.settings["DATABASE_URL"]) for i in range(1, 3)]
    else:
        servers += [vitae.Server(tmp_path / str(i), DATA_DIR=first.data) for i in range(1, 3)]
    with ThreadPoolExecutor(len(servers)) as pool:
        done = list(pool.map(lambda s: s.run("migrate"), servers))
    assert [r.returncode for r in done] == [0] * len(servers), [r.stderr for r in done]
    numbers = [n for n, in first.sql("SELECT number FROM schema_migrations ORDER BY number")]
    assert sum(int(r.stdout.split()[0]) for r in done) == len(numbers)


@pytest.mark.parametrize("number", [9999])
def test_an_older_program_is_refused(tmp_path, number):
    s = vitae.Server(tmp_path / "s")
    assert s.run("migrate").returncode == 0
    s.sql("INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, 'later', 'x', 1)", number)
    for arguments in (["migrate"], ["migrate", "--check"], ["serve"]):
        r = s.run(*arguments)
        assert r.returncode == 1 and b"newer than this program" in r.stderr, (arguments, r)


def test_what_was_found_before_is_found_after(tmp_path):
    """From a database whose index of words, and counting, were made before migrations 110 to 112."""
    s = vitae.Server(tmp_path / "s")
    with s:
        boss = s.login("admin")
        k = vitae.upload(boss, documents.unique_pdf(ADA), "ada.pdf").json()["id"]
        assert vitae.read_candidate(boss, k)["status"] == "completed"
    undo = ["DROP INDEX candidates_by_status", "DROP INDEX candidates_incomplete", "DROP TABLE candidate_changes"]
    if s.engine == "postgresql":
        undo += ["ALTER TABLE candidate_texts ADD COLUMN fields TSVECTOR",
                 "UPDATE candidate_texts SET fields = w.fields FROM candidate_words AS w WHERE w.candidate_id = candidate_texts.candidate_id",
                 "ALTER TABLE candidate_words DROP COLUMN fields", "ALTER TABLE candidate_words DROP COLUMN team_id"]
    for statement in undo + ["DELETE FROM schema_migrations WHERE number BETWEEN 110 AND 112"]:
        s.sql(statement)
    with s:
        for who in ("admin", "viewer"):
            client = s.as_role(who)
            for q in ("lovelace", "docker", "lovelace docker"):
                assert [x["id"] for x in client.get(f"{vitae.API}/candidates/search", params={"q": q}).json()] == [k], (who, q)
            assert [x["id"] for x in client.get(f"{vitae.API}/candidates/search/by-skill", params={"skill": "dock"}).json()] == [k]
        assert s.login("admin").delete(f"{vitae.API}/candidates/{k}").status_code == 204
        assert s.login("admin").get(f"{vitae.API}/candidates/search", params={"q": "lovelace"}).json() == []
