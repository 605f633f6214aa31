/* SPDX-License-Identifier: Apache-2.0 */
/* What the head office orders about codes: keys and serials of the chain, codes that count no more. Two shops share a key where a test says so. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

extern const struct palier_plugin palier_plugin_points, palier_plugin_rewards, palier_plugin_offers, palier_plugin_referral;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_rewards, &palier_plugin_offers,
	&palier_plugin_referral, NULL };

#define SHOP \
	"points { unit points {} }\n" \
	"offers { offer flyer { codes = single  uses = 2  kind = amount  value = \"2.00\" } }\n" \
	"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  friend { unit = points  points = 3 } }\n"
#define KEY1 "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY2 "2222222222222222222222222222222222222222222222222222222222222222"

static struct palier_ctx *shop_new(void)
{
	struct palier_ctx *c = kit_new(plugins, SHOP);

	kit_clock(c, "2026-11-21T09:00:00Z");
	for (unsigned n = 1; n <= 6; n++)
		kit_person(c, n)->person = (struct palier_person){ .since = 20261121 };
	return c;
}

static void shop_end(struct palier_ctx *c)
{
	assert_true(kit_same(c));
	assert_string_equal(kit_check(c), "");
	kit_free(c);
}

/* --- orders --- */

static int key(struct palier_ctx *c, int64_t id, const char *hex)
{
	struct office_order o = { .set = { 0, 0 } };

	PALIER_SET(&o, office_order, order, PALIER_LIT("referral-key"));
	PALIER_SET(&o, office_order, id, id);
	PALIER_SET(&o, office_order, key, palier_str(hex));
	return kit_order(c, &o);
}

static int range(struct palier_ctx *c, int64_t first, int64_t last)
{
	struct office_order o = { .set = { 0, 0 } };

	PALIER_SET(&o, office_order, order, PALIER_LIT("referral-range"));
	PALIER_SET(&o, office_order, first, first);
	PALIER_SET(&o, office_order, last, last);
	return kit_order(c, &o);
}

static int block(struct palier_ctx *c, const char *code)
{
	struct office_order o = { .set = { 0, 0 } };

	PALIER_SET(&o, office_order, order, PALIER_LIT("block-code"));
	PALIER_SET(&o, office_order, code, palier_str(code));
	return kit_order(c, &o);
}

/* --- codes --- */

static void issue(struct palier_ctx *c, unsigned who, char out[17])
{
	struct referral_issue p = { .set = { 0, 0 } };
	const char *code;

	PALIER_SET(&p, referral_issue, member, kit_member(who));
	assert_int_equal(kit_command(c, &method_referral_issue, &p), PALIER_OK);
	code = strstr(kit_result(c), "\"code\":\"");
	assert_non_null(code);
	snprintf(out, 17, "%.16s", code + strlen("\"code\":\""));
}

static bool valid(struct palier_ctx *c, const char *code, const char *reason)
{
	struct referral_check p = { .set = { 0, 0 } };
	const char *answer;

	PALIER_SET(&p, referral_check, code, palier_str(code));
	answer = kit_answer(c, &method_referral_check, &p);
	if (reason)
		assert_non_null(strstr(answer, reason));
	return strstr(answer, "\"valid\":true") != NULL;
}

static int enroll(struct palier_ctx *c, unsigned who, const char *code)
{
	struct member_enroll p = { .set = { 0, 0 } };

	PALIER_SET(&p, member_enroll, referral, palier_str(code));
	return kit_enroll(c, kit_member(who), &p);
}

/* Which serial the newest code bears. */
static int64_t serial_of(struct palier_ctx *c, unsigned who)
{
	char code[17];
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;

	issue(c, who, code);
	palier_key_id(&k, kit_member(who));
	assert_int_equal(palier_get(kit_tables(c, 3), 3, &k, &value), PALIER_OK); /* its table "sponsor" */
	cut = palier_cut_of(value);
	palier_cut_uint(&cut, 2);
	return (int64_t)palier_cut_uint(&cut, 4);
}

/* --- tests --- */

static void codes_of_the_chain_are_genuine_everywhere(void **state)
{
	struct palier_ctx *a = shop_new(), *b = shop_new();
	char code[17];

	(void)state;
	assert_int_equal(key(a, 1, KEY1), PALIER_OK);
	issue(a, 1, code);
	assert_false(valid(b, code, "code_unknown"));
	assert_int_equal(key(b, 1, KEY1), PALIER_OK);
	assert_true(valid(b, code, NULL));
	assert_int_equal(enroll(b, 2, code), PALIER_OK);
	assert_non_null(strstr(kit_answer(b, &method_referral_queue, &(struct referral_queue){ .set = { 0, 0 } }),
		"\"sponsor_unknown\""));
	shop_end(a);
	shop_end(b);
}

static void a_new_key_leaves_the_old_codes_alone(void **state)
{
	struct palier_ctx *a = shop_new(), *b = shop_new();
	char own[17], old[17], new[17];

	(void)state;
	issue(a, 1, own); /* with the store's own key */
	assert_int_equal(key(a, 1, KEY1), PALIER_OK);
	assert_int_equal(key(b, 1, KEY1), PALIER_OK);
	issue(a, 2, old);
	assert_int_equal(key(a, 3, KEY2), PALIER_OK); /* there may be a gap */
	assert_int_equal(key(b, 3, KEY2), PALIER_OK);
	issue(a, 3, new);
	assert_true(valid(a, own, NULL) && valid(a, old, NULL) && valid(a, new, NULL));
	assert_true(valid(b, old, NULL) && valid(b, new, NULL));
	issue(a, 2, new); /* the same as long as it lives */
	assert_string_equal(new, old);
	shop_end(a);
	shop_end(b);
}

