/* SPDX-License-Identifier: Apache-2.0 */
/* The journey's page as a browser shows it: in both languages, wide, narrow, dark and on paper, without a complaint. */
#include "tests/e2e/harness.h"
#include "tests/unit/tools/diary.h"

#define CUSTOMERS 5000

struct book {
	struct diary diary;
	struct shop shop; /* where programs run; there is no daemon */
};

static char *path_in(const struct book *b, const char *name)
{
	static char paths[4][160];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", b->diary.data, name);
	return path;
}

static int book_write(void **state)
{
	static struct book b;

	diary_begin(&b.diary);
	diary_shop(&b.diary, CUSTOMERS);
	diary_close(&b.diary);
	snprintf(b.shop.dir, sizeof(b.shop.dir), "%s", b.diary.data);
	*state = &b;
	return 0;
}

static int book_burn(void **state)
{
	struct book *b = *state;
	char *out;

	(void)program_run(&b->shop, (const char *const[]){ "rm", "-rf", b->diary.data, NULL }, &out);
	free(out);
	return 0;
}

static void page_write(const struct book *b, const char *language, const char *file)
{
	char *out;
	int code = program_run(&b->shop,
		(const char *const[]){ "palier", "report", "journey", "--data", b->diary.data, "--from", "2026-06-01",
			"--to", "2026-11-26", "--window", "60", "--point-value", "0.01", "--timezone", "Europe/Paris",
			"--language", language, "--out", path_in(b, file), NULL },
		&out);

	if (code != 0)
		fail_msg("palier report journey: %d: %s", code, out);
	free(out);
}

/* What a page in a frame of so many pixels tells: "width=390 of 390 ..." @param what to do @return to be freed */
static char *browse(const struct book *b, const char *file, const char *size, const char *what, const char *more)
{
	char profile[200], url[200], window[32], *out;
	int code;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s", path_in(b, "browser"));
	snprintf(url, sizeof(url), "file://%s", path_in(b, file));
	snprintf(window, sizeof(window), "--window-size=%s", size);
	code = program_run(&b->shop,
		(const char *const[]){ "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--proxy-server=127.0.0.1:9", "--hide-scrollbars", "--allow-file-access-from-files",
			"--enable-logging=stderr", "--virtual-time-budget=3000", window, profile, what, more ? more : url,
			more ? url : NULL, NULL },
		&out);
	if (code != 0)
		fail_msg("chromium: %d: %s", code, out);
	return out;
}

/* A page around ours that measures it once it is there. */
static const char measuring[] =
	"<!DOCTYPE html><body><iframe id=f width=%d height=2000 style=border:0 src=%s></iframe><p id=said></p><script>"
	"f.onload = () => { const d = f.contentDocument.documentElement;"
	"const low = [...d.querySelectorAll('svg text')].filter((t) => { const b = t.getBBox(), v = t.ownerSVGElement.viewBox.baseVal;"
	"return b.x < -3 || b.x + b.width > v.width + 3; }).map((t) => t.textContent);"
	"said.textContent = 'wide ' + (d.scrollWidth - d.clientWidth) + ', cut ' + low.join('|') + ', marks ' +"
	"d.querySelectorAll('path.mark').length + '.'; };</script>";

static void assert_fits(const struct book *b, const char *language, int width)
{
	char text[1200], file[16], *dom;

	snprintf(file, sizeof(file), "%s.html", language);
	page_write(b, language, file);
	snprintf(text, sizeof(text), measuring, width, file);
	file_write(path_in(b, "around.html"), text, strlen(text));
	dom = browse(b, "around.html", "1400,2200", "--dump-dom", NULL);
	if (!strstr(dom, "wide 0, cut , marks ") || strstr(dom, ", marks 0."))
		fail_msg("%s at %d: %.200s", language, width, strstr(dom, "id=\"said\"") ? strstr(dom, "id=\"said\"") : dom);
	assert_null(strstr(dom, "CONSOLE"));
	free(dom);
}

static void nothing_hangs_over_the_edge(void **state)
{
	assert_fits(*state, "fr", 1100);
	assert_fits(*state, "en", 1100);
	assert_fits(*state, "fr", 390);
	assert_fits(*state, "en", 390);
}

static size_t picture_of(const struct book *b, const char *file, const char *size, const char *how)
{
	char what[200], *out, *picture;
	size_t len = 0;

	snprintf(what, sizeof(what), "--screenshot=%s", path_in(b, "page.png"));
	out = browse(b, file, size, what, how);
	assert_null(strstr(out, "CONSOLE"));
	free(out);
	picture = file_read(path_in(b, "page.png"), &len);
	free(picture);
	return len;
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
	const struct book *b = *state;
	char what[200], *out;

	page_write(b, "fr", "fr.html");
	snprintf(what, sizeof(what), "--print-to-pdf=%s", path_in(b, "page.pdf"));
	free(browse(b, "fr.html", "1100,2000", what, "--no-pdf-header-footer"));
	assert_int_equal(program_run(&b->shop, (const char *const[]){ "pdfinfo", path_in(b, "page.pdf"), NULL }, &out), 0);
	assert_non_null(strstr(out, "(A4)"));
	free(out);
	assert_int_equal(program_run(&b->shop, (const char *const[]){ "pdftotext", path_in(b, "page.pdf"), "-", NULL },
				 &out),
		0);
	assert_non_null(strstr(out, "Là où ça coince"));
	assert_non_null(strstr(out, "Comment c'est compté"));
	free(out);
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
