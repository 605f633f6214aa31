/* SPDX-License-Identifier: Apache-2.0 */
/* Surveys: the moment at which somebody is asked, tokens that answer once, tasks, and the net promoter score with the vectors of its source. */
#include "tests/unit/plugins/kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/survey/internal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* With a sale of more than 50 euros a member rises to a tier. */
static int tier_on_sale(struct palier_ctx *c, const struct palier_sale *s)
{
	return s->has_member && s->total >= 5000 ? palier_fact_publish(c, s->member, "tier", PALIER_LIT("gold")) : PALIER_OK;
}

static const struct palier_plugin rising = { .abi = PALIER_PLUGIN_ABI, .name = "rising", .on_sale = tier_on_sale };

extern const struct palier_plugin palier_plugin_offers, palier_plugin_survey, palier_plugin_ambassador;
static const struct palier_plugin *const plugins[] = { &palier_plugin_offers, &rising, &palier_plugin_survey,
	&palier_plugin_ambassador, &kit_core, NULL };
enum { SURVEY = 2 }; /* of these */

#define THIRD  "survey { quiet = \"90 days\"  ask nps { after = purchase  nth = 3 } }"
#define ALWAYS "survey { quiet = \"0 days\"  ask nps { every = 1  quiet = \"0 days\" } }"

/* --- stories --- */

enum step_kind {
	END,
	CLOCK,
	OFFLINE,
	BUY,
	QUOTE,
	BACK,
	UNDO,
	ASKED,
	SCAN,
	ANSWER,
	TASKS,
	RESOLVE,
	RESOLVE_FIRST,
	ASSIGN,
	RECOVERY,
	FACT,
	OWED,
	CASE,
	PROMPT,
	REPORT,
	CLOSE,
	AGREE,
	WHO,
	MERGE,
	ERASE,
	DUE,
	SEND,
	OPEN,
	REACH,
	TELL,
	CONFIG
};

/* Of the member in question, at first number 1, who agrees to be profiled. */
struct step {
	enum step_kind kind;
	const char *text;
	int64_t a, b, c;
};

/* clang-format off */
#define AT(now)           { CLOCK, now, 0, 0, 0 }
#define IS_OFFLINE(yes)   { OFFLINE, NULL, yes, 0, 0 }
/* A sale of so many euros. */
#define BUYS(number, euros) { BUY, number, euros, 0, 0 }
#define QUOTES(euros)     { QUOTE, NULL, euros, 0, 0 }
#define RETURNS(sale)     { BACK, sale, 0, 0, 0 }
#define VOIDS(number)     { UNDO, number, 0, 0, 0 }
/* Does the last event ask something? */
#define ASKS(yes)         { ASKED, NULL, yes, 0, 0 }
/* The last token that was handed out answers; or the card does. What the answer is refused for, 0: it counts. */
#define BY_TOKEN(kind, score, err) { SCAN, NULL, kind, score, err }
#define BY_CARD(kind, score, err)  { ANSWER, NULL, kind, score, err }
/* "state score due[ late][ owner][ cause cost][ comment][ outcome]" by ", " */
#define HAS_TASKS(text)   { TASKS, text, 0, 0, 0 }
/* The task of the last answer. */
#define RESOLVES(err)     { RESOLVE, NULL, 0, 0, err }
/* The task of the answer before that. */
#define RESOLVES_FIRST()  { RESOLVE_FIRST, NULL, 0, 0, PALIER_OK }
/* What it was, and what it has cost. */
#define RESOLVES_AS(cause, cost)   { RESOLVE, cause, cost, 0, PALIER_OK }
#define ASSIGNS(owner, err)        { ASSIGN, owner, 0, 0, err }
/* Opened, closed, in time, cost; 90 days old: closed, of them bought, open, of them bought. */
#define RECOVERS(text)    { RECOVERY, text, 0, 0, 0 }
#define KNOWN(value)      { FACT, value, 0, 0, 0 }
/* Is it known to others that the shop has something to make good? "open", or "". */
#define IS_OWED(how)      { OWED, how, 0, 0, 0 }
/* A case of the member's, as journey tells of it: "open", or "". */
#define HAS_CASE(how)     { CASE, how, 0, 0, 0 }
#define PROMPTS(text)     { PROMPT, text, 0, 0, 0 }
/* Of nps: asked, answered, sum, promoters, detractors. */
#define COUNTS(text)      { REPORT, text, 0, 0, 0 }
#define CLOSES(closed, opened) { CLOSE, NULL, closed, opened, 0 }
#define AGREES(yes)       { AGREE, NULL, yes, 0, 0 }
#define MEMBER(n)         { WHO, NULL, n, 0, 0 }
#define MERGES_INTO(n)    { MERGE, NULL, n, 0, 0 }
#define IS_ERASED()       { ERASE, NULL, 0, 0, 0 }
/* Which survey is to be sent by e-mail now; "" for none. */
#define IS_DUE(ask)       { DUE, ask, 0, 0, 0 }
/* What sending it is refused for; its token is the last one then. */
#define SENDS(ask, err)   { SEND, ask, 0, 0, err }
/* The customer opens the last token. */
#define OPENS(err)        { OPEN, NULL, 0, 0, err }
/* Of the first question that was asked at all: "channel sent opened answered rate" by ", ". */
#define REACHES(text)     { REACH, text, 0, 0, 0 }
/* Something happens that the member's profile, or consent, is about. */
#define CONSENTS(email, profiling) { TELL, NULL, email, profiling, 0 }
/* clang-format on */

#define MAILED \
	"survey { url = \"HTTPS://EX.FR/S/\"  ask back { kind = csat  after = return  by = email }  " \
	"ask nps { by = email  nth = 2 } }"
#define ASK_NPS "Ask, if the moment is right: how likely are you to recommend us to a friend, from 0 to 10?"

