"""Writes résumés with what they say: make_resumes.py DIRECTORY [SEED]

People, professions and sentences stand in bench/resumes/*.tsv and are nobody's; the themes are those below. Rules and
numbers of the reader are never fitted to these documents: they measure what it does with documents it has not seen.
A theme whose program (Chromium, LibreOffice) is not here is skipped. The manifest has the corpus's form.
"""
import html
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from xml.sax.saxutils import escape as xml

from make_pdfs import by_browser

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resumes")
e = html.escape
HEADINGS = {
    "en": {"skills": ["Skills", "Core Skills", "Expertise"], "work": ["Experience", "Employment"],
           "education": ["Education", "Training"], "about": ["Profile", "About me"], "languages": ["Languages"],
           "references": ["References"], "contact": ["Contact"], "spoken": ["English (native)", "Portuguese (B1)"],
           "name": "Name", "phone": "Phone", "email": "E-mail", "place": "Address", "now": "present",
           "referee": ["Dr Hugh Ansell", "h.ansell@referee.example", "+44 1632 960 999"]},
    "fr": {"skills": ["Compétences", "Savoir-faire"], "work": ["Expérience professionnelle", "Parcours"],
           "education": ["Formation", "Diplômes"], "about": ["Profil", "À propos"], "languages": ["Langues"],
           "references": ["Références"], "contact": ["Coordonnées"], "spoken": ["Français (maternel)", "Anglais (B2)"],
           "name": "Nom", "phone": "Tél.", "email": "Courriel", "place": "Adresse", "now": "à ce jour",
           "referee": ["Odile Garnier", "o.garnier@garant.example", "01 99 00 99 99"]},
    "de": {"skills": ["Kenntnisse", "Fähigkeiten"], "work": ["Berufserfahrung", "Werdegang"],
           "education": ["Ausbildung", "Bildungsweg"], "about": ["Profil", "Kurzprofil"], "languages": ["Sprachen"],
           "references": ["Referenzen"], "contact": ["Kontakt"], "spoken": ["Deutsch (fließend)", "Englisch (B1)"],
           "name": "Name", "phone": "Telefon", "email": "E-Mail", "place": "Anschrift", "now": "heute",
           "referee": ["Karsten Ohlsen", "ohlsen@auskunft.example", "040 66969 999"]},
    "es": {"skills": ["Habilidades", "Competencias"], "work": ["Experiencia", "Experiencia laboral"],
           "education": ["Formación", "Estudios"], "about": ["Perfil", "Sobre mí"], "languages": ["Idiomas"],
           "references": ["Referencias"], "contact": ["Contacto"], "spoken": ["Español (nativo)", "Inglés (B2)"],
           "name": "Nombre y apellidos", "phone": "Teléfono", "email": "Correo", "place": "Dirección",
           "now": "actualidad", "referee": ["Elvira Montoro", "e.montoro@avala.example", "+34 910 05 09 99"]},
}


def table(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f if line.strip() and line[0] != "#"]


def person(rng, row, trades):
    lang, name, email, phone, place = row
    _, trade, titles, firms, skills, done, degree, school, about = rng.choice([t for t in trades if t[0] == lang])
    words = {k: rng.choice(v) if k in ("skills", "work", "education", "about") else v for k, v in HEADINGS[lang].items()}
    year = rng.randint(2009, 2016)
    skills = [s.strip() for s in skills.split(",")]
    rng.shuffle(skills)
    jobs = [(title, firm, first, last, done.split("|")) for title, firm, first, last in
            zip(titles.split("|"), firms.split("|"), (year + 4, year), (words["now"], str(year + 4)))]
    return {"lang": lang, "name": name, "email": email, "phone": phone, "place": place, "trade": trade, "skills": skills,
            "title": titles.split("|")[0], "jobs": jobs, "degree": degree, "school": school, "about": about,
            "year": year, "w": words}


# ---- parts of a page ----

def heading(p, key):
    word = p["w"][key]
    return f"<h2>{e(word if isinstance(word, str) else word[0])}</h2>"


