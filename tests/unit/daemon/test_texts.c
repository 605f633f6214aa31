/* SPDX-License-Identifier: Apache-2.0 */
/* Texts in the customers' languages, from the catalogues of this build. */
#include "tests/unit/daemon/kit.h"

#include "daemon/texts.h"

#define FRENCH  PALIER_LIT("fr")
#define ENGLISH PALIER_LIT("en")
#define GERMAN  PALIER_LIT("de")
#define NBSP    "\xc2\xa0"

static unsigned complaints;

static void complain_of(const char *error)
{
	assert_non_null(strstr(error, "palier.mo"));
	complaints++;
}

/* *state is the directory, NULL: none is read. */
static int texts_begin(void **state)
{
	complaints = 0;
	if (*state)
		texts_load(*state, complain_of);
	return 0;
}

static int texts_end(void **state)
{
	(void)state;
	texts_unload();
	return 0;
}

/* --- one text --- */

#define EARNED "%1: +%2, balance %3"
#define LAPSES "%1: %2 lapses after %3"
#define LAPSE  "%1: %2 lapse after %3"
#define THREE \
	{ \
		"points", "8", "115" \
	}
#define UNTIL(many) \
	{ \
		"points", many, "X" \
	}

static const struct text_case {
	const char *name, *language, *id, *many;
	int64_t count;
	const char *args[3], *expected;
} texts[] = {
	{ "a French member reads French", "fr", EARNED, NULL, 0, THREE, "points" NBSP ": +8, solde 115" },
	{ "an English one the id", "en", EARNED, NULL, 0, THREE, "points: +8, balance 115" },
	{ "in a language that is none, too", "xx", EARNED, NULL, 0, THREE, "points: +8, balance 115" },
	{ "and where nothing is said of it", "", EARNED, NULL, 0, THREE, "points: +8, balance 115" },
	{ "a text that no catalogue has stays as it is", "fr", "Good %1", NULL, 0, { "day" }, "Good day" },
	{ "an argument that is missing leaves its mark", "en", "%1 %2", NULL, 0, { "a" }, "a %2" },
	{ "an argument may come twice, in any order", "en", "%2%1%2", NULL, 0, { "a", "b" }, "bab" },
	{ "an argument is not looked into", "en", "%1%2", NULL, 0, { "%2", "b" }, "%2b" },
	{ "what is no argument stays", "en", "100% of %0 %a %", NULL, 0, { "a" }, "100% of %0 %a %" },
	{ "one, in English", "en", LAPSES, LAPSE, 1, UNTIL("1"), "points: 1 lapses after X" },
	{ "two", "en", LAPSES, LAPSE, 2, UNTIL("2"), "points: 2 lapse after X" },
	{ "none is several", "en", LAPSES, LAPSE, 0, UNTIL("0"), "points: 0 lapse after X" },
	{ "one, in French", "fr", LAPSES, LAPSE, 1, UNTIL("1"), "points" NBSP ": 1 expire après le X" },
	{ "deux", "fr", LAPSES, LAPSE, 2, UNTIL("2"), "points" NBSP ": 2 expirent après le X" },
	{ "none is one", "fr", LAPSES, LAPSE, 0, UNTIL("0"), "points" NBSP ": 0 expire après le X" },
	{ "several of what no catalogue has", "fr", "%1 day", "%1 days", 3, { "3" }, "3 days" },
	{ "an empty text is empty, not the catalogue's head", "fr", "", NULL, 0, { NULL }, "" },
};

static struct palier_arena arena;

static void assert_reads(struct palier_bytes text, const char *expected)
{
	assert_string_equal(palier_cstr(&arena, text), expected);
}

static void text_reads(void **state)
{
	const struct text_case *t = *state;
	struct palier_bytes args[3];
	uint32_t n = 0;

	for (; n < COUNT(args) && t->args[n]; n++)
		args[n] = palier_str(t->args[n]);
	texts_load(PALIER_LOCALES, complain_of);
	assert_reads(texts_write(palier_str(t->language),
			     &(struct text){ palier_str(t->id), palier_str(t->many), t->count, args, n }, &arena),
		t->expected);
	texts_unload();
	palier_arena_deinit(&arena);
	assert_int_equal(complaints, 0);
}

/* --- amounts and dates --- */

static const struct money_case {
	const char *name, *language, *currency;
	unsigned decimals;
	int64_t minor;
	const char *expected;
} amounts[] = {
	{ "euros in English", "en", "EUR", 2, 1250, "€12.50" },
	{ "euros in French", "fr", "EUR", 2, 1250, "12,50" NBSP "€" },
	{ "cents keep their zeros", "en", "EUR", 2, 5, "€0.05" },
	{ "yen have no decimals", "en", "JPY", 0, 1250, "¥1250" },
	{ "yen in French", "fr", "JPY", 0, 1250, "1250" NBSP "¥" },
	{ "dinars have three", "en", "KWD", 3, 12345, "KWD 12.345" },
	{ "a currency without a sign, in French", "fr", "CHF", 2, 1250, "12,50" NBSP "CHF" },
	{ "less than nothing", "en", "EUR", 2, -1250, "-€12.50" },
	{ "less than nothing, in French", "fr", "EUR", 2, -50, "-0,50" NBSP "€" },
	{ "as much as a figure holds", "en", "EUR", 2, PALIER_FIGURE_MAX, "€90071992547409.91" },
};

static void money_reads(void **state)
{
	const struct money_case *t = *state;

	texts_load(PALIER_LOCALES, complain_of);
	assert_reads(texts_money(palier_str(t->language), t->currency, t->decimals, t->minor, &arena), t->expected);
	texts_unload();
	palier_arena_deinit(&arena);
}

