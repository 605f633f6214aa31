/* SPDX-License-Identifier: Apache-2.0 */
/* What offers keep from sale to sale: codes, caps, what was granted, what holds reserve, and how it comes back: rules.md "Offers" and its fine
 * print. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct palier_plugin palier_plugin_offers;
static const struct palier_plugin *const plugins[] = { &palier_plugin_offers, NULL };

#define TWO_OFF "kind = amount value = \"2.00\" "
#define FLYER   "offer flyer { codes = single " TWO_OFF "}\n"
#define RADIO   "offer radio { " TWO_OFF "when { coupon = RADIO } max { total = 2 } }\n"
#define GIFT    "offer gift { " TWO_OFF "}\n"

static struct palier_ctx *shop_new(const char *offers)
{
	char config[2048];

	snprintf(config, sizeof(config), "offers {\n%s\n}\n", offers);
	return kit_new(plugins, config);
}

/* Every ledger is folded twice and checked. */
static void shop_end(struct palier_ctx *c)
{
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* A basket of 10.00 with at most two codes. */
static int ring_basket(struct palier_ctx *c, unsigned who, const char *number, struct kit_basket b, const char *code)
{
	static const struct kit_line line = { .amount = 1000 };
	const char *const coupons[] = { code, NULL };
	const struct palier_id member = kit_member(who);

	b.lines = &line;
	b.line_count = 1;
	b.coupons = coupons;
	return kit_ring(c, who ? &member : NULL, number, &b);
}

static int ring(struct palier_ctx *c, unsigned who, const char *number, const char *code)
{
	return ring_basket(c, who, number, (struct kit_basket){ .no_auto = false }, code);
}

/* A sale that an offer takes 2.00 off; one that none does. */
#define assert_had(c, who, number, code) \
	do { \
		assert_int_equal(ring(c, who, number, code), PALIER_OK); \
		assert_int_equal(kit_payable(c), 800); \
	} while (0)
#define assert_not_had(c, who, number) \
	do { \
		assert_int_equal(ring(c, who, number, NULL), PALIER_OK); \
		assert_int_equal(kit_payable(c), 1000); \
	} while (0)

static int hold(struct palier_ctx *c, unsigned who, const char *name, const char *code, int64_t ttl_s)
{
	static const struct kit_line line = { .amount = 1000 };
	const char *const coupons[] = { code, NULL };
	const struct kit_basket b = { .lines = &line, .line_count = 1, .coupons = coupons };

	return kit_hold(c, kit_member(who), name, &b, NULL, 0, ttl_s);
}

static int issue(struct palier_ctx *c, const char *offer, int64_t count, uint32_t until)
{
	struct coupon_issue p = { .set = { 0, 0 } };

	PALIER_SET(&p, coupon_issue, offer, palier_str(offer));
	PALIER_SET(&p, coupon_issue, count, count);
	if (until)
		PALIER_SET(&p, coupon_issue, until, until);
	return kit_command(c, &method_coupon_issue, &p);
}

/* The first code of the command just decided. */
static const char *issued(struct palier_ctx *c, const char *offer)
{
	static char code[15];
	const char *list;

	assert_int_equal(issue(c, offer, 1, 0), PALIER_OK);
	list = kit_result(c);
	assert_int_equal(strlen(list), strlen("\"codes\":[\"ABCD-EFGH-JKMN\"]"));
	memcpy(code, list + strlen("\"codes\":[\""), 14);
	return code;
}

static int grant(struct palier_ctx *c, unsigned who, const char *offer, uint32_t until)
{
	struct offer_grant p = { .set = { 0, 0 } };

	PALIER_SET(&p, offer_grant, member, kit_member(who));
	PALIER_SET(&p, offer_grant, offer, palier_str(offer));
	if (until)
		PALIER_SET(&p, offer_grant, until, until);
	return kit_command(c, &method_offer_grant, &p);
}

/* --- single codes -------------------------------------------------------------------------------------------------- */

static void test_code_once(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_had(c, 0, "R1", code);
	assert_int_equal(ring(c, 0, "R2", code), PALIER_ECODE_SPENT);
	shop_end(c);
}

static void test_code_uses(void **state)
{
	struct palier_ctx *c = shop_new("offer flyer { codes = single uses = 2 " TWO_OFF "}");
	const char *code = issued(c, "flyer");

	(void)state;
	assert_had(c, 0, "R1", code);
	assert_had(c, 1, "R2", code);
	assert_int_equal(ring(c, 0, "R3", code), PALIER_ECODE_SPENT);
	shop_end(c);
}

static void test_code_typed(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	char typed[32];
	const char *code = issued(c, "flyer");
	size_t n = 0;

	(void)state;
	typed[n++] = ' ';
	for (; *code; code++) {
		if (*code == '0' || *code == '1')
			typed[n++] = *code == '0' ? 'o' : 'l';
		else if (*code != '-')
			typed[n++] = (char)(*code | (*code >= 'A' ? 0x20 : 0));
	}
	typed[n] = '\0';
	assert_had(c, 0, "R1", typed);
	shop_end(c);
}

/* Each wrong symbol, and each two that changed places, is a slip. */
static void test_code_slips(void **state)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");
	char typed[15];

	(void)state;
	for (size_t i = 0; i < 14; i++) {
		strcpy(typed, code);
		if (code[i] == '-')
			continue;
		typed[i] = symbols[((size_t)(strchr(symbols, code[i]) - symbols) + 7) % 32];
		assert_int_equal(ring(c, 0, "R1", typed), PALIER_ECODE_MALFORMED);
		if (i == 13 || code[i + 1] == '-' || code[i] == code[i + 1])
			continue;
		typed[i] = code[i + 1];
		typed[i + 1] = code[i];
		assert_int_equal(ring(c, 0, "R1", typed), PALIER_ECODE_MALFORMED);
	}
	assert_had(c, 0, "R1", code);
	shop_end(c);
}

