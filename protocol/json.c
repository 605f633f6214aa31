/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader: one pass over the text into the token tape, and what is asked of a tape afterwards. */
#include "protocol/json.h"

#include "protocol/json_text.h"

#define NOTHING_OPEN UINT32_MAX
/* Up to here keys are compared each with each, beyond they are sorted. */
#define PAIRWISE_MAX 16

struct reader {
	struct json_doc *d;
	const uint8_t *text, *end;
	uint32_t open;  /* token of the innermost open container; while it is open its span is the token of the one around it
			 */
	unsigned depth; /* how many more may be opened */
};

/* The steps of the reader take a position and return the one after what they read, or NULL when they refuse. */
static const uint8_t *refuse(struct reader *r, const uint8_t *at)
{
	r->d->bad_at = (uint32_t)(at - r->text);
	return NULL;
}

static inline const uint8_t *skip_space(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* @return end, where the value ends */
static inline const uint8_t *token_add(struct reader *r, enum json_type type, const uint8_t *start, const uint8_t *end)
{
	struct json_doc *d = r->d;
	struct json_token *t = &d->tokens[d->count];

	if (d->count == d->capacity)
		return refuse(r, start);
	t->start = (uint32_t)(start - r->text);
	t->len = (uint32_t)(end - start);
	t->span = 1;
	t->count = 0;
	t->type = (uint8_t)type;
	t->escaped = false;
	d->count++;
	return end;
}

/* --- strings --- */

/* The four hex digits at p, or -1. */
static int hex4(const uint8_t *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int digit = palier_hex_digit((char)p[i]);

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

static bool is_high_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Bytes of the escape at p, a surrogate pair being one; 0 when it is none. */
static unsigned escape_length(const uint8_t *p, const uint8_t *end)
{
	int unit;

	if (end - p < 2)
		return 0;
	if (p[1] != 'u')
		return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
	unit = end - p >= 6 ? hex4(p + 2) : -1;
	if (unit < 0 || is_low_surrogate(unit))
		return 0;
	if (!is_high_surrogate(unit))
		return 6;
	return end - p >= 12 && p[6] == '\\' && p[7] == 'u' && is_low_surrogate(hex4(p + 8)) ? 12 : 0;
}

/* From where a string's plain characters stop, to its closing quote. */
static const uint8_t *read_rest(struct reader *r, const uint8_t *p, bool *escaped)
{
	while (p < r->end && *p != '"') {
		unsigned n = *p == '\\' ? escape_length(p, r->end) : json_utf8_length(p, r->end);

		if (n == 0)
			return refuse(r, p);
		*escaped |= *p == '\\';
		p = json_plain_end(p + n, r->end);
	}
	return p < r->end ? p : refuse(r, p);
}

static inline const uint8_t *read_string(struct reader *r, const uint8_t *p)
{
	const uint8_t *start = p + 1;
	bool escaped = false;

	p = json_plain_end(start, r->end);
	if (p == r->end || *p != '"')
		p = read_rest(r, p, &escaped);
	if (!p || !token_add(r, JSON_STRING, start, p))
		return NULL;
	r->d->tokens[r->d->count - 1].escaped = escaped;
	return p + 1;
}

/* A string's characters one byte at a time, escapes resolved. */
struct chars {
	const uint8_t *at, *end;
	uint8_t held[4], next, count;
};

static struct chars chars_of(struct palier_bytes text, const struct json_token *t)
{
	const uint8_t *at = (const uint8_t *)text.at + t->start;

	return (struct chars){ .at = at, .end = at + t->len };
}

/* The UTF-8 of a code point into held. */
static void chars_hold(struct chars *c, int point)
{
	c->next = c->count = 0;
	if (point < 0x80) {
		c->held[c->count++] = (uint8_t)point;
		return;
	}
	if (point >= 0x10000)
		c->held[c->count++] = (uint8_t)(0xF0 | point >> 18);
	if (point >= 0x800)
		c->held[c->count++] = (uint8_t)((point >= 0x10000 ? 0x80 : 0xE0) | (point >> 12 & 0x3F));
	c->held[c->count++] = (uint8_t)((point >= 0x800 ? 0x80 : 0xC0) | (point >> 6 & 0x3F));
	c->held[c->count++] = (uint8_t)(0x80 | (point & 0x3F));
}

/* The escape at c->at, accepted before. */
static void chars_unescape(struct chars *c)
{
	static const char letters[] = "b\bf\fn\nr\rt\t";
	const char *letter = strchr(letters, c->at[1]);
	int point = letter ? letter[1] : c->at[1];

	if (point != 'u') {
		c->at += 2;
	} else {
		point = hex4(c->at + 2);
		c->at += 6;
		if (is_high_surrogate(point)) {
			point = 0x10000 + ((point - 0xD800) << 10) + (hex4(c->at + 2) - 0xDC00);
			c->at += 6;
		}
	}
	chars_hold(c, point);
}

/* @return the next byte, or -1 after the last */
static inline int chars_next(struct chars *c)
{
	if (c->next == c->count) {
		if (c->at == c->end)
			return -1;
		if (*c->at != '\\')
			return *c->at++;
		chars_unescape(c);
	}
	return c->held[c->next++];
}

/* --- keys --- */

/* Order of two strings with escapes resolved, by bytes: < 0, 0, > 0. */
static int string_compare(struct palier_bytes text, const struct json_token *a, const struct json_token *b)
{
	struct chars left = chars_of(text, a), right = chars_of(text, b);
	int x, y;

	if (!a->escaped && !b->escaped) {
		int order = memcmp(left.at, right.at, a->len < b->len ? a->len : b->len);

		return order ? order : (a->len > b->len) - (a->len < b->len);
	}
	do {
		x = chars_next(&left);
		y = chars_next(&right);
	} while (x == y && x >= 0);
	return x - y;
}

/* The first eight bytes of a key, NULs after a shorter one: tells most keys apart without a call. */
static inline uint64_t key_head(struct palier_bytes text, const struct json_token *key)
{
	struct chars c;
	uint64_t head = 0;
	int x;

	if (!key->escaped && text.len - key->start >= 8) {
		memcpy(&head, text.at + key->start, 8);
		head = le64toh(head);
		return key->len >= 8 ? head : head & ((UINT64_C(1) << 8 * key->len) - 1);
	}
	c = chars_of(text, key);
	for (unsigned shift = 0; shift < 64 && (x = chars_next(&c)) >= 0; shift += 8)
		head |= (uint64_t)x << shift;
	return head;
}

/* @return the offset of a key that was there before, or 0 */
static uint32_t repeated_pairwise(const struct json_doc *d, uint32_t object)
{
	uint32_t keys[PAIRWISE_MAX], key = object + 1, count = d->tokens[object].count;
	uint64_t heads[PAIRWISE_MAX];

	for (uint32_t i = 0; i < count; i++) {
		keys[i] = key;
		heads[i] = key_head(d->text, &d->tokens[key]);
		for (uint32_t j = 0; j < i; j++)
			if (heads[i] == heads[j] && string_compare(d->text, &d->tokens[keys[i]], &d->tokens[keys[j]]) == 0)
				return d->tokens[key].start;
		key += 1 + d->tokens[key + 1].span;
	}
	return 0;
}

/* While keys are sorted their copies carry the head in the two fields that a key does not need. */
static int key_compare(struct palier_bytes text, const struct json_token *a, const struct json_token *b)
{
	if (a->span != b->span)
		return a->span < b->span ? -1 : 1;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return string_compare(text, a, b);
}

static void heap_sink(struct palier_bytes text, struct json_token *heap, uint32_t at, uint32_t n)
{
	struct json_token sinking = heap[at];
	uint32_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n && key_compare(text, &heap[child], &heap[child + 1]) < 0)
			child++;
		if (key_compare(text, &sinking, &heap[child]) >= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = sinking;
}

/* Heapsort of copies of the keys in the tape's unused tail: n log n whatever the keys are, and nothing is allocated.
 * With the promised tape of text.len / 2 + 1 tokens the tail never falls short of different keys: a member spends
 * `"k":` and a comma, five characters or more (but for one empty key), on one token, and so leaves one for the copy.
 * @return the offset of a repeated key, 0 if none, that of the first key when the tail is too short */
static uint32_t repeated_sorted(struct json_doc *d, uint32_t object)
{
	struct json_token *heap = d->tokens + d->count;
	uint32_t count = d->tokens[object].count, key = object + 1;

	if (d->capacity - d->count < count)
		return d->tokens[key].start;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t head = key_head(d->text, &d->tokens[key]);

		heap[i] = d->tokens[key];
		heap[i].span = (uint32_t)(head >> 32);
		heap[i].count = (uint32_t)head;
		key += 1 + d->tokens[key + 1].span;
	}
	for (uint32_t i = count / 2; i-- > 0;)
		heap_sink(d->text, heap, i, count);
	for (uint32_t n = count - 1; n > 0; n--) {
		struct json_token largest = heap[0];

		heap[0] = heap[n];
		heap_sink(d->text, heap, 0, n);
		heap[n] = largest;
	}
	for (uint32_t i = 1; i < count; i++)
		if (key_compare(d->text, &heap[i - 1], &heap[i]) == 0)
			return heap[i - 1].start > heap[i].start ? heap[i - 1].start : heap[i].start;
	return 0;
}

static inline const uint8_t *read_key(struct reader *r, const uint8_t *p)
{
	p = skip_space(p, r->end);
	if (p == r->end || *p != '"')
		return refuse(r, p);
	p = read_string(r, p);
	if (!p)
		return NULL;
	p = skip_space(p, r->end);
	return p < r->end && *p == ':' ? p + 1 : refuse(r, p);
}

/* --- values --- */

static inline bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline const uint8_t *skip_digits(const uint8_t *p, const uint8_t *end)
{
	while (p < end && is_digit(*p))
		p++;
	return p;
}

/* RFC 8259 section 6. */
static const uint8_t *read_number(struct reader *r, const uint8_t *p)
{
	const uint8_t *start = p, *digits;

	digits = p += *p == '-';
	p = p < r->end && *p == '0' ? p + 1 : skip_digits(p, r->end);
	if (p == digits)
		return refuse(r, p);
	if (p < r->end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, r->end);
		if (p == digits)
			return refuse(r, p);
	}
	if (p < r->end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, r->end);
		if (p == digits)
			return refuse(r, p);
	}
	return token_add(r, JSON_NUMBER, start, p);
}

