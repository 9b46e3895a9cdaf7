from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rolecall.chains import (
    ActionExpectation,
    Because,
    Chain,
    HopExpectation,
    OidcProvider,
    Role,
    User,
    document,
    find_chains,
    load_chain,
    load_chains,
)
from rolecall.errors import InputError
from rolecall.iam import Stage
from tests.chains.conftest import BASE, HEAD, TRUST

Write = Callable[[str], Path]
ROOT = Path(__file__).parents[2]


def test_the_base_chain_is_read_as_it_is_written() -> None:
    chain = load_chain(ROOT / "policies" / "assume-role")
    assert chain.arn_of("assume-role-role") == "arn:aws:iam::278805249149:role/assume-role-role"
    assert (
        chain.session_arn(chain.hops[0])
        == "arn:aws:sts::278805249149:assumed-role/assume-role-role/assume-role-session"
    )
    assert chain.path_to("assume-role-role") == chain.hops
    assert chain.expectation("base-user-cannot-describe-ec2") == ActionExpectation(
        "base-user-cannot-describe-ec2",
        "assume-role-user",
        False,
        ("ec2:DescribeInstances",),
        because=Because("implicit"),
    )
    trust = chain.roles["assume-role-role"].trust
    assert trust.text == (ROOT / "policies/assume-role/assume-role-trust-relationship.json").read_text()


def test_unquoted_scalars_stay_the_strings_that_they_are(manifest: Write) -> None:
    text = BASE.replace('"111111111111"', "012345670123").replace("deploy}\n", "deploy, external_id: 0012}\n")
    text += (
        "expect: [{id: 0x10, as: deploy, allow: 's3:*', when: {aws:CurrentTime: 2012-10-17, 'aws:x': true}}]"
    )
    chain = load_chain(manifest(text))
    assert chain.accounts == {"home": "012345670123"}
    assert chain.hops[0].external_id == "0012"
    expectation = chain.expectation("0x10")
    assert isinstance(expectation, ActionExpectation)
    assert expectation.when == {"aws:CurrentTime": "2012-10-17", "aws:x": "true"}


def test_yaml_and_python_build_the_same_chain(manifest: Write) -> None:
    text = HEAD + "users:\n  alice: {access_key: true}\nroles:\n  deploy: {trust: trust.json, path: /ops/}\n"
    trust = document(TRUST, name="trust.json")
    assert load_chain(manifest(text)) == Chain(
        "test",
        {"home": "111111111111"},
        users={"alice": User("alice", "home", access_key=True)},
        roles={"deploy": Role("deploy", "home", trust, path="/ops/")},
    )


