/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/plugins/sponsors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/offers.h"
#include "plugins/points.h"
#include "protocol/referral.h"

extern const struct palier_plugin palier_plugin_points, palier_plugin_offers, palier_plugin_referral,
	palier_plugin_ambassador;
static const struct palier_plugin *const plugins[] = { &palier_plugin_points, &palier_plugin_offers, &palier_plugin_referral,
	&palier_plugin_ambassador, NULL };

static const char *const units[R_UNITS] = { "points", "stars" };
static const char *const states[] = { "claimed", "purchased", "held", "earned", "void", "flagged" };

#define DISAGREE(s, ...) (snprintf((s)->why, sizeof((s)->why), __VA_ARGS__), false)

/* --- a shop --- */

static int prize_write(char *out, size_t size, const char *side, const struct r_prize *p)
{
	switch (p->kind) {
	case R_POINTS:
		return snprintf(out, size, "  %s { unit = %s  points = %lld }", side, units[p->unit], (long long)p->points);
	case R_OFFER:
		return snprintf(out, size, "  %s { offer = gift }", side);
	case R_NOTHING:
		break;
	}
	return 0;
}

/* The gift is never used: no basket has its sku. */
static void config_write(char *out, size_t size, const struct r_rules *r)
{
	size_t n = (size_t)snprintf(out, size, "points { unit points {}  unit stars {}");

	if (r->per)
		n += (size_t)snprintf(out + n, size - n, "  earn base { unit = points  per = \"%lld.%02d\" }",
			(long long)r->per / 100, (int)(r->per % 100));
	n += (size_t)snprintf(out + n, size - n,
		" }\noffers { offer gift { kind = amount  value = \"3.00\"  when { sku = {\"gift\"} } } }\n"
		"referral { url = \"HTTPS://EX.FR/P/\"  minimum = \"%lld.%02d\"  hold = \"%d days\"  new = \"%d days\"  "
		"claims-per-day = %d",
		(long long)r->minimum / 100, (int)(r->minimum % 100), r->hold_days, r->new_days, r->claims_per_day);
	if (r->code_months)
		n += (size_t)snprintf(out + n, size - n, "  code-expires = \"%d months\"", r->code_months);
	else
		n += (size_t)snprintf(out + n, size - n, "  code-expires = never");
	if (r->cap)
		n += (size_t)snprintf(out + n, size - n, "  cap { sponsor = %d  per = \"%d months\" }", r->cap,
			r->cap_months);
	n += (size_t)prize_write(out + n, size - n, "sponsor", &r->sponsor);
	n += (size_t)prize_write(out + n, size - n, "friend", &r->friend);
	snprintf(out + n, size - n, " }\n");
}

/* Genuine, though nobody here has it: its serial is far from being used. The key is the store's first. */
static void foreign_code(struct sponsors *s)
{
	struct referral_key key = { .id = 0 };
	struct palier_hash16 half[2];
	uint32_t serial = REFERRAL_SERIAL_MAX / 2;
	char symbols[REFERRAL_SYMBOLS + 1];

	palier_hash(s->c, PALIER_LIT("sponsorship key, first half"), &half[0]);
	palier_hash(s->c, PALIER_LIT("sponsorship key, second half"), &half[1]);
	memcpy(key.key, half, sizeof(key.key));
	while (referral_code_make(&key, serial, symbols) != PALIER_OK)
		serial++;
	referral_code_show(symbols, s->foreign);
}

void sponsors_open(struct sponsors *s, const struct r_rules *rules, int64_t now_ms)
{
	char config[2048];

	memset(s, 0, sizeof(*s));
	s->rules = rules;
	s->now_ms = now_ms;
	config_write(config, sizeof(config), rules);
	s->c = kit_new(plugins, config);
	referrals_init(&s->model, rules);
	foreign_code(s);
}

void sponsors_close(struct sponsors *s)
{
	kit_free(s->c);
}

/* --- to the plugins --- */

/* The kit's first member is 1. */
static struct palier_id id_of(int member)
{
	return kit_member((unsigned)member + 1);
}

/* As a till would send it: nobody's codes, too. */
static const char *code_text(const struct sponsors *s, int code)
{
	switch (code) {
	case R_NO_CODE:
		return NULL;
	case R_MALFORMED:
		return "NO-CODE";
	case R_FORGED:
		return "0000-0000-0000-0";
	case R_FOREIGN:
		return s->foreign;
	default:
		return s->codes[code];
	}
}