/* It is Saturday, 21 November 2026. */
static const struct story {
	const char *name, *config;
	struct step steps[24];
} stories[] = {
	/* --- the moment --- */
	{ "the third purchase asks, those before and after do not", THIRD,
		{ BUYS("A", 1), ASKS(0), BUYS("B", 1), ASKS(0), PROMPTS(""), BUYS("C", 1), ASKS(1), PROMPTS(ASK_NPS),
			BUYS("D", 1), ASKS(0), COUNTS("1 0 0 0 0") } },
	{ "a quote asks nothing", ALWAYS, { QUOTES(1), ASKS(0), COUNTS("0 0 0 0 0") } },
	{ "without consent to profiling nobody is asked", ALWAYS, { AGREES(0), BUYS("A", 1), ASKS(0) } },
	{ "nobody is asked who has left with the goods", ALWAYS, { IS_OFFLINE(1), BUYS("A", 1), ASKS(0) } },
	{ "a ticket on which something was given asks nothing; the next one does",
		ALWAYS
		" offers { offer off { auto = true  kind = amount  value = \"1.00\"  when { spend-min = \"20.00\" } } }",
		{ BUYS("A", 20), ASKS(0), BUYS("B", 10), ASKS(1) } },
	{ "where the third could not ask, the fourth does",
		THIRD
		" offers { offer off { auto = true  kind = amount  value = \"1.00\"  when { spend-min = \"20.00\" } } }",
		{ BUYS("A", 1), BUYS("B", 1), BUYS("C", 20), ASKS(0), BUYS("D", 1), ASKS(1) } },
	{ "every second purchase asks, once the quiet is over", "survey { quiet = \"10 days\"  ask csat { every = 2 } }",
		{ BUYS("A", 1), BUYS("B", 1), ASKS(1), BUYS("C", 1), BUYS("D", 1), ASKS(0), AT("2026-11-30T12:00:00+01:00"),
			BUYS("E", 1), ASKS(0), AT("2026-12-01T12:00:00+01:00"), BUYS("F", 1), ASKS(1) } },
	{ "whether somebody would recommend us is asked after 180 days, not before", "survey { ask nps { every = 1 } }",
		{ BUYS("A", 1), ASKS(1), AT("2027-05-19T12:00:00+02:00"), BUYS("B", 1), ASKS(0),
			AT("2027-05-20T12:00:00+02:00"), BUYS("C", 1), ASKS(1) } },
	{ "the quiet period is that of all surveys",
		"survey { quiet = \"1 month\"  ask csat { nth = 1 }  ask emotion { nth = 2 } }",
		{ BUYS("A", 1), ASKS(1), BUYS("B", 1), ASKS(0), AT("2026-12-20T12:00:00+01:00"), BUYS("C", 1), ASKS(0),
			AT("2026-12-21T12:00:00+01:00"), BUYS("D", 1), ASKS(1) } },
	{ "which is 90 days, where the shop does not say", "survey { ask csat { every = 1 } }",
		{ BUYS("A", 1), ASKS(1), AT("2027-02-18T12:00:00+01:00"), BUYS("B", 1), ASKS(0),
			AT("2027-02-19T12:00:00+01:00"), BUYS("C", 1), ASKS(1) } },
	{ "with a ticket, too, the rarest moment is asked about: a complaint, a tier, a purchase",
		"survey { quiet = \"0 days\"  ask csat { every = 1  question { fr = \"Achat ?\" } }  "
		"ask up { kind = csat  after = tier  question { fr = \"Niveau ?\" } }  "
		"ask again { kind = csat  after = recovery  delay = \"1 day\"  question { fr = \"Plainte ?\" } } }",
		{ BUYS("A", 1), PROMPTS("Ask, if the moment is right: Achat ?"), BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK),
			BY_CARD(SURVEY_NPS, 2, PALIER_OK), RESOLVES(PALIER_OK), AT("2026-11-22T12:00:00+01:00"),
			BUYS("B", 60), PROMPTS("Ask, if the moment is right: Plainte ?"),
			BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK), MEMBER(2), BUYS("C", 60),
			PROMPTS("Ask, if the moment is right: Niveau ?") } },
	{ "a return asks", "survey { ask csat { after = return } }",
		{ BUYS("A", 10), ASKS(0), RETURNS("A"), ASKS(1),
			PROMPTS("Ask, if the moment is right: how satisfied were you with us, from 1 to 5?") } },
	{ "a tier asks when it is reached", "survey { ask csat { after = tier } }",
		{ BUYS("A", 10), ASKS(0), BUYS("B", 60), ASKS(1), AT("2027-11-21T12:00:00+01:00"), BUYS("C", 60),
			ASKS(0) } },
	{ "a condition may narrow it", "survey { ask csat { when { spend-min = \"10.00\" } } }",
		{ BUYS("A", 9), ASKS(0), BUYS("B", 10), ASKS(1) } },
	{ "the shop may ask in its own words", "survey { ask csat { question { fr = \"Alors ?\"  en = \"So?\" } } }",
		{ BUYS("A", 9), ASKS(1), PROMPTS("Ask, if the moment is right: Alors ?") } },

	/* --- answers --- */
	{ "a token answers once", ALWAYS,
		{ BUYS("A", 1), BY_TOKEN(SURVEY_NPS, 8, PALIER_OK), PROMPTS(""), COUNTS("1 1 8 0 0"), KNOWN("8"),
			BY_TOKEN(SURVEY_NPS, 8, PALIER_ECODE_SPENT), COUNTS("1 1 8 0 0") } },
	{ "nor does it on another day", ALWAYS,
		{ BUYS("A", 1), BY_TOKEN(SURVEY_NPS, 8, PALIER_OK), AT("2026-11-23T12:00:00+01:00"),
			BY_TOKEN(SURVEY_NPS, 8, PALIER_ECODE_SPENT), COUNTS("1 1 8 0 0") } },
	{ "and for the question that was asked alone", ALWAYS,
		{ BUYS("A", 1), BY_TOKEN(SURVEY_CSAT, 5, PALIER_EPARAMS), BY_TOKEN(SURVEY_NPS, 9, PALIER_OK) } },
	{ "and for 30 days", ALWAYS,
		{ BUYS("A", 1), AT("2026-12-21T12:00:00+01:00"), CLOSES(20261220, 20261221), PROMPTS(ASK_NPS),
			AT("2026-12-22T00:00:00+01:00"), PROMPTS(""), BY_TOKEN(SURVEY_NPS, 9, PALIER_ECODE_EXPIRED),
			CLOSES(20261222, 20261223), BY_TOKEN(SURVEY_NPS, 9, PALIER_ECODE_UNKNOWN) } },
	{ "the card answers what was asked, and spends the token", ALWAYS,
		{ BUYS("A", 1), BY_CARD(SURVEY_NPS, 10, PALIER_OK), COUNTS("1 1 10 1 0"), PROMPTS(""),
			BY_TOKEN(SURVEY_NPS, 8, PALIER_ECODE_SPENT) } },
	{ "and also what nobody had asked, once a day", THIRD,
		{ BY_CARD(SURVEY_NPS, 10, PALIER_OK), BY_CARD(SURVEY_NPS, 9, PALIER_ECODE_SPENT),
			BY_CARD(SURVEY_CSAT, 4, PALIER_OK), COUNTS("0 1 10 1 0"), AT("2026-11-22T12:00:00+01:00"),
			BY_CARD(SURVEY_NPS, 9, PALIER_OK), COUNTS("0 2 19 2 0") } },
	{ "scores stay within their scale", THIRD,
		{ BY_CARD(SURVEY_NPS, -1, PALIER_EPARAMS), BY_CARD(SURVEY_CSAT, 6, PALIER_EPARAMS),
			BY_CARD(SURVEY_CSAT, 0, PALIER_EPARAMS), BY_CARD(SURVEY_EMOTION, 3, PALIER_EPARAMS),
			BY_CARD(SURVEY_EMOTION, -2, PALIER_OK), BY_CARD(SURVEY_NPS, 0, PALIER_OK) } },
	{ "without its section nothing is taken", "", { BY_CARD(SURVEY_NPS, 10, PALIER_EPARAMS) } },
	{ "without consent the answer counts, and is no fact", THIRD,
		{ AGREES(0), BY_CARD(SURVEY_NPS, 3, PALIER_OK), KNOWN(""), COUNTS("0 1 3 0 1"),
			HAS_TASKS("open 3 2026-11-24 words") } },

	{ "who takes consent back takes what is known by it along", THIRD,
		{ BY_CARD(SURVEY_NPS, 9, PALIER_OK), KNOWN("9"), CONSENTS(1, 1), KNOWN("9"), CONSENTS(1, 0), KNOWN(""),
			CONSENTS(1, 1), KNOWN("") } },
	{ "and is asked no more at the till; the ticket's token still answers", ALWAYS,
		{ BUYS("A", 1), PROMPTS(ASK_NPS), CONSENTS(1, 0), PROMPTS(""), BY_TOKEN(SURVEY_NPS, 8, PALIER_OK),
			KNOWN("") } },
	{ "who becomes one with somebody who does not agree takes it along, too", THIRD,
		{ MEMBER(2), CONSENTS(1, 0), MEMBER(1), BY_CARD(SURVEY_NPS, 9, PALIER_OK), MERGES_INTO(2), MEMBER(2),
			KNOWN("") } },
	{ "and what was to be sent", MAILED,
		{ MEMBER(2), CONSENTS(1, 0), MEMBER(1), BUYS("A", 1), BUYS("B", 1), MERGES_INTO(2), MEMBER(2),
			CONSENTS(1, 1), AT("2026-11-23T12:00:00+01:00"), IS_DUE("") } },

	/* --- tasks --- */
	{ "a 6 opens a task, a 7 does not", THIRD,
		{ BY_CARD(SURVEY_NPS, 7, PALIER_OK), HAS_TASKS(""), AT("2026-11-23T12:00:00+01:00"),
			BY_CARD(SURVEY_NPS, 6, PALIER_OK), HAS_TASKS("open 6 2026-11-25 words") } },
	{ "a low satisfaction opens none", THIRD, { BY_CARD(SURVEY_CSAT, 1, PALIER_OK), HAS_TASKS("") } },
	{ "it is due on the second working day, and late behind it", THIRD,
		{ AT("2026-11-26T12:00:00+01:00"), BY_CARD(SURVEY_NPS, 0, PALIER_OK), AT("2026-11-30T23:00:00+01:00"),
			HAS_TASKS("open 0 2026-11-30 words"), AT("2026-12-01T09:00:00+01:00"),
			HAS_TASKS("open 0 2026-11-30 late words"), RESOLVES(PALIER_OK),
			HAS_TASKS("closed 0 2026-11-30 late words done"), RESOLVES(PALIER_EPARAMS) } },
	{ "in time it is not late", THIRD,
		{ AT("2026-11-26T12:00:00+01:00"), BY_CARD(SURVEY_NPS, 0, PALIER_OK), RESOLVES(PALIER_OK),
			AT("2026-12-24T09:00:00+01:00"), HAS_TASKS("closed 0 2026-11-30 words done") } },
	{ "with a complaint open nothing is asked", ALWAYS,
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), BUYS("A", 1), ASKS(0), RESOLVES(PALIER_OK), BUYS("B", 1), ASKS(1) } },
	{ "others know of it, until the last one is closed", ALWAYS,
		{ BY_CARD(SURVEY_NPS, 7, PALIER_OK), IS_OWED(""), AT("2026-11-22T12:00:00+01:00"),
			BY_CARD(SURVEY_NPS, 2, PALIER_OK), IS_OWED("open"), MEMBER(2), BY_CARD(SURVEY_NPS, 1, PALIER_OK),
			MERGES_INTO(1), MEMBER(1), RESOLVES(PALIER_OK), IS_OWED("open"), RESOLVES_FIRST(), IS_OWED("") } },
	{ "nor with a case open that was recorded", ALWAYS,
		{ HAS_CASE("open"), BUYS("A", 1), ASKS(0), HAS_CASE(""), BUYS("B", 1), ASKS(1) } },

	{ "somebody sees to it, and it is told what had gone wrong", THIRD,
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), ASSIGNS("07", PALIER_OK), HAS_TASKS("open 2 2026-11-24 07 words"),
			ASSIGNS("08", PALIER_OK), RESOLVES_AS("queue", 500),
			HAS_TASKS("closed 2 2026-11-24 08 queue 500 words done"), ASSIGNS("09", PALIER_EPARAMS) } },
	{ "30 days after it was made good, it is asked how that went, once, whatever is quiet",
		"survey { ask nps { nth = 9 }  ask again { kind = csat  after = recovery } }",
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), RESOLVES(PALIER_OK), BUYS("A", 1), ASKS(0),
			AT("2026-12-20T12:00:00+01:00"), BUYS("B", 1), ASKS(0), AT("2026-12-21T12:00:00+01:00"),
			BUYS("C", 1), ASKS(1), BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK), BUYS("D", 1), ASKS(0),
			AT("2027-01-21T12:00:00+01:00"), BUYS("E", 1), ASKS(0) } },
	{ "and again after the next one", "survey { ask again { kind = csat  after = recovery  delay = \"2 days\" } }",
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), RESOLVES(PALIER_OK), AT("2026-11-23T12:00:00+01:00"), BUYS("A", 1),
			ASKS(1), AT("2026-11-24T12:00:00+01:00"), BY_CARD(SURVEY_NPS, 1, PALIER_OK), RESOLVES(PALIER_OK),
			AT("2026-11-26T12:00:00+01:00"), BUYS("B", 1), ASKS(1) } },
	{ "what was done for the unhappy is counted, and who came back", THIRD,
		{ RECOVERS("0 0 0 0 0 0 0 0"), BY_CARD(SURVEY_NPS, 2, PALIER_OK), RECOVERS("1 0 0 0 0 0 0 0"),
			RESOLVES_AS("queue", 500), RECOVERS("1 1 1 500 0 0 0 0"), MEMBER(2),
			BY_CARD(SURVEY_NPS, 3, PALIER_OK), MEMBER(1), BUYS("A", 1), AT("2027-02-19T12:00:00+01:00"),
			RECOVERS("2 1 1 500 0 0 0 0"), AT("2027-02-20T12:00:00+01:00"), RECOVERS("2 1 1 500 1 1 1 0") } },

	/* --- by message --- */
	{ "a message waits a day and the member's own minutes, goes out once, and answers once", MAILED,
		{ BUYS("A", 1), IS_DUE(""), BUYS("B", 1), ASKS(0), IS_DUE(""), AT("2026-11-22T12:00:00+01:00"), IS_DUE(""),
			SENDS("nps", PALIER_EPARAMS), AT("2026-11-23T12:00:00+01:00"), IS_DUE("nps"),
			SENDS("back", PALIER_EPARAMS), SENDS("nps", PALIER_OK), IS_DUE(""), SENDS("nps", PALIER_EPARAMS),
			COUNTS("1 0 0 0 0"), OPENS(PALIER_OK), OPENS(PALIER_OK), BY_TOKEN(SURVEY_NPS, 9, PALIER_OK),
			OPENS(PALIER_ECODE_SPENT), COUNTS("1 1 9 1 0"), REACHES("email 1 1 1 10000"), BUYS("C", 1),
			AT("2026-11-25T13:00:00+01:00"), IS_DUE("") } },
	{ "after three days it is too late", MAILED,
		{ BUYS("A", 1), BUYS("B", 1), AT("2026-11-24T11:59:59+01:00"), IS_DUE("nps"),
			AT("2026-11-24T12:00:00+01:00"), IS_DUE(""), SENDS("nps", PALIER_EPARAMS),
			CLOSES(20261125, 20261126), BUYS("C", 1), AT("2026-11-26T11:59:59+01:00"), IS_DUE("nps") } },
	{ "what was sold offline is asked about all the same, by when it happened", MAILED,
		{ BUYS("A", 1), IS_OFFLINE(1), BUYS("B", 1), ASKS(0), IS_OFFLINE(0), AT("2026-11-23T12:00:00+01:00"),
			IS_DUE("nps") } },
	{ "a receipt that carries an offer is nothing to write about; the next one is",
		MAILED
		" offers { offer off { auto = true  kind = amount  value = \"1.00\"  when { spend-min = \"20.00\" } } }",
		{ BUYS("A", 1), BUYS("B", 20), AT("2026-11-23T12:00:00+01:00"), IS_DUE(""), BUYS("C", 1),
			AT("2026-11-25T12:00:00+01:00"), IS_DUE("nps") } },
	{ "a return goes before a purchase, also behind it", MAILED,
		{ BUYS("A", 10), BUYS("B", 1), RETURNS("A"), AT("2026-11-23T12:00:00+01:00"), IS_DUE("back"),
			SENDS("nps", PALIER_EPARAMS), SENDS("back", PALIER_OK), BY_TOKEN(SURVEY_CSAT, 4, PALIER_OK) } },
	{ "and not the other way round", MAILED,
		{ BUYS("A", 10), RETURNS("A"), BUYS("B", 1), AT("2026-11-23T12:00:00+01:00"), IS_DUE("back") } },
	{ "without consent to e-mail, or without profiling, nothing goes", MAILED,
		{ CONSENTS(0, 1), BUYS("A", 1), BUYS("B", 1), CONSENTS(1, 1), AT("2026-11-23T12:00:00+01:00"), IS_DUE(""),
			BUYS("C", 1), AT("2026-11-25T12:00:00+01:00"), IS_DUE("nps"), CONSENTS(0, 1), IS_DUE(""),
			SENDS("nps", PALIER_EPARAMS), CONSENTS(1, 0), IS_DUE(""), CONSENTS(1, 1), IS_DUE("") } },
	{ "a complaint holds it back, and its end lets it go", MAILED,
		{ BUYS("A", 1), BUYS("B", 1), HAS_CASE("open"), AT("2026-11-23T12:00:00+01:00"), IS_DUE(""),
			SENDS("nps", PALIER_EPARAMS), HAS_CASE(""), IS_DUE("nps") } },
	{ "so does what was asked meanwhile",
		"survey { quiet = \"10 days\"  ask nps { by = email  nth = 2 }  ask csat { after = return } }",
		{ BUYS("A", 10), BUYS("B", 1), RETURNS("A"), ASKS(1), AT("2026-11-23T12:00:00+01:00"), IS_DUE(""),
			SENDS("nps", PALIER_EPARAMS) } },
	{ "how it went is asked when the complaint is closed, a day later or when the shop says",
		"survey { ask again { kind = csat  after = recovery  by = email  delay = \"1 day\" } }",
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), IS_DUE(""), RESOLVES(PALIER_OK), AT("2026-11-23T12:00:00+01:00"),
			IS_DUE("again"), SENDS("again", PALIER_OK), BUYS("A", 1), AT("2026-11-25T12:00:00+01:00"),
			IS_DUE("") } },
	{ "also of a case that was told of", "survey { ask again { kind = csat  after = recovery  by = email } }",
		{ HAS_CASE("open"), BUYS("A", 1), HAS_CASE(""), AT("2026-12-21T11:59:59+01:00"), IS_DUE(""),
			AT("2026-12-22T12:00:00+01:00"), IS_DUE("again"), AT("2026-12-23T12:00:00+01:00"), IS_DUE("") } },
	{ "a void takes it back, until it is sent", MAILED,
		{ BUYS("A", 1), BUYS("B", 1), VOIDS("B"), AT("2026-11-23T12:00:00+01:00"), IS_DUE(""), BUYS("C", 1),
			AT("2026-11-25T12:00:00+01:00"), SENDS("nps", PALIER_OK), VOIDS("C"),
			BY_TOKEN(SURVEY_NPS, 9, PALIER_OK) } },
	{ "two become one: it is sent to whom they are", MAILED,
		{ BUYS("A", 1), BUYS("B", 1), MERGES_INTO(2), MEMBER(2), CONSENTS(1, 1), AT("2026-11-23T12:00:00+01:00"),
			IS_DUE("nps"), SENDS("nps", PALIER_OK), BY_TOKEN(SURVEY_NPS, 9, PALIER_OK) } },
	{ "who is erased is not written to", MAILED,
		{ BUYS("A", 1), BUYS("B", 1), IS_ERASED(), AT("2026-11-23T12:00:00+01:00"), IS_DUE("") } },
	{ "nobody of another survey's holdout is asked",
		"survey { ask nps { nth = 1 }  ask csat { nth = 9  holdout = \"99.99\" } }", { BUYS("A", 1), ASKS(0) } },
	{ "of the tickets it is told, too, how many were opened", ALWAYS,
		{ BUYS("A", 1), REACHES("ticket 1 0 0 0"), OPENS(PALIER_OK), REACHES("ticket 1 1 0 0"), VOIDS("A"),
			REACHES("") } },
	{ "and those that lapse remain", ALWAYS,
		{ BUYS("A", 1), OPENS(PALIER_OK), CLOSES(20270101, 20270102), REACHES("ticket 1 1 0 0") } },

	/* --- undone, merged, erased --- */
	{ "a void takes the question back", THIRD,
		{ BUYS("A", 1), BUYS("B", 1), BUYS("C", 1), VOIDS("C"), PROMPTS(""), COUNTS("0 0 0 0 0"),
			BY_TOKEN(SURVEY_NPS, 9, PALIER_ECODE_UNKNOWN), BUYS("D", 1), ASKS(1) } },
	{ "and brings back when it was asked before", "survey { quiet = \"1 day\"  ask csat { every = 1 } }",
		{ BUYS("A", 1), ASKS(1), AT("2026-11-22T12:00:00+01:00"), BUYS("B", 1), ASKS(1), VOIDS("B"), BUYS("C", 1),
			ASKS(1), COUNTS("0 0 0 0 0") } },
	{ "what is answered stays", ALWAYS,
		{ BUYS("A", 1), BY_TOKEN(SURVEY_NPS, 9, PALIER_OK), VOIDS("A"), COUNTS("1 1 9 1 0") } },
	{ "two members become one: the token answers for both, and the quiet is that of both",
		"survey { ask csat { every = 1 } }",
		{ BUYS("A", 1), ASKS(1), MERGES_INTO(2), MEMBER(2), BUYS("B", 1), ASKS(0),
			PROMPTS("Ask, if the moment is right: how satisfied were you with us, from 1 to 5?"),
			BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK), PROMPTS("") } },
	{ "asked twice the later token stays", "survey { ask csat { every = 1 } }",
		{ MEMBER(2), BUYS("A", 1), ASKS(1), MEMBER(1), AT("2026-11-22T12:00:00+01:00"), BUYS("B", 1), ASKS(1),
			MERGES_INTO(2), MEMBER(2), BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK) } },
	{ "and where it is the other's, too", "survey { ask csat { every = 1 } }",
		{ BUYS("A", 1), ASKS(1), MEMBER(2), AT("2026-11-22T12:00:00+01:00"), BUYS("B", 1), ASKS(1), MEMBER(1),
			MERGES_INTO(2), MEMBER(2), BY_TOKEN(SURVEY_CSAT, 5, PALIER_OK) } },
	{ "their tasks are together", ALWAYS,
		{ BY_CARD(SURVEY_NPS, 2, PALIER_OK), MERGES_INTO(2), MEMBER(2), BUYS("A", 1), ASKS(0), RESOLVES(PALIER_OK),
			BUYS("B", 1), ASKS(1) } },
	{ "who is erased has said nothing; that there was a task stays", ALWAYS,
		{ BUYS("A", 1), BY_CARD(SURVEY_NPS, 2, PALIER_OK), IS_ERASED(), HAS_TASKS("closed 2 2026-11-24"),
			RESOLVES(PALIER_EPARAMS), COUNTS("1 1 2 0 1") } },
};

