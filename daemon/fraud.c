/* SPDX-License-Identifier: Apache-2.0 */
/* Fraud at the till: what repeats itself in a way that somebody should look at. Counted with every event, and told by an alert; nothing
 * is refused for it (rules.md).
 *
 * watch  member id          -> earned last i64 ms, at till u32; credited by hand on day u32, by u32; claims of day u32, count u16;
 *                              sales of day u32, then up to 4 of: by u32, count u16
 * round  'o' operator or 't' till -> sales of day u32, count u16: those of a round amount
 * Who did it is an operator or, where none is told, a till; it and tills are kept as a hash here. */
#include "daemon/core.h"

#define SELLERS 4
#define ROUND   1000 /* minor units: 10.00 EUR, 1,000 JPY */

struct seller {
	uint32_t by;
	uint16_t count;
};

struct watch {
	int64_t earned_ms;
	uint32_t earned_till, credited, credited_by, claimed, sold;
	uint16_t claims;
	unsigned seller_count;
	struct seller sellers[SELLERS];
};

/* --- rows --- */

static int watch_get(const struct palier_tables *t, struct palier_id member, struct watch *out)
{
	struct palier_key k = { .len = 0 };
	struct palier_bytes value;
	struct palier_cut cut;
	int err;

	*out = (struct watch){ .earned_ms = INT64_MIN };
	palier_key_id(&k, member);
	err = palier_get(t, T_WATCH, &k, &value);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	out->earned_ms = palier_cut_i64(&cut);
	out->earned_till = (uint32_t)palier_cut_uint(&cut, 4);
	out->credited = (uint32_t)palier_cut_uint(&cut, 4);
	out->credited_by = (uint32_t)palier_cut_uint(&cut, 4);
	out->claimed = (uint32_t)palier_cut_uint(&cut, 4);
	out->claims = (uint16_t)palier_cut_uint(&cut, 2);
	out->sold = (uint32_t)palier_cut_uint(&cut, 4);
	for (; cut.left > 0 && !cut.bad && out->seller_count < SELLERS; out->seller_count++) {
		out->sellers[out->seller_count].by = (uint32_t)palier_cut_uint(&cut, 4);
		out->sellers[out->seller_count].count = (uint16_t)palier_cut_uint(&cut, 2);
	}
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

static int watch_put(struct palier_tables *t, struct palier_id member, const struct watch *w)
{
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };

	palier_key_id(&k, member);
	palier_value_i64(&v, w->earned_ms);
	palier_value_uint(&v, w->earned_till, 4);
	palier_value_uint(&v, w->credited, 4);
	palier_value_uint(&v, w->credited_by, 4);
	palier_value_uint(&v, w->claimed, 4);
	palier_value_uint(&v, w->claims, 2);
	palier_value_uint(&v, w->sold, 4);
	for (unsigned i = 0; i < w->seller_count; i++) {
		palier_value_uint(&v, w->sellers[i].by, 4);
		palier_value_uint(&v, w->sellers[i].count, 2);
	}
	return palier_put(t, T_WATCH, &k, palier_value_bytes(&v));
}

static struct palier_key round_key(const struct palier_event *ev)
{
	struct palier_bytes name = ev->operator.len ? ev->operator: ev->till;
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, ev->operator.len ? "o" : "t", 1);
	palier_key_raw(&k, name.at, name.len);
	return k;
}

/* How many round sales this cashier has rung up on `day`. */
static int round_get(const struct palier_tables *t, const struct palier_event *ev, uint32_t day, uint16_t *out)
{
	struct palier_key k = round_key(ev);
	struct palier_bytes value;
	struct palier_cut cut;
	int err = palier_get(t, T_ROUND, &k, &value);

	*out = 0;
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cut = palier_cut_of(value);
	if (palier_cut_uint(&cut, 4) == day)
		*out = (uint16_t)palier_cut_uint(&cut, 2);
	return cut.bad ? PALIER_ESTORE : PALIER_OK;
}

/* --- what an event tells --- */

/* FNV-1a. */
static uint32_t hash_of(struct palier_key name)
{
	uint32_t h = 2166136261u;

	for (uint16_t i = 0; i < name.len; i++)
		h = (h ^ name.b[i]) * 16777619u;
	return h;
}

static uint32_t by_of(const struct palier_event *ev)
{
	return hash_of(round_key(ev));
}

static uint32_t till_of(const struct palier_event *ev)
{
	struct palier_key k = { .len = 0 };

	palier_key_raw(&k, ev->till.at, ev->till.len);
	return hash_of(k);
}

static const struct sale_booked *booked_of(const struct palier_event *ev)
{
	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (ev->effects[i].kind->schema == &sale_booked_schema)
			return ev->effects[i].body;
	return NULL;
}

static bool is_round(const struct sale_booked *b)
{
	return b->payable > 0 && b->payable % ROUND == 0;
}

static bool spends(const struct sale_commit *p)
{
	bool units = false;

	for (uint32_t i = 0; i < p->payments.count; i++)
		units |= p->payments.at[i].kind == PAYMENT_UNIT && !PALIER_HAS(&p->payments.at[i], payment, card);
	return units || p->redeem.count > 0 || PALIER_HAS(p, sale_commit, hold);
}

/* Sales of `day` by this cashier, to be raised; of an earlier day than is counted now, or beyond the cashiers counted, NULL. */
static uint16_t *sales_by(struct watch *w, uint32_t by, uint32_t day)
{
	unsigned i = 0;

	if (day > w->sold) {
		w->sold = day;
		w->seller_count = 0;
	}
	while (i < w->seller_count && w->sellers[i].by != by)
		i++;
	if (day < w->sold || i == SELLERS)
		return NULL;
	if (i == w->seller_count)
		w->sellers[w->seller_count++] = (struct seller){ by, 0 };
	return &w->sellers[i].count;
}

