-- needs Daymark 0.1.0
-- What Daymark remembers of itself, one row a setting.
CREATE TABLE settings (
	key        TEXT PRIMARY KEY NOT NULL CHECK (key <> ''),
	value      TEXT NOT NULL,
	updated_ms INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
