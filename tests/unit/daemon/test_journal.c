/* SPDX-License-Identifier: Apache-2.0 */
/* Journal files on a real disk. In the rows a '0' of a file's text stands for a zero byte. */
#include "daemon/journal.h"

#include <sys/resource.h>

#include "tests/unit/daemon/kit.h"

struct shelf {
	char *dir;
	struct journal *journal;
	struct palier_arena arena;
};

static void shelf_open(struct shelf *s)
{
	*s = (struct shelf){ .dir = dir_make() };
	assert_int_equal(journal_open(s->dir, &s->journal), PALIER_OK);
}

static void shelf_close(struct shelf *s)
{
	journal_close(s->journal);
	palier_arena_deinit(&s->arena);
	dir_remove(s->dir);
}

static void journal_again(struct shelf *s)
{
	journal_close(s->journal);
	assert_int_equal(journal_open(s->dir, &s->journal), PALIER_OK);
}

/* --- the names of files -------------------------------------------------------------------------------------------- */

static const struct name_case {
	const char *name;
	const char *files[4];
	uint32_t last;
	bool open;
} names[] = {
	{ "an empty directory has no batch", { NULL }, 0, false },
	{ "an open batch", { "1.open" }, 1, true },
	{ "a closed batch", { "1.jsonl" }, 1, false },
	{ "the last of several, by number", { "9.jsonl", "10.jsonl", "2.jsonl" }, 10, false },
	{ "closed ones before an open one", { "1.jsonl", "2.jsonl", "3.open" }, 3, true },
	{ "with both names it is open", { "1.jsonl", "2.open", "2.jsonl" }, 2, true },
	{ "with both names it is open, in whichever order they are found", { "2.jsonl", "2.open", "1.jsonl" }, 2, true },
	{ "the largest number", { "4294967295.open" }, 4294967295, true },
	{ "a number too large is no batch", { "1.jsonl", "4294967296.open" }, 1, false },
	{ "a number far too large is no batch", { "1.jsonl", "99999999999999999999999.open" }, 1, false },
	{ "batch 0 is none", { "0.open" }, 0, false },
	{ "an archived batch", { "1.jsonl.zst", "2.jsonl.zst" }, 2, false },
	{ "archived ones before a closed one", { "1.jsonl.zst", "2.jsonl" }, 2, false },
	{ "other endings are ignored", { "7.txt", "8.jsonl.gz", "9.open~", "1.jsonl" }, 1, false },
	{ "other names are ignored", { "journal.open", ".open", "x9.jsonl", "1.jsonl" }, 1, false },
	{ "a number written otherwise is ignored: its file would not be found",
		{ "007.open", "+8.open", " 9.open", "1.jsonl" }, 1, false },
	{ "a negative number is ignored", { "-18446744073709551607.open", "1.jsonl" }, 1, false },
};

static void files_are_known_by_name(void **state)
{
	const struct name_case *row = *state;
	struct shelf s;
	uint32_t last = 77;
	bool open = !row->open;

	shelf_open(&s);
	for (size_t i = 0; i < COUNT(row->files) && row->files[i]; i++)
		file_put(path_of(s.dir, row->files[i]), "", 0);
	assert_int_equal(journal_last(s.journal, &last, &open), PALIER_OK);
	assert_int_equal(last, row->last);
	assert_int_equal(open, row->open);
	shelf_close(&s);
}

static void a_batch_is_found_by_either_name(void **state)
{
	struct shelf s;
	char path[4096] = "untouched";

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_path(s.journal, 1, path), PALIER_ENOENT);
	file_put(path_of(s.dir, "1.jsonl"), "", 0);
	assert_int_equal(journal_path(s.journal, 1, path), PALIER_OK);
	assert_string_equal(path, path_of(s.dir, "1.jsonl"));
	file_put(path_of(s.dir, "2.open"), "", 0);
	assert_int_equal(journal_path(s.journal, 2, path), PALIER_OK);
	assert_string_equal(path, path_of(s.dir, "2.open"));
	shelf_close(&s);
}

static void a_missing_directory_is_said(void **state)
{
	struct journal *j = NULL;
	char *dir = dir_make();

	(void)state;
	assert_int_equal(journal_open(path_of(dir, "nowhere"), &j), PALIER_ENOENT);
	file_put(path_of(dir, "file"), "", 0);
	assert_int_not_equal(journal_open(path_of(dir, "file"), &j), PALIER_OK);
	assert_null(j);
	dir_remove(dir);
}

