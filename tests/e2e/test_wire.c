/* SPDX-License-Identifier: Apache-2.0 */
/* The line itself: whatever bytes come, each line gets its one answer, and what is malformed changes nothing. */
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/bytes.h"
#include "tests/e2e/harness.h"

#define QUOTE(id) \
	"{\"jsonrpc\":\"2.0\",\"id\":" id \
	",\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":\"a\",\"amount\":100}]}}"
#define ENROLL_REQUEST(r) \
	"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"" r "\",\"name\":\"Zoé\"}}"
#define TEN(x) x x x x x x x x x x

struct malformed {
	const char *name;
	struct palier_bytes line;
	const char *reason, *id;
};

#define ROW(name, text, reason, id) \
	{ \
		name, PALIER_LIT(text), reason, id \
	}

static const struct malformed rows[] = {
	ROW("no JSON", "hello", "parse_error", "null"),
	ROW("an open brace", "{", "parse_error", "null"),
	ROW("a request cut short", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"system.st", "parse_error", "null"),
	ROW("a command cut short",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r-1\"}", "parse_error",
		"null"),
	ROW("two values on a line", ENROLL_REQUEST("r-1") ENROLL_REQUEST("r-2"), "parse_error", "null"),
	ROW("a value and a comma", ENROLL_REQUEST("r-1") ",", "parse_error", "null"),
	ROW("a trailing comma",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r-1\",}}",
		"parse_error", "null"),
	ROW("single quotes", "{'jsonrpc':'2.0','id':9,'method':'system.status'}", "parse_error", "null"),
	ROW("a comment", ENROLL_REQUEST("r-1") "//", "parse_error", "null"),
	ROW("a key twice",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"a\",\"request\":\"a\"}"
		"}",
		"parse_error", "null"),
	ROW("an id twice", "{\"jsonrpc\":\"2.0\",\"id\":9,\"id\":9,\"method\":\"system.status\"}", "parse_error", "null"),
	ROW("a byte order mark", "\xef\xbb\xbf" ENROLL_REQUEST("r-1"), "parse_error", "null"),
	ROW("a NUL before it", "\0" ENROLL_REQUEST("r-1"), "parse_error", "null"),
	ROW("a NUL inside", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\0\"}}",
		"parse_error", "null"),
	ROW("a NUL after it", ENROLL_REQUEST("r-1") "\0", "parse_error", "null"),
	ROW("an escaped NUL in a text",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\\u0000\"}}",
		"params_invalid", "9"),
	ROW("a control character",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\x01\"}}",
		"parse_error", "null"),
	ROW("a tab in a text",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\t\"}}",
		"parse_error", "null"),
	ROW("a lone CR in a text",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\r\"}}",
		"parse_error", "null"),
	ROW("a byte that is no UTF-8",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\xff\"}}",
		"parse_error", "null"),
	ROW("UTF-8 cut short",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\xc3\"}}",
		"parse_error", "null"),
	ROW("overlong UTF-8",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\xc0\xaf\"}}",
		"parse_error", "null"),
	ROW("a surrogate in UTF-8",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\xed\xa0\x80\"}}",
		"parse_error", "null"),
	ROW("a lone surrogate",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r\\ud800\"}}",
		"parse_error", "null"),
	ROW("surrogates the wrong way round",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"x\",\"params\":{\"request\":\"\\udc00\\ud800\"}}", "parse_error",
		"null"),
	ROW("a bad escape", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"\\x41\"}}",
		"parse_error", "null"),
	ROW("NaN",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":\"a\",\"amount\":"
		"NaN}]}}",
		"parse_error", "null"),
	ROW("a leading zero", "{\"jsonrpc\":\"2.0\",\"id\":09,\"method\":\"system.status\"}", "parse_error", "null"),
	ROW("a plus sign", "{\"jsonrpc\":\"2.0\",\"id\":+9,\"method\":\"system.status\"}", "parse_error", "null"),
	ROW("a number without digits", "{\"jsonrpc\":\"2.0\",\"id\":-,\"method\":\"system.status\"}", "parse_error", "null"),
	ROW("UTF-16", "\xff\xfe{\0}\0", "parse_error", "null"),
	ROW("HTTP", "GET / HTTP/1.1", "parse_error", "null"),
	ROW("nested too deep",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r-1\",\"ext\":{"
		"\"a\":" TEN("[[[") "[[["
				    "]]]" TEN("]]]") "}}}",
		"parse_error", "null"),
	ROW("nested without an end", TEN(TEN(TEN("["))), "parse_error", "null"),

	ROW("a text", "\"hello\"", "request_invalid", "null"),
	ROW("a number", "42", "request_invalid", "null"),
	ROW("null", "null", "request_invalid", "null"),
	ROW("a batch", "[" ENROLL_REQUEST("r-1") "," ENROLL_REQUEST("r-2") "]", "request_invalid", "null"),
	ROW("an empty batch", "[]", "request_invalid", "null"),
	ROW("an empty object", "{}", "request_invalid", "null"),
	ROW("a notification", "{\"jsonrpc\":\"2.0\",\"method\":\"member.enroll\",\"params\":{\"request\":\"r-1\"}}",
		"request_invalid", "null"),
	ROW("an id of null", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"system.status\"}", "request_invalid", "null"),
	ROW("an id with a fraction", "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"system.status\"}", "request_invalid",
		"null"),
	ROW("an id beyond 2^53", "{\"jsonrpc\":\"2.0\",\"id\":9007199254740992,\"method\":\"system.status\"}",
		"request_invalid", "null"),
	ROW("an id of a list", "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"system.status\"}", "request_invalid", "null"),
	ROW("no version", "{\"id\":9,\"method\":\"system.status\"}", "request_invalid", "9"),
	ROW("version 1.0", "{\"jsonrpc\":\"1.0\",\"id\":9,\"method\":\"system.status\"}", "request_invalid", "9"),
	ROW("no method", "{\"jsonrpc\":\"2.0\",\"id\":9}", "request_invalid", "9"),
	ROW("a method that is no text", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":7}", "request_invalid", "9"),
	ROW("params in a list", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":[\"r-1\"]}",
		"params_invalid", "9"),
	ROW("params of null", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"system.status\",\"params\":null}",
		"request_invalid", "9"),
	ROW("something else beside the params", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"system.status\",\"auth\":\"x\"}",
		"request_invalid", "9"),

	ROW("an unknown method", "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"member.delete\",\"params\":{}}",
		"method_unknown", "x"),
	ROW("a method in capitals", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"System.Status\",\"params\":{}}",
		"method_unknown", "9"),
	ROW("a known method with more behind a zero",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"till.add\\u0000xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"params\":{}}",
		"method_unknown", "9"),
	ROW("an empty method", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"\",\"params\":{}}", "method_unknown", "9"),
	ROW("a param nobody knows",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"member.enroll\",\"params\":{\"request\":\"r-1\",\"x\":1}}",
		"params_invalid", "9"),
	ROW("params missing", "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sale.quote\"}", "params_invalid", "9"),
	ROW("a number too large to be one",
		"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":\"a\","
		"\"amount\":1e999999}]}}",
		"params_invalid", "9"),
};

