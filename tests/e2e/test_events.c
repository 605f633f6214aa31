/* SPDX-License-Identifier: Apache-2.0 */
/* events.subscribe: who hears what, from where on, and what becomes of those who do not listen. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

/* --- what the tests share --- */

static void sell(struct wire *w, int number)
{
	ask_ok(w, "sale.commit",
		"'request':'s-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':250}],'payable':250", number,
		number);
}

/* A connection of its own that hears these topics of all tills. @param more 'after', say, or "" */
static void listen_to(struct wire *w, const struct shop *s, const char *topics, const char *more)
{
	connect_to(w, s, DOOR_TRUST);
	ask_ok(w, "events.subscribe", "'topics':[%s]%s", topics, more);
}

/* The next line, which must be an event. */
static char *event_next(struct wire *w)
{
	char *line = wire_line(w);

	assert_non_null(line);
	assert_field(line, "jsonrpc", "2.0");
	assert_field(line, "method", "event");
	assert_null(field(line, "id"));
	return line;
}

/* Nothing was sent before the reply to a question asked now. */
static void assert_silent(struct wire *w)
{
	ask_ok(w, "system.status", "%s", "");
}

static void enroll(const struct shop *s)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll",
		"'request':'c-1','card':'CARD-1','name':'Zoé Martin','phone':'0612345678','email':'zoe@example.org'");
	wire_close(&w);
}

/* --- what is told --- */

static void sale_told(void **state)
{
	struct wire ear, w;
	char *event, member[64];

	enroll(*state);
	listen_to(&ear, *state, "'sale'", "");
	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "session.open", "'till':'till-1','protocol':1,'operator':'07'");
	snprintf(member, sizeof(member), "%s", field(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.member"));
	sell(&w, 1);
	event = event_next(&ear);
	assert_figure(event, "params.seq", last_seq(&w));
	assert_non_null(field(event, "params.at"));
	assert_field(event, "params.topic", "sale");
	assert_field(event, "params.method", "sale.commit");
	assert_field(event, "params.till", "till-1");
	assert_field(event, "params.operator", "07");
	assert_field(event, "params.member", member);
	assert_field(event, "params.sale", "R-1");
	assert_figure(event, "params.payable", 250);
	assert_figure(event, "params.earned[0].points", 2);
	assert_figure(event, "params.balances.points", 2);
	sell(&w, 2);
	assert_figure(event_next(&ear), "params.balances.points", 4);
	wire_close(&w);
	wire_close(&ear);
}

static void only_what_is_booked(void **state)
{
	struct wire ear, w;

	enroll(*state);
	listen_to(&ear, *state, "'sale','member'", "");
	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "sale.commit",
		"'request':'t-1','training':true,'sale':'T-1','card':'CARD-1','lines':[{'sku':'a','amount':250}],'payable':250");
	ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'t-2','sale':'T-2','card':'CARD-1','lines':[{'sku':'a','amount':250}],'payable':251");
	ask_ok(&w, "sale.quote", "'card':'CARD-1','lines':[{'sku':'a','amount':250}]");
	sell(&w, 1);
	assert_field(event_next(&ear), "params.sale", "R-1");
	sell(&w, 1); /* sent again */
	assert_silent(&ear);
	wire_close(&w);
	wire_close(&ear);
}

