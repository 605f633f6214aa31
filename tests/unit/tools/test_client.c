/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a canned daemon: answers, refusals, and what is sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "protocol/client.h"
#include "tests/unit/tools/fake_server.h"

#define OK      "\"result\":{\"due\":1250}"
#define SESSION "\"result\":{\"protocol\":1,\"store\":{\"currency\":\"EUR\"},\"till\":\"till-1\"}"
#define REFUSAL(code, reason, retryable) \
	"\"error\":{\"code\":" code ",\"message\":\"a sentence\",\"data\":{\"reason\":\"" reason \
	"\",\"retryable\":" retryable "}}"

/* More than the parser compares pair by pair. */
#define MANY \
	"\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1"

#define DROP \
	{ \
		.act = FAKE_DROP \
	}
#define SILENT \
	{ \
		.act = FAKE_SILENT \
	}
#define SAY(text) \
	{ \
		FAKE_ANSWER, text \
	}
#define END \
	{ \
		.act = FAKE_END \
	}

static const struct call_case {
	const char *name;
	struct fake_step script[8];
	int lines, connections; /* that the server saw */
	int err;                /* of palier_call */
	const char *reason;     /* NULL: none */
	const char *till;       /* signs in when given */
	bool no_retries;
} calls[] = {
	{ "a call is answered", { SAY(OK) }, 1, 1, .err = PALIER_OK },
	{ "a refusal is returned at once, with its reason", { SAY(REFUSAL("-32002", "card_unknown", "false")) }, 1, 1,
		.err = PALIER_ECARD_UNKNOWN, .reason = "card_unknown" },
	{ "a throttled call is not sent again, retryable as it is", { SAY(REFUSAL("-32001", "throttled", "true")) }, 1, 1,
		.err = PALIER_ETHROTTLED, .reason = "throttled" },
	{ "a full disk is tried again", { SAY(REFUSAL("-32008", "storage_full", "true")), SAY(OK) }, 2, 1,
		.err = PALIER_OK },
	{ "a full disk that is not retryable is returned", { SAY(REFUSAL("-32008", "storage_full", "false")) }, 1, 1,
		.err = PALIER_ESTORAGE_FULL, .reason = "storage_full" },
	{ "a stopping daemon is left and called anew", { SAY(REFUSAL("-32008", "stopping", "true")), SAY(OK) }, 2, 2,
		.err = PALIER_OK },
	{ "retries end",
		{ SAY(REFUSAL("-32008", "read_only", "true")), SAY(REFUSAL("-32008", "read_only", "true")),
			SAY(REFUSAL("-32008", "read_only", "true")) },
		3, 1, .err = PALIER_EREAD_ONLY, .reason = "read_only" },
	{ "a lost connection is made anew and the line sent again", { DROP, SAY(OK) }, 2, 2, .err = PALIER_OK },
	{ "a connection lost in mid-reply is made anew", { { FAKE_HALF, "{\"jsonrpc\":\"2.0\",\"id\":1," OK "}" }, SAY(OK) },
		2, 2, .err = PALIER_OK },
	{ "a silent daemon is left after the timeout and called anew", { SILENT, SAY(OK) }, 2, 2, .err = PALIER_OK },
	{ "without retries a lost connection is an error", { DROP }, 1, 1, .err = PALIER_EUNREACHABLE, .reason = "internal",
		.no_retries = true },
	{ "what is not JSON is not the protocol", { { FAKE_RAW, "HTTP/1.1 400 Bad Request" } }, 1, 1, .err = PALIER_EPARSE,
		.reason = "parse_error" },
	{ "an answer to another id is not ours", { { FAKE_RAW, "{\"jsonrpc\":\"2.0\",\"id\":77," OK "}" } }, 1, 1,
		.err = PALIER_EPARSE, .reason = "parse_error" },
	{ "an answer without a result is not the protocol", { SAY("\"outcome\":{}") }, 1, 1, .err = PALIER_EPARSE,
		.reason = "parse_error" },
	{ "a refusal without an id is ours",
		{ { FAKE_RAW, "{\"jsonrpc\":\"2.0\",\"id\":null," REFUSAL("-32600", "request_invalid", "false") "}" } }, 1,
		1, .err = PALIER_EREQUEST, .reason = "request_invalid" },
	{ "a reason newer than this library is an internal error", { SAY(REFUSAL("-32099", "moon_full", "false")) }, 1, 1,
		.err = PALIER_EINTERNAL, .reason = "moon_full" },
	{ "an answer may have many members", { SAY("\"result\":{\"due\":1250," MANY "}") }, 1, 1, .err = PALIER_OK },
	{ "a till signs in first", { SAY(SESSION), SAY(OK) }, 2, 1, .err = PALIER_OK, .till = "till-1" },
	{ "a till signs in again on a new connection", { SAY(SESSION), DROP, SAY(SESSION), SAY(OK) }, 4, 2, .err = PALIER_OK,
		.till = "till-1" },
	{ "a refused sign-in is the call's refusal", { SAY(REFUSAL("-32001", "unauthorized", "false")) }, 1, 1,
		.err = PALIER_EUNAUTHORIZED, .reason = "unauthorized", .till = "till-1" },
};

