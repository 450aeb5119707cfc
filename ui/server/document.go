package server

import "github.com/prometheus/prometheus/model/labels"

// The bodies of Daymark's own routes. They are also what the live protocol's
// topics carry. Times are milliseconds since the epoch on the server's clock;
// slices are never nil, so that a reader finds [] and not null.

// statusDocument is the body of GET /api/daymark/v1/status.
type statusDocument struct {
	Version  string `json:"version"`
	Build    string `json:"build"`    // names the UI that the binary carries
	Instance string `json:"instance"` // random for each start
	Protocol string `json:"protocol"` // of the websocket

	StartedMs int64         `json:"started_ms"`
	NowMs     int64         `json:"now_ms"`
	Ready     bool          `json:"ready"`
	Loading   *loadingState `json:"loading"` // nil once ready

	HostName   string `json:"host_name"`
	ConfigFile string `json:"config_file"` // "" without one
	Host       bool   `json:"host"`        // this machine's metrics are collected
	Self       bool   `json:"self"`        // Daymark's own are
	Packs      bool   `json:"packs"`       // the built-in rules are on
	HostJob    string `json:"host_job"`    // "" where host is false

	ScrapeIntervalMs    int64 `json:"scrape_interval_ms"`
	InProcessIntervalMs int64 `json:"in_process_interval_ms"`

	Jobs   []jobSummary  `json:"jobs"`
	Paging pagingSummary `json:"paging"`

	Unauthenticated bool         `json:"unauthenticated"` // others can reach it and nobody is asked who they are
	ExternalURL     string       `json:"external_url"`
	RetentionMs     int64        `json:"retention_ms"` // 0 without a limit in time
	LastCommitMs    int64        `json:"last_commit_ms"`
	LastReload      reloadResult `json:"last_reload"`
}

// loadingState says how far the replay of history is.
type loadingState struct {
	Stage   string `json:"stage"`
	Percent int    `json:"percent"`
}

// jobSummary is one scrape job, in the order of the configuration.
type jobSummary struct {
	Name       string `json:"name"`
	IntervalMs int64  `json:"interval_ms"`
	Targets    int    `json:"targets"`
}

// pagingSummary says whom pages reach.
type pagingSummary struct {
	BuiltIn    bool     `json:"built_in"` // no configuration: pages reach nobody but the UI
	Receivers  []string `json:"receivers"`
	ConfigFile string   `json:"config_file"`
}

// reloadResult is the outcome of the newest attempt to apply a configuration.
type reloadResult struct {
	OK    bool   `json:"ok"`
	AtMs  int64  `json:"at_ms"`
	Error string `json:"error"`
}

// alertsDocument is the body of GET /api/daymark/v1/alerts.
type alertsDocument struct {
	Firing    int          `json:"firing"`  // all of them, listed or not
	Pending   int          `json:"pending"` // likewise
	Alerts    []alertEntry `json:"alerts"`
	Truncated int          `json:"truncated,omitempty"` // how many are not listed
}

// alertEntry is one alert that fires or is about to.
type alertEntry struct {
	Fingerprint  string            `json:"fingerprint"`
	State        string            `json:"state"`    // firing or pending
	Severity     string            `json:"severity"` // critical, warning, info or none
	Name         string            `json:"name"`
	Summary      string            `json:"summary"`
	Description  string            `json:"description"`
	RunbookURL   string            `json:"runbook_url"` // http or https, else ""
	Labels       labels.Labels     `json:"labels"`
	Annotations  labels.Labels     `json:"annotations"`
	SinceMs      int64             `json:"since_ms"`
	Value        *float64          `json:"value"` // nil where it is unknown or no finite number
	GeneratorURL string            `json:"generator_url"`
	Status       string            `json:"status"` // active, suppressed or unprocessed
	SilencedBy   []string          `json:"silenced_by"`
	Silences     []silenceNote     `json:"silences"` // the same in words, as far as they still stand
	InhibitedBy  []string          `json:"inhibited_by"`
	Receivers    []string          `json:"receivers"`
	Deliveries   []deliveryOutcome `json:"deliveries"`
}

// silenceNote says who muted an alert, why, and until when.
type silenceNote struct {
	ID        string `json:"id"`
	CreatedBy string `json:"created_by"`
	Comment   string `json:"comment"`
	EndsMs    int64  `json:"ends_ms"`
}

// deliveryOutcome is one attempt to notify a receiver of an alert.
type deliveryOutcome struct {
	Receiver    string `json:"receiver"`
	Integration string `json:"integration"`
	AtMs        int64  `json:"at_ms"`
	OK          bool   `json:"ok"`
	Error       string `json:"error"`
}

// targetsDocument is the body of GET /api/daymark/v1/targets.
type targetsDocument struct {
	Up           int          `json:"up"`
	Down         int          `json:"down"`
	Unknown      int          `json:"unknown"`
	LastScrapeMs int64        `json:"last_scrape_ms"`
	Pools        []targetPool `json:"pools"`
	Truncated    int          `json:"truncated,omitempty"` // how many targets are not listed
}

// targetPool is one scrape job and its targets.
type targetPool struct {
	Job        string        `json:"job"`
	Up         int           `json:"up"`
	Down       int           `json:"down"`
	Unknown    int           `json:"unknown"`
	Dropped    int           `json:"dropped"`
	IntervalMs int64         `json:"interval_ms"`
	Targets    []targetEntry `json:"targets"`
}

// targetEntry is one target as it was last scraped.
type targetEntry struct {
	Instance     string        `json:"instance"`
	URL          string        `json:"url"` // without credentials
	Labels       labels.Labels `json:"labels"`
	Health       string        `json:"health"` // up, down or unknown
	LastScrapeMs int64         `json:"last_scrape_ms"`
	DurationMs   float64       `json:"duration_ms"`
	IntervalMs   int64         `json:"interval_ms"`
	TimeoutMs    int64         `json:"timeout_ms"`
	Error        string        `json:"error"`
	Samples      int           `json:"samples"`
}
