"""How configuration is found: Kedro's way, and what is the user's own with every engine."""

from pathlib import Path
from typing import Any

from kedro.config import MissingConfigException, OmegaConfigLoader

from factory_simulation.domain import FactoryError

_USERS_OWN = ("credentials", "scenarios")
_LOCAL = "local"


class ConfigLoader(OmegaConfigLoader):
    """``conf/base``, over it the chosen environment, over both the user's own.

    Kedro reads ``conf/local`` only where no other environment is chosen; an engine is an
    environment (``--env postgres``), and credentials and scenarios are needed with each.
    """

    def __init__(self, conf_source: str | Path, **arguments: Any) -> None:
        super().__init__(conf_source, **arguments)
        self._require_environment()

    def _require_environment(self) -> None:
        folder = Path(self._get_conf_env_path(self.env or self.default_run_env))
        if self._protocol == "file" and not folder.is_dir():
            known = sorted(path.name for path in folder.parent.iterdir() if path.is_dir())
            raise FactoryError(
                f"environment {folder.name} has no folder in {folder.parent}: there are "
                f"{', '.join(known)}"
            )

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return the configuration of one kind; see ``OmegaConfigLoader``."""
        if key not in _USERS_OWN or key in self:
            return super().__getitem__(key)
        config = {**self._shared(key), **self._local(key)}
        if key == "credentials":  # a server may need none
            config.setdefault(self["globals"]["engine"]["backend"], {})
        return config

    def _shared(self, key: str) -> dict[str, Any]:
        try:
            return super().__getitem__(key)
        except MissingConfigException:
            return {}

    def _local(self, key: str) -> dict[str, Any]:
        path = self._get_conf_env_path(_LOCAL)
        try:
            return self.load_and_merge_dir_config(
                path, self.config_patterns[key], key, set(), key == "credentials"
            )
        except MissingConfigException:
            return {}
