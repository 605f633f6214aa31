/* SPDX-License-Identifier: Apache-2.0 */
/* Ladders: what is suggested to whom, what becomes of it, and what is kept. */
#include "plugins/ladder/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/plugins/kit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern const struct palier_plugin palier_plugin_ladder, palier_plugin_offers;
static int profile_configure(struct palier_setup *s, cfg_t *section, const void **out)
{
	(void)s;
	(void)section;
	(void)out;
	return PALIER_OK;
}

/* In the place of core's effect. */
static cfg_opt_t profile_options[] = { CFG_END() };
static const struct palier_effect_kind profile_effects[] = { { "member.profile", &ladder_forgotten_schema, NULL, NULL },
	{ 0 } };
static const struct palier_plugin profiles = { .abi = PALIER_PLUGIN_ABI,
	.name = "profiles",
	.options = profile_options,
	.configure = profile_configure,
	.effects = profile_effects };
static const struct palier_plugin *const plugins[] = { &palier_plugin_offers, &palier_plugin_ladder, &profiles, NULL };
enum { LADDER = 1 }; /* of these */

/* With these priors hardly a draw is so low that nothing is suggested. */
#define COFFEE \
	"ladder { holdout = 0  ladder \"coffee\" {" \
	" rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\"  label { fr = \"café moulu\" } }" \
	" rung \"beans\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  prior = \"100\"  pitch { fr = \"Plus frais\" } }" \
	" rung \"grinder\" { category = {\"grinder\"}  price = \"60.00\"  margin = \"20.00\"  prior = \"100\"  when { purchases-min = 2 } } }"

enum { KNOWN = 1, SHY = 2, OTHER = 3 };

static struct palier_ctx *shop(const char *config)
{
	struct palier_ctx *c = kit_new(plugins, config);

	kit_clock(c, "2026-11-21T10:00:00Z");
	kit_till(c, "till-1", NULL);
	kit_person(c, KNOWN)->person = (struct palier_person){ 20260101, 0, true };
	kit_person(c, SHY)->person = (struct palier_person){ 20260101, 0, false };
	kit_person(c, OTHER)->person = (struct palier_person){ 20260101, 0, true };
	return c;
}

static void shut(struct palier_ctx *c)
{
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

static const struct kit_line ground = { .sku = "ground", .category = "coffee", .amount = 400 },
			     beans = { .sku = "beans", .category = "coffee", .amount = 590 },
			     grinder = { .sku = "mill", .category = "grinder", .amount = 6000 },
			     bread = { .sku = "bread", .category = "bakery", .amount = 200 };

static int buy(struct palier_ctx *c, unsigned who, const char *number, const struct kit_line *line)
{
	struct palier_id m = kit_member(who);
	int err = kit_sale(c, &m, number, line, 1);

	if (err == PALIER_OK && number)
		kit_person(c, who)->facts.purchases++;
	return err;
}

/* The rungs suggested with a basket: names by blanks, in static memory. */
static const char *suggested(struct palier_ctx *c, const struct palier_id *who, const struct kit_line *line)
{
	static char out[256];
	const char *at = "";

	*out = 0;
	if (line) {
		assert_int_equal(kit_sale(c, who, NULL, line, 1), PALIER_OK);
		at = kit_reply(c, PALIER_REPLY_QUOTE);
	} else {
		at = kit_lookup(c, *who);
	}
	while ((at = strstr(at, "\"rung\":\""))) {
		size_t n = strcspn(at + 8, "\"");

		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%.*s", *out ? " " : "", (int)n, at + 8);
		at += 8;
	}
	return out;
}

/* The first suggestion's id with a basket. */
static const char *id_of(struct palier_ctx *c, const struct palier_id *who, const struct kit_line *line)
{
	static char out[256];
	const char *at;

	assert_int_equal(kit_sale(c, who, NULL, line, 1), PALIER_OK);
	at = strstr(kit_reply(c, PALIER_REPLY_QUOTE), "\"suggestion\":\"");
	assert_non_null(at);
	snprintf(out, sizeof(out), "%.*s", (int)strcspn(at + 14, "\""), at + 14);
	return out;
}

static int outcome(struct palier_ctx *c, const char *id, int what)
{
	struct ladder_outcome p = { .set = { 0, 0 } };

	PALIER_SET(&p, ladder_outcome, suggestion, palier_str(id));
	PALIER_SET(&p, ladder_outcome, outcome, what);
	return kit_command(c, &method_ladder_outcome, &p);
}

static const char *report(struct palier_ctx *c)
{
	struct ladder_report p = { .set = { 0, 0 } };

	PALIER_SET(&p, ladder_report, from, 20260101);
	PALIER_SET(&p, ladder_report, to, 20271231);
	return kit_answer(c, &method_ladder_report, &p);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s is not in %s", part, text);
}

/* The effect of a kind in the last event; the n-th of them, from 0. */
static const void *booked(struct palier_ctx *c, const char *kind, unsigned n)
{
	const void *e;

	for (uint32_t i = 0; i < kit_event(c)->effect_count; i++)
		if ((e = palier_body(&kit_event(c)->effects[i], kind)) && n-- == 0)
			return e;
	fail_msg("no %s", kind);
	return NULL;
}

static int complain(struct palier_ctx *c, void *who)
{
	return palier_fact_publish(c, kit_member(KNOWN), "case", palier_str(who));
}

static int owe(struct palier_ctx *c, void *who)
{
	return palier_fact_publish(c, kit_member(KNOWN), "recovery", palier_str(who));
}

/* --- the ladder --- */

static void who_complains_is_listened_to_first(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);
	char open[] = "open", closed[] = "";

	(void)state;
	assert_int_equal(kit_decide(c, known, complain, open), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "");
	assert_string_equal(suggested(c, NULL, &ground), "beans");
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	has(report(c), "{\"reason\":\"complaint\",\"count\":1}");
	assert_int_equal(kit_decide(c, known, complain, closed), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "beans");
	assert_int_equal(kit_decide(c, known, owe, open), PALIER_OK); /* so is who gave the shop a bad answer */
	assert_string_equal(suggested(c, &known, &ground), "");
	assert_int_equal(kit_decide(c, known, owe, closed), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "beans");
	shut(c);
}

/* Over all ladders, and with consent alone. */
static void how_high_a_member_stands_is_known(void **state)
{
	struct palier_ctx *c = shop(COFFEE
		" ladder \"bread\" { rung \"loaf\" { skus = {\"bread\"}  price = \"2.00\" }  rung \"cake\" { skus = {\"cake\"}  price = \"3.00\" } } }");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &beans), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "height"), "2");
	assert_int_equal(buy(c, KNOWN, "S2", &bread), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "height"), "2");
	assert_int_equal(kit_void(c, "S1"), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "height"), "1");
	assert_int_equal(kit_void(c, "S2"), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "height"), "");
	assert_int_equal(buy(c, SHY, "S3", &beans), PALIER_OK);
	assert_string_equal(kit_fact(c, kit_member(SHY), "height"), "");
	shut(c);
}

static void the_next_rung_is_suggested(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), shy = kit_member(SHY);

	(void)state;
	assert_string_equal(suggested(c, NULL, &ground), "beans");
	assert_string_equal(suggested(c, &known, &ground), "beans");
	assert_string_equal(suggested(c, NULL, &bread), "");
	assert_string_equal(suggested(c, &known, NULL), "");
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	assert_string_equal(suggested(c, &known, NULL), "beans");
	has(kit_lookup(c, known),
		"\"pitch\":\"Plus frais\",\"price\":590,\"why\":\"The next step after café moulu, bought before\"");
	assert_string_equal(kit_fact(c, known, "rung/ground"), "coffee");
	/* Without consent only the basket counts, and nothing is kept. */
	assert_int_equal(buy(c, SHY, "S2", &ground), PALIER_OK);
	assert_string_equal(suggested(c, &shy, NULL), "");
	assert_string_equal(suggested(c, &shy, &ground), "beans");
	assert_string_equal(kit_fact(c, shy, "rung/ground"), "");
	shut(c);
}

/* Where the basket says nothing of a ladder, what was bought before would have been looked at: that is counted, and nothing else is known of it. */
static void what_consent_would_allow_is_counted(void **state)
{
	struct palier_ctx *c = shop(COFFEE
		" ladder \"bread\" { rung \"loaf\" { skus = {\"bread\"}  price = \"2.00\" }  rung \"cake\" { skus = {\"cake\"}  price = \"3.00\" } } }");
	const struct ladder_filtered *e;

	(void)state;
	assert_int_equal(buy(c, SHY, "S1", &ground), PALIER_OK);
	e = booked(c, "ladder.filtered", 0);
	assert_int_equal(e->reasons.count, 1);
	assert_true(palier_is(e->reasons.at[0].reason, "no_consent"));
	assert_int_equal(e->reasons.at[0].count, 1); /* of bread; of coffee the basket says enough */
	assert_int_equal(rows_any(kit_tables(c, LADDER), kit_member(SHY)), PALIER_ENOENT);
	assert_int_equal(buy(c, SHY, "S2", &grinder), PALIER_OK);
	assert_int_equal(buy(c, KNOWN, "S3", &grinder), PALIER_OK);
	assert_int_equal(kit_sale(c, NULL, "S4", &grinder, 1), PALIER_OK);
	has(report(c), "\"filtered\":[{\"reason\":\"no_consent\",\"count\":2}]");
	assert_int_equal(kit_void(c, "S2"), PALIER_OK);
	has(report(c), "\"filtered\":[{\"reason\":\"no_consent\",\"count\":1}]");
	shut(c);
}

static void conditions_and_jumps_are_minded(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_string_equal(suggested(c, &known, &beans), "");
	kit_person(c, KNOWN)->facts.purchases = 2;
	assert_string_equal(suggested(c, &known, &beans), "grinder");
	shut(c);
	c = shop("ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\"  jump = \"c\" }"
		 " rung \"b\" { skus = {\"b\"}  margin = \"2.00\" } rung \"c\" { skus = {\"c\"}  margin = \"3.00\" } } }");
	assert_string_equal(suggested(c, &known, &ground), "c");
	shut(c);
}

static void what_gains_nothing_is_not_suggested(void **state)
{
	struct palier_ctx *c =
		shop("ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"3.00\" }"
		     " rung \"b\" { skus = {\"b\"}  margin = \"2.00\" } } }");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_string_equal(suggested(c, &known, &ground), "");
	/* Bought before, it is no longer given up for the other. */
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	assert_string_equal(suggested(c, &known, &bread), "b");
	has(report(c), "{\"reason\":\"no_gain\",\"count\":1}");
	shut(c);
}

