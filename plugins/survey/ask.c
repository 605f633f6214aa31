/* SPDX-License-Identifier: Apache-2.0 */
/* The right moment: who is asked what, and when nobody is. Asked are members who agree that what they buy is looked at; at most once in a quiet
 * period; not while a complaint of theirs is open; not with a ticket on which something was given or suggested. With the ticket nobody is asked
 * who has left, or who takes another plugin's QR code along; what goes out by message waits, a day or two. */
#include "plugins/survey/internal.h"

#include <ctype.h>

#define ANSWER_DAYS  30
#define TOKEN_PREFIX 2
#define WAIT_DAYS    1 /* from what a message is about until it can go out: within a day more it may, spread evenly, */
#define OPEN_MS      (2 * DAY_MS) /* and after two it is too late */
#define MINUTE_MS    INT64_C(60000)

/* --- tokens --- */

void survey_token_write(struct palier_id bits, char *out)
{
	char text[PALIER_ID_TEXT + 1];

	palier_id_format(bits, text);
	for (size_t i = 0; i < TOKEN_LEN; i++)
		out[i] = (char)toupper((unsigned char)text[TOKEN_PREFIX + i]);
}

int survey_token(struct palier_ctx *c, struct palier_bytes typed, struct palier_hash16 *out)
{
	char text[PALIER_ID_TEXT] = "m_";
	struct palier_id id;
	size_t begin = typed.len;

	while (begin > 0 && typed.at[begin - 1] != '/')
		begin--;
	if (typed.len - begin != TOKEN_LEN)
		return PALIER_ECODE_MALFORMED;
	for (size_t i = 0; i < TOKEN_LEN; i++)
		text[TOKEN_PREFIX + i] = (char)tolower((unsigned char)typed.at[begin + i]);
	if (palier_id_parse(palier_bytes_of(text, sizeof(text)), &id) != PALIER_OK)
		return PALIER_ECODE_MALFORMED;
	palier_hash(c, palier_bytes_of(text, sizeof(text)), out);
	return PALIER_OK;
}

/* --- asking --- */

struct moment {
	struct palier_ctx *c;
	enum survey_after after;
	struct palier_id member;
	const struct palier_sale *sale; /* NULL: none */
	int64_t purchases;              /* with this one */
	bool closing;                   /* a complaint is closed now */
	bool no_code;                   /* no QR code can go along */
	struct past past;
	uint32_t today;
	bool asked; /* by now */
};

const struct ask *survey_find(const struct survey_config *cfg, struct palier_bytes name)
{
	for (size_t i = 0; cfg && i < cfg->ask_count; i++)
		if (palier_equal(cfg->asks[i].name, name))
			return &cfg->asks[i];
	return NULL;
}

/* A message about a complaint is planned when it is closed; with a ticket it is asked at the first purchase once it is due. */
static bool recovery_turn(const struct moment *m, const struct ask *a, const struct asked *before)
{
	if (a->way != SURVEY_TICKET)
		return m->closing;
	return !m->closing && m->past.closed && m->today >= survey_behind(a->delay, m->past.closed) &&
	       before->day < m->past.closed;
}

/* @param before of this survey; its day 0: never */
static bool its_turn(const struct moment *m, const struct ask *a, const struct asked *before)
{
	if (a->after == AFTER_RECOVERY)
		return recovery_turn(m, a, before);
	if (a->after != AFTER_PURCHASE)
		return true;
	if (a->every)
		return m->purchases / a->every > (before->day ? before->purchases : 0) / a->every;
	return before->day == 0 && m->purchases >= a->nth;
}

