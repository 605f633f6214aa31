/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations: what is refused, where and with which words, and what comes out of a good one. */
#include "daemon/config.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define DATA     "data = \"shop\"\n"
#define STORE    "store { id = \"lyon-03\" }\n"
#define LISTEN   "listen \"unix:s\" { auth = peer }\n"
#define GOOD     DATA STORE LISTEN /* three lines */
#define HUNDRED  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* --- a plugin with one option of every kind ------------------------------------------------------------------------ */

static cfg_opt_t cap_options[] = { CFG_INT("a-day", 0, CFGF_NONE), CFG_END() };
static cfg_opt_t rule_options[] = {
	CFG_STR("factor", NULL, CFGF_NODEFAULT),
	CFG_STR("price", NULL, CFGF_NODEFAULT),
	CFG_STR("lasts", NULL, CFGF_NODEFAULT),
	CFG_STR("kind", "floor", CFGF_NONE),
	CFG_SEC("cap", cap_options, CFGF_NODEFAULT),
	CFG_END(),
};
static cfg_opt_t dummy_options[] = { CFG_SEC("rule", rule_options, CFGF_MULTI | CFGF_TITLE), CFG_END() };

struct rule {
	int64_t factor, price;
	struct span lasts;
	int kind;
};

static int configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	static const char *const kinds[] = { "floor", "nearest", "up", NULL };
	struct rule *rule = palier_setup_alloc(s, sizeof(*rule));
	bool ok = true;

	if (!section)
		return PALIER_OK;
	for (unsigned i = 0; i < cfg_size(section, "rule"); i++) {
		cfg_t *r = cfg_getnsec(section, "rule", i);

		ok = palier_setup_decimal(s, r, "factor", 3, &rule->factor) && ok;
		ok = palier_setup_amount(s, r, "price", &rule->price) && ok;
		ok = palier_setup_span(s, r, "lasts", &rule->lasts) && ok;
		ok = palier_setup_choice(s, r, "kind", kinds, &rule->kind) && ok;
		if (cfg_getsec(r, "cap") && cfg_getint(cfg_getsec(r, "cap"), "a-day") == 0) {
			palier_setup_error(s, cfg_getsec(r, "cap"), "a-day: expected 1 or more");
			ok = false;
		}
	}
	*out = rule;
	return ok ? PALIER_OK : PALIER_ECONFIG;
}

static const struct palier_plugin dummy = { .abi = PALIER_PLUGIN_ABI,
	.name = "dummy",
	.options = dummy_options,
	.configure = configure };
static const struct palier_plugin bare = { .abi = PALIER_PLUGIN_ABI, .name = "bare" };
static const struct palier_plugin *const plugins[] = { &bare, &dummy, NULL };

/* --- a file, and what is said of it -------------------------------------------------------------------------------- */

static char file[64];
static char errors[16][6000];
static size_t error_count;

static void say(const char *error)
{
	if (error_count < COUNT(errors))
		snprintf(errors[error_count], sizeof(errors[0]), "%s", error);
	error_count++;
}

static int make_file(void **state)
{
	char dir[] = "/tmp/palier-config-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/palier.conf", dir);
	error_count = 0;
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	unlink(file);
	*strrchr(file, '/') = '\0';
	return rmdir(file);
}

static struct config *load_bytes(const char *text, size_t n)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return config_load(file, plugins, say);
}

static struct config *load(const char *text)
{
	return load_bytes(text, strlen(text));
}

static struct config *load_good(const char *text)
{
	struct config *c = load(text);

	if (!c)
		fail_msg("refused: %s", errors[0]);
	assert_int_equal(error_count, 0);
	return c;
}

/* --- what is refused ----------------------------------------------------------------------------------------------- */

