/* SPDX-License-Identifier: Apache-2.0 */
/* Power cuts. A shop's work is written down by the shim; at hundreds of moments of it the power goes, and palierd starts on what a disk
 * may then hold. What was acknowledged is there, nothing is there twice, nothing by half. The same trial finds each sync that is missing. */
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/disk.h"
#include "tests/fault/kit.h"

#define MEMBERS      5
#define ERASED       4 /* that member comes and goes */
#define REQUESTS_MAX 256

/* --- the work ------------------------------------------------------------------------------------------------------ */

/* A command that was sent, whether or not its reply came; @ in its parameters is its member's id. */
struct request {
	const char *method;
	int member;
	int64_t points, spend; /* what it adds to its member's */
	char params[256];
	char *reply;
};

static struct request requests[REQUESTS_MAX];
static int request_count;

/* What a first reply and a repeated one have in common, besides a member view, which is read anew. */
static const struct {
	const char *method, *path;
} constants[] = {
	{ "member.enroll", "result.member" },
	{ "member.update", "result.member" },
	{ "card.replace", "result.member" },
	{ "sale.commit", "result.payable" },
	{ "sale.commit", "result.balances.points" },
	{ "balance.adjust", "result.balances.points" },
	{ "sale.return", "result.balances.points" },
	{ "day.close", "result.batch" },
	{ "day.close", "result.events" },
};

static struct request *request_new(const char *method, int member, int64_t points, int64_t spend, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static struct request *request_new(const char *method, int member, int64_t points, int64_t spend, const char *format, ...)
{
	struct request *r = &requests[request_count++];
	va_list args;

	assert_true(request_count < REQUESTS_MAX);
	*r = (struct request){ .method = method, .member = member, .points = points, .spend = spend };
	va_start(args, format);
	vsnprintf(r->params, sizeof(r->params), format, args);
	va_end(args);
	return r;
}

static const char *name_of(int member)
{
	static char text[32];

	snprintf(text, sizeof(text), "Camille Ünal %d", member);
	return text;
}

static void enroll(int member)
{
	request_new("member.enroll", member, 0, 0, "'request':'r%d','card':'CARD-%d','name':'%s','phone':'06%08d'",
		request_count, member, name_of(member), member);
}

static void sell(int member, int euros)
{
	request_new("sale.commit", member, euros, euros * 100,
		"'request':'r%d','sale':'S%d','card':'CARD-%d','lines':[{'sku':'a','amount':%d}],'payable':%d",
		request_count, request_count, member, euros * 100, euros * 100);
}

static void adjust(int member, int points)
{
	request_new("balance.adjust", member, points, 0,
		"'request':'r%d','member':'@','unit':'points','points':%d,'reason':'sorry'", request_count, points);
}

/* The sale before comes back. */
static void take_back(int member, int euros)
{
	request_new("sale.return", member, -euros, -euros * 100,
		"'request':'r%d','return':'R%d','sale':'S%d','lines':[{'line':0,'amount':%d}]", request_count, request_count,
		request_count - 1, euros * 100);
}

static void close_day(void)
{
	request_new("day.close", -1, 0, 0, "'request':'r%d'", request_count);
}

static void erase(int member)
{
	request_new("member.erase", member, 0, 0, "'request':'r%d','member':'@'", request_count);
}

static void change(int member)
{
	request_new("member.update", member, 0, 0, "'request':'r%d','member':'@','email':'c%d@example.org'", request_count,
		request_count);
}

/* The card in hand stays; one that was attached by an earlier exchange goes. */
static void exchange_card(int member, int n)
{
	if (n == 0)
		request_new("card.attach", member, 0, 0, "'request':'r%d','member':'@','card':'SPARE-%d-0'", request_count,
			member);
	else
		request_new("card.replace", member, 0, 0, "'request':'r%d','card':'SPARE-%d-%d','with':'SPARE-%d-%d'",
			request_count, member, n - 1, member, n);
}

/* The parameters as sent. @param ids the members' */
static const char *params_of(const struct request *r, char ids[MEMBERS][32])
{
	static char text[512];
	const char *at = strchr(r->params, '@');

	/* Addresses have one too; a member's id stands alone. */
	if (!at || at[-1] != '\'' || at[1] != '\'')
		return r->params;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - r->params), r->params, ids[r->member], at + 1);
	return text;
}

