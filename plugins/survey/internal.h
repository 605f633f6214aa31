/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of survey share: what is asked and when, what is kept of it, and what unhappy answers lead to.
 *
 * A survey is asked of one member (who.c) at a moment that the configuration names (ask.c): by a QR code with the ticket, whose token may answer
 * once, and by a prompt at the till, where the card answers; or, a day or two later, by a message of the shop's mailing tool (letters.c), until
 * when the question waits. An answer (answer.c) is counted by day; one from 0 to 6 to "would you recommend us"
 * opens a task for the shop (tasks.c). */
#pragma once

#include "plugins/survey.h"

/* --- the configuration (config.c) --- */

enum survey_after { AFTER_PURCHASE, AFTER_RETURN, AFTER_TIER, AFTER_RECOVERY };

struct ask {
	struct palier_bytes name;
	int kind, after, way;
	int64_t nth, every; /* of purchases: from that one on, once; or each so many; 0: not so */
	int64_t sample;     /* of 10,000 members */
	int64_t holdout;    /* of them, whom no survey asks */
	struct span quiet;  /* between two of its kind */
	struct span delay;  /* after a task was closed */
	const struct palier_condition *when;
	const struct palier_label *question; /* what the till's people ask; NULL: the kind's own */
};

struct survey_config {
	struct span quiet; /* between any two */
	struct palier_bytes url;
	const struct ask *asks;
	size_t ask_count;
};

extern cfg_opt_t survey_options[];
int survey_configure(struct palier_setup *s, cfg_t *section, const void **out);

/* --- effects (effects.c) --- */

extern const struct palier_effect_kind survey_effects[];

#define SURVEY_ASKED(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "which survey") \
	F(M, ENUM(survey_kind), question, "question", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of it") \
	F(M, HASH, token, "token", PALIER_REQUIRED, PALIER_ANY, "keyed hash of the token that may answer it") \
	F(M, DAY, before, "before", 0, PALIER_ANY, "when it was asked before") \
	F(M, INT, purchases_before, "purchases_before", 0, PALIER_RANGE(0, UINT32_MAX), "and after how many purchases")

#define PALIER_FIELDS_survey_asked(F, M) \
	SURVEY_ASKED(F, M) \
	F(M, INT, purchases, "purchases", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), "after how many purchases") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be answered")
PALIER_MESSAGE(survey_asked);

#define PALIER_FIELDS_survey_unasked(F, M) SURVEY_ASKED(F, M)
PALIER_MESSAGE(survey_unasked);

#define PALIER_FIELDS_survey_planned(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "which survey waits to be sent") \
	F(M, ENUM(survey_kind), question, "question", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, ENUM(survey_way), way, "way", PALIER_REQUIRED, PALIER_ANY, "by e-mail or text message") \
	F(M, TIME, from, "from", PALIER_REQUIRED, PALIER_ANY, "from then on") \
	F(M, TIME, until, "until", PALIER_REQUIRED, PALIER_ANY, "and no longer from then on") \
	F(M, INT, purchases, "purchases", PALIER_REQUIRED, PALIER_RANGE(0, UINT32_MAX), "after how many purchases")
PALIER_MESSAGE(survey_planned);

#define PALIER_FIELDS_survey_unplanned(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "to whom nothing is to be sent any more")
PALIER_MESSAGE(survey_unplanned);

#define PALIER_FIELDS_survey_opened(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who looks at it") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "at which survey") \
	F(M, ENUM(survey_kind), question, "question", PALIER_REQUIRED, PALIER_ANY, "what it asks") \
	F(M, DAY, until, "until", PALIER_REQUIRED, PALIER_ANY, "the last day on which it can be answered") \
	F(M, BOOL, again, "again", 0, PALIER_ANY, "not for the first time")
PALIER_MESSAGE(survey_opened);

#define PALIER_FIELDS_survey_lapsed(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, STRING, ask, "ask", PALIER_REQUIRED, PALIER_RANGE(1, 32), "the survey that can be answered no longer") \
	F(M, BOOL, opened, "opened", 0, PALIER_ANY, "it was looked at, and never sent in")
PALIER_MESSAGE(survey_lapsed);

#define PALIER_FIELDS_survey_answered(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "who") \
	F(M, ENUM(survey_kind), question, "question", PALIER_REQUIRED, PALIER_ANY, "which question") \
	F(M, INT, score, "score", PALIER_REQUIRED, PALIER_RANGE(-2, 10), "the answer") \
	F(M, DAY, day, "day", PALIER_REQUIRED, PALIER_ANY, "store date of it") \
	F(M, STRING, ask, "ask", 0, PALIER_RANGE(1, 32), "the survey; absent: nobody had asked") \
	F(M, DAY, due, "due", 0, PALIER_ANY, "it opens a task, to be done by then")
PALIER_MESSAGE(survey_answered);

