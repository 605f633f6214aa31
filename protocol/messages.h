/* SPDX-License-Identifier: Apache-2.0 */
/* Every message of the protocol: the params and results of its methods, a row a field. */
#pragma once

#include "protocol/schema.h"

#define PALIER_PROTOCOL_VERSION 1

/* --- what many messages share --- */

/* A command's common params stand first, in this order: any command's struct may be read as a struct command. */
#define PALIER_COMMAND(F, M) \
	F(M, STRING, request, "request", PALIER_ENVELOPE | PALIER_NO_HASH, PALIER_RANGE(1, 64), \
		"the command's own id, unique per till: sent again, it is answered again and counts once; required") \
	F(M, STRING, operator, "operator", PALIER_ENVELOPE | PALIER_NO_HASH, PALIER_RANGE(1, 32), \
		"the cashier's code, not a name") \
	F(M, TIME, at, "at", PALIER_ENVELOPE | PALIER_NO_HASH, PALIER_ANY, "when it happened; absent: now") \
	F(M, BOOL, training, "training", PALIER_SECRET | PALIER_FALSE, PALIER_ANY, \
		"decide and answer, but book and remember nothing") \
	F(M, OBJECT(override), override, "override", PALIER_SECRET | PALIER_NO_HASH, PALIER_ANY, "a supervisor's badge") \
	F(M, JSON, ext, "ext", PALIER_SEALED, PALIER_ANY, "anything of the till's own, carried into the event")

/* A command that may report, later, what has happened already: the customer has left, so it is not refused for its numbers. */
#define PALIER_FACT(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, BOOL, offline, "offline", PALIER_FALSE | PALIER_NO_HASH, PALIER_ANY, \
		"it happened while palier could not be asked: `at` may be any time in the past")

/* Who: a card, or its member. */
#define PALIER_WHO(F, M) \
	F(M, STRING, card, "card", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), "the raw scan of a card") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "a member's id, instead of a card")

#define PALIER_FIELDS_override(F, M) \
	F(M, STRING, token, "token", PALIER_REQUIRED, PALIER_RANGE(1, 128), "the supervisor's token")
PALIER_MESSAGE(override);

#define PALIER_FIELDS_command(F, M) PALIER_COMMAND(F, M)
PALIER_MESSAGE(command);

#define PALIER_FIELDS_fact(F, M) PALIER_FACT(F, M)
PALIER_MESSAGE(fact);

#define PALIER_FIELDS_nothing(F, M)
struct nothing {
	struct palier_set set;
};
extern const struct palier_schema nothing_schema;

/* --- sessions --- */

#define PALIER_FIELDS_client(F, M) \
	F(M, STRING, name, "name", 0, PALIER_RANGE(0, 64), "the till software's name") \
	F(M, STRING, version, "version", 0, PALIER_RANGE(0, 64), "and its version")
PALIER_MESSAGE(client);

#define PALIER_FIELDS_session_open(F, M) \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the till's name") \
	F(M, STRING, token, "token", 0, PALIER_RANGE(1, 128), "its secret, as `palier till add` showed it") \
	F(M, INT, protocol, "protocol", PALIER_REQUIRED, PALIER_RANGE(1, 1), "the protocol's version: 1") \
	F(M, STRING, operator, "operator", 0, PALIER_RANGE(1, 32), "the cashier at the till, for commands that name none") \
	F(M, OBJECT(client), client, "client", 0, PALIER_ANY, "who is calling")
PALIER_MESSAGE(session_open);

#define PALIER_FIELDS_store_view(F, M) \
	F(M, STRING, id, "id", PALIER_REQUIRED, PALIER_ANY, "the store's id in its chain") \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "its name") \
	F(M, STRING, currency, "currency", PALIER_REQUIRED, PALIER_ANY, "ISO 4217; amounts are in its minor unit") \
	F(M, STRING, timezone, "timezone", PALIER_REQUIRED, PALIER_ANY, "IANA time zone of the store's days") \
	F(M, STRING, language, "language", PALIER_REQUIRED, PALIER_ANY, "its customers' language unless they say another")
PALIER_MESSAGE(store_view);

#define PALIER_FIELDS_session_view(F, M) \
	F(M, OBJECT(client), server, "server", PALIER_REQUIRED, PALIER_ANY, "name and version of this daemon") \
	F(M, INT, protocol, "protocol", PALIER_REQUIRED, PALIER_ANY, "the protocol's version") \
	F(M, OBJECT(store_view), store, "store", PALIER_REQUIRED, PALIER_ANY, "the store") \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "the till signed in") \
	F(M, STRING, role, "role", PALIER_REQUIRED, PALIER_ANY, "its role") \
	F(M, STRINGS, methods, "methods", PALIER_REQUIRED, PALIER_ANY, "what this role may call")
PALIER_MESSAGE(session_view);

enum role { ROLE_DISPLAY, ROLE_CASHIER, ROLE_SUPERVISOR, ROLE_OFFICE, ROLES };
extern const char *const role_names[]; /* "display" "cashier" "supervisor" "office" NULL */

#define PALIER_FIELDS_till_add(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the till's name") \
	F(M, ENUM(role), role, "role", PALIER_REQUIRED, PALIER_ANY, "what it may do") \
	F(M, STRING, token_sha256, "token_sha256", PALIER_REQUIRED, PALIER_RANGE(64, 64), "SHA-256 of its token, in hex")
PALIER_MESSAGE(till_add);

#define PALIER_FIELDS_till_revoke(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the till's name")
PALIER_MESSAGE(till_revoke);

#define PALIER_FIELDS_key_rotate(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, certificate, "certificate", PALIER_REQUIRED, PALIER_RANGE(1, 16384), "the new key's, in PEM") \
	F(M, STRING, previous, "previous", PALIER_REQUIRED, PALIER_RANGE(1, 16384), \
		"the certificate with which batches are signed until then") \
	F(M, STRING, by_previous, "by_previous", PALIER_REQUIRED | PALIER_NO_HASH, PALIER_RANGE(1, 128), \
		"the old key's signature of the statement, base64url") \
	F(M, STRING, by_new, "by_new", PALIER_REQUIRED | PALIER_NO_HASH, PALIER_RANGE(1, 128), "the new key's")
PALIER_MESSAGE(key_rotate);

#define PALIER_FIELDS_till_view(F, M) \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "its name") \
	F(M, ENUM(role), role, "role", PALIER_REQUIRED, PALIER_ANY, "its role") \
	F(M, BOOL, revoked, "revoked", PALIER_REQUIRED, PALIER_ANY, "may no longer sign in")
PALIER_MESSAGE(till_view);

#define PALIER_FIELDS_till_views(F, M) F(M, LIST(till_view), tills, "tills", PALIER_REQUIRED, PALIER_ANY, "by name")
PALIER_MESSAGE(till_views);

#define PALIER_FIELDS_request_status(F, M) \
	F(M, STRING, request, "request", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the id of a command this till has sent")
PALIER_MESSAGE(request_status);

#define PALIER_FIELDS_request_view(F, M) \
	F(M, STRING, state, "state", PALIER_REQUIRED, PALIER_ANY, \
		"\"done\": booked, result is its reply; \"unknown\": never booked, send it again") \
	F(M, JSON, result, "result", 0, PALIER_ANY, "the first reply")
PALIER_MESSAGE(request_view);

/* --- cards and members --- */

#define PALIER_FIELDS_card_lookup(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, phone, "phone", 0, PALIER_RANGE(1, 64), "or a phone number, as people write it") \
	F(M, STRING, email, "email", 0, PALIER_RANGE(1, 254), "or an e-mail address")
PALIER_MESSAGE(card_lookup);

#define PALIER_FIELDS_consent(F, M) \
	F(M, BOOL, email, "email", 0, PALIER_ANY, "may be written to") \
	F(M, BOOL, sms, "sms", 0, PALIER_ANY, "may be sent text messages") \
	F(M, BOOL, profiling, "profiling", 0, PALIER_ANY, "purchases may be used for personal suggestions") \
	F(M, STRING, wording, "wording", 0, PALIER_RANGE(1, 32), "version of the text agreed to") \
	F(M, STRING, channel, "channel", 0, PALIER_RANGE(1, 32), "where it was given: till, web, ...")
PALIER_MESSAGE(consent);

/* Personal fields are SECRET to the event's params because the effect member.profile carries them, each sealed. */
#define PALIER_PROFILE(F, M, N) \
	F(M, STRING, name, "name", PALIER_SECRET | (N), PALIER_RANGE(1, 128), "first name and surname") \
	F(M, STRING, phone, "phone", PALIER_SECRET | (N), PALIER_RANGE(1, 64), "as people write it") \
	F(M, STRING, email, "email", PALIER_SECRET | (N), PALIER_RANGE(1, 254), "e-mail address") \
	F(M, DAY, birthday, "birthday", PALIER_SECRET | (N), PALIER_ANY, "date of birth") \
	F(M, STRING, language, "language", N, PALIER_RANGE(2, 8), "ISO 639-1: fr, en, ...") \
	F(M, OBJECT(consent), consent, "consent", N, PALIER_ANY, "what the customer agreed to; absent: to nothing") \
	F(M, STRING, heard_from, "heard_from", PALIER_SEALED | (N), PALIER_RANGE(1, 128), \
		"how the customer heard of the shop") \
	F(M, STRINGS, tags, "tags", N, PALIER_RANGE(0, 32), "the shop's own marks")

#define PALIER_FIELDS_member_enroll(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, card, "card", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), \
		"the card handed out; absent: one is issued") \
	PALIER_PROFILE(F, M, 0) \
	F(M, STRING, referral, "referral", 0, PALIER_RANGE(1, 64), "a sponsor's code")
PALIER_MESSAGE(member_enroll);

#define PALIER_FIELDS_member_update(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose; fields left out stay, null removes") \
	PALIER_PROFILE(F, M, PALIER_NULLABLE)
PALIER_MESSAGE(member_update);

#define PALIER_FIELDS_member_erase(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who is to be nobody, for good")
PALIER_MESSAGE(member_erase);

#define PALIER_FIELDS_erased_view(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "the id under which the ledger stays")
PALIER_MESSAGE(erased_view);

#define PALIER_FIELDS_member_merge(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "who is not kept apart any longer") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "who has all of it from now on")
PALIER_MESSAGE(member_merge);

#define PALIER_FIELDS_member_freeze(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose spending is to be locked")
PALIER_MESSAGE(member_freeze);

#define PALIER_FIELDS_proof(F, M) \
	F(M, STRING, pin, "pin", 0, PALIER_RANGE(1, 16), "the customer's PIN") \
	F(M, STRING, otp, "otp", 0, PALIER_RANGE(1, 16), "or the one-time code on the virtual card")
PALIER_MESSAGE(proof);

#define PALIER_FIELDS_member_thaw(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose spending is to be unlocked") \
	F(M, OBJECT(proof), proof, "proof", PALIER_SECRET | PALIER_NO_HASH, PALIER_ANY, "that it is the customer who asks")
PALIER_MESSAGE(member_thaw);

/* A PIN is not in the params' hash: that outlives the member's key, and a conflict would tell whoever guesses. */
#define PALIER_FIELDS_member_pin(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, pin, "pin", PALIER_REQUIRED | PALIER_SECRET | PALIER_NO_HASH, PALIER_RANGE(4, 12), \
		"the PIN from now on: 4 to 12 digits") \
	F(M, STRING, old, "old", PALIER_SECRET | PALIER_NO_HASH, PALIER_RANGE(1, 16), \
		"the PIN until now, where there is one and no supervisor vouches")
PALIER_MESSAGE(member_pin);

#define PALIER_FIELDS_member_otp(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose virtual card is made")
PALIER_MESSAGE(member_otp);

#define PALIER_FIELDS_otp_view(F, M) \
	F(M, STRING, secret, "secret", PALIER_REQUIRED, PALIER_ANY, "base32, for the customer's device alone") \
	F(M, STRING, uri, "uri", PALIER_REQUIRED, PALIER_ANY, "otpauth://, to be shown as a QR that an authenticator reads")
PALIER_MESSAGE(otp_view);

#define PALIER_FIELDS_member_export(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who asks what is kept") \
	F(M, INT, before, "before", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"only events before this seq, and nothing else: the next page")
PALIER_MESSAGE(member_export);

#define PALIER_FIELDS_member_find(F, M) \
	F(M, STRING, query, "query", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the beginning of a name, from 3 characters")
PALIER_MESSAGE(member_find);

#define PALIER_FIELDS_member_hit(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "the member") \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "to a cashier, first name and initial")
PALIER_MESSAGE(member_hit);

#define PALIER_FIELDS_member_hits(F, M) \
	F(M, LIST(member_hit), members, "members", PALIER_REQUIRED, PALIER_RANGE(0, 20), "at most 20")
PALIER_MESSAGE(member_hits);

#define PALIER_FIELDS_card_issue(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who gets a card of the store's own range")
PALIER_MESSAGE(card_issue);

#define PALIER_FIELDS_card_attach(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who gets the card") \
	F(M, STRING, card, "card", PALIER_REQUIRED | PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), \
		"a card that is nobody's yet")
PALIER_MESSAGE(card_attach);

#define PALIER_FIELDS_card_block(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, card, "card", PALIER_REQUIRED | PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), \
		"the card lost or stolen") \
	F(M, STRING, reason, "reason", PALIER_REQUIRED | PALIER_SEALED, PALIER_RANGE(1, 128), "why")
PALIER_MESSAGE(card_block);

#define PALIER_FIELDS_card_replace(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, card, "card", PALIER_REQUIRED | PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), \
		"the old card, blocked by this") \
	F(M, STRING, with, "with", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), "the new one; absent: one is issued")
