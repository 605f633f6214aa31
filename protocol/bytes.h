/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed bytes, the arena, growing buffers, checked sums, and the bounded cursor through which stored bytes are read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "protocol/error.h"

/** Bytes owned by somebody else; not NUL-terminated. { NULL, 0 } is the empty value. */
struct palier_bytes {
	const char *at;
	size_t len;
};

/** A literal or array as bytes, without its NUL. */
#define PALIER_LIT(s) ((struct palier_bytes){ (s), sizeof(s) - 1 })
/** For printf's "%.*s". */
#define PALIER_ARG(b) (int)(b).len, (b).len ? (b).at : ""

static inline struct palier_bytes palier_bytes_of(const void *at, size_t len)
{
	return (struct palier_bytes){ (const char *)at, len };
}

static inline struct palier_bytes palier_str(const char *s)
{
	return (struct palier_bytes){ s, s ? strlen(s) : 0 };
}

static inline bool palier_equal(struct palier_bytes a, struct palier_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool palier_is(struct palier_bytes a, const char *s)
{
	return palier_equal(a, palier_str(s));
}

/** Coupons' codes are typed by hand: blanks around them do not count, nor does their case. @return the part of `typed` between its blanks */
struct palier_bytes palier_code_trim(struct palier_bytes typed);
bool palier_code_same(struct palier_bytes a, struct palier_bytes b);

/** A member's id: 80 random bits, chain-wide. Written "m_" and 16 Crockford base32 symbols, lower case. */
#define PALIER_ID_LEN 10
struct palier_id {
	uint8_t b[PALIER_ID_LEN];
};
#define PALIER_ID_TEXT 18

static inline bool palier_id_equal(struct palier_id a, struct palier_id b)
{
	return memcmp(a.b, b.b, PALIER_ID_LEN) == 0;
}

/** @param text at least PALIER_ID_TEXT + 1 bytes; NUL-terminated */
void palier_id_format(struct palier_id id, char *text);
/** @return PALIER_OK, or PALIER_EINVAL with *out untouched */
int palier_id_parse(struct palier_bytes text, struct palier_id *out);

/* --- sums: figures on the wire and in the ledger stay within what JSON keeps exactly --- */

/** The largest figure anywhere: 2^53 - 1. */
#define PALIER_FIGURE_MAX INT64_C(9007199254740991)

/** *a += b. @return false, *a untouched, when the sum leaves +-PALIER_FIGURE_MAX */
static inline bool palier_add_i64(int64_t *a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(*a, b, &sum) || sum > PALIER_FIGURE_MAX || sum < -PALIER_FIGURE_MAX)
		return false;
	*a = sum;
	return true;
}

static inline int64_t palier_least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/** whole x part / of, rounded half up. @param part 0 to of @param of > 0 */
static inline int64_t palier_share(int64_t whole, int64_t part, int64_t of)
{
	return (int64_t)(((__int128)whole * part * 2 + of) / ((__int128)of * 2));
}

/** Spread `sum` over `weights` in proportion, exactly, by largest remainder; ties go to the lower index.
 * @param weights >= 0, not all 0 unless sum is 0
 * @param out n parts, in all exactly `sum` */
void palier_spread(int64_t sum, const int64_t *weights, size_t n, int64_t *out);

/* --- the arena: a request's memory, freed whole --- */

struct palier_arena_block;

/** Bump allocator. Zero-initialised is empty. Blocks are kept by a reset, so a steady state allocates nothing. */
struct palier_arena {
	struct palier_arena_block *first, *current;
	size_t used;
};

