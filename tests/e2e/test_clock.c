/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that jump, by libfaketime: each day is closed once, whatever the clock says, and from the clock alone nothing is taken from anybody. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/clock.h"
#include "tests/e2e/harness.h"

/* --- the clock that palierd sees ----------------------------------------------------------------------------------- */

/* @param utc "2026-03-29 00:59:50" */
static int64_t seconds_to(const char *utc)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(utc, "%Y-%m-%d %H:%M:%S", &tm));
	return (int64_t)timegm(&tm) - (int64_t)time(NULL);
}

static int clock_prepare(void **state)
{
	(void)state;
	clock_take();
	return 0;
}

static int clock_remove(void **state)
{
	(void)state;
	clock_give_back();
	return 0;
}

/* --- what must be true whatever the clock says --------------------------------------------------------------------- */

static char *batch_text(const struct shop *s, unsigned batch, const char *ending)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/journal/%u.%s", s->data, batch, ending);
	return file_read(path, NULL);
}

static int count_in(const char *text, const char *what)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* Every batch but the open one has one close, which is its last event, and one tail. @return how many are closed */
static unsigned closed_batches(const struct shop *s)
{
	unsigned batch = 1;
	char *text, *close;

	for (; (text = batch_text(s, batch, "jsonl")); batch++) {
		assert_int_equal(count_in(text, "\"method\":\"day.close\""), 1);
		assert_int_equal(count_in(text, "{\"tail\":"), 1);
		close = strstr(text, "\"method\":\"day.close\"");
		assert_int_equal(count_in(close, "\n{\"seq\":"), 0);
		free(text);
	}
	text = batch_text(s, batch, "open");
	if (text)
		assert_int_equal(count_in(text, "\"method\":\"day.close\""), 0);
	free(text);
	assert_null(batch_text(s, batch + 1, "jsonl"));
	assert_null(batch_text(s, batch + 1, "open"));
	return batch - 1;
}

static void assert_nothing_taken(const struct shop *s)
{
	size_t len;
	char *text = journal_text(s, &len);

	assert_int_equal(count_in(text, "\"cause\":\"earn\""), count_in(text, "\"cause\":"));
	free(text);
}

static char *sell(struct wire *w, int number)
{
	return ask_ok(w, "sale.commit",
		"'request':'s-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000", number,
		number);
}

static int64_t points(struct wire *w)
{
	return figure(ask_ok(w, "card.lookup", "'card':'CARD-1'"), "result.balances.points");
}

static void assert_day(struct wire *w, const char *day)
{
	assert_field(ask_ok(w, "system.status", "%s", ""), "result.business_day", day);
}

static int clock_alerts(struct wire *w)
{
	return count_in(ask_ok(w, "system.alerts", "%s", ""), "\"kind\":\"clock\"");
}

/* All jobs after the last close have come to this state. */
static void await_jobs(struct wire *w, const char *state)
{
	int64_t until = now_ms() + DEADLINE_MS;
	char *reply;

	while (strstr(reply = ask_ok(w, "day.status", "%s", ""), "\"state\":\"due\"")) {
		assert_true(now_ms() < until);
		sleep_ms(2);
	}
	assert_true(count_of(reply, "result.jobs") > 0);
	for (int64_t i = 0; i < count_of(reply, "result.jobs"); i++) {
		char path[64];

		snprintf(path, sizeof(path), "result.jobs[%d].state", (int)i);
		assert_field(reply, path, state);
	}
}

/* --- a jump in an open day ----------------------------------------------------------------------------------------- */

#define POINTS_FOR_A_WEEK \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"7 days\" }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n" \
	"}\n"

#define ASLEEP \
	{ \
		.stopped = true, .points = POINTS_FOR_A_WEEK \
	}

struct moment {
	struct shop_options options; /* first: a shop's options are those of a moment */
	const char *name;
	const char *before, *after; /* UTC */
	const char *day, *next;     /* what the two days are called */
	bool waits;                 /* more than 48 hours: nobody's points lapse by it */
};

