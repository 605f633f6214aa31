/* SPDX-License-Identifier: Apache-2.0 */
/* Ambassadors: the score (with the vectors of its source), who becomes one and who leaves, and that nothing is kept without consent. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "plugins/ambassador/internal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A sale is a referral that counts: of member 2, who is a friend of whoever buys. */
static int noting_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	(void)s;
	return ambassador_note(c, kit_member(2), AMBASSADOR_REFERRAL, palier_today(c));
}

static const struct palier_plugin noting = { .abi = PALIER_PLUGIN_ABI, .name = "noting", .on_sale = noting_on_sale };

extern const struct palier_plugin palier_plugin_points, palier_plugin_offers, palier_plugin_ambassador;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_offers, &noting,
	&palier_plugin_ambassador, &kit_core, NULL };
enum { AMBASSADOR = 3 }; /* of these */

#define PLAIN "ambassador { threshold = 600  leave = 400 }"
#define LOW   "ambassador { threshold = 200  leave = 100 }"
#define PERKS \
	"points { unit points {} } offers { offer thanks { kind = amount  value = \"5.00\" } } ambassador { " \
	"perk { offer = thanks }  perk { unit = points  points = 50 } }"

/* --- the score --- */

static const struct fade_case {
	const char *name;
	uint32_t age;
	int64_t millionths; /* of a point */
} fades[] = {
	{ "a referral counts 300 on its day", 0, 300000000 },
	{ "after 30 days 267.269379 are left", 30, 267269379 },
	{ "after 180 days half of them, but for what is cut", 180, 149998947 },
	{ "after 400 days 64.291702", 400, 64291702 },
	{ "after 1500 days less than a point", FADE_DAYS, 929000 },
};

static void test_fade(void **state)
{
	const struct fade_case *t = *state;
	int64_t millionths;
	struct fade f;

	fade_fill(&f);
	millionths = ((int64_t)f.q16[t->age] * 1000000 + 32768) / 65536;
	if (t->age == FADE_DAYS)
		assert_in_range(millionths, 1, 999999);
	else
		assert_int_equal(millionths, t->millionths);
}

static void test_fade_sum(void **state)
{
	struct fade f;
	int64_t sum;

	(void)state;
	fade_fill(&f);
	sum = (int64_t)f.q16[0] + f.q16[30] + f.q16[180] + f.q16[400];
	assert_int_equal(sum, 51220318);
	assert_int_equal(sum >> 16, 781);
}

/* --- stories --- */

enum step_kind {
	END,
	CLOCK,
	NOTE,
	STRIKE,
	CLOSE,
	SEE,
	WHY,
	LIST,
	FACT,
	PROMPT,
	AGREE,
	CONSENT,
	WHO,
	BUY,
	UNDO,
	MERGE,
	ERASE,
	CONFIG
};

/* Of the member in question, at first number 1. */
struct step {
	enum step_kind kind;
	const char *text;
	int64_t a, b;
};

/* clang-format off */
#define AT(now)            { CLOCK, now, 0, 0 }
#define BROUGHT(day)       { NOTE, NULL, AMBASSADOR_REFERRAL, day }
#define RECOMMENDED(day)   { NOTE, NULL, AMBASSADOR_PROMOTER, day }
#define FAILED(day)        { NOTE, NULL, AMBASSADOR_VOID, day }
/* A referral that had counted from a day is undone on another. */
#define LOST(counted, day) { STRIKE, NULL, counted, day }
#define CLOSES(closed, opened) { CLOSE, NULL, closed, opened }
/* score, referrals, since, until */
#define SEES(text)         { SEE, text, 0, 0 }
#define BECAUSE(text)      { WHY, text, 0, 0 }
/* "member score" by blanks */
#define RANKS(text)        { LIST, text, 0, 0 }
#define KNOWN(value)       { FACT, value, 0, 0 }
#define PROMPTS(text)      { PROMPT, text, 0, 0 }
#define AGREES(yes)        { AGREE, NULL, yes, 0 }
/* The same, told by a command. */
#define CONSENTS(yes)      { CONSENT, NULL, yes, 0 }
#define MEMBER(n)          { WHO, NULL, n, 0 }
#define FRIEND_BUYS(number) { BUY, number, 0, 0 }
#define VOIDS(number)      { UNDO, number, 0, 0 }
#define MERGES_INTO(n)     { MERGE, NULL, n, 0 }
#define IS_ERASED()        { ERASE, NULL, 0, 0 }
#define SETS(text)         { CONFIG, text, 0, 0 }
/* clang-format on */

