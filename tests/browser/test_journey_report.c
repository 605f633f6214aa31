/* SPDX-License-Identifier: Apache-2.0 */
/* The journey's page as a browser shows it: in both languages, wide, narrow, dark and on paper, without a complaint. */
#include "tests/browser/browser.h"
#include "tests/unit/tools/diary.h"

#define CUSTOMERS 5000

static int book_write(void **state)
{
	static struct book b;
	struct diary diary;

	diary_begin(&diary);
	diary_shop(&diary, CUSTOMERS);
	diary_close(&diary);
	book_in(&b, diary.data);
	*state = &b;
	return 0;
}

static void page_write(const struct book *b, const char *language, const char *file)
{
	book_run(b, (const char *const[]){ "palier", "report", "journey", "--data", b->data, "--from", "2026-06-01", "--to",
			    "2026-11-26", "--window", "60", "--point-value", "0.01", "--timezone", "Europe/Paris",
			    "--language", language, "--out", book_path(b, file), NULL });
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
	assert_true(picture_of(b, "fr.html", "1100,4200", NULL) > 100000);
	assert_true(picture_of(b, "fr.html", "1100,4200", "--blink-settings=preferredColorScheme=0") > 100000);
}

/* Whatever is in it is on the paper, and the paper is A4. */
static void it_prints_on_a4(void **state)
{
	char *text;

	page_write(*state, "fr", "fr.html");
	text = printed(*state, "fr.html");
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

	return cmocka_run_group_tests_name("journey_report", tests, book_write, book_burn);
}
