/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of a request, and of the replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/rpc.h"

static const struct rpc_case {
	const char *name, *line;
	int err;
	const char *id, *method, *field, *text;
} cases[] = {
	{ "a request with params", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a.b\",\"params\":{\"c\":1}}", PALIER_OK, "1",
		"a.b", "", "" },
	{ "a request without params", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a.b\"}", PALIER_OK, "1", "a.b", "", "" },
	{ "an id is kept as written", "{\"method\":\"m\",\"id\":\"\\u0041 1\",\"jsonrpc\":\"2.0\"}", PALIER_OK,
		"\"\\u0041 1\"", "m", "", "" },
	{ "an empty string is an id", "{\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"m\"}", PALIER_OK, "\"\"", "m", "", "" },
	{ "a negative id", "{\"jsonrpc\":\"2.0\",\"id\":-7,\"method\":\"m\"}", PALIER_OK, "-7", "m", "", "" },
	{ "an escaped method is the same method", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\u006d\"}", PALIER_OK, "1",
		"m", "", "" },
	{ "an escaped member is the same member", "{\"jsonrpc\":\"2.0\",\"i\\u0064\":1,\"method\":\"m\"}", PALIER_OK, "1",
		"m", "", "" },
	{ "a batch", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}]", PALIER_EREQUEST, "", "", "",
		"no batches: one request is one line" },
	{ "a line that is no object", "1", PALIER_EREQUEST, "", "", "", "a request is an object" },
	{ "an empty object", "{}", PALIER_EREQUEST, "", "", "jsonrpc", "jsonrpc must be \"2.0\"" },
	{ "no version", "{\"id\":1,\"method\":\"m\"}", PALIER_EREQUEST, "1", "m", "jsonrpc", "jsonrpc must be \"2.0\"" },
	{ "a number for the version", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", PALIER_EREQUEST, "1", "m", "jsonrpc",
		"jsonrpc must be \"2.0\"" },
	{ "another version", "{\"jsonrpc\":\"2.00\",\"id\":1,\"method\":\"m\"}", PALIER_EREQUEST, "1", "m", "jsonrpc",
		"jsonrpc must be \"2.0\"" },
	{ "no id", "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", PALIER_EREQUEST, "", "m", "id",
		"id is required: there are no notifications" },
	{ "a null id", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", PALIER_EREQUEST, "", "m", "id",
		"id must be a string or an integer" },
	{ "a fraction for an id", "{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"m\"}", PALIER_EREQUEST, "", "m", "id",
		"id must be a string or an integer" },
	{ "an object for an id", "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"m\"}", PALIER_EREQUEST, "", "m", "id",
		"id must be a string or an integer" },
	{ "no method", "{\"jsonrpc\":\"2.0\",\"id\":1}", PALIER_EREQUEST, "1", "", "method", "method must be a string" },
	{ "a number for a method", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}", PALIER_EREQUEST, "1", "", "method",
		"method must be a string" },
	{ "params by position", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[1]}", PALIER_EPARAMS, "1", "m",
		"params", "params must be an object: named params only" },
	{ "null params", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":null}", PALIER_EREQUEST, "1", "m",
		"params", "params must be an object: named params only" },
	{ "an unknown member", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"meta\":{}}", PALIER_EREQUEST, "1", "m", "",
		"a request has jsonrpc, id, method and params, and nothing else" },
	{ "an unknown member before the id does not hide it",
		"{\"x\":[{}],\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\"9\"}", PALIER_EREQUEST, "\"9\"", "m", "",
		"a request has jsonrpc, id, method and params, and nothing else" },
};

static void reads(void **state)
{
	const struct rpc_case *c = *state;
	struct json_token tokens[64];
	struct json_doc d = { .tokens = tokens, .capacity = 64 };
	struct palier_arena a = { 0 };
	struct palier_problem why = { 0 };
	struct rpc_request r;

	assert_int_equal(json_parse(&d, palier_str(c->line), 32), PALIER_OK);
	assert_int_equal(rpc_read(&d, &a, &r, &why), c->err);
	assert_int_equal(why.err, c->err);
	assert_true(palier_is(r.id, c->id));
	assert_true(palier_is(r.method, c->method));
	assert_string_equal(why.field, c->field);
	assert_string_equal(why.text, c->text);
	palier_arena_deinit(&a);
}