/* --- writing and reading ------------------------------------------------------------------------------------------- */

static void assert_line(struct shelf *s, uint32_t batch, uint64_t offset, const char *text)
{
	struct palier_bytes line;

	assert_int_equal(journal_read(s->journal, batch, offset, &s->arena, &line), PALIER_OK);
	assert_true(palier_is(line, text));
}

static void assert_file(struct shelf *s, const char *name, const char *text)
{
	struct palier_bytes got = file_get(path_of(s->dir, name));

	assert_true(got.len >= strlen(text));
	assert_memory_equal(got.at, text, strlen(text));
	for (size_t i = strlen(text); i < got.len; i++)
		assert_int_equal(got.at[i], 0);
	free((void *)(uintptr_t)got.at);
}

static void a_turn_is_written_whole(void **state)
{
	struct shelf s;

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 5, PALIER_LIT("head")), PALIER_OK);
	assert_int_equal(journal_end(s.journal), 5);
	assert_int_equal(journal_reserve(s.journal), PALIER_OK);
	assert_int_equal(journal_pending(s.journal), 0);
	journal_append(s.journal, PALIER_LIT("one"));
	journal_append(s.journal, PALIER_LIT("twelve"));
	assert_int_equal(journal_pending(s.journal), 11);
	assert_int_equal(journal_end(s.journal), 16);
	assert_file(&s, "5.open", "head\n");
	assert_line(&s, 5, 0, "head");
	assert_line(&s, 5, 5, "one"); /* not written yet */
	assert_line(&s, 5, 9, "twelve");
	assert_int_equal(journal_write(s.journal), PALIER_OK);
	assert_int_equal(journal_sync(s.journal), PALIER_OK);
	assert_int_equal(journal_pending(s.journal), 0);
	assert_int_equal(journal_end(s.journal), 16);
	assert_file(&s, "5.open", "head\none\ntwelve\n");
	assert_line(&s, 5, 9, "twelve");
	journal_append(s.journal, PALIER_LIT("more"));
	assert_line(&s, 5, 5, "one");
	assert_line(&s, 5, 16, "more");
	shelf_close(&s);
}

static void a_discarded_turn_leaves_nothing(void **state)
{
	struct shelf s;
	struct palier_bytes line = PALIER_LIT("untouched");

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 1, PALIER_LIT("head")), PALIER_OK);
	journal_append(s.journal, PALIER_LIT("gone"));
	journal_discard(s.journal);
	assert_int_equal(journal_pending(s.journal), 0);
	assert_int_equal(journal_end(s.journal), 5);
	assert_int_equal(journal_read(s.journal, 1, 5, &s.arena, &line), PALIER_EDAMAGED);
	assert_true(palier_is(line, "untouched"));
	assert_int_equal(journal_write(s.journal), PALIER_OK);
	assert_file(&s, "1.open", "head\n");
	shelf_close(&s);
}

static void an_existing_batch_is_not_made_again(void **state)
{
	struct shelf s;

	(void)state;
	shelf_open(&s);
	file_put(path_of(s.dir, "1.open"), "mine", 4);
	assert_int_not_equal(journal_create(s.journal, 1, PALIER_LIT("head")), PALIER_OK);
	assert_file(&s, "1.open", "mine");
	shelf_close(&s);
}

static void resuming_wipes_what_lies_behind(void **state)
{
	static const char torn[] = "head\none\ntw\0\0\0o\nthree\n";
	struct shelf s;

	(void)state;
	shelf_open(&s);
	file_put(path_of(s.dir, "1.open"), torn, sizeof(torn) - 1);
	assert_int_equal(journal_resume(s.journal, 1, 9), PALIER_OK);
	assert_file(&s, "1.open", "head\none\n");
	assert_int_equal(journal_reserve(s.journal), PALIER_OK);
	assert_file(&s, "1.open", "head\none\n");
	assert_int_equal(journal_end(s.journal), 9);
	journal_append(s.journal, PALIER_LIT("two"));
	assert_int_equal(journal_write(s.journal), PALIER_OK);
	assert_file(&s, "1.open", "head\none\ntwo\n");
	assert_line(&s, 1, 9, "two");
	assert_int_equal(journal_resume(s.journal, 2, 0), PALIER_EIO);
	shelf_close(&s);
}

