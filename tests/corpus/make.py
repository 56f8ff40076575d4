#!/usr/bin/python3
"""Makes the documents of this folder anew. Invented people; any likeness is chance.

    make.py            all but the .doc files of Word 97
    make.py --word97   those too; needs soffice (Debian: libreoffice-writer-nogui)

What a document says stands in PEOPLE and goes into NAME.expected.json as well; how it is laid out, in the functions.
"""
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def person(name, email, phone, skills, **more):
    return {"name": name, "email": email, "phone": phone, "skills": skills, **more}


ENGLISH = dict(
    title="Backend Engineer", headings=("Summary", "Skills", "Experience", "Education"),
    summary="Engineer who likes dull, dependable systems and short meetings.",
    jobs=[("Senior Backend Engineer, Northwind Freight, Leeds", "2019 - 2024",
           ["Built the booking service that forty depots use every day.", "Cut the nightly close from six hours to one."]),
          ("Backend Engineer, Harbour Systems, Hull", "2015 - 2019", ["Looked after the billing of a shipping line."])],
    school="BSc Computer Science, University of Hull, 2015")
FRENCH = dict(
    title="Développeuse web", headings=("Profil", "Compétences", "Expérience professionnelle", "Formation"),
    summary="Développeuse curieuse, attentive à la qualité et au travail en équipe.",
    jobs=[("Développeuse web, Atelier du Quai, Nantes", "2018 - 2024",
           ["Refonte du site de réservation.", "Mise en place des tests automatisés."]),
          ("Stagiaire, Mairie de Rezé", "2017", ["Outils internes pour le service des écoles."])],
    school="Licence d'informatique, Université de Nantes, 2017")
GERMAN = dict(
    title="Systemadministrator", headings=("Profil", "Kenntnisse", "Berufserfahrung", "Ausbildung"),
    summary="Administrator mit Freude an ruhigen Nachtschichten und sauberer Dokumentation.",
    jobs=[("Systemadministrator, Stadtwerke Lüneburg", "03/2016 - heute",
           ["Betrieb von achtzig Servern.", "Einführung der Überwachung."]),
          ("Fachinformatiker, Büro Grün GmbH, Uelzen", "08/2012 - 02/2016", ["Betreuung der Arbeitsplätze."])],
    school="Ausbildung zum Fachinformatiker, BBS Lüneburg, 2012")


# ---- PDF ----

class Pdf:
    """Pages in Helvetica, written as text at places, in the order of the calls."""

    def __init__(self):
        self.pages, self.links = [], []
        self.page()

    def page(self):
        self.pages.append([])
        self.links.append([])

    def text(self, x, y, size, text, bold=False):
        shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.pages[-1].append(f"BT /{'F2' if bold else 'F1'} {size} Tf {x} {y} Td ({shown}) Tj ET")

    def link(self, x, y, width, target):
        self.links[-1].append((x, y, width, target))

    def bytes(self):
        objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"",
                   *(f"<< /Type /Font /Subtype /Type1 /BaseFont /{n} /Encoding /WinAnsiEncoding >>".encode()
                     for n in ("Helvetica", "Helvetica-Bold"))]
        kids = []
        for content, links in zip(self.pages, self.links):
            stream = zlib.compress("\n".join(content).encode("cp1252"))
            objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream")
            annotations = " ".join(
                f"<< /Type /Annot /Subtype /Link /Rect [{x} {y} {x + w} {y + 12}] /Border [0 0 0] "
                f"/A << /S /URI /URI ({t}) >> >>" for x, y, w, t in links)
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R /Annots [{annotations}] "
                "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>".encode())
            kids.append(len(objects))
        objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>".encode()
        out, at = io.BytesIO(b"%PDF-1.5\n"), []
        out.seek(0, 2)
        for i, body in enumerate(objects, 1):
            at.append(out.tell())
            out.write(b"%d 0 obj\n" % i + body + b"\nendobj\n")
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % a for a in at))
        out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
        return out.getvalue()


def experience(p):
    for job, years, points in p["jobs"]:
        yield 10, f"{job}  {years}", True
        for point in points:
            yield 10, f"• {point}", False


