// Reaches TensorFlow.js's optimizers, on its backend for CPUs.

import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { serve } from "./protocol.mjs";

const make = {
  adam: (h) => tf.train.adam(h.lr, h.beta1, h.beta2, h.eps),
  // The rule of the paper has no epsilon; where none is asked for, none is added.
  adamax: (h) => tf.train.adamax(h.lr, h.beta1, h.beta2, h.eps ?? 0),
};

let count = 0;

function begin(theta, hyper, dtype, optimizer) {
  if (!make[optimizer]) throw new Error("optimizer should be adam or adamax");
  const name = `w${count++}`;
  const variable = tf.variable(tf.tensor1d(theta, dtype), true, name);
  const made = make[optimizer](hyper);
  const states = { accumulatedFirstMoment: "m", accumulatedSecondMoment: "v", accumulatedWeightedInfNorm: "u" };
  return {
    step(grad) {
      made.applyGradients({ [name]: tf.tensor1d(grad, dtype) });
    },
    shown() {
      const held = { theta: [...variable.dataSync()] };
      for (const [own, ours] of Object.entries(states)) {
        if (made[own]?.[0]) held[ours] = [...made[own][0].variable.dataSync()];
      }
      return held;
    },
  };
}

await tf.setBackend("cpu");
await serve(begin, ["float32"]);