static void by_topic(void **state)
{
	struct wire sales, members, both, w;

	enroll(*state);
	listen_to(&sales, *state, "'sale'", "");
	listen_to(&members, *state, "'member'", "");
	listen_to(&both, *state, "'member','sale','day','alert'", "");
	connect_to(&w, *state, DOOR_TRUST);
	sell(&w, 1);
	ask_ok(&w, "balance.adjust", "'request':'a-1','card':'CARD-1','unit':'points','points':5,'reason':'sorry, Zoé'");
	ask_ok(&w, "till.add", "'request':'t-1','till':'till-9','role':'cashier','token_sha256':'%064d'", 0);
	sell(&w, 2);
	assert_field(event_next(&sales), "params.sale", "R-1");
	assert_field(event_next(&sales), "params.sale", "R-2");
	assert_silent(&sales);
	assert_figure(event_next(&members), "params.balances.points", 7);
	assert_silent(&members);
	assert_field(event_next(&both), "params.topic", "sale");
	assert_field(event_next(&both), "params.method", "balance.adjust");
	assert_field(event_next(&both), "params.sale", "R-2");
	assert_silent(&both);
	/* Subscribing again replaces, and to nothing ends. */
	ask_ok(&both, "events.subscribe", "'topics':['member']");
	ask_ok(&sales, "events.subscribe", "'topics':[]");
	sell(&w, 3);
	ask_ok(&w, "balance.adjust", "'request':'a-2','card':'CARD-1','unit':'points','points':5,'reason':'sorry'");
	assert_field(event_next(&both), "params.method", "balance.adjust");
	assert_silent(&sales);
	wire_close(&w);
	wire_close(&sales);
	wire_close(&members);
	wire_close(&both);
}

static void day_told(void **state)
{
	struct wire ear, w;
	char *event;

	listen_to(&ear, *state, "'day'", "");
	enroll(*state);
	event = event_next(&ear);
	assert_figure(event, "params.seq", 1);
	assert_field(event, "params.topic", "day");
	assert_field(event, "params.open", "true");
	assert_figure(event, "params.batch", 1);
	connect_to(&w, *state, DOOR_TRUST);
	assert_field(event, "params.business_day", field(ask_ok(&w, "system.status", "%s", ""), "result.business_day"));
	sell(&w, 1);
	assert_silent(&ear);
	ask_ok(&w, "day.close", "'request':'d-1'");
	ask_ok(&w, "day.close", "'request':'d-2'"); /* closes nothing */
	event = event_next(&ear);
	assert_figure(event, "params.seq", 3);
	assert_field(event, "params.method", "day.close");
	assert_field(event, "params.open", "false");
	assert_figure(event, "params.batch", 1);
	assert_figure(event, "params.events", 3);
	assert_figure(event, "params.totals.sales", 1);
	assert_silent(&ear);
	sell(&w, 2);
	event = event_next(&ear);
	assert_field(event, "params.open", "true");
	assert_figure(event, "params.batch", 2);
	assert_silent(&ear);
	wire_close(&w);
	wire_close(&ear);
}

/* Over the ends of files: heads and tails are passed over, and nothing else. */
static void over_days(void **state)
{
	struct shop *s = *state;
	struct wire ear, w;

	enroll(s);
	connect_to(&w, s, DOOR_TRUST);
	for (int day = 1; day <= 5; day++) {
		sell(&w, 2 * day - 1);
		sell(&w, 2 * day);
		ask_ok(&w, "day.close", "'request':'d-%d'", day);
	}
	sell(&w, 11);
	for (int day = 1; day <= 6; day++) {
		int64_t last = day == 1 ? 1 : figure(ask_ok(&w, "sale.show", "'sale':'R-%d'", 2 * day - 2), "result.seq");
		char after[32], name[16];

		snprintf(after, sizeof(after), ",'after':%d", (int)last);
		listen_to(&ear, s, "'sale'", after);
		for (int number = 2 * day - 1; number <= 11; number++) {
			snprintf(name, sizeof(name), "R-%d", number);
			assert_field(event_next(&ear), "params.sale", name);
		}
		assert_silent(&ear);
		wire_close(&ear);
	}
	listen_to(&ear, s, "'day'", ",'after':0");
	for (int i = 0; i < 11; i++) {
		char *event = event_next(&ear);

		assert_field(event, "params.open", i % 2 ? "false" : "true");
		assert_figure(event, "params.batch", i / 2 + 1);
	}
	assert_silent(&ear);
	wire_close(&ear);
	/* Who came while no day was open hears the next. */
	ask_ok(&w, "day.close", "'request':'d-6'");
	listen_to(&ear, s, "'day','sale'", "");
	sell(&w, 12);
	assert_field(event_next(&ear), "params.open", "true");
	assert_field(event_next(&ear), "params.sale", "R-12");
	wire_close(&ear);
	wire_close(&w);
}

