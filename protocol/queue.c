/* SPDX-License-Identifier: Apache-2.0 */
/* The offline queue: a file of lines, each with its checksum, written at its end only. */
#include "protocol/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto.h"
#include "protocol/datetime.h"
#include "protocol/messages.h"

#define SUM_LEN 16 /* hex digits of the checksum; a space follows */

/* Where a command's parts lie in the text. */
struct queue_row {
	int64_t number;
	size_t begin, len; /* its JSON */
	size_t method, method_len;
	size_t params, params_len;
};

struct palier_queue {
	char *path;
	int fd;
	bool broken;               /* a write failed half-way and could not be undone */
	struct palier_buffer text; /* the file, as it is on disk */
	struct queue_row *rows;    /* that wait, those already answered before them */
	size_t first, count, room;
	int64_t last; /* number given last */
};

/* --- lines --- */

static void checksum(struct palier_bytes json, char sum[SUM_LEN + 1])
{
	struct palier_hash hash;

	crypto_sha256(json, &hash);
	palier_hex(hash.b, SUM_LEN / 2, sum);
}

static void row_push(struct palier_queue *q, const struct queue_row *row)
{
	if (q->count == q->room) {
		q->room = q->room ? 2 * q->room : 16;
		q->rows = realloc(q->rows, q->room * sizeof(*q->rows));
		if (!q->rows)
			abort();
	}
	q->rows[q->count++] = *row;
	q->last = row->number;
}

static size_t place(const struct palier_queue *q, struct palier_bytes part)
{
	return (size_t)(part.at - q->text.at);
}

/* A line's JSON. @return false when it is not what was written */
static bool take_json(struct palier_queue *q, struct palier_bytes json, struct palier_arena *a)
{
	struct json_doc d = { .capacity = (uint32_t)(json.len / 2 + 2) };
	uint32_t method, params;
	int64_t number;

	d.tokens = palier_alloc(a, d.capacity * sizeof(*d.tokens));
	if (json_parse(&d, json, JSON_DEPTH_MAX) != PALIER_OK || d.tokens[0].type != JSON_OBJECT)
		return false;
	if (json_integer(&d, json_member(&d, 0, "done"), &number)) {
		if (q->first == q->count || q->rows[q->first].number != number)
			return false;
		q->first++;
		return true;
	}
	method = json_member(&d, 0, "method");
	params = json_member(&d, 0, "params");
	if (!json_integer(&d, json_member(&d, 0, "n"), &number) || number <= q->last || !method ||
		d.tokens[method].type != JSON_STRING || d.tokens[method].len == 0 || !params ||
		d.tokens[params].type != JSON_OBJECT)
		return false;
	row_push(q, &(struct queue_row){ number, place(q, json), json.len, place(q, json_text(&d, method)) + 1,
			    d.tokens[method].len, place(q, json_text(&d, params)), d.tokens[params].len });
	return true;
}

static bool line_valid(struct palier_bytes line)
{
	char sum[SUM_LEN + 1];

	if (line.len <= SUM_LEN + 1 || line.at[SUM_LEN] != ' ')
		return false;
	checksum(palier_bytes_of(line.at + SUM_LEN + 1, line.len - SUM_LEN - 1), sum);
	return memcmp(line.at, sum, SUM_LEN) == 0;
}

/* The line that begins there, without its LF. @return false when no LF ends it */
static bool line_at(const struct palier_queue *q, size_t at, struct palier_bytes *out)
{
	const char *begin, *end;

	if (!q->text.at || at >= q->text.len)
		return false;
	begin = q->text.at + at;
	end = memchr(begin, '\n', q->text.len - at);
	if (!end)
		return false;
	*out = palier_bytes_of(begin, (size_t)(end - begin));
	return true;
}

/* A torn write is followed by nothing that was written later. */
static bool is_tail(const struct palier_queue *q, size_t at)
{
	struct palier_bytes line;

	for (; line_at(q, at, &line); at += line.len + 1)
		if (line_valid(line))
			return false;
	return true;
}

