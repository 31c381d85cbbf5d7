package signaling

import (
	"context"
	"encoding/json"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// announcePresence tells all nodes that an account came or went. Guests are
// seen in their meeting alone.
func (h *Hub) announcePresence(p chat.Person, online bool) {
	if p.Kind == chat.AccountPerson {
		h.publish(context.Background(), topicPresence, wire.Presence{Account: p.ID.String(), Online: online})
	}
}

func (h *Hub) hearPresence(payload []byte) {
	var p wire.Presence
	if err := json.Unmarshal(payload, &p); err != nil {
		h.Log.Warn("unreadable note on the bus", "err", err)
		return
	}
	for _, s := range h.allSessions() {
		if s.me.Kind == chat.AccountPerson {
			s.hint(&p)
		}
	}
}
