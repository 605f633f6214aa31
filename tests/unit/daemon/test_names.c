/* SPDX-License-Identifier: Apache-2.0 */
/* Names as people write and search for them. Words are shown joined by '|'; most names are heap copies of their exact size, so
 * that a sanitizer sees a read beyond it. */
#include "daemon/names.h"

#include "tests/unit/daemon/kit.h"

/* @return words in the arena's memory; the name itself may go */
static struct name_words fold(const char *name, size_t n, struct palier_arena *a)
{
	char *copy = malloc(n ? n : 1);
	struct name_words words;

	assert_non_null(copy);
	memcpy(copy, name, n);
	name_fold(palier_bytes_of(copy, n), a, &words);
	free(copy);
	return words;
}

static void assert_words(const struct name_words *words, const char *text)
{
	char got[1024] = "";

	for (unsigned i = 0; i < words->count; i++)
		sprintf(got + strlen(got), "%s%.*s", i ? "|" : "", PALIER_ARG(words->at[i]));
	assert_string_equal(got, text);
}

/* --- folding ------------------------------------------------------------------------------------------------------- */

static const struct fold_case {
	const char *name, *text, *words;
} folds[] = {
	{ "an empty name has no words", "", "" },
	{ "spaces are no words", "   ", "" },
	{ "plain letters go to lower case", "MARTIN", "martin" },
	{ "French accents go", "Élodie Le Gall-Martin", "elodie|le|gall|martin" },
	{ "French accents in lower case go, too", "françois noël àâçéèêëîïôùûüÿ", "francois|noel|aaceeeeiiouuuy" },
	{ "and in upper case", "ÀÂÇÉÈÊËÎÏÔÙÛÜŸ", "aaceeeeiiouuuy" },
	{ "ligatures become two letters", "Æsop Œuvrard cœur", "aesop|oeuvrard|coeur" },
	{ "Breton: Floc'h", "Yann Floc'h", "yann|floc|h" },
	{ "Breton: Kerouédan, Caradeŭg", "Kerouédan Caradeŭg", "kerouedan|caradeug" },
	{ "Polish: Łukasz Żółć", "Łukasz Żółć", "lukasz|zolc" },
	{ "Polish: Wąsik Świętosława Źrebięć Ńń", "Wąsik Świętosława Źrebięć Ńń", "wasik|swietoslawa|zrebiec|nn" },
	{ "German: Jürgen Groß, Müller-Lüdenscheidt", "Jürgen Groß Müller-Lüdenscheidt",
		"jurgen|gross|muller|ludenscheidt" },
	{ "Danish and Norwegian: Søren Ægir Ålesund", "Søren Ægir Ålesund", "soren|aegir|alesund" },
	{ "Czech: Dvořák Šťastná Ěva Ůrsula", "Dvořák Šťastná Ěva Ůrsula", "dvorak|stastna|eva|ursula" },
	{ "Hungarian: Erdős Győző", "Erdős Győző", "erdos|gyozo" },
	{ "Dutch: Ĳsbrand", "Ĳsbrand ĳ", "ijsbrand|ij" },
	{ "Turkish: İbrahim Işık Çağlar", "İbrahim Işık Çağlar", "ibrahim|isik|caglar" },
	{ "signs that are no letters stay apart from them", "a×b a÷b", "a×b|a÷b" },
	{ "Spanish: Núñez", "Núñez", "nunez" },
	{ "Icelandic: Þór, Ðóra", "Þór Ðóra þór ðóra", "thor|dora|thor|dora" },
	{ "an apostrophe parts words", "O'Brien", "o|brien" },
	{ "a printer's apostrophe parts them, too", "O\u2019Brien D\u2019Angelo", "o|brien|d|angelo" },
	{ "D'Angelo", "D'Angelo", "d|angelo" },
	{ "hyphens of any length part words", "Jean\u2010Luc Anne\u2011Marie Le\u2013Goff", "jean|luc|anne|marie|le|goff" },
	{ "no-break spaces part words", "Le\u00A0Gall\u202FMartin", "le|gall|martin" },
	{ "accents that stand behind their letter go", "E\u0301lodie Noe\u0308l", "elodie|noel" },
	{ "a word joiner parts them, too", "Le\u2060Gall", "le|gall" },
	{ "stops and commas part words", "Dr. Martin,Jean", "dr|martin|jean" },
	{ "figures are letters", "Louis 14", "louis|14" },
	{ "six words are kept", "a b c d e f g h", "a|b|c|d|e|f" },
	{ "letters beyond Latin stay", "Ирина Ωμέγα 東京", "Ирина|Ωμέγα|東京" },
	{ "letters outside the first plane stay", "\U0001F600 Martin", "\U0001F600|martin" },
	{ "many separators are one", "-- Le -- Gall --", "le|gall" },
};