static int take_lines(struct palier_queue *q, size_t *end)
{
	struct palier_arena a = { 0 };
	struct palier_bytes line;
	size_t at = 0;
	bool sound = true;

	while (sound && line_at(q, at, &line) && line_valid(line)) {
		palier_arena_reset(&a);
		sound = take_json(q, palier_bytes_of(line.at + SUM_LEN + 1, line.len - SUM_LEN - 1), &a);
		at += line.len + 1;
	}
	palier_arena_deinit(&a);
	*end = at;
	return sound && is_tail(q, at) ? PALIER_OK : PALIER_EDAMAGED;
}

/* --- the file --- */

static int write_failed(void)
{
	return errno == ENOSPC || errno == EDQUOT ? PALIER_ESTORAGE_FULL : PALIER_EIO;
}

static bool write_at(int fd, struct palier_bytes text, size_t at)
{
	while (text.len) {
		ssize_t n = pwrite(fd, text.at, text.len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text = palier_bytes_of(text.at + n, text.len - (size_t)n);
			at += (size_t)n;
		}
	}
	return true;
}

/* A file's name is on disk once its directory is. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int err = fd >= 0 && fsync(fd) == 0 ? PALIER_OK : PALIER_EIO;

	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

static int read_file(struct palier_queue *q)
{
	struct stat st;
	ssize_t n;

	if (fstat(q->fd, &st) != 0)
		return PALIER_EIO;
	palier_buffer_reserve(&q->text, (size_t)st.st_size + 1);
	while ((n = pread(q->fd, q->text.at + q->text.len, q->text.cap - q->text.len, (off_t)q->text.len)) != 0) {
		if (n < 0 && errno != EINTR)
			return PALIER_EIO;
		q->text.len += n > 0 ? (size_t)n : 0;
		palier_buffer_reserve(&q->text, 1);
	}
	return PALIER_OK;
}

/* Back to what is known to be good, after a line that was not written whole. */
static void cut(struct palier_queue *q)
{
	if (ftruncate(q->fd, (off_t)q->text.len) != 0)
		q->broken = true;
}

/* @param json of the line, in text kept by the caller */
static int append(struct palier_queue *q, struct palier_bytes json)
{
	size_t begin = q->text.len;
	char sum[SUM_LEN + 1];
	int err;

	if (q->broken)
		return PALIER_EIO;
	checksum(json, sum);
	palier_buffer_add(&q->text, sum, SUM_LEN);
	palier_buffer_add(&q->text, " ", 1);
	palier_buffer_add(&q->text, json.at, json.len);
	palier_buffer_add(&q->text, "\n", 1);
	if (write_at(q->fd, palier_bytes_of(q->text.at + begin, q->text.len - begin), begin) && fdatasync(q->fd) == 0)
		return PALIER_OK;
	err = write_failed();
	q->text.len = begin;
	cut(q);
	return err;
}

int palier_queue_open(const char *path, struct palier_queue **out)
{
	struct palier_queue *q = calloc(1, sizeof(*q));
	size_t end = 0;
	int err = PALIER_EIO;

	if (!q)
		abort();
	q->path = strdup(path);
	q->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (q->fd >= 0)
		err = flock(q->fd, LOCK_EX | LOCK_NB) == 0 ? PALIER_OK : errno == EWOULDBLOCK ? PALIER_EBUSY : PALIER_EIO;
	if (err == PALIER_OK)
		err = sync_directory(path);
	if (err == PALIER_OK)
		err = read_file(q);
	if (err == PALIER_OK)
		err = take_lines(q, &end);
	if (err == PALIER_OK && end < q->text.len) {
		q->text.len = end;
		err = ftruncate(q->fd, (off_t)end) == 0 && fdatasync(q->fd) == 0 ? PALIER_OK : PALIER_EIO;
	}
	if (err == PALIER_OK)
		*out = q;
	else
		palier_queue_close(q);
	return err;
}

void palier_queue_close(struct palier_queue *q)
{
	if (!q)
		return;
	if (q->fd >= 0)
		close(q->fd); /* and with it the lock */
	palier_buffer_deinit(&q->text);
	free(q->rows);
	free(q->path);
	free(q);
}

