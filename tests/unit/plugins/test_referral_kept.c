/* SPDX-License-Identifier: Apache-2.0 */
/* Of sponsorship, what no story of the rules tells: the section, codes and their QR, flags at the till, caps, what others learn of it, and tables
 * that do not agree. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "plugins/ambassador.h"

extern const struct palier_plugin palier_plugin_points, palier_plugin_rewards, palier_plugin_offers, palier_plugin_referral,
	palier_plugin_ambassador;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_rewards, &palier_plugin_offers,
	&palier_plugin_referral, &palier_plugin_ambassador, NULL };
enum { REFERRAL = 3 }; /* its place among them */

#define PROGRAMME \
	"points { unit points {} }\n" \
	"rewards { reward cup { unit = points  cost = 40  kind = amount  value = \"1.00\" } }\n" \
	"offers { offer gift { kind = amount  value = \"3.00\" } }\n"
#define SPONSORS(more) \
	PROGRAMME "referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  " more \
		  "  sponsor { unit = points  points = 500 }  friend { reward = cup } }\n"

/* --- the section --- */

static const struct config_row {
	const char *name, *section, *error;
} configs[] = {
	{ "a section with both sides", "sponsor { offer = gift } friend { unit = points points = 3 }", "" },
	{ "one side is enough", "friend { reward = cup }", "" },
	{ "no side is none", "minimum = \"5.00\"", "test:4: say what a side gets: sponsor { } or friend { }, or both" },
	{ "a side gets one thing", "friend { offer = gift  reward = cup }",
		"test:4: friend: give unit and points, or offer, or reward" },
	{ "points want a unit", "friend { points = 3 }", "test:4: friend: give unit and points, or offer, or reward" },
	{ "a unit wants points", "friend { unit = points }", "test:4: friend: points must say how many of the unit" },
	{ "an unknown unit", "friend { unit = stars  points = 3 }", "test:4: friend: there is no unit \"stars\"" },
	{ "an unknown offer", "friend { offer = none }", "test:4: friend: there is no offer \"none\"" },
	{ "an unknown reward", "sponsor { reward = none }", "test:4: sponsor: there is no reward \"none\"" },
	{ "a small letter makes the QR larger", "url = \"https://EX.FR/\" friend { reward = cup }",
		"test:4: url = \"https://EX.FR/\": expected at most 100 of A-Z, 0-9 and $%*+-./: in capitals, so that its QR stays "
		"small" },
	{ "a wait without end", "hold = never  friend { reward = cup }",
		"test:4: hold is a time in days or months, such as hold = \"30 days\"" },
	{ "a negative minimum", "minimum = \"-1.00\"  friend { reward = cup }", "test:4: minimum cannot be negative" },
};

static void config_is(void **state)
{
	const struct config_row *r = *state;
	char text[1024];

	snprintf(text, sizeof(text), PROGRAMME "referral { %s }\n", r->section);
	assert_string_equal(kit_config_error(plugins, text), r->error);
}

/* --- a shop --- */

