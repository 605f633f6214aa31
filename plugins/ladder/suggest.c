/* SPDX-License-Identifier: Apache-2.0 */
/* What to suggest: candidates, filtered, one drawn. All of a day's decisions rest on what was known when it began, so that the outcome finds
 * the same candidates as the suggestion. */
#include "plugins/ladder/internal.h"

const char *const filter_names[FILTERS] = { "condition", "in_basket", "no_gain", "holdout", "asked_twice", "declined",
	"returned", "complaint", "no_consent", "out_of_stock" };

#define ENOUGH 50 /* outcomes from which a level speaks for itself */
#define WEEK   7

/* --- who and what --- */

int scene_of(struct palier_ctx *c, const struct palier_sale *s, const struct palier_id *member, struct palier_id *room,
	struct scene *out)
{
	struct palier_person person;
	struct palier_facts facts;
	int err;

	*out = (struct scene){ .sale = s, .day = palier_today(c) };
	if (!member)
		return PALIER_OK;
	err = palier_person(c, *member, &person);
	if (err == PALIER_OK)
		err = palier_facts(c, *member, &facts);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	out->unprofiled = !person.profiling;
	if (out->unprofiled)
		return PALIER_OK;
	*room = *member;
	out->member = room;
	out->purchases = (uint32_t)palier_least(facts.purchases, UINT32_MAX);
	return PALIER_OK;
}

/* The salt is the store's secret until an experiment writes it down: so questions before the first sale draw from it, too. */
static struct palier_bytes salt_of(struct palier_ctx *c, uint32_t epoch)
{
	struct palier_arena *a = palier_arena(c);
	struct palier_hash16 hash;
	char *text = palier_alloc(a, sizeof(hash.b) * 2 + 1);

	palier_hash(c, palier_str(palier_format(a, "experiment %u", epoch)), &hash);
	for (size_t i = 0; i < sizeof(hash.b); i++)
		snprintf(text + 2 * i, 3, "%02x", hash.b[i]);
	return palier_bytes_of(text, sizeof(hash.b) * 2);
}

int experiment_now(struct palier_ctx *c, struct experiment *out, bool *begins)
{
	const struct ladder_config *cfg = palier_config(c);
	int err = experiment_read(palier_tables(c), out);

	if (err != PALIER_OK)
		return err;
	out->salt = palier_copy(palier_arena(c), out->salt);
	*begins = out->epoch == 0 || out->share != cfg->holdout || out->until != cfg->until;
	if (*begins) {
		bool another = out->epoch == 0 || (out->until && palier_today(c) > out->until);

		out->epoch++;
		out->share = cfg->holdout;
		out->start = palier_today(c);
		out->until = cfg->until;
		if (another)
			out->salt = salt_of(c, out->epoch);
	}
	return PALIER_OK;
}

struct palier_bytes decision_id(struct palier_ctx *c, const struct scene *scene)
{
	struct palier_bytes who = palier_till(c);
	char member[PALIER_ID_TEXT + 1];

	if (scene->member) {
		palier_id_format(*scene->member, member);
		who = palier_str(member);
	}
	return palier_str(palier_format(palier_arena(c), "%.*s-%u-%.*s-%u", PALIER_ARG(palier_store_id(c)), scene->day,
		PALIER_ARG(who), scene->purchases));
}

/* --- candidates --- */

static bool is_there(const struct scene *scene, const struct palier_line *l)
{
	bool there = l->kind == LINE_ITEM;

	for (size_t i = 0; i < scene->without_count && there; i++)
		there = !picks_line(&scene->without[i]->picks, l->in);
	return there;
}

static bool in_basket(const struct scene *scene, const struct picks *picks)
{
	for (uint32_t i = 0; scene->sale && i < scene->sale->line_count; i++) {
		const struct palier_line *l = &scene->sale->lines[i];

		if (is_there(scene, l) && picks_line(picks, l->in))
			return true;
	}
	return false;
}

