"""Every theorem about Adam that adamref knows, one a file, in the order of the book."""

CHAPTERS = tuple(
    """
    closed_forms powers weights unbiased drift drift_bound first_step efficient_order scale
    cauchy_schwarz step_bound step_bound_reached geometric_sum step_bound_cases
    step_bound_no_momentum geometric_sums_compared step_bound_growth step_bound_limit
    step_bound_unbounded step_bound_paper inequalities adamax adamax_power_mean
    adamax_norm_limit adamax_step adamax_step_limit adamax_equal_rates uncorrected
    uncorrected_rates uncorrected_crossing uncorrected_defaults uncorrected_loops
    constant_corrections eps_squared_inside eps_inside eps_hat weighted_mean adagrad rmsprop
    momentum reduced_by_a_rate reduced_by_a_schedule reduced_where steps_in_proportion
    reduced_to_signs reduced_to_momentum rmsprop_forms sgd_forms windows e_folding ten_days
    weight_decay amsgrad rounding_of_operations rounding rounding_of_v rounding_of_steps
    rounding_stored rounding_over_steps stalling stalling_runs stalling_fixed_points
    online_problem online_adam_steps online_adam_worst online_regret online_adam_corrected
    online_amsgrad_steps online_amsgrad_best
    """.split()
)