static char recorded_ids[MEMBERS][32];

/* Send what is there but was not yet sent, all in one turn if it likes, and take the replies. */
static void requests_send(struct wire *w, int from)
{
	char line[1024];

	for (int i = from; i < request_count; i++) {
		int n = snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":{%s}}\n",
			i, requests[i].method, params_of(&requests[i], recorded_ids));

		for (char *at = line; *at; at++)
			*at = *at == '\'' ? '"' : *at;
		assert_true(wire_send(w, line, (size_t)n));
	}
	for (int i = from; i < request_count; i++) {
		char *reply = wire_line(w);

		if (!reply || !field(reply, "result"))
			fail_msg("%s {%s} is answered %s", requests[i].method, requests[i].params,
				reply ? reply : "nothing");
		requests[i].reply = strdup(reply);
		if (strcmp(requests[i].method, "member.enroll") == 0)
			strcpy(recorded_ids[requests[i].member], field(reply, "result.member"));
	}
}

static void work(struct wire *w, int round)
{
	for (int turn = 0; turn < 4; turn++) {
		int from = request_count;

		if (round == 0)
			enroll(turn);
		if (round == 1 && turn == 0)
			enroll(ERASED);
		requests_send(w, from);
		from = request_count;
		sell(turn, 1 + 7 * round + turn);
		sell(0, 3 + turn);
		if (turn == 0 && round > 0)
			take_back(0, 3 + turn);
		if (turn == 1)
			exchange_card(0, round);
		if (turn == 2)
			change(1);
		if (round == 2 && turn == 1)
			erase(ERASED);
		if (turn == 3)
			adjust(2, 10 + round);
		if (turn == 3 && round % 2)
			close_day();
		requests_send(w, from);
	}
}

/* --- writing it down ----------------------------------------------------------------------------------------------- */

/* The first day finds no room behind its head line; the index notes the head all the same. */
static void first_day_is_refused(struct wire *w, struct shim_switch *faults)
{
	shim_fail(faults, SHIM_ALLOCATE, 0, INT_MAX, ENOSPC);
	ask_refused(w, "storage_full", "member.enroll", "'request':'too early'");
	ask_ok(w, "system.status", "%s", "");
	shim_mend(faults);
}

static void work_recorded(struct shop *s, struct shim_switch *faults)
{
	struct wire w;
	int round = 0;

	for (int start = 0; start < 4; start++) {
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		if (start == 0)
			first_day_is_refused(&w, faults);
		work(&w, round++);
		if (start == 1) {
			sleep_ms(1300); /* the index follows by itself */
			work(&w, round++);
		}
		wire_close(&w);
		if (start == 2)
			shop_kill(s);
		else
			assert_int_equal(shop_stop(s), 0);
	}
}

static struct disk *recorded;

/* Once, by the first test that needs it. */
static struct disk *record(void)
{
	static const struct shop_options nothing_yet = { .empty = true };
	void *state = (void *)(uintptr_t)&nothing_yet;
	struct shim_switch *faults;
	char log[128];
	struct shop *s;

	if (recorded)
		return recorded;
	assert_int_equal(shop_open(&state), 0);
	s = state;
	snprintf(log, sizeof(log), "%s/operations", s->dir);
	faults = shim_on(s, log);
	assert_int_equal(shop_verb(s, "init", NULL), 0);
	work_recorded(s, faults);
	shim_off(faults);
	shop_sound(s);
	recorded = disk_load(log);
	shop_close(&state);
	return recorded;
}

/* --- one trial ----------------------------------------------------------------------------------------------------- */

struct trial {
	struct shop shop;
	struct wire wire;
	size_t cut;
	bool acknowledged[REQUESTS_MAX], done[REQUESTS_MAX];
	char ids[MEMBERS][32];
	char wrong[4096];
};

static bool wrong(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct trial *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->wrong, sizeof(t->wrong), format, args);
	va_end(args);
	return false;
}

