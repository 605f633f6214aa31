/* SPDX-License-Identifier: Apache-2.0 */
/* The proposal, as a fragment of the configuration with its reasons. */
#include <math.h>
#include <stdlib.h>

#include "tools/report/learn.h"

#define NAME_MOST 64
#define HARDLY    10 /* per mille of the riddles: so little more is no difference */

struct printer {
	const struct learn_tickets *t;
	const struct learned *l;
	const struct words *w;
	unsigned scale;
	FILE *out;
	struct names used; /* ids of rungs */
	const char *begin; /* of each line: "#" where it is only noted */
	bool open;         /* the section has begun */
	int64_t unnameable;
};

/* --- names --- */

/* Can the configuration hold it between quotes? */
static bool is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f || strchr("\"\\$", *c))
			return false;
	return *text != '\0';
}

/* A name in which nothing stands that a rung's name may not have. @return the arena's */
static char *plain_of(struct printer *p, const char *text)
{
	char *name = palier_format(p->w->arena, "%.*s", NAME_MOST - 4, text);

	for (char *c = name; *c; c++)
		if (strchr(" /:", *c) || (unsigned char)*c < 0x20)
			*c = '-';
	return name;
}

/* One that no other has. @param before "coffee/" */
static const char *name_take(struct printer *p, const char *before, const char *text)
{
	const char *base = plain_of(p, text), *name = base;

	for (unsigned i = 2;
		names_find(&p->used, palier_str(palier_format(p->w->arena, "%s%s", before, name))) != UINT32_MAX; i++)
		name = palier_format(p->w->arena, "%s-%u", base, i);
	names_add(&p->used, palier_str(palier_format(p->w->arena, "%s%s", before, name)));
	return name;
}

static const char *called(struct printer *p, uint32_t sku)
{
	const struct learn_sku *s = &p->t->sku[sku];

	return is_plain(s->label) ? palier_format(p->w->arena, "%s (%s)", s->label, s->name) : s->name;
}

static const char *price(struct printer *p, uint32_t sku)
{
	int64_t of = 1, v = p->t->sku[sku].price;

	for (unsigned i = 0; i < p->scale; i++)
		of *= 10;
	return p->scale ? palier_format(p->w->arena, "%lld.%0*lld", (long long)(v / of), (int)p->scale, (long long)(v % of))
	                : palier_format(p->w->arena, "%lld", (long long)v);
}

/* --- lines --- */

static void comment(struct printer *p, const char *indent, const char *text)
{
	fprintf(p->out, "%s# %s\n", indent, text);
}

static void section_begin(struct printer *p)
{
	if (!p->open)
		fputs("ladder {\n", p->out);
	p->open = true;
}

/* What both a rung and a complement say of a product. */
static void product_print(struct printer *p, const char *indent, uint32_t sku)
{
	const struct learn_sku *s = &p->t->sku[sku];

	fprintf(p->out, "%s%sskus = {\"%s\"}\n", p->begin, indent, s->name);
	fprintf(p->out, "%s%sprice = \"%s\"\n", p->begin, indent, price(p, sku));
	if (is_plain(s->label))
		fprintf(p->out, "%s%slabel { %s = \"%s\" }\n", p->begin, indent, p->w->language, s->label);
}

/* --- ladders --- */

static void upgrade_comment(struct printer *p, const struct learn_step *s)
{
	const struct words *w = p->w;

	comment(p, "\t",
		WORDS_FILL(w, "Next after %1 came %2: %3 of %4 times (95%: at least %5); %6, then %7.", called(p, s->a),
			called(p, s->b), words_number(w, s->both), words_number(w, s->of),
			words_rate(w, llround(s->low * 10000), 10000), price(p, s->a), price(p, s->b)));
}

static void rung_print(struct printer *p, const char *ladder, uint32_t sku)
{
	fprintf(p->out, "\t\trung \"%s\" {\n", name_take(p, palier_format(p->w->arena, "%s/", ladder), p->t->sku[sku].name));
	product_print(p, "\t\t\t", sku);
	fputs("\t\t}\n", p->out);
}

/* Steps that hang together are one ladder: the surest are taken first, and each product has one above it and one below at most.
 * @param next,before by product: the step's number plus 1 */
static void steps_choose(const struct printer *p, uint32_t *next, uint32_t *before)
{
	for (size_t i = 0; i < p->l->upgrade_count; i++) {
		const struct learn_step *s = &p->l->upgrades[i];

		if (next[s->a] || before[s->b])
			continue;
		next[s->a] = before[s->b] = (uint32_t)i + 1;
	}
}

static bool chain_is_plain(struct printer *p, const uint32_t *next, uint32_t first)
{
	const struct learn_tickets *t = p->t;
	bool plain = is_plain(t->sku[first].name) &&
	             is_plain(palier_cstr(p->w->arena, t->categories.at[t->sku[first].category - 1]));

	for (uint32_t sku = first; plain && next[sku]; sku = p->l->upgrades[next[sku] - 1].b)
		plain = is_plain(t->sku[p->l->upgrades[next[sku] - 1].b].name);
	p->unnameable += !plain;
	return plain;
}

static void ladder_print(struct printer *p, const uint32_t *next, uint32_t first)
{
	const char *category = palier_cstr(p->w->arena, p->t->categories.at[p->t->sku[first].category - 1]);
	const char *name;

	if (!chain_is_plain(p, next, first))
		return;
	section_begin(p);
	name = name_take(p, "", category);
	for (uint32_t sku = first; next[sku]; sku = p->l->upgrades[next[sku] - 1].b)
		upgrade_comment(p, &p->l->upgrades[next[sku] - 1]);
	fprintf(p->out, "\tladder \"%s\" {\n", name);
	rung_print(p, name, first);
	for (uint32_t sku = first; next[sku];) {
		sku = p->l->upgrades[next[sku] - 1].b;
		rung_print(p, name, sku);
	}
	fputs("\t}\n", p->out);
}

