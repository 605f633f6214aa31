/* SPDX-License-Identifier: Apache-2.0 */
/* Who has neither bought nor been in contact for as long as the shop says is erased by the jobs after a close, judged by the closed day. */
#include "daemon/jobs.h"
#include "tests/unit/daemon/shop.h"

extern const struct palier_plugin palier_plugin_journey, palier_plugin_survey, palier_plugin_ambassador;

/* @param asks journeys are kept, too, and surveys asked */
static void shop_make(struct shop *s, const char *retention, bool asks)
{
	static const struct palier_plugin *const asking[] = { &core_plugin, &palier_plugin_points, &palier_plugin_journey,
		&palier_plugin_survey, &palier_plugin_ambassador, NULL };
	char text[512];

	snprintf(text, sizeof(text),
		"points {\n"
		"	unit \"points\" { kind = points  expires = \"10 days\" }\n"
		"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n"
		"}\n"
		"retention { member = %s }\n"
		"%s",
		retention, asks ? "journey { }\nsurvey { }\n" : "");
	shop_found(s, asks ? asking : NULL, text);
	shop_open(s);
}

/* The tables are what the journal gives, now that keys are gone. */
static void shop_end(struct shop *s)
{
	assert_folds(s);
	shop_remove(s);
}

static void assert_synced(struct shop *s)
{
	assert_int_equal(ledger_sync(s->ledger), PALIER_OK);
	assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
}

/* @param params members behind the request, each with a comma before it */
static void send(struct shop *s, const char *method, const char *params)
{
	char line[1024];

	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"request\":\"r%u\"%s}}",
		method, s->requests++, params);
	s->reply.len = 0;
	assert_int_equal(router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply), ROUTED_COMMAND);
	palier_buffer_add(&s->reply, "", 1);
	if (strstr(s->reply.at, "\"error\""))
		fail_msg("%s", s->reply.at);
	assert_synced(s);
}

/* @param out PALIER_ID_TEXT + 1 bytes */
static void enroll(struct shop *s, char *out)
{
	const char *at;

	send(s, "member.enroll", ",\"name\":\"Zoé Martin\"");
	at = strstr(s->reply.at, "\"member\":\"") + strlen("\"member\":\"");
	snprintf(out, PALIER_ID_TEXT + 1, "%s", at);
}

static bool is_erased(struct shop *s, const char *member)
{
	char line[256];

	snprintf(line, sizeof(line),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"card.lookup\",\"params\":{\"member\":\"%s\"}}", member);
	s->reply.len = 0;
	router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	return strstr(s->reply.at, "member_erased") != NULL;
}

static void noon_of(struct shop *s, uint32_t day)
{
	s->now_ms = day_number(day) * DAY_MS + DAY_MS / 2;
}

/* Close this day and work off what follows on the next. @return how many slices */
static unsigned day_end(struct shop *s, uint32_t day)
{
	unsigned slices = 0;
	uint64_t before;
	char somebody[PALIER_ID_TEXT + 1];

	send(s, "day.close", "");
	noon_of(s, day_add(day, 1));
	enroll(s, somebody);
	for (before = s->ledger->head.seq; jobs_waiting(s->ledger, s->now_ms); before = s->ledger->head.seq) {
		assert_int_equal(jobs_run(s->router, s->ledger, s->now_ms), PALIER_OK);
		assert_synced(s);
		slices += s->ledger->head.seq > before;
	}
	assert_false(is_erased(s, somebody));
	return slices;
}

static bool key_is_blank(struct shop *s, uint32_t slot)
{
	struct palier_arena a = { 0 };
	bool blank = keys_seal(s->ledger->keys, slot, PALIER_LIT("x"), &a).len == 0;

	palier_arena_deinit(&a);
	return blank;
}

/* --- one member, at the edge --------------------------------------------------------------------------------------- */

#define ENROLLED 20261121u

