package alerts

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
)

func TestLabelsGoThereAndBack(t *testing.T) {
	ls := labels.FromStrings("alertname", "PoolFull", "Überlauf", "ja", "b", "2", "a", "1")
	if back := FromLabelSet(LabelSet(ls)); !labels.Equal(ls, back) {
		t.Errorf("got %s, want %s", back, ls)
	}
	// As Alertmanager's API prints it.
	if got := (Alert{Labels: labels.FromStrings("alertname", "A")}).Fingerprint(); len(got) != 16 {
		t.Errorf("fingerprint %q", got)
	}
}
