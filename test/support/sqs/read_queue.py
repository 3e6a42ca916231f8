"""Takes all that is in a queue out of it, with boto3: read_queue.py ENDPOINT REGION QUEUE_URL

Prints each message as a line of JSON, in the order of the queue. The digests are worked out here, as the documentation of
SQS says, beside those that the server gives.
"""

import base64
import hashlib
import json
import struct
import sys

import boto3
from botocore.config import Config


def sized(data):
    return struct.pack(">I", len(data)) + data


def md5_of_attributes(attributes):
    digest = hashlib.md5()
    for name in sorted(attributes):
        attribute = attributes[name]
        digest.update(sized(name.encode()) + sized(attribute["DataType"].encode()))
        digest.update(b"\x01" + sized(attribute["StringValue"].encode()))
    return digest.hexdigest()


def shown(message):
    body = message["Body"].encode()
    attributes = message.get("MessageAttributes", {})
    system = message.get("Attributes", {})
    return {
        "messageId": message["MessageId"],
        "body": base64.b64encode(body).decode(),
        "bodyDigests": [message["MD5OfBody"], hashlib.md5(body).hexdigest()],
        "attributes": {name: held["StringValue"] for name, held in attributes.items()},
        "types": sorted({held["DataType"] for held in attributes.values()}),
        "attributesDigests": [message.get("MD5OfMessageAttributes"), md5_of_attributes(attributes)],
        "group": system.get("MessageGroupId"),
        "deduplicationId": system.get("MessageDeduplicationId"),
    }


def main(endpoint, region, url):
    sqs = boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="reader",
        aws_secret_access_key="reader",
        config=Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=20),
    )
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            print(json.dumps(shown(message)))
        entries = [{"Id": str(at), "ReceiptHandle": held["ReceiptHandle"]} for at, held in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)


main(*sys.argv[1:])
