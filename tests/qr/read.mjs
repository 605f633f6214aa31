// SPDX-License-Identifier: Apache-2.0
// usage: node read.mjs DIR
// Reads back what qr_draw left in DIR, by programs that share nothing with palier: zbar and zxing read every picture; ESC/POS and StarPRNT are
// compared with a published encoder, ZPL is drawn by a published renderer. What a printer or a terminal would make of our bytes is written
// here a second time, from their manuals. The packages are found in the directory in which it is started.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; // Node 18 has it by that name alone
const require = createRequire(`${process.cwd()}/`);
const Encoder = require("@point-of-sale/receipt-printer-encoder");
const renderer = require("zpl-renderer-js");

const FORMATS = ["svg", "png", "ansi", "matrix", "escpos", "escpos-raster", "star", "zpl"];
const ZPL_EVERY = 4; // its renderer takes a quarter of a second
const dir = process.argv[2];
const failures = [];
const pictures = []; // { path, text, level }
let compared = 0;

const orders = readFileSync(`${dir}/orders`, "utf8").trim().split("\n").map((line) => {
	const [n, level, ...modules] = line.split(" ");
	const file = (ending) => readFileSync(`${dir}/${n}.${ending}`);
	return { n: Number(n), level, modules: modules.map(Number), file, text: file("text"), path: `${dir}/${n}` };
});

function fail(what, why) {
	failures.push(`${what}: ${why}`);
}

// A portable grey map of rows of 1 (dark) and 0, each dot three pixels wide, as a camera would see it.
function picture(order, format, rows) {
	const side = rows.length, scale = 3, line = Buffer.alloc(side * scale), lines = [];
	for (const row of rows) {
		if (row.length !== side)
			return fail(`${order.path}.${format}`, `a row of ${row.length} among ${side}`);
		row.forEach((dot, x) => line.fill(dot ? 0 : 255, x * scale, (x + 1) * scale));
		for (let i = 0; i < scale; i++)
			lines.push(Buffer.from(line));
	}
	const path = `${order.path}.${format}.pgm`;
	writeFileSync(path, Buffer.concat([Buffer.from(`P5 ${side * scale} ${side * scale} 255\n`), ...lines]));
	pictures.push({ path, text: order.text, level: order.level });
}

function readMatrix(order) {
	picture(order, "matrix", order.file("matrix").toString().trimEnd().split("\n").map((line) => [...line].map(Number)));
}

