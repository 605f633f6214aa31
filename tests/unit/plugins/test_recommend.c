/* SPDX-License-Identifier: Apache-2.0 */
/* The four kinds of recommendation: whom they ask and when, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "plugins/referral/internal.h"
#include "tests/unit/plugins/kit.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

extern const struct palier_plugin palier_plugin_points, palier_plugin_referral, palier_plugin_ambassador;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_referral,
	&palier_plugin_ambassador, NULL };

#define POINTS     "points { unit \"points\" { kind = points } }\n"
#define SHOP(more) POINTS "referral { url = \"HTTPS://EX.FR/P/\"  sponsor { unit = points  points = 100 } " more " }\n"
#define EVOKE      "evoke { after = 3  quiet = \"90 days\" }"
#define REVIEW     "review { url = \"HTTPS://EX.FR/AVIS\"  after = 2  quiet = \"180 days\" }"
#define SOURCES    "heard-from = {\"friend\", \"Bouche à oreille\", \"press\"}"
#define SHOP_USUAL SHOP(SOURCES " " EVOKE " " REVIEW)

#define LINE "If you like it here, tell a friend"
#define WORD "A word from you helps others find us"

static const struct kit_line goods[] = { { .sku = "a", .amount = 1000 } };

/* A shop with members 1 to 3, who have bought so often. */
static struct palier_ctx *shop_new(const char *config, int64_t purchases)
{
	struct palier_ctx *c = kit_new(plugins, config);

	kit_clock(c, "2026-11-02T10:00:00+01:00");
	for (unsigned n = 1; n <= 3; n++) {
		*kit_person(c, n) = (struct kit_person){ .person = { .since = 20260101 } };
		kit_person(c, n)->facts.purchases = purchases;
	}
	return c;
}

