/* SPDX-License-Identifier: Apache-2.0 */
/* What a start makes of a ledger that is missing, cut short, torn or damaged. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/harness.h"

static const struct shop_options no_ledger = { .empty = true };
static const struct shop_options at_rest = { .stopped = true, .broken = true };
static const struct shop_options running = { .broken = true };

/* One line, with what to do, an exit code that is neither success nor a crash; the log's other lines do not count. */
static void refused_clearly(struct shop *s, const char *name, const char *what, const char *advice)
{
	int code = shop_start_refused(s);
	char *log = shop_log(s), *line = log, *said = NULL;
	int lines = 0;

	for (char *at = strtok(line, "\n"); at; at = strtok(NULL, "\n"))
		if (strncmp(at, "palierd: ", 9) == 0) {
			said = at;
			lines++;
		}
	if (code <= 0 || lines != 1)
		fail_msg("%s: exit code %d, %d lines: %s", name, code, lines, said ? said : "");
	if (!strstr(said, what) || !strstr(said, advice))
		fail_msg("%s: \"%s\" tells neither %s nor %s", name, said, what, advice);
	free(log);
}

static const char *path_in(const struct shop *s, const char *name)
{
	static char path[4][192];
	static unsigned turn;
	char *out = path[turn++ % 4];

	snprintf(out, sizeof(path[0]), "%s/%s", s->data, name);
	return out;
}

static void sales_make(struct wire *w, int from, int to)
{
	for (int i = from; i <= to; i++)
		ask_ok(w, "sale.commit",
			"'request':'r-%d','sale':'R-%d','card':'CARD-1','lines':[{'sku':'a','amount':%d00}],'payable':%d00",
			i, i, i, i);
}

