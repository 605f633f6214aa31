/* SPDX-License-Identifier: Apache-2.0 */
/* The contract between palierd and its plugins: all that a plugin may include, besides protocol/ and another plugin's typed helpers.
 *
 * A plugin is one `const struct palier_plugin`. It keeps no mutable memory: its state is its tables, and the tables are a fold of the
 * journal. So it has two kinds of code, told apart by what they are given:
 *   decide (the hooks, and the methods it serves) gets a palier_ctx: it reads tables, configuration, clock and randomness, and adds effects;
 *   apply gets an event, one of its effects and the plugin's own tables, and nothing else: the same event always does the same.
 * An effect is applied at once, into the command's write set, so that later hooks see it; a refusal or a quote drops the write set. */
#pragma once

#include <confuse.h>

#include "protocol/datetime.h"
#include "protocol/messages.h"

#define PALIER_PLUGIN_ABI 1u

struct palier_ctx;
struct palier_tables;
struct palier_setup;
struct palier_condition;
struct palier_benefit;
struct palier_label;

/* --- tables -------------------------------------------------------------------------------------------------------- */

#define PALIER_FOLDED 0x0u /* a fold of the journal: a rebuild must give the same keys and values */
#define PALIER_LOCAL  0x1u /* job progress, throttles: not compared */
#define PALIER_BY_MEMBER \
	0x2u /* its keys begin with a member's id; all such tables lie together, a member's rows side by side */
#define PALIER_HISTORY \
	0x4u /* by member, of rows that grow with what the member does: they lie behind the few that a lookup reads */

struct palier_table {
	const char *name;  /* unique in the plugin */
	const char *key;   /* layout, for docs/format.md: "member id, unit u16" */
	const char *value; /* likewise */
	unsigned flags;
};

/** Read one value. @param table index in the plugin's list @param out owned by the request's arena
 * @return PALIER_OK; PALIER_ENOENT; PALIER_ESTORE */
int palier_get(const struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes *out);
int palier_put(struct palier_tables *t, unsigned table, const struct palier_key *key, struct palier_bytes value);
/** Deleting what is not there is PALIER_OK. */
int palier_del(struct palier_tables *t, unsigned table, const struct palier_key *key);

struct palier_cursor;
/** The keys that begin with `prefix` (empty: all), in order. Writes made meanwhile behind the cursor do not disturb it.
 * @return owned by the request's arena */
struct palier_cursor *palier_seek(const struct palier_tables *t, unsigned table, const struct palier_key *prefix);
/** The keys that begin with `prefix` and lie behind `from`, in order: to go on where an earlier slice ended. @param from begins with `prefix`,
 * whether or not there is such a key */
struct palier_cursor *palier_seek_after(const struct palier_tables *t, unsigned table, const struct palier_key *prefix,
	const struct palier_key *from);
/** @param key,value valid until the next call on this cursor; key is the whole key
 * @return PALIER_OK; PALIER_ENOENT at the end; PALIER_ESTORE */
int palier_next(struct palier_cursor *cur, struct palier_bytes *key, struct palier_bytes *value);

/* --- events and effects -------------------------------------------------------------------------------------------- */

struct palier_effect_kind;

struct palier_effect {
	const struct palier_effect_kind *kind;
	const void *body; /* the kind's message, in ledger form */
};

/** One line of the journal, in memory. Everything in it is owned by the request's arena. */
struct palier_event {
	uint64_t seq, turn;
	uint32_t batch;  /* the journal file, */
	uint64_t offset; /* and where in it the line begins */
	int64_t at_ms, received_ms;
	uint32_t day; /* business day on which it is booked */
	struct palier_bytes store, till, operator, request;
	struct palier_hash16 params_hash; /* keyed: two commands with the same request and hash are one */
	const struct palier_method *method;
	const void *params; /* method->params, in ledger form: SEALED fields are sealed text */
	bool has_member;
	struct palier_id member;
	struct palier_effect *effects;
	uint32_t effect_count;
};

struct palier_effect_kind {
	const char *name; /* "points.move"; frozen once released: a new meaning is a new kind */
	const struct palier_schema *schema;
	/** Decide, last word: refuse the effect, or complete it (a balance after). NULL: as it comes. */
	int (*check)(struct palier_ctx *c, void *body);
	/** Fold it into the plugin's tables. NULL: it changes none, and is there for the reply. */
	int (*apply)(struct palier_tables *t, const struct palier_event *ev, const void *body);
};

/** The effect's body when it is of this kind, else NULL. */
static inline const void *palier_body(const struct palier_effect *e, const char *kind)
{
	return strcmp(e->kind->name, kind) == 0 ? e->body : NULL;
}