static void alert_told(void **state)
{
	struct shop *s = *state;
	struct wire ear, w;
	char *event;

	enroll(s);
	listen_to(&ear, s, "'alert','sale'", "");
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "sale.commit",
		"'request':'o-1','offline':true,'at':'2099-01-01T00:00:00Z','sale':'O-1','card':'CARD-1',"
		"'lines':[{'sku':'a','amount':250}],'payable':250");
	assert_field(event_next(&ear), "params.sale", "O-1");
	event = event_next(&ear);
	assert_field(event, "params.topic", "alert");
	assert_field(event, "params.method", "sale.commit");
	assert_field(event, "params.alerts[0].kind", "clock");
	assert_true(figure(event, "params.alerts[0].figure") > 0);
	assert_silent(&ear);
	wire_close(&ear);
	wire_close(&w);
}

static void nobody_is_named(void **state)
{
	static const char *const personal[] = { "Zo", "Martin", "612345678", "example.org", "CARD-1", "sorry" };
	struct wire ear, w;

	listen_to(&ear, *state, "'sale','member','day','alert'", "");
	enroll(*state);
	connect_to(&w, *state, DOOR_TRUST);
	sell(&w, 1);
	ask_ok(&w, "balance.adjust", "'request':'a-1','card':'CARD-1','unit':'points','points':5,'reason':'sorry, Zoé'");
	ask_ok(&w, "card.block", "'request':'b-1','card':'CARD-1','reason':'Zoé Martin lost it'");
	for (int i = 0; i < 5; i++) { /* the day, then four commands */
		char *event = event_next(&ear);

		for (size_t p = 0; p < sizeof(personal) / sizeof(*personal); p++)
			if (strstr(event, personal[p]))
				fail_msg("%s is told in %s", personal[p], event);
	}
	assert_silent(&ear);
	wire_close(&w);
	wire_close(&ear);
}

/* --- who hears it --- */

static void by_role(void **state)
{
	struct wire display, cashier, w;

	enroll(*state);
	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "display", "token-of-display");
	till_make(&w, "till-2", "cashier", "token-of-cashier");
	sign_in(&display, *state, "till-1", "token-of-display");
	sign_in(&cashier, *state, "till-2", "token-of-cashier");
	ask_ok(&display, "events.subscribe", "'topics':['sale','member','day']");
	ask_ok(&cashier, "events.subscribe", "'topics':['sale','member','day']");
	ask_refused(&display, "forbidden", "events.subscribe", "'topics':['sale','alert']");
	ask_refused(&cashier, "forbidden", "events.subscribe", "'topics':['alert']");
	sell(&w, 1); /* at the till "local" */
	ask_ok(&w, "session.open", "'till':'till-1','protocol':1");
	sell(&w, 2);
	ask_ok(&w, "session.open", "'till':'till-2','protocol':1");
	sell(&w, 3);
	assert_field(event_next(&display), "params.sale", "R-2");
	assert_silent(&display);
	assert_field(event_next(&cashier), "params.sale", "R-3");
	assert_silent(&cashier);
	wire_close(&display);
	wire_close(&cashier);
	wire_close(&w);
}

static void revoked(void **state)
{
	struct wire ear, w;

	enroll(*state);
	connect_to(&w, *state, DOOR_TRUST);
	till_make(&w, "till-1", "supervisor", "token-of-till");
	sign_in(&ear, *state, "till-1", "token-of-till");
	ask_ok(&ear, "events.subscribe", "'topics':['sale']");
	sell(&w, 1);
	assert_field(event_next(&ear), "params.sale", "R-1");
	ask_ok(&w, "till.revoke", "'request':'r-1','till':'till-1'");
	sell(&w, 2);
	assert_true(wire_ended(&ear));
	wire_close(&ear);
	wire_close(&w);
}

