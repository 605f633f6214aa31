/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/fold.h"

#include <stdio.h>
#include <stdlib.h>

#define PART ((size_t)256 << 10) /* of a table, before it is sent */

/* --- which effect is a row of which table --- */

enum shape {
	TEXT,
	FIGURE,
	SIGNED, /* a figure; of what is undone, negative */
	COUNT,  /* so: one where it is absent */
	TIMES,  /* 1, or -1 of what is undone */
	DAY,
	FLAG,
	KIND, /* the effect's */
	LAST, /* what stands under the last word of the kind: journey.stage's "stage" */
	AT,   /* of the event */
	TILL,
	OPERATOR,
	SENT,     /* by the till: a text of the event's params, */
	SENT_RAW, /* or a part of them as it is */
};

struct column {
	const char *name;
	enum shape shape;
	const char *field; /* where it is called otherwise in the effect; "step.tier" is within an object */
};

#define ROW(...) ((const struct column[]){ __VA_ARGS__, { NULL, TEXT, NULL } })
#define C(name, shape) \
	{ \
		name, shape, NULL \
	}
#define OF(name, shape, field) \
	{ \
		name, shape, field \
	}

enum table {
	EVENTS,
	SALES,
	SALE_LINES,
	DISCOUNTS,
	RETURNS,
	SALE_ENDS,
	MOVES,
	MOVED,
	GIVEN,
	GRANTED,
	MEMBERS,
	TIERS,
	REFERRALS,
	RECOMMENDATIONS,
	LADDER_SHOWN,
	LADDER_VISITS,
	EXPERIMENTS,
	SURVEYS,
	TOUCHES,
	UNDONE,
	STAGES,
	BENEFITS,
	AMBASSADORS,
	ALERTS,
	SETTLING,
	APPLIED,
	TABLES,
};
_Static_assert(TABLES <= FOLD_TABLES, "room for every table");

