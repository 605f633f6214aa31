/* SPDX-License-Identifier: Apache-2.0 */
/* Random sales, returns, voids, claims, adjustments, merges and closes against the naive model of tests/model, equal at every step. A seed
 * that failed is run again with PALIER_SEED. */
#include <signal.h>
#include <time.h>

#include "tests/e2e/harness.h"
#include "tests/model/model.h"

#define STEPS      150
#define SEEDS      6
#define SEEDS_LONG 200
#define CLAIM_DAYS 7
#define HOUR_MS    INT64_C(3600000)
#define DAY_MS     (24 * HOUR_MS)

/* Two programmes, taken in turn while the shop is open: no return may notice. */
static const int64_t rates[2][M_UNITS] = { { 3, 1, 5 }, { 7, 2, 2 } };

#define PROGRAMME(a, b, c) \
	"points {\n" \
	"	unit \"points\" { kind = points  expires = \"12 months\"  pending = 2 }\n" \
	"	unit \"stars\" { kind = points  expires = \"2 months\"  shortfall = clamp }\n" \
	"	unit \"stamps\" { kind = points  expires = never  shortfall = refuse }\n" \
	"	earn \"p\" { unit = points  per = \"1.00\"  points = " a " }\n" \
	"	earn \"s\" { unit = stars  per = \"0.50\"  points = " b " }\n" \
	"	earn \"t\" { unit = stamps  per = \"2.00\"  points = " c " }\n" \
	"}\n"

static const struct shop_options programmes[2] = { { .points = PROGRAMME("3", "1", "5") },
	{ .points = PROGRAMME("7", "2", "2") } };

static const struct m_unit units[M_UNITS] = {
	{ "points", M_NEGATIVE, 12, 2, 100, 3 },
	{ "stars", M_CLAMP, 2, 0, 50, 1 },
	{ "stamps", M_REFUSE, 0, 0, 200, 5 },
};

struct run {
	struct shop *shop;
	struct wire office, till; /* a supervisor, a cashier */
	struct model model;
	char *members[M_MEMBERS];
	int member_count, programme, step, asked;
	uint64_t seed, state;
	char what[4096]; /* this step, for whoever reads the failure */
};

/* By the clock on the wall, as the daemon has it. */
static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t below(struct run *r, uint64_t n)
{
	return draw_below(&r->state, n);
}

#define FAIL(r, ...) \
	do { \
		char text_[1024]; \
		snprintf(text_, sizeof(text_), __VA_ARGS__); \
		fail_msg("PALIER_SEED=%llu, step %d: %s\n%s", (unsigned long long)(r)->seed, (r)->step, (r)->what, text_); \
	} while (0)

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

/* --- asking --- */

/* @param reason NULL: it must be accepted */
static char *told(struct run *r, struct wire *w, const char *reason, const char *method, const char *params)
{
	const char *got;
	char *reply;

	snprintf(r->what, sizeof(r->what), "%s %s", method, params);
	reply = wire_ask(w, method, "'request':'%llu-%d',%s", (unsigned long long)r->seed, ++r->asked, params);
	if (!reply)
		FAIL(r, "no reply");
	got = field(reply, "error.data.reason");
	if (reason ? !got || strcmp(got, reason) != 0 : got != NULL)
		FAIL(r, "expected %s, got %s", reason ? reason : "a result", reply);
	return reply;
}

static void list_is(struct run *r, const char *reply, const char *path, const int64_t *expected)
{
	char at[96];

	for (int u = 0; u < M_UNITS; u++) {
		int64_t sum = 0;

		for (int i = 0; i < count_of(reply, path); i++) {
			const char *unit;

			snprintf(at, sizeof(at), "%s[%d].unit", path, i);
			unit = field(reply, at);
			snprintf(at, sizeof(at), "%s[%d].points", path, i);
			sum += unit && strcmp(unit, units[u].name) == 0 ? figure(reply, at) : 0;
		}
		if (sum != expected[u])
			FAIL(r, "%s of %s: %lld, expected %lld in %s", path, units[u].name, (long long)sum,
				(long long)expected[u], reply);
	}
}

