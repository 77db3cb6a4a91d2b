"""Reaches timm's optimizers without its models, which need torchvision.

Of the models `timm.optim` asks for one function, which puts parameters into groups: for none here.
"""

import importlib.util
import sys
import types

_made = types.ModuleType("timm")
_made.__path__ = importlib.util.find_spec("timm").submodule_search_locations
_models = types.ModuleType("timm.models")
_models.group_parameters = None
sys.modules.update({"timm": _made, "timm.models": _models})
from timm.optim import AdamWLegacy, Adan, Adopt, Lamb, Lion, NAdamW, RAdamLegacy  # noqa: E402, F401
