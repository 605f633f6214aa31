/* SPDX-License-Identifier: Apache-2.0 */
/* TLS between a socket and a connection: 1.2 with ephemeral keys and authenticated ciphers, or 1.3. Nothing is resumed and nothing renegotiated, so
 * that a certificate is looked at whenever somebody comes in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** The files of a door. */
struct tls_files {
	const char *certificate, *key; /* PEM; the chain follows the certificate */
	const char *client_ca; /* NULL: nobody need show a certificate; else everybody must, one that these have issued */
	const char *crl;       /* NULL: none is looked at; else there must be a list of every authority of the chain */
};

enum tls_file { TLS_CERTIFICATE, TLS_KEY, TLS_CLIENT_CA, TLS_CRL, TLS_FILES };

struct tls_door;

/** Read the files, and see that they fit each other.
 * @param bad on error, which of them is wrong @param why on error, a sentence about it; WHY_LEN bytes
 * @return PALIER_OK; PALIER_ECONFIG */
int tls_door_new(const struct tls_files *files, struct tls_door **out, enum tls_file *bad, char *why);
/** Who came in by it stays. @param d may be NULL */
void tls_door_free(struct tls_door *d);

struct tls;

/** @param fd not blocking, and the caller's */
struct tls *tls_new(const struct tls_door *d, int fd);
void tls_free(struct tls *t);
/** As recv() and send(), EAGAIN included, the handshake done on the way. EPROTO: this is no TLS, or none of ours. */
ssize_t tls_receive(struct tls *t, void *at, size_t n);
ssize_t tls_send(struct tls *t, const void *at, size_t n);
/** Bytes that have been received already: the socket will not say that they are there. */
bool tls_has_more(const struct tls *t);
/** The handshake is still under way, */
bool tls_shakes(const struct tls *t);
/** and waits until the socket can be written. */
bool tls_would_write(const struct tls *t);
/** Say that nothing follows. */
void tls_end(struct tls *t);
