/* SPDX-License-Identifier: Apache-2.0 */
/* palier key: with what a store signs its batches. The daemon never sees the key; it is told of a new one, in an event. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/crypto_key.h"
#include "protocol/datetime.h"
#include "protocol/rotation.h"
#include "tools/commands.h"

static int run_init(struct cli *cli), run_csr(struct cli *cli), run_import(struct cli *cli), run_rotate(struct cli *cli),
	run_show(struct cli *cli);

const struct cli_command command_key = { "key", "the key that signs closed days, and its certificate",
	(const struct cli_verb[]){
		{ "init", "", "make the key of --config, once", 0, 0, NULL, run_init },
		{ "csr", "", "print a certificate signing request for it, for the office", 0, 0, NULL, run_csr },
		{ "import", "FILE", "take the certificate that the office has issued", 1, 1, NULL, run_import },
		{ "rotate", "[FILE]",
			"make the next key and print its request; with its certificate: announce it, and change over", 0, 1,
			NULL, run_rotate },
		{ "show", "", "say what there is", 0, 0, NULL, run_show },
		{ .name = NULL },
	} };

#define FILE_BYTES 65536

/* What the configuration names, and what lies beside it. */
struct signing {
	struct cli_shop shop;
	const char *next_key, *old_key, *old_certificate;
};

static int signing_of(struct cli *cli, struct signing *out)
{
	int err;

	if (!cli_value(cli, "config")) {
		cli_fail(cli, PALIER_EPARAMS, "which store? give --config FILE");
		return PALIER_EPARAMS;
	}
	err = cli_shop(cli, &out->shop);
	if (err != PALIER_OK)
		return err;
	if (!out->shop.key || !out->shop.certificate) {
		cli_fail(cli, PALIER_ECONFIG,
			"the configuration says nothing of signing: signing { certificate = \"store.pem\"  key = \"store.key\" }");
		return PALIER_ECONFIG;
	}
	out->next_key = palier_format(&cli->arena, "%s.next", out->shop.key);
	out->old_key = palier_format(&cli->arena, "%s.old", out->shop.key);
	out->old_certificate = palier_format(&cli->arena, "%s.old", out->shop.certificate);
	return PALIER_OK;
}

static bool in_token(const struct signing *s)
{
	return strncmp(s->shop.key, "pkcs11:", 7) == 0;
}

/* --- files --- */

static int read_file(struct cli *cli, const char *path, struct palier_bytes *out)
{
	char *text = palier_alloc(&cli->arena, FILE_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, FILE_BYTES) : -1;

	if (n < 0)
		cli_fail(cli, PALIER_EIO, "%s cannot be read: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	*out = palier_bytes_of(text, n > 0 ? (size_t)n : 0);
	return n < 0 ? PALIER_EIO : PALIER_OK;
}

static int directory_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd, err;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = fd >= 0 ? fsync(fd) : -1;
	if (fd >= 0)
		close(fd);
	return err;
}

/* What root makes belongs to whom the directory belongs to: palier-seal is not root. */
static int give_away(int fd, const char *path)
{
	char copy[PATH_MAX];
	struct stat st;

	if (geteuid() != 0)
		return 0;
	snprintf(copy, sizeof(copy), "%s", path);
	return stat(dirname(copy), &st) == 0 ? fchown(fd, st.st_uid, st.st_gid) : -1;
}

/* Whole or not at all. */
static int write_file(struct cli *cli, const char *path, struct palier_bytes text, mode_t mode)
{
	const char *fresh = palier_format(&cli->arena, "%s.new", path);
	int fd;
	bool good;

	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	good = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && give_away(fd, path) == 0 && fsync(fd) == 0 &&
	       rename(fresh, path) == 0 && directory_sync(path) == 0;
	if (!good)
		cli_fail(cli, PALIER_EIO, "%s cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good ? PALIER_OK : PALIER_EIO;
}

static int certificate_file(struct cli *cli, const char *path, const struct crypto_certificate *c)
{
	struct palier_buffer pem = { 0 };
	int err;

	crypto_certificate_write(c, &pem);
	err = write_file(cli, path, palier_buffer_bytes(&pem), 0644);
	palier_buffer_deinit(&pem);
	return err;
}

/* --- keys and certificates --- */

static int key_of(struct cli *cli, const char *path, struct crypto_key **out)
{
	struct palier_bytes text = { NULL, 0 };
	int err;

	if (strncmp(path, "pkcs11:", 7) == 0)
		err = crypto_key_load(path, out);
	else if ((err = read_file(cli, path, &text)) != PALIER_OK)
		return err;
	else
		err = crypto_key_read(text, out);
	if (text.len)
		explicit_bzero((char *)(uintptr_t)text.at, text.len);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, PALIER_ECONFIG, "%s is no ECDSA key on P-256", path);
}

