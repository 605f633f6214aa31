/* SPDX-License-Identifier: Apache-2.0 */
/* Codes, ids, exact spreads, the arena, growing buffers, stored keys and values, hex and base64url. */
#include "protocol/bytes.h"

#include <ctype.h>
#include <endian.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* --- codes --- */

struct palier_bytes palier_code_trim(struct palier_bytes typed)
{
	while (typed.len && isspace((unsigned char)*typed.at))
		typed = palier_bytes_of(typed.at + 1, typed.len - 1);
	while (typed.len && isspace((unsigned char)typed.at[typed.len - 1]))
		typed.len--;
	return typed;
}

bool palier_code_same(struct palier_bytes a, struct palier_bytes b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

/* --- ids --- */

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

void palier_id_format(struct palier_id id, char *text)
{
	unsigned bits = 0, held = 0;

	*text++ = 'm';
	*text++ = '_';
	for (size_t i = 0; i < PALIER_ID_LEN; i++) {
		held = held << 8 | id.b[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*text++ = crockford[held >> (bits - 5) & 31];
	}
	*text = '\0';
}

/* Only the written form is an id: one member, one spelling. */
int palier_id_parse(struct palier_bytes text, struct palier_id *out)
{
	struct palier_id id;
	unsigned bits = 0, held = 0;
	size_t n = 0;

	if (text.len != PALIER_ID_TEXT || memcmp(text.at, "m_", 2) != 0)
		return PALIER_EINVAL;
	for (size_t i = 2; i < text.len; i++) {
		const char *symbol = memchr(crockford, text.at[i], sizeof(crockford) - 1);

		if (!symbol)
			return PALIER_EINVAL;
		held = held << 5 | (unsigned)(symbol - crockford);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			id.b[n++] = (uint8_t)(held >> bits);
		}
	}
	*out = id;
	return PALIER_OK;
}

/* --- sums --- */

/* The largest remainder that at least `left` of the n reach. */
static uint64_t remainder_bar(const int64_t *remainders, size_t n, size_t left, uint64_t below)
{
	uint64_t reached = 0;

	while (below - reached > 1) {
		uint64_t middle = reached + (below - reached) / 2;
		size_t count = 0;

		for (size_t i = 0; i < n; i++)
			count += (uint64_t)remainders[i] >= middle;
		if (count >= left)
			reached = middle;
		else
			below = middle;
	}
	return reached;
}

/* `out` holds the remainders until they are ranked, so nothing is allocated. */
void palier_spread(int64_t sum, const int64_t *weights, size_t n, int64_t *out)
{
	uint64_t size = sum < 0 ? -(uint64_t)sum : (uint64_t)sum, total = 0, left = size, bar;
	size_t at_bar;

	for (size_t i = 0; i < n; i++)
		total += (uint64_t)weights[i];
	if (total == 0)
		total = 1; /* nothing to spread */
	for (size_t i = 0; i < n; i++) {
		unsigned __int128 product = (unsigned __int128)size * (uint64_t)weights[i];

		left -= (uint64_t)(product / total);
		out[i] = (int64_t)(product % total);
	}
	bar = remainder_bar(out, n, left, total);
	at_bar = left;
	for (size_t i = 0; i < n; i++)
		at_bar -= (uint64_t)out[i] > bar;
	for (size_t i = 0; i < n; i++) {
		uint64_t remainder = (uint64_t)out[i];
		uint64_t part = (uint64_t)((unsigned __int128)size * (uint64_t)weights[i] / total);

		if (remainder > bar || (remainder == bar && at_bar > 0 && at_bar--))
			part++;
		out[i] = sum < 0 ? -(int64_t)part : (int64_t)part;
	}
}

/* --- memory --- */

static _Noreturn void out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

static void *alloc_or_die(void *old, size_t size)
{
	void *at = realloc(old, size);

	if (!at)
		out_of_memory();
	return at;
}

#define ARENA_BLOCK ((size_t)16 * 1024)

struct palier_arena_block {
	struct palier_arena_block *next;
	size_t size;
	_Alignas(max_align_t) char data[];
};

/* The next kept block if it is large enough, else a new one before it: the same requests find the same blocks again. */
static void arena_advance(struct palier_arena *a, size_t size)
{
	struct palier_arena_block **link = a->current ? &a->current->next : &a->first, *block = *link;

	if (!block || block->size < size) {
		size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

		block = alloc_or_die(NULL, sizeof(*block) + room);
		block->next = *link;
		block->size = room;
		*link = block;
	}
	a->current = block;
	a->used = 0;
}

void *palier_alloc(struct palier_arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	void *at;

	if (size > PTRDIFF_MAX - ARENA_BLOCK)
		out_of_memory();
	size = (size + align - 1) / align * align;
	if (!a->current || a->current->size - a->used < size)
		arena_advance(a, size);
	at = a->current->data + a->used;
	a->used += size;
	return memset(at, 0, size);
}

struct palier_bytes palier_copy(struct palier_arena *a, struct palier_bytes b)
{
	return b.len ? palier_bytes_of(memcpy(palier_alloc(a, b.len), b.at, b.len), b.len)
	             : (struct palier_bytes){ NULL, 0 };
}

char *palier_cstr(struct palier_arena *a, struct palier_bytes b)
{
	char *s = palier_alloc(a, b.len + 1);

	return b.len ? memcpy(s, b.at, b.len) : s;
}

/* Not strndup, which under strict checks must find a NUL in what it copies. */
char *palier_dup(struct palier_bytes b)
{
	char *s = alloc_or_die(NULL, b.len + 1);

	if (b.len)
		memcpy(s, b.at, b.len);
	s[b.len] = '\0';
	return s;
}

char *palier_format(struct palier_arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		n = 0;
	text = palier_alloc(a, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return text;
}

void palier_arena_reset(struct palier_arena *a)
{
	a->current = a->first;
	a->used = 0;
}

void palier_arena_deinit(struct palier_arena *a)
{
	for (struct palier_arena_block *block = a->first, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	*a = (struct palier_arena){ 0 };
}

void palier_buffer_grow(struct palier_buffer *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;

	if (n > PTRDIFF_MAX - b->len)
		out_of_memory();
	while (cap - b->len < n)
		cap *= 2;
	b->at = alloc_or_die(b->at, cap);
	b->cap = cap;
}

void palier_buffer_shift(struct palier_buffer *b, size_t n)
{
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->at, b->at + n, b->len);
}

void palier_buffer_deinit(struct palier_buffer *b)
{
	free(b->at);
	*b = (struct palier_buffer){ 0 };
}

/* --- stored keys and values --- */

static void append_raw(uint8_t *b, size_t max, uint16_t *len, bool *bad, const void *at, size_t n)
{
	if (*bad || n > max - *len) {
		*bad = true;
		return;
	}
	if (n > 0)
		memcpy(b + *len, at, n);
	*len = (uint16_t)(*len + n);
}

/* A number that its width cannot hold would be stored as another one. */
static void append_uint(uint8_t *b, size_t max, uint16_t *len, bool *bad, uint64_t v, unsigned width)
{
	uint64_t big_endian = htobe64(v);

	if (width < 1 || width > 8 || (width < 8 && v >> (8 * width) != 0)) {
		*bad = true;
		return;
	}
	append_raw(b, max, len, bad, (const uint8_t *)&big_endian + 8 - width, width);
}

void palier_key_raw(struct palier_key *k, const void *at, size_t n)
{
	append_raw(k->b, sizeof(k->b), &k->len, &k->bad, at, n);
}

void palier_key_uint(struct palier_key *k, uint64_t v, unsigned width)
{
	append_uint(k->b, sizeof(k->b), &k->len, &k->bad, v, width);
}

void palier_value_raw(struct palier_value *v, const void *at, size_t n)
{
	append_raw(v->b, sizeof(v->b), &v->len, &v->bad, at, n);
}

void palier_value_uint(struct palier_value *v, uint64_t x, unsigned width)
{
	append_uint(v->b, sizeof(v->b), &v->len, &v->bad, x, width);
}

struct palier_bytes palier_cut_raw(struct palier_cut *c, size_t n)
{
	struct palier_bytes taken = palier_bytes_of(c->at, n);

	if (c->bad || n > c->left) {
		c->bad = true;
		return (struct palier_bytes){ NULL, 0 };
	}
	if (n > 0)
		c->at += n;
	c->left -= n;
	return taken;
}

uint64_t palier_cut_uint(struct palier_cut *c, unsigned width)
{
	struct palier_bytes taken = palier_cut_raw(c, width);
	uint64_t v = 0;

	for (size_t i = 0; i < taken.len; i++)
		v = v << 8 | (uint8_t)taken.at[i];
	return v;
}

int64_t palier_cut_i64(struct palier_cut *c)
{
	return (int64_t)palier_cut_uint(c, 8);
}

struct palier_id palier_cut_id(struct palier_cut *c)
{
	struct palier_bytes taken = palier_cut_raw(c, PALIER_ID_LEN);
	struct palier_id id = { { 0 } };

	if (taken.len > 0)
		memcpy(id.b, taken.at, PALIER_ID_LEN);
	return id;
}

/* --- text forms --- */

void palier_hex(const void *at, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = at;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[b[i] >> 4];
		*out++ = digits[b[i] & 15];
	}
	*out = '\0';
}

bool palier_unhex(struct palier_bytes text, void *out, size_t n)
{
	uint8_t *b = out;

	if (text.len % 2 != 0 || text.len / 2 != n)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (palier_hex_digit(text.at[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)((unsigned)palier_hex_digit(text.at[2 * i]) << 4 |
				 (unsigned)palier_hex_digit(text.at[2 * i + 1]));
	return true;
}

#define BASE64_COMMON "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static size_t base64_write(const char *symbols, const void *at, size_t n, char *out)
{
	const uint8_t *b = at;
	unsigned bits = 0, held = 0;
	char *start = out;

	for (size_t i = 0; i < n; i++) {
		held = held << 8 | b[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = symbols[held >> (bits - 6) & 63];
	}
	if (bits > 0)
		*out++ = symbols[held << (6 - bits) & 63];
	*out = '\0';
	return (size_t)(out - start);
}

size_t palier_base64(const void *at, size_t n, char *out)
{
	return base64_write(BASE64_COMMON "-_", at, n, out);
}

size_t palier_base64_padded(const void *at, size_t n, char *out)
{
	size_t len = base64_write(BASE64_COMMON "+/", at, n, out);

	while (len % 4 != 0)
		out[len++] = '=';
	out[len] = '\0';
	return len;
}

/* Each symbol's value plus 1; 0 is no symbol. */
static const uint8_t base64_values[256] = {
	['A'] = 1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	17,
	18,
	19,
	20,
	21,
	22,
	23,
	24,
	25,
	26,
	['a'] = 27,
	28,
	29,
	30,
	31,
	32,
	33,
	34,
	35,
	36,
	37,
	38,
	39,
	40,
	41,
	42,
	43,
	44,
	45,
	46,
	47,
	48,
	49,
	50,
	51,
	52,
	['0'] = 53,
	54,
	55,
	56,
	57,
	58,
	59,
	60,
	61,
	62,
	['-'] = 63,
	['_'] = 64,
};

long palier_unbase64(struct palier_bytes text, void *out)
{
	/* how many low bits of the last symbol carry nothing, by text.len % 4; a lone symbol carries too little */
	static const int spare[4] = { 0, -1, 15, 3 };
	int unused = spare[text.len % 4];
	unsigned bits = 0, held = 0;
	uint8_t *b = out;

	if (unused < 0 || text.len > LONG_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (base64_values[(uint8_t)text.at[i]] == 0)
			return -1;
	if (text.len > 0 && ((base64_values[(uint8_t)text.at[text.len - 1]] - 1) & unused) != 0)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		held = held << 6 | (unsigned)(base64_values[(uint8_t)text.at[i]] - 1);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*b++ = (uint8_t)(held >> bits);
		}
	}
	return b - (uint8_t *)out;
}
