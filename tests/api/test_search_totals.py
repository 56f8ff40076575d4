"""How many a search says it found, and which it shows, where there are many candidates. Their numbers have gaps, as where many were
deleted, and spread over a range that PostgreSQL's index is asked for piece by piece."""
import pytest

from vitae import API

C = f"{API}/candidates"
S = f"{C}/search"
ROWS, STEP, CAP = 30000, 10, 10000
LAST = ROWS * STEP
# Word -> which of the rows k = 1 to ROWS have it (read by SQL and by Python) and how many these are.
WORDS = {
    "everywhere": ("k > 0", 30000),
    "fallen": ("k > 0", 30000),
    "half": ("k % 2 = 0", 15000),
    "over": ("k % 3 = 0 OR k = 1", 10001),
    "exactly": ("k % 3 = 0", 10000),
    "under": ("k % 3 = 0 AND k <> 3", 9999),
    "lately": ("k > 21000", 9000),
    "latelymany": ("k > 19000", 11000),
    "once": ("k <= 21000", 21000),
    "heaps": ("k % 3000 < 900", 9000),
    "sparse": ("k % 25 = 0", 1200),
    "few": ("k % 100 = 0", 300),
}
HAS = {w: eval(f"lambda k: {c.replace(' = ', ' == ').replace('<>', '!=').replace('OR', 'or').replace('AND', 'and')}") for w, (c, _) in WORDS.items()}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    import vitae
    with vitae.Server(tmp_path_factory.mktemp("house")) as s:
        numbers = f"WITH RECURSIVE numbers (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM numbers WHERE k < {ROWS})"
        rows = f"FROM (SELECT k, k * {STEP} AS id FROM numbers) AS n"
        words = " || ".join(f"CASE WHEN {c} THEN '{w} ' ELSE '' END" for w, (c, _) in WORDS.items())
        s.make_user("searcher", "recruiter", team_id=1)
        s.make_user("stranger", "recruiter", team_id=s.make_team("Elsewhere"))
        s.sql(f"INSERT INTO candidates (id, team_id, uploaded_by, filename, file_path, file_size, content_hash, status, created_at, updated_at) "
              f"{numbers} SELECT id, 1, 1, 'a.pdf', 'uploads/' || id, 10, 'hash' || id, CASE WHEN k % 5 = 0 THEN 'failed' ELSE 'completed' END, 1, 1 {rows}")
        if s.engine == "sqlite":
            s.sql(f"INSERT INTO candidate_words (rowid, scope, text) {numbers} SELECT id, 'all t1', {words} {rows}")
        else:
            blocks = " || ".join(f"' ''{scope}/{n}/' || (id >> {n}) || ''''" for scope in ("/all", "/1") for n in (10, 12, 14, 16, 18))
            s.sql(f"INSERT INTO candidate_words (candidate_id, team_id, fields, document) {numbers} SELECT id, 1, CAST('' AS TSVECTOR), "
                  f"CAST('''/all'' ''/1'' ' || {blocks} || ' ' || {words} AS TSVECTOR) {rows}")
        s.sql("INSERT INTO skills (id, name, name_folded) VALUES (1, 'Sailing', 'sailing'), (2, 'Zymurgy', 'zymurgy')")
        s.sql("INSERT INTO skill_names (folded, skill_id) VALUES ('sailing', 1), ('zymurgy', 2)")
        s.sql(f"INSERT INTO candidate_skills (skill_id, candidate_id, team_id) {numbers} SELECT 1, id, 1 {rows} WHERE k % 2 = 0")
        s.sql(f"INSERT INTO candidate_skills (skill_id, candidate_id, team_id) {numbers} SELECT 2, id, 1 {rows} WHERE k % 1000 = 0")
        yield s


def total(client, q, **query):
    """The total, None: more than are counted."""
    r = client.get(S, params={"q": q, "limit": 1, **query})
    assert r.status_code == 200, r.text
    n = int(r.headers["X-Total-Count"])
    if "X-Total-Count-Capped" not in r.headers:
        return n
    assert n == CAP and "next" in r.links
    return None


