/* SPDX-License-Identifier: Apache-2.0 */
/* What happened while palier could not be asked: never refused for its numbers, counted once, in whatever order it comes. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "protocol/queue.h"
#include "tests/e2e/harness.h"

#define LINE(amount) "'lines':[{'sku':'a','amount':" #amount "}]"
#define YESTERDAY    (now_ms_utc() - INT64_C(86400000))

static int64_t now_ms_utc(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *text_of(int64_t at_ms)
{
	static char text[32];

	time_format(at_ms, text);
	return text;
}

/* What alerts there are, "kind:figure" joined by spaces, in one text. */
static const char *alerts_of(struct wire *w)
{
	static char text[1024];
	char *reply = strdup(ask_ok(w, "system.alerts", "%s", ""));
	size_t len = 0;

	text[0] = '\0';
	for (int64_t i = 0; i < count_of(reply, "result.alerts"); i++) {
		char path[64];
		int64_t of;

		snprintf(path, sizeof(path), "result.alerts[%d].kind", (int)i);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "", field(reply, path));
		snprintf(path, sizeof(path), "result.alerts[%d].figure", (int)i);
		of = figure(reply, path);
		if (of != INT64_MIN)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ":%lld", (long long)of);
	}
	free(reply);
	return text;
}

static int64_t points_of(struct wire *w, const char *card)
{
	return figure(ask_ok(w, "card.lookup", "'card':'%s'", card), "result.balances.points");
}

/* --- its time --- */

static void keeps_its_time(void **state)
{
	int64_t at = YESTERDAY;
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_refused(&w, "clock", "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':1000,'at':'%s'", text_of(at));
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':1000,'at':'%s','offline':true",
		text_of(at));
	assert_figure(reply, "result.earned[0].points", 10);
	reply = ask_ok(&w, "sale.show", "'sale':'S'");
	assert_field(reply, "result.at", text_of(at));
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	assert_field(reply, "result.stats.last_purchase", text_of(at));
	assert_figure(reply, "result.balances.points", 10);
	wire_close(&w);
}

static void lapsed_meanwhile(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(
			1000) ",'payable':1000,'at':'2001-02-03T04:05:06Z','offline':true");
	assert_figure(reply, "result.earned[0].points", 10);
	assert_figure(reply, "result.balances.points", 0);
	assert_int_equal(points_of(&w, "CARD-1"), 0);
	wire_close(&w);
}

/* --- what it is not refused for --- */

static void paid_as_it_was(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':900");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':900,'offline':true");
	assert_figure(reply, "result.payable", 900);
	assert_figure(reply, "result.due", 900);
	assert_figure(reply, "result.earned[0].points", 10);
	assert_int_equal(points_of(&w, "CARD-1"), 10);
	reply = ask_ok(&w, "sale.show", "'sale':'S'");
	assert_figure(reply, "result.total", 1000);
	assert_figure(reply, "result.payable", 900);
	ask_ok(&w, "sale.commit", "'request':'r-2','sale':'S-2'," LINE(1000) ",'payable':1100,'offline':true");
	assert_string_equal(alerts_of(&w), "total_mismatch:-100 total_mismatch:100");
	wire_close(&w);
}

static void blocked_card(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(&w, "card.issue", "'request':'i','member':'%s'", field(reply, "result.member"));
	ask_ok(&w, "card.block", "'request':'b','card':'CARD-1','reason':'lost'");
	ask_refused(&w, "card_blocked", "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':1000");
	ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':1000,'offline':true,'operator':'07'");
	assert_int_equal(points_of(&w, "CARD-1"), 10);
	assert_string_equal(alerts_of(&w), "card_blocked");
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_field(reply, "result.alerts[0].sale", "S");
	assert_field(reply, "result.alerts[0].operator", "07");
	assert_non_null(field(reply, "result.alerts[0].member"));
	wire_close(&w);
}

static void unknown_card(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_refused(&w, "card_unknown", "sale.commit",
		"'request':'r','sale':'S','card':'CARD-9'," LINE(1000) ",'payable':1000");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-9'," LINE(1000) ",'payable':1000,'offline':true");
	assert_int_equal(count_of(reply, "result.earned"), 0);
	assert_null(field(ask_ok(&w, "sale.show", "'sale':'S'"), "result.member"));
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'CARD-9'");
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'S-2','member':'m_0000000000000000'," LINE(1000) ",'payable':1000,'offline':true");
	assert_string_equal(alerts_of(&w), "card_unknown member_unknown");
	wire_close(&w);
}

