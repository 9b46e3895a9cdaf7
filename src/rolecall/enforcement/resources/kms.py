"""KMS: keys, by id, ARN or alias.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management
Service"; KMS Developer Guide, "Condition keys for AWS KMS".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rolecall.enforcement.checks import Check
from rolecall.enforcement.moto_state import accounts_of, backend_of, plain_tags
from rolecall.enforcement.resources.rules import Ask, ServiceRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rolecall.iam.requests import ContextValue

__all__ = ["RULES", "find_key", "key_context", "key_of", "key_tags"]


def key_of(arn: str, account: str, region: str) -> Any:
    """moto's key of an ARN; None when there is none."""
    fields = arn.split(":", 5)
    if len(fields) == 6:
        account, region = fields[4] or account, fields[3] or region
    return backend_of("kms", account, region).keys.get(arn.rpartition("/")[2])


def find_key(name: str, account: str, region: str) -> Any:
    """moto's key of an id or alias of an account, or of an ARN; None when there is none."""
    fields = name.split(":", 5)
    if len(fields) == 6:
        account, region, name = fields[4], fields[3], fields[5].removeprefix("key/")
    keys = backend_of("kms", account, region).keys
    if not name.startswith("alias/"):
        return keys.get(name)
    return next((key for key in tuple(keys.values()) if name in key.aliases), None)


def key_context(key: Any) -> dict[str, ContextValue]:
    """The condition keys that a key of moto gives to every call on it."""
    return {
        "kms:KeySpec": str(key.key_spec),
        "kms:KeyUsage": str(key.key_usage),
        "kms:KeyOrigin": str(key.origin),
        "kms:ResourceAliases": tuple(key.aliases),
        "kms:MultiRegion": bool(key.multi_region),
    }


def key_tags(arn: str) -> Mapping[str, str]:
    """The tags of the key of an ARN."""
    fields = arn.split(":", 5)
    key = key_of(arn, "", "") if ":key/" in arn else None
    if key is None:
        return {}
    tagger = backend_of("kms", fields[4], fields[3]).tagger
    return plain_tags(tagger.get_tag_dict_for_resource(key.id))


def _key_arn(ask: Ask, name: str) -> str | None:
    if ":key/" in name:
        return name
    account, region = ask.caller.account, ask.call.region
    if name.startswith("arn:"):
        fields = name.split(":", 5)
        account, region, name = fields[4], fields[3], fields[5]
    if name.startswith("alias/"):
        for key in backend_of("kms", account, region).keys.values():
            if name in key.aliases:
                return str(key.arn)
        return None
    return ask.arn("kms", f"key/{name}", region=region, account=account)


def _key(ask: Ask) -> Sequence[str] | None:
    name = ask.param("KeyId", "TargetKeyId")
    if name is None and ask.call.operation in ("Decrypt", "ReEncrypt"):
        return _key_in(ask)
    if name is None and ask.param("AliasName"):
        name = ask.param("AliasName")
    if name is None and ask.param("GrantToken"):
        return _granted(ask, ask.param("GrantToken"))
    arn = _key_arn(ask, name) if name else None
    return (arn,) if arn else None


def _granted(ask: Ask, token: str) -> Sequence[str] | None:
    keys = backend_of("kms", ask.caller.account, ask.call.region).keys.values()
    return [str(key.arn) for key in keys for grant in key.grants.values() if grant.token == token] or None


def _key_in(ask: Ask) -> Sequence[str] | None:
    """The key that a ciphertext of moto was made with: its id stands in front."""
    blob = ask.param("CiphertextBlob")
    if not isinstance(blob, (bytes, bytearray)) or len(blob) < 36:
        return None
    try:
        name = bytes(blob[:36]).decode("ascii")
    except UnicodeDecodeError:
        return None
    for account in (ask.caller.account, *accounts_of("kms")):
        key = backend_of("kms", account, ask.call.region).keys.get(name)
        if key is not None:
            return (str(key.arn),)
    return (ask.arn("kms", f"key/{name}"),)


def _alias(ask: Ask) -> Sequence[str] | None:
    name = ask.param("AliasName")
    return (ask.arn("kms", name),) if name else None


