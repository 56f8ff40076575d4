"""What the measurements share: a thousand candidates, and the memory of processes."""
import json
import os
import re
import sqlite3
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
os.environ.setdefault("VITAE_BUILD", os.path.join(ROOT, "build-release"))
import vitae  # noqa: E402

SECRET = "bench-secret-key-of-32-characters"
CANDIDATES = 1000
SKILLS = ["Python", "Django", "FastAPI", "PostgreSQL", "Docker", "Kubernetes", "AWS", "Terraform", "Linux", "Git", "Redis", "React", "TypeScript",
          "GraphQL", "CI/CD"]


def fill(path):
    """A thousand candidates with fifteen skills each, as rows of the server's database (SQLite). Each has times of its own, some with
    zeros behind the point, none of a whole second."""
    db, now = sqlite3.connect(path), int(time.time()) * 10**6 + 5003
    times = [now - 60_000_007 * i for i in range(CANDIDATES)]
    db.executemany(
        "INSERT INTO candidates (team_id, uploaded_by, filename, file_path, file_size, content_hash, status, name, email, "
        "email_folded, phone, skills, domain_knowledge, created_at, updated_at, processed_at) "
        "VALUES (1, 1, ?, ?, 245678, ?, 'completed', ?, ?, ?, '+1-555-123-4567', ?, ?, ?, ?, ?)",
        [(f"person{i}.pdf", f"uploads/{i:08x}_person{i}.pdf", f"{i:064x}", f"Person Number{i}",
          f"person{i}@example.com", f"person{i}@example.com", json.dumps(SKILLS),
          "Backend development with focus on RESTful APIs and microservices", at, at + 1_500_000, at + 1_400_000)
         for i, at in enumerate(times)])
    for name in SKILLS:
        db.execute("INSERT INTO skills (name, name_folded) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, name.lower()))
        skill = db.execute("SELECT id FROM skills WHERE name_folded = ?", (name.lower(),)).fetchone()[0]
        db.execute("INSERT INTO skill_names (folded, skill_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (name.lower(), skill))
        db.execute("INSERT INTO candidate_skills (skill_id, candidate_id, team_id) SELECT ?, id, team_id FROM candidates "
                   "WHERE true ON CONFLICT DO NOTHING", (skill,))
    db.commit()
    db.close()


def ended(server):
    """The token of an administrator's session that was ended."""
    opened = server.anonymous().post(f"{vitae.API}/auth/login", json={"username": "admin", "password": vitae.PASSWORD})
    assert opened.status_code == 200, opened.text
    token = opened.json()["access_token"]
    done = vitae.Client(server.base, token).post(f"{vitae.API}/auth/logout")
    assert done.status_code == 200, done.text
    return token


def family(pid):
    """A process, its children, and theirs."""
    return [pid] + [one for child in vitae.children(pid) for one in family(child)]


def rss(pids):
    """Resident memory of the processes in MB."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as f:
            total += int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
    return total / 1024
