/* Adam, AdamW and AMSGrad in C99, in float or double, as a program that `adamref check` can ask.

       cc -O2 -o adam adam.c -lm
       adamref check --command ./adam

   It reads one JSON object a line and answers each with one. Step below is the optimizer; the rest
   reads and writes. */

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The optimizer ---------------------------------------------------------------------------- */

typedef struct {
    double lr, beta1, beta2, eps, weight_decay;
} Hyper;

typedef enum { ADAM, ADAM_L2, ADAMW, AMSGRAD } Kind;

/* The numbers of a tensor are kept as double, which holds every float; Step works in its own type. */
typedef struct {
    size_t n;
    long long t;
    double *theta, *m, *v, *v_max;
} Tensor;

/* One step in the arithmetic of `real`. Corrections and 1 - beta are formed in double and rounded
   once: in float, 1 - pow(beta2, t) would lose half of its digits at small t. */
#define STEP(name, real, root)                                                                     \
    static void name(Tensor *x, const double *grad, const Hyper *h, Kind kind) {                   \
        const double t = (double)++x->t;                                                           \
        const real c1 = (real)(1.0 - pow(h->beta1, t)), c2 = (real)(1.0 - pow(h->beta2, t));       \
        const real b1 = (real)h->beta1, w1 = (real)(1.0 - h->beta1);                               \
        const real b2 = (real)h->beta2, w2 = (real)(1.0 - h->beta2);                               \
        const real lr = (real)h->lr, eps = (real)h->eps, decay = (real)h->weight_decay;            \
        const real keep = (real)(1.0 - h->lr * h->weight_decay);                                   \
        for (size_t i = 0; i < x->n; i++) {                                                        \
            real theta = (real)x->theta[i], g = (real)grad[i];                                     \
            if (kind == ADAM_L2) g = g + decay * theta;                                            \
            if (kind == ADAMW) theta = theta * keep;                                               \
            const real m = b1 * (real)x->m[i] + w1 * g;                                            \
            const real v = b2 * (real)x->v[i] + w2 * (g * g);                                      \
            real second = v;                                                                       \
            if (kind == AMSGRAD) {                                                                 \
                const real top = (real)x->v_max[i];                                                \
                second = top > v || isnan(top) ? top : v;                                          \
                x->v_max[i] = (double)second;                                                      \
            }                                                                                      \
            x->theta[i] = (double)(theta - lr * (m / c1) / (root(second / c2) + eps));             \
            x->m[i] = (double)m;                                                                   \
            x->v[i] = (double)v;                                                                   \
        }                                                                                          \
    }

STEP(step_float, float, sqrtf)
STEP(step_double, double, sqrt)

/* ---- JSON: just enough to read a request ------------------------------------------------------- */

typedef struct Json Json;
struct Json {
    enum { NOTHING, WORD, TEXT, LIST, OBJECT } type; /* a WORD is a number, true or false */
    char *key, *text;
    Json *first, *next;
};

static void *need(size_t count, size_t size) {
    void *p = calloc(count ? count : 1, size);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static void forget(Json *j) {
    while (j) {
        Json *next = j->next;
        forget(j->first);
        free(j->key);
        free(j->text);
        free(j);
        j = next;
    }
}

static const char *skip(const char *s) {
    while (isspace((unsigned char)*s) || *s == ',' || *s == ':') s++;
    return s;
}

/* Reads up to the closing quote. The protocol has no text that needs escapes; one is kept as is. */
static const char *read_text(const char *s, char **text) {
    const char *end = s;
    while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
    const size_t n = (size_t)(end - s);
    *text = need(n + 1, 1);
    memcpy(*text, s, n);
    return *end ? end + 1 : end;
}

static const char *read_value(const char *s, Json **out) {
    Json *j = *out = need(1, sizeof *j);
    s = skip(s);
    if (*s == '"') {
        j->type = TEXT;
        return read_text(s + 1, &j->text);
    }
    if (*s == '[' || *s == '{') {
        const char close = *s == '[' ? ']' : '}';
        Json **last = &j->first;
        j->type = *s == '[' ? LIST : OBJECT;
        for (s = skip(s + 1); *s && *s != close; s = skip(s), last = &(*last)->next) {
            char *key = NULL;
            if (j->type == OBJECT) s = read_text(*s == '"' ? s + 1 : s, &key);
            s = read_value(s, last);
            (*last)->key = key;
        }
        return *s ? s + 1 : s;
    }
    const char *end = s;
    while (*end && !strchr(",]} \t\r\n", *end)) end++;
    if (end == s && *end) end++; /* always move on, whatever it is */
    j->type = strncmp(s, "null", 4) == 0 ? NOTHING : WORD;
    j->text = need((size_t)(end - s) + 1, 1);
    memcpy(j->text, s, (size_t)(end - s));
    return end;
}

static const Json *get(const Json *object, const char *key) {
    for (const Json *j = object ? object->first : NULL; j; j = j->next)
        if (j->key && strcmp(j->key, key) == 0) return j->type == NOTHING ? NULL : j;
    return NULL;
}

/* strtod reads hexadecimal and decimals, nan and inf. */
static double number(const Json *j, double otherwise) {
    return j && j->text ? strtod(j->text, NULL) : otherwise;
}

static bool is(const Json *j, const char *text) {
    return j && j->text && strcmp(j->text, text) == 0;
}

static size_t length(const Json *list) {
    size_t n = 0;
    for (const Json *j = list ? list->first : NULL; j; j = j->next) n++;
    return n;
}

/* Fills numbers from a list; what is missing stays. */
static void fill(double *x, size_t n, const Json *list) {
    const Json *j = list ? list->first : NULL;
    for (size_t i = 0; i < n && j; i++, j = j->next) x[i] = number(j, 0);
}

/* ---- The protocol ------------------------------------------------------------------------------ */

static struct {
    bool is_double;
    Kind kind;
    Hyper hyper;
    size_t count;
    Tensor *tensors;
} state;

static void put(const char *name, const double *x, size_t n) {
    printf("\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            printf("%s\"nan\"", i ? "," : ""); /* %a may write -nan */
        else
            printf("%s\"%a\"", i ? "," : "", x[i]);
    }
    printf("]");
}

