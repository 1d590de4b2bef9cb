"""Published files: tables and reports of one run, for readers that know no pipeline.

A file is named by its content and never changes, and the manifest that names the files of a run is
replaced last, all at once: whoever has read a manifest sees one whole run, whatever is published
meanwhile. `docs/serving.md` describes the layout for readers.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from kedro.io import AbstractDataset
from pandera.ibis import DataFrameSchema

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.folders import check_writable
from factory_simulation.domain import MANIFEST, FactoryError
from factory_simulation.schemas.contract import contract_of
from factory_simulation.schemas.description import row_of, unit_of

VERSIONS = "manifests"
KEPT_VERSIONS = 3
LIST = ".published.json"
"""The names of the files that were made here, so that none of somebody else's is ever removed."""

_FORMAT = 1
_DIGITS = 16
_ROW_GROUP = 100_000
_WRITER = {
    "version": "2.6",
    "compression": "zstd",
    "compression_level": 3,
    "data_page_version": "1.0",
    "row_group_size": _ROW_GROUP,
    "store_schema": False,
}
"""All that decides about a file's bytes beside its rows, but for the version of pyarrow."""


class PublishedFolder(Connected, AbstractDataset[dict[str, Any], dict[str, Any]]):
    """A folder of published tables and reports.

    Saving takes Ibis tables and JSON documents by name, as ``gold.dim_date`` and
    ``report.validation``. Rows are sorted by their contract's key and cast to its types: the same
    rows make the same bytes, from whichever engine and in whatever order they come, and a file that
    is there already is left alone. Loading returns the manifest.

    A run that is broken off leaves the manifest, and all files that it names, as they were; what it
    leaves behind is removed by the next.

    Args:
        serving_dir: The folder.
        run_id: The run that publishes.
        started_at: When it began, in UTC, as YYYY-MM-DD HH:MM:SS.
        connected: See ``Connected``.
    """

    def __init__(self, *, serving_dir: str, run_id: str, started_at: str, **connected: Any) -> None:
        super().__init__(**connected)
        self._folder = Path(serving_dir)
        self._run = {"run_id": run_id, "started_at": f"{started_at.replace(' ', 'T')}Z"}

    def check_target(self) -> None:
        """Refuse a folder that cannot be written, or that holds files of somebody else.

        Raises:
            FactoryError: If that is so, or what was published there is damaged.
        """
        check_writable(self._folder)
        _Files(self._folder).check()
        _manifest(self._folder)

    def save(self, data: dict[str, Any]) -> None:
        """Publish tables and reports."""
        self.check_target()
        before = _manifest(self._folder) or {}
        files = _Files(self._folder)
        partials = {name: f".{name}.partial" for name in data}
        files.claim([*partials.values(), f".{MANIFEST}.partial"])
        described = {
            name: _write(self._folder / partials[name], name, content, self.engine)
            for name, content in data.items()
        }
        version = f"{VERSIONS}/{self._run['run_id']}.json"
        files.claim([version, f"{version}.partial", *(each["file"] for each in described.values())])
        for name, partial in partials.items():
            _put(self._folder / partial, self._folder / described[name]["file"])
        manifest = self._manifest_of(described, before)
        _write_json(self._folder / version, self._folder / f"{version}.partial", manifest)
        _write_json(self._folder / MANIFEST, self._folder / f".{MANIFEST}.partial", manifest)
        self._clean(files, manifest)

    def load(self) -> dict[str, Any]:
        """Return the manifest.

        Raises:
            FactoryError: If there is none.
        """
        manifest = _manifest(self._folder)
        if manifest is None:
            raise FactoryError(f"nothing is published in {self._folder}: run --pipelines serving")
        return manifest

    def _manifest_of(
        self, described: dict[str, dict[str, Any]], before: dict[str, Any]
    ) -> dict[str, Any]:
        versions = [self._run["run_id"], *before.get("versions", [])]
        is_table = {name: "columns" in each for name, each in described.items()}
        return {
            "format": _FORMAT,
            **self._run,
            "published_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "versions": list(dict.fromkeys(versions))[:KEPT_VERSIONS],
            "tables": {name: each for name, each in described.items() if is_table[name]},
            "reports": {
                name.removeprefix("report."): each
                for name, each in described.items()
                if not is_table[name]
            },
        }

    def _clean(self, files: "_Files", manifest: dict[str, Any]) -> None:
        """Remove what no kept version names; what no longer can be read names nothing."""
        kept = {MANIFEST}
        for run_id in manifest["versions"]:
            name = f"{VERSIONS}/{run_id}.json"
            version = _read_json(self._folder / name) or {"tables": {}, "reports": {}}
            kept |= {name, *_named_by(version)}
        files.keep_only(kept)

    def _exists(self) -> bool:
        return (self._folder / MANIFEST).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"serving_dir": str(self._folder), **super()._describe()}


