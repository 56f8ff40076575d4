"""Runs the measurements one after another; see bench/run."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["VITAE_BUILD"] = os.path.join(os.path.dirname(HERE), "build-release")
sys.path.insert(0, HERE)
import cost  # noqa: E402
import load  # noqa: E402
import parsers  # noqa: E402
import peers  # noqa: E402
import summary  # noqa: E402
import uploads  # noqa: E402
from report import Report, version  # noqa: E402

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def http(report, corpus):
    found = peers.measure(*((1, 1) if report.quick else (5, 3)))
    peers.show(found)
    report.keep("http", found)
    for what in (*peers.READS, *peers.SENT):
        report.bars("http_" + what.replace(" ", "_"), what + ", requests a second", [(n, f[what][0]) for n, f in found.items() if what in f])
    report.bars("memory", "memory under load, MB", [(n, f["memory_mb"]) for n, f in found.items()])
    report.bars("start", "start to first answer, ms", [(n, f["start_ms"]) for n, f in found.items()])
    return True


def upload(report, corpus):
    found = uploads.measure(8 if report.quick else 60, corpus)
    uploads.show(found)
    report.keep("uploads", found)
    return True


def parser(report, corpus):
    found = parsers.measure(corpus, 1 if report.quick else 3)
    parsers.show(found)
    report.keep("parsers", found)
    report.bars("parsers", "PDFs a second, one core", [(n, f["files_per_second"]) for n, f in found["parsers"].items()])
    return True


def over_time(report, corpus):
    seconds, slot = (24, 4) if report.quick else (900, 60)
    found, limited = load.measure(seconds, slot), load.limits(2 * load.PERIOD if report.quick else 5 * load.PERIOD)
    load.show(found)
    load.show_limits(limited)
    report.keep("load", {"load": found, "limits": limited})
    unit = "second" if report.quick else "minute"
    for name, title, keys in (("load_latency", f"milliseconds, by {unit}", ("p50", "p99")),
                              ("load_memory", f"memory in MB, by {unit}", ("server_mb", "parsers_mb"))):
        report.lines(name, title, {key.removesuffix("_mb"): [(s["from_second"] / (1 if report.quick else 60), s[key]) for s in found["slots"]]
                                   for key in keys})
    return load.good(found, limited)


def growth(report, corpus):
    """search.py is a program of its own: what it has found is written after each size, also if it is ended in between."""
    sizes, seconds = ("1000,10000", "0.3") if report.quick else ("1000,10000,100000,1000000", "2")
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [sys.executable, os.path.join(HERE, "search.py"), "--sizes", sizes, "--seconds", seconds, "--json", out.name]
        status = subprocess.run(command).returncode
        found = json.loads(out.read() or b"[]")
    if found:
        report.keep("growth", found)
        plot_growth(report, found)
    return status == 0


def plot_growth(report, found):
    for engine in {f["engine"] for f in found}:
        rows = [f for f in found if f["engine"] == engine]
        for i, quantile in enumerate(("p50", "p99")):
            report.lines(f"growth_{engine}_{quantile}", f"{ENGINES[engine]}: {quantile} in ms by number of candidates",
                         {name: [(f["candidates"], f["searches"][name][i]) for f in rows] for name in rows[0]["searches"]}, log=True)
    for name, title, key, scale in (("growth_size", "size of the database in MB by number of candidates", "bytes", 1e-6),
                                    ("growth_fill", "candidates put in a second, in bulk", "filled_per_second", 1)):
        report.lines(name, title, {ENGINES[e]: [(f["candidates"], f[key] * scale) for f in found if f["engine"] == e]
                                   for e in ENGINES if any(f["engine"] == e for f in found)}, log=True)


def costs(report, corpus):
    """Computed, not measured: needs the figures of http and parsers."""
    http_figures, parser_figures = report.figures("http"), report.figures("parsers")
    if not (http_figures and parser_figures):
        print("cost: left out, as http or parsers were not measured")
        return True
    found = cost.measure(http_figures, parser_figures)
    report.keep("cost", found)
    report.write("cost.md", cost.page(found))
    print(cost.page(found))
    return True


def program(name, *arguments, documents=False):
    """A section that is one of the programs beside this one (documents: it takes their directory): what it printed, printed and kept."""
    def section(report, corpus):
        done = subprocess.run([os.path.join(HERE, name), *arguments, *([corpus] if documents else [])], stdout=subprocess.PIPE, text=True)
        print(done.stdout, flush=True)
        if done.returncode != 0:
            print(f"{name}: ended with {done.returncode}", file=sys.stderr)
        report.keep(name, {"status": done.returncode, "printed": done.stdout.splitlines()})
        return done.returncode == 0
    return section


QUICK = {"http": http, "uploads": upload, "parsers": parser, "parse": program("parse", documents=True), "load": over_time, "growth": growth,
         "cost": costs}
LONG = {"recall": program("recall"), "jobs": program("jobs"), "cleanup": program("cleanup", os.environ["VITAE_BUILD"]), "cache": program("cache")}


def chosen(a, report):
    """Names of the sections to measure."""
    if a.only:
        return a.only.split(",")
    names = [*QUICK, *({} if a.quick else LONG)]
    if a.resume:
        names = [n for n in names if n == "cost" or (report.kept(n) or {}).get("version") != version()]
    return names


def tried(name, section, report, corpus):
    """What one section cannot do is no reason to leave out the others."""
    try:
        return section(report, corpus)
    except (SystemExit, Exception) as e:
        traceback.print_exc()
        print(f"{name}: {e}", file=sys.stderr)
        return False


def main():
    p = argparse.ArgumentParser(prog="bench/run")
    p.add_argument("--quick", action="store_true", help="under five minutes: shorter, smaller, without what takes longer; into results/quick")
    p.add_argument("--only", metavar="SECTIONS", help="these alone, with commas between: " + ", ".join([*QUICK, *LONG]))
    p.add_argument("--resume", action="store_true", help="leave out what was measured of this very version")
    p.add_argument("--corpus", metavar="DIRECTORY", default=uploads.corpus(), help="documents with a manifest")
    a = p.parse_args()
    report, sections, bad = Report(a.quick), {**QUICK, **LONG}, []
    unknown = [n for n in chosen(a, report) if n not in sections]
    if unknown:
        p.error(f"there is no section {unknown[0]}: {', '.join(sections)}")
    for name in chosen(a, report):
        print(f"\n== {name}", flush=True)
        if not tried(name, sections[name], report, a.corpus):
            bad.append(name)
        report.write("summary.md", summary.page(report))
    print("\n" + summary.page(report))
    if bad:
        sys.exit("not as they should be: " + ", ".join(bad))


if __name__ == "__main__":
    main()