static void a_finished_batch_is_cut_and_renamed(void **state)
{
	struct shelf s;
	struct palier_bytes text, line;
	struct palier_hash hash, expected;
	uint32_t last;
	bool open;

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 5, PALIER_LIT("head")), PALIER_OK);
	assert_int_equal(journal_reserve(s.journal), PALIER_OK);
	journal_append(s.journal, PALIER_LIT("one"));
	assert_int_equal(journal_write(s.journal), PALIER_OK);
	assert_int_equal(journal_finish(s.journal), PALIER_OK);
	text = file_get(path_of(s.dir, "5.jsonl"));
	assert_true(palier_is(text, "head\none\n")); /* no byte of what was taken ahead */
	crypto_sha256(text, &expected);
	free((void *)(uintptr_t)text.at);
	assert_int_equal(journal_hash(s.journal, 5, &hash), PALIER_OK);
	assert_memory_equal(hash.b, expected.b, SHA256_LEN);
	assert_int_equal(journal_hash(s.journal, 6, &hash), PALIER_ENOENT);
	assert_int_equal(journal_last(s.journal, &last, &open), PALIER_OK);
	assert_int_equal(last, 5);
	assert_false(open);
	assert_line(&s, 5, 5, "one");
	assert_int_equal(journal_create(s.journal, 6, PALIER_LIT("next")), PALIER_OK);
	journal_append(s.journal, PALIER_LIT("two"));
	assert_line(&s, 6, 5, "two");
	assert_line(&s, 5, 5, "one");
	assert_int_equal(journal_read(s.journal, 5, 9, &s.arena, &line), PALIER_EDAMAGED);
	shelf_close(&s);
}

static void a_batch_that_cannot_be_finished_is_told(void **state)
{
	struct shelf s;

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 5, PALIER_LIT("head")), PALIER_OK);
	assert_int_equal(mkdir(path_of(s.dir, "5.jsonl"), 0700), 0); /* in the way */
	assert_int_equal(journal_finish(s.journal), PALIER_EIO);
	assert_file(&s, "5.open", "head\n");
	shelf_close(&s);
}

static void lines_of_other_batches_are_read(void **state)
{
	struct shelf s;
	struct palier_bytes line;

	(void)state;
	shelf_open(&s);
	file_put(path_of(s.dir, "1.jsonl"), "old\nolder\n", 10);
	file_put(path_of(s.dir, "2.jsonl"), "other\nlines\n", 12);
	assert_int_equal(journal_create(s.journal, 3, PALIER_LIT("new")), PALIER_OK);
	assert_line(&s, 1, 4, "older");
	assert_line(&s, 2, 6, "lines");
	assert_line(&s, 3, 0, "new");
	assert_line(&s, 1, 0, "old");
	assert_int_equal(journal_read(s.journal, 4, 0, &s.arena, &line), PALIER_ENOENT);
	assert_int_equal(journal_read(s.journal, 1, 10, &s.arena, &line), PALIER_EDAMAGED);
	assert_int_equal(journal_read(s.journal, 1, 1000, &s.arena, &line), PALIER_EDAMAGED);
	shelf_close(&s);
}

static void a_file_that_cannot_be_opened_is_not_missing(void **state)
{
	struct rlimit before, none;
	struct shelf s;
	struct palier_bytes line;
	int err;

	(void)state;
	shelf_open(&s);
	file_put(path_of(s.dir, "1.jsonl"), "old\n", 4);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	err = journal_read(s.journal, 1, 0, &s.arena, &line);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(err, PALIER_EIO);
	assert_line(&s, 1, 0, "old");
	shelf_close(&s);
}

/* Around the first read's size and beyond several. */
static const struct length_case {
	const char *name;
	size_t length;
} lengths[] = {
	{ "an empty line is read", 0 },
	{ "a line of one byte is read", 1 },
	{ "a line that just fits the first read", 4095 },
	{ "a line whose LF is the first byte not read", 4096 },
	{ "a line that fits the second read", 16383 },
	{ "a line whose LF the second read misses", 16384 },
	{ "a line of two MiB is read", 2u << 20 },
};

