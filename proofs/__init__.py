"""Every theorem about Adam that adamref knows, one a file, in the order of the book."""

PARTS = {
    "The main line: from the recurrence to unbiased moments and bounded steps": """
        closed_forms powers weights unbiased first_step cauchy_schwarz step_bound
    """.split(),
    "Bias correction: what it leaves, and what leaving it out does": """
        drift drift_bound uncorrected uncorrected_rates inequalities
        uncorrected_crossing uncorrected_defaults uncorrected_loops constant_corrections
    """.split(),
    "How large a step can be": """
        step_bound_reached geometric_sum step_bound_cases step_bound_no_momentum
        geometric_sums_compared step_bound_growth step_bound_limit step_bound_unbounded
        step_bound_paper
    """.split(),
    "Epsilon, the order of computation, and the unit of the gradients": """
        efficient_order eps_hat eps_inside eps_squared_inside scale
    """.split(),
    "What an average remembers": "windows e_folding ten_days weighted_mean".split(),
    "AdaMax, AMSGrad and weight decay": """
        adamax adamax_power_mean adamax_norm_limit adamax_step adamax_step_limit
        adamax_equal_rates amsgrad weight_decay
    """.split(),
    "Relatives of Adam: where one optimizer is another": """
        rmsprop adagrad momentum reduced_by_a_rate reduced_by_a_schedule reduced_where
        steps_in_proportion reduced_to_signs reduced_to_momentum rmsprop_forms sgd_forms
    """.split(),
    "Rounding: how far a right implementation may be from the rule": """
        rounding_of_operations rounding rounding_of_v rounding_of_steps rounding_stored
        rounding_over_steps rounding_any_order rounding_gradient moments_apart
    """.split(),
    "Numbers that stop moving": "stalling stalling_runs stalling_fixed_points".split(),
    "Does Adam converge?": """
        online_problem online_adam_steps online_adam_worst online_regret
        online_adam_corrected online_amsgrad_steps online_amsgrad_best
    """.split(),
}
"""The chapters by the titles of their parts."""

CHAPTERS = tuple(chapter for chapters in PARTS.values() for chapter in chapters)
