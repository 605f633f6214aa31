/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over a configuration's text: its grammar, its lines, and its comments turned into blanks. */
#include "daemon/config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum token { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_EQUALS, TOKEN_COMMA, TOKEN_OPEN, TOKEN_CLOSE, TOKENS, TOKEN_BAD };

enum place { NOWHERE, AT_NAME, AFTER_NAME, AFTER_TITLE, AT_VALUE, AT_FIRST, IN_LIST, AFTER_ITEM, PLACES };

/* The grammar: NAME = VALUE, NAME = { VALUE, ... }, NAME { ... }, NAME TITLE { ... }. */
static const enum place next_place[PLACES][TOKENS] = {
	[AT_NAME] = { [TOKEN_WORD] = AFTER_NAME, [TOKEN_CLOSE] = AT_NAME },
	[AFTER_NAME] = { [TOKEN_EQUALS] = AT_VALUE,
		[TOKEN_WORD] = AFTER_TITLE,
		[TOKEN_STRING] = AFTER_TITLE,
		[TOKEN_OPEN] = AT_NAME },
	[AFTER_TITLE] = { [TOKEN_OPEN] = AT_NAME },
	[AT_VALUE] = { [TOKEN_WORD] = AT_NAME, [TOKEN_STRING] = AT_NAME, [TOKEN_OPEN] = AT_FIRST },
	[AT_FIRST] = { [TOKEN_WORD] = AFTER_ITEM, [TOKEN_STRING] = AFTER_ITEM }, /* an empty list says nothing */
	[IN_LIST] = { [TOKEN_WORD] = AFTER_ITEM, [TOKEN_STRING] = AFTER_ITEM, [TOKEN_CLOSE] = AT_NAME },
	[AFTER_ITEM] = { [TOKEN_COMMA] = IN_LIST, [TOKEN_CLOSE] = AT_NAME },
};

static const char *const expected[PLACES] = {
	[AT_NAME] = "the name of a setting, without quotes",
	[AFTER_NAME] = "\"=\" or \"{\"",
	[AFTER_TITLE] = "\"{\"",
	[AT_VALUE] = "a value",
	[AT_FIRST] = "a value",
	[IN_LIST] = "a value or \"}\"",
	[AFTER_ITEM] = "\",\" or \"}\"",
};

struct scanner {
	struct config_text *t;
	char *at, *end;
	unsigned line;
	enum place place;
	unsigned depth, opened[CONFIG_DEPTH_MAX]; /* lines of the sections that are open */
	unsigned name_line;
	const char *plugins; /* where `plugins` of the top level begins */
};

static int refuse(struct config_text *t, unsigned line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int refuse(struct config_text *t, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->error, sizeof(t->error), fmt, ap);
	va_end(ap);
	t->line = line;
	return PALIER_ECONFIG;
}

static int read_all(struct config_text *t, int fd)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return refuse(t, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(t, 0, "%s, not a configuration file", S_ISDIR(st.st_mode) ? "a directory" : "a device");
	do {
		palier_buffer_reserve(&t->text, 4096);
		n = read(fd, t->text.at + t->text.len, 4096);
		t->text.len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && t->text.len <= CONFIG_TEXT_MAX);
	if (n < 0)
		return refuse(t, 0, "%s", strerror(errno));
	if (n > 0)
		return refuse(t, 0, "longer than %u bytes", CONFIG_TEXT_MAX);
	return PALIER_OK;
}

static bool at_text(const struct scanner *s, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) == 0;
}

static int blank_comment(struct scanner *s)
{
	bool block = at_text(s, "/*");
	unsigned line = s->line;

	while (s->at < s->end && (block ? !at_text(s, "*/") : *s->at != '\n')) {
		if (*s->at == '\n')
			s->line++;
		else
			*s->at = ' ';
		s->at++;
	}
	if (!block)
		return PALIER_OK;
	if (s->at == s->end)
		return refuse(s->t, line, "this comment is not closed: \"*/\" is missing");
	memset(s->at, ' ', 2);
	s->at += 2;
	return PALIER_OK;
}

static int skip_blanks(struct scanner *s)
{
	int err;

	while (s->at < s->end) {
		if (*s->at == '#' || at_text(s, "//") || at_text(s, "/*")) {
			err = blank_comment(s);
			if (err != PALIER_OK)
				return err;
		} else if (strchr(" \t\r\n", *s->at)) {
			s->line += *s->at++ == '\n';
		} else {
			break;
		}
	}
	return PALIER_OK;
}

static enum token string_token(struct scanner *s)
{
	unsigned line = s->line;
	char quote = *s->at++;

	while (s->at < s->end && *s->at != quote && *s->at != '\n') {
		if (quote == '"' && at_text(s, "${")) {
			refuse(s->t, s->line, "\"${\": the environment is not expanded here; write the value itself");
			return TOKEN_BAD;
		}
		if (*s->at == '\\' && s->at + 1 < s->end && *++s->at == '\n')
			s->line++;
		s->at++;
	}
	if (s->at < s->end && *s->at++ == quote)
		return TOKEN_STRING;
	refuse(s->t, line, "this text is not closed: %c is missing at its end", quote);
	return TOKEN_BAD;
}

