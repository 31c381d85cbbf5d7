package main

import (
	"encoding/json"
	"testing"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// A message of the protocol that nobody handles would be answered as unknown.
func TestEveryMessageIsHandled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	host := h.person(t, "linyue", account.Staff)
	room := h.group(t, host)
	c := h.dial(t, host)
	for _, typ := range wire.ClientTypes() {
		if typ == "hello" {
			continue
		}
		c.Join(room.String(), 1) // a message before may have ended it
		frame, err := json.Marshal(map[string]any{"type": typ, "body": map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		_, m, err := wire.DecodeClient(frame)
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		if _, failure := c.Try(m); failure != nil && (failure.Code == wire.CodeUnknownType || failure.Code == wire.CodeInternal) {
			t.Errorf("%s is answered with %s: %s", typ, failure.Code, failure.Message)
		}
	}
}
