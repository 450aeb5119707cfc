package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/prompb"
)

// history is what a back-fill writes: the series of some targets of a job, from
// one moment to another, both included.
type history struct {
	job      string
	targets  int
	series   int // of each target
	from, to time.Time
	step     time.Duration
}

// fill writes histories by remote write 1.0, in the order of time, as an agent
// would have; the system compacts meanwhile as it always does.
func (s *system) fill(ctx context.Context, seed uint64, histories ...history) error {
	type series struct {
		history
		line
		labels []prompb.Label
	}
	var all []series
	for _, h := range histories {
		for t := range h.targets {
			for _, l := range append(lines(seed, t, h.series), line{labels: [][2]string{{"__name__", probe}}, kind: -1}) {
				all = append(all, series{h, l, wireLabels(h.job, t, l)})
			}
		}
	}
	from := slices.MinFunc(histories, func(a, b history) int { return a.from.Compare(b.from) }).from
	to := slices.MaxFunc(histories, func(a, b history) int { return a.to.Compare(b.to) }).to
	const slice = 5 * time.Minute
	const perRequest = 2000 // series: some hundred thousand samples
	for begin := from; !begin.After(to); begin = begin.Add(slice) {
		for chunk := range slices.Chunk(all, perRequest) {
			var request prompb.WriteRequest
			for i := range chunk {
				c := &chunk[i]
				var samples []prompb.Sample
				for t := first(c.from, begin, c.step); t.Before(begin.Add(slice)) && !t.After(c.to); t = t.Add(c.step) {
					seconds := float64(t.UnixMilli()) / 1000
					value := seconds
					if c.kind >= 0 {
						value = c.at(seconds)
					}
					samples = append(samples, prompb.Sample{Timestamp: t.UnixMilli(), Value: value})
				}
				if samples != nil {
					request.Timeseries = append(request.Timeseries, prompb.TimeSeries{Labels: c.labels, Samples: samples})
				}
			}
			if request.Timeseries == nil {
				continue
			}
			if err := s.write(ctx, &request); err != nil {
				return fmt.Errorf("back-fill %s: %w", s.name, err)
			}
		}
	}
	return nil
}

// fillUpToNow writes a history and what has become past meanwhile, so that
// scraping can go on where it ends: older samples would be refused once newer
// ones have been scraped.
func (s *system) fillUpToNow(ctx context.Context, seed uint64, h history) error {
	for {
		if err := s.fill(ctx, seed, h); err != nil {
			return err
		}
		last := h.from.Add(h.to.Sub(h.from) / h.step * h.step)
		if time.Since(last) < 2*h.step {
			return nil
		}
		h.from, h.to = last.Add(h.step), time.Now()
	}
}

// first is the first step of a history that is not before a moment.
func first(from, moment time.Time, step time.Duration) time.Time {
	if missing := moment.Sub(from); missing > 0 {
		return from.Add((missing + step - 1) / step * step)
	}
	return from
}

func wireLabels(job string, target int, l line) []prompb.Label {
	labels := []prompb.Label{{Name: "job", Value: job}, {Name: "instance", Value: instance(target)}}
	if l.kind >= 0 {
		labels = append(labels, prompb.Label{Name: "pod", Value: podName(l.pod, 0, 0)})
	}
	for _, pair := range l.labels {
		labels = append(labels, prompb.Label{Name: pair[0], Value: pair[1]})
	}
	slices.SortFunc(labels, func(a, b prompb.Label) int { return strings.Compare(a.Name, b.Name) })
	return labels
}

func (s *system) write(ctx context.Context, request *prompb.WriteRequest) error {
	raw, err := request.Marshal()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/v1/write", bytes.NewReader(snappy.Encode(nil, raw)))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Content-Encoding", "snappy")
	r.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
		return fmt.Errorf("%s: %s", resp.Status, body)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