static struct palier_client *open_client(const struct fake_server *s, const char *till, int retries)
{
	struct palier_client_options options = { .connect_ms = 5000,
		.reply_ms = 5000,
		.retries = retries,
		.till = till,
		.token = till ? "secret" : NULL };
	struct palier_client *c;

	for (const struct fake_step *step = s->script; step->act != FAKE_END; step++)
		if (step->act == FAKE_SILENT)
			options.reply_ms = 200;
	assert_int_equal(palier_client_open(s->door, &options, &c), PALIER_OK);
	return c;
}

static void check_reply(const struct call_case *row, const struct palier_reply *reply)
{
	int64_t due = 0;

	assert_int_equal(reply->error, row->err);
	assert_true(palier_equal(reply->reason, palier_str(row->reason)));
	assert_true((reply->message.len == 0) == (row->err == PALIER_OK));
	if (row->err != PALIER_OK)
		return;
	assert_true(json_integer(&reply->doc, json_member(&reply->doc, reply->result, "due"), &due));
	assert_int_equal(due, 1250);
}

static void call_as_told(void **state)
{
	const struct call_case *row = *state;
	struct fake_server s;
	struct palier_client *c;
	struct palier_reply reply;

	fake_start(&s, row->script);
	c = open_client(&s, row->till, row->no_retries ? 0 : 2);
	assert_int_equal(palier_call(c, "sale.commit", "{\"request\":\"r-1\",\"payable\":1250}", &reply), row->err);
	check_reply(row, &reply);
	palier_client_close(c);
	fake_stop(&s);
	assert_int_equal(s.line_count, row->lines);
	assert_int_equal(s.connections, row->connections);
	if (!row->till)
		for (int i = 1; i < s.line_count; i++)
			assert_string_equal(s.lines[i], s.lines[0]); /* the very same line */
	fake_free(&s);
}

static void the_line_is_one_line(void **state)
{
	struct fake_server s;
	struct palier_client *c;
	struct palier_reply reply;

	(void)state;
	fake_start(&s, (const struct fake_step[]){ SAY(OK), END });
	c = open_client(&s, NULL, 0);
	assert_int_equal(palier_call(c, "card.lookup", "{\r\n\t\"card\": \"29 1\"\n}\n", &reply), PALIER_OK);
	palier_client_close(c);
	fake_stop(&s);
	assert_string_equal(s.lines[0],
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"card.lookup\",\"params\":{  \t\"card\": \"29 1\" }}");
	fake_free(&s);
}

static void the_session_says_the_currency(void **state)
{
	struct fake_server s;
	struct palier_client *c;
	struct palier_reply reply;

	(void)state;
	fake_start(&s, (const struct fake_step[]){ SAY(SESSION), SAY(OK), END });
	c = open_client(&s, "till-1", 0);
	for (int i = 0; i < 2; i++) { /* after another call it is still known */
		uint32_t store;

		assert_int_equal(palier_client_session(c, &reply), PALIER_OK);
		store = json_member(&reply.doc, reply.result, "store");
		assert_true(json_string_is(&reply.doc, json_member(&reply.doc, store, "currency"), PALIER_LIT("EUR")));
		if (i == 0)
			assert_int_equal(palier_call(c, "system.status", NULL, &reply), PALIER_OK);
	}
	palier_client_close(c);
	fake_stop(&s);
	assert_int_equal(s.line_count, 2);
	assert_string_equal(s.lines[0], "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.open\","
					"\"params\":{\"till\":\"till-1\",\"token\":\"secret\",\"protocol\":1}}");
	fake_free(&s);
}

