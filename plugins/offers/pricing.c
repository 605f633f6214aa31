/* SPDX-License-Identifier: Apache-2.0 */
/* Offers on a sale, in rules.md's order: what applies by itself, the higher priority first, then coupons as they were sent, each on what the ones
 * before left. If one that is not stackable applies, the first of these stands alone. */
#include "plugins/offers/internal.h"

#define NO_COUPON UINT32_MAX

/* An offer that may apply. */
struct candidate {
	const struct offer *offer;
	uint32_t coupon; /* by which code of the ticket; NO_COUPON: by itself */
	bool has_code;   /* a single one: */
	struct palier_hash16 code;
	struct due due;
	bool *matched; /* lines that its condition selects */
	bool applied;
};

/* A code of the ticket. */
struct ticket_code {
	struct palier_bytes text; /* trimmed */
	bool single;
	char symbols[CODE_LEN]; /* of a single one */
	int err;                /* what refuses it, whatever else is on the ticket */
};

struct pricing {
	struct palier_ctx *c;
	struct palier_sale *s;
	const struct offers_config *cfg;
	struct candidate *candidates; /* in the order in which they apply */
	uint32_t count;
	struct ticket_code *codes; /* one for each of s->coupons */
};

static const struct palier_id *member_of(const struct pricing *p)
{
	return p->s->has_member ? &p->s->member : NULL;
}

/* --- what may apply --- */

/* A grant stands for the code that the offer's condition may want. */
static bool condition_holds(struct pricing *p, const struct offer *o, bool granted, bool *matched)
{
	struct palier_sale s = *p->s;

	if (granted && o->coupon_count > 0) {
		s.coupons = o->coupons;
		s.coupon_count = o->coupon_count;
	}
	return palier_condition_holds(p->c, o->when, &s, member_of(p), matched);
}

/* By its trigger, which wants a member, or without one. @return PALIER_OK; PALIER_ENOENT: it is not due */
static int itself_due(struct pricing *p, const struct offer *o, struct due *out)
{
	int err = PALIER_OK;

	*out = (struct due){ .until = DAY_NEVER };
	if (o->trigger != TRIGGER_NONE)
		err = p->s->has_member ? trigger_due(p->c, o, p->s->member, out) : PALIER_ENOENT;
	return err == PALIER_OK ? caps_open(p->c, o, member_of(p), out) : err;
}

static int given_due(struct pricing *p, const struct offer *o, struct due *out)
{
	int err = p->s->has_member ? grant_due(p->c, o, p->s->member, out) : PALIER_ENOENT;

	return err == PALIER_OK ? caps_open(p->c, o, member_of(p), out) : err;
}

static struct candidate *candidate_new(struct pricing *p, const struct offer *o, uint32_t coupon)
{
	struct candidate *k = &p->candidates[p->count];

	*k = (struct candidate){ .offer = o,
		.coupon = coupon,
		.matched = palier_alloc(palier_arena(p->c), p->s->line_count + 1u) };
	return k;
}

/* What is had by itself is not taken out of what was given. */
static int automatic_add(struct pricing *p, const struct offer *o)
{
	struct candidate *k = candidate_new(p, o, NO_COUPON);
	int err = o->automatic ? itself_due(p, o, &k->due) : PALIER_ENOENT;

	if (err == PALIER_ENOENT)
		err = given_due(p, o, &k->due);
	if (err == PALIER_OK && condition_holds(p, o, k->due.grant.seq != 0, k->matched))
		p->count++;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* The higher priority first; of equals the one configured first, which stands before already. */
static void by_priority(struct candidate *at, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct candidate moved = at[i];
		uint32_t to = i;

		for (; to > 0 && at[to - 1].offer->priority < moved.offer->priority; to--)
			at[to] = at[to - 1];
		at[to] = moved;
	}
}

static int automatics_find(struct pricing *p)
{
	int err = PALIER_OK;

	for (size_t i = 0; p->s->automatic && i < p->cfg->offer_count && err == PALIER_OK; i++)
		err = automatic_add(p, &p->cfg->offers[i]);
	by_priority(p->candidates, p->count);
	return err;
}

/* --- coupons --- */

static bool sent_before(const struct pricing *p, uint32_t coupon)
{
	const struct ticket_code *t = &p->codes[coupon];

	for (uint32_t i = 0; i < coupon; i++)
		if (palier_code_same(p->codes[i].text, t->text) ||
			(t->single && p->codes[i].single && memcmp(p->codes[i].symbols, t->symbols, CODE_LEN) == 0))
			return true;
	return false;
}

static bool names(const struct offer *o, struct palier_bytes code)
{
	for (uint32_t i = 0; i < o->coupon_count; i++)
		if (palier_code_same(o->coupons[i], code))
			return true;
	return false;
}

