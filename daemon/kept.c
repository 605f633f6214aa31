/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/copies.h"
#include "protocol/datetime.h"

#define PATH_LEN 4096

static int path_of(char *out, const char *dir, const char *folder, const char *name, const char *suffix)
{
	int n = snprintf(out, PATH_LEN, "%s/%s%s%s%s", dir, folder, *name ? "/" : "", name, suffix);

	return n > 0 && n < PATH_LEN ? PALIER_OK : PALIER_EIO;
}

/* @return an error for what errno says */
static int failed(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? PALIER_ESTORAGE_FULL : PALIER_EIO;
}

int kept_read(const char *dir, const char *folder, const char *name, size_t most, struct palier_buffer *out)
{
	char path[PATH_LEN];
	ssize_t n;
	int fd, err = path_of(path, dir, folder, name, "");

	if (err != PALIER_OK)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	palier_buffer_reserve(out, most + 1);
	n = read(fd, out->at + out->len, most + 1);
	close(fd);
	if (n < 0)
		return PALIER_EIO;
	if ((size_t)n > most)
		return PALIER_ERANGE;
	out->len += (size_t)n;
	return PALIER_OK;
}

static int folder_make(const char *dir, const char *folder)
{
	char path[PATH_LEN];
	int err = path_of(path, dir, folder, "", "");

	if (err != PALIER_OK)
		return err;
	if (mkdir(path, 0700) == 0)
		return directory_sync(dir);
	return errno == EEXIST ? PALIER_OK : failed();
}

static int text_write(const char *path, struct palier_bytes text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = fd >= 0 ? write(fd, text.at, text.len) : -1;
	int err = PALIER_OK;

	if (n >= 0 && n < (ssize_t)text.len)
		errno = ENOSPC;
	if (n != (ssize_t)text.len || fsync(fd) != 0)
		err = failed();
	if (fd >= 0)
		close(fd);
	return err;
}

int kept_write(const char *dir, const char *folder, const char *name, struct palier_bytes text)
{
	char path[PATH_LEN] = "", fresh[PATH_LEN] = "";
	int err = folder_make(dir, folder);

	if (err == PALIER_OK)
		err = path_of(path, dir, folder, name, "");
	if (err == PALIER_OK)
		err = path_of(fresh, dir, folder, name, ".new");
	if (err == PALIER_OK)
		err = text_write(fresh, text);
	if (err == PALIER_OK && rename(fresh, path) != 0)
		err = failed();
	if (err == PALIER_OK)
		err = path_of(fresh, dir, folder, "", "");
	return err == PALIER_OK ? directory_sync(fresh) : err;
}

int kept_remove(const char *dir, const char *folder, const char *name)
{
	char path[PATH_LEN];
	int err = path_of(path, dir, folder, name, "");

	if (err == PALIER_OK && unlink(path) != 0)
		return errno == ENOENT ? PALIER_OK : PALIER_EIO;
	if (err == PALIER_OK)
		err = path_of(path, dir, folder, "", "");
	return err == PALIER_OK ? directory_sync(path) : err;
}

/* --- what is acknowledged: acks/BATCH holds 64 hex digits, a space, the time, LF --- */

#define ACKS       "acks"
#define ACK_HEX    (2 * SHA256_LEN)
#define ACK_LEN    (ACK_HEX + 1 + 24 + 1)
#define NUMBER_LEN 16

int ack_read(const char *dir, uint32_t batch, struct ack *out)
{
	struct palier_buffer text = { 0 };
	char name[NUMBER_LEN];
	struct ack ack;
	int err;

	snprintf(name, sizeof(name), "%u", batch);
	err = kept_read(dir, ACKS, name, ACK_LEN, &text);
	if (err == PALIER_OK &&
		(text.len != ACK_LEN || !palier_unhex(palier_bytes_of(text.at, ACK_HEX), ack.sha256.b, SHA256_LEN) ||
			!time_parse(palier_bytes_of(text.at + ACK_HEX + 1, 24), &ack.at_ms)))
		err = PALIER_EDAMAGED;
	palier_buffer_deinit(&text);
	if (err == PALIER_OK)
		*out = ack;
	return err;
}

int ack_write(const char *dir, uint32_t batch, const struct ack *ack)
{
	char name[NUMBER_LEN], text[ACK_LEN + 16], hex[ACK_HEX + 1], at[32];

	snprintf(name, sizeof(name), "%u", batch);
	palier_hex(ack->sha256.b, SHA256_LEN, hex);
	time_format(ack->at_ms, at);
	snprintf(text, sizeof(text), "%s %s\n", hex, at);
	return kept_write(dir, ACKS, name, palier_str(text));
}
