package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Redis is the bus of several nodes. While Redis is away, what is published
// reaches this node alone; the rest is found in Postgres.
type Redis struct {
	client *redis.Client
	prefix string
	local  *Local
	log    *slog.Logger
	sub    *redis.PubSub

	mu     sync.Mutex
	topics map[string]int // how many subscribers of ours; Guarded by mu.
}

// NewRedis makes a bus on a Redis address such as redis://host:6379/0. All
// topics begin with the prefix, so that several hubs may share one Redis.
func NewRedis(url, prefix string, log *slog.Logger) (*Redis, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read REDIS_URL: %w", err)
	}
	client := redis.NewClient(options)
	return &Redis{
		client: client, prefix: prefix, local: NewLocal(), log: log,
		sub: client.Subscribe(context.Background()), topics: make(map[string]int),
	}, nil
}

// Run delivers what other nodes publish until the context ends. The client
// reconnects and subscribes again by itself.
func (r *Redis) Run(ctx context.Context) error {
	messages := r.sub.Channel()
	for {
		select {
		case <-ctx.Done():
			return r.close()
		case m, ok := <-messages:
			if !ok {
				return r.close()
			}
			if err := r.local.Publish(ctx, m.Channel[len(r.prefix):], []byte(m.Payload)); err != nil {
				return err
			}
		}
	}
}

func (r *Redis) close() error {
	if err := r.sub.Close(); err != nil {
		return fmt.Errorf("close subscription: %w", err)
	}
	return r.client.Close()
}

// Publish implements Bus. Without Redis, this node at least hears itself.
func (r *Redis) Publish(ctx context.Context, topic string, payload []byte) error {
	if err := r.client.Publish(ctx, r.prefix+topic, payload).Err(); err != nil {
		_ = r.local.Publish(ctx, topic, payload) // never fails
		return fmt.Errorf("publish to Redis: %w", err)
	}
	return nil
}

// Subscribe implements Bus.
func (r *Redis) Subscribe(topic string, receive func([]byte)) (unsubscribe func()) {
	leave := r.local.Subscribe(topic, receive)
	r.count(topic, 1)
	return sync.OnceFunc(func() {
		leave()
		r.count(topic, -1)
	})
}

// count keeps the subscription at Redis as long as somebody here wants it.
func (r *Redis) count(topic string, change int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.topics[topic] += change
	var err error
	switch {
	case r.topics[topic] == 0:
		delete(r.topics, topic)
		err = r.sub.Unsubscribe(context.Background(), r.prefix+topic)
	case change == 1 && r.topics[topic] == 1:
		err = r.sub.Subscribe(context.Background(), r.prefix+topic)
	}
	if err != nil { // it is remembered and done at the next connection
		r.log.Warn("subscription at Redis is late", "err", err)
	}
}