/* --- what must hold after every step --- */

static void expiring_are(struct run *r, const char *reply, int member, int unit)
{
	int rows = 0, expected = 0;

	for (int i = 0; i < count_of(reply, "result.expiring"); i++) {
		char at[64], day[16];
		int year, month, date;

		snprintf(at, sizeof(at), "result.expiring[%d].unit", i);
		if (strcmp(field(reply, at), units[unit].name) != 0)
			continue;
		snprintf(at, sizeof(at), "result.expiring[%d].on", i);
		snprintf(day, sizeof(day), "%s", field(reply, at));
		assert_int_equal(sscanf(day, "%d-%d-%d", &year, &month, &date), 3);
		snprintf(at, sizeof(at), "result.expiring[%d].points", i);
		if (figure(reply, at) != model_expiring(&r->model, member, unit, year * 10000 + month * 100 + date))
			FAIL(r, "%s expiring on %s of member %d: expected %lld in %s", units[unit].name, day, member,
				(long long)model_expiring(&r->model, member, unit, year * 10000 + month * 100 + date),
				reply);
		rows += (int)figure(reply, at);
	}
	for (int i = 0; i < r->model.lot_count; i++) {
		const struct m_lot *l = &r->model.lots[i];

		if (l->member == member && l->unit == unit && l->expires >= model_date(clock_ms()) && l->expires != M_NEVER)
			expected += (int)l->left;
	}
	if (rows != expected)
		FAIL(r, "%s expiring of member %d: %d in all, expected %d: %s", units[unit].name, member, rows, expected,
			reply);
}

static void member_is(struct run *r, int member)
{
	int today = model_date(clock_ms());
	char *reply = wire_ask(&r->office, "card.lookup", "'member':'%s'", r->members[member]);

	if (!reply)
		FAIL(r, "no reply");
	member = model_member(&r->model, member);
	for (int u = 0; u < M_UNITS; u++) {
		char path[64];

		snprintf(path, sizeof(path), "result.balances.%s", units[u].name);
		if (figure(reply, path) != model_balance(&r->model, member, u, today))
			FAIL(r, "balance of %s of member %d: expected %lld in %s", units[u].name, member,
				(long long)model_balance(&r->model, member, u, today), reply);
		if (r->model.vague[member][u])
			continue;
		snprintf(path, sizeof(path), "result.pending.%s", units[u].name);
		if (figure(reply, path) != model_pending(&r->model, member, u, today))
			FAIL(r, "pending %s of member %d: expected %lld in %s", units[u].name, member,
				(long long)model_pending(&r->model, member, u, today), reply);
		expiring_are(r, reply, member, u);
	}
}

/* --- steps --- */

static int any_member(struct run *r)
{
	return (int)below(r, (uint64_t)r->member_count);
}

static int any_sale(struct run *r)
{
	return (int)below(r, (uint64_t)r->model.sale_count);
}

static void enroll(struct run *r)
{
	char params[64];

	if (r->member_count == M_MEMBERS)
		return;
	snprintf(params, sizeof(params), "'name':'M %d'", r->member_count);
	r->members[r->member_count] = strdup(field(told(r, &r->office, NULL, "member.enroll", params), "result.member"));
	r->member_count++;
}

/* Items, some with a discount of the till's on them. @return their JSON; lines with discounts stand behind */
static const char *basket(struct run *r, struct m_line *lines, int *count, int64_t *payable)
{
	static char text[2048];
	size_t n = 0;
	int written;

	*count = 1 + (int)below(r, M_LINES);
	*payable = 0;
	for (int i = 0; i < *count; i++) {
		lines[i].quantity = below(r, 4) ? 1000 * (1 + (int64_t)below(r, 5)) : 1 + (int64_t)below(r, 3000);
		lines[i].gross = lines[i].net = below(r, 8) ? (int64_t)below(r, 9000) : 0;
		written = snprintf(text + n, sizeof(text) - n, "%s{'sku':'a%d','quantity':%d.%03d,'amount':%lld}",
			i ? "," : "", i, (int)(lines[i].quantity / 1000), (int)(lines[i].quantity % 1000),
			(long long)lines[i].gross);
		n += (size_t)written;
	}
	for (int i = 0; i < *count; i++) {
		int64_t off = below(r, 4) ? 0 : (int64_t)below(r, (uint64_t)lines[i].gross + 1);

		if (off > 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
				",{'sku':'off','kind':'discount','on':%d,'amount':-%lld}", i, (long long)off);
		lines[i].net -= off;
		*payable += lines[i].net;
	}
	return text;
}