static void complements_and_sums(void **state)
{
	struct palier_ctx *c =
		shop("ladder { holdout = 0  per-ticket = 2"
		     " complement \"jam\" { with { category = {\"bakery\"} }  skus = {\"jam\"}  margin = \"1.00\" }"
		     " threshold \"thirty\" { spend = \"30.00\"  within = \"5.00\"  margin-share = \"20\" } }");
	static const struct kit_line much = { .sku = "oil", .category = "grocery", .amount = 2700 },
				     enough = { .sku = "oil", .category = "grocery", .amount = 3000 };
	const struct kit_line both[] = { bread, { .sku = "jam", .category = "grocery", .amount = 300 } };

	(void)state;
	assert_string_equal(suggested(c, NULL, &bread), "jam");
	assert_int_equal(kit_sale(c, NULL, NULL, both, 2), PALIER_OK);
	has(kit_reply(c, PALIER_REPLY_QUOTE), "\"suggestions\":[]");
	assert_string_equal(suggested(c, NULL, &much), "thirty");
	has(kit_reply(c, PALIER_REPLY_QUOTE), "more reaches");
	assert_string_equal(suggested(c, NULL, &enough), "");
	shut(c);
}

/* The first reason that holds is the one that is counted. */
static void reasons_have_an_order(void **state)
{
	const struct kit_line both[] = { bread, { .sku = "jam", .category = "grocery", .amount = 300 } };
	struct palier_ctx *c = shop(COFFEE
		" complement \"jam\" { with { category = {\"bakery\"} }  skus = {\"jam\"}  margin = \"1.00\"  when { days = {\"sun\"} } } }");
	struct palier_id known = kit_member(KNOWN);
	char open[] = "open";

	(void)state;
	assert_int_equal(outcome(c, id_of(c, &known, &ground), OUTCOME_DECLINED), PALIER_OK);
	assert_int_equal(kit_decide(c, known, complain, open), PALIER_OK);
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	has(report(c), "\"filtered\":[{\"reason\":\"declined\",\"count\":1}]");
	assert_int_equal(kit_sale(c, NULL, "S2", both, 2), PALIER_OK); /* it is a Saturday, and the jam is there already */
	has(report(c), "\"filtered\":[{\"reason\":\"condition\",\"count\":1},{\"reason\":\"declined\",\"count\":1}]");
	shut(c);
}

/* Eight are drawn from at most: what was refused leaves its place to others. */
static void a_ninth_comes_into_its_own(void **state)
{
	static const char nine[] = "ladder { holdout = 0  cool-down = \"9999 days\""
				   " complement \"c1\" { with { skus = {\"bread\"} }  skus = {\"x1\"}  margin = \"1\" }"
				   " complement \"c2\" { with { skus = {\"bread\"} }  skus = {\"x2\"}  margin = \"1\" }"
				   " complement \"c3\" { with { skus = {\"bread\"} }  skus = {\"x3\"}  margin = \"1\" }"
				   " complement \"c4\" { with { skus = {\"bread\"} }  skus = {\"x4\"}  margin = \"1\" }"
				   " complement \"c5\" { with { skus = {\"bread\"} }  skus = {\"x5\"}  margin = \"1\" }"
				   " complement \"c6\" { with { skus = {\"bread\"} }  skus = {\"x6\"}  margin = \"1\" }"
				   " complement \"c7\" { with { skus = {\"bread\"} }  skus = {\"x7\"}  margin = \"1\" }"
				   " complement \"c8\" { with { skus = {\"bread\"} }  skus = {\"x8\"}  margin = \"1\" }"
				   " complement \"c9\" { with { skus = {\"bread\"} }  skus = {\"x9\"}  margin = \"1\" } }";
	struct palier_ctx *c = shop(nine);
	struct palier_id known = kit_member(KNOWN);
	int64_t at_ms = INT64_C(1790000000000);

	(void)state;
	for (int i = 0; i < 9; i++) {
		kit_clock_ms(c, at_ms + i * INT64_C(604800000), at_ms + i * INT64_C(604800000)); /* once a week */
		assert_int_equal(outcome(c, id_of(c, &known, &bread), OUTCOME_DECLINED), PALIER_OK);
	}
	kit_clock_ms(c, at_ms + 9 * INT64_C(604800000), at_ms + 9 * INT64_C(604800000));
	assert_string_equal(suggested(c, &known, &bread), "");
	shut(c);
}

/* On how many of a hundred days bread has jam beside it. */
static unsigned days_suggested(const char *config)
{
	struct palier_ctx *c = shop(config);
	unsigned days = 0;

	for (int i = 0; i < 100; i++) {
		int64_t at = INT64_C(1790000000000) + i * INT64_C(86400000);

		kit_clock_ms(c, at, at);
		days += *suggested(c, NULL, &bread) != '\0';
	}
	shut(c);
	return days;
}

#define JAM(head, margin) \
	"ladder { holdout = 0 " head \
	" complement \"jam\" { with { skus = {\"bread\"} }  skus = {\"jam\"}  margin = \"" margin "\" } }"

/* One in twenty is drawn to learn, whatever it gains. */
static void what_is_not_worth_the_words_is_not_suggested(void **state)
{
	(void)state;
	assert_in_range(days_suggested(JAM("", "0.01")), 1, 15); /* an expected gain below a cent, however it is drawn */
	assert_in_range(days_suggested(JAM("", "50.00")), 96, 100);
	assert_in_range(days_suggested(JAM("friction = \"50.00\"", "50.00")), 1, 15);
	assert_in_range(days_suggested(JAM("friction = \"5.00\"", "50.00")), 20,
		60); /* of Beta(1, 9) 39 in 100 are above a tenth */
}

/* --- stock --- */

/* @param until 0: not told */
static int stock(struct palier_ctx *c, const char *sku, bool in_stock, uint32_t until)
{
	struct ladder_stock p = { .set = { 0, 0 } };

	PALIER_SET(&p, ladder_stock, sku, palier_str(sku));
	PALIER_SET(&p, ladder_stock, in_stock, in_stock);
	if (until)
		PALIER_SET(&p, ladder_stock, until, until);
	return kit_command(c, &method_ladder_stock, &p);
}

