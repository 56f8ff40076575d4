/*
 * clean: makes a page easier to recognise that was copied, faxed or photographed. A page that is
 * clean stays as it is.
 */
#pragma once
#include "parse/ocr/picture.h"

/* Makes grey paper white and what is on it black, where the light differs from place to place, too.
 */
void clean_light(struct picture *p);
/* Takes specks away: those that stand alone, and in a page full of them the smaller ones beside
 * letters. grain: samples of the page for one of the scan. */
void clean_specks(struct picture *p, double grain);