static const struct moment moments[] = {
	{ ASLEEP, "the clock is put back an hour", "2026-06-15 10:00:00", "2026-06-15 09:00:00", "2026-06-15", "2026-06-15",
		false },
	{ ASLEEP, "the clock is put back a day", "2026-06-15 10:00:00", "2026-06-14 10:00:00", "2026-06-15", "2026-06-14",
		false },
	{ ASLEEP, "the clock is put on a day", "2026-06-15 10:00:00", "2026-06-16 10:00:00", "2026-06-15", "2026-06-16",
		false },
	{ ASLEEP, "the clock is put back three days", "2026-06-15 10:00:00", "2026-06-12 10:00:00", "2026-06-15",
		"2026-06-12", true },
	{ ASLEEP, "the shop was shut for a long weekend", "2026-06-15 10:00:00", "2026-06-18 10:00:00", "2026-06-15",
		"2026-06-18", false },
	{ ASLEEP, "the clock is put on six days", "2026-06-15 10:00:00", "2026-06-21 10:00:00", "2026-06-15", "2026-06-21",
		true },
	{ ASLEEP, "the clock is put on forty days", "2026-06-15 10:00:00", "2026-07-25 10:00:00", "2026-06-15", "2026-07-25",
		true },
	{ ASLEEP, "the clock begins at 1970 again", "2026-06-15 10:00:00", "1970-01-01 00:00:10", "2026-06-15", "1970-01-01",
		true },
	{ ASLEEP, "summer time begins", "2026-03-29 00:59:55", "2026-03-29 01:00:05", "2026-03-29", "2026-03-29", false },
	{ ASLEEP, "midnight before summer time begins", "2026-03-28 22:59:55", "2026-03-28 23:00:05", "2026-03-28",
		"2026-03-29", false },
	{ ASLEEP, "midnight after summer time began", "2026-03-29 21:59:55", "2026-03-29 22:00:05", "2026-03-29",
		"2026-03-30", false },
	{ ASLEEP, "summer time ends", "2026-10-25 00:59:55", "2026-10-25 01:00:05", "2026-10-25", "2026-10-25", false },
	{ ASLEEP, "midnight before summer time ends", "2026-10-24 21:59:55", "2026-10-24 22:00:05", "2026-10-24",
		"2026-10-25", false },
	{ ASLEEP, "midnight after summer time ended", "2026-10-25 22:59:55", "2026-10-25 23:00:05", "2026-10-25",
		"2026-10-26", false },
	{ ASLEEP, "a leap day begins", "2028-02-28 22:59:55", "2028-02-28 23:00:05", "2028-02-28", "2028-02-29", false },
	{ ASLEEP, "a leap day ends", "2028-02-29 22:59:55", "2028-02-29 23:00:05", "2028-02-29", "2028-03-01", false },
	{ ASLEEP, "a year without a leap day", "2027-02-28 22:59:55", "2027-02-28 23:00:05", "2027-02-28", "2027-03-01",
		false },
	{ ASLEEP, "the year ends", "2026-12-31 22:59:55", "2026-12-31 23:00:05", "2026-12-31", "2027-01-01", false },
	{ ASLEEP, "seconds no longer fit 31 bits", "2038-01-19 03:14:05", "2038-01-19 03:14:15", "2038-01-19", "2038-01-19",
		false },
	{ ASLEEP, "the day after they no longer fit", "2038-01-19 22:59:55", "2038-01-19 23:00:05", "2038-01-19",
		"2038-01-20", false },
};

static void assert_batches(struct wire *w, const struct moment *m)
{
	char *reply = ask_ok(w, "batch.list", "%s", "");

	assert_int_equal(count_of(reply, "result.batches"), 2);
	assert_field(reply, "result.batches[0].business_day", m->day);
	assert_field(reply, "result.batches[1].business_day", m->next);
}