def test_everything_that_a_manifest_can_say_is_read(manifest: Write) -> None:
    chain = load_chain(
        manifest(
            """\
version: 1
chain: full
accounts: {home: 111111111111, prod: 222222222222}
policies:
  allow: allow.json
  edge: {file: allow.json, name: edge-policy, path: /b/, account: prod, tags: {a: b}}
groups:
  devs: {policies: allow, inline: {extra: allow.json}}
users:
  alice: {groups: [devs], access_key: true, mfa: true, boundary: allow}
  idle:
roles:
  deploy: {trust: trust.json, account: prod, boundary: edge, max_session_duration: 7200, name: Deploy,
    path: /p/}
  last: {trust: trust.json, account: prod}
providers:
  github: {url: "https://token.actions.githubusercontent.com", client_ids: sts.amazonaws.com}
hops:
  - {from: alice, assume: deploy, mfa: true, tags: {team: blue}, transitive_tags: [team], duration: 7200}
  - {name: narrow, from: alice, assume: deploy, session_policy: allow.json}
  - {from: narrow, assume: last}
  - {from: github, assume: last, claims: {sub: "repo:o/r:ref:refs/heads/main", aud: [a, b]}}
scps: {prod: [[FullAWSAccess], [FullAWSAccess, allow.json]]}
resources:
  - ec2_instance:
  - s3_bucket: {name: data-1, objects: {a.txt: hello}, policy: trust.json}
expect:
  - id: b
    as: deploy
    deny: ["iam:*"]
    because: {kind: explicit, stage: boundary, statement: 0, condition_key: aws:x}
  - {id: h, hop: narrow, with: {tags: {x: y}, duration: 900}, because: {stage: trust}}
  - {id: a, assumers_of: last, exactly: [github, deploy, ec2.amazonaws.com, "222222222222"]}
waivers: [{expectation: b, reason: r, approved_by: a, until: 2027-01-31}]
suppressions: [{rule: R1, reason: r, file: allow.json, statement: Sid1}]
"""
        )
    )
    assert chain.arn_of("deploy") == "arn:aws:iam::222222222222:role/p/Deploy"
    assert chain.session_arn(chain.hops[0]) == "arn:aws:sts::222222222222:assumed-role/Deploy/rolecall"
    assert chain.policy_arn("edge") == "arn:aws:iam::222222222222:policy/b/edge-policy"
    assert isinstance(chain.providers["github"], OidcProvider)
    assert chain.arn_of("github").endswith(":oidc-provider/token.actions.githubusercontent.com")
    assert chain.hops[3].claims == {"sub": "repo:o/r:ref:refs/heads/main", "aud": ("a", "b")}
    expectation = chain.expectation("b")
    assert isinstance(expectation, ActionExpectation)
    assert expectation.because == Because("explicit", Stage.BOUNDARY, 0, "aws:x")
    hop = chain.expectation("h")
    assert isinstance(hop, HopExpectation)
    mutated = chain.mutated(hop)
    assert (mutated.tags, mutated.duration, mutated.session_policy) == (
        {"x": "y"},
        900,
        chain.hops[1].session_policy,
    )
    assert [len(level) for level in chain.scps["prod"]] == [1, 2]
    assert chain.waivers[0].until == date(2027, 1, 31)
    assert chain.path_to("last", "alice") == (chain.hops[1], chain.hops[2])
    assert chain.path_to("last") == (chain.hops[3],)
    assert chain.path_to("narrow") == (chain.hops[1],)
    assert chain.role_of("narrow").name == "deploy"


def test_chains_are_found_in_folders_manifests_and_trees(tmp_path: Path) -> None:
    for name in ("b", "a", ".hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chain.yaml").write_text("")
    assert [p.parent.name for p in find_chains([tmp_path])] == ["a", "b"]
    assert [p.parent.name for p in find_chains([tmp_path / "b", tmp_path])] == ["b", "a"]
    assert find_chains([tmp_path / "b" / "chain.yaml"]) == (tmp_path / "b" / "chain.yaml",)
    with pytest.raises(InputError, match="no such file"):
        find_chains([tmp_path / "none"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no chain\.yaml"):
        find_chains([tmp_path / "empty"])


def test_two_chains_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chain.yaml").write_text(HEAD)
    with pytest.raises(InputError, match=r"declared in .*a/chain\.yaml too"):
        load_chains([tmp_path])


def test_document_of_a_neighbour_folder_may_be_used(manifest: Write) -> None:
    path = manifest(BASE.replace("trust.json", "../common/trust.json"))
    common = path.parent.parent / "common"
    common.mkdir()
    (path.parent / "trust.json").rename(common / "trust.json")
    assert load_chain(path).roles["deploy"].trust.path == "../common/trust.json"


def test_a_ring_of_hops_is_read_and_the_way_in_is_found(manifest: Write) -> None:
    text = BASE.replace(
        "deploy: {trust: trust.json}", "deploy: {trust: trust.json}\n  ring: {trust: trust.json}"
    )
    text += (
        "  - {from: deploy, assume: ring}\n  - {from: ring, assume: deploy}\nexpect: [{id: r, reach: ring}]\n"
    )
    chain = load_chain(manifest(text))
    assert [hop.assume for hop in chain.path_to("ring") or ()] == ["deploy", "ring"]
