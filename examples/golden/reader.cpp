// Reads golden vectors in C++17, without libraries, and checks AdamW and AMSGrad in float and bfloat16
// against them. What a number may be off by stands beside it in the file: nothing is known here.
//
//     c++ -std=c++17 -O2 -o reader examples/golden/reader.cpp
//     ./reader FILE.json ...            ./reader --wrong FILE.json ...
//
// It checks the core probes of adamw (decoupled-before) and amsgrad (of v) in float32 and bfloat16 with
// literal hyperparameters. For each it prints the largest difference of theta, m, v and v_max as a share
// of its bound. Exit 1 if one is above 1, 2 if nothing was read. --wrong swaps the decay rates.
//
// This is no JSON parser. It relies on the canonical layout: a key with its numbers on a line of its own.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

using Numbers = std::vector<double>;

// The nearest bfloat16, ties to even.
static float bfloat16(float x) {
    if (std::isnan(x)) return x;
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits += 0x7fff + (bits >> 16 & 1);
    bits &= 0xffff0000;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

struct Hyper {
    double beta1 = 0, beta2 = 0, eps = 0, weight_decay = 0;
    bool narrow = false, maximum = false;
    float stored(float x) const { return narrow ? bfloat16(x) : x; }
};

struct Tensor {
    std::vector<float> theta, m, v, v_max;
    std::vector<std::vector<float>> gradients;  // empty where it is missing
    long t = 1;
};

// The implementation under test: worked in float, stored in the dtype.
static void step(Tensor &p, const std::vector<float> &g, double alpha, const Hyper &h) {
    const float c1 = float(1 - std::pow(h.beta1, p.t)), c2 = float(1 - std::pow(h.beta2, p.t));
    const float b1 = float(h.beta1), b2 = float(h.beta2), w1 = float(1 - h.beta1), w2 = float(1 - h.beta2);
    const float keep = float(1 - alpha * h.weight_decay);
    for (std::size_t j = 0; j < g.size(); j++) {
        p.m[j] = h.stored(b1 * p.m[j] + w1 * g[j]);
        p.v[j] = h.stored(b2 * p.v[j] + w2 * g[j] * g[j]);
        if (h.maximum && !(p.v[j] <= p.v_max[j])) p.v_max[j] = p.v[j];
        const float v_hat = (h.maximum ? p.v_max[j] : p.v[j]) / c2;
        const float delta = float(alpha) * (p.m[j] / c1) / (std::sqrt(v_hat) + float(h.eps));
        p.theta[j] = h.stored(p.theta[j] * keep - delta);
    }
    p.t++;
}

static std::string key_of(const std::string &line) {
    const auto from = line.find_first_not_of(' ');
    if (from == std::string::npos || line[from] != '"') return "";
    return line.substr(from + 1, line.find('"', from + 1) - from - 1);
}

// The numbers behind "hex" or "bound": one, or a list.
static Numbers numbers(const std::string &line, const std::string &kind) {
    Numbers found;
    auto at = line.find("\"" + kind + "\": ");
    if (at == std::string::npos) return found;
    at += kind.size() + 4;
    const auto end = line[at] == '[' ? line.find(']', at) : line.find_first_of(",}", at);
    for (at = line.find('"', at); at < end; at = line.find('"', line.find('"', at + 1) + 1))
        found.push_back(std::strtod(line.c_str() + at + 1, nullptr));
    return found;
}

static std::vector<float> floats(const std::string &line) {
    const Numbers found = numbers(line, "hex");
    return std::vector<float>(found.begin(), found.end());
}

static long whole(const std::string &line) { return std::strtol(line.c_str() + line.find(':') + 1, nullptr, 10); }

static bool says(const std::string &line, const char *text) { return line.find(text) != std::string::npos; }

// Returns the largest difference as a share of its bound, or -1 where the probe is not for us.
static double probe(std::istream &file, bool wrong) {
    Hyper h;
    Numbers alpha;
    std::vector<Tensor> tensors;
    std::vector<long> done;
    bool ours = true, tracing = false;
    long now = 0;
    double worst = 0;
    Tensor *p = nullptr;
    std::string line;
    while (ours && std::getline(file, line)) {
        const std::string key = key_of(line);
        if (key == "schema") ours = says(line, "golden-probe/2");
        else if (key == "class") ours = says(line, "\"core\"");
        else if (key == "rule") {
            h.maximum = says(line, "\"amsgrad\"");
            ours = h.maximum || says(line, "\"adamw\"");
        } else if (key == "dialect") {
            ours = says(line, "\"paper\"") && says(line, "\"bias_correction\": \"on\"") &&
                   (h.maximum ? says(line, "\"amsgrad\": \"v\"") : says(line, "\"decoupled-before\""));
        } else if (key == "dtype") {
            h.narrow = says(line, "\"bfloat16\"");
            ours = h.narrow || says(line, "\"float32\"");
        } else if (key == "hyper") ours = says(line, "\"literal\"");
        else if (key == "alpha") alpha = numbers(line, "hex");
        else if (key == "beta1") h.beta1 = numbers(line, "hex")[0];
        else if (key == "beta2") h.beta2 = numbers(line, "hex")[0];
        else if (key == "eps") h.eps = numbers(line, "hex")[0];
        else if (key == "weight_decay" && !tracing) h.weight_decay = numbers(line, "hex")[0];
        else if (key == "drawn") ours = false;
        else if (key == "trace") {
            tracing = true;
            done.assign(tensors.size(), 0);
            if (wrong) std::swap(h.beta1, h.beta2);
        } else if (!tracing && key == "size") {
            tensors.emplace_back();
            p = &tensors.back();
            p->theta.resize(std::size_t(whole(line)));
            p->m = p->v = p->v_max = std::vector<float>(p->theta.size(), 0.0f);
        } else if (!tracing && p) {
            if (key == "t") p->t = whole(line);
            else if (key == "theta") p->theta = floats(line);
            else if (key == "m") p->m = floats(line);
            else if (key == "v") p->v = floats(line);
            else if (key == "v_max") p->v_max = floats(line);
            else if (key.empty() && line.compare(0, 10, "          ") == 0 && line.size() > 10) {
                if (line.compare(10, 4, "null") == 0) p->gradients.emplace_back();
                else if (line.compare(10, 7, "{\"hex\":") == 0) p->gradients.push_back(floats(line));
            }
        } else if (tracing && key == "step") now = whole(line);
        else if (tracing && key == "tensor") {  // bring it up to the recorded step
            const auto i = std::size_t(whole(line));
            p = &tensors[i];
            for (; done[i] < now; done[i]++) {
                const auto &g = p->gradients[std::size_t(done[i])];
                if (!g.empty()) step(*p, g, alpha[alpha.size() > 1 ? std::size_t(done[i]) : 0], h);
            }
        } else if (tracing && p) {
            const std::map<std::string, const std::vector<float> *> got = {
                {"theta", &p->theta}, {"m", &p->m}, {"v", &p->v}, {"v_max", &p->v_max}};
            const auto field = got.find(key);
            if (field == got.end()) continue;
            const Numbers want = numbers(line, "hex"), bound = numbers(line, "bound");
            for (std::size_t j = 0; j < want.size(); j++) {
                const double have = double((*field->second)[j]), off = std::fabs(have - want[j]);
                if (std::isnan(want[j]) && std::isnan(have)) continue;
                // An infinite bound: something may overflow on the way, and nothing is known.
                if (off == 0 || std::isinf(bound[j])) continue;
                const double share = off / bound[j];
                worst = share <= worst ? worst : std::isnan(share) ? INFINITY : share;
            }
        }
    }
    return ours && tracing ? worst : -1;
}

int main(int count, char **names) {
    int read = 0, beyond = 0;
    const bool wrong = count > 1 && !std::strcmp(names[1], "--wrong");
    for (int i = 1 + wrong; i < count; i++) {
        std::ifstream file(names[i]);
        if (!file) {
            std::fprintf(stderr, "%s: cannot be read\n", names[i]);
            return 2;
        }
        const double worst = probe(file, wrong);
        if (worst < 0) continue;  // a schema, the manifest, another rule or format
        const char *name = std::strrchr(names[i], '/');
        std::printf("%-40s %8.3f of its bound\n", name ? name + 1 : names[i], worst);
        read++;
        beyond += worst > 1;
    }
    std::printf("%d probes, %d beyond their bounds\n", read, beyond);
    return !read ? 2 : beyond > 0;
}
