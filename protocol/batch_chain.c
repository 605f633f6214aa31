/* SPDX-License-Identifier: Apache-2.0 */
/* Journal lines, and the chain they make. */
#include "protocol/batch_chain.h"

#include <stdarg.h>
#include <stdio.h>

#include "protocol/json_values.h"

/* --- one line --- */

bool batch_head_read(struct json_doc *d, struct palier_bytes line, struct palier_arena *a, struct batch_head *out)
{
	uint64_t format, batch;
	uint32_t head;

	if (json_parse(d, line, JSON_DEPTH_MAX) != PALIER_OK || d->tokens[0].type != JSON_OBJECT)
		return false;
	head = json_member(d, 0, "head");
	if (!head || d->tokens[head].type != JSON_OBJECT || !json_uint_in(d, json_member(d, head, "format"), &format) ||
		!json_uint_in(d, json_member(d, head, "batch"), &batch) ||
		!json_uint_in(d, json_member(d, head, "first_seq"), &out->first_seq))
		return false;
	if (batch > UINT32_MAX || out->first_seq == 0)
		return false;
	out->format = (int64_t)format;
	out->batch = (uint32_t)batch;
	return json_text_in(d, json_member(d, head, "store"), a, &out->store) &&
	       json_hex_in(d, json_member(d, head, "prev_batch_sha256"), a, out->prev_batch.b, SHA256_LEN) &&
	       json_day_in(d, json_member(d, head, "business_day"), a, &out->day);
}

/* A decimal number in [at, end), as we write it. @return behind it, or NULL */
static const char *digits_read(const char *at, const char *end, uint64_t *out)
{
	const char *begin = at;

	for (*out = 0; at < end && *at >= '0' && *at <= '9' && at - begin < 16; at++)
		*out = *out * 10 + (uint64_t)(*at - '0');
	return at > begin && (*begin != '0' || at == begin + 1) ? at : NULL;
}

bool batch_links(struct palier_bytes line, uint64_t *seq, uint64_t *turn, struct palier_hash *prev)
{
	static const char first[] = "{\"seq\":", second[] = ",\"turn\":", last[] = ",\"prev\":\"";
	const char *at = line.at, *end = line.at + line.len;
	const size_t tail = sizeof(last) - 1 + 2 * SHA256_LEN + 2;

	if (line.len < sizeof(first) + sizeof(second) + tail || memcmp(at, first, sizeof(first) - 1) != 0)
		return false;
	at = digits_read(at + sizeof(first) - 1, end, seq);
	if (!at || (size_t)(end - at) < sizeof(second) || memcmp(at, second, sizeof(second) - 1) != 0)
		return false;
	at = digits_read(at + sizeof(second) - 1, end, turn);
	if (!at || at == end || *at != ',')
		return false;
	at = end - tail;
	return memcmp(at, last, sizeof(last) - 1) == 0 && memcmp(end - 2, "\"}", 2) == 0 &&
	       palier_unhex(palier_bytes_of(at + sizeof(last) - 1, 2 * SHA256_LEN), prev->b, SHA256_LEN);
}

#define TAIL_BEGIN "{\"tail\":{"

bool batch_tail_is(struct palier_bytes line)
{
	return line.len >= sizeof(TAIL_BEGIN) - 1 && memcmp(line.at, TAIL_BEGIN, sizeof(TAIL_BEGIN) - 1) == 0;
}

bool batch_tail_read(struct json_doc *d, struct palier_bytes line, struct palier_arena *a, struct batch_tail *out)
{
	uint32_t tail;

	if (json_parse(d, line, JSON_DEPTH_MAX) != PALIER_OK || d->tokens[0].type != JSON_OBJECT)
		return false;
	tail = json_member(d, 0, "tail");
	return tail && d->tokens[tail].type == JSON_OBJECT &&
	       json_uint_in(d, json_member(d, tail, "events"), &out->events) &&
	       json_uint_in(d, json_member(d, tail, "last_seq"), &out->last_seq) &&
	       json_hex_in(d, json_member(d, tail, "last_sha256"), a, out->last.b, SHA256_LEN) &&
	       json_time_in(d, json_member(d, tail, "closed_at"), a, &out->closed_ms);
}