/* --- telling them --- */

struct telling {
	struct palier_ctx *c;
	struct palier_id who;
	unsigned n;
	struct step step;
	char token[64];
	uint64_t task, first; /* the events of the last answer and the one before */
};

static void buy(struct telling *t)
{
	const struct kit_line line = { .amount = t->step.a * 100 };
	struct palier_facts *facts = &kit_person(t->c, t->n)->facts;

	assert_int_equal(kit_sale(t->c, &t->who, t->step.text, &line, 1), PALIER_OK);
	facts->purchases += t->step.text != NULL;
	if (*kit_qrs(t->c)) {
		assert_memory_equal(kit_qrs(t->c), "survey ", 7);
		snprintf(t->token, sizeof(t->token), "%s", kit_qrs(t->c) + 7);
	}
}

static void answer(struct telling *t)
{
	const struct step *s = &t->step;
	struct survey_answer p = { .set = { 0, 0 } };

	PALIER_SET(&p, survey_answer, kind, (int)s->a);
	PALIER_SET(&p, survey_answer, score, s->b);
	PALIER_SET(&p, survey_answer, comment, PALIER_LIT("0.words"));
	if (s->kind == SCAN)
		PALIER_SET(&p, survey_answer, token, palier_str(t->token));
	else
		PALIER_SET(&p, survey_answer, member, t->who);
	assert_int_equal(kit_command(t->c, &method_survey_answer, &p), s->c);
	if (s->c == PALIER_OK) {
		t->first = t->task;
		t->task = kit_event(t->c)->seq;
	}
}

