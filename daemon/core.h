/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in plugin "core": members, cards, sales, tills, request ids, facts. Built like the others, it alone may also use the key file. */
#pragma once

#include "daemon/condition.h"
#include "daemon/ctx.h"

enum core_table {
	T_META, /* counters by name */
	T_TILL,
	T_CARD,
	T_CONTACT,
	T_NAME,
	T_PROFILE,
	T_WALLET,
	T_SALE,
	T_REQUEST0, /* four periods of 30 days or more, in turn */
	T_REQUEST1,
	T_REQUEST2,
	T_REQUEST3,
	T_MEMBER,
	T_EVENT,
	T_FACTS,
	T_BUCKET,
	T_BOUGHT,
	T_FACT,
	T_ALERT,
	T_ALERT_SUM,
	T_WATCH,
	T_ROUND,
	T_BATCH,
	T_TOTAL,
	T_JOB,
	T_RETURNED,
	T_CLAIM,
	T_WAITING,
	T_MERGED,
	T_ERASED,
	T_HOLD,
	T_PROOF,
	T_SIGNER,
	T_DIRECTIVE,
	T_PROGRAMME,
	T_CHANGED,
};

#define REQUEST_TABLES 4 /* T_REQUEST0 and behind */

/* Counters of T_META. */
#define COUNTER_DIRECTIVE      "directive"      /* number of the last directive */
#define COUNTER_ALERTS_OPEN    "alerts_open"    /* alerts that nobody has resolved */
#define COUNTER_REQUESTS       "requests"       /* which of the tables takes requests now, */
#define COUNTER_REQUESTS_SINCE "requests_since" /* and since when, ms */

extern const struct palier_plugin core_plugin;

/* --- effects: frozen once released --- */

#define PALIER_FIELDS_alert_raised(F, M) \
	F(M, STRING, what, "what", PALIER_REQUIRED, PALIER_ANY, "shortfall, clock, ...") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "about whom") \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "in which unit") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "at which receipt") \
	F(M, INT, figure, "figure", 0, PALIER_ANY, "by how much, how often")
PALIER_MESSAGE(alert_raised);

#define PALIER_FIELDS_alert_resolved(F, M) F(M, STRING, alert, "alert", PALIER_REQUIRED, PALIER_ANY, "which")
PALIER_MESSAGE(alert_resolved);

#define PALIER_FIELDS_alert_dropped(F, M) \
	F(M, INT, upto, "upto", PALIER_REQUIRED, PALIER_ANY, "those of the events up to this seq are no longer listed")
PALIER_MESSAGE(alert_dropped);

#define PALIER_FIELDS_till_added(F, M) \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "its name") \
	F(M, ENUM(role), role, "role", PALIER_REQUIRED, PALIER_ANY, "what it may do") \
	F(M, STRING, token_sha256, "token_sha256", PALIER_REQUIRED, PALIER_ANY, "hex")
PALIER_MESSAGE(till_added);

#define PALIER_FIELDS_till_revoked(F, M) F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "its name")
PALIER_MESSAGE(till_revoked);

/* First in its event: who verifies a batch looks for key_id there. */
#define PALIER_FIELDS_key_rotated(F, M) \
	F(M, STRING, key_id, "key_id", PALIER_REQUIRED, PALIER_ANY, "hex: the key that signs the batches after this one") \
	F(M, STRING, previous_key_id, "previous_key_id", PALIER_REQUIRED, PALIER_ANY, "hex: the one that signs until then")
PALIER_MESSAGE(key_rotated);

#define PALIER_FIELDS_member_enrolled(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "the new member") \
	F(M, INT, slot, "slot", PALIER_REQUIRED, PALIER_ANY, "of the key file") \
	F(M, DAY, since, "since", PALIER_REQUIRED, PALIER_ANY, "store date; of a member of the chain, where that was") \
	F(M, BOOL, provisional, "provisional", 0, PALIER_ANY, "of an unknown card, not enrolled yet")
PALIER_MESSAGE(member_enrolled);

/* Of a provisional member: from now on one like the others. */
#define PALIER_FIELDS_member_completed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose enrolment this is") \
	F(M, DAY, since, "since", PALIER_REQUIRED, PALIER_ANY, "store date")
PALIER_MESSAGE(member_completed);

/* What is agreed to: one purpose, with the wording that was shown, where and when. */
enum consent_purpose { CONSENT_EMAIL, CONSENT_SMS, CONSENT_PROFILING, CONSENT_PURPOSES };
extern const char *const consent_purpose_names[];

