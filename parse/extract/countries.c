/* See countries.h. */
#include "parse/extract/countries.h"

#include <pthread.h>
#include <string.h>

#include "base/hash.h"

enum { SLOTS = 1024 };

/* Names in plain form, between bars; ISO 3166-1 alpha-2. */
static const struct {
	const char *names, *code;
} countries[] = {
	{"|germany|deutschland|allemagne|alemania|", "DE"},
	{"|france|frankreich|francia|", "FR"},
	{"|spain|espana|spanien|espagne|", "ES"},
	{"|italy|italia|italien|italie|", "IT"},
	{"|portugal|", "PT"},
	{"|austria|osterreich|autriche|", "AT"},
	{"|switzerland|schweiz|suisse|suiza|svizzera|", "CH"},
	{"|netherlands|nederland|niederlande|the netherlands|pays bas|", "NL"},
	{"|belgium|belgique|belgien|belgie|", "BE"},
	{"|united kingdom|uk|great britain|england|scotland|wales|royaume uni|reino unido|", "GB"},
	{"|ireland|irland|irlande|irlanda|", "IE"},
	{"|united states|usa|u s a|united states of america|etats unis|estados unidos|", "US"},
	{"|canada|kanada|", "CA"},
	{"|mexico|mexique|", "MX"},
	{"|brazil|brasil|", "BR"},
	{"|argentina|", "AR"},
	{"|chile|", "CL"},
	{"|colombia|", "CO"},
	{"|peru|", "PE"},
	{"|india|", "IN"},
	{"|pakistan|", "PK"},
	{"|bangladesh|", "BD"},
	{"|china|", "CN"},
	{"|japan|", "JP"},
	{"|south korea|korea|", "KR"},
	{"|singapore|", "SG"},
	{"|malaysia|", "MY"},
	{"|indonesia|", "ID"},
	{"|philippines|", "PH"},
	{"|vietnam|", "VN"},
	{"|thailand|", "TH"},
	{"|australia|", "AU"},
	{"|new zealand|", "NZ"},
	{"|south africa|", "ZA"},
	{"|nigeria|", "NG"},
	{"|kenya|", "KE"},
	{"|ghana|", "GH"},
	{"|egypt|", "EG"},
	{"|morocco|maroc|", "MA"},
	{"|united arab emirates|uae|", "AE"},
	{"|saudi arabia|", "SA"},
	{"|israel|", "IL"},
	{"|turkey|turkiye|", "TR"},
	{"|poland|polska|polen|", "PL"},
	{"|czech republic|czechia|", "CZ"},
	{"|hungary|", "HU"},
	{"|romania|", "RO"},
	{"|greece|", "GR"},
	{"|sweden|schweden|sverige|", "SE"},
	{"|norway|norge|", "NO"},
	{"|denmark|danmark|", "DK"},
	{"|finland|suomi|", "FI"},
	{"|ukraine|", "UA"},
	{"|russia|", "RU"},
	{"|luxembourg|luxemburg|", "LU"},
	{"|afghanistan|", "AF"},
	{"|albania|albanien|albanie|", "AL"},
	{"|algeria|algerie|algerien|argelia|", "DZ"},
	{"|andorra|", "AD"},
	{"|angola|", "AO"},
	{"|armenia|armenien|", "AM"},
	{"|azerbaijan|aserbaidschan|", "AZ"},
	{"|bahrain|", "BH"},
	{"|barbados|", "BB"},
	{"|belarus|weissrussland|", "BY"},
	{"|benin|", "BJ"},
	{"|bolivia|", "BO"},
	{"|bosnia and herzegovina|bosnia|bosnien und herzegowina|", "BA"},
	{"|botswana|", "BW"},
	{"|bulgaria|bulgarien|bulgarie|", "BG"},
	{"|burkina faso|", "BF"},
	{"|burundi|", "BI"},
	{"|cambodia|kambodscha|cambodge|", "KH"},
	{"|cameroon|cameroun|kamerun|", "CM"},
	{"|cote d ivoire|ivory coast|elfenbeinkuste|", "CI"},
	{"|costa rica|", "CR"},
	{"|croatia|kroatien|croatie|hrvatska|", "HR"},
	{"|cuba|kuba|", "CU"},
	{"|cyprus|zypern|chypre|chipre|", "CY"},
	{"|democratic republic of the congo|congo|kongo|", "CD"},
	{"|dominican republic|republica dominicana|", "DO"},
	{"|ecuador|", "EC"},
	{"|el salvador|", "SV"},
	{"|estonia|estland|estonie|eesti|", "EE"},
	{"|ethiopia|athiopien|ethiopie|", "ET"},
	{"|fiji|", "FJ"},
	{"|gambia|", "GM"},
	{"|guatemala|", "GT"},
	{"|guinea|guinee|", "GN"},
	{"|haiti|", "HT"},
	{"|honduras|", "HN"},
	{"|hong kong|", "HK"},
	{"|iceland|island|islande|islandia|", "IS"},
	{"|iran|", "IR"},
	{"|iraq|irak|", "IQ"},
	{"|jamaica|jamaika|jamaique|", "JM"},
	{"|kazakhstan|kasachstan|", "KZ"},
	{"|kosovo|", "XK"},
	{"|kuwait|koweit|", "KW"},
	{"|kyrgyzstan|", "KG"},
	{"|laos|", "LA"},
	{"|latvia|lettland|lettonie|latvija|", "LV"},
	{"|lebanon|libanon|liban|libano|", "LB"},
	{"|lesotho|", "LS"},
	{"|liberia|", "LR"},
	{"|libya|libyen|libye|", "LY"},
	{"|liechtenstein|", "LI"},
	{"|lithuania|litauen|lituanie|lietuva|", "LT"},
	{"|madagascar|madagaskar|", "MG"},
	{"|malawi|", "MW"},
	{"|mali|", "ML"},
	{"|malta|malte|", "MT"},
	{"|mauritania|mauritanie|", "MR"},
	{"|mauritius|maurice|", "MU"},
	{"|moldova|moldawien|moldavie|", "MD"},
	{"|monaco|", "MC"},
	{"|mongolia|mongolei|", "MN"},
	{"|montenegro|", "ME"},
	{"|mozambique|mosambik|mocambique|", "MZ"},
	{"|myanmar|", "MM"},
	{"|namibia|", "NA"},
	{"|nepal|", "NP"},
	{"|nicaragua|", "NI"},
	{"|niger|", "NE"},
	{"|north macedonia|nordmazedonien|macedonia|", "MK"},
	{"|oman|", "OM"},
	{"|palestine|", "PS"},
	{"|panama|", "PA"},
	{"|papua new guinea|", "PG"},
	{"|paraguay|", "PY"},
	{"|puerto rico|", "PR"},
	{"|qatar|katar|", "QA"},
	{"|rwanda|ruanda|", "RW"},
	{"|samoa|", "WS"},
	{"|senegal|", "SN"},
	{"|serbia|serbien|serbie|srbija|", "RS"},
	{"|sierra leone|", "SL"},
	{"|slovakia|slowakei|slovaquie|slovensko|", "SK"},
	{"|slovenia|slowenien|slovenie|slovenija|", "SI"},
	{"|somalia|", "SO"},
	{"|sri lanka|", "LK"},
	{"|sudan|soudan|", "SD"},
	{"|syria|syrien|syrie|", "SY"},
	{"|taiwan|", "TW"},
	{"|tajikistan|", "TJ"},
	{"|tanzania|tansania|tanzanie|", "TZ"},
	{"|togo|", "TG"},
	{"|tonga|", "TO"},
	{"|trinidad and tobago|", "TT"},
	{"|tunisia|tunesien|tunisie|tunez|", "TN"},
	{"|uganda|ouganda|", "UG"},
	{"|uruguay|", "UY"},
	{"|uzbekistan|usbekistan|", "UZ"},
	{"|venezuela|", "VE"},
	{"|yemen|jemen|", "YE"},
	{"|zambia|sambia|zambie|", "ZM"},
	{"|zimbabwe|simbabwe|", "ZW"},
	{"|eswatini|swaziland|", "SZ"},
};

/* The names, by their hashes; filled at the first question. */
static struct slot {
	uint64_t hash; /* 0: free */
	const char *code;
} slots[SLOTS];

/* The name's slot, or a free one where it would be. */
static struct slot *slot_of(uint64_t hash)
{
	size_t i = (size_t)hash % SLOTS;

	while (slots[i].hash != 0 && slots[i].hash != hash)
		i = (i + 1) % SLOTS;
	return &slots[i];
}

/* The first country that claims a name keeps it. */
static void load(void)
{
	for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
		const char *name = countries[i].names + 1, *bar;

		for (; (bar = strchr(name, '|')) != NULL; name = bar + 1) {
			uint64_t hash = hash_bytes(name, (size_t)(bar - name));
			struct slot *slot = slot_of(hash);

			if (slot->hash == 0)
				*slot = (struct slot){hash, countries[i].code};
		}
	}
}

const char *country_known(const char *code)
{
	for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
		if (memcmp(countries[i].code, code, 2) == 0)
			return countries[i].code;
	return NULL;
}

const char *country_named(const char *plain)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	return slot_of(hash_bytes(plain, strlen(plain)))->code;
}
