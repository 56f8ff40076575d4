/*
 * word: the readers of word processor files (DOCX, DOC, RTF, HTML saved as .doc).
 *
 * The readers themselves are declared in parse/doc.h. What is here prepares the process for a jail
 * in which no file can be opened any more.
 */
#pragma once

/* Loads what the libraries behind the readers would open or register at their first use (character
 * set tables, XML and object types), sets TZ to UTC and silences glib's log. Call once, before the
 * jail closes; later calls do nothing. Not thread-safe. */
void word_warm_up(void);
