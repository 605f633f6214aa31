/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that messages.h declares. */
#include "protocol/messages.h"

const char *const role_names[] = { "display", "cashier", "supervisor", "office", NULL };
const char *const line_kind_names[] = { "item", "discount", "gift_card", "topup", "tip", "deposit", NULL };
const char *const survey_kind_names[] = { "nps", "csat", "emotion", NULL };
const char *const survey_state_names[] = { "open", "closed", NULL };
const char *const survey_way_names[] = { "ticket", "email", "sms", NULL };
const char *const topic_names[] = { "sale", "member", "day", "alert", NULL };
const char *const referral_verdict_names[] = { "accept", "reject", NULL };
const char *const qr_format_names[] = { "svg", "png", "ansi", "matrix", "escpos", "escpos-raster", "star", "zpl", NULL };
const char *const qr_level_names[] = { "L", "M", "Q", "H", NULL };
const char *const journey_channel_names[] = { "store", "web", "phone", "social", "email", NULL };
const char *const suggestion_outcome_names[] = { "accepted", "declined", "ignored", NULL };
const char *const payment_kind_names[] = { "unit", "other", NULL };

const struct palier_schema nothing_schema = { "nothing", sizeof(struct nothing),
	(const struct palier_field[]){ { .name = NULL } } };