static void names_are_folded(void **state)
{
	const struct fold_case *row = *state;
	struct palier_arena a = { 0 };
	struct name_words words = fold(row->text, strlen(row->text), &a);

	assert_words(&words, row->words);
	palier_arena_deinit(&a);
}

/* --- what indexes a word ------------------------------------------------------------------------------------------- */

static const struct index_case {
	const char *name, *word, *index;
} indexes[] = {
	{ "an empty word", "", "" },
	{ "a short word is its own index", "le", "le" },
	{ "three letters", "gal", "gal" },
	{ "the first three of more", "martin", "mar" },
	{ "characters are counted, not bytes", "Ирина", "Ири" },
	{ "characters of three bytes", "東京都民", "東京都" },
	{ "characters of three bytes from the first of them on", "अमिताभ", "अमि" },
	{ "a character cut short does not reach beyond the word", "a\xC3", "a\xC3" },
	{ "nor one of four bytes", "\xF0\x9F", "\xF0\x9F" },
};

static void words_are_indexed(void **state)
{
	const struct index_case *row = *state;
	size_t n = strlen(row->word);
	char *copy = malloc(n ? n : 1);
	struct palier_bytes index;

	memcpy(copy, row->word, n);
	index = name_index(palier_bytes_of(copy, n));
	assert_true(palier_is(index, row->index));
	free(copy);
}

/* --- matching ------------------------------------------------------------------------------------------------------ */

static const struct match_case {
	const char *name, *text, *query;
	bool matches;
} matches[] = {
	{ "a first name", "Élodie Le Gall", "elodie", true },
	{ "its beginning", "Élodie Le Gall", "élo", true },
	{ "a surname", "Élodie Le Gall", "GALL", true },
	{ "both, in any order", "Élodie Le Gall", "gall elo", true },
	{ "a beginning of each", "Élodie Le Gall", "e l g", true },
	{ "one word of two that does not match", "Élodie Le Gall", "elodie martin", false },
	{ "the middle of a word does not count", "Élodie Le Gall", "lodie", false },
	{ "more than the word", "Élodie", "elodiea", false },
	{ "the query of a longer name", "Jean", "Jean Martin", false },
	{ "the same word twice", "Jean Martin", "jean jean", true },
	{ "an empty query matches nobody", "Jean", "", false },
	{ "a query of signs matches nobody", "Jean", "'-.", false },
	{ "an empty name", "", "jean", false },
	{ "a name with either apostrophe", "D\u2019Angelo", "d'angelo", true },
	{ "a name whose accents stand behind their letters", "E\u0301lodie", "Élodie", true },
};

static void queries_match(void **state)
{
	const struct match_case *row = *state;
	struct palier_arena a = { 0 };
	struct name_words name = fold(row->text, strlen(row->text), &a), query = fold(row->query, strlen(row->query), &a);

	assert_int_equal(name_matches(&name, &query), row->matches);
	palier_arena_deinit(&a);
}

/* --- what a cashier sees ------------------------------------------------------------------------------------------- */

