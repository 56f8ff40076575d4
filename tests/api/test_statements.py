"""Every SQL text of the program is prepared on both engines, also those that no story reaches. Texts put together at run time are not
seen here; the stories, which run on both engines, do that."""
import glob
import os
import re
import sqlite3

import psycopg2
import pytest

import postgres
from vitae import ROOT, Server

LITERALS = re.compile(r'(\w\s*)?((?:"(?:[^"\\\n]|\\.)*"\s*)+)(\w)?')
COMMENTS = re.compile(r"/\*.*?\*/", re.S)
ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\", "\\'": "'"}


def statements():
    """{text: the files where it stands}: whole statements written as one literal, without a place for printf."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "src/**/*.c"), recursive=True)):
        name = os.path.relpath(path, ROOT)
        if name.endswith("_test.c"):
            continue
        with open(path) as f:
            source = COMMENTS.sub(" ", f.read())
        for before, literals, after in LITERALS.findall(source):
            if before or after:  # a macro stands beside it
                continue
            text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
            text = re.sub(r'\\[nt"\\\']', lambda m: ESCAPES[m.group()], text)
            if re.match(r"(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) \S", text) and not re.search(r"%[sdlu]|%\.|\w_words\b|candidate_texts", text):
                found.setdefault(text, set()).add(name)
    return found


# What is of one engine alone, by the reasons that ARCHITECTURE.md names. Full text (the tables named …_words and …_texts) is left to its stories.
ONLY = {"sqlite": re.compile(r"\bMATCH\b|\bfts5\(|\bjson_each\b|\bPRAGMA\b|\bpragma_|sqlite_"),
        "postgresql": re.compile(r"tsquery|tsvector|information_schema|\bsetval\(|SKIP LOCKED|\bpg_|\bxid8\b|\bFETCH\b")}


@pytest.fixture(scope="module")
def sqlite_db(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("sqlite"), DATABASE_URL=None)
    assert s.run("migrate").returncode == 0
    db = sqlite3.connect(os.path.join(s.data, "vitae.db"))
    yield db
    db.close()


@pytest.fixture(scope="module")
def postgres_db(tmp_path_factory):
    url = postgres.shared().new_database()
    assert Server(tmp_path_factory.mktemp("postgres"), DATABASE_URL=url).run("migrate").returncode == 0
    db = psycopg2.connect(url)
    db.autocommit = True
    yield db
    db.close()
    postgres.drop(url)


def test_there_are_statements():
    assert len(statements()) > 100


def test_sqlite(sqlite_db):
    wrong = []
    for text, files in statements().items():
        if ONLY["postgresql"].search(text):
            continue
        try:
            sqlite_db.execute("EXPLAIN " + text, {str(i): None for i in range(1, 100)})
        except sqlite3.Error as e:
            wrong.append(f"{', '.join(files)}: {e}: {text}")
    assert not wrong, "\n".join(wrong)


def test_postgresql(postgres_db):
    wrong = []
    for text, files in statements().items():
        if ONLY["sqlite"].search(text):
            continue
        try:
            with postgres_db.cursor() as cursor:
                cursor.execute("PREPARE one AS " + text)
                cursor.execute("DEALLOCATE one")
        except psycopg2.Error as e:
            wrong.append(f"{', '.join(files)}: {e.pgerror.splitlines()[0]}: {text}")
    assert not wrong, "\n".join(wrong)
