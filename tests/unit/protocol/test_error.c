/* SPDX-License-Identifier: Apache-2.0 */
/* The error table against the promises of its header and of the protocol's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/error.h"

/* The protocol page's table of errors. */
static const struct promise {
	int code;
	const char *reason;
	bool retryable;
} promises[] = {
	{ -32700, "parse_error", false },
	{ -32600, "request_invalid", false },
	{ -32601, "method_unknown", false },
	{ -32602, "params_invalid", false },
	{ -32603, "internal", true },
	{ -32001, "unauthorized", false },
	{ -32001, "forbidden", false },
	{ -32001, "throttled", true },
	{ -32002, "card_malformed", false },
	{ -32002, "card_unknown", false },
	{ -32002, "card_blocked", false },
	{ -32002, "card_in_use", false },
	{ -32003, "member_unknown", false },
	{ -32003, "member_exists", false },
	{ -32003, "member_frozen", false },
	{ -32003, "member_erased", false },
	{ -32004, "sale_unknown", false },
	{ -32004, "sale_exists", false },
	{ -32004, "return_exceeds_sale", false },
	{ -32004, "total_mismatch", false },
	{ -32005, "insufficient_points", false },
	{ -32005, "proof_needed", false },
	{ -32005, "proof_wrong", false },
	{ -32005, "unit_unknown", false },
	{ -32005, "reward_unknown", false },
	{ -32005, "reward_unavailable", false },
	{ -32005, "hold_unknown", false },
	{ -32005, "hold_expired", false },
	{ -32005, "hold_resolved", false },
	{ -32006, "code_malformed", false },
	{ -32006, "code_unknown", false },
	{ -32006, "code_expired", false },
	{ -32006, "code_spent", false },
	{ -32006, "self_referral", false },
	{ -32006, "not_a_new_customer", false },
	{ -32006, "referral_unknown", false },
	{ -32006, "suggestion_unknown", false },
	{ -32006, "offer_unknown", false },
	{ -32007, "request_conflict", false },
	{ -32007, "request_missing", false },
	{ -32007, "clock", false },
	{ -32008, "storage_full", true },
	{ -32008, "read_only", true },
	{ -32008, "stopping", true },
	{ -32009, "batch_unknown", false },
	{ -32009, "day_unknown", false },
	{ -32009, "day_closed", false },
};

#define PROMISES (sizeof(promises) / sizeof(*promises))

static void check_promise(void **state)
{
	const struct promise *p = *state;
	int err = palier_error_of_reason(p->reason, strlen(p->reason));
	const struct palier_error_info *info = palier_error_info(err);

	assert_string_equal(info->reason, p->reason);
	assert_int_equal(info->code, p->code);
	assert_int_equal(info->retryable, p->retryable);
}

static void every_reason_is_promised(void **state)
{
	(void)state;
	for (int row = 1; row < (int)PALIER_ERROR_ROWS; row++) {
		size_t i = 0;

		while (i < PROMISES && strcmp(promises[i].reason, palier_error_info(-row)->reason) != 0)
			i++;
		assert_true(i < PROMISES);
		assert_int_equal(palier_error_info(-row)->code, promises[i].code);
	}
}

static void names_are_unique(void **state)
{
	(void)state;
	for (int a = 0; a < (int)PALIER_ERROR_ROWS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(palier_error_info(-a)->name, palier_error_info(-b)->name);
}

static void exit_codes_of_the_trade_are_unique(void **state)
{
	(void)state;
	for (int a = 1; a < (int)PALIER_ERROR_ROWS; a++) {
		if (palier_error_info(-a)->code > -32002 || palier_error_info(-a)->code < -32099)
			continue;
		for (int b = 1; b < (int)PALIER_ERROR_ROWS; b++)
			if (a != b)
				assert_int_not_equal(palier_error_info(-a)->exit_code, palier_error_info(-b)->exit_code);
	}
}

static void exit_codes_are_a_program_s(void **state)
{
	(void)state;
	for (int row = 1; row < (int)PALIER_ERROR_ROWS; row++)
		assert_in_range(palier_error_info(-row)->exit_code, 1, 125);
}

static void ok_is_no_error(void **state)
{
	(void)state;
	assert_string_equal(palier_error_info(PALIER_OK)->name, "OK");
	assert_int_equal(palier_error_info(PALIER_OK)->exit_code, 0);
}

static void codes_find_their_rows(void **state)
{
	(void)state;
	assert_string_equal(palier_error_info(PALIER_EPARSE)->name, "PARSE");
	assert_string_equal(palier_error_info(PALIER_ECARD_UNKNOWN)->name, "CARD_UNKNOWN");
	assert_string_equal(palier_error_info(PALIER_EUNREACHABLE)->name, "UNREACHABLE");
	assert_string_equal(palier_error_info(PALIER_ESTORE)->reason, "internal");
	assert_string_equal(palier_error_info(PALIER_ERANGE)->reason, "params_invalid");
}

static void unknown_codes_and_reasons_are_internal(void **state)
{
	(void)state;
	assert_string_equal(palier_error_info(1)->name, "INTERNAL");
	assert_string_equal(palier_error_info(-(int)PALIER_ERROR_ROWS)->name, "INTERNAL");
	assert_string_equal(palier_error_info(INT32_MIN)->name, "INTERNAL");
	assert_int_equal(palier_error_of_reason("nonsense", 8), PALIER_EINTERNAL);
	assert_int_equal(palier_error_of_reason("", 0), PALIER_EINTERNAL);
	assert_int_equal(palier_error_of_reason("card_unknown", 8), PALIER_EINTERNAL);
	assert_int_equal(palier_error_of_reason("params_invalid", 14), PALIER_EPARAMS);
}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(every_reason_is_promised),
	cmocka_unit_test(names_are_unique),
	cmocka_unit_test(exit_codes_of_the_trade_are_unique),
	cmocka_unit_test(exit_codes_are_a_program_s),
	cmocka_unit_test(ok_is_no_error),
	cmocka_unit_test(codes_find_their_rows),
	cmocka_unit_test(unknown_codes_and_reasons_are_internal),
};

int main(void)
{
	static struct CMUnitTest tests[PROMISES + sizeof(others) / sizeof(*others)];

	for (size_t i = 0; i < PROMISES; i++)
		tests[i] = (struct CMUnitTest){ promises[i].reason, check_promise, NULL, NULL, (void *)&promises[i] };
	memcpy(tests + PROMISES, others, sizeof(others));
	return _cmocka_run_group_tests("error", tests, sizeof(tests) / sizeof(*tests), NULL, NULL);
}
