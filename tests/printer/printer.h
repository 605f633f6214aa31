/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt printer without paper, written from the makers' manuals and without a line of palier's: it reads a stream of commands as it comes,
 * draws what they print, and stops at the first that it would not have understood. */
#pragma once

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum printer_language { PRINTER_ESCPOS, PRINTER_STAR, PRINTER_ZPL };

/** Dots of a line, at 8 a millimetre. */
#define PRINTER_58 384
#define PRINTER_80 576

#define PRINTER_ROLL 4000 /* dots of paper before it is used up */

struct printer {
	enum printer_language language;
	unsigned width;
	bool no_paper, cover_open, paper_low; /* what it says of itself */
	bool mute;                            /* it says nothing */

	char wrong[200];    /* what it did not understand, and where; "" so far nothing */
	char text[8192];    /* the lines printed, in UTF-8, each with its LF */
	unsigned codes;     /* QR codes printed */
	bool cut;           /* the paper was cut last */
	bool begun;         /* it was initialised */
	uint8_t answer[64]; /* to be sent to the host, and forgotten */
	size_t answers;
	size_t taken; /* bytes of the stream so far */

	/* as the commands have set it */
	int code_page, align;
	unsigned wide, high;
	char line[64]; /* characters not yet printed */
	unsigned in_line;
	int model, level;
	unsigned module;
	char stored[3000]; /* QR data */
	size_t stored_len;
	struct {
		bool open, utf8, hex;  /* between ^XA and ^XZ; ^CI28; ^FH */
		unsigned x, y, length; /* ^FO, ^LL */
		unsigned high, wide;   /* ^AD */
		unsigned qr;           /* ^BQ: dots a module; 0: a text */
	} label;

	cairo_surface_t *roll;
	cairo_t *pen;
	unsigned y;     /* dots printed */
	unsigned ink;   /* where the last text ends; 0: there was none */
	unsigned quiet; /* up to here a QR code wants nothing beside it */
};

void printer_on(struct printer *p, enum printer_language language, unsigned width);
/** Take the stream's next bytes, as many as make whole commands. @return bytes taken; the others are to come again, with more behind them */
size_t printer_take(struct printer *p, const uint8_t *at, size_t n);
/** Nothing comes any more. What is left over, or was not printed, is wrong. @param left bytes that printer_take did not take */
void printer_end(struct printer *p, size_t left);
/** What was printed as a picture, with some margin as a roll has. @return false: it could not be written */
bool printer_png(struct printer *p, const char *path);
void printer_off(struct printer *p);

/* For the languages' files. */

/** It would not have understood this. */
void printer_wrong(struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** A character of code page 1252 into the line. */
void printer_char(struct printer *p, uint8_t c);
/** Print the line. */
void printer_line(struct printer *p, unsigned advance);
void printer_feed(struct printer *p, unsigned dots);
/** Draw text at a place, a cell of 12 x 24 dots a character, or multiples of it. */
void printer_draw_text(struct printer *p, const char *utf8, unsigned x, unsigned y, unsigned wide, unsigned high);
/** Make a QR code of data, and draw it. @param x, y its corner; x < 0: as align says */
void printer_draw_qr(struct printer *p, const char *data, size_t len, int level, unsigned module, int x, unsigned y,
	unsigned *side);
/** A dot. */
void printer_dot(struct printer *p, unsigned x, unsigned y);
/** The first command of the stream. @return its bytes; 0: it is not whole yet, or wrong */
size_t printer_take_escpos(struct printer *p, const uint8_t *at, size_t n);
size_t printer_take_star(struct printer *p, const uint8_t *at, size_t n);
size_t printer_take_zpl(struct printer *p, const uint8_t *at, size_t n);