PALIER_MESSAGE(card_replace);

#define PALIER_FIELDS_card_view(F, M) \
	F(M, STRING, number, "number", 0, PALIER_ANY, "as printed on the card") \
	F(M, STRING, status, "status", PALIER_REQUIRED, PALIER_ANY, "active or blocked")
PALIER_MESSAGE(card_view);

#define PALIER_FIELDS_prompt_view(F, M) \
	F(M, STRING, kind, "kind", PALIER_REQUIRED, PALIER_ANY, "what it is about: expiring, provisional, ...") \
	F(M, STRING, text, "text", PALIER_REQUIRED, PALIER_ANY, "the sentence, in the customer's language")
PALIER_MESSAGE(prompt_view);

#define PALIER_FIELDS_expiring_view(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, DAY, on, "on", PALIER_REQUIRED, PALIER_ANY, "the last day on which they can be used")
PALIER_MESSAGE(expiring_view);

#define PALIER_FIELDS_stats_view(F, M) \
	F(M, INT, purchases, "purchases", PALIER_REQUIRED, PALIER_ANY, "sales so far") \
	F(M, INT, spend, "spend", PALIER_REQUIRED, PALIER_ANY, "what was paid for goods so far") \
	F(M, TIME, last_purchase, "last_purchase", 0, PALIER_ANY, "the last sale")
PALIER_MESSAGE(stats_view);

#define PALIER_FIELDS_offer_view(F, M) \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_ANY, "the offer") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what to call it, in the customer's language") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it can be had; absent: no end is known")
PALIER_MESSAGE(offer_view);

#define PALIER_FIELDS_next_tier(F, M) \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "the tier above") \
	F(M, INT, missing, "missing", PALIER_REQUIRED, PALIER_ANY, "what is still missing to it") \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "in which unit; absent: in money")
PALIER_MESSAGE(next_tier);

#define PALIER_FIELDS_tier_view(F, M) \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "the tier") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it is certain; absent: it has no end") \
	F(M, BOOL, notice, "notice", 0, PALIER_ANY, "notice was given: it falls after that day unless it is reached again") \
	F(M, QUANTITY, multiplier, "multiplier", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"what earned points are multiplied by; absent: by 1") \
	F(M, OBJECT(next_tier), next, "next", 0, PALIER_ANY, "absent: there is none above")
PALIER_MESSAGE(tier_view);

#define PALIER_FIELDS_reward_view(F, M) \
	F(M, STRING, reward, "reward", PALIER_REQUIRED, PALIER_ANY, "its name, for a redemption") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what it is called in the customer's language") \
	F(M, INT, cost, "cost", PALIER_REQUIRED, PALIER_ANY, "what it costs once") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "of this unit")
PALIER_MESSAGE(reward_view);

#define PALIER_FIELDS_suggestion_view(F, M) \
	F(M, STRING, suggestion, "suggestion", PALIER_REQUIRED, PALIER_ANY, "its id, for the outcome") \
	F(M, STRING, ladder, "ladder", PALIER_REQUIRED, PALIER_ANY, "the ladder") \
	F(M, STRING, rung, "rung", PALIER_REQUIRED, PALIER_ANY, "the rung that is suggested") \
	F(M, STRING, sku, "sku", 0, PALIER_ANY, "the product, when the rung names one") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what to call it, in the customer's language") \
	F(M, STRING, pitch, "pitch", PALIER_REQUIRED, PALIER_ANY, "what to say") \
	F(M, INT, price, "price", 0, PALIER_ANY, "what it costs") \
	F(M, STRING, coupon, "coupon", 0, PALIER_ANY, "a code to hand out with it") \
	F(M, STRING, why, "why", PALIER_REQUIRED, PALIER_ANY, "why it is suggested, in words")
PALIER_MESSAGE(suggestion_view);

#define PALIER_FIELDS_referral_card(F, M) \
	F(M, STRING, code, "code", PALIER_REQUIRED, PALIER_ANY, "as it is shown: 7QK4-M2ZP-9A3C-H") \
	F(M, STRING, url, "url", PALIER_REQUIRED, PALIER_ANY, "what its QR says: the shop's address with the code behind it")
PALIER_MESSAGE(referral_card);

/* Maps (unit to number) and other plugins' parts are described as JSON. Required parts that no plugin wrote are written
 * empty: a list [], a map {}, an object null. */
#define PALIER_FIELDS_member_view(F, M) \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "the member") \
	F(M, OBJECT(card_view), card, "card", 0, PALIER_ANY, "the card looked up, else the member's newest") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "as enrolled; gone after an erasure") \
	F(M, STRING, language, "language", PALIER_REQUIRED, PALIER_ANY, "the customer's language") \
	F(M, DAY, since, "since", PALIER_REQUIRED, PALIER_ANY, "date of enrolment") \
	F(M, BOOL, provisional, "provisional", 0, PALIER_ANY, \
		"nobody has enrolled with this card yet: member.enroll with it keeps what it has earned") \
	F(M, BOOL, frozen, "frozen", 0, PALIER_ANY, "spending is locked at the customer's wish") \
	F(M, OBJECT(tier_view), tier, "tier", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, \
		"the tier, null where there is none") \
	F(M, STRING, stage, "stage", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, \
		"stage of the journey, null where the shop keeps none") \
	F(M, STRING, persona, "persona", 0, PALIER_ANY, "the persona, with consent to profiling") \
	F(M, JSON, balances, "balances", PALIER_REQUIRED, PALIER_ANY, "unit to points, held and pending ones included") \
	F(M, JSON, held, "held", PALIER_REQUIRED, PALIER_ANY, "of these, held for a sale under way") \
	F(M, JSON, pending, "pending", PALIER_REQUIRED, PALIER_ANY, "of these, not spendable yet") \
	F(M, LIST(expiring_view), expiring, "expiring", PALIER_REQUIRED, PALIER_ANY, \
		"every dated lot, a row a date, nearest first") \
	F(M, LIST(reward_view), rewards, "rewards", PALIER_REQUIRED, PALIER_ANY, "what the balance affords, by cost") \
	F(M, LIST(offer_view), offers, "offers", PALIER_REQUIRED, PALIER_ANY, \
		"what is offered to this customer: given, due, or for members") \
	F(M, LIST(suggestion_view), suggestions, "suggestions", PALIER_REQUIRED, PALIER_ANY, "what to suggest next") \
	F(M, LIST(prompt_view), prompts, "prompts", PALIER_REQUIRED, PALIER_ANY, "what to say") \
	F(M, OBJECT(referral_card), referral, "referral", 0, PALIER_ANY, \
		"the member's own code, once referral.issue has made one") \
	F(M, OBJECT(stats_view), stats, "stats", PALIER_REQUIRED, PALIER_ANY, "purchases so far")
PALIER_MESSAGE(member_view);

/* What a member may have of us: everything. */
#define PALIER_FIELDS_consent_view(F, M) \
	F(M, STRING, purpose, "purpose", PALIER_REQUIRED, PALIER_ANY, "email, sms or profiling") \
	F(M, BOOL, given, "given", PALIER_REQUIRED, PALIER_ANY, "or refused, or taken back") \
	F(M, STRING, wording, "wording", 0, PALIER_ANY, "version of the text that was shown") \
	F(M, STRING, channel, "channel", 0, PALIER_ANY, "where it was given") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "and when")
PALIER_MESSAGE(consent_view);

#define PALIER_FIELDS_profile_view(F, M) \
	F(M, STRING, name, "name", 0, PALIER_ANY, "as enrolled") \
	F(M, STRING, phone, "phone", 0, PALIER_ANY, "E.164") \
	F(M, STRING, email, "email", 0, PALIER_ANY, "e-mail address") \
	F(M, DAY, birthday, "birthday", 0, PALIER_ANY, "date of birth") \
	F(M, LIST(consent_view), consents, "consents", PALIER_REQUIRED, PALIER_ANY, "a row a purpose that was asked about") \
	F(M, STRINGS, tags, "tags", PALIER_REQUIRED, PALIER_ANY, "the shop's own marks") \
	F(M, BOOL, pin, "pin", 0, PALIER_ANY, "a PIN is set; nobody can read it") \
	F(M, LIST(card_view), cards, "cards", PALIER_REQUIRED, PALIER_ANY, "all, newest first") \
	F(M, STRINGS, merged, "merged", PALIER_REQUIRED, PALIER_ANY, "ids of members that were merged into this one") \
	F(M, JSON, facts, "facts", PALIER_REQUIRED, PALIER_ANY, "what was concluded from purchases: name to value") \
	F(M, DAY, last_contact, "last_contact", PALIER_REQUIRED, PALIER_ANY, "purchases aside")
PALIER_MESSAGE(profile_view);

#define PALIER_FIELDS_effect_view(F, M) \
	F(M, STRING, kind, "kind", PALIER_REQUIRED, PALIER_ANY, "sale.discount, points.move, alert.raised, ...") \
	F(M, JSON, data, "data", PALIER_REQUIRED, PALIER_ANY, "what it changed")
PALIER_MESSAGE(effect_view);

#define PALIER_FIELDS_event_view(F, M) \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "its number") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it happened") \
	F(M, TIME, received, "received", PALIER_REQUIRED, PALIER_ANY, "when palier was told") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the business day it was booked on") \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "by which till") \
	F(M, STRING, operator, "operator", 0, PALIER_ANY, "by whom") \
	F(M, STRING, method, "method", PALIER_REQUIRED, PALIER_ANY, "what was asked: sale.commit, sale.return, ...") \
	F(M, JSON, params, "params", 0, PALIER_ANY, "with what; absent where it was about somebody else") \
	F(M, LIST(effect_view), effects, "effects", PALIER_REQUIRED, PALIER_ANY, "what came of it")
PALIER_MESSAGE(event_view);

#define PALIER_FIELDS_export_view(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who the member is now") \
	F(M, OBJECT(member_view), view, "view", 0, PALIER_ANY, "the member view; on the first page") \
	F(M, OBJECT(profile_view), profile, "profile", 0, PALIER_ANY, "the rest of what is kept; on the first page") \
	F(M, LIST(event_view), events, "events", PALIER_REQUIRED, PALIER_ANY, \
		"the ledger's events about the member, newest first") \
	F(M, INT, next, "next", 0, PALIER_ANY, "there are more: ask with this as `before`")
PALIER_MESSAGE(export_view);

/* --- sales --- */

enum line_kind { LINE_ITEM, LINE_DISCOUNT, LINE_GIFT_CARD, LINE_TOPUP, LINE_TIP, LINE_DEPOSIT };
extern const char *const line_kind_names[];

#define PALIER_FIELDS_basket_line(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the product's code") \
	F(M, STRING, label, "label", 0, PALIER_RANGE(0, 128), "its name") \
	F(M, STRING, category, "category", 0, PALIER_RANGE(1, 64), "its category") \
	F(M, STRINGS, tags, "tags", 0, PALIER_RANGE(0, 32), "marks of the product") \
	F(M, QUANTITY, quantity, "quantity", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"pieces or weight, at most 3 decimals; absent: 1") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, \
		"the line's total, tax included, after the till's own line discounts") \
	F(M, ENUM(line_kind), kind, "kind", 0, PALIER_ANY, "absent: item") \
	F(M, INT, on, "on", 0, PALIER_RANGE(0, 999), "a discount's line, from 0; absent: the whole order") \
	F(M, STRING, card, "card", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), "the gift card or purse loaded") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "what it is loaded with") \
	F(M, INT, exempt, "protected", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), \
		"part of the amount that is neither discounted nor earns")
PALIER_MESSAGE(basket_line);

#define PALIER_FIELDS_redemption(F, M) \
	F(M, STRING, reward, "reward", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the reward's name") \
	F(M, INT, times, "times", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how many times; absent: once") \
	F(M, INT, points, "points", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "or at most that many points") \
	F(M, STRING, choice, "choice", 0, PALIER_RANGE(1, 64), "the free product chosen, by sku")
PALIER_MESSAGE(redemption);

enum payment_kind { PAYMENT_UNIT, PAYMENT_OTHER };
extern const char *const payment_kind_names[];

#define PALIER_FIELDS_payment(F, M) \
	F(M, ENUM(payment_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, \
		"unit: stored value; other: cash, bank card, ...") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_RANGE(0, PALIER_FIGURE_MAX), "how much") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "which stored value") \
	F(M, STRING, card, "card", PALIER_SEALED | PALIER_SCAN, PALIER_RANGE(1, 256), \
		"whose, when it is not the sale's card")
PALIER_MESSAGE(payment);

#define PALIER_FIELDS_return_line(F, M) \
	F(M, INT, line, "line", PALIER_REQUIRED, PALIER_RANGE(0, 999), "a line of the sale, from 0") \
	F(M, QUANTITY, quantity, "quantity", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "how much of it comes back") \
	F(M, INT, amount, "amount", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"or how much of what was paid for it is given back")
PALIER_MESSAGE(return_line);

#define PALIER_RETURN_LINES(F, M) \
	F(M, LIST(return_line), lines, "lines", 0, PALIER_RANGE(1, 1000), "what comes back; absent: all that is left")

#define PALIER_FIELDS_ticket_return(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "number of the sale that comes back") \
	PALIER_RETURN_LINES(F, M)
PALIER_MESSAGE(ticket_return);