static void resolve(struct telling *t, uint64_t task)
{
	struct survey_resolve p = { .set = { 0, 0 } };
	char id[24];

	snprintf(id, sizeof(id), "%llu", (unsigned long long)task);
	PALIER_SET(&p, survey_resolve, task, palier_str(id));
	PALIER_SET(&p, survey_resolve, outcome, PALIER_LIT("0.done"));
	if (t->step.text) {
		PALIER_SET(&p, survey_resolve, cause, palier_str(t->step.text));
		PALIER_SET(&p, survey_resolve, cost, t->step.a);
	}
	assert_int_equal(kit_command(t->c, &method_survey_resolve, &p), t->step.c);
}

static void assign(struct telling *t)
{
	struct survey_assign p = { .set = { 0, 0 } };
	char id[24];

	snprintf(id, sizeof(id), "%llu", (unsigned long long)t->task);
	PALIER_SET(&p, survey_assign, task, palier_str(id));
	PALIER_SET(&p, survey_assign, owner, palier_str(t->step.text));
	assert_int_equal(kit_command(t->c, &method_survey_assign, &p), t->step.c);
}

/* The text or figure behind "key":, up to `end`; into static memory. */
static const char *value_of(const char *at, const char *end, const char *key)
{
	static char text[16][128];
	static unsigned turn;
	char *out = text[turn++ % 16], pattern[40];

	snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	out[0] = '\0';
	at = strstr(at, pattern);
	if (!at || at >= end)
		return out;
	at += strlen(pattern);
	at += *at == '"';
	snprintf(out, sizeof(text[0]), "%.*s", (int)strcspn(at, at[-1] == '"' ? "\"" : ",}"), at);
	return out;
}

