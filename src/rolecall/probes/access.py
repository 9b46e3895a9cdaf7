"""Becoming the principals of a provisioned chain: users by their keys, roles over their hops."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from rolecall.chains import resource_of
from rolecall.probes.answers import Answer, Seen, classify
from rolecall.probes.credentials import Credential
from rolecall.probes.hop_parameters import hop_command, hop_parameters
from rolecall.probes.mfa_sessions import MfaSessions
from rolecall.probes.renewing import ends_soon, told_after_the_end, told_of_renewals
from rolecall.probes.speakers import Speakers
from rolecall.provisioning import Secret

if TYPE_CHECKING:
    import boto3

    from rolecall.chains import Chain, Hop
    from rolecall.probes.settling import Settling
    from rolecall.provisioning import Provisioned
    from rolecall.targets.protocol import Target

__all__ = ["Access", "Credential", "HopResult"]


_TURNED_DOWN = ("IDPRejectedClaim", "InvalidIdentityToken", "InvalidParameterValue", "ValidationError")


@dataclass(frozen=True, slots=True)
class HopResult:
    """A hop that was made: the answer, and the credential where there is one."""

    hop: Hop
    answer: Answer
    credential: Credential | None
    response: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What STS answered, without the credential itself."""


class Access:
    """Credentials and clients of a provisioned chain on a target; each is made once and kept."""

    def __init__(
        self,
        chain: Chain,
        target: Target,
        provisioned: Provisioned,
        *,
        now: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        settling: Settling | None = None,
        speakers: Speakers | None = None,
    ) -> None:
        self.settling = settling
        self.chain = chain
        self.target = target
        self._keys = {
            user: Credential(key.access_key_id, key.secret_access_key)
            for user, key in provisioned.credentials.items()
        }
        self._now = now
        self._timer = timer
        self._hops: dict[tuple[Hop, ...], HopResult] = {}
        self._ways: dict[str, tuple[Hop, ...]] = {}
        self._renewals: dict[tuple[Hop, ...], int] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._speakers = speakers or Speakers(target.session)
        self._mfa = MfaSessions(provisioned.mfa_devices, now, lambda held: self.speaking(held, "sts"))
        self._provisioned = provisioned
        self.control_call: Callable[[Credential, str, str | None, str], Answer | None] = lambda *_: None
        """How a control makes its call; set by who knows how to choose calls."""
        self._identities: dict[str, str | None] = {}
        self._refusals: dict[str, Answer] = {}

    def way(self, name: str, frm: str | None = None) -> tuple[HopResult, ...]:
        """The hops to a role, each made once; it ends at the first that is refused."""
        return self._walk(tuple(self.chain.path_to(name, frm) or ()))

    def _walk(self, way: tuple[Hop, ...]) -> tuple[HopResult, ...]:
        made: list[HopResult] = []
        credential = self._keys.get(way[0].frm) if way else None
        for number, hop in enumerate(way, 1):
            steps = way[:number]
            known = self._hops.get(steps)
            if known is not None and known.credential is not None and self._ends_soon(known.credential):
                self._forget(steps)
            if steps not in self._hops:
                self._hops[steps] = self._keep(steps, self.make_hop(hop, credential, promised=True))
            made.append(self._hops[steps])
            credential = made[-1].credential
            if credential is None:
                break
        return tuple(made)

    def _ends_soon(self, credential: Credential) -> bool:
        budget = self.settling.patience.budget if self.settling else 0.0
        return ends_soon(credential, self._now(), budget)

    def _keep(self, steps: tuple[Hop, ...], made: HopResult) -> HopResult:
        if made.credential is None:
            return made
        self._ways[made.credential.access_key_id] = steps
        renewals = self._renewals.get(steps, 0)
        return replace(made, credential=replace(made.credential, renewals=renewals))

    def _forget(self, steps: tuple[Hop, ...]) -> None:
        """A session is over, or about to be, and so are those that it made."""
        for known in [one for one in self._hops if one[: len(steps)] == steps]:
            del self._hops[known]
            self._renewals[known] = self._renewals.get(known, 0) + 1

    def fresh(self, credential: Credential) -> Credential | None:
        """The credential, or a new one of the same session where that is about to end."""
        way = self._ways.get(credential.access_key_id)
        return self._walk(way)[-1].credential if way else credential

    def asking(self, credential: Credential, ask: Callable[[Credential], Answer]) -> Answer:
        """One call as a principal. Where its session is over it is made once more with a new one.

        What a session that is over was told is inconclusive, a denial too.
        """
        held = self.fresh(credential) or credential
        answer = ask(held)
        if told_after_the_end(held, answer, self._now()):
            way = self._ways.get(held.access_key_id)
            again = None
            if way:
                self._forget(way[:1])
                again = self.fresh(held)
            if again is not None:
                held, answer = again, ask(again)
            if again is None or told_after_the_end(held, answer, self._now()):
                return replace(answer, seen=Seen.INCONCLUSIVE)
        return replace(answer, answer=told_of_renewals(held, answer.answer))

    def credential(self, name: str, frm: str | None = None) -> Credential | None:
        """The credential of a user, or of a role's session; None where it cannot be had."""
        if name.startswith("arn:"):
            return None
        if name in self.chain.users:
            return self._keys.get(name)
        way = self.way(name, frm)
        return way[-1].credential if way else None

    def identity(self, credential: Credential) -> str | None:
        """What GetCallerIdentity answers for a credential; None when the credential is broken."""
        key = credential.access_key_id
        if key not in self._identities:
            found: list[str] = []

            def ask() -> Answer:
                who = credential.identity or key
                blank = Answer(who, "sts:GetCallerIdentity", "*", "aws sts get-caller-identity", Seen.ALLOWED)
                try:
                    answer = self.speaking(credential, "sts").get_caller_identity()
                except ClientError as error:
                    told = error.response["Error"]
                    code, message = str(told["Code"]), str(told.get("Message", ""))
                    return replace(blank, seen=Seen.INCONCLUSIVE, error_code=code, message=message)
                except BotoCoreError as error:
                    code = type(error).__name__
                    return replace(blank, seen=Seen.INCONCLUSIVE, error_code=code, message=str(error))
                found.append(str(answer["Arn"]))
                return blank

            last = self.settling.alive(ask) if self.settling else ask()
            alive = last.seen is Seen.ALLOWED
            self._identities[key] = found[-1] if alive and found else None
            if not alive:
                self._refusals[key] = last
        return self._identities[key]

    def refusal(self, credential: Credential) -> Answer | None:
        """The last answer of GetCallerIdentity where it was refused, with what was waited for it."""
        return self._refusals.get(credential.access_key_id)

    def actual(self, arn: str) -> str:
        """The ARN that a seeded resource really has, where AWS names it; any other ARN is as it was."""
        seeded = resource_of(self.chain, arn)
        if seeded is None:
            return arn
        head = arn.removesuffix(seeded.name)
        try:
            match seeded.kind:
                case "ec2_instance":
                    answer = self._provisioned.answer(f"run-instances {seeded.name}")
                    return f"{head}{answer['Instances'][0]['InstanceId']}"
                case "kms_key":
                    return str(self._provisioned.answer(f"create-key {seeded.name}")["KeyMetadata"]["Arn"])
                case "secret":
                    return str(self._provisioned.answer(f"create-secret {seeded.name}")["ARN"])
        except (KeyError, IndexError):
            return arn
        return arn

    def session(self, credential: Credential, region: str | None = None) -> boto3.Session:
        """A boto3 session of a credential, in the chain's region or another."""
        return self.target.session(
            credential.access_key_id,
            credential.secret_access_key.reveal(),
            credential.session_token.reveal() if credential.session_token else None,
            region or self.chain.region,
        )

    def client(self, credential: Credential, service: str, region: str | None = None) -> Any:
        """A boto3 client of a credential, in the chain's region or another."""
        key = (credential.access_key_id, service, region or self.chain.region)
        if key not in self._clients:
            self._clients[key] = self.session(credential, region).client(service)
        return self._clients[key]

    def speaking(self, credential: Credential, service: str, region: str | None = None) -> Any:
        """A client for the next call as that credential.

        All principals share it: a session and a client for each of hundreds would take longer than all
        their calls. Whoever keeps a client asks ``client`` for one of its own.
        """
        return self._speakers.client(
            credential.access_key_id,
            credential.secret_access_key.reveal(),
            credential.session_token.reveal() if credential.session_token else None,
            service,
            region or self.chain.region,
        )

    def make_hop(self, hop: Hop, credential: Credential | None, *, promised: bool = True) -> HopResult:
        """Call STS for a hop with a credential (None for a federated one), until the answer counts.

        ``promised``: whether it was to work.
        """
        made: list[HopResult] = []

        def once(held: Credential | None) -> Answer:
            made.append(self._make_hop(hop, held))
            return made[-1].answer

        def ask() -> Answer:
            return once(None) if credential is None else self.asking(credential, once)

        if self.settling is None or self.without_token(hop):
            answer = ask()
            return replace(made[-1], answer=answer)
        answer = self.settling.hop(ask, hop, promised=promised, control=lambda: self._hop_seen(hop))
        held = made[-1].credential if answer.seen is Seen.ALLOWED else None
        return replace(made[-1], answer=answer, credential=held)

    def without_token(self, hop: Hop) -> str:
        """Why a federated hop cannot be made here, whatever its policies say; empty where it can."""
        if hop.frm not in self.chain.providers or self.target.web_identity(self.chain, hop) is not None:
            return ""
        return (
            f"only {hop.frm} itself can sign a token that {self.target.name} takes, so the hop was not made"
        )

    def seen(self, name: str, frm: str | None = None) -> bool:
        """Whether something that every policy of a principal must allow is allowed to it by now."""
        settling = self.settling
        if settling is None:
            return True
        actions, hops, complete = settling.foresight.controls(name, frm)
        credential = self.credential(name, frm)
        if credential is None or not complete or self.identity(credential) is None:
            return False
        made = (self.make_hop(hop, credential).answer for hop in hops if not hop.mfa)
        asked = (self.control_call(credential, name, frm, action) for action in actions)
        return all(answer is not None and answer.seen is Seen.ALLOWED for answer in (*made, *asked))

    def _parameters(self, hop: Hop, role_arn: str) -> tuple[dict[str, Any], str]:
        """The parameters of a hop's call, or why it cannot be made."""
        parameters = hop_parameters(self.chain, hop, role_arn)
        if hop.frm not in self.chain.providers:
            return parameters, ""
        federated = self.target.web_identity(self.chain, hop)
        return (
            (parameters, self.without_token(hop)) if federated is None else ({**parameters, **federated}, "")
        )

    def _hop_seen(self, hop: Hop) -> float | None:
        """Since when the caller of a hop is seen, and the role: a declared way into it works."""
        assert self.settling is not None
        settling = self.settling

        def into() -> bool:
            for way in self.chain.hops_into(hop.assume):
                if settling.foresight.hop_allowed(way):
                    made = self.way(way.name or hop.assume, way.frm)
                    return bool(made) and made[-1].answer.seen is Seen.ALLOWED
            return False

        federated = hop.frm in self.chain.providers
        caller = 0.0 if federated else settling.shown(hop.frm, None, lambda: self.seen(hop.frm))
        role = settling.into(hop.assume, into) if caller is not None else None
        return max(caller, role) if caller is not None and role is not None else None

    def _make_hop(self, hop: Hop, credential: Credential | None) -> HopResult:
        role_arn = self.chain.arn_of(hop.assume)
        parameters, why = self._parameters(hop, role_arn)
        if hop.mfa and credential is not None:
            credential, why = self._mfa.session(hop.frm, credential)
        federated = hop.frm in self.chain.providers
        action = "sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole"
        principal = self.chain.caller_arn(hop)
        if credential is not None:
            principal = self.identity(credential) or principal
        blank = Answer(
            principal, action, role_arn, hop_command(parameters, federated, mfa=hop.mfa), Seen.INCONCLUSIVE
        )
        if why or (credential is None and not federated):
            return HopResult(hop, replace(blank, message=why or "no credential to call with"), None)
        started = self._timer()
        try:
            if credential is None:
                unsigned = self.target.session("", "", None, self.chain.region)
                response = _unsigned_sts(unsigned).assume_role_with_web_identity(**parameters)
            else:
                response = self.speaking(credential, "sts").assume_role(**parameters)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            message = str(error.response["Error"].get("Message", ""))
            metadata = error.response.get("ResponseMetadata", {})
            seen = classify(code, message, authorizes_first=False)
            if code in (
                "ValidationError",
                "InvalidParameterValue",
                "InvalidIdentityToken",
                "IDPRejectedClaim",
            ):
                seen = Seen.DENIED
            answer = replace(
                blank,
                seen=seen,
                http_status=metadata.get("HTTPStatusCode"),
                error_code=code,
                request_id=metadata.get("RequestId"),
                message=message,
                duration=self._timer() - started,
                identity=self.identity(credential) if credential else None,
            )
            return HopResult(hop, answer, None)
        except (BotoCoreError, ParamValidationError) as error:
            return HopResult(hop, replace(blank, error_code=type(error).__name__, message=str(error)), None)
        given = response["Credentials"]
        made = Credential(
            given["AccessKeyId"],
            Secret(given["SecretAccessKey"]),
            Secret(given["SessionToken"]),
            response["AssumedRoleUser"]["Arn"],
            given["Expiration"].timestamp(),
        )
        answer = replace(
            blank,
            seen=Seen.ALLOWED,
            http_status=response["ResponseMetadata"]["HTTPStatusCode"],
            request_id=response["ResponseMetadata"].get("RequestId"),
            answer=f"{response['AssumedRoleUser']['Arn']} until {given['Expiration']:%Y-%m-%dT%H:%M:%SZ}",
            duration=self._timer() - started,
            identity=self.identity(credential) if credential else None,
        )
        kept = {name: value for name, value in response.items() if name != "Credentials"}
        kept["Expiration"] = given["Expiration"]
        return HopResult(hop, answer, made, kept)


def _unsigned_sts(session: boto3.Session) -> Any:
    from botocore import UNSIGNED
    from botocore.config import Config

    return session.client("sts", config=Config(signature_version=UNSIGNED))
