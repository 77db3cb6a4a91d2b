// The process protocol for optimizers in JavaScript: serve(begin) answers what adamref asks.
//
// begin(theta, hyper, dtype, optimizer) makes an optimizer of one tensor, an object with step(grad) and
// shown(): {theta, m, v, …} as arrays of numbers, and t. rate(lr) and load(held), if it has them, set another
// learning rate and a state.

import { createInterface } from "node:readline";

function read(text) {
  const special = { nan: NaN, inf: Infinity, "-inf": -Infinity }[text];
  return special === undefined ? Number(text) : special;
}

function write(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0" : String(x);
}

const each = (held, how) =>
  Object.fromEntries(
    Object.entries(held).map(([name, x]) => [name, Array.isArray(x) ? x.map(how) : x]),
  );

export async function serve(begin, dtypes) {
  let tensors = [];
  const answers = {
    init({ dtype, optimizer, hyper, tensors: given }) {
      if (!dtypes.includes(dtype)) throw new Error(`dtype should be one of ${dtypes.join(", ")}`);
      if (Object.values(hyper).some((x) => /0x/i.test(x))) return { numbers: "decimal" };
      const numbers = Object.fromEntries(Object.entries(hyper).map(([name, x]) => [name, read(x)]));
      tensors = given.map(({ theta }) => begin(theta.map(read), numbers, dtype, optimizer));
      const can = ["tensors", "skip"];
      if (tensors.every((x) => x.rate)) can.push("lr");
      if (tensors.every((x) => x.load)) can.push("load");
      return { ok: true, can, numbers: "decimal" };
    },

    step({ grads, lr }) {
      if (lr !== undefined) tensors.forEach((x) => x.rate(read(lr)));
      grads.forEach((grad, i) => {
        if (grad !== null) tensors[i].step(grad.map(read));
      });
      return { tensors: tensors.map((x) => each(x.shown(), write)) };
    },

    load({ tensors: held }) {
      held.forEach((one, i) => tensors[i].load(each(one, read)));
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
}