def jobs(p, form="right"):
    out = heading(p, "work")
    for title, firm, first, last, done in p["jobs"]:
        dates, list_ = f"{first} – {last}", "".join(f"<li>{e(d)}</li>" for d in done)
        if form == "right":
            out += f"<p><span class=r>{dates}</span><b>{e(title)}</b><br>{e(firm)}</p><ul>{list_}</ul>"
        elif form == "inline":
            out += f"<p><b>{e(firm)}</b> — {e(title)}, {dates}</p><ul>{list_}</ul>"
        else:
            out += (f"<table><tr><td width=110>{dates}</td><td><b>{e(title)}</b><br>{e(firm)}<br>{e(' '.join(done))}"
                    "</td></tr></table>")
    return out


def school(p):
    return heading(p, "education") + f"<p>{e(p['degree'])}, {e(p['school'])}, {p['year']}</p>"


def spoken(p):
    return heading(p, "languages") + "".join(f"<p>{e(s)}</p>" for s in p["w"]["spoken"])


def about(p):
    return heading(p, "about") + f"<p>{e(p['about'])}</p>"


def referee(p):
    return heading(p, "references") + f"<p>{'<br>'.join(map(e, p['w']['referee']))}</p>"


def skills(p, form):
    names = [e(s) for s in p["skills"]]
    body = {"commas": lambda: f"<p>{', '.join(names)}</p>",
            "items": lambda: "<ul>" + "".join(f"<li>{s}</li>" for s in names) + "</ul>",
            "lines": lambda: "".join(f"<p>{s}</p>" for s in names),
            "dots": lambda: "".join(f"<p>{s} <span class=r>●●●○○</span></p>" for s in names),
            "pills": lambda: "<p>" + " ".join(f"<span class=pill>{s}</span>" for s in names) + "</p>",
            "grid": lambda: "<table>" + "".join(
                "<tr>" + "".join(f"<td>{s}</td>" for s in names[i:i + 2]) + "</tr>"
                for i in range(0, len(names), 2)) + "</table>",
            "middots": lambda: f"<p>{' · '.join(names)}</p>"}
    return heading(p, "skills") + body[form]()


def page(p, body, style=""):
    return (f"<!doctype html><html lang={p['lang']}><meta charset=utf-8><title>CV</title><style>"
            "@page{size:A4;margin:16mm}body{font:10pt 'DejaVu Sans','Liberation Sans';margin:0}h1{margin:0}p{margin:2px 0}"
            "h2{font-size:12pt;margin:10px 0 3px}.r{float:right}.pill{border:1px solid;border-radius:7px;padding:0 6px;"
            f"display:inline-block;margin:2px}}td{{vertical-align:top;padding:1px 9px 1px 0}}{style}</style><body>{body}")


# ---- themes: the document's HTML and its layout ----

def contact(p, form):
    parts = [p["place"], p["phone"], p["email"]]
    if form == "labels":
        return "".join(f"<p>{e(p['w'][k])}: {e(p[k])}</p>" for k in ("place", "phone", "email"))
    if form == "table":
        return "<table>" + "".join(f"<tr><td>{e(p['w'][k])}</td><td>{e(p[k])}</td></tr>"
                                   for k in ("place", "phone", "email")) + "</table>"
    return "<p>" + e(form.join(parts)) + "</p>"


def banner(p):
    head = (f"<div style='background:#223;color:#fff;padding:14px'><h1>{e(p['name'])}</h1><p>{e(p['title'])}</p>"
            f"{contact(p, ' | ')}</div>")
    return page(p, head + about(p) + jobs(p) + skills(p, "pills") + school(p) + spoken(p)), "one-column"


def left_rail(p):
    rail = (f"<div style='width:34%;flex:none;padding-right:14px;font-size:9pt'>{heading(p, 'contact')}"
            f"<p>{e(p['email'])}</p><p>{e(p['phone'])}</p><p>{e(p['place'])}</p>{skills(p, 'dots')}{spoken(p)}</div>")
    main = f"<div><h1>{e(p['name'])}</h1><p>{e(p['title'])}</p>{about(p)}{jobs(p)}{school(p)}</div>"
    return page(p, f"<div style='display:flex'>{rail}{main}</div>"), "two-column"


def right_rail(p):
    main = f"<div style='padding-right:16px'>{about(p)}{jobs(p, 'inline')}{school(p)}{referee(p)}</div>"
    rail = f"<div style='width:30%;flex:none'>{contact(p, 'labels')}{skills(p, 'lines')}{spoken(p)}</div>"
    return page(p, f"<h1>{e(p['name'])}</h1><p>{e(p['title'])}</p><div style='display:flex'>{main}{rail}</div>"), "two-column"