static void shop_end(struct palier_ctx *c)
{
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* Members 1 to 6 have enrolled today, and agree to be profiled. */
static struct palier_ctx *shop_new(const char *config)
{
	struct palier_ctx *c = kit_new(plugins, config);

	kit_clock(c, "2026-11-21T09:00:00Z");
	for (unsigned n = 1; n <= 6; n++)
		kit_person(c, n)->person = (struct palier_person){ .since = 20261121, .profiling = true };
	return c;
}

/* @param out 17 bytes */
static void issue(struct palier_ctx *c, unsigned who, char *out)
{
	struct referral_issue p = { .set = { 0, 0 } };
	const char *code;

	PALIER_SET(&p, referral_issue, member, kit_member(who));
	assert_int_equal(kit_command(c, &method_referral_issue, &p), PALIER_OK);
	code = strstr(kit_result(c), "\"code\":\"");
	assert_non_null(code);
	snprintf(out, 17, "%.16s", code + strlen("\"code\":\""));
}

static int enroll(struct palier_ctx *c, unsigned who, const char *code)
{
	struct member_enroll p = { .set = { 0, 0 } };

	PALIER_SET(&p, member_enroll, referral, palier_str(code));
	return kit_enroll(c, kit_member(who), &p);
}

static int buy(struct palier_ctx *c, unsigned who, const char *number, int64_t amount)
{
	const struct kit_line line = { .amount = amount };
	const struct palier_id member = kit_member(who);

	return kit_sale(c, &member, number, &line, 1);
}

/* The answer about a member's referrals. */
static const char *list(struct palier_ctx *c, unsigned who)
{
	struct referral_list p = { .set = { 0, 0 } };

	PALIER_SET(&p, referral_list, member, kit_member(who));
	return kit_answer(c, &method_referral_list, &p);
}

static void assert_balance(struct palier_ctx *c, unsigned who, const char *balance)
{
	char text[64];

	snprintf(text, sizeof(text), "\"balances\":{\"points\":%s}", balance);
	if (!strstr(kit_lookup(c, kit_member(who)), text))
		fail_msg("%u has not %s: %s", who, balance, kit_lookup(c, kit_member(who)));
}

/* --- codes --- */

static const char *checked(struct palier_ctx *c, const char *code)
{
	struct referral_check p = { .set = { 0, 0 } };

	PALIER_SET(&p, referral_check, code, palier_str(code));
	return kit_answer(c, &method_referral_check, &p);
}

static void a_check(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("code-expires = \"1 month\""));
	char code[17], slip[17], next[17];

	(void)state;
	kit_person(c, 1)->name = "Jeanne Moreau";
	issue(c, 1, code);
	assert_string_equal(checked(c, code), "{\"valid\":true,\"friend_reward\":{\"unit\":\"points\",\"points\":40,"
					      "\"reward\":\"cup\",\"label\":\"cup\"},\"sponsor\":\"Jeanne\"}");
	assert_false(kit_missed(c));
	snprintf(slip, sizeof(slip), "%s", code);
	slip[0] = slip[0] == '7' ? '8' : '7';
	assert_string_equal(checked(c, slip), "{\"valid\":false,\"reason\":\"code_malformed\",\"friend_reward\":null}");
	assert_true(kit_missed(c));
	assert_string_equal(checked(c, "0000-0000-0000-0"),
		"{\"valid\":false,\"reason\":\"code_unknown\",\"friend_reward\":null}");
	assert_true(kit_missed(c));
	kit_clock(c, "2026-12-21T09:00:00Z");
	assert_non_null(strstr(checked(c, code), "\"valid\":true"));
	kit_clock(c, "2026-12-22T09:00:00Z");
	assert_string_equal(checked(c, code), "{\"valid\":false,\"reason\":\"code_expired\",\"friend_reward\":null}");
	assert_false(kit_missed(c));
	issue(c, 1, next);
	assert_string_not_equal(next, code);
	shop_end(c);
}

/* --- flags --- */

static void at_the_till(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("claims-per-day = 3"));
	char code[17];

	(void)state;
	issue(c, 1, code);
	kit_supervised(c, true);
	kit_person(c, 1)->tags[0] = "operator:07";
	kit_till(c, "till-1", "07");
	assert_int_equal(enroll(c, 2, code), PALIER_OK);
	assert_string_equal(kit_alerts(c), "referral_flagged  0");
	assert_non_null(strstr(list(c, 2), "\"flags\":[\"own_cashier\"]"));
	kit_till(c, "till-1", "08");
	assert_int_equal(enroll(c, 3, code), PALIER_OK);
	assert_string_equal(kit_alerts(c), "");
	assert_null(strstr(list(c, 3), "flags"));
	kit_person(c, 4)->phone = kit_person(c, 1)->phone = "+33600000001";
	assert_int_equal(enroll(c, 4, code), PALIER_OK);
	assert_non_null(strstr(list(c, 4), "\"flags\":[\"same_phone\"]"));
	assert_int_equal(enroll(c, 5, code), PALIER_OK);
	assert_non_null(strstr(list(c, 5), "\"flags\":[\"claims\"]"));
	kit_supervised(c, false);
	assert_null(strstr(list(c, 5), "flags"));
	kit_person(c, 6)->phone = "+33600000001";
	kit_person(c, 6)->email = kit_person(c, 1)->email = "j@ex.fr";
	assert_int_equal(enroll(c, 6, code), PALIER_ESELF_REFERRAL);
	shop_end(c);
}