static void jumped(void **state)
{
	struct shop *s = *state;
	const struct moment *m = (const struct moment *)(const void *)s->options;
	int64_t before = seconds_to(m->before), after = seconds_to(m->after), seq;
	struct wire w;
	char *reply;

	clock_set(before);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	sell(&w, 1);
	assert_day(&w, m->day);

	clock_set(after);
	assert_field(sell(&w, 1), "result.replayed", "true");
	sell(&w, 2);
	assert_day(&w, m->day); /* only a command closes it */
	reply = ask_ok(&w, "day.close", "'request':'d-1'");
	assert_figure(reply, "result.batch", 1);
	assert_field(reply, "result.business_day", m->day);
	seq = last_seq(&w);
	assert_figure(ask_ok(&w, "day.close", "'request':'d-2'"), "result.batch", 1);
	assert_figure(ask_ok(&w, "day.close", "'request':'d-3','business_day':'%s'", m->day), "result.batch", 1);
	assert_int_equal(last_seq(&w), seq);

	sell(&w, 3);
	assert_day(&w, m->next);
	await_jobs(&w, m->waits ? "waiting" : "done");
	assert_int_equal(clock_alerts(&w), m->waits);
	assert_figure(ask_ok(&w, "day.close", "'request':'d-4'"), "result.batch", 2);
	assert_batches(&w, m);
	wire_close(&w);

	assert_int_equal(shop_stop(s), 0);
	assert_int_equal(closed_batches(s), 2);
	assert_nothing_taken(s);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_batches(&w, m);
	assert_field(sell(&w, 2), "result.replayed", "true");
	clock_set(before);
	assert_field(sell(&w, 2), "result.replayed", "true"); /* whatever lies between the two clocks */
	if (after > before)                                   /* else what was earned meanwhile bears an earlier date */
		assert_int_equal(points(&w), 30);
	wire_close(&w);
	clock_set(0);
}

/* A supervisor has looked at all that was raised. */
static void alerts_resolve(struct wire *w)
{
	char ids[16][32];
	char *reply = ask_ok(w, "system.alerts", "%s", "");
	int64_t n = count_of(reply, "result.alerts");

	assert_true(n > 0 && n <= 16);
	for (int64_t i = 0; i < n; i++) {
		char path[64];

		snprintf(path, sizeof(path), "result.alerts[%d].alert", (int)i);
		snprintf(ids[i], sizeof(ids[i]), "%s", field(reply, path));
	}
	for (int64_t i = 0; i < n; i++)
		ask_ok(w, "alert.resolve", "'request':'a-%s','alert':'%s','outcome':'the clock is right'", ids[i], ids[i]);
}

/* --- a clock that is put right again ------------------------------------------------------------------------------- */

/* A wrong clock for a day or two, and back: points that have not lapsed are there, and lapse when their time has come. */
static void put_right(void **state)
{
	static const char *const wrong[] = { "2026-07-25 10:00:00", "2026-07-26 10:00:00" };
	struct shop *s = *state;
	struct wire w;
	int number = 1;

	clock_set(seconds_to("2026-06-15 10:00:00"));
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	sell(&w, number++);
	for (size_t i = 0; i < 2; i++) {
		clock_set(seconds_to(wrong[i]));
		ask_ok(&w, "day.close", "'request':'wrong-%d'", (int)i);
		sell(&w, number++);
		await_jobs(&w, "waiting");
	}
	clock_set(seconds_to("2026-06-16 10:00:00"));
	ask_ok(&w, "day.close", "'request':'right-1'");
	sell(&w, number++);
	await_jobs(&w, "waiting");
	assert_int_equal(points(&w), 40);
	alerts_resolve(&w);
	await_jobs(&w, "done");
	assert_int_equal(points(&w), 40);
	clock_set(seconds_to("2026-06-17 10:00:00"));
	ask_ok(&w, "day.close", "'request':'right-2'");
	sell(&w, number++);
	await_jobs(&w, "done");
	assert_int_equal(points(&w), 50);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	assert_int_equal(closed_batches(s), 4);
	clock_set(0);
}

/* --- a clock that is right ----------------------------------------------------------------------------------------- */