static void lengths_are_read(void **state)
{
	const struct length_case *row = *state;
	char *text = malloc(row->length + 1);
	struct palier_bytes line;
	struct shelf s;

	shelf_open(&s);
	memset(text, 'x', row->length);
	assert_int_equal(journal_create(s.journal, 1, PALIER_LIT("head")), PALIER_OK);
	journal_append(s.journal, palier_bytes_of(text, row->length));
	journal_append(s.journal, PALIER_LIT("end"));
	for (int written = 0; written < 2; written++) {
		assert_int_equal(journal_read(s.journal, 1, 5, &s.arena, &line), PALIER_OK);
		assert_true(palier_equal(line, palier_bytes_of(text, row->length)));
		assert_line(&s, 1, 5 + row->length + 1, "end");
		assert_int_equal(journal_write(s.journal), PALIER_OK);
	}
	shelf_close(&s);
	free(text);
}

/* --- scanning ------------------------------------------------------------------------------------------------------ */

/* What a scan finds: a line as itself, "~OFFSET-NEXT" what is torn, "." the end. */
static void scan(struct shelf *s, uint64_t from, char *out)
{
	struct journal_scan scan;
	struct palier_bytes line;
	uint64_t before = from;
	size_t n = 0;
	int what;

	assert_int_equal(journal_scan_open(s->journal, 1, from, &scan), PALIER_OK);
	do {
		what = journal_scan_next(&scan, &line);
		assert_int_equal(scan.offset, before);
		if (what == JOURNAL_LINE) {
			n += (size_t)sprintf(out + n, "%.*s ", PALIER_ARG(line));
			assert_int_equal(scan.next, scan.offset + line.len + 1);
		} else if (what == JOURNAL_TORN) {
			n += (size_t)sprintf(out + n, "~%u-%u ", (unsigned)scan.offset, (unsigned)scan.next);
		}
		before = scan.next;
	} while (what == JOURNAL_LINE || what == JOURNAL_TORN);
	assert_int_equal(what, JOURNAL_END);
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_END);
	strcpy(out + n, ".");
	journal_scan_close(&scan);
}

static const struct scan_case {
	const char *name, *file;
	uint64_t from;
	const char *found;
} scans[] = {
	{ "an empty file ends at once", "", 0, "." },
	{ "lines, and the end", "ab\ncd\n", 0, "ab cd ." },
	{ "an empty line is a line", "ab\n\ncd\n", 0, "ab  cd ." },
	{ "zeros behind the last line are the end", "ab\n0000", 0, "ab ." },
	{ "a file of zeros is empty", "0000", 0, "." },
	{ "one zero is the end", "ab\n0", 0, "ab ." },
	{ "a last line without LF is torn", "ab\ncd", 0, "ab ~3-5 ." },
	{ "a file of one torn line", "cd", 0, "~0-2 ." },
	{ "a torn line before the zeros", "ab\ncd000", 0, "ab ~3-8 ." },
	{ "zeros within a line tear it: what follows them is told apart", "ab\nc00d\nef\n", 0, "ab ~3-6 d ef ." },
	{ "zeros between lines are torn", "ab\n00cd\n", 0, "ab ~3-5 cd ." },
	{ "zeros before an LF", "ab\n00\ncd\n", 0, "ab ~3-5  cd ." },
	{ "zeros at the beginning", "00ab\n", 0, "~0-2 ab ." },
	{ "two holes", "a0b0c\n", 0, "~0-2 ~2-4 c ." },
	{ "two holes and a tail", "a0b00", 0, "~0-2 ~2-5 ." },
	{ "an end without LF behind a hole", "0a", 0, "~0-1 ~1-2 ." },
	{ "from a line on", "ab\ncd\n", 3, "cd ." },
	{ "from the end", "ab\ncd\n", 6, "." },
	{ "from beyond the end", "ab\n", 99, "." },
};

static void files_are_scanned(void **state)
{
	const struct scan_case *row = *state;
	char text[64], got[256];
	struct shelf s;

	shelf_open(&s);
	for (size_t i = 0; row->file[i]; i++)
		text[i] = row->file[i] == '0' ? (char)0 : row->file[i];
	file_put(path_of(s.dir, "1.open"), text, strlen(row->file));
	scan(&s, row->from, got);
	assert_string_equal(got, row->found);
	shelf_close(&s);
}

/* A chunk of a scan is a MiB. */
#define CHUNK ((size_t)1 << 20)