static void what_is_out_of_stock_is_not_suggested(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_int_equal(stock(c, "beans", false, 20261123), PALIER_OK);
	assert_int_equal(stock(c, "ground", false, 0), PALIER_OK); /* what is below says nothing */
	assert_string_equal(suggested(c, &known, &ground), "");
	has(report(c), "\"out_of_stock\":[{\"sku\":\"beans\",\"until\":\"2026-11-23\"},{\"sku\":\"ground\"}]");
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	has(report(c), "\"filtered\":[{\"reason\":\"condition\",\"count\":1},{\"reason\":\"out_of_stock\",\"count\":1}]");
	/* What is told by its category is always there. */
	assert_int_equal(stock(c, "mill", false, 0), PALIER_OK);
	kit_person(c, KNOWN)->facts.purchases = 2;
	assert_string_equal(suggested(c, &known, &ground), "grinder");
	kit_clock(c, "2026-11-23T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "grinder");
	kit_clock(c, "2026-11-24T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "beans");
	has(report(c), "\"out_of_stock\":[{\"sku\":\"ground\"},{\"sku\":\"mill\"}]");
	assert_int_equal(stock(c, "beans", false, 0), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "grinder");
	assert_int_equal(stock(c, "beans", true, 0), PALIER_OK);
	assert_int_equal(stock(c, "beans", true, 0), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "beans");
	shut(c);
}

static void one_of_several_is_enough(void **state)
{
	static const struct kit_line jam = { .sku = "plum", .amount = 300 };
	struct palier_ctx *c = shop(
		"ladder { holdout = 0"
		" complement \"jam\" { with { skus = {\"bread\"} }  skus = {\"plum\", \"fig\"}  margin = \"90.00\" } }");
	const struct kit_line both[] = { bread, jam };

	(void)state;
	assert_string_equal(suggested(c, NULL, &bread), "jam");
	has(kit_reply(c, PALIER_REPLY_QUOTE), "\"sku\":\"plum\"");
	assert_int_equal(stock(c, "plum", false, 0), PALIER_OK);
	assert_string_equal(suggested(c, NULL, &bread), "jam");
	has(kit_reply(c, PALIER_REPLY_QUOTE), "\"sku\":\"fig\"");
	assert_int_equal(stock(c, "fig", false, 0), PALIER_OK);
	assert_string_equal(suggested(c, NULL, &bread), "");
	/* It is asked before what lies in the basket. */
	assert_int_equal(kit_sale(c, NULL, "S1", both, 2), PALIER_OK);
	has(report(c), "\"filtered\":[{\"reason\":\"out_of_stock\",\"count\":1}]");
	kit_reconfigure(c,
		"ladder { holdout = 0"
		" complement \"jam\" { with { skus = {\"bread\"} }  skus = {\"fig\"}  tag = {\"jam\"}  margin = \"90.00\" } }");
	assert_string_equal(suggested(c, NULL, &bread), "jam");
	assert_null(strstr(kit_reply(c, PALIER_REPLY_QUOTE), "\"sku\":\"fig\""));
	shut(c);
}

static void a_last_day_is_of_what_is_out(void **state)
{
	struct palier_ctx *c = shop("");

	(void)state;
	assert_int_equal(stock(c, "beans", true, 20261123), PALIER_EPARAMS);
	assert_int_equal(stock(c, "beans", false, 20261120), PALIER_EPARAMS);
	has(report(c), "\"out_of_stock\":[]");
	assert_int_equal(stock(c, "beans", false, 20261121), PALIER_OK);
	has(report(c), "\"out_of_stock\":[{\"sku\":\"beans\",\"until\":\"2026-11-21\"}]");
	shut(c);
}

/* --- outcomes --- */

static void a_refusal_cools_down(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER);

	(void)state;
	assert_int_equal(outcome(c, id_of(c, &known, &ground), OUTCOME_DECLINED), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "");
	assert_string_equal(suggested(c, &other, &ground), "beans");
	kit_clock(c, "2026-12-20T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "");
	kit_clock(c, "2026-12-21T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "beans");
	has(report(c), "\"rung\":\"beans\",\"shown\":1,\"accepted\":0,\"declined\":1");
	shut(c);
}

static void nobody_is_asked_three_times_a_week(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_int_equal(outcome(c, id_of(c, &known, &ground), OUTCOME_IGNORED), PALIER_OK);
	kit_clock(c, "2026-11-23T10:00:00Z");
	assert_int_equal(outcome(c, id_of(c, &known, &ground), OUTCOME_IGNORED), PALIER_OK);
	assert_string_equal(suggested(c, &known, &ground), "");
	kit_clock(c, "2026-11-27T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "");
	kit_clock(c, "2026-11-28T10:00:00Z");
	assert_string_equal(suggested(c, &known, &ground), "beans");
	shut(c);
}

static void what_is_no_suggestion_is_refused(void **state)
{
	static const char *const wrong[] = { "", "x", "shop-20261121-till-1-0:coffee/beans:0123456789abcdef",
		":::::::::::::::::::::" };
	struct palier_ctx *c = shop(COFFEE "}");
	char id[256];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(outcome(c, wrong[i], OUTCOME_ACCEPTED), PALIER_ESUGGESTION_UNKNOWN);
	snprintf(id, sizeof(id), "%s", id_of(c, NULL, &ground));
	assert_int_equal(outcome(c, id, OUTCOME_ACCEPTED), PALIER_OK);
	for (size_t i = 0; id[i]; i++) {
		char was = id[i];

		id[i] = was == 'x' ? 'y' : 'x';
		assert_int_equal(outcome(c, id, OUTCOME_ACCEPTED), PALIER_ESUGGESTION_UNKNOWN);
		id[i] = was;
	}
	shut(c);
}

/* What is bought with a basket in which it was suggested. */
static void buying_it_is_accepting_it(void **state)
{
	const struct kit_line both[] = { ground, beans };
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	assert_int_equal(kit_sale(c, &known, "S1", both, 2), PALIER_OK);
	has(report(c), "\"rung\":\"beans\",\"shown\":1,\"accepted\":1,\"declined\":0,\"revenue\":590,\"margin\":210");
	assert_string_equal(kit_fact(c, known, "rung/beans"), "coffee");
	assert_string_equal(kit_fact(c, known, "rung/ground"), "");
	assert_int_equal(kit_void(c, "S1"), PALIER_OK);
	has(report(c), "\"rung\":\"beans\",\"shown\":0,\"accepted\":0,\"declined\":0,\"revenue\":0,\"margin\":0");
	assert_string_equal(kit_fact(c, known, "rung/beans"), "");
	shut(c);
}

static void the_till_tells_what_became_of_it(void **state)
{
	const struct kit_line both[] = { ground, beans };
	struct suggested s = { .set = { 0, 0 } };
	struct kit_basket b = { .lines = both, .line_count = 2, .suggested = &s, .suggested_count = 1 };
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	PALIER_SET(&s, suggested, suggestion, palier_str(id_of(c, &known, &ground)));
	PALIER_SET(&s, suggested, outcome, OUTCOME_IGNORED);
	assert_int_equal(kit_ring(c, &known, "S1", &b), PALIER_OK);
	has(report(c), "\"rung\":\"beans\",\"shown\":1,\"accepted\":1");
	PALIER_SET(&s, suggested, suggestion, PALIER_LIT("nonsense"));
	assert_int_equal(kit_ring(c, &known, "S2", &b), PALIER_ESUGGESTION_UNKNOWN);
	kit_offline(c, true);
	assert_int_equal(kit_ring(c, &known, "S2", &b), PALIER_OK);
	has(kit_alerts(c), "suggestion_unknown");
	shut(c);
}

#define BEANS(shown, accepted, declined, revenue) \
	"\"rung\":\"beans\",\"shown\":" #shown ",\"accepted\":" #accepted ",\"declined\":" #declined \
	",\"revenue\":" #revenue ","

/* The last word counts, and to have said nothing is none. */
static void a_suggestion_has_one_outcome(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);
	struct asks asks;
	char id[256];

	(void)state;
	snprintf(id, sizeof(id), "%s", id_of(c, &known, &ground));
	assert_int_equal(outcome(c, id, OUTCOME_IGNORED), PALIER_OK);
	has(report(c), BEANS(1, 0, 0, 0));
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	has(report(c), BEANS(1, 0, 1, 0));
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	assert_int_equal(outcome(c, id, OUTCOME_IGNORED), PALIER_OK);
	has(report(c), BEANS(1, 0, 1, 0));
	assert_int_equal(outcome(c, id, OUTCOME_ACCEPTED), PALIER_OK);
	has(report(c), BEANS(1, 1, 0, 0));
	assert_int_equal(asks_read(kit_tables(c, LADDER), known, &asks), PALIER_OK);
	assert_int_equal(asks.before, 0); /* the member was asked once */
	shut(c);
}

/* How often the rung was taken and refused, as the next day's decisions know it. */
static void known_of(struct palier_ctx *c, uint64_t *s, uint64_t *f)
{
	struct posterior p;

	assert_int_equal(posterior_read(kit_tables(c, LADDER), PALIER_LIT("coffee/beans"), true, &p), PALIER_OK);
	*s = p.s + (uint64_t)p.s_today;
	*f = p.f + (uint64_t)p.f_today;
}

/* Told before the sale, by the till's button, and bought all the same. */
static void what_was_bought_says_most(void **state)
{
	static const int before[] = { OUTCOME_DECLINED, OUTCOME_IGNORED, OUTCOME_ACCEPTED };
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	for (unsigned i = 0; i < 2 * COUNT(before); i++) {
		const struct kit_line both[] = { ground, beans };
		struct suggested s = { .set = { 0, 0 } };
		struct kit_basket b = { .lines = both, .line_count = 2, .suggested = &s, .suggested_count = i % 2 };
		struct palier_ctx *c = shop(COFFEE "}");
		uint64_t taken, refused;
		char id[256];

		snprintf(id, sizeof(id), "%s", id_of(c, &known, &ground));
		assert_int_equal(outcome(c, id, before[i / 2]), PALIER_OK);
		PALIER_SET(&s, suggested, suggestion, palier_str(id));
		PALIER_SET(&s, suggested, outcome, OUTCOME_DECLINED);
		assert_int_equal(kit_ring(c, &known, "S1", &b), PALIER_OK);
		has(report(c), BEANS(1, 1, 0, 590));
		known_of(c, &taken, &refused);
		assert_int_equal(taken, BANDIT_ONE);
		assert_int_equal(refused, 0);
		assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
		has(report(c), BEANS(1, 1, 0, 590));
		/* A sale that never was leaves what was said before. */
		assert_int_equal(kit_void(c, "S1"), PALIER_OK);
		known_of(c, &taken, &refused);
		assert_int_equal(taken, before[i / 2] == OUTCOME_ACCEPTED ? BANDIT_ONE : 0);
		assert_int_equal(refused, before[i / 2] == OUTCOME_DECLINED ? BANDIT_ONE : 0);
		has(report(c), before[i / 2] == OUTCOME_ACCEPTED   ? BEANS(1, 1, 0, 0)
			       : before[i / 2] == OUTCOME_DECLINED ? BEANS(1, 0, 1, 0)
								   : BEANS(1, 0, 0, 0));
		shut(c);
	}
}

/* What replaced it counts for its day, in what is known as well. */
static void a_later_outcome_counts_for_the_first_ones_day(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER);
	struct ladder_report day = { .set = { 0, 0 } };
	uint64_t taken, refused, one = bandit_fade(BANDIT_ONE, bandit_fading(BANDIT_HALF_LIFE), 3);
	char id[256];

	(void)state;
	snprintf(id, sizeof(id), "%s", id_of(c, &known, &ground));
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	kit_clock(c, "2026-11-24T10:00:00Z");
	assert_int_equal(outcome(c, id_of(c, &other, &ground), OUTCOME_DECLINED), PALIER_OK);
	assert_int_equal(outcome(c, id, OUTCOME_ACCEPTED), PALIER_OK);
	known_of(c, &taken, &refused);
	assert_int_equal(taken, one);
	assert_int_equal(refused, BANDIT_ONE);
	PALIER_SET(&day, ladder_report, from, 20261121);
	PALIER_SET(&day, ladder_report, to, 20261121);
	has(kit_answer(c, &method_ladder_report, &day), BEANS(1, 1, 0, 0));
	/* Taken back again on that day, nothing of it is left. */
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	known_of(c, &taken, &refused);
	assert_int_equal(taken, 0);
	assert_int_equal(refused, BANDIT_ONE + one);
	shut(c);
}

static void the_same_twice_in_a_sale_is_told_once(void **state)
{
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct suggested s[2] = { { .set = { 0, 0 } }, { .set = { 0, 0 } } };
		struct kit_basket b = { .lines = &ground, .line_count = 1, .suggested = s, .suggested_count = 2 };
		const struct palier_id *who = i ? &known : NULL;
		struct palier_ctx *c = shop(COFFEE "}");
		char id[256];

		snprintf(id, sizeof(id), "%s", id_of(c, who, &ground));
		for (unsigned k = 0; k < 2; k++) {
			PALIER_SET(&s[k], suggested, suggestion, palier_str(id));
			PALIER_SET(&s[k], suggested, outcome, k ? OUTCOME_IGNORED : OUTCOME_DECLINED);
		}
		assert_int_equal(kit_ring(c, who, "S1", &b), PALIER_OK);
		has(report(c), BEANS(1, 0, 1, 0));
		/* Without a card the id is the till's, of all its customers of the day. */
		assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
		has(report(c), i ? BEANS(1, 0, 1, 0) : BEANS(2, 0, 2, 0));
		shut(c);
	}
}

/* For a fortnight; and it is the member's, whoever that is by then. */
static void outcomes_are_forgotten(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER);
	struct ladder_shown row;
	char id[256];

	(void)state;
	snprintf(id, sizeof(id), "%s", id_of(c, &known, &ground));
	assert_int_equal(outcome(c, id, OUTCOME_IGNORED), PALIER_OK);
	assert_int_equal(kit_close(c, 20261204, 20261205), 0);
	kit_clock(c, "2026-12-05T10:00:00Z");
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	has(report(c), BEANS(1, 0, 1, 0));
	assert_int_equal(kit_merge(c, known, other), PALIER_OK);
	assert_int_equal(outcome(c, id, OUTCOME_ACCEPTED), PALIER_OK);
	has(report(c), BEANS(1, 1, 0, 0));
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), known), known, &row), PALIER_ENOENT);
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), other), other, &row), PALIER_OK);
	assert_int_equal(kit_close(c, 20261206, 20261207), 1);
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), other), other, &row), PALIER_ENOENT);
	kit_clock(c, "2026-12-07T10:00:00Z");
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK); /* too late */
	has(report(c), BEANS(1, 1, 0, 0));
	kit_clock(c, "2027-01-10T10:00:00Z");
	assert_int_equal(outcome(c, id_of(c, &other, &ground), OUTCOME_IGNORED), PALIER_OK);
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), other), other, &row), PALIER_OK);
	assert_int_equal(kit_erase(c, other), PALIER_OK);
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), other), other, &row), PALIER_ENOENT);
	shut(c);
}