/* --- decide: what a hook may ask ----------------------------------------------------------------------------------- */

/** When it happened (commands may be sent later), and when it reached us. */
int64_t palier_at(const struct palier_ctx *c);
int64_t palier_received(const struct palier_ctx *c);
/** The store's date at palier_at. */
uint32_t palier_today(const struct palier_ctx *c);
void palier_random(struct palier_ctx *c, void *out, size_t n);
/** The store's id in its chain, and the till that asks. */
struct palier_bytes palier_store_id(const struct palier_ctx *c);
struct palier_bytes palier_till(const struct palier_ctx *c);
/** How many points a member who is at home in another store may spend here in a day before they are granted. */
int64_t palier_roaming_credit(const struct palier_ctx *c);
/** This plugin's compiled section, or NULL: then it decides nothing. */
const void *palier_config(const struct palier_ctx *c);
/** This plugin's tables, to read. */
const struct palier_tables *palier_tables(const struct palier_ctx *c);
struct palier_arena *palier_arena(const struct palier_ctx *c);
/** Decimals of the store's currency: EUR 2, JPY 0. */
unsigned palier_currency_decimals(const struct palier_ctx *c);

/** Refuse the command. @param field of the params, "lines[2].unit", or NULL @return err, to be returned at once */
int palier_refuse(struct palier_ctx *c, int err, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** Add an effect of any plugin's kind: checked by its owner, applied, and kept for the event. Others' kinds are added through the
 * typed helper in their owner's header. @param body copied; strings in it must live in the request's arena
 * @return PALIER_OK; the owner's refusal; PALIER_EINTERNAL when no such kind is loaded */
int palier_effect_add(struct palier_ctx *c, const char *kind, const void *body);

/** Does the command report what has happened already? Then nothing in it is refused for its numbers: what was not there is booked as a
 * shortfall, with an alert. */
bool palier_offline(const struct palier_ctx *c);
/** Is it given by a supervisor, or with a supervisor's badge? */
bool palier_supervised(const struct palier_ctx *c);
/** The journal file, one a day, in which the command is booked: palier_event.batch. */
uint32_t palier_batch(const struct palier_ctx *c);
/** The event under decision, with the effects that it has by now: so a hook sees what those before it did. */
const struct palier_event *palier_event_now(const struct palier_ctx *c);

/** Something that somebody should look at. Zero fields are left out. */
struct palier_alert {
	const char *what; /* "shortfall", "clock", ...: frozen once released */
	const struct palier_id *member;
	struct palier_bytes unit, sale;
	int64_t figure; /* how many points, how much, how often: by what */
};
/** Raise an alert: booked with the event, listed by system.alerts until it is old, for somebody to resolve. */
int palier_alert(struct palier_ctx *c, const struct palier_alert *a);

/* What the customer reads. A text is an id, which is its English, marked so that the catalogues (po/) have it in other languages; %1 to %9
 * stand for its arguments. Of a text that counts, marked as a pair, the language and `count` say which of its forms it takes. Arguments
 * are kept in the ledger as they are: nothing personal. */
#define N_(text)       text
#define NN_(one, many) one, many

/** A message with the reply, on ticket and screen. Where the method's reply has none, nothing is kept. */
int palier_message(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count);
int palier_message_n(struct palier_ctx *c, const char *one, const char *many, int64_t count, const struct palier_bytes *args,
	uint32_t arg_count);
/** In on_lookup: something to say to this member, now. @param kind "expiring", ...: frozen once released */
void palier_prompt(struct palier_ctx *c, const char *kind, const char *text, const struct palier_bytes *args,
	uint32_t arg_count);
void palier_prompt_n(struct palier_ctx *c, const char *kind, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count);
/** A text in an answer, for the shop's people. Of one that counts, `many` is its other form. @return in the arena */
struct palier_bytes palier_text(struct palier_ctx *c, const char *text, const struct palier_bytes *args, uint32_t arg_count);
struct palier_bytes palier_text_n(struct palier_ctx *c, const char *one, const char *many, int64_t count,
	const struct palier_bytes *args, uint32_t arg_count);
/** For an argument, as the reader's language writes it: an amount in the store's currency, "12,50 €" or "€12.50"; a date, "21/11/2026" or
 * "21 Nov 2026". @return in the arena */
struct palier_bytes palier_money_text(struct palier_ctx *c, int64_t minor);
struct palier_bytes palier_day_text(struct palier_ctx *c, uint32_t day);

/** A QR code with the reply of sale.commit, for the customer to take along: to be shown on a screen, on paper only when the customer asked.
 * Kept sealed. Of a quote, nothing. @param kind "sponsor", "review", ...: frozen once released @param text at most 512 bytes */
int palier_qr(struct palier_ctx *c, const char *kind, struct palier_bytes text);

/** The member behind a card or a member id, as every method takes them. A blocked card is refused.
 * @param member NULL: none was sent
 * @return PALIER_OK; PALIER_EPARAMS when neither was sent; the reason, refused, else */
int palier_who(struct palier_ctx *c, struct palier_bytes card, const struct palier_id *member, struct palier_id *out);

/** Who a member is now: those merged into another lead to that one. @return PALIER_OK; PALIER_ENOENT; PALIER_EMEMBER_ERASED */
int palier_member_now(struct palier_ctx *c, struct palier_id member, struct palier_id *out);
/** The customer has been in contact with the shop, otherwise than by buying: so what is kept of the member is kept on (retention). What the
 * shop sends is none, nor that it was opened. @return PALIER_OK; PALIER_ENOENT */
int palier_contact(struct palier_ctx *c, struct palier_id member);
/** Is this the member's id, or that of one merged into it? So events from before the merge are told. */
bool palier_member_was(struct palier_ctx *c, struct palier_id id, struct palier_id member);
/** May what this member has be spent? Asked wherever points are held or spent, or stored value pays.
 * @return PALIER_OK, also offline; PALIER_EMEMBER_FROZEN, refused; PALIER_ENOENT */
int palier_may_spend(struct palier_ctx *c, struct palier_id member);
/** What must show that it is the customer who spends. A one-time code does where a PIN is wanted, too. */
enum palier_proof { PALIER_PROOF_NONE, PALIER_PROOF_PIN, PALIER_PROOF_OTP };
/** Has the customer shown this proof with the command in hand, or does a supervisor vouch? Asked wherever a unit wants proof, before points are
 * spent or held; however often, a code is used once and a miss counts once. A quote needs none.
 * @return PALIER_OK, also offline (with an alert proof_needed or proof_wrong); PALIER_EPROOF_NEEDED, PALIER_EPROOF_WRONG, refused;
 * PALIER_ENOENT */
int palier_proven(struct palier_ctx *c, struct palier_id member, enum palier_proof kind);
/** The member after this one, in the order of ids, bearers' purses among them; all zeros: the first.
 * @return PALIER_OK; PALIER_ENOENT at the end */
int palier_member_next(struct palier_ctx *c, struct palier_id *member);

/** Visit the events that touched a member or one merged into it, newest first. @param before a seq, 0: from the newest
 * @param visit returns 1 to go on, 0 to stop, or an error
 * @return PALIER_OK, or the visitor's error; PALIER_EDAMAGED, PALIER_EIO */
int palier_events_of(struct palier_ctx *c, struct palier_id member, uint64_t before,
	int (*visit)(void *who, const struct palier_event *ev), void *who);

/* --- facts and conditions ------------------------------------------------------------------------------------------ */

/** What core keeps of every member. A member without purchases has zeros. */
struct palier_facts {
	int64_t first_purchase_ms, last_purchase_ms;
	int64_t purchases, spend; /* sales, and what was paid for goods */
	int64_t days;             /* of palier_facts_between: days with purchases */
};
int palier_facts(struct palier_ctx *c, struct palier_id member, struct palier_facts *out);
/** Purchases and spend of the days from..to (store dates, inclusive; core keeps three years). */
int palier_facts_between(struct palier_ctx *c, struct palier_id member, uint32_t from, uint32_t to,
	struct palier_facts *out);
/** Make a fact known to conditions: "tier" is "gold", "referrals" is "3". An empty value removes it. */
int palier_fact_publish(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes value);
/** Has the command under decision published this fact so far: has it changed? */
bool palier_fact_changed(struct palier_ctx *c, struct palier_id member, const char *name);
/** What the command under decision has published so far, of whomever, one after the other. @param i from 0 on @return false: that was all */
bool palier_fact_told(struct palier_ctx *c, uint32_t i, struct palier_id *member, struct palier_bytes *name);
/** @return PALIER_OK; PALIER_ENOENT */
int palier_fact(struct palier_ctx *c, struct palier_id member, const char *name, struct palier_bytes *out);

/** The first word of a member's name, as the other side of a sponsorship may see it; empty: no name is known. @return PALIER_OK; PALIER_ENOENT */
int palier_first_name(struct palier_ctx *c, struct palier_id member, struct palier_bytes *out);
/** Where a member agrees to be written to, as one reads or dials it. @param out in the arena
 * @return PALIER_OK; PALIER_ENOENT: there is no consent to it, or nothing is known */
enum palier_post { PALIER_POST_EMAIL, PALIER_POST_SMS };
int palier_address(struct palier_ctx *c, struct palier_id member, enum palier_post by, struct palier_bytes *out);
/** Do two members share a phone number or an e-mail address, as the same person or household would? Of an e-mail address, what stands behind
 * a "+" is no difference. */
struct palier_contact {
	bool phone, email;
};
int palier_contact_shared(struct palier_ctx *c, struct palier_id a, struct palier_id b, struct palier_contact *out);
/** Has the shop marked the member so? */
bool palier_member_tagged(struct palier_ctx *c, struct palier_id member, struct palier_bytes tag);

/** Who a member is, as far as a programme may ask. */
struct palier_person {
	uint32_t since;    /* date of enrolment; 0: only the card is known */
	uint32_t birthday; /* date of birth; 0: not known */
	bool profiling;    /* agrees that purchases are used for what is personal */
};
/** @return PALIER_OK; PALIER_ENOENT */
int palier_person(struct palier_ctx *c, struct palier_id member, struct palier_person *out);

/* --- secrets of the store ------------------------------------------------------------------------------------------ */

/** Seal a text with the store's own key, for a PALIER_SEALED field of an effect. @return in the request's arena */
struct palier_bytes palier_seal(struct palier_ctx *c, struct palier_bytes plain);
/** @param sealed also what core sealed with a member's key @return PALIER_OK; PALIER_ENOENT: that key is erased; PALIER_EDAMAGED */
int palier_unseal(struct palier_ctx *c, struct palier_bytes sealed, struct palier_bytes *out);
/** A question was about a card, code or member that there is not, and answers so instead of being refused: count it as a guess of the till's,
 * as such refusals are. */
void palier_miss(struct palier_ctx *c);
/** A keyed hash, under which this plugin's tables find a secret that they do not keep. */
void palier_hash(struct palier_ctx *c, struct palier_bytes text, struct palier_hash16 *out);

/* --- sales --------------------------------------------------------------------------------------------------------- */

/** A basket line as it is priced. Of `kind` item: gross = foreign + ours + net. */
struct palier_line {
	const struct basket_line *in;
	enum line_kind kind;
	int64_t quantity;   /* thousandths */
	int64_t items;      /* pieces; a fractional quantity is one */
	int64_t gross;      /* the line's amount */
	int64_t exempt;     /* of it, protected: neither discounted nor earning */
	int64_t foreign;    /* of it, taken off by the till's promotions */
	int64_t ours;       /* of it, taken off by our discounts */
	int64_t redeemed;   /* of `ours`, bought with points */
	int64_t most_given; /* what a limit lets offers take off in all, */
	int64_t most_ours;  /* and offers and rewards together; INT64_MAX: there is no limit */
	bool gone;          /* of a sale that is claimed: all of it came back before */
};

/** What is paid for a line, but for its protected part. */
static inline int64_t palier_line_left(const struct palier_line *l)
{
	return l->kind == LINE_ITEM ? l->gross - l->exempt - l->foreign - l->ours : 0;
}

/** What of it an offer, or a reward (redeemed), may still take off. */
static inline int64_t palier_line_room(const struct palier_line *l, bool redeemed)
{
	int64_t room = palier_line_left(l), given = l->most_given - (l->ours - l->redeemed), ours = l->most_ours - l->ours;

	room = palier_least(room, redeemed ? ours : palier_least(ours, given));
	return room > 0 ? room : 0;
}

/** A sale under decision; the same for quote, hold and commit. */
struct palier_sale {
	struct palier_bytes number; /* empty in a quote and for a hold */
	bool quote;                 /* what cannot be had is listed; in a hold and a commit it refuses all */
	bool has_member;
	struct palier_id member;
	struct palier_line *lines;
	uint32_t line_count;
	const struct redemption *redeem;
	uint32_t redeem_count;
	const struct palier_bytes *coupons;
	uint32_t coupon_count;
	const struct payment *payments;
	uint32_t payment_count;
	struct palier_bytes referral;      /* a sponsor's code that came with the ticket; empty: none */
	const struct suggested *suggested; /* what became of suggestions that the till had shown */
	uint32_t suggested_count;
	bool automatic; /* apply automatic discounts */
	bool claimed;   /* it was booked before, without a member: nothing but what a member gets of it follows now */
	int64_t total, payable, due;
};

/** One of our discounts. */
struct palier_discount {
	const char *source, *label; /* owned by the configuration or the arena */
	bool redeemed;              /* bought with points */
	const int64_t *parts;       /* line_count amounts >= 0, none above palier_line_room */
};
/** Take a discount off the sale's lines. @return PALIER_OK; PALIER_EINTERNAL for parts that exceed a line */
int palier_discount_add(struct palier_ctx *c, struct palier_sale *s, const struct palier_discount *d);

/** In on_reply of a quote, the sale as it was priced; else NULL. */
const struct palier_sale *palier_sale_now(const struct palier_ctx *c);

/** In a quote, what cannot be had is listed and the rest goes on; in a commit it refuses all, unless it has happened already: then the rest
 * goes on, with an alert.
 * @param what "reward", "coupon" or "unit" @return PALIER_OK in a quote and offline, err in a commit */
int palier_cannot(struct palier_ctx *c, const struct palier_sale *s, int err, const char *what, struct palier_bytes name);

/** What may be spent now of what a member has in a unit: the balance without what is pending or held, or 0.
 * @return PALIER_OK; an error of the store */
int palier_spendable(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out);

/** What a card of a sale is wanted for: it pays, it is topped up, or it is a gift card that is sold. */
enum palier_purse_use { PALIER_PURSE_PAYS, PALIER_PURSE_TOPPED_UP, PALIER_PURSE_SOLD };
/** The purse behind the card of a payment or of a line that loads: a member's, or a bearer's, which is nobody's and has a ledger of its own
 * all the same. A number of at least 16 digits that nobody has becomes a bearer's purse when it is sold. What has happened already is
 * counted, with an alert, wherever there is a purse to count it for.
 * @param card empty: the sale's own @param field of the params, for the refusal
 * @return PALIER_OK; refused: PALIER_ECARD_MALFORMED, also offline; PALIER_ECARD_UNKNOWN; PALIER_ECARD_BLOCKED; PALIER_EFORBIDDEN, another
 * member's card pays; PALIER_ECARD_IN_USE, a member's card is sold */
int palier_purse(struct palier_ctx *c, struct palier_bytes card, enum palier_purse_use use, const char *field,
	struct palier_id *out);
/** Is the purse a bearer's? */
bool palier_is_bearer(struct palier_ctx *c, struct palier_id purse);

/* --- holds --- */

/** A hold that is being made: put out of reach what the basket would take, so that the commit that names the hold finds it. */
struct palier_hold {
	struct palier_bytes id;
	int64_t expires_ms; /* by arrival time; it is then no more, without any event */
	bool has_member;
	struct palier_id member;
	/* What a commit of the basket would have booked now: its effects, dropped again. NULL for points alone: */
	const struct palier_event *quoted;
	struct palier_bytes unit;
	int64_t points;
};
/** The hold that the command captures. @return its id; NULL: none */
const struct palier_bytes *palier_held(const struct palier_ctx *c);

/** Does the condition hold for this sale, member and moment (palier_at)?
 * @param s NULL outside a sale: basket predicates then fail
 * @param member NULL: nobody is known, and predicates about the member fail
 * @param matched NULL, or s->line_count flags: the item lines that sku, category and tag select */
bool palier_condition_holds(struct palier_ctx *c, const struct palier_condition *w, const struct palier_sale *s,
	const struct palier_id *member, bool *matched);

/** The same while no basket is known: do the predicates of clock and member hold, so that some basket may fulfil it? */
bool palier_condition_may_hold(struct palier_ctx *c, const struct palier_condition *w, const struct palier_id *member);
/** Does it name the member? Then it never holds for nobody. */
bool palier_condition_of_member(const struct palier_condition *w);
/** The last day on which it can hold; DAY_NEVER: it has no `until`. */
uint32_t palier_condition_last_day(const struct palier_condition *w);
/** Is its `until` past? */
bool palier_condition_over(struct palier_ctx *c, const struct palier_condition *w);

/* --- benefits: what an offer or a reward takes off --- */

/** What is asked of a benefit. */
struct palier_benefit_ask {
	const bool *matched; /* line_count flags: what its condition selects */
	bool redeemed;       /* bought with points */
	int64_t times;       /* > 0: of an amount or of free products; a percentage is had once */
	int64_t share;       /* of what is left of its lines, the most it may take, in thousandths of a per cent; 0: all */
	struct palier_bytes choice; /* the free product's sku; empty: any of them */
};

/** What it comes to. */
struct palier_benefit_cut {
	int64_t amount; /* 0: there is nothing that it could take off */
	int64_t *parts; /* of the amount, a line's part; line_count of them, for palier_discount_add */
	int64_t times;  /* how often it is had: the multiples that were started */
	int64_t free;   /* free products that were asked for and are not among the lines yet */
};

/** What a benefit takes off the sale's lines as they stand (rules.md "Order of a sale", "Multiples and caps"). @param out its parts are the
 * arena's */
void palier_benefit_on(struct palier_arena *a, const struct palier_benefit *b, const struct palier_sale *s,
	const struct palier_benefit_ask *ask, struct palier_benefit_cut *out);
/** Has it several of what can be asked for times: an amount, or free products? Of a percentage there is one. */
bool palier_benefit_multiplies(const struct palier_benefit *b);
/** What it takes off one thing of this price, bought by itself: of a free product all of it. */
int64_t palier_benefit_off(const struct palier_benefit *b, int64_t price);
/** The skus of a free product, when it names them. @return how many */
size_t palier_benefit_skus(const struct palier_benefit *b, const struct palier_bytes **out);

/** Ask every plugin's on_earn for its multiplier of this unit: the product of their thousandths, exact.
 * @param out numerator and denominator */
int palier_earn_multiplier(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *num, int64_t *den);

/** A return under decision: shares are of the ledger's figures, never of today's rules. */
struct palier_return {
	struct palier_bytes number; /* of the return; in an exchange the ticket's; empty in a quote */
	struct palier_bytes sale;   /* number of the sale that comes back */
	bool quote;
	bool has_member;
	struct palier_id member; /* the sale's member, as who it is now */
	/* sale.commit, and sale.claim or NULL: what was earned and spent is in their effects. While a claim is decided, which takes off
	 * what has come back already: the claim's event alone, as far as it has come. */
	const struct palier_event *booked[2];
	int64_t base; /* > 0, what shares are of: net paid for items; where that is 0, their gross; else lines count alike */
	int64_t paid; /* net paid for items, however shares are counted: stored value covered them first */
	int64_t before, after; /* of base, what had come back before this return, and what has with it */
	const struct palier_returned_line {
		uint32_t line;
	} * loads; /* gift_card and topup lines that come back whole: what they loaded is taken again */
	uint32_t load_count;
	const struct palier_returned_line
		*gone; /* item lines of which, with this return, nothing is left with the customer */
	uint32_t gone_count;
	const struct palier_returned_line
		*left; /* item lines of which something still is; neither is told while a claim is decided */
	uint32_t left_count;
	int64_t refund_units; /* of the refund, what goes back to stored value: the hooks add to it */
};

/* --- configuration ------------------------------------------------------------------------------------------------- */

/** The options of a `when { }` section, to embed: CFG_SEC("when", palier_when_options, CFGF_NODEFAULT). */
extern cfg_opt_t palier_when_options[];
/** @param when NULL or an absent section: always holds @return owned by the configuration; NULL after palier_setup_error */
const struct palier_condition *palier_condition_compile(struct palier_setup *s, cfg_t *when);

/** The options that say what an offer or a reward is worth, a row each in its table of options. */
#define PALIER_BENEFIT_OPTIONS \
	CFG_STR("kind", NULL, CFGF_NODEFAULT), CFG_STR("value", NULL, CFGF_NODEFAULT), CFG_STR("of", NULL, CFGF_NODEFAULT), \
		CFG_STR("cap", NULL, CFGF_NODEFAULT), CFG_INT("get", 0, CFGF_NODEFAULT), \
		CFG_STR_LIST("skus", NULL, CFGF_NODEFAULT)
/** @param section has these options @param when its condition @return owned by the configuration; NULL after palier_setup_error */
const struct palier_benefit *palier_benefit_compile(struct palier_setup *s, cfg_t *section,
	const struct palier_condition *when);

/** The options of a `label { }` section, what a thing is called in each language, to embed like `when`. */
extern cfg_opt_t palier_label_options[];
/** @param section that may have a label @param name what it is called where it has none
 * @return owned by the configuration; NULL after palier_setup_error */
const struct palier_label *palier_label_compile(struct palier_setup *s, cfg_t *section, const char *name);
/** The same of another section with a text in each language, such as `pitch { }`. @param name what it says where it has none */
const struct palier_label *palier_wording_compile(struct palier_setup *s, cfg_t *section, const char *option,
	const char *name);
/** The label in the member's language, else in the store's, else the name. @param member NULL: nobody @return owned by the configuration */
const char *palier_label(struct palier_ctx *c, const struct palier_label *l, const struct palier_id *member);
/** The member's language; of nobody, and of a member who said none, the store's. */
struct palier_bytes palier_language(struct palier_ctx *c, const struct palier_id *member);
/** The store's. */
struct palier_bytes palier_store_language(const struct palier_ctx *c);

/** Memory that lives as long as the configuration; zeroed. */
void *palier_setup_alloc(struct palier_setup *s, size_t size);
char *palier_setup_string(struct palier_setup *s, const char *text);
/** Report `file:line: what` (the line where the section begins); the configuration is then refused. */
void palier_setup_error(struct palier_setup *s, cfg_t *section, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** Readers of one option; each reports what is wrong, at the line where it is set, and leaves *out alone. All return false on error.
 * An option that is not set and has no default is no error: *out is left alone. */
bool palier_setup_decimal(struct palier_setup *s, cfg_t *section, const char *option, unsigned scale, int64_t *out);
/** A quoted amount in the store's currency, to minor units. */
bool palier_setup_amount(struct palier_setup *s, cfg_t *section, const char *option, int64_t *out);
bool palier_setup_span(struct palier_setup *s, cfg_t *section, const char *option, struct span *out);
/** A whole number of least..most. */
bool palier_setup_figure(struct palier_setup *s, cfg_t *section, const char *option, int64_t least, int64_t most,
	int64_t *out);
/** @param names NULL-terminated */
bool palier_setup_choice(struct palier_setup *s, cfg_t *section, const char *option, const char *const *names, int *out);

/** Make a name known to the sections that are compiled afterwards, in the order in which plugins run: a "unit" (what: 0 points, 1 money), a
 * "reward", an "offer". @param sort a literal */
void palier_setup_name(struct palier_setup *s, const char *sort, const char *name, int what);
/** @param what untouched when it is not known @return is it known? */
bool palier_setup_named(const struct palier_setup *s, const char *sort, const char *name, int *what);

/** Likewise the shared code of an offer. */
void palier_setup_coupon(struct palier_setup *s, const char *code, const struct palier_benefit *b);
/** What a code takes off something of this price, all offers together that have it. @param off untouched when none has it @return has one? */
bool palier_setup_coupon_off(const struct palier_setup *s, const char *code, int64_t price, int64_t *off);

/** Likewise what a reward costs, for who gives it away. */
void palier_setup_price(struct palier_setup *s, const char *reward, const char *unit, int64_t cost);
/** @return is there such a reward? else the rest is untouched */
bool palier_setup_priced(const struct palier_setup *s, const char *reward, const char **unit, int64_t *cost);

/* --- methods a plugin serves --------------------------------------------------------------------------------------- */

/** Either a question (answer) or a command (decide and reply). Params and results are those of the method's schemas. */
struct palier_service {
	const struct palier_method *method;
	/** Question: write the result, an object. */
	int (*answer)(struct palier_ctx *c, const void *params, struct palier_json *w);
	/** Command: add effects. */
	int (*decide)(struct palier_ctx *c, const void *params);
	/** Command: write the members of its result from its event alone, now or when it is replayed. NULL: the member view of ev->member. */
	int (*reply)(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w);
};

/** Between two days: the one closed and the one opened after it. They may bear the same date. */
struct palier_close {
	uint32_t closed, opened;
};

enum palier_reply {
	PALIER_REPLY_QUOTE,
	PALIER_REPLY_COMMIT,
	PALIER_REPLY_SHOW,
	PALIER_REPLY_RETURN, /* what the return of `sale` came to: in the reply of sale.return, in an entry of a quote's `returns` */
	PALIER_REPLY_REFUND,     /* likewise, inside its `refund`: what went back to stored value */
	PALIER_REPLY_BALANCES,   /* the balances after an event: in the replies of sale.return, sale.void, sale.claim */
	PALIER_REPLY_HELD_QUOTE, /* of the quote that a hold pins: what is earned and spent */
	PALIER_REPLY_HOLD,       /* what a hold keeps */
};

/* --- the plugin ---------------------------------------------------------------------------------------------------- */

struct palier_plugin {
	uint32_t abi; /* PALIER_PLUGIN_ABI */
	const char *name;
	cfg_opt_t *options; /* of its section of the configuration; NULL: it takes none */
	/** Compile the section. @param section NULL: it is absent @param out what palier_config then gives; may stay NULL
	 * @return PALIER_OK; PALIER_ECONFIG after palier_setup_error */
	int (*configure)(struct palier_setup *s, cfg_t *section, const void **out);
	const struct palier_table *tables;        /* ended by a row without name */
	const struct palier_effect_kind *effects; /* likewise */
	const struct palier_service *services;    /* ended by a row without method */

	/* Decide. Plugins run in the order points, rewards, offers, tiers, referral, ladder, journey, survey, ambassador, then others by
	 * name; on_price runs offers, then points, then rewards. Each returns PALIER_OK or a refusal. */

	/** A sale is about to be priced: debit what its `payments` take of units, and lower s->due by it. Nothing is discounted yet: core
	 * sees to it afterwards that no more was paid than is payable. */
	int (*on_tender)(struct palier_ctx *c, struct palier_sale *s);
	/** A sale is being priced: add discounts. Line figures change as each is added. */
	int (*on_price)(struct palier_ctx *c, struct palier_sale *s);
	/** The sale is priced: what follows from it. */
	int (*on_sale)(struct palier_ctx *c, const struct palier_sale *s);
	/** A basket is held: keep what is yours of h->quoted for the commit that will name the hold. */
	int (*on_hold)(struct palier_ctx *c, const struct palier_hold *h);
	/** The very basket that was held is committed: book what was held instead of pricing. Fires in the place of on_tender and on_price;
	 * the discounts are on the lines already. What on_hold took out of reach may be spent, and nothing else. @param held its event */
	int (*on_capture)(struct palier_ctx *c, struct palier_sale *s, const struct palier_event *held);
	/** A hold ends: it was released, or what the commit did not take is let go. What it still keeps is free again. */
	int (*on_release)(struct palier_ctx *c, struct palier_bytes hold);
	/** What may be spent of a unit that is yours; leave *out alone of one that is not. For palier_spendable. */
	int (*spendable)(struct palier_ctx *c, struct palier_id member, const char *unit, int64_t *out);
	/** Points are being earned in `unit`: multiply *thousandths (1000 is once). Fires inside points' on_sale. */
	int (*on_earn)(struct palier_ctx *c, const struct palier_sale *s, const char *unit, int64_t *thousandths);
	/** Goods come back, for a return or for its quote: give back what was spent, take back what was earned. In an exchange this fires
	 * once a return, before the ticket is priced. */
	int (*on_return)(struct palier_ctx *c, struct palier_return *r);
	/** A sale or a return of the open day is undone as if it had not been. An exchange is undone whole. */
	int (*on_void)(struct palier_ctx *c, const struct palier_event *undone);
	/** A member is new; core has written the profile. */
	int (*on_enroll)(struct palier_ctx *c, struct palier_id member, const struct member_enroll *params);
	/** Two members become one: move what is `from`'s to `into`. Facts that you published of `from` are given to `into` afterwards
	 * where it has none: publish what they are together. */
	int (*on_merge)(struct palier_ctx *c, struct palier_id from, struct palier_id into);
	/** A member is being erased: close what is open. */
	int (*on_erase)(struct palier_ctx *c, struct palier_id member);
	/** After a day's close, a slice of the plugin's work (expiry, downgrades): effects for at most some hundred members. Slices may be
	 * run again: what was done shows in the tables. Nothing irreversible is to follow from a day later than closed->closed.
	 * @param from the last member of the slice before; all zeros: begin. Moved on to the last member looked at
	 * @return PALIER_OK; PALIER_ENOENT: this was the last slice (its effects count) */
	int (*due)(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
	/** The head office orders something, in a signed directive: do it when the order is of a kind of yours. Orders of a directive are
	 * carried out in turn, in one event; a refusal refuses them all.
	 * @return PALIER_OK: done; PALIER_ENOENT: not of mine; a refusal */
	int (*on_order)(struct palier_ctx *c, const struct office_order *order);
	/** A command, or a slice of a job, is decided, and all that it books stands in palier_event_now: facts and profiles are as they
	 * are after it, with the sale in hand. What follows for the members whom it touched? Nothing is to be refused any more. Fires in
	 * the opposite order, so that journey, which stands on what the others tell, comes behind those after it. */
	int (*on_decided)(struct palier_ctx *c);

	/* Answer. */

	/** A code is to be shown as a QR: what does it say? @return PALIER_OK; PALIER_ENOENT: it is none of yours; refused: what is wrong with it */
	int (*code_text)(struct palier_ctx *c, struct palier_bytes code, struct palier_bytes *out);
	/** The member view is being written: add this plugin's members of the object. Of a bearer's purse only plugins that take tender are
	 * asked. */
	int (*on_lookup)(struct palier_ctx *c, struct palier_id member, struct palier_json *w);
	/** A sale's or return's reply is being written from its event: add this plugin's members of the object. Reads the event and
	 * tables that never change (names of units), not the configuration.
	 * @param sale which of the returned ones (RETURN, REFUND); else empty */
	int (*on_reply)(struct palier_ctx *c, enum palier_reply reply, const struct palier_event *ev,
		struct palier_bytes sale, struct palier_json *w);
	/** A day is closing: add the plugin's members of the totals, of this day's batch or since the beginning. */
	int (*day_totals)(struct palier_ctx *c, bool perpetual, struct palier_json *w);
	/** Do the tables agree with themselves? Called for `palier check`. @param say reports one finding */
	int (*check)(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);
};

/** Define the plugin's one symbol. The same file may be linked statically (tests) or be loaded with dlopen. */
#define PALIER_PLUGIN(ident) \
	extern const struct palier_plugin palier_plugin_##ident; \
	const struct palier_plugin palier_plugin_##ident
