package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/util/features"
	"github.com/prometheus/prometheus/util/notifications"

	"daymark/alerts/alertmanager"
	"daymark/alerts/ruler"
	"daymark/collector"
	"daymark/query"
	"daymark/query/live"
	"daymark/storage/series"
)

// Config says where the server listens, whom it answers and how much it takes.
// Fields that are zero get the default that stands beside them.
type Config struct {
	ListenAddresses      []string // host:port each; port 0 picks a free one
	WebConfigFile        string   // TLS and users, in exporter-toolkit's format; "" for neither
	ExternalURL          *url.URL // as people reach it; nil: the first listen address
	RoutePrefix          string   // the path everything lies under; "": that of ExternalURL
	AllowUnauthenticated bool     // listen where others can reach it without asking who they are
	AllowedHosts         []string // more names it answers to: host, host:port or scheme://host:port

	EnableAdmin               bool
	EnableLifecycle           bool // POST /-/quit
	EnableRemoteWriteReceiver bool
	EnableOTLP                bool
	EnablePprof               bool

	MaxConnections int           // 4096; websockets count
	LivePerAddress int           // websockets of one client address; half of MaxConnections
	ReadTimeout    time.Duration // 5 min for a whole request; websockets are exempt
	Limits         Limits

	Flags     map[string]string // what /api/v1/status/flags answers
	Version   string            // Daymark's
	Revision  string
	BuildUser string
	BuildDate string

	// What web/api/v1 takes beside, under the names of Prometheus's flags.
	DataPath                   string // where snapshots of the admin API go
	LookbackDelta              time.Duration
	QueryTimeout               time.Duration
	RemoteReadSampleLimit      int // 50,000,000
	RemoteReadConcurrencyLimit int // 10
	RemoteReadBytesInFrame     int // 1 MiB
	AcceptRemoteWriteProtoMsgs remoteapi.MessageTypes
	EnableSearch               bool
	MaxSearchLimit             int // 10,000
	EnableQueryCost            bool
	EnableTypeAndUnitLabels    bool
	AppendMetadata             bool
	ConvertOTLPDelta           bool
	NativeOTLPDelta            bool
	Features                   features.Collector // nil: a registry of its own
}

// Limits bound what one request may bring.
type Limits struct {
	HeaderBytes   int           // 128 KiB for all headers of a request
	HeaderTimeout time.Duration // 10 s to send them
	FormBytes     int64         // 10 MiB for a query sent as a form, or a JSON document
	IngestBytes   int64         // just below 32 MiB for samples, before and after decompression: what the libraries take at most
	MessageBytes  int64         // 64 KiB for one message of a websocket
	Unread        int           // 1,000 answers that one websocket has not read
}

// mostIngest is what the libraries that decode samples take at most; OTLP's
// cuts off what is longer without a word.
const mostIngest = 32<<20 - 1

// Deps are the parts the server shows. All are used while the server runs and
// belong to the caller.
type Deps struct {
	Series    *series.DB
	Query     *query.Engine
	Live      *live.Hub
	Collector *collector.Collector
	Rules     *ruler.Ruler
	Alerting  *alertmanager.Alertmanager

	UI            fs.FS               // index.html and assets/
	Dashboards    fs.FS               // the built-in ones: *.json
	Gatherer      prometheus.Gatherer // what /metrics shows
	File          func() *promconfig.Config
	Reload        func(context.Context) error
	Stop          func() // asks the whole process to stop, and returns at once
	Setup         func() Setup
	Notifications *notifications.Notifications // nil: the server's own
}

// Setup is what the UI tells about how Daymark was started.
type Setup struct {
	ConfigFile        string // "" without one
	HostName          string
	Host              bool   // this machine's metrics are collected
	HostJob           string // under this job
	Self              bool   // Daymark's own are collected
	Packs             bool   // the built-in rules are on
	InProcessInterval time.Duration
	AlertmanagerFile  string // "" where the configuration is inline or absent
	Unauthenticated   bool   // told from outside; the server adds what it knows of its listeners
	LastReload        Reload
}

// Reload is the outcome of the newest attempt to apply a configuration, the
// first one at the start included.
type Reload struct {
	At  time.Time
	Err error
}

// withDefaults returns c with every unset figure filled in and the route
// prefix in its canonical form: "" or /path without a slash at its end.
func (c Config) withDefaults() (Config, error) {
	if len(c.ListenAddresses) == 0 {
		return c, errors.New("no address to listen on (--web.listen-address)")
	}
	setDefault(&c.MaxConnections, 4096)
	setDefault(&c.LivePerAddress, max(1, c.MaxConnections/2))
	setDefault(&c.ReadTimeout, 5*time.Minute)
	setDefault(&c.Limits.HeaderBytes, 128<<10)
	setDefault(&c.Limits.HeaderTimeout, 10*time.Second)
	setDefault(&c.Limits.FormBytes, 10<<20)
	setDefault(&c.Limits.IngestBytes, mostIngest)
	c.Limits.IngestBytes = min(c.Limits.IngestBytes, mostIngest)
	setDefault(&c.Limits.MessageBytes, 64<<10)
	setDefault(&c.Limits.Unread, 1000)
	setDefault(&c.LookbackDelta, 5*time.Minute)
	setDefault(&c.QueryTimeout, 2*time.Minute)
	setDefault(&c.RemoteReadSampleLimit, 50_000_000)
	setDefault(&c.RemoteReadConcurrencyLimit, 10)
	setDefault(&c.RemoteReadBytesInFrame, 1<<20)
	setDefault(&c.MaxSearchLimit, 10_000)
	if c.AcceptRemoteWriteProtoMsgs == nil {
		c.AcceptRemoteWriteProtoMsgs = remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType}
	}
	if c.Features == nil {
		c.Features = features.NewRegistry()
	}
	if c.RoutePrefix == "" && c.ExternalURL != nil {
		c.RoutePrefix = c.ExternalURL.Path
	}
	c.RoutePrefix = strings.Trim(c.RoutePrefix, "/")
	if c.RoutePrefix != "" {
		c.RoutePrefix = "/" + c.RoutePrefix
	}
	if strings.ContainsAny(c.RoutePrefix, "{}") {
		return c, fmt.Errorf("the route prefix %q may not contain braces", c.RoutePrefix)
	}
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var unset T
	if *field == unset {
		*field = value
	}
}