static int certificate_of(struct cli *cli, const char *path, struct crypto_certificate **out)
{
	struct palier_bytes text;
	int err = read_file(cli, path, &text);

	if (err != PALIER_OK)
		return err;
	return crypto_certificate_read(text, out) == PALIER_OK
	               ? PALIER_OK
	               : cli_fail(cli, PALIER_ECONFIG, "%s holds no certificate", path);
}

static int make_key(struct cli *cli, const char *path, struct crypto_key **out)
{
	struct palier_buffer pem = { 0 };
	int err;

	*out = crypto_key_make();
	crypto_key_write(*out, &pem);
	err = write_file(cli, path, palier_buffer_bytes(&pem), 0400);
	explicit_bzero(pem.at, pem.len);
	palier_buffer_deinit(&pem);
	return err;
}

/* Is it one with which this key's batches would be accepted? */
static int judge(struct cli *cli, const char *path, const struct crypto_certificate *c, const struct crypto_key *k,
	const char *key)
{
	struct crypto_validity valid;
	char edge[32];

	if (!crypto_certificate_fits(c, k))
		return cli_fail(cli, PALIER_ECONFIG, "%s was not issued for the key %s", path, key);
	if (!crypto_certificate_signs(c))
		return cli_fail(cli, PALIER_ECONFIG, "%s was issued for something else than signing documents", path);
	crypto_certificate_validity(c, &valid);
	time_format(valid.to_ms, edge);
	return (int64_t)time(NULL) * 1000 < valid.to_ms ? PALIER_OK
	                                                : cli_fail(cli, PALIER_ECLOCK, "%s has expired at %s", path, edge);
}

static void print_request(struct cli *cli, const struct signing *s, const struct crypto_key *k)
{
	struct palier_buffer pem = { 0 };

	crypto_key_request(k, s->shop.store, s->shop.name, &pem);
	fprintf(cli->out, "%.*s", (int)pem.len, pem.at);
	palier_buffer_deinit(&pem);
}

static const char *hex_of(struct cli *cli, const struct palier_hash *hash)
{
	char text[2 * SHA256_LEN + 1];

	palier_hex(hash->b, SHA256_LEN, text);
	return palier_format(&cli->arena, "%s", text);
}

/* --- init, csr, import --- */

static int run_init(struct cli *cli)
{
	struct signing s = { .next_key = NULL };
	struct crypto_key *k = NULL;
	struct palier_hash id;
	int err = signing_of(cli, &s);

	if (err != PALIER_OK)
		return err;
	if (in_token(&s))
		return cli_fail(cli, PALIER_ECONFIG, "a key in a token is made there, not here");
	if (access(s.shop.key, F_OK) == 0)
		return cli_fail(cli, PALIER_EPARAMS, "there is a key: %s; palier key rotate makes another", s.shop.key);
	err = make_key(cli, s.shop.key, &k);
	if (err == PALIER_OK) {
		crypto_key_id(k, &id);
		fprintf(cli->out,
			"%s was made, with the id %s\nNow: palier key csr, and what the office issues: palier key import FILE\n",
			s.shop.key, hex_of(cli, &id));
	}
	crypto_key_free(k);
	return err;
}

static int run_csr(struct cli *cli)
{
	struct signing s = { .next_key = NULL };
	struct crypto_key *k = NULL;
	int err = signing_of(cli, &s);

	if (err == PALIER_OK)
		err = key_of(cli, s.shop.key, &k);
	if (err == PALIER_OK)
		print_request(cli, &s, k);
	crypto_key_free(k);
	return err;
}

