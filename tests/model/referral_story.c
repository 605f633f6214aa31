/* SPDX-License-Identifier: Apache-2.0 */
/* Deeds, and what they are about. */
#include "tests/model/referral.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)

static int wrapped(int which, int count)
{
	return count > 0 ? which % count : -1;
}

static bool is_alive(const struct referrals *m, int member)
{
	return member >= 0 && m->members[member].known && !m->members[member].erased;
}

static int member_of(const struct referrals *m, int who)
{
	return who < 0 ? R_NOBODY : r_now(m, who % R_MEMBERS);
}

/* What is it about? Of somebody who is not there, or not there any more, nothing is done. */
static void find(const struct referrals *m, struct r_deed *d)
{
	const struct r_op *o = &d->op;
	const enum r_act act = o->act;

	d->who = member_of(m, o->who);
	d->other = member_of(m, o->other);
	d->sale = wrapped(o->what, m->sale_count);
	d->back = wrapped(o->what, m->return_count);
	d->referral = wrapped(o->what, m->referral_count);
	d->code = o->code > 0 ? wrapped(o->code - 1, m->code_count) : o->code < 0 ? o->code : R_NO_CODE;
	d->value = o->value;
	if (act == R_RETURN && d->sale >= 0)
		d->value = (m->sales[d->sale].base - m->sales[d->sale].back) * o->value / 100;
	if (act == R_ENROLL)
		d->idle = m->members[d->who = o->who % R_MEMBERS].known;
	else if (act == R_ISSUE || act == R_ADJUST || act == R_MERGE || act == R_ERASE || act == R_TAKE_ON)
		d->idle = !is_alive(m, d->who);
	if (act == R_BUY)
		d->idle = d->who != R_NOBODY && !is_alive(m, d->who);
	if (act == R_MERGE)
		d->idle = d->idle || !is_alive(m, d->other) || d->who == d->other;
	if (act == R_RETURN || act == R_UNDO || act == R_TAKE_ON)
		d->idle = d->idle || d->sale < 0;
	if (act == R_RETURN)
		d->idle = d->idle || d->value == 0;
	if (act == R_RETURN && o->late > 0 &&
		d->sale >= 0) /* of a sale that is void: told late, it would wait for another of its number */
		d->idle = d->idle || !m->sales[d->sale].live;
	if (act == R_UNRETURN)
		d->idle = d->back < 0;
	if (act == R_REVIEW)
		d->idle = d->referral < 0;
	if (act == R_TAKE_ON && d->sale >= 0) /* as of the sale */
		d->at_ms = m->sales[d->sale].at_ms;
	if (act == R_ADJUST)
		d->idle = d->idle || d->value == 0;
}

static const char *done(struct referrals *m, struct r_deed *d)
{
	switch (d->op.act) {
	case R_ENROLL:
		return r_enroll(m, d->who, d->at_ms, d->op.contact, d->code, d->op.late > 0);
	case R_ISSUE:
		return r_issue(m, d->who, d->at_ms, &d->code);
	case R_BUY:
		return r_buy(m, d->who, d->at_ms, d->value, d->code, d->op.late > 0, &d->sale);
	case R_RETURN:
		return r_bring_back(m, d->sale, d->value, d->at_ms, &d->back);
	case R_UNDO:
		return r_void_sale(m, d->sale, d->at_ms);
	case R_UNRETURN:
		return r_void_return(m, d->back, d->at_ms);
	case R_TAKE_ON:
		return r_claim_sale(m, d->sale, d->who, d->now_ms);
	case R_ADJUST:
		return r_adjust(m, d->who, 0, d->value);
	case R_REVIEW:
		return r_review(m, d->referral, d->value == 1, d->at_ms);
	case R_MERGE:
		return r_merge(m, d->who, d->other, d->at_ms);
	case R_ERASE:
		return r_erase(m, d->who, d->at_ms);
	case R_CLOSE:
		r_close(m, model_date(d->now_ms), d->value == 1);
		return NULL;
	}
	return NULL;
}

static bool is_core(const char *reason)
{
	static const char *const reasons[] = { "sale_unknown", "sale_exists", "day_closed", "return_exceeds_sale", "clock" };

	for (unsigned i = 0; reason && i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strcmp(reason, reasons[i]) == 0)
			return true;
	return false;
}

void r_do(struct referrals *m, const struct r_op *op, int64_t *now_ms, struct r_deed *out)
{
	*now_ms += op->hours * HOUR_MS;
	*out = (struct r_deed){ .op = *op, .now_ms = *now_ms, .at_ms = *now_ms - op->late * HOUR_MS };
	find(m, out);
	if (out->idle)
		return;
	out->reason = done(m, out);
	out->core = is_core(out->reason);
	if (!out->reason && m->opened == 0) /* by the first command */
		m->opened = model_date(*now_ms);
}
