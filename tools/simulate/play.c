/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulate/play.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/progress.h"
#include "tools/simulate/dice.h"

#define OPENS   (9 * 60) /* minutes of the day */
#define CLOSES  (20 * 60)
#define COUNTED (CLOSES + 30) /* then the day is closed */
#define MINUTE  INT64_C(60000)
#define MONTH   30437 /* days of a usual month, thousandths */

#define BROUGHT (UINT64_C(1) << 32) /* their streams are apart: so the others are the same in every programme */

#define LINES_MOST 24
#define REWARDS    4 /* that a customer asks for before giving up */

struct customer {
	const struct persona *is;
	char member[PALIER_ID_TEXT + 1]; /* "" before the first visit */
	char code[24];                   /* of a friend: the sponsor's */
	struct dice habit, mood;         /* what they do anyway; what the programme asks of them */
	bool invited;                    /* came with a friend's code */
	bool brought;                    /* and would not have come without it */
	bool gone;
	uint32_t birthday;
	uint32_t brings;   /* a friend, on this day; 0: nobody */
	const char *purse; /* unit of the money on their card */
	int64_t credit;
};

struct visit {
	int64_t minute;
	size_t customer;
};

struct play {
	struct stage *stage;
	const struct cast *cast;
	struct figures *figures;
	struct month *month;
	struct customer *customers;
	size_t count, room;
	struct visit *visits; /* of a day */
	size_t visit_count, visit_room;
	uint64_t seed, own, brought; /* streams of chance: of those who come anyway, and of the others */
	uint32_t day;
	bool opened;      /* this day has had a command, and what was due is done */
	bool no_sponsors; /* the programme has no sponsorship */
	int64_t sales;    /* receipts so far */
};

/* --- people --- */

static struct customer *customer_new(struct play *p, const struct persona *is, bool brought)
{
	struct customer *c;
	uint64_t stream = brought ? BROUGHT + p->brought++ : p->own++;
	struct dice life = dice_of(p->seed ^ UINT64_C(0xB1127DA7), stream);

	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 256;
		p->customers = realloc(p->customers, p->room * sizeof(*p->customers));
		if (!p->customers)
			abort();
	}
	c = &p->customers[p->count];
	*c = (struct customer){ .is = is,
		.brought = brought,
		.habit = dice_of(p->seed, 2 * stream + 1),
		.mood = dice_of(p->seed, 2 * stream + 2) };
	c->birthday = day_add(19500101, (int)dice_below(&life, 20000));
	p->count++;
	return c;
}

/* In proportion to the weights, in a fixed order. */
static void crowd_make(struct play *p)
{
	int64_t weights[CAST_PERSONAS], parts[CAST_PERSONAS];

	for (size_t i = 0; i < p->cast->persona_count; i++)
		weights[i] = p->cast->personas[i].weight;
	palier_spread(p->cast->customers, weights, p->cast->persona_count, parts);
	for (size_t i = 0; i < p->cast->persona_count; i++)
		for (int64_t k = 0; k < parts[i]; k++)
			customer_new(p, &p->cast->personas[i], false);
}

/* Who goes is followed by somebody like them, so that the shop neither grows nor shrinks of itself; after a friend comes nobody. Whom a customer
 * speaks to is a habit: those friends who would come anyway come to every programme, and to none. */
static void month_turns(struct play *p)
{
	size_t before = p->count;
	int64_t days = day_month_end(p->month->first) % 100;

	for (size_t i = 0; i < before; i++) {
		struct customer *c = &p->customers[i];
		bool goes = dice_below(&c->habit, 1000) < c->is->churn, brings = dice_below(&c->habit, 1000) < c->is->refer;
		int day = (int)dice_below(&c->habit, days);

		if (c->gone)
			continue;
		c->brings = brings && c->member[0] ? day_add(p->month->first, day) : 0;
		c->gone = goes && p->month != p->figures->months;
		if (c->gone && !c->invited)
			customer_new(p, c->is, false);
	}
}

/* --- a basket --- */

struct basket {
	struct line {
		const struct product *product;
		int64_t amount;
	} lines[LINES_MOST];
	size_t count;
	int64_t total, margin;
};

static void line_add(struct basket *b, const struct cast *cast, const struct product *product, int64_t amount)
{
	if (b->count == LINES_MOST || amount <= 0)
		return;
	b->lines[b->count++] = (struct line){ product, amount };
	b->total += amount;
	b->margin += cast_margin(cast, product, amount);
}

