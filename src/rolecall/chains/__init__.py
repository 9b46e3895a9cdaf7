"""What is declared: the manifest, its JSON Schema, the loader, and the chain that all of them mean."""

from __future__ import annotations

from rolecall.chains.checking import check_chain
from rolecall.chains.documents import FULL_AWS_ACCESS, Document, PolicyDocument, document
from rolecall.chains.expectations import (
    ActionExpectation,
    AssumersExpectation,
    Because,
    Expectation,
    HopExpectation,
    OnlyExpectation,
    ReachExpectation,
)
from rolecall.chains.hops import Hop
from rolecall.chains.loading import find_chains, load_chain, load_chains
from rolecall.chains.model import Chain
from rolecall.chains.organizations import Organization
from rolecall.chains.principals import Group, OidcProvider, Provider, Role, SamlProvider, User
from rolecall.chains.rebasing import rebase
from rolecall.chains.resource_arns import named_arn, real_arn, resource_arn, resource_of
from rolecall.chains.resources import Resource
from rolecall.chains.waivers import Suppression, Waiver

__all__ = [
    "FULL_AWS_ACCESS",
    "ActionExpectation",
    "AssumersExpectation",
    "Because",
    "Chain",
    "Document",
    "Expectation",
    "Group",
    "Hop",
    "HopExpectation",
    "OidcProvider",
    "OnlyExpectation",
    "Organization",
    "PolicyDocument",
    "Provider",
    "ReachExpectation",
    "Resource",
    "Role",
    "SamlProvider",
    "Suppression",
    "User",
    "Waiver",
    "check_chain",
    "document",
    "find_chains",
    "load_chain",
    "load_chains",
    "named_arn",
    "real_arn",
    "rebase",
    "resource_arn",
    "resource_of",
]
