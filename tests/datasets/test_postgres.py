"""PostgreSQL: who may do what is told in one line, and nobody gets to see a password."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from ibis import _

from factory_simulation.datasets.engines import Engine, explain, open_engine
from factory_simulation.domain import OPERATOR_LOGS, FactoryError, Schema
from factory_simulation.engine_comparison import server_for
from tests.conftest import FOREIGN_DAY, PROJECT

psycopg = pytest.importorskip("psycopg")

PASSWORD = "hunter2"  # noqa: S105 - of a server that is gone after the tests
Server = dict[str, Any]


@pytest.fixture(scope="module")
def server(
    require_engine: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Where a server of these tests alone is, and who may do everything there.

    It knows `visitor`, who may do nothing, and `maker`, who may make databases with a password.
    """
    require_engine("postgres")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PG")]:
            patch.delenv(name)
        running = server_for("postgres", tmp_path_factory.mktemp("postgres"))
        try:
            variables = running.__enter__()
        except FactoryError as error:
            pytest.skip(str(error))
        try:
            admin = {"host": variables["PGHOST"], "user": variables["PGUSER"]}
            with psycopg.connect(dbname="postgres", autocommit=True, **admin) as connection:
                connection.execute("CREATE ROLE visitor LOGIN")
                connection.execute(f"CREATE ROLE maker LOGIN CREATEDB PASSWORD '{PASSWORD}'")
                _ask_for_password(connection, admin, "maker")
            yield admin
        finally:
            running.__exit__(None, None, None)


def _ask_for_password(connection: "psycopg.Connection", admin: Server, role: str) -> None:
    (file,) = connection.execute("SHOW hba_file").fetchone()
    rules = Path(file).read_text()
    Path(file).write_text(f"local all {role} scram-sha-256\n{rules}")
    connection.execute("SELECT pg_reload_conf()")
    for _time in range(100):
        try:
            psycopg.connect(dbname="postgres", **{**admin, "user": role}).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.05)
    pytest.fail("the server does not read its rules anew")


@pytest.fixture
def database() -> str:
    """The name of a database that is not there yet."""
    return f"factory_{uuid4().hex[:12]}"


@pytest.fixture
def open_as(server: Server, database: str) -> Iterator[Callable[..., Engine]]:
    """Open the database; what is opened is closed in the end."""
    opened = []

    def open_(**given: Any) -> Engine:
        engine = open_engine({"backend": "postgres", "warehouse": database, **server, **given})
        opened.append(engine)
        return engine

    yield open_
    for engine in opened:
        engine.close()


def ask(engine: Engine, query: str) -> Any:
    """Return the one value that a query yields."""
    (value,) = engine.connection.con.execute(query).fetchone()
    return value


def assert_is_one_line(text: str, *parts: str) -> None:
    assert "\n" not in text
    assert "Traceback" not in text
    assert PASSWORD not in text
    for part in parts:
        assert part in text


# --- opening -------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_told(open_as, tmp_path):
    with pytest.raises(FactoryError) as told:
        open_as(host=str(tmp_path), password=PASSWORD)
    assert_is_one_line(str(told.value), str(tmp_path), "credentials.yml", "PGHOST")


@pytest.mark.parametrize("given", [{}, {"password": "wrong"}])
def test_a_wrong_password_is_told_and_not_shown(open_as, given):
    with pytest.raises(FactoryError) as told:
        open_as(user="maker", **given)
    assert_is_one_line(str(told.value), "password", "PGPASSWORD", "credentials.yml")
    assert "wrong" not in str(told.value)


def test_a_role_that_is_not_there_is_told(open_as):
    with pytest.raises(FactoryError) as told:
        open_as(user="nobody")
    assert_is_one_line(str(told.value), 'role "nobody" does not exist', "PGUSER")


@pytest.mark.parametrize("key", ["user", "username"])
def test_credentials_name_who_connects(server, database, key):
    config = {"backend": "postgres", "warehouse": database, "host": server["host"]}
    engine = open_engine({**config, key: "maker", "password": PASSWORD})
    assert ask(engine, "SELECT current_user") == "maker"
    engine.drop()


def test_who_may_not_make_a_database_is_told(open_as, database):
    with pytest.raises(FactoryError) as told:
        open_as(user="visitor")
    assert_is_one_line(str(told.value), "permission denied to create database", "granted")


def test_who_may_not_enter_a_database_that_is_there_is_told(open_as, database):
    connection = open_as().connection.con
    connection.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    with pytest.raises(FactoryError) as told:
        open_as(user="visitor")
    assert_is_one_line(str(told.value), database, "permission denied")


def test_who_may_not_make_schemas_is_told(open_as, database):
    open_as()
    engine = open_as(user="visitor")
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as told:
        engine.create_schemas(list(Schema))
    line = explain(told.value)
    assert_is_one_line(line, f"permission denied for database {database}", "granted")
    assert type(engine).explain(told.value) == line
    assert explain(psycopg.errors.UndefinedTable("no such table")) is None