static void test_code_never_issued(void **state)
{
	struct palier_ctx *elsewhere = shop_new(FLYER), *c = shop_new(FLYER);

	(void)state;
	assert_int_equal(ring(c, 0, "R1", issued(elsewhere, "flyer")), PALIER_ECODE_UNKNOWN);
	shop_end(c);
	shop_end(elsewhere);
}

static void test_codes_differ(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *list;

	(void)state;
	assert_int_equal(issue(c, "flyer", 50, 0), PALIER_OK);
	list = kit_result(c) + strlen("\"codes\":[\"");
	for (const char *a = list; a; a = strstr(a, ",\"") ? strstr(a, ",\"") + 2 : NULL)
		for (const char *b = list; b < a; b += 17)
			assert_int_not_equal(strncmp(a, b, 14), 0);
	assert_int_equal(strlen(list), 50 * 17 - 1);
	shop_end(c);
}

static void test_code_until(void **state)
{
	struct palier_ctx *c = shop_new("offer flyer { codes = single until = \"10 days\" " TWO_OFF "}");
	const char *code = issued(c, "flyer");

	(void)state;
	kit_clock(c, "2026-12-02T00:00:00+01:00");
	assert_int_equal(ring(c, 0, "R1", code), PALIER_ECODE_EXPIRED);
	kit_clock(c, "2026-12-01T23:59:59+01:00");
	assert_had(c, 0, "R1", code);
	assert_int_equal(issue(c, "flyer", 1, 20261202), PALIER_OK);
	kit_clock(c, "2026-12-03T12:00:00+01:00");
	assert_int_equal(ring(c, 0, "R2", issued(c, "flyer")), PALIER_OK);
	shop_end(c);
}

static void test_code_window_over(void **state)
{
	struct palier_ctx *c = shop_new("offer flyer { codes = single " TWO_OFF "when { until = \"2026-12-01\" } }");
	const char *code = issued(c, "flyer");

	(void)state;
	kit_clock(c, "2026-12-01T00:00:00+01:00");
	assert_int_equal(ring(c, 0, "R1", code), PALIER_ECODE_EXPIRED);
	shop_end(c);
}

