"""A day of a company, in CPU seconds and memory, computed from what bench/run measured; see ASSUMPTIONS."""
import time

RECRUITERS, HOURS, PEAK = 1000, 8, 5
PASSWORD_COST = 12
# What one recruiter does in a day, by what bench/peers.py measures.
ASSUMPTIONS = {"login": 2, "own account": 20, "list of 100": 60, "candidate by id": 150, "by skill": 30, "upload of 200 KB": 25, "create user": 0.01}
HASHES = ("login", "create user")
SERVERS = ("vitae", "FastAPI", "Fastify", "Go")
OTHER_PARSER = "OpenResume"


def hash_seconds():
    """CPU of one password's hash as in production. The peers were measured with the cheapest one, and all use the same."""
    import bcrypt
    begun = time.process_time()
    bcrypt.hashpw(b"correct horse 7", bcrypt.gensalt(PASSWORD_COST))
    return time.process_time() - begun


def day(figures, parser, password):
    """CPU seconds of a day by what is done, and memory in MB; parser: figures of the program that reads documents, if that is another."""
    seconds = {what: RECRUITERS * n * (figures[what][3] / 1000 + (password if what in HASHES else 0)) for what, n in ASSUMPTIONS.items()}
    if parser:
        seconds["reading documents"] = RECRUITERS * ASSUMPTIONS["upload of 200 KB"] * parser["cpu_ms"] / 1000
    total = sum(seconds.values())
    return {"cpu_seconds": {what: round(s, 1) for what, s in seconds.items()}, "cpu_seconds_total": round(total, 1),
            "cores_in_the_busiest_hour": round(total / (HOURS * 3600) * PEAK, 3),
            "memory_mb": round(figures["memory_after_uploads_mb"] + (parser["memory_mb"] if parser else 0), 1)}


def measure(http, parsers):
    """From the figures of the sections http and parsers."""
    password, other = hash_seconds(), parsers["parsers"].get(OTHER_PARSER)
    servers = [s for s in SERVERS if s in http]
    return {"recruiters": RECRUITERS, "each_a_day": ASSUMPTIONS, "working_hours": HOURS, "busiest_hour": PEAK,
            "password_hash_seconds": round(password, 3),
            "servers": {s: day(http[s], None if s == "vitae" else other, password) for s in servers}}


def page(found):
    """The page as Markdown."""
    servers, kinds = found["servers"], [*found["each_a_day"], "reading documents"]
    lines = [f"# A day of {found['recruiters']:,} recruiters", "",
             f"Computed from CPU time and memory as measured; the busiest hour has {found['busiest_hour']} times the load of an average one of "
             f"{found['working_hours']}. A password's hash (bcrypt, cost {PASSWORD_COST}) is {found['password_hash_seconds']} s of CPU for "
             f"everyone. vitae's uploads include the reading of the document; beside the others stands {OTHER_PARSER}, one process.", "",
             "| each recruiter, each day | times |", "| --- | --- |", *(f"| {what} | {n:g} |" for what, n in found["each_a_day"].items()), "",
             "| CPU seconds a day | " + " | ".join(servers) + " |", "| --- |" + " --- |" * len(servers)]
    for kind in kinds:
        lines.append(f"| {kind} | " + " | ".join(f"{s['cpu_seconds'][kind]:,.0f}" if kind in s["cpu_seconds"] else "" for s in servers.values()) + " |")
    lines += [f"| **{title}** | " + " | ".join(form.format(s[key]) for s in servers.values()) + " |" for title, key, form in (
        ("all", "cpu_seconds_total", "{:,.0f}"), ("cores in the busiest hour", "cores_in_the_busiest_hour", "{:.2f}"),
        ("memory, MB", "memory_mb", "{:,.0f}"))]
    return "\n".join(lines) + "\n"