static const struct {
	const char *name;
	const char *who;              /* the field that names the member */
	const struct column *columns; /* of a row made of an effect, behind those that all have */
	const char *copied;           /* of the others, all columns */
} tables[TABLES] = {
	[EVENTS] = { "events", NULL, NULL, "member, store, seq, day, at, till, operator, method" },
	[SALE_LINES] = { "sale_lines", NULL, NULL, "member, store, seq, n, day, sku, category, kind, quantity, amount" },
	[MOVES] = { "moves", NULL, NULL,
		"member, store, seq, n, part, day, unit, cause, points, lot_seq, lot_at, expires, sale, source" },
	[MOVED] = { "moved", NULL, NULL, "member, unit, cohort, points, class" },
	[SALES] = { "sales", "member",
		ROW(C("at", AT), C("till", TILL), C("operator", OPERATOR), C("sale", TEXT), C("date", DAY),
			C("total", FIGURE), C("payable", FIGURE), C("due", FIGURE), C("base", FIGURE),
			C("returned", FIGURE)),
		NULL },
	[DISCOUNTS] = { "discounts", "member", ROW(C("source", TEXT), C("amount", FIGURE), C("redeemed", FLAG)), NULL },
	[RETURNS] = { "returns", "member",
		ROW(C("what", KIND), C("sale", TEXT), OF("comeback", TEXT, "return"), C("date", DAY), C("amount", SIGNED),
			C("base", SIGNED)),
		NULL },
	[SALE_ENDS] = { "sale_ends", "member", ROW(C("what", KIND), C("sale", TEXT), C("date", DAY), C("spend", FIGURE)),
		NULL },
	[GIVEN] = { "given", "member", ROW(C("unit", TEXT), C("points", FIGURE), C("expires", TEXT), OF("home", TEXT, "to")),
		NULL },
	[GRANTED] = { "granted", "member", ROW(C("unit", TEXT), C("points", FIGURE), C("source", TEXT)), NULL },
	[MEMBERS] = { "members", "member",
		ROW(C("at", AT), C("what", KIND), C("since", DAY), C("provisional", FLAG), C("frozen", FLAG),
			OF("into_member", TEXT, "into")),
		NULL },
	[TIERS] = { "tiers", "member",
		ROW(C("at", AT), OF("tier", TEXT, "step.tier"), OF("height", FIGURE, "step.from"),
			OF("until", DAY, "step.until"), OF("notice", DAY, "step.notice")),
		NULL },
	[REFERRALS] = { "referrals", "friend",
		ROW(C("what", KIND), C("referral", FIGURE), C("sponsor", TEXT), C("cause", TEXT), C("phase", TEXT),
			C("flagged", FLAG), C("capped", FLAG), OF("friend_paid", FLAG, "friend_gift.paid"),
			OF("sponsor_paid", FLAG, "sponsor_gift.paid")),
		NULL },
	[RECOMMENDATIONS] = { "recommendations", "asked",
		ROW(OF("sort", TEXT, "of"), C("step", TEXT), OF("date", DAY, "day"), C("source", TEXT), C("times", TIMES)),
		NULL },
	[LADDER_SHOWN] = { "ladder_shown", "member",
		ROW(C("decision", TEXT), C("rung", TEXT), C("outcome", TEXT), OF("date", DAY, "day"), C("times", TIMES),
			C("revenue", SIGNED), C("margin", SIGNED)),
		NULL },
	[LADDER_VISITS] = { "ladder_visits", "member",
		ROW(C("epoch", FIGURE), C("held", FLAG), C("spend", FIGURE), C("climbed", FIGURE), C("margin", FIGURE),
			C("known", FIGURE), C("estimated", FIGURE), C("visits", FIGURE)),
		NULL },
	[EXPERIMENTS] = { "experiments", "member",
		ROW(C("epoch", FIGURE), C("share", FIGURE), C("start", DAY), C("until", DAY)), NULL },
	[SURVEYS] = { "surveys", "member",
		ROW(C("what", KIND), C("ask", TEXT), C("question", TEXT), C("score", FIGURE), OF("date", DAY, "day"),
			C("times", TIMES)),
		NULL },
	[TOUCHES] = { "touches", "member",
		ROW(C("at", AT), C("touchpoint", TEXT), C("channel", TEXT), C("device", TEXT), C("emotion", FIGURE)), NULL },
	[UNDONE] = { "undone", "member", ROW(C("event", FIGURE)), NULL },
	[STAGES] = { "stages", "member", ROW(C("at", AT), C("what", KIND), OF("before", TEXT, "from"), C("now", LAST)),
		NULL },
	[BENEFITS] = { "benefits", "member",
		ROW(C("what", KIND), C("offer", TEXT), C("reward", TEXT), C("times", COUNT), C("amount", SIGNED)), NULL },
	[AMBASSADORS] = { "ambassadors", "member", ROW(C("what", KIND), C("since", DAY), C("until", DAY)), NULL },
	[ALERTS] = { "alerts", "member",
		ROW(C("at", AT), C("till", TILL), C("operator", OPERATOR), C("what", TEXT), C("unit", TEXT), C("sale", TEXT),
			C("figure", FIGURE)),
		NULL },
	[SETTLING] = { "settling", "member",
		ROW(OF("origin", SENT, "store"), C("sale", TEXT), OF("comeback", TEXT, "return"), C("lines", SENT_RAW)),
		NULL },
	[APPLIED] = { "applied", "member", ROW(C("at", AT), OF("directive", FIGURE, "number"), C("sha256", TEXT)), NULL },
};

