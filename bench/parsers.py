"""parsers.py [DIRECTORY]: parsers side by side over the documents of a directory with a manifest (manifest.jsonl, or NAME.expected.json
beside each document): files a second of one core, by CPU time of the whole program, its start included; memory; and how much of what the
documents say was read, by bench/accuracy.py. OpenResume reads PDFs only, so that PDFs are what is compared; vitae's score over all formats
stands below. pdftotext extracts the text and no more: the floor. Documents that are pictures are left out."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import accuracy  # noqa: E402
import uploads  # noqa: E402

ROOT = os.path.dirname(HERE)
BUILD = os.environ.setdefault("VITAE_BUILD", os.path.join(ROOT, "build-release"))
OPENRESUME = os.path.join(HERE, "peer_openresume", "node_modules", "parse.cjs")


def run(command, out):
    """Seconds of CPU of a program and what it starts, and its peak of memory in MB. time(1) stands between, as the peak of a process
    started from here would be this one's if that is larger."""
    with tempfile.NamedTemporaryFile("r") as peak:
        child = subprocess.Popen(["/usr/bin/time", "-f", "%M", "-o", peak.name, *command], stdout=out, stderr=subprocess.DEVNULL)
        usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        return usage.ru_utime + usage.ru_stime, int(peak.read().split()[-1]) / 1024


def whole(command):
    """A program that reads all files in one run: its usage, and what it printed."""
    with tempfile.TemporaryFile() as out:
        seconds, memory = run(command, out)
        out.seek(0)
        return seconds, memory, [json.loads(line) for line in out if line.startswith(b"{")]


def text_alone(files):
    """pdftotext reads one file and ends."""
    used = [run(["pdftotext", "-q", f, "-"], subprocess.DEVNULL) for f in files]
    return sum(s for s, _ in used), max(m for _, m in used), None


def parsers():
    """(name, function of the files) of those that are here."""
    vitae = [os.path.join(BUILD, "vitae"), "parse", "-j", "1"]
    found = [("vitae", lambda files: whole([*vitae, *files]))]
    if os.path.exists(OPENRESUME):
        found.append(("OpenResume", lambda files: whole(["node", OPENRESUME, *files])))
    found.append(("pdftotext, text only", text_alone))
    return found


def measure(directory, rounds):
    rows = [r for r in accuracy.manifest(directory) if not r.get("needs_ocr")]
    if not rows:
        raise SystemExit(f"{directory} has no manifest")
    pdfs = [r for r in rows if r["file"].endswith(".pdf")]
    files = [os.path.join(directory, r["file"]) for r in pdfs]
    used, figures = {}, {}
    for _ in range(rounds):
        for name, read in parsers():
            used.setdefault(name, []).append(read(files))
    for name, samples in used.items():
        seconds = statistics.median(s for s, _, _ in samples)
        figures[name] = {"files_per_second": round(len(files) / seconds, 1), "cpu_ms": round(1000 * seconds / len(files), 3),
                         "memory_mb": round(max(m for _, m, _ in samples), 1),
                         "score": accuracy.score(pdfs, samples[0][2]) if samples[0][2] else None}
    every = whole([os.path.join(BUILD, "vitae"), "parse", "-j", "1", *(os.path.join(directory, r["file"]) for r in rows)])[2]
    return {"directory": os.path.relpath(directory, ROOT), "pdfs": len(files), "parsers": figures, "vitae_all_formats": accuracy.score(rows, every)}


def shares(score):
    return "".join(f"{'-' if score is None or score[f] is None else format(100 * score[f], '.1f'):>10}" for f in (*accuracy.FIELDS, "skills"))


def show(found):
    print(f"{found['pdfs']} PDFs of {found['directory']:24} {'files/s':>9} {'ms CPU':>8} {'MB':>6}" +
          "".join(f"{f:>10}" for f in (*accuracy.FIELDS, "skills F1")))
    for name, f in found["parsers"].items():
        print(f"  {name:34} {f['files_per_second']:9.1f} {f['cpu_ms']:8.2f} {f['memory_mb']:6.0f}" + shares(f["score"]))
    every = found["vitae_all_formats"]
    print(f"  {'vitae, all formats (%d files)' % every['files']:34} {'':9} {'':8} {'':6}" + shares(every))


if __name__ == "__main__":
    show(measure(sys.argv[1] if len(sys.argv) > 1 else uploads.corpus(), 3))
