// Reaches Adam of brain.js, which steps over the weights and the biases of a network: one layer of it, whose
// deltas are given. They point downhill. `node with_brain.mjs weights` or `biases`.

import brain from "brain.js";
import { serve } from "./protocol.mjs";

const isBias = process.argv[2] === "biases";

function begin(theta, h) {
  const made = new brain.NeuralNetwork({ hiddenLayers: [] });
  made.sizes = isBias ? [1, theta.length] : [theta.length, 1];
  made.outputLayer = 1;
  made.initialize();
  Object.assign(made.trainOpts, {
    learningRate: h.lr, beta1: h.beta1, beta2: h.beta2, epsilon: h.eps,
  });
  made._setupAdam();
  // They are of 32 bits, as its states are.
  theta.forEach((x, i) => ((isBias ? made.biases[1] : made.weights[1][0])[i] = x));
  return {
    step(grad) {
      const down = grad.map((x) => -x);
      made.outputs[0] = isBias ? [0] : down;
      made.deltas[1] = isBias ? down : [1];
      made._adjustWeightsAdam();
    },
    rate(lr) {
      made.trainOpts.learningRate = lr;
    },
    shown() {
      const [x, m, v] = isBias
        ? [made.biases[1], made.biasChangesLow[1], made.biasChangesHigh[1]]
        : [made.weights[1][0], made.changesLow[1][0], made.changesHigh[1][0]];
      return { theta: [...x], m: [...m].map((y) => -y), v: [...v], t: made.iterations };
    },
  };
}

await serve(begin, ["float32"]);
