package server

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// federate answers with the newest sample of every series that one of the
// match[] selectors matches and that has one within the lookback, as
// Prometheus's /federate does: from local storage, without stale markers, with
// the external labels where a series does not carry them itself.
func (s *Server) federate(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		writeError(w, r, &requestError{kind: kindBadData, message: fmt.Sprintf("read the parameters: %v", err)})
		return
	}
	selectors, err := s.deps.Query.Parser().ParseMetricSelectors(r.Form["match[]"])
	if err != nil {
		writeError(w, r, &requestError{kind: kindBadData, message: err.Error()})
		return
	}
	vector, err := s.newest(r.Context(), selectors, time.Now())
	if err != nil {
		s.metrics.federationErrors.Inc()
		writeError(w, r, err)
		return
	}
	format := expfmt.NegotiateAccept(r.Header,
		expfmt.NewFormat(expfmt.TypeProtoDelim), expfmt.NewFormat(expfmt.TypeProtoText), expfmt.NewFormat(expfmt.TypeProtoCompact), expfmt.NewFormat(expfmt.TypeTextPlain))
	w.Header().Set("Content-Type", string(format))
	if err := encodeVector(expfmt.NewEncoder(w, format), vector, s.deps.File().GlobalConfig.ExternalLabels, format.FormatType() != expfmt.TypeTextPlain); err != nil {
		s.metrics.federationErrors.Inc()
		s.log.Debug("federation answer cut short", "client", r.RemoteAddr, "err", err)
	}
}

// newest returns the newest sample at or before now of each series, sorted so
// that samples of one family stand together.
func (s *Server) newest(ctx context.Context, selectors [][]*labels.Matcher, now time.Time) (promql.Vector, error) {
	from, to := now.Add(-s.cfg.LookbackDelta).UnixMilli(), now.UnixMilli()
	querier, err := s.deps.Series.LocalQueryable().Querier(from, to)
	if err != nil {
		return nil, err
	}
	defer func() { _ = querier.Close() }() // only read from
	var sets []storage.SeriesSet
	for _, matchers := range selectors {
		sets = append(sets, querier.Select(ctx, true, &storage.SelectHints{Start: from, End: to}, matchers...))
	}
	var (
		vector promql.Vector
		it     chunkenc.Iterator
		merged = storage.NewMergeSeriesSet(sets, 0, storage.ChainedSeriesMerge)
	)
	for merged.Next() {
		series := merged.At()
		it = series.Iterator(it)
		sample, found, err := newestSample(it, to)
		if err != nil {
			return nil, fmt.Errorf("read series %s: %w", series.Labels(), err)
		}
		// The formats have no stale markers: a series that has ended is left
		// out, and the reader's own lookback does the rest.
		if !found || value.IsStaleNaN(sample.F) || (sample.H != nil && value.IsStaleNaN(sample.H.Sum)) {
			continue
		}
		sample.Metric = series.Labels()
		vector = append(vector, sample)
	}
	s.metrics.federationWarnings.Add(float64(len(merged.Warnings())))
	if err := merged.Err(); err != nil {
		return nil, fmt.Errorf("select series to federate: %w", err)
	}
	slices.SortStableFunc(vector, func(a, b promql.Sample) int {
		return cmp.Or(cmp.Compare(a.Metric.Get(model.MetricNameLabel), b.Metric.Get(model.MetricNameLabel)), cmp.Compare(familyType(a), familyType(b)))
	})
	return vector, nil
}

// newestSample reads it up to the time to, and returns the last sample.
func newestSample(it chunkenc.Iterator, to int64) (sample promql.Sample, found bool, err error) {
	for kind := it.Next(); kind != chunkenc.ValNone && it.AtT() <= to; kind = it.Next() {
		found = true
		switch kind {
		case chunkenc.ValFloat:
			sample.T, sample.F = it.At()
			sample.H = nil
		default: // integer or float histogram
			sample.F = 0
			sample.T, sample.H = it.AtFloatHistogram(sample.H)
		}
	}
	return sample, found, it.Err()
}

