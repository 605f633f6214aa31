/* SPDX-License-Identifier: Apache-2.0 */
/* Copying with a sum, the manifest written and read. */
#include "daemon/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ledger.h"

#define PATH_LEN 4096
#define CHUNK    ((size_t)256 << 10)
#define SUM_TEXT (2 * SHA256_LEN)
#define END_WORD "# end "

/* --- one file ------------------------------------------------------------------------------------------------------ */

static bool write_all(int fd, const char *at, size_t n)
{
	while (n > 0) {
		ssize_t some = write(fd, at, n);

		if (some <= 0)
			return false;
		at += some;
		n -= (size_t)some;
	}
	return true;
}

/* @param out -1: only sum it @return false with errno */
static bool pour(int in, int out, uint64_t limit, struct copies_bar *bar, struct crypto_sum *sum)
{
	char *chunk = malloc(CHUNK);
	ssize_t n = 0;
	bool ok = true;

	if (!chunk)
		abort();
	while (ok && limit > 0 && (n = read(in, chunk, limit < CHUNK ? (size_t)limit : CHUNK)) > 0) {
		crypto_sum_add(sum, palier_bytes_of(chunk, (size_t)n));
		ok = out < 0 || write_all(out, chunk, (size_t)n);
		limit -= (uint64_t)n;
		bar->done += (uint64_t)n;
		progress_show(&bar->progress, bar->done, bar->total);
	}
	free(chunk);
	return ok && n >= 0;
}

static int sum_file(const char *path, struct copies_bar *bar, struct palier_hash *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct crypto_sum *sum;
	bool ok;

	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	sum = crypto_sum_new();
	ok = pour(fd, -1, UINT64_MAX, bar, sum);
	crypto_sum_end(sum, out);
	close(fd);
	return ok ? PALIER_OK : PALIER_EIO;
}

int copy_file(const char *from, const char *to, uint64_t limit, struct copies_bar *bar, struct palier_hash *sum, char *why)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	struct crypto_sum *s;
	bool ok;

	if (in < 0)
		return complain(why, errno == ENOENT ? PALIER_ENOENT : PALIER_EIO, "cannot read %s: %s", from,
			strerror(errno));
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	s = crypto_sum_new();
	ok = out >= 0 && pour(in, out, limit, bar, s) && fsync(out) == 0;
	if (!ok)
		complain(why, PALIER_EIO, "cannot copy %s to %s: %s", from, to, strerror(errno));
	crypto_sum_end(s, sum);
	close(in);
	if (out >= 0)
		close(out);
	return ok ? PALIER_OK : PALIER_EIO;
}