static void shop_end(struct palier_ctx *c)
{
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

static void sell(struct palier_ctx *c, unsigned member, const char *number)
{
	struct palier_id id = kit_member(member);

	assert_int_equal(kit_sale(c, &id, number, goods, 1), PALIER_OK);
}

static void assert_begins(const char *text, const char *begin)
{
	if (strncmp(text, begin, strlen(begin)) != 0 || (begin[0] == '\0' && text[0]))
		fail_msg("\"%s\", not \"%s\"", text, begin);
}

/* What the report says of some days: a part of it. */
static void assert_report(struct palier_ctx *c, uint32_t from, uint32_t to, const char *part)
{
	struct recommendation_report p = { .set = { 0, 0 } };
	const char *answer;

	PALIER_SET(&p, recommendation_report, from, from);
	PALIER_SET(&p, recommendation_report, to, to);
	answer = kit_answer(c, &method_recommendation_report, &p);
	if (!strstr(answer, part))
		fail_msg("no %s in %s", part, answer);
}

#define STEP(kind, step, count) "\"" kind "\":[{\"step\":\"" step "\",\"count\":" #count "}"

/* --- the configuration --------------------------------------------------------------------------------------------- */

static const struct config_case {
	const char *name, *config, *error;
} configs[] = {
	{ "what the manual shows is accepted", SHOP_USUAL, "" },
	{ "all of it may be left out", SHOP(""), "" },
	{ "a source is counted once, case and accents aside", SHOP("heard-from = {\"Été\", \"ete\"}"), "counted already" },
	{ "a source is not what none of them is", SHOP("heard-from = {\"OTHER\"}"), "what none of the list is" },
	{ "a source has a name", SHOP("heard-from = {\"\"}"), "1 to 64 bytes" },
	{ "a source has no blanks around it", SHOP("heard-from = {\" friend\"}"), "no blanks" },
	{ "a review has an address", SHOP("review { after = 2 }"), "where reviews are written" },
	{ "a line comes from some purchase on", SHOP("evoke { after = 0 }"), "after" },
	{ "a quiet time is a time", SHOP("evoke { quiet = \"a while\" }"), "quiet" },
};

static void a_config(void **state)
{
	const struct config_case *row = *state;
	const char *error = kit_config_error(plugins, row->config);

	if (!strstr(error, row->error) || (!row->error[0] && error[0]))
		fail_msg("\"%s\", not \"%s\"", error, row->error);
}

/* --- spontaneous --------------------------------------------------------------------------------------------------- */

static const struct heard_case {
	const char *name, *said, *sources;
} heard[] = {
	{ "a source of the list is counted", "friend", "[{\"source\":\"friend\",\"count\":1}]" },
	{ "case is no difference", "FrIEND", "[{\"source\":\"friend\",\"count\":1}]" },
	{ "nor are accents", "BOUCHE A OREILLE", "[{\"source\":\"Bouche à oreille\",\"count\":1}]" },
	{ "nor a capital's accent", "bouche À oreille", "[{\"source\":\"Bouche à oreille\",\"count\":1}]" },
	{ "nor blanks around it", "  press ", "[{\"source\":\"press\",\"count\":1}]" },
	{ "what is not listed is another", "my neighbour", "[{\"source\":\"other\",\"count\":1}]" },
	{ "what only begins so is another", "friends", "[{\"source\":\"other\",\"count\":1}]" },
	{ "another alphabet is another", "друг", "[{\"source\":\"other\",\"count\":1}]" },
	{ "a long story is another", "it all began in a rainy summer, when the shop was not yet what it has become since",
		"[{\"source\":\"other\",\"count\":1}]" },
	{ "who said nothing is only enrolled", NULL, "[]" },
};

static void enrol(struct palier_ctx *c, unsigned member, const char *said)
{
	struct member_enroll p = { .set = { 0, 0 } };

	if (said)
		PALIER_SET(&p, member_enroll, heard_from, palier_str(said));
	assert_int_equal(kit_enroll(c, kit_member(member), &p), PALIER_OK);
}

static void a_source(void **state)
{
	const struct heard_case *row = *state;
	struct palier_ctx *c = shop_new(SHOP_USUAL, 0);
	char sources[128];

	enrol(c, 1, row->said);
	snprintf(sources, sizeof(sources), "\"sources\":%s", row->sources);
	assert_report(c, 20261102, 20261102, "\"enrolled\":1,");
	assert_report(c, 20261102, 20261102, row->said ? STEP("spontaneous", "said", 1) : STEP("spontaneous", "said", 0));
	assert_report(c, 20261102, 20261102, sources);
	shop_end(c);
}

static void most_first(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 0);

	(void)state;
	enrol(c, 1, "press");
	enrol(c, 2, "friend");
	enrol(c, 3, "else");
	enrol(c, 4, "press");
	assert_report(c, 20261102, 20261102,
		"\"sources\":[{\"source\":\"press\",\"count\":2},{\"source\":\"friend\",\"count\":1},"
		"{\"source\":\"other\",\"count\":1}]");
	shop_end(c);
}

/* The shop changes its list every day, for more days than a list is long. */
static void lists_that_change(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 0);
	char config[256], name[16];

	(void)state;
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "s%02d", i);
		snprintf(config, sizeof(config), SHOP("heard-from = {\"%s\"}"), name);
		kit_reconfigure(c, config);
		enrol(c, 1, name);
	}
	assert_report(c, 20261102, 20261102, "{\"source\":\"s00\",\"count\":1},{\"source\":\"s01\",\"count\":1}");
	assert_report(c, 20261102, 20261102, "{\"source\":\"s69\",\"count\":1}]");
	shop_end(c);
}

/* --- evoked and solicited ------------------------------------------------------------------------------------------ */

static const struct ask_case {
	const char *name, *config;
	int64_t before;       /* purchases */
	const char *messages; /* what they begin with */
	const char *qr;
} asks[] = {
	{ "a first purchase is left in peace", SHOP_USUAL, 0, "", "" },
	{ "a second purchase is asked for a review", SHOP_USUAL, 1, WORD, "review HTTPS://EX.FR/AVIS" },
	{ "a third purchase reads the gentle line, and no more", SHOP_USUAL, 2, LINE, "sponsor HTTPS://EX.FR/P/" },
	{ "a later one as well, when it was never asked", SHOP_USUAL, 40, LINE, "sponsor HTTPS://EX.FR/P/" },
	{ "without evoke there is no line", SHOP(REVIEW), 2, WORD, "review" },
	{ "without either nobody is asked", SHOP(""), 2, "", "" },
	{ "without a section nothing is decided", POINTS, 2, "", "" },
};

