/* SPDX-License-Identifier: Apache-2.0 */
/* listen "..." { }: the doors, and who may come in by each. */
#include "daemon/config_parts.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/why.h"

const char *const door_kind_names[] = { "tcp", "unix", "tls", "http", "https", NULL };
const char *const door_auth_names[] = { "trust", "token", "peer", "certificate", NULL };

cfg_opt_t listen_options[] = {
	CFG_STR("auth", "token", CFGF_NONE),
	CFG_STR("role", NULL, CFGF_NODEFAULT),
	CFG_INT_LIST("uids", NULL, CFGF_NODEFAULT),
	CFG_INT_LIST("gids", NULL, CFGF_NODEFAULT),
	CFG_STR("certificate", NULL, CFGF_NODEFAULT),
	CFG_STR("key", NULL, CFGF_NODEFAULT),
	CFG_STR("client-ca", NULL, CFGF_NODEFAULT),
	CFG_STR("crl", NULL, CFGF_NODEFAULT),
	CFG_STR_LIST("host", NULL, CFGF_NODEFAULT),
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

	d->path = setup_path(s, dir, path);
	if (strlen(d->path) <= most)
		return true;
	palier_setup_error(s, section, "%s: a socket's path is at most %zu bytes long, this one is %zu", d->path, most,
		strlen(d->path));
	return false;
}

/* @return what follows the kind; NULL: the address begins with none */
static const char *kind_cut(const char *address, enum door_kind *kind)
{
	for (int i = 0; door_kind_names[i]; i++) {
		size_t n = strlen(door_kind_names[i]);

		if (strncmp(address, door_kind_names[i], n) == 0 && address[n] == ':') {
			*kind = (enum door_kind)i;
			return address + n + 1;
		}
	}
	return NULL;
}

static bool compile_address(struct palier_setup *s, cfg_t *section, const char *dir, struct door_config *d)
{
	const char *address = cfg_title(section), *place = kind_cut(address, &d->kind);

	d->address = palier_setup_string(s, address);
	if (place && d->kind == DOOR_UNIX && *place)
		return compile_unix(s, section, dir, place, d);
	if (place && d->kind != DOOR_UNIX && compile_tcp(s, place, d))
		return true;
	palier_setup_error(s, section,
		"listen \"%s\": expected an address such as \"tcp:127.0.0.1:7117\", \"tcp:[::1]:7117\", "
		"\"unix:shop/palier.sock\", \"tls:0.0.0.0:7118\", \"http:127.0.0.1:7119\" or \"https:0.0.0.0:7443\"",
		address);
	return false;
}

/* --- TLS and HTTP -------------------------------------------------------------------------------------------------- */

/* @return an absolute path; NULL: not set, or set to nothing */
static const char *compile_file(struct palier_setup *s, cfg_t *section, const char *dir, struct door_config *d,
	enum tls_file file, const char *option)
{
	const char *text = cfg_getstr(section, option);

	d->tls_lines[file] = setup_option_line(section, option);
	return text && *text ? setup_path(s, dir, text) : NULL;
}

static void compile_tls(struct palier_setup *s, cfg_t *section, const char *dir, struct door_config *d)
{
	if (d->kind != DOOR_TLS && d->kind != DOOR_HTTPS)
		return;
	d->tls.certificate = compile_file(s, section, dir, d, TLS_CERTIFICATE, "certificate");
	d->tls.key = compile_file(s, section, dir, d, TLS_KEY, "key");
	if (!d->tls.certificate)
		setup_option_error(s, section, "certificate", "certificate is missing; for example certificate = \"t.pem\"");
	if (!d->tls.key)
		setup_option_error(s, section, "key", "key is missing; for example key = \"t.key\"");
	if (d->kind != DOOR_HTTPS)
		return;
	d->tls.client_ca = compile_file(s, section, dir, d, TLS_CLIENT_CA, "client-ca");
	d->tls.crl = compile_file(s, section, dir, d, TLS_CRL, "crl");
	if (!d->tls.client_ca)
		setup_option_error(s, section, "client-ca",
			"client-ca is missing: who issues the certificates that may come in; for example client-ca = "
			"\"office.pem\"");
}

