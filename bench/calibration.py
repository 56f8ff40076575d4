#!/usr/bin/python3
"""How often values are right that are given a confidence: calibration.py MANIFEST PROFILES [MANIFEST PROFILES]...

MANIFEST: JSON lines with what each file says (file, name, email, phone, skills, skills_optional, skills_in); PROFILES: what
`vitae parse --profile` printed for the files. For each field the values are put into bins by their confidence; a bin whose
share of right values is below its confidence promises too much.
"""
import collections
import json
import os
import re
import sys
import unicodedata

BINS = (0.0, 0.55, 0.65, 0.75, 0.85, 0.92, 0.955, 1.01)


def plain(value):
    value = unicodedata.normalize("NFKC", value or "").casefold()
    for sign in "\u2018\u2019\u02bc":
        value = value.replace(sign, "'")
    return " ".join(re.sub("[\u2010-\u2014\u2212]", "-", value).split())


def digits(value):
    return re.sub(r"\D", "", value or "")


def rows(path):
    with open(path, encoding="utf-8") as f:
        return {os.path.basename(row["file"]): row for row in map(json.loads, filter(str.strip, f))}


def judged(truth, profile):
    """(field, confidence, right) of each value that can be judged."""
    for field, form in (("name", plain), ("email", plain), ("phone", digits)):
        found = profile.get(field) or {}
        if found.get("value"):
            wanted = [truth.get(field), *(truth.get(field + "_alt") or [])]
            yield field, found["confidence"], form(found["value"]) in [form(w) for w in wanted if w]
    if truth.get("skills_in") == "none":
        return
    wanted = {plain(s) for s in truth.get("skills") or []}
    neutral = {plain(s) for s in truth.get("skills_optional") or []} - wanted
    for skill in profile.get("skills") or []:
        if plain(skill["name"]) not in neutral:
            yield "skills", skill["confidence"], plain(skill["name"]) in wanted


def main(paths):
    bins = collections.defaultdict(lambda: collections.defaultdict(list))
    for manifest, profiles in zip(paths[::2], paths[1::2]):
        found = rows(profiles)
        for file, truth in rows(manifest).items():
            profile = found.get(file, {}).get("profile")
            for field, confidence, right in judged(truth, profile) if profile else ():
                low = max(b for b in BINS if b <= confidence)
                bins[field][low].append((confidence, right))
    print(f"{'field':8} {'values':>6} {'given':>6} {'right':>6}")
    for field, by_bin in bins.items():
        for _, values in sorted(by_bin.items()):
            n = len(values)
            print(f"{field:8} {n:6} {sum(c for c, _ in values) / n:6.3f} {sum(r for _, r in values) / n:6.3f}")


if __name__ == "__main__":
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    main(sys.argv[1:])
