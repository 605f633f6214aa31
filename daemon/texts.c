/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogues as msgfmt writes them: "The Format of GNU MO Files" in the manual of gettext. */
#include "daemon/texts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "plugins/palier_plugin.h"

#define CATALOGUES_MAX 32
#define LANGUAGE_MAX   8
#define FILE_MAX       (1L << 24)
#define MO_MAGIC       UINT32_C(0x950412de) /* in the byte order of the machine */
#define MO_HEAD        20

/* Of a text that counts: the id of one, and all forms, each but the last ended by NUL. */
struct entry {
	struct palier_bytes id, text;
};

struct catalogue {
	char language[LANGUAGE_MAX + 1];
	char *file;            /* owns the texts */
	struct entry *entries; /* sorted by id */
	uint32_t count;
	unsigned (*form)(int64_t n); /* which of the forms says so many */
};

static struct catalogue catalogues[CATALOGUES_MAX];
static unsigned catalogue_count;

/* --- which form --- */

static unsigned one_alone(int64_t n)
{
	return n != 1;
}

static unsigned up_to_one(int64_t n)
{
	return n > 1;
}

static unsigned always_same(int64_t n)
{
	(void)n;
	return 0;
}

/* Of the expressions that a catalogue may have, those of the languages there are. A new language may bring a row. */
static const struct {
	const char *rule;
	unsigned (*form)(int64_t n);
} forms[] = {
	{ "nplurals=2; plural=(n != 1);", one_alone },
	{ "nplurals=2; plural=(n > 1);", up_to_one },
	{ "nplurals=1; plural=0;", always_same },
};

/* --- reading a catalogue --- */

static uint32_t u32_at(struct palier_bytes file, size_t offset)
{
	uint32_t v;

	memcpy(&v, file.at + offset, sizeof(v));
	return v;
}

/* The string of a row of a table: it must lie in the file and be ended by NUL. */
static bool string_read(struct palier_bytes file, uint64_t row, struct palier_bytes *out)
{
	uint64_t len, at;

	if (row + 8 > file.len)
		return false;
	len = u32_at(file, row);
	at = u32_at(file, row + 4);
	if (at + len >= file.len || file.at[at + len] != '\0')
		return false;
	*out = palier_bytes_of(file.at + at, len);
	return true;
}

static bool entries_read(struct palier_bytes file, struct catalogue *c)
{
	if (file.len < MO_HEAD || u32_at(file, 0) != MO_MAGIC || u32_at(file, 4) != 0)
		return false;
	c->count = u32_at(file, 8);
	if (c->count == 0 || c->count > file.len / 8)
		return false;
	c->entries = calloc(c->count, sizeof(*c->entries));
	if (!c->entries)
		abort();
	for (uint32_t i = 0; i < c->count; i++) {
		struct entry *e = &c->entries[i];

		if (!string_read(file, u32_at(file, 12) + (uint64_t)i * 8, &e->id) ||
			!string_read(file, u32_at(file, 16) + (uint64_t)i * 8, &e->text))
			return false;
		e->id.len = strlen(e->id.at);
	}
	return true;
}

/* The text of the empty id, which is the first, says how the language counts. */
static bool form_read(struct catalogue *c)
{
	if (c->entries[0].id.len)
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strstr(c->entries[0].text.at, forms[i].rule)) {
			c->form = forms[i].form;
			return true;
		}
	return false;
}

static void catalogue_free(struct catalogue *c)
{
	free(c->entries);
	free(c->file);
}

/* @return the bytes, to be freed; NULL with errno */
static char *file_take(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *bytes = NULL;

	if (!f)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && st.st_size > 0 && st.st_size < FILE_MAX) {
		*len = (size_t)st.st_size;
		bytes = malloc(*len);
		if (!bytes)
			abort();
		if (fread(bytes, 1, *len, f) != *len) {
			free(bytes);
			bytes = NULL;
		}
	}
	errno = EINVAL;
	fclose(f);
	return bytes;
}