static const uint8_t *read_word(struct reader *r, const uint8_t *p, enum json_type type, struct palier_bytes word)
{
	if ((size_t)(r->end - p) < word.len || memcmp(p, word.at, word.len) != 0)
		return refuse(r, p);
	return token_add(r, type, p, p + word.len);
}

/* @param p before the end */
static inline const uint8_t *read_scalar(struct reader *r, const uint8_t *p)
{
	switch (*p) {
	case '"':
		return read_string(r, p);
	case 't':
		return read_word(r, p, JSON_TRUE, PALIER_LIT("true"));
	case 'f':
		return read_word(r, p, JSON_FALSE, PALIER_LIT("false"));
	case 'n':
		return read_word(r, p, JSON_NULL, PALIER_LIT("null"));
	default:
		return *p == '-' || is_digit(*p) ? read_number(r, p) : refuse(r, p);
	}
}

static inline const uint8_t *container_open(struct reader *r, const uint8_t *p)
{
	if (r->depth == 0)
		return refuse(r, p);
	p = token_add(r, *p == '{' ? JSON_OBJECT : JSON_ARRAY, p, p + 1);
	if (!p)
		return NULL;
	r->d->tokens[r->d->count - 1].span = r->open;
	r->open = r->d->count - 1;
	r->depth--;
	return p;
}