/* One offer is had once by its shared codes, however many of them are sent. */
static bool is_candidate(const struct pricing *p, const struct offer *o)
{
	for (uint32_t i = 0; i < p->count; i++)
		if (p->candidates[i].offer == o && p->candidates[i].coupon != NO_COUPON && !p->candidates[i].has_code)
			return true;
	return false;
}

/* @return what refuses the code, whatever else is on the ticket; PALIER_ENOENT: no offer names it */
static int shared_find(struct pricing *p, uint32_t coupon, int *out)
{
	int err = PALIER_OK;

	*out = PALIER_ENOENT;
	for (size_t i = 0; i < p->cfg->offer_count && err == PALIER_OK; i++) {
		const struct offer *o = &p->cfg->offers[i];
		struct candidate *k;

		if (!names(o, p->codes[coupon].text))
			continue;
		if (palier_condition_over(p->c, o->when)) {
			*out = *out == PALIER_ENOENT ? PALIER_ECODE_EXPIRED : *out;
			continue;
		}
		*out = PALIER_OK;
		if (is_candidate(p, o))
			continue;
		k = candidate_new(p, o, coupon);
		err = itself_due(p, o, &k->due);
		p->count += err == PALIER_OK && condition_holds(p, o, false, k->matched);
		err = err == PALIER_ENOENT ? PALIER_OK : err;
	}
	return err;
}

/* Is there a use of the code that nobody's hold keeps? @return PALIER_OK; PALIER_ECODE_EXPIRED; PALIER_ECODE_SPENT */
static int code_usable(struct pricing *p, const struct offer *o, const struct palier_hash16 *code,
	const struct code_row *row, int *out)
{
	uint32_t reserved;
	int err = code_reserved(palier_tables(p->c), code, palier_held(p->c), palier_received(p->c), &reserved);

	*out = row->until < palier_today(p->c) || palier_condition_over(p->c, o->when) ? PALIER_ECODE_EXPIRED
	       : row->left <= reserved                                                 ? PALIER_ECODE_SPENT
	                                                                               : PALIER_OK;
	return err;
}

/* @param out what refuses it: also PALIER_EREWARD_UNAVAILABLE where its offer is configured no more */
static int single_find(struct pricing *p, uint32_t coupon, int *out)
{
	struct palier_hash16 code;
	struct code_row row;
	const struct offer *o;
	struct candidate *k;
	int err;

	code_hash(p->c, p->codes[coupon].symbols, &code);
	err = code_row_read(palier_tables(p->c), &code, &row);
	*out = PALIER_ECODE_UNKNOWN;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	o = offer_of(p->cfg, row.offer);
	*out = PALIER_EREWARD_UNAVAILABLE;
	err = o ? code_usable(p, o, &code, &row, out) : PALIER_OK;
	if (err != PALIER_OK || *out != PALIER_OK)
		return err;
	k = candidate_new(p, o, coupon);
	k->has_code = true;
	k->code = code;
	err = itself_due(p, o, &k->due);
	p->count += err == PALIER_OK && condition_holds(p, o, true, k->matched);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int coupon_find(struct pricing *p, uint32_t coupon)
{
	struct ticket_code *t = &p->codes[coupon];
	int shape, err;

	t->text = palier_code_trim(p->s->coupons[coupon]);
	shape = code_read(t->text, t->symbols);
	t->single = shape == PALIER_OK;
	t->err = t->text.len == 0 ? PALIER_ECODE_MALFORMED : sent_before(p, coupon) ? PALIER_ECODE_SPENT : PALIER_OK;
	if (t->err != PALIER_OK)
		return PALIER_OK;
	err = shared_find(p, coupon, &t->err);
	if (err != PALIER_OK || t->err != PALIER_ENOENT)
		return err;
	t->err = shape;
	return t->single ? single_find(p, coupon, &t->err) : PALIER_OK;
}

static int coupons_find(struct pricing *p)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < p->s->coupon_count && err == PALIER_OK; i++)
		err = coupon_find(p, i);
	return err;
}

/* --- taking it off --- */

