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
		"Établi par palier. Uniquement des sommes" NB
		": aucun nom n'y figure, et personne ne peut y être retrouvé." },

	/* the four kinds */
	{ "Four kinds, side by side", "Les quatre formes, côte à côte" },
	{ "Spontaneous", "Spontanée" },
	{ "Evoked", "Évoquée" },
	{ "Solicited", "Sollicitée" },
	{ "Sponsorship", "Parrainage" },
	{ "customers said, when they enrolled, how they had heard of the shop",
		"clients ont dit, à l'inscription, comment ils ont connu le magasin" },
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
	{ "%1 said how they had heard of the shop.", "%1 a dit comment il a connu le magasin." },
	{ "%1 of them said how they had heard of the shop.", "%1 ont dit comment ils ont connu le magasin." },
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
	{ "How customers heard of the shop", "Comment les clients ont connu le magasin" },
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
	{ "Said how they had heard of the shop", "Ont dit comment ils ont connu le magasin" },
	{ "Gentle lines shown", "Lignes discrètes montrées" },
	{ "Friends within 90 days of one", "Amis venus dans les 90 jours qui suivent" },
	{ "Reviews asked for", "Avis demandés" },

	/* how it is counted */
	{ "How it is counted", "Comment c'est compté" },
	{ "Each step is counted on the day it happened: a friend who bought in these days may have come before them.",
		"Chaque pas compte le jour où il a lieu" NB ": un ami qui a acheté ces jours-là a pu venir avant." },
	{ "A sale that is voided takes back what it had counted.", "Une vente annulée reprend ce qu'elle avait compté." },
	{ "Rates are given from 30 cases on; n says how many there were.",
		"Un taux est donné à partir de 30 cas" NB "; n est leur nombre." },
	{ "Nothing is printed for a customer by default: the line, the codes and the review are shown on the screen.",
		"Rien ne s'imprime d'office pour le client" NB ": la ligne, les codes et l'avis se montrent à l'écran." },

	/* the head office */
	{ "The stores side by side", "Les magasins côte à côte" },
	{ "Head office", "Siège" },
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
	{ "Cannot tell: a member who is offered suggestions brings a margin %1 higher or lower, between %2 and %3.",
		"On ne peut rien dire" NB
		": un client à qui l'on suggère laisse une marge de %1 de plus ou de moins, entre %2 et %3." },
	{ "A member who is offered suggestions brings a margin %1 higher, between %2 and %3 (95 % sure).",
		"Un client à qui l'on suggère laisse une marge de %1 de plus, entre %2 et %3 (sûr à 95" NNB "%)." },
	{ "A store that does not know the margin of %1 of its turnover has none in its row.",
		"Un magasin qui ne connaît pas la marge pour %1 de son chiffre d'affaires n'en montre pas sur sa ligne." },
	{ "Of %1 members a very large spending counts as the 99.5 % point of all.",
		"Pour %1 clients, une très grosse dépense compte comme le point à 99,5" NNB "% de toutes." },
	{ "Of %1 members a very large margin counts as the 99.5 % point of all.",
		"Pour %1 clients, une très grosse marge compte comme le point à 99,5" NNB "% de toutes." },
	{ "Offered", "Avec" },
	{ "Held out", "Sans" },
	{ "spent each", "dépense de chacun" },
	{ "margin of each", "marge de chacun" },
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

	/* a simulation: what was found */
	{ "The programme, simulated", "Le programme, en simulation" },
	{ "%1, simulated from %2 to %3; amounts in %4", "%1, en simulation du %2 au %3" NB "; montants en %4" },
	{ "Without a programme these customers buy for %1, of which %2 remain after the goods are paid.",
		"Sans programme, ces clients achètent pour %1, dont il reste %2 une fois la marchandise payée." },
	{ "The programme gives away %1: rewards %2, stored value %3, offers %4.",
		"Le programme donne %1" NB ": récompenses %2, cagnotte %3, offres %4." },
	{ "It gives away more than the sales earn: no further sale can pay for it.",
		"Il coûte plus que les ventes ne rapportent" NB ": aucune vente de plus ne peut le payer." },
	{ "It pays for itself once customers buy %1 more than they would without it.",
		"Il se paie de lui-même dès que les clients achètent %1 de plus que sans lui." },
	{ "If all points that are out were spent, too, %1.",
		"Si tous les points en circulation étaient dépensés aussi" NB ": %1." },
	{ "Suggestions that were taken and friends who came brought %1 more (%2 and %3).",
		"Les suggestions suivies et les amis venus ont apporté %1 de plus (%2 et %3)." },
	{ "In all, what remains goes from %1 to %2.", "En tout, ce qui reste passe de %1 à %2." },
	{ "At the end the shop owes its customers %1 at the points' face value, %2 as accountants expect it to be spent, and to serve it "
	  "would cost %3.",
		"À la fin, le magasin doit à ses clients %1 à la valeur faciale des points, %2 selon la dépense attendue par les comptables, "
		"et les servir coûterait %3." },
	{ "The till suggested something %1 times; it was taken %2 times.",
		"La caisse a fait une suggestion %1 fois" NB "; elle a été suivie %2 fois." },
	{ "Friends who came with a code: %1; sponsors rewarded: %2.",
		"Amis venus avec un code" NB ": %1" NB "; parrains récompensés" NB ": %2." },

	/* what it assumes */
	{ "What it assumes, and does not know", "Ce qu'elle suppose, et ne sait pas" },
	{ "A simulation cannot prove that a programme sells more. Here customers come as often, and buy as much, as without one; only "
	  "suggestions that they take, and friends whom they bring, are added, by the chances that the personas assume.",
		"Une simulation ne peut pas prouver qu'un programme fait vendre plus. Ici, les clients viennent aussi souvent, et achètent "
		"autant, que sans lui" NB
		"; ne s'ajoutent que les suggestions suivies et les amis amenés, selon les chances que supposent les profils." },
	{ "The customers are drawn by chance from the personas: another seed brings other ones. What counts is your own shop's figures, in a "
	  "file of personas.",
		"Les clients sont tirés au sort dans les profils" NB
		": une autre graine en amène d'autres. Ce qui compte, ce sont les chiffres de votre magasin, dans un fichier de profils." },
	{ "A point is worth what it fetched on rewards in this simulation; a unit that nobody spent counts as nothing.",
		"Un point vaut ce qu'il a obtenu en récompenses dans cette simulation" NB
		"; une unité que personne n'a dépensée compte pour rien." },
	{ "Under twelve months of history nobody knows how many points will lapse: all that are out are taken to be spent one day.",
		"Avec moins de douze mois d'historique, nul ne sait combien de points expireront" NB
		": tous ceux en circulation sont tenus pour dépensés un jour." },
	{ "How many points will be spent is estimated from the share spent at each age, over the last two years of issue.",
		"La part des points qui sera dépensée est estimée d'après celle dépensée à chaque âge, sur les deux dernières années "
		"d'émission." },
	{ "What points cost, and what is owed, from %1 to %2", "Ce que coûtent les points et ce qui est dû, du %1 au %2" },
	{ "amounts in %1", "montants en %1" },
	{ "A point is worth what it has fetched on rewards by now; a unit that nobody spent counts as nothing.",
		"Un point vaut ce qu'il a obtenu en récompenses jusqu'ici" NB
		"; une unité que personne n'a dépensée compte pour rien." },
	{ "One of \"%1\" is worth %2 when it is spent. Of those issued %3 are expected to be: one costs %4, or %5 where what it "
	  "buys replaces no sale.",
		"Une unité «" NB "%1" NB "» vaut %2 lorsqu'elle est dépensée. De celles émises, %3 devraient l'être" NB
		": chacune coûte %4, ou %5 là où ce qu'elle achète ne remplace aucune vente." },
	{ "The expected value follows IFRS 15: a part of each sale is for the points, and is earned when they are spent.",
		"La valeur attendue suit IFRS 15" NB
		": une part de chaque vente revient aux points, et n'est acquise que lorsqu'ils sont dépensés." },
	{ "Taxes, the law on gift cards and the accounting rules of your country are not in it: ask your accountant.",
		"Les taxes, le droit des cartes cadeau et les règles comptables de votre pays n'y sont pas" NB
		": demandez à votre comptable." },
	{ "Rewards that the quote promised and the till refused: %1.",
		"Récompenses promises par le devis et refusées en caisse" NB ": %1." },

	/* its tables */
	{ "Month", "Mois" },
	{ "Visits", "Visites" },
	{ "Sales without", "Ventes sans" },
	{ "Sales with", "Ventes avec" },
	{ "Given away", "Donné" },
	{ "Remains without", "Reste sans" },
	{ "Remains with", "Reste avec" },
	{ "Owed", "Dû" },
	{ "In all", "En tout" },
	{ "Unit", "Unité" },
	{ "Issued", "Émis" },
	{ "Spent", "Dépensés" },
	{ "Lapsed", "Expirés" },
	{ "Out at the end", "En circulation à la fin" },
	{ "Worth", "Valeur" },
	{ "Tier", "Palier" },
	{ "Members at the end", "Membres à la fin" },
	{ "Expected", "Attendu" },
	{ "At cost", "Au coût" },
	{ "Breakage", "Non dépensé" },

	/* its page */
	{ "To pay for itself", "Pour se payer" },
	{ "Brought", "Apporté" },
	{ "Owed at the end", "Dû à la fin" },
	{ "in rewards, stored value and offers", "en récompenses, cagnotte et offres" },
	{ "more must be bought than without a programme", "d'achats de plus que sans programme, voilà ce qu'il faut" },
	{ "more was bought here, by suggestions and friends; the rest nobody can promise",
		"d'achats de plus ici, par les suggestions et les amis" NB "; le reste, nul ne peut le promettre" },
	{ "to customers, at the points' face value", "aux clients, à la valeur faciale des points" },
	{ "Sales, with the programme and without", "Les ventes, avec le programme et sans lui" },
	{ "What remains once the goods are paid", "Ce qui reste une fois la marchandise payée" },
	{ "The programme's gifts are taken off.", "Les cadeaux du programme sont déduits." },
	{ "With", "Avec" },
	{ "Without", "Sans" },
	{ "What it gives away", "Ce qu'il donne" },
	{ "Rewards", "Récompenses" },
	{ "Stored value", "Cagnotte" },
	{ "Offers", "Offres" },
	{ "Points, month by month", "Les points, mois par mois" },
	{ "Out", "En circulation" },
	{ "What the shop owes its customers", "Ce que le magasin doit à ses clients" },
	{ "Points that are out, at each month's end, in three ways of counting.",
		"Les points en circulation, à la fin de chaque mois, comptés de trois façons." },
	{ "Points that are out, at each month's end, in three ways of counting. What is expected, and its cost, falls in the twelfth "
	  "month: only then is it known how many will lapse.",
		"Les points en circulation, à la fin de chaque mois, comptés de trois façons. La valeur attendue et son coût baissent au "
		"douzième mois" NB ": on ne sait qu'alors combien de points expireront." },
	{ "Face value", "Valeur faciale" },
	{ "Members on each tier", "Les membres de chaque palier" },
	{ "Suggestions at the till", "Les suggestions en caisse" },
	{ "Shown", "Montrées" },
	{ "Taken", "Suivies" },
	{ "Friends who came with a code", "Les amis venus avec un code" },
	{ "Friends", "Amis" },
	{ "The customers", "Les clients" },
	{ "Who comes", "Qui vient" },
	{ "Share", "Part" },
	{ "Visits a month", "Visites par mois" },
	{ "Basket", "Panier" },
	{ "Spends points", "Dépense ses points" },
	{ "Takes a suggestion", "Suit une suggestion" },
	{ "Brings a friend a month", "Amène un ami par mois" },
	{ "Leaves a month", "S'en va par mois" },
	{ "occasional", "de temps en temps" },
	{ "regular", "réguliers" },
	{ "enthusiast", "passionnés" },
	{ "bargain hunter", "chasseurs de bonnes affaires" },
	{ "Simulated by palier with %1 customers and seed %2, through the programme as it is configured. No customer of the shop is in it.",
		"Simulé par palier avec %1 clients et la graine %2, à travers le programme tel qu'il est configuré. Aucun client du magasin "
		"n'y figure." },

	/* the ladder */
	{ "The purchase ladder", "L'échelle d'achat" },
	{ "The purchase ladder, from %1 to %2", "L'échelle d'achat, du %1 au %2" },
	{ "%1 suggestion was shown.", "%1 suggestion a été montrée." },
	{ "%1 suggestions were shown.", "%1 suggestions ont été montrées." },
	{ "%1 coupon that was handed out may still be used.", "%1 bon remis peut encore être utilisé." },
	{ "%1 coupons that were handed out may still be used.", "%1 bons remis peuvent encore être utilisés." },
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
	{ "Taken, 95% between", "Suivi, à 95" NNB "% entre" },
	{ "Refused", "Refusées" },
	{ "Paid", "Payé" },
	{ "Margin", "Marge" },
	{ "Missed", "Manqué" },
	{ "\u2248: of %1 that were taken the margin is estimated, as what the category usually leaves.",
		"\u2248" NB
		": pour %1 des suggestions suivies, la marge est estimée d'après ce que laisse d'habitude la catégorie." },
	{ "Missed: what the best of the candidates would have brought more, as far as it is known by now. It is the price of trying; it should become less.",
		"Manqué" NB
		": ce que le meilleur choix aurait rapporté de plus, d'après ce qu'on sait aujourd'hui. C'est le prix des essais" NB
		"; il doit diminuer." },
	{ "Nothing was suggested in these days.", "Rien n'a été suggéré ces jours-là." },
	{ "What was not suggested, and why", "Ce qui n'a pas été suggéré, et pourquoi" },
	{ "Times", "Fois" },
	{ "The rules changed in these days, so what other ways would have brought is reckoned of a mix.",
		"Les règles ont changé ces jours-là" NB
		": ce que d'autres façons de choisir auraient rapporté est calculé sur un mélange." },
	{ "Rules", "Règles" },
	{ "In use", "En vigueur" },
	{ "Its condition did not hold", "Sa condition n'était pas remplie" },
	{ "It was out of stock", "C'était en rupture de stock" },
	{ "It was in the basket already", "C'était déjà dans le panier" },
	{ "It would have gained nothing", "Cela n'aurait rien rapporté" },
	{ "The member is shown nothing, so that the rest can be compared",
		"Ce client ne voit aucune suggestion, pour que l'on puisse comparer" },
	{ "The member had been asked twice within a week", "Ce client avait déjà été sollicité deux fois dans la semaine" },
	{ "The member had refused it not long before", "Ce client l'avait refusé il y a peu" },
	{ "The member had brought it back once", "Ce client l'avait rapporté une fois" },
	{ "A complaint of the member's was open", "Une réclamation de ce client était ouverte" },
	{ "The member does not agree to be profiled", "Ce client n'a pas accepté le profilage" },

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
	{ "With suggestions a member brought a margin of %1, without %2: a difference of %3 (95%: between %4 and %5).",
		"Avec suggestions, un client a laissé une marge de %1, sans, %2" NB ": un écart de %3 (à 95" NNB "%" NB
		": entre %4 et %5)." },
	{ "What is compared is the margin. It is known for %1 of the turnover.",
		"C'est la marge qui est comparée. Elle est connue pour %1 du chiffre d'affaires." },
	{ "What is compared is the margin. It is known for %1 of the turnover; for %2 it is estimated, as what the category usually leaves.",
		"C'est la marge qui est comparée. Elle est connue pour %1 du chiffre d'affaires" NB
		"; pour %2, elle est estimée d'après ce que laisse d'habitude la catégorie." },
	{ "What members spent is compared, not the margin: that is known for %1 of the turnover, and it takes %2. Name the margin of more rungs, or the margin-share of categories.",
		"C'est la dépense qui est comparée, non la marge" NB
		": celle-ci est connue pour %1 du chiffre d'affaires, et il en faut %2. Indiquez la marge (`margin`) d'autres échelons, ou "
		"la part de marge (`margin-share`) des catégories." },
	{ "So suggestions bring the shop more.", "Les suggestions rapportent donc plus au magasin." },
	{ "So with suggestions the shop gains less.", "Avec suggestions, le magasin gagne donc moins." },
	{ "Whether suggestions bring the shop more, one cannot tell.",
		"On ne peut pas dire si les suggestions rapportent plus au magasin." },
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
	{ "To see that they bring 3% more margin takes %1.",
		"Pour voir qu'ils laissent 3" NNB "% de marge de plus, il en faut %1." },
	{ "The shop has enough.", "Le magasin en a assez." },
	{ "This shop will not be able to tell.", "Ce magasin ne pourra pas le dire." },
	{ "This supposes that a tenth climbs, and that what members spend differs as it usually does.",
		"Cela suppose qu'un dixième monte, et que les dépenses diffèrent comme d'habitude." },
	{ "This is reckoned from how many climb, and how much their spending differs, in this shop.",
		"C'est calculé d'après ce magasin" NB ": combien montent, et combien les dépenses diffèrent." },

	{ "This is reckoned from how many climb, and how much their margins differ, in this shop.",
		"C'est calculé d'après ce magasin" NB ": combien montent, et combien leurs marges diffèrent." },

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
	{ "Nothing else could have been chosen.", "Rien d'autre n'aurait pu être choisi." },
	{ "Each: what a suggestion would have brought on average, reckoned in two ways that should come close to each other. Counts like: so many suggestions chosen in that way would tell as much; from %1 on there is a verdict.",
		"Chacune\u00a0: ce qu'une suggestion aurait rapporté en moyenne, calculé de deux façons qui devraient donner presque le même résultat. Compte comme\u00a0: autant de suggestions choisies ainsi en diraient autant ; on conclut à partir de %1." },
	{ "One shop hardly tells apart two rungs that bring almost the same: not even 5,000 suggestions tell 30 from 32.",
		"Un magasin seul ne distingue guère deux échelons qui rapportent presque autant\u00a0: même 5\u202f000 suggestions ne séparent pas 30 de 32." },
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
	{ "No member who came twice took several products at once: whether what goes together guesses better than what sells most is not known.",
		"Aucun client venu deux fois n'a pris plusieurs produits à la fois" NB
		": on ne sait pas si ce qui va ensemble devine mieux que ce qui se vend le plus." },
	{ "Every 180 days, what is older counts half.", "Tous les 180 jours, ce qui est plus ancien compte moitié moins." },
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
	static const struct words_text *const more[] = { words_journey, words_office };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(texts[i].en, english) == 0)
			return is_french(w) ? texts[i].fr : english;
	for (size_t i = 0; i < sizeof(more) / sizeof(void *); i++)
		for (const struct words_text *t = more[i]; t->en; t++)
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
	if (seconds < 30)
		return words_say(w, "at once");
	if (seconds < 5400)
		return words_count(w, (seconds + 30) / 60, "%1 minute", "%1 minutes");
	if (seconds < 172800)
		return words_count(w, (seconds + 1800) / 3600, "%1 hour", "%1 hours");
	return words_count(w, (seconds + 43200) / 86400, "%1 day", "%1 days");
}

