/* SPDX-License-Identifier: Apache-2.0 */
/* Strict RFC 8259 reader into a flat token tape, and the writer.
 * The reader neither allocates nor recurses; the caller lends the tape. Stricter than the RFC where it leaves a choice:
 * duplicate keys, lone surrogates, invalid UTF-8 and a byte order mark are refused. */
#pragma once

#include "protocol/bytes.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_token {
	uint32_t start; /* offset of the value in the text; for a string, of the byte after its quote */
	uint32_t len;   /* bytes of the value's text; for a string, without its quotes */
	uint32_t span;  /* tokens of this value, itself included: token + span is the next sibling */
	uint32_t count; /* array: elements; object: members (each a JSON_STRING key token, then its value) */
	uint8_t type;   /* enum json_type */
	bool escaped;   /* string: contains a backslash */
};

struct json_doc {
	struct palier_bytes text;
	struct json_token *tokens; /* lent by the caller */
	uint32_t capacity, count;
	uint32_t bad_at; /* after a refusal: offset of the byte that could not be accepted */
};

#define JSON_DEPTH_MAX 64

/** Parse exactly one value, with white space around it, into d->tokens.
 * @param depth how deep arrays and objects may nest, 1..JSON_DEPTH_MAX
 * @return PALIER_OK; PALIER_EPARSE (bad_at is set; also when the tape is full: a tape of text.len / 2 + 1 tokens never is) */
int json_parse(struct json_doc *d, struct palier_bytes text, unsigned depth);

/** A value as it was written, quotes included. */
static inline struct palier_bytes json_text(const struct json_doc *d, uint32_t token)
{
	const struct json_token *t = &d->tokens[token];

	return t->type == JSON_STRING ? palier_bytes_of(d->text.at + t->start - 1, t->len + 2)
	                              : palier_bytes_of(d->text.at + t->start, t->len);
}

/** A string's characters: borrowed from the text, or unescaped into the arena. */
struct palier_bytes json_string(const struct json_doc *d, uint32_t token, struct palier_arena *a);
/** Does this string (a key, say) equal s, escapes resolved? */
bool json_string_is(const struct json_doc *d, uint32_t token, struct palier_bytes s);
/** @return the token of a member's value, or 0 (never a member's) when the object has no such key */
uint32_t json_member(const struct json_doc *d, uint32_t object, const char *key);
/** @return false unless the token is a number without fraction or exponent within +-PALIER_FIGURE_MAX; "-0" is 0 */
bool json_integer(const struct json_doc *d, uint32_t token, int64_t *out);
/** A number with at most `decimals` decimals and no exponent, times 10^decimals. "0.532" with 3: 532 */
bool json_scaled(const struct json_doc *d, uint32_t token, unsigned decimals, int64_t *out);

/* --- writer: compact text into a growing buffer; commas are its business --- */

#define PALIER_JSON_KEYS 32

struct palier_json {
	struct palier_buffer *out;
	bool comma;                         /* a value was written at this level, so the next needs a comma */
	uint8_t depth;                      /* of objects and arrays open */
	uint8_t key_count;                  /* keys of the outermost object so far, */
	const char *keys[PALIER_JSON_KEYS]; /* so that its writers can tell what is still missing */
};

static inline struct palier_json palier_json_to(struct palier_buffer *out)
{
	return (struct palier_json){ .out = out };
}

void palier_json_object(struct palier_json *w); /* { */
void palier_json_end_object(struct palier_json *w);
void palier_json_array(struct palier_json *w); /* [ */
void palier_json_end_array(struct palier_json *w);
/** @param key plain ASCII without anything to escape; kept by the writer */
void palier_json_key_plain(struct palier_json *w, const char *key, size_t len);
static inline void palier_json_key(struct palier_json *w, const char *key)
{
	palier_json_key_plain(w, key, strlen(key)); /* of a literal, the compiler knows it */
}
/** A key of any characters. */
void palier_json_key_bytes(struct palier_json *w, struct palier_bytes key);
void palier_json_string(struct palier_json *w, struct palier_bytes s);
void palier_json_str(struct palier_json *w, const char *s);
void palier_json_int(struct palier_json *w, int64_t v);
void palier_json_bool(struct palier_json *w, bool v);
void palier_json_null(struct palier_json *w);
/** Already JSON. */
void palier_json_raw(struct palier_json *w, struct palier_bytes json);
/** v / 10^decimals without trailing zeros: 532 with 3 is 0.532 */
void palier_json_scaled(struct palier_json *w, int64_t v, unsigned decimals);
/** "2026-11-21T09:03:11.120Z" */
void palier_json_time(struct palier_json *w, int64_t at_ms);
/** "2026-11-21" */
void palier_json_day(struct palier_json *w, uint32_t day);
void palier_json_id(struct palier_json *w, struct palier_id id);
void palier_json_hex(struct palier_json *w, const void *at, size_t n);