static void compile_names(struct palier_setup *s, cfg_t *section, struct door_config *d)
{
	size_t n = cfg_size(section, "host");
	const char **names = palier_setup_alloc(s, (n + 1) * sizeof(*names));

	for (unsigned i = 0; i < n; i++) {
		const char *name = cfg_getnstr(section, "host", i);

		if (!*name || name[strcspn(name, " \t:/@")])
			setup_option_error(s, section, "host",
				"host: \"%s\" is no name; expected such as {\"shop.example\"}, without a port", name);
		names[i] = palier_setup_string(s, name);
	}
	d->names = names;
}

bool config_doors_check(const struct config *c, void (*say)(const char *error))
{
	bool fine = true;

	for (size_t i = 0; i < c->door_count; i++) {
		const struct door_config *d = &c->doors[i];
		char why[WHY_LEN], error[WHY_LEN + 4096];
		struct tls_door *door = NULL;
		enum tls_file bad;

		if (!d->tls.certificate || tls_door_new(&d->tls, &door, &bad, why) == PALIER_OK) {
			tls_door_free(door);
			continue;
		}
		snprintf(error, sizeof(error), "%s:%u: %s", c->file, d->tls_lines[bad], why);
		say(error);
		fine = false;
	}
	return fine;
}

/* --- who may come in ----------------------------------------------------------------------------------------------- */

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
	const bool tls = d->kind == DOOR_TLS || d->kind == DOOR_HTTPS, http = d->kind == DOOR_HTTP || d->kind == DOOR_HTTPS;
	const struct {
		const char *option, *of;
		bool fits;
	} options[] = {
		{ "certificate", "belongs to a tls or https door", tls },
		{ "key", "belongs to a tls or https door", tls },
		{ "client-ca", "belongs to an https door", d->kind == DOOR_HTTPS },
		{ "crl", "belongs to an https door", d->kind == DOOR_HTTPS },
		{ "host", "belongs to an http or https door", http },
		{ "uids", "says who may come in where auth = peer", d->auth == AUTH_PEER },
		{ "gids", "says who may come in where auth = peer", d->auth == AUTH_PEER },
		{ "role", "is for auth = peer or trust: with a token, the till's own role counts",
			d->auth == AUTH_PEER || d->auth == AUTH_TRUST },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (cfg_size(section, options[i].option) > 0 && !options[i].fits)
			setup_option_error(s, section, options[i].option, "%s %s", options[i].option, options[i].of);
}

/* Who comes in by an https door has shown a certificate: it is the head office. */
static bool compile_certificate(struct palier_setup *s, cfg_t *section, struct door_config *d)
{
	if (d->kind != DOOR_HTTPS)
		return false;
	d->auth = AUTH_CERTIFICATE;
	d->role = ROLE_OFFICE;
	if (strcmp(cfg_getstr(section, "auth"), "token") != 0)
		setup_option_error(s, section, "auth", "an https door has no auth: who comes in shows a certificate");
	refuse_stray(s, section, d);
	return true;
}

static void compile_auth(struct palier_setup *s, cfg_t *section, struct door_config *d)
{
	static const char *const choices[] = { [AUTH_TRUST] = "trust", [AUTH_TOKEN] = "token", [AUTH_PEER] = "peer", NULL };
	int auth = AUTH_TOKEN, role;

	if (compile_certificate(s, section, d) || !palier_setup_choice(s, section, "auth", choices, &auth))
		return;
	d->auth = (enum door_auth)auth;
	role = auth == AUTH_PEER ? ROLE_SUPERVISOR : ROLE_CASHIER;
	if (palier_setup_choice(s, section, "role", role_names, &role))
		d->role = (enum role)role;
	refuse_stray(s, section, d);
	if (auth == AUTH_TRUST && (d->kind == DOOR_UNIX || !loopback(d->host)))
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
	if ((a->kind == DOOR_UNIX) != (b->kind == DOOR_UNIX))
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
		compile_tls(s, section, dir, &doors[ok]);
		compile_names(s, section, &doors[ok]);
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