#define PALIER_FIELDS_survey_resolved(F, M) \
	F(M, INT, task, "task", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event that opened the task") \
	F(M, STRING, cause, "cause", 0, PALIER_RANGE(1, 32), "what had gone wrong") \
	F(M, INT, cost, "cost", 0, PALIER_RANGE(0, PALIER_FIGURE_MAX), "what making it good has cost")
PALIER_MESSAGE(survey_resolved);

#define PALIER_FIELDS_survey_assigned(F, M) \
	F(M, INT, task, "task", PALIER_REQUIRED, PALIER_RANGE(1, PALIER_FIGURE_MAX), "the event that opened the task") \
	F(M, STRING, owner, "owner", PALIER_REQUIRED, PALIER_RANGE(1, 32), "who sees to it")
PALIER_MESSAGE(survey_assigned);

#define PALIER_FIELDS_survey_merged(F, M) \
	F(M, MEMBER, from, "from", PALIER_REQUIRED, PALIER_ANY, "what is kept of this member") \
	F(M, MEMBER, into, "into", PALIER_REQUIRED, PALIER_ANY, "is this member's from now on")
PALIER_MESSAGE(survey_merged);

#define PALIER_FIELDS_survey_forgotten(F, M) \
	F(M, MEMBER, member, "member", PALIER_REQUIRED, PALIER_ANY, "of whom nothing is kept, and whose tasks are closed")
PALIER_MESSAGE(survey_forgotten);

/* --- rows (rows.c) --- */

extern const struct palier_table survey_tables[];
enum survey_table { T_ASKED, T_TOKEN, T_TASK, T_CASE, T_LAST, T_DAY, T_PLAN, T_REACH };

/** That a member was asked, the last time. */
struct asked {
	struct palier_bytes ask;
	int kind, way;
	bool open;   /* not answered yet */
	bool opened; /* the customer has looked at it */
	uint32_t day, purchases;
	uint32_t until; /* the last day of the token; 0: it is gone */
	struct palier_hash16 token;
};
struct palier_cursor *asked_of(const struct palier_tables *t, struct palier_id member);
int asked_next(struct palier_cursor *cur, struct asked *out);
/** @return PALIER_OK; PALIER_ENOENT */
int asked_get(const struct palier_tables *t, struct palier_id member, struct palier_bytes ask, struct asked *out);
int asked_put(struct palier_tables *t, struct palier_id member, const struct asked *a);
int asked_drop(struct palier_tables *t, struct palier_id member, struct palier_bytes ask);

struct token {
	struct palier_id member;
	uint32_t until;
	bool spent;
	struct palier_bytes ask;
};
/** @return PALIER_OK; PALIER_ENOENT */
int token_get(const struct palier_tables *t, const struct palier_hash16 *hash, struct token *out);
int token_put(struct palier_tables *t, const struct palier_hash16 *hash, const struct token *row);
int token_drop(struct palier_tables *t, const struct palier_hash16 *hash);

struct task {
	int state;
	struct palier_id member;
	int64_t at, closed;
	uint8_t score;
	uint32_t due;
	int64_t cost;
	struct palier_bytes owner, cause;     /* empty: nobody's, not told */
	struct palier_bytes comment, outcome; /* sealed */
};
/** @return PALIER_OK; PALIER_ENOENT */
int task_get(const struct palier_tables *t, uint64_t seq, struct task *out);
int task_put(struct palier_tables *t, uint64_t seq, const struct task *row);
struct palier_cursor *tasks_after(const struct palier_tables *t, uint64_t seq);
int task_next(struct palier_cursor *cur, uint64_t *out_seq, struct task *out);

/** The tasks about a member. */
struct palier_cursor *cases_of(const struct palier_tables *t, struct palier_id member);
int case_next(struct palier_cursor *cur, uint64_t *out_seq);
int case_put(struct palier_tables *t, struct palier_id member, uint64_t seq);
int case_drop(struct palier_tables *t, struct palier_id member, uint64_t seq);

/** The day of a member's last answer of a kind; 0: none. */
int last_get(const struct palier_tables *t, struct palier_id member, int kind, uint32_t *out);
/** @param day 0: none */
int last_put(struct palier_tables *t, struct palier_id member, int kind, uint32_t day);

/** What a day's answers came to. */
struct figures {
	int64_t asked, answered, sum, promoters, detractors;
};
int day_figures_add(struct palier_tables *t, uint32_t day, int kind, const struct figures *more);
int day_figures_between(const struct palier_tables *t, uint32_t from, uint32_t to, struct figures out[SURVEY_KINDS]);

/** What became of the questions that went out on a day. */
struct reach {
	int64_t sent, opened, answered;
};
int reach_add(struct palier_tables *t, uint32_t day, int kind, int way, const struct reach *more);
int reach_between(const struct palier_tables *t, uint32_t from, uint32_t to, struct reach out[SURVEY_KINDS][SURVEY_WAYS]);

/** A question that waits to be sent; of a member, one. */
struct plan {
	struct palier_id member;
	struct palier_bytes ask;
	int kind, way;
	int64_t from, until;
	uint32_t purchases;
	uint64_t seq; /* the event since which it waits */
};
/** @return PALIER_OK; PALIER_ENOENT */
int plan_get(const struct palier_tables *t, struct palier_id member, struct plan *out);
int plan_put(struct palier_tables *t, const struct plan *p);
int plan_drop(struct palier_tables *t, struct palier_id member);
/** All of them. */
struct palier_cursor *plans_all(const struct palier_tables *t);
int plan_next(struct palier_cursor *cur, struct plan *out);

int survey_check(const struct palier_tables *t, void (*say)(void *who, const char *finding), void *who);

/* --- who is asked (who.c) --- */

/** Of 10,000, the bucket in which a member is for a survey: SHA-256 of "survey-NAME", NUL, the member. */
unsigned survey_bucket(struct palier_bytes ask, struct palier_bytes member);
/** From the same hash, the minute of a day: so that what is sent is spread over it. */
unsigned survey_minute(struct palier_bytes ask, struct palier_bytes member);
/** Is the member among those whom it asks, and in no survey's holdout? */
bool survey_sampled(const struct survey_config *cfg, const struct ask *a, struct palier_id member);

/** What a member was asked, as far as it bears on another survey, and complained of. */
struct past {
	uint32_t any, kinds[SURVEY_KINDS]; /* the last days */
	bool complains;                    /* nobody has looked after it yet */
	uint32_t closed;                   /* when somebody last had, of an answer; 0: never */
};
int survey_past(struct palier_ctx *c, struct palier_id member, struct past *out);
bool survey_quiet(const struct survey_config *cfg, const struct ask *a, const struct past *past, uint32_t today);
/** The first day behind a span. */
uint32_t survey_behind(struct span span, uint32_t day);

/* --- asking (ask.c) --- */

#define TOKEN_LEN 16 /* Crockford base32: 80 bits, as those of a member's id are written */

/** The keyed hash under which a token is found. @param typed what was scanned or typed @return PALIER_OK; PALIER_ECODE_MALFORMED */
int survey_token(struct palier_ctx *c, struct palier_bytes typed, struct palier_hash16 *out);
/** The token of 80 bits. @param out of TOKEN_LEN bytes */
void survey_token_write(struct palier_id bits, char *out);
/** The survey of that name, or NULL: there is none any more. */
const struct ask *survey_find(const struct survey_config *cfg, struct palier_bytes name);
/** Book that a member is asked, by this token. @param purchases after how many @param out_until NULL, or the last day on which it can be answered */
int survey_ask(struct palier_ctx *c, struct palier_id member, const struct ask *a, int64_t purchases, const char *token,
	uint32_t *out_until);
/** A complaint of the member's is closed. */
int survey_on_closed(struct palier_ctx *c, struct palier_id member);
int survey_on_decided(struct palier_ctx *c);
int survey_on_sale(struct palier_ctx *c, const struct palier_sale *s);
int survey_on_return(struct palier_ctx *c, struct palier_return *r);
int survey_on_lookup(struct palier_ctx *c, struct palier_id member, struct palier_json *w);

/* --- messages, answers and tasks (letters.c, answer.c, tasks.c, report.c) --- */

extern const struct palier_service survey_services[];
int survey_answer_decide(struct palier_ctx *c, const void *params);
int survey_due_answer(struct palier_ctx *c, const void *params, struct palier_json *w);
int survey_send_decide(struct palier_ctx *c, const void *params);
int survey_send_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w);
int survey_open_decide(struct palier_ctx *c, const void *params);
int survey_open_reply(struct palier_ctx *c, const struct palier_event *ev, struct palier_json *w);
/** The open survey of a token, with its member. @return PALIER_OK; refused */
int survey_by_token(struct palier_ctx *c, struct palier_bytes typed, struct palier_id *out_member, struct asked *out);
int survey_recovery_answer(struct palier_ctx *c, const void *params, struct palier_json *w);
int survey_assign_decide(struct palier_ctx *c, const void *params);
int survey_resolve_decide(struct palier_ctx *c, const void *params);
int survey_report_answer(struct palier_ctx *c, const void *params, struct palier_json *w);

/** 1: a promoter, -1: a detractor, 0: neither. */
int survey_side(int kind, int64_t score);
/** Is it open behind its last day, or was it closed behind it? */
bool survey_late(const struct task *row, int64_t now_ms);
/** The second day from Monday to Friday after a day. */
uint32_t survey_due(uint32_t day);

/** A net promoter score in thousandths of a point, with its interval of 95 % by adjusted Wald: 3/4 promoter, 3/4 detractor and 3/2 passive
 * are added (Rocks, The American Statistician 2016). @param n > 0 */
struct nps {
	int64_t score, low, high;
};
void survey_nps(int64_t n, int64_t promoters, int64_t detractors, struct nps *out);
/** The score's standard error without that, in millionths of a share. */
int64_t survey_nps_error(int64_t n, int64_t promoters, int64_t detractors);

/* --- what ends (ends.c) --- */

int survey_on_void(struct palier_ctx *c, const struct palier_event *undone);
int survey_on_merge(struct palier_ctx *c, struct palier_id from, struct palier_id into);
int survey_on_erase(struct palier_ctx *c, struct palier_id member);
int survey_due_slice(struct palier_ctx *c, const struct palier_close *close, struct palier_id *from);
