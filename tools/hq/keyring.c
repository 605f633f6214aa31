/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/hq/keyring.h"

#include <errno.h>
#include <stdlib.h>

#include "protocol/rotation.h"
#include "tools/cli.h"
#include "tools/hq/files.h"
#include "tools/hq/trusted.h"

#define CERTIFICATE_MAX 65536 /* bytes; no certificate is longer */

static void add(const struct crypto_certificate ***list, size_t *count, const struct crypto_certificate *c)
{
	const struct crypto_certificate **more = realloc(*list, (*count + 1) * sizeof(const struct crypto_certificate *));

	if (!more)
		abort();
	more[(*count)++] = c;
	*list = more;
}

int keyring_load(struct cli *cli, const char *path, struct crypto_certificate **out)
{
	struct palier_buffer text = { 0 };
	int err = files_read(path, CERTIFICATE_MAX, &text);

	if (err != PALIER_OK)
		err = cli_fail(cli, PALIER_ECONFIG, "%s: %s", path,
			err == PALIER_ERANGE ? "it is too long" : strerror(errno));
	else if (crypto_certificate_read(palier_buffer_bytes(&text), out) != PALIER_OK)
		err = cli_fail(cli, PALIER_ECONFIG, "%s holds no certificate", path);
	palier_buffer_deinit(&text);
	return err;
}

static int pin_file(struct cli *cli, struct keyring *k, const char *path, bool named)
{
	struct crypto_certificate *c = NULL;
	int err = keyring_load(cli, path, &c);

	if (err != PALIER_OK)
		return err;
	if (named && !crypto_certificate_names(c, palier_str(k->store)))
		crypto_certificate_free(c); /* of the command line: another store's */
	else
		add(&k->pinned, &k->pinned_count, c);
	return PALIER_OK;
}

static int authority_file(struct cli *cli, struct keyring *k, const char *path)
{
	struct crypto_certificate *c = NULL;
	int err = keyring_load(cli, path, &c);

	if (err == PALIER_OK)
		add(&k->authorities, &k->authority_count, c);
	return err;
}

static int pins_read(struct cli *cli, const struct hq_config *c, struct keyring *k)
{
	const struct hq_store *store = c ? hq_store_find(c, k->store) : NULL;
	int err = store && store->certificate ? pin_file(cli, k, store->certificate, false) : PALIER_OK, at = 0;
	const char *path;

	while (err == PALIER_OK && (path = cli_each(cli, "certificate", &at)))
		err = pin_file(cli, k, path, true);
	return err;
}

static int authorities_read(struct cli *cli, const struct hq_config *c, struct keyring *k)
{
	int err = PALIER_OK, at = 0;
	const char *path;

	for (const char *const *one = c ? c->authorities : NULL; one && *one && err == PALIER_OK; one++)
		err = authority_file(cli, k, *one);
	while (err == PALIER_OK && (path = cli_each(cli, "authority", &at)))
		err = authority_file(cli, k, path);
	return err;
}

/* They count beside the others. */
static bool trusted_take(struct keyring *k, const struct trusted *list, size_t count)
{
	k->replacements = calloc(count + 1, sizeof(*k->replacements));
	if (!k->replacements)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct replacement *r = &k->replacements[i];

		if (keyring_pin(k, list[i].certificate) != PALIER_OK)
			return false;
		r->before = list[i].instead_of;
		crypto_certificate_key_id(k->pinned[k->pinned_count - 1], &r->after);
	}
	k->replacement_count = count;
	return true;
}

static int trusted_open(struct cli *cli, const char *folder, struct keyring *k)
{
	struct palier_arena a = { .used = 0 };
	struct trusted *list;
	size_t count;
	int err = trusted_read(folder, &a, &list, &count);

	if (err == PALIER_OK && !trusted_take(k, list, count))
		err = PALIER_EDAMAGED;
	palier_arena_deinit(&a);
	if (err == PALIER_OK)
		return err;
	return cli_fail(cli, err, "%s/trusted: %s", folder,
		err == PALIER_EDAMAGED ? "it is not as palier-hq trust has written it" : strerror(errno));
}

