"""AssumeRoleWithSAML: assertions signed by the certificate in the provider's metadata."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import canonicalize

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from ..conftest import HOME, allow, document, refusal, trusts

if TYPE_CHECKING:
    from ..conftest import World

PROVIDER = f"arn:aws:iam::{HOME}:saml-provider/idp"
ROLE = f"arn:aws:iam::{HOME}:role/r"
RECIPIENT = "https://signin.aws.amazon.com/saml"
TRUST = trusts({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML", StringEquals={"saml:aud": RECIPIENT})
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
XML = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


@dataclass
class SamlIdp:
    """Signs assertions; its certificate is in the provider's metadata."""

    world: World
    key: rsa.RSAPrivateKey
    attributes: dict[str, list[str]] = field(
        default_factory=lambda: {
            f"{ATTRIBUTES}Role": [f"{ROLE},{PROVIDER}"],
            f"{ATTRIBUTES}RoleSessionName": ["jane"],
        }
    )

    def assertion(self, *, issuer: str = "https://idp.example.com", minutes: int = 5) -> str:
        until = (self.world.clock() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        attributes = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in self.attributes.items()
        )
        return (
            f'<saml:Assertion ID="a1" Version="2.0"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject>'
            '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">jane-1</saml:NameID>'
            f'<saml:SubjectConfirmation><saml:SubjectConfirmationData NotOnOrAfter="{until}" '
            f'Recipient="{RECIPIENT}"/></saml:SubjectConfirmation></saml:Subject>'
            f'<saml:Conditions NotOnOrAfter="{until}"/>'
            f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
        )

    def signed(self, assertion: str, key: rsa.RSAPrivateKey | None = None) -> str:
        """A whole response, text, whose assertion carries an enveloped signature."""
        start = assertion.replace("<saml:Assertion ", f"<saml:Assertion {XML} ", 1)
        digest = base64.b64encode(hashlib.sha256(canonicalize(start).encode()).digest()).decode()
        info = (
            f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
            '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
            '<ds:Reference URI="#a1"><ds:Transforms>'
            f'<ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{EXCLUSIVE}"/>'
            '</ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        )
        value = (key or self.key).sign(canonicalize(info).encode(), padding.PKCS1v15(), hashes.SHA256())
        signature = (
            f'<ds:Signature xmlns:ds="{DS}">{info.replace(f" xmlns:ds={chr(34)}{DS}{chr(34)}", "", 1)}'
            f"<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue></ds:Signature>"
        )
        whole = assertion.replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
        return f'<samlp:Response {XML} ID="r1">{whole}</samlp:Response>'


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def idp(world: World, key: rsa.RSAPrivateKey) -> SamlIdp:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(world.clock() - timedelta(days=1))
        .not_valid_after(world.clock() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    metadata = (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">'
        f'<IDPSSODescriptor><KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data>'
        f"<X509Certificate>{der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor>"
        "</EntityDescriptor>"
    )
    world.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata + " " * 1000)
    return SamlIdp(world, key)


def assume(response: str, role: str = ROLE, **more: Any) -> Any:
    sts = boto3.client("sts", region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    encoded = base64.b64encode(response.encode()).decode()
    return sts.assume_role_with_saml(RoleArn=role, PrincipalArn=PROVIDER, SAMLAssertion=encoded, **more)


def test_assertion_opens_the_role(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST, allow("iam:ListUsers", Condition={"StringEquals": {"saml:sub": "jane-1"}}))
    answer = assume(idp.signed(idp.assertion()))
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/r/jane"
    assert (answer["Subject"], answer["SubjectType"]) == ("jane-1", "persistent")
    assert (answer["Issuer"], answer["Audience"]) == ("https://idp.example.com", RECIPIENT)
    expected = hashlib.sha1(f"https://idp.example.com{HOME}/idp".encode()).digest()  # noqa: S324
    assert answer["NameQualifier"] == base64.b64encode(expected).decode()
    assert "Users" in world.session(answer).client("iam").list_users()  # saml:sub stays usable


def test_unsigned_assertion_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    found = refusal(assume, response=f"<samlp:Response {XML}>{idp.assertion()}</samlp:Response>")
    assert (found.code, found.status) == ("InvalidIdentityToken", 400)
    assert "signature invalid" in found.message


def test_assertion_of_another_key_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    other = rsa.generate_private_key(65537, 2048)
    assert refusal(assume, response=idp.signed(idp.assertion(), other)).code == "InvalidIdentityToken"


def test_altered_assertion_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    response = idp.signed(idp.assertion()).replace(">jane<", ">root<")
    assert refusal(assume, response=response).code == "InvalidIdentityToken"


def test_assertion_beside_the_signed_one_is_not_read(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    good = idp.signed(idp.assertion())
    idp.attributes[f"{ATTRIBUTES}RoleSessionName"] = ["evil"]
    evil = idp.assertion().replace('ID="a1"', 'ID="a2"')
    response = good.replace("<saml:Assertion ", f"{evil}<saml:Assertion ", 1)
    assert assume(response)["AssumedRoleUser"]["Arn"].endswith("/jane")


def test_document_type_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    response = '<!DOCTYPE x [<!ENTITY a "b">]>' + idp.signed(idp.assertion())
    assert refusal(assume, response=response).code == "InvalidIdentityToken"


def test_assertion_that_is_over_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    response = idp.signed(idp.assertion())
    world.clock.forward(minutes=5)
    found = refusal(assume, response=response)
    assert (found.code, found.status) == ("ExpiredTokenException", 400)


def test_assertion_of_another_issuer_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    found = refusal(assume, response=idp.signed(idp.assertion(issuer="https://other.example.com")))
    assert "Issuer not present in specified provider" in found.message


def test_role_must_be_in_the_assertion_and_trust_the_provider(world: World, idp: SamlIdp) -> None:
    other = world.role("other", TRUST)
    world.role("r", trusts(HOME))
    response = idp.signed(idp.assertion())
    for role in (other, ROLE):
        found = refusal(assume, response=response, role=role)
        assert (found.code, found.message) == (
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        )


def test_missing_provider_is_refused(world: World, idp: SamlIdp) -> None:
    world.role("r", TRUST)
    world.iam.delete_saml_provider(SAMLProviderArn=PROVIDER)
    assert "provider doesn't exist" in refusal(assume, response=idp.signed(idp.assertion())).message


def test_principal_tags_need_tag_session(world: World, idp: SamlIdp) -> None:
    idp.attributes[f"{ATTRIBUTES}PrincipalTag:Project"] = ["Automation"]
    world.role("r", TRUST)
    response = idp.signed(idp.assertion())
    assert refusal(assume, response=response).message == "Not authorized to perform sts:TagSession"
    open_trust = {**TRUST, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}
    world.iam.update_assume_role_policy(RoleName="r", PolicyDocument=document(open_trust))
    assert assume(response)["PackedPolicySize"] > 0
