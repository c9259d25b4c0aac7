"""Nouns, adjectives, names and places, one French word to one English word.

Tags say what a noun can do: `edible` things are eaten, `coloured` ones may be red, and so on. An adjective
or a verb lists the tags it accepts, so that every combination makes sense.
"""

from dataclasses import dataclass
from functools import cache

FRENCH_PLURALS = {"pomme de terre": "pommes de terre"}
ENGLISH_PLURALS = {
    "child": "children", "knife": "knives", "man": "men", "mouse": "mice",
    "potato": "potatoes", "scarf": "scarves", "tomato": "tomatoes", "wolf": "wolves", "woman": "women",
}  # fmt: skip


@dataclass(frozen=True)
class Noun:
    """A French noun with its gender ("m" or "f"), its English counterpart and its tags."""

    french: str
    gender: str
    english: str
    tags: frozenset

    @property
    def french_plural(self):
        word = self.french
        if word in FRENCH_PLURALS or word[-1] in "sxz":
            return FRENCH_PLURALS.get(word, word)
        return word[:-1] + "ux" if word.endswith("al") else word + ("x" if word.endswith("eau") else "s")

    @property
    def english_plural(self):
        word = self.english
        if word in ENGLISH_PLURALS:
            return ENGLISH_PLURALS[word]
        if word.endswith("y") and word[-2] not in "aeiou":
            return word[:-1] + "ies"
        return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


@dataclass(frozen=True)
class Adjective:
    """An adjective: masculine, feminine, English; before or after its noun; comparative; accepted tags."""

    masculine: str
    feminine: str
    english: str
    before: bool
    comparative: str
    tags: frozenset

    def agree(self, gender, plural, next_word=""):
        """Return the French form; `next_word` is the noun that follows, for bel, nouvel and vieil."""
        word = self.masculine if gender == "m" else self.feminine
        if word in PREVOCALIC and not plural and next_word:
            return PREVOCALIC[word]
        if not plural or word == "marron" or word[-1] in "sx":
            return word
        return word + ("x" if word.endswith("eau") else "s")


@dataclass(frozen=True)
class Place:
    """Somewhere to be or to go: "à la gare" is "at the station" or "to the station"."""

    french_at: str
    french_from: str
    english: str
    preposition: str