/* A ledger with a few events, at rest. */
static void ledger_make(struct shop *s)
{
	struct wire w;

	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-0','card':'CARD-1','name':'Zoé Martin'");
	sales_make(&w, 1, 5);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

static void keep(const struct shop *s, char *kept, size_t size)
{
	snprintf(kept, size, "%s/kept", s->dir);
	tree_copy(s->data, kept);
}

/* --- no ledger --- */

static void no_directory(void **state)
{
	struct shop *s = *state;

	refused_clearly(s, "no directory", s->data, "palier init");
	assert_int_not_equal(access(s->data, F_OK), 0);
	assert_int_equal(mkdir(s->data, 0700), 0);
	refused_clearly(s, "an empty directory", s->data, "palier init");
	assert_int_not_equal(access(path_in(s, "index"), F_OK), 0);
	assert_int_not_equal(access(path_in(s, "journal"), F_OK), 0);
	assert_true(shop_verb(s, "check", NULL) > 0);
	assert_true(shop_verb(s, "rebuild", NULL) > 0);
	assert_int_not_equal(access(path_in(s, "journal"), F_OK), 0);

	assert_int_equal(shop_verb(s, "init", NULL), 0);
	shop_start(s);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

static void init_twice(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	assert_int_equal(shop_verb(s, "init", NULL), 0);
	ledger_make(s);
	assert_true(shop_verb(s, "init", &said) > 0);
	assert_non_null(strstr(said, s->data));
	free(said);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 15);
	wire_close(&w);
	/* A running daemon keeps every other one out. */
	assert_true(shop_verb(s, "rebuild", &said) > 0);
	free(said);
	assert_true(shop_verb(s, "init", NULL) > 0);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

static void init_over_other_files(void **state)
{
	struct shop *s = *state;
	char *text;

	assert_int_equal(mkdir(s->data, 0700), 0);
	file_write(path_in(s, "letter"), "dear", 4);
	assert_true(shop_verb(s, "init", NULL) > 0);
	text = file_read(path_in(s, "letter"), NULL);
	assert_string_equal(text, "dear");
	free(text);
	assert_int_not_equal(access(path_in(s, "FORMAT"), F_OK), 0);
}

/* --- files that are gone or cut short --- */

enum harm { GONE, EMPTY, ONE_BYTE, ONE_PAGE, HALF, ZEROS };

static const struct loss {
	const char *name, *file;
	enum harm harm;
	const char *what, *advice;
} losses[] = {
	{ "FORMAT is gone", "FORMAT", GONE, "FORMAT", "restore" },
	{ "FORMAT is empty", "FORMAT", EMPTY, "FORMAT", "restore" },
	{ "FORMAT is cut short", "FORMAT", HALF, "FORMAT", "restore" },
	{ "FORMAT is zeros", "FORMAT", ZEROS, "FORMAT", "restore" },
	{ "the key file is gone", "keys", GONE, "keys", "restore" },
	{ "the key file is empty", "keys", EMPTY, "keys", "restore" },
	{ "the key file is a byte", "keys", ONE_BYTE, "keys", "restore" },
	{ "the key file lacks its members' keys", "keys", HALF, "key", "restore" },
	{ "the key file is zeros", "keys", ZEROS, "keys", "restore" },
	{ "the journal's directory is gone", "journal", GONE, "journal", "restore" },
	{ "the journal file is gone", "journal/1.open", GONE, "journal", "restore" },
	{ "the journal file is empty", "journal/1.open", EMPTY, "journal", "restore" },
	{ "the journal file is a byte", "journal/1.open", ONE_BYTE, "journal", "restore" },
	{ "the journal file is cut short", "journal/1.open", HALF, "journal", "restore" },
	{ "the journal file is zeros", "journal/1.open", ZEROS, "journal", "restore" },
	{ "the index is gone", "index", GONE, "index", "rebuild" },
	{ "the index file is gone", "index/data.mdb", GONE, "index", "rebuild" },
	{ "the index file is empty", "index/data.mdb", EMPTY, "index", "rebuild" },
	{ "the index file is a byte", "index/data.mdb", ONE_BYTE, "index", "rebuild" },
	{ "the index file is a page", "index/data.mdb", ONE_PAGE, "index", "rebuild" },
	{ "the index file is cut in half", "index/data.mdb", HALF, "index", "rebuild" },
	{ "the index file is zeros", "index/data.mdb", ZEROS, "index", "rebuild" },
};

/* Of a sparse file, half of what is in it. */
static off_t half_of(const char *path)
{
	size_t len, used;
	char *text = file_read(path, &len);

	used = len;
	while (used > 0 && text[used - 1] == 0)
		used--;
	free(text);
	return (off_t)(used / 2);
}

static void harm(const char *path, enum harm how)
{
	struct stat st;

	if (how == GONE) {
		tree_remove(path);
		return;
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, how == ONE_BYTE ? 1 : how == ONE_PAGE ? 4096 : how == HALF ? half_of(path) : 0), 0);
	if (how == ZEROS)
		assert_int_equal(truncate(path, st.st_size), 0);
}

static void lost(void **state)
{
	struct shop *s = *state;
	char kept[96];

	ledger_make(s);
	keep(s, kept, sizeof(kept));
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
		tree_copy(kept, s->data);
		harm(path_in(s, losses[i].file), losses[i].harm);
		refused_clearly(s, losses[i].name, losses[i].what, losses[i].advice);
		/* An index can be made again from the journal; nothing else can. */
		if (strcmp(losses[i].advice, "rebuild") != 0)
			continue;
		assert_true(shop_verb(s, "check", NULL) > 0);
		assert_int_equal(shop_verb(s, "rebuild", NULL), 0);
		shop_start(s);
		assert_int_equal(shop_stop(s), 0);
		shop_sound(s);
	}
	tree_copy(kept, s->data);
	shop_start(s);
	assert_int_equal(shop_stop(s), 0);
	shop_sound(s);
}

static void other_store(void **state)
{
	static const char lyon[] = "palier ledger\nformat 1\nstore paris-01\n",
			  later[] = "palier ledger\nformat 2\nstore lyon-03\n";
	struct shop *s = *state;

	ledger_make(s);
	file_write(path_in(s, "FORMAT"), lyon, sizeof(lyon) - 1);
	refused_clearly(s, "another store's ledger", "paris-01", "lyon-03");
	file_write(path_in(s, "FORMAT"), later, sizeof(later) - 1);
	refused_clearly(s, "a later format", "format", "palier");
}

