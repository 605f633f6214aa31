/* SPDX-License-Identifier: Apache-2.0 */
/* Offers, coupons, grants and limits over the wire: what a quote says a commit books, and each thing is had as often as the shop says. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

/* The shop's time is that of Paris. Nothing here depends on the hour: windows have a day to spare. */
#define DAY_S 86400

#define TWO_OFF "kind = amount  value = \"2.00\""

static const struct shop_options programme = {
	.config =
		"offers {\n"
		"	offer \"welcome\" { trigger = enroll  until = \"30 days\"  kind = amount  value = \"3.00\"  when { spend-min = \"15.00\" }\n"
		"		label { fr = \"Bienvenue\"  en = \"Welcome\" } }\n"
		"	offer \"birthday\" { trigger = birthday  days-before = 7  days-after = 7  kind = percent  value = \"10\"  max { member = 1 } }\n"
		"	offer \"back\" { trigger = win-back  after = \"120 days\"  " TWO_OFF " }\n"
		"	offer \"gift\" { " TWO_OFF " }\n"
		"	offer \"radio\" { " TWO_OFF "  max { total = 2 }  when { coupon = {\"RADIO\"} } }\n"
		"	offer \"flyer\" { codes = single  " TWO_OFF " }\n"
		"	offer \"triple\" { codes = single  uses = 3  " TWO_OFF " }\n"
		"	offer \"alone\" { stackable = false  priority = 5  kind = percent  value = \"50\"  when { coupon = {\"ALONE\"} } }\n"
		"	offer \"books\" { auto = true  kind = percent  value = \"20\"  of = lines  when { category = {\"book\"} } }\n"
		"	limit \"books\" { discount-max = \"5\"  counts-points = true  when { category = {\"book\"} } }\n"
		"}\n"
		"rewards { reward \"five-off\" { unit = points  cost = 100  kind = amount  value = \"5.00\" } }\n"
};

static char *enroll(struct wire *w, const char *card, const char *more)
{
	return ask_ok(w, "member.enroll", "'request':'enroll-%s','card':'%s'%s", card, card, more);
}

/* A ticket of one line of 20.00. @param more of the params, such as ,'card':'C' */
#define TICKET(number, more, payable) \
	"'request':'%s','sale':'%s','lines':[{'sku':'a','amount':2000}],'payable':%d%s", number, number, payable, more
#define QUOTE(more) "'lines':[{'sku':'a','amount':2000}]%s", more

/* What a quote says, a commit books. @return the reply to the commit */
static char *buy(struct wire *w, const char *number, const char *more, int payable)
{
	char *reply = ask_ok(w, "sale.quote", QUOTE(more));

	assert_figure(reply, "result.payable", payable);
	assert_int_equal(count_of(reply, "result.refused"), 0);
	reply = ask_ok(w, "sale.commit", TICKET(number, more, payable));
	assert_figure(reply, "result.payable", payable);
	return reply;
}

/* The quote lists it and goes on; the commit is refused and books nothing. */
static void cannot(struct wire *w, const char *number, const char *more, const char *reason, int payable)
{
	int64_t seq = last_seq(w);
	char *reply = ask_ok(w, "sale.quote", QUOTE(more));

	assert_field(reply, "result.refused[0].reason", reason);
	assert_figure(reply, "result.payable", payable);
	ask_refused(w, reason, "sale.commit", TICKET(number, more, payable));
	assert_int_equal(last_seq(w), seq);
}

static const char *with_code(const char *code)
{
	static char texts[4][64];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), ",'coupons':['%s']", code);
	return text;
}

static void issue(struct wire *w, const char *offer, char code[15])
{
	static unsigned drawn;
	char *reply = ask_ok(w, "coupon.issue", "'request':'issue-%s-%u','offer':'%s','count':1", offer, drawn++, offer);

	assert_int_equal(count_of(reply, "result.codes"), 1);
	snprintf(code, 15, "%s", field(reply, "result.codes[0]"));
	assert_int_equal(strlen(code), 14);
}

/* --- members ------------------------------------------------------------------------------------------------------- */