#define PALIER_FIELDS_consent_given(F, M) \
	F(M, ENUM(consent_purpose), purpose, "purpose", PALIER_REQUIRED, PALIER_ANY, "email, sms or profiling") \
	F(M, BOOL, given, "given", PALIER_REQUIRED, PALIER_ANY, "or taken back") \
	F(M, STRING, wording, "wording", 0, PALIER_ANY, "version of the text") \
	F(M, STRING, channel, "channel", 0, PALIER_ANY, "where") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when")
PALIER_MESSAGE(consent_given);

/* Personal values are sealed one by one; null removes one. `keys` seals the index entries of all that is then known. */
#define PALIER_FIELDS_member_profile(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, STRING, name, "name", PALIER_SEALED | PALIER_NULLABLE, PALIER_ANY, "sealed") \
	F(M, STRING, phone, "phone", PALIER_SEALED | PALIER_NULLABLE, PALIER_ANY, "sealed E.164") \
	F(M, STRING, email, "email", PALIER_SEALED | PALIER_NULLABLE, PALIER_ANY, "sealed, case-folded") \
	F(M, STRING, birthday, "birthday", PALIER_SEALED | PALIER_NULLABLE, PALIER_ANY, "sealed date") \
	F(M, STRING, language, "language", PALIER_NULLABLE, PALIER_ANY, "ISO 639-1") \
	F(M, LIST(consent_given), consents, "consents", 0, PALIER_ANY, "what was agreed to, or no longer is") \
	F(M, STRINGS, tags, "tags", PALIER_NULLABLE, PALIER_ANY, "the shop's marks") \
	F(M, STRING, keys, "keys", PALIER_SEALED, PALIER_ANY, "sealed index entries")
PALIER_MESSAGE(member_profile);

/* The slot is overwritten once the event is on disk. */
#define PALIER_FIELDS_member_erased(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who is gone") \
	F(M, INT, slot, "slot", PALIER_REQUIRED, PALIER_ANY, "of the key file")
PALIER_MESSAGE(member_erased);

#define PALIER_FIELDS_member_merged(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who is another from now on") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "that other")
PALIER_MESSAGE(member_merged);

#define PALIER_FIELDS_member_frozen(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, BOOL, frozen, "frozen", PALIER_REQUIRED, PALIER_ANY, "is spending locked?")
PALIER_MESSAGE(member_frozen);

#define PALIER_FIELDS_member_met(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "last contact was then: store date")
PALIER_MESSAGE(member_met);

/* The hash is an HMAC under the member's key, cut to 16 bytes. */
#define PALIER_FIELDS_member_pin_set(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, HASH, hash, "hash", PALIER_REQUIRED, PALIER_ANY, "of the PIN, under the member's key")
PALIER_MESSAGE(member_pin_set);

#define PALIER_FIELDS_member_otp_used(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, INT, step, "step", PALIER_REQUIRED, PALIER_ANY, "of RFC 6238: neither it nor one before it is accepted again")
PALIER_MESSAGE(member_otp_used);
/* A gift card's: from now on its number has a ledger of its own, and is nobody's. */
#define PALIER_FIELDS_purse_opened(F, M) \
	F(M, MEMBER, purse, "purse", PALIER_REQUIRED, PALIER_ANY, "its id, one among the members'") \
	F(M, DAY, since, "since", PALIER_REQUIRED, PALIER_ANY, "store date of its sale")
PALIER_MESSAGE(purse_opened);

#define PALIER_FIELDS_card_attached(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, HASH, key, "key", PALIER_REQUIRED, PALIER_ANY, "keyed hash of the number") \
	F(M, STRING, number, "number", PALIER_REQUIRED | PALIER_SEALED, PALIER_ANY, "sealed")
PALIER_MESSAGE(card_attached);

#define PALIER_FIELDS_card_blocked(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, HASH, key, "key", PALIER_REQUIRED, PALIER_ANY, "keyed hash of the number")
PALIER_MESSAGE(card_blocked);

#define PALIER_FIELDS_booked_line(F, M) \
	F(M, INT, line, "line", PALIER_REQUIRED, PALIER_ANY, "index from 0") \
	F(M, INT, foreign, "foreign", 0, PALIER_ANY, "the till's promotions on it") \
	F(M, INT, ours, "ours", 0, PALIER_ANY, "our discounts on it")