static const struct bad_case {
	const char *name, *text;
	const char *says[4]; /* "LINE: how the sentence begins" */
} bad_cases[] = {
	{ "an empty file lacks everything", "", { "1: store is missing", "1: data is missing", "1: listen is missing" } },
	{ "an unknown setting is named with its neighbours", GOOD "colour = red\n",
		{ "4: no such option 'colour'; expected one of: data" } },
	{ "an unknown section is refused", GOOD "\nrewards { }\n", { "5: no such option 'rewards'" } },
	{ "an unknown setting of a section is refused", DATA LISTEN "store {\n\tid = a\n\tcolour = red\n}\n",
		{ "5: no such option 'colour' in store" } },
	{ "a setting set twice", GOOD DATA, { "4: data is set twice, first on line 1" } },
	{ "a section that stands twice", GOOD STORE, { "4: store stands twice, first on line 2", "4: id is set twice" } },
	{ "a title that stands twice", GOOD LISTEN, { "4: found duplicate title 'unix:s'" } },
	{ "a section without its brace", GOOD "\nlimits {\n line = 20000\n\n", { "5: this section is not closed" } },
	{ "a brace too many", GOOD "}\n", { "4: this \"}\" closes nothing" } },
	{ "a text without its quote", GOOD "\noutbox = \"shop\n\n", { "5: this text is not closed: \"" } },
	{ "a text without its single quote", GOOD "outbox = 'shop", { "4: this text is not closed: '" } },
	{ "a text that ends in a backslash", GOOD "outbox = \"shop\\", { "4: this text is not closed" } },
	{ "a comment without its end", GOOD "/* a\nb", { "4: this comment is not closed" } },
	{ "a value that is missing", GOOD "outbox =", { "4: the file ends where a value was expected" } },
	{ "a sign that is missing", GOOD "outbox \"shop\"\n", { "4: the file ends where \"{\" was expected" } },
	{ "a value of two signs", GOOD "outbox = = a\n", { "4: unexpected =: expected a value" } },
	{ "an empty list says nothing", GOOD "card \"ean13\" { prefixes = {} }\n", { "4: unexpected }: expected a value" } },
	{ "a list without a comma", GOOD "card \"ean13\" { prefixes = {\"1\" \"2\"} }\n",
		{ "4: unexpected \"2\": expected \",\" or \"}\"" } },
	{ "a name in quotes", GOOD "\"outbox\" = a\n",
		{ "4: unexpected \"outbox\": expected the name of a setting, without quotes" } },
	{ "a function call", GOOD "include(\"other.conf\")\n", { "4: unexpected \"(\"" } },
	{ "the environment in quotes", GOOD "outbox = \"${HOME}\"\n", { "4: \"${\": the environment is not expanded" } },
	{ "the environment without quotes", GOOD "outbox = ${HOME}\n", { "4: unexpected \"$\"" } },
	{ "a control character", GOOD "outbox = \"\001\"", { "4: a control character (byte 1)" } },
	{ "sections seventeen deep", "a{b{c{d{e{f{g{h{i{j{k{l{m{n{o{p{q{", { "1: sections nest deeper than 16" } },
	{ "a bad escape in a text", GOOD "outbox = \"\\8\"\n", { "4: bad escape sequence" } },
	{ "a number that is none", GOOD "limits { line = twelve }\n",
		{ "4: invalid integer value for option 'line' in limits" } },
	{ "a number beyond 64 bits", GOOD "limits { line = 99999999999999999999 }\n",
		{ "4: integer value for option 'line' is out of range" } },
	{ "a truth that is none", DATA LISTEN "store { id = a shared-phone = perhaps }",
		{ "3: invalid boolean value for option 'shared-phone'" } },
	{ "lines after comments of every kind are counted", "# a\n// b\n/* c */ /* d\ne */\n" GOOD "colour = red\n",
		{ "8: no such option 'colour'" } },

	{ "a store without id", DATA LISTEN "\n\nstore {\n name = a\n}",
		{ "5: id is missing; for example id = \"lyon-03\"" } },
	{ "an id with capitals", DATA LISTEN "store {\n id = Lyon\n}", { "4: id = \"Lyon\": expected 1 to 32 of a-z" } },
	{ "an id of 33 letters", DATA LISTEN "store { id = abcdefghijklmnopqrstuvwxyz0123456 }", { "3: id = \"abcdefg" } },
	{ "an unknown currency", DATA LISTEN "store {\n id = a\n currency = EUX\n}",
		{ "5: currency = \"EUX\": expected an ISO 4217 code" } },
	{ "a currency in small letters", DATA LISTEN "store { id = a currency = eur }", { "3: currency = \"eur\"" } },
	{ "a currency of two words", DATA LISTEN "store { id = a currency = \"R U\" }", { "3: currency = \"R U\"" } },
	{ "an unknown time zone", DATA LISTEN "store { id = a timezone = \"Mars/Phobos\" }",
		{ "3: timezone = \"Mars/Phobos\": this system knows no such zone" } },
	{ "a time zone out of its tree", DATA LISTEN "store { id = a timezone = \"../zoneinfo/UTC\" }", { "3: timezone" } },
	{ "a language that is none", DATA LISTEN "store { id = a language = French }",
		{ "3: language = \"French\": expected an ISO 639 code" } },
	{ "a country without known telephone numbers", DATA LISTEN "store { id = a country = XX }",
		{ "3: country = \"XX\": its telephone numbers are not known" } },
	{ "claims of more than a year", DATA LISTEN "store { id = a claim-days = 367 }",
		{ "3: claim-days = 367: expected a whole number from 0 to 366" } },
	{ "an unknown treatment of unknown cards", DATA LISTEN "store { id = a unknown-cards = keep }",
		{ "3: unknown-cards = \"keep\": expected refuse or earn" } },
	{ "negative roaming credit", DATA LISTEN "store { id = a roaming-credit = -1 }", { "3: roaming-credit = -1" } },
	{ "everything wrong is told at once", "data = \"\"\n" LISTEN "store {\n id = A\n currency = B\n country = C\n}\n",
		{ "4: id", "5: currency", "6: country", "1: data is missing" } },

	{ "no door", DATA STORE, { "1: listen is missing" } },
	{ "an address without kind", DATA STORE "listen \"127.0.0.1:7117\" { auth = trust }",
		{ "3: listen \"127.0.0.1:7117\": expected an address such as" } },
	{ "an address without port", DATA STORE "listen \"tcp:127.0.0.1\" { auth = trust }",
		{ "3: listen \"tcp:127.0.0.1\"" } },
	{ "a port beyond 65535", DATA STORE "listen \"tcp:127.0.0.1:65536\" { auth = trust }", { "3: listen" } },
	{ "a port that is no number", DATA STORE "listen \"tcp:127.0.0.1:+80\" { auth = trust }", { "3: listen" } },
	{ "a host by name", DATA STORE "listen \"tcp:shop.example:7117\" { }", { "3: listen" } },
	{ "an IPv6 address without brackets", DATA STORE "listen \"tcp:::1:7117\" { }", { "3: listen" } },
	{ "a socket without path", DATA STORE "listen \"unix:\" { auth = peer }", { "3: listen \"unix:\"" } },
	{ "a path longer than a socket's", DATA STORE "listen \"unix:/aaaaaaa/" HUNDRED "\" { auth = peer }",
		{ "3: /aaaaaaa/aaaaaaaa" } },
	{ "a tls door without a certificate", DATA STORE "\nlisten \"tls:0.0.0.0:7118\" { auth = token key = \"k\" }",
		{ "4: certificate is missing; for example certificate = \"t.pem\"" } },
	{ "a tls door without a key", DATA STORE "listen \"tls:0.0.0.0:7118\" { certificate = \"t\"\n key = \"\" }",
		{ "4: key is missing; for example key = \"t.key\"" } },
	{ "an https door that lets anybody in",
		DATA STORE "listen \"https:0.0.0.0:7443\" { certificate = \"t\" key = \"k\"\n crl = \"\" }",
		{ "3: client-ca is missing: who issues the certificates that may come in" } },
	{ "an https door with an auth",
		DATA STORE
		"listen \"https:0.0.0.0:7443\" {\n auth = trust certificate = \"t\" key = \"k\" client-ca = \"c\" }",
		{ "4: an https door has no auth" } },
	{ "an https door with a role",
		DATA STORE
		"listen \"https:0.0.0.0:7443\" { certificate = \"t\" key = \"k\" client-ca = \"c\"\n role = cashier }",
		{ "4: role is for auth = peer or trust" } },
	{ "a client-ca on a tls door",
		DATA STORE "listen \"tls:0.0.0.0:7118\" { certificate = \"t\" key = \"k\"\n client-ca = \"c\" }",
		{ "4: client-ca belongs to an https door" } },
	{ "trust on an http door of every address", DATA STORE "listen \"http:0.0.0.0:7119\" { auth = trust }",
		{ "3: auth = trust is for addresses of this machine alone" } },
	{ "peer on an http door", DATA STORE "listen \"http:127.0.0.1:7119\" { auth = peer }",
		{ "3: auth = peer needs a socket" } },
	{ "an http door without port", DATA STORE "listen \"http:127.0.0.1\" { }", { "3: listen \"http:127.0.0.1\"" } },
	{ "a host of an http door with its port", DATA STORE "listen \"http:127.0.0.1:1\" {\n host = {\"a.example:80\"} }",
		{ "4: host: \"a.example:80\" is no name" } },
	{ "a host of a tcp door", DATA STORE "listen \"tcp:127.0.0.1:1\" { host = {\"a.example\"} }",
		{ "3: host belongs to an http or https door" } },
	{ "two kinds of door at one place",
		DATA STORE "listen \"tcp:127.0.0.1:7119\" { }\nlisten \"http:127.0.0.1:7119\" { }",
		{ "4: http:127.0.0.1:7119 is the same door as tcp:127.0.0.1:7119" } },
	{ "a certificate on a tcp door", DATA STORE "listen \"tcp:127.0.0.1:1\" { auth = trust certificate = \"t.pem\" }",
		{ "3: certificate belongs to a tls or https door" } },
	{ "trust on every address", DATA STORE "listen \"tcp:0.0.0.0:7117\" {\n auth = trust\n}",
		{ "4: auth = trust is for addresses of this machine alone" } },
	{ "trust on every IPv6 address", DATA STORE "listen \"tcp:[::]:7117\" { auth = trust }",
		{ "3: auth = trust is for addresses" } },
	{ "trust on a socket", DATA STORE "listen \"unix:s\" { auth = trust }",
		{ "3: auth = trust is for addresses of this machine alone, such as \"tcp:127.0.0.1:7117\"; on a socket use "
		  "auth = peer" } },
	{ "peer on a tcp door", DATA STORE "listen \"tcp:127.0.0.1:7117\" { auth = peer }",
		{ "3: auth = peer needs a socket" } },
	{ "an unknown auth", DATA STORE "listen \"unix:s\" { auth = none }",
		{ "3: auth = \"none\": expected trust, token or peer" } },
	{ "an unknown role", DATA STORE "listen \"unix:s\" { auth = peer role = boss }",
		{ "3: role = \"boss\": expected display, cashier, supervisor or office" } },
	{ "a role with a token", DATA STORE "listen \"unix:s\" { auth = token\n role = cashier }",
		{ "4: role is for auth = peer or trust" } },
	{ "users with a token", DATA STORE "listen \"unix:s\" { uids = {0} }",
		{ "3: uids says who may come in where auth = peer" } },
	{ "groups with trust", DATA STORE "listen \"tcp:127.0.0.1:1\" { auth = trust gids = {0} }",
		{ "3: gids says who may come in where auth = peer" } },
	{ "a negative user", DATA STORE "listen \"unix:s\" { auth = peer uids = {-1} }", { "3: uids: -1 is no id" } },
	{ "the same place by two names", DATA STORE "listen \"tcp:localhost:7117\" { }\nlisten \"tcp:127.0.0.1:07117\" { }",
		{ "4: tcp:127.0.0.1:07117 is the same door as tcp:localhost:7117" } },
	{ "the same socket by two names", DATA STORE LISTEN "listen \"unix:./s\" { }",
		{ "4: unix:./s is the same door as unix:s" } },

	{ "a certificate without a key", GOOD "signing {\n certificate = \"store.pem\"\n}\n",
		{ "4: key is missing; for example key = \"store.key\"" } },
	{ "a PIN for all who read this",
		GOOD "signing {\n certificate = \"store.pem\"\n key = \"pkcs11:token=t;object=o?pin-value=1234\" }\n",
		{ "4: key: a PIN does not belong into this file" } },
	{ "a line shorter than a sign-in's", GOOD "limits { line = 16383 }\n",
		{ "4: line = 16383: expected a whole number from 16384 to 16777216" } },
	{ "a basket beyond the protocol's", GOOD "limits {\n\n basket = 1001 }\n", { "6: basket = 1001" } },
	{ "no connections", GOOD "limits { connections = 0 }\n", { "4: connections = 0" } },
	{ "members kept for ever", GOOD "retention { member = never }\n",
		{ "4: member = \"never\": expected days or months" } },
	{ "members kept for no time", GOOD "retention { member = \"0 days\" }\n", { "4: member = \"0 days\"" } },
	{ "a period that is none", GOOD "retention { alerts = \"3 weeks\" }\n",
		{ "4: alerts = \"3 weeks\": expected a span" } },
	{ "minutes beyond a day", GOOD "fraud { earn-spend = 1441 }\n",
		{ "4: earn-spend = 1441: expected a whole number from 0 to 1440" } },
	{ "an unknown card", GOOD "card \"qr\" { }\n", { "4: card \"qr\": expected \"ean13\", \"gsrn\"" } },
	{ "a prefix of letters for digits", GOOD "card \"ean13\" {\n prefixes = {\"29\", \"2A\"} }\n",
		{ "5: \"2A\" begins no number of this kind" } },
	{ "an empty prefix", GOOD "card \"code128\" { prefixes = {\"\"} }\n", { "4: \"\" begins no number" } },

	{ "an unknown setting of a plugin", GOOD "dummy { rule \"a\" {\n speed = 3 } }\n",
		{ "5: no such option 'speed' in rule; expected one of: factor" } },
	{ "a plugin without options has no section", GOOD "bare { }\n", { "4: no such option 'bare'" } },
	{ "a number with too many decimals", GOOD "dummy {\n rule \"a\" {\n  factor = \"1.2345\"\n } }\n",
		{ "6: factor = \"1.2345\": expected a number with at most 3 decimals" } },
	{ "an amount with a comma", GOOD "dummy { rule \"a\" { price = \"1,50\" } }\n",
		{ "4: price = \"1,50\": expected an amount in EUR, such as \"5.00\"" } },
	{ "an amount of yen with decimals",
		DATA LISTEN "store { id = a currency = JPY }\ndummy { rule \"a\" { price = \"1.50\" } }\n",
		{ "4: price = \"1.50\": expected an amount in JPY, such as \"5\"" } },
	{ "a span that is none", GOOD "dummy { rule \"a\" { lasts = \"soon\" } }\n",
		{ "4: lasts = \"soon\": expected a span" } },
	{ "a choice that is none", GOOD "dummy { rule \"a\" { kind = down } }\n",
		{ "4: kind = \"down\": expected floor, nearest or up" } },
	{ "a plugin's own error stands where the section begins",
		GOOD "dummy {\n rule \"a\" { }\n rule \"b\" {\n  cap\n  {\n  }\n } }\n",
		{ "7: a-day: expected 1 or more" } },
};

