# shard_mean.py: a handler that reads what it is told to, with nothing but boto3 and numpy.
import boto3
import numpy as np

s3 = boto3.client("s3")  # finds the store, its credentials and its region in the environment


def lambda_handler(event, context):
    if "parts" in event:  # results of other shards, to be made one
        count = sum(part["count"] for part in event["parts"])
        total = sum(part["mean"] * part["count"] for part in event["parts"])
    else:
        values = np.concatenate([read(data["bucket"], o) for data in bound(event) for o in data["objects"]])
        count, total = len(values), float(values.sum())
    return {"mean": total / count, "count": count}


def bound(event):
    return [data for data in event["function_data"].values() if "objects" in data]


def read(bucket, o):
    body = s3.get_object(Bucket=bucket, Key=o["key"], IfMatch=o["etag"])["Body"]
    return np.loadtxt(body.read().decode().splitlines()[1:], ndmin=1)
