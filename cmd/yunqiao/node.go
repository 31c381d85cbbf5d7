package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/chat/transcript"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/budget"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/calls"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/erasure"
	"github.com/yunqiao/yunqiao/internal/files"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/presence"
	"github.com/yunqiao/yunqiao/internal/recording"
	"github.com/yunqiao/yunqiao/internal/relay"
	"github.com/yunqiao/yunqiao/internal/schedule"
	"github.com/yunqiao/yunqiao/internal/search"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling"
	"github.com/yunqiao/yunqiao/web"
)

// readyTimeout is how long the database may take to answer before the node
// says that it is not ready.
const readyTimeout = 2 * time.Second

// node is one running hub: every part, joined.
type node struct {
	cfg  *config.Config
	log  *slog.Logger
	pool *pgxpool.Pool
	bus  bus.Bus

	accounts *account.Store
	guests   *account.Guests
	feed     *chat.Feed
	chat     *chat.Store
	audit    *audit.Log
	contacts *contacts.Contacts
	schedule *schedule.Schedule
	minutes  *minutes.Book
	files    *files.Files
	recorder *recording.Recorder
	notices  *notify.Notices
	calls    *calls.Calls
	runner   *runner

	transcripts *transcript.HTTP
	erasures    *erasure.Erasures
	requests    *httpd.Budgets

	media    *sfu.SFU
	relay    *relay.Relay  // a TURN server beside the hub; nil: none
	shared   *httpd.Shared // the web port, shared with the hub's own relay; nil: not shared
	hub      *signaling.Hub
	announce *announcer
	leases   *presence.Leases
	began    time.Time // when it went live
	news     *chatNews
}

// newNode joins the parts. Nothing runs yet.
func newNode(ctx context.Context, cfg *config.Config, log *slog.Logger, d *database) (*node, error) {
	n := &node{cfg: cfg, log: log, pool: d.pool, requests: httpd.NewBudgets()}
	if err := n.makeBus(); err != nil {
		return nil, err
	}
	n.accounts = account.NewStore(n.pool)
	var err error
	if n.guests, err = account.NewGuests(ctx, n.pool); err != nil {
		return nil, err
	}
	n.feed = chat.NewFeed(n.bus, log)
	n.news = &chatNews{Feed: n.feed}
	n.chat = chat.NewStore(n.pool, n.news)
	n.feed.Serve(n.chat)
	n.audit = audit.New(n.pool)
	n.chat.Audit = n.audit
	n.announce = &announcer{feed: n.feed}
	n.accounts.Follow = followAccounts(n.chat, n.feed.MembersChanged)
	n.contacts = contacts.New(n.pool, n.accounts, stationRooms{n.chat}, n.audit)
	queue, err := notify.NewQueue(n.mailConfig(), n.log)
	if err != nil {
		return nil, err
	}
	if err := n.makeNotices(ctx, queue); err != nil {
		return nil, err
	}
	if err := n.makeSchedule(queue); err != nil {
		return nil, err
	}
	n.accounts.Audit, n.guests.Audit = n.audit, n.audit
	n.accounts.Told, n.accounts.Asked = tellOfLinks(n.notices), tellAdministrators(n.notices)
	n.calls = calls.New(calls.Deps{
		Pool: n.pool, Rooms: callRooms{n.chat}, Meetings: callMeetings{n}, Teller: callTeller{n.notices}, Announcer: n.announce,
	})
	n.notices.Calls = n.calls
	if err := n.makeRecords(); err != nil {
		return nil, err
	}
	if err := n.makeFiles(); err != nil {
		return nil, err
	}
	n.transcripts, n.erasures = n.makeTranscripts(), n.makeErasures()
	if n.runner, err = newRunner(ctx, n, d.url); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *node) makeBus() error {
	if n.cfg.Redis.URL == "" {
		n.bus = bus.NewLocal()
		return nil
	}
	if n.cfg.Cluster.Addr == "" {
		n.log.Warn("--cluster-addr is not set: people who come in at different nodes do not meet")
	}
	b, err := bus.NewRedis(n.cfg.Redis.Options(), "yunqiao:", n.log)
	n.bus = b
	return err
}

func (n *node) mailConfig() notify.Config {
	m := n.cfg.Mail
	return notify.Config{Host: m.Host, Port: m.Port, User: m.User, Password: m.Password, From: m.From, TLS: m.TLS}
}

func (n *node) makeSchedule(queue *notify.Queue) (err error) {
	n.schedule, err = schedule.New(schedule.Deps{
		Pool: n.pool, Accounts: n.accounts, Directory: directory{n.contacts},
		Guests: guestLinks{n.guests, n.announce}, Rooms: meetingRooms{n.chat}, Mailer: queue, Teller: n.notices,
		Announcer: n.announce, Audit: n.audit,
		House: schedule.House{
			NameZH: n.cfg.House.NameZH, NameEN: n.cfg.House.NameEN, TimeZone: n.cfg.House.TimeZone,
			PublicURL: n.cfg.BaseURL(), Mail: n.cfg.Mail.From,
		},
	})
	return err
}

