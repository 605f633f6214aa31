/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a report: one file, nothing fetched. */
#include "tools/report/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char style[] =
	":root{--paper:#fbfaf7;--card:#fff;--ink:#22302c;--muted:#5b6864;--line:#dcd9d0;--accent:#1f6f5c;--soft:#cfe3dc;"
	"--blue:#2f6690;--amber:#9a6a12;--plum:#7b4b8a;--out:#a8442f;color-scheme:light dark}\n"
	"@media (prefers-color-scheme:dark){:root{--paper:#151a19;--card:#1d2423;--ink:#e7ecea;--muted:#a3b0ac;--line:#36413e;"
	"--accent:#5fbfa4;--soft:#2b4a42;--blue:#7fb2dc;--amber:#dfb05a;--plum:#c79ad6;--out:#ee8f78}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,'Segoe UI',Roboto,'Noto Sans','DejaVu "
	"Sans',sans-serif}\n"
	"main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 3rem}\n"
	"header{border-bottom:3px solid var(--accent);padding-bottom:1rem;margin-bottom:1.5rem}\n"
	"header p{margin:0;color:var(--muted)}header .shop{color:var(--accent);font-weight:600}\n"
	"h1{font-size:2rem;line-height:1.2;margin:.15rem 0 .25rem}\n"
	"h2{font-size:1.3rem;margin:0 0 .5rem}h3{font-size:1rem;margin:0}\n"
	"section{margin:0 0 2.25rem}section h3.sub{margin-top:1.2rem}p{margin:.35rem 0;max-width:46rem}\n"
	"ul.points{margin:0;padding-left:1.2rem;max-width:46rem}ul.points li{margin:.3rem 0}\n"
	".kinds,.fallen{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(12.5rem,1fr))}\n"
	".kind,.box,.fallen>div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem}\n"
	".kind{border-top:5px solid var(--accent)}.kind p,.fallen p{font-size:.92rem}\n"
	".kind.spontaneous{border-top-color:var(--blue)}.kind.evoked{border-top-color:var(--amber)}\n"
	".kind.solicited{border-top-color:var(--plum)}\n"
	".big{font-weight:700;line-height:1.15;margin:.3rem 0 0;font-variant-numeric:tabular-nums}\n"
	".what{color:var(--muted)}.kind .came{border-top:1px solid var(--line);padding-top:.5rem;margin-top:.6rem}\n"
	".kind p.big{font-size:2.3rem}.kind p.sum{font-size:1.55rem;white-space:nowrap}.fallen p.big{font-size:1.5rem;color:var(--out)}.fallen{margin-top:.6rem}\n"
	".note{color:var(--muted);font-size:.9rem}\n"
	"svg{display:block;width:100%;height:auto;max-width:52rem;margin:0 auto}svg text{fill:var(--ink);font-family:inherit}\n"
	"svg .label{font-size:15px}svg .figure{font-size:19px;font-weight:700}svg .inside{fill:var(--card)}\n"
	"svg .note{fill:var(--muted);font-size:13.5px}svg .bar{fill:var(--accent)}svg .link{fill:var(--soft)}"
	"svg .source{fill:var(--blue)}\n"
	".scroll{overflow-x:auto}.scroll svg{min-width:52rem;max-width:none}.scroll table{min-width:40rem;font-size:.84rem}"
	".scroll th,.scroll td{padding:.3rem .3rem}.scroll thead th{white-space:normal;vertical-align:bottom}\n"
	".box+.scroll{margin-top:.8rem}.less{color:var(--out);font-weight:700}.more{color:var(--accent);font-weight:700}\n"
	".less .under,.more .under{font-weight:400}\n"
	".under{display:block;color:var(--muted);font-size:.85em}\n"
	".map text{font-size:13px}.map .figure{font-size:17px}.map .small{font-size:11.5px;fill:var(--muted)}.map .name{font-size:11.8px;"
	"font-weight:700}\n"
	".map .lost{fill:var(--out)}.map .rule{stroke:var(--line);stroke-width:1}.map .curve{fill:none;stroke:var(--plum);"
	"stroke-width:2.5}\n"
	".map .dot{fill:var(--plum)}.map .hollow{fill:var(--card);stroke:var(--plum);stroke-width:2}.map .touch{fill:var(--soft);"
	"stroke:var(--accent)}\n"
	".map .mark{fill:var(--out)}.map .marked{fill:var(--card);font-weight:700;font-size:11.5px}.map .band{fill:var(--card)}\n"
	".map .buy{fill:var(--accent)}.map .enrol{fill:var(--blue)}.map .back{fill:var(--out)}.map .asked{fill:var(--plum)}"
	".map .other{fill:none;stroke:var(--amber);stroke-width:1.8}\n"
	".map .cj{stroke-width:2;stroke:var(--accent);fill:var(--soft)}.map .cj.plan{fill:var(--card)}.map .cj.late{stroke:var(--amber);"
	"fill:none}.map .cj.failed{stroke:var(--out);fill:none}.map .cj.missing{stroke:var(--muted);fill:none;stroke-dasharray:3 3}"
	".map .cj.extra{stroke:var(--blue);fill:none}.map .cjmark,.map .cjway{fill:none;stroke:var(--ink);stroke-width:1.8}"
	".map .cjway{stroke:var(--muted)}\n"
	".fill{display:grid;grid-template-columns:1fr 2fr 7.5rem;gap:1rem;margin-top:.4rem}.fill span{border-bottom:1px dotted var(--muted);"
	"color:var(--muted);font-size:.85rem;padding-bottom:.1rem}\n"
	"ol.points{margin:.5rem 0;padding-left:1.4rem;max-width:50rem}ol.points li{margin:.4rem 0}\n"
	".grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr))}.grid .kind p.big{font-size:1.8rem}\n"
	"table.heat,.scroll table.heat{width:auto;min-width:0}table.heat td{text-align:center;width:4.6rem;min-width:4.6rem;font-variant-numeric:tabular-nums}\n"
	"svg .grid{stroke:var(--line);fill:none}svg .zero{stroke:var(--muted)}svg .line{fill:none;stroke-width:2.5;stroke-linejoin:round}\n"
	"svg .lead{fill:none;stroke-width:1.2}svg .area{stroke:var(--card);stroke-width:1;fill-opacity:.75}\n"
	"svg .s0{stroke:var(--accent)}svg .s1{stroke:var(--blue)}svg .s2{stroke:var(--amber)}svg .s3{stroke:var(--plum)}"
	"svg .s4{stroke:var(--out)}svg .s5,svg .s6,svg .s7{stroke:var(--muted)}\n"
	"svg .line.s1{stroke-dasharray:8 4}svg .line.s2{stroke-dasharray:2 4}svg .line.s3{stroke-dasharray:10 4 2 4}\n"
	"svg .area.s0{fill:var(--accent)}svg .area.s1{fill:var(--blue)}svg .area.s2{fill:var(--amber)}svg .area.s3{fill:var(--plum)}"
	"svg .area.s4{fill:var(--out)}svg .area.s5,svg .area.s6,svg .area.s7{fill:var(--muted)}svg .area{stroke:var(--card)}\n"
	".wide{overflow-x:auto}.wide table{font-size:.84rem}.wide th.n{white-space:normal}.wide td{white-space:nowrap}.wide th,.wide td{padding:.3rem .4rem}\n"
	"table{border-collapse:collapse;width:100%;font-size:.95rem}th,td{text-align:left;padding:.35rem .6rem;"
	"border-bottom:1px solid var(--line);vertical-align:top}\n"
	"thead th{color:var(--muted);font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	"footer{border-top:1px solid var(--line);padding-top:.75rem;color:var(--muted);font-size:.88rem}\n"
	"@page{size:A4;margin:14mm}\n"
	"@media print{:root{--paper:#fff;--card:#fff;--ink:#22302c;--muted:#5b6864;--line:#cfccc3;--accent:#1f6f5c;--soft:#cfe3dc;"
	"--blue:#2f6690;--amber:#9a6a12;--plum:#7b4b8a;--out:#a8442f;color-scheme:light}\n"
	"html{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}main{padding:0;max-width:none}svg{max-width:36rem}\n"
	".scroll{overflow:visible;break-inside:avoid}.note:has(+.scroll){break-after:avoid}.scroll svg,.scroll table{min-width:0;max-width:none}.scroll table{font-size:.8rem}"
	".grid{grid-template-columns:repeat(3,1fr);gap:.6rem}.grid .kind p.big{font-size:1.4rem}\n"
	".kinds{grid-template-columns:repeat(4,1fr);gap:.6rem}.kind{padding:.7rem}\n"
	".wide{overflow:visible}.wide table{font-size:6.8pt}.wide th,.wide td{padding:.2rem .25rem}"
	".kind,.box,.fallen>div,.note,tr,svg,table.heat{break-inside:avoid}h2,h3{break-after:avoid}section{margin-bottom:1.4rem}section.store{break-before:page}}\n";

