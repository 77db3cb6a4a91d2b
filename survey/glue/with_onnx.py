"""Reaches the operator Adam of ai.onnx.preview.training as onnx's reference evaluator has it.

A model of one node; T, which the operator does not count itself, is counted here from 1.
"""

from functools import cache

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


@cache
def _model(kind, alpha, beta, epsilon, norm_coefficient):
    names = ["R", "T", "X", "G", "V", "H"]
    node = helper.make_node(
        "Adam",
        names,
        ["X_new", "V_new", "H_new"],
        domain="ai.onnx.preview.training",
        alpha=alpha,
        beta=beta,
        epsilon=epsilon,
        norm_coefficient=norm_coefficient,
    )
    real = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}[kind]
    inputs = [
        helper.make_tensor_value_info(x, TensorProto.INT64 if x == "T" else real, None)
        for x in names
    ]
    outputs = [helper.make_tensor_value_info(x, real, None) for x in node.output]
    graph = helper.make_graph([node], "step", inputs, outputs)
    versions = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.preview.training", 1)]
    return ReferenceEvaluator(helper.make_model(graph, opset_imports=versions))


def adam(theta, grad, state, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    """Take a step."""
    kind = theta.dtype.type
    t = state["t"] + 1 if state else 1
    m, v = (state["m"], state["v"]) if state else (np.zeros_like(theta), np.zeros_like(theta))
    made = _model(theta.dtype.name, beta1, beta2, eps, weight_decay)
    inputs = {"R": kind(lr), "T": np.int64(t), "X": theta, "G": grad, "V": m, "H": v}
    new, m, v = made.run(None, inputs)
    return new, {"m": m, "v": v, "t": t}