/* --- with a coupon --- */

#define COUPON \
	"offers { offer \"o\" { kind = amount  value = \"0.50\"  when { coupon = {\"BEANS-1\"} } } }" \
	" ladder { holdout = 0  ladder \"coffee\" {" \
	" rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }" \
	" rung \"beans\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  coupon = \"BEANS-1\" } } }"
#define PENDING(n) "\"pending\":" #n "}]"

/* Suggested, with the coupon, and nothing said. */
static struct palier_ctx *handed_out(const struct palier_id *who)
{
	struct palier_ctx *c = shop(COUPON);
	const char *id = id_of(c, who, &ground);

	has(kit_reply(c, PALIER_REPLY_QUOTE), "\"coupon\":\"BEANS-1\"");
	assert_int_equal(outcome(c, id, OUTCOME_IGNORED), PALIER_OK);
	return c;
}

static int redeem(struct palier_ctx *c, const struct palier_id *who, const char *number, const char *code)
{
	const char *const codes[] = { code, NULL };
	const struct kit_basket b = { .lines = &bread, .line_count = 1, .coupons = codes };

	return kit_ring(c, who, number, &b);
}

static const char *report_of(struct palier_ctx *c, uint32_t day)
{
	struct ladder_report p = { .set = { 0, 0 } };

	PALIER_SET(&p, ladder_report, from, day);
	PALIER_SET(&p, ladder_report, to, day);
	return kit_answer(c, &method_ladder_report, &p);
}

/* For a fortnight nothing is learnt; what is bought then counts for the day on which it was suggested. */
static void a_coupon_is_waited_for(void **state)
{
	static const struct {
		const char *buys, *code;
		bool accepted;
	} rows[] = { { "2026-12-05T10:00:00Z", NULL, true }, { "2026-12-05T10:00:00Z", " beans-1", true },
		{ "2026-12-05T10:00:00Z", "X", false }, { "2026-12-06T10:00:00Z", NULL, false } };
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct palier_ctx *c = handed_out(&known);
		uint64_t taken, refused;

		has(report(c), BEANS(1, 0, 0, 0));
		has(report(c), PENDING(1));
		known_of(c, &taken, &refused);
		assert_int_equal(taken + refused, 0);
		kit_clock(c, rows[i].buys);
		if (rows[i].code && !rows[i].accepted)
			kit_offline(c, true); /* else a code that is none refuses the sale */
		assert_int_equal(rows[i].code ? redeem(c, &known, "S1", rows[i].code) : buy(c, KNOWN, "S1", &beans),
			PALIER_OK);
		if (!rows[i].accepted)
			has(report(c), BEANS(1, 0, 0, 0));
		else
			has(report_of(c, 20261121), rows[i].code ? BEANS(1, 1, 0, 0) : BEANS(1, 1, 0, 590));
		has(report(c), rows[i].accepted ? PENDING(0) : PENDING(1));
		assert_int_equal(kit_void(c, "S1"), PALIER_OK);
		has(report(c), BEANS(1, 0, 0, 0));
		has(report(c), PENDING(1));
		shut(c);
	}
}

static void a_coupon_that_nobody_used_was_refused(void **state)
{
	struct palier_id known = kit_member(KNOWN);
	struct palier_ctx *c = handed_out(&known);
	uint64_t taken, refused;

	(void)state;
	assert_int_equal(kit_close(c, 20261205, 20261206), 0);
	has(report(c), PENDING(1));
	kit_clock(c, "2026-12-06T22:00:00Z");
	assert_int_equal(kit_close(c, 20261206, 20261207), 1);
	has(report_of(c, 20261121), BEANS(1, 0, 1, 0));
	has(report(c), PENDING(0));
	known_of(c, &taken, &refused);
	assert_int_equal(taken, 0);
	assert_true(refused > 0);
	assert_int_equal(kit_close(c, 20261207, 20261208), 0);
	kit_clock(c, "2026-12-08T10:00:00Z");
	assert_int_equal(buy(c, KNOWN, "S1", &beans), PALIER_OK);
	has(report(c), BEANS(1, 0, 1, 0));
	shut(c);
}

/* Of two that wait for it the later one brought the purchase; nothing is deduced besides. */
static void one_purchase_is_one_acceptance(void **state)
{
	const struct kit_line both[] = { ground, beans };
	struct palier_id known = kit_member(KNOWN);
	struct palier_ctx *c = handed_out(&known);
	struct suggested s = { .set = { 0, 0 } };
	struct kit_basket b = { .lines = &ground, .line_count = 1, .suggested = &s, .suggested_count = 1 };
	uint64_t taken, refused;

	(void)state;
	kit_clock(c, "2026-11-25T10:00:00Z");
	PALIER_SET(&s, suggested, suggestion, palier_str(id_of(c, &known, &ground)));
	PALIER_SET(&s, suggested, outcome, OUTCOME_IGNORED);
	assert_int_equal(kit_ring(c, &known, "S1", &b), PALIER_OK);
	has(report(c), PENDING(2));
	kit_person(c, KNOWN)->facts.purchases++;
	kit_clock(c, "2026-11-30T10:00:00Z");
	assert_int_equal(kit_sale(c, &known, "S2", both, 2), PALIER_OK);
	has(report(c), BEANS(2, 1, 0, 590));
	has(report_of(c, 20261125), BEANS(1, 1, 0, 590));
	has(report_of(c, 20261121), PENDING(1));
	/* Had it not been, the coupon would still be out. */
	kit_clock(c, "2026-12-12T10:00:00Z");
	assert_int_equal(kit_close(c, 20261211, 20261212), 1);
	has(report(c), BEANS(2, 1, 1, 590));
	assert_int_equal(kit_void(c, "S2"), PALIER_OK);
	known_of(c, &taken, &refused);
	assert_int_equal(taken, 0);
	has(report(c), BEANS(2, 0, 1, 0));
	assert_int_equal(kit_close(c, 20261212, 20261213), 1);
	has(report(c), BEANS(2, 0, 2, 0));
	has(report(c), PENDING(0));
	shut(c);
}

static int withdraw(struct palier_ctx *c, void *who)
{
	struct ladder_forgotten e = { .set = { 0, 0 } };

	PALIER_SET(&e, ladder_forgotten, member, *(struct palier_id *)who);
	return palier_effect_add(c, "member.profile", &e);
}

/* For the member, whoever that is by then, as long as there is consent. */
static void for_whom_a_coupon_is_waited_for(void **state)
{
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER), shy = kit_member(SHY);
	struct ladder_shown row;
	struct palier_ctx *c = handed_out(NULL);

	(void)state;
	has(report(c), PENDING(0));
	shut(c);
	c = handed_out(&shy);
	has(report(c), PENDING(0));
	shut(c);
	c = handed_out(&known);
	assert_int_equal(kit_merge(c, known, other), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S1", &beans), PALIER_OK);
	has(report(c), BEANS(1, 1, 0, 590));
	shut(c);
	c = handed_out(&known);
	assert_int_equal(kit_merge(c, known, shy), PALIER_OK);
	has(report(c), BEANS(1, 0, 0, 0));
	has(report(c), PENDING(0));
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), shy), shy, &row), PALIER_ENOENT);
	shut(c);
	c = handed_out(&known);
	assert_int_equal(kit_erase(c, known), PALIER_OK);
	has(report(c), BEANS(1, 0, 0, 0));
	has(report(c), PENDING(0));
	shut(c);
	c = handed_out(&known);
	assert_int_equal(kit_decide(c, known, withdraw, &known), PALIER_OK);
	has(report(c), PENDING(1)); /* the profile changed in something else */
	kit_person(c, KNOWN)->person.profiling = false;
	assert_int_equal(kit_decide(c, known, withdraw, &known), PALIER_OK);
	has(report(c), PENDING(0));
	assert_int_equal(outcome_next(outcomes_of(kit_tables(c, LADDER), known), known, &row), PALIER_ENOENT);
	shut(c);
}

/* What the first outcome books does not change what the second was chosen from. */
static void two_of_a_ticket_are_one_decision(void **state)
{
	static const int outcomes[][2] = { { OUTCOME_DECLINED, OUTCOME_IGNORED }, { OUTCOME_ACCEPTED, OUTCOME_ACCEPTED } };
	struct palier_id known = kit_member(KNOWN);
	struct palier_arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		const struct kit_line all[] = { ground, beans, { .sku = "filter", .amount = 300 } };
		struct suggested s[2] = { { .set = { 0, 0 } }, { .set = { 0, 0 } } };
		struct kit_basket b = { .lines = all,
			.line_count = outcomes[i][0] == OUTCOME_ACCEPTED ? 3 : 1,
			.suggested = s,
			.suggested_count = 2 };
		struct palier_ctx *c = shop(COFFEE
			" per-ticket = 2  complement \"filter\" { with { skus = {\"ground\"} }  skus = {\"filter\"}  margin = \"1.20\"  prior = \"100\" } }");
		struct palier_bytes salt;
		char ids[2][256];
		const char *at;

		snprintf(ids[0], sizeof(ids[0]), "%s", id_of(c, &known, &ground));
		at = strstr(strstr(kit_reply(c, PALIER_REPLY_QUOTE), ids[0]), "\"suggestion\":\"");
		snprintf(ids[1], sizeof(ids[1]), "%.*s", (int)strcspn(at + 14, "\""), at + 14);
		for (unsigned k = 0; k < 2; k++) {
			PALIER_SET(&s[k], suggested, suggestion, palier_str(ids[k]));
			PALIER_SET(&s[k], suggested, outcome, outcomes[i][k]);
		}
		assert_int_equal(kit_ring(c, &known, "S1", &b), PALIER_OK);
		salt = ((const struct ladder_experiment *)booked(c, "ladder.experiment", 0))->salt;
		for (unsigned k = 0; k < 2; k++) {
			const struct ladder_shown *e = booked(c, "ladder.shown", k);
			uint64_t state_of = bandit_seed(salt, bandit_place(&a, e->decision, k), e->rung);
			char draw[24];

			snprintf(draw, sizeof(draw), "%016llx", (unsigned long long)bandit_beta(&state_of, 9, 1));
			assert_int_equal(e->candidates.count, 2);
			assert_true(palier_is(e->draw, draw));
		}
		shut(c);
	}
	palier_arena_deinit(&a);
}