PREVOCALIC = {"beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}

_NOUNS = """
homme m man person; femme f woman person; garçon m boy person; fille f girl person
enfant m child person; voisin m neighbour known; frère m brother known; sœur f sister known
mère f mother known; père m father known; oncle m uncle known; tante f aunt known
grand-mère f grandmother known; grand-père m grandfather known; médecin m doctor job; boulanger m baker job
professeur m teacher job; facteur m postman job; dentiste m dentist job; acteur m actor job star
actrice f actress job star; chanteur m singer job star audible; serveuse f waitress job
infirmière f nurse job
chat m cat animal pet clever; chien m dog animal pet clever; lapin m rabbit animal pet
oiseau m bird animal viewable; cheval m horse animal clever moving; souris f mouse animal; vache f cow animal
cochon m pig animal; canard m duck animal; âne m donkey animal; lion m lion animal wild
éléphant m elephant animal wild; singe m monkey animal wild clever; loup m wolf animal wild
pomme f apple edible fruit cuttable; poire f pear edible fruit cuttable; banane f banana edible fruit
fraise f strawberry edible fruit fresh; orange f orange edible fruit cuttable
tomate f tomato edible cuttable fresh
carotte f carrot edible cuttable; pomme_de_terre f potato edible; œuf m egg edible; oignon m onion cuttable
citron m lemon cuttable; gâteau m cake edible dish cuttable treat; crêpe f pancake edible dish treat
pain m bread edible mass cuttable fresh; fromage m cheese edible mass cuttable made; viande f meat edible mass
poulet m chicken edible mass; riz m rice edible mass; soupe f soup edible mass dish warm
salade f salad edible mass dish; chocolat m chocolate edible mass treat; jambon m ham edible mass
confiture f jam mass dish treat; miel m honey mass; beurre m butter mass; eau f water mass drink warm
lait m milk mass drink warm fresh; thé m tea mass drink warm dish; café m coffee mass drink warm dish
vin m wine mass drink made; bière f beer mass drink made chilled; limonade f lemonade mass drink dish chilled
robe f dress clothing coloured pretty; chemise f shirt clothing coloured pretty
jupe f skirt clothing coloured pretty; manteau m coat clothing coloured; veste f jacket clothing coloured
chapeau m hat clothing coloured small pretty; écharpe f scarf clothing coloured small
cravate f tie clothing coloured; pull m jumper clothing coloured; ceinture f belt clothing coloured
chaussure f shoe clothing coloured pair comfy; gant m glove clothing coloured pair small
botte f boot clothing coloured pair comfy; chaussette f sock clothing coloured pair
livre m book text readable writable small goods closable work useful
roman m novel text readable writable goods work made
journal m newspaper text readable made; lettre f letter readable writable sendable openable penned
histoire f story readable writable audible work penned text
dictionnaire m dictionary useful goods small weighty; stylo m pen small goods useful coloured
clé f key small; sac m bag small goods coloured container closable weighty sized
valise f suitcase openable closable small goods coloured container weighty sized
parapluie m umbrella small goods coloured useful; montre f watch small machine goods breakable pretty
téléphone m phone small machine goods breakable useful; billet m ticket small
ordinateur m computer machine goods breakable useful; horloge f clock machine breakable
vélo m bicycle vehicle machine coloured goods; voiture f car vehicle machine coloured made moving comfy
bateau m boat vehicle machine coloured viewable moving sized; lampe f lamp breakable goods furniture
table f table furniture sized paintable; chaise f chair furniture breakable comfy paintable
lit m bed furniture comfy sized
fauteuil m armchair furniture comfy; tasse f cup tableware breakable container coloured
verre m glass tableware breakable container; assiette f plate tableware breakable coloured
bouteille f bottle breakable openable container; couteau m knife tableware useful
fourchette f fork tableware; cuillère f spoon tableware
boîte f box openable closable container weighty sized paintable
fleur f flower petal pretty sendable viewable grown; arbre m tree grown sized
tableau m painting pretty viewable; photo f photo viewable sendable pretty; miroir m mirror breakable
guitare f guitar instrument goods; piano m piano instrument; violon m violin instrument goods
film m film work made; chanson f song work made writable penned audible pretty
porte f door openable closable coloured paintable
fenêtre f window openable closable breakable; maison f house building home pretty paintable
jardin m garden pretty sized; cuisine f kitchen room sized; chambre f bedroom room sized
poupée f doll toy; ballon m ball toy coloured; cadeau m gift sendable openable present
exercice m exercise task; question f question task; leçon f lesson task; examen m exam task
château m castle building sight viewable; église f church building sight; musée m museum building sight
village m village sight pretty sized; pont m bridge building; hôtel m hotel building eatery comfy
restaurant m restaurant eatery made; bus m bus transport; train m train transport; taxi m taxi transport
"""

_ADJECTIVES = """
petit petite small before smaller sized animal building; grand grande big before bigger sized building
beau belle beautiful before - pretty grown building; joli jolie pretty before prettier pretty
vieux vieille old before older building vehicle furniture machine clothing readable instrument
nouveau nouvelle new before newer vehicle machine clothing furniture goods instrument
bon bonne good before better dish fruit made work eatery; jeune jeune young before younger person job
mauvais mauvaise bad before worse work eatery; rouge rouge red after - coloured petal
bleu bleue blue after - coloured petal
vert verte green after - coloured; noir noire black after - coloured pet
blanc blanche white after - coloured petal pet
jaune jaune yellow after - coloured petal; gris grise grey after - clothing pet vehicle
rose rose pink after - coloured petal
marron marron brown after - clothing furniture
intéressant intéressante interesting after - readable work task
ennuyeux ennuyeuse boring after - readable work task
cher chère expensive after - clothing vehicle furniture instrument eatery
confortable confortable comfortable after - comfy; moderne moderne modern after - building machine furniture
utile utile useful after - useful; lourd lourde heavy after heavier weighty
léger légère light after lighter weighty; propre propre clean after cleaner tableware clothing room
sale sale dirty after dirtier tableware clothing room vehicle; vide vide empty after - container
plein pleine full after - container; cassé cassée broken after - breakable; chaud chaude hot after hotter warm
froid froide cold after colder warm chilled; frais fraîche fresh after fresher fresh
sucré sucrée sweet after sweeter fruit; délicieux délicieuse delicious after - edible dish
italien italienne Italian after - made; français française French after - made
anglais anglaise English after - made; espagnol espagnole Spanish after - made
allemand allemande German after - made; célèbre célèbre famous after - star sight
dangereux dangereuse dangerous after - wild; rapide rapide fast after faster moving
lent lente slow after slower moving; difficile difficile difficult after - task
facile facile easy after easier task; intelligent intelligente intelligent after - clever character
sympathique sympathique friendly after friendlier character person job
timide timide shy after shyer character
poli polie polite after - character; sérieux sérieuse serious after - character
courageux courageuse brave after braver character; paresseux paresseuse lazy after lazier character
riche riche rich after richer character; fatigué fatiguée tired after - mood; malade malade ill after - mood
triste triste sad after sadder mood; heureux heureuse happy after happier mood
occupé occupée busy after - mood
inquiet inquiète worried after - mood; drôle drôle funny after funnier character work
"""

MEN = ("Paul", "Pierre", "Lucas", "Thomas", "Antoine", "Nicolas", "Julien", "Victor")
WOMEN = ("Marie", "Sophie", "Julie", "Claire", "Emma", "Alice", "Anne", "Louise")

_PLACES = """
gare f station at; marché m market at; hôpital m hospital at; banque f bank at; musée m museum at
bibliothèque f library at; parc m park in; plage f beach at; boulangerie f bakery at; pharmacie f pharmacy at
restaurant m restaurant at; hôtel m hotel at; cinéma m cinema at; théâtre m theatre at; piscine f pool at
aéroport m airport at; stade m stadium at; supermarché m supermarket at; bureau m office at
poste f post_office at
"""
_CITIES = "Paris Paris Lyon Lyon Londres London Rome Rome Berlin Berlin Madrid Madrid Genève Geneva Nice Nice"
COUNTRIES = (
    Place("en France", "de France", "France", "in"), Place("en Italie", "d'Italie", "Italy", "in"),
    Place("en Espagne", "d'Espagne", "Spain", "in"), Place("en Angleterre", "d'Angleterre", "England", "in"),
    Place("au Japon", "du Japon", "Japan", "in"), Place("au Canada", "du Canada", "Canada", "in"),
    Place("au Portugal", "du Portugal", "Portugal", "in"),
    Place("aux États-Unis", "des États-Unis", "the United States", "in"),
)  # fmt: skip


def rows(table):
    """Yield the fields of each entry of a table; "_" stands for a space inside a field."""
    for entry in table.strip().replace("\n", ";").split(";"):
        yield [field.replace("_", " ") for field in entry.split()]


def _public_place(french, gender, english, preposition):
    if french[0] in "aéh":
        return Place(f"à l'{french}", f"de l'{french}", f"the {english}", preposition)
    at, away = ("au", "du") if gender == "m" else ("à la", "de la")
    return Place(f"{at} {french}", f"{away} {french}", f"the {english}", preposition)


NOUNS = {row[0]: Noun(*row[:3], frozenset(row[3:])) for row in rows(_NOUNS)}
ADJECTIVES = {
    row[0]: Adjective(*row[:3], row[3] == "before", f"more {row[2]}" if row[4] == "-" else row[4],
                      frozenset(row[5:]))
    for row in rows(_ADJECTIVES)
}  # fmt: skip
PLACES = (
    Place("à l'école", "de l'école", "school", "at"),
    *(_public_place(*row) for row in rows(_PLACES)),
)
_names = _CITIES.split()
CITIES = tuple(
    Place(f"à {french}", f"de {french}", english, "in")
    for french, english in zip(_names[::2], _names[1::2], strict=True)
)


@cache
def tagged(tags):
    """Return the nouns, in the order of the table, that bear one of the space-separated tags."""
    wanted = frozenset(tags.split())
    return tuple(noun for noun in NOUNS.values() if wanted & noun.tags)


@cache
def adjectives_for(tags):
    """Return the adjectives, in the order of the table, that accept one of the tags (a frozenset)."""
    return tuple(adjective for adjective in ADJECTIVES.values() if adjective.tags & tags)
