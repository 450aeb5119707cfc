package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// runBroadcast is the least that a server of many viewers can do: it sends
// recorded messages, at their moments, to everyone who is connected, and does
// nothing else. It begins at POST /start.
func runBroadcast(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("broadcast", flag.ContinueOnError)
	file := flags.String("messages", "", "the `file` that viewers recorded")
	if err := flags.Parse(args); err != nil {
		return err
	}
	messages, err := readMessages(*file)
	if err != nil {
		return err
	}
	var (
		mu       sync.Mutex
		conns    []*websocket.Conn
		upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
		mux      = http.NewServeMux()
	)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // it has been answered
		}
		mu.Lock()
		conns = append(conns, conn)
		mu.Unlock()
		for { // pings and the end
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("POST /start", func(_ http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		for _, m := range messages {
			if pause(r.Context(), time.Until(begun.Add(time.Duration(m.AfterMs*1e6)))) != nil {
				return
			}
			prepared, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(m.Data))
			if err != nil {
				return
			}
			mu.Lock()
			for _, conn := range conns {
				_ = conn.WritePreparedMessage(prepared) // who has gone, has gone
			}
			mu.Unlock()
		}
	})
	return serve(ctx, mux)
}

func readMessages(file string) ([]recorded, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []recorded
	decoder := json.NewDecoder(bufio.NewReader(f))
	for {
		var m recorded
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
}