#define PALIER_BASKET(F, M, NEED) \
	PALIER_WHO(F, M) \
	F(M, LIST(basket_line), lines, "lines", NEED, PALIER_RANGE(0, 1000), \
		"what is bought; may be empty only beside `returns`") \
	F(M, LIST(redemption), redeem, "redeem", 0, PALIER_RANGE(0, 100), "rewards to spend points on, in this order") \
	F(M, STRINGS, coupons, "coupons", 0, PALIER_RANGE(0, 32), "codes") \
	F(M, LIST(payment), payments, "payments", 0, PALIER_RANGE(0, 32), "how it is paid, as far as palier must know") \
	F(M, LIST(ticket_return), returns, "returns", 0, PALIER_RANGE(0, 32), \
		"what comes back on this ticket: an exchange") \
	F(M, BOOL, automatic, "auto", 0, PALIER_ANY, "false leaves automatic discounts out; absent: true")

#define PALIER_FIELDS_sale_quote(F, M) \
	PALIER_BASKET(F, M, PALIER_REQUIRED) \
	F(M, TIME, at, "at", 0, PALIER_ANY, "as if it were then; absent: now") \
	F(M, JSON, ext, "ext", 0, PALIER_ANY, "ignored")
PALIER_MESSAGE(sale_quote);

enum suggestion_outcome { OUTCOME_ACCEPTED, OUTCOME_DECLINED, OUTCOME_IGNORED };
extern const char *const suggestion_outcome_names[]; /* "accepted" "declined" "ignored" NULL */

#define PALIER_FIELDS_suggested(F, M) \
	F(M, STRING, suggestion, "suggestion", PALIER_REQUIRED, PALIER_RANGE(1, 200), "its id") \
	F(M, ENUM(suggestion_outcome), outcome, "outcome", PALIER_REQUIRED, PALIER_ANY, \
		"accepted, declined, or ignored: it was shown and nothing was said")
PALIER_MESSAGE(suggested);

#define PALIER_FIELDS_sale_commit(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the receipt's number, unique in the store") \
	PALIER_BASKET(F, M, PALIER_REQUIRED) \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "what the till takes for the goods: the quote's figure") \
	F(M, STRING, hold, "hold", 0, PALIER_RANGE(1, 64), "a hold made for this basket") \
	F(M, OBJECT(proof), proof, "proof", PALIER_SECRET | PALIER_NO_HASH, PALIER_ANY, \
		"for spending where the shop asks for it") \
	F(M, STRING, referral, "referral", 0, PALIER_RANGE(1, 64), "a sponsor's code") \
	F(M, LIST(suggested), suggested, "suggested", 0, PALIER_RANGE(0, 16), "what became of what was suggested") \
	F(M, BOOL, print, "print", PALIER_FALSE, PALIER_ANY, "the customer asked for paper")
PALIER_MESSAGE(sale_commit);

#define PALIER_FIELDS_sale_hold(F, M) \
	PALIER_FACT(F, M) \
	PALIER_BASKET(F, M, 0) \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "or, without a basket, the unit to hold") \
	F(M, INT, points, "points", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "and how many of it") \
	F(M, INT, ttl, "ttl", 0, PALIER_RANGE(1, 2592000), "seconds until it lapses by itself; absent: 900") \
	F(M, OBJECT(proof), proof, "proof", PALIER_SECRET | PALIER_NO_HASH, PALIER_ANY, \
		"for spending where the shop asks for it")
PALIER_MESSAGE(sale_hold);

#define PALIER_FIELDS_sale_release(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_RANGE(1, 64), "what is no longer wanted")
PALIER_MESSAGE(sale_release);

#define PALIER_FIELDS_sale_return(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, number, "return", PALIER_REQUIRED, PALIER_RANGE(1, 64), \
		"the return's own receipt number, unique in the store among sales and returns") \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "number of the sale that comes back") \
	F(M, STRING, store, "store", 0, PALIER_RANGE(1, 32), "the store that sold it; absent: this one") \
	PALIER_RETURN_LINES(F, M)
PALIER_MESSAGE(sale_return);

#define PALIER_FIELDS_sale_void(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "number of the sale or of the return")
PALIER_MESSAGE(sale_void);

#define PALIER_FIELDS_sale_claim(F, M) \
	PALIER_FACT(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "number of a sale rung up without a card") \
	PALIER_WHO(F, M)
PALIER_MESSAGE(sale_claim);

#define PALIER_FIELDS_line_part(F, M) \
	F(M, INT, line, "line", PALIER_REQUIRED, PALIER_ANY, "index from 0") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "its part")
PALIER_MESSAGE(line_part);

#define PALIER_FIELDS_discount_view(F, M) \
	F(M, STRING, source, "source", PALIER_REQUIRED, PALIER_ANY, "the offer's or reward's name") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what to print") \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "taken off") \
	F(M, LIST(line_part), lines, "lines", PALIER_REQUIRED, PALIER_ANY, "spread over the lines")
PALIER_MESSAGE(discount_view);

#define PALIER_FIELDS_earn_view(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, STRING, rule, "rule", PALIER_REQUIRED, PALIER_ANY, "by which rules, joined by \"+\"")
PALIER_MESSAGE(earn_view);

#define PALIER_FIELDS_spend_view(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, STRING, reward, "reward", 0, PALIER_ANY, "for which reward")
PALIER_MESSAGE(spend_view);

#define PALIER_FIELDS_refused_view(F, M) \
	F(M, STRING, reward, "reward", 0, PALIER_ANY, "the reward") \
	F(M, STRING, coupon, "coupon", 0, PALIER_ANY, "or the coupon") \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "or the unit paid with") \
	F(M, STRING, reason, "reason", PALIER_REQUIRED, PALIER_ANY, "why it cannot be had")
PALIER_MESSAGE(refused_view);

#define PALIER_FIELDS_moved_view(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, INT, expired, "expired", 0, PALIER_ANY, "of these, had lapsed: they come back for some days")
PALIER_MESSAGE(moved_view);

#define PALIER_FIELDS_refund_view(F, M) \
	F(M, INT, amount, "amount", PALIER_REQUIRED, PALIER_ANY, "what is given back in all") \
	F(M, LIST(moved_view), units, "units", PALIER_REQUIRED, PALIER_ANY, "of it, what goes back to stored value")
PALIER_MESSAGE(refund_view);

#define PALIER_RETURNED(F, M) \
	F(M, OBJECT(refund_view), refund, "refund", PALIER_REQUIRED, PALIER_ANY, "what is given back") \
	F(M, LIST(moved_view), reversed, "reversed", PALIER_REQUIRED, PALIER_ANY, "earned points taken back") \
	F(M, LIST(moved_view), restored, "restored", PALIER_REQUIRED, PALIER_ANY, "spent points given back") \
	F(M, LIST(moved_view), uncollected, "uncollected", 0, PALIER_ANY, "earned points that could not be taken back")

#define PALIER_FIELDS_returned_view(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "number of the sale that comes back") \
	PALIER_RETURNED(F, M)
PALIER_MESSAGE(returned_view);

#define PALIER_FIELDS_return_view(F, M) \
	F(M, STRING, number, "return", PALIER_REQUIRED, PALIER_ANY, "the return's own number") \
	PALIER_RETURNED(F, M) \
	F(M, STRING, state, "state", 0, PALIER_ANY, \
		"why nothing has moved yet: \"settling\" with the store that sold it, \"waiting\" for its sale") \
	F(M, JSON, balances, "balances", PALIER_REQUIRED, PALIER_ANY, "unit to points, after this return")
PALIER_MESSAGE(return_view);

#define PALIER_FIELDS_free_view(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_ANY, "the product") \
	F(M, INT, quantity, "quantity", PALIER_REQUIRED, PALIER_ANY, "how many may still be added free")
PALIER_MESSAGE(free_view);

#define PALIER_FIELDS_quote_view(F, M) \
	F(M, INT, total, "total", PALIER_REQUIRED, PALIER_ANY, "sum of the lines") \
	F(M, LIST(discount_view), discounts, "discounts", PALIER_REQUIRED, PALIER_ANY, "ours") \
	F(M, LIST(free_view), free, "free", PALIER_REQUIRED, PALIER_ANY, \
		"free products that may still be added; of a reward with several, any of them") \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "total less our discounts and what returns give back") \
	F(M, INT, due, "due", PALIER_REQUIRED, PALIER_ANY, \
		"payable less what stored value pays, plus what returns give back to it") \
	F(M, LIST(returned_view), returns, "returns", 0, PALIER_ANY, "what comes back, a row a sale") \
	F(M, LIST(earn_view), earn, "earn", PALIER_REQUIRED, PALIER_ANY, "what the sale earns") \
	F(M, LIST(spend_view), spend, "spend", PALIER_REQUIRED, PALIER_ANY, "what it spends") \
	F(M, LIST(refused_view), refused, "refused", PALIER_REQUIRED, PALIER_ANY, "what cannot be had, and why") \
	F(M, LIST(reward_view), available_rewards, "available_rewards", PALIER_REQUIRED, PALIER_ANY, \
		"what the balance affords after the ones chosen, by cost") \
	F(M, LIST(offer_view), offers, "offers", PALIER_REQUIRED, PALIER_ANY, \
		"what else is offered to this customer, and did not apply") \
	F(M, LIST(suggestion_view), suggestions, "suggestions", PALIER_REQUIRED, PALIER_ANY, "what to suggest next") \
	F(M, OBJECT(tier_view), tier_after, "tier_after", 0, PALIER_ANY, "the tier this sale leads to") \
	F(M, STRINGS, messages, "messages", PALIER_REQUIRED, PALIER_ANY, "for the customer, in their language")
PALIER_MESSAGE(quote_view);

/* What a hold pins: the figures of a quote. */
#define PALIER_FIELDS_held_quote(F, M) \
	F(M, INT, total, "total", PALIER_REQUIRED, PALIER_ANY, "sum of the lines") \
	F(M, LIST(discount_view), discounts, "discounts", PALIER_REQUIRED, PALIER_ANY, "ours") \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "total less our discounts and what returns give back") \
	F(M, INT, due, "due", PALIER_REQUIRED, PALIER_ANY, \
		"payable less what stored value pays, plus what returns give back to it") \
	F(M, LIST(earn_view), earn, "earn", PALIER_REQUIRED, PALIER_ANY, "what the sale would earn now") \
	F(M, LIST(spend_view), spend, "spend", PALIER_REQUIRED, PALIER_ANY, "what it spends")
PALIER_MESSAGE(held_quote);

#define PALIER_FIELDS_hold_view(F, M) \
	F(M, STRING, hold, "hold", PALIER_REQUIRED, PALIER_ANY, "its id: sale.commit and sale.release name it") \
	F(M, LIST(spend_view), held, "held", PALIER_REQUIRED, PALIER_ANY, "out of reach from now on: a row a unit") \
	F(M, OBJECT(held_quote), quote, "quote", 0, PALIER_ANY, "of a basket: a commit of the same one costs this") \
	F(M, TIME, expires_at, "expires_at", PALIER_REQUIRED, PALIER_ANY, "when it lapses by itself")
PALIER_MESSAGE(hold_view);

#define PALIER_FIELDS_qr_text(F, M) \
	F(M, STRING, kind, "kind", PALIER_REQUIRED, PALIER_ANY, "what it is for: sponsor, review, survey") \
	F(M, STRING, text, "text", PALIER_REQUIRED, PALIER_ANY, "what the QR says")
PALIER_MESSAGE(qr_text);

#define PALIER_FIELDS_referral_state(F, M) \
	F(M, STRING, state, "state", PALIER_REQUIRED, PALIER_ANY, "claimed, purchased, held, earned, void or flagged")
PALIER_MESSAGE(referral_state);

#define PALIER_FIELDS_commit_view(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt's number") \
	F(M, LIST(earn_view), earned, "earned", PALIER_REQUIRED, PALIER_ANY, "what it earned") \
	F(M, LIST(spend_view), spent, "spent", PALIER_REQUIRED, PALIER_ANY, "what it spent") \
	F(M, LIST(discount_view), discounts, "discounts", PALIER_REQUIRED, PALIER_ANY, "ours") \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "for the goods, less what returns give back") \
	F(M, INT, due, "due", PALIER_REQUIRED, PALIER_ANY, "still to be paid by other means") \
	F(M, LIST(returned_view), returns, "returns", 0, PALIER_ANY, "what came back, a row a sale") \
	F(M, JSON, balances, "balances", PALIER_REQUIRED, PALIER_ANY, "unit to points, after this sale") \
	F(M, OBJECT(tier_view), tier, "tier", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, \
		"the tier after this sale, null where there is none") \
	F(M, STRING, stage, "stage", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, \
		"the stage after it, null where the shop keeps none") \
	F(M, STRINGS, messages, "messages", PALIER_REQUIRED, PALIER_ANY, "for the customer, in their language") \
	F(M, LIST(qr_text), qr, "qr", 0, PALIER_ANY, \
		"to show as QR codes: on the screen, on paper only when `print` was asked for") \
	F(M, OBJECT(referral_state), referral, "referral", 0, PALIER_ANY, \
		"of the friend's referral, when this sale touched one")
PALIER_MESSAGE(commit_view);

#define PALIER_FIELDS_sale_show(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the receipt's number")
PALIER_MESSAGE(sale_show);

