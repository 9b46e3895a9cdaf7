"""A report of one chain alone holds everything that this chain needs and nothing of the others."""

from __future__ import annotations

from rolecall.reports import Evidence, render_html
from rolecall.reports.one_chain import only_chains
from tests.reports.sample import sample


def test_one_chain_with_its_documents_and_controls() -> None:
    whole = sample()
    first, second = whole.chains[0], whole.chains[1]
    part = only_chains(whole, [first.name])
    assert part.chains == (first,)
    assert part.run == whole.run
    known = {document.id for document in part.documents}
    assert {key for principal in first.principals for key in principal.documents} <= known
    assert not any(
        (document.file or "").startswith(f"policies/{second.name}/") for document in part.documents
    )
    assert {c for item in first.expectations for c in item.controls} == {c.id for c in part.controls}
    assert Evidence.from_json(part.to_json()) == part
    assert f'id="{second.name}/"' not in render_html(part)