static int enroll(struct sponsors *s, const struct r_deed *d)
{
	struct kit_person *person = kit_person(s->c, (unsigned)d->who + 1), was = *person;
	static const char *const phones[R_CONTACTS] = { NULL, "+33600000001", "+33600000002", "+33600000003" };
	struct member_enroll p = { .set = { 0, 0 } };
	int err;

	person->person.since = (uint32_t)model_date(d->at_ms);
	person->phone = phones[d->op.contact];
	if (d->code != R_NO_CODE)
		PALIER_SET(&p, member_enroll, referral, palier_str(code_text(s, d->code)));
	err = kit_enroll(s->c, id_of(d->who), &p);
	if (err != PALIER_OK)
		*person = was;
	return err;
}

static int issue(struct sponsors *s, const struct r_deed *d)
{
	struct referral_issue p = { .set = { 0, 0 } };
	const char *reply, *code;
	int err;

	PALIER_SET(&p, referral_issue, member, id_of(d->who));
	err = kit_command(s->c, &method_referral_issue, &p);
	if (err != PALIER_OK)
		return err;
	reply = kit_result(s->c);
	code = strstr(reply, "\"code\":\"");
	assert_non_null(code);
	code += strlen("\"code\":\"");
	if (!s->codes[d->code][0])
		snprintf(s->codes[d->code], sizeof(s->codes[0]), "%.16s", code);
	else if (memcmp(s->codes[d->code], code, 16) != 0)
		snprintf(s->why, sizeof(s->why), "the code is another one: %.16s, was %s", code, s->codes[d->code]);
	return PALIER_OK;
}

/* The kit keeps the number where it stands. */
static const char *number(char kind, int which)
{
	static char text[128][R_SALES][8];
	char *out = text[kind & 127][which];

	snprintf(out, sizeof(text[0][0]), "%c%d", kind, which % 1000);
	return out;
}

static int ring(struct sponsors *s, const struct r_deed *d, bool claimed)
{
	const int sale = claimed || !d->reason ? d->sale : s->model.sale_count;
	const struct kit_line line = { .sku = "a", .amount = claimed ? s->model.sales[sale].base : d->value };
	const struct kit_basket b = { .lines = &line,
		.line_count = 1,
		.claimed = claimed,
		.referral = claimed ? NULL : code_text(s, d->code) };
	const struct palier_id who = id_of(d->who);

	return kit_ring(s->c, d->who == R_NOBODY ? NULL : &who, number('S', sale), &b);
}

static int bring_back(struct sponsors *s, int sale, const char *as, int64_t before, int64_t after)
{
	const struct kit_return p = { .sale = number('S', sale),
		.number = as,
		.base = s->model.sales[sale].base,
		.before = before,
		.after = after };

	return kit_return(s->c, &p, NULL);
}

/* Core takes off at once what had come back. */
static int take_on(struct sponsors *s, const struct r_deed *d)
{
	int64_t back = s->model.sales[d->sale].back;
	int err = ring(s, d, true);

	return err == PALIER_OK && back > 0 ? bring_back(s, d->sale, number('K', d->sale), 0, back) : err;
}

static int adjust(struct sponsors *s, const struct r_deed *d)
{
	struct balance_adjust p = { .set = { 0, 0 } };

	PALIER_SET(&p, balance_adjust, member, id_of(d->who));
	PALIER_SET(&p, balance_adjust, unit, palier_str(units[0]));
	PALIER_SET(&p, balance_adjust, points, d->value);
	return kit_command(s->c, &method_balance_adjust, &p);
}

static int review(struct sponsors *s, const struct r_deed *d)
{
	struct referral_review p = { .set = { 0, 0 } };

	PALIER_SET(&p, referral_review, referral, palier_str(s->ids[d->referral]));
	PALIER_SET(&p, referral_review, verdict, d->value == 1 ? VERDICT_ACCEPT : VERDICT_REJECT);
	return kit_command(s->c, &method_referral_review, &p);
}

/* The second time there is nothing left to do. */
static int close_day(struct sponsors *s, const struct r_deed *d)
{
	uint32_t today = (uint32_t)model_date(s->now_ms), closed = d->value == 1 ? today : (uint32_t)s->opened;

	kit_close(s->c, closed, today);
	if (kit_close(s->c, closed, today) != 0)
		snprintf(s->why, sizeof(s->why), "the jobs booked something twice");
	return PALIER_OK;
}

