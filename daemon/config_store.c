/* SPDX-License-Identifier: Apache-2.0 */
/* store { }: who and where this store is. */
#include "daemon/config_parts.h"

cfg_opt_t store_options[] = {
	CFG_STR("id", NULL, CFGF_NODEFAULT),
	CFG_STR("name", NULL, CFGF_NODEFAULT),
	CFG_STR("currency", "EUR", CFGF_NONE),
	CFG_STR("timezone", "Europe/Paris", CFGF_NONE),
	CFG_STR("language", "fr", CFGF_NONE),
	CFG_STR("country", "FR", CFGF_NONE),
	CFG_INT("claim-days", 7, CFGF_NONE),
	CFG_STR("unknown-cards", "refuse", CFGF_NONE),
	CFG_BOOL("shared-phone", cfg_false, CFGF_NONE),
	CFG_INT("roaming-credit", 0, CFGF_NONE),
	CFG_END(),
};

/* ISO 4217, by number of decimals. What no till counts (funds, metals, tests) is left out. */
static const char *const currencies[] = {
	/* 0 */ "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	/* 1 */ "",
	/* 2 */
	"AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
	"CRC CUP CVE "
	"CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS "
	"KHR KPW "
	"KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
	"PEN PGK "
	"PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD "
	"TWD TZS "
	"UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL",
	/* 3 */ "BHD IQD JOD KWD LYD OMR TND",
};

static bool currency_decimals(const char *code, unsigned *out)
{
	if (strlen(code) != 3)
		return false;
	for (unsigned i = 0; i < sizeof(currencies) / sizeof(*currencies); i++)
		for (const char *p = currencies[i]; *p; p += p[3] ? 4 : 3)
			if (strncmp(p, code, 3) == 0) {
				*out = i;
				return true;
			}
	return false;
}

static bool made_of(const char *text, const char *characters, size_t least, size_t most)
{
	size_t n = strspn(text, characters);

	return text[n] == '\0' && n >= least && n <= most;
}

static void compile_names(struct palier_setup *s, cfg_t *section)
{
	struct config *c = s->config;

	c->store.id = setup_string(s, section, "id", "lyon-03");
	if (c->store.id && !made_of(c->store.id, "abcdefghijklmnopqrstuvwxyz0123456789-", 1, 32))
		setup_option_error(s, section, "id", "id = \"%s\": expected 1 to 32 of a-z, 0-9 and -, such as \"lyon-03\"",
			c->store.id);
	c->store.name = cfg_size(section, "name") > 0 ? setup_string(s, section, "name", "Comptoir") : c->store.id;
	if (c->store.name && strlen(c->store.name) > 128)
		setup_option_error(s, section, "name", "name is longer than 128 bytes");
}

static void compile_place(struct palier_setup *s, cfg_t *section)
{
	struct config *c = s->config;

	c->store.timezone = setup_string(s, section, "timezone", "Europe/Paris");
	if (c->store.timezone && !zone_known(c->store.timezone))
		setup_option_error(s, section, "timezone",
			"timezone = \"%s\": this system knows no such zone; expected a name such as "
			"\"Europe/Paris\"",
			c->store.timezone);
	c->store.language = setup_string(s, section, "language", "fr");
	if (c->store.language && !made_of(c->store.language, "abcdefghijklmnopqrstuvwxyz", 2, 3))
		setup_option_error(s, section, "language", "language = \"%s\": expected an ISO 639 code such as \"fr\"",
			c->store.language);
	c->store.country = setup_string(s, section, "country", "FR");
	if (c->store.country && !phone_country_known(c->store.country))
		setup_option_error(s, section, "country",
			"country = \"%s\": its telephone numbers are not known here; expected an ISO 3166 "
			"code such as \"FR\"",
			c->store.country);
}

void store_compile(struct palier_setup *s, cfg_t *root)
{
	static const char *const unknown_cards[] = { "refuse", "earn", NULL };
	struct config *c = s->config;
	cfg_t *section;
	int64_t days = 0;
	int choice = 0;

	c->store.currency = "EUR";
	c->store.currency_decimals = 2;
	if (cfg_size(root, "store") == 0) {
		palier_setup_error(s, root, "store is missing; for example store { id = \"lyon-03\" }");
		return;
	}
	section = cfg_getsec(root, "store");
	compile_names(s, section);
	compile_place(s, section);
	c->store.currency = palier_setup_string(s, cfg_getstr(section, "currency"));
	if (!currency_decimals(c->store.currency, &c->store.currency_decimals))
		setup_option_error(s, section, "currency", "currency = \"%s\": expected an ISO 4217 code such as \"EUR\"",
			c->store.currency);
	if (palier_setup_figure(s, section, "claim-days", 0, 366, &days))
		c->store.claim_days = (int)days;
	if (palier_setup_choice(s, section, "unknown-cards", unknown_cards, &choice))
		c->store.unknown_cards_earn = choice == 1;
	c->store.shared_phone = cfg_getbool(section, "shared-phone");
	palier_setup_figure(s, section, "roaming-credit", 0, PALIER_FIGURE_MAX, &c->store.roaming_credit);
}