int directory_sync(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok ? PALIER_OK : PALIER_EIO;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static void line_add(struct copies *c, const char *line)
{
	palier_buffer_add(&c->manifest, line, strlen(line));
	palier_buffer_add(&c->manifest, "\n", 1);
}

int copies_begin(struct copies *c, const char *dir, struct copies_bar *bar, const char *title, char *why)
{
	*c = (struct copies){ .dir = dir, .bar = bar };
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return complain(why, PALIER_EIO, "cannot make the directory %s: %s", dir, strerror(errno));
	if (!dir_is_empty(dir))
		return complain(why, PALIER_EIO, "%s is not empty: name another directory, one for each backup", dir);
	line_add(c, title);
	return PALIER_OK;
}

int copies_dir(struct copies *c, const char *name, char *why)
{
	char path[PATH_LEN];

	return mkdir(ledger_path(c->dir, name, path), 0700) == 0
	               ? PALIER_OK
	               : complain(why, PALIER_EIO, "cannot make the directory %s: %s", path, strerror(errno));
}

static void sum_add(struct copies *c, const char *name, const struct palier_hash *sum)
{
	char line[SUM_TEXT + 300];

	palier_hex(sum->b, SHA256_LEN, line);
	snprintf(line + SUM_TEXT, sizeof(line) - SUM_TEXT, "  %s", name);
	line_add(c, line);
	c->count++;
}

int copies_add(struct copies *c, const char *from, const char *name, uint64_t limit, char *why)
{
	char to[PATH_LEN];
	struct palier_hash sum;
	int err = copy_file(from, ledger_path(c->dir, name, to), limit, c->bar, &sum, why);

	if (err == PALIER_OK)
		sum_add(c, name, &sum);
	return err;
}

int copies_list(struct copies *c, const char *name, char *why)
{
	char path[PATH_LEN];
	struct palier_hash sum;

	if (sum_file(ledger_path(c->dir, name, path), c->bar, &sum) != PALIER_OK)
		return complain(why, PALIER_EIO, "cannot read %s: %s", path, strerror(errno));
	sum_add(c, name, &sum);
	return PALIER_OK;
}

int copies_link(struct copies *c, const char *from, const char *name, char *why)
{
	char to[PATH_LEN];

	return link(from, ledger_path(c->dir, name, to)) == 0 ? copies_list(c, name, why)
	                                                      : copies_add(c, from, name, UINT64_MAX, why);
}

static int manifest_write(struct copies *c, char *why)
{
	char path[PATH_LEN];
	int fd = open(ledger_path(c->dir, COPIES_MANIFEST, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_all(fd, c->manifest.at, c->manifest.len) && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok && directory_sync(c->dir) == PALIER_OK
	               ? PALIER_OK
	               : complain(why, PALIER_EIO, "cannot write %s: %s", path, strerror(errno));
}

int copies_end(struct copies *c, char *why)
{
	struct palier_hash sum;
	char line[sizeof(END_WORD) + SUM_TEXT] = END_WORD;

	crypto_sha256(palier_buffer_bytes(&c->manifest), &sum);
	palier_hex(sum.b, SHA256_LEN, line + strlen(END_WORD));
	line_add(c, line);
	return manifest_write(c, why);
}

void copies_deinit(struct copies *c)
{
	palier_buffer_deinit(&c->manifest);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static int read_text(const char *path, struct palier_buffer *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	do {
		palier_buffer_reserve(out, CHUNK);
		n = read(fd, out->at + out->len, CHUNK);
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	close(fd);
	return n == 0 ? PALIER_OK : PALIER_EIO;
}

/* The last line is the sum of all before it. */
static bool ends_well(struct palier_buffer *text)
{
	const size_t last = strlen(END_WORD) + SUM_TEXT + 1;
	struct palier_hash said, sum;
	const char *end;

	if (text->len < last || text->at[text->len - 1] != '\n')
		return false;
	end = text->at + text->len - last;
	if (memcmp(end, END_WORD, strlen(END_WORD)) != 0 ||
		!palier_unhex(palier_bytes_of(end + strlen(END_WORD), SUM_TEXT), said.b, SHA256_LEN))
		return false;
	text->len -= last;
	crypto_sha256(palier_buffer_bytes(text), &sum);
	return memcmp(said.b, sum.b, SHA256_LEN) == 0;
}

int manifest_open(const char *dir, struct manifest *m, char *why)
{
	char path[PATH_LEN], *lf;
	int err;

	*m = (struct manifest){ .at = 0 };
	err = read_text(ledger_path(dir, COPIES_MANIFEST, path), &m->text);
	if (err == PALIER_ENOENT)
		return complain(why, err, "%s is missing: %s is no backup, or one that was never finished", path, dir);
	if (err != PALIER_OK)
		return complain(why, err, "cannot read %s: %s", path, strerror(errno));
	if (!ends_well(&m->text) || !(lf = memchr(m->text.at, '\n', m->text.len)))
		return complain(why, PALIER_EDAMAGED, "%s is damaged: take another backup", path);
	*lf = '\0';
	m->at = (size_t)(lf + 1 - m->text.at);
	return PALIER_OK;
}

void manifest_close(struct manifest *m)
{
	palier_buffer_deinit(&m->text);
}

const char *manifest_title(const struct manifest *m)
{
	return m->text.at;
}

/* "journal/17.jsonl", but nothing that leads out of the directory. */
static bool name_is_safe(struct palier_bytes name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.";
	bool ok = name.len > 0 && name.len < 256 && name.at[0] != '/' && name.at[0] != '.';

	for (size_t i = 0; ok && i < name.len; i++)
		ok = memchr(known, name.at[i], sizeof(known) - 1) &&
		     !(name.at[i] == '/' && i + 1 < name.len && name.at[i + 1] == '.');
	return ok;
}

bool manifest_next(struct manifest *m, struct manifest_file *out)
{
	struct palier_bytes line = { m->text.at + m->at, 0 }, name;
	const char *lf = m->at < m->text.len ? memchr(line.at, '\n', m->text.len - m->at) : NULL;

	if (!lf)
		return false;
	line.len = (size_t)(lf - line.at);
	if (line.len < SUM_TEXT + 3)
		return false;
	name = palier_bytes_of(line.at + SUM_TEXT + 2, line.len - SUM_TEXT - 2);
	if (!palier_unhex(palier_bytes_of(line.at, SUM_TEXT), out->sum.b, SHA256_LEN) || !name_is_safe(name))
		return false;
	snprintf(out->name, sizeof(out->name), "%.*s", PALIER_ARG(name));
	m->at += line.len + 1;
	return true;
}

uint64_t manifest_bytes(const char *dir, const struct manifest *m)
{
	struct manifest walk = *m;
	struct manifest_file file;
	char path[PATH_LEN];
	struct stat st;
	uint64_t total = 0;

	while (manifest_next(&walk, &file))
		if (stat(ledger_path(dir, file.name, path), &st) == 0)
			total += (uint64_t)st.st_size;
	return total;
}

int manifest_verify(const char *dir, const struct manifest *m, struct copies_bar *bar, char *why)
{
	struct manifest walk = *m;
	struct manifest_file file;
	char path[PATH_LEN];
	struct palier_hash sum;

	while (manifest_next(&walk, &file)) {
		if (sum_file(ledger_path(dir, file.name, path), bar, &sum) != PALIER_OK)
			return complain(why, PALIER_EDAMAGED, "%s cannot be read (%s): take another backup", path,
				strerror(errno));
		if (memcmp(sum.b, file.sum.b, SHA256_LEN) != 0)
			return complain(why, PALIER_EDAMAGED, "%s is not what was backed up: take another backup", path);
	}
	return walk.at == walk.text.len
	               ? PALIER_OK
	               : complain(why, PALIER_EDAMAGED, "%s/%s has a line that is none of ours", dir, COPIES_MANIFEST);
}
