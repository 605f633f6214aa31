/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes, by libqrencode. */
#include "protocol/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>

static const QRecLevel levels[] = {
	[QR_LOW] = QR_ECLEVEL_L,
	[QR_MEDIUM] = QR_ECLEVEL_M,
	[QR_QUARTILE] = QR_ECLEVEL_Q,
	[QR_HIGH] = QR_ECLEVEL_H,
};

int qr_encode(struct palier_bytes text, enum qr_level level, struct palier_arena *a, struct qr *out)
{
	QRcode *code;
	uint8_t *modules;
	size_t n;

	if (text.len == 0 || memchr(text.at, 0, text.len))
		return PALIER_EINVAL;
	if (text.len > QR_TEXT_MAX)
		return PALIER_ERANGE;
	/* The library cuts the text into digits, capitals and bytes, whatever is shortest. */
	code = QRcode_encodeString(palier_cstr(a, text), 0, levels[level], QR_MODE_8, 1);
	if (!code && errno == ENOMEM)
		abort();
	if (!code)
		return errno == ERANGE ? PALIER_ERANGE : PALIER_EINVAL;
	n = (size_t)code->width * (size_t)code->width;
	modules = palier_alloc(a, n);
	for (size_t i = 0; i < n; i++)
		modules[i] = code->data[i] & 1; /* the other bits say what a module is for */
	*out = (struct qr){ (unsigned)code->width, modules };
	QRcode_free(code);
	return PALIER_OK;
}
