"""accuracy.py MANIFEST PREDICTIONS: how much of what documents say was read. Both are JSON lines: MANIFEST says what stands in each file
(file, name, email, phone, skills; also name_alt, phone_alt, skills_in, skills_optional, needs_ocr), PREDICTIONS what was read (file, name,
email, phone, skills, error). A name is right if it is the same but for case, spaces and kinds of quotes and dashes; an e-mail address but for
case; a phone number by its digits. Skills are compared as sets, by name; those in skills_optional count neither way, and files whose
skills_in is "none" are left out of them. Files that need character recognition are left out, files that could not be read are wrong."""
import json
import os
import re
import sys
import unicodedata

FOLDED = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2212": "-",
          "\u00a0": " ", "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
FIELDS = ("name", "email", "phone")
EXPECTED = ".expected.json"


def plain(value):
    text = unicodedata.normalize("NFC", value or "").translate(str.maketrans(FOLDED))
    return " ".join(text.split()).casefold()


def digits(value):
    found = re.sub(r"\D", "", unicodedata.normalize("NFKC", value or ""))
    return found[2:] if found.startswith("00") else found


FORMS = {"name": plain, "email": lambda value: (value or "").strip().casefold(), "phone": digits}


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def manifest(directory):
    """What stands in a directory's documents: its manifest.jsonl, or a file beside each document."""
    whole = os.path.join(directory, "manifest.jsonl")
    if os.path.exists(whole):
        return lines(whole)
    rows = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(EXPECTED):
            with open(os.path.join(directory, name), encoding="utf-8") as f:
                rows.append({**json.load(f), "file": name[:-len(EXPECTED)]})
    return rows


def right(field, row, read):
    form = FORMS[field]
    return bool(read.get(field)) and form(read[field]) in [form(v) for v in (row[field], *(row.get(field + "_alt") or []))]


def skills(row, read):
    """How many skills were read rightly, were read, and are there."""
    wanted = {plain(s) for s in row.get("skills") or []} - {""}
    found = {plain(s) for s in read.get("skills") or []} - {""}
    found -= {plain(s) for s in row.get("skills_optional") or []} - wanted
    return len(wanted & found), len(found), len(wanted)


def score(rows, predictions):
    """{field: share that is right, "skills": F1, "files", "unread"}; a field that no file has is None."""
    read = {os.path.basename(p["file"]): p for p in predictions if not p.get("error")}
    rows = [r for r in rows if not r.get("needs_ocr")]
    pairs = [(row, read.get(os.path.basename(row["file"]), {})) for row in rows]
    shares = {}
    for field in FIELDS:
        there = [right(field, row, found) for row, found in pairs if row.get(field) is not None]
        shares[field] = sum(there) / len(there) if there else None
    counted = [skills(row, found) for row, found in pairs if row.get("skills_in") != "none"]
    good, found, wanted = map(sum, zip(*counted)) if counted else (0, 0, 0)
    return {"files": len(rows), "unread": sum(os.path.basename(r["file"]) not in read for r in rows), **shares,
            "skills": 2 * good / (found + wanted) if found + wanted else None}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(json.dumps(score(lines(sys.argv[1]), lines(sys.argv[2])), indent=1))
