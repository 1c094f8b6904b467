//! Names of places and organisations that a closed list knows better than a small model.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::folded_words;
use super::peoples::stands_alone;
use super::words::{Word, WordKind};
use super::{Label, Mention};
use crate::Span;

/// The score of a mention that only the list tells.
const LISTED: f32 = 0.9;

/// Places whose names a model cuts or takes for people, in English and French; names that are as often a person's
/// (`Chad`, `Jordan`, `Georgia`) or a common word are left out.
const PLACES: &str = "\
Afghanistan|Albania|Algeria|Algérie|Angola|Antigua and Barbuda|Argentina|Armenia|Australia|Austria|Azerbaijan|Bangladesh|Belarus|Belgium|\
Belgique|Benin|Bénin|Bolivia|Bosnia and Herzegovina|Botswana|Brazil|Brésil|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|Cameroun|Cape Verde|\
Cap-Vert|Central African Republic|République centrafricaine|Comoros|Comores|Costa Rica|Côte d'Ivoire|Croatia|Czech Republic|\
Democratic Republic of Congo|Democratic Republic of the Congo|République démocratique du Congo|Djibouti|Dominican Republic|Egypt|Égypte|El Salvador|\
Equatorial Guinea|Guinée équatoriale|Eritrea|Érythrée|Estonia|Eswatini|Ethiopia|Éthiopie|Gabon|Gambia|Gambie|Germany|Allemagne|Ghana|Guatemala|\
Guinea-Bissau|Guinée-Bissau|Guinée|Haiti|Haïti|Honduras|Hungary|Iceland|Indonesia|Iran|Iraq|Irak|Italy|Italie|Ivory Coast|Jamaica|Kazakhstan|Kenya|\
Kyrgyzstan|Lebanon|Liban|Lesotho|Liberia|Libya|Libye|Lithuania|Madagascar|Malawi|Mali|Mauritania|Mauritanie|Mauritius|Mayotte|Mexico|Mexique|\
Moldova|Mongolia|Montenegro|Morocco|Maroc|Mozambique|Myanmar|Namibia|Nepal|Nicaragua|Niger|Nigeria|North Korea|North Macedonia|Norway|\
Pakistan|Papua New Guinea|Paraguay|Poland|Portugal|Republic of Congo|Republic of the Congo|République du Congo|Romania|Russia|Russie|Rwanda|\
Saint Kitts and Nevis|Saint Vincent and the Grenadines|Sao Tome and Principe|Saudi Arabia|Arabie saoudite|Senegal|Sénégal|Serbia|Sierra Leone|\
Slovakia|Slovenia|Somalia|Somalie|South Africa|Afrique du Sud|South Korea|South Sudan|Soudan du Sud|Sri Lanka|Sudan|Soudan|Syria|Syrie|\
Tajikistan|Tanzania|Tanzanie|Tchad|Thailand|Timor-Leste|Trinidad and Tobago|Tunisia|Tunisie|Turkmenistan|Uganda|Ouganda|Ukraine|\
United Arab Emirates|Émirats arabes unis|United Kingdom|Royaume-Uni|United States|United States of America|États-Unis|Uruguay|\
Uzbekistan|Venezuela|Vietnam|Western Sahara|Sahara occidental|Yemen|Yémen|Zambia|Zambie|Zimbabwe|\
North Kivu|South Kivu|Nord-Kivu|Sud-Kivu|Cabo Delgado|Burkina|Bobo-Dioulasso|Ouagadougou|Bamako|Niamey|Dakar|Nouakchott|Nouadhibou|\
N'Djamena|N’Djamena|Yaoundé|Kinshasa|Brazzaville|Libreville|Lomé|Cotonou|Porto-Novo|Abidjan|Yamoussoukro|Conakry|Freetown|Monrovia|Accra|\
Antananarivo|Port-au-Prince|Bangui|Bujumbura|Kigali|Mamoudzou|Tombouctou|Timbuktu|Kidal|Ménaka|Agadez|Goma|Bukavu|Bunia|Butembo|\
Thiès|Kaolack|Kaffrine|Tambacounda|Ziguinchor|Kolda|Matam|Kédougou|Louga|Diourbel|Mbour|Rufisque|Pikine|Guédiawaye|Podor|Fatick|Sédhiou|Casamance|\
Sikasso|Ségou|Mopti|Koulikoro|Kayes|Sévaré|Tessalit|Ansongo|Djenné|Bandiagara|Niono|Bougouni|Koutiala|Liptako-Gourma|Ouahigouya|Koudougou|Banfora|\
Dédougou|Fada N'Gourma|Djibo|Tenkodogo|Diapaga|Solhan|Zinder|Maradi|Tahoua|Diffa|Tillabéri|Arlit|Dosso|Abéché|Moundou|Sarh|Faya-Largeau|Douala|\
Bafoussam|Bamenda|Maroua|Garoua|Ngaoundéré|Kribi|Bertoua|Bouaké|Korhogo|Daloa|San-Pédro|Odienné|Bondoukou|Nzérékoré|Kankan|Kindia|Siguiri|Boké|\
Parakou|Natitingou|Sokodé|Dapaong|Atakpamé|Lubumbashi|Kisangani|Mbuji-Mayi|Kananga|Kolwezi|Likasi|Matadi|Mbandaka|Uvira|Kalemie|Rutshuru|Masisi|\
Walikale|Bunagana|Kanyabayonga|Lubero|Ituri|Bambari|Bangassou|Bria|Bossangoa|Berbérati|Birao|Sfax|Sousse|Gabès|Gafsa|Kairouan|Bizerte|Tataouine|\
Alger|Algiers|Annaba|Béjaïa|Tizi Ouzou|Tamanrasset|Casablanca|Rabat|Marrakech|Tanger|Agadir|Oujda|Benghazi|Sebha|Misrata|Kaédi|Kiffa|Zouérate|\
Toamasina|Mahajanga|Toliara|Antsiranana|Fianarantsoa|Anjouan|Cap-Haïtien|Gonaïves|Jacmel|Les Cayes|Artibonite|Cité Soleil|Croix-des-Bouquets|\
Pétion-Ville|Khartoum|Omdurman|El Fasher|El-Fasher|El Geneina|Port Sudan|Darfur|Darfour|Marseille|Toulouse|Strasbourg|Grenoble|Montpellier|\
Bruxelles|Brussels|Liège|Charleroi|Namur|Genève|Geneva|Lausanne|Montréal|Montreal|Gatineau|Sherbrooke|Trois-Rivières|Rimouski|Chicoutimi|Saguenay|\
Paris|London|Londres|Berlin|Madrid|Rome|Moscow|Moscou|Kyiv|Kiev|Kharkiv|Donbas|Donbass|Crimea|Crimée|Gaza|Rafah|West Bank|Cisjordanie|Jerusalem|\
Jérusalem|Tel Aviv|Kiryat Shmona|Naplouse|Nablus|Beirut|Beyrouth|Saïda|Tyr|Damascus|Damas|Aleppo|Alep|Baghdad|Bagdad|Tehran|Téhéran|Kabul|Kaboul|\
Tripoli|Tunis|Cairo|Le Caire|Addis Ababa|Addis-Abeba|Nairobi|Kampala|Mogadishu|Mogadiscio|Juba|Lagos|Abuja|Maiduguri|Johannesburg|Pretoria|\
Cape Town|Maputo|Luanda|Malabo|Lille|Lyon|Bordeaux|Nantes|Rennes|Calais|Le Havre|Lampedusa|Kati|Sahel|Maghreb|Azawad|Eiffel Tower|Tour Eiffel|\
Parc des Princes|Stade de France|Laâyoune|Laayoune|Miragoâne|Kenscoff|Tanganyika";