static void an_ask(void **state)
{
	const struct ask_case *row = *state;
	struct palier_ctx *c = shop_new(row->config, row->before);

	sell(c, 1, "S");
	assert_begins(kit_messages(c), row->messages);
	assert_begins(kit_qrs(c), row->qr);
	assert_null(strchr(kit_qrs(c), ','));
	shop_end(c);
}

static void in_a_quote_claimed_or_offline(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 2);
	const struct kit_basket claimed = { .lines = goods, .line_count = 1, .claimed = true };
	struct palier_id member = kit_member(1);

	(void)state;
	sell(c, 1, NULL);
	assert_string_equal(kit_messages(c), "");
	assert_int_equal(kit_ring(c, &member, "C", &claimed), PALIER_OK);
	assert_string_equal(kit_messages(c), "");
	assert_int_equal(kit_sale(c, NULL, "N", goods, 1), PALIER_OK);
	assert_string_equal(kit_messages(c), "");
	kit_offline(c, true);
	sell(c, 1, "O");
	assert_string_equal(kit_messages(c), "");
	kit_offline(c, false);
	kit_person(c, 1)->person.since = 0; /* only the card is known */
	sell(c, 1, "P");
	assert_string_equal(kit_messages(c), "");
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 0));
	shop_end(c);
}

static void quiet_times(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 2);

	(void)state;
	sell(c, 1, "A");
	assert_begins(kit_messages(c), LINE);
	sell(c, 1, "B"); /* the line has been read: now the review */
	assert_begins(kit_messages(c), WORD);
	sell(c, 1, "C");
	assert_string_equal(kit_messages(c), "");
	kit_clock(c, "2027-01-31T23:30:00+01:00"); /* the 90th day after */
	sell(c, 1, "D");
	assert_string_equal(kit_messages(c), "");
	kit_clock(c, "2027-02-01T00:10:00+01:00");
	sell(c, 1, "E");
	assert_begins(kit_messages(c), LINE);
	sell(c, 2, "F"); /* another member's time is another */
	assert_begins(kit_messages(c), LINE);
	assert_report(c, 20261102, 20270201, STEP("evoked", "shown", 3));
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 1));
	assert_report(c, 20261103, 20270131, STEP("evoked", "shown", 0));
	assert_report(c, 20261102, 20270201, STEP("solicited", "asked", 1));
	shop_end(c);
}

static void once_and_never_again(void **state)
{
	struct palier_ctx *c = shop_new(SHOP("evoke { after = 1  quiet = never }"), 0);

	(void)state;
	sell(c, 1, "A");
	assert_begins(kit_messages(c), LINE);
	kit_clock(c, "2036-11-02T10:00:00+01:00");
	sell(c, 1, "B");
	assert_string_equal(kit_messages(c), "");
	shop_end(c);
}

static void the_friends_reward_is_named(void **state)
{
	struct palier_ctx *c = shop_new(SHOP(EVOKE " friend { unit = points  points = 50 }"), 2);

	(void)state;
	sell(c, 1, "A");
	assert_non_null(strstr(kit_messages(c), ". For your friend: 50 points"));
	shop_end(c);
}

/* --- undone -------------------------------------------------------------------------------------------------------- */

static void voided(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 2);

	(void)state;
	sell(c, 1, "A");
	assert_int_equal(kit_void(c, "A"), PALIER_OK);
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 0));
	sell(c, 1, "B");
	assert_begins(kit_messages(c), LINE);
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 1));
	shop_end(c);
}

static void merged(void **state)
{
	struct palier_ctx *c = shop_new(SHOP(EVOKE), 2);

	(void)state;
	sell(c, 1, "A");
	assert_int_equal(kit_merge(c, kit_member(1), kit_member(2)), PALIER_OK);
	sell(c, 2, "B");
	assert_string_equal(kit_messages(c), "");
	assert_int_equal(kit_void(c, "A"), PALIER_OK);
	sell(c, 2, "C");
	assert_begins(kit_messages(c), LINE);
	assert_int_equal(kit_merge(c, kit_member(3), kit_member(2)), PALIER_OK); /* who was never asked */
	assert_string_equal(kit_fact(c, kit_member(2), "none"), "");
	shop_end(c);
}