static void welcome(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = enroll(&w, "C1", ",'language':'en'");
	assert_field(reply, "result.offers[0].offer", "welcome");
	assert_field(reply, "result.offers[0].label", "Welcome");
	assert_int_equal(strlen(field(reply, "result.offers[0].until")), 10);
	reply = ask_ok(&w, "sale.quote", "'card':'C1','lines':[{'sku':'a','amount':1499}]");
	assert_figure(reply, "result.payable", 1499);
	assert_field(reply, "result.offers[0].offer", "welcome");
	reply = buy(&w, "R-1", ",'card':'C1'", 1700);
	assert_field(reply, "result.discounts[0].source", "welcome");
	assert_field(reply, "result.discounts[0].label", "Welcome");
	assert_figure(reply, "result.discounts[0].lines[0].amount", 300);
	buy(&w, "R-2", ",'card':'C1'", 2000);
	assert_int_equal(count_of(ask_ok(&w, "card.lookup", "'card':'C1'"), "result.offers"), 0);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	buy(&w, "R-3", ",'card':'C1','auto':false", 2000);
	buy(&w, "R-4", ",'card':'C1'", 1700);
	buy(&w, "R-5", "", 2000);
	wire_close(&w);
}

/* A date so many days from today, in a year gone by. */
static void birthday_at(int days, char out[16])
{
	time_t at = time(NULL) + (time_t)days * DAY_S;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, 16, "1984-%m-%d", &tm);
}

static void birthday(void **state)
{
	struct wire w;
	char more[64], day[16];
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	birthday_at(3, day);
	snprintf(more, sizeof(more), ",'birthday':'%s'", day);
	enroll(&w, "C1", more);
	birthday_at(40, day);
	snprintf(more, sizeof(more), ",'birthday':'%s'", day);
	enroll(&w, "C2", more);
	/* The welcome first, as configured. */
	reply = buy(&w, "R-1", ",'card':'C1'", 1530);
	assert_field(reply, "result.discounts[1].source", "birthday");
	buy(&w, "R-2", ",'card':'C1'", 2000);
	buy(&w, "R-3", ",'card':'C2'", 1700);
	ask_ok(&w, "member.update", "'request':'u-1','member':'%s','birthday':null",
		field(ask_ok(&w, "card.lookup", "'card':'C1'"), "result.member"));
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	buy(&w, "R-4", ",'card':'C1'", 1700);
	wire_close(&w);
}