/* --- the experiment --- */

static void some_members_are_held_out(void **state)
{
	struct palier_ctx *c =
		shop("ladder { holdout = 50  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\" }"
		     " rung \"b\" { skus = {\"b\"}  margin = \"2.00\" } } }");
	unsigned held = 0, offered = 0;

	(void)state;
	for (unsigned i = 1; i < 16; i++) {
		struct palier_id m = kit_member(i);
		char number[8];

		kit_person(c, i)->person = (struct palier_person){ 20260101, 0, true };
		if (*suggested(c, &m, &ground))
			offered++;
		else
			held++;
		snprintf(number, sizeof(number), "S%u", i);
		assert_int_equal(kit_sale(c, &m, number, &ground, 1), PALIER_OK);
	}
	assert_true(held > 1 && offered > 1);
	{
		char want[64];

		snprintf(want, sizeof(want), "\"held\":{\"members\":%u,\"climbed\":0,\"sum\":%u,\"squares\":\"%u\"", held,
			held * 400, held * 160000);
		has(report(c), want);
		snprintf(want, sizeof(want), "\"offered\":{\"members\":%u,\"climbed\":0,\"sum\":%u", offered, offered * 400);
		has(report(c), want);
		has(report(c), "\"reason\":\"holdout\"");
	}
	shut(c);
}

/* The same journal, asked twice, suggests the same; and what is drawn is written down. */
static void a_decision_can_be_made_again(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN);
	char first[256];
	const struct ladder_shown *e;

	(void)state;
	snprintf(first, sizeof(first), "%s", id_of(c, &known, &ground));
	assert_string_equal(id_of(c, &known, &ground), first);
	has(first, "shop-20261121-m_");
	{
		const struct kit_line both[] = { ground, beans };
		struct suggested s = { .set = { 0, 0 } };
		struct kit_basket b = { .lines = both, .line_count = 2, .suggested = &s, .suggested_count = 1 };

		PALIER_SET(&s, suggested, suggestion, palier_str(first));
		PALIER_SET(&s, suggested, outcome, OUTCOME_ACCEPTED);
		assert_int_equal(kit_ring(c, &known, "S1", &b), PALIER_OK);
	}
	e = booked(c, "ladder.shown", 0);
	assert_int_equal(e->candidates.count, 1);
	assert_int_equal(e->candidates.at[0].a, 9);
	assert_int_equal(e->candidates.at[0].b, 1);
	assert_int_equal(e->candidates.at[0].gain, 110);
	{
		/* Anybody with the journal draws it again: from the salt, the decision's id and the rung. */
		const struct ladder_experiment *x = booked(c, "ladder.experiment", 0);
		uint64_t seed = bandit_seed(x->salt, e->decision, PALIER_LIT("coffee/beans"));
		char draw[24];

		snprintf(draw, sizeof(draw), "%016llx", (unsigned long long)bandit_beta(&seed, 9, 1));
		assert_true(palier_is(e->draw, draw));
	}
	shut(c);
}

/* What other stores know is worth what a guess is worth. */
static void a_prior_is_where_a_rung_begins(void **state)
{
	static const struct {
		const char *prior;
		int64_t a;
	} rows[] = { { "42.5", 4 }, { "45", 5 }, { "0", 1 }, { "100", 9 } };
	const struct kit_line both[] = { ground, beans };
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char config[512];
		const struct ladder_shown *e;
		struct palier_ctx *c;

		snprintf(config, sizeof(config),
			"ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\" }"
			" rung \"b\" { skus = {\"beans\"}  margin = \"2.00\"  prior = \"%s\" } } }",
			rows[i].prior);
		c = shop(config);
		assert_int_equal(kit_sale(c, &known, "S1", both, 2), PALIER_OK);
		e = booked(c, "ladder.shown", 0);
		assert_int_equal(e->candidates.at[0].a, rows[i].a);
		assert_int_equal(e->candidates.at[0].b, 10 - rows[i].a);
		shut(c);
	}
}

#define UPWARD(name, from, to, rung) \
	"ladder { holdout = 0  ladder \"" name "\" { rung \"a\" { " from "  margin = \"1.00\" } rung \"" rung "\" { " to \
	"  margin = \"90.00\"  prior = \"100\" } } }"

/* Fifty days, on each of which nobody in particular is asked. */
static void seed(struct palier_ctx *c, const char *config, const struct kit_line *line, int accepted)
{
	kit_reconfigure(c, config);
	for (int i = 0; i < 50; i++) {
		int64_t at = INT64_C(1780000000000) + i * INT64_C(86400000);

		kit_clock_ms(c, at, at);
		assert_int_equal(outcome(c, id_of(c, NULL, line), i < accepted ? OUTCOME_ACCEPTED : OUTCOME_DECLINED),
			PALIER_OK);
	}
	kit_clock(c, "2026-11-21T10:00:00Z");
}

static void counts_of(struct palier_ctx *c, const char *level, int64_t accepted, int64_t declined)
{
	struct level l;
	int64_t got[2];

	assert_int_equal(level_read(kit_tables(c, LADDER), palier_str(level), &l), PALIER_OK);
	level_at(&l, DAY_NEVER, &got[0], &got[1]);
	assert_int_equal(got[0], accepted);
	assert_int_equal(got[1], declined);
}

/* What nobody was asked about yet begins where its like stand: what leads from one category to the same other; else its ladder; else the store. */
static void a_rung_begins_where_its_like_stand(void **state)
{
	static const struct {
		const char *config, *level;
		int64_t a; /* of the prior's ten */
	} rows[] = {
		{ UPWARD("new", "category = {\"coffee\"}", "category = {\"tool\"}", "b"), "coffee > tool", 8 },
		{ UPWARD("plain", "skus = {\"p\"}  category = {\"coffee\"}", "category = {\"tool\"}", "c"), "coffee > tool",
			8 },
		{ "ladder { holdout = 0  complement \"c\" { with { category = {\"coffee\"} }  category = {\"tool\"}  margin = \"90.00\" } }",
			"coffee > tool", 8 },
		{ UPWARD("plain", "category = {\"coffee\"}", "skus = {\"t\"}", "c"), "", 2 },
		{ UPWARD("new", "category = {\"coffee\"}", "skus = {\"t\"}", "b"), "", 5 },
		{ UPWARD("plain", "category = {\"coffee\"}", "category = {\"toy\", \"tool\"}", "c"), "coffee > toy", 5 },
	};
	static const struct kit_line both[] = { { .sku = "x", .category = "coffee", .amount = 400 },
		{ .sku = "t", .category = "tool", .amount = 900 } };
	static const struct kit_line piece = { .sku = "p", .amount = 400 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct palier_ctx *c = shop(COFFEE "}");
		const struct ladder_shown *e;

		seed(c, UPWARD("one", "category = {\"coffee\"}", "category = {\"tool\"}", "b"), &both[0], 40);
		e = booked(c, "ladder.shown", 0);
		assert_true(palier_is(e->level, "coffee > tool"));
		counts_of(c, "coffee > tool", 40, 10);
		seed(c, UPWARD("plain", "skus = {\"p\"}", "skus = {\"q\"}", "b"), &piece, 10);
		kit_reconfigure(c, rows[i].config);
		assert_int_equal(kit_sale(c, NULL, "S1", both, 2), PALIER_OK);
		e = booked(c, "ladder.shown", 0);
		assert_int_equal(e->candidates.at[0].a, rows[i].a);
		assert_int_equal(e->candidates.at[0].b, 10 - rows[i].a);
		assert_true(palier_is(e->level, rows[i].level));
		counts_of(c, "*", 51, 50);
		counts_of(c, "coffee > tool", strcmp(rows[i].level, "coffee > tool") == 0 ? 41 : 40, 10);
		assert_int_equal(kit_void(c, "S1"), PALIER_OK);
		counts_of(c, "coffee > tool", 40, 10);
		shut(c);
	}
}

/* The counts with which beans were drawn for a basket, whose till tells what became of them; and that this was their draw. */
static void drawn_with(struct palier_ctx *c, unsigned who, const char *number, int64_t a, int64_t b)
{
	const struct ladder_shown *e;
	struct suggested s = { .set = { 0, 0 } };
	struct kit_basket basket = { .lines = &ground, .line_count = 1, .suggested = &s, .suggested_count = 1 };
	struct palier_id m = kit_member(who);
	struct experiment x;
	uint64_t seed;
	char draw[24];

	PALIER_SET(&s, suggested, suggestion, palier_str(id_of(c, &m, &ground)));
	PALIER_SET(&s, suggested, outcome, OUTCOME_IGNORED);
	assert_int_equal(kit_ring(c, &m, number, &basket), PALIER_OK);
	kit_person(c, who)->facts.purchases++;
	e = booked(c, "ladder.shown", 0);
	assert_int_equal(e->candidates.count, 1);
	assert_int_equal(e->candidates.at[0].a, a);
	assert_int_equal(e->candidates.at[0].b, b);
	assert_int_equal(experiment_read(kit_tables(c, LADDER), &x), PALIER_OK);
	seed = bandit_seed(x.salt, e->decision, e->rung);
	snprintf(draw, sizeof(draw), "%016llx", (unsigned long long)bandit_beta(&seed, (unsigned)a, (unsigned)b));
	assert_true(palier_is(e->draw, draw));
}

