/* SPDX-License-Identifier: Apache-2.0 */
/* The page of palier simulate as a browser draws it: in both languages, on a desk's screen and a telephone's, nothing is cut off. */
#include "tests/e2e/harness.h"

/* Texts of pictures that leave their picture or touch each other, and tables wider than the page, are told in an attribute of the body. */
static const char probe[] =
	"<script>addEventListener('load',()=>{const bad=[];"
	"for(const svg of document.querySelectorAll('svg')){const all=svg.getBoundingClientRect();"
	"const texts=[...svg.querySelectorAll('text')].map(t=>[t.textContent,t.getBoundingClientRect()]);"
	"texts.forEach(([name,r],i)=>{"
	"if(r.left<all.left-1||r.right>all.right+1||r.top<all.top-1||r.bottom>all.bottom+1)bad.push('cut: '+name);"
	"for(const [other,o] of texts.slice(i+1)){const x=Math.min(r.right,o.right)-Math.max(r.left,o.left);"
	"const y=Math.min(r.bottom,o.bottom)-Math.max(r.top,o.top);"
	"if(x>1&&y>r.height*.45)bad.push('on top of each other: '+name+' and '+other);}});}"
	"if(document.documentElement.scrollWidth>innerWidth)bad.push('wider than the screen');"
	"if(innerWidth>1000)for(const t of document.querySelectorAll('.wide'))if(t.scrollWidth>t.clientWidth+1)bad.push('a table is cut');"
	"document.body.setAttribute('data-pictures',document.querySelectorAll('svg').length);"
	"document.body.setAttribute('data-bad',bad.join('; '));});</script></head>";

static char *in_shop(const struct shop *s, const char *name)
{
	static char paths[4][128];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
	return path;
}

static void page_make(const struct shop *s, const char *language)
{
	char *said, *page, *head, *probed;
	int code = program_run(s,
		(const char *const[]){ "palier", "simulate", "--config", DEMO_DIR "/palier.conf", "--personas",
			DEMO_DIR "/personas.conf", "--customers", "40", "--months", "13", "--from", "2027-01-01",
			"--language", language, "--out", in_shop(s, "page.html"), NULL },
		&said);

	if (code != 0)
		fail_msg("palier simulate: %s", said);
	free(said);
	page = file_read(in_shop(s, "page.html"), NULL);
	assert_non_null(page);
	head = strstr(page, "</head>");
	assert_non_null(head);
	assert_true(asprintf(&probed, "%.*s%s%s", (int)(head - page), page, probe, head + strlen("</head>")) > 0);
	file_write(in_shop(s, "page.html"), probed, strlen(probed));
	free(page);
	free(probed);
}

/* @param what to do with it @return what the browser said, to be freed */
static char *browse(const struct shop *s, const char *size, const char *what)
{
	char profile[160], url[160], *out;
	int code;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s", in_shop(s, "browser"));
	snprintf(url, sizeof(url), "file://%s", in_shop(s, "page.html"));
	code = program_run(s,
		(const char *const[]){ "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--proxy-server=127.0.0.1:9", "--hide-scrollbars", size, profile, what, url, NULL },
		&out);
	if (code != 0)
		fail_msg("chromium: %d: %s", code, out);
	return out;
}

static void assert_shows(const char *dom, const char *what)
{
	if (!strstr(dom, what))
		fail_msg("no %s in %.4000s", what, strstr(dom, "<body") ? strstr(dom, "<body") : dom);
}

static void a_page(void **state, const char *language, const char *const *says)
{
	static const char *const sizes[] = { "--window-size=1200,5000", "--window-size=500,5000" };
	struct shop *s = *state;
	char *dom, *picture, what[160];
	size_t len = 0;

	page_make(s, language);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		dom = browse(s, sizes[i], "--dump-dom");
		assert_shows(dom, "data-bad=\"\"");
		assert_shows(dom, "data-pictures=\"10\"");
		for (size_t k = 0; says[k]; k++)
			assert_shows(dom, says[k]);
		free(dom);
	}
	snprintf(what, sizeof(what), "--screenshot=%s", in_shop(s, "page.png"));
	free(browse(s, sizes[0], what));
	picture = file_read(in_shop(s, "page.png"), &len);
	assert_true(picture && len > 50000); /* an empty page is smaller */
	free(picture);
}

static void french(void **state)
{
	a_page(state, "fr",
		(const char *const[]){ "<h1>Le programme, en simulation</h1>", "Ce que le magasin doit à ses clients",
			"habitués du comptoir", "Une simulation ne peut pas prouver", "baissent au douzième mois",
			"ne remplace aucune vente", NULL });
}

static void english(void **state)
{
	a_page(state, "en",
		(const char *const[]){ "<h1>The programme, simulated</h1>", "What the shop owes its customers",
			"habitués du comptoir", "A simulation cannot prove", "falls in the twelfth month",
			"where what it buys replaces no sale", NULL });
}

static const struct shop_options nothing = { .empty = true, .broken = true };

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SHOP("the page in French, on a desk and on a telephone", french, &nothing),
		IN_SHOP("the page in English, likewise", english, &nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
