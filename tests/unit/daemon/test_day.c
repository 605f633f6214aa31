/* SPDX-License-Identifier: Apache-2.0 */
/* Days without sockets: their close and its file, what a start makes of a close that a crash cut short, the jobs after it, the guard against a
 * wrong clock, and the tables of requests. */
#include <signal.h>
#include <sys/resource.h>

#include "daemon/jobs.h"
#include "tests/unit/daemon/shop.h"

#define HOUR (60 * 60 * INT64_C(1000))
#define DAY  (24 * HOUR)

/* --- a plugin with work to do: each member once a close, two at a time --------------------------------------------- */

#define PALIER_FIELDS_chore_done(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, DAY, closed, "closed", PALIER_REQUIRED, PALIER_ANY, "after which day")
PALIER_MESSAGE(chore_done);
PALIER_SCHEMA(chore_done);

static struct chores {
	bool idle;   /* looks, but finds nothing to do */
	bool stuck;  /* does not move on */
	bool refuse; /* fails */
	bool twice;  /* writes its total twice: no JSON that may be read */
	unsigned slices;
	struct palier_close close; /* as the last slice was told */
} chores;

static int chore_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	int err = PALIER_OK;

	chores.slices++;
	chores.close = *close;
	if (chores.refuse)
		return palier_refuse(c, PALIER_EINTERNAL, NULL, "no");
	for (int n = 0; n < 2 && !chores.stuck && (err = palier_member_next(c, from)) == PALIER_OK; n++) {
		struct chore_done body = { .set = { 0, 0 } };

		PALIER_SET(&body, chore_done, member, *from);
		PALIER_SET(&body, chore_done, closed, close->closed);
		if (!chores.idle)
			err = palier_effect_add(c, "chore.done", &body);
		if (err != PALIER_OK)
			return err;
	}
	return err;
}

/* How often it was done for a member: a slice that runs twice would show. */
static int chore_apply(struct palier_tables *t, const struct palier_event *ev, const void *body)
{
	const struct chore_done *e = body;
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_value v = { .len = 0 };
	uint64_t n = 0;

	(void)ev;
	palier_key_id(&k, e->member);
	if (palier_get(t, 0, &k, &value) == PALIER_OK) {
		struct palier_cut cut = palier_cut_of(value);

		n = palier_cut_uint(&cut, 4);
	}
	palier_value_uint(&v, n + 1, 4);
	return palier_put(t, 0, &k, palier_value_bytes(&v));
}

static int chore_totals(struct palier_ctx *c, bool perpetual, struct palier_json *w)
{
	(void)c;
	for (int i = 0; i <= chores.twice; i++) {
		palier_json_key(w, "chores");
		palier_json_int(w, perpetual ? 2 : 1);
	}
	return PALIER_OK;
}

static const struct palier_plugin chore = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "chore",
	.tables =
		(const struct palier_table[]){ { "done", "member id 10", "u32", PALIER_FOLDED | PALIER_BY_MEMBER }, { 0 } },
	.effects = (const struct palier_effect_kind[]){ { "chore.done", &chore_done_schema, NULL, chore_apply }, { 0 } },
	.due = chore_due,
	.day_totals = chore_totals,
};

/* --- a shop -------------------------------------------------------------------------------------------------------- */

/* @param list of plugins, core first @param more of the configuration */
static void shop_make_of(struct shop *s, const struct palier_plugin *const *list, const char *more)
{
	chores = (struct chores){ .slices = 0 };
	shop_found(s, list, more);
	shop_open(s);
}

static void shop_make(struct shop *s)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &chore, NULL };

	shop_make_of(s, list, "");
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

/* @param params members behind the request, each with a comma before it */
static enum routed call(struct shop *s, const char *method, const char *request, const char *params)
{
	char line[2048];
	enum routed routed;

	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"request\":\"%s\"%s}}",
		method, request, params);
	s->reply.len = 0;
	routed = router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	return routed;
}

static void ask(struct shop *s, const char *method, const char *params)
{
	char line[512];

	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s}}", method, params);
	s->reply.len = 0;
	assert_int_equal(router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply),
		ROUTED_QUESTION);
	palier_buffer_add(&s->reply, "", 1);
}

static void assert_reply(const struct shop *s, const char *text)
{
	if (!strstr(s->reply.at, text))
		fail_msg("no %s in %s", text, s->reply.at);
}

static void assert_synced(struct shop *s)
{
	assert_int_equal(ledger_sync(s->ledger), PALIER_OK);
	assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
}

static void assert_booked(struct shop *s, const char *method, const char *request, const char *params)
{
	if (call(s, method, request, params) != ROUTED_COMMAND || strstr(s->reply.at, "\"error\""))
		fail_msg("%s", s->reply.at);
}

static void assert_known(struct shop *s, const char *request, bool known)
{
	char params[192];

	snprintf(params, sizeof(params), "\"request\":\"%s\"", request);
	ask(s, "request.status", params);
	assert_reply(s, known ? "\"done\"" : "\"unknown\"");
}

/* A turn with n new members. */
static void enroll(struct shop *s, unsigned n)
{
	char request[32];

	for (; n; n--) {
		snprintf(request, sizeof(request), "e%u", s->requests++);
		assert_booked(s, "member.enroll", request, ",\"name\":\"Zoé Martin\"");
	}
	assert_synced(s);
}

static void close_day(struct shop *s)
{
	char request[32];

	snprintf(request, sizeof(request), "c%u", s->requests++);
	assert_booked(s, "day.close", request, "");
	assert_synced(s);
	assert_int_equal(s->ledger->day, 0);
}

static const char *journal_file(struct shop *s, const char *name)
{
	static char path[2][4096];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[0]), "%s/journal/%s", s->config->data, name);
	return path[turn];
}

