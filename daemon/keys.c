/* SPDX-License-Identifier: Apache-2.0 */
/* The key file: read through a shared map, written in place with pwrite, so that a short write is an error and not a signal. */
#include "daemon/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/chance.h"

#define MAP_AHEAD ((size_t)4 << 20) /* mapped beyond the file's end, so that it is rarely mapped again */

struct keys {
	int fd;
	bool dirty, read_only;
	uint32_t count; /* slots in the file; none behind them is ever touched */
	uint8_t *map;
	size_t map_len;
	uint8_t store_key[CRYPTO_KEY_LEN];
};

static bool key_is_blank(const uint8_t key[CRYPTO_KEY_LEN])
{
	static const uint8_t blank[CRYPTO_KEY_LEN];

	return memcmp(key, blank, CRYPTO_KEY_LEN) == 0;
}

static int key_write(int fd, uint32_t slot, const uint8_t key[CRYPTO_KEY_LEN])
{
	return pwrite(fd, key, CRYPTO_KEY_LEN, (off_t)slot * CRYPTO_KEY_LEN) == CRYPTO_KEY_LEN ? PALIER_OK : PALIER_EIO;
}

static int map_make(struct keys *k)
{
	size_t len = (size_t)k->count * CRYPTO_KEY_LEN + MAP_AHEAD;
	void *map = mmap(NULL, len, PROT_READ, MAP_SHARED, k->fd, 0);

	if (map == MAP_FAILED)
		return PALIER_EIO;
	if (k->map)
		munmap(k->map, k->map_len);
	k->map = map;
	k->map_len = len;
	return PALIER_OK;
}

/* Who reads beside the daemon looks whether it has drawn more keys since. */
static int count_again(struct keys *k)
{
	struct stat st;

	if (!k->read_only || fstat(k->fd, &st) != 0)
		return PALIER_OK;
	k->count = (uint32_t)(st.st_size / CRYPTO_KEY_LEN);
	return (size_t)k->count * CRYPTO_KEY_LEN <= k->map_len ? PALIER_OK : map_make(k);
}

static int key_read(const struct keys *k, uint32_t slot, uint8_t key[CRYPTO_KEY_LEN])
{
	if (slot >= k->count)
		return PALIER_ENOENT;
	memcpy(key, k->map + (size_t)slot * CRYPTO_KEY_LEN, CRYPTO_KEY_LEN);
	return key_is_blank(key) ? PALIER_ENOENT : PALIER_OK;
}

int keys_create(const char *path)
{
	uint8_t key[CRYPTO_KEY_LEN];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return PALIER_EIO;
	chance_draw(key, sizeof(key));
	err = key_write(fd, 0, key);
	if (err == PALIER_OK && fsync(fd) != 0)
		err = PALIER_EIO;
	close(fd);
	return err;
}

int keys_open(const char *path, bool read_only, struct keys **out)
{
	struct keys *k;
	struct stat st;
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? PALIER_ENOENT : PALIER_EIO;
	k = calloc(1, sizeof(*k));
	if (!k)
		abort();
	k->fd = fd;
	k->read_only = read_only;
	if (fstat(fd, &st) == 0)
		k->count = (uint32_t)(st.st_size / CRYPTO_KEY_LEN);
	if (map_make(k) != PALIER_OK || key_read(k, 0, k->store_key) != PALIER_OK) {
		keys_close(k);
		return PALIER_EDAMAGED;
	}
	*out = k;
	return PALIER_OK;
}

void keys_close(struct keys *k)
{
	if (!k)
		return;
	if (k->map)
		munmap(k->map, k->map_len);
	close(k->fd);
	explicit_bzero(k, sizeof(*k));
	free(k);
}

uint32_t keys_count(const struct keys *k)
{
	return k->count;
}

int keys_draw(struct keys *k, uint32_t slot)
{
	uint8_t key[CRYPTO_KEY_LEN];
	int err;

	chance_draw(key, sizeof(key));
	err = key_write(k->fd, slot, key);
	explicit_bzero(key, sizeof(key));
	if (err != PALIER_OK)
		return err;
	k->dirty = true;
	if (slot >= k->count)
		k->count = slot + 1;
	return (size_t)k->count * CRYPTO_KEY_LEN <= k->map_len ? PALIER_OK : map_make(k);
}