void page_markup(struct page *p, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	palier_buffer_reserve(&p->out, (size_t)len + 1);
	vsnprintf(p->out.at + p->out.len, (size_t)len + 1, fmt, again);
	va_end(again);
	p->out.len += (size_t)len;
}

/* Control characters are no part of XML, nor are U+FFFE and U+FFFF. */
void page_text(struct page *p, const char *text)
{
	for (; *text; text++) {
		const char *escaped = *text == '&'    ? "&amp;"
		                      : *text == '<'  ? "&lt;"
		                      : *text == '>'  ? "&gt;"
		                      : *text == '"'  ? "&quot;"
		                      : *text == '\'' ? "&#39;"
		                                      : NULL;
		char c = (unsigned char)*text < 0x20 ? ' ' : *text;

		if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0) {
			escaped = "\xef\xbf\xbd";
			text += 2;
		}
		if (escaped)
			palier_buffer_add(&p->out, escaped, strlen(escaped));
		else
			palier_buffer_add(&p->out, &c, 1);
	}
}

void page_element(struct page *p, const char *tag, const char *class, const char *text)
{
	if (class)
		page_markup(p, "<%s class=\"%s\">", tag, class);
	else
		page_markup(p, "<%s>", tag);
	page_text(p, text);
	page_markup(p, "</%s>\n", tag);
}