/* A file without the room taken ahead. @return to be freed */
static char *journal_get(struct shop *s, const char *name)
{
	struct palier_bytes text = file_get(journal_file(s, name));
	size_t len = strnlen(text.at, text.len);
	char *out = malloc(len + 1);

	assert_non_null(out);
	memcpy(out, text.at, len);
	out[len] = 0;
	free((void *)(uintptr_t)text.at);
	return out;
}

/* --- closing ------------------------------------------------------------------------------------------------------- */

static const char *last_line(const char *text)
{
	const char *at = text + strlen(text) - 1;

	while (at > text && at[-1] != '\n')
		at--;
	return at;
}

static void a_close_ends_the_file(void **state)
{
	struct shop s;
	struct palier_hash hash;
	char *text, *next, hex[2 * SHA256_LEN + 1];

	(void)state;
	shop_make(&s);
	enroll(&s, 2);
	assert_booked(&s, "sale.commit", "s1",
		",\"sale\":\"R1\",\"lines\":[{\"sku\":\"a\",\"amount\":1250}],\"payable\":1250");
	assert_booked(&s, "day.close", "c", ",\"business_day\":\"2026-11-21\"");
	assert_reply(&s,
		"\"result\":{\"batch\":1,\"business_day\":\"2026-11-21\",\"events\":4,"
		"\"totals\":{\"sales\":1,\"returns\":0,\"voids\":0,\"payable\":1250,\"refunded\":0,\"members\":2,\"alerts\":[],\"chores\":1}}");
	assert_true(ledger_closing(s.ledger));
	assert_synced(&s);
	assert_false(ledger_closing(s.ledger));
	assert_int_not_equal(access(journal_file(&s, "1.open"), F_OK), 0);
	text = journal_get(&s, "1.jsonl");
	assert_non_null(strstr(last_line(text), "{\"tail\":{\"events\":4,\"last_seq\":4,\"last_sha256\":\""));
	assert_non_null(strstr(last_line(text), "\"chores\":2},\"closed_at\":\"2026-11-21T12:00:00.000Z\"}}\n"));
	crypto_sha256(palier_str(text), &hash);
	palier_hex(hash.b, SHA256_LEN, hex);
	enroll(&s, 1);
	next = journal_get(&s, "2.open");
	assert_non_null(strstr(next, "\"batch\":2,"));
	assert_non_null(strstr(next, hex));
	assert_non_null(strstr(next, "\"first_seq\":5,"));
	free(next);
	free(text);
	assert_folds(&s);
	shop_remove(&s);
}

static void what_is_closed_is_not_closed_again(void **state)
{
	struct shop s;
	uint64_t seq;

	(void)state;
	shop_make(&s);
	assert_int_equal(call(&s, "day.close", "c", ""), ROUTED_QUESTION);
	assert_reply(&s, "day_unknown");
	assert_int_not_equal(access(journal_file(&s, "1.open"), F_OK), 0); /* nor did asking open one */
	enroll(&s, 1);
	assert_int_equal(call(&s, "day.close", "c", ",\"business_day\":\"2026-11-20\""), ROUTED_QUESTION);
	assert_reply(&s, "day_unknown");
	close_day(&s);
	seq = s.ledger->head.seq;
	assert_int_equal(call(&s, "day.close", "c1", ""), ROUTED_QUESTION);
	assert_reply(&s, "\"replayed\":true");
	for (int i = 0; i < 2; i++) { /* what wrote nothing is not remembered either */
		assert_int_equal(call(&s, "day.close", "again", i ? ",\"business_day\":\"2026-11-21\"" : ""),
			ROUTED_QUESTION);
		assert_reply(&s, "\"result\":{\"batch\":1,\"business_day\":\"2026-11-21\",\"events\":2,");
		assert_null(strstr(s.reply.at, "replayed"));
	}
	s.now_ms += DAY;
	enroll(&s, 1);
	assert_int_equal(call(&s, "day.close", "late", ",\"business_day\":\"2026-11-21\""), ROUTED_QUESTION);
	assert_reply(&s, "\"batch\":1,");
	assert_int_equal(s.ledger->day, 20261122);
	assert_int_equal(s.ledger->head.seq, seq + 1);
	close_day(&s);
	assert_int_equal(call(&s, "day.close", "last", ""), ROUTED_QUESTION);
	assert_reply(&s, "\"batch\":2,");
	assert_int_equal(call(&s, "day.close", "first", ",\"business_day\":\"2026-11-21\""), ROUTED_QUESTION);
	assert_reply(&s, "\"batch\":1,");
	assert_folds(&s);
	shop_remove(&s);
}

static void training_and_undone_closes_close_nothing(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 1);
	assert_int_equal(call(&s, "day.close", "t", ",\"training\":true"), ROUTED_QUESTION);
	assert_reply(&s, "\"events\":2,");
	assert_reply(&s, "\"training\":true");
	assert_int_equal(s.ledger->day, 20261121);
	assert_booked(&s, "day.close", "c", "");
	assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	assert_false(ledger_closing(s.ledger));
	enroll(&s, 1); /* "e0" once more would be a replay: its row in the table of requests is back */
	assert_int_equal(call(&s, "member.enroll", "e0", ",\"name\":\"Zoé Martin\""), ROUTED_QUESTION);
	assert_reply(&s, "\"replayed\":true");
	assert_int_equal(s.ledger->head.batch, 1);
	assert_folds(&s);
	shop_remove(&s);
}

static void totals_that_cannot_be_read_are_not_booked(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 1);
	chores.twice = true;
	assert_int_equal(call(&s, "day.close", "c", ""), ROUTED_QUESTION);
	assert_reply(&s, "\"internal\"");
	chores.twice = false;
	close_day(&s);
	assert_folds(&s);
	shop_remove(&s);
}

