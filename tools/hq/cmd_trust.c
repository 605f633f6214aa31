/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq trust: a store has lost its key, so that no batch can announce the new one. Somebody decides that it is the store's all the same. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/shelf.h"
#include "tools/hq/trusted.h"
#include "tools/table.h"

#define REASON_MAX 1000 /* characters */

static int run_trust(struct cli *cli);

static const struct cli_option trust_options[] = {
	{ "reason", "TEXT", "why, for who asks later; kept with the decision" },
	CLI_END_OPTIONS,
};

const struct cli_command command_trust = { "trust", "accept the new key of a store that has lost its own",
	(const struct cli_verb[]){
		{ "", "STORE CERTIFICATE",
			"let this certificate's key take the place of the one that signed so far; ask the store for both ids first",
			2, 2, trust_options, run_trust },
		{ .name = NULL },
	} };

struct decision {
	struct cli *cli;
	const char *store, *folder; /* DIRECTORY/STORE */
	struct crypto_certificate *certificate;
	struct keyring ring;
	struct palier_hash before, after; /* ids of the keys */
	const char *settled;              /* what was refused for it, in refused/; NULL: nothing was */
};

/* --- the certificate --- */

static int certificate_check(struct decision *d, const char *path)
{
	char subject[256];

	crypto_certificate_names_text(d->certificate, false, subject, sizeof(subject));
	if (!crypto_certificate_names(d->certificate, palier_str(d->store)))
		return cli_fail(d->cli, PALIER_ECONFIG, "%s is not a certificate of %s, but of %s", path, d->store,
			view_clean(&d->cli->arena, palier_str(subject)));
	if (!crypto_certificate_p256(d->certificate) || !crypto_certificate_signs(d->certificate))
		return cli_fail(d->cli, PALIER_ECONFIG, "%s is not one that signs batches: ECDSA on P-256, for documents",
			path);
	crypto_certificate_key_id(d->certificate, &d->after);
	return PALIER_OK;
}

/* --- the key that signed so far --- */

/* @return false: it cannot be read */
static bool manifest_after(const char *path, struct palier_hash *key, struct palier_hash *next)
{
	struct palier_buffer text = { 0 };
	struct palier_arena a = { .used = 0 };
	struct batch_before before;
	struct batch_manifest m;
	bool read = files_read(path, BATCH_MANIFEST_MAX, &text) == PALIER_OK &&
	            batch_manifest_read(palier_buffer_bytes(&text), &a, &m) == BATCH_FINE &&
	            palier_unhex(m.key_id, key->b, SHA256_LEN);

	if (read) {
		batch_before_of(&m, palier_buffer_bytes(&text), &before);
		*next = before.key_id;
	}
	palier_arena_deinit(&a);
	palier_buffer_deinit(&text);
	return read;
}

/* Up to the first batch that is signed with a key nobody has announced: such a one is here where batches came by a carrier. */
static int before_find(struct decision *d)
{
	struct palier_arena *a = &d->cli->arena;
	const char *path = palier_format(a, "%s/batches", d->folder);
	struct palier_hash key, next;
	uint32_t *numbers;
	size_t count;
	int err;

	if (access(path, F_OK) != 0)
		path = d->folder;
	err = files_numbers(path, a, &numbers, &count);
	if (err != PALIER_OK)
		return cli_fail(d->cli, err, "%s: %s", path, strerror(errno));
	if (count == 0)
		return cli_fail(d->cli, PALIER_ENOENT,
			"there is no batch of %s: the key of a first one need not be announced, only the certificate be known",
			d->store);
	for (size_t i = 0; i < count; i++) {
		if (!manifest_after(palier_format(a, "%s/%u/" BATCH_MANIFEST, path, numbers[i]), &key, &next))
			return cli_fail(d->cli, PALIER_EDAMAGED, "%s/%u/" BATCH_MANIFEST " cannot be read", path,
				numbers[i]);
		if (i > 0 && memcmp(key.b, d->before.b, SHA256_LEN) != 0 && !keyring_replaces(&d->ring, &d->before, &key))
			break;
		d->before = next;
	}
	return PALIER_OK;
}

/* --- what was refused --- */

static bool is_signed_by(const char *directory, const struct crypto_certificate *c)
{
	const struct crypto_certificate *pinned[] = { c };
	const struct cms_trust trust = { .pinned = pinned, .pinned_count = 1 };
	struct palier_buffer manifest = { 0 }, signature = { 0 };
	struct palier_arena a = { .used = 0 };
	struct cms_signed by;
	bool is =
		files_read(palier_format(&a, "%s/" BATCH_MANIFEST, directory), BATCH_MANIFEST_MAX, &manifest) == PALIER_OK &&
		files_read(palier_format(&a, "%s/" BATCH_SIGNATURE, directory), BATCH_MANIFEST_MAX, &signature) ==
			PALIER_OK &&
		crypto_cms_verify(palier_buffer_bytes(&manifest), palier_buffer_bytes(&signature), &trust, &by) ==
			BATCH_FINE;

	palier_buffer_deinit(&manifest);
	palier_buffer_deinit(&signature);
	palier_arena_deinit(&a);
	return is;
}

