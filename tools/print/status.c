/* SPDX-License-Identifier: Apache-2.0 */
/* ESC/POS: DLE EOT n, answered at once even when the printer is offline, and GS r 1, answered in its turn behind what was printed.
 * Star: ESC ACK SOH, answered by the bytes of its automatic status. ZPL printers that have no paper do not answer, so they are not asked. */
#include "tools/print/status.h"

#define REFUSE(p, err, ...) ((p)->why = palier_format((p)->arena, __VA_ARGS__), (err))

/* A network printer that answers at all does so within this. */
#define ANSWER_MS 1000

/* What keeps it from printing: a bit of a byte, and what to do. The first that is set is said. */
struct trouble {
	unsigned byte; /* which */
	uint8_t bits;
	const char *what;
};

#define NO_PAPER "is out of paper; put a new roll in, and print again"
#define COVER    "has its cover open; close it, and print again"
#define CUTTER   "cannot cut: free the cutter of paper, switch it off and on, and print again"
#define FAULT    "reports a fault; switch it off and on, and print again"
#define TOO_HOT  "is too hot; wait a minute, and print again"
#define OFFLINE  "is offline; look at its lights and its display, and print again"

static const char *trouble_in(const struct trouble *table, const uint8_t *bytes)
{
	for (const struct trouble *t = table; t->what; t++)
		if (bytes[t->byte] & t->bits)
			return t->what;
	return NULL;
}

/* What it said unasked is not the answer. */
static int ask(struct port *p, const void *command, size_t len, uint8_t *answer)
{
	int err;

	do
		err = port_read(p, 0, answer);
	while (err == PALIER_OK);
	if (err != PALIER_ENOENT)
		return err;
	err = port_write(p, palier_bytes_of(command, len));
	return err == PALIER_OK ? port_read(p, p->patience_ms < ANSWER_MS ? p->patience_ms : ANSWER_MS, answer) : err;
}

/* --- ESC/POS --- */

enum { STATE, CAUSE, FAILURE, PAPER, QUESTIONS }; /* DLE EOT 1 to 4 */

static const struct trouble escpos_troubles[] = {
	{ PAPER, 0x60, NO_PAPER },
	{ CAUSE, 0x20, NO_PAPER },
	{ CAUSE, 0x04, COVER },
	{ FAILURE, 0x08, CUTTER },
	{ FAILURE, 0x20, FAULT },
	{ FAILURE, 0x40, TOO_HOT },
	{ STATE, 0x08, OFFLINE },
	{ 0, 0, NULL },
};

#define ESCPOS_PAPER_LOW 0x0C

/* Bits 1 and 4 are set, 0 and 7 are not, in all answers to DLE EOT. */
static bool is_realtime(uint8_t byte)
{
	return (byte & 0x93) == 0x12;
}

/* @return PALIER_ENOENT: it does not answer */
static int escpos_ask(struct port *p, uint8_t *answers)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		const uint8_t question[] = { 0x10, 0x04, (uint8_t)(i + 1) };
		int err = ask(p, question, sizeof(question), &answers[i]);

		if (err != PALIER_OK)
			return err;
		if (!is_realtime(answers[i]))
			return PALIER_ENOENT;
	}
	return PALIER_OK;
}

static int escpos_ready(struct port *p, struct printer_status *s)
{
	uint8_t answers[QUESTIONS] = { 0 };
	int err = escpos_ask(p, answers);
	const char *what;

	if (err != PALIER_OK)
		return err == PALIER_ENOENT ? PALIER_OK : err;
	s->answers = true;
	s->paper_low = answers[PAPER] & ESCPOS_PAPER_LOW;
	what = trouble_in(escpos_troubles, answers);
	return what ? REFUSE(p, PALIER_EIO, "%s %s", p->name, what) : PALIER_OK;
}

/* The answer to GS r 1: bits 4 and 7 are not set. Late answers to DLE EOT have bit 4 set. */
static int escpos_done(struct port *p, struct printer_status *s, bool *confirmed)
{
	uint8_t answer = 0;
	int err = port_write(p, PALIER_LIT("\035r\1"));

	do
		err = err == PALIER_OK ? port_read(p, p->patience_ms, &answer) : err;
	while (err == PALIER_OK && (answer & 0x90) != 0);
	if (err == PALIER_ENOENT) {
		err = escpos_ready(p, s);
		if (err == PALIER_OK)
			err = REFUSE(p, PALIER_EIO,
				"%s does not say that it has printed; look at what came out before you print again",
				p->name);
	}
	*confirmed = err == PALIER_OK;
	return err;
}

/* --- Star --- */

#define STAR_STATUS_MAX 15 /* bytes */

static const struct trouble star_troubles[] = {
	{ 5, 0x08, NO_PAPER },
	{ 2, 0x20, COVER },
	{ 3, 0x08, CUTTER },
	{ 3, 0x24, FAULT },
	{ 3, 0x40, TOO_HOT },
	{ 2, 0x08, OFFLINE },
	{ 0, 0, NULL },
};

#define STAR_PAPER_LOW 0x06 /* of byte 6 */

/* The first byte: bit 0 is set, 4 and 7 are not; how many come is in bits 1 to 3 and 5. @return 0: this is none */
static unsigned star_length(uint8_t header)
{
	if ((header & 0x91) != 0x01)
		return 0;
	return (header >> 1 & 0x07) | (header >> 2 & 0x08);
}

static int star_ready(struct port *p, struct printer_status *s)
{
	uint8_t bytes[STAR_STATUS_MAX] = { 0 };
	int err = ask(p, "\033\006\001", 3, &bytes[0]);
	unsigned n = err == PALIER_OK ? star_length(bytes[0]) : 0;
	const char *what;

	for (unsigned i = 1; i < n && err == PALIER_OK; i++)
		err = port_read(p, ANSWER_MS, &bytes[i]);
	if (err != PALIER_OK || n < 6)
		return err == PALIER_EIO ? err : PALIER_OK;
	s->answers = true;
	s->paper_low = bytes[5] & STAR_PAPER_LOW;
	what = trouble_in(star_troubles, bytes);
	return what ? REFUSE(p, PALIER_EIO, "%s %s", p->name, what) : PALIER_OK;
}

/* --- all --- */

int printer_ready(struct port *p, enum qr_format language, struct printer_status *out)
{
	*out = (struct printer_status){ 0 };
	if (!p->network || language == QR_ZPL)
		return PALIER_OK;
	return language == QR_STAR ? star_ready(p, out) : escpos_ready(p, out);
}

int printer_done(struct port *p, enum qr_format language, struct printer_status *s, bool *confirmed)
{
	int err;

	*confirmed = false;
	if (s->answers && language != QR_STAR)
		return escpos_done(p, s, confirmed);
	err = port_drain(p);
	return err == PALIER_OK && s->answers ? star_ready(p, s) : err;
}