static void what_cannot_be_had(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(
			1000) ",'payable':1000,'offline':true,'redeem':[{'reward':'none'}],"
			      "'coupons':['NONE'],'hold':'none','referral':'NONE'");
	assert_string_equal(alerts_of(&w), "hold_unknown code_unknown reward_unknown code_unknown");
	assert_int_equal(points_of(&w, "CARD-1"), 10);
	wire_close(&w);
}

static void refused_all_the_same(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "sale.commit", "'request':'r','sale':'S'," LINE(1000) ",'payable':1000,'offline':true");
	ask_refused(&w, "sale_exists", "sale.commit",
		"'request':'r-2','sale':'S'," LINE(1000) ",'payable':1000,'offline':true");
	ask_refused(&w, "request_conflict", "sale.commit",
		"'request':'r','sale':'S'," LINE(999) ",'payable':1000,'offline':true");
	ask_refused(&w, "card_malformed", "sale.commit",
		"'request':'r-3','sale':'S-3','card':'2900000000019'," LINE(1000) ",'payable':1000,'offline':true");
	ask_refused(&w, "params_invalid", "sale.commit",
		"'request':'r-4','sale':'S-4'," LINE(-1) ",'payable':-1,'offline':true");
	assert_string_equal(alerts_of(&w), "");
	assert_int_equal(last_seq(&w), 1);
	wire_close(&w);
}

static void tried_before(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	ask_ok(&w, "sale.commit", "'request':'r','sale':'S','card':'CARD-1'," LINE(1000) ",'payable':1000");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(
			1000) ",'payable':1000,'offline':true,'at':'2001-02-03T04:05:06Z'");
	assert_field(reply, "result.replayed", "true");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-1'," LINE(
			1000) ",'payable':1000,'offline':true,'at':'2999-02-03T04:05:06Z'");
	assert_field(reply, "result.replayed", "true");
	assert_int_equal(points_of(&w, "CARD-1"), 10);
	assert_string_equal(alerts_of(&w), "");
	wire_close(&w);
}

static void trained(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','training':true,'sale':'S','card':'CARD-9'," LINE(1000) ",'payable':900,'offline':true");
	assert_field(reply, "result.training", "true");
	assert_int_equal(last_seq(&w), 0);
	wire_close(&w);
}

/* --- cards that nobody has yet --- */

static void earns_unknown(void **state)
{
	char member[32];
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "sale.quote", "'card':'CARD-9'," LINE(1000));
	assert_figure(reply, "result.earn[0].points", 10);
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'CARD-9'");
	assert_int_equal(last_seq(&w), 0);
	reply = ask_ok(&w, "sale.commit", "'request':'r','sale':'S','card':'CARD-9'," LINE(1000) ",'payable':1000");
	assert_figure(reply, "result.balances.points", 10);
	ask_ok(&w, "sale.commit",
		"'request':'r-2','sale':'S-2','card':'CARD-9'," LINE(500) ",'payable':500,'offline':true,'at':'%s'",
		text_of(YESTERDAY));
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-9'");
	assert_field(reply, "result.provisional", "true");
	assert_figure(reply, "result.balances.points", 15);
	assert_null(field(reply, "result.name"));
	snprintf(member, sizeof(member), "%s", field(reply, "result.member"));
	assert_string_equal(alerts_of(&w), "");

	reply = ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-9','name':'Zoé Martin','phone':'0612345678'");
	assert_field(reply, "result.member", member);
	assert_field(reply, "result.name", "Zoé Martin");
	assert_field(reply, "result.card.number", "CARD9");
	assert_figure(reply, "result.balances.points", 15);
	assert_null(field(reply, "result.provisional"));
	reply = ask_ok(&w, "card.lookup", "'phone':'0612345678'");
	assert_field(reply, "result.member", member);
	ask_refused(&w, "card_in_use", "member.enroll", "'request':'e-2','card':'CARD-9'");
	wire_close(&w);
}