static void test_code_loses(void **state)
{
	struct palier_ctx *c = shop_new(FLYER "offer a { auto = true stackable = false " TWO_OFF "}");
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(ring(c, 0, "R1", code), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(ring(c, 0, NULL, code), PALIER_OK);
	kit_reconfigure(c, "offers { " FLYER "}");
	assert_had(c, 0, "R1", code);
	shop_end(c);
}

/* A ticket that has happened is booked whatever became of its codes. */
static void test_code_loses_offline(void **state)
{
	struct palier_ctx *c = shop_new(FLYER "offer a { auto = true stackable = false " TWO_OFF "}");
	const char *code = issued(c, "flyer");

	(void)state;
	kit_offline(c, true);
	assert_int_equal(ring(c, 0, "R1", code), PALIER_OK);
	kit_offline(c, false);
	kit_reconfigure(c, "offers { " FLYER "}");
	assert_had(c, 0, "R2", code);
	shop_end(c);
}

static void test_code_withdrawn(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	kit_reconfigure(c, "offers { " GIFT "}");
	assert_int_equal(ring(c, 0, "R1", code), PALIER_EREWARD_UNAVAILABLE);
	shop_end(c);
}

static void test_codes_refused(void **state)
{
	struct palier_ctx *c = shop_new(FLYER GIFT);

	(void)state;
	assert_int_equal(issue(c, "leaflet", 1, 0), PALIER_EOFFER_UNKNOWN);
	assert_int_equal(issue(c, "gift", 1, 0), PALIER_EPARAMS);
	assert_int_equal(issue(c, "flyer", 1, 20261120), PALIER_EPARAMS);
	assert_int_equal(issue(c, "flyer", 1, 20261121), PALIER_OK);
	shop_end(c);
}

static void test_two_vouchers(void **state)
{
	static const struct kit_line line = { .amount = 1000 };
	struct palier_ctx *c = shop_new("offer flyer { codes = single " TWO_OFF "max { member = 3 } }");
	const struct palier_id member = kit_member(1);
	char one[15], two[15];
	const char *const both[] = { one, two, NULL };
	const struct kit_basket b = { .lines = &line, .line_count = 1, .coupons = both };

	(void)state;
	strcpy(one, issued(c, "flyer"));
	strcpy(two, issued(c, "flyer"));
	assert_int_equal(kit_ring(c, &member, "R1", &b), PALIER_OK);
	assert_string_equal(kit_discounts(c), "flyer 200 [200], flyer 200 [200]");
	strcpy(one, issued(c, "flyer"));
	strcpy(two, issued(c, "flyer"));
	assert_int_equal(kit_ring(c, &member, NULL, &b), PALIER_OK);
	assert_string_equal(kit_discounts(c), "flyer 200 [200]");
	assert_int_equal(kit_ring(c, &member, "R2", &b), PALIER_EREWARD_UNAVAILABLE);
	shop_end(c);
}

static void test_voucher_twice(void **state)
{
	static const struct kit_line line = { .amount = 1000 };
	struct palier_ctx *c = shop_new("offer flyer { codes = single uses = 2 " TWO_OFF "}");
	const char *code = issued(c, "flyer");
	char other[15];
	const char *const both[] = { code, other, NULL };

	(void)state;
	snprintf(other, sizeof(other), "%.4s%.4s%.4s", code, code + 5, code + 10);
	assert_int_equal(kit_ring(c, NULL, "R1", &(struct kit_basket){ .lines = &line, .line_count = 1, .coupons = both }),
		PALIER_ECODE_SPENT);
	shop_end(c);
}

static void test_code_freed(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_had(c, 0, "R1", code);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_had(c, 0, "R2", code);
	assert_int_equal(ring(c, 0, "R3", code), PALIER_ECODE_SPENT);
	shop_end(c);
}

static void test_code_returned(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_had(c, 0, "R1", code);
	assert_int_equal(kit_return(c, &(struct kit_return){ .sale = "R1", .number = "B1", .base = 800, .after = 800 },
				 NULL),
		PALIER_OK);
	assert_int_equal(ring(c, 0, "R2", code), PALIER_ECODE_SPENT);
	shop_end(c);
}

/* --- caps ---------------------------------------------------------------------------------------------------------- */

static void test_shared_capped(void **state)
{
	struct palier_ctx *c = shop_new(RADIO);

	(void)state;
	assert_had(c, 0, "R1", "RADIO");
	assert_had(c, 0, "R2", "radio");
	assert_int_equal(ring(c, 0, "R3", "RADIO"), PALIER_EREWARD_UNAVAILABLE);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_had(c, 0, "R4", "RADIO");
	shop_end(c);
}

static void test_cap_member(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { member = 1 } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_not_had(c, 1, "R2");
	assert_had(c, 2, "R3", NULL);
	assert_had(c, 0, "R4", NULL);
	assert_had(c, 0, "R5", NULL);
	shop_end(c);
}

static void test_cap_day(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { day = 1 } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_not_had(c, 1, "R2");
	kit_clock(c, "2026-11-22T00:00:00+01:00");
	assert_had(c, 1, "R3", NULL);
	shop_end(c);
}

static void test_cap_birthday(void **state)
{
	struct palier_ctx *c = shop_new("offer b { trigger = birthday days-after = 9 " TWO_OFF "max { member = 1 } }");

	(void)state;
	kit_person(c, 1)->person = (struct palier_person){ 20260101, 19901121, false };
	assert_had(c, 1, "R1", NULL);
	assert_not_had(c, 1, "R2");
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_had(c, 1, "R3", NULL);
	kit_clock(c, "2027-11-22T12:00:00+01:00");
	assert_had(c, 1, "R4", NULL);
	assert_not_had(c, 1, "R5");
	shop_end(c);
}

static void test_welcome_once(void **state)
{
	struct palier_ctx *c = shop_new("offer w { trigger = enroll " TWO_OFF "}");

	(void)state;
	kit_person(c, 1)->person.since = 20261101;
	assert_had(c, 1, "R1", NULL);
	assert_not_had(c, 1, "R2");
	kit_reconfigure(c, "offers { offer w { trigger = enroll " TWO_OFF "max { member = 2 } } }");
	assert_had(c, 1, "R3", NULL);
	assert_not_had(c, 1, "R4");
	shop_end(c);
}

static void test_win_back_anew(void **state)
{
	struct palier_ctx *c = shop_new("offer w { trigger = win-back after = \"3 months\" " TWO_OFF "}");
	struct kit_person *p = kit_person(c, 1);

	(void)state;
	p->person.profiling = true;
	p->facts.purchases = 1;
	assert_true(time_parse(PALIER_LIT("2026-08-21T12:00:00Z"), &p->facts.last_purchase_ms));
	assert_had(c, 1, "R1", NULL);
	assert_true(time_parse(PALIER_LIT("2026-11-21T11:00:00Z"), &p->facts.last_purchase_ms));
	assert_not_had(c, 1, "R2");
	kit_clock(c, "2027-02-20T12:00:00+01:00");
	assert_not_had(c, 1, "R3");
	kit_clock(c, "2027-02-21T12:00:00+01:00");
	assert_had(c, 1, "R4", NULL);
	shop_end(c);
}

static void test_caps_merge(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { member = 3 } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_had(c, 2, "R2", NULL);
	assert_int_equal(kit_merge(c, kit_member(1), kit_member(2)), PALIER_OK);
	assert_had(c, 2, "R3", NULL);
	assert_not_had(c, 2, "R4");
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_had(c, 2, "R5", NULL);
	shop_end(c);
}

static void test_caps_erased(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { member = 1 total = 2 } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_int_equal(grant(c, 1, "a", 0), PALIER_OK);
	assert_int_equal(kit_erase(c, kit_member(1)), PALIER_OK);
	assert_had(c, 0, "R2", NULL);
	assert_not_had(c, 0, "R3");
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_had(c, 0, "R4", NULL);
	shop_end(c);
}

/* --- what was granted ---------------------------------------------------------------------------------------------- */

static void test_grant_once(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_not_had(c, 1, "R1");
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_string_equal(kit_result(c), "");
	assert_not_had(c, 2, "R2");
	assert_not_had(c, 0, "R3");
	assert_had(c, 1, "R4", NULL);
	assert_not_had(c, 1, "R5");
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_had(c, 1, "R6", NULL);
	assert_not_had(c, 1, "R7");
	shop_end(c);
}

static void test_grant_not_automatic(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_int_equal(ring_basket(c, 1, "R1", (struct kit_basket){ .no_auto = true }, NULL), PALIER_OK);
	assert_int_equal(kit_payable(c), 1000);
	assert_had(c, 1, "R2", NULL);
	shop_end(c);
}

static void test_grant_refused(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "present", 0), PALIER_EOFFER_UNKNOWN);
	assert_int_equal(grant(c, 1, "gift", 20261120), PALIER_EPARAMS);
	shop_end(c);
}

