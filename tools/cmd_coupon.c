/* SPDX-License-Identifier: Apache-2.0 */
/* palier coupon: codes to print or to send. A batch is made by many commands, whose request ids follow from its name: run again, it gives
 * the same codes, those that were made before it was interrupted included. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/datetime.h"
#include "protocol/progress.h"
#include "tools/commands.h"

#define CODES_PER_COMMAND 1000
#define CODES_MOST        10000000
#define BATCH_MOST        40 /* bytes of its name, so that request ids have room */

static int run_issue(struct cli *cli);

static const struct cli_option issue_options[] = {
	{ "count", "N", "how many codes; needed" },
	{ "until", "DATE", "the last day on which they can be used (default: as long as the offer says)" },
	{ "batch", "NAME", "its name: run again, it gives the same codes (default: a new one)" },
	{ "out", "FILE", "write them there, once all are made (default: standard output)" },
	CLI_END_OPTIONS,
};

const struct cli_command command_coupon = { "coupon", "codes that are used up",
	(const struct cli_verb[]){
		{ "issue", "OFFER", "make codes of an offer, as CSV", 1, 1, issue_options, run_issue },
		{ .name = NULL },
	} };

struct batch {
	const char *name;
	char drawn[PALIER_REQUEST_ID + 1];
	int64_t count;
	const char *path; /* NULL: standard output */
	char *part;       /* where it grows */
	FILE *file;
};

static int batch_read(struct cli *cli, struct batch *b)
{
	const char *count = cli_value(cli, "count");

	if (!count || !decimal_parse(count, 0, &b->count) || b->count < 1 || b->count > CODES_MOST)
		return cli_fail(cli, PALIER_EPARAMS, "how many? give --count N, from 1 to %d", CODES_MOST);
	b->name = cli_value(cli, "batch");
	if (b->name && (b->name[0] == '\0' || strlen(b->name) > BATCH_MOST))
		return cli_fail(cli, PALIER_EPARAMS, "the name of a batch has 1 to %d bytes", BATCH_MOST);
	if (!b->name) {
		palier_request_id(b->drawn);
		b->name = b->drawn;
	}
	b->path = cli_value(cli, "out");
	return PALIER_OK;
}

/* Codes are money: nobody else reads the file, and it has its name only when it is whole. */
static int file_open(struct cli *cli, struct batch *b)
{
	int fd;

	b->file = cli->out;
	if (!b->path)
		return PALIER_OK;
	if (access(b->path, F_OK) == 0)
		return cli_fail(cli, PALIER_EPARAMS, "%s is there already", b->path);
	b->part = palier_format(&cli->arena, "%s.part", b->path);
	fd = open(b->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	b->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	return b->file ? PALIER_OK : cli_fail(cli, PALIER_EIO, "%s: %s", b->part, strerror(errno));
}

static int file_close(struct cli *cli, struct batch *b, int err)
{
	bool bad;

	if (!b->path)
		return err;
	bad = fflush(b->file) != 0 || fsync(fileno(b->file)) != 0;
	bad = fclose(b->file) != 0 || bad;
	if (err == PALIER_OK && (bad || rename(b->part, b->path) != 0))
		err = cli_fail(cli, PALIER_EIO, "%s: %s", b->part, strerror(errno));
	return err;
}

/* @param index of the command in the batch */
static int command_send(struct cli *cli, const struct batch *b, int64_t index, int64_t count)
{
	cli_params(cli);
	cli_param(cli, "request", palier_format(&cli->arena, "coupons|%s|%" PRId64, b->name, index));
	cli_param(cli, "offer", cli_arg(cli, 0));
	palier_json_key(&cli->w, "count");
	palier_json_int(&cli->w, count);
	cli_param(cli, "until", cli_value(cli, "until"));
	return cli_call(cli, "coupon.issue");
}

static void codes_write(struct cli *cli, FILE *out)
{
	const struct json_doc *d = &cli->reply.doc;

	VIEW_EACH(cli, view_member(cli, cli->reply.result, "codes"), code)
	{
		struct palier_bytes text = json_string(d, code, cli->reply.arena);

		fprintf(out, "%.*s\r\n", PALIER_ARG(text));
	}
}

/* RFC 4180: a header, and lines that end with CR LF. */
static int codes_make(struct cli *cli, struct batch *b)
{
	struct progress bar = { .what = "making codes" };
	int err = PALIER_OK;

	fputs("code\r\n", b->file);
	for (int64_t done = 0; done < b->count && err == PALIER_OK;) {
		int64_t count = b->count - done < CODES_PER_COMMAND ? b->count - done : CODES_PER_COMMAND;

		err = command_send(cli, b, done / CODES_PER_COMMAND, count);
		if (err != PALIER_OK)
			break;
		codes_write(cli, b->file);
		done += count;
		progress_show(&bar, (uint64_t)done, (uint64_t)b->count);
	}
	progress_end(&bar);
	return err;
}

static int run_issue(struct cli *cli)
{
	struct batch b = { .name = NULL };
	int err = batch_read(cli, &b);

	if (err == PALIER_OK)
		err = file_open(cli, &b);
	if (err != PALIER_OK)
		return err;
	if (isatty(fileno(cli->err))) /* who breaks it off needs the name */
		fprintf(cli->err, "batch %s\n", b.name);
	err = file_close(cli, &b, codes_make(cli, &b));
	if (err != PALIER_OK)
		fprintf(cli->err, "What was made is not lost: run it again with --batch %s\n", b.name);
	else if (b.path)
		fprintf(cli->out, "%" PRId64 " codes of %s in %s\n", b.count, cli_arg(cli, 0), b.path);
	return err;
}