static uint16_t *claims_of(struct watch *w, uint32_t day)
{
	if (w->claimed != day) {
		w->claimed = day;
		w->claims = 0;
	}
	return &w->claims;
}

static void raise(uint16_t *count)
{
	*count += *count < UINT16_MAX;
}

/* --- counting: a step of the fold --- */

static int sale_count(struct palier_tables *t, const struct palier_event *ev, const struct sale_booked *b)
{
	struct palier_value v = { .len = 0 };
	struct palier_key k = round_key(ev);
	struct watch w;
	uint16_t *sales, rounds;
	int err = watch_get(t, ev->member, &w);

	if (err != PALIER_OK)
		return err;
	sales = sales_by(&w, by_of(ev), b->date);
	if (sales)
		raise(sales);
	if (ev->at_ms > w.earned_ms) {
		w.earned_ms = ev->at_ms;
		w.earned_till = till_of(ev);
	}
	err = watch_put(t, ev->member, &w);
	if (err != PALIER_OK || !is_round(b))
		return err;
	err = round_get(t, ev, b->date, &rounds);
	raise(&rounds);
	palier_value_uint(&v, b->date, 4);
	palier_value_uint(&v, rounds, 2);
	return err == PALIER_OK ? palier_put(t, T_ROUND, &k, palier_value_bytes(&v)) : err;
}

static int credit_count(struct palier_tables *t, const struct palier_event *ev)
{
	struct watch w;
	int err = watch_get(t, ev->member, &w);

	w.credited = ev->day;
	w.credited_by = by_of(ev);
	return err == PALIER_OK ? watch_put(t, ev->member, &w) : err;
}

static int claim_count(struct palier_tables *t, const struct palier_event *ev)
{
	struct watch w;
	int err = watch_get(t, ev->member, &w);

	raise(claims_of(&w, ev->day));
	return err == PALIER_OK ? watch_put(t, ev->member, &w) : err;
}

int fraud_book(struct palier_tables *t, const struct palier_event *ev)
{
	const struct sale_booked *b;

	if (!ev->has_member)
		return PALIER_OK;
	if (ev->method == &method_balance_adjust && ((const struct balance_adjust *)ev->params)->points > 0)
		return credit_count(t, ev);
	if (ev->method == &method_sale_claim)
		return claim_count(t, ev);
	b = ev->method == &method_sale_commit ? booked_of(ev) : NULL;
	return b ? sale_count(t, ev, b) : PALIER_OK;
}

/* --- telling: before this event is counted --- */

static int tell(struct palier_ctx *c, const char *what, struct palier_bytes sale, int64_t figure)
{
	return palier_alert(c,
		&(struct palier_alert){ .what = what, .member = &c->ev.member, .sale = sale, .figure = figure });
}

/* Told once it is too often, and again each time that has doubled. */
static bool too_often(int64_t count, int64_t limit)
{
	int64_t times = limit > 0 && count % limit == 0 ? count / limit : 0;

	return times > 0 && (times & (times - 1)) == 0;
}

static int spend_tell(struct palier_ctx *c, const struct watch *w, struct palier_bytes sale)
{
	int64_t minutes = c->config->fraud.earn_spend, days = c->config->fraud.adjusted_spent;
	int err = PALIER_OK;

	if (minutes > 0 && w->earned_till != till_of(&c->ev) && w->earned_ms <= c->ev.at_ms &&
		w->earned_ms >= c->ev.at_ms - minutes * 60000)
		err = tell(c, "earn_spend", sale, (c->ev.at_ms - w->earned_ms) / 1000);
	if (err == PALIER_OK && days > 0 && w->credited && w->credited_by == by_of(&c->ev) &&
		day_add(w->credited, (int)days) > c->ev.day)
		err = tell(c, "adjusted_spent", sale, 0);
	return err;
}

static int sale_tell(struct palier_ctx *c, struct watch *w, const struct sale_booked *b)
{
	const struct sale_commit *p = c->ev.params;
	uint16_t rounds, *sales = sales_by(w, by_of(&c->ev), b->date);
	int err = PALIER_OK;

	if (sales && too_often(*sales + 1, c->config->fraud.card_often))
		err = tell(c, "card_often", b->sale, *sales + 1);
	if (err == PALIER_OK && spends(p))
		err = spend_tell(c, w, b->sale);
	if (err != PALIER_OK || !is_round(b))
		return err;
	err = round_get(core_tables(c), &c->ev, b->date, &rounds);
	if (err == PALIER_OK && too_often(rounds + 1, c->config->fraud.round_amounts))
		err = tell(c, "round_amounts", b->sale, rounds + 1);
	return err;
}

int fraud_watch(struct palier_ctx *c)
{
	const struct sale_booked *b = c->ev.method == &method_sale_commit ? booked_of(&c->ev) : NULL;
	bool claimed = c->ev.method == &method_sale_claim;
	struct watch w;
	int err;

	if (!c->ev.has_member || (!b && !claimed))
		return PALIER_OK;
	err = watch_get(core_tables(c), c->ev.member, &w);
	if (err == PALIER_OK && b)
		err = sale_tell(c, &w, b);
	if (err == PALIER_OK && claimed && too_often(*claims_of(&w, c->ev.day) + 1, c->config->fraud.claims_often))
		err = tell(c, "claims_often", ((const struct sale_claim *)c->ev.params)->sale, w.claims + 1);
	return err;
}