/* Three dice make a bell: their deviation is a thousand. */
static int64_t basket_size(struct customer *c)
{
	int64_t bell = dice_below(&c->habit, 2001) + dice_below(&c->habit, 2001) + dice_below(&c->habit, 2001) - 3000;
	int64_t size = c->is->basket + c->is->basket * c->is->spread / 1000 * bell / 1000, least = c->is->basket / 20;

	return size > least ? size : least > 0 ? least : 1;
}

/* What the basket lacks after what has a price of its own: by weight. */
static const struct product *rest_of(const struct cast *cast, struct dice *d)
{
	int64_t weights = 0, at;

	for (size_t i = 0; i < cast->product_count; i++)
		weights += cast->products[i].price == 0 ? cast->products[i].chance + 1 : 0;
	at = dice_below(d, weights > 0 ? weights : 1);
	for (size_t i = 0; i < cast->product_count; i++) {
		if (cast->products[i].price > 0)
			continue;
		at -= cast->products[i].chance + 1;
		if (at < 0)
			return &cast->products[i];
	}
	return NULL;
}

/* Each product that anybody wants is drawn for, whether there is room for it or not: so a dearer shop draws the same. */
static void basket_fill(const struct play *p, struct customer *c, struct basket *b)
{
	int64_t left = basket_size(c);
	const struct product *rest;

	*b = (struct basket){ .count = 0 };
	for (size_t i = 0; i < p->cast->product_count; i++) {
		const struct product *product = &p->cast->products[i];
		bool wanted = product->price > 0 && product->chance > 0 && dice_below(&c->habit, 1000) < product->chance;

		if (!wanted || product->price > left || b->count + 2 > LINES_MOST)
			continue;
		line_add(b, p->cast, product, product->price);
		left -= product->price;
	}
	rest = rest_of(p->cast, &c->habit);
	if (rest)
		line_add(b, p->cast, rest, left);
}

static void basket_write(const struct basket *b, struct palier_json *w)
{
	palier_json_key(w, "lines");
	palier_json_array(w);
	for (size_t i = 0; i < b->count; i++) {
		palier_json_object(w);
		palier_json_key(w, "sku");
		palier_json_str(w, b->lines[i].product->sku);
		if (b->lines[i].product->category) {
			palier_json_key(w, "category");
			palier_json_str(w, b->lines[i].product->category);
		}
		palier_json_key(w, "amount");
		palier_json_int(w, b->lines[i].amount);
		palier_json_end_object(w);
	}
	palier_json_end_array(w);
}

/* --- calls --- */

/* The first command of a day opens it, and what is due after the close before is then done. Nothing else goes on meanwhile, so that it comes out
 * the same each time. To be called behind every command, once its reply is read. */
static int day_open(struct play *p)
{
	if (p->opened)
		return PALIER_OK;
	p->opened = true;
	return stage_jobs(p->stage);
}

static int refused(struct play *p, const char *method, int err)
{
	return stage_refused(p->stage, method, err);
}

static void member_write(const struct customer *c, struct palier_json *w)
{
	palier_json_key(w, "member");
	palier_json_str(w, c->member);
}

/* --- enrolling --- */

static int enroll(struct play *p, struct customer *c)
{
	struct palier_json *w = stage_command(p->stage);
	int err;

	palier_json_key(w, "birthday");
	palier_json_day(w, c->birthday);
	palier_json_key(w, "consent");
	palier_json_object(w);
	palier_json_key(w, "profiling");
	palier_json_bool(w, dice_below(&c->mood, 1000) < p->cast->profiling);
	palier_json_end_object(w);
	if (c->code[0]) {
		palier_json_key(w, "referral");
		palier_json_str(w, c->code);
	}
	err = stage_call(p->stage, "member.enroll");
	if (err != PALIER_OK)
		return refused(p, "member.enroll", err);
	snprintf(c->member, sizeof(c->member), "%s", stage_text(p->stage, p->stage->reply.result, "member"));
	return day_open(p);
}

/* A code to give to a friend; "" without sponsorship. */
static int code_issue(struct play *p, const struct customer *sponsor, char *code, size_t size)
{
	int err;

	code[0] = '\0';
	if (p->no_sponsors)
		return PALIER_OK;
	member_write(sponsor, stage_command(p->stage));
	err = stage_call(p->stage, "referral.issue");
	if (err == PALIER_EUNREACHABLE || err == PALIER_EPARSE)
		return refused(p, "referral.issue", err);
	if (err != PALIER_OK) {
		p->no_sponsors = true;
		return PALIER_OK;
	}
	snprintf(code, size, "%s", stage_text(p->stage, p->stage->reply.result, "code"));
	return day_open(p);
}