static const struct mask_case {
	const char *name, *text, *masked;
} masks[] = {
	{ "first name and initial", "Élodie Le Gall", "Élodie L." },
	{ "an initial with its accent", "Jean Élie", "Jean É." },
	{ "a single name stays", "Élodie", "Élodie" },
	{ "an empty name stays", "", "" },
	{ "several spaces", "Jean   Martin", "Jean M." },
	{ "a space at the end", "Jean ", "Jean" },
	{ "an initial of three bytes", "Jean 東京", "Jean 東." },
	{ "an initial cut short ends with the name", "Jean \xF0\x9F", "Jean \xF0\x9F." },
};

static void names_are_masked(void **state)
{
	const struct mask_case *row = *state;
	struct palier_arena a = { 0 };
	size_t n = strlen(row->text);
	char *copy = malloc(n + 4);

	memcpy(copy, row->text, n);
	memset(copy + n, 'x', 4); /* formatting would stop at a zero by chance */
	assert_true(palier_is(name_mask(palier_bytes_of(copy, n), &a), row->masked));
	free(copy);
	palier_arena_deinit(&a);
}

/* --- bytes that are no UTF-8 --------------------------------------------------------------------------------------- */

#define SEED UINT64_C(1912)

/* Every byte alone, every pair, and many longer ones: nothing is read beyond, whatever is made of them. */
static void try_bytes(const char *bytes, size_t n)
{
	struct palier_arena a = { 0 };
	struct name_words words = fold(bytes, n, &a);
	char *copy = malloc(n ? n : 1);

	memcpy(copy, bytes, n);
	for (unsigned i = 0; i < words.count; i++)
		assert_true(name_index(words.at[i]).len <= words.at[i].len);
	name_index(palier_bytes_of(copy, n));
	name_mask(palier_bytes_of(copy, n), &a);
	free(copy);
	palier_arena_deinit(&a);
}

static void invalid_bytes_are_not_read_beyond(void **state)
{
	static const unsigned char favourite[] = { ' ', 'a', 0x80, 0xBF, 0xC3, 0xC5, 0xCC, 0xE2, 0x80, 0x99, 0xEF, 0xF0,
		0xF4, 0xFF };
	uint64_t seed = SEED;
	char bytes[16];

	(void)state;
	print_message("seed %llu\n", (unsigned long long)SEED);
	for (unsigned i = 0; i < 65536; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		if (i < 256)
			try_bytes(bytes + 1, 1);
		try_bytes(bytes, 2);
	}
	for (unsigned i = 0; i < 50000; i++) {
		size_t n = chance_of(&seed, sizeof(bytes));

		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)favourite[chance_of(&seed, COUNT(favourite))];
		try_bytes(bytes, n);
	}
}

int main(void)
{
	struct CMUnitTest tests[1 + COUNT(folds) + COUNT(indexes) + COUNT(matches) + COUNT(masks)] = {
		{ "bytes that are no UTF-8 are never read beyond their end", invalid_bytes_are_not_read_beyond, NULL, NULL,
			NULL },
	};
	size_t n = 1;

	for (size_t i = 0; i < COUNT(folds); i++)
		tests[n++] = (struct CMUnitTest){ folds[i].name, names_are_folded, NULL, NULL, (void *)&folds[i] };
	for (size_t i = 0; i < COUNT(indexes); i++)
		tests[n++] = (struct CMUnitTest){ indexes[i].name, words_are_indexed, NULL, NULL, (void *)&indexes[i] };
	for (size_t i = 0; i < COUNT(matches); i++)
		tests[n++] = (struct CMUnitTest){ matches[i].name, queries_match, NULL, NULL, (void *)&matches[i] };
	for (size_t i = 0; i < COUNT(masks); i++)
		tests[n++] = (struct CMUnitTest){ masks[i].name, names_are_masked, NULL, NULL, (void *)&masks[i] };
	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