static int run_import(struct cli *cli)
{
	struct signing s = { .next_key = NULL };
	struct crypto_key *k = NULL;
	struct crypto_certificate *c = NULL;
	int err = signing_of(cli, &s);

	if (err == PALIER_OK)
		err = key_of(cli, s.shop.key, &k);
	if (err == PALIER_OK)
		err = certificate_of(cli, cli_arg(cli, 0), &c);
	if (err == PALIER_OK)
		err = judge(cli, cli_arg(cli, 0), c, k, s.shop.key);
	if (err == PALIER_OK)
		err = certificate_file(cli, s.shop.certificate, c);
	if (err == PALIER_OK)
		fprintf(cli->out, "%s is in place; palier-seal --config %s seals what is closed\n", s.shop.certificate,
			cli_value(cli, "config"));
	crypto_certificate_free(c);
	crypto_key_free(k);
	return err;
}

/* --- rotate --- */

/* Both sides of a change of keys. */
struct change {
	struct crypto_key *from_key, *to_key;
	struct crypto_certificate *from, *to;
};

static void change_free(struct change *c)
{
	crypto_key_free(c->from_key);
	crypto_key_free(c->to_key);
	crypto_certificate_free(c->from);
	crypto_certificate_free(c->to);
}

static int request_next(struct cli *cli, const struct signing *s)
{
	struct crypto_key *k = NULL;
	int err = access(s->next_key, F_OK) == 0 ? key_of(cli, s->next_key, &k) : make_key(cli, s->next_key, &k);

	if (err == PALIER_OK)
		print_request(cli, s, k);
	crypto_key_free(k);
	return err;
}

/* A change that was interrupted has retired the old certificate already, but not the key. */
static int previous_of(struct cli *cli, const struct signing *s, struct change *c)
{
	int err = certificate_of(cli, s->shop.certificate, &c->from);

	if (err != PALIER_OK || crypto_certificate_fits(c->from, c->from_key))
		return err;
	crypto_certificate_free(c->from);
	c->from = NULL;
	err = certificate_of(cli, s->old_certificate, &c->from);
	return err == PALIER_OK ? judge(cli, s->old_certificate, c->from, c->from_key, s->shop.key) : err;
}

static int change_of(struct cli *cli, const struct signing *s, const char *file, struct change *c)
{
	int err = key_of(cli, s->shop.key, &c->from_key);

	if (err == PALIER_OK)
		err = key_of(cli, s->next_key, &c->to_key);
	if (err == PALIER_OK)
		err = certificate_of(cli, file, &c->to);
	if (err == PALIER_OK)
		err = judge(cli, file, c->to, c->to_key, s->next_key);
	return err == PALIER_OK ? previous_of(cli, s, c) : err;
}

static void param_pem(struct cli *cli, const char *name, const struct crypto_certificate *c)
{
	struct palier_buffer pem = { 0 };

	crypto_certificate_write(c, &pem);
	palier_json_key(&cli->w, name);
	palier_json_string(&cli->w, palier_buffer_bytes(&pem));
	palier_buffer_deinit(&pem);
}

