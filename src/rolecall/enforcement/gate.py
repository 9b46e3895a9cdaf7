"""The gate in front of moto: every call is authenticated and authorized here, in process and over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rolecall.enforcement import own_operations, sts
from rolecall.enforcement.actions import checks_for, plan_of
from rolecall.enforcement.ambiguity import has_ill_typed
from rolecall.enforcement.answers import Answer, error_answer, result_answer
from rolecall.enforcement.authentication import Authenticator
from rolecall.enforcement.calls import ApiCall, ApiError, Caller
from rolecall.enforcement.denying import authorize_checks
from rolecall.enforcement.expected_owners import check_expected_owners
from rolecall.enforcement.families import Family, Refusal, family_of, refusal
from rolecall.enforcement.form_posts import check_form, is_form_post, read_form
from rolecall.enforcement.parsing import form_values, other_services, parse_call, possible_services
from rolecall.enforcement.preparation import account_for, prepare
from rolecall.enforcement.services import load_services, modules_on_host
from rolecall.enforcement.signatures import IncompleteSignature, read_signature
from rolecall.enforcement.strict_iam.key_lockout import check_key_lockout
from rolecall.enforcement.strict_iam.resource_principals import check_saved_policy
from rolecall.enforcement.sts_session_limits import check_session_limits
from rolecall.enforcement.unimplemented import not_implemented, undecided
from rolecall.iam.principals import Principal, PrincipalType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rolecall.enforcement.calls import HttpRequest
    from rolecall.enforcement.checks import Check
    from rolecall.enforcement.environment import Environment
    from rolecall.enforcement.services import Service
    from rolecall.enforcement.signatures import Signature

__all__ = ["Admission", "Gate"]


_INCOMPLETE = {"query": Refusal.INCOMPLETE_QUERY, "both": Refusal.TWO_SIGNATURES}


@dataclass(frozen=True, slots=True)
class Admission:
    """A call that may go on to moto, in the account that it concerns."""

    call: ApiCall
    caller: Caller | None
    account: str
    host: str
    """The host of AWS that serves the call."""


class Gate:
    """Decides on each request of one environment."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._authenticator = Authenticator(environment)

    def knows(self, access_key_id: str) -> bool:
        """Whether a key belongs to this environment."""
        return self._authenticator.knows(access_key_id)

    def pass_through(self, request: HttpRequest, aws_host: str | None) -> Answer | Admission:
        """The answer to a request, or its admission to moto.

        ``aws_host`` is the host of AWS that an intercepted request goes to, None where one endpoint
        serves every service.
        """
        family, form = Family.QUERY, False
        try:
            if is_form_post(request) and (aws_host is None or "s3" in modules_on_host(aws_host)):
                family = Family.S3
                return self._form_post(request, aws_host)
            values = form_values(request)
            form = "Action" in values
            try:
                signature = read_signature(request)
            except IncompleteSignature as error:
                family = self._family(request, None, values, aws_host)
                why = _INCOMPLETE.get(error.place, Refusal.INCOMPLETE)
                raise refusal(family, why, str(error)) from error
            services = possible_services(request, signature, values, aws_host)
            if not services:
                family = self._family(request, signature, values, aws_host)
                if signature is None:
                    raise refusal(family, Refusal.MISSING)
                self._authenticator.caller(request, signature, family)
                meant = possible_services(request, None, values, aws_host)
                if "Action" in values and len({service.signing for service in meant}) == 1:
                    message = f"Credential should be scoped to correct service: '{meant[0].signing}'. "
                    raise refusal(Family.QUERY, Refusal.WRONG_SCOPE, message)
                raise undecided(f"No known service signs as '{signature.service}' for such a request")
            family = family_of(services[0].name, services[0].protocol)
            caller = None
            if signature is not None:
                caller = self._authenticator.caller(request, signature, family)
            region = signature.region if signature else self.environment.region
            host = aws_host or _host_of(services[0], region, request)
            partition = self.environment.partition
            call = parse_call(request, services, values, region=region, partition=partition, aws_host=host)
            if call is None:
                # A service that moto lacks can share the signing name of one that it has.
                services = other_services(request, signature, values, aws_host)
                call = parse_call(
                    request, services, values, region=region, partition=partition, aws_host=host
                )
            if call is None and signature is None:
                raise refusal(family, Refusal.MISSING)
            if call is None:
                raise undecided("The service has no such operation in the installed botocore")
            service = next(service for service in services if service.name == call.service)
            family = family_of(service.name, service.protocol)
            if caller is None and call.service == "s3" and _is_version_2(request):
                raise ApiError(
                    "InvalidRequest",
                    "The authorization mechanism you have provided is not supported. Please use "
                    "AWS4-HMAC-SHA256.",
                    400,
                )
            admitted = self._decide(call, caller, aws_host or _host_of(service, region, request), family)
            if isinstance(admitted, Admission) and not service.module:
                raise not_implemented(call)
            return admitted
        except ApiError as error:
            return error_answer(self.environment, family, error, method=request.method, form=form)

    def not_implemented(self, admission: Admission, detail: str = "") -> Answer:
        """The answer to an admitted call that moto cannot carry out."""
        call = admission.call
        service = load_services()[call.service]
        return error_answer(
            self.environment,
            family_of(service.name, service.protocol),
            not_implemented(call, detail),
            method=call.http.method,
            form="Action" in form_values(call.http),
        )

    def after(self, admission: Admission, status: int) -> None:
        """To be called when moto has answered an admitted call."""
        if admission.call.service == "iam" and admission.caller is not None and status < 300:
            from rolecall.enforcement import strict_iam

            strict_iam.after(admission.call, admission.caller, self.environment)

    def _decide(self, call: ApiCall, caller: Caller | None, host: str, family: Family) -> Answer | Admission:
        environment = self.environment
        if caller is None:
            caller = self._unsigned(call, family)
        own = own_operations.find(call)
        if own is not None and caller is not None:
            return result_answer(environment, call, own(call, caller, environment))
        if call.service == "sts":
            return result_answer(environment, call, sts.answer(call, caller, environment))
        if caller is None:
            return Admission(call, None, environment.account_id, host)
        check_session_limits(call, caller)
        check_expected_owners(call)
        checks = _checks(call, caller, environment)
        if not plan_of(call.service, call.operation) and not _asks_for_nothing(call):
            raise undecided(f"No action is known for {call.service}:{call.operation}")
        authorize_checks(environment, caller, call, checks, family)
        check_saved_policy(call, environment)
        check_key_lockout(call, caller, environment)
        if call.service == "iam":
            from rolecall.enforcement import strict_iam

            strict_iam.check(call, caller, environment)
            own = strict_iam.own_operation(call)
            if own is not None:
                return result_answer(environment, call, own(call, caller, environment))
        prepare(call, caller, environment)
        return Admission(call, caller, account_for(call, caller, checks), host)

    def _form_post(self, request: HttpRequest, aws_host: str | None) -> Answer | Admission:
        """A form posted to S3 puts an object, if its policy and those of its signer permit it."""
        environment = self.environment
        host = aws_host or _host_of(load_services()["s3"], environment.region, request)
        form = read_form(request, host)
        caller = self._authenticator.poster(form.fields)
        check_form(form, environment.signing_clock())
        params = {"Bucket": form.bucket, "Key": form.key}
        if form.fields.get("acl"):
            params["ACL"] = form.fields["acl"]
        if form.fields.get("tagging"):
            raise undecided("Tags in a posted form are not read")
        call = ApiCall("s3", "PutObject", params, environment.region, environment.partition, request)
        return self._decide(call, caller, host, Family.S3)

    def _unsigned(self, call: ApiCall, family: Family) -> Caller | None:
        """The anonymous caller where AWS takes one; None for operations that bring their own proof."""
        if call.service == "s3":
            return Caller(Principal(PrincipalType.ANONYMOUS, "anonymous"), "")
        if _asks_for_nothing(call):
            return None
        raise refusal(family, Refusal.MISSING)

    @staticmethod
    def _family(
        request: HttpRequest, signature: Signature | None, values: Mapping[str, str], aws_host: str | None
    ) -> Family:
        services = possible_services(request, signature, values, aws_host)
        if services:
            return family_of(services[0].name, services[0].protocol)
        # Who cannot be told is answered in the form of the request.
        if "x-amz-target" in request.headers:
            return Family.JSON
        return Family.QUERY if "Action" in values else Family.REST_JSON