/* Prices rise from rung to rung, so that each ladder has a lowest one. */
static void ladders_print(struct printer *p)
{
	uint32_t *next = calloc(p->t->skus.count + 1, sizeof(*next)),
		 *before = calloc(p->t->skus.count + 1, sizeof(*before));

	if (!next || !before)
		abort();
	steps_choose(p, next, before);
	for (uint32_t sku = 0; sku < p->t->skus.count; sku++)
		if (next[sku] && !before[sku])
			ladder_print(p, next, sku);
	free(next);
	free(before);
}

/* --- complements --- */

static void attached_comment(struct printer *p, const struct learn_step *s)
{
	const struct words *w = p->w;
	/* Tenths: both / of against with_b / all. */
	int64_t tenths = palier_share((int64_t)s->both * s->all, 10, (int64_t)s->of * s->with_b);

	comment(p, "\t",
		WORDS_FILL(w, "With %1 goes %2: in %3 of %4 tickets, %5 times as often as by chance.", called(p, s->a),
			called(p, s->b), words_number(w, s->both), words_number(w, s->of),
			palier_format(w->arena, "%lld%c%lld", (long long)(tenths / 10),
				strcmp(w->language, "fr") == 0 ? ',' : '.', (long long)(tenths % 10))));
}

/* All that leads to the product. */
static void complement_print(struct printer *p, uint32_t b)
{
	const char *between = "";

	for (size_t i = 0; i < p->l->attached_count; i++)
		if (p->l->attached[i].b == b && is_plain(p->t->sku[p->l->attached[i].a].name))
			attached_comment(p, &p->l->attached[i]);
	fprintf(p->out, "%s\tcomplement \"%s\" {\n%s\t\twith { skus = {", p->begin,
		name_take(p, "complement/", p->t->sku[b].name), p->begin);
	for (size_t i = 0; i < p->l->attached_count; i++) {
		const struct learn_step *s = &p->l->attached[i];

		if (s->b != b || !is_plain(p->t->sku[s->a].name))
			continue;
		fprintf(p->out, "%s\"%s\"", between, p->t->sku[s->a].name);
		between = ", ";
	}
	fputs("} }\n", p->out);
	product_print(p, "\t\t", b);
	fprintf(p->out, "%s\t}\n", p->begin);
}

static void complements_print(struct printer *p)
{
	bool *leads = calloc(p->t->skus.count + 1, sizeof(*leads));

	if (!leads)
		abort();
	for (size_t i = 0; i < p->l->attached_count; i++) {
		const struct learn_step *s = &p->l->attached[i];
		bool plain = is_plain(p->t->sku[s->a].name) && is_plain(p->t->sku[s->b].name);

		leads[s->b] = leads[s->b] || plain;
		p->unnameable += !plain;
	}
	p->begin = p->l->guessed < p->l->popular ? "#" : "";
	for (uint32_t sku = 0; sku < p->t->skus.count; sku++) {
		if (!leads[sku])
			continue;
		section_begin(p);
		complement_print(p, sku);
	}
	p->begin = "";
	free(leads);
}

/* --- all of it --- */

static void guesses_print(struct printer *p)
{
	const struct learned *l = p->l;
	const struct words *w = p->w;

	if (l->hidden == 0) {
		comment(p, "",
			words_say(w,
				"No member who came twice took several products at once: whether what goes together guesses better than what sells most is not known."));
		return;
	}
	comment(p, "",
		WORDS_FILL(w,
			"Guessing a hidden product of members' last tickets, in three tries: %1 by what goes together, %2 by what sells most (n = %3).",
			words_rate(w, l->guessed, l->hidden), words_rate(w, l->popular, l->hidden),
			words_number(w, l->hidden)));
	comment(p, "",
		words_say(w,
			l->guessed < l->popular
				? "That is worse than what sells most: so what goes together is only noted here, behind #."
			: (l->guessed - l->popular) * 1000 < l->hidden * HARDLY
				? "That is hardly better: what sells most is nearly as good a guess."
				: "That is better, but a guess is no sale."));
}

void learn_print(const struct learn_tickets *t, const struct learned *l, const struct words *w, unsigned scale, FILE *out)
{
	struct printer p = { .t = t, .l = l, .w = w, .scale = scale, .out = out, .begin = "" };

	if (t->count > 0)
		comment(&p, "",
			WORDS_FILL(w, "Learned from %1 tickets of %2 members, from %3 to %4.",
				words_number(w, (int64_t)t->count), words_number(w, t->members), words_day(w, t->from),
				words_day(w, t->to)));
	if (l->upgrade_count + l->attached_count == 0) {
		comment(&p, "", words_say(w, "Nothing was bought often enough to propose a ladder."));
		return;
	}
	comment(&p, "", words_say(w, "Every 180 days, what is older counts half."));
	guesses_print(&p);
	comment(&p, "",
		words_say(w,
			"Nothing of it is suggested before it stands in the configuration: read it, change it, name the margins."));
	comment(&p, "", words_say(w, "Whether it sells more, the holdout will tell."));
	ladders_print(&p);
	complements_print(&p);
	if (p.open)
		fputs("}\n", out);
	if (p.unnameable)
		comment(&p, "",
			WORDS_FILL(w, "%1 more have names that the configuration cannot hold: they are left out.",
				words_number(w, p.unnameable)));
	names_deinit(&p.used);
}