static void check_error(const char *says, bool *said)
{
	const char *error;

	for (size_t i = 0; i < error_count && i < COUNT(errors); i++) {
		error = errors[i];
		assert_int_equal(strncmp(error, file, strlen(file)), 0);
		error += strlen(file) + 1;
		if (strncmp(error, says, strlen(says)) == 0) {
			said[i] = true;
			return;
		}
	}
	fail_msg("%zu errors, none is \"%s\"; the first: %s", error_count, says, error_count ? errors[0] : "");
}

static void test_bad(void **state)
{
	const struct bad_case *c = *state;
	struct config *loaded = load(c->text);
	bool said[COUNT(errors)] = { false };
	size_t n;

	assert_null(loaded);
	for (n = 0; n < COUNT(c->says) && c->says[n]; n++)
		check_error(c->says[n], said);
	assert_int_equal(error_count, n);
}

/* --- what comes out ------------------------------------------------------------------------------------------------ */

static void in_directory(const char *path, const char *name)
{
	size_t n = (size_t)(strrchr(file, '/') - file) + 1;

	assert_true(strncmp(path, file, n) == 0);
	assert_string_equal(path + n, name);
}

static void test_defaults(void **state)
{
	struct config *c = load_good(GOOD);

	(void)state;
	assert_string_equal(c->file, file);
	in_directory(c->data, "shop");
	in_directory(c->outbox, "shop/outbox");
	assert_null(c->certificate);
	assert_string_equal(c->store.name, "lyon-03");
	assert_string_equal(c->store.currency, "EUR");
	assert_int_equal(c->store.currency_decimals, 2);
	assert_string_equal(c->store.timezone, "Europe/Paris");
	assert_int_equal(c->store.claim_days, 7);
	assert_false(c->store.unknown_cards_earn);
	assert_int_equal(c->limits.line, 262144);
	assert_int_equal(c->limits.depth, 32);
	assert_int_equal(c->limits.basket, 1000);
	assert_int_equal(c->limits.connections, 1024);
	assert_int_equal(c->limits.line_seconds, 10);
	assert_int_equal(c->limits.misses_per_minute, 30);
	assert_int_equal(c->retention.member.n, 36);
	assert_int_equal(c->retention.member.kind, SPAN_MONTHS);
	assert_int_equal(c->retention.alerts.n, 12);
	assert_int_equal(c->fraud.card_often, 5);
	assert_int_equal(c->fraud.earn_spend, 10);
	assert_int_equal(c->fraud.adjusted_spent, 7);
	assert_int_equal(c->fraud.claims_often, 3);
	assert_int_equal(c->fraud.round_amounts, 10);
	assert_int_equal(c->card_count, 0);
	assert_null(c->plugins[0]);
	assert_null(c->plugins[1]);
	config_free(c);
}

