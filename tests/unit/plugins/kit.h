/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin test kit: the contract over memory, with a clock that stands where it is set. A plugin's test runs decide and
 * reads the effects. What is kept is folded twice, the second time from effects written and read as in a journal line:
 * kit_same tells whether both gave the same rows, as `palier rebuild` must. */
#pragma once

#include "plugins/palier_plugin.h"

/** What a line of a basket is to a test; what is left out is nothing, or an item, once. */
struct kit_line {
	const char *sku, *category;
	int64_t amount, quantity; /* thousandths; 0: one */
	enum line_kind kind;
	int64_t exempt, foreign, ours, redeemed;
	const char *unit, *card; /* of a line that loads */
};

/** A ledger without events. The test fails when the configuration is refused.
 * @param plugins NULL-terminated, in the order in which they run @param config the plugins' sections */
struct palier_ctx *kit_new(const struct palier_plugin *const *plugins, const char *config);
void kit_free(struct palier_ctx *c);
/** What is wrong with a configuration: the first error, in static memory; "" when nothing is. */
const char *kit_config_error(const struct palier_plugin *const *plugins, const char *config);
/** Go on with another configuration, as after SIGHUP. */
void kit_reconfigure(struct palier_ctx *c, const char *config);

/** Now, in RFC 3339. */
void kit_clock(struct palier_ctx *c, const char *now);
/** What follows happened at `at` and arrives at `received`. */
void kit_late(struct palier_ctx *c, const char *at, const char *received);
void kit_clock_ms(struct palier_ctx *c, int64_t at_ms, int64_t received_ms);

struct palier_id kit_member(unsigned n);
/* Cards: "m1" is member 1's, "b1" too, and blocked, "g8" a gift card with the purse of "member" 8 once it is sold, "x" nobody's, "short" too
 * short to be sold. */

/** What is known of a member besides the ledger, to be set by the test. */
struct kit_person {
	struct palier_person person;
	struct palier_facts facts;
	const char *name, *phone, *email; /* NULL: not known */
	const char *tags[4];              /* ended by NULL */
	bool by_email, by_sms;            /* agrees to be written to */
	const int64_t *bought;            /* when, of what is asked by days; NULL: the facts hold for any */
	size_t bought_count;
};
struct kit_person *kit_person(struct palier_ctx *c, unsigned n);

/** In the place of core, for tests that list it among their plugins: what it books of a member's profile. */
extern const struct palier_plugin kit_core;
/** Something happens that the member's profile, or consent, is about. */
int kit_profile(struct palier_ctx *c, struct palier_id member);

/** Decide a command: kept as an event when it is accepted, and leaving nothing behind when it is refused. */
int kit_command(struct palier_ctx *c, const struct palier_method *method, const void *params);
/** Ring a sale up. @param member NULL: nobody @param number NULL: a quote, which leaves nothing behind */
int kit_sale(struct palier_ctx *c, const struct palier_id *member, const char *number, const struct kit_line *lines,
	uint32_t count);
/** The same with all that a basket may have besides its lines. Its hooks run as in palierd: on_tender, on_price (offers, then rewards),
 * on_sale. */
struct kit_basket {
	const struct kit_line *lines;
	uint32_t line_count;
	const struct redemption *redeem;
	uint32_t redeem_count;
	const char *const *coupons; /* NULL-terminated, or NULL */
	const struct payment *payments;
	uint32_t payment_count;
	bool no_auto;                      /* automatic discounts are left out */
	const char *hold;                  /* NULL, or the hold that it captures */
	bool same;                         /* of this very basket: on_capture runs in the place of on_tender and on_price */
	bool claimed;                      /* it was booked before, without a member */
	const char *referral;              /* NULL, or a sponsor's code */
	const struct suggested *suggested; /* what became of suggestions */
	uint32_t suggested_count;
};
int kit_ring(struct palier_ctx *c, const struct palier_id *member, const char *number, const struct kit_basket *b);
/** What the last basket came to: "source amount [part part ...]" by ", ". */
const char *kit_discounts(const struct palier_ctx *c);
int64_t kit_payable(const struct palier_ctx *c);
int64_t kit_due(const struct palier_ctx *c);
/** What the last basket asked for and could not have: "name reason" by ", ". */
const char *kit_refused(const struct palier_ctx *c);

/** Hold a basket, or, without lines, points of a unit, for so many seconds. @param name the hold's id */
int kit_hold(struct palier_ctx *c, struct palier_id member, const char *name, const struct kit_basket *b, const char *unit,
	int64_t points, int64_t ttl_s);
int kit_release(struct palier_ctx *c, struct palier_id member, const char *name);

