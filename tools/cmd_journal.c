/* SPDX-License-Identifier: Apache-2.0 */
/* palier journal: the event lines, read from the files themselves; the daemon need not run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "protocol/lines.h"
#include "tools/commands.h"
#include "tools/input.h"
#include "tools/table.h"

static int run_print(struct cli *cli), run_follow(struct cli *cli);

static const struct cli_option options[] = {
	{ "data", "DIR", "the data directory (default: that of --config)" },
	{ "after", "SEQ", "only the events after this one" },
	CLI_END_OPTIONS,
};

const struct cli_command command_journal = { "journal", "what was booked, event by event",
	(const struct cli_verb[]){
		{ "print", "", "print the events; with --json their lines as they are stored", 0, 0, options, run_print },
		{ "follow", "", "print the events to come, as they are booked, or those after --after", 0, 0, options,
			run_follow },
		{ .name = NULL },
	} };

#define POLL_MS    250
#define READ_BYTES (256 << 10)

static const struct table_column columns[] = {
	{ .title = "seq", .right = true, .least = 7 },
	{ .title = "at" },
	{ .title = "till", .least = 8 },
	{ .title = "method", .least = 14 },
	{ .title = "member", .least = PALIER_ID_TEXT },
	{ .title = "points" },
	{ .title = NULL },
};

/* A place in the journal. */
struct reader {
	struct cli *cli;
	const char *path;    /* of the directory */
	int dir, fd;         /* fd -1: no file yet, or an archive, which is read at once */
	unsigned long batch; /* of fd */
	off_t at;            /* of the first byte of a line not shown yet */
	int64_t after;
	bool silent; /* read, but show nothing: what was there before following */
	struct palier_buffer in;
	struct palier_arena arena; /* of the rows not printed yet */
	struct table table;
};

/* --- lines --- */

static const char *member_text(struct reader *r, const struct json_doc *d, uint32_t object, const char *key)
{
	uint32_t token = json_member(d, object, key);

	if (!token || d->tokens[token].type == JSON_NULL)
		return "";
	return view_clean(&r->arena,
		d->tokens[token].type == JSON_STRING ? json_string(d, token, &r->arena) : json_text(d, token));
}

/* "+12 points, -500 points": the moves among the effects. */
static const char *points_text(struct reader *r, const struct json_doc *d)
{
	uint32_t effects = json_member(d, 0, "effects"), effect = effects + 1;
	const char *out = "";

	if (!effects || d->tokens[effects].type != JSON_ARRAY)
		return out;
	for (uint32_t left = d->tokens[effects].count; left > 0; left--, effect += d->tokens[effect].span) {
		const char *points;

		if (d->tokens[effect].type != JSON_OBJECT || strcmp(member_text(r, d, effect, "kind"), "points.move") != 0)
			continue;
		points = member_text(r, d, effect, "points");
		out = palier_format(&r->arena, "%s%s%s%s %s", out, out[0] ? ", " : "", points[0] == '-' ? "" : "+", points,
			member_text(r, d, effect, "unit"));
	}
	return out;
}

/* "2026-11-21T09:03:11.120Z" to the second. */
static const char *at_text(struct reader *r, const struct json_doc *d)
{
	const char *at = member_text(r, d, 0, "at");

	return strlen(at) == 24 ? palier_format(&r->arena, "%.10s %.8sZ", at, at + 11) : at;
}

static int show_line(struct reader *r, struct palier_bytes line)
{
	struct json_doc d;
	int64_t seq = 0;
	uint32_t token;
	int err = input_parse(r->cli, &r->arena, palier_format(&r->arena, "batch %lu", r->batch), line, &d);

	if (err != PALIER_OK)
		return PALIER_EDAMAGED;
	token = d.tokens[0].type == JSON_OBJECT ? json_member(&d, 0, "seq") : 0;
	if (token && !json_integer(&d, token, &seq))
		return cli_fail(r->cli, PALIER_EDAMAGED, "batch %lu: an event without a seq", r->batch);
	if (r->after >= 0 && seq <= r->after)
		return PALIER_OK;
	if (cli_has(r->cli, "json"))
		fprintf(r->cli->out, "%.*s\n", PALIER_ARG(line));
	if (cli_has(r->cli, "json") || !token)
		return PALIER_OK; /* a file's head and tail are no events */
	table_cell(&r->table, member_text(r, &d, 0, "seq"));
	table_cell(&r->table, at_text(r, &d));
	table_cell(&r->table, member_text(r, &d, 0, "till"));
	table_cell(&r->table, member_text(r, &d, 0, "method"));
	table_cell(&r->table, member_text(r, &d, 0, "member"));
	table_cell(&r->table, points_text(r, &d));
	return PALIER_OK;
}

static void print_rows(struct reader *r)
{
	if (r->table.count)
		table_print(&r->table, r->cli->out);
	palier_arena_reset(&r->arena);
	fflush(r->cli->out);
}

/* Show the whole lines of what was read, and stand after them. */
static int show_lines(struct reader *r)
{
	struct palier_bytes left = palier_buffer_bytes(&r->in);
	const char *lf;
	int err = PALIER_OK;

	while (err == PALIER_OK && left.len && (lf = memchr(left.at, '\n', left.len))) {
		size_t n = (size_t)(lf - left.at);

		if (!r->silent)
			err = show_line(r, palier_bytes_of(left.at, n));
		left = palier_bytes_of(lf + 1, left.len - n - 1);
	}
	r->at += (off_t)(r->in.len - left.len);
	palier_buffer_shift(&r->in, r->in.len - left.len);
	print_rows(r);
	return err;
}

