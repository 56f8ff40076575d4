"""Scans: PDFs whose pages are pictures."""
import io
import os
import re
import struct
import subprocess
import zipfile
import zlib

import pytest

import documents
from vitae import API, ROOT, Server, read_candidate, upload

MARGUERITE = os.path.join(ROOT, "docs", "marguerite.pdf")


def scan_of(entries, data, content=b"595 0 0 842 0 0 cm /Im Do", rotate=0):
    """A PDF whose one page, A4, is this picture."""
    return documents.pdf_file([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate %d /Contents 4 0 R "
        b"/Resources << /XObject << /Im 5 0 R >> >> >>" % rotate,
        documents.pdf_stream(b"", content),
        documents.pdf_stream(b"/Type /XObject /Subtype /Image " + entries, data),
    ])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The résumé of the documentation as pictures: {"jpeg": (entries, bytes), …}."""
    folder = tmp_path_factory.mktemp("pages")
    out = {}
    for name, options in (("jpeg", ["-jpeg", "-gray", "-r", "150"]), ("grey", ["-gray", "-r", "150"]),
                          ("bits", ["-mono", "-r", "200"])):
        subprocess.run(["pdftoppm", "-singlefile", *options, MARGUERITE, folder / name], check=True)
    with open(folder / "jpeg.jpg", "rb") as f:
        jpeg = f.read()
    grey, size = samples_of(folder / "grey.pgm")
    out["jpeg"] = (size + b" /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpeg)
    out["grey"] = (size + b" /ColorSpace /DeviceGray /BitsPerComponent 8", grey)
    bits, size = samples_of(folder / "bits.pbm")
    out["bits"] = (size + b" /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0]", bits)
    one_bit = size + b" /ColorSpace /DeviceGray /BitsPerComponent 1 "
    columns = re.search(rb"/Width (\d+)", size)[1]
    subprocess.run(["pdftoppm", "-singlefile", "-mono", "-tiff", "-r", "200", MARGUERITE, folder / "bits"], check=True)
    for kind, scheme, k in (("fax", "g4", -1), ("fax-1d", "g3:1d", 0), ("fax-2d", "g3:2d", 4)):
        subprocess.run(["tiffcp", "-r", "100000", "-c", scheme, folder / "bits.tif", folder / "fax.tif"], check=True)
        out[kind] = (one_bit + b"/Filter /CCITTFaxDecode /DecodeParms << /K %d /Columns %s >>" % (k, columns),
                     strip_of(folder / "fax.tif"))
    out["jbig2"] = (one_bit + b"/Filter /JBIG2Decode", jbig2(size, out["fax"][1]))
    return out


def strip_of(path):
    """The one strip of a TIFF file."""
    with open(path, "rb") as f:
        data = f.read()
    at, = struct.unpack_from("<I", data, 4)
    fields = {}
    for i in range(struct.unpack_from("<H", data, at)[0]):
        tag, kind, _, value = struct.unpack_from("<HHII", data, at + 2 + 12 * i)
        fields[tag] = value if kind == 4 else value & 0xFFFF
    return data[fields[273]:fields[273] + fields[279]]


def jbig2(size, fax):
    """JBIG2 segments (ITU-T T.88, 7.2 to 7.4) of a page that is one generic region, coded like a fax."""
    width, height = (int(n) for n in re.findall(rb"\d+", size))

    def segment(number, kind, data):
        return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data

    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1)
    return segment(0, 48, struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)) + segment(1, 38, region + fax)


def samples_of(path):
    """The samples of a portable grey or bit map, and its size as entries of a dictionary."""
    with open(path, "rb") as f:
        data = f.read()
    fields, at = [], 0
    count = 3 if data[:2] == b"P4" else 4
    while len(fields) < count:
        end = at
        while data[end:end + 1].strip():
            end += 1
        fields.append(data[at:end])
        at = end + 1
    return data[at:], b"/Width %s /Height %s" % (fields[1], fields[2])


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("scans")) as s:
        yield s


def read(server, data, name="scan.pdf"):
    client = server.login("admin")
    r = upload(client, data, name)
    assert r.status_code == 202, r.text
    return client, read_candidate(client, r.json()["id"])


@pytest.mark.parametrize("kind", ["jpeg", "grey", "bits", "fax", "fax-1d", "fax-2d", "jbig2"])
def test_a_scan_is_read(house, pages, kind):
    client, candidate = read(house, scan_of(*pages[kind]), f"{kind}.pdf")
    assert candidate["status"] == "completed", candidate
    assert candidate["name"] == "Marguerite Oyelaran"
    assert candidate["email"] == "marguerite.oyelaran@example.org"
    assert "Kubernetes" in str(candidate["skills"])
    profile = client.get(f"{API}/candidates/{candidate['id']}/profile")
    if profile.status_code == 200:
        assert "scanned" in [f["kind"] for f in profile.json()["findings"]]


def test_a_scan_that_lies_on_its_side_is_read(house, pages):
    entries, data = pages["jpeg"]
    _, candidate = read(house, scan_of(entries, data, b"0 595 -595 0 595 0 cm /Im Do"), "side.pdf")
    assert candidate["name"] == "Marguerite Oyelaran", candidate


def test_a_page_of_strips_inside_the_page_itself_is_read(house, pages):
    entries, data = pages["grey"]
    width, height = (int(n) for n in re.findall(rb"\d+", entries)[:2])
    step, content = 200, b""
    for top in range(0, height, step):
        rows = min(step, height - top)
        packed = zlib.compress(data[top * width:(top + rows) * width]).hex().encode() + b">"
        content += b"q 595 0 0 %.3f 0 %.3f cm BI /W %d /H %d /BPC 8 /CS /G /F [/AHx /Fl] ID %s\nEI Q\n" % (
            842 * rows / height, 842 * (height - top - rows) / height, width, rows, packed)
    _, candidate = read(house, scan_of(b"/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b" ", content),
                        "strips.pdf")
    assert candidate["name"] == "Marguerite Oyelaran", candidate
    assert candidate["email"] == "marguerite.oyelaran@example.org"


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word_of(picture, text=""):
    """A Word document that holds this JPEG, and hardly any text besides."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r7" Type="{OFFICE}/image" Target="media/page1.jpeg"/></Relationships>',
        "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'xmlns:r="{OFFICE}"><w:body>' + text + '<w:p><w:r><w:drawing><a:blip r:embed="r7"/></w:drawing></w:r></w:p></w:body></w:document>',
        "word/media/page1.jpeg": picture,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in parts.items():
            z.writestr(name, content)
    return out.getvalue()


