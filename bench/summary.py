"""The figures that a reader asks for first, ratios before rates, as Markdown; of what was measured so far."""
import peers

ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *("| " + " | ".join(row) + " |" for row in rows), ""]


def ratio(ours, theirs):
    """How many times theirs ours is."""
    if not theirs:
        return ""
    times = ours / theirs
    return f"{times:,.0f}" if times >= 10 else f"{times:.1f}" if times >= 1 else f"{times:.2f}"


def http(found):
    others = [name for name in found if name != "vitae"]
    rows = [[what, *(ratio(found["vitae"][what][0], found[o].get(what, [0])[0]) for o in others),
             *(f"{found['vitae'][what][i]:,.{digits}f}" for i, digits in ((0, 0), (1, 2), (2, 2)))]
            for what in (*peers.READS, *peers.SENT)]
    used = [[title, *(f"1/{ratio(found[o][key], found['vitae'][key])}" for o in others), f"{found['vitae'][key]:,.0f} {unit}", "", ""]
            for title, key, unit in (
                ("memory under the reads", "memory_mb", "MB"), ("memory after uploads, parsers included", "memory_after_uploads_mb", "MB"),
                ("start to first answer", "start_ms", "ms"))]
    return ["Requests a second, as so many times what the other has; then vitae's own figures. Peers do for each reply what vitae does; the lean "
            "one, the file and the bare library do less.", ""] + table(
        ["what", *("× " + o for o in others), "requests/s", "p50 ms", "p99 ms"], rows + used)


def per_cent(value):
    return "" if value is None else f"{100 * value:.1f}"


def parsers(found):
    ours = found["parsers"]["vitae"]["files_per_second"]
    rows = []
    for name, f in found["parsers"].items():
        right = [per_cent(f["score"][k]) if f["score"] else "" for k in ("name", "email", "phone", "skills")]
        rows.append([name, ratio(ours, f["files_per_second"]), f"{f['files_per_second']:,.0f}", f"{f['memory_mb']:.0f}", *right])
    every = found["vitae_all_formats"]
    rows.append([f"vitae, PDF, DOCX and DOC ({every['files']})", "", "", "", *(per_cent(every[k]) for k in ("name", "email", "phone", "skills"))])
    return [f"{found['pdfs']} PDFs of {found['directory']}, by CPU time of one core:", ""] + table(
        ["parser", "vitae is × as fast", "files/s", "MB", "name %", "e-mail %", "phone %", "skills F1 %"], rows)


def uploads(found):
    return [f"From upload to completed: {found['completed_per_second']:,.0f} résumés a second through the HTTP API, client on the same machine; "
            f"{found['cpu_ms_each']} ms of CPU each.", ""]


def growth(found):
    """p50 / p99 of every search by size."""
    lines = []
    for engine, title in ENGINES.items():
        rows = [f for f in found if f["engine"] == engine]
        if not rows:
            continue
        head = [f"{title}: p50 / p99 in ms", *(f"{f['candidates']:,}" for f in rows)]
        body = [[name, *("{:.2f} / {:.2f}".format(*f["searches"][name]) for f in rows)] for name in rows[0]["searches"]]
        body += [[name + ", one at a time", *(f"{f['like_ms'][name]:.1f}" for f in rows)] for name in rows[0]["like_ms"]]
        body.append(["database, MB", *(f"{f['bytes'] / 1e6:,.0f}" for f in rows)])
        body.append(["put in a second, in bulk", *(f"{f['filled_per_second']:,}" for f in rows)])
        lines += table(head, body)
    return lines


def load(found):
    seen, limits = found["load"], found["limits"]
    p99 = [s["p99"] for s in seen["slots"]]
    lines = [f"{seen['requests']:,} requests in {seen['seconds']} s by {seen['recruiters']} recruiters and {seen['sockets']} WebSockets: "
             f"{sum(seen['faults'].values())} errors, {seen['uploads'].get('completed', 0):,} documents read."]
    if p99:
        last = seen["slots"][-1]
        lines.append(f"p99 by {'minute' if seen['seconds'] > 60 else 'slot'}: {min(p99):.1f} to {max(p99):.1f} ms; memory at the end "
                     f"{last['server_mb']:.0f} MB server, {last['parsers_mb']:.0f} MB parsers, {seen['growth_mb']} MB more than after a third.")
    lines.append(f"With a limit of {limits['limit']} s: {limits['passed']:,} passed, {limits['refused']:,} refused; "
                 f"{len(limits['wrong_windows'])} of {limits['full_windows']} full windows let pass another number.")
    return lines + [""]


def cost(found):
    servers = found["servers"]
    return [f"A day of {found['recruiters']:,} recruiters (cost.md has the assumptions):", ""] + table(
        ["", *servers], [[title, *(form.format(s[key]) for s in servers.values())] for title, key, form in (
            ("CPU seconds", "cpu_seconds_total", "{:,.0f}"), ("cores in the busiest hour", "cores_in_the_busiest_hour", "{:.2f}"),
            ("memory, MB", "memory_mb", "{:,.0f}"))])


PARTS = {"http": http, "uploads": uploads, "parsers": parsers, "growth": growth, "load": load, "cost": cost}
TITLES = {"http": "HTTP", "uploads": "Uploads", "parsers": "Parsing", "growth": "Search and growth", "load": "Load over time", "cost": "Cost"}
PRINTED = {"parse": "Parsing, beside extraction of text alone", "recall": "Words found", "jobs": "Postings of one job", "cleanup": "Cleanup",
           "cache": "What a cache could gain"}


def printed(found):
    """A program's own words."""
    return ["```", *found["printed"], "```", ""]


def page(report):
    lines = ["# What bench/run measured", ""]
    for name, title in (*TITLES.items(), *PRINTED.items()):
        kept, part = report.kept(name), PARTS.get(name, printed)
        if kept:
            lines += [f"## {title}", "", f"{kept['date']}, {kept['version']}, {kept['machine']} with {kept['processors']} processors, load "
                      f"{kept['load_average']}{', quick' if kept['quick'] else ''}.", "", *part(kept["figures"])]
    return "\n".join(lines)
