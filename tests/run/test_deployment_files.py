"""What can be known of the deployment without a container engine: the files agree with each other and with the code."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from api.__main__ import COMMANDS, main
from api.app import FILE_LIMITS
from api.edge import EdgeValues
from api.exit_codes import ALREADY_THERE, OK
from api.live.websocket_protocol import GRACEFUL_SHUTDOWN_SECONDS, PING_SECONDS
from api.response_headers import ALWAYS, OVER_TLS
from api.run.child import CHILD_GRACE_SECONDS
from api.settings import PREFIX, Settings, read_settings
from integrations.postgres import embedded
from integrations.postgres.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service.get("image") == "tendwell:local"]
NODES = [name for name in OURS if name.startswith("api-")]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()


PROMISED_DRAIN_SECONDS = 30

# What an answer says that no node has given.
EVERYWHERE = OVER_TLS | ALWAYS


def settings_in(name: str, given: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return what a container reads whose operator has given these variables; one without a value is passed on."""
    main(["new-secrets", str(folder / "secrets")])
    for variable, value in SERVICES[name]["environment"].items():
        monkeypatch.delenv(variable, raising=False)
        default = "" if value is None else re.sub(r"\$\{\w+:(?:-|\?name your mail server, )(.*)\}", r"\1", value)
        in_container = given.get(variable, default) if value is None or value.startswith("${") else default
        if value is not None or variable in given:
            monkeypatch.setenv(variable, in_container.replace("/run/secrets", str(folder / "secrets")))
    return read_settings()


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()  # type: ignore[union-attr]
    return int(number) * (60 if unit == "m" else 1)


def directive(name: str) -> str:
    (found,) = set(re.findall(rf"^\s*{name} ([^;]+);", NGINX, re.MULTILINE))
    return str(found)


def test_the_installation_has_the_parts_that_are_promised() -> None:
    assert set(SERVICES) == {"proxy", "api-1", "api-2", "worker", "migrate", "nats", "postgres"}
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert {name: SERVICES[name].get("command", ["serve"])[0] for name in OURS}.keys() == set(OURS)
    assert {SERVICES[name].get("command", ["serve"])[0] for name in OURS} <= set(COMMANDS)


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nowhere_and_become_nobody(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert seconds(service["stop_grace_period"]) > GRACEFUL_SHUTDOWN_SECONDS


def test_whoever_tells_a_node_to_end_gives_it_time_to_answer_what_is_under_way() -> None:
    given = [float(seconds) for seconds in re.findall(r"(?:TimeoutStopSec=|give it )(\d+)", OPERATIONS)]
    assert len(given) == 2
    assert min(CHILD_GRACE_SECONDS, *given) > GRACEFUL_SHUTDOWN_SECONDS
    assert Limits().statement_timeout_ms / 1000 < GRACEFUL_SHUTDOWN_SECONDS < PROMISED_DRAIN_SECONDS


def test_every_variable_in_compose_is_one_that_the_settings_know() -> None:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    for name in OURS:
        assert {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]} <= known


def test_no_password_stands_in_a_committed_file() -> None:
    for path in (ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / "deploy" / "nginx.conf"):
        assert not re.search(r"(?i)(password|secret|token)\s*[=:]\s*['\"]?[a-z0-9]", path.read_text()), path