def pdf_plain(p):
    """One column."""
    d, y = Pdf(), 780
    d.text(60, y, 24, p["name"], True)
    d.text(60, y - 20, 12, p["title"])
    d.text(60, y - 36, 10, f"{p['email']}  |  {p['phone']}  |  Leeds")
    y -= 66
    blocks = [[(10, p["summary"], False)], [(10, ", ".join(p["skills"]), False)], list(experience(p)), [(10, p["school"], False)]]
    for heading, block in zip(p["headings"], blocks):
        d.text(60, y, 14, heading, True)
        for size, text, bold in block:
            y -= 15
            d.text(60, y, size, text, bold)
        y -= 28
    return d.bytes()


def pdf_grid(p):
    """As below, but the lines of both columns stand on common baselines, as the rows of a table would."""
    return pdf_two_columns(p, 18)


def pdf_two_columns(p, leading=16):
    """A narrow column for contact and skills beside a wide one; the lines of both are drawn in turn."""
    d, side, main = Pdf(), 50, 215
    d.text(main, 780, 26, p["name"], True)
    d.text(main, 760, 12, p["title"])
    left = [(12, "Contact", True), (10, p["email"], False), (10, p["phone"], False), (10, "", False),
            (12, p["headings"][1], True), *((10, s, False) for s in p["skills"])]
    right = [(14, p["headings"][0], True), (10, p["summary"], False), (10, "", False), (14, p["headings"][2], True),
             *experience(p), (10, "", False), (14, p["headings"][3], True), (10, p["school"], False)]
    for i in range(max(len(left), len(right))):
        for x, column, step in ((side, left, 18), (main, right, leading)):
            if i < len(column) and column[i][1]:
                size, text, bold = column[i]
                d.text(x, 720 - step * i, size, text, bold)
    return d.bytes()


def pdf_right_rail(p):
    """The same with the narrow column at the right, and everything of the wide one drawn before it."""
    d, y = Pdf(), 720
    d.text(50, 790, 22, p["name"].upper(), True)
    d.text(50, 770, 11, p["title"])
    wide = [(13, p["headings"][0], True), (10, p["summary"], False), (13, p["headings"][2], True), *experience(p),
            (13, p["headings"][3], True), (10, p["school"], False)]
    for size, text, bold in wide:
        d.text(50, y, size, text, bold)
        y -= 20
    y = 720
    for size, text, bold in [(12, "Contact", True), (9, p["phone"], False), (9, p["email"], False), (12, p["headings"][1], True),
                             *((9, s, False) for s in p["skills"])]:
        d.text(420, y, size, text, bold)
        y -= 18
    return d.bytes()


def pdf_link(p):
    """Two pages; the address stands behind a link only, and the name is repeated on the second page."""
    d, y = Pdf(), 730
    d.text(60, 780, 24, p["name"], True)
    d.text(60, 758, 10, f"Phone: {p['phone']}")
    d.text(300, 758, 10, "E-mail me")
    d.link(300, 756, 60, f"mailto:{p['email']}")
    for size, text, bold in [(14, p["headings"][0], True), (10, p["summary"], False), (14, p["headings"][2], True),
                             *experience(p)]:
        d.text(60, y, size, text, bold)
        y -= 22
    d.page()
    d.text(60, 800, 8, f"{p['name']} - page 2 of 2")
    d.text(60, 760, 14, p["headings"][1], True)
    d.text(60, 740, 10, "Languages: " + ", ".join(p["skills"][:3]))
    d.text(60, 724, 10, "Tools: " + ", ".join(p["skills"][3:]))
    d.text(60, 690, 14, p["headings"][3], True)
    d.text(60, 670, 10, p["school"])
    return d.bytes()


# ---- DOCX ----

def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def w_p(text, size=10, bold=False):
    return (f"<w:p><w:r><w:rPr>{'<w:b/>' if bold else ''}<w:sz w:val=\"{size * 2}\"/></w:rPr>"
            f"<w:t xml:space=\"preserve\">{escape(text)}</w:t></w:r></w:p>")


