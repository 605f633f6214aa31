/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the head office's journeys. */
#include "tools/report/words.h"

#define NB  "\u00a0" /* never broken */
#define NNB "\u202f" /* nor wide */

const struct words_text words_office[] = {
	{ "%1; the ladder as of now", "%1" NB "; l'échelle d'achat à ce jour" },
	{ "Left out are stores whose amounts are not in %1: %2. Amounts of two currencies are never added up: each has a report of its own "
	  "(--currency).",
		"Manquent les magasins dont les montants ne sont pas en %1" NB
		": %2. On n'additionne jamais deux monnaies" NB ": chacune a son propre rapport (--currency)." },
	{ "No batches are at hand, so there is no map of the journey.",
		"Aucune journée de magasin n'est là" NB ": il n'y a pas de carte du parcours." },
	{ "The configuration names no database, so recommendation and the ladder are left out.",
		"La configuration ne nomme pas de base de données" NB ": la recommandation et l'échelle d'achat manquent." },
	{ "Who goes on, store by store", "Qui va plus loin, magasin par magasin" },
	{ "Of those who came to a stage, the part that went on within %1 days. In a store's row it is its own customers by what this store "
	  "saw; \"All stores\" follows each customer from store to store.",
		"Parmi ceux arrivés à une étape, la part allée plus loin en %1 jours. Sur la ligne d'un magasin, ce sont ses clients, vus de "
		"ce magasin" NB "; «" NB "Tous les magasins" NB "» suit chaque client d'un magasin à l'autre." },
	{ "\u25bc fewer and \u25b2 more of those whom this store brought to the stage went on, anywhere, than of those whom the others "
	  "brought: beyond chance (5 % of the marks may be wrong) and by 3 points at least.",
		"\u25bc moins et \u25b2 plus de ceux que ce magasin a amenés à l'étape sont allés plus loin, n'importe où, que de ceux que les "
		"autres ont amenés" NB ": au-delà du hasard (5" NNB
		"% des marques peuvent être à tort) et d'au moins 3 points." },
	{ "Key figures, store by store", "Chiffres clés, magasin par magasin" },
	{ "Bought", "Ont acheté" },
	{ "Sales, 365 days", "Ventes, 365 jours" },
	{ "For each customer", "Par client" },
	{ "A customer of two stores stands in the rows of both, and once in \"All stores\". %1 of %2 customers were in more than one store.",
		"Un client de deux magasins figure sur les deux lignes, et une fois dans «" NB "Tous les magasins" NB
		"». %1 clients sur %2 sont allés dans plusieurs magasins." },
	{ "Stage by stage and store by store", "Étape par étape, magasin par magasin" },
	{ "Who goes on from \"%1\", by store", "Qui va plus loin après «" NB "%1" NB "», par magasin" },
	{ "The journey in %1", "Le parcours à %1" },
	{ "Over all stores a customer is one, wherever they buy: who buys first in one store and next in another has come back.",
		"Sur tous les magasins, un client n'en fait qu'un, où qu'il achète" NB
		": qui achète d'abord dans l'un, puis dans l'autre, est revenu." },
	{ "Each store judges a customer's stage by what it sees itself. Over all stores the customer stands on the highest of these stages, "
	  "and is in the segment that was told last.",
		"Chaque magasin juge l'étape d'un client par ce qu'il en voit. Sur tous les magasins, le client est à la plus haute de ces "
		"étapes, et dans le segment annoncé en dernier." },
	{ .en = NULL },
};