/* Day by day: what is due happens, and not sooner. */
static void time_passes(void **state)
{
	struct shop *s = *state;
	int64_t noon = seconds_to("2026-06-15 12:00:00");
	struct wire w;
	size_t len;
	char *text;

	clock_set(noon);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	sell(&w, 1);
	ask_ok(&w, "sale.commit",
		"'request':'o-1','offline':true,'at':'2099-01-01T00:00:00Z','sale':'O-1','lines':[{'sku':'a','amount':100}],"
		"'payable':100");
	for (int day = 1; day <= 40; day++) {
		clock_set(noon + day * INT64_C(86400));
		ask_ok(&w, "day.close", "'request':'d-%d'", day);
		ask_ok(&w, "sale.commit", "'request':'n-%d','sale':'N-%d','lines':[{'sku':'a','amount':100}],'payable':100",
			day, day);
		await_jobs(&w, "done");
		assert_int_equal(points(&w), day <= 7 ? 10 : 0);
		text = journal_text(s, &len);
		assert_int_equal(count_in(text, "\"cause\":\"expire\""), day <= 7 ? 0 : 1);
		free(text);
		if (day == 30)
			assert_int_equal(clock_alerts(&w), 1);
	}
	assert_int_equal(clock_alerts(&w), 0);
	assert_int_equal(metric(&w, "palier_alerts_open", NULL), 0);
	wire_close(&w);
	clock_set(0);
}

/* --- a tier's time ------------------------------------------------------------------------------------------------- */

static void assert_tier(struct wire *w, const char *name, const char *until, const char *notice)
{
	char *reply = ask_ok(w, "card.lookup", "'card':'CARD-1'");

	assert_field(reply, "result.tier.name", name);
	if (until)
		assert_field(reply, "result.tier.until", until);
	else
		assert_null(field(reply, "result.tier.until"));
	if (notice)
		assert_field(reply, "result.prompts[0].text", notice);
	else
		assert_int_equal(count_of(reply, "result.prompts"), 0);
}

static void day_passes(struct wire *w, int64_t noon, int day)
{
	clock_set(noon + day * INT64_C(86400));
	ask_ok(w, "day.close", "'request':'d-%d'", day);
	ask_ok(w, "sale.commit", "'request':'n-%d','sale':'N-%d','lines':[{'sku':'a','amount':100}],'payable':100", day,
		day);
	await_jobs(w, "done");
}

/* Silver for five days; then three days' notice; then none. A restart in between changes nothing. */
static void tier_falls(void **state)
{
	struct shop *s = *state;
	int64_t noon = seconds_to("2026-06-15 12:00:00");
	struct wire w;

	clock_set(noon);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1','language':'en'");
	assert_tier(&w, "bronze", NULL, NULL);
	assert_field(sell(&w, 1), "result.tier.name", "silver");
	for (int day = 1; day <= 5; day++) {
		day_passes(&w, noon, day);
		assert_tier(&w, "silver", "2026-06-20", NULL);
	}
	for (int day = 6; day <= 8; day++) {
		day_passes(&w, noon, day);
		assert_tier(&w, "silver", "2026-06-23", "silver ends after 23 Jun 2026, unless you reach it again");
	}
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	day_passes(&w, noon, 9);
	assert_tier(&w, "bronze", NULL, NULL);
	assert_field(sell(&w, 1), "result.tier.name", "silver"); /* sent again: as it was */
	assert_tier(&w, "bronze", NULL, NULL);
	wire_close(&w);
	clock_set(0);
}

/* --- a jump amid a close ------------------------------------------------------------------------------------------- */

#define TILLS  4
#define ROUNDS 6
#define FLIPS  40

struct till {
	pthread_t thread;
	const struct shop *shop;
	int index, round, sold, closed;
	char said[512];
};

static atomic_bool stop;

static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;

	if (!wire_open(&w, t->shop, DOOR_TRUST))
		return NULL;
	while (!atomic_load(&stop) && !t->said[0]) {
		char *reply;

		if (t->sold % 4 == t->index) {
			reply = wire_ask(&w, "day.close", "'request':'d-%d-%d-%d'", t->index, t->round, t->closed);
			if (!reply)
				break;
			if (figure(reply, "result.batch") < 1)
				snprintf(t->said, sizeof(t->said), "close %d is answered %s", t->closed, reply);
			t->closed++;
		}
		reply = wire_ask(&w, "sale.commit",
			"'request':'s-%d-%d-%d','sale':'R-%d-%d-%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100",
			t->index, t->round, t->sold, t->index, t->round, t->sold);
		if (!reply)
			break;
		if (figure(reply, "result.payable") != 100)
			snprintf(t->said, sizeof(t->said), "sale %d is answered %s", t->sold, reply);
		t->sold++;
	}
	wire_close(&w);
	return NULL;
}

