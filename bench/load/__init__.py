"""Many controllers at once: alarms, ticks and uploads of a whole account, on one virtual clock.

Every invocation is the real dispatcher over real boto3 clients and the AWS in memory. Assumed are the times of calls, a
cold start of a second and the account's 15 calls a second (``account``), and environments without limit
(``simulation``). So the seconds here are virtual, and the same in every run; nothing was measured on AWS.
"""
