/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/browser/browser.h"

void book_in(struct book *b, const char *directory)
{
	snprintf(b->data, sizeof(b->data), "%s", directory);
	snprintf(b->shop.dir, sizeof(b->shop.dir), "%s", directory);
}

void book_begin(struct book *b)
{
	const char *tmp = getenv("TMPDIR");
	char directory[64];

	snprintf(directory, sizeof(directory), "%s/palier-book-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(directory));
	book_in(b, directory);
}

int book_burn(void **state)
{
	struct book *b = *state;
	char *out;

	(void)program_run(&b->shop, (const char *const[]){ "rm", "-rf", b->data, NULL }, &out);
	free(out);
	return 0;
}

char *book_path(const struct book *b, const char *name)
{
	static char paths[4][160];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", b->data, name);
	return path;
}

void book_run(const struct book *b, const char *const *argv)
{
	char *out;
	int code = program_run(&b->shop, argv, &out);

	if (code != 0)
		fail_msg("%s: %d: %s", argv[0], code, out);
	free(out);
}

/* What a page in a window of so many pixels tells. @param what to do @return to be freed */
static char *browse(const struct book *b, const char *file, const char *size, const char *what, const char *more)
{
	char profile[200], url[200], window[32], *out;
	int code;

	snprintf(profile, sizeof(profile), "--user-data-dir=%s", book_path(b, "browser"));
	snprintf(url, sizeof(url), "file://%s", book_path(b, file));
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
	"d.querySelectorAll('path.mark, path.cjmark').length + '.'; };</script>";

void assert_fits(const struct book *b, const char *file, int width)
{
	char text[1200], *dom;

	snprintf(text, sizeof(text), measuring, width, file);
	file_write(book_path(b, "around.html"), text, strlen(text));
	dom = browse(b, "around.html", "1400,2200", "--dump-dom", NULL);
	if (!strstr(dom, "wide 0, cut , marks ") || strstr(dom, ", marks 0."))
		fail_msg("%s at %d: %.200s", file, width, strstr(dom, "id=\"said\"") ? strstr(dom, "id=\"said\"") : dom);
	assert_null(strstr(dom, "CONSOLE"));
	free(dom);
}

size_t picture_of(const struct book *b, const char *file, const char *size, const char *how)
{
	char what[200], *out, *picture;
	size_t len = 0;

	snprintf(what, sizeof(what), "--screenshot=%s", book_path(b, "page.png"));
	out = browse(b, file, size, what, how);
	assert_null(strstr(out, "CONSOLE"));
	free(out);
	picture = file_read(book_path(b, "page.png"), &len);
	free(picture);
	return len;
}

char *printed(const struct book *b, const char *file)
{
	char what[200], *out;

	snprintf(what, sizeof(what), "--print-to-pdf=%s", book_path(b, "page.pdf"));
	free(browse(b, file, "1100,2000", what, "--no-pdf-header-footer"));
	assert_int_equal(program_run(&b->shop, (const char *const[]){ "pdfinfo", book_path(b, "page.pdf"), NULL }, &out), 0);
	assert_non_null(strstr(out, "(A4)"));
	free(out);
	assert_int_equal(program_run(&b->shop, (const char *const[]){ "pdftotext", book_path(b, "page.pdf"), "-", NULL },
				 &out),
		0);
	return out;
}