/* In the order of their kinds. What undoes another has the sign -1. The effects that are not listed are kept in the batches alone. */
static const struct kept {
	const char *kind;
	enum table table;
	int sign;
} effects[] = {
	{ "alert.raised", ALERTS, 1 },
	{ "ambassador.left", AMBASSADORS, 1 },
	{ "ambassador.noticed", AMBASSADORS, 1 },
	{ "ambassador.risen", AMBASSADORS, 1 },
	{ "directive.applied", APPLIED, 1 },
	{ "journey.persona", STAGES, 1 },
	{ "journey.segment", STAGES, 1 },
	{ "journey.stage", STAGES, 1 },
	{ "journey.touch", TOUCHES, 1 },
	{ "journey.undone", UNDONE, 1 },
	{ "ladder.experiment", EXPERIMENTS, 1 },
	{ "ladder.shown", LADDER_SHOWN, 1 },
	{ "ladder.undone", LADDER_SHOWN, -1 },
	{ "ladder.visited", LADDER_VISITS, 1 },
	{ "member.completed", MEMBERS, 1 },
	{ "member.enrolled", MEMBERS, 1 },
	{ "member.erased", MEMBERS, 1 },
	{ "member.frozen", MEMBERS, 1 },
	{ "member.merged", MEMBERS, 1 },
	{ "offer.freed", BENEFITS, -1 },
	{ "offer.granted", BENEFITS, 1 },
	{ "offer.used", BENEFITS, 1 },
	{ "points.given", GIVEN, 1 },
	{ "points.granted", GRANTED, 1 },
	{ "points.move", MOVES, 1 },
	{ "recommendation.counted", RECOMMENDATIONS, 1 },
	{ "recommendation.uncounted", RECOMMENDATIONS, -1 },
	{ "referral.dropped", REFERRALS, 1 },
	{ "referral.step", REFERRALS, 1 },
	{ "return.settling", SETTLING, 1 },
	{ "return.voided", RETURNS, -1 },
	{ "reward.freed", BENEFITS, -1 },
	{ "reward.used", BENEFITS, 1 },
	{ "sale.booked", SALES, 1 },
	{ "sale.claimed", SALE_ENDS, 1 },
	{ "sale.discount", DISCOUNTS, 1 },
	{ "sale.returned", RETURNS, 1 },
	{ "sale.voided", SALE_ENDS, 1 },
	{ "survey.answered", SURVEYS, 1 },
	{ "survey.asked", SURVEYS, 1 },
	{ "survey.unasked", SURVEYS, -1 },
	{ "tiers.standing", TIERS, 1 },
};

/* --- a row, as COPY's text form has it: cells between tabs, \N for null --- */

static void cell_null(struct palier_buffer *out)
{
	palier_buffer_add(out, "\\N\t", 3);
}

/* A NUL, which PostgreSQL's texts cannot hold, is left out. */
static void cell_text(struct palier_buffer *out, struct palier_bytes text)
{
	if (!text.at) {
		cell_null(out);
		return;
	}
	palier_buffer_reserve(out, 2 * text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i], named = c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\\' ? '\\' : '\0';

		if (named)
			out->at[out->len++] = '\\';
		if (c)
			out->at[out->len++] = named ? named : c;
	}
	out->at[out->len++] = '\t';
}

static void cell_int(struct palier_buffer *out, int64_t v)
{
	char text[24];

	palier_buffer_add(out, text, (size_t)snprintf(text, sizeof(text), "%lld\t", (long long)v));
}

static void row_end(struct palier_buffer *out)
{
	out->at[out->len - 1] = '\n'; /* instead of the last cell's tab */
}

/* What every row begins with. */
static struct palier_buffer *row_begin(struct fold *f, enum table table, const char *member)
{
	struct palier_buffer *out = &f->rows[table];

	cell_text(out, palier_str(member));
	cell_text(out, f->store);
	cell_int(out, (int64_t)f->e->seq);
	return out;
}

/* --- a row of an effect --- */

/* @param field "step.tier" is within the object "step" @return a token; 0: there is none */
static uint32_t token_of(const struct fold *f, const char *field)
{
	const char *dot = strchr(field, '.');
	uint32_t object = f->effect;
	char outer[32];

	if (dot) {
		snprintf(outer, sizeof(outer), "%.*s", (int)(dot - field), field);
		object = json_member(f->e->doc, object, outer);
		if (!object || f->e->doc->tokens[object].type != JSON_OBJECT)
			return 0;
		field = dot + 1;
	}
	return json_member(f->e->doc, object, field);
}

static struct palier_bytes text_at(const struct fold *f, uint32_t token)
{
	return token && f->e->doc->tokens[token].type == JSON_STRING ? json_string(f->e->doc, token, f->e->arena)
	                                                             : (struct palier_bytes){ NULL, 0 };
}

static void cell_figure(const struct fold *f, struct palier_buffer *out, uint32_t token, int sign)
{
	int64_t v;

	if (token && json_integer(f->e->doc, token, &v))
		cell_int(out, sign * v);
	else
		cell_null(out);
}

static void cell_flag(const struct fold *f, struct palier_buffer *out, uint32_t token)
{
	cell_text(out, token && f->e->doc->tokens[token].type == JSON_TRUE ? PALIER_LIT("t") : PALIER_LIT("f"));
}

