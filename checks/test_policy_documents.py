"""Every policy document that the chains name: nothing that AWS refuses, and a broken copy is refused."""

import json


def test_document_is_valid(document_use):
    """What AWS would refuse fails, with file, line and column; what is merely unwise is a warning."""
    errors = [str(finding) for finding in document_use.errors()]
    document_use.warn()
    assert not errors, "\n".join(errors)


def test_broken_copy_is_not_valid(document_use):
    """The schema is not a rubber stamp: without its Effect the same document is refused."""
    broken = json.loads(document_use.text)
    statement = broken["Statement"][0] if isinstance(broken["Statement"], list) else broken["Statement"]
    del statement["Effect"]
    messages = [finding.message for finding in document_use.errors_of(json.dumps(broken))]
    assert any("Effect" in message for message in messages), messages
