/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the journey. Stages, channels and measures first, then sentences. */
#include "tools/report/words.h"

#define NB "\u00a0" /* never broken */

const struct words_text words_journey[] = {
	{ "The customers' journey", "Le parcours client" },
	{ "The customers' journey, from %1 to %2", "Le parcours client, du %1 au %2" },
	{ "%1; only \"%2\"", "%1" NB "; seulement «" NB "%2" NB "»" },
	{ "n = %1", "n = %1" },
	{ "%1 (n = %2)", "%1 (n = %2)" },
	{ "%1 (%2)", "%1 (%2)" },
	{ "%1 %2", "%1 %2" },
	{ "%1: %2", "%1" NB ": %2" },
	{ "%1 of %2", "%1 de %2" },
	{ "%1 to %2", "%1 à %2" },
	{ "at once", "aussitôt" },
	{ "%1 minute", "%1 minute" },
	{ "%1 minutes", "%1 minutes" },
	{ "%1 hour", "%1 heure" },
	{ "%1 hours", "%1 heures" },
	{ "%1 day", "%1 jour" },
	{ "%1 days", "%1 jours" },

	/* stages */
	{ "Ambassador", "Ambassadeur" },

	/* channels, days, splits */
	{ "In the shop", "En magasin" },
	{ "Website", "Site web" },
	{ "Telephone", "Téléphone" },
	{ "Social media", "Réseaux" },
	{ "E-mail", "E-mail" },
	{ "Monday", "lundi" },
	{ "Tuesday", "mardi" },
	{ "Wednesday", "mercredi" },
	{ "Thursday", "jeudi" },
	{ "Friday", "vendredi" },
	{ "Saturday", "samedi" },
	{ "Sunday", "dimanche" },
	{ "morning", "matin" },
	{ "afternoon", "après-midi" },
	{ "evening", "soir" },
	{ "Shop", "Magasin" },
	{ "Till", "Caisse" },
	{ "Cashier", "Vendeur" },
	{ "Channel", "Canal" },
	{ "Weekday", "Jour" },

	/* touchpoints */
	{ "Return", "Retour" },
	{ "Enrolment", "Inscription" },
	{ "Survey", "Enquête" },
	{ "Advice", "Conseil" },
	{ "Call", "Appel" },
	{ "Event", "Événement" },
	{ "Quotation", "Devis" },
	{ "Review", "Avis" },
	{ "Trial", "Essai" },
	{ "Visit", "Visite" },
	{ "Complaint", "Réclamation" },
	{ "Complaint settled", "Réclamation réglée" },
	{ "E-mail sent", "E-mail envoyé" },
	{ "E-mail opened", "E-mail ouvert" },
	{ "Text message sent", "SMS envoyé" },
	{ "(beginning)", "(début)" },
	{ "(end)", "(fin)" },

	/* titles of columns and rows */
	{ "Stage", "Étape" },
	{ "Customers", "Clients" },
	{ "Are there", "Y sont" },
	{ "Were there", "Y étaient" },
	{ "Came there", "Arrivés" },
	{ "Went on", "Ont continué" },
	{ "Go on", "Continuent" },
	{ "Do not", "S'arrêtent" },
	{ "Half within", "La moitié en" },
	{ "9 in 10 within", "9 sur 10 en" },
	{ "Touchpoint", "Point de contact" },
	{ "Touchpoints", "Points de contact" },
	{ "Reached", "Touchés" },
	{ "Recommend", "Recommandent" },
	{ "Satisfied", "Satisfaits" },
	{ "Returns", "Retours" },
	{ "Sales", "Ventes" },
	{ "How often", "Combien de fois" },
	{ "Feeling", "Ressenti" },
	{ "It grates", "Ça coince" },
	{ "First", "D'abord" },
	{ "Then", "Ensuite" },

	/* in short */
	{ "Customers known: %1. Bought in these days: %2.", "Clients connus" NB ": %1. Ont acheté ces jours-là" NB ": %2." },
	{ "Of those who bought, %1 came back on another of these days.",
		"Parmi ceux qui ont acheté, %1 sont revenus un autre jour de la période." },
	{ "Silent for %1 days or more: %2 customers; for %3 days or more: %4.",
		"Silencieux depuis %1 jours ou plus" NB ": %2 clients" NB "; depuis %3 jours ou plus" NB ": %4." },
	{ "The path narrows most after \"%1\": %2 of %3 went on within %4 days.",
		"Le passage le plus étroit vient après «" NB "%1" NB "»" NB ": %2 de %3 ont continué en %4 jours." },
	{ "It grates most here: %1, at \"%2\". %3 go on there, %4 elsewhere.",
		"C'est là que ça coince le plus" NB ": %1, à l'étape «" NB "%2" NB "». %3 y continuent, %4 ailleurs." },
	{ "Nowhere do noticeably fewer customers go on than elsewhere.",
		"Nulle part les clients ne continuent nettement moins qu'ailleurs." },
	{ "There are too few customers yet to compare tills, hours or days.",
		"Il y a encore trop peu de clients pour comparer caisses, heures ou jours." },
	{ "Would they recommend the shop? %1 points, from %2 answers.",
		"Recommanderaient-ils le magasin" NB "? %1 points, sur %2 réponses." },
	{ "The journal holds no journey: stages and touchpoints are made out of sales.",
		"Le journal ne contient pas de parcours" NB ": étapes et points de contact sont déduits des ventes." },

	/* the map and its figures */
	{ "The journey", "Le parcours" },
	{ "The journey from stage to stage; the table below has the same figures.",
		"Le parcours d'étape en étape" NB "; le tableau plus bas donne les mêmes chiffres." },
	{ "From left to right: how many customers were on each stage in these days, and what part of those who came there went on within "
	  "%1 days. The curve is how they felt where somebody noted it, from -2 to +2; a hollow dot stands for fewer than 30. Numbered "
	  "triangles are explained below.",
		"De gauche à droite" NB
		": combien de clients étaient à chaque étape ces jours-là, et quelle part de ceux qui y sont arrivés "
		"a continué en %1 jours. La courbe est leur ressenti, là où quelqu'un l'a noté, de -2 à +2" NB
		"; un point creux en compte "
		"moins de 30. Les triangles numérotés sont expliqués plus bas." },
	{ "Stage by stage", "Étape par étape" },
	{ "\"Went on\" looks at those who have had their %1 days; below it stands where the true share lies in 95 cases of 100. \"Reached\" is the "
	  "part of a stage's customers who had a touchpoint there.",
		"«" NB "Ont continué" NB "» regarde ceux qui ont eu leurs %1 jours" NB
		"; dessous, où est la vraie part 95 fois sur "
		"100. «" NB "Touchés" NB "»" NB ": la part des clients de l'étape qui y ont eu un point de contact." },

	/* planned and actual */
	{ "As planned, or not: \"%1\"", "Comme prévu, ou non" NB ": «" NB "%1" NB "»" },
	{ "For nobody has this journey begun in these days.", "Ce parcours n'a commencé pour personne ces jours-là." },
	{ "Above the journey as it is planned, below what became of it for the %1 customers for whom it began in these days. A circle is a "
	  "conversation, a square something that customers do. What may still come in time, or waits for a step before it, is awaited; shares "
	  "are of the others. With something beside the plan: %2.",
		"En haut, le parcours prévu" NB
		"; en bas, ce qu'il est devenu pour les %1 clients pour qui il a commencé ces jours-là. Un rond est un échange, un carré un "
		"geste du client. Ce qui peut encore venir à temps, ou dépend d'un pas qui manque, est attendu" NB
		"; les parts sont celles des autres. Avec quelque chose hors du plan" NB ": %2." },
	{ "The plan has a condition, which is not looked at here: everybody for whom it began is held against it.",
		"Le plan a une condition, qui n'est pas regardée ici" NB
		": tous ceux pour qui il a commencé y sont comparés." },
	{ "The planned journey above, what became of each step below.",
		"En haut le parcours prévu, en bas ce que chaque pas est devenu." },
	{ "Of what was planned, \"%1\" goes otherwise most: late, badly or not at all for %2 of %3.",
		"De ce qui était prévu, c'est «" NB "%1" NB "» qui manque le plus son but" NB
		": tard, mal ou pas du tout pour %2 de %3." },
	{ "Planned", "Prévu" },
	{ "Done", "Fait" },
	{ "Late", "En retard" },
	{ "Felt bad", "Mal vécu" },
	{ "Missing", "Manqué" },
	{ "Awaited", "Attendu" },
	{ "What was", "Réalisé" },
	{ "until %1", "jusqu'au %1" },
	{ "%1", "%1" },
	{ "Beside it", "Hors plan" },
	{ "customers", "clients" },
	{ "within %1", "sous %1" },
	{ "%1, within %2", "%1, sous %2" },

	/* one customer */
	{ "One customer's way", "Le parcours d'un client" },
	{ "Printed by palier for the customer's file: show it to nobody but those who look after them.",
		"Établi par palier pour le dossier du client" NB ": à ne montrer qu'à ceux qui s'occupent de lui." },
	{ "Feelings go from \u22122, very bad, to +2, very good.",
		"Le ressenti va de \u22122, très mauvais, à +2, très bon." },
	{ "Nothing of it was to come yet.", "Rien n'en était encore attendu." },
	{ "A circle is a conversation, a square something that the customer does. What may still come in time is not shown.",
		"Un rond est un échange, un carré un geste du client. Ce qui peut encore venir à temps n'est pas montré." },
	{ "none yet", "aucune encore" },
	{ "Segment", "Segment" },
	{ "Persona", "Profil" },
	{ "Touchpoints, the newest first", "Points de contact, du plus récent au plus ancien" },
	{ "Day", "Jour" },
	{ "Hour", "Heure" },
	{ "Where", "Où" },
	{ "Led to", "A mené à" },

	/* where it grates */
	{ "Where it grates", "Là où ça coince" },
	{ "at \"%1\": %2 go on (n = %3), elsewhere %4 (n = %5).",
		"à l'étape «" NB "%1" NB "»" NB ": %2 continuent (n =" NB "%3), ailleurs %4 (n =" NB "%5)." },
	{ "Points fewer: %1, truly between %2 and %3.", "%1 points de moins (vraie valeur entre %2 et %3)." },
	{ "Compared were shops, tills, cashiers by part of the day, channels and weekdays: %1 comparisons, with care that chance alone "
	  "brings none forward. It says where to look, not who is at fault.",
		"On a comparé magasins, caisses, vendeurs par moment de la journée, canaux et jours de la semaine" NB
		": %1 comparaisons, en "
		"veillant à ce que le hasard seul n'en mette aucune en avant. Cela dit où regarder, pas à qui la faute." },
	{ "Who sees to it:", "Qui s'en charge" NB ":" },
	{ "What is done:", "Ce qui est fait" NB ":" },
	{ "Until:", "Pour le" NB ":" },
	{ "Returned after an offer", "Rendu après une offre" },
	{ "returns of a sale on which an offer of yours had been used",
		"retours d'une vente où l'une de vos offres avait servi" },
	{ "Tried again", "Redemandé" },
	{ "times the same reward was asked for again within ten minutes",
		"fois, la même récompense a été redemandée en moins de dix minutes" },
	{ "Opened, not sent in", "Ouvertes, non renvoyées" },
	{ "surveys were opened and never sent in", "enquêtes ont été ouvertes et jamais renvoyées" },

	/* key figures */
	{ "Key figures", "Chiffres clés" },
	{ "Recommend (NPS)", "Recommandation (NPS)" },
	{ "those who give 9 or 10, less those who give 0 to 6, of 100 answers",
		"ceux qui donnent 9 ou 10, moins ceux qui donnent 0 à 6, sur 100 réponses" },
	{ "%1 answers, %2 asked: too few to say", "%1 réponses, %2 demandes" NB ": trop peu pour conclure" },
	{ "n = %1, asked %2; truly between %3 and %4", "n = %1 sur %2 demandes" NB "; vraie valeur entre %3 et %4" },
	{ "Satisfied (CSAT)", "Satisfaction (CSAT)" },
	{ "answered 4 or 5 of 5; asked: %1", "ont répondu 4 ou 5 sur 5" NB "; demandes" NB ": %1" },
	{ "Came back", "Clients revenus" },
	{ "of those who bought in these days did so on two days or more",
		"de ceux qui ont acheté ces jours-là l'ont fait au moins deux jours" },
	{ "Still with you", "Toujours là" },
	{ "bought in the last %1 days; at risk, less than %2 days: %3; lapsed: %4",
		"ont acheté depuis moins de %1 jours" NB "; à risque, moins de %2 jours" NB ": %3" NB "; perdus de vue" NB
		": %4" },
	{ "n = %1; your own rhythm: %3 times somebody came back, 9 in 10 of them within %2 days",
		"n = %1" NB "; votre rythme" NB ": on est revenu %3 fois, 9 sur 10 en %2 jours au plus" },
	{ "n = %1; usual limits, until somebody has come back 500 times",
		"n = %1" NB "; limites d'usage, tant qu'on n'est pas revenu 500 fois" },
	{ "Worth of a customer, a year", "Valeur d'un client, par an" },
	{ "Sales to a customer, a year", "Ventes à un client, par an" },
	{ "margin of the last 365 days, times the part of last year's customers who bought again",
		"marge des 365 derniers jours, fois la part des clients de l'an passé qui ont racheté" },
	{ "sales of the last 365 days, times the part of last year's customers who bought again",
		"ventes des 365 derniers jours, fois la part des clients de l'an passé qui ont racheté" },
	{ "not known before two years of sales are", "inconnu tant qu'il n'y a pas deux ans de ventes" },
	{ "n = %1 customers, of %2 the year before %3 stayed",
		"n = %1 clients" NB "; des %2 de l'année d'avant, %3 sont restés" },
	{ "The best fifth", "Le meilleur cinquième" },
	{ "of the sales to members were made to the fifth of them who buy for most",
		"des ventes aux clients vont au cinquième qui achète le plus" },
	{ "n = %1, in 365 days: %2", "n = %1, en 365 jours" NB ": %2" },
	{ "Points", "Points" },
	{ "Lost", "Clients perdus" },
	{ "of those who were with you when these days began have bought nothing for %1 days or more at their end",
		"de ceux qui étaient là au début de la période n'ont, à sa fin, rien acheté depuis %1 jours ou plus" },
	{ "Bought again after a complaint", "Ont racheté après une plainte" },
	{ "within 90 days, where it was settled (n = %1); where it stayed open: %2 (n = %3)",
		"dans les 90 jours, quand elle a été réglée (n =" NB "%1)" NB "; restée ouverte" NB ": %2 (n =" NB "%3)" },
	{ "Observed, not proven: who is looked after may differ from who is not.",
		"Constaté, non prouvé" NB ": ceux dont on s'occupe diffèrent peut-être des autres." },
	{ "What the programme cost", "Coût du programme" },
	{ "points given in these days, offers %1, complaints made good %2",
		"points donnés ces jours-là, offres %1, gestes après une plainte %2" },
	{ "offers %1, complaints made good %2; without points, as nobody said what one is worth",
		"offres %1, gestes après une plainte %2" NB "; sans les points, dont la valeur n'a pas été indiquée" },
	{ "%1 of the sales to members in these days, %2", "soit %1 des ventes aux clients ces jours-là, %2" },
	{ "worth of the %1 given in these days", "valeur des %1 donnés ces jours-là" },
	{ "given in these days, less what returns took back", "donnés ces jours-là, moins ce que les retours ont repris" },
	{ "spent: %1, expired: %2", "dépensés" NB ": %1, expirés" NB ": %2" },
	{ "Made good in time", "Plaintes réglées à temps" },
	{ "of the unhappy customers whose term ended in these days were looked after within it, two working days",
		"des clients mécontents dont le délai finissait ces jours-là ont été pris en charge à temps, en deux jours ouvrés" },

	/* groups */
	{ "First purchases that led to a second", "Les premiers achats suivis d'un second" },
	{ "By month of the first purchase: the part who bought again within 90 days. Months whose 90 days are not over are left out.",
		"Par mois du premier achat" NB
		": la part qui a racheté dans les 90 jours. Les mois dont les 90 jours ne sont pas écoulés "
		"manquent." },
	{ "Where new customers came from", "D'où viennent les nouveaux clients" },
	{ "not said", "non précisé" },
	{ "by a customer's code", "par le code d'un client" },
	{ "bought: %1", "ont acheté" NB ": %1" },
	{ "How lately and how often they buy", "Depuis quand et combien de fois ils achètent" },
	{ "lately", "récemment" },
	{ "long ago", "il y a longtemps" },
	{ "seldom", "rarement" },
	{ "often", "souvent" },
	{ "Customers of the last 365 days (n = %1) in fifths; those who are equal stay together.",
		"Clients des 365 derniers jours (n = %1) par cinquièmes" NB "; les ex aequo restent ensemble." },

	{ "Who the customers are today", "Qui sont les clients aujourd'hui" },
	{ "Prospect", "Prospect" },
	{ "Enrolled, not bought yet", "Inscrit, sans achat" },
	{ "First purchase", "Premier achat" },
	{ "Second or third purchase", "Deuxième ou troisième achat" },
	{ "Regular", "Habitué" },
	{ "At risk", "À risque" },
	{ "Gone quiet", "Perdu de vue" },
	{ "Won back", "Reconquis" },

	/* lines and flow */
	{ "A line for each customer", "Une ligne par client" },
	{ "A line for each customer, a mark for each touchpoint.",
		"Une ligne par client, une marque par point de contact." },
	{ "%1 customers of %2, taken evenly.", "%1 clients sur %2, pris à intervalles réguliers." },
	{ "Nobody was touched twice in these days.", "Personne n'a eu deux points de contact ces jours-là." },
	{ "What follows what", "Ce qui suit quoi" },

	/* how it is counted */
	{ "The journal holds no journey, so stages are made out of sales: who enrols is at \"Interaction\", who buys at \"Purchase\", who "
	  "buys on four days within a year at \"Loyalty\"; every touchpoint counts as in the shop.",
		"Le journal ne contient pas de parcours, les étapes sont donc déduites des ventes" NB
		": qui s'inscrit est à «" NB "Interaction" NB "», qui achète à «" NB "Achat" NB
		"», qui achète quatre jours en un an à «" NB "Fidélité" NB "»" NB
		"; tout point de contact compte comme en magasin." },
	{ "A customer is a member; sales without a card are not seen. Gift cards and erased customers are left out.",
		"Un client est un membre" NB
		"; les ventes sans carte ne se voient pas. Cartes cadeaux et clients effacés sont laissés de côté." },
	{ "A sale that is voided is as if it had not been. Members who were merged are one.",
		"Une vente annulée n'a pas eu lieu. Des membres fusionnés n'en font qu'un." },
	{ "Answers are what customers say of themselves: use them to find whom to call, not to reward staff.",
		"Les réponses sont ce que les clients disent d'eux-mêmes" NB
		": elles servent à savoir qui rappeler, pas à récompenser l'équipe." },
	{ "Printed by palier. Nobody's name is in it; a line of the picture does not say whose it is.",
		"Établi par palier. Aucun nom n'y figure" NB "; une ligne du dessin ne dit pas à qui elle est." },
	{ .en = NULL },
};
