"""Handlers as users write them, each for one promise of the bridge."""

import json
import os
import subprocess
import sys
import time


def echo(event, context):
    return event


def context(event, context):
    client = context.client_context
    return {
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
        "client": client.custom if client else None,
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
    }


def crash_or_count(event, context):
    if event.get("crash"):
        os._exit(event["crash"])
    return {"pid": os.getpid()}


def meet(event, context):
    """Returns when as many handlers are at work at the same time as there are parties."""
    open(os.path.join(event["place"], str(os.getpid())), "x").close()
    while len(os.listdir(event["place"])) < event["parties"]:
        time.sleep(0.01)
    return {"pid": os.getpid()}


def large(event, context):
    return "x" * event["bytes"]


def not_json(event, context):
    return object()


def noisy(event, context):
    for _ in range(event["lines"]):
        print("y" * 99)
    return "done"


def fork(event, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(event.get("seconds", 0))
    return {"child": child.pid}


def chain(event, context):
    return {"specversion": "1.0", "id": "1", "source": "/chain", "type": "second", "data": {"was": event}}


def web(event, context):
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "text/plain", "X-Path": event["rawPath"]},
        "cookies": ["a=1", "b=2"],
        "body": json.dumps([event["requestContext"]["http"]["method"], event.get("body")]),
    }