static void earns_on_both_ways(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	ask_ok(&w, "sale.commit", "'request':'r','training':true,'sale':'S','card':'CARD-9'," LINE(1000) ",'payable':1000");
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'CARD-9'");
	ask_refused(&w, "total_mismatch", "sale.commit",
		"'request':'r','sale':'S','card':'CARD-9'," LINE(1000) ",'payable':1");
	ask_refused(&w, "card_unknown", "card.lookup", "'card':'CARD-9'");
	ask_refused(&w, "card_malformed", "sale.commit",
		"'request':'r','sale':'S','card':'2900000000019'," LINE(1000) ",'payable':1000");
	reply = ask_ok(&w, "sale.commit",
		"'request':'r','sale':'S','card':'CARD-9'," LINE(1000) ",'payable':900,'offline':true");
	assert_figure(reply, "result.balances.points", 10);
	ask_ok(&w, "card.block", "'request':'b','card':'CARD-9','reason':'found'");
	ask_refused(&w, "card_blocked", "member.enroll", "'request':'e','card':'CARD-9'");
	wire_close(&w);
}

/* --- any order, any number of times --- */

#define CARDS 4
#define SALES 60

struct booked {
	int sale, card, amount;
	int64_t at_ms;
};

static void book(struct wire *w, const struct booked *b)
{
	char *reply = ask(w, "sale.commit",
		"'request':'r-%d','sale':'S-%d','card':'CARD-%d','lines':[{'sku':'a','amount':%d}],'payable':%d,'offline':true,'at':'%s'",
		b->sale, b->sale, b->card, b->amount, b->amount - b->sale % 3, text_of(b->at_ms));

	if (!field(reply, "result"))
		fail_msg("refused: %s", reply);
}

static void shuffle(struct booked *all, int n, uint64_t *seed)
{
	for (int i = n - 1; i > 0; i--) {
		int j = (int)draw_below(seed, (uint64_t)i + 1);
		struct booked b = all[i];

		all[i] = all[j];
		all[j] = b;
	}
}

/* What the members have, and what they have done. @return to be freed */
static char *state_of(struct wire *w)
{
	char *text = calloc(1, 65536);

	for (int card = 0; card < CARDS; card++) {
		char *reply = ask_ok(w, "card.lookup", "'card':'CARD-%d'", card);

		strcat(text, field(reply, "result.balances"));
		strcat(text, field(reply, "result.expiring"));
		strcat(text, field(reply, "result.stats"));
	}
	return text;
}

static void enroll_all(struct wire *w)
{
	for (int card = 0; card < CARDS; card++)
		ask_ok(w, "member.enroll", "'request':'e-%d','card':'CARD-%d'", card, card);
}

