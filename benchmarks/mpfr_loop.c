/* The trajectory as a loop over MPFR's numbers: cc -O2 mpfr_loop.c -lmpfr -lgmp
 *
 * Reads, separated by white space: the precision in bits, the number of parameters, the number of
 * steps, the least seconds to work, how many parameters to show; alpha, beta1, beta2, eps; the
 * parameters; the gradients, step by step. Writes what was measured as JSON, as worker.py does.
 * As in loops.py, what is the same for all parameters is worked once a step. */

#define _POSIX_C_SOURCE 200809L
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NEAREST MPFR_RNDN

static long bits, parameters, steps;
static mpfr_t alpha, beta1, beta2, eps;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void read_number(mpfr_t x)
{
    char text[64];
    if (scanf("%63s", text) != 1)
        fail("the input ends early");
    mpfr_init2(x, bits);
    if (mpfr_set_str(x, text, 10, NEAREST) != 0)
        fail("a number of the input is not one");
}

static mpfr_t *numbers(long count)
{
    mpfr_t *made = malloc((size_t)count * sizeof *made);
    if (made == NULL)
        fail("out of memory");
    return made;
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void adam(mpfr_t *theta, mpfr_t *m, mpfr_t *v, mpfr_t *start, mpfr_t *gradients)
{
    mpfr_t rest1, rest2, correction1, correction2, a, b;
    mpfr_inits2(bits, rest1, rest2, correction1, correction2, a, b, (mpfr_ptr)0);
    mpfr_ui_sub(rest1, 1, beta1, NEAREST);
    mpfr_ui_sub(rest2, 1, beta2, NEAREST);
    for (long i = 0; i < parameters; i++) {
        mpfr_set(theta[i], start[i], NEAREST);
        mpfr_set_zero(m[i], 1);
        mpfr_set_zero(v[i], 1);
    }
    for (long t = 1; t <= steps; t++) {
        mpfr_pow_ui(correction1, beta1, (unsigned long)t, NEAREST);
        mpfr_ui_sub(correction1, 1, correction1, NEAREST);
        mpfr_pow_ui(correction2, beta2, (unsigned long)t, NEAREST);
        mpfr_ui_sub(correction2, 1, correction2, NEAREST);
        for (long i = 0; i < parameters; i++) {
            mpfr_ptr g = gradients[(t - 1) * parameters + i];
            mpfr_mul(m[i], beta1, m[i], NEAREST);
            mpfr_mul(a, rest1, g, NEAREST);
            mpfr_add(m[i], m[i], a, NEAREST);
            mpfr_mul(v[i], beta2, v[i], NEAREST);
            mpfr_mul(a, rest2, g, NEAREST);
            mpfr_mul(a, a, g, NEAREST);
            mpfr_add(v[i], v[i], a, NEAREST);
            mpfr_div(a, m[i], correction1, NEAREST);
            mpfr_mul(a, alpha, a, NEAREST);
            mpfr_div(b, v[i], correction2, NEAREST);
            mpfr_sqrt(b, b, NEAREST);
            mpfr_add(b, b, eps, NEAREST);
            mpfr_div(a, a, b, NEAREST);
            mpfr_sub(theta[i], theta[i], a, NEAREST);
        }
    }
    mpfr_clears(rest1, rest2, correction1, correction2, a, b, (mpfr_ptr)0);
}

int main(void)
{
    double least;
    long shown;
    if (scanf("%ld %ld %ld %lf %ld", &bits, &parameters, &steps, &least, &shown) != 5)
        fail("the input should begin with five numbers");
    read_number(alpha);
    read_number(beta1);
    read_number(beta2);
    read_number(eps);
    mpfr_t *start = numbers(parameters), *gradients = numbers(parameters * steps);
    mpfr_t *theta = numbers(parameters), *m = numbers(parameters), *v = numbers(parameters);
    for (long i = 0; i < parameters; i++) {
        read_number(start[i]);
        mpfr_inits2(bits, theta[i], m[i], v[i], (mpfr_ptr)0);
    }
    for (long i = 0; i < parameters * steps; i++)
        read_number(gradients[i]);

    adam(theta, m, v, start, gradients); /* to warm up */
    long runs = 0;
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), began = seconds(CLOCK_MONOTONIC), wall;
    do {
        adam(theta, m, v, start, gradients);
        runs++;
        wall = seconds(CLOCK_MONOTONIC) - began;
    } while (wall < least);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    double units = (double)runs * (double)parameters * (double)steps;
    printf("{\"cpu\": %.6e, \"wall\": %.6e, \"runs\": %ld, ", cpu / units, wall / units, runs);
    printf("\"about\": \"MPFR %s\", \"check\": [", mpfr_get_version());
    for (long i = 0; i < shown; i++)
        mpfr_printf("%s\"%.20Rg\"", i ? ", " : "", theta[i]);
    printf("]}\n");
    return 0;
}