#define PALIER_FIELDS_sale_view(F, M) \
	F(M, STRING, sale, "sale", PALIER_REQUIRED, PALIER_ANY, "the receipt's number, of a sale or a return") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "its event; in a list, that by which it became the member's") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it was rung up") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "the business day it was booked on") \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "by which till") \
	F(M, STRING, operator, "operator", 0, PALIER_ANY, "by whom") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "for whom") \
	F(M, INT, total, "total", PALIER_REQUIRED, PALIER_ANY, "sum of the lines") \
	F(M, INT, payable, "payable", PALIER_REQUIRED, PALIER_ANY, "for the goods") \
	F(M, INT, due, "due", PALIER_REQUIRED, PALIER_ANY, "paid by other means") \
	F(M, INT, returned, "returned", 0, PALIER_ANY, "given back for it so far") \
	F(M, LIST(returned_view), returns, "returns", 0, PALIER_ANY, "what came back by this receipt, a row a sale") \
	F(M, STRING, state, "state", 0, PALIER_ANY, "of a return by which nothing has moved yet: settling or waiting") \
	F(M, LIST(basket_line), lines, "lines", 0, PALIER_ANY, "the lines (sale.show)") \
	F(M, LIST(discount_view), discounts, "discounts", 0, PALIER_ANY, "our discounts (sale.show)") \
	F(M, LIST(earn_view), earned, "earned", 0, PALIER_ANY, "what it earned (sale.show)") \
	F(M, LIST(spend_view), spent, "spent", 0, PALIER_ANY, "what it spent (sale.show)")
PALIER_MESSAGE(sale_view);

#define PALIER_PAGE(F, M) \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 200), "at most so many, newest first; absent: 50") \
	F(M, INT, before, "before", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "only those before this seq: the next page")

#define PALIER_FIELDS_sale_list(F, M) PALIER_WHO(F, M) PALIER_PAGE(F, M)
PALIER_MESSAGE(sale_list);

#define PALIER_FIELDS_sale_views(F, M) F(M, LIST(sale_view), sales, "sales", PALIER_REQUIRED, PALIER_ANY, "newest first")
PALIER_MESSAGE(sale_views);

/* --- balances --- */

#define PALIER_FIELDS_balance_history(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "of this unit only") \
	PALIER_PAGE(F, M)
PALIER_MESSAGE(balance_history);

#define PALIER_FIELDS_history_entry(F, M) \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "its event") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when") \
	F(M, STRING, kind, "kind", PALIER_REQUIRED, PALIER_ANY, \
		"earn, spend, load, pay, reverse, restore, refund, expire, adjust, grant, merge or give") \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_ANY, "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "signed") \
	F(M, INT, balance, "balance", PALIER_REQUIRED, PALIER_ANY, "after it") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "the receipt it belongs to") \
	F(M, DAY, expires, "expires", 0, PALIER_ANY, "the last day on which the points can be used")
PALIER_MESSAGE(history_entry);

#define PALIER_FIELDS_history_view(F, M) \
	F(M, LIST(history_entry), entries, "entries", PALIER_REQUIRED, PALIER_ANY, "newest first")
PALIER_MESSAGE(history_view);

#define PALIER_FIELDS_balance_adjust(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, unit, "unit", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the unit") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "to add, or, negative, to take") \
	F(M, STRING, reason, "reason", PALIER_REQUIRED | PALIER_SEALED, PALIER_RANGE(1, 128), "why")
PALIER_MESSAGE(balance_adjust);

#define PALIER_FIELDS_balances_view(F, M) \
	F(M, JSON, balances, "balances", PALIER_REQUIRED, PALIER_ANY, "unit to points, after it")
PALIER_MESSAGE(balances_view);

/* --- offers --- */

#define PALIER_FIELDS_offer_grant(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the offer's name") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it can be had; absent: as long as the offer says")
PALIER_MESSAGE(offer_grant);

#define PALIER_FIELDS_coupon_issue(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, offer, "offer", PALIER_REQUIRED, PALIER_RANGE(1, 64), "an offer with codes = single") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_RANGE(1, 1000), "how many codes") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which they can be used; absent: as long as the offer says")
PALIER_MESSAGE(coupon_issue);

#define PALIER_FIELDS_coupon_codes(F, M) \
	F(M, STRINGS, codes, "codes", PALIER_REQUIRED, PALIER_RANGE(1, 1000), "each is worth the offer to whoever brings it")
PALIER_MESSAGE(coupon_codes);

/* --- sponsorship --- */

#define PALIER_FIELDS_referral_issue(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_WHO(F, M)
PALIER_MESSAGE(referral_issue);

#define PALIER_FIELDS_referral_issued(F, M) \
	F(M, STRING, code, "code", PALIER_REQUIRED, PALIER_ANY, "as it is shown: 7QK4-M2ZP-9A3C-H") \
	F(M, STRING, url, "url", PALIER_REQUIRED, PALIER_ANY, \
		"what its QR says: the shop's address with the code behind it") \
	F(M, STRING, state, "state", PALIER_REQUIRED, PALIER_ANY, "issued, or expired") \
	F(M, INT, uses, "uses", PALIER_REQUIRED, PALIER_ANY, "friends who have claimed it and not fallen out") \
	F(M, INT, left, "left", 0, PALIER_ANY, \
		"how many more can still bring a reward in this period; absent: there is no cap") \
	F(M, DAY, expires, "expires", 0, PALIER_ANY, "the last day on which it can be claimed; absent: it has no end")
PALIER_MESSAGE(referral_issued);

#define PALIER_FIELDS_referral_check(F, M) \
	F(M, STRING, code, "code", PALIER_REQUIRED, PALIER_RANGE(1, 256), "as scanned or typed, or as a scanned URL")
PALIER_MESSAGE(referral_check);

/* What a side gets: a unit with its points, an offer, or a reward. */
#define PALIER_FIELDS_side_reward(F, M) \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "this unit, and") \
	F(M, INT, points, "points", 0, PALIER_ANY, "so many of it") \
	F(M, STRING, offer, "offer", 0, PALIER_ANY, "or this offer") \
	F(M, STRING, reward, "reward", 0, PALIER_ANY, "or what this reward costs, so that it can be had") \
	F(M, STRING, label, "label", PALIER_REQUIRED, PALIER_ANY, "what to tell the customer")
PALIER_MESSAGE(side_reward);

#define PALIER_FIELDS_referral_checked(F, M) \
	F(M, BOOL, valid, "valid", PALIER_REQUIRED, PALIER_ANY, "can it be claimed here and now by somebody new?") \
	F(M, STRING, reason, "reason", 0, PALIER_ANY, "why not: code_malformed, code_unknown, code_expired, code_spent") \
	F(M, OBJECT(side_reward), friend_reward, "friend_reward", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, \
		"what the friend gets, null for nothing") \
	F(M, STRING, sponsor, "sponsor", 0, PALIER_ANY, "the sponsor's first name, when this store knows the sponsor")
PALIER_MESSAGE(referral_checked);

#define PALIER_FIELDS_referral_list(F, M) PALIER_WHO(F, M)
PALIER_MESSAGE(referral_list);

#define PALIER_FIELDS_referral_row(F, M) \
	F(M, STRING, referral, "referral", PALIER_REQUIRED, PALIER_ANY, "its id, for referral.review") \
	F(M, STRING, side, "side", PALIER_REQUIRED, PALIER_ANY, "what this member is in it: sponsor or friend") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "the other's first name") \
	F(M, STRING, state, "state", PALIER_REQUIRED, PALIER_ANY, "claimed, purchased, held, earned, void or flagged") \
	F(M, STRINGS, flags, "flags", 0, PALIER_ANY, "to a supervisor: why somebody should look at it") \
	F(M, TIME, since, "since", PALIER_REQUIRED, PALIER_ANY, "when it was claimed") \
	F(M, DAY, due, "due", 0, PALIER_ANY, "of a held one: the day on which the sponsor's reward falls due")
PALIER_MESSAGE(referral_row);

#define PALIER_FIELDS_referral_rows(F, M) \
	F(M, LIST(referral_row), referrals, "referrals", PALIER_REQUIRED, PALIER_ANY, "newest first")
PALIER_MESSAGE(referral_rows);

enum referral_verdict { VERDICT_ACCEPT, VERDICT_REJECT };
extern const char *const referral_verdict_names[]; /* "accept" "reject" NULL */

#define PALIER_FIELDS_referral_review(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, referral, "referral", PALIER_REQUIRED, PALIER_RANGE(1, 64), "its id") \
	F(M, ENUM(referral_verdict), verdict, "verdict", PALIER_REQUIRED, PALIER_ANY, \
		"accept: it goes on from where it was flagged; reject: it is void")
PALIER_MESSAGE(referral_review);

#define PALIER_FIELDS_referral_queue(F, M) \
	F(M, STRING, after, "after", 0, PALIER_RANGE(1, 64), "the last id of the page before")
PALIER_MESSAGE(referral_queue);

#define PALIER_FIELDS_flagged_row(F, M) \
	F(M, STRING, referral, "referral", PALIER_REQUIRED, PALIER_ANY, "its id") \
	F(M, MEMBER, sponsor, "sponsor", 0, PALIER_ANY, "whose code it was; absent: this store does not know") \
	F(M, MEMBER, friend, "friend", PALIER_REQUIRED, PALIER_ANY, "who claimed it") \
	F(M, STRINGS, flags, "flags", PALIER_REQUIRED, PALIER_ANY, "why somebody should look at it") \
	F(M, TIME, since, "since", PALIER_REQUIRED, PALIER_ANY, "when it was claimed")
PALIER_MESSAGE(flagged_row);

#define PALIER_FIELDS_flagged_rows(F, M) \
	F(M, LIST(flagged_row), referrals, "referrals", PALIER_REQUIRED, PALIER_ANY, "oldest first")
PALIER_MESSAGE(flagged_rows);

#define PALIER_FIELDS_referral_rotate(F, M) PALIER_COMMAND(F, M)
PALIER_MESSAGE(referral_rotate);

/* --- recommendation --- */

#define PALIER_FIELDS_recommendation_report(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last")
PALIER_MESSAGE(recommendation_report);

#define PALIER_FIELDS_recommendation_step(F, M) \
	F(M, STRING, step, "step", PALIER_REQUIRED, PALIER_ANY, "asked, answered, shown, claimed, held, ...") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "how often in these days")
PALIER_MESSAGE(recommendation_step);

#define PALIER_FIELDS_recommendation_source(F, M) \
	F(M, STRING, source, "source", PALIER_REQUIRED, PALIER_ANY, \
		"how customers heard of the shop, as the shop lists it") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "how many said so")
PALIER_MESSAGE(recommendation_source);

#define PALIER_FIELDS_recommendation_view(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last") \
	F(M, INT, enrolled, "enrolled", PALIER_REQUIRED, PALIER_ANY, "new members") \
	F(M, LIST(recommendation_step), spontaneous, "spontaneous", PALIER_REQUIRED, PALIER_ANY, "heard_from at enrolment") \
	F(M, LIST(recommendation_source), sources, "sources", PALIER_REQUIRED, PALIER_ANY, \
		"of these, by source, most first") \
	F(M, LIST(recommendation_step), evoked, "evoked", PALIER_REQUIRED, PALIER_ANY, \
		"the gentle line, and what came of it") \
	F(M, LIST(recommendation_step), solicited, "solicited", PALIER_REQUIRED, PALIER_ANY, "reviews asked for") \
	F(M, LIST(recommendation_step), sponsorship, "sponsorship", PALIER_REQUIRED, PALIER_ANY, \
		"codes and what became of them")
PALIER_MESSAGE(recommendation_view);

/* --- QR --- */

enum qr_format {
	QR_SVG,
	QR_PNG,
	QR_ANSI,
	QR_MATRIX,
	QR_ESCPOS,
	QR_ESCPOS_RASTER,
	QR_STAR,
	QR_ZPL,
};
extern const char *const qr_format_names[]; /* "svg" "png" "ansi" "matrix" "escpos" "escpos-raster" "star" "zpl" NULL */
extern const char *const qr_level_names[];  /* "L" "M" "Q" "H" NULL: enum qr_level */

#define PALIER_FIELDS_qr_render(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, text, "text", 0, PALIER_RANGE(1, 2953), "any text, or") \
	F(M, STRING, code, "code", 0, PALIER_RANGE(1, 64), "a sponsor's code, or a card: exactly one of them") \
	F(M, ENUM(qr_format), format, "format", PALIER_REQUIRED, PALIER_ANY, "how it is wanted") \
	F(M, INT, module, "module", 0, PALIER_RANGE(1, 32), \
		"pixels, or printer dots, a module; absent: what suits the format") \
	F(M, INT, quiet, "quiet", 0, PALIER_RANGE(0, 16), "light border, in modules; absent: 4, which scanners want") \
	F(M, ENUM(qr_level), level, "level", 0, PALIER_ANY, "L, M, Q or H: what may be lost; absent: M") \
	F(M, INT, paper, "paper", 0, PALIER_RANGE(58, 80), "how wide a printer's is, 58 or 80 mm; absent: 58")
PALIER_MESSAGE(qr_render);

#define PALIER_FIELDS_qr_view(F, M) \
	F(M, STRING, format, "format", PALIER_REQUIRED, PALIER_ANY, "as asked") \
	F(M, STRING, media_type, "media_type", PALIER_REQUIRED, PALIER_ANY, "of data") \
	F(M, STRING, encoding, "encoding", PALIER_REQUIRED, PALIER_ANY, "of data: utf8 or base64") \
	F(M, STRING, data, "data", PALIER_REQUIRED, PALIER_ANY, "the picture, or the printer's bytes") \
	F(M, STRING, text, "text", PALIER_REQUIRED, PALIER_ANY, "what the QR says") \
	F(M, INT, version, "version", PALIER_REQUIRED, PALIER_ANY, "1 to 40") \
	F(M, INT, modules, "modules", PALIER_REQUIRED, PALIER_ANY, "modules a side, without the border")
PALIER_MESSAGE(qr_view);

/* --- ambassadors --- */

#define PALIER_FIELDS_ambassador_list(F, M) \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 1000), "how many at most; absent: 50")
PALIER_MESSAGE(ambassador_list);