static uint32_t sent_token(const struct fold *f, const struct column *c)
{
	return f->e->params ? json_member(f->e->doc, f->e->params, c->field ? c->field : c->name) : 0;
}

static void cell_of(struct fold *f, struct palier_buffer *out, const struct column *c, const char *kind)
{
	uint32_t token = token_of(f, c->shape == LAST ? strchr(kind, '.') + 1 : c->field ? c->field : c->name);

	switch (c->shape) {
	case TEXT:
	case DAY: /* PostgreSQL reads it as we write it */
	case LAST:
		cell_text(out, text_at(f, token));
		break;
	case FIGURE:
		cell_figure(f, out, token, 1);
		break;
	case SIGNED:
		cell_figure(f, out, token, f->sign);
		break;
	case COUNT:
		cell_int(out, f->sign * (token ? booked_int(f->e, f->effect, c->name) : 1));
		break;
	case TIMES:
		cell_int(out, f->sign);
		break;
	case FLAG:
		cell_flag(f, out, token);
		break;
	case KIND:
		cell_text(out, palier_str(kind));
		break;
	case AT:
		cell_text(out, palier_str(f->at));
		break;
	case TILL:
		cell_text(out, f->e->till);
		break;
	case OPERATOR:
		cell_text(out, f->e->operator);
		break;
	case SENT:
		cell_text(out, text_at(f, sent_token(f, c)));
		break;
	case SENT_RAW:
		token = sent_token(f, c);
		cell_text(out, token ? json_text(f->e->doc, token) : (struct palier_bytes){ NULL, 0 });
		break;
	}
}

/* Whom the effect is about, as it says or as the event does. */
static const char *member_of(struct fold *f, const char *who)
{
	struct palier_bytes member = booked_text(f->e, f->effect, who);

	return member.len ? palier_cstr(f->e->arena, member) : f->member;
}

static void effect_row(struct fold *f, enum table table, const char *kind)
{
	struct palier_buffer *out = row_begin(f, table, member_of(f, tables[table].who));

	cell_int(out, f->n);
	cell_text(out, palier_str(f->day));
	for (const struct column *c = tables[table].columns; c->name; c++)
		cell_of(f, out, c, kind);
	row_end(out);
}

/* --- points: a row for each lot that a move touches --- */

struct part {
	const char *member;
	struct palier_bytes unit, cause;
	struct palier_bytes lot_at, expires; /* empty: none */
	int64_t lot_seq, points;             /* 0: no lot */
	int number;
};

/* What becomes of a lot's cohort. */
static const char *class_of(const struct part *p)
{
	static const char *const credits[] = { "earn", "load", "grant", "refund", "adjust" };
	static const char *const uses[] = { "spend", "pay", "restore" };

	if (p->lot_seq == 0)
		return "debt";
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (palier_is(p->cause, uses[i]))
			return "redeemed";
	for (size_t i = 0; i < sizeof(credits) / sizeof(*credits); i++)
		if (p->points > 0 && palier_is(p->cause, credits[i]))
			return "issued";
	return palier_is(p->cause, "expire") ? "expired" : "withdrawn";
}

static void moved_row(struct fold *f, const struct part *p)
{
	struct palier_buffer *out = &f->rows[MOVED];
	struct palier_bytes from = p->lot_seq ? p->lot_at : palier_str(f->day);
	char cohort[11];

	snprintf(cohort, sizeof(cohort), "%.7s-01", from.len >= 7 ? from.at : f->day);
	cell_text(out, palier_str(p->member));
	cell_text(out, p->unit);
	cell_text(out, palier_str(cohort));
	cell_int(out, p->points);
	cell_text(out, palier_str(class_of(p)));
	row_end(out);
}

static void part_row(struct fold *f, const struct part *p)
{
	struct palier_buffer *out = row_begin(f, MOVES, p->member);
	struct palier_bytes source = text_at(f, token_of(f, "rule"));

	cell_int(out, f->n);
	cell_int(out, p->number);
	cell_text(out, palier_str(f->day));
	cell_text(out, p->unit);
	cell_text(out, p->cause);
	cell_int(out, p->points);
	if (p->lot_seq)
		cell_int(out, p->lot_seq);
	else
		cell_null(out);
	cell_text(out, p->lot_at);
	cell_text(out, p->expires);
	cell_text(out, text_at(f, token_of(f, "sale")));
	cell_text(out, source.len ? source : text_at(f, token_of(f, "reward")));
	row_end(out);
	moved_row(f, p);
}