static void not_understood(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TOKEN);
	ask_refused(&w, "unauthorized", "events.subscribe", "'topics':['sale']");
	wire_close(&w);
	connect_to(&w, *state, DOOR_TRUST);
	ask_refused(&w, "params_invalid", "events.subscribe", "'topics':['sales']");
	ask_refused(&w, "params_invalid", "events.subscribe", "'topics':['']");
	ask_refused(&w, "params_invalid", "events.subscribe", "%s", "");
	ask_refused(&w, "params_invalid", "events.subscribe", "'topics':['sale'],'after':1");
	ask_refused(&w, "params_invalid", "events.subscribe", "'topics':['sale'],'after':-1");
	ask_ok(&w, "events.subscribe", "'topics':['sale','sale'],'after':0");
	wire_close(&w);
}

/* --- from where on --- */

#define MANY 3000

static size_t sale_line(int number, char *out, size_t size)
{
	return (size_t)snprintf(out, size,
		"{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"sale.commit\",\"params\":{\"request\":\"s-%d\",\"sale\":\"R-%d\","
		"\"card\":\"CARD-1\",\"lines\":[{\"sku\":\"a\",\"amount\":250}],\"payable\":250}}\n",
		number, number, number);
}

/* Sales from..to, pipelined. */
static void sell_many(struct wire *w, int from, int to)
{
	int sent = from;

	for (int answered = from; answered <= to; answered++) {
		char line[256], *reply;

		for (; sent <= to && sent < answered + 64; sent++)
			assert_true(wire_send(w, line, sale_line(sent, line, sizeof(line))));
		reply = wire_line(w);
		assert_non_null(reply);
		assert_figure(reply, "id", answered);
		assert_figure(reply, "result.payable", 250);
	}
}

static void hear_sales(struct wire *ear, int from, int to)
{
	for (int number = from; number <= to; number++) {
		char name[16], *event = event_next(ear);

		snprintf(name, sizeof(name), "R-%d", number);
		assert_field(event, "params.sale", name);
		assert_figure(event, "params.balances.points", 2 * number);
		assert_figure(event, "params.seq", number + 1); /* the enrolment is the first */
	}
}

static void replayed(void **state)
{
	struct shop *s = *state;
	struct wire ear, w;

	enroll(s);
	connect_to(&w, s, DOOR_TRUST);
	sell_many(&w, 1, 100);
	listen_to(&ear, s, "'sale'", ",'after':0");
	hear_sales(&ear, 1, 100);
	sell_many(&w, 101, 110);
	hear_sales(&ear, 101, 110);
	wire_close(&ear);
	listen_to(&ear, s, "'sale'", ",'after':90"); /* up to R-89 */
	hear_sales(&ear, 90, 110);
	assert_silent(&ear);
	wire_close(&ear);
	listen_to(&ear, s, "'sale'", ",'after':111");
	assert_silent(&ear);
	wire_close(&ear);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	listen_to(&ear, s, "'sale'", ",'after':50");
	hear_sales(&ear, 50, 110);
	connect_to(&w, s, DOOR_TRUST);
	sell_many(&w, 111, 120);
	hear_sales(&ear, 111, 120);
	wire_close(&ear);
	wire_close(&w);
}

struct seller {
	const struct shop *shop;
	int from, to;
};

static void *sell_aside(void *arg)
{
	const struct seller *seller = arg;
	struct wire w;

	connect_to(&w, seller->shop, DOOR_TRUST);
	sell_many(&w, seller->from, seller->to);
	wire_close(&w);
	return NULL;
}