/* @return PALIER_OK, also where it never was: its day is 0 then */
static int asked_before(struct palier_ctx *c, struct palier_id member, struct palier_bytes ask, struct asked *out)
{
	int err = asked_get(palier_tables(c), member, ask, out);

	if (err == PALIER_ENOENT)
		*out = (struct asked){ .day = 0 };
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

int survey_ask(struct palier_ctx *c, struct palier_id member, const struct ask *a, int64_t purchases, const char *token,
	uint32_t *out_until)
{
	struct survey_asked e = { .set = { 0, 0 } };
	const uint32_t today = palier_today(c);
	struct asked before;
	int err = asked_before(c, member, a->name, &before);

	if (err == PALIER_OK)
		err = survey_token(c, palier_bytes_of(token, TOKEN_LEN), &e.token);
	if (err != PALIER_OK)
		return err;
	PALIER_MARK(&e, survey_asked, token);
	PALIER_SET(&e, survey_asked, member, member);
	PALIER_SET(&e, survey_asked, ask, a->name);
	PALIER_SET(&e, survey_asked, question, a->kind);
	PALIER_SET(&e, survey_asked, day, today);
	PALIER_SET(&e, survey_asked, purchases, palier_least(purchases, UINT32_MAX));
	PALIER_SET(&e, survey_asked, until, day_add(today, ANSWER_DAYS));
	if (before.day) {
		PALIER_SET(&e, survey_asked, before, before.day);
		PALIER_SET(&e, survey_asked, purchases_before, before.purchases);
	}
	if (out_until)
		*out_until = e.until;
	return palier_effect_add(c, "survey.asked", &e);
}

static int ticket_ask(const struct moment *m, const struct ask *a)
{
	const struct survey_config *cfg = palier_config(m->c);
	char *text = palier_alloc(palier_arena(m->c), cfg->url.len + TOKEN_LEN + 1), *token = text + cfg->url.len;
	struct palier_id random;
	int err;

	memcpy(text, cfg->url.at, cfg->url.len);
	palier_random(m->c, random.b, sizeof(random.b));
	survey_token_write(random, token);
	token[TOKEN_LEN] = '\0';
	err = survey_ask(m->c, m->member, a, m->purchases, token, NULL);
	return err == PALIER_OK ? palier_qr(m->c, "survey", palier_str(text)) : err;
}

/* --- asking by message --- */

/* Of two that wait, the one about the rarer moment is asked: a complaint, a return, a tier, a purchase. */
static unsigned rank(const struct ask *a)
{
	static const unsigned ranks[] = { [AFTER_RECOVERY] = 0, [AFTER_RETURN] = 1, [AFTER_TIER] = 2, [AFTER_PURCHASE] = 3 };

	return ranks[a->after];
}

/* Does another question wait that goes before it? @return PALIER_OK: none */
static int place_free(const struct moment *m, const struct ask *a)
{
	struct plan plan;
	const struct ask *other;
	int err = plan_get(palier_tables(m->c), m->member, &plan);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	other = survey_find(palier_config(m->c), plan.ask);
	return other && plan.until > palier_received(m->c) && rank(other) <= rank(a) ? PALIER_ENOENT : PALIER_OK;
}

/* Spread over a day by the member's own minute, so that a busy Saturday is not asked all at once. */
static int plan_add(const struct moment *m, const struct ask *a)
{
	const int64_t wait = a->after != AFTER_RECOVERY
	                             ? WAIT_DAYS
	                             : day_number(survey_behind(a->delay, m->today)) - day_number(m->today);
	const int64_t earliest = palier_at(m->c) + wait * DAY_MS;
	struct survey_planned e = { .set = { 0, 0 } };
	struct palier_bytes address;
	char text[PALIER_ID_TEXT + 1];
	int err = place_free(m, a);

	if (err == PALIER_OK)
		err = palier_address(m->c, m->member, a->way == SURVEY_EMAIL ? PALIER_POST_EMAIL : PALIER_POST_SMS,
			&address);
	if (err != PALIER_OK || earliest + OPEN_MS <= palier_received(m->c))
		return err == PALIER_OK ? PALIER_ENOENT : err;
	palier_id_format(m->member, text);
	PALIER_SET(&e, survey_planned, member, m->member);
	PALIER_SET(&e, survey_planned, ask, a->name);
	PALIER_SET(&e, survey_planned, question, a->kind);
	PALIER_SET(&e, survey_planned, way, a->way);
	PALIER_SET(&e, survey_planned, from, earliest + survey_minute(a->name, palier_str(text)) * MINUTE_MS);
	PALIER_SET(&e, survey_planned, until, earliest + OPEN_MS);
	PALIER_SET(&e, survey_planned, purchases, palier_least(m->purchases, UINT32_MAX));
	return palier_effect_add(m->c, "survey.planned", &e);
}

/* --- the first that fits --- */

/* @return PALIER_OK: asked, or planned; PALIER_ENOENT: not this one */
static int ask_try(const struct moment *m, const struct ask *a)
{
	const struct survey_config *cfg = palier_config(m->c);
	struct asked before;
	int err;

	if ((enum survey_after)a->after != m->after || (a->way == SURVEY_TICKET && m->no_code) ||
		survey_quiet(cfg, a, &m->past, m->today) || !survey_sampled(cfg, a, m->member))
		return PALIER_ENOENT;
	err = asked_before(m->c, m->member, a->name, &before);
	if (err != PALIER_OK)
		return err;
	if (!its_turn(m, a, &before) || !palier_condition_holds(m->c, a->when, m->sale, &m->member, NULL))
		return PALIER_ENOENT;
	return a->way == SURVEY_TICKET ? ticket_ask(m, a) : plan_add(m, a);
}

/* @return PALIER_OK; PALIER_ENOENT: nothing is to be asked of this member today */
static int may_ask(struct moment *m)
{
	const struct survey_config *cfg = palier_config(m->c);
	struct palier_person person;
	int err = cfg && cfg->ask_count > 0 ? palier_person(m->c, m->member, &person) : PALIER_ENOENT;

	if (err == PALIER_OK)
		err = survey_past(m->c, m->member, &m->past);
	if (err != PALIER_OK)
		return err;
	m->today = palier_today(m->c);
	m->no_code = m->no_code || palier_offline(m->c);
	return person.profiling && !m->past.complains ? PALIER_OK : PALIER_ENOENT;
}

static int ask_one(struct moment *m)
{
	const struct survey_config *cfg = palier_config(m->c);
	int err = may_ask(m);

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	err = PALIER_ENOENT;
	for (size_t i = 0; i < cfg->ask_count && err == PALIER_ENOENT; i++)
		err = ask_try(m, &cfg->asks[i]);
	m->asked = err == PALIER_OK;
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

static bool booked(struct palier_ctx *c, const char *kind)
{
	const struct palier_event *ev = palier_event_now(c);

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (strcmp(ev->effects[i].kind->name, kind) == 0)
			return true;
	return false;
}

/* An offer or a reward took something off, or something was suggested. */
static bool gave_something(struct palier_ctx *c, const struct palier_sale *s)
{
	for (uint32_t i = 0; i < s->line_count; i++)
		if (s->lines[i].ours > 0)
			return true;
	return booked(c, "ladder.shown");
}

static int purchases_of(struct palier_ctx *c, struct palier_id member, int64_t *out)
{
	struct palier_facts facts;
	int err = palier_facts(c, member, &facts);

	if (err == PALIER_OK)
		*out = facts.purchases;
	return err;
}

static bool is_ticket(const struct palier_event *ev)
{
	return ev->method && strcmp(ev->method->name, "sale.commit") == 0;
}

/* What comes back on a ticket is asked about when the ticket is priced, and it is known what else is on it. */
static bool exchanges(const struct palier_event *ev)
{
	return is_ticket(ev) && ev->params && ((const struct sale_commit *)ev->params)->returns.count > 0;
}

static bool happened(const struct moment *m, const struct palier_sale *s)
{
	switch (m->after) {
	case AFTER_RETURN:
		return exchanges(palier_event_now(m->c));
	case AFTER_TIER:
		return palier_fact_changed(m->c, m->member, "tier");
	case AFTER_PURCHASE:
	case AFTER_RECOVERY:
		break;
	}
	return s->line_count > 0; /* a ticket with returns alone is no purchase */
}

int survey_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	static const enum survey_after afters[] = { AFTER_RECOVERY, AFTER_RETURN, AFTER_TIER,
		AFTER_PURCHASE }; /* the rarest first */
	struct moment m = { .c = c, .member = s->member };
	int err;

	if (s->quote || s->claimed || !s->has_member || s->number.len == 0 || gave_something(c, s))
		return PALIER_OK;
	m.no_code = booked(c, "qr"); /* one thing is enough to take along */
	err = purchases_of(c, s->member, &m.purchases);
	if (err != PALIER_OK)
		return err;
	m.purchases += s->line_count > 0; /* the sale in hand */
	for (size_t i = 0; i < sizeof(afters) / sizeof(*afters) && err == PALIER_OK && !m.asked; i++) {
		m.after = afters[i];
		m.sale = m.after == AFTER_RETURN ? NULL : s; /* what comes back is no basket */
		if (happened(&m, s))
			err = ask_one(&m);
	}
	return err;
}

int survey_on_return(struct palier_ctx *c, struct palier_return *r)
{
	struct moment m = { .c = c, .after = AFTER_RETURN, .member = r->member };
	int err;

	if (r->quote || !r->has_member || is_ticket(palier_event_now(c)))
		return PALIER_OK;
	err = purchases_of(c, r->member, &m.purchases);
	return err == PALIER_OK ? ask_one(&m) : err;
}

int survey_on_closed(struct palier_ctx *c, struct palier_id member)
{
	struct moment m = { .c = c, .after = AFTER_RECOVERY, .member = member, .closing = true };
	int err = purchases_of(c, member, &m.purchases);

	return err == PALIER_OK ? ask_one(&m) : err;
}

/* Who does not agree any more to be looked at is sent nothing, and what is known by that is forgotten. */
static int consent_gone(struct palier_ctx *c, struct palier_id member)
{
	struct survey_unplanned e = { .set = { 0, 0 } };
	struct palier_person person;
	struct palier_bytes score;
	struct plan plan;
	int err = palier_person(c, member, &person);

	if (err != PALIER_OK || person.profiling)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	if (palier_fact(c, member, "nps", &score) == PALIER_OK)
		err = palier_fact_publish(c, member, "nps", PALIER_LIT(""));
	if (err == PALIER_OK)
		err = plan_get(palier_tables(c), member, &plan);
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	PALIER_SET(&e, survey_unplanned, member, member);
	return palier_effect_add(c, "survey.unplanned", &e);
}

/* Of whom the profile has changed, and of whom two have become: it may be that they do not agree. */
static int consents_follow(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);
	int err = booked(c, "member.profile") ? consent_gone(c, ev->member) : PALIER_OK;

	for (uint32_t i = 0; i < ev->effect_count && err == PALIER_OK; i++) {
		const struct survey_merged *merged = palier_body(&ev->effects[i], "survey.merged");

		if (merged)
			err = consent_gone(c, merged->into);
	}
	return err;
}

