"""Kedro's settings of this project; everything that is not named here is Kedro's default."""

from factory_simulation.config import ConfigLoader
from factory_simulation.hooks import ProjectHooks

HOOKS = (ProjectHooks(),)

CONFIG_LOADER_CLASS = ConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"scenarios": ["scenarios/*"]},
}