static void move_rows(struct fold *f)
{
	const struct booked *e = f->e;
	int64_t points = booked_int(e, f->effect, "points"), hole = booked_int(e, f->effect, "hole"), rest;
	struct part p = { .member = member_of(f, "member"),
		.unit = booked_text(e, f->effect, "unit"),
		.cause = booked_text(e, f->effect, "cause") };
	uint32_t lot = 0, left = 0;
	int sign = points < 0 ? -1 : 1;

	rest = sign * points - hole;
	for (; booked_each(e, f->effect, "lots", &lot, &left); p.number++) {
		p.lot_at = booked_text(e, lot, "at");
		p.expires = booked_text(e, lot, "expires");
		p.lot_seq = booked_int(e, lot, "seq");
		p.points = sign * booked_int(e, lot, "points");
		rest -= sign * p.points;
		part_row(f, &p);
	}
	p.lot_at = palier_str(f->at);
	p.expires = booked_text(e, f->effect, "expires");
	p.lot_seq = (int64_t)e->seq;
	p.points = sign * rest;
	if (rest != 0) {
		part_row(f, &p);
		p.number++;
	}
	p.lot_at = p.expires = (struct palier_bytes){ NULL, 0 };
	p.lot_seq = 0;
	p.points = sign * hole;
	if (hole != 0)
		part_row(f, &p);
}

/* --- a sale's lines, as the till sent them --- */

static void line_row(struct fold *f, uint32_t line, int number)
{
	struct palier_buffer *out = row_begin(f, SALE_LINES, f->member);
	uint32_t quantity = json_member(f->e->doc, line, "quantity");
	int64_t thousandths;

	cell_int(out, number);
	cell_text(out, palier_str(f->day));
	cell_text(out, booked_text(f->e, line, "sku"));
	cell_text(out, booked_text(f->e, line, "category"));
	cell_text(out, booked_text(f->e, line, "kind"));
	if (quantity && json_scaled(f->e->doc, quantity, 3, &thousandths))
		cell_int(out, thousandths);
	else
		cell_null(out);
	cell_int(out, booked_int(f->e, line, "amount"));
	row_end(out);
}

static void line_rows(struct fold *f)
{
	uint32_t line = 0, left = 0;

	for (int number = 0; f->e->params && booked_each(f->e, f->e->params, "lines", &line, &left); number++)
		line_row(f, line, number);
}

/* --- an event --- */

static void event_row(struct fold *f)
{
	struct palier_buffer *out = row_begin(f, EVENTS, f->member);

	cell_text(out, palier_str(f->day));
	cell_text(out, palier_str(f->at));
	cell_text(out, f->e->till);
	cell_text(out, f->e->operator);
	cell_text(out, f->e->method);
	row_end(out);
}

static int by_kind(const void *kind, const void *row)
{
	return strcmp(kind, ((const struct kept *)row)->kind);
}

static void effect_fold(struct fold *f)
{
	const char *kind = palier_cstr(f->e->arena, booked_text(f->e, f->effect, "kind"));
	const struct kept *kept = bsearch(kind, effects, sizeof(effects) / sizeof(*effects), sizeof(*effects), by_kind);

	if (!kept)
		return;
	f->sign = kept->sign;
	if (kept->table == MOVES)
		move_rows(f);
	else
		effect_row(f, kept->table, kept->kind);
	if (kept->table == SALES)
		line_rows(f);
}

static int table_send(struct fold *f, enum table table)
{
	struct palier_arena a = { .used = 0 };
	char columns[512] = "member, store, seq, n, day";
	size_t n = strlen(columns);
	int err;

	for (const struct column *c = tables[table].columns; c && c->name; c++)
		n += (size_t)snprintf(columns + n, sizeof(columns) - n, ", %s", c->name);
	err = db_copy(f->db,
		palier_format(&a, "COPY %s (%s) FROM STDIN", tables[table].name,
			tables[table].copied ? tables[table].copied : columns),
		palier_buffer_bytes(&f->rows[table]));
	f->rows[table].len = 0;
	palier_arena_deinit(&a);
	return err;
}