/* --- torn and damaged tails --- */

/* A running shop's ledger as a crash leaves it: the index has the first events only, the journal five sales.
 * @param kept receives its path */
static void crash_make(struct shop *s, char *kept, size_t size)
{
	char index[160], kept_index[160];
	struct wire w;

	snprintf(kept, size, "%s/kept", s->dir);
	snprintf(index, sizeof(index), "%s/index", s->dir);
	snprintf(kept_index, sizeof(kept_index), "%s/index", kept);
	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll", "'request':'r-0','card':'CARD-1','name':'Zoé Martin'");
	sales_make(&w, 1, 2);
	tree_copy(path_in(s, "index"), index); /* at most these are in it */
	sales_make(&w, 3, 5);
	wire_close(&w);
	shop_kill(s);
	tree_copy(s->data, kept);
	tree_copy(index, kept_index);
}

/* Where the last line of a text begins. */
static size_t last_line(const char *text, size_t len)
{
	size_t at = len - 1;

	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* Start on what the journal now is: the tail must be cut, the sales before it be there. */
static void cut_starts(struct shop *s, const char *name, const char *kept, const char *journal, size_t len, int64_t points,
	bool cut)
{
	struct wire w;
	char *log, *reply;

	tree_copy(kept, s->data);
	file_write(path_in(s, "journal/1.open"), journal, len);
	shop_start(s);
	log = shop_log(s);
	if (cut != (strstr(log, "journal.cut") != NULL))
		fail_msg("%s: the log says %s", name, log);
	free(log);
	connect_to(&w, s, DOOR_TRUST);
	reply = ask_ok(&w, "card.lookup", "'card':'CARD-1'");
	if (figure(reply, "result.balances.points") != points)
		fail_msg("%s: %s", name, reply);
	/* What was cut was never booked, and can be booked now. */
	ask_ok(&w, "sale.commit",
		"'request':'r-5','sale':'R-5','card':'CARD-1','lines':[{'sku':'a','amount':500}],'payable':500");
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 15);
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

/* The day's file was being made when the power went: nothing had been booked. */
static void torn_head(void **state)
{
	struct shop *s = *state;
	char kept[96], *journal;
	size_t len, head;

	keep(s, kept, sizeof(kept));
	ledger_make(s);
	journal = journal_text(s, &len);
	head = (size_t)(strchr(journal, '\n') - journal);
	for (size_t at = 0; at <= head + 1; at += at < 4 || at + 40 > head ? 1 : 40) {
		struct wire w;

		tree_copy(kept, s->data);
		file_write(path_in(s, "journal/1.open"), journal, at);
		shop_start(s);
		connect_to(&w, s, DOOR_TRUST);
		assert_int_equal(last_seq(&w), 0);
		ask_ok(&w, "member.enroll", "'request':'r-0','card':'CARD-1'");
		assert_int_equal(last_seq(&w), 1);
		wire_close(&w);
		assert_int_equal(shop_stop(s), 0);
		if (at == 0 || at == head || at == head + 1)
			shop_sound(s);
	}
	free(journal);
}

/* Only the last line's first bytes are there: they go, all before them stays. */
static void cut_at(struct shop *s, const char *kept, const char *journal, size_t len)
{
	struct wire w;
	char *after;
	size_t left;

	tree_copy(kept, s->data);
	file_write(path_in(s, "journal/1.open"), journal, len);
	shop_start(s);
	shop_log_wait(s, "journal.cut");
	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 10);
	wire_close(&w);
	shop_kill(s);
	after = journal_text(s, &left);
	if (left != last_line(journal, len) || memcmp(after, journal, left) != 0)
		fail_msg("cut at %zu, %zu bytes are left", len, left);
	free(after);
}