static void test_grant_until(void **state)
{
	struct palier_ctx *c = shop_new(GIFT "offer week { until = \"7 days\" " TWO_OFF "}");

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 20261130), PALIER_OK);
	assert_int_equal(grant(c, 2, "week", 0), PALIER_OK);
	kit_clock(c, "2026-11-28T23:59:59+01:00");
	assert_had(c, 2, "R1", NULL);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	kit_clock(c, "2026-11-29T00:00:00+01:00");
	assert_not_had(c, 2, "R2");
	kit_clock(c, "2026-11-30T23:59:59+01:00");
	assert_had(c, 1, "R3", NULL);
	assert_int_equal(kit_void(c, "R3"), PALIER_OK);
	kit_clock(c, "2026-12-01T00:00:00+01:00");
	assert_not_had(c, 1, "R4");
	shop_end(c);
}

static void test_grant_sooner_first(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 20261231), PALIER_OK);
	assert_int_equal(grant(c, 1, "gift", 20261130), PALIER_OK);
	assert_string_equal(kit_lookup(c, kit_member(1)),
		"\"offers\":[{\"offer\":\"gift\",\"label\":\"gift\",\"until\":\"2026-12-31\"},"
		"{\"offer\":\"gift\",\"label\":\"gift\",\"until\":\"2026-11-30\"}]");
	assert_had(c, 1, "R1", NULL);
	assert_string_equal(kit_lookup(c, kit_member(1)),
		"\"offers\":[{\"offer\":\"gift\",\"label\":\"gift\",\"until\":\"2026-12-31\"}]");
	assert_had(c, 1, "R2", NULL);
	assert_not_had(c, 1, "R3");
	shop_end(c);
}

