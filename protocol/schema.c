/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with a field table: decode, encode, take to the ledger. Nesting follows the tables, never the input. */
#include "protocol/schema.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "protocol/datetime.h"
#include "protocol/scan.h"

/* Any LIST in memory. */
struct list {
	void *at;
	uint32_t count;
};

static inline bool is_sealed(const struct palier_field *f, enum schema_form form)
{
	return form == SCHEMA_LEDGER && (f->flags & PALIER_SEALED);
}

/* Does the field exist in this form? */
static inline bool is_here(const struct palier_field *f, enum schema_form form)
{
	return form == SCHEMA_WIRE || !(f->flags & (PALIER_SECRET | PALIER_ENVELOPE));
}

/* --- refusals --- */

#define HINT_NAME_MAX 32

struct decode {
	const struct json_doc *d;
	enum schema_form form;
	struct palier_arena *a;
	struct palier_problem *why;
};

__attribute__((format(printf, 3, 4))) static int refuse(const struct decode *x, const char *field, const char *fmt, ...)
{
	va_list args;

	*x->why = (struct palier_problem){ .err = PALIER_EPARAMS };
	snprintf(x->why->field, sizeof(x->why->field), "%s", field);
	va_start(args, fmt);
	vsnprintf(x->why->text, sizeof(x->why->text), fmt, args);
	va_end(args);
	return PALIER_EPARAMS;
}

/* An inner field was refused: say where it is. */
static int refused_in(const struct decode *x, const char *outer)
{
	char path[2 * sizeof(x->why->field)], *field = x->why->field;

	snprintf(path, sizeof(path), "%.95s%s%.95s", outer, field[0] ? "." : "", field);
	memcpy(field, path, sizeof(x->why->field) - 1);
	return x->why->err;
}

static int refused_at(const struct decode *x, const struct palier_field *f, uint32_t index)
{
	char outer[sizeof(x->why->field)];

	snprintf(outer, sizeof(outer), "%s[%u]", f->name, index);
	return refused_in(x, outer);
}

