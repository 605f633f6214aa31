/* SPDX-License-Identifier: Apache-2.0 */
/* SIGTERM drains: what is answered was booked, what was booked is answered. SIGHUP takes a valid configuration. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define TILLS    6
#define PIPELINE 8

/* Both as often as one would have to see it with PALIER_LONG. */
static int rounds(void)
{
	return getenv("PALIER_LONG") ? 100 : 20;
}

static int hangups(void)
{
	return getenv("PALIER_LONG") ? 1000 : 100;
}

/* A till that keeps some sales under way, and notes the fate of each. */
struct till {
	pthread_t thread;
	const struct shop *shop;
	int index, round, sent, answered, refused;
	bool hurt; /* a reply that was none of those expected */
	char said[512];
};

static bool pipeline_fill(struct till *t, struct wire *w)
{
	for (; t->sent < t->answered + t->refused + PIPELINE; t->sent++) {
		char line[256];
		int n = snprintf(line, sizeof(line),
			"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"%d|%d|%d\","
			"\"sale\":\"%d-%d-%d\","
			"\"card\":\"CARD-1\",\"lines\":[{\"sku\":\"a\",\"amount\":100}],\"payable\":100}}\n",
			t->sent, t->index, t->round, t->sent, t->index, t->round, t->sent);

		if (!wire_send(w, line, (size_t)n))
			return false;
	}
	return true;
}

/* Replies come in order; once one is refused because palierd stops, all after it are. */
static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;
	char *reply;

	if (!wire_open(&w, t->shop, DOOR_TRUST))
		return NULL;
	pipeline_fill(t, &w);
	while ((reply = wire_line(&w))) {
		bool stopping = strstr(reply, "\"stopping\"") != NULL;

		if (figure(reply, "id") != t->answered + t->refused ||
			(!stopping && (t->refused || figure(reply, "result.payable") != 100))) {
			snprintf(t->said, sizeof(t->said), "%s", reply);
			t->hurt = true;
			break;
		}
		t->answered += !stopping;
		t->refused += stopping;
		if (!pipeline_fill(t, &w))
			continue; /* what is on its way may still be read */
	}
	wire_close(&w);
	return NULL;
}

/* @param sales so many are seen before the signal */
static void drained_once(struct shop *s, struct till *tills, int round, int sales)
{
	struct wire w;
	int64_t points = 0, until;

	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < TILLS; i++) {
		tills[i] = (struct till){ .shop = s, .index = i, .round = round };
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	}
	until = figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points") + sales;
	do
		points = figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points");
	while (points < until);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	for (int i = 0; i < TILLS; i++)
		pthread_join(tills[i].thread, NULL);
}

static void replayed(struct wire *w, int till, int round, int n)
{
	char *reply = ask_ok(w, "sale.commit",
		"'request':'%d|%d|%d','sale':'%d-%d-%d','card':'CARD-1','lines':[{'sku':'a','amount':100}],'payable':100",
		till, round, n, till, round, n);

	assert_field(reply, "result.replayed", "true");
	assert_figure(reply, "result.payable", 100);
}

static void drains(void **state)
{
	struct shop *s = *state;
	struct till tills[TILLS];
	struct wire w;
	int64_t booked = 0;
	uint64_t seed = (uint64_t)time(NULL), first = seed;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	wire_close(&w);
	for (int round = 1; round <= rounds(); round++) {
		print_message("round %d of %d (seed %llu)\n", round, rounds(), (unsigned long long)first);
		drained_once(s, tills, round, (int)draw_below(&seed, 150));
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		for (int i = 0; i < TILLS; i++) {
			if (tills[i].hurt)
				fail_msg("till %d, after %d replies: %s", i, tills[i].answered, tills[i].said);
			booked += tills[i].answered;
			/* What got no reply, or a refusal, was not booked; what got one is answered alike for ever. */
			for (int n = 0; n < tills[i].sent; n++)
				assert_field(ask_ok(&w, "request.status", "'request':'%d|%d|%d'", i, round, n),
					"result.state", n < tills[i].answered ? "done" : "unknown");
			if (tills[i].answered)
				replayed(&w, i, round, tills[i].answered - 1);
		}
		assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", booked);
		wire_close(&w);
	}
}