static void the_token_of_params_is_found(void **state)
{
	struct json_token tokens[64];
	struct json_doc d = { .tokens = tokens, .capacity = 64 };
	struct palier_arena a = { 0 };
	struct palier_problem why;
	struct rpc_request r;

	(void)state;
	assert_int_equal(json_parse(&d, PALIER_LIT("{\"params\":{\"a\":1},\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}"),
				 32),
		PALIER_OK);
	assert_int_equal(rpc_read(&d, &a, &r, &why), PALIER_OK);
	assert_true(palier_is(json_text(&d, r.params), "{\"a\":1}"));
	assert_int_equal(json_parse(&d, PALIER_LIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}"), 32), PALIER_OK);
	assert_int_equal(rpc_read(&d, &a, &r, &why), PALIER_OK);
	assert_int_equal(r.params, 0);
	palier_arena_deinit(&a);
}

static const struct error_case {
	const char *name, *id;
	struct palier_problem why;
	const char *extra, *line;
} errors[] = {
	{ "an error says code, message, reason and whether to try again", "7", { PALIER_ECARD_UNKNOWN, "", "" }, "",
		"{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32002,\"message\":\"no such card\","
		"\"data\":{\"reason\":\"card_unknown\",\"retryable\":false}}}\n" },
	{ "its own sentence goes before the table's", "\"a\"", { PALIER_EPARAMS, "lines[2].sku", "sku is \"required\"" }, "",
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":-32602,\"message\":\"sku is \\\"required\\\"\","
		"\"data\":{\"reason\":\"params_invalid\",\"field\":\"lines[2].sku\",\"retryable\":false}}}\n" },
	{ "a line that cannot be answered gets a null id", "", { PALIER_EPARSE, "", "" }, "",
		"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"the line is not valid JSON\","
		"\"data\":{\"reason\":\"parse_error\",\"retryable\":false}}}\n" },
	{ "more data follows", "1", { PALIER_ETHROTTLED, "", "" }, "\"retry_after_ms\":500",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32001,\"message\":\"too many misses; wait a moment\","
		"\"data\":{\"reason\":\"throttled\",\"retryable\":true,\"retry_after_ms\":500}}}\n" },
	{ "what has no reason of its own goes out as internal", "1", { PALIER_ESTORE, "", "" }, "",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":\"the index could not be read or "
		"written\","
		"\"data\":{\"reason\":\"internal\",\"retryable\":true}}}\n" },
};

static void writes(void **state)
{
	const struct error_case *c = *state;
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);

	rpc_error(&w, palier_str(c->id), &c->why, palier_str(c->extra));
	palier_buffer_add(&out, "", 1);
	assert_string_equal(out.at, c->line);
	palier_buffer_deinit(&out);
}

static void results_follow_each_other(void **state)
{
	struct palier_buffer out = { 0 };
	struct palier_json w = palier_json_to(&out);

	(void)state;
	for (int i = 0; i < 2; i++) {
		rpc_begin_result(&w, PALIER_LIT("\"a\""));
		palier_json_int(&w, i);
		rpc_end(&w);
	}
	palier_buffer_add(&out, "", 1);
	assert_string_equal(out.at,
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":0}\n{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":1}\n");
	palier_buffer_deinit(&out);
}

int main(void)
{
	enum { READS = sizeof(cases) / sizeof(*cases), WRITES = sizeof(errors) / sizeof(*errors) };
	struct CMUnitTest tests[READS + WRITES + 2] = { cmocka_unit_test(the_token_of_params_is_found),
		cmocka_unit_test(results_follow_each_other) };

	for (size_t i = 0; i < READS; i++)
		tests[2 + i] = (struct CMUnitTest){ .name = cases[i].name,
			.test_func = reads,
			.initial_state = (void *)(uintptr_t)&cases[i] };
	for (size_t i = 0; i < WRITES; i++)
		tests[2 + READS + i] = (struct CMUnitTest){ .name = errors[i].name,
			.test_func = writes,
			.initial_state = (void *)(uintptr_t)&errors[i] };
	return cmocka_run_group_tests_name("rpc", tests, NULL, NULL);
}
