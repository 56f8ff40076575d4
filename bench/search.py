#!/usr/bin/env python3
"""search.py [--engine sqlite|postgresql] [--sizes 10000,100000,1000000] [--clients 8] [--seconds 5] [--json FILE]: how long searches take at
a server with so many generated candidates, beside the plain LIKE query that a first version would write. Needs a release build in
build-release/ (VITAE_BUILD) and what the tests need; PostgreSQL is started for the run with 1 GB of shared buffers. Prints one line for each search:
median, p99 and the number of requests answered in a second; and the size of the database, and how many candidates a second were put into its
tables and indexes in bulk. FILE gets the same, as a list with an object for each engine and size, whole after each of them."""
import argparse
import io
import json
import os
import random
import selectors
import socket
import sqlite3
import sys
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
os.environ.setdefault("VITAE_BUILD", os.path.join(ROOT, "build-release"))
import postgres  # noqa: E402
import vitae  # noqa: E402

PARAGRAPHS, WORDS, BATCH, TEAM, RARE, FAILED = 30000, 25, 10000, 1, 50000, 2000
FIRST = [a + b for a in ("An", "Bo", "Ca", "De", "El", "Fa", "Gu", "Hi", "Jo", "Ka") for b in ("ra", "ris", "lin", "to", "mea", "van")]
LAST = [a + b for a in ("Ald", "Bren", "Corv", "Dal", "Esk", "Fen", "Gal", "Har", "Jen", "Kol") for b in ("son", "er", "ato", "ides", "ez", "ov")]
SKILLS = ["Python", "Java", "SQL", "Docker", "Excel", "Linux", "Go", "C++", "Kubernetes", "Welding"] + [f"Skill{i}" for i in range(10, 400)]
SKILL_WEIGHTS = [1 / (i + 1) ** 1.1 for i in range(len(SKILLS))]
VOCABULARY = [f"word{i}" for i in range(20000)]
LEVELS = (10, 12, 14, 16, 18)


class Generator:
    """Candidates by number, the same at each run. Text: three of PARAGRAPHS paragraphs whose words follow Zipf's law."""

    def __init__(self):
        self.random = random.Random(1)
        weights = [1 / (i + 1) for i in range(len(VOCABULARY))]
        self.paragraphs = [self.random.choices(VOCABULARY, weights, k=WORDS) for _ in range(PARAGRAPHS)]
        self.vectors = [[" ".join(f"'{w}':{20 + slot * WORDS + i}D" for i, w in enumerate(p)) for p in self.paragraphs] for slot in range(3)]

    def rows(self, start, end):
        r = self.random
        for i in range(start, end):
            skills = sorted(set(r.choices(range(len(SKILLS)), SKILL_WEIGHTS, k=8)))
            if i % RARE == 0:
                skills.append(len(SKILLS))  # Zymurgy
            first, last = r.choice(FIRST), r.choice(LAST)
            yield (i, f"{first} {last}", f"{first}.{last}{i}@example.org".lower(), f"+44 20 {i:08}", skills,
                   [r.randrange(PARAGRAPHS) for _ in range(3)])


def names(skills):
    return [SKILLS[k] if k < len(SKILLS) else "Zymurgy" for k in skills]


def texts(generator, row):
    return "\n".join(" ".join(generator.paragraphs[p]) for p in row[5])


def candidate(row):
    i, name, email, phone, skills, _ = row
    return (i, TEAM, 1, f"{i}.pdf", f"uploads/{i}.pdf", 1000, f"hash{i}", "failed" if i % FAILED == 7 else "completed", name, email, email, phone, json.dumps(names(skills)),
            "Backend Engineer", 1, 1, 1)


COLUMNS = ("id, team_id, uploaded_by, filename, file_path, file_size, content_hash, status, name, email, email_folded, phone, skills, "
           "domain_knowledge, created_at, updated_at, processed_at")


def fill_sqlite(s, generator, start, end):
    db = sqlite3.connect(os.path.join(s.data, "vitae.db"))
    db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;")
    for low in range(start, end, BATCH):
        rows = list(generator.rows(low, min(low + BATCH, end)))
        db.executemany(f"INSERT INTO candidates ({COLUMNS}) VALUES ({', '.join('?' * 17)})", map(candidate, rows))
        db.executemany("INSERT INTO candidate_words (rowid, scope, name, email, phone, skills, domain_knowledge, text) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                       [(r[0], f"all t{TEAM}", r[1], r[2], r[3].replace("+", " "), ", ".join(names(r[4])), "Backend Engineer",
                         texts(generator, r)) for r in rows])
        db.executemany("INSERT INTO candidate_skills (skill_id, candidate_id, team_id) VALUES (?, ?, ?)",
                       [(k + 1, r[0], TEAM) for r in rows for k in r[4]])
        db.commit()
    db.execute("ANALYZE")
    db.commit()
    db.close()


