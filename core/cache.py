"""The cache, without which pages go on: an unreachable Redis is a cache that remembers nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def _or_nothing(method: Callable[..., Any], nothing: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def lenient(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("The cache can't be reached: %s", error)
            return nothing(*args, **kwargs)

    return lenient


class LenientRedisCache(RedisCache):
    """Django's Redis cache that answers like an empty one while Redis is away."""

    get = _or_nothing(RedisCache.get, lambda self, key, default=None, version=None: default)
    get_many = _or_nothing(RedisCache.get_many, lambda *args, **kwargs: {})
    has_key = _or_nothing(RedisCache.has_key, lambda *args, **kwargs: False)
    add = _or_nothing(RedisCache.add, lambda *args, **kwargs: True)
    set = _or_nothing(RedisCache.set, lambda *args, **kwargs: None)
    set_many = _or_nothing(RedisCache.set_many, lambda *args, **kwargs: [])
    touch = _or_nothing(RedisCache.touch, lambda *args, **kwargs: False)
    delete = _or_nothing(RedisCache.delete, lambda *args, **kwargs: False)
    delete_many = _or_nothing(RedisCache.delete_many, lambda *args, **kwargs: None)
    incr = _or_nothing(RedisCache.incr, lambda self, key, delta=1, version=None: delta)