static void refusal_data_is_kept(void **state)
{
	struct fake_server s;
	struct palier_client *c;
	struct palier_reply reply;
	int64_t payable = 0;

	(void)state;
	fake_start(&s, (const struct fake_step[]){ { FAKE_ANSWER, "\"error\":{\"code\":-32004,\"message\":\"m\",\"data\":{"
								  "\"reason\":\"total_mismatch\",\"retryable\":false,"
								  "\"quote\":{\"payable\":990}}}" },
			       END });
	c = open_client(&s, NULL, 0);
	assert_int_equal(palier_call(c, "sale.commit", "{}", &reply), PALIER_ETOTAL_MISMATCH);
	assert_int_equal(reply.code, -32004);
	assert_true(json_integer(&reply.doc,
		json_member(&reply.doc, json_member(&reply.doc, reply.data, "quote"), "payable"), &payable));
	assert_int_equal(payable, 990);
	palier_client_close(c);
	fake_stop(&s);
	fake_free(&s);
}

static const struct params_case {
	const char *name, *params;
} bad_params[] = {
	{ "an array is no params", "[]" },
	{ "half an object is no params", "{\"a\":1" },
	{ "nothing at all is no params", "" },
};

static void params_are_refused(void **state)
{
	const struct params_case *row = *state;
	struct palier_client *c;
	struct palier_reply reply;

	assert_int_equal(palier_client_open("tcp:127.0.0.1:1", NULL, &c), PALIER_OK);
	assert_int_equal(palier_call(c, "x", row->params, &reply), PALIER_EPARAMS);
	assert_null(reply.doc.tokens);
	palier_client_close(c);
}

static const struct door_case {
	const char *name, *door;
	int err;
} doors[] = {
	{ "a host and a port are a door", "tcp:till.example:7117", PALIER_OK },
	{ "an IPv6 address stands in brackets", "tcp:[::1]:7117", PALIER_OK },
	{ "a path is a door", "unix:/run/palier.sock", PALIER_OK },
	{ "a port is needed", "tcp:localhost", PALIER_EINVAL },
	{ "a port is not empty", "tcp:localhost:", PALIER_EINVAL },
	{ "a host is needed", "tcp::7117", PALIER_EINVAL },
	{ "a path is not empty", "unix:", PALIER_EINVAL },
	{ "a path longer than a socket's name is refused",
		"unix:/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/"
		"1234567890",
		PALIER_EINVAL },
	{ "another scheme is refused", "http://localhost/", PALIER_EINVAL },
};

static void door_is_read(void **state)
{
	const struct door_case *row = *state;
	struct palier_client *c = NULL;

	assert_int_equal(palier_client_open(row->door, NULL, &c), row->err);
	assert_true((c != NULL) == (row->err == PALIER_OK));
	palier_client_close(c);
}

static void nobody_there_is_unreachable(void **state)
{
	struct palier_client_options options = { .connect_ms = 1000, .reply_ms = 1000 };
	struct palier_client *c;
	struct palier_reply reply;

	(void)state;
	assert_int_equal(palier_client_open("unix:/nonexistent/palier.sock", &options, &c), PALIER_OK);
	assert_int_equal(palier_call(c, "system.status", NULL, &reply), PALIER_EUNREACHABLE);
	assert_non_null(memmem(reply.message.at, reply.message.len, "No such file", 12));
	palier_client_close(c);
}

static void request_ids_are_uuids(void **state)
{
	char a[PALIER_REQUEST_ID + 1], b[PALIER_REQUEST_ID + 1];

	(void)state;
	palier_request_id(a);
	palier_request_id(b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), PALIER_REQUEST_ID);
	for (size_t i = 0; i < PALIER_REQUEST_ID; i++)
		assert_true(
			i == 8 || i == 13 || i == 18 || i == 23 ? a[i] == '-' : strchr("0123456789abcdef", a[i]) != NULL);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int main(void)
{
	struct CMUnitTest tests[COUNT(calls) + COUNT(bad_params) + COUNT(doors) + 5];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(calls); i++)
		tests[n++] = (struct CMUnitTest){ calls[i].name, call_as_told, NULL, NULL, (void *)&calls[i] };
	for (size_t i = 0; i < COUNT(bad_params); i++)
		tests[n++] =
			(struct CMUnitTest){ bad_params[i].name, params_are_refused, NULL, NULL, (void *)&bad_params[i] };
	for (size_t i = 0; i < COUNT(doors); i++)
		tests[n++] = (struct CMUnitTest){ doors[i].name, door_is_read, NULL, NULL, (void *)&doors[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_line_is_one_line);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_session_says_the_currency);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(refusal_data_is_kept);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(nobody_there_is_unreachable);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(request_ids_are_uuids);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
