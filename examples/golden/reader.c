/* Reads golden vectors in C99, without libraries, and checks a plain Adam against them.
 *
 *     cc -std=c99 -O2 -ffp-contract=off -o reader reader.c -lm
 *     ./reader FILE.json ...
 *
 * It checks the probes of plain Adam in float64 that are core; for each it prints the largest
 * difference of theta, m and v, in ulps. Exit 1 if one is beyond BOUND_ULP, 2 if nothing was read.
 *
 * This is no JSON parser. It relies on the canonical layout: a key, a vector or a gradient stands
 * on a line of its own, numbers come as ["0x1p+0", ...] behind "hex", and the sections come in the
 * order inputs, tensors, trace.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUND_ULP 256.0 /* of the greatest |theta|, |m|, |v| so far: see README.md */
enum { SIZE = 16, TENSORS = 4, STEPS = 2048 };

typedef struct {
    int size, taken, drawn, low, span, missing[STEPS];
    long long x;
    double theta[SIZE], m[SIZE], v[SIZE], g[STEPS][SIZE], size_m[SIZE], size_v[SIZE], size_t_[SIZE];
} Tensor;

static Tensor tensors[TENSORS];
static double alpha[STEPS], beta1, beta2, eps;

/* Reads the numbers behind "hex" on a line; returns how many there are. */
static int numbers(const char *line, double *to, int most) {
    const char *at = strstr(line, "\"hex\": ");
    int n = 0;
    if (!at) return 0;
    at += 7;
    const char *end = *at == '[' ? strchr(at, ']') : strchr(at, ',');
    while (n < most && (at = strchr(at, '"')) && at < end) {
        to[n++] = strtod(at + 1, NULL); /* C99 reads hexadecimal floats, inf and nan */
        at = strchr(at + 1, '"') + 1;
    }
    return n;
}

static int is(const char *line, const char *key) {
    while (*line == ' ') line++;
    return *line == '"' && !strncmp(line + 1, key, strlen(key)) && line[1 + strlen(key)] == '"';
}

static long whole(const char *line, const char *key) {
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\": ", key);
    const char *at = strstr(line, quoted);
    return at ? strtol(at + strlen(quoted), NULL, 10) : 0;
}

static double drawn(Tensor *p) {
    p->x = 16807 * p->x % 2147483647;
    double k = 2.0 * (double)(p->x % 128) - 127;
    p->x = 16807 * p->x % 2147483647;
    return ldexp(k, p->low + (int)(p->x % p->span));
}

/* One step of Adam, Algorithm 1, in the plainest way. */
static void step(Tensor *p, const double *g, double a) {
    int t = p->taken++;
    for (int j = 0; j < p->size; j++) {
        p->m[j] = beta1 * p->m[j] + (1 - beta1) * g[j];
        p->v[j] = beta2 * p->v[j] + (1 - beta2) * g[j] * g[j];
        double m_hat = p->m[j] / (1 - pow(beta1, t)), v_hat = p->v[j] / (1 - pow(beta2, t));
        p->theta[j] -= a * m_hat / (sqrt(v_hat) + eps);
        p->size_m[j] = fmax(p->size_m[j], fabs(p->m[j]));
        p->size_v[j] = fmax(p->size_v[j], fabs(p->v[j]));
        p->size_t_[j] = fmax(p->size_t_[j], fabs(p->theta[j]));
    }
}

static double ulps(double got, double want, double size) {
    if (isnan(got) || isnan(want)) return isnan(got) && isnan(want) ? 0 : INFINITY;
    if (got == want) return 0;
    size = fmax(fabs(size), fabs(want));
    return fabs(got - want) / (nextafter(size, INFINITY) - size);
}

