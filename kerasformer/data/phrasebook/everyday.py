"""Patterns of daily life: numbers, ages, prices, the clock, dates, the weather, and small talk."""

from .actions import sometimes
from .french import contract
from .grammar import I, NAMES, WE, belonging, clause, describe, noun_phrase, relative, sentence, somebody, thing
from .lexicon import CITIES, COUNTRIES, PLACES, rows, tagged
from .numbers import DAYS, MONTH_LENGTHS, MONTHS, clock, date, english_number, french_number
from .verbs import AVOIR, ETRE, IL, ILS, INTRANSITIVE, JE, OTHERS, REFLEXIVE

SMALL_TALK = """
bonjour ! | hello!
bonsoir ! | good evening!
bonne nuit ! | good night!
au revoir ! | goodbye!
à bientôt ! | see you soon!
à demain ! | see you tomorrow!
merci beaucoup ! | thank you very much!
de rien. | you are welcome.
excusez-moi. | excuse me.
je suis désolé. | I am sorry.
comment allez-vous ? | how are you?
je vais bien, merci. | I am well, thank you.
quelle heure est-il ? | what time is it?
quel âge avez-vous ? | how old are you?
comment vous appelez-vous ? | what is your name?
je ne comprends pas. | I do not understand.
je ne sais pas. | I do not know.
parlez-vous anglais ? | do you speak English?
pouvez-vous m'aider ? | can you help me?
pouvez-vous répéter, s'il vous plaît ? | can you repeat that, please?
joyeux anniversaire ! | happy birthday!
bon appétit ! | enjoy your meal!
bon voyage ! | have a good trip!
bonne chance ! | good luck!
félicitations ! | congratulations!
bien sûr ! | of course!
à votre santé ! | cheers!
c'est trop tard. | it is too late.
ce n'est pas grave. | it does not matter.
vous avez raison. | you are right.
l'addition, s'il vous plaît. | the bill, please.
qui est là ? | who is there?
qu'est-ce que c'est ? | what is it?
attendez un moment, s'il vous plaît. | wait a moment, please.
"""
_WEATHER = (("il pleut", "it is raining"), ("il neige", "it is snowing"), ("il fait froid", "it is cold"),
            ("il fait chaud", "it is hot"), ("il fait beau", "the weather is nice"),
            ("il ne pleut pas", "it is not raining"), ("il ne neige pas", "it is not snowing"),
            ("il ne fait pas froid", "it is not cold"))  # fmt: skip
_FEELINGS = (("faim", "hungry"), ("soif", "thirsty"), ("froid", "cold"), ("chaud", "hot"), ("peur", "afraid"),
             ("sommeil", "sleepy"))  # fmt: skip
_PORTIONS = (("une tasse", "a cup", "thé café"), ("un verre", "a glass", "eau lait vin limonade"),
             ("une bouteille", "a bottle", "eau lait vin bière limonade"),
             ("un kilo", "a kilo", "pomme poire banane orange tomate carotte viande riz"),
             ("une assiette", "a plate", "riz salade jambon"), ("un morceau", "a piece", "pain fromage chocolat"))  # fmt: skip
_STORES = ("dans la boîte", "in the box"), ("dans le jardin", "in the garden"), ("dans le sac", "in the bag"), \
          ("dans la bibliothèque", "in the library"), ("dans le musée", "in the museum")