/* Between a suggestion and its sale others refuse, buy after all, or never have bought: all of it counts from the next day on. */
static void a_day_rests_on_what_it_began_with(void **state)
{
	const struct kit_line both[] = { ground, beans };
	struct suggested s = { .set = { 0, 0 } };
	struct kit_basket basket = { .lines = both, .line_count = 2, .suggested = &s, .suggested_count = 1 };
	struct palier_id known = kit_member(KNOWN);
	struct palier_ctx *c = shop(COFFEE "}");
	char id[256];

	(void)state;
	for (unsigned i = 4; i < 8; i++)
		kit_person(c, i)->person = (struct palier_person){ 20260101, 0, true };
	snprintf(id, sizeof(id), "%s", id_of(c, &known, &ground));
	assert_int_equal(outcome(c, id, OUTCOME_DECLINED), PALIER_OK);
	kit_clock(c, "2026-11-23T10:00:00Z");
	drawn_with(c, OTHER, "S1", 9, 2);
	PALIER_SET(&s, suggested, suggestion, palier_str(id));
	PALIER_SET(&s, suggested, outcome, OUTCOME_ACCEPTED);
	assert_int_equal(kit_ring(c, &known, "S2", &basket), PALIER_OK);
	for (int i = 0; i < 60; i++)
		assert_int_equal(outcome(c, id_of(c, NULL, &ground), OUTCOME_DECLINED), PALIER_OK);
	counts_of(c, "coffee/beans", 1, 60);
	drawn_with(c, 4, "S3", 9, 2);
	kit_clock(c, "2026-11-24T10:00:00Z");
	drawn_with(c, 5, "S4", 2, 9);
	assert_int_equal(kit_void(c, "S2"), PALIER_OK);
	counts_of(c, "coffee/beans", 0, 61);
	drawn_with(c, 6, "S5", 2, 9);
	kit_clock(c, "2026-11-25T10:00:00Z");
	drawn_with(c, 7, "S6", 1, 10);
	shut(c);
}

#define RULES(head, rung, more) \
	"ladder { holdout = 0  " head "  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\" }" \
	" rung \"b\" { skus = {\"beans\"}  margin = \"90.00\"  prior = \"100\"  " rung " } } " more " }"
#define WEEKEND "when { purchases-max = 9  days = {\"sat\", \"sun\"} }"

/* By which rules the first suggestion of a sale was chosen, in static memory. */
static const char *policy_of(const char *config)
{
	static char out[16];
	const struct kit_line both[] = { ground, beans };
	struct palier_ctx *c = shop(config);
	struct palier_id known = kit_member(KNOWN);
	const struct ladder_shown *e;

	assert_int_equal(kit_sale(c, &known, "S1", both, 2), PALIER_OK);
	e = booked(c, "ladder.shown", 0);
	assert_true(PALIER_HAS(e, ladder_shown, draw) && PALIER_HAS(e, ladder_shown, policy));
	snprintf(out, sizeof(out), "%.*s", PALIER_ARG(e->policy));
	shut(c);
	return out;
}

static void rules_have_a_name(void **state)
{
	static const struct {
		const char *config;
		bool same; /* as the first */
	} rows[] = {
		{ RULES("", WEEKEND, ""), true },
		{ RULES("until = \"2027-01-31\"", "/* as before */ when { days = {\"sat\",\"sun\"} purchases-max = 9 }", ""),
			true },
		{ RULES("", "pitch { fr = \"Goûtez\" }" WEEKEND, ""), true },
		{ RULES("", "when { purchases-max = 8  days = {\"sat\", \"sun\"} }", ""), false },
		{ RULES("", "when { purchases-max = 9  days = {\"sat\"} }", ""), false },
		{ RULES("", "when { purchases-max = 9  days = {\"sat\", \"sun\"}  purchases-min = 0 }", ""), false },
		{ RULES("", "", ""), false },
		{ RULES("", "points = 1  " WEEKEND, ""), false },
		{ RULES("per-ticket = 2", WEEKEND, ""), false },
		{ RULES("half-life = 60", WEEKEND, ""), false },
		{ RULES("friction = \"0.01\"", WEEKEND, ""), false },
		{ RULES("point-value = \"0.01\"", WEEKEND, ""), false },
		{ RULES("", "cool-down = \"31 days\"  " WEEKEND, ""), false },
		{ RULES("", "category = {\"x\"}  " WEEKEND, ""), false },
		{ "offers { offer \"o\" { kind = amount  value = \"0.50\"  when { coupon = {\"C\"} } } } " RULES("",
			  "coupon = \"C\"  " WEEKEND, ""),
			false },
		{ RULES("", WEEKEND, "category \"x\" { margin-share = \"50\" }"), false },
		{ RULES("", WEEKEND, "threshold \"t\" { spend = \"300.00\"  within = \"5.00\" }"), false },
	};
	char first[16];

	(void)state;
	snprintf(first, sizeof(first), "%s", policy_of(rows[0].config));
	assert_string_equal(first, "857bbf87"); /* the same rules keep their name */
	for (size_t i = 0; i < COUNT(rows); i++)
		if ((strcmp(policy_of(rows[i].config), first) == 0) != rows[i].same)
			fail_msg("%s", rows[i].config);
}

/* Whoever draws again has to know what was not worth saying. */
static void friction_stands_in_the_event(void **state)
{
	const struct kit_line both[] = { ground, beans };
	struct palier_id known = kit_member(KNOWN);
	static const char *const heads[] = { "", "friction = \"0.25\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		char config[512];
		const struct ladder_shown *e;
		struct palier_ctx *c;

		snprintf(config, sizeof(config), RULES("%s", "", ""), heads[i]);
		c = shop(config);
		assert_int_equal(kit_sale(c, &known, "S1", both, 2), PALIER_OK);
		e = booked(c, "ladder.shown", 0);
		assert_int_equal(PALIER_HAS(e, ladder_shown, friction), i);
		assert_int_equal(e->friction, i ? 25 : 0);
		shut(c);
	}
}

#define TEST(head) \
	"ladder { " head \
	" ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\" } rung \"b\" { skus = {\"b\"} } } }"

static const struct ladder_experiment *begun(struct palier_ctx *c, const char *config, const char *number)
{
	kit_reconfigure(c, config);
	assert_int_equal(buy(c, KNOWN, number, &ground), PALIER_OK);
	return booked(c, "ladder.experiment", 0);
}

/* A larger share only moves members into the holdout; another test splits them anew. */
static void a_salt_lasts_as_long_as_its_test(void **state)
{
	struct palier_ctx *c = shop(TEST("holdout = 10"));
	const struct ladder_experiment *x = begun(c, TEST("holdout = 10"), "S1");
	char salt[65];

	(void)state;
	snprintf(salt, sizeof(salt), "%.*s", PALIER_ARG(x->salt));
	assert_int_equal(x->epoch, 1);
	x = begun(c, TEST("holdout = 20"), "S2");
	assert_int_equal(x->epoch, 2);
	assert_true(palier_is(x->salt, salt));
	x = begun(c, TEST("holdout = 20  until = \"2026-11-30\""), "S3");
	assert_int_equal(x->epoch, 3);
	assert_true(palier_is(x->salt, salt));
	kit_clock(c, "2026-12-01T10:00:00Z");
	x = begun(c, TEST("holdout = 20  until = \"2026-12-31\""), "S4");
	assert_int_equal(x->epoch, 4);
	assert_false(palier_is(x->salt, salt));
	shut(c);
}

static void a_test_ends_on_its_last_day(void **state)
{
	struct palier_ctx *c = shop(TEST("holdout = 0  until = \"2026-11-30\""));

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	kit_clock(c, "2026-11-30T20:00:00Z");
	assert_int_equal(buy(c, KNOWN, "S2", &ground), PALIER_OK);
	has(report(c), "\"members\":1,\"climbed\":0,\"sum\":800,");
	kit_clock(c, "2026-12-01T10:00:00Z");
	assert_int_equal(buy(c, KNOWN, "S3", &ground), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S4", &ground), PALIER_OK);
	has(report(c), "\"members\":1,\"climbed\":0,\"sum\":800,");
	shut(c);
}

/* What comes back was neither spent nor gained; a loss comes back as well. */
static void a_part_comes_back(void **state)
{
	const struct kit_line dear = { .sku = "beans", .amount = 590 },
			      cheap = { .sku = "beans", .amount = 590, .ours = 400 };
	struct palier_ctx *c = shop(COFFEE "}");

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &dear), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S2", &cheap), PALIER_OK);
	has(report(c), "\"sum\":780,\"squares\":\"384200\",\"margin\":20,");
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "S1", .number = "R1", .base = 590, .after = 197 },
				 NULL),
		PALIER_OK);
	has(report(c), "\"sum\":583,\"squares\":\"190549\",\"margin\":-50,\"margin_squares\":\"55700\",\"known\":583,");
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "S2", .number = "R2", .base = 190, .after = 95 }, NULL),
		PALIER_OK);
	has(report(c), "\"sum\":488,\"squares\":\"163474\",\"margin\":45,");
	assert_int_equal(kit_return(c,
				 &(struct kit_return){ .sale = "S1",
					 .number = "R3",
					 .base = 590,
					 .before = 197,
					 .after = 590 },
				 NULL),
		PALIER_OK);
	assert_int_equal(kit_return(c,
				 &(struct kit_return){ .sale = "S2",
					 .number = "R4",
					 .base = 190,
					 .before = 95,
					 .after = 190 },
				 NULL),
		PALIER_OK);
	has(report(c), "\"sum\":0,\"squares\":\"0\",\"margin\":0,\"margin_squares\":\"0\",\"known\":0,");
	assert_int_equal(kit_void(c, "R4"), PALIER_OK);
	has(report(c), "\"sum\":95,\"squares\":\"9025\",\"margin\":-95,");
	shut(c);
}

/* A visit that never was is none; one that was stays one, whatever came back. */
static void who_never_came_is_in_no_arm(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &beans), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S2", &ground), PALIER_OK);
	has(report(c), "\"offered\":{\"members\":2,");
	assert_int_equal(kit_void(c, "S2"), PALIER_OK);
	has(report(c), "\"offered\":{\"members\":1,\"climbed\":0,\"sum\":590,");
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "S1", .number = "R1", .base = 590, .after = 590 },
				 NULL),
		PALIER_OK);
	has(report(c), "\"offered\":{\"members\":1,\"climbed\":0,\"sum\":0,");
	assert_int_equal(buy(c, KNOWN, "S3", &ground), PALIER_OK);
	assert_int_equal(kit_void(c, "S3"), PALIER_OK);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	has(report(c), "\"offered\":{\"members\":1,\"climbed\":0,\"sum\":590,");
	assert_int_equal(kit_void(c, "S1"), PALIER_OK);
	has(report(c), "\"offered\":{\"members\":0,\"climbed\":0,\"sum\":0,");
	shut(c);
}

/* --- margins --- */

static const struct ladder_visited *visited(struct palier_ctx *c)
{
	const struct ladder_visited *e;

	for (uint32_t i = 0; i < kit_event(c)->effect_count; i++)
		if ((e = palier_body(&kit_event(c)->effects[i], "ladder.visited")))
			return e;
	fail();
	return NULL;
}

