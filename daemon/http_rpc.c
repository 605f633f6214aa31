/* SPDX-License-Identifier: Apache-2.0 */
/* POST /rpc: a request of the line protocol, one a POST. Each stands for itself: who sends it is said by its own token, since a proxy may send the
 * requests of many on one connection. */
#include <strings.h>

#include "daemon/http_call.h"

/* @return false: there is none, or it is something else than a bearer's */
static bool token_of(struct palier_bytes authorization, struct palier_bytes *token)
{
	size_t n = sizeof("Bearer ") - 1;

	if (authorization.len <= n || strncasecmp(authorization.at, "Bearer ", n) != 0)
		return false;
	*token = palier_bytes_of(authorization.at + n, authorization.len - n);
	return true;
}

bool http_sign_in(struct http_call *c)
{
	struct session *s = &c->talk->session;
	struct palier_bytes token;
	int err = PALIER_ENOENT;

	session_begin(s, c->talk->http->door);
	s->once = true;
	if (!c->head->authorization.len)
		return true;
	if (token_of(c->head->authorization, &token))
		err = router_bear(c->turn->router, s, token, c->now_ms);
	if (err == PALIER_ENOENT)
		http_refuse(c, 401, NULL, "this is no till's token: `palier till add` gives a new one");
	else if (err != PALIER_OK)
		c->routed = ROUTED_FAILED;
	return err == PALIER_OK;
}

void http_rpc(struct http_call *c)
{
	struct turn *t = c->turn;
	struct palier_buffer *reply = &t->scratch;

	reply->len = 0;
	c->routed = router_line(t->router, &c->talk->session, c->body, c->now_ms, t->refuses, reply);
	if (c->routed == ROUTED_FAILED)
		return;
	http_json(c, router_ctx(t->router)->problem.err == PALIER_EUNAUTHORIZED ? 401 : 200, palier_buffer_bytes(reply));
}