/* Members 1, 2 and 3 agree; it is 21 November 2026. */
static const struct story {
	const char *name, *config;
	struct step steps[20];
} stories[] = {
	{ "who did nothing has a score of nothing", PLAIN,
		{ SEES("0 0"), BECAUSE("2 more friends who come back make an ambassador."), RANKS("") } },
	{ "one referral is not enough", PLAIN,
		{ BROUGHT(20261121), SEES("300 1"), BECAUSE("1 more friend who comes back makes an ambassador."),
			RANKS("1 300"), KNOWN("") } },
	{ "who reaches the threshold is an ambassador at once", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), SEES("600 2 since 2026-11-21"), KNOWN("yes"),
			BECAUSE("Ambassador since 21 Nov 2026."),
			PROMPTS("Ambassador since 21 Nov 2026: say thank you.") } },
	{ "one point below it does not do", PLAIN, { BROUGHT(20261120), BROUGHT(20261121), SEES("598 2"), KNOWN("") } },
	{ "the four ages of the vector make 781", PLAIN,
		{ BROUGHT(20251017), BROUGHT(20260525), BROUGHT(20261022), BROUGHT(20261121),
			SEES("781 3 since 2026-11-21") } },
	{ "a promoter's answer counts 50 for 180 days, and once", PLAIN,
		{ RECOMMENDED(20260525), RECOMMENDED(20260525), SEES("50 0"), AT("2026-11-22T12:00:00+01:00"),
			SEES("0 0") } },
	{ "without a referral in 365 days nobody becomes one", LOW,
		{ BROUGHT(20251120), BROUGHT(20251120), BROUGHT(20251120), BROUGHT(20251120), SEES("293 0"), KNOWN(""),
			BECAUSE("1 more friend who comes back makes an ambassador."), CLOSES(20261121, 20261122),
			KNOWN("") } },
	{ "a referral of 365 days ago does", LOW,
		{ BROUGHT(20251121), BROUGHT(20251121), BROUGHT(20251121), SEES("220 3 since 2026-11-21") } },
	{ "an undone referral takes 150", PLAIN, { BROUGHT(20261121), FAILED(20261121), SEES("150 1") } },
	{ "one that had counted counts no longer, either", PLAIN,
		{ BROUGHT(20261120), BROUGHT(20261121), LOST(20261120, 20261121), SEES("150 1"), LOST(20261120, 20261121),
			SEES("0 1") } },
	/* From the first close on everybody has 10 points at least for how often they buy. */
	{ "an ambassador stays between the two bounds", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), AT("2027-02-20T12:00:00+01:00"), CLOSES(20270219, 20270220),
			SEES("432 2 since 2026-11-21"), AT("2027-03-13T12:00:00+01:00"), CLOSES(20270312, 20270313),
			SEES("399 2 since 2026-11-21"), CLOSES(20270313, 20270314),
			SEES("399 2 since 2026-11-21 until 2027-04-13"),
			BECAUSE("Ambassador until 13 Apr 2027: points have faded, unless they come back to 400.") } },
	{ "and leaves when the notice of 30 days is over", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), AT("2027-03-14T12:00:00+01:00"), CLOSES(20270313, 20270314),
			CLOSES(20270314, 20270315), KNOWN("yes"), CLOSES(20270412, 20270413), KNOWN("yes"),
			AT("2027-04-13T23:00:00+02:00"), PROMPTS("Ambassador since 21 Nov 2026: say thank you."),
			AT("2027-04-14T09:00:00+02:00"), PROMPTS(""), CLOSES(20270413, 20270414), KNOWN(""),
			SEES("354 2") } },
	{ "a deed during the notice keeps the ambassador", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), AT("2027-03-14T12:00:00+01:00"), CLOSES(20270313, 20270314),
			SEES("398 2 since 2026-11-21 until 2027-04-13"), BROUGHT(20270314), SEES("698 3 since 2026-11-21"),
			CLOSES(20270414, 20270415), KNOWN("yes") } },
	{ "a higher threshold takes nobody's standing, a higher bound gives notice", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), SETS("ambassador { threshold = 900 }"), CLOSES(20261121, 20261122),
			SEES("610 2 since 2026-11-21"), SETS("ambassador { threshold = 900  leave = 700 }"),
			CLOSES(20261122, 20261123), SEES("610 2 since 2026-11-21 until 2026-12-23") } },
	{ "a lower threshold lifts at the next close", PLAIN,
		{ BROUGHT(20261121), SETS(LOW), SEES("300 1"), BECAUSE("Becomes an ambassador when the day is closed."),
			CLOSES(20261121, 20261122), SEES("310 1 since 2026-11-21") } },
	{ "without the section deeds are kept, and nothing is shown", "",
		{ BROUGHT(20261121), BROUGHT(20261121), SEES("0 0"), BECAUSE("This shop has no ambassadors."), RANKS(""),
			SETS(PLAIN), RANKS("1 600"), CLOSES(20261121, 20261122), KNOWN("yes") } },

	/* --- consent --- */
	{ "without consent nothing is kept, and no score made", PLAIN,
		{ MEMBER(4), BROUGHT(20261121), BROUGHT(20261121), SEES("0 0"),
			BECAUSE("No score is kept: there is no consent to profiling."), RANKS(""), KNOWN(""), AGREES(1),
			SEES("0 0"), RANKS("") } },
	{ "consent withdrawn: no score from then on, and nothing kept from the next close on", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), AGREES(0), SEES("0 0"), RANKS(""), PROMPTS(""),
			CLOSES(20261121, 20261122), KNOWN(""), AGREES(1), SEES("10 0") } },
	{ "or from the next deed on", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), AGREES(0), BROUGHT(20261121), KNOWN(""), AGREES(1), SEES("0 0") } },
	{ "who takes consent back is forgotten with that command, and comes back with nothing", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), CONSENTS(1), KNOWN("yes"), CONSENTS(0), KNOWN(""), CONSENTS(1),
			SEES("0 0"), RANKS(""), KNOWN("") } },
	{ "so is who becomes one with somebody who does not agree", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), MERGES_INTO(4), MEMBER(4), KNOWN(""), AGREES(1), SEES("0 0") } },

	/* --- undone, merged, erased --- */
	{ "a void takes the deed back, and the standing that came of it", PLAIN,
		{ MEMBER(2), FRIEND_BUYS("S"), FRIEND_BUYS("T"), KNOWN("yes"), VOIDS("T"), SEES("300 1"), KNOWN(""),
			VOIDS("S"), SEES("0 0"), RANKS("") } },
	{ "two members become one: their deeds are together", PLAIN,
		{ BROUGHT(20261121), MERGES_INTO(2), MEMBER(2), SEES("300 1"), BROUGHT(20261121),
			SEES("600 2 since 2026-11-21"), RANKS("2 600") } },
	{ "one of them was an ambassador: both are", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), MERGES_INTO(2), MEMBER(2), SEES("600 2 since 2026-11-21") } },
	{ "of two the longer standing stays", PLAIN,
		{ BROUGHT(20261121), BROUGHT(20261121), MEMBER(2), AT("2026-11-25T12:00:00+01:00"), BROUGHT(20261125),
			BROUGHT(20261125), MERGES_INTO(1), MEMBER(1), SEES("1190 4 since 2026-11-21") } },
	{ "who is erased is in no ranking", PLAIN,
		{ BROUGHT(20261121), MEMBER(2), BROUGHT(20261121), BROUGHT(20261121), RANKS("2 600, 1 300"), IS_ERASED(),
			RANKS("1 300") } },
	{ "what has faded is forgotten", PLAIN,
		{ BROUGHT(20221001), FAILED(20221001), SEES("0 0"), RANKS("1 0"), CLOSES(20261121, 20261122), RANKS("") } },
};