#define PALIER_FIELDS_ambassador_row(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "first name") \
	F(M, INT, score, "score", PALIER_REQUIRED, PALIER_ANY, "today's") \
	F(M, INT, referrals, "referrals", PALIER_REQUIRED, PALIER_ANY, "qualified in the last 365 days") \
	F(M, BOOL, ambassador, "ambassador", PALIER_REQUIRED, PALIER_ANY, "is one") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "notice was given: the last day as one")
PALIER_MESSAGE(ambassador_row);

#define PALIER_FIELDS_ambassador_rows(F, M) \
	F(M, LIST(ambassador_row), ambassadors, "ambassadors", PALIER_REQUIRED, PALIER_ANY, "the highest score first")
PALIER_MESSAGE(ambassador_rows);

#define PALIER_FIELDS_ambassador_show(F, M) PALIER_WHO(F, M)
PALIER_MESSAGE(ambassador_show);

#define PALIER_FIELDS_ambassador_part(F, M) \
	F(M, STRING, part, "part", PALIER_REQUIRED, PALIER_ANY, "referral, promoter, frequency or void") \
	F(M, INT, points, "points", PALIER_REQUIRED, PALIER_ANY, "what it counts today, signed") \
	F(M, DAY, day, "day", 0, PALIER_ANY, "when it happened") \
	F(M, STRING, why, "why", PALIER_REQUIRED, PALIER_ANY, "in words")
PALIER_MESSAGE(ambassador_part);

#define PALIER_FIELDS_ambassador_view(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, INT, score, "score", PALIER_REQUIRED, PALIER_ANY, "today's: the sum of its parts") \
	F(M, INT, rank, "rank", 0, PALIER_ANY, "1 is the highest; absent: no score") \
	F(M, BOOL, ambassador, "ambassador", PALIER_REQUIRED, PALIER_ANY, "is one") \
	F(M, DAY, since, "since", 0, PALIER_ANY, "since when") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "notice was given: the last day as one") \
	F(M, INT, referrals, "referrals", PALIER_REQUIRED, PALIER_ANY, "qualified in the last 365 days") \
	F(M, LIST(ambassador_part), parts, "parts", PALIER_REQUIRED, PALIER_ANY, "why, newest first") \
	F(M, STRING, why, "why", PALIER_REQUIRED, PALIER_ANY, "in a sentence: what is missing, or what it rests on")
PALIER_MESSAGE(ambassador_view);

/* --- the purchase ladder --- */

#define PALIER_FIELDS_ladder_suggest(F, M) \
	PALIER_WHO(F, M) \
	F(M, LIST(basket_line), lines, "lines", PALIER_REQUIRED, PALIER_RANGE(0, 1000), "what is in the basket")
PALIER_MESSAGE(ladder_suggest);

#define PALIER_FIELDS_suggestions_view(F, M) \
	F(M, LIST(suggestion_view), suggestions, "suggestions", PALIER_REQUIRED, PALIER_ANY, "the best first")
PALIER_MESSAGE(suggestions_view);

#define PALIER_FIELDS_ladder_outcome(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, suggestion, "suggestion", PALIER_REQUIRED, PALIER_RANGE(1, 200), "its id") \
	F(M, ENUM(suggestion_outcome), outcome, "outcome", PALIER_REQUIRED, PALIER_ANY, \
		"accepted, declined, or ignored: it was shown and nothing was said")
PALIER_MESSAGE(ladder_outcome);

#define PALIER_FIELDS_ladder_stock(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_RANGE(1, 64), "the product's code") \
	F(M, BOOL, in_stock, "in_stock", PALIER_REQUIRED, PALIER_ANY, "false: it is out of stock, and not suggested") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it is out; absent: until it is said to be there")
PALIER_MESSAGE(ladder_stock);

#define PALIER_FIELDS_ladder_report(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last")
PALIER_MESSAGE(ladder_report);

#define PALIER_FIELDS_rung_report(F, M) \
	F(M, STRING, ladder, "ladder", PALIER_REQUIRED, PALIER_ANY, "the ladder") \
	F(M, STRING, rung, "rung", PALIER_REQUIRED, PALIER_ANY, "the rung") \
	F(M, INT, shown, "shown", PALIER_REQUIRED, PALIER_ANY, "how often it was suggested") \
	F(M, INT, accepted, "accepted", PALIER_REQUIRED, PALIER_ANY, "of these, bought") \
	F(M, INT, declined, "declined", PALIER_REQUIRED, PALIER_ANY, "and refused") \
	F(M, INT, revenue, "revenue", PALIER_REQUIRED, PALIER_ANY, "what was paid for the ones accepted") \
	F(M, INT, margin, "margin", PALIER_REQUIRED, PALIER_ANY, "and what the shop gained by them, as configured") \
	F(M, INT, estimated, "estimated", PALIER_REQUIRED, PALIER_ANY, \
		"of the ones accepted, how many have a margin that only their category tells") \
	F(M, INT, pending, "pending", PALIER_REQUIRED, PALIER_ANY, \
		"of those shown, how many took a coupon along that may still be used")
PALIER_MESSAGE(rung_report);

/* Sums from which the tools reckon: of the members who bought in these days. */
#define PALIER_FIELDS_uplift_arm(F, M) \
	F(M, INT, members, "members", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, INT, climbed, "climbed", PALIER_REQUIRED, PALIER_ANY, "who bought from a rung above their own") \
	F(M, INT, sum, "sum", PALIER_REQUIRED, PALIER_ANY, "sum of what each spent") \
	F(M, STRING, squares, "squares", PALIER_REQUIRED, PALIER_ANY, "sum of the squares, decimal: it may pass 2^53") \
	F(M, INT, margin, "margin", PALIER_REQUIRED, PALIER_ANY, \
		"sum of what the shop gained by each, where the configuration knows the margin") \
	F(M, STRING, margin_squares, "margin_squares", PALIER_REQUIRED, PALIER_ANY, "sum of its squares, decimal") \
	F(M, INT, known, "known", PALIER_REQUIRED, PALIER_ANY, "of sum, what the margin is known of") \
	F(M, INT, estimated, "estimated", PALIER_REQUIRED, PALIER_ANY, "of what is known, what only its category tells")
PALIER_MESSAGE(uplift_arm);

#define PALIER_FIELDS_filter_count(F, M) \
	F(M, STRING, reason, "reason", PALIER_REQUIRED, PALIER_ANY, "why a candidate was not suggested") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "how often")
PALIER_MESSAGE(filter_count);

#define PALIER_FIELDS_stock_view(F, M) \
	F(M, STRING, sku, "sku", PALIER_REQUIRED, PALIER_ANY, "the product's code") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "the last day on which it is out; absent: until it is said to be there")
PALIER_MESSAGE(stock_view);

#define PALIER_FIELDS_ladder_report_view(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last") \
	F(M, LIST(rung_report), rungs, "rungs", PALIER_REQUIRED, PALIER_ANY, "in the order of the configuration") \
	F(M, INT, share, "share", PALIER_REQUIRED, PALIER_ANY, "of members in the holdout, hundredths of a per cent") \
	F(M, DAY, start, "start", 0, PALIER_ANY, "the first day of the test; absent: none has begun") \
	F(M, DAY, until, "until", 0, PALIER_ANY, "its planned end; absent: none was planned") \
	F(M, OBJECT(uplift_arm), offered, "offered", PALIER_REQUIRED, PALIER_ANY, "members who are shown suggestions") \
	F(M, OBJECT(uplift_arm), held, "held", PALIER_REQUIRED, PALIER_ANY, "members of the holdout") \
	F(M, LIST(filter_count), filtered, "filtered", PALIER_REQUIRED, PALIER_ANY, "what was not suggested, and why") \
	F(M, LIST(stock_view), out_of_stock, "out_of_stock", PALIER_REQUIRED, PALIER_ANY, \
		"products that are out today, by code")
PALIER_MESSAGE(ladder_report_view);

/* --- the customer's journey --- */

enum journey_channel { CHANNEL_STORE, CHANNEL_WEB, CHANNEL_PHONE, CHANNEL_SOCIAL, CHANNEL_EMAIL, CHANNELS };
extern const char *const journey_channel_names[]; /* "store" "web" "phone" "social" "email" NULL */

#define PALIER_FIELDS_journey_record(F, M) \
	PALIER_FACT(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, touchpoint, "touchpoint", PALIER_REQUIRED, PALIER_RANGE(1, 64), \
		"what it was: advice, call, case-opened, review, ...") \
	F(M, ENUM(journey_channel), channel, "channel", PALIER_REQUIRED, PALIER_ANY, \
		"where: store, web, phone, social or email") \
	F(M, STRING, device, "device", 0, PALIER_RANGE(1, 32), "on what: till, kiosk, mobile, ...") \
	F(M, INT, emotion, "emotion", 0, PALIER_RANGE(-2, 2), "how it felt: -2 very bad to 2 very good")
PALIER_MESSAGE(journey_record);

#define PALIER_FIELDS_journey_show(F, M) \
	PALIER_WHO(F, M) \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 1000), "touchpoints at most; absent: 100") \
	F(M, INT, before, "before", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), \
		"only those of events before this seq: the next page")
PALIER_MESSAGE(journey_show);

#define PALIER_FIELDS_touchpoint_view(F, M) \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the event") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when") \
	F(M, STRING, touchpoint, "touchpoint", PALIER_REQUIRED, PALIER_ANY, \
		"purchase, return, enrol, ... or as it was recorded") \
	F(M, STRING, channel, "channel", PALIER_REQUIRED, PALIER_ANY, "where") \
	F(M, STRING, device, "device", 0, PALIER_ANY, "on what") \
	F(M, INT, emotion, "emotion", 0, PALIER_ANY, "how it felt") \
	F(M, STRING, stage, "stage", 0, PALIER_ANY, "the stage that it led to")
PALIER_MESSAGE(touchpoint_view);

#define PALIER_FIELDS_stage_step(F, M) \
	F(M, STRING, stage, "stage", PALIER_REQUIRED, PALIER_ANY, "the stage") \
	F(M, TIME, since, "since", PALIER_REQUIRED, PALIER_ANY, "when it was entered")
PALIER_MESSAGE(stage_step);

#define PALIER_FIELDS_planned_step(F, M) \
	F(M, STRING, step, "step", 0, PALIER_ANY, "of the planned journey; absent: beside it") \
	F(M, STRING, touchpoint, "touchpoint", PALIER_REQUIRED, PALIER_ANY, "what was to happen, or has") \
	F(M, STRING, deviation, "deviation", PALIER_REQUIRED, PALIER_ANY, \
		"done, late, failed (it felt bad), missing, or extra (not planned)") \
	F(M, DAY, due, "due", 0, PALIER_ANY, "the last day on which it was to happen") \
	F(M, DAY, day, "day", 0, PALIER_ANY, "and the day on which it did")
PALIER_MESSAGE(planned_step);

#define PALIER_FIELDS_journey_view(F, M) \
	F(M, STRING, stage, "stage", PALIER_REQUIRED | PALIER_NULLABLE, PALIER_ANY, "the stage") \
	F(M, TIME, since, "since", 0, PALIER_ANY, "when it was entered") \
	F(M, STRING, persona, "persona", 0, PALIER_ANY, "the persona, with consent to profiling") \
	F(M, STRING, segment, "segment", PALIER_REQUIRED, PALIER_ANY, \
		"prospect, enrolled, first purchase, repeat, regular, at risk, lapsed, won back") \
	F(M, BOOL, lapsed, "lapsed", PALIER_REQUIRED, PALIER_ANY, "silent for too long") \
	F(M, LIST(stage_step), history, "history", PALIER_REQUIRED, PALIER_ANY, "stages, oldest first") \
	F(M, STRING, plan, "plan", 0, PALIER_ANY, "the planned journey that is this member's") \
	F(M, LIST(planned_step), planned, "planned", 0, PALIER_ANY, \
		"against it: steps that were taken or should have been, and what came beside them") \
	F(M, LIST(touchpoint_view), timeline, "timeline", PALIER_REQUIRED, PALIER_ANY, "newest first")
PALIER_MESSAGE(journey_view);

#define PALIER_FIELDS_journey_map(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last") \
	F(M, STRING, persona, "persona", 0, PALIER_RANGE(1, 64), "of these members alone; absent: of all")
PALIER_MESSAGE(journey_map);

#define PALIER_FIELDS_channel_count(F, M) \
	F(M, STRING, channel, "channel", PALIER_REQUIRED, PALIER_ANY, "where") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "touchpoints")
PALIER_MESSAGE(channel_count);

/* Where entering members went on more rarely, or more often, than elsewhere: told only when chance does not explain it. */
#define PALIER_FIELDS_friction_view(F, M) \
	F(M, STRING, step, "step", PALIER_REQUIRED, PALIER_ANY, "the stage that they entered") \
	F(M, STRING, split, "split", PALIER_REQUIRED, PALIER_ANY, "told apart by channel, weekday or till") \
	F(M, STRING, value, "value", PALIER_REQUIRED, PALIER_ANY, "this one") \
	F(M, INT, members, "members", PALIER_REQUIRED, PALIER_ANY, "who entered here") \
	F(M, INT, converted, "converted", PALIER_REQUIRED, PALIER_ANY, "of these, who have gone on") \
	F(M, INT, others, "others", PALIER_REQUIRED, PALIER_ANY, "who entered elsewhere") \
	F(M, INT, others_converted, "others_converted", PALIER_REQUIRED, PALIER_ANY, "of these, who have gone on") \
	F(M, INT, difference_bp, "difference_bp", PALIER_REQUIRED, PALIER_ANY, \
		"of the two shares, in hundredths of a per cent; negative: fewer go on here") \
	F(M, INT, low_bp, "low_bp", PALIER_REQUIRED, PALIER_ANY, "its interval of 95 %: from") \
	F(M, INT, high_bp, "high_bp", PALIER_REQUIRED, PALIER_ANY, "to")