static void tasks(struct telling *t)
{
	struct survey_recovery p = { .set = { 0, 0 } };
	const char *at = kit_answer(t->c, &method_survey_recovery, &p), *end;
	char text[256] = "";

	for (at = strstr(at, "{\"task\":\""); at; at = strstr(end, "{\"task\":\"")) {
		size_t n = strlen(text);

		end = strchr(at, '}');
		snprintf(text + n, sizeof(text) - n, "%s%s %s %s%s%s%s%s%s%s%s%s%s%s%s", n ? ", " : "",
			value_of(at, end, "state"), value_of(at, end, "score"), value_of(at, end, "due"),
			*value_of(at, end, "late") ? " late" : "", *value_of(at, end, "owner") ? " " : "",
			value_of(at, end, "owner"), *value_of(at, end, "cause") ? " " : "", value_of(at, end, "cause"),
			*value_of(at, end, "cost") ? " " : "", value_of(at, end, "cost"),
			*value_of(at, end, "comment") ? " " : "", value_of(at, end, "comment"),
			*value_of(at, end, "outcome") ? " " : "", value_of(at, end, "outcome"));
	}
	assert_string_equal(text, t->step.text);
}

static const char *report_json(struct telling *t)
{
	struct survey_report p = { .set = { 0, 0 } };

	PALIER_SET(&p, survey_report, from, 20260101);
	PALIER_SET(&p, survey_report, to, 20271231);
	return kit_answer(t->c, &method_survey_report, &p);
}

