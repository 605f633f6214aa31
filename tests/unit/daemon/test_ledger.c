/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger without sockets: lines go to a router on a trusted session, and the test says when a turn ends, fails, or the power goes. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/daemon/shop.h"

#define SEED UINT64_C(77)

static void shop_make(struct shop *s)
{
	shop_found(s, NULL,
		"points {\n"
		"	unit \"points\" { expires = \"12 months\" }\n"
		"	unit \"stamps\" { expires = never }\n"
		"	earn \"base\" { unit = points  per = \"1.00\"  points = 1 }\n"
		"	earn \"cup\" { unit = stamps  per-visit = 1 }\n"
		"}\n");
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

static enum routed send(struct shop *s, const char *line)
{
	enum routed routed;

	s->reply.len = 0;
	routed = router_line(s->router, &s->session, palier_str(line), s->now_ms, false, &s->reply);
	palier_buffer_add(&s->reply, "", 1);
	s->now_ms++;
	return routed;
}

/* @param params members behind the request, each with a comma before it */
static enum routed call(struct shop *s, const char *method, const char *request, const char *params)
{
	char line[2048];

	snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{\"request\":\"%s\"%s}}",
		method, request, params);
	return send(s, line);
}

static void assert_booked(struct shop *s, const char *method, const char *request, const char *params)
{
	if (call(s, method, request, params) != ROUTED_COMMAND || strstr(s->reply.at, "\"error\""))
		fail_msg("%s", s->reply.at);
}

static void assert_refused(struct shop *s, const char *method, const char *request, const char *params, const char *reason)
{
	char text[64];

	snprintf(text, sizeof(text), "\"reason\":\"%s\"", reason);
	assert_int_equal(call(s, method, request, params), ROUTED_QUESTION);
	if (!strstr(s->reply.at, text))
		fail_msg("no %s in %s", text, s->reply.at);
}

/* A till of this name: the shortest command. */
static void add_till(struct shop *s, const char *name)
{
	char params[256];

	snprintf(params, sizeof(params), ",\"till\":\"%s\",\"role\":\"cashier\",\"token_sha256\":\"%064d\"", name, 7);
	assert_booked(s, "till.add", name, params);
}

static void add_tills(struct shop *s, const char *names)
{
	for (; *names; names++)
		add_till(s, (char[]){ *names, 0 });
}

static void assert_synced(struct shop *s)
{
	assert_int_equal(ledger_sync(s->ledger), PALIER_OK);
}

static void enroll(struct shop *s, const char *request, char member[PALIER_ID_TEXT + 1])
{
	const char *at;

	assert_booked(s, "member.enroll", request, ",\"name\":\"Élodie Le Gall\",\"language\":\"fr\"");
	at = strstr(s->reply.at, "\"m_");
	assert_non_null(at);
	memcpy(member, at + 1, PALIER_ID_TEXT);
	member[PALIER_ID_TEXT] = 0;
}

/* --- what stands in the journal ------------------------------------------------------------------------------------ */

static const char *journal_file(struct shop *s)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/journal/1.open", s->config->data);
	return path;
}

/* The events as "seq/turn", each linked to the line before. */
static void assert_journal(struct shop *s, const char *events)
{
	struct palier_bytes text = file_get(journal_file(s));
	const char *end = memchr(text.at, 0, text.len), *at = text.at;
	struct palier_hash before, prev;
	char got[8192] = "";
	uint64_t seq, turn;

	end = end ? end : text.at + text.len;
	for (const char *lf; at < end; at = lf + 1) {
		struct palier_bytes line;

		lf = memchr(at, '\n', (size_t)(end - at));
		assert_non_null(lf);
		line = palier_bytes_of(at, (size_t)(lf - at));
		if (at != text.at) {
			assert_true(batch_links(line, &seq, &turn, &prev));
			assert_memory_equal(prev.b, before.b, SHA256_LEN);
			sprintf(got + strlen(got), "%s%u/%u", got[0] ? " " : "", (unsigned)seq, (unsigned)turn);
		}
		crypto_sha256(line, &before);
	}
	assert_string_equal(got, events);
	free((void *)(uintptr_t)text.at);
}

/* --- seq and turn -------------------------------------------------------------------------------------------------- */

