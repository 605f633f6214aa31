/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: TCP, whatever is spoken on it, and Unix. */
#include "daemon/doors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/notify.h"

/* --- tcp ----------------------------------------------------------------------------------------------------------- */

static struct addrinfo *tcp_address(const struct door_config *c)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *found = NULL;

	return getaddrinfo(c->host, c->port, &hints, &found) == 0 ? found : NULL;
}

static int tcp_open(struct door *d, char *why)
{
	struct addrinfo *at = tcp_address(&d->config);
	const int on = 1;
	int fd;

	if (!at)
		return complain(why, PALIER_ECONFIG, "%s is no address of the form HOST:PORT", d->config.address);
	fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		(at->ai_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
		bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
		complain(why, PALIER_ECONFIG, "cannot listen on %s: %s%s", d->config.address, strerror(errno),
			errno == EADDRINUSE ? "; another program uses this port" : "");
		freeaddrinfo(at);
		if (fd >= 0)
			close(fd);
		return PALIER_ECONFIG;
	}
	freeaddrinfo(at);
	d->fd = fd;
	return PALIER_OK;
}

static const char *tcp_name(struct door *d)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	char port[NI_MAXSERV];
	bool v6 = strchr(d->config.host, ':') != NULL;

	if (getsockname(d->fd, (struct sockaddr *)&at, &len) != 0 ||
		getnameinfo((struct sockaddr *)&at, len, NULL, 0, port, sizeof(port), NI_NUMERICSERV) != 0)
		return d->config.address;
	return palier_format(&d->arena, "%s:%s%s%s:%s", door_kind_names[d->config.kind], v6 ? "[" : "", d->config.host,
		v6 ? "]" : "", port);
}

/* --- unix ---------------------------------------------------------------------------------------------------------- */

static struct sockaddr_un unix_address(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	return at;
}