/* --- telling them --- */

struct telling {
	struct palier_ctx *c;
	struct palier_id who;
	unsigned n;
	struct step step;
};

static int note(struct palier_ctx *c, void *who)
{
	const struct telling *t = who;

	return t->step.kind == STRIKE ? ambassador_note_void(c, t->who, (uint32_t)t->step.a, (uint32_t)t->step.b)
	                              : ambassador_note(c, t->who, (enum ambassador_deed)t->step.a, (uint32_t)t->step.b);
}

static const char *shown(struct telling *t)
{
	struct ambassador_show p = { .set = { 0, 0 } };

	PALIER_SET(&p, ambassador_show, member, t->who);
	return kit_answer(t->c, &method_ambassador_show, &p);
}

/* The text or figure behind "key":, into static memory. */
static const char *member_of(const char *json, const char *key)
{
	static char text[4][256];
	static unsigned turn;
	char *out = text[turn++ % 4], pattern[40];
	const char *at;
	size_t len;

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	at = strstr(json, pattern);
	out[0] = '\0';
	if (!at)
		return out;
	at += strlen(pattern);
	at += *at == '"';
	len = strcspn(at, at[-1] == '"' ? "\"" : ",}");
	snprintf(out, sizeof(text[0]), "%.*s", (int)len, at);
	return out;
}

