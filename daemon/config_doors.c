/* SPDX-License-Identifier: Apache-2.0 */
/* listen "..." { }: the doors, and who may come in by each. */
#include "daemon/config_parts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

cfg_opt_t listen_options[] = {
	CFG_STR("auth", "token", CFGF_NONE),
	CFG_STR("role", NULL, CFGF_NODEFAULT),
	CFG_INT_LIST("uids", NULL, CFGF_NODEFAULT),
	CFG_INT_LIST("gids", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("key", NULL, CFGF_NODEFAULT),
	CFG_STR("client-ca", NULL, CFGF_NODEFAULT),
	CFG_STR("crl", NULL, CFGF_NODEFAULT),
	CFG_END(),
};

static bool loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

static bool port_valid(const char *port)
{
	size_t n = strspn(port, "0123456789");

	return n >= 1 && n <= 5 && port[n] == '\0' && strtol(port, NULL, 10) <= 65535;
}

/* "127.0.0.1:7117", "[::1]:7117", "localhost:7117". Other names are refused: a door must not hang on a name server. */
static bool compile_tcp(struct palier_setup *s, const char *address, struct door_config *d)
{
	const char *colon = strrchr(address, ':');
	struct in6_addr binary;
	char *host;
	size_t n;

	if (!colon || !port_valid(colon + 1))
		return false;
	d->port = palier_setup_string(s, colon + 1);
	host = palier_cstr(&s->config->arena, palier_bytes_of(address, (size_t)(colon - address)));
	if (strcmp(host, "localhost") == 0)
		host = palier_setup_string(s, "127.0.0.1");
	n = strlen(host);
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		d->host = host + 1;
		return inet_pton(AF_INET6, d->host, &binary) == 1;
	}
	d->host = host;
	return inet_pton(AF_INET, host, &binary) == 1;
}

static bool compile_unix(struct palier_setup *s, cfg_t *section, const char *dir, const char *path, struct door_config *d)
{
	size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	d->kind = DOOR_UNIX;
	d->path = setup_path(s, dir, path);
	if (strlen(d->path) <= most)
		return true;
	palier_setup_error(s, section, "%s: a socket's path is at most %zu bytes long, this one is %zu", d->path, most,
		strlen(d->path));
	return false;
}

static bool compile_address(struct palier_setup *s, cfg_t *section, const char *dir, struct door_config *d)
{
	static const char *const later[] = { "tls:", "https:", "http:" };
	const char *address = cfg_title(section);

	d->address = palier_setup_string(s, address);
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (strncmp(address, later[i], strlen(later[i])) == 0) {
			palier_setup_error(s, section, "%s: doors of kind %.*s are not in this version; use tcp or unix",
				address, (int)strlen(later[i]) - 1, later[i]);
			return false;
		}
	if (strncmp(address, "unix:", 5) == 0 && address[5])
		return compile_unix(s, section, dir, address + 5, d);
	if (strncmp(address, "tcp:", 4) == 0 && compile_tcp(s, address + 4, d))
		return true;
	palier_setup_error(s, section,
		"listen \"%s\": expected an address such as \"tcp:127.0.0.1:7117\", \"tcp:[::1]:7117\" or "
		"\"unix:shop/palier.sock\"",
		address);
	return false;
}

static const int64_t *compile_ids(struct palier_setup *s, cfg_t *section, const char *option, size_t *count)
{
	size_t n = cfg_size(section, option);
	int64_t *ids = palier_setup_alloc(s, (n + 1) * sizeof(*ids));

	for (unsigned i = 0; i < n; i++) {
		ids[i] = cfg_getnint(section, option, i);
		if (ids[i] < 0 || ids[i] >= UINT32_MAX)
			setup_option_error(s, section, option, "%s: %ld is no id; expected numbers such as {0, 1000}",
				option, (long)ids[i]);
	}
	*count = n;
	return ids;
}

