/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of reports. An apostrophe of French is written plainly, a blank before its marks is never broken. */
#include "tools/report/words.h"

#include <assert.h>
#include <stdio.h>

#include "protocol/datetime.h"

#define NB  "\u00a0" /* never broken */
#define NNB "\u202f" /* nor wide */

static const struct words_text texts[] = {
	{ "Recommendation", "Recommandation" },
	{ "From %1 to %2", "Du %1 au %2" },
	{ "Recommendation, from %1 to %2", "Recommandation, du %1 au %2" },
	{ "Printed by palier. Sums only: nobody's name is in it, and nobody can be found from it.",
		"Établi par palier. Rien que des sommes" NB ": aucun nom n'y figure, et personne ne peut y être retrouvé." },

	/* the four kinds */
	{ "Four kinds, side by side", "Les quatre formes, côte à côte" },
	{ "Spontaneous", "Spontanée" },
	{ "Evoked", "Évoquée" },
	{ "Solicited", "Sollicitée" },
	{ "Sponsorship", "Parrainage" },
	{ "customers said, when they enrolled, how they had heard of the shop",
		"clients ont dit, à l'inscription, comment ils ont connu la boutique" },
	{ "times a gentle line on the ticket spoke of telling a friend",
		"fois, une ligne discrète du ticket a proposé d'en parler à un ami" },
	{ "times a customer was asked for a review, with its QR code",
		"fois, un avis a été demandé à un client, avec son QR code" },
	{ "friends came with a sponsor's code", "amis sont venus avec le code d'un parrain" },
	{ "That is %1 of the %2 who enrolled.", "Soit %1 des %2 inscrits." },
	{ "%1 enrolled: too few for a rate.", "Inscrits" NB ": %1. C'est trop peu pour un taux." },
	{ "Nobody enrolled in these days.", "Personne ne s'est inscrit ces jours-là." },
	{ "Friends within 90 days: %1, which is %2.", "Amis venus dans les 90 jours" NB ": %1, soit %2." },
	{ "Friends within 90 days: %1. Too few lines for a rate.",
		"Amis venus dans les 90 jours" NB ": %1. Trop peu de lignes pour un taux." },
	{ "What came of it stands where reviews are written: palier does not read them.",
		"Le résultat se lit là où les avis sont écrits" NB ": palier ne les lit pas." },
	{ "Sponsors rewarded: %1.", "Parrains récompensés" NB ": %1." },

	/* in short */
	{ "In short", "En bref" },
	{ "%1 customer enrolled.", "%1 client s'est inscrit." },
	{ "%1 customers enrolled.", "%1 clients se sont inscrits." },
	{ "%1 said how they had heard of the shop.", "%1 a dit comment il a connu la boutique." },
	{ "%1 of them said how they had heard of the shop.", "%1 ont dit comment ils ont connu la boutique." },
	{ "Named most: %1 (%2).", "Le plus cité" NB ": %1 (%2)." },
	{ "The gentle line was shown %1 time.", "La ligne discrète a été montrée %1 fois." },
	{ "The gentle line was shown %1 times.", "La ligne discrète a été montrée %1 fois." },
	{ "%1 friend came by it within 90 days.", "%1 ami est venu par elle dans les 90 jours." },
	{ "%1 friends came by it within 90 days.", "%1 amis sont venus par elle dans les 90 jours." },
	{ "A review was asked for %1 time.", "Un avis a été demandé %1 fois." },
	{ "A review was asked for %1 times.", "Un avis a été demandé %1 fois." },
	{ "%1 friend came with a sponsor's code.", "%1 ami est venu avec le code d'un parrain." },
	{ "%1 friends came with a sponsor's code.", "%1 amis sont venus avec le code d'un parrain." },
	{ "%1 bought.", "%1 a acheté." },
	{ "%1 of the friends bought.", "%1 ont acheté." },
	{ "%1 sponsor was rewarded.", "%1 parrain a été récompensé." },
	{ "%1 sponsors were rewarded.", "%1 parrains ont été récompensés." },
	{ "The path narrows most before \"%1\": %2 get there.",
		"Le passage le plus étroit est avant «" NB "%1" NB "»" NB ": %2 y arrivent." },

	/* sponsorship */
	{ "Sponsorship, step by step", "Le parrainage, pas à pas" },
	{ "Codes given out", "Codes remis" },
	{ "Friends who came", "Amis venus" },
	{ "Friends who bought", "Amis qui ont acheté" },
	{ "Reached the minimum", "Minimum atteint" },
	{ "Sponsors rewarded", "Parrains récompensés" },
	{ "%1 go on (n = %2)", "%1 continuent (n = %2)" },
	{ "n = %1: too few for a rate", "n = %1" NB ": trop peu pour un taux" },
	{ "some came before these days", "certains sont venus plus tôt" },
	{ "What fell out", "Ce qui s'est perdu" },
	{ "Void", "Annulés" },
	{ "Flagged", "À vérifier" },
	{ "Taken back", "Repris" },
	{ "sponsorships fell through: the sale was undone or brought back, or a supervisor said no",
		"parrainages sont tombés" NB ": vente annulée ou rendue, ou refus d'un responsable" },
	{ "looked odd, and were put before a supervisor",
		"semblaient étranges, et attendent ou attendaient un responsable" },
	{ "rewards were taken back, because the goods came back after all",
		"récompenses ont été reprises, la marchandise étant finalement rendue" },

	/* sources */
	{ "How customers heard of the shop", "Comment les clients ont connu la boutique" },
	{ "Nobody said so in these days.", "Personne ne l'a dit ces jours-là." },
	{ "other", "autre" },
	{ "%1 answers: too few for shares.", "%1 réponses" NB ": trop peu pour des parts." },
	{ "Shares are of the %1 who said so.", "Les parts sont celles des %1 réponses." },

	/* all figures */
	{ "All figures", "Tous les chiffres" },
	{ "Kind", "Forme" },
	{ "What was counted", "Ce qui est compté" },
	{ "How many", "Combien" },
	{ "Members enrolled", "Clients inscrits" },
	{ "Said how they had heard of the shop", "Ont dit comment ils ont connu la boutique" },
	{ "Gentle lines shown", "Lignes discrètes montrées" },
	{ "Friends within 90 days of one", "Amis venus dans les 90 jours qui suivent" },
	{ "Reviews asked for", "Avis demandés" },

	/* how it is counted */
	{ "How it is counted", "Comment c'est compté" },
	{ "Each step is counted on the day it happened: a friend who bought in these days may have come before them.",
		"Chaque pas compte le jour où il a lieu" NB ": un ami qui a acheté ces jours-là a pu venir avant." },
	{ "A sale that is voided takes back what it had counted.", "Une vente annulée reprend ce qu'elle avait compté." },
	{ "Rates are given from 30 cases on; n says how many there were.",
		"Un taux est donné à partir de 30 cas" NB "; n dit combien il y en avait." },
	{ "Nothing is printed for a customer by default: the line, the codes and the review are shown on the screen.",
		"Rien ne s'imprime d'office pour le client" NB ": la ligne, les codes et l'avis se montrent à l'écran." },

	/* the head office */
	{ "The stores side by side", "Les magasins côte à côte" },
	{ "Head office", "Siège" },
	{ "Recommendation from %1 to %2; ladder and journey as of now",
		"Recommandation du %1 au %2" NB "; montée en gamme et parcours à ce jour" },
	{ "Of %1 batches %2 are missing: the figures are not all there.",
		"Sur %1 journées, %2 manquent" NB ": les chiffres sont incomplets." },
	{ "Store", "Magasin" },
	{ "All stores", "Tous les magasins" },
	{ "Of those who came, bought", "Parmi les venus, ont acheté" },
	{ "* stands out: another share than the others', beyond chance (5 % of these may be wrong) and by 3 points at least.",
		"* se distingue" NB ": une autre part que les autres, au-delà du hasard (5" NNB
		"% peuvent l'être à tort) et d'au moins 3 points." },
	{ "Shown are the stores that stand out: another share than the others', beyond chance (5 % of these may be wrong) and by 3 points at "
	  "least.",
		"Ne figurent que les magasins qui se distinguent" NB
		": une autre part que les autres, au-delà du hasard (5" NNB
		"% peuvent l'être à tort) et d'au moins 3 points." },
	{ "What suggestions bring", "Ce que rapportent les suggestions" },
	{ "No member is held out: what suggestions bring cannot be told.",
		"Aucun client n'est tenu à l'écart" NB ": on ne peut dire ce que rapportent les suggestions." },
	{ "%1 members are offered suggestions, %2 are held out: from 200 of each on, more is said.",
		"%1 clients reçoivent des suggestions, %2 n'en reçoivent pas" NB
		": il en faut 200 de chaque pour en dire plus." },
	{ "%1 members are offered suggestions, %2 are held out: that is not the split that was planned, and nothing is concluded.",
		"%1 clients reçoivent des suggestions, %2 n'en reçoivent pas" NB
		": ce n'est pas le partage prévu, et rien n'en est conclu." },
	{ "Cannot tell: a member who is offered suggestions spends %1 more or less, between %2 and %3.",
		"On ne peut rien dire" NB ": un client à qui l'on suggère dépense %1 de plus ou de moins, entre %2 et %3." },
	{ "A member who is offered suggestions spends %1 more, between %2 and %3 (95 % sure).",
		"Un client à qui l'on suggère dépense %1 de plus, entre %2 et %3 (sûr à 95" NNB "%)." },
	{ "Of %1 members a very large spending counts as the 99.5 % point of all.",
		"Pour %1 clients, une très grosse dépense compte comme le point à 99,5" NNB "% de toutes." },
	{ "Offered", "Avec" },
	{ "Held out", "Sans" },
	{ "spent each", "dépense de chacun" },
	{ "Offered, climbed", "Avec, montés" },
	{ "Held out, climbed", "Sans, montés" },
	{ "Where members are on their journey", "Où en sont les clients de leur parcours" },
	{ "Members", "Clients" },
	{ "Awareness", "Découverte" },
	{ "Interaction", "Interaction" },
	{ "Comparison", "Comparaison" },
	{ "Purchase", "Achat" },
	{ "Ascension", "Montée en gamme" },
	{ "Loyalty", "Fidélité" },
	{ "Ambassadors", "Ambassadeurs" },
};