static void asked_both(void **state)
{
	struct palier_ctx *c = shop_new(SHOP(EVOKE), 2);

	(void)state;
	sell(c, 1, "A");
	sell(c, 2, "B");
	assert_int_equal(kit_merge(c, kit_member(1), kit_member(2)), PALIER_OK);
	assert_int_equal(kit_void(c, "A"), PALIER_OK);
	sell(c, 2, "C"); /* B's line is still of today */
	assert_string_equal(kit_messages(c), "");
	assert_int_equal(kit_void(c, "B"), PALIER_OK);
	sell(c, 2, "D");
	assert_begins(kit_messages(c), LINE);
	shop_end(c);
}

static void erased(void **state)
{
	struct palier_ctx *c = shop_new(SHOP(EVOKE), 2);
	uint32_t last;

	(void)state;
	sell(c, 1, "A");
	assert_int_equal(asked_last(kit_tables(c, 1), kit_member(1), KIND_EVOKED, DAY_NEVER, &last), PALIER_OK);
	assert_int_equal(last, 20261102);
	assert_int_equal(kit_erase(c, kit_member(1)), PALIER_OK);
	assert_int_equal(asked_any(kit_tables(c, 1), kit_member(1)), PALIER_ENOENT);
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 1)); /* a sum is nobody's */
	assert_int_equal(kit_void(c, "A"), PALIER_OK);
	assert_report(c, 20261102, 20261102, STEP("evoked", "shown", 0));
	shop_end(c);
}

/* --- sponsorship --------------------------------------------------------------------------------------------------- */

#define SPONSORING \
	POINTS "referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  hold = \"30 days\"  friend { unit = points  points " \
	       "= 50 }  sponsor { unit = points  points = 100 }  " EVOKE " }\n"

/* What the last QR code says. */
static struct palier_bytes code_shown_now(struct palier_ctx *c)
{
	static char code[64];

	assert_begins(kit_qrs(c), "sponsor HTTPS://EX.FR/P/");
	snprintf(code, sizeof(code), "%s", strrchr(kit_qrs(c), '/') + 1);
	return palier_str(code);
}

static void befriend(struct palier_ctx *c, unsigned friend, struct palier_bytes code)
{
	struct member_enroll p = { .set = { 0, 0 } };

	*kit_person(c, friend) = (struct kit_person){ .person = { .since = 20261102 } };
	PALIER_SET(&p, member_enroll, referral, code);
	assert_int_equal(kit_enroll(c, kit_member(friend), &p), PALIER_OK);
}

static void buy(struct palier_ctx *c, unsigned member, const char *number, int64_t amount, const char *code)
{
	const struct kit_line line = { .sku = "a", .amount = amount };
	const struct kit_basket b = { .lines = &line, .line_count = 1, .referral = code };
	struct palier_id id = kit_member(member);

	assert_int_equal(kit_ring(c, &id, number, &b), PALIER_OK);
}

/* The counts of sponsorship, "1 1 0 0 0 0 0 0": issued claimed purchased held earned void flagged clawed. */
static void assert_path(struct palier_ctx *c, uint32_t from, uint32_t to, const char *counts)
{
	static const char *const steps[] = { "issued", "claimed", "purchased", "held", "earned", "void", "flagged",
		"clawed" };
	char part[512] = "\"sponsorship\":[";
	size_t len = strlen(part);

	for (size_t i = 0; i < COUNT(steps); i++)
		len += (size_t)snprintf(part + len, sizeof(part) - len, "%s{\"step\":\"%s\",\"count\":%c}", i ? "," : "",
			steps[i], counts[2 * i]);
	assert_report(c, from, to, part);
}

#define EVER 20260101, 20271231

/* Member 1's code is member 2's, who has not bought yet. */
static struct palier_ctx *friends_new(void)
{
	struct palier_ctx *c = shop_new(SPONSORING, 2);

	sell(c, 1, "A");
	befriend(c, 2, code_shown_now(c));
	assert_path(c, EVER, "1 1 0 0 0 0 0 0");
	return c;
}