/* A directory beside the languages', or a language without our catalogue, is none of ours. */
static void catalogue_load(const char *dir, const char *language, void (*say)(const char *error))
{
	struct catalogue c = { .count = 0 };
	char path[4096], why[4200];
	size_t len = 0;

	snprintf(c.language, sizeof(c.language), "%s", language);
	if (snprintf(path, sizeof(path), "%s/%s/LC_MESSAGES/palier.mo", dir, language) >= (int)sizeof(path))
		return;
	c.file = file_take(path, &len);
	if (!c.file && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (c.file && entries_read(palier_bytes_of(c.file, len), &c) && form_read(&c)) {
		catalogues[catalogue_count++] = c;
		return;
	}
	snprintf(why, sizeof(why), "%s is no catalogue of texts that can be used: its language will be missing", path);
	say(why);
	catalogue_free(&c);
}

static int is_language(const struct dirent *entry)
{
	size_t len = strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyz");

	return len >= 2 && len <= LANGUAGE_MAX && entry->d_name[len] == '\0';
}

void texts_load(const char *dir, void (*say)(const char *error))
{
	struct dirent **found;
	int n = scandir(dir, &found, is_language, alphasort);

	for (int i = 0; i < n; i++) {
		if (catalogue_count < CATALOGUES_MAX)
			catalogue_load(dir, found[i]->d_name, say);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
}

void texts_unload(void)
{
	while (catalogue_count)
		catalogue_free(&catalogues[--catalogue_count]);
}

/* --- looking up --- */

static const struct catalogue *catalogue_of(struct palier_bytes language)
{
	for (unsigned i = 0; i < catalogue_count; i++)
		if (palier_is(language, catalogues[i].language))
			return &catalogues[i];
	return NULL;
}

static bool is_spoken(struct palier_bytes language)
{
	return palier_is(language, "en") || catalogue_of(language);
}

struct palier_bytes texts_language(struct palier_bytes wanted, struct palier_bytes otherwise)
{
	const struct palier_bytes english = PALIER_LIT("en");
	struct palier_bytes language = is_spoken(wanted) ? wanted : is_spoken(otherwise) ? otherwise : english;
	const struct catalogue *c = catalogue_of(language);

	return c ? palier_str(c->language) : english;
}

static int entry_match(const void *key, const void *row)
{
	const struct palier_bytes *id = key;
	const struct entry *e = row;
	int order = memcmp(id->at, e->id.at, id->len < e->id.len ? id->len : e->id.len);

	return order ? order : (id->len > e->id.len) - (id->len < e->id.len);
}

static struct palier_bytes form_at(struct palier_bytes text, unsigned form)
{
	const char *at = text.at, *end = text.at + text.len;

	while (form-- && at + strlen(at) < end)
		at += strlen(at) + 1;
	return palier_str(at);
}

static struct palier_bytes lookup(struct palier_bytes language, const struct text *t)
{
	const struct catalogue *c = catalogue_of(language);
	const struct entry *e = c && t->id.len ? bsearch(&t->id, c->entries, c->count, sizeof(*e), entry_match) : NULL;

	if (e && e->text.len)
		return form_at(e->text, t->many.len ? c->form(t->count) : 0);
	return t->many.len && one_alone(t->count) ? t->many : t->id;
}

/* --- writing --- */

struct palier_bytes texts_write(struct palier_bytes language, const struct text *t, struct palier_arena *a)
{
	struct palier_bytes text = lookup(language, t), out;
	struct palier_buffer b = { 0 };

	for (size_t i = 0; i < text.len; i++) {
		unsigned n = text.at[i] == '%' && i + 1 < text.len ? (unsigned)(text.at[i + 1] - '1') : UINT32_MAX;

		if (n < 9 && n < t->arg_count) {
			palier_buffer_add(&b, t->args[n].at, t->args[n].len);
			i++;
		} else {
			palier_buffer_add(&b, text.at + i, 1);
		}
	}
	out = palier_copy(a, palier_buffer_bytes(&b));
	palier_buffer_deinit(&b);
	return out;
}

static struct palier_bytes write_with(struct palier_bytes language, const char *id, const struct palier_bytes *args,
	uint32_t arg_count, struct palier_arena *a)
{
	return texts_write(language, &(struct text){ .id = palier_str(id), .args = args, .arg_count = arg_count }, a);
}

static const struct {
	const char *currency, *sign;
} signs[] = { { "EUR", "€" }, { "GBP", "£" }, { "JPY", "¥" }, { "USD", "$" } };

static const char *sign_of(const char *currency)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(currency, signs[i].currency) == 0)
			return signs[i].sign;
	return NULL;
}

struct palier_bytes texts_money(struct palier_bytes language, const char *currency, unsigned decimals, int64_t minor,
	struct palier_arena *a)
{
	uint64_t scale = 1, amount = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	const char *sign = sign_of(currency);
	struct palier_bytes parts[2], out;

	for (unsigned i = 0; i < decimals; i++)
		scale *= 10;
	parts[0] = palier_str(palier_format(a, "%llu", (unsigned long long)(amount / scale)));
	parts[1] = palier_str(palier_format(a, "%0*llu", (int)decimals, (unsigned long long)(amount % scale)));
	if (decimals)
		/* TRANSLATORS: a number and its decimals */
		parts[0] = write_with(language, N_("%1.%2"), parts, 2, a);
	parts[1] = parts[0];
	parts[0] = palier_str(sign ? sign : currency);
	if (sign)
		/* TRANSLATORS: an amount: a currency's sign and a number. Write a blank between them as one that does not break the line. */
		out = write_with(language, N_("%1%2"), parts, 2, a);
	else
		/* TRANSLATORS: an amount: a currency's code, such as CHF, and a number */
		out = write_with(language, N_("%1 %2"), parts, 2, a);
	return minor < 0 ? palier_str(palier_format(a, "-%.*s", PALIER_ARG(out))) : out;
}

/* TRANSLATORS: a month, as it stands in a date: its number where dates are 21/11/2026 */
static const char *const months[] = { N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
	N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec") };

struct palier_bytes texts_day(struct palier_bytes language, uint32_t day, struct palier_arena *a)
{
	struct palier_bytes parts[3] = {
		palier_str(palier_format(a, "%02u", day % 100)),
		write_with(language, months[(day / 100 % 100 + 11) % 12], NULL, 0, a),
		palier_str(palier_format(a, "%u", day / 10000)),
	};

	/* TRANSLATORS: a date: day, month, year */
	return write_with(language, N_("%1 %2 %3"), parts, 3, a);
}