/* --- what others learn --- */

static bool noted(const struct palier_ctx *c, enum ambassador_deed deed, uint32_t day)
{
	const struct palier_event *ev = kit_event(c);

	for (uint32_t i = 0; i < ev->effect_count; i++) {
		const struct ambassador_noted *e = palier_body(&ev->effects[i], "ambassador.noted");

		if (e && e->deed == (int)deed && e->day == day)
			return true;
	}
	return false;
}

/* It counts with the second purchase, once what was bought first can come back no more; undone, it counts less than nothing. */
static void the_score(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS(""));
	char code[17];

	(void)state;
	issue(c, 1, code);
	assert_int_equal(enroll(c, 2, code), PALIER_OK);
	assert_int_equal(buy(c, 2, "A", 2500), PALIER_OK);
	assert_string_equal(kit_fact(c, kit_member(1), "referrals"), "");
	assert_int_equal(kit_close(c, 20261220, 20261221), 1);
	assert_string_equal(kit_fact(c, kit_member(1), "referrals"), "1");
	assert_balance(c, 1, "500");
	kit_clock(c, "2026-12-24T09:00:00Z");
	assert_int_equal(buy(c, 2, "B", 100), PALIER_OK);
	assert_true(noted(c, AMBASSADOR_REFERRAL, 20261224));
	assert_int_equal(buy(c, 2, "C", 100), PALIER_OK);
	assert_false(noted(c, AMBASSADOR_REFERRAL, 20261224));
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "A", .number = "R", .base = 2500, .after = 1 }, NULL),
		PALIER_OK);
	assert_true(noted(c, AMBASSADOR_VOID, 20261224));
	assert_string_equal(kit_fact(c, kit_member(1), "referrals"), "0");
	assert_balance(c, 1, "0");
	assert_balance(c, 2, "0");
	assert_int_equal(kit_void(c, "R"), PALIER_OK);
	assert_string_equal(kit_fact(c, kit_member(1), "referrals"), "1");
	assert_balance(c, 1, "500");
	shop_end(c);
}

/* A purchase that came back whole does not count as the second. */
static void bought_twice_and_brought_back(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("hold = \"1 day\""));
	char code[17];

	(void)state;
	issue(c, 1, code);
	assert_int_equal(enroll(c, 2, code), PALIER_OK);
	assert_int_equal(buy(c, 2, "A", 2500), PALIER_OK);
	assert_int_equal(buy(c, 2, "B", 100), PALIER_OK);
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "B", .number = "R", .base = 100, .after = 100 }, NULL),
		PALIER_OK);
	assert_int_equal(kit_close(c, 20261121, 20261122), 1);
	assert_false(noted(c, AMBASSADOR_REFERRAL, 20261122));
	assert_int_equal(buy(c, 2, "C", 100), PALIER_OK);
	assert_true(noted(c, AMBASSADOR_REFERRAL, 20261121));
	shop_end(c);
}

static void the_cap(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("hold = \"1 day\"  cap { sponsor = 2 }"));
	char code[17];

	(void)state;
	issue(c, 1, code);
	for (unsigned n = 2; n <= 4; n++) {
		char number[8];

		snprintf(number, sizeof(number), "S%u", n);
		assert_int_equal(enroll(c, n, code), PALIER_OK);
		assert_int_equal(buy(c, n, number, 2500), PALIER_OK);
	}
	assert_int_equal(kit_close(c, 20261121, 20261122), 1);
	assert_balance(c, 1, "1000");
	assert_balance(c, 4, "40");
	assert_non_null(strstr(list(c, 4), "\"state\":\"earned\""));
	kit_clock(c, "2026-11-22T12:00:00Z");
	issue(c, 1, code);
	assert_non_null(strstr(kit_result(c), "\"uses\":3,\"left\":0"));
	kit_clock(c, "2026-12-21T12:00:00Z");
	issue(c, 1, code);
	assert_non_null(strstr(kit_result(c), "\"left\":0"));
	kit_clock(c, "2026-12-22T12:00:00Z");
	issue(c, 1, code);
	assert_non_null(strstr(kit_result(c), "\"left\":2"));
	shop_end(c);
}