static void step_by_step(void **state)
{
	struct palier_ctx *c = friends_new();

	(void)state;
	kit_clock(c, "2026-11-03T10:00:00+01:00");
	buy(c, 2, "B", 1000, NULL);
	assert_path(c, EVER, "1 1 1 0 0 0 0 0");
	kit_clock(c, "2026-11-04T10:00:00+01:00");
	buy(c, 2, "C", 2500, NULL);
	buy(c, 2, "D", 2500, NULL);
	assert_path(c, EVER, "1 1 1 1 0 0 0 0");
	kit_clock(c, "2026-12-10T08:00:00+01:00");
	kit_close(c, 20261209, 20261210);
	assert_path(c, EVER, "1 1 1 1 1 0 0 0");
	assert_path(c, 20261102, 20261102, "1 1 0 0 0 0 0 0");
	assert_path(c, 20261103, 20261103, "0 0 1 0 0 0 0 0");
	assert_path(c, 20261104, 20261104, "0 0 0 1 0 0 0 0");
	assert_path(c, 20261204, 20261204, "0 0 0 0 1 0 0 0"); /* the day on which it fell due */
	shop_end(c);
}

static void at_once(void **state)
{
	struct palier_ctx *c = friends_new();

	(void)state;
	buy(c, 2, "B", 2500, NULL);
	assert_path(c, EVER, "1 1 1 1 0 0 0 0");
	assert_int_equal(kit_void(c, "B"), PALIER_OK);
	assert_path(c, EVER, "1 1 0 0 0 0 0 0");
	buy(c, 2, "C", 1000, NULL);
	assert_path(c, EVER, "1 1 1 0 0 0 0 0");
	shop_end(c);
}

static void void_of_one_of_two(void **state)
{
	struct palier_ctx *c = friends_new();

	(void)state;
	buy(c, 2, "B", 1000, NULL);
	kit_clock(c, "2026-11-02T18:00:00+01:00");
	buy(c, 2, "C", 2500, NULL);
	assert_int_equal(kit_void(c, "B"), PALIER_OK); /* C stands, and is a purchase, too */
	assert_path(c, EVER, "1 1 1 1 0 0 0 0");
	assert_int_equal(kit_void(c, "C"), PALIER_OK);
	assert_path(c, EVER, "1 1 0 0 0 0 0 0");
	shop_end(c);
}

static void claimed_with_the_ticket(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORING, 2);
	char code[64];

	(void)state;
	sell(c, 1, "A");
	snprintf(code, sizeof(code), "%.*s", PALIER_ARG(code_shown_now(c)));
	*kit_person(c, 2) = (struct kit_person){ .person = { .since = 20261102 } };
	buy(c, 2, "B", 2500, code);
	assert_path(c, EVER, "1 1 1 1 0 0 0 0");
	assert_report(c, EVER, "{\"step\":\"claimed\",\"count\":1}],\"solicited\"");
	assert_int_equal(kit_void(c, "B"), PALIER_OK);
	assert_path(c, EVER, "1 0 0 0 0 0 0 0");
	assert_report(c, EVER, "{\"step\":\"claimed\",\"count\":0}],\"solicited\"");
	assert_int_equal(kit_void(c, "A"), PALIER_OK); /* its line has not been, but the code is in the world */
	assert_path(c, EVER, "1 0 0 0 0 0 0 0");
	assert_report(c, EVER, STEP("evoked", "shown", 0));
	shop_end(c);
}

static void brought_back(void **state)
{
	struct palier_ctx *c = friends_new();
	const struct kit_return back = { .sale = "B", .number = "R", .base = 2500, .before = 0, .after = 2500 };

	(void)state;
	buy(c, 2, "B", 2500, NULL);
	kit_clock(c, "2026-12-10T08:00:00+01:00");
	kit_close(c, 20261209, 20261210);
	assert_path(c, EVER, "1 1 1 1 1 0 0 0");
	assert_int_equal(kit_return(c, &back, NULL), PALIER_OK);
	assert_path(c, EVER, "1 1 1 1 1 1 0 1"); /* what had happened did happen */
	sell(c, 1, "L");                         /* no line to whom something fell through */
	assert_string_equal(kit_qrs(c), "");
	assert_int_equal(kit_void(c, "R"), PALIER_OK);
	assert_path(c, EVER, "1 1 1 1 1 0 0 0");
	shop_end(c);
}

