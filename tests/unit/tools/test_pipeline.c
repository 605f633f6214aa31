/* SPDX-License-Identifier: Apache-2.0 */
/* Many calls under way, against a canned daemon: who is answered what, and what is sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "protocol/pipeline.h"
#include "tests/unit/tools/fake_server.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CALLS    3

#define OK      "\"result\":{}"
#define SESSION "\"result\":{\"protocol\":1}"
#define REFUSAL(code, reason, retryable, more) \
	"\"error\":{\"code\":" code ",\"message\":\"a sentence\",\"data\":{\"reason\":\"" reason \
	"\",\"retryable\":" retryable more "}}"
#define THROTTLED REFUSAL("-32001", "throttled", "true", ",\"retry_after_ms\":1")
#define READ_ONLY REFUSAL("-32008", "read_only", "true", "")
/* A server that hangs up answers nobody who has gone already. */
#define SAY(text) \
	{ \
		FAKE_ANSWER, text \
	}
#define DROP \
	{ \
		.act = FAKE_DROP \
	}
#define SILENT \
	{ \
		.act = FAKE_SILENT \
	}

/* Three calls go out together: "1", "2" and "3". What the server saw of them, and how each was answered. */
static const struct pipe_case {
	const char *name;
	struct fake_step script[12];
	const char *seen; /* the calls in the order in which the server read them; s is a sign-in */
	int connections;
	int errors[CALLS]; /* of the answers */
	int failed;        /* what then ended it; PALIER_OK: all was answered */
	const char *till;
} cases[] = {
	{ "answers come in the order of the calls", { SAY(OK), SAY(OK), SAY(OK) }, "123", 1, .errors = { 0 } },
	{ "a refusal is an answer, and the next call goes on",
		{ SAY(OK), SAY(REFUSAL("-32002", "card_in_use", "false", "")), SAY(OK) }, "123", 1,
		.errors = { 0, PALIER_ECARD_IN_USE, 0 } },
	{ "a line that the daemon cannot parse is an answer",
		{ SAY(OK),
			{ FAKE_RAW, "{\"jsonrpc\":\"2.0\",\"id\":null," REFUSAL("-32700", "parse_error", "false", "") "}" },
			SAY(OK) },
		"123", 1, .errors = { 0, PALIER_EPARSE, 0 } },
	{ "a till signs in first", { SAY(SESSION), SAY(OK), SAY(OK), SAY(OK) }, "s123", 1, .errors = { 0 }, .till = "t1" },
	{ "what was not answered when the connection was lost is sent again", { SAY(OK), DROP, SAY(OK), SAY(OK) }, "1223", 2,
		.errors = { 0 } },
	{ "after the sign-in", { SAY(SESSION), SAY(OK), DROP, SAY(SESSION), SAY(OK), SAY(OK) }, "s12s23", 2, .errors = { 0 },
		.till = "t1" },
	{ "half an answer is none", { SAY(OK), { FAKE_HALF, "{\"jsonrpc\":\"2.0\",\"id\":2," OK "}" }, SAY(OK), SAY(OK) },
		"1223", 2, .errors = { 0 } },
	{ "a daemon that falls silent is left and called anew", { SAY(OK), SILENT, SAY(OK), SAY(OK) }, "1223", 2,
		.errors = { 0 } },
	{ "what came behind a refusal for the moment is asked again too",
		{ SAY(OK), SAY(REFUSAL("-32008", "storage_full", "true", "")), DROP, SAY(OK), SAY(OK) }, "12323", 2,
		.errors = { 0 } },
	{ "who asked too much waits as long as the daemon says, however often",
		{ SAY(THROTTLED), DROP, SAY(THROTTLED), DROP, SAY(THROTTLED), DROP, SAY(OK), SAY(OK), SAY(OK) }, "121212123",
		4, .errors = { 0 } },
	{ "tries end", { SAY(OK), DROP, DROP, DROP }, "1222", 3, .errors = { 0 }, .failed = PALIER_EUNREACHABLE },
	{ "so do those of a refusal for the moment", { SAY(OK), SAY(READ_ONLY), DROP, SAY(READ_ONLY), DROP, SAY(READ_ONLY) },
		"123232", 3, .errors = { 0 }, .failed = PALIER_EREAD_ONLY },
	{ "an answer to another call is not the protocol",
		{ SAY(OK), { FAKE_RAW, "{\"jsonrpc\":\"2.0\",\"id\":9," OK "}" } }, "12", 1, .errors = { 0 },
		.failed = PALIER_EPARSE },
	{ "a refused sign-in ends it", { SAY(REFUSAL("-32001", "unauthorized", "false", "")) }, "s", 1, .errors = { 0 },
		.failed = PALIER_EUNAUTHORIZED, .till = "t1" },
};