void page_begin(struct page *p, const struct page_head *head)
{
	page_markup(p, "<!DOCTYPE html>\n<html lang=\"");
	page_text(p, head->language);
	page_markup(p, "\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		       "<meta name=\"robots\" content=\"noindex\"/>\n<title>");
	page_text(p, head->title);
	page_markup(p, " - ");
	page_text(p, head->shop);
	page_markup(p, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
	page_element(p, "p", "shop", head->shop);
	page_element(p, "h1", NULL, head->title);
	page_element(p, "p", NULL, head->period);
	page_markup(p, "</header>\n");
}

void page_end(struct page *p, const char *foot)
{
	page_markup(p, "<footer>\n");
	page_element(p, "p", NULL, foot);
	page_markup(p, "</footer>\n</main>\n</body>\n</html>\n");
}

void page_section_begin(struct page *p, const char *title)
{
	page_markup(p, "<section>\n");
	page_element(p, "h2", NULL, title);
}

void page_section_end(struct page *p)
{
	page_markup(p, "</section>\n");
}

int page_write(const struct page *p, const char *path)
{
	FILE *f = fopen(path, "we");
	bool ok;

	if (!f)
		return PALIER_EIO;
	ok = fwrite(p->out.at, 1, p->out.len, f) == p->out.len;
	return fclose(f) == 0 && ok ? PALIER_OK : PALIER_EIO;
}

void page_deinit(struct page *p)
{
	palier_buffer_deinit(&p->out);
}