bool words_known(const char *language)
{
	return strcmp(language, "en") == 0 || strcmp(language, "fr") == 0;
}

static bool is_french(const struct words *w)
{
	return strcmp(w->language, "fr") == 0;
}

const char *words_say(const struct words *w, const char *english)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(texts[i].en, english) == 0)
			return is_french(w) ? texts[i].fr : english;
	for (const struct words_text *t = words_journey; t->en; t++)
		if (strcmp(t->en, english) == 0)
			return is_french(w) ? t->fr : english;
	assert(!"a text of a report is not in the table");
	return english;
}

const char *words_fill(const struct words *w, const char *english, const char *const *args)
{
	struct palier_buffer out = { .len = 0 };
	const char *text = words_say(w, english), *filled;
	size_t count = 0;

	while (args[count])
		count++;
	for (; *text; text++) {
		size_t n = text[0] == '%' && text[1] >= '1' && text[1] <= '9' ? (size_t)(text[1] - '0') : 0;

		if (n > 0 && n <= count) {
			palier_buffer_add(&out, args[n - 1], strlen(args[n - 1]));
			text++;
		} else {
			palier_buffer_add(&out, text, 1);
		}
	}
	filled = palier_cstr(w->arena, palier_buffer_bytes(&out));
	palier_buffer_deinit(&out);
	return filled;
}