// Two rows a line. The last has no lower half: what is there must be light.
function readAnsi(order) {
	const rows = [];
	for (const line of order.file("ansi").toString().trimEnd().split("\n")) {
		const inside = /^\x1b\[38;5;16;48;5;231m(.*)\x1b\[0m$/.exec(line);
		if (!inside)
			return fail(`${order.path}.ansi`, "a line without its colours");
		rows.push([...inside[1]].map((c) => ("█▀".includes(c) ? 1 : 0)), [...inside[1]].map((c) => ("█▄".includes(c) ? 1 : 0)));
	}
	if (rows.length > rows[0].length && rows.pop().includes(1))
		return fail(`${order.path}.ansi`, "a half row beyond the end");
	picture(order, "ansi", rows);
}

// A printer that knows GS v 0 alone: m, bytes a row, rows; each bit a dot.
function readRaster(order) {
	const bytes = order.file("escpos-raster"), rows = [];
	for (let at = 0; at < bytes.length;) {
		if (bytes[at] !== 0x1d || bytes[at + 1] !== 0x76 || bytes[at + 2] !== 0x30 || bytes[at + 3] !== 0)
			return fail(`${order.path}.escpos-raster`, `no GS v 0 at ${at}`);
		const width = bytes.readUInt16LE(at + 4), height = bytes.readUInt16LE(at + 6);
		if (height > 255 || width > 72)
			return fail(`${order.path}.escpos-raster`, `a strip of ${height} rows, ${width} bytes wide`);
		at += 8;
		for (let y = 0; y < height; y++, at += width)
			rows.push([...bytes.subarray(at, at + width)].flatMap((b) => [...b.toString(2).padStart(8, "0")].map(Number)));
	}
	picture(order, "escpos-raster", rows.map((row) => row.slice(0, rows.length)));
}

// What the encoder sends after the code: the end of the line, and for Star its code page.
const LANGUAGES = {
	escpos: { language: "esc-pos", after: "0a0d" },
	star: { language: "star-prnt", after: "0a0d1b1d50301b1d5031" },
};

function compareNative(order, format) {
	const { language, after } = LANGUAGES[format];
	const encoder = new Encoder({ language, columns: 48 });
	const options = { model: 2, size: order.modules[FORMATS.indexOf(format)], errorlevel: order.level.toLowerCase() };
	const theirs = Buffer.from(encoder.qrcode(order.text.toString("latin1"), options).encode()).toString("hex");
	compared++;
	if (theirs !== order.file(format).toString("hex") + after)
		fail(`${order.path}.${format}`, "not what the encoder writes");
}

// The label's own words, unfolded; some of them drawn as well.
function readZpl(order) {
	const label = /^\^XA\^CI28\^FO(\d+),\1\^BQN,2,(\d+)\^FH_\^FD([LMQH])A,([ -}]*)\^FS\^XZ\n$/.exec(order.file("zpl").toString("latin1"));
	compared++;
	if (!label || Number(label[2]) !== order.modules[7] || label[3] !== order.level || /[\^~]/.test(label[4]))
		return fail(`${order.path}.zpl`, "not such a label");
	const text = label[4].replace(/_([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
	if (text !== order.text.toString("latin1"))
		fail(`${order.path}.zpl`, "another text");
}

async function drawZpl(order, api) {
	const path = `${order.path}.zpl.png`;
	writeFileSync(path, Buffer.from(await api.zplToBase64Async(order.file("zpl").toString(), 74, 74, 8), "base64"));
	pictures.push({ path, text: order.text, level: order.level });
}

function drawSvg(order) {
	const path = `${order.path}.svg.png`;
	execFileSync("rsvg-convert", ["-o", path, `${order.path}.svg`]);
	pictures.push({ path, text: order.text, level: order.level });
}

function zbar(paths) {
	return spawnSync("zbarimg", ["--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", ...paths], { maxBuffer: 1 << 28 }).stdout;
}

// All at once, and one by one only when something is amiss.
function readByZbar() {
	if (zbar(pictures.map((p) => p.path)).equals(Buffer.concat(pictures.map((p) => p.text))))
		return;
	for (const p of pictures)
		if (!zbar([p.path]).equals(p.text))
			fail(p.path, "zbar reads something else, or nothing");
}

function readByZxing() {
	const said = spawnSync("ZXingReader", ["-format", "QRCode", ...pictures.map((p) => p.path)], { maxBuffer: 1 << 28 }).stdout.toString();
	const found = new Map(said.split(/^File: +/m).slice(1).map((part) => [part.slice(0, part.indexOf("\n")), part]));
	for (const p of pictures) {
		const part = found.get(p.path) ?? "";
		const bytes = /^Bytes: +([0-9A-F ]*)$/m.exec(part), level = /^EC Level: +([LMQH])$/m.exec(part);
		if (!bytes || !Buffer.from(bytes[1].replaceAll(" ", ""), "hex").equals(p.text))
			fail(p.path, "zxing reads something else, or nothing");
		else if (level?.[1] !== p.level)
			fail(p.path, `zxing finds level ${level?.[1]}, not ${p.level}`);
	}
}

const { api } = await renderer.ready;
for (const order of orders) {
	pictures.push({ path: `${order.path}.png`, text: order.text, level: order.level });
	drawSvg(order);
	readAnsi(order);
	readMatrix(order);
	readRaster(order);
	compareNative(order, "escpos");
	compareNative(order, "star");
	readZpl(order);
	if (order.n % ZPL_EVERY === Math.floor(order.n / ZPL_EVERY) % ZPL_EVERY)
		await drawZpl(order, api);
}
readByZbar();
readByZxing();
failures.forEach((failure) => console.error(failure));
console.log(`${orders.length} texts: ${pictures.length} pictures read twice, ${compared} files of printers compared, ${failures.length} failures`);
process.exit(orders.length > 0 && failures.length === 0 ? 0 : 1);
