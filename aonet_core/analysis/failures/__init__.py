"""Why queries fail: rules, their evidence, and whether they hold."""
