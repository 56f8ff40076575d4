"""Makes PDFs of many kinds in a directory: several languages through whatever programs are there that
write PDF; see bench/recall.

    make_pdfs.py DIRECTORY
"""
import glob
import html
import os
import shutil
import subprocess
import sys

TEXTS = {
    "en": "Since 2016 she has run the repair workshop of a regional ferry line. Her crew of nine keeps four ships "
          "afloat, plans the yearly docking and trains two apprentices. Efficient, affable, first to offer help.",
    "de": "Seit 2016 leitet sie die Werkstatt einer Fährlinie. Größere Reparaturen plant sie mit neun Fachkräften; "
          "zwei Auszubildende lernen bei ihr. Schweißen, Prüfen, Messen: auf allen Gebieten fühlt sie sich zu Hause.",
    "fr": "Depuis 2016, elle dirige l’atelier d’une compagnie de bacs. Son équipe de neuf ouvriers répare quatre "
          "bateaux, prépare le carénage annuel et forme deux élèves. Sœur aînée d’une famille nombreuse, née à Brême.",
    "es": "Desde 2016 dirige el taller de una línea de transbordadores. Su equipo de nueve personas mantiene cuatro "
          "barcos, planifica la varada anual y enseña a dos aprendices. ¿Qué más? Años de señalización portuaria.",
    "pl": "Od 2016 roku kieruje warsztatem linii promowej. Dziewięcioosobowy zespół utrzymuje cztery statki, planuje "
          "coroczne dokowanie i szkoli dwóch uczniów. Źródła napędu, łożyska, próżniowe chłodzenie: wszystko zna.",
    "tr": "2016 yılından beri bir feribot hattının atölyesini yönetiyor. Dokuz kişilik ekibi dört gemiyi ayakta "
          "tutuyor, yıllık bakımı planlıyor ve iki çırak yetiştiriyor. Işık, ısı, güç: hepsini ölçüyor.",
    "vi": "Từ năm 2016 chị phụ trách xưởng sửa chữa của một tuyến phà. Đội chín người của chị giữ bốn con tàu hoạt "
          "động, lập kế hoạch lên đà hằng năm và dạy nghề cho hai thợ học việc.",
    "ru": "С 2016 года она руководит мастерской паромной линии. Её бригада из девяти человек обслуживает четыре "
          "судна, готовит ежегодный ремонт в доке и обучает двух учеников.",
    "el": "Από το 2016 διευθύνει το συνεργείο μιας γραμμής πορθμείων. Η ομάδα των εννέα συντηρεί τέσσερα πλοία, "
          "προγραμματίζει τον ετήσιο δεξαμενισμό και εκπαιδεύει δύο μαθητευόμενους.",
    "zh": "自二〇一六年起,她负责一条轮渡航线的维修车间。九人小组维护四艘船只,安排每年一次的进坞,并培养两名学徒。",
    "ja": "二〇一六年から、彼女はフェリー会社の修理工場を任されている。九人のチームで四隻の船を整備し、毎年のドック入りを計画する。",
    "ko": "2016년부터 그녀는 여객선 회사의 수리 공장을 맡고 있다. 아홉 명의 팀이 배 네 척을 정비하고 해마다 입거를 계획한다.",
    "ar": "تدير منذ عام 2016 ورشة إصلاح لخط عبارات. يحافظ فريقها المؤلف من تسعة أشخاص على أربع سفن ويخطط للصيانة السنوية.",
    "he": "מאז 2016 היא מנהלת את בית המלאכה של קו מעבורות. צוות של תשעה אנשים מתחזק ארבע ספינות ומתכנן עגינה שנתית.",
}
LATIN = ("en", "de", "fr", "es")
RIGHT_TO_LEFT = ("ar", "he")
SECONDS = 120


def run(*command, **options):
    """True if the program ended well."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
                              **options).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def page(language, text):
    """A page with what résumés are made of: columns, a table, lists, small capitals, spaced headings."""
    sentences = [s.strip() + "." for s in text.replace("。", ".").split(".") if s.strip()]
    rows = "".join(f"<tr><td>{2012 + i}–{2014 + i}</td><td>{html.escape(s)}</td></tr>" for i, s in enumerate(sentences))
    items = "".join(f"<li>{html.escape(s)}</li>" for s in sentences)
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return f"""<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8"><title>{language}</title>
<style>body {{font: 11pt serif}} h1 {{letter-spacing: .2em; text-transform: uppercase}} .sc {{font-variant: small-caps}}
.two {{columns: 2; text-align: justify; hyphens: auto}} td {{vertical-align: top; padding: 2pt 8pt}}</style>
<h1>{language} 2016</h1><p class="sc">{html.escape(sentences[0])}</p><div class="two">{"<p>" + html.escape(text) + "</p>" * 3}</div>
<table>{rows}</table><ul>{items}</ul><p><b>{html.escape(sentences[-1])}</b> <i>{html.escape(sentences[0])}</i></p></html>"""


def by_browser(source, to):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    return browser and run(browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                           "--print-to-pdf=" + to, "file://" + os.path.abspath(source))


def by_office(sources, folder):
    """LibreOffice writes its files' names itself, all in one run."""
    if shutil.which("soffice"):
        run("soffice", "--headless", f"-env:UserInstallation=file://{os.path.abspath(folder)}/office", "--convert-to",
            "pdf:writer_web_pdf_Export", "--outdir", folder, *sources)
        shutil.rmtree(os.path.join(folder, "office"), ignore_errors=True)