def _checks(call: ApiCall, caller: Caller, environment: Environment) -> tuple[Check, ...]:
    """The checks of a call; an error of AWS where a parameter is of another type than it should be."""
    try:
        return checks_for(call, caller, environment)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if has_ill_typed(call):
            message = "A parameter of the request is of another type than the operation takes."
            raise ApiError("SerializationException", message, 400) from error
        raise


def _asks_for_nothing(call: ApiCall) -> bool:
    """Whether an operation takes callers without a credential: it brings a proof of its own."""
    from moto.core.utils import get_service_model

    operation = get_service_model(call.service).operation_model(call.operation)
    return bool(operation.auth_type == "none" or operation.auth == ["smithy.api#noAuth"])


def _host_of(service: Service, region: str, request: HttpRequest) -> str:
    """The host of AWS for a request to an endpoint that serves everything."""
    host = service.host.replace("{region}", region)
    if region.startswith("cn-"):
        host += ".cn"
    name = request.host.partition(":")[0]
    account = request.headers.get("x-amz-account-id")
    if service.name == "s3control" and account:
        host = f"{account}.s3-control.{region}.amazonaws.com"
    if service.name == "s3" and name.endswith(".localhost"):
        host = f"{name.removesuffix('.localhost')}.{host}"
    return host


def _is_version_2(request: HttpRequest) -> bool:
    """Whether a request carries a signature of version 2, which S3 takes no more for new buckets."""
    return "AWSAccessKeyId=" in request.query or request.headers.get("authorization", "").startswith("AWS ")