static void recovery(struct telling *t)
{
	static const char *const keys[] = { "opened", "closed", "in_time", "cost", "closed_90", "closed_bought", "open_90",
		"open_bought" };
	const char *json = report_json(t), *end = strchr(json, '}');
	char text[128] = "";

	for (size_t i = 0, n = 0; i < COUNT(keys); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "", value_of(json, end, keys[i]));
	assert_string_equal(text, t->step.text);
}

static void report(struct telling *t)
{
	const char *json = strstr(report_json(t), "\"surveys\":"), *end = strchr(json, '}');
	char text[128];

	snprintf(text, sizeof(text), "%s %s %s %s %s", value_of(json, end, "asked"), value_of(json, end, "answered"),
		value_of(json, end, "sum"), value_of(json, end, "promoters"), value_of(json, end, "detractors"));
	assert_string_equal(text, t->step.text);
}

static int publish_case(struct palier_ctx *c, void *who)
{
	const struct telling *t = who;

	return palier_fact_publish(c, t->who, "case", palier_str(t->step.text));
}

/* --- by message --- */

static void due(struct telling *t)
{
	struct survey_due p = { .set = { 0, 0 } };
	char expected[64] = "{\"due\":[]}";
	const char *json;

	PALIER_SET(&p, survey_due, channel, SURVEY_EMAIL);
	json = kit_answer(t->c, &method_survey_due, &p);
	if (*t->step.text)
		snprintf(expected, sizeof(expected), ",\"ask\":\"%s\",", t->step.text);
	if (!strstr(json, expected))
		fail_msg("not \"%s\": %s", expected, json);
}

static void send_it(struct telling *t)
{
	struct survey_send p = { .set = { 0, 0 } };
	const char *json;

	PALIER_SET(&p, survey_send, member, t->who);
	PALIER_SET(&p, survey_send, ask, palier_str(t->step.text));
	assert_int_equal(kit_command(t->c, &method_survey_send, &p), t->step.c);
	if (t->step.c != PALIER_OK)
		return;
	json = kit_result(t->c);
	snprintf(t->token, sizeof(t->token), "%s", value_of(json, json + strlen(json), "link"));
	assert_string_equal(value_of(json, json + strlen(json), "to"), "a@ex.fr");
}

static void open_it(struct telling *t)
{
	struct survey_open p = { .set = { 0, 0 } };

	PALIER_SET(&p, survey_open, token, palier_str(t->token));
	assert_int_equal(kit_command(t->c, &method_survey_open, &p), t->step.c);
}

static void reach(struct telling *t)
{
	const char *at = strstr(report_json(t), "\"surveys\":"), *end;
	char text[128] = "";

	for (at = strstr(at, "{\"channel\":"); at; at = strstr(end, "{\"channel\":")) {
		size_t n = strlen(text);

		end = strchr(at, '}');
		snprintf(text + n, sizeof(text) - n, "%s%s %s %s %s %s", n ? ", " : "", value_of(at, end, "channel"),
			value_of(at, end, "sent"), value_of(at, end, "opened"), value_of(at, end, "answered"),
			value_of(at, end, "rate_bp"));
	}
	assert_string_equal(text, t->step.text);
}

