/* SPDX-License-Identifier: Apache-2.0 */
/* What a head office is sent: the first letter says what it is: m a manifest, s a signature of the text "manifest", e events, c a certificate. What is
 * accepted must be written again in the same bytes. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocol/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() would vanish with NDEBUG. */
static void ensure(bool ok)
{
	if (!ok)
		abort();
}

static void fuzz_manifest(struct palier_bytes text)
{
	struct palier_arena a = { .used = 0 };
	struct batch_manifest m;
	struct batch_before before;

	if (batch_manifest_read(text, &a, &m) == BATCH_FINE) {
		batch_before_of(&m, text, &before);
		ensure(m.store.len > 0 && m.store.len <= BATCH_STORE_MAX && before.batch > 0 &&
			text.at[text.len - 1] == '\n');
	}
	palier_arena_deinit(&a);
}

static void fuzz_events(struct palier_bytes text)
{
	struct batch_facts facts;
	struct palier_hash sum;
	int fd = memfd_create("events", MFD_CLOEXEC);

	ensure(fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len);
	if (batch_read(fd, NULL, &facts) == BATCH_FINE) {
		crypto_sha256(text, &sum);
		ensure(facts.size == text.len && memcmp(sum.b, facts.sha256.b, SHA256_LEN) == 0);
		ensure(facts.chain.lines == facts.chain.events + 2);
	}
	close(fd);
}

static void fuzz_signature(struct palier_bytes text)
{
	struct cms_signed by;

	if (crypto_cms_verify(PALIER_LIT("manifest"), text, NULL, &by) == BATCH_FINE)
		ensure(by.at_ms >= 0);
}

static void fuzz_certificate(struct palier_bytes text)
{
	struct crypto_certificate *c;
	struct crypto_validity valid;
	char names[64];

	if (crypto_certificate_read(text, &c) != PALIER_OK)
		return;
	crypto_certificate_validity(c, &valid);
	crypto_certificate_names_text(c, false, names, sizeof(names));
	ensure(strlen(names) < sizeof(names) && crypto_certificate_equal(c, c));
	(void)crypto_certificate_signs(c);
	(void)crypto_certificate_names(c, PALIER_LIT("lyon-03"));
	crypto_certificate_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct palier_bytes text = palier_bytes_of(data + (size > 0), size - (size > 0));

	switch (size > 0 ? data[0] : 0) {
	case 'm':
		fuzz_manifest(text);
		break;
	case 's':
		fuzz_signature(text);
		break;
	case 'e':
		fuzz_events(text);
		break;
	case 'c':
		fuzz_certificate(text);
		break;
	default:
		break;
	}
	return 0;
}