PALIER_MESSAGE(booked_line);

#define PALIER_FIELDS_sale_booked(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt's number") \
	F(M, DAY, date, "date", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, INT, total, "total", PALIER_REQUIRED, PALIER_ANY, "sum of the lines") \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "for the goods") \
	F(M, INT, due, "due", PALIER_REQUIRED, PALIER_ANY, "by other means") \
	F(M, INT, base, "base", PALIER_REQUIRED, PALIER_ANY, "net paid over all item lines") \
	F(M, INT, returned, "returned", 0, PALIER_ANY, "by how much returns on the ticket lower payable") \
	F(M, INT, difference, "difference", 0, PALIER_ANY, "of payable, what the till took beyond the lines' net, or less") \
	F(M, LIST(booked_line), lines, "lines", 0, PALIER_ANY, "those with discounts")
PALIER_MESSAGE(sale_booked);

#define PALIER_FIELDS_sale_discount(F, M) \
	F(M, STRING, source, "source", PALIER_REQUIRED, PALIER_ANY, "offer or reward") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what to print") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "taken off") \
	F(M, BOOL, redeemed, "redeemed", 0, PALIER_ANY, "bought with points") \
	F(M, LIST(line_part), lines, "lines", PALIER_REQUIRED, PALIER_ANY, "its parts")
PALIER_MESSAGE(sale_discount);

/* Of a basket: what its commit will cost, whatever the programme is by then. */
#define PALIER_FIELDS_sale_held(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_ANY, "its id") \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, TIME, expires, "expires", PALIER_REQUIRED, PALIER_ANY, "when it lapses by itself") \
	F(M, HASH, basket, "basket", 0, PALIER_ANY, "keyed hash of the basket; absent: of points alone") \
	F(M, LIST(sale_discount), discounts, "discounts", 0, PALIER_ANY, "ours") \
	F(M, JSON, quote, "quote", 0, PALIER_ANY, "its figures, as the till was told")
PALIER_MESSAGE(sale_held);

#define PALIER_FIELDS_hold_resolved(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_ANY, "which") \
	F(M, BOOL, captured, "captured", 0, PALIER_ANY, "by this sale; else it was released")
PALIER_MESSAGE(hold_resolved);

#define PALIER_FIELDS_hold_dropped(F, M) \
	F(M, STRING, upto, "upto", PALIER_REQUIRED, PALIER_ANY, "those up to this one are no longer known")
PALIER_MESSAGE(hold_dropped);

#define PALIER_FIELDS_returned_line(F, M) \
	F(M, INT, line, "line", PALIER_REQUIRED, PALIER_ANY, "index from 0") \
	F(M, INT, quantity, "quantity", 0, PALIER_ANY, "thousandths that came back") \
	F(M, INT, amount, "amount", 0, PALIER_ANY, "or an amount given back")
PALIER_MESSAGE(returned_line);

/* Of sale.returned, and of return.voided, which undoes one. */
#define PALIER_FIELDS_sale_returned(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "number of the sale that came back") \
	F(M, STRING, number, "return", 0, PALIER_ANY, "the return's own number; absent in a quote") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "whose sale it is") \
	F(M, DAY, date, "date", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "given back") \
	F(M, INT, units, "units", 0, PALIER_ANY, "of it, to stored value") \
	F(M, INT, base, "base", PALIER_REQUIRED, PALIER_ANY, "part of what the sale's shares are of") \
	F(M, INT, previous, "previous", 0, PALIER_ANY, "event of the sale's return before") \
	F(M, LIST(returned_line), lines, "lines", 0, PALIER_ANY, "what came back")
PALIER_MESSAGE(sale_returned);

/* Of return.settling and return.waiting, by which nothing has moved yet, and of return.forgotten, which undoes one. */
#define PALIER_FIELDS_return_noted(F, M) \
	F(M, STRING, number, "return", PALIER_REQUIRED, PALIER_ANY, "the return's own number") \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "number of the sale")
PALIER_MESSAGE(return_noted);

/* Of settle.waiting: another store took goods of a sale back that is not known here yet. */
#define PALIER_FIELDS_settle_waiting(F, M) \
	F(M, STRING, number, "return", PALIER_REQUIRED, PALIER_ANY, "as it is shown here: store/return") \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "number of the sale") \
	F(M, LIST(return_line), lines, "lines", 0, PALIER_ANY, "what came back; absent: all that is left")
PALIER_MESSAGE(settle_waiting);