static int64_t basket_net(const struct scene *scene)
{
	int64_t net = 0;

	for (uint32_t i = 0; scene->sale && i < scene->sale->line_count; i++) {
		const struct palier_line *l = &scene->sale->lines[i];

		if (is_there(scene, l))
			net += palier_line_left(l);
	}
	return net;
}

/* Where the customer stands on a ladder: the highest rung bought or in the basket. */
static int standing(struct palier_ctx *c, const struct scene *scene, const struct ladder *l, const struct rung **out)
{
	*out = NULL;
	for (size_t i = l->count; i-- > 0 && !*out;) {
		struct step s = { .lines = 0 };
		int err = scene->member ? step_read(palier_tables(c), *scene->member, l->rungs[i].id, &s) : PALIER_OK;

		if (err != PALIER_OK)
			return err;
		if (s.lines > 0 || in_basket(scene, &l->rungs[i].picks))
			*out = &l->rungs[i];
	}
	return PALIER_OK;
}

static bool allowed(struct palier_ctx *c, const struct scene *scene, const struct rung *r)
{
	return scene->sale ? palier_condition_holds(c, r->when, scene->sale, scene->member, NULL)
	                   : palier_condition_may_hold(c, r->when, scene->member);
}

/* The first of its products that is there. @param out empty: all that it names are out of stock, or it names none */
static int product_of(struct palier_ctx *c, const struct scene *scene, const struct rung *r, struct palier_bytes *out)
{
	bool out_of_stock;

	*out = (struct palier_bytes){ NULL, 0 };
	for (size_t i = 0; r->picks.skus && r->picks.skus[i] && !out->len; i++) {
		struct palier_bytes sku = palier_str(r->picks.skus[i]);
		int err = is_short(palier_tables(c), sku, scene->day, &out_of_stock);

		if (err != PALIER_OK)
			return err;
		if (!out_of_stock)
			*out = sku;
	}
	return PALIER_OK;
}

/* Does its condition not hold, or is it out of stock? What is told by a category or tag, too, is more than the products it names. */
static int rung_filter(struct palier_ctx *c, const struct scene *scene, const struct rung *r, enum filter *out)
{
	const struct picks *p = &r->picks;
	struct palier_bytes product;
	int err = PALIER_OK;

	*out = allowed(c, scene, r) ? FILTERS : FILTER_CONDITION;
	if (*out == FILTERS && p->skus && *p->skus && !*p->categories && !*p->tags) {
		err = product_of(c, scene, r, &product);
		if (err == PALIER_OK && !product.len)
			*out = FILTER_STOCK;
	}
	return err;
}

static uint32_t day_behind(uint32_t day, struct span s)
{
	return s.kind == SPAN_MONTHS ? day_add_months(day, s.n) : s.kind == SPAN_DAYS ? day_add(day, s.n) : DAY_NEVER;
}

/* What of the member speaks against it? Somebody who complains is listened to first. @return a filter; FILTERS: nothing */
static int member_filter(struct palier_ctx *c, const struct scene *scene, const struct decision *d, const struct rung *r,
	enum filter *out)
{
	struct step s;
	int err = step_read(palier_tables(c), *scene->member, r->id, &s);

	if (err != PALIER_OK)
		return err;
	*out = d->held                                                           ? FILTER_HOLDOUT
	       : d->asked                                                        ? FILTER_ASKED
	       : s.declined && scene->day < day_behind(s.declined, r->cool_down) ? FILTER_DECLINED
	       : s.returned                                                      ? FILTER_RETURNED
	       : d->complains                                                    ? FILTER_COMPLAINT
	                                                                         : FILTERS;
	return PALIER_OK;
}