static void a_key_is_not_replaced(void **state)
{
	struct palier_ctx *c = shop_new();

	(void)state;
	assert_int_equal(key(c, 1, KEY1), PALIER_OK);
	assert_int_equal(key(c, 1, KEY1), PALIER_OK);
	assert_int_equal(kit_event(c)->effect_count, 0);
	assert_int_equal(key(c, 1, KEY2), PALIER_EREQUEST_CONFLICT);
	assert_int_equal(key(c, 0, KEY2), PALIER_EPARAMS);
	assert_int_equal(key(c, 2, "zz11111111111111111111111111111111111111111111111111111111111111"), PALIER_EPARAMS);
	shop_end(c);
}

static void serials_are_those_of_the_range(void **state)
{
	struct palier_ctx *c = shop_new();
	int64_t first;

	(void)state;
	assert_int_equal(range(c, 9, 8), PALIER_EPARAMS);
	assert_int_equal(range(c, 1000, 1999), PALIER_OK);
	first = serial_of(c, 1);
	assert_true(first >= 1000 && first <= 1999);
	assert_int_equal(range(c, 1000, 1999), PALIER_OK); /* again: it does not begin again */
	assert_int_equal(kit_event(c)->effect_count, 0);
	assert_true(serial_of(c, 2) > first);
	assert_int_equal(range(c, 1000, 2999), PALIER_OK); /* one that overlaps: no serial is used twice */
	assert_true(serial_of(c, 3) > serial_of(c, 2));
	shop_end(c);
}

static void a_blocked_code_counts_no_more(void **state)
{
	struct palier_ctx *a = shop_new(), *b = shop_new();
	char code[17], another[17];

	(void)state;
	assert_int_equal(key(a, 1, KEY1), PALIER_OK);
	assert_int_equal(key(b, 1, KEY1), PALIER_OK);
	issue(a, 1, code);
	assert_int_equal(enroll(b, 2, code), PALIER_OK);
	assert_int_equal(block(a, code), PALIER_OK);
	assert_int_equal(block(b, code), PALIER_OK);
	assert_int_equal(block(b, code), PALIER_OK);
	assert_false(valid(a, code, "code_expired"));
	assert_false(valid(b, code, "code_expired"));
	assert_int_equal(enroll(b, 3, code), PALIER_ECODE_EXPIRED);
	issue(a, 1, another);
	assert_string_not_equal(another, code);
	assert_true(valid(b, another, NULL));
	assert_int_equal(block(a, "7QK4-M2ZP-9A3C-0"), PALIER_ENOENT); /* its check symbol is wrong: nobody's */
	shop_end(a);
	shop_end(b);
}

static int buy(struct palier_ctx *c, const char *coupon)
{
	const char *const coupons[] = { coupon, NULL };
	const struct kit_line line = { .amount = 1000 };

	return kit_ring(c, NULL, "T1", &(struct kit_basket){ .lines = &line, .line_count = 1, .coupons = coupons });
}

static void a_blocked_coupon_counts_no_more(void **state)
{
	struct coupon_issue p = { .set = { 0, 0 } };
	struct palier_ctx *c = shop_new();
	char code[15];

	(void)state;
	PALIER_SET(&p, coupon_issue, offer, PALIER_LIT("flyer"));
	PALIER_SET(&p, coupon_issue, count, 1);
	assert_int_equal(kit_command(c, &method_coupon_issue, &p), PALIER_OK);
	snprintf(code, sizeof(code), "%.14s", kit_result(c) + strlen("\"codes\":[\""));
	assert_int_equal(buy(c, code), PALIER_OK);
	assert_int_equal(block(c, code), PALIER_OK);
	assert_int_equal(buy(c, code), PALIER_ECODE_EXPIRED);
	assert_int_equal(kit_void(c, "T1"), PALIER_OK); /* gives a use back, and no life */
	assert_int_equal(buy(c, code), PALIER_ECODE_EXPIRED);
	shop_end(c);
}

static void a_coupon_of_another_store_is_passed_over(void **state)
{
	struct palier_ctx *a = shop_new(), *b = shop_new();
	struct coupon_issue p = { .set = { 0, 0 } };
	char code[15];

	(void)state;
	PALIER_SET(&p, coupon_issue, offer, PALIER_LIT("flyer"));
	PALIER_SET(&p, coupon_issue, count, 1);
	assert_int_equal(kit_command(a, &method_coupon_issue, &p), PALIER_OK);
	snprintf(code, sizeof(code), "%.14s", kit_result(a) + strlen("\"codes\":[\""));
	assert_int_equal(block(b, code), PALIER_OK);
	assert_int_equal(kit_event(b)->effect_count, 0);
	shop_end(a);
	shop_end(b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_the_chain_are_genuine_everywhere),
		cmocka_unit_test(a_new_key_leaves_the_old_codes_alone),
		cmocka_unit_test(a_key_is_not_replaced),
		cmocka_unit_test(serials_are_those_of_the_range),
		cmocka_unit_test(a_blocked_code_counts_no_more),
		cmocka_unit_test(a_blocked_coupon_counts_no_more),
		cmocka_unit_test(a_coupon_of_another_store_is_passed_over),
	};

	return cmocka_run_group_tests_name("code_orders", tests, NULL, NULL);
}