/* A letter is a command that is accepted, given once; 'r' is refused, 'a' sent again, 't' training, 'q' a question; '|' ends a turn,
 * 'u' undoes it, 'c' commits the index, '/' closes and opens, '!' is a crash. */
static void play(struct shop *s, const char *script)
{
	char name[8];

	for (; *script; script++)
		switch (*script) {
		case 'r':
			assert_refused(s, "till.revoke", "refused", ",\"till\":\"nobody\"", "params_invalid");
			break;
		case 'a':
			snprintf(name, sizeof(name), "n%u", s->requests - 1);
			snprintf(s->why, sizeof(s->why), ",\"till\":\"%s\",\"role\":\"cashier\",\"token_sha256\":\"%064d\"",
				name, 7);
			assert_int_equal(call(s, "till.add", name, s->why), ROUTED_QUESTION);
			assert_non_null(strstr(s->reply.at, "\"replayed\":true"));
			break;
		case 't':
			assert_int_equal(call(s, "member.enroll", "training", ",\"training\":true"), ROUTED_QUESTION);
			assert_non_null(strstr(s->reply.at, "\"training\":true"));
			break;
		case 'q':
			assert_int_equal(send(s, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"till.list\"}"),
				ROUTED_QUESTION);
			assert_null(strstr(s->reply.at, "\"error\""));
			break;
		case '|':
			assert_synced(s);
			break;
		case 'u':
			assert_int_equal(ledger_undo(s->ledger), PALIER_OK);
			break;
		case 'c':
			s->ledger->commit_now = true;
			assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
			break;
		case '/':
			shop_close(s);
			shop_open(s);
			break;
		case '!':
			shop_crash(s);
			shop_open(s);
			break;
		default:
			snprintf(name, sizeof(name), "n%u", s->requests++);
			add_till(s, name);
		}
}

static const struct play_case {
	const char *name, *script, *events; /* in the journal: seq/turn */
} plays[] = {
	{ "events of one turn share its number", "xxx|", "1/1 2/1 3/1" },
	{ "a turn is numbered by its first event", "x|xx|x|", "1/1 2/2 3/2 4/4" },
	{ "a turn without events has no number", "x|||x|", "1/1 2/2" },
	{ "a refused command takes no seq", "xrxrr|rx|", "1/1 2/1 3/3" },
	{ "a turn that begins with a refusal is numbered by its first event", "x|rx|", "1/1 2/2" },
	{ "a command that is sent again takes no seq", "xax|a|x|", "1/1 2/1 3/3" },
	{ "training takes no seq", "xtx|t|x|", "1/1 2/1 3/3" },
	{ "training before the first day opens none", "t|x|", "1/1" },
	{ "a question takes no seq", "qxqx|q|x|", "1/1 2/1 3/3" },
	{ "seq goes on after a restart", "xx|/x|", "1/1 2/1 3/3" },
	{ "seq goes on after a crash", "xx|!x|", "1/1 2/1 3/3" },
	{ "what was not synced is gone after a crash", "xx|xx!x|", "1/1 2/1 3/3" },
	{ "what was not synced is gone after a restart", "xx|xx/x|", "1/1 2/1 3/3" },
	{ "a first turn that crashes leaves an open day without events", "xx!x|", "1/1" },
	{ "what is undone takes no seq", "xx|xxxux|", "1/1 2/1 3/3" },
	{ "the first turn undone", "xxux|", "1/1" },
	{ "nothing undone", "x|ux|", "1/1 2/2" },
	{ "undone twice", "x|xuxxux|x|", "1/1 2/2 3/3" },
	{ "undone behind a commit of the index", "xx|cxxux|", "1/1 2/1 3/3" },
	{ "undone with synced events that the index has not committed", "cx|x|x|xxux|", "1/1 2/2 3/3 4/4" },
	{ "undone, then a crash", "cx|x|xxu!x|", "1/1 2/2 3/3" },
	{ "commits and crashes in turn", "x|cx|!cx|x|!x|c!x|", "1/1 2/2 3/3 4/4 5/5 6/6" },
};

static void scripts_are_played(void **state)
{
	const struct play_case *row = *state;
	struct shop s;

	shop_make(&s);
	shop_open(&s);
	play(&s, row->script);
	assert_journal(&s, row->events);
	assert_folds(&s);
	shop_remove(&s);
}

