/* SPDX-License-Identifier: Apache-2.0 */
/* One customer's way, as a browser shows it: in both languages, wide, narrow, dark and on paper, without a complaint. */
#include <time.h>

#include "protocol/datetime.h"
#include "tests/browser/browser.h"

#define HOUR_MS (DAY_MS / 24)

/* More steps than a row holds; each kind of deviation; names as long as names are, and the customer's own word. */
static const struct shop_options planned = {
	.config =
		"journey {\n"
		"	planned \"nouveau client\" {\n"
		"		step \"bienvenue\" { touchpoint = \"call\"  channel = phone  within = \"7 days\" }\n"
		"		step \"premier achat\" { touchpoint = \"purchase\"  within = \"10 days\"  after = enrol }\n"
		"		step \"prendre des nouvelles du four\" { touchpoint = \"visit\"  within = \"20 days\"  after = enrol }\n"
		"		step \"lettre\" { touchpoint = \"email-sent\"  channel = email  within = \"12 days\"  after = enrol }\n"
		"		step \"catalogue\" { touchpoint = \"catalogue\"  channel = web  within = \"8 days\"  after = enrol }\n"
		"		step \"deuxième achat\" { touchpoint = \"purchase\"  within = \"40 days\"  after = \"premier achat\" }\n"
		"		step \"rappel\" { touchpoint = \"call\"  within = \"3 days\"  after = return } }\n"
		"}\n"
		"survey { ask \"csat\" { after = return } }\n"
};

/* What happened so many days ago. @return static memory */
static const char *ago(int days)
{
	static char text[32];

	time_format((int64_t)time(NULL) * 1000 - days * DAY_MS - HOUR_MS, text);
	return text;
}

static void met(struct wire *w, int days, const char *touchpoint, const char *channel, const char *more)
{
	ask_ok(w, "journey.record",
		"'request':'j-%d-%s','card':'CARD-1','touchpoint':'%s','channel':'%s','offline':true,'at':'%s'%s", days,
		touchpoint, touchpoint, channel, ago(days), more);
}

static void bought(struct wire *w, int days, const char *sale)
{
	ask_ok(w, "sale.commit",
		"'request':'s-%s','sale':'%s','card':'CARD-1','lines':[{'sku':'a','amount':1000}],'payable':1000,"
		"'offline':true,'at':'%s'",
		sale, sale, ago(days));
}

static void way_gone(const struct shop *s)
{
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	ask_ok(&w, "member.enroll",
		"'request':'e-1','card':'CARD-1','name':'Amélie Dufour','language':'fr','offline':true,'at':'%s',"
		"'consent':{'profiling':true}",
		ago(60));
	met(&w, 58, "call", "phone", ",'emotion':-2");
	bought(&w, 45, "A");
	met(&w, 43, "visit", "store", ",'device':'comptoir','emotion':1");
	met(&w, 41, "email-sent", "email", "");
	met(&w, 40, "<b>démonstration</b> à l’atelier du samedi", "social", ",'emotion':2");
	bought(&w, 20, "B");
	ask_ok(&w, "sale.return", "'request':'r-1','return':'R','sale':'B','lines':[{'line':0,'amount':200}]");
	ask_ok(&w, "survey.answer", "'request':'a-1','card':'CARD-1','kind':'nps','score':4");
	wire_close(&w);
}

static void page_write(const struct shop *s, const struct book *b, const char *language, const char *file)
{
	book_run(b, (const char *const[]){ "palier", "journey", "show", "CARD-1", "--config", s->config, "--language",
			    language, "--out", book_path(b, file), NULL });
}

static void pages_write(void **state, struct book *b)
{
	const struct shop *s = *state;

	way_gone(s);
	book_in(b, s->dir);
	page_write(s, b, "fr", "fr.html");
	page_write(s, b, "en", "en.html");
}

static void nothing_hangs_over_the_edge(void **state)
{
	struct book b;

	pages_write(state, &b);
	assert_fits(&b, "fr.html", 1100);
	assert_fits(&b, "en.html", 1100);
	assert_fits(&b, "fr.html", 390);
	assert_fits(&b, "en.html", 390);
}

static void it_is_drawn_light_and_dark(void **state)
{
	struct book b;

	pages_write(state, &b);
	assert_true(picture_of(&b, "en.html", "1100,1500", NULL) > 30000);
	assert_true(picture_of(&b, "fr.html", "1100,1500", NULL) > 30000);
	assert_true(picture_of(&b, "fr.html", "1100,1500", "--blink-settings=preferredColorScheme=0") > 30000);
}

static void assert_printed(const struct book *b, const char *file, const char *const *parts)
{
	char *text = printed(b, file);

	for (; *parts; parts++)
		if (!strstr(text, *parts))
			fail_msg("%s: no %s in %s", file, *parts, text);
	free(text);
}

/* Whatever is in it is on the paper, and the paper is A4. */
static void it_prints_on_a4(void **state)
{
	struct book b;

	pages_write(state, &b);
	assert_printed(&b, "fr.html",
		(const char *const[]){ "Le parcours d'un client", "En bref", "Comme prévu, ou non : « nouveau client »",
			"Mal vécu", "En retard", "Manqué", "Hors plan", "Appel", "E-mail envoyé",
			"Deuxième ou troisième achat", "Points de contact, du plus récent au plus ancien", "très mauvais",
			NULL });
	assert_printed(&b, "en.html",
		(const char *const[]){ "One customer's way", "In short", "As planned, or not: \"nouveau client\"",
			"Felt bad", "Late", "Missing", "Beside it", "Call", "Touchpoints, the newest first", "very bad",
			NULL });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("nothing hangs over the edge", nothing_hangs_over_the_edge, &planned),
		IN_SHOP("it is drawn light and dark", it_is_drawn_light_and_dark, &planned),
		IN_SHOP("it prints on A4", it_prints_on_a4, &planned),
	};

	return cmocka_run_group_tests_name("journey_way", tests, NULL, NULL);
}