static void days_are_listed(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	ask(&s, "day.status", "");
	assert_reply(&s, "\"result\":{\"open\":false,\"batch\":0,\"events\":0,\"jobs\":[]}");
	enroll(&s, 2);
	ask(&s, "day.status", "");
	assert_reply(&s, "\"result\":{\"open\":true,\"business_day\":\"2026-11-21\",\"batch\":1,\"events\":2,\"jobs\":[]}");
	close_day(&s);
	ask(&s, "day.status", "");
	assert_reply(&s, "\"result\":{\"open\":false,\"business_day\":\"2026-11-21\",\"batch\":1,\"events\":3,\"jobs\":[]}");
	s.now_ms += DAY;
	enroll(&s, 1);
	ask(&s, "day.status", "");
	assert_reply(&s, "\"open\":true,\"business_day\":\"2026-11-22\",\"batch\":2,\"events\":1,"
			 "\"jobs\":[{\"job\":\"core\",\"state\":\"due\"},{\"job\":\"chore\",\"state\":\"due\"}]}");
	close_day(&s);
	ask(&s, "batch.list", "");
	assert_reply(&s,
		"{\"batches\":[{\"batch\":1,\"business_day\":\"2026-11-21\",\"events\":3,\"last_seq\":3,\"closed_at\":"
		"\"2026-11-21T12:00:00.000Z\"},{\"batch\":2,\"business_day\":\"2026-11-22\",\"events\":2,\"last_seq\":5,");
	ask(&s, "batch.list", "\"after\":1");
	assert_reply(&s, "{\"batches\":[{\"batch\":2,");
	ask(&s, "batch.list", "\"after\":9007199254740991");
	assert_reply(&s, "{\"batches\":[]}");
	ask(&s, "batch.show", "\"batch\":2");
	assert_reply(&s, "\"totals\":{\"sales\":0,\"returns\":0,\"voids\":0,\"payable\":0,\"refunded\":0,\"members\":1,");
	assert_reply(&s, "\"perpetual\":{\"sales\":0,\"returns\":0,\"voids\":0,\"payable\":0,\"refunded\":0,\"members\":3,");
	ask(&s, "batch.show", "\"batch\":3");
	assert_reply(&s, "batch_unknown");
	ask(&s, "batch.show", "\"batch\":4294967297");
	assert_reply(&s, "batch_unknown");
	shop_remove(&s);
}

static void requests_of_closed_days_are_found(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 1);
	close_day(&s);
	s.now_ms += DAY;
	enroll(&s, 1);
	assert_int_equal(call(&s, "member.enroll", "e0", ",\"name\":\"Zoé Martin\""), ROUTED_QUESTION);
	assert_reply(&s, "\"replayed\":true");
	close_day(&s);
	assert_int_equal(call(&s, "member.enroll", "e0", ",\"name\":\"Zoé Martin\""), ROUTED_QUESTION);
	assert_reply(&s, "\"replayed\":true");
	assert_int_equal(s.ledger->day, 0); /* a replay opens none */
	ask(&s, "request.status", "\"request\":\"c1\"");
	assert_reply(&s, "\"state\":\"done\",\"result\":{\"batch\":1,");
	shop_remove(&s);
}

/* --- a close cut short --------------------------------------------------------------------------------------------- */

static const struct cut_case {
	const char *name;
	int lines;     /* of the closed file that are there; the close is the 3rd event, the tail the line after */
	int bytes;     /* of the next line */
	size_t behind; /* zeros, as taken ahead */
	bool closed;   /* by the next start */
} cuts[] = {
	{ "nothing of the close was written", 3, 0, 4096, false },
	{ "the power went within the event of the close", 3, 100, 4096, false },
	{ "before the tail", 4, 0, 4096, true },
	{ "before the tail, with nothing behind", 4, 0, 0, true },
	{ "within the tail", 4, 50, 4096, true },
	{ "within the tail, one byte in", 4, 1, 0, true },
	{ "after the tail, before the file was cut", 5, 0, 4096, true },
	{ "after the file was cut, before it was renamed", 5, 0, 0, true },
};

/* The closed file as it was when the power went. */
static void file_cut(struct shop *s, const char *text, const struct cut_case *row)
{
	static const char zeros[4096];
	struct palier_buffer b = { 0 };
	const char *end = text;

	for (int i = 0; i < row->lines; i++)
		end = strchr(end, '\n') + 1;
	palier_buffer_add(&b, text, (size_t)(end - text) + (size_t)row->bytes);
	palier_buffer_add(&b, zeros, row->behind);
	file_put(journal_file(s, "1.open"), b.at, b.len);
	assert_int_equal(unlink(journal_file(s, "1.jsonl")), 0);
	palier_buffer_deinit(&b);
}

static void a_close_cut_short_is_finished(void **state)
{
	const struct cut_case *row = *state;
	struct shop s;
	struct palier_bytes index;
	const char *path;
	char *text, *again;

	shop_make(&s);
	enroll(&s, 2);
	shop_close(&s);
	path = path_of(s.config->data, "index/data.mdb");
	index = file_get(path);
	shop_open(&s);
	close_day(&s);
	shop_crash(&s);
	text = journal_get(&s, "1.jsonl");
	file_put(path_of(s.config->data, "index/data.mdb"), index.at, index.len); /* it was not committed before */
	file_cut(&s, text, row);
	shop_open(&s);
	assert_int_equal(s.ledger->day, row->closed ? 0 : 20261121);
	assert_int_equal(s.ledger->head.seq, row->closed ? 3 : 2);
	if (!row->closed)
		close_day(&s); /* as it was sent again */
	again = journal_get(&s, "1.jsonl");
	if (row->closed)
		assert_string_equal(again, text);
	assert_int_not_equal(access(journal_file(&s, "1.open"), F_OK), 0);
	s.now_ms += DAY;
	enroll(&s, 1);
	assert_int_equal(s.ledger->head.batch, 2);
	assert_folds(&s);
	free(text);
	free(again);
	free((void *)(uintptr_t)index.at);
	shop_remove(&s);
}