/* The replies that had left; what has no id of a request answers something else. */
static void acknowledged_read(struct trial *t, struct disk *d)
{
	const char *at = disk_replies(d, t->cut), *lf;

	memset(t->acknowledged, 0, sizeof(t->acknowledged));
	for (; (lf = strchr(at, '\n')); at = lf + 1) {
		char *line = strndup(at, (size_t)(lf - at));
		int64_t id = figure(line, "id");

		if (id >= 0 && id < request_count && requests[id].reply && strcmp(line, requests[id].reply) == 0)
			t->acknowledged[id] = true;
		free(line);
	}
}

/* An erasure that was acknowledged has left no key behind, before any start could overwrite it again. */
static bool erased_is_gone(struct trial *t)
{
	static const char blank[32];
	char path[128], *keys;
	bool gone = true;
	size_t len;

	snprintf(path, sizeof(path), "%s/keys", t->shop.data);
	keys = file_read(path, &len);
	for (int i = 0; i < request_count; i++)
		if (t->acknowledged[i] && strcmp(requests[i].method, "member.erase") == 0)
			gone = keys && len >= sizeof(blank) * (ERASED + 2) &&
			       memcmp(keys + sizeof(blank) * (ERASED + 1), blank, sizeof(blank)) == 0;
	free(keys);
	return gone || wrong(t, "the key of an erased member is still there");
}

static bool starts(struct trial *t)
{
	int code;
	bool ok = shop_start_try(&t->shop, &code);
	char *log = ok ? NULL : shop_log(&t->shop);

	if (!ok)
		wrong(t, "palierd refuses to start (%d): %s", code, log);
	free(log);
	return ok && (wire_open(&t->wire, &t->shop, DOOR_TRUST) || wrong(t, "palierd does not answer"));
}

/* Commands were decided in the order in which they were sent. */
static bool done_is_right(struct trial *t)
{
	bool ended = false;

	for (int i = 0; i < request_count; i++) {
		char *reply = wire_ask(&t->wire, "request.status", "'request':'r%d'", i);

		if (!reply || !field(reply, "result.state"))
			return wrong(t, "request.status %d is answered %s", i, reply ? reply : "nothing");
		t->done[i] = strcmp(field(reply, "result.state"), "done") == 0;
		if (t->acknowledged[i] && !t->done[i])
			return wrong(t, "%s %d was acknowledged and is lost", requests[i].method, i);
		if (t->done[i] && ended)
			return wrong(t, "%s %d is there, one before it is lost", requests[i].method, i);
		ended = ended || !t->done[i];
	}
	return true;
}

static bool is_figure(struct trial *t, const char *reply, const char *path, int64_t expected)
{
	return figure(reply, path) == expected || wrong(t, "%s is not %lld in %s", path, (long long)expected, reply);
}

/* What the members have is what the commands that are done gave them. */
static bool members_are_right(struct trial *t)
{
	for (int m = 0; m < MEMBERS; m++) {
		int64_t points = 0, spend = 0, purchases = 0;
		bool known = false;
		char *reply;

		for (int i = 0; i < request_count; i++)
			if (t->done[i] && requests[i].member == m) {
				known = strcmp(requests[i].method, "member.erase") != 0;
				points += requests[i].points;
				spend += requests[i].spend;
				purchases += requests[i].spend > 0;
			}
		reply = wire_ask(&t->wire, "card.lookup", "'card':'CARD-%d'", m);
		if (!reply || (field(reply, "result") != NULL) != known)
			return wrong(t, "member %d, %s, is answered %s", m, known ? "known" : "unknown",
				reply ? reply : "nothing");
		if (!known)
			continue;
		if (!field(reply, "result.name") || strcmp(field(reply, "result.name"), name_of(m)) != 0)
			return wrong(t, "the name of member %d is lost: %s", m, reply);
		if (!is_figure(t, reply, "result.balances.points", points) ||
			!is_figure(t, reply, "result.stats.spend", spend) ||
			!is_figure(t, reply, "result.stats.purchases", purchases))
			return false;
	}
	return true;
}