def stacked_name(p):
    first, _, last = p["name"].partition(" ")
    head = (f"<p style='font-size:13pt'>{e(p['title'])}</p><div style='font-size:26pt'>{e(first)}</div>"
            f"<div style='font-size:26pt'>{e(last)}</div>{contact(p, ' · ')}")
    return page(p, head + skills(p, "middots") + jobs(p, "rail") + school(p)), "one-column"


def spaced(p):
    style = "h1,h2{letter-spacing:5px;text-transform:uppercase;text-align:center}"
    head = f"<h1>{e(p['name'])}</h1><div style='text-align:center'>{contact(p, ' • ')}</div>"
    return page(p, head + about(p) + skills(p, "commas") + jobs(p, "inline") + school(p) + referee(p), style), "one-column"


def foot(p):
    line = f"<div style='position:fixed;bottom:0;width:100%;text-align:center'>{e(p['phone'])} – {e(p['email'])}</div>"
    return page(p, line + f"<h1>{e(p['name'])}</h1><p>{e(p['title'])}, {e(p['place'])}</p>" + jobs(p) + skills(p, "items") +
                school(p), "@page{margin-bottom:26mm}"), "one-column"


def form(p):
    rows = "".join(f"<tr><td>{e(p['w'][k])}</td><td>{e(p[k])}</td></tr>" for k in ("name", "place", "phone", "email"))
    return page(p, f"<h2>CURRICULUM VITAE</h2><table>{rows}</table>" + jobs(p, "rail") + school(p) + skills(p, "commas") +
                spoken(p)), "table"


def labels(p):
    """Headings in a column of their own."""
    def row(key, body):
        return f"<tr><td width=130>{heading(p, key)}</td><td>{body[body.index('</h2>') + 5:]}</td></tr>"
    rows = row("about", about(p)) + row("work", jobs(p)) + row("skills", skills(p, "commas")) + row("education", school(p))
    return page(p, f"<h1>{e(p['name'])}</h1>{contact(p, ', ')}<table>{rows}</table>"), "two-column-rail"


def office(p):
    return page(p, f"<h1>{e(p['name'])}</h1>{contact(p, 'table')}" + about(p) + jobs(p) + skills(p, "grid") + school(p) +
                spoken(p) + referee(p)), "table"


def office_plain(p):
    return page(p, f"<p>{e(p['name'])}</p>{contact(p, 'labels')}" + jobs(p, "inline") + school(p) + skills(p, "items")), "one-column"


# ---- formats ----

def paragraph(text, style="", tag="w:t"):
    run = f"<w:rPr>{style}</w:rPr>" if style else ""
    return f'<w:r>{run}<{tag} xml:space="preserve">{xml(text)}</{tag}></w:r>'


