"""Every public function of studyapp/stats has an outside value, its edges and a property, and a test of each kind.

TESTS names the first two, a function a line; a new function without a line fails here. Property tests are found by
their `@given`. A test counts for a function that it names, itself or through the helpers of its file. An outside value
comes from a library that the test calls too, or from where PUBLISHED says, and then the test or its file says it too.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[3]

# module.function: (test of an outside value, test of the edges)
TESTS: dict[str, tuple[str, str]] = {
    "agreement.cohen_kappa": ("agreement::test_cohen_is_statsmodels", "agreement::test_edges"),
    "agreement.error_consistency": (
        "outside_values::test_error_consistency_is_kappa_of_right_and_wrong",
        "agreement::test_edges",
    ),
    "agreement.fleiss_kappa": (
        "agreement::test_fleiss_is_the_published_table_and_statsmodels",
        "agreement::test_edges",
    ),
    "agreement.krippendorff_alpha": ("agreement::test_krippendorffs_own_tables", "agreement::test_edges"),
    "agreement.intraclass_correlations": (
        "agreement::test_intraclass_correlations_are_shrout_and_fleiss",
        "agreement::test_edges",
    ),
    "agreement.split_half_reliability": (
        "outside_values::test_two_listeners_have_one_split_and_the_prophecy_formula_on_scipys_correlation",
        "agreement::test_edges",
    ),
    "cluster_bootstrap.bootstrap_mean": (
        "cluster_bootstrap::test_over_listeners_it_is_scipys_bootstrap",
        "cluster_bootstrap::test_has_no_interval_where_a_unit_stands_alone",
    ),
    "cluster_bootstrap.bootstrap_contrast": (
        "outside_values::test_a_contrast_over_listeners_is_scipys_bootstrap_of_their_differences",
        "cluster_bootstrap::test_has_no_interval_where_a_unit_stands_alone",
    ),
    "crossed_components.latent_contrast": (
        "crossed_components::test_golden_judgements_give_what_lme4_fits",
        "crossed_components::test_refuses_spreads_out_of_range",
    ),
    "crossed_components.estimate_components": (
        "crossed_components::test_equals_statsmodels_analysis_of_variance_where_nothing_is_missing",
        "crossed_components::test_says_when_nothing_can_be_told_apart",
    ),
    "crossed_components.estimate_contrast": (
        "crossed_components::test_golden_judgements_give_what_lme4_fits",
        "outside_values::test_power_at_its_edges",
    ),
    "crowd.crowd_curve": ("crowd::test_majorities_of_many_alike_listeners_follow_condorcet", "crowd::test_edges"),
    "delong.delong": ("delong::test_is_the_definition_over_pairs_and_scikit_learns_area", "delong::test_edges"),
    "delong.area_interval": (
        "outside_values::test_areas_and_their_difference_are_the_published_formula_over_pairs",
        "delong::test_edges",
    ),
    "delong.compare_areas": (
        "outside_values::test_areas_and_their_difference_are_the_published_formula_over_pairs",
        "delong::test_edges",
    ),
    "descriptive.mean_of": (
        "properties::test_means_are_those_of_the_standard_library_and_scipy",
        "section_vi::test_no_listener_has_not_even_a_mean",
    ),
    "descriptive.sd_of": (
        "properties::test_means_are_those_of_the_standard_library_and_scipy",
        "section_vi::test_no_listener_has_not_even_a_mean",
    ),
    "descriptive.summarize_mean": (
        "properties::test_means_are_those_of_the_standard_library_and_scipy",
        "section_vi::test_refuses_what_is_no_proportion",
    ),
    "equivalence.tost_proportion": (
        "equivalence::test_proportion_is_statsmodels",
        "equivalence::test_refuses_what_cannot_be",
    ),
    "equivalence.tost_mean": ("equivalence::test_mean_is_statsmodels", "equivalence::test_refuses_what_cannot_be"),
    "equivalence.bayes_factor_t": (
        "equivalence::test_t_factor_is_the_published_one",
        "equivalence::test_factors_stay_numbers_far_out",
    ),
    "equivalence.bayes_factor_binomial": (
        "equivalence::test_binomial_factor_is_the_published_one",
        "equivalence::test_factors_stay_numbers_far_out",
    ),
    "forced_choice.forced_choice": (
        "forced_choice::test_is_the_integral_of_two_alternatives",
        "forced_choice::test_edges",
    ),
    "guessing.guessing_limits": ("guessing::test_the_limits_of_the_papers_listeners", "guessing::test_edges"),
    "mcnemar.mcnemar": ("mcnemar::test_is_statsmodels", "mcnemar::test_without_discordant_clips_nothing_differs"),
    "mixed_models.judgements_of": (
        "mixed_models::test_one_class_is_what_lme4_fits",
        "mixed_models::test_one_clip_or_one_listener_has_a_fit_that_says_what_it_leaves_out",
    ),
    "mixed_models.fit_crossed": (
        "mixed_models::test_both_classes_are_what_lme4_fits",
        "mixed_models::test_says_when_there_is_no_estimate",
    ),
    "mixed_models.conditional_share": (
        "mixed_models::test_shares_are_the_links_inverse_and_its_mean",
        "outside_values::test_without_a_covariate_the_middle_share_is_that_of_the_intercept",
    ),
    "mixed_models.marginal_share": (
        "mixed_models::test_shares_are_the_links_inverse_and_its_mean",
        "mixed_models::test_calling_one_what_was_zero_turns_the_signs_and_nothing_else",
    ),
    "multiple.holm": (
        "multiple::test_holm_is_that_of_statsmodels",
        "multiple::test_no_comparison_has_nothing_to_correct",
    ),
    "multiple.benjamini_hochberg": (
        "multiple::test_benjamini_and_hochberg_is_statsmodels_and_never_above_holm",
        "multiple::test_benjamini_and_hochberg_is_the_published_table",  # of nothing, too
    ),
    "observer_model.fake_probability": (
        "observer_model::test_probabilities_are_those_of_equal_variance_signal_detection",
        "outside_values::test_an_observer_far_out_or_alone_is_drawn_all_the_same",
    ),
    "observer_model.draw_shift": (
        "outside_values::test_many_draws_have_the_model_s_probabilities",
        "properties::test_drawn_answers_and_reasons_are_possible_ones",
    ),
    "observer_model.draw_says_fake": (
        "outside_values::test_many_draws_have_the_model_s_probabilities",
        "properties::test_drawn_answers_and_reasons_are_possible_ones",
    ),
    "observer_model.draw_reason": (
        "observer_model::test_reasons_are_a_sample_of_their_weights_to_scipys_chi_square",
        "observer_model::test_reasons_follow_their_weights_and_are_even_without_any",
    ),
    "observer_model.simulate_answers": (
        "observer_model::test_many_answers_give_statsmodels_probit_regression_d_prime_and_c",
        "outside_values::test_an_observer_far_out_or_alone_is_drawn_all_the_same",
    ),
    "power.class_power": ("power::test_equals_the_planning_values", "power::test_refuses_what_is_out_of_range"),
    "power.contrast_power": (
        "outside_values::test_power_of_a_contrast_with_one_kind_of_spread_is_statsmodels_t_test",
        "outside_values::test_power_at_its_edges",
    ),
    "power.power_ceiling": (
        "outside_values::test_power_of_one_kind_of_spread_is_statsmodels_t_test",
        "outside_values::test_power_at_its_edges",
    ),
    "power.listeners_needed": (
        "outside_values::test_power_of_one_kind_of_spread_is_statsmodels_t_test",
        "power::test_any_number_up_to_the_most_is_found",
    ),
    "proportions.check_counts": (
        "properties::test_counts_units_and_normal_p_values",
        "properties::test_counts_units_and_normal_p_values",
    ),
    "proportions.check_open_unit": (
        "properties::test_counts_units_and_normal_p_values",
        "properties::test_counts_units_and_normal_p_values",
    ),
    "proportions.normal_p_value": (
        "properties::test_counts_units_and_normal_p_values",
        "properties::test_counts_units_and_normal_p_values",
    ),
    "proportions.proportion_z_test": (
        "proportions::test_agrees_with_the_golden_table",
        "proportions::test_nothing_is_defined_without_trials",
    ),
    "proportions.exact_binomial_p": (
        "proportions::test_agrees_with_the_golden_table",
        "proportions::test_nothing_is_defined_without_trials",
    ),
    "proportions.wilson_interval": (
        "proportions::test_agrees_with_the_golden_table",
        "proportions::test_nothing_is_defined_without_trials",
    ),
    "proportions.clopper_pearson_interval": (
        "proportions::test_clopper_pearson_is_the_golden_table",
        "proportions::test_intervals_need_a_trial",
    ),
    "proportions.jeffreys_interval": (
        "proportions::test_exact_and_jeffreys_intervals_are_statsmodels",
        "proportions::test_intervals_need_a_trial",
    ),
    "published.readings_of_z": (
        "published::test_readings_as_worked_out_elsewhere",
        "outside_values::test_printed_numbers_that_say_nothing",
    ),
    "published.implied_sd": (
        "published::test_the_standard_deviations_that_the_rounded_numbers_allow",
        "outside_values::test_printed_numbers_that_say_nothing",
    ),
    "published.integer_solutions": (
        "published::test_the_printed_reasons_have_whole_numbers_for_three_totals_only",
        "published::test_totals_below_one_are_refused",
    ),
    "quasi_t.quasi_t": (
        "quasi_t::test_is_clarks_formula_on_statsmodels_mean_squares",
        "quasi_t::test_has_no_test_where_nothing_can_be_told_apart",
    ),
    "quasi_t.quasi_t_contrast": (
        "quasi_t::test_contrast_is_the_nested_analysis_of_variance_of_statsmodels",
        "quasi_t::test_has_no_test_where_nothing_can_be_told_apart",
    ),
    "rank_correlation.rank_correlation": (
        "rank_correlation::test_estimate_and_interval_are_scipys",
        "rank_correlation::test_edges",
    ),
    "rank_correlation.noise_ceiling": (
        "rank_correlation::test_noise_ceiling_is_the_loading_that_statsmodels_finds_for_parallel_tests",
        "properties::test_the_noise_ceiling_is_the_root_of_the_reliability",
    ),
    "combination.combined_scores": (
        "combination::test_held_out_scores_are_those_of_scikit_learn",
        "combination::test_edges",
    ),
    "combination.crowd_log_odds": (
        "outside_values::test_crowds_log_odds_are_scipys_logit_of_a_share_moved_inwards",
        "combination::test_edges",
    ),
    "consistency_interval.consistency_interval": (
        "consistency_interval::test_is_scipys_bootstrap_of_clips",
        "consistency_interval::test_edges",
    ),
    "cross_tables.cross_table": (
        "cross_tables::test_the_statistic_is_scipys",
        "cross_tables::test_what_cannot_be_tested_is_none",
    ),
    "interaction.stratum_interaction": (
        "interaction::test_share_of_variance_is_eta_squared_and_p_is_scipys",
        "interaction::test_edges",
    ),
    "published.implied_interval": (
        "published::test_the_intervals_of_the_means_if_z_is_an_effect_size",
        "published::test_the_intervals_of_the_means_if_z_is_an_effect_size",
    ),
    "published.transforms_of_mean": (
        "published::test_what_the_mean_fixes_as_worked_out_elsewhere",
        "published::test_a_number_that_the_mean_does_give_is_recognised",
    ),
    "quasi_t.is_crossed": (
        "outside_values::test_a_design_is_crossed_where_pandas_counts_every_cell",
        "outside_values::test_a_design_is_crossed_where_pandas_counts_every_cell",
    ),
    "rating_roc.rating_roc": ("rating_roc::test_is_the_published_area_of_hanley_and_mcneil", "rating_roc::test_edges"),
    "reason_shares.clustered_interval": (
        "reason_shares::test_the_interval_over_listeners_is_that_of_cluster_robust_regression_on_a_constant",
        "reason_shares::test_listeners_who_do_not_differ_have_no_interval_over_listeners",
    ),
    "reason_shares.goodman_intervals": (
        "reason_shares::test_goodman_agrees_with_the_golden_table",
        "reason_shares::test_goodman_is_undefined_for_nothing",
    ),
    "reason_shares.reason_shares": (
        "outside_values::test_reason_shares_have_statsmodels_intervals",
        "reason_shares::test_no_judgement_gives_none_and_zero_counts",
    ),
    "section_vi.section_vi_panel": (
        "section_vi::test_agrees_with_scipys_t_test_on_both_sides",
        "section_vi::test_one_listener_has_a_mean_and_nothing_else",
    ),
    "signal_detection.signal_detection": (
        "signal_detection::test_agrees_with_the_golden_table",
        "signal_detection::test_is_undefined_without_fakes_or_without_reals",
    ),
    "signal_detection.d_prime_interval": (
        "signal_detection::test_variance_is_gourevitch_and_galanters_by_hand",
        "signal_detection::test_is_undefined_without_fakes_or_without_reals",
    ),
    "signal_detection.d_prime_difference": (
        "signal_detection::test_difference_of_two_d_primes_is_the_interaction_of_statsmodels_probit_regression",
        "signal_detection::test_difference_is_antisymmetric_and_none_where_undefined",
    ),
    "signal_detection.share_of_pairs": (
        "signal_detection::test_pairs_are_those_of_the_table_of_forced_choice_and_of_its_definition",
        "signal_detection::test_pairs_at_the_edges",
    ),
    "sison_glaz.sison_glaz_intervals": ("sison_glaz::test_is_the_published_example", "sison_glaz::test_edges"),
    "telling_apart.telling_apart": (
        "telling_apart::test_the_area_is_scikit_learns_cross_validation_in_the_same_folds",
        "telling_apart::test_the_edges",
    ),
    "telling_apart.fit_logistic": (
        "telling_apart::test_the_weights_are_scikit_learns",
        "outside_values::test_a_regression_on_nothing_is_the_log_odds",
    ),
}
# Outside values that no library computes in the test.
PUBLISHED = {
    "agreement.krippendorff_alpha": "Krippendorff",
    "agreement.intraclass_correlations": "Shrout & Fleiss",
    "crossed_components.latent_contrast": "lme4 1.1-31",
    "crossed_components.estimate_contrast": "lme4 1.1-31",
    "equivalence.bayes_factor_t": "pingouin 0.7.0",
    "equivalence.bayes_factor_binomial": "pingouin 0.7.0",
    "mixed_models.judgements_of": "lme4",
    "mixed_models.fit_crossed": "lme4",
    "power.class_power": "published planning values",
    "proportions.proportion_z_test": "methods.md part 7",
    "proportions.exact_binomial_p": "methods.md part 7",
    "proportions.wilson_interval": "methods.md part 7",
    "proportions.clopper_pearson_interval": "methods.md part 7",
    "published.readings_of_z": "worked out elsewhere",
    "published.implied_sd": "worked out elsewhere",
    "published.integer_solutions": "worked out elsewhere",
    "published.implied_interval": "worked out elsewhere",
    "published.transforms_of_mean": "worked out elsewhere",
    "rating_roc.rating_roc": "Hanley & McNeil (1982)",
    "reason_shares.goodman_intervals": "methods.md part 7",
    "signal_detection.signal_detection": "statpsych",
    "sison_glaz.sison_glaz_intervals": "Sison & Glaz (1995)",
}
LIBRARIES = {"scipy", "statsmodels", "sklearn", "pandas", "statistics"}
# Steps of another function, which is tested through it; numbers of their own they give to nobody.
PARTS = {"crossed_fit.maximise": "mixed_models.fit_crossed", "laplace.log_likelihood": "mixed_models.fit_crossed"}


def public_functions() -> set[str]:
    found = set()
    for path in (ROOT / "studyapp/stats").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found.add(f"{path.stem}.{node.name}")
    return found


@cache
def names_in_tests() -> dict[str, tuple[bool, set[str]]]:
    """Return for each test whether it is a property test, and every name in it and in the helpers that it uses."""
    found = {}
    for path in Path(__file__).parent.glob("test_*.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        parts: dict[str, ast.AST] = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        for node in body:
            if isinstance(node, ast.Assign):
                parts |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        for name, part in parts.items():
            if name.startswith("test_") and isinstance(part, ast.FunctionDef):
                drawn = any("'given'" in ast.dump(each) for each in part.decorator_list)
                found[f"{path.stem.removeprefix('test_')}::{name}"] = (drawn, _names(part, parts, {name}))
    return found


@cache
def sources_in_tests() -> dict[str, tuple[str, set[str]]]:
    """Return for each test its docstring with its file's, and every name that its file has from a library."""
    found = {}
    for path in Path(__file__).parent.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in LIBRARIES:
                imported |= {each.asname or each.name for each in node.names}
            elif isinstance(node, ast.Import):
                known = [each for each in node.names if each.name.partition(".")[0] in LIBRARIES]
                imported |= {each.asname or each.name for each in known}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                said = f"{ast.get_docstring(tree)} {ast.get_docstring(node)}"
                found[f"{path.stem.removeprefix('test_')}::{node.name}"] = (said, imported)
    return found