/* --- adding --- */

static bool has_request(const struct json_doc *d)
{
	uint32_t token = json_member(d, 0, "request");

	return token && d->tokens[token].type == JSON_STRING && d->tokens[token].len > 0;
}

/* The params as they will be sent: what was given, when it happened, and that it has. */
static void write_params(struct palier_json *w, const struct json_doc *d)
{
	uint32_t key = 1;
	struct timespec now;

	palier_json_object(w);
	for (uint32_t left = d->tokens[0].count; left > 0; left--, key += 1 + d->tokens[key + 1].span) {
		struct palier_bytes name = json_text(d, key);

		if (json_string_is(d, key, PALIER_LIT("offline")))
			continue;
		palier_json_key_plain(w, name.at + 1, name.len - 2); /* escaped already, if it must be */
		palier_json_raw(w, json_text(d, key + 1));
	}
	if (!json_member(d, 0, "at")) {
		clock_gettime(CLOCK_REALTIME, &now);
		palier_json_key(w, "at");
		palier_json_time(w, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	}
	palier_json_key(w, "offline");
	palier_json_bool(w, true);
	palier_json_end_object(w);
}

/* In valid JSON a line's end can only stand between values. */
static void one_line(struct palier_buffer *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->at[i] == '\n' || b->at[i] == '\r')
			b->at[i] = ' ';
}

static int command_check(struct json_doc *d, struct palier_bytes text, struct palier_arena *a, const char *method)
{
	const struct palier_method *known = palier_method_find(palier_str(method));

	*d = (struct json_doc){ .capacity = (uint32_t)(text.len / 2 + 2) };
	d->tokens = palier_alloc(a, d->capacity * sizeof(*d->tokens));
	if (json_parse(d, text, JSON_DEPTH_MAX - 1) != PALIER_OK || d->tokens[0].type != JSON_OBJECT)
		return PALIER_EPARAMS;
	if (known && !(known->flags & METHOD_OFFLINE)) /* a method newer than this library may be one */
		return PALIER_EPARAMS;
	return has_request(d) ? PALIER_OK : PALIER_EREQUEST_MISSING;
}

int palier_queue_add(struct palier_queue *q, const char *method, const char *params)
{
	struct palier_arena a = { 0 };
	struct palier_buffer json = { 0 };
	struct palier_json w = palier_json_to(&json);
	struct json_doc d;
	size_t at = q->text.len + SUM_LEN + 1;
	int err = command_check(&d, palier_str(params), &a, method);

	if (err == PALIER_OK) {
		palier_json_object(&w);
		palier_json_key(&w, "n");
		palier_json_int(&w, q->last + 1);
		palier_json_key(&w, "method");
		palier_json_str(&w, method);
		palier_json_key(&w, "params");
		write_params(&w, &d);
		palier_json_end_object(&w);
		one_line(&json);
		err = append(q, palier_buffer_bytes(&json));
	}
	if (err == PALIER_OK)
		take_json(q, palier_bytes_of(q->text.at + at, json.len), &a);
	palier_buffer_deinit(&json);
	palier_arena_deinit(&a);
	return err;
}

size_t palier_queue_count(const struct palier_queue *q)
{
	return q->count - q->first;
}

bool palier_queue_at(const struct palier_queue *q, size_t index, struct palier_queued *out)
{
	const struct queue_row *row;

	if (index >= palier_queue_count(q))
		return false;
	row = &q->rows[q->first + index];
	*out = (struct palier_queued){ row->number, palier_bytes_of(q->text.at + row->method, row->method_len),
		palier_bytes_of(q->text.at + row->params, row->params_len) };
	return true;
}

/* --- sending --- */