/* What of the view stands before the parts, which have figures of the same names; and the last member. */
static void sees(struct telling *t)
{
	const char *json = shown(t), *since = member_of(json, "since"), *until = member_of(json, "until");
	char text[128];

	snprintf(text, sizeof(text), "%s %s%s%s%s%s", member_of(json, "score"), member_of(json, "referrals"),
		*since ? " since " : "", since, *until ? " until " : "", until);
	assert_string_equal(text, t->step.text);
}

static void because(struct telling *t)
{
	const char *json = shown(t), *last = json, *next;

	while ((next = strstr(last + 1, "\"why\":")))
		last = next;
	assert_string_equal(member_of(last, "why"), t->step.text);
}

static void ranks(struct telling *t)
{
	struct ambassador_list p = { .set = { 0, 0 } };
	const char *json = kit_answer(t->c, &method_ambassador_list, &p);
	char text[128] = "";

	for (const char *at = json; (at = strstr(at, "\"member\":\"")); at++) {
		struct palier_id id;
		size_t n = strlen(text);

		assert_int_equal(palier_id_parse(palier_bytes_of(at + 10, PALIER_ID_TEXT), &id), PALIER_OK);
		snprintf(text + n, sizeof(text) - n, "%s%d %s", n ? ", " : "", id.b[0], member_of(at, "score"));
	}
	assert_string_equal(text, t->step.text);
}

static void act(struct telling *t)
{
	const struct step *s = &t->step;

	switch (s->kind) {
	case CLOCK:
		kit_clock(t->c, s->text);
		break;
	case NOTE:
	case STRIKE:
		assert_int_equal(kit_decide(t->c, t->who, note, t), PALIER_OK);
		break;
	case CLOSE:
		kit_close(t->c, (uint32_t)s->a, (uint32_t)s->b);
		break;
	case AGREE:
		kit_person(t->c, t->n)->person.profiling = s->a != 0;
		break;
	case CONSENT:
		kit_person(t->c, t->n)->person.profiling = s->a != 0;
		assert_int_equal(kit_profile(t->c, t->who), PALIER_OK);
		break;
	case WHO:
		t->n = (unsigned)s->a;
		t->who = kit_member(t->n);
		break;
	case BUY:
		assert_int_equal(kit_sale(t->c, &(struct palier_id){ { 3 } }, s->text, &(struct kit_line){ .amount = 100 },
					 1),
			PALIER_OK);
		break;
	case UNDO:
		assert_int_equal(kit_void(t->c, s->text), PALIER_OK);
		break;
	case MERGE:
		assert_int_equal(kit_merge(t->c, t->who, kit_member((unsigned)s->a)), PALIER_OK);
		break;
	case ERASE:
		assert_int_equal(kit_erase(t->c, t->who), PALIER_OK);
		break;
	case CONFIG:
		kit_reconfigure(t->c, s->text);
		break;
	default:
		break;
	}
}

