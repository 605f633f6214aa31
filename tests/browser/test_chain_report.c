/* SPDX-License-Identifier: Apache-2.0 */
/* The head office's page as a browser shows it: three stores that share customers, in both languages, wide, narrow, dark and on paper. */
#include <errno.h>
#include <sys/stat.h>

#include "tests/browser/browser.h"
#include "tests/unit/tools/diary.h"

#define CUSTOMERS 2000

/* A store's journal as rsync would bring it: DIRECTORY/hq/STORE/1.jsonl. */
static void store_write(const struct book *b, const char *store, unsigned first, bool sour)
{
	char from[160], to[160];
	struct diary d;

	diary_begin(&d);
	d.store = store;
	d.first = d.seed = first;
	d.sour = sour;
	diary_shop(&d, CUSTOMERS);
	diary_close(&d);
	snprintf(from, sizeof(from), "%s/journal", d.data);
	snprintf(to, sizeof(to), "%s/hq/%s", b->data, store);
	if (rename(from, to) != 0)
		fail_msg("%s: %s", to, strerror(errno));
	diary_remove(&d);
}

static int office_write(void **state)
{
	static const char config[] = "directory = \"hq\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Paris\"\n";
	static struct book b;
	char path[160];

	book_begin(&b);
	snprintf(path, sizeof(path), "%s/hq", b.data);
	assert_int_equal(mkdir(path, 0700), 0);
	store_write(&b, "lyon-03", 0, false);
	store_write(&b, "nice-01", 1500, false); /* a quarter of the customers are those of Lyon, too */
	store_write(&b, "Saint-Étienne & Cie", 3000, true);
	file_write(book_path(&b, "hq.conf"), config, sizeof(config) - 1);
	*state = &b;
	return 0;
}

static void page_write(const struct book *b, const char *language, const char *file)
{
	book_run(b, (const char *const[]){ "palier-hq", "--config", book_path(b, "hq.conf"), "report", "--from",
			    "2026-06-01", "--to", "2026-11-26", "--window", "60", "--point-value", "0.01", "--language",
			    language, "--out", book_path(b, file), NULL });
}

static void nothing_hangs_over_the_edge(void **state)
{
	page_write(*state, "fr", "fr.html");
	page_write(*state, "en", "en.html");
	assert_fits(*state, "fr.html", 1100);
	assert_fits(*state, "en.html", 1100);
	assert_fits(*state, "fr.html", 390);
	assert_fits(*state, "en.html", 390);
}

static void it_is_drawn_light_and_dark(void **state)
{
	const struct book *b = *state;

	page_write(b, "fr", "fr.html");
	assert_true(picture_of(b, "fr.html", "1100,9000", NULL) > 100000);
	assert_true(picture_of(b, "fr.html", "1100,9000", "--blink-settings=preferredColorScheme=0") > 100000);
}

/* All is on the paper: the whole chain, the stores compared, and each of them. */
static void it_prints_on_a4(void **state)
{
	char *text;

	page_write(*state, "fr", "fr.html");
	text = printed(*state, "fr.html");
	assert_non_null(strstr(text, "Qui va plus loin, magasin par magasin"));
	assert_non_null(strstr(text, "Le parcours à nice-01"));
	assert_non_null(strstr(text, "Le parcours à Saint-Étienne & Cie"));
	assert_non_null(strstr(text, "Là où ça coince"));
	assert_non_null(strstr(text, "Comment c'est compté"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_hangs_over_the_edge),
		cmocka_unit_test(it_is_drawn_light_and_dark),
		cmocka_unit_test(it_prints_on_a4),
	};

	return cmocka_run_group_tests_name("chain_report", tests, office_write, book_burn);
}
