"""Carrying out a plan: each intent on the ledger first, each answer kept as evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rolecall.provisioning.credentials import Credentials, MfaDevice, Secret
from rolecall.provisioning.ledger import Ledger, State
from rolecall.provisioning.ownership import owned
from rolecall.provisioning.provisioned import Provisioned, ProvisioningFailed, StepResult
from rolecall.provisioning.steps import Answer, MfaCode, Step

if TYPE_CHECKING:
    from rolecall.chains import Chain
    from rolecall.provisioning.connections import Connections

__all__ = ["provision"]

Observer = Callable[[StepResult], None]

# IAM is eventually consistent: a principal or policy that was just made may not be known yet.
_UNSETTLED = ("NoSuchEntity", "ConcurrentModification", "EntityTemporarilyUnmodifiable")
_EXISTS = (
    "EntityAlreadyExists",
    "BucketAlreadyOwnedByYou",
    "ResourceInUseException",
    "ResourceExistsException",
)
_ATTEMPTS = 8
_READ = {"user": "GetUser", "role": "GetRole", "group": "GetGroup", "policy": "GetPolicy"}
_HIDDEN = {"SecretAccessKey", "SessionToken", "Base32StringSeed", "QRCodePNG", "ResponseMetadata"}


def provision(
    chain: Chain,
    steps: tuple[Step, ...],
    connections: Connections,
    *,
    ledger: Ledger,
    observer: Observer | None = None,
    pause: Callable[[float], None] | None = None,
    now: Callable[[], float] = time.time,
) -> Provisioned:
    """Make the calls of a plan in order.

    ``observer`` is told each result as it comes. ``pause`` waits for seconds between attempts while IAM
    settles; without it nothing is tried twice. ``now`` is seconds since 1970, for MFA codes. Raises
    ProvisioningFailed at the first call that stays refused: what exists by then is on the ledger, for
    ``tear_down``. Nothing is created when the ledger cannot be written (TargetError).
    """
    run = _Run(connections, ledger, observer or (lambda _: None), pause, now)
    for step in steps:
        run.make(step)
    return Provisioned(chain, tuple(run.results), run.credentials, run.devices)


class _Run:
    def __init__(
        self,
        connections: Connections,
        ledger: Ledger,
        observer: Observer,
        pause: Callable[[float], None] | None,
        now: Callable[[], float],
    ) -> None:
        self.connections = connections
        self.ledger = ledger
        self.observer = observer
        self.pause = pause
        self.now = now
        self.results: list[StepResult] = []
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.credentials: dict[str, Credentials] = {}
        self.devices: dict[str, MfaDevice] = {}

    def make(self, step: Step) -> None:
        number = self.ledger.intend(step.creates) if step.creates is not None else None
        started = time.perf_counter()
        attempt = 0
        cleared = False
        while True:
            attempt += 1
            params = {key: self.resolve(value) for key, value in step.params.items()}
            try:
                answer = self.connections.call(
                    step.account, step.service, step.region, step.operation, params
                )
                break
            except ClientError as error:
                if self.adopts(step, error):
                    answer = self.adopted(step)
                    if answer is None and attempt < _ATTEMPTS:
                        continue
                    self.note(number, State.DONE, _learned(step, answer or {}))
                    self.remember(step, answer or {})
                    self.keep(step, answer or {}, started, attempt, adopted=True)
                    return
                if _dispensable(step, error):
                    if _created_nothing(error):
                        self.note(number, State.REFUSED)
                    code = error.response["Error"]["Code"]
                    self.keep(step, error.response, started, attempt, error=code)
                    return
                if step.operation == "CreateAccessKey" and not cleared and _is_full(error):
                    self.clear_keys(step)
                    cleared = True
                    continue
                if (
                    self.pause is not None
                    and attempt < _ATTEMPTS
                    and (_may_settle(error) or (_repeated(error) and self.hides(step, error)))
                ):
                    self.pause(min(0.5 * 2**attempt, 15.0))
                    continue
                if attempt == 1 and _created_nothing(error):
                    self.note(number, State.REFUSED)
                raise self.failed(step, error, started, attempt) from None
            except BotoCoreError as error:
                raise self.failed(step, error, started, attempt) from None
        self.note(number, State.DONE, _learned(step, answer))
        self.remember(step, answer)
        self.keep(step, answer, started, attempt)

    def resolve(self, value: Any) -> Any:
        if isinstance(value, Answer):
            found: Any = self.answers[value.step]
            for key in value.path:
                found = found[key]
            return found
        if isinstance(value, MfaCode):
            return self.devices[value.user].code(self.now(), value.offset)
        return value

    def hides(self, step: Step, error: ClientError) -> bool:
        """What "exists already" cannot be read yet: it may be this run's own, made by a call whose answer got
        lost a moment ago.
        """
        if error.response["Error"]["Code"] not in _EXISTS or step.creates is None or not step.creates.marked:
            return False
        try:
            return owned(step.creates, self.connections) is None
        except (ClientError, BotoCoreError):
            return True

    def adopts(self, step: Step, error: ClientError) -> bool:
        """An answer got lost, the call was repeated, and what "exists already" is this run's own."""
        if error.response["Error"]["Code"] not in _EXISTS or step.creates is None or not step.creates.marked:
            return False
        try:
            return bool(owned(step.creates, self.connections))
        except (ClientError, BotoCoreError):
            return False  # whose it is cannot be told: then it is not ours

    def adopted(self, step: Step) -> Mapping[str, Any] | None:
        """What the lost answer held, read anew; None where its secret is gone with it and it was removed."""
        assert step.creates is not None
        identity = dict(step.creates.identity)
        if step.creates.kind == "mfa_device":
            self.connections.call(step.account, "iam", step.region, "DeleteVirtualMFADevice", identity)
            return None
        operation = _READ.get(step.creates.kind)
        if operation is None:
            return {}
        answer: Mapping[str, Any] = self.connections.call(
            step.account, "iam", step.region, operation, identity
        )
        return answer

    def clear_keys(self, step: Step) -> None:
        """Remove keys of a user that this run made whose secrets were lost with an answer."""
        client = self.connections.client(step.account, "iam", step.region)
        for key in client.list_access_keys(**step.params)["AccessKeyMetadata"]:
            client.delete_access_key(**step.params, AccessKeyId=key["AccessKeyId"])

    def note(self, number: int | None, state: State, learned: Mapping[str, str] | None = None) -> None:
        if number is not None:
            self.ledger.note(number, state, learned)

    def remember(self, step: Step, answer: Mapping[str, Any]) -> None:
        self.answers[step.id] = answer
        if step.operation == "CreateAccessKey":
            key = answer["AccessKey"]
            self.credentials[step.about] = Credentials(key["AccessKeyId"], Secret(key["SecretAccessKey"]))
        elif step.operation == "CreateVirtualMFADevice":
            device = answer["VirtualMFADevice"]
            seed = device["Base32StringSeed"]
            text = seed.decode() if isinstance(seed, bytes) else str(seed)
            self.devices[step.about] = MfaDevice(device["SerialNumber"], Secret(text))

    def keep(
        self,
        step: Step,
        answer: Mapping[str, Any],
        started: float,
        attempts: int,
        *,
        error: str | None = None,
        adopted: bool = False,
    ) -> None:
        metadata = answer.get("ResponseMetadata", {})
        result = StepResult(
            step=step.id,
            account=step.account,
            service=step.service,
            operation=step.operation,
            params={key: _shown(key, value, step) for key, value in step.params.items()},
            request_id=str(metadata.get("RequestId", "")),
            http_status=int(metadata.get("HTTPStatusCode", 0)),
            duration=time.perf_counter() - started,
            answer={} if error else _without_secrets(answer),
            error=error,
            attempts=attempts,
            adopted=adopted,
        )
        self.results.append(result)
        self.observer(result)

    def failed(
        self, step: Step, error: ClientError | BotoCoreError, started: float, attempts: int
    ) -> ProvisioningFailed:
        response = error.response if isinstance(error, ClientError) else {}
        code = response.get("Error", {}).get("Code") or type(error).__name__
        said = response.get("Error", {}).get("Message") or str(error)
        self.keep(step, response, started, attempts, error=code)
        where = f"{step.service}:{step.operation} in account {step.account}"
        return ProvisioningFailed(f"{step.id} failed ({where}): {code}: {said}", tuple(self.results))


