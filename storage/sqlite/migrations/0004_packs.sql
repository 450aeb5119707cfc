-- needs Daymark 0.1.0
-- The rule packs that somebody has switched by hand. What has no row is on.
CREATE TABLE pack_switches (
	pack       TEXT PRIMARY KEY NOT NULL CHECK (pack <> ''), -- its file's name without the extension
	enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
