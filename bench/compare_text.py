"""Counts, for PDFs, how many of the words that pdftotext finds the reader finds too, and whether in
the same order; see bench/recall."""
import argparse
import collections
import glob
import gzip
import html
import itertools
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

PAGES = 60       # as many as the reader reads
BLOCK_MIN = 4    # words: shorter blocks have no order worth the name
PIECES = 16      # of a word, at most
# A Chinese, Japanese or Korean character is a word of its own, as nothing stands between words.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff"
                  r"\uac00-\ud7a3\uf900-\ufaff]+")


RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def words(text):
    return WORD.findall(unicodedata.normalize("NFKC", text.replace("\u00ad", "")))


def run(command):
    done = subprocess.run(command, capture_output=True, timeout=300)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def in_order(line):
    """With -bbox-layout pdftotext leaves letters and words that are read from the right as they are seen."""
    if sum(bool(RIGHT_TO_LEFT.search(w)) for w in line) * 2 <= len(line):
        return line
    return [w[::-1] if RIGHT_TO_LEFT.search(w) else w for w in reversed(line)]


def their_pages(path):
    """Each page's blocks as pdftotext lays them out, each a list of lines; None if it reads nothing."""
    text = run(["pdftotext", "-q", "-bbox-layout", "-l", str(PAGES), path, "-"])
    if text is None:
        return None
    pages = []
    for page in text.split("<page ")[1:]:
        blocks = []
        for block in page.split("<block ")[1:]:
            lines = [[html.unescape(w) for w in re.findall(r"<word [^>]*>(.*?)</word>", line, re.S)]
                     for line in block.split("<line ")[1:]]
            blocks.append("\n".join(" ".join(in_order(line)) for line in lines))
        pages.append(blocks)
    return pages


def our_pages(reader, path):
    """Each page's text as the reader lays it out, and the words of heads and feet: what comes again on every page
    is given once."""
    done = subprocess.run([reader, path], capture_output=True, timeout=300)
    pages, heads = collections.defaultdict(list), []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        fields = line.split("\t")
        if line.startswith("# ") or len(fields) < 10:
            continue
        pages[int(fields[0])].append(fields[9])
        if fields[3] in "hf":
            heads += words(fields[9])
    return {number: "\n".join(lines) for number, lines in pages.items()}, heads


def common(block, page):
    """The length of the longest common subsequence, bit-parallel (Hyyrö 2004)."""
    where = collections.defaultdict(int)
    for i, word in enumerate(block):
        where[word] |= 1 << i
    whole = (1 << len(block)) - 1
    v = whole
    for word in page:
        m = where.get(word, 0)
        if m:
            u = v & m
            v = ((v + u) | (v - u)) & whole
    return len(block) - bin(v).count("1")


class Count:
    def __init__(self):
        self.files = self.words = self.found = self.ordered = self.order_words = self.pairs = self.near = 0
        self.missing = collections.Counter()

    def add(self, other):
        for name in ("files", "words", "found", "ordered", "order_words", "pairs", "near"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missing.update(other.missing)


def join(theirs, found, left, i):
    """Tries to find word i as a part of a longer one of ours."""
    for start in range(max(0, i - PIECES + 1), i + 1):
        for end in range(min(len(theirs), start + PIECES), i, -1):
            pieces = theirs[start:end]
            orders = itertools.permutations(pieces) if len(pieces) <= 3 else [pieces]
            whole = next((w for w in map("".join, orders) if len(pieces) > 1 and left[w] > 0), None)
            if whole is not None:
                left[whole] -= 1
                found[start:end] = [True] * len(pieces)
                return


def match(theirs, left, heads):
    """For each of their words whether it is among the words left of ours, which are used up. Words that
    pdftotext gives in pieces ("S U M M ARY", "L A TEX", or broken over two lines) count as found if we have the
    whole."""
    found = [False] * len(theirs)
    for i, word in enumerate(theirs):  # letters set apart, before they take others' letters
        if len(word) == 1 and not found[i] and i + 2 < len(theirs) and len(theirs[i + 1]) == len(theirs[i + 2]) == 1:
            join(theirs, found, left, i)
    for i, word in enumerate(theirs):
        if not found[i]:
            # A single word read from the right may have been left as it is.
            word = word[::-1] if left[word] == 0 and RIGHT_TO_LEFT.search(word) else word
            found[i] = left[word] > 0
            left[word] -= found[i]
    for i in range(len(theirs)):
        if not found[i]:
            join(theirs, found, left, i)
        if not found[i] and heads[theirs[i]] > 0:
            heads[theirs[i]] -= 1
            found[i] = True
    return found


def count_page(c, blocks, text, heads):
    ours = words(text)
    left, heads = collections.Counter(ours), collections.Counter(heads)
    where = collections.defaultdict(list)
    for i, word in enumerate(ours):
        where[word].append(i)
    for block in blocks:
        theirs = words(block)
        found = match(theirs, left, heads)
        c.words += len(theirs)
        c.found += sum(found)
        c.missing.update(w for w, f in zip(theirs, found) if not f)
        kept = [w for w in theirs if w in where]
        if len(kept) < BLOCK_MIN:
            continue
        c.order_words += len(kept)
        c.ordered += common(kept, ours)
        for a, b in zip(kept, kept[1:]):
            c.pairs += 1
            c.near += any(0 < j - i <= 2 for i in where[a] for j in where[b])


def count_file(reader, path):
    c = Count()
    theirs = their_pages(path)
    if theirs is None:
        return None
    ours, heads = our_pages(reader, path)
    c.files = 1
    for number, blocks in enumerate(theirs):
        count_page(c, blocks, ours.get(number, ""), heads)
    return c


def share(part, whole):
    return 100 * part / whole if whole else 100.0


def unpacked(path, folder):
    if not path.endswith(".gz"):
        return path
    name = os.path.join(folder, os.path.basename(path)[:-3])
    with gzip.open(path) as source, open(name, "wb") as f:
        f.write(source.read())
    return name


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("reader")
    arguments.add_argument("places", nargs="+", help="directories or files")
    arguments.add_argument("--worst", type=int, default=8, help="files to name, those with most words missing")
    options = arguments.parse_args()
    print(f"{'':52} {'files':>5} {'words':>8} {'found %':>8} {'in order %':>10} {'neighbours %':>12}")
    whole = Count()
    for place in options.places:
        total, rows = Count(), []
        paths = [place] if os.path.isfile(place) else sorted(
            p for end in ("pdf", "pdf.gz") for p in glob.glob(os.path.join(place, "**", "*." + end), recursive=True))
        with tempfile.TemporaryDirectory() as folder:
            for path in paths:
                c = count_file(options.reader, unpacked(path, folder))
                if c is not None:
                    total.add(c)
                    rows.append((c.words - c.found, c, path))
        whole.add(total)
        line(place, total)
        for lost, c, path in sorted(rows, key=lambda r: -r[0])[:options.worst]:
            if lost > 0:
                line("  " + os.path.relpath(path, place), c)
                print("     ", " ".join(w for w, _ in c.missing.most_common(12))[:110])
    line("all", whole)
    sys.exit(share(whole.found, whole.words) < 99.5)


def line(name, c):
    print(f"{name[-52:]:52} {c.files:5} {c.words:8} {share(c.found, c.words):8.2f} "
          f"{share(c.ordered, c.order_words):10.2f} {share(c.near, c.pairs):12.2f}", flush=True)


if __name__ == "__main__":
    main()
