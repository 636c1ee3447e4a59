# orders.py: ships orders while there is stock, and does what handlers should not do when it is told to.
import os
import time


def lambda_handler(event, context):
    match event.get("do"):
        case "hang":
            while True:
                time.sleep(60)
        case "hoard":
            return len([b"x" * size for size in range(64 << 20, 128 << 20, 1 << 20)])
    order = event["order"]
    if os.environ["STOCK"] != "full":
        raise LookupError(f"{order} is out of stock")
    print(f"shipped {order}")
    return {"shipped": order}
