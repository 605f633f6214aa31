/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin "core": its tables, effects and methods, listed. */
#include "daemon/core.h"

#include "daemon/jobs.h"

PALIER_SCHEMA(till_added);
PALIER_SCHEMA(till_revoked);
PALIER_SCHEMA(key_rotated);
PALIER_SCHEMA(member_enrolled);
PALIER_SCHEMA(member_completed);
PALIER_SCHEMA(consent_given);
PALIER_SCHEMA(member_profile);
PALIER_SCHEMA(member_erased);
PALIER_SCHEMA(member_merged);
PALIER_SCHEMA(member_frozen);
PALIER_SCHEMA(member_met);
PALIER_SCHEMA(member_pin_set);
PALIER_SCHEMA(member_otp_used);
PALIER_SCHEMA(purse_opened);
PALIER_SCHEMA(card_attached);
PALIER_SCHEMA(card_blocked);
PALIER_SCHEMA(booked_line);
PALIER_SCHEMA(sale_booked);
PALIER_SCHEMA(sale_discount);
PALIER_SCHEMA(returned_line);
PALIER_SCHEMA(sale_held);
PALIER_SCHEMA(hold_resolved);
PALIER_SCHEMA(hold_dropped);
PALIER_SCHEMA(sale_returned);
PALIER_SCHEMA(return_noted);
PALIER_SCHEMA(settle_waiting);
PALIER_SCHEMA(product);
PALIER_SCHEMA(sale_claimed);
PALIER_SCHEMA(unbought);
PALIER_SCHEMA(sale_voided);
PALIER_SCHEMA(message_given);
PALIER_SCHEMA(qr_given);
PALIER_SCHEMA(fact_published);
PALIER_SCHEMA(day_closed);
PALIER_SCHEMA(clock_doubted);
PALIER_SCHEMA(job_slice_done);
PALIER_SCHEMA(ledger_restored);
PALIER_SCHEMA(directive_applied);
PALIER_SCHEMA(programme_sent);

static const struct palier_table tables[] = {
	[T_META] = { "meta", "name", "i64", PALIER_FOLDED },
	[T_TILL] = { "till", "name", "role u8, revoked u8, SHA-256 of the token 32", PALIER_FOLDED },
	[T_CARD] = { "card", "keyed hash 16", "blocked u8, member id 10, sealed number", PALIER_FOLDED },
	[T_CONTACT] = { "contact", "'p' or 'e', keyed hash 16, member id 10", "nothing", PALIER_FOLDED },
	[T_NAME] = { "name", "keyed hash 16, member id 10", "nothing", PALIER_FOLDED },
	[T_PROFILE] = { "profile", "member id 10, field char", "sealed text; JSON; index entries; a consent",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_WALLET] = { "wallet", "member id 10, inverted seq u64, card's keyed hash 16", "nothing",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_SALE] = { "sale", "receipt number", "seq u64, batch u32, offset u64", PALIER_FOLDED },
	[T_REQUEST0] = { "request0", "keyed hash of till and request 16", "params hash 16, seq u64, batch u32, offset u64",
		PALIER_FOLDED },
	[T_REQUEST1] = { "request1", "as request0", "as request0", PALIER_FOLDED },
	[T_REQUEST2] = { "request2", "as request0", "as request0", PALIER_FOLDED },
	[T_REQUEST3] = { "request3", "as request0", "as request0", PALIER_FOLDED },
	[T_MEMBER] = { "member", "member id 10",
		"slot u32, since u32, last contact u32, seq u64, flags u8, into member id 10, language",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_EVENT] = { "event", "member id 10, inverted seq u64", "batch u32, offset u64",
		PALIER_FOLDED | PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_FACTS] = { "facts", "member id 10", "first i64 ms, last i64 ms, purchases u32, spend i64",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_BUCKET] = { "bucket", "member id 10, day u32", "purchases u32, spend i64",
		PALIER_FOLDED | PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_BOUGHT] = { "bought", "member id 10", "up to 128 of: hash u64, lines u16, last day u32; latest first",
		PALIER_FOLDED | PALIER_BY_MEMBER | PALIER_HISTORY },
	[T_FACT] = { "fact", "member id 10, name", "text", PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_ALERT] = { "alert", "seq u64, number in its event u16",
		"batch u32, offset u64, received i64 ms, of what resolved it batch u32, offset u64", PALIER_FOLDED },
	[T_ALERT_SUM] = { "alert_sum", "batch u32, kind, till, operator and unit, each with a NUL", "count i64, figure i64",
		PALIER_FOLDED },
	[T_WATCH] = { "watch", "member id 10",
		"earned last i64 ms, at till u32; credited day u32, by u32; claims day u32, count u16; sales day u32, up to 4 of: by u32, count "
		"u16",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_ROUND] = { "round", "'o' operator or 't' till", "sales day u32, count u16", PALIER_FOLDED },
	[T_BATCH] = { "batch", "batch u32", "day u32, seq u64, offset u64, events u64, closed i64 ms", PALIER_FOLDED },
	[T_TOTAL] = { "total", "\"core\"", "batch u32, for each total: i64 of this batch, i64 since the first",
		PALIER_FOLDED },
	[T_JOB] = { "job", "plugin", "batch u32, done u8, member id 10", PALIER_LOCAL },
	[T_RETURNED] = { "returned", "receipt number, NUL; the same, line u16",
		"of base i64, given back i64, seq of the last return u64; quantity i64 thousandths, amounts i64",
		PALIER_FOLDED },
	[T_CLAIM] = { "claim", "receipt number", "seq u64, batch u32, offset u64", PALIER_FOLDED },
	[T_WAITING] = { "waiting", "number of the sale, NUL, number of the return", "batch u32, offset u64", PALIER_FOLDED },
	[T_MERGED] = { "merged", "member id 10, id of one merged into it 10", "nothing", PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_ERASED] = { "erased", "slot u32", "nothing", PALIER_FOLDED },
	[T_HOLD] = { "hold", "hold", "member id 10, expires i64 ms, resolved u8, batch u32, offset u64", PALIER_FOLDED },
	[T_PROOF] = { "proof", "member id 10, 'p' or 'o'", "keyed hash of the PIN 16; last step whose code was used u64",
		PALIER_FOLDED | PALIER_BY_MEMBER },
	[T_SIGNER] = { "signer", "key id 32", "seq u64 of the event that announced it", PALIER_FOLDED },
	[T_DIRECTIVE] = { "directive", "number u32", "SHA-256 32, received i64 ms, batch u32, offset u64", PALIER_FOLDED },
	[T_PROGRAMME] = { "programme", "name of the file", "SHA-256 32, batch u32, offset u64", PALIER_FOLDED },
	[T_CHANGED] = { "changed", "'s', seq u64, member id 10; 'm', member id 10", "nothing; seq u64", PALIER_FOLDED },
	{ .name = NULL },
};