static void drop_tensors(void) {
    for (size_t i = 0; i < state.count; i++) {
        Tensor *x = &state.tensors[i];
        free(x->theta), free(x->m), free(x->v), free(x->v_max);
    }
    free(state.tensors);
    state.tensors = NULL;
    state.count = 0;
}

static const char *init(const Json *request) {
    static const char *const kinds[] = {"adam", "adam-l2", "adamw", "amsgrad"};
    const Json *optimizer = get(request, "optimizer"), *dtype = get(request, "dtype");
    const Json *hyper = get(request, "hyper"), *tensors = get(request, "tensors");
    size_t kind = 0;
    while (kind < 4 && !is(optimizer, kinds[kind])) kind++;
    if (kind == 4) return "optimizer should be adam, adam-l2, adamw or amsgrad";
    if (!is(dtype, "float32") && !is(dtype, "float64")) return "dtype should be float32 or float64";
    drop_tensors();
    state.is_double = is(dtype, "float64");
    state.kind = (Kind)kind;
    state.hyper = (Hyper){number(get(hyper, "lr"), 1e-3), number(get(hyper, "beta1"), 0.9),
                          number(get(hyper, "beta2"), 0.999), number(get(hyper, "eps"), 1e-8),
                          number(get(hyper, "weight_decay"), 0)};
    state.count = length(tensors);
    state.tensors = need(state.count, sizeof *state.tensors);
    const Json *j = tensors ? tensors->first : NULL;
    for (size_t i = 0; i < state.count; i++, j = j->next) {
        Tensor *x = &state.tensors[i];
        x->n = length(get(j, "theta"));
        x->theta = need(x->n, sizeof(double)), x->m = need(x->n, sizeof(double));
        x->v = need(x->n, sizeof(double)), x->v_max = need(x->n, sizeof(double));
        fill(x->theta, x->n, get(j, "theta"));
    }
    puts("{\"ok\":true,\"can\":[\"load\",\"lr\",\"skip\",\"tensors\"]}");
    return NULL;
}

static const char *step(const Json *request) {
    const Json *grads = get(request, "grads");
    if (length(grads) != state.count) return "there should be a gradient for each tensor";
    const Json *g = grads ? grads->first : NULL;
    state.hyper.lr = number(get(request, "lr"), state.hyper.lr);
    for (size_t i = 0; i < state.count; i++, g = g->next) {
        Tensor *x = &state.tensors[i];
        if (g->type == NOTHING) continue; /* no gradient: neither theta nor t moves */
        if (length(g) != x->n) return "a gradient should have as many numbers as its tensor";
        double *grad = need(x->n, sizeof *grad);
        fill(grad, x->n, g);
        (state.is_double ? step_double : step_float)(x, grad, &state.hyper, state.kind);
        free(grad);
    }
    printf("{\"tensors\":[");
    for (size_t i = 0; i < state.count; i++) {
        const Tensor *x = &state.tensors[i];
        printf("%s{", i ? "," : "");
        put("theta", x->theta, x->n), printf(",");
        put("m", x->m, x->n), printf(",");
        put("v", x->v, x->n), printf(",");
        if (state.kind == AMSGRAD) put("v_max", x->v_max, x->n), printf(",");
        printf("\"t\":%lld}", x->t);
    }
    puts("]}");
    return NULL;
}

static const char *load(const Json *request) {
    const Json *tensors = get(request, "tensors");
    if (length(tensors) != state.count) return "there should be a state for each tensor";
    const Json *j = tensors ? tensors->first : NULL;
    for (size_t i = 0; i < state.count; i++, j = j->next) {
        Tensor *x = &state.tensors[i];
        const Json *t = get(j, "t");
        fill(x->theta, x->n, get(j, "theta"));
        fill(x->m, x->n, get(j, "m"));
        fill(x->v, x->n, get(j, "v"));
        fill(x->v_max, x->n, get(j, "v_max"));
        if (t && t->text) x->t = strtoll(t->text, NULL, 10);
    }
    puts("{\"ok\":true}");
    return NULL;
}

/* Returns a line without its end, to be freed; NULL at the end of the input. */
static char *read_line(void) {
    size_t n = 0, room = 0;
    char *line = NULL;
    for (int c = getchar(); c != EOF && c != '\n'; c = getchar()) {
        if (n + 2 > room) {
            room = room ? 2 * room : 4096;
            line = realloc(line, room);
            if (!line) return NULL;
        }
        line[n++] = (char)c;
    }
    if (line) line[n] = '\0';
    return line;
}

int main(void) {
    for (char *line = read_line(); line; line = read_line()) {
        Json *request = NULL;
        const char *error = "op should be init, step, load or exit";
        read_value(line, &request);
        const Json *op = get(request, "op");
        const bool leaves = is(op, "exit");
        if (is(op, "init")) error = init(request);
        if (is(op, "step")) error = step(request);
        if (is(op, "load")) error = load(request);
        if (error && !leaves) printf("{\"error\":\"%s\"}\n", error);
        fflush(stdout);
        forget(request);
        free(line);
        if (leaves) break;
    }
    drop_tensors();
    return 0;
}