static void each_answered(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *before, *after;
	size_t len;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-0'");
	before = journal_text(s, &len);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *reason;
		char *reply;

		assert_true(wire_send(&w, rows[i].line.at, rows[i].line.len) &&
			    wire_send(&w, "\n" QUOTE("10") "\n", sizeof(QUOTE("10")) + 1));
		reply = wire_line(&w);
		reason = reply ? field(reply, "error.data.reason") : NULL;
		if (!reason || strcmp(reason, rows[i].reason) != 0)
			fail_msg("%s: answered %s, not %s", rows[i].name, reply ? reply : "by nothing", rows[i].reason);
		assert_field(reply, "id", rows[i].id);
		assert_field(reply, "jsonrpc", "2.0");
		assert_true(strlen(field(reply, "error.message")) > 5);
		assert_null(field(reply, "result"));
		reply = wire_line(&w);
		if (!reply || figure(reply, "id") != 10 || figure(reply, "result.total") != 100)
			fail_msg("%s: the next line is answered %s", rows[i].name, reply ? reply : "by nothing");
	}
	after = journal_text(s, &len);
	assert_string_equal(after, before);
	free(before);
	free(after);
	wire_close(&w);
}

static void ids(void **state)
{
	static const char *const given[] = { "0", "-1", "9007199254740991", "-9007199254740991", "\"\"", "\"x\"",
		"\"\\u00e9\\n\"", "\"é\"", "\"00000000-0000-0000-0000-000000000000\"" };
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++) {
		char line[256], expected[128], *reply;

		snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"system.status\"}", given[i]);
		snprintf(expected, sizeof(expected), "\"id\":%s,", given[i]);
		reply = ask_raw(&w, line);
		if (!strstr(reply, expected) || !field(reply, "result"))
			fail_msg("id %s is answered %s", given[i], reply);
	}
	wire_close(&w);
}