int keys_erase(struct keys *k, uint32_t slot)
{
	static const uint8_t blank[CRYPTO_KEY_LEN];
	uint8_t key[CRYPTO_KEY_LEN];
	int err = slot == 0 ? PALIER_ENOENT : key_read(k, slot, key);

	explicit_bzero(key, sizeof(key));
	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	k->dirty = true;
	return key_write(k->fd, slot, blank);
}

bool keys_dirty(const struct keys *k)
{
	return k->dirty;
}

int keys_sync(struct keys *k)
{
	if (fdatasync(k->fd) != 0)
		return PALIER_EIO;
	k->dirty = false;
	return PALIER_OK;
}

struct palier_bytes keys_seal(struct keys *k, uint32_t slot, struct palier_bytes plain, struct palier_arena *a)
{
	uint8_t key[CRYPTO_KEY_LEN], *sealed;
	size_t len = plain.len + CRYPTO_SEAL_OVERHEAD;
	char *text;
	int n;

	if (key_read(k, slot, key) != PALIER_OK)
		return (struct palier_bytes){ NULL, 0 };
	sealed = palier_alloc(a, len);
	crypto_seal(key, plain, sealed);
	text = palier_alloc(a, 12 + (len * 4 + 2) / 3 + 1);
	n = snprintf(text, 12, "%u.", slot);
	return palier_bytes_of(text, (size_t)n + palier_base64(sealed, len, text + n));
}

static bool slot_of(struct palier_bytes *sealed, uint32_t *slot)
{
	uint64_t v = 0;
	size_t i = 0;

	while (i < sealed->len && i < 10 && sealed->at[i] >= '0' && sealed->at[i] <= '9')
		v = v * 10 + (uint64_t)(sealed->at[i++] - '0');
	if (i == 0 || i >= sealed->len || sealed->at[i] != '.' || v > UINT32_MAX)
		return false;
	*slot = (uint32_t)v;
	*sealed = palier_bytes_of(sealed->at + i + 1, sealed->len - i - 1);
	return true;
}

int keys_unseal(struct keys *k, struct palier_bytes sealed, struct palier_arena *a, struct palier_bytes *out)
{
	uint8_t key[CRYPTO_KEY_LEN], *raw, *plain;
	uint32_t slot;
	long len;
	int err;

	if (!slot_of(&sealed, &slot))
		return PALIER_EDAMAGED;
	err = slot < k->count ? PALIER_OK : count_again(k);
	if (err == PALIER_OK)
		err = key_read(k, slot, key);
	if (err != PALIER_OK)
		return err;
	raw = palier_alloc(a, sealed.len + 1);
	len = palier_unbase64(sealed, raw);
	if (len < CRYPTO_SEAL_OVERHEAD)
		return PALIER_EDAMAGED;
	plain = palier_alloc(a, (size_t)len);
	err = crypto_open(key, palier_bytes_of(raw, (size_t)len), plain);
	if (err == PALIER_OK)
		*out = palier_bytes_of(plain, (size_t)len - CRYPTO_SEAL_OVERHEAD);
	return err;
}

int keys_derive(const struct keys *k, uint32_t slot, const char *purpose, uint8_t out[CRYPTO_KEY_LEN])
{
	uint8_t key[CRYPTO_KEY_LEN], mac[CRYPTO_MAC_MAX];
	int err = key_read(k, slot, key);

	if (err != PALIER_OK)
		return err;
	crypto_hmac(CRYPTO_SHA256, palier_bytes_of(key, sizeof(key)), palier_str(purpose), mac);
	memcpy(out, mac, CRYPTO_KEY_LEN);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(mac, sizeof(mac));
	return PALIER_OK;
}

void keys_hash(struct keys *k, char purpose, struct palier_bytes text, uint8_t out[16])
{
	char small[256];
	size_t len = text.len + 1;
	char *at = len <= sizeof(small) ? small : malloc(len);

	if (!at)
		abort();
	at[0] = purpose;
	if (text.len)
		memcpy(at + 1, text.at, text.len);
	crypto_siphash(k->store_key, palier_bytes_of(at, len), out);
	if (at != small)
		free(at);
}
