/* SPDX-License-Identifier: Apache-2.0 */
/* A page that shows a member's card, and with it the one-time code of the moment: its secret is in the page, which is therefore for nobody
 * but the customer. */
#include "tools/card_virtual.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cards/page.h"

const struct cli_option card_virtual_options[] = {
	{ "out", "FILE", "the page, replaced (default: standard output)" },
	{ "plain", NULL, "the number alone, where no one-time code is asked for; no supervisor is needed" },
	CLI_END_OPTIONS,
};

/* What the page shows. */
struct shown {
	const char *shop, *card, *name, *language;
	const char *secret; /* NULL: no codes */
};

static const char *first_name(struct cli *cli, const char *name)
{
	return palier_cstr(&cli->arena, palier_bytes_of(name, strcspn(name, " ")));
}

/* The shop is in the answer to session.open, which cli_connect leaves. */
static int shown_ask(struct cli *cli, const char *who, struct shown *out)
{
	const char *member;
	uint32_t card;
	int err = cli_connect(cli);

	if (err != PALIER_OK)
		return err;
	out->shop = view_text(cli, view_member(cli, cli->reply.result, "store"), "name");
	cli_params(cli);
	cli_param_who(cli, who);
	err = cli_call(cli, "card.lookup");
	if (err != PALIER_OK)
		return err;
	card = view_member(cli, cli->reply.result, "card");
	if (!card)
		return cli_fail(cli, PALIER_ECARD_UNKNOWN, "this member has no card: issue one first");
	if (strcmp(view_text(cli, card, "status"), "active") != 0)
		return cli_fail(cli, PALIER_ECARD_BLOCKED, "this card is blocked: replace it first");
	out->card = view_text(cli, card, "number");
	out->name = first_name(cli, view_text(cli, cli->reply.result, "name"));
	out->language = view_text(cli, cli->reply.result, "language");
	member = view_text(cli, cli->reply.result, "member");
	if (cli_has(cli, "plain"))
		return PALIER_OK;
	if (!*member)
		return cli_fail(cli, PALIER_EPARAMS, "a gift card is nobody's, and has no codes: add --plain");
	cli_params(cli);
	cli_param(cli, "member", member);
	err = cli_call(cli, "member.otp");
	if (err == PALIER_OK)
		out->secret = view_text(cli, cli->reply.result, "secret");
	return err;
}

static void shown_write(struct palier_json *w, const struct shown *s)
{
	palier_json_object(w);
	palier_json_key(w, "shop");
	palier_json_str(w, s->shop);
	palier_json_key(w, "card");
	palier_json_str(w, s->card);
	palier_json_key(w, "name");
	palier_json_str(w, s->name);
	palier_json_key(w, "language");
	palier_json_str(w, s->language);
	if (s->secret) {
		palier_json_key(w, "secret");
		palier_json_str(w, s->secret);
	}
	palier_json_end_object(w);
}

/* The secret was in it. */
static void forget(struct palier_buffer *b)
{
	if (b->len > 0)
		explicit_bzero(b->at, b->len);
	palier_buffer_deinit(b);
}

/* Inside an element nothing may look like its end; in JSON a "<" stands only in texts. */
static void add_card(struct palier_buffer *page, const struct shown *s)
{
	struct palier_buffer json = { 0 };
	struct palier_json w = palier_json_to(&json);

	shown_write(&w, s);
	for (size_t i = 0; i < json.len; i++) {
		if (json.at[i] == '<')
			palier_buffer_add(page, "\\u003c", 6);
		else
			palier_buffer_add(page, json.at + i, 1);
	}
	forget(&json);
}

static void page_make(const struct shown *s, struct palier_buffer *out)
{
	const char *page = (const char *)page_virtual,
		   *at = memmem(page, page_virtual_len, PAGE_CARD, sizeof(PAGE_CARD) - 1);
	const char *rest;

	assert(at); /* it is ours */
	rest = at + sizeof(PAGE_CARD) - 1;
	palier_buffer_add(out, page, (size_t)(at - page));
	add_card(out, s);
	palier_buffer_add(out, rest, page_virtual_len - (size_t)(rest - page));
}

/* For its owner's eyes, also where an older file of this name was for all. */
static int page_save(struct cli *cli, const char *path, struct palier_bytes page)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
	bool ok = fd >= 0 && fchmod(fd, S_IRUSR | S_IWUSR) == 0;

	while (ok && page.len > 0) {
		ssize_t n = write(fd, page.at, page.len);

		if (n > 0)
			page = palier_bytes_of(page.at + n, page.len - (size_t)n);
		else
			ok = n < 0 && errno == EINTR;
	}
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	return ok ? PALIER_OK : cli_fail(cli, PALIER_EIO, "%s could not be written: %s", path, strerror(errno));
}

static void show(struct cli *cli, const char *path, const struct shown *s)
{
	struct palier_buffer b = { 0 };
	struct palier_json w = palier_json_to(&b);

	if (!cli_has(cli, "json")) {
		fprintf(cli->out, "%s: card %s%s\n", path, s->card, s->secret ? ", for its owner alone" : "");
		return;
	}
	palier_json_object(&w);
	palier_json_key(&w, "card");
	palier_json_str(&w, s->card);
	palier_json_end_object(&w);
	fprintf(cli->out, "%.*s\n", PALIER_ARG(palier_buffer_bytes(&b)));
	palier_buffer_deinit(&b);
}

int card_virtual_run(struct cli *cli)
{
	const char *path = cli_value(cli, "out");
	struct palier_buffer page = { 0 };
	struct shown s = { .secret = NULL };
	int err = shown_ask(cli, cli_arg(cli, 0), &s);

	if (err != PALIER_OK)
		return err;
	page_make(&s, &page);
	if (!path)
		fwrite(page.at, 1, page.len, cli->out);
	else
		err = page_save(cli, path, palier_buffer_bytes(&page));
	if (path && err == PALIER_OK)
		show(cli, path, &s);
	forget(&page);
	return err;
}