static void deep(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	/* The request, its params, ext and 29 lists are 32. */
	assert_non_null(field(ask_raw(&w, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.quote\",\"params\":{\"lines\":[{"
					  "\"sku\":\"a\",\"amount\":1}],"
					  "\"ext\":{\"a\":" TEN("[[") "[[[[[[[[["
								      "]]]]]]]]]" TEN("]]") "}}}"),
		"result"));
	assert_field(ask_raw(&w, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":"
				 "\"a\",\"amount\":1}],"
				 "\"ext\":{\"a\":" TEN("[[") "[[[[[[[[[["
							     "]]]]]]]]]]" TEN("]]") "}}}"),
		"error.data.reason", "parse_error");
	wire_close(&w);
}

static void line_ends(void **state)
{
	static const char text[] = "\n\r\n" QUOTE("1") "\r\n\n\n\r\n" QUOTE("2") "\n" QUOTE("3") "\r\n\r\n";
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	assert_true(wire_send(&w, text, sizeof(text) - 1));
	for (int i = 1; i <= 3; i++) {
		char *reply = wire_line(&w);

		assert_non_null(reply);
		assert_figure(reply, "id", i);
		assert_figure(reply, "result.total", 100);
	}
	ask_ok(&w, "system.status", "%s", ""); /* the first reply that comes is this one's */
	wire_close(&w);
}

static void split_everywhere(void **state)
{
	static const char line[] = QUOTE("1") "\r\n";
	struct shop *s = *state;
	struct wire w, other;
	char first[4096];

	connect_to(&w, s, DOOR_TRUST);
	connect_to(&other, s, DOOR_TRUST);
	strcpy(first, ask_raw(&w, QUOTE("1")));
	for (size_t at = 1; at < sizeof(line) - 1; at++) {
		char *reply;

		assert_true(wire_send(&w, line, at));
		ask_ok(&other, "system.status", "%s", ""); /* palierd has looked at its sockets since */
		assert_true(wire_send(&w, line + at, sizeof(line) - 1 - at));
		reply = wire_line(&w);
		assert_non_null(reply);
		assert_string_equal(reply, first);
	}
	for (size_t at = 0; at < sizeof(line) - 1; at++) {
		assert_true(wire_send(&w, line + at, 1));
		if (at % 16 == 0)
			ask_ok(&other, "system.status", "%s", "");
	}
	assert_string_equal(wire_line(&w), first);
	wire_close(&w);
	wire_close(&other);
}

/* --- pipelining --- */

#define PIPED 1000

struct flood {
	struct wire *w;
	char *text;
	size_t len;
	bool sent;
};

static void *flood_send(void *arg)
{
	struct flood *f = arg;

	f->sent = wire_send(f->w, f->text, f->len);
	return NULL;
}

