"""Pictures, matrices and listings: what is drawn is what the evidence says."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from rolecall.reports import Account, Chain, Gate, Hop, Principal, render_html
from rolecall.reports.page.listing import listings
from rolecall.reports.page.matrix import matrix
from rolecall.reports.page.picture import picture
from rolecall.reports.statement_lines import statement_lines
from rolecall.reports.words import NOT_COME_AS
from tests.reports.sample import LADDER, document, sample


def _hop(source: str, role: str, *gates: Gate) -> Hop:
    return Hop(f"{source}-{role}", source, role, "s", "arn", "allowed", gates)


def _chain(*hops: Hop, principals: str = "abc") -> Chain:
    return Chain(
        "c",
        "C",
        "chain.yaml",
        "r",
        (Account("home", "1", "1"), Account("far", "2", "2")),
        tuple(Principal(key, "role", f"arn:{key}", "far" if key == "c" else "home") for key in principals),
        hops,
    )


def test_hops_that_follow_each_other_are_one_strand_and_a_branch_is_another() -> None:
    assert len(picture(_chain(_hop("a", "b"), _hop("b", "c"))).strands) == 1
    assert len(picture(_chain(_hop("a", "b"), _hop("a", "c"))).strands) == 2


def test_principal_without_a_hop_is_drawn_too() -> None:
    strands = picture(_chain(_hop("a", "b"))).strands
    assert [box.name for strand in strands for box in strand.principals] == ["a", "b", "c"]


def test_border_of_an_account_runs_between_the_gates_of_caller_and_role() -> None:
    gates = (Gate("resource_policy", "allowed", True), Gate("identity_policies", "allowed", True))
    (strand,) = picture(_chain(_hop("a", "c", *gates), principals="ac")).strands
    home, far = strand.accounts
    permission, trusted = strand.ladders[0].rungs
    assert (permission.label, trusted.label) == ("has permission", "is trusted")
    assert home.y < permission.y < home.y + home.height < far.y < trusted.y < far.y + far.height


def test_every_gate_is_a_rung_and_those_that_decided_are_marked() -> None:
    (strand,) = picture(sample().chains[0]).strands
    rungs = [(rung.label, rung.detail, rung.where, rung.decided) for rung in strand.ladders[0].rungs]
    assert rungs == [
        ("has permission", "allowed", "assume-role-policy.json:4", True),
        ("boundary", "not set", "", False),
        ("session policy", "not set", "", False),
        ("SCP", "not set", "", False),
        ("RCP", "not set", "", False),
        ("is trusted", "allowed", "assume-role-trust-relationship.json:4", True),
    ]


def test_a_second_strand_from_a_named_session_stands_in_the_account_of_its_role() -> None:
    onward = _hop("narrow", "c")
    chain = _chain(replace(_hop("a", "b"), name="narrow"), onward, replace(onward, id="again"))
    _, second = picture(chain).strands
    assert [box.name for box in second.accounts] == ["account home 1", "account far 2"]


def test_hop_to_an_undeclared_principal_is_still_drawn() -> None:
    (strand,) = picture(_chain(_hop("x", "y"), principals="")).strands
    assert [box.name for box in strand.principals] == ["x", "y"]


def test_matrix_says_what_was_observed_and_not_what_was_promised() -> None:
    found = matrix(sample().chains[0])
    rows = {label: [[word for _, word, _ in cell.found] for cell in cells] for label, cells in found.rows}
    assert found.principals == ("assume-role-user", "assume-role-role")
    assert rows["ec2:DescribeInstances"] == [["cannot"], ["can"]]
    assert rows["ec2:TerminateInstances"] == [[], ["can"]]
    assert rows["ec2:DescribeSpotPriceHistory"] == [[], ["not shown"]]


def test_lines_of_a_single_statement_object_and_of_one_line_documents() -> None:
    single = document("d", "d", "trust", '{\n "Statement": {\n  "Effect": "Allow"\n }\n}')
    assert statement_lines(single) == {0: (2, 4)}
    flat = document("d", "d", "trust", '{"Statement": [{"Sid": "}"}, {"Sid": "b"}]}')
    assert statement_lines(flat) == {0: (1, 1), 1: (1, 1)}


def test_what_is_no_policy_has_no_statements_but_all_its_lines() -> None:
    for text in ("", "[]", "not json\nat all\n", '{"Statement": 7}', "[" * 5000):
        broken = document("d", "d", "trust", text)
        assert statement_lines(broken) in ({}, {0: (1, 1)})
        listing = listings(replace(sample(), documents=(broken,)))["d"]
        assert sum(len(block.lines) for block in listing.blocks) == len(text.splitlines())


def test_listing_holds_every_line_once_and_marks_what_decided_and_what_nothing_exercises() -> None:
    listing = listings(sample())["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]
    lines = [line for block in listing.blocks for line in block.lines]
    assert lines == listing.document.text.splitlines()
    marks = {block.indexes: block.mark for block in listing.blocks if block.indexes}
    assert marks == {(0,): "decided", (1,): "gap", (2,): "gap", (3,): "gap", (4,): ""}


def test_a_branch_that_is_left_does_not_make_its_statement_unexercised() -> None:
    whole = sample()
    chain = whole.chains[0]
    assert chain.coverage is not None
    (first, *_) = chain.coverage.gaps
    document = first.statement.document

    def marks(note: str) -> set[str]:
        gap = replace(first, branch="principal x", note=note)
        covered = replace(chain, coverage=replace(chain.coverage, gaps=(gap,)))
        blocks = listings(replace(whole, chains=(covered, *whole.chains[1:])))[document].blocks
        return {block.mark for block in blocks}

    assert "gap" in marks("no expectation hangs on this trust statement")
    assert "gap" not in marks(NOT_COME_AS)


def test_what_has_no_room_beside_its_neighbour_in_a_wide_font_has_a_line_of_its_own() -> None:
    hop = replace(_hop("a", "b", Gate("scps", "explicitDeny", True)), outcome="explicitDeny")
    settings = {"external_id": "tenant-0042-of-the-partner", "duration": "3600", "source_identity": "alice"}
    ladders = [
        picture(_chain(replace(hop, **change))).strands[0].ladders[0]  # type: ignore[arg-type]
        for change in (
            {"outcome": "allowed"},
            {},
            {"action": "sts:AssumeRoleWithWebIdentity"},
            {"settings": settings},
        )
    ]
    assert [ladder.heading for ladder in ladders[:3]] == [
        ("hop 1: AssumeRole",),
        ("hop 1:", "AssumeRole"),
        ("hop 1:", "AssumeRoleWithWebIdentity"),
    ]
    assert [ladder.rungs[0].y - ladder.y for ladder in ladders] == [66, 81, 81, 129]
    assert " ".join(ladders[3].lines[1]) == (
        "with duration 3600, external id tenant-0042-of-the-partner, source identity alice"
    )


def test_boxes_and_gates_are_as_high_as_their_lines_and_never_overlap() -> None:
    kept = tuple(replace(sample().chains[0].expectations[0], principal=key) for key in ("a" * 30, "b"))
    hops = (replace(_hop("a" * 30, "b", *LADDER), session_name="s" * 40), _hop("b", "c", *LADDER))
    people = tuple(Principal(key, "role", f"arn:{key}", "home") for key in ("a" * 30, "b", "c"))
    (strand,) = picture(replace(_chain(*hops), principals=people, expectations=kept)).strands
    first, second, _ = strand.principals
    assert (first.lines, first.note, first.height) == (("role", "1 of 1 kept"), "", 65)
    assert (second.lines, second.note, second.height) == (
        ("role · session " + "s" * 20, "s" * 20),
        "1 of 1 kept",
        65,
    )
    ladders = [(rung.y, rung.y + rung.height) for ladder in strand.ladders for rung in ladder.rungs]
    boxes = [(box.y, box.y + box.height) for box in strand.principals]
    heads = [(ladder.y, ladder.y + ladder.head) for ladder in strand.ladders]
    taken = sorted([*ladders, *boxes, *heads])
    assert all(before[1] <= after[0] for before, after in pairwise(taken))
    assert taken[-1][1] < strand.height


def test_long_names_that_begin_alike_are_told_apart_and_told_in_full() -> None:
    chain = sample().chains[0]
    long = "a-name-that-all-of-our-roles-begin-with"
    one = replace(chain.principals[0], key=f"{long}-blue")
    other = replace(chain.principals[0], key=f"{long}-green")
    drawn = picture(replace(chain, hops=(), principals=(one, other))).strands
    first, second = (strand.principals[0] for strand in drawn)
    assert first.name != second.name
    assert max(len(first.name), len(second.name)) <= 30
    page = render_html(replace(sample(), chains=(replace(chain, hops=(), principals=(one, other)),)))
    assert f"<title>{long}-blue</title>" in page
