/* See codepage.h. */
#include "parse/word/codepage.h"

#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/word/codepage_tables.h"

static struct {
	int page;
	const char *name;
	iconv_t cd;
	bool open;
} multibyte[] = {
	{932, "CP932", 0, false},      {936, "GB18030", 0, false},  {949, "CP949", 0, false},
	{950, "BIG5-HKSCS", 0, false}, {51932, "EUC-JP", 0, false},
};

enum { MULTIBYTE = sizeof multibyte / sizeof *multibyte, REPLACEMENT = 0xFFFD };

void codepage_warm_up(void)
{
	/* One conversion each: glibc loads some tables at the first character. */
	for (size_t i = 0; i < MULTIBYTE; i++) {
		char in[] = "\xB0\xA1", out[8];
		char *from = in, *to = out;
		size_t left = 2, room = sizeof out;

		if (multibyte[i].open)
			continue;
		multibyte[i].cd = iconv_open("UTF-8", multibyte[i].name);
		multibyte[i].open = multibyte[i].cd != (iconv_t)-1;
		if (multibyte[i].open)
			iconv(multibyte[i].cd, &from, &left, &to, &room);
	}
}

static const struct codepage_table *find_table(int page)
{
	for (size_t i = 0; i < codepage_table_count; i++)
		if (codepage_tables[i].page == page)
			return &codepage_tables[i];
	return NULL;
}

bool codepage_multibyte(int page)
{
	for (size_t i = 0; i < MULTIBYTE; i++)
		if (multibyte[i].page == page)
			return multibyte[i].open;
	return page == CODEPAGE_UTF8;
}

int codepage_known(int page)
{
	return codepage_multibyte(page) || find_table(page) != NULL ? page : CODEPAGE_LATIN;
}

static size_t decode_iconv(iconv_t cd, const unsigned char *p, size_t n, uint32_t *cp)
{
	char in[4], out[16];

	for (size_t take = 1; take <= 4 && take <= n; take++) {
		char *from = in, *to = out;
		size_t left = take, room = sizeof out;

		memcpy(in, p, take);
		iconv(cd, NULL, NULL, NULL, NULL);
		if (iconv(cd, &from, &left, &to, &room) == (size_t)-1 || left > 0)
			continue;
		if (utf8_decode(out, sizeof out - room, cp) > 0)
			return take;
	}
	*cp = REPLACEMENT;
	return 1;
}

size_t codepage_decode(int page, const unsigned char *p, size_t n, uint32_t *cp)
{
	const struct codepage_table *t;

	if (*p < 0x80) {
		*cp = *p;
		return 1;
	}
	if (page == CODEPAGE_UTF8) {
		size_t length = utf8_decode((const char *)p, n, cp);

		if (length > 0)
			return length;
		*cp = REPLACEMENT;
		return 1;
	}
	for (size_t i = 0; i < MULTIBYTE; i++)
		if (multibyte[i].page == page && multibyte[i].open)
			return decode_iconv(multibyte[i].cd, p, n, cp);
	t = find_table(page);
	if (t == NULL)
		t = find_table(CODEPAGE_LATIN);
	*cp = t->upper[*p - 0x80] != 0 ? t->upper[*p - 0x80] : REPLACEMENT;
	return 1;
}

int codepage_of_charset(int charset)
{
	switch (charset) {
	case 0: return 1252;
	case 77: return CODEPAGE_MAC;
	case 128: return 932;
	case 129:
	case 130: return 949;
	case 134: return 936;
	case 136: return 950;
	case 161: return 1253;
	case 162: return 1254;
	case 163: return 1258;
	case 177: return 1255;
	case 178:
	case 179:
	case 180: return 1256;
	case 186: return 1257;
	case 204: return 1251;
	case 222: return 874;
	case 238: return 1250;
	case 254: return 437;
	case 255: return 850;
	}
	return 0;
}

int codepage_of_language(int lid)
{
	switch (lid & 0x3FF) {
	case 0x01:
	case 0x29:
	case 0x20: return 1256; /* Arabic, Farsi, Urdu */
	case 0x02:
	case 0x19:
	case 0x22:
	case 0x23:
	case 0x2F: return 1251;
	case 0x05:
	case 0x0E:
	case 0x15:
	case 0x18:
	case 0x1B:
	case 0x1C:
	case 0x24: return 1250;
	case 0x1A: return lid == 0x0C1A || lid == 0x1C1A ? 1251 : 1250; /* Serbian, Cyrillic or not */
	case 0x04: return lid == 0x0404 || lid == 0x0C04 || lid == 0x1404 ? 950 : 936;
	case 0x08: return 1253;
	case 0x0D: return 1255;
	case 0x11: return 932;
	case 0x12: return 949;
	case 0x1E: return 874;
	case 0x1F: return 1254;
	case 0x25:
	case 0x26:
	case 0x27: return 1257;
	case 0x2A: return 1258;
	}
	return CODEPAGE_LATIN;
}

int codepage_of_name(const char *name, size_t n)
{
	static const struct {
		const char *name;
		int page;
	} names[] = {
		{"utf-8", CODEPAGE_UTF8},
		{"utf8", CODEPAGE_UTF8},
		{"us-ascii", 1252},
		{"ascii", 1252},
		{"iso-8859-1", 1252},
		{"latin1", 1252},
		{"iso-8859-15", 28605},
		{"iso-8859-2", 28592},
		{"iso-8859-5", 28595},
		{"iso-8859-7", 1253},
		{"iso-8859-8", 1255},
		{"iso-8859-9", 1254},
		{"iso-8859-13", 1257},
		{"koi8-r", 20866},
		{"koi8-u", 20866},
		{"macintosh", CODEPAGE_MAC},
		{"x-mac-roman", CODEPAGE_MAC},
		{"shift_jis", 932},
		{"shift-jis", 932},
		{"sjis", 932},
		{"windows-31j", 932},
		{"gb2312", 936},
		{"gbk", 936},
		{"gb18030", 936},
		{"big5", 950},
		{"euc-kr", 949},
		{"ks_c_5601-1987", 949},
		{"euc-jp", 51932},
		{"tis-620", 874},
		{"ibm866", 866},
		{"cp866", 866},
		{"ibm437", 437},
		{"ibm850", 850},
	};
	size_t skip = n > 8 && strncasecmp(name, "windows-", 8) == 0 ? 8
				  : n > 2 && strncasecmp(name, "cp", 2) == 0     ? 2
																 : 0;
	int page = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].name) == n && strncasecmp(name, names[i].name, n) == 0)
			return names[i].page;
	if (skip == 0 || n - skip > 5)
		return 0;
	for (size_t i = skip; i < n; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		page = page * 10 + (name[i] - '0');
	}
	return codepage_known(page) == page ? page : 0;
}
