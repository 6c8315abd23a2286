"""The Python worker's verbs with a real SDK in this process, and HTTP answered before it leaves it.

Run by pytest in an environment of that SDK, beside the worker's modules: with respx where the SDK has httpx,
with pytest-httpx2 where it has httpx2. Requests keep the service's own address, and connections fail in ways
that a server on this machine cannot bring about.
"""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path

import pytest
from errors import SdkRaised, describe
from google import genai
from verbs import Verbs

KEY = "the-key"
HOST = "https://generativelanguage.googleapis.com"
TOKEN = {"name": "auth_tokens/some-token"}
#: What the SDK has for HTTP.
HTTP = "httpx2" if importlib.util.find_spec("httpx2") else "httpx"
EITHER = pytest.mark.parametrize("way", [{}, {"async": True}], ids=["sync", "async"])


@pytest.fixture
def router(request):
    return request.getfixturevalue("httpx2_mock" if HTTP == "httpx2" else "respx_mock")


def create(**params):
    return asyncio.run(Verbs(genai).create_token({"api_key": KEY, **params}))


def told(**params):
    """What the worker tells of an error."""
    with pytest.raises(SdkRaised) as caught:
        create(**params)
    return describe(caught.value.__cause__)


@EITHER
@pytest.mark.parametrize(
    ("placed", "version"),
    [
        ({"client": {"api_version": "v1alpha"}}, "v1alpha"),
        ({"call": {"api_version": "v1alpha"}}, "v1alpha"),
        ({"client": {"api_version": "v1"}, "call": {"api_version": "v1alpha"}}, "v1alpha"),
    ],
)
def test_a_placement_is_where_the_request_goes(router, way, placed, version):
    route = router.post(f"{HOST}/{version}/auth_tokens").respond(json=TOKEN)
    assert create(config={"uses": 2}, **placed, **way)["name"] == TOKEN["name"]
    request = route.calls.last.request
    assert request.headers["x-goog-api-key"] == KEY
    assert json.loads(request.content) == {"uses": 2}


@EITHER
def test_a_404_without_a_word_is_told_with_its_code(router, way):
    router.post(f"{HOST}/v1alpha/auth_tokens").respond(404, content=b"")
    error = told(client={"api_version": "v1alpha"}, **way)
    assert (error["class"], error["code"]) == ("ClientError", 404)


@EITHER
@pytest.mark.parametrize("status", [500, 503])
def test_a_service_that_is_unwell_is_told(router, way, status):
    answer = {"error": {"code": status, "message": "try again", "status": "UNAVAILABLE"}}
    router.post(f"{HOST}/v1alpha/auth_tokens").respond(status, json=answer)
    error = told(client={"api_version": "v1alpha"}, **way)
    assert (error["class"], error["code"], error["status"]) == ("ServerError", status, "UNAVAILABLE")


@EITHER
@pytest.mark.parametrize("name", ["ConnectError", "ReadTimeout", "RemoteProtocolError"])
def test_a_connection_that_fails_is_told_as_the_library_names_it(router, way, name):
    core = importlib.import_module(HTTP.replace("httpx", "httpcore"))

    def fail(request):
        raise getattr(core, name)("on purpose")

    router.post(f"{HOST}/v1alpha/auth_tokens").mock(side_effect=fail)
    error = told(client={"api_version": "v1alpha"}, **way)
    assert error["qualified"] == f"{HTTP}.{name}"
    assert error["code"] is None


def test_no_request_leaves_where_the_sdk_refuses_by_itself(router):
    params = {"method": "models.list", "api_key": TOKEN["name"], "client": {"api_version": "v1alpha"}}
    with pytest.raises(SdkRaised):
        asyncio.run(Verbs(genai).rest(params))
    assert router.calls.call_count == 0


# -- the hook that makes a fix ----------------------------------------------------------------------------


@pytest.fixture
def placing(monkeypatch):
    """The hook of ``suite/hooks/python``, for the time of a test."""
    monkeypatch.setattr(genai.Client, "__init__", genai.Client.__init__)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("placing", HOOK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VERSION = "v1alpha"
    module.place(genai.Client)


HOOK = Path(__file__).parents[3] / "suite/hooks/python/sitecustomize.py"


@pytest.mark.usefixtures("placing")
@pytest.mark.parametrize(
    ("options", "version"),
    [
        (None, "v1alpha"),
        ({}, "v1alpha"),
        ({"timeout": 5000}, "v1alpha"),
        ({"api_version": "v1"}, "v1"),
        ({"apiVersion": "v1"}, "v1"),
        (genai.types.HttpOptions(timeout=5000), "v1alpha"),
        (genai.types.HttpOptions(api_version="v1"), "v1"),
    ],
)
def test_the_hook_sets_a_version_where_a_client_has_none(router, options, version):
    route = router.post(f"{HOST}/{version}/auth_tokens").respond(json=TOKEN)
    client = genai.Client(api_key=KEY, http_options=options)
    assert client.auth_tokens.create(config={"uses": 1}).name == TOKEN["name"]
    assert route.call_count == 1
