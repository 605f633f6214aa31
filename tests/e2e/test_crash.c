/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at random moments under eight tills. The tills keep the oracle: what was acknowledged is there once, what was not may be sent
 * again, and the balances are the sum of what was booked. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

#define TILLS 8
#define CARDS 5 /* shared by all tills, so that they meet */

/* A till rings up sale after sale, each of i euros on some card, until its connection dies. */
struct till {
	pthread_t thread;
	const struct shop *shop;
	char name[16], token[32];
	uint64_t seed;
	int next;              /* the next sale's number */
	int doubt;             /* the sale that was under way when the connection died; 0: none */
	int64_t booked[CARDS]; /* points that this till's sales have earned */
	char wrong[512];       /* what went wrong */
};

static struct till tills[TILLS];
static atomic_bool stop;

static int card_of(const struct till *t, int sale)
{
	uint64_t seed = (uint64_t)sale * 7919u + t->seed;

	return (int)draw_below(&seed, CARDS);
}

static int euros_of(int sale)
{
	return 1 + sale % 97;
}

static char *sale_send(struct till *t, struct wire *w, int sale)
{
	return wire_ask(w, "sale.commit",
		"'request':'%s|%d','sale':'%s-%d','card':'CARD-%d','lines':[{'sku':'a','amount':%d}],'payable':%d", t->name,
		sale, t->name, sale, card_of(t, sale), euros_of(sale) * 100, euros_of(sale) * 100);
}

static bool till_sign_in(struct till *t, struct wire *w)
{
	char *reply;

	if (!wire_open(w, t->shop, DOOR_TOKEN))
		return false;
	reply = wire_ask(w, "session.open", "'till':'%s','token':'%s','protocol':1", t->name, t->token);
	if (reply && strstr(reply, "\"result\""))
		return true;
	wire_close(w);
	return false;
}

static void acknowledged(struct till *t, int sale)
{
	t->booked[card_of(t, sale)] += euros_of(sale);
	t->next = sale + 1;
	t->doubt = 0;
}

static void *till_run(void *arg)
{
	struct till *t = arg;
	struct wire w;

	if (!till_sign_in(t, &w))
		return NULL; /* killed already */
	while (!atomic_load(&stop)) {
		char *reply;

		t->doubt = t->next;
		reply = sale_send(t, &w, t->next);
		if (!reply)
			break;
		if (figure(reply, "result.payable") != euros_of(t->next) * 100 || strstr(reply, "replayed")) {
			snprintf(t->wrong, sizeof(t->wrong), "sale %d is answered %s", t->next, reply);
			break;
		}
		acknowledged(t, t->next);
	}
	wire_close(&w);
	return NULL;
}

/* After the restart: the last acknowledged sale is known, the one in doubt is there or not, and sent again it is there once. */
static void till_reconcile(struct till *t)
{
	struct wire w;
	char *reply;

	if (t->wrong[0])
		fail_msg("%s: %s", t->name, t->wrong);
	assert_true(till_sign_in(t, &w));
	if (t->next > 1) {
		int last = t->next - 1;

		reply = ask_ok(&w, "request.status", "'request':'%s|%d'", t->name, last);
		if (strcmp(field(reply, "result.state"), "done") != 0)
			fail_msg("%s: sale %d was acknowledged and is lost: %s", t->name, last, reply);
		assert_figure(reply, "result.result.payable", euros_of(last) * 100);
		reply = sale_send(t, &w, last);
		assert_non_null(reply);
		assert_field(reply, "result.replayed", "true");
	}
	if (t->doubt) {
		bool done;

		reply = ask_ok(&w, "request.status", "'request':'%s|%d'", t->name, t->doubt);
		done = strcmp(field(reply, "result.state"), "done") == 0;
		reply = sale_send(t, &w, t->doubt);
		assert_non_null(reply);
		assert_figure(reply, "result.payable", euros_of(t->doubt) * 100);
		assert_int_equal(strstr(reply, "replayed") != NULL, done);
		acknowledged(t, t->doubt);
	}
	wire_close(&w);
}

