"""Runs the measurements one after another; see bench/run."""
import datetime
import html
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = "--quick" in sys.argv[1:]
sys.argv = sys.argv[:1]
os.environ["VITAE_BUILD"] = os.path.join(os.path.dirname(HERE), "build-release")
sys.path.insert(0, HERE)
import peers  # noqa: E402
import uploads  # noqa: E402

RESULTS = os.path.join(HERE, "results")
BAR, LEFT, WIDTH = 24, 130, 420


def plot(name, title, rows):
    """Bars, one for each (label, value)."""
    most, parts = max(v for _, v in rows), []
    for i, (label, value) in enumerate(rows):
        y = 34 + i * BAR
        parts.append(f'<text x="{LEFT - 6}" y="{y + 14}" text-anchor="end">{html.escape(label)}</text>'
                     f'<rect x="{LEFT}" y="{y}" width="{max(1, WIDTH * value / most):.1f}" height="{BAR - 6}" fill="#369"/>'
                     f'<text x="{LEFT + WIDTH * value / most + 5:.1f}" y="{y + 14}">{value:,.0f}</text>')
    with open(os.path.join(RESULTS, name + ".svg"), "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 90}" height="{44 + len(rows) * BAR}" font-family="sans-serif" '
                f'font-size="12"><rect width="100%" height="100%" fill="#fff"/><text x="10" y="20" font-size="14">{html.escape(title)}</text>'
                + "".join(parts) + "</svg>\n")


def keep(name, figures):
    """Writes what was measured, with when and where."""
    with open("/proc/cpuinfo") as f:
        model = next((line.partition(":")[2].strip() for line in f if line.startswith("model name")), "unknown")
    head = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": model, "processors": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 2), "quick": QUICK}
    with open(os.path.join(RESULTS, name + ".json"), "w") as f:
        json.dump({**head, "figures": figures}, f, indent=1)
        f.write("\n")


def http():
    found = peers.measure(*((1, 2) if QUICK else (5, 3)))
    peers.show(found)
    keep("http", found)
    for what in (*peers.READS, *peers.SENT):
        plot("http_" + what.replace(" ", "_"), what + ", requests a second", [(n, f[what][0]) for n, f in found.items() if what in f])
    plot("memory", "memory under load, MB", [(n, f["memory_mb"]) for n, f in found.items()])


def upload():
    found = uploads.measure(8 if QUICK else 60, uploads.corpus())
    uploads.show(found)
    keep("uploads", found)


def program(name, *command):
    """One of the programs beside this one: what it printed, printed and kept."""
    done = subprocess.run([os.path.join(HERE, command[0]), *command[1:]], stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    if done.returncode != 0:
        print(f"{name}: ended with {done.returncode}", file=sys.stderr)
    keep(name, {"status": done.returncode, "printed": done.stdout.splitlines()})
    return done.returncode == 0


def main():
    os.makedirs(RESULTS, exist_ok=True)
    http()
    print(flush=True)
    upload()
    good = program("parse", "parse")
    if not QUICK:
        for name, *command in (("recall", "recall"), ("jobs", "jobs"), ("cleanup", "cleanup", os.environ["VITAE_BUILD"]),
                               ("cache", "cache"), ("search", "search.py")):
            good = program(name, *command) and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