/* Wherever the power cut the close, the day ends in the same bytes, closed now or when it is sent again. */
static void a_close_cut_anywhere_is_closed_once(void **state)
{
	struct shop s;
	struct palier_bytes index;
	char *text;
	size_t begins;

	(void)state;
	shop_make(&s);
	enroll(&s, 2);
	shop_close(&s);
	index = file_get(path_of(s.config->data, "index/data.mdb"));
	shop_open(&s);
	close_day(&s);
	shop_crash(&s);
	text = journal_get(&s, "1.jsonl");
	begins = (size_t)(strstr(text, "{\"seq\":3,") - text);
	for (size_t at = begins; at <= strlen(text); at += 41) {
		char *again;

		unlink(journal_file(&s, "1.jsonl"));
		file_put(path_of(s.config->data, "index/data.mdb"), index.at, index.len);
		file_put(journal_file(&s, "1.open"), text, at);
		shop_open(&s);
		if (s.ledger->day)
			assert_booked(&s, "day.close", "c2", "");
		assert_synced(&s);
		again = journal_get(&s, "1.jsonl");
		assert_string_equal(again, text);
		free(again);
		shop_crash(&s);
	}
	free(text);
	free((void *)(uintptr_t)index.at);
	shop_remove(&s);
}

/* --- a disk that fails --------------------------------------------------------------------------------------------- */

static void file_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_close_that_found_no_room_is_undone(void **state)
{
	struct shop s;
	char *text;
	int err;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shop_make(&s);
	enroll(&s, 2);
	text = journal_get(&s, "1.open");
	assert_booked(&s, "day.close", "c", "");
	file_limit(strlen(text) + 700); /* the event, and a part of the tail */
	err = ledger_sync(s.ledger);
	file_limit(RLIM_INFINITY);
	assert_int_equal(err, PALIER_ESTORAGE_FULL);
	assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	assert_int_equal(s.ledger->day, 20261121);
	enroll(&s, 1);
	assert_booked(&s, "day.close", "c", "");
	assert_synced(&s);
	assert_int_equal(s.ledger->head.seq, 4);
	free(text);
	assert_folds(&s);
	shop_remove(&s);
}

/* Behind the durable point there is no way back: the process ends, and the next start finishes the file. */
static void a_close_whose_file_cannot_be_finished_stops_the_process(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 2);
	assert_booked(&s, "day.close", "c", "");
	assert_int_equal(mkdir(journal_file(&s, "1.jsonl"), 0700), 0); /* in the way of the new name */
	assert_int_equal(ledger_sync(s.ledger), PALIER_EIO);
	shop_crash(&s);
	assert_int_equal(shop_try(&s), PALIER_EIO); /* as long as it is in the way */
	assert_int_equal(rmdir(journal_file(&s, "1.jsonl")), 0);
	shop_open(&s);
	assert_int_equal(s.ledger->day, 0);
	assert_int_equal(call(&s, "day.close", "c", ""), ROUTED_QUESTION);
	assert_reply(&s, "\"replayed\":true");
	assert_folds(&s);
	shop_remove(&s);
}

/* The day is open, its first turn was lost with the power, and the index has not heard of it. */
static void an_opening_that_the_index_missed_is_no_damage(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 1);
	close_day(&s);
	assert_booked(&s, "member.enroll", "lost", "");
	shop_crash(&s);
	assert_int_equal(access(journal_file(&s, "2.open"), F_OK), 0);
	assert_int_equal(quietly(&s, ledger_check), PALIER_OK);
	shop_open(&s);
	assert_int_equal(s.ledger->head.batch, 2);
	enroll(&s, 1);
	assert_folds(&s);
	shop_remove(&s);
}

/* --- damage in what is closed -------------------------------------------------------------------------------------- */

static void three_days(struct shop *s)
{
	shop_make(s);
	for (int i = 0; i < 3; i++) {
		enroll(s, 1);
		close_day(s);
		s->now_ms += DAY;
	}
	shop_close(s);
	assert_int_equal(quietly(s, ledger_check), PALIER_OK);
}

static void every_changed_byte_is_found(void **state)
{
	static const char *const names[] = { "1.jsonl", "2.jsonl", "3.jsonl" };
	struct shop s;
	unsigned tried = 0;

	(void)state;
	three_days(&s);
	for (unsigned i = 0; i < COUNT(names); i++) {
		char *text = journal_get(&s, names[i]), *path = strdup(journal_file(&s, names[i]));

		for (size_t at = i; at < strlen(text); at += 83, tried++) {
			file_patch(path, at, text[at] == '0' ? "1" : "0", 1);
			/* A changed name of an effect reads as one of a plugin that is not there. */
			if (quietly(&s, ledger_check) == PALIER_OK)
				fail_msg("byte %zu of %s changed, and check finds nothing", at, names[i]);
			file_patch(path, at, text + at, 1);
		}
		free(text);
		free(path);
	}
	assert_true(tried > 30);
	assert_int_equal(quietly(&s, ledger_check), PALIER_OK);
	shop_remove(&s);
}

static const struct harm_case {
	const char *name, *file;
	int lines; /* that are kept; -1: the file goes */
	const char *behind;
} harms[] = {
	{ "the first file is missing", "1.jsonl", -1, "" },
	{ "a file in the middle is missing", "2.jsonl", -1, "" },
	{ "the last file is missing", "3.jsonl", -1, "" },
	{ "a closed file without its tail", "2.jsonl", 3, "" },
	{ "the last closed file without its tail", "3.jsonl", 3, "" },
	{ "a closed file without its close", "2.jsonl", 2, "" },
	{ "a closed file with a byte behind its tail", "2.jsonl", 4, "x" },
	{ "the last closed file with a line behind its tail", "3.jsonl", 4, "{}\n" },
	{ "an empty closed file", "2.jsonl", 0, "" },
};

