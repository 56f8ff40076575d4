"""uploads.py [SECONDS [DIRECTORY]]: from upload to completed: text PDFs of the corpus, each copy with bytes of its own, sent over HTTP by
four connections for so long, and then waited for until none is waiting: résumés a second, from the first byte sent to the last one
read. Client, server and two parsers share the cores. Also prints the CPU time that the server's processes took for each."""
import glob
import http.client
import itertools
import json
import os
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
os.environ.setdefault("VITAE_BUILD", os.path.join(ROOT, "build-release"))
import vitae  # noqa: E402

CLIENTS, BOUNDARY, UNFINISHED = 4, b"-----bench", "SELECT count(*) FROM candidates WHERE status IN ('uploaded', 'processing')"
TICKS = os.sysconf("SC_CLK_TCK")


def documents(directory):
    """The PDFs that are text (a scan takes another way)."""
    found = []
    for path in sorted(glob.glob(os.path.join(directory, "*.pdf"))):
        if "scan" not in path:
            with open(path, "rb") as f:
                found.append((os.path.basename(path).encode(), f.read()))
    return found


def form(name, content, number):
    """One file part. What stands after a PDF's end belongs to no page, so that the copies differ in bytes alone."""
    return b"".join((b"--", BOUNDARY, b'\r\nContent-Disposition: form-data; name="file"; filename="', name,
                     b'"\r\nContent-Type: application/pdf\r\n\r\n', content, b"\n%% %d\n" % number, b"\r\n--", BOUNDARY, b"--\r\n"))


def send(address, token, files, numbers, until, faults):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=" + BOUNDARY.decode()}
    connection = http.client.HTTPConnection(address, timeout=60)
    while time.monotonic() < until:
        number = next(numbers)
        connection.request("POST", "/api/v1/candidates/upload", form(*files[number % len(files)], number), headers)
        reply = connection.getresponse()
        said = reply.read()
        if reply.status == 503:  # the queue is full; it says when to come again
            time.sleep(float(reply.headers.get("Retry-After", 1)))
        elif reply.status >= 300:
            faults.append(f"{reply.status} {said[:200]!r}")
            return


def cpu(pid):
    """Seconds of CPU of a process and its children."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(cpu(child) for child in vitae.children(pid))


def measure(seconds, directory):
    """One run against a server of its own; returns the figures."""
    files, faults, numbers = documents(directory), [], itertools.count()
    with tempfile.TemporaryDirectory(prefix="vitae-bench-") as work, vitae.Server(work, DEBUG="False") as server:
        token, address = server.token("admin"), server.base.partition("//")[2]
        before, begun = cpu(server.process.pid), time.monotonic()
        threads = [threading.Thread(target=send, args=(address, token, files, numbers, begun + seconds, faults)) for _ in range(CLIENTS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        sent = time.monotonic() - begun
        vitae.wait_until(lambda: server.sql(UNFINISHED)[0][0] == 0, 300, "the last document")
        took, used = time.monotonic() - begun, cpu(server.process.pid) - before
        count = dict(server.sql("SELECT status, count(*) FROM candidates GROUP BY status"))
    if faults:
        raise SystemExit("refused: " + faults[0])
    done = count.get("completed", 0)
    return {"documents": len(files), "seconds": round(took, 2), "accepted_per_second": round(sum(count.values()) / sent, 1),
            "completed": done, "failed": count.get("failed", 0), "completed_per_second": round(done / took, 1),
            "cpu_ms_each": round(1000 * used / max(1, sum(count.values())), 2), "load": round(os.getloadavg()[0], 2)}


def show(found):
    print(f"upload to completed: {found['completed_per_second']} a second ({found['completed']} completed, {found['failed']} failed, "
          f"in {found['seconds']} s), accepted {found['accepted_per_second']} a second; {found['cpu_ms_each']} ms of the server's CPU "
          f"each; load average {found['load']}")


def corpus():
    place = os.path.join(ROOT, "..", "shared", "corpus", "open")
    return place if os.path.isdir(place) else os.path.join(ROOT, "tests", "corpus")


if __name__ == "__main__":
    result = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2] if len(sys.argv) > 2 else corpus())
    show(result)
    print(json.dumps(result))
