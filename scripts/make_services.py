"""Writes services.json and unserved_services.json of src/rolecall/enforcement: what tells services apart.

One row a boto3 service: signing name, endpoint prefix, X-Amz-Target prefix, API version, protocol and the
moto module that answers it. Services that moto does not answer are in the second file: calls to them are
authorized too. Run it again when botocore or moto is updated.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from botocore.loaders import Loader
from moto.backend_index import backend_url_patterns

from rolecall.targets.sessions import SessionMaker

FOLDER = Path(__file__).parents[1] / "src" / "rolecall" / "enforcement"
SERVED, UNSERVED = FOLDER / "services.json", FOLDER / "unserved_services.json"
# Hosts that are not made of the endpoint prefix and the region.
HOSTS = {
    "devops-agent": "aidevops.us-east-1.api.aws",
    "kinesis-video-archived-media": "b-00000000.kinesisvideo.us-east-1.amazonaws.com",
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


def endpoint_host(service: str) -> str:
    """The host that boto3 calls in us-east-1."""
    client = SessionMaker().session("AKIA", "secret", None, "us-east-1").client(service)
    return str(urlsplit(client.meta.endpoint_url).netloc)


def write(target: Path, rows: dict[str, dict[str, str | None]]) -> None:
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    target.write_text("{\n" + lines + "\n}\n")


def main() -> None:
    loader = Loader()
    served, unserved = {}, {}
    for service in sorted(loader.list_available_services("service-2")):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        prefix = metadata["endpointPrefix"]
        host = HOSTS.get(service, f"{prefix}.us-east-1.amazonaws.com")
        module = MODULES.get(service, service.replace("-", ""))
        answers = module in modules_on(host)
        row = {
            "signing": metadata.get("signingName", prefix),
            "prefix": prefix,
            "host": (host if answers else endpoint_host(service)).replace("us-east-1", "{region}"),
            "target": metadata.get("targetPrefix"),
            "version": metadata.get("apiVersion"),
            "protocol": metadata["protocol"],
            "module": module if answers else "",
        }
        (served if answers else unserved)[service] = row
    write(SERVED, served)
    write(UNSERVED, unserved)


if __name__ == "__main__":
    main()