static void harm_is_found(void **state)
{
	const struct harm_case *row = *state;
	struct shop s;
	struct palier_buffer b = { 0 };
	char *text;
	const char *end;

	three_days(&s);
	end = text = journal_get(&s, row->file);
	for (int i = 0; i < row->lines; i++)
		end = strchr(end, '\n') + 1;
	palier_buffer_add(&b, text, (size_t)(end - text));
	palier_buffer_add(&b, row->behind, strlen(row->behind));
	if (row->lines < 0)
		assert_int_equal(unlink(journal_file(&s, row->file)), 0);
	else
		file_put(journal_file(&s, row->file), b.at, b.len);
	assert_int_equal(quietly(&s, ledger_check), PALIER_EDAMAGED);
	if (row->file[0] == '3')
		assert_int_equal(shop_try(&s), PALIER_EDAMAGED); /* what a start looks at */
	palier_buffer_deinit(&b);
	free(text);
	shop_remove(&s);
}

/* --- jobs ---------------------------------------------------------------------------------------------------------- */

/* A turn in which nobody speaks; core has had its own before, and had nothing to do. */
static bool job_turn(struct shop *s)
{
	bool waiting = jobs_waiting(s->ledger, s->now_ms);
	unsigned before = chores.slices;
	uint64_t seq = s->ledger->head.seq;

	assert_int_equal(jobs_run(s->router, s->ledger, s->now_ms), PALIER_OK);
	assert_true(waiting || (chores.slices == before && s->ledger->head.seq == seq));
	assert_synced(s);
	return waiting && (chores.slices != before || s->ledger->head.seq != seq || job_turn(s));
}

static unsigned job_turns(struct shop *s)
{
	unsigned n = 0;

	while (job_turn(s))
		assert_true(++n < 100);
	return n;
}

/* @return how often the chore was done for members, and for how many */
static unsigned chores_done(struct shop *s, unsigned *members)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(&s->ledger->fold.tables[1], 0, &all);
	struct palier_bytes key, value;
	unsigned n = 0;

	for (*members = 0; palier_next(rows, &key, &value) == PALIER_OK; ++*members) {
		struct palier_cut cut = palier_cut_of(value);

		n += (unsigned)palier_cut_uint(&cut, 4);
	}
	return n;
}

static void assert_chores(struct shop *s, unsigned each)
{
	unsigned members, n = chores_done(s, &members);

	assert_int_equal(n, each * members);
	assert_true(each == 0 || members == 5);
}

static void jobs_run_once_a_close(void **state)
{
	struct shop s;
	char *text;

	(void)state;
	shop_make(&s);
	enroll(&s, 5);
	assert_int_equal(job_turns(&s), 0); /* no day was closed yet */
	close_day(&s);
	assert_int_equal(job_turns(&s), 0); /* no day is open */
	s.now_ms += DAY;
	enroll(&s, 1);
	assert_int_equal(call(&s, "member.enroll", "gone", ",\"training\":true"), ROUTED_QUESTION);
	assert_int_equal(job_turns(&s), 4); /* 2, 2, 2, and none left */
	assert_int_equal(chores.close.closed, 20261121);
	assert_int_equal(chores.close.opened, 20261122);
	ask(&s, "day.status", "");
	assert_reply(&s, "{\"job\":\"chore\",\"state\":\"done\"}");
	text = journal_get(&s, "2.open");
	assert_non_null(strstr(text,
		"\"till\":\"palierd\",\"day\":\"2026-11-22\",\"request\":\"2026-11-22.2|chore|\",\"method\":\"job.chore\","
		"\"params\":{\"closed\":\"2026-11-21\",\"opened\":\"2026-11-22\"}"));
	assert_non_null(strstr(text, "\"request\":\"2026-11-22.2|chore|m_"));
	free(text);
	assert_int_equal(job_turns(&s), 0);
	shop_close(&s);
	shop_open(&s);
	assert_int_equal(job_turns(&s), 0);
	close_day(&s);
	enroll(&s, 1); /* the same date once more */
	assert_int_equal(job_turns(&s), 4);
	assert_int_equal(chores.close.closed, 20261122);
	assert_folds(&s);
	shop_remove(&s);
}

/* The next day, opened by a command that makes no member. */
static void next_day(struct shop *s, int days)
{
	char request[32], params[160];

	s->now_ms += days * DAY;
	snprintf(request, sizeof(request), "t%u", s->requests++);
	snprintf(params, sizeof(params), ",\"till\":\"%s\",\"role\":\"cashier\",\"token_sha256\":\"%064d\"", request, 7);
	assert_booked(s, "till.add", request, params);
	assert_synced(s);
}

/* However soon the next day is closed, nothing of the work is left for a later one. */
static void small_jobs_end_in_one_turn(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	enroll(&s, 1);
	for (int day = 0; day < 3; day++) {
		close_day(&s);
		next_day(&s, 1);
		assert_true(jobs_waiting(s.ledger, s.now_ms));
		assert_int_equal(jobs_run(s.router, s.ledger, s.now_ms), PALIER_OK);
		assert_synced(&s);
		assert_false(jobs_waiting(s.ledger, s.now_ms));
	}
	assert_folds(&s);
	shop_remove(&s);
}

/* Close the open day, open the second one after it, and do what follows a close. */
static void two_days_pass(struct shop *s)
{
	close_day(s);
	next_day(s, 2);
	job_turns(s);
}

static void alerts_leave_after_a_year(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	assert_booked(&s, "sale.commit", "early",
		",\"sale\":\"S-1\",\"lines\":[{\"sku\":\"a\",\"amount\":1}],\"payable\":1,\"offline\":true,"
		"\"at\":\"2999-01-01T00:00:00Z\"");
	assert_synced(&s);
	for (int days = 0; days <= 364; days += 2)
		two_days_pass(&s);
	ask(&s, "system.alerts", "");
	assert_reply(&s, "\"kind\":\"clock\"");
	two_days_pass(&s);
	ask(&s, "system.alerts", "");
	assert_reply(&s, "\"alerts\":[]");
	assert_folds(&s);
	shop_remove(&s);
}

