/* SPDX-License-Identifier: Apache-2.0 */
/* A shop with doors of TLS and HTTP, an office that certifies for them, and clients. */
#pragma once

#include "tests/e2e/harness.h"
#include "tests/unit/protocol/office.h"

#define DOOR_TLS   "tls:127.0.0.1:"
#define DOOR_HTTP  "http:127.0.0.1:"
#define DOOR_HTTPS "https:127.0.0.1:"

/** Configuration: the three doors, with the files that doors_certify writes. */
#define DOORS \
	"listen \"tls:127.0.0.1:0\" { auth = token  certificate = \"door.pem\"  key = \"door.key\" }\n" \
	"listen \"http:127.0.0.1:0\" { auth = token  host = {\"till.example\"} }\n" \
	"listen \"https:127.0.0.1:0\" {\n" \
	"	certificate = \"door.pem\"  key = \"door.key\"\n" \
	"	client-ca = \"office-ca.pem\"  crl = \"office.crl\"\n" \
	"}\n"

/** Write into the shop: door.pem, hq.pem (who may come in), gone.pem (revoked), each with its key, office-ca.pem and office.crl; store.pem,
 * with which batches are sealed. Others of the matrix: bare.pem (nobody has issued it), other.pem (another office has), old.pem (run out),
 * server.pem (of a server, not a client). */
void doors_certify(const struct shop *s);
/** Certify the door anew: another certificate, another key. */
void doors_renew(const struct shop *s);

/** DIR/NAME of the shop, in one of 8 buffers used in turn. */
const char *shop_file(const struct shop *s, const char *name);
/** Run a command of the shell in the shop's directory. @param out what it said, to be freed; NULL: not wanted @return its exit code */
int shop_shell(const struct shop *s, char **out, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** A TCP connection to a door of this machine. */
int door_connect(const struct shop *s, const char *door);
/** Send bytes by a door in clear, say that nothing follows, and read until the other side ends. @return NUL-terminated, to be freed */
char *door_say(const struct shop *s, const char *door, const void *at, size_t n);

/** How a client of TLS comes in. */
struct tls_way {
	const char *sentence;
	const char *door;
	const char *identity; /* "hq": hq.pem and hq.key; NULL: none */
	int version;          /* the only one that it speaks; 0: any */
};
/** Send bytes, and read until the other side ends or `enough` was seen. @param certificate of the door, hex of its sum; may be NULL
 * @return NUL-terminated, to be freed; empty when it is not let in */
char *tls_say(const struct shop *s, const struct tls_way *way, const char *text, const char *enough, char *certificate);