/* Whose condition holds, and which is not in the basket. */
static int candidate_add(struct palier_ctx *c, const struct scene *scene, struct candidate k, struct decision *d)
{
	enum filter why = FILTERS;
	int err = PALIER_OK;

	k.gain -= k.rung->discount + worth_of_points(palier_config(c), k.rung, palier_currency_decimals(c));
	k.estimated = k.estimated || k.rung->discount_guessed;
	if (k.gain <= 0)
		why = FILTER_GAIN;
	else if (scene->member)
		err = member_filter(c, scene, d, k.rung, &why);
	if (err != PALIER_OK)
		return err;
	if (why < FILTERS)
		d->filtered[why]++;
	else if (d->count < CANDIDATES)
		d->candidates[d->count++] = k;
	return PALIER_OK;
}

/* From a rung on upwards, the first that can be had. @param out NULL: there is none */
static int next_rung(struct palier_ctx *c, const struct scene *scene, const struct ladder *l, const struct rung *from,
	struct decision *d, const struct rung **out)
{
	enum filter why = FILTERS;

	*out = NULL;
	for (const struct rung *r = from; r < l->rungs + l->count && !*out; r++) {
		int err = rung_filter(c, scene, r, &why);

		if (err != PALIER_OK)
			return err;
		if (why == FILTERS)
			*out = r;
		else
			d->filtered[why]++;
	}
	return PALIER_OK;
}

/* The rung above; or the one that the shop would rather jump to; or the next whose condition holds and that is there. */
static int rung_candidate(struct palier_ctx *c, const struct scene *scene, const struct ladder *l, struct decision *d)
{
	const struct ladder_config *cfg = palier_config(c);
	const struct rung *from, *to;
	struct candidate k;
	bool guessed;
	int err = standing(c, scene, l, &from);

	if (err == PALIER_OK && !from)
		d->filtered[FILTER_CONSENT] += scene->unprofiled;
	if (err != PALIER_OK || !from)
		return err;
	err = next_rung(c, scene, l, from->jump ? from->jump : from + 1, d, &to);
	if (err != PALIER_OK || !to)
		return err;
	k = (struct candidate){ .rung = to, .ladder = l, .from = from };
	k.gain = worth_of_rung(cfg, l, to, &k.estimated);
	/* In the place of what lies in the basket only the difference is gained. */
	if (in_basket(scene, &from->picks)) {
		k.gain -= worth_of_rung(cfg, l, from, &guessed);
		k.estimated = k.estimated || guessed;
	}
	return candidate_add(c, scene, k, d);
}

static int complement_candidate(struct palier_ctx *c, const struct scene *scene, const struct ladder *l, struct decision *d)
{
	struct candidate k = { .rung = l->rungs, .ladder = l };
	const struct rung *r = NULL;
	int err = in_basket(scene, &l->with) ? next_rung(c, scene, l, l->rungs, d, &r) : PALIER_ENOENT;

	if (err != PALIER_OK || !r)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (in_basket(scene, &l->rungs->picks)) {
		d->filtered[FILTER_BASKET]++;
		return PALIER_OK;
	}
	k.gain = worth_of_rung(palier_config(c), l, l->rungs, &k.estimated);
	return candidate_add(c, scene, k, d);
}

static int threshold_candidate(struct palier_ctx *c, const struct scene *scene, const struct ladder *l, struct decision *d)
{
	struct candidate k = { .rung = l->rungs, .ladder = l, .estimated = true };
	const struct rung *r;
	int err;

	k.missing = scene->sale ? l->spend - basket_net(scene) : 0;
	if (k.missing <= 0 || k.missing > l->within)
		return PALIER_OK;
	err = next_rung(c, scene, l, l->rungs, d, &r);
	if (err != PALIER_OK || !r)
		return err;
	k.gain = palier_share(k.missing, l->margin_share, 10000);
	return candidate_add(c, scene, k, d);
}

/* --- choosing --- */

static const char *first_category(const struct picks *p)
{
	return p && p->categories ? p->categories[0] : NULL;
}

