// Reaches js-pytorch's Adam, which steps over tensors that hold their gradient.

import { torch } from "js-pytorch";
import { serve } from "./protocol.mjs";

function begin(theta, h) {
  const parameter = torch.tensor(theta, true);
  const made = new torch.optim.Adam([parameter], h.lr, 0, [h.beta1, h.beta2], h.eps);
  return {
    step(grad) {
      parameter._grad = torch.tensor(grad);
      made.step();
    },
    rate(lr) {
      made.lr = lr;
    },
    shown: () => ({ theta: [...parameter._data], m: [...parameter.m._data], v: [...parameter.v._data] }),
  };
}

await serve(begin, ["float64"]);
