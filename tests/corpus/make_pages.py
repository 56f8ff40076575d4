#!/usr/bin/python3
"""Makes the page-*.pdf, page-*.docx and page-*.doc of this folder anew: the layouts that people use, of invented people of
many trades and tongues; any likeness is chance. Needs Chromium and soffice (Debian: chromium, libreoffice-writer-nogui).

What a document says goes into NAME.expected.json as well.
"""
import html
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REFEREES = ("<p><b>Margaret Thornton</b><br>+44 113 496 0555<br>m.thornton@referee.example</p>"
            "<p><b>Luc Moreau</b><br>+33 1 55 55 09 09<br>luc.moreau@societe.example</p>")


def person(name, email, phone, place, title, skills, headings, summary, jobs, school, spoken):
    return dict(name=name, email=email, phone=phone, place=place, title=title, skills=skills.split(", "),
                headings=headings.split(" | "), summary=summary, jobs=jobs, school=school, spoken=spoken)


HEADINGS = "About me | Skills & Abilities | Work History | Education & Training | Languages | Referees"
NURSE = person("Abu Bakr al-Sayyid", "abubakr.alsayyid@example.ae", "+971 4 555 0142", "Dubai Marina, Dubai", "Registered Nurse",
               "Wound Dressing, Venepuncture, Triage, Palliative Care, Health & Safety, Infection Control", HEADINGS,
               "Nurse with a steady hand and a calm voice, on surgical wards since 2014.",
               [("Registered Nurse", "Creek Hospital, Dubai", "03/2019 – Present", "Led the night shift of a ward of thirty beds."),
                ("Staff Nurse", "Harbour Clinic, Muscat", "06/2014 – 02/2019", "Kept charts complete and on time.")],
               "BSc Nursing, University of Sharjah, 2014", "English (fluent), Arabic (native)")
COOK = person("Anna Maria Koch", "anna.koch@beispiel.de", "0441 / 555 01 42", "26122 Oldenburg", "Küchenchefin",
              "Menüplanung, Wareneinsatzkalkulation, HACCP, Patisserie, Mitarbeiterführung, Allergenmanagement",
              "Profil | Kenntnisse und Fähigkeiten | Berufspraxis | Schul- und Berufsausbildung | Sprachkenntnisse | Referenzen",
              "Küchenchefin mit Freude an der Region und an ruhigen Küchen.",
              [("Küchenchefin", "Gasthaus Deichblick, Oldenburg", "2019 – heute", "Führung einer Brigade von neun Köchen."),
               ("Köchin", "Hotel Wattenhof, Bremen", "2013 – 2019", "Verantwortlich für den Posten der Saucen.")],
              "Ausbildung zur Köchin, Berufsschule Bremen, 2013", "Deutsch (Muttersprache), Englisch (gut)")
MASON = person("Marie-Ange Le Bihan", "ma.lebihan@exemple.fr", "+33 (0)2 98 55 01 42", "29200 Brest", "Conductrice de travaux",
               "Lecture de plans, Coffrage, Ferraillage, Sécurité sur chantier, Métrés, Encadrement d'équipe",
               "À propos | Compétences clés | Expérience professionnelle | Formation et diplômes | Langues | Références",
               "Conductrice de travaux en gros œuvre, quinze ans de chantiers dans l'Ouest.",
               [("Conductrice de travaux", "Bâti Loire, Angers", "avril 2018 – aujourd'hui", "Suivi de trois chantiers et de vingt compagnons."),
                ("Chef d'équipe", "Entreprise Guérin, Cholet", "mai 2010 – mars 2018", "Réalisation de fondations et de dallages.")],
               "BTS Bâtiment, Lycée de Kerval, Brest, 2010", "Français (langue maternelle), Anglais (courant)")
DRIVER = person("Íker Etxeberria Núñez", "iker.etxe@ejemplo.es", "612 550 142", "48001 Bilbao", "Conductor de autobús",
                "Conducción segura, Atención al pasajero, Primeros auxilios, Conocimiento de rutas, Cobro de billetes",
                "Perfil | Habilidades | Experiencia laboral | Formación académica | Idiomas | Referencias",
                "Conductor con doce años al volante y sin partes.",
                [("Conductor de autobús", "Autobuses del Norte, Bilbao", "06/2016 – Actualidad", "Servicio en cinco líneas urbanas."),
                 ("Repartidor", "Reparto Express, Vitoria", "01/2012 – 05/2016", "Entrega de ochenta paquetes al día.")],
                "Graduado en ESO, IES Txurdinaga, Bilbao, 2011", "Español (nativo), Inglés (B1)")
