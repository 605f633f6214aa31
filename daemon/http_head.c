/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http_head.h"

#include <strings.h>

const char *const http_verb_names[] = { "GET", "HEAD", "POST", "PUT", NULL };

static enum http_read bad(struct http_fault *why, int status, const char *text)
{
	*why = (struct http_fault){ status, text };
	return HTTP_BAD;
}

/* --- where it ends --- */

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* Lines end in CR LF, and there is no other control character but a tab: so whatever does not speak HTTP is known at once. */
static bool byte_fits(struct palier_bytes b, size_t i)
{
	if (b.at[i] == '\n')
		return i > 0 && b.at[i - 1] == '\r';
	if (i > 0 && b.at[i - 1] == '\r')
		return false;
	return b.at[i] == '\r' || !is_control(b.at[i]);
}

static enum http_read head_end(struct palier_bytes b, size_t *seen, size_t *size, struct http_fault *why)
{
	size_t end = b.len < HTTP_HEAD_MAX ? b.len : HTTP_HEAD_MAX;

	for (; *seen < end; ++*seen) {
		size_t i = *seen;

		if (!byte_fits(b, i))
			return bad(why, 400, "a line does not end in CR LF, or holds a control character");
		if (b.at[i] == '\n' && i >= 3 && b.at[i - 2] == '\n') {
			*size = i + 1;
			return HTTP_WHOLE;
		}
	}
	return end == HTTP_HEAD_MAX ? bad(why, 431, "the head is longer than 16384 bytes") : HTTP_MORE;
}

/* --- the first line --- */

static struct palier_bytes cut(struct palier_bytes *line, char at)
{
	const char *end = line->len ? memchr(line->at, at, line->len) : NULL;
	struct palier_bytes first = palier_bytes_of(line->at, end ? (size_t)(end - line->at) : line->len);
	size_t passed = first.len + (end != NULL);

	*line = palier_bytes_of(line->at + passed, line->len - passed);
	return first;
}

static bool all(struct palier_bytes s, bool (*is)(unsigned char c))
{
	for (size_t i = 0; i < s.len; i++)
		if (!is((unsigned char)s.at[i]))
			return false;
	return s.len > 0;
}

