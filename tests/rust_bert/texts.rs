//! Documents of all kinds that the pipeline tells apart. People and places are invented.

use std::path::Path;

use diglot::Document;

/// The examples, and small ones that lead through protection, capitals, splitting and repair.
pub fn documents() -> Vec<Document> {
    let examples = ["night-market.txt", "harbour-library.txt"].map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        Document::new(name, std::fs::read_to_string(path).unwrap())
    });
    let mut documents: Vec<Document> = examples.into();
    let posts = SENTENCES.iter().enumerate().map(|(index, sentence)| {
        let text = format!(
            "The town of Brenholt woke up late.\n\n{sentence}\n\nNobody answered Mayor Ilse Tordval."
        );
        Document::new(format!("post-{index}"), text)
    });
    documents.extend(posts);
    documents.push(Document::new("long", sentences().pop().unwrap()));
    documents.push(Document::new("empty", ""));
    documents
}

/// French sentences from one word to more than the model reads at once.
pub fn sentences() -> Vec<String> {
    let mut sentences: Vec<String> = SENTENCES.iter().map(|&sentence| sentence.to_owned()).collect();
    sentences.push("Le maire a parlé du pont, du port et de la gare, puis il est parti ".repeat(50) + ".");
    sentences
}

const SENTENCES: [&str; 24] = [
    "Bonjour.",
    "Merci !",
    "Le pont est fermé depuis lundi.",
    "La maire de Valcombe, Odile Ferrandin, a promis de rouvrir l'école avant la fin du mois.",
    "Nous avons vendu 1 250,50 € de billets, soit 12 % de plus qu'en 2023 (détails : https://billets.example.org/a?b=1).",
    "Merci à @theatre_valcombe pour ce #concert magnifique 🎻🎉 !",
    "LA GARE DE ROC-TANGUY EST FERMÉE JUSQU'À NOUVEL ORDRE.",
    "Selon l'Union des pêcheurs de Kervazan (UPK), la saison a été « la pire depuis vingt ans ».",
    "Il pleut, il pleut, il pleut, et pourtant personne ne rentre chez soi.",
    "Que faire quand la mer monte, que la route disparaît et que le dernier bateau est déjà parti ?",
    "Le 3 mars 2024 à 18 h 30, salle des fêtes, entrée libre.",
    "Anselme Duvirier, directeur du Fonds Kervazan pour la lecture, n'a pas souhaité répondre à nos questions.",
    "« On ne vend pas une île », répète Solenn Marchetal en riant.",
    "Écrivez-nous à contact@gazette.example.org ou au 02 99 00 00 00.",
    "Les habitants du quartier des Tanneurs demandent depuis trois ans une deuxième ligne de bus.",
    "Trois ouvrages seulement ne sont pas revenus, dont un tombé à l'eau devant témoins.",
    "Le conseil municipal a voté, à l'unanimité moins une voix, la construction d'une passerelle entre les deux rives, \
     dont le coût est estimé à 4,2 millions d'euros et qui devrait ouvrir au printemps prochain.",
    "Ça alors…",
    "Vive la Bretagne libre et les crêpes au beurre salé !",
    "Elle habite à Montréal, travaille à Genève et vote à Dakar.",
    "Le match nul (2-2) qualifie l'équipe de Nordhavn pour la finale de la Coupe des Lacs.",
    "Pourquoi pas nous ? Parce que. Voilà.",
    "Le journal Le Phare de l'Ouest a révélé l'affaire, que la préfecture de Solmarie a d'abord niée.",
    "Mon grand-père disait qu'une île sans livres est une île deux fois plus loin.",
];
