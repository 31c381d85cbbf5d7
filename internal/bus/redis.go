package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

const (
	// redisTimeout is how long Redis may take for anything. What it does not do by
	// then is found in Postgres.
	redisTimeout = 2 * time.Second
	// maxWaiting is how many payloads wait for Redis; what comes then is dropped.
	maxWaiting = 4096
	// maxAtOnce is how many payloads travel to Redis together.
	maxAtOnce = 256
)

// Redis is the bus of several nodes. What is published reaches this node at
// once and the others through Redis; nobody waits for it. While Redis is away,
// what it should have carried is dropped, since the listeners find it in
// Postgres; when it is back, everything goes on by itself.
type Redis struct {
	// Set by NewRedis.
	client redis.UniversalClient
	prefix string
	local  *Local
	log    *slog.Logger
	self   uuid.UUID // begins every payload: what comes back to us is dropped
	out    chan outgoing
	wake   chan struct{} // the topics have changed

	mu     sync.Mutex
	topics map[string]int // how many subscribers of ours; Guarded by mu.
}

// outgoing is a payload that waits for Redis.
type outgoing struct {
	topic   string
	payload []byte
}

// NewRedis makes a bus. All topics begin with the prefix, so that several hubs
// may share one Redis. Nothing is connected before Run.
func NewRedis(o RedisOptions, prefix string, log *slog.Logger) (*Redis, error) {
	options, err := o.universal()
	if err != nil {
		return nil, err
	}
	return &Redis{
		client: redis.NewUniversalClient(options), prefix: prefix, local: NewLocal(), log: log, self: uuid.New(),
		out: make(chan outgoing, maxWaiting), wake: make(chan struct{}, 1), topics: make(map[string]int),
	}, nil
}

// Prepare makes the Redis client write to a logger of ours. It is for the
// program's start: the client knows one logger for the whole process.
func Prepare(log *slog.Logger) { redis.SetLogger(clientLog{log}) }

// clientLog takes what the Redis client has to say: mostly that it cannot dial.
type clientLog struct{ log *slog.Logger }

// Printf implements the logger of the Redis client.
func (l clientLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, args...))
}

// Run carries payloads between this node and the others until the context ends.
func (r *Redis) Run(ctx context.Context) error {
	sub := r.client.Subscribe(context.WithoutCancel(ctx))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { r.receive(ctx, sub); return nil })
	g.Go(func() error { r.keepSubscribed(ctx, sub); return nil })
	g.Go(func() error { r.send(ctx); return nil })
	return errors.Join(g.Wait(), sub.Close(), r.client.Close())
}

// receive hands on what other nodes publish. The client pings a silent
// connection, and replaces a dead one with all its subscriptions.
func (r *Redis) receive(ctx context.Context, sub *redis.PubSub) {
	messages := sub.Channel(redis.WithChannelSize(maxWaiting), redis.WithChannelSendTimeout(redisTimeout))
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			payload := []byte(m.Payload)
			if len(payload) < len(r.self) || bytes.Equal(payload[:len(r.self)], r.self[:]) {
				continue // not of a hub, or our own: this node has it already
			}
			r.local.Publish(m.Channel[len(r.prefix):], payload[len(r.self):])
		}
	}
}

// keepSubscribed brings the subscriptions at Redis in line with what this
// node's subscribers want. It alone waits for Redis.
func (r *Redis) keepSubscribed(ctx context.Context, sub *redis.PubSub) {
	have := make(map[string]struct{})
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		add, drop := r.difference(have)
		r.subscribe(ctx, sub.Subscribe, add)
		r.subscribe(ctx, sub.Unsubscribe, drop)
	}
}

// difference returns the topics to add and to drop, and notes them in have.
func (r *Redis) difference(have map[string]struct{}) (add, drop []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic := range r.topics {
		if _, is := have[topic]; !is {
			have[topic] = struct{}{}
			add = append(add, r.prefix+topic)
		}
	}
	for topic := range have {
		if r.topics[topic] == 0 {
			delete(have, topic)
			drop = append(drop, r.prefix+topic)
		}
	}
	return add, drop
}

func (r *Redis) subscribe(ctx context.Context, do func(context.Context, ...string) error, topics []string) {
	if len(topics) == 0 { // without names it would mean all
		return
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := do(ctx, topics...); err != nil && ctx.Err() == nil {
		// The client remembers it and does it at its next connection.
		r.log.DebugContext(ctx, "subscription at Redis is late", "topics", len(topics), "err", err)
	}
}

// send carries what waits to Redis, many payloads at once when many wait.
func (r *Redis) send(ctx context.Context) {
	away := false
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-r.out:
			err := r.flush(ctx, first)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				dropped := r.drain()
				if !away {
					r.log.WarnContext(ctx, "Redis is away: other nodes hear of news by looking into the database", "dropped", dropped, "err", err)
				}
			case away:
				r.log.InfoContext(ctx, "Redis is back")
			}
			away = err != nil
		}
	}
}

func (r *Redis) flush(ctx context.Context, first outgoing) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	pipe, err := r.pipeline(ctx)
	if err != nil {
		return err
	}
	pipe.Publish(ctx, r.prefix+first.topic, first.payload)
	for pipe.Len() < maxAtOnce {
		select {
		case o := <-r.out:
			pipe.Publish(ctx, r.prefix+o.topic, o.payload)
			continue
		default:
		}
		break
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("publish to Redis: %w", err)
	}
	return nil
}

// pipeline goes to one server: in a cluster every master takes every payload and
// passes it on to the others, and only the way through one of them keeps order.
func (r *Redis) pipeline(ctx context.Context) (redis.Pipeliner, error) {
	cluster, is := r.client.(*redis.ClusterClient)
	if !is {
		return r.client.Pipeline(), nil
	}
	master, err := cluster.MasterForKey(ctx, r.prefix)
	if err != nil {
		return nil, fmt.Errorf("find a master of the Redis cluster: %w", err)
	}
	return master.Pipeline(), nil
}

// drain drops what waits: when Redis is back it would be stale.
func (r *Redis) drain() (dropped int) {
	for {
		select {
		case <-r.out:
			dropped++
		default:
			return dropped
		}
	}
}

// Publish implements Bus.
func (r *Redis) Publish(topic string, payload []byte) {
	r.local.Publish(topic, payload)
	o := outgoing{topic, make([]byte, 0, len(r.self)+len(payload))}
	o.payload = append(append(o.payload, r.self[:]...), payload...)
	select {
	case r.out <- o:
	default: // Redis is away or too slow: a hint is lost
	}
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

// count notes who wants a topic; keepSubscribed tells Redis.
func (r *Redis) count(topic string, change int) {
	r.mu.Lock()
	r.topics[topic] += change
	if r.topics[topic] == 0 {
		delete(r.topics, topic)
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
