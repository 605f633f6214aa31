/* SPDX-License-Identifier: Apache-2.0 */
/* Over libcurl's multi interface. */
#include "tools/hq/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define TICK_MS  200
#define SAID_MAX 4096 /* bytes of what is said of an error */

/* A transfer under way. */
struct slot {
	struct fetch *fetch;
	CURL *curl;
	struct fetch_request *request; /* NULL: free */
	struct curl_slist *headers;
	struct fetch_answer answer;
	uint64_t at, first; /* bytes of the whole, so far; where the answer says that it begins */
	bool ranged;        /* it says so */
	bool begun;         /* the body */
	char why[CURL_ERROR_SIZE];
};

struct fetch {
	struct fetch_options options;
	CURLM *multi;
	struct slot *slots;
	struct fetch_request *waiting;
	unsigned running;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what comes --- */

/* @return the value of a header line of this name; NULL: it is another */
static const char *header_value(const char *line, size_t len, const char *name, size_t *value_len)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (len && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	*value_len = len;
	return line;
}

static size_t header_in(char *line, size_t size, size_t n, void *who)
{
	struct slot *s = who;
	size_t all = size * n, len;
	const char *value;

	if (all > 5 && strncasecmp(line, "HTTP/", 5) == 0) { /* the answer proper, behind a 100 */
		s->answer.tag[0] = '\0';
		s->ranged = false;
	}
	value = header_value(line, all, "ETag", &len);
	if (value && len > 2 && len < FETCH_TAG_MAX && value[0] == '"') {
		memcpy(s->answer.tag, value, len);
		s->answer.tag[len] = '\0';
	}
	value = header_value(line, all, "Content-Range", &len);
	if (value && len > 6 && strncasecmp(value, "bytes ", 6) == 0 && value[6] >= '0' && value[6] <= '9') {
		s->first = strtoull(value + 6, NULL, 10); /* the line ends in CR LF */
		s->ranged = true;
	}
	return all;
}

/* The first byte of a body: the whole begins anew, a part must be the one that was asked for. */
static bool body_begin(struct slot *s)
{
	const struct fetch_request *r = s->request;

	s->begun = true;
	(void)curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &s->answer.status);
	if (s->answer.status == 206) {
		s->at = s->first;
		if (s->ranged && s->first == r->from)
			return true;
		s->answer.end = FETCH_RANGE;
		return false;
	}
	if (r->file < 0 || s->answer.status != 200 || ftruncate(r->file, 0) == 0)
		return true;
	s->answer.end = FETCH_DISK;
	return false;
}

static bool file_write(struct slot *s, const char *at, size_t n)
{
	while (n) {
		ssize_t written = pwrite(s->request->file, at, n, (off_t)s->at);

		if (written <= 0) {
			s->answer.end = FETCH_DISK;
			return false;
		}
		at += written;
		n -= (size_t)written;
		s->at += (uint64_t)written;
	}
	return true;
}

static void said_add(const struct fetch_request *r, const char *at, size_t n)
{
	size_t had = r->said ? r->said->len : SAID_MAX;

	if (had < SAID_MAX)
		palier_buffer_add(r->said, at, n < SAID_MAX - had ? n : SAID_MAX - had);
}

/* @return less than was given: the transfer ends */
static size_t body_in(char *at, size_t size, size_t n, void *who)
{
	struct slot *s = who;
	const struct fetch_request *r = s->request;
	size_t all = size * n;

	if (!s->begun && !body_begin(s))
		return 0;
	if (s->answer.status / 100 != 2) {
		said_add(r, at, all);
		return all;
	}
	if (s->at > r->most || all > r->most - s->at) {
		s->answer.end = FETCH_LONG;
		return 0;
	}
	if (r->file >= 0)
		return file_write(s, at, all) ? all : 0;
	palier_buffer_add(r->into, at, all);
	s->at += all;
	return all;
}

/* --- asking --- */

static void range_set(const struct slot *s, struct curl_slist **headers)
{
	const struct fetch_request *r = s->request;
	char line[FETCH_TAG_MAX + 32];

	if (!r->from)
		return;
	snprintf(line, sizeof(line), "Range: bytes=%llu-", (unsigned long long)r->from);
	*headers = curl_slist_append(*headers, line);
	if (r->if_tag) {
		snprintf(line, sizeof(line), "If-Range: %s", r->if_tag);
		*headers = curl_slist_append(*headers, line);
	}
}

static bool options_set(struct slot *s)
{
	const struct fetch_options *o = &s->fetch->options;
	CURL *c = s->curl;

	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CAINFO, o->ca) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLCERT, o->certificate) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_SSLKEY, o->key) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK && curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)o->timeout_s) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)o->timeout_s) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_USERAGENT, "palier-hq/" PALIER_VERSION) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->why) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, header_in) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, s) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, body_in) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, s) == CURLE_OK && curl_easy_setopt(c, CURLOPT_PRIVATE, s) == CURLE_OK;
}

static void body_set(const struct slot *s, const char *at, size_t len, const char *type, struct curl_slist **headers)
{
	char line[96];

	snprintf(line, sizeof(line), "Content-Type: %s", type);
	*headers = curl_slist_append(*headers, line);
	(void)curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE, (long)len);
	(void)curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, at);
	(void)curl_easy_setopt(s->curl, CURLOPT_POST, 1L);
}

static struct curl_slist *request_set(struct slot *s)
{
	const struct fetch_request *r = s->request;
	struct curl_slist *headers = curl_slist_append(NULL, "Accept-Encoding: identity");