DEVELOPER = person("Ștefan Dumitrașcu", "stefan.d@example.ro", "0721 555 014", "Cluj-Napoca, Romania", "Embedded Software Engineer",
                   "C, C++, Rust, FreeRTOS, CAN Bus, Embedded Linux, Yocto, UV-Vis Spectroscopy", HEADINGS,
                   "Firmware engineer who measures before guessing.",
                   [("Embedded Software Engineer", "Fjordtech AS, Bergen", "2020-04 – Present", "Wrote the bootloader of a sensor."),
                    ("Test Engineer", "Motion Labs, Cluj-Napoca", "2016-01 – 2020-03", "Set up tests with hardware in the loop.")],
                   "MSc Embedded Systems, Technical University of Cluj-Napoca, 2015", "Romanian (native), English (fluent)")
ANALYST = person("Mary Ann Butler", "hello@annbutler.example", "+1 902 555 0155", "Halifax, NS", "Security Analyst",
                 "Incident Response, Splunk, Threat Hunting, Wireshark, Vulnerability Scanning, Python, MITRE ATT&CK, Phishing Analysis",
                 HEADINGS, "Analyst who hunts quietly and documents loudly.",
                 [("Security Analyst", "Redcliff Bank, Halifax", "Jan 2020 – Present", "Wrote detection rules and led two responses."),
                  ("IT Support Technician", "Tamar Services, Moncton", "May 2015 – Dec 2019", "Looked after four hundred desks.")],
                 "BSc Computer Security, Dalhousie University, 2015", "English (native), French (intermediate)")


def e(text):
    return html.escape(text)


def jobs(p):
    return "".join(f"<p><b>{e(t)}</b><br>{e(o)}<br>{e(d)}</p><ul><li>{e(b)}</li></ul>" for t, o, d, b in p["jobs"])


def sections(p, order, skills=None):
    parts = {"about": (0, f"<p>{e(p['summary'])}</p>"), "skills": (1, skills or f"<p>{e(', '.join(p['skills']))}</p>"),
             "work": (2, jobs(p)), "school": (3, f"<p>{e(p['school'])}</p>"), "spoken": (4, f"<p>{e(p['spoken'])}</p>"),
             "referees": (5, REFEREES)}
    return "".join(f"<h2>{e(p['headings'][parts[k][0]])}</h2>{parts[k][1]}" for k in order)


def name(p):
    return f"<h1>{e(p['name'])}</h1>"


def bullets(p):
    return "<ul>" + "".join(f"<li>{e(s)}</li>" for s in p["skills"]) + "</ul>"


# ---- the layouts ----

def referees_first(p):
    """A narrow column with the referees at its top beside the person's own data."""
    left = sections(p, ["referees", "skills"], bullets(p))
    right = f"{name(p)}<p>{e(p['email'])}, {e(p['place'])}, {e(p['phone'])}</p>{sections(p, ['about', 'work', 'school', 'spoken'])}"
    return f"<div class=row><div class=side>{left}</div><div>{right}</div></div>"


def contact_last(p):
    """The title above the name, the person's own data behind the referees."""
    return (f"<h1>{e(p['title'])}</h1><p class=big>{e(p['name'])}</p>{sections(p, ['about', 'work', 'school', 'skills', 'referees'])}"
            f"<div class=line><p>{e(p['place'])}</p><p>{e(p['phone'])}</p><p>{e(p['email'])}</p></div>")


def rail(p):
    """Labels to the right of their column, a gap before what they name."""
    def row(label, body):
        return f"<div class=row><div class=label>{label}</div><div>{body}</div></div>"
    h = [e(x) for x in p["headings"]]
    return (row("", name(p)) + row("Mobil", e(p["phone"])) + row("E-Mail", e(p["email"])) + row(h[2], "")
            + "".join(row(e(d), f"<b>{e(t)}</b><br>{e(o)}<ul><li>{e(b)}</li></ul>") for t, o, d, b in p["jobs"])
            + row(h[3], e(p["school"])) + row(h[1], e(", ".join(p["skills"]))) + row(h[4], e(p["spoken"])))


