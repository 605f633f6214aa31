/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report/events_block.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/crypto.h"

#define EVENT_DEPTH 40 /* an event nests its params and effects, which are at most as deep as the wire allows */

/* --- a line --- */

/* What is read of each event, in the order in which palierd writes it. */
enum part { SEQ, AT, STORE, TILL, OPERATOR, DAY, METHOD, MEMBER, PARAMS, EFFECTS, PARTS };

static bool key_is(const struct json_doc *d, uint32_t key, struct palier_bytes name)
{
	const struct json_token *t = &d->tokens[key];

	return t->escaped ? json_string_is(d, key, name)
	                  : palier_equal(palier_bytes_of(d->text.at + t->start, t->len), name);
}

/* @param out the tokens of their values, 0 where they are not there */
static void parts_find(const struct json_doc *d, uint32_t *out)
{
	static const struct palier_bytes names[PARTS] = { PALIER_LIT("seq"), PALIER_LIT("at"), PALIER_LIT("store"),
		PALIER_LIT("till"), PALIER_LIT("operator"), PALIER_LIT("day"), PALIER_LIT("method"), PALIER_LIT("member"),
		PALIER_LIT("params"), PALIER_LIT("effects") };
	uint32_t key = 1;

	memset(out, 0, PARTS * sizeof(*out));
	for (uint32_t left = d->tokens[0].count; left > 0; left--) {
		for (unsigned i = 0; i < PARTS; i++)
			if (!out[i] && key_is(d, key, names[i])) {
				out[i] = key + 1;
				break;
			}
		key += 1 + d->tokens[key + 1].span;
	}
}

static struct palier_bytes text_of(const struct booked *e, uint32_t token)
{
	return token && e->doc->tokens[token].type == JSON_STRING ? json_string(e->doc, token, e->arena)
	                                                          : (struct palier_bytes){ NULL, 0 };
}

/* @return false: it is no event line */
static bool event_read(struct booked *e)
{
	uint32_t at[PARTS];
	int64_t seq = 0;

	if (e->doc->tokens[0].type != JSON_OBJECT)
		return false;
	parts_find(e->doc, at);
	if (at[SEQ])
		(void)json_integer(e->doc, at[SEQ], &seq);
	e->seq = (uint64_t)seq;
	(void)day_parse(text_of(e, at[DAY]), &e->day);
	e->store = text_of(e, at[STORE]);
	e->till = text_of(e, at[TILL]);
	e->operator= text_of(e, at[OPERATOR]);
	e->method = text_of(e, at[METHOD]);
	e->has_member = at[MEMBER] && palier_id_parse(text_of(e, at[MEMBER]), &e->member) == PALIER_OK;
	e->params = at[PARAMS];
	e->effects = at[EFFECTS];
	return e->seq > 0 && time_parse(text_of(e, at[AT]), &e->at_ms);
}

/* A tape of half as many tokens as the text has bytes is never full. */
static bool text_parse(struct event_block *b, struct json_doc *d, struct palier_bytes text)
{
	*d = (struct json_doc){ .tokens = b->tape + b->tape_used, .capacity = (uint32_t)text.len / 2 + 1 };
	return json_parse(d, text, EVENT_DEPTH) == PALIER_OK;
}

/* @return false: it is no event line */
static bool line_parse(struct event_block *b, struct event_line *l, const struct palier_bytes *kinds)
{
	char *room = b->sifted.at + b->sifted.len;
	size_t left = kinds ? event_sift(l->line, kinds, room) : 0;

	b->sifted.len += left;
	if ((!left || !text_parse(b, &l->doc, palier_bytes_of(room, left))) && !text_parse(b, &l->doc, l->line))
		return false;
	b->tape_used += l->doc.count;
	l->event.doc = &l->doc;
	l->event.arena = &b->arena;
	return event_read(&l->event);
}

/* --- a block --- */

void event_block_fail(struct event_block *b, int err, const char *format, ...)
{
	va_list args;

	b->err = err;
	va_start(args, format);
	vsnprintf(b->why, sizeof(b->why), format, args);
	va_end(args);
}

static void block_empty(struct event_block *b)
{
	b->count = b->tape_used = b->sifted.len = 0;
	b->err = PALIER_OK;
	palier_arena_reset(&b->arena);
}

static void room_make(struct event_block *b, bool sift)
{
	if (b->tape_size < b->text.len) {
		free(b->tape);
		b->tape_size = b->text.len;
		b->tape = malloc(b->tape_size * sizeof(*b->tape));
		if (!b->tape)
			abort();
	}
	if (sift)
		palier_buffer_reserve(&b->sifted, b->text.len);
}

static void lines_room(struct event_block *b)
{
	if (b->count < b->lines_size)
		return;
	b->lines_size = b->lines_size ? b->lines_size * 2 : 256;
	b->lines = realloc(b->lines, b->lines_size * sizeof(*b->lines));
	if (!b->lines)
		abort();
}

static bool is_event(struct palier_bytes line)
{
	return line.len <= 8 || (memcmp(line.at, "{\"head\":", 8) != 0 && memcmp(line.at, "{\"tail\":", 8) != 0);
}