/* A case that was told of closes with its fact. */
int survey_on_decided(struct palier_ctx *c)
{
	struct palier_bytes name, fact;
	struct palier_id member;
	int err = consents_follow(c);

	for (uint32_t i = 0; err == PALIER_OK && palier_fact_told(c, i, &member, &name); i++)
		if (palier_is(name, "case") && palier_fact(c, member, "case", &fact) == PALIER_ENOENT)
			err = survey_on_closed(c, member);
	return err;
}

/* --- in the member view --- */

static const char *question_of(int kind)
{
	switch ((enum survey_kind)kind) {
	case SURVEY_NPS:
		return N_("Ask, if the moment is right: how likely are you to recommend us to a friend, from 0 to 10?");
	case SURVEY_CSAT:
		return N_("Ask, if the moment is right: how satisfied were you with us, from 1 to 5?");
	case SURVEY_EMOTION:
	case SURVEY_KINDS:
		break;
	}
	return N_("Ask, if the moment is right: how did it feel, from -2 to 2?");
}

static void prompt(struct palier_ctx *c, struct palier_id member, const struct asked *asked)
{
	const struct ask *a = survey_find(palier_config(c), asked->ask);
	struct palier_bytes own;

	if (!a || !a->question) {
		palier_prompt(c, "survey", question_of(asked->kind), NULL, 0);
		return;
	}
	own = palier_str(palier_label(c, a->question, &member));
	/* TRANSLATORS: the shop's own question */
	palier_prompt(c, "survey", N_("Ask, if the moment is right: %1"), &own, 1);
}

int survey_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const uint32_t today = zone_day(palier_received(c));
	struct palier_person person;
	struct palier_cursor *cur;
	struct asked a;
	int err = palier_config(c) ? palier_person(c, member, &person) : PALIER_ENOENT;

	(void)w;
	if (err != PALIER_OK || !person.profiling)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	cur = asked_of(palier_tables(c), member);
	while ((err = asked_next(cur, &a)) == PALIER_OK)
		if (a.open && today <= a.until)
			prompt(c, member, &a);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
