// Package bus carries events between nodes. It is a hint and nothing more:
// what it says is read again from Postgres, and what it loses is found there.
package bus

import "sync"

// Bus delivers payloads to everybody who subscribed to their topic, on every
// node, at most once. Deliveries of one topic keep the order of one publisher.
type Bus interface {
	// Publish never waits for another machine. What it loses is lost.
	Publish(topic string, payload []byte)
	// Subscribe calls receive, which must not block, until the returned
	// function is called. It does no I/O and may be called under a lock.
	Subscribe(topic string, receive func(payload []byte)) (unsubscribe func())
}

// Local is the bus of a node that is alone.
type Local struct {
	mu     sync.RWMutex
	topics map[string]map[*subscriber]struct{} // Guarded by mu.
}

type subscriber struct{ receive func([]byte) }

// NewLocal makes a bus within this process.
func NewLocal() *Local {
	return &Local{topics: make(map[string]map[*subscriber]struct{})}
}

// Publish implements Bus.
func (l *Local) Publish(topic string, payload []byte) {
	l.mu.RLock()
	receivers := make([]*subscriber, 0, len(l.topics[topic]))
	for s := range l.topics[topic] {
		receivers = append(receivers, s)
	}
	l.mu.RUnlock()
	for _, s := range receivers {
		s.receive(payload)
	}
}

// Subscribe implements Bus.
func (l *Local) Subscribe(topic string, receive func([]byte)) (unsubscribe func()) {
	s := &subscriber{receive}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.topics[topic] == nil {
		l.topics[topic] = make(map[*subscriber]struct{})
	}
	l.topics[topic][s] = struct{}{}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.topics[topic], s)
		if len(l.topics[topic]) == 0 {
			delete(l.topics, topic)
		}
	}
}
