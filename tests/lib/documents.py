"""Small documents of our own making: the same résumé as PDF, DOCX, RTF and HTML."""
import io
import random
import zipfile
import zlib

PERSON = {
    "name": "Marguerite Oyelaran",
    "email": "marguerite.oyelaran@example.org",
    "phone": "+44 20 7946 0958",
    "skills": ["Python", "PostgreSQL", "Docker", "Kubernetes", "Terraform"],
}


def lines(person=PERSON):
    return [
        (22, person["name"]), (11, "Backend Engineer"), (10, f"{person['email']}    {person['phone']}"),
        (10, ""), (14, "Experience"), (10, "Senior Backend Engineer, Northwind Freight, 2019 - 2024"),
        (10, "Built the booking service and its interfaces; cut the time of a booking by half."),
        (10, "Backend Engineer, Harbour Systems, 2015 - 2019"),
        (10, "Looked after the billing of forty thousand customers."),
        (10, ""), (14, "Skills"), (10, ", ".join(person["skills"])),
        (10, ""), (14, "Education"), (10, "BSc Computer Science, University of Leeds, 2015"),
    ]


def pdf_stream(entries, data):
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def pdf_file(objects, trailer=b"", salt=None):
    """A PDF of these objects (bytes), the first of which is the catalog; trailer: further entries there."""
    out, places = b"%PDF-1.5\n" + (b"%" + salt + b"\n" if salt else b""), []
    for i, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, xref)


def pdf(person=PERSON, salt=None):
    """One page in Helvetica. salt: bytes that make the file another one, and change nothing in it."""
    content, y = [], 800
    for size, text in lines(person):
        y -= int(size * 1.5)
        shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        content.append(f"BT /F1 {size} Tf 56 {y} Td ({shown}) Tj ET")
    stream = zlib.compress("\n".join(content).encode("cp1252"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        pdf_stream(b"/Filter /FlateDecode", stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    return pdf_file(objects, salt=salt)


def unique_pdf(person=PERSON):
    """The same résumé as bytes that were never there before."""
    return pdf(person, random.randbytes(16).hex().encode())


def salted(data):
    """The same document as bytes that were never there before, by what readers pass over: the comment of an archive, or one behind the
    document's end."""
    salt = random.randbytes(16).hex().encode()
    if data.startswith(b"PK"):
        out = io.BytesIO(data)
        with zipfile.ZipFile(out, "a") as archive:
            archive.comment = salt
        return out.getvalue()
    return data + (b"\n<!-- %s -->\n" if data.lstrip().startswith(b"<") else b"\n%%%s\n") % salt


def docx(person=PERSON):
    paragraphs = "".join(
        f'<w:p><w:r><w:rPr><w:sz w:val="{size * 2}"/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
        for size, text in lines(person))
    parts = {
        "[Content_Types].xml":
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels":
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        "word/document.xml":
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            + paragraphs + "</w:body></w:document>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def rtf(person=PERSON):
    body = "".join(f"{{\\fs{size * 2} {text}\\par}}\n" for size, text in lines(person))
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\n" + body + "}").encode("cp1252")


def html(person=PERSON):
    body = "".join(f'<p style="font-size:{size}pt">{text}</p>' for size, text in lines(person))
    return f"<html><head><meta charset='utf-8'><title>CV</title></head><body>{body}</body></html>".encode()