static const struct day_case {
	const char *language;
	uint32_t day;
	const char *expected;
} days[] = {
	{ "en", 20261121, "21 Nov 2026" },
	{ "fr", 20261121, "21/11/2026" },
	{ "en", 20270105, "05 Jan 2027" },
	{ "fr", 20270105, "05/01/2027" },
	{ "en", 20261231, "31 Dec 2026" },
	{ "fr", 20261231, "31/12/2026" },
};

static void days_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(days); i++)
		assert_reads(texts_day(palier_str(days[i].language), days[i].day, &arena), days[i].expected);
	palier_arena_deinit(&arena);
}

/* --- which language --- */

static void language_is_the_members_then_the_stores_then_english(void **state)
{
	(void)state;
	assert_true(palier_is(texts_language(FRENCH, ENGLISH), "fr"));
	assert_true(palier_is(texts_language(ENGLISH, FRENCH), "en"));
	assert_true(palier_is(texts_language(GERMAN, FRENCH), "fr"));
	assert_true(palier_is(texts_language(palier_str(""), FRENCH), "fr"));
	assert_true(palier_is(texts_language(GERMAN, GERMAN), "en"));
	assert_true(palier_is(texts_language(palier_str("../fr"), ENGLISH), "en"));
}

static void without_catalogues_all_is_english(void **state)
{
	(void)state;
	texts_load("/nowhere", complain_of);
	assert_true(palier_is(texts_language(FRENCH, FRENCH), "en"));
	assert_reads(texts_day(FRENCH, 20261121, &arena), "21 Nov 2026");
	palier_arena_deinit(&arena);
	assert_int_equal(complaints, 0);
}

/* --- files that are none --- */

/* A directory with one language, whose catalogue is these bytes. */
static char *locales_make(const void *at, size_t n)
{
	char *dir = dir_make();

	assert_int_equal(mkdir(path_of(dir, "fr"), 0700), 0);
	assert_int_equal(mkdir(path_of(dir, "fr/LC_MESSAGES"), 0700), 0);
	file_put(path_of(dir, "fr/LC_MESSAGES/palier.mo"), at, n);
	return dir;
}

static struct palier_bytes french(void)
{
	return file_get(PALIER_LOCALES "/fr/LC_MESSAGES/palier.mo");
}

static void a_file_cut_short_is_passed_over(void **state)
{
	struct palier_bytes whole = french();

	(void)state;
	for (size_t n = 0; n < whole.len; n += n < 64 ? 1 : 17) {
		char *dir = locales_make(whole.at, n);

		complaints = 0;
		texts_load(dir, complain_of);
		assert_int_equal(complaints, 1);
		assert_true(palier_is(texts_language(FRENCH, FRENCH), "en"));
		texts_unload();
		dir_remove(dir);
	}
	free((char *)(uintptr_t)whole.at);
}

/* Whatever stands there, nothing is read beyond the file: the sanitizers see to it. */
static void a_damaged_file_does_no_harm(void **state)
{
	struct palier_bytes args[] = { palier_str("a"), palier_str("b"), palier_str("c") };
	struct palier_bytes whole = french();

	(void)state;
	for (size_t i = 0; i < whole.len; i += i < 300 ? 1 : 13) {
		char *copy = malloc(whole.len), *dir;

		assert_non_null(copy);
		memcpy(copy, whole.at, whole.len);
		copy[i] = (char)(copy[i] ^ 0x81);
		dir = locales_make(copy, whole.len);
		texts_load(dir, complain_of);
		texts_write(FRENCH, &(struct text){ palier_str(LAPSES), palier_str(LAPSE), 2, args, 3 }, &arena);
		texts_day(FRENCH, 20261121, &arena);
		texts_unload();
		dir_remove(dir);
		free(copy);
	}
	palier_arena_deinit(&arena);
	free((char *)(uintptr_t)whole.at);
}

static void what_is_no_language_is_not_looked_at(void **state)
{
	char *dir = dir_make();

	(void)state;
	file_put(path_of(dir, "locale"), "x", 1);
	file_put(path_of(dir, "readme.txt"), "x", 1);
	assert_int_equal(mkdir(path_of(dir, "de"), 0700), 0);
	texts_load(dir, complain_of);
	assert_int_equal(complaints, 0);
	dir_remove(dir);
}

#define WITH_CATALOGUES(f) cmocka_unit_test_prestate_setup_teardown(f, texts_begin, texts_end, PALIER_LOCALES)
#define WITHOUT(f)         cmocka_unit_test_setup_teardown(f, texts_begin, texts_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CATALOGUES(days_read),
		WITH_CATALOGUES(language_is_the_members_then_the_stores_then_english),
		WITHOUT(without_catalogues_all_is_english),
		WITHOUT(a_file_cut_short_is_passed_over),
		WITHOUT(a_damaged_file_does_no_harm),
		WITHOUT(what_is_no_language_is_not_looked_at),
	};
	struct CMUnitTest rows[COUNT(texts) + COUNT(amounts)] = { 0 };
	size_t n = 0;
	int failed;

	for (size_t i = 0; i < COUNT(texts); i++)
		rows[n++] = (struct CMUnitTest){ texts[i].name, text_reads, NULL, NULL, (void *)(uintptr_t)&texts[i] };
	for (size_t i = 0; i < COUNT(amounts); i++)
		rows[n++] = (struct CMUnitTest){ amounts[i].name, money_reads, NULL, NULL, (void *)(uintptr_t)&amounts[i] };
	failed = cmocka_run_group_tests_name("texts", rows, NULL, NULL);
	failed += cmocka_run_group_tests_name("catalogues", tests, NULL, NULL);
	return failed;
}