static const struct chunk_case {
	const char *name;
	size_t line;  /* bytes of x in the first line */
	size_t zeros; /* behind its LF */
	const char *tail;
	int found[4]; /* an enum journal_found each, behind the first line */
} chunks[] = {
	{ "a line that fills the chunk but its LF", CHUNK - 1, 0, "b\n", { JOURNAL_LINE, JOURNAL_END } },
	{ "a line whose LF begins the next chunk", CHUNK, 0, "b\n", { JOURNAL_LINE, JOURNAL_END } },
	{ "a line that is longer than a chunk", CHUNK + 1, 0, "b\n", { JOURNAL_LINE, JOURNAL_END } },
	{ "a line that is longer than three chunks", 3 * CHUNK + 7, 0, "b\n", { JOURNAL_LINE, JOURNAL_END } },
	{ "zeros over a chunk's edge are the end", CHUNK - 10, 100, "", { JOURNAL_END } },
	{ "zeros over several chunks are the end", 10, 3 * CHUNK, "", { JOURNAL_END } },
	{ "a line behind zeros over several chunks", 10, 3 * CHUNK, "b\n", { JOURNAL_TORN, JOURNAL_LINE, JOURNAL_END } },
	{ "half a line behind them", 10, 3 * CHUNK, "b", { JOURNAL_TORN, JOURNAL_TORN, JOURNAL_END } },
	{ "zeros that begin a chunk", CHUNK - 1, CHUNK, "b\n", { JOURNAL_TORN, JOURNAL_LINE, JOURNAL_END } },
};

static void chunks_are_scanned(void **state)
{
	const struct chunk_case *row = *state;
	size_t n = row->line + 1 + row->zeros + strlen(row->tail);
	char *text = calloc(1, n + 1);
	struct journal_scan scan;
	struct palier_bytes line;
	struct shelf s;

	shelf_open(&s);
	memset(text, 'x', row->line);
	text[row->line] = '\n';
	memcpy(text + row->line + 1 + row->zeros, row->tail, strlen(row->tail));
	file_put(path_of(s.dir, "1.open"), text, n);
	assert_int_equal(journal_scan_open(s.journal, 1, 0, &scan), PALIER_OK);
	assert_int_equal(scan.size, n);
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_LINE);
	assert_true(palier_equal(line, palier_bytes_of(text, row->line)));
	for (size_t i = 0; i == 0 || row->found[i - 1] != JOURNAL_END; i++) {
		assert_int_equal(journal_scan_next(&scan, &line), row->found[i]);
		if (row->found[i] == JOURNAL_LINE)
			assert_true(palier_is(line, "b"));
	}
	journal_scan_close(&scan);
	shelf_close(&s);
	free(text);
}

static void a_line_within_many_chunks_is_told_from_torn(void **state)
{
	struct shelf s;
	char *text = malloc(3 * CHUNK);
	struct journal_scan scan;
	struct palier_bytes line;

	(void)state;
	shelf_open(&s);
	memset(text, 'x', 3 * CHUNK);
	text[2 * CHUNK + 5] = 0;
	text[2 * CHUNK + 9] = '\n';
	file_put(path_of(s.dir, "1.open"), text, 3 * CHUNK);
	assert_int_equal(journal_scan_open(s.journal, 1, 0, &scan), PALIER_OK);
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_TORN);
	assert_int_equal(scan.offset, 0);
	assert_int_equal(scan.next, 2 * CHUNK + 6);
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_LINE);
	assert_true(palier_is(line, "xxx"));
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_TORN);
	assert_int_equal(scan.next, 3 * CHUNK);
	journal_scan_close(&scan);
	shelf_close(&s);
	free(text);
}

static void a_missing_batch_cannot_be_scanned(void **state)
{
	struct journal_scan scan;
	struct shelf s;

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_scan_open(s.journal, 1, 0, &scan), PALIER_ENOENT);
	shelf_close(&s);
}

/* What is written turn by turn is what a scan finds, and room taken ahead is no part of it. */
static void what_is_written_is_scanned(void **state)
{
	struct shelf s;
	char got[256], line[16];

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 1, PALIER_LIT("head")), PALIER_OK);
	for (int turn = 0; turn < 4; turn++) {
		assert_int_equal(journal_reserve(s.journal), PALIER_OK);
		for (int i = 0; i < turn; i++)
			journal_append(s.journal, palier_bytes_of(line, (size_t)sprintf(line, "%d.%d", turn, i)));
		assert_int_equal(journal_write(s.journal), PALIER_OK);
	}
	journal_append(s.journal, PALIER_LIT("lost"));
	journal_again(&s);
	scan(&s, 0, got);
	assert_string_equal(got, "head 1.0 2.0 2.1 3.0 3.1 3.2 .");
	shelf_close(&s);
}