static void torn(void **state)
{
	static const char *const garbage[] = { "{", "{}\n", "garbage\n", "{\"seq\":7,\"turn\":7", "\xff\xfe\n\n\n", "\n" };
	struct shop *s = *state;
	char kept[96], *journal, *copy;
	size_t len, last;

	crash_make(s, kept, sizeof(kept));
	tree_copy(kept, s->data);
	journal = journal_text(s, &len);
	last = last_line(journal, len);
	copy = malloc(len + 65536);
	memcpy(copy, journal, len);
	cut_starts(s, "whole", kept, journal, len, 15, false);
	cut_starts(s, "the last line gone, cleanly", kept, journal, last, 10, false);
	for (size_t at = last + 1; at < len; at += getenv("PALIER_LONG") ? 1 : 17)
		cut_at(s, kept, journal, at);
	cut_starts(s, "a byte of the last line is there", kept, journal, last + 1, 10, true);
	cut_starts(s, "a byte of the last line is missing", kept, journal, len - 1, 10, true);
	/* The room taken ahead behind it is zeros. */
	memset(copy + len - 20, 0, 20 + 4096);
	cut_starts(s, "zeros for its end, and room", kept, copy, len + 4096, 10, true);
	memcpy(copy, journal, len);
	memset(copy + last + 40, 0, 60);
	cut_starts(s, "zeros in the middle", kept, copy, len, 10, true);
	memset(copy + last, 0, 30);
	cut_starts(s, "zeros at its beginning", kept, copy, len, 10, true);
	memset(copy + last, 0, len - last);
	cut_starts(s, "nothing but zeros", kept, copy, len, 10, false);
	memcpy(copy, journal, len);
	copy[last + 30] ^= 1;
	cut_starts(s, "another byte in the last line", kept, copy, len, 10, true);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		memcpy(copy, journal, len);
		memcpy(copy + len, garbage[i], strlen(garbage[i]));
		cut_starts(s, garbage[i], kept, copy, len + strlen(garbage[i]), 15, true);
	}
	memset(copy + len, 0, 5000);
	memcpy(copy + len + 4096, "garbage", 7);
	cut_starts(s, "zeros, then garbage", kept, copy, len + 5000, 15, true);
	shop_sound(s);
	free(journal);
	free(copy);
}

static void damaged(void **state)
{
	struct shop *s = *state;
	char kept[96], *journal, *copy;
	size_t len;
	int line = 0;

	crash_make(s, kept, sizeof(kept));
	tree_copy(kept, s->data);
	journal = journal_text(s, &len);
	copy = malloc(len + 1);
	/* Of every line but the last, one byte: what follows is of a later turn. */
	for (size_t at = 0; at < last_line(journal, len); line++) {
		size_t end = (size_t)(strchr(journal + at, '\n') - journal), places[] = { at, (at + end) / 2, end - 1, end };

		for (size_t i = 0; i < 4; i++) {
			char name[64];

			snprintf(name, sizeof(name), "byte %zu of line %d", places[i] - at, line);
			memcpy(copy, journal, len);
			copy[places[i]] ^= 1;
			tree_copy(kept, s->data);
			file_write(path_in(s, "journal/1.open"), copy, len);
			refused_clearly(s, name, "journal 1", "restore");
		}
		at = end + 1;
	}
	assert_int_equal(line, 6);
	/* The journal ends below what the index has applied. */
	assert_int_equal(shop_verb(s, "check", NULL) > 0, 1);
	tree_copy(kept, s->data);
	shop_start(s);
	assert_int_equal(shop_stop(s), 0); /* now the index has all of it */
	file_write(path_in(s, "journal/1.open"), journal, last_line(journal, len));
	refused_clearly(s, "a booked line is gone", "booked", "restore");
	file_write(path_in(s, "journal/1.open"), journal, len - 1);
	refused_clearly(s, "a booked line is torn", "booked", "restore");
	memcpy(copy, journal, len);
	copy[len - 30] ^= 1;
	file_write(path_in(s, "journal/1.open"), copy, len);
	refused_clearly(s, "a booked line, the last, is another", "booked", "restore");
	free(journal);
	free(copy);
}