def _re_encrypt(ask: Ask) -> Iterator[Check]:
    source = ask.param("SourceKeyId")
    known = _key_arn(ask, source) if source else None
    origin = (known,) if known else _key_in(ask)
    yield _on("kms:ReEncryptFrom", origin[0] if origin else None)
    yield _on("kms:ReEncryptTo", _key_arn(ask, ask.param("DestinationKeyId") or ""))


def _on(action: str, arn: str | None) -> Check:
    return Check(action, arn or "*", derived=arn is not None)


def _update_alias(ask: Ask) -> Iterable[Check]:
    """An alias, the key it names, and the key it will name."""
    for name in ("AliasName", "TargetKeyId"):
        yield _on("kms:UpdateAlias", _key_arn(ask, ask.param(name) or ""))
    for arn in _alias(ask) or ():
        yield Check("kms:UpdateAlias", arn)


def _context(ask: Ask, action: str, arn: str) -> Mapping[str, ContextValue]:
    context: dict[str, ContextValue] = {"kms:CallerAccount": ask.caller.account}
    side = {"kms:ReEncryptFrom": "SourceEncryptionContext", "kms:ReEncryptTo": "DestinationEncryptionContext"}
    encryption = ask.param(side.get(action, "EncryptionContext"))
    if isinstance(encryption, dict) and encryption:
        context.update({f"kms:EncryptionContext:{name}": value for name, value in encryption.items()})
        context["kms:EncryptionContextKeys"] = tuple(encryption)
    key = key_of(arn, ask.caller.account, ask.call.region) if ":key/" in arn else None
    if key is not None:
        context.update(key_context(key))
    name = ask.param("KeyId")
    if isinstance(name, str) and "alias/" in name:
        context["kms:RequestAlias"] = name[name.index("alias/") :]
    for parameter, condition in _PARAMETERS:
        if ask.param(parameter) is not None:
            context[condition] = ask.param(parameter)
    if ask.call.operation == "CreateKey":
        spec = ask.param("KeySpec", "CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        usage = ask.param("KeyUsage") or "ENCRYPT_DECRYPT"
        context["kms:KeySpec"] = context["kms:CustomerMasterKeySpec"] = spec
        context["kms:KeyUsage"] = context["kms:CustomerMasterKeyUsage"] = usage
        context["kms:KeyOrigin"] = ask.param("Origin") or "AWS_KMS"
        context["kms:MultiRegion"] = bool(ask.param("MultiRegion"))
    if ask.param("Operations"):
        context["kms:GrantOperations"] = tuple(ask.param("Operations"))
    constraints = ask.param("Constraints") or {}
    kinds = [kind for kind in ("EncryptionContextEquals", "EncryptionContextSubset") if constraints.get(kind)]
    if kinds:
        context["kms:GrantConstraintType"] = kinds[0]
    return context


_PARAMETERS = (
    ("BypassPolicyLockoutSafetyCheck", "kms:BypassPolicyLockoutSafetyCheck"),
    ("EncryptionAlgorithm", "kms:EncryptionAlgorithm"),
    ("ExpirationModel", "kms:ExpirationModel"),
    ("GranteePrincipal", "kms:GranteePrincipal"),
    ("GranteeServicePrincipal", "kms:GranteeServicePrincipal"),
    ("KeyAgreementAlgorithm", "kms:KeyAgreementAlgorithm"),
    ("KeyPairSpec", "kms:DataKeyPairSpec"),
    ("MacAlgorithm", "kms:MacAlgorithm"),
    ("MessageType", "kms:MessageType"),
    ("PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays"),
    ("PrimaryRegion", "kms:PrimaryRegion"),
    ("ReplicaRegion", "kms:ReplicaRegion"),
    ("RetiringPrincipal", "kms:RetiringPrincipal"),
    ("RetiringServicePrincipal", "kms:RetiringServicePrincipal"),
    ("RotationPeriodInDays", "kms:RotationPeriodInDays"),
    ("SigningAlgorithm", "kms:SigningAlgorithm"),
    ("WrappingAlgorithm", "kms:WrappingAlgorithm"),
    ("WrappingKeySpec", "kms:WrappingKeySpec"),
)
"""Parameters that are condition keys as they stand."""


def _tags(ask: Ask, arn: str) -> Mapping[str, str]:
    return key_tags(arn)


RULES = ServiceRules(
    types={"key": _key, "alias": _alias},
    operations={"ReEncrypt": _re_encrypt, "UpdateAlias": _update_alias},
    context=_context,
    tags=_tags,
)