/* @param p its closing bracket */
static inline const uint8_t *container_close(struct reader *r, const uint8_t *p)
{
	struct json_doc *d = r->d;
	uint32_t index = r->open, repeated = 0;
	struct json_token *t = &d->tokens[index];

	r->open = t->span;
	r->depth++;
	t->len = (uint32_t)(p + 1 - r->text) - t->start;
	t->span = d->count - index;
	if (t->type == JSON_OBJECT && t->count > 1)
		repeated = t->count <= PAIRWISE_MAX ? repeated_pairwise(d, index) : repeated_sorted(d, index);
	return repeated == 0 ? p + 1 : refuse(r, r->text + repeated);
}

/* After a value: close what ends here, then go on to where the next value begins.
 * @return NULL on a refusal; the end of what was read when nothing is open any more */
static inline const uint8_t *read_on(struct reader *r, const uint8_t *p)
{
	while (r->open != NOTHING_OPEN) {
		struct json_token *t = &r->d->tokens[r->open];
		bool object = t->type == JSON_OBJECT;

		p = skip_space(p, r->end);
		if (p == r->end)
			return refuse(r, p);
		if (*p == ',') {
			t->count++;
			return object ? read_key(r, p + 1) : p + 1;
		}
		if (*p != (object ? '}' : ']'))
			return refuse(r, p);
		p = container_close(r, p);
		if (!p)
			return NULL;
	}
	return p;
}

