/*
 * rtf_words: the control words of RTF 1.9 that matter to a reader of text.
 */
#pragma once
#include <stddef.h>

/* clang-format off */
#define RTF_WORDS(X)                                                                            \
	X(ansi) X(ansicpg) X(annotation) X(atnauthor) X(atnid) X(author) X(b) X(bin) X(blue)        \
	X(bullet) X(cb) X(cbpat) X(cell) X(cf) X(chcbpat) X(column) X(colortbl) X(cpg) X(deff)      \
	X(deleted) X(do) X(emdash) X(emspace) X(endash) X(endnote) X(enspace) X(f) X(fcharset)      \
	X(field) X(fldinst) X(fldrslt) X(fonttbl) X(footer) X(footerf) X(footerl) X(footerr)        \
	X(footnote) X(fs) X(green) X(header) X(headerf) X(headerl) X(headerr) X(highlight) X(i)     \
	X(ilvl) X(info) X(intbl) X(itap) X(ldblquote) X(li) X(line) X(listtext) X(lquote) X(ls)     \
	X(mac) X(nestcell) X(nestrow) X(nesttableprops) X(nonesttables) X(nonshppict)               \
	X(objdata) X(outlinelevel) X(page) X(par) X(pard) X(pc) X(pca) X(pict) X(plain) X(pn)       \
	X(pntext) X(rdblquote) X(red) X(row) X(rquote) X(s) X(sect) X(shp) X(shpinst)               \
	X(shprslt) X(shptxt) X(sp) X(stylesheet) X(tab) X(title) X(u) X(uc) X(ud) X(ul)             \
	X(ulnone) X(upr) X(v) X(xe) X(tc)
/* clang-format on */

#define RTF_ENUM(name) RTF_##name,
enum rtf_word { RTF_WORDS(RTF_ENUM) RTF_COUNT, RTF_UNKNOWN = RTF_COUNT };

/* The number of a control word of n letters. */
enum rtf_word rtf_word_find(const char *p, size_t n);