@dataclass(frozen=True)
class _Column:
    """A column as a manifest describes it."""

    name: str
    type: str
    nullable: bool
    unit: str
    meaning: str


class _Files:
    """The files of a folder that were made by publishing, as its list says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._list = folder / LIST
        listed = _read_json(self._list)
        if listed is None and self._list.exists():
            raise FactoryError(
                f"{self._list} is damaged, so nobody knows what was published here: remove "
                f"{folder}, or name another folder with serving_dir=…"
            )
        self._is_ours = listed is not None
        self._made: set[str] = set(listed["files"]) if listed else set()

    def check(self) -> None:
        """Refuse a folder that somebody else has filled; hidden files belong to tools."""
        if self._is_ours or not self._folder.is_dir():
            return
        foreign = sorted(p.name for p in self._folder.iterdir() if not p.name.startswith("."))
        if foreign:
            raise FactoryError(
                f"{self._folder} holds files that were not published here, such as {foreign[0]}: "
                "name another folder with serving_dir=…"
            )

    def claim(self, names: list[str]) -> None:
        """Put files on the list, before they are written: a run may be broken off in between."""
        (self._folder / VERSIONS).mkdir(parents=True, exist_ok=True)
        self._made |= set(names)
        self._save()

    def keep_only(self, names: set[str]) -> None:
        """Remove all other files that are on the list, and take them off it afterwards."""
        for name in sorted(self._made - names):
            (self._folder / name).unlink(missing_ok=True)
        self._made &= names
        self._save()

    def _save(self) -> None:
        partial = self._list.with_suffix(".partial")
        _write_json(self._list, partial, {"files": sorted(self._made)})


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Return what a folder's manifest says; None where there is none yet."""
    path = folder / MANIFEST
    manifest = _read_json(path)
    if manifest is None and path.exists():
        raise FactoryError(f"{path} is damaged: remove it, and the next run publishes anew")
    return manifest


def _named_by(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the files of a manifest."""
    for kind in ("tables", "reports"):
        yield from (each["file"] for each in manifest[kind].values())


def _write(path: Path, name: str, content: Any, engine: Engine) -> dict[str, Any]:
    """Write a table or a report and return what the manifest says of it."""
    if isinstance(content, ir.Table):
        schema_and_table = name.split(".", maxsplit=1)
        contract = contract_of(*schema_and_table)
        table = _normalised(content, contract, engine)
        pq.write_table(table, path, **_WRITER)
        about = {
            "rows": table.num_rows,
            "grain": row_of(*schema_and_table),
            "key": contract.unique or [],
            "columns": [asdict(column) for column in _columns(table, contract)],
        }
    else:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
        about = {}
    suffix = "parquet" if about else "json"
    digest = _digest(path)
    file = f"{name}.{digest[:_DIGITS]}.{suffix}"
    return {"file": file, "bytes": path.stat().st_size, "sha256": digest, **about}


def _columns(table: pa.Table, contract: DataFrameSchema) -> Iterator[_Column]:
    """Yield what is said of each column."""
    for field in table.schema:
        meaning = contract.columns[field.name].description or ""
        yield _Column(field.name, str(field.type), field.nullable, unit_of(field.name), meaning)


def _normalised(rows: ir.Table, contract: DataFrameSchema, engine: Engine) -> pa.Table:
    """Return all rows, in the order of their key, in the types of their contract.

    They are sorted here: each engine has its own order of texts.
    """
    schema = pa.schema(
        [
            pa.field(name, _type(column.dtype.type.to_pyarrow()), column.nullable)
            for name, column in contract.columns.items()
        ]
    )
    batches = list(engine.stream(rows.select(*schema.names), _ROW_GROUP))
    table = pa.Table.from_batches(batches).cast(schema) if batches else schema.empty_table()
    if contract.unique:
        table = table.sort_by([(name, "ascending") for name in contract.unique])
    for index, field in enumerate(schema):
        if pa.types.is_floating(field.type):  # engines differ in whether they say -0.0 or 0.0
            table = table.set_column(index, field, pc.add(table.column(index), 0.0))
    return table.combine_chunks()


def _type(type_: pa.DataType) -> pa.DataType:
    """Return a type as it is published: engines state the precision of a time differently."""
    return pa.timestamp("us") if pa.types.is_timestamp(type_) else type_


def _put(partial: Path, path: Path) -> None:
    """Give a file its name, unless the same is there already: readers may have it open."""
    if path.is_file() and _digest(path) == _digest(partial):
        partial.unlink()
    else:
        partial.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any] | None:
    """Return a document that was written here; None where there is none, or a damaged one."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _write_json(path: Path, partial: Path, document: dict[str, Any]) -> None:
    partial.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