/* After an opening bracket: on to the first value, or over an empty container. */
static inline const uint8_t *read_in(struct reader *r, const uint8_t *p)
{
	struct json_token *t = &r->d->tokens[r->open];
	bool object = t->type == JSON_OBJECT;

	p = skip_space(p, r->end);
	if (p < r->end && *p == (object ? '}' : ']'))
		return read_on(r, p);
	t->count = 1;
	return object ? read_key(r, p) : p;
}

int json_parse(struct json_doc *d, struct palier_bytes text, unsigned depth)
{
	const uint8_t *p = (const uint8_t *)(text.at ? text.at : "");
	struct reader r = { d, p, p + text.len, NOTHING_OPEN, depth };

	d->text = text;
	d->count = d->bad_at = 0;
	if (text.len >= NOTHING_OPEN)
		return PALIER_EPARSE;
	do {
		p = skip_space(p, r.end);
		if (p == r.end)
			p = refuse(&r, p);
		else if (*p == '{' || *p == '[')
			p = (p = container_open(&r, p)) ? read_in(&r, p) : NULL;
		else
			p = (p = read_scalar(&r, p)) ? read_on(&r, p) : NULL;
	} while (p && r.open != NOTHING_OPEN);
	if (p) {
		p = skip_space(p, r.end);
		if (p != r.end)
			p = refuse(&r, p);
	}
	if (p)
		return PALIER_OK;
	d->count = 0;
	return PALIER_EPARSE;
}

/* --- what is asked of a tape --- */

struct palier_bytes json_string(const struct json_doc *d, uint32_t token, struct palier_arena *a)
{
	const struct json_token *t = &d->tokens[token];
	struct chars c = chars_of(d->text, t);
	size_t n = 0;
	char *s;
	int x;

	if (!t->escaped)
		return palier_bytes_of(c.at, t->len);
	s = palier_alloc(a, t->len);
	while ((x = chars_next(&c)) >= 0)
		s[n++] = (char)x;
	return palier_bytes_of(s, n);
}

bool json_string_is(const struct json_doc *d, uint32_t token, struct palier_bytes s)
{
	const struct json_token *t = &d->tokens[token];
	struct chars c = chars_of(d->text, t);

	if (t->type != JSON_STRING)
		return false;
	if (!t->escaped)
		return palier_equal(palier_bytes_of(c.at, t->len), s);
	for (size_t i = 0; i < s.len; i++)
		if (chars_next(&c) != (uint8_t)s.at[i])
			return false;
	return chars_next(&c) < 0;
}

uint32_t json_member(const struct json_doc *d, uint32_t object, const char *key)
{
	struct palier_bytes wanted = palier_str(key);
	uint32_t at = object + 1;

	if (d->tokens[object].type != JSON_OBJECT)
		return 0;
	for (uint32_t i = 0; i < d->tokens[object].count; i++) {
		if (json_string_is(d, at, wanted))
			return at + 1;
		at += 1 + d->tokens[at + 1].span;
	}
	return 0;
}

bool json_integer(const struct json_doc *d, uint32_t token, int64_t *out)
{
	return json_scaled(d, token, 0, out);
}

bool json_scaled(const struct json_doc *d, uint32_t token, unsigned decimals, int64_t *out)
{
	const struct json_token *t = &d->tokens[token];
	const char *p = d->text.at + t->start, *end = p + t->len;
	bool negative, point = false;
	int64_t v = 0;

	if (t->type != JSON_NUMBER)
		return false;
	negative = *p == '-';
	for (p += negative; p < end; p++) {
		if (*p == '.' && decimals > 0) {
			point = true;
			continue;
		}
		if (!is_digit((uint8_t)*p) || (point && decimals-- == 0))
			return false;
		v = v * 10 + (*p - '0');
		if (v > PALIER_FIGURE_MAX)
			return false;
	}
	for (; decimals > 0 && v > 0; decimals--) {
		v *= 10;
		if (v > PALIER_FIGURE_MAX)
			return false;
	}
	*out = negative ? -v : v;
	return true;
}
