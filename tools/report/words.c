/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of reports. An apostrophe of French is written plainly, a blank before its marks is never broken. */
#include "tools/report/words.h"

#include <assert.h>
#include <stdio.h>

#include "protocol/datetime.h"

#define NB  "\u00a0" /* never broken */
#define NNB "\u202f" /* nor wide */

static const struct text {
	const char *en, *fr;
} texts[] = {
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

	/* the ladder */
	{ "The purchase ladder", "L'échelle d'achat" },
	{ "The purchase ladder, from %1 to %2", "L'échelle d'achat, du %1 au %2" },
	{ "%1 suggestion was shown.", "%1 suggestion a été montrée." },
	{ "%1 suggestions were shown.", "%1 suggestions ont été montrées." },
	{ "Taken: %1, with a margin of %2.", "Suivies" NB ": %1, pour une marge de %2." },
	{ "What was taken is not all gained: see below what it brought against customers who were shown nothing.",
		"Tout n'est pas gagné de ce qui a été pris" NB
		": voyez plus bas ce que cela apporte face aux clients à qui rien n'est montré." },
	{ "What was taken might have been bought anyway: that suggestions bring more is not shown by this.",
		"Ce qui a été pris l'aurait peut-être été de toute façon" NB
		": cela ne montre pas que les suggestions rapportent plus." },
	{ "What was suggested, rung by rung", "Ce qui a été suggéré, échelon par échelon" },
	{ "How often what was suggested is taken", "Part des suggestions suivies" },
	{ "%1 (%2 to %3)", "%1 (de %2 à %3)" },
	{ "The mark is what was counted, the bar where it truly lies (95%): where bars overlap, neither rung is better for sure.",
		"Le trait est ce qui a été compté, la barre dit où se trouve la vraie valeur (95" NNB "%)" NB
		": si deux barres se chevauchent, aucun des deux échelons n'est meilleur à coup sûr." },
	{ "Rung", "Échelon" },
	{ "Shown", "Montré" },
	{ "Taken", "Suivi" },
	{ "Taken, 95% between", "Suivi, à 95" NNB "% entre" },
	{ "Refused", "Refusé" },
	{ "Paid", "Payé" },
	{ "Margin", "Marge" },
	{ "Missed", "Manqué" },
	{ "Missed: what the best of the candidates would have brought more, as far as it is known by now. It is the price of trying; it should become less.",
		"Manqué" NB
		": ce que le meilleur choix aurait rapporté de plus, d'après ce qu'on sait aujourd'hui. C'est le prix des essais" NB
		"; il doit diminuer." },
	{ "Nothing was suggested in these days.", "Rien n'a été suggéré ces jours-là." },

	/* its test */
	{ "Does it bring more?", "Cela rapporte-t-il plus" NNB "?" },
	{ "%1 members are shown suggestions, %2 are not; planned: %3 are not.",
		"%1 clients voient des suggestions, %2 n'en voient pas" NB "; part prévue sans suggestion" NB ": %3." },
	{ "Nobody is held out, or nobody came yet: what suggestions bring cannot be told.",
		"Personne n'est gardé sans suggestion, ou personne n'est encore venu" NB
		": on ne peut pas dire ce qu'elles rapportent." },
	{ "The split is broken: sizes that differ so much from the plan are no chance. Nothing can be told from this test.",
		"La répartition est faussée" NB
		": des tailles si loin du plan ne sont pas un hasard. Ce test ne peut rien dire." },
	{ "No last day was planned, so nothing more is told: set `until`, or look with --any-time.",
		"Aucun dernier jour n'est prévu, donc rien de plus n'est dit" NB
		": fixez `until`, ou regardez avec --any-time." },
	{ "The test runs until %1. Before that only its sizes are told: who looks often enough always finds a difference.",
		"Le test court jusqu'au %1. D'ici là, seules ses tailles sont dites" NB
		": à force de regarder, on trouve toujours un écart." },
	{ "Too few members came to say whether more of them climb.",
		"Trop peu de clients sont venus pour dire s'ils montent davantage." },
	{ "With suggestions %1 bought from a rung above their own, without %2: a difference of %3 points (95%: between %4 and %5).",
		"Avec suggestions, %1 ont acheté à un échelon au-dessus du leur, sans, %2" NB
		": un écart de %3 points (à 95" NNB "%" NB ": entre %4 et %5)." },
	{ "So suggestions make more customers climb.", "Les suggestions font donc monter plus de clients." },
	{ "So with suggestions fewer customers climb.", "Avec suggestions, moins de clients montent donc." },
	{ "Whether suggestions make more customers climb, one cannot tell.",
		"On ne peut pas dire si les suggestions font monter plus de clients." },
	{ "Too few for money: its means are told from %1 members on each side.",
		"Trop peu pour l'argent" NB ": ses moyennes sont dites à partir de %1 clients de chaque côté." },
	{ "With suggestions a member spent %1, without %2: a difference of %3 (95%: between %4 and %5).",
		"Avec suggestions, un client a dépensé %1, sans, %2" NB ": un écart de %3 (à 95" NNB "%" NB
		": entre %4 et %5)." },
	{ "So suggestions make customers spend more.", "Les suggestions font donc dépenser plus." },
	{ "So with suggestions customers spend less.", "Avec suggestions, les clients dépensent donc moins." },
	{ "Whether suggestions make customers spend more, one cannot tell.",
		"On ne peut pas dire si les suggestions font dépenser plus." },
	{ "Totals above %1 count as that: %2 were.",
		"Un total au-dessus de %1 compte pour cette somme" NB ": il y en a %2." },
	{ "How many members a test takes", "Combien de clients il faut à un test" },
	{ "%1 members bought in the last year.", "%1 clients ont acheté depuis un an." },
	{ "%1 members are in the test.", "%1 clients sont dans le test." },
	{ "To see a fifth more of them climb takes %1.", "Pour voir un cinquième de plus monter, il en faut %1." },
	{ "To see that they spend 3% more takes %1.", "Pour voir qu'ils dépensent 3" NNB "% de plus, il en faut %1." },
	{ "The shop has enough.", "La boutique en a assez." },
	{ "This shop will not be able to tell.", "Cette boutique ne pourra pas le dire." },
	{ "This supposes that a tenth climbs, and that what members spend differs as it usually does.",
		"Cela suppose qu'un dixième monte, et que les dépenses diffèrent comme d'habitude." },
	{ "This is reckoned from how many climb, and how much their spending differs, in this shop.",
		"C'est calculé d'après cette boutique" NB ": combien montent, et combien les dépenses diffèrent." },

	/* other ways of choosing */
	{ "Other ways of choosing", "D'autres façons de choisir" },
	{ "No suggestion of these days can be weighed.", "Aucune suggestion de ces jours-là ne peut être pesée." },
	{ "This needs the journal: ask with --config or --data.",
		"Il y faut le journal" NB ": demandez avec --config ou --data." },
	{ "A suggestion brought %1 on average (n = %2); the %3 drawn at random to learn, %4.",
		"Une suggestion a rapporté %1 en moyenne (n = %2)" NB "; les %3 tirées au hasard pour apprendre, %4." },
	{ "Had it been", "Si c'était" },
	{ "Each (IPS)", "Chacune (IPS)" },
	{ "Each (SNIPS)", "Chacune (SNIPS)" },
	{ "Counts like (ESS)", "Compte comme (ESS)" },
	{ "So", "Donc" },
	{ "always what most customers took", "toujours ce que le plus de clients ont pris" },
	{ "anything, at random", "n'importe laquelle, au hasard" },
	{ "Too few to tell: it counts like %1 suggestions, and takes %2.",
		"Trop peu pour le dire" NB ": cela compte comme %1 suggestions, et il en faut %2." },
	{ "It would have brought more.", "Cela aurait rapporté plus." },
	{ "It would have brought less.", "Cela aurait rapporté moins." },
	{ "Whether it would have brought more, one cannot tell.", "On ne peut pas dire si cela aurait rapporté plus." },
	{ "Taken means bought. A sale that is voided, or what comes back within 14 days, takes it back.",
		"Suivie veut dire achetée. Une vente annulée, ou un retour sous 14 jours, la reprend." },
	{ "Members are compared as they were split, whether they took anything or not; without consent to profiling nobody is in the test.",
		"Les clients sont comparés tels qu'ils ont été répartis, qu'ils aient suivi ou non" NB
		"; sans accord au profilage, personne n'est dans le test." },
	{ "Rates are given from 30 cases on.", "Un taux est donné à partir de 30 cas." },
	{ "Where the till did not say what became of a suggestion, only what was bought is known: rates, what was missed and other ways of choosing leave that out.",
		"Quand la caisse n'a pas dit ce qu'une suggestion est devenue, on ne connaît que les achats" NB
		": les parts, ce qui a été manqué et les autres façons de choisir les laissent de côté." },
	{ "How likely each suggestion was is drawn again from the journal, %1 times; left out here: %2.",
		"La chance qu'avait chaque suggestion est retirée au sort d'après le journal, %1 fois" NB
		"; laissées de côté" NB ": %2." },
	{ "What became of a suggestion without a sale does not say what it was chosen from: it counts in the rates alone.",
		"Un résultat sans vente ne dit pas parmi quoi la suggestion était choisie" NB
		": il compte dans les seules parts." },
	{ "These are the daemon's sums: totals are not capped, and purchases that the till did not tell count as shown and taken.",
		"Ce sont les sommes du démon" NB
		": les totaux ne sont pas plafonnés, et un achat que la caisse n'a pas annoncé compte comme montré et suivi." },

	/* learned ladders */
	{ "Learned from %1 tickets of %2 members, from %3 to %4.", "Tiré de %1 tickets de %2 clients, du %3 au %4." },
	{ "Nothing of it is suggested before it stands in the configuration: read it, change it, name the margins.",
		"Rien n'en est suggéré avant d'être dans la configuration" NB ": lisez, changez, dites les marges." },
	{ "Whether it sells more, the holdout will tell.",
		"Si cela fait vendre plus, c'est la part sans suggestion qui le dira." },
	{ "Nothing was bought often enough to propose a ladder.",
		"Rien n'a été acheté assez souvent pour proposer une échelle." },
	{ "Guessing a hidden product of members' last tickets, in three tries: %1 by what goes together, %2 by what sells most (n = %3).",
		"Pour deviner en trois essais un produit caché des derniers tickets" NB
		": %1 par ce qui va ensemble, %2 par ce qui se vend le plus (n = %3)." },
	{ "No member came twice, so whether what goes together guesses better than what sells most is not known.",
		"Aucun client n'est venu deux fois" NB
		": on ne sait pas si ce qui va ensemble devine mieux que ce qui se vend le plus." },
	{ "That is hardly better: what sells most is nearly as good a guess.",
		"C'est à peine mieux" NB ": ce qui se vend le plus devine presque aussi bien." },
	{ "That is better, but a guess is no sale.", "C'est mieux, mais deviner n'est pas vendre." },
	{ "That is worse than what sells most: so what goes together is only noted here, behind #.",
		"C'est moins bien que ce qui se vend le plus" NB
		": ce qui va ensemble n'est donc que noté ici, derrière #." },
	{ "Next after %1 came %2: %3 of %4 times (95%: at least %5); %6, then %7.",
		"Après %1 est venu %2" NB ": %3 fois sur %4 (à 95" NNB "%" NB ": au moins %5)" NB "; %6, puis %7." },
	{ "With %1 goes %2: in %3 of %4 tickets, %5 times as often as by chance.",
		"Avec %1 va %2" NB ": dans %3 tickets sur %4, %5 fois plus souvent que par hasard." },
	{ "%1 more have names that the configuration cannot hold: they are left out.",
		"%1 autres ont des noms que la configuration ne peut pas contenir" NB ": ils sont laissés de côté." },
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

const char *words_day(const struct words *w, uint32_t day)
{
	static const char *const months[2][12] = {
		{ "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
			"November", "December" },
		{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
			"novembre", "décembre" },
	};
	uint32_t year = day / 10000, month = day / 100 % 100, date = day % 100;

	return palier_format(w->arena, "%u%s %s %u", date, is_french(w) && date == 1 ? "er" : "",
		months[is_french(w)][(month + 11) % 12], year);
}