def docx(path, p):
    """Word's own devices: contact data in the header, the name in a content control, a telephone number that was
    changed, skills in a text box."""
    def line(*runs):
        return f"<w:p>{''.join(runs)}</w:p>"
    space = ('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
             'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
             'xmlns:v="urn:schemas-microsoft-com:vml"')
    bold = "<w:b/>"
    old = f'<w:del w:id="1" w:author="x">{paragraph("+1 (202) 555-0100", tag="w:delText")}</w:del>'
    new = f'<w:ins w:id="2" w:author="x">{paragraph(p["phone"])}</w:ins>'
    head = f"<w:hdr {space}>{line(paragraph(p['email'] + ' | '), old, new)}</w:hdr>"
    box = "".join(line(paragraph(s)) for s in [p["w"]["skills"], *p["skills"]])
    name = line(paragraph(p["name"], bold + '<w:sz w:val="40"/>'))
    body = [f"<w:sdt><w:sdtContent>{name}</w:sdtContent></w:sdt>",
            line(paragraph(p["title"])), line(paragraph(p["w"]["work"], bold))]
    for title, firm, first, last, done in p["jobs"]:
        body.append(line(paragraph(f"{title}, {firm}"), "<w:r><w:tab/></w:r>", paragraph(f"{first} – {last}")))
        body += [line(paragraph(d)) for d in done]
    body += [line(paragraph(p["w"]["education"], bold)), line(paragraph(f"{p['degree']}, {p['school']}, {p['year']}")),
             line(f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>")]
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    section = '<w:sectPr><w:headerReference w:type="default" r:id="r1"/></w:sectPr>'
    package = "http://schemas.openxmlformats.org/package/2006/"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType='
        f'"{kind}document.main+xml"/><Override PartName="/word/header1.xml" ContentType="{kind}header+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="r1" Type="{relation}officeDocument"'
        ' Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="r1" '
        f'Type="{relation}header" Target="header1.xml"/></Relationships>',
        "word/header1.xml": head,
        "word/document.xml": f"<w:document {space}><w:body>{''.join(body)}{section}</w:body></w:document>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return "one-column"


def rtf(path, p):
    """RTF by another name, its signs by code page where the page has them."""
    def text(s):
        out = ""
        for c in s:
            byte = c.encode("cp1252", "ignore")
            out += c if " " < c < "\x7f" and c not in "\\{}" or c == " " else (
                f"\\'{byte[0]:02x}" if byte and len(byte) == 1 else f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?")
        return out
    lines = [f"\\fs36\\b {text(p['name'])}\\b0\\fs20", text(f"{p['place']}, {p['phone']}"), text(p["email"]), "",
             f"\\b {text(p['w']['work'])}\\b0"]
    for title, firm, first, last, done in p["jobs"]:
        lines += [text(f"{first} – {last}") + "\\tab " + text(f"{title}, {firm}"), *map(text, done)]
    lines += [f"\\b {text(p['w']['education'])}\\b0", text(f"{p['degree']}, {p['school']}"),
              f"\\b {text(p['w']['skills'])}\\b0", text("; ".join(p["skills"]))]
    with open(path, "w", encoding="ascii") as f:
        f.write("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\\fs20 " + "\\par\n".join(lines) + "\\par}")
    return "one-column"


def web_page(path, p):
    with open(path, "w", encoding="utf-8") as f:
        f.write(office(p)[0])
    return "table"


def convert(directory, made, kind):
    """The HTML files as LibreOffice writes them."""
    if not made or not shutil.which("soffice"):
        return
    kinds = {"docx": "docx:MS Word 2007 XML", "doc": "doc:MS Word 97"}
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{os.path.abspath(directory)}/.office",
                    "--infilter=HTML (StarWriter)", "--convert-to", kinds[kind], "--outdir", directory,
                    *(os.path.join(directory, n + ".html") for n in made)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=False)


PRINTED = (banner, left_rail, right_rail, stacked_name, spaced, foot, form, labels)
CONVERTED = ((office, "docx"), (office, "doc"), (office_plain, "doc"), (office_plain, "docx"), (labels, "docx"))
WRITTEN = ((docx, "docx"), (rtf, "doc"), (web_page, "doc"))


def main(directory, seed=1):
    rng = random.Random(seed)
    trades, rows, printed, converted = table("trades.tsv"), [], [], {"docx": [], "doc": []}
    os.makedirs(directory, exist_ok=True)
    for i, row in enumerate(table("people.tsv")):
        p = person(rng, row, trades)
        themes = [(t, "pdf") for t in (PRINTED[i % 8], PRINTED[(i + 3) % 8])]
        themes += [CONVERTED[i % 5], WRITTEN[i % 3]]
        for theme, kind in themes:
            name = f"{i:02}-{theme.__name__.replace('_', '-')}-{kind}"
            if (theme, kind) in WRITTEN:
                layout = theme(os.path.join(directory, f"{name}.{kind}"), p)
            else:
                source, layout = theme(p)
                with open(os.path.join(directory, name + ".html"), "w", encoding="utf-8") as f:
                    f.write(source)
                (printed if kind == "pdf" else converted[kind]).append(name)
            rows.append({"file": f"{name}.{kind}", "format": kind, "layout": layout, "lang": p["lang"], "name": p["name"],
                         "email": p["email"], "phone": p["phone"], "skills": p["skills"], "skills_in": "section",
                         "skills_optional": [], "persona": p["name"], "template": theme.__name__, "trade": p["trade"],
                         "source": "made", "needs_ocr": False, "title": p["title"], "notes": ""})
    for name in printed:
        by_browser(os.path.join(directory, name + ".html"), os.path.join(directory, name + ".pdf"))
    for kind, made in converted.items():
        convert(directory, made, kind)
    rows = [r for r in rows if os.path.exists(os.path.join(directory, r["file"]))]
    with open(os.path.join(directory, "manifest.jsonl"), "w", encoding="utf-8") as f:
        f.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    print(f"{len(rows)} résumés in {directory}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