int keyring_open(struct cli *cli, const struct hq_config *c, const char *store, const char *folder, struct keyring *out)
{
	int err;

	*out = (struct keyring){ .store = store };
	err = pins_read(cli, c, out);
	if (err == PALIER_OK && out->pinned_count == 0)
		err = authorities_read(cli, c, out);
	if (err == PALIER_OK && out->pinned_count + out->authority_count == 0)
		err = cli_fail(cli, PALIER_ECONFIG,
			"nothing says whose signature counts for %s: name an authority, or the store's certificate", store);
	if (err == PALIER_OK && folder)
		err = trusted_open(cli, folder, out);
	out->given = out->pinned_count;
	if (err != PALIER_OK)
		keyring_close(out);
	return err;
}

static void list_free(const struct crypto_certificate **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		crypto_certificate_free((struct crypto_certificate *)(uintptr_t)list[i]);
	free(list);
}

void keyring_close(struct keyring *k)
{
	list_free(k->pinned, k->pinned_count);
	list_free(k->authorities, k->authority_count);
	free(k->replacements);
	*k = (struct keyring){ .store = k->store };
}

struct cms_trust keyring_trust(const struct keyring *k)
{
	return (struct cms_trust){ .pinned = k->pinned,
		.pinned_count = k->pinned_count,
		.authorities = k->authorities,
		.authority_count = k->authority_count,
		.store = palier_str(k->store) };
}

int keyring_pin(struct keyring *k, struct palier_bytes pem)
{
	struct crypto_certificate *c;
	int err = crypto_certificate_read(pem, &c);

	if (err == PALIER_OK)
		add(&k->pinned, &k->pinned_count, c);
	return err;
}

bool keyring_replaces(const struct keyring *k, const struct palier_hash *before, const struct palier_hash *after)
{
	for (size_t i = 0; i < k->replacement_count; i++)
		if (memcmp(k->replacements[i].before.b, before->b, SHA256_LEN) == 0 &&
			memcmp(k->replacements[i].after.b, after->b, SHA256_LEN) == 0)
			return true;
	return false;
}

/* --- what a store announces --- */

static bool is_signers(const struct crypto_certificate *c, const struct palier_hash *signer)
{
	struct palier_hash id;

	crypto_certificate_key_id(c, &id);
	return memcmp(id.b, signer->b, SHA256_LEN) == 0;
}

static bool proved(const struct keyring *k, const struct crypto_certificate *from, const struct crypto_certificate *to,
	const struct booked *e)
{
	struct palier_buffer statement = { 0 };
	bool good;

	rotation_statement(palier_str(k->store), from, to, &statement);
	good = rotation_signed(palier_buffer_bytes(&statement), from, booked_text(e, e->params, "by_previous")) &&
	       rotation_signed(palier_buffer_bytes(&statement), to, booked_text(e, e->params, "by_new"));
	palier_buffer_deinit(&statement);
	return good;
}

void keyring_follow(struct keyring *k, struct palier_hash *signer, const struct booked *e)
{
	struct crypto_certificate *from, *to;

	if (k->pinned_count == 0 || !e->params || !booked_is(e, BATCH_ROTATED_METHOD) ||
		crypto_certificate_read(booked_text(e, e->params, "previous"), &from) != PALIER_OK)
		return;
	if (crypto_certificate_read(booked_text(e, e->params, "certificate"), &to) != PALIER_OK) {
		crypto_certificate_free(from);
		return;
	}
	if (crypto_certificate_p256(from) && crypto_certificate_p256(to) && is_signers(from, signer) &&
		proved(k, from, to, e)) {
		crypto_certificate_key_id(to, signer);
		add(&k->pinned, &k->pinned_count, to);
	} else {
		crypto_certificate_free(to);
	}
	crypto_certificate_free(from);
}