static void test_grant_condition(void **state)
{
	struct palier_ctx *c = shop_new("offer a { " TWO_OFF "when { spend-min = \"10.01\" } }");

	(void)state;
	assert_int_equal(grant(c, 1, "a", 0), PALIER_OK);
	assert_not_had(c, 1, "R1");
	shop_end(c);
}

static void test_grant_no_code(void **state)
{
	struct palier_ctx *c = shop_new(RADIO FLYER);

	(void)state;
	assert_int_equal(grant(c, 1, "radio", 0), PALIER_OK);
	assert_had(c, 1, "R1", NULL);
	assert_not_had(c, 1, "R2");
	assert_int_equal(grant(c, 1, "flyer", 0), PALIER_OK);
	assert_had(c, 1, "R3", NULL);
	assert_not_had(c, 1, "R4");
	shop_end(c);
}

static void test_grant_after_trigger(void **state)
{
	struct palier_ctx *c = shop_new("offer w { trigger = enroll " TWO_OFF "}");

	(void)state;
	kit_person(c, 1)->person.since = 20261101;
	assert_int_equal(grant(c, 1, "w", 0), PALIER_OK);
	assert_had(c, 1, "R1", NULL);
	assert_had(c, 1, "R2", NULL);
	assert_not_had(c, 1, "R3");
	shop_end(c);
}

static void test_grant_caps(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { member = 1 day = 1 total = 2 } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_int_equal(grant(c, 1, "a", 0), PALIER_OK);
	assert_int_equal(grant(c, 1, "a", 0), PALIER_OK);
	assert_had(c, 1, "R2", NULL);
	assert_not_had(c, 1, "R3");
	shop_end(c);
}

static void test_grant_freed(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 20261130), PALIER_OK);
	assert_had(c, 1, "R1", NULL);
	assert_int_equal(kit_merge(c, kit_member(1), kit_member(2)), PALIER_OK);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_string_equal(kit_lookup(c, kit_member(2)),
		"\"offers\":[{\"offer\":\"gift\",\"label\":\"gift\",\"until\":\"2026-11-30\"}]");
	assert_had(c, 2, "R2", NULL);
	assert_not_had(c, 2, "R3");
	shop_end(c);
}

static void test_grant_merge(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_int_equal(kit_merge(c, kit_member(1), kit_member(2)), PALIER_OK);
	assert_string_equal(kit_lookup(c, kit_member(1)), "\"offers\":[]");
	assert_had(c, 2, "R1", NULL);
	assert_int_equal(kit_merge(c, kit_member(3), kit_member(2)), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 0);
	shop_end(c);
}