static int done(struct sponsors *s, const struct r_deed *d)
{
	switch (d->op.act) {
	case R_ENROLL:
		return enroll(s, d);
	case R_ISSUE:
		return issue(s, d);
	case R_BUY:
		return ring(s, d, false);
	case R_RETURN:
		return bring_back(s, d->sale, number('R', d->back), s->model.sales[d->sale].back - d->value,
			s->model.sales[d->sale].back);
	case R_UNDO:
		return kit_void(s->c, number('S', d->sale));
	case R_UNRETURN:
		return kit_void(s->c, number('R', d->back));
	case R_TAKE_ON:
		return take_on(s, d);
	case R_ADJUST:
		return adjust(s, d);
	case R_REVIEW:
		return review(s, d);
	case R_MERGE:
		return kit_merge(s->c, id_of(d->who), id_of(d->other));
	case R_ERASE:
		return kit_erase(s->c, id_of(d->who));
	case R_CLOSE:
		return close_day(s, d);
	}
	return PALIER_OK;
}

/* What core would know by now. */
static void facts_set(struct sponsors *s)
{
	for (int m = 0; m < R_MEMBERS; m++) {
		struct palier_facts *f = &kit_person(s->c, (unsigned)m + 1)->facts;

		*f = (struct palier_facts){ .purchases = 0 };
		kit_person(s->c, (unsigned)m + 1)->person.since = (uint32_t)s->model.members[m].since;
		for (int i = 0; i < s->model.sale_count; i++) {
			const struct r_sale *sale = &s->model.sales[i];

			if (!sale->live || sale->member < 0 || r_now(&s->model, sale->member) != m)
				continue;
			f->purchases++;
			f->spend += sale->base - sale->back;
			f->first_purchase_ms =
				f->purchases == 1 || sale->at_ms < f->first_purchase_ms ? sale->at_ms : f->first_purchase_ms;
			f->last_purchase_ms = sale->at_ms > f->last_purchase_ms ? sale->at_ms : f->last_purchase_ms;
		}
	}
}

/* --- and what came of it --- */

static void effect_sum(struct sponsors *s, const struct palier_effect *e)
{
	const struct points_move *m = palier_body(e, "points.move");
	const struct offer_granted *g = palier_body(e, "offer.granted");
	const struct offer_withdrawn *w = palier_body(e, "offer.withdrawn");

	if (m)
		s->sums[m->member.b[0]][palier_is(m->unit, units[1])] += m->points;
	if (g)
		s->offers[g->member.b[0]]++;
	if (w && !w->gone)
		s->offers[w->member.b[0]]--;
}

static int event_sum(void *who, const struct palier_event *ev)
{
	struct sponsors *s = who;

	if (ev->seq <= s->seen)
		return 0;
	s->newest = s->newest > ev->seq ? s->newest : ev->seq;
	for (uint32_t i = 0; i < ev->effect_count; i++)
		effect_sum(s, &ev->effects[i]);
	return 1;
}

/* What everybody has got by all moves is what the model says. */
static bool moves_agree(struct sponsors *s)
{
	if (s->deed.op.act == R_MERGE) { /* grants go over without an effect of their own */
		s->offers[s->deed.other + 1] += s->offers[s->deed.who + 1];
		s->offers[s->deed.who + 1] = 0;
	}
	(void)palier_events_of(s->c, id_of(0), 0, event_sum, s);
	s->seen = s->newest;
	for (int m = 0; m < R_MEMBERS; m++) {
		const struct r_member *who = &s->model.members[m];

		for (int u = 0; u < R_UNITS; u++)
			if (s->sums[m + 1][u] != who->balance[u])
				return DISAGREE(s, "%s of member %d: %lld, the model says %lld", units[u], m,
					(long long)s->sums[m + 1][u], (long long)who->balance[u]);
		if (!who->erased && who->into < 0 && s->offers[m + 1] != who->offers)
			return DISAGREE(s, "offers of member %d: %d, the model says %d", m, s->offers[m + 1], who->offers);
	}
	return true;
}

/* The next `"name":"value"` from here on, or NULL. */
static const char *text_next(const char *from, const char *name, char *out, size_t size)
{
	char key[32];
	const char *at, *end;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = from ? strstr(from, key) : NULL;
	end = at ? strchr(at + strlen(key), '"') : NULL;
	if (!end)
		return NULL;
	snprintf(out, size, "%.*s", (int)(end - at - (long)strlen(key)), at + strlen(key));
	return end;
}

static bool row_agrees(struct sponsors *s, int referral, const char *side, const char **at)
{
	const char *expected = states[s->model.referrals[referral].state];
	char id[24], shown[16], state[16];
	const char *next = text_next(*at, "referral", id, sizeof(id));

	next = text_next(next, "side", shown, sizeof(shown));
	next = text_next(next, "state", state, sizeof(state));
	if (!next)
		return DISAGREE(s, "referral %d is not seen, it is %s to the %s", referral, expected, side);
	if (strcmp(state, expected) != 0 || strcmp(shown, side) != 0)
		return DISAGREE(s, "referral %d (%s) is %s to the %s, the model says %s to the %s", referral, id, state,
			shown, expected, side);
	snprintf(s->ids[referral], sizeof(s->ids[0]), "%s", id);
	*at = next;
	return true;
}

