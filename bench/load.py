"""load.py [SECONDS]: load over time, by Locust (bench/locustfile.py): recruiters read, search and upload, desks talk by WebSocket. Latency
by minute, memory of server and parsers by minute (it must be flat), errors (there must be none), and whether every upload was read.
Then the same server with a rate limit on, asked by more people than accounts: each window of each account must let pass exactly so many."""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
os.environ.setdefault("VITAE_BUILD", os.path.join(os.path.dirname(HERE), "build-release"))
import fixture  # noqa: E402
import uploads  # noqa: E402
import vitae  # noqa: E402

RECRUITERS, DESKS, ACCOUNTS, LIMITED = 30, 10, 10, 20
LIMIT, PERIOD = 100, 4  # requests of one account in so many seconds


def prepare(server):
    fixture.fill(os.path.join(server.data, "vitae.db"))
    for i in range(ACCOUNTS):
        server.make_user(f"recruiter{i}", "recruiter", team_id=1)


def locust(server, out, seconds, slot, users, *classes):
    """Starts Locust against the server."""
    return subprocess.Popen(["locust", "-f", os.path.join(HERE, "locustfile.py"), "--headless", "--only-summary", "-u", str(users), "-r", str(users),
                             "-t", f"{seconds}s", "--host", server.base, *classes], env={**os.environ, "BENCH_OUT": out, "BENCH_SLOT": str(slot)},
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def end(process, out):
    """Waits for Locust and reads what it wrote."""
    said = process.communicate()[1]
    if not os.path.exists(out):
        raise SystemExit("locust: " + said[-2000:])
    with open(out) as f:
        return json.load(f)


def watch(process, server, slot):
    """Memory of server and parsers in MB, the mean of each slot, until the process ends."""
    begun, samples = time.monotonic(), {}
    while process.poll() is None:
        parsers = vitae.children(server.process.pid)
        samples.setdefault(int((time.monotonic() - begun) / slot), []).append((fixture.rss([server.process.pid]), fixture.rss(parsers)))
        time.sleep(0.5)
    return {n: [round(sum(column) / len(rows), 1) for column in zip(*rows)] for n, rows in samples.items()}


def measure(seconds, slot):
    """Mixed load for so long; what was seen by slots of so many seconds."""
    with tempfile.TemporaryDirectory(prefix="vitae-bench-") as work, vitae.Server(work, DEBUG="False") as server:
        prepare(server)
        out, before = os.path.join(work, "load.json"), uploads.cpu(server.process.pid)
        process = locust(server, out, seconds, slot, RECRUITERS + DESKS, "Recruiter", "Desk")
        memory = watch(process, server, slot)
        seen = end(process, out)
        vitae.wait_until(lambda: server.sql(uploads.UNFINISHED)[0][0] == 0, 300, "the last document")
        used = uploads.cpu(server.process.pid) - before
        statuses = dict(server.sql("SELECT status, count(*) FROM candidates WHERE id > ? GROUP BY status", fixture.CANDIDATES))
    slots = [{"from_second": int(n) * slot, **found, "server_mb": memory[int(n)][0], "parsers_mb": memory[int(n)][1]}
             for n, found in seen["slots"].items() if (int(n) + 1) * slot <= seconds and int(n) in memory]
    return {"seconds": seconds, "recruiters": RECRUITERS, "sockets": 2 * DESKS, "requests": sum(k["requests"] for k in seen["kinds"].values()),
            "kinds": seen["kinds"], "faults": seen["faults"], "uploads": statuses, "events": seen["events"], "cpu_seconds": round(used, 1),
            "slots": slots, "growth_mb": growth(slots)}


def growth(slots):
    """Memory at the end beside that after the first third, when caches are full."""
    def whole(s):
        return s["server_mb"] + s["parsers_mb"]
    return round(whole(slots[-1]) - whole(slots[len(slots) // 3]), 1) if len(slots) > 2 else None


def limits(seconds):
    """Counts the replies of each window of each account."""
    with tempfile.TemporaryDirectory(prefix="vitae-bench-") as work, \
            vitae.Server(work, DEBUG="False", RATE_LIMIT=f"{LIMIT}/{PERIOD}", RATE_LIMIT_STRICT="0") as server:
        prepare(server)
        out = os.path.join(work, "limits.json")
        seen = end(locust(server, out, seconds, PERIOD, LIMITED, "Limited"), out)
    windows = {}
    for w in seen["windows"]:
        windows.setdefault((w["account"], w["ends"]), {})[w["status"]] = w["replies"]
    full = [w for w in windows.values() if 429 in w]
    wrong = [w for w in full if w.get(200, 0) != LIMIT] + [w for w in windows.values() if w.get(200, 0) > LIMIT]
    return {"limit": f"{LIMIT}/{PERIOD}", "accounts": ACCOUNTS, "clients": LIMITED, "windows": len(windows), "full_windows": len(full),
            "passed": sum(w.get(200, 0) for w in windows.values()), "refused": sum(w.get(429, 0) for w in windows.values()),
            "wrong_windows": wrong, "faults": seen["faults"]}


def show(found):
    print(f"{found['requests']} requests by {found['recruiters']} recruiters and {found['sockets']} WebSockets in {found['seconds']} s, "
          f"{found['cpu_seconds']} s of the server's CPU, faults: {found['faults'] or 'none'}; uploads: {found['uploads']}; "
          f"{found['events']} events heard")
    for kind, k in found["kinds"].items():
        print(f"  {kind:24} {k['requests']:8} p50 {k['p50']:8.2f} ms   p99 {k['p99']:8.2f} ms")
    print(f"  {'from second':>11} {'requests':>9} {'p50 ms':>8} {'p99 ms':>8} {'server MB':>10} {'parsers MB':>10}")
    for s in found["slots"]:
        print(f"  {s['from_second']:11.0f} {s['requests']:9} {s['p50']:8.2f} {s['p99']:8.2f} {s['server_mb']:10.1f} {s['parsers_mb']:10.1f}")
    print(f"  memory after the first third and at the end differ by {found['growth_mb']} MB")


def show_limits(found):
    print(f"limit {found['limit']} s: {found['clients']} clients of {found['accounts']} accounts, {found['windows']} windows: {found['passed']} "
          f"passed, {found['refused']} refused; in {found['full_windows']} full windows, {len(found['wrong_windows'])} were wrong")


def good(found, limited):
    lost = set(found["uploads"]) - {"completed"}
    return not (found["faults"] or lost or limited["faults"] or limited["wrong_windows"] or limited["full_windows"] == 0)


if __name__ == "__main__":
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 900
    loaded, refused = measure(seconds, max(1, seconds // 15)), limits(4 * PERIOD)
    show(loaded)
    show_limits(refused)
    sys.exit(not good(loaded, refused))
