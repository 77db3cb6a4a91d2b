// Adam in JavaScript, in float32 or float64, as a program that `adamref check` can ask.
//
//     adamref check --command 'node adam.mjs'
//
// It reads one JSON object a line and answers each with one. The function step is the optimizer.

import { createInterface } from "node:readline";

/** One step on a tensor {theta, m, v, t}; round is Math.fround, or nothing for float64. */
function step(x, grad, { lr, beta1, beta2, eps }, round) {
  x.t += 1;
  // The corrections are formed in float64 and rounded once.
  const c1 = round(1 - beta1 ** x.t);
  const c2 = round(1 - beta2 ** x.t);
  const [b1, w1, b2, w2] = [beta1, 1 - beta1, beta2, 1 - beta2].map(round);
  const [rate, small] = [lr, eps].map(round);
  for (let i = 0; i < grad.length; i++) {
    const g = grad[i];
    x.m[i] = round(round(b1 * x.m[i]) + round(w1 * g));
    x.v[i] = round(round(b2 * x.v[i]) + round(w2 * round(g * g)));
    const root = round(Math.sqrt(round(x.v[i] / c2)));
    const update = round(round(rate * round(x.m[i] / c1)) / round(root + small));
    x.theta[i] = round(x.theta[i] - update);
  }
}

/** Reads a number of the protocol: C99 hexadecimal, a decimal, nan or inf. */
function read(text) {
  const special = { nan: NaN, inf: Infinity, "-inf": -Infinity }[text];
  if (special !== undefined) return special;
  const hex = /^([+-]?)0x([0-9a-f]+)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(text);
  if (!hex) return Number(text);
  const [, sign, whole, rest, power] = hex;
  // At most 53 bits, so exact; two factors, since 2 ** -1074 times a number below 1 is 0.
  const digits = rest.replace(/0+$/, "");
  const exponent = Number(power) - 4 * digits.length;
  const half = Math.trunc(exponent / 2);
  const size = Number.parseInt(whole + digits, 16) * 2 ** half * 2 ** (exponent - half);
  return sign === "-" ? -size : size;
}

/** Writes the shortest decimal that gives the number back. */
function write(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0" : String(x);
}

const rounds = { float32: Math.fround, float64: (x) => x };
let tensors = [];
let hyper = {};
let round = rounds.float64;

const answers = {
  init(request) {
    if (request.optimizer !== "adam") throw new Error("optimizer should be adam");
    round = rounds[request.dtype];
    if (!round) throw new Error("dtype should be float32 or float64");
    hyper = Object.fromEntries(Object.entries(request.hyper).map(([name, x]) => [name, read(x)]));
    tensors = request.tensors.map(({ theta }) => {
      const zeros = theta.map(() => 0);
      return { theta: theta.map(read), m: zeros, v: [...zeros], t: 0 };
    });
    return { ok: true, can: ["load", "lr", "skip", "tensors"], numbers: "decimal" };
  },

  step(request) {
    if (request.lr !== undefined) hyper.lr = read(request.lr);
    request.grads.forEach((grad, i) => {
      // Without a gradient neither theta nor t moves.
      if (grad !== null) step(tensors[i], grad.map(read), hyper, round);
    });
    const shown = ({ theta, m, v, t }) => ({
      theta: theta.map(write),
      m: m.map(write),
      v: v.map(write),
      t,
    });
    return { tensors: tensors.map(shown) };
  },

  load(request) {
    tensors = request.tensors.map(({ theta, m, v, t }) => ({
      theta: theta.map(read),
      m: m.map(read),
      v: v.map(read),
      t,
    }));
    return { ok: true };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.op === "exit") break;
  let answer;
  try {
    answer = answers[request.op](request);
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