/* Now, or while the line was down: days, or more than a year ago. */
static int64_t some_time(struct run *r, bool *offline)
{
	static const int64_t span_days[] = { 1, 10, 70, 400 };

	*offline = below(r, 3) == 0;
	return clock_ms() - (*offline ? (int64_t)below(r, (uint64_t)(span_days[below(r, 4)] * DAY_MS)) : 0);
}

static void earned_is(struct run *r, const char *reply, int sale)
{
	list_is(r, reply, "result.earned", r->model.sales[sale].earned);
}

static void sell(struct run *r)
{
	struct m_line lines[M_LINES];
	int member = below(r, 6) ? any_member(r) : -1, count, sale;
	char params[4096], who[64] = "";
	int64_t payable;
	bool offline;
	int64_t at = some_time(r, &offline);
	const char *text = basket(r, lines, &count, &payable);

	if (r->model.sale_count == M_SALES)
		return;
	if (member >= 0)
		snprintf(who, sizeof(who), "'member':'%s',", r->members[member]);
	snprintf(params, sizeof(params), "'sale':'S%d',%s'at':'%s','lines':[%s],'payable':%lld%s", r->model.sale_count, who,
		time_text(at), text, (long long)payable, offline ? ",'offline':true" : "");
	model_sale(&r->model, member, at, lines, count, &sale);
	earned_is(r, told(r, &r->office, NULL, "sale.commit", params), sale);
}

/* What comes back: a line or two, by quantity or by amount, or all; now and then too much. */
static const char *asks_draw(struct run *r, const struct m_sale *s, struct m_ask *asks, int *count)
{
	static char text[512];
	size_t n = 0;

	*count = (int)below(r, 3);
	text[0] = 0;
	for (int i = 0; i < *count; i++) {
		struct m_ask *a = &asks[i];

		*a = (struct m_ask){ .line = (int)below(r, (uint64_t)s->line_count) };
		if (below(r, 3))
			a->quantity = 1 + (int64_t)below(r, (uint64_t)s->lines[a->line].quantity);
		else
			a->amount = 1 + (int64_t)below(r, (uint64_t)s->lines[a->line].net / 2 + 1);
		if (a->quantity)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s{'line':%d,'quantity':%d.%03d}",
				i ? "," : ",'lines':[", a->line, (int)(a->quantity / 1000), (int)(a->quantity % 1000));
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s{'line':%d,'amount':%lld}",
				i ? "," : ",'lines':[", a->line, (long long)a->amount);
	}
	if (*count)
		snprintf(text + n, sizeof(text) - n, "]");
	return text;
}

static void return_is(struct run *r, const char *reply, const char *at, int which)
{
	char path[64];

	snprintf(path, sizeof(path), "%s.refund.amount", at);
	if (figure(reply, path) != model_refund(&r->model, which))
		FAIL(r, "refund: expected %lld in %s", (long long)model_refund(&r->model, which), reply);
	snprintf(path, sizeof(path), "%s.reversed", at);
	list_is(r, reply, path, r->model.returns[which].reversed);
	snprintf(path, sizeof(path), "%s.uncollected", at);
	list_is(r, reply, path, r->model.returns[which].uncollected);
}