static void expect(struct telling *t)
{
	const char *text = t->step.text;

	switch (t->step.kind) {
	case SEE:
		sees(t);
		break;
	case WHY:
		because(t);
		break;
	case LIST:
		ranks(t);
		break;
	case FACT:
		assert_string_equal(kit_fact(t->c, t->who, "ambassador"), text);
		break;
	case PROMPT:
		kit_lookup(t->c, t->who);
		assert_string_equal(kit_prompts(t->c), text);
		break;
	default:
		break;
	}
}

static struct palier_ctx *shop_new(const char *config)
{
	struct palier_ctx *c = kit_new(plugins, config);

	kit_clock(c, "2026-11-21T12:00:00+01:00");
	for (unsigned i = 1; i <= 3; i++)
		kit_person(c, i)->person.profiling = true;
	return c;
}

static void test_story(void **state)
{
	const struct story *story = *state;
	struct telling t = { .c = shop_new(story->config), .who = kit_member(1), .n = 1 };

	for (size_t i = 0; i < COUNT(story->steps) && story->steps[i].kind != END; i++) {
		t.step = story->steps[i];
		act(&t);
		expect(&t);
		assert_true(kit_same(t.c));
		assert_string_equal(kit_check(t.c), "");
	}
	kit_free(t.c);
}

/* --- how often --- */

static int note_one(struct palier_ctx *c, void *who)
{
	(void)who;
	return ambassador_note(c, kit_member(1), AMBASSADOR_VOID, 20261121);
}

/* The vector of the source, as days with purchases of members 1 to 10. */
static void test_quintiles(void **state)
{
	static const int64_t days[] = { 1, 1, 1, 2, 3, 3, 4, 5, 9, 10 };
	static const int quintiles[] = { 1, 1, 1, 2, 3, 3, 4, 4, 5, 5 };
	struct palier_ctx *c = shop_new(PLAIN);
	int quintile;

	(void)state;
	for (unsigned i = 0; i < COUNT(days); i++) {
		kit_person(c, i + 1)->person.profiling = true;
		kit_person(c, i + 1)->facts.days = days[i];
	}
	kit_person(c, 11)->facts.days = 300; /* who does not agree is not counted */
	assert_int_equal(kit_decide(c, kit_member(1), note_one, NULL), PALIER_OK);
	for (unsigned round = 0; round < 2; round++) {
		assert_int_equal(kit_close(c, 20261121 + round, 20261122 + round), 1);
		for (unsigned i = 0; i < COUNT(days); i++) {
			uint32_t from[4];

			assert_int_equal(quintiles_get(kit_tables(c, AMBASSADOR), from), PALIER_OK);
			quintile = quintile_of(from, days[i]);
			assert_int_equal(quintile, quintiles[i]);
		}
		assert_true(kit_same(c));
		assert_string_equal(kit_check(c), "");
	}
	kit_free(c);
}

static int slice_again(struct palier_ctx *c, void *who)
{
	const struct palier_close close = { 20261121, 20261122 };

	return palier_plugin_ambassador.due(c, &close, who) == PALIER_ENOENT ? PALIER_OK : PALIER_EINTERNAL;
}