/// Organisations, networks and armed groups, likewise.
const ORGANISATIONS: &str = "\
African Union|Union africaine|European Union|Union européenne|European Commission|Commission européenne|United Nations|Nations unies|Nations Unies|\
World Bank|Banque mondiale|World Food Programme|Programme alimentaire mondial|World Health Organization|Organisation mondiale de la santé|\
International Organization for Migration|International Committee of the Red Cross|International Criminal Court|Cour pénale internationale|\
Amnesty International|Human Rights Watch|Doctors Without Borders|Médecins sans frontières|Reporters sans frontières|Reporters Without Borders|\
Al Jazeera|Radio France Internationale|Agence France-Presse|Associated Press|Boko Haram|Al-Qaeda|Al-Qaïda|Al-Shabaab|\
AFP|BBC|CEDEAO|CICR|CPI|DGSE|ECOWAS|FARDC|FMI|HCR|ICRC|IMF|JNIM|MINUSCA|MINUSMA|MONUSCO|MSF|NATO|OIM|OMS|ONU|ORTM|OTAN|RFI|RTB|RTI|\
UNESCO|UNHCR|UNICEF|USAID|WHO|WFP|M23|Facebook|Instagram|Telegram|TikTok|Twitter|WhatsApp|YouTube|\
Islamic State|Islamic State West Africa Province|Islamic State in the Greater Sahara|État islamique|État islamique au Grand Sahara|\
Wagner Group|Groupe Wagner|Africa Corps|Rapid Support Forces|Forces de soutien rapide|Polisario Front|Front Polisario|Polisario|Hamas|Hezbollah|Tsahal|\
Pastef|La France insoumise|France insoumise|France Unbowed|Rassemblement national|National Rally|Les Républicains|Paris Saint-Germain|\
France 24|TV5 Monde|Le Monde|Le Figaro|Jeune Afrique|Mediapart|The New York Times|New York Times|Washington Post|The Guardian|Reuters|Air France|\
Air Sénégal|Météo-France|Action contre la Faim|Action Against Hunger|Action Contre la Faim|SOS Méditerranée|Médecins du monde|Croix-Rouge|Red Cross|\
Croissant-Rouge|Red Crescent|Oxfam|Greenpeace|Caritas|Interpol|Europol|Frontex|Starlink|SpaceX|Microsoft|Google|AES|CRS|EDF|EIGS|FIFA|FINUL|ISGS|\
ISWAP|PSG|RATP|SNCF|UDPS|UEFA|UNIFIL|VDP";