static const struct palier_effect_kind effects[] = {
	{ "alert.raised", &alert_raised_schema, NULL, alert_raised_apply },
	{ "alert.resolved", &alert_resolved_schema, NULL, alert_resolved_apply },
	{ "alert.dropped", &alert_dropped_schema, NULL, alert_dropped_apply },
	{ "till.added", &till_added_schema, NULL, till_added_apply },
	{ "till.revoked", &till_revoked_schema, NULL, till_revoked_apply },
	{ "key.rotated", &key_rotated_schema, NULL, key_rotated_apply },
	{ "member.enrolled", &member_enrolled_schema, NULL, member_enrolled_apply },
	{ "member.completed", &member_completed_schema, NULL, member_completed_apply },
	{ "member.profile", &member_profile_schema, NULL, member_profile_apply },
	{ "member.erased", &member_erased_schema, NULL, member_erased_apply },
	{ "member.merged", &member_merged_schema, NULL, member_merged_apply },
	{ "member.frozen", &member_frozen_schema, NULL, member_frozen_apply },
	{ "member.met", &member_met_schema, NULL, member_met_apply },
	{ "member.pin_set", &member_pin_set_schema, NULL, member_pin_set_apply },
	{ "member.otp_used", &member_otp_used_schema, NULL, member_otp_used_apply },
	{ "purse.opened", &purse_opened_schema, NULL, purse_opened_apply },
	{ "card.attached", &card_attached_schema, NULL, card_attached_apply },
	{ "card.blocked", &card_blocked_schema, NULL, card_blocked_apply },
	{ "sale.booked", &sale_booked_schema, NULL, sale_booked_apply },
	{ "sale.discount", &sale_discount_schema, NULL, NULL },
	{ "sale.held", &sale_held_schema, NULL, sale_held_apply },
	{ "hold.resolved", &hold_resolved_schema, NULL, hold_resolved_apply },
	{ "hold.dropped", &hold_dropped_schema, NULL, hold_dropped_apply },
	{ "sale.returned", &sale_returned_schema, NULL, sale_returned_apply },
	{ "return.voided", &sale_returned_schema, NULL, return_voided_apply },
	{ "return.settling", &return_noted_schema, NULL, return_settling_apply },
	{ "return.waiting", &return_noted_schema, NULL, return_waiting_apply },
	{ "return.forgotten", &return_noted_schema, NULL, return_forgotten_apply },
	{ "settle.waiting", &settle_waiting_schema, NULL, settle_waiting_apply },
	{ "sale.claimed", &sale_claimed_schema, NULL, sale_claimed_apply },
	{ "sale.voided", &sale_voided_schema, NULL, sale_voided_apply },
	{ "message", &message_given_schema, NULL, NULL },
	{ "qr", &qr_given_schema, NULL, NULL },
	{ "ledger.restored", &ledger_restored_schema, NULL, NULL },
	{ "fact", &fact_published_schema, NULL, fact_published_apply },
	{ "day.closed", &day_closed_schema, NULL, day_closed_apply },
	{ "clock.doubted", &clock_doubted_schema, NULL, clock_doubted_apply },
	{ "job.slice", &job_slice_done_schema, NULL, job_slice_done_apply },
	{ "directive.applied", &directive_applied_schema, NULL, directive_applied_apply },
	{ "programme.sent", &programme_sent_schema, NULL, programme_sent_apply },
	{ .name = NULL },
};

