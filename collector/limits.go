package collector

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/scrape"
)

// limitError is what a target's health says when a scrape broke a limit. It
// still is the scraper's own error.
type limitError struct {
	text string
	err  error
}

func (e *limitError) Error() string { return e.text }
func (e *limitError) Unwrap() error { return e.err }

// explain is the error to show in place of err, the outcome of a scrape of t,
// or nil where err says it all. samples is the figure that the scraper
// reported with it.
func (c *Collector) explain(t *scrape.Target, samples int, err error) error {
	limit, explained := c.explained(t, samples, err)
	if limit != "" {
		c.refused.WithLabelValues(limit).Inc()
	}
	return explained
}

// explained is explain for readers: it counts nothing.
func (c *Collector) explained(t *scrape.Target, samples int, err error) (limit string, explained error) {
	if j := c.plan.Load().jobs[t.GetValue(poolLabel)]; j != nil {
		if limit, text := j.explainLimit(samples, err.Error()); limit != "" {
			return limit, &limitError{text: text, err: err}
		}
	}
	if redacted := redactError(t, err); redacted != nil {
		return "", redacted
	}
	return "", nil
}

// lastError is why the last scrape of t failed. The scraper puts its own words
// on the target a moment before the writer explains them; nobody should see
// those.
func (c *Collector) lastError(t *scrape.Target) error {
	err := t.LastError()
	if err == nil {
		return nil
	}
	if _, explained := c.explained(t, 0, err); explained != nil {
		return explained
	}
	return err
}

// figures picks the two numbers out of the errors that carry them, such as
// `label_limit exceeded (metric: "x", number of labels: 70, limit: 64)`. The
// metric and label names before them come from the target, hence the anchor.
var figures = regexp.MustCompile(`: (\d+), limit: (\d+)\)$`)

// explainLimit says which limit of j text is about, and puts text into other
// words. The limit is "" if it is about none.
func (j *job) explainLimit(samples int, text string) (limit, explained string) {
	a := j.applied
	switch {
	case text == "sample limit exceeded":
		found := "too many"
		if samples > 0 {
			found = thousands(uint64(samples))
		}
		return "samples", fmt.Sprintf("sample limit exceeded: %s samples, limit %s (%s)",
			found, thousands(uint64(a.SampleLimit)), j.setting("samples", "sample_limit", j.limits.Samples > 0))
	case text == "body size limit exceeded":
		return "body_size", fmt.Sprintf("body size limit exceeded: the body is larger than %v uncompressed (%s)",
			a.BodySizeLimit, j.setting("body_size", "body_size_limit", j.limits.BodySize > 0))
	case text == "histogram bucket limit exceeded":
		return "native_histogram_buckets", fmt.Sprintf("native histogram bucket limit exceeded: more than %s buckets, even at the lowest resolution (%s)",
			thousands(uint64(a.NativeHistogramBucketLimit)), j.setting("", "native_histogram_bucket_limit", false))
	case strings.HasPrefix(text, "target_limit exceeded"):
		return "targets", explainFigures(text, "target limit exceeded: %s targets, limit %s (%s)",
			j.setting("targets", "target_limit", j.limits.Targets > 0))
	case strings.HasPrefix(text, "label_limit exceeded"):
		return "labels", explainFigures(text, "label limit exceeded: %s labels on one series, limit %s (%s)",
			j.setting("labels", "label_limit", j.limits.Labels > 0))
	case strings.HasPrefix(text, "label_name_length_limit exceeded"):
		return "label_name_length", explainFigures(text, "label name length limit exceeded: a label name of %s bytes, limit %s (%s)",
			j.setting("label_name_length", "label_name_length_limit", j.limits.LabelNameLength > 0))
	case strings.HasPrefix(text, "label_value_length_limit exceeded"):
		return "label_value_length", explainFigures(text, "label value length limit exceeded: a label value of %s bytes, limit %s (%s)",
			j.setting("label_value_length", "label_value_length_limit", j.limits.LabelValueLength > 0))
	}
	return "", ""
}

// explainFigures fills format with the figure and the limit that text has, and
// with the setting. The series that text names is kept.
func explainFigures(text, format, setting string) string {
	m := figures.FindStringSubmatch(text)
	if m == nil {
		return text + " (" + setting + ")"
	}
	figure, _ := strconv.ParseUint(m[1], 10, 64) // the expression lets digits through alone
	limit, _ := strconv.ParseUint(m[2], 10, 64)
	out := fmt.Sprintf(format, thousands(figure), thousands(limit), setting)
	_, detail, found := strings.Cut(text, "(metric: ")
	if !found {
		return out
	}
	// The last part of detail names the figure, which out has already.
	if i := strings.LastIndex(strings.TrimSuffix(detail, m[0]), ", "); i >= 0 {
		out += "; metric: " + detail[:i]
	}
	return out
}

// setting names what to change: Daymark's own setting where that is in force,
// and the job's where the job is one of the file.
func (j *job) setting(ours, upstream string, inForce bool) string {
	daymarks := "limits.scrape." + ours
	switch {
	case j.builtIn != nil:
		return daymarks
	case j.found != nil:
		return "limits.exporters." + ours
	}
	own := fmt.Sprintf("%s of job %q", upstream, j.original.JobName)
	if inForce {
		return daymarks + " or " + own
	}
	if ours == "" { // the global section has no such limit
		return own
	}
	return own + " or of the global section"
}

// thousands writes n as people read it: 612,340.
func thousands(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