/// Words with a capital that name nothing by themselves.
const NO_NAMES: [&str; 2] = ["État", "Etat"];

/// Acronyms that stand behind an elided article and name a thing.
const THINGS: [&str; 12] = [
    "ADN", "ARN", "AVC", "EPO", "IA", "IMC", "IP", "IRM", "ISF", "IVA", "IVG", "OGM",
];

/// The score of a mention that only its article and capitals tell.
const ELIDED: f32 = 0.6;

/// Words of the longest name, with elided ones apart.
const MAX_WORDS: usize = 7;

/// A listed name: its words, folded, how it is written, and its label.
type Listed = (String, &'static str, Label);

/// What the lists hold, by the first word of a name, folded.
static BY_FIRST: LazyLock<HashMap<String, Vec<Listed>>> = LazyLock::new(|| {
    let mut by_first: HashMap<String, Vec<Listed>> = HashMap::new();
    for (list, label) in [(PLACES, Label::Loc), (ORGANISATIONS, Label::Org)] {
        for name in list.split('|') {
            let words = folded_words(name);
            if let Some(first) = words.first() {
                let entry = (words.join(" "), name, label);
                by_first.entry(first.clone()).or_default().push(entry);
            }
        }
    }
    by_first
});

/// Gives what the lists know its label and all of its words, also where the model saw a part of it or nothing.
///
/// A mention that holds more than a listed name (`Bank of South Africa`) stays. `mentions` are sorted and stay so.
pub(super) fn label_known(sentence: &str, words: &[Word], mentions: &mut Vec<Mention>) {
    mentions.retain(|mention| !mention.span.of(sentence).is_some_and(is_no_name));
    let mut at = 0;
    while at < words.len() {
        let Some((len, label)) = listed_at(sentence, words, at) else {
            at += 1;
            continue;
        };
        let span = Span::new(words[at].span.start(), words[at + len - 1].span.end());
        let inside = |mention: &Mention| span.contains(mention.span);
        let crossed = mentions
            .iter()
            .any(|mention| mention.span.overlaps(span) && !inside(mention));
        let alone = || len > 1 || mentions.iter().any(inside) || stands_alone(sentence, words, at, mentions);
        if !crossed && alone() {
            let own = mentions.iter().find(|mention| mention.span == span);
            let score = own.map_or(LISTED, |own| own.score.max(LISTED));
            mentions.retain(|mention| !inside(mention));
            mentions.push(Mention { span, label, score });
        }
        at += len;
    }
    label_elided(sentence, words, mentions);
    mentions.sort_by_key(|mention| mention.span);
}

/// Takes acronyms behind an elided French article for organisations where nothing else is known of them: `l’UJF`.
fn label_elided(sentence: &str, words: &[Word], mentions: &mut Vec<Mention>) {
    for pair in words.windows(2) {
        let (article, word) = (pair[0].text(sentence), pair[1].text(sentence));
        let is_elided =
            matches!(article, "l’" | "l'" | "L’" | "L'") && pair[0].span.end() == pair[1].span.start();
        let span = pair[1].span;
        let is_acronym = (2..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_elided
            && is_acronym
            && !THINGS.contains(&word)
            && !mentions.iter().any(|mention| mention.span.overlaps(span))
        {
            mentions.push(Mention {
                span,
                label: Label::Org,
                score: ELIDED,
            });
        }
    }
}

fn is_no_name(text: &str) -> bool {
    NO_NAMES.contains(&text)
}

/// How many words the longest listed name takes that begins with word `at`, and its label.
fn listed_at(sentence: &str, words: &[Word], at: usize) -> Option<(usize, Label)> {
    let first = words[at];
    if !first.is_capitalised(sentence) {
        return None;
    }
    let begins = folded_words(first.text(sentence));
    let entries = BY_FIRST.get(begins.first()?)?;
    let longest = MAX_WORDS.min(words.len() - at);
    (1..=longest).rev().find_map(|len| {
        let last = words[at + len - 1];
        let span = Span::new(first.span.start(), last.span.end());
        if last.kind != WordKind::Text {
            return None;
        }
        let text = span.of(sentence)?;
        let folded = folded_words(text).join(" ");
        let entry = entries.iter().find(|(name, _, _)| *name == folded)?;
        // `WHO` is no `Who`.
        let is_acronym = entry.1.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
        (!is_acronym || text == entry.1).then_some((len, entry.2))
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    /// Expects the mentions of `sentence` once those that the model found are given.
    #[track_caller]
    fn check(sentence: &str, found: &[(&str, Label)], expected: &[(&str, Label)]) {
        let mention = |&(name, label): &(&str, Label)| {
            let start = sentence.find(name).unwrap();
            Mention {
                span: Span::new(start, start + name.len()),
                label,
                score: 0.6,
            }
        };
        let mut mentions: Vec<Mention> = found.iter().map(mention).collect();
        label_known(sentence, &words(sentence), &mut mentions);
        let named: Vec<(&str, Label)> = mentions
            .iter()
            .map(|mention| (mention.span.of(sentence).unwrap(), mention.label))
            .collect();
        assert_eq!(named, expected, "{sentence}");
    }

    #[test]
    fn parts_of_a_listed_name_become_one() {
        use Label::{Loc, Org, Per};
        check(
            "the Democratic Republic of Congo's army",
            &[("Democratic Republic", Loc), ("Congo", Loc)],
            &[("Democratic Republic of Congo", Loc)],
        );
        check("MONUSCO left.", &[("MONUSCO", Loc)], &[("MONUSCO", Org)]);
        check("En Côte d’Ivoire, il pleut.", &[], &[("Côte d’Ivoire", Loc)]);
        check("He wrote on WhatsApp.", &[], &[("WhatsApp", Org)]);
        check("L'État paie.", &[("État", Loc)], &[]);
        check("In MALI it rains.", &[("MALI", Per)], &[("MALI", Loc)]);
    }

    #[test]
    fn acronyms_behind_an_elided_article_are_organisations() {
        let found = |sentence: &str| {
            let mut mentions = Vec::new();
            label_known(sentence, &words(sentence), &mut mentions);
            let texts = mentions
                .iter()
                .map(|mention| mention.span.of(sentence).unwrap().to_owned());
            texts.collect::<Vec<_>>()
        };
        assert_eq!(found("Selon l’UJF et l'ADN"), ["UJF"]);
        assert_eq!(found("L'UJF, UJF"), ["UJF"]);
    }

    #[test]
    fn what_holds_more_stays() {
        use Label::{Org, Per};
        check(
            "the Bank of South Africa",
            &[("Bank of South Africa", Org)],
            &[("Bank of South Africa", Org)],
        );
        check(
            "Kenya Moore left.",
            &[("Kenya Moore", Per)],
            &[("Kenya Moore", Per)],
        );
        check("Mali Star won.", &[], &[]);
        check("Who said so?", &[], &[]);
        check("the mali of old", &[], &[]);
    }
}
