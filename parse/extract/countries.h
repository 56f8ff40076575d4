/* countries: the countries' names in the languages that résumés are written in, and their codes. */
#pragma once

/* The code (ISO 3166-1 alpha-2) that the first two bytes are; NULL if they are none. */
const char *country_known(const char *code);
/* The code of the country with this name, in the form words_plain gives; NULL if there is none. */
const char *country_named(const char *plain);