PALIER_MESSAGE(friction_view);

#define PALIER_FIELDS_stage_map(F, M) \
	F(M, STRING, stage, "stage", PALIER_REQUIRED, PALIER_ANY, "the stage") \
	F(M, INT, members, "members", PALIER_REQUIRED, PALIER_ANY, "who stand on it now") \
	F(M, INT, entries, "entries", PALIER_REQUIRED, PALIER_ANY, "who entered it in these days") \
	F(M, INT, converted, "converted", PALIER_REQUIRED, PALIER_ANY, "of these, who have gone on to a higher one since") \
	F(M, INT, median_days, "median_days", 0, PALIER_ANY, "of these, how long half of them took") \
	F(M, INT, p90_days, "p90_days", 0, PALIER_ANY, "and nine in ten") \
	F(M, LIST(channel_count), touchpoints, "touchpoints", PALIER_REQUIRED, PALIER_ANY, "of members on it, by channel") \
	F(M, INT, emotions, "emotions", PALIER_REQUIRED, PALIER_ANY, "touchpoints that told one") \
	F(M, INT, emotion_sum, "emotion_sum", PALIER_REQUIRED, PALIER_ANY, "and their sum: the mean is sum / emotions") \
	F(M, INT, promoters, "promoters", PALIER_REQUIRED, PALIER_ANY, "answers of 9 and 10") \
	F(M, INT, passives, "passives", PALIER_REQUIRED, PALIER_ANY, "of 7 and 8") \
	F(M, INT, detractors, "detractors", PALIER_REQUIRED, PALIER_ANY, "of 0 to 6") \
	F(M, INT, csat, "csat", PALIER_REQUIRED, PALIER_ANY, "answers to: how satisfied, from 1 to 5?") \
	F(M, INT, satisfied, "satisfied", PALIER_REQUIRED, PALIER_ANY, "of these, 4 and 5") \
	F(M, INT, returns, "returns", PALIER_REQUIRED, PALIER_ANY, "goods brought back") \
	F(M, LIST(friction_view), friction, "friction", PALIER_REQUIRED, PALIER_ANY, "where it grates")
PALIER_MESSAGE(stage_map);

#define PALIER_FIELDS_journey_map_view(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "the first day") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "and the last") \
	F(M, STRING, persona, "persona", 0, PALIER_ANY, "of these members alone") \
	F(M, INT, lapsed, "lapsed", PALIER_REQUIRED, PALIER_ANY, "members silent for too long") \
	F(M, LIST(stage_map), stages, "stages", PALIER_REQUIRED, PALIER_ANY, "in order")
PALIER_MESSAGE(journey_map_view);

/* --- events --- */

enum topic { TOPIC_SALE, TOPIC_MEMBER, TOPIC_DAY, TOPIC_ALERT, TOPICS };
extern const char *const topic_names[]; /* "sale" "member" "day" "alert" NULL */

#define PALIER_FIELDS_events_subscribe(F, M) \
	F(M, STRINGS, topics, "topics", PALIER_REQUIRED, PALIER_RANGE(0, 8), \
		"sale, member, day, alert; the empty list ends the subscription") \
	F(M, INT, after, "after", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), \
		"a seq: the events since that one come first; absent: only those still to come")
PALIER_MESSAGE(events_subscribe);

#define PALIER_FIELDS_events_view(F, M) \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the last event booked before the subscription began")
PALIER_MESSAGE(events_view);
/* --- days --- */

#define PALIER_FIELDS_day_close(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, DAY, business_day, "business_day", 0, PALIER_ANY, \
		"the day meant, so that a late command closes no other; absent: the open one")
PALIER_MESSAGE(day_close);

#define PALIER_FIELDS_close_view(F, M) \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_ANY, "the day's journal file") \
	F(M, DAY, business_day, "business_day", PALIER_REQUIRED, PALIER_ANY, "the day") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_ANY, "in the file") \
	F(M, JSON, totals, "totals", PALIER_REQUIRED, PALIER_ANY, "of the day: core's and each plugin's")
PALIER_MESSAGE(close_view);

#define PALIER_FIELDS_job_view(F, M) \
	F(M, STRING, job, "job", PALIER_REQUIRED, PALIER_ANY, "the plugin whose work it is") \
	F(M, STRING, state, "state", PALIER_REQUIRED, PALIER_ANY, \
		"\"due\": under way; \"waiting\": for a clock that can be trusted, see the alert; \"done\"")
PALIER_MESSAGE(job_view);

#define PALIER_FIELDS_day_view(F, M) \
	F(M, BOOL, open, "open", PALIER_REQUIRED, PALIER_ANY, "is a day open?") \
	F(M, DAY, business_day, "business_day", 0, PALIER_ANY, "the open day; with none open the last one") \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_ANY, "its journal file; 0: there was no day yet") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_ANY, "in the file so far") \
	F(M, LIST(job_view), jobs, "jobs", PALIER_REQUIRED, PALIER_ANY, "the work after the close before the open day")
PALIER_MESSAGE(day_view);

#define PALIER_FIELDS_batch_list(F, M) \
	F(M, INT, after, "after", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "only those after this one: the next page")
PALIER_MESSAGE(batch_list);

#define PALIER_FIELDS_batch_show(F, M) \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the closed day's journal file")
PALIER_MESSAGE(batch_show);

#define PALIER_FIELDS_batch_view(F, M) \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_ANY, "the journal file") \
	F(M, DAY, business_day, "business_day", PALIER_REQUIRED, PALIER_ANY, "its day; dates may repeat, batches do not") \
	F(M, INT, events, "events", PALIER_REQUIRED, PALIER_ANY, "in it") \
	F(M, INT, last_seq, "last_seq", PALIER_REQUIRED, PALIER_ANY, "its last event: that of its close") \
	F(M, TIME, closed_at, "closed_at", PALIER_REQUIRED, PALIER_ANY, "when it was closed") \
	F(M, TIME, acknowledged_at, "acknowledged_at", 0, PALIER_ANY, "when the head office said that it has it") \
	F(M, JSON, totals, "totals", 0, PALIER_ANY, "of the day (batch.show)") \
	F(M, JSON, perpetual, "perpetual", 0, PALIER_ANY, "the same since the first day, up to this close (batch.show)")
PALIER_MESSAGE(batch_view);

#define PALIER_FIELDS_batch_views(F, M) \
	F(M, LIST(batch_view), batches, "batches", PALIER_REQUIRED, PALIER_RANGE(0, 100), "oldest first, at most 100")
PALIER_MESSAGE(batch_views);

/* --- the daemon itself --- */

#define PALIER_FIELDS_verified_view(F, M) \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when the check began") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the last event then") \
	F(M, BOOL, ok, "ok", PALIER_REQUIRED, PALIER_ANY, "nothing was found; else the log says what")
PALIER_MESSAGE(verified_view);

#define PALIER_FIELDS_system_view(F, M) \
	F(M, STRING, version, "version", PALIER_REQUIRED, PALIER_ANY, "of palierd") \
	F(M, STRING, store, "store", PALIER_REQUIRED, PALIER_ANY, "the store's id") \
	F(M, TIME, started, "started", PALIER_REQUIRED, PALIER_ANY, "since when it runs") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the last event") \
	F(M, INT, batch, "batch", PALIER_REQUIRED, PALIER_ANY, "the open journal file; 0: none") \
	F(M, DAY, business_day, "business_day", 0, PALIER_ANY, "the open day") \
	F(M, INT, journal_bytes, "journal_bytes", PALIER_REQUIRED, PALIER_ANY, "of the open journal file") \
	F(M, INT, disk_free_bytes, "disk_free_bytes", PALIER_REQUIRED, PALIER_ANY, \
		"that the ledger's file system has left; -1: not known") \
	F(M, INT, sync_us, "sync_us", PALIER_REQUIRED, PALIER_ANY, "microseconds that the last sync to disk took") \
	F(M, INT, connections, "connections", PALIER_REQUIRED, PALIER_ANY, "open now") \
	F(M, INT, subscribers, "subscribers", PALIER_REQUIRED, PALIER_ANY, "of them, those that hear of events") \
	F(M, INT, members, "members", PALIER_REQUIRED, PALIER_ANY, "enrolled so far") \
	F(M, INT, alerts_open, "alerts_open", PALIER_REQUIRED, PALIER_ANY, "alerts that nobody has resolved") \
	F(M, INT, requests, "requests", PALIER_REQUIRED, PALIER_ANY, "lines answered since the start") \
	F(M, INT, commands, "commands", PALIER_REQUIRED, PALIER_ANY, "events booked since the start") \
	F(M, INT, turns, "turns", PALIER_REQUIRED, PALIER_ANY, "turns that were synced to disk since the start") \
	F(M, OBJECT(verified_view), verified, "verified", 0, PALIER_ANY, \
		"the last check of the ledger in the background; absent: none since the start") \
	F(M, STRINGS, plugins, "plugins", PALIER_REQUIRED, PALIER_ANY, "loaded")
PALIER_MESSAGE(system_view);

/* --- alerts --- */

#define PALIER_FIELDS_system_alerts(F, M) \
	F(M, INT, after, "after", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "only those after this seq: the next page") \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 200), \
		"at most so many, oldest first; absent: 50; those of one event stay together")
PALIER_MESSAGE(system_alerts);

#define PALIER_FIELDS_alert_done(F, M) \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "by which event") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when") \
	F(M, STRING, operator, "operator", 0, PALIER_ANY, "by whom") \
	F(M, STRING, outcome, "outcome", 0, PALIER_ANY, "with which outcome; gone once its member is erased")
PALIER_MESSAGE(alert_done);

#define PALIER_FIELDS_alert_view(F, M) \
	F(M, STRING, alert, "alert", PALIER_REQUIRED, PALIER_ANY, "its id") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the event that raised it") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it happened") \
	F(M, STRING, what, "kind", PALIER_REQUIRED, PALIER_ANY, "what it is about") \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "at which till") \
	F(M, STRING, operator, "operator", 0, PALIER_ANY, "by whom") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "with whose card") \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "in which unit") \
	F(M, STRING, sale, "sale", 0, PALIER_ANY, "at which receipt") \
	F(M, INT, figure, "figure", 0, PALIER_ANY, "by how much, how often") \
	F(M, OBJECT(alert_done), resolved, "resolved", 0, PALIER_ANY, "absent: it is open")
PALIER_MESSAGE(alert_view);

#define PALIER_FIELDS_alert_views(F, M) F(M, LIST(alert_view), alerts, "alerts", PALIER_REQUIRED, PALIER_ANY, "oldest first")
PALIER_MESSAGE(alert_views);

#define PALIER_FIELDS_alert_resolve(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, alert, "alert", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the alert's id") \
	F(M, STRING, outcome, "outcome", PALIER_REQUIRED | PALIER_SEALED, PALIER_RANGE(1, 256), "what came of it")
PALIER_MESSAGE(alert_resolve);

/* In a day's totals. */
#define PALIER_FIELDS_alert_sum_view(F, M) \
	F(M, STRING, what, "kind", PALIER_REQUIRED, PALIER_ANY, "what the alerts are about") \
	F(M, STRING, till, "till", PALIER_REQUIRED, PALIER_ANY, "at which till") \
	F(M, STRING, operator, "operator", 0, PALIER_ANY, "by whom") \
	F(M, STRING, unit, "unit", 0, PALIER_ANY, "in which unit") \
	F(M, INT, count, "count", PALIER_REQUIRED, PALIER_ANY, "how many") \
	F(M, INT, figure, "figure", 0, PALIER_ANY, "the sum of their figures")
PALIER_MESSAGE(alert_sum_view);
#define PALIER_FIELDS_metric_view(F, M) \
	F(M, STRING, name, "name", PALIER_REQUIRED, PALIER_ANY, "as Prometheus spells names") \
	F(M, STRING, type, "type", PALIER_REQUIRED, PALIER_ANY, "counter: grows since the start; gauge: as it is now") \
	F(M, STRING, help, "help", PALIER_REQUIRED, PALIER_ANY, "what it counts") \
	F(M, STRING, reason, "reason", 0, PALIER_ANY, "a metric that is told apart by reason has a row for each") \
	F(M, INT, value, "value", PALIER_REQUIRED, PALIER_ANY, "its value")
PALIER_MESSAGE(metric_view);

#define PALIER_FIELDS_metrics_view(F, M) \
	F(M, LIST(metric_view), metrics, "metrics", PALIER_REQUIRED, PALIER_ANY, "rows of one name stand together")
PALIER_MESSAGE(metrics_view);

/* --- surveys --- */

/** How likely one would recommend the shop (0 to 10), how satisfied one was (1 to 5), how it felt (-2 to 2). */
enum survey_kind { SURVEY_NPS, SURVEY_CSAT, SURVEY_EMOTION, SURVEY_KINDS };
extern const char *const survey_kind_names[]; /* "nps" "csat" "emotion" NULL */
enum survey_state { SURVEY_OPEN, SURVEY_CLOSED };
extern const char *const survey_state_names[]; /* "open" "closed" NULL */
/** How a question reaches the customer: with the ticket, or in a message of the shop's mailing tool. */
enum survey_way { SURVEY_TICKET, SURVEY_EMAIL, SURVEY_SMS, SURVEY_WAYS };
extern const char *const survey_way_names[]; /* "ticket" "email" "sms" NULL */

