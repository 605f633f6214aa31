/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts, as the files about them share: where their events lie, what a sale was, and what has come back of it. */
#pragma once

#include "daemon/ledger.h"
#include "daemon/pricing.h"

/* --- rows --- */

/** Where an event lies: a row of `sale` and of `claim`. */
struct place {
	uint64_t seq, offset;
	uint32_t batch;
};

/** @param table T_SALE or T_CLAIM @return PALIER_OK; PALIER_ENOENT */
int place_get(const struct palier_tables *t, unsigned table, struct palier_bytes number, struct place *out);
int place_put(struct palier_tables *t, unsigned table, struct palier_bytes number, const struct palier_event *ev);
int place_del(struct palier_tables *t, unsigned table, struct palier_bytes number);
/** Refuse a number that a sale or a return bears. */
int number_free(struct palier_ctx *c, const char *field, struct palier_bytes number);

/* --- what an event booked --- */

/** The effect of this kind; the first, or that behind `after`. @return its body; NULL: there is none */
const void *effect_find(const struct palier_event *ev, const char *kind, const void *after);

/** What of a sale has come back: its row of `returned`. */
struct returned_row {
	int64_t base, amount; /* of what shares are of; given back */
	uint64_t last;        /* event of the last return; 0: nothing has come back */
};
int returned_get(const struct palier_tables *t, struct palier_bytes sale, struct returned_row *out);

/** A sale as it was booked, and whose it is. */
struct sold {
	struct palier_event ev, claim; /* claim.method NULL: nobody has claimed it */
	const struct sale_commit *params;
	const struct sale_booked *booked;
	struct returned_row returned;
	bool has_member, erased;
	struct palier_id member; /* who it is now */
	uint32_t slot;           /* of the member's key */
};
/** @return PALIER_OK; PALIER_ENOENT: no sale bears this number */
int sold_read(struct palier_ctx *c, struct palier_bytes number, struct sold *out);
/** The same of a sale whose event is at hand. */
int sold_of(struct palier_ctx *c, const struct palier_event *ev, struct sold *out);
/** What the goods came to, without what was returned on the same ticket. */
static inline int64_t sold_goods(const struct sold *s)
{
	return s->booked->payable + s->booked->returned;
}
int refuse_unknown(struct palier_ctx *c, struct palier_bytes number);

/* --- returns (returns.c) --- */

/** The returns of a ticket. */
struct back {
	int64_t amount, units; /* given back; of it, to stored value */
};
/** Shapes, before anything is looked up. */
int returns_check(struct palier_ctx *c, const struct ticket_return *list, uint32_t count);
/** Book them, each after the one before. @param number of the ticket; empty in a quote @return PALIER_OK; a refusal */
int returns_book(struct palier_ctx *c, const struct ticket_return *list, uint32_t count, struct palier_bytes number,
	struct back *out);
/** Of which lines of a sale has all come back? @param out a flag for each, the arena's */
int returns_gone(struct palier_ctx *c, const struct sold *s, const bool **out);
/** What comes back of goods whose sale was claimed afterwards is taken off what the claim earned. */
int return_claimed(struct palier_ctx *c, const struct sold *s);
/** Returns that came before this sale, which c is booking. */
int returns_waiting(struct palier_ctx *c, struct palier_bytes sale);
/** A sale of this store came back in another one, says the head office: what sale.return would move here, once. The money is the other
 * store's affair. Of a sale that is not known here, an alert; it waits for that sale. */
int return_settle(struct palier_ctx *c, const struct office_order *o);
/** Does this return still wait for its sale? */
bool return_waits(const struct palier_tables *t, struct palier_bytes sale, struct palier_bytes number);
/** The list `returns` of a reply; nothing where the event has none. @param number of the receipt; empty in a quote */
int returns_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_bytes number, struct palier_json *w);
/** Has the event moved anything for the return of this number? */
bool returns_has(const struct palier_event *ev, struct palier_bytes number);
/** What returns on a receipt give back. */
struct back returns_sum(const struct palier_event *ev, struct palier_bytes number);

/** What the office settled before its sale was known, under this number; NULL: not by this event. */
const struct settle_waiting *settle_awaited(const struct palier_event *ev, struct palier_bytes number);
/** Why a return has moved nothing: "waiting", "settling"; NULL: it has. */
const char *return_state(const struct palier_event *ev, struct palier_bytes number);

/* --- tickets (sales.c) --- */

struct ticket {
	struct palier_sale sale;
	struct back back;
	int64_t difference; /* of payable, what the till took beyond what the ticket comes to, or less */
};
struct taken_hold;
/** Price a ticket: what comes back, then the goods. @param hold NULL, or the one that its commit captures @return PALIER_OK; a refusal */
int ticket_price(struct palier_ctx *c, const struct basket *b, const struct taken_hold *hold, struct ticket *t);
/** Write the figures that a hold pins: an object. */
int held_quote_write(struct palier_ctx *c, const struct palier_sale *s, struct palier_json *w);

/* --- pieces of replies (sales.c) --- */

void figure_write(struct palier_json *w, const char *key, int64_t v);
/** What the effects of one kind say, as a list: our discounts, or messages. */
void effects_write_list(struct palier_ctx *c, const struct palier_event *ev, const char *key,
	const struct palier_schema *kind, struct palier_json *w);
#define NO_SALE ((struct palier_bytes){ NULL, 0 })
/** Let every plugin write its members. @param sale the one returned (RETURN, REFUND); else NO_SALE */
int plugins_write(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev, struct palier_bytes sale,
	struct palier_json *w);