static void consent(struct telling *t)
{
	struct kit_person *who = kit_person(t->c, t->n);

	who->by_email = t->step.a != 0;
	who->person.profiling = t->step.b != 0;
	assert_int_equal(kit_profile(t->c, t->who), PALIER_OK);
}

static void act(struct telling *t)
{
	const struct step *s = &t->step;

	switch (s->kind) {
	case CLOCK:
		kit_clock(t->c, s->text);
		break;
	case OFFLINE:
		kit_offline(t->c, s->a != 0);
		break;
	case BUY:
	case QUOTE:
		buy(t);
		break;
	case BACK:
		assert_int_equal(kit_return(t->c,
					 &(struct kit_return){ .sale = s->text, .number = "R", .base = 1000, .after = 1000 },
					 NULL),
			PALIER_OK);
		break;
	case UNDO:
		kit_person(t->c, t->n)->facts.purchases--;
		assert_int_equal(kit_void(t->c, s->text), PALIER_OK);
		break;
	case SCAN:
	case ANSWER:
		answer(t);
		break;
	case RESOLVE:
		resolve(t, t->task);
		break;
	case RESOLVE_FIRST:
		resolve(t, t->first);
		break;
	case ASSIGN:
		assign(t);
		break;
	case CLOSE:
		kit_close(t->c, (uint32_t)s->a, (uint32_t)s->b);
		break;
	case AGREE:
		kit_person(t->c, t->n)->person.profiling = s->a != 0;
		break;
	case WHO:
		t->n = (unsigned)s->a;
		t->who = kit_member(t->n);
		break;
	case MERGE:
		assert_int_equal(kit_merge(t->c, t->who, kit_member((unsigned)s->a)), PALIER_OK);
		break;
	case DUE:
		due(t);
		break;
	case SEND:
		send_it(t);
		break;
	case OPEN:
		open_it(t);
		break;
	case TELL:
		consent(t);
		break;
	case ERASE:
		assert_int_equal(kit_erase(t->c, t->who), PALIER_OK);
		break;
	default:
		break;
	}
}

static bool asked_now(const struct palier_ctx *c)
{
	const struct palier_event *ev = kit_event(c);

	for (uint32_t i = 0; i < ev->effect_count; i++)
		if (palier_body(&ev->effects[i], "survey.asked"))
			return true;
	return false;
}

static void expect(struct telling *t)
{
	switch (t->step.kind) {
	case ASKED:
		assert_int_equal(asked_now(t->c), t->step.a);
		break;
	case TASKS:
		tasks(t);
		break;
	case REPORT:
		report(t);
		break;
	case RECOVERY:
		recovery(t);
		break;
	case REACH:
		reach(t);
		break;
	case FACT:
		assert_string_equal(kit_fact(t->c, t->who, "nps"), t->step.text);
		break;
	case OWED:
		assert_string_equal(kit_fact(t->c, t->who, "recovery"), t->step.text);
		break;
	case CASE:
		assert_int_equal(kit_decide(t->c, t->who, publish_case, t), PALIER_OK);
		break;
	case PROMPT:
		kit_lookup(t->c, t->who);
		assert_string_equal(kit_prompts(t->c), t->step.text);
		break;
	default:
		break;
	}
}

static struct palier_ctx *shop_new(const char *config)
{
	struct palier_ctx *c = kit_new(plugins, config);

	kit_clock(c, "2026-11-21T12:00:00+01:00");
	for (unsigned n = 1; n <= 2; n++) {
		kit_person(c, n)->person.profiling = kit_person(c, n)->by_email = true;
		kit_person(c, n)->email = "a@ex.fr";
	}
	return c;
}

static void test_story(void **state)
{
	const struct story *story = *state;
	struct telling t = { .c = shop_new(story->config), .who = kit_member(1), .n = 1 };

	for (size_t i = 0; i < COUNT(story->steps) && story->steps[i].kind != END; i++) {
		t.step = story->steps[i];
		act(&t);
		expect(&t);
		assert_true(kit_same(t.c));
		assert_string_equal(kit_check(t.c), "");
	}
	kit_free(t.c);
}

/* --- figures --- */

static const struct nps_case {
	const char *name;
	int64_t promoters, passives, detractors, score, low, high, error;
} scores[] = {
	{ "55, 30 and 15 are 40", 55, 30, 15, 40000, 24599, 53070, 73484 },
	{ "8, 1 and 1 are 70, and the interval stays below 100", 8, 1, 1, 70000, 14732, 92961, 202484 },
	{ "45, 30 and 25 are 20", 45, 30, 25, 20000, 3770, 35065, 81240 },
	{ "nobody but promoters", 30, 0, 0, 100000, 78698, 100000, 0 },
	{ "nobody but detractors", 0, 0, 30, -100000, -100000, -78698, 0 },
};

static void test_nps(void **state)
{
	const struct nps_case *t = *state;
	const int64_t n = t->promoters + t->passives + t->detractors;
	struct nps nps;

	survey_nps(n, t->promoters, t->detractors, &nps);
	assert_int_equal(nps.score, t->score);
	assert_int_equal(nps.low, t->low);
	assert_int_equal(nps.high, t->high);
	assert_int_equal(survey_nps_error(n, t->promoters, t->detractors), t->error);
}

/* Of 29 answers there is no score, of 30 there is: if it can be told how many of those asked have replied. */
static void test_least(void **state)
{
	struct palier_ctx *c = shop_new(THIRD);
	struct survey_report p = { .set = { 0, 0 } };
	const struct reach r = { .sent = 60, .opened = 40, .answered = 29 };
	const struct figures f = { .asked = 60, .answered = 29, .promoters = 20, .detractors = 2, .sum = 250 };

	(void)state;
	PALIER_SET(&p, survey_report, from, 20261101);
	PALIER_SET(&p, survey_report, to, 20261130);
	assert_int_equal(day_figures_add(kit_tables(c, SURVEY), 20261101, SURVEY_NPS, &f), PALIER_OK);
	assert_null(strstr(kit_answer(c, &method_survey_report, &p), "\"nps\":"));
	assert_int_equal(day_figures_add(kit_tables(c, SURVEY), 20261130, SURVEY_NPS, &(struct figures){ .answered = 1 }),
		PALIER_OK);
	assert_int_equal(day_figures_add(kit_tables(c, SURVEY), 20261031, SURVEY_NPS, &(struct figures){ .answered = 9 }),
		PALIER_OK);
	assert_null(strstr(kit_answer(c, &method_survey_report, &p), "\"nps\":"));
	assert_int_equal(reach_add(kit_tables(c, SURVEY), 20261130, SURVEY_NPS, SURVEY_EMAIL, &r), PALIER_OK);
	assert_non_null(strstr(kit_answer(c, &method_survey_report, &p),
		"\"answered\":30,\"sum\":250,\"promoters\":20,\"detractors\":2,\"opened\":40,\"replied\":29,\"rate_bp\":4833,"
		"\"nps\":60000,\"low\":"));
	kit_free(c);
}