def test_schemas_that_are_there_need_no_right_to_make_them(open_as):
    owner = open_as()
    owner.create_schemas(list(Schema))
    owner.connection.con.execute(f"GRANT USAGE ON SCHEMA {', '.join(Schema)} TO visitor")
    open_as(user="visitor").create_schemas(list(Schema))


def test_a_server_that_is_lost_is_told(open_as):
    engine = open_as()
    pid = ask(engine, "SELECT pg_backend_pid()")
    ask(open_as(), f"SELECT pg_terminate_backend({pid}, 5000)")
    with pytest.raises(psycopg.OperationalError) as told:
        engine.create_schemas(list(Schema))
    assert_is_one_line(explain(told.value), "PostgreSQL", "PGHOST")


def test_a_name_that_the_server_would_cut_off_is_refused(open_as):
    for name in ("x" * 64, "ü" * 32):
        with pytest.raises(FactoryError, match="63 bytes") as told:
            open_as(warehouse=name)
        assert_is_one_line(str(told.value), name)


@pytest.mark.parametrize("name", ["x" * 63, 'Fäctory "1"; DROP it\'s'])
def test_a_database_of_any_other_name_is_made_and_dropped(server, name):
    engine = open_engine({"backend": "postgres", "warehouse": name, **server})
    assert ask(engine, "SELECT current_database()") == name
    engine.drop()


def test_a_database_that_is_made_keeps_unicode_and_sorts_by_code_point(open_as, table_of):
    engine = open_as()
    assert ask(engine, "SHOW server_encoding") == "UTF8"
    texts = ["B", "a", "a-c", "ab", "Z", "z", "Ä", "ä", "é", "漢", "🏭", " ", "_"]
    engine.replace_table("texts", Schema.BRONZE, table_of(engine, texts))
    t = engine.table(Schema.BRONZE, "texts")
    ordered = engine.fetch(t.order_by("text").mutate(lower=_.text.lower())).to_pylist()
    assert [row["text"] for row in ordered] == sorted(texts)
    assert [row["lower"] for row in ordered] == [text.lower() for text in sorted(texts)]


@pytest.fixture
def table_of() -> Callable[[Engine, list[str]], Any]:
    pa = pytest.importorskip("pyarrow")

    def make(engine: Engine, texts: list[str]) -> Any:
        engine.create_schemas([Schema.BRONZE])
        return engine.small_table(pa.table({"text": texts}))

    return make


@pytest.mark.parametrize("made", ["LOCALE 'C'", "ENCODING 'SQL_ASCII' LOCALE 'C'"])
def test_a_database_that_sorts_or_lowers_in_another_way_is_refused(server, open_as, database, made):
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f"CREATE DATABASE {database} TEMPLATE template0 {made}")
    with pytest.raises(FactoryError) as told:
        open_as()
    assert_is_one_line(str(told.value), database, "warehouse=", "ENCODING 'UTF8' LOCALE 'C.UTF-8'")


def test_settings_are_the_servers_own(open_as):
    engine = open_as(settings={"work_mem": "7MB", "application_name": "factory"})
    assert ask(engine, "SHOW work_mem") == "7MB"
    assert ask(engine, "SHOW application_name") == "factory"


def test_a_setting_that_the_server_does_not_know_is_told(open_as, database):
    open_as()
    with pytest.raises(FactoryError) as told:
        open_as(settings={"work_memory": "7MB"})
    assert_is_one_line(str(told.value), "work_memory")


def test_a_credential_that_is_none_is_told_and_no_password_shown(open_as):
    with pytest.raises(FactoryError) as told:
        open_as(passwort=PASSWORD)
    assert_is_one_line(str(told.value), "passwort", "credentials.yml")


def test_texts_are_kept_whatever_encoding_the_user_has(open_as, table_of, monkeypatch):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    engine = open_as()
    assert engine.fetch(table_of(engine, ["漢 ü"])).to_pylist() == [{"text": "漢 ü"}]
    assert ask(engine, "SELECT length('漢 ü')") == 3


def test_views_and_rights_of_the_user_outlast_new_rows(open_as, table_of):
    engine = open_as()
    engine.replace_table("texts", Schema.BRONZE, table_of(engine, ["x"]))
    connection = engine.connection.con
    connection.execute("CREATE VIEW of_the_user AS SELECT * FROM bronze.texts")
    connection.execute("GRANT SELECT ON bronze.texts TO PUBLIC")
    engine.replace_table("texts", Schema.BRONZE, table_of(engine, ["y"]))
    assert connection.execute("SELECT * FROM of_the_user").fetchall() == [("y",)]
    rights = "SELECT has_table_privilege('public', 'bronze.texts', 'SELECT')"
    assert connection.execute(rights).fetchone() == (True,)