static void a_place_is_where_the_line_begins(void **state)
{
	struct shop s;
	struct palier_arena a = { 0 };
	struct palier_event ev;
	uint64_t offset[3];

	(void)state;
	shop_make(&s);
	shop_open(&s);
	for (int i = 0; i < 3; i++) {
		struct palier_bytes text;

		add_till(&s, (char[]){ (char)('a' + i), 0 });
		offset[i] = s.router ? journal_end(s.ledger->journal) : 0;
		if (i == 1)
			assert_synced(&s);
		text = file_get(journal_file(&s));
		if (i == 0)
			offset[0] = (uint64_t)((const char *)memchr(text.at, '\n', text.len) - text.at) + 1;
		free((void *)(uintptr_t)text.at);
	}
	assert_int_equal(ledger_event_at(s.ledger, 1, offset[0], &a, &ev), PALIER_OK);
	assert_int_equal(ev.seq, 1);
	assert_int_equal(ledger_event_at(s.ledger, 1, offset[1], &a, &ev), PALIER_OK); /* not written yet */
	assert_int_equal(ev.seq, 3);
	assert_int_equal(ev.offset, offset[1]);
	assert_int_equal(ledger_event_at(s.ledger, 1, offset[2], &a, &ev), PALIER_EDAMAGED);
	/* Of a command sent again, "not there" would mean: book it anew. */
	assert_int_equal(ledger_event_at(s.ledger, 2, 0, &a, &ev), PALIER_EDAMAGED);
	palier_arena_deinit(&a);
	shop_remove(&s);
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

static void assert_status(struct shop *s, const char *request, const char *text)
{
	char line[256];

	snprintf(line, sizeof(line),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"request.status\",\"params\":{\"request\":\"%s\"}}", request);
	send(s, line);
	if (!strstr(s->reply.at, text))
		fail_msg("no %s in %s", text, s->reply.at);
}

static void requests_are_remembered(void **state)
{
	char member[PALIER_ID_TEXT + 1], params[256];
	struct shop s;

	(void)state;
	shop_make(&s);
	shop_open(&s);
	enroll(&s, "e1", member);
	snprintf(params, sizeof(params), ",\"member\":\"%s\",\"unit\":\"points\",\"points\":40,\"reason\":\"gift\"", member);
	assert_booked(&s, "balance.adjust", "a1", params);
	assert_status(&s, "a1", "\"points\":40"); /* in the same turn */
	assert_synced(&s);
	assert_booked(&s, "balance.adjust", "a2", params);
	assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	assert_status(&s, "a1", "\"points\":40");
	assert_status(&s, "a2", "unknown");
	shop_crash(&s);
	shop_open(&s);
	assert_status(&s, "a1", "\"points\":40");
	assert_status(&s, "a2", "unknown");
	assert_refused(&s, "balance.adjust", "e1", params, "request_conflict");
	assert_folds(&s);
	shop_remove(&s);
}

/* --- keys that go -------------------------------------------------------------------------------------------------- */

static void assert_key(struct shop *s, uint32_t slot, bool there)
{
	struct palier_arena a = { 0 };

	assert_int_equal(keys_seal(s->ledger->keys, slot, PALIER_LIT("x"), &a).len > 0, there);
	palier_arena_deinit(&a);
}

static void assert_erase_accepted(struct shop *s, const char *request, const char *member)
{
	char params[64];

	snprintf(params, sizeof(params), ",\"member\":\"%s\"", member);
	assert_booked(s, "member.erase", request, params);
}

static void a_key_goes_after_its_line(void **state)
{
	char member[PALIER_ID_TEXT + 1];
	struct shop s;

	(void)state;
	shop_make(&s);
	shop_open(&s);
	enroll(&s, "e1", member);
	assert_synced(&s);
	assert_erase_accepted(&s, "g1", member);
	assert_key(&s, 1, true); /* the line only waits */
	assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	add_tills(&s, "a");
	assert_synced(&s);
	assert_key(&s, 1, true); /* what is undone erases nothing later, either */
	assert_status(&s, "g1", "unknown");
	assert_erase_accepted(&s, "g2", member);
	/* The power goes when the line is on disk and the key is still there. */
	assert_int_equal(journal_write(s.ledger->journal), PALIER_OK);
	assert_int_equal(journal_sync(s.ledger->journal), PALIER_OK);
	assert_key(&s, 1, true);
	shop_crash(&s);
	shop_open(&s);
	assert_key(&s, 1, false);
	assert_status(&s, "g2", "done");
	assert_folds(&s);
	shop_remove(&s);
}

static void a_key_may_go_in_the_turn_it_came(void **state)
{
	char member[2][PALIER_ID_TEXT + 1];
	struct shop s;

	(void)state;
	shop_make(&s);
	shop_open(&s);
	enroll(&s, "e1", member[0]);
	enroll(&s, "e2", member[1]);
	assert_erase_accepted(&s, "g1", member[0]);
	assert_synced(&s);
	assert_key(&s, 1, false);
	assert_key(&s, 2, true);
	shop_crash(&s);
	assert_int_equal(quietly(&s, ledger_check), PALIER_OK); /* the index did not stay behind the key */
	shop_open(&s);
	assert_key(&s, 2, true);
	enroll(&s, "e3", member[0]);
	assert_synced(&s);
	assert_key(&s, 1, false); /* no slot is drawn twice */
	assert_key(&s, 3, true);
	assert_folds(&s);
	shop_remove(&s);
}

/* --- what the index missed ----------------------------------------------------------------------------------------- */

/* How many events the start said that it folded. */
static unsigned reopen_folding(struct shop *s)
{
	char path[4096];
	struct palier_bytes text;
	const char *at, *key = "events=";
	unsigned events = 0;
	int log, before = dup(STDERR_FILENO), err;

	snprintf(path, sizeof(path), "%s/log", s->dir);
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(log, STDERR_FILENO);
	err = shop_try(s);
	dup2(before, STDERR_FILENO);
	close(before);
	close(log);
	assert_int_equal(err, PALIER_OK);
	text = file_get(path);
	at = text.len ? memmem(text.at, text.len, key, strlen(key)) : NULL;
	if (at)
		events = (unsigned)strtoul(at + strlen(key), NULL, 10);
	free((void *)(uintptr_t)text.at);
	return events;
}

static const struct fold_case {
	const char *name, *before, *behind; /* the index's last commit */
	unsigned folded;
} folds[] = {
	{ "nothing is missing: nothing is folded", "xxx|", "", 0 },
	{ "one event is missing", "xx|", "x|", 1 },
	{ "turns are missing", "x|", "xx|x|xxx|", 6 },
	{ "a turn that was not synced is not folded", "x|", "x|xx", 1 },
	{ "all is missing but the day's opening", "", "xx|x|", 3 },
};

static void exactly_what_is_missing_is_folded(void **state)
{
	const struct fold_case *row = *state;
	struct shop s;
	uint64_t head;

	shop_make(&s);
	shop_open(&s);
	play(&s, row->before);
	play(&s, "c");
	play(&s, row->behind);
	head = s.ledger->synced.seq;
	shop_crash(&s);
	assert_int_equal(quietly(&s, ledger_check), PALIER_OK); /* an index that is behind is not wrong */
	assert_int_equal(reopen_folding(&s), row->folded);
	assert_int_equal(s.ledger->head.seq, head);
	shop_crash(&s);
	assert_int_equal(reopen_folding(&s), 0); /* a start commits what it folded */
	assert_folds(&s);
	shop_remove(&s);
}

/* --- a torn tail, and damage --------------------------------------------------------------------------------------- */

static uint64_t file_end(struct shop *s)
{
	struct palier_bytes text = file_get(journal_file(s));
	const char *nul = memchr(text.at, 0, text.len);
	uint64_t end = nul ? (uint64_t)(nul - text.at) : text.len;

	free((void *)(uintptr_t)text.at);
	return end;
}

/* Three events that the index has seen, then a turn of three more that it has not. @param ends where each of these ends */
static void torn_make(struct shop *s, uint64_t *begin, uint64_t ends[3])
{
	shop_make(s);
	shop_open(s);
	add_tills(s, "abc");
	assert_synced(s);
	play(s, "c");
	*begin = journal_end(s->ledger->journal);
	for (int i = 0; i < 3; i++) {
		add_tills(s, (char[]){ (char)('d' + i), 0 });
		ends[i] = journal_end(s->ledger->journal);
	}
	assert_synced(s);
	shop_crash(s);
}

/* The file ends at `cut`, or goes on with zeros. */
static void torn_try(uint64_t cut, bool zeros)
{
	uint64_t begin, ends[3], whole;
	struct palier_bytes text;
	struct shop s;

	torn_make(&s, &begin, ends);
	text = file_get(journal_file(&s));
	memset((char *)(uintptr_t)text.at + cut, 0, text.len - cut);
	file_put(journal_file(&s), text.at, zeros ? text.len : cut);
	free((void *)(uintptr_t)text.at);
	whole = 3 + (cut >= ends[0]) + (cut >= ends[1]) + (cut >= ends[2]);
	shop_open(&s);
	assert_int_equal(s.ledger->head.seq, whole);
	add_tills(&s, "z");
	assert_int_equal(s.ledger->head.seq, whole + 1);
	assert_synced(&s);
	assert_folds(&s);
	shop_remove(&s);
}

static void a_torn_turn_is_cut_behind_its_last_whole_line(void **state)
{
	uint64_t begin, ends[3];
	struct shop s;

	(void)state;
	torn_make(&s, &begin, ends);
	shop_remove(&s);
	for (uint64_t cut = begin; cut < ends[2]; cut += 113)
		torn_try(cut, cut % 2);
	for (int i = 0; i < 3; i++) {
		torn_try(ends[i] - 1, i % 2); /* all but its LF */
		torn_try(ends[i], !(i % 2));
	}
}

/* A hexadecimal figure is changed, so that every line stays whole. */
static const struct damage_case {
	const char *name, *script;
	int event;          /* whose line is changed, from 1, */
	const char *behind; /* behind this */
	uint64_t head;      /* 0: damage */
} damages[] = {
	{ "a changed line that the index has seen is damage", "x|x|c", 1, "params_hash", 0 },
	{ "so is the last that it has seen", "x|x|c", 2, "params_hash", 0 },
	{ "a changed link that the index has seen is damage", "x|x|c", 2, "prev", 0 },
	{ "a changed line with the next turn behind it is damage", "x|cx|x|", 2, "params_hash", 0 },
	{ "a changed link at the beginning of a turn is damage", "x|cx|", 2, "prev", 0 },
	{ "a changed line with a later turn behind its own is damage", "x|cxxx|x|", 3, "params_hash", 0 },
	{ "what follows a changed line in the last turn is cut", "x|cxxx|", 2, "params_hash", 2 },
	{ "a changed link within the last turn is cut with what follows", "x|cxxx|", 3, "prev", 2 },
};

static void change_line(struct shop *s, int event, const char *behind)
{
	struct palier_bytes text = file_get(journal_file(s));
	const char *at = text.at;

	for (int i = 0; i < event; i++)
		at = (const char *)memchr(at, '\n', text.len - (size_t)(at - text.at)) + 1;
	at = (const char *)memmem(at, text.len - (size_t)(at - text.at), behind, strlen(behind)) + strlen(behind) + 3;
	file_patch(journal_file(s), (size_t)(at - text.at), *at == '0' ? "1" : "0", 1);
	free((void *)(uintptr_t)text.at);
}

static void damage_is_told_from_a_torn_tail(void **state)
{
	const struct damage_case *row = *state;
	struct shop s;

	shop_make(&s);
	shop_open(&s);
	play(&s, row->script);
	shop_crash(&s);
	change_line(&s, row->event, row->behind);
	if (row->head) {
		shop_open(&s);
		assert_int_equal(s.ledger->head.seq, row->head);
		assert_folds(&s);
	} else {
		assert_int_equal(shop_try(&s), PALIER_EDAMAGED);
		assert_non_null(strstr(s.why, "restore it from a backup"));
		assert_int_equal(quietly(&s, ledger_check), PALIER_EDAMAGED);
	}
	shop_remove(&s);
}

/* Two days that began alike and went on differently: the index of one is not that of the other. */
static const struct swap_case {
	const char *name, *ours, *theirs;
} swaps[] = {
	{ "a journal of the same length with other events", "abc", "xyz" },
	{ "a longer journal", "a", "xyz" },
	{ "a shorter journal", "abc", "x" },
	{ "a journal whose lines end elsewhere", "abc", "longer-till-names" },
};

static void another_journal_is_refused(void **state)
{
	const struct swap_case *row = *state;
	struct shop s, other;
	struct palier_bytes text;

	shop_make(&s);
	shop_open(&s);
	add_tills(&s, row->ours);
	assert_synced(&s);
	shop_close(&s);
	shop_make(&other);
	shop_open(&other);
	if (strlen(row->theirs) > 3)
		for (int i = 0; i < 5; i++)
			add_till(&other, row->theirs + i);
	else
		add_tills(&other, row->theirs);
	assert_synced(&other);
	shop_close(&other);
	text = file_get(journal_file(&other));
	file_put(journal_file(&s), text.at, text.len);
	free((void *)(uintptr_t)text.at);
	assert_int_equal(shop_try(&s), PALIER_EDAMAGED);
	shop_remove(&other);
	shop_remove(&s);
}

/* --- a full disk --------------------------------------------------------------------------------------------------- */

static void file_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_day_that_found_no_room_opens_later(void **state)
{
	struct shop s;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shop_make(&s);
	shop_open(&s);
	file_limit(4096); /* enough for the head line, not for a turn */
	assert_refused(&s, "till.add", "a",
		",\"till\":\"a\",\"role\":\"cashier\",\"token_sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"",
		"storage_full");
	file_limit(RLIM_INFINITY);
	add_tills(&s, "ab");
	assert_synced(&s);
	assert_journal(&s, "1/1 2/1");
	assert_folds(&s);
	shop_remove(&s);
}

static void a_turn_that_found_no_room_is_undone(void **state)
{
	struct shop s;
	int err = PALIER_OK;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shop_make(&s);
	shop_open(&s);
	add_tills(&s, "ab");
	assert_synced(&s);
	add_tills(&s, "cd");
	file_limit(file_end(&s) + 100); /* within the first of the two lines */
	err = ledger_sync(s.ledger);
	file_limit(RLIM_INFINITY);
	assert_int_equal(err, PALIER_ESTORAGE_FULL);
	assert_int_equal(ledger_undo(s.ledger), PALIER_OK);
	assert_int_equal(ledger_waiting(s.ledger), 0);
	add_tills(&s, "ce");
	assert_synced(&s);
	assert_journal(&s, "1/1 2/1 3/3 4/3");
	assert_folds(&s);
	shop_remove(&s);
}

/* --- all of it, at random ------------------------------------------------------------------------------------------ */

#define MEMBERS 64

struct life {
	struct shop shop;
	uint64_t chance;
	char member[MEMBERS][PALIER_ID_TEXT + 1];
	unsigned members, synced_members;
	unsigned requests;
	uint64_t seq; /* as it must be */
};

static unsigned draw(struct life *l, unsigned n)
{
	return chance_of(&l->chance, n);
}

static void live_command(struct life *l)
{
	struct shop *s = &l->shop;
	char request[32], params[512];
	const char *who = l->members ? l->member[draw(l, l->members)] : NULL;
	const char *method;

	snprintf(request, sizeof(request), "r%u", l->requests++);
	if (!who || (l->members < MEMBERS && draw(l, 4) == 0)) {
		enroll(s, request, l->member[l->members++]);
		l->seq++;
		return;
	}
	switch (draw(l, 5)) {
	case 0:
		method = "balance.adjust";
		snprintf(params, sizeof(params), ",\"member\":\"%s\",\"unit\":\"%s\",\"points\":%d,\"reason\":\"r\"", who,
			draw(l, 2) ? "points" : "stamps", (int)draw(l, 200) - 60);
		break;
	case 1:
		method = "member.update";
		snprintf(params, sizeof(params), ",\"member\":\"%s\",\"name\":\"N%u Martin\",\"email\":%s", who, draw(l, 9),
			draw(l, 2) ? "null" : "\"a@example.org\"");
		break;
	case 2:
		method = "card.issue";
		snprintf(params, sizeof(params), ",\"member\":\"%s\"", who);
		break;
	default:
		method = "sale.commit";
		snprintf(params, sizeof(params),
			",\"sale\":\"s%u\",\"member\":\"%s\",\"lines\":[{\"sku\":\"k%u\",\"amount\":%u}],\"payable\":%u",
			l->requests, who, draw(l, 9), 1250, 1250);
	}
	l->seq += call(s, method, request, params) == ROUTED_COMMAND;
}

static void live_turn(struct life *l)
{
	struct shop *s = &l->shop;
	uint64_t before = l->seq;

	for (unsigned n = draw(l, 6); n; n--)
		live_command(l);
	assert_true(s->ledger->head.seq == l->seq);
	switch (draw(l, 8)) {
	case 0:
		assert_int_equal(ledger_undo(s->ledger), PALIER_OK);
		l->seq = before;
		l->members = l->synced_members;
		break;
	case 1:
		shop_crash(s);
		shop_open(s);
		l->seq = before;
		l->members = l->synced_members;
		break;
	default:
		assert_synced(s);
		l->synced_members = l->members;
		if (draw(l, 3) == 0)
			s->ledger->commit_now = true;
		assert_int_equal(ledger_pace(s->ledger, s->now_ms), PALIER_OK);
	}
	assert_true(s->ledger->head.seq == l->seq && s->ledger->synced.seq == l->seq);
	s->now_ms += draw(l, 400);
}

static void a_life_folds(void **state)
{
	static struct life l;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)SEED);
	l.chance = SEED;
	shop_make(&l.shop);
	shop_open(&l.shop);
	for (unsigned turn = 0; turn < 160; turn++) {
		live_turn(&l);
		if (turn % 40 == 39) {
			assert_folds(&l.shop);
			shop_open(&l.shop);
			assert_true(l.shop.ledger->head.seq == l.seq);
		}
	}
	assert_true(l.seq > 200 && l.members > 10);
	shop_remove(&l.shop);
}

