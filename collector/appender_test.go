package collector

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/storage"
)

// nothing is a storage that forgets.
type nothing struct{}

func (nothing) AppenderV2(context.Context) storage.AppenderV2 { return nothingAppender{} }

type nothingAppender struct{ storage.AppenderV2 }

func (nothingAppender) Commit() error   { return nil }
func (nothingAppender) Rollback() error { return nil }

func TestWriterForgetsTargetsThatAreGone(t *testing.T) {
	w := newWriter(nothing{}, nil)
	target := scrape.NewTarget(labels.EmptyLabels(), &promconfig.ScrapeConfig{}, nil, nil)
	w.report(target, 5)
	if n := w.samples(target); n != 5 {
		t.Errorf("%d samples", n)
	}
	runtime.KeepAlive(target)
	known := func() (n int) {
		w.scrapes.Range(func(any, any) bool { n++; return true })
		return n
	}
	if known() != 1 {
		t.Fatalf("%d targets are known", known())
	}
	for range 1000 { // cleanups run some time after a collection
		runtime.GC()
		if known() == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d targets are still known", known())
}

func TestWriterWaitsForOpenAppenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWriter(nothing{}, nil)
		first, second := w.AppenderV2(t.Context()), w.AppenderV2(t.Context())
		closed := make(chan struct{})
		go func() {
			w.close()
			close(closed)
		}()
		waits := func() bool {
			synctest.Wait()
			select {
			case <-closed:
				return false
			default:
				return true
			}
		}
		if !waits() {
			t.Error("closed with two appenders open")
		}
		late := w.AppenderV2(t.Context())
		if _, err := late.Append(0, labels.EmptyLabels(), 0, 0, 0, nil, nil, storage.AOptions{}); !errors.Is(err, ErrStopped) {
			t.Errorf("a late write: %v", err)
		}
		if err := late.Rollback(); err != nil {
			t.Error(err)
		}
		if err := errors.Join(first.Commit(), first.Rollback()); err != nil {
			t.Error(err)
		}
		if !waits() {
			t.Error("closed with an appender open")
		}
		if err := second.Rollback(); err != nil {
			t.Error(err)
		}
		if waits() {
			t.Error("not closed after the last appender")
		}
		w.close() // again does no harm
	})
}