// makeRecords makes what remains of meetings: recordings and minutes.
func (n *node) makeRecords() (err error) {
	if n.recorder, err = recording.New(n.pool, n.cfg.DataDir, n.log); err != nil {
		return err
	}
	n.minutes, err = minutes.New(minutes.Deps{
		Pool: n.pool, Meetings: n.schedule, Announcer: n.announce, Audit: n.audit,
		House: minutes.House{Name: n.cfg.House.NameZH, Prefix: n.cfg.House.MinutesPrefix, TimeZone: n.cfg.House.TimeZone},
	})
	n.schedule.Attach(n.recorder, n.minutes)
	return err
}

// goLive opens the media and makes the hub.
func (n *node) goLive(ctx context.Context) (err error) {
	n.media, err = sfu.Listen(sfu.Config{
		UDPAddr: n.cfg.Media.UDPAddr, TCPAddr: n.cfg.Media.TCPAddr, PublicIPs: n.cfg.PublicIPs(), Relay: n.ownRelay(), Log: n.log,
	})
	if err != nil {
		return err
	}
	if n.cfg.Media.TURNURL != "" {
		if n.relay, err = relay.New(n.cfg.Media.TURNURL, n.cfg.Media.TURNSecret); err != nil {
			return err
		}
	}
	n.began, n.leases = time.Now(), presence.New(n.pool, n.cfg.Cluster.Addr)
	elsewhere, err := n.leases.LiveElsewhere(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(n.schedule.Recover(ctx, n.began, elsewhere), n.recorder.Repair(ctx)); err != nil {
		return err
	}
	n.hub = signaling.New(signaling.Parts{
		Identify: n.accountHTTP().Identify, Address: n.accountHTTP().RemoteAddress, Chat: n.chat, Feed: n.feed, Accounts: n.accounts, Guests: n.guests,
		Relays: n.relays, Meetings: liveMeetings{n.schedule}, Recorder: recorder{n.recorder}, Calls: ringing{n.calls}, Audit: n.audit, Media: n.media, Bus: n.bus, Log: n.log,
		Presence: n.leases, Nodes: n.leases,
		Origins: origins(n.cfg.BaseURL()),
	})
	n.announce.hub = n.hub
	return nil
}

// origins are the hosts whose pages may open a socket, besides the one asked.
func origins(base string) []string {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return []string{u.Host}
	}
	return nil
}

func (n *node) accountHTTP() *account.HTTP {
	h := &account.HTTP{Store: n.accounts, Guests: n.guests, BaseURL: n.cfg.BaseURL(), Secure: n.cfg.Secure(), TrustedProxies: n.cfg.TrustedProxies()}
	if n.hub != nil {
		h.Revoked = n.hub
	}
	return h
}

func (n *node) handler(ctx context.Context) (http.Handler, error) {
	server, err := n.server(ctx)
	if err != nil {
		return nil, err
	}
	accounts := n.accountHTTP()
	return httpd.New(httpd.Parts{
		Accounts: accounts, Budgets: n.requests, Client: web.Dist(), Version: version(), Secure: n.cfg.Secure(), Log: n.log,
		Features: []httpd.Feature{
			server, accounts, &account.GuestHTTP{HTTP: accounts, Meetings: n.schedule},
			&chat.HTTP{Store: n.chat, Live: n.hub}, contacts.NewHTTP(n.contacts), schedule.NewHTTP(n.schedule),
			minutes.NewHTTP(n.minutes), recording.NewHTTP(n.recorder, n.schedule, n.audit, n.log), audit.NewHTTP(n.audit),
			files.NewHTTP(n.files), search.NewHTTP(n.newSearch()), notify.NewHTTP(n.notices), n.transcripts, erasure.NewHTTP(n.erasures),
		},
		Raw: func(r chi.Router) {
			r.Get("/api/socket", n.hub.ServeHTTP)
			n.files.Mount(r)
		},
		Archives: n.transcripts.Mount,
		Open:     n.hub.Appliances,
		Ready: func(r *http.Request) error {
			ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
			defer cancel()
			return n.pool.Ping(ctx)
		},
	}), nil
}

func (n *node) server(ctx context.Context) (*httpd.Server, error) {
	state, err := n.demoState(ctx)
	if err != nil {
		return nil, err
	}
	s := &httpd.Server{
		Info: httpd.ServerInfo{
			NameZH: n.cfg.House.NameZH, NameEN: n.cfg.House.NameEN, Version: version(), Demo: state != "",
			Mail: n.cfg.Mail.Host != "", ReferenceZone: n.cfg.House.TimeZone,
		},
		SetupNeeded: func(ctx context.Context) (bool, error) {
			anybody, err := n.accounts.Any(ctx)
			return !anybody, err
		},
	}
	if state != "" {
		s.DemoAccounts, err = n.demoAccounts(ctx)
	}
	return s, err
}