/* Up to the end of what is written: the file's, or the first NUL of the room taken ahead. */
static int read_file(struct reader *r)
{
	for (;;) {
		const char *nul;
		ssize_t n;
		int err;

		palier_buffer_reserve(&r->in, READ_BYTES);
		n = pread(r->fd, r->in.at + r->in.len, READ_BYTES, r->at + (off_t)r->in.len);
		if (n < 0)
			return cli_fail(r->cli, PALIER_EIO, "batch %lu: %s", r->batch, strerror(errno));
		nul = n ? memchr(r->in.at + r->in.len, '\0', (size_t)n) : NULL;
		r->in.len = nul ? (size_t)(nul - r->in.at) : r->in.len + (size_t)n;
		err = show_lines(r);
		if (err != PALIER_OK || n == 0 || nul) {
			r->in.len = 0; /* a line half written is read again */
			return err;
		}
	}
}

/* --- files --- */

static bool is_archive(const char *ending)
{
	return strcmp(ending, ".jsonl" ARCHIVE_ENDING) == 0;
}

/* @return the number of a file of the journal ("17.jsonl", "18.open", "3.jsonl.zst"), else 0 */
static unsigned long batch_of(const char *name)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);

	return end != name && (strcmp(end, ".jsonl") == 0 || strcmp(end, ".open") == 0 || is_archive(end)) ? n : 0;
}

/* The next file after the present one. A file that is closed while we look is found again by its other name.
 * @return its name in `name`, false when there is none yet */
static bool next_file(struct reader *r, char *name, size_t size, unsigned long *batch)
{
	int again = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	*batch = 0;
	while (dir && (entry = readdir(dir))) {
		unsigned long n = batch_of(entry->d_name);

		if (n > r->batch && (*batch == 0 || n < *batch)) {
			*batch = n;
			snprintf(name, size, "%s", entry->d_name);
		}
	}
	if (dir)
		closedir(dir);
	return *batch != 0;
}

static int read_archive(struct reader *r, const char *name)
{
	struct palier_bytes line;
	struct lines *l;
	int err = lines_open(palier_format(&r->cli->arena, "%s/%s", r->path, name), &l);

	if (err != PALIER_OK)
		return cli_fail(r->cli, PALIER_EIO, "%s: %s", name, strerror(errno));
	while ((err = lines_next(l, &line)) == PALIER_OK) {
		err = r->silent ? PALIER_OK : show_line(r, line);
		if (err != PALIER_OK)
			break;
	}
	lines_close(l);
	print_rows(r);
	return err == PALIER_EDAMAGED ? cli_fail(r->cli, err, "%s: it is damaged; palier check says more", name)
	       : err == PALIER_ENOENT ? PALIER_OK
	                              : err;
}

/* Everything there is. The next file appears after the last line of the present one, so that is read once more. */
static int read_all(struct reader *r)
{
	char name[256];
	unsigned long batch;
	int err = PALIER_OK;

	do {
		bool more = next_file(r, name, sizeof(name), &batch);

		if (r->fd >= 0)
			err = read_file(r);
		if (err != PALIER_OK || !more)
			return err;
		if (r->fd >= 0)
			close(r->fd);
		r->fd = -1;
		if (is_archive(strchr(name, '.'))) {
			r->batch = batch;
			err = read_archive(r, name);
			continue;
		}
		r->fd = openat(r->dir, name, O_RDONLY | O_CLOEXEC);
		if (r->fd < 0 && errno == ENOENT)
			continue; /* renamed meanwhile */
		if (r->fd < 0)
			return cli_fail(r->cli, PALIER_EIO, "%s: %s", name, strerror(errno));
		r->batch = batch;
		r->at = 0;
	} while (err == PALIER_OK);
	return err;
}

static int open_reader(struct cli *cli, struct reader *r)
{
	struct cli_shop shop = { .data = NULL };
	const char *data = cli_value(cli, "data"), *after = cli_value(cli, "after"), *path;
	int err = PALIER_OK;

	*r = (struct reader){ .cli = cli, .dir = -1, .fd = -1, .after = -1, .table = { .columns = columns } };
	if (after && (strspn(after, "0123456789") != strlen(after) || !after[0]))
		return cli_fail(cli, PALIER_EPARAMS, "--after is the seq of an event, not %s", after);
	r->after = after ? strtoll(after, NULL, 10) : -1;
	if (!data && !cli_value(cli, "config"))
		return cli_fail(cli, PALIER_EPARAMS, "whose journal? give --data DIR or --config FILE");
	if (!data)
		err = cli_shop(cli, &shop);
	if (err != PALIER_OK)
		return err;
	if (!data)
		data = shop.data;
	r->path = path = palier_format(&cli->arena, "%s/journal", data);
	r->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r->dir >= 0 ? PALIER_OK : cli_fail(cli, PALIER_EIO, "%s: %s", path, strerror(errno));
}

static void close_reader(struct reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->dir >= 0)
		close(r->dir);
	palier_buffer_deinit(&r->in);
	palier_arena_deinit(&r->arena);
	table_deinit(&r->table);
}

static int run_print(struct cli *cli)
{
	struct reader r;
	int err = open_reader(cli, &r);

	if (err == PALIER_OK)
		err = read_all(&r);
	close_reader(&r);
	return err;
}

static int run_follow(struct cli *cli)
{
	struct reader r;
	int err = open_reader(cli, &r);

	r.silent = r.after < 0;
	while (err == PALIER_OK && !ferror(cli->out)) {
		err = read_all(&r);
		r.silent = false;
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000L }, NULL);
	}
	close_reader(&r);
	return err;
}