static void holds_are_forgotten_60_days_behind_their_end(void **state)
{
	struct shop s;
	const char *hold;
	char params[64];

	(void)state;
	shop_make(&s);
	assert_booked(&s, "member.enroll", "who", ",\"card\":\"2900000000018\"");
	assert_booked(&s, "sale.hold", "h", ",\"card\":\"2900000000018\",\"lines\":[{\"sku\":\"a\",\"amount\":1}]");
	hold = strstr(s.reply.at, "\"hold\":\"");
	assert_non_null(hold);
	snprintf(params, sizeof(params), "\"request\":\"r\",\"hold\":\"%.18s\"", hold + 8);
	assert_synced(&s);
	for (int days = 0; days < 60; days += 2)
		two_days_pass(&s);
	ask(&s, "sale.release", params);
	assert_reply(&s, "\"hold_expired\"");
	two_days_pass(&s);
	two_days_pass(&s);
	ask(&s, "sale.release", params);
	assert_reply(&s, "\"hold_unknown\"");
	assert_folds(&s);
	shop_remove(&s);
}

static void five_members_closed(struct shop *s)
{
	shop_make(s);
	enroll(s, 5);
	close_day(s);
}

static void jobs_go_on_after_a_crash(void **state)
{
	(void)state;
	for (unsigned before = 0; before < 4; before++) {
		struct shop s;

		five_members_closed(&s);
		next_day(&s, 1);
		for (unsigned i = 0; i < before; i++)
			assert_true(job_turn(&s));
		shop_crash(&s);
		shop_open(&s);
		assert_int_equal(job_turns(&s), 3 - before);
		assert_chores(&s, 1);
		assert_folds(&s);
		shop_open(&s); /* the rebuilt index knows, too */
		assert_int_equal(job_turns(&s), 0);
		shop_remove(&s);
	}
}

static void an_undone_slice_runs_again(void **state)
{
	struct shop s;

	(void)state;
	five_members_closed(&s);
	next_day(&s, 1);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(jobs_waiting(s.ledger, s.now_ms));
		assert_int_equal(jobs_run(s.router, s.ledger, s.now_ms), PALIER_OK);
		assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	}
	assert_int_equal(job_turns(&s), 3);
	assert_chores(&s, 1);
	assert_folds(&s);
	shop_remove(&s);
}

static void a_slice_without_effects_books_nothing(void **state)
{
	struct shop s;
	uint64_t seq;

	(void)state;
	five_members_closed(&s);
	next_day(&s, 1);
	seq = s.ledger->head.seq;
	chores.idle = true;
	assert_int_equal(job_turns(&s), 3);
	assert_int_equal(chores.slices, 3);
	assert_int_equal(s.ledger->head.seq, seq);
	ask(&s, "day.status", "");
	assert_reply(&s, "\"chore\",\"state\":\"done\"");
	shop_close(&s);
	shop_open(&s);
	assert_int_equal(job_turns(&s), 0); /* what was looked at is remembered */
	assert_folds(&s);
	shop_open(&s);
	assert_int_equal(job_turns(&s), 3); /* by the journal it is not: it runs again, harmlessly */
	assert_int_equal(s.ledger->head.seq, seq);
	shop_remove(&s);
}

static void a_job_that_fails_is_left_until_the_next_close(void **state)
{
	struct shop s;

	for (int stuck = 0; stuck < 2; stuck++) {
		five_members_closed(&s);
		chores.stuck = stuck;
		chores.refuse = !stuck;
		next_day(&s, 1);
		assert_int_equal(job_turns(&s), 1);
		chores.stuck = chores.refuse = false;
		assert_int_equal(job_turns(&s), 0);
		assert_chores(&s, 0);
		close_day(&s);
		next_day(&s, 1);
		assert_int_equal(job_turns(&s), 3);
		assert_chores(&s, 1);
		assert_folds(&s);
		shop_remove(&s);
	}
	(void)state;
}

static void a_backlog_is_done_with_the_last_close(void **state)
{
	struct shop s;

	(void)state;
	five_members_closed(&s);
	next_day(&s, 1);
	assert_true(job_turn(&s));
	close_day(&s);
	next_day(&s, 1);
	assert_int_equal(job_turns(&s), 3); /* from the beginning */
	assert_int_equal(chores.close.closed, 20261122);
	assert_folds(&s);
	shop_remove(&s);
}

/* The points plugin's own: what has lapsed is taken once, however often the jobs run. */
static void points_expire_once(void **state)
{
	static const struct palier_plugin *const list[] = { &core_plugin, &palier_plugin_points, NULL };
	struct shop s;
	char member[PALIER_ID_TEXT + 1], params[192];

	(void)state;
	shop_make_of(&s, list, "points { unit \"points\" { expires = \"2 days\" } }\n");
	enroll(&s, 1);
	memcpy(member, strstr(s.reply.at, "\"m_") + 1, PALIER_ID_TEXT);
	member[PALIER_ID_TEXT] = 0;
	snprintf(params, sizeof(params), ",\"member\":\"%s\",\"unit\":\"points\",\"points\":40,\"reason\":\"gift\"", member);
	assert_booked(&s, "balance.adjust", "a", params);
	assert_synced(&s);
	snprintf(params, sizeof(params), "\"member\":\"%s\"", member);
	for (int day = 22; day <= 28; day++) {
		const char *first;

		close_day(&s);
		next_day(&s, 1);
		jobs_run(s.router, s.ledger, s.now_ms);
		shop_crash(&s); /* with the slice not synced */
		shop_open(&s);
		while (jobs_waiting(s.ledger, s.now_ms)) {
			assert_int_equal(jobs_run(s.router, s.ledger, s.now_ms), PALIER_OK);
			assert_synced(&s);
		}
		ask(&s, "balance.history", params);
		first = strstr(s.reply.at, "\"kind\":\"expire\"");
		assert_true(day <= 23 ? !first : day >= 26 ? first != NULL : true);
		assert_true(!first || !strstr(first + 1, "\"kind\":\"expire\""));
	}
	assert_reply(&s, "\"points\":-40,\"balance\":0");
	assert_folds(&s);
	shop_remove(&s);
}