#define MARGINS \
	" complement \"jam\" { with { skus = {\"bread\"} }  skus = {\"jam\"}  margin = \"1.00\" }" \
	" category \"bakery\" { margin-share = \"62.5\" } }"

/* What the shop gains by one line. */
static const struct margin_case {
	const char *name;
	struct kit_line line;
	int64_t margin, known, estimated;
} margins[] = {
	{ "a rung's margin is known", { .sku = "beans", .amount = 590 }, 210, 590, 0 },
	{ "of each piece", { .sku = "beans", .amount = 1770, .quantity = 3000 }, 630, 1770, 0 },
	{ "of a part", { .sku = "beans", .amount = 295, .quantity = 500 }, 105, 295, 0 },
	{ "less what was taken off", { .sku = "beans", .amount = 590, .foreign = 50, .ours = 59 }, 101, 481, 0 },
	{ "and what the till took off", { .sku = "beans", .amount = 500 }, 120, 500, 0 },
	{ "so that it may be a loss", { .sku = "beans", .amount = 590, .ours = 300 }, -90, 290, 0 },
	{ "without a price it is as it was told", { .sku = "jam", .amount = 320 }, 100, 320, 0 },
	{ "less what was taken off that", { .sku = "jam", .amount = 640, .quantity = 2000, .ours = 64 }, 136, 576, 0 },
	{ "a category leaves its share of what is paid", { .sku = "bread", .category = "bakery", .amount = 201, .ours = 1 },
		125, 200, 200 },
	{ "a rung says more than its category", { .sku = "jam", .category = "bakery", .amount = 300 }, 100, 300, 0 },
	{ "of what nobody told nothing is known", { .sku = "oil", .category = "grocery", .amount = 900 }, 0, 0, 0 },
};

static void a_margin(void **state)
{
	const struct margin_case *k = *state;
	struct palier_ctx *c = shop(COFFEE MARGINS);
	const struct ladder_visited *e;
	char want[128];

	assert_int_equal(buy(c, KNOWN, "S1", &k->line), PALIER_OK);
	e = visited(c);
	assert_int_equal(e->spend, k->line.amount - k->line.foreign - k->line.ours);
	assert_int_equal(e->margin, k->margin);
	assert_int_equal(e->known, k->known);
	assert_int_equal(e->estimated, k->estimated);
	snprintf(want, sizeof(want), "\"margin\":%lld,\"margin_squares\":\"%lld\",\"known\":%lld,\"estimated\":%lld}",
		(long long)k->margin, (long long)(k->margin * k->margin), (long long)k->known, (long long)k->estimated);
	has(report(c), want);
	assert_int_equal(kit_void(c, "S1"), PALIER_OK);
	has(report(c), "\"sum\":0,\"squares\":\"0\",\"margin\":0,\"margin_squares\":\"0\",\"known\":0,\"estimated\":0}");
	shut(c);
}

/* A shop need not tell any price: a step up is guessed to be worth half as much again as the one below, whatever stands in the basket. */
static void what_has_no_price_is_suggested_too(void **state)
{
	static const char *const told[] = { "price = \"5.90\"  margin = \"2.10\"", "price = \"4.00\"", "" };
	const struct kit_line mill = { .sku = "mill", .category = "grinder", .amount = 6000 };

	(void)state;
	for (size_t i = 0; i < COUNT(told); i++) {
		char config[512];
		struct palier_ctx *c;

		snprintf(config, sizeof(config),
			"ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  %s  prior = \"100\" }"
			" rung \"b\" { skus = {\"beans\"}  prior = \"100\" }  rung \"c\" { category = {\"grinder\"}  prior = \"100\" } } }",
			told[i]);
		c = shop(config);
		assert_string_equal(suggested(c, NULL, &ground), "b");
		assert_string_equal(suggested(c, NULL, &beans), "c");
		assert_string_equal(suggested(c, NULL, &mill), "");
		shut(c);
	}
}

/* Whose margin is not told is chosen by a guess, and the event says so. */
static void a_guess_is_marked(void **state)
{
	static const struct {
		const char *rung, *also;
		int64_t gain;
		bool estimated, revenue_estimated;
	} rows[] = {
		{ "skus = {\"cake\"}  price = \"3.00\"  margin = \"1.80\"", "", 80, false, false },
		{ "category = {\"bakery\"}  price = \"3.00\"", " category \"bakery\" { margin-share = \"70\" }", 110, true,
			true },
		{ "category = {\"bakery\"}  price = \"4.00\"", "", 20, true, false },
		{ "skus = {\"cake\"}", "", 50, true, false },
	};
	const struct kit_line both[] = { ground, { .sku = "cake", .category = "bakery", .amount = 300 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char config[512];
		const struct ladder_shown *e = NULL;
		struct palier_ctx *c;
		struct palier_id known = kit_member(KNOWN);

		snprintf(config, sizeof(config),
			"ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  margin = \"1.00\" } rung \"b\" { prior = \"100\"  %s } }%s }",
			rows[i].rung, rows[i].also);
		c = shop(config);
		assert_int_equal(kit_sale(c, &known, "S1", both, 2), PALIER_OK);
		for (uint32_t k = 0; k < kit_event(c)->effect_count && !e; k++)
			e = palier_body(&kit_event(c)->effects[k], "ladder.shown");
		assert_non_null(e);
		assert_int_equal(e->candidates.at[0].gain, rows[i].gain);
		assert_int_equal(e->candidates.at[0].estimated, rows[i].estimated);
		assert_int_equal(e->estimated, rows[i].revenue_estimated);
		has(report(c),
			rows[i].revenue_estimated ? "\"margin\":210,\"estimated\":1," : "\"estimated\":0,\"pending\":0}]");
		shut(c);
	}
}

/* 3.00 more at 20 % gains 60, less what a hundred points cost; they are rounded up, for the shop's sake. */
static void points_cost_something(void **state)
{
	static const struct {
		const char *head, *points;
		int64_t gain; /* 0: it is not suggested */
	} rows[] = {
		{ "point-value = \"0.01\"  redemption = \"43.12\"", "100", 16 },
		{ "point-value = \"0.01\"  redemption = \"43\"", "100", 17 },
		{ "point-value = \"0.01\"", "50", 10 },
		{ "point-value = \"0.01\"", "60", 0 },
		{ "point-value = \"0.01\"", "0", 60 },
		{ "point-value = \"0.005\"", "100", 10 },
		{ "point-value = \"0.00001\"  redemption = \"0.01\"", "1", 59 },
		{ "point-value = \"0.01\"  redemption = \"0\"", "1000000", 60 },
		{ "redemption = \"50\"", "1000000", 60 },
	};
	static const struct kit_line oil = { .sku = "oil", .amount = 2700 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct suggested s = { .set = { 0, 0 } };
		struct kit_basket b = { .lines = &oil, .line_count = 1, .suggested = &s, .suggested_count = 1 };
		const struct ladder_shown *e;
		struct palier_ctx *c;
		char config[512];

		snprintf(config, sizeof(config),
			"ladder { holdout = 0  %s  threshold \"thirty\" { spend = \"30.00\"  within = \"5.00\"  margin-share = \"20\""
			"  prior = \"100\"  points = %s } }",
			rows[i].head, rows[i].points);
		c = shop(config);
		if (rows[i].gain == 0) {
			assert_int_equal(kit_sale(c, NULL, "S1", &oil, 1), PALIER_OK);
			has(report(c), "\"filtered\":[{\"reason\":\"no_gain\",\"count\":1}]");
			shut(c);
			continue;
		}
		PALIER_SET(&s, suggested, suggestion,
			palier_str(
				suggestion_id(c, PALIER_LIT("shop-20261121-till-1-0"), PALIER_LIT("threshold/thirty")).at));
		PALIER_SET(&s, suggested, outcome, OUTCOME_DECLINED);
		assert_int_equal(kit_ring(c, NULL, "S1", &b), PALIER_OK);
		e = booked(c, "ladder.shown", 0);
		assert_int_equal(e->candidates.count, 1);
		assert_int_equal(e->candidates.at[0].gain, rows[i].gain);
		shut(c);
	}
}

/* What the coupon takes off is not gained: of the price that is told, else of one that such a margin mostly has. */
static void a_coupon_costs_something(void **state)
{
	static const struct {
		const char *offers, *worth;
		int64_t gain; /* 0: it is not suggested */
		bool estimated;
	} rows[] = {
		{ "kind = amount  value = \"0.50\"", "price = \"5.90\"  margin = \"2.10\"", 60, false },
		{ "kind = amount  value = \"1.10\"", "price = \"5.90\"  margin = \"2.10\"", 0, false },
		{ "kind = percent  value = \"10\"", "price = \"5.90\"  margin = \"2.10\"", 51, false },
		{ "kind = percent  value = \"10\"  cap = \"0.20\"", "price = \"5.90\"  margin = \"2.10\"", 90, false },
		{ "kind = percent  value = \"10\"", "margin = \"2.10\"", 40, true },
		{ "kind = percent  value = \"10\"", "price = \"5.90\"", 18, true },
		{ "kind = product  skus = {\"beans\"}", "price = \"5.90\"  margin = \"5.90\"", 0, false },
		{ "kind = amount  value = \"0.50\"  when { coupon = {\"C\"} } } offer \"p\" { kind = amount  value = \"0.25\"",
			"price = \"5.90\"  margin = \"2.10\"", 35, false },
	};
	const struct kit_line both[] = { ground, beans };
	struct palier_id known = kit_member(KNOWN);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char config[640];
		const struct ladder_shown *e;
		struct palier_ctx *c;

		snprintf(config, sizeof(config),
			"offers { offer \"o\" { %s  when { coupon = {\"C\"} } } }"
			" ladder { holdout = 0  ladder \"l\" { rung \"a\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }"
			" rung \"b\" { skus = {\"beans\"}  %s  prior = \"100\"  coupon = \"C\" } } }",
			rows[i].offers, rows[i].worth);
		c = shop(config);
		assert_int_equal(kit_sale(c, &known, "S1", both, rows[i].gain ? 2 : 1), PALIER_OK);
		if (rows[i].gain == 0) {
			has(report(c), "{\"reason\":\"no_gain\",\"count\":1}");
		} else {
			e = booked(c, "ladder.shown", 0);
			assert_int_equal(e->candidates.at[0].gain, rows[i].gain);
			assert_int_equal(e->candidates.at[0].estimated, rows[i].estimated);
		}
		shut(c);
	}
}