static void block_parse(struct event_block *b, const struct event_file *f, const struct event_visitor *visitor)
{
	const char *at = b->text.at, *end = at + b->text.len;

	while (at < end && b->err == PALIER_OK) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		struct event_line *l;

		lines_room(b);
		l = &b->lines[b->count];
		*l = (struct event_line){ .line = palier_bytes_of(at, (size_t)(lf - at)), .event = { .batch = f->batch } };
		if (is_event(l->line) && !line_parse(b, l, visitor->kinds))
			event_block_fail(b, PALIER_EDAMAGED, "%s: a line is no event; `palier check` says more", f->path);
		else
			b->count++;
		at = lf + 1;
	}
}

bool event_block_fill(struct event_block *b, struct lines *l, const struct event_file *f,
	const struct event_visitor *visitor)
{
	int err = lines_block(l, &b->text);

	block_empty(b);
	if (err == PALIER_ENOENT)
		return false;
	if (err == PALIER_OK) {
		room_make(b, visitor->kinds != NULL);
		block_parse(b, f, visitor);
	} else {
		event_block_fail(b, err, "%s: %s", f->path, err == PALIER_EIO ? strerror(errno) : "it is damaged");
	}
	return true;
}

int event_block_visit(struct event_block *b, const struct event_visitor *visitor, char *why)
{
	int err = PALIER_OK;

	for (size_t i = 0; i < b->count; i++) {
		b->lines[i].event.doc = &b->lines[i].doc; /* they moved while they became more */
		if (visitor->soon && b->lines[i].event.seq)
			visitor->soon(visitor->who, &b->lines[i].event);
	}
	for (size_t i = 0; err == PALIER_OK && i < b->count; i++) {
		struct event_line *l = &b->lines[i];

		if (visitor->line)
			err = visitor->line(visitor->who, l->line);
		if (err == PALIER_OK && l->event.seq)
			err = visitor->event(visitor->who, &l->event);
	}
	if (err == PALIER_OK && b->err != PALIER_OK)
		memcpy(why, b->why, EVENT_WHY);
	return err == PALIER_OK ? b->err : err;
}

void event_block_deinit(struct event_block *b)
{
	palier_buffer_deinit(&b->text);
	palier_buffer_deinit(&b->sifted);
	palier_arena_deinit(&b->arena);
	free(b->tape);
	free(b->lines);
}

/* --- what is left of a line --- */

/* The next such byte that has the text right before it (back) or behind it. @return NULL: there is none */
static const char *beside(const char *at, const char *end, char byte, struct palier_bytes text, bool back)
{
	for (; at < end && (at = memchr(at, byte, (size_t)(end - at))); at++) {
		const char *from = back ? at - text.len : at + 1;

		if ((size_t)(end - from) >= text.len && memcmp(from, text.at, text.len) == 0)
			return at;
	}
	return NULL;
}

static bool is_wanted(struct palier_bytes kind, const struct palier_bytes *kinds)
{
	for (; kinds->len; kinds++)
		if (palier_equal(kind, *kinds))
			return true;
	return false;
}

/* The effects that are wanted, each with a comma behind it. @param out room up to the end @return behind them; NULL: they begin with no kind */
static char *effects_sift(const char *at, const char *end, const struct palier_bytes *kinds, char *out)
{
	static const struct palier_bytes begin = PALIER_LIT("{\"kind\":\""), next = PALIER_LIT(",{\"kind\":\"");

	while (at < end) {
		const char *brace = beside(at, end, '}', next, false), *stop = brace ? brace + 1 : end;
		const char *kind = at + begin.len, *quote;

		if (kind > stop || memcmp(at, begin.at, begin.len) != 0)
			return NULL;
		quote = memchr(kind, '"', (size_t)(stop - kind));
		if (!quote)
			return NULL;
		if (is_wanted(palier_bytes_of(kind, (size_t)(quote - kind)), kinds)) {
			memcpy(out, at, (size_t)(stop - at));
			out += stop - at;
			*out++ = ',';
		}
		at = stop + 1;
	}
	return out;
}

/* @return where the effects end: at the hash behind them, or at the line's own end; NULL: at neither */
static const char *effects_end(struct palier_bytes line)
{
	static const struct palier_bytes prev = PALIER_LIT("],\"prev\":\"");
	const size_t tail = prev.len + 2 * SHA256_LEN + 2;
	const char *end = line.at + line.len;

	if (line.len > tail && memcmp(end - tail, prev.at, prev.len) == 0)
		return end - tail;
	return line.len > 2 && memcmp(end - 2, "]}", 2) == 0 ? end - 2 : NULL;
}

/* No text within quotes reads so: its own quotes would have a backslash before them. */
size_t event_sift(struct palier_bytes line, const struct palier_bytes *kinds, char *out)
{
	static const struct palier_bytes before = PALIER_LIT(",\"params\":"), behind = PALIER_LIT(",\"effects\":[");
	const char *end = effects_end(line), *params, *effects;
	char *at = out;

	params = end && line.len > before.len ? beside(line.at + before.len, end, '{', before, true) : NULL;
	effects = params ? beside(params, line.at + line.len, '}', behind, false) : NULL;
	if (!effects || effects + 1 + behind.len > end)
		return 0;
	memcpy(at, line.at, (size_t)(params + 1 - line.at));
	at += params + 1 - line.at;
	memcpy(at, effects, 1 + behind.len);
	at = effects_sift(effects + 1 + behind.len, end, kinds, at + 1 + behind.len);
	if (!at)
		return 0;
	at -= at[-1] == ',';
	memcpy(at, "]}", 2);
	return (size_t)(at + 2 - out);
}