// familyType is the type that a sample's family is written with. Floats have
// lost theirs.
func familyType(sample promql.Sample) dto.MetricType {
	switch {
	case sample.H == nil:
		return dto.MetricType_UNTYPED
	case sample.H.CounterResetHint == histogram.GaugeType:
		return dto.MetricType_GAUGE_HISTOGRAM
	default:
		return dto.MetricType_HISTOGRAM
	}
}

// encodeVector writes one family for each name and type. A name that has
// samples of several types makes several families: no valid exposition, but
// what Prometheus writes and reads. Native histograms need one of the protobuf
// formats; those with custom buckets become classic ones.
func encodeVector(enc expfmt.Encoder, vector promql.Vector, external labels.Labels, native bool) error {
	// A reader must not add its own instance label to what has none.
	added := map[string]string{model.InstanceLabel: ""}
	external.Range(func(l labels.Label) { added[l.Name] = l.Value })
	names := slices.Sorted(maps.Keys(added))

	var family *dto.MetricFamily
	for _, sample := range vector {
		name, kind := sample.Metric.Get(model.MetricNameLabel), familyType(sample)
		if name == "" || (sample.H != nil && !native && !sample.H.UsesCustomBuckets()) {
			continue
		}
		if family == nil || family.GetName() != name || family.GetType() != kind {
			if family != nil {
				if err := enc.Encode(family); err != nil {
					return err
				}
			}
			family = &dto.MetricFamily{Name: new(name), Type: kind.Enum()}
		}
		metric := &dto.Metric{TimestampMs: new(sample.T)}
		sample.Metric.Range(func(l labels.Label) {
			if l.Name != model.MetricNameLabel && l.Value != "" {
				metric.Label = append(metric.Label, &dto.LabelPair{Name: new(l.Name), Value: new(l.Value)})
			}
		})
		for _, name := range names {
			if !sample.Metric.Has(name) {
				metric.Label = append(metric.Label, &dto.LabelPair{Name: new(name), Value: new(added[name])})
			}
		}
		switch {
		case sample.H == nil:
			metric.Untyped = &dto.Untyped{Value: new(sample.F)}
		case sample.H.UsesCustomBuckets():
			metric.Histogram = classicHistogram(sample.H)
		default:
			metric.Histogram = nativeHistogram(sample.H)
		}
		family.Metric = append(family.Metric, metric)
	}
	if family == nil {
		return nil
	}
	return enc.Encode(family)
}

// nativeHistogram is h in the exposition's own form; h has exponential buckets.
func nativeHistogram(h *histogram.FloatHistogram) *dto.Histogram {
	spans := func(list []histogram.Span) (out []*dto.BucketSpan) {
		for _, span := range list {
			out = append(out, &dto.BucketSpan{Offset: new(span.Offset), Length: new(span.Length)})
		}
		return out
	}
	return &dto.Histogram{
		SampleCountFloat: new(h.Count),
		SampleSum:        new(h.Sum),
		Schema:           new(h.Schema),
		ZeroThreshold:    new(h.ZeroThreshold),
		ZeroCountFloat:   new(h.ZeroCount),
		PositiveSpan:     spans(h.PositiveSpans),
		PositiveCount:    h.PositiveBuckets,
		NegativeSpan:     spans(h.NegativeSpans),
		NegativeCount:    h.NegativeBuckets,
	}
}

// classicHistogram is h, which has custom buckets, with cumulative counts. The
// bucket up to infinity is the count.
func classicHistogram(h *histogram.FloatHistogram) *dto.Histogram {
	counts := make([]float64, len(h.CustomValues)+1)
	for it := h.PositiveBucketIterator(); it.Next(); {
		bucket := it.At()
		counts[bucket.Index] += bucket.Count
	}
	out := &dto.Histogram{SampleCountFloat: new(h.Count), SampleSum: new(h.Sum)}
	var cumulative float64
	for i, bound := range h.CustomValues {
		cumulative += counts[i]
		out.Bucket = append(out.Bucket, &dto.Bucket{UpperBound: new(bound), CumulativeCountFloat: new(cumulative)})
	}
	return out
}
