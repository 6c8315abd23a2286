"""A serving process looks for garbage less often, and leaves things as they were."""

from __future__ import annotations

import gc
import weakref

from mockserver import garbage
from tests.mockserver.core.conftest import Backend


def test_it_is_looked_for_less_often_and_then_as_before() -> None:
    usual = gc.get_threshold()
    with garbage.seldom():
        young, old, _ = gc.get_threshold()
        assert young >= usual[0]
        assert old > usual[1]
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_what_is_loaded_is_not_looked_through() -> None:
    gc.collect()
    try:
        with garbage.ignored():
            assert not gc.isenabled()
            loaded = [{} for _ in range(1000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= len(loaded)
    finally:
        gc.unfreeze()


def test_who_collects_none_is_left_alone() -> None:
    gc.disable()
    try:
        with garbage.ignored():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


def test_a_session_that_was_only_open_is_no_garbage_but_gone() -> None:
    backend = Backend()
    client = backend.with_key()
    client.expect_ready()
    [connection] = backend.service._connections.values()
    session = weakref.ref(connection.session)
    del connection
    gc.disable()
    try:
        backend.service.lost(client.name, 1000, "", backend.now)
        assert session() is None
    finally:
        gc.enable()