// doors are all that is asked for a budget, for metrics.
func (n *node) doors() []*budget.Door {
	return slices.Concat(n.hub.Budgets.Doors(), n.requests.Doors(), []*budget.Door{n.notices.Pushes})
}

// metrics serves /metrics on an address of its own.
func (n *node) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		n.media.Collector(), n.hub.Collector(), postgres.Collector(n.pool), doors{n.hub.Budgets.Open, n.doors})
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// listeners are the open addresses of a node.
type listeners struct{ http, admin net.Listener }

func (n *node) listen(ctx context.Context) (*listeners, error) {
	var l net.ListenConfig
	open := func(addr, flag string) (net.Listener, error) {
		listener, err := l.Listen(ctx, "tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("listen (set another address with %s): %w", flag, err)
		}
		return listener, nil
	}
	main, err := open(n.cfg.HTTP.Addr, "--http-addr")
	if err != nil {
		return nil, err
	}
	admin, err := open(n.cfg.HTTP.AdminAddr, "--http-admin-addr")
	if err != nil {
		return nil, errors.Join(err, main.Close())
	}
	return &listeners{main, admin}, nil
}

// run serves until the context ends. The order of stopping: no new requests,
// then the sockets and meetings, then the jobs.
func (n *node) run(ctx context.Context, l *listeners, tlsConfig *tls.Config) error {
	handler, err := n.handler(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	main := &http.Server{
		Handler: handler, TLSConfig: tlsConfig, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug),
	}
	admin := &http.Server{Handler: n.metrics(), ReadHeaderTimeout: 10 * time.Second}
	g.Go(func() error {
		switch {
		case n.shared != nil:
			return ignoreClosed(main.Serve(n.shared.HTTP()))
		case tlsConfig != nil:
			return ignoreClosed(main.ServeTLS(l.http, "", ""))
		}
		return ignoreClosed(main.Serve(l.http))
	})
	if n.shared != nil {
		g.Go(func() error { return n.shared.Run(ctx) })
	}
	g.Go(func() error { return ignoreClosed(admin.Serve(l.admin)) })
	g.Go(func() error {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err := errors.Join(main.Shutdown(deadline), admin.Shutdown(deadline))
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.Join(main.Close(), admin.Close())
		}
		return err
	})
	n.runParts(ctx, g)
	err = g.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, n.recorder.Close(last), n.media.Close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (n *node) runParts(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { return n.hub.Run(ctx) })
	g.Go(func() error { return n.feed.Run(ctx) })
	g.Go(func() error { return n.chat.RunScheduled(ctx, n.log) })
	g.Go(func() error { return n.chat.RunRetention(ctx, n.log) })
	g.Go(func() error { return n.media.Run(ctx) })
	g.Go(func() error { return n.files.Run(ctx) })
	g.Go(func() error {
		n.recorder.FillPauses(ctx)
		n.files.CleanOld(ctx)
		return nil
	})
	g.Go(func() error { return n.recorder.RunRemoval(ctx) })
	g.Go(func() error { return n.chat.IndexOld(ctx, n.log) })
	g.Go(func() error { return n.contacts.IndexOld(ctx, n.log) })
	g.Go(func() error { return n.runner.run(ctx) })
	g.Go(func() error { return n.notices.Run(ctx) })
	g.Go(func() error {
		return n.calls.Run(ctx, func(ctx context.Context, err error) { n.log.WarnContext(ctx, "calls could not be swept", "err", err) })
	})
	g.Go(func() error {
		return n.schedule.Run(ctx, n.began, n.leases, func(ctx context.Context, err error) {
			n.log.WarnContext(ctx, "meetings could not be swept", "err", err)
		})
	})
	if r, ok := n.bus.(*bus.Redis); ok {
		g.Go(func() error { return r.Run(ctx) })
	}
}

// runner does jobs on a pool of its own.
type runner struct {
	pool   *pgxpool.Pool
	worker *notify.Runner
}

func newRunner(ctx context.Context, n *node, url string) (*runner, error) {
	pool, err := postgres.Open(ctx, url, 8)
	if err != nil {
		return nil, err
	}
	worker, err := notify.NewRunner(pool, notify.Work{Mail: n.mailConfig(), Letters: n.schedule, Notices: n.notices}, n.log)
	return &runner{pool, worker}, err
}

func (r *runner) run(ctx context.Context) error {
	defer r.pool.Close()
	return r.worker.Run(ctx)
}