static void idle_drains(void **state)
{
	struct shop *s = *state;
	struct wire idle, half;

	connect_to(&idle, s, DOOR_TRUST);
	connect_to(&half, s, DOOR_TRUST);
	ask_ok(&idle, "system.status", "%s", "");
	assert_true(wire_send(&half, "{\"jsonrpc\"", 10));
	assert_int_equal(shop_stop(s), 0); /* neither keeps it from ending */
	assert_true(wire_ended(&idle));
	wire_close(&idle);
	wire_close(&half);
}

static int64_t quoted(struct wire *w)
{
	return figure(ask_ok(w, "sale.quote", "'card':'CARD-1','lines':[{'sku':'a','amount':1000}]"),
		"result.earn[0].points");
}

#define POINTS_AT(points) \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"12 months\" }\n" \
	"	earn \"base\" { unit = points  per = \"1.00\"  points = " points " }\n" \
	"}\n"

static void reconfigure(struct shop *s, const struct shop_options *o, const char *said)
{
	char *log;

	shop_configure(s, o);
	log = shop_log(s);
	assert_null(strstr(log, said));
	free(log);
	kill(s->pid, SIGHUP);
	shop_log_wait(s, said);
}

static void reloaded(void **state)
{
	static const struct shop_options triple = { .points = POINTS_AT("3") }, broken = { .points = POINTS_AT("\"three") },
					 senseless = { .points = POINTS_AT("-3") }, none = { .points = "" };
	struct shop *s = *state;
	struct wire w;
	char *log;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	assert_int_equal(quoted(&w), 10);
	reconfigure(s, &triple, "config.taken");
	assert_int_equal(quoted(&w), 30); /* on the same connection */
	ask_ok(&w, "sale.commit",
		"'request':'r-1','sale':'R-1','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000");
	reconfigure(s, &broken, "config.kept");
	assert_int_equal(quoted(&w), 30);
	log = shop_log(s);
	assert_non_null(strstr(log, "palier.conf:")); /* file and line */
	free(log);
	shop_configure(s, &senseless);
	kill(s->pid, SIGHUP);
	ask_ok(&w, "system.status", "%s", "");
	assert_int_equal(quoted(&w), 30);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 30);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	/* What is refused on SIGHUP is refused at the start. */
	assert_true(shop_start_refused(s) > 0);
	shop_configure(s, &none);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(count_of(ask_ok(&w, "sale.quote", "'card':'CARD-1','lines':[{'sku':'a','amount':1000}]"),
				 "result.earn"),
		0);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s); /* an old journal folds whatever the configuration says */
}

/* What stands for a unit on disk is not its place in the configuration. */
static void reordered(void **state)
{
	static const struct shop_options
		before = { .points = "points {\n	unit \"a\" { }\n	unit \"b\" { }\n"
				     "	earn \"x\" { unit = a  per = \"1.00\"  points = 1 }\n"
				     "	earn \"y\" { unit = b  per = \"1.00\"  points = 10 }\n}\n" },
		after = { .points = "points {\n	unit \"new\" { }\n	unit \"b\" { }\n	unit \"a\" { }\n"
				    "	earn \"y\" { unit = b  per = \"1.00\"  points = 10 }\n"
				    "	earn \"x\" { unit = a  per = \"1.00\"  points = 1 }\n}\n" };
	struct shop *s = *state;
	struct wire w;
	char *reply;

	reconfigure(s, &before, "config.taken");
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int i = 0; i < 2; i++) {
		if (i == 1) {
			wire_close(&w);
			assert_int_equal(shop_stop(s), 0);
			shop_configure(s, &after);
			shop_start(s);
			connect_to(&w, s, DOOR_TRUST);
		}
		ask_ok(&w, "sale.commit",
			"'request':'r-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':300}],'payable':300", i,
			i);
	}
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_figure(reply, "result.balances.a", 6);
	assert_figure(reply, "result.balances.b", 60);
	assert_figure(reply, "result.balances.new", 0);
	wire_close(&w);
}