/* French counts nought as one. */
const char *words_count(const struct words *w, int64_t count, const char *one, const char *many)
{
	bool single = count == 1 || (count == 0 && is_french(w));

	return WORDS_FILL(w, single ? one : many, words_number(w, count));
}

const char *words_number(const struct words *w, int64_t n)
{
	const char *gap = is_french(w) ? NNB : ",";
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));
	const char *out = n < 0 ? "-" : "";

	for (int i = 0; i < len; i++)
		out = palier_format(w->arena, "%s%s%c", out, i > 0 && (len - i) % 3 == 0 ? gap : "", digits[i]);
	return out;
}

const char *words_rate(const struct words *w, int64_t part, int64_t whole)
{
	const char *mark = is_french(w) ? NNB "%" : "%";
	int64_t tenths = palier_share(1000, part, whole);

	if (tenths >= 100 || tenths % 10 == 0)
		return palier_format(w->arena, "%lld%s", (long long)palier_share(100, part, whole), mark);
	return palier_format(w->arena, "%lld%c%lld%s", (long long)(tenths / 10), is_french(w) ? ',' : '.',
		(long long)(tenths % 10), mark);
}

const char *words_span(const struct words *w, int64_t seconds)
{
	if (seconds < 5400)
		return words_count(w, (seconds + 30) / 60, "%1 minute", "%1 minutes");
	if (seconds < 172800)
		return words_count(w, (seconds + 1800) / 3600, "%1 hour", "%1 hours");
	return words_count(w, (seconds + 43200) / 86400, "%1 day", "%1 days");
}

const char *words_money(const struct words *w, int64_t amount, unsigned scale, const char *currency)
{
	int64_t unit = 1, whole;
	const char *text;

	for (unsigned i = 0; i < scale; i++)
		unit *= 10;
	whole = amount < 0 ? -amount : amount;
	text = palier_format(w->arena, "%s%s", amount < 0 ? "-" : "", words_number(w, whole / unit));
	if (scale)
		text = palier_format(w->arena, "%s%c%0*lld", text, is_french(w) ? ',' : '.', (int)scale,
			(long long)(whole % unit));
	return currency[0] ? palier_format(w->arena, "%s" NB "%s", text, currency) : text;
}

const char *words_tenths(const struct words *w, int64_t tenths)
{
	int64_t size = tenths < 0 ? -tenths : tenths;

	return palier_format(w->arena, "%s%lld%c%lld", tenths < 0 ? "-" : "", (long long)(size / 10),
		is_french(w) ? ',' : '.', (long long)(size % 10));
}

static const char *month_name(const struct words *w, uint32_t month)
{
	static const char *const months[2][12] = {
		{ "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
			"November", "December" },
		{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
			"novembre", "décembre" },
	};

	return months[is_french(w)][(month + 11) % 12];
}

const char *words_month(const struct words *w, uint32_t month)
{
	return palier_format(w->arena, "%s %u", month_name(w, month % 100), month / 100);
}

const char *words_day(const struct words *w, uint32_t day)
{
	uint32_t year = day / 10000, date = day % 100;

	return palier_format(w->arena, "%u%s %s %u", date, is_french(w) && date == 1 ? "er" : "",
		month_name(w, day / 100 % 100), year);
}