static const char *beside_path(const char *name)
{
	static char path[sizeof(file) + 32];

	snprintf(path, sizeof(path), "%.*s/%s", (int)(strrchr(file, '/') - file), file, name);
	return path;
}

/* What another file beside it says. */
static void beside(const char *name, const char *text)
{
	FILE *f = fopen(beside_path(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void beside_remove(void)
{
	unlink(beside_path("more.conf"));
	unlink(beside_path("most.conf"));
}

#define INCLUDING DATA LISTEN "store { id = a }\ninclude = {\"more.conf\", \"most.conf\"}\n"

static const struct include_case {
	const char *name, *more, *most;
	const char *says; /* NULL: it is read */
} include_cases[] = {
	{ "what is included counts", "fraud {\n  card-often = 7 }\n", "", NULL },
	{ "an error is told where it is", "# first\nfraud {\n\n  card-often = -1 }\n", "",
		"more.conf:4: card-often = -1: expected a whole number" },
	{ "also in the second file", "", "\nlimits { depth = 1000 }\n", "most.conf:2: depth = 1000: expected" },
	{ "and where it is no configuration at all", "}\n", "", "more.conf:1: this \"}\" closes nothing" },
	{ "or an unknown setting", "\n\ncolour = red\n", "", "more.conf:3: no such option" },
	{ "a section stands once in all files", "fraud { card-often = 7 }\n", "\nfraud { round-amounts = 8 }\n",
		"most.conf:2: fraud stands twice, first on line 1" },
	{ "a setting is set once in all files", "\noutbox = out\n", "outbox = out\n",
		"most.conf:1: outbox is set twice, first on line 2" },
	{ "an included file includes no other", "\ninclude = {\"most.conf\"}\n", "",
		"more.conf:2: an included file includes no other" },
	{ "a file that is not there", "", NULL, "most.conf: cannot be read: No such file" },
};

static void test_include(void **state)
{
	const struct include_case *row = *state;
	struct config *c;

	beside("more.conf", row->more);
	if (row->most)
		beside("most.conf", row->most);
	c = load(INCLUDING);
	beside_remove();
	if (row->says) {
		assert_null(c);
		assert_int_equal(error_count, 1);
		if (!strstr(errors[0], row->says))
			fail_msg("%s, not %s", errors[0], row->says);
	} else {
		if (!c)
			fail_msg("refused: %s", errors[0]);
		assert_int_equal(c->fraud.card_often, 7);
	}
	config_free(c);
}

static void test_office(void **state)
{
	(void)state;
	beside("more.conf", "no certificate");
	assert_null(load(DATA LISTEN
		"store { id = a }\nsigning { certificate = \"a\"  key = \"b\"\n  office = {\"more.conf\", \"none.pem\"} }\n"));
	beside_remove();
	assert_int_equal(error_count, 2);
	assert_non_null(strstr(errors[0], ":5: "));
	assert_non_null(strstr(errors[0], "more.conf cannot be read as a certificate"));
	assert_non_null(strstr(errors[1], "none.pem cannot be read as a certificate"));
}

static void test_everything(void **state)
{
	struct config *c =
		load_good("/* all */ data = \"/var/shop\" # absolute\noutbox = out\n"
			  "signing { certificate = \"store.pem\"  key = \"/etc/store.key\" }\n"
			  "store { id = \"tokyo-1\"  name = \"Comptoir d'été\"  currency = \"JPY\"  timezone = "
			  "\"Asia/Tokyo\"  language = \"en\"\n"
			  "  country = \"FR\"  claim-days = 3  unknown-cards = earn  shared-phone = true  roaming-credit = "
			  "50 }\n" LISTEN "limits { line = 65536  depth = 16  basket = 10  connections = 5  line-seconds = "
			  "2  misses-per-minute = 1 }\n"
			  "retention { member = \"900 days\"  alerts = \"1 month\" }\n"
			  "fraud { card-often = 0  round-amounts = 10000 }\n"
			  "card \"ean13\" { prefixes = {\"29\", # ours\n \"28\",} }\ncard luhn { }\n");

	(void)state;
	assert_string_equal(c->data, "/var/shop");
	in_directory(c->outbox, "out");
	in_directory(c->certificate, "store.pem");
	assert_string_equal(c->key, "/etc/store.key");
	assert_string_equal(c->store.id, "tokyo-1");
	assert_string_equal(c->store.name, "Comptoir d'été");
	assert_string_equal(c->store.language, "en");
	assert_string_equal(c->store.country, "FR");
	assert_int_equal(c->store.currency_decimals, 0);
	assert_int_equal(c->store.claim_days, 3);
	assert_true(c->store.unknown_cards_earn);
	assert_true(c->store.shared_phone);
	assert_int_equal(c->store.roaming_credit, 50);
	assert_int_equal(c->limits.line, 65536);
	assert_int_equal(c->limits.misses_per_minute, 1);
	assert_int_equal(c->retention.member.kind, SPAN_DAYS);
	assert_int_equal(c->retention.member.n, 900);
	assert_int_equal(c->fraud.card_often, 0);
	assert_int_equal(c->fraud.round_amounts, 10000);
	assert_int_equal(c->card_count, 2);
	assert_int_equal(c->cards[0].symbology, CARD_EAN13);
	assert_string_equal(c->cards[0].prefixes[1], "28");
	assert_null(c->cards[0].prefixes[2]);
	assert_int_equal(c->cards[1].symbology, CARD_LUHN);
	assert_null(c->cards[1].prefixes);
	assert_int_equal(zone_minute(0), 9 * 60); /* the store's zone is set */
	config_free(c);
}

static void test_doors(void **state)
{
	struct config *c = load_good(DATA STORE "listen \"tcp:127.0.0.1:0\" { auth = trust  role = supervisor }\n"
						"listen \"tcp:[::1]:7117\" { auth = trust }\nlisten \"tcp:0.0.0.0:7118\" { "
						"}\nlisten \"tcp:localhost:7119\" { auth = trust }\n"
						"listen \"unix:run/s\" { auth = peer }\nlisten \"unix:/run/t\" { auth = "
						"peer  role = display  uids = {0, 1000}  gids = 50 }\n");
	const struct door_config *d = c->doors;

	(void)state;
	assert_int_equal(c->door_count, 6);
	assert_string_equal(d[0].address, "tcp:127.0.0.1:0");
	assert_int_equal(d[0].kind, DOOR_TCP);
	assert_string_equal(d[0].host, "127.0.0.1");
	assert_string_equal(d[0].port, "0");
	assert_int_equal(d[0].auth, AUTH_TRUST);
	assert_int_equal(d[0].role, ROLE_SUPERVISOR);
	assert_string_equal(d[1].host, "::1");
	assert_int_equal(d[1].role, ROLE_CASHIER);
	assert_int_equal(d[2].auth, AUTH_TOKEN);
	assert_string_equal(d[3].host, "127.0.0.1");
	assert_int_equal(d[4].kind, DOOR_UNIX);
	in_directory(d[4].path, "run/s");
	assert_int_equal(d[4].role, ROLE_SUPERVISOR);
	assert_int_equal(d[4].uid_count, 1);
	assert_int_equal(d[4].uids[0], geteuid());
	assert_int_equal(d[4].gid_count, 0);
	assert_string_equal(d[5].path, "/run/t");
	assert_int_equal(d[5].role, ROLE_DISPLAY);
	assert_int_equal(d[5].uid_count, 2);
	assert_int_equal(d[5].uids[1], 1000);
	assert_int_equal(d[5].gids[0], 50);
	config_free(c);
}

static void test_plugin(void **state)
{
	struct config *c = load_good(GOOD "dummy { rule \"a\" { factor = \"1.5\"  price = \"2.50\"  lasts = \"end of year\" "
					  " kind = up  cap { a-day = 1 } } }");
	const struct rule *rule = c->plugins[1];

	(void)state;
	assert_null(c->plugins[0]);
	assert_int_equal(rule->factor, 1500);
	assert_int_equal(rule->price, 250);
	assert_int_equal(rule->lasts.kind, SPAN_END_OF_YEAR);
	assert_int_equal(rule->kind, 2);
	config_free(c);
}

static void test_refused_keeps_zone(void **state)
{
	config_free(load_good(GOOD));
	assert_null(load(DATA LISTEN "store { id = A  timezone = \"Asia/Tokyo\" }"));
	(void)state;
	assert_int_equal(zone_minute(0), 60);
}

static void test_plugin_name_taken(void **state)
{
	const struct palier_plugin store = { .abi = PALIER_PLUGIN_ABI, .name = "store", .options = dummy_options };
	const struct palier_plugin *const clash[] = { &store, NULL };

	(void)state;
	config_free(load_good(GOOD));
	assert_null(config_load(file, clash, say));
	assert_int_equal(error_count, 1);
	assert_non_null(strstr(errors[0], "the plugin store has the name of another section"));
}

static void test_no_file(void **state)
{
	char dir[sizeof(file)];

	(void)state;
	assert_null(config_load(file, plugins, say));
	assert_int_equal(error_count, 1);
	assert_non_null(strstr(errors[0], "palier.conf: cannot be read: No such file or directory"));
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(file, '/') - file), file);
	assert_null(config_load(dir, plugins, say));
	assert_int_equal(error_count, 2);
	assert_non_null(strstr(errors[1], ": cannot be read: a directory, not a configuration file"));
}

static void test_nul(void **state)
{
	static const char text[] = GOOD "out\0box";

	(void)state;
	assert_null(load_bytes(text, sizeof(text) - 1));
	assert_int_equal(error_count, 1);
	assert_non_null(strstr(errors[0], ":4: a control character (byte 0)"));
}

static void test_too_long(void **state)
{
	size_t n = (1u << 20) + 1;
	char *text = malloc(n);

	(void)state;
	memset(text, '\n', n);
	assert_null(load_bytes(text, n));
	free(text);
	assert_int_equal(error_count, 1);
	assert_non_null(strstr(errors[0], "longer than 1048576 bytes"));
}

static void test_plugin_dir(void **state)
{
	static const char text[] = "rewards { plugins = \"no\" }\nplugins # of the house\n = \"my plugins\"\nunknown { }\n";
	char *dir;

	(void)state;
	assert_null(config_plugin_dir(file));
	assert_null(load(text));
	dir = config_plugin_dir(file);
	assert_non_null(dir);
	in_directory(dir, "my plugins");
	free(dir);
	config_free(load(GOOD));
	assert_null(config_plugin_dir(file));
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		{ "what is not set has its default", test_defaults, make_file, remove_file, NULL },
		{ "everything of the top level comes out", test_everything, make_file, remove_file, NULL },
		{ "the office's certificates are read at once", test_office, make_file, remove_file, NULL },
		{ "doors of every kind come out", test_doors, make_file, remove_file, NULL },
		{ "a plugin compiles its section", test_plugin, make_file, remove_file, NULL },
		{ "a refused configuration leaves the store's zone alone", test_refused_keeps_zone, make_file, remove_file,
			NULL },
		{ "a plugin may not take a section's name", test_plugin_name_taken, make_file, remove_file, NULL },
		{ "a missing file and a directory are told in one line", test_no_file, make_file, remove_file, NULL },
		{ "a NUL byte is refused", test_nul, make_file, remove_file, NULL },
		{ "a file of more than a mebibyte is refused", test_too_long, make_file, remove_file, NULL },
		{ "the plugins' directory is found before plugins are known", test_plugin_dir, make_file, remove_file,
			NULL },
	};
	struct CMUnitTest tests[COUNT(singles) + COUNT(bad_cases) + COUNT(include_cases)];

	memcpy(tests, singles, sizeof(singles));
	for (size_t i = 0; i < COUNT(include_cases); i++)
		tests[COUNT(singles) + COUNT(bad_cases) + i] = (struct CMUnitTest){ include_cases[i].name, test_include,
			make_file, remove_file, (void *)(uintptr_t)&include_cases[i] };
	for (size_t i = 0; i < COUNT(bad_cases); i++)
		tests[COUNT(singles) + i] = (struct CMUnitTest){ bad_cases[i].name, test_bad, make_file, remove_file,
			(void *)(uintptr_t)&bad_cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