/* Booked in their order in one shop, and shuffled and doubled in another: the members have the same. */
static void any_order(void **state)
{
	const char *given = getenv("PALIER_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : 20261122;
	struct booked all[2 * SALES];
	int64_t begin = now_ms_utc() - INT64_C(400) * 86400000; /* some have lapsed meanwhile */
	struct shop_options plain = { 0 };
	void *other = &plain;
	struct wire w, v;
	char *expected, *got;

	print_message("seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < SALES; i++)
		all[i] = (struct booked){ i, (int)draw_below(&seed, CARDS), 1 + (int)draw_below(&seed, 30000),
			begin + INT64_C(400) * 86400000 * i / SALES };
	assert_int_equal(shop_open(&other), 0);
	connect_to(&w, *state, DOOR_TRUST);
	connect_to(&v, other, DOOR_TRUST);
	enroll_all(&w);
	enroll_all(&v);
	for (int i = 0; i < SALES; i++)
		book(&w, &all[i]);
	memcpy(all + SALES, all, SALES * sizeof(*all));
	shuffle(all, 2 * SALES, &seed);
	for (int i = 0; i < 2 * SALES; i++) {
		book(&v, &all[i]);
		if (i == SALES) {
			wire_close(&v);
			shop_kill(other);
			shop_start(other);
			connect_to(&v, other, DOOR_TRUST);
		}
	}
	assert_int_equal(last_seq(&v), CARDS + SALES);
	expected = state_of(&w);
	got = state_of(&v);
	assert_string_equal(got, expected);
	free(got);
	free(expected);
	wire_close(&v);
	wire_close(&w);
	assert_int_equal(shop_close(&other), 0);
}

/* --- the till's queue --- */

#define QUEUED 12

static struct palier_client *till_client(const struct shop *s)
{
	char door[64];
	struct palier_client *c;

	snprintf(door, sizeof(door), "tcp:127.0.0.1:%d", shop_port(s, DOOR_TRUST));
	assert_int_equal(palier_client_open(door,
				 &(struct palier_client_options){ .connect_ms = 5000, .reply_ms = 20000, .retries = 0 }, &c),
		PALIER_OK);
	return c;
}

static void queue_fill(const char *path)
{
	struct palier_queue *q;

	assert_int_equal(palier_queue_open(path, &q), PALIER_OK);
	for (int i = 0; i < QUEUED; i++) {
		char params[256];

		snprintf(params, sizeof(params),
			"{\"request\":\"q-%d\",\"sale\":\"Q-%d\",\"card\":\"CARD-1\",\"lines\":[{\"sku\":\"a\",\"amount\":1000}],"
			"\"payable\":1000,\"at\":\"2026-01-02T10:00:%02dZ\"}",
			i, i == 5 ? 4 : i, i);
		assert_int_equal(palier_queue_add(q, "sale.commit", params), PALIER_OK);
	}
	palier_queue_close(q);
}

/* A till that sends its queue, to be killed at any moment. */
static pid_t till_start(const struct shop *s, const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct palier_client *c = till_client(s);
		struct palier_reply reply;
		struct palier_queue *q;

		if (palier_queue_open(path, &q) != PALIER_OK)
			_exit(1);
		_exit(palier_queue_send(q, c, NULL, NULL, &reply) == PALIER_OK ? 0 : 2);
	}
	return pid;
}

static void queue_survives_all(void **state)
{
	struct shop *s = *state;
	char path[128], aside[140], *refused;
	struct palier_queue *q;
	int status = -1;
	size_t len;
	struct wire w;

	snprintf(path, sizeof(path), "%s/queue", s->dir);
	snprintf(aside, sizeof(aside), "%s.refused", path);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'e','card':'CARD-1'");
	wire_close(&w);
	queue_fill(path);
	for (int round = 0; status != 0; round++) {
		pid_t till = till_start(s, path);

		assert_true(round < 200);
		if (round < 20) { /* then it may do its work */
			usleep((useconds_t)(round * 997 % 7000));
			kill(till, SIGKILL);
		}
		if (round % 4 == 3 && round < 20)
			shop_kill(s);
		assert_int_equal(waitpid(till, &status, 0), till);
		if (!s->pid)
			shop_start(s);
	}
	assert_int_equal(palier_queue_open(path, &q), PALIER_OK);
	assert_int_equal(palier_queue_count(q), 0);
	palier_queue_close(q);
	refused = file_read(aside, &len);
	assert_non_null(refused);
	assert_non_null(strstr(refused, "{\"reason\":\"sale_exists\""));
	assert_non_null(strstr(refused, "\"request\":\"q-5\""));
	assert_ptr_equal(strchr(refused, '\n'), refused + len - 1);
	free(refused);
	connect_to(&w, s, DOOR_TRUST);
	assert_int_equal(points_of(&w, "CARD-1"), 10 * (QUEUED - 1));
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.stats.purchases", QUEUED - 1);
	assert_field(ask_ok(&w, "sale.show", "'sale':'Q-7'"), "result.at", "2026-01-02T10:00:07.000Z");
	wire_close(&w);
}

static const struct shop_options earning = { .store = "unknown-cards = earn" };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("an offline sale keeps its time, however long ago", keeps_its_time, NULL),
		IN_SHOP("points that would have lapsed meanwhile are credited and lapsed", lapsed_meanwhile, NULL),
		IN_SHOP("what was paid is taken as it is, and the difference is an alert that changes no line",
			paid_as_it_was, NULL),
		IN_SHOP("a blocked card earns offline, with an alert", blocked_card, NULL),
		IN_SHOP("an unknown card's sale is booked without a member, with an alert", unknown_card, NULL),
		IN_SHOP("what cannot be had is an alert each", what_cannot_be_had, NULL),
		IN_SHOP("a taken number, a conflict and malformed input are refused offline too", refused_all_the_same,
			NULL),
		IN_SHOP("what was booked before the line broke is answered again, whatever its time", tried_before, NULL),
		IN_SHOP("an offline sale in training books nothing", trained, NULL),
		IN_SHOP("an unknown card earns for a provisional member, who is completed by an enrolment", earns_unknown,
			&earning),
		IN_SHOP("training and refusals make no provisional member, an offline sale does", earns_on_both_ways,
			&earning),
		IN_SHOP("a till's queue counts once, whoever is killed meanwhile", queue_survives_all, NULL),
		IN_SHOP("in any order and twice, offline sales come to the same", any_order, NULL),
	};

	return cmocka_run_group_tests_name("offline", tests, NULL, NULL);
}