static void flagged(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORING, 2);

	(void)state;
	kit_person(c, 1)->phone = "+33612345678";
	sell(c, 1, "A");
	*kit_person(c, 2) = (struct kit_person){ .person = { .since = 20261102 }, .phone = "+33612345678" };
	{
		struct member_enroll p = { .set = { 0, 0 } };

		PALIER_SET(&p, member_enroll, referral, code_shown_now(c));
		assert_int_equal(kit_enroll(c, kit_member(2), &p), PALIER_OK);
	}
	assert_path(c, EVER, "1 1 0 0 0 0 1 0");
	kit_person(c, 2)->facts.purchases = 5;
	sell(c, 2, "B"); /* the friend is not asked to bring friends now, */
	assert_string_equal(kit_qrs(c), "");
	kit_clock(c, "2027-03-01T08:00:00+01:00");
	sell(c, 1, "C"); /* nor the sponsor */
	assert_string_equal(kit_qrs(c), "");
	shop_end(c);
}

static void the_same_code_again(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORING, 2);
	char first[64];

	(void)state;
	sell(c, 1, "A");
	snprintf(first, sizeof(first), "%.*s", PALIER_ARG(code_shown_now(c)));
	kit_clock(c, "2027-03-01T08:00:00+01:00");
	sell(c, 1, "B");
	assert_string_equal(palier_cstr(palier_arena(c), code_shown_now(c)), first);
	assert_path(c, EVER, "1 0 0 0 0 0 0 0");
	shop_end(c);
}

/* The store's range has one code. */
static void no_code_left(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORING, 2);
	struct palier_tables *t = kit_tables(c, 1);
	struct palier_key k = meta_key("range");

	(void)state;
	assert_int_equal(palier_put(t, T_META, &k, palier_bytes_of("\0\0\0\2\0\0\0\1", 8)), PALIER_OK);
	sell(c, 1, "A");
	assert_string_equal(kit_messages(c), "");
	assert_report(c, EVER, STEP("evoked", "shown", 0));
	kit_free(c);
}

/* --- what came of a line ------------------------------------------------------------------------------------------- */

static const struct claim_case {
	const char *name, *when;
	unsigned sponsor; /* whose line was shown: 1 is whose code it is */
	const char *came;
} claims[] = {
	{ "a friend on the day of the line came by it", "2026-11-02T12:00:00+01:00", 1, "1}]" },
	{ "a friend 90 days later came by it", "2027-01-31T20:00:00+01:00", 1, "1}]" },
	{ "a friend 91 days later did not", "2027-02-01T08:00:00+01:00", 1, "0}]" },
	{ "a friend who came before, reported late, did not", "2026-11-01T12:00:00+01:00", 1, "0}]" },
	{ "nor did a friend whose sponsor read no line", "2026-11-02T12:00:00+01:00", 2, "0}]" },
};

static int code_of_first(struct palier_ctx *c, char *out)
{
	struct referral_issue p = { .set = { 0, 0 } };
	const char *code;

	PALIER_SET(&p, referral_issue, member, kit_member(1));
	assert_int_equal(kit_command(c, &method_referral_issue, &p), PALIER_OK);
	code = strstr(kit_result(c), "\"code\":\"");
	assert_non_null(code);
	memcpy(out, code + 8, REFERRAL_TEXT);
	out[REFERRAL_TEXT] = '\0';
	return 0;
}

static void a_claim(void **state)
{
	const struct claim_case *row = *state;
	struct palier_ctx *c = shop_new(SHOP(EVOKE " new = never"), 2);
	char came[64], code[REFERRAL_TEXT + 1];

	sell(c, row->sponsor, "A");
	code_of_first(c, code);
	kit_clock(c, row->when);
	befriend(c, 3, palier_str(code));
	snprintf(came, sizeof(came), "{\"step\":\"claimed\",\"count\":%s,\"solicited\"", row->came);
	assert_report(c, 20261101, 20270301, came);
	shop_end(c);
}

