"""The works that the methods texts cite: key -> how the text names them, and the entry in the list of references."""

import re

REFERENCES: dict[str, tuple[str, str]] = {
    "baayen2008": (
        "Baayen, Davidson & Bates, 2008",
        "Baayen, R. H., Davidson, D. J., & Bates, D. M. (2008). Mixed-effects modeling with crossed random effects for "
        "subjects and items. Journal of Memory and Language, 59, 390–412.",
    ),
    "benjamini1995": (
        "Benjamini & Hochberg, 1995",
        "Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate: A practical and powerful approach "
        "to multiple testing. Journal of the Royal Statistical Society B, 57, 289–300.",
    ),
    "clark1973": (
        "Clark, 1973",
        "Clark, H. H. (1973). The language-as-fixed-effect fallacy: A critique of language statistics in psychological "
        "research. Journal of Verbal Learning and Verbal Behavior, 12, 335–359.",
    ),
    "cochran1977": ("Cochran, 1977", "Cochran, W. G. (1977). Sampling Techniques (3rd ed.). New York: Wiley."),
    "decarlo1998": (
        "DeCarlo, 1998",
        "DeCarlo, L. T. (1998). Signal detection theory and generalized linear models. Psychological Methods, 3, "
        "186–205.",
    ),
    "delong1988": (
        "DeLong, DeLong & Clarke-Pearson, 1988",
        "DeLong, E. R., DeLong, D. M., & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more "
        "correlated receiver operating characteristic curves: A nonparametric approach. Biometrics, 44, 837–845.",
    ),
    "fagerland2013": (
        "Fagerland, Lydersen & Laake, 2013",
        "Fagerland, M. W., Lydersen, S., & Laake, P. (2013). The McNemar test for binary matched-pairs data: Mid-p and "
        "asymptotic are better than exact conditional. BMC Medical Research Methodology, 13, 91.",
    ),
    "fleiss1971": (
        "Fleiss, 1971",
        "Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin, 76, "
        "378–382.",
    ),
    "geirhos2020": (
        "Geirhos, Meding & Wichmann, 2020",
        "Geirhos, R., Meding, K., & Wichmann, F. A. (2020). Beyond accuracy: Quantifying trial-by-trial behaviour of "
        "CNNs and humans by measuring error consistency. Advances in Neural Information Processing Systems, 33.",
    ),
    "goodman1965": (
        "Goodman, 1965",
        "Goodman, L. A. (1965). On simultaneous confidence intervals for multinomial proportions. Technometrics, 7, "
        "247–254.",
    ),
    "gourevitch1967": (
        "Gourevitch & Galanter, 1967",
        "Gourevitch, V., & Galanter, E. (1967). A significance test for one parameter isosensitivity functions. "
        "Psychometrika, 32, 25–33.",
    ),
    "hanley1982": (
        "Hanley & McNeil, 1982",
        "Hanley, J. A., & McNeil, B. J. (1982). The meaning and use of the area under a receiver operating "
        "characteristic (ROC) curve. Radiology, 143, 29–36.",
    ),
    "hautus1995": (
        "Hautus, 1995",
        "Hautus, M. J. (1995). Corrections for extreme proportions and their biasing effects on estimated values of "
        "d′. Behavior Research Methods, Instruments, & Computers, 27, 46–51.",
    ),
    "holm1979": (
        "Holm, 1979",
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, "
        "6, 65–70.",
    ),
    "judd2012": (
        "Judd, Westfall & Kenny, 2012",
        "Judd, C. M., Westfall, J., & Kenny, D. A. (2012). Treating stimuli as a random factor in social psychology: A "
        "new and comprehensive solution to a pervasive but largely ignored problem. Journal of Personality and Social "
        "Psychology, 103, 54–69.",
    ),
    "krippendorff2011": (
        "Krippendorff, 2011",
        "Krippendorff, K. (2011). Computing Krippendorff’s alpha-reliability. University of Pennsylvania.",
    ),
    "macmillan2005": (
        "Macmillan & Creelman, 2005",
        "Macmillan, N. A., & Creelman, C. D. (2005). Detection theory: A user’s guide (2nd ed.). Mahwah: Erlbaum.",
    ),
    "mcgraw1996": (
        "McGraw & Wong, 1996",
        "McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients. "
        "Psychological Methods, 1, 30–46.",
    ),
    "milne2021": (
        "Milne et al., 2021",
        "Milne, A. E., Bianco, R., Poole, K. C., Zhao, S., Oxenham, A. J., Billig, A. J., & Chait, M. (2021). An "
        "online headphone screening test based on dichotic pitch. Behavior Research Methods, 53, 1551–1562.",
    ),
    "ouajdi2024": (
        "Ouajdi et al., 2024",
        "Ouajdi, H., Hadder, O., Tailleur, M., Lagrange, M., & Heller, L. M. (2024). Detection of deepfake "
        "environmental audio. EUSIPCO 2024, Lyon. https://hal.science/hal-04603448v2",
    ),
    "phipson2010": (
        "Phipson & Smyth, 2010",
        "Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero: Calculating exact p-values "
        "when permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology, 9(1), 39.",
    ),
    "rouder2009": (
        "Rouder et al., 2009",
        "Rouder, J. N., Speckman, P. L., Sun, D., Morey, R. D., & Iverson, G. (2009). Bayesian t tests for accepting "
        "and rejecting the null hypothesis. Psychonomic Bulletin & Review, 16, 225–237.",
    ),
    "satterthwaite1946": (
        "Satterthwaite, 1946",
        "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics "
        "Bulletin, 2, 110–114.",
    ),
    "schuirmann1987": (
        "Schuirmann, 1987",
        "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for "
        "assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15, "
        "657–680.",
    ),
    "sison1995": (
        "Sison & Glaz, 1995",
        "Sison, C. P., & Glaz, J. (1995). Simultaneous confidence intervals and sample size determination for "
        "multinomial proportions. Journal of the American Statistical Association, 90, 366–369.",
    ),
    "spearman1904": (
        "Spearman, 1904",
        "Spearman, C. (1904). The proof and measurement of association between two things. American Journal of "
        "Psychology, 15, 72–101.",
    ),
    "wilson1927": (
        "Wilson, 1927",
        "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the "
        "American Statistical Association, 22, 209–212.",
    ),
    "woods2017": (
        "Woods et al., 2017",
        "Woods, K. J. P., Siegel, M. H., Traer, J., & McDermott, J. H. (2017). Headphone screening to facilitate "
        "web-based auditory experiments. Attention, Perception, & Psychophysics, 79, 2064–2072.",
    ),
    "zeger1988": (
        "Zeger, Liang & Albert, 1988",
        "Zeger, S. L., Liang, K.-Y., & Albert, P. S. (1988). Models for longitudinal data: A generalized estimating "
        "equation approach. Biometrics, 44, 1049–1060.",
    ),
}
_KEY = re.compile(r"(?P<inside>\(|; )?@(?P<key>[a-z]+\d{4})\b")


def cited(text: str) -> tuple[str, list[str]]:
    """Return the text with each @key replaced by how the work is named, and the keys that it names.

    >>> cited("As @clark1973 says, rates were corrected (@hautus1995)")
    ('As Clark (1973) says, rates were corrected (Hautus, 1995)', ['clark1973', 'hautus1995'])
    """
    found = [match["key"] for match in _KEY.finditer(text) if match["key"] in REFERENCES]
    return _KEY.sub(_named, text), list(dict.fromkeys(found))


def _named(match: re.Match[str]) -> str:
    if match["key"] not in REFERENCES:
        return match[0]
    words = REFERENCES[match["key"]][0]
    if match["inside"]:
        return match["inside"] + words
    names, year = words.rsplit(", ", 1)
    return f"{names} ({year})"
