"""Every policy document that the chains name: valid by the schema of its kind, and a broken copy is not."""

import json


def test_document_is_valid(document_use):
    """What IAM would refuse is an error here, with file, line and column."""
    errors = [str(finding) for finding in document_use.errors()]
    assert not errors, "\n".join(errors)


def test_broken_copy_is_not_valid(document_use):
    """The schema is not a rubber stamp: without its Effect the same document is refused."""
    broken = json.loads(document_use.text)
    statement = broken["Statement"][0] if isinstance(broken["Statement"], list) else broken["Statement"]
    del statement["Effect"]
    rules = {finding.message for finding in document_use.with_text(json.dumps(broken)).errors()}
    assert any("Effect" in message for message in rules), rules
