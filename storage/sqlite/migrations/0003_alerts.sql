-- needs Daymark 0.1.0
-- The alerts from rules that receivers may have been told about. An alert stays
-- until routing has dropped it, some time after its end, so that a restart
-- between the fault and its end still tells the end.
CREATE TABLE alerts (
	fingerprint   TEXT PRIMARY KEY NOT NULL, -- hexadecimal, as in Alertmanager
	labels        TEXT NOT NULL,             -- JSON object
	annotations   TEXT NOT NULL,             -- JSON object
	generator_url TEXT NOT NULL,
	starts_ms     INTEGER NOT NULL,
	ends_ms       INTEGER NOT NULL           -- 0 while it fires
) STRICT, WITHOUT ROWID;
