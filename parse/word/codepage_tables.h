/* codepage_tables: what the bytes 0x80 to 0xFF mean in single-byte character sets. For codepage.c.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct codepage_table {
	int page;
	uint16_t upper[128]; /* 0: unassigned */
};

extern const struct codepage_table codepage_tables[];
extern const size_t codepage_table_count;