def w_table(rows):
    return "<w:tbl>" + "".join(
        "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in row) + "</w:tr>" for row in rows) + "</w:tbl>"


def w_jobs(p):
    return "".join(w_p(text, size, bold) for size, text, bold in experience(p))


def package(body, header=None):
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    kinds = f'<Override PartName="/word/document.xml" ContentType="{types}document.main+xml"/>'
    section = ""
    parts = {}
    if header:
        kinds += f'<Override PartName="/word/header1.xml" ContentType="{types}header+xml"/>'
        section = '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr>'
        parts["word/header1.xml"] = f'<w:hdr xmlns:w="{W}">{header}</w:hdr>'
        parts["word/_rels/document.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{R}/header" Target="header1.xml"/></Relationships>')
    parts["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{kinds}</Types>')
    parts["_rels/.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>')
    parts["word/document.xml"] = f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}{section}</w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name in sorted(parts):
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), '<?xml version="1.0" encoding="UTF-8"?>' + parts[name],
                       zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx_table(p):
    """Everything stands in one table: headings at the left, what belongs to them at the right."""
    rows = [[w_p(p["name"], 22, True), w_p(p["email"]) + w_p(p["phone"])],
            [w_p(p["headings"][0], 12, True), w_p(p["summary"])],
            [w_p(p["headings"][1], 12, True), w_table([[w_p(a), w_p(b)] for a, b in zip(p["skills"][::2], p["skills"][1::2])]) + w_p("")],
            [w_p(p["headings"][2], 12, True), w_jobs(p)],
            [w_p(p["headings"][3], 12, True), w_p(p["school"])]]
    return package(w_table(rows))


def docx_header(p):
    """Name and contact stand in the page's header."""
    header = w_p(p["name"], 20, True) + w_p(f"{p['phone']} • {p['email']}")
    body = w_p(p["headings"][0], 14, True) + w_p(p["summary"]) + w_p(p["headings"][1], 14, True)
    body += "".join(w_p("• " + s) for s in p["skills"]) + w_p(p["headings"][2], 14, True) + w_jobs(p)
    return package(body + w_p(p["headings"][3], 14, True) + w_p(p["school"]), header)


# ---- RTF, HTML, MHTML ----

def rtf(p):
    def plain(text):
        return "".join(c if ord(c) < 128 and c not in "\\{}" else f"\\u{ord(c)}?" if ord(c) > 255 else f"\\'{ord(c):02x}"
                       for c in text.replace("•", "-"))
    lines = [(24, p["name"], True), (10, p["title"], False), (10, p["email"], False), (10, p["phone"], False)]
    lines += [(14, p["headings"][0], True), (10, p["summary"], False), (14, p["headings"][1], True),
              (10, "; ".join(p["skills"]), False), (14, p["headings"][2], True), *experience(p), (14, p["headings"][3], True),
              (10, p["school"], False)]
    body = "".join(f"{{\\fs{size * 2}{chr(92) + 'b' if bold else ''} {plain(text)}}}\\par\r\n" for size, text, bold in lines)
    head = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}{\\*\\generator by hand}{\\info{\\author Nobody}}\r\n"
    return (head + body + "}").encode("ascii")


def html_body(p):
    out = f"<h1>{escape(p['name'])}</h1><p>{p['title']}<br>{p['email']}<br>Tel. {escape(p['phone'])}</p>"
    out += f"<h2>{p['headings'][0]}</h2><p>{p['summary']}</p><h2>{p['headings'][1]}</h2><ul>"
    out += "".join(f"<li>{escape(s)}</li>" for s in p["skills"]) + f"</ul><h2>{p['headings'][2]}</h2>"
    for job, years, points in p["jobs"]:
        out += f"<p><b>{job}</b> {years}</p><ul>" + "".join(f"<li>{x}</li>" for x in points) + "</ul>"
    return out + f"<h2>{p['headings'][3]}</h2><p>{p['school']}</p>"


def html(p):
    style = "<style>body { font-family: Arial } h1 { color: #036 }</style><script>var name = 'No One'</script>"
    page = f"<html xmlns:w='urn:schemas-microsoft-com:office:word'><head><meta charset=windows-1252><title>Resume</title>{style}</head>"
    return f"{page}<body lang=EN>{html_body(p)}</body></html>".encode("cp1252")


def mhtml(p):
    import quopri
    page = f"<html><head><meta charset=utf-8><title>CV</title></head><body>{html_body(p)}</body></html>"
    body = quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")
    return (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"----=_part\"\r\n\r\nThis is a saved page.\r\n\r\n"
            b"------=_part\r\nContent-Location: file:///C:/cv.htm\r\nContent-Transfer-Encoding: quoted-printable\r\n"
            b"Content-Type: text/html; charset=\"utf-8\"\r\n\r\n" + body + b"\r\n------=_part\r\nContent-Type: image/gif\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\nR0lGODlhAQABAAAAACw=\r\n------=_part--\r\n")


# ---- who, and how ----

PEOPLE = {
    "plain.pdf": (pdf_plain, person("Bronwen Achterberg", "bronwen.achterberg@example.com", "+44 113 496 0142",
                                    ["Java", "Spring Boot", "PostgreSQL", "Docker", "Jenkins"], **ENGLISH)),
    "two-columns.pdf": (pdf_two_columns, person("Tobias Lindqvist", "t.lindqvist@example.org", "+46 8 505 213 40",
                                                ["Python", "Django", "Redis", "Kubernetes", "Terraform", "AWS"], **ENGLISH)),
    "grid.pdf": (pdf_grid, person("Tobias Lindqvist", "t.lindqvist@example.org", "+46 8 505 213 40",
                                  ["Python", "Django", "Redis", "Kubernetes", "Terraform", "AWS"], **ENGLISH)),
    "right-rail.pdf": (pdf_right_rail, person("Priscilla Okonkwo", "priscilla@okonkwo.example", "(617) 555-0134",
                                              ["Go", "gRPC", "Kafka", "Prometheus", "Linux"], **ENGLISH)),
    "link.pdf": (pdf_link, person("Dermot Fitzwilliam", "dermot.f@example.net", "+353 1 555 0187",
                                  ["C++", "Rust", "Lua", "CMake", "Git", "GDB"], **ENGLISH)),
    "german.pdf": (pdf_plain, person("Jürgen Weißhäupl", "j.weisshaeupl@example.de", "+49 4131 555 0171",
                                     ["Linux", "Ansible", "Nagios", "Bash", "VMware"], **GERMAN)),
    "table.docx": (docx_table, person("Xiomara Delacroix-Peña", "xiomara.dp@example.com", "+34 91 123 45 67",
                                      ["JavaScript", "React", "TypeScript", "GraphQL", "Node.js", "MongoDB"], **ENGLISH)),
    "header.docx": (docx_header, person("Ferdinand Abioye", "ferdinand.abioye@example.com", "+1 415 555 0177",
                                        ["C#", ".NET", "Azure", "SQL Server"], **ENGLISH)),
    "french.docx": (docx_header, person("Maëlle Lefèvre-Béranger", "maelle.lefevre@example.fr", "+33 2 40 12 34 56",
                                        ["PHP", "Symfony", "MySQL", "Vue.js", "Docker"], **FRENCH)),
    "rich-text.doc": (rtf, person("Zoë Łukasiewicz", "zoe.luk@example.pl", "+48 22 555 01 23",
                                  ["Ruby", "Ruby on Rails", "Elasticsearch", "Sidekiq"], **ENGLISH)),
    "web.doc": (html, person("Anselm Grünwald", "anselm@gruenwald.example", "+43 1 5550 1234",
                             ["Scala", "Apache Spark", "Hadoop", "Airflow"], **ENGLISH)),
    "saved-page.doc": (mhtml, person("Noémie Castelnau", "noemie.castelnau@example.fr", "06 39 98 12 34",
                                     ["HTML", "CSS", "JavaScript", "Figma"], **FRENCH)),
    "word97.doc": ("word97", person("Cornelius Vandermeer", "c.vandermeer@example.nl", "+31 20 555 0134",
                                    ["Perl", "Oracle", "Unix", "Apache", "Subversion"], **ENGLISH)),
    "word97-german.doc": ("word97", person("Käthe Brömmelhaus", "kaethe.broemmelhaus@example.de", "+49 251 555 0199",
                                           ["SAP", "ABAP", "Excel", "Python"], **GERMAN)),
}


def word97(p):
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "a.html"), "w", encoding="utf-8") as f:
            f.write(f"<html><head><meta charset=utf-8></head><body>{html_body(p)}</body></html>")
        subprocess.run(["soffice", f"-env:UserInstallation=file://{d}/profile", "--headless", "--convert-to", "doc:MS Word 97",
                        "--outdir", d, os.path.join(d, "a.html")], check=True, capture_output=True)
        with open(os.path.join(d, "a.doc"), "rb") as f:
            return f.read()


def main():
    for name, (make, p) in PEOPLE.items():
        expected = {k: p[k] for k in ("name", "email", "phone", "skills")}
        with open(os.path.join(HERE, name + ".expected.json"), "w", encoding="utf-8") as f:
            f.write(json.dumps(expected, ensure_ascii=False, indent=2) + "\n")
        if make == "word97":
            if "--word97" not in sys.argv:
                continue
            make = word97
        with open(os.path.join(HERE, name), "wb") as f:
            f.write(make(p))


if __name__ == "__main__":
    main()