def test_a_scan_in_a_word_document_is_read(house, pages):
    client, candidate = read(house, word_of(pages["jpeg"][1]), "scan.docx")
    assert candidate["status"] == "completed", candidate
    assert candidate["name"] == "Marguerite Oyelaran"
    profile = client.get(f"{API}/candidates/{candidate['id']}/profile").json()
    assert "scanned" in [f["kind"] for f in profile["findings"]]
    rtf = b"{\\rtf1\\ansi{\\pict\\jpegblip\\picw1240\\pich1754 " + pages["jpeg"][1].hex().encode() + b"}\\par}"
    _, candidate = read(house, rtf, "scan.doc")
    assert candidate["name"] == "Marguerite Oyelaran", candidate


def test_a_short_word_document_with_a_photograph_is_no_scan(house, tmp_path):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "mandelbrot=size=600x600", "-frames:v", "1",
                    "-q:v", "2", tmp_path / "photo.jpg"], check=True)
    text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for _, line in documents.lines()[:6] if line)
    client, candidate = read(house, word_of((tmp_path / "photo.jpg").read_bytes(), text), "short.docx")
    assert candidate["name"] == "Marguerite Oyelaran", candidate
    profile = client.get(f"{API}/candidates/{candidate['id']}/profile").json()
    assert "scanned" not in [f["kind"] for f in profile["findings"]]


def test_a_picture_without_words_fails_with_a_sentence(house):
    _, candidate = read(house, scan_of(b"/Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\xff" * 64))
    assert candidate["status"] == "failed"
    assert "scan" in candidate["error_message"]


@pytest.mark.parametrize("entries, data", [
    (b"/Width 9 /Height 9 /Filter /DCTDecode", b"no JPEG"),
    (b"/Width 9 /Height 9 /Filter /JPXDecode", b"no JPEG 2000"),
    (b"/Width 900 /Height 900 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
     b"/DecodeParms << /K -1 /Columns 900 >>", b"no fax" * 99),
    (b"/Width 9 /Height 9 /Filter /JBIG2Decode", b"no picture"),
    (b"/Width 30000 /Height 30000 /ColorSpace /DeviceRGB /BitsPerComponent 8", b"far too large"),
    (b"/Width -1 /Height 0 /ColorSpace /DeviceRGB /BitsPerComponent 8", b"none"),
])
def test_a_broken_picture_fails_with_a_sentence(house, entries, data):
    _, candidate = read(house, scan_of(entries, data))
    assert candidate["status"] == "failed"
    assert "scan" in candidate["error_message"]


def test_without_language_data_a_scan_fails_as_before(tmp_path, pages):
    with Server(tmp_path / "none", OCR_LANGUAGES="nowhere") as s:
        _, candidate = read(s, scan_of(*pages["jpeg"]))
        assert candidate["status"] == "failed"
        assert "scan" in candidate["error_message"]
        _, candidate = read(s, documents.pdf(), "text.pdf")
        assert candidate["status"] == "completed"


def recognisers(server):
    """Process ids of vitae-ocr under this server."""
    out = subprocess.run(["pgrep", "-P", str(server.process.pid), "-x", "vitae-ocr"], capture_output=True, text=True)
    return [int(pid) for pid in out.stdout.split()]


def test_it_runs_in_the_jail_and_from_the_first_scan_on(tmp_path, pages):
    with Server(tmp_path / "jail") as s:
        read(s, documents.pdf(), "text.pdf")
        assert recognisers(s) == []
        read(s, scan_of(*pages["jpeg"]))
        [pid] = recognisers(s)
        with open(f"/proc/{pid}/status") as f:
            status = dict(re.findall(r"^(\w+):\t(.*)$", f.read(), re.M))
        assert status["Seccomp"] == "2"
        assert status["NoNewPrivs"] == "1"
        assert status["Threads"] == "1"
