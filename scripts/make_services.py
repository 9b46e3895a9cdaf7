"""Writes src/rolecall/enforcement/services.json: what tells the services that moto knows apart on the wire.

One row a boto3 service: signing name, endpoint prefix, X-Amz-Target prefix, API version, protocol and the
moto modules that answer on its host. Run it again when botocore or moto is updated.
"""

from __future__ import annotations

import json
from pathlib import Path

from botocore.loaders import Loader
from moto.backend_index import backend_url_patterns

TARGET = Path(__file__).parents[1] / "src" / "rolecall" / "enforcement" / "services.json"
# Hosts that are not made of the endpoint prefix and the region.
HOSTS = {
    "dsql": "dsql.us-east-1.api.aws",
    "s3vectors": "s3vectors.us-east-1.api.aws",
    "s3control": "000000000000.s3-control.us-east-1.amazonaws.com",
    "sagemaker": "api.sagemaker.us-east-1.amazonaws.com",
    "iot-data": "data-ats.iot.us-east-1.amazonaws.com",
    "budgets": "budgets.amazonaws.com",
    "cloudfront": "cloudfront.amazonaws.com",
    "route53": "route53.amazonaws.com",
    "mediastore-data": "data.mediastore.us-east-1.amazonaws.com",
    "timestream-write": "ingest.timestream.us-east-1.amazonaws.com",
    "timestream-query": "query.timestream.us-east-1.amazonaws.com",
}
MODULES = {
    "lambda": "awslambda",
    "docdb": "rds",
    "neptune": "rds",
    "apigatewayv2": "apigateway",
    "opensearch": "es",
}


def modules_on(host: str) -> list[str]:
    """The moto modules whose URL pattern matches a host, in moto's order."""
    return list(
        dict.fromkeys(module for module, pattern in backend_url_patterns if pattern.match(f"https://{host}/"))
    )


def main() -> None:
    loader = Loader()
    rows = {}
    for service in sorted(loader.list_available_services("service-2")):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        prefix = metadata["endpointPrefix"]
        host = HOSTS.get(service, f"{prefix}.us-east-1.amazonaws.com")
        modules = modules_on(host)
        module = MODULES.get(service, service.replace("-", ""))
        if module not in modules:
            continue
        rows[service] = {
            "signing": metadata.get("signingName", prefix),
            "prefix": prefix,
            "host": host.replace("us-east-1", "{region}"),
            "target": metadata.get("targetPrefix"),
            "version": metadata.get("apiVersion"),
            "protocol": metadata["protocol"],
            "module": module,
        }
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    TARGET.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