/* The command has been answered. */
static int row_done(struct palier_queue *q)
{
	char json[64];
	int err;

	if (q->first + 1 == q->count) {
		/* All is answered. Whether this reaches the disk now or with the next line makes no difference: what is sent twice counts once. */
		if (ftruncate(q->fd, 0) != 0)
			return PALIER_EIO;
		q->text.len = 0;
		q->first = q->count = 0;
		q->last = 0;
		return fdatasync(q->fd) == 0 ? PALIER_OK : PALIER_EIO;
	}
	snprintf(json, sizeof(json), "{\"done\":%lld}", (long long)q->rows[q->first].number);
	err = append(q, palier_str(json));
	if (err == PALIER_OK)
		q->first++;
	return err;
}

/* Does the file end with this? Then the process died between putting a command aside and noting so. */
static bool ends_with(int fd, off_t size, struct palier_bytes text)
{
	char *end = malloc(text.len);
	bool same;

	if (!end)
		abort();
	same = size >= (off_t)text.len && pread(fd, end, text.len, size - (off_t)text.len) == (ssize_t)text.len &&
	       memcmp(end, text.at, text.len) == 0;
	free(end);
	return same;
}

static int aside_write(int fd, struct palier_bytes command, const struct palier_reply *reply)
{
	struct palier_buffer line = { 0 };
	struct palier_json w = palier_json_to(&line);
	struct stat st;
	size_t command_at;
	int err = PALIER_OK;

	if (fstat(fd, &st) != 0)
		return PALIER_EIO;
	if (st.st_size > 0 && !ends_with(fd, st.st_size, PALIER_LIT("\n")))
		palier_buffer_add(&line, "\n", 1); /* a torn line stands alone */
	palier_json_object(&w);
	palier_json_key(&w, "reason");
	palier_json_string(&w, reply->reason);
	palier_json_key(&w, "message");
	palier_json_string(&w, reply->message);
	palier_json_key(&w, "command");
	command_at = line.len;
	palier_json_raw(&w, command);
	palier_json_end_object(&w);
	palier_buffer_add(&line, "\n", 1);
	if (!ends_with(fd, st.st_size, palier_bytes_of(line.at + command_at, line.len - command_at)) &&
		(!write_at(fd, palier_buffer_bytes(&line), (size_t)st.st_size) || fdatasync(fd) != 0))
		err = write_failed();
	palier_buffer_deinit(&line);
	return err;
}

static int put_aside(struct palier_queue *q, const struct palier_reply *reply)
{
	const struct queue_row *row = &q->rows[q->first];
	struct palier_arena a = { 0 };
	const char *path = palier_format(&a, "%s.refused", q->path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int err = fd >= 0 ? sync_directory(path) : PALIER_EIO;

	if (err == PALIER_OK)
		err = aside_write(fd, palier_bytes_of(q->text.at + row->begin, row->len), reply);
	if (fd >= 0)
		close(fd);
	palier_arena_deinit(&a);
	return err;
}

/* Is it an answer to the command? The daemon that cannot be reached, cannot book now, or does not know this till, has given none. */
static bool answered(const struct palier_reply *reply)
{
	return reply->error == PALIER_OK || (reply->code != 0 && reply->error != PALIER_EUNAUTHORIZED && !reply->retryable);
}

static int send_first(struct palier_queue *q, struct palier_client *c, palier_queue_told *told, void *who,
	struct palier_reply *reply)
{
	struct palier_arena a = { 0 };
	struct palier_queued command;
	int err, kept = PALIER_OK;

	palier_queue_at(q, 0, &command);
	err = palier_call(c, palier_cstr(&a, command.method), palier_cstr(&a, command.params), reply);
	if (answered(reply)) {
		if (err != PALIER_OK)
			kept = put_aside(q, reply);
		if (kept == PALIER_OK && told)
			told(who, &command, reply);
		if (kept == PALIER_OK)
			kept = row_done(q);
		err = kept;
	}
	palier_arena_deinit(&a);
	return err;
}

int palier_queue_send(struct palier_queue *q, struct palier_client *c, palier_queue_told *told, void *who,
	struct palier_reply *reply)
{
	int err = PALIER_OK;

	while (err == PALIER_OK && palier_queue_count(q) > 0)
		err = send_first(q, c, told, who, reply);
	return err;
}
