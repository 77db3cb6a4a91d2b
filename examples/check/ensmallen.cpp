/* ensmallen's Adam and AMSGrad, in float or double, as a program that `adamref check` asks.

       c++ -std=c++17 -O2 -o ensmallen ensmallen.cpp -larmadillo
       adamref check --command ./ensmallen

   It needs ensmallen, Armadillo and JSON for Modern C++. Nothing of a step is done here: what
   ensmallen holds between steps is its own, so that theta alone is shown. */

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <ensmallen.hpp>
#include <nlohmann/json.hpp>

using nlohmann::json;

/* strtod reads hexadecimal and decimals, nan and inf. */
static double number(const json &x) {
    return x.is_string() ? std::strtod(x.get<std::string>().c_str(), nullptr) : x.get<double>();
}

static std::string text(double x) {
    if (std::isnan(x)) return "nan"; /* %a may write -nan */
    char out[40];
    std::snprintf(out, sizeof out, "%a", x);
    return out;
}

struct Hyper {
    double beta1, beta2, eps;
};

/* A tensor, and what steps it. */
struct Tensor {
    virtual ~Tensor() = default;
    virtual void step(const json &grad, double lr) = 0;
    virtual json theta() const = 0;
};

template <typename Rule, typename Real> class Stepped final : public Tensor {
    using Vector = arma::Mat<Real>;

    static Vector read(const json &from) {
        Vector out(from.size(), 1);
        for (std::size_t i = 0; i < from.size(); i++) out[i] = Real(number(from[i]));
        return out;
    }

    Vector x;
    Rule rule;
    typename Rule::template Policy<Vector, Vector> policy;

public:
    Stepped(const json &theta, const Hyper &h)
        : x(read(theta)), rule(h.eps, h.beta1, h.beta2), policy(rule, x.n_rows, x.n_cols) {}

    void step(const json &grad, double lr) override {
        const Vector g = read(grad);
        if (g.n_elem != x.n_elem)
            throw std::runtime_error("a gradient should have as many numbers as its tensor");
        policy.Update(x, lr, g);
    }

    json theta() const override {
        json out = json::array();
        for (const Real each : x) out.push_back(text(double(each)));
        return out;
    }
};

template <typename Real>
static std::unique_ptr<Tensor> made(const std::string &name, const json &theta, const Hyper &h) {
    if (name == "adam") return std::make_unique<Stepped<ens::AdamUpdate, Real>>(theta, h);
    if (name == "amsgrad") return std::make_unique<Stepped<ens::AMSGradUpdate, Real>>(theta, h);
    throw std::runtime_error("optimizer should be adam or amsgrad");
}

static std::vector<std::unique_ptr<Tensor>> tensors;
static double rate;

static json init(const json &request) {
    const std::string dtype = request.at("dtype"), name = request.at("optimizer");
    const json &hyper = request.at("hyper");
    if (dtype != "float32" && dtype != "float64")
        throw std::runtime_error("dtype should be float32 or float64");
    const auto of = [&hyper](const char *key, double otherwise) {
        return hyper.contains(key) ? number(hyper[key]) : otherwise;
    };
    const Hyper h{of("beta1", 0.9), of("beta2", 0.999), of("eps", 1e-8)};
    rate = of("lr", 1e-3);
    tensors.clear();
    for (const json &x : request.at("tensors"))
        tensors.push_back(dtype == "float64" ? made<double>(name, x.at("theta"), h)
                                             : made<float>(name, x.at("theta"), h));
    return {{"ok", true},
            {"can", {"lr", "skip", "tensors"}},
            {"controls", {"lr", "beta1", "beta2", "eps"}}};
}

static json step(const json &request) {
    const json &grads = request.at("grads");
    if (grads.size() != tensors.size())
        throw std::runtime_error("there should be a gradient for each tensor");
    if (request.contains("lr")) rate = number(request["lr"]);
    json out = json::array();
    for (std::size_t i = 0; i < grads.size(); i++) {
        if (!grads[i].is_null()) tensors[i]->step(grads[i], rate);
        out.push_back({{"theta", tensors[i]->theta()}});
    }
    return {{"tensors", out}};
}

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        json answer;
        try {
            const json request = json::parse(line);
            const std::string op = request.at("op");
            if (op == "exit") break;
            if (op != "init" && op != "step")
                throw std::runtime_error("op should be init, step or exit");
            answer = op == "init" ? init(request) : step(request);
        } catch (const std::exception &error) {
            answer = {{"error", error.what()}};
        }
        std::cout << answer.dump() << std::endl;
    }
}