def lexemes(words, weight, position):
    return " ".join(f"'{w}':{position + i}{weight}" for i, w in enumerate(words))


def scopes(i):
    return " ".join(f"'{scope}' " + " ".join(f"'{scope}/{n}/{i >> n}'" for n in LEVELS) for scope in ("/all", f"/{TEAM}"))


def copy(cursor, table, columns, rows):
    text = io.StringIO("".join("\t".join(str(v).replace("\\", "\\\\").replace("\n", "\\n") for v in row) + "\n" for row in rows))
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)


def fill_postgresql(s, generator, start, end):
    import psycopg2
    db = psycopg2.connect(s.settings["DATABASE_URL"])
    cursor = db.cursor()
    cursor.execute("DROP INDEX candidate_words_document")
    for low in range(start, end, BATCH):
        rows = list(generator.rows(low, min(low + BATCH, end)))
        copy(cursor, "candidates", COLUMNS, map(candidate, rows))
        fields = {r[0]: " ".join((lexemes(r[1].lower().split(), "A", 1), lexemes(r[2].replace("@", ".").split("."), "B", 5),
                                  lexemes([n.lower() for n in names(r[4])], "B", 10))) for r in rows}
        copy(cursor, "candidate_texts", "candidate_id, name, email, phone, skills, domain_knowledge, text",
             [(r[0], r[1], r[2], r[3], ", ".join(names(r[4])), "Backend Engineer", texts(generator, r)) for r in rows])
        copy(cursor, "candidate_words", "candidate_id, team_id, fields, document",
             [(r[0], TEAM, fields[r[0]], " ".join([scopes(r[0]), fields[r[0]]] + [generator.vectors[k][p] for k, p in enumerate(r[5])])) for r in rows])
        copy(cursor, "candidate_skills", "skill_id, candidate_id, team_id", [(k + 1, r[0], TEAM) for r in rows for k in r[4]])
        db.commit()
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute("CREATE INDEX candidate_words_document ON candidate_words USING GIN (document) WITH (fastupdate = off)")
    db.commit()
    db.autocommit = True
    cursor.execute("VACUUM ANALYZE")
    db.close()


def searches(size):
    """Name of the search -> paths; those with several are asked in turn."""
    q = lambda **p: urllib.parse.urlencode(p)  # noqa: E731
    c = f"{vitae.API}/candidates"
    word = lambda *n: [f"{c}/search?" + q(q=f"word{i}", limit=20) for i in n]  # noqa: E731
    return {
        "by-skill, rare": [f"{c}/search/by-skill?" + q(skill="Zymurgy")],
        "by-skill, common": [f"{c}/search/by-skill?" + q(skill="Python")],
        "skills=a,b": [f"{c}/?" + q(skills="Python,Docker"), f"{c}/?" + q(skills="Skill300,Python"), f"{c}/?" + q(skills="Skill300,Skill301")],
        "by-email": [f"{c}/search/by-email?" + q(email=e) for e in EMAILS[size]],
        "full text, rare word": word(*range(15000, 15050)),
        "full text, middling word": word(*range(100, 150)),
        "full text, common word": word(*range(0, 10)),
        "full text, two words": [f"{c}/search?" + q(q=f"word{i} python", limit=20) for i in range(20, 60)],
        "list": [f"{c}/?" + q(limit=20), f"{c}/?" + q(limit=20, skip=5000)],
        "list, failed": [f"{c}/?" + q(limit=20, status_filter="failed")],
        "administrator, failed": [f"{c}/?" + q(limit=20, status_filter="failed")],
        "administrator, middling word": word(*range(100, 150)),
    }


EMAILS = {}
PLAIN = {
    "LIKE, rare skill": "skills LIKE '%\"Zymurgy\"%'",
    "LIKE, common skill": "skills LIKE '%\"Python\"%'",
    "LIKE, e-mail": "lower(email) = 'nobody@example.org'",
}


class Client:
    """One connection with one request under way. Requests are bytes made beforehand and a reply is read no further than it needs: the
    clients share the processors with what they measure."""

    def __init__(self, base, requests, n):
        url = urllib.parse.urlparse(base)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=120)
        self.requests, self.n = requests, n

    def ask(self):
        self.reply, self.size, self.begun = b"", None, time.monotonic()
        self.socket.sendall(self.requests[self.n % len(self.requests)])
        self.n += 1

    def hear(self):
        """Takes what has come; True at the reply's end."""
        data = self.socket.recv(1 << 20)
        assert data, "the server hung up"
        self.reply += data
        if self.size is None and (end := self.reply.find(b"\r\n\r\n")) >= 0:
            head = self.reply[:end].lower()
            assert head.split()[1] in (b"200", b"404"), head
            self.size = end + 4 + int(head.split(b"content-length:")[1].split()[0])
        return self.size is not None and len(self.reply) >= self.size


