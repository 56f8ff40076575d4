"""What a recruiter is told about the document itself: hidden text, passwords, pictures, two people, no résumé."""
import hashlib

import pytest

from documents import PERSON, lines, pdf_file, pdf_stream
from vitae import API, Server, read_candidate, upload

OTHER = {
    "name": "Bartholomew Quince",
    "email": "bartholomew.quince@example.net",
    "phone": "+44 161 496 0777",
    "skills": ["Welding", "Carpentry"],
}
WORDS = "Haskell Erlang Fortran COBOL Kotlin Scala Perl Clojure Elixir Prolog Smalltalk hidden@sneaky.example"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("findings")) as s:
        yield s


def rc4(key, data):
    s, j, i, out = list(range(256)), 0, 0, bytearray()
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) % 256])
    return bytes(out)


PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


class Lock:
    """The standard security handler, revision 2 (ISO 32000-1, 7.6.3)."""

    def __init__(self, user, owner):
        self.o = rc4(hashlib.md5(self.padded(owner)).digest()[:5], self.padded(user))
        rights = b"\xfc\xff\xff\xff"
        self.key = hashlib.md5(self.padded(user) + self.o + rights + b"0" * 16).digest()[:5]
        self.u = rc4(self.key, PADDING)

    @staticmethod
    def padded(password):
        return (password + PADDING)[:32]

    def locked(self, number, data):
        key = hashlib.md5(self.key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
        return rc4(key, data)

    def entry(self):
        return b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (self.o.hex().encode(), self.u.hex().encode())


def content(person=PERSON):
    """The résumé's drawing operators."""
    out, y = [], 800
    for size, text in lines(person):
        y -= int(size * 1.5)
        out.append(b"BT /F1 %d Tf 56 %d Td (%s) Tj ET" % (size, y, text.encode("cp1252")))
    return b"\n".join(out)


def paper(*pages, lock=None):
    """A PDF of pages with these contents; /Im is a grey picture."""
    kids = b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> "
        b"/XObject << /Im 4 0 R >> >> >>" % (kids, len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]

    def stream(number, entries, data):
        data = lock.locked(number, data) if lock else data
        return pdf_stream(entries, data)

    objects.append(stream(4, b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
                             b"/BitsPerComponent 8", b"\xc0"))
    for i, page in enumerate(pages):
        objects.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R >>" % (6 + 2 * i))
        objects.append(stream(6 + 2 * i, b"", page))
    ids = (b"0" * 16).hex().encode()
    return pdf_file(objects, b"/Encrypt %s /ID [<%s> <%s>]" % (lock.entry(), ids, ids) if lock else b"")


def read(house, data, name="cv.pdf"):
    """The candidate, its profile and the kinds of its findings."""
    client = house.login("admin")
    r = upload(client, data, name)
    assert r.status_code == 202, r.text
    candidate = read_candidate(client, r.json()["id"])
    assert candidate["status"] == "completed", candidate
    profile = client.get(f"{API}/candidates/{candidate['id']}/profile").json()
    for finding in profile["findings"]:
        assert finding["message"], finding
    return candidate, profile, [f["kind"] for f in profile["findings"]]


def test_a_resume_is_one_and_nothing_is_found(house):
    _, profile, kinds = read(house, paper(content()))
    assert profile["is_resume"] is True
    assert profile["resume_probability"] > 0.9
    assert kinds == []


def test_a_letter_is_no_resume(house):
    letter = ["Minutes of the parish council", "The roof of the hall will be repaired in spring.",
              "Nobody objected. The next meeting is in the village hall."]
    drawn = b"\n".join(b"BT /F1 12 Tf 56 %d Td (%s) Tj ET" % (700 - 30 * i, t.encode()) for i, t in enumerate(letter))
    _, profile, kinds = read(house, paper(drawn))
    assert profile["is_resume"] is False
    assert profile["resume_probability"] < 0.5
    assert "not_resume" in kinds


@pytest.mark.parametrize("how", [
    b"1 g BT /F1 10 Tf 56 60 Td (%s) Tj ET",
    b"BT /F1 1 Tf 56 60 Td (%s) Tj ET",
    b"BT /F1 10 Tf 56 -300 Td (%s) Tj ET",
    b"BT 3 Tr /F1 10 Tf 56 60 Td (%s) Tj ET",
], ids=["white", "tiny", "off the page", "not drawn"])
def test_hidden_text_is_told_and_not_read(house, how):
    candidate, profile, kinds = read(house, paper(content() + b"\n" + how % WORDS.encode()))
    assert kinds == ["hidden_text"]
    assert candidate["name"] == PERSON["name"]
    assert candidate["email"] == PERSON["email"]
    skills = [s["name"] for s in profile["skills"]]
    assert "Haskell" not in skills and "Python" in skills
    assert "sneaky" not in str(profile)
    found = house.login("admin").get(f"{API}/candidates/search", params={"q": "Smalltalk"})
    assert candidate["id"] not in [c["id"] for c in found.json()]


def test_a_pdf_that_may_be_read_without_its_password_is(house):
    candidate, _, kinds = read(house, paper(content(), lock=Lock(b"", b"secret")))
    assert candidate["email"] == PERSON["email"]
    assert kinds == ["password"]


def test_a_pdf_that_needs_a_password_fails_with_a_sentence(house):
    client = house.login("admin")
    r = upload(client, paper(content(), lock=Lock(b"open sesame", b"secret")), "locked.pdf")
    candidate = read_candidate(client, r.json()["id"])
    assert candidate["status"] == "failed"
    assert candidate["error_message"] == "The PDF is protected by a password. Save it without one and upload it again."


def test_a_document_about_two_people(house):
    candidate, _, kinds = read(house, paper(content(), content(OTHER)))
    assert kinds == ["two_people"]
    assert candidate["name"] == PERSON["name"]
    assert candidate["email"] == PERSON["email"]


def test_a_document_that_is_mostly_a_picture(house):
    drawn = b"q 595 0 0 700 0 0 cm /Im Do Q\n"
    drawn += b"\n".join(b"BT /F1 11 Tf 56 %d Td (%s) Tj ET" % (820 - 20 * i, t.encode()) for i, t in enumerate(
        [PERSON["name"], PERSON["email"], PERSON["phone"], "Backend Engineer", "Leeds"]))
    candidate, _, kinds = read(house, paper(drawn))
    assert "image" in kinds
    assert candidate["email"] == PERSON["email"]