def told(n):
    return n if n <= CAP else None


def ids(client, q, skip=0, limit=20, **query):
    return [k["id"] for k in client.get(S, params={"q": q, "skip": skip, "limit": limit, **query}).json()]


def newest(has):
    return [k * STEP for k in range(ROWS, 0, -1) if has(k)]


@pytest.mark.parametrize("word", WORDS)
def test_how_many_are_found(house, word):
    """Exact up to 10,000; told to be more if there are more, never if there are not, wherever in the row of candidates they are."""
    n = WORDS[word][1]
    assert sum(map(HAS[word], range(1, ROWS + 1))) == n
    for who in ("admin", "searcher"):
        for _ in range(2):  # counted, and remembered
            assert total(house.login(who), word) == told(n), who
    assert total(house.login("stranger"), word) == 0


@pytest.mark.parametrize("word", WORDS)
def test_the_newest_come_first_page_by_page(house, word):
    """Where no word stands in a better place than another."""
    wanted = newest(HAS[word])
    for who in ("admin", "searcher"):
        client = house.login(who)
        for skip in (0, 20, 490, 520, WORDS[word][1] - 5):
            assert ids(client, word, skip) == wanted[skip:skip + 20], (who, skip)
        assert ids(client, word, 2**63 - 1) == [], who


@pytest.mark.parametrize("q,has", [
    ("everywhere few", lambda k: k % 100 == 0), ("everywhere -few", lambda k: k % 100 != 0), ("-lately", lambda k: k <= 21000),
    ("-once", lambda k: k > 21000), ("few lately", lambda k: k % 100 == 0 and k > 21000), ("every*", lambda k: True),
    ("lately once", lambda k: False), ("half sparse -lately", lambda k: k % 50 == 0 and k <= 21000)])
def test_several_words(house, q, has):
    wanted = newest(has)
    for who in ("admin", "searcher"):
        assert total(house.login(who), q) == told(len(wanted)), who
        assert ids(house.login(who), q) == wanted[:20], who


@pytest.mark.parametrize("word", ["everywhere", "exactly", "heaps", "lately", "once", "sparse", "few"])
@pytest.mark.parametrize("filters,passes", [
    ({"skills": "sailing"}, lambda k: k % 2 == 0), ({"skills": "zymurgy"}, lambda k: k % 1000 == 0),
    ({"skills": "sailing,zymurgy", "skills_match": "any"}, lambda k: k % 2 == 0), ({"skills": "sailing,zymurgy"}, lambda k: k % 1000 == 0),
    ({"skills": "unheard"}, lambda k: False), ({"status_filter": "failed"}, lambda k: k % 5 == 0), ({"status_filter": "completed"}, lambda k: k % 5 != 0),
    ({"status_filter": "completed", "skills": "zymurgy"}, lambda k: False)])
def test_filters_are_counted(house, word, filters, passes):
    wanted = newest(lambda k: HAS[word](k) and passes(k))
    client = house.login("searcher")
    assert total(client, word, **filters) == told(len(wanted))
    assert ids(client, word, **filters) == wanted[:20]


def test_after_deletions(house):
    """What was counted is counted anew; and what most candidates had before they were deleted is not many because it was."""
    boss = house.login("admin")
    gone = newest(HAS["few"])[:3]
    for i in gone:
        assert boss.delete(f"{C}/{i}").status_code == 204
    assert total(boss, "few") == 297 and ids(boss, "few")[0] == newest(HAS["few"])[3]
    number = "rowid" if house.engine == "sqlite" else "candidate_id"
    house.sql(f"DELETE FROM candidate_words WHERE {number} > ? AND {number} <= ?", 0, 21000 * STEP)
    house.sql("DELETE FROM candidates WHERE id <= ?", 21000 * STEP)
    assert total(boss, "fallen -sparse") == 9000 - 360
    house.sql(f"DELETE FROM candidate_words WHERE {number} > ? AND {number} <> ?", 0, LAST - STEP)
    assert total(boss, "fallen -few") == 1 and ids(boss, "fallen") == [LAST - STEP]