static void compile_peers(struct palier_setup *s, cfg_t *section, struct door_config *d)
{
	int64_t *own;

	d->uids = compile_ids(s, section, "uids", &d->uid_count);
	d->gids = compile_ids(s, section, "gids", &d->gid_count);
	if (d->uid_count > 0)
		return;
	own = palier_setup_alloc(s, sizeof(*own));
	*own = geteuid();
	d->uids = own;
	d->uid_count = 1;
}

/* An option that means nothing with this door's kind and auth would be a rule that does not hold. */
static void refuse_stray(struct palier_setup *s, cfg_t *section, const struct door_config *d)
{
	static const struct stray {
		const char *option, *of;
		bool peer, trust; /* where it means something */
	} strays[] = {
		{ "certificate", "belongs to a tls or https door", false, false },
		{ "key", "belongs to a tls or https door", false, false },
		{ "client-ca", "belongs to an https door", false, false },
		{ "crl", "belongs to an https door", false, false },
		{ "uids", "says who may come in where auth = peer", true, false },
		{ "gids", "says who may come in where auth = peer", true, false },
		{ "role", "is for auth = peer or trust: with a token, the till's own role counts", true, true },
	};

	for (size_t i = 0; i < sizeof(strays) / sizeof(*strays); i++) {
		const struct stray *x = &strays[i];

		if (cfg_size(section, x->option) > 0 && !(d->auth == AUTH_PEER && x->peer) &&
			!(d->auth == AUTH_TRUST && x->trust))
			setup_option_error(s, section, x->option, "%s %s", x->option, x->of);
	}
}

static void compile_auth(struct palier_setup *s, cfg_t *section, struct door_config *d)
{
	static const char
		*const auth_names[] = { [AUTH_TRUST] = "trust", [AUTH_TOKEN] = "token", [AUTH_PEER] = "peer", NULL };
	int auth = AUTH_TOKEN, role;

	if (!palier_setup_choice(s, section, "auth", auth_names, &auth))
		return;
	d->auth = (enum door_auth)auth;
	role = auth == AUTH_PEER ? ROLE_SUPERVISOR : ROLE_CASHIER;
	if (palier_setup_choice(s, section, "role", role_names, &role))
		d->role = (enum role)role;
	refuse_stray(s, section, d);
	if (auth == AUTH_TRUST && !(d->kind == DOOR_TCP && loopback(d->host)))
		setup_option_error(s, section, "auth",
			"auth = trust is for addresses of this machine alone, such as \"tcp:127.0.0.1:7117\"%s",
			d->kind == DOOR_UNIX ? "; on a socket use auth = peer" : "");
	if (auth == AUTH_PEER && d->kind != DOOR_UNIX)
		setup_option_error(s, section, "auth", "auth = peer needs a socket, such as \"unix:shop/palier.sock\"");
	if (auth == AUTH_PEER)
		compile_peers(s, section, d);
}

static bool same_place(const struct door_config *a, const struct door_config *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == DOOR_UNIX)
		return strcmp(a->path, b->path) == 0;
	return strtol(a->port, NULL, 10) != 0 && strtol(a->port, NULL, 10) == strtol(b->port, NULL, 10) &&
	       strcmp(a->host, b->host) == 0;
}

void doors_compile(struct palier_setup *s, cfg_t *root, const char *dir)
{
	size_t n = cfg_size(root, "listen"), ok = 0;
	struct door_config *doors = palier_setup_alloc(s, (n + 1) * sizeof(*doors));
	cfg_t *section;

	if (n == 0)
		palier_setup_error(s, root,
			"listen is missing; for example listen \"unix:shop/palier.sock\" { auth = peer }");
	for (unsigned i = 0; i < n; i++) {
		section = cfg_getnsec(root, "listen", i);
		if (!compile_address(s, section, dir, &doors[ok]))
			continue;
		compile_auth(s, section, &doors[ok]);
		for (size_t j = 0; j < ok; j++)
			if (same_place(&doors[j], &doors[ok]))
				palier_setup_error(s, section, "%s is the same door as %s", doors[ok].address,
					doors[j].address);
		ok++;
	}
	s->config->doors = doors;
	s->config->door_count = ok;
}
