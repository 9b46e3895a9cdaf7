"""IAM as strict as AWS."""
