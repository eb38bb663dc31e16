"""What the service is told: variables, which boot has checked, and the package's YAML file.

What the file says counts more than a variable, as in the package. What the cage was made for before
this program started, port, target and key, it cannot change.
"""

import os
from pathlib import Path
from typing import Any

import yaml
from codemode.config.loader import ConfigLoader
from codemode.config.sidecar_config import SidecarConfig
from pydantic import ValidationError

FILE = Path("/app/codemode-sidecar.yaml")


class Unusable(Exception):
    """A configuration that nothing is served with: one line, with what to do."""


def load() -> SidecarConfig:
    """The configuration; afterwards the key is in no variable."""
    key = os.environ.pop("CODEMODE_API_KEY", "")
    if os.environ.get("CODEMODE_TLS_CERT_FILE"):
        os.environ.setdefault("CODEMODE_TLS_MODE", "custom")
    variables = _checked("environment", SidecarConfig.from_env)
    variables.api_key = key
    config = _with_file(variables, key)
    if config.tls.enabled and config.tls.mode == "system":
        raise Unusable(
            "CODEMODE_TLS_MODE system has no certificate for a server: "
            "set it to custom, with CODEMODE_TLS_CERT_FILE and CODEMODE_TLS_KEY_FILE"
        )
    return config


def _with_file(variables: SidecarConfig, key: str) -> SidecarConfig:
    # Boot copies it, so that it may be root's alone.
    copy = Path(os.environ["XDG_RUNTIME_DIR"]) / FILE.name
    path = copy if copy.exists() else FILE
    if not path.exists():
        return variables
    os.environ["CODEMODE_API_KEY"] = key  # for ${CODEMODE_API_KEY} in the file
    try:
        given = _checked(str(FILE), lambda: ConfigLoader.load_sidecar_config(path))
    finally:
        del os.environ["CODEMODE_API_KEY"]
    config = _checked(
        str(FILE),
        lambda: SidecarConfig(**_merged(variables.model_dump(), given.model_dump(exclude_unset=True))),
    )
    for name, ours, theirs in [
        ("port", config.port, ("CODEMODE_SIDECAR_PORT", variables.port)),
        (
            "main_app_grpc_target",
            config.main_app_grpc_target,
            ("CODEMODE_MAIN_APP_TARGET", variables.main_app_grpc_target),
        ),
    ]:
        variable, value = theirs
        if ours != value:
            raise Unusable(
                f"{FILE}: {name} {ours} is not what the cage opens, {value}: set {variable} to the same"
            )
    if config.api_key != key:
        raise Unusable(
            f"{FILE}: api_key is not that of CODEMODE_API_KEY: leave it out, or write ${{CODEMODE_API_KEY}}"
        )
    return config


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(base.get(name), dict)
        result[name] = _merged(base[name], value) if both else value
    return result


def _checked(source: str, read):
    """What `read` returns; what it refuses as one line."""
    try:
        return read()
    except Exception as error:
        cause = error if isinstance(error, ValidationError) else error.__cause__ or error
        raise Unusable(f"{source}: {_line(cause)}: correct it") from None


def _line(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            " ".join([".".join(map(str, one["loc"])), one["msg"]]).strip() for one in error.errors()
        )
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())
