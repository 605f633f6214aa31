/* SPDX-License-Identifier: Apache-2.0 */
/* The office's files, in `office` of the ledger's directory, for the configuration to include. The journal has them: a file is written once its
 * event is on disk, and again at every start that finds it missing or changed.
 *
 * programme  name of the file -> SHA-256 of what is in it 32, batch u32, offset u64: where the event lies that sent it */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/orders.h"

CORE_APPLY(programme_sent_apply)
{
	const struct programme_sent *e = body;
	struct palier_key k = { .len = 0 };
	struct palier_value v = { .len = 0 };
	struct palier_hash sha256;

	crypto_sha256(e->text, &sha256);
	palier_key_raw(&k, e->name.at, e->name.len);
	palier_value_raw(&v, sha256.b, SHA256_LEN);
	palier_value_uint(&v, ev->batch, 4);
	palier_value_uint(&v, ev->offset, 8);
	return palier_put(t, T_PROGRAMME, &k, palier_value_bytes(&v));
}

/* The file under a name, and what the journal says of it. */
struct programme {
	const char *name;
	struct palier_hash sha256;
	uint32_t batch;
	uint64_t offset;
};

static bool is_there(const char *path, const struct programme *p)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct palier_hash sha256;
	bool same =
		fd >= 0 && crypto_sha256_file(fd, &sha256) == PALIER_OK && memcmp(sha256.b, p->sha256.b, SHA256_LEN) == 0;

	if (fd >= 0)
		close(fd);
	return same;
}

static bool write_all(int fd, struct palier_bytes text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		text = palier_bytes_of(text.at + (n > 0 ? n : 0), text.len - (size_t)(n > 0 ? n : 0));
	}
	return true;
}

/* Under another name first: whoever reads it meanwhile finds the old one whole. */
static bool replace(const char *dir, const char *path, struct palier_bytes text)
{
	char fresh[4096];
	int fd;
	bool ok;

	snprintf(fresh, sizeof(fresh), "%.4000s/.new", dir);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ok = fd >= 0 && write_all(fd, text) && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok && rename(fresh, path) == 0 && ledger_dir_sync(dir) == PALIER_OK;
}

static const struct programme_sent *sent_in(const struct palier_event *ev, const char *name)
{
	const struct programme_sent *e = NULL, *last = NULL;

	while ((e = effect_find(ev, "programme.sent", e)))
		if (palier_is(e->name, name))
			last = e;
	return last;
}

static void programme_write(struct ledger *l, const struct programme *p)
{
	const struct programme_sent *sent;
	struct palier_event ev;
	char dir[4096], path[4096];

	snprintf(path, sizeof(path), "%.3800s/%s", ledger_path(l->dir, "office", dir), p->name);
	if (is_there(path, p))
		return;
	if (ledger_event_at(l, p->batch, p->offset, &l->arena, &ev) != PALIER_OK || !(sent = sent_in(&ev, p->name)))
		log_error("office.file", "name=%s: the journal does not give it", p->name);
	else if ((mkdir(dir, 0755) != 0 && errno != EEXIST) || !replace(dir, path, sent->text))
		log_error("office.file", "name=%s: cannot be written: %s", p->name, strerror(errno));
	else
		log_info("office.file", "name=%s bytes=%zu", p->name, sent->text.len);
}

void programmes_write(struct ledger *l)
{
	static const struct palier_key all;
	struct palier_cursor *rows = palier_seek(&l->fold.tables[0], T_PROGRAMME, &all);
	struct palier_bytes key, value;

	while (palier_next(rows, &key, &value) == PALIER_OK) {
		struct programme p = { .name = palier_cstr(&l->arena, key) };
		struct palier_cut cut = palier_cut_of(value);

		memcpy(p.sha256.b, palier_cut_raw(&cut, SHA256_LEN).at, SHA256_LEN);
		p.batch = (uint32_t)palier_cut_uint(&cut, 4);
		p.offset = palier_cut_uint(&cut, 8);
		programme_write(l, &p);
	}
	palier_arena_reset(&l->arena);
}