static const struct kept_case {
	const char *name, *retention;
	uint32_t contact; /* a later day of contact; 0: none */
	const char *method, *params;
	uint32_t closed;
	bool erased;
} kept_cases[] = {
	{ "on the last day of 36 months a member is kept", "\"36 months\"", 0, NULL, NULL, 20291121, false },
	{ "on the day after 36 months a member is erased", "\"36 months\"", 0, NULL, NULL, 20291122, true },
	{ "days are counted, too: kept", "\"10 days\"", 0, NULL, NULL, 20261201, false },
	{ "days are counted, too: erased", "\"10 days\"", 0, NULL, NULL, 20261202, true },
	{ "ten thousand days are ten thousand days", "\"10000 days\"", 0, NULL, NULL, 20291122, false },
	{ "an update is a contact", "\"36 months\"", 20290101, "member.update", ",\"member\":\"%s\",\"language\":\"en\"",
		20320101, false },
	{ "36 months after an update a member is erased", "\"36 months\"", 20290101, "member.update",
		",\"member\":\"%s\",\"language\":\"en\"", 20320102, true },
	{ "a card handed out is a contact", "\"36 months\"", 20290101, "card.issue", ",\"member\":\"%s\"", 20320101, false },
	{ "locking is a contact", "\"36 months\"", 20290101, "member.freeze", ",\"member\":\"%s\"", 20320101, false },
	{ "a purchase counts", "\"36 months\"", 20290101, "sale.commit",
		",\"sale\":\"R-1\",\"member\":\"%s\",\"lines\":[{\"sku\":\"a\",\"amount\":900}],\"payable\":900", 20320101,
		false },
	{ "36 months after a purchase a member is erased", "\"36 months\"", 20290101, "sale.commit",
		",\"sale\":\"R-1\",\"member\":\"%s\",\"lines\":[{\"sku\":\"a\",\"amount\":900}],\"payable\":900", 20320102,
		true },
	{ "a call of the customer's is a contact", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"call\",\"channel\":\"phone\"", 20320101, false },
	{ "36 months after a call a member is erased", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"call\",\"channel\":\"phone\"", 20320102, true },
	{ "a call booked late counts from when it was", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"call\",\"channel\":\"phone\",\"offline\":true,"
		"\"at\":\"2028-06-01T10:00:00Z\"",
		20310601, false },
	{ "36 months after when it was a member is erased", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"call\",\"channel\":\"phone\",\"offline\":true,"
		"\"at\":\"2028-06-01T10:00:00Z\"",
		20310602, true },
	{ "a call from before the enrolment changes nothing", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"call\",\"channel\":\"phone\",\"offline\":true,"
		"\"at\":\"2026-06-01T10:00:00Z\"",
		20291121, false },
	{ "a mail that the shop sent is no contact", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"email-sent\",\"channel\":\"email\"", 20291122, true },
	{ "nor is a text message", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"sms-sent\",\"channel\":\"phone\"", 20291122, true },
	{ "nor that a mail was opened", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"email-opened\",\"channel\":\"email\"", 20291122, true },
	{ "nor that the shop closed a case", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"case-closed\",\"channel\":\"store\"", 20291122, true },
	{ "a complaint is a contact", "\"36 months\"", 20290101, "journey.record",
		",\"member\":\"%s\",\"touchpoint\":\"case-opened\",\"channel\":\"store\"", 20320101, false },
	{ "an answer is a contact", "\"36 months\"", 20290101, "survey.answer",
		",\"member\":\"%s\",\"kind\":\"csat\",\"score\":4", 20320101, false },
	{ "36 months after an answer a member is erased", "\"36 months\"", 20290101, "survey.answer",
		",\"member\":\"%s\",\"kind\":\"csat\",\"score\":4", 20320102, true },
	{ "points put right are no contact", "\"36 months\"", 20290101, "balance.adjust",
		",\"member\":\"%s\",\"unit\":\"points\",\"points\":5,\"reason\":\"a gift\"", 20291122, true },
};

static void kept(void **state)
{
	const struct kept_case *t = *state;
	char member[PALIER_ID_TEXT + 1], other[PALIER_ID_TEXT + 1], params[512];
	struct shop s;

	shop_make(&s, t->retention, true);
	noon_of(&s, ENROLLED);
	enroll(&s, member);
	send(&s, "day.close", "");
	if (t->contact) {
		noon_of(&s, t->contact);
		snprintf(params, sizeof(params), t->params, member);
		send(&s, t->method, params);
		send(&s, "day.close", "");
	}
	noon_of(&s, t->closed);
	enroll(&s, other);
	assert_false(is_erased(&s, member));
	day_end(&s, t->closed);
	assert_int_equal(is_erased(&s, member), t->erased);
	assert_int_equal(key_is_blank(&s, 1), t->erased);
	assert_false(is_erased(&s, other));
	shop_end(&s);
}