/* Every sale of every till, from the ledger's own list, against what the tills know. */
static void sales_are_there(struct wire *w, const struct till *t)
{
	for (int sale = 1; sale < t->next; sale++) {
		char *reply = ask_ok(w, "sale.show", "'sale':'%s-%d'", t->name, sale);

		assert_figure(reply, "result.total", euros_of(sale) * 100);
		assert_field(reply, "result.till", t->name);
	}
}

static void balances_are_right(const struct shop *s, bool every_sale)
{
	struct wire w;
	int64_t sales = 0;

	connect_to(&w, s, DOOR_TRUST);
	for (int card = 0; card < CARDS; card++) {
		int64_t sum = 0;
		char *reply;

		for (int i = 0; i < TILLS; i++)
			sum += tills[i].booked[card];
		reply = ask_ok(&w, "card.lookup", "'card':'CARD-%d'", card);
		assert_figure(reply, "result.balances.points", sum);
		assert_figure(reply, "result.stats.spend", sum * 100);
		sales += figure(reply, "result.stats.purchases");
		if (sum > 0)
			assert_figure(ask_ok(&w, "balance.history", "'card':'CARD-%d','limit':1", card),
				"result.entries[0].balance", sum);
	}
	for (int i = 0; i < TILLS; i++)
		sales -= tills[i].next - 1;
	assert_int_equal(sales, 0);
	for (int i = 0; i < TILLS && every_sale; i++)
		sales_are_there(&w, &tills[i]);
	wire_close(&w);
}

static void tills_open(const struct shop *s, uint64_t *seed)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	for (int i = 0; i < TILLS; i++) {
		struct till *t = &tills[i];

		*t = (struct till){ .shop = s, .seed = draw(seed), .next = 1 };
		snprintf(t->name, sizeof(t->name), "till%d", i);
		snprintf(t->token, sizeof(t->token), "token-of-till-%d", i);
		till_make(&w, t->name, "cashier", t->token);
	}
	for (int i = 0; i < CARDS; i++)
		ask_ok(&w, "member.enroll", "'request':'card-%d','card':'CARD-%d','name':'Zoé %d'", i, i, i);
	wire_close(&w);
}

static void tills_run(struct shop *s, uint64_t *seed)
{
	atomic_store(&stop, false);
	for (int i = 0; i < TILLS; i++)
		assert_int_equal(pthread_create(&tills[i].thread, NULL, till_run, &tills[i]), 0);
	sleep_ms((int)draw_below(seed, 120));
	if (draw_below(seed, 8) == 0)
		sleep_ms((int)draw_below(seed, 1500)); /* sometimes around a commit of the index */
	shop_kill(s);
	atomic_store(&stop, true);
	for (int i = 0; i < TILLS; i++)
		pthread_join(tills[i].thread, NULL);
}

