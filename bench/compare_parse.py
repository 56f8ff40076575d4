"""Measures the parser beside Poppler; see bench/parse."""
import glob
import json
import os
import re
import socket
import statistics
import struct
import subprocess
import sys

PARSE, REPLY, HELLO = 1, 2, 3
ROUNDS = 5
TEXT_MIN = 100  # bytes: PDFs with less are pictures
MEMORY, SECONDS = 512 * 1024 * 1024, 30
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1",  # as src/proc/worker.c sets it
               "GLIBC_TUNABLES": "glibc.malloc.tcache_count=4000", "PATH": "/bin:/usr/bin"}


class Parser:
    """The parser program, spoken to as the server does."""

    def __init__(self, program):
        self.socket, child = socket.socketpair()
        command = ["sh", "-c", f'exec "$0" {MEMORY} {SECONDS} 3<&{child.fileno()}', program]
        self.process = subprocess.Popen(command, pass_fds=[child.fileno()], env=ENVIRONMENT)
        child.close()
        assert self.receive()[0] == HELLO

    def take(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                raise SystemExit("the parser ended")
            data += piece
        return data

    def receive(self):
        n, kind = struct.unpack("<IB", self.take(5))
        return kind, self.take(n)

    def cpu_ms(self):
        with open(f"/proc/{self.process.pid}/schedstat") as f:
            return int(f.read().split()[0]) / 1e6

    def read(self, path):
        """The reply, and the milliseconds of CPU that the parser took for it, the exchange included."""
        request = json.dumps({"file_name": os.path.basename(path)}).encode()
        start = self.cpu_ms()
        with open(path, "rb") as f:
            socket.send_fds(self.socket, [struct.pack("<IB", len(request), PARSE) + request], [f.fileno()])
            reply = self.receive()[1]
        return reply, self.cpu_ms() - start

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) / 1024

    def end(self):
        self.socket.close()
        self.process.wait()


def vitae_round(program, files):
    """Each file's milliseconds, read for the second time, and the parser's peak of memory."""
    parser = Parser(program)
    for path in files:
        parser.read(path)
    times = {path: parser.read(path)[1] for path in files}
    peak = parser.peak_mb()
    parser.end()
    return times, peak


def poppler_round(program, files):
    out = subprocess.run([program, *files], capture_output=True, text=True, check=True).stdout
    rows = [line.split(" ", 2) for line in out.splitlines()]
    return {path: float(ms) for _, ms, path in rows}, {path: int(n) for n, _, path in rows}


def pdftotext_round(files):
    """pdftotext is a program for one file: each is started anew."""
    times = {}
    for path in files:
        child = subprocess.Popen(["pdftotext", "-q", path, "-"], stdout=subprocess.DEVNULL)
        usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        times[path] = (usage.ru_utime + usage.ru_stime) * 1e3
    return times


def mean(times, files):
    return sum(times[f] for f in files) / len(files)


def main():
    directory, parser, poppler = sys.argv[1:]
    found = {kind: sorted(glob.glob(os.path.join(directory, "**", "*." + kind), recursive=True))
             for kind in ("pdf", "docx", "doc")}
    pdfs = found["pdf"]
    if not any(found.values()):
        raise SystemExit(f"no documents in {directory}")
    sizes = poppler_round(poppler, pdfs)[1]
    texts = [f for f in pdfs if sizes[f] >= TEXT_MIN]
    rows, peaks = {}, []
    for _ in range(ROUNDS):
        for kind, files in (("text PDF", texts), ("DOCX", found["docx"]), ("DOC", found["doc"])):
            if files:
                times, peak = vitae_round(parser, files)
                rows.setdefault((kind, "vitae: whole parse"), []).append(mean(times, files))
                peaks.append(peak)
        if texts:
            rows.setdefault(("text PDF", "poppler-glib: text only"), []).append(mean(poppler_round(poppler, texts)[0], texts))
            rows.setdefault(("text PDF", "pdftotext: text only, its start included"), []).append(
                mean(pdftotext_round(texts), texts))
    counts = {"text PDF": len(texts), "DOCX": len(found["docx"]), "DOC": len(found["doc"])}
    print(f"{'CPU on one core, warm':58} {'files':>5} {'ms a file':>10} {'of vitae':>9}")
    for (kind, what), values in sorted(rows.items(), key=lambda row: (row[0][0] != "text PDF", row[0][0], row[0][1] < "v")):
        ms = statistics.median(values)
        ratio = ms / statistics.median(rows[kind, "vitae: whole parse"])
        print(f"{kind + ', ' + what:58} {counts[kind]:5} {ms:10.2f} {ratio:8.1f}x")
    print(f"{'parser, peak memory (MB)':58} {'':5} {max(peaks):10.1f}")


if __name__ == "__main__":
    main()