def test_the_secrets_that_are_made_are_the_ones_compose_asks_for(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert main(["new-secrets", str(folder)]) == OK
    assert {path.name for path in folder.iterdir()} == set(COMPOSE["secrets"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["new-secrets", str(folder)]) == ALREADY_THERE
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_settings_in_compose_with_those_secrets_are_fit_for_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in("api-1", {}, tmp_path, monkeypatch)
    assert settings.environment == "production"
    assert settings.encryption_key.get_secret_value()
    assert settings.identity_provider is None
    assert settings.privacy is None


@pytest.mark.parametrize("node", NODES)
def test_a_node_is_told_of_the_identity_provider_and_of_who_answers_for_the_data(
    node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "TENDWELL_OIDC_ISSUER": "https://auth.sandpit.signin.nhs.uk/",
        "TENDWELL_OIDC_CLIENT_ID": "a-client",
        "TENDWELL_ENVIRONMENT": "demo",
        "TENDWELL_PRIVACY": json.dumps({"controller": "High Street Practice", "contact": "data@practice.test"}),
    }
    settings = settings_in(node, given, tmp_path, monkeypatch)
    assert settings.identity_provider is not None
    assert settings.identity_provider[0].issuer == given["TENDWELL_OIDC_ISSUER"]
    assert settings.environment == "demo"
    assert settings.privacy is not None


def test_every_setting_of_the_identity_provider_can_be_given_and_none_of_them_is_given_empty() -> None:
    optional = {f"{PREFIX}{f.upper()}" for f in Settings.model_fields if f.startswith("oidc_")} | {"TENDWELL_PRIVACY"}
    assert len(optional) > 8
    for node in (*NODES, "worker"):
        given = SERVICES[node]["environment"]
        assert {name: given.get(name, "not there") for name in optional} == dict.fromkeys(optional)


def test_the_nodes_have_a_way_out_of_their_own_and_what_they_keep_has_none() -> None:
    ways_out = {name for name, network in COMPOSE["networks"].items() if not network.get("internal")}
    on = {name: set(service.get("networks", ["default"])) & ways_out for name, service in SERVICES.items()}
    for node in NODES:
        assert on[node] == {"egress"}
    assert {name for name, networks in on.items() if "egress" in networks} == set(NODES), "nobody meets them there"
    assert on["postgres"] == on["nats"] == on["migrate"] == set()
    assert on["worker"] == {"outside"}


def test_the_worker_alone_writes_checkpoints_into_a_volume_that_it_may_write_to() -> None:
    folder = SERVICES["worker"]["environment"]["TENDWELL_CHECKPOINT_DIR"]
    assert SERVICES["worker"]["volumes"] == [f"checkpoints:{folder}"]
    assert "checkpoints" in COMPOSE["volumes"]
    assert f"install --directory --owner=tendwell {folder}" in DOCKERFILE
    assert all("TENDWELL_CHECKPOINT_DIR" not in SERVICES[name]["environment"] for name in set(OURS) - {"worker"})


def test_a_command_by_hand_runs_where_its_secrets_are() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    assert "docker compose run --rm migrate retention" in page
    assert "owner_database_url" in SERVICES["migrate"]["secrets"]
    assert all("owner_database_url" not in SERVICES[name]["secrets"] for name in set(OURS) - {"migrate"})
    assert "docker compose run --rm worker verify-audit" in page
    assert {"database_url", "encryption_key"} <= set(SERVICES["worker"]["secrets"])
    assert "uninstall-local" in page
    assert "createuser --createrole" in page


def test_the_certificate_belongs_to_its_key(tmp_path: Path) -> None:
    main(["new-secrets", str(tmp_path)])
    certificate = x509.load_pem_x509_certificate((tmp_path / "tls_certificate").read_bytes())
    key = load_pem_private_key((tmp_path / "tls_key").read_bytes(), password=None)
    assert certificate.public_key() == key.public_key()


def test_the_proxy_gives_up_on_slow_clients_and_reaches_both_nodes() -> None:
    for patience in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert seconds(directive(patience)) <= 30
    assert set(re.findall(r"server (api-\d):8080", NGINX)) == {name for name in SERVICES if name.startswith("api-")}
    assert directive("proxy_request_buffering") == "on"
    assert NGINX.count("{") == NGINX.count("}")


def test_the_proxy_asks_for_nothing_that_only_older_or_only_newer_servers_know() -> None:
    said = "\n".join(line.partition("#")[0] for line in NGINX.splitlines())
    assert "http2" not in said


def test_the_proxy_takes_strong_ciphers_alone_and_every_answer_of_its_own_asks_for_https() -> None:
    suites = directive("ssl_ciphers").split(":")
    assert all(re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", suite) for suite in suites)
    assert set(directive("ssl_protocols").split()) == {"TLSv1.2", "TLSv1.3"}
    for header, variable in {
        "Strict-Transport-Security": "hsts",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "policy",
    }.items():
        assert f"add_header {header} ${variable} always;" in NGINX
        said = re.search(rf"map \$upstream_http_{header.lower().replace('-', '_')} \${variable} {{\s+\"\" (.+);", NGINX)
        assert said is not None
        assert said[1].strip('"') == EVERYWHERE[header]
    assert NGINX.count("add_header") == 3, "a location with headers of its own would lose these"
    assert "listen 80" not in NGINX, "who sends a token without TLS is not led on, but refused"


def test_the_proxy_writes_no_address_of_a_request_into_a_log() -> None:
    assert directive("access_log") == "off"
    assert directive("error_log").split()[-1] in {"crit", "alert", "emerg"}


def test_the_proxy_knows_the_nodes_by_the_names_and_the_port_that_compose_gives_them() -> None:
    nodes = re.findall(r"^\s*server ([\w-]+):(\d+)", NGINX, re.MULTILINE)
    assert {name for name, _ in nodes} == {name for name in SERVICES if name.startswith("api-")}
    assert {f'"{port}"' for _, port in nodes} <= set(re.findall(r'"--port", ("\d+")', DOCKERFILE))
    (published,) = SERVICES["proxy"]["ports"]
    assert directive("listen").split()[0] == published.rpartition(":")[2]


def test_health_is_nothing_for_the_world_outside() -> None:
    assert re.search(r"location /health/ \{\s+return 404;", NGINX)


def test_every_container_waits_for_what_it_cannot_do_without() -> None:
    for name in set(OURS) - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_the_proxy_lets_a_socket_be_silent_for_longer_than_it_ever_is_and_a_body_be_as_large_as_the_api_takes() -> None:
    assert seconds(directive("proxy_read_timeout")) > 5 * PING_SECONDS
    sizes = sorted(int(size) * 1024 * 1024 for size in re.findall(r"client_max_body_size (\d+)m;", NGINX))
    assert sizes[0] > EdgeValues().max_body_bytes
    assert sizes[-1] > max(limit.max_bytes for limit in FILE_LIMITS.values())


def test_the_address_the_api_is_told_of_is_set_by_the_proxy_and_believed_from_nobody_else() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    subnet = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["api-1"]["environment"]["TENDWELL_TRUSTED_PROXIES"] == subnet
    assert COMPOSE["networks"]["front"]["internal"] is True


def test_the_image_is_built_by_steps_that_make_has_and_runs_as_nobody() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"RUN make ([a-z-]+)", DOCKERFILE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER \d+$", final, re.MULTILINE)
    assert "HEALTHCHECK" in final
    assert "STOPSIGNAL SIGTERM" in final
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        assert all((ROOT / path).exists() for path in copied.split()), copied


def test_the_database_s_log_is_kept_as_silent_as_the_embedded_server_s() -> None:
    command = " ".join(SERVICES["postgres"]["command"])
    for name in ("log_error_verbosity", "log_min_error_statement", "max_connections"):
        assert f"{name}={embedded.SERVER_SETTINGS[name]}" in command
