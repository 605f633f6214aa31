/* SPDX-License-Identifier: Apache-2.0 */
/* What the load generator accepts: as a good reply, from either server, and as its command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/bench/compare.h"
#include "tools/bench/options.h"

/* The reply is judged as the one to request 7. */
static const struct judge_case {
	const char *name;
	const struct target *target;
	const char *in;
	enum verdict verdict;
	size_t rest; /* bytes after the reply */
	const char *reason;
} cases[] = {
	{ "palier: a result with the request's id is good", &palier_target,
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"a\":1}}\n", VERDICT_OK, 0, "" },
	{ "palier: a result spaced in another way is good", &palier_target, "{ \"id\": 7, \"result\": {} }\n", VERDICT_OK, 0,
		"" },
	{ "palier: only the first line is judged", &palier_target,
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n{\"jsonrpc\"", VERDICT_OK, 10, "" },
	{ "palier: a reply to another request is wrong", &palier_target, "{\"jsonrpc\":\"2.0\",\"id\":71,\"result\":{}}\n",
		VERDICT_ERROR, 0, "wrong_id" },
	{ "palier: an error is counted by its reason", &palier_target,
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32002,\"message\":\"\",\"data\":{\"reason\":\"card_"
		"unknown\"}}}\n",
		VERDICT_ERROR, 0, "card_unknown" },
	{ "palier: neither result nor error is wrong", &palier_target, "{\"jsonrpc\":\"2.0\",\"id\":7}\n", VERDICT_ERROR, 0,
		"no_result" },
	{ "palier: a line that is not JSON is wrong", &palier_target, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}\n",
		VERDICT_ERROR, 0, "not_json" },
	{ "redis: a status is good", &redis_target, "+PONG\r\n", VERDICT_OK, 0, "" },
	{ "redis: a number is good", &redis_target, ":1200\r\n", VERDICT_OK, 0, "" },
	{ "redis: a bulk is good", &redis_target, "$5\r\na\r\nbc\r\n", VERDICT_OK, 0, "" },
	{ "redis: an array ends with its last element", &redis_target, "*2\r\n$1\r\na\r\n$2\r\nbc\r\n+PONG\r\n", VERDICT_OK,
		7, "" },
	{ "redis: an array within an array is read to its end", &redis_target, "*2\r\n*1\r\n:1\r\n:2\r\n", VERDICT_OK, 0,
		"" },
	{ "redis: a key that is not there is wrong", &redis_target, "$-1\r\n", VERDICT_ERROR, 0, "empty" },
	{ "redis: a hash that is not there is wrong", &redis_target, "*0\r\n", VERDICT_ERROR, 0, "empty" },
	{ "redis: an error is counted by its first word", &redis_target, "-NOSCRIPT No matching script.\r\n", VERDICT_ERROR,
		0, "NOSCRIPT" },
	{ "redis: what is no RESP loses the connection", &redis_target, "HTTP/1.1 400\r\n", VERDICT_LOST, 0, "" },
};

/* Whole, and cut short before every byte: a piece of a reply is never judged. */
static void check_judge(void **state)
{
	const struct judge_case *c = *state;
	size_t len = strlen(c->in) - c->rest, whole = c->verdict == VERDICT_LOST ? 0 : len;
	struct reply reply = { 0 };

	for (size_t n = 0; n < whole; n++) {
		char *piece = malloc(n + 1);
		struct reply none = { 0 };

		assert_non_null(piece);
		memcpy(piece, c->in, n);
		assert_int_equal(c->target->judge(palier_bytes_of(piece, n), 7, &none), VERDICT_MORE);
		free(piece);
	}
	assert_int_equal(c->target->judge(palier_str(c->in), 7, &reply), c->verdict);
	if (c->verdict == VERDICT_LOST)
		return;
	assert_int_equal(reply.len, len);
	assert_true(palier_is(reply.reason, c->reason));
}

static void check_cards(void **state)
{
	char card[14];

	(void)state;
	bench_card(0, card);
	assert_string_equal(card, "2900000000001");
	bench_card(123456, card);
	assert_string_equal(card, "2900001234566");
}