const char *words_tenths(const struct words *w, int64_t tenths)
{
	int64_t size = tenths < 0 ? -tenths : tenths;

	return palier_format(w->arena, "%s%lld%c%lld", tenths < 0 ? "-" : "", (long long)(size / 10),
		is_french(w) ? ',' : '.', (long long)(size % 10));
}

/* @param n >= 0 */
static const char *with_decimals(const struct words *w, int64_t n, unsigned decimals)
{
	int64_t unit = 1;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	if (decimals == 0)
		return words_number(w, n);
	return palier_format(w->arena, "%s%c%0*lld", words_number(w, n / unit), is_french(w) ? ',' : '.', (int)decimals,
		(long long)(n % unit));
}

const char *words_percent(const struct words *w, int64_t hundredths)
{
	return palier_format(w->arena, "%s%s%s", hundredths < 0 ? "-" : "",
		with_decimals(w, hundredths < 0 ? -hundredths : hundredths, 2), is_french(w) ? NNB "%" : "%");
}

const char *words_money(const struct words *w, int64_t minor, unsigned decimals, const char *currency)
{
	return palier_format(w->arena, "%s%s%s%s", minor < 0 ? "-" : "",
		with_decimals(w, minor < 0 ? -minor : minor, decimals), currency && currency[0] ? NB : "",
		currency ? currency : "");
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
