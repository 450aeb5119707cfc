-- needs Daymark 0.1.0
-- The exporters on this machine that somebody wants left alone.
CREATE TABLE ignored_exporters (
	url   TEXT PRIMARY KEY NOT NULL CHECK (url <> ''),
	at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