/* 0660: the socket's owner and group may knock. */
static bool unix_bind(int fd, const struct sockaddr_un *at)
{
	mode_t before = umask(0117);
	bool ok = bind(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;

	umask(before);
	return ok;
}

/* A daemon that was killed leaves its socket behind: nobody answers there. */
static int stale_remove(const struct sockaddr_un *at, char *why)
{
	struct stat st;
	int fd;
	bool refused;

	if (lstat(at->sun_path, &st) != 0)
		return PALIER_OK;
	if (!S_ISSOCK(st.st_mode))
		return complain(why, PALIER_ECONFIG,
			"cannot listen on %s: there is a file of that name; remove it or choose another path", at->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	refused = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	if (!refused)
		return complain(why, PALIER_ECONFIG, "cannot listen on %s: another program answers there; stop it first",
			at->sun_path);
	return unlink(at->sun_path) == 0 ? PALIER_OK
	                                 : complain(why, PALIER_ECONFIG, "cannot remove the stale socket %s: %s",
						   at->sun_path, strerror(errno));
}

static int unix_open(struct door *d, char *why)
{
	struct sockaddr_un at = unix_address(d->config.path);
	int err = stale_remove(&at, why), fd;

	if (err != PALIER_OK)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || !unix_bind(fd, &at) || listen(fd, SOMAXCONN) != 0) {
		complain(why, PALIER_ECONFIG, "cannot listen on %s: %s%s", d->config.path, strerror(errno),
			errno == ENOENT ? "; make its directory first" : "");
		if (fd >= 0)
			close(fd);
		return PALIER_ECONFIG;
	}
	d->fd = fd;
	return PALIER_OK;
}

static const int64_t *copy_ids(struct palier_arena *a, const int64_t *ids, size_t n)
{
	return n ? (const int64_t *)(const void *)palier_copy(a, palier_bytes_of(ids, n * sizeof(*ids))).at : NULL;
}

/* --- doors --------------------------------------------------------------------------------------------------------- */

static const char *copy_text(struct palier_arena *a, const char *text)
{
	return text ? palier_cstr(a, palier_str(text)) : NULL;
}

static const char *const *copy_names(struct palier_arena *a, const char *const *names)
{
	size_t n = 0;
	const char **copy;

	while (names && names[n])
		n++;
	copy = palier_alloc(a, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = copy_text(a, names[i]);
	return copy;
}

static struct door *door_new(const struct door_config *c)
{
	struct door *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->fd = -1;
	d->config = *c;
	d->config.address = copy_text(&d->arena, c->address);
	d->config.host = copy_text(&d->arena, c->host);
	d->config.port = copy_text(&d->arena, c->port);
	d->config.path = copy_text(&d->arena, c->path);
	d->config.uids = copy_ids(&d->arena, c->uids, c->uid_count);
	d->config.gids = copy_ids(&d->arena, c->gids, c->gid_count);
	d->config.tls = (struct tls_files){ NULL, NULL, NULL, NULL }; /* read by then */
	d->config.names = copy_names(&d->arena, c->names);
	return d;
}

static void door_free(struct door *d)
{
	struct palier_arena arena = d->arena;

	door_shut(d);
	tls_door_free(d->tls);
	free(d);
	palier_arena_deinit(&arena);
}

/* An address of version 6 can be written in several ways. */
static bool same_host(const char *a, const char *b)
{
	struct in6_addr x, y;

	return strcmp(a, b) == 0 ||
	       (inet_pton(AF_INET6, a, &x) == 1 && inet_pton(AF_INET6, b, &y) == 1 && memcmp(&x, &y, sizeof(x)) == 0);
}

static bool same_place(const struct door_config *a, const struct door_config *b)
{
	if ((a->kind == DOOR_UNIX) != (b->kind == DOOR_UNIX))
		return false;
	if (a->kind == DOOR_UNIX)
		return strcmp(a->path, b->path) == 0;
	return same_host(a->host, b->host) && strtol(a->port, NULL, 10) == strtol(b->port, NULL, 10);
}

static struct door *door_at(struct door *list, const struct door_config *c)
{
	while (list && (list->fd < 0 || list->replaced || !same_place(&list->config, c)))
		list = list->next;
	return list;
}

/* Listen on a socket that is open already. */
static int door_take(struct door *d, const struct door *from, char *why)
{
	d->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
	d->passed = from->passed;
	return d->fd >= 0 ? PALIER_OK
	                  : complain(why, PALIER_ECONFIG, "cannot go on listening on %s: %s", d->config.address,
				    strerror(errno));
}

static int door_open(struct door *d, struct door *old, struct door *passed, char *why)
{
	struct door *before = door_at(old, &d->config), *given = door_at(passed, &d->config);
	int err = PALIER_OK;

	if (before) {
		err = door_take(d, before, why);
		before->replaced = err == PALIER_OK;
	} else if (given) {
		err = door_take(d, given, why);
	} else {
		err = d->config.kind == DOOR_UNIX ? unix_open(d, why) : tcp_open(d, why);
	}
	if (err == PALIER_OK)
		d->name = d->config.kind == DOOR_UNIX ? palier_format(&d->arena, "unix:%s", d->config.path) : tcp_name(d);
	return err;
}

static bool listens(const struct door *list, const struct door_config *c)
{
	while (list && (list->fd < 0 || !same_place(&list->config, c)))
		list = list->next;
	return list != NULL;
}

/* The configuration is refused: what listens goes on, and keeps its files. */
static void doors_forget(struct door *fresh, struct door *old)
{
	struct door *next;

	for (; fresh; fresh = next) {
		next = fresh->next;
		fresh->replaced = listens(old, &fresh->config);
		door_free(fresh);
	}
	for (; old; old = old->next)
		old->replaced = old->fd < 0;
}

/* As config_doors_check says it. */
static int certificates_read(struct door *d, const struct config *config, const struct door_config *c, char *why)
{
	enum tls_file bad;
	char what[WHY_LEN];

	if (!c->tls.certificate || tls_door_new(&c->tls, &d->tls, &bad, what) == PALIER_OK)
		return PALIER_OK;
	return complain(why, PALIER_ECONFIG, "%s:%u: %s", config->file, c->tls_lines[bad], what);
}

int doors_open(const struct config *config, struct door *old, struct door *passed, struct door **out, char *why)
{
	struct door *fresh = NULL, **tail = &fresh;
	int err = PALIER_OK;

	for (size_t i = 0; i < config->door_count && err == PALIER_OK; i++) {
		*tail = door_new(&config->doors[i]);
		err = certificates_read(*tail, config, &config->doors[i], why);
		if (err == PALIER_OK)
			err = door_open(*tail, old, passed, why);
		tail = &(*tail)->next;
	}
	if (err == PALIER_OK)
		*out = fresh;
	else
		doors_forget(fresh, old);
	return err;
}

/* --- sockets of the service manager -------------------------------------------------------------------------------- */

/* @return its address as a configuration would write it; NULL: of no kind that a door has */
static const char *passed_place(struct door *d)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
		struct sockaddr_storage room;
	} at = { .room = { 0 } };
	socklen_t len = sizeof(at);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(d->fd, &at.any, &len) != 0)
		return NULL;
	if (at.any.sa_family == AF_UNIX && at.un.sun_path[0]) {
		d->config.kind = DOOR_UNIX;
		d->config.path = copy_text(&d->arena, at.un.sun_path);
		return palier_format(&d->arena, "unix:%s", d->config.path);
	}
	if (at.any.sa_family == AF_UNIX ||
		getnameinfo(&at.any, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return NULL;
	d->config.kind = DOOR_TCP;
	d->config.host = copy_text(&d->arena, host);
	d->config.port = copy_text(&d->arena, port);
	return palier_format(&d->arena, strchr(host, ':') ? "tcp:[%s]:%s" : "tcp:%s:%s", host, port);
}

static bool has_door(const struct config *config, const struct door_config *place)
{
	for (size_t i = 0; i < config->door_count; i++)
		if (same_place(&config->doors[i], place))
			return true;
	return false;
}

struct door *doors_passed(const struct config *config)
{
	int fds[NOTIFY_SOCKETS_MAX];
	unsigned n = notify_sockets(fds);
	struct door *list = NULL;

	for (unsigned i = 0; i < n; i++) {
		static const struct door_config nowhere;
		struct door *d = door_new(&nowhere);

		d->fd = fds[i];
		d->passed = true;
		d->name = passed_place(d);
		if (!d->name) {
			log_warn("serve.passed", "a socket of no kind that a door has; not used");
			door_free(d);
			continue;
		}
		if (!has_door(config, &d->config))
			log_warn("serve.passed", "socket=%s: the configuration has no door there, who knocks waits in vain",
				d->name);
		d->next = list;
		list = d;
	}
	return list;
}

void door_shut(struct door *d)
{
	if (d->fd < 0)
		return;
	close(d->fd);
	d->fd = -1;
	if (d->config.kind == DOOR_UNIX && !d->replaced && !d->passed)
		unlink(d->config.path);
}

void doors_prune(struct door **list)
{
	while (*list) {
		struct door *d = *list;

		if (d->fd >= 0 || d->connections > 0) {
			list = &d->next;
			continue;
		}
		*list = d->next;
		door_free(d);
	}
}

static bool among(int64_t id, const int64_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool door_admits(const struct door *d, int fd, int64_t *uid)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	*uid = -1;
	if (d->config.auth != AUTH_PEER)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	*uid = peer.uid;
	return among(peer.uid, d->config.uids, d->config.uid_count) || among(peer.gid, d->config.gids, d->config.gid_count);
}
