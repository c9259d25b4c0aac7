"""Verbs with their forms in both languages and the objects they accept.

`uses` holds letters: P simple past (passé composé), F future ("going to"), N now (progressive).
"""

from dataclasses import dataclass

from .lexicon import rows

JE, IL, NOUS, VOUS, ILS = range(5)
DOUBLED = {"cut": "cutting", "forget": "forgetting", "get": "getting", "run": "running", "swim": "swimming",
           "travel": "travelling"}  # fmt: skip


@dataclass(frozen=True)
class Verb:
    """A French verb (infinitive, present for je il nous vous ils, participle) and its English counterpart."""

    infinitive: str
    present: tuple
    participle: str
    english: str
    past: str
    uses: str = ""
    objects: str = ""
    determiners: tuple = ()
    with_etre: bool = False
    reflexive: bool = False

    @property
    def key(self):
        return self.infinitive

    @property
    def english_third(self):
        head, _, rest = self.english.partition(" ")
        if head == "have":
            head = "has"
        elif head.endswith("y") and head[-2] not in "aeiou":
            head = head[:-1] + "ies"
        else:
            head += "es" if head.endswith(("s", "x", "ch", "sh", "o")) else "s"
        return f"{head} {rest}".strip()

    @property
    def english_progressive(self):
        head, _, rest = self.english.partition(" ")
        drop_e = head.endswith("e") and not head.endswith("ee")
        return f"{DOUBLED.get(head, (head[:-1] if drop_e else head) + 'ing')} {rest}".strip()


_TRANSITIVE = """
manger mange_mange_mangeons_mangez_mangent mangé eat ate PFN edible un,des,le,du
boire bois_boit_buvons_buvez_boivent bu drink drank PFN drink du
acheter achète_achète_achetons_achetez_achètent acheté buy bought PF edible,drink,clothing,goods un,des,ce,du
vendre vends_vend_vendons_vendez_vendent vendu sell sold PF vehicle,furniture,home,instrument mon
chercher - cherché look_for looked_for N small mon,le
trouver - trouvé find found P small un,le
perdre perds_perd_perdons_perdez_perdent perdu lose lost P small mon,le
lire lis_lit_lisons_lisez_lisent lu read read PFN readable un,le,ce
écrire écris_écrit_écrivons_écrivez_écrivent écrit write wrote PFN writable un
regarder - regardé look_at looked_at PN viewable le,ce
écouter - écouté listen_to listened_to PFN audible le,ce
voir vois_voit_voyons_voyez_voient vu see saw P animal,person,star un
ouvrir ouvre_ouvre_ouvrons_ouvrez_ouvrent ouvert open opened PFN openable le,ce
fermer - fermé close closed PFN closable le,ce
laver - lavé wash washed PFN clothing,tableware,vehicle mon,le,ce
nettoyer nettoie_nettoie_nettoyons_nettoyez_nettoient nettoyé clean cleaned PFN room,home mon,le
casser - cassé break broke P breakable un,le,ce
réparer - réparé repair repaired PFN machine mon,le,ce
porter - porté wear wore N clothing un
préparer - préparé make made PFN dish un,des,du
oublier - oublié forget forgot P small mon
choisir choisis_choisit_choisissons_choisissez_choisissent choisi choose chose PF clothing,goods un,ce
attendre attends_attend_attendons_attendez_attendent attendu wait_for waited_for PN transport,known mon,le
aider - aidé help helped PFN known mon
inviter - invité invite invited PF known mon
rencontrer - rencontré meet met P person,job un
appeler appelle_appelle_appelons_appelez_appellent appelé call called PF known mon
dessiner - dessiné draw drew PFN animal,grown,home un
visiter - visité visit visited PF sight un,le,ce
couper - coupé cut cut PFN cuttable un,le
louer - loué rent rented PF vehicle,home un
cacher - caché hide hid PFN small,present le,mon
peindre peins_peint_peignons_peignez_peignent peint paint painted PFN paintable le,ce
apporter - apporté bring brought PF treat,drink,present un,des,du
goûter - goûté taste tasted PF mass,treat le,ce
"""
_INTRANSITIVE = """
dormir dors_dort_dormons_dormez_dorment dormi sleep slept; travailler - travaillé work worked
chanter - chanté sing sang; danser - dansé dance danced; nager nage_nage_nageons_nagez_nagent nagé swim swam
courir cours_court_courons_courez_courent couru run ran; cuisiner - cuisiné cook cooked
rire ris_rit_rions_riez_rient ri laugh laughed; pleurer - pleuré cry cried; étudier - étudié study studied
voyager voyage_voyage_voyageons_voyagez_voyagent voyagé travel travelled; marcher - marché walk walked
"""
_MOVEMENT = """
aller vais_va_allons_allez_vont allé go went; arriver - arrivé arrive arrived; rester - resté stay stayed
partir pars_part_partons_partez_partent parti leave left
sortir sors_sort_sortons_sortez_sortent sorti go_out went_out
revenir reviens_revient_revenons_revenez_reviennent revenu come_back came_back
"""
_OTHERS = """
avoir ai_a_avons_avez_ont eu have had; être suis_est_sommes_êtes_sont été be was
donner - donné give gave; envoyer envoie_envoie_envoyons_envoyez_envoient envoyé send sent
montrer - montré show showed; prendre prends_prend_prenons_prenez_prennent pris take took
aimer - aimé like liked; détester - détesté hate hated; adorer - adoré love loved
préférer préfère_préfère_préférons_préférez_préfèrent préféré prefer preferred
connaître connais_connaît_connaissons_connaissez_connaissent connu know knew
habiter - habité live lived; jouer - joué play played; coûter - coûté cost cost; offrir - offert offer offered
déjeuner - déjeuné have_lunch had_lunch; dîner - dîné have_dinner had_dinner
vouloir veux_veut_voulons_voulez_veulent voulu want wanted
espérer espère_espère_espérons_espérez_espèrent espéré hope hoped
pouvoir peux_peut_pouvons_pouvez_peuvent pu can could; devoir dois_doit_devons_devez_doivent dû must must
"""


def _present(infinitive, forms):
    if forms != "-":
        return tuple(forms.split())
    stem = infinitive[:-2]
    return tuple(stem + ending for ending in ("e", "e", "ons", "ez", "ent"))


def _verbs(table, **features):
    verbs = {}
    for infinitive, forms, participle, english, past, *frame in rows(table):
        uses, objects, determiners = frame if frame else ("", "", "")
        verbs[infinitive] = Verb(
            infinitive, _present(infinitive, forms), participle, english, past, uses,
            objects.replace(",", " "), tuple(determiners.split(",")), **features,
        )  # fmt: skip
    return verbs


TRANSITIVE = _verbs(_TRANSITIVE)
INTRANSITIVE = _verbs(_INTRANSITIVE)
MOVEMENT = _verbs(_MOVEMENT, with_etre=True)
OTHERS = _verbs(_OTHERS)
REFLEXIVE = _verbs(
    "lever lève_lève_levons_levez_lèvent levé get_up got_up; coucher - couché go_to_bed went_to_bed",
    with_etre=True,
    reflexive=True,
)
AVOIR, ETRE, ALLER = OTHERS["avoir"], OTHERS["être"], MOVEMENT["aller"]

# What people do again and again: the verb and the tags of its generic objects.
HABITS = (
    ("manger", "edible"),
    ("boire", "drink"),
    ("acheter", "fruit edible"),
    ("lire", "text"),
    ("écrire", "penned"),
    ("dessiner", "animal grown"),
    ("préparer", "dish"),
    ("porter", "clothing"),
)
