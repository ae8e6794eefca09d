"""DynamoDB: the table of deployments."""