def _dispensable(step: Step, error: ClientError) -> bool:
    """An identity provider on a target that others use too.

    No token of it can be had there, and a trust policy may name one whether it exists or not. One of that
    URL belongs to somebody (to the pipeline that runs this, perhaps) and stays as it is.
    """
    provider = step.creates is not None and step.creates.kind.endswith("_provider")
    refused = error.response["Error"]["Code"] in (
        "EntityAlreadyExists",
        "AccessDenied",
        "AccessDeniedException",
    )
    return provider and refused and step.creates is not None and step.creates.marked


def _repeated(error: ClientError) -> bool:
    """Whether the call was made more than once: the one before may have taken effect."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0))


def _created_nothing(error: ClientError) -> bool:
    """Whether a refusal shows that the thing does not exist.

    Not after a 5xx, and not where an earlier attempt got no answer and the last was refused over something
    else (an expired token): its intent stays open then, and a teardown looks at what there is.
    """
    told = error.response
    refused = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500
    return refused and not _repeated(error) and told["Error"]["Code"] not in _EXISTS


def _is_full(error: ClientError) -> bool:
    """A user that was made a moment ago has all the keys it may have: answers to CreateAccessKey got lost."""
    return bool(error.response["Error"]["Code"] in ("LimitExceeded", "LimitExceededException"))


def _may_settle(error: ClientError) -> bool:
    told = error.response["Error"]
    if told["Code"] == "MalformedPolicyDocument":
        return "Invalid principal in policy" in told.get("Message", "")
    return told["Code"] in _UNSETTLED


def _learned(step: Step, answer: Mapping[str, Any]) -> dict[str, str]:
    """Identifiers that only the answer tells and that a teardown needs."""
    match step.operation:
        case "RunInstances" if "Instances" in answer:
            return {"InstanceIds": ",".join(item["InstanceId"] for item in answer["Instances"])}
        case "CreateKey" if "KeyMetadata" in answer:
            return {"KeyId": answer["KeyMetadata"]["KeyId"]}
    return {}


def _shown(key: str, value: Any, step: Step) -> Any:
    if key in step.secret or isinstance(value, MfaCode):
        return "•••"
    return f"answer of {value.step}" if isinstance(value, Answer) else value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_secrets(item) for key, item in value.items() if key not in _HIDDEN}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return value