static enum token word_token(struct scanner *s)
{
	const char *from = s->at;

	if (at_text(s, "+=")) {
		s->at += 2;
		return TOKEN_EQUALS;
	}
	while (s->at < s->end && !strchr(" \t\r\n#\"'={}()+,*", *s->at) && !at_text(s, "${"))
		s->at++;
	if (s->at > from)
		return TOKEN_WORD;
	refuse(s->t, s->line, "unexpected \"%c\": text with such characters stands in quotes", *s->at);
	return TOKEN_BAD;
}

static enum token next_token(struct scanner *s, struct palier_bytes *out)
{
	static const char signs[] = "=,{}";
	static const enum token tokens[] = { TOKEN_EQUALS, TOKEN_COMMA, TOKEN_OPEN, TOKEN_CLOSE };
	enum token token = TOKEN_END;
	const char *from, *sign;

	if (skip_blanks(s) != PALIER_OK)
		return TOKEN_BAD;
	from = s->at;
	sign = from < s->end ? strchr(signs, *from) : NULL;
	if (sign) {
		s->at++;
		token = tokens[sign - signs];
	} else if (from < s->end) {
		token = *from == '"' || *from == '\'' ? string_token(s) : word_token(s);
	}
	*out = palier_bytes_of(from, (size_t)(s->at - from));
	return token;
}

static int open_section(struct scanner *s)
{
	if (s->depth == CONFIG_DEPTH_MAX)
		return refuse(s->t, s->line, "sections nest deeper than %d", CONFIG_DEPTH_MAX);
	s->opened[s->depth++] = s->name_line;
	return PALIER_OK;
}

static int close_section(struct scanner *s)
{
	if (s->depth == 0)
		return refuse(s->t, s->line, "this \"}\" closes nothing");
	palier_buffer_add(&s->t->starts, &s->opened[--s->depth], sizeof(unsigned));
	return PALIER_OK;
}

static int end_text(struct scanner *s)
{
	if (s->place != AT_NAME)
		return refuse(s->t, s->line, "the file ends where %s was expected", expected[s->place]);
	if (s->depth > 0)
		return refuse(s->t, s->opened[s->depth - 1], "this section is not closed: \"}\" is missing");
	return PALIER_OK;
}

static int step(struct scanner *s, enum token kind, struct palier_bytes token)
{
	enum place from = s->place, to = next_place[from][kind];

	if (to == NOWHERE)
		return refuse(s->t, s->line, "unexpected %.*s: expected %s", PALIER_ARG(token), expected[from]);
	s->place = to;
	if (from == AT_NAME && kind == TOKEN_CLOSE)
		return close_section(s);
	if (to == AT_NAME && kind == TOKEN_OPEN)
		return open_section(s);
	if (to == AFTER_NAME) {
		s->name_line = s->line;
		s->plugins = s->depth == 0 && palier_is(token, "plugins") ? token.at : NULL;
	}
	if (from == AT_VALUE && to == AT_NAME && s->plugins)
		s->t->plugins = palier_bytes_of(s->plugins, (size_t)(s->at - s->plugins));
	return PALIER_OK;
}

static int check_bytes(struct config_text *t)
{
	unsigned line = 1;

	for (size_t i = 0; i < t->text.len; i++) {
		unsigned char b = (unsigned char)t->text.at[i];

		if ((b < ' ' && !strchr("\t\r\n", b)) || b == '\0' || b == 0x7f)
			return refuse(t, line, "a control character (byte %u): this is not a text", b);
		line += b == '\n';
	}
	return PALIER_OK;
}

static int check_grammar(struct config_text *t)
{
	struct scanner s = { .t = t, .at = t->text.at, .end = t->text.at + t->text.len, .line = 1, .place = AT_NAME };
	struct palier_bytes text = { NULL, 0 };
	enum token token;
	int err;

	while ((token = next_token(&s, &text)) != TOKEN_END) {
		err = token == TOKEN_BAD ? PALIER_ECONFIG : step(&s, token, text);
		if (err != PALIER_OK)
			return err;
	}
	return end_text(&s);
}

int config_text_read(struct config_text *t, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int err;

	if (fd < 0) {
		refuse(t, 0, "%s", strerror(errno));
		return PALIER_EIO;
	}
	err = read_all(t, fd);
	close(fd);
	if (err != PALIER_OK)
		return PALIER_EIO;
	err = check_bytes(t);
	if (err == PALIER_OK)
		err = check_grammar(t);
	if (err == PALIER_OK)
		palier_buffer_add(&t->text, "", 1);
	return err;
}

void config_text_deinit(struct config_text *t)
{
	palier_buffer_deinit(&t->text);
	palier_buffer_deinit(&t->starts);
}
