/* SPDX-License-Identifier: Apache-2.0 */
/* Field tables: one row a field, from which the C struct, the decoder, the encoder, the OpenRPC document and the manual come.
 *
 *     #define PALIER_FIELDS_stamp(F, M) \
 *             F(M, STRING, card,  "card",  PALIER_REQUIRED, PALIER_RANGE(1, 128), "the scan") \
 *             F(M, INT,    count, "count", 0, PALIER_RANGE(1, 100), "how many stamps")
 *     PALIER_MESSAGE(stamp);            in a header: struct stamp, and the bits of its fields
 *     PALIER_SCHEMA(stamp);             in one .c: stamp_schema
 *
 * Columns: message, type, C name, wire name, flags, range, what it is. The range bounds a number's value (a quantity's
 * in thousandths), a string's bytes, a list's elements.
 * A field is there when its bit is set: PALIER_HAS(m, stamp, count). */
#pragma once

#include "protocol/json.h"

enum palier_type {
	PALIER_STRING,   /* struct palier_bytes; U+0000 is refused */
	PALIER_INT,      /* int64_t */
	PALIER_BOOL,     /* bool */
	PALIER_QUANTITY, /* int64_t thousandths; "0.532" is 532 */
	PALIER_TIME,     /* int64_t ms UTC */
	PALIER_DAY,      /* uint32_t yyyymmdd */
	PALIER_MEMBER,   /* struct palier_id */
	PALIER_HASH,     /* struct palier_hash16: 16 bytes, hex on the wire */
	PALIER_ENUM,     /* int, index into the names */
	PALIER_JSON,     /* struct palier_bytes: a JSON object, as sent */
	PALIER_OBJECT,   /* struct of another message, inline */
	PALIER_LIST,     /* struct { struct X *at; uint32_t count; } of another message */
	PALIER_STRINGS,  /* struct palier_strings */
};

struct palier_hash16 {
	uint8_t b[16];
};

struct palier_strings {
	struct palier_bytes *at;
	uint32_t count;
};

/* Flags. */
#define PALIER_REQUIRED 0x01u
#define PALIER_NULLABLE 0x02u /* null is accepted: in params it says "remove", in a result "there is none" */
#define PALIER_SEALED   0x04u /* STRING and JSON only: in an event, in memory as on disk, the sealed text (a string) */
#define PALIER_SECRET   0x08u /* never in an event's params: a proof, or personal data that an effect carries sealed */
#define PALIER_ENVELOPE 0x10u /* stands in the event's own head, not in its params */
#define PALIER_NO_HASH  0x20u /* a request that differs only here is still the same request */
#define PALIER_FALSE    0x40u /* BOOL only: false says the same as absent */
#define PALIER_SCAN \
	0x80u /* STRING only: a card's scan, whose one-time code is neither kept nor part of what a request says */

struct palier_schema;

struct palier_field {
	const char *name;
	enum palier_type type;
	unsigned flags;
	int64_t least, most;
	size_t offset;
	const char *doc;
	const struct palier_schema *of; /* OBJECT, LIST */
	const char *const *names;       /* ENUM, NULL-terminated */
};

/** A message's table. In memory every message begins with struct palier_set. */
struct palier_schema {
	const char *name;
	size_t size;
	const struct palier_field *fields; /* ended by a row without name; at most 64 */
};

/** Which fields are there (bit i: row i), and which of them are null. */
struct palier_set {
	uint64_t has, null;
};

#define PALIER_HAS(m, type, field)  ((bool)(((m)->set.has >> type##_bit_##field) & 1))
#define PALIER_NULL(m, type, field) ((bool)(((m)->set.null >> type##_bit_##field) & 1))
/** Set the bit of a field that was filled in place. */
#define PALIER_MARK(m, type, field) ((m)->set.has |= UINT64_C(1) << type##_bit_##field)
/** Set a field and its bit. */
#define PALIER_SET(m, type, field, ...) ((void)PALIER_MARK(m, type, field), (m)->field = __VA_ARGS__)

/** Who checks what: the wire is checked strictly; an event's params lack SECRET and ENVELOPE fields, and SEALED ones are sealed text. */
enum schema_form { SCHEMA_WIRE, SCHEMA_LEDGER };

/** Why a message was refused. */
struct palier_problem {
	int err;
	char field[96]; /* "lines[2].amount" */
	char text[160]; /* a sentence for the till's programmer */
};

/** Decode the object at `token` into `out` (schema->size bytes). Strings are borrowed from the text where they hold no escape.
 * @return PALIER_OK; PALIER_EPARAMS, and *why says which field (out is then undefined) */
int schema_decode(const struct palier_schema *s, enum schema_form form, const struct json_doc *d, uint32_t token,
	struct palier_arena *a, void *out, struct palier_problem *why);

/** Write a message as an object: its present fields in the table's order. On the wire a required part that nobody filled is
 * written empty where its type can be: a list [], a JSON object {}, a nullable one null. */
void schema_encode(const struct palier_schema *s, enum schema_form form, const void *in, struct palier_json *w);

/** End a result that several writers have filled: required parts whose key the outermost object of w lacks are written empty
 * (a list [], a map {}, null where null is accepted). */
