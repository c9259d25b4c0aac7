"""Compare the exports of a DALL-E with its bundle: the same codes and pixels for held-out captions."""

import numpy as np

from kerasformer.errors import InputError
from kerasformer.evaluation.drawing import peak_signal_to_noise
from kerasformer.exporting.proofs.proof import (
    TIE,
    Proof,
    all_ties,
    bytes_of,
    first_difference,
    is_tied_draw,
    milliseconds,
)
from kerasformer.inference.illustrator import Illustrator
from kerasformer.interface.sampling import uniform_noise

SAMPLING = {"temperature": 1.0, "top_k": 40}
SEED = 0
SAMPLED = 32  # captions whose sampled images must be the same in an exact export
MAX_PIXEL_DIFFERENCE = 1  # of 255, between images of the same codes
# What an inexact export may lose: a higher perplexity, to the bundle, of the codes that the export samples, and noise
# in images of the same codes, which must stay invisible.
MAX_PERPLEXITY_RATIO = 1.1
MIN_PSNR = 30.0


class DrawingProof(Proof):
    """The comparison for a model that draws; `held_out` is a list of captions, of which too long ones are left out."""

    noun = "caption"
    required = f"the same codes, ties aside, and pixels within {MAX_PIXEL_DIFFERENCE}"
    required_inexact = (
        f"a perplexity at most {100 * (MAX_PERPLEXITY_RATIO - 1):.0f} % higher, and pixels within {MIN_PSNR:.0f} dB"
    )

    def __init__(self, bundle, held_out, say, reference=None):
        reference = reference or Illustrator(bundle)
        counts = reference.count_tokens(held_out)
        fitting = [text for text, count in zip(held_out, counts, strict=True) if 0 < count < reference.caption_length]
        super().__init__(reference, fitting, say)
        self.noise = uniform_noise(self.items, SEED, reference.image_length)
        self.likeliest, _ = reference.render(self.items, None)
        self.sampled, _ = reference.render(self.items, self.noise, **SAMPLING)
        self.perplexity = self._perplexity(self.sampled)

    def bundle_row(self):
        same = {"identical_share": 1.0, "identical_drawn_share": 1.0, "identical_code_share": 1.0}
        same |= {"max_pixel_difference": 0, "psnr": None, "perplexity": self.perplexity}
        return {"bytes": bytes_of(self.reference.bundle), **same, **self.speed(self.reference)}

    def measure(self, engine, exact):
        if (engine.shape, engine.image_length) != (self.reference.shape, self.reference.image_length):
            raise InputError("the export draws images of another size than the bundle: export it again")
        likeliest, likeliest_images = engine.render(self.items, None)
        sampled, sampled_images = engine.render(self.items, self.noise, **SAMPLING)
        differences = self._differences(self.likeliest, likeliest, len(self.items), self._is_tie)
        # In an inexact export every sampled image differs sooner or later, and each check of a tie takes time.
        if exact:
            differences += self._differences(self.sampled, sampled, SAMPLED, self._is_tied_draw)
        images = np.concatenate([likeliest_images, sampled_images])
        decoded = np.concatenate([self.reference.paint(likeliest), self.reference.paint(sampled)])
        max_pixel_difference = _pixel_difference(images, decoded)
        _, psnr = peak_signal_to_noise(images, decoded)
        perplexity = self._perplexity(sampled)
        if exact:
            passed = all_ties(differences) and max_pixel_difference <= MAX_PIXEL_DIFFERENCE
        else:
            passed = perplexity <= MAX_PERPLEXITY_RATIO * self.perplexity and (psnr is None or psnr >= MIN_PSNR)
        return {
            "identical_share": float((likeliest == self.likeliest).all(axis=-1).mean()),
            "identical_drawn_share": float((sampled == self.sampled).all(axis=-1).mean()),
            "identical_code_share": float((likeliest == self.likeliest).mean()),
            "max_pixel_difference": max_pixel_difference,
            "psnr": psnr,
            "perplexity": perplexity,
            "perplexity_reference": self.perplexity,
            "differences": differences,
            "passed": passed,
        }

    def check_signatures(self, engine, found):
        same = (engine.render(self.items, None)[0] == self.likeliest).all(axis=-1)
        images, decoded = engine.plain(self.items)[same], self.reference.paint(self.likeliest)[same]
        found["passed"] = found["passed"] and _pixel_difference(images, decoded) <= MAX_PIXEL_DIFFERENCE

    def speed(self, engine):
        return {"ms_per_image": milliseconds(engine.draw, self.items)}

    def headline(self, found):
        likeliest, sampled = (100 * found[name] for name in ("identical_share", "identical_drawn_share"))
        return (
            f"{likeliest:.1f} % of {found['captions']:,} captions give the same codes, {sampled:.1f} % with sampling; "
            f"perplexity of sampled codes {found['perplexity']:.2f} (bundle {found['perplexity_reference']:.2f}), "
            f"pixels of the same codes differ by at most {found['max_pixel_difference']} of 255"
        )

    def difference(self, difference):
        return f"{difference['caption']!r}: codes differ from number {difference['place'] + 1} on"

    def _differences(self, expected, found, count, is_tie):
        """The differences between codes (captions, codes) of the bundle and of the export, in the first `count`."""
        differences = []
        for row in np.flatnonzero((expected != found).any(axis=-1)[:count]):
            place = first_difference(expected[row], found[row])
            tie = is_tie(row, place, expected[row], found[row])
            differences.append({"caption": self.items[row], "place": place, "tie": bool(tie)})
        return differences

    def _is_tie(self, row, place, a, b):
        """Whether the codes of two images at a place, the first to differ, are equally likely to the bundle."""
        guidance, codes = self.reference.bundle.model.config.guidance, np.stack([a, b])
        with_caption = self.reference.code_scores([self.items[row]] * 2, codes)[0][:, place]
        without = self.reference.code_scores([""] * 2, codes)[0][:, place]
        likely = without + guidance * (with_caption - without)
        return abs(likely[0] - likely[1]) <= TIE

    def _is_tied_draw(self, row, place, a, b):
        """Whether the bundle samples the codes `b` too, from slightly other noise or because they are tied."""

        def draw(noise):
            return self.reference.render([self.items[row]] * len(noise), noise, **SAMPLING)[0]

        return is_tied_draw(self.noise[row], place, b, draw) or self._is_tie(row, place, a, b)

    def _perplexity(self, codes):
        """The bundle's perplexity of codes (captions, codes), given their captions."""
        likely, _ = self.reference.code_scores(self.items, codes)
        return float(np.exp(-likely.mean()))


def _pixel_difference(images, others):
    """The largest difference of a pixel between images uint8: int, 0 without images."""
    return int(np.abs(images.astype(int) - others).max(initial=0))
