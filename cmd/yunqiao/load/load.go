// Package load makes a measured load on a hub: participants over the real
// protocol, with synthetic pictures and sounds in which the time of sending is
// written. It is for whoever has to size a server, and bounded so that nobody
// can use it for anything else.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Bounds of one run.
const (
	MaxParticipants = 300
	MaxDuration     = 10 * time.Minute
	MaxSeats        = 26
)

// Options say what load to make.
type Options struct {
	URL      string // of the hub, such as http://127.0.0.1:8080
	Admin    string // of its metrics, such as http://127.0.0.1:9090; "" prints no server figures
	User     string // an account that may arrange meetings
	Password string

	Participants int           // in one meeting, besides the host
	Cameras      int           // how many of them send pictures
	Microphones  int           // how many send sound
	Seats        int           // pictures each receives; the first is large
	Rate         float64       // joins per second
	Duration     time.Duration // of measuring, after all have joined
}

// Check refuses what is out of bounds.
func (o *Options) Check() error {
	switch {
	case o.Participants < 1 || o.Participants > MaxParticipants:
		return fmt.Errorf("participants: 1 to %d", MaxParticipants)
	case o.Cameras < 0 || o.Cameras > o.Participants:
		return errors.New("cameras: no more than participants")
	case o.Microphones < 0 || o.Microphones > o.Participants:
		return errors.New("microphones: no more than participants")
	case o.Seats < 1 || o.Seats > MaxSeats:
		return fmt.Errorf("seats: 1 to %d", MaxSeats)
	case o.Rate <= 0 || o.Rate > 100:
		return errors.New("rate: more than 0, up to 100 a second")
	case o.Duration < time.Second || o.Duration > MaxDuration:
		return fmt.Errorf("duration: 1s to %v", MaxDuration)
	case !strings.HasPrefix(o.URL, "http://") && !strings.HasPrefix(o.URL, "https://"):
		return errors.New("url: the hub's address, beginning with http")
	}
	return nil
}

// Run makes the load and prints what it measured.
func Run(ctx context.Context, o Options, out io.Writer) error {
	if err := o.Check(); err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return fmt.Errorf("make cookie jar: %w", err)
	}
	h := &hub{url: strings.TrimSuffix(o.URL, "/"), http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	if err := h.signIn(ctx, o.User, o.Password); err != nil {
		return err
	}
	m, err := h.arrange(ctx, o.Participants)
	if err != nil {
		return err
	}
	defer h.cancel(context.WithoutCancel(ctx), m)
	fmt.Fprintf(out, "%d participants, %d cameras, %d microphones, %d seats each\n", o.Participants, o.Cameras, o.Microphones, o.Seats)
	return meet(ctx, o, h, m, out)
}

// meet holds the meeting.
func meet(ctx context.Context, o Options, h *hub, m *meeting, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	host, err := h.dial(ctx, "account", h.http)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return host.admitEverybody(ctx, m.RoomID) })
	g.Go(func() error {
		defer cancel()
		peers, err := gather(ctx, o, h, m)
		defer func() {
			for _, p := range peers {
				p.close()
			}
		}()
		if err != nil {
			return err
		}
		return measure(ctx, o, h, peers, out)
	})
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// gather lets everybody join, at the rate asked for.
func gather(ctx context.Context, o Options, h *hub, m *meeting) ([]*peer, error) {
	peers := make([]*peer, o.Participants)
	pace := time.NewTicker(time.Duration(float64(time.Second) / o.Rate))
	defer pace.Stop()
	g, ctx := errgroup.WithContext(ctx)
	for i := range peers {
		p := &peer{number: i, camera: i < o.Cameras, microphone: i < o.Microphones, seats: o.Seats}
		peers[i] = p
		select {
		case <-ctx.Done():
		case <-pace.C:
			g.Go(func() error {
				if err := p.join(ctx, h, m); err != nil {
					return fmt.Errorf("participant %d: %w", p.number, err)
				}
				return nil
			})
		}
	}
	err := g.Wait()
	var came []*peer
	for _, p := range peers {
		if p.pc != nil {
			came = append(came, p)
		}
	}
	return came, err
}

// measure watches the meeting for the time asked for and prints the report.
func measure(ctx context.Context, o Options, h *hub, peers []*peer, out io.Writer) error {
	for i, p := range peers {
		p.show(ctx, peers, i)
	}
	settle := time.NewTimer(3 * time.Second) // layers and estimates find their place
	defer settle.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-settle.C:
	}
	before, err := h.metrics(ctx, o.Admin)
	if err != nil {
		return err
	}
	for _, p := range peers {
		p.received.restart()
	}
	begun := time.Now()
	end := time.NewTimer(o.Duration)
	defer end.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-end.C:
	}
	took := time.Since(begun)
	after, err := h.metrics(ctx, o.Admin)
	if err != nil {
		return err
	}
	report(out, peers, before, after, took)
	return nil
}