#define PALIER_FIELDS_product(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_ANY, "the product") \
	F(M, STRING, category, "category", 0, PALIER_ANY, "its category")
PALIER_MESSAGE(product);

#define PALIER_FIELDS_sale_claimed(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt's number") \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose sale it is from now on") \
	F(M, DAY, date, "date", PALIER_REQUIRED, PALIER_ANY, "store date of the sale") \
	F(M, INT, spend, "spend", PALIER_REQUIRED, PALIER_ANY, "for the goods, less what had come back") \
	F(M, LIST(product), products, "products", 0, PALIER_ANY, "what was bought, a row an item line")
PALIER_MESSAGE(sale_claimed);

#define PALIER_FIELDS_unbought(F, M) \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "product or category") \
	F(M, BOOL, category, "category", 0, PALIER_ANY, "it is a category") \
	F(M, INT, lines, "lines", PALIER_REQUIRED, PALIER_ANY, "how many lines of it there no longer are") \
	F(M, DAY, day, "day", 0, PALIER_ANY, "when it was last bought now; absent: as far as is known, never")
PALIER_MESSAGE(unbought);

/* A sale undone: its number is free; where goods had been sold to a member, the facts without it. */
#define PALIER_FIELDS_sale_voided(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt's number") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "whose sale it was") \
	F(M, DAY, date, "date", 0, PALIER_ANY, "store date of the sale") \
	F(M, INT, spend, "spend", PALIER_REQUIRED, PALIER_ANY, "for the goods") \
	F(M, TIME, first, "first", 0, PALIER_ANY, "the first purchase now; absent: there is none") \
	F(M, TIME, last, "last", 0, PALIER_ANY, "and the last") \
	F(M, LIST(unbought), products, "products", 0, PALIER_ANY, "what was in it")
PALIER_MESSAGE(sale_voided);

#define PALIER_FIELDS_qr_given(F, M) \
	F(M, STRING, purpose, "purpose", PALIER_REQUIRED, PALIER_ANY, "what it is for") \
	F(M, STRING, text, "text", PALIER_REQUIRED | PALIER_SEALED, PALIER_ANY, "what it says, sealed")
PALIER_MESSAGE(qr_given);

#define PALIER_FIELDS_message_given(F, M) \
	F(M, STRING, text, "text", PALIER_REQUIRED, PALIER_ANY, "id of the text") \
	F(M, STRING, many, "many", 0, PALIER_ANY, "of a text that counts: the English of several") \
	F(M, INT, count, "count", 0, PALIER_ANY, "and how many there are") \
	F(M, STRINGS, args, "args", 0, PALIER_ANY, "%1 to %9") \
	F(M, STRING, language, "language", 0, PALIER_ANY, "in which it was said; absent: English")
PALIER_MESSAGE(message_given);

#define PALIER_FIELDS_fact_published(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom") \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "the fact") \
	F(M, STRING, value, "value", PALIER_REQUIRED, PALIER_ANY, "empty: no longer")
PALIER_MESSAGE(fact_published);

#define PALIER_FIELDS_day_closed(F, M) \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_ANY, "the journal file that ends here") \
	F(M, DAY, business_day, "business_day", PALIER_REQUIRED, PALIER_ANY, "its day") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_ANY, "in it, this one included") \
	F(M, JSON, totals, "totals", PALIER_REQUIRED, PALIER_ANY, "of the day") \
	F(M, JSON, perpetual, "perpetual", PALIER_REQUIRED, PALIER_ANY, "since the first day") \
	F(M, TIME, closed_at, "closed_at", PALIER_REQUIRED, PALIER_ANY, "when") \
	F(M, INT, requests, "requests", 0, PALIER_RANGE(0, REQUEST_TABLES - 1), \
		"the table of requests that is emptied, and takes the requests from here on")
PALIER_MESSAGE(day_closed);

#define PALIER_FIELDS_clock_doubted(F, M) \
	F(M, DAY, closed, "closed", PALIER_REQUIRED, PALIER_ANY, "the last closed day") \
	F(M, DAY, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "the day opened after it") \
	F(M, DAY, clock, "clock", PALIER_REQUIRED, PALIER_ANY, "the clock's date") \
	F(M, BOOL, hold, "hold", 0, PALIER_ANY, "more than 31 days apart: only a supervisor lets the jobs go on")
PALIER_MESSAGE(clock_doubted);

