/* SPDX-License-Identifier: Apache-2.0 */
/* The page of the ladder as a browser that may reach nobody shows it, in both languages; read as XML it is whole, else the browser says so in it. */
#include "tests/e2e/harness.h"

#define COFFEE \
	"ladder {\n" \
	"	holdout = 0\n" \
	"	ladder \"coffee\" {\n" \
	"		rung \"ground\" { skus = {\"ground\"}  price = \"4.00\"  margin = \"1.00\" }\n" \
	"		rung \"beans&co\" { skus = {\"beans\"}  price = \"5.90\"  margin = \"2.10\"  prior = \"100\" }\n" \
	"	}\n" \
	"	complement \"filter\" { with { skus = {\"ground\"} }  skus = {\"filter\"}  price = \"3.00\"  margin = \"1.20\"  prior = \"100\" }\n" \
	"}\n"

static const struct shop_options coffee = { .config = COFFEE };

/* Sixty members buy; of what is suggested every third takes it. */
static void sixty_buy(struct wire *w)
{
	for (int i = 0; i < 60; i++) {
		const char *reply, *sku, *id;

		ask_ok(w, "member.enroll", "'request':'e-%d','card':'CARD-%d','consent':{'profiling':true}", i, i);
		reply = ask_ok(w, "sale.quote", "'card':'CARD-%d','lines':[{'sku':'ground','amount':400}]", i);
		sku = field(reply, "result.suggestions[0].sku");
		id = field(reply, "result.suggestions[0].suggestion");
		ask_ok(w, "sale.commit",
			"'request':'s-%d','sale':'S-%d','card':'CARD-%d','lines':[{'sku':'ground','amount':400},{'sku':'%s','amount':590}],"
			"'payable':990,'suggested':[{'suggestion':'%s','outcome':'%s'}]",
			i, i, i, i % 3 ? "water" : sku, id, i % 3 ? "declined" : "accepted");
	}
}

static void run_ok(const struct shop *s, const char *const *argv, char **out)
{
	char *said;
	int code = program_run(s, argv, &said);

	if (code != 0)
		fail_msg("%s: %d: %s", argv[0], code, said ? said : "");
	if (out)
		*out = said;
	else
		free(said);
}

/* @return what the browser makes of it, to be freed */
static char *shown(const struct shop *s, const char *file)
{
	char profile[112], url[128], *dom;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s/browser", s->dir);
	snprintf(url, sizeof(url), "file://%s", file);
	run_ok(s,
		(const char *const[]){ "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--proxy-server=127.0.0.1:9", profile, "--dump-dom", url, NULL },
		&dom);
	return dom;
}

static const struct {
	const char *language, *says[6];
} pages[] = {
	{ "en", { "<h1>The purchase ladder</h1>", "60 suggestions were shown.", "<td>coffee/beans&amp;co</td>",
			"Nobody is held out, or nobody came yet", "always what most customers took",
			"drawn again from the journal, 1,000 times; left out here: 0." } },
	{ "fr", { "<h1>L'échelle d'achat</h1>", "60 suggestions ont été montrées.", "Part des suggestions suivies",
			"Personne n'est gardé sans suggestion", "toujours ce que le plus de clients ont pris",
			"Comment c'est compté" } },
};

static void in_both_languages(void **state)
{
	struct shop *s = *state;
	char file[96], *dom;
	struct wire w;

	connect_to(&w, s, DOOR_TRUST);
	sixty_buy(&w);
	wire_close(&w);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(file, sizeof(file), "%s/ladder.%s", s->dir, i % 2 ? "xhtml" : "html");
		run_ok(s,
			(const char *const[]){ "palier", "report", "ladder", "--config", s->config, "--language",
				pages[i / 2].language, "--out", file, NULL },
			NULL);
		dom = shown(s, file);
		if (strstr(dom, "parsererror"))
			fail_msg("%s in the browser: %.2000s", file, dom);
		for (unsigned k = 0; k < 6; k++)
			if (!strstr(dom, pages[i / 2].says[k]))
				fail_msg("no %s in %s", pages[i / 2].says[k], strstr(dom, "<header"));
		free(dom);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the page is read in both languages, as HTML and as XML", in_both_languages, &coffee),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