/* One argument, or two apart by a space. */
static const struct options_case {
	const char *name, *line;
	int err;
	uint64_t connections, lookups, sales;
} options_cases[] = {
	{ "without options it is 80 lookups to 20 sales", "", PALIER_OK, 0, 80, 20 },
	{ "a value stands behind a space", "--connections 64", PALIER_OK, 64, 80, 20 },
	{ "a value stands behind an equals sign", "--connections=64", PALIER_OK, 64, 80, 20 },
	{ "a mix replaces the usual one whole", "--mix sale=3", PALIER_OK, 0, 0, 3 },
	{ "a mix names several kinds", "--mix lookup=1,sale=2", PALIER_OK, 0, 1, 2 },
	{ "a mix of nothing is refused", "--mix sale=0", PALIER_EINVAL, 0, 0, 0 },
	{ "an unknown kind is refused", "--mix sales=1", PALIER_EINVAL, 0, 0, 0 },
	{ "Redis' own kind is refused", "--mix get=1", PALIER_EINVAL, 0, 0, 0 },
	{ "a mix that ends in a comma is refused", "--mix sale=1,", PALIER_EINVAL, 0, 0, 0 },
	{ "several numbers of connections are refused without a comparison", "--connections 1,16", PALIER_EINVAL, 0, 0, 0 },
	{ "a figure below its least is refused", "--depth 0", PALIER_EINVAL, 0, 0, 0 },
	{ "a figure above its most is refused", "--depth 1025", PALIER_EINVAL, 0, 0, 0 },
	{ "a figure with a tail is refused", "--depth 1k", PALIER_EINVAL, 0, 0, 0 },
	{ "a figure of 2^64 + 1 is not taken for 1", "--depth 18446744073709551617", PALIER_EINVAL, 0, 0, 0 },
	{ "a value is missing", "--depth", PALIER_EINVAL, 0, 0, 0 },
	{ "a flag takes no value", "--json=1", PALIER_EINVAL, 0, 0, 0 },
	{ "an unknown option is refused", "--dept 1", PALIER_EINVAL, 0, 0, 0 },
	{ "a word without dashes is refused", "depth 1", PALIER_EINVAL, 0, 0, 0 },
};

static void check_options(void **state)
{
	const struct options_case *c = *state;
	struct options o = { .depth = 0 };
	char line[256], why[160], *argv[3] = { line, NULL, NULL }, *space;
	int argc = 1;

	snprintf(line, sizeof(line), "%s", c->line);
	space = strchr(line, ' ');
	if (*line)
		argv[argc++] = line;
	if (space) {
		*space = '\0';
		argv[argc++] = space + 1;
	}
	assert_int_equal(options_read(argc, argv, &o, why), c->err);
	assert_int_equal(o.connections[0], c->connections);
	assert_int_equal(o.mix[KIND_LOOKUP], c->lookups);
	assert_int_equal(o.mix[KIND_SALE], c->sales);
}

static void check_spread(void **state)
{
	const uint64_t figures[] = { 50, 10, 40, 20, 30 };
	struct spread s = spread_of(figures, 5);

	(void)state;
	assert_int_equal(s.median, 30);
	assert_int_equal(s.least, 10);
	assert_int_equal(s.most, 50);
}

#define CASES         (sizeof(cases) / sizeof(cases[0]))
#define OPTIONS_CASES (sizeof(options_cases) / sizeof(options_cases[0]))

int main(void)
{
	struct CMUnitTest tests[CASES + OPTIONS_CASES + 2];
	size_t n = 0;

	for (size_t i = 0; i < CASES; i++)
		tests[n++] = (struct CMUnitTest){ cases[i].name, check_judge, NULL, NULL, (void *)&cases[i] };
	for (size_t i = 0; i < OPTIONS_CASES; i++)
		tests[n++] =
			(struct CMUnitTest){ options_cases[i].name, check_options, NULL, NULL, (void *)&options_cases[i] };
	tests[n++] = (struct CMUnitTest){ "a member's card is an EAN-13 of prefix 29", check_cards, NULL, NULL, NULL };
	tests[n++] =
		(struct CMUnitTest){ "a spread is the middle, the least and the greatest", check_spread, NULL, NULL, NULL };
	return _cmocka_run_group_tests("bench", tests, n, NULL, NULL);
}
