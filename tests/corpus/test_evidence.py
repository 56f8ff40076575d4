"""No invention: every value of every profile stands in its document, where its evidence says."""
import glob
import json
import os
import re
import subprocess

import pytest
from vitae import ROOT, VITAE

SHARED = os.path.join(os.path.dirname(ROOT), "shared", "corpus", "open")
OURS = os.path.join(ROOT, "tests", "corpus")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
KINDS = ("*.pdf", "*.docx", "*.doc")


def plain(text):
    return " ".join(text.casefold().split())


def bare(text):
    return re.sub(r"[\W_]", "", text.casefold())


def leaves(value, pointer=""):
    """The strings of a document with their JSON Pointers."""
    if isinstance(value, str):
        yield pointer, value
    elif value:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(child, f"{pointer}/{key}")


def is_said(pointer, value, rows, text):
    """Whether the words of the evidence say the value, as they stand or in its normal form; those of a name, address or
    skill that a line's end divides show its beginning."""
    words = " ".join(row["text"] for row in rows)
    if plain(value) == plain(words) or bare(value) == bare(words):
        return True
    if pointer.endswith(("Date", "/date")):
        return DATE.fullmatch(value) and value[2:4] in words  # "2019-03" for "Mar '19"
    if pointer.endswith("/url") or pointer.startswith("/basics/profiles/"):
        return rows[0].get("link") or bare(value) in "https" + bare(words)
    if pointer.startswith(("/basics/name", "/basics/email", "/basics/phone", "/skills/")):
        whole, shown = bare(value), bare(words)
        return rows[0].get("link") or (whole in text and (shown in whole or whole[:2] in shown))
    return pointer.endswith("/countryCode") and len(value) == 2


def shown_faults(profile, text):
    """The values beside the résumé: what the list of candidates shows. The domain's sentence has words of its own; what it
    was told by stands in the document. An address may stand in a link's target only."""
    linked = {row["pointer"].split("/")[-1] for row in profile["resume"]["meta"]["evidence"] if row.get("link")}
    values = [(k, profile[k]["value"], profile[k]["evidence"]["text"]) for k in ("name", "email", "phone") if profile[k]]
    values += [("skills", s["name"], s["evidence"]["text"]) for s in profile["skills"]]
    for key, value, words in values:
        if value and ((bare(value) not in text and key not in linked) or bare(words) not in text):
            yield f"{key}: not in the text: {value} ({words})"
    domain = profile["domain_knowledge"] or {}
    if domain.get("value") and (not bare(domain["evidence"]["text"]) or bare(domain["evidence"]["text"]) not in text):
        yield f"domain_knowledge: not in the text: {domain}"


def faults(profile):
    resume, text = profile["resume"], bare(profile["text"])
    yield from shown_faults(profile, text)
    rows = {}
    for row in resume["meta"]["evidence"]:
        rows.setdefault(row["pointer"], []).append(row)
        assert 0 < row["confidence"] <= 1 and len(row["box"]) == 4 and row["page"] >= 0
        if bare(row["text"]) not in text:
            yield f"{row['pointer']}: not in the text: {row['text']}"
    found = {k: v for k, v in resume.items() if k != "meta"}
    for pointer, value in leaves(found):
        if pointer not in rows:
            yield f"{pointer}: no evidence: {value}"
        elif not is_said(pointer, value, rows.pop(pointer), text):
            yield f"{pointer}: not what the evidence says: {value}"
    yield from (f"{pointer}: evidence of no value" for pointer in rows if pointer not in dict(leaves(found)))


@pytest.mark.parametrize("directory", [OURS, SHARED], ids=["ours", "shared"])
def test_every_value_stands_in_the_document(directory):
    files = sorted(f for kind in KINDS for f in glob.glob(os.path.join(directory, kind)))
    if not files:
        pytest.skip("no documents in ../shared/corpus/open beside the project")
    out = subprocess.run([VITAE, "parse", "--profile", "-"], input="\n".join(files), capture_output=True, text=True,
                         timeout=600)
    profiles = [json.loads(line) for line in out.stdout.splitlines()]
    assert len(profiles) == len(files), out.stderr
    read = [p for p in profiles if not p["error"]]
    found = [f"{os.path.basename(p['file'])} {fault}" for p in read for fault in faults(p["profile"])]
    assert not found, f"{len(found)} of {len(read)} profiles:\n" + "\n".join(found[:40])
    assert sum(len(p["profile"]["resume"]["work"]) > 0 for p in read) > len(read) * 0.8