/* "coffee > grinder": its blanks tell it from the name of a ladder or rung. @return empty: the categories are not told */
static struct palier_bytes pair_of(struct palier_ctx *c, const struct ladder *l, const struct rung *from,
	const struct rung *to)
{
	const struct picks *below = l->kind == LADDER_COMPLEMENT ? &l->with : from ? &from->picks : NULL;
	const char *a = first_category(below), *b = first_category(&to->picks);
	struct palier_bytes pair = { NULL, 0 };

	if (a && b)
		pair = palier_str(palier_format(palier_arena(c), "%s > %s", a, b));
	return pair.len <= LEVEL_MOST ? pair : (struct palier_bytes){ NULL, 0 };
}

void level_mark(struct palier_ctx *c, const struct ladder *l, const struct rung *from, const struct rung *to,
	struct ladder_shown *e)
{
	struct palier_bytes pair = pair_of(c, l, from || to == l->rungs ? from : to - 1, to);

	if (pair.len)
		PALIER_SET(e, ladder_shown, level, pair);
}

/* The share accepted, of the first level that has seen enough: the rung; what leads from its category to this one, or, where these are not told, its
 * ladder; the store; then as the head office tells, by a file of the programme. */
static int mean_of(struct palier_ctx *c, const struct scene *scene, const struct candidate *k, unsigned *out)
{
	struct palier_bytes pair = pair_of(c, k->ladder, k->from, k->rung);
	const struct palier_bytes levels[] = { k->rung->id, pair.len ? pair : palier_str(k->ladder->name), PALIER_LIT("*") };
	struct level level;
	int64_t accepted, declined;

	*out = k->rung->prior >= 0 ? (unsigned)k->rung->prior : BANDIT_MEAN;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
		int err = level_read(palier_tables(c), levels[i], &level);

		if (err != PALIER_OK)
			return err;
		level_at(&level, scene->day, &accepted, &declined);
		if (accepted + declined >= ENOUGH && accepted >= 0 && declined >= 0) {
			*out = (unsigned)palier_share(10000, accepted, accepted + declined);
			return PALIER_OK;
		}
	}
	return PALIER_OK;
}

static int arm_fill(struct palier_ctx *c, const struct scene *scene, const struct candidate *k, struct bandit_arm *out)
{
	const struct ladder_config *cfg = palier_config(c);
	struct posterior p;
	uint64_t s, f;
	unsigned mean;
	int err = posterior_read(palier_tables(c), k->rung->id, scene->member != NULL, &p);

	if (err == PALIER_OK)
		err = mean_of(c, scene, k, &mean);
	if (err != PALIER_OK)
		return err;
	posterior_at(&p, cfg->fading, scene->day, &s, &f);
	out->rung = k->rung->id;
	out->gain = k->gain;
	bandit_counts(mean, s, f, &out->a, &out->b);
	return PALIER_OK;
}

/* One after the other: what was chosen is taken out, and the rest is drawn for the next place. What is drawn at random is drawn to learn, not to
 * gain. */
static void choose(struct palier_ctx *c, struct decision *d)
{
	const struct ladder_config *cfg = palier_config(c);
	struct palier_arena *a = palier_arena(c);
	struct bandit_arm *left = palier_alloc(a, CANDIDATES * sizeof(*left));
	size_t index[CANDIDATES], n = d->count;

	memcpy(left, d->arms, n * sizeof(*left));
	for (size_t i = 0; i < n; i++)
		index[i] = i;
	while (n > 0 && (int64_t)d->chosen_count < cfg->per_ticket) {
		struct palier_bytes id = bandit_place(a, d->id, d->chosen_count);
		bool uniform = bandit_bucket(d->salt, id) < BANDIT_UNIFORM;
		size_t at = bandit_choose(d->salt, id, left, n);

		if (uniform)
			at = (size_t)(bandit_seed(d->salt, id, PALIER_LIT("*")) % n);
		else if (!bandit_is_worth(&left[at], cfg->friction))
			break;
		d->arms[index[at]].draw = left[at].draw;
		d->uniform[d->chosen_count] = uniform;
		d->chosen[d->chosen_count++] = index[at];
		n--;
		memmove(&left[at], &left[at + 1], (n - at) * sizeof(*left));
		memmove(&index[at], &index[at + 1], (n - at) * sizeof(*index));
	}
}

