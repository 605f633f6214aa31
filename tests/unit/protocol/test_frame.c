/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream, however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "protocol/frame.h"

#define LIMIT 4

static const struct frame_case {
	const char *name, *in, *out; /* out: the lines, each in brackets; "!" where framing is lost */
} cases[] = {
	{ "nothing is no line", "", "" },
	{ "a line without its end is not there yet", "abc", "" },
	{ "LF ends a line", "abc\n", "[abc]" },
	{ "a CR before LF is dropped", "abc\r\n", "[abc]" },
	{ "only one CR is dropped", "ab\r\r\n", "[ab\r]" },
	{ "a CR elsewhere belongs to the line", "a\rb\n\rc\n", "[a\rb][\rc]" },
	{ "empty lines are passed over", "\n\r\n\n\na\n\n\r\nb\n\n", "[a][b]" },
	{ "several lines", "a\nbc\ndef\n", "[a][bc][def]" },
	{ "a line may fill the limit", "abcd\nefgh\r\ni\n", "[abcd][efgh][i]" },
	{ "one byte more is too long", "a\nabcde\nb\n", "[a]!" },
	{ "one byte more without an end is too long", "abcde", "!" },
	{ "a CR beyond the limit may be an end's", "abcd\r", "" },
	{ "a CR beyond the limit that is none of an end", "abcd\re\n", "!" },
	{ "two CRs beyond the limit", "abcd\r\r\n", "!" },
};

struct lines {
	char text[128];
	size_t len;
	bool lost;
};

/* Whatever can be read of the buffer now. */
static void read_lines(struct frame_scan *s, struct palier_bytes buffer, struct lines *out)
{
	struct palier_bytes line;
	enum frame frame = FRAME_MORE;

	while (!out->lost && (frame = frame_next(s, buffer, LIMIT, &line)) != FRAME_MORE) {
		out->lost = frame == FRAME_TOO_LONG;
		out->len += (size_t)(out->lost ? snprintf(out->text + out->len, sizeof(out->text) - out->len, "!")
					       : snprintf(out->text + out->len, sizeof(out->text) - out->len, "[%.*s]",
							 PALIER_ARG(line)));
	}
}

static void every_split_gives_the_same_lines(void **state)
{
	const struct frame_case *c = *state;
	size_t len = strlen(c->in);

	for (size_t first = 0; first <= len; first++)
		for (size_t second = first; second <= len; second++) {
			struct frame_scan s = { 0 };
			struct lines lines = { 0 };

			read_lines(&s, palier_bytes_of(c->in, first), &lines);
			read_lines(&s, palier_bytes_of(c->in, second), &lines);
			read_lines(&s, palier_bytes_of(c->in, len), &lines);
			assert_string_equal(lines.text, c->out);
		}
}

static void byte_by_byte_gives_the_same_lines(void **state)
{
	const struct frame_case *c = *state;
	struct frame_scan s = { 0 };
	struct lines lines = { 0 };

	for (size_t n = 0; n <= strlen(c->in); n++)
		read_lines(&s, palier_bytes_of(c->in, n), &lines);
	assert_string_equal(lines.text, c->out);
}

static void what_was_searched_is_not_searched_again(void **state)
{
	struct frame_scan s = { 0 };
	struct palier_bytes line;

	(void)state;
	assert_int_equal(frame_next(&s, PALIER_LIT("a\nbc"), LIMIT, &line), FRAME_LINE);
	assert_int_equal(s.begin, 2);
	assert_int_equal(frame_next(&s, PALIER_LIT("a\nbc"), LIMIT, &line), FRAME_MORE);
	assert_int_equal(s.begin, 2);
	assert_int_equal(s.seen, 4);
}

int main(void)
{
	enum { CASES = sizeof(cases) / sizeof(*cases) };
	static char names[CASES][96];
	struct CMUnitTest tests[2 * CASES + 1] = { cmocka_unit_test(what_was_searched_is_not_searched_again) };

	for (size_t i = 0; i < CASES; i++) {
		void *row = (void *)(uintptr_t)&cases[i];

		snprintf(names[i], sizeof(names[i]), "%s, byte by byte", cases[i].name);
		tests[2 * i + 1] = (struct CMUnitTest){ .name = cases[i].name,
			.test_func = every_split_gives_the_same_lines,
			.initial_state = row };
		tests[2 * i + 2] = (struct CMUnitTest){ .name = names[i],
			.test_func = byte_by_byte_gives_the_same_lines,
			.initial_state = row };
	}
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