/* Tables in their order, so that loaders ask for them in the same. @param least bytes that are worth sending */
static int tables_send(struct fold *f, size_t least)
{
	int err = PALIER_OK;

	for (unsigned t = 0; t < TABLES && err == PALIER_OK; t++)
		if (f->rows[t].len >= least)
			err = table_send(f, t);
	return err;
}

int fold_event(struct fold *f, const struct booked *e)
{
	uint32_t at = 0;

	f->e = e;
	f->n = 0;
	time_format(e->at_ms, f->at);
	if (e->has_member)
		palier_id_format(e->member, f->member);
	else
		snprintf(f->member, sizeof(f->member), "-%.*s", PALIER_ARG(f->store));
	event_row(f);
	while ((f->effect = booked_effect(e, &at))) {
		effect_fold(f);
		f->n++;
	}
	return tables_send(f, PART);
}

/* --- a batch --- */

int fold_open(struct fold *f, struct db *db)
{
	*f = (struct fold){ .db = db };
	return db_run(db,
		"CREATE TEMP TABLE moved (member text COLLATE \"C\", unit text COLLATE \"C\", cohort date, points bigint, "
		"class text) ON COMMIT DELETE ROWS");
}

void fold_begin(struct fold *f, struct palier_bytes store, uint32_t business_day)
{
	f->store = store;
	day_format(business_day, f->day);
	for (unsigned t = 0; t < TABLES; t++)
		f->rows[t].len = 0;
}

/* In the order of the keys, so that two loaders of a store do not wait for each other crosswise. */
static const char balances_sum[] =
	"INSERT INTO balances AS b (member, unit, store, points) "
	"SELECT member, unit, $1, sum(points) FROM moved GROUP BY member, unit ORDER BY member, unit "
	"ON CONFLICT (member, unit, store) DO UPDATE SET points = b.points + excluded.points";

static const char months_sum[] =
	"INSERT INTO lot_months AS l (store, unit, cohort, month, issued, redeemed, expired, withdrawn, debt) "
	"SELECT $1, unit, cohort, date_trunc('month', $2::date)::date, "
	"coalesce(sum(points) FILTER (WHERE class = 'issued'), 0), coalesce(-sum(points) FILTER (WHERE class = 'redeemed'), 0), "
	"coalesce(-sum(points) FILTER (WHERE class = 'expired'), 0), coalesce(-sum(points) FILTER (WHERE class = 'withdrawn'), 0), "
	"coalesce(sum(points) FILTER (WHERE class = 'debt'), 0) "
	"FROM moved GROUP BY unit, cohort ORDER BY unit, cohort "
	"ON CONFLICT (store, unit, cohort, month) DO UPDATE SET issued = l.issued + excluded.issued, "
	"redeemed = l.redeemed + excluded.redeemed, expired = l.expired + excluded.expired, "
	"withdrawn = l.withdrawn + excluded.withdrawn, debt = l.debt + excluded.debt";

int fold_end(struct fold *f)
{
	struct palier_arena a = { .used = 0 };
	const char *store = palier_cstr(&a, f->store);
	int err = tables_send(f, 1);

	if (err == PALIER_OK)
		err = DB_ASK(f->db, balances_sum, store);
	if (err == PALIER_OK)
		err = DB_ASK(f->db, months_sum, store, f->day);
	palier_arena_deinit(&a);
	return err;
}

void fold_deinit(struct fold *f)
{
	for (unsigned t = 0; t < TABLES; t++)
		palier_buffer_deinit(&f->rows[t]);
}

int fold_sweep(struct fold *f, uint64_t first_seq, uint64_t last_seq)
{
	struct palier_arena a = { .used = 0 };
	const char *store = palier_cstr(&a, f->store);
	const char *first = palier_format(&a, "%llu", (unsigned long long)first_seq);
	const char *last = palier_format(&a, "%llu", (unsigned long long)last_seq);
	int err = PALIER_OK;

	for (unsigned t = 0; t < TABLES && err == PALIER_OK; t++)
		if (t != MOVED)
			err = DB_ASK(f->db,
				palier_format(&a, "DELETE FROM %s WHERE store = $1 AND seq BETWEEN $2 AND $3 AND day = $4",
					tables[t].name),
				store, first, last, f->day);
	palier_arena_deinit(&a);
	return err;
}
