"""Scores what the reader finds; see bench/accuracy."""
import collections
import json
import os
import re
import subprocess
import sys
import unicodedata

CLASSES = ("format", "layout", "lang", "template", "persona", "trade")
LEFT_OUT = ("template", "persona", "trade")
LEAST = 3  # files of a class that is told
LEAST_SHARE = 5  # values of a confidence that say anything of it
BINS = (0.0, 0.55, 0.65, 0.75, 0.85, 0.92, 0.955, 1.01)


def plain(value):
    value = unicodedata.normalize("NFKC", value or "").casefold()
    for sign in "\u2018\u2019\u02bc":
        value = value.replace(sign, "'")
    for sign in "\u201c\u201d\u201e":
        value = value.replace(sign, '"')
    return " ".join(re.sub("[\u2010-\u2014\u2212]", "-", value).split())


def digits(value):
    return re.sub(r"\D", "", value or "")


def truths(path):
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f if line.strip()]
    return [r for r in rows if not r.get("needs_ocr")]


def profiles(program, manifest, rows):
    folder = os.path.dirname(manifest)
    paths = "\n".join(os.path.join(folder, r["file"]) for r in rows) + "\n"
    out = subprocess.run([program, "parse", "--profile", "-j", "1", "-"], input=paths, capture_output=True, text=True,
                         check=False).stdout
    found = {os.path.basename(r["file"]): r for r in map(json.loads, out.splitlines())}
    return [found.get(os.path.basename(r["file"]), {}).get("profile") or {} for r in rows]


def judge(truth, profile):
    """Whether each contact field is right; the skills' numbers (right, found, wanted) or None; and (field, confidence, right) of
    each value that can be judged."""
    marks, values = {}, []
    for field, form in (("name", plain), ("email", plain), ("phone", digits)):
        found = profile.get(field) or {}
        wanted = {form(w) for w in (truth.get(field), *(truth.get(field + "_alt") or [])) if w}
        got = form(found.get("value"))
        marks[field] = got in wanted if wanted else not got
        if got:
            values.append((field, found["confidence"], got in wanted))
    marks["all three"] = all(marks.values())
    if truth.get("skills_in", "section") == "none":
        return marks, None, values
    wanted = {plain(s) for s in truth.get("skills") or []}
    neutral = {plain(s) for s in truth.get("skills_optional") or []} - wanted
    found = {plain(s["name"]): s["confidence"] for s in profile.get("skills") or [] if plain(s["name"]) not in neutral}
    values += [("skills", confidence, name in wanted) for name, confidence in found.items()]
    return marks, (len(wanted & found.keys()), len(found), len(wanted)), values


def f1(numbers):
    right, found, wanted = map(sum, zip(*numbers))
    return 2 * right / (found + wanted) if found + wanted else 1.0


def figures(judged):
    out = {field: sum(marks[field] for marks, _, _ in judged) / len(judged) for field in judged[0][0]}
    skills = [numbers for _, numbers, _ in judged if numbers is not None]
    if skills:
        out["skills"] = f1(skills)
    return out


def show(label, n, out):
    print(f"{label:44} {n:5} " + " ".join(f"{out[k]:9.3f}" if k in out else f"{'-':>9}" for k in
                                          ("name", "email", "phone", "all three", "skills")))


def grouped(rows, judged, by):
    groups = collections.defaultdict(list)
    for row, j in zip(rows, judged):
        if row.get(by):
            groups[str(row[by])].append(j)
    return {k: v for k, v in groups.items() if len(v) >= LEAST}


def score(manifest, rows, judged):
    print(f"\n{manifest}\n{'':44} {'files':>5} {'name':>9} {'e-mail':>9} {'phone':>9} {'all three':>9} {'skills F1':>9}")
    show("all", len(rows), figures(judged))
    for by in CLASSES:
        groups = {k: figures(v) for k, v in grouped(rows, judged, by).items()}
        sizes = {k: len(v) for k, v in grouped(rows, judged, by).items()}
        if by not in LEFT_OUT:
            for key in sorted(groups):
                show(f"  {by} {key}"[:44], sizes[key], groups[key])
        for field in ("all three", "skills"):
            told = [k for k in groups if field in groups[k]]
            if by in LEFT_OUT and told:
                worst = min(told, key=lambda k: groups[k][field])
                show(f"  of {len(told)} {by}s, least {field}: {worst}"[:44], sizes[worst], groups[worst])


def calibration(judged):
    """A bin whose share of right values is below its mean confidence promises too much."""
    bins = collections.defaultdict(list)
    for _, _, values in judged:
        for field, confidence, right in values:
            bins[field, max(b for b in BINS if b <= confidence)].append((confidence, right))
    print(f"\n{'values by their confidence':44} {'values':>6} {'given':>9} {'right':>9}")
    for (field, _), values in sorted(bins.items()):
        n = len(values)
        print(f"{'  ' + field:44} {n:6} {sum(c for c, _ in values) / n:9.3f} {sum(r for _, r in values) / n:9.3f}")


def shares(judged):
    """What part of the values of each field and confidence is right."""
    seen = collections.defaultdict(list)
    for _, _, values in judged:
        for field, confidence, right in values:
            seen[field, round(confidence, 2)].append(right)
    return {k: sum(v) / len(v) for k, v in seen.items() if len(v) >= LEAST_SHARE}


def left_out(rows, judged):
    """Mean difference between what a value's confidence promises and the share of right ones among those left out; and the same
    for the promise that the others' documents would have made of that confidence."""
    print(f"\n{'confidences, left out in turn':44} {'values':>6} {'as given':>9} {'by others':>9}")
    for by in LEFT_OUT:
        groups = grouped(rows, judged, by)
        given = expected = n = 0
        for key, inside in groups.items():
            others = shares([j for k, v in groups.items() if k != key for j in v])
            for _, _, values in inside:
                for field, confidence, right in values:
                    if (field, round(confidence, 2)) in others:
                        given += right - confidence
                        expected += right - others[field, round(confidence, 2)]
                        n += 1
        if n:
            print(f"{'  each ' + by:44} {n:6} {given / n:+9.3f} {expected / n:+9.3f}")


def main(program, manifests):
    for manifest in manifests:
        rows = truths(manifest)
        judged = [judge(row, profile) for row, profile in zip(rows, profiles(program, manifest, rows))]
        score(manifest, rows, judged)
        calibration(judged)
        left_out(rows, judged)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