static size_t mixed_line(int i, char *out, size_t size)
{
#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":"
	switch (i % 8) {
	case 0:
		return (size_t)snprintf(out, size,
			HEAD "\"sale.commit\",\"params\":{\"request\":\"p-%d\",\"sale\":\"P-%d\",\"card\":\"CARD-1\","
			     "\"lines\":[{\"sku\":\"a\",\"amount\":100}],\"payable\":100}}\n",
			i, i, i);
	case 1:
		return (size_t)snprintf(out, size, HEAD "\"card.lookup\",\"params\":{\"card\":\"CARD-1\"}}\n", i);
	case 2:
		return (size_t)snprintf(out, size,
			HEAD "\"sale.quote\",\"params\":{\"lines\":[{\"sku\":\"a\",\"amount\":%d}]}}\r\n", i, i);
	case 3:
		return (size_t)snprintf(out, size, HEAD "\"nonsense\"}\n\n", i);
	case 4:
		return (size_t)snprintf(out, size, HEAD "\"member.enroll\",\"params\":{\"request\":\"e-%d\"}}\n", i, i);
	case 5:
		return (size_t)snprintf(out, size, HEAD "\"sale.commit\",\"params\":{\"request\":\"p-0\"}}\n", i);
	case 6:
		return (size_t)snprintf(out, size, HEAD "oops\n", i);
	default:
		return (size_t)snprintf(out, size, HEAD "\"system.status\"}\n", i);
	}
#undef HEAD
}

static void mixed_reply(int i, const char *reply)
{
	if (i % 8 == 6) {
		assert_field(reply, "id", "null");
		assert_field(reply, "error.data.reason", "parse_error");
		return;
	}
	assert_figure(reply, "id", i);
	if (i % 8 == 3)
		assert_field(reply, "error.data.reason", "method_unknown");
	else if (i % 8 == 5)
		assert_figure(reply, "error.code", -32602);
	else if (!field(reply, "result"))
		fail_msg("line %d is answered %s", i, reply);
	if (i % 8 == 0)
		assert_figure(reply, "result.balances.points", i / 8 + 1);
	if (i % 8 == 1) /* a question sees the commands before it */
		assert_figure(reply, "result.balances.points", i / 8 + 1);
	if (i % 8 == 2)
		assert_figure(reply, "result.total", i);
}

static void pipelined(void **state)
{
	struct wire w;
	struct flood f = { &w, malloc(PIPED * 256), 0, false };
	pthread_t sender;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-0','card':'CARD-1'");
	for (int i = 0; i < PIPED; i++)
		f.len += mixed_line(i, f.text + f.len, 256);
	assert_int_equal(pthread_create(&sender, NULL, flood_send, &f), 0);
	for (int i = 0; i < PIPED; i++) {
		char *reply = wire_line(&w);

		assert_non_null(reply);
		mixed_reply(i, reply);
	}
	pthread_join(sender, NULL);
	assert_true(f.sent);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", PIPED / 8);
	free(f.text);
	wire_close(&w);
}

static void half_closed(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char text[8192];
	size_t n = 0;

	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < 20; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
			"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"h-%d\","
			"\"sale\":\"H-%d\","
			"\"lines\":[{\"sku\":\"a\",\"amount\":100}],\"payable\":100}}\n",
			i, i, i);
	assert_true(wire_send(&w, text, n));
	shutdown(w.fd, SHUT_WR);
	for (int i = 0; i < 20; i++) {
		char *reply = wire_line(&w);

		assert_non_null(reply);
		assert_figure(reply, "id", i);
		assert_non_null(field(reply, "result"));
	}
	assert_true(wire_ended(&w));
	wire_close(&w);
	/* Who hangs up in the middle of a line disturbs nobody. */
	for (int i = 0; i < 50; i++) {
		connect_to(&w, s, DOOR_TRUST);
		assert_true(wire_send(&w, text, 1 + (size_t)i * 7));
		wire_close(&w);
	}
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "system.status", "%s", "");
	wire_close(&w);
}

/* --- limits --- */

static const struct shop_options small = { .config = "limits { line = 16384  line-seconds = 1  depth = 8  basket = 3 }\n" };
static const struct shop_options narrow = { .config = "limits { connections = 4 }\n" };

