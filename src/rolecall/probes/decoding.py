"""Encoded authorization messages of EC2 denials, read by whoever provisions.

Source: AWS STS API Reference, "DecodeAuthorizationMessage".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.errors import TargetError
from rolecall.probes.answers import Answer, Seen
from rolecall.probes.observations import Observation

__all__ = ["DenialReader"]

_ENCODED = re.compile(r"(?<=Encoded authorization failure message: )[\w-]{20,}={0,2}")


class DenialReader:
    """Fills ``decoded_denial`` where it may. ``sts`` answers a client that may provision in an account.

    What cannot be decoded stays as it is: no verdict depends on it.
    """

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def read(self, observation: Observation, sts: Callable[[str], Any]) -> Observation:
        """The observation with its encoded denials decoded, and cut out of their messages."""
        if not any(_ENCODED.search(observed.answer.message) for observed in observation.calls):
            return observation
        return replace(
            observation,
            calls=tuple(replace(one, answer=self._decoded(one.answer, sts)) for one in observation.calls),
        )

    def _decoded(self, answer: Answer, sts: Callable[[str], Any]) -> Answer:
        found = _ENCODED.search(answer.message) if answer.seen is Seen.DENIED else None
        fields = answer.principal.split(":")
        if found is None or len(fields) < 6 or fields[4] in self._refused:
            return answer
        try:
            told = sts(fields[4]).decode_authorization_message(EncodedMessage=found.group())
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidAuthorizationMessageException":
                self._refused.add(fields[4])
            return answer
        except (BotoCoreError, TargetError):
            return answer
        return replace(
            answer,
            decoded_denial=str(told["DecodedMessage"]),
            message=_ENCODED.sub("(decoded)", answer.message),
        )