/* Some hear from the beginning, some come in at the middle, all while sales go on: none hears a gap or an echo. */
static void replayed_amid_sales(void **state)
{
	struct shop *s = *state;
	struct seller seller = { s, 1, MANY };
	struct wire ear[3];
	pthread_t thread;

	enroll(s);
	listen_to(&ear[0], s, "'sale'", "");
	assert_int_equal(pthread_create(&thread, NULL, sell_aside, &seller), 0);
	hear_sales(&ear[0], 1, MANY / 3);
	listen_to(&ear[1], s, "'sale'", ",'after':1");
	listen_to(&ear[2], s, "'sale'", ",'after':500");
	hear_sales(&ear[1], 1, MANY);
	hear_sales(&ear[0], MANY / 3 + 1, MANY);
	hear_sales(&ear[2], 500, MANY);
	pthread_join(thread, NULL);
	for (int i = 0; i < 3; i++) {
		assert_silent(&ear[i]);
		wire_close(&ear[i]);
	}
}

/* Who replays a long past is led through it in slices: another till's question is answered meanwhile. */
static void replay_stalls_nobody(void **state)
{
	struct shop *s = *state;
	struct wire ear, w;

	enroll(s);
	connect_to(&w, s, DOOR_TRUST);
	sell_many(&w, 1, MANY);
	connect_to(&ear, s, DOOR_PEER); /* which holds less of what is not read yet than MANY events */
	assert_figure(ask_ok(&ear, "events.subscribe", "'topics':['sale'],'after':0"), "result.seq", MANY + 1);
	assert_int_equal(metric(&w, "palier_subscribers_behind", NULL), 1);
	hear_sales(&ear, 1, MANY);
	while (metric(&w, "palier_subscribers_behind", NULL) > 0)
		; /* the last slice has left, but its pass may not be over */
	wire_close(&ear);
	wire_close(&w);
}

static void between_replies(void **state)
{
	struct wire w;
	int events = 0;

	enroll(*state);
	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "events.subscribe", "'topics':['sale']");
	for (int i = 1; i <= 200; i++) {
		char line[256];

		assert_true(wire_send(&w, line, sale_line(i, line, sizeof(line))));
	}
	for (int replies = 0; replies < 200 || events < 200;) {
		char *line = wire_line(&w);

		assert_non_null(line);
		if (field(line, "id")) {
			assert_figure(line, "id", ++replies);
		} else {
			assert_figure(line, "params.seq", ++events + 1);
			assert_true(events <= replies); /* what this till did, it was answered first */
		}
	}
	wire_close(&w);
}

/* --- who does not listen --- */

static void overflow(void **state)
{
	struct shop *s = *state;
	struct wire ear, w;
	int64_t seq = 1;
	int sold = 0;
	char *line, after[32];

	enroll(s);
	connect_to(&ear, s, DOOR_PEER);
	ask_ok(&ear, "events.subscribe", "'topics':['sale']");
	connect_to(&w, s, DOOR_TRUST);
	while (figure(ask_ok(&w, "system.status", "%s", ""), "result.subscribers") == 1) {
		assert_true(sold < 50000);
		sell_many(&w, sold + 1, sold + 500);
		sold += 500;
	}
	while ((line = wire_line(&ear)) && strcmp(field(line, "method"), "event") == 0)
		assert_figure(line, "params.seq", ++seq);
	assert_non_null(line);
	assert_field(line, "method", "event.overflow");
	assert_figure(line, "params.seq", seq);
	assert_true(wire_ended(&ear));
	wire_close(&ear);
	/* It goes on where it was cut. */
	snprintf(after, sizeof(after), ",'after':%d", (int)seq);
	listen_to(&ear, s, "'sale'", after);
	hear_sales(&ear, (int)seq, sold);
	assert_silent(&ear);
	wire_close(&ear);
	wire_close(&w);
}

/* One that begins with a long past and reads nothing holds up neither sales nor the other ears. */
static void deaf_replay(void **state)
{
	struct shop *s = *state;
	struct wire deaf, ear, w;

	enroll(s);
	connect_to(&w, s, DOOR_TRUST);
	sell_many(&w, 1, MANY);
	connect_to(&deaf, s, DOOR_PEER);
	ask_ok(&deaf, "events.subscribe", "'topics':['sale'],'after':0");
	listen_to(&ear, s, "'sale'", "");
	sell_many(&w, MANY + 1, MANY + 200);
	hear_sales(&ear, MANY + 1, MANY + 200);
	shop_log_wait(s, "slow_reader");
	wire_close(&deaf);
	wire_close(&ear);
	wire_close(&w);
}