PALIER_SCHEMA(override);
PALIER_SCHEMA(command);
PALIER_SCHEMA(fact);
PALIER_SCHEMA(client);
PALIER_SCHEMA(session_open);
PALIER_SCHEMA(store_view);
PALIER_SCHEMA(session_view);
PALIER_SCHEMA(till_add);
PALIER_SCHEMA(till_revoke);
PALIER_SCHEMA(key_rotate);
PALIER_SCHEMA(till_view);
PALIER_SCHEMA(till_views);
PALIER_SCHEMA(request_status);
PALIER_SCHEMA(request_view);
PALIER_SCHEMA(card_lookup);
PALIER_SCHEMA(consent);
PALIER_SCHEMA(member_enroll);
PALIER_SCHEMA(member_update);
PALIER_SCHEMA(member_erase);
PALIER_SCHEMA(erased_view);
PALIER_SCHEMA(member_merge);
PALIER_SCHEMA(member_freeze);
PALIER_SCHEMA(proof);
PALIER_SCHEMA(member_thaw);
PALIER_SCHEMA(member_pin);
PALIER_SCHEMA(member_otp);
PALIER_SCHEMA(otp_view);
PALIER_SCHEMA(member_export);
PALIER_SCHEMA(member_find);
PALIER_SCHEMA(member_hit);
PALIER_SCHEMA(member_hits);
PALIER_SCHEMA(card_issue);
PALIER_SCHEMA(card_attach);
PALIER_SCHEMA(card_block);
PALIER_SCHEMA(card_replace);
PALIER_SCHEMA(card_view);
PALIER_SCHEMA(prompt_view);
PALIER_SCHEMA(expiring_view);
PALIER_SCHEMA(reward_view);
PALIER_SCHEMA(stats_view);
PALIER_SCHEMA(offer_view);
PALIER_SCHEMA(next_tier);
PALIER_SCHEMA(tier_view);
PALIER_SCHEMA(member_view);
PALIER_SCHEMA(consent_view);
PALIER_SCHEMA(profile_view);
PALIER_SCHEMA(effect_view);
PALIER_SCHEMA(event_view);
PALIER_SCHEMA(export_view);
PALIER_SCHEMA(basket_line);
PALIER_SCHEMA(redemption);
PALIER_SCHEMA(payment);
PALIER_SCHEMA(return_line);
PALIER_SCHEMA(ticket_return);
PALIER_SCHEMA(sale_quote);
PALIER_SCHEMA(sale_commit);
PALIER_SCHEMA(sale_hold);
PALIER_SCHEMA(sale_release);
PALIER_SCHEMA(sale_return);
PALIER_SCHEMA(sale_void);
PALIER_SCHEMA(sale_claim);
PALIER_SCHEMA(line_part);
PALIER_SCHEMA(discount_view);
PALIER_SCHEMA(earn_view);
PALIER_SCHEMA(spend_view);
PALIER_SCHEMA(refused_view);
PALIER_SCHEMA(moved_view);
PALIER_SCHEMA(refund_view);
PALIER_SCHEMA(returned_view);
PALIER_SCHEMA(return_view);
PALIER_SCHEMA(free_view);
PALIER_SCHEMA(quote_view);
PALIER_SCHEMA(held_quote);
PALIER_SCHEMA(hold_view);
PALIER_SCHEMA(commit_view);
PALIER_SCHEMA(sale_show);
PALIER_SCHEMA(sale_view);
PALIER_SCHEMA(sale_list);
PALIER_SCHEMA(sale_views);
PALIER_SCHEMA(balance_history);
PALIER_SCHEMA(history_entry);
PALIER_SCHEMA(history_view);
PALIER_SCHEMA(system_alerts);
PALIER_SCHEMA(alert_done);
PALIER_SCHEMA(alert_view);
PALIER_SCHEMA(alert_views);
PALIER_SCHEMA(alert_resolve);
PALIER_SCHEMA(alert_sum_view);
PALIER_SCHEMA(balance_adjust);
PALIER_SCHEMA(balances_view);
PALIER_SCHEMA(offer_grant);
PALIER_SCHEMA(coupon_issue);
PALIER_SCHEMA(coupon_codes);
PALIER_SCHEMA(suggestion_view);
PALIER_SCHEMA(suggested);
PALIER_SCHEMA(ladder_suggest);
PALIER_SCHEMA(suggestions_view);
PALIER_SCHEMA(ladder_outcome);
PALIER_SCHEMA(ladder_stock);
PALIER_SCHEMA(ladder_report);
PALIER_SCHEMA(rung_report);
PALIER_SCHEMA(uplift_arm);
PALIER_SCHEMA(filter_count);
PALIER_SCHEMA(stock_view);
PALIER_SCHEMA(ladder_report_view);
PALIER_SCHEMA(journey_record);
PALIER_SCHEMA(journey_show);
PALIER_SCHEMA(touchpoint_view);
PALIER_SCHEMA(stage_step);
PALIER_SCHEMA(planned_step);
PALIER_SCHEMA(journey_view);
PALIER_SCHEMA(journey_map);
PALIER_SCHEMA(channel_count);
PALIER_SCHEMA(friction_view);
PALIER_SCHEMA(stage_map);
PALIER_SCHEMA(journey_map_view);
PALIER_SCHEMA(referral_card);
PALIER_SCHEMA(referral_state);
PALIER_SCHEMA(qr_text);
PALIER_SCHEMA(referral_issue);
PALIER_SCHEMA(referral_issued);
PALIER_SCHEMA(referral_check);
PALIER_SCHEMA(side_reward);
PALIER_SCHEMA(referral_checked);
PALIER_SCHEMA(referral_list);
PALIER_SCHEMA(referral_row);
PALIER_SCHEMA(referral_rows);
PALIER_SCHEMA(referral_review);
PALIER_SCHEMA(referral_queue);
PALIER_SCHEMA(flagged_row);
PALIER_SCHEMA(flagged_rows);
PALIER_SCHEMA(referral_rotate);
PALIER_SCHEMA(recommendation_report);
PALIER_SCHEMA(recommendation_step);
PALIER_SCHEMA(recommendation_source);
PALIER_SCHEMA(recommendation_view);
PALIER_SCHEMA(qr_render);
PALIER_SCHEMA(qr_view);
PALIER_SCHEMA(ambassador_list);
PALIER_SCHEMA(ambassador_row);
PALIER_SCHEMA(ambassador_rows);
PALIER_SCHEMA(ambassador_show);
PALIER_SCHEMA(ambassador_part);
PALIER_SCHEMA(ambassador_view);
PALIER_SCHEMA(events_subscribe);
PALIER_SCHEMA(events_view);
PALIER_SCHEMA(day_close);
PALIER_SCHEMA(close_view);
PALIER_SCHEMA(job_view);
PALIER_SCHEMA(day_view);
PALIER_SCHEMA(batch_list);
PALIER_SCHEMA(batch_show);
PALIER_SCHEMA(batch_view);
PALIER_SCHEMA(batch_views);
PALIER_SCHEMA(verified_view);
PALIER_SCHEMA(system_view);
PALIER_SCHEMA(metric_view);
PALIER_SCHEMA(metrics_view);
PALIER_SCHEMA(survey_answer);
PALIER_SCHEMA(survey_due);
PALIER_SCHEMA(survey_due_row);
PALIER_SCHEMA(survey_due_rows);
PALIER_SCHEMA(survey_send);
PALIER_SCHEMA(survey_letter);
PALIER_SCHEMA(survey_open);
PALIER_SCHEMA(survey_sheet);
PALIER_SCHEMA(survey_reach);
PALIER_SCHEMA(survey_recovery);
PALIER_SCHEMA(survey_task);
PALIER_SCHEMA(survey_tasks);
PALIER_SCHEMA(survey_assign);
PALIER_SCHEMA(survey_resolve);
PALIER_SCHEMA(survey_report);
PALIER_SCHEMA(survey_figures);
PALIER_SCHEMA(recovery_figures);
PALIER_SCHEMA(survey_report_view);
PALIER_SCHEMA(office_order);
PALIER_SCHEMA(directive_apply);
PALIER_SCHEMA(directive_done);
PALIER_SCHEMA(directive_view);

#define X(cname, wire, flags, role, params, result, doc) \
	const struct palier_method method_##cname = { wire, flags, role, &params##_schema, &result##_schema, doc };
PALIER_METHODS(X)
#undef X

const struct palier_method *const palier_methods[] = {
#define X(cname, wire, flags, role, params, result, doc) &method_##cname,
	PALIER_METHODS(X)
#undef X
		NULL
};

const struct palier_method *palier_method_find(struct palier_bytes name)
{
	for (const struct palier_method *const *m = palier_methods; *m; m++)
		if (palier_is(name, (*m)->name))
			return *m;
	return NULL;
}

bool palier_method_allows(const struct palier_method *m, enum role role)
{
	return role >= m->least;
}