static bool repeated_is_right(struct trial *t, int i, const char *reply)
{
	const struct request *r = &requests[i];

	if (!reply || !field(reply, "result") || (field(reply, "result.replayed") != NULL) != t->done[i])
		return wrong(t, "%s %d, %s, is answered %s", r->method, i, t->done[i] ? "done" : "not done",
			reply ? reply : "nothing");
	for (size_t c = 0; c < sizeof(constants) / sizeof(*constants) && t->acknowledged[i]; c++) {
		const char *first, *now;

		if (strcmp(constants[c].method, r->method) != 0)
			continue;
		first = field(r->reply, constants[c].path);
		now = field(reply, constants[c].path);
		if (!now || strcmp(now, first) != 0)
			return wrong(t, "%s was answered %s and now %s", r->method, r->reply, reply);
	}
	return true;
}

/* A till that does not know sends everything again. */
static bool all_is_sent_again(struct trial *t)
{
	for (int i = 0; i < request_count; i++) {
		char *reply = wire_ask(&t->wire, requests[i].method, "%s", params_of(&requests[i], t->ids));

		if (!repeated_is_right(t, i, reply))
			return false;
		if (strcmp(requests[i].method, "member.enroll") == 0)
			strcpy(t->ids[requests[i].member], field(reply, "result.member"));
		t->done[i] = true;
	}
	return true;
}

static bool ends_sound(struct trial *t)
{
	int code = shop_stop(&t->shop);
	char *said = NULL;
	bool ok;

	if (code != 0)
		return wrong(t, "palierd ended with %d", code);
	code = shop_verb(&t->shop, "check", &said);
	ok = code == 0 || wrong(t, "check: %d: %s", code, said);
	free(said);
	return ok;
}

static void trial_end(struct trial *t)
{
	wire_close(&t->wire);
	if (t->shop.pid)
		shop_kill(&t->shop);
}

/* The power goes at the cut. @return false with t->wrong */
static bool try_cut(struct trial *t, struct disk *d, size_t cut, uint64_t seed, const struct disk_forget *forget)
{
	bool ok;

	t->cut = cut;
	t->wire.fd = -1;
	tree_remove(t->shop.data);
	unlink(t->shop.log);
	disk_image(d, cut, seed, forget, t->shop.dir);
	acknowledged_read(t, d);
	ok = erased_is_gone(t) && starts(t) && done_is_right(t) && members_are_right(t) && all_is_sent_again(t) &&
	     members_are_right(t) && ends_sound(t);
	trial_end(t);
	return ok;
}

/* --- the tests ----------------------------------------------------------------------------------------------------- */

/* Where a trial takes place: a shop whose data are an image's. */
static void trial_begin(struct trial *t)
{
	static const struct shop_options nothing_yet = { .empty = true };
	void *state = (void *)(uintptr_t)&nothing_yet;

	assert_int_equal(shop_open(&state), 0);
	*t = (struct trial){ .shop = *(struct shop *)state, .wire = { .fd = -1 } };
	free(state);
}

static uint64_t first_seed(void)
{
	const char *given = getenv("PALIER_SEED");

	return given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
}

static void cuts(void **state)
{
	struct disk *d = record();
	int images = getenv("PALIER_LONG") ? 5000 : 300;
	uint64_t seed = first_seed();
	size_t from = disk_start(d, 1);
	struct trial t;

	(void)state;
	trial_begin(&t);
	for (int i = 0; i < images; i++) {
		uint64_t image = draw(&seed);
		size_t cut = from + draw_below(&seed, disk_ops(d) - from + 1);

		if (!try_cut(&t, d, cut, image, NULL))
			fail_msg("image %d, cut at %zu of %zu, seed %llu, kept in %s: %s", i, cut, disk_ops(d),
				(unsigned long long)image, t.shop.dir, t.wrong);
	}
	tree_remove(t.shop.dir);
}

/* What is synced in the wrong order shows between the two syncs: there everything else is lost. */
static void cuts_behind_syncs(void **state)
{
	struct disk *d = record();
	uint64_t seed = first_seed();
	struct trial t;

	(void)state;
	trial_begin(&t);
	for (size_t cut = disk_start(d, 1); cut <= disk_ops(d); cut++) {
		uint64_t image = disk_losing_seed(&seed);

		if (disk_just_synced(d, cut) && !try_cut(&t, d, cut, image, NULL))
			fail_msg("cut behind the sync at %zu of %zu, seed %llu, kept in %s: %s", cut, disk_ops(d),
				(unsigned long long)image, t.shop.dir, t.wrong);
	}
	tree_remove(t.shop.dir);
}