#define PALIER_FIELDS_survey_answer(F, M) \
	PALIER_COMMAND(F, M) \
	PALIER_WHO(F, M) \
	F(M, STRING, token, "token", PALIER_SECRET, PALIER_RANGE(1, 256), \
		"of the survey's QR code, instead of a card: the whole text, or what stands behind its last slash") \
	F(M, ENUM(survey_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, "which question is answered") \
	F(M, INT, score, "score", PALIER_REQUIRED, PALIER_RANGE(-2, 10), "nps: 0 to 10; csat: 1 to 5; emotion: -2 to 2") \
	F(M, STRING, comment, "comment", PALIER_SEALED, PALIER_RANGE(1, 500), "in the customer's words")
PALIER_MESSAGE(survey_answer);

#define PALIER_FIELDS_survey_due(F, M) \
	F(M, ENUM(survey_way), channel, "channel", PALIER_REQUIRED, PALIER_ANY, "email or sms: what the shop can send now") \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 1000), "how many at most; absent: 100")
PALIER_MESSAGE(survey_due);

#define PALIER_FIELDS_survey_due_row(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whom to ask") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_ANY, "which survey") \
	F(M, ENUM(survey_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, TIME, since, "since", PALIER_REQUIRED, PALIER_ANY, "it can be sent since then,") \
	F(M, TIME, until, "until", PALIER_REQUIRED, PALIER_ANY, "and no longer from then on")
PALIER_MESSAGE(survey_due_row);

#define PALIER_FIELDS_survey_due_rows(F, M) \
	F(M, LIST(survey_due_row), due, "due", PALIER_REQUIRED, PALIER_ANY, "of a member one at most")
PALIER_MESSAGE(survey_due_rows);

#define PALIER_FIELDS_survey_send(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whom") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "which survey")
PALIER_MESSAGE(survey_send);

#define PALIER_FIELDS_survey_letter(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whom") \
	F(M, ENUM(survey_way), channel, "channel", PALIER_REQUIRED, PALIER_ANY, "by e-mail or text message") \
	F(M, STRING, to, "to", 0, PALIER_ANY, "the address or telephone number; gone once there is no consent to it") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "first name") \
	F(M, STRING, language, "language", PALIER_REQUIRED, PALIER_ANY, "in which to write, ISO 639-1") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_ANY, "which survey") \
	F(M, ENUM(survey_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, STRING, question, "question", 0, PALIER_ANY, "in the shop's own words, where it has any") \
	F(M, STRING, link, "link", PALIER_REQUIRED, PALIER_ANY, \
		"where it is answered: the token, behind the shop's address") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be answered")
PALIER_MESSAGE(survey_letter);

#define PALIER_FIELDS_survey_open(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, token, "token", PALIER_REQUIRED | PALIER_SECRET, PALIER_RANGE(1, 256), \
		"of the QR code or the message: the whole text, or what stands behind its last slash")
PALIER_MESSAGE(survey_open);

#define PALIER_FIELDS_survey_sheet(F, M) \
	F(M, ENUM(survey_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, "what is asked") \
	F(M, STRING, question, "question", 0, PALIER_ANY, "in the shop's own words, where it has any") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be answered")
PALIER_MESSAGE(survey_sheet);

#define PALIER_FIELDS_survey_recovery(F, M) \
	F(M, ENUM(survey_state), state, "state", 0, PALIER_ANY, "which; absent: all") \
	F(M, INT, after, "after", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "the last seq of the page before") \
	F(M, INT, limit, "limit", 0, PALIER_RANGE(1, 1000), "how many at most; absent: 100")
PALIER_MESSAGE(survey_recovery);

#define PALIER_FIELDS_survey_task(F, M) \
	F(M, STRING, task, "task", PALIER_REQUIRED, PALIER_ANY, "its id, for survey.resolve") \
	F(M, INT, seq, "seq", PALIER_REQUIRED, PALIER_ANY, "the answer's event") \
	F(M, TIME, at, "at", PALIER_REQUIRED, PALIER_ANY, "when it was given") \
	F(M, ENUM(survey_state), state, "state", PALIER_REQUIRED, PALIER_ANY, "open until somebody has resolved it") \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "whose") \
	F(M, STRING, name, "name", 0, PALIER_ANY, "first name") \
	F(M, INT, score, "score", PALIER_REQUIRED, PALIER_ANY, "0 to 6") \
	F(M, STRING, comment, "comment", 0, PALIER_ANY, "in the customer's words") \
	F(M, DAY, due, "due", PALIER_REQUIRED, PALIER_ANY, \
		"the last day: the second from Monday to Friday after the answer") \
	F(M, BOOL, late, "late", 0, PALIER_ANY, "it is open and that day is past, or it was closed after it") \
	F(M, STRING, owner, "owner", 0, PALIER_ANY, "who sees to it") \
	F(M, TIME, closed, "closed", 0, PALIER_ANY, "when it was resolved") \
	F(M, STRING, cause, "cause", 0, PALIER_ANY, "what had gone wrong") \
	F(M, INT, cost, "cost", 0, PALIER_ANY, "what making it good has cost") \
	F(M, STRING, outcome, "outcome", 0, PALIER_ANY, "what came of it")
PALIER_MESSAGE(survey_task);

#define PALIER_FIELDS_survey_tasks(F, M) \
	F(M, LIST(survey_task), tasks, "tasks", PALIER_REQUIRED, PALIER_ANY, "the oldest first")
PALIER_MESSAGE(survey_tasks);