/* --- a clock that is not to be trusted ----------------------------------------------------------------------------- */

static unsigned alerts(struct shop *s, const char *file)
{
	char *text = journal_get(s, file);
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, "\"kind\":\"alert.raised\",\"what\":\"clock\"")); at++)
		n++;
	free(text);
	return n;
}

static const struct jump_case {
	const char *name;
	int days;  /* from the closed day to the opened one */
	int drift; /* days that the clock goes on before the jobs can run */
	bool waits, hold;
} jumps[] = {
	{ "the same date again", 0, 0, false, false },
	{ "the next day", 1, 0, false, false },
	{ "after a day without opening", 2, 0, false, false },
	{ "after a long weekend", 4, 0, false, false },
	{ "five days on", 5, 0, true, false },
	{ "31 days on", 31, 0, true, false },
	{ "32 days on", 32, 0, true, true },
	{ "twenty years on", 20 * 365, 0, true, true },
	{ "the day before", -1, 0, false, false },
	{ "two days back", -2, 0, false, false },
	{ "three days back", -3, 0, true, false },
	{ "a year back", -365, 0, true, true },
	{ "a day that has been open for two days", 1, 2, false, false },
	{ "a day that has been open for three days", 1, 3, true, false },
	{ "a clock put back while the day is open", 1, -3, true, false },
	{ "a clock put forward by years while the day is open", 1, 4000, true, true },
};

static void jobs_wait_for_a_clock(void **state)
{
	const struct jump_case *row = *state;
	struct shop s;

	five_members_closed(&s);
	next_day(&s, row->days);
	s.now_ms += row->drift * DAY;
	if (row->waits) {
		assert_int_equal(job_turns(&s), 1); /* the alert */
		ask(&s, "day.status", "");
		assert_reply(&s, "\"state\":\"waiting\"");
		shop_close(&s);
		shop_open(&s);
		assert_int_equal(job_turns(&s), 0);
		assert_int_equal(alerts(&s, "2.open"), 1);
		assert_chores(&s, 0);
		s.now_ms -= row->drift * DAY;
		close_day(&s);
		next_day(&s, 1); /* consecutive again */
		assert_int_equal(job_turns(&s), row->hold ? 0 : 3);
		ask(&s, "day.status", "");
		assert_reply(&s, row->hold ? "\"state\":\"waiting\"" : "\"state\":\"done\"");
	} else {
		assert_int_equal(job_turns(&s), 3);
		assert_int_equal(alerts(&s, "2.open"), 0);
	}
	assert_chores(&s, !row->hold);
	assert_folds(&s);
	shop_remove(&s);
}

/* A shop that goes on for long, past what 32 bits of seconds hold. */
static void days_go_on_behind_2038(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	s.now_ms = INT64_C(2147480000000); /* 2038-01-19T02:13:20Z */
	enroll(&s, 5);
	close_day(&s);
	next_day(&s, 1);
	assert_int_equal(s.ledger->day, 20380120);
	assert_int_equal(job_turns(&s), 3);
	close_day(&s);
	s.now_ms = INT64_C(253370764800000); /* 9999-01-01 */
	next_day(&s, 0);
	assert_int_equal(job_turns(&s), 1); /* the alert */
	close_day(&s);
	assert_known(&s, "e0", true); /* a clock alone forgets nothing */
	assert_folds(&s);
	shop_remove(&s);
}

/* Whoever looks after the shop says that the clock is right. */
static void a_supervisor_lets_the_jobs_go_on(void **state)
{
	struct shop s;
	char params[64];

	(void)state;
	five_members_closed(&s);
	next_day(&s, 400);
	assert_int_equal(job_turns(&s), 1);
	snprintf(params, sizeof(params), ",\"alert\":\"%u-1\",\"outcome\":\"closed for a year\"",
		(unsigned)s.ledger->head.seq);
	assert_booked(&s, "alert.resolve", "a", params);
	assert_int_equal(job_turns(&s), 3);
	assert_chores(&s, 1);
	assert_int_equal(chores.close.opened, 20271226);
	close_day(&s);
	next_day(&s, 1);
	assert_int_equal(job_turns(&s), 3);
	assert_folds(&s);
	shop_remove(&s);
}

/* The clock jumps ahead for a day, and back: two alerts, and what is held stays held. */
static void a_jump_and_back_holds(void **state)
{
	struct shop s;

	(void)state;
	five_members_closed(&s);
	next_day(&s, 400);
	assert_int_equal(job_turns(&s), 1);
	close_day(&s);
	next_day(&s, -399);
	assert_int_equal(job_turns(&s), 1);
	assert_int_equal(alerts(&s, "3.open"), 1);
	close_day(&s);
	next_day(&s, 5); /* a small one meanwhile does not free it */
	assert_int_equal(job_turns(&s), 1);
	for (int i = 0; i < 3; i++) {
		close_day(&s);
		next_day(&s, 1);
		assert_int_equal(job_turns(&s), 0);
	}
	assert_chores(&s, 0);
	assert_folds(&s);
	shop_remove(&s);
}

/* --- the tables of requests ---------------------------------------------------------------------------------------- */

static unsigned requests_kept(struct shop *s)
{
	static const struct palier_key all;
	struct palier_bytes key, value;
	unsigned n = 0;

	for (unsigned t = T_REQUEST0; t <= T_REQUEST3; t++) {
		struct palier_cursor *rows = palier_seek(&s->ledger->fold.tables[0], t, &all);

		while (palier_next(rows, &key, &value) == PALIER_OK)
			n++;
		palier_arena_reset(&s->ledger->arena);
	}
	return n;
}