/** What of a sale comes back. */
struct kit_return {
	const char *sale, *number; /* number NULL: a quote, which leaves nothing behind */
	const char *claim;         /* NULL, or the number under which the sale was claimed */
	int64_t base, before, after;
	bool free;     /* nothing had been paid for the goods: base is of what they would have cost */
	uint32_t load; /* 0, or 1 + the line of a top-up that comes back */
};
/** @param out_refund NULL, or what goes back to stored value */
int kit_return(struct palier_ctx *c, const struct kit_return *r, int64_t *out_refund);
/** Undo the last event of this number. */
int kit_void(struct palier_ctx *c, const char *number);
/** A member is new. @param params NULL: nothing was told */
int kit_enroll(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params);
/** Two members become one; a member is erased. */
int kit_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int kit_erase(struct palier_ctx *c, struct palier_id member);
/** The head office orders something: one order, as a directive of its own. A member of kit_merge's is joined by that, not by an order. */
int kit_order(struct palier_ctx *c, const struct office_order *o);
/** What palier_roaming_credit answers. */
void kit_roaming(struct palier_ctx *c, int64_t points);
/** Close the day, open the next one and run the plugins' jobs. Dates as in palier_close. @return how many events booked something */
unsigned kit_close(struct palier_ctx *c, uint32_t closed, uint32_t opened);
/** The members that plugins add to the totals of the open day, or of all time. */
const char *kit_totals(struct palier_ctx *c, bool perpetual);

/** What follows has happened already; is a supervisor's; is of somebody whose spending is locked. */
void kit_offline(struct palier_ctx *c, bool offline);
void kit_supervised(struct palier_ctx *c, bool supervised);
void kit_frozen(struct palier_ctx *c, bool frozen);
/** What palier_proven answers to a command: PALIER_OK, PALIER_EPROOF_NEEDED, PALIER_EPROOF_WRONG. Offline it forgives, with an alert. */
void kit_proof(struct palier_ctx *c, int err);
/** Where what follows is done, and by whom; NULL: not told. */
void kit_till(struct palier_ctx *c, const char *till, const char *operator);
/** The language of all members; NULL: the store's, which is "fr". */
void kit_language(struct palier_ctx *c, const char *language);
/** The alerts of the last command: "what unit figure" by ", ". */
const char *kit_alerts(const struct palier_ctx *c);
/** The messages of the last command, the prompts of the last kit_lookup: in English, by "; ". */
const char *kit_messages(struct palier_ctx *c);
const char *kit_prompts(struct palier_ctx *c);

/** The QR codes of the last command: "kind text" by ", ". */
const char *kit_qrs(const struct palier_ctx *c);
/** Did the last question count as a guess? */
bool kit_missed(const struct palier_ctx *c);

/** A fact that was published of a member; "" for none. */
const char *kit_fact(const struct palier_ctx *c, struct palier_id member, const char *name);

/** Run any code that decides, as a command about this member. */
int kit_decide(struct palier_ctx *c, struct palier_id member, int (*decide)(struct palier_ctx *c, void *who), void *who);

/** The last event, quotes and refused ones included. */
const struct palier_event *kit_event(const struct palier_ctx *c);
/** Why the last command was refused: "field: sentence". */
const char *kit_refusal(const struct palier_ctx *c);
/** JSON texts, owned by the kit: the answer of a question, the members that plugins add to a view, to a sale's reply. */
const char *kit_answer(struct palier_ctx *c, const struct palier_method *method, const void *params);
const char *kit_lookup(struct palier_ctx *c, struct palier_id member);
const char *kit_reply(struct palier_ctx *c, enum palier_reply reply);
const char *kit_reply_of(struct palier_ctx *c, enum palier_reply reply, const char *sale);
/** The members of a command's result, from the last event. */
const char *kit_result(struct palier_ctx *c);

/** Did both folds give the same rows? */
bool kit_same(const struct palier_ctx *c);
/** The plugins' own checks. @return the first finding, "" for none */
const char *kit_check(struct palier_ctx *c);
/** One plugin's tables, to damage them or to read. */
struct palier_tables *kit_tables(struct palier_ctx *c, unsigned plugin);

/** A row that cannot be, and what the plugin's check says of it. */
struct kit_damage {
	const char *name;
	unsigned table;
	const char *key, *value;
	size_t key_len, value_len;
	const char *finding;
};
/** The test fails when the check finds something else. */
void kit_damage(struct palier_ctx *c, unsigned plugin, const struct kit_damage *d);

/** A test for each row of a table of cases, whose first member is its name; into `tests`, from `n` on. */
#define KIT_ROWS(table, test) \
	for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++) \
		tests[n++] = (struct CMUnitTest) \
		{ \
			(table)[i].name, test, NULL, NULL, (void *)(uintptr_t) & (table)[i] \
		}
