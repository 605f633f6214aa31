/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer. */
#include "protocol/json.h"

#include <assert.h>

#include "protocol/json_text.h"

/* Room for n more bytes and the comma that a value may need first. @return where to write */
static char *room(struct palier_json *w, size_t n)
{
	struct palier_buffer *out = w->out;

	palier_buffer_reserve(out, n + 1);
	if (w->comma)
		out->at[out->len++] = ',';
	return out->at + out->len;
}

static void add_value(struct palier_json *w, const char *at, size_t n)
{
	memcpy(room(w, n), at, n);
	w->out->len += n;
	w->comma = true;
}

static void open_bracket(struct palier_json *w, char bracket)
{
	*room(w, 1) = bracket;
	w->out->len++;
	w->comma = false;
	w->depth++;
}

static void close_bracket(struct palier_json *w, char bracket)
{
	w->comma = false;
	*room(w, 1) = bracket;
	w->out->len++;
	w->comma = true;
	w->depth--;
}

void palier_json_object(struct palier_json *w)
{
	open_bracket(w, '{');
}

void palier_json_end_object(struct palier_json *w)
{
	close_bracket(w, '}');
}

void palier_json_array(struct palier_json *w)
{
	open_bracket(w, '[');
}

void palier_json_end_array(struct palier_json *w)
{
	close_bracket(w, ']');
}

/* A character that cannot stand for itself. */
static void add_escape(struct palier_buffer *out, uint8_t c)
{
	static const char letters[32] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't' };
	char text[6] = { '\\', (char)c };

	if (c >= 0x20) {
		palier_buffer_add(out, text, 2);
	} else if (letters[c]) {
		text[1] = letters[c];
		palier_buffer_add(out, text, 2);
	} else {
		text[1] = 'u';
		text[2] = text[3] = '0';
		text[4] = (char)('0' + (c >> 4));
		text[5] = "0123456789abcdef"[c & 15];
		palier_buffer_add(out, text, 6);
	}
}

void palier_json_string(struct palier_json *w, struct palier_bytes s)
{
	const uint8_t *p = (const uint8_t *)(s.len ? s.at : ""), *end = p + s.len, *run;
	struct palier_buffer *out = w->out;

	*room(w, s.len + 2) = '"';
	out->len++;
	w->comma = true;
	for (;;) {
		unsigned n;

		run = p;
		while ((p = json_plain_end(p, end)) < end && *p >= 0x80 && (n = json_utf8_length(p, end)) > 0)
			p += n;
		palier_buffer_add(out, run, (size_t)(p - run));
		if (p == end)
			break;
		if (*p >= 0x80)
			palier_buffer_add(out, "\xEF\xBF\xBD", 3); /* U+FFFD for what is no UTF-8: our line stays valid */
		else
			add_escape(out, *p);
		p++;
	}
	palier_buffer_add(out, "\"", 1);
}

void palier_json_str(struct palier_json *w, const char *s)
{
	palier_json_string(w, palier_str(s));
}

void palier_json_key_plain(struct palier_json *w, const char *key, size_t n)
{
	char *at = room(w, n + 3);

	at[0] = '"';
	memcpy(at + 1, key, n);
	at[n + 1] = '"';
	at[n + 2] = ':';
	w->out->len += n + 3;
	if (w->depth == 1 && w->key_count < PALIER_JSON_KEYS)
		w->keys[w->key_count++] = key;
	w->comma = false;
}

void palier_json_key_bytes(struct palier_json *w, struct palier_bytes key)
{
	palier_json_string(w, key);
	palier_buffer_add(w->out, ":", 1);
	w->comma = false;
}

#define DIGITS_MAX 20

/* Digits of v before `end`, at least `min`. @return the first of them */
static char *digits_before(char *end, uint64_t v, unsigned min)
{
	char *at = end;

	while (v > 0 || (unsigned)(end - at) < min) {
		*--at = (char)('0' + v % 10);
		v /= 10;
	}
	return at;
}

void palier_json_int(struct palier_json *w, int64_t v)
{
	palier_json_scaled(w, v, 0);
}

void palier_json_scaled(struct palier_json *w, int64_t v, unsigned decimals)
{
	char text[DIGITS_MAX + 3], *end = text + sizeof(text), *at;
	uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;

	assert(decimals < DIGITS_MAX - 1);
	while (decimals > 0 && size % 10 == 0) {
		size /= 10;
		decimals--;
	}
	at = digits_before(end, size, decimals + 1);
	if (decimals > 0) {
		at--;
		memmove(at, at + 1, (size_t)(end - at) - 1 - decimals);
		*(end - decimals - 1) = '.';
	}
	if (v < 0)
		*--at = '-';
	add_value(w, at, (size_t)(end - at));
}

void palier_json_bool(struct palier_json *w, bool v)
{
	palier_json_raw(w, v ? PALIER_LIT("true") : PALIER_LIT("false"));
}

void palier_json_null(struct palier_json *w)
{
	palier_json_raw(w, PALIER_LIT("null"));
}

void palier_json_raw(struct palier_json *w, struct palier_bytes json)
{
	add_value(w, json.at, json.len);
}

void palier_json_id(struct palier_json *w, struct palier_id id)
{
	char text[PALIER_ID_TEXT + 1];

	palier_id_format(id, text);
	palier_json_string(w, palier_bytes_of(text, PALIER_ID_TEXT));
}

void palier_json_hex(struct palier_json *w, const void *at, size_t n)
{
	char *text = room(w, 2 * n + 2);

	*text = '"';
	palier_hex(at, n, text + 1);
	text[2 * n + 1] = '"'; /* over the NUL */
	w->out->len += 2 * n + 2;
	w->comma = true;
}
