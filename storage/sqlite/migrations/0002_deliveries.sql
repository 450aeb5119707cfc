-- needs Daymark 0.1.0
-- Where each alert was sent, and whether it arrived. One row an alert, receiver,
-- integration and attempt.
CREATE TABLE deliveries (
	id          INTEGER PRIMARY KEY,
	fingerprint TEXT NOT NULL,              -- of the alert, hexadecimal, as in Alertmanager
	receiver    TEXT NOT NULL,
	integration TEXT NOT NULL,              -- webhook, pagerduty, … or ui
	at_ms       INTEGER NOT NULL,
	ok          INTEGER NOT NULL CHECK (ok IN (0, 1)),
	error       TEXT NOT NULL DEFAULT '',   -- why it did not arrive
	firing      INTEGER NOT NULL DEFAULT 0, -- alerts in the same message
	resolved    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX deliveries_of_alert ON deliveries (fingerprint, at_ms);
CREATE INDEX deliveries_by_time ON deliveries (at_ms);