#define PALIER_FIELDS_survey_assign(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, task, "task", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the task's id") \
	F(M, STRING, owner, "owner", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the code of who sees to it, not a name")
PALIER_MESSAGE(survey_assign);

#define PALIER_FIELDS_survey_resolve(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, task, "task", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the task's id") \
	F(M, STRING, cause, "cause", 0, PALIER_RANGE(1, 32), \
		"what had gone wrong, as the shop lists it: queue, product, ...") \
	F(M, INT, cost, "cost", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "what making it good has cost") \
	F(M, STRING, outcome, "outcome", PALIER_REQUIRED | PALIER_SEALED, PALIER_RANGE(1, 500), "what came of it")
PALIER_MESSAGE(survey_resolve);

#define PALIER_FIELDS_survey_report(F, M) \
	F(M, DAY, from, "from", PALIER_REQUIRED, PALIER_ANY, "first store date") \
	F(M, DAY, to, "to", PALIER_REQUIRED, PALIER_ANY, "last store date")
PALIER_MESSAGE(survey_report);

/* Of the questions asked in these days, whenever they were opened and answered. */
#define PALIER_FIELDS_survey_reach(F, M) \
	F(M, ENUM(survey_way), channel, "channel", PALIER_REQUIRED, PALIER_ANY, "how they reached the customer") \
	F(M, INT, sent, "sent", PALIER_REQUIRED, PALIER_ANY, "questions") \
	F(M, INT, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "of them, looked at") \
	F(M, INT, answered, "answered", PALIER_REQUIRED, PALIER_ANY, "of them, answered") \
	F(M, INT, rate_bp, "rate_bp", 0, PALIER_ANY, "answered of sent, in hundredths of a per cent; absent: none was sent")
PALIER_MESSAGE(survey_reach);

#define PALIER_FIELDS_survey_figures(F, M) \
	F(M, ENUM(survey_kind), kind, "kind", PALIER_REQUIRED, PALIER_ANY, "which question") \
	F(M, INT, asked, "asked", PALIER_REQUIRED, PALIER_ANY, "how many were asked") \
	F(M, INT, answered, "answered", PALIER_REQUIRED, PALIER_ANY, "answers, also of those who were not asked") \
	F(M, INT, sum, "sum", PALIER_REQUIRED, PALIER_ANY, "of the scores") \
	F(M, INT, promoters, "promoters", PALIER_REQUIRED, PALIER_ANY, "nps: 9 or 10; csat: 4 or 5; emotion: 1 or 2") \
	F(M, INT, detractors, "detractors", PALIER_REQUIRED, PALIER_ANY, "nps: 0 to 6; csat: 1 or 2; emotion: -1 or -2") \
	F(M, INT, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "of those asked in these days, looked at") \
	F(M, INT, replied, "replied", PALIER_REQUIRED, PALIER_ANY, "of those asked in these days, answered") \
	F(M, INT, rate_bp, "rate_bp", 0, PALIER_ANY, \
		"replied of asked, in hundredths of a per cent; absent: nobody was asked") \
	F(M, INT, nps, "nps", 0, PALIER_ANY, \
		"of nps, from 30 answers on and with a rate: the score, in thousandths of a point,") \
	F(M, INT, low, "low", 0, PALIER_ANY, "and its interval of 95 % by adjusted Wald,") \
	F(M, INT, high, "high", 0, PALIER_ANY, "to here") \
	F(M, LIST(survey_reach), channels, "channels", PALIER_REQUIRED, PALIER_ANY, "by which questions went out")
PALIER_MESSAGE(survey_figures);

/* Of the tasks whose answers were given in these days. Who was followed up answered at least 90 days ago; who did not is no proof of what it did. */
#define PALIER_FIELDS_recovery_figures(F, M) \
	F(M, INT, opened, "opened", PALIER_REQUIRED, PALIER_ANY, "tasks") \
	F(M, INT, closed, "closed", PALIER_REQUIRED, PALIER_ANY, "of them, resolved") \
	F(M, INT, in_time, "in_time", PALIER_REQUIRED, PALIER_ANY, "of these, by their last day") \
	F(M, INT, cost, "cost", PALIER_REQUIRED, PALIER_ANY, "what they have cost") \
	F(M, INT, closed_90, "closed_90", PALIER_REQUIRED, PALIER_ANY, "resolved, of answers at least 90 days old") \
	F(M, INT, closed_bought, "closed_bought", PALIER_REQUIRED, PALIER_ANY, \
		"whose members have bought in the 90 days after") \
	F(M, INT, open_90, "open_90", PALIER_REQUIRED, PALIER_ANY, "the same of tasks that nobody has resolved") \
	F(M, INT, open_bought, "open_bought", PALIER_REQUIRED, PALIER_ANY, "whose members have bought in the 90 days after")
PALIER_MESSAGE(recovery_figures);

#define PALIER_FIELDS_survey_report_view(F, M) \
	F(M, OBJECT(recovery_figures), recovery, "recovery", PALIER_REQUIRED, PALIER_ANY, \
		"unhappy customers, what was done, and whether they came back") \
	F(M, LIST(survey_figures), surveys, "surveys", PALIER_REQUIRED, PALIER_ANY, "a row for each question")
PALIER_MESSAGE(survey_report_view);

/* --- what head office sends down --- */

/* An order of a directive. `kind` says what, and which of the other fields it has. */
#define PALIER_FIELDS_office_order(F, M) \
	F(M, STRING, order, "order", PALIER_REQUIRED, PALIER_RANGE(1, 32), \
		"grant, take, home, member, join, block-card, freeze, erase, settle, block-code, referral-key, referral-range, programme") \
	F(M, MEMBER, member, "member", 0, PALIER_ANY, "whom it is about") \
	F(M, MEMBER, into, "into", 0, PALIER_ANY, "join: who this member is from now on") \
	F(M, STRING, home, "home", 0, PALIER_RANGE(1, 64), \
		"home, member, join: the store where the member's points are spent") \
	F(M, STRING, card, "card", 0, PALIER_RANGE(1, 256), "member: a card of the member's; block-card: the card") \
	F(M, STRING, instead, "instead", 0, PALIER_RANGE(1, 256), "block-card: the card that replaces it") \
	F(M, STRING, name, "name", 0, PALIER_RANGE(1, 128), "member: what the member is called; programme: the file") \
	F(M, STRING, language, "language", 0, PALIER_RANGE(2, 2), "member: ISO 639-1") \
	F(M, STRING, unit, "unit", 0, PALIER_RANGE(1, 32), "grant, take: of these points") \
	F(M, INT, points, "points", 0, PALIER_RANGE(1, PALIER_FIGURE_MAX), "grant, take: so many") \
	F(M, TIME, expires, "expires", 0, PALIER_ANY, "grant: when they lapse; absent: never") \
	F(M, STRING, source, "source", 0, PALIER_RANGE(1, 96), "grant: where they were given up: store/seq/index") \
	F(M, STRING, store, "store", 0, PALIER_RANGE(1, 64), "settle: the store where the goods came back") \
	F(M, STRING, sale, "sale", 0, PALIER_RANGE(1, 64), "settle: the sale of this store") \
	F(M, STRING, comeback, "return", 0, PALIER_RANGE(1, 64), "settle: the return's number there") \
	F(M, LIST(return_line), lines, "lines", 0, PALIER_RANGE(0, 1000), \
		"settle: what came back; absent: all that is left") \
	F(M, STRING, code, "code", 0, PALIER_RANGE(1, 64), "block-code: a sponsor's code or a coupon") \
	F(M, INT, id, "id", 0, PALIER_RANGE(0, 3), "referral-key: its number") \
	F(M, STRING, key, "key", 0, PALIER_RANGE(64, 64), "referral-key: 32 bytes, hex") \
	F(M, INT, first, "first", 0, PALIER_RANGE(0, (INT64_C(1) << 30) - 1), \
		"referral-range: the first serial of the store's, and") \
	F(M, INT, last, "last", 0, PALIER_RANGE(0, (INT64_C(1) << 30) - 1), "the last") \
	F(M, STRING, text, "text", 0, PALIER_RANGE(1, 131072), "programme: the file's text") \
	F(M, STRING, reason, "reason", 0, PALIER_RANGE(1, 256), "block-card: why") \
	F(M, DAY, since, "since", 0, PALIER_ANY, "member, join: the day of enrolment in the chain")
PALIER_MESSAGE(office_order);

#define PALIER_FIELDS_directive_apply(F, M) \
	PALIER_COMMAND(F, M) \
	F(M, STRING, directive, "directive", PALIER_REQUIRED | PALIER_SECRET, PALIER_RANGE(1, 163840), \
		"the document, byte for byte as the office signed it, its LF included") \
	F(M, STRING, signature, "signature", PALIER_REQUIRED | PALIER_SECRET, PALIER_RANGE(1, 16384), \
		"the office's signature of it: CMS, detached, DER, in base64url")
PALIER_MESSAGE(directive_apply);

#define PALIER_FIELDS_directive_done(F, M) \
	F(M, INT, directive, "directive", PALIER_REQUIRED, PALIER_ANY, "its number") \
	F(M, STRING, sha256, "sha256", PALIER_REQUIRED, PALIER_ANY, "of the document, hex") \
	F(M, INT, orders, "orders", PALIER_REQUIRED, PALIER_ANY, "how many orders were carried out")
PALIER_MESSAGE(directive_done);

#define PALIER_FIELDS_directive_view(F, M) \
	F(M, INT, directive, "directive", PALIER_REQUIRED, PALIER_ANY, "number of the last one; 0: there was none") \
	F(M, STRING, sha256, "sha256", 0, PALIER_ANY, "of its document, hex") \
	F(M, TIME, at, "at", 0, PALIER_ANY, "when it was carried out")
PALIER_MESSAGE(directive_view);

/* --- the methods --- */

#define METHOD_COMMAND  0x01u /* books an event: takes the common params, answered once it is on disk */
#define METHOD_OPEN     0x02u /* may be called before sign-in */
#define METHOD_FREE     0x04u /* never throttled */
#define METHOD_OFFLINE  0x08u /* a command whose params begin as PALIER_FACT says */
#define METHOD_INTERNAL 0x10u /* a command that the daemon gives itself: never on the wire */

struct palier_method {
	const char *name;
	unsigned flags;
	enum role least; /* the least role; a display may call only what is marked so */
	const struct palier_schema *params, *result;
	const char *doc;
};

/* X(C name, wire name, flags, least role, params, result, what it does) */
/* clang-format off */
#define PALIER_METHODS(X) \
	X(session_open,   "session.open",   METHOD_OPEN,    ROLE_DISPLAY,    session_open,    session_view, "sign a till in") \
	X(rpc_discover,   "rpc.discover",   METHOD_OPEN,    ROLE_DISPLAY,    nothing,         nothing,      "this protocol as an OpenRPC document") \
	X(system_status,  "system.status",  METHOD_FREE,         ROLE_DISPLAY,    nothing,         system_view,  "how the daemon is") \
	X(system_metrics, "system.metrics", METHOD_FREE,         ROLE_DISPLAY,    nothing,         metrics_view, "what the daemon counts") \
	X(request_status, "request.status", METHOD_FREE,         ROLE_CASHIER,    request_status,  request_view, "was a command of this till booked?") \
	X(events_subscribe, "events.subscribe", METHOD_FREE, ROLE_DISPLAY,    events_subscribe, events_view, "hear of events as they are booked") \
	X(till_add,       "till.add",       METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, till_add,        nothing,      "let a till sign in") \
	X(till_revoke,    "till.revoke",    METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, till_revoke,     nothing,      "never again let it sign in") \
	X(till_list,      "till.list",      METHOD_FREE,         ROLE_SUPERVISOR, nothing,         till_views,   "the tills") \
	X(key_rotate,     "key.rotate",     METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, key_rotate,      nothing,      "announce the key that signs the batches after the open one") \
	X(directive_apply, "directive.apply", METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, directive_apply, directive_done, "do what the head office orders, in a document that it signed") \
	X(directive_status, "directive.status", METHOD_FREE, ROLE_SUPERVISOR, nothing,        directive_view, "the last directive that was carried out") \
	X(card_lookup,    "card.lookup",    0,              ROLE_CASHIER,    card_lookup,     member_view,  "who is there, and what may be spent") \
	X(card_issue,     "card.issue",     METHOD_COMMAND, ROLE_CASHIER,    card_issue,      member_view,  "a new card for a member") \
	X(card_attach,    "card.attach",    METHOD_COMMAND, ROLE_CASHIER,    card_attach,     member_view,  "give a member a card that is nobody's yet") \
	X(card_block,     "card.block",     METHOD_COMMAND, ROLE_SUPERVISOR, card_block,      member_view,  "a card lost or stolen") \
	X(card_replace,   "card.replace",   METHOD_COMMAND, ROLE_CASHIER,    card_replace,    member_view,  "block a card and hand out another") \
	X(member_enroll,  "member.enroll",  METHOD_COMMAND | METHOD_OFFLINE, ROLE_CASHIER,    member_enroll,   member_view,  "a new member") \
	X(member_update,  "member.update",  METHOD_COMMAND, ROLE_CASHIER,    member_update,   member_view,  "change what is known of a member") \
	X(member_find,    "member.find",    0,              ROLE_CASHIER,    member_find,     member_hits,  "members by the beginning of their name") \
	X(member_erase,   "member.erase",   METHOD_COMMAND, ROLE_SUPERVISOR, member_erase,    erased_view,  "make a member nobody, for good") \
	X(member_merge,   "member.merge",   METHOD_COMMAND, ROLE_SUPERVISOR, member_merge,    member_view,  "two members are one") \
	X(member_freeze,  "member.freeze",  METHOD_COMMAND, ROLE_CASHIER,    member_freeze,   member_view,  "lock spending, at the customer's wish") \
	X(member_thaw,    "member.thaw",    METHOD_COMMAND, ROLE_CASHIER,    member_thaw,     member_view,  "unlock it") \
	X(member_pin,     "member.pin",     METHOD_COMMAND, ROLE_CASHIER,    member_pin,      member_view,  "set or change the PIN that proves who spends") \
	X(member_otp,     "member.otp",     0,              ROLE_SUPERVISOR, member_otp,      otp_view,     "the secret of a member's one-time codes, for the virtual card") \
	X(member_export,  "member.export",  0,              ROLE_SUPERVISOR, member_export,   export_view,  "all that is kept of a member") \
	X(sale_quote,     "sale.quote",     METHOD_FREE,    ROLE_CASHIER,    sale_quote,      quote_view,   "what a basket costs, earns and spends; changes nothing") \
	X(sale_commit,    "sale.commit",    METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_commit, commit_view, "ring a sale up") \
	X(sale_hold,      "sale.hold",      METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_hold,   hold_view,    "put points, codes and prices out of reach of others") \
	X(sale_release,   "sale.release",   METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_release, nothing,      "let a hold go") \
	X(sale_return,    "sale.return",    METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_return, return_view, "take goods back") \
	X(sale_void,      "sale.void",      METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_void,   balances_view, "undo a sale or return of the open day") \
	X(sale_claim,     "sale.claim",     METHOD_COMMAND | METHOD_FREE | METHOD_OFFLINE, ROLE_CASHIER, sale_claim,  balances_view, "points for a sale rung up without a card") \
	X(sale_show,      "sale.show",      METHOD_FREE,    ROLE_CASHIER,    sale_show,       sale_view,    "a sale as it was booked") \
	X(sale_list,      "sale.list",      METHOD_FREE,    ROLE_CASHIER,    sale_list,       sale_views,   "a member's sales") \
	X(balance_history, "balance.history", 0,            ROLE_CASHIER,    balance_history, history_view, "every move of a member's points") \
	X(balance_adjust, "balance.adjust", METHOD_COMMAND, ROLE_SUPERVISOR, balance_adjust,  balances_view, "put a balance right") \
	X(offer_grant,    "offer.grant",    METHOD_COMMAND, ROLE_CASHIER,    offer_grant,     nothing,       "let a member have an offer once") \
	X(coupon_issue,   "coupon.issue",   METHOD_COMMAND, ROLE_SUPERVISOR, coupon_issue,    coupon_codes,  "make codes that are used up") \
	X(referral_issue, "referral.issue", METHOD_COMMAND, ROLE_CASHIER,    referral_issue,  referral_issued, "a member's own sponsorship code") \
	X(referral_check, "referral.check", 0,              ROLE_CASHIER,    referral_check,  referral_checked, "is a code genuine, and what does it bring a friend?") \
	X(referral_list,  "referral.list",  0,              ROLE_CASHIER,    referral_list,   referral_rows, "a member's referrals, as sponsor and as friend") \
	X(referral_queue, "referral.queue", METHOD_FREE,    ROLE_SUPERVISOR, referral_queue,  flagged_rows,  "flagged referrals that wait for a verdict") \
	X(referral_review, "referral.review", METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, referral_review, nothing, "decide on a flagged referral") \
	X(referral_rotate, "referral.rotate", METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, referral_rotate, nothing, "make codes with a new key; the old ones live on") \
	X(recommendation_report, "recommendation.report", METHOD_FREE, ROLE_SUPERVISOR, recommendation_report, recommendation_view, "the four kinds of recommendation, counted") \
	X(qr_render,      "qr.render",      0,              ROLE_CASHIER,    qr_render,       qr_view,       "a text, code or card as QR, for a screen or a printer") \
	X(ambassador_list, "ambassador.list", METHOD_FREE,  ROLE_CASHIER,    ambassador_list, ambassador_rows, "who recommends the shop most") \
	X(ambassador_show, "ambassador.show", 0,            ROLE_CASHIER,    ambassador_show, ambassador_view, "a member's score, and why") \
	X(ladder_suggest, "ladder.suggest", METHOD_FREE,    ROLE_CASHIER,    ladder_suggest,  suggestions_view, "what to suggest with this basket") \
	X(ladder_outcome, "ladder.outcome", METHOD_COMMAND | METHOD_FREE, ROLE_CASHIER, ladder_outcome, nothing, "what became of a suggestion") \
	X(ladder_stock,   "ladder.stock",   METHOD_COMMAND | METHOD_FREE, ROLE_CASHIER, ladder_stock, nothing, "a product is out of stock, or there again") \
	X(ladder_report,  "ladder.report",  METHOD_FREE,    ROLE_SUPERVISOR, ladder_report,   ladder_report_view, "suggestions shown and accepted, against the holdout") \
	X(journey_record, "journey.record", METHOD_COMMAND | METHOD_OFFLINE, ROLE_CASHIER, journey_record, nothing, "a touchpoint outside a sale") \
	X(journey_show,   "journey.show",   0,              ROLE_CASHIER,    journey_show,    journey_view,  "a member's stage and timeline") \
	X(journey_map,    "journey.map",    METHOD_FREE,    ROLE_SUPERVISOR, journey_map,     journey_map_view, "stage by stage: how many, how long, how they felt") \
	X(system_alerts,  "system.alerts",  METHOD_FREE,    ROLE_SUPERVISOR, system_alerts,   alert_views,  "what somebody should look at") \
	X(alert_resolve,  "alert.resolve",  METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, alert_resolve, nothing, "an alert has been looked at") \
	X(day_close,      "day.close",      METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, day_close,   close_view,   "end the business day and its journal file") \
	X(day_status,     "day.status",     METHOD_FREE,    ROLE_CASHIER,    nothing,         day_view,     "which day is open, and what is still to be done") \
	X(batch_list,     "batch.list",     METHOD_FREE,    ROLE_SUPERVISOR, batch_list,      batch_views,  "the closed days") \
	X(batch_show,     "batch.show",     METHOD_FREE,    ROLE_SUPERVISOR, batch_show,      batch_view,   "a closed day with its totals") \
	X(survey_answer,  "survey.answer",  METHOD_COMMAND, ROLE_DISPLAY,    survey_answer,   nothing,      "what a customer says of the shop") \
	X(survey_due,     "survey.due",     METHOD_FREE,    ROLE_SUPERVISOR, survey_due,      survey_due_rows, "questions that are to go out by e-mail or text message now") \
	X(survey_send,    "survey.send",    METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, survey_send, survey_letter, "one of them goes out: to whom, and with which link") \
	X(survey_open,    "survey.open",    METHOD_COMMAND, ROLE_DISPLAY,    survey_open,     survey_sheet, "a customer looks at a question; what does it ask?") \
	X(survey_recovery, "survey.recovery", METHOD_FREE,  ROLE_SUPERVISOR, survey_recovery, survey_tasks, "unhappy customers to speak to") \
	X(survey_assign,  "survey.assign",  METHOD_COMMAND, ROLE_SUPERVISOR, survey_assign,   nothing,      "say who sees to a task") \
	X(survey_resolve, "survey.resolve", METHOD_COMMAND | METHOD_FREE, ROLE_SUPERVISOR, survey_resolve, nothing, "somebody has spoken to one") \
	X(survey_report,  "survey.report",  METHOD_FREE,    ROLE_SUPERVISOR, survey_report,   survey_report_view, "asked, answered, and the net promoter score")

/* clang-format on */

#define X(cname, wire, flags, role, params, result, doc) extern const struct palier_method method_##cname;
PALIER_METHODS(X)
#undef X

/** All methods, NULL-terminated, in the order of PALIER_METHODS. */
extern const struct palier_method *const palier_methods[];

/** @return NULL when there is none */
const struct palier_method *palier_method_find(struct palier_bytes name);

/** May this role call it? (A supervisor's override raises a cashier's role for one call.) */
bool palier_method_allows(const struct palier_method *m, enum role role);

/** The OpenRPC 1.3 document (https://spec.open-rpc.org) of these tables. */
void palier_discover(struct palier_json *w);