static const struct persona *anybody(const struct cast *cast, struct dice *d)
{
	int64_t weights = 0, at;

	for (size_t i = 0; i < cast->persona_count; i++)
		weights += cast->personas[i].weight;
	at = dice_below(d, weights);
	for (size_t i = 0; i < cast->persona_count; i++) {
		at -= cast->personas[i].weight;
		if (at < 0)
			return &cast->personas[i];
	}
	return &cast->personas[0];
}

/* A friend of this customer comes today. Those whom only a code brings do not come without one. */
static int friend_come(struct play *p, size_t sponsor)
{
	struct customer *c = &p->customers[sponsor];
	const struct persona *is = anybody(p->cast, &c->habit);
	bool brought = dice_below(&c->habit, 1000) < p->cast->brought || c->brought;
	char code[sizeof(c->code)];
	int err = code_issue(p, c, code, sizeof(code));

	c->brings = 0;
	if (err != PALIER_OK || (brought && !code[0]))
		return err;
	c = customer_new(p, is, brought);
	memcpy(c->code, code, sizeof(code));
	c->invited = true;
	p->month->friends += code[0] != '\0';
	return PALIER_OK;
}

/* --- at the till --- */

struct ticket {
	struct basket basket;
	int64_t base_total, base_margin; /* without what was suggested */
	int64_t payable;
	char reward[64];
	int64_t times; /* of the reward; 0: none is asked for */
	int64_t pays;  /* with the money on the card */
	char suggestion[256];
	const char *outcome; /* NULL: nothing was suggested */
	char asked[REWARDS][64];
	size_t asked_count;
};

static void ticket_write(const struct customer *c, const struct ticket *t, struct palier_json *w)
{
	member_write(c, w);
	basket_write(&t->basket, w);
	if (t->times) {
		palier_json_key(w, "redeem");
		palier_json_array(w);
		palier_json_object(w);
		palier_json_key(w, "reward");
		palier_json_str(w, t->reward);
		palier_json_key(w, "times");
		palier_json_int(w, t->times);
		palier_json_end_object(w);
		palier_json_end_array(w);
	}
	if (t->pays > 0) {
		palier_json_key(w, "payments");
		palier_json_array(w);
		palier_json_object(w);
		palier_json_key(w, "kind");
		palier_json_str(w, "unit");
		palier_json_key(w, "unit");
		palier_json_str(w, c->purse);
		palier_json_key(w, "amount");
		palier_json_int(w, t->pays);
		palier_json_end_object(w);
		palier_json_end_array(w);
	}
}

static int quote(struct play *p, const struct customer *c, struct ticket *t)
{
	int err;

	ticket_write(c, t, stage_params(p->stage));
	err = stage_call(p->stage, "sale.quote");
	if (err != PALIER_OK)
		return refused(p, "sale.quote", err);
	t->payable = stage_int(p->stage, p->stage->reply.result, "payable");
	return PALIER_OK;
}

/* What is suggested: the product, or what is missing to a round sum. @return what it costs; 0: it cannot be told */
static int64_t suggested(struct play *p, const struct ticket *t, uint32_t suggestion, const struct product **out)
{
	struct stage *s = p->stage;
	const char *rung = palier_format(s->reply.arena, "%s/%s", stage_text(s, suggestion, "ladder"),
		stage_text(s, suggestion, "rung"));
	int64_t price = stage_int(s, suggestion, "price");

	*out = cast_product(p->cast, stage_text(s, suggestion, "sku"));
	if (!*out)
		*out = cast_on_rung(p->cast, rung);
	if (*out)
		return price > 0 ? price : (*out)->price;
	for (size_t i = 0; i < p->cast->goal_count; i++)
		if (strcmp(p->cast->goals[i].rung, rung) == 0) {
			*out = t->basket.lines[t->basket.count - 1].product;
			return p->cast->goals[i].spend - t->payable;
		}
	return 0;
}

/* The first suggestion is heard: it is taken, or declined, or passed over in silence, half and half. */
static void suggestion_hear(struct play *p, struct customer *c, struct ticket *t)
{
	struct stage *s = p->stage;
	uint32_t list = stage_member(s, s->reply.result, "suggestions");
	int64_t mood = dice_below(&c->mood, 1000), silent = dice_below(&c->mood, 2), price;
	const struct product *product;

	if (stage_count(s, list) == 0)
		return;
	snprintf(t->suggestion, sizeof(t->suggestion), "%s", stage_text(s, list + 1, "suggestion"));
	price = suggested(p, t, list + 1, &product);
	t->outcome = mood < c->is->accept && price > 0 ? "accepted" : silent ? "ignored" : "declined";
	if (t->outcome[0] == 'a')
		line_add(&t->basket, p->cast, product, price);
}

