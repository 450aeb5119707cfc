package series_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage/remote"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"

	"daymark/storage/series"
)

// serve answers remote write and remote read for db.
func serve(t *testing.T, db *series.DB) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	reg := prometheus.NewRegistry()
	mux.Handle("/write", remote.NewWriteHandler(discard(), reg, db, remoteapi.MessageTypes{remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType}, false, false))
	mux.Handle("/read", remote.NewReadHandler(discard(), reg, db, func() promconfig.Config { return promconfig.DefaultConfig }, 1e6, 10, 1<<20))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// afterStart is a time that a remote write queue sends: it leaves out samples
// older than itself.
func afterStart() int64 { return time.Now().UnixMilli() + 1000 }

// untilDelivered waits for what a remote write queue brings. It goes on writing
// meanwhile: a queue that is just starting overhears a commit, and without a
// next one it would look again only after 15 s.
func untilDelivered(t *testing.T, sender *series.DB, what string, ok func() bool) {
	t.Helper()
	next := afterStart()
	waitFor(t, what, func() bool {
		next++
		write(t, sender, "more", point{next, 1})
		return ok()
	})
}

func TestRemoteWrite(t *testing.T) {
	for _, message := range []string{"prometheus.WriteRequest", "io.prometheus.write.v2.Request"} {
		t.Run(message, func(t *testing.T) {
			receiver, _ := open(t, series.Config{})
			feed := subscribe(t, receiver, series.FeedOptions{})
			url := serve(t, receiver)
			sender, stop := open(t, series.Config{File: parse(t, fmt.Sprintf(`
global: {external_labels: {site: a}}
remote_write:
- url: %s/write
  protobuf_message: %s
  queue_config: {batch_send_deadline: 50ms, min_shards: 1, max_shards: 1}
`, url, message))})
			now := afterStart()
			write(t, sender, "x", point{now, 1}, point{now + 1000, 2})
			untilDelivered(t, sender, "both samples have arrived", func() bool { return len(read(t, receiver, "x")) == 2 })
			if c := next(t, feed); c.Source != series.SourceRemote || c.MinTime < now {
				t.Errorf("announced %+v", c)
			}

			// What has not been sent yet is sent when the sender closes.
			write(t, sender, "x", point{now + 2000, 3})
			stop()
			waitFor(t, "the last sample has arrived", func() bool { return len(read(t, receiver, "x")) == 3 })
		})
	}
}

func TestRemoteRead(t *testing.T) {
	far, _ := open(t, series.Config{})
	write(t, far, "x", point{base, 1})
	near, _ := open(t, series.Config{})
	if err := near.Apply(series.Config{File: parse(t, "remote_read: [{url: "+serve(t, far)+"/read, read_recent: true}]")}); err != nil {
		t.Fatal(err)
	}
	write(t, near, "y", point{base, 2})
	expect(t, near, "x", point{base, 1})
	expect(t, near, "y", point{base, 2})
	if got := read(t, near.LocalQueryable(), "x"); got != nil {
		t.Errorf("the local series hold %v of the remote ones", got)
	}
}

func TestBadRemoteSectionChangesNothing(t *testing.T) {
	receiver, _ := open(t, series.Config{})
	url := serve(t, receiver)
	good := "{url: " + url + "/write, queue_config: {batch_send_deadline: 50ms}}"
	sender, _ := open(t, series.Config{File: parse(t, "remote_write: ["+good+"]")})
	// The second section fails after the first has been looked at.
	for name, section := range map[string]string{
		"twice the same": good,
		"a missing file": "{url: http://localhost/, tls_config: {ca_file: /nonexistent/ca.pem}}",
	} {
		err := sender.Apply(series.Config{File: parse(t, "remote_write: ["+good+", "+section+"]")})
		if err == nil || !strings.Contains(err.Error(), "remote_write to") {
			t.Fatalf("%s: Apply gave %v", name, err)
		}
	}
	now := afterStart()
	write(t, sender, "x", point{now, 1})
	untilDelivered(t, sender, "the sample has arrived by the old configuration", func() bool {
		return slices.Equal(read(t, receiver, "x"), []point{{now, 1}})
	})
}

func TestSameRemoteSectionTwiceIsRefused(t *testing.T) {
	_, err := series.New(series.Config{Path: "x", File: parse(t, "remote_read: [{url: http://a/}, {url: http://a/}]")}, nil, nil, discard(), prometheus.NewRegistry())
	if err == nil || !strings.Contains(err.Error(), "stands twice") {
		t.Errorf("New gave %v", err)
	}
}