static void killed(void **state)
{
	struct shop *s = *state;
	bool all = getenv("PALIER_LONG") != NULL;
	int rounds = all ? 500 : 20;
	uint64_t seed = (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid(), first = seed;
	int sold = 0;

	tills_open(s, &seed);
	for (int round = 1; round <= rounds; round++) {
		bool thorough = round % (all ? 25 : 5) == 0;

		print_message("round %d of %d (seed %llu)\n", round, rounds, (unsigned long long)first);
		tills_run(s, &seed);
		if (thorough)
			shop_sound(s);
		shop_start(s);
		for (int i = 0; i < TILLS; i++)
			till_reconcile(&tills[i]);
		balances_are_right(s, round == rounds);
	}
	for (int i = 0; i < TILLS; i++)
		sold += tills[i].next - 1;
	print_message("%d sales\n", sold);
	assert_true(sold > rounds);
}

/* --- closes among the sales --- */

/* Closes day after day, as fast as they come, until its connection dies. */
static struct closer {
	pthread_t thread;
	const struct shop *shop;
	int next, doubt; /* as a till's */
	int64_t batch;   /* the last that was acknowledged */
	char wrong[512];
} closer;

static char *close_send(struct wire *w, int number)
{
	return wire_ask(w, "day.close", "'request':'close-%d'", number);
}

static void closed(int64_t batch)
{
	closer.batch = batch;
	closer.next++;
	closer.doubt = 0;
}

static void *closer_run(void *arg)
{
	struct wire w;

	(void)arg;
	if (!wire_open(&w, closer.shop, DOOR_TRUST))
		return NULL;
	while (!atomic_load(&stop)) {
		char *reply;
		int64_t batch;

		closer.doubt = closer.next;
		reply = close_send(&w, closer.next);
		if (!reply)
			break;
		batch = figure(reply, "result.batch");
		/* The next one; or the same once more, while nobody has sold anything; or none at all yet. */
		if (batch != closer.batch + 1 && batch != closer.batch && !strstr(reply, "day_unknown")) {
			snprintf(closer.wrong, sizeof(closer.wrong), "close %d is answered %s", closer.next, reply);
			break;
		}
		if (batch > 0)
			closed(batch);
	}
	wire_close(&w);
	return NULL;
}

static void closer_reconcile(const struct shop *s)
{
	struct wire w;
	char *reply;

	if (closer.wrong[0])
		fail_msg("%s", closer.wrong);
	connect_to(&w, s, DOOR_TRUST);
	if (closer.batch)
		assert_figure(ask_ok(&w, "batch.show", "'batch':%d", (int)closer.batch), "result.batch", closer.batch);
	if (closer.doubt) {
		bool done;
		int64_t batch;

		reply = ask_ok(&w, "request.status", "'request':'close-%d'", closer.doubt);
		done = strcmp(field(reply, "result.state"), "done") == 0;
		reply = close_send(&w, closer.doubt);
		assert_non_null(reply);
		assert_int_equal(strstr(reply, "replayed") != NULL, done);
		batch = figure(reply, "result.batch");
		assert_true(batch == closer.batch || batch == closer.batch + 1);
		if (done)
			assert_int_equal(batch, closer.batch + 1);
		closed(batch);
	}
	wire_close(&w);
}

static void killed_while_closing(void **state)
{
	struct shop *s = *state;
	int rounds = getenv("PALIER_LONG") ? 300 : 15;
	uint64_t seed = (uint64_t)time(NULL) * 1000033u + (uint64_t)getpid(), first = seed;

	tills_open(s, &seed);
	closer = (struct closer){ .shop = s, .next = 1 };
	for (int round = 1; round <= rounds; round++) {
		print_message("round %d of %d (seed %llu)\n", round, rounds, (unsigned long long)first);
		atomic_store(&stop, false);
		assert_int_equal(pthread_create(&closer.thread, NULL, closer_run, NULL), 0);
		tills_run(s, &seed);
		pthread_join(closer.thread, NULL);
		if (round % 5 == 0)
			shop_sound(s);
		shop_start(s);
		closer_reconcile(s);
		for (int i = 0; i < TILLS; i++)
			till_reconcile(&tills[i]);
		balances_are_right(s, round == rounds);
	}
	print_message("%d closes\n", (int)closer.batch);
	assert_true(closer.batch > rounds);
}

/* Enrolments too: the keys that seal a name are on disk before its line is. */
static void enrolments(void **state)
{
	struct shop *s = *state;
	uint64_t seed = (uint64_t)time(NULL);
	int next = 0;

	for (int round = 0; round < 10; round++) {
		struct wire w;
		char *reply;
		int until = next + 1 + (int)draw_below(&seed, 20);

		connect_to(&w, s, DOOR_TRUST);
		for (; next < until; next++)
			ask_ok(&w, "member.enroll",
				"'request':'e-%d','name':'Camille %d','phone':'06%08d','card':'MEMBER-%d'", next, next, next,
				next);
		shop_kill(s);
		wire_close(&w);
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		for (int i = 0; i < next; i++) {
			char name[32];

			snprintf(name, sizeof(name), "Camille %d", i);
			reply = ask_ok(&w, "card.lookup", "'phone':'06%08d'", i);
			assert_field(reply, "result.name", name);
		}
		wire_close(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("kill -9 under eight tills loses no acknowledged sale and doubles none", killed, NULL),
		IN_SHOP("kill -9 among closes closes each day once, and loses no sale", killed_while_closing, NULL),
		IN_SHOP("kill -9 right after an enrolment leaves its member readable", enrolments, NULL),
	};

	return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
