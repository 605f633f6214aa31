/* SPDX-License-Identifier: Apache-2.0 */
/* A directive: what the head office orders a store to do, as one line of JSON that the office signs (crypto_cms.h). Directives of a store are
 * numbered 1, 2, ... and each names the hash of the one before, so that none is left out, changed or slipped in. Both sides of the format:
 * the office writes it, the store reads it. */
#pragma once

#include "protocol/crypto.h"
#include "protocol/messages.h"

#define DIRECTIVE_FORMAT 1
#define DIRECTIVE_MAX    163840 /* bytes of a directive, its LF included, */
#define DIRECTIVE_WIRE_MAX \
	245760 /* and of it as a JSON string: together with its signature it passes limits.line as it is by default */
#define DIRECTIVE_ORDERS_MAX 1000

/* clang-format off */
#define PALIER_FIELDS_directive(F, M) \
	F(M, INT, format, "format", PALIER_REQUIRED, PALIER_RANGE(DIRECTIVE_FORMAT, DIRECTIVE_FORMAT), "of the directive") \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_RANGE(1, 32), "who is to carry it out") \
	F(M, INT, directive, "directive", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "its number: 1, 2, ...") \
	F(M, STRING, prev_sha256, "prev_sha256", PALIER_REQUIRED, PALIER_RANGE(2 * SHA256_LEN, 2 * SHA256_LEN), \
		"of the store's directive before; zeros: it is the first") \
	F(M, TIME, issued, "issued", PALIER_REQUIRED, PALIER_ANY, "when the office made it") \
	F(M, LIST(office_order), orders, "orders", PALIER_REQUIRED, PALIER_RANGE(1, DIRECTIVE_ORDERS_MAX), \
		"what is to be done, in turn")
/* clang-format on */
PALIER_MESSAGE(directive);

/** The store's last directive; all zeros: there was none. */
struct directive_before {
	uint32_t number;
	struct palier_hash sha256;
};

/** The next directive behind another, with its head filled. @param a owns what is made */
void directive_begin(struct palier_bytes store, const struct directive_before *before, int64_t issued_ms,
	struct palier_arena *a, struct directive *out);
/** Write it, with its LF. @return PALIER_OK; PALIER_ERANGE: too large, or of too many orders: nothing is written */
int directive_write(const struct directive *d, struct palier_buffer *out);

/** Read one, byte for byte as directive_write writes it. Strings are borrowed from the text where they hold no escape.
 * @return PALIER_OK; PALIER_EPARAMS, and *why says what and where: "orders[3].points" */
int directive_read(struct palier_bytes text, struct palier_arena *a, struct directive *out, struct palier_problem *why);

enum directive_place {
	DIRECTIVE_NEXT,
	DIRECTIVE_BEFORE, /* of a number that was given already */
	DIRECTIVE_GAP,    /* one before it is missing */
	DIRECTIVE_FORK,   /* it follows another directive than the last one */
};
enum directive_place directive_place(const struct directive *d, const struct directive_before *last);

/** Is it an order of ours? A plugin's own are not known here. */
bool directive_order_known(const struct office_order *o);
/** What an order must say, and may say, besides `order`. @return the field that is missing or does not belong there; NULL: all is well, or
 * the order is not one of ours */
const char *directive_order_wrong(const struct office_order *o);