/* The quote first: it must say what the return then does. */
static void quoted(struct run *r, struct wire *w, int sale, const char *asks, const char *reason, int which)
{
	char params[768];
	char *reply;

	snprintf(params, sizeof(params), "'returns':[{'sale':'S%d'%s}],'lines':[]", sale, asks);
	snprintf(r->what, sizeof(r->what), "sale.quote %s", params);
	reply = wire_ask(w, "sale.quote", "%s", params);
	if (!reply)
		FAIL(r, "no reply");
	if (reason)
		return;
	if (figure(reply, "result.payable") != -model_refund(&r->model, which))
		FAIL(r, "payable: expected %lld in %s", (long long)-model_refund(&r->model, which), reply);
	return_is(r, reply, "result.returns[0]", which);
}

static void bring_back(struct run *r)
{
	int sale = any_sale(r), count, which = 0;
	struct m_ask asks[2];
	const char *text = asks_draw(r, &r->model.sales[sale], asks, &count), *reason;
	bool supervised = below(r, 2);
	struct wire *w = supervised ? &r->office : &r->till;
	int64_t at = clock_ms();
	char params[1024];
	char *reply;

	if (r->model.return_count == M_SALES)
		return;
	reason = model_return(&r->model, sale, asks, count, at, supervised, &which);
	quoted(r, w, sale, text, reason, which);
	snprintf(params, sizeof(params), "'return':'R%d','sale':'S%d','at':'%s'%s", r->step, sale, time_text(at), text);
	reply = told(r, w, reason, "sale.return", params);
	if (reason)
		return;
	return_is(r, reply, "result", which);
	r->model.returns[which].number = r->step;
}

static void exchange(struct run *r)
{
	struct m_line lines[M_LINES];
	int sale = any_sale(r), count, asked, which = 0, bought = 0;
	struct m_ask asks[2];
	const char *back = asks_draw(r, &r->model.sales[sale], asks, &asked), *reason, *text;
	int member = r->model.sales[sale].member;
	char params[4096], who[64] = "";
	int64_t payable, at = clock_ms();
	char *reply;

	if (r->model.return_count == M_SALES || r->model.sale_count == M_SALES)
		return;
	text = basket(r, lines, &count, &payable);
	reason = model_return(&r->model, sale, asks, asked, at, true, &which);
	if (!reason) {
		model_sale(&r->model, member, at, lines, count, &bought);
		r->model.sales[bought].exchange = which;
		r->model.returns[which].number = -1 - bought;
		payable -= model_refund(&r->model, which);
	}
	if (member >= 0)
		snprintf(who, sizeof(who), "'member':'%s',", r->members[member]);
	snprintf(params, sizeof(params), "'sale':'S%d',%s'at':'%s','returns':[{'sale':'S%d'%s}],'lines':[%s],'payable':%lld",
		reason ? 100000 + r->step : bought, who, time_text(at), sale, back, text, (long long)payable);
	reply = told(r, &r->office, reason, "sale.commit", params);
	if (reason)
		return;
	return_is(r, reply, "result.returns[0]", which);
	earned_is(r, reply, bought);
}

static void undo(struct run *r)
{
	bool supervised = below(r, 2);
	int sale = any_sale(r), last = r->model.return_count - 1;
	const char *reason;
	char params[64];

	if (last >= 0 && r->model.returns[last].number >= 0 && below(r, 2)) {
		reason = model_void_return(&r->model, last);
		snprintf(params, sizeof(params), "'sale':'R%d'", r->model.returns[last].number);
	} else if (r->model.sales[sale].exchange < 0) {
		reason = model_void_sale(&r->model, sale, clock_ms(), supervised);
		snprintf(params, sizeof(params), "'sale':'S%d'", sale);
	} else {
		return;
	}
	told(r, supervised ? &r->office : &r->till, reason, "sale.void", params);
}

static void claim(struct run *r)
{
	int sale = any_sale(r), member = any_member(r);
	const char *reason = model_claim(&r->model, sale, member, clock_ms(), CLAIM_DAYS);
	char params[96];

	snprintf(params, sizeof(params), "'sale':'S%d','member':'%s'", sale, r->members[member]);
	told(r, &r->office, reason, "sale.claim", params);
}