static void test_grant_lapses(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 20261130), PALIER_OK);
	assert_int_equal(kit_close(c, 20261231, 20270101), 0);
	/* A sale of that time that comes in late is still given it. */
	kit_late(c, "2026-11-30T12:00:00+01:00", "2027-01-01T12:00:00+01:00");
	kit_offline(c, true);
	assert_had(c, 1, "R1", NULL);
	assert_int_equal(kit_void(c, "R1"), PALIER_OK);
	assert_int_equal(kit_close(c, 20270101, 20270102), 1);
	assert_not_had(c, 1, "R2");
	shop_end(c);
}

/* --- holds --------------------------------------------------------------------------------------------------------- */

static int capture(struct palier_ctx *c, unsigned who, const char *number, const char *name, bool same, const char *code)
{
	return ring_basket(c, who, number, (struct kit_basket){ .hold = name, .same = same }, code);
}

static void test_hold_reserves(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	assert_int_equal(ring(c, 2, "R1", code), PALIER_ECODE_SPENT);
	assert_int_equal(hold(c, 2, "h10", code, 900), PALIER_ECODE_SPENT);
	assert_int_equal(capture(c, 1, "R2", "h1", true, code), PALIER_OK);
	assert_int_equal(ring(c, 2, "R3", code), PALIER_ECODE_SPENT);
	assert_int_equal(kit_void(c, "R2"), PALIER_OK);
	assert_had(c, 2, "R4", code);
	shop_end(c);
}

static void test_hold_lapses(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	kit_clock(c, "2026-11-21T12:14:59+01:00");
	assert_int_equal(ring(c, 2, "R1", code), PALIER_ECODE_SPENT);
	assert_int_equal(kit_close(c, 20261121, 20261122), 0);
	kit_clock(c, "2026-11-21T12:15:00+01:00");
	assert_had(c, 2, "R1", code);
	assert_int_equal(kit_close(c, 20261121, 20261122), 1);
	assert_int_equal(kit_close(c, 20261122, 20261123), 0);
	shop_end(c);
}

static void test_hold_released(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	assert_int_equal(kit_release(c, kit_member(1), "h"), PALIER_OK);
	assert_int_equal(ring(c, 2, "R1", code), PALIER_ECODE_SPENT);
	assert_int_equal(kit_release(c, kit_member(1), "h1"), PALIER_OK);
	assert_had(c, 2, "R1", code);
	shop_end(c);
}

static void test_hold_other_basket(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	assert_int_equal(capture(c, 1, "R1", "h1", false, code), PALIER_OK);
	assert_int_equal(kit_payable(c), 800);
	assert_int_equal(ring(c, 2, "R2", code), PALIER_ECODE_SPENT);
	shop_end(c);
}

static void test_hold_left(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	assert_int_equal(capture(c, 1, "R1", "h1", false, NULL), PALIER_OK);
	assert_had(c, 2, "R2", code);
	shop_end(c);
}

static void test_hold_of_many_uses(void **state)
{
	struct palier_ctx *c = shop_new("offer flyer { codes = single uses = 2 " TWO_OFF "}");
	const char *code = issued(c, "flyer");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", code, 900), PALIER_OK);
	assert_had(c, 2, "R1", code);
	assert_int_equal(ring(c, 2, "R2", code), PALIER_ECODE_SPENT);
	assert_int_equal(capture(c, 1, "R3", "h1", true, code), PALIER_OK);
	shop_end(c);
}

static void test_hold_keeps_offer(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "max { member = 1 } }");

	(void)state;
	assert_int_equal(hold(c, 1, "h1", NULL, 900), PALIER_OK);
	assert_had(c, 1, "R1", NULL); /* caps are not held */
	kit_reconfigure(c, "offers { " GIFT "}");
	assert_int_equal(capture(c, 1, "R2", "h1", true, NULL), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 1);
	kit_reconfigure(c, "offers { offer a { auto = true " TWO_OFF "max { member = 2 } } }");
	assert_not_had(c, 1, "R3");
	assert_int_equal(kit_void(c, "R2"), PALIER_OK);
	assert_had(c, 1, "R4", NULL);
	shop_end(c);
}

static void test_hold_grant_gone(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_int_equal(hold(c, 1, "h1", NULL, 900), PALIER_OK);
	assert_had(c, 1, "R1", NULL);
	assert_int_equal(capture(c, 1, "R2", "h1", true, NULL), PALIER_OK);
	assert_int_equal(kit_void(c, "R2"), PALIER_OK);
	assert_not_had(c, 1, "R3");
	shop_end(c);
}