/* Before it says so, init may leave nothing that palierd takes for a ledger, or a whole one. */
static void cut_init(void **state)
{
	struct disk *d = record();
	uint64_t seed = first_seed();
	struct trial t;

	(void)state;
	trial_begin(&t);
	for (size_t cut = 0; cut <= disk_start(d, 1); cut++) {
		uint64_t image = draw(&seed);
		bool said = cut == disk_start(d, 1);

		if (!try_cut(&t, d, cut, image, NULL) && (said || !strstr(t.wrong, "is no ledger")))
			fail_msg("cut at %zu of init, seed %llu, kept in %s: %s", cut, (unsigned long long)image, t.shop.dir,
				t.wrong);
	}
	tree_remove(t.shop.dir);
}

/* The trial can fail: without this sync, it does. */
static void forgotten(void **state)
{
	const struct disk_forget *forget = *state;
	struct disk *d = record();
	uint64_t seed = first_seed(), first = seed;
	size_t from = disk_start(d, 1), ops = forget->init ? 40 : disk_ops(d) - from;
	struct trial t;

	trial_begin(&t);
	for (int i = 0; i < 2000; i++) {
		uint64_t image = draw(&seed);

		if (!try_cut(&t, d, from + draw_below(&seed, ops + 1), image, forget)) {
			print_message("found by image %d: %s\n", i, t.wrong);
			tree_remove(t.shop.dir);
			return;
		}
	}
	fail_msg("not found by 2000 images, seed %llu", (unsigned long long)first);
}

static int disk_forgotten(void **state)
{
	(void)state;
	disk_free(recorded);
	for (int i = 0; i < request_count; i++)
		free(requests[i].reply);
	return 0;
}

#define FORGOTTEN(sentence, path, ...) \
	{ \
		sentence, forgotten, NULL, NULL, (void *)(uintptr_t) & (const struct disk_forget) \
		{ \
			path, __VA_ARGS__ \
		} \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a power cut at any moment loses nothing acknowledged, doubles nothing and leaves nothing half done", cuts,
			NULL, NULL, NULL },
		{ "nor does one right behind any sync, which loses all the rest", cuts_behind_syncs, NULL, NULL, NULL },
		{ "a power cut while the ledger is made leaves none, or a whole one", cut_init, NULL, NULL, NULL },
		FORGOTTEN("a journal whose lines are not synced is found", ".open", DISK_FDATASYNC, false),
		FORGOTTEN("a journal whose head line is not synced is found", ".open", DISK_FSYNC, false),
		FORGOTTEN("a journal's directory that is not synced is found", "/journal", DISK_FSYNC, false),
		FORGOTTEN("a key file that is not synced is found", "/keys", DISK_FDATASYNC, false),
		FORGOTTEN("an erased key that is not synced is found", "/keys", DISK_FDATASYNC_BLANK, false),
		FORGOTTEN("an index that is not synced is found", ".mdb", DISK_FDATASYNC | DISK_DSYNC, false),
		FORGOTTEN("a closed day's file that is not synced is found", ".open", DISK_FSYNC_CUT, false),
		FORGOTTEN("a new key file that is not synced is found", "/keys", DISK_FSYNC, true),
		FORGOTTEN("a new index that is not synced is found", ".mdb", DISK_FDATASYNC | DISK_DSYNC, true),
		FORGOTTEN("a new index whose name is not synced is found", "/index", DISK_FSYNC, true),
		FORGOTTEN("a new mark of the format that is not synced is found", "/FORMAT.new", DISK_FSYNC, true),
		FORGOTTEN("a new ledger whose names are not synced is found", "/shop", DISK_FSYNC, true),
		FORGOTTEN("a new ledger whose own name is not synced is found", "/", DISK_FSYNC, true),
	};

	shops_in_memory();
	return cmocka_run_group_tests_name("power", tests, NULL, disk_forgotten);
}