static void time_before(int days, char out[32])
{
	time_t at = time(NULL) - (time_t)days * DAY_S;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Enrolled and last seen long ago. */
static void come_long_ago(struct wire *w, const char *card, const char *consent)
{
	char at[32];

	time_before(200, at);
	ask_ok(w, "member.enroll", "'request':'enroll-%s','card':'%s','offline':true,'at':'%s'%s", card, card, at, consent);
	ask_ok(w, "sale.commit",
		"'request':'old-%s','sale':'OLD-%s','card':'%s','offline':true,'at':'%s','lines':[{'sku':'a','amount':1000}],'payable':1000",
		card, card, card, at);
}

static void win_back(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	come_long_ago(&w, "C1", ",'consent':{'profiling':true}");
	come_long_ago(&w, "C2", "");
	assert_field(ask_ok(&w, "card.lookup", "'card':'C1'"), "result.offers[0].offer", "back");
	buy(&w, "R-1", ",'card':'C1'", 1800);
	buy(&w, "R-2", ",'card':'C1'", 2000);
	buy(&w, "R-3", ",'card':'C2'", 2000);
	wire_close(&w);
}

static void granted(void **state)
{
	struct wire w;
	char from[32];
	char *reply;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	come_long_ago(&w, "C1", "");
	reply = ask_ok(&w, "offer.grant", "'request':'g-1','card':'C1','offer':'gift'");
	assert_int_equal(count_of(reply, "result"), 0);
	assert_field(ask_ok(&w, "offer.grant", "'request':'g-1','card':'C1','offer':'gift'"), "result.replayed", "true");
	assert_int_equal(count_of(ask_ok(&w, "card.lookup", "'card':'C1'"), "result.offers"), 1);
	seq = last_seq(&w);
	ask_refused(&w, "offer_unknown", "offer.grant", "'request':'g-2','card':'C1','offer':'present'");
	ask_refused(&w, "card_unknown", "offer.grant", "'request':'g-3','card':'C9','offer':'gift'");
	ask_refused(&w, "params_invalid", "offer.grant", "'request':'g-4','card':'C1','offer':'gift','until':'2020-01-01'");
	assert_int_equal(last_seq(&w), seq);
	buy(&w, "R-1", ",'card':'C1'", 1800);
	buy(&w, "R-2", ",'card':'C1'", 2000);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	buy(&w, "R-3", ",'card':'C1'", 1800);
	/* What became of a member goes along. */
	come_long_ago(&w, "C2", "");
	ask_ok(&w, "offer.grant", "'request':'g-5','card':'C2','offer':'gift'");
	snprintf(from, sizeof(from), "%s", field(ask_ok(&w, "card.lookup", "'card':'C2'"), "result.member"));
	reply = ask_ok(&w, "card.lookup", "'card':'C1'");
	ask_ok(&w, "member.merge", "'request':'m-1','from':'%s','into':'%s'", from, field(reply, "result.member"));
	buy(&w, "R-4", ",'card':'C2'", 1800);
	buy(&w, "R-5", ",'card':'C1'", 2000);
	wire_close(&w);
}

/* --- codes --------------------------------------------------------------------------------------------------------- */

static void shared(void **state)
{
	struct wire w;

	connect_to(&w, *state, DOOR_TRUST);
	buy(&w, "R-1", ",'coupons':['RADIO']", 1800);
	buy(&w, "R-2", ",'coupons':[' radio ']", 1800);
	cannot(&w, "R-3", ",'coupons':['RADIO']", "reward_unavailable", 2000);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	buy(&w, "R-4", ",'coupons':['RADIO']", 1800);
	cannot(&w, "R-5", ",'coupons':['TELEVISION']", "code_unknown", 2000);
	cannot(&w, "R-6", ",'coupons':['']", "code_malformed", 2000);
	wire_close(&w);
}

static void single(void **state)
{
	struct wire w;
	char code[15], thrice[15], slip[15];
	char *text;
	size_t len;

	connect_to(&w, *state, DOOR_TRUST);
	issue(&w, "flyer", code);
	snprintf(slip, sizeof(slip), "%s", code);
	slip[5] = slip[5] == 'Z' ? 'Y' : 'Z';
	cannot(&w, "R-0", with_code(slip), "code_malformed", 2000);
	buy(&w, "R-1", with_code(code), 1800);
	cannot(&w, "R-2", with_code(code), "code_spent", 2000);
	ask_ok(&w, "sale.return", "'request':'b-1','return':'B-1','sale':'R-1'");
	cannot(&w, "R-2", with_code(code), "code_spent", 2000);
	issue(&w, "flyer", code);
	buy(&w, "R-3", with_code(code), 1800);
	ask_ok(&w, "sale.void", "'request':'v-3','sale':'R-3'");
	buy(&w, "R-4", with_code(code), 1800);
	issue(&w, "triple", thrice);
	buy(&w, "R-5", with_code(thrice), 1800);
	buy(&w, "R-6", with_code(thrice), 1800);
	buy(&w, "R-7", with_code(thrice), 1800);
	cannot(&w, "R-8", with_code(thrice), "code_spent", 2000);
	/* Whoever reads the ledger finds no code that nobody has used yet. */
	issue(&w, "flyer", code);
	text = journal_text(*state, &len);
	assert_null(strstr(text, code));
	free(text);
	wire_close(&w);
}

static void issued_again(void **state)
{
	struct wire w;
	char first[15];
	char *reply;
	int64_t seq;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "coupon.issue", "'request':'i-1','offer':'flyer','count':1000");
	assert_int_equal(count_of(reply, "result.codes"), 1000);
	snprintf(first, sizeof(first), "%s", field(reply, "result.codes[999]"));
	reply = ask_ok(&w, "coupon.issue", "'request':'i-1','offer':'flyer','count':1000");
	assert_field(reply, "result.replayed", "true");
	assert_field(reply, "result.codes[999]", first);
	seq = last_seq(&w);
	ask_refused(&w, "offer_unknown", "coupon.issue", "'request':'i-2','offer':'leaflet','count':1");
	ask_refused(&w, "params_invalid", "coupon.issue", "'request':'i-3','offer':'gift','count':1");
	ask_refused(&w, "params_invalid", "coupon.issue", "'request':'i-4','offer':'flyer','count':1001");
	ask_refused(&w, "params_invalid", "coupon.issue", "'request':'i-5','offer':'flyer','count':1,'until':'2020-01-01'");
	assert_int_equal(last_seq(&w), seq);
	till_make(&w, "till-1", "cashier", "a-token-of-till-1");
	wire_close(&w);
	sign_in(&w, *state, "till-1", "a-token-of-till-1");
	ask_refused(&w, "forbidden", "coupon.issue", "'request':'i-6','offer':'flyer','count':1");
	enroll(&w, "C1", "");
	ask_ok(&w, "offer.grant", "'request':'g-1','card':'C1','offer':'gift'");
	wire_close(&w);
}

