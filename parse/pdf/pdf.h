/*
 * pdf: the PDF engine; pdf_read is declared in parse/doc.h.
 *
 * Runs come in drawing order. A run is a word or a stretch of words in one font on one baseline;
 * its text has single blanks, none at its ends. Runs are cut where a gap is wider than a word's,
 * and where a link begins or ends, which may be inside a word: neighbours without a gap belong
 * together.
 */
#pragma once

/* Loads what the engine would otherwise open files for; once, before the process is jailed. */
void pdf_warm_up(void);