static char *quote_of_length(size_t len)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.quote\",\"params\":{\"lines\":[{\"sku\":"
				   "\"a\",\"amount\":100}],"
				   "\"ext\":{\"pad\":\"";
	char *line = malloc(len + 1);

	memset(line, 'x', len);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + len - 4, "\"}}}", 5);
	return line;
}

static void too_long(void **state)
{
	struct shop *s = *state;
	char *fits = quote_of_length(16384), *beyond = quote_of_length(16385), *flood = malloc(1 << 20);
	struct wire w;
	char *reply;

	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_raw(&w, fits), "result.total", 100);
	/* What was asked before the line that is too long is answered before its error. */
	assert_true(wire_send(&w, fits, 16384) && wire_send(&w, "\n", 1));
	reply = ask_raw(&w, beyond);
	assert_figure(reply, "result.total", 100);
	reply = wire_line(&w);
	assert_non_null(reply);
	assert_field(reply, "id", "null");
	assert_field(reply, "error.data.reason", "request_invalid");
	assert_true(wire_ended(&w));
	wire_close(&w);

	/* Without an end to the line the error comes all the same. */
	connect_to(&w, s, DOOR_TRUST);
	assert_true(wire_send(&w, beyond, 16385));
	reply = wire_line(&w);
	assert_non_null(reply);
	assert_field(reply, "error.data.reason", "request_invalid");
	wire_close(&w);

	memset(flood, '[', 1 << 20);
	for (int i = 0; i < 4; i++) {
		connect_to(&w, s, DOOR_TRUST);
		wire_send(&w, flood, 1 << 20);
		wire_close(&w);
	}
	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_raw(&w, fits), "result.total", 100);
	ask_refused(&w, "params_invalid", "sale.quote",
		"'lines':[{'sku':'a','amount':1},{'sku':'a','amount':1},{'sku':'a','amount':1},{'sku':'a','amount':1}]");
	ask_ok(&w, "sale.quote",
		"'lines':[{'sku':'a','amount':1},{'sku':'a','amount':1},{'sku':'a','amount':1}],'ext':{'a':[[[[[]]]]]}");
	assert_field(ask_raw(&w, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sale.quote\",\"params\":{\"lines\":[],\"ext\":{"
				 "\"a\":[[[[[[]]]]]]}}}"),
		"error.data.reason", "parse_error");
	wire_close(&w);
	free(fits);
	free(beyond);
	free(flood);
}

static void slow_line(void **state)
{
	struct shop *s = *state;
	struct wire idle, slow, drip;
	int64_t until = now_ms() + DEADLINE_MS;

	connect_to(&idle, s, DOOR_TRUST);
	connect_to(&slow, s, DOOR_TRUST);
	connect_to(&drip, s, DOOR_TRUST);
	ask_ok(&idle, "system.status", "%s", "");
	ask_ok(&slow, "system.status", "%s", "");
	assert_true(wire_send(&slow, "{\"jsonrpc\"", 10));
	/* Byte after byte does not hold the door open either. */
	while (wire_send(&drip, " ", 1)) {
		if (now_ms() > until)
			fail_msg("a line that never ends is read for ever");
		sleep_ms(50);
	}
	while (wire_line(&slow))
		; /* it may be told why */
	assert_true(now_ms() < until);
	ask_ok(&idle, "system.status", "%s", "");
	wire_close(&idle);
	wire_close(&slow);
	wire_close(&drip);
}

/* Who asks and asks and never reads: its replies do not pile up, and it is cut off. */
static void never_reads(void **state)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n";
	struct shop *s = *state;
	struct wire deaf, w;
	int64_t until = now_ms() + DEADLINE_MS;

	connect_to(&deaf, s, DOOR_TRUST);
	connect_to(&w, s, DOOR_TRUST);
	while (wire_send(&deaf, line, sizeof(line) - 1)) { /* waits itself when nothing is taken any more */
		ask_ok(&w, "system.status", "%s", "");
		if (now_ms() > until)
			fail_msg("who never reads is never cut off");
	}
	ask_ok(&w, "system.status", "%s", "");
	shop_log_wait(s, "slow_reader");
	wire_close(&deaf);
	wire_close(&w);
}

