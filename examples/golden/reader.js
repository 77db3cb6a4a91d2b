// Reads golden vectors in JavaScript, without packages, and checks a plain Adam against them.
//
//     node reader.js DIR
//
// It checks the probes of plain Adam in float64 that are core; for each it prints the largest
// difference of theta, m and v, in ulps. Exit 1 if one is beyond the bound, 2 if nothing was read.
"use strict";
const fs = require("fs");
const path = require("path");

const BOUND_ULP = 256; // of the greatest |theta|, |m|, |v| so far: see README.md

// JavaScript reads decimals only; the shortest decimal of a float64 reads back as it.
const number = (text) => ({ inf: Infinity, "-inf": -Infinity, nan: NaN })[text] ?? Number(text);
const vector = (both) => both.dec.map(number);

function* draws({ multiplier, modulus, seed, low, span }) {
  let x = seed; // no product reaches 2**46, so that plain numbers are exact
  for (;;) {
    x = (multiplier * x) % modulus;
    const k = 2 * (x % 128) - 127;
    x = (multiplier * x) % modulus;
    yield k * 2 ** (low + (x % span));
  }
}

function gradients(tensor, steps) {
  const given = tensor.gradients;
  if (given.listed) return given.listed.map((g) => g && vector(g));
  const draw = draws(given.drawn);
  return Array.from({ length: steps }, () =>
    Array.from({ length: tensor.size }, () => draw.next().value));
}

// One step of Adam, Algorithm 1, in the plainest way.
function step(p, g, t, alpha, { beta1, beta2, eps }) {
  for (let j = 0; j < g.length; j++) {
    p.m[j] = beta1 * p.m[j] + (1 - beta1) * g[j];
    p.v[j] = beta2 * p.v[j] + (1 - beta2) * g[j] * g[j];
    const mHat = p.m[j] / (1 - beta1 ** t);
    const vHat = p.v[j] / (1 - beta2 ** t);
    p.theta[j] -= (alpha * mHat) / (Math.sqrt(vHat) + eps);
    for (const name of ["m", "v", "theta"])
      p.size[name][j] = Math.max(p.size[name][j], Math.abs(p[name][j]));
  }
}

function ulps(got, want, size) {
  if (Object.is(got, want) || got === want) return 0;
  if (Number.isNaN(got) || Number.isNaN(want)) return Infinity;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.max(size, Math.abs(want)));
  const below = bits.getFloat64(0);
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return Math.abs(got - want) / (bits.getFloat64(0) - below);
}

function difference(probe) {
  const hyper = {};
  for (const [name, value] of Object.entries(probe.hyperparameters))
    hyper[name] = number(value.dec);
  const alphas = vector(probe.alpha);
  let worst = 0;
  probe.tensors.forEach((tensor, i) => {
    const zeros = () => new Array(tensor.size).fill(0);
    const start = (name) => (tensor.state[name] ? vector(tensor.state[name]) : zeros());
    const p = { theta: vector(tensor.theta), m: start("m"), v: start("v") };
    p.size = { theta: p.theta.map(Math.abs), m: zeros(), v: zeros() };
    const given = gradients(tensor, probe.steps);
    const recorded = new Map(
      probe.trace.filter((x) => x.tensor === i).map((x) => [x.step, x.fields]));
    let t = tensor.t;
    for (let s = 1; s <= probe.steps; s++) {
      const g = given[s - 1];
      if (!g) continue; // a missing gradient: nothing happens, and t does not advance
      step(p, g, t++, alphas[alphas.length > 1 ? s - 1 : 0], hyper);
      const fields = recorded.get(s) ?? {};
      for (const name of ["m", "v", "theta"])
        if (fields[name])
          vector(fields[name]).forEach((want, j) => {
            worst = Math.max(worst, ulps(p[name][j], want, p.size[name][j]));
          });
    }
  });
  return worst;
}

const ours = (x) => /^adamref\.golden-probe\/[12]$/.test(x.schema) && x.class === "core" &&
  x.rule === "adam" && x.dtype === "float64" &&
  x.dialect.form === "paper" && x.dialect.bias_correction === "on";

const directory = process.argv[2] ?? ".";
const names = fs.readdirSync(directory).filter((name) => name.endsWith(".json")).sort();
let read = 0, bad = 0;
for (const name of names) {
  const probe = JSON.parse(fs.readFileSync(path.join(directory, name), "utf8"));
  if (!ours(probe)) continue;
  const found = difference(probe);
  console.log(`${name.padEnd(40)} ${found.toFixed(2).padStart(8)} ulp`);
  read += 1;
  if (!(found <= BOUND_ULP)) bad += 1;
}
console.log(`${read} probes, ${bad} beyond ${BOUND_ULP} ulp`);
process.exit(read === 0 ? 2 : bad > 0 ? 1 : 0);