/* The clock wavers within a day around a midnight while tills sell and close; then palierd is killed. */
static void waver(struct shop *s, struct till *tills, int round, uint64_t *seed)
{
	int64_t midnight = seconds_to("2026-10-24 22:00:00");

	atomic_store(&stop, false);
	for (int i = 0; i < TILLS; i++) {
		tills[i] = (struct till){ .shop = s, .index = i, .round = round };
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	}
	for (int i = 0; i < FLIPS; i++) {
		clock_set(midnight + (int64_t)draw_below(seed, 172801) - 86400);
		sleep_ms((int)draw_below(seed, 10));
	}
	if (round % 2)
		shop_kill(s);
	atomic_store(&stop, true);
	for (int i = 0; i < TILLS; i++) {
		pthread_join(tills[i].thread, NULL);
		if (tills[i].said[0])
			fail_msg("till %d: %s", i, tills[i].said);
	}
	if (!(round % 2))
		assert_int_equal(shop_stop(s), 0);
}

static void amid_closes(void **state)
{
	struct shop *s = *state;
	struct till tills[TILLS];
	uint64_t seed = (uint64_t)time(NULL), first = seed;
	struct wire w;
	unsigned closed = 0;

	clock_set(seconds_to("2026-10-24 10:00:00"));
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	wire_close(&w);
	for (int round = 1; round <= ROUNDS; round++) {
		print_message("round %d of %d (seed %llu)\n", round, ROUNDS, (unsigned long long)first);
		waver(s, tills, round, &seed);
		shop_start(s); /* which finishes a close that was cut short */
		assert_true(closed_batches(s) > closed);
		closed = closed_batches(s);
		connect_to(&w, s, DOOR_TRUST);
		for (int i = 0; i < TILLS; i++) {
			for (int n = 0; n < tills[i].sold; n++)
				ask_ok(&w, "sale.show", "'sale':'R-%d-%d-%d'", i, round, n);
			for (int n = 0; n < tills[i].closed; n++)
				assert_true(figure(ask_ok(&w, "day.close", "'request':'d-%d-%d-%d'", i, round, n),
						    "result.batch") >= 1);
		}
		assert_int_equal(clock_alerts(&w), 0);
		wire_close(&w);
	}
	clock_set(0);
}

static const struct shop_options forgetful = { .stopped = true,
	.points = POINTS_FOR_A_WEEK,
	.config = "retention { alerts = \"1 month\" }\n" };
static const struct shop_options with_tiers = {
	.stopped = true,
	.config =
		"tiers { window = \"5 days\"  grace = \"3 days\"  tier \"bronze\" { from = 0 }  tier \"silver\" { from = 10 } }\n"
};
static const struct shop_options asleep = { .stopped = true, .points = POINTS_FOR_A_WEEK };

int main(void)
{
	enum { MOMENTS = sizeof(moments) / sizeof(moments[0]) };
	struct CMUnitTest tests[MOMENTS + 4] = {
		IN_SHOP("day by day what is due happens, and not sooner", time_passes, &forgetful),
		IN_SHOP("a clock that was wrong and is put right has taken nothing from anybody", put_right, &asleep),
		IN_SHOP("a clock that wavers amid closes closes each day once", amid_closes, &asleep),
		IN_SHOP("a tier ends with its last day, after notice", tier_falls, &with_tiers),
	};

	for (size_t i = 0; i < MOMENTS; i++)
		tests[4 + i] = (struct CMUnitTest)IN_SHOP(moments[i].name, jumped, &moments[i].options);
	return cmocka_run_group_tests_name("clock", tests, clock_prepare, clock_remove);
}