static void adjust(struct run *r)
{
	int member = any_member(r), unit = (int)below(r, M_UNITS);
	int64_t points = (int64_t)below(r, 400) - 200, at = clock_ms();
	const char *reason = model_adjust(&r->model, member, unit, points, at);
	char params[160];

	snprintf(params, sizeof(params), "'member':'%s','unit':'%s','points':%lld,'at':'%s','reason':'x'",
		r->members[member], units[unit].name, (long long)points, time_text(at));
	told(r, &r->office, reason, "balance.adjust", params);
}

static void merge(struct run *r)
{
	int from = any_member(r), into = any_member(r);
	const char *reason;
	char params[96];

	if (below(r, 6)) /* few, so that there is somebody left */
		return;
	reason = model_merge(&r->model, from, into, model_date(clock_ms()));
	snprintf(params, sizeof(params), "'from':'%s','into':'%s'", r->members[from], r->members[into]);
	told(r, &r->office, reason, "member.merge", params);
}

static void close_day(struct run *r)
{
	if (below(r, 4))
		return;
	told(r, &r->office, NULL, "day.close", "'ext':{}");
	r->model.day++;
}

static void reprogramme(struct run *r)
{
	r->programme = !r->programme;
	for (int u = 0; u < M_UNITS; u++)
		r->model.units[u].points = rates[r->programme][u];
	shop_configure(r->shop, &programmes[r->programme]);
	kill(r->shop->pid, SIGHUP);
	/* It holds once a quote says so. */
	for (int64_t end = now_ms() + DEADLINE_MS; now_ms() < end;)
		if (figure(wire_ask(&r->office, "sale.quote", "'member':'%s','lines':[{'sku':'a','amount':100}]",
				   r->members[0]),
			    "result.earn[0].points") == rates[r->programme][0])
			return;
	FAIL(r, "the configuration was not taken");
}

static void step(struct run *r)
{
	static const struct {
		int weight;
		void (*take)(struct run *r);
	} steps[] = {
		{ 2, enroll },
		{ 30, sell },
		{ 30, bring_back },
		{ 8, exchange },
		{ 12, undo },
		{ 6, claim },
		{ 12, adjust },
		{ 3, merge },
		{ 4, close_day },
		{ 1, reprogramme },
	};
	int sum = 0, at;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		sum += steps[i].weight;
	at = (int)below(r, (uint64_t)sum);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (at < steps[i].weight) {
			steps[i].take(r);
			return;
		}
		at -= steps[i].weight;
	}
}

static void run_seed(struct shop *s, uint64_t seed)
{
	static struct run r;

	memset(&r, 0, sizeof(r));
	r.shop = s;
	r.seed = r.state = seed;
	model_init(&r.model, units);
	connect_to(&r.office, s, DOOR_TRUST);
	till_make(&r.office, "till", "cashier", "secret");
	sign_in(&r.till, s, "till", "secret");
	enroll(&r);
	sell(&r);
	for (r.step = 1; r.step <= STEPS; r.step++) {
		step(&r);
		for (int i = 0; i < r.member_count; i++)
			member_is(&r, i);
	}
	for (int i = 0; i < r.member_count; i++)
		free(r.members[i]);
	wire_close(&r.till);
	wire_close(&r.office);
}

/* The same seeds in every run; those of the long run are new each time. */
static void agrees(void **state)
{
	static uint64_t runs;
	const char *one = getenv("PALIER_SEED");
	uint64_t seed = ++runs + (getenv("PALIER_LONG") ? (uint64_t)clock_ms() : 0);

	run_seed(*state, one ? strtoull(one, NULL, 10) : seed);
}

int main(void)
{
	static struct CMUnitTest tests[SEEDS_LONG];
	static const struct CMUnitTest usual =
		IN_SHOP("palier and the model agree after every step", agrees, &programmes[0]);
	size_t count = getenv("PALIER_SEED") ? 1 : getenv("PALIER_LONG") ? SEEDS_LONG : SEEDS;

	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (size_t i = 0; i < count; i++)
		tests[i] = usual;
	return _cmocka_run_group_tests("model", tests, count, NULL, NULL);
}
