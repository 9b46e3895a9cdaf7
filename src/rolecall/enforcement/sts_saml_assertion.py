"""SAML responses: the signature checked with the provider's certificates, and what the assertion says.

Basic, and on the safe side: one enveloped RSA signature (SHA-256, -384 or -512) over the response or
the assertion, exclusive canonicalization without a list of inclusive prefixes; anything else is refused.
Only what stands inside the signed element is read. Sources: XML Signature Syntax and Processing; IAM User
Guide, "Configure SAML assertions for the authentication response".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.dom import minidom
from xml.etree.ElementTree import Element, canonicalize, fromstring
from xml.parsers.expat import ExpatError

from rolecall.enforcement.calls import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Assertion", "invalid", "metadata_of", "read_assertion"]

_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_SIGNATURES = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "SHA256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "SHA384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "SHA512",
}


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a verified assertion says. Times are as written (ISO 8601, UTC)."""

    issuer: str
    subject: str
    subject_format: str
    recipient: str
    not_before: str | None
    not_on_or_after: tuple[str, ...]
    attributes: Mapping[str, Sequence[str]]


def invalid(message: str) -> ApiError:
    """An ``InvalidIdentityToken``, HTTP 400."""
    return ApiError("InvalidIdentityToken", message, 400)


def metadata_of(document: str) -> tuple[str, list[bytes]]:
    """The entity id and the signing certificates (DER) of a provider's metadata document."""
    root = _element(document)
    entity = (
        root if root.tag == f"{_METADATA}EntityDescriptor" else root.find(f".//{_METADATA}EntityDescriptor")
    )
    if entity is None:
        return "", []
    texts = [found.text or "" for found in entity.iter(f"{{{_SIGNATURE}}}X509Certificate")]
    return entity.get("entityID", ""), [base64.b64decode("".join(text.split())) for text in texts]


def read_assertion(encoded: str, certificates: Sequence[bytes]) -> Assertion:
    """The assertion of a base64 SAML response that one of the certificates (DER) signed.

    Raises InvalidIdentityToken for whatever is not a response, not signed, or changed after it was signed.
    """
    try:
        text = base64.b64decode(encoded, validate=True).decode()
        document = _dom(text)
    except (binascii.Error, UnicodeDecodeError):
        raise invalid("Invalid base64 SAMLResponse") from None
    signed = next((found for node in _signatures(document) if (found := _verified(node, certificates))), None)
    if signed is None:
        raise invalid("Response signature invalid")
    root = fromstring(signed)  # noqa: S314 - a document type is refused when the response is opened
    assertion = root if root.tag == f"{_SAML}Assertion" else root.find(f"{_SAML}Assertion")
    if assertion is None:
        raise invalid("Response signature invalid")
    return _assertion(assertion)


def _dom(text: str) -> minidom.Document:
    if "<!DOCTYPE" in text:
        raise invalid("Response signature invalid")
    try:
        return minidom.parseString(text)  # noqa: S318 - without a document type there are no entities
    except ExpatError:
        raise invalid("Invalid base64 SAMLResponse") from None


def _element(text: str) -> Element:
    if "<!DOCTYPE" in text:
        raise invalid("Issuer not present in specified provider")
    try:
        return fromstring(text)  # noqa: S314 - without a document type there are no entities
    except SyntaxError:
        raise invalid("Issuer not present in specified provider") from None


def _signatures(document: minidom.Document) -> Iterator[minidom.Element]:
    found = document.getElementsByTagNameNS(_SIGNATURE, "Signature")
    return (node for node in found if node.parentNode is not None)


def _verified(signature: minidom.Element, certificates: Sequence[bytes]) -> str | None:
    """The canonical text of the element that encloses the signature, if both hold."""
    signed = signature.parentNode
    info = _only(signature, "SignedInfo")
    reference = _only(info, "Reference") if info else None
    if not isinstance(signed, minidom.Element) or info is None or reference is None:
        return None
    digest = _DIGESTS.get(_algorithm(reference, "DigestMethod"))
    method = _SIGNATURES.get(_algorithm(info, "SignatureMethod"))
    if digest is None or method is None or reference.getAttribute("URI") != f"#{signed.getAttribute('ID')}":
        return None
    plain_info = _canonical(info)
    value = _decoded(signature, "SignatureValue")
    wanted = _decoded(reference, "DigestValue")
    signed.removeChild(signature)
    text = _canonical(signed)
    if not hmac.compare_digest(hashlib.new(digest, text.encode()).digest(), wanted):
        return None
    return text if any(_is_signed(plain_info, value, method, one) for one in certificates) else None


def _is_signed(text: str, value: bytes, method: str, certificate: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(value, text.encode(), PKCS1v15(), getattr(hashes, method)())
    except InvalidSignature:
        return False
    return True


def _canonical(element: minidom.Element) -> str:
    """Exclusive canonical form: only the namespaces that the element makes use of, whoever declared them."""
    copy = element.cloneNode(True)
    assert copy is not None
    parent = element.parentNode
    while isinstance(parent, minidom.Element):
        for name, value in parent.attributes.items():
            if name.split(":")[0] == "xmlns" and not copy.hasAttribute(name):
                copy.setAttribute(name, value)
        parent = parent.parentNode
    return canonicalize(copy.toxml())


def _only(parent: minidom.Element, name: str) -> minidom.Element | None:
    found = [
        child
        for child in parent.childNodes
        if isinstance(child, minidom.Element) and child.localName == name and child.namespaceURI == _SIGNATURE
    ]
    return found[0] if len(found) == 1 else None


def _algorithm(parent: minidom.Element, name: str) -> str:
    found = _only(parent, name)
    return found.getAttribute("Algorithm") if found else ""


def _decoded(parent: minidom.Element, name: str) -> bytes:
    found = _only(parent, name)
    text = found.firstChild.data if found and isinstance(found.firstChild, minidom.Text) else ""
    try:
        return base64.b64decode("".join(text.split()))
    except binascii.Error:
        return b""


def _assertion(assertion: Element) -> Assertion:
    name_id = assertion.find(f"{_SAML}Subject/{_SAML}NameID")
    confirmation = assertion.find(f"{_SAML}Subject/{_SAML}SubjectConfirmation/{_SAML}SubjectConfirmationData")
    conditions = assertion.find(f"{_SAML}Conditions")
    ends = [part.get("NotOnOrAfter") for part in (confirmation, conditions) if part is not None]
    attributes: dict[str, list[str]] = {}
    for attribute in assertion.iter(f"{_SAML}Attribute"):
        values = [(value.text or "").strip() for value in attribute.findall(f"{_SAML}AttributeValue")]
        attributes.setdefault(attribute.get("Name", ""), []).extend(values)
    return Assertion(
        issuer=(assertion.findtext(f"{_SAML}Issuer") or "").strip(),
        subject=((name_id.text if name_id is not None else "") or "").strip(),
        subject_format=name_id.get("Format", "") if name_id is not None else "",
        recipient=confirmation.get("Recipient", "") if confirmation is not None else "",
        not_before=conditions.get("NotBefore") if conditions is not None else None,
        not_on_or_after=tuple(end for end in ends if end is not None),
        attributes=attributes,
    )