def test_a_view_of_the_user_that_is_in_the_way_is_told(open_as, table_of):
    engine = open_as()
    engine.replace_table("texts", Schema.BRONZE, table_of(engine, ["x"]))
    engine.connection.con.execute("CREATE VIEW of_the_user AS SELECT * FROM bronze.texts")
    other = table_of(engine, ["y"]).mutate(more=1)
    with pytest.raises(psycopg.Error) as told:
        engine.replace_table("texts", Schema.BRONZE, other)
    assert_is_one_line(explain(told.value), "bronze.texts", "of_the_user")
    assert engine.fetch(engine.table(Schema.BRONZE, "texts")).to_pylist() == [{"text": "x"}]


def test_a_warehouse_in_use_elsewhere_can_be_used(open_as, table_of):
    one, two = open_as(), open_as()
    one.replace_table("texts", Schema.BRONZE, table_of(one, ["x"]))
    assert two.has_table(Schema.BRONZE, "texts")
    assert two.fetch(two.table(Schema.BRONZE, "texts")).to_pylist() == [{"text": "x"}]


# --- loading -------------------------------------------------------------------------------


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All statements that go to the server."""
    statements: list[str] = []

    def spy(method: str) -> None:
        original = getattr(psycopg.Cursor, method)

        def called(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(cursor)
            statements.append(text.strip())
            return original(cursor, query, *args, **kwargs)

        monkeypatch.setattr(psycopg.Cursor, method, called)

    for method in ("execute", "executemany", "copy"):
        spy(method)
    return statements


def test_landing_files_are_loaded_by_copy_and_not_row_by_row(open_as, executed, tmp_path):
    engine = open_as()
    path = tmp_path / "operator_logs.csv"
    lines = [f"L{n},SMELTER-01,OP-101,t,MONITOR,all well" for n in range(500)]
    path.write_text("\n".join([",".join(OPERATOR_LOGS.columns), *lines]))
    executed.clear()
    done = engine.read_landing(OPERATOR_LOGS.name, [path])
    assert done.row_counts == {path: 500}
    assert [statement for statement in executed if statement.startswith("COPY ")]
    assert not [statement for statement in executed if "INSERT" in statement.upper()]
    assert len(executed) < 20
    assert engine.fetch(done.rows.select("log_id").distinct()).num_rows == 500


def test_a_landed_row_of_a_database_goes_from_table_to_table_in_the_server(
    open_as, executed, table_of
):
    engine = open_as()
    small = table_of(engine, ["a", "b"])
    executed.clear()
    engine.replace_table("texts", Schema.BRONZE, small)
    (insert,) = [statement for statement in executed if statement.startswith("INSERT")]
    assert "SELECT" in insert
    assert "VALUES" not in insert


# --- the command line ----------------------------------------------------------------------


@pytest.fixture
def bronze(database: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Load the foreign day by `kedro run`, with environment variables and arguments."""
    given = {
        "warehouse": database,
        "landing_dir": FOREIGN_DAY / "raw_data",
        "truth_dir": FOREIGN_DAY / "ground_truth",
        "report_dir": tmp_path / "reports",
        "serving_dir": tmp_path / "serving",
    }
    command = [sys.executable, "-m", "kedro", "run", "--env", "postgres", "--pipelines", "bronze"]
    command += ["--params", ",".join(f"{name}={value}" for name, value in given.items())]

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
        others = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [*command, *arguments],
            cwd=PROJECT,
            env={**others, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def conf_with(server: Server, tmp_path: Path) -> Callable[[str], str]:
    """A configuration whose credentials let `maker` in with a password."""

    def make(password: str) -> str:
        folder = tmp_path / "conf"
        shutil.copytree(PROJECT / "conf", folder)
        (folder / "local").mkdir(exist_ok=True)
        (folder / "local" / "credentials.yml").write_text(
            f"postgres: {{host: '{server['host']}', user: maker, password: {password}}}\n"
        )
        return str(folder)

    return make


def test_a_run_without_a_server_fails_in_one_line(server, bronze, tmp_path):
    done = bronze(PGHOST=str(tmp_path / "nowhere"), PGPASSWORD=PASSWORD)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: PostgreSQL: ")
    assert done.stderr.count("\n") == 1
    assert_is_one_line(done.stderr.rstrip("\n"), str(tmp_path / "nowhere"))
    assert done.stdout == ""


def test_credentials_of_the_user_reach_the_server_and_are_not_shown(
    bronze, conf_with, open_as, tmp_path
):
    done = bronze("--conf-source", conf_with(PASSWORD))
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert not [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name != "credentials.yml" and PASSWORD in path.read_text()
    ]
    engine = open_as(user="maker", password=PASSWORD)
    assert engine.has_table(Schema.BRONZE, "operator_logs")
    runs = engine.fetch(engine.table(Schema.OPS, "runs")).to_pylist()
    assert len(runs) == 1
    assert PASSWORD not in str(runs)


def test_a_wrong_password_of_the_user_is_told_in_one_line_and_not_shown(bronze, conf_with):
    done = bronze("--conf-source", conf_with("swordfish"), PGPASSWORD=PASSWORD)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: PostgreSQL: ")
    assert done.stderr.count("\n") == 1
    assert_is_one_line(done.stderr.rstrip("\n"), "maker")
    assert "swordfish" not in done.stdout + done.stderr