static int displeased(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who)
{
	(void)t;
	say(who, "a balance is not the sum of its lots");
	return PALIER_OK;
}

static void check_asks_the_plugins(void **state)
{
	struct palier_plugin critic = palier_plugin_points;
	char member[PALIER_ID_TEXT + 1];
	struct shop s;

	(void)state;
	critic.check = displeased;
	shop_make(&s);
	shop_open(&s);
	enroll(&s, "e-1", member);
	shop_close(&s);
	s.plugins.list[1] = &critic;
	assert_int_equal(quietly(&s, ledger_check), PALIER_EDAMAGED);
	s.plugins.list[1] = &palier_plugin_points;
	assert_folds(&s);
	shop_remove(&s);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, NULL, NULL, NULL }
		TEST("an event is found where its line begins, also before it is written", a_place_is_where_the_line_begins),
		TEST("requests are remembered, those undone are not", requests_are_remembered),
		TEST("a key is erased after its line is on disk, or by the next start", a_key_goes_after_its_line),
		TEST("a key may be erased in the turn in which it was drawn", a_key_may_go_in_the_turn_it_came),
		TEST("a torn turn is cut behind its last whole line", a_torn_turn_is_cut_behind_its_last_whole_line),
		TEST("a day that found no room opens once there is some", a_day_that_found_no_room_opens_later),
		TEST("a turn that found no room is undone whole", a_turn_that_found_no_room_is_undone),
		TEST("check asks the plugins whether their tables agree with themselves", check_asks_the_plugins),
		TEST("a life of turns, undone ones and crashes folds to its tables", a_life_folds),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(plays) + COUNT(folds) + COUNT(damages) + COUNT(swaps)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(plays); i++)
		tests[n++] = (struct CMUnitTest){ plays[i].name, scripts_are_played, NULL, NULL, (void *)&plays[i] };
	for (size_t i = 0; i < COUNT(folds); i++)
		tests[n++] = (struct CMUnitTest){ folds[i].name, exactly_what_is_missing_is_folded, NULL, NULL,
			(void *)&folds[i] };
	for (size_t i = 0; i < COUNT(damages); i++)
		tests[n++] = (struct CMUnitTest){ damages[i].name, damage_is_told_from_a_torn_tail, NULL, NULL,
			(void *)&damages[i] };
	for (size_t i = 0; i < COUNT(swaps); i++)
		tests[n++] = (struct CMUnitTest){ swaps[i].name, another_journal_is_refused, NULL, NULL, (void *)&swaps[i] };
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
