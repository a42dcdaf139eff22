"""Prints the messages of a Kafka topic as `kcat -J` does: read.py BROKER TOPIC COUNT."""

import json
import sys

from confluent_kafka import Consumer

broker, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
consumer = Consumer({
    "bootstrap.servers": broker,
    "group.id": "read-" + topic,
    "auto.offset.reset": "earliest",
})
consumer.subscribe([topic])
for _ in range(count):
    message = consumer.poll(30)
    if message is None:
        sys.exit("no message within 30 s")
    if message.error():
        sys.exit(str(message.error()))
    print(json.dumps({
        "key": message.key().decode(),
        "payload": message.value().decode(),
        "headers": [text for name, value in message.headers() for text in (name, value.decode())],
    }))
consumer.close()