	range_set(s, &headers);
	(void)curl_easy_setopt(s->curl, CURLOPT_URL, r->url);
	(void)curl_easy_setopt(s->curl, CURLOPT_HTTPGET, 1L);
	(void)curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, r->put.at ? "PUT" : NULL);
	if (r->post)
		body_set(s, r->post, strlen(r->post), "application/json", &headers);
	else if (r->put.at)
		body_set(s, r->put.at, r->put.len, r->put_type, &headers);
	(void)curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, headers);
	return headers;
}

static struct slot *slot_free(struct fetch *f)
{
	for (unsigned i = 0; i < f->options.jobs; i++)
		if (!f->slots[i].request)
			return &f->slots[i];
	return NULL;
}

static void start(struct fetch *f, struct fetch_request *r)
{
	struct slot *s = slot_free(f);

	s->request = r;
	s->answer = (struct fetch_answer){ .end = FETCH_ANSWERED };
	s->at = s->first = 0;
	s->ranged = s->begun = false;
	s->why[0] = '\0';
	curl_slist_free_all(s->headers);
	s->headers = request_set(s);
	f->running++;
	(void)curl_multi_add_handle(f->multi, s->curl);
}

void fetch_ask(struct fetch *f, struct fetch_request *r, int64_t wait_ms)
{
	r->due_ms = clock_ms() + wait_ms;
	r->next = NULL;
	if (wait_ms == 0 && f->running < f->options.jobs) {
		start(f, r);
		return;
	}
	r->next = f->waiting;
	f->waiting = r;
}

/* The one that has waited longest. @return NULL: none is due */
static struct fetch_request *due_take(struct fetch *f)
{
	struct fetch_request **best = NULL, *r;

	for (struct fetch_request **at = &f->waiting; *at; at = &(*at)->next)
		if (!best || (*at)->due_ms <= (*best)->due_ms)
			best = at;
	if (!best || (*best)->due_ms > clock_ms())
		return NULL;
	r = *best;
	*best = r->next;
	return r;
}

/* --- the end of a transfer --- */

static enum fetch_end end_of(CURLcode code, const struct slot *s)
{
	if (s->answer.end != FETCH_ANSWERED)
		return s->answer.end;
	switch (code) {
	case CURLE_OK:
		return FETCH_ANSWERED;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return FETCH_DISTRUST;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return FETCH_FAILED;
	default:
		return FETCH_CUT;
	}
}

static const char *why_of(const struct slot *s, CURLcode code)
{
	static const char *const whys[] = { [FETCH_LONG] = "it sends more than it said",
		[FETCH_RANGE] = "it sends another part than was asked for",
		[FETCH_DISK] = "what it sends cannot be written" };

	if (s->answer.end < sizeof(whys) / sizeof(*whys) && whys[s->answer.end])
		return whys[s->answer.end];
	return s->why[0] ? s->why : curl_easy_strerror(code);
}

static void finish(struct fetch *f, struct slot *s, CURLcode code)
{
	struct fetch_request *r = s->request;
	struct fetch_answer answer;

	(void)curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &s->answer.status);
	(void)curl_multi_remove_handle(f->multi, s->curl);
	/* Without a body nobody has looked at it yet. */
	if (code == CURLE_OK && !s->begun && r->file >= 0 && s->answer.status == 200 && ftruncate(r->file, 0) != 0)
		s->answer.end = FETCH_DISK;
	s->answer.end = end_of(code, s);
	s->answer.why = why_of(s, code);
	answer = s->answer;
	s->request = NULL;
	f->running--;
	r->done(r->who, &answer);
}

static void finished(struct fetch *f)
{
	struct CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(f->multi, &left))) {
		struct slot *s = NULL;
		CURLcode code = m->data.result;

		if (m->msg == CURLMSG_DONE && curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s) == CURLE_OK)
			finish(f, s, code);
	}
}

void fetch_run(struct fetch *f, void (*tick)(void *who), void *who)
{
	struct fetch_request *r;
	int running;

	while (f->running || f->waiting) {
		while (f->running < f->options.jobs && (r = due_take(f)))
			start(f, r);
		(void)curl_multi_perform(f->multi, &running);
		finished(f);
		tick(who);
		if (f->running || f->waiting)
			(void)curl_multi_poll(f->multi, NULL, 0, f->running ? TICK_MS : TICK_MS / 4, NULL);
	}
}

/* --- opening --- */

int fetch_open(const struct fetch_options *o, struct fetch **out)
{
	struct fetch *f = calloc(1, sizeof(*f));
	bool good;

	if (!f)
		abort();
	f->options = *o;
	f->slots = calloc(o->jobs, sizeof(*f->slots));
	if (!f->slots)
		abort();
	good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && (f->multi = curl_multi_init());
	if (good)
		(void)curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)o->jobs * 2);
	for (unsigned i = 0; good && i < o->jobs; i++) {
		f->slots[i] = (struct slot){ .fetch = f, .curl = curl_easy_init() };
		good = f->slots[i].curl && options_set(&f->slots[i]);
	}
	if (good)
		*out = f;
	else
		fetch_close(f);
	return good ? PALIER_OK : PALIER_ECONFIG;
}

void fetch_close(struct fetch *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->options.jobs; i++) {
		if (f->slots[i].request)
			(void)curl_multi_remove_handle(f->multi, f->slots[i].curl);
		curl_easy_cleanup(f->slots[i].curl);
		curl_slist_free_all(f->slots[i].headers);
	}
	curl_multi_cleanup(f->multi);
	free(f->slots);
	free(f);
	curl_global_cleanup();
}
