/*
 * docx_body: one part with paragraphs (document, header, footer, notes) into lines.
 */
#pragma once
#include "parse/word/docx_styles.h"
#include "parse/word/package.h"
#include "parse/word/writer.h"

struct docx {
	struct doc *doc;
	struct package package;
	struct docx_styles *styles;
	struct writer writer;
	int tables; /* numbered so far */
};

/* Reads a part; its lines are in `region`. rels: its relationships, or NULL to look them up when
 * one is needed. */
enum xml_result docx_body_read(struct docx *x, const char *part, enum region region,
							   const struct rels *rels);
