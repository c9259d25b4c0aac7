"""How many names and numbers of the general translators' tests are kept."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benchmarks" / "general"))
from scores import kept


def test_names_and_numbers_of_source_and_reference_are_looked_for_in_the_translation():
    sources = ["The City of London has 9,000 cats.", "Mr Manning left the city.", "Tom's cat, No. 7"]
    references = ["The City de Londres a 9,000 chats.", "M. Manning a quitté la ville.", "Le chat de Tom, no 7"]
    translations = ["The City a 9,000 chats.", "Il a quitté la ville.", "Le chat de Tomas, no 7."]
    assert kept(sources, references, translations) == (2, 4)  # 9,000 and 7 of these, Manning and Tom
