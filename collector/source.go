package collector

import (
	"context"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/scrape"
)

// SourceOf names the target whose scrape is being written in ctx as
// "job/instance". It is "" where ctx does not come from a scrape.
//
// The scraper puts the target there because scrape.Options.PassMetadataInContext
// is set; nothing else in Daymark depends on that option.
func SourceOf(ctx context.Context) string {
	t, ok := scrape.TargetFromContext(ctx)
	if !ok {
		return ""
	}
	return t.GetValue(model.JobLabel) + "/" + t.GetValue(model.InstanceLabel)
}