void schema_fill(const struct palier_schema *s, struct palier_json *w);

/** Are all its figures, at any depth, within what decoding them accepts? */
bool schema_figures_fit(const struct palier_schema *s, const void *in);

/** An effect in an event line: the message with its kind before its fields (none of which may be called "kind"). */
void schema_encode_effect(const struct palier_schema *s, const char *kind, const void *in, struct palier_json *w);
/** Likewise; the first member, the kind, has been read already. */
int schema_decode_effect(const struct palier_schema *s, const struct json_doc *d, uint32_t token, struct palier_arena *a,
	void *out, struct palier_problem *why);

/** Seals one text; the result is owned by the arena. */
typedef struct palier_bytes schema_sealer(void *who, struct palier_bytes plain);

/** The ledger form of a wire message: SEALED fields sealed, SECRET and ENVELOPE ones dropped, at any depth. @param out s->size bytes */
void schema_to_ledger(const struct palier_schema *s, const void *in, struct palier_arena *a, schema_sealer *seal, void *who,
	void *out);

/** Feed a canonical form of the object (keys sorted; at the top level NO_HASH fields, and PALIER_FALSE ones that are false,
 * left out, and SCAN ones without their code) into a buffer: two params with the same form are the same request. @param token an object */
void schema_canonical(const struct palier_schema *s, const struct json_doc *d, uint32_t token, struct palier_arena *a,
	struct palier_buffer *out);

/** JSON Schema (draft 2020-12) of a message on the wire, for the OpenRPC document; messages inside it are references to
 * #/components/schemas. @param strict fields that are not in the table are refused */
void schema_describe(const struct palier_schema *s, bool strict, struct palier_json *w);

/* clang-format off */
/* --- rows become struct members --- */
#define PALIER_C_STRING(name)     struct palier_bytes name;
#define PALIER_C_INT(name)        int64_t name;
#define PALIER_C_BOOL(name)       bool name;
#define PALIER_C_QUANTITY(name)   int64_t name;
#define PALIER_C_TIME(name)       int64_t name;
#define PALIER_C_DAY(name)        uint32_t name;
#define PALIER_C_MEMBER(name)     struct palier_id name;
#define PALIER_C_HASH(name)       struct palier_hash16 name;
#define PALIER_C_JSON(name)       struct palier_bytes name;
#define PALIER_C_STRINGS(name)    struct palier_strings name;
#define PALIER_C_ENUM(e)          int PALIER_C_NAMED
#define PALIER_C_OBJECT(m)        struct m PALIER_C_NAMED
#define PALIER_C_LIST(m)          struct { struct m *at; uint32_t count; } PALIER_C_NAMED
#define PALIER_C_NAMED(name)      name;
#define PALIER_ROW_C(M, type, cname, wire, flags, range, doc) PALIER_C_##type(cname)

/* --- and bits --- */
#define PALIER_ROW_BIT(M, type, cname, wire, flags, range, doc) M##_bit_##cname,

/* --- and table rows --- */
#define PALIER_T_STRING   .type = PALIER_STRING
#define PALIER_T_INT      .type = PALIER_INT
#define PALIER_T_BOOL     .type = PALIER_BOOL
#define PALIER_T_QUANTITY .type = PALIER_QUANTITY
#define PALIER_T_TIME     .type = PALIER_TIME
#define PALIER_T_DAY      .type = PALIER_DAY
#define PALIER_T_MEMBER   .type = PALIER_MEMBER
#define PALIER_T_HASH     .type = PALIER_HASH
#define PALIER_T_JSON     .type = PALIER_JSON
#define PALIER_T_STRINGS  .type = PALIER_STRINGS
#define PALIER_T_ENUM(e)   .type = PALIER_ENUM, .names = e##_names
#define PALIER_T_OBJECT(m) .type = PALIER_OBJECT, .of = &m##_schema
#define PALIER_T_LIST(m)   .type = PALIER_LIST, .of = &m##_schema
#define PALIER_ROW_T(M, type_, cname, wire, flags_, range_, doc_) \
	{ .name = (wire), PALIER_T_##type_, .flags = (flags_), range_, .offset = offsetof(struct M, cname), .doc = (doc_) },

#define PALIER_MESSAGE(m) \
	struct m { \
		struct palier_set set; \
		PALIER_FIELDS_##m(PALIER_ROW_C, m) \
	}; \
	enum { PALIER_FIELDS_##m(PALIER_ROW_BIT, m) m##_bits }; \
	extern const struct palier_schema m##_schema

#define PALIER_SCHEMA(m) \
	_Static_assert(m##_bits <= 64, #m " has too many fields for its set"); \
	const struct palier_schema m##_schema = { #m, sizeof(struct m), \
		(const struct palier_field[]){ PALIER_FIELDS_##m(PALIER_ROW_T, m) { .name = NULL } } }

/** No bound but the figures'. */
#define PALIER_ANY         .least = -PALIER_FIGURE_MAX, .most = PALIER_FIGURE_MAX
#define PALIER_RANGE(a, b) .least = (a), .most = (b)
/* clang-format on */