#define PALIER_FIELDS_job_slice_done(F, M) \
	F(M, STRING, plugin, "plugin", PALIER_REQUIRED, PALIER_ANY, "whose job") \
	F(M, STRING, upto, "upto", 0, PALIER_ANY, "the last member looked at; absent: the job is done")
PALIER_MESSAGE(job_slice_done);
#define PALIER_FIELDS_ledger_restored(F, M) \
	F(M, TIME, taken, "taken", PALIER_REQUIRED, PALIER_ANY, "when the backup was") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_ANY, "its last seq: what was booked after it is lost")
PALIER_MESSAGE(ledger_restored);

/* First in its event; what it orders follows. */
#define PALIER_FIELDS_directive_applied(F, M) \
	F(M, INT, number, "number", PALIER_REQUIRED, PALIER_RANGE(1, UINT32_MAX), "of the directive") \
	F(M, STRING, sha256, "sha256", PALIER_REQUIRED, PALIER_RANGE(2 * SHA256_LEN, 2 * SHA256_LEN), \
		"of its document, hex") \
	F(M, STRING, key_id, "key_id", PALIER_REQUIRED, PALIER_ANY, "hex: the office's key that signed it") \
	F(M, TIME, issued, "issued", PALIER_REQUIRED, PALIER_ANY, "when the office made it") \
	F(M, INT, orders, "orders", PALIER_REQUIRED, PALIER_ANY, "how many orders it has")
PALIER_MESSAGE(directive_applied);

/* The file is written once the event is on disk. */
#define PALIER_FIELDS_programme_sent(F, M) \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_RANGE(1, 128), "the file") \
	F(M, STRING, text, "text", PALIER_REQUIRED, PALIER_ANY, "what is in it from now on")
PALIER_MESSAGE(programme_sent);

/* --- apply (core.c lists them) --- */
#define CORE_APPLY(name) int name(struct palier_tables *t, const struct palier_event *ev, const void *body)
CORE_APPLY(alert_raised_apply);
CORE_APPLY(alert_resolved_apply);
CORE_APPLY(alert_dropped_apply);
CORE_APPLY(till_added_apply);
CORE_APPLY(till_revoked_apply);
CORE_APPLY(key_rotated_apply);
CORE_APPLY(member_enrolled_apply);
CORE_APPLY(member_completed_apply);
CORE_APPLY(member_profile_apply);
CORE_APPLY(member_erased_apply);
CORE_APPLY(member_merged_apply);
CORE_APPLY(member_frozen_apply);
CORE_APPLY(member_met_apply);
CORE_APPLY(member_pin_set_apply);
CORE_APPLY(member_otp_used_apply);
CORE_APPLY(purse_opened_apply);
CORE_APPLY(card_attached_apply);
CORE_APPLY(card_blocked_apply);
CORE_APPLY(sale_booked_apply);
CORE_APPLY(sale_held_apply);
CORE_APPLY(hold_resolved_apply);
CORE_APPLY(hold_dropped_apply);
CORE_APPLY(sale_returned_apply);
CORE_APPLY(return_voided_apply);
CORE_APPLY(return_settling_apply);
CORE_APPLY(return_waiting_apply);
CORE_APPLY(settle_waiting_apply);
CORE_APPLY(return_forgotten_apply);
CORE_APPLY(sale_claimed_apply);
CORE_APPLY(sale_voided_apply);
CORE_APPLY(fact_published_apply);
CORE_APPLY(day_closed_apply);
CORE_APPLY(clock_doubted_apply);
CORE_APPLY(job_slice_done_apply);
CORE_APPLY(directive_applied_apply);
CORE_APPLY(programme_sent_apply);

