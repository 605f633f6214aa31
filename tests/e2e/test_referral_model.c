/* SPDX-License-Identifier: Apache-2.0 */
/* Random stories of sponsorship, told to a real palierd whose clock is moved with them, against the model of tests/model. Deeds are sent one
 * behind the other, answers read when something depends on them; some are sent twice, and now and then palierd is killed in between.
 * A story that failed is told again with PALIER_SEED. */
#include <time.h>
#include <unistd.h>

#include "tests/e2e/clock.h"
#include "tests/e2e/harness.h"
#include "tests/model/referral.h"

#define STORIES      100
#define STORIES_LONG 2000
#define OPS          22
#define UNREAD       64

static const char *const states[] = { "claimed", "purchased", "held", "earned", "void", "flagged" };
static const char *const units[R_UNITS] = { "points", "stars" };

/* A command that is on its way. */
struct sent {
	char line[1024];
	const char *reason; /* NULL: it must be accepted */
	int member;         /* whose id is in its reply, */
	int code;           /* or which code; -1: neither */
};

struct run {
	struct shop *shop;
	struct wire office;
	struct referrals model;
	struct r_rules rules;
	uint64_t seed, state;
	int64_t now_ms;
	int step, asked;
	char members[R_MEMBERS][40], codes[R_CODES][24], ids[R_REFERRALS][24];
	struct sent unread[UNREAD];
	int unread_count;
};

/* The same for all stories of a shop, so that it need not be started anew. */
static const struct r_rules rules = { .minimum = 2500,
	.hold_days = 30,
	.cap = 2,
	.cap_months = 1,
	.code_months = 12,
	.new_days = 30,
	.claims_per_day = 2,
	.claim_days = 366,
	.same_till_minutes = 5,
	.sponsor = { R_POINTS, 1, 500 },
	.friend = { R_POINTS, 0, 100 },
	.per = 100 };

static const struct shop_options options = { .store = "claim-days = 366  shared-phone = true",
	.points = "points { unit \"points\" {}  unit \"stars\" {}  earn \"base\" { unit = points  per = \"1.00\" } }\n",
	.config =
		"limits { misses-per-minute = 100000 }\n"
		"retention { member = \"1200 months\" }\n"
		"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"25.00\"  hold = \"30 days\"  new = \"30 days\"  claims-per-day = 2"
		"  code-expires = \"12 months\"  cap { sponsor = 2  per = \"1 month\" }"
		"  sponsor { unit = stars  points = 500 }  friend { unit = points  points = 100 } }\n" };

#define FAIL(r, ...) \
	do { \
		char text_[4096]; \
		snprintf(text_, sizeof(text_), __VA_ARGS__); \
		fail_msg("PALIER_SEED=%llu, step %d: %s", (unsigned long long)(r)->seed, (r)->step, text_); \
	} while (0)

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

static const char *time_text(int64_t ms)
{
	static char text[4][40];
	static unsigned turn;
	char *out = text[turn++ % 4], day[32];
	time_t s = (time_t)(ms / 1000);
	struct tm t;

	gmtime_r(&s, &t);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(out, sizeof(text[0]), "%s.%03dZ", day, (int)(ms % 1000));
	return out;
}

/* --- sending and reading ------------------------------------------------------------------------------------------- */

static void post(struct run *r, const struct sent *s)
{
	if (!wire_send(&r->office, s->line, strlen(s->line)))
		FAIL(r, "the connection is gone");
}