static void test_again(void **state)
{
	struct palier_ctx *c = shop_new(PLAIN);
	struct palier_id from = { { 0 } };
	uint32_t before[4], after[4];

	(void)state;
	kit_person(c, 2)->facts.days = 7;
	assert_int_equal(kit_decide(c, kit_member(1), note_one, NULL), PALIER_OK);
	assert_int_equal(kit_close(c, 20261121, 20261122), 1);
	assert_int_equal(quintiles_get(kit_tables(c, AMBASSADOR), before), PALIER_OK);
	kit_person(c, 3)->facts.days = 5;
	assert_int_equal(kit_decide(c, kit_member(1), slice_again, &from), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 0);
	assert_int_equal(quintiles_get(kit_tables(c, AMBASSADOR), after), PALIER_OK);
	assert_memory_equal(before, after, sizeof(before));
	kit_free(c);
}

static void test_parts(void **state)
{
	struct telling t = { .c = shop_new(PLAIN), .who = kit_member(1) };
	static const struct step deeds[] = { BROUGHT(20260525), BROUGHT(20261022), RECOMMENDED(20261101), FAILED(20261102) };
	const char *json;

	(void)state;
	for (size_t i = 0; i < COUNT(deeds); i++) {
		t.step = deeds[i];
		assert_int_equal(kit_decide(t.c, t.who, note, &t), PALIER_OK);
	}
	kit_person(t.c, 2)->facts.days = 1;
	kit_close(t.c, 20261121, 20261122);
	json = shown(&t);
	assert_string_equal(json,
		"{\"member\":\"m_040g40r40m30e209\",\"score\":327,\"rank\":1,\"ambassador\":false,\"referrals\":2,\"parts\":["
		"{\"part\":\"void\",\"points\":-150,\"day\":\"2026-11-02\",\"why\":\"A referral of theirs was undone.\"},"
		"{\"part\":\"promoter\",\"points\":50,\"day\":\"2026-11-01\",\"why\":\"Would recommend us, says the survey: counts "
		"until 30 Apr 2027.\"},"
		"{\"part\":\"referral\",\"points\":267,\"day\":\"2026-10-22\",\"why\":\"Brought a friend who came back; its points "
		"fade: 267 of 300 are left.\"},"
		"{\"part\":\"referral\",\"points\":150,\"day\":\"2026-05-25\",\"why\":\"Brought a friend who came back; its points "
		"fade: 150 of 300 are left.\"},"
		"{\"part\":\"frequency\",\"points\":10,\"why\":\"How often they buy, among all members: 1 of 5.\"}],"
		"\"why\":\"1 more friend who comes back makes an ambassador.\"}");
	kit_free(t.c);
}

/* --- perks, configuration, damage --- */

static void test_perks(void **state)
{
	struct telling t = { .c = shop_new(PERKS), .who = kit_member(1), .step = BROUGHT(20261121) };

	(void)state;
	assert_int_equal(kit_decide(t.c, t.who, note, &t), PALIER_OK);
	assert_null(strstr(kit_lookup(t.c, t.who), "thanks"));
	assert_int_equal(kit_decide(t.c, t.who, note, &t), PALIER_OK);
	assert_non_null(strstr(kit_lookup(t.c, t.who), "\"offer\":\"thanks\""));
	assert_non_null(strstr(kit_lookup(t.c, t.who), "\"points\":50"));
	assert_int_equal(kit_decide(t.c, t.who, note, &t), PALIER_OK);
	assert_non_null(strstr(kit_lookup(t.c, t.who), "\"points\":50"));
	assert_true(kit_same(t.c));
	kit_free(t.c);
}

static void test_perks_undone(void **state)
{
	struct palier_ctx *c = shop_new(PERKS);
	const struct palier_id friend = kit_member(3), sponsor = kit_member(2);

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(kit_sale(c, &friend, i ? "T" : "S", &(struct kit_line){ .amount = 100 }, 1), PALIER_OK);
	assert_non_null(strstr(kit_lookup(c, sponsor), "\"offer\":\"thanks\""));
	assert_int_equal(kit_void(c, "T"), PALIER_OK);
	assert_null(strstr(kit_lookup(c, sponsor), "\"offer\":\"thanks\""));
	assert_null(strstr(kit_lookup(c, sponsor), "\"points\":50"));
	kit_free(c);
}