/* --- methods --- */
#define CORE_ANSWER(name) int name(struct palier_ctx *c, const void *params, struct palier_json *w)
#define CORE_DECIDE(name) int name(struct palier_ctx *c, const void *params)
#define CORE_REPLY(name)  int name(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w)
CORE_DECIDE(till_add_decide);
CORE_DECIDE(till_revoke_decide);
CORE_DECIDE(key_rotate_decide);
CORE_DECIDE(directive_apply_decide);
CORE_REPLY(directive_apply_reply);
CORE_ANSWER(directive_status_answer);
CORE_ANSWER(till_list_answer);
CORE_ANSWER(card_lookup_answer);
CORE_DECIDE(card_issue_decide);
CORE_DECIDE(card_attach_decide);
CORE_DECIDE(card_block_decide);
CORE_DECIDE(card_replace_decide);
CORE_DECIDE(member_enroll_decide);
CORE_DECIDE(member_update_decide);
CORE_ANSWER(member_find_answer);
CORE_DECIDE(member_erase_decide);
CORE_REPLY(member_erase_reply);
CORE_DECIDE(member_merge_decide);
CORE_DECIDE(member_freeze_decide);
CORE_DECIDE(member_thaw_decide);
CORE_DECIDE(member_pin_decide);
CORE_ANSWER(member_otp_answer);
CORE_ANSWER(member_export_answer);
CORE_ANSWER(sale_quote_answer);
CORE_DECIDE(sale_commit_decide);
CORE_REPLY(sale_commit_reply);
CORE_DECIDE(sale_hold_decide);
CORE_REPLY(sale_hold_reply);
CORE_DECIDE(sale_release_decide);
CORE_DECIDE(sale_return_decide);
CORE_REPLY(sale_return_reply);
CORE_DECIDE(sale_void_decide);
CORE_DECIDE(sale_claim_decide);
CORE_REPLY(sale_balances_reply);
CORE_ANSWER(sale_show_answer);
CORE_ANSWER(sale_list_answer);
CORE_ANSWER(qr_render_answer);
CORE_ANSWER(system_alerts_answer);
CORE_DECIDE(alert_resolve_decide);
CORE_DECIDE(day_close_decide);
CORE_REPLY(day_close_reply);
CORE_ANSWER(day_status_answer);
CORE_ANSWER(batch_list_answer);
CORE_ANSWER(batch_show_answer);
CORE_DECIDE(clock_doubt_decide);
/** A command without a reply of its own answers {}. */
CORE_REPLY(nothing_reply);
CORE_DECIDE(ledger_restored_decide);
/** What the daemon books itself at its first start after a restore; its params are the effect's fields (restored.c). */
extern const struct palier_method method_ledger_restored;

/* Whose personal data have changed, page by page: for the head office (changed.c). */
#define PALIER_FIELDS_persons_changed(F, M) \
	F(M, INT, after, "after", PALIER_REQUIRED, PALIER_ANY, "by events after this one")
PALIER_MESSAGE(persons_changed);
extern const struct palier_method method_persons_changed;
CORE_ANSWER(persons_changed_answer);

/* --- core's tables, for its own rooms --- */

/** The till of the daemon's own commands: no till may bear its name. */
#define TILL_OWN "palierd"
/** That of the head office, by the https door: nor its. */
#define TILL_OFFICE "head-office"

/** The core's tables of this command, to read. */
const struct palier_tables *core_tables(const struct palier_ctx *c);
/** A counter of T_META; 0 when it was never set. */
int64_t core_counter(const struct palier_tables *t, const char *name);
int core_counter_set(struct palier_tables *t, const char *name, int64_t value);

/* cards.c */
struct card_row {
	struct palier_id member;
	bool blocked;
	struct palier_bytes number; /* sealed */
	struct palier_bytes plain;  /* the same, where it is known anyway */
};
/** Scan a card as the store's formats say, refusing what is none. */
int card_read(struct palier_ctx *c, const char *field, struct palier_bytes raw, struct card_number *out);
/** @return PALIER_OK; PALIER_ENOENT */
int card_find(struct palier_ctx *c, const struct card_number *number, struct card_row *out, struct palier_hash16 *key);
/** Add the effects that give a member this card. */
int card_give(struct palier_ctx *c, struct palier_id member, uint32_t slot, const struct card_number *number);
/** Add the effect that blocks a card. */
int card_stop(struct palier_ctx *c, struct palier_id member, const struct palier_hash16 *key);
/** May this card, found under a number, be given to somebody? Refuses one that is a member's, or blocked. One that an erased member
 * left behind may. */
int card_free(struct palier_ctx *c, const struct card_row *row);
/** Draw a number of the store's own range that is not in use. @param bearer a gift card's, of at least 16 random digits */
int card_draw(struct palier_ctx *c, bool bearer, struct card_number *out);
/** A member's cards, newest first: to be walked with wallet_next. */
struct palier_cursor *wallet_of(const struct palier_tables *t, struct palier_id member);
/** @return PALIER_OK; PALIER_ENOENT at the end */
int wallet_next(const struct palier_tables *t, struct palier_cursor *wallet, struct card_row *out);
/** The cards of one member become another's. */
int cards_move(struct palier_tables *t, struct palier_id from, struct palier_id into);
/** The cards go on leading to the member, who is erased: their numbers are no longer kept. */
int cards_forget(struct palier_tables *t, struct palier_id member);
/** The card's number, or nothing when it is not to be read any more. */
int card_text(struct palier_ctx *c, const struct card_row *card, struct palier_bytes *out);
/** A member's newest card. @param out number sealed @return PALIER_OK; PALIER_ENOENT */
int card_newest(struct palier_ctx *c, struct palier_id member, struct card_row *out);

