"""The features: a module per group, each of which registers itself."""

import importlib
import pkgutil

# Every module registers its features on import: a new one is found without a list to keep.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
