/* SPDX-License-Identifier: Apache-2.0 */
/* palier-hq prove and check-proof: that one line was in a batch that its store has signed, without the others. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "tools/hq/commands.h"
#include "tools/hq/files.h"
#include "tools/hq/proof.h"
#include "tools/table.h"

static int run_prove(struct cli *cli), run_check(struct cli *cli);

static const struct cli_option check_options[] = { KEYRING_OPTIONS, CLI_END_OPTIONS };

const struct cli_command command_prove = { "prove", "prove that one event is in a signed batch",
	(const struct cli_verb[]){
		{ "", "STORE SEQ", "print a proof of one event of a store, as a small JSON file", 2, 2, NULL, run_prove },
		{ .name = NULL },
	} };

const struct cli_command command_check_proof = { "check-proof", "check such a proof, with certificates alone",
	(const struct cli_verb[]){
		{ "", "FILE", "check a proof, and show the event", 1, 1, check_options, run_check },
		{ .name = NULL },
	} };

/* --- proving --- */

/* Is the event in this batch? */
static bool holds(struct cli *cli, const char *directory, uint64_t seq)
{
	struct palier_buffer text = { 0 };
	struct batch_manifest m;
	bool there = files_read(palier_format(&cli->arena, "%s/" BATCH_MANIFEST, directory), BATCH_MANIFEST_MAX, &text) ==
	                     PALIER_OK &&
	             batch_manifest_read(palier_buffer_bytes(&text), &cli->arena, &m) == BATCH_FINE &&
	             (uint64_t)m.first_seq <= seq && seq <= (uint64_t)m.last_seq;

	palier_buffer_deinit(&text);
	return there;
}

/* @param out the directory of the batch that holds the event */
static int batch_find(struct cli *cli, const struct hq_config *c, const char *store, uint64_t seq, const char **out)
{
	const char *path = palier_format(&cli->arena, "%s/%s/batches", c->directory, store);
	uint32_t *numbers;
	size_t count;
	int err;

	if (access(path, F_OK) != 0)
		path = palier_format(&cli->arena, "%s/%s", c->directory, store);
	err = files_numbers(path, &cli->arena, &numbers, &count);
	if (err != PALIER_OK)
		return cli_fail(cli, err, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < count; i++) {
		*out = palier_format(&cli->arena, "%s/%u", path, numbers[i]);
		if (holds(cli, *out, seq))
			return PALIER_OK;
	}
	return cli_fail(cli, PALIER_ENOENT, "%s: no batch of %s holds event %llu", path, store, (unsigned long long)seq);
}

static int run_prove(struct cli *cli)
{
	const char *text = cli_arg(cli, 1), *directory = NULL;
	struct palier_buffer proof = { 0 };
	struct hq_config config;
	char *end, why[256];
	unsigned long long seq;
	int err = hq_config_read(cli, &config);

	if (err != PALIER_OK)
		return err;
	errno = 0;
	seq = strtoull(text, &end, 10);
	if (text[0] < '1' || text[0] > '9' || *end || errno)
		return cli_fail(cli, PALIER_EPARAMS, "%s is not the number of an event", text);
	err = batch_find(cli, &config, cli_arg(cli, 0), seq, &directory);
	if (err != PALIER_OK)
		return err;
	err = proof_make(directory, seq, &proof, why, sizeof(why));
	if (err == PALIER_OK)
		fwrite(proof.at, 1, proof.len, cli->out);
	palier_buffer_deinit(&proof);
	return err == PALIER_OK ? PALIER_OK : cli_fail(cli, err, "%s", why);
}

/* --- checking --- */

static const char *time_text(struct cli *cli, int64_t at_ms)
{
	char text[40];

	time_format(at_ms, text);
	return palier_cstr(&cli->arena, palier_str(text));
}

static void json_show(struct cli *cli, const struct proved *p)
{
	struct palier_buffer text = { 0 };
	struct palier_json w = palier_json_to(&text);

	palier_json_object(&w);
	palier_json_key(&w, "store");
	palier_json_string(&w, p->store);
	palier_json_key(&w, "batch");
	palier_json_int(&w, p->batch);
	palier_json_key(&w, "business_day");
	palier_json_day(&w, p->day);
	palier_json_key(&w, "seq");
	palier_json_int(&w, (int64_t)p->seq);
	palier_json_key(&w, "signed_at");
	palier_json_time(&w, p->at_ms);
	palier_json_key(&w, "key_id");
	palier_json_hex(&w, p->key_id.b, SHA256_LEN);
	palier_json_key(&w, "line");
	palier_json_string(&w, p->line);
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&text)));
	palier_buffer_deinit(&text);
}

static void show(struct cli *cli, const struct proved *p)
{
	struct table t = { .columns = (const struct table_column[]){ { .title = "" }, { .title = "" }, { .title = NULL } },
		.untitled = true };

	table_pair(&t, "store", view_clean(&cli->arena, p->store));
	table_pair(&t, "event", palier_format(&cli->arena, "%llu", (unsigned long long)p->seq));
	table_pair(&t, "batch",
		palier_format(&cli->arena, "%u of %04u-%02u-%02u", p->batch, p->day / 10000, p->day / 100 % 100,
			p->day % 100));
	table_pair(&t, "signed", time_text(cli, p->at_ms));
	table_pair(&t, "by key", palier_format(&cli->arena, "%.*s", PALIER_ARG(judge_hex(&cli->arena, &p->key_id))));
	table_print(&t, cli->out);
	table_deinit(&t);
	fprintf(cli->out, "\n%s\n", view_clean(&cli->arena, p->line));
}

static int check(struct cli *cli, const struct hq_config *c, struct palier_bytes text)
{
	struct palier_bytes store;
	const char *name, *folder;
	struct verdict v;
	struct keyring ring;
	struct proved p;
	int err;

	if (!proof_store(text, &cli->arena, &store))
		return cli_fail(cli, PALIER_EDAMAGED, "%s is not a proof as palier-hq prove writes it", cli_arg(cli, 0));
	name = palier_cstr(&cli->arena, store);
	folder = c ? palier_format(&cli->arena, "%s/%s", c->directory, name) : NULL;
	err = keyring_open(cli, c, name, folder, &ring);
	if (err != PALIER_OK)
		return err;
	proof_check(text, &ring, &cli->arena, &p, &v);
	keyring_close(&ring);
	if (v.word)
		return cli_fail(cli, PALIER_EDAMAGED, "%s proves nothing (%s): %s", cli_arg(cli, 0), v.word, v.why);
	if (cli_has(cli, "json"))
		json_show(cli, &p);
	else
		show(cli, &p);
	return PALIER_OK;
}

static int run_check(struct cli *cli)
{
	struct palier_buffer text = { 0 };
	struct hq_config config;
	bool configured = cli_value(cli, "config") != NULL;
	int err = configured ? hq_config_read(cli, &config) : PALIER_OK;

	if (err != PALIER_OK)
		return err;
	err = files_read(cli_arg(cli, 0), PROOF_MAX, &text);
	if (err != PALIER_OK)
		err = cli_fail(cli, PALIER_EIO, "%s: %s", cli_arg(cli, 0),
			err == PALIER_ERANGE ? "it is too long" : strerror(errno));
	else
		err = check(cli, configured ? &config : NULL, palier_buffer_bytes(&text));
	palier_buffer_deinit(&text);
	return err;
}