/* Reads a file; returns the largest difference in ulps, or -1 where the probe is not for it. */
static double probe(FILE *file) {
    static char line[1 << 16];
    int ours = 0, tensor = -1, listed = 0, tracing = 0, schedule = 1, now = 0, done[TENSORS] = {0};
    double worst = 0, want[SIZE];
    memset(tensors, 0, sizeof tensors);
    while (fgets(line, sizeof line, file)) {
        Tensor *p = tensor >= 0 && tensor < TENSORS ? &tensors[tensor] : NULL;
        if (is(line, "class")) ours += strstr(line, "\"core\"") != NULL;
        if (is(line, "rule")) ours += strstr(line, "\"adam\"") != NULL;
        if (is(line, "dialect"))
            ours += strstr(line, "\"paper\"") && strstr(line, "\"bias_correction\": \"on\"");
        if (is(line, "dtype")) ours += strstr(line, "\"float64\"") != NULL;
        if (is(line, "alpha")) schedule = numbers(line, alpha, STEPS);
        if (is(line, "beta1")) numbers(line, &beta1, 1);
        if (is(line, "beta2")) numbers(line, &beta2, 1);
        if (is(line, "eps")) numbers(line, &eps, 1);
        if (is(line, "trace")) tracing = 1;
        if (!tracing) {
            if (is(line, "size") && ++tensor < TENSORS) {
                p = &tensors[tensor];
                p->size = (int)whole(line, "size");
                listed = 0;
                if (p->size > SIZE) return -1;
            } else if (p && is(line, "t")) p->taken = (int)whole(line, "t");
            else if (p && is(line, "theta")) {
                numbers(line, p->theta, SIZE);
                memcpy(p->size_t_, p->theta, sizeof p->theta);
            } else if (p && is(line, "m")) numbers(line, p->m, SIZE);
            else if (p && is(line, "v")) numbers(line, p->v, SIZE);
            else if (p && is(line, "drawn")) {
                p->drawn = 1;
                p->x = whole(line, "seed");
                p->low = (int)whole(line, "low");
                p->span = (int)whole(line, "span");
            } else if (p && listed < STEPS && strspn(line, " ") == 10 && strstr(line, "null"))
                p->missing[listed++] = 1;
            else if (p && listed < STEPS && strspn(line, " ") == 10 && line[10] == '{')
                numbers(line, p->g[listed++], SIZE);
            continue;
        }
        if (ours != 4 || tensor >= TENSORS) return -1;
        if (is(line, "step")) now = (int)whole(line, "step");
        if (is(line, "tensor")) { /* bring this tensor up to the recorded step */
            int i = (int)whole(line, "tensor");
            p = &tensors[tensor = i];
            for (; done[i] < now; done[i]++) {
                if (p->drawn)
                    for (int j = 0; j < p->size; j++) p->g[done[i]][j] = drawn(p);
                if (!p->missing[done[i]])
                    step(p, p->g[done[i]], alpha[schedule > 1 ? done[i] : 0]);
            }
        }
        const char *names[] = {"m", "v", "theta"};
        for (int k = 0; p && k < 3; k++)
            if (is(line, names[k])) {
                const double *got = k == 0 ? p->m : k == 1 ? p->v : p->theta;
                const double *size = k == 0 ? p->size_m : k == 1 ? p->size_v : p->size_t_;
                int n = numbers(line, want, SIZE);
                for (int j = 0; j < n; j++) worst = fmax(worst, ulps(got[j], want[j], size[j]));
            }
    }
    return ours == 4 ? worst : -1;
}

int main(int count, char **names) {
    int read = 0, bad = 0;
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(names[i], "r");
        if (!file) {
            fprintf(stderr, "%s: cannot be read\n", names[i]);
            return 2;
        }
        double found = probe(file);
        fclose(file);
        if (found < 0) continue; /* a schema, the manifest, another rule or format */
        const char *name = strrchr(names[i], '/');
        printf("%-40s %8.2f ulp\n", name ? name + 1 : names[i], found);
        read++;
        bad += !(found <= BOUND_ULP);
    }
    printf("%d probes, %d beyond %.0f ulp\n", read, bad, BOUND_ULP);
    return !read ? 2 : bad > 0;
}