CORE_REPLY(nothing_reply)
{
	(void)c;
	(void)ev;
	(void)w;
	return PALIER_OK;
}

static const struct palier_service services[] = {
	{ &method_till_add, NULL, till_add_decide, nothing_reply },
	{ &method_till_revoke, NULL, till_revoke_decide, nothing_reply },
	{ &method_key_rotate, NULL, key_rotate_decide, nothing_reply },
	{ &method_directive_apply, NULL, directive_apply_decide, directive_apply_reply },
	{ &method_directive_status, directive_status_answer, NULL, NULL },
	{ &method_till_list, till_list_answer, NULL, NULL },
	{ &method_card_lookup, card_lookup_answer, NULL, NULL },
	{ &method_card_issue, NULL, card_issue_decide, member_view_reply },
	{ &method_card_attach, NULL, card_attach_decide, member_view_reply },
	{ &method_card_block, NULL, card_block_decide, member_view_reply },
	{ &method_card_replace, NULL, card_replace_decide, member_view_reply },
	{ &method_member_enroll, NULL, member_enroll_decide, member_view_reply },
	{ &method_member_update, NULL, member_update_decide, member_view_reply },
	{ &method_member_find, member_find_answer, NULL, NULL },
	{ &method_member_erase, NULL, member_erase_decide, member_erase_reply },
	{ &method_member_merge, NULL, member_merge_decide, member_view_reply },
	{ &method_member_freeze, NULL, member_freeze_decide, member_view_reply },
	{ &method_member_thaw, NULL, member_thaw_decide, member_view_reply },
	{ &method_member_pin, NULL, member_pin_decide, member_view_reply },
	{ &method_member_otp, member_otp_answer, NULL, NULL },
	{ &method_member_export, member_export_answer, NULL, NULL },
	{ &method_sale_quote, sale_quote_answer, NULL, NULL },
	{ &method_sale_commit, NULL, sale_commit_decide, sale_commit_reply },
	{ &method_sale_hold, NULL, sale_hold_decide, sale_hold_reply },
	{ &method_sale_release, NULL, sale_release_decide, nothing_reply },
	{ &method_sale_return, NULL, sale_return_decide, sale_return_reply },
	{ &method_sale_void, NULL, sale_void_decide, sale_balances_reply },
	{ &method_sale_claim, NULL, sale_claim_decide, sale_balances_reply },
	{ &method_sale_show, sale_show_answer, NULL, NULL },
	{ &method_sale_list, sale_list_answer, NULL, NULL },
	{ &method_qr_render, qr_render_answer, NULL, NULL },
	{ &method_system_alerts, system_alerts_answer, NULL, NULL },
	{ &method_alert_resolve, NULL, alert_resolve_decide, nothing_reply },
	{ &method_day_close, NULL, day_close_decide, day_close_reply },
	{ &method_day_status, day_status_answer, NULL, NULL },
	{ &method_batch_list, batch_list_answer, NULL, NULL },
	{ &method_batch_show, batch_show_answer, NULL, NULL },
	{ &method_job_clock, NULL, clock_doubt_decide, nothing_reply },
	{ &method_ledger_restored, NULL, ledger_restored_decide, nothing_reply },
	{ &method_persons_changed, persons_changed_answer, NULL, NULL },
	{ .method = NULL },
};

/* What core does after a close. The one that walks the members moves `from` and comes last; the others are done by the first slice, where it
 * is all zeros. */
static int due(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from)
{
	static int (*const duties[])(struct palier_ctx *, const struct palier_close *, struct palier_id *) = { alerts_due,
		holds_due, retention_due };
	int result = PALIER_ENOENT;

	for (size_t i = 0; i < sizeof(duties) / sizeof(*duties); i++) {
		int err = duties[i](c, close, from);

		if (err != PALIER_OK && err != PALIER_ENOENT)
			return err;
		result = err == PALIER_OK ? PALIER_OK : result;
	}
	return result;
}

const struct palier_plugin core_plugin = {
	.abi = PALIER_PLUGIN_ABI,
	.name = "core",
	.tables = tables,
	.effects = effects,
	.services = services,
	.due = due,
};

static void name_key(struct palier_key *k, const char *name)
{
	k->len = 0;
	k->bad = false;
	palier_key_raw(k, name, strlen(name));
}

int64_t core_counter(const struct palier_tables *t, const char *name)
{
	struct palier_key k;
	struct palier_bytes value;
	struct palier_cut cut;

	name_key(&k, name);
	if (palier_get(t, T_META, &k, &value) != PALIER_OK)
		return 0;
	cut = palier_cut_of(value);
	return palier_cut_i64(&cut);
}

int core_counter_set(struct palier_tables *t, const char *name, int64_t value)
{
	struct palier_key k;
	struct palier_value v = { .len = 0 };

	name_key(&k, name);
	palier_value_i64(&v, value);
	return palier_put(t, T_META, &k, palier_value_bytes(&v));
}
