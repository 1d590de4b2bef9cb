"""Spark needs a Java, and says which."""

from collections.abc import Callable
from pathlib import Path

import pytest

from factory_simulation.datasets.engines import Engine, open_engine
from factory_simulation.domain import FactoryError


@pytest.fixture
def open_spark(tmp_path: Path) -> Callable[[], Engine]:
    """Open a warehouse with Spark, which is expected to fail before Spark starts."""
    pytest.importorskip("pyspark")
    return lambda: open_engine({"backend": "pyspark", "warehouse": str(tmp_path / "warehouse")})


def test_spark_without_java_says_which_java_it_needs(open_spark, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(FactoryError, match="Java 17") as told:
        open_spark()
    assert str(tmp_path / "nowhere") in str(told.value)
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FactoryError, match="Java 17"):
        open_spark()


@pytest.mark.parametrize(
    "says", ['openjdk version "11.0.2" 2019-01-15', 'java version "1.8.0_392"', "no VM found", ""]
)
def test_spark_with_another_java_says_which_java_it_needs(open_spark, monkeypatch, tmp_path, says):
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(FactoryError, match="Java 17") as told:
        open_spark()
    assert says in str(told.value)
    assert "\n" not in str(told.value)