/* Of a sum to be reached it is taken off that. */
static void a_coupon_of_a_sum(void **state)
{
	static const struct kit_line oil = { .sku = "oil", .amount = 2700 };
	struct palier_ctx *c = shop(
		"offers { offer \"o\" { kind = percent  value = \"1\"  when { coupon = {\"C\"} } } }"
		" ladder { holdout = 0  threshold \"thirty\" { spend = \"30.00\"  within = \"5.00\"  margin-share = \"20\""
		"  prior = \"100\"  coupon = \"C\" } }");
	struct suggested s = { .set = { 0, 0 } };
	struct kit_basket b = { .lines = &oil, .line_count = 1, .suggested = &s, .suggested_count = 1 };

	(void)state;
	PALIER_SET(&s, suggested, suggestion, palier_str(id_of(c, NULL, &oil)));
	PALIER_SET(&s, suggested, outcome, OUTCOME_DECLINED);
	assert_int_equal(kit_ring(c, NULL, "S1", &b), PALIER_OK);
	assert_int_equal(((const struct ladder_shown *)booked(c, "ladder.shown", 0))->candidates.at[0].gain, 30);
	shut(c);
}

/* --- what comes back --- */

/* Where a member stands is known by consent: it goes with it, and is not handed to who gave none. */
static void where_a_member_stands_goes_with_consent(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER), shy = kit_member(SHY);

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S2", &beans), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "height"), "1");
	kit_person(c, KNOWN)->person.profiling = false;
	assert_int_equal(kit_decide(c, known, withdraw, &known), PALIER_OK);
	assert_string_equal(kit_fact(c, known, "rung/ground"), "");
	assert_string_equal(kit_fact(c, known, "height"), "");
	assert_int_equal(rows_any(kit_tables(c, LADDER), known), PALIER_ENOENT);
	has(report(c), "\"offered\":{\"members\":1,");
	kit_person(c, KNOWN)->person.profiling = true;
	assert_string_equal(suggested(c, &known, NULL), "");
	assert_int_equal(kit_merge(c, other, shy), PALIER_OK);
	assert_string_equal(kit_fact(c, shy, "rung/beans"), "");
	assert_string_equal(kit_fact(c, shy, "height"), "");
	assert_int_equal(rows_any(kit_tables(c, LADDER), other), PALIER_ENOENT);
	assert_int_equal(rows_any(kit_tables(c, LADDER), shy), PALIER_ENOENT);
	has(report(c), "\"offered\":{\"members\":0,");
	shut(c);
}

static void members_who_are_one_or_gone(void **state)
{
	struct palier_ctx *c = shop(COFFEE "}");
	struct palier_id known = kit_member(KNOWN), other = kit_member(OTHER);

	(void)state;
	assert_int_equal(buy(c, KNOWN, "S1", &ground), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S2", &beans), PALIER_OK);
	assert_int_equal(buy(c, OTHER, "S3", &grinder), PALIER_OK);
	assert_int_equal(kit_merge(c, known, other), PALIER_OK);
	assert_string_equal(kit_fact(c, other, "rung/grinder"), "coffee");
	assert_string_equal(kit_fact(c, other, "rung/ground"), "");
	has(report(c), "\"offered\":{\"members\":1,\"climbed\":1,\"sum\":6590");
	assert_int_equal(kit_erase(c, other), PALIER_OK);
	has(report(c), "\"offered\":{\"members\":0,\"climbed\":0,\"sum\":0,\"squares\":\"0\",\"margin\":0");
	shut(c);
}

/* --- configuration --- */

static const struct config_case {
	const char *name, *config, *error;
} wrong[] = {
	{ "a ladder has rungs", "ladder {\nladder \"l\" { rung \"a\" { skus = {\"x\"} } }\n}",
		"test:2: ladder \"l\" needs a plain name and at least two rungs, from low to high" },
	{ "a rung has products",
		"ladder {\nladder \"l\" { rung \"a\" { margin = \"1\" }\nrung \"b\" { skus = {\"x\"} } }\n}",
		"test:2: which products? Name their skus, category or tag" },
	{ "a jump leads up",
		"ladder {\nladder \"l\" { rung \"a\" { skus = {\"x\"} }\nrung \"b\" { skus = {\"y\"}  jump = \"a\" } }\n}",
		"test:3: jump = a: no rung above \"b\" is called so" },
	{ "a half-life is one of five", "ladder { half-life = 45 }",
		"test:1: half-life = 45: expected 30, 60, 90, 180 or 365 days" },
	{ "at most half are held out", "ladder { holdout = 60 }",
		"test:1: holdout = 60: expected a whole number from 0 to 50" },
	{ "no more points are redeemed than there are", "ladder { point-value = \"0.01\"  redemption = \"101\" }",
		"test:1: expected point-value = \"0.01\", what a point is worth, and redemption = \"70\", how many are redeemed, in per cent" },
	{ "a point is worth something", "ladder { point-value = \"-1\" }",
		"test:1: expected point-value = \"0.01\", what a point is worth, and redemption = \"70\", how many are redeemed, in per cent" },
	{ "points are given, not taken",
		"ladder {\ncomplement \"c\" { with { skus = {\"x\"} }\nskus = {\"y\"}  points = -1 } }",
		"test:3: points = -1: expected a whole number from 0 to 1000000" },
	{ "a category's share is of its price", "ladder {\ncategory \"c\" { margin-share = \"101\" }\n}",
		"test:2: category \"c\": expected margin-share = \"35\", what of a price is left, in per cent" },
	{ "a category has a share", "ladder {\ncategory \"c\" { }\n}",
		"test:2: category \"c\": expected margin-share = \"35\", what of a price is left, in per cent" },
	{ "a rung is not sold for less than its margin",
		"ladder {\nladder \"l\" { rung \"a\" { skus = {\"x\"}  price = \"1.00\"  margin = \"1.01\" }\nrung \"b\" { skus = {\"y\"} } }\n}",
		"test:2: a margin is not above its price" },
	{ "a coupon is an offer's",
		"ladder {\nladder \"l\" { rung \"a\" { skus = {\"x\"}  coupon = \"C\" }\nrung \"b\" { skus = {\"y\"} } }\n}",
		"test:2: coupon = \"C\": no offer has it among the codes of its when" },
	{ "a complement goes with something", "ladder {\ncomplement \"c\" { skus = {\"x\"} }\n}",
		"test:2: complement \"c\": with which products does it go? with { skus = {...} }" },
	{ "a threshold begins below its sum", "ladder {\nthreshold \"t\" { spend = \"3.00\"  within = \"5.00\" }\n}",
		"test:2: threshold \"t\": expected spend = \"30.00\"  within = \"5.00\"  margin-share = \"30\" (per cent), within below spend" },
};

static void refused(void **state)
{
	const struct config_case *k = *state;

	assert_string_equal(kit_config_error(plugins, k->config), k->error);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(the_next_rung_is_suggested),
		cmocka_unit_test(what_consent_would_allow_is_counted),
		cmocka_unit_test(who_complains_is_listened_to_first),
		cmocka_unit_test(how_high_a_member_stands_is_known),
		cmocka_unit_test(conditions_and_jumps_are_minded),
		cmocka_unit_test(what_gains_nothing_is_not_suggested),
		cmocka_unit_test(complements_and_sums),
		cmocka_unit_test(what_is_not_worth_the_words_is_not_suggested),
		cmocka_unit_test(a_refusal_cools_down),
		cmocka_unit_test(nobody_is_asked_three_times_a_week),
		cmocka_unit_test(what_is_no_suggestion_is_refused),
		cmocka_unit_test(buying_it_is_accepting_it),
		cmocka_unit_test(the_till_tells_what_became_of_it),
		cmocka_unit_test(a_suggestion_has_one_outcome),
		cmocka_unit_test(what_was_bought_says_most),
		cmocka_unit_test(a_later_outcome_counts_for_the_first_ones_day),
		cmocka_unit_test(the_same_twice_in_a_sale_is_told_once),
		cmocka_unit_test(outcomes_are_forgotten),
		cmocka_unit_test(a_coupon_is_waited_for),
		cmocka_unit_test(a_coupon_that_nobody_used_was_refused),
		cmocka_unit_test(one_purchase_is_one_acceptance),
		cmocka_unit_test(for_whom_a_coupon_is_waited_for),
		cmocka_unit_test(some_members_are_held_out),
		cmocka_unit_test(a_decision_can_be_made_again),
		cmocka_unit_test(where_a_member_stands_goes_with_consent),
		cmocka_unit_test(members_who_are_one_or_gone),
		cmocka_unit_test(what_has_no_price_is_suggested_too),
		cmocka_unit_test(a_guess_is_marked),
		cmocka_unit_test(rules_have_a_name),
		cmocka_unit_test(friction_stands_in_the_event),
		cmocka_unit_test(points_cost_something),
		cmocka_unit_test(a_coupon_costs_something),
		cmocka_unit_test(a_coupon_of_a_sum),
		cmocka_unit_test(reasons_have_an_order),
		cmocka_unit_test(a_ninth_comes_into_its_own),
		cmocka_unit_test(two_of_a_ticket_are_one_decision),
		cmocka_unit_test(what_is_out_of_stock_is_not_suggested),
		cmocka_unit_test(one_of_several_is_enough),
		cmocka_unit_test(a_last_day_is_of_what_is_out),
		cmocka_unit_test(a_prior_is_where_a_rung_begins),
		cmocka_unit_test(a_rung_begins_where_its_like_stand),
		cmocka_unit_test(a_day_rests_on_what_it_began_with),
		cmocka_unit_test(a_salt_lasts_as_long_as_its_test),
		cmocka_unit_test(a_test_ends_on_its_last_day),
		cmocka_unit_test(a_part_comes_back),
		cmocka_unit_test(who_never_came_is_in_no_arm),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(wrong) + COUNT(margins)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(wrong); i++)
		tests[n++] = (struct CMUnitTest){ wrong[i].name, refused, NULL, NULL, (void *)(uintptr_t)&wrong[i] };
	for (size_t i = 0; i < COUNT(margins); i++)
		tests[n++] = (struct CMUnitTest){ margins[i].name, a_margin, NULL, NULL, (void *)(uintptr_t)&margins[i] };
	return _cmocka_run_group_tests("ladder", tests, n, NULL, NULL);
}