def _names(part: ast.AST, parts: dict[str, ast.AST], seen: set[str]) -> set[str]:
    names = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(part) if isinstance(node, ast.arg)}
    for name in sorted((names & set(parts)) - seen):
        seen.add(name)
        names |= _names(parts[name], parts, seen)
    return names


def test_every_function_has_its_line() -> None:
    assert public_functions() - set(PARTS) == set(TESTS), "write a line into TESTS, and the tests that it names"
    assert set(PUBLISHED) <= set(TESTS)
    assert set(PARTS.values()) <= set(TESTS) and set(PARTS) <= public_functions()


@pytest.mark.parametrize("function", TESTS)
def test_every_function_has_an_outside_value_edges_and_a_property(function: str) -> None:
    there, name = names_in_tests(), function.partition(".")[2]
    for test in TESTS[function]:
        assert test in there, f"there is no {test}"
        assert name in there[test][1], f"{test} does not name {name}"
    assert any(drawn and name in names for drawn, names in there.values()), f"no @given test names {name}"


@pytest.mark.parametrize("function", TESTS)
def test_every_outside_value_comes_from_a_library_or_a_source_that_is_named(function: str) -> None:
    test = TESTS[function][0]
    said, imported = sources_in_tests()[test]
    if function in PUBLISHED:
        assert PUBLISHED[function] in said, f"neither {test} nor its file names {PUBLISHED[function]}"
    else:
        assert imported & names_in_tests()[test][1], f"{test} calls no library: PUBLISHED must name its source"
