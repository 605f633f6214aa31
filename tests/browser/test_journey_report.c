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

/* With journeys as they are planned. */
static void config_write(const struct book *b)
{
	char text[1600];

	snprintf(text, sizeof(text),
		"data = \"%s\"\nlisten \"tcp:127.0.0.1:1\" { auth = trust }\n"
		"store { id = \"lyon-03\"  name = \"Comptoir\"  currency = \"EUR\"  timezone = \"Europe/Paris\"  language = \"fr\"  country = \"FR\" }\n"
		"journey {\n"
		"	planned \"new\" {\n"
		"		step \"welcome\" { touchpoint = \"visit\"  within = \"7 days\" }\n"
		"		step \"catalogue\" { touchpoint = \"catalogue\"  channel = web  within = \"8 days\" }\n"
		"		step \"first purchase\" { touchpoint = \"purchase\"  within = \"30 days\" }\n"
		"		step \"a word some weeks later\" { touchpoint = \"newsletter\"  channel = email  within = \"14 days\" }\n"
		"		step \"second purchase\" { touchpoint = \"purchase\"  within = \"30 days\" }\n"
		"		step \"called back\" { touchpoint = \"call\"  within = \"2 days\" } }\n"
		"	planned \"unhappy\" { when { purchases-min = 1 }\n"
		"		step \"call\" { touchpoint = \"call\"  channel = phone  within = \"3 days\"  after = return } }\n"
		"}\n",
		b->data);
	file_write(book_path(b, "palier.conf"), text, strlen(text));
}

static void page_write(const struct book *b, const char *language, const char *file)
{
	config_write(b);
	book_run(b, (const char *const[]){ "palier", "report", "journey", "--config", book_path(b, "palier.conf"), "--from",
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
	assert_non_null(strstr(text, "Comme prévu, ou non"));
	assert_non_null(strstr(text, "Mal vécu"));
	assert_non_null(strstr(text, "Qui s'en charge"));
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
