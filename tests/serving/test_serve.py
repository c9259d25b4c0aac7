"""`kerasformer serve` as it is used: a process with a small model, and clients nobody here wrote."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from kerasformer.serving.server import listening

TEXTS = ["Le chat dort.", "Il pleut.", "J'ai froid.", "Où est la gare ?", "Bonjour."]


class Running:
    """A service in a process of its own."""

    def __init__(self, *arguments, folder):
        self.log = open(folder / "log", "w+")  # noqa: SIM115
        command = [sys.executable, "-m", "kerasformer.cli.main", "serve", "--port", "0", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = self.process.stdout.readline()
        self.address = re.search(r"http://\S+", said)[0] if said else None
        self.grpc_address = said.partition(" over gRPC at ")[2].strip()

    def post(self, q, **fields):
        """The answer to a text."""
        body = json.dumps({"q": q, "source": "fr", "target": "en", **fields}).encode()
        request = urllib.request.Request(f"{self.address}/translate", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def ask(self, q):
        """The translation of a text."""
        return self.post(q)["translatedText"]

    def ask_over_grpc(self, texts):
        """The translations of texts, asked for as TensorFlow Serving is."""
        import grpc
        import tensorflow as tf
        from tensorflow_serving.apis.predict_pb2 import PredictRequest
        from tensorflow_serving.apis.prediction_service_pb2_grpc import PredictionServiceStub

        with grpc.insecure_channel(self.grpc_address) as channel:
            request = PredictRequest(model_spec={"name": "mine"}, inputs={"texts": tf.make_tensor_proto(texts)})
            answer = PredictionServiceStub(channel).Predict(request, timeout=60)
        return [text.decode() for text in tf.make_ndarray(answer.outputs["translations"])]

    def workers(self):
        """The ids of the worker processes."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return list(map(int, found.stdout.split()))

    def said(self):
        """What is on standard error so far."""
        return pathlib.Path(self.log.name).read_text()

    def stop(self):
        """End it; the exit code, and what it said."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60), self.said()


@pytest.fixture(scope="module")
def path(int8_path, tmp_path_factory):
    """A copy of the `.tflite`, which a test breaks."""
    return shutil.copy(int8_path, tmp_path_factory.mktemp("served") / "translator.tflite")


@pytest.fixture(scope="module")
def running(path, tmp_path_factory):
    found = Running("--model", f"mine={path}", "--workers", 2, "--grpc-port", 0, folder=tmp_path_factory.mktemp("log"))
    yield found
    found.process.kill()


@pytest.fixture(scope="module")
def expected(int8_path):
    """The translations of the same model in this process."""
    from kerasformer.runtime import LiteRTTranslator

    translate = LiteRTTranslator(int8_path)
    return dict(zip([*TEXTS, " ".join(TEXTS * 9)], translate([*TEXTS, " ".join(TEXTS * 9)]), strict=True))


def test_it_answers_as_the_model_does(running, expected):
    for text, translation in expected.items():
        assert running.ask(text) == translation


def test_a_crowd_gets_its_own_answers(running, expected):
    texts = list(expected) * 12
    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(running.ask, texts)) == [expected[text] for text in texts]


def test_a_worker_that_is_killed_under_load_loses_no_answer(running, expected):
    texts = list(expected) * 12
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(running.ask, texts)
        time.sleep(0.2)
        os.kill(running.workers()[0], signal.SIGKILL)
        assert list(answers) == [expected[text] for text in texts]


def test_alternatives_are_drawn_and_differ(running, expected):
    found = running.post(TEXTS[0], alternatives=3)
    assert found["translatedText"] == expected[TEXTS[0]]
    assert len({found["translatedText"], *found["alternatives"]}) == 1 + len(found["alternatives"]) > 1
    assert found["scores"][1:] == sorted(found["scores"][1:], reverse=True)


def test_clients_that_send_half_a_request_or_read_nothing_hold_nobody_up(running, expected):
    host, port = running.address.removeprefix("http://").split(":")
    head = f"POST /translate HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n"
    page = json.dumps({"q": " ".join(TEXTS * 200), "source": "fr", "target": "en", "stream": True}).encode()
    with contextlib.ExitStack() as stack:
        for number in range(60):
            client = stack.enter_context(socket.create_connection((host, int(port))))
            if number % 3 == 0:
                client.sendall(head.encode()[: 40 + number])
            elif number % 3 == 1:
                client.sendall(f"{head}\r\n".encode() + b"{" * 100)
            elif number < 6:
                client.sendall(f"{head}\r\n".replace("1000000", str(len(page))).encode() + page)  # and never reads
        assert [running.ask(text) for text in TEXTS] == [expected[text] for text in TEXTS]
    assert running.ask(TEXTS[0]) == expected[TEXTS[0]]


def test_models_are_loaded_again_on_sighup_and_a_broken_one_is_not(running, path, expected):
    before, whole = running.workers(), path.read_bytes()
    running.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 60
    while set(before) & set(running.workers()) and time.monotonic() < end:
        time.sleep(0.2)
    assert not set(before) & set(running.workers())
    path.write_bytes(b"broken")
    running.process.send_signal(signal.SIGHUP)
    while "stay as they are" not in (log := running.said()) and time.monotonic() < end:
        time.sleep(0.2)
    path.write_bytes(whole)
    assert "stay as they are" in log
    assert running.ask(TEXTS[0]) == expected[TEXTS[0]]


def test_curl(running, expected):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    command = [
        "curl",
        "-s",
        "-d",
        f"q={TEXTS[0]}",
        "-d",
        "source=fr",
        "-d",
        "target=en",
        f"{running.address}/translate",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == {"translatedText": expected[TEXTS[0]]}


def test_the_stubs_of_tensorflow_serving(running, expected):
    assert running.ask_over_grpc(list(expected)) == list(expected.values())


def test_libretranslatepy(running, expected):
    libretranslatepy = pytest.importorskip("libretranslatepy")
    client = libretranslatepy.LibreTranslateAPI(f"{running.address}/")
    assert client.translate(TEXTS[0], "fr", "en") == expected[TEXTS[0]]
    assert client.detect("Où est la gare de Lyon ?")[0]["language"] == "fr"
    assert {language["code"] for language in client.languages()} == {"en", "fr"}


def test_deep_translator(running, expected):
    deep_translator = pytest.importorskip("deep_translator")
    client = deep_translator.LibreTranslator(source="fr", target="en", custom_url=f"{running.address}/", api_key="none")
    assert client.translate(TEXTS[0]) == expected[TEXTS[0]]


def test_argostranslate(running, expected):
    apis = pytest.importorskip("argostranslate.apis", reason="argostranslate is not installed")
    client = apis.LibreTranslateAPI(running.address)
    assert client.translate(TEXTS[0], "fr", "en") == expected[TEXTS[0]]
    assert client.detect("Où est la gare de Lyon ?")[0]["language"] == "fr"
    assert {language["code"] for language in client.languages()} == {"en", "fr"}


def test_the_npm_package_translate(running, expected, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = shutil.copytree(pathlib.Path(__file__).with_name("npm"), tmp_path / "npm")
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install the package: {done.stderr[-200:]}")
    command = ["node", "client.js", running.address, TEXTS[0]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == expected[TEXTS[0]], done.stderr


def test_it_drains_on_sigterm(running, expected):
    with ThreadPoolExecutor(8) as pool:
        long = " ".join(TEXTS * 9)
        answers = [pool.submit(running.ask, long) for _ in range(7)]
        answers.append(pool.submit(lambda: running.ask_over_grpc([long])[0]))
        time.sleep(0.3)
        code, log = running.stop()
        assert [answer.result() for answer in answers] == [expected[long]] * 8
    assert code == 0
    assert "Traceback" not in log
    assert TEXTS[0] not in log


def test_a_model_that_cannot_be_loaded_is_one_line(tmp_path):
    (tmp_path / "broken.tflite").write_bytes(b"broken")
    service = Running("--model", tmp_path / "broken.tflite", folder=tmp_path)
    code = service.process.wait(60)
    message = (tmp_path / "log").read_text()
    assert (code, service.address, message.count("\n")) == (2, None, 1)
    assert "damaged" in message


def test_answers_are_sent_at_once():
    with listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_one_line(complaint):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}, cannot be used" in complaint("serve", "--port", port)
        assert f"port {port}, cannot be used" in complaint("serve", "--port", 0, "--grpc-port", port)


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["--model", "no-such-model"], "does not exist"),
        (["--api-keys", "{empty}"], "has no API key"),
        (["--api-keys", "{wrong}"], "more than a key"),
    ],
)
def test_wrong_options_are_one_line(complaint, tmp_path, arguments, wrong):
    (tmp_path / "empty").write_text("# none\n")
    (tmp_path / "wrong").write_text("a key with words\n")
    given = [argument.format(empty=tmp_path / "empty", wrong=tmp_path / "wrong") for argument in arguments]
    assert wrong in complaint("serve", "--port", "0", *given)