def measure(base, token, paths, clients, seconds):
    """Median and 99th percentile in milliseconds, replies in a second: clients that ask again as soon as they have their reply."""
    requests = [f"GET {p} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode() for p in paths]
    times, end = [], time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for i in range(clients):
            c = Client(base, requests, 7 * i)
            selector.register(c.socket, selectors.EVENT_READ, c)
            c.ask()
        while selector.get_map():
            for key, _ in selector.select(timeout=120):
                c = key.data
                if not c.hear():
                    continue
                now = time.monotonic()
                times.append(now - c.begun)
                if now < end:
                    c.ask()
                else:
                    selector.unregister(c.socket)
                    c.socket.close()
    times.sort()
    return times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, len(times) / seconds


def plain(s, condition):
    if s.engine == "postgresql":
        condition = condition.replace("skills LIKE", "CAST(skills AS TEXT) LIKE")
    times = []
    for _ in range(3):
        begun = time.monotonic()
        s.sql(f"SELECT * FROM candidates WHERE status = 'completed' AND {condition} ORDER BY id DESC LIMIT 100")
        s.sql(f"SELECT count(*) FROM candidates WHERE status = 'completed' AND {condition}")
        times.append(time.monotonic() - begun)
    return sorted(times)[1] * 1000


def database_bytes(s):
    if s.engine == "postgresql":
        return s.sql("SELECT pg_database_size(current_database())")[0][0]
    return sum(os.path.getsize(os.path.join(s.data, name)) for name in os.listdir(s.data) if name.startswith("vitae.db"))


def fill(s, generator, start, end):
    """Puts candidates into a server that is down; what is known of this size before it is asked."""
    begun = time.monotonic()
    (fill_postgresql if s.engine == "postgresql" else fill_sqlite)(s, generator, start, end)
    took, size = time.monotonic() - begun, end - 1
    found = {"engine": s.engine, "candidates": size, "filled_per_second": round((end - start) / took), "bytes": database_bytes(s),
             "searches": {}, "like_ms": {}}
    print(f"{s.engine}, {size} candidates: filled in {took:.0f} s ({found['filled_per_second']} a second), "
          f"{found['bytes'] / 1e6:.0f} MB", flush=True)
    EMAILS[size] = [e for e, in s.sql("SELECT email FROM candidates WHERE id % ? = 0 LIMIT 50", max(1, size // 50))]
    return found


def ask(s, found, clients, seconds):
    """Measures every search, into what was found."""
    for name, paths in searches(found["candidates"]).items():
        token = s.token("admin" if name.startswith("administrator") else "searcher")
        measure(s.base, token, paths, 2, min(seconds, 1))
        median, p99, rate = found["searches"][name] = measure(s.base, token, paths, clients, seconds)
        print(f"  {name:28} median {median:8.2f} ms   p99 {p99:8.2f} ms   {rate:8.0f} /s", flush=True)
    for name, condition in PLAIN.items():
        found["like_ms"][name] = plain(s, condition)
        print(f"  {name:28} one at a time {found['like_ms'][name]:8.1f} ms", flush=True)


def make_skills(s):
    for n, name in enumerate(SKILLS + ["Zymurgy"], 1):
        s.sql("INSERT INTO skills (id, name, name_folded) VALUES (?, ?, ?)", n, name, name.lower())
        s.sql("INSERT INTO skill_names (folded, skill_id) VALUES (?, ?)", name.lower(), n)


def bench(engine, sizes, clients, seconds, directory):
    """Gives what was found at each size."""
    cluster = postgres.Cluster(shared_buffers="1GB", work_mem="32MB").start() if engine == "postgresql" else None
    s = vitae.Server(os.path.join(directory, engine), DATABASE_URL=cluster.new_database() if cluster else None, DEBUG="False", PARSERS="1")
    generator, have = Generator(), 1
    try:
        s.start()
        s.make_user("searcher", "recruiter", team_id=TEAM)
        make_skills(s)
        for size in sizes:
            s.stop()
            found = fill(s, generator, have, size + 1)
            have = size + 1
            s.start()
            ask(s, found, clients, seconds)
            yield found
    finally:
        s.stop()
        if cluster:
            cluster.remove()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    p.add_argument("--sizes", default="10000,100000,1000000")
    p.add_argument("--clients", type=int, default=8)
    p.add_argument("--seconds", type=float, default=5)
    p.add_argument("--json")
    a = p.parse_args()
    every = []
    with tempfile.TemporaryDirectory(prefix="vitae-bench-") as directory:
        for engine in a.engine or ("sqlite", "postgresql"):
            for found in bench(engine, [int(n) for n in a.sizes.split(",")], a.clients, a.seconds, directory):
                every.append(found)
                if a.json:
                    with open(a.json, "w") as f:
                        json.dump(every, f)


if __name__ == "__main__":
    main()
