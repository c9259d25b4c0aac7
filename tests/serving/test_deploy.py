"""The examples for containers name options and addresses that the service has."""

import json
import pathlib

import pytest

from kerasformer.cli.main import build_parser

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
DEPLOY = pathlib.Path(__file__).parents[2] / "deploy"


def entry_point():
    """The command of the container: list of str."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (found,) = [line.removeprefix("ENTRYPOINT ") for line in lines if line.startswith("ENTRYPOINT ")]
    return json.loads(found)


def test_the_probes_ask_for_what_there_is_at_the_ports_of_the_container(client):
    deployment, service, _ = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == "http"
        assert client.get(container[probe]["httpGet"]["path"]).status_code == 200
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    given = build_parser().parse_args([*entry_point()[1:], *container["args"]])
    assert ports == {"http": given.port, "grpc": given.grpc_port}
    assert {port["targetPort"] for port in service["spec"]["ports"]} == set(ports)


def test_a_client_fetches_a_translated_file_from_the_pod_that_has_it():
    _, service, _ = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    assert service["spec"]["sessionAffinity"] == "ClientIP"


def test_a_pod_ends_after_its_requests():
    deployment = next(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8")))
    pod = deployment["spec"]["template"]["spec"]
    given = build_parser().parse_args([*entry_point()[1:], *pod["containers"][0]["args"]])
    (_, sleep) = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    assert pod["terminationGracePeriodSeconds"] >= given.deadline + 5 + int(sleep)
