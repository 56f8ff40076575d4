/*
 * See compose.h. For each mark one UTF-16 literal: letter, composed letter, letter, composed letter…
 * A few hundred pairs in all, searched from the front; only accented text comes here.
 */
#include "parse/pdf/compose.h"

#include <stddef.h>
#include <uchar.h>

static const struct {
	char16_t mark;
	const char16_t *pairs;
} marks[] = {
	{0x0300,
	 u"AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳ"},
	{0x0301,
	 u"AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿΑΆΕΈΗΉΙΊΟΌΥΎ"
	 u"ΩΏϊΐαάεέηήιίϋΰοόυύωώГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱMḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêế"
	 u"ÔỐôốƠỚơớƯỨưứ"},
	{0x0302,
	 u"AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ"},
	{0x0303,
	 u"AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ"},
	{0x0304,
	 u"AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝ"},
	{0x0306,
	 u"AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặ"},
	{0x0307,
	 u"CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆ"
	 u"wẇXẊxẋYẎyẏſẛ"},
	{0x0308,
	 u"AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵ"
	 u"ЫӸыӹHḦhḧÕṎõṏŪṺūṻWẄwẅXẌxẍtẗ"},
	{0x030A,
	 u"AÅaåUŮuůwẘyẙ"},
	{0x030B,
	 u"OŐoőUŰuűУӲуӳ"},
	{0x030C,
	 u"CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ"},
	{0x031B,
	 u"OƠoơUƯuư"},
	{0x0323,
	 u"BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưự"
	 u"YỴyỵ"},
	{0x0326,
	 u"SȘsșTȚtț"},
	{0x0327,
	 u"CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ"},
	{0x0328,
	 u"AĄaąEĘeęIĮiįUŲuųOǪoǫ"},
};

enum { MARKS = sizeof marks / sizeof marks[0] };

uint32_t compose(uint32_t letter, uint32_t mark)
{
	if (letter == 0x131)
		letter = 'i';
	if (letter == 0x237)
		letter = 'j';
	for (size_t i = 0; i < MARKS; i++)
		for (const char16_t *p = marks[i].pairs; marks[i].mark == mark && *p != 0; p += 2)
			if (p[0] == letter)
				return p[1];
	return 0;
}

uint32_t compose_base(uint32_t cp)
{
	for (size_t i = 0; cp >= 0xC0 && i < MARKS; i++)
		for (const char16_t *p = marks[i].pairs; *p != 0; p += 2)
			if (p[1] == cp)
				return compose_base(p[0]);
	return cp;
}

uint32_t compose_mark(uint32_t cp)
{
	static const struct {
		char16_t accent, mark;
	} accents[] = {
		{'`', 0x300},   {0xB4, 0x301},  {'^', 0x302},   {0x2C6, 0x302}, {'~', 0x303},
		{0x2DC, 0x303}, {0xAF, 0x304},  {0x2C9, 0x304}, {0x2D8, 0x306}, {0x2D9, 0x307},
		{0xA8, 0x308},  {0x2DA, 0x30A}, {0x2DD, 0x30B}, {0x2C7, 0x30C}, {0xB8, 0x327},
		{0x2DB, 0x328}, {0x2CA, 0x301}, {0x2CB, 0x300}, {0x384, 0x301},
	};

	if (cp >= 0x300 && cp < 0x370)
		return cp;
	for (size_t i = 0; i < sizeof accents / sizeof accents[0]; i++)
		if (accents[i].accent == cp)
			return accents[i].mark;
	return 0;
}
