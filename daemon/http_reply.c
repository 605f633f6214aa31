/* SPDX-License-Identifier: Apache-2.0 */
/* What replies look like: status, fields, bodies of JSON. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "daemon/http_call.h"
#include "daemon/metrics.h"

static const struct status {
	int status;
	const char *phrase, *reason;
} statuses[] = {
	{ 200, "OK", "" },
	{ 202, "Accepted", "" },
	{ 206, "Partial Content", "" },
	{ 304, "Not Modified", "" },
	{ 400, "Bad Request", "bad_request" },
	{ 401, "Unauthorized", "unauthorized" },
	{ 403, "Forbidden", "forbidden" },
	{ 404, "Not Found", "not_found" },
	{ 405, "Method Not Allowed", "method_not_allowed" },
	{ 409, "Conflict", "conflict" },
	{ 411, "Length Required", "length_required" },
	{ 413, "Content Too Large", "too_large" },
	{ 415, "Unsupported Media Type", "media_type" },
	{ 416, "Range Not Satisfiable", "range" },
	{ 417, "Expectation Failed", "expectation" },
	{ 421, "Misdirected Request", "misdirected" },
	{ 422, "Unprocessable Content", "unprocessable" },
	{ 431, "Request Header Fields Too Large", "head_too_large" },
	{ 500, "Internal Server Error", "internal" },
	{ 501, "Not Implemented", "not_implemented" },
	{ 503, "Service Unavailable", "unavailable" },
	{ 505, "HTTP Version Not Supported", "version" },
};

static const struct status *status_of(int status)
{
	const struct status *s = statuses;

	while (s->status != status)
		s++;
	return s;
}

static void add(struct palier_buffer *out, const char *text)
{
	palier_buffer_add(out, text, strlen(text));
}

static void line(struct palier_buffer *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(struct palier_buffer *out, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n > 0 && (size_t)n < sizeof(text));
	palier_buffer_add(out, text, (size_t)n);
	add(out, "\r\n");
}

/* RFC 9110, 5.6.7; strftime() would ask the locale for the names. */
static void date_line(struct palier_buffer *out, int64_t now_ms)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		"Dec" };
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm t;

	if (gmtime_r(&seconds, &t))
		line(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
			t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void count(int status)
{
	int64_t *const classes[] = { &metrics.http_2xx, &metrics.http_3xx, &metrics.http_4xx, &metrics.http_5xx };

	++*classes[status / 100 - 2];
}

void http_begin(struct http_call *c, int status, const char *type, uint64_t length, const char *fields)
{
	struct palier_buffer *out = &c->talk->out;

	count(status);
	line(out, "HTTP/1.1 %d %s", status, status_of(status)->phrase);
	date_line(out, c->now_ms);
	if (type)
		line(out, "Content-Type: %s", type);
	if (status != 304)
		line(out, "Content-Length: %llu", (unsigned long long)length);
	if (status == 401)
		line(out, "WWW-Authenticate: Bearer");
	if (status == 503)
		line(out, "Retry-After: 1");
	if (c->closes)
		line(out, "Connection: close");
	add(out, fields);
	add(out, "\r\n");
}

void http_json(struct http_call *c, int status, struct palier_bytes body)
{
	http_begin(c, status, "application/json", body.len, "Cache-Control: no-store\r\n");
	if (!c->head || c->head->verb != HTTP_HEAD)
		palier_buffer_add(&c->talk->out, body.at, body.len);
}

/* @param field "orders[3].unit"; "": none is to blame */
static void error_write(struct palier_buffer *out, const char *reason, const char *message, const char *field)
{
	struct palier_json w = palier_json_to(out);

	palier_json_object(&w);
	palier_json_key(&w, "error");
	palier_json_object(&w);
	palier_json_key(&w, "reason");
	palier_json_str(&w, reason);
	palier_json_key(&w, "message");
	palier_json_str(&w, message);
	if (field[0]) {
		palier_json_key(&w, "field");
		palier_json_str(&w, field);
	}
	palier_json_end_object(&w);
	palier_json_end_object(&w);
	add(out, "\n");
}

void http_refuse(struct http_call *c, int status, const char *reason, const char *fmt, ...)
{
	struct palier_buffer body = { 0 };
	char message[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	error_write(&body, reason ? reason : status_of(status)->reason, message, "");
	http_json(c, status, palier_buffer_bytes(&body));
	palier_buffer_deinit(&body);
}

/* What a refusal of the protocol is in HTTP. */
static int status_for(const struct palier_problem *why)
{
	switch (why->err) {
	case PALIER_EMETHOD:
		return 501;
	case PALIER_EUNAUTHORIZED:
		return 401;
	case PALIER_EFORBIDDEN:
		return 403;
	case PALIER_EREQUEST_CONFLICT:
		return 409;
	case PALIER_EBATCH_UNKNOWN:
		return 404;
	case PALIER_ESTORAGE_FULL:
	case PALIER_EREAD_ONLY:
	case PALIER_ESTOPPING:
	case PALIER_ETHROTTLED:
		return 503;
	case PALIER_EINTERNAL:
		return 500;
	default:
		return palier_error_info(why->err)->reason[0] ? 422 : 500;
	}
}

void http_refuse_problem(struct http_call *c, const struct palier_problem *why)
{
	struct palier_buffer body = { 0 };
	int status = status_for(why);

	if (status == 500) {
		http_refuse(c, status, NULL, "the log says why");
		return;
	}
	error_write(&body, palier_error_info(why->err)->reason, why->text, why->field);
	http_json(c, status, palier_buffer_bytes(&body));
	palier_buffer_deinit(&body);
}

void http_turn_away(struct palier_buffer *out)
{
	struct palier_buffer body = { 0 };

	error_write(&body, "unavailable", "too many connections", "");
	line(out, "HTTP/1.1 503 %s", status_of(503)->phrase);
	line(out, "Content-Type: application/json");
	line(out, "Content-Length: %zu", body.len);
	line(out, "Retry-After: 1");
	line(out, "Connection: close");
	add(out, "\r\n");
	palier_buffer_add(out, body.at, body.len);
	palier_buffer_deinit(&body);
}

void http_refuse_verb(struct http_call *c, const char *verbs)
{
	struct palier_buffer body = { 0 };
	char allow[64];

	snprintf(allow, sizeof(allow), "Allow: %s\r\n", verbs);
	error_write(&body, status_of(405)->reason, "not with this method", "");
	http_begin(c, 405, "application/json", body.len, allow);
	if (c->head->verb != HTTP_HEAD)
		palier_buffer_add(&c->talk->out, body.at, body.len);
	palier_buffer_deinit(&body);
}

/* --- what is asked --- */

bool http_after(struct http_call *c, uint64_t *after)
{
	struct palier_bytes q = c->head->query;
	size_t name = sizeof("after=") - 1;

	*after = 0;
	if (q.len == 0)
		return true;
	if (q.len > name && q.len <= name + 15 && memcmp(q.at, "after=", name) == 0) {
		size_t i = name;

		for (; i < q.len && q.at[i] >= '0' && q.at[i] <= '9'; i++)
			*after = *after * 10 + (uint64_t)(q.at[i] - '0');
		if (i == q.len)
			return true;
	}
	http_refuse(c, 400, NULL, "the only thing to ask for is ?after=NUMBER");
	return false;
}

bool http_ask(struct http_call *c, const struct palier_method *m, const void *params, struct palier_buffer *out)
{
	int err = router_ask(c->turn->router, m, params, c->now_ms, out);

	if (err == PALIER_OK)
		return true;
	c->routed = err == PALIER_ESTORE ? ROUTED_FAILED : ROUTED_QUESTION;
	if (err != PALIER_ESTORE)
		http_refuse_problem(c, &router_ctx(c->turn->router)->problem);
	return false;
}