/* --- the chain --- */

static int broken(struct batch_chain *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int broken(struct batch_chain *c, const char *fmt, ...)
{
	int n = snprintf(c->why, sizeof(c->why), "line %llu: ", (unsigned long long)c->lines + 1);
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->why + n, sizeof(c->why) - (size_t)n, fmt, args);
	va_end(args);
	return PALIER_EDAMAGED;
}

/* A head or a tail, on a tape of its own. */
static bool framed_read(struct batch_chain *c, struct palier_bytes line)
{
	uint32_t room = line.len < UINT32_MAX ? (uint32_t)(line.len / 2 + 1) : 1;
	struct palier_arena a = { .used = 0 };
	struct json_doc d = { .tokens = palier_alloc(&a, room * sizeof(*d.tokens)), .capacity = room };
	bool head = c->lines == 0;
	bool read = head ? batch_head_read(&d, line, &a, &c->head) && c->head.store.len <= BATCH_STORE_MAX
	                 : batch_tail_read(&d, line, &a, &c->tail);

	if (read && head) {
		memcpy(c->store_text, c->head.store.at, c->head.store.len);
		c->head.store.at = c->store_text;
	}
	palier_arena_deinit(&a);
	return read;
}

static int head_line(struct batch_chain *c, struct palier_bytes line)
{
	if (!framed_read(c, line))
		return broken(c, "the file does not begin with its head line");
	if (c->head.format != BATCH_FORMAT)
		return broken(c, "its format is %lld, not %d", (long long)c->head.format, BATCH_FORMAT);
	c->seq = c->head.first_seq - 1;
	return PALIER_OK;
}

static int tail_line(struct batch_chain *c, struct palier_bytes line)
{
	if (!framed_read(c, line))
		return broken(c, "the tail cannot be read");
	if (c->events == 0 || c->tail.events != c->events || c->tail.last_seq != c->seq ||
		memcmp(c->tail.last.b, c->last.b, SHA256_LEN) != 0)
		return broken(c, "the tail counts %llu events up to %llu, there are %llu up to %llu",
			(unsigned long long)c->tail.events, (unsigned long long)c->tail.last_seq,
			(unsigned long long)c->events, (unsigned long long)c->seq);
	c->ended = true;
	return PALIER_OK;
}

static int event_line(struct batch_chain *c, struct palier_bytes line)
{
	struct palier_hash prev;
	uint64_t seq, turn;

	if (!batch_links(line, &seq, &turn, &prev))
		return broken(c, "not an event");
	if (seq != c->seq + 1)
		return broken(c, "event %llu follows event %llu", (unsigned long long)seq, (unsigned long long)c->seq);
	if (turn > seq || turn < c->turn)
		return broken(c, "event %llu is of turn %llu: turns follow each other", (unsigned long long)seq,
			(unsigned long long)turn);
	if (memcmp(prev.b, c->last.b, SHA256_LEN) != 0)
		return broken(c, "event %llu does not follow the line before it: one of them was changed",
			(unsigned long long)seq);
	c->seq = seq;
	c->turn = turn;
	c->events++;
	return PALIER_OK;
}

int batch_chain_line(struct batch_chain *c, struct palier_bytes line, const struct palier_hash *hash)
{
	int err;

	if (c->ended)
		err = broken(c, "something follows the tail");
	else if (c->lines == 0)
		err = head_line(c, line);
	else
		err = batch_tail_is(line) ? tail_line(c, line) : event_line(c, line);
	if (err != PALIER_OK)
		return err;
	c->last = *hash;
	c->lines++;
	return PALIER_OK;
}

int batch_chain_end(struct batch_chain *c)
{
	return c->ended ? PALIER_OK : broken(c, "the file ends without its tail line");
}
