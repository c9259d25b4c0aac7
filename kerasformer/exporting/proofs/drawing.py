"""The proof of a drawing model's exports: each draws held-out captions as the bundle does, code for code."""

import numpy as np

from kerasformer.errors import InputError
from kerasformer.exporting.proofs.proof import FEWEST, TIE, Proof, bytes_of, milliseconds
from kerasformer.inference.illustrator import Illustrator
from kerasformer.interface.sampling import uniform_noise

SAMPLING = {"temperature": 1.0, "top_k": 40}
SEED = 0
SAMPLED = 32  # captions whose drawn images must be the same where weights are exact
MAX_PIXEL_DIFFERENCE = 1  # of 255, between images painted from the same codes
# What 8-bit weights may cost: what they draw may be to the bundle that much less likely than what it draws itself,
# code for code, and the noise that they add to an image painted from the same codes must stay out of sight.
MAX_PERPLEXITY_RATIO = 1.1
MIN_PSNR = 30.0
_SHOWN = 10


class DrawingProof(Proof):
    """Of a model that draws; `held_out` is a list of captions."""

    def __init__(self, bundle, held_out, say, reference=None):
        self.reference = reference or Illustrator(bundle)
        counts = self.reference.count_tokens(held_out)
        fits = [0 < count < self.reference.caption_length for count in counts]
        self.captions = [caption for caption, fit in zip(held_out, fits, strict=True) if fit]
        if not self.captions:
            raise InputError("there is no held-out caption to prove the exports with: give others with --data")
        self.counted = f"images of {len(self.captions)} captions"
        if len(self.captions) < FEWEST:
            say(f"note: only {len(self.captions)} held-out captions to prove the exports with; {FEWEST} are wanted")
        self.noise = uniform_noise(self.captions, SEED, self.reference.image_length)
        self.likeliest, _ = self.reference.render(self.captions, None)
        self.drawn, _ = self.reference.render(self.captions, self.noise, **SAMPLING)
        self.perplexity = self._perplexity(self.drawn)

    def head(self):
        return {"captions": len(self.captions)}

    def bundle_row(self):
        shares = {"identical_share": 1.0, "identical_drawn_share": 1.0, "identical_code_share": 1.0}
        painted = {"max_pixel_difference": 0, "psnr": None, "perplexity": self.perplexity}
        return {"bytes": bytes_of(self.reference.bundle), **shares, **painted, **self._measured(self.reference)}

    def row(self, format, engine):
        found = self._found(engine, format.is_exact)
        if format.form == "saved_model":
            painted = self.reference.paint(self.likeliest)
            same = (engine.render(self.captions, None)[0] == self.likeliest).all(axis=-1)
            apart = np.abs(engine.plain(self.captions).astype(int) - painted)[same]
            found["passed"] = bool(found["passed"] and (apart <= MAX_PIXEL_DIFFERENCE).all())
        return {**found, **(self._measured(engine) if found["passed"] else {})}

    def complaint(self, row):
        wrong = [difference["caption"] for difference in row["differences"] if not difference["tie"]]
        shown = f", such as {wrong[0]!r}" if wrong else ""
        return (
            f"{len(wrong)} images differ in their codes{shown}, pixels of the same codes by up to "
            f"{row['max_pixel_difference']}, perplexity {row['perplexity']:.2f} for {row['perplexity_reference']:.2f}; "
            "nothing was exported"
        )

    def compare(self, engine, exact):
        return {"captions": len(self.captions), "exact": exact, **self._found(engine, exact)}

    def lines(self, found):
        likeliest, drawn = (100 * found[name] for name in ("identical_share", "identical_drawn_share"))
        yield f"of {found['captions']:,} captions {likeliest:.1f} % drawn alike code for code, {drawn:.1f} % at random"
        perplexity = f"{found['perplexity']:.2f} to the bundle's {found['perplexity_reference']:.2f}"
        yield f"perplexity of what is drawn {perplexity}; pixels at most {found['max_pixel_difference']} of 255 apart"
        for difference in found["differences"][:_SHOWN]:
            tie = ", a tie: both are as likely" if difference["tie"] else ""
            yield f"{difference['caption']}: other codes from number {difference['parting'] + 1} on{tie}"
        if len(found["differences"]) > _SHOWN:
            yield f"and {len(found['differences']) - _SHOWN:,} more"
        exact = f"the same codes, ties aside, and pixels to {MAX_PIXEL_DIFFERENCE}"
        about = f"a perplexity at most {100 * (MAX_PERPLEXITY_RATIO - 1):.0f} % above, and {MIN_PSNR:.0f} dB"
        yield f"{'passed' if found['passed'] else 'FAILED'}: wanted was {exact if found['exact'] else about}"

    def _found(self, engine, exact):
        if (engine.shape, engine.image_length) != (self.reference.shape, self.reference.image_length):
            raise InputError("the artefact draws images of another shape than the bundle: export it anew")
        likeliest, images = engine.render(self.captions, None)
        drawn, drawn_images = engine.render(self.captions, self.noise, **SAMPLING)
        apart = np.abs(np.concatenate([images, drawn_images]).astype(int) - self._painted(likeliest, drawn))
        differences = self._differences(self.likeliest, likeliest, len(self.captions), self._is_tie)
        # Of images drawn by 8-bit weights each is another sooner or later, and each difference is looked into.
        if exact:
            differences += self._differences(self.drawn, drawn, SAMPLED, self._is_tied_draw)
        perplexity, noise = self._perplexity(drawn), float(np.mean(apart**2))
        psnr = float(10 * np.log10(255**2 / noise)) if noise else None
        same = all(difference["tie"] for difference in differences) and apart.max() <= MAX_PIXEL_DIFFERENCE
        near = perplexity <= MAX_PERPLEXITY_RATIO * self.perplexity and (psnr is None or psnr >= MIN_PSNR)
        return {
            "identical_share": float((likeliest == self.likeliest).all(axis=-1).mean()),
            "identical_drawn_share": float((drawn == self.drawn).all(axis=-1).mean()),
            "identical_code_share": float((likeliest == self.likeliest).mean()),
            "max_pixel_difference": int(apart.max()),
            "psnr": psnr,
            "perplexity": perplexity,
            "perplexity_reference": self.perplexity,
            "differences": differences,
            "passed": bool(same if exact else near),
        }

    def _painted(self, *codes):
        """The bundle's images of an engine's codes: whatever was drawn, it must be painted as the bundle paints."""
        return np.concatenate([self.reference.paint(part) for part in codes])

    def _differences(self, expected, found, count, is_tie):
        differences = []
        for row in np.flatnonzero((expected != found).any(axis=-1)[:count]):
            parting = int(np.argmax(expected[row] != found[row]))
            tie = is_tie(row, parting, expected[row], found[row])
            differences.append({"caption": self.captions[row], "parting": parting, "tie": bool(tie)})
        return differences

    def _is_tie(self, row, parting, a, b):
        """Whether the code in which two images part is in both as likely to be drawn by the bundle."""
        guidance, codes = self.reference.bundle.model.config.guidance, np.stack([a, b])
        with_caption, without = (
            self.reference.code_scores([caption] * 2, codes)[0][:, parting] for caption in (self.captions[row], "")
        )
        likely = without + guidance * (with_caption - without)
        return abs(likely[0] - likely[1]) <= TIE

    def _is_tied_draw(self, row, parting, a, b):
        """Whether the bundle too draws what `b` has where they part, from a number within 1e-4 of the one given."""
        nudges = [sign * TIE / 2**i for i in range(16) for sign in (-1, 1)]
        noise = np.repeat(self.noise[row : row + 1], len(nudges), axis=0)
        noise[:, parting] = np.clip(noise[:, parting] + nudges, 0, 1 - TIE)
        nearby, _ = self.reference.render([self.captions[row]] * len(nudges), noise, **SAMPLING)
        return (nearby[:, : parting + 1] == b[: parting + 1]).all(axis=-1).any() or self._is_tie(row, parting, a, b)

    def _perplexity(self, codes):
        """How little the bundle foresees codes (captions, codes) of its captions."""
        likely, _ = self.reference.code_scores(self.captions, codes)
        return float(np.exp(-likely.mean()))

    def _measured(self, engine):
        return {"ms_per_image": milliseconds(engine.draw, self.captions)}