/** The card that a command was about: the last that it gave or blocked. @return PALIER_OK; PALIER_ENOENT */
int card_of_event(struct palier_ctx *c, const struct palier_event *ev, struct card_row *out);

/* members.c */
#define MEMBER_PROVISIONAL 0x01u /* of an unknown card, without a profile yet */
#define MEMBER_FROZEN      0x02u /* spending is locked at the customer's wish */
#define MEMBER_ERASED      0x04u
#define MEMBER_MERGED      0x08u /* into another */
#define MEMBER_BEARER      0x10u /* no member: the purse of a gift card */

struct member_row {
	uint32_t slot, since;
	uint32_t seen; /* business day of the last contact, purchases aside */
	uint64_t seq;  /* of the enrolment */
	uint8_t flags;
	struct palier_id into;        /* MEMBER_MERGED */
	struct palier_bytes language; /* empty: the store's */
};
/** @return PALIER_OK; PALIER_ENOENT */
int member_row(const struct palier_tables *t, struct palier_id member, struct member_row *out);
/** The same, of who the member is now. @param member moved on to that one; an erased one stays @return PALIER_OK; PALIER_ENOENT */
int member_follow(const struct palier_tables *t, struct palier_id *member, struct member_row *out);
/** Likewise, refusing an unknown member and an erased one; and a bearer's purse, unless it will do. */
int member_need(struct palier_ctx *c, struct palier_id *member, struct member_row *out);
int holder_need(struct palier_ctx *c, struct palier_id *member, struct member_row *out);
int member_put(struct palier_tables *t, struct palier_id member, const struct member_row *row);
/** Enrol nobody yet: the member of a card that nobody has, so that it can earn. Becomes c's member.
 * @return PALIER_OK; PALIER_ESTORAGE_FULL, refused */
int member_provisional(struct palier_ctx *c, const struct card_number *number);
/** Make a member known who was enrolled in another store of the chain. @param member an id that nobody has here
 * @param since the day of that; 0: not known, today
 * @return PALIER_OK; PALIER_ESTORAGE_FULL, refused */
int member_chain(struct palier_ctx *c, struct palier_id member, uint32_t since);
/** An id that nobody has. */
struct palier_id member_draw(struct palier_ctx *c);
/** A contact with the customer, dated by the event: what retention counts from. */
int member_seen(struct palier_tables *t, const struct palier_event *ev, struct palier_id member);

/* purses.c */
/** May the card be sold to nobody? It needs too many digits to be guessed. */
bool purse_number(const struct card_number *number);
/** Does the method in hand concern a ledger, whosever it is? Then a bearer's card will do for a member's. */
bool purse_serves(const struct palier_ctx *c);

/* profile.c */
/** A sealed field of the profile: 'n' name, 'p' phone, 'e' e-mail, 'b' birthday. Empty when there is none, or its key is erased. */
int profile_text(struct palier_ctx *c, struct palier_id member, char field, struct palier_bytes *out);
/** @return PALIER_OK; PALIER_ENOENT: never asked */
int profile_consent(const struct palier_ctx *c, struct palier_id member, enum consent_purpose purpose,
	struct consent_given *out);
/** Remove the profile and what finds the member by it. */
int profile_forget(struct palier_tables *t, struct palier_id member);
/** Add the effect that gives `into` what only `from` has, sealed with the key of c's event. */
int profile_fill_from(struct palier_ctx *c, struct palier_id from, struct palier_id into);
/** Seal the index entries that find a member by these; empty ones are left out. */
struct palier_bytes profile_entries(struct palier_ctx *c, struct palier_bytes name, struct palier_bytes phone,
	struct palier_bytes email);

/* wording.c */
/** A message's text, in the language in which it was said: the same whenever it is written. */
/** The codes of a sale's reply, if it has any. */
int qrs_write(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w);
void message_write(struct palier_ctx *c, const struct message_given *m, struct palier_json *w);
/** What is said from now on is said to this member, whose view is being written; */
void prompts_begin(struct palier_ctx *c, const struct member_row *member);
/** and is the view's member "prompts", where there is something to say. */
void prompts_write(struct palier_ctx *c, struct palier_json *w);