static struct palier_client *open_client(const struct fake_server *s, const char *till)
{
	struct palier_client_options options = { .connect_ms = 5000, .reply_ms = 5000, .retries = 2, .till = till };
	struct palier_client *c;

	for (const struct fake_step *step = s->script; step->act != FAKE_END; step++)
		if (step->act == FAKE_SILENT)
			options.reply_ms = 200;
	assert_int_equal(palier_client_open(s->door, &options, &c), PALIER_OK);
	return c;
}

static void check_seen(const struct fake_server *s, const char *seen)
{
	for (int i = 0; i < s->line_count; i++) {
		const char *call = strstr(s->lines[i], "\"call\":");

		assert_true((size_t)i < strlen(seen));
		assert_int_equal(call ? call[7] : 's', seen[i]);
	}
	assert_int_equal(s->line_count, strlen(seen));
}

static void piped_as_told(void **state)
{
	const struct pipe_case *row = *state;
	static char tags[CALLS];
	struct palier_pipeline *p;
	struct palier_client *c;
	struct palier_reply reply;
	struct fake_server s;
	char params[32];
	void *tag;
	int err = PALIER_OK, answered = 0;

	fake_start(&s, row->script);
	c = open_client(&s, row->till);
	p = palier_pipeline_new(c);
	for (int i = 0; i < CALLS; i++) {
		snprintf(params, sizeof(params), "{\"call\":%d}", i + 1);
		assert_int_equal(palier_pipeline_add(p, "member.enroll", params, &tags[i]), PALIER_OK);
	}
	while (palier_pipeline_count(p) && (err = palier_pipeline_next(p, &reply, &tag)) == PALIER_OK) {
		assert_ptr_equal(tag, &tags[answered]);
		assert_int_equal(reply.error, row->errors[answered++]);
		assert_int_equal(palier_pipeline_count(p), CALLS - answered);
	}
	assert_int_equal(err, row->failed);
	assert_int_equal(answered == CALLS, err == PALIER_OK);
	palier_pipeline_free(p);
	palier_client_close(c);
	fake_stop(&s);
	check_seen(&s, row->seen);
	assert_int_equal(s.connections, row->connections);
	fake_free(&s);
}

/* Calls may be added between answers, and the client is an ordinary one before and after. */
static void added_on_the_way(void **state)
{
	const struct fake_step script[] = { SAY(OK), SAY(OK), SAY(OK), SAY(OK), SAY(OK), SAY(OK), { FAKE_END, NULL } };
	struct palier_pipeline *p;
	struct palier_client *c;
	struct palier_reply reply;
	struct fake_server s;
	void *tag;

	(void)state;
	fake_start(&s, script);
	c = open_client(&s, NULL);
	assert_int_equal(palier_call(c, "system.status", "{\"call\":1}", &reply), PALIER_OK);
	p = palier_pipeline_new(c);
	assert_int_equal(palier_pipeline_next(p, &reply, &tag), PALIER_ENOENT);
	assert_int_equal(palier_pipeline_add(p, "a", "{\"call\":2}", NULL), PALIER_OK);
	assert_int_equal(palier_pipeline_add(p, "a", "{\"call\":3}", &s), PALIER_OK);
	assert_int_equal(palier_pipeline_add(p, "a", "{\"call\":", NULL), PALIER_EPARAMS);
	assert_int_equal(palier_pipeline_next(p, &reply, &tag), PALIER_OK);
	assert_null(tag);
	assert_int_equal(palier_pipeline_add(p, "a", "{\"call\":4}", NULL), PALIER_OK);
	assert_int_equal(palier_pipeline_next(p, &reply, &tag), PALIER_OK);
	assert_ptr_equal(tag, &s);
	assert_int_equal(palier_pipeline_next(p, &reply, &tag), PALIER_OK);
	assert_int_equal(palier_pipeline_add(p, "a", "{\"call\":5}", NULL), PALIER_OK);
	assert_int_equal(palier_pipeline_next(p, &reply, &tag), PALIER_OK);
	assert_int_equal(palier_pipeline_count(p), 0);
	palier_pipeline_free(p);
	assert_int_equal(palier_call(c, "system.status", "{\"call\":6}", &reply), PALIER_OK);
	palier_client_close(c);
	fake_stop(&s);
	check_seen(&s, "123456");
	assert_int_equal(s.connections, 1);
	fake_free(&s);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1] = { { "calls are added between answers", added_on_the_way, NULL, NULL,
		NULL } };

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i + 1] = (struct CMUnitTest){ cases[i].name, piped_as_told, NULL, NULL, (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