static bool fact_there(struct palier_ctx *c, struct palier_id member, const char *name)
{
	struct palier_bytes fact;

	return palier_fact(c, member, name, &fact) == PALIER_OK;
}

/* What is known of the member, whatever the candidate. */
static int member_read(struct palier_ctx *c, const struct scene *scene, const struct experiment *x, struct decision *out)
{
	char member[PALIER_ID_TEXT + 1];
	struct asks a;
	int err = asks_read(palier_tables(c), *scene->member, &a);

	palier_id_format(*scene->member, member);
	out->held = bandit_bucket(x->salt, palier_str(member)) < x->share;
	out->asked = err == PALIER_OK && a.before && scene->day < day_add(a.before, WEEK);
	out->complains = fact_there(c, *scene->member, "case") || fact_there(c, *scene->member, "recovery");
	return err;
}

int decide(struct palier_ctx *c, const struct scene *scene, struct decision *out)
{
	const struct ladder_config *cfg = palier_config(c);
	struct experiment x;
	bool begins;
	int err = experiment_now(c, &x, &begins);

	*out = (struct decision){ .known = scene->member != NULL };
	if (err != PALIER_OK)
		return err;
	out->salt = x.salt;
	out->id = decision_id(c, scene);
	if (scene->member)
		err = member_read(c, scene, &x, out);
	for (size_t i = 0; i < cfg->count && err == PALIER_OK; i++) {
		const struct ladder *l = &cfg->ladders[i];

		if (l->kind == LADDER_RUNGS)
			err = rung_candidate(c, scene, l, out);
		else if (l->kind == LADDER_COMPLEMENT)
			err = complement_candidate(c, scene, l, out);
		else
			err = threshold_candidate(c, scene, l, out);
	}
	for (size_t i = 0; i < out->count && err == PALIER_OK; i++)
		err = arm_fill(c, scene, &out->candidates[i], &out->arms[i]);
	if (err == PALIER_OK)
		choose(c, out);
	return err;
}

/* --- ids --- */

#define TAG_LEN 16 /* hex digits */

