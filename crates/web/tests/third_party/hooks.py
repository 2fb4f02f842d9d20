"""What schemathesis is told of our APIs: which server errors are WhatsApp's, and what there is.

KNOWN says, as JSON, which ids there are: of a path by its beginning (a list of them), of a body by the
field's name; the examples' numbers, and people to write to instead of them.
REPORT is a file for a line a response.
"""

import collections
import json
import os

import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])
REPORT = open(os.environ["REPORT"], "a", buffering=1)

# How the vendors say that WhatsApp, or the server of a file, did not take a message.
REFUSALS = {
    "Failed to send message",
    "Meta upload failed",
    "Storage upload failed",
    "MESSAGE_SEND_FAILED",
}

# What sends, and how it calls whom it sends to.
SENDS = (
    "/api/v1/messages",
    "/api/v2/auth/resend",
    "/api/v2/auth/send-otp",
    "/api/v2/messages/",
    "/send-template",
    "/send-whatsapp",
)
NUMBERS = {"phone", "phone_number", "to", "whatsappNumber"}


@schemathesis.check
def no_server_error_of_our_own(ctx, response, case):
    if response.status_code < 500:
        return
    error = response.json()["error"]
    reason = error["code"] if isinstance(error, dict) else error
    assert reason in REFUSALS, f"{response.status_code}: {reason}"


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Every other request of an operation names what is there, so that some are answered."""
    operation = (case.operation.method, case.operation.path)
    before_call.turns[operation] += 1
    turn = before_call.turns[operation]
    # WhatsApp takes a few messages a minute to one person, and makes who sends more wait.
    if isinstance(case.body, dict) and case.operation.path.startswith(SENDS):
        for name in case.body.keys() & NUMBERS:
            if case.body[name] in KNOWN["numbers"]:
                case.body[name] = KNOWN["people"][turn % len(KNOWN["people"])]
    if turn % 2 == 0:
        return
    ids = [known for beginning, known in KNOWN["paths"] if case.operation.path.startswith(beginning)]
    # Of two ids, the second is there to be deleted.
    deletes = case.operation.method.upper() == "DELETE" and case.operation.path.endswith("{id}")
    for name in case.path_parameters or {} if ids else {}:
        case.path_parameters[name] = ids[0][-1 if deletes else 0]
    if isinstance(case.body, dict):
        for name in case.body.keys() & KNOWN["fields"].keys():
            case.body[name] = KNOWN["fields"][name]


before_call.turns = collections.Counter()


@schemathesis.hook
def after_call(ctx, case, response):
    REPORT.write(f"{case.operation.method.upper()} {case.operation.path} {response.status_code}\n")