#define RACERS 6

struct racer {
	pthread_t thread;
	const struct shop *shop;
	const char *code;
	int index;
	bool won, lost;
};

static void *race_run(void *who)
{
	struct racer *r = who;
	struct wire w;
	char *reply;

	if (!wire_open(&w, r->shop, DOOR_TRUST))
		return NULL;
	reply = wire_ask(&w, "sale.commit",
		"'request':'race-%d','sale':'RACE-%d','lines':[{'sku':'a','amount':2000}],'payable':1800,'coupons':['%s']",
		r->index, r->index, r->code);
	r->won = reply && strstr(reply, "\"result\"");
	r->lost = reply && strstr(reply, "\"code_spent\"");
	wire_close(&w);
	return NULL;
}

static void race(void **state)
{
	struct racer racers[RACERS];
	struct wire w;
	char code[15];

	connect_to(&w, *state, DOOR_TRUST);
	for (int round = 0; round < 5; round++) {
		int won = 0, lost = 0;

		issue(&w, "flyer", code);
		for (int i = 0; i < RACERS; i++) {
			racers[i] = (struct racer){ .shop = *state, .code = code, .index = round * RACERS + i };
			assert_int_equal(pthread_create(&racers[i].thread, NULL, race_run, &racers[i]), 0);
		}
		for (int i = 0; i < RACERS; i++) {
			pthread_join(racers[i].thread, NULL);
			won += racers[i].won;
			lost += racers[i].lost;
		}
		assert_int_equal(won, 1);
		assert_int_equal(lost, RACERS - 1);
	}
	wire_close(&w);
}

/* --- holds --------------------------------------------------------------------------------------------------------- */

static void hold_make(struct wire *w, const char *request, const char *card, const char *code, int ttl, char hold[32])
{
	char *reply = ask_ok(w, "sale.hold",
		"'request':'%s','card':'%s','lines':[{'sku':'a','amount':2000}],'coupons':['%s'],'ttl':%d", request, card,
		code, ttl);

	snprintf(hold, 32, "%s", field(reply, "result.hold"));
	assert_figure(reply, "result.quote.payable", 1800);
}

static const char *capturing(const char *card, const char *code, const char *hold)
{
	static char text[128];

	snprintf(text, sizeof(text), ",'card':'%s','coupons':['%s'],'hold':'%s'", card, code, hold);
	return text;
}

static void held(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char code[15], hold[32];
	int64_t until = now_ms() + DEADLINE_MS;

	connect_to(&w, s, DOOR_TRUST);
	come_long_ago(&w, "C1", "");
	issue(&w, "flyer", code);
	hold_make(&w, "h-1", "C1", code, 3600, hold);
	cannot(&w, "R-1", with_code(code), "code_spent", 2000);
	ask_ok(&w, "sale.release", "'request':'x-1','hold':'%s'", hold);
	hold_make(&w, "h-2", "C1", code, 3600, hold);
	/* It survives a restart. */
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	cannot(&w, "R-1", with_code(code), "code_spent", 2000);
	ask_ok(&w, "sale.commit", TICKET("R-1", capturing("C1", code, hold), 1800));
	cannot(&w, "R-2", with_code(code), "code_spent", 2000);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	hold_make(&w, "h-3", "C1", code, 1, hold);
	while (count_of(ask_ok(&w, "sale.quote", QUOTE(with_code(code))), "result.refused") > 0)
		assert_true(now_ms() < until);
	ask_refused(&w, "hold_expired", "sale.commit", TICKET("R-3", capturing("C1", code, hold), 1800));
	buy(&w, "R-3", with_code(code), 1800);
	wire_close(&w);
}