/* Levenshtein distance of two names of up to HINT_NAME_MAX bytes. */
static unsigned distance(struct palier_bytes a, struct palier_bytes b)
{
	unsigned row[HINT_NAME_MAX + 1];

	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned best = diagonal + (a.at[i - 1] != b.at[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.len];
}

/* The field that was meant, or NULL. */
static const char *name_meant(const struct palier_schema *s, enum schema_form form, struct palier_bytes key)
{
	unsigned nearest = key.len < 5 ? 2 : 3; /* further off it is another word */
	const char *meant = NULL;

	if (key.len > HINT_NAME_MAX)
		return NULL;
	for (const struct palier_field *f = s->fields; f->name; f++) {
		struct palier_bytes name = palier_str(f->name);
		unsigned off;

		if (!is_here(f, form) || name.len > HINT_NAME_MAX)
			continue;
		off = distance(key, name);
		if (off < nearest) {
			nearest = off;
			meant = f->name;
		}
	}
	return meant;
}

static int refuse_unknown(const struct decode *x, const struct palier_schema *s, uint32_t key)
{
	struct palier_bytes name = json_string(x->d, key, x->a);
	const char *meant = name_meant(s, x->form, name);
	char shown[48];
	size_t n = name.len < sizeof(shown) - 1 ? name.len : sizeof(shown) - 1;

	if (n < name.len)
		while (n > 0 && ((uint8_t)name.at[n] & 0xC0) == 0x80)
			n--;
	memcpy(shown, name.at, n);
	shown[n] = '\0';
	if (meant)
		return refuse(x, shown, "unknown parameter %s; did you mean %s?", shown, meant);
	return refuse(x, shown, "unknown parameter %s", shown);
}

static int refuse_names(const struct decode *x, const struct palier_field *f)
{
	char names[128] = "";
	size_t n = 0;

	for (const char *const *name = f->names; *name && n < sizeof(names); name++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n > 0 ? ", " : "", *name);
	return refuse(x, f->name, "%s must be one of: %s", f->name, names);
}

/* --- decode --- */

static int decode_members(const struct decode *x, const struct palier_schema *s, uint32_t object, uint32_t from, void *out);

static inline enum json_type type_of(const struct decode *x, uint32_t token)
{
	return (enum json_type)x->d->tokens[token].type;
}

static int check_range(const struct decode *x, const struct palier_field *f, int64_t v, const char *what)
{
	if (v >= f->least && v <= f->most)
		return PALIER_OK;
	if (f->most == PALIER_FIGURE_MAX)
		return refuse(x, f->name, "%s must be at least %lld%s", f->name, (long long)f->least, what);
	return refuse(x, f->name, "%s must be from %lld to %lld%s", f->name, (long long)f->least, (long long)f->most, what);
}

/* A string without U+0000. */
static bool read_string(const struct decode *x, uint32_t token, struct palier_bytes *out)
{
	if (type_of(x, token) != JSON_STRING)
		return false;
	*out = json_string(x->d, token, x->a);
	return !x->d->tokens[token].escaped || !memchr(out->at, '\0', out->len);
}

static int decode_string(const struct decode *x, const struct palier_field *f, uint32_t token, struct palier_bytes *out)
{
	if (!read_string(x, token, out))
		return refuse(x, f->name, "%s must be a string without U+0000", f->name);
	return is_sealed(f, x->form) ? PALIER_OK : check_range(x, f, (int64_t)out->len, " bytes long");
}

static int decode_json(const struct decode *x, const struct palier_field *f, uint32_t token, struct palier_bytes *out)
{
	if (is_sealed(f, x->form))
		return decode_string(x, f, token, out);
	if (type_of(x, token) != JSON_OBJECT)
		return refuse(x, f->name, "%s must be an object", f->name);
	*out = json_text(x->d, token);
	return check_range(x, f, (int64_t)out->len, " bytes long");
}

static int decode_int(const struct decode *x, const struct palier_field *f, uint32_t token, int64_t *out)
{
	if (!json_integer(x->d, token, out))
		return refuse(x, f->name, "%s must be an integer without fraction or exponent, up to 2^53-1", f->name);
	return check_range(x, f, *out, "");
}

static int decode_quantity(const struct decode *x, const struct palier_field *f, uint32_t token, int64_t *out)
{
	if (!json_scaled(x->d, token, 3, out) || *out <= 0)
		return refuse(x, f->name, "%s must be a number above 0 with at most 3 decimals", f->name);
	return check_range(x, f, *out, " thousandths");
}

static int decode_bool(const struct decode *x, const struct palier_field *f, uint32_t token, bool *out)
{
	enum json_type type = type_of(x, token);

	if (type != JSON_TRUE && type != JSON_FALSE)
		return refuse(x, f->name, "%s must be true or false", f->name);
	*out = type == JSON_TRUE;
	return PALIER_OK;
}

static int decode_enum(const struct decode *x, const struct palier_field *f, uint32_t token, int *out)
{
	for (int i = 0; f->names[i]; i++)
		if (json_string_is(x->d, token, palier_str(f->names[i]))) {
			*out = i;
			return PALIER_OK;
		}
	return refuse_names(x, f);
}

/* The types whose strings have a form of their own. */
static int decode_text(const struct decode *x, const struct palier_field *f, uint32_t token, void *out)
{
	struct palier_bytes text;
	bool string = read_string(x, token, &text);

	switch (f->type) {
	case PALIER_TIME:
		if (string && time_parse(text, out))
			return check_range(x, f, *(int64_t *)out, " ms");
		return refuse(x, f->name, "%s must be an RFC 3339 time: 2026-11-21T09:03:11Z", f->name);
	case PALIER_DAY:
		if (string && day_parse(text, out))
			return PALIER_OK;
		return refuse(x, f->name, "%s must be a date: 2026-11-21", f->name);
	case PALIER_MEMBER:
		if (string && palier_id_parse(text, out) == PALIER_OK)
			return PALIER_OK;
		return refuse(x, f->name, "%s must be a member's id: m_ and 16 symbols", f->name);
	default:
		if (string && palier_unhex(text, out, sizeof(struct palier_hash16)))
			return PALIER_OK;
		return refuse(x, f->name, "%s must be 32 hex digits", f->name);
	}
}

static int check_list(const struct decode *x, const struct palier_field *f, uint32_t token)
{
	if (type_of(x, token) != JSON_ARRAY)
		return refuse(x, f->name, "%s must be a list", f->name);
	return check_range(x, f, x->d->tokens[token].count, " elements long");
}

static int decode_list(const struct decode *x, const struct palier_field *f, uint32_t token, struct list *out)
{
	uint32_t count = x->d->tokens[token].count, element = token + 1;
	int err = check_list(x, f, token);

	if (err != PALIER_OK)
		return err;
	out->at = palier_alloc(x->a, count * f->of->size);
	out->count = count;
	for (uint32_t i = 0; i < count; i++) {
		err = decode_members(x, f->of, element, 0, (char *)out->at + i * f->of->size);
		if (err != PALIER_OK)
			return refused_at(x, f, i);
		element += x->d->tokens[element].span;
	}
	return PALIER_OK;
}

static int decode_strings(const struct decode *x, const struct palier_field *f, uint32_t token, struct palier_strings *out)
{
	uint32_t count = x->d->tokens[token].count, element = token + 1;
	int err = check_list(x, f, token);

	if (err != PALIER_OK)
		return err;
	out->at = palier_alloc(x->a, count * sizeof(*out->at));
	out->count = count;
	for (uint32_t i = 0; i < count; i++) {
		if (!read_string(x, element, &out->at[i])) {
			char field[sizeof(x->why->field)];

			snprintf(field, sizeof(field), "%s[%u]", f->name, i);
			return refuse(x, field, "%s must be strings without U+0000", f->name);
		}
		element += x->d->tokens[element].span;
	}
	return PALIER_OK;
}

static int decode_value(const struct decode *x, const struct palier_field *f, uint32_t token, void *out)
{
	switch (f->type) {
	case PALIER_STRING:
		return decode_string(x, f, token, out);
	case PALIER_INT:
		return decode_int(x, f, token, out);
	case PALIER_BOOL:
		return decode_bool(x, f, token, out);
	case PALIER_QUANTITY:
		return decode_quantity(x, f, token, out);
	case PALIER_ENUM:
		return decode_enum(x, f, token, out);
	case PALIER_JSON:
		return decode_json(x, f, token, out);
	case PALIER_OBJECT:
		return decode_members(x, f->of, token, 0, out) == PALIER_OK ? PALIER_OK : refused_in(x, f->name);
	case PALIER_LIST:
		return decode_list(x, f, token, out);
	case PALIER_STRINGS:
		return decode_strings(x, f, token, out);
	default:
		return decode_text(x, f, token, out);
	}
}

/* Senders keep the table's order: the row after the last match is tried first. */
static const struct palier_field *field_find(const struct decode *x, const struct palier_schema *s, uint32_t key,
	const struct palier_field *next)
{
	for (const struct palier_field *f = next; f->name; f++)
		if (is_here(f, x->form) && json_string_is(x->d, key, palier_str(f->name)))
			return f;
	for (const struct palier_field *f = s->fields; f < next; f++)
		if (is_here(f, x->form) && json_string_is(x->d, key, palier_str(f->name)))
			return f;
	return NULL;
}

static int check_required(const struct decode *x, const struct palier_schema *s, uint64_t has)
{
	for (const struct palier_field *f = s->fields; f->name; f++)
		if ((f->flags & PALIER_REQUIRED) && !(has >> (f - s->fields) & 1) && is_here(f, x->form))
			return refuse(x, f->name, "%s is required", f->name);
	return PALIER_OK;
}

/* @param from members passed over at the beginning @param out zeroed */
static int decode_members(const struct decode *x, const struct palier_schema *s, uint32_t object, uint32_t from, void *out)
{
	struct palier_set *set = out;
	const struct palier_field *f, *next = s->fields;
	uint32_t key = object + 1;

	if (type_of(x, object) != JSON_OBJECT)
		return refuse(x, "", "an object is expected here");
	for (uint32_t i = 0; i < x->d->tokens[object].count; i++, key += 1 + x->d->tokens[key + 1].span) {
		uint64_t bit;
		int err = PALIER_OK;

		if (i < from)
			continue;
		f = field_find(x, s, key, next);
		if (!f)
			return refuse_unknown(x, s, key);
		bit = UINT64_C(1) << (f - s->fields);
		if ((f->flags & PALIER_NULLABLE) && type_of(x, key + 1) == JSON_NULL)
			set->null |= bit;
		else
			err = decode_value(x, f, key + 1, (char *)out + f->offset);
		if (err != PALIER_OK)
			return err;
		set->has |= bit;
		next = f + 1;
	}
	return check_required(x, s, set->has);
}

int schema_decode(const struct palier_schema *s, enum schema_form form, const struct json_doc *d, uint32_t token,
	struct palier_arena *a, void *out, struct palier_problem *why)
{
	struct decode x = { d, form, a, why };

	memset(out, 0, s->size);
	return decode_members(&x, s, token, 0, out);
}

int schema_decode_effect(const struct palier_schema *s, const struct json_doc *d, uint32_t token, struct palier_arena *a,
	void *out, struct palier_problem *why)
{
	struct decode x = { d, SCHEMA_LEDGER, a, why };

	memset(out, 0, s->size);
	return decode_members(&x, s, token, 1, out);
}

/* --- encode --- */

static void encode_strings(const struct palier_strings *in, struct palier_json *w)
{
	palier_json_array(w);
	for (uint32_t i = 0; i < in->count; i++)
		palier_json_string(w, in->at[i]);
	palier_json_end_array(w);
}

static void encode_list(const struct palier_field *f, enum schema_form form, const struct list *in, struct palier_json *w)
{
	palier_json_array(w);
	for (uint32_t i = 0; i < in->count; i++)
		schema_encode(f->of, form, (const char *)in->at + i * f->of->size, w);
	palier_json_end_array(w);
}

static void encode_value(const struct palier_field *f, enum schema_form form, const void *in, struct palier_json *w)
{
	switch (f->type) {
	case PALIER_STRING:
		palier_json_string(w, *(const struct palier_bytes *)in);
		break;
	case PALIER_INT:
		palier_json_int(w, *(const int64_t *)in);
		break;
	case PALIER_BOOL:
		palier_json_bool(w, *(const bool *)in);
		break;
	case PALIER_QUANTITY:
		palier_json_scaled(w, *(const int64_t *)in, 3);
		break;
	case PALIER_TIME:
		palier_json_time(w, *(const int64_t *)in);
		break;
	case PALIER_DAY:
		palier_json_day(w, *(const uint32_t *)in);
		break;
	case PALIER_MEMBER:
		palier_json_id(w, *(const struct palier_id *)in);
		break;
	case PALIER_HASH:
		palier_json_hex(w, in, sizeof(struct palier_hash16));
		break;
	case PALIER_ENUM:
		palier_json_str(w, f->names[*(const int *)in]);
		break;
	case PALIER_JSON:
		if (is_sealed(f, form))
			palier_json_string(w, *(const struct palier_bytes *)in);
		else
			palier_json_raw(w, *(const struct palier_bytes *)in);
		break;
	case PALIER_OBJECT:
		schema_encode(f->of, form, in, w);
		break;
	case PALIER_LIST:
		encode_list(f, form, in, w);
		break;
	case PALIER_STRINGS:
		encode_strings(in, w);
		break;
	}
}

/* What a required part that nobody filled is written as; empty where its type has no empty value. */
static struct palier_bytes empty_value(const struct palier_field *f)
{
	if (!(f->flags & PALIER_REQUIRED))
		return PALIER_LIT("");
	if (f->flags & PALIER_NULLABLE)
		return PALIER_LIT("null");
	if (f->type == PALIER_LIST || f->type == PALIER_STRINGS)
		return PALIER_LIT("[]");
	return f->type == PALIER_JSON ? PALIER_LIT("{}") : PALIER_LIT("");
}

static void encode_empty(const struct palier_field *f, struct palier_json *w)
{
	struct palier_bytes empty = empty_value(f);

	if (empty.len > 0) {
		palier_json_key(w, f->name);
		palier_json_raw(w, empty);
	}
}

static void encode_members(const struct palier_schema *s, enum schema_form form, const void *in, struct palier_json *w)
{
	const struct palier_set *set = in;

	for (const struct palier_field *f = s->fields; f->name; f++) {
		unsigned bit = (unsigned)(f - s->fields);

		if (!is_here(f, form))
			continue;
		if (!(set->has >> bit & 1)) {
			if (form == SCHEMA_WIRE)
				encode_empty(f, w);
			continue;
		}
		palier_json_key(w, f->name);
		if (set->null >> bit & 1)
			palier_json_null(w);
		else
			encode_value(f, form, (const char *)in + f->offset, w);
	}
}

void schema_encode(const struct palier_schema *s, enum schema_form form, const void *in, struct palier_json *w)
{
	palier_json_object(w);
	encode_members(s, form, in, w);
	palier_json_end_object(w);
}

/* Names mostly differ in their first two characters, and this runs on every reply. */
static bool same_name(const char *a, const char *b)
{
	return a == b || (a[0] == b[0] && a[1] == b[1] && strcmp(a, b) == 0);
}

void schema_fill(const struct palier_schema *s, struct palier_json *w)
{
	unsigned keys = w->key_count, next = 0; /* writers mostly keep the table's order */

	for (const struct palier_field *f = s->fields; f->name; f++) {
		unsigned tried = 0;

		if (empty_value(f).len == 0)
			continue;
		while (tried < keys && !same_name(w->keys[(next + tried) % keys], f->name))
			tried++;
		if (tried < keys)
			next = next + tried + 1;
		else
			encode_empty(f, w);
	}
}

void schema_encode_effect(const struct palier_schema *s, const char *kind, const void *in, struct palier_json *w)
{
	palier_json_object(w);
	palier_json_key(w, "kind");
	palier_json_str(w, kind);
	encode_members(s, SCHEMA_LEDGER, in, w);
	palier_json_end_object(w);
}

/* --- what can be read back --- */

static bool list_fits(const struct palier_field *f, const struct list *in)
{
	for (uint32_t i = 0; i < in->count; i++)
		if (!schema_figures_fit(f->of, (const char *)in->at + i * f->of->size))
			return false;
	return true;
}

static bool value_fits(const struct palier_field *f, const void *in)
{
	switch (f->type) {
	case PALIER_INT:
	case PALIER_QUANTITY:
		return *(const int64_t *)in >= f->least && *(const int64_t *)in <= f->most;
	case PALIER_OBJECT:
		return schema_figures_fit(f->of, in);
	case PALIER_LIST:
		return list_fits(f, in);
	default:
		return true;
	}
}

bool schema_figures_fit(const struct palier_schema *s, const void *in)
{
	const struct palier_set *set = in;

	for (const struct palier_field *f = s->fields; f->name; f++)
		if (((set->has & ~set->null) >> (f - s->fields) & 1) && !value_fits(f, (const char *)in + f->offset))
			return false;
	return true;
}

/* --- to the ledger --- */

static size_t size_of(const struct palier_field *f)
{
	switch (f->type) {
	case PALIER_STRING:
	case PALIER_JSON:
		return sizeof(struct palier_bytes);
	case PALIER_INT:
	case PALIER_QUANTITY:
	case PALIER_TIME:
		return sizeof(int64_t);
	case PALIER_BOOL:
		return sizeof(bool);
	case PALIER_DAY:
		return sizeof(uint32_t);
	case PALIER_MEMBER:
		return sizeof(struct palier_id);
	case PALIER_HASH:
		return sizeof(struct palier_hash16);
	case PALIER_ENUM:
		return sizeof(int);
	case PALIER_STRINGS:
		return sizeof(struct palier_strings);
	case PALIER_LIST:
		return sizeof(struct list);
	case PALIER_OBJECT:
		return f->of->size;
	}
	return 0;
}

static void list_to_ledger(const struct palier_field *f, const struct list *in, struct palier_arena *a, schema_sealer *seal,
	void *who, struct list *out)
{
	out->at = palier_alloc(a, in->count * f->of->size);
	out->count = in->count;
	for (uint32_t i = 0; i < in->count; i++)
		schema_to_ledger(f->of, (const char *)in->at + i * f->of->size, a, seal, who,
			(char *)out->at + i * f->of->size);
}

static void value_to_ledger(const struct palier_field *f, const void *in, struct palier_arena *a, schema_sealer *seal,
	void *who, void *out)
{
	const struct palier_bytes *text = in;

	if (f->flags & PALIER_SEALED)
		*(struct palier_bytes *)out = seal(who, f->flags & PALIER_SCAN ? card_bare(*text) : *text);
	else if (f->type == PALIER_OBJECT)
		schema_to_ledger(f->of, in, a, seal, who, out);
	else if (f->type == PALIER_LIST)
		list_to_ledger(f, in, a, seal, who, out);
	else
		memcpy(out, in, size_of(f));
}

void schema_to_ledger(const struct palier_schema *s, const void *in, struct palier_arena *a, schema_sealer *seal, void *who,
	void *out)
{
	const struct palier_set *from = in;
	struct palier_set *to = out;

	memset(out, 0, s->size);
	for (const struct palier_field *f = s->fields; f->name; f++) {
		uint64_t bit = UINT64_C(1) << (f - s->fields);

		if (!(from->has & bit) || !is_here(f, SCHEMA_LEDGER))
			continue;
		to->has |= bit;
		to->null |= from->null & bit;
		if (!(from->null & bit))
			value_to_ledger(f, (const char *)in + f->offset, a, seal, who, (char *)out + f->offset);
	}
}