static void day_passes(struct shop *s)
{
	close_day(s);
	next_day(s, 1);
}

static void requests_are_remembered_for_60_days(void **state)
{
	struct shop s;
	unsigned most = 0;

	(void)state;
	shop_make(&s);
	next_day(&s, 0); /* "t0" */
	for (int day = 1; day <= 200; day++) {
		char request[32];

		day_passes(&s);
		if (day <= 60 || day > 125)
			assert_known(&s, "t0", day <= 60);
		if (day >= 60) { /* of any day, for as long */
			snprintf(request, sizeof(request), "c%d", 2 * (day - 60) + 1);
			assert_known(&s, request, true);
		}
		most = requests_kept(&s) > most ? requests_kept(&s) : most;
	}
	assert_true(most <= 2 * 122); /* two a day, for at most four tables of 30 days */
	assert_true(requests_kept(&s) >= 2 * 60);
	assert_folds(&s);
	shop_remove(&s);
}

static void a_wrong_clock_hides_no_request(void **state)
{
	static const int jumps_days[] = { 45, -45, 31, -31, 200 };
	struct shop s;

	(void)state;
	for (size_t i = 0; i < COUNT(jumps_days); i++) {
		char before[32];

		shop_make(&s);
		for (int day = 0; day < 35; day++)
			next_day(&s, 1), close_day(&s);
		next_day(&s, jumps_days[i]); /* the clock is wrong */
		assert_known(&s, "t0", true);
		snprintf(before, sizeof(before), "t%u", s.requests - 1);
		for (int day = 0; day < 4; day++)
			day_passes(&s);
		close_day(&s);
		next_day(&s, -jumps_days[i]); /* and right again */
		assert_known(&s, before, true);
		assert_known(&s, "t60", true); /* of the days before */
		assert_folds(&s);
		shop_remove(&s);
	}
}

static void a_close_without_trust_in_the_clock_empties_no_table(void **state)
{
	struct shop s;

	(void)state;
	shop_make(&s);
	next_day(&s, 0);
	close_day(&s);
	for (int i = 0; i < 8; i++) { /* three turns of the tables, were it not for the doubt */
		next_day(&s, 31);
		close_day(&s);
	}
	assert_int_equal(core_counter(&s.ledger->fold.tables[0], COUNTER_REQUESTS), 1);
	assert_int_equal(requests_kept(&s), 18);
	assert_folds(&s);
	shop_remove(&s);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, NULL, NULL, NULL }
		TEST("a close ends the file with its tail and gives it its closed name", a_close_ends_the_file),
		TEST("what is closed is not closed again, and nothing is written", what_is_closed_is_not_closed_again),
		TEST("a close in training, or one that is undone, closes nothing", training_and_undone_closes_close_nothing),
		TEST("totals that could not be read again are not booked", totals_that_cannot_be_read_are_not_booked),
		TEST("days are told, listed and shown", days_are_listed),
		TEST("requests of closed days are found", requests_of_closed_days_are_found),
		TEST("a close cut anywhere is closed once", a_close_cut_anywhere_is_closed_once),
		TEST("a close that found no room is undone", a_close_that_found_no_room_is_undone),
		TEST("a close whose file cannot be finished stops the process, and the next start finishes it",
			a_close_whose_file_cannot_be_finished_stops_the_process),
		TEST("an opening that the index missed is no damage", an_opening_that_the_index_missed_is_no_damage),
		TEST("every changed byte of closed files is found", every_changed_byte_is_found),
		TEST("jobs run once a close, as events of the next day", jobs_run_once_a_close),
		TEST("what one slice of each job can do is done in one turn", small_jobs_end_in_one_turn),
		TEST("alerts are listed for a year, and dropped after a close", alerts_leave_after_a_year),
		TEST("holds are forgotten 60 days behind their end", holds_are_forgotten_60_days_behind_their_end),
		TEST("jobs go on after a crash", jobs_go_on_after_a_crash),
		TEST("an undone slice runs again", an_undone_slice_runs_again),
		TEST("a slice without effects books nothing", a_slice_without_effects_books_nothing),
		TEST("a job that fails is left until the next close", a_job_that_fails_is_left_until_the_next_close),
		TEST("jobs that a close interrupts begin again after it", a_backlog_is_done_with_the_last_close),
		TEST("points expire once", points_expire_once),
		TEST("days go on behind 2038", days_go_on_behind_2038),
		TEST("a supervisor who resolves the alert lets the jobs go on", a_supervisor_lets_the_jobs_go_on),
		TEST("a jump of the clock and back holds the jobs for a supervisor", a_jump_and_back_holds),
		TEST("requests are remembered for 60 days, and not kept much longer", requests_are_remembered_for_60_days),
		TEST("a clock that was wrong for some days hides no request", a_wrong_clock_hides_no_request),
		TEST("a close by a doubtful clock empties no table of requests",
			a_close_without_trust_in_the_clock_empties_no_table),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(cuts) + COUNT(harms) + COUNT(jumps)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(cuts); i++)
		tests[n++] =
			(struct CMUnitTest){ cuts[i].name, a_close_cut_short_is_finished, NULL, NULL, (void *)&cuts[i] };
	for (size_t i = 0; i < COUNT(harms); i++)
		tests[n++] = (struct CMUnitTest){ harms[i].name, harm_is_found, NULL, NULL, (void *)&harms[i] };
	for (size_t i = 0; i < COUNT(jumps); i++)
		tests[n++] = (struct CMUnitTest){ jumps[i].name, jobs_wait_for_a_clock, NULL, NULL, (void *)&jumps[i] };
	return cmocka_run_group_tests_name("day", tests, NULL, NULL);
}