static void test_label(void **state)
{
	struct telling t = { .c = shop_new("ambassador { threshold = 300  leave = 1  label { fr = Ami  en = Friend } }"),
		.who = kit_member(1),
		.step = BROUGHT(20261121) };

	(void)state;
	assert_int_equal(kit_decide(t.c, t.who, note, &t), PALIER_OK);
	kit_language(t.c, "en");
	kit_lookup(t.c, t.who);
	assert_string_equal(kit_prompts(t.c), "Friend since 21 Nov 2026: say thank you.");
	kit_free(t.c);
}

static const struct config_case {
	const char *name, *config, *error;
} configs[] = {
	{ "a bound above the threshold is refused", "ambassador { leave = 601 }",
		"test:1: leave = 601 is above threshold = 600: nobody could stay" },
	{ "a threshold of nothing is refused", "ambassador { threshold = 0 }",
		"test:1: threshold = 0: expected a whole number from 1 to 1000000" },
	{ "a perk is something", "ambassador { perk {} }", "test:1: a perk is either an offer or points of a unit" },
	{ "and not two things",
		"points { unit points {} } offers { offer a { kind = amount  value = \"1\" } } ambassador { perk { "
		"offer = a  unit = points  points = 1 } }",
		"test:1: a perk is either an offer or points of a unit" },
	{ "its offer is one of the shop's", "ambassador { perk { offer = a } }",
		"test:1: offer = \"a\": there is no such offer" },
	{ "its unit, too", "ambassador { perk { unit = a  points = 1 } }", "test:1: unit = \"a\": there is no such unit" },
};

static void test_config(void **state)
{
	const struct config_case *t = *state;

	assert_string_equal(kit_config_error(plugins, t->config), t->error);
}

static const struct kit_damage damages[] = {
	{ "check finds a deed that cannot be read", T_DEED, "0123456789\0\0\0\1\0\0\0\0\0\0\0\1\0", "\0\0\0\0\0", 23, 5,
		"what a member did as an ambassador cannot be read" },
	{ "check finds a standing that cannot be read", T_STANDING, "0123456789", "\0\0\0\0\0\0\0\0", 10, 8,
		"who is an ambassador, and until when, cannot be read" },
	{ "check finds counts left behind", T_COUNT, "\2\0\1", "\0\0\0", 3, 3,
		"how often members buy does not agree with itself" },
};

static void test_damage(void **state)
{
	struct palier_ctx *c = shop_new(PLAIN);

	kit_damage(c, AMBASSADOR, *state);
	kit_free(c);
}

static const struct CMUnitTest others[] = {
	{ "the vector's sum is 781", test_fade_sum, NULL, NULL, NULL },
	{ "the quintiles of the vector, ties together", test_quintiles, NULL, NULL, NULL },
	{ "a slice that runs again counts nobody twice", test_again, NULL, NULL, NULL },
	{ "the parts say why, and add up", test_parts, NULL, NULL, NULL },
	{ "perks are granted once", test_perks, NULL, NULL, NULL },
	{ "and taken back when what brought them is void", test_perks_undone, NULL, NULL, NULL },
	{ "the prompt says what the shop calls an ambassador", test_label, NULL, NULL, NULL },
};

int main(void)
{
	struct CMUnitTest tests[COUNT(fades) + COUNT(stories) + COUNT(configs) + COUNT(damages) + COUNT(others)];
	size_t n = 0;

	KIT_ROWS(fades, test_fade);
	KIT_ROWS(stories, test_story);
	KIT_ROWS(configs, test_config);
	KIT_ROWS(damages, test_damage);
	for (size_t i = 0; i < COUNT(others); i++)
		tests[n++] = others[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