/* --- archiving ----------------------------------------------------------------------------------------------------- */

#define ARCHIVE_LINES 9000

static size_t archive_line(unsigned i, char *out)
{
	return (size_t)sprintf(out, "line %u of a journal, %0*u", i, (int)(i % 97) + 1, i * 7919);
}

/* A closed batch of more than two frames. @param offsets of its lines */
static void closed_make(struct shelf *s, uint64_t *offsets)
{
	char line[160];

	assert_int_equal(journal_create(s->journal, 1, PALIER_LIT("head")), PALIER_OK);
	for (unsigned i = 0; i < ARCHIVE_LINES; i++) {
		offsets[i] = journal_end(s->journal);
		journal_append(s->journal, palier_bytes_of(line, archive_line(i, line)));
	}
	assert_int_equal(journal_write(s->journal), PALIER_OK);
	assert_in_range(journal_end(s->journal), 2 * ARCHIVE_FRAME, 3 * ARCHIVE_FRAME);
	assert_int_equal(journal_finish(s->journal), PALIER_OK);
}

static void an_archive_reads_as_what_was_archived(void **state)
{
	static uint64_t offsets[ARCHIVE_LINES];
	struct palier_hash before, after;
	struct journal_scan scan;
	struct palier_bytes line;
	struct shelf s;
	char wanted[160], path[4096];
	uint64_t size, archived;

	(void)state;
	shelf_open(&s);
	closed_make(&s, offsets);
	assert_int_equal(journal_size(s.journal, 1, &size), PALIER_OK);
	assert_int_equal(journal_hash(s.journal, 1, &before), PALIER_OK);
	assert_int_equal(journal_read(s.journal, 1, 0, &s.arena, &line),
		PALIER_OK); /* the file is open to be read when it goes */
	assert_int_equal(journal_archive(s.journal, 1, NULL), PALIER_OK);
	assert_int_equal(journal_archive(s.journal, 1, NULL), PALIER_OK);
	assert_int_equal(access(path_of(s.dir, "1.jsonl"), F_OK), -1);
	assert_int_equal(journal_path(s.journal, 1, path), PALIER_OK);
	assert_string_equal(strrchr(path, '/'), "/1.jsonl.zst");

	for (int again = 0; again < 2; again++, journal_again(&s)) {
		assert_int_equal(journal_size(s.journal, 1, &archived), PALIER_OK);
		assert_int_equal(archived, size);
		assert_int_equal(journal_hash(s.journal, 1, &after), PALIER_OK);
		assert_memory_equal(&before, &after, sizeof(before));
		for (unsigned i = ARCHIVE_LINES; i-- > 0;) {
			assert_int_equal(journal_read(s.journal, 1, offsets[i], &s.arena, &line), PALIER_OK);
			assert_true(palier_equal(line, palier_bytes_of(wanted, archive_line(i, wanted))));
			palier_arena_reset(&s.arena);
		}
		assert_int_equal(journal_read(s.journal, 1, size, &s.arena, &line), PALIER_EDAMAGED);
	}
	assert_int_equal(journal_scan_open(s.journal, 1, offsets[1], &scan), PALIER_OK);
	for (unsigned i = 1; i < ARCHIVE_LINES; i++) {
		assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_LINE);
		assert_true(palier_equal(line, palier_bytes_of(wanted, archive_line(i, wanted))));
	}
	assert_int_equal(journal_scan_next(&scan, &line), JOURNAL_END);
	journal_scan_close(&scan);
	shelf_close(&s);
}

static void an_open_batch_is_not_archived(void **state)
{
	struct shelf s;

	(void)state;
	shelf_open(&s);
	assert_int_equal(journal_create(s.journal, 1, PALIER_LIT("head")), PALIER_OK);
	assert_int_equal(journal_archive(s.journal, 1, NULL), PALIER_ENOENT);
	assert_int_equal(journal_archive(s.journal, 2, NULL), PALIER_ENOENT);
	assert_int_equal(access(path_of(s.dir, "1.open"), F_OK), 0);
	shelf_close(&s);
}