static void test_hold_takes_grant(void **state)
{
	struct palier_ctx *c = shop_new(GIFT);

	(void)state;
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_int_equal(hold(c, 1, "h1", NULL, 900), PALIER_OK);
	assert_int_equal(capture(c, 1, "R1", "h1", true, NULL), PALIER_OK);
	assert_not_had(c, 1, "R2");
	shop_end(c);
}

/* --- what is shown ------------------------------------------------------------------------------------------------- */

static void test_view(void **state)
{
	struct palier_ctx *c =
		shop_new("offer all { auto = true " TWO_OFF "}\n" FLYER RADIO "offer gold { auto = true " TWO_OFF
			 "when { tier = gold until = \"2026-12-21\" spend-min = \"99\" } label { fr = Or en = Gold } }\n"
			 "offer b { trigger = birthday days-before = 9 days-after = 2 " TWO_OFF "}\n"
			 "offer w { trigger = enroll until = \"30 days\" " TWO_OFF "}\n"
			 "offer silent { trigger = win-back after = \"9 days\" " TWO_OFF "}\n");

	(void)state;
	assert_string_equal(kit_lookup(c, kit_member(1)), "\"offers\":[]");
	*kit_person(c, 1) = (struct kit_person){ .person = { 20261101, 19901125, true },
		.facts = { .first_purchase_ms = 1, .last_purchase_ms = 1, .purchases = 1, .spend = 1 } };
	assert_int_equal(palier_fact_publish(c, kit_member(1), "tier", PALIER_LIT("gold")), PALIER_OK);
	assert_string_equal(kit_lookup(c, kit_member(1)),
		"\"offers\":[{\"offer\":\"gold\",\"label\":\"Or\",\"until\":\"2026-12-20\"},"
		"{\"offer\":\"b\",\"label\":\"b\",\"until\":\"2026-11-27\"},"
		"{\"offer\":\"w\",\"label\":\"w\",\"until\":\"2026-12-01\"},{\"offer\":\"silent\",\"label\":\"silent\"}]");
	kit_language(c, "en");
	assert_non_null(strstr(kit_lookup(c, kit_member(1)), "\"label\":\"Gold\""));
	shop_end(c);
}

static void test_quote(void **state)
{
	struct palier_ctx *c = shop_new("offer w { trigger = enroll " TWO_OFF "}\noffer gold { auto = true " TWO_OFF
					"when { tier = gold spend-min = \"99\" } }\n" GIFT);

	(void)state;
	*kit_person(c, 1) = (struct kit_person){ .person = { .since = 20261101 } };
	assert_int_equal(palier_fact_publish(c, kit_member(1), "tier", PALIER_LIT("gold")), PALIER_OK);
	assert_int_equal(grant(c, 1, "gift", 0), PALIER_OK);
	assert_int_equal(ring(c, 1, NULL, NULL), PALIER_OK);
	assert_string_equal(kit_discounts(c), "w 200 [200], gift 200 [200]");
	assert_string_equal(kit_reply(c, PALIER_REPLY_QUOTE), "\"offers\":[{\"offer\":\"gold\",\"label\":\"gold\"}]");
	assert_int_equal(ring_basket(c, 1, NULL, (struct kit_basket){ .no_auto = true }, NULL), PALIER_OK);
	assert_string_equal(kit_reply(c, PALIER_REPLY_QUOTE),
		"\"offers\":[{\"offer\":\"w\",\"label\":\"w\"},{\"offer\":\"gold\",\"label\":\"gold\"},"
		"{\"offer\":\"gift\",\"label\":\"gift\"}]");
	assert_int_equal(ring(c, 0, NULL, NULL), PALIER_OK);
	assert_string_equal(kit_reply(c, PALIER_REPLY_QUOTE), "\"offers\":[]");
	assert_int_equal(ring(c, 1, "R1", NULL), PALIER_OK);
	assert_string_equal(kit_reply(c, PALIER_REPLY_COMMIT), "");
	shop_end(c);
}

static void test_label(void **state)
{
	struct palier_ctx *c = shop_new("offer a { auto = true " TWO_OFF "label { en = Autumn } }");

	(void)state;
	assert_had(c, 1, "R1", NULL);
	assert_string_equal(kit_discounts(c), "a 200 [200]");
	shop_end(c);
}