/** @return zeroed memory aligned for any type; never NULL (out of memory ends the process) */
void *palier_alloc(struct palier_arena *a, size_t size);
struct palier_bytes palier_copy(struct palier_arena *a, struct palier_bytes b);
/** @return a NUL-terminated copy */
char *palier_cstr(struct palier_arena *a, struct palier_bytes b);
/** @return a NUL-terminated copy outside any arena, to be freed; never NULL */
char *palier_dup(struct palier_bytes b);
/** @return NUL-terminated formatted text */
char *palier_format(struct palier_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void palier_arena_reset(struct palier_arena *a);
void palier_arena_deinit(struct palier_arena *a);

/* --- a growing buffer --- */

struct palier_buffer {
	char *at;
	size_t len, cap;
};

void palier_buffer_grow(struct palier_buffer *b, size_t n);
/** Make room for n more bytes (out of memory ends the process). */
static inline void palier_buffer_reserve(struct palier_buffer *b, size_t n)
{
	if (b->cap - b->len < n)
		palier_buffer_grow(b, n);
}
static inline void palier_buffer_add(struct palier_buffer *b, const void *at, size_t n)
{
	if (n == 0)
		return;
	palier_buffer_reserve(b, n);
	memcpy(b->at + b->len, at, n);
	b->len += n;
}
/** Drop the first n bytes. */
void palier_buffer_shift(struct palier_buffer *b, size_t n);
void palier_buffer_deinit(struct palier_buffer *b);

static inline struct palier_bytes palier_buffer_bytes(const struct palier_buffer *b)
{
	return palier_bytes_of(b->at, b->len);
}

/* --- stored keys and values: big-endian, so that keys sort by number --- */

#define PALIER_KEY_MAX 256

/** A table's key under construction. A key that does not fit turns `bad`, and no table accepts it. */
struct palier_key {
	uint8_t b[PALIER_KEY_MAX];
	uint16_t len;
	bool bad;
};

void palier_key_raw(struct palier_key *k, const void *at, size_t n);
void palier_key_uint(struct palier_key *k, uint64_t v, unsigned width);

static inline void palier_key_id(struct palier_key *k, struct palier_id id)
{
	palier_key_raw(k, id.b, PALIER_ID_LEN);
}

static inline struct palier_bytes palier_key_bytes(const struct palier_key *k)
{
	return palier_bytes_of(k->b, k->len);
}

/** Reads stored bytes; after the first short read everything reads as 0 and `bad` stays set. */
struct palier_cut {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static inline struct palier_cut palier_cut_of(struct palier_bytes b)
{
	return (struct palier_cut){ (const uint8_t *)b.at, b.len, false };
}

/** Big-endian unsigned of width 1..8 bytes. */
uint64_t palier_cut_uint(struct palier_cut *c, unsigned width);
int64_t palier_cut_i64(struct palier_cut *c);
struct palier_bytes palier_cut_raw(struct palier_cut *c, size_t n);
struct palier_id palier_cut_id(struct palier_cut *c);

/** A stored value under construction, in the caller's storage of 512 bytes. */
#define PALIER_VALUE_MAX 512
struct palier_value {
	uint8_t b[PALIER_VALUE_MAX];
	uint16_t len;
	bool bad;
};

void palier_value_raw(struct palier_value *v, const void *at, size_t n);
void palier_value_uint(struct palier_value *v, uint64_t x, unsigned width);

static inline void palier_value_i64(struct palier_value *v, int64_t x)
{
	palier_value_uint(v, (uint64_t)x, 8);
}

static inline struct palier_bytes palier_value_bytes(const struct palier_value *v)
{
	return palier_bytes_of(v->b, v->len);
}

/* --- text forms --- */

/** @return 0..15, or -1 */
static inline int palier_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** @param out 2 x n + 1 bytes, NUL-terminated lower-case hex */
void palier_hex(const void *at, size_t n, char *out);
/** @return false unless text is exactly 2 x n hex digits */
bool palier_unhex(struct palier_bytes text, void *out, size_t n);
/** base64url without padding (RFC 4648 section 5). @return characters written; out holds (n * 4 + 2) / 3 + 1 */
size_t palier_base64(const void *at, size_t n, char *out);
/** The common base64, with its padding (RFC 4648 section 4). @return characters written; out holds (n + 2) / 3 * 4 + 1 */
size_t palier_base64_padded(const void *at, size_t n, char *out);
/** @return bytes written, or -1 when text is not canonical base64url; out holds text.len * 3 / 4 */
long palier_unbase64(struct palier_bytes text, void *out);