/* member_view.c */
/** The member view's members. @param member,row as member_follow has them @param card the card looked up; NULL: the newest */
int member_view_write(struct palier_ctx *c, struct palier_id member, const struct member_row *row,
	const struct card_row *card, struct palier_json *w);
CORE_REPLY(member_view_reply);

/* sales.c */
/** What no field table can say of the params of c's method: a basket's shape, or a return's. Looked at before anything else.
 * @return PALIER_OK; PALIER_EPARAMS, refused */
int sale_check(struct palier_ctx *c, const void *params);

/* alerts.c */
/** Drop the alerts that are older than they are kept, at most some at a close, in its first slice. Part of core's `due`. */
int alerts_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
/** Has nobody resolved the first alert of an event? */
bool alert_is_open(const struct palier_tables *t, uint64_t seq);
/** Write the member "alerts" of a day's totals: how many of the open day, by kind, till, operator and unit. */
int alerts_day_totals(struct palier_ctx *c, struct palier_json *w);

/* holds.c */
/** Forget the holds that ended long ago, at most some at a close, in its first slice. Part of core's `due`. */
int holds_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);

/* day.c */
struct batch_row {
	uint32_t day;
	uint64_t seq, offset; /* of the event that closed it */
	uint64_t events;
	int64_t closed_ms;
};
/** @return PALIER_OK; PALIER_ENOENT: not closed */
int batch_row(const struct palier_tables *t, uint32_t batch, struct batch_row *out);
/** What the event says of the day that it closed. @return NULL: it closed none */
const struct day_closed *closed_of(const struct palier_event *ev);
/** An event's part in the day's totals and in those since the first day. */
int totals_book(struct palier_tables *t, const struct palier_event *ev);

/* fraud.c */
/** Raise the alerts for what this command, decided already, repeats too often. */
int fraud_watch(struct palier_ctx *c);
/** Count what an event tells: a step of the fold. */
int fraud_book(struct palier_tables *t, const struct palier_event *ev);

/* facts.c */
/** A sale's part in the facts of its member. */
struct purchase {
	struct palier_id member;
	int64_t at_ms;
	uint32_t date; /* store date */
	int64_t spend; /* for the goods */
	const struct product *products;
	uint32_t product_count;
};
/** The products of a sale's item lines. @param out count rows @return how many there are */
uint32_t products_of(const struct sale_commit *p, struct product *out);
int facts_add(struct palier_tables *t, const struct purchase *p);
/** How many lines of a product or category are known to have been bought. */
int64_t facts_lines(const struct palier_tables *t, struct palier_id member, const struct unbought *product);
/** As if it had not been. */
int facts_undo(struct palier_tables *t, const struct sale_voided *e);
/** What comes back lowers what was spent, on the day of the sale; the number of purchases stays. Undone with a negative amount. */
int facts_return(struct palier_tables *t, struct palier_id member, uint32_t date, int64_t amount);
/** Add one member's facts to another's. What plugins publish is moved where the other has none. */
int facts_move(struct palier_tables *t, struct palier_id from, struct palier_id into);
int facts_forget(struct palier_tables *t, struct palier_id member);
/** A member's published facts: to be walked with palier_next; the name follows the member's id in the key. */
struct palier_cursor *facts_published(const struct palier_tables *t, struct palier_id member);

/* changed.c */
/** The event changes personal data of this member, or that there are any. */
int person_changed(struct palier_tables *t, const struct palier_event *ev, struct palier_id member);

/* export.c */
/** Write what is kept of the person: texts, consents, tags, cards. */
int person_write(struct palier_ctx *c, struct palier_id member, struct palier_json *w);

/* erasure.c */
/** Overwrite the slots of all that were erased, where a crash or an older key file left a key, and sync. */
int erased_again(const struct palier_tables *t, struct keys *k);
/** Erase, a slice at a time, the members whose last purchase or contact is too long ago. Part of core's `due`. */
int retention_due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);

/* merging.c */
/** Those that were merged into a member: to be walked with merged_next. */
struct palier_cursor *merged_into(const struct palier_tables *t, struct palier_id member);
/** @return PALIER_OK; PALIER_ENOENT at the end */
int merged_next(struct palier_cursor *merged, struct palier_id *out);