static void tag_of(struct palier_ctx *c, struct palier_bytes decision, struct palier_bytes rung, char *out)
{
	struct palier_hash16 hash;

	palier_hash(c,
		palier_str(palier_format(palier_arena(c), "suggestion %.*s:%.*s", PALIER_ARG(decision), PALIER_ARG(rung))),
		&hash);
	for (size_t i = 0; i < TAG_LEN / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", hash.b[i]);
}

struct palier_bytes suggestion_id(struct palier_ctx *c, struct palier_bytes decision, struct palier_bytes rung)
{
	char tag[TAG_LEN + 1];

	tag_of(c, decision, rung, tag);
	return palier_str(palier_format(palier_arena(c), "%.*s:%.*s:%s", PALIER_ARG(decision), PALIER_ARG(rung), tag));
}

/* Tills' names may have colons; a rung's name and a tag have none that would mislead, for both are read from the end. */
int suggestion_read(struct palier_ctx *c, struct palier_bytes id, struct palier_bytes *decision, struct palier_bytes *rung)
{
	char tag[TAG_LEN + 1];
	const char *colon;

	if (id.len <= TAG_LEN + 1 || id.at[id.len - TAG_LEN - 1] != ':')
		return PALIER_ESUGGESTION_UNKNOWN;
	colon = memrchr(id.at, ':', id.len - TAG_LEN - 1);
	if (!colon)
		return PALIER_ESUGGESTION_UNKNOWN;
	*decision = palier_bytes_of(id.at, (size_t)(colon - id.at));
	*rung = palier_bytes_of(colon + 1, (size_t)(id.at + id.len - TAG_LEN - 1 - (colon + 1)));
	tag_of(c, *decision, *rung, tag);
	return memcmp(tag, id.at + id.len - TAG_LEN, TAG_LEN) == 0 ? PALIER_OK : PALIER_ESUGGESTION_UNKNOWN;
}

int decision_member(struct palier_ctx *c, struct palier_bytes decision, struct palier_id *out)
{
	size_t before = palier_store_id(c).len + sizeof("-yyyymmdd-") - 1;
	struct palier_person person;
	struct palier_id member;
	const char *end = memrchr(decision.at, '-', decision.len);
	int err = end && (size_t)(end - decision.at) > before
	                  ? palier_id_parse(palier_bytes_of(decision.at + before, (size_t)(end - decision.at) - before),
				    &member)
	                  : PALIER_ENOENT;

	if (err != PALIER_OK)
		return PALIER_ENOENT;
	err = palier_member_now(c, member, out);
	if (err == PALIER_OK)
		err = palier_person(c, *out, &person);
	if (err != PALIER_OK)
		return err == PALIER_EMEMBER_ERASED ? PALIER_ENOENT : err;
	return person.profiling ? PALIER_OK : PALIER_ENOENT;
}

/* --- words --- */

static struct palier_bytes label_of(struct palier_ctx *c, const struct palier_label *l, const struct scene *scene)
{
	return palier_str(palier_label(c, l, scene->member));
}

static struct palier_bytes why_of(struct palier_ctx *c, const struct candidate *k, const struct scene *scene)
{
	struct palier_bytes args[2];

	switch (k->ladder->kind) {
	case LADDER_THRESHOLD:
		args[0] = palier_money_text(c, k->missing);
		args[1] = palier_money_text(c, k->ladder->spend);
		return palier_text(c, N_("%1 more reaches %2"), args, 2);
	case LADDER_COMPLEMENT:
		return palier_text(c, N_("It goes with what is in the basket"), NULL, 0);
	default:
		args[0] = label_of(c, k->from->label, scene);
		if (in_basket(scene, &k->from->picks))
			return palier_text(c, N_("The next step after %1, which is in the basket"), args, 1);
		return palier_text(c, N_("The next step after %1, bought before"), args, 1);
	}
}

static int suggestion_fill(struct palier_ctx *c, const struct scene *scene, const struct decision *d, size_t at,
	struct suggestion_view *out)
{
	const struct candidate *k = &d->candidates[d->chosen[at]];
	const struct rung *r = k->rung;
	struct palier_bytes pitch = label_of(c, r->pitch, scene), product;
	int err = product_of(c, scene, r, &product);

	if (err != PALIER_OK)
		return err;
	PALIER_SET(out, suggestion_view, suggestion, suggestion_id(c, d->id, r->id));
	PALIER_SET(out, suggestion_view, ladder, palier_str(r->ladder));
	PALIER_SET(out, suggestion_view, rung, palier_str(r->name));
	if (product.len)
		PALIER_SET(out, suggestion_view, sku, product);
	PALIER_SET(out, suggestion_view, label, label_of(c, r->label, scene));
	PALIER_SET(out, suggestion_view, pitch, pitch.len ? pitch : label_of(c, r->label, scene));
	if (r->price >= 0)
		PALIER_SET(out, suggestion_view, price, r->price);
	if (r->coupon)
		PALIER_SET(out, suggestion_view, coupon, palier_str(r->coupon));
	PALIER_SET(out, suggestion_view, why, why_of(c, k, scene));
	return PALIER_OK;
}

int suggestions_write(struct palier_ctx *c, const struct scene *scene, struct palier_json *w)
{
	struct decision d;
	int err = decide(c, scene, &d);

	if (err != PALIER_OK)
		return err;
	palier_json_key(w, "suggestions");
	palier_json_array(w);
	for (size_t i = 0; i < d.chosen_count && err == PALIER_OK; i++) {
		struct suggestion_view row = { .set = { 0, 0 } };

		err = suggestion_fill(c, scene, &d, i, &row);
		if (err == PALIER_OK)
			schema_encode(&suggestion_view_schema, SCHEMA_WIRE, &row, w);
	}
	palier_json_end_array(w);
	return err;
}