/* --- the report ---------------------------------------------------------------------------------------------------- */

static void nothing_counted(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 0);

	(void)state;
	assert_report(c, 20261101, 20261130,
		"{\"from\":\"2026-11-01\",\"to\":\"2026-11-30\",\"enrolled\":0,"
		"\"spontaneous\":[{\"step\":\"said\",\"count\":0}],\"sources\":[],"
		"\"evoked\":[{\"step\":\"shown\",\"count\":0},{\"step\":\"claimed\",\"count\":0}],"
		"\"solicited\":[{\"step\":\"asked\",\"count\":0}],"
		"\"sponsorship\":[{\"step\":\"issued\",\"count\":0},{\"step\":\"claimed\",\"count\":0},"
		"{\"step\":\"purchased\",\"count\":0},{\"step\":\"held\",\"count\":0},{\"step\":\"earned\",\"count\":0},"
		"{\"step\":\"void\",\"count\":0},{\"step\":\"flagged\",\"count\":0},{\"step\":\"clawed\",\"count\":0}]}");
	shop_end(c);
}

static void damage_is_told(void **state)
{
	struct palier_ctx *c = shop_new(SHOP_USUAL, 2);
	const struct recommendation_counted never = { .of = KIND_EVOKED, .step = STEP_SHOWN, .day = 20261102 };
	struct palier_tables *t = kit_tables(c, 1);
	struct palier_key k = { .len = 0 };

	(void)state;
	assert_int_equal(recommend_uncounted_apply(t, NULL, &never), PALIER_EDAMAGED);
	palier_key_uint(&k, 20261399, 4);
	palier_key_uint(&k, 1, 1);
	palier_key_uint(&k, 1, 1);
	assert_int_equal(palier_put(t, T_COUNTED, &k, palier_bytes_of("\0\0\0\0\0\0\0\1", 8)), PALIER_OK);
	assert_string_equal(kit_check(c), "recommendation: a count cannot be right");
	kit_free(c);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(configs) + COUNT(heard) + COUNT(asks) + COUNT(claims) + 20];
	size_t n = 0;

#define ROWS(rows, function) \
	for (size_t i = 0; i < COUNT(rows); i++) \
	tests[n++] = (struct CMUnitTest){ rows[i].name, function, NULL, NULL, (void *)(uintptr_t)&rows[i] }
#define ROW(sentence, function) \
	tests[n++] = (struct CMUnitTest) \
	{ \
		sentence, function, NULL, NULL, NULL \
	}
	ROWS(configs, a_config);
	ROWS(heard, a_source);
	ROW("sources are reported, most named first", most_first);
	ROW("lists that change are all reported", lists_that_change);
	ROWS(asks, an_ask);
	ROW("nobody is asked who is not standing at the till, or not enrolled", in_a_quote_claimed_or_offline);
	ROW("nobody is asked again within the quiet time", quiet_times);
	ROW("a quiet time without end is once", once_and_never_again);
	ROW("what a friend gets is named", the_friends_reward_is_named);
	ROW("a voided ticket takes back what it counted, and the next one asks", voided);
	ROW("a merge keeps the quiet time, and a void finds it", merged);
	ROW("two lines of a day that become one member's are two", asked_both);
	ROW("an erasure keeps nothing of a member but the sums", erased);
	ROW("a referral counts step by step, on the day of each", step_by_step);
	ROW("who buys for the minimum at once has bought, and a void takes back both", at_once);
	ROW("of two purchases one is voided", void_of_one_of_two);
	ROW("a claim with the ticket goes with it", claimed_with_the_ticket);
	ROW("goods that come back after the reward are taken back, and no line follows", brought_back);
	ROW("nobody is asked to bring friends while something is looked into", flagged);
	ROW("a line names the same code again", the_same_code_again);
	ROW("without a code left the sale goes on without a line", no_code_left);
	ROWS(claims, a_claim);
	ROW("every step has its row, also where nothing was counted", nothing_counted);
	ROW("damaged counts are told", damage_is_told);
	return cmocka_run_group_tests_name("recommend", tests, NULL, NULL);
}