static void reloaded_under_load(void **state)
{
	static const struct shop_options triple = { .points = POINTS_AT("3") }, single = { .points = POINTS_AT("1") };
	struct shop *s = *state;
	struct wire w;
	int64_t sum = 0;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int i = 0; i < 200; i++) {
		int64_t earned;
		char *reply;

		if (i % 10 == 0) {
			shop_configure(s, i % 20 ? &triple : &single);
			kill(s->pid, SIGHUP);
		}
		reply = ask_ok(&w, "sale.commit",
			"'request':'r-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000",
			i, i);
		earned = figure(reply, "result.earned[0].points");
		assert_true(earned == 10 || earned == 30);
		sum += earned;
		assert_figure(reply, "result.balances.points", sum);
	}
	wire_close(&w);
}

/* A till that never stops until it is told, and takes no refusal. */
struct busy {
	pthread_t thread;
	const struct shop *shop;
	int index, sold;
	atomic_bool stop;
	char said[512];
};

static void busy_sell(struct busy *b, struct wire *w)
{
	char *reply = wire_ask(w, "sale.commit",
		"'request':'b-%d-%d','sale':'B-%d-%d','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000",
		b->index, b->sold, b->index, b->sold);
	int64_t earned = reply ? figure(reply, "result.earned[0].points") : 0;

	b->sold++;
	if (earned != 10 && earned != 30)
		snprintf(b->said, sizeof(b->said), "sale %d is answered %s", b->sold, reply ? reply : "with nothing");
}

static void *busy_run(void *arg)
{
	struct busy *b = arg;
	struct wire w;

	while (!atomic_load(&b->stop) && !b->said[0]) {
		if (!wire_open(&w, b->shop, DOOR_TRUST)) { /* again and again: who comes amid it is let in */
			snprintf(b->said, sizeof(b->said), "nobody answers after sale %d", b->sold);
			break;
		}
		for (int i = 0; i < 10 && !b->said[0]; i++)
			busy_sell(b, &w);
		wire_close(&w);
	}
	return NULL;
}

static void reloaded_often(void **state)
{
	static const struct shop_options triple = { .points = POINTS_AT("3") }, single = { .points = POINTS_AT("1") };
	struct shop *s = *state;
	struct busy busy[TILLS];
	struct wire w;
	int64_t sold = 0;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'c-1','card':'CARD-1'");
	for (int i = 0; i < TILLS; i++) {
		busy[i] = (struct busy){ .shop = s, .index = i };
		assert_int_equal(pthread_create(&busy[i].thread, NULL, busy_run, &busy[i]), 0);
	}
	for (int i = 1; i <= hangups(); i++) {
		shop_configure(s, i % 2 ? &triple : &single);
		kill(s->pid, SIGHUP);
		while (metric(&w, "palier_reloads_total", NULL) < i)
			sleep_ms(1);
	}
	for (int i = 0; i < TILLS; i++) {
		atomic_store(&busy[i].stop, true);
		pthread_join(busy[i].thread, NULL);
		if (busy[i].said[0])
			fail_msg("till %d: %s", i, busy[i].said);
		sold += busy[i].sold;
	}
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.stats.purchases", sold);
	assert_int_equal(metric(&w, "palier_reloads_refused_total", NULL), 0);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("SIGTERM under load loses no reply and gives no false one", drains, NULL),
		IN_SHOP("SIGTERM ends what only waits", idle_drains, NULL),
		IN_SHOP("SIGHUP takes a valid configuration, and keeps the old one otherwise", reloaded, NULL),
		IN_SHOP("a unit stays itself wherever the configuration names it", reordered, NULL),
		IN_SHOP("SIGHUP amid sales tears none", reloaded_under_load, NULL),
		IN_SHOP("SIGHUP again and again loses and refuses nothing", reloaded_often, NULL),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
