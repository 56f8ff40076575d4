/*
 * codepage: bytes of old character sets to Unicode.
 *
 * The single-byte Windows code pages, Thai and Mac Roman are tables of our own; Japanese, Chinese
 * and Korean go through iconv, whose descriptors codepage_warm_up opens once, as nothing can be
 * opened in the jail. Not thread-safe for the latter.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODEPAGE_LATIN = 1252, CODEPAGE_MAC = 10000, CODEPAGE_UTF8 = 65001 };

void codepage_warm_up(void);
/* The code page that is read for `page`: itself, or 1252 if it is not known. */
int codepage_known(int page);
bool codepage_multibyte(int page);
/* Decodes one character of n > 0 bytes into *cp; returns the bytes taken (1 or more). What is no
 * character becomes U+FFFD. */
size_t codepage_decode(int page, const unsigned char *p, size_t n, uint32_t *cp);
/* The code page of a Windows charset number (as in RTF's \fcharset and font tables), 0 if unknown.
 */
int codepage_of_charset(int charset);
/* The code page of a Windows language identifier. */
int codepage_of_language(int lid);
/* The code page of a MIME or HTML charset name of n bytes, 0 if unknown. */
int codepage_of_name(const char *name, size_t n);
