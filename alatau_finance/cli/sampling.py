"""What a sampler means for the standard errors that are shown."""

from __future__ import annotations

from alatau_finance.i18n import Language, translator
from alatau_finance.risk.factors import DEFAULT_SAMPLER, SamplerName


def sampler_note(sampler: SamplerName, language: Language) -> str:
    """A sentence on the standard errors of a run; nothing where paths are independent."""
    _ = translator(language)
    if sampler == DEFAULT_SAMPLER:
        return ""
    if sampler == "antithetic":
        return _("Sampler {name}: standard errors are those of pairs of paths.").format(name=sampler)
    text = _(
        "Sampler {name}: standard errors are those of independent paths and mostly too large; "
        "the spread between runs with several seeds is the real one."
    )
    return text.format(name=sampler)