/* --- what is told is true --- */

struct gossip {
	pthread_t thread;
	struct wire ear;
	int64_t last;
	char sale[32];
};

static void *hear_all(void *arg)
{
	struct gossip *g = arg;
	char *line;

	while ((line = wire_line(&g->ear)) && figure(line, "params.seq") > 0) {
		g->last = figure(line, "params.seq");
		snprintf(g->sale, sizeof(g->sale), "%s", field(line, "params.sale"));
	}
	return NULL;
}

static void *sell_until_dead(void *arg)
{
	const struct seller *seller = arg;
	struct wire w;

	if (!wire_open(&w, seller->shop, DOOR_TRUST))
		return NULL;
	for (int i = seller->from;; i++) {
		char line[256];

		if (!wire_send(&w, line, sale_line(i, line, sizeof(line))) || (i % 32 == 0 && !wire_line(&w)))
			break;
	}
	wire_close(&w);
	return NULL;
}

static void killed(void **state)
{
	struct shop *s = *state;
	uint64_t seed = (uint64_t)time(NULL), first = seed;

	enroll(s);
	for (int round = 0; round < 10; round++) {
		struct gossip g = { .last = 0 };
		struct seller seller = { s, 1 + round * 1000000, 0 };
		pthread_t thread;
		struct wire w;

		print_message("round %d (seed %llu)\n", round, (unsigned long long)first);
		listen_to(&g.ear, s, "'sale'", "");
		assert_int_equal(pthread_create(&g.thread, NULL, hear_all, &g), 0);
		assert_int_equal(pthread_create(&thread, NULL, sell_until_dead, &seller), 0);
		sleep_ms((int)draw_below(&seed, 150));
		shop_kill(s);
		pthread_join(thread, NULL);
		pthread_join(g.thread, NULL);
		wire_close(&g.ear);
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		assert_true(last_seq(&w) >= g.last);
		if (g.last)
			assert_figure(ask_ok(&w, "sale.show", "'sale':'%s'", g.sale), "result.seq", g.last);
		wire_close(&w);
	}
}

/* A slow machine is not a slow reader. */
static const struct shop_options patient = { .config = "limits { line-seconds = 600 }\n" };
static const struct shop_options hasty = { .config = "limits { line-seconds = 1 }\n" };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a sale is told with its figures", sale_told, NULL),
		IN_SHOP("what is refused, tried out or sent again is not told", only_what_is_booked, NULL),
		IN_SHOP("each hears the topics it asked for, and may change its mind", by_topic, NULL),
		IN_SHOP("a day's opening and its close are told", day_told, NULL),
		IN_SHOP("events are told over the ends of days", over_days, NULL),
		IN_SHOP("an alert is told apart from what raised it", alert_told, NULL),
		IN_SHOP("no name, number or reason is told to anybody", nobody_is_named, NULL),
		IN_SHOP("display and cashier hear of their own till, a supervisor of all", by_role, NULL),
		IN_SHOP("a revoked till hears no more", revoked, NULL),
		IN_SHOP("what cannot be meant is refused", not_understood, NULL),
		IN_SHOP("the events since a seq come first, also after a restart", replayed, NULL),
		IN_SHOP("past and present join without gap or echo amid sales", replayed_amid_sales, NULL),
		IN_SHOP("a long past is told in slices", replay_stalls_nobody, NULL),
		IN_SHOP("events come between replies, which keep their order", between_replies, NULL),
		IN_SHOP("who does not read is cut with event.overflow, and may go on where it was", overflow, &patient),
		IN_SHOP("who does not read its past disturbs nobody", deaf_replay, &hasty),
		IN_SHOP("after kill -9 all that was told is there", killed, NULL),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