static bool already_asked(const struct ticket *t, const char *reward)
{
	for (size_t i = 0; i < t->asked_count; i++)
		if (strcmp(t->asked[i], reward) == 0)
			return true;
	return false;
}

/* The dearest reward that was not asked for yet. */
static void reward_choose(struct play *p, struct ticket *t)
{
	struct stage *s = p->stage;
	int64_t most = 0;

	t->times = 0;
	STAGE_EACH(s, stage_member(s, s->reply.result, "available_rewards"), reward)
	{
		const char *name = stage_text(s, reward, "reward");
		int64_t cost = stage_int(s, reward, "cost");

		if (cost <= most || already_asked(t, name) || strlen(name) >= sizeof(t->reward))
			continue;
		most = cost;
		t->times = 1;
		snprintf(t->reward, sizeof(t->reward), "%s", name);
	}
	for (size_t i = 0; t->times && i < p->cast->portion_count; i++)
		if (strcmp(p->cast->portions[i].reward, t->reward) == 0)
			t->times = p->cast->portions[i].times;
}

/* Asks for one reward after the other until one is given. What is refused in a quote is not asked for at the till. */
static int redeem(struct play *p, struct customer *c, struct ticket *t)
{
	int err = PALIER_OK;

	if (dice_below(&c->mood, 1000) >= c->is->redeem)
		return PALIER_OK;
	while (err == PALIER_OK && t->asked_count < REWARDS) {
		reward_choose(p, t);
		if (!t->times)
			break;
		memcpy(t->asked[t->asked_count++], t->reward, sizeof(t->reward));
		err = quote(p, c, t);
		if (err == PALIER_OK &&
			stage_count(p->stage, stage_member(p->stage, p->stage->reply.result, "refused")) == 0)
			break;
		t->times = 0;
	}
	if (err == PALIER_OK && t->asked_count && !t->times)
		err = quote(p, c, t);
	if (c->credit > 0 && t->payable > 0)
		t->pays = palier_least(c->credit, t->payable);
	return err;
}

static void purse_read(struct play *p, struct customer *c)
{
	uint32_t balances = stage_member(p->stage, p->stage->reply.result, "balances");

	c->credit = 0;
	for (size_t i = 0; i < p->cast->purse_count && c->credit <= 0; i++) {
		c->purse = p->cast->purses[i];
		c->credit = stage_int(p->stage, balances, c->purse);
	}
}

static int commit(struct play *p, struct customer *c, const struct ticket *t)
{
	struct palier_json *w = stage_command(p->stage);
	int err;

	palier_json_key(w, "sale");
	palier_json_str(w, palier_format(&p->stage->cli->arena, "S-%lld", (long long)++p->sales));
	ticket_write(c, t, w);
	palier_json_key(w, "payable");
	palier_json_int(w, t->payable);
	if (t->outcome) {
		palier_json_key(w, "suggested");
		palier_json_array(w);
		palier_json_object(w);
		palier_json_key(w, "suggestion");
		palier_json_str(w, t->suggestion);
		palier_json_key(w, "outcome");
		palier_json_str(w, t->outcome);
		palier_json_end_object(w);
		palier_json_end_array(w);
	}
	err = stage_call(p->stage, "sale.commit");
	if (err == PALIER_OK)
		purse_read(p, c);
	return err;
}

/* Where the programme refuses at the till what it had quoted, the customer pays like anybody. */
static int pay(struct play *p, struct customer *c, struct ticket *t)
{
	int err = commit(p, c, t);

	if (err != PALIER_OK && (t->times || t->pays)) {
		p->figures->refused++;
		t->times = t->pays = 0;
		err = quote(p, c, t);
		if (err == PALIER_OK)
			err = commit(p, c, t);
	}
	return err == PALIER_OK ? day_open(p) : refused(p, "sale.commit", err);
}

static void visit_count(struct play *p, const struct customer *c, const struct ticket *t)
{
	struct month *m = p->month;

	*(c->brought ? &m->friend_visits : &m->visits) += 1;
	*(c->brought ? &m->friend_sales : &m->base_sales) += t->base_total;
	*(c->brought ? &m->friend_margin : &m->base_margin) += t->base_margin;
	m->more_sales += t->basket.total - t->base_total;
	m->more_margin += t->basket.margin - t->base_margin;
}

