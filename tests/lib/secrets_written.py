"""What must never be written: the secrets that servers of this run were given and the tokens that they handed out; and where they
could have been: their logs, what they said on standard error, their databases."""
import glob
import os
import re

SECRET_NAME = re.compile(r"PASSWORD|_KEY$|TOKEN")
directories = set()
given = set()  # to servers, by their settings
handed_out = set()  # by servers, in replies


def note_settings(directory, settings):
    """A server runs in this directory with these settings."""
    directories.add(directory)
    found = {v for k, v in settings.items() if v and SECRET_NAME.search(k)}
    found |= {m[1] for v in settings.values() if v and (m := re.match(r"[a-z]+://[^/@:]*:([^/@]+)@", v))}
    given.update(v for v in found if len(v) >= 8)


def note_reply(response):
    """Remembers the tokens in a reply; no reply may repeat a setting that is secret."""
    text = response.content.decode("latin-1")  # to guess the encoding of 100 MB would take minutes
    if "openapi.json" in response.url:
        return  # its example of a password is that of the tests
    for secret in given:
        assert secret not in text, f"{response.request.method} {response.request.url} shows a secret"
    for name in ("access_token", "refresh_token", "key"):
        handed_out.update(m for m in re.findall(rf'"{name}":\s*"([^"]{{20,}})"', text))


def occurrences(path, secrets):
    with open(path, "rb") as f:
        data = f.read()
    return [f"{path} has {s[:4]}…" for s in secrets if s.encode() in data]


def search():
    """Every file that has one of the secrets, in words for people."""
    found = []
    for d in sorted(directories):
        logs = [os.path.join(d, "stderr"), *glob.glob(os.path.join(d, "**", "*.log*"), recursive=True)]
        for path in filter(os.path.isfile, logs):
            found += occurrences(path, given | handed_out)
        for path in glob.glob(os.path.join(d, "data", "vitae.db*")):
            found += occurrences(path, given)
    return found