/* --- many ---------------------------------------------------------------------------------------------------------- */

static void a_slice_at_a_time(void **state)
{
	struct shop s;
	char member[130][PALIER_ID_TEXT + 1], params[128];

	(void)state;
	shop_make(&s, "\"36 months\"", false);
	noon_of(&s, ENROLLED);
	for (unsigned i = 0; i < COUNT(member); i++)
		enroll(&s, member[i]);
	snprintf(params, sizeof(params), ",\"from\":\"%s\",\"into\":\"%s\"", member[0], member[1]);
	send(&s, "member.merge", params);
	snprintf(params, sizeof(params), ",\"member\":\"%s\"", member[2]);
	send(&s, "member.erase", params);
	send(&s, "day.close", "");
	noon_of(&s, 20300101);
	snprintf(params, sizeof(params), ",\"member\":\"%s\",\"language\":\"en\"", member[3]);
	send(&s, "member.update", params);
	assert_int_equal(day_end(&s, 20300101), 3);
	for (unsigned i = 0; i < COUNT(member); i++) {
		assert_int_equal(is_erased(&s, member[i]), i != 3);
		assert_int_equal(key_is_blank(&s, i + 1), i != 3);
	}
	/* The next close has nothing to do. */
	assert_int_equal(day_end(&s, 20300102), 0);
	shop_end(&s);
}

/* --- a job's event is about many ----------------------------------------------------------------------------------- */

static void exported_to_its_member_alone(void **state)
{
	struct shop s;
	char member[2][PALIER_ID_TEXT + 1], somebody[PALIER_ID_TEXT + 1], text[512];

	(void)state;
	shop_make(&s, "\"36 months\"", false);
	noon_of(&s, ENROLLED);
	for (unsigned i = 0; i < 2; i++) {
		enroll(&s, member[i]);
		snprintf(text, sizeof(text),
			",\"sale\":\"R-%u\",\"member\":\"%s\",\"lines\":[{\"sku\":\"a\",\"amount\":900}],\"payable\":900", i,
			member[i]);
		send(&s, "sale.commit", text);
	}
	send(&s, "day.close", "");
	noon_of(&s, 20261220);
	enroll(&s, somebody);
	assert_int_equal(day_end(&s, 20261220), 1);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"member.export\",\"params\":{\"member\":\"%s\"}}",
			member[i]);
		s.reply.len = 0;
		assert_int_equal(router_line(s.router, &s.session, palier_str(text), s.now_ms, false, &s.reply),
			ROUTED_QUESTION);
		palier_buffer_add(&s.reply, "", 1);
		assert_non_null(strstr(s.reply.at, "\"method\":\"job.points\",\"effects\":[{\"kind\":\"points.move\""));
		assert_non_null(strstr(s.reply.at, "\"cause\":\"expire\""));
		assert_null(strstr(s.reply.at, member[!i]));
	}
	shop_end(&s);
}

/* The clock alone erases nobody: the day that was closed is the one that counts. */
static void judged_by_the_closed_day(void **state)
{
	struct shop s;
	char member[PALIER_ID_TEXT + 1], somebody[PALIER_ID_TEXT + 1];

	(void)state;
	shop_make(&s, "\"36 months\"", false);
	noon_of(&s, ENROLLED);
	enroll(&s, member);
	send(&s, "day.close", "");
	noon_of(&s, 20400101);
	enroll(&s, somebody);
	for (int n = 0; n < 10 && jobs_waiting(s.ledger, s.now_ms); n++) {
		assert_int_equal(jobs_run(s.router, s.ledger, s.now_ms), PALIER_OK);
		assert_synced(&s);
	}
	assert_false(is_erased(&s, member));
	shop_end(&s);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(kept_cases) + 3];
	size_t n = 0;

	for (; n < COUNT(kept_cases); n++)
		tests[n] = (struct CMUnitTest){ kept_cases[n].name, kept, NULL, NULL, (void *)(uintptr_t)&kept_cases[n] };
	tests[n++] =
		(struct CMUnitTest){ "many are erased a slice at a time, each once", a_slice_at_a_time, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "a day opened far in the future erases nobody", judged_by_the_closed_day, NULL,
		NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "what a job did to many is exported to each alone", exported_to_its_member_alone,
		NULL, NULL, NULL };
	return _cmocka_run_group_tests("retention", tests, n, NULL, NULL);
}
