package server

import "encoding/json"

// The messages of the live protocol that are the server's own; those of type
// frame, subscribed and refused are made by the hub. See docs/live.md.

// liveProtocol is the subprotocol of the websocket. Its number rises when an
// old client could misread a message.
const liveProtocol = "daymark.live.v1"

// helloMessage is the first message on every connection.
type helloMessage struct {
	Type     string `json:"type"` // "hello"
	Protocol string `json:"protocol"`
	Build    string `json:"build"`
	Instance string `json:"instance"`
	NowMs    int64  `json:"now_ms"`
}

// topicMessage is one whole document.
type topicMessage struct {
	Type  string          `json:"type"` // "topic"
	Topic string          `json:"topic"`
	Body  json.RawMessage `json:"body"`
}

// byeMessage announces that the server is about to close the connection.
type byeMessage struct {
	Type   string `json:"type"` // "bye"
	Reason string `json:"reason"`
}

// clientMessage is any message of a client; Type says which fields matter.
type clientMessage struct {
	Type     string   `json:"type"`
	ID       int64    `json:"id"`
	Expr     string   `json:"expr"`
	StepMs   int64    `json:"step_ms"`
	WindowMs int64    `json:"window_ms"`
	Topics   []string `json:"topics"`
}