/* What it would take off now; nothing where the ones before have used up its caps. */
static int cut_find(struct pricing *p, const struct candidate *k, struct palier_benefit_cut *out)
{
	const struct palier_benefit_ask ask = { .matched = k->matched, .times = 1 };
	int err = caps_open(p->c, k->offer, member_of(p), &k->due);

	*out = (struct palier_benefit_cut){ .amount = 0 };
	if (err == PALIER_OK)
		palier_benefit_on(palier_arena(p->c), k->offer->benefit, p->s, &ask, out);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static int use_add(struct pricing *p, const struct candidate *k, int64_t amount)
{
	struct offer_used u = { .set = { 0, 0 } };

	PALIER_SET(&u, offer_used, offer, palier_str(k->offer->name));
	PALIER_SET(&u, offer_used, day, palier_today(p->c));
	PALIER_SET(&u, offer_used, amount, amount);
	if (p->s->has_member)
		PALIER_SET(&u, offer_used, member, p->s->member);
	if (k->has_code)
		PALIER_SET(&u, offer_used, code, k->code);
	if (k->due.birthday)
		PALIER_SET(&u, offer_used, birthday, k->due.birthday);
	if (k->due.grant.seq)
		PALIER_SET(&u, offer_used, grant, (int64_t)k->due.grant.seq);
	if (k->due.grant.seq && k->due.grant.until != DAY_NEVER)
		PALIER_SET(&u, offer_used, grant_until, k->due.grant.until);
	return palier_effect_add(p->c, "offer.used", &u);
}

static int candidate_apply(struct pricing *p, struct candidate *k)
{
	struct palier_benefit_cut cut;
	int err = cut_find(p, k, &cut);

	if (err == PALIER_OK && cut.amount > 0) {
		const struct palier_discount d = { k->offer->name, palier_label(p->c, k->offer->label, member_of(p)), false,
			cut.parts };

		err = palier_discount_add(p->c, p->s, &d);
		if (err == PALIER_OK)
			err = use_add(p, k, cut.amount);
		k->applied = err == PALIER_OK;
	}
	return err;
}

/* Does `k` go before `than`? Offers lie in the order of the configuration, candidates of one offer in that of the ticket. */
static bool goes_before(const struct candidate *k, const struct candidate *than)
{
	if (k->offer->priority != than->offer->priority)
		return k->offer->priority > than->offer->priority;
	return k->offer < than->offer;
}

/* The one that stands alone: it is the first to be taken off, so that the lines as they are tell whether it applies. */
static int alone_find(struct pricing *p, struct candidate **out)
{
	int err = PALIER_OK;

	*out = NULL;
	for (uint32_t i = 0; i < p->count && err == PALIER_OK; i++) {
		struct candidate *k = &p->candidates[i];
		struct palier_benefit_cut cut;

		if (k->offer->stackable || (*out && !goes_before(k, *out)))
			continue;
		err = cut_find(p, k, &cut);
		if (err == PALIER_OK && cut.amount > 0)
			*out = k;
	}
	return err;
}

static int candidates_apply(struct pricing *p)
{
	struct candidate *alone;
	int err = alone_find(p, &alone);

	if (err == PALIER_OK && alone)
		return candidate_apply(p, alone);
	for (uint32_t i = 0; i < p->count && err == PALIER_OK; i++)
		err = candidate_apply(p, &p->candidates[i]);
	return err;
}

/* What became of the codes, in the order in which they were sent: those that gave nothing are not used up. */
static int coupons_answer(struct pricing *p)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < p->s->coupon_count && err == PALIER_OK; i++) {
		bool applied = false;

		for (uint32_t n = 0; n < p->count; n++)
			applied = applied || (p->candidates[n].coupon == i && p->candidates[n].applied);
		if (!applied)
			err = palier_cannot(p->c, p->s,
				p->codes[i].err == PALIER_OK ? PALIER_EREWARD_UNAVAILABLE : p->codes[i].err, "coupon",
				p->s->coupons[i]);
	}
	return err;
}

static int coupons_unknown(struct palier_ctx *c, const struct palier_sale *s)
{
	int err = PALIER_OK;

	for (uint32_t i = 0; i < s->coupon_count && err == PALIER_OK; i++)
		err = palier_cannot(c, s, PALIER_ECODE_UNKNOWN, "coupon", s->coupons[i]);
	return err;
}

int offers_on_price(struct palier_ctx *c, struct palier_sale *s)
{
	struct palier_arena *a = palier_arena(c);
	struct pricing p = { .c = c, .s = s, .cfg = palier_config(c) };
	int err;

	if (!p.cfg)
		return coupons_unknown(c, s);
	/* An offer at most once by itself and once by shared codes, and a candidate under construction. */
	p.candidates = palier_alloc(a, (2 * p.cfg->offer_count + s->coupon_count + 1) * sizeof(*p.candidates));
	p.codes = palier_alloc(a, (s->coupon_count + 1) * sizeof(*p.codes));
	limits_set(c, s);
	err = automatics_find(&p);
	if (err == PALIER_OK)
		err = coupons_find(&p);
	if (err == PALIER_OK)
		err = candidates_apply(&p);
	return err == PALIER_OK ? coupons_answer(&p) : err;
}