static int visit(struct play *p, size_t who)
{
	struct customer *c = &p->customers[who];
	struct ticket t = { .times = 0 };
	int err = c->member[0] ? PALIER_OK : enroll(p, c);

	basket_fill(p, c, &t.basket);
	t.base_total = t.basket.total;
	t.base_margin = t.basket.margin;
	if (err == PALIER_OK)
		err = quote(p, c, &t);
	if (err != PALIER_OK)
		return err;
	suggestion_hear(p, c, &t);
	if (t.basket.total != t.base_total)
		err = quote(p, c, &t);
	if (err == PALIER_OK)
		err = redeem(p, c, &t);
	if (err == PALIER_OK)
		err = pay(p, c, &t);
	if (err == PALIER_OK)
		visit_count(p, c, &t);
	return err;
}

/* --- days --- */

static void visit_add(struct play *p, int64_t minute, size_t who)
{
	if (p->visit_count == p->visit_room) {
		p->visit_room = p->visit_room ? p->visit_room * 2 : 64;
		p->visits = realloc(p->visits, p->visit_room * sizeof(*p->visits));
		if (!p->visits)
			abort();
	}
	p->visits[p->visit_count++] = (struct visit){ minute, who };
}

static int by_minute(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	if (x->minute != y->minute)
		return x->minute < y->minute ? -1 : 1;
	return x->customer < y->customer ? -1 : x->customer > y->customer;
}

/* Who comes today, and when. A friend who came with a code today buys today. */
static int day_gather(struct play *p)
{
	size_t before = p->count;
	int err = PALIER_OK;

	p->visit_count = 0;
	for (size_t i = 0; i < before && err == PALIER_OK; i++) {
		struct customer *c = &p->customers[i];
		bool comes = dice_happens(&c->habit, c->is->visits * 10 * 1000000 / MONTH);
		int64_t minute = OPENS + dice_below(&c->habit, CLOSES - OPENS);

		if (comes && !c->gone)
			visit_add(p, minute, i);
		if (c->brings == p->day && !c->gone)
			err = friend_come(p, i);
	}
	for (size_t i = before; i < p->count; i++)
		visit_add(p, CLOSES, i);
	if (p->visit_count)
		qsort(p->visits, p->visit_count, sizeof(*p->visits), by_minute);
	return err;
}

static int day_close(struct play *p, int64_t midnight)
{
	int err;

	if (!p->opened)
		return PALIER_OK;
	stage_time(p->stage, midnight + COUNTED * MINUTE);
	stage_command(p->stage);
	err = stage_call(p->stage, "day.close");
	return err == PALIER_OK ? PALIER_OK : refused(p, "day.close", err);
}

static int day_play(struct play *p)
{
	int64_t midnight = zone_midnight(p->day);
	int err;

	p->opened = false;
	stage_time(p->stage, midnight + (OPENS - 30) * MINUTE);
	err = day_gather(p);
	for (size_t i = 0; i < p->visit_count && err == PALIER_OK; i++) {
		stage_time(p->stage, midnight + p->visits[i].minute * MINUTE);
		err = visit(p, p->visits[i].customer);
	}
	return err == PALIER_OK ? day_close(p, midnight) : err;
}

static int month_play(struct play *p, struct progress *bar, uint64_t days)
{
	uint32_t last = day_month_end(p->month->first);
	int err = PALIER_OK;

	month_turns(p);
	for (p->day = p->month->first; p->day <= last && err == PALIER_OK; p->day = day_add(p->day, 1)) {
		progress_show(bar, (uint64_t)(day_number(p->day) - day_number(p->figures->from)), days);
		err = stage_stopped ? cli_fail(p->stage->cli, PALIER_ESTOPPING, "stopped") : day_play(p);
	}
	for (size_t i = 0; i < p->count; i++)
		p->month->customers += !p->customers[i].gone && !p->customers[i].brought;
	return err;
}

int play_months(struct stage *s, const struct cast *cast, uint64_t seed, struct figures *f)
{
	struct play p = { .stage = s, .cast = cast, .figures = f, .seed = seed };
	struct progress bar = { .what = "simulating" };
	uint64_t days = (uint64_t)(day_number(f->to) - day_number(f->from)) + 1;
	int err = PALIER_OK;

	crowd_make(&p);
	for (size_t i = 0; i < f->month_count && err == PALIER_OK; i++) {
		p.month = &f->months[i];
		err = month_play(&p, &bar, days);
	}
	progress_end(&bar);
	free(p.customers);
	free(p.visits);
	return err;
}