/* Many fall due at once: slice by slice, each once. */
static void a_slice_at_a_time(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("hold = \"1 day\"  claims-per-day = 0"));
	char code[17], number[8];

	(void)state;
	issue(c, 1, code);
	for (unsigned n = 2; n <= 6; n++) {
		snprintf(number, sizeof(number), "S%u", n);
		assert_int_equal(enroll(c, n, code), PALIER_OK);
		assert_int_equal(buy(c, n, number, 2500), PALIER_OK);
	}
	assert_int_equal(kit_close(c, 20261119, 20261122), 0);
	assert_int_equal(kit_close(c, 20261121, 20261122), 1);
	assert_int_equal(kit_close(c, 20261121, 20261122), 0);
	assert_balance(c, 1, "2500");
	shop_end(c);
}

/* A shop that sponsors no more pays nobody, and takes back what it gave. */
static void without_the_section(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS("hold = \"1 day\""));
	char code[17];

	(void)state;
	issue(c, 1, code);
	assert_int_equal(enroll(c, 2, code), PALIER_OK);
	assert_int_equal(buy(c, 2, "A", 2500), PALIER_OK);
	assert_balance(c, 2, "40");
	kit_reconfigure(c, PROGRAMME);
	assert_int_equal(kit_close(c, 20261122, 20261123), 0);
	assert_int_equal(enroll(c, 3, code), PALIER_ECODE_UNKNOWN);
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "A", .number = "R", .base = 2500, .after = 2500 },
				 NULL),
		PALIER_OK);
	assert_balance(c, 2, "0");
	shop_end(c);
}

/* --- tables that do not agree --- */

static void damage(void **state)
{
	struct palier_ctx *c = shop_new(SPONSORS(""));
	struct palier_key k = { .len = 0 };
	char code[17];

	(void)state;
	issue(c, 1, code);
	assert_int_equal(enroll(c, 2, code), PALIER_OK);
	assert_string_equal(kit_check(c), "");
	palier_key_uint(&k, 99, 8);
	assert_int_equal(palier_put(kit_tables(c, REFERRAL), 7, &k, PALIER_LIT("")), PALIER_OK);
	assert_string_equal(kit_check(c), "what leads to referrals does not agree with them");
	assert_int_equal(palier_del(kit_tables(c, REFERRAL), 7, &k), PALIER_OK);
	k = (struct palier_key){ .len = 0 };
	palier_key_id(&k, kit_member(1));
	assert_int_equal(palier_put(kit_tables(c, REFERRAL), 3, &k, PALIER_LIT("\1\0\0\0\0\0\0\0\0\5")), PALIER_OK);
	assert_string_equal(kit_check(c),
		"how often codes were used, or sponsors earned, is not what the referrals come to");
	kit_free(c);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
#define ROW(sentence, function) { sentence, function, NULL, NULL, NULL }
		ROW("a check tells what a code is worth, and counts guesses", a_check),
		ROW("what is odd at the till", at_the_till),
		ROW("the score counts a friend who comes back, once", the_score),
		ROW("a purchase that came back whole is none", bought_twice_and_brought_back),
		ROW("a sponsor is paid so often in a period", the_cap),
		ROW("what falls due does so once, when its day is over", a_slice_at_a_time),
		ROW("without its section it takes back and gives nothing", without_the_section),
		ROW("tables that do not agree are found", damage),
	};
	const size_t rows = sizeof(configs) / sizeof(*configs), more = sizeof(others) / sizeof(*others);
	struct CMUnitTest *tests = calloc(rows + more, sizeof(*tests));
	int failed;

	assert_non_null(tests);
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < rows; i++)
		tests[i] = (struct CMUnitTest){ configs[i].name, config_is, NULL, NULL, (void *)(uintptr_t)&configs[i] };
	memcpy(tests + rows, others, sizeof(others));
	failed = _cmocka_run_group_tests("referral", tests, rows + more, NULL, NULL);
	free(tests);
	return failed;
}
