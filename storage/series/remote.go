package series

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage/remote"
	"go.yaml.in/yaml/v2"
)

// ScrapeMetadata is where remote write 1.0 finds the metadata of the metrics it
// sends: the collector, through whatever main hands in. A nil value sends none.
type ScrapeMetadata = remote.ReadyScrapeManager

// checkRemote builds every remote client once and throws it away. The remote
// storage applies its sections one after the other and forgets running queues
// when it fails half way, so nothing may fail there.
func checkRemote(file *promconfig.Config) error {
	seen := map[string]bool{}
	for _, section := range file.RemoteWriteConfigs {
		if err := unique(seen, section); err != nil {
			return fmt.Errorf("remote_write to %s: %w", section.URL.Redacted(), err)
		}
		if _, err := remote.NewWriteClient(section.Name, &remote.ClientConfig{
			URL:              section.URL,
			WriteProtoMsg:    section.ProtobufMessage,
			Timeout:          section.RemoteTimeout,
			HTTPClientConfig: section.HTTPClientConfig,
			SigV4Config:      section.SigV4Config,
			AzureADConfig:    section.AzureADConfig,
			GoogleIAMConfig:  section.GoogleIAMConfig,
			Headers:          section.Headers,
			RetryOnRateLimit: section.QueueConfig.RetryOnRateLimit,
			RoundRobinDNS:    section.RoundRobinDNS,
		}); err != nil {
			return fmt.Errorf("remote_write to %s: %w", section.URL.Redacted(), err)
		}
	}
	clear(seen)
	for _, section := range file.RemoteReadConfigs {
		if err := unique(seen, section); err != nil {
			return fmt.Errorf("remote_read from %s: %w", section.URL.Redacted(), err)
		}
		if _, err := remote.NewReadClient(section.Name, &remote.ClientConfig{
			URL:              section.URL,
			Timeout:          section.RemoteTimeout,
			ChunkedReadLimit: section.ChunkedReadLimit,
			HTTPClientConfig: section.HTTPClientConfig,
			Headers:          section.Headers,
		}); err != nil {
			return fmt.Errorf("remote_read from %s: %w", section.URL.Redacted(), err)
		}
	}
	return nil
}

// unique refuses two equal sections, as the remote storage does.
func unique(seen map[string]bool, section any) error {
	text, err := yaml.Marshal(section)
	if err != nil {
		return fmt.Errorf("compare sections: %w", err)
	}
	if seen[string(text)] {
		return errors.New("the same section stands twice")
	}
	seen[string(text)] = true
	return nil
}

// localStart is the time from which on the local series answer alone; remote
// readers are asked for what is older. The margin covers the time until a fresh
// Daymark has anything to say.
func (o *opened) localStart() (int64, error) {
	start := model.Now()
	if blocks := o.local.Blocks(); len(blocks) > 0 {
		start = model.Time(blocks[0].Meta().MinTime)
	}
	return int64(start.Add(o.startMargin)), nil
}

// finishReading makes the remote write queues read the write-ahead log to its
// end, so that the last commits are sent before they stop. A queue that is
// reading overhears the call, hence several.
func (o *opened) finishReading() {
	const calls, pause = 5, 20 * time.Millisecond
	for range calls {
		o.remote.Notify()
		time.Sleep(pause)
	}
}