static void command(struct run *r, const struct r_deed *d, const char *method, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Send it, and remember what must come back. */
static void command(struct run *r, const struct r_deed *d, const char *method, const char *format, ...)
{
	struct sent *s = &r->unread[r->unread_count];
	char params[768];
	va_list args;

	assert_true(r->unread_count < UNREAD);
	r->asked++;
	va_start(args, format);
	vsnprintf(params, sizeof(params), format, args);
	va_end(args);
	*s = (struct sent){ .reason = d->reason,
		.member = d->op.act == R_ENROLL && !d->reason ? d->who : -1,
		.code = d->op.act == R_ISSUE ? d->code : -1 };
	snprintf(s->line, sizeof(s->line),
		"{'jsonrpc':'2.0','id':%d,'method':'%s','params':{'request':'%llu-%d','operator':'%d'%s%s}}\n", r->asked,
		method, (unsigned long long)r->seed, r->asked, r->asked, params[0] ? "," : "", params);
	for (char *at = s->line; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	post(r, s);
	r->unread_count++;
}

static void answer_is(struct run *r, const struct sent *s, const char *reply)
{
	const char *got = reply ? field(reply, "error.data.reason") : NULL;

	if (!reply)
		FAIL(r, "no reply to %s", s->line);
	if (s->reason ? !got || strcmp(got, s->reason) != 0 : strstr(reply, "\"error\"") != NULL)
		FAIL(r, "%s\nexpected %s, got %s", s->line, s->reason ? s->reason : "a result", reply);
	if (s->member >= 0)
		snprintf(r->members[s->member], sizeof(r->members[0]), "%s", field(reply, "result.member"));
	if (s->code >= 0)
		snprintf(r->codes[s->code], sizeof(r->codes[0]), "%s", field(reply, "result.code"));
}

/* All answers that are still to come, in their order. */
static void catch_up(struct run *r)
{
	for (int i = 0; i < r->unread_count; i++)
		answer_is(r, &r->unread[i], wire_line(&r->office));
	r->unread_count = 0;
}

static bool once_in(struct run *r, uint64_t times)
{
	return draw_below(&r->state, times) == 0;
}

/* Sent twice is done once: the answer is the first one. */
static void send_again(struct run *r)
{
	const struct sent *s = &r->unread[r->unread_count - 1];
	struct sent again;

	if (r->unread_count == 0 || s->reason)
		return;
	again = *s;
	catch_up(r);
	post(r, &again);
	if (!strstr(wire_line(&r->office), "\"replayed\":true"))
		FAIL(r, "not replayed: %s", again.line);
}

/* Killed while deeds are on their way: what was not acknowledged is sent again, and is done once. What would be refused might be judged anew,
 * so there must be nothing of the kind. */
static void kill_and_resume(struct run *r)
{
	for (int i = 0; i < r->unread_count; i++)
		if (r->unread[i].reason)
			return;
	shop_kill(r->shop);
	wire_close(&r->office);
	shop_start(r->shop);
	connect_to(&r->office, r->shop, DOOR_TRUST);
	for (int i = 0; i < r->unread_count; i++)
		post(r, &r->unread[i]);
	catch_up(r);
}

/* --- deeds --------------------------------------------------------------------------------------------------------- */

static const char *card(const struct run *r, int member)
{
	static char text[4][32];
	static unsigned turn;
	char *out = text[turn++ % 4];

	snprintf(out, sizeof(text[0]), "CARD-%llu-%d", (unsigned long long)r->seed, member);
	return out;
}

/* A receipt's number. */
static const char *number(const struct run *r, char kind, int which)
{
	static char text[4][32];
	static unsigned turn;
	char *out = text[turn++ % 4];

	snprintf(out, sizeof(text[0]), "%c%llu-%d", kind, (unsigned long long)r->seed, which);
	return out;
}

/* `'referral':'CODE',` or nothing. */
static const char *code_part(struct run *r, int code)
{
	static char text[64];

	if (code == R_NO_CODE)
		return "";
	if (code >= 0 && !r->codes[code][0])
		catch_up(r);
	snprintf(text, sizeof(text), "'referral':'%s',",
		code == R_MALFORMED ? "NO-CODE"
		: code == R_FORGED  ? "0000-0000-0000-0"
				    : r->codes[code]);
	return text;
}

static void enroll(struct run *r, const struct r_deed *d)
{
	char phone[48] = "";

	if (d->op.contact)
		snprintf(phone, sizeof(phone), "'phone':'+336%08d',", (int)(r->seed % 10000000) * 10 + d->op.contact);
	command(r, d, "member.enroll", "'card':'%s',%s%s'name':'M %d','at':'%s'%s", card(r, d->who), phone,
		code_part(r, d->code), d->who, time_text(d->at_ms), d->op.late ? ",'offline':true" : "");
}

static void buy(struct run *r, const struct r_deed *d)
{
	const int sale = d->reason ? 100000 + r->step : d->sale;
	char who[48] = "";

	if (d->who >= 0)
		snprintf(who, sizeof(who), "'card':'%s',", card(r, d->who));
	command(r, d, "sale.commit", "'sale':'%s',%s%s'lines':[{'sku':'a','amount':%lld}],'payable':%lld,'at':'%s'%s",
		number(r, 'S', sale), who, code_part(r, d->code), (long long)d->value, (long long)d->value,
		time_text(d->at_ms), d->op.late ? ",'offline':true" : "");
}

static void bring_back(struct run *r, const struct r_deed *d)
{
	command(r, d, "sale.return", "'return':'%s','sale':'%s','lines':[{'line':0,'amount':%lld}],'at':'%s'%s",
		number(r, 'R', d->reason ? 100000 + r->step : d->back), number(r, 'S', d->sale), (long long)d->value,
		time_text(d->at_ms), d->op.late ? ",'offline':true" : "");
}

/* Its id is known from the lists. */
static void review(struct run *r, const struct r_deed *d)
{
	command(r, d, "referral.review", "'referral':'%s','verdict':'%s'", r->ids[d->referral],
		d->value == 1 ? "accept" : "reject");
}

/* Days that follow a gap of more than a month wait for a supervisor, who knows that the clock is right. The last doubt is the one that counts. */
static void clock_is_right(struct run *r)
{
	char doubt[48] = "";
	int64_t after = 0, count;

	catch_up(r);
	do {
		char *reply = ask_ok(&r->office, "system.alerts", "'limit':200,'after':%lld", (long long)after);

		count = count_of(reply, "result.alerts");
		for (int64_t i = 0; i < count; i++) {
			char kind[48], id[48], seq[48], resolved[48];

			snprintf(kind, sizeof(kind), "result.alerts[%d].kind", (int)i);
			snprintf(id, sizeof(id), "result.alerts[%d].alert", (int)i);
			snprintf(seq, sizeof(seq), "result.alerts[%d].seq", (int)i);
			snprintf(resolved, sizeof(resolved), "result.alerts[%d].resolved.seq", (int)i);
			if (strcmp(field(reply, kind), "clock") == 0 && !field(reply, resolved))
				snprintf(doubt, sizeof(doubt), "%s", field(reply, id));
			after = figure(reply, seq);
		}
	} while (count > 0);
	if (doubt[0])
		ask_ok(&r->office, "alert.resolve", "'request':'clock-%s','alert':'%s','outcome':'the clock is right'",
			doubt, doubt);
}

/* The jobs begin when the first command of the new day has opened it. */
static void close_day(struct run *r, const struct r_deed *d)
{
	int64_t until = now_ms() + DEADLINE_MS;

	for (int i = 0; i < 1 + (d->value == 1); i++) { /* the second is today's own */
		command(r, d, "day.close", "%s", "");
		command(r, d, "balance.adjust", "'card':'OPENS-%llu','unit':'stars','points':1,'reason':'x'",
			(unsigned long long)r->seed);
		clock_is_right(r);
	}
	catch_up(r);
	while (strstr(ask_ok(&r->office, "day.status", "%s", ""), "\"state\":\"due\"")) {
		assert_true(now_ms() < until);
		sleep_ms(1);
	}
}

static void tell(struct run *r, const struct r_deed *d)
{
	switch (d->op.act) {
	case R_ENROLL:
		enroll(r, d);
		break;
	case R_ISSUE:
		command(r, d, "referral.issue", "'card':'%s'", card(r, d->who));
		break;
	case R_BUY:
		buy(r, d);
		break;
	case R_RETURN:
		bring_back(r, d);
		break;
	case R_UNDO:
		command(r, d, "sale.void", "'sale':'%s'", number(r, 'S', d->sale));
		break;
	case R_UNRETURN:
		command(r, d, "sale.void", "'sale':'%s'", number(r, 'R', d->back));
		break;
	case R_TAKE_ON:
		command(r, d, "sale.claim", "'sale':'%s','card':'%s'", number(r, 'S', d->sale), card(r, d->who));
		break;
	case R_ADJUST:
		command(r, d, "balance.adjust", "'card':'%s','unit':'points','points':%lld,'reason':'x'", card(r, d->who),
			(long long)d->value);
		break;
	case R_REVIEW:
		review(r, d);
		break;
	case R_MERGE:
		catch_up(r);
		command(r, d, "member.merge", "'from':'%s','into':'%s'", r->members[d->who], r->members[d->other]);
		break;
	case R_ERASE:
		catch_up(r);
		command(r, d, "member.erase", "'member':'%s'", r->members[d->who]);
		break;
	case R_CLOSE:
		close_day(r, d);
		break;
	}
}

/* --- what must be so ----------------------------------------------------------------------------------------------- */

/* How often a member sees it: whoever turned out to be both friend and sponsor, twice. */
static int sides(const struct run *r, int referral, int member)
{
	const struct r_referral *it = &r->model.referrals[referral];

	return it->gone ? 0 : (r_now(&r->model, it->friend) == member) + (r_now(&r->model, it->sponsor) == member);
}

/* Its referrals, newest first. */
static void member_sees(struct run *r, int member)
{
	char *reply = ask_ok(&r->office, "referral.list", "'card':'%s'", card(r, member));
	char path[64];
	int row = 0;

	for (int i = r->model.referral_count - 1; i >= 0; i--)
		for (int n = sides(r, i, member); n > 0; n--) {
			const char *expected = states[r->model.referrals[i].state], *state;

			snprintf(path, sizeof(path), "result.referrals[%d].state", row);
			state = field(reply, path);
			if (!state || strcmp(state, expected) != 0)
				FAIL(r, "member %d: referral %d must be %s in %s", member, i, expected, reply);
			snprintf(path, sizeof(path), "result.referrals[%d].referral", row++);
			snprintf(r->ids[i], sizeof(r->ids[0]), "%s", field(reply, path));
		}
	if (count_of(reply, "result.referrals") != row)
		FAIL(r, "member %d: expected %d referrals in %s", member, row, reply);
}

static void all_is_well(struct run *r)
{
	catch_up(r);
	for (int m = 0; m < R_MEMBERS; m++) {
		const struct r_member *who = &r->model.members[m];
		char *reply;

		if (!who->known || who->erased || who->into >= 0)
			continue;
		member_sees(r, m);
		reply = ask_ok(&r->office, "card.lookup", "'card':'%s'", card(r, m));
		for (int u = 0; u < R_UNITS; u++) {
			char path[64];

			snprintf(path, sizeof(path), "result.balances.%s", units[u]);
			if (figure(reply, path) != who->balance[u])
				FAIL(r, "member %d has %lld %s by the model: %s", m, (long long)who->balance[u], units[u],
					reply);
		}
	}
}

/* What needs an id of a list, or moves the clock, waits for all answers. */
static void deed(struct run *r, const struct r_op *op)
{
	struct r_deed d;
	int64_t told = r->now_ms;

	if (op->code == R_FOREIGN) /* it takes another store of the chain */
		return;
	if (op->act == R_REVIEW)
		all_is_well(r);
	if (op->hours > 0 || op->act == R_CLOSE)
		catch_up(r);
	if (op->hours > 0)
		clock_set(clock_ahead() + op->hours * INT64_C(3600));
	told = r->now_ms = clock_ms() - op->hours * INT64_C(3600000);
	r_do(&r->model, op, &told, &d);
	if (d.idle || (d.op.act == R_REVIEW && !r->ids[d.referral][0]))
		return;
	tell(r, &d);
	if (once_in(r, 8))
		send_again(r);
	else if (once_in(r, 60))
		kill_and_resume(r);
}

static void run_story(struct shop *s, uint64_t seed)
{
	static struct run r;
	struct r_op ops[OPS];
	int count;

	memset(&r, 0, sizeof(r));
	r.shop = s;
	r.seed = seed;
	r.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	r.rules = rules;
	referrals_init(&r.model, &r.rules);
	clock_to_noon();
	connect_to(&r.office, s, DOOR_TRUST);
	/* Who opens days. One of an earlier story has been silent for years, and is forgotten. */
	ask_ok(&r.office, "member.enroll", "'request':'opens-%llu','card':'OPENS-%llu'", (unsigned long long)seed,
		(unsigned long long)seed);
	count = r_story_draw(&r.state, ops, OPS);
	deed(&r, &(struct r_op){ .act = R_CLOSE });
	for (r.step = 0; r.step < count; r.step++)
		deed(&r, &ops[r.step]);
	all_is_well(&r);
	wire_close(&r.office);
}

static void agrees(void **state)
{
	const char *one = getenv("PALIER_SEED");
	uint64_t first = one ? strtoull(one, NULL, 10) : 1, count = one ? 1 : getenv("PALIER_LONG") ? STORIES_LONG : STORIES;

	for (uint64_t seed = first; seed < first + count; seed++)
		run_story(*state, seed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SHOP("sponsorship over the wire is what the model says", agrees, &options),
	};

	setenv("TZ", "Europe/Paris", 1);
	tzset();
	return cmocka_run_group_tests(tests, clock_prepare, clock_remove);
}