/* Not isalnum(), which asks the locale. */
static bool is_token(unsigned char c)
{
	unsigned char lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_target(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '#';
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static enum http_verb verb_of(struct palier_bytes name)
{
	int verb = 0;

	while (http_verb_names[verb] && !palier_is(name, http_verb_names[verb]))
		verb++;
	return (enum http_verb)verb;
}

static enum http_read first_line(struct palier_bytes line, struct http_head *out, struct http_fault *why)
{
	struct palier_bytes verb = cut(&line, ' '), target = cut(&line, ' ');

	if (!all(verb, is_token) || !all(target, is_target) || line.len != 8 || memcmp(line.at, "HTTP/", 5) != 0 ||
		!is_digit((unsigned char)line.at[5]) || line.at[6] != '.' || !is_digit((unsigned char)line.at[7]))
		return bad(why, 400, "the first line is not METHOD TARGET HTTP/1.1");
	if (line.at[5] != '1' || line.at[7] > '1')
		return bad(why, 505, "only HTTP 1.1 and 1.0 are spoken");
	if (target.at[0] != '/')
		return bad(why, 400, "the target does not begin with /");
	out->verb = verb_of(verb);
	out->minor = (unsigned)(line.at[7] - '0');
	out->closes = out->minor == 0;
	out->path = cut(&target, '?');
	out->query = target;
	return HTTP_WHOLE;
}

/* --- the fields --- */

/* Those that count, each at most once. */
enum {
	F_HOST,
	F_LENGTH,
	F_CODING,
	F_EXPECT,
	F_AUTHORIZATION,
	F_TYPE,
	F_RANGE,
	F_IF_RANGE,
	F_IF_NONE_MATCH,
	F_CONNECTION,
	FIELDS
};
static const char *const field_names[FIELDS] = { "host", "content-length", "transfer-encoding", "expect", "authorization",
	"content-type", "range", "if-range", "if-none-match", "connection" };

struct fields {
	struct palier_bytes value[FIELDS];
	bool has[FIELDS];
	unsigned count;
};

static bool same(struct palier_bytes a, const char *b)
{
	return a.len == strlen(b) && strncasecmp(a.at, b, a.len) == 0;
}

static struct palier_bytes trimmed(struct palier_bytes s)
{
	while (s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
		s = palier_bytes_of(s.at + 1, s.len - 1);
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* A line that goes on the one before begins with a space, which is no token: it is refused. */
static enum http_read field_line(struct palier_bytes line, struct fields *f, struct http_fault *why)
{
	struct palier_bytes rest = line, name = cut(&rest, ':');
	int i = 0;

	if (name.len == line.len || !all(name, is_token))
		return bad(why, 400, "a field is not NAME: VALUE");
	if (++f->count > HTTP_FIELDS_MAX)
		return bad(why, 431, "there are more than 100 fields");
	while (i < FIELDS && !same(name, field_names[i]))
		i++;
	if (i == FIELDS)
		return HTTP_WHOLE;
	if (f->has[i])
		return bad(why, 400, "a field that may stand once stands twice");
	f->has[i] = true;
	f->value[i] = trimmed(rest);
	return HTTP_WHOLE;
}

static bool names(struct palier_bytes list, const char *word)
{
	while (list.len)
		if (same(trimmed(cut(&list, ',')), word))
			return true;
	return false;
}

static enum http_read body_fields(const struct fields *f, struct http_head *out, struct http_fault *why)
{
	struct palier_bytes length = f->value[F_LENGTH];

	if (f->has[F_CODING])
		return f->has[F_LENGTH] ? bad(why, 400, "Content-Length and Transfer-Encoding contradict each other")
		                        : bad(why, 411, "say how long the body is: Content-Length, not Transfer-Encoding");
	if (!f->has[F_LENGTH])
		return HTTP_WHOLE;
	if (!all(length, is_digit) || (length.len > 1 && length.at[0] == '0'))
		return bad(why, 400, "Content-Length is no number");
	if (length.len > 12)
		return bad(why, 413, "the body is too long");
	for (size_t i = 0; i < length.len; i++)
		out->length = out->length * 10 + (uint64_t)(length.at[i] - '0');
	out->has_length = true;
	return HTTP_WHOLE;
}

static enum http_read fields_take(const struct fields *f, struct http_head *out, struct http_fault *why)
{
	if (!f->value[F_HOST].len)
		return bad(why, 400, "the field Host is missing");
	if (f->has[F_EXPECT] && !same(f->value[F_EXPECT], "100-continue"))
		return bad(why, 417, "only 100-continue can be expected");
	out->host = f->value[F_HOST];
	out->authorization = f->value[F_AUTHORIZATION];
	out->content_type = f->value[F_TYPE];
	out->range = f->value[F_RANGE];
	out->if_range = f->value[F_IF_RANGE];
	out->if_none_match = f->value[F_IF_NONE_MATCH];
	out->continues = f->has[F_EXPECT] && out->minor > 0;
	out->closes = out->closes || names(f->value[F_CONNECTION], "close");
	return body_fields(f, out, why);
}

enum http_read http_head_read(struct palier_bytes bytes, size_t *seen, struct http_head *out, struct http_fault *why)
{
	struct http_head head = { .size = 0 };
	struct fields f = { .count = 0 };
	struct palier_bytes lines, line;
	enum http_read read = head_end(bytes, seen, &head.size, why);

	if (read != HTTP_WHOLE)
		return read;
	lines = palier_bytes_of(bytes.at, head.size - 2); /* without the blank one */
	line = cut(&lines, '\n');
	line.len--;
	read = first_line(line, &head, why);
	while (read == HTTP_WHOLE && lines.len) {
		line = cut(&lines, '\n');
		line.len--;
		read = field_line(line, &f, why);
	}
	if (read == HTTP_WHOLE)
		read = fields_take(&f, &head, why);
	if (read == HTTP_WHOLE)
		*out = head;
	return read;
}