static void test_check(void **state)
{
	struct palier_ctx *c = shop_new(FLYER);
	struct palier_key k = { .len = 0 };

	(void)state;
	assert_int_equal(hold(c, 1, "h1", issued(c, "flyer"), 900), PALIER_OK);
	assert_string_equal(kit_check(c), "");
	palier_key_raw(&k, "h2\0", 3);
	palier_key_raw(&k, "0123456789abcdef", 16);
	assert_int_equal(palier_put(kit_tables(c, 0), 2, &k, PALIER_LIT("12345678")), PALIER_OK);
	assert_string_equal(kit_check(c), "the codes that holds keep do not agree with those holds");
	kit_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define ROW(sentence, function) { sentence, function, NULL, NULL, NULL }
		ROW("a single code is used once", test_code_once),
		ROW("or as often as the offer says", test_code_uses),
		ROW("a code may be typed in any case, without hyphens, I and L for 1, O for 0", test_code_typed),
		ROW("a slip in a code is told", test_code_slips),
		ROW("a code that was never issued is unknown", test_code_never_issued),
		ROW("codes differ", test_codes_differ),
		ROW("a code ends with its last day", test_code_until),
		ROW("a code ends with its offer's window", test_code_window_over),
		ROW("a losing coupon is not used up, nor by a quote", test_code_loses),
		ROW("nor by a ticket that has happened", test_code_loses_offline),
		ROW("a code whose offer is no more cannot be had", test_code_withdrawn),
		ROW("no codes for what has none, nor for the past", test_codes_refused),
		ROW("two codes of one offer are two, within its caps", test_two_vouchers),
		ROW("one code sent twice is one, however it is written", test_voucher_twice),
		ROW("a void frees a code", test_code_freed),
		ROW("a return does not", test_code_returned),
		ROW("a shared code is capped, and a void frees the cap", test_shared_capped),
		ROW("max { member } binds each member, and nobody else", test_cap_member),
		ROW("max { day } binds a member on the store's date", test_cap_day),
		ROW("max { member } of a birthday counts per birthday", test_cap_birthday),
		ROW("a welcome is said once, unless max says otherwise", test_welcome_once),
		ROW("after a win-back the next silence starts anew", test_win_back_anew),
		ROW("a merge adds what both have had", test_caps_merge),
		ROW("an erased member's counts are gone, the total stays", test_caps_erased),
		ROW("what was granted is had once, and again when it is granted again", test_grant_once),
		ROW("auto = false leaves out what was granted", test_grant_not_automatic),
		ROW("what there is not, or for a day that is past, is not granted", test_grant_refused),
		ROW("a grant ends with its last day, or the offer's own span", test_grant_until),
		ROW("of two grants the one that ends first is taken", test_grant_sooner_first),
		ROW("what was granted keeps its condition", test_grant_condition),
		ROW("what was granted needs no code", test_grant_no_code),
		ROW("what is due by itself is not taken out of what was granted", test_grant_after_trigger),
		ROW("of the caps total alone binds what was granted", test_grant_caps),
		ROW("a void gives a grant back, to who the member is now", test_grant_freed),
		ROW("a merge moves what was granted", test_grant_merge),
		ROW("a grant lapses, once late sales have come in", test_grant_lapses),
		ROW("a hold keeps a code from others until it is captured", test_hold_reserves),
		ROW("a hold that lapses lets the code go", test_hold_lapses),
		ROW("a hold that is released lets the code go", test_hold_released),
		ROW("the commit of another basket uses the code that its hold keeps", test_hold_other_basket),
		ROW("what the commit does not use is free", test_hold_left),
		ROW("a hold keeps one of several uses", test_hold_of_many_uses),
		ROW("a hold keeps what applied, whatever the programme is by then, and counts it", test_hold_keeps_offer),
		ROW("what was granted and is gone since is not taken twice", test_hold_grant_gone),
		ROW("a captured hold takes what was granted", test_hold_takes_grant),
		ROW("the member view shows what is due, granted, or for members", test_view),
		ROW("a quote shows what did not apply", test_quote),
		ROW("a discount bears its offer's name", test_label),
		ROW("palier check compares codes with holds", test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
