/*
 * See recognise.h. Words of a line get the line's baseline, for the line is level (page.h), and the
 * size that Tesseract gives the line, in whole points.
 */
#include "parse/ocr/recognise.h"

#include <fcntl.h>
#include <leptonica/allheaders.h>
#include <stdio.h>
#include <string.h>
#include <tesseract/capi.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { CONFIDENCE_MIN = 15, CHOICE_MAX = 256 };

static TessBaseAPI *api;

bool recognise_ready(void)
{
	return api != NULL;
}

/* Loads the first choice of the list that is there, or of "deu+fra" those that are. */
static bool load_first(TessBaseAPI *t, const char *languages)
{
	char choice[CHOICE_MAX];

	for (const char *p = languages; *p != '\0';) {
		size_t n = strcspn(p, ",");

		if (n > 0 && n < sizeof choice) {
			memcpy(choice, p, n);
			choice[n] = '\0';
			if (TessBaseAPIInit2(t, NULL, choice, OEM_LSTM_ONLY) == 0)
				return true;
		}
		p += n + (p[n] == ',');
	}
	return false;
}

void recognise_warm_up(const char *languages)
{
	TessBaseAPI *t = TessBaseAPICreate();
	int out = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 2);

	/* The libraries are talkative. In the jail they could not even write to a file of the log. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		return;
	setMsgSeverity(L_SEVERITY_NONE);
	if (t == NULL || !load_first(t, languages)) {
		dprintf(out, "vitae-ocr: no data for the languages %s; scans are not read\n", languages);
		close(out);
		TessBaseAPIDelete(t);
		return;
	}
	close(out);
	api = t;
}

/* The text of the word under the iterator, NULL if it is none. */
static const char *word_text(struct arena *a, const TessResultIterator *it)
{
	char *s = TessResultIteratorGetUTF8Text(it, RIL_WORD);
	const char *text;

	if (s == NULL)
		return NULL;
	text = text_trim(arena_strdup(a, utf8_clean(a, s, strlen(s))));
	TessDeleteText(s);
	return *text == '\0' ? NULL : text;
}

static void take_word(struct arena *a, const TessResultIterator *it, double scale, struct word *w,
					  struct words *out)
{
	const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(it);
	BOOL b;
	int x0, y0, x1, y1, size = 0, font;

	w->confidence = TessResultIteratorConfidence(it, RIL_WORD) / 100;
	w->text = word_text(a, it);
	if (w->text == NULL || w->confidence * 100 < CONFIDENCE_MIN ||
		!TessPageIteratorBoundingBox(at, RIL_WORD, &x0, &y0, &x1, &y1))
		return;
	TessResultIteratorWordFontAttributes(it, &b, &b, &b, &b, &b, &b, &size, &font);
	w->box = (struct box){(float)(x0 / scale), (float)(y0 / scale), (float)(x1 / scale),
						  (float)(y1 / scale)};
	w->size = (float)size;
	words_add(a, out, w);
}

static void take_words(struct arena *a, TessResultIterator *it, double scale, struct words *out)
{
	const TessPageIterator *at = TessResultIteratorGetPageIteratorConst(it);
	struct word w = {.line = -1};

	do {
		int x0, y0, x1, y1;

		if (TessPageIteratorIsAtBeginningOf(at, RIL_TEXTLINE)) {
			w.line++;
			if (TessPageIteratorBaseline(at, RIL_TEXTLINE, &x0, &y0, &x1, &y1))
				w.baseline = (float)((y0 + y1) / 2.0 / scale);
		}
		take_word(a, it, scale, &w, out);
	} while (TessResultIteratorNext(it, RIL_WORD));
}

void recognise(struct arena *a, const struct page_picture *page, bool block, int64_t deadline,
			   struct words *out)
{
	const struct picture *p = &page->picture;
	int64_t left = (deadline - clock_monotonic()) / (CLOCK_SECOND / 1000);
	ETEXT_DESC *monitor;
	TessResultIterator *it = NULL;

	if (api == NULL || left <= 0)
		return;
	TessBaseAPISetPageSegMode(api, block ? PSM_SINGLE_BLOCK : PSM_AUTO);
	monitor = TessMonitorCreate();
	TessMonitorSetDeadlineMSecs(monitor, (int)(left < INT32_MAX ? left : INT32_MAX));
	TessBaseAPISetImage(api, p->p, p->width, p->height, 1, p->width);
	TessBaseAPISetSourceResolution(api, (int)(page->scale * 72 + 0.5));
	if (TessBaseAPIRecognize(api, monitor) == 0)
		it = TessBaseAPIGetIterator(api);
	if (it != NULL) {
		take_words(a, it, page->scale, out);
		TessResultIteratorDelete(it);
	}
	TessMonitorDelete(monitor);
	TessBaseAPIClear(api);
}
