"""What carries an engine over HTTP: bodies, the server and its gateway, the remote engine."""