static void crowd(void **state)
{
	struct shop *s = *state;
	struct wire w[4], late;
	int64_t until = now_ms() + DEADLINE_MS;
	bool served = false;

	for (int i = 0; i < 4; i++) {
		connect_to(&w[i], s, DOOR_TRUST);
		ask_ok(&w[i], "system.status", "%s", "");
	}
	assert_figure(ask_ok(&w[0], "system.status", "%s", ""), "result.connections", 4);
	/* A fifth may be turned away or wait; the four go on. */
	if (wire_open(&late, s, DOOR_TRUST))
		wire_send(&late, QUOTE("1") "\n", sizeof(QUOTE("1")));
	for (int i = 0; i < 4; i++)
		ask_ok(&w[i], "system.status", "%s", "");
	wire_close(&late);
	for (int i = 0; i < 4; i++)
		wire_close(&w[i]);
	while (!served && now_ms() < until) {
		served = wire_open(&late, s, DOOR_TRUST) && wire_ask(&late, "system.status", "%s", "");
		wire_close(&late);
	}
	assert_true(served);
}

/* --- by hand --- */

static void by_netcat(void **state)
{
	static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session.open\",\"params\":{\"till\":\"till-"
				   "1\",\"protocol\":1}}\n"
				   "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"member.enroll\",\"params\":{\"request\":\"n-"
				   "1\",\"card\":\"CARD-1\"}}\n"
				   "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"sale.commit\",\"params\":{\"request\":\"n-"
				   "2\",\"sale\":\"R-1\",\"card\":"
				   "\"CARD-1\",\"lines\":[{\"sku\":\"beans\",\"amount\":590}],\"payable\":590}}\n";
	struct shop *s = *state;
	char path[128], command[512], line[8192];
	FILE *nc;

	if (system("command -v nc >/dev/null") != 0)
		fail_msg("nc is missing: install netcat-openbsd");
	snprintf(path, sizeof(path), "%s/typed", s->dir);
	file_write(path, text, sizeof(text) - 1);
	snprintf(command, sizeof(command), "nc -N -w 60 127.0.0.1 %d <%s", shop_port(s, DOOR_TRUST), path);
	nc = popen(command, "r");
	assert_non_null(nc);
	for (int i = 1; i <= 3; i++) {
		assert_non_null(fgets(line, sizeof(line), nc));
		line[strcspn(line, "\n")] = 0;
		assert_figure(line, "id", i);
		assert_non_null(field(line, "result"));
	}
	assert_figure(line, "result.balances.points", 5);
	assert_null(fgets(line, sizeof(line), nc));
	assert_int_equal(pclose(nc), 0);

	snprintf(command, sizeof(command), "nc -N -w 60 -U %s/palier.sock <%s", s->dir, path);
	nc = popen(command, "r");
	assert_non_null(nc);
	for (int i = 1; i <= 3; i++)
		assert_non_null(fgets(line, sizeof(line), nc));
	line[strcspn(line, "\n")] = 0;
	assert_field(line, "result.replayed", "true");
	pclose(nc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("every malformed line has its error, changes nothing, and the next line is answered", each_answered,
			NULL),
		IN_SHOP("an id comes back as it was written", ids, NULL),
		IN_SHOP("a line nests 32 deep and no deeper", deep, NULL),
		IN_SHOP("CR LF ends a line too, and empty lines are passed over", line_ends, NULL),
		IN_SHOP("a request split at any byte is answered alike", split_everywhere, NULL),
		IN_SHOP("1,000 mixed requests in one write are answered in order", pipelined, NULL),
		IN_SHOP("who closes one half is answered, and who hangs up disturbs nobody", half_closed, NULL),
		IN_SHOP("a line that is too long is told so, then the connection ends", too_long, &small),
		IN_SHOP("a line that is not finished in time ends the connection, an idle one stays", slow_line, &small),
		IN_SHOP("who never reads is cut off, and others are served", never_reads, &small),
		IN_SHOP("when the house is full those inside are served, and later others", crowd, &narrow),
		IN_SHOP("a till can be driven with nc", by_netcat, NULL),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