static void held_across_reload(void **state)
{
	static const struct shop_options dearer = {
		.config = "offers {\n"
			  "	offer \"flyer\" { codes = single  kind = amount  value = \"1.00\" }\n"
			  "	offer \"everybody\" { auto = true  kind = amount  value = \"0.50\" }\n}\n"
	};
	struct shop *s = *state;
	struct wire w;
	char code[15], hold[32];
	char *reply;

	connect_to(&w, s, DOOR_TRUST);
	come_long_ago(&w, "C1", "");
	issue(&w, "flyer", code);
	hold_make(&w, "h-1", "C1", code, 3600, hold);
	shop_configure(s, &dearer);
	kill(s->pid, SIGHUP);
	shop_log_wait(s, "config.taken");
	assert_figure(ask_ok(&w, "sale.quote", QUOTE("")), "result.payable", 1950);
	reply = ask_ok(&w, "sale.commit", TICKET("R-1", capturing("C1", code, hold), 1800));
	assert_int_equal(count_of(reply, "result.discounts"), 1);
	cannot(&w, "R-2", with_code(code), "code_spent", 1950);
	ask_ok(&w, "sale.void", "'request':'v-1','sale':'R-1'");
	buy(&w, "R-3", with_code(code), 1850);
	wire_close(&w);
}

/* --- order and limits ---------------------------------------------------------------------------------------------- */

static void stacking(void **state)
{
	struct wire w;
	char code[15];
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	issue(&w, "flyer", code);
	enroll(&w, "C1", "");
	reply = ask_ok(&w, "sale.quote", "'card':'C1','lines':[{'sku':'a','amount':2000}],'coupons':['%s','ALONE']", code);
	assert_int_equal(count_of(reply, "result.discounts"), 1);
	assert_field(reply, "result.discounts[0].source", "alone");
	assert_figure(reply, "result.payable", 1000);
	assert_field(reply, "result.refused[0].coupon", code);
	assert_field(reply, "result.refused[0].reason", "reward_unavailable");
	ask_refused(&w, "reward_unavailable", "sale.commit",
		"'request':'r-1','sale':'R-1','card':'C1','lines':[{'sku':'a','amount':2000}],'coupons':['%s','ALONE'],'payable':1000",
		code);
	buy(&w, "R-1", ",'card':'C1','coupons':['ALONE']", 1000);
	/* Neither the loser nor the welcome is used up. */
	buy(&w, "R-2", ",'card':'C1'", 1700);
	buy(&w, "R-3", with_code(code), 1800);
	wire_close(&w);
}

/* 5 % of 20.00 is 1.00, of which the till gave 0.60. */
#define BOOKS \
	"'lines':[{'sku':'b','category':'book','amount':2000},{'sku':'d','kind':'discount','on':0,'amount':-60}," \
	"{'sku':'a','amount':1000}]"

static void limited(void **state)
{
	struct wire w;
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	reply = ask_ok(&w, "sale.quote", BOOKS);
	assert_figure(reply, "result.payable", 2900);
	assert_figure(reply, "result.discounts[0].amount", 40);
	reply = ask_ok(&w, "sale.commit", "'request':'r-1','sale':'R-1','payable':2900," BOOKS);
	assert_figure(reply, "result.discounts[0].lines[0].amount", 40);
	/* A coupon spreads over what the limit leaves. */
	reply = ask_ok(&w, "sale.quote", "'coupons':['RADIO'],'auto':false," BOOKS);
	assert_figure(reply, "result.payable", 2740);
	assert_figure(reply, "result.discounts[0].lines[0].amount", 40);
	assert_figure(reply, "result.discounts[0].lines[1].amount", 160);
	/* A reward comes after the offers, and finds nothing left of the limit. */
	enroll(&w, "C1", "");
	ask_ok(&w, "balance.adjust", "'request':'p-1','card':'C1','unit':'points','points':100,'reason':'test'");
	reply = ask_ok(&w, "sale.quote", "'card':'C1','redeem':[{'reward':'five-off'}]," BOOKS);
	assert_field(reply, "result.discounts[0].source", "welcome");
	assert_field(reply, "result.discounts[1].source", "five-off");
	assert_figure(reply, "result.discounts[1].lines[0].line", 2);
	assert_figure(reply, "result.discounts[1].amount", 500);
	wire_close(&w);
}

static void offline(void **state)
{
	struct wire w;
	char code[15];
	char *reply;

	connect_to(&w, *state, DOOR_TRUST);
	enroll(&w, "C1", "");
	issue(&w, "flyer", code);
	buy(&w, "R-0", with_code(code), 1800);
	/* What the till could not know is not applied; what it gave shows in payable. */
	reply = ask_ok(&w, "sale.commit", TICKET("R-1", ",'card':'C1','offline':true", 2000));
	assert_int_equal(count_of(reply, "result.discounts"), 0);
	reply = ask_ok(&w, "sale.commit", TICKET("R-2", ",'card':'C1','offline':true", 1700));
	assert_field(reply, "result.discounts[0].source", "welcome");
	/* A code that was spent is a fact all the same: an alert, and the difference is kept. */
	reply = ask_ok(&w, "sale.commit",
		"'request':'R-3','sale':'R-3','lines':[{'sku':'a','amount':2000}],'payable':1800,'coupons':['%s'],'offline':true",
		code);
	assert_figure(reply, "result.payable", 1800);
	assert_int_equal(count_of(reply, "result.discounts"), 0);
	reply = ask_ok(&w, "system.alerts", "%s", "");
	assert_non_null(strstr(reply, "\"kind\":\"code_spent\""));
	assert_non_null(strstr(reply, "\"kind\":\"total_mismatch\""));
	wire_close(&w);
}

