"""Reaches timm's optimizers without its models, which need torchvision."""

import importlib.util
import sys
import types

_made = types.ModuleType("timm")
_made.__path__ = importlib.util.find_spec("timm").submodule_search_locations
sys.modules["timm"] = _made
from timm.optim import AdamWLegacy, Adan, Adopt, Lamb, Lion, NAdamW, RAdamLegacy  # noqa: E402, F401
