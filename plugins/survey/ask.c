/* SPDX-License-Identifier: Apache-2.0 */
/* The right moment: who is asked what, and when nobody is. Asked are members who agree that what they buy is looked at; at most once in a quiet
 * period; not while a complaint of theirs is open; not with a ticket on which something was given, or that has a QR code of another plugin; not offline, when they have left. */
#include "plugins/survey/internal.h"

#include <ctype.h>

#include "protocol/crypto.h"

#define ANSWER_DAYS  30
#define BUCKETS      10000
#define TOKEN_LEN    16 /* Crockford base32: 80 random bits, as those of a member's id are written */
#define TOKEN_PREFIX 2

/* --- tokens --- */

static void token_draw(struct palier_ctx *c, char *out)
{
	char text[PALIER_ID_TEXT + 1];
	struct palier_id random;

	palier_random(c, random.b, sizeof(random.b));
	palier_id_format(random, text);
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

/* --- who --- */

unsigned survey_bucket(struct palier_bytes ask, struct palier_bytes member)
{
	static const char salt[] = "survey-";
	struct palier_buffer text = { .at = NULL };
	struct palier_hash hash;
	uint64_t v = 0;

	palier_buffer_add(&text, salt, sizeof(salt) - 1);
	palier_buffer_add(&text, ask.at, ask.len);
	palier_buffer_add(&text, "", 1);
	palier_buffer_add(&text, member.at, member.len);
	crypto_sha256(palier_buffer_bytes(&text), &hash);
	palier_buffer_deinit(&text);
	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | hash.b[i];
	return (unsigned)(v % BUCKETS);
}

static bool sampled(const struct ask *a, struct palier_id member)
{
	char text[PALIER_ID_TEXT + 1];

	palier_id_format(member, text);
	return survey_bucket(a->name, palier_str(text)) < a->sample;
}

/* The first day on which it may be asked again. */
static uint32_t quiet_over(struct span quiet, uint32_t asked)
{
	return quiet.kind == SPAN_MONTHS ? day_add_months(asked, quiet.n) : day_add(asked, quiet.n);
}

/* What a member was asked, as far as it bears on another survey. */
struct past {
	uint32_t any, kinds[SURVEY_KINDS];
};

static int past_read(struct palier_ctx *c, struct palier_id member, struct past *out)
{
	struct palier_cursor *cur = asked_of(palier_tables(c), member);
	struct asked a;
	int err;

	*out = (struct past){ .any = 0 };
	while ((err = asked_next(cur, &a)) == PALIER_OK) {
		out->any = a.day > out->any ? a.day : out->any;
		out->kinds[a.kind] = a.day > out->kinds[a.kind] ? a.day : out->kinds[a.kind];
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* Of a member's complaints, which are answers that nobody has looked after yet, or a case that journey was told of: is one open, and when was
 * the last answer closed? */
struct complaints {
	bool open;
	uint32_t closed; /* 0: none was */
};

static int complaints_read(struct palier_ctx *c, struct palier_id member, struct complaints *out)
{
	struct palier_cursor *cur = cases_of(palier_tables(c), member);
	struct palier_bytes fact;
	struct task row;
	uint64_t seq;
	int err;

	*out = (struct complaints){ .open = palier_fact(c, member, "case", &fact) == PALIER_OK };
	while ((err = case_next(cur, &seq)) == PALIER_OK) {
		err = task_get(palier_tables(c), seq, &row);
		if (err != PALIER_OK)
			return err;
		out->open = out->open || row.state == SURVEY_OPEN;
		if (row.state == SURVEY_CLOSED && zone_day(row.closed) > out->closed)
			out->closed = zone_day(row.closed);
	}
	return err == PALIER_ENOENT ? PALIER_OK : err;
}

/* --- asking --- */

struct moment {
	struct palier_ctx *c;
	enum survey_after after;
	struct palier_id member;
	const struct palier_sale *sale; /* NULL: none */
	int64_t purchases;              /* with this one */
	struct past past;
	struct complaints complaints;
	uint32_t today;
	bool asked; /* by now */
};

/* @param before of this survey; its day 0: never */
static bool its_turn(const struct moment *m, const struct ask *a, const struct asked *before)
{
	if (a->after == AFTER_RECOVERY)
		return m->complaints.closed && m->today >= quiet_over(a->delay, m->complaints.closed) &&
		       before->day < m->complaints.closed;
	if (a->after != AFTER_PURCHASE)
		return true;
	if (a->every)
		return m->purchases / a->every > (before->day ? before->purchases : 0) / a->every;
	return before->day == 0 && m->purchases >= a->nth;
}

/* How it went since the shop made good what was wrong is asked for its own sake: once, and no quiet period waits for it. */
static bool quiet(const struct moment *m, const struct ask *a)
{
	const struct survey_config *cfg = palier_config(m->c);
	const uint32_t same = m->past.kinds[a->kind], any = m->past.any;

	return a->after != AFTER_RECOVERY &&
	       ((same && m->today < quiet_over(a->quiet, same)) || (any && m->today < quiet_over(cfg->quiet, any)));
}

static int ask_add(const struct moment *m, const struct ask *a, const struct asked *before)
{
	const struct survey_config *cfg = palier_config(m->c);
	char *text = palier_alloc(palier_arena(m->c), cfg->url.len + TOKEN_LEN + 1);
	struct survey_asked e = { .set = { 0, 0 } };
	int err;

	memcpy(text, cfg->url.at, cfg->url.len);
	token_draw(m->c, text + cfg->url.len);
	err = survey_token(m->c, palier_bytes_of(text + cfg->url.len, TOKEN_LEN), &e.token);
	if (err != PALIER_OK)
		return err;
	PALIER_MARK(&e, survey_asked, token);
	PALIER_SET(&e, survey_asked, member, m->member);
	PALIER_SET(&e, survey_asked, ask, a->name);
	PALIER_SET(&e, survey_asked, question, a->kind);
	PALIER_SET(&e, survey_asked, day, m->today);
	PALIER_SET(&e, survey_asked, purchases, palier_least(m->purchases, UINT32_MAX));
	PALIER_SET(&e, survey_asked, until, day_add(m->today, ANSWER_DAYS));
	if (before->day) {
		PALIER_SET(&e, survey_asked, before, before->day);
		PALIER_SET(&e, survey_asked, purchases_before, before->purchases);
	}
	err = palier_effect_add(m->c, "survey.asked", &e);
	return err == PALIER_OK ? palier_qr(m->c, "survey", palier_str(text)) : err;
}

/* @return PALIER_OK: asked; PALIER_ENOENT: not this one */
static int ask_try(const struct moment *m, const struct ask *a)
{
	struct asked before = { .day = 0 };
	int err;

	if ((enum survey_after)a->after != m->after || quiet(m, a) || !sampled(a, m->member))
		return PALIER_ENOENT;
	err = asked_get(palier_tables(m->c), m->member, a->name, &before);
	if (err != PALIER_OK && err != PALIER_ENOENT)
		return err;
	if (!its_turn(m, a, &before) || !palier_condition_holds(m->c, a->when, m->sale, &m->member, NULL))
		return PALIER_ENOENT;
	return ask_add(m, a, &before);
}

/* @return PALIER_OK; PALIER_ENOENT: nothing is to be asked of this member today */
static int may_ask(struct moment *m)
{
	const struct survey_config *cfg = palier_config(m->c);
	struct palier_person person;
	int err =
		cfg && cfg->ask_count > 0 && !palier_offline(m->c) ? palier_person(m->c, m->member, &person) : PALIER_ENOENT;

	if (err != PALIER_OK)
		return err;
	err = past_read(m->c, m->member, &m->past);
	if (err == PALIER_OK)
		err = complaints_read(m->c, m->member, &m->complaints);
	if (err != PALIER_OK)
		return err;
	m->today = palier_today(m->c);
	return person.profiling && !m->complaints.open ? PALIER_OK : PALIER_ENOENT;
}

/* The first that fits. */
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

static bool gave_something(const struct palier_sale *s)
{
	for (uint32_t i = 0; i < s->line_count; i++)
		if (s->lines[i].ours > 0)
			return true;
	return false;
}

/* One thing is enough to take along. */
static bool qr_given(struct palier_ctx *c)
{
	const struct palier_event *ev = palier_event_now(c);

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (strcmp(ev->effects[i].kind->name, "qr") == 0)
			return true;
	return false;
}

static int purchases_of(struct palier_ctx *c, struct palier_id member, int64_t *out)
{
	struct palier_facts facts;
	int err = palier_facts(c, member, &facts);

	if (err == PALIER_OK)
		*out = facts.purchases;
	return err;
}

int survey_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	static const enum survey_after afters[] = { AFTER_RECOVERY, AFTER_TIER, AFTER_PURCHASE }; /* the rarest first */
	struct moment m = { .c = c, .member = s->member, .sale = s };
	int err;

	if (s->quote || s->claimed || !s->has_member || s->number.len == 0 || gave_something(s) || qr_given(c))
		return PALIER_OK;
	err = purchases_of(c, s->member, &m.purchases);
	if (err != PALIER_OK)
		return err;
	m.purchases++; /* the sale in hand */
	for (size_t i = 0; i < sizeof(afters) / sizeof(*afters) && err == PALIER_OK && !m.asked; i++) {
		m.after = afters[i];
		if (m.after != AFTER_TIER || palier_fact_changed(c, s->member, "tier"))
			err = ask_one(&m);
	}
	return err;
}

int survey_on_return(struct palier_ctx *c, struct palier_return *r)
{
	struct moment m = { .c = c, .after = AFTER_RETURN, .member = r->member };
	int err;

	if (r->quote || !r->has_member)
		return PALIER_OK;
	err = purchases_of(c, r->member, &m.purchases);
	return err == PALIER_OK ? ask_one(&m) : err;
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
	const struct survey_config *cfg = palier_config(c);
	struct palier_bytes own;

	for (size_t i = 0; i < cfg->ask_count; i++) {
		const struct ask *a = &cfg->asks[i];

		if (!palier_equal(a->name, asked->ask) || !a->question)
			continue;
		own = palier_str(palier_label(c, a->question, &member));
		/* TRANSLATORS: the shop's own question */
		palier_prompt(c, "survey", N_("Ask, if the moment is right: %1"), &own, 1);
		return;
	}
	palier_prompt(c, "survey", question_of(asked->kind), NULL, 0);
}

int survey_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w)
{
	const uint32_t today = zone_day(palier_received(c));
	struct palier_cursor *cur;
	struct asked a;
	int err;

	(void)w;
	if (!palier_config(c))
		return PALIER_OK;
	cur = asked_of(palier_tables(c), member);
	while ((err = asked_next(cur, &a)) == PALIER_OK)
		if (a.open && today <= a.until)
			prompt(c, member, &a);
	return err == PALIER_ENOENT ? PALIER_OK : err;
}