def spaced(p):
    """A name set apart letter by letter, contact data in one line."""
    return (f"<h1 class=spaced>{e(p['name'])}</h1><p>{e(p['place'])} · {e(p['phone'])} · {e(p['email'])}</p>"
            + sections(p, ["about", "skills", "work", "school", "spoken"]))


def rated(p):
    """Skills with marks out of ten in a column on the right."""
    marks = "".join(f"<p>{e(s)} <b>{7 + i % 4}/10</b></p>" for i, s in enumerate(p["skills"]))
    left = f"{name(p)}<p>{e(p['title'])}</p>{sections(p, ['about', 'work', 'school'])}"
    right = f"<p>{e(p['place'])}</p><p>{e(p['phone'])}</p><p>{e(p['email'])}</p>{sections(p, ['skills', 'spoken'], marks)}"
    return f"<div class=row><div>{left}</div><div class=side>{right}</div></div>"


def grid(p):
    """Skills in four columns under one heading; a greeting for a title."""
    cells = "".join(f"<div>{e(s)}</div>" for s in p["skills"])
    return (f"<h1>Hello, I'm {e(p['name'])}.</h1><p>{e(p['email'])} | {e(p['phone'])} | {e(p['place'])}</p>"
            + sections(p, ["about"]) + sections(p, ["skills"], f"<div class=grid>{cells}</div>") + sections(p, ["work", "school", "spoken"]))


def form(p):
    """A form: numbers of all kinds with their labels."""
    rows = [("Nombre y apellidos", p["name"]), ("Fecha de nacimiento", "02.07.1986"), ("DNI", "829 411 550 27"),
            ("Domicilio", p["place"]), ("Fax", "+49 69 5550 999"), ("Celular", p["phone"]), ("Correo electrónico", p["email"])]
    table = "".join(f"<tr><td>{e(a)}:</td><td>{e(b)}</td></tr>" for a, b in rows)
    return f"<h2>CURRÍCULUM VÍTAE</h2><table>{table}</table>" + sections(p, ["about", "work", "school", "skills", "spoken"], bullets(p))


CSS = """<style>@page{size:A4;margin:15mm}body{font:10pt 'Liberation Sans';line-height:1.35;margin:0}p{margin:2px 0}
h1{font-size:22pt;margin:0 0 4px}h2{font-size:12pt;margin:10px 0 3px}.row{display:flex}.side{width:32%;flex:none;padding:0 12px;box-sizing:border-box}.big{font-size:13pt}
.label{width:25%;flex:none;text-align:right;padding-right:8px}.line{border-top:1px solid #333;margin-top:12px}
.spaced{text-transform:uppercase;letter-spacing:5px}.grid{display:grid;grid-template-columns:repeat(4,1fr)}ul{margin:2px 0 4px 14px;padding:0}
</style>"""
DOCUMENTS = [("referees-first", "pdf", referees_first, NURSE), ("contact-last", "pdf", contact_last, MASON), ("rail", "pdf", rail, COOK),
             ("spaced", "pdf", spaced, DEVELOPER), ("rated", "pdf", rated, MASON), ("grid", "pdf", grid, ANALYST),
             ("form", "docx", form, DRIVER), ("contact-last", "doc", contact_last, COOK), ("form", "doc", form, DRIVER)]


def make(out, work, title, ending, layout, p):
    page = os.path.join(work, f"page-{title}.html")
    with open(page, "w", encoding="utf-8") as f:
        f.write(f"<!doctype html><meta charset=utf-8><title></title>{CSS}<body>{layout(p)}</body>")
    target = os.path.join(out, f"page-{title}.{ending}")
    if ending == "pdf":
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={target}", page],
                       check=True, capture_output=True, timeout=120)
    else:
        kind = {"doc": "doc:MS Word 97", "docx": "docx:Office Open XML Text"}[ending]
        for convert, source in (("odt:writer8", page), (kind, page[:-4] + "odt")):
            subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{work}/profile", "--convert-to", convert,
                            "--outdir", work if convert.startswith("odt") else out, source], check=True, capture_output=True, timeout=120)
    expected = {k: p[k] for k in ("name", "email", "phone", "skills")}
    with open(target + ".expected.json", "w", encoding="utf-8") as f:
        json.dump(expected, f, ensure_ascii=False, indent=2)
        f.write("\n")


def main():
    with tempfile.TemporaryDirectory() as work:
        for document in DOCUMENTS:
            make(HERE, work, *document)


if __name__ == "__main__":
    main()