/* Wherever one byte of an archive is changed, what is read is told as damaged, and never as something else. */
static void a_changed_archive_is_damaged(void **state)
{
	static uint64_t offsets[ARCHIVE_LINES];
	struct palier_hash before, after;
	struct shelf s;
	struct palier_bytes got;
	size_t n;
	char *text;

	(void)state;
	shelf_open(&s);
	closed_make(&s, offsets);
	assert_int_equal(journal_hash(s.journal, 1, &before), PALIER_OK);
	assert_int_equal(journal_archive(s.journal, 1, NULL), PALIER_OK);
	got = file_get(path_of(s.dir, "1.jsonl.zst"));
	text = (char *)(uintptr_t)got.at;
	n = got.len;
	for (size_t at = 0; at < n; at += 1 + n / 200) {
		int err;

		text[at] ^= 0x10;
		file_put(path_of(s.dir, "1.jsonl.zst"), text, n);
		text[at] ^= 0x10;
		err = journal_hash(s.journal, 1, &after);
		if (err == PALIER_OK) /* of a frame's head there are bits that say nothing */
			assert_memory_equal(&before, &after, sizeof(before));
		else
			assert_int_equal(err, PALIER_EDAMAGED);
	}
	file_put(path_of(s.dir, "1.jsonl.zst"), text, n - 1);
	assert_int_equal(journal_hash(s.journal, 1, &after), PALIER_EDAMAGED);
	file_put(path_of(s.dir, "1.jsonl.zst"), "", 0);
	assert_int_equal(journal_hash(s.journal, 1, &after), PALIER_EDAMAGED);
	free(text);
	shelf_close(&s);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
#define TEST(sentence, function) { sentence, function, NULL, NULL, NULL }
		TEST("a batch is found by either name", a_batch_is_found_by_either_name),
		TEST("a missing directory is said", a_missing_directory_is_said),
		TEST("a turn's lines are read before they are written, and written whole", a_turn_is_written_whole),
		TEST("a discarded turn leaves nothing", a_discarded_turn_leaves_nothing),
		TEST("an existing batch is not made again", an_existing_batch_is_not_made_again),
		TEST("a finished batch is cut to its lines and has its closed name", a_finished_batch_is_cut_and_renamed),
		TEST("a batch that cannot be finished is told", a_batch_that_cannot_be_finished_is_told),
		TEST("resuming wipes what lies behind", resuming_wipes_what_lies_behind),
		TEST("lines of other batches are read", lines_of_other_batches_are_read),
		TEST("a file that cannot be opened is not missing", a_file_that_cannot_be_opened_is_not_missing),
		TEST("zeros far within a long line tear it", a_line_within_many_chunks_is_told_from_torn),
		TEST("a missing batch cannot be scanned", a_missing_batch_cannot_be_scanned),
		TEST("what is written is what a scan finds", what_is_written_is_scanned),
		TEST("an archive reads as what was archived", an_archive_reads_as_what_was_archived),
		TEST("an open batch is not archived", an_open_batch_is_not_archived),
		TEST("a changed archive is damaged", a_changed_archive_is_damaged),
	};
	struct CMUnitTest tests[COUNT(single) + COUNT(names) + COUNT(lengths) + COUNT(scans) + COUNT(chunks)];
	size_t n = COUNT(single);

	memcpy(tests, single, sizeof(single));
	for (size_t i = 0; i < COUNT(names); i++)
		tests[n++] = (struct CMUnitTest){ names[i].name, files_are_known_by_name, NULL, NULL, (void *)&names[i] };
	for (size_t i = 0; i < COUNT(lengths); i++)
		tests[n++] = (struct CMUnitTest){ lengths[i].name, lengths_are_read, NULL, NULL, (void *)&lengths[i] };
	for (size_t i = 0; i < COUNT(scans); i++)
		tests[n++] = (struct CMUnitTest){ scans[i].name, files_are_scanned, NULL, NULL, (void *)&scans[i] };
	for (size_t i = 0; i < COUNT(chunks); i++)
		tests[n++] = (struct CMUnitTest){ chunks[i].name, chunks_are_scanned, NULL, NULL, (void *)&chunks[i] };
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
