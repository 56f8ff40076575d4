"""How well documents are read: the fields of the larger set beside the project, scored by its own scorer, and the share of
the words that pdftotext finds in PDFs which the reader finds too."""
import collections
import glob
import importlib.util
import json
import os
import re
import subprocess
import sys
import unicodedata

import pytest
from vitae import BUILD, ROOT, VITAE

SHARED = os.path.join(os.path.dirname(ROOT), "shared", "corpus")
LEAST = {"name+alt": 0.98, "email": 0.99, "phone": 0.98}
SKILLS_LEAST = 0.95
RECALL_LEAST = 0.995


def scorer():
    spec = importlib.util.spec_from_file_location("score", os.path.join(SHARED, "score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parse(files):
    out = subprocess.run([VITAE, "parse", "-"], input="\n".join(files), capture_output=True, text=True, timeout=600)
    assert "Sanitizer" not in out.stderr, out.stderr
    return [json.loads(line) for line in out.stdout.splitlines()]


def test_fields_of_the_larger_set():
    manifest = os.path.join(SHARED, "open", "manifest.jsonl")
    if not os.path.exists(manifest):
        pytest.skip("no documents in ../shared/corpus beside the project")
    with open(manifest, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    found = parse([os.path.join(SHARED, "open", row["file"]) for row in rows])
    assert len(found) == len(rows)
    total = scorer().score(rows, found)[0].row()
    print({k: round(total[k], 4) for k in ("name", *LEAST, "skills_p", "skills_r", "skills_f1")})
    for field, least in LEAST.items():
        assert total[field] >= least, f"{field}: {total[field]:.4f}"
    assert total["skills_f1"] >= SKILLS_LEAST, f"skills: {total['skills_f1']:.4f}"


# ---- words ----

def words(text):
    """Words as both programs should write them: ligatures and soft hyphens undone, pictures and rules of dashes left out."""
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", ""))
    return [w for w in text.casefold().split() if any(c.isalnum() for c in w)]


def read_lines(files):
    """The text that vitae-read sees in each file."""
    out = subprocess.run([os.path.join(BUILD, "parse", "vitae-read"), *files], capture_output=True, text=True, timeout=600)
    texts, at = collections.defaultdict(list), None
    for line in out.stdout.splitlines():
        head = re.match(r"# (.*): \w+, \d+ pages, \d+ runs, \d+ lines$", line)
        if head:
            at = head.group(1)
        elif not line.startswith("# "):
            texts[at].append(line.split("\t")[9].replace(" ¦ ", " "))
    return texts


def missing(theirs, ours):
    """Words of theirs that ours lacks. Words that are spaced out, glued or broken otherwise count as there if their
    letters stand in a row."""
    left = collections.Counter(words(theirs)) - collections.Counter(words(ours))
    squeezed = "".join(words(ours))
    return [w for w, n in left.items() for _ in range(n) if w not in squeezed and w.rstrip("-\u2010") not in squeezed]


def test_words_of_text_pdfs():
    files = sorted(glob.glob(os.path.join(ROOT, "tests", "corpus", "*.pdf")) + glob.glob(os.path.join(SHARED, "open", "*.pdf")))
    ours, total, lost = read_lines(files), 0, []
    for path in files:
        theirs = subprocess.run(["pdftotext", "-q", "-enc", "UTF-8", path, "-"], capture_output=True, text=True, errors="replace",
                                timeout=60).stdout
        total += len(words(theirs))
        lost += [(os.path.basename(path), w) for w in missing(theirs, "\n".join(ours[path]))]
    by_file = collections.Counter(name for name, _ in lost)
    print(f"{len(files)} files, {total} words, recall {1 - len(lost) / total:.5f}; {by_file.most_common(5)}")
    assert total > 0
    assert len(lost) <= (1 - RECALL_LEAST) * total, (by_file.most_common(10), lost[:50])


def test_every_kind_of_font():
    """fonts/: made by bench/make_pdfs.py; from those called bare what says which characters the glyphs are (ToUnicode) has been
    cut out, so that it has to come from the font programs."""
    sys.path.insert(0, os.path.join(ROOT, "bench"))
    from make_pdfs import TEXTS
    files = sorted(glob.glob(os.path.join(ROOT, "tests", "corpus", "fonts", "*.pdf")))
    ours = read_lines(files)
    assert files
    for path in files:
        language = path[:-4].rsplit("-", 1)[1]
        lost = missing(TEXTS[language], "\n".join(ours[path]))
        assert lost == [], os.path.basename(path)
    assert "Filled in by hand" in "\n".join(ours[os.path.join(ROOT, "tests", "corpus", "fonts", "owner-password-en.pdf")])