static void test_bucket(void **state)
{
	unsigned below = 0;

	(void)state;
	/* SHA-256 of "survey-nps", NUL, "m_0000000000000000", its first 8 bytes, modulo 10,000. */
	assert_int_equal(survey_bucket(PALIER_LIT("nps"), PALIER_LIT("m_0000000000000000")), 8079);
	for (unsigned i = 0; i < 10000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "m_%016u", i);
		below += survey_bucket(PALIER_LIT("nps"), palier_str(text)) < 1000;
	}
	assert_in_range(below, 900, 1100);
}

/* What is sent is spread evenly over a day, also of a small sample: the minutes of those in the first tenth. */
static void test_minutes(void **state)
{
	unsigned hours[24] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "m_%016u", i);
		if (survey_bucket(PALIER_LIT("nps"), palier_str(text)) < 1000)
			hours[survey_minute(PALIER_LIT("nps"), palier_str(text)) / 60]++;
	}
	for (unsigned i = 0; i < 24; i++)
		assert_in_range(hours[i], 340, 500);
}

static const struct token_case {
	const char *name, *typed;
	int err;
} tokens[] = {
	{ "a token is read from its address", "HTTPS://EX.FR/S/0123456789ABCDEF", PALIER_OK },
	{ "and typed in lower case", "0123456789abcdef", PALIER_OK },
	{ "one too short is none", "0123456789ABCDE", PALIER_ECODE_MALFORMED },
	{ "nor one with a U", "0123456789ABCDEU", PALIER_ECODE_MALFORMED },
	{ "nor an address alone", "HTTPS://EX.FR/S/", PALIER_ECODE_MALFORMED },
};

static void test_token(void **state)
{
	const struct token_case *t = *state;
	struct palier_ctx *c = shop_new(THIRD);
	struct palier_hash16 plain, read;

	assert_int_equal(survey_token(c, PALIER_LIT("0123456789ABCDEF"), &plain), PALIER_OK);
	assert_int_equal(survey_token(c, palier_str(t->typed), &read), t->err);
	if (t->err == PALIER_OK)
		assert_memory_equal(&plain, &read, sizeof(plain));
	kit_free(c);
}

/* --- configuration, damage --- */

static const struct config_case {
	const char *name, *config, *error;
} configs[] = {
	{ "a survey says what it asks", "survey { ask autumn {} }",
		"test:1: ask \"autumn\" does not say what it asks: kind = nps, csat or emotion" },
	{ "and may be called as it likes", "survey { ask autumn { kind = nps } }", "" },
	{ "nth and every are two things", "survey { ask nps { nth = 3  every = 5 } }",
		"test:1: ask \"nps\": nth asks once and every asks again: give one of them" },
	{ "and count purchases", "survey { ask nps { after = return  nth = 3 } }",
		"test:1: ask \"nps\": nth and every go with after = purchase" },
	{ "a holdout of everybody is refused", "survey { ask nps { holdout = \"100\" } }",
		"test:1: ask \"nps\": holdout is a percentage of members, from 0 to 99.99" },
	{ "a delay is that of a recovery", "survey { ask nps { delay = \"3 days\" } }",
		"test:1: ask \"nps\": delay goes with after = recovery" },
	{ "a sample of nobody is refused", "survey { ask nps { sample = \"0\" } }",
		"test:1: ask \"nps\": sample is a percentage of members, from 0.01 to 100" },
	{ "a quiet that has no length is refused", "survey { quiet = \"end of year\" }",
		"test:1: quiet = \"end of year\": expected days or months, such as \"90 days\"" },
	{ "an address ends with a slash", "survey { url = \"HTTPS://EX.FR/S\" }",
		"test:1: url = \"HTTPS://EX.FR/S\": expected an address that ends with a slash, of at most 256 bytes" },
};

static void test_config(void **state)
{
	const struct config_case *t = *state;

	assert_string_equal(kit_config_error(plugins, t->config), t->error);
}

static const struct kit_damage damages[] = {
	{ "check finds a token of nobody", T_TOKEN, "0123456789abcdef", "0123456789\1\1\1\1\0nps", 16, 18,
		"what is kept of surveys does not agree with itself" },
	{ "check finds a task that cannot be read", T_TASK, "\0\0\0\0\0\0\0\1", "\0", 8, 1,
		"what is kept of surveys does not agree with itself" },
	{ "check finds a day that cannot be read", T_DAY, "\1\1\1\1\0", "\0", 5, 1,
		"what a day's answers came to cannot be read" },
};

static void test_damage(void **state)
{
	struct palier_ctx *c = shop_new(THIRD);

	kit_damage(c, SURVEY, *state);
	kit_free(c);
}

static const struct CMUnitTest others[] = {
	{ "an NPS of fewer than 30 answers is not shown", test_least, NULL, NULL, NULL },
	{ "members are sampled by their bucket", test_bucket, NULL, NULL, NULL },
	{ "and written to by their minute", test_minutes, NULL, NULL, NULL },
};

int main(void)
{
	struct CMUnitTest
		tests[COUNT(stories) + COUNT(scores) + COUNT(tokens) + COUNT(configs) + COUNT(damages) + COUNT(others)];
	size_t n = 0;

	KIT_ROWS(stories, test_story);
	KIT_ROWS(scores, test_nps);
	KIT_ROWS(tokens, test_token);
	KIT_ROWS(configs, test_config);
	KIT_ROWS(damages, test_damage);
	for (size_t i = 0; i < COUNT(others); i++)
		tests[n++] = others[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