/* --- many codes, by the command line ------------------------------------------------------------------------------- */

/* Run palier against the shop. @return its exit code */
static int palier(const struct shop *s, const char *const *args)
{
	char path[4096], door[32];
	const char *argv[16] = { "palier", "--connect", door };
	pid_t pid;
	int status, n = 3;

	snprintf(path, sizeof(path), "%s/palier", getenv("PALIER_BIN") ? getenv("PALIER_BIN") : "build/bin");
	snprintf(door, sizeof(door), "tcp:127.0.0.1:%d", shop_port(s, DOOR_TRUST));
	while (*args)
		argv[n++] = *args++;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execv(path, (char *const *)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int issue_batch(const struct shop *s, const char *count, const char *path)
{
	return palier(s, (const char *const[]){ "coupon", "issue", "flyer", "--count", count, "--batch", "may", "--out",
				 path, NULL });
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; (text = strstr(text, "\r\n")); text += 2)
		n++;
	return n;
}

static void by_command(void **state)
{
	const char *count = getenv("PALIER_LONG") ? "100000" : "3000";
	struct shop *s = *state;
	struct stat st;
	struct wire w;
	char one[128], two[128], code[15];
	char *first, *again;

	snprintf(one, sizeof(one), "%s/one.csv", s->dir);
	snprintf(two, sizeof(two), "%s/two.csv", s->dir);
	/* As if it had been interrupted after its first command; both speak for the till `local`. */
	connect_to(&w, s, DOOR_TRUST);
	snprintf(code, sizeof(code), "%s",
		field(ask_ok(&w, "coupon.issue", "'request':'coupons|may|0','offer':'flyer','count':1000"),
			"result.codes[0]"));
	assert_int_equal(issue_batch(s, count, one), 0);
	assert_int_equal(issue_batch(s, count, two), 0);
	first = file_read(one, NULL);
	again = file_read(two, NULL);
	assert_string_equal(first, again);
	assert_int_equal(lines_in(first), (size_t)atoi(count) + 1);
	assert_memory_equal(first + strlen("code\r\n"), code, 14);
	assert_int_equal(stat(one, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_not_equal(issue_batch(s, count, one), 0);
	snprintf(code, sizeof(code), "%.14s", first + strlen(first) - 16);
	buy(&w, "R-1", with_code(code), 1800);
	free(first);
	free(again);
	enroll(&w, "C1", "");
	assert_int_equal(palier(s, (const char *const[]){ "offer", "grant", "C1", "gift", NULL }), 0);
	buy(&w, "R-2", ",'card':'C1'", 1500);
	wire_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("a welcome, once, to whom it is due", welcome, &programme),
		IN_SHOP("a birthday, once", birthday, &programme),
		IN_SHOP("a silence is broken, with consent alone", win_back, &programme),
		IN_SHOP("what is granted is had once, and goes along with its member", granted, &programme),
		IN_SHOP("a shared code is capped", shared, &programme),
		IN_SHOP("a single code is used up, and stands in no ledger", single, &programme),
		IN_SHOP("codes sent for again are the same codes", issued_again, &programme),
		IN_SHOP("of tills that race for a code one wins", race, &programme),
		IN_SHOP("a hold keeps its code until it ends", held, &programme),
		IN_SHOP("a hold keeps its price, whatever the programme is by then", held_across_reload, &programme),
		IN_SHOP("what does not stack stands alone, and losers are not used up", stacking, &programme),
		IN_SHOP("books carry what the law allows, the till's discounts included", limited, &programme),
		IN_SHOP("what has happened is booked, codes or not", offline, &programme),
		IN_SHOP("codes by the thousand, the same after an interruption", by_command, &programme),
	};

	return cmocka_run_group_tests_name("offers", tests, NULL, NULL);
}