/* For its key alone, or for something else, too? */
static bool for_its_key(const char *name)
{
	const char *word = strchr(name, '-');

	return word && (strcmp(word + 1, batch_fault_word(BATCH_KEY_UNANNOUNCED)) == 0 ||
			       strcmp(word + 1, batch_fault_word(BATCH_CERTIFICATE_UNKNOWN)) == 0);
}

/* The batch that was refused shows which key the store has now. */
static int refused_check(struct decision *d)
{
	struct palier_arena *a = &d->cli->arena;
	DIR *in = opendir(palier_format(a, "%s/refused", d->folder));
	struct dirent *entry;

	while (in && !d->settled && (entry = readdir(in)))
		if (for_its_key(entry->d_name))
			d->settled = palier_format(a, "%s/refused/%s", d->folder, entry->d_name);
	if (in)
		closedir(in);
	if (d->settled && !is_signed_by(d->settled, d->certificate))
		return cli_fail(d->cli, PALIER_EDAMAGED,
			"%s is signed with another key than that of this certificate: nothing was decided", d->settled);
	return PALIER_OK;
}

/* --- the decision --- */

static int decide(struct decision *d)
{
	const char *reason = cli_value(d->cli, "reason");
	struct palier_buffer pem = { 0 };
	struct trusted t = { .instead_of = d->before,
		.reason = palier_str(reason ? reason : ""),
		.at_ms = time(NULL) * INT64_C(1000) };
	int err;

	if (t.reason.len > REASON_MAX)
		return cli_fail(d->cli, PALIER_EPARAMS, "--reason: at most %d characters", REASON_MAX);
	if (memcmp(d->before.b, d->after.b, SHA256_LEN) == 0 || keyring_replaces(&d->ring, &d->before, &d->after))
		return cli_fail(d->cli, PALIER_EPARAMS, "the key of this certificate signs for %s already", d->store);
	crypto_certificate_write(d->certificate, &pem);
	t.certificate = palier_buffer_bytes(&pem);
	err = trusted_add(d->folder, d->store, &t);
	if (err == PALIER_OK && d->settled)
		err = files_remove(d->settled);
	palier_buffer_deinit(&pem);
	return err == PALIER_OK ? err : cli_fail(d->cli, err, "%s: %s", d->folder, strerror(errno));
}

static void decision_show(struct decision *d)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } } };
	struct palier_arena *a = &d->cli->arena;
	struct palier_hash sum;
	char issuer[256];

	crypto_certificate_fingerprint(d->certificate, &sum);
	crypto_certificate_names_text(d->certificate, true, issuer, sizeof(issuer));
	table_pair(&t, "store", d->store);
	table_pair(&t, "key", palier_cstr(a, judge_hex(a, &d->after)));
	table_pair(&t, "instead of", palier_cstr(a, judge_hex(a, &d->before)));
	table_pair(&t, "certificate", palier_cstr(a, judge_hex(a, &sum)));
	table_pair(&t, "issuer", view_clean(a, palier_str(issuer)));
	if (d->settled)
		table_pair(&t, "settled", d->settled);
	table_print(&t, d->cli->out);
	table_deinit(&t);
}

static void decision_json(struct decision *d)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);
	struct palier_arena *a = &d->cli->arena;

	palier_json_object(&w);
	palier_json_key(&w, "store");
	palier_json_str(&w, d->store);
	palier_json_key(&w, "key_id");
	palier_json_string(&w, judge_hex(a, &d->after));
	palier_json_key(&w, "instead_of");
	palier_json_string(&w, judge_hex(a, &d->before));
	palier_json_end_object(&w);
	fprintf(d->cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}

static int trust(struct decision *d, const struct hq_config *c)
{
	int err = keyring_load(d->cli, cli_arg(d->cli, 1), &d->certificate);

	if (err == PALIER_OK)
		err = certificate_check(d, cli_arg(d->cli, 1));
	if (err == PALIER_OK)
		err = keyring_open(d->cli, c, d->store, d->folder, &d->ring);
	if (err == PALIER_OK)
		err = before_find(d);
	if (err == PALIER_OK)
		err = refused_check(d);
	if (err == PALIER_OK)
		err = decide(d);
	if (err == PALIER_OK)
		cli_has(d->cli, "json") ? decision_json(d) : decision_show(d);
	keyring_close(&d->ring);
	crypto_certificate_free(d->certificate);
	return err;
}

static int run_trust(struct cli *cli)
{
	struct decision d = { .cli = cli, .store = cli_arg(cli, 0) };
	struct hq_config config;
	int locked, err = hq_config_read(cli, &config);

	if (err == PALIER_OK && (d.store[0] == '.' || !d.store[0] || strchr(d.store, '/')))
		err = cli_fail(cli, PALIER_EPARAMS, "a store is not called \"%s\"", d.store);
	if (err == PALIER_OK)
		err = shelves_lock(cli, &config, &locked);
	if (err != PALIER_OK)
		return err;
	d.folder = palier_format(&cli->arena, "%s/%s", config.directory, d.store);
	err = trust(&d, &config);
	close(locked);
	return err;
}