static void param_signature(struct cli *cli, const char *name, struct palier_bytes statement, const struct crypto_key *k)
{
	struct palier_buffer text = { 0 };

	rotation_sign(statement, k, &text);
	palier_json_key(&cli->w, name);
	palier_json_string(&cli->w, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
}

/* Under a request of its own, so that one that was interrupted may be sent again. */
static int announce(struct cli *cli, const struct signing *s, const struct change *c)
{
	struct palier_buffer statement = { 0 };
	struct palier_hash fingerprint;

	crypto_certificate_fingerprint(c->to, &fingerprint);
	rotation_statement(palier_str(s->shop.store), c->from, c->to, &statement);
	cli_params(cli);
	cli_param(cli, "request", palier_format(&cli->arena, "key-rotate|%.40s", hex_of(cli, &fingerprint)));
	param_pem(cli, "certificate", c->to);
	param_pem(cli, "previous", c->from);
	param_signature(cli, "by_previous", palier_buffer_bytes(&statement), c->from_key);
	param_signature(cli, "by_new", palier_buffer_bytes(&statement), c->to_key);
	palier_buffer_deinit(&statement);
	return cli_call(cli, "key.rotate");
}

/* Each step leaves what a second call goes on from; the last one is the change. */
static int change_over(struct cli *cli, const struct signing *s, const struct change *c)
{
	const char *fresh = palier_format(&cli->arena, "%s.new", s->old_key);
	int err = certificate_file(cli, s->old_certificate, c->from);

	if (err != PALIER_OK)
		return err;
	unlink(fresh);
	if (link(s->shop.key, fresh) != 0 || rename(fresh, s->old_key) != 0)
		return cli_fail(cli, PALIER_EIO, "%s cannot be written: %s", s->old_key, strerror(errno));
	err = certificate_file(cli, s->shop.certificate, c->to);
	if (err == PALIER_OK && (rename(s->next_key, s->shop.key) != 0 || directory_sync(s->shop.key) != 0))
		err = cli_fail(cli, PALIER_EIO, "%s cannot be written: %s", s->shop.key, strerror(errno));
	return err;
}

static int run_rotate(struct cli *cli)
{
	struct change c = { .from_key = NULL };
	const char *file = cli_arg(cli, 0);
	struct signing s = { .next_key = NULL };
	int err = signing_of(cli, &s);

	if (err != PALIER_OK)
		return err;
	if (in_token(&s))
		return cli_fail(cli, PALIER_ECONFIG, "a key in a token is changed there, and announced with key.rotate");
	if (!file)
		return request_next(cli, &s);
	err = change_of(cli, &s, file, &c);
	if (err == PALIER_OK)
		err = announce(cli, &s, &c);
	if (err == PALIER_OK)
		err = change_over(cli, &s, &c);
	if (err == PALIER_OK)
		fprintf(cli->out,
			"The new key is announced: it signs the days after the open one.\n%s still signs up to there; when that day is sealed, it may be deleted.\n",
			s.old_key);
	change_free(&c);
	return err;
}

/* --- show --- */

static void show_certificate(struct cli *cli, const struct crypto_certificate *c)
{
	struct crypto_validity valid;
	struct palier_hash hash;
	char subject[256], issuer[256], from[32], to[32];

	crypto_certificate_key_id(c, &hash);
	crypto_certificate_names_text(c, false, subject, sizeof(subject));
	crypto_certificate_names_text(c, true, issuer, sizeof(issuer));
	crypto_certificate_validity(c, &valid);
	time_format(valid.from_ms, from);
	time_format(valid.to_ms, to);
	fprintf(cli->out, "  subject   %s\n  issuer    %s\n  valid     %.10s to %.10s\n  key id    %s\n",
		view_clean(&cli->arena, palier_str(subject)), view_clean(&cli->arena, palier_str(issuer)), from, to,
		hex_of(cli, &hash));
	crypto_certificate_fingerprint(c, &hash);
	fprintf(cli->out, "  SHA-256   %s\n", hex_of(cli, &hash));
}

/* A key and its certificate, as far as they are there. */
static int show_pair(struct cli *cli, const char *key, const char *certificate)
{
	struct crypto_key *k = NULL;
	struct crypto_certificate *c = NULL;
	struct palier_hash id;
	int err = key_of(cli, key, &k);

	if (err == PALIER_OK) {
		crypto_key_id(k, &id);
		fprintf(cli->out, "key %s\n  id        %s\n", key, hex_of(cli, &id));
	}
	if (err == PALIER_OK && certificate)
		err = certificate_of(cli, certificate, &c);
	if (c) {
		fprintf(cli->out, "certificate %s\n", certificate);
		show_certificate(cli, c);
	}
	if (c && err == PALIER_OK)
		err = judge(cli, certificate, c, k, key);
	crypto_certificate_free(c);
	crypto_key_free(k);
	return err;
}

static int run_show(struct cli *cli)
{
	struct signing s = { .next_key = NULL };
	int err = signing_of(cli, &s);

	if (err == PALIER_OK)
		err = show_pair(cli, s.shop.key, s.shop.certificate);
	if (err == PALIER_OK && access(s.next_key, F_OK) == 0)
		err = show_pair(cli, s.next_key, NULL);
	if (err == PALIER_OK && access(s.old_key, F_OK) == 0)
		err = show_pair(cli, s.old_key, s.old_certificate);
	return err;
}
