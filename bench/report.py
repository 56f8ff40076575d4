"""What the measurements leave behind: a JSON file for each, and plots (SVG)."""
import datetime
import html
import json
import math
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS = os.path.join(HERE, "results")
COLOURS = ("#369", "#c60", "#383", "#a2a", "#888", "#c33", "#0aa", "#770")
BAR, LEFT, WIDTH, HEIGHT, KEY, TICKS = 24, 130, 420, 260, 190, 4
FORMAT = 1  # of the figures: what was kept in another is not read


def version():
    """The commit that is measured, with a sign if the work tree differs from it."""
    said = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty=+"], capture_output=True, text=True).stdout
    return said.strip() or "unknown"


def machine():
    with open("/proc/cpuinfo") as f:
        return next((line.partition(":")[2].strip() for line in f if line.startswith("model name")), "unknown")


class Report:
    """A directory of results."""

    def __init__(self, quick):
        self.quick = quick
        self.directory = os.path.join(RESULTS, "quick") if quick else RESULTS
        os.makedirs(self.directory, exist_ok=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        """Whole or not at all, so that an interrupted run leaves nothing that is half."""
        with open(self.path(name + ".new"), "w") as f:
            f.write(text)
        os.replace(self.path(name + ".new"), self.path(name))

    def keep(self, name, figures):
        """Writes what was measured, with when, where and of what."""
        now = datetime.datetime.now(datetime.timezone.utc)
        head = {"format": FORMAT, "date": now.isoformat(timespec="seconds"), "version": version(), "machine": machine(), "processors": os.cpu_count(), "load_average": round(os.getloadavg()[0], 2), "quick": self.quick}
        self.write(name + ".json", json.dumps({**head, "figures": figures}, indent=1) + "\n")

    def kept(self, name):
        """What keep() wrote, or None."""
        try:
            with open(self.path(name + ".json")) as f:
                found = json.load(f)
        except FileNotFoundError:
            return None
        return found if found.get("format") == FORMAT else None

    def figures(self, name):
        found = self.kept(name)
        return found and found["figures"]

    def draw(self, name, title, width, height, parts):
        self.write(name + ".svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
                                  f'font-size="12"><rect width="100%" height="100%" fill="#fff"/><text x="10" y="20" font-size="14">'
                                  f'{html.escape(title)}</text>{"".join(parts)}</svg>\n')

    def bars(self, name, title, rows):
        """A bar for each (label, value)."""
        most, parts = max(v for _, v in rows), []
        for i, (label, value) in enumerate(rows):
            y, long = 34 + i * BAR, WIDTH * value / most
            parts.append(f'<text x="{LEFT - 6}" y="{y + 14}" text-anchor="end">{html.escape(label)}</text>'
                         f'<rect x="{LEFT}" y="{y}" width="{max(1, long):.1f}" height="{BAR - 6}" fill="{COLOURS[0]}"/>'
                         f'<text x="{LEFT + long + 5:.1f}" y="{y + 14}">{value:,.0f}</text>')
        self.draw(name, title, LEFT + WIDTH + 90, 44 + len(rows) * BAR, parts)

    def lines(self, name, title, series, log=False):
        """A line for each {label: [(x, y)]}; log: both axes by powers of ten."""
        points = [p for line in series.values() for p in line]
        scale = (lambda v: math.log10(max(v, 1e-3))) if log else float
        x0, x1 = min(scale(x) for x, _ in points), max(scale(x) for x, _ in points)
        y0, y1 = (min(scale(y) for _, y in points) if log else 0.0), max(scale(y) for _, y in points)

        def place(x, y):
            return (60 + WIDTH * (scale(x) - x0) / ((x1 - x0) or 1), 40 + HEIGHT * (1 - (scale(y) - y0) / ((y1 - y0) or 1)))
        parts = grid(y0, y1, log) + [
            f'<text x="{place(x, 1)[0]:.1f}" y="{58 + HEIGHT}" text-anchor="middle">{x:,.0f}</text>'
            for x in sorted({x for x, _ in points})[::max(1, len({x for x, _ in points}) // 8)]]
        for i, (label, line) in enumerate(series.items()):
            colour = COLOURS[i % len(COLOURS)]
            parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="' + " ".join("%.1f,%.1f" % place(*p) for p in line) +
                         f'"/><text x="{70 + WIDTH}" y="{52 + 18 * i}" fill="{colour}">{html.escape(label)}</text>')
        self.draw(name, title, 70 + WIDTH + KEY, 70 + HEIGHT, parts)


def short(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def grid(y0, y1, log):
    """Lines across with what they stand for."""
    parts = []
    for i in range(TICKS + 1):
        value, y = y0 + (y1 - y0) * i / TICKS, 40 + HEIGHT * (1 - i / TICKS)
        parts.append(f'<line x1="60" x2="{60 + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                     f'<text x="54" y="{y + 4:.1f}" text-anchor="end">{short(10 ** value if log else value)}</text>')
    return parts