/* As friend, as sponsor, or, who turned out to be both, as each. */
static bool rows_agree(struct sponsors *s, int member, int referral, const char **at)
{
	const struct r_referral *r = &s->model.referrals[referral];

	if (r->gone)
		return true;
	if (r_now(&s->model, r->friend) == member && !row_agrees(s, referral, "friend", at))
		return false;
	return r_now(&s->model, r->sponsor) != member || row_agrees(s, referral, "sponsor", at);
}

/* Newest first. */
static bool list_agrees(struct sponsors *s, int member)
{
	struct referral_list p = { .set = { 0, 0 } };
	const char *json, *at;
	char id[24], why[sizeof(s->why)];

	PALIER_SET(&p, referral_list, member, id_of(member));
	json = at = kit_answer(s->c, &method_referral_list, &p);
	for (int i = s->model.referral_count - 1; i >= 0; i--)
		if (!rows_agree(s, member, i, &at)) {
			memcpy(why, s->why, sizeof(why));
			return DISAGREE(s, "%.500s. Member %d sees %s", why, member, json);
		}
	if (text_next(at, "referral", id, sizeof(id)))
		return DISAGREE(s, "member %d sees a referral too many: %s", member, json);
	return true;
}

static bool agree(struct sponsors *s)
{
	if (!moves_agree(s))
		return false;
	for (int m = 0; m < R_MEMBERS; m++)
		if (s->model.members[m].known && !s->model.members[m].erased && s->model.members[m].into < 0 &&
			!list_agrees(s, m))
			return false;
	return true;
}

bool sponsors_do(struct sponsors *s, const struct r_op *op)
{
	struct r_deed *d = &s->deed;
	const char *reason;
	int err;

	s->why[0] = '\0';
	s->opened = s->model.opened;
	r_do(&s->model, op, &s->now_ms, d);
	if (d->idle || d->core)
		return true;
	kit_clock_ms(s->c, d->at_ms, d->now_ms);
	kit_offline(s->c, op->late > 0);
	err = done(s, d);
	reason = err == PALIER_OK ? NULL : palier_error_info(err)->reason;
	if (reason ? !d->reason || strcmp(d->reason, reason) != 0 : d->reason != NULL)
		return DISAGREE(s, "%s (%s), the model says %s", reason ? reason : "done", kit_refusal(s->c),
			d->reason ? d->reason : "done");
	facts_set(s);
	return !s->why[0] && agree(s);
}

bool sponsors_sound(struct sponsors *s)
{
	if (!kit_same(s->c))
		return DISAGREE(s, "a rebuild gives other rows");
	if (kit_check(s->c)[0])
		return DISAGREE(s, "check finds: %s", kit_check(s->c));
	for (int m = 0; m < R_MEMBERS; m++) {
		char head[128];

		if (!s->model.members[m].known || s->model.members[m].erased || s->model.members[m].into >= 0)
			continue;
		snprintf(head, sizeof(head), "\"balances\":{\"points\":%lld,\"stars\":%lld}",
			(long long)s->model.members[m].balance[0], (long long)s->model.members[m].balance[1]);
		if (!strstr(kit_lookup(s->c, id_of(m)), head))
			return DISAGREE(s, "the view of member %d has not %s: %s", m, head, kit_lookup(s->c, id_of(m)));
	}
	return true;
}

const char *sponsors_text(const struct r_op *op)
{
	static const char *const acts[] = { "R_ENROLL", "R_ISSUE", "R_BUY", "R_RETURN", "R_UNDO", "R_UNRETURN", "R_TAKE_ON",
		"R_ADJUST", "R_REVIEW", "R_MERGE", "R_ERASE", "R_CLOSE" };
	const struct {
		const char *name;
		int64_t value;
	} parts[] = { { "who", op->who }, { "other", op->other }, { "what", op->what }, { "value", op->value },
		{ "code", op->code }, { "contact", op->contact }, { "hours", op->hours }, { "late", op->late } };
	static char text[256];
	size_t n = (size_t)snprintf(text, sizeof(text), "{ .act = %s", acts[op->act]);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].value)
			n += (size_t)snprintf(text + n, sizeof(text) - n, ", .%s = %lld", parts[i].name,
				(long long)parts[i].value);
	snprintf(text + n, sizeof(text) - n, " }");
	return text;
}