def by_pango(text, to, rtl):
    """Pango lays out, cairo writes the subset fonts."""
    try:
        import cairo
        import gi
        gi.require_version("Pango", "1.0")
        gi.require_version("PangoCairo", "1.0")
        from gi.repository import Pango, PangoCairo
    except (ImportError, ValueError):
        return
    surface = cairo.PDFSurface(to, 595, 842)
    context = cairo.Context(surface)
    layout = PangoCairo.create_layout(context)
    layout.set_width(480 * Pango.SCALE)
    layout.set_font_description(Pango.FontDescription("Sans 11"))
    layout.set_text(text + "\n\n" + text, -1)
    context.move_to(60, 60)
    PangoCairo.show_layout(context, layout)
    if not rtl:
        context.move_to(560, 760)
        context.rotate(-1.5708)
        layout.set_text(text[:60], -1)
        PangoCairo.show_layout(context, layout)
    surface.finish()


def by_groff(text, to):
    if shutil.which("groff") is None:
        return
    source = f".TH LETTER 1\n.SH NAME\nletter\n.SH TEXT\n{text}\n.PP\n.B {text[:40]}\n.I {text[40:90]}\n"
    for device in ("pdf", "ps"):
        made = subprocess.run(["groff", "-K", "utf8", "-man", "-T" + device], input=source.encode(), capture_output=True)
        name = to if device == "pdf" else to + ".ps"
        with open(name, "wb") as f:
            f.write(made.stdout)
    if shutil.which("ps2pdf"):
        run("ps2pdf", to + ".ps", to.replace("groff", "groff-ps"))
    os.remove(to + ".ps")


def by_reportlab(folder):
    """Fonts that are not embedded, with predefined CMaps; a form; a page that is turned."""
    try:
        from reportlab.pdfbase import cidfonts, pdfmetrics
        from reportlab.pdfgen import canvas
    except ImportError:
        return
    fonts = {"zh": "STSong-Light", "ja": "HeiseiMin-W3", "ko": "HYSMyeongJo-Medium"}
    for language, font in fonts.items():
        pdfmetrics.registerFont(cidfonts.UnicodeCIDFont(font))
        c = canvas.Canvas(os.path.join(folder, f"reportlab-{language}.pdf"))
        c.setFont(font, 11)
        for i in range(0, len(TEXTS[language]), 20):
            c.drawString(60, 760 - i, TEXTS[language][i:i + 20])
        c.save()
    for name in ("Helvetica", "Times-Roman", "Courier"):
        c = canvas.Canvas(os.path.join(folder, f"reportlab-{name}.pdf"))
        c.setFont(name, 10)
        for i, language in enumerate(LATIN):
            text = c.beginText(60, 760 - 120 * i)
            for at in range(0, len(TEXTS[language]), 70):
                text.textLine(TEXTS[language][at:at + 70])
            c.drawText(text)
        c.acroForm.textfield(value="Filled in by hand", x=60, y=200, width=300, height=24)
        c.showPage()
        c.setFont(name, 10)
        c.setPageRotation(90)
        c.drawString(60, 400, TEXTS["en"][:80])
        c.save()


def again(folder):
    """What other programs make of the same PDFs: other fonts, other objects, an owner's password."""
    changes = {
        "gs": lambda a, b: run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-dCompatibilityLevel=1.4",
                               "-o", b, a) if shutil.which("gs") else False,
        "cairo": lambda a, b: run("pdftocairo", "-pdf", a, b) if shutil.which("pdftocairo") else False,
        "objects": lambda a, b: run("qpdf", "--object-streams=generate", "--linearize", a, b)
        if shutil.which("qpdf") else False,
        "owner": lambda a, b: run("qpdf", "--encrypt", "", "owner", "256", "--", a, b) if shutil.which("qpdf") else False,
    }
    for path in sorted(glob.glob(os.path.join(folder, "*.pdf"))):
        latin = path[:-4].split("-")[-1] in LATIN
        for name, change in changes.items():
            # Ghostscript drops what says which characters other scripts' glyphs are.
            if latin or name != "gs":
                change(path, path[:-4] + "+" + name + ".pdf")


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    sources = []
    for language, text in TEXTS.items():
        source = os.path.join(folder, f"office-{language}.html")
        with open(source, "w", encoding="utf-8") as f:
            f.write(page(language, text))
        sources.append(source)
        by_browser(source, os.path.join(folder, f"browser-{language}.pdf"))
        by_pango(text, os.path.join(folder, f"pango-{language}.pdf"), language in RIGHT_TO_LEFT)
        if language in LATIN:
            by_groff(text, os.path.join(folder, f"groff-{language}.pdf"))
    by_office(sources, folder)
    by_reportlab(folder)
    for source in sources:
        os.remove(source)
    again(folder)
    print(f"{len(glob.glob(os.path.join(folder, '*.pdf')))} PDFs made")


if __name__ == "__main__":
    main()