static void every_byte_counts(void **state)
{
	struct shop *s = *state;
	char *journal, *said;
	size_t len;
	int tried = 0;

	ledger_make(s);
	assert_int_equal(shop_verb(s, "check", NULL), 0);
	journal = journal_text(s, &len);
	for (size_t at = 0; at < len;) {
		size_t end = (size_t)(strchr(journal + at, '\n') - journal),
		       places[] = { at, at + 9, at + (end - at) / 3, (at + end) / 2, end - 70, end - 3, end - 1, end };

		for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++, tried++) {
			int code;

			journal[places[i]] ^= 4;
			file_write(path_in(s, "journal/1.open"), journal, len);
			code = shop_verb(s, "check", &said);
			if (code <= 0 || !*said)
				fail_msg("check takes byte %zu for good (exit code %d): %s", places[i], code, said);
			free(said);
			journal[places[i]] ^= 4;
		}
		at = end + 1;
	}
	assert_int_equal(tried, 7 * 8);
	file_write(path_in(s, "journal/1.open"), journal, len);
	assert_int_equal(shop_verb(s, "check", NULL), 0);
	free(journal);
}

static void another_index(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *index, *said;
	size_t len;
	int changed = 0;

	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	till_make(&w, "till-seven", "cashier", "token-of-seven");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
	index = file_read(path_in(s, "index/data.mdb"), &len);
	for (char *at = index; (at = memmem(at, len - (size_t)(at - index), "till-seven", 10)); changed++)
		memcpy(at, "till-sevex", 10);
	assert_true(changed > 0);
	file_write(path_in(s, "index/data.mdb"), index, len);
	free(index);

	assert_true(shop_verb(s, "check", &said) > 0);
	assert_non_null(strstr(said, "till"));
	free(said);
	assert_true(shop_verb(s, "rebuild", NULL) > 0); /* it was wrong */
	shop_sound(s);                                  /* and is right now */
	shop_start(s);
	sign_in(&w, s, "till-seven", "token-of-seven");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

static void rebuilt_from_nothing(void **state)
{
	struct shop *s = *state;
	struct wire w;
	char *said;

	ledger_make(s);
	tree_remove(path_in(s, "index"));
	assert_int_equal(shop_verb(s, "rebuild", &said), 0);
	free(said);
	assert_int_equal(shop_verb(s, "check", NULL), 0);
	shop_start(s);
	connect_to(&w, s, DOOR_TRUST);
	assert_figure(ask_ok(&w, "card.lookup", "'card':'CARD-1'"), "result.balances.points", 15);
	assert_field(
		ask_ok(&w, "sale.commit",
			"'request':'r-5','sale':'R-5','card':'CARD-1','lines':[{'sku':'a','amount':500}],'payable':500"),
		"result.replayed", "true");
	wire_close(&w);
	assert_int_equal(shop_stop(s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("without a ledger nothing starts, and only init makes one", no_directory, &no_ledger),
		IN_SHOP("init leaves a ledger that is there alone", init_twice, &no_ledger),
		IN_SHOP("init does not touch a directory of other files", init_over_other_files, &no_ledger),
		IN_SHOP("a file missing, empty or cut short is told in one line with what to do", lost, &at_rest),
		IN_SHOP("a ledger of another store or format is refused", other_store, &at_rest),
		IN_SHOP("a torn tail is cut off with a log line, and nothing else is lost", torn, &running),
		IN_SHOP("a day's file without its whole head line holds nothing", torn_head, &at_rest),
		IN_SHOP("damage is refused, not cut off", damaged, &running),
		IN_SHOP("check finds a changed byte in any journal line", every_byte_counts, &at_rest),
		IN_SHOP("check and rebuild tell an index that is not what the journal says", another_index, &at_rest),
		IN_SHOP("an index that is gone is made again from the journal", rebuilt_from_nothing, &at_rest),
	};

	return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
